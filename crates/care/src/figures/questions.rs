//! Questions to all records: read and checked against the catalogues, answered as sets of records, taken out as a file. Who
//! may not open records sees how many, never of whom. Every answer is an event of the bitácora with the question in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clinical::audit::AuditAction;
use clinical::ids::PractitionerId;
use clinical::patient::Patient;
use clinical::person::BirthDate;
use figures::question::{
    Clause, Diagnosed, Fact, Key, Measured, Named, Question, QuestionError, Seen, Test, Visits, When,
};
use figures::rounded;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use results::catalog::analytes;
use storage::{Holds, Page, Sought, SoughtValue, SoughtVisits, StorageError, Tx};
use terminology::medicines::MedicineCatalog;

use super::surveillance::line;
use crate::catalogue::Catalogue;
use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission};
use crate::{Care, because, page_of};

/// Records on one page of an answer.
pub const PAGE: u32 = 50;
/// Most records in a file.
pub const MOST_IN_FILE: u32 = 10_000;
/// How long an answer may take: others read meanwhile.
const LIMIT: Duration = Duration::from_secs(10);
/// Records whose pending controls are brought up to date before a question about them.
const AT_ONCE: u32 = 20;

/// A question that was read and can be asked.
#[derive(Debug, Clone)]
pub struct ReadQuestion {
    /// The question.
    pub question: Question,
    /// It in Spanish.
    pub sentence: String,
    /// Each condition in Spanish.
    pub clauses: Vec<String>,
}

/// The answer to a question.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The question in Spanish.
    pub sentence: String,
    /// How many records. For who may not open them about as many ([`figures::rounded`]), and `None` when they are too few.
    pub count: Option<i64>,
    /// The records of a page, for who may open them.
    pub found: Option<Page<Patient>>,
    /// The local day ages are of.
    pub today: Date,
    /// Whether something of the record is not counted yet.
    pub waits: bool,
}

/// The records of a question, or only how many.
enum Found {
    Records(Page<Patient>),
    HowMany { count: i64, seed: i64 },
}

/// What names in questions stand for.
pub(crate) struct Names {
    pub(crate) catalogue: Arc<Catalogue>,
    /// Titles of codes that were signed, also of those that are in no catalogue any more.
    titles: HashMap<String, String>,
    pub(crate) people: Vec<(PractitionerId, String)>,
}

impl Names {
    pub(crate) async fn read(care: &Care, tx: &mut Tx) -> Result<Self, CareError> {
        let people = tx.practitioners().await?.into_iter().map(|one| (one.id, one.full_name())).collect();
        let titles = tx.code_titles().await?.into_iter().collect();
        Ok(Self { catalogue: care.catalogue(tx).await?, titles, people })
    }

    fn of(&self, named: Named<'_>) -> Option<String> {
        match named {
            Named::Code(code) => {
                let known = self.catalogue.known(code).map(|choice| choice.code.title);
                known.or_else(|| self.titles.get(code).cloned())
            }
            Named::Ingredient(inn) => MedicineCatalog::core().by_inn(inn).map(|one| one.name_es.to_owned()),
            Named::Analyte(loinc) => {
                let known = analytes().iter().find(|one| one.loinc == loinc);
                known.map(|one| small(one.name))
            }
            Named::Unit(loinc) => {
                analytes().iter().find(|one| one.loinc == loinc).map(|one| one.ucum.to_owned())
            }
            Named::Control(code) => {
                let known = prevention::controls::controls().into_iter().find(|one| one.code == code);
                known.map(|one| small(one.label))
            }
            Named::Practitioner(id) => {
                self.people.iter().find(|(own, _)| *own == id).map(|(_, name)| name.clone())
            }
        }
    }

    fn say(&self, named: Named<'_>) -> String {
        self.of(named).unwrap_or_default()
    }

    /// What a question names that there is not.
    fn unknown(&self, question: &Question) -> Option<FieldError> {
        let by = question.seen.and_then(|seen| seen.by);
        if by.is_some_and(|by| self.of(Named::Practitioner(by)).is_none()) {
            return Some(told(&QuestionError::Practitioner));
        }
        let missing = question.clauses.iter().any(|clause| {
            let named = match &clause.fact {
                Fact::Diagnosis { what: Diagnosed::Code(code), .. } => Named::Code(code.as_str()),
                Fact::Medicine { ingredient, .. } => Named::Ingredient(ingredient.as_str()),
                Fact::Value { what: Measured::Result(loinc), .. } => Named::Analyte(loinc.as_str()),
                Fact::Lacking(control) => Named::Control(control.as_str()),
                Fact::Diagnosis { what: Diagnosed::Chapter(_), .. } | Fact::Value { .. } => return false,
            };
            self.of(named).is_none()
        });
        missing.then(|| {
            FieldError::new("condiciones", "Una condición nombra algo que no está en los catálogos. Quítela")
        })
    }

    pub(crate) fn said(&self, question: Question) -> Result<ReadQuestion, CareError> {
        match self.unknown(&question) {
            Some(error) => Err(CareError::Invalid(vec![error])),
            None => Ok(ReadQuestion {
                sentence: question.sentence(&|named| self.say(named)),
                clauses: question
                    .clauses
                    .iter()
                    .map(|clause| clause.words(question.span, &|named| self.say(named)))
                    .collect(),
                question,
            }),
        }
    }
}

/// A name inside a sentence: "Hemoglobina glucosilada" with a small letter, "VIH" as it is.
fn small(name: &str) -> String {
    let mut signs = name.chars();
    match signs.next() {
        Some(first) if !signs.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(signs).collect()
        }
        _ => name.to_owned(),
    }
}

pub(crate) fn told(error: &QuestionError) -> FieldError {
    FieldError::new(error.field(), error)
}

impl Care {
    /// Answers a question; pages of its records count from 0.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] for what is in no catalogue, or takes too long.
    pub async fn answer_question(
        &self,
        actor: &Actor,
        question: &Question,
        page: u32,
    ) -> Result<Answered, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let lists = actor.may(Permission::ReadRecord).then(|| page_of(page, PAGE));
        let (sentence, today, waits, found) = self.sought_records(actor, question, lists).await?;
        self.note_question(actor, AuditAction::Search, &sentence).await?;
        let (count, found) = match found {
            Found::Records(found) => (Some(found.total), Some(found)),
            Found::HowMany { count, seed } => (rounded(count, seed), None),
        };
        Ok(Answered { sentence, count, found, today, waits })
    }

    /// The records of a question as CSV, after the password was given again: file name and text.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not take records out; [`CareError::Invalid`] when they are too many;
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`].
    pub async fn question_csv(
        &self,
        actor: &Actor,
        question: &Question,
        password: String,
    ) -> Result<(String, String), CareError> {
        self.require(actor, Permission::ExportRecord).await?;
        self.confirm_password(actor, password).await?;
        let all = Some(page_of(0, MOST_IN_FILE));
        let (sentence, today, _, found) = self.sought_records(actor, question, all).await?;
        let Found::Records(found) = found else { return Err(CareError::NotFound { what: "la respuesta" }) };
        if found.total > i64::from(MOST_IN_FILE) {
            let message = format!(
                "Son {} pacientes y un archivo lleva 10 000 o menos: acote la pregunta con otra condición",
                found.total
            );
            return Err(CareError::invalid("condiciones", message));
        }
        self.note_question(actor, AuditAction::Print, &sentence).await?;
        Ok((format!("pregunta-{today}.csv"), csv(&found.items, today)))
    }

    async fn note_question(
        &self,
        actor: &Actor,
        action: AuditAction,
        sentence: &str,
    ) -> Result<(), CareError> {
        let mut tx = self.begin(actor).await?;
        tx.append_audit(because(self.event(actor, action, "question", "", None), sentence)).await?;
        Ok(tx.commit().await?)
    }

    /// The records a question is about; without a page only how many.
    async fn sought_records(
        &self,
        actor: &Actor,
        question: &Question,
        page: Option<storage::PageRequest>,
    ) -> Result<(String, Date, bool, Found), CareError> {
        let mut waits = self.count_before_a_page().await?;
        if question.clauses.iter().any(|clause| matches!(clause.fact, Fact::Lacking(_))) {
            waits |= self.refresh_gaps(AT_ONCE).await? > 0;
        }
        let mut tx = self.begin_read(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = zone.to_datetime(self.now()).date();
        let sentence = Names::read(self, &mut tx).await?.said(question.clone())?.sentence;
        tx.limit_time(LIMIT).await?;
        let found = async {
            let sought = sought(&mut tx, question, today, &zone).await?;
            match page {
                Some(page) => Ok(Found::Records(tx.list_sought(&sought, page).await?)),
                None => {
                    let (count, seed) = tx.count_sought_with_seed(&sought).await?;
                    Ok(Found::HowMany { count, seed })
                }
            }
        };
        match found.await {
            Err(CareError::Unavailable { cause, .. }) if matches!(*cause, StorageError::TooLong(_)) => {
                let message =
                    "La respuesta tarda demasiado: elija un periodo más corto o quite una condición";
                Err(CareError::invalid("condiciones", message))
            }
            found => Ok((sentence, today, waits, found?)),
        }
    }
}

/// A question with its names turned into what stands in records.
async fn sought(tx: &mut Tx, question: &Question, today: Date, zone: &TimeZone) -> Result<Sought, CareError> {
    let days = question.span.ends(today);
    let within = match days {
        None => None,
        Some((from, until)) => Some((super::ends_of_day(from, zone)?.0, super::ends_of_day(until, zone)?.1)),
    };
    let has = |wanted: fn(&Fact) -> bool| question.clauses.iter().any(|clause| wanted(&clause.fact));
    let mut words = Words::default();
    if has(|fact| matches!(fact, Fact::Diagnosis { .. })) {
        words.codes = tx.codes_in_use().await?;
    }
    if has(|fact| matches!(fact, Fact::Medicine { .. })) {
        words.medicines = tx.medicines_in_use().await?;
    }
    let facts = question.clauses.iter().map(|Clause { denied, fact }| {
        let holds = match fact {
            Fact::Diagnosis { what, when } => diagnosed(words.codes(what), *when, within),
            Fact::Medicine { ingredient, when } => taken(words.medicines(ingredient), *when, within),
            Fact::Value { what: Measured::Vital(kind), test } => Holds::Sign(*kind, within, test.map(value)),
            Fact::Value { what: Measured::Result(loinc), test } => {
                let days = days.map(|(from, until)| (from, until.tomorrow().unwrap_or(until)));
                Holds::Result(loinc.as_str().to_owned(), days, test.map(value))
            }
            Fact::Lacking(control) => Holds::Lacking(control.as_str().to_owned(), today),
        };
        (*denied, holds)
    });
    let facts = facts.collect();
    let visits = question.seen.map(|Seen { how, by }| {
        let before = within.and_then(|(from, _)| match how {
            Visits::Any => None,
            Visits::First => Some((from, false)),
            Visits::Again => Some((from, true)),
        });
        SoughtVisits { within, by, before }
    });
    Ok(Sought { sex: question.sex, born: question.ages.births(today), visits, facts })
}

fn value(Test { last, how, amount }: Test) -> SoughtValue {
    SoughtValue { last, how, bound: amount }
}

fn diagnosed(codes: Vec<String>, when: When, within: Option<(Timestamp, Timestamp)>) -> Holds {
    match when {
        When::Now => Holds::OpenProblem(codes),
        When::Within => Holds::Diagnosed(codes, within),
        When::Ever => Holds::EverDiagnosed(codes),
    }
}

fn taken(names: Vec<String>, when: When, within: Option<(Timestamp, Timestamp)>) -> Holds {
    match when {
        When::Now => Holds::Taken(names),
        When::Within => Holds::Prescribed(names, within),
        When::Ever => Holds::EverTaken(names),
    }
}

/// The codes and names that stand in records.
#[derive(Default)]
struct Words {
    codes: Vec<String>,
    medicines: Vec<String>,
}

impl Words {
    fn codes(&self, what: &Diagnosed) -> Vec<String> {
        self.codes.iter().filter(|code| what.covers(code)).cloned().collect()
    }

    fn medicines(&self, ingredient: &Key) -> Vec<String> {
        self.medicines.iter().filter(|name| contains(name, ingredient.as_str())).cloned().collect()
    }
}

/// Whether a medicine as it stands in a record has an ingredient.
fn contains(name: &str, inn: &str) -> bool {
    let catalog = MedicineCatalog::core();
    match catalog.find(name) {
        Some(found) => found.medicines.iter().any(|one| one.inn == inn),
        None => catalog.mentions(name).iter().flat_map(|found| &found.medicines).any(|one| one.inn == inn),
    }
}

/// The records as a table for a spreadsheet.
fn csv(patients: &[Patient], today: Date) -> String {
    let heads = ["expediente", "nombre", "sexo", "fecha_de_nacimiento", "edad", "telefono"];
    let mut out = line(&heads.map(str::to_owned));
    for patient in patients {
        let born = patient.birth_date().map(BirthDate::date);
        out += &line(&[
            patient.record_number.clone(),
            patient.full_name(),
            patient.data.sex.label().to_owned(),
            born.map(|born| born.to_string()).unwrap_or_default(),
            patient.age_text(today),
            patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_medicine_has_its_ingredient_under_any_name_and_in_a_combination() {
        for name in ["metformina", "Metformina", "metformina / glibenclamida", "clorhidrato de metformina"] {
            assert!(contains(name, "metformin"), "{name}");
        }
        for name in ["glibenclamida", "", "una que nadie conoce"] {
            assert!(!contains(name, "metformin"), "{name}");
        }
    }
}
