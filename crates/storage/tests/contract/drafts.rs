//! Transcripts and drafts while a consultation is written.

use clinical::document::DocumentKind;
use clinical::encounter::EncounterState;
use clinical::transcript::{Speaker, Transcript, Turn};
use storage::StorageError;

use crate::place::{Place, at};

on_both_engines!(
    two_people_editing_one_draft_are_told_and_lose_nothing,
    a_draft_is_closed_with_its_consultation_but_an_addendum_can_be_drafted,
    a_transcript_can_be_replaced_until_something_is_signed,
    a_draft_given_up_is_gone,
);

const NOTE: DocumentKind = DocumentKind::PROGRESS_NOTE;

pub(crate) fn transcript(text: &str) -> Transcript {
    Transcript { turns: vec![Turn { speaker: Speaker::Patient, text: text.to_owned() }] }
}

async fn two_people_editing_one_draft_are_told_and_lose_nothing(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    assert_eq!(tx.save_draft(encounter, NOTE, 0, "uno", place.user, at(2)).await.unwrap(), 1);
    let second_start = tx.save_draft(encounter, NOTE, 0, "otro", place.user, at(3)).await;
    assert!(matches!(second_start, Err(StorageError::Conflict { current: Some(1) })), "{second_start:?}");
    assert_eq!(tx.save_draft(encounter, NOTE, 1, "dos", place.user, at(4)).await.unwrap(), 2);
    let late = tx.save_draft(encounter, NOTE, 1, "tarde", place.user, at(5)).await;
    assert!(matches!(late, Err(StorageError::Conflict { current: Some(2) })), "{late:?}");
    let stored = tx.draft(encounter, NOTE).await.unwrap().unwrap();
    assert_eq!((stored.content.as_str(), stored.version, stored.updated_at), ("dos", 2, at(4)));
    let never_saved =
        tx.save_draft(encounter, DocumentKind::CLINICAL_HISTORY, 3, "x", place.user, at(6)).await;
    assert!(matches!(never_saved, Err(StorageError::Conflict { current: None })), "{never_saved:?}");
    // A conflict is an answer, not a failure: what was saved before it can still be kept.
    tx.commit().await.unwrap();
    assert_eq!(place.begin().await.drafts(encounter).await.unwrap(), [stored]);
}

async fn a_draft_is_closed_with_its_consultation_but_an_addendum_can_be_drafted(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    let (progress, finished) = (EncounterState::InProgress, EncounterState::Finished);
    tx.set_encounter_state(encounter, progress, finished).await.unwrap();
    let note = tx.save_draft(encounter, NOTE, 0, "{}", place.user, at(2)).await;
    assert!(matches!(note, Err(StorageError::EncounterClosed)));
    let words = tx.save_transcript(encounter, &transcript("hola"), place.user, at(2)).await;
    assert!(matches!(words, Err(StorageError::EncounterClosed)));
    tx.save_draft(encounter, DocumentKind::ADDENDUM, 0, "{}", place.user, at(2)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_transcript_can_be_replaced_until_something_is_signed(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    let first = tx.save_transcript(encounter, &transcript("me duele"), place.user, at(2)).await.unwrap();
    let second = tx.save_transcript(encounter, &transcript("ya no"), place.user, at(3)).await.unwrap();
    assert_ne!(first, second);
    let stored = tx.transcript(encounter).await.unwrap().unwrap();
    assert_eq!((stored.transcript, stored.digest), (transcript("ya no"), second));
    tx.commit().await.unwrap();
    place.sign(Some(encounter), None, "{}", 4).await;
    let mut tx = place.begin().await;
    let refused = tx.save_transcript(encounter, &transcript("otra"), place.user, at(5)).await;
    assert!(matches!(refused, Err(StorageError::Immutable)), "{refused:?}");
}

async fn a_draft_given_up_is_gone(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    tx.save_draft(encounter, NOTE, 0, "{}", place.user, at(2)).await.unwrap();
    assert!(tx.delete_draft(encounter, NOTE).await.unwrap());
    assert!(!tx.delete_draft(encounter, NOTE).await.unwrap());
    assert_eq!(tx.draft(encounter, NOTE).await.unwrap(), None);
}
