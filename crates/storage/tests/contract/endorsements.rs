//! The way of a trainee's document to its supervisor: the newest step counts, and no step is ever changed.

use clinical::document::DocumentKind;
use clinical::ids::{EncounterId, EndorsementId};
use storage::{Endorsement, EndorsementStep};
use uuid::Uuid;

use crate::place::{Place, at};

const NOTE: DocumentKind = DocumentKind::PROGRESS_NOTE;

on_both_engines!(
    a_document_waits_while_its_draft_is_the_one_that_was_sent,
    what_was_returned_does_not_wait,
    a_step_cannot_be_changed_or_taken_away,
);

fn sent() -> EndorsementStep {
    EndorsementStep::Sent { draft: "{}".to_owned() }
}

async fn step(place: &Place, encounter_id: EncounterId, version: i64, step: EndorsementStep) -> Endorsement {
    let new = Endorsement {
        id: EndorsementId(Uuid::now_v7()),
        encounter_id,
        kind: NOTE,
        step,
        version,
        supervisor: place.practitioner,
        by: place.user,
        at: at(3),
    };
    let mut tx = place.begin().await;
    tx.insert_endorsement(&new).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn save(place: &Place, encounter: EncounterId, before: i64) {
    let mut tx = place.begin().await;
    tx.save_draft(encounter, NOTE, before, "{}", place.user, at(2)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn waiting(place: &Place) -> usize {
    let mut tx = place.begin().await;
    tx.endorsing(place.practitioner).await.unwrap().len()
}

async fn a_document_waits_while_its_draft_is_the_one_that_was_sent(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    save(&place, encounter, 0).await;
    let first = step(&place, encounter, 1, sent()).await;
    assert_eq!(waiting(&place).await, 1);
    save(&place, encounter, 1).await;
    assert_eq!(waiting(&place).await, 0, "changed since");
    let second = step(&place, encounter, 2, EndorsementStep::Revised).await;
    assert_eq!(waiting(&place).await, 1);
    let mut tx = place.begin().await;
    assert_eq!(tx.endorsements(encounter, NOTE).await.unwrap(), [first, second]);
    assert_eq!(tx.endorsements(encounter, DocumentKind::CLINICAL_HISTORY).await.unwrap(), []);
}

async fn what_was_returned_does_not_wait(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    save(&place, encounter, 0).await;
    step(&place, encounter, 1, sent()).await;
    step(&place, encounter, 1, EndorsementStep::Returned { comment: "Falta".to_owned() }).await;
    assert_eq!(waiting(&place).await, 0);
    step(&place, encounter, 1, sent()).await;
    assert_eq!(waiting(&place).await, 1);
}

async fn a_step_cannot_be_changed_or_taken_away(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    save(&place, encounter, 0).await;
    step(&place, encounter, 1, sent()).await;
    for sql in ["UPDATE endorsement SET version = 9", "DELETE FROM endorsement"] {
        assert!(place.raw(sql).await.is_err(), "{sql}");
    }
}
