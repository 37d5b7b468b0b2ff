//! Writes the invented clinic into a fresh database.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use care::clock::SetClock;
use care::patients::PatientForm;
use care::session::Client;
use care::setup::{AccountForm, EstablishmentForm, PractitionerForm, SetupForm};
use care::{Actor, Care, Role};
use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::PatientId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::{VitalKind, VitalSign};
use figures::question::Question;
use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan, ZonedDateTime};

use super::format;

/// The password of every invented account. The demonstration says so; nothing real is behind it.
pub(crate) const PASSWORD: &str = "consulta-de-prueba";

const CLINIC: &str = include_str!("../../demo/clinic.json");
const ORIGIN: &str = "demostración";

pub(super) struct Loader<'a> {
    pub(super) care: &'a Care,
    pub(super) clock: &'a SetClock,
    pub(super) today: ZonedDateTime,
    actors: HashMap<String, Actor>,
    patients: HashMap<String, PatientId>,
    /// When each record was opened: nothing is booked for it before.
    pub(super) opened: HashMap<PatientId, Timestamp>,
}

/// Fills an empty practice with the invented clinic as of `now`; leaves the clock at `now`. Answers the accounts.
pub(crate) async fn fill(
    care: &Care,
    clock: &Arc<SetClock>,
    now: Timestamp,
) -> anyhow::Result<Vec<(String, String)>> {
    let clinic: format::Clinic = serde_json::from_str(CLINIC).context("demo/clinic.json")?;
    let zone = care::zone(&clinic.establishment.time_zone);
    let mut loader = Loader {
        care,
        clock,
        today: now.to_zoned_datetime(zone),
        actors: HashMap::new(),
        patients: HashMap::new(),
        opened: HashMap::new(),
    };
    loader.people(&clinic).await?;
    loader.agenda(&clinic.agenda).await.context("demo: agenda")?;
    let owner = clinic.people.first().context("sin personas")?;
    loader.tell_of_visits(&owner.username, true).await?;
    for patient in &clinic.patients {
        loader.patient(patient).await.with_context(|| format!("demo: {}", patient.key))?;
    }
    loader.past_visits(&clinic.patients).await?;
    for missed in &clinic.missed {
        loader.missed(missed).await.with_context(|| format!("demo: cita perdida de {}", missed.patient))?;
    }
    loader.tell_of_visits(&owner.username, false).await?;
    loader.waiting_list(&clinic.agenda.waiting_list).await.context("demo: lista de espera")?;
    for visit in &clinic.today {
        loader.appointment(visit).await.with_context(|| format!("demo: cita de {}", visit.patient))?;
    }
    for waiting in &clinic.waiting {
        loader.waiting(waiting).await.with_context(|| format!("demo: consulta de {}", waiting.patient))?;
    }
    clock.set(now);
    for kept in &clinic.questions {
        let question = asked(kept)?;
        care.keep_question(loader.actor(&kept.owner)?, &question, &kept.name, kept.shared).await?;
    }
    Ok(clinic.people.iter().map(|person| (person.username.clone(), person.display_name.clone())).collect())
}

fn asked(kept: &format::KeptQuestion) -> anyhow::Result<Question> {
    Question::from_text(&kept.asks.join("\n"))
        .map_err(|errors| anyhow!("demo: pregunta {}: {errors:?}", kept.name))
}

impl Loader<'_> {
    /// When something happened: never later than now, whatever the hour the demonstration starts.
    pub(super) fn past(&self, days_ago: i32, time: &str) -> anyhow::Result<Timestamp> {
        Ok(self.at(days_ago, time)?.min(self.today.timestamp()))
    }

    pub(super) fn at(&self, days_ago: i32, time: &str) -> anyhow::Result<Timestamp> {
        let time: Time = format!("{time}:00").parse().with_context(|| format!("hora {time}"))?;
        let mut day = self.today.date().checked_sub(days_ago.days())?;
        // On Sundays the practice was closed.
        if days_ago > 0 && day.weekday() == Weekday::Sunday {
            day = day.yesterday()?;
        }
        Ok(day.to_datetime(time).to_zoned_datetime(self.today.time_zone().clone())?.timestamp())
    }

    pub(super) fn actor(&self, username: &str) -> anyhow::Result<&Actor> {
        self.actors.get(username).ok_or_else(|| anyhow!("no existe la cuenta {username}"))
    }

    pub(super) fn patient_id(&self, key: &str) -> anyhow::Result<PatientId> {
        self.patients.get(key).copied().ok_or_else(|| anyhow!("no existe el paciente {key}"))
    }

    async fn people(&mut self, clinic: &format::Clinic) -> anyhow::Result<()> {
        let longest =
            clinic.patients.iter().flat_map(|p| &p.visits).map(|visit| visit.days_ago).max().unwrap_or(0);
        self.clock.set(self.at(longest + 30, "08:00")?);
        let place = &clinic.establishment;
        let (first, rest) = clinic.people.split_first().ok_or_else(|| anyhow!("sin personas"))?;
        let professional =
            first.practitioner.as_ref().ok_or_else(|| anyhow!("la primera persona es médico"))?;
        let form = SetupForm {
            establishment: EstablishmentForm {
                kind: place.kind.clone(),
                name: place.name.clone(),
                address: place.address.clone(),
                institution: place.institution.clone().unwrap_or_default(),
                owner: place.owner.clone(),
                phone: place.phone.clone(),
                clues: place.clues.clone().unwrap_or_default(),
                time_zone: place.time_zone.clone(),
            },
            practitioner: practitioner_form(professional, self.today.date())?,
            physician: account(first),
            administrator: None,
        };
        self.care.set_up(&form, ORIGIN).await?;
        self.sign_in(&first.username).await?;
        self.care.publish_notice(self.actor(&first.username)?, &place.privacy_notice).await?;
        for person in rest {
            let roles: Vec<Role> = person.roles.iter().filter_map(|code| Role::from_code(code)).collect();
            let today = self.today.date();
            let professional = person.practitioner.as_ref().map(|one| practitioner_form(one, today));
            let professional = professional.transpose()?;
            let administrator = self.actor(&first.username)?.clone();
            self.care.add_user(&administrator, &account(person), &roles, professional.as_ref()).await?;
            self.sign_in(&person.username).await?;
        }
        Ok(())
    }

    async fn sign_in(&mut self, username: &str) -> anyhow::Result<()> {
        let done = self.care.sign_in(username, PASSWORD.to_owned(), &Client::at(ORIGIN)).await?;
        let token = done.complete().context("la cuenta pide algo más que la contraseña")?;
        let actor = self.care.actor(&token, ORIGIN).await?;
        self.care.sign_out(&token, &actor).await?;
        self.actors.insert(username.to_owned(), actor);
        Ok(())
    }

    /// Who keeps a record: the physician of its first visit, or any.
    fn keeper(&self, patient: &format::Patient) -> anyhow::Result<Actor> {
        let physician = patient.visits.first().map_or("", |visit| &visit.practitioner);
        let any = || self.actors.values().find(|one| one.may(care::Permission::Sign));
        self.actors.get(physician).or_else(any).cloned().context("sin médicos")
    }

    /// Visits of everybody in the order they happened, so that what was signed stands in it.
    async fn past_visits(&self, patients: &[format::Patient]) -> anyhow::Result<()> {
        let mut visits: Vec<_> = patients
            .iter()
            .flat_map(|patient| patient.visits.iter().map(move |visit| (patient, visit)))
            .collect();
        visits.sort_by_key(|(_, visit)| (std::cmp::Reverse(visit.days_ago), &visit.time));
        for (done, (patient, visit)) in visits.iter().enumerate() {
            if done % 10 == 0 {
                crate::commands::say(format!("  consulta {} de {}", done + 1, visits.len()))?;
            }
            let (key, days) = (&patient.key, visit.days_ago);
            let id = self.patient_id(key)?;
            self.past_visit(id, visit).await.with_context(|| format!("demo: {key}, hace {days} días"))?;
            if visits[done + 1..].iter().all(|(other, _)| other.key != *key) {
                self.summary(&self.keeper(patient)?, id, patient).await?;
            }
        }
        Ok(())
    }

    /// The record of a patient, with what it says before the first visit.
    async fn patient(&mut self, patient: &format::Patient) -> anyhow::Result<()> {
        let actor = self.keeper(patient)?;
        let first = patient.visits.iter().map(|visit| visit.days_ago).max().unwrap_or(0);
        self.clock.set(self.past(first, "08:00")?);
        let born = self
            .today
            .date()
            .checked_sub(patient.born.years.years())?
            .checked_sub(patient.born.days.days())?;
        let form = PatientForm {
            given: patient.given.clone(),
            first_surname: patient.first_surname.clone(),
            second_surname: patient.second_surname.clone().unwrap_or_default(),
            birth_date: born.to_string(),
            sex: patient.sex.clone(),
            phone: patient.phone.clone().unwrap_or_default(),
            address: patient.address.clone().unwrap_or_default(),
            occupation: patient.occupation.clone().unwrap_or_default(),
            ..PatientForm::default()
        };
        let id = self.care.register_patient(&actor, &form).await?.id;
        self.patients.insert(patient.key.clone(), id);
        self.opened.insert(id, care::Clock::now(self.clock));
        if patient.reminded {
            self.agree_to_reminders(&actor, id).await?;
        }
        self.allergies(&actor, id, patient).await?;
        self.elsewhere(&actor, id, patient).await?;
        // Where nobody came yet, what is true today is all there is.
        if patient.visits.is_empty() { self.summary(&actor, id, patient).await } else { Ok(()) }
    }

    async fn allergies(&self, actor: &Actor, id: PatientId, patient: &format::Patient) -> anyhow::Result<()> {
        use care::chart::SummaryChange;
        let mut changes = Vec::new();
        match &patient.allergies {
            format::Allergies::Word(word) if word == "denied" => changes.push(SummaryChange::DenyAllergies),
            format::Allergies::Word(_) => {}
            format::Allergies::List(list) => {
                for allergy in list {
                    changes.push(SummaryChange::AddAllergy(clinical::allergy::AllergyIntolerance {
                        substance: allergy.substance.clone(),
                        reaction_kind: clinical::allergy::ReactionKind::from_code(&allergy.reaction_kind)
                            .ok_or_else(|| anyhow!("reacción {}", allergy.reaction_kind))?,
                        reaction: allergy.reaction.clone(),
                    }));
                }
            }
        }
        for change in &changes {
            self.care.change_summary(actor, id, change).await?;
        }
        Ok(())
    }

    /// Sheets of laboratories, and what was done elsewhere.
    async fn elsewhere(&self, actor: &Actor, id: PatientId, patient: &format::Patient) -> anyhow::Result<()> {
        for sheet in &patient.sheets {
            let at = self.past(sheet.days_ago, "12:00")?;
            self.clock.set(at);
            let row = |[analyte, value, unit, range]: &[String; 4]| care::laboratory::RowForm {
                analyte: analyte.clone(),
                value: value.clone(),
                unit: unit.clone(),
                range: range.clone(),
            };
            let form = care::laboratory::ReportForm {
                day: at.to_zoned_datetime(self.today.time_zone().clone()).date().to_string(),
                panel: sheet.panel.clone(),
                rows: sheet.rows.iter().map(row).collect(),
                ..care::laboratory::ReportForm::default()
            };
            self.care.add_lab_report(actor, id, &form).await.with_context(|| sheet.panel.clone())?;
        }
        for done in &patient.done {
            let at = self.past(done.days_ago, "12:00")?;
            self.clock.set(at);
            let form = care::gaps::DoneForm {
                act: done.act.clone(),
                on: at.to_zoned_datetime(self.today.time_zone().clone()).date().to_string(),
                place: done.place.clone().unwrap_or_default(),
            };
            self.care.note_done(actor, id, &form).await.with_context(|| done.act.clone())?;
        }
        Ok(())
    }

    /// What is true today: past visits left problems and medicines open that have ended since.
    async fn summary(&self, actor: &Actor, id: PatientId, patient: &format::Patient) -> anyhow::Result<()> {
        use care::chart::SummaryChange;
        let known = self.care.chart(actor, id, 0).await?.summary;
        let mut changes = Vec::new();
        for entry in known.conditions.iter().filter(|entry| entry.closed.is_none()) {
            changes.push(SummaryChange::CloseProblem(entry.id));
        }
        for entry in known.medications.iter().filter(|entry| entry.closed.is_none()) {
            changes.push(SummaryChange::CloseMedication(entry.id));
        }
        for problem in &patient.problems {
            changes.push(SummaryChange::AddProblem {
                text: problem.text.clone(),
                icd11: problem.icd11.clone().unwrap_or_default(),
            });
        }
        for medication in &patient.medications {
            changes.push(SummaryChange::AddMedication {
                medicine: medication.medicine.clone(),
                taken: medication.taken.clone().unwrap_or_default(),
            });
        }
        for change in &changes {
            self.care.change_summary(actor, id, change).await?;
        }
        Ok(())
    }

    async fn waiting(&self, waiting: &format::Waiting) -> anyhow::Result<()> {
        let actor = self.actor(&waiting.practitioner)?;
        let (patient, planned) = (self.patient_id(&waiting.patient)?, self.at(0, &waiting.time)?);
        self.clock.set(self.past(0, &waiting.time)?);
        let agenda = self.care.today(actor).await?.agenda;
        let line = agenda.iter().find(|l| l.patient.id == patient && l.appointment.starts_at == planned);
        let appointment = line.ok_or_else(|| anyhow!("sin cita a esa hora"))?.appointment.id;
        let encounter = self.care.start_appointment(actor, appointment, &waiting.reason).await?;
        let bytes = format::turns(&waiting.transcript)?;
        self.care.attach_transcript(actor, encounter, DocumentKind::PROGRESS_NOTE, bytes).await?;
        Ok(())
    }
}

fn practitioner_form(professional: &format::Professional, today: Date) -> anyhow::Result<PractitionerForm> {
    let specialty = professional.specialty.as_ref();
    let certificate = specialty.and_then(|specialty| specialty.certificate.as_ref());
    let until = certificate.map(|own| today.checked_add(own.valid_days.days())).transpose()?;
    Ok(PractitionerForm {
        title: professional.title.clone(),
        given: professional.given.clone(),
        first_surname: professional.first_surname.clone(),
        second_surname: professional.second_surname.clone().unwrap_or_default(),
        license: professional.license.clone(),
        degree_institution: professional.degree_institution.clone(),
        specialty: specialty.map(|specialty| specialty.name.clone()).unwrap_or_default(),
        specialty_license: specialty.map(|specialty| specialty.license.clone()).unwrap_or_default(),
        certificate: certificate.map(|own| own.number.clone()).unwrap_or_default(),
        certificate_council: certificate.map(|own| own.council.clone()).unwrap_or_default(),
        certificate_until: until.map(|day| day.to_string()).unwrap_or_default(),
        trainee: professional.trainee.clone().unwrap_or_default(),
    })
}

fn account(person: &format::Person) -> AccountForm {
    AccountForm {
        username: person.username.clone(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        display_name: person.display_name.clone(),
        provisional: false,
    }
}

/// What of a visit is typed, section by section.
pub(super) fn contents(
    kind: DocumentKind,
    visit: &format::PastVisit,
) -> anyhow::Result<Vec<(SectionId, ItemContent)>> {
    let history = kind == DocumentKind::CLINICAL_HISTORY;
    let mut found = Vec::new();
    for (section, sentences) in &visit.sections {
        for text in sentences {
            found.push((SectionId::new(section), ItemContent::Statement { text: text.clone() }));
        }
    }
    for (code, value) in &visit.vitals {
        let kind = VitalKind::from_code(code).ok_or_else(|| anyhow!("signo {code}"))?;
        let section = if history { history_section(kind) } else { SectionId::VITAL_SIGNS };
        found.push((section, ItemContent::VitalSign(VitalSign::new(kind, value.parse()?)?)));
    }
    let diagnoses = if history { SectionId::new("hc.diagnosticos") } else { SectionId::DIAGNOSES };
    for condition in &visit.conditions {
        let certainty = Certainty::from_code(&condition.certainty).ok_or_else(|| anyhow!("certeza"))?;
        let entry = ConditionEntry { text: condition.text.clone(), certainty, code: None };
        found.push((diagnoses.clone(), ItemContent::Condition(entry)));
    }
    let treatment = if history { SectionId::new("hc.indicacion") } else { SectionId::TREATMENT };
    for request in &visit.medications {
        found.push((treatment.clone(), ItemContent::MedicationRequest(medication(request)?)));
    }
    Ok(found)
}

/// Where the historia clínica asks for a measurement (NOM-004 6.1.2).
fn history_section(kind: VitalKind) -> SectionId {
    SectionId::new(match kind {
        VitalKind::BpSystolic | VitalKind::BpDiastolic => "hc.sv_ta",
        VitalKind::HeartRate => "hc.sv_fc",
        VitalKind::RespiratoryRate => "hc.sv_fr",
        VitalKind::Temperature => "hc.sv_temp",
        VitalKind::Weight => "hc.peso",
        VitalKind::Height => "hc.talla",
        VitalKind::OxygenSaturation | VitalKind::CapillaryGlucose | VitalKind::FundalHeight => "hc.estudios",
    })
}

fn medication(request: &format::Request) -> anyhow::Result<MedicationRequest> {
    let action =
        RequestAction::from_code(&request.action).ok_or_else(|| anyhow!("acción {}", request.action))?;
    let mut line = MedicationRequest::named(&request.medicine, action);
    line.presentation.clone_from(&request.presentation);
    if let (Some(amount), Some(unit)) = (&request.dose, &request.unit) {
        let unit = DoseUnit::from_code(unit).ok_or_else(|| anyhow!("unidad {unit}"))?;
        line.dose = Some(Dose::new(amount.parse()?, unit)?);
    }
    line.route = match &request.route {
        Some(code) => Some(Route::from_code(code).ok_or_else(|| anyhow!("vía {code}"))?),
        None => None,
    };
    line.frequency = match (request.every_hours, &request.schedule) {
        (Some(hours), _) => Some(Frequency::EveryHours(hours)),
        (None, Some(words)) if words == "dosis única" => Some(Frequency::Once),
        (None, Some(words)) => Some(Frequency::Schedule(words.clone())),
        (None, None) => None,
    };
    line.duration_days = request.days;
    line.quantity.clone_from(&request.quantity);
    line.as_needed = request.as_needed;
    line.instructions.clone_from(&request.instructions);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_invented_clinic_is_well_formed() {
        let clinic: format::Clinic = serde_json::from_str(CLINIC).unwrap();
        assert!(TimeZone::get(&clinic.establishment.time_zone).is_ok());
        assert!(clinic.patients.len() >= 12);
        assert_eq!(clinic.waiting.len(), 3);
        for patient in &clinic.patients {
            for visit in &patient.visits {
                let kind = DocumentKind::from_code(&visit.document).unwrap();
                for (section, _) in contents(kind, visit).unwrap() {
                    assert!(nom004_section(kind, &section), "{}: {section}", patient.key);
                }
            }
        }
    }

    #[test]
    fn the_kept_questions_can_be_read() {
        let clinic: format::Clinic = serde_json::from_str(CLINIC).unwrap();
        assert!(!clinic.questions.is_empty());
        for kept in &clinic.questions {
            asked(kept).unwrap();
        }
    }

    #[test]
    fn nobody_misses_a_visit_before_their_record_is_opened() {
        let clinic: format::Clinic = serde_json::from_str(CLINIC).unwrap();
        for missed in &clinic.missed {
            let patient = clinic.patients.iter().find(|patient| patient.key == missed.patient).unwrap();
            let first = patient.visits.iter().map(|visit| visit.days_ago).max().unwrap();
            assert!(missed.days_ago < first, "{}: {}", missed.patient, missed.days_ago);
        }
    }

    fn nom004_section(kind: DocumentKind, section: &SectionId) -> bool {
        nom004::definition(kind).section(section).is_some()
    }
}
