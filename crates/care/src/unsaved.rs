//! What somebody is typing in a form of a consultation or in an addendum: kept while they type, offered back when the
//! form never arrived.
//!
//! It is theirs alone and becomes part of the record only when they send the form. The bitácora notes that a text was
//! begun, not every pause of the typing.

use clinical::audit::AuditAction;
use clinical::document::{DocumentKind, SignedDocument};
use clinical::encounter::Encounter;
use clinical::ids::{DocumentId, EncounterId};
use jiff::{SignedDuration, Timestamp};
use storage::{Tx, UnsavedText};

use crate::Care;
use crate::consultation::refuse_signed_kind;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::signing::check_amends;

/// Most characters that are kept of a form: the conversation of a consultation of some three hours.
pub const LONGEST: usize = 200_000;
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
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        self.keep(tx, actor, &encounter, (kind, form), content).await
    }

    /// Keeps what an addendum says so far; empty text forgets it. Answers when.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not correct it; [`CareError::NotFound`] when there is no such document;
    /// [`CareError::Invalid`] for more than a form holds.
    pub async fn keep_addendum(
        &self,
        actor: &Actor,
        original: DocumentId,
        content: &str,
    ) -> Result<Timestamp, CareError> {
        self.require(actor, Permission::Sign).await?;
        let missing = || CareError::NotFound { what: "el documento" };
        let mut tx = self.begin(actor).await?;
        let document = tx.document(original).await?.ok_or_else(missing)?;
        check_amends(actor, &document)?;
        let act = document.encounter_id.ok_or_else(missing)?;
        let encounter = tx.encounter(act).await?.ok_or_else(missing)?;
        self.keep(tx, actor, &encounter, (DocumentKind::ADDENDUM, &addendum_form(original)), content).await
    }

    async fn keep(
        &self,
        mut tx: Tx,
        actor: &Actor,
        encounter: &Encounter,
        (kind, form): (DocumentKind, &str),
        content: &str,
    ) -> Result<Timestamp, CareError> {
        if form.is_empty() || form.chars().count() > FORM_MAX || content.chars().count() > LONGEST {
            return Err(CareError::invalid(
                "texto",
                "El texto es demasiado largo para guardarse mientras escribe",
            ));
        }
        let (id, now) = (encounter.id, self.now());
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

    /// Forgets what an addendum said: it is not wanted.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not correct it.
    pub async fn forget_addendum(&self, actor: &Actor, original: DocumentId) -> Result<(), CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut tx = self.begin(actor).await?;
        if let Some(document) = tx.document(original).await? {
            check_amends(actor, &document)?;
            addendum_arrived(&mut tx, actor, &document).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The name of the form of an addendum.
fn addendum_form(original: DocumentId) -> String {
    format!("adenda:{original}")
}

/// What this person was writing as an addendum to a document.
pub(crate) async fn begun_addendum(
    tx: &mut Tx,
    actor: &Actor,
    original: &SignedDocument,
) -> Result<Option<UnsavedText>, CareError> {
    let Some(act) = original.encounter_id else { return Ok(None) };
    let texts = tx.unsaved(actor.user_id, act, DocumentKind::ADDENDUM).await?;
    let form = addendum_form(original.id);
    Ok(texts.into_iter().find(|text| text.form == form))
}

/// Forgets it: it was signed, or is not wanted.
pub(crate) async fn addendum_arrived(
    tx: &mut Tx,
    actor: &Actor,
    original: &SignedDocument,
) -> Result<(), CareError> {
    let Some(act) = original.encounter_id else { return Ok(()) };
    let form = addendum_form(original.id);
    Ok(tx.forget_unsaved(actor.user_id, act, DocumentKind::ADDENDUM, &form).await?)
}
