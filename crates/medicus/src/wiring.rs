//! Joins storage, renderer and services as the configuration says.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use care::{Care, Clock};
use jiff::Timestamp;
use storage::keys::{KeyFile, KeyInputs, KeyProtection, Settled, settle};
use storage::{BlobStore, Database, DatabaseUrl, MasterKey};

use crate::config::Storage;

/// Opens database, files and renderer; brings the schema up to date.
pub(crate) async fn open(storage: &Storage, clock: Arc<dyn Clock>) -> anyhow::Result<Care> {
    let (database, blobs, _) = open_storage(storage).await?;
    let renderer = documents::Renderer::new().context("No se pudo preparar el generador de documentos")?;
    Ok(Care::new(database, blobs, Arc::new(renderer), clock))
}

/// Opens database and files only, for chores that print nothing.
pub(crate) async fn open_storage(storage: &Storage) -> anyhow::Result<(Database, BlobStore, KeyProtection)> {
    private_directory(&storage.directory)?;
    let url = url(storage)?;
    let file = KeyFile::at(&key_file(storage));
    match settle(&url, &file, &key_inputs()?, Timestamp::now()).await? {
        Settled::Nothing => {}
        Settled::OldKey => {
            tracing::warn!("an interrupted change of the key was given up: the old one is the key");
        }
        Settled::NewKey { former } => {
            tracing::warn!(
                "an interrupted change of the key was finished; the former one lies in {former:?}"
            );
        }
    }
    let (key, protection) = master_key(storage, &url)?;
    let database = Database::open(&url, &key, Timestamp::now())
        .await
        .with_context(|| format!("No se pudo abrir la base de datos {url}"))?;
    let blobs = BlobStore::open(&files(storage), &key)?;
    Ok((database, blobs, protection))
}

/// Where the embedded database lies.
pub(crate) fn embedded_file(storage: &Storage) -> PathBuf {
    storage.directory.join("medicus.db")
}

pub(crate) fn url(storage: &Storage) -> anyhow::Result<DatabaseUrl> {
    match &storage.database {
        Some(url) => Ok(DatabaseUrl::parse(url)?),
        None => Ok(DatabaseUrl::Embedded(embedded_file(storage))),
    }
}

/// Folder of the files of the records.
pub(crate) fn files(storage: &Storage) -> PathBuf {
    storage.directory.join("archivos")
}

/// The key of an installation that exists.
pub(crate) fn key(storage: &Storage) -> anyhow::Result<MasterKey> {
    Ok(KeyFile::at(&key_file(storage)).open(&key_inputs()?, true)?.0)
}

/// What opens the key file, or the key itself, as the owner hands it over.
pub(crate) fn key_inputs() -> anyhow::Result<KeyInputs> {
    Ok(KeyInputs::from_environment(|name| std::env::var(name).ok())?)
}

pub(crate) fn key_file(storage: &Storage) -> PathBuf {
    storage.directory.join("medicus.key")
}

fn master_key(storage: &Storage, url: &DatabaseUrl) -> anyhow::Result<(MasterKey, KeyProtection)> {
    // A server "exists" before its first start too; its files tell whether a key was already used with it.
    let used = match url.file() {
        Some(_) => url.exists(),
        None => files(storage).is_dir(),
    };
    Ok(KeyFile::at(&key_file(storage)).open(&key_inputs()?, used)?)
}

/// Creates the data directory so that only its owner can look into it.
pub(crate) fn private_directory(directory: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("No se pudo crear la carpeta {}", directory.display()))?;
    let mode = fs::metadata(directory)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!("data directory {} is readable by others (mode {mode:o})", directory.display());
    }
    Ok(())
}
