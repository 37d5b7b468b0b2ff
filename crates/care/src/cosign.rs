//! A trainee's document: sent to the supervising physician, revised, returned or signed by them.
//!
//! The supervisor signs the draft at the version that was sent, or at one they made from it themselves; what anybody
//! else changes after the sending has to be sent again.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, ItemContent, SectionId};
use clinical::ids::{EncounterId, EndorsementId, PractitionerId};
use clinical::practitioner::Practitioner;
use jiff::Timestamp;
use nom004::Author;
use storage::{Endorsement, EndorsementStep, StoredDraft, Tx};
use uuid::Uuid;

use crate::consultation::{Consultation, read_draft, refuse_signed_kind, write_draft};
use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission, Role};
use crate::setup::Check;
use crate::{Care, because};

/// Longest comment of a supervisor.
const COMMENT_MAX: usize = 2_000;

/// Where a trainee's document stands on its way to the supervising physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Who supervises.
    pub physician: Practitioner,
    /// When the author sent it.
    pub sent_at: Timestamp,
    /// What has happened since.
    pub stage: Stage,
    /// Headings of the sections that are not as they were sent.
    pub changed: Vec<String>,
}

/// What has happened to a document since it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It waits for the supervisor, who alone may have changed it.
    Waiting,
    /// Somebody else changed it: it has to be sent again.
    Outdated,
    /// The supervisor gave it back.
    Returned {
        /// What to correct.
        comment: String,
        /// When.
        at: Timestamp,
    },
}

/// How far a draft is on its way; `None` when it was never sent.
pub(crate) async fn sending(
    tx: &mut Tx,
    encounter: EncounterId,
    saved: &StoredDraft,
) -> Result<Option<Sending>, CareError> {
    let steps = tx.endorsements(encounter, saved.kind).await?;
    let sent = steps.iter().rev().find_map(|step| match &step.step {
        EndorsementStep::Sent { draft } => Some((step.at, draft)),
        _ => None,
    });
    let (Some(last), Some((sent_at, draft))) = (steps.last(), sent) else { return Ok(None) };
    let physician = tx.practitioner(last.supervisor).await?;
    let physician = physician.ok_or(CareError::NotFound { what: "el médico que supervisa" })?;
    let stage = match &last.step {
        EndorsementStep::Returned { comment } => Stage::Returned { comment: comment.clone(), at: last.at },
        _ if last.version == saved.version => Stage::Waiting,
        _ => Stage::Outdated,
    };
    let changed = changed(&read_draft(draft)?, &read_draft(&saved.content)?);
    Ok(Some(Sending { physician, sent_at, stage, changed }))
}

/// Headings of the sections that say something else than before.
fn changed(before: &DraftNote, now: &DraftNote) -> Vec<String> {
    let said = |draft: &DraftNote, id: &SectionId| -> Vec<ItemContent> {
        draft.section(id).map(|item| item.content.clone()).collect()
    };
    let (then, after) = (nom004::definition_of(before), nom004::definition_of(now));
    let gone = then.sections.iter().filter(|section| !after.sections.contains(section));
    let all = after.sections.iter().chain(gone);
    let differs = all.filter(|section| {
        let id = SectionId::new(&section.id);
        said(before, &id) != said(now, &id)
    });
    differs.map(|section| section.label.clone()).collect()
}

/// Follows a change of a draft: what its supervisor changes stays sent, at its new version.
pub(crate) async fn follow(
    tx: &mut Tx,
    actor: &Actor,
    id: EncounterId,
    kind: DocumentKind,
    versions: (i64, i64),
    at: Timestamp,
) -> Result<(), CareError> {
    let Some(supervisor) = actor.practitioner_id else { return Ok(()) };
    let last = tx.endorsements(id, kind).await?.pop();
    let waits = last.is_some_and(|last| {
        last.supervisor == supervisor
            && last.version == versions.0
            && !matches!(last.step, EndorsementStep::Returned { .. })
    });
    if waits {
        let step = EndorsementStep::Revised;
        tx.insert_endorsement(&new_step(actor, id, kind, supervisor, (versions.1, at), step)).await?;
    }
    Ok(())
}

fn new_step(
    actor: &Actor,
    encounter_id: EncounterId,
    kind: DocumentKind,
    supervisor: PractitionerId,
    (version, at): (i64, Timestamp),
    step: EndorsementStep,
) -> Endorsement {
    let id = EndorsementId(Uuid::now_v7());
    Endorsement { id, encounter_id, kind, step, version, supervisor, by: actor.user_id, at }
}

/// The physicians who may supervise and sign a document.
async fn supervisors(tx: &mut Tx, kind: DocumentKind) -> Result<Vec<Practitioner>, CareError> {
    if !nom004::definition(kind).authors.contains(&Author::Physician) {
        return Ok(Vec::new());
    }
    let users = tx.users().await?;
    let signs = |id: PractitionerId| {
        users.iter().any(|user| {
            user.active
                && user.practitioner_id == Some(id)
                && user.role.split(',').any(|code| code == Role::Physician.code())
        })
    };
    let all = tx.practitioners().await?;
    Ok(all.into_iter().filter(|one| one.trainee.is_none() && signs(one.id)).collect())
}

/// The author may send: the draft is complete, theirs, and the one they looked at.
fn check_sendable(actor: &Actor, view: &Consultation, version: i64) -> Result<(), CareError> {
    if actor.practitioner_id != Some(view.practitioner.id) {
        return Err(CareError::Denied {
            message: format!(
                "Este documento es de {}: solo esa persona puede enviarlo a firma.",
                view.practitioner.full_name()
            ),
        });
    }
    if view.version != version {
        return Err(changed_meanwhile());
    }
    let open: Vec<FieldError> =
        view.obstacles().into_iter().map(|message| FieldError::new("pendientes", message)).collect();
    if open.is_empty() { Ok(()) } else { Err(CareError::Invalid(open)) }
}

/// A supervised document is signed by who it was sent to, as it was sent or as they revised it.
pub(crate) fn check_endorsed(actor: &Actor, view: &Consultation) -> Result<(), CareError> {
    let author = view.practitioner.full_name();
    let Some(sending) = &view.sending else {
        return Err(CareError::Denied {
            message: format!("{author} escribe este documento bajo supervisión y no lo ha enviado a firma."),
        });
    };
    match sending.stage {
        Stage::Outdated => Err(CareError::Conflict {
            message: format!(
                "El borrador cambió después de que {author} lo envió. Pida que lo envíe otra vez"
            ),
        }),
        Stage::Returned { .. } => Err(CareError::Conflict {
            message: format!("El documento se devolvió a {author}. Podrá firmarlo cuando lo envíe otra vez"),
        }),
        Stage::Waiting if actor.practitioner_id != Some(sending.physician.id) => Err(CareError::Denied {
            message: format!(
                "Este documento se envió a {}: solo esa persona puede firmarlo.",
                sending.physician.full_name()
            ),
        }),
        Stage::Waiting => Ok(()),
    }
}

fn changed_meanwhile() -> CareError {
    CareError::Conflict {
        message: "El borrador cambió mientras lo revisaba. Lea lo guardado y vuelva a enviarlo".to_owned(),
    }
}

impl Care {
    /// The physicians a document may be sent to.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who does not write under supervision.
    pub async fn supervisors(
        &self,
        actor: &Actor,
        kind: DocumentKind,
    ) -> Result<Vec<Practitioner>, CareError> {
        self.require(actor, Permission::SendForSignature).await?;
        let mut tx = self.begin_read(actor).await?;
        supervisors(&mut tx, kind).await
    }

    /// Sends the draft at `version` to the physician who supervises it.
    ///
    /// # Errors
    /// [`CareError::Denied`] unless it is this trainee's; [`CareError::Invalid`] with everything that is open or for a
    /// supervisor who may not sign it; [`CareError::WrongPassword`]; [`CareError::Conflict`] when the draft changed.
    pub async fn send_for_signature(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        supervisor: Option<PractitionerId>,
        password: String,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::SendForSignature).await?;
        let mut tx = self.begin_read(actor).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        let offered = supervisors(&mut tx, kind).await?;
        drop(tx);
        check_sendable(actor, &view, version)?;
        let supervisor = supervisor.filter(|id| offered.iter().any(|one| one.id == *id));
        let supervisor = supervisor
            .ok_or_else(|| CareError::invalid("supervisor", "Elija al médico que supervisa y firma"))?;
        self.confirm_password(actor, password).await?;
        let mut tx = self.begin(actor).await?;
        tx.hold_encounter(id).await?;
        refuse_signed_kind(&mut tx, &view.encounter, kind).await?;
        if tx.draft(id, kind).await?.map_or(0, |row| row.version) != version {
            return Err(changed_meanwhile());
        }
        let step = EndorsementStep::Sent { draft: write_draft(&view.draft)? };
        tx.insert_endorsement(&new_step(actor, id, kind, supervisor, (version, self.now()), step)).await?;
        self.note_step(&mut tx, actor, &view, "enviado a firma").await?;
        Ok(tx.commit().await?)
    }

    /// Gives a document back to its author with what to correct.
    ///
    /// # Errors
    /// [`CareError::Denied`] unless it was sent to this physician; [`CareError::Invalid`] without a comment.
    pub async fn return_to_author(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        comment: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut check = Check::new();
        let comment = comment.trim().to_owned();
        if comment.is_empty() {
            check.fail("comentario", "Escriba qué falta corregir");
        } else if comment.chars().count() > COMMENT_MAX {
            check.fail("comentario", "Escriba 2 000 letras o menos");
        }
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        tx.hold_encounter(id).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        refuse_signed_kind(&mut tx, &view.encounter, kind).await?;
        check_endorsed(actor, &view)?;
        let supervisor = actor.practitioner_id.unwrap_or(view.practitioner.id);
        let step = EndorsementStep::Returned { comment };
        tx.insert_endorsement(&new_step(actor, id, kind, supervisor, (view.version, self.now()), step))
            .await?;
        self.note_step(&mut tx, actor, &view, "devuelto a su autor").await?;
        Ok(tx.commit().await?)
    }

    async fn note_step(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        view: &Consultation,
        what: &str,
    ) -> Result<(), CareError> {
        let event = self.event(actor, AuditAction::Update, "draft", view.encounter.id, Some(view.patient.id));
        tx.append_audit(because(event, what)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clinical::draft::{DraftItem, Origin, Review};
    use clinical::ids::ItemId;

    use super::*;

    fn draft(sentences: &[(&str, &str)]) -> DraftNote {
        let mut draft = DraftNote::new(DocumentKind::PROGRESS_NOTE);
        let items = sentences.iter().map(|(section, text)| DraftItem {
            id: ItemId(Uuid::now_v7()),
            section: SectionId::new(section),
            content: ItemContent::Statement { text: (*text).to_owned() },
            evidence: Vec::new(),
            source: None,
            plain: None,
            origin: Origin::Written,
            review: Review::Accepted,
        });
        draft.items = items.collect();
        draft
    }

    #[test]
    fn what_a_supervisor_changed_is_named_by_section() {
        let sent = draft(&[("ev.evolucion", "Refiere tos."), ("ev.pronostico", "Bueno.")]);
        assert_eq!(changed(&sent, &sent), Vec::<String>::new());
        let now = draft(&[
            ("ev.evolucion", "Refiere tos."),
            ("ev.pronostico", "Reservado."),
            ("ev.tratamiento", "Reposo."),
        ]);
        assert_eq!(changed(&sent, &now), ["Pronóstico", "Tratamiento e indicaciones médicas"]);
        let less = draft(&[("ev.pronostico", "Bueno.")]);
        assert_eq!(changed(&sent, &less), ["Evolución y actualización del cuadro clínico"]);
    }
}
