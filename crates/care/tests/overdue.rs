//! Notes that are late during a stay, on both engines: shown, counted, ended; never written afterwards.

use care::CareError;
use clinical::document::DocumentKind;
use clinical::ids::PatientId;
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD, engines};

fn kind(code: &str) -> DocumentKind {
    DocumentKind::from_code(code).unwrap()
}

async fn sign(clinic: &Clinic, patient: PatientId, code: &str) {
    let id = clinic.care.start_document(&clinic.physician, patient, kind(code), None).await.unwrap();
    let view = crate::filled::filled(clinic, &clinic.physician, id, nom004::definition(kind(code))).await;
    let password = PASSWORD.to_owned();
    clinic.care.sign(&clinic.physician, id, kind(code), view.version, password).await.unwrap();
}

async fn late(clinic: &Clinic, patient: PatientId) -> (usize, usize) {
    let today = clinic.care.today(&clinic.nurse).await.unwrap().overdue.len();
    (today, clinic.care.chart(&clinic.nurse, patient, 0).await.unwrap().overdue.len())
}

async fn wait(clinic: &Clinic, hours: i64) {
    clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(hours));
}

#[tokio::test]
async fn a_note_of_emergencies_is_late_after_eight_hours_and_stays_late_in_the_report() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        sign(&clinic, patient, "NIU").await;
        wait(&clinic, 8).await;
        assert_eq!(late(&clinic, patient).await, (0, 0), "eight hours are not yet more than eight");
        wait(&clinic, 1).await;
        assert_eq!(late(&clinic, patient).await, (1, 1));
        let other = clinic.patient("Otilia", "Mezquite").await;
        assert_eq!(late(&clinic, other).await, (1, 0));

        sign(&clinic, patient, "NEU").await;
        assert_eq!(late(&clinic, patient).await, (0, 0));
        sign(&clinic, patient, "REU").await;
        wait(&clinic, 100).await;
        assert_eq!(late(&clinic, patient).await, (0, 0), "who was transferred awaits no note");
        let report = clinic.care.record_compliance(&clinic.physician, patient).await.unwrap();
        let domains = report.compliance.domains();
        let notes = domains.iter().find(|domain| domain.number == 5).unwrap();
        let label = "Nota de evolución en urgencias cada 8 horas";
        assert_eq!(notes.absent.get(label), Some(&1), "{:?}", notes.absent);
    }
}

#[tokio::test]
async fn somebody_notes_that_a_patient_is_no_longer_there() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        sign(&clinic, patient, "NIU").await;
        wait(&clinic, 9).await;
        let care = &clinic.care;
        let silent = care.end_stay(&clinic.nurse, patient, kind("NEU"), " ").await;
        assert!(matches!(silent, Err(CareError::Invalid(_))), "{silent:?}");
        let never_due = care.end_stay(&clinic.nurse, patient, kind("NEV"), "Se fue").await;
        assert!(matches!(never_due, Err(CareError::NotFound { .. })), "{never_due:?}");
        let reception = care.end_stay(&clinic.reception, patient, kind("NEU"), "Se fue").await;
        assert!(matches!(reception, Err(CareError::Denied { .. })), "{reception:?}");
        care.end_stay(&clinic.nurse, patient, kind("NEU"), "Se fue a su casa").await.unwrap();
        assert_eq!(late(&clinic, patient).await, (0, 0));
    }
}
