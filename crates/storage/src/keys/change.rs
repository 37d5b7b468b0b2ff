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
use crate::chain::sha256;
use crate::database::Database;
use crate::engine::sqlite::{Held, encipher_anew};
use crate::error::StorageError;
use crate::location::DatabaseUrl;
use crate::once::{folder_of, sync_folder, write_once};

/// How the name of the key file goes on that is to take its place, and that of the copy of the database.
const PENDING: &str = ".nueva";
/// How the name of a former key file goes on, before what tells it from others.
const FORMER: &str = ".anterior-";

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
    /// What is made would belong to another user than the one whose the installation is.
    #[error("{path} es de otro usuario: dé el comando con ese usuario (por ejemplo con sudo -u medicus)")]
    OtherOwner {
        /// The key file or the database.
        path: PathBuf,
    },
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
    /// The copy of the database is not enciphered with the new key.
    #[error(
        "no se pudo cifrar la copia de la base de datos; revise que haya espacio libre y repita. La clave no cambió"
    )]
    NotEnciphered,
    /// The database belongs to the new key and its file could not take the place of the old one.
    #[error(
        "la base de datos ya es de la clave nueva, pero su archivo {new} no pudo tomar el lugar del anterior; libere espacio y \
         dé cualquier comando de Medicus, que lo termina"
    )]
    Halfway {
        /// The new key file.
        new: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
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
    /// How the new key lies.
    pub protection: KeyProtection,
    /// Where the former key file lies now; nothing when the key is handed over.
    pub former: Option<PathBuf>,
}

/// What [`settle`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Settled {
    /// No change was interrupted, or one is under way.
    Nothing,
    /// One came to nothing: the old key is the key, and what was left of the new is gone.
    OldKey,
    /// One is finished now: the new key is the key.
    NewKey {
        /// Where the former key file lies, if there was one.
        former: Option<PathBuf>,
    },
}

/// A change of the key. Nobody may use the installation meanwhile: an embedded database refuses; programs that have a server's
/// open can write nothing afterwards that leaves an event or needs the key, until they are started again with the new one.
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
        mut done: impl FnMut(usize, usize),
    ) -> Result<KeyChanged, KeyChangeError> {
        let key_file = &self.key_file.resolved();
        let (old, protection) = key_file.open(self.inputs, true)?;
        let mut brought = 0;
        let counting = |some, all| {
            brought = some;
            done(some, all);
        };
        if protection == KeyProtection::HandedOver {
            let new = self.new.raw_key.as_ref().ok_or(KeyChangeError::NewKeyNeeded)?;
            if new.bytes() == old.bytes() {
                return Err(KeyChangeError::SameKey);
            }
            if let Err(error) = change(self.url, &old, new, now, counting).await {
                // Whether it failed before or after the database changed hands, the database knows.
                match Database::open(self.url, new, now).await {
                    Ok(database) => database.close().await,
                    Err(_) => return Err(error),
                }
            }
            return Ok(KeyChanged { brought, protection, former: None });
        }
        if self.new.raw_key.is_some() {
            return Err(KeyChangeError::NewKeyUnwanted);
        }
        let pending = key_file.beside(PENDING);
        let mut held = hold(&pending, true)?.ok_or(KeyChangeError::Running)?;
        same_owner(pending.path(), key_file.path())?;
        // What lies there is of a change that came to nothing: the old key opens the database.
        Database::open(self.url, &old, now).await?.close().await;
        let kept = self.inputs.passphrase.as_ref().filter(|_| protection == KeyProtection::Passphrase);
        let passphrase = self.new.passphrase.as_ref().or(kept);
        let new = MasterKey::generate()?;
        let (text, protection) = pending.text(&new, passphrase)?;
        held.set_len(0)
            .and_then(|()| held.write_all(&text))
            .and_then(|()| held.sync_all())
            .and_then(|()| sync_folder(pending.path()))
            .map_err(|source| pending.io(source))?;
        // Read back before anything depends on it.
        let opens_new = KeyInputs { raw_key: None, passphrase: passphrase.cloned() };
        if pending.open(&opens_new, true)?.0.bytes() != new.bytes() {
            return Err(KeyError::Damaged { path: pending.path().to_owned() }.into());
        }
        let changed = change(self.url, &old, &new, now, counting).await;
        let former = match changed {
            Ok(()) => take_place(key_file, &pending)
                .map_err(|source| KeyChangeError::Halfway { new: pending.path().to_owned(), source })?,
            Err(error) => {
                drop(held);
                // Whether it failed before or after the database changed hands, the database knows.
                match find_out(self.url, (&pending, &opens_new), (key_file, self.inputs), now).await {
                    Ok(Settled::NewKey { former }) => former,
                    // What is left the next start puts right.
                    _ => return Err(error),
                }
            }
        };
        Ok(KeyChanged { brought, protection, former })
    }
}

/// Puts right what a change left that was interrupted: the key file that opens the database is the key, and what is left of
/// the other goes. Costs nothing when there was none.
///
/// # Errors
/// [`KeyChangeError::Unsettled`], or what disk and engine say.
pub async fn settle(
    url: &DatabaseUrl,
    key_file: &KeyFile,
    inputs: &KeyInputs,
    now: Timestamp,
) -> Result<Settled, KeyChangeError> {
    if let Some(key) = &inputs.raw_key {
        // The owner knows which key is the one; only a copy may be left, of no use to anybody.
        if let Some(file) = url.file().map(resolved)
            && copy_of(&file).exists()
            && let Ok(held) = Held::take(&file, key).await
        {
            let removed = remove_copy(&file);
            held.let_go().await;
            removed?;
            return Ok(Settled::OldKey);
        }
        return Ok(Settled::Nothing);
    }
    let key_file = &key_file.resolved();
    find_out(url, (&key_file.beside(PENDING), inputs), (key_file, inputs), now).await
}

async fn find_out(
    url: &DatabaseUrl,
    pending: (&KeyFile, &KeyInputs),
    key_file: (&KeyFile, &KeyInputs),
    now: Timestamp,
) -> Result<Settled, KeyChangeError> {
    let ((new, _), (old, _)) = (pending, key_file);
    if !new.path().exists() || !url.exists() {
        return Ok(Settled::Nothing);
    }
    // Held until the end: who changes the key just now holds it too.
    let Some(_held) = hold(new, false)? else { return Ok(Settled::Nothing) };
    for ((candidate, inputs), is_new) in [(pending, true), (key_file, false)] {
        let Ok((key, _)) = candidate.open(inputs, true) else { continue };
        match Database::open(url, &key, now).await {
            Ok(database) => database.close().await,
            Err(StorageError::WrongKey) => continue,
            Err(other) => return Err(other.into()),
        }
        if is_new {
            return Ok(Settled::NewKey { former: take_place(old, new)? });
        }
        if let Some(file) = url.file() {
            remove_copy(&resolved(file))?;
        }
        fs::remove_file(new.path()).map_err(|source| new.io(source))?;
        return Ok(Settled::OldKey);
    }
    Err(KeyChangeError::Unsettled { new: new.path().to_owned(), old: old.path().to_owned() })
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

/// What takes the place of a file has to be readable to who reads that one.
#[cfg(unix)]
fn same_owner(made: &Path, original: &Path) -> Result<(), KeyChangeError> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &Path| {
        fs::metadata(path).map(|file| file.uid()).map_err(|source| StorageError::io(path, source))
    };
    if owner(made)? == owner(original)? {
        return Ok(());
    }
    let _made = fs::remove_file(made);
    Err(KeyChangeError::OtherOwner { path: original.to_owned() })
}

#[cfg(not(unix))]
fn same_owner(_: &Path, _: &Path) -> Result<(), KeyChangeError> {
    Ok(())
}

/// The new key file takes the place of the old, of which a copy stays: back-ups made before may need it. Where that is.
fn take_place(key_file: &KeyFile, pending: &KeyFile) -> Result<Option<PathBuf>, KeyError> {
    let former = match fs::read(key_file.path()).map(zeroize::Zeroizing::new) {
        Ok(old) => {
            // Named by what it holds, so that one that is there is this one.
            let digest = sha256(&old).to_string();
            let former = key_file.beside(&format!("{FORMER}{}", digest.get(..8).unwrap_or_default()));
            forget_unfinished(key_file).map_err(|source| key_file.io(source))?;
            write_once(former.path(), &old).map_err(|source| former.io(source))?;
            Some(former.path().to_owned())
        }
        Err(gone) if gone.kind() == ErrorKind::NotFound => None,
        Err(source) => return Err(key_file.io(source)),
    };
    fs::rename(pending.path(), key_file.path())
        .and_then(|()| sync_folder(key_file.path()))
        .map_err(|source| key_file.io(source))?;
    Ok(former)
}

/// Removes copies of key files that were being written when the machine stopped.
fn forget_unfinished(key_file: &KeyFile) -> io::Result<()> {
    let former = key_file.beside(FORMER);
    let Some(begins) = former.path().file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    for entry in fs::read_dir(folder_of(key_file.path()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(begins) && name.ends_with(".nuevo")) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

async fn change(
    url: &DatabaseUrl,
    old: &MasterKey,
    new: &MasterKey,
    now: Timestamp,
    done: impl FnMut(usize, usize),
) -> Result<(), KeyChangeError> {
    match url {
        DatabaseUrl::Postgres(_) => Ok(bring_over(url, old, new, now, done).await?),
        DatabaseUrl::Embedded(file) => {
            let file = resolved(file);
            let mut original = Held::take(&file, old).await.map_err(|error| match error {
                StorageError::Unavailable(_) => KeyChangeError::InUse,
                other => other.into(),
            })?;
            let changed = change_copy(&file, &mut original, old, new, now, done).await;
            let removed = remove_copy(&file);
            // Only now: whoever opens it from here on finds the one that is to be.
            original.let_go().await;
            changed?;
            Ok(removed?)
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
) -> Result<(), KeyChangeError> {
    remove_copy(file)?;
    // Of a back-up that was cut off, enciphered with the old key; none is being made while this is held.
    remove(&crate::backup::copy_of(file))?;
    let copy = copy_of(file);
    original.copy_into(&copy).await?;
    same_owner(&copy, file)?;
    bring_over(&DatabaseUrl::Embedded(copy.clone()), old, new, now, done).await?;
    encipher_anew(&copy, old, new).await.map_err(|error| match error {
        StorageError::WrongKey => KeyChangeError::NotEnciphered,
        other => other.into(),
    })?;
    let placed = fs::metadata(file)
        .and_then(|original| fs::set_permissions(&copy, original.permissions()))
        .and_then(|()| File::open(&copy)?.sync_all())
        .and_then(|()| fs::rename(&copy, file))
        .and_then(|()| sync_folder(file));
    Ok(placed.map_err(|source| StorageError::io(file, source))?)
}

async fn bring_over(
    url: &DatabaseUrl,
    old: &MasterKey,
    new: &MasterKey,
    now: Timestamp,
    done: impl FnMut(usize, usize),
) -> Result<(), StorageError> {
    let database = Database::open(url, old, now).await?;
    let mut tx = database.begin().await?;
    let brought = match tx.change_key(old, new, now, done).await {
        Ok(()) => tx.commit().await,
        Err(error) => tx.rollback().await.and(Err(error)),
    };
    database.close().await;
    brought
}

fn copy_of(file: &Path) -> PathBuf {
    beside(file, PENDING)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

/// Removes a copy that came to nothing, with what lies beside it while it is written.
fn remove_copy(file: &Path) -> Result<(), StorageError> {
    let copy = copy_of(file);
    ["", "-wal", "-shm", "-journal"].into_iter().try_for_each(|suffix| remove(&beside(&copy, suffix)))
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), StorageError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(StorageError::io(path, source)),
        _ => Ok(()),
    }
}

fn resolved(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}
