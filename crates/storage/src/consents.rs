//! Versions of the aviso de privacidad, and consents: each answer is a record of its own, never changed; the newest one for a purpose counts.

use clinical::consent::{Consent, ConsentMeans, ConsentPurpose, PrivacyNotice};
use clinical::ids::{PatientId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

fn consent(row: &Row) -> Result<Consent> {
    Ok(Consent {
        id: row.parsed("id")?,
        patient_id: row.parsed("patient_id")?,
        purpose: row.coded("purpose", ConsentPurpose::from_code)?,
        text_version: row.text("text_version")?,
        given: row.flag("given")?,
        means: row.coded("means", ConsentMeans::from_code)?,
        answered_by: row.maybe_text("answered_by")?,
        recorded_by: row.parsed("recorded_by")?,
        recorded_at: row.time("recorded_at")?,
        asked: row.maybe_text("asked")?,
        until: row.maybe_time("until_at")?,
    })
}

fn notice(row: &Row) -> Result<PrivacyNotice> {
    Ok(PrivacyNotice {
        version: row.int("version")?,
        text: row.text("text")?,
        published_by: row.text("published_by")?,
        published_at: row.time("published_at")?,
    })
}

/// The aviso de privacidad.
impl Tx {
    /// Publishes the next version of the text; returns its number.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown user.
    pub async fn publish_notice(&mut self, text: &str, by: UserId, at: Timestamp) -> Result<i64> {
        let version = self.next_number("privacy_notice").await?;
        self.execute(
            "INSERT INTO privacy_notice (version, text, published_by, published_at) VALUES ($1, $2, $3, $4)",
            values![version, text, by, at],
        )
        .await?;
        Ok(version)
    }

    /// All versions, the one in force first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn notices(&mut self) -> Result<Vec<PrivacyNotice>> {
        self.list(
            "privacy_notice",
            "SELECT n.version, n.text, n.published_at, u.display_name AS published_by
               FROM privacy_notice n JOIN account u ON u.id = n.published_by ORDER BY n.version DESC",
            &[],
            notice,
        )
        .await
    }
}

/// Consents.
impl Tx {
    /// Records an answer.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_consent(&mut self, consent: &Consent) -> Result<()> {
        self.execute(
            "INSERT INTO consent (id, patient_id, purpose, text_version, given, means, answered_by, recorded_by,
                                  recorded_at, asked, until_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                consent.id,
                consent.patient_id,
                consent.purpose.code(),
                &consent.text_version,
                consent.given,
                consent.means.code(),
                consent.answered_by.as_deref(),
                consent.recorded_by,
                consent.recorded_at,
                consent.asked.as_deref(),
                consent.until,
            ],
        )
        .await
        .map(drop)
    }

    /// All answers of a patient, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn consents(&mut self, patient: PatientId) -> Result<Vec<Consent>> {
        self.list(
            "consent",
            concat!(
                "SELECT id, patient_id, purpose, text_version, given, means, answered_by, recorded_by,
                        recorded_at, asked, until_at FROM consent WHERE ",
                of_record!("patient_id"),
                " ORDER BY recorded_at DESC, id DESC"
            ),
            values![patient],
            consent,
        )
        .await
    }

    /// The answer that counts for a purpose, given or refused; `None` when nobody asked.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn current_consent(
        &mut self,
        patient: PatientId,
        purpose: ConsentPurpose,
    ) -> Result<Option<Consent>> {
        self.one(
            "consent",
            concat!(
                "SELECT id, patient_id, purpose, text_version, given, means, answered_by, recorded_by,
                        recorded_at, asked, until_at FROM consent WHERE ",
                of_record!("patient_id"),
                " AND purpose = $2 ORDER BY recorded_at DESC, id DESC LIMIT 1"
            ),
            values![patient, purpose.code()],
            consent,
        )
        .await
    }
}
