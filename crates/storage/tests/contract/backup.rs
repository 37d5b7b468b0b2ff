//! A back-up is made while people work, proves itself, and stands up again on another machine.

use std::fs;
use std::path::{Path, PathBuf};

use clinical::ids::BlobId;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use storage::backup::{BackupError, BackupFile, BackupSeal, Installation, UNFINISHED, remove_abandoned};
use storage::keys::{KdfCost, KeyFile, KeyInputs, Passphrase};
use storage::{BlobStore, Database, DatabaseUrl, MasterKey, verify};
use uuid::Uuid;

use crate::place::{KEY, Place, at};

on_both_engines!(
    what_was_kept_stands_up_again_elsewhere,
    nothing_is_put_where_something_is,
    a_wrong_passphrase_and_a_harmed_file_are_refused,
    what_a_back_up_leaves_that_was_cut_off_can_be_told_from_one_that_is_being_written,
);

const PHRASE: &str = "cinco palabras al azar bastan";
const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1 };

fn phrase() -> Passphrase {
    Passphrase::new(PHRASE)
}

/// A signed document, a file of the record, and the back-up of both.
async fn backed_up(place: &Place) -> (PathBuf, BlobId) {
    place.sign(None, None, "{\"n\":1}", 1).await;
    let blob = BlobId(Uuid::now_v7());
    let mut tx = place.begin().await;
    let bytes = b"%PDF-1.7 radiografia".to_vec();
    place.blobs.put(&mut tx, blob, "application/pdf", bytes, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    let out = place.folder.join("respaldo.zip.age");
    let key = MasterKey::from_bytes(KEY);
    let files = place.folder.join("blobs");
    let installation = Installation { database: &place.database, url: &place.url, files: &files, key: &key };
    let manifest =
        installation.back_up(BackupSeal::Passphrase(&phrase()), &out, at(9), |_, _| {}).await.unwrap();
    assert!(manifest.files() >= 2, "the PDF of what was signed and the file: {}", manifest.files());
    (out, blob)
}

/// An empty place of the same engine.
async fn elsewhere(place: &Place) -> (PathBuf, DatabaseUrl) {
    let folder = place.folder.join("otra");
    match &place.url {
        DatabaseUrl::Embedded(_) => (folder.clone(), DatabaseUrl::Embedded(folder.join("medicus.db"))),
        DatabaseUrl::Postgres(url) => {
            let mut here = PgConnection::connect(url).await.unwrap();
            let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
            let other = format!("{name}_otra");
            here.execute(AssertSqlSafe(format!("CREATE DATABASE {other}"))).await.unwrap();
            (folder, DatabaseUrl::Postgres(url.replace(name, &other)))
        }
    }
}

async fn restore(back: &mut BackupFile, folder: &Path, url: &DatabaseUrl) -> Result<(), BackupError> {
    let key_file = KeyFile::at(&folder.join("medicus.key")).with_cost(CHEAP);
    back.restore(folder, url, &key_file, &KeyInputs::default()).await
}

async fn forget(url: &DatabaseUrl, place: &Place) {
    if let (DatabaseUrl::Postgres(other), DatabaseUrl::Postgres(own)) = (url, &place.url) {
        let name = other.rsplit('/').next().unwrap().split('?').next().unwrap();
        let mut here = PgConnection::connect(own).await.unwrap();
        here.execute(AssertSqlSafe(format!("DROP DATABASE {name}"))).await.unwrap();
    }
}

async fn what_was_kept_stands_up_again_elsewhere(place: Place) {
    let (out, blob) = backed_up(&place).await;
    // What happened after the back-up is not in it.
    place.sign(None, None, "{\"n\":2}", 10).await;
    let mut back = BackupFile::open(&out, BackupSeal::Passphrase(&phrase()), |_, _| {}).unwrap();
    let rehearsed = back.rehearse(&place.folder.join("ensayo"), at(11)).await.unwrap();
    assert_eq!(rehearsed.is_some(), place.is_embedded());
    assert!(rehearsed.is_none_or(|report| report.findings.is_empty() && report.documents == 1));
    let (folder, url) = elsewhere(&place).await;
    restore(&mut back, &folder, &url).await.unwrap();
    let (key, _) = KeyFile::at(&folder.join("medicus.key")).open(&KeyInputs::default(), true).unwrap();
    let database = Database::open(&url, &key, at(12)).await.unwrap();
    let blobs = BlobStore::open(&folder.join("archivos"), &key).unwrap();
    let report = verify::verify(&database, &blobs).await.unwrap();
    assert_eq!((report.documents, report.findings), (1, Vec::new()));
    let mut tx = database.begin().await.unwrap();
    assert_eq!(blobs.get(&mut tx, blob).await.unwrap(), b"%PDF-1.7 radiografia");
    tx.rollback().await.unwrap();
    database.close().await;
    forget(&url, &place).await;
}

async fn nothing_is_put_where_something_is(place: Place) {
    let (out, _) = backed_up(&place).await;
    let again = Installation {
        database: &place.database,
        url: &place.url,
        files: &place.folder.join("blobs"),
        key: &MasterKey::from_bytes(KEY),
    };
    let refused = again.back_up(BackupSeal::Passphrase(&phrase()), &out, at(9), |_, _| {}).await;
    assert!(matches!(refused, Err(BackupError::FileExists { .. })), "{refused:?}");
    let short = again
        .back_up(BackupSeal::Passphrase(&Passphrase::new("corta")), &place.folder.join("b"), at(9), |_, _| {})
        .await;
    assert!(matches!(short, Err(BackupError::ShortPassphrase { .. })), "{short:?}");
    let mut back = BackupFile::open(&out, BackupSeal::Passphrase(&phrase()), |_, _| {}).unwrap();
    let here = restore(&mut back, &place.folder.join("vacia"), &place.url).await;
    assert!(matches!(here, Err(BackupError::NotEmpty { .. })), "{here:?}");
    let (folder, url) = elsewhere(&place).await;
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("medicus.key"), "otra clave").unwrap();
    let over_a_key = restore(&mut back, &folder, &url).await;
    assert!(matches!(over_a_key, Err(BackupError::Key(_))), "{over_a_key:?}");
    assert_eq!(fs::read_to_string(folder.join("medicus.key")).unwrap(), "otra clave");
    let other = if place.is_embedded() { "postgres://localhost/x" } else { "x.db" };
    let other = DatabaseUrl::parse(other).unwrap();
    let crossed = restore(&mut back, &place.folder.join("cruzada"), &other).await;
    assert!(matches!(crossed, Err(BackupError::OtherEngine { .. })), "{crossed:?}");
    forget(&url, &place).await;
}

async fn a_wrong_passphrase_and_a_harmed_file_are_refused(place: Place) {
    let (out, _) = backed_up(&place).await;
    let open = |path: &Path, phrase: &str| {
        BackupFile::open(path, BackupSeal::Passphrase(&Passphrase::new(phrase)), |_, _| {})
    };
    assert!(matches!(open(&out, "otras palabras al azar"), Err(BackupError::WrongSeal)));
    let whole = fs::read(&out).unwrap();
    let harmed = place.folder.join("roto.zip.age");
    for (at, what) in [(whole.len() / 2, "cut"), (whole.len() - 1, "cut at its end")] {
        fs::write(&harmed, whole.get(..at).unwrap()).unwrap();
        assert!(matches!(open(&harmed, PHRASE), Err(BackupError::Damaged { .. })), "{what}");
    }
    for place in [whole.len() / 3, whole.len() * 2 / 3] {
        let mut bytes = whole.clone();
        *bytes.get_mut(place).unwrap() ^= 1;
        fs::write(&harmed, &bytes).unwrap();
        assert!(matches!(open(&harmed, PHRASE), Err(BackupError::Damaged { .. })), "byte {place}");
    }
    fs::write(&harmed, b"nada de esto").unwrap();
    assert!(matches!(open(&harmed, PHRASE), Err(BackupError::NotABackup { .. })));
    // Nothing of a record can be read in it.
    let text = String::from_utf8_lossy(&whole).into_owned();
    assert!(!text.contains("radiografia") && !text.contains("Ficticia") && !text.contains("manifiesto"));
}

async fn what_a_back_up_leaves_that_was_cut_off_can_be_told_from_one_that_is_being_written(place: Place) {
    let unfinished = place.folder.join(format!("respaldo.zip.{UNFINISHED}"));
    let out = place.folder.join("respaldo.zip.age");
    let files = place.folder.join("blobs");
    place.sign(None, None, "{\"n\":1}", 1).await;
    let key = MasterKey::from_bytes(KEY);
    let installation = Installation { database: &place.database, url: &place.url, files: &files, key: &key };
    let mut written = None;
    let seal = BackupSeal::Passphrase(&phrase());
    installation
        .back_up(seal, &out, at(9), |_, _| written = remove_abandoned(&unfinished).ok())
        .await
        .unwrap();
    assert_eq!(written, Some(false), "it was being written");
    BackupFile::open(&out, BackupSeal::Passphrase(&phrase()), |_, _| {}).unwrap();
    fs::write(&unfinished, "age-encryption.org/v1").unwrap();
    assert!(remove_abandoned(&unfinished).unwrap());
    assert!(!unfinished.exists());
}
