//! Opens a back-up, proves that it is whole, and puts it back. Whoever made it knew the passphrase, but the file may have
//! been cut or be another's: names and digests are checked before anything lands in its place.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use age::stream::StreamReader;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{
    BackupEngine, BackupEntry, BackupError, BackupManifest, BackupSeal, FILES, FORMAT, KEY, MANIFEST,
};
use crate::blobs::BlobStore;
use crate::database::Database;
use crate::engine::postgres_tools;
use crate::keys::{KeyFile, KeyInputs, MasterKey};
use crate::location::DatabaseUrl;
use crate::once::sync_folder;
use crate::verify::{self, VerifyReport};

/// Most bytes of a manifest: a million files take less.
const MOST_MANIFEST: u64 = 256 * 1024 * 1024;

/// Where things lie while they are not yet in their place.
const STAGE: &str = "restaurando";

/// A back-up that was opened and whose every byte was compared with the manifest.
pub struct BackupFile {
    zip: ZipArchive<StreamReader<BufReader<File>>>,
    manifest: BackupManifest,
    key: MasterKey,
}

impl std::fmt::Debug for BackupFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BackupFile({})", self.manifest.created_at)
    }
}

impl BackupFile {
    /// Opens a back-up and compares everything in it with its manifest; `done` hears how many files were read, of how many.
    ///
    /// # Errors
    /// [`BackupError::NotABackup`], [`BackupError::WrongSeal`], [`BackupError::Damaged`], [`BackupError::Newer`],
    /// [`BackupError::Io`].
    pub fn open(
        path: &Path,
        seal: BackupSeal<'_>,
        mut done: impl FnMut(usize, usize),
    ) -> Result<Self, BackupError> {
        let mut zip = unseal(path, seal)?;
        let manifest = manifest(&mut zip, path)?;
        if zip.len() != manifest.entries.len() + 1 {
            return Err(BackupError::damaged("sobran o faltan archivos"));
        }
        let mut key = None;
        for (index, entry) in manifest.entries.iter().enumerate() {
            if entry.name == KEY {
                let text = read_text(&mut zip, KEY, 128)?;
                key = MasterKey::from_hex(&text);
            }
            compare(&mut zip, entry, &mut io::sink())?;
            done(index + 1, manifest.entries.len());
        }
        let names = |name: &str| manifest.entries.iter().any(|entry| entry.name == name);
        let key = key.ok_or_else(|| BackupError::damaged("falta la clave"))?;
        if !names(manifest.engine.entry()) {
            return Err(BackupError::damaged("falta la base de datos"));
        }
        Ok(Self { zip, manifest, key })
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &BackupManifest {
        &self.manifest
    }

    /// A rehearsal: puts an embedded database back into an empty folder, opens it and runs every chain and every file.
    /// Of a server's database `pg_restore` reads the dump to its end, and there is no report: only a server can do more.
    ///
    /// # Errors
    /// [`BackupError`]. The folder is the caller's to remove.
    pub async fn rehearse(
        &mut self,
        folder: &Path,
        now: Timestamp,
    ) -> Result<Option<VerifyReport>, BackupError> {
        if self.manifest.engine == BackupEngine::Postgres {
            let name = BackupEngine::Postgres.entry();
            let mut dump = self.zip.by_name(name).map_err(|_| BackupError::damaged(name))?;
            postgres_tools::list(&mut dump)?;
            return Ok(None);
        }
        self.extract(folder, true)?;
        let url = DatabaseUrl::Embedded(folder.join(BackupEngine::Embedded.entry()));
        let database = Database::open(&url, &self.key, now).await?;
        let blobs = BlobStore::open(&folder.join(FILES), &self.key)?;
        let report = verify::verify(&database, &blobs).await;
        database.close().await;
        Ok(Some(report?))
    }

    /// Puts everything back where there is nothing: the files and the key into `directory`, the database where `url` says.
    /// A new key file is protected as `inputs` ask; one that is there has to hold the same key. The database comes last, so that what was
    /// interrupted shows no half record.
    ///
    /// # Errors
    /// [`BackupError::NotEmpty`], [`BackupError::OtherEngine`], [`BackupError::OtherKey`], and what disk and engine say.
    pub async fn restore(
        &mut self,
        directory: &Path,
        url: &DatabaseUrl,
        key_file: &KeyFile,
        inputs: &KeyInputs,
    ) -> Result<(), BackupError> {
        let wanted = if url.file().is_some() { BackupEngine::Embedded } else { BackupEngine::Postgres };
        if wanted != self.manifest.engine {
            return Err(BackupError::OtherEngine {
                made_of: self.manifest.engine.name(),
                wanted: wanted.name(),
            });
        }
        let files = directory.join(FILES);
        for place in [Some(files.as_path()), url.file()].into_iter().flatten() {
            if place.exists() {
                return Err(BackupError::NotEmpty { place: place.display().to_string() });
            }
        }
        if wanted == BackupEngine::Postgres && !Database::is_empty(url).await? {
            return Err(BackupError::NotEmpty { place: url.to_string() });
        }
        let stage = directory.join(STAGE);
        let _leftover = fs::remove_dir_all(&stage);
        private_folder(&stage)?;
        key_file.adopt(&self.key, inputs)?;
        self.extract(&stage, wanted == BackupEngine::Embedded)?;
        move_to(&stage.join(FILES), &files)?;
        match url.file() {
            Some(file) => move_to(&stage.join(wanted.entry()), file)?,
            None => {
                let name = wanted.entry();
                let mut dump = self.zip.by_name(name).map_err(|_| BackupError::damaged(name))?;
                postgres_tools::restore(url, &mut dump)?;
            }
        }
        let _empty = fs::remove_dir_all(&stage);
        Ok(())
    }

    /// Writes the files of the records, and the embedded database, below an existing folder.
    fn extract(&mut self, folder: &Path, with_database: bool) -> Result<(), BackupError> {
        private_folder(&folder.join(FILES))?;
        let database = self.manifest.engine.entry();
        for entry in &self.manifest.entries {
            if !(entry.name.starts_with(FILES) || (with_database && entry.name == database)) {
                continue;
            }
            let path = inside(folder, &entry.name)?;
            if let Some(parent) = path.parent() {
                private_folder(parent)?;
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&path).map_err(BackupError::io(&path))?;
            compare(&mut self.zip, entry, &mut file)?;
            file.sync_all().map_err(BackupError::io(&path))?;
        }
        Ok(())
    }
}

fn unseal(
    path: &Path,
    seal: BackupSeal<'_>,
) -> Result<ZipArchive<StreamReader<BufReader<File>>>, BackupError> {
    let file = File::open(path).map_err(BackupError::io(path))?;
    let not_ours = || BackupError::NotABackup { path: path.to_owned() };
    let decryptor = age::Decryptor::new(BufReader::new(file)).map_err(|_| not_ours())?;
    if !decryptor.is_scrypt() {
        return Err(not_ours());
    }
    let identity = age::scrypt::Identity::new(seal.secret());
    let reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| BackupError::WrongSeal)?;
    ZipArchive::new(reader).map_err(|_| BackupError::damaged("el archivo está cortado"))
}

fn manifest(
    zip: &mut ZipArchive<StreamReader<BufReader<File>>>,
    path: &Path,
) -> Result<BackupManifest, BackupError> {
    let text = read_text(zip, MANIFEST, MOST_MANIFEST)
        .map_err(|_| BackupError::NotABackup { path: path.to_owned() })?;
    let fields: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|_| BackupError::damaged(MANIFEST))?;
    let word = |name: &str| fields.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    if word("format") != FORMAT {
        return Err(BackupError::Newer { program: word("program") });
    }
    serde_json::from_str(&text).map_err(|_| BackupError::damaged(MANIFEST))
}

fn read_text(
    zip: &mut ZipArchive<StreamReader<BufReader<File>>>,
    name: &str,
    most: u64,
) -> Result<String, BackupError> {
    let file = zip.by_name(name).map_err(|_| BackupError::damaged(name))?;
    let mut text = String::new();
    file.take(most).read_to_string(&mut text).map_err(|_| BackupError::damaged(name))?;
    Ok(text)
}

/// Copies a file of the zip and compares what was copied with what the manifest says.
fn compare(
    zip: &mut ZipArchive<StreamReader<BufReader<File>>>,
    entry: &BackupEntry,
    to: &mut impl Write,
) -> Result<(), BackupError> {
    let damaged = || BackupError::damaged(&entry.name);
    let mut file = zip.by_name(&entry.name).map_err(|_| damaged())?;
    let (mut hasher, mut size_bytes, mut piece) = (Sha256::new(), 0, vec![0; 1024 * 1024]);
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => piece.get(..read).unwrap_or_default(),
            Err(_) => return Err(damaged()),
        };
        hasher.update(read);
        size_bytes += read.len() as u64;
        to.write_all(read).map_err(BackupError::io(Path::new(&entry.name)))?;
    }
    let same = size_bytes == entry.size_bytes && hasher.finalize()[..] == entry.sha256.0;
    if same { Ok(()) } else { Err(damaged()) }
}

/// A name of the zip below a folder; one that would lead elsewhere is refused.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, BackupError> {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
    };
    let leads_out = name.split('/').any(|part| !plain(part) || part.starts_with('.'));
    if leads_out { Err(BackupError::damaged("un nombre que no debe tener")) } else { Ok(folder.join(name)) }
}

fn private_folder(folder: &Path) -> Result<(), BackupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(BackupError::io(folder))
}

fn move_to(from: &Path, to: &Path) -> Result<(), BackupError> {
    if let Some(parent) = to.parent() {
        private_folder(parent)?;
    }
    fs::rename(from, to).and_then(|()| sync_folder(to)).map_err(BackupError::io(to))
}
