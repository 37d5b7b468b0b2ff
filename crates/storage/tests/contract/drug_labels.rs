//! Labels of medicines: kept by ingredient and section, replaced as a whole, with the file each import came from.

use storage::{LabelFile, LabelsLoaded, StorageError, StoredLabel, Tx, sha256};

use crate::place::{Place, at};

on_both_engines!(
    labels_are_kept_by_ingredient_and_section_and_replaced_as_a_whole,
    an_ingredient_has_its_own_label_or_that_of_the_smallest_combination,
    a_file_is_imported_once_and_an_import_that_broke_off_leaves_nothing,
);

fn file(name: &str, second: i64) -> LabelFile {
    LabelFile {
        digest: sha256(name.as_bytes()),
        reader: 1,
        name: name.to_owned(),
        published: "2026-06-12".to_owned(),
        records: 2,
        broken: 1,
        imported_at: at(second),
    }
}

fn label(ingredients: &[&str], sections: &[(&str, &str)]) -> StoredLabel {
    StoredLabel {
        ingredients: ingredients.iter().map(|&inn| inn.to_owned()).collect(),
        set_id: "a-b".to_owned(),
        version: 3,
        effective: 20_260_101,
        original_packager: true,
        interactions: 40,
        published: "2026-06-12".to_owned(),
        sections: sections.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect(),
    }
}

async fn save(tx: &mut Tx, file: &LabelFile, labels: &[StoredLabel]) {
    tx.insert_label_file(file).await.unwrap();
    for label in labels {
        tx.save_label(label).await.unwrap();
    }
}

/// Every label with its sections.
async fn all(tx: &mut Tx) -> Vec<StoredLabel> {
    let mut labels = tx.labels().await.unwrap();
    for label in &mut labels {
        label.sections = tx.label_sections(&label.ingredients).await.unwrap();
    }
    labels
}

async fn labels_are_kept_by_ingredient_and_section_and_replaced_as_a_whole(place: Place) {
    let mut tx = place.begin().await;
    assert_eq!(tx.labels_loaded().await.unwrap(), LabelsLoaded::default());
    let old = label(&["warfarin"], &[("boxed_warning", "Bleeding «ñ»"), ("interactions", "NSAIDs")]);
    let digoxin = label(&["digoxin"], &[("interactions", "Amiodarone")]);
    save(&mut tx, &file("uno", 1), &[digoxin.clone(), old.clone()]).await;
    assert_eq!(all(&mut tx).await, [digoxin.clone(), old]);
    let new = StoredLabel { version: 4, ..label(&["warfarin"], &[("interactions", "Rifampin")]) };
    save(&mut tx, &file("dos", 2), std::slice::from_ref(&new)).await;
    assert_eq!(tx.label_of("warfarin").await.unwrap(), Some(new.clone()));
    assert_eq!(all(&mut tx).await, [digoxin, new]);
    let loaded = tx.labels_loaded().await.unwrap();
    assert_eq!((loaded.labels, loaded.files, loaded.imported_at), (2, 2, Some(at(2))));
    assert_eq!(tx.label_files().await.unwrap(), [file("dos", 2), file("uno", 1)]);
}

async fn an_ingredient_has_its_own_label_or_that_of_the_smallest_combination(place: Place) {
    let mut tx = place.begin().await;
    let triple = label(&["amlodipine", "hydrochlorothiazide", "valsartan"], &[("interactions", "3")]);
    let double = label(&["amlodipine", "valsartan"], &[("interactions", "2")]);
    let alone = label(&["valsartan"], &[("interactions", "1")]);
    let all = [triple.clone(), double.clone(), alone.clone()];
    save(&mut tx, &file("uno", 1), &all).await;
    assert_eq!(tx.label_of("valsartan").await.unwrap(), Some(alone));
    assert_eq!(tx.label_of("amlodipine").await.unwrap(), Some(double));
    assert_eq!(tx.label_of("hydrochlorothiazide").await.unwrap(), Some(triple));
    assert_eq!(tx.label_of("naproxen").await.unwrap(), None);
}

async fn a_file_is_imported_once_and_an_import_that_broke_off_leaves_nothing(place: Place) {
    let mut tx = place.begin().await;
    save(&mut tx, &file("uno", 1), &[label(&["warfarin"], &[])]).await;
    drop(tx);
    let mut tx = place.begin().await;
    assert_eq!(tx.labels_loaded().await.unwrap(), LabelsLoaded::default());
    save(&mut tx, &file("uno", 1), &[]).await;
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let again = tx.insert_label_file(&file("uno", 9)).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. })), "{again:?}");
}
