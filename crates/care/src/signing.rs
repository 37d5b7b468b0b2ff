//! The one way from a draft to a signed document.

use std::sync::Arc;

use ::documents::{Logo, RenderContext};
use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::{DocumentContent, DocumentKind, PatientHeader, SignedDocument};
use clinical::draft::ItemContent;
use clinical::encounter::{AppointmentState, Encounter, EncounterState};
use clinical::ids::{BlobId, DocumentId, EncounterId, EntryId, PatientId};
use clinical::medication::{MedicationRequest, MedicationStatement, RequestAction};
use jiff::Timestamp;
use storage::{Closed, NewSignedDocument, Observation, Recorded, Summary, Tx};
use terminology::fold::fold;
use uuid::Uuid;

use crate::Care;
use crate::consultation::{Consultation, refuse_signed_kind};
use crate::content::{Amended, canonical, sha256};
use crate::cosign::check_endorsed;
use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission};
use crate::prescribing::prints_the_same;
use crate::unsaved::addendum_arrived;

/// What a signature made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The note.
    pub note: DocumentId,
    /// The receta, when anything was prescribed.
    pub prescription: Option<DocumentId>,
    /// When.
    pub at: Timestamp,
    /// The next consultation waiting to be written, if any.
    pub next: Option<(EncounterId, String)>,
}

/// A document ready to be stored: its content as text, digested, and its PDF.
struct Sealed {
    content: DocumentContent,
    text: String,
    pdf: Vec<u8>,
}

impl Care {
    /// The documents as they would print, marked as drafts without validity.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when a receta is asked for and nothing is left to prescribe.
    pub async fn preview(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        prescription: bool,
    ) -> Result<Vec<u8>, CareError> {
        let view = self.consultation(actor, id, kind).await?;
        let document = DocumentId(Uuid::nil());
        let content = if prescription {
            view.frame.prescription(document, "sin folio", &view.draft, view.to_prescribe())
        } else {
            Some(view.frame.note(document, &view.draft, None))
        };
        let content =
            content.ok_or(CareError::NotFound { what: "la receta: no hay medicamentos indicados" })?;
        let (_, digest) = canonical(&content)?;
        let copy = ::documents::Copy::Draft { printed_at: self.now() };
        let mut tx = self.begin_read(actor).await?;
        let logo = self.logo(&mut tx).await?;
        drop(tx);
        self.render(content, RenderContext { logo, ..RenderContext::new(digest, copy) }).await
    }

    pub(crate) async fn render(
        &self,
        content: DocumentContent,
        context: RenderContext,
    ) -> Result<Vec<u8>, CareError> {
        let renderer = Arc::clone(&self.renderer);
        tokio::task::spawn_blocking(move || renderer.render(&content, &context))
            .await
            .map_err(CareError::internal)?
            .map_err(CareError::internal)
    }

    async fn seal(&self, content: DocumentContent, logo: Option<Logo>) -> Result<Sealed, CareError> {
        let (text, digest) = canonical(&content)?;
        let context = RenderContext { logo, ..RenderContext::new(digest, ::documents::Copy::Original) };
        let pdf = self.render(content.clone(), context).await?;
        Ok(Sealed { content, text, pdf })
    }

    /// Signs the note at `version` and the receta that follows from it.
    ///
    /// # Errors
    /// [`CareError::Denied`] unless this physician attends the consultation; [`CareError::Invalid`] with everything
    /// that is open; [`CareError::WrongPassword`]; [`CareError::Conflict`] when the draft changed meanwhile.
    pub async fn sign(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        password: String,
    ) -> Result<Signed, CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut tx = self.begin_read(actor).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        let logo = self.logo(&mut tx).await?;
        drop(tx);
        check_signable(actor, &view, version)?;
        self.confirm_password(actor, password).await?;

        let lessons = crate::preferences::lessons(&view).await?;
        let note = view.frame.note(DocumentId(Uuid::now_v7()), &view.draft, view.transcript_digest);
        let requests = view.to_prescribe();
        let prescription = if requests.is_empty() {
            None
        } else {
            let folio = self.next_folio().await?;
            view.frame.prescription(DocumentId(Uuid::now_v7()), &folio, &view.draft, requests)
        };
        let (note, prescription) = match prescription {
            Some(receta) => {
                let (note, receta) =
                    tokio::try_join!(self.seal(note, logo.clone()), self.seal(receta, logo))?;
                (note, Some(receta))
            }
            None => (self.seal(note, logo).await?, None),
        };

        let mut tx = self.begin(actor).await?;
        // Held, so that two signatures of one consultation come one after the other.
        tx.hold_encounter(id).await?;
        refuse_signed_kind(&mut tx, &view.encounter, kind).await?;
        let saved = tx.draft(id, kind).await?;
        let sending = match &saved {
            Some(saved) if view.sending.is_some() => crate::cosign::sending(&mut tx, id, saved).await?,
            _ => None,
        };
        // Another document of the visit, signed meanwhile, may have prescribed the same.
        let signed = tx.documents_of_encounter(id).await?.len();
        if saved.map_or(0, |row| row.version) != view.version
            || sending != view.sending
            || signed != view.signed.len()
        {
            return Err(changed_meanwhile());
        }
        for sealed in std::iter::once(&note).chain(&prescription) {
            self.store(&mut tx, actor, sealed, Some(id), None).await?;
        }
        let prescribed = prescription.as_ref().unwrap_or(&note).content.id;
        let (patient, decisions) = (view.patient.id, &view.draft.alert_decisions);
        self.keep_decisions(&mut tx, actor, prescribed, patient, decisions, view.frame.signed_at).await?;
        let shown = shown_by_tier(&view);
        tx.insert_alerts_shown(prescribed, view.practitioner.id, view.frame.signed_at, &shown).await?;
        self.bring_summary_up_to_date(&mut tx, actor, &view).await?;
        self.learn(&mut tx, actor, view.practitioner.id, &lessons).await?;
        tx.delete_draft(id, kind).await?;
        for text in &view.unsaved {
            tx.forget_unsaved(actor.user_id, id, kind, &text.form).await?;
        }
        let mut unheard = Vec::new();
        if tx.drafts(id).await?.is_empty() {
            unheard = self.settle_recordings(&mut tx, actor, id).await?;
            self.finish(&mut tx, actor, &view.encounter).await?;
        }
        let next =
            tx.open_encounters(actor.practitioner_id).await?.into_iter().find(|row| row.encounter.id != id);
        tx.commit().await?;
        self.remove_sound(&unheard);
        Ok(Signed {
            note: note.content.id,
            prescription: prescription.map(|sealed| sealed.content.id),
            at: view.frame.signed_at,
            next: next.map(|row| (row.encounter.id, row.patient.full_name())),
        })
    }

    async fn next_folio(&self) -> Result<String, CareError> {
        let mut tx = self.unseen.begin().await?;
        let number = tx.next_folio("prescription").await?;
        tx.commit().await?;
        Ok(format!("R-{number:06}"))
    }

    async fn store(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        sealed: &Sealed,
        encounter_id: Option<EncounterId>,
        amends: Option<DocumentId>,
    ) -> Result<(), CareError> {
        let content = &sealed.content;
        let patient_id = content.patient.id;
        let pdf_digest = sha256(&sealed.pdf);
        let pdf = BlobId(Uuid::now_v7());
        self.blobs.put(tx, pdf, "application/pdf", sealed.pdf.clone(), content.signed_at).await?;
        let document = NewSignedDocument {
            id: content.id,
            kind: content.kind,
            patient_id,
            encounter_id,
            amends,
            signed_by: actor.user_id,
            signed_at: content.signed_at,
            act_at: content.act_at,
            content: sealed.text.clone(),
            pdf,
            pdf_digest,
        };
        tx.insert_document(document).await?;
        tx.index(&crate::search::entry(content, actor.user_id)).await?;
        tx.append_audit(self.event(actor, AuditAction::Sign, "document", content.id, Some(patient_id)))
            .await?;
        Ok(())
    }

    /// Signs an addendum to a signed document: the only way to correct one.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without reason or text; [`CareError::NotFound`] when there is no such document.
    pub async fn add_addendum(
        &self,
        actor: &Actor,
        original: DocumentId,
        reason: &str,
        text: &str,
        password: String,
    ) -> Result<DocumentId, CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut check = crate::setup::Check::new();
        let reason = check.text("motivo", reason, "Escriba el motivo de la adenda");
        let text = text.trim().to_owned();
        if text.is_empty() {
            check.fail("texto", "Escriba lo que se corrige o se agrega");
        } else if text.chars().count() > 20_000 {
            check.fail("texto", "Escriba 20 000 letras o menos");
        }
        check.finish(Some(()))?;
        let mut tx = self.begin_read(actor).await?;
        let document = tx.document(original).await?.ok_or(CareError::NotFound { what: "el documento" })?;
        if document.kind == DocumentKind::ADDENDUM {
            return Err(CareError::invalid(
                "texto",
                "Agregue la adenda al documento original, no a otra adenda",
            ));
        }
        check_amends(actor, &document)?;
        let frame = self.addendum_frame(&mut tx, actor, &document).await?;
        let logo = self.logo(&mut tx).await?;
        drop(tx);
        self.confirm_password(actor, password).await?;
        let zone = crate::zone(&frame.establishment.time_zone);
        let amended = Amended {
            id: original,
            title: crate::documents::named(&document, &zone),
            digest: document.content_digest,
        };
        let addendum = frame.addendum(DocumentId(Uuid::now_v7()), &amended, &reason, &text);
        let sealed = self.seal(addendum, logo).await?;
        let mut tx = self.begin(actor).await?;
        self.store(&mut tx, actor, &sealed, document.encounter_id, Some(original)).await?;
        addendum_arrived(&mut tx, actor, &document).await?;
        tx.commit().await?;
        Ok(sealed.content.id)
    }

    async fn addendum_frame(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        document: &SignedDocument,
    ) -> Result<crate::content::Frame, CareError> {
        let author_id = actor.practitioner_id.ok_or_else(|| denied(actor))?;
        let author = tx.practitioner(author_id).await?.ok_or_else(|| denied(actor))?;
        let establishment =
            tx.establishment().await?.ok_or(CareError::NotFound { what: "el establecimiento" })?;
        // Who the patient is known to be today; the addendum stays with its original, also if the records are separated.
        let patient =
            tx.record(document.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let allergies = tx.summary(patient.id).await?.allergy_status();
        let now = self.now();
        let zone = crate::zone(&establishment.time_zone);
        Ok(crate::content::Frame {
            patient: PatientHeader {
                id: document.patient_id,
                ..crate::content::patient_header(&patient, &allergies, now, &zone)
            },
            establishment,
            author: author.on(now.to_zoned_datetime(zone).date()),
            supervision: None,
            answers: None,
            act_at: now,
            signed_at: now,
        })
    }
}

/// Who could not have signed the original does not correct it.
pub(crate) fn check_amends(actor: &Actor, original: &SignedDocument) -> Result<(), CareError> {
    let (addendum, definition) =
        (nom004::definition(DocumentKind::ADDENDUM), nom004::definition(original.kind));
    if actor.may_author(addendum) && actor.may_author(definition) {
        return Ok(());
    }
    Err(CareError::Denied { message: actor.authorship_refusal(definition) })
}

fn denied(actor: &Actor) -> CareError {
    CareError::Denied { message: actor.refusal(Permission::Sign) }
}

fn changed_meanwhile() -> CareError {
    CareError::Conflict {
        message: "El borrador cambió mientras lo revisaba. Lea lo guardado y vuelva a firmar".to_owned(),
    }
}

impl Consultation {
    /// Why this person cannot sign it, whatever it says; `None` when they can.
    #[must_use]
    pub fn signer_refusal(&self, actor: &Actor) -> Option<String> {
        check_signer(actor, self).err().map(|error| error.to_string())
    }
}

/// How many alerts of each tier stand beside what is signed.
fn shown_by_tier(view: &Consultation) -> Vec<(&'static str, i64)> {
    let mut tiers: Vec<(&'static str, i64)> = Vec::new();
    for alert in &view.safety.alerts {
        let tier = alert.alert.severity.code();
        match tiers.iter_mut().find(|(known, _)| *known == tier) {
            Some((_, count)) => *count += 1,
            None => tiers.push((tier, 1)),
        }
    }
    tiers
}

fn check_signable(actor: &Actor, view: &Consultation, version: i64) -> Result<(), CareError> {
    if view.is_signed() {
        return Err(CareError::Finished {
            message: "Este documento ya está firmado. Para corregirlo, agregue una adenda".to_owned(),
        });
    }
    check_signer(actor, view)?;
    if view.version != version {
        return Err(changed_meanwhile());
    }
    let open: Vec<FieldError> =
        view.obstacles().into_iter().map(|message| FieldError::new("pendientes", message)).collect();
    if open.is_empty() { Ok(()) } else { Err(CareError::Invalid(open)) }
}

fn check_signer(actor: &Actor, view: &Consultation) -> Result<(), CareError> {
    let definition = nom004::definition(view.kind);
    if !actor.may_author(definition) {
        return Err(CareError::Denied { message: actor.authorship_refusal(definition) });
    }
    // Whoever signs is the author (NOM-004 5.10) or supervised them: another's consultation is not theirs to sign.
    if view.practitioner.trainee.is_some() {
        return check_endorsed(actor, view);
    }
    if actor.practitioner_id != Some(view.practitioner.id) {
        return Err(CareError::Denied {
            message: format!(
                "Esta consulta es de {}: solo esa persona puede firmarla.",
                view.practitioner.full_name()
            ),
        });
    }
    Ok(())
}

impl Care {
    /// Ends a consultation that is signed, and the visit it was of.
    pub(crate) async fn finish(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        encounter: &Encounter,
    ) -> Result<(), CareError> {
        tx.set_encounter_state(encounter.id, encounter.state, EncounterState::Finished).await?;
        match encounter.appointment_id {
            Some(visit) => self.visit_follows(tx, actor, visit, AppointmentState::Finished).await,
            None => Ok(()),
        }
    }

    /// What the signed document tells about the patient becomes the summary: measurements, problems, medicines,
    /// allergies.
    async fn bring_summary_up_to_date(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        view: &Consultation,
    ) -> Result<(), CareError> {
        let patient = view.patient.id;
        let mut summary = tx.summary(patient).await?;
        let recorded =
            Recorded { by: actor.user_id, at: view.frame.signed_at, encounter_id: Some(view.encounter.id) };
        let told_before = |content: &ItemContent| match content {
            ItemContent::VitalSign(sign) => view.earlier.measured.contains(sign),
            ItemContent::MedicationRequest(request) => {
                let same = |line: &MedicationRequest| {
                    line.action == request.action && prints_the_same(line, request)
                };
                view.earlier.ordered.iter().any(same)
            }
            _ => false,
        };
        for item in view.draft.kept().filter(|item| !told_before(&item.content)) {
            let id = EntryId(Uuid::now_v7());
            match &item.content {
                ItemContent::VitalSign(sign) => {
                    let observation =
                        Observation { id, sign: *sign, taken_at: view.encounter.started_at, recorded };
                    tx.insert_observation(patient, &observation).await?;
                }
                ItemContent::Condition(condition)
                    if condition.certainty == Certainty::Confirmed
                        && !summary.open_conditions().any(|known| same_condition(known, condition)) =>
                {
                    tx.insert_condition(id, patient, condition, recorded).await?;
                }
                ItemContent::MedicationRequest(request) => {
                    take_over(tx, patient, &mut summary, request, view, recorded).await?;
                }
                ItemContent::Allergy(allergy) => {
                    let known = match summary.allergy_status() {
                        AllergyStatus::Known(list) => list,
                        _ => Vec::new(),
                    };
                    if !known.iter().any(|other| fold(&other.substance) == fold(&allergy.substance)) {
                        tx.insert_allergy(id, patient, allergy, recorded).await?;
                    }
                }
                ItemContent::AllergiesDenied if summary.allergy_status() == AllergyStatus::NotAsked => {
                    tx.insert_allergy_denial(id, patient, recorded).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn same_condition(known: &ConditionEntry, condition: &ConditionEntry) -> bool {
    let code = |entry: &ConditionEntry| entry.code.as_ref().map(|code| code.icd11.clone());
    fold(&known.text) == fold(&condition.text) || code(known).is_some() && code(known) == code(condition)
}

/// A new or changed line takes the place of what the patient took of the same medicine; a stopped one ends it.
///
/// Two lines of one medicine (a dose in the morning, another at night) end what was taken before once, and both stay.
async fn take_over(
    tx: &mut Tx,
    patient: PatientId,
    summary: &mut Summary,
    request: &MedicationRequest,
    view: &Consultation,
    recorded: Recorded,
) -> Result<(), CareError> {
    let same = |statement: &MedicationStatement| {
        fold(&statement.medicine) == fold(&request.medicine)
            || !request.ingredients.is_empty() && statement.ingredients == request.ingredients
    };
    let open = summary.medications.iter_mut().filter(|entry| entry.closed.is_none() && same(&entry.value));
    for entry in open {
        if request.action == RequestAction::Continue {
            return Ok(());
        }
        let on = view.encounter.started_at.to_zoned_datetime(view.zone.clone()).date();
        let closed = Closed { on, by: recorded.by };
        tx.close_entry(entry.id, patient, closed).await?;
        entry.closed = Some(closed);
    }
    if request.action != RequestAction::Stop {
        let statement = crate::prescribing::statement_of(request);
        tx.insert_medication(EntryId(Uuid::now_v7()), patient, &statement, recorded).await?;
    }
    Ok(())
}
