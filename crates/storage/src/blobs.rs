//! The blob store: PDFs and attachments as encrypted files, each with a key of its own that lies wrapped in the database.
//!
//! A file is the format word, a nonce of 24 bytes, then XChaCha20-Poly1305 of the content with the blob's id as
//! associated data: a file put in another's place is refused. The key of a file is wrapped the same way by a key
//! derived from the master key. Destroying the row's wrapped key makes the file unreadable for good.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clinical::digest::Digest;
use clinical::ids::BlobId;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::hex;
use crate::keys::{MasterKey, SecretBytes, random};
use crate::once::sync_folder;
use crate::sealed::{open, seal};
use crate::sound::{self, SoundStore};
use crate::tx::Tx;
use crate::value::{Row, values};

/// First bytes of a file.
const FORMAT: &[u8; 8] = b"MEDBLOB1";

/// The largest content, in bytes: it is encrypted in one piece in memory.
pub const MAX_BLOB_BYTES: u64 = 64 * 1024 * 1024;

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// Identifies it.
    pub id: BlobId,
    /// Media type, for example `application/pdf`.
    pub media_type: String,
    /// Length of the content in bytes.
    pub size_bytes: i64,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When its key was destroyed, if it was.
    pub destroyed_at: Option<Timestamp>,
}

struct Stored {
    info: BlobInfo,
    wrapped_key: Option<String>,
}

fn stored(row: &Row) -> Result<Stored> {
    Ok(Stored {
        info: BlobInfo {
            id: row.parsed("id")?,
            media_type: row.text("media_type")?,
            size_bytes: row.int("size_bytes")?,
            digest: row.digest("digest")?,
            created_at: row.time("created_at")?,
            destroyed_at: row.maybe_time("destroyed_at")?,
        },
        wrapped_key: row.maybe_text("wrapped_key")?,
    })
}

/// A file that is part of nothing yet: dropped, it goes.
#[derive(Debug)]
pub(crate) struct NewFile(PathBuf);

impl NewFile {
    /// The one at this place, once it is there.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// It is part of something that lasts.
    pub(crate) fn stays(mut self) {
        self.0 = PathBuf::new();
    }

    /// Moves it. At once and here, so that who gives up meanwhile leaves no move for a moment when the place is another's.
    fn move_to(mut self, path: &Path) -> Result<Self> {
        fs::rename(&self.0, path).map_err(|source| StorageError::io(path, source))?;
        path.clone_into(&mut self.0);
        Ok(self)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _gone = fs::remove_file(&self.0);
        }
    }
}

/// Content that lies encrypted on disk and is no blob yet. Dropped without [`BlobStore::keep`], its file goes.
#[derive(Debug)]
pub struct StagedBlob {
    id: BlobId,
    media_type: String,
    size_bytes: i64,
    digest: Digest,
    wrapped_key: String,
    file: NewFile,
}

/// Files that belong to no row and cannot be read by anybody: their key was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans(Vec<PathBuf>);

impl Orphans {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Removes them, and says how many are gone; one that cannot be removed is found again the next time.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the work was stopped.
    pub async fn remove(self) -> Result<usize> {
        off_thread(move || Ok(self.0.iter().filter(|path| fs::remove_file(path).is_ok()).count())).await
    }
}

/// The folder with the encrypted files. Cloning is cheap.
#[derive(Clone)]
pub struct BlobStore {
    folder: PathBuf,
    wrapping_key: SecretBytes,
}

impl fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobStore({})", self.folder.display())
    }
}

impl BlobStore {
    /// Opens the store in a folder, which is made when absent, readable by its owner only.
    ///
    /// # Errors
    /// [`StorageError::Io`] or [`StorageError::DiskFull`].
    pub fn open(folder: &Path, key: &MasterKey) -> Result<Self> {
        make_private_folder(folder).map_err(|source| StorageError::io(folder, source))?;
        Ok(Self { folder: folder.to_owned(), wrapping_key: key.blob_key()? })
    }

    /// Encrypts and stores content. The file is safely on disk before the row is committed, and goes when the transaction is
    /// given up; if the machine stops meanwhile, what remains is a file without a key, which [`BlobStore::find_orphans`]
    /// finds.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`], [`StorageError::DiskFull`], [`StorageError::Io`], [`StorageError::NotUnique`].
    pub async fn put(
        &self,
        tx: &mut Tx,
        id: BlobId,
        media_type: &str,
        content: Vec<u8>,
        at: Timestamp,
    ) -> Result<BlobInfo> {
        let staged = self.stage(id, media_type, content).await?;
        self.keep(tx, staged, at).await
    }

    /// Encrypts content and writes it to disk beside its place, without a transaction: who stores much does this first,
    /// so that nobody waits for it. It is no blob before [`BlobStore::keep`].
    ///
    /// # Errors
    /// [`StorageError::TooLarge`], [`StorageError::DiskFull`], [`StorageError::Io`].
    pub async fn stage(&self, id: BlobId, media_type: &str, content: Vec<u8>) -> Result<StagedBlob> {
        let size_bytes = content.len() as u64;
        if size_bytes > MAX_BLOB_BYTES {
            return Err(StorageError::TooLarge { size_bytes, max_bytes: MAX_BLOB_BYTES });
        }
        let (store, media_type) = (self.clone(), media_type.to_owned());
        off_thread(move || store.write(id, media_type, &content)).await
    }

    /// Makes a blob of what was staged.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when there is one with this id; [`StorageError::Io`].
    pub async fn keep(&self, tx: &mut Tx, staged: StagedBlob, at: Timestamp) -> Result<BlobInfo> {
        tx.execute(
            "INSERT INTO blob (id, media_type, size_bytes, digest, wrapped_key, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![staged.id, &staged.media_type, staged.size_bytes, staged.digest, &staged.wrapped_key, at],
        )
        .await?;
        // The row is this transaction's now: a file at its place is of one that was given up.
        let path = self.path(staged.id);
        tx.used_key = true;
        tx.files.push(staged.file.move_to(&path)?);
        off_thread(move || sync_folder(&path).map_err(|source| StorageError::io(&path, source))).await?;
        Ok(BlobInfo {
            id: staged.id,
            media_type: staged.media_type,
            size_bytes: staged.size_bytes,
            digest: staged.digest,
            created_at: crate::to_stored_precision(at),
            destroyed_at: None,
        })
    }

    /// Reads content; what is returned is what was stored, or an error.
    ///
    /// # Errors
    /// [`StorageError::BlobMissing`] without row or file, [`StorageError::BlobAltered`],
    /// [`StorageError::BlobDestroyed`].
    pub async fn get(&self, tx: &mut Tx, id: BlobId) -> Result<Vec<u8>> {
        self.get_with_info(tx, id).await.map(|(_, content)| content)
    }

    /// The same with what is known of it, for who compares both.
    pub(crate) async fn get_with_info(&self, tx: &mut Tx, id: BlobId) -> Result<(BlobInfo, Vec<u8>)> {
        let missing = || StorageError::BlobMissing { id: id.to_string() };
        let stored = tx.stored_blob(id).await?.ok_or_else(missing)?;
        let wrapped_key =
            stored.wrapped_key.ok_or_else(|| StorageError::BlobDestroyed { id: id.to_string() })?;
        let store = self.clone();
        let content = off_thread(move || store.read(id, &wrapped_key)).await?;
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        if sha256(&content) == stored.info.digest && size == stored.info.size_bytes {
            Ok((stored.info, content))
        } else {
            Err(StorageError::BlobAltered { id: id.to_string() })
        }
    }

    /// Destroys the key of a blob: from the commit on its content cannot be recovered from file or database.
    /// Then call [`BlobStore::remove_file`].
    ///
    /// # Errors
    /// [`StorageError::Immutable`] for the PDF of a signed document, [`StorageError::BlobMissing`].
    pub async fn destroy_key(&self, tx: &mut Tx, id: BlobId, at: Timestamp) -> Result<()> {
        let changed = tx
            .execute(
                "UPDATE blob SET wrapped_key = NULL, destroyed_at = $2 WHERE id = $1 AND wrapped_key IS NOT NULL",
                values![id, at],
            )
            .await?;
        if changed == 0 { Err(StorageError::BlobMissing { id: id.to_string() }) } else { Ok(()) }
    }

    /// Removes the file of a blob whose key was destroyed; a file that is gone already is no error.
    ///
    /// # Errors
    /// [`StorageError::Io`].
    pub fn remove_file(&self, id: BlobId) -> Result<()> {
        let path = self.path(id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StorageError::io(&path, source))
            }
            _ => Ok(()),
        }
    }

    /// The files without a row, older than `before`: left when the machine stopped meanwhile. Nothing is removed yet.
    ///
    /// # Errors
    /// [`StorageError::Io`], or what the engine says.
    pub async fn find_orphans(&self, tx: &mut Tx, before: Timestamp) -> Result<Orphans> {
        let store = self.clone();
        let files = off_thread(move || store.files_older_than(before)).await?;
        let mut found = Vec::new();
        for (path, id) in files {
            let known = match id {
                Some(id) => tx.stored_blob(id).await?.is_some_and(|stored| stored.wrapped_key.is_some()),
                None => false,
            };
            if !known {
                found.push(path);
            }
        }
        found.extend(self.sound().orphans(tx, before).await?);
        Ok(Orphans(found))
    }

    /// The sound of recordings, which lies in the same folder.
    #[must_use]
    pub fn sound(&self) -> SoundStore {
        SoundStore::beside(&self.folder, self.wrapping_key.clone())
    }

    /// Where a blob lies: spread over folders by the last two digits of its id.
    fn path(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        let folder = name.get(name.len() - 2..).unwrap_or("00");
        self.folder.join(folder).join(&name)
    }

    fn write(&self, id: BlobId, media_type: String, content: &[u8]) -> Result<StagedBlob> {
        let key: SecretBytes = Zeroizing::new(random()?);
        let wrapped_key = seal(&self.wrapping_key, id.0.as_bytes(), &*key)?;
        let sealed = seal(&key, id.0.as_bytes(), content)?;
        let mark: [u8; 8] = random()?;
        let path = self.path(id).with_extension(format!("{}.new", hex::encode(&mark)));
        let file = NewFile(path.clone());
        write_whole(&path, &sealed).map_err(|source| StorageError::io(&path, source))?;
        Ok(StagedBlob {
            id,
            media_type,
            size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
            digest: sha256(content),
            wrapped_key: hex::encode(&wrapped_key),
            file,
        })
    }

    fn read(&self, id: BlobId, wrapped_key: &str) -> Result<Vec<u8>> {
        let altered = || StorageError::BlobAltered { id: id.to_string() };
        let wrapped_key = hex::decode(wrapped_key).ok_or_else(altered)?;
        let key = open(&self.wrapping_key, id.0.as_bytes(), &wrapped_key)
            .map(Zeroizing::new)
            .ok_or_else(altered)?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map(Zeroizing::new).map_err(|_| altered())?;
        let path = self.path(id);
        let file = fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => StorageError::BlobMissing { id: id.to_string() },
            _ => StorageError::io(&path, source),
        })?;
        let sealed = file.strip_prefix(FORMAT).ok_or_else(altered)?;
        open(&key, id.0.as_bytes(), sealed).ok_or_else(altered)
    }

    fn files_older_than(&self, before: Timestamp) -> Result<Vec<(PathBuf, Option<BlobId>)>> {
        let failed = |source| StorageError::io(&self.folder, source);
        let mut found = Vec::new();
        for folder in fs::read_dir(&self.folder).map_err(failed)? {
            let folder = folder.map_err(failed)?.path();
            if !folder.is_dir() || folder.ends_with(sound::FOLDER) {
                continue;
            }
            for file in fs::read_dir(folder).map_err(failed)? {
                let file = file.map_err(failed)?;
                let changed = file.metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
                if Timestamp::try_from(changed).is_ok_and(|changed| changed < before) {
                    let id = file.file_name().to_str().and_then(|name| name.parse().ok());
                    found.push((file.path(), id));
                }
            }
        }
        Ok(found)
    }
}

impl Tx {
    /// What is known of a blob without reading it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn blob(&mut self, id: BlobId) -> Result<Option<BlobInfo>> {
        Ok(self.stored_blob(id).await?.map(|stored| stored.info))
    }

    async fn stored_blob(&mut self, id: BlobId) -> Result<Option<Stored>> {
        self.one(
            "blob",
            "SELECT id, media_type, size_bytes, digest, wrapped_key, created_at, destroyed_at
               FROM blob WHERE id = $1",
            values![id],
            stored,
        )
        .await
    }
}

/// Encryption and disk work do not belong on the threads that answer requests.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StorageError::Unavailable(error.into()))?
}

/// The file is whole and on disk when this returns; it is not in its place yet.
fn write_whole(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    make_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    write_and_sync(path, sealed)
}

fn write_and_sync(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(FORMAT)?;
    file.write_all(sealed)?;
    file.sync_all()
}

pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
