//! The tables of `catalogs/drug-safety`, read once. A row that cannot be read is a mistake in the tables; a test finds it.

use std::sync::OnceLock;

use terminology::medicines::{Medicine, MedicineCatalog};

use crate::Severity;

/// A medicine, or every medicine of an interaction class or allergy family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Medicine(&'static str),
    Class(&'static str),
}

impl Side {
    fn read(text: &'static str) -> Self {
        text.strip_prefix("clase:").map_or(Self::Medicine(text), Self::Class)
    }

    pub(crate) fn covers(self, medicine: &Medicine) -> bool {
        match self {
            Self::Medicine(inn) => medicine.inn == inn,
            Self::Class(class) => medicine.has_class(class),
        }
    }

    pub(crate) fn is_medicine(self) -> bool {
        matches!(self, Self::Medicine(_))
    }
}

pub(crate) struct PairRule {
    pub(crate) sides: [Side; 2],
    pub(crate) severity: Severity,
    pub(crate) mechanism: &'static str,
    pub(crate) effect: &'static str,
    pub(crate) recommendation: &'static str,
    pub(crate) source: &'static str,
}

impl PairRule {
    pub(crate) fn covers(&self, one: &Medicine, other: &Medicine) -> bool {
        let [a, b] = self.sides;
        a.covers(one) && b.covers(other) || a.covers(other) && b.covers(one)
    }

    /// How many sides name a medicine: a rule about medicines weighs more than one about classes.
    pub(crate) fn precision(&self) -> usize {
        self.sides.iter().filter(|side| side.is_medicine()).count()
    }
}

pub(crate) struct CrossAllergy {
    pub(crate) recorded: &'static str,
    pub(crate) prescribed: &'static str,
    pub(crate) severity: Severity,
    pub(crate) explanation: &'static str,
    pub(crate) source: &'static str,
}

pub(crate) struct PregnancyRule {
    pub(crate) subject: Side,
    pub(crate) severity: Severity,
    pub(crate) when: &'static str,
    pub(crate) lactation: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) alternative: &'static str,
    pub(crate) source: &'static str,
}

pub(crate) struct KidneyRule {
    pub(crate) subject: Side,
    pub(crate) below: f64,
    pub(crate) severity: Severity,
    pub(crate) recommendation: &'static str,
    pub(crate) source: &'static str,
}

pub(crate) struct AgeRule {
    pub(crate) subject: Side,
    pub(crate) from_age: f64,
    pub(crate) severity: Severity,
    pub(crate) reason: &'static str,
    pub(crate) alternative: &'static str,
    pub(crate) source: &'static str,
}

pub(crate) struct DoseRule {
    pub(crate) inn: &'static str,
    pub(crate) mg_per_day: f64,
    pub(crate) from_age: f64,
    pub(crate) severity: Severity,
    pub(crate) source: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Inhibitor,
    Inducer,
    Substrate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Potency {
    Strong,
    Moderate,
    Weak,
    Sensitive,
    ModeratelySensitive,
}

pub(crate) struct MechanismRole {
    pub(crate) inn: &'static str,
    pub(crate) pathway: &'static str,
    pub(crate) role: Role,
    pub(crate) potency: Potency,
    pub(crate) narrow: bool,
    /// Read from FDA's page of 2026; older rows never interrupt.
    pub(crate) current: bool,
}

pub(crate) struct Facts {
    pub(crate) pairs: Vec<PairRule>,
    pub(crate) cross_allergies: Vec<CrossAllergy>,
    pub(crate) pregnancy: Vec<PregnancyRule>,
    pub(crate) kidney: Vec<KidneyRule>,
    pub(crate) older_adult: Vec<AgeRule>,
    pub(crate) maximum_dose: Vec<DoseRule>,
    pub(crate) duplicates: Vec<(&'static str, Severity)>,
    pub(crate) mechanisms: Vec<MechanismRole>,
    /// Rows that could not be read, by file and line: always empty, a test says so.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test of the tables"))]
    pub(crate) problems: Vec<String>,
}

macro_rules! table {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../catalogs/drug-safety/", $name)))
    };
}

impl Facts {
    /// The facts that ship.
    pub(crate) fn core() -> &'static Self {
        static FACTS: OnceLock<Facts> = OnceLock::new();
        FACTS.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut problems = Vec::new();
        let mut reader = Reader { problems: &mut problems };
        let pairs = reader.rows(
            table!("interactions.tsv"),
            |[a, b, severity, mechanism, effect, recommendation, source]| {
                Some(PairRule {
                    sides: [Side::read(a), Side::read(b)],
                    severity: Severity::from_code(severity)?,
                    mechanism,
                    effect,
                    recommendation,
                    source,
                })
            },
        );
        let cross_allergies = reader.rows(
            table!("cross_allergy.tsv"),
            |[recorded, prescribed, severity, _, explanation, source]| {
                let severity = Severity::from_code(severity)?;
                Some(CrossAllergy { recorded, prescribed, severity, explanation, source })
            },
        );
        let pregnancy = reader.rows(
            table!("pregnancy.tsv"),
            |[subject, severity, when, lactation, reason, alternative, source]| {
                let (subject, severity) = (Side::read(subject), Severity::from_code(severity)?);
                Some(PregnancyRule { subject, severity, when, lactation, reason, alternative, source })
            },
        );
        let kidney =
            reader.rows(table!("kidney.tsv"), |[subject, below, severity, recommendation, source]| {
                let (subject, severity) = (Side::read(subject), Severity::from_code(severity)?);
                Some(KidneyRule { subject, below: below.parse().ok()?, severity, recommendation, source })
            });
        let older_adult = reader.rows(
            table!("older_adult.tsv"),
            |[subject, from_age, severity, reason, alternative, source]| {
                let (subject, severity) = (Side::read(subject), Severity::from_code(severity)?);
                Some(AgeRule {
                    subject,
                    from_age: from_age.parse().ok()?,
                    severity,
                    reason,
                    alternative,
                    source,
                })
            },
        );
        let maximum_dose =
            reader.rows(table!("maximum_dose.tsv"), |[inn, most, from_age, severity, source]| {
                let from_age = if from_age.is_empty() { 0.0 } else { from_age.parse().ok()? };
                Some(DoseRule {
                    inn,
                    mg_per_day: most.parse().ok()?,
                    from_age,
                    severity: Severity::from_code(severity)?,
                    source,
                })
            });
        let duplicates = reader.rows(table!("duplicates.tsv"), |[class, severity]| {
            Some((class, Severity::from_code(severity)?))
        });
        let mechanisms =
            reader.rows(table!("mechanisms.tsv"), |[inn, pathway, role, potency, narrow, basis]| {
                let role = match role {
                    "inhibitor" => Role::Inhibitor,
                    "inducer" => Role::Inducer,
                    "substrate" => Role::Substrate,
                    _ => return None,
                };
                let potency = match potency {
                    "strong" => Potency::Strong,
                    "moderate" => Potency::Moderate,
                    "weak" => Potency::Weak,
                    "sensitive" => Potency::Sensitive,
                    "moderate_sensitive" => Potency::ModeratelySensitive,
                    _ => return None,
                };
                let current = basis == "page_2026_excerpt";
                Some(MechanismRole { inn, pathway, role, potency, narrow: narrow == "yes", current })
            });
        Self {
            pairs,
            cross_allergies,
            pregnancy,
            kidney,
            older_adult,
            maximum_dose,
            duplicates,
            mechanisms,
            problems,
        }
    }
}

struct Reader<'a> {
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// The rows after comment and heading, each with exactly `N` cells.
    fn rows<T, const N: usize>(
        &mut self,
        (name, text): (&str, &'static str),
        read: impl Fn([&'static str; N]) -> Option<T>,
    ) -> Vec<T> {
        let mut rows = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).skip(1) {
            let cells: Vec<&'static str> = line.split('\t').map(str::trim).collect();
            match <[&'static str; N]>::try_from(cells).ok().and_then(&read) {
                Some(row) => rows.push(row),
                None => self.problems.push(format!("{name}, línea {}", number + 1)),
            }
        }
        rows
    }
}

/// The catalogue of medicines the facts speak about.
pub(crate) fn medicines() -> &'static MedicineCatalog {
    MedicineCatalog::core()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_names_something_the_catalogue_knows() {
        let facts = Facts::core();
        assert_eq!(facts.problems, Vec::<String>::new());
        let known = |side: Side| match side {
            Side::Medicine(inn) => medicines().by_inn(inn).is_some() || inn == "medio de contraste yodado",
            Side::Class(class) => medicines().members(class).next().is_some(),
        };
        for rule in &facts.pairs {
            assert!(rule.sides.into_iter().all(known), "{:?}", rule.sides);
        }
        let subjects = facts.pregnancy.iter().map(|rule| rule.subject);
        let subjects = subjects.chain(facts.kidney.iter().map(|rule| rule.subject));
        for subject in subjects.chain(facts.older_adult.iter().map(|rule| rule.subject)) {
            assert!(known(subject), "{subject:?}");
        }
        for (class, _) in &facts.duplicates {
            assert!(known(Side::Class(class)), "{class}");
        }
    }
}
