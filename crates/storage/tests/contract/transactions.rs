//! All or nothing.

use clinical::ids::PatientId;
use storage::{AuditFilter, PageRequest, StorageError};
use uuid::Uuid;

use crate::place::{Place, at, named};

on_both_engines!(
    a_dropped_transaction_leaves_nothing,
    after_a_failed_statement_nothing_can_be_committed,
    a_second_writer_waits_for_the_first,
    a_damaged_value_is_named_by_table_column_and_id,
);

async fn a_dropped_transaction_leaves_nothing(place: Place) {
    for give_up in ["drop", "rollback"] {
        let mut tx = place.begin().await;
        tx.insert_patient(PatientId(Uuid::now_v7()), &named("B", "Dos", ""), at(1)).await.unwrap();
        tx.append_audit(place.event(1, "x")).await.unwrap();
        if give_up == "rollback" {
            tx.rollback().await.unwrap();
        } else {
            drop(tx);
        }
        let mut tx = place.begin().await;
        assert_eq!(tx.recent_patients(PageRequest::first(9)).await.unwrap().total, 1, "{give_up}");
        assert_eq!(tx.audit_events_after(&AuditFilter::default(), 0, 9).await.unwrap(), [], "{give_up}");
    }
}

async fn after_a_failed_statement_nothing_can_be_committed(place: Place) {
    let mut tx = place.begin().await;
    tx.set_setting("antes", "1").await.unwrap();
    let again = place.user_named("ines", None);
    assert!(tx.insert_user(&again).await.is_err());
    assert!(matches!(tx.commit().await, Err(StorageError::Aborted)));
    assert_eq!(place.begin().await.setting("antes").await.unwrap(), None);
}

async fn a_second_writer_waits_for_the_first(place: Place) {
    let mut first = place.begin().await;
    first.append_audit(place.event(1, "primero")).await.unwrap();
    place.sign_in(&mut first, None, None, "primero", 1).await;
    let place = std::sync::Arc::new(place);
    let other = std::sync::Arc::clone(&place);
    let second = tokio::spawn(async move { other.sign(None, None, "segundo", 2).await });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().sequence, 2);
}

async fn a_damaged_value_is_named_by_table_column_and_id(place: Place) {
    place.raw("UPDATE patient SET sex = 'x'").await.unwrap();
    let error = place.begin().await.patient(place.patient).await.unwrap_err();
    let named = matches!(&error, StorageError::Corrupt { table: "patient", column, id }
        if column == "p_sex" && *id == place.patient.to_string());
    assert!(named, "{error:?}");
}
