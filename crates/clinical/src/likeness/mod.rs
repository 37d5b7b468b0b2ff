//! Whether two records may be of one person: pure comparison of names, birth dates and CURP, and the keys by which
//! storage finds whom to compare with.
//!
//! A likeness is a question to a person, never a decision: two people may have the same name and birthday.

mod names;

use jiff::civil::Date;

use crate::identifiers::Curp;
use crate::patient::{Identity, NewPatient};
use crate::person::{BirthDate, PersonName, Sex};

pub use names::{folded_words, keys};

/// From this score on, of 100, somebody should look.
const WORTH_A_LOOK: f64 = 80.0;
/// What each part of a full match is worth.
const GIVEN: f64 = 35.0;
const SURNAMES: f64 = 40.0;
const DATE: f64 = 25.0;

/// What two records have in common, in the words of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The CURP is the same.
    SameCurp,
    /// Both have a CURP, and they differ.
    OtherCurp,
    /// The name is the same but for accents and abbreviations.
    SameName,
    /// The name is nearly the same.
    SimilarName,
    /// The surnames stand in the other order.
    SwappedSurnames,
    /// One of the two lacks a surname.
    MissingSurname,
    /// Born the same day.
    SameBirth,
    /// Day and month are the other way round.
    SwappedBirth,
    /// Day, month or year differ, the rest is the same.
    SimilarBirth,
    /// A newborn of the same mother, or of a mother with this surname, born the same day.
    Newborn,
    /// One is a woman, the other a man.
    OtherSex,
}

impl Reason {
    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SameCurp => "misma CURP",
            Self::OtherCurp => "la CURP es otra",
            Self::SameName => "mismo nombre",
            Self::SimilarName => "nombre parecido",
            Self::SwappedSurnames => "apellidos en otro orden",
            Self::MissingSurname => "falta un apellido",
            Self::SameBirth => "misma fecha de nacimiento",
            Self::SwappedBirth => "día y mes de nacimiento al revés",
            Self::SimilarBirth => "fecha de nacimiento parecida",
            Self::Newborn => "recién nacido de esa madre y ese día",
            Self::OtherSex => "el sexo es otro",
        }
    }
}

/// How much two records look like one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// 80 to 100.
    pub score: u8,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Compares two records; `None` when nothing suggests that they are of one person.
#[must_use]
pub fn compare(a: &NewPatient, b: &NewPatient) -> Option<Likeness> {
    let mut reasons = Vec::new();
    let mut score = match (&a.identity, &b.identity) {
        (
            Identity::Identified { name: one, birth_date: born, .. },
            Identity::Identified { name: other, birth_date: also_born, .. },
        ) => named(one, *born, other, *also_born, &mut reasons),
        (Identity::Newborn { .. }, Identity::Newborn { .. } | Identity::Identified { .. })
        | (Identity::Identified { .. }, Identity::Newborn { .. }) => newborn(a, b).inspect(|_| {
            reasons.push(Reason::Newborn);
        }),
        (Identity::Unknown { .. }, _) | (_, Identity::Unknown { .. }) => None,
    };
    match (a.identity.curp(), b.identity.curp()) {
        (Some(one), Some(other)) if one == other => {
            reasons.insert(0, Reason::SameCurp);
            return Some(Likeness { score: 100, reasons });
        }
        (Some(_), Some(_)) => lower(&mut score, 18.0, Reason::OtherCurp, &mut reasons),
        _ => {}
    }
    if matches!((a.sex, b.sex), (Sex::Female, Sex::Male) | (Sex::Male, Sex::Female)) {
        lower(&mut score, 8.0, Reason::OtherSex, &mut reasons);
    }
    let score = score.filter(|score| *score >= WORTH_A_LOOK)?;
    // 80 to 100 after the filter: the cast loses only the fraction.
    Some(Likeness { score: score.round() as u8, reasons })
}

fn lower(score: &mut Option<f64>, by: f64, reason: Reason, reasons: &mut Vec<Reason>) {
    if let Some(score) = score {
        *score -= by;
        reasons.push(reason);
    }
}

fn named(
    a: &PersonName,
    born: BirthDate,
    b: &PersonName,
    also_born: BirthDate,
    reasons: &mut Vec<Reason>,
) -> Option<f64> {
    let (date, date_reason) = dates(born.date(), also_born.date())?;
    let given = names::given(a.given(), b.given())?;
    let (surnames, order) = names::surnames(a, b)?;
    let same = given >= 0.99 && surnames >= 0.99;
    reasons.push(if same { Reason::SameName } else { Reason::SimilarName });
    reasons.extend(order);
    reasons.push(date_reason);
    Some(GIVEN * given + SURNAMES * surnames + DATE * date)
}

/// How alike two birth dates are, from 0 to 1; `None` when more than one of day, month and year differ.
fn dates(a: Date, b: Date) -> Option<(f64, Reason)> {
    if a == b {
        return Some((1.0, Reason::SameBirth));
    }
    let (day, month, year) = (a.day() == b.day(), a.month() == b.month(), a.year() == b.year());
    if year && a.day() == b.month() && a.month() == b.day() {
        return Some((0.9, Reason::SwappedBirth));
    }
    let differing = [day, month, year].into_iter().filter(|same| !same).count();
    if differing > 1 {
        return None;
    }
    // A slip of the finger changes one digit; a year apart is also what people say of their age.
    let digits = a.to_string().bytes().zip(b.to_string().bytes()).filter(|(x, y)| x != y).count();
    let slip = digits == 1 || (!year && (a.year() - b.year()).abs() == 1);
    Some((if slip { 0.85 } else { 0.5 }, Reason::SimilarBirth))
}

/// A newborn is compared by mother and day of birth; twins are told apart by their order.
fn newborn(a: &NewPatient, b: &NewPatient) -> Option<f64> {
    if a.identity.birth_date()? != b.identity.birth_date()? {
        return None;
    }
    let (one, other) = (a.details.birth_order, b.details.birth_order);
    if one.is_some() && other.is_some() && one != other {
        return None;
    }
    let same_record = a.details.mother.is_some() && a.details.mother == b.details.mother;
    let alike = same_record
        || match (&a.identity, &b.identity) {
            (Identity::Newborn { mother_name, .. }, Identity::Newborn { mother_name: other, .. }) => {
                names::given(mother_name, other).is_some_and(|alike| alike > 0.8)
            }
            (Identity::Newborn { mother_name, .. }, Identity::Identified { name, .. })
            | (Identity::Identified { name, .. }, Identity::Newborn { mother_name, .. }) => {
                names::has_surname(mother_name, name)
            }
            _ => false,
        };
    alike.then_some(if same_record { 95.0 } else { 85.0 })
}

/// What storage looks up to find whom to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Exact CURP.
    pub curp: Option<Curp>,
    /// Birth dates that are looked up as they are: the one given, and with day and month the other way round.
    pub dates: Vec<Date>,
    /// [`keys`] of the name, each with a birth date that has two parts in common with [`Lookup::born`].
    pub keys: Vec<String>,
    /// The birth date given.
    pub born: Date,
}

impl Lookup {
    /// The questions for an identity; `None` for somebody nobody could identify.
    #[must_use]
    pub fn of(identity: &Identity) -> Option<Self> {
        let born = identity.birth_date()?.date();
        let swapped = Date::new(born.year(), born.day(), born.month()).ok();
        let mut dates = vec![born];
        dates.extend(swapped.filter(|swapped| *swapped != born));
        Some(Self { curp: identity.curp().cloned(), dates, keys: keys(identity), born })
    }
}

#[cfg(test)]
mod tests;
