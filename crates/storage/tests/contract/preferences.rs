//! Preferences of a professional: counted, turned off, removed, and nobody else's.

use clinical::draft::SectionId;
use clinical::ids::{PractitionerId, PreferenceId};
use clinical::preference::{Habit, Manner, NOTES_TO_FOLLOW, Preference};
use storage::{StorageError, sha256};
use uuid::Uuid;

use crate::place::{Place, at, practitioner};

on_both_engines!(
    a_preference_is_counted_up_and_followed_from_the_third_note,
    a_preference_turned_off_stays_off_until_it_is_told_by_hand,
    every_kind_of_preference_is_read_back_and_removed,
    nobody_reads_or_changes_the_preferences_of_another,
    sentences_are_counted_as_digests_and_forgotten_with_time,
);

fn wording(of: PractitionerId) -> Preference {
    Preference {
        id: PreferenceId(Uuid::now_v7()),
        practitioner_id: of,
        habit: Habit::Wording { before: "cefalea".to_owned(), after: "dolor de cabeza".to_owned() },
        by_hand: false,
        enabled: true,
        notes: 1,
        since: at(1),
        last_seen: at(1),
    }
}

async fn a_preference_is_counted_up_and_followed_from_the_third_note(place: Place) {
    let mut tx = place.begin().await;
    let first = wording(place.practitioner);
    for note in 1..=NOTES_TO_FOLLOW {
        tx.add_preference(&Preference { last_seen: at(note), ..wording(place.practitioner) }).await.unwrap();
        let kept = tx.preferences(place.practitioner).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].notes, kept[0].since, kept[0].last_seen), (note, at(1), at(note)));
        assert_eq!(kept[0].is_followed(), note == NOTES_TO_FOLLOW);
        assert_eq!(kept[0].habit, first.habit);
    }
    let id = tx.preferences(place.practitioner).await.unwrap()[0].id;
    tx.doubt_preference(place.practitioner, id).await.unwrap();
    assert!(!tx.preferences(place.practitioner).await.unwrap()[0].is_followed());
    for _ in 0..5 {
        tx.doubt_preference(place.practitioner, id).await.unwrap();
    }
    assert_eq!(tx.preferences(place.practitioner).await.unwrap()[0].notes, 0);
}

async fn a_preference_turned_off_stays_off_until_it_is_told_by_hand(place: Place) {
    let mut tx = place.begin().await;
    let own = Preference { notes: NOTES_TO_FOLLOW, ..wording(place.practitioner) };
    tx.add_preference(&own).await.unwrap();
    tx.enable_preference(place.practitioner, own.id, false).await.unwrap();
    tx.add_preference(&wording(place.practitioner)).await.unwrap();
    let kept = tx.preferences(place.practitioner).await.unwrap();
    assert_eq!((kept[0].notes, kept[0].is_followed()), (NOTES_TO_FOLLOW + 1, false));
    let told = Preference { by_hand: true, notes: 0, ..wording(place.practitioner) };
    tx.add_preference(&told).await.unwrap();
    let kept = tx.preferences(place.practitioner).await.unwrap();
    assert_eq!((kept[0].notes, kept[0].by_hand, kept[0].is_followed()), (NOTES_TO_FOLLOW + 1, true, true));
}

async fn every_kind_of_preference_is_read_back_and_removed(place: Place) {
    let mut tx = place.begin().await;
    let section = SectionId::EVOLUTION;
    let habits = [
        wording(place.practitioner).habit,
        Habit::Phrase { section: section.clone(), text: "Se explica el plan y acepta.".to_owned() },
        Habit::Order { section, first: "antecedentes".to_owned(), then: "sintomas".to_owned() },
        Habit::Manner(Manner::ByProblem),
    ];
    for habit in &habits {
        let own = Preference { habit: habit.clone(), ..wording(place.practitioner) };
        let own = Preference { id: PreferenceId(Uuid::now_v7()), ..own };
        tx.add_preference(&own).await.unwrap();
    }
    let kept = tx.preferences(place.practitioner).await.unwrap();
    assert_eq!(kept.len(), habits.len());
    for preference in kept {
        assert!(habits.contains(&preference.habit), "{preference:?}");
        tx.remove_preference(place.practitioner, preference.id).await.unwrap();
        let again = tx.remove_preference(place.practitioner, preference.id).await;
        assert!(matches!(again, Err(StorageError::Missing { .. })), "{again:?}");
    }
    assert!(tx.preferences(place.practitioner).await.unwrap().is_empty());
}

async fn nobody_reads_or_changes_the_preferences_of_another(place: Place) {
    let other = PractitionerId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_practitioner(&practitioner(other)).await.unwrap();
    let own = wording(place.practitioner);
    tx.add_preference(&own).await.unwrap();
    assert!(tx.preferences(other).await.unwrap().is_empty());
    assert!(matches!(tx.remove_preference(other, own.id).await, Err(StorageError::Missing { .. })));
    assert!(matches!(tx.enable_preference(other, own.id, false).await, Err(StorageError::Missing { .. })));
    tx.doubt_preference(other, own.id).await.unwrap();
    assert_eq!(tx.preferences(place.practitioner).await.unwrap(), [own]);
    // The same words are another's preference too.
    tx.add_preference(&wording(other)).await.unwrap();
    assert_eq!(tx.preferences(other).await.unwrap()[0].notes, 1);
}

async fn sentences_are_counted_as_digests_and_forgotten_with_time(place: Place) {
    let mut tx = place.begin().await;
    let (one, two) = (sha256(b"uno"), sha256(b"dos"));
    assert_eq!(tx.see_phrase(place.practitioner, one, at(1)).await.unwrap(), 1);
    assert_eq!(tx.see_phrase(place.practitioner, one, at(5)).await.unwrap(), 2);
    assert_eq!(tx.see_phrase(place.practitioner, two, at(2)).await.unwrap(), 1);
    tx.purge_phrases(at(3)).await.unwrap();
    assert_eq!(tx.see_phrase(place.practitioner, two, at(6)).await.unwrap(), 1);
    assert_eq!(tx.see_phrase(place.practitioner, one, at(6)).await.unwrap(), 3);
    tx.forget_phrase(place.practitioner, one).await.unwrap();
    assert_eq!(tx.see_phrase(place.practitioner, one, at(7)).await.unwrap(), 1);
}
