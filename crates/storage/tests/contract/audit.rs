//! The bitácora.

use clinical::audit::AuditAction;
use clinical::digest::Digest;
use storage::{AuditFilter, PageRequest};

use crate::place::{Place, at};

on_both_engines!(
    events_form_a_chain_and_are_read_back_as_written,
    events_are_found_by_who_what_whose_and_when,
    an_event_of_a_given_up_transaction_leaves_no_gap,
);

async fn events_form_a_chain_and_are_read_back_as_written(place: Place) {
    let mut second = place.event(2, "dos");
    second.actor = None;
    second.patient_id = None;
    second.action = AuditAction::SignInRefused;
    second.reason = Some("contraseña".to_owned());
    let mut tx = place.begin().await;
    tx.append_audit(place.event(1, "uno")).await.unwrap();
    tx.append_audit(second.clone()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let page = tx.audit_events(&AuditFilter::default(), PageRequest::first(9)).await.unwrap();
    let [read, first] = page.items.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.sequence, first.previous), (1, Digest::ORIGIN));
    assert_eq!((first.at, first.actor, first.patient_id), (at(1), Some(place.user), Some(place.patient)));
    assert_eq!((read.sequence, read.previous), (2, first.digest));
    assert_eq!((read.at, read.actor, read.action), (second.at, second.actor, second.action));
    assert_eq!((read.entity.as_str(), &read.entity_id), (second.entity, &second.entity_id));
    assert_eq!((read.patient_id, &read.origin, &read.reason), (None, &second.origin, &second.reason));
    assert_eq!(
        &tx.audit_events_after(&AuditFilter::default(), 1, 9).await.unwrap(),
        std::slice::from_ref(read)
    );
}

async fn events_are_found_by_who_what_whose_and_when(place: Place) {
    let mut tx = place.begin().await;
    for seconds in 1..=6 {
        let mut event = place.event(seconds, &seconds.to_string());
        if seconds % 2 == 0 {
            event.actor = None;
            event.action = AuditAction::Print;
            event.entity = "document";
            event.patient_id = None;
        }
        tx.append_audit(event).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let mut check = async |filter: AuditFilter, expected: &[&str]| {
        let page = tx.audit_events(&filter, PageRequest::first(2)).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|event| event.entity_id.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
        page.total
    };
    let any = AuditFilter::default;
    assert_eq!(check(any(), &["6", "5"]).await, 6);
    assert_eq!(check(AuditFilter { actor: Some(place.user), ..any() }, &["5", "3"]).await, 3);
    assert_eq!(check(AuditFilter { action: Some(AuditAction::Print), ..any() }, &["6", "4"]).await, 3);
    assert_eq!(check(AuditFilter { entity: Some("document".to_owned()), ..any() }, &["6", "4"]).await, 3);
    assert_eq!(check(AuditFilter { patient_id: Some(place.patient), ..any() }, &["5", "3"]).await, 3);
    let between = AuditFilter { from: Some(at(2)), until: Some(at(4)), ..any() };
    assert_eq!(check(between.clone(), &["3", "2"]).await, 2);
    assert_eq!(check(AuditFilter { actor: Some(place.user), ..between }, &["3"]).await, 1);
}

async fn an_event_of_a_given_up_transaction_leaves_no_gap(place: Place) {
    let mut tx = place.begin().await;
    tx.append_audit(place.event(1, "perdido")).await.unwrap();
    drop(tx);
    let mut tx = place.begin().await;
    tx.append_audit(place.event(2, "guardado")).await.unwrap();
    tx.commit().await.unwrap();
    let events = place.begin().await.audit_events_after(&AuditFilter::default(), 0, 9).await.unwrap();
    assert_eq!(
        events.iter().map(|e| (e.sequence, e.entity_id.as_str())).collect::<Vec<_>>(),
        [(1, "guardado")]
    );
}
