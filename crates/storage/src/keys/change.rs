//! Changing the key of an installation, for the day somebody else may have it: everything that was enciphered, wrapped or
//! sealed with it is so with a new one, and it opens nothing any more but back-ups made before.
//!
//! Database and key file have to change together. The new key first lies beside the old one; then a server's database changes in
//! one transaction, an embedded one in a copy that takes its place in one move; then the new key file takes the place of
//! the old. Wherever the machine stops, one of the two key files opens the database: [`settle`] finds out which.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{KeyError, KeyFile, KeyInputs, KeyProtection, MasterKey};
use crate::blobs::NewFile;
use crate::database::Database;
use crate::engine::sqlite::{Held, encipher_anew};
use crate::error::StorageError;
use crate::location::DatabaseUrl;
use crate::once::write_once;

/// How the name of the key file goes on that is to take its place, and that of the copy of the database.
const PENDING: &str = ".nueva";

/// Why a key was not changed. The old one still is the key, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyChangeError {
    /// Another program has the embedded database open.
    #[error(
        "otro programa de Medicus está usando la base de datos: deténgalo (por ejemplo con systemctl stop medicus) y repita"
    )]
    InUse,
    /// Somebody is changing it just now.
    #[error("alguien más está cambiando la clave en este momento")]
    Running,
    /// The key comes from outside and no new one did.
    #[error("la clave se entrega desde fuera: entregue también la nueva en MEDICUS_NEW_KEY")]
    NewKeyNeeded,
    /// A new key came and the old one lies in a file.
    #[error(
        "la clave de esta instalación está en un archivo y la nueva se genera sola: quite MEDICUS_NEW_KEY"
    )]
    NewKeyUnwanted,
    /// The new key is the old one.
    #[error("la clave nueva es la misma que la actual")]
    SameKey,
    /// A change was interrupted and neither key file opens the database with what was handed over.
    #[error(
        "un cambio de clave quedó a medias y ni {new} ni {old} abren la base de datos con la frase entregada: entregue en \
         MEDICUS_PASSPHRASE la frase de la clave nueva, o la de antes"
    )]
    Unsettled {
        /// The key file that was to be.
        new: PathBuf,
        /// The one that was.
        old: PathBuf,
    },
    /// Key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Database or files.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What was changed.
#[derive(Debug)]
pub struct KeyChanged {
    /// How many keys of files and recordings, secrets of second factors and voices were brought over.
    pub brought: usize,
    /// Where the former key file lies now; nothing when the key is handed over.
    pub former: Option<PathBuf>,
}

/// A change of the key. Nobody may use the installation meanwhile: an embedded database refuses, programs on a server's can
/// write nothing afterwards until they are started again with the new key.
#[derive(Debug)]
pub struct KeyChange<'a> {
    /// The database.
    pub url: &'a DatabaseUrl,
    /// The key file.
    pub key_file: &'a KeyFile,
    /// What opens it.
    pub inputs: &'a KeyInputs,
    /// The passphrase of the new key file; without one it has that of the old. And the new key, when keys are handed over.
    pub new: &'a KeyInputs,
}

impl KeyChange<'_> {
    /// Changes the key; `done` hears how many things were brought over, of how many. An embedded database needs as much room
    /// again beside it meanwhile.
    ///
    /// # Errors
    /// [`KeyChangeError`]; what is half done then is put right by [`settle`], which every start of the program calls.
    pub async fn run(
        &self,
        now: Timestamp,
        done: impl FnMut(usize, usize),
    ) -> Result<KeyChanged, KeyChangeError> {
        let (old, protection) = self.key_file.open(self.inputs, true)?;
        if protection == KeyProtection::HandedOver {
            let new = self.new.raw_key.as_ref().ok_or(KeyChangeError::NewKeyNeeded)?;
            if new.bytes() == old.bytes() {
                return Err(KeyChangeError::SameKey);
            }
            let brought = change(self.url, &old, new, now, done).await?;
            return Ok(KeyChanged { brought, former: None });
        }
        if self.new.raw_key.is_some() {
            return Err(KeyChangeError::NewKeyUnwanted);
        }
        let pending = self.key_file.beside(PENDING);
        let mut held = hold(&pending, true)?.ok_or(KeyChangeError::Running)?;
        // What lies there is of a change that came to nothing: the old key opens the database.
        Database::open(self.url, &old, now).await?.close().await;
        let passphrase = self.new.passphrase.as_ref().or(self.inputs.passphrase.as_ref());
        let new = MasterKey::generate()?;
        let (text, _) = pending.text(&new, passphrase)?;
        held.set_len(0)
            .and_then(|()| held.write_all(&text))
            .and_then(|()| held.sync_all())
            .and_then(|()| sync_folder(pending.path()))
            .map_err(|source| pending.io(source))?;
        // Read back before anything depends on it.
        let read = KeyInputs { raw_key: None, passphrase: passphrase.cloned() };
        if pending.open(&read, true)?.0.bytes() != new.bytes() {
            return Err(KeyError::Damaged { path: pending.path().to_owned() }.into());
        }
        match change(self.url, &old, &new, now, done).await {
            Ok(brought) => {
                let former = take_place(self.key_file, &pending, now)?;
                drop(held);
                Ok(KeyChanged { brought, former })
            }
            Err(error) => {
                drop(held);
                // The next start does it where this cannot.
                let _left = settle(self.url, self.key_file, self.inputs, now).await;
                Err(error)
            }
        }
    }
}

/// Puts right what a change left that was interrupted: the key file that opens the database is the key, and what is left of
/// the other goes. Whether the new one is. Costs nothing when there was none.
///
/// # Errors
/// [`KeyChangeError::Unsettled`], or what disk and engine say.
pub async fn settle(
    url: &DatabaseUrl,
    key_file: &KeyFile,
    inputs: &KeyInputs,
    now: Timestamp,
) -> Result<bool, KeyChangeError> {
    let pending = key_file.beside(PENDING);
    if inputs.raw_key.is_some() || !pending.path().exists() || !url.exists() {
        return Ok(false);
    }
    // Held until the end: who changes the key just now holds it too.
    let Some(_held) = hold(&pending, false)? else { return Ok(false) };
    for (candidate, is_new) in [(&pending, true), (key_file, false)] {
        let Ok((key, _)) = candidate.open(inputs, true) else { continue };
        match Database::open(url, &key, now).await {
            Ok(database) => database.close().await,
            Err(StorageError::WrongKey) => continue,
            Err(other) => return Err(other.into()),
        }
        if is_new {
            take_place(key_file, &pending, now)?;
        } else {
            if let Some(file) = url.file() {
                remove_copy(file)?;
            }
            fs::remove_file(pending.path()).map_err(|source| pending.io(source))?;
        }
        return Ok(is_new);
    }
    Err(KeyChangeError::Unsettled { new: pending.path().to_owned(), old: key_file.path().to_owned() })
}

/// Opens a file and keeps others from holding it; nothing when another does, or when it is gone.
fn hold(pending: &KeyFile, make: bool) -> Result<Option<File>, KeyError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(make);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let file = match options.open(pending.path()) {
            Ok(file) => file,
            Err(gone) if gone.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(pending.io(source)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(pending.io(source)),
        }
        // Who held it before may have given it the name of the key file meanwhile.
        if is_at(&file, pending.path()).map_err(|source| pending.io(source))? {
            return Ok(Some(file));
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}

/// The new key file takes the place of the old, of which a copy stays: back-ups made before may need it.
fn take_place(key_file: &KeyFile, pending: &KeyFile, now: Timestamp) -> Result<Option<PathBuf>, KeyError> {
    let former = key_file.beside(&format!(".anterior-{}", now.strftime("%Y%m%dT%H%M%SZ")));
    let kept = fs::read(key_file.path()).map(zeroize::Zeroizing::new);
    let old = kept.map_err(|source| key_file.io(source))?;
    write_once(former.path(), &old).map_err(|source| former.io(source))?;
    fs::rename(pending.path(), key_file.path())
        .and_then(|()| sync_folder(key_file.path()))
        .map_err(|source| key_file.io(source))?;
    Ok(Some(former.path().to_owned()))
}

async fn change(
    url: &DatabaseUrl,
    old: &MasterKey,
    new: &MasterKey,
    now: Timestamp,
    done: impl FnMut(usize, usize),
) -> Result<usize, KeyChangeError> {
    match url {
        DatabaseUrl::Postgres(_) => Ok(bring_over(url, old, new, now, done).await?),
        DatabaseUrl::Embedded(file) => {
            let mut original = Held::take(file, old).await.map_err(|error| match error {
                StorageError::Unavailable(_) => KeyChangeError::InUse,
                other => other.into(),
            })?;
            let changed = change_copy(file, &mut original, old, new, now, done).await;
            // Only now: whoever opens it from here on finds the one that is to be.
            original.let_go().await;
            Ok(changed?)
        }
    }
}

/// Makes a copy of an embedded database that belongs to the new key and lets it take the place of the original.
async fn change_copy(
    file: &Path,
    original: &mut Held,
    old: &MasterKey,
    new: &MasterKey,
    now: Timestamp,
    done: impl FnMut(usize, usize),
) -> Result<usize, StorageError> {
    remove_copy(file)?;
    let copy = copy_of(file);
    let unfinished = NewFile::at(copy.clone());
    original.copy_into(&copy).await?;
    let brought = bring_over(&DatabaseUrl::Embedded(copy.clone()), old, new, now, done).await?;
    encipher_anew(&copy, old, new).await?;
    let placed = File::open(&copy)
        .and_then(|copy| copy.sync_all())
        .and_then(|()| fs::rename(&copy, file))
        .and_then(|()| sync_folder(file));
    placed.map_err(|source| StorageError::io(file, source))?;
    unfinished.stays();
    Ok(brought)
}

async fn bring_over(
    url: &DatabaseUrl,
    old: &MasterKey,
    new: &MasterKey,
    now: Timestamp,
    done: impl FnMut(usize, usize),
) -> Result<usize, StorageError> {
    let database = Database::open(url, old, now).await?;
    let mut tx = database.begin().await?;
    let brought = match tx.change_key(old, new, now, done).await {
        Ok(brought) => tx.commit().await.map(|()| brought),
        Err(error) => tx.rollback().await.and(Err(error)),
    };
    database.close().await;
    brought
}

fn copy_of(file: &Path) -> PathBuf {
    let mut copy = file.to_owned().into_os_string();
    copy.push(PENDING);
    copy.into()
}

/// Removes a copy that came to nothing, with what lies beside it while it is written.
fn remove_copy(file: &Path) -> Result<(), StorageError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut path = copy_of(file).into_os_string();
        path.push(suffix);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(StorageError::io(Path::new(&path), source));
            }
            _ => {}
        }
    }
    Ok(())
}

fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
