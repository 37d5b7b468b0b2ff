//! A question somebody asks of all records: who, with which conditions joined by "y", in which period. The grammar is small
//! and typed, so that nothing a person types reaches the database as anything but a value.
//!
//! `text` writes and reads it, `words` says it in Spanish. Whether a code, medicine or person exists is for the caller.

mod text;
mod words;

use clinical::ids::PractitionerId;
use clinical::laboratory::Comparator;
use clinical::observation::{Amount, ImpossibleValue, VitalKind, VitalSign};
use clinical::person::{PersonError, Sex};
use jiff::ToSpan;
use jiff::civil::Date;

pub use text::{DIRECTIONS, direction_code};
pub use words::Named;

use crate::icd::{Chapter, chapter};
use crate::period::{Period, PeriodError};

/// Most conditions in one question: what a person can still read as one sentence, and one query can answer.
pub const MOST_CLAUSES: usize = 8;
/// Oldest age that can be asked for, in completed years.
pub const OLDEST: u8 = 120;
/// Longest period counted back in months: a hundred years.
pub const MOST_MONTHS: u16 = 1_200;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// Of one sex only.
    pub sex: Option<Sex>,
    /// Of which ages today.
    pub ages: Ages,
    /// Who came to consultations of the period, and how.
    pub seen: Option<Seen>,
    /// The days that [`When::Within`], [`Seen`] and values speak of.
    pub span: Span,
    /// What must hold of each, all of it.
    pub clauses: Vec<Clause>,
}

/// Ages in completed years, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ages {
    from: Option<u8>,
    until: Option<u8>,
}

impl Ages {
    /// These ages; an end that is absent is open.
    ///
    /// # Errors
    /// [`QuestionError::Age`] beyond [`OLDEST`], [`QuestionError::AgesBackwards`].
    pub fn new(from: Option<u8>, until: Option<u8>) -> Result<Self, QuestionError> {
        let wrong = |age: Option<u8>| age.is_some_and(|age| age > OLDEST);
        if wrong(from) {
            return Err(QuestionError::Age { field: "edad_de" });
        }
        if wrong(until) {
            return Err(QuestionError::Age { field: "edad_a" });
        }
        match (from, until) {
            (Some(from), Some(until)) if until < from => Err(QuestionError::AgesBackwards),
            _ => Ok(Self { from, until }),
        }
    }

    /// First and last age.
    #[must_use]
    pub fn ends(self) -> (Option<u8>, Option<u8>) {
        (self.from, self.until)
    }

    /// The births of who has these ages on a day: the first and the last day, both included.
    #[must_use]
    pub fn births(self, today: Date) -> (Option<Date>, Option<Date>) {
        let back = |years: i16| today.checked_sub(years.years()).ok();
        let earliest = self.until.and_then(|age| back(i16::from(age) + 1)?.tomorrow().ok());
        (earliest, self.from.and_then(|age| back(i16::from(age))))
    }
}

/// How somebody came to consultations of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Whether they had come before.
    pub how: Visits,
    /// Who saw them in the period; anybody when absent.
    pub by: Option<PractitionerId>,
}

/// Whether somebody who came in the period had come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visits {
    /// They came, whether before or not.
    Any,
    /// They came for the first time.
    First,
    /// They had come before.
    Again,
}

/// The days a question speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// All there is.
    #[default]
    Always,
    /// The last months, today included; 1 to [`MOST_MONTHS`].
    Months(u16),
    /// From one day to another, both included.
    Days {
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
}

impl Span {
    /// The last months.
    ///
    /// # Errors
    /// [`QuestionError::Span`] for none, or more than [`MOST_MONTHS`].
    pub fn months(months: u16) -> Result<Self, QuestionError> {
        if (1..=MOST_MONTHS).contains(&months) { Ok(Self::Months(months)) } else { Err(QuestionError::Span) }
    }

    /// Days between two, both included.
    ///
    /// # Errors
    /// [`QuestionError::Days`] when they make no period.
    pub fn days(from: Date, until: Date) -> Result<Self, QuestionError> {
        Period::between(from, until)?;
        Ok(Self::Days { from, until })
    }

    /// Its first and last day; `None` for all there is.
    #[must_use]
    pub fn ends(self, today: Date) -> Option<(Date, Date)> {
        match self {
            Self::Always => None,
            Self::Months(months) => {
                Some((today.checked_sub(i32::from(months).months()).unwrap_or(Date::MIN), today))
            }
            Self::Days { from, until } => Some((from, until)),
        }
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// It must not hold.
    pub denied: bool,
    /// What.
    pub fact: Fact,
}

/// What may hold of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A confirmed diagnosis.
    Diagnosis {
        /// Which.
        what: Diagnosed,
        /// When.
        when: When,
    },
    /// A medicine with an ingredient, alone or with others.
    Medicine {
        /// International name of the ingredient.
        ingredient: Key,
        /// When.
        when: When,
    },
    /// Something measured in the period.
    Value {
        /// What.
        what: Measured,
        /// How much; measured at all when absent.
        test: Option<Test>,
    },
    /// A control the norms ask for is lacking today.
    Lacking(Key),
}

/// A diagnosis or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosed {
    /// A code with everything below it.
    Code(IcdCode),
    /// A chapter.
    Chapter(&'static Chapter),
}

impl Diagnosed {
    /// Whether a code as it stands in a record is of it: one of its stems is, where it is a cluster.
    #[must_use]
    pub fn covers(&self, stated: &str) -> bool {
        stated.split(['/', '&']).any(|stem| match self {
            // The four signs of a category have the same length, and each sign behind the point is one level (ICD-11
            // Reference Guide, "code structure"): what is below a code begins with it.
            Self::Code(code) => stem.starts_with(&code.0),
            Self::Chapter(own) => chapter(stem) == Some(*own),
        })
    }
}

/// When a diagnosis or medicine holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Today, by the summary of the record.
    Now,
    /// At any time.
    Ever,
    /// Stated or prescribed in the period.
    Within,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// In a visit.
    Vital(VitalKind),
    /// By a laboratory: a LOINC code.
    Result(Key),
}

/// How much was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test {
    /// Of the last value of the period only, else of any.
    pub last: bool,
    /// In which direction.
    pub how: Comparator,
    /// The bound, in the unit of what is measured.
    pub amount: Amount,
}

impl Fact {
    /// A value of something measured.
    ///
    /// # Errors
    /// [`QuestionError::Amount`] for what is never measured of a vital sign, or below zero.
    pub fn value(what: Measured, test: Option<Test>) -> Result<Self, QuestionError> {
        match (&what, test) {
            (Measured::Vital(kind), Some(test)) => drop(VitalSign::new(*kind, test.amount)?),
            (Measured::Result(_), Some(test)) if test.amount < Amount::whole(0) => {
                return Err(QuestionError::Negative);
            }
            _ => {}
        }
        Ok(Self::Value { what, test })
    }
}

/// An ICD-11 category or what lies below one; no cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcdCode(String);

impl IcdCode {
    /// A code by its form: four signs, perhaps a point and more.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (category, rest) = text.split_once('.').map_or((text, None), |(own, rest)| (own, Some(rest)));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        let known = category.len() == 4 && plain(category) && chapter(category).is_some();
        let below = rest.is_none_or(|rest| (1..=4).contains(&rest.len()) && plain(rest));
        (known && below).then(|| Self(text.to_owned()))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key of another catalogue: short and printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A key of 1 to 80 characters, without spaces around it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let length = text.chars().count();
        let fits = (1..=80).contains(&length) && text.trim() == text && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text or form is no question, in words that say what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// No sex of the list.
    #[error("Elija el sexo de la lista")]
    Sex,
    /// No age.
    #[error("Escriba la edad en años cumplidos, de 0 a 120")]
    Age {
        /// Which end.
        field: &'static str,
    },
    /// The ages end before they begin.
    #[error("Escriba una edad final igual o mayor que la primera")]
    AgesBackwards,
    /// No professional.
    #[error("Elija un profesional de la lista")]
    Practitioner,
    /// No way of coming.
    #[error("Elija de la lista si vinieron a consulta")]
    Visits,
    /// First and earlier visits are told apart by a period.
    #[error("Elija un periodo: sin él no se distingue a quien vino por primera vez")]
    VisitsWithoutSpan,
    /// No period.
    #[error("Elija un periodo de la lista")]
    Span,
    /// No day.
    #[error("{source}")]
    Day {
        /// Which end.
        field: &'static str,
        /// Why.
        source: PersonError,
    },
    /// Days that make no period.
    #[error(transparent)]
    Days(#[from] PeriodError),
    /// A condition that nobody can read.
    #[error("No se entiende una de las condiciones: quítela y agréguela de nuevo")]
    Clause,
    /// Too many conditions.
    #[error("Deje 8 condiciones o menos")]
    TooManyClauses,
    /// The same condition twice, or asked for and denied.
    #[error("Esa condición ya está en la pregunta")]
    Twice,
    /// A bound that is never measured.
    #[error(transparent)]
    Amount(#[from] ImpossibleValue),
    /// A bound below zero.
    #[error("Escriba una cantidad de cero o más")]
    Negative,
}

impl QuestionError {
    /// Name of the field of the form it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Sex => "sexo",
            Self::Age { field } | Self::Day { field, .. } => field,
            Self::AgesBackwards => "edad_a",
            Self::Practitioner => "medico",
            Self::Visits => "vino",
            Self::Span | Self::VisitsWithoutSpan => "periodo",
            Self::Days(_) => "hasta",
            Self::Amount(_) | Self::Negative => "cantidad",
            Self::Clause | Self::TooManyClauses | Self::Twice => "condiciones",
        }
    }
}

impl Question {
    /// The question with one more condition.
    ///
    /// # Errors
    /// [`QuestionError::TooManyClauses`], [`QuestionError::Twice`].
    pub fn with(mut self, clause: Clause) -> Result<Self, QuestionError> {
        if self.clauses.iter().any(|own| own.fact == clause.fact) {
            return Err(QuestionError::Twice);
        }
        if self.clauses.len() >= MOST_CLAUSES {
            return Err(QuestionError::TooManyClauses);
        }
        self.clauses.push(clause);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use clinical::person::BirthDate;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_covers_what_is_below_it_alone_or_in_a_cluster() {
        let diabetes = Diagnosed::Code(IcdCode::new("5A11").unwrap());
        for stated in ["5A11", "5A11.0", "5A11/9B71.0", "BA00/5A11&XS25"] {
            assert!(diabetes.covers(stated), "{stated}");
        }
        for stated in ["5A10", "", "5A1", "XN5A11"] {
            assert!(!diabetes.covers(stated), "{stated}");
        }
        let chapter = Diagnosed::Chapter(crate::icd::chapter("BA00").unwrap());
        assert!(chapter.covers("BA00.Z") && chapter.covers("5A11/BA00") && !chapter.covers("5A11&XB12"));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for wrong in ["", "5", "5A1", "5A11.", "5a11", "5A11/BA00", "5A11' OR 1=1", "IA00", "5A11.00000"] {
            assert_eq!(IcdCode::new(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn who_was_born_on_the_29th_of_february_is_counted_as_the_record_shows_their_age() {
        let born = date(2004, 2, 29);
        for today in [date(2026, 2, 28), date(2026, 3, 1), date(2024, 2, 29), date(2024, 2, 28)] {
            let age = u8::try_from(BirthDate::from_stored(born).age_on(today).years).unwrap();
            for asked in [age - 1, age, age + 1] {
                let (first, last) = Ages::new(Some(asked), Some(asked)).unwrap().births(today);
                assert_eq!(
                    born >= first.unwrap() && born <= last.unwrap(),
                    asked == age,
                    "{asked} on {today}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn the_births_of_an_age_are_those_of_who_has_it(
            (year, month, day) in (1990i16..2040, 1i8..=12, 1i8..=28), leap in any::<bool>(),
            days in 0i32..45_000, from in 0u8..=120, more in 0u8..=30,
        ) {
            let today = if leap { date(2024, 2, 29) } else { date(year, month, day) };
            let Ok(ages) = Ages::new(Some(from), Some(from.saturating_add(more))) else { return Ok(()) };
            let born = today.checked_sub(days.days()).unwrap();
            let age = BirthDate::from_stored(born).age_on(today).years;
            let asked = age >= i16::from(from) && age <= i16::from(from.saturating_add(more));
            let (earliest, latest) = ages.births(today);
            let found = earliest.is_none_or(|first| born >= first) && latest.is_none_or(|last| born <= last);
            prop_assert_eq!(asked, found, "{} on {}", born, today);
        }
    }
}
