//! Reading signed documents and taking them out on paper.

use ::documents::RenderContext;
use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::document::{Cancellation, Cancelled, DocumentContent, DocumentKind, SignedDocument};
use clinical::efirma::DocumentEfirma;
use clinical::ids::DocumentId;
use clinical::patient::Patient;
use clinical::print::{DocumentPrint, PrintedAs};
use clinical::transcript::Transcript;
use efirma::verdict::Verdict;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{DocumentSummary, ExternalDocument, UnsavedText};

use crate::chart::PAGE;
use crate::content::sha256;
use crate::error::CareError;
use crate::patient_form::brief;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::unsaved::begun_addendum;
use crate::{Care, because, page_of};

/// How long the address of a print answers to who printed: a browser may ask twice, a later copy is another print.
pub const PRINT_MINUTES: i64 = 15;

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
    /// Signed answers to it, for a request.
    pub replies: Vec<DocumentSummary>,
    /// The document that would answer it, for a request.
    pub answered_by: Option<DocumentKind>,
    /// The words its evidence points into.
    pub transcript: Option<Transcript>,
    /// The e.firma on it.
    pub efirma: Option<DocumentEfirma>,
    /// Whether this person may put theirs on it.
    pub may_efirma: bool,
    /// Whether content and digest still fit.
    pub intact: bool,
    /// Every time it was printed or downloaded, newest first.
    pub prints: Vec<DocumentPrint>,
    /// That it holds no more, for a receta that was cancelled.
    pub cancelled: Option<Cancellation>,
    /// The addendum to it that this person was writing and has not signed.
    pub unsaved: Option<UnsavedText>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A document signed in another establishment.
#[derive(Debug, Clone)]
pub struct ExternalView {
    /// In whose record it is kept.
    pub patient: Patient,
    /// The document as it came.
    pub document: ExternalDocument,
    /// What it says.
    pub content: DocumentContent,
    /// What it says, section by section.
    pub sections: Vec<fhir::Section>,
    /// The document it corrects, when that is here too.
    pub amends_here: Option<DocumentId>,
    /// What is known of allergies here, for the bar.
    pub allergies: AllergyStatus,
    /// Whether content and digest still fit.
    pub intact: bool,
    /// What the file with the e.firma of who signed it proves, by the authorities believed here; empty without such a file.
    pub signatures: Vec<Verdict>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A PDF to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The bytes.
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

/// "Nota de evolución del 9 de marzo de 2026": how another document names it.
pub(crate) fn named(document: &SignedDocument, zone: &TimeZone) -> String {
    let day = document.act_at.to_zoned_datetime(zone.clone()).date();
    format!("{} del {}", nom004::title(document.kind), clinical::calendar::long_date(day))
}

/// The content of a signed document, where it still fits its digest.
pub(crate) fn intact(document: &SignedDocument) -> Result<DocumentContent, CareError> {
    if sha256(document.content.as_bytes()) != document.content_digest {
        return Err(CareError::Internal("the stored content does not match its digest".into()));
    }
    serde_json::from_str(&document.content).map_err(CareError::internal)
}

/// For which purpose a print is typeset.
fn copy_of(print: &DocumentPrint) -> ::documents::Copy {
    match print.printed_as {
        PrintedAs::Reprint(number) => ::documents::Copy::Reprint {
            number,
            printed_at: print.printed_at,
            printed_by: print.printed_by_name.clone(),
        },
        PrintedAs::Original | PrintedAs::SignedFile => ::documents::Copy::Original,
    }
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
        let prints = tx.prints(id).await?;
        let cancelled = tx.prescription_cancellation(id).await?;
        let unsaved = begun_addendum(&mut tx, actor, &document).await?;
        let efirma = tx.document_efirma(id).await?;
        let may_efirma = efirma.is_none()
            && cancelled.is_none()
            && document.signed_by == actor.user_id
            && self.authorities.trust.is_some();
        let answered_by = crate::replies::answering(document.kind).map(|definition| definition.kind);
        let replies = match answered_by {
            Some(kind) => tx.replies(id, kind).await?,
            None => Vec::new(),
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "document", id, Some(document.patient_id)))
            .await?;
        tx.commit().await?;
        let intact = sha256(document.content.as_bytes()) == document.content_digest;
        let siblings = siblings.into_iter().filter(|head| head.id != id).collect();
        let now = self.now();
        Ok(DocumentView {
            document,
            content,
            addenda,
            siblings,
            replies,
            answered_by,
            transcript,
            efirma,
            may_efirma,
            intact,
            prints,
            cancelled,
            unsaved,
            now,
            zone,
        })
    }

    /// Counts one more print of a signed document, or one more download of the signed file itself. The copy is then
    /// handed out by [`Care::printed`]. Returns its place among the prints of the document.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such document; [`CareError::Invalid`] for a reason that is too long.
    pub async fn print(
        &self,
        actor: &Actor,
        id: DocumentId,
        as_file: bool,
        reason: &str,
    ) -> Result<i64, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut check = Check::new();
        let reason = brief(&mut check, "motivo", reason, 300);
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let document = tx.document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        let number = tx.insert_print(id, as_file, reason.as_deref(), actor.user_id, self.now()).await?;
        let print = tx.print(id, number).await?.ok_or(CareError::NotFound { what: "la copia" })?;
        let entity_id = format!("{id}-{number}");
        let event =
            self.event(actor, AuditAction::Print, "document_print", entity_id, Some(document.patient_id));
        let event = because(event, &print.printed_as.label());
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// The PDF of a print: the stored bytes, checked against their digest, for the original and for the signed file; for
    /// a reprint the signed content typeset again with its mark. What is stored never changes.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for a print of someone else; [`CareError::Finished`] after [`PRINT_MINUTES`];
    /// [`CareError::Internal`] when the stored file does not match its digest any more.
    pub async fn printed(&self, actor: &Actor, id: DocumentId, number: i64) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let document = tx.document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        let print = tx.print(id, number).await?.filter(|print| print.printed_by == actor.user_id);
        let print = print.ok_or(CareError::NotFound { what: "la copia" })?;
        if self.now() > print.printed_at + SignedDuration::from_mins(PRINT_MINUTES) {
            let message = "Esta copia ya se entregó. Vuelva al documento e imprima otra".to_owned();
            return Err(CareError::Finished { message });
        }
        // With an e.firma the file that carries it is the signed one.
        let efirma = tx.document_efirma(id).await?;
        let (blob, digest) = match &efirma {
            Some(efirma) => (efirma.pdf, efirma.pdf_digest),
            None => (document.pdf, document.pdf_digest),
        };
        let mut bytes = self.blobs.get(&mut tx, blob).await?;
        if sha256(&bytes) != digest {
            return Err(CareError::Internal("the stored PDF does not match its digest".into()));
        }
        let cancelled = tx.prescription_cancellation(id).await?;
        // A receta that was cancelled leaves on paper only as one: also where nobody had printed it before.
        if print.printed_as != PrintedAs::SignedFile
            && (print.printed_as != PrintedAs::Original || cancelled.is_some())
        {
            let logo = self.logo(&mut tx).await?;
            let context = RenderContext {
                logo,
                code: efirma.and_then(|efirma| efirma.code),
                cancelled: cancelled.map(Cancelled::from),
                ..RenderContext::new(document.content_digest, copy_of(&print))
            };
            bytes = self.render(intact(&document)?, context).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Print, "document", id, Some(document.patient_id)))
            .await?;
        tx.commit().await?;
        let kind = match print.printed_as {
            PrintedAs::Original => String::new(),
            PrintedAs::Reprint(copy) => format!("-reimpresion-{copy}"),
            PrintedAs::SignedFile => "-firmado".to_owned(),
        };
        let file_name = format!("{}-{}{kind}.pdf", document.kind.code(), document.id);
        Ok(Pdf { bytes, file_name })
    }

    /// Reads a document that was signed in another establishment.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn external_document(&self, actor: &Actor, id: DocumentId) -> Result<ExternalView, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let document = tx.external_document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        let content: DocumentContent =
            serde_json::from_str(&document.content).map_err(CareError::internal)?;
        let owner = document.head.patient_id;
        let patient = tx.record(owner).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let amends_here = match document.head.amends {
            Some(original) => tx.external_document(original).await?.map(|other| other.head.id),
            None => None,
        };
        let allergies = tx.summary(owner).await?.allergy_status();
        let signed = match tx.external_efirmas(id).await?.first() {
            Some(efirma) => Some(self.blobs.get(&mut tx, efirma.pdf).await?),
            None => None,
        };
        let event = self.event(actor, AuditAction::Read, "external_document", id, Some(owner));
        tx.append_audit(event).await?;
        tx.commit().await?;
        let signatures = match signed {
            // A file that cannot even be read proves nothing.
            Some(file) => self.judge(file).await?.unwrap_or_default(),
            None => Vec::new(),
        };
        let now = self.now();
        let sections = fhir::sections(&content.body);
        let intact = sha256(document.content.as_bytes()) == document.head.content_digest;
        Ok(ExternalView {
            patient,
            document,
            content,
            sections,
            amends_here,
            allergies,
            intact,
            signatures,
            now,
            zone,
        })
    }

    /// The PDF of a document signed elsewhere, or the one with the e.firma of who signed it: the bytes as they came, checked
    /// against their digest.
    ///
    /// # Errors
    /// As [`Care::printed`]; [`CareError::NotFound`] when it has no e.firma.
    pub async fn external_pdf(
        &self,
        actor: &Actor,
        id: DocumentId,
        with_efirma: bool,
    ) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let head = tx.external_document(id).await?.ok_or(CareError::NotFound { what: "el documento" })?.head;
        let (blob, digest) = if with_efirma {
            let kept = tx.external_efirmas(id).await?.into_iter().next();
            let kept = kept.ok_or(CareError::NotFound { what: "el documento con e.firma" })?;
            (kept.pdf, kept.pdf_digest)
        } else {
            (head.pdf, head.pdf_digest)
        };
        let bytes = self.blobs.get(&mut tx, blob).await?;
        if sha256(&bytes) != digest {
            return Err(CareError::Internal("the stored PDF does not match its digest".into()));
        }
        let event = self.event(actor, AuditAction::Print, "external_document", id, Some(head.patient_id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        let ending = if with_efirma { ".efirma" } else { "" };
        Ok(Pdf { bytes, file_name: format!("{}-{id}{ending}.pdf", head.kind.code()) })
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
