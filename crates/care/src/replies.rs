//! A solicitud de interconsulta and its answer: begun from the request, naming it, and listed while there is none.

use clinical::document::{DocumentKind, DocumentReference};
use clinical::ids::{DocumentId, EncounterId, PatientId};
use clinical::patient::Patient;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use nom004::DocumentDefinition;
use storage::{DocumentSummary, Tx};

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// How far back requests without an answer are listed.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 365);

/// A request nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// The request.
    pub head: DocumentSummary,
    /// Whose.
    pub patient: Patient,
}

/// The document that answers a kind of request.
pub(crate) fn answering(request: DocumentKind) -> Option<&'static DocumentDefinition> {
    nom004::definitions().iter().find(|definition| definition.answers == Some(request))
}

/// The request that a document of an act answers.
pub(crate) async fn reference(
    tx: &mut Tx,
    encounter: EncounterId,
    kind: DocumentKind,
    zone: &TimeZone,
) -> Result<Option<DocumentReference>, CareError> {
    if nom004::definition(kind).answers.is_none() {
        return Ok(None);
    }
    let Some(id) = tx.request_of(encounter).await? else { return Ok(None) };
    let request = tx.document(id).await?.ok_or(CareError::NotFound { what: "la solicitud" })?;
    let title = crate::documents::named(&request, zone);
    Ok(Some(DocumentReference { id, title, digest: request.content_digest }))
}

/// Requests without an answer, oldest first: of one record or of the practice.
pub(crate) async fn open_requests(
    tx: &mut Tx,
    now: Timestamp,
    record: Option<PatientId>,
) -> Result<Vec<OpenRequest>, CareError> {
    let mut found = Vec::new();
    for answer in nom004::definitions() {
        let Some(request) = answer.answers else { continue };
        let open = tx.unanswered(request, answer.kind, now - LOOK_BACK, record).await?;
        found.extend(open.into_iter().map(|(head, patient)| OpenRequest { head, patient }));
    }
    Ok(found)
}

impl Care {
    /// Begins the answer to a signed request, or returns to the one this person has begun.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for what is no request; [`CareError::Denied`] for who may not write the answer.
    pub async fn start_answer(
        &self,
        actor: &Actor,
        request: DocumentId,
    ) -> Result<(EncounterId, DocumentKind), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let document = tx.document(request).await?.ok_or(CareError::NotFound { what: "la solicitud" })?;
        let definition = answering(document.kind).ok_or(CareError::NotFound { what: "la solicitud" })?;
        if !actor.may_draft(definition) {
            return Err(CareError::Denied { message: actor.authorship_refusal(definition) });
        }
        if let Some(practitioner) = actor.practitioner_id
            && let Some(begun) = tx.open_reply(request, practitioner).await?
        {
            return Ok((begun, definition.kind));
        }
        drop(tx);
        let new = crate::agenda::NewVisit {
            patient: document.patient_id,
            document: definition.kind,
            reason: &definition.title,
            started_at: self.now(),
            answers: Some(request),
        };
        Ok((self.start(actor, new).await?, definition.kind))
    }
}
