//! Consents: each answer is a record of its own, never changed; the newest one for a purpose counts.

use clinical::consent::{Consent, ConsentPurpose};
use clinical::ids::PatientId;

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
        recorded_by: row.parsed("recorded_by")?,
        recorded_at: row.time("recorded_at")?,
    })
}

impl Tx {
    /// Records an answer.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_consent(&mut self, consent: &Consent) -> Result<()> {
        self.execute(
            "INSERT INTO consent (id, patient_id, purpose, text_version, given, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                consent.id,
                consent.patient_id,
                consent.purpose.code(),
                &consent.text_version,
                consent.given,
                consent.recorded_by,
                consent.recorded_at,
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
                "SELECT id, patient_id, purpose, text_version, given, recorded_by, recorded_at FROM consent WHERE ",
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
                "SELECT id, patient_id, purpose, text_version, given, recorded_by, recorded_at FROM consent WHERE ",
                of_record!("patient_id"),
                " AND purpose = $2 ORDER BY recorded_at DESC, id DESC LIMIT 1"
            ),
            values![patient, purpose.code()],
            consent,
        )
        .await
    }
}
