//! Accounts, second factors and sessions through the services, on both engines.

use care::accounts::AccountChange;
use care::audit::AuditFilter;
use care::factors::AppSetup;
use care::policy::PolicyForm;
use care::session::{Client, LONGEST, SessionToken, StepToken};
use care::setup::{AccountForm, PractitionerForm};
use care::sign_in::{SignIn, Stage};
use care::{Actor, Care, CareError, Permission, Role};
use clinical::audit::{AuditAction, AuditEvent};
use clinical::ids::UserId;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use storage::PasswordHash;
use test_support::{Clinic, PASSWORD, actor, engines};
use uuid::Uuid;

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

fn here() -> Client {
    Client { origin: "192.168.1.20".to_owned(), browser: "Firefox en Linux".to_owned() }
}

async fn password(care: &Care, username: &str) -> SignIn {
    care.sign_in(username, PASSWORD.to_owned(), &here()).await.unwrap()
}

async fn session(care: &Care, username: &str) -> SessionToken {
    password(care, username).await.complete().unwrap()
}

fn step(done: SignIn) -> StepToken {
    match done {
        SignIn::Step(token) => token,
        SignIn::Complete { .. } => panic!("nothing more is asked"),
    }
}

/// The app of the test: what it shows now for the secret that was typed into it.
fn app(setup: &AppSetup, care: &Care) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut secret) = (0, 0_u32, Vec::new());
    for letter in setup.secret.chars().filter(|letter| *letter != ' ') {
        held = held << 5 | u32::try_from(LETTERS.find(letter).unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            secret.push(u8::try_from(held >> bits & 255).unwrap());
        }
    }
    let now = care.now().as_second() / 30;
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap().chain_update(now.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes([digest[at] & 127, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Another code than the right one.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// A second factor for the nurse: what the app reads, and her recovery codes.
async fn enrolled(clinic: &Clinic) -> (AppSetup, Vec<String>) {
    let care = &clinic.care;
    let setup = care.begin_app(&clinic.nurse, "Teléfono", PASSWORD.to_owned()).await.unwrap();
    let codes = care.confirm_app(&clinic.nurse, &app(&setup, care)).await.unwrap().codes;
    clinic.clock.set(care.now() + SignedDuration::from_secs(60));
    (setup, codes)
}

fn is_invalid<T>(result: Result<T, CareError>, field: &str) {
    match result {
        Err(CareError::Invalid(errors)) => {
            assert!(errors.iter().any(|error| error.field == field), "{errors:?}");
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("taken"),
    }
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (setup, _) = enrolled(&clinic).await;
        let token = step(password(care, "enfermeria").await);
        assert_eq!(care.step(&token).await.unwrap().stage, Stage::Factor);
        // What is kept between the steps is no session, also when it is sent as one.
        let as_session = SessionToken::from_cookie(token.expose());
        assert!(matches!(care.actor(&as_session, "x").await, Err(CareError::SignedOut)));
        let code = app(&setup, care);
        is_invalid(care.prove(&token, &wrong(&code), &here()).await, "codigo");
        let session = care.prove(&token, &format!("{} {}", &code[..3], &code[3..]), &here()).await.unwrap();
        let nurse = care.actor(&session.complete().unwrap(), "x").await.unwrap();
        assert!(nurse.may(Permission::ReadRecord));
        // The step is used up, and so is the code.
        assert!(matches!(care.step(&token).await, Err(CareError::SignedOut)));
        let again = step(password(care, "enfermeria").await);
        is_invalid(care.prove(&again, &code, &here()).await, "codigo");
        clinic.clock.set(care.now() + SignedDuration::from_secs(30));
        assert!(care.prove(&again, &app(&setup, care), &here()).await.unwrap().complete().is_some());
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_sign_in_ends_after_ten_minutes_and_with_the_account() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (setup, _) = enrolled(&clinic).await;
        let late = step(password(care, "enfermeria").await);
        clinic.clock.set(care.now() + SignedDuration::from_mins(10));
        let refused = care.prove(&late, &app(&setup, care), &here()).await;
        assert!(matches!(refused, Err(CareError::SignedOut)));
        let token = step(password(care, "enfermeria").await);
        let change = AccountChange {
            display_name: "enfermeria".to_owned(),
            roles: vec![Role::Nurse],
            active: false,
            professional: None,
        };
        care.change_account(&clinic.physician, clinic.nurse.user_id, &change).await.unwrap();
        let refused = care.prove(&token, &app(&setup, care), &here()).await;
        assert!(matches!(refused, Err(CareError::SignedOut)));
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_lock_the_account_and_a_right_password_does_not_forgive_them() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (setup, _) = enrolled(&clinic).await;
        let bad = wrong(&app(&setup, care));
        for _ in 0..2 {
            let token = step(password(care, "enfermeria").await);
            for _ in 0..4 {
                is_invalid(care.prove(&token, &bad, &here()).await, "codigo");
            }
        }
        let locked = care.sign_in("enfermeria", PASSWORD.to_owned(), &here()).await;
        assert!(matches!(locked, Err(CareError::WrongPassword)), "{:?}", locked.err());
        clinic.clock.set(care.now() + SignedDuration::from_mins(11));
        assert!(care.sign_in("enfermeria", PASSWORD.to_owned(), &here()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_replace_all() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (_, codes) = enrolled(&clinic).await;
        assert_eq!(codes.len(), 10);
        let token = step(password(care, "enfermeria").await);
        assert!(care.prove(&token, &codes[0].to_lowercase(), &here()).await.unwrap().complete().is_some());
        let token = step(password(care, "enfermeria").await);
        is_invalid(care.prove(&token, &codes[0], &here()).await, "codigo");
        assert_eq!(care.own_factors(&clinic.nurse).await.unwrap().codes_left, 9);
        let renewed = care.renew_codes(&clinic.nurse, PASSWORD.to_owned()).await.unwrap().codes;
        is_invalid(care.prove(&token, &codes[1], &here()).await, "codigo");
        assert!(care.prove(&token, &renewed[1], &here()).await.unwrap().complete().is_some());
        let wrong = care.renew_codes(&clinic.nurse, "otra".to_owned()).await;
        assert!(matches!(wrong, Err(CareError::WrongPassword)));
    })
    .await;
}

#[tokio::test]
async fn removing_a_factor_asks_for_the_password_and_takes_the_codes_with_it() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        enrolled(&clinic).await;
        let id = care.own_factors(&clinic.nurse).await.unwrap().factors[0].id;
        let refused = care.remove_factor(&clinic.nurse, id, "otra".to_owned()).await;
        assert!(matches!(refused, Err(CareError::WrongPassword)));
        let other = care.remove_factor(&clinic.reception, id, PASSWORD.to_owned()).await;
        assert!(matches!(other, Err(CareError::NotFound { .. })), "somebody else's");
        care.remove_factor(&clinic.nurse, id, PASSWORD.to_owned()).await.unwrap();
        let left = care.own_factors(&clinic.nurse).await.unwrap();
        assert!(left.factors.is_empty() && left.codes_left == 0);
        assert!(password(care, "enfermeria").await.complete().is_some());
    })
    .await;
}

fn policy(minutes: &str, sessions: &str, second_factor: Vec<Role>) -> PolicyForm {
    PolicyForm { idle_minutes: minutes.to_owned(), sessions: sessions.to_owned(), second_factor }
}

#[tokio::test]
async fn who_must_have_a_second_factor_sets_it_up_while_signing_in() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let rules = policy("120", "8", vec![Role::Nurse]);
        care.set_access_policy(&clinic.physician, &rules).await.unwrap();
        assert!(password(care, "recepcion").await.complete().is_some(), "only the roles named");
        let token = step(password(care, "enfermeria").await);
        assert_eq!(care.step(&token).await.unwrap().stage, Stage::Enrol);
        let setup = care.step_setup(&token).await.unwrap();
        assert!(setup == care.step_setup(&token).await.unwrap(), "the same when the page is opened again");
        is_invalid(care.enrol_step(&token, &wrong(&app(&setup, care)), &here()).await, "codigo");
        let (enrolled, done) = care.enrol_step(&token, &app(&setup, care), &here()).await.unwrap();
        assert_eq!(enrolled.codes.len(), 10);
        assert!(care.actor(&done.complete().unwrap(), "x").await.is_ok());
        assert_eq!(care.step(&step(password(care, "enfermeria").await)).await.unwrap().stage, Stage::Factor);
    })
    .await;
}

#[tokio::test]
async fn administration_removes_a_lost_factor_and_the_person_is_told() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        enrolled(&clinic).await;
        let token = session_of_nurse_by_code(&clinic).await;
        let own = care.reset_factors(&clinic.physician, clinic.physician.user_id).await;
        assert!(matches!(own, Err(CareError::Denied { .. })));
        care.reset_factors(&clinic.physician, clinic.nurse.user_id).await.unwrap();
        assert!(matches!(care.actor(&token, "x").await, Err(CareError::SignedOut)));
        let SignIn::Complete { factors_reset, .. } = password(care, "enfermeria").await else { panic!() };
        assert!(factors_reset);
        let SignIn::Complete { factors_reset, .. } = password(care, "enfermeria").await else { panic!() };
        assert!(!factors_reset, "told once");
        let page = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told = |event: &str| page.events.iter().any(|(one, _)| one.reason.as_deref() == Some(event));
        assert!(told("segundo factor quitado por administración"));
    })
    .await;
}

async fn session_of_nurse_by_code(clinic: &Clinic) -> SessionToken {
    let care = &clinic.care;
    let renewed = care.renew_codes(&clinic.nurse, PASSWORD.to_owned()).await.unwrap().codes;
    let token = step(password(care, "enfermeria").await);
    care.prove(&token, &renewed[0], &here()).await.unwrap().complete().unwrap()
}

fn change(roles: &[Role], active: bool) -> AccountChange {
    AccountChange {
        display_name: "Otra función".to_owned(),
        roles: roles.to_vec(),
        active,
        professional: None,
    }
}

#[tokio::test]
async fn a_role_changed_or_an_account_closed_in_mid_session_holds_from_the_next_request() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let token = session(care, "enfermeria").await;
        let before = care.actor(&token, "x").await.unwrap();
        assert!(care.chart(&before, patient, 0).await.is_ok());
        let id = clinic.nurse.user_id;
        care.change_account(&clinic.physician, id, &change(&[Role::Reception], true)).await.unwrap();
        let after = care.actor(&token, "x").await.unwrap();
        assert!(matches!(care.chart(&after, patient, 0).await, Err(CareError::Denied { .. })));
        assert_eq!(after.display_name, "Otra función");
        care.change_account(&clinic.physician, id, &change(&[Role::Reception], false)).await.unwrap();
        assert!(matches!(care.actor(&token, "x").await, Err(CareError::SignedOut)));
        let refused = care.sign_in("enfermeria", PASSWORD.to_owned(), &here()).await;
        assert!(matches!(refused, Err(CareError::WrongPassword)));
    })
    .await;
}

#[tokio::test]
async fn the_practice_keeps_an_administrator_and_a_physician_a_license() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let own = clinic.physician.user_id;
        for last in [change(&[Role::Physician], true), change(&[Role::Physician, Role::Administrator], false)]
        {
            is_invalid(care.change_account(&clinic.physician, own, &last).await, "rol");
        }
        let id = clinic.reception.user_id;
        is_invalid(
            care.change_account(&clinic.physician, id, &change(&[Role::Physician], true)).await,
            "cedula",
        );
        is_invalid(care.change_account(&clinic.physician, id, &change(&[], true)).await, "rol");
        let denied = care.change_account(&clinic.nurse, id, &change(&[Role::Nurse], true)).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));
        let both = change(&[Role::Reception, Role::Administrator], true);
        care.change_account(&clinic.physician, id, &both).await.unwrap();
        let leave = change(&[Role::Physician], true);
        assert!(care.change_account(&clinic.physician, own, &leave).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_provisional_password_is_changed_before_anything_else() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let form = AccountForm {
            username: "nueva".to_owned(),
            password: PASSWORD.to_owned(),
            password_again: PASSWORD.to_owned(),
            display_name: "Persona Nueva".to_owned(),
            provisional: true,
        };
        care.add_user(&clinic.physician, &form, &[Role::Reception], None).await.unwrap();
        let token = step(password(care, "nueva").await);
        assert_eq!(care.step(&token).await.unwrap().stage, Stage::Password);
        let replace = async |new: &str, again: &str| {
            care.replace_provisional(&token, new.to_owned(), again, &here()).await
        };
        is_invalid(replace("corta", "corta").await, "contrasena_nueva");
        is_invalid(replace(PASSWORD, PASSWORD).await, "contrasena_nueva");
        let own = "una frase solo mía";
        let session = replace(own, own).await.unwrap().complete().unwrap();
        assert!(care.actor(&session, "x").await.is_ok());
        assert!(care.sign_in("nueva", own.to_owned(), &here()).await.unwrap().complete().is_some());
        // Set again by administration: the sessions end, also the running one.
        let id = care.actor(&session, "x").await.unwrap().user_id;
        let other = "provisional otra";
        care.set_provisional_password(&clinic.physician, id, other.to_owned(), other).await.unwrap();
        assert!(matches!(care.actor(&session, "x").await, Err(CareError::SignedOut)));
        let again = care.sign_in("nueva", other.to_owned(), &here()).await.unwrap();
        assert_eq!(care.step(&step(again)).await.unwrap().stage, Stage::Password);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_limited_and_closed() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let rules = policy("30", "3", Vec::new());
        care.set_access_policy(&clinic.physician, &rules).await.unwrap();
        let mut tokens = Vec::new();
        for _ in 0..4 {
            clinic.clock.set(care.now() + SignedDuration::from_secs(1));
            tokens.push(session(care, "recepcion").await);
        }
        assert!(
            matches!(care.actor(&tokens[0], "x").await, Err(CareError::SignedOut)),
            "the oldest made room"
        );
        let person = care.actor(&tokens[3], "x").await.unwrap();
        let listed = care.sessions(&person).await.unwrap();
        assert_eq!(listed.len(), 3);
        assert_eq!(listed.iter().filter(|session| session.own).count(), 1);
        assert_eq!(
            (listed[0].origin.as_str(), listed[0].browser.as_str()),
            ("192.168.1.20", "Firefox en Linux")
        );
        let other = listed.iter().find(|session| !session.own).unwrap().id;
        let stranger = care.close_sessions(&clinic.nurse, Some(other)).await;
        assert!(matches!(stranger, Err(CareError::NotFound { .. })), "somebody else's");
        care.close_sessions(&person, Some(other)).await.unwrap();
        assert_eq!(care.sessions(&person).await.unwrap().len(), 2);
        care.close_sessions(&person, None).await.unwrap();
        assert_eq!(care.sessions(&person).await.unwrap().len(), 1);
        assert!(care.actor(&tokens[3], "x").await.is_ok());
        let denied = care.close_sessions_of(&clinic.nurse, person.user_id).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));
        care.close_sessions_of(&clinic.physician, person.user_id).await.unwrap();
        assert!(matches!(care.actor(&tokens[3], "x").await, Err(CareError::SignedOut)));
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_after_the_minutes_of_the_practice_also_when_they_become_fewer() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let later = |minutes| clinic.clock.set(care.now() + SignedDuration::from_mins(minutes));
        let token = session(care, "recepcion").await;
        later(100);
        assert!(care.actor(&token, "x").await.is_ok());
        let administrator = actor(care, "ines").await;
        care.set_access_policy(&administrator, &policy("20", "8", Vec::new())).await.unwrap();
        later(19);
        assert!(care.actor(&token, "x").await.is_ok());
        later(20);
        assert!(matches!(care.actor(&token, "x").await, Err(CareError::SignedOut)));
        for (minutes, sessions) in [("4", "8"), ("241", "8"), ("20", "0"), ("20", "21"), ("veinte", "8")] {
            let refused =
                care.set_access_policy(&administrator, &policy(minutes, sessions, Vec::new())).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{minutes} {sessions}");
        }
        // However often it is used, a session ends after half a day.
        let token = session(care, "recepcion").await;
        let end = care.now() + LONGEST;
        while care.now() + SignedDuration::from_mins(15) < end {
            later(15);
            assert!(care.actor(&token, "x").await.is_ok());
        }
        later(15);
        assert!(matches!(care.actor(&token, "x").await, Err(CareError::SignedOut)));
    })
    .await;
}

#[tokio::test]
async fn ones_own_password_is_changed_with_the_old_one_and_other_sessions_end() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (first, second) = (session(care, "recepcion").await, session(care, "recepcion").await);
        let person: Actor = care.actor(&second, "x").await.unwrap();
        let new = "una frase nueva";
        let wrong = care.change_own_password(&person, "otra".to_owned(), new.to_owned(), new).await;
        assert!(matches!(wrong, Err(CareError::WrongPassword)));
        care.change_own_password(&person, PASSWORD.to_owned(), new.to_owned(), new).await.unwrap();
        assert!(care.actor(&second, "x").await.is_ok());
        assert!(matches!(care.actor(&first, "x").await, Err(CareError::SignedOut)));
        let filter = AuditFilter { action: Some(AuditAction::SignInRefused), ..AuditFilter::default() };
        assert_eq!(care.audit_events(&clinic.auditor, &filter, 0).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test]
async fn of_two_administrators_who_close_each_other_one_stays() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let (one, other) = (clinic.physician.user_id, clinic.reception.user_id);
        let both = change(&[Role::Reception, Role::Administrator], true);
        care.change_account(&clinic.physician, other, &both).await.unwrap();
        let (reception, physician) = (change(&[Role::Reception], true), change(&[Role::Physician], true));
        for _ in 0..10 {
            let (first, second) = (actor(care, "ines").await, actor(care, "recepcion").await);
            let (first_done, second_done) = tokio::join!(
                care.change_account(&first, other, &reception),
                care.change_account(&second, one, &physician),
            );
            assert_ne!(first_done.is_ok(), second_done.is_ok(), "{first_done:?} {second_done:?}");
            // Who stayed gives the role back to the other.
            let again = change(&[Role::Physician, Role::Administrator], true);
            if first_done.is_ok() {
                care.change_account(&first, other, &both).await.unwrap();
            } else {
                care.change_account(&second, one, &again).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_ends_training_gets_the_cedula_and_signs_from_then_on() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let id = clinic.trainee.user_id;
        let known = care.account(&clinic.physician, id).await.unwrap().professional.unwrap();
        let physician = AccountChange { display_name: known.full_name(), ..change(&[Role::Physician], true) };
        is_invalid(care.change_account(&clinic.physician, id, &physician).await, "rol");
        let mut form = PractitionerForm {
            title: "Dr.".to_owned(),
            given: known.name.given().to_owned(),
            first_surname: known.name.first_surname().to_owned(),
            second_surname: known.name.second_surname().unwrap_or_default().to_owned(),
            degree_institution: known.degree_institution.clone(),
            ..PractitionerForm::default()
        };
        let with =
            |form: &PractitionerForm| AccountChange { professional: Some(form.clone()), ..physician.clone() };
        is_invalid(care.change_account(&clinic.physician, id, &with(&form)).await, "cedula");
        form.license = "7654321".to_owned();
        care.change_account(&clinic.physician, id, &with(&form)).await.unwrap();
        let line = care.account(&clinic.physician, id).await.unwrap();
        let after = line.professional.unwrap();
        assert_eq!(
            (after.id, after.trainee, after.license.to_string().as_str()),
            (known.id, None, "7654321")
        );
        assert!(actor(care, "residente").await.may(Permission::Sign));
        let filter = AuditFilter { action: Some(AuditAction::Update), ..AuditFilter::default() };
        let page = care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
        assert!(page.events.iter().any(|(event, _)| event.entity == "practitioner"));
    })
    .await;
}

#[tokio::test]
async fn an_author_of_another_establishment_is_no_account_of_the_practice() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let mut foreign = care.account(&clinic.physician, clinic.nurse.user_id).await.unwrap().user;
        foreign.id = UserId(Uuid::now_v7());
        foreign.username = "ajena".to_owned();
        foreign.password_hash = PasswordHash(String::new());
        foreign.active = false;
        let mut tx = care.database().begin().await.unwrap();
        tx.insert_user(&foreign).await.unwrap();
        tx.commit().await.unwrap();
        let listed = care.accounts(&clinic.physician).await.unwrap();
        assert!(listed.iter().all(|line| line.user.id != foreign.id));
        let new = || PASSWORD.to_owned();
        let refused = [
            care.account(&clinic.physician, foreign.id).await.map(drop),
            care.change_account(&clinic.physician, foreign.id, &change(&[Role::Nurse], true)).await,
            care.set_provisional_password(&clinic.physician, foreign.id, new(), &new()).await,
        ];
        assert!(refused.iter().all(|one| matches!(one, Err(CareError::NotFound { .. }))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn who_keeps_the_key_opens_the_way_back_for_who_lost_everything() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        enrolled(&clinic).await;
        let open = session_of_nurse_by_code(&clinic).await;
        let given = care.recover_account("enfermeria").await.unwrap();
        assert!(matches!(care.actor(&open, "x").await, Err(CareError::SignedOut)));
        assert!(matches!(
            care.sign_in("enfermeria", PASSWORD.to_owned(), &here()).await,
            Err(CareError::WrongPassword)
        ));
        let token = step(care.sign_in("enfermeria", given.clone(), &here()).await.unwrap());
        assert_eq!(care.step(&token).await.unwrap().stage, Stage::Password, "no code is asked any more");
        let own = "una frase solo mía";
        let done = care.replace_provisional(&token, own.to_owned(), own, &here()).await.unwrap();
        assert!(matches!(done, SignIn::Complete { factors_reset: true, .. }), "the person is told");
        let page = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told = |(event, _): &(AuditEvent, _)| {
            event.actor.is_none()
                && event.reason.as_deref().is_some_and(|why| why.contains("guarda la clave"))
        };
        assert!(page.events.iter().any(told));
        assert!(matches!(care.recover_account("nadie").await, Err(CareError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_locked_account_answers_like_one_that_does_not_exist() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let answers = async |username: &str| {
            let mut said = Vec::new();
            for secret in ["otra"; 9].into_iter().chain([PASSWORD]) {
                let refused = care.sign_in(username, secret.to_owned(), &here()).await.unwrap_err();
                said.push((std::mem::discriminant(&refused), refused.to_string()));
            }
            said
        };
        assert_eq!(answers("enfermeria").await, answers("nadie").await);
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_stretches_no_limit_and_breaks_no_chain() {
    on_each_engine(async |clinic| {
        let care = &clinic.care;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let first = clinic.signed_note(&clinic.physician, patient).await;
        let token = session(care, "ines").await;
        for _ in 0..care::sign_in::ATTEMPTS {
            assert!(care.sign_in("enfermeria", "otra".to_owned(), &here()).await.is_err());
        }
        let minutes_back = care.now() - SignedDuration::from_mins(3);
        clinic.clock.set(minutes_back);
        assert!(care.actor(&token, "prueba").await.is_ok(), "a clock is corrected by a little");
        clinic.clock.set(minutes_back - SignedDuration::from_hours(48));
        assert!(matches!(care.actor(&token, "prueba").await, Err(CareError::SignedOut)));
        assert!(password(care, "enfermeria").await.complete().is_some(), "a lock is no longer than it was");
        let later = clinic.signed_note(&clinic.physician, patient).await;
        let report = storage::verify::verify(care.database(), care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
        assert_eq!(report.documents, 2, "{first} and {later}");
    })
    .await;
}
