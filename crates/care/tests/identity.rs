//! Identity through the services, on both engines: doubles, joins with their trail, newborns, representatives.

use care::audit::AuditFilter;
use care::consents::ConsentForm;
use care::identity::RepresentativeForm;
use care::patients::{Alike, PatientForm};
use care::{Actor, CareError, Permission, Role};
use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use clinical::likeness::Reason;
use test_support::{Clinic, engines};

async fn on_each_engine<F: AsyncFn(Clinic)>(test: F) {
    for engine in engines() {
        test(Clinic::on(engine).await).await;
    }
}

fn form(given: &str, first: &str, second: &str, birth_date: &str) -> PatientForm {
    PatientForm {
        given: given.to_owned(),
        first_surname: first.to_owned(),
        second_surname: second.to_owned(),
        birth_date: birth_date.to_owned(),
        sex: "female".to_owned(),
        ..PatientForm::default()
    }
}

async fn register(clinic: &Clinic, form: &PatientForm) -> PatientId {
    clinic.care.register_patient(&clinic.reception, form).await.unwrap().id
}

fn alike(error: CareError) -> Alike {
    match error {
        CareError::Alike(alike) => alike,
        other => panic!("{other:?}"),
    }
}

/// Reasons that stand in the bitácora of a record, newest first.
async fn reasons(clinic: &Clinic, patient: PatientId) -> Vec<String> {
    let filter = AuditFilter { patient_id: Some(patient), ..AuditFilter::default() };
    let page = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
    page.events.into_iter().filter_map(|(event, _)| event.reason).collect()
}

#[tokio::test]
async fn a_second_record_of_one_person_is_not_made_unseen() {
    on_each_engine(async |clinic| {
        let first = register(&clinic, &form("María de los Ángeles", "Núñez", "Peña", "07/03/1984")).await;
        let again = form("Ma. Angeles", "Nunez", "", "03/07/1984");
        let refused = clinic.care.register_patient(&clinic.reception, &again).await.unwrap_err();
        let found = alike(refused);
        assert!(!found.curp_taken);
        assert_eq!(found.candidates.len(), 1);
        assert_eq!(found.candidates[0].patient.id, first);
        assert!(found.candidates[0].likeness.reasons.contains(&Reason::SwappedBirth));
        assert_eq!(clinic.care.search_patients(&clinic.reception, "", 0).await.unwrap().total, 1);
        assert_eq!(reasons(&clinic, first).await, ["posible expediente de la misma persona"]);
        // Who has seen her and says that it is another person goes on; the second record has its own number.
        let another = PatientForm { seen: vec![first], ..again.clone() };
        let second = register(&clinic, &another).await;
        let number = async |id| clinic.care.patient(&clinic.reception, id).await.unwrap().record_number;
        assert_eq!((number(first).await.as_str(), number(second).await.as_str()), ("000001", "000002"));
        // A third time the second one has not been seen yet.
        let third = clinic.care.register_patient(&clinic.reception, &another).await.unwrap_err();
        assert_eq!(alike(third).candidates.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_register_one_person_at_once_the_second_sees_the_first() {
    on_each_engine(async |clinic| {
        let tries: Vec<_> = (0..6)
            .map(|_| {
                let (care, actor) = (clinic.care.clone(), clinic.reception.clone());
                let form = form("Rosa", "Ahuehuete", "Gil", "01/02/1990");
                tokio::spawn(async move { care.register_patient(&actor, &form).await })
            })
            .collect();
        let mut saved = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => saved += 1,
                Err(error) => assert_eq!(alike(error).candidates.len(), 1),
            }
        }
        assert_eq!(saved, 1);
    })
    .await;
}

#[tokio::test]
async fn a_curp_belongs_to_one_record_also_when_a_record_is_corrected() {
    on_each_engine(async |clinic| {
        let curp = |form: PatientForm| PatientForm { curp: "HEGG560427MVZRRL04".to_owned(), ..form };
        let first = register(&clinic, &curp(form("Gloria", "Hernández", "García", "27/04/1956"))).await;
        let other = curp(form("Otra", "Persona", "", "01/01/1990"));
        let found = alike(clinic.care.register_patient(&clinic.reception, &other).await.unwrap_err());
        assert!(found.curp_taken && found.candidates[0].likeness.reasons == [Reason::SameCurp]);
        let second = register(&clinic, &PatientForm { curp: String::new(), ..other.clone() }).await;
        let seen = PatientForm { seen: vec![first], ..other };
        let refused = clinic.care.correct_patient(&clinic.reception, second, 1, &seen).await.unwrap_err();
        assert!(alike(refused).curp_taken, "seeing it does not make the CURP free");
        // Corrected so that it looks like the first, it asks as well; an address alone does not.
        let like = form("Gloria", "Hernandez", "Garcia", "27/04/1956");
        let refused = clinic.care.correct_patient(&clinic.reception, second, 1, &like).await.unwrap_err();
        assert!(!alike(refused).curp_taken);
        let seen = PatientForm { seen: vec![first], ..like.clone() };
        clinic.care.correct_patient(&clinic.reception, second, 1, &seen).await.unwrap();
        let moved = PatientForm { address: "Calle Inventada 2".to_owned(), ..like };
        clinic.care.correct_patient(&clinic.reception, second, 2, &moved).await.unwrap();
        let file = clinic.care.identity(&clinic.reception, second).await.unwrap();
        let before: Vec<String> = file.former.iter().map(|one| one.data.identity.full_name()).collect();
        assert_eq!(before, ["Gloria Hernandez Garcia", "Otra Persona"]);
    })
    .await;
}

#[tokio::test]
async fn joining_and_separating_leave_their_reasons_in_the_bitacora_of_both() {
    on_each_engine(async |clinic| {
        let kept = clinic.patient("Jacinta", "Ahuehuete").await;
        let other = clinic.patient("Jasinta", "Ahuehuete").await;
        let plan = clinic.care.plan_merge(&clinic.physician, kept, "2").await.unwrap();
        assert_eq!((plan.merged.id, plan.likeness.is_some()), (other, true));
        for number in ["1", "99", "", "x"] {
            let refused = clinic.care.plan_merge(&clinic.physician, kept, number).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{number}: {refused:?}");
        }
        let without = clinic.care.merge_records(&clinic.physician, kept, other, "  ").await;
        assert!(matches!(without, Err(CareError::Invalid(_))), "{without:?}");
        clinic.care.merge_records(&clinic.physician, kept, other, "misma persona").await.unwrap();
        let told = clinic.care.merge_records(&clinic.physician, kept, other, "otra vez").await.unwrap_err();
        assert!(told.to_string().contains("ya unió el expediente 000002 al 000001"), "{told}");
        // From then on what is written goes to the record that stays.
        let visit = clinic.care.start_visit(&clinic.physician, other, "tos").await.unwrap();
        let chart = clinic.care.chart(&clinic.physician, other, 0).await.unwrap();
        assert_eq!((chart.patient.id, chart.open[0].id), (kept, visit));
        assert_eq!((chart.open[0].patient_id, chart.joined), (kept, vec!["000002".to_owned()]));
        let version = clinic.care.patient(&clinic.physician, kept).await.unwrap().version;
        let form = form("Jacinta", "Ahuehuete", "Roble", "12/01/1962");
        let stale = clinic.care.correct_patient(&clinic.reception, other, version, &form).await;
        assert!(matches!(stale, Err(CareError::Conflict { .. })), "{stale:?}");

        let id = clinic.care.identity(&clinic.physician, kept).await.unwrap().merges[0].id;
        clinic.care.undo_merge(&clinic.physician, id, "eran hermanas").await.unwrap();
        let again = clinic.care.undo_merge(&clinic.physician, id, "otra vez").await.unwrap_err();
        assert!(again.to_string().contains("ya separó"), "{again}");
        for patient in [kept, other] {
            let mut found = reasons(&clinic, patient).await;
            found.retain(|reason| reason != "inicio de la consulta");
            assert_eq!(found[..2], ["eran hermanas", "misma persona"]);
        }
        assert_eq!(clinic.care.chart(&clinic.physician, other, 0).await.unwrap().patient.id, other);
    })
    .await;
}

#[tokio::test]
async fn only_a_physician_joins_records_and_the_refusal_is_recorded() {
    on_each_engine(async |clinic| {
        let (kept, other) = (clinic.patient("Ana", "Uno").await, clinic.patient("Eva", "Dos").await);
        for role in Role::ALL {
            assert_eq!(Permission::MergeRecords.roles().contains(&role), role == Role::Physician);
        }
        let refused = async |actor: &Actor| {
            let plan = clinic.care.plan_merge(actor, kept, "2").await.is_err();
            let merge = clinic.care.merge_records(actor, kept, other, "x").await;
            plan && matches!(merge, Err(CareError::Denied { .. }))
        };
        for actor in [&clinic.nurse, &clinic.reception, &clinic.auditor] {
            assert!(refused(actor).await, "{}", actor.username);
        }
        let filter = AuditFilter::default();
        let log = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
        let denied = log.events.iter().filter(|(event, _)| event.action == AuditAction::Denied);
        assert_eq!(denied.filter(|(event, _)| event.entity_id == "merge_records").count(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_newborn_is_named_by_the_mother_and_keeps_its_former_name() {
    on_each_engine(async |clinic| {
        let mother = clinic.patient("Jacinta", "Ahuehuete").await;
        let newborn = PatientForm {
            newborn: true,
            mother: mother.to_string(),
            birth_date: "09/03/2026".to_owned(),
            birth_time: "07:05".to_owned(),
            sex: "undetermined".to_owned(),
            ..PatientForm::default()
        };
        let child = register(&clinic, &newborn).await;
        let file = clinic.care.identity(&clinic.reception, child).await.unwrap();
        assert_eq!(file.patient.full_name(), "Recién nacido de Jacinta Ahuehuete Roble");
        assert_eq!(file.mother.as_ref().map(|mother| mother.id), Some(mother));
        assert!(file.needs_representative, "nobody may decide for the newborn");
        let twice = alike(clinic.care.register_patient(&clinic.reception, &newborn).await.unwrap_err());
        assert_eq!(twice.candidates[0].patient.id, child);
        // Registered with a name; under another record it would be noticed.
        let named = form("Diego", "Soto", "Ahuehuete", "09/03/2026");
        assert!(clinic.care.register_patient(&clinic.reception, &named).await.is_err());
        let completed = PatientForm { mother: mother.to_string(), birth_time: "07:05".to_owned(), ..named };
        clinic.care.correct_patient(&clinic.reception, child, 1, &completed).await.unwrap();
        let file = clinic.care.identity(&clinic.reception, child).await.unwrap();
        assert_eq!(file.patient.full_name(), "Diego Soto Ahuehuete");
        assert_eq!(file.former[0].data.identity.full_name(), "Recién nacido de Jacinta Ahuehuete Roble");
        let file = clinic.care.identity(&clinic.reception, mother).await.unwrap();
        assert_eq!(file.newborns.iter().map(|child| child.id).collect::<Vec<_>>(), [child]);
    })
    .await;
}

#[tokio::test]
async fn a_minor_needs_somebody_who_may_decide() {
    on_each_engine(async |clinic| {
        // The clinic opens on 10 March 2026: eighteen the next day.
        let minor = register(&clinic, &form("Elías", "Roble", "", "11/03/2008")).await;
        let adult = register(&clinic, &form("Noé", "Ceiba", "", "10/03/2008")).await;
        let needs =
            async |id| clinic.care.chart(&clinic.physician, id, 0).await.unwrap().needs_representative;
        assert!(needs(minor).await && !needs(adult).await);
        let mut mother = RepresentativeForm {
            given: "Rosa".to_owned(),
            first_surname: "Roble".to_owned(),
            capacity: "guardian".to_owned(),
            identity_document: "INE 1234567890123".to_owned(),
            valid_until: "09/03/2026".to_owned(),
            ..RepresentativeForm::default()
        };
        let refused = clinic.care.add_representative(&clinic.reception, minor, &mother).await.unwrap_err();
        assert!(refused.to_string().contains("documento que lo acredita"), "{refused}");
        mother.proof = "sentencia 45/2024".to_owned();
        clinic.care.add_representative(&clinic.reception, minor, &mother).await.unwrap();
        assert!(needs(minor).await, "it ended yesterday");
        mother.valid_until = "10/03/2026".to_owned();
        clinic.care.add_representative(&clinic.reception, minor, &mother).await.unwrap();
        assert!(!needs(minor).await);
        let file = clinic.care.identity(&clinic.reception, minor).await.unwrap();
        let entry = file.representatives[1].id;
        clinic.care.close_representative(&clinic.reception, minor, entry).await.unwrap();
        assert!(needs(minor).await);
        let refused = clinic.care.add_representative(&clinic.auditor, minor, &mother).await;
        assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
    })
    .await;
}

const NOTICE: &str = "Inés Prueba Ceiba, con domicilio en Calle Inventada 1, Puebla, es responsable de sus datos. Se tratan datos \
    de identificación y datos sensibles de salud para atenderle y llevar su expediente clínico. Para grabar, fotografiar o \
    enseñar se le pide consentimiento aparte. Puede pedir acceso, rectificación, cancelación u oposición en el consultorio.";

#[tokio::test]
async fn consents_are_answers_to_a_version_of_the_aviso_and_the_newest_counts() {
    on_each_engine(async |clinic| {
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let answer = |given, means: &str, version| ConsentForm {
            purpose: "privacy_notice".to_owned(),
            given,
            means: means.to_owned(),
            version,
            ..ConsentForm::default()
        };
        let record =
            async |form: ConsentForm| clinic.care.record_consent(&clinic.reception, patient, &form).await;
        let none = record(answer(true, "paper", 0)).await.unwrap_err();
        assert!(none.to_string().contains("Falta publicar"), "{none}");
        let refused = clinic.care.publish_notice(&clinic.reception, NOTICE).await;
        assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
        let short = clinic.care.publish_notice(&clinic.physician, "Sus datos están seguros.").await;
        assert!(matches!(short, Err(CareError::Invalid(_))), "{short:?}");
        assert_eq!(clinic.care.publish_notice(&clinic.physician, NOTICE).await.unwrap(), 1);
        let same = clinic.care.publish_notice(&clinic.physician, NOTICE).await;
        assert!(matches!(same, Err(CareError::Invalid(_))), "{same:?}");

        let spoken = record(answer(true, "spoken", 1)).await.unwrap_err();
        assert!(spoken.to_string().contains("respuesta escrita"), "{spoken}");
        record(answer(true, "paper", 1)).await.unwrap();
        assert_eq!(
            clinic.care.publish_notice(&clinic.physician, &format!("{NOTICE} Versión nueva.")).await.unwrap(),
            2
        );
        let old = record(answer(true, "paper", 1)).await;
        assert!(matches!(old, Err(CareError::Conflict { .. })), "{old:?}");
        // Withdrawing may be said; the yes before it stays on record with its version.
        record(answer(false, "spoken", 2)).await.unwrap();
        let file = clinic.care.consents(&clinic.reception, patient).await.unwrap();
        let told: Vec<_> = file.answers.iter().map(|(c, _)| (c.given, c.text_version.as_str())).collect();
        assert_eq!(told, [(false, "2"), (true, "1")]);
        assert_eq!(clinic.care.notices(&clinic.reception).await.unwrap().len(), 2);
    })
    .await;
}
