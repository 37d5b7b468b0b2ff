//! The expediente: the patient at a glance and one timeline.

use clinical::allergy::AllergyIntolerance;
use clinical::audit::AuditAction;
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{EntryId, PatientId};
use clinical::patient::Patient;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{
    AttachmentEntry, CancelledDraft, Closed, DocumentSummary, ExternalSummary, FollowUp, LabReportEntry,
    Observation, Page, PageRequest, Recorded, StorageError, Summary, Tx,
};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::error::CareError;
use crate::overdue::{self, Overdue};
use crate::permission::{Actor, Permission};
use crate::replies::{self, OpenRequest};
use crate::retention::RetentionClock;
use crate::setup::Check;
use crate::{Care, page_of};

/// Entries of the timeline on one page.
pub const PAGE: u32 = 50;
/// Files and reports named on the page of a record; the rest has pages of its own.
pub const LATEST: u32 = 5;
/// How far back the course of measurements goes on the page of a record.
pub const TREND_YEARS: i64 = 6;
/// The record of a patient.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Who it is.
    pub patient: Patient,
    /// Allergies, problems, medicines and the latest measurements.
    pub summary: Summary,
    /// Measurements of the last [`TREND_YEARS`] years, oldest first.
    pub observations: Vec<Observation>,
    /// Signed documents of this page, newest act first.
    pub documents: Vec<DocumentSummary>,
    /// Documents of other establishments whose acts are of this page, newest first.
    pub external: Vec<ExternalSummary>,
    /// How many signed documents there are, with those of other establishments.
    pub total_documents: i64,
    /// Consultations that are still open.
    pub open: Vec<Encounter>,
    /// Since when today the patient is here and waits, and for whom.
    pub waiting: Option<(Timestamp, String)>,
    /// Numbers of the records that were joined to this one.
    pub joined: Vec<String>,
    /// A minor without anybody who may decide.
    pub needs_representative: bool,
    /// How long the record is kept.
    pub clock: RetentionClock,
    /// Whether the record is out of the daily lists.
    pub archived: bool,
    /// The newest files, at most [`LATEST`], and how many there are.
    pub attachments: Page<AttachmentEntry>,
    /// The newest laboratory reports, at most [`LATEST`], and how many there are.
    pub reports: Page<LabReportEntry>,
    /// Notes that are due and late.
    pub overdue: Vec<Overdue>,
    /// Drafts given up today.
    pub cancelled: Vec<CancelledDraft>,
    /// Requests nobody has answered.
    pub requests: Vec<OpenRequest>,
    /// What was promised with a signature and is still to be looked at, the soonest first.
    pub follow_ups: Vec<FollowUp>,
    /// This page, from 0.
    pub page: u32,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A change to the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryChange {
    /// A new allergy.
    AddAllergy(AllergyIntolerance),
    /// Asked, and there are none.
    DenyAllergies,
    /// Entered by mistake or disproved.
    CloseAllergy(EntryId),
    /// A new problem.
    AddProblem {
        /// In words.
        text: String,
        /// ICD-11 code, or empty.
        icd11: String,
    },
    /// Resolved.
    CloseProblem(EntryId),
    /// A medicine the patient takes.
    AddMedication {
        /// Generic or brand name as written.
        medicine: String,
        /// How it is taken.
        taken: String,
    },
    /// No longer taken.
    CloseMedication(EntryId),
}

impl Care {
    /// Opens a record; one that was joined to another answers with that one.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] when there is no such record.
    pub async fn chart(&self, actor: &Actor, id: PatientId, page: u32) -> Result<Chart, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let id = patient.id;
        let joined = tx.joined_numbers(id).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let needs_representative = crate::identity::lacks_representative(&mut tx, &patient, today).await?;
        let (clock, archived) = (self.clock_of(&mut tx, id, &zone).await?, tx.is_archived(id).await?);
        let summary = tx.summary(id).await?;
        let from = self.now() - SignedDuration::from_hours(24 * 365 * TREND_YEARS);
        let observations = tx.observations(id, from).await?;
        let (documents, external, total_documents) = timeline_page(&mut tx, id, page).await?;
        let encounters = tx.encounters_of_patient(id, page_of(0, PAGE)).await?.items;
        let waiting = waiting(&mut tx, &encounters, today, &zone).await?;
        let attachments = tx.attachments_of_patient(id, page_of(0, LATEST)).await?;
        let reports = tx.lab_reports_of_patient(id, page_of(0, LATEST)).await?;
        let open = encounters.into_iter().filter(|e| e.state == EncounterState::InProgress).collect();
        let cancelled = crate::cancelled::of_today(&mut tx, id, self.now(), &zone).await?;
        let requests = replies::open_requests(&mut tx, self.now(), Some(id)).await?;
        let follow_ups = tx.follow_ups_of_patient(id).await?;
        let overdue = overdue::of_record(&mut tx, &patient, self.now()).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "record", id, Some(id))).await?;
        tx.commit().await?;
        Ok(Chart {
            patient,
            summary,
            observations,
            documents,
            external,
            total_documents,
            open,
            waiting,
            joined,
            needs_representative,
            clock,
            archived,
            attachments,
            reports,
            overdue,
            cancelled,
            requests,
            follow_ups,
            page,
            now: self.now(),
            zone,
        })
    }

    /// Changes the summary of a record.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what to correct.
    pub async fn change_summary(
        &self,
        actor: &Actor,
        id: PatientId,
        change: &SummaryChange,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let new_id = EntryId(Uuid::now_v7());
        let mut check = Check::new();
        let mut tx = self.begin(actor).await?;
        let id = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        let recorded = Recorded { by: actor.user_id, at: self.now(), encounter_id: None };
        match change {
            SummaryChange::AddAllergy(allergy) => {
                let mut allergy = allergy.clone();
                allergy.substance =
                    check.text("sustancia", &allergy.substance, "Escriba a qué es la alergia");
                check.finish(Some(()))?;
                tx.insert_allergy(new_id, id, &allergy, recorded).await?;
            }
            SummaryChange::DenyAllergies => {
                if tx.summary(id).await?.allergies.iter().any(|entry| entry.closed.is_none()) {
                    let message =
                        "Cierre primero las alergias anotadas; después puede registrar que no tiene";
                    return Err(CareError::invalid("alergias", message));
                }
                tx.insert_allergy_denial(new_id, id, recorded).await?;
            }
            SummaryChange::AddProblem { text, icd11 } => {
                let text = check.text("problema", text, "Escriba el problema o diagnóstico");
                let catalogue = self.catalogue(&mut tx).await?;
                let code = find_code(&mut check, &catalogue, icd11);
                check.finish(Some(()))?;
                let entry = ConditionEntry { text, certainty: Certainty::Confirmed, code };
                tx.insert_condition(new_id, id, &entry, recorded).await?;
            }
            SummaryChange::AddMedication { medicine, taken } => {
                let medicine =
                    check.text("medicamento", medicine, "Escriba el nombre genérico del medicamento");
                check.finish(Some(()))?;
                let statement = crate::prescribing::statement(&medicine, crate::setup::optional(taken));
                tx.insert_medication(new_id, id, &statement, recorded).await?;
            }
            SummaryChange::CloseAllergy(entry)
            | SummaryChange::CloseProblem(entry)
            | SummaryChange::CloseMedication(entry) => self.close(&mut tx, actor, *entry, id).await?,
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "summary", id, Some(id))).await?;
        Ok(tx.commit().await?)
    }

    async fn close(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        entry: EntryId,
        id: PatientId,
    ) -> Result<(), CareError> {
        let zone = Self::time_zone(tx).await?;
        let closed = Closed { on: self.now().to_zoned_datetime(zone).date(), by: actor.user_id };
        match tx.close_entry(entry, id, closed).await {
            Err(StorageError::Conflict { .. }) => {
                Err(CareError::NotFound { what: "ese dato: quizá ya se había cerrado" })
            }
            other => Ok(other?),
        }
    }
}

/// Since when somebody waits today, and for whom: their check-in opened a consultation that nobody has begun.
async fn waiting(
    tx: &mut Tx,
    encounters: &[Encounter],
    today: Date,
    zone: &TimeZone,
) -> Result<Option<(Timestamp, String)>, StorageError> {
    let here = |own: &&Encounter| {
        own.state == EncounterState::Arrived && own.started_at.to_zoned_datetime(zone.clone()).date() == today
    };
    let Some(own) = encounters.iter().find(here) else { return Ok(None) };
    let attends = tx.practitioner(own.practitioner_id).await?;
    Ok(Some((own.started_at, attends.map(|one| one.full_name()).unwrap_or_default())))
}

/// The documents of a page of the timeline, signed here and elsewhere, by the time of the act.
async fn timeline_page(
    tx: &mut Tx,
    id: PatientId,
    page: u32,
) -> Result<(Vec<DocumentSummary>, Vec<ExternalSummary>, i64), StorageError> {
    let elsewhere = tx.count_external(id).await?;
    if elsewhere == 0 {
        let documents = tx.documents_of_patient(id, page_of(page, PAGE)).await?;
        return Ok((documents.items, Vec::new(), documents.total));
    }
    // Each kind has its own order: the newest of both up to this page hold the page.
    let upto = PageRequest { limit: page.saturating_add(1).saturating_mul(PAGE), offset: 0 };
    let own = tx.documents_of_patient(id, upto).await?;
    let external = tx.external_of_patient(id, upto).await?;
    let total = own.total + elsewhere;
    let here = own.items.into_iter().map(|document| (document.act_at, Ok(document)));
    let mut all: Vec<(Timestamp, Result<DocumentSummary, ExternalSummary>)> =
        here.chain(external.into_iter().map(|document| (document.act_at, Err(document)))).collect();
    // Of documents of one instant, those signed here come first.
    all.sort_by_key(|(act_at, _)| std::cmp::Reverse(*act_at));
    let (mut documents, mut external) = (Vec::new(), Vec::new());
    for (_, document) in all.into_iter().skip(page as usize * PAGE as usize).take(PAGE as usize) {
        match document {
            Ok(document) => documents.push(document),
            Err(document) => external.push(document),
        }
    }
    Ok((documents, external, total))
}

fn find_code(check: &mut Check, catalogue: &Catalogue, icd11: &str) -> Option<ConditionCode> {
    if icd11.trim().is_empty() {
        return None;
    }
    let found = catalogue.code(icd11, "").ok();
    if found.is_none() {
        check.fail("codigo", "Elija un código de la lista");
    }
    found
}
