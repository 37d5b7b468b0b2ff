//! Documents signed in another establishment, and the packages they came in: added, read, never changed.

use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentKind};
use clinical::ids::{BlobId, DocumentId, ImportId, PatientId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::private::visible_of;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{PageRequest, Row, values};

/// A package brought from another installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordImport {
    /// Identifies it.
    pub id: ImportId,
    /// Into which record.
    pub patient_id: PatientId,
    /// SHA-256 of its manifest.
    pub package_digest: Digest,
    /// Name of the establishment that exported it.
    pub origin: String,
    /// Number of the expediente there.
    pub origin_number: String,
    /// When it was exported.
    pub exported_at: Timestamp,
    /// Who brought it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}

/// A document signed elsewhere, without its content, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalSummary {
    /// Identifies it, as where it was signed.
    pub id: DocumentId,
    /// The package it came in.
    pub import_id: ImportId,
    /// Whose record.
    pub patient_id: PatientId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// Where it was signed.
    pub establishment: String,
    /// Who signed it, by name.
    pub signed_by: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When care happened.
    pub act_at: Timestamp,
    /// The document it corrects.
    pub amends: Option<DocumentId>,
    /// The PDF in the blob store.
    pub pdf: BlobId,
    /// SHA-256 of the PDF.
    pub pdf_digest: Digest,
    /// SHA-256 of the content.
    pub content_digest: Digest,
    /// Its place in the chain where it was signed: position, digest of the link before, digest of its own.
    pub origin_link: (i64, Digest, Digest),
    /// That it holds no more, for a receta that was cancelled where it was signed.
    pub cancelled: Option<Cancelled>,
}

/// The file of a document signed elsewhere that carries the e.firma of who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalEfirma {
    /// The document.
    pub document_id: DocumentId,
    /// The file in the blob store.
    pub pdf: BlobId,
    /// SHA-256 of it.
    pub pdf_digest: Digest,
    /// When the package it came in was made.
    pub exported_at: Timestamp,
}

/// A document signed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalDocument {
    /// What lists show.
    pub head: ExternalSummary,
    /// The frozen content as it was digested.
    pub content: String,
    /// The transcript its evidence points into, if it came along.
    pub transcript: Option<String>,
}

macro_rules! summary_columns {
    () => {
        "d.id, d.import_id, d.patient_id, d.kind, d.title, d.establishment, d.signed_by, d.signed_at, d.act_at, \
         d.amends, d.pdf, d.pdf_digest, d.content_digest, d.origin_sequence, d.origin_previous, d.origin_digest, \
         c.reason AS cancelled_reason, c.cancelled_by, c.cancelled_at"
    };
}

macro_rules! documents {
    () => {
        " FROM external_document d LEFT JOIN external_cancellation c ON c.document_id = d.id WHERE "
    };
}

fn summary(row: &Row) -> Result<ExternalSummary> {
    Ok(ExternalSummary {
        id: row.parsed("id")?,
        import_id: row.parsed("import_id")?,
        patient_id: row.parsed("patient_id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        title: row.text("title")?,
        establishment: row.text("establishment")?,
        signed_by: row.text("signed_by")?,
        signed_at: row.time("signed_at")?,
        act_at: row.time("act_at")?,
        amends: row.maybe_parsed("amends")?,
        pdf: row.parsed("pdf")?,
        pdf_digest: row.parsed("pdf_digest")?,
        content_digest: row.parsed("content_digest")?,
        origin_link: (
            row.int("origin_sequence")?,
            row.parsed("origin_previous")?,
            row.parsed("origin_digest")?,
        ),
        cancelled: match row.maybe_time("cancelled_at")? {
            None => None,
            Some(at) => {
                Some(Cancelled { at, by: row.text("cancelled_by")?, reason: row.text("cancelled_reason")? })
            }
        },
    })
}

fn whole(row: &Row) -> Result<ExternalDocument> {
    Ok(ExternalDocument {
        head: summary(row)?,
        content: row.text("content")?,
        transcript: row.maybe_text("transcript")?,
    })
}

fn import(row: &Row) -> Result<RecordImport> {
    Ok(RecordImport {
        id: row.parsed("id")?,
        patient_id: row.parsed("patient_id")?,
        package_digest: row.parsed("package_digest")?,
        origin: row.text("origin")?,
        origin_number: row.text("origin_number")?,
        exported_at: row.time("exported_at")?,
        recorded_by: row.parsed("recorded_by")?,
        recorded_at: row.time("recorded_at")?,
    })
}

/// Tables of what a package brings, each with the column of its id; all have a `patient_id`.
const OWNED: [(&str, &str); 8] = [
    ("summary_entry", "SELECT patient_id FROM summary_entry WHERE id = $1"),
    ("observation", "SELECT patient_id FROM observation WHERE id = $1"),
    ("consent", "SELECT patient_id FROM consent WHERE id = $1"),
    ("representative", "SELECT patient_id FROM representative WHERE id = $1"),
    ("attachment", "SELECT patient_id FROM attachment WHERE id = $1"),
    ("lab_report", "SELECT patient_id FROM lab_report WHERE id = $1"),
    ("signed_document", "SELECT patient_id FROM signed_document WHERE id = $1"),
    ("external_document", "SELECT patient_id FROM external_document WHERE id = $1"),
];

impl Tx {
    /// Notes that a package was brought in.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] or [`crate::StorageError::Immutable`] when that package was brought before.
    pub async fn insert_record_import(&mut self, new: &RecordImport) -> Result<()> {
        self.execute(
            "INSERT INTO record_import (id, patient_id, package_digest, origin, origin_number, exported_at,
                                        recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                new.id,
                new.patient_id,
                new.package_digest,
                &new.origin,
                &new.origin_number,
                new.exported_at,
                new.recorded_by,
                new.recorded_at,
            ],
        )
        .await
        .map(drop)
    }

    /// The import of a package, if it was brought in before.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn record_import(&mut self, package: Digest) -> Result<Option<RecordImport>> {
        let sql = "SELECT id, patient_id, package_digest, origin, origin_number, exported_at, recorded_by, recorded_at
                     FROM record_import WHERE package_digest = $1";
        self.one("record_import", sql, values![package], import).await
    }

    /// The packages a record was brought in with, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn record_imports(&mut self, patient: PatientId) -> Result<Vec<RecordImport>> {
        self.list(
            "record_import",
            concat!(
                "SELECT id, patient_id, package_digest, origin, origin_number, exported_at, recorded_by, recorded_at
                   FROM record_import WHERE ",
                of_record!("patient_id"),
                " ORDER BY recorded_at DESC, id DESC"
            ),
            values![patient],
            import,
        )
        .await
    }

    /// In whose record a thing of a package already is; `None` when it is in none.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn owner_of(&mut self, table: &'static str, id: &str) -> Result<Option<PatientId>> {
        let Some((table, sql)) = OWNED.iter().find(|(own, _)| *own == table) else { return Ok(None) };
        self.one(table, *sql, values![id], |row| row.parsed("patient_id")).await
    }

    /// Adds a document signed elsewhere, after its PDF was put into the blob store in the same transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] or [`crate::StorageError::Immutable`] for an id that exists.
    pub async fn insert_external_document(&mut self, new: &ExternalDocument) -> Result<()> {
        let head = &new.head;
        let (sequence, previous, digest) = head.origin_link;
        self.execute(
            "INSERT INTO external_document (id, import_id, patient_id, kind, title, establishment, signed_by,
                                            signed_at, act_at, amends, pdf, pdf_digest, content_digest,
                                            origin_sequence, origin_previous, origin_digest, content, transcript)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            values![
                head.id,
                head.import_id,
                head.patient_id,
                head.kind.code(),
                &head.title,
                &head.establishment,
                &head.signed_by,
                head.signed_at,
                head.act_at,
                head.amends,
                head.pdf,
                head.pdf_digest,
                head.content_digest,
                sequence,
                previous,
                digest,
                &new.content,
                new.transcript.as_deref(),
            ],
        )
        .await
        .map(drop)
    }

    /// Keeps that a receta of another establishment was cancelled there.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] or [`crate::StorageError::Immutable`] when that is known,
    /// [`crate::StorageError::Missing`] for an unknown document.
    pub async fn insert_external_cancellation(&mut self, id: DocumentId, new: &Cancelled) -> Result<()> {
        self.execute(
            "INSERT INTO external_cancellation (document_id, reason, cancelled_by, cancelled_at)
             VALUES ($1, $2, $3, $4)",
            values![id, &new.reason, &new.by, new.at],
        )
        .await
        .map(drop)
    }

    /// Adds a file with an e.firma to a document signed elsewhere, after it was put into the blob store in the same
    /// transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown document.
    pub async fn insert_external_efirma(&mut self, new: &ExternalEfirma) -> Result<()> {
        self.execute(
            "INSERT INTO external_efirma (pdf, document_id, pdf_digest, exported_at) VALUES ($1, $2, $3, $4)",
            values![new.pdf, new.document_id, new.pdf_digest, new.exported_at],
        )
        .await
        .map(drop)
    }

    /// The files with an e.firma of a document signed elsewhere, the one that counts first. Who may not see its record does
    /// not get to the document, and so not further than these rows.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn external_efirmas(&mut self, id: DocumentId) -> Result<Vec<ExternalEfirma>> {
        let sql = "SELECT pdf, document_id, pdf_digest, exported_at FROM external_efirma
                    WHERE document_id = $1 ORDER BY exported_at DESC, pdf DESC";
        self.list("external_efirma", sql, values![id], |row| {
            Ok(ExternalEfirma {
                document_id: row.parsed("document_id")?,
                pdf: row.parsed("pdf")?,
                pdf_digest: row.digest("pdf_digest")?,
                exported_at: row.time("exported_at")?,
            })
        })
        .await
    }

    /// A document signed elsewhere.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn external_document(&mut self, id: DocumentId) -> Result<Option<ExternalDocument>> {
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            ", d.content, d.transcript",
            documents!(),
            "d.id = $1 AND ",
            visible_of!("d.patient_id", "$2", "$3")
        );
        self.one("external_document", sql, values![id, self.eyes(), self.moment()], whole).await
    }

    /// How many documents of a record were signed elsewhere.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn count_external(&mut self, patient: PatientId) -> Result<i64> {
        let sql = concat!("SELECT COUNT(*) AS n FROM external_document WHERE ", of_record!("patient_id"));
        self.number(sql, values![patient]).await
    }

    /// The documents of a record that were signed elsewhere, by the time of the act, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn external_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Vec<ExternalSummary>> {
        let sql = concat!(
            "SELECT ",
            summary_columns!(),
            documents!(),
            of_record!("d.patient_id"),
            " ORDER BY d.act_at DESC, d.id DESC LIMIT $2 OFFSET $3"
        );
        self.list("external_document", sql, values![patient, page.limit(), page.offset()], summary).await
    }

    /// Ids after one of them, in their order, for who goes through all; from the first with an empty one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn external_after(&mut self, id: &str, limit: u32) -> Result<Vec<DocumentId>> {
        let sql = "SELECT id FROM external_document WHERE id > $1 ORDER BY id LIMIT $2";
        self.list("external_document", sql, values![id, i64::from(limit)], |row| row.parsed("id")).await
    }
}
