//! Makes a back-up while people work: the database copies itself at one instant, then the files follow.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::stream::StreamWriter as Sealing;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{
    BackupEngine, BackupEntry, BackupError, BackupManifest, BackupSeal, EMBEDDED, FILES, FORMAT, KEY,
    MANIFEST, README, SERVER,
};
use crate::database::Database;
use crate::engine::postgres_tools;
use crate::error::StorageError;
use crate::hex;
use crate::keys::MasterKey;
use crate::location::DatabaseUrl;
use crate::once::sync_folder;

/// The fewest characters of a passphrase: whoever has the file may try as long as they like.
const SHORTEST: usize = 12;

/// How the name of a back-up ends while it is written.
pub const UNFINISHED: &str = "incompleto";

/// What is read at once.
const PIECE: usize = 1024 * 1024;

const EXPLANATION: &str = "Respaldo de Medicus, expediente clínico electrónico.

Para reponerlo: medicus backup restore ARCHIVO, con la frase con la que se hizo.

Este archivo se abre también sin Medicus: el sobre es age (age-encryption.org/v1) y adentro hay un zip.
  medicus.db      la base de datos, cifrada con SQLCipher 4; su llave se deriva de «clave»
  medicus.pgdump  o la base de un servidor PostgreSQL, en el formato de pg_dump
  archivos/       los archivos de los expedientes, cifrados cada uno con su llave, que está en la base
  clave           la clave maestra de la instalación: quien la tenga puede leerlo todo
  manifiesto.json el tamaño y la huella SHA-256 de cada archivo
";

/// The installation that is copied.
#[derive(Debug)]
pub struct Installation<'a> {
    /// Its open database.
    pub database: &'a Database,
    /// Where that is.
    pub url: &'a DatabaseUrl,
    /// Folder of the files of the records.
    pub files: &'a Path,
    /// Its key.
    pub key: &'a MasterKey,
}

impl Installation<'_> {
    /// Writes a back-up to a new file, whole or not at all; `done` hears after each file of a record how many are written,
    /// of how many.
    ///
    /// For a moment it needs as much room again beside the embedded database as that takes; the copy is enciphered too.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file.
    pub async fn back_up(
        &self,
        seal: BackupSeal<'_>,
        out: &Path,
        now: Timestamp,
        done: impl FnMut(usize, usize),
    ) -> Result<BackupManifest, BackupError> {
        if let BackupSeal::Passphrase(passphrase) = seal
            && passphrase.text().chars().count() < SHORTEST
        {
            return Err(BackupError::ShortPassphrase { min: SHORTEST });
        }
        if out.exists() {
            return Err(BackupError::FileExists { path: out.to_owned() });
        }
        let copy = match self.url.file() {
            Some(file) => {
                // A copy that a stop of the machine left behind.
                let copy = Temporary(copy_of(file));
                let _leftover = fs::remove_file(&copy.0);
                self.database.copy_into(&copy.0).await?;
                Some(copy)
            }
            None => None,
        };
        let unfinished = Temporary(out.with_extension(UNFINISHED));
        let _leftover = fs::remove_file(&unfinished.0);
        let (manifest, held) = self.write(seal.secret(), &unfinished.0, copy.as_ref(), now, done)?;
        // On a server's database the key may have been changed since it was read: it would not open the copy.
        let mut tx = self.database.begin_read().await?;
        let fingerprint = tx.key_fingerprint().await?;
        tx.rollback().await?;
        if fingerprint != Some(self.key.fingerprint()?) {
            return Err(StorageError::WrongKey.into());
        }
        fs::rename(&unfinished.0, out).map_err(BackupError::io(out))?;
        drop(held);
        sync_folder(out).map_err(BackupError::io(out))?;
        Ok(manifest)
    }

    fn write(
        &self,
        passphrase: SecretString,
        out: &Path,
        copy: Option<&Temporary>,
        now: Timestamp,
        mut done: impl FnMut(usize, usize),
    ) -> Result<(BackupManifest, File), BackupError> {
        let failed = BackupError::io(out);
        let mut archive = Archive::begin(passphrase, out).map_err(&failed)?;
        archive.add(README, &mut EXPLANATION.as_bytes()).map_err(&failed)?;
        archive.add(KEY, &mut hex::encode(self.key.bytes()).as_bytes()).map_err(&failed)?;
        let engine = match (copy, self.url) {
            (Some(copy), _) => {
                let mut file = File::open(&copy.0).map_err(BackupError::io(&copy.0))?;
                archive.add(EMBEDDED, &mut file).map_err(&failed)?;
                BackupEngine::Embedded
            }
            (None, url) => {
                postgres_tools::dump(url, |words| archive.add(SERVER, words).map_err(&failed))?;
                BackupEngine::Postgres
            }
        };
        let files = files_below(self.files).map_err(BackupError::io(self.files))?;
        for (index, (name, path)) in files.iter().enumerate() {
            match File::open(path) {
                Ok(mut file) => archive.add(name, &mut file).map_err(&failed)?,
                // Destroyed meanwhile; its row says so.
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(BackupError::io(path)(source)),
            }
            done(index + 1, files.len());
        }
        archive.finish(engine, now).map_err(failed)
    }
}

/// Removes a back-up that was begun and that nobody writes any more, because the program or the machine was stopped; says
/// whether it was one. What is still being written stays.
///
/// # Errors
/// The file cannot be opened or removed.
pub fn remove_abandoned(unfinished: &Path) -> io::Result<bool> {
    match File::open(unfinished)?.try_lock() {
        Ok(()) => fs::remove_file(unfinished).map(|()| true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Where an embedded database is copied to before it is packed.
pub(crate) fn copy_of(file: &Path) -> PathBuf {
    file.with_extension("respaldo")
}

/// A file that goes when it is dropped; one that is gone already is no fault.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.0);
    }
}

type Sink = Sealing<BufWriter<File>>;

struct Archive {
    zip: ZipWriter<StreamWriter<Sink>>,
    entries: Vec<BackupEntry>,
}

impl Archive {
    fn begin(passphrase: SecretString, out: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(out)?;
        // Held until it is whole or the program ends, however it ends: it tells who looks that somebody is at it.
        file.try_lock()?;
        let sink = age::Encryptor::with_user_passphrase(passphrase).wrap_output(BufWriter::new(file))?;
        Ok(Self { zip: ZipWriter::new_stream(sink), entries: Vec::new() })
    }

    /// Everything in it is enciphered or small already, so nothing is packed.
    fn add(&mut self, name: &str, from: &mut impl Read) -> io::Result<()> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        self.zip.start_file(name, options)?;
        let (mut hasher, mut size_bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
        loop {
            let read = match from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => piece.get(..read).unwrap_or_default(),
                Err(interrupted) if interrupted.kind() == io::ErrorKind::Interrupted => continue,
                Err(failed) => return Err(failed),
            };
            hasher.update(read);
            size_bytes += read.len() as u64;
            self.zip.write_all(read)?;
        }
        let sha256 = clinical::digest::Digest(hasher.finalize().into());
        self.entries.push(BackupEntry { name: name.to_owned(), size_bytes, sha256 });
        Ok(())
    }

    /// What is in it, and the file with its lock.
    fn finish(mut self, engine: BackupEngine, now: Timestamp) -> io::Result<(BackupManifest, File)> {
        let manifest = BackupManifest {
            format: FORMAT.to_owned(),
            created_at: now,
            engine,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            entries: std::mem::take(&mut self.entries),
        };
        let text = serde_json::to_vec_pretty(&manifest)?;
        self.add(MANIFEST, &mut text.as_slice())?;
        let file = self.zip.finish()?.into_inner().finish()?.into_inner()?;
        file.sync_all()?;
        Ok((manifest, file))
    }
}

/// The files of the records with their names in the zip; what is still being written beside its place is not one yet.
fn files_below(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![(FILES.to_owned(), folder.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((format!("{prefix}{name}/"), entry.path()));
            } else if kind.is_file() && entry.path().extension().is_none_or(|extension| extension != "new") {
                found.push((format!("{prefix}{name}"), entry.path()));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
