//! The key of an installation is changed: nothing of it is lost, the old key opens nothing any more, and wherever it was
//! interrupted one of the two is the key.

use std::fs;
use std::path::{Path, PathBuf};

use clinical::digest::Digest;
use clinical::ids::BlobId;
use storage::keys::{
    KdfCost, KeyChange, KeyChangeError, KeyChanged, KeyFile, KeyInputs, KeyProtection, Passphrase, Settled,
    settle,
};
use storage::verify::{self, FindingKind};
use storage::{BlobStore, Database, DatabaseUrl, MasterKey, StorageError, sha256};
use uuid::Uuid;

use crate::factors::factor;
use crate::place::{KEY, Place, at};
use crate::recordings;

on_both_engines!(
    what_was_kept_is_read_with_the_new_key_and_nothing_with_the_old,
    an_anchor_of_before_counts_and_one_the_old_key_sealed_later_does_not,
    recovery_codes_go_on_through_two_changes,
    a_program_that_was_open_writes_nothing_with_the_old_key,
    what_was_altered_is_not_sealed_anew,
    a_change_cut_short_before_the_database_changed_leaves_the_old_key,
    a_change_cut_short_after_it_is_finished_at_the_next_start,
    a_phrase_that_opens_neither_file_is_asked_for,
    the_phrase_stays_or_is_another_and_a_link_stays_a_link,
    a_copy_left_where_keys_are_handed_over_goes_at_the_next_start,
    keys_that_are_handed_over_change_by_the_new_one,
);

const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1 };

fn key_file(place: &Place) -> KeyFile {
    KeyFile::at(&place.folder.join("medicus.key")).with_cost(CHEAP)
}

/// The key of the place in a file, as the first start would have made it.
fn with_key_file(place: &Place) -> KeyFile {
    let body = format!(r#"{{"protection":"clear","key":"{}"}}"#, Digest(KEY));
    let checksum = sha256(body.as_bytes());
    let text = format!(r#"{{"format":"medicus-key-1","body":{body},"checksum":"{checksum}"}}"#);
    let file = key_file(place);
    write_private(file.path(), &text);
    file
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn phrase(text: &str) -> KeyInputs {
    KeyInputs { raw_key: None, passphrase: Some(Passphrase::new(text)) }
}

async fn change_with(place: &Place, new: &KeyInputs, seconds: i64) -> Result<KeyChanged, KeyChangeError> {
    let (file, inputs) = (key_file(place), KeyInputs::default());
    let change = KeyChange { url: &place.url, key_file: &file, inputs: &inputs, new };
    change.run(at(seconds), |_, _| {}).await
}

/// Changes the key with nobody else there, and opens everything with the new one.
async fn changed(place: &mut Place, seconds: i64) -> KeyChanged {
    place.database.close().await;
    let changed = change_with(place, &KeyInputs::default(), seconds).await.unwrap();
    reopen(place, &KeyInputs::default()).await;
    changed
}

async fn reopen(place: &mut Place, inputs: &KeyInputs) {
    let (key, _) = key_file(place).open(inputs, true).unwrap();
    place.database = Database::open(&place.url, &key, at(60)).await.unwrap();
    place.blobs = BlobStore::open(&place.folder.join("blobs"), &key).unwrap();
}

async fn old_key_opens(place: &Place) -> bool {
    match Database::open(&place.url, &MasterKey::from_bytes(KEY), at(60)).await {
        Ok(database) => {
            database.close().await;
            true
        }
        Err(StorageError::WrongKey) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// What else lies where the key file is, apart from the files of the record and the database as it always is.
fn left_beside(place: &Place) -> Vec<String> {
    let names = fs::read_dir(&place.folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| {
        !["blobs", "medicus.db", "medicus.db-wal", "medicus.db-shm", "medicus.key"].contains(&name.as_str())
    });
    names.sort();
    names
}

async fn what_was_kept_is_read_with_the_new_key_and_nothing_with_the_old(mut place: Place) {
    with_key_file(&place);
    let document = place.sign(None, None, "uno", 1).await;
    let (blob, own) = (BlobId(Uuid::now_v7()), factor(place.user));
    let mut tx = place.begin().await;
    let bytes = b"%PDF-1.7 radiografia".to_vec();
    place.blobs.put(&mut tx, blob, "application/pdf", bytes.clone(), at(2)).await.unwrap();
    tx.insert_factor(&own).await.unwrap();
    tx.set_voice(place.user, b"su voz", at(2)).await.unwrap();
    tx.commit().await.unwrap();
    let recording = recordings::begun(&place).await;
    recordings::keep(&place, recording, recordings::piece(0)).await.unwrap();
    let file_before = fs::read(place.file(&blob.to_string())).unwrap();

    let old_store = place.blobs.clone();
    let done = changed(&mut place, 50).await;
    assert_eq!(done.brought, 5, "two files, a recording, a factor and a voice");
    assert_eq!(fs::read(place.file(&blob.to_string())).unwrap(), file_before, "files stay as they are");
    assert!(!old_key_opens(&place).await);

    let mut tx = place.begin().await;
    assert_eq!(place.blobs.get(&mut tx, blob).await.unwrap(), bytes);
    assert_eq!(place.blobs.get(&mut tx, document.pdf).await.unwrap(), b"%PDF de uno");
    assert_eq!(tx.factors(place.user).await.unwrap(), std::slice::from_ref(&own));
    assert_eq!(&*tx.voice(place.user).await.unwrap().unwrap().print, b"su voz");
    let altered = old_store.get(&mut tx, blob).await;
    assert!(matches!(altered, Err(StorageError::BlobAltered { .. })), "{altered:?}");
    drop(tx);
    let sound = recordings::heard(&place, recording, 0, 32_000).await.unwrap();
    assert_eq!(sound, recordings::piece(0).content);

    place.sign(None, None, "dos", 61).await;
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert_eq!(report.findings, [], "{report}");
    assert_eq!(report.documents, 2);
    // The former key file stays for the back-ups of before, readable by its owner alone, and nothing else.
    let former = done.former.unwrap();
    assert_eq!(left_beside(&place), [former.file_name().unwrap().to_str().unwrap()]);
    let (kept, _) = KeyFile::at(&former).open(&KeyInputs::default(), true).unwrap();
    assert!(Database::open(&place.url, &kept, at(62)).await.is_err());
}

async fn an_anchor_of_before_counts_and_one_the_old_key_sealed_later_does_not(mut place: Place) {
    with_key_file(&place);
    place.sign(None, None, "uno", 1).await;
    let before = verify::anchor(&place.database, at(2)).await.unwrap();
    let forged = verify::anchor(&place.database, at(51)).await.unwrap();
    changed(&mut place, 50).await;
    let check = async |anchor| {
        let report = verify::verify_from(&place.database, Some(&place.blobs), anchor).await.unwrap();
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>()
    };
    assert_eq!(check(&before).await, []);
    assert_eq!(check(&forged).await, [FindingKind::AnchorForeign], "whoever has the old key could make it");
    let after = verify::anchor(&place.database, at(60)).await.unwrap();
    assert_eq!(check(&after).await, []);
}

async fn recovery_codes_go_on_through_two_changes(mut place: Place) {
    with_key_file(&place);
    let codes = ["ABCDEFGHJK".to_owned(), "KJHGFEDCBA".to_owned()];
    let mut tx = place.begin().await;
    tx.set_recovery_codes(place.user, &codes).await.unwrap();
    tx.commit().await.unwrap();
    changed(&mut place, 50).await;
    changed(&mut place, 55).await;
    let mut tx = place.begin().await;
    assert!(!tx.take_recovery_code(place.user, "AAAAAAAAAA").await.unwrap());
    assert!(tx.take_recovery_code(place.user, "KJHGFEDCBA").await.unwrap());
    assert!(!tx.take_recovery_code(place.user, "KJHGFEDCBA").await.unwrap(), "used up");
    assert_eq!(tx.recovery_codes_left(place.user).await.unwrap(), 1);
    assert_eq!(left_beside(&place).len(), 2, "two former key files");
}

async fn a_program_that_was_open_writes_nothing_with_the_old_key(mut place: Place) {
    with_key_file(&place);
    place.sign(None, None, "uno", 1).await;
    let refused = change_with(&place, &KeyInputs::default(), 50).await;
    if place.is_embedded() {
        // Nobody changes it under the feet of who works, who goes on.
        assert!(matches!(refused, Err(KeyChangeError::InUse)), "{refused:?}");
        assert_eq!(left_beside(&place), [] as [&str; 0]);
        place.sign(None, None, "dos", 51).await;
        return;
    }
    refused.unwrap();
    let mut tx = place.begin().await;
    let pdf = BlobId(Uuid::now_v7());
    place.blobs.put(&mut tx, pdf, "application/pdf", b"%PDF tarde".to_vec(), at(51)).await.unwrap();
    tx.append_audit(place.event(51, "x")).await.unwrap();
    let late = tx.commit().await;
    assert!(matches!(late, Err(StorageError::WrongKey)), "{late:?}");
    // What leaves no event in the bitácora neither: nobody could open it afterwards.
    let mut tx = place.begin().await;
    tx.insert_factor(&factor(place.user)).await.unwrap();
    let late = tx.commit().await;
    assert!(matches!(late, Err(StorageError::WrongKey)), "{late:?}");
    let mut tx = place.begin().await;
    tx.set_voice(place.user, b"su voz", at(51)).await.unwrap();
    let late = tx.commit().await;
    assert!(matches!(late, Err(StorageError::WrongKey)), "{late:?}");
    reopen(&mut place, &KeyInputs::default()).await;
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert_eq!(report.findings, [], "{report}");
    assert!(place.begin().await.blob(pdf).await.unwrap().is_none());
    assert!(place.begin().await.factors(place.user).await.unwrap().is_empty());
}

async fn what_was_altered_is_not_sealed_anew(place: Place) {
    with_key_file(&place);
    place.sign(None, None, "uno", 1).await;
    let mut tx = place.begin().await;
    tx.insert_factor(&factor(place.user)).await.unwrap();
    tx.commit().await.unwrap();
    place.database.close().await;
    place.raw("CREATE TABLE kept_head AS SELECT * FROM chain_head").await.unwrap();
    let stranger = sha256(b"de un extrano");
    for (altered, mended) in [
        (
            format!("UPDATE chain_head SET seal = '{stranger}' WHERE name = 'audit'"),
            "UPDATE chain_head SET seal = (SELECT k.seal FROM kept_head k WHERE k.name = chain_head.name)",
        ),
        (
            format!("UPDATE chain_head SET seal = '{stranger}' WHERE name = 'document'"),
            "UPDATE chain_head SET seal = (SELECT k.seal FROM kept_head k WHERE k.name = chain_head.name)",
        ),
        (
            "UPDATE factor SET secret = '00' || secret".to_owned(),
            "UPDATE factor SET secret = substr(secret, 3)",
        ),
    ] {
        place.raw(&altered).await.unwrap();
        let refused = change_with(&place, &KeyInputs::default(), 50).await;
        let corrupt = matches!(&refused, Err(KeyChangeError::Storage(StorageError::Corrupt { .. })));
        assert!(corrupt, "{altered}: {refused:?}");
        assert_eq!(left_beside(&place), [] as [&str; 0], "{altered}");
        assert!(old_key_opens(&place).await, "{altered}");
        place.raw(mended).await.unwrap();
    }
    place.raw("DROP TABLE kept_head").await.unwrap();
    change_with(&place, &KeyInputs::default(), 50).await.unwrap();
}

async fn a_change_cut_short_before_the_database_changed_leaves_the_old_key(mut place: Place) {
    let file = with_key_file(&place);
    let document = place.sign(None, None, "uno", 1).await;
    place.database.close().await;
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", file.path().display()));
    // The machine stopped while the copy was written.
    let (_, _) = KeyFile::at(&beside(".nueva")).with_cost(CHEAP).open(&KeyInputs::default(), false).unwrap();
    for suffix in ["", "-wal"] {
        fs::write(place.folder.join(format!("medicus.db.nueva{suffix}")), b"a medias").unwrap();
    }
    let settled = settle(&place.url, &file, &KeyInputs::default(), at(60)).await.unwrap();
    assert_eq!(settled, Settled::OldKey);
    let expected: &[&str] =
        if place.is_embedded() { &[] } else { &["medicus.db.nueva", "medicus.db.nueva-wal"] };
    assert_eq!(left_beside(&place), expected, "a server has no copy");
    reopen(&mut place, &KeyInputs::default()).await;
    assert_eq!(place.blobs.get(&mut place.begin().await, document.pdf).await.unwrap(), b"%PDF de uno");
    // Or before the new key was written whole: that is tried again from the beginning.
    place.database.close().await;
    write_private(&beside(".nueva"), "{\"form");
    change_with(&place, &KeyInputs::default(), 70).await.unwrap();
    assert!(!old_key_opens(&place).await);
}

async fn a_change_cut_short_after_it_is_finished_at_the_next_start(mut place: Place) {
    let file = with_key_file(&place);
    let document = place.sign(None, None, "uno", 1).await;
    place.database.close().await;
    let new = phrase("otra frase larga");
    let done = change_with(&place, &new, 50).await.unwrap();
    // As if the machine had stopped before the new key file took its place.
    let pending = PathBuf::from(format!("{}.nueva", file.path().display()));
    fs::rename(file.path(), &pending).unwrap();
    fs::rename(done.former.unwrap(), file.path()).unwrap();
    let finished = settle(&place.url, &file, &new, at(60)).await.unwrap();
    assert!(matches!(finished, Settled::NewKey { former: Some(_) }), "{finished:?}");
    assert_eq!(settle(&place.url, &file, &new, at(60)).await.unwrap(), Settled::Nothing, "it is over");
    assert!(!pending.exists());
    reopen(&mut place, &new).await;
    assert_eq!(place.blobs.get(&mut place.begin().await, document.pdf).await.unwrap(), b"%PDF de uno");
    assert_eq!(left_beside(&place).len(), 1, "the former key file");
}

async fn a_phrase_that_opens_neither_file_is_asked_for(place: Place) {
    let file = with_key_file(&place);
    place.database.close().await;
    let done = change_with(&place, &phrase("otra frase larga"), 50).await.unwrap();
    fs::rename(file.path(), format!("{}.nueva", file.path().display())).unwrap();
    fs::rename(done.former.unwrap(), file.path()).unwrap();
    let asked = settle(&place.url, &file, &KeyInputs::default(), at(60)).await;
    assert!(matches!(asked, Err(KeyChangeError::Unsettled { .. })), "{asked:?}");
    let finished = settle(&place.url, &file, &phrase("otra frase larga"), at(60)).await.unwrap();
    assert!(matches!(finished, Settled::NewKey { .. }), "{finished:?}");
}

async fn keys_that_are_handed_over_change_by_the_new_one(place: Place) {
    let file = key_file(&place);
    place.database.close().await;
    let handed = |byte| KeyInputs { raw_key: Some(MasterKey::from_bytes([byte; 32])), passphrase: None };
    let run = async |inputs: &KeyInputs, new: &KeyInputs| {
        let change = KeyChange { url: &place.url, key_file: &file, inputs, new };
        change.run(at(50), |_, _| {}).await
    };
    let [own, other] = [handed(KEY[0]), handed(7)];
    assert!(matches!(run(&own, &KeyInputs::default()).await, Err(KeyChangeError::NewKeyNeeded)));
    assert!(matches!(run(&own, &own).await, Err(KeyChangeError::SameKey)));
    assert!(run(&own, &other).await.unwrap().former.is_none());
    let opens = async |byte: u8| Database::open(&place.url, &MasterKey::from_bytes([byte; 32]), at(60)).await;
    assert!(matches!(opens(KEY[0]).await, Err(StorageError::WrongKey)));
    opens(7).await.unwrap().close().await;
    // Back to the one of before, and away from it again.
    run(&other, &own).await.unwrap();
    run(&own, &handed(8)).await.unwrap();
    assert!(matches!(opens(7).await, Err(StorageError::WrongKey)));
    opens(8).await.unwrap().close().await;
    assert!(!file.path().exists());
    match &place.url {
        DatabaseUrl::Embedded(_) => assert_eq!(left_beside(&place), [] as [&str; 0]),
        DatabaseUrl::Postgres(_) => {}
    }
}

async fn the_phrase_stays_or_is_another_and_a_link_stays_a_link(mut place: Place) {
    let file = with_key_file(&place);
    place.database.close().await;
    let elsewhere = place.folder.join("blobs/otra-parte.key");
    fs::rename(file.path(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, file.path()).unwrap();
    let (first, second) = (phrase("la primera frase"), phrase("la segunda frase"));
    let run = async |inputs: &KeyInputs, new: &KeyInputs| {
        let change = KeyChange { url: &place.url, key_file: &file, inputs, new };
        change.run(at(50), |_, _| {}).await.unwrap().protection
    };
    // One that was lying about protects nothing it did not protect before.
    assert_eq!(run(&first, &KeyInputs::default()).await, KeyProtection::Clear);
    assert_eq!(run(&KeyInputs::default(), &first).await, KeyProtection::Passphrase);
    assert_eq!(run(&first, &KeyInputs::default()).await, KeyProtection::Passphrase);
    assert_eq!(run(&first, &second).await, KeyProtection::Passphrase);
    assert!(fs::symlink_metadata(file.path()).unwrap().is_symlink());
    assert!(file.open(&first, true).is_err());
    reopen(&mut place, &second).await;
    place.sign(None, None, "uno", 61).await;
}

async fn a_copy_left_where_keys_are_handed_over_goes_at_the_next_start(place: Place) {
    place.database.close().await;
    let copy = place.folder.join("medicus.db.nueva");
    fs::write(&copy, b"a medias").unwrap();
    let handed = KeyInputs { raw_key: Some(MasterKey::from_bytes(KEY)), passphrase: None };
    let settled = settle(&place.url, &key_file(&place), &handed, at(60)).await.unwrap();
    let expected = if place.is_embedded() { Settled::OldKey } else { Settled::Nothing };
    assert_eq!((settled, copy.exists()), (expected, !place.is_embedded()));
    assert!(old_key_opens(&place).await);
}
