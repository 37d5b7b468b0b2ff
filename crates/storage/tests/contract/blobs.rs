//! The blob store.

use clinical::ids::BlobId;
use storage::{BlobStore, MAX_BLOB_BYTES, MasterKey, StorageError, sha256};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    content_is_read_back_as_stored,
    altered_swapped_and_missing_files_are_refused,
    a_destroyed_key_makes_the_content_unreadable,
    a_file_of_a_given_up_transaction_goes_and_a_lost_one_is_swept_away,
    an_id_is_never_written_twice,
    what_is_staged_waits_for_its_transaction_or_goes,
    too_much_is_refused,
);

fn id() -> BlobId {
    BlobId(Uuid::now_v7())
}

fn file(place: &Place, id: BlobId) -> std::path::PathBuf {
    let name = id.to_string();
    place.folder.join("blobs").join(&name[name.len() - 2..]).join(name)
}

async fn stored(place: &Place, content: &[u8]) -> BlobId {
    let id = id();
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, id, "text/plain", content.to_vec(), at(1)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn content_is_read_back_as_stored(place: Place) {
    for content in [&b""[..], b"uno", &[7; 3_000_000]] {
        let id = stored(&place, content).await;
        let mut tx = place.begin().await;
        assert!(place.blobs.get(&mut tx, id).await.unwrap() == content);
        let info = tx.blob(id).await.unwrap().unwrap();
        assert_eq!((info.digest, info.media_type.as_str()), (sha256(content), "text/plain"));
        assert_eq!(info.size_bytes, i64::try_from(content.len()).unwrap());
    }
    assert_eq!(place.begin().await.blob(id()).await.unwrap(), None);
}

async fn altered_swapped_and_missing_files_are_refused(place: Place) {
    let (one, two) = (stored(&place, b"contenido uno").await, stored(&place, b"contenido dos").await);
    let whole = std::fs::read(file(&place, one)).unwrap();
    let mut tx = place.begin().await;
    for at in [0, 8, 20, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(file(&place, one), bytes).unwrap();
        let read = place.blobs.get(&mut tx, one).await;
        assert!(matches!(read, Err(StorageError::BlobAltered { .. })), "byte {at}: {read:?}");
    }
    for bytes in [&whole[..10], &[]] {
        std::fs::write(file(&place, one), bytes).unwrap();
        let read = place.blobs.get(&mut tx, one).await;
        assert!(matches!(read, Err(StorageError::BlobAltered { .. })), "{read:?}");
    }
    std::fs::copy(file(&place, two), file(&place, one)).unwrap();
    assert!(matches!(place.blobs.get(&mut tx, one).await, Err(StorageError::BlobAltered { .. })));
    std::fs::remove_file(file(&place, one)).unwrap();
    assert!(matches!(place.blobs.get(&mut tx, one).await, Err(StorageError::BlobMissing { .. })));
    let other = BlobStore::open(&place.folder.join("blobs"), &MasterKey::from_bytes([1; 32])).unwrap();
    assert!(matches!(other.get(&mut tx, two).await, Err(StorageError::BlobAltered { .. })));
    assert!(matches!(place.blobs.get(&mut tx, id()).await, Err(StorageError::BlobMissing { .. })));
}

async fn a_destroyed_key_makes_the_content_unreadable(place: Place) {
    let id = stored(&place, b"grabaci\xc3\xb3n").await;
    let mut tx = place.begin().await;
    place.blobs.destroy_key(&mut tx, id, at(5)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let read = place.blobs.get(&mut tx, id).await;
    assert!(matches!(read, Err(StorageError::BlobDestroyed { .. })), "{read:?}");
    assert_eq!(tx.blob(id).await.unwrap().unwrap().destroyed_at, Some(at(5)));
    assert!(place.blobs.destroy_key(&mut tx, id, at(6)).await.is_err());
    place.blobs.remove_file(id).unwrap();
    place.blobs.remove_file(id).unwrap();
    assert!(!file(&place, id).exists());
}

async fn a_file_of_a_given_up_transaction_goes_and_a_lost_one_is_swept_away(place: Place) {
    let kept = stored(&place, b"queda").await;
    let lost = id();
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, lost, "text/plain", b"perdido".to_vec(), at(1)).await.unwrap();
    assert!(file(&place, lost).exists());
    drop(tx);
    assert!(!file(&place, lost).exists());
    // As after a power cut: the file is there and its row is not.
    std::fs::copy(file(&place, kept), file(&place, lost)).unwrap();
    let now = jiff::Timestamp::now();
    let mut tx = place.begin().await;
    let fresh = place.blobs.find_orphans(&mut tx, now - jiff::SignedDuration::from_hours(24)).await;
    assert_eq!(fresh.unwrap().count(), 0, "a transaction may still be running");
    let later = now + jiff::SignedDuration::from_hours(1);
    let orphans = place.blobs.find_orphans(&mut tx, later).await.unwrap();
    assert!(file(&place, lost).exists(), "found is not removed");
    assert_eq!(orphans.remove().await.unwrap(), 1);
    assert!(!file(&place, lost).exists());
    assert_eq!(place.blobs.get(&mut tx, kept).await.unwrap(), b"queda");
}

async fn an_id_is_never_written_twice(place: Place) {
    let id = stored(&place, b"primero").await;
    let mut tx = place.begin().await;
    let again = place.blobs.put(&mut tx, id, "text/plain", b"segundo".to_vec(), at(2)).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. })), "{again:?}");
    drop(tx);
    assert_eq!(place.blobs.get(&mut place.begin().await, id).await.unwrap(), b"primero");
}

async fn what_is_staged_waits_for_its_transaction_or_goes(place: Place) {
    let (kept, given_up) = (id(), id());
    let staged = place.blobs.stage(kept, "text/plain", b"queda".to_vec()).await.unwrap();
    assert!(!file(&place, kept).exists(), "it is no blob yet");
    let mut tx = place.begin().await;
    assert!(place.blobs.get(&mut tx, kept).await.is_err());
    place.blobs.keep(&mut tx, staged, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(place.blobs.get(&mut place.begin().await, kept).await.unwrap(), b"queda");
    drop(place.blobs.stage(given_up, "text/plain", b"nada".to_vec()).await.unwrap());
    let folder = file(&place, given_up).parent().unwrap().to_owned();
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.extension().is_none()), "{left:?}");

    // A file that a power cut left without a row does not keep the next one from its place.
    std::fs::copy(file(&place, kept), file(&place, given_up)).unwrap();
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, given_up, "text/plain", b"otra vez".to_vec(), at(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(place.blobs.get(&mut place.begin().await, given_up).await.unwrap(), b"otra vez");
}

async fn too_much_is_refused(place: Place) {
    let mut tx = place.begin().await;
    let content = vec![0; usize::try_from(MAX_BLOB_BYTES).unwrap() + 1];
    let refused = place.blobs.put(&mut tx, id(), "text/plain", content, at(1)).await;
    assert!(matches!(refused, Err(StorageError::TooLarge { .. })));
}
