//! Killed, locked out, cut off: what was acknowledged stays, and nothing half-written is seen.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use storage::{BlobStore, Database, DatabaseUrl, MasterKey, StorageError, verify};

use crate::place::{KEY, Place, at};

on_both_engines!(
    a_killed_program_keeps_what_it_acknowledged,
    a_database_held_by_someone_else_is_unavailable_and_works_again,
);

const TOLD: &str = "confirmado ";

/// Not a test of its own: the program that [`a_killed_program_keeps_what_it_acknowledged`] starts and kills.
#[tokio::test]
async fn the_program_that_is_killed() {
    if std::env::var("MEDICUS_TEST_URL").is_err() {
        return;
    }
    let variable = |name: &str| std::env::var(name).unwrap();
    let key = MasterKey::from_bytes(KEY);
    let url = DatabaseUrl::parse(&variable("MEDICUS_TEST_URL")).unwrap();
    let database = Database::open(&url, &key, at(0)).await.unwrap();
    let blobs = BlobStore::open(variable("MEDICUS_TEST_BLOBS").as_ref(), &key).unwrap();
    let (user, patient) = (variable("MEDICUS_TEST_USER"), variable("MEDICUS_TEST_PATIENT"));
    for n in 1.. {
        let mut tx = database.begin().await.unwrap();
        let id = clinical::ids::BlobId(uuid::Uuid::now_v7());
        let pdf = blobs.put(&mut tx, id, "application/pdf", b"%PDF".to_vec(), at(n)).await.unwrap();
        tx.insert_document(storage::NewSignedDocument {
            id: clinical::ids::DocumentId(uuid::Uuid::now_v7()),
            kind: clinical::document::DocumentKind::PROGRESS_NOTE,
            patient_id: patient.parse().unwrap(),
            encounter_id: None,
            amends: None,
            signed_by: user.parse().unwrap(),
            signed_at: at(n),
            act_at: at(n),
            content: format!("{{\"n\":{n}}}"),
            pdf: id,
            pdf_digest: pdf.digest,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        println!("{TOLD}{n}");
    }
}

async fn a_killed_program_keeps_what_it_acknowledged(place: Place) {
    let url = match &place.url {
        DatabaseUrl::Embedded(path) => path.display().to_string(),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "interruption::the_program_that_is_killed", "--nocapture"])
        .env("MEDICUS_TEST_URL", url)
        .env("MEDICUS_TEST_BLOBS", place.folder.join("blobs"))
        .env("MEDICUS_TEST_USER", place.user.to_string())
        .env("MEDICUS_TEST_PATIENT", place.patient.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        // The harness prints the name of the test on the first line.
        if let Some((_, number)) = line.unwrap().split_once(TOLD) {
            told = number.parse::<i64>().unwrap();
        }
        if told == 15 {
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    assert_eq!(told, 15);
    let again = Database::open(&place.url, &MasterKey::from_bytes(KEY), at(99)).await.unwrap();
    let report = verify::verify(&again, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    assert!(report.documents >= told, "{} of {told}", report.documents);
}

async fn a_database_held_by_someone_else_is_unavailable_and_works_again(place: Place) {
    let held = place.hold_from_outside().await;
    let begun = Instant::now();
    let write = async || {
        let mut tx = place.database.begin().await?;
        tx.append_audit(place.event(1, "x")).await?;
        tx.commit().await
    };
    let refused = write().await.unwrap_err();
    assert!(matches!(refused, StorageError::Unavailable(_)), "{refused:?}");
    assert!(refused.is_temporary());
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_secs(4) && waited < Duration::from_secs(12), "{waited:?}");
    // Reading goes on meanwhile.
    let mut reader = place.database.begin_read().await.unwrap();
    assert!(reader.patient(place.patient).await.unwrap().is_some());
    drop(reader);
    held.let_go();
    let mut outcome = write().await;
    if outcome.is_err() {
        outcome = write().await;
    }
    outcome.unwrap();
}
