//! Signed documents: added to the end of their chain, read, never changed.

use clinical::digest::Digest;
use clinical::document::{DocumentKind, SignedDocument};
use clinical::ids::{BlobId, DocumentId, EncounterId, PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::chain::{Chain, LinkHasher, sha256};
use crate::error::{Result, StorageError};
use crate::private::{unseen, visible_of};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, to_stored_precision, values};

/// A document about to be signed. Its PDF already lies in the blob store, written in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignedDocument {
    /// Identifies it.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Whose record.
    pub patient_id: PatientId,
    /// Of which consultation.
    pub encounter_id: Option<EncounterId>,
    /// The document it corrects, for an addendum.
    pub amends: Option<DocumentId>,
    /// Who signs.
    pub signed_by: UserId,
    /// When; kept to the millisecond.
    pub signed_at: Timestamp,
    /// When care happened; kept to the millisecond.
    pub act_at: Timestamp,
    /// Canonical JSON of the content. Instants inside it should be cut with [`to_stored_precision`].
    pub content: String,
    /// The PDF.
    pub pdf: BlobId,
    /// SHA-256 of the PDF.
    pub pdf_digest: Digest,
}

/// A signed document without its content, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSummary {
    /// Identifies it.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Whose record.
    pub patient_id: PatientId,
    /// Of which consultation.
    pub encounter_id: Option<EncounterId>,
    /// The document it corrects.
    pub amends: Option<DocumentId>,
    /// Who signed.
    pub signed_by: UserId,
    /// Name on screens of who signed.
    pub signed_by_name: String,
    /// When.
    pub signed_at: Timestamp,
    /// When care happened.
    pub act_at: Timestamp,
    /// SHA-256 of the content.
    pub content_digest: Digest,
    /// The PDF.
    pub pdf: BlobId,
    /// Position in the chain.
    pub sequence: i64,
    /// Digest of its link.
    pub digest: Digest,
    /// How many addenda it has.
    pub addenda: i64,
    /// Whether it is a receta that was cancelled.
    pub cancelled: bool,
}

macro_rules! summary_columns {
    () => {
        "d.id, d.kind, d.patient_id, d.encounter_id, d.amends, d.signed_by, d.signed_at, d.act_at, \
         d.content_digest, d.pdf, d.sequence, d.digest, u.display_name AS signed_by_name, \
         (SELECT COUNT(*) FROM signed_document x WHERE x.amends = d.id) AS addenda, \
         (SELECT COUNT(*) FROM prescription_cancellation c WHERE c.document_id = d.id) AS cancelled \
         FROM signed_document d JOIN account u ON u.id = d.signed_by"
    };
}

pub(crate) use summary_columns;

macro_rules! document_columns {
    () => {
        "sequence, id, kind, patient_id, encounter_id, amends, signed_by, signed_at, act_at, \
         content_digest, pdf, pdf_digest, previous, digest, content FROM signed_document"
    };
}

pub(crate) use document_columns;

pub(crate) fn document(row: &Row) -> Result<SignedDocument> {
    Ok(SignedDocument {
        id: row.parsed("id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        patient_id: row.parsed("patient_id")?,
        encounter_id: row.maybe_parsed("encounter_id")?,
        amends: row.maybe_parsed("amends")?,
        signed_by: row.parsed("signed_by")?,
        signed_at: row.time("signed_at")?,
        act_at: row.time("act_at")?,
        content: row.text("content")?,
        content_digest: row.parsed("content_digest")?,
        pdf: row.parsed("pdf")?,
        pdf_digest: row.parsed("pdf_digest")?,
        sequence: row.int("sequence")?,
        previous: row.parsed("previous")?,
        digest: row.parsed("digest")?,
    })
}

pub(crate) fn summary(row: &Row) -> Result<DocumentSummary> {
    Ok(DocumentSummary {
        id: row.parsed("id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        patient_id: row.parsed("patient_id")?,
        encounter_id: row.maybe_parsed("encounter_id")?,
        amends: row.maybe_parsed("amends")?,
        signed_by: row.parsed("signed_by")?,
        signed_by_name: row.text("signed_by_name")?,
        signed_at: row.time("signed_at")?,
        act_at: row.time("act_at")?,
        content_digest: row.parsed("content_digest")?,
        pdf: row.parsed("pdf")?,
        sequence: row.int("sequence")?,
        digest: row.parsed("digest")?,
        addenda: row.int("addenda")?,
        cancelled: row.int("cancelled")? > 0,
    })
}

/// The columns of a link as they are stored: digested from the stored words themselves, so that no change, not even
/// to a word of the same meaning, goes unnoticed.
pub(crate) struct DocumentLink {
    id: String,
    kind: String,
    patient_id: String,
    encounter_id: Option<String>,
    amends: Option<String>,
    signed_by: String,
    signed_at: i64,
    act_at: i64,
    content_digest: String,
    pdf: String,
    pdf_digest: String,
}

impl DocumentLink {
    fn of(new: &NewSignedDocument, content_digest: Digest) -> Self {
        Self {
            id: new.id.to_string(),
            kind: new.kind.code().to_owned(),
            patient_id: new.patient_id.to_string(),
            encounter_id: new.encounter_id.map(|id| id.to_string()),
            amends: new.amends.map(|id| id.to_string()),
            signed_by: new.signed_by.to_string(),
            signed_at: new.signed_at.as_millisecond(),
            act_at: new.act_at.as_millisecond(),
            content_digest: content_digest.to_string(),
            pdf: new.pdf.to_string(),
            pdf_digest: new.pdf_digest.to_string(),
        }
    }

    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            kind: row.text("kind")?,
            patient_id: row.text("patient_id")?,
            encounter_id: row.maybe_text("encounter_id")?,
            amends: row.maybe_text("amends")?,
            signed_by: row.text("signed_by")?,
            signed_at: row.int("signed_at")?,
            act_at: row.int("act_at")?,
            content_digest: row.text("content_digest")?,
            pdf: row.text("pdf")?,
            pdf_digest: row.text("pdf_digest")?,
        })
    }

    /// The digest of this link at a place in the chain.
    pub(crate) fn digest(&self, sequence: i64, previous: Digest) -> Digest {
        LinkHasher::new(Chain::Documents, previous)
            .number(sequence)
            .text(&self.id)
            .text(&self.kind)
            .text(&self.patient_id)
            .maybe(self.encounter_id.as_deref())
            .maybe(self.amends.as_deref())
            .text(&self.signed_by)
            .number(self.signed_at)
            .number(self.act_at)
            .text(&self.content_digest)
            .text(&self.pdf)
            .text(&self.pdf_digest)
            .finish()
    }
}

/// A signed document, for who counts the elements of the norm in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedElements {
    /// None is lacking: its kind, and how many apply.
    Whole {
        /// The kind.
        kind: DocumentKind,
        /// The elements.
        applicable: i64,
    },
    /// Its content as it was signed, to be read.
    Read(String),
}

impl Tx {
    /// Adds a signed document to the end of the chain. On PostgreSQL other signers wait from here to the end of the
    /// transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] for an id that exists, [`crate::StorageError::Missing`] when the PDF,
    /// the patient or another thing it names is not there.
    pub async fn insert_document(&mut self, new: NewSignedDocument) -> Result<SignedDocument> {
        let signed = self.insert_documents(vec![new]).await?.pop();
        signed.ok_or_else(|| StorageError::Missing { what: "signed_document".to_owned() })
    }

    /// Adds several, in their order, as one step of the chain's head.
    ///
    /// # Errors
    /// As [`Tx::insert_document`].
    pub async fn insert_documents(&mut self, new: Vec<NewSignedDocument>) -> Result<Vec<SignedDocument>> {
        // Before the head is held: whoever holds it must not wait for another row.
        for document in &new {
            self.note_activity(document.patient_id, document.signed_at).await?;
        }
        let head = self.hold_head(Chain::Documents).await?;
        let (mut sequence, mut previous) = (head.sequence, head.digest);
        let mut signed = Vec::with_capacity(new.len());
        for document in new {
            sequence += 1;
            let document = self.write_document(document, sequence, previous).await?;
            previous = document.digest;
            signed.push(document);
        }
        self.move_head(Chain::Documents, sequence, previous).await?;
        Ok(signed)
    }

    async fn write_document(
        &mut self,
        new: NewSignedDocument,
        sequence: i64,
        previous: Digest,
    ) -> Result<SignedDocument> {
        let content_digest = sha256(new.content.as_bytes());
        let digest = DocumentLink::of(&new, content_digest).digest(sequence, previous);
        self.execute(
            "INSERT INTO signed_document (sequence, id, kind, patient_id, encounter_id, amends, signed_by, signed_at,
                                          act_at, content_digest, pdf, pdf_digest, previous, digest, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            values![
                sequence,
                new.id,
                new.kind.code(),
                new.patient_id,
                new.encounter_id,
                new.amends,
                new.signed_by,
                new.signed_at,
                new.act_at,
                content_digest,
                new.pdf,
                new.pdf_digest,
                previous,
                digest,
                &new.content,
            ],
        )
        .await?;
        Ok(SignedDocument {
            id: new.id,
            kind: new.kind,
            patient_id: new.patient_id,
            encounter_id: new.encounter_id,
            amends: new.amends,
            signed_by: new.signed_by,
            signed_at: to_stored_precision(new.signed_at),
            act_at: to_stored_precision(new.act_at),
            content: new.content,
            content_digest,
            pdf: new.pdf,
            pdf_digest: new.pdf_digest,
            sequence,
            previous,
            digest,
        })
    }

    /// A signed document with its content.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn document(&mut self, id: DocumentId) -> Result<Option<SignedDocument>> {
        let sql = concat!(
            "SELECT ",
            document_columns!(),
            " WHERE id = $1 AND ",
            visible_of!("signed_document.patient_id", "$2", "$3")
        );
        self.one("signed_document", sql, values![id, self.eyes(), self.moment()], document).await
    }

    /// Documents after a place in the chain, oldest first, for who goes through all of them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn documents_after(&mut self, sequence: i64, limit: u32) -> Result<Vec<SignedDocument>> {
        let sql = concat!("SELECT ", document_columns!(), " WHERE sequence > $1 ORDER BY sequence LIMIT $2");
        self.list("signed_document", sql, values![sequence, i64::from(limit)], document).await
    }

    /// A signed document by the digest printed on it, of its content or of its link, for "Verificar documento".
    ///
    /// # Errors
    /// What the engine says.
    pub async fn document_by_digest(&mut self, digest: Digest) -> Result<Option<SignedDocument>> {
        let sql = concat!(
            "SELECT ",
            document_columns!(),
            " WHERE (content_digest = $1 OR pdf_digest = $1 OR digest = $1) AND ",
            visible_of!("signed_document.patient_id", "$2", "$3"),
            " ORDER BY sequence LIMIT 1"
        );
        self.one("signed_document", sql, values![digest, self.eyes(), self.moment()], document).await
    }

    /// The documents of a record by the time of the act, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn documents_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Page<DocumentSummary>> {
        let total = self
            .number(
                concat!("SELECT COUNT(*) AS n FROM signed_document WHERE ", of_record!("patient_id")),
                values![patient],
            )
            .await?;
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            " WHERE ",
            of_record!("d.patient_id"),
            " ORDER BY d.act_at DESC, d.sequence DESC LIMIT $2 OFFSET $3"
        );
        let values = values![patient, page.limit(), page.offset()];
        let items = self.list("signed_document", sql, values, summary).await?;
        Ok(Page { items, total })
    }

    /// The latest documents of the practice with their patients, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recent_documents(&mut self, page: PageRequest) -> Result<Page<(DocumentSummary, Patient)>> {
        let total = concat!(
            "SELECT (SELECT COUNT(*) FROM signed_document) - (SELECT COUNT(*) FROM signed_document d
               WHERE d.patient_id IN (SELECT x.id FROM patient x WHERE x.root IN (",
            unseen!("$1", "$2"),
            "))) AS n"
        );
        let total = self.number(total, values![self.eyes(), self.moment()]).await?;
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            " WHERE ",
            visible_of!("d.patient_id", "$3", "$4"),
            " ORDER BY d.sequence DESC LIMIT $1 OFFSET $2"
        );
        let values = values![page.limit(), page.offset(), self.eyes(), self.moment()];
        let documents = self.list("signed_document", sql, values, summary).await?;
        let mut items = Vec::with_capacity(documents.len());
        for document in documents {
            let missing = || StorageError::Missing { what: "patient".to_owned() };
            let patient = self.record(document.patient_id).await?.ok_or_else(missing)?;
            items.push((document, patient));
        }
        Ok(Page { items, total })
    }

    /// How many documents an account signed in `from..until`.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn count_signed(&mut self, from: Timestamp, until: Timestamp, by: UserId) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM signed_document
                    WHERE signed_by = $3 AND signed_at >= $1 AND signed_at < $2";
        self.number(sql, values![from, until, by]).await
    }

    /// The frozen contents of the documents of a record, newest first, at most `limit`.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn contents_of_patient(&mut self, patient: PatientId, limit: u32) -> Result<Vec<String>> {
        let sql = concat!(
            "SELECT content FROM signed_document WHERE ",
            of_record!("patient_id"),
            " ORDER BY sequence DESC LIMIT $2"
        );
        self.list("signed_document", sql, values![patient, i64::from(limit)], |row| row.text("content")).await
    }

    /// What is needed to count the elements of the norm in what an account signed since an instant, the latest first. The
    /// contents are read only where something is lacking, or where nobody counted yet (`figures`); all of them unless what was
    /// `counted` is wanted.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn elements_signed_by(
        &mut self,
        by: UserId,
        since: Timestamp,
        limit: u32,
        counted: bool,
    ) -> Result<Vec<SignedElements>> {
        let sql = concat!(
            "SELECT d.kind, f.applicable, CASE WHEN $6 = 1 AND f.present = f.applicable THEN NULL ELSE d.content END AS content
               FROM signed_document d LEFT JOIN document_fact f ON f.sequence = d.sequence
              WHERE d.signed_by = $1 AND d.signed_at >= $2 AND ",
            visible_of!("d.patient_id", "$4", "$5"),
            " ORDER BY d.sequence DESC LIMIT $3"
        );
        let values = values![by, since, i64::from(limit), self.eyes(), self.moment(), i64::from(counted)];
        self.list("signed_document", sql, values, |row| {
            Ok(match row.maybe_text("content")? {
                Some(content) => SignedElements::Read(content),
                None => SignedElements::Whole {
                    kind: row.coded("kind", DocumentKind::from_code)?,
                    applicable: row.int("applicable")?,
                },
            })
        })
        .await
    }

    /// The documents of a consultation in the order they were signed.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn documents_of_encounter(&mut self, encounter: EncounterId) -> Result<Vec<DocumentSummary>> {
        let sql = concat!("SELECT ", summary_columns!(), " WHERE d.encounter_id = $1 ORDER BY d.sequence");
        self.list("signed_document", sql, values![encounter], summary).await
    }

    /// The addenda of a document in the order they were signed, with their contents.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn addenda(&mut self, document_id: DocumentId) -> Result<Vec<SignedDocument>> {
        let sql = concat!("SELECT ", document_columns!(), " WHERE amends = $1 ORDER BY sequence");
        self.list("signed_document", sql, values![document_id], document).await
    }
}
