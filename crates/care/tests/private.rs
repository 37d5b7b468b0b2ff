//! Private groups and openings with a reason, through the services, on both engines.

use care::audit::AuditFilter;
use care::groups::GroupChange;
use care::patients::PatientForm;
use care::private::{InFrontForm, OPEN_FOR, OpeningForm};
use care::search::SearchForm;
use care::setup::{AccountForm, PractitionerForm};
use care::transfer::ExportForm;
use care::{Actor, CareError, Role};
use clinical::audit::AuditAction;
use clinical::ids::{BlockId, GroupId, PatientId};
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD, actor, engines};

/// A clinic with a private record of which only Inés is a member, and another physician.
struct Private {
    clinic: Clinic,
    other: Actor,
    patient: PatientId,
    group: GroupId,
}

async fn on_each_engine<F: AsyncFn(Private)>(test: F) {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let account = AccountForm {
            username: "citlali".to_owned(),
            password: PASSWORD.to_owned(),
            password_again: PASSWORD.to_owned(),
            display_name: String::new(),
            provisional: false,
        };
        let professional = PractitionerForm {
            given: "Citlali".to_owned(),
            first_surname: "Prueba".to_owned(),
            license: "3456789".to_owned(),
            degree_institution: "Universidad Inventada".to_owned(),
            ..PractitionerForm::default()
        };
        let care = &clinic.care;
        let roles = [Role::Physician];
        care.add_user(&clinic.physician, &account, &roles, Some(&professional)).await.unwrap();
        let other = actor(care, "citlali").await;
        let patient = clinic.patient("Jacinta", "Zempoalteca").await;
        let member = Some(clinic.physician.user_id);
        let group = care.add_group(&clinic.physician, "Salud mental", member).await.unwrap();
        let add = GroupChange::AddRecord("1".to_owned());
        care.change_group(&clinic.physician, group, &add).await.unwrap();
        test(Private { clinic, other, patient, group }).await;
    }
}

fn jacinta() -> PatientForm {
    PatientForm {
        given: "Jacinta".to_owned(),
        first_surname: "Zempoalteca".to_owned(),
        second_surname: "Roble".to_owned(),
        birth_date: "12/01/1962".to_owned(),
        sex: "female".to_owned(),
        ..PatientForm::default()
    }
}

fn in_front() -> InFrontForm {
    InFrontForm {
        given: "JACINTA".to_owned(),
        first_surname: "zempoalteca".to_owned(),
        second_surname: "Roble".to_owned(),
        birth_date: "12/01/1962".to_owned(),
        ..InFrontForm::default()
    }
}

fn emergency() -> OpeningForm {
    OpeningForm { reason: "emergency".to_owned(), detail: "Llegó inconsciente".to_owned() }
}

fn is_missing<T: std::fmt::Debug>(result: Result<T, CareError>) {
    assert!(matches!(result, Err(CareError::NotFound { .. })), "{result:?}");
}

#[tokio::test]
async fn only_members_see_and_find_a_private_record() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        let document = p.clinic.signed_note(&p.clinic.physician, p.patient).await;
        for stranger in [&p.other, &p.clinic.nurse] {
            is_missing(care.chart(stranger, p.patient, 0).await);
            is_missing(care.patient(stranger, p.patient).await);
            is_missing(care.document(stranger, document).await);
            is_missing(care.print(stranger, document, false, "").await);
            is_missing(care.printed(stranger, document, 1).await);
            is_missing(care.deliveries(stranger, p.patient).await);
            is_missing(care.record_compliance(stranger, p.patient).await);
            is_missing(care.attachments(stranger, p.patient, 0).await);
            is_missing(care.lab_reports(stranger, p.patient, 0).await);
            is_missing(care.course(stranger, p.patient, care::course::Period::All).await);
            is_missing(care.start_visit(stranger, p.patient, "Control").await);
            assert_eq!(care.search_patients(stranger, "zempoalteca", 0).await.unwrap().total, 0);
            assert_eq!(care.recent_documents(stranger, 0).await.unwrap().1, 0);
            let sought = SearchForm { text: "valora".to_owned(), ..SearchForm::default() };
            assert!(care.search(stranger, &sought).await.unwrap().entries.is_empty());
        }
        is_missing(care.patient(&p.clinic.reception, p.patient).await);
        assert!(care.chart(&p.clinic.physician, p.patient, 0).await.is_ok());
        assert_eq!(care.search_patients(&p.clinic.physician, "zempoalteca", 0).await.unwrap().total, 1);
        // A member more sees it with the next request; a record less is seen by all.
        let admin = &p.clinic.physician;
        let add = GroupChange::AddMember(p.clinic.nurse.user_id);
        care.change_group(admin, p.group, &add).await.unwrap();
        assert!(care.chart(&p.clinic.nurse, p.patient, 0).await.is_ok());
        care.change_group(admin, p.group, &GroupChange::RemoveRecord(p.patient)).await.unwrap();
        assert!(care.chart(&p.other, p.patient, 0).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_double_of_a_private_record_is_told_without_saying_which() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        let told = care.register_patient(&p.clinic.reception, &jacinta()).await;
        let Err(CareError::Alike(alike)) = told else { panic!("{told:?}") };
        assert!(alike.private && alike.candidates.is_empty() && !alike.curp_taken);
        // Who says that it is another person goes on.
        let another = PatientForm { seen_private: true, ..jacinta() };
        assert!(care.register_patient(&p.clinic.reception, &another).await.is_ok());
        // With the CURP of the private record there is no going on, and its number is not told.
        let with_curp =
            PatientForm { curp: "BOXW310820HNERXN09".to_owned(), seen_private: true, ..jacinta() };
        let own = care.correct_patient(&p.clinic.physician, p.patient, 1, &with_curp).await;
        let own = match own {
            Err(CareError::Alike(alike)) => {
                let seen = alike.candidates.iter().map(|candidate| candidate.patient.id).collect();
                let form = PatientForm { seen, ..with_curp.clone() };
                care.correct_patient(&p.clinic.physician, p.patient, 1, &form).await
            }
            own => own,
        };
        own.unwrap();
        let told = care.register_patient(&p.clinic.reception, &with_curp).await;
        let Err(CareError::Alike(alike)) = told else { panic!("{told:?}") };
        assert!(alike.private && alike.curp_taken);
        assert!(alike.candidates.iter().all(|candidate| candidate.patient.id != p.patient));
    })
    .await;
}

#[tokio::test]
async fn a_clinician_opens_a_private_record_only_with_the_patient_in_front_and_a_reason() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        let nearly = InFrontForm { second_surname: String::new(), ..in_front() };
        assert!(care.find_private(&p.other, &nearly).await.unwrap().is_empty());
        let later = InFrontForm { birth_date: "13/01/1962".to_owned(), ..in_front() };
        assert!(care.find_private(&p.other, &later).await.unwrap().is_empty());
        let denied = care.find_private(&p.clinic.reception, &in_front()).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));
        let found = care.find_private(&p.other, &in_front()).await.unwrap();
        assert_eq!(found.iter().map(|record| record.id).collect::<Vec<_>>(), [p.patient]);
        for form in [
            OpeningForm { reason: String::new(), ..emergency() },
            OpeningForm { detail: "  ".to_owned(), ..emergency() },
        ] {
            let refused = care.open_private(&p.other, &in_front(), p.patient, &form).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        }
        is_missing(care.open_private(&p.other, &later, p.patient, &emergency()).await);
        is_missing(care.chart(&p.other, p.patient, 0).await);
        care.open_private(&p.other, &in_front(), p.patient, &emergency()).await.unwrap();
        // The next request knows; the bitácora says it of everything that is done.
        let other = actor(care, "citlali").await;
        assert!(other.opened(p.patient).is_some());
        assert!(care.chart(&other, p.patient, 0).await.is_ok());
        let filter = AuditFilter { patient_id: Some(p.patient), ..AuditFilter::default() };
        let events = care.audit_events(&p.clinic.auditor, &filter, 0).await.unwrap().events;
        let read = &events[0].0;
        assert_eq!(read.action, AuditAction::Read);
        assert_eq!(read.reason.as_deref(), Some("expediente privado abierto: urgencia"));
        assert!(events.iter().any(|(event, _)| event.action == AuditAction::BreakGlass));
        assert!(events.iter().all(|(event, _)| event.reason.as_deref() != Some("Llegó inconsciente")));
        // It closes by itself.
        p.clinic.clock.set(care.now() + OPEN_FOR - SignedDuration::from_secs(1));
        assert!(care.chart(&other, p.patient, 0).await.is_ok());
        p.clinic.clock.set(care.now() + SignedDuration::from_secs(1));
        is_missing(care.chart(&other, p.patient, 0).await);
    })
    .await;
}

#[tokio::test]
async fn members_are_told_of_an_opening_and_the_auditor_reviews_it_once() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        care.open_private(&p.other, &in_front(), p.patient, &emergency()).await.unwrap();
        let told = care.today(&p.clinic.physician).await.unwrap().openings;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].patient.id, p.patient);
        assert!(care.today(&p.other).await.unwrap().openings.is_empty());
        assert!(care.today(&p.clinic.nurse).await.unwrap().openings.is_empty());
        let denied = care.openings(&p.other).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));
        let page = care.audit_events(&p.clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        assert_eq!(page.to_review, 1);
        let id = care.openings(&p.clinic.auditor).await.unwrap().lines[0].opening.id;
        for (justified, note) in [(None, "Guardia"), (Some(true), " ")] {
            let refused = care.review_opening(&p.clinic.auditor, id, justified, note).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        }
        care.review_opening(&p.clinic.auditor, id, Some(false), "No estaba de guardia").await.unwrap();
        let again = care.review_opening(&p.clinic.physician, id, Some(true), "Sí estaba").await;
        assert!(matches!(again, Err(CareError::Conflict { .. })), "{again:?}");
        let line = care.openings(&p.clinic.auditor).await.unwrap().lines.remove(0);
        assert!(!line.review.unwrap().justified);
    })
    .await;
}

#[tokio::test]
async fn nobody_reviews_what_they_opened_themselves() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        // Inés leaves the group and opens the record with a reason; she is also the administrator.
        let other = GroupChange::AddMember(p.other.user_id);
        care.change_group(&p.clinic.physician, p.group, &other).await.unwrap();
        let leave = GroupChange::RemoveMember(p.clinic.physician.user_id);
        care.change_group(&p.clinic.physician, p.group, &leave).await.unwrap();
        is_missing(care.chart(&p.clinic.physician, p.patient, 0).await);
        care.open_private(&p.clinic.physician, &in_front(), p.patient, &emergency()).await.unwrap();
        let id = care.openings(&p.clinic.physician).await.unwrap().lines[0].opening.id;
        let own = care.review_opening(&p.clinic.physician, id, Some(true), "Guardia").await;
        assert!(matches!(own, Err(CareError::Denied { .. })), "{own:?}");
    })
    .await;
}

#[tokio::test]
async fn a_group_with_records_keeps_a_member() {
    on_each_engine(async |p| {
        let care = &p.clinic.care;
        let leave = GroupChange::RemoveMember(p.clinic.physician.user_id);
        let refused = care.change_group(&p.clinic.physician, p.group, &leave).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        let denied = care.change_group(&p.other, p.group, &GroupChange::Remove).await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));
        let unknown = GroupChange::AddRecord("77".to_owned());
        let refused = care.change_group(&p.clinic.physician, p.group, &unknown).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        care.change_group(&p.clinic.physician, p.group, &GroupChange::Remove).await.unwrap();
        assert!(care.chart(&p.other, p.patient, 0).await.is_ok());
    })
    .await;
}

/// A record of the clinic whose time has passed: a note was signed six years ago.
async fn past_record(clinic: &Clinic) -> PatientId {
    let patient = clinic.patient("Abundio", "Colorín").await;
    clinic.signed_note(&clinic.physician, patient).await;
    clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(24 * 366 * 6));
    patient
}

fn refusal<T: std::fmt::Debug>(result: Result<T, CareError>) -> String {
    match result {
        Err(CareError::Invalid(errors)) => errors[0].message.clone(),
        other => format!("not refused as invalid: {other:?}"),
    }
}

#[tokio::test]
async fn a_record_is_blocked_only_after_its_time_and_with_nothing_open() {
    on_each_engine(async |Private { clinic, other, .. }| {
        let (care, admin) = (&clinic.care, &clinic.physician);
        let patient = clinic.patient("Beatriz", "Encino").await;
        let early = refusal(care.block_record(admin, patient, "Plazo").await);
        assert!(early.contains("no tiene un acto médico firmado"), "{early}");
        clinic.signed_note(admin, patient).await;
        let early = refusal(care.block_record(admin, patient, "Plazo").await);
        assert!(
            early.contains("al menos hasta el 10 de marzo de 2031 (NOM-004-SSA3-2012, numeral 5.4)"),
            "{early}"
        );

        let patient = past_record(&clinic).await;
        assert!(refusal(care.block_record(admin, patient, " ").await).contains("por qué se bloquea"));
        let denied = care.block_record(&other, patient, "Plazo").await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        care.hold_record(admin, patient, "Queja 12", "").await.unwrap();
        assert!(refusal(care.block_record(admin, patient, "Plazo").await).contains("retención legal"));
        let hold = care.retention(admin, patient).await.unwrap().holds[0].id;
        care.lift_hold(admin, hold, "Se resolvió").await.unwrap();
        let plan = care.plan_block(admin, patient, "Plazo").await.unwrap();
        assert_eq!((plan.patient.id, plan.reason.as_str()), (patient, "Plazo"));
        assert!(care.practice_retention(admin, 0).await.unwrap().blocked.is_empty(), "a plan blocks nothing");
        care.start_visit(admin, patient, "Control").await.unwrap();
        assert!(refusal(care.block_record(admin, patient, "Plazo").await).contains("consulta abierta"));
    })
    .await;
}

#[tokio::test]
async fn a_blocked_record_is_read_only_for_a_legal_request_and_comes_back_as_it_was() {
    on_each_engine(async |Private { clinic, other, .. }| {
        let (care, admin) = (&clinic.care, &clinic.physician);
        let patient = past_record(&clinic).await;
        let note = care.chart(admin, patient, 0).await.unwrap().documents[0].id;
        care.block_record(admin, patient, "Terminó su plazo").await.unwrap();
        for who in [admin, &other, &clinic.nurse] {
            is_missing(care.chart(who, patient, 0).await);
            is_missing(care.document(who, note).await);
        }
        let abundio =
            InFrontForm { given: "Abundio".to_owned(), first_surname: "Colorín".to_owned(), ..in_front() };
        assert!(care.find_private(&other, &abundio).await.unwrap().is_empty(), "no private record");
        assert!(
            care.export_record_by_program(
                patient,
                &ExportForm {
                    format: "pdf".to_owned(),
                    reason: "traslado".to_owned(),
                    ..ExportForm::default()
                }
            )
            .await
            .is_err(),
            "not by command either"
        );
        is_missing(care.start_visit(&other, patient, "Control").await);

        let practice = care.practice_retention(&other, 0).await.unwrap();
        assert_eq!((practice.blocked.len(), practice.total), (1, 0));
        let block = practice.blocked[0].0.id;
        assert!(refusal(care.open_blocked(&other, block, "").await).contains("qué autoridad"));
        for who in [&clinic.nurse, &clinic.reception] {
            let denied = care.open_blocked(who, block, "Oficio 7").await;
            assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        }
        is_missing(care.open_blocked(&other, BlockId(uuid::Uuid::nil()), "Oficio 7").await);
        care.open_blocked(&other, block, "Oficio 7 del juzgado segundo").await.unwrap();
        assert!(care.chart(&other, patient, 0).await.is_ok());
        is_missing(care.chart(admin, patient, 0).await);
        let visit = care.start_visit(&other, patient, "Control").await;
        assert!(matches!(visit, Err(CareError::Finished { .. })), "it is opened to be read: {visit:?}");
        let alive = clinic.patient("Beatriz", "Encino").await;
        for (kept, merged) in [(alive, patient), (patient, alive)] {
            let joined = care.merge_records(&other, kept, merged, "Es la misma persona").await;
            assert!(
                matches!(joined, Err(CareError::Finished { .. })),
                "a join would hide a live one: {joined:?}"
            );
        }
        assert!(care.chart(admin, alive, 0).await.is_ok());
        let archived = care.archive_record(&other, patient, "Plazo").await;
        assert!(matches!(archived, Err(CareError::Finished { .. })), "{archived:?}");
        care.hold_record(&other, patient, "Oficio 7", "").await.unwrap();
        care.open_blocked(admin, block, "Oficio 7 del juzgado segundo").await.unwrap();
        assert!(refusal(care.block_record(admin, patient, "Otra vez").await).contains("ya está bloqueado"));
        let openings = care.openings(&clinic.auditor).await.unwrap().lines;
        assert_eq!(openings[0].opening.detail, "Oficio 7 del juzgado segundo");
        let filter = AuditFilter { action: Some(AuditAction::BreakGlass), ..AuditFilter::default() };
        let told = care.audit_events(admin, &filter, 0).await.unwrap().events;
        assert!(told[0].0.reason.as_deref().unwrap().starts_with("requerimiento legal"), "{told:?}");
        clinic.clock.set(care.now() + OPEN_FOR);
        is_missing(care.chart(&other, patient, 0).await);

        let denied = care.lift_block(&other, block, "Volvió").await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "{denied:?}");
        assert!(refusal(care.lift_block(admin, block, "").await).contains("por qué se desbloquea"));
        assert_eq!(care.lift_block(admin, block, "Volvió a consulta").await.unwrap(), patient);
        is_missing(care.lift_block(admin, block, "Otra vez").await);
        care.start_visit(&other, patient, "Control").await.unwrap();
        assert!(care.retention(admin, patient).await.unwrap().blocks[0].lifted.is_some());
    })
    .await;
}
