//! Copies of signed documents that were handed out: each one a row of its own, never changed.

use clinical::ids::{DocumentId, UserId};
use clinical::print::{DocumentPrint, PrintedAs};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

macro_rules! print_columns {
    () => {
        "SELECT p.id, p.document_id, p.number, p.copy, p.reason, p.printed_by, p.printed_at,
                u.display_name AS printed_by_name
           FROM document_print p JOIN account u ON u.id = p.printed_by "
    };
}

fn print(row: &Row) -> Result<DocumentPrint> {
    Ok(DocumentPrint {
        document_id: row.parsed("document_id")?,
        number: row.int("number")?,
        printed_as: match row.maybe_int("copy")? {
            None => PrintedAs::SignedFile,
            Some(copies) => PrintedAs::after(copies),
        },
        reason: row.maybe_text("reason")?,
        printed_by: row.parsed("printed_by")?,
        printed_by_name: row.text("printed_by_name")?,
        printed_at: row.time("printed_at")?,
    })
}

impl Tx {
    /// Counts one more copy of a document: the original when it is the first, else the next reprint; `as_file` for the
    /// signed file, which counts as no copy. Returns its place among the prints of the document. Of two at once the
    /// second waits, so that no two copies have one number.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown document.
    pub async fn insert_print(
        &mut self,
        document: DocumentId,
        as_file: bool,
        reason: Option<&str>,
        by: UserId,
        at: Timestamp,
    ) -> Result<i64> {
        let held = self
            .locked(
                "patient",
                "SELECT id FROM patient WHERE id = (SELECT patient_id FROM signed_document WHERE id = $1)",
                values![document],
                |_| Ok(()),
            )
            .await?;
        if held.is_empty() {
            return Err(StorageError::Missing { what: "signed_document".to_owned() });
        }
        let counts = "SELECT COUNT(*) AS n FROM document_print WHERE document_id = $1";
        let number = self.number(counts, values![document]).await? + 1;
        let copies = "SELECT COUNT(copy) AS n FROM document_print WHERE document_id = $1";
        let copy = if as_file { None } else { Some(self.number(copies, values![document]).await?) };
        self.execute(
            "INSERT INTO document_print (id, document_id, number, copy, reason, printed_by, printed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![format!("{document}-{number}"), document, number, copy, reason, by, at],
        )
        .await?;
        Ok(number)
    }

    /// A print by its place.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn print(&mut self, document: DocumentId, number: i64) -> Result<Option<DocumentPrint>> {
        let sql = concat!(print_columns!(), "WHERE p.document_id = $1 AND p.number = $2");
        self.one("document_print", sql, values![document, number], print).await
    }

    /// The prints of a document, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn prints(&mut self, document: DocumentId) -> Result<Vec<DocumentPrint>> {
        let sql = concat!(print_columns!(), "WHERE p.document_id = $1 ORDER BY p.number DESC");
        self.list("document_print", sql, values![document], print).await
    }
}
