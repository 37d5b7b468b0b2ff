//! The sound of recordings: one file for each, a piece behind the other, each enciphered with the key of its recording.
//!
//! A file is the format word and then the pieces as `sealed` writes them, bound to recording and number, so that none can be
//! put in another's place. The key lies wrapped in the row. A piece is on disk before its row is committed; what a stop of the
//! machine leaves behind the last row is passed over. Once the key is destroyed nothing opens the file any more.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::digest::Digest;
use clinical::ids::{EncounterId, RecordingId, UserId};
use clinical::recording::RecordingState;
use hkdf::Hkdf;
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::blobs::{make_private_folder, off_thread};
use crate::chain::sha256;
use crate::database::Database;
use crate::error::{Result, StorageError};
use crate::hex;
use crate::keys::{SecretBytes, random};
use crate::once::sync_folder;
use crate::recordings::{PieceRow, Recording, RecordingPermit};
use crate::sealed::{open, seal};
use crate::tx::Tx;

/// First bytes of a file.
const FORMAT: &[u8; 8] = b"MEDSOUN1";
/// What a piece weighs more once it is enciphered: nonce and tag.
pub(crate) const SEAL_BYTES: usize = 24 + 16;
/// Words before the id of a recording where its key is wrapped, so that no file of the blob store takes it.
const KEY_OWNER: &[u8] = b"medicus recording ";
/// Folder beside the files of the blob store.
pub(crate) const FOLDER: &str = "sonido";

/// [`SoundStore::PCM`] that was read from a file somebody brought.
pub(crate) const PCM_OF_FILE: &str = "audio/L16;rate=16000;channels=1";

/// The largest piece, in bytes.
pub const MAX_PIECE_BYTES: usize = 1024 * 1024;
/// Most pieces of a recording: 4 hours in seconds, and some more.
pub const MAX_PIECES: i64 = 4 * 3600 + 600;

/// Sound as it arrives from a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// From 0, without gaps as far as the device can.
    pub number: i64,
    /// Milliseconds from the start of the recording, by the clock of the device.
    pub begins_ms: i64,
    /// The sound.
    pub content: Vec<u8>,
}

/// The files with the sound of recordings. Cloning is cheap.
#[derive(Clone)]
pub struct SoundStore {
    pub(crate) folder: PathBuf,
    wrapping_key: SecretBytes,
}

impl std::fmt::Debug for SoundStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoundStore({})", self.folder.display())
    }
}

impl SoundStore {
    /// Samples of 16 bits, lower byte first, 16 000 a second, one channel: what the microphone sends.
    pub const PCM: &str = "audio/L16;rate=16000";

    pub(crate) fn beside(blobs: &Path, wrapping_key: SecretBytes) -> Self {
        Self { folder: blobs.join(FOLDER), wrapping_key }
    }

    /// Opens a recording of a consultation, with a key of its own.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown consultation or account.
    pub async fn begin(
        &self,
        tx: &mut Tx,
        permit: &RecordingPermit,
        encounter_id: EncounterId,
        (by, at): (UserId, Timestamp),
    ) -> Result<RecordingId> {
        let id = RecordingId(Uuid::now_v7());
        let (_, wrapped) = self.new_key(id)?;
        let recording = permit.new_recording(id, encounter_id, Self::PCM, (by, at));
        tx.insert_recording(&recording, &wrapped).await?;
        Ok(id)
    }

    /// Keeps a piece of a recording this transaction holds ([`Tx::hold_recording`]): it is on disk when this returns, and
    /// kept once the transaction is committed. The same piece a second time changes nothing; `false` then.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] unless it records, or when another piece has this number; [`StorageError::TooLarge`];
    /// [`StorageError::DiskFull`]; [`StorageError::Missing`] when the permit is for somebody else.
    pub async fn keep(
        &self,
        tx: &mut Tx,
        permit: &RecordingPermit,
        recording: &Recording,
        piece: Piece,
    ) -> Result<bool> {
        if permit.patient() != recording.patient_id {
            return Err(StorageError::Missing { what: "recording".to_owned() });
        }
        let (id, number) = (recording.id, piece.number);
        let size = piece.content.len();
        if size > MAX_PIECE_BYTES || !(0..MAX_PIECES).contains(&number) {
            return Err(StorageError::TooLarge {
                size_bytes: size as u64,
                max_bytes: MAX_PIECE_BYTES as u64,
            });
        }
        let digest = sha256(&piece.content);
        if let Some(known) = tx.recording_piece(id, number).await? {
            return if known.digest == digest {
                Ok(false)
            } else {
                Err(StorageError::Conflict { current: None })
            };
        }
        if recording.state != RecordingState::Recording {
            return Err(StorageError::Conflict { current: None });
        }
        let key = self.key(tx, id).await?;
        let path = self.path(id);
        let begins_ms = piece.begins_ms;
        let place = off_thread(move || {
            let sealed = seal(&key, &piece_owner(id, number), &piece.content)?;
            append(&path, &sealed).map_err(|source| StorageError::io(&path, source))
        })
        .await?;
        let row = PieceRow {
            number,
            place: i64::try_from(place).unwrap_or(i64::MAX),
            size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
            digest,
        };
        tx.insert_recording_piece(id, &row, begins_ms).await?;
        Ok(true)
    }

    /// The sound from a byte on, at most so many bytes of it; what did not arrive is left out.
    ///
    /// # Errors
    /// [`StorageError::BlobDestroyed`] once its key is gone; [`StorageError::BlobMissing`], [`StorageError::BlobAltered`].
    pub async fn read(&self, tx: &mut Tx, id: RecordingId, from: u64, most: usize) -> Result<Vec<u8>> {
        let key = self.key(tx, id).await?;
        let rows = tx.recording_pieces(id).await?;
        let path = self.path(id);
        off_thread(move || read_pieces(&path, id, &key, &rows, from, most)).await
    }

    /// A key for what a browser has recorded and not sent yet, made from that of the recording: it goes with it.
    ///
    /// # Errors
    /// As [`SoundStore::read`].
    pub async fn device_key(&self, tx: &mut Tx, id: RecordingId) -> Result<Zeroizing<[u8; 32]>> {
        let key = self.key(tx, id).await?;
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &*key)
            .expand(b"medicus device buffer 1", &mut *out)
            .map_err(|_| StorageError::Crypto)?;
        Ok(out)
    }

    /// Destroys the key: from the commit on nobody can hear the recording. Then call [`SoundStore::remove_file`].
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is destroyed already.
    pub async fn destroy(&self, tx: &mut Tx, id: RecordingId, at: Timestamp) -> Result<()> {
        // What is still arriving waits, and then finds nothing to be added to.
        tx.hold_recording(id).await?;
        let rows = tx.recording_pieces(id).await?;
        let size_bytes = rows.iter().map(|row| row.size_bytes).sum();
        tx.forget_recording_key(id, at, PieceRow::digest_of(&rows), size_bytes).await
    }

    /// What a recording with a key sounds like, as a digest: two with the same sound, cut into the same pieces, have the same.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn digest(&self, tx: &mut Tx, id: RecordingId) -> Result<Digest> {
        Ok(PieceRow::digest_of(&tx.recording_pieces(id).await?))
    }

    /// Destroys the recordings among these that a back-up brought back after they had been destroyed; how many. Each leaves an
    /// event in the bitácora.
    ///
    /// # Errors
    /// What the engine says, [`StorageError::Io`]; those before are destroyed.
    pub async fn destroy_again(
        &self,
        database: &Database,
        ids: &BTreeSet<RecordingId>,
        at: Timestamp,
    ) -> Result<usize> {
        let mut count = 0;
        for id in ids {
            let mut tx = database.begin().await?;
            let back = tx.hold_recording(*id).await?.filter(|one| one.state != RecordingState::Destroyed);
            let Some(recording) = back else {
                tx.rollback().await?;
                continue;
            };
            self.destroy(&mut tx, *id, at).await?;
            // Nothing is written into a blocked record: then only the recording is named.
            let blocked = tx.is_blocked(recording.patient_id).await?;
            tx.append_audit(NewAuditEvent {
                at,
                actor: None,
                action: AuditAction::Update,
                entity: "recording",
                entity_id: id.to_string(),
                patient_id: Some(recording.patient_id).filter(|_| !blocked),
                origin: "program".to_owned(),
                reason: Some(
                    "destruida otra vez al reponer un respaldo anterior a su destrucción".to_owned(),
                ),
            })
            .await?;
            tx.commit().await?;
            self.remove_file(*id)?;
            count += 1;
        }
        Ok(count)
    }

    /// Removes the file of a recording whose key was destroyed; one that is gone already is no error.
    ///
    /// # Errors
    /// [`StorageError::Io`].
    pub fn remove_file(&self, id: RecordingId) -> Result<()> {
        let path = self.path(id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StorageError::io(&path, source))
            }
            _ => Ok(()),
        }
    }

    /// Files older than `before` that no key opens.
    pub(crate) async fn orphans(&self, tx: &mut Tx, before: Timestamp) -> Result<Vec<PathBuf>> {
        let folder = self.folder.clone();
        let files = off_thread(move || files_older_than(&folder, before)).await?;
        let mut found = Vec::new();
        for (path, id) in files {
            let opens = match id {
                Some(id) => tx.recording_key(id).await?.flatten().is_some(),
                None => false,
            };
            if !opens {
                found.push(path);
            }
        }
        Ok(found)
    }

    /// A key for a recording, and the same wrapped, as its row has it.
    pub(crate) fn new_key(&self, id: RecordingId) -> Result<(SecretBytes, String)> {
        let key: SecretBytes = Zeroizing::new(random()?);
        let wrapped = hex::encode(&seal(&self.wrapping_key, &key_owner(id), &*key)?);
        Ok((key, wrapped))
    }

    async fn key(&self, tx: &mut Tx, id: RecordingId) -> Result<SecretBytes> {
        let missing = || StorageError::BlobMissing { id: id.to_string() };
        let altered = || StorageError::BlobAltered { id: id.to_string() };
        let wrapped = tx.recording_key(id).await?.ok_or_else(missing)?;
        let wrapped = wrapped.ok_or_else(|| StorageError::BlobDestroyed { id: id.to_string() })?;
        let wrapped = hex::decode(&wrapped).ok_or_else(altered)?;
        let key =
            open(&self.wrapping_key, &key_owner(id), &wrapped).map(Zeroizing::new).ok_or_else(altered)?;
        <[u8; 32]>::try_from(key.as_slice()).map(Zeroizing::new).map_err(|_| altered())
    }

    pub(crate) fn path(&self, id: RecordingId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

/// What the wrapped key of a recording is bound to.
pub(crate) fn key_owner(id: RecordingId) -> Vec<u8> {
    [KEY_OWNER, id.0.as_bytes()].concat()
}

pub(crate) fn piece_owner(id: RecordingId, number: i64) -> Vec<u8> {
    [&id.0.as_bytes()[..], &number.to_le_bytes()].concat()
}

/// Writes behind the end of the file; where that was. It is on disk when this returns.
pub(crate) fn append(path: &Path, sealed: &[u8]) -> std::io::Result<u64> {
    make_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut place = file.metadata()?.len();
    if place < FORMAT.len() as u64 {
        file.set_len(0)?;
        file.write_all(FORMAT)?;
        sync_folder(path)?;
        place = FORMAT.len() as u64;
    }
    let written = file.write_all(sealed).and_then(|()| file.sync_data());
    if written.is_err() {
        // Half a piece, of a full disk: nothing names it, and it would only take room.
        let _gone = file.set_len(place);
    }
    written.map(|()| place)
}

fn read_pieces(
    path: &Path,
    id: RecordingId,
    key: &SecretBytes,
    rows: &[PieceRow],
    from: u64,
    most: usize,
) -> Result<Vec<u8>> {
    let altered = || StorageError::BlobAltered { id: id.to_string() };
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => StorageError::BlobMissing { id: id.to_string() },
        std::io::ErrorKind::UnexpectedEof => altered(),
        _ => StorageError::io(path, source),
    };
    let mut sound = Vec::new();
    let mut begins = 0_u64;
    let mut file = None;
    for row in rows {
        let size = usize::try_from(row.size_bytes)
            .ok()
            .filter(|size| *size <= MAX_PIECE_BYTES)
            .ok_or_else(altered)?;
        let ends = begins + size as u64;
        if ends > from && sound.len() < most {
            let file = match &mut file {
                Some(file) => file,
                none => none.insert(fs::File::open(path).map_err(failed)?),
            };
            let mut sealed = vec![0; size + SEAL_BYTES];
            file.seek(SeekFrom::Start(u64::try_from(row.place).map_err(|_| altered())?)).map_err(failed)?;
            file.read_exact(&mut sealed).map_err(failed)?;
            let piece = open(key, &piece_owner(id, row.number), &sealed).ok_or_else(altered)?;
            let skip = usize::try_from(from.saturating_sub(begins)).unwrap_or(usize::MAX);
            sound.extend_from_slice(piece.get(skip..).unwrap_or_default());
        }
        begins = ends;
    }
    sound.truncate(most);
    Ok(sound)
}

fn files_older_than(folder: &Path, before: Timestamp) -> Result<Vec<(PathBuf, Option<RecordingId>)>> {
    let failed = |source| StorageError::io(folder, source);
    let files = match fs::read_dir(folder) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut found = Vec::new();
    for file in files {
        let file = file.map_err(failed)?;
        let changed = file.metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
        if Timestamp::try_from(changed).is_ok_and(|changed| changed < before) {
            let id = file.file_name().to_str().and_then(|name| name.parse().ok());
            found.push((file.path(), id));
        }
    }
    Ok(found)
}
