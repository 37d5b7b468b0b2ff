//! What somebody is typing and has not sent yet. It is theirs alone and no part of the record.

use clinical::document::DocumentKind;
use clinical::ids::{EncounterId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, values};

/// The text of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsavedText {
    /// Which form of the page.
    pub form: String,
    /// What its fields say, as the caller gave it.
    pub content: String,
    /// When it was kept last.
    pub at: Timestamp,
}

fn unsaved(row: &Row) -> Result<UnsavedText> {
    Ok(UnsavedText { form: row.text("form")?, content: row.text("content")?, at: row.time("saved_at")? })
}

impl Tx {
    /// Keeps the text of a form, in place of what was kept of it; whether it is the first of it.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown user or consultation.
    pub async fn keep_unsaved(
        &mut self,
        user: UserId,
        encounter: EncounterId,
        kind: DocumentKind,
        text: &UnsavedText,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE unsaved_text SET content = $5, saved_at = $6
                  WHERE user_id = $1 AND encounter_id = $2 AND kind = $3 AND form = $4",
                values![user, encounter, kind.code(), &text.form, &text.content, text.at],
            )
            .await?;
        if changed > 0 {
            return Ok(false);
        }
        self.execute(
            "INSERT INTO unsaved_text (user_id, encounter_id, kind, form, content, saved_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (user_id, encounter_id, kind, form) DO UPDATE
               SET content = excluded.content, saved_at = excluded.saved_at",
            values![user, encounter, kind.code(), &text.form, &text.content, text.at],
        )
        .await
        .map(|_| true)
    }

    /// What a person has not sent of a document, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn unsaved(
        &mut self,
        user: UserId,
        encounter: EncounterId,
        kind: DocumentKind,
    ) -> Result<Vec<UnsavedText>> {
        self.list(
            "unsaved_text",
            "SELECT form, content, saved_at FROM unsaved_text
              WHERE user_id = $1 AND encounter_id = $2 AND kind = $3 ORDER BY saved_at, form",
            values![user, encounter, kind.code()],
            unsaved,
        )
        .await
    }

    /// Forgets the text of a form: it was sent, or is not wanted.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_unsaved(
        &mut self,
        user: UserId,
        encounter: EncounterId,
        kind: DocumentKind,
        form: &str,
    ) -> Result<()> {
        self.execute(
            "DELETE FROM unsaved_text WHERE user_id = $1 AND encounter_id = $2 AND kind = $3 AND form = $4",
            values![user, encounter, kind.code(), form],
        )
        .await
        .map(drop)
    }

    /// Forgets what nobody came back to since a time.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn purge_unsaved(&mut self, before: Timestamp) -> Result<()> {
        self.execute("DELETE FROM unsaved_text WHERE saved_at < $1", values![before]).await.map(drop)
    }
}
