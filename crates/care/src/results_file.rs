//! Results out of a file of the laboratory: read, compared with the record, shown, and saved only once confirmed.
//!
//! The preview keeps nothing: what is confirmed is the text itself, read and compared again.

use clinical::audit::AuditAction;
use clinical::ids::{LabReportId, LabResultId, PatientId};
use clinical::laboratory::{ResultSource, ResultState};
use clinical::patient::{Identity, Patient};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use results::{Incoming, IncomingReport, IncomingResult, Subject};
use storage::{DatedResult, LabReport, NewLabResult, Tx};
use terminology::fold::fold;
use uuid::Uuid;

use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission};
use crate::{Care, because};

/// Faults of a file told at once.
const TOLD: usize = 20;

/// What saving a result would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It is added.
    New,
    /// It is there already and is skipped.
    Known,
    /// It takes the place of an earlier one, which stays and is shown.
    Replaces {
        /// The earlier version.
        id: LabResultId,
        /// What it says.
        old: String,
    },
}

/// Something the file says about the patient that the record does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// "Nombre", "Fecha de nacimiento", "CURP".
    pub what: &'static str,
    /// In the file.
    pub file: String,
    /// In the record.
    pub record: String,
}

/// A report of the file, each result with what saving it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedReport {
    /// The report.
    pub report: IncomingReport,
    /// One for each result of it.
    pub arrivals: Vec<Arrival>,
}

/// What a file would bring into a record.
#[derive(Debug, Clone)]
pub struct ResultsPreview {
    /// Whose record.
    pub patient: Patient,
    /// The file as text, to be sent back when it is confirmed.
    pub text: String,
    /// How it came.
    pub source: ResultSource,
    /// The reports.
    pub reports: Vec<PlannedReport>,
    /// What the file leaves out.
    pub notes: Vec<String>,
    /// Where file and record do not agree on who it is; each needs a person to decide.
    pub mismatches: Vec<Mismatch>,
    /// What is known of allergies, for the bar.
    pub allergies: clinical::allergy::AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl ResultsPreview {
    /// How many results would be saved.
    #[must_use]
    pub fn to_save(&self) -> usize {
        let arrivals = self.reports.iter().flat_map(|report| &report.arrivals);
        arrivals.filter(|arrival| **arrival != Arrival::Known).count()
    }
}

impl Care {
    /// Reads a file of results and says what it would bring; nothing is saved.
    ///
    /// # Errors
    /// [`CareError::Invalid`] at `archivo` with every fault, by line or segment and field.
    pub async fn preview_results(
        &self,
        actor: &Actor,
        patient: PatientId,
        bytes: &[u8],
    ) -> Result<ResultsPreview, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let text = results::decode(bytes).map_err(|fault| CareError::invalid("archivo", fault))?;
        let mut tx = self.begin(actor).await?;
        let preview = self.plan(&mut tx, patient, text).await?;
        let event = self.event(actor, AuditAction::Read, "lab_reports", "", Some(patient));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(preview)
    }

    /// Saves what a file brings, all of it or nothing. How many results were saved.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a faulty file, for one that brings nothing new, and for one about someone else unless
    /// `confirmed` says that a person compared both.
    pub async fn import_results(
        &self,
        actor: &Actor,
        patient: PatientId,
        text: &str,
        confirmed: bool,
    ) -> Result<usize, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let text = results::decode(text.as_bytes()).map_err(|fault| CareError::invalid("archivo", fault))?;
        let mut tx = self.begin(actor).await?;
        let preview = self.plan(&mut tx, patient, text).await?;
        if !preview.mismatches.is_empty() && !confirmed {
            let message =
                "Confirme que comparó los datos y que los resultados son de este paciente, o no los guarde";
            return Err(CareError::invalid("confirmado", message));
        }
        let saved = preview.to_save();
        if saved == 0 {
            return Err(CareError::invalid(
                "archivo",
                "Todos los resultados de este archivo ya estaban guardados",
            ));
        }
        let source = preview.source;
        let forced = !preview.mismatches.is_empty();
        let patient = preview.patient.id;
        for planned in preview.reports {
            if planned.arrivals.iter().all(|arrival| *arrival == Arrival::Known) {
                continue;
            }
            let id = self.save_report(&mut tx, actor, patient, source, planned).await?;
            let event = self.event(actor, AuditAction::Create, "lab_report", id, Some(patient));
            let event = if forced { because(event, "identidad confirmada a mano") } else { event };
            tx.append_audit(event).await?;
        }
        tx.commit().await?;
        Ok(saved)
    }

    async fn save_report(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        patient: PatientId,
        source: ResultSource,
        planned: PlannedReport,
    ) -> Result<LabReportId, CareError> {
        let report = LabReport {
            id: LabReportId(Uuid::now_v7()),
            patient_id: patient,
            panel: planned.report.panel,
            laboratory: planned.report.laboratory,
            taken: planned.report.taken,
            source,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
        };
        tx.insert_lab_report(&report).await?;
        let rows = planned.report.results.into_iter().zip(planned.arrivals).zip(1..);
        for ((incoming, arrival), place) in rows {
            let (state, supersedes) = match arrival {
                Arrival::Known => continue,
                Arrival::New => (ResultState::Final, None),
                Arrival::Replaces { id, .. } => (ResultState::Corrected, Some(id)),
            };
            let reason = supersedes.map(|_| "corregido por el laboratorio".to_owned());
            let id = LabResultId(Uuid::now_v7());
            let new = NewLabResult { id, place, state, supersedes, reason, result: incoming.result };
            tx.insert_lab_result(report.id, &new, actor.user_id, self.now()).await?;
        }
        Self::index_lab_report(tx, report.id).await?;
        Ok(report.id)
    }

    async fn plan(&self, tx: &mut Tx, patient: PatientId, text: String) -> Result<ResultsPreview, CareError> {
        let zone = Self::time_zone(tx).await?;
        let today = self.today_in(tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let incoming = results::read(&text, &zone, today).map_err(faulty)?;
        let known = tx.lab_results_that_count(patient).await?;
        let allergies = tx.summary(patient).await?.allergy_status();
        let mismatches = mismatches(&incoming, &who);
        let Incoming { source, reports, notes, .. } = incoming;
        let reports = reports.into_iter().map(|report| planned(report, &known)).collect();
        Ok(ResultsPreview {
            patient: who,
            text,
            source,
            reports,
            notes,
            mismatches,
            allergies,
            now: self.now(),
            zone,
        })
    }
}

fn faulty(faults: Vec<results::Fault>) -> CareError {
    let more = faults.len().saturating_sub(TOLD);
    let mut errors: Vec<FieldError> =
        faults.iter().take(TOLD).map(|fault| FieldError::new("archivo", fault)).collect();
    if more > 0 {
        errors.push(FieldError::new("archivo", format!("Y {more} más. Corrija estos primero")));
    }
    CareError::Invalid(errors)
}

fn planned(report: IncomingReport, known: &[DatedResult]) -> PlannedReport {
    let arrivals = report.results.iter().map(|own| arrival(&report, own, known)).collect();
    PlannedReport { report, arrivals }
}

/// The same analyte of the same sample with the same answer is known; with another answer it is replaced only when the
/// laboratory says that it corrects.
fn arrival(report: &IncomingReport, own: &IncomingResult, known: &[DatedResult]) -> Arrival {
    let same = known.iter().filter(|other| {
        let name = fold(&other.result.analyte) == fold(&own.result.analyte);
        let code = other.result.loinc.is_some() && other.result.loinc == own.result.loinc;
        other.taken == report.taken && (name || code)
    });
    let mut replaced = None;
    for other in same {
        if other.result.value == own.result.value && other.result.unit == own.result.unit {
            return Arrival::Known;
        }
        replaced = Some(other);
    }
    match replaced.filter(|_| own.corrects) {
        Some(old) => {
            let unit = old.result.unit.as_deref().unwrap_or_default();
            Arrival::Replaces { id: old.id, old: format!("{} {unit}", old.result.value).trim().to_owned() }
        }
        None => Arrival::New,
    }
}

/// Where a message and the record do not agree on who it is. A table names nobody: the person chose the record.
fn mismatches(incoming: &Incoming, patient: &Patient) -> Vec<Mismatch> {
    if incoming.source != ResultSource::Hl7 {
        return Vec::new();
    }
    let nobody = Subject::default();
    let subject = incoming.subject.as_ref().unwrap_or(&nobody);
    let mut found = Vec::new();
    let mut differ = |what, file: String, record: String| found.push(Mismatch { what, file, record });
    let own = patient.full_name();
    if !names_fit(&subject.name, &own) {
        let file =
            if subject.name.is_empty() { "no dice de quién es".to_owned() } else { subject.name.clone() };
        differ("Nombre", file, own);
    }
    if let Identity::Identified { birth_date, curp, .. } = &patient.data.identity {
        let day = |date: jiff::civil::Date| date.strftime("%d/%m/%Y").to_string();
        if let Some(file) = subject.birth_date.filter(|file| *file != birth_date.date()) {
            differ("Fecha de nacimiento", day(file), day(birth_date.date()));
        }
        if let (Some(file), Some(own)) = (&subject.curp, curp)
            && file != own
        {
            differ("CURP", file.to_string(), own.to_string());
        }
    }
    found
}

/// Every word of the shorter name stands in the longer one, and there are at least two: laboratories leave out second
/// names and second surnames, and put them in any order.
fn names_fit(file: &str, record: &str) -> bool {
    let words =
        |text: &str| fold(text).split(' ').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (file, record) = (words(file), words(record));
    file.len().min(record.len()) >= 2 && (file.is_subset(&record) || record.is_subset(&file))
}

#[cfg(test)]
mod tests {
    use super::names_fit;

    #[test]
    fn names_fit_when_one_says_less_and_not_when_it_says_something_else() {
        assert!(names_fit("AHUEHUETE JACINTA", "Jacinta Ahuehuete Roble"));
        assert!(names_fit("Jacinta Ahuehuete Roble", "Jacinta Ahuehuete Roble"));
        assert!(names_fit("PENA NUNEZ JOSE", "José Peña Núñez"));
        assert!(!names_fit("Jacinta Ahuehuete Pino", "Jacinta Ahuehuete Roble"));
        assert!(!names_fit("Jacinta", "Jacinta Ahuehuete Roble"));
        assert!(!names_fit("", "Jacinta Ahuehuete Roble"));
    }
}
