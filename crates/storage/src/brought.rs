//! Sound somebody brings in a file. The file is enciphered while it arrives, with a key that is kept nowhere, and is only there
//! to be read once. What is read out of it is written as the sound of a recording, and becomes one in one transaction.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::PathBuf;

use clinical::digest::Digest;
use clinical::ids::{EncounterId, RecordingId, UserId};
use clinical::recording::RecordingState;
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::blobs::{NewFile, make_private_folder, off_thread};
use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::keys::{SecretBytes, random};
use crate::recordings::{PieceRow, RecordingPermit};
use crate::sealed::{open, seal};
use crate::sound::{PCM_OF_FILE, SEAL_BYTES, SoundStore, append, piece_owner};
use crate::tx::Tx;

/// The largest file that is taken, in bytes: four hours of uncompressed sound as recorders write it.
pub const MAX_BROUGHT_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of the file that are enciphered together.
const BLOCK: usize = 64 * 1024;
/// Bytes of a piece of what was read: half a minute.
const PIECE: usize = 30 * 32_000;
/// Milliseconds of such a piece.
const PIECE_MS: i64 = 30_000;

/// A file that arrives. Dropped, it is gone; its key was nowhere but here.
pub struct BroughtFile {
    id: Uuid,
    key: SecretBytes,
    file: fs::File,
    path: PathBuf,
    size: u64,
    /// Arrived, and not enough yet for a block.
    rest: Vec<u8>,
    /// Removes the file.
    place: NewFile,
}

impl std::fmt::Debug for BroughtFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BroughtFile({} bytes)", self.size)
    }
}

impl BroughtFile {
    /// Takes what arrived next.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] beyond [`MAX_BROUGHT_BYTES`]; [`StorageError::DiskFull`], [`StorageError::Io`].
    pub async fn push(mut self, bytes: Vec<u8>) -> Result<Self> {
        self.size += bytes.len() as u64;
        if self.size > MAX_BROUGHT_BYTES {
            return Err(StorageError::TooLarge { size_bytes: self.size, max_bytes: MAX_BROUGHT_BYTES });
        }
        self.rest.extend_from_slice(&bytes);
        if self.rest.len() < 16 * BLOCK {
            return Ok(self);
        }
        off_thread(move || {
            let whole = self.rest.len() / BLOCK * BLOCK;
            let first = (self.size - self.rest.len() as u64) / BLOCK as u64;
            let blocks: Vec<u8> = self.rest.drain(..whole).collect();
            self.write(first, &blocks)?;
            Ok(self)
        })
        .await
    }

    /// It has arrived.
    ///
    /// # Errors
    /// As [`BroughtFile::push`].
    pub async fn end(mut self) -> Result<BroughtReader> {
        off_thread(move || {
            let rest = std::mem::take(&mut self.rest);
            self.write((self.size - rest.len() as u64) / BLOCK as u64, &rest)?;
            let Self { id, key, file, size, place, .. } = self;
            Ok(BroughtReader { id, key, file, size, at: 0, block: None, _place: place })
        })
        .await
    }

    fn write(&mut self, first: u64, bytes: &[u8]) -> Result<()> {
        for (block, number) in bytes.chunks(BLOCK).zip(first..) {
            let sealed = seal(&self.key, &block_owner(self.id, number), block)?;
            self.file.write_all(&sealed).map_err(|source| StorageError::io(&self.path, source))?;
        }
        Ok(())
    }
}

fn block_owner(id: Uuid, number: u64) -> Vec<u8> {
    [&id.as_bytes()[..], &number.to_le_bytes()].concat()
}

/// A file that arrived, to be read anywhere. Dropped, it is gone.
pub struct BroughtReader {
    id: Uuid,
    key: SecretBytes,
    file: fs::File,
    size: u64,
    at: u64,
    /// The block read last, with its number.
    block: Option<(u64, Zeroizing<Vec<u8>>)>,
    _place: NewFile,
}

impl std::fmt::Debug for BroughtReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BroughtReader({} bytes)", self.size)
    }
}

impl BroughtReader {
    fn load(&mut self, number: u64) -> io::Result<()> {
        let left = self.size.saturating_sub(number * BLOCK as u64).min(BLOCK as u64);
        let mut sealed = vec![0; usize::try_from(left).map_err(io::Error::other)? + SEAL_BYTES];
        self.file.seek(SeekFrom::Start(number * (BLOCK + SEAL_BYTES) as u64))?;
        self.file.read_exact(&mut sealed)?;
        let opened = open(&self.key, &block_owner(self.id, number), &sealed);
        let opened = opened.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        self.block = Some((number, Zeroizing::new(opened)));
        Ok(())
    }
}

impl Read for BroughtReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size {
            return Ok(0);
        }
        let number = self.at / BLOCK as u64;
        if self.block.as_ref().is_none_or(|(known, _)| *known != number) {
            self.load(number)?;
        }
        let skip = usize::try_from(self.at % BLOCK as u64).map_err(io::Error::other)?;
        let mut rest = self.block.as_ref().and_then(|(_, block)| block.get(skip..)).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for BroughtReader {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let wanted = match position {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = wanted.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The sound of a recording that is being written and is none yet. Dropped, it is gone.
pub struct SoundWriter {
    id: RecordingId,
    key: SecretBytes,
    wrapped_key: String,
    path: PathBuf,
    rows: Vec<PieceRow>,
    rest: Zeroizing<Vec<u8>>,
    place: NewFile,
}

impl std::fmt::Debug for SoundWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoundWriter({})", self.id)
    }
}

impl SoundWriter {
    /// Takes samples as [`SoundStore::PCM`] has them. It waits for the disk.
    ///
    /// # Errors
    /// [`StorageError::DiskFull`], [`StorageError::Io`].
    pub fn push(&mut self, samples: &[u8]) -> Result<()> {
        self.rest.extend_from_slice(samples);
        while self.rest.len() >= PIECE {
            let piece: Zeroizing<Vec<u8>> = Zeroizing::new(self.rest.drain(..PIECE).collect());
            self.write(&piece)?;
        }
        Ok(())
    }

    /// That was all of it.
    ///
    /// # Errors
    /// As [`SoundWriter::push`].
    pub fn end(mut self) -> Result<BroughtSound> {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.write(&rest)?;
        }
        let Self { id, wrapped_key, rows, place, .. } = self;
        Ok(BroughtSound { id, wrapped_key, rows, place })
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        let number = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        let sealed = seal(&self.key, &piece_owner(self.id, number), piece)?;
        let place = append(&self.path, &sealed).map_err(|source| StorageError::io(&self.path, source))?;
        self.rows.push(PieceRow {
            number,
            place: i64::try_from(place).unwrap_or(i64::MAX),
            size_bytes: i64::try_from(piece.len()).unwrap_or(i64::MAX),
            digest: sha256(piece),
        });
        Ok(())
    }
}

/// Sound that lies encrypted on disk and is no recording yet. Dropped, it is gone.
pub struct BroughtSound {
    id: RecordingId,
    wrapped_key: String,
    rows: Vec<PieceRow>,
    place: NewFile,
}

impl std::fmt::Debug for BroughtSound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BroughtSound({}, {} pieces)", self.id, self.rows.len())
    }
}

impl BroughtSound {
    /// What it is: two files with the same sound have the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        PieceRow::digest_of(&self.rows)
    }
}

impl SoundStore {
    /// Begins to take a file in which the sound of a patient is brought.
    ///
    /// # Errors
    /// [`StorageError::Io`], [`StorageError::DiskFull`].
    pub fn receive(&self, _permit: &RecordingPermit) -> Result<BroughtFile> {
        let id = Uuid::now_v7();
        // No id of a recording: what a stop of the machine leaves is swept away.
        let path = self.folder.join(format!("llega-{id}"));
        let failed = |source| StorageError::io(&path, source);
        make_private_folder(&self.folder).map_err(failed)?;
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        let key: SecretBytes = Zeroizing::new(random()?);
        Ok(BroughtFile { id, key, file, place: NewFile::at(path.clone()), path, size: 0, rest: Vec::new() })
    }

    /// Begins to write the sound of a recording.
    ///
    /// # Errors
    /// When there is no randomness for its key.
    pub fn writer(&self) -> Result<SoundWriter> {
        let id = RecordingId(Uuid::now_v7());
        let (key, wrapped_key) = self.new_key(id)?;
        let path = self.path(id);
        let place = NewFile::at(path.clone());
        Ok(SoundWriter { id, key, wrapped_key, path, rows: Vec::new(), rest: Zeroizing::default(), place })
    }

    /// Makes a recording, which ended, of sound that was brought.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown consultation or account.
    pub async fn keep_brought(
        &self,
        tx: &mut Tx,
        permit: &RecordingPermit,
        encounter_id: EncounterId,
        sound: BroughtSound,
        (by, at): (UserId, Timestamp),
    ) -> Result<RecordingId> {
        let BroughtSound { id, wrapped_key, rows, place } = sound;
        let recording = permit.new_recording(id, encounter_id, PCM_OF_FILE, (by, at));
        tx.insert_recording(&recording, &wrapped_key).await?;
        for row in &rows {
            tx.insert_recording_piece(id, row, row.number * PIECE_MS).await?;
        }
        let (expected, ended) = (RecordingState::Recording, RecordingState::Ended);
        let count = i64::try_from(rows.len()).ok();
        tx.set_recording_state(id, expected, ended, at, count).await?;
        tx.files.push(place);
        Ok(id)
    }
}
