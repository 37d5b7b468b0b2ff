//! The safety check of a draft: what is asked of `drug_safety`, and the decisions that answer its alerts.

mod dose;
mod patient;

use std::collections::BTreeSet;

use clinical::allergy::AllergyStatus;
use clinical::draft::{AlertDecision, DraftNote};
use clinical::medication::{MedicationRequest, MedicationStatement, RequestAction};
use clinical::patient::Patient;
use drug_safety::labels::Labels;
use drug_safety::{Alert, AlertKind, CheckInput, DATA_DATE, Drug, OverrideReason, Report, check_with};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use storage::{AlertOverride, DatedResult, LabelsLoaded, Summary, Tx};
use terminology::fold::fold;

use crate::Care;
use crate::error::CareError;
use crate::review::AlertAnswer;
use dose::DailyDose;

/// How long a decision about medicines that go on unchanged is not asked again (reference, section 1, rule 2).
const SETTLED: SignedDuration = SignedDuration::from_hours(24 * 365);
/// How far back laboratory results are looked for: an older one is only told to be old.
const RESULTS_YEARS: i16 = 3;
/// Days after which a medicine that was stopped no longer matters: the longest wash-out there is.
const STOPPED_DAYS: i32 = 100;

/// An alert with its key and the decision taken about it, if one was.
#[derive(Debug, Clone)]
pub struct DecidedAlert {
    /// Stable name of the alert, for the decision.
    pub key: String,
    /// What the check says.
    pub alert: Alert,
    /// What the physician decided.
    pub decision: Option<AlertDecision>,
    /// An earlier decision that still stands, since nothing changed.
    pub settled: Option<Settled>,
}

/// A decision of an earlier signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Why the physician went on.
    pub reason: Option<OverrideReason>,
    /// When.
    pub at: Timestamp,
}

impl DecidedAlert {
    /// Whether it is shown as something to be decided, rather than as a quiet line.
    #[must_use]
    pub fn interrupts(&self) -> bool {
        self.alert.severity.interrupts() && self.settled.is_none()
    }

    /// Whether signing waits for a decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.interrupts() && self.decision.is_none()
    }
}

/// The result of the check for a draft.
#[derive(Debug, Clone, Default)]
pub struct Safety {
    /// The alerts, worst first.
    pub alerts: Vec<DecidedAlert>,
    /// What is no risk and belongs on the same screen: kind of prescription, names that are easily confused.
    pub notices: Vec<Alert>,
    /// Medicines that are not in the catalogue: never silent.
    pub unknown: Vec<String>,
    /// What the check could not take into account, in Spanish.
    pub missing_inputs: Vec<String>,
    /// What of the patient it took into account, in Spanish, with dates.
    pub used_inputs: Vec<String>,
    /// Editions of the facts it went by, in Spanish.
    pub sources: String,
}

impl Safety {
    /// The answer to an alert of this check: tier, words and editions are those of the check, not of a form.
    #[must_use]
    pub fn answer(
        &self,
        alert: &DecidedAlert,
        reason: OverrideReason,
        text: &str,
        follow_up: Option<Date>,
    ) -> AlertAnswer {
        AlertAnswer {
            key: alert.key.clone(),
            severity: alert.alert.severity.code().to_owned(),
            message: alert.alert.message.clone(),
            data_version: self.sources.clone(),
            reason,
            text: text.to_owned(),
            follow_up,
        }
    }

    /// The decisions taken about alerts that are still there.
    #[must_use]
    pub fn decisions(&self) -> Vec<AlertDecision> {
        self.alerts.iter().filter_map(|alert| alert.decision.clone()).collect()
    }

    /// Alerts that keep the draft from being signed.
    pub fn undecided(&self) -> impl Iterator<Item = &DecidedAlert> {
        self.alerts.iter().filter(|alert| alert.blocks())
    }
}

/// All that is known when a draft is checked.
pub(crate) struct Known<'a> {
    pub(crate) patient: &'a Patient,
    pub(crate) summary: &'a Summary,
    pub(crate) allergies: &'a AllergyStatus,
    pub(crate) draft: &'a DraftNote,
    pub(crate) results: &'a [DatedResult],
    pub(crate) today: Date,
}

/// What a draft asks of the check.
struct Question {
    input: CheckInput,
    missing: Vec<String>,
    used: Vec<String>,
}

fn drug(name: &str, ingredients: &[String]) -> Drug {
    if ingredients.is_empty() {
        return Drug::named(name);
    }
    Drug { ingredients: ingredients.to_vec(), ..Drug::named(name) }
}

fn same(request: &MedicationRequest, statement: &MedicationStatement) -> bool {
    fold(&request.medicine) == fold(&statement.medicine)
        || !request.ingredients.is_empty() && request.ingredients == statement.ingredients
}

impl Question {
    fn of(known: &Known<'_>) -> Self {
        let requests: Vec<&MedicationRequest> = known.draft.medication_requests().collect();
        let (patient, mut missing, used) = patient::facts(known);
        let mut proposed = Vec::new();
        for request in requests.iter().filter(|request| request.is_prescribed()) {
            let daily_dose_mg = match dose::daily(request, patient.weight_kg) {
                DailyDose::Milligrams(amount) => Some(amount),
                DailyDose::StrengthMissing => {
                    missing.push(format!(
                        "Dosis al día de {} sin calcular: falta la concentración",
                        request.medicine
                    ));
                    None
                }
                DailyDose::Unknown => None,
            };
            proposed.push(Drug {
                daily_dose_mg,
                route: request.route,
                ..drug(&request.medicine, &request.ingredients)
            });
        }
        // What the draft itself names, prescribed or stopped, is not counted a second time as taken.
        let named = |statement: &MedicationStatement| requests.iter().any(|request| same(request, statement));
        let active = known.summary.open_medications().filter(|statement| !named(statement));
        let input = CheckInput {
            proposed,
            active: active.map(|statement| drug(&statement.medicine, &statement.ingredients)).collect(),
            stopped: stopped(known, &requests),
            allergies: match known.allergies {
                AllergyStatus::Known(list) => list.clone(),
                AllergyStatus::NotAsked | AllergyStatus::Denied => Vec::new(),
            },
            patient,
        };
        if *known.allergies == AllergyStatus::NotAsked && !requests.is_empty() {
            missing.insert(0, "No se han interrogado las alergias".to_owned());
        }
        Self { input, missing, used }
    }

    /// Every ingredient it is about.
    fn inns(&self) -> Vec<String> {
        let stopped = self.input.stopped.iter().map(|(drug, _)| drug);
        let drugs = self.input.proposed.iter().chain(&self.input.active).chain(stopped);
        let inns: BTreeSet<String> = drugs.flat_map(|drug| drug.ingredients.iter().cloned()).collect();
        inns.into_iter().collect()
    }
}

/// What was stopped, in this draft today or in the record on a day that is not long ago.
fn stopped(known: &Known<'_>, requests: &[&MedicationRequest]) -> Vec<(Drug, u32)> {
    let now = requests.iter().filter(|request| !request.is_prescribed());
    let now = now.map(|request| (drug(&request.medicine, &request.ingredients), 0));
    let earlier = known.summary.medications.iter().filter_map(|entry| {
        let closed = entry.closed?;
        // A dose that was changed ends one entry and begins another: that is no stop.
        let goes_on = |other: &MedicationStatement| {
            other.medicine == entry.value.medicine || other.ingredients == entry.value.ingredients
        };
        let days = (known.today - closed.on).get_days();
        let counts = (0..STOPPED_DAYS).contains(&days) && !known.summary.open_medications().any(goes_on);
        let days = u32::try_from(days).ok().filter(|_| counts)?;
        Some((drug(&entry.value.medicine, &entry.value.ingredients), days))
    });
    now.chain(earlier).collect()
}

/// The earlier decision about this alert, if all its medicines go on as they were when it was taken.
fn settled(alert: &Alert, known: &Known<'_>, overrides: &[AlertOverride]) -> Option<Settled> {
    if alert.severity != drug_safety::Severity::Mayor || alert.inns.len() < 2 {
        return None;
    }
    let key = alert.key();
    let earlier =
        overrides.iter().find(|one| one.alert_key == key && one.severity == alert.severity.code())?;
    let unchanged = |inn: &String| {
        let mut lines = known.draft.medication_requests().filter(|line| line.ingredients.contains(inn));
        let mut taken = known.summary.medications.iter().filter(|entry| {
            entry.closed.is_none() && entry.value.ingredients.contains(inn) && entry.recorded.at <= earlier.at
        });
        taken.next().is_some() && lines.all(|line| line.action == RequestAction::Continue)
    };
    let reason = OverrideReason::from_code(&earlier.reason_code);
    alert.inns.iter().all(unchanged).then_some(Settled { reason, at: earlier.at })
}

/// "reglas del 2026-11-26; fichas de openFDA del 2026-06-12".
fn sources(loaded: &LabelsLoaded) -> String {
    match (loaded.files, loaded.published.as_str()) {
        (0, _) => format!("reglas del {DATA_DATE}; sin fichas de openFDA importadas"),
        (_, "") => format!("reglas del {DATA_DATE}; fichas de openFDA sin fecha"),
        (_, date) => format!("reglas del {DATA_DATE}; fichas de openFDA del {date}"),
    }
}

fn answered(
    question: Question,
    labels: &Labels,
    loaded: &LabelsLoaded,
    known: &Known<'_>,
    overrides: &[AlertOverride],
) -> Safety {
    let Question { input, mut missing, used } = question;
    let Report { alerts, notices, unknown, missing_inputs } = check_with(&input, labels);
    missing.extend(missing_inputs);
    let decided = |alert: Alert| {
        let key = alert.key();
        // A decision answers the alert as it was: a higher tier asks again.
        let decisions = known.draft.alert_decisions.iter();
        let mut mine = decisions
            .filter(|decision| decision.alert_key == key && decision.severity == alert.severity.code());
        let decision = mine.next().cloned();
        DecidedAlert { settled: settled(&alert, known, overrides), key, alert, decision }
    };
    // What the patient takes already was meant.
    let is_new = |inn: &String| {
        known.draft.medication_requests().any(|line| {
            line.ingredients.contains(inn)
                && line.is_prescribed()
                && line.action != RequestAction::Continue
                && !known.summary.open_medications().any(|taken| same(line, taken))
        })
    };
    let told = |notice: &Alert| notice.kind != AlertKind::LookAlike || notice.inns.iter().any(is_new);
    Safety {
        alerts: alerts.into_iter().map(decided).collect(),
        notices: notices.into_iter().filter(told).collect(),
        unknown,
        missing_inputs: missing,
        used_inputs: used,
        sources: sources(loaded),
    }
}

impl Care {
    /// Checks the medicines of a draft against each other, what the patient takes, allergies and who the patient is.
    pub(crate) async fn safety(
        &self,
        tx: &mut Tx,
        patient: &Patient,
        summary: &Summary,
        allergies: &AllergyStatus,
        draft: &DraftNote,
        today: Date,
    ) -> Result<Safety, CareError> {
        if draft.medication_requests().next().is_none() {
            return Ok(Safety::default());
        }
        let since = today.with().year(today.year() - RESULTS_YEARS).build().unwrap_or(today);
        let results = tx.lab_results_since(patient.id, since).await?;
        let overrides = tx.alert_overrides(patient.id, self.now() - SETTLED).await?;
        let known = Known { patient, summary, allergies, draft, results: &results, today };
        let question = Question::of(&known);
        let (labels, loaded) = self.labels_of(tx, &question.inns()).await?;
        Ok(answered(question, &labels, &loaded, &known, &overrides))
    }
}
