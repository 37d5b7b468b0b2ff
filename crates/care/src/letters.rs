//! Letters of the establishment as PDF.

use std::sync::Arc;

use clinical::practitioner::Establishment;
use documents::Letter;
use jiff::civil::Date;
use storage::Tx;

use crate::Care;
use crate::documents::Pdf;
use crate::error::CareError;

impl Care {
    /// An empty letter with the head of the establishment.
    pub(crate) async fn letter(
        &self,
        tx: &mut Tx,
        title: &str,
        reference: String,
    ) -> Result<Letter, CareError> {
        let establishment: Establishment =
            tx.establishment().await?.ok_or(CareError::NotFound { what: "el establecimiento" })?;
        Ok(Letter {
            title: title.to_owned(),
            reference,
            establishment,
            issued_at: self.now(),
            facts: Vec::new(),
            paragraphs: Vec::new(),
            entries: Vec::new(),
            closing: Vec::new(),
            signers: Vec::new(),
        })
    }

    /// Typesets a letter.
    pub(crate) async fn letter_pdf(&self, letter: Letter, file_name: String) -> Result<Pdf, CareError> {
        let renderer = Arc::clone(&self.renderer);
        let bytes = tokio::task::spawn_blocking(move || renderer.letter(&letter))
            .await
            .map_err(CareError::internal)?
            .map_err(CareError::internal)?;
        Ok(Pdf { bytes, file_name })
    }
}

/// A fact of a letter.
pub(crate) fn fact(label: &str, value: impl ToString) -> (String, String) {
    (label.to_owned(), value.to_string())
}

/// "9 de marzo de 2026".
pub(crate) fn day(date: Date) -> String {
    clinical::calendar::long_date(date)
}
