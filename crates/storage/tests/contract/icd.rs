//! Releases of ICD-11: side by side, replaced as a whole or not at all; and each professional's codes.

use clinical::ids::UserId;
use storage::{IcdPart, IcdRelease, StorageError, sha256};

use crate::place::{Place, at};

on_both_engines!(
    releases_stand_side_by_side_and_one_is_in_use,
    a_release_imported_again_takes_the_place_of_the_earlier_whole_or_not_at_all,
    codes_are_counted_and_kept_at_hand_for_one_professional,
);

fn release(name: &str, text: &str, by: Option<UserId>) -> (IcdRelease, Vec<IcdPart>) {
    let parts =
        ["01", "02"].map(|part| IcdPart { name: part.to_owned(), content: format!("{part} {text}\n") });
    let release = IcdRelease {
        name: name.to_owned(),
        stamp: format!("{name} estampa"),
        attribution: "OMS".to_owned(),
        codes: 2,
        maps: vec!["11-10".to_owned(), "10-11".to_owned()],
        digest: sha256(text.as_bytes()),
        imported_at: at(5),
        imported_by: by,
    };
    (release, parts.to_vec())
}

async fn releases_stand_side_by_side_and_one_is_in_use(place: Place) {
    let mut tx = place.begin().await;
    let (old, old_parts) = release("2024-01", "diarrea «ñ»", Some(place.user));
    let (new, new_parts) = release("2025-01", "otra", None);
    tx.save_icd_release(&old, &old_parts).await.unwrap();
    tx.save_icd_release(&new, &new_parts).await.unwrap();
    assert_eq!(tx.icd_releases().await.unwrap(), [new.clone(), old.clone()]);
    assert_eq!(tx.icd_parts("2024-01").await.unwrap(), old_parts);
    assert_eq!(tx.icd_in_use().await.unwrap(), None);
    tx.use_icd_release(Some("2024-01")).await.unwrap();
    assert_eq!(tx.icd_in_use().await.unwrap(), Some(("2024-01".to_owned(), old.digest)));
    let unknown = tx.use_icd_release(Some("2031-01")).await;
    assert!(matches!(unknown, Err(StorageError::Missing { .. })));
    tx.use_icd_release(None).await.unwrap();
    assert_eq!(tx.icd_in_use().await.unwrap(), None);
}

async fn a_release_imported_again_takes_the_place_of_the_earlier_whole_or_not_at_all(place: Place) {
    let (first, parts) = release("2024-01", "primera", None);
    let mut tx = place.begin().await;
    tx.save_icd_release(&first, &parts).await.unwrap();
    tx.commit().await.unwrap();

    let (second, mut fewer) = release("2024-01", "segunda", None);
    fewer.truncate(1);
    let mut tx = place.begin().await;
    tx.save_icd_release(&second, &fewer).await.unwrap();
    drop(tx);
    let mut tx = place.begin().await;
    assert_eq!(
        tx.icd_parts("2024-01").await.unwrap(),
        parts,
        "an import that broke off left something behind"
    );
    tx.save_icd_release(&second, &fewer).await.unwrap();
    assert_eq!(tx.icd_parts("2024-01").await.unwrap(), fewer);
    assert_eq!(tx.icd_releases().await.unwrap(), [second]);
}

async fn codes_are_counted_and_kept_at_hand_for_one_professional(place: Place) {
    let mut tx = place.begin().await;
    tx.count_code(place.practitioner, "5A11", at(1)).await.unwrap();
    tx.count_code(place.practitioner, "BA00.Z", at(2)).await.unwrap();
    tx.count_code(place.practitioner, "5A11", at(3)).await.unwrap();
    tx.keep_code(place.practitioner, "CA40.Z", true, at(4)).await.unwrap();
    tx.keep_code(place.practitioner, "5A11", true, at(9)).await.unwrap();
    let kept = tx.code_habits(place.practitioner).await.unwrap();
    let seen: Vec<_> =
        kept.iter().map(|one| (one.icd11.as_str(), one.favourite, one.uses, one.last_used)).collect();
    assert_eq!(seen, [("CA40.Z", true, 0, at(4)), ("5A11", true, 2, at(3)), ("BA00.Z", false, 1, at(2))]);
    tx.keep_code(place.practitioner, "5A11", false, at(9)).await.unwrap();
    assert!(!tx.code_habits(place.practitioner).await.unwrap()[1].favourite);
}
