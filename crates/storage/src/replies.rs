//! Requests and their answers: a solicitud de interconsulta and the note that answers it.

use clinical::document::DocumentKind;
use clinical::encounter::EncounterState;
use clinical::ids::{DocumentId, EncounterId, PatientId, PractitionerId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::documents::{DocumentSummary, summary, summary_columns};
use crate::error::{Result, StorageError};
use crate::private::visible_of;
use crate::tx::Tx;
use crate::value::values;

impl Tx {
    /// Notes which request an act of care answers.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] when it answers one already, [`crate::StorageError::Missing`] for an unknown
    /// request or act.
    pub async fn insert_reply(&mut self, encounter: EncounterId, request: DocumentId) -> Result<()> {
        self.execute(
            "INSERT INTO reply (encounter_id, document_id) VALUES ($1, $2)",
            values![encounter, request],
        )
        .await
        .map(drop)
    }

    /// The request an act of care answers.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn request_of(&mut self, encounter: EncounterId) -> Result<Option<DocumentId>> {
        let sql = "SELECT document_id AS id FROM reply WHERE encounter_id = $1";
        self.one("reply", sql, values![encounter], |row| row.parsed("id")).await
    }

    /// The answer to a request that a professional has begun and not signed.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_reply(
        &mut self,
        request: DocumentId,
        practitioner: PractitionerId,
    ) -> Result<Option<EncounterId>> {
        let sql = "SELECT e.id FROM reply r JOIN encounter e ON e.id = r.encounter_id
                    WHERE r.document_id = $1 AND e.practitioner_id = $2 AND e.state = $3 ORDER BY e.id LIMIT 1";
        let values = values![request, practitioner, EncounterState::InProgress.code()];
        self.one("encounter", sql, values, |row| row.parsed("id")).await
    }

    /// The signed documents of a kind that answer a request, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn replies(&mut self, request: DocumentId, kind: DocumentKind) -> Result<Vec<DocumentSummary>> {
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            " JOIN reply r ON r.encounter_id = d.encounter_id
              WHERE r.document_id = $1 AND d.kind = $2 ORDER BY d.sequence"
        );
        self.list("signed_document", sql, values![request, kind.code()], summary).await
    }

    /// The requests since a time that no signed document of the answering kind answers, oldest first, with whose they
    /// are: of one record or of the practice.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn unanswered(
        &mut self,
        request: DocumentKind,
        answer: DocumentKind,
        since: Timestamp,
        record: Option<PatientId>,
    ) -> Result<Vec<(DocumentSummary, Patient)>> {
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            " WHERE d.kind = $1 AND d.act_at >= $3
                AND ($4 IS NULL OR d.patient_id IN (SELECT id FROM patient WHERE root = $4))
                AND NOT EXISTS (SELECT 1 FROM reply r
                                  JOIN signed_document a ON a.encounter_id = r.encounter_id AND a.kind = $2
                                 WHERE r.document_id = d.id)
                AND ",
            visible_of!("d.patient_id", "$5", "$6"),
            " ORDER BY d.sequence"
        );
        let values = values![request.code(), answer.code(), since, record, self.eyes(), self.moment()];
        let requests = self.list("signed_document", sql, values, summary).await?;
        let mut found = Vec::with_capacity(requests.len());
        for document in requests {
            let missing = || StorageError::Missing { what: "patient".to_owned() };
            let patient = self.record(document.patient_id).await?.ok_or_else(missing)?;
            found.push((document, patient));
        }
        Ok(found)
    }
}
