//! A raw scan of the disk finds no clinical word.

use clinical::ids::BlobId;
use uuid::Uuid;

use crate::drafts::transcript;
use crate::place::{Place, at, named};
use crate::search::{entry, words};

const WORD: &str = "hiperbilirrubinemia";

#[tokio::test]
async fn no_clinical_word_lies_in_clear_on_the_disk() {
    let place = Place::embedded().await;
    place.new_patient(&named("Hiperbilirrubinemia", "Secreta", ""), 1).await;
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    tx.save_transcript(encounter, &transcript(WORD), place.user, at(2)).await.unwrap();
    place.blobs.put(&mut tx, BlobId(Uuid::now_v7()), "text/plain", WORD.into(), at(2)).await.unwrap();
    tx.commit().await.unwrap();
    place.sign(Some(encounter), None, WORD, 3).await;
    let mut tx = place.begin().await;
    tx.index(&entry(&place, "a", at(3), WORD)).await.unwrap();
    assert_eq!(tx.search(&words(WORD)).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert!(place.folder.join("medicus.db-wal").exists(), "the log is scanned too");
    let files = scan(&place.folder);
    assert!(files >= 5, "{files}");
    place.database.close().await;
    scan(&place.folder);
}

/// How many files there are; fails when one holds the word in any case.
fn scan(folder: &std::path::Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += scan(&path);
            continue;
        }
        files += 1;
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
        assert!(!text.contains(WORD) && !text.contains("%pdf"), "{}", path.display());
    }
    files
}
