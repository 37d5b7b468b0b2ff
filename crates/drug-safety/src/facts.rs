//! The tables of `catalogs/drug-safety`, read once. A row that cannot be read is a mistake in the tables; a test finds it.

use std::sync::OnceLock;

use terminology::medicines::{Medicine, MedicineCatalog};

use crate::Severity;
use crate::groups::{Groups, Set};

/// A medicine, or every medicine of an interaction class, group or allergy family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Medicine(&'static str),
    Class(&'static str),
    /// A group of `groups.tsv`: medicines that share a role in interactions.
    Group(&'static str),
}

impl Side {
    pub(crate) fn read(text: &'static str) -> Self {
        match (text.strip_prefix("clase:"), text.strip_prefix("grupo:")) {
            (Some(class), _) => Self::Class(class),
            (_, Some(group)) => Self::Group(group),
            _ => Self::Medicine(text),
        }
    }

    pub(crate) fn covers(self, medicine: &Medicine) -> bool {
        match self {
            Self::Medicine(inn) => medicine.inn == inn,
            Self::Class(class) => medicine.has_class(class),
            Self::Group(group) => Facts::core().groups.has(group, medicine.inn),
        }
    }
}

/// One side of a rule: who it speaks about, and whom of them it names.
pub(crate) struct Party {
    all: Set,
    named: Set,
}

impl Party {
    /// Sides after one another; a minus sign takes the medicines of one out again.
    fn read(text: &'static str, groups: &Groups) -> Option<Self> {
        let mut party = Self { all: Set::default(), named: Set::default() };
        for side in text.split(';') {
            if let Some(side) = side.strip_prefix('-').map(Side::read) {
                party.all.remove(&groups.set(side)?);
                continue;
            }
            let side = Side::read(side);
            let set = groups.set(side)?;
            if matches!(side, Side::Medicine(_)) {
                party.named.join(&set);
            }
            party.all.join(&set);
        }
        Some(party)
    }
}

pub(crate) struct PairRule {
    parties: [Party; 2],
    /// Of the reference's list: where it names both medicines, it decides alone.
    reference: bool,
    pub(crate) severity: Severity,
    pub(crate) mechanism: &'static str,
    pub(crate) effect: &'static str,
    pub(crate) recommendation: &'static str,
    pub(crate) source: &'static str,
}

impl PairRule {
    /// Whether the rule speaks about these two, by their places in the catalogue.
    pub(crate) fn covers(&self, one: usize, other: usize) -> bool {
        let [a, b] = &self.parties;
        one != other && (a.all.has(one) && b.all.has(other) || a.all.has(other) && b.all.has(one))
    }

    /// Whether the reference names these two, which it covers: then it decides alone.
    pub(crate) fn decides(&self, one: usize, other: usize) -> bool {
        self.reference && self.names(one, other)
    }

    /// Whether the rule names these two medicines and not only a class or group of theirs.
    pub(crate) fn names(&self, one: usize, other: usize) -> bool {
        let [a, b] = &self.parties;
        a.named.has(one) && b.named.has(other) || a.named.has(other) && b.named.has(one)
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

/// The usual amount of a day between two ages.
pub(crate) struct DoseRange {
    pub(crate) inn: &'static str,
    from_age: f64,
    below_age: f64,
    /// The amounts are per kilogram of weight.
    pub(crate) per_kg: bool,
    pub(crate) high: f64,
    pub(crate) ceiling_mg: f64,
    pub(crate) source: &'static str,
}

impl DoseRange {
    pub(crate) fn holds(&self, age: f64) -> bool {
        (self.from_age..self.below_age).contains(&age)
    }
}

/// A state of the patient that speaks against a medicine.
pub(crate) struct ConditionRule {
    pub(crate) condition: &'static str,
    pub(crate) subject: Side,
    pub(crate) severity: Severity,
    pub(crate) reason: &'static str,
    pub(crate) alternative: &'static str,
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
    /// Read from FDA's page of 2026 or stated in a label; older rows never interrupt.
    pub(crate) current: bool,
}

pub(crate) struct Facts {
    pub(crate) groups: Groups,
    pub(crate) pairs: Vec<PairRule>,
    pub(crate) cross_allergies: Vec<CrossAllergy>,
    pub(crate) pregnancy: Vec<PregnancyRule>,
    pub(crate) kidney: Vec<KidneyRule>,
    pub(crate) older_adult: Vec<AgeRule>,
    pub(crate) maximum_dose: Vec<DoseRule>,
    pub(crate) duplicates: Vec<(&'static str, Severity)>,
    pub(crate) dose_ranges: Vec<DoseRange>,
    pub(crate) conditions: Vec<ConditionRule>,
    /// Names easily taken for one another: two INN and the source.
    pub(crate) look_alike: Vec<(&'static str, &'static str, &'static str)>,
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
                let current = matches!(basis, "page_2026_excerpt" | "label");
                Some(MechanismRole { inn, pathway, role, potency, narrow: narrow == "yes", current })
            });
        let lines = reader.rows(table!("groups.tsv"), |[group, members, _]| Some((group, members)));
        let groups = Groups::read(&lines, &mechanisms);
        let mut pairs = pair_rules(&mut reader, table!("interactions.tsv"), &groups, true);
        pairs.extend(pair_rules(&mut reader, table!("interactions_by_role.tsv"), &groups, false));
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
        let dose_ranges = dose_ranges(&mut reader);
        let conditions = conditions(&mut reader);
        let look_alike =
            reader.rows(table!("look_alike.tsv"), |[one, other, source]| Some((one, other, source)));
        let duplicates = reader.rows(table!("duplicates.tsv"), |[class, severity]| {
            Some((class, Severity::from_code(severity)?))
        });
        problems.extend(groups.unknown.iter().map(|name| format!("groups.tsv: {name}")));
        Self {
            groups,
            pairs,
            cross_allergies,
            pregnancy,
            kidney,
            older_adult,
            maximum_dose,
            duplicates,
            dose_ranges,
            conditions,
            look_alike,
            mechanisms,
            problems,
        }
    }
}

fn pair_rules(
    reader: &mut Reader<'_>,
    table: (&str, &'static str),
    groups: &Groups,
    reference: bool,
) -> Vec<PairRule> {
    reader.rows(table, |[a, b, severity, mechanism, effect, recommendation, source]| {
        let parties = [Party::read(a, groups)?, Party::read(b, groups)?];
        let severity = Severity::from_code(severity)?;
        Some(PairRule { parties, reference, severity, mechanism, effect, recommendation, source })
    })
}

fn dose_ranges(reader: &mut Reader<'_>) -> Vec<DoseRange> {
    reader.rows(table!("dose_ranges.tsv"), |[inn, from, below, unit, low, high, ceiling, source]| {
        let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
        let per_kg = match unit {
            "mg/kg/d" => true,
            "mg/d" => false,
            _ => return None,
        };
        let (from_age, below_age) = (from.parse().ok()?, below.parse().ok()?);
        let ceiling_mg = ceiling.parse().ok()?;
        (low <= high).then_some(DoseRange { inn, from_age, below_age, per_kg, high, ceiling_mg, source })
    })
}

fn conditions(reader: &mut Reader<'_>) -> Vec<ConditionRule> {
    reader.rows(table!("conditions.tsv"), |[condition, subject, severity, reason, alternative, source]| {
        let (subject, severity) = (Side::read(subject), Severity::from_code(severity)?);
        Some(ConditionRule { condition, subject, severity, reason, alternative, source })
    })
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
            Side::Medicine(inn) => medicines().by_inn(inn).is_some(),
            Side::Class(class) => medicines().members(class).next().is_some(),
            Side::Group(_) => facts.groups.set(side).is_some(),
        };
        for rule in &facts.pairs {
            assert!(rule.mechanism.len() > "FC/FD".len(), "no mechanism: {} ({})", rule.effect, rule.source);
        }
        let subjects = facts.pregnancy.iter().map(|rule| rule.subject);
        let subjects = subjects.chain(facts.kidney.iter().map(|rule| rule.subject));
        for subject in subjects.chain(facts.older_adult.iter().map(|rule| rule.subject)) {
            assert!(known(subject), "{subject:?}");
        }
        let named = facts.dose_ranges.iter().map(|range| range.inn);
        let twins = facts.look_alike.iter().flat_map(|(one, other, _)| [*one, *other]);
        for inn in named.chain(twins) {
            assert!(medicines().by_inn(inn).is_some(), "{inn}");
        }
        for rule in &facts.conditions {
            assert!(known(rule.subject), "{}", rule.condition);
        }
        for (class, _) in &facts.duplicates {
            assert!(known(Side::Class(class)), "{class}");
        }
    }
}
