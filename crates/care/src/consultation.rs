//! The consultation: its transcript, its draft, and what stands between the draft and a signature.

use std::collections::HashMap;

use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::digest::Digest;
use clinical::document::{DocumentBody, DocumentContent, DocumentKind, Supervision};
use clinical::draft::{DraftNote, ItemContent, Review};
use clinical::encounter::{AppointmentState, Encounter, EncounterState};
use clinical::ids::{EncounterId, ItemId, PractitionerId};
use clinical::medication::MedicationRequest;
use clinical::observation::VitalSign;
use clinical::outline::NoteTemplate;
use clinical::patient::Patient;
use clinical::practitioner::Practitioner;
use clinical::preference::Preference;
use clinical::transcript::Transcript;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nom004::Finding;
use storage::{DocumentSummary, StorageError, Summary, Tx, UnsavedText};
use terminology::fold::fold;
use uuid::Uuid;

use crate::Care;
use crate::catalogue::{Catalogue, CodeChoice};
use crate::completing::{self, Completion};
use crate::content::{Frame, patient_header, with_draft_allergies};
use crate::conversation_sound::ConversationSound;
use crate::cosign::{self, Sending};
use crate::error::CareError;
use crate::model::ModelState;
use crate::permission::{Actor, Permission};
use crate::preferences;
use crate::prescribing;
use crate::replies;
use crate::review::{self, ReviewAction, Step};
use crate::safety::Safety;
use crate::templates;

/// Everything the page of a consultation shows.
#[derive(Debug, Clone)]
pub struct Consultation {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// Who attends.
    pub practitioner: Practitioner,
    /// The patient at a glance, as of the last signature.
    pub summary: Summary,
    /// What is known about allergies, with those the draft adds.
    pub allergies: AllergyStatus,
    /// What was said, if a transcript is there.
    pub transcript: Option<Transcript>,
    /// Where it can be heard.
    pub sound: ConversationSound,
    /// SHA-256 of the stored transcript.
    pub transcript_digest: Option<Digest>,
    /// Which document is being written.
    pub kind: DocumentKind,
    /// The draft; empty when nothing was written yet.
    pub draft: DraftNote,
    /// Counts its saves; 0 when nothing was saved yet. A form that saves over another's change is told.
    pub version: i64,
    /// Who saved it last, unless it was this person.
    pub last_saved: Option<(String, Timestamp)>,
    /// What NOM-004 and the prescription rules still want.
    pub findings: Vec<Finding>,
    /// Alerts about the medicines of the draft, with the decisions taken.
    pub safety: Safety,
    /// ICD-11 candidates of each diagnosis without a code.
    pub candidates: HashMap<ItemId, Vec<CodeChoice>>,
    /// Ways to complete the lines of treatment that lack something.
    pub completions: HashMap<ItemId, Vec<Completion>>,
    /// The release of ICD-11 they are of.
    pub edition: String,
    /// Documents of this consultation that are signed already.
    pub signed: Vec<DocumentSummary>,
    /// What those say that is not to be done a second time.
    pub earlier: Earlier,
    /// The zone times are shown in.
    pub zone: TimeZone,
    /// The header its documents would carry if signed now.
    pub frame: Frame,
    /// How far it is on its way to the supervising physician, when a trainee sent it.
    pub sending: Option<Sending>,
    /// What this person was typing and has not sent.
    pub unsaved: Vec<UnsavedText>,
    /// The sentences this person keeps to be put into a note.
    pub phrases: Vec<Preference>,
    /// Their own templates of this document.
    pub templates: Vec<NoteTemplate>,
    /// What the language model does for it, if there is one.
    pub model: ModelState,
}

/// What the signed documents of a consultation hold that the next one may only repeat.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The lines of its recetas, each with the folio it is on.
    prescribed: Vec<(String, MedicationRequest)>,
    /// Measurements its notes took into the summary.
    pub(crate) measured: Vec<VitalSign>,
    /// Lines of treatment its notes took into the summary.
    pub(crate) ordered: Vec<MedicationRequest>,
}

impl Earlier {
    async fn read(tx: &mut Tx, signed: &[DocumentSummary]) -> Result<Self, CareError> {
        let mut earlier = Self::default();
        // What a cancelled receta said may be prescribed again.
        for head in signed.iter().filter(|head| !head.cancelled) {
            let Some(document) = tx.document(head.id).await? else { continue };
            let content: DocumentContent =
                serde_json::from_str(&document.content).map_err(CareError::internal)?;
            match content.body {
                DocumentBody::Prescription { folio, medication_requests, .. } => {
                    let lines = medication_requests.into_iter().map(|request| (folio.clone(), request));
                    earlier.prescribed.extend(lines);
                }
                DocumentBody::Note { vital_signs, medication_requests, .. } => {
                    earlier.measured.extend(vital_signs);
                    earlier.ordered.extend(medication_requests);
                }
                DocumentBody::Addendum { .. } => {}
            }
        }
        Ok(earlier)
    }

    /// The folio of the receta that a line is on already.
    #[must_use]
    pub fn folio_of(&self, request: &MedicationRequest) -> Option<&str> {
        let request = dispensed(request);
        let same = self.prescribed.iter().find(|(_, line)| prescribing::prints_the_same(line, &request));
        same.map(|(folio, _)| folio.as_str())
    }

    /// A line that prescribes the same medicine, in whatever dose, and the folio it is on.
    #[must_use]
    pub fn other_line(&self, request: &MedicationRequest) -> Option<(&str, &MedicationRequest)> {
        let same = |line: &MedicationRequest| fold(&line.medicine) == fold(&request.medicine);
        self.prescribed.iter().find(|(_, line)| same(line)).map(|(folio, line)| (folio.as_str(), line))
    }
}

/// A line with the quantity a pharmacy is told, also where it was computed.
fn dispensed(request: &MedicationRequest) -> MedicationRequest {
    MedicationRequest { quantity: request.to_dispense().map(|quantity| quantity.text), ..request.clone() }
}

impl Consultation {
    /// The lines its receta would have if it were signed now: those that go on one and are on none of this visit yet.
    #[must_use]
    pub fn to_prescribe(&self) -> Vec<MedicationRequest> {
        let lines = self.draft.medication_requests().filter(|request| nom004::goes_on_prescription(request));
        lines.map(dispensed).filter(|request| self.earlier.folio_of(request).is_none()).collect()
    }

    /// Items nobody has decided about.
    #[must_use]
    pub fn pending(&self) -> usize {
        count_pending(&self.draft)
    }

    /// Everything that keeps it from being signed, in Spanish, in reading order.
    #[must_use]
    pub fn obstacles(&self) -> Vec<String> {
        let gaps =
            self.findings.iter().filter(|finding| finding.blocks()).map(|finding| finding.message.clone());
        gaps.chain(
            self.safety.undecided().map(|alert| format!("Resuelva la alerta: {}", alert.alert.message)),
        )
        .collect()
    }

    /// Whether the document of this page is signed: nothing of it can be edited any more.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed.iter().any(|head| head.kind == self.kind)
    }
}

fn count_pending(draft: &DraftNote) -> usize {
    draft.items.iter().filter(|item| item.review == Review::Pending).count()
}

/// Undecided items in a stored draft.
pub(crate) fn pending(content: &str) -> Result<usize, CareError> {
    Ok(count_pending(&read_draft(content)?))
}

pub(crate) fn read_draft(content: &str) -> Result<DraftNote, CareError> {
    serde_json::from_str(content).map_err(CareError::internal)
}

pub(crate) fn write_draft(draft: &DraftNote) -> Result<String, CareError> {
    serde_json::to_string(draft).map_err(CareError::internal)
}

/// What a document of a visit begins with: what was said, where it is written from that, in the words its physician prefers.
async fn first_draft(
    tx: &mut Tx,
    of: PractitionerId,
    kind: DocumentKind,
    told: Option<&Transcript>,
) -> Result<DraftNote, CareError> {
    let blank = templates::blank(tx, of, kind).await?;
    let definition = nom004::extended(kind, blank.template.as_deref());
    let Some(told) = told.filter(|_| definition.is_of_a_conversation()).cloned() else {
        return Ok(blank);
    };
    let style = preferences::style_of(tx, of).await?;
    let note = tokio::task::spawn_blocking(move || scribe::draft_in_style(&told, &style).note(definition));
    let note = note.await.map_err(CareError::internal)?;
    Ok(DraftNote { template: blank.template, outline: blank.outline, ..note })
}

impl Care {
    /// Opens a consultation for reading and reviewing.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text.
    pub async fn consultation(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        let event = self.event(actor, AuditAction::Read, "encounter", id, Some(view.patient.id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Which document an act of care is written as.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] when there is no such act.
    pub async fn document_of(&self, actor: &Actor, id: EncounterId) -> Result<DocumentKind, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        Ok(encounter.document)
    }

    pub(crate) async fn load(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
    ) -> Result<Consultation, CareError> {
        // Before the draft is read: a model that has finished has its sentences in the draft that is shown.
        let model = self.model_state(id, kind);
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_waiting(&encounter)?;
        let missing = |what| CareError::NotFound { what };
        let patient = tx.patient(encounter.patient_id).await?.ok_or(missing("el expediente"))?;
        let practitioner =
            tx.practitioner(encounter.practitioner_id).await?.ok_or(missing("el médico de la consulta"))?;
        let establishment = tx.establishment().await?.ok_or(missing("el establecimiento"))?;
        let zone = crate::zone(&establishment.time_zone);
        let summary = tx.summary(patient.id).await?;
        let stored = tx.transcript(id).await?;
        let transcript_digest = stored.as_ref().map(|stored| stored.digest);
        let transcript = stored.map(|stored| stored.transcript);
        let saved = tx.draft(id, kind).await?;
        let sending = match (&saved, practitioner.trainee) {
            (Some(saved), Some(_)) => cosign::sending(tx, id, saved).await?,
            _ => None,
        };
        let (mut draft, version, last_saved) = match saved {
            Some(row) => {
                let name = match row.updated_by == actor.user_id {
                    true => None,
                    false => tx.user(row.updated_by).await?.map(|user| (user.display_name, row.updated_at)),
                };
                (read_draft(&row.content)?, row.version, name)
            }
            None => (first_draft(tx, practitioner.id, kind, transcript.as_ref()).await?, 0, None),
        };
        let catalogue = self.catalogue(tx).await?;
        let allergies = with_draft_allergies(summary.allergy_status(), &draft);
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let frame = Frame {
            patient: patient_header(&patient, &allergies, encounter.started_at, &zone),
            establishment,
            author: practitioner.clone().on(today),
            supervision: sending.as_ref().map(|sending| Supervision {
                physician: sending.physician.clone().on(today),
                sent_at: sending.sent_at,
                changed: sending.changed.clone(),
            }),
            answers: replies::reference(tx, id, kind, &zone).await?,
            act_at: encounter.started_at,
            signed_at: self.now(),
        };
        let signed = tx.documents_of_encounter(id).await?;
        let header_name = practitioner.full_name();
        let header =
            nom004::HeaderFacts::new(&frame.establishment, &frame.patient, &practitioner, &header_name);
        let safety = self.safety(tx, &patient, &summary, &allergies, &draft, today).await?;
        // A decision about an alert that is no longer there is not signed.
        draft.alert_decisions = safety.decisions();
        Ok(Consultation {
            findings: nom004::missing(&draft, &header),
            safety,
            candidates: candidates(&draft, &catalogue),
            completions: completing::of(tx, actor, patient.id, &draft, &zone).await?,
            edition: catalogue.edition().to_owned(),
            earlier: Earlier::read(tx, &signed).await?,
            signed,
            encounter,
            patient,
            practitioner,
            summary,
            allergies,
            sound: ConversationSound::of(tx, id, transcript.as_ref()).await?,
            transcript,
            transcript_digest,
            kind,
            draft,
            version,
            last_saved,
            zone,
            frame,
            sending,
            unsaved: tx.unsaved(actor.user_id, id, kind).await?,
            phrases: preferences::phrases(tx, actor).await?,
            templates: templates::of(tx, actor, kind).await?,
            model,
        })
    }

    /// Applies one step of reviewing to the draft at `version`.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when someone else saved since: nothing is lost, the form still has the text.
    pub async fn review(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        action: &ReviewAction,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        let saved = tx.draft(id, kind).await?;
        let (draft, current) = match saved {
            Some(row) => (read_draft(&row.content)?, row.version),
            None => {
                let told = tx.transcript(id).await?.map(|stored| stored.transcript);
                (first_draft(&mut tx, encounter.practitioner_id, kind, told.as_ref()).await?, 0)
            }
        };
        if current != version {
            return Err(stale());
        }
        let catalogue = self.catalogue(&mut tx).await?;
        let step = Step { by: actor.user_id, at: now, new_id: ItemId(Uuid::now_v7()), catalogue: &catalogue };
        let next = review::apply(&draft, action, step)?;
        if let (ReviewAction::ConfirmCode { item, .. }, Some(of)) = (action, actor.practitioner_id)
            && let Some(ItemContent::Condition(condition)) = next.item(*item).map(|item| &item.content)
            && let Some(code) = &condition.code
        {
            tx.count_code(of, &code.icd11, now).await?;
        }
        if next != draft || current == 0 {
            self.keep_draft(&mut tx, actor, &encounter, version, &next).await?;
        }
        let view = self.load(&mut tx, actor, id, kind).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Saves what a draft at a version has become.
    pub(crate) async fn keep_draft(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        encounter: &Encounter,
        version: i64,
        next: &DraftNote,
    ) -> Result<(), CareError> {
        let (id, now) = (encounter.id, self.now());
        let saved = tx.save_draft(id, next.kind, version, &write_draft(next)?, actor.user_id, now).await;
        let saved = match saved {
            Err(StorageError::Conflict { .. }) => return Err(stale()),
            other => other?,
        };
        cosign::follow(tx, actor, id, next.kind, (version, saved), now).await?;
        let event = self.event(actor, AuditAction::Update, "draft", id, Some(encounter.patient_id));
        Ok(tx.append_audit(event).await?)
    }

    /// Closes a consultation that was opened by mistake. Its draft is gone; nothing of it was a document.
    ///
    /// # Errors
    /// [`CareError::Finished`] when a document of it is signed.
    pub async fn cancel_encounter(&self, actor: &Actor, id: EncounterId) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed(&mut tx, &encounter).await?;
        tx.set_encounter_state(id, EncounterState::InProgress, EncounterState::Cancelled).await?;
        // Its patient is still here, and waits in a consultation of their own.
        if let Some(visit) = encounter.appointment_id {
            self.visit_follows(&mut tx, actor, visit, AppointmentState::Arrived).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "encounter", id, Some(encounter.patient_id)))
            .await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) fn stale() -> CareError {
    CareError::Conflict {
        message: "Otra persona guardó este borrador mientras usted escribía. Su texto sigue aquí: revise lo guardado y \
                  vuelva a guardar"
            .to_owned(),
    }
}

/// A consultation that a check-in opened is not read or written before it begins.
pub(crate) fn refuse_waiting(encounter: &Encounter) -> Result<(), CareError> {
    if encounter.state != EncounterState::Arrived {
        return Ok(());
    }
    let message = "El paciente está en la sala de espera. Inicie la consulta desde Hoy o desde su cita";
    Err(CareError::Conflict { message: message.to_owned() })
}

pub(crate) async fn refuse_signed(tx: &mut Tx, encounter: &Encounter) -> Result<(), CareError> {
    refuse_waiting(encounter)?;
    if encounter.state == EncounterState::InProgress
        && tx.documents_of_encounter(encounter.id).await?.is_empty()
    {
        return Ok(());
    }
    Err(finished())
}

pub(crate) async fn refuse_signed_kind(
    tx: &mut Tx,
    encounter: &Encounter,
    kind: DocumentKind,
) -> Result<(), CareError> {
    refuse_waiting(encounter)?;
    let signed = tx.documents_of_encounter(encounter.id).await?.iter().any(|head| head.kind == kind);
    if signed || encounter.state == EncounterState::Cancelled { Err(finished()) } else { Ok(()) }
}

fn finished() -> CareError {
    CareError::Finished {
        message: "Esta nota ya está firmada y no puede cambiar. Para corregirla, agregue una adenda"
            .to_owned(),
    }
}

fn candidates(draft: &DraftNote, catalogue: &Catalogue) -> HashMap<ItemId, Vec<CodeChoice>> {
    let open = draft.kept().filter_map(|item| match &item.content {
        ItemContent::Condition(condition) if condition.code.is_none() => {
            Some((item.id, catalogue.candidates(condition)))
        }
        _ => None,
    });
    open.collect()
}
