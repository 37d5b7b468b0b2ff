//! Laboratory results and their versions.

use clinical::ids::{LabReportId, LabResultId};
use clinical::laboratory::{LabResult, LabValue, ReferenceRange, ResultSource, ResultState};
use storage::{LabReport, NewLabResult, PageRequest, StorageError};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    reports_come_latest_sample_first_with_their_results_in_place,
    a_correction_takes_the_place_and_the_old_version_stays,
    a_withdrawn_result_no_longer_counts,
    a_version_is_replaced_only_once,
);

pub(crate) async fn report(place: &Place, taken: &str) -> LabReport {
    let report = LabReport {
        id: LabReportId(Uuid::now_v7()),
        patient_id: place.patient,
        panel: Some("Química sanguínea".to_owned()),
        laboratory: None,
        taken: taken.parse().unwrap(),
        source: ResultSource::Hl7,
        recorded_by: place.user,
        recorded_at: at(1),
    };
    let mut tx = place.begin().await;
    tx.insert_lab_report(&report).await.unwrap();
    tx.commit().await.unwrap();
    report
}

fn new(place: i64, value: &str, supersedes: Option<LabResultId>, state: ResultState) -> NewLabResult {
    NewLabResult {
        id: LabResultId(Uuid::now_v7()),
        place,
        state,
        supersedes,
        reason: supersedes.map(|_| "error de captura".to_owned()),
        result: LabResult {
            analyte: "Glucosa «sérica»".to_owned(),
            loinc: Some("2345-7".to_owned()),
            value: LabValue::read(value).unwrap(),
            unit: Some("mg/dL".to_owned()),
            ucum: Some("mg/dL".to_owned()),
            range: Some(ReferenceRange::read("70 - 100")),
            flag: None,
            comment: Some("dos\nrenglones".to_owned()),
        },
    }
}

pub(crate) async fn added(
    place: &Place,
    report: &LabReport,
    at_place: i64,
    value: &str,
    old: Option<LabResultId>,
    state: ResultState,
) -> Result<NewLabResult, StorageError> {
    let new = new(at_place, value, old, state);
    let mut tx = place.begin().await;
    tx.insert_lab_result(report.id, &new, place.user, at(2)).await?;
    tx.commit().await?;
    Ok(new)
}

async fn reports_come_latest_sample_first_with_their_results_in_place(place: Place) {
    let old = report(&place, "2026-03-08").await;
    let new = report(&place, "2026-03-09T07:40").await;
    let second = added(&place, &new, 2, "<0.3", None, ResultState::Final).await.unwrap();
    let first = added(&place, &new, 1, "126", None, ResultState::Final).await.unwrap();
    let mut tx = place.begin().await;
    let page = tx.lab_reports_of_patient(place.patient, PageRequest::first(10)).await.unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(page.items.iter().map(|item| &item.report).collect::<Vec<_>>(), [&new, &old]);
    let results: Vec<_> =
        page.items[0].results.iter().map(|entry| (entry.id, entry.result.clone())).collect();
    assert_eq!(results, [(first.id, first.result), (second.id, second.result)]);
    let rest = PageRequest { limit: 10, offset: 1 };
    let page = tx.lab_reports_of_patient(place.patient, rest).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].results.len()), (1, 0));
}

async fn a_correction_takes_the_place_and_the_old_version_stays(place: Place) {
    let report = report(&place, "2026-03-09").await;
    let wrong = added(&place, &report, 1, "1260", None, ResultState::Final).await.unwrap();
    let right = added(&place, &report, 1, "126", Some(wrong.id), ResultState::Corrected).await.unwrap();
    let mut tx = place.begin().await;
    let page = tx.lab_reports_of_patient(place.patient, PageRequest::first(10)).await.unwrap();
    let [old, now] = page.items[0].results.as_slice() else { panic!("{page:?}") };
    assert_eq!((old.superseded_by, old.counts()), (Some(right.id), false));
    assert_eq!((now.supersedes, now.counts()), (Some(wrong.id), true));
    assert_eq!(now.reason.as_deref(), Some("error de captura"));
    let counts = tx.lab_results_that_count(place.patient).await.unwrap();
    assert_eq!(counts.iter().map(|dated| dated.id).collect::<Vec<_>>(), [right.id]);
    let (whole, entry, at_place) = tx.lab_result(right.id).await.unwrap().unwrap();
    assert_eq!((whole.report.id, entry.id, at_place), (report.id, right.id, 1));
}

async fn a_withdrawn_result_no_longer_counts(place: Place) {
    let report = report(&place, "2026-03-09").await;
    let wrong = added(&place, &report, 1, "126", None, ResultState::Final).await.unwrap();
    added(&place, &report, 1, "126", Some(wrong.id), ResultState::Withdrawn).await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(tx.lab_results_that_count(place.patient).await.unwrap(), []);
    let page = tx.lab_reports_of_patient(place.patient, PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items[0].results.len(), 2, "both versions stay");
}

async fn a_version_is_replaced_only_once(place: Place) {
    let report = report(&place, "2026-03-09").await;
    let wrong = added(&place, &report, 1, "1", None, ResultState::Final).await.unwrap();
    added(&place, &report, 1, "2", Some(wrong.id), ResultState::Corrected).await.unwrap();
    let again = added(&place, &report, 1, "3", Some(wrong.id), ResultState::Corrected).await;
    let refused = matches!(again, Err(StorageError::Immutable | StorageError::NotUnique { .. }));
    assert!(refused, "{again:?}");
    assert!(added(&place, &report, 2, "4", None, ResultState::Corrected).await.is_err(), "replaces nothing");
    assert!(
        added(&place, &report, 2, "4", Some(LabResultId(Uuid::now_v7())), ResultState::Corrected)
            .await
            .is_err()
    );
}
