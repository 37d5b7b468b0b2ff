//! Opening a database: keys, damaged files, newer versions, servers that are not there.

use storage::{Database, DatabaseUrl, MasterKey, StorageError};

use crate::place::{KEY, Place, at};

on_both_engines!(
    a_database_is_opened_again_with_its_content,
    a_wrong_key_is_a_clear_error_and_changes_nothing,
    a_database_of_a_newer_program_is_refused,
    the_engine_tells_its_version,
);

fn key(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; 32])
}

async fn a_database_is_opened_again_with_its_content(place: Place) {
    let again = Database::open(&place.url, &MasterKey::from_bytes(KEY), at(1)).await.unwrap();
    assert!(again.begin().await.unwrap().patient(place.patient).await.unwrap().is_some());
    place.database.close().await;
    again.close().await;
    let again = Database::open(&place.url, &MasterKey::from_bytes(KEY), at(1)).await.unwrap();
    assert!(again.begin().await.unwrap().patient(place.patient).await.unwrap().is_some());
}

async fn a_wrong_key_is_a_clear_error_and_changes_nothing(place: Place) {
    let refused = Database::open(&place.url, &key(1), at(1)).await.unwrap_err();
    assert!(matches!(refused, StorageError::WrongKey), "{refused:?}");
    assert!(refused.to_string().starts_with("la clave no abre esta base de datos"));
    assert!(place.begin().await.patient(place.patient).await.unwrap().is_some());
}

async fn a_database_of_a_newer_program_is_refused(place: Place) {
    place.raw("INSERT INTO schema_migration (version, name, applied_at) VALUES (999, 'x', 0)").await.unwrap();
    let refused = Database::open(&place.url, &MasterKey::from_bytes(KEY), at(1)).await.unwrap_err();
    assert!(matches!(refused, StorageError::NewerSchema { found: 999, .. }), "{refused:?}");
}

async fn the_engine_tells_its_version(place: Place) {
    let version = place.database.engine_version().await.unwrap();
    assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{version}");
}

#[tokio::test]
async fn a_database_in_clear_text_is_refused() {
    let place = Place::embedded().await;
    let path = place.folder.join("claro.db");
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.resize(8192, 0);
    std::fs::write(&path, &bytes).unwrap();
    let refused = Database::open(&DatabaseUrl::Embedded(path.clone()), &key(1), at(0)).await.unwrap_err();
    assert!(matches!(refused, StorageError::NotEncrypted { .. }), "{refused:?}");
    assert_eq!(std::fs::read(path).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_of_something_else_is_not_overwritten() {
    let place = Place::embedded().await;
    let path = place.folder.join("carta.txt");
    let text = "Estimada paciente. ".repeat(500);
    std::fs::write(&path, &text).unwrap();
    let refused = Database::open(&DatabaseUrl::Embedded(path.clone()), &key(1), at(0)).await.unwrap_err();
    assert!(matches!(refused, StorageError::WrongKey), "{refused:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_an_error_and_not_a_panic() {
    let place = Place::embedded().await;
    let url = DatabaseUrl::Embedded(place.folder.clone());
    let refused = Database::open(&url, &key(1), at(0)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let url = DatabaseUrl::parse("postgres://nadie@127.0.0.1:1/nada").unwrap();
    let refused = Database::open(&url, &key(1), at(0)).await.unwrap_err();
    assert!(refused.is_temporary(), "{refused:?}");
}
