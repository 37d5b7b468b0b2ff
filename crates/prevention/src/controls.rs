//! What a patient should have and does not: the controls of `catalogs/prevention/controls.tsv`, the visits of a pregnancy and
//! chronic medicines about to run out. A record that does not show a thing does not prove that it was not done.

use std::sync::OnceLock;

use clinical::person::Sex;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::groups::{Group, PREGNANCY_DAYS};

/// Windows of the visits of a pregnancy in completed weeks (NOM-007-SSA2-2016, 5.2: a visit in each).
const VISITS: [(i32, i32); 8] =
    [(6, 8), (10, 13), (16, 18), (22, 22), (28, 28), (32, 32), (36, 36), (38, 41)];
/// Days before the last one of a medicine from which on it is about to run out.
const SOON: i32 = 7;
/// Days after it for which that is still news: later the treatment was ended or is looked after elsewhere.
const RUN_OUT: i32 = 180;

/// The code of the visits of a pregnancy.
pub const PRENATAL: &str = "pregnancy_visit";
/// The code of medicines about to run out.
pub const MEDICINES: &str = "medicines";

/// A kind of thing that can be lacking, as lists are made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// Its code in lists and addresses.
    pub code: &'static str,
    /// "diabetes", "vaccines": what it is shown with.
    pub area: &'static str,
    /// "Hemoglobina glucosilada".
    pub label: &'static str,
    /// Where it is from.
    pub source: &'static str,
}

/// The words over controls of an area.
#[must_use]
pub fn area_label(area: &str) -> &'static str {
    match area {
        "diabetes" => "Diabetes",
        "hypertension" => "Hipertensión",
        "cancer" => "Detección de cáncer",
        "vaccines" => "Vacunas",
        "pregnancy" => "Embarazo",
        _ => "Medicamentos",
    }
}

struct Rule {
    control: Control,
    group: Option<&'static str>,
    sex: Option<&'static str>,
    from: Option<i32>,
    until: Option<i32>,
    act: &'static str,
    dose: Option<usize>,
    every: Option<i32>,
}

fn rules() -> &'static [Rule] {
    static TABLE: OnceLock<Vec<Rule>> = OnceLock::new();
    TABLE.get_or_init(|| {
        crate::rows(include_str!("../../../catalogs/prevention/controls.tsv"))
            .filter_map(|row| rule(&row))
            .collect()
    })
}

fn rule(row: &[&'static str]) -> Option<Rule> {
    let [code, area, label, group, sex, from, until, act, dose, every, source] = *row else { return None };
    let word = |cell: &'static str| (cell != "-").then_some(cell);
    let number = |cell: &str| match cell {
        "-" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    Some(Rule {
        control: Control { code, area, label, source },
        group: word(group),
        sex: word(sex),
        from: number(from)?,
        until: number(until)?,
        act,
        dose: number(dose)?.and_then(|dose| usize::try_from(dose).ok()),
        every: number(every)?,
    })
}

/// Every control lists are made of, each code once, in the order of the page.
#[must_use]
pub fn controls() -> Vec<Control> {
    let mut all: Vec<Control> = Vec::new();
    for rule in rules() {
        if !all.iter().any(|known| known.code == rule.control.code) {
            let whole = rule.control.code == "vaccines";
            let label = if whole { "Vacunas del esquema" } else { rule.control.label };
            let source = if whole { "Cartilla Nacional de Salud" } else { rule.control.source };
            all.push(Control { label, source, ..rule.control });
        }
    }
    let (source, label) = ("NOM-007-SSA2-2016: ocho consultas, por semanas", "Consulta prenatal");
    all.push(Control { code: PRENATAL, area: "pregnancy", label, source });
    let (source, label) = ("Duración escrita en la última receta", "Medicamento por acabarse");
    all.push(Control { code: MEDICINES, area: "medicines", label, source });
    all
}

/// What the rules are told of a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Birth, when known.
    pub born: Option<Date>,
    /// Sex.
    pub sex: Sex,
    /// Groups, each with the day it was first noted.
    pub groups: Vec<(Group, Date)>,
    /// First day of a pregnancy that goes on.
    pub pregnancy: Option<Date>,
    /// What was done: codes of acts with their days.
    pub done: Vec<(&'static str, Date)>,
    /// Days of visits with a signed note.
    pub visits: Vec<Date>,
    /// Medicines taken for long, each with the last day its recetas cover.
    pub medicines: Vec<(String, Date)>,
}

/// What a patient should have next of one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Code of the control.
    pub control: &'static str,
    /// From this day on it is lacking; [`Date::MAX`] when it is not asked for again.
    pub on: Date,
    /// When it was last done, as far as the record shows.
    pub last: Option<Date>,
    /// What exactly: "SRP, 2.ª dosis; DPT, refuerzo".
    pub what: String,
}

/// What the rules say of a patient, and the first day on which they may say something else without anything written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// One of each control that applies, lacking or not yet.
    pub due: Vec<Due>,
    /// When to look again.
    pub again: Date,
}

/// A step in time of a patient's life, in months; the last day there is when it lies beyond the calendar.
fn months(from: Date, months: i32) -> Date {
    from.checked_add(months.months()).unwrap_or(Date::MAX)
}

/// What a patient should have, as of a day.
#[must_use]
pub fn check(person: &Person, today: Date) -> Checked {
    let mut again = Vec::new();
    let mut found: Vec<Due> = Vec::new();
    for rule in rules() {
        let Some((start, end)) = applies(rule, person) else { continue };
        again.extend([start, end]);
        if start <= today && today < end {
            found.extend(due(rule, person, (start, end)));
        }
    }
    found.extend(prenatal(person, today));
    found.extend(running_out(person, today));
    again.extend(person.pregnancy.map(|began| began.saturating_add((PREGNANCY_DAYS + 1).days())));
    again.extend(person.medicines.iter().flat_map(|(_, until)| {
        [until.saturating_sub(SOON.days()), until.saturating_add((RUN_OUT + 1).days())]
    }));
    // What is shown together changes when the next of it falls due.
    again.extend(found.iter().map(|due| due.on));
    let again = again.into_iter().filter(|day| *day > today).min().unwrap_or(Date::MAX);
    Checked { due: together(found, today), again }
}

/// From when on and until when a rule speaks of this patient.
fn applies(rule: &Rule, person: &Person) -> Option<(Date, Date)> {
    if rule.sex == Some("female") && person.sex != Sex::Female {
        return None;
    }
    if rule.group == Some("pregnancy") {
        let began = person.pregnancy?;
        let week = |weeks: i32| began.saturating_add((i64::from(weeks) * 7).days());
        return Some((week(rule.from.unwrap_or(0)), began.saturating_add((PREGNANCY_DAYS + 1).days())));
    }
    let age = |limit: Option<i32>| limit.map(|limit| person.born.map(|born| months(born, limit)));
    let start = match rule.group {
        Some(code) => {
            let group = Group::from_code(code)?;
            person.groups.iter().filter(|(own, _)| *own == group).map(|(_, since)| *since).min()?
        }
        None => age(rule.from)??,
    };
    let end = match age(rule.until) {
        Some(end) => end?,
        None => Date::MAX,
    };
    Some((start, end))
}

fn due(rule: &Rule, person: &Person, (start, end): (Date, Date)) -> Option<Due> {
    let mut days: Vec<Date> =
        person.done.iter().filter(|(act, _)| *act == rule.act).map(|(_, day)| *day).collect();
    days.sort_unstable();
    // Of a pregnancy only what was done in it counts.
    if rule.group == Some("pregnancy") {
        days.retain(|day| person.pregnancy.is_some_and(|began| *day >= began));
    }
    let last = days.last().copied();
    let on = match (rule.dose, rule.every) {
        (Some(dose), _) if days.len() >= dose => return None,
        (None, Some(every)) => last.map_or(start, |last| months(last, every).max(start)),
        _ => start,
    };
    // Who is past the age by then is covered for good.
    let on = if on < end { on } else { Date::MAX };
    Some(Due { control: rule.control.code, on, last, what: rule.control.label.to_owned() })
}

/// The next visit of a pregnancy: the first window that ends after the last visit in it.
fn prenatal(person: &Person, today: Date) -> Option<Due> {
    let began = person.pregnancy.filter(|began| (today - *began).get_days() <= PREGNANCY_DAYS)?;
    let week = |day: Date| (day - began).get_days().div_euclid(7);
    let last = person.visits.iter().filter(|day| **day >= began && **day <= today).max().copied();
    let seen = last.map_or(0, week);
    let (from, until) = *VISITS.iter().find(|(_, until)| *until > seen)?;
    let what = if from == until {
        format!("Consulta prenatal de la semana {until}")
    } else {
        format!("Consulta prenatal de la semana {from} a la {until}")
    };
    // Lacking once its last week is over.
    let on = began.saturating_add((i64::from(until) * 7 + 7).days());
    Some(Due { control: PRENATAL, on, last, what })
}

fn running_out(person: &Person, today: Date) -> Vec<Due> {
    let fresh = person.medicines.iter().filter(|(_, until)| (today - *until).get_days() <= RUN_OUT);
    fresh
        .map(|(medicine, until)| Due {
            control: MEDICINES,
            on: until.saturating_sub(SOON.days()),
            last: Some(*until),
            what: medicine.clone(),
        })
        .collect()
}

/// One of each control: the earliest day, and of what is lacking today all of it; before, only what comes next.
fn together(found: Vec<Due>, today: Date) -> Vec<Due> {
    let mut whole: Vec<Due> = Vec::new();
    for due in found {
        let Some(known) = whole.iter_mut().find(|known| known.control == due.control) else {
            whole.push(due);
            continue;
        };
        if due.on <= today && known.on <= today {
            known.what = format!("{}; {}", known.what, due.what);
        } else if due.on < known.on {
            known.what = due.what;
        }
        known.on = known.on.min(due.on);
        // A medicine is lacking from the end of the first that ends; anything else was last done when one of it was.
        known.last = match due.control {
            MEDICINES => known.last.min(due.last),
            _ => known.last.max(due.last),
        };
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn person(born: &str, sex: Sex) -> Person {
        Person {
            born: Some(day(born)),
            sex,
            groups: Vec::new(),
            pregnancy: None,
            done: Vec::new(),
            visits: Vec::new(),
            medicines: Vec::new(),
        }
    }

    fn of(person: &Person, control: &str, today: &str) -> Option<(Date, String)> {
        let found = check(person, day(today)).due.into_iter().find(|due| due.control == control)?;
        Some((found.on, found.what))
    }

    #[test]
    fn every_row_is_read_and_every_act_is_known() {
        assert_eq!(rules().len(), 27, "a row of controls.tsv cannot be read");
        assert!(rules().iter().all(|rule| crate::acts::act(rule.act).is_some()));
        assert_eq!(controls().len(), 12);
    }

    #[test]
    fn a_control_is_due_its_time_after_the_last_one_and_at_the_diagnosis_without_any() {
        let mut patient = person("1974-05-02", Sex::Male);
        assert_eq!(of(&patient, "dm_hba1c", "2026-11-27"), None);
        patient.groups.push((Group::Diabetes, day("2025-01-10")));
        assert_eq!(of(&patient, "dm_hba1c", "2026-11-27").unwrap().0, day("2025-01-10"));
        patient.done = vec![("hba1c", day("2026-08-31")), ("hba1c", day("2025-02-01"))];
        assert_eq!(of(&patient, "dm_hba1c", "2026-11-27").unwrap().0, day("2027-02-28"));
    }

    #[test]
    fn screening_begins_and_ends_with_its_age() {
        let woman = person("1986-11-28", Sex::Female);
        assert_eq!(of(&woman, "ca_breast", "2026-11-27"), None, "the day before her 40th birthday");
        assert_eq!(check(&woman, day("2026-11-27")).again, day("2026-11-28"));
        assert_eq!(of(&woman, "ca_breast", "2026-11-28").unwrap().0, day("2026-11-28"));
        assert_eq!(of(&woman, "ca_breast", "2056-11-28"), None, "at 70");
        assert_eq!(of(&person("1980-01-01", Sex::Male), "ca_breast", "2026-11-27"), None);
        let mut covered = person("1957-01-01", Sex::Female);
        covered.done = vec![("mammography", day("2026-08-01"))];
        assert_eq!(of(&covered, "ca_breast", "2026-11-27").unwrap().0, Date::MAX, "70 before the next one");
    }

    #[test]
    fn the_vaccines_of_a_child_are_one_line_with_what_is_lacking() {
        let mut child = person("2025-05-27", Sex::Male);
        child.done = vec![
            ("bcg", day("2025-05-28")),
            ("hexavalent", day("2025-07-28")),
            ("hexavalent", day("2025-09-28")),
            ("hexavalent", day("2025-11-28")),
            ("pneumococcal", day("2025-07-28")),
            ("pneumococcal", day("2025-09-28")),
            ("influenza", day("2026-10-01")),
        ];
        let (on, what) = of(&child, "vaccines", "2026-11-26").unwrap();
        assert_eq!(
            what, "Neumocócica conjugada, refuerzo; SRP, 1.ª dosis",
            "18 months are complete tomorrow"
        );
        assert_eq!(on, day("2026-05-27"));
        assert_eq!(check(&child, day("2026-11-26")).again, day("2026-11-27"));
        let tomorrow = of(&child, "vaccines", "2026-11-27").unwrap().1;
        assert!(
            tomorrow.contains("Hexavalente, refuerzo") && tomorrow.contains("SRP, 2.ª dosis"),
            "{tomorrow}"
        );
    }

    #[test]
    fn the_next_visit_of_a_pregnancy_follows_the_last_one() {
        let mut woman = person("1997-10-18", Sex::Female);
        woman.pregnancy = Some(day("2026-06-12"));
        woman.visits = vec![day("2026-08-14"), day("2026-11-13")];
        // 22 weeks at the last visit: the next is that of week 28, lacking once that week is over.
        let (on, what) = of(&woman, PRENATAL, "2026-11-27").unwrap();
        assert_eq!((on, what.as_str()), (day("2027-01-01"), "Consulta prenatal de la semana 28"));
        assert_eq!(of(&woman, "vaccines", "2026-11-27").unwrap().1, "Tdpa en el embarazo");
        assert_eq!(of(&woman, PRENATAL, "2027-06-01"), None, "it must be over");
    }

    #[test]
    fn a_medicine_is_about_to_run_out_a_week_before_and_is_forgotten_half_a_year_after() {
        let mut patient = person("1955-10-01", Sex::Male);
        patient.medicines = vec![("losartán".to_owned(), day("2026-12-02"))];
        assert_eq!(of(&patient, MEDICINES, "2026-11-20").unwrap().0, day("2026-11-25"));
        assert!(of(&patient, MEDICINES, "2027-05-31").is_some());
        assert_eq!(of(&patient, MEDICINES, "2027-06-01"), None);
    }

    #[test]
    fn of_two_medicines_the_first_to_end_is_the_day_that_counts() {
        let mut patient = person("1960-01-01", Sex::Female);
        patient.medicines = [("losartán", "2027-03-01"), ("metformina", "2026-12-01")]
            .map(|(name, until)| (name.to_owned(), day(until)))
            .to_vec();
        let due = check(&patient, day("2027-02-28")).due;
        let due = due.iter().find(|due| due.control == MEDICINES).unwrap();
        assert_eq!((due.last, due.what.as_str()), (Some(day("2026-12-01")), "losartán; metformina"));
    }
}
