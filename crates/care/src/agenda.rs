//! The day: who comes, who is here, and what waits to be written or signed.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::encounter::{Appointment, AppointmentState, Encounter, EncounterState};
use clinical::ids::{AppointmentId, DocumentId, EncounterId, PatientId, PractitionerId};
use clinical::patient::Patient;
use clinical::practitioner::Practitioner;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use storage::{FollowUp, Tx};
use uuid::Uuid;

use crate::cosign::{self, Sending};
use crate::error::CareError;
use crate::excerpts;
use crate::figures::surveillance::{SurveilledCase, open_cases};
use crate::follow_ups;
use crate::overdue::{self, Overdue};
use crate::permission::{Actor, Permission};
use crate::private::OpeningNotice;
use crate::replies::{self, OpenRequest};
use crate::{Care, because};

/// An act of care to be opened.
pub(crate) struct NewVisit<'a> {
    /// Whose.
    pub(crate) patient: PatientId,
    /// What it is written as.
    pub(crate) document: DocumentKind,
    /// Motivo.
    pub(crate) reason: &'a str,
    /// When care happened.
    pub(crate) started_at: Timestamp,
    /// The signed request it answers.
    pub(crate) answers: Option<DocumentId>,
}

/// One line of the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaLine {
    /// The planned visit.
    pub appointment: Appointment,
    /// Who comes.
    pub patient: Patient,
    /// With whom.
    pub practitioner: String,
    /// The consultation it became, if any.
    pub encounter_id: Option<EncounterId>,
    /// Since when its patient is here and waits, if they do.
    pub waiting_since: Option<Timestamp>,
}

/// A consultation that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEncounter {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// With whom.
    pub practitioner: String,
    /// Whether a transcript is there.
    pub has_transcript: bool,
    /// Proposals nobody has decided about; `None` when there is no draft yet.
    pub pending_items: Option<usize>,
    /// Whether a trainee writes it.
    pub trainee: bool,
    /// How far it is on its way to the supervising physician, when a trainee writes it.
    pub sending: Option<Sending>,
}

/// A trainee's document that waits for this person's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToEndorse {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// Which document of it.
    pub kind: DocumentKind,
    /// Who wrote it.
    pub author: Practitioner,
    /// When it was sent, or last changed by who supervises.
    pub since: Timestamp,
}

/// What the page "Hoy" shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
    /// The agenda of the day, by time.
    pub agenda: Vec<AgendaLine>,
    /// Consultations being written; empty for those who may not read records.
    pub open: Vec<OpenEncounter>,
    /// What trainees sent this person to sign, oldest first.
    pub to_endorse: Vec<ToEndorse>,
    /// Notes that are late in the practice; empty for those who may not read records.
    pub overdue: Vec<Overdue>,
    /// Requests nobody has answered; empty for those who may not read records.
    pub requests: Vec<OpenRequest>,
    /// What this person promised with a signature and is due; empty for those who may not read records.
    pub follow_ups: Vec<(FollowUp, Patient)>,
    /// The last documents signed today.
    pub signed_today: i64,
    /// Private records of this person's groups that others opened lately.
    pub openings: Vec<OpeningNotice>,
    /// Cases the health authority is told of at once and was not yet; empty for those who may not read records.
    pub to_tell: Vec<SurveilledCase>,
}

impl Care {
    /// The day as this person may see it: physicians their own, others everybody's.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn today(&self, actor: &Actor) -> Result<Today, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        let reads = actor.may(Permission::ReadRecord);
        if reads {
            self.read_what_was_signed().await?;
        }
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let start = now.to_zoned_datetime(zone.clone()).start_of_day().map_err(CareError::internal)?;
        let end = start.checked_add(1.day()).map_err(CareError::internal)?;
        let (from, until) = (start.timestamp(), end.timestamp());
        let mine = actor.practitioner_id;
        let only = mine.filter(|_| actor.has_own_visits());
        let agenda = tx.agenda(from, until, only).await?;
        let practitioners = tx.practitioners().await?;
        let name = |id: &PractitionerId| {
            practitioners.iter().find(|one| one.id == *id).map(Practitioner::full_name).unwrap_or_default()
        };
        let agenda = agenda
            .into_iter()
            .map(|row| AgendaLine {
                practitioner: name(&row.appointment.practitioner_id),
                appointment: row.appointment,
                patient: row.patient,
                encounter_id: row.encounter_id,
                waiting_since: row.waiting_since,
            })
            .collect();
        let mut open = Vec::new();
        if reads {
            for row in tx.open_encounters(mine).await? {
                let draft = tx.draft(row.encounter.id, row.encounter.document).await?;
                let sending = match &draft {
                    Some(saved) => cosign::sending(&mut tx, row.encounter.id, saved).await?,
                    None => None,
                };
                let pending = draft.map(|saved| crate::consultation::pending(&saved.content)).transpose()?;
                open.push(OpenEncounter {
                    sending,
                    trainee: practitioners
                        .iter()
                        .any(|one| one.id == row.encounter.practitioner_id && one.trainee.is_some()),
                    practitioner: name(&row.encounter.practitioner_id),
                    has_transcript: row.has_transcript,
                    encounter: row.encounter,
                    patient: row.patient,
                    pending_items: pending,
                });
            }
        }
        let to_tell = match reads {
            true => open_cases(&mut tx, now, |id| name(&id)).await?,
            false => Vec::new(),
        };
        let (overdue, requests) = match reads {
            true => {
                (overdue::of_practice(&mut tx, now).await?, replies::open_requests(&mut tx, now, None).await?)
            }
            false => (Vec::new(), Vec::new()),
        };
        let follow_ups = match reads {
            true => follow_ups::due(&mut tx, actor, start.date()).await?,
            false => Vec::new(),
        };
        let to_endorse = to_endorse(&mut tx, actor, &practitioners).await?;
        let openings = self.opening_notices(&mut tx, actor).await?;
        let signed_today = tx.count_signed(from, until, actor.user_id).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "agenda", "", None)).await?;
        tx.commit().await?;
        Ok(Today {
            now,
            zone,
            agenda,
            open,
            to_endorse,
            overdue,
            requests,
            follow_ups,
            signed_today,
            openings,
            to_tell,
        })
    }

    /// Begins the consultation of a planned visit, or returns to the one already begun. Without a reason, the service
    /// that was booked stands for it.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not write in records.
    pub async fn start_appointment(
        &self,
        actor: &Actor,
        id: AppointmentId,
        reason: &str,
    ) -> Result<EncounterId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let appointment = tx.hold_appointment(id).await?.ok_or(CareError::NotFound { what: "la cita" })?;
        let day = (appointment.starts_at, appointment.starts_at + SignedDuration::from_mins(1));
        let agenda = tx.agenda(day.0, day.1, None).await?;
        if let Some(open) =
            agenda.into_iter().find(|line| line.appointment.id == id).and_then(|line| line.encounter_id)
        {
            return Ok(open);
        }
        if !appointment.state.holds_time() {
            let message =
                "La cita está cancelada o anotada como no asistida. Anote primero que el paciente llegó";
            return Err(CareError::Conflict { message: message.to_owned() });
        }
        // A visit that was booked for a record joined to another since belongs to that one.
        let patient =
            tx.record(appointment.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: patient.id,
            // Whoever writes is the author (NOM-004 5.10); a trainee's note is not the physician's who was booked.
            practitioner_id: actor
                .practitioner_id
                .filter(|_| actor.may(Permission::SendForSignature))
                .unwrap_or(appointment.practitioner_id),
            appointment_id: Some(id),
            started_at: self.now(),
            reason: crate::setup::optional(reason).unwrap_or_else(|| appointment.service.clone()),
            state: EncounterState::InProgress,
            document: DocumentKind::PROGRESS_NOTE,
        };
        let begun = self.begin_consultation(&mut tx, actor, encounter).await?;
        tx.commit().await?;
        Ok(begun.id)
    }

    /// Opens a consultation from the record. It is that of the visit the patient is here for today, if there is one.
    ///
    /// # Errors
    /// [`CareError::Denied`] for an account without a professional behind it.
    pub async fn start_visit(
        &self,
        actor: &Actor,
        patient_id: PatientId,
        reason: &str,
    ) -> Result<EncounterId, CareError> {
        let document = DocumentKind::PROGRESS_NOTE;
        let started_at = self.now();
        let new = NewVisit { patient: patient_id, document, reason, started_at, answers: None };
        self.start(actor, new).await
    }

    /// Opens another document of the record. `act_at` is when care happened, where that was not now: both times are
    /// kept and shown (late entry).
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not write that document; [`CareError::Invalid`] for an act in the future or
    /// before the patient was born.
    pub async fn start_document(
        &self,
        actor: &Actor,
        patient_id: PatientId,
        kind: DocumentKind,
        act_at: Option<Timestamp>,
    ) -> Result<EncounterId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let definition = nom004::known(kind).filter(|definition| definition.service != nom004::Service::None);
        let definition = definition.ok_or(CareError::NotFound { what: "ese documento" })?;
        if !actor.may_draft(definition) {
            return Err(CareError::Denied { message: actor.authorship_refusal(definition) });
        }
        let now = self.now();
        let act_at = act_at.unwrap_or(now);
        if act_at > now {
            return Err(CareError::invalid(
                "fecha",
                "La fecha y la hora del acto no pueden estar en el futuro",
            ));
        }
        let reason = &definition.title;
        let new = NewVisit { patient: patient_id, document: kind, reason, started_at: act_at, answers: None };
        self.start(actor, new).await
    }

    pub(crate) async fn start(&self, actor: &Actor, new: NewVisit<'_>) -> Result<EncounterId, CareError> {
        let NewVisit { patient: patient_id, document, reason, started_at, answers } = new;
        self.require(actor, Permission::WriteRecord).await?;
        let Some(practitioner_id) = actor.practitioner_id else {
            return Err(CareError::Denied { message: actor.refusal(Permission::Sign) });
        };
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let patient_id = patient.id;
        let visit =
            match document == DocumentKind::PROGRESS_NOTE && answers.is_none() && started_at == self.now() {
                true => self.visit_here(&mut tx, patient_id, practitioner_id).await?,
                false => None,
            };
        let zone = Self::time_zone(&mut tx).await?;
        let day = started_at.to_zoned_datetime(zone.clone()).date();
        if patient.birth_date().is_some_and(|birth| day < birth.date()) {
            return Err(CareError::invalid(
                "fecha",
                "La fecha del acto es anterior al nacimiento del paciente",
            ));
        }
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id,
            practitioner_id,
            appointment_id: visit,
            started_at,
            reason: reason.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect(),
            state: EncounterState::InProgress,
            document,
        };
        let encounter = self.begin_consultation(&mut tx, actor, encounter).await?;
        if let Some(request) = answers {
            tx.insert_reply(encounter.id, request).await?;
        }
        self.begin_with_excerpts(&mut tx, actor, &encounter, &zone).await?;
        tx.commit().await?;
        Ok(encounter.id)
    }

    /// Begins a consultation: the one that the check-in of its visit opened, else a new one. Its visit follows.
    async fn begin_consultation(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        new: Encounter,
    ) -> Result<Encounter, CareError> {
        let waiting = match new.appointment_id {
            Some(visit) => tx.waiting_encounter(visit).await?,
            None => None,
        };
        let encounter = Encounter { id: waiting.unwrap_or(new.id), ..new };
        let action = match waiting {
            Some(_) => {
                tx.begin_encounter(&encounter).await?;
                AuditAction::Update
            }
            None => {
                tx.insert_encounter(&encounter).await?;
                AuditAction::Create
            }
        };
        if let Some(visit) = encounter.appointment_id {
            self.visit_follows(tx, actor, visit, AppointmentState::InConsultation).await?;
        }
        self.bring_back_for_visit(tx, actor, encounter.patient_id).await?;
        let event = self.event(actor, action, "encounter", encounter.id, Some(encounter.patient_id));
        tx.append_audit(because(event, "inicio de la consulta")).await?;
        Ok(encounter)
    }

    /// A document that begins with what the record says gets its first draft.
    async fn begin_with_excerpts(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        encounter: &Encounter,
        zone: &TimeZone,
    ) -> Result<(), CareError> {
        let mut draft = crate::templates::blank(tx, encounter.practitioner_id, encounter.document).await?;
        if !excerpts::begins_with_some(&draft) {
            return Ok(());
        }
        let patient = encounter.patient_id;
        let contents =
            crate::compliance::read(tx.contents_of_patient(patient, crate::compliance::COUNTED).await?)?;
        let reports = tx.lab_reports_of_patient(patient, crate::page_of(0, excerpts::REPORTS)).await?.items;
        excerpts::fill(&mut draft, &excerpts::Signed { contents: &contents, reports: &reports, zone });
        tx.append_audit(self.event(actor, AuditAction::Read, "record", patient, Some(patient))).await?;
        if draft.items.is_empty() {
            return Ok(());
        }
        let content = crate::consultation::write_draft(&draft)?;
        tx.save_draft(encounter.id, encounter.document, 0, &content, actor.user_id, self.now()).await?;
        Ok(())
    }
}

async fn to_endorse(
    tx: &mut Tx,
    actor: &Actor,
    practitioners: &[Practitioner],
) -> Result<Vec<ToEndorse>, CareError> {
    let (Some(supervisor), true) = (actor.practitioner_id, actor.may(Permission::Sign)) else {
        return Ok(Vec::new());
    };
    let waiting = tx.endorsing(supervisor).await?.into_iter().filter_map(|row| {
        let author = practitioners.iter().find(|one| one.id == row.encounter.practitioner_id)?.clone();
        let storage::Endorsing { encounter, patient, kind, since } = row;
        Some(ToEndorse { encounter, patient, kind, author, since })
    });
    Ok(waiting.collect())
}
