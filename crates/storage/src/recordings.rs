//! Recordings of consultations: their rows and their pieces. The sound itself lies in files, see [`crate::SoundStore`].
//!
//! A recording is opened, and takes a piece, only with a [`RecordingPermit`], which only a live consent gives.

use clinical::consent::ConsentPurpose;
use clinical::digest::Digest;
use clinical::ids::{ConsentId, EncounterId, PatientId, RecordingId, UserId};
use clinical::recording::RecordingState;
use jiff::Timestamp;

use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::private::visible_of;
use crate::sound::PCM_OF_FILE;
use crate::tx::Tx;
use crate::value::{Row, values};

/// The right to record a patient. It is made from a consent that is live in the transaction that uses it, and from nothing
/// else; it is not kept.
#[derive(Debug)]
pub struct RecordingPermit {
    patient: PatientId,
    consent: ConsentId,
}

impl RecordingPermit {
    /// The consent behind it.
    #[must_use]
    pub fn consent(&self) -> ConsentId {
        self.consent
    }

    pub(crate) fn patient(&self) -> PatientId {
        self.patient
    }

    /// A recording of this patient without sound.
    pub(crate) fn new_recording(
        &self,
        id: RecordingId,
        encounter_id: EncounterId,
        media_type: &str,
        (by, at): (UserId, Timestamp),
    ) -> Recording {
        Recording {
            id,
            encounter_id,
            patient_id: self.patient,
            consent_id: self.consent,
            media_type: media_type.to_owned(),
            state: RecordingState::Recording,
            started_by: by,
            started_at: at,
            ended_at: None,
            destroyed_at: None,
            announced: None,
            pieces: 0,
            next: 0,
            size_bytes: 0,
            digest: None,
        }
    }
}

/// A recording without its sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Identifies it.
    pub id: RecordingId,
    /// Of which consultation.
    pub encounter_id: EncounterId,
    /// In whose record, as it was when it began.
    pub patient_id: PatientId,
    /// The consent it was opened with.
    pub consent_id: ConsentId,
    /// What the sound is: [`crate::SoundStore::PCM`], with the number of channels when a file was brought.
    pub media_type: String,
    /// Whether it goes on.
    pub state: RecordingState,
    /// Who began it.
    pub started_by: UserId,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When its key was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// How many pieces the device said it made, once it said so.
    pub announced: Option<i64>,
    /// How many pieces are here.
    pub pieces: i64,
    /// The number the next piece would have if none is missing.
    pub next: i64,
    /// Bytes of sound that are here, or were before it was destroyed.
    pub size_bytes: i64,
    /// What was destroyed: SHA-256 of the digests of its pieces in order.
    pub digest: Option<Digest>,
}

impl Recording {
    /// Whether it was brought in a file and not recorded here.
    #[must_use]
    pub fn is_brought(&self) -> bool {
        self.media_type == PCM_OF_FILE
    }

    /// Pieces the device made that did not arrive.
    #[must_use]
    pub fn missing(&self) -> i64 {
        match self.state {
            RecordingState::Destroyed => 0,
            _ => (self.announced.unwrap_or_default().max(self.next) - self.pieces).max(0),
        }
    }
}

macro_rules! recording_columns {
    () => {
        "SELECT r.id, r.encounter_id, r.patient_id, r.consent_id, r.media_type, r.state, r.started_by, r.started_at, \
         r.ended_at, r.destroyed_at, r.announced, r.digest, \
         (SELECT COUNT(*) FROM recording_piece p WHERE p.recording_id = r.id) AS pieces, \
         (SELECT COALESCE(MAX(p.number) + 1, 0) FROM recording_piece p WHERE p.recording_id = r.id) AS next, \
         COALESCE(r.size_bytes, (SELECT CAST(SUM(p.size_bytes) AS BIGINT) FROM recording_piece p \
           WHERE p.recording_id = r.id), 0) AS size_bytes \
         FROM recording r WHERE "
    };
}

const RECORDING: &str =
    concat!(recording_columns!(), "r.id = $1 AND ", visible_of!("r.patient_id", "$2", "$3"));

fn recording(row: &Row) -> Result<Recording> {
    Ok(Recording {
        id: row.parsed("id")?,
        encounter_id: row.parsed("encounter_id")?,
        patient_id: row.parsed("patient_id")?,
        consent_id: row.parsed("consent_id")?,
        media_type: row.text("media_type")?,
        state: row.coded("state", RecordingState::from_code)?,
        started_by: row.parsed("started_by")?,
        started_at: row.time("started_at")?,
        ended_at: row.maybe_time("ended_at")?,
        destroyed_at: row.maybe_time("destroyed_at")?,
        announced: row.maybe_int("announced")?,
        pieces: row.int("pieces")?,
        next: row.int("next")?,
        size_bytes: row.int("size_bytes")?,
        digest: row.maybe_parsed("digest")?,
    })
}

/// Where a piece lies.
pub(crate) struct PieceRow {
    pub(crate) number: i64,
    pub(crate) place: i64,
    pub(crate) size_bytes: i64,
    pub(crate) digest: Digest,
}

impl PieceRow {
    /// SHA-256 of the digests of pieces in order.
    pub(crate) fn digest_of(rows: &[Self]) -> Digest {
        let digests: Vec<u8> = rows.iter().flat_map(|row| row.digest.0).collect();
        sha256(&digests)
    }
}

fn piece(row: &Row) -> Result<PieceRow> {
    Ok(PieceRow {
        number: row.int("number")?,
        place: row.int("place")?,
        size_bytes: row.int("size_bytes")?,
        digest: row.digest("digest")?,
    })
}

impl Tx {
    /// The right to record a patient at an instant; `None` unless the newest answer about it is a yes that still counts.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recording_permit(
        &mut self,
        patient: PatientId,
        now: Timestamp,
    ) -> Result<Option<RecordingPermit>> {
        let answer = self.current_consent(patient, ConsentPurpose::RecordConversation).await?;
        Ok(answer
            .filter(|consent| consent.is_live(now))
            .map(|consent| RecordingPermit { patient, consent: consent.id }))
    }

    /// A recording.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recording(&mut self, id: RecordingId) -> Result<Option<Recording>> {
        self.one("recording", RECORDING, values![id, self.eyes(), self.moment()], recording).await
    }

    /// The same, and others wait until this transaction ends before they write to it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_recording(&mut self, id: RecordingId) -> Result<Option<Recording>> {
        let values = values![id, self.eyes(), self.moment()];
        Ok(self.locked("recording", RECORDING, values, recording).await?.pop())
    }

    /// The recordings of a consultation, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recordings(&mut self, encounter: EncounterId) -> Result<Vec<Recording>> {
        let sql = concat!(
            recording_columns!(),
            "r.encounter_id = $1 AND ",
            visible_of!("r.patient_id", "$2", "$3"),
            " ORDER BY r.started_at, r.id"
        );
        self.list("recording", sql, values![encounter, self.eyes(), self.moment()], recording).await
    }

    /// The recordings of the installation whose key was destroyed.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn destroyed_recordings(&mut self) -> Result<Vec<RecordingId>> {
        let sql = "SELECT id FROM recording WHERE state = $1 ORDER BY id";
        self.list("recording", sql, values![RecordingState::Destroyed.code()], |row| row.parsed("id")).await
    }

    /// Moves a recording from one state to another that is not [`RecordingState::Destroyed`]. At the end the device says how
    /// many pieces it made, if it can.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is in another state.
    pub async fn set_recording_state(
        &mut self,
        id: RecordingId,
        expected: RecordingState,
        state: RecordingState,
        at: Timestamp,
        announced: Option<i64>,
    ) -> Result<()> {
        let ended = Some(at).filter(|_| !state.is_open());
        let changed = self
            .execute(
                "UPDATE recording SET state = $3, ended_at = $4, announced = COALESCE($5, announced)
                  WHERE id = $1 AND state = $2 AND wrapped_key IS NOT NULL",
                values![id, expected.code(), state.code(), ended, announced],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    pub(crate) async fn insert_recording(&mut self, own: &Recording, wrapped_key: &str) -> Result<()> {
        self.used_key = true;
        self.execute(
            "INSERT INTO recording (id, encounter_id, patient_id, consent_id, media_type, state, started_by, started_at,
                                    wrapped_key)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                own.id,
                own.encounter_id,
                own.patient_id,
                own.consent_id,
                &own.media_type,
                own.state.code(),
                own.started_by,
                own.started_at,
                wrapped_key,
            ],
        )
        .await
        .map(drop)
    }

    /// The wrapped key; `None` without the recording, and inside once the key was destroyed.
    pub(crate) async fn recording_key(&mut self, id: RecordingId) -> Result<Option<Option<String>>> {
        self.one("recording", "SELECT wrapped_key FROM recording WHERE id = $1", values![id], |row| {
            row.maybe_text("wrapped_key")
        })
        .await
    }

    pub(crate) async fn recording_piece(&mut self, id: RecordingId, number: i64) -> Result<Option<PieceRow>> {
        self.one(
            "recording_piece",
            "SELECT number, place, size_bytes, digest FROM recording_piece WHERE recording_id = $1 AND number = $2",
            values![id, number],
            piece,
        )
        .await
    }

    pub(crate) async fn recording_pieces(&mut self, id: RecordingId) -> Result<Vec<PieceRow>> {
        self.list(
            "recording_piece",
            "SELECT number, place, size_bytes, digest FROM recording_piece WHERE recording_id = $1 ORDER BY number",
            values![id],
            piece,
        )
        .await
    }

    pub(crate) async fn insert_recording_piece(
        &mut self,
        id: RecordingId,
        own: &PieceRow,
        begins_ms: i64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO recording_piece (recording_id, number, place, size_bytes, digest, begins_ms)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![id, own.number, own.place, own.size_bytes, own.digest, begins_ms],
        )
        .await
        .map(drop)
    }

    /// The key and the pieces go, what they were stays.
    pub(crate) async fn forget_recording_key(
        &mut self,
        id: RecordingId,
        at: Timestamp,
        digest: Digest,
        size_bytes: i64,
    ) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE recording SET wrapped_key = NULL, state = $2, destroyed_at = $3, digest = $4, size_bytes = $5,
                        ended_at = COALESCE(ended_at, $3)
                  WHERE id = $1 AND wrapped_key IS NOT NULL",
                values![id, RecordingState::Destroyed.code(), at, digest, size_bytes],
            )
            .await?;
        if changed == 0 {
            return Err(StorageError::Conflict { current: None });
        }
        self.execute("DELETE FROM listening WHERE recording_id = $1", values![id]).await?;
        self.execute("DELETE FROM recording_piece WHERE recording_id = $1", values![id]).await.map(drop)
    }
}
