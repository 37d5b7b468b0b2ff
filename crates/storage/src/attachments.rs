//! Files of a record: added, listed, withdrawn with a reason; their content lies in the blob store under the same id.

use clinical::attachment::{Attachment, AttachmentCategory, FileKind};
use clinical::digest::Digest;
use clinical::ids::{AttachmentId, PatientId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::private::visible_of;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, values};

/// That a file no longer counts: it stays, with who said so and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Name on screens of who withdrew it.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A file with what is known of its content and of its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentEntry {
    /// The file.
    pub attachment: Attachment,
    /// Name on screens of who brought it.
    pub recorded_by_name: String,
    /// Bytes of the content.
    pub size_bytes: i64,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// Absent while it counts.
    pub withdrawn: Option<Withdrawal>,
}

macro_rules! entry_columns {
    () => {
        "SELECT a.id, a.patient_id, a.category, a.kind, a.title, a.file_name, a.width, a.height, a.studied_on,
                a.recorded_by, a.recorded_at, u.display_name AS recorded_by_name, b.size_bytes, b.digest,
                w.reason AS withdrawn_reason, w.recorded_at AS withdrawn_at, x.display_name AS withdrawn_by_name
           FROM attachment a
           JOIN account u ON u.id = a.recorded_by
           JOIN blob b ON b.id = a.id
           LEFT JOIN attachment_withdrawal w ON w.attachment_id = a.id
           LEFT JOIN account x ON x.id = w.recorded_by "
    };
}

fn entry(row: &Row) -> Result<AttachmentEntry> {
    let side = |column| -> Result<Option<u32>> {
        let value = row.maybe_int(column)?;
        value.map(|n| u32::try_from(n).map_err(|_| row.corrupt(column))).transpose()
    };
    let withdrawn = match row.maybe_text("withdrawn_reason")? {
        None => None,
        Some(reason) => Some(Withdrawal {
            by_name: row.text("withdrawn_by_name")?,
            at: row.time("withdrawn_at")?,
            reason,
        }),
    };
    Ok(AttachmentEntry {
        attachment: Attachment {
            id: row.parsed("id")?,
            patient_id: row.parsed("patient_id")?,
            category: row.coded("category", AttachmentCategory::from_code)?,
            kind: row.coded("kind", FileKind::from_code)?,
            title: row.text("title")?,
            file_name: row.text("file_name")?,
            size: side("width")?.zip(side("height")?),
            studied_on: row.maybe_parsed("studied_on")?,
            recorded_by: row.parsed("recorded_by")?,
            recorded_at: row.time("recorded_at")?,
        },
        recorded_by_name: row.text("recorded_by_name")?,
        size_bytes: row.int("size_bytes")?,
        digest: row.parsed("digest")?,
        withdrawn,
    })
}

impl Tx {
    /// Adds a file to a record, after its content was put into the blob store in the same transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient, user or content.
    pub async fn insert_attachment(&mut self, attachment: &Attachment) -> Result<()> {
        let (width, height) = attachment.size.unzip();
        self.execute(
            "INSERT INTO attachment (id, patient_id, category, kind, title, file_name, width, height, studied_on,
                                     recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                attachment.id,
                attachment.patient_id,
                attachment.category.code(),
                attachment.kind.code(),
                &attachment.title,
                &attachment.file_name,
                width.map(i64::from),
                height.map(i64::from),
                attachment.studied_on,
                attachment.recorded_by,
                attachment.recorded_at,
            ],
        )
        .await
        .map(drop)
    }

    /// A file of a record.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn attachment(&mut self, id: AttachmentId) -> Result<Option<AttachmentEntry>> {
        let sql = concat!(entry_columns!(), "WHERE a.id = $1 AND ", visible_of!("a.patient_id", "$2", "$3"));
        self.one("attachment", sql, values![id, self.eyes(), self.moment()], entry).await
    }

    /// The files of a record, newest first, withdrawn ones among them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn attachments_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Page<AttachmentEntry>> {
        let count = concat!("SELECT COUNT(*) AS n FROM attachment WHERE ", of_record!("patient_id"));
        let total = self.number(count, values![patient]).await?;
        let sql = concat!(
            entry_columns!(),
            "WHERE ",
            of_record!("a.patient_id"),
            " ORDER BY a.recorded_at DESC, a.id DESC LIMIT $2 OFFSET $3"
        );
        let items =
            self.list("attachment", sql, values![patient, page.limit(), page.offset()], entry).await?;
        Ok(Page { items, total })
    }

    /// Ids after one of them, in their order, for who goes through all files; from the first with an empty one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn attachments_after(&mut self, id: &str, limit: u32) -> Result<Vec<AttachmentId>> {
        let sql = "SELECT id FROM attachment WHERE id > $1 ORDER BY id LIMIT $2";
        self.list("attachment", sql, values![id, i64::from(limit)], |row| row.parsed("id")).await
    }

    /// Notes that a file no longer counts. The file stays.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown file; [`crate::StorageError::NotUnique`] or
    /// [`crate::StorageError::Immutable`] when it was withdrawn before.
    pub async fn withdraw_attachment(
        &mut self,
        id: AttachmentId,
        reason: &str,
        by: UserId,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO attachment_withdrawal (attachment_id, reason, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4)",
            values![id, reason, by, at],
        )
        .await
        .map(drop)
    }
}
