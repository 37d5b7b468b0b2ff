//! Reading signed documents and taking them out on paper.

use clinical::audit::AuditAction;
use clinical::document::{DocumentContent, SignedDocument};
use clinical::ids::DocumentId;
use clinical::transcript::Transcript;
use jiff::tz::TimeZone;
use storage::DocumentSummary;

use crate::chart::PAGE;
use crate::content::sha256;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, page_of};

/// A signed document with what stands around it.
#[derive(Debug, Clone)]
pub struct DocumentView {
    /// The document as stored.
    pub document: SignedDocument,
    /// What it says.
    pub content: DocumentContent,
    /// Addenda that correct it, oldest first.
    pub addenda: Vec<SignedDocument>,
    /// Other documents of the same consultation.
    pub siblings: Vec<DocumentSummary>,
    /// The words its evidence points into.
    pub transcript: Option<Transcript>,
    /// Whether content and digest still fit.
    pub intact: bool,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A PDF to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The bytes as signed.
    pub bytes: Vec<u8>,
    /// A file name without personal data.
    pub file_name: String,
}

/// One line of the list of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLine {
    /// The document.
    pub head: DocumentSummary,
    /// Whose.
    pub patient: String,
}

impl Care {
    /// Reads a signed document.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn document(&self, actor: &Actor, id: DocumentId) -> Result<DocumentView, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let document = tx.document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        let content: DocumentContent =
            serde_json::from_str(&document.content).map_err(CareError::internal)?;
        let addenda = tx.addenda(id).await?;
        let (siblings, transcript) = match document.encounter_id {
            Some(encounter) => {
                let transcript = tx.transcript(encounter).await?.map(|stored| stored.transcript);
                (tx.documents_of_encounter(encounter).await?, transcript)
            }
            None => (Vec::new(), None),
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "document", id, Some(document.patient_id)))
            .await?;
        tx.commit().await?;
        let intact = sha256(document.content.as_bytes()) == document.content_digest;
        let siblings = siblings.into_iter().filter(|head| head.id != id).collect();
        Ok(DocumentView { document, content, addenda, siblings, transcript, intact, zone })
    }

    /// The PDF of a signed document: the stored bytes, checked against their digest.
    ///
    /// # Errors
    /// [`CareError::Internal`] when the stored file does not match its digest any more.
    pub async fn pdf(&self, actor: &Actor, id: DocumentId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let document = tx.document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        let bytes = self.blobs.get(&mut tx, document.pdf).await?;
        if sha256(&bytes) != document.pdf_digest {
            return Err(CareError::Internal("the stored PDF does not match its digest".into()));
        }
        tx.append_audit(self.event(actor, AuditAction::Print, "document", id, Some(document.patient_id)))
            .await?;
        tx.commit().await?;
        let file_name = format!("{}-{}.pdf", document.kind.code(), document.id);
        Ok(Pdf { bytes, file_name })
    }

    /// The latest signed documents of the practice, newest first.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text.
    pub async fn recent_documents(
        &self,
        actor: &Actor,
        page: u32,
    ) -> Result<(Vec<DocumentLine>, i64), CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let found = tx.recent_documents(page_of(page, PAGE)).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "documents", "", None)).await?;
        tx.commit().await?;
        let lines = found
            .items
            .into_iter()
            .map(|(head, patient)| DocumentLine { head, patient: patient.full_name() });
        Ok((lines.collect(), found.total))
    }
}
