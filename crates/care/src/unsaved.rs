//! What somebody is typing in a form of a consultation: kept while they type, offered back when the form never arrived.
//!
//! It is theirs alone and becomes part of the draft only when they send the form. The bitácora notes that a text was
//! begun, not every pause of the typing.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::ids::EncounterId;
use jiff::{SignedDuration, Timestamp};
use storage::UnsavedText;

use crate::Care;
use crate::consultation::refuse_signed_kind;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// Most characters that are kept of a form: the longest sentence with room for the other fields.
pub const LONGEST: usize = 16_000;
/// Most characters of the name of a form.
const FORM_MAX: usize = 200;
/// How long a text waits for its author.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Care {
    /// Keeps what a form says so far; empty text forgets it. Answers when.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not write; [`CareError::Finished`] once the document is signed;
    /// [`CareError::Invalid`] for more than a form holds.
    pub async fn keep_unsaved(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        form: &str,
        content: &str,
    ) -> Result<Timestamp, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        if form.is_empty() || form.chars().count() > FORM_MAX || content.chars().count() > LONGEST {
            return Err(CareError::invalid(
                "texto",
                "El texto es demasiado largo para guardarse mientras escribe",
            ));
        }
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        if content.is_empty() {
            tx.forget_unsaved(actor.user_id, id, kind, form).await?;
        } else {
            let text = UnsavedText { form: form.to_owned(), content: content.to_owned(), at: now };
            if tx.keep_unsaved(actor.user_id, id, kind, &text).await? {
                tx.purge_unsaved(now - KEPT).await?;
                let patient = Some(encounter.patient_id);
                tx.append_audit(self.event(actor, AuditAction::Create, "unsaved_text", id, patient)).await?;
            }
        }
        tx.commit().await?;
        Ok(now)
    }

    /// Forgets what a form said: it was sent, or is not wanted.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not write.
    pub async fn forget_unsaved(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        form: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        tx.forget_unsaved(actor.user_id, id, kind, form).await?;
        Ok(tx.commit().await?)
    }
}
