//! The establishment, professionals, accounts and sessions.

use clinical::identifiers::{Phone, ProfessionalLicense};
use clinical::ids::PractitionerId;
use clinical::practitioner::{Establishment, Specialty, SpecialtyCertificate};
use storage::{PasswordHash, Session, StorageError, sha256};
use uuid::Uuid;

use crate::place::{Place, at, practitioner};

on_both_engines!(
    the_establishment_is_one_and_can_be_changed,
    a_professional_is_read_back_with_and_without_specialty,
    usernames_are_unique_whatever_their_case,
    refused_sign_ins_are_counted_until_a_good_one,
    a_session_lives_until_it_expires_or_is_ended,
    settings_and_folios_are_kept,
);

async fn the_establishment_is_one_and_can_be_changed(place: Place) {
    let mut establishment = Establishment {
        kind: "Consultorio".to_owned(),
        name: "Clínica de Prueba".to_owned(),
        address: "Calle Inventada 1".to_owned(),
        institution: None,
        owner: "Inés Prueba".to_owned(),
        phone: Some(Phone::parse("5512345678").unwrap()),
        clues: None,
        time_zone: "America/Mexico_City".to_owned(),
    };
    let mut tx = place.begin().await;
    assert_eq!(tx.establishment().await.unwrap(), None);
    tx.save_establishment(&establishment).await.unwrap();
    assert_eq!(tx.establishment().await.unwrap().as_ref(), Some(&establishment));
    establishment.name = "Otra".to_owned();
    establishment.phone = None;
    tx.save_establishment(&establishment).await.unwrap();
    assert_eq!(tx.establishment().await.unwrap(), Some(establishment));
}

async fn a_professional_is_read_back_with_and_without_specialty(place: Place) {
    let mut tx = place.begin().await;
    let mut stored = tx.practitioner(place.practitioner).await.unwrap().unwrap();
    assert_eq!(stored, practitioner(place.practitioner));
    stored.specialty = Some(Specialty {
        name: "Medicina familiar".to_owned(),
        license: ProfessionalLicense::parse("7654321").unwrap(),
        certificate: None,
    });
    tx.update_practitioner(&stored).await.unwrap();
    assert_eq!(tx.practitioners().await.unwrap(), vec![stored.clone()]);
    let certificate = SpecialtyCertificate {
        number: "MF-0471".to_owned(),
        council: "Consejo Inventado de Medicina Familiar".to_owned(),
        valid_until: jiff::civil::date(2029, 6, 30),
    };
    stored.specialty.as_mut().unwrap().certificate = Some(certificate);
    tx.update_practitioner(&stored).await.unwrap();
    assert_eq!(tx.practitioners().await.unwrap(), vec![stored.clone()]);
    stored.id = PractitionerId(Uuid::now_v7());
    let refused = tx.update_practitioner(&stored).await;
    assert!(matches!(refused, Err(StorageError::Conflict { current: None })));
    assert_eq!(tx.practitioner(stored.id).await.unwrap(), None);
}

async fn usernames_are_unique_whatever_their_case(place: Place) {
    let mut tx = place.begin().await;
    let ines = tx.user_by_name(" INES ").await.unwrap().unwrap();
    assert_eq!(ines, place.user_named("ines", Some(place.practitioner)));
    assert_eq!(tx.user(place.user).await.unwrap().as_ref(), Some(&ines));
    assert_eq!(tx.user_by_name("nadie").await.unwrap(), None);
    let mut again = place.user_named("Ines", None);
    again.id = clinical::ids::UserId(Uuid::now_v7());
    let refused = tx.insert_user(&again).await.unwrap_err();
    assert!(matches!(&refused, StorageError::NotUnique { what } if what.contains("username")), "{refused:?}");
    drop(tx);
    assert_eq!(place.begin().await.user_count().await.unwrap(), 1);
}

async fn refused_sign_ins_are_counted_until_a_good_one(place: Place) {
    let mut tx = place.begin().await;
    assert_eq!(tx.count_refused_sign_in(place.user).await.unwrap(), 1);
    assert_eq!(tx.count_refused_sign_in(place.user).await.unwrap(), 2);
    tx.lock_user(place.user, Some(at(900))).await.unwrap();
    let locked = tx.user(place.user).await.unwrap().unwrap();
    assert_eq!((locked.failed_attempts, locked.locked_until), (2, Some(at(900))));
    tx.forget_refused_sign_ins(place.user).await.unwrap();
    let opened = tx.user(place.user).await.unwrap().unwrap();
    assert_eq!((opened.failed_attempts, opened.locked_until), (0, None));
    tx.set_password(place.user, &PasswordHash("otra".to_owned()), true).await.unwrap();
    let changed = tx.user(place.user).await.unwrap().unwrap();
    assert_eq!((changed.password_hash.0.as_str(), changed.provisional), ("otra", true));
    let mut changed = opened.clone();
    changed.active = false;
    changed.role = "reception".to_owned();
    tx.update_user(&changed).await.unwrap();
    let users = tx.users().await.unwrap();
    assert_eq!((users.len(), users[0].active, users[0].role.as_str()), (1, false, "reception"));
}

async fn a_session_lives_until_it_expires_or_is_ended(place: Place) {
    let session = |token: &str| Session {
        token_digest: sha256(token.as_bytes()),
        user_id: place.user,
        csrf_secret: "secreto".to_owned(),
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(100),
        origin: "127.0.0.1".to_owned(),
        browser: "Firefox en Linux".to_owned(),
    };
    let (one, two) = (session("uno"), session("dos"));
    let mut tx = place.begin().await;
    for session in [&one, &two] {
        tx.insert_session(session).await.unwrap();
    }
    let (found, user) = tx.session(one.token_digest, at(99)).await.unwrap().unwrap();
    assert_eq!((&found, user.id), (&one, place.user));
    assert_eq!(tx.session(one.token_digest, at(100)).await.unwrap(), None);
    assert_eq!(tx.sessions_of(place.user, at(99)).await.unwrap().len(), 2);
    tx.touch_session(one.token_digest, at(50), at(200)).await.unwrap();
    let (found, _) = tx.session(one.token_digest, at(150)).await.unwrap().unwrap();
    assert_eq!((found.last_seen_at, found.expires_at), (at(50), at(200)));
    assert_eq!(tx.purge_sessions(at(150)).await.unwrap(), 1);
    tx.delete_session(one.token_digest).await.unwrap();
    assert_eq!(tx.session(one.token_digest, at(1)).await.unwrap(), None);
    tx.insert_session(&two).await.unwrap();
    assert_eq!(tx.delete_sessions_of(place.user).await.unwrap(), 1);
}

async fn settings_and_folios_are_kept(place: Place) {
    let mut tx = place.begin().await;
    assert_eq!(tx.setting("tema").await.unwrap(), None);
    tx.set_setting("tema", "claro").await.unwrap();
    tx.set_setting("tema", "oscuro").await.unwrap();
    assert_eq!(tx.setting("tema").await.unwrap().as_deref(), Some("oscuro"));
    assert_eq!(tx.next_folio("RX").await.unwrap(), 1);
    assert_eq!(tx.next_folio("RX").await.unwrap(), 2);
    assert_eq!(tx.next_folio("otra").await.unwrap(), 1);
    drop(tx);
    let mut tx = place.begin().await;
    assert_eq!(tx.next_folio("RX").await.unwrap(), 1, "a folio given up is given again");
}
