//! What a consultation is written from and into before it is signed: the transcript and the drafts.

use clinical::digest::Digest;
use clinical::document::DocumentKind;
use clinical::encounter::EncounterState;
use clinical::ids::{EncounterId, UserId};
use clinical::transcript::Transcript;
use jiff::Timestamp;

use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// The transcript of a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTranscript {
    /// The turns.
    pub transcript: Transcript,
    /// SHA-256 of the JSON that is stored; a signed note names it.
    pub digest: Digest,
    /// Who brought it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}

/// A draft as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDraft {
    /// Of which document.
    pub kind: DocumentKind,
    /// JSON, as the caller gave it.
    pub content: String,
    /// Counts saves, from 1.
    pub version: i64,
    /// Who saved it last.
    pub updated_by: UserId,
    /// When.
    pub updated_at: Timestamp,
}

fn transcript(row: &Row) -> Result<StoredTranscript> {
    Ok(StoredTranscript {
        transcript: row.json("content")?,
        digest: row.parsed("digest")?,
        recorded_by: row.parsed("recorded_by")?,
        recorded_at: row.time("recorded_at")?,
    })
}

fn draft(row: &Row) -> Result<StoredDraft> {
    Ok(StoredDraft {
        kind: row.coded("kind", DocumentKind::from_code)?,
        content: row.text("content")?,
        version: row.int("version")?,
        updated_by: row.parsed("updated_by")?,
        updated_at: row.time("updated_at")?,
    })
}

impl Tx {
    /// Stores the transcript of a consultation in progress, in place of an earlier one; returns its digest.
    ///
    /// # Errors
    /// [`StorageError::EncounterClosed`] once the consultation is finished or cancelled,
    /// [`StorageError::Immutable`] once a document of it is signed.
    pub async fn save_transcript(
        &mut self,
        encounter: EncounterId,
        transcript: &Transcript,
        by: UserId,
        at: Timestamp,
    ) -> Result<Digest> {
        self.require_in_progress(encounter).await?;
        let content =
            serde_json::to_string(transcript).map_err(|error| StorageError::Database(error.into()))?;
        let digest = sha256(content.as_bytes());
        self.execute(
            "INSERT INTO transcript (encounter_id, digest, recorded_by, recorded_at, content)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (encounter_id) DO UPDATE
               SET digest = excluded.digest, recorded_by = excluded.recorded_by,
                   recorded_at = excluded.recorded_at, content = excluded.content",
            values![encounter, digest, by, at, content],
        )
        .await?;
        Ok(digest)
    }

    /// The transcript of a consultation.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn transcript(&mut self, encounter: EncounterId) -> Result<Option<StoredTranscript>> {
        self.one(
            "transcript",
            "SELECT encounter_id AS id, digest, recorded_by, recorded_at, content
               FROM transcript WHERE encounter_id = $1",
            values![encounter],
            transcript,
        )
        .await
    }

    /// Saves a draft over the version its writer had before them, 0 for the first; returns the new version.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] with the stored version when someone else saved in between: nothing was written,
    /// and both texts still exist. [`StorageError::EncounterClosed`] once the consultation is finished or cancelled
    /// (addenda are drafted after that).
    pub async fn save_draft(
        &mut self,
        encounter: EncounterId,
        kind: DocumentKind,
        expected_version: i64,
        content: &str,
        by: UserId,
        at: Timestamp,
    ) -> Result<i64> {
        if kind != DocumentKind::ADDENDUM {
            self.require_in_progress(encounter).await?;
        }
        let version = expected_version + 1;
        let saved = if expected_version == 0 {
            self.execute(
                "INSERT INTO draft (encounter_id, kind, version, updated_by, updated_at, content)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                values![encounter, kind.code(), version, by, at, content],
            )
            .await?
        } else {
            self.execute(
                "UPDATE draft SET version = $3, updated_by = $4, updated_at = $5, content = $6
                  WHERE encounter_id = $1 AND kind = $2 AND version = $7",
                values![encounter, kind.code(), version, by, at, content, expected_version],
            )
            .await?
        };
        if saved == 1 {
            return Ok(version);
        }
        let stored = self.draft(encounter, kind).await?;
        Err(StorageError::Conflict { current: stored.map(|draft| draft.version) })
    }

    /// A draft.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn draft(&mut self, encounter: EncounterId, kind: DocumentKind) -> Result<Option<StoredDraft>> {
        self.one(
            "draft",
            "SELECT encounter_id AS id, kind, version, updated_by, updated_at, content
               FROM draft WHERE encounter_id = $1 AND kind = $2",
            values![encounter, kind.code()],
            draft,
        )
        .await
    }

    /// The drafts of a consultation.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn drafts(&mut self, encounter: EncounterId) -> Result<Vec<StoredDraft>> {
        self.list(
            "draft",
            "SELECT encounter_id AS id, kind, version, updated_by, updated_at, content
               FROM draft WHERE encounter_id = $1 ORDER BY kind",
            values![encounter],
            draft,
        )
        .await
    }

    /// Removes a draft, at signing or when it is given up; whether there was one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_draft(&mut self, encounter: EncounterId, kind: DocumentKind) -> Result<bool> {
        self.execute(
            "DELETE FROM draft WHERE encounter_id = $1 AND kind = $2",
            values![encounter, kind.code()],
        )
        .await
        .map(|deleted| deleted > 0)
    }

    async fn require_in_progress(&mut self, id: EncounterId) -> Result<()> {
        match self.hold_encounter(id).await?.map(|encounter| encounter.state) {
            Some(EncounterState::InProgress) => Ok(()),
            Some(_) => Err(StorageError::EncounterClosed),
            None => Err(StorageError::Missing { what: "encounter".to_owned() }),
        }
    }
}
