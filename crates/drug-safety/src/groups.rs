//! Groups of medicines that share a role in interactions (`groups.tsv`), as sets over the catalogue.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::facts::{MechanismRole, Potency, Role, Side, medicines};

/// Which medicines of the catalogue belong, one bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    pub(crate) fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    pub(crate) fn put(&mut self, place: usize, belongs: bool) {
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        let bit = 1 << (place % 64);
        let word = &mut self.0[place / 64];
        *word = if belongs { *word | bit } else { *word & !bit };
    }

    /// Takes in the members of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Takes the members of another set out.
    pub(crate) fn remove(&mut self, other: &Self) {
        for (word, less) in self.0.iter_mut().zip(&other.0) {
            *word &= !less;
        }
    }

    /// How many belong.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Place of a medicine in the catalogue.
pub(crate) fn place(inn: &str) -> Option<usize> {
    static PLACES: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
    let places = PLACES.get_or_init(|| {
        medicines().medicines().iter().enumerate().map(|(at, medicine)| (medicine.inn, at)).collect()
    });
    places.get(inn).copied()
}

/// Every group by its name.
pub(crate) struct Groups {
    sets: HashMap<&'static str, Set>,
    /// Members nobody knows: always empty, a test says so.
    pub(crate) unknown: Vec<String>,
}

impl Groups {
    /// Reads the lines in order: a group may use those above it. Members, after one another: an INN, `clase:NAME`,
    /// `grupo:NAME`, `rol:PATHWAY:ROLE:POTENCY` (of `mechanisms.tsv`); a minus sign takes one out again.
    pub(crate) fn read(lines: &[(&'static str, &'static str)], mechanisms: &[MechanismRole]) -> Self {
        let mut groups = Self { sets: HashMap::new(), unknown: Vec::new() };
        for (name, members) in lines {
            let mut set = Set::default();
            for member in members.split(';').map(str::trim) {
                let (belongs, member) = member.strip_prefix('-').map_or((true, member), |rest| (false, rest));
                let places = groups.places(member, mechanisms);
                if places.is_empty() {
                    groups.unknown.push(format!("{name}: {member}"));
                }
                for place in places {
                    set.put(place, belongs);
                }
            }
            groups.sets.insert(name, set);
        }
        groups
    }

    fn places(&self, member: &'static str, mechanisms: &[MechanismRole]) -> Vec<usize> {
        if let Some(role) = member.strip_prefix("rol:") {
            let wanted: Vec<&str> = role.split(':').collect();
            let roles = mechanisms
                .iter()
                .filter(|role| wanted == [role.pathway, role_word(role.role), potency_word(role.potency)]);
            return roles.filter_map(|role| place(role.inn)).collect();
        }
        if let Some(group) = member.strip_prefix("grupo:") {
            let all = 0..medicines().medicines().len();
            return self
                .sets
                .get(group)
                .map(|set| all.filter(|at| set.has(*at)).collect())
                .unwrap_or_default();
        }
        match member.strip_prefix("clase:") {
            Some(class) => medicines().members(class).filter_map(|medicine| place(medicine.inn)).collect(),
            None => place(member).into_iter().collect(),
        }
    }

    /// The medicines of one side of a rule; `None` when nothing answers to it.
    pub(crate) fn set(&self, side: Side) -> Option<Set> {
        let set = match side {
            Side::Group(group) => self.sets.get(group)?.clone(),
            Side::Medicine(inn) => {
                let mut set = Set::default();
                set.put(place(inn)?, true);
                set
            }
            Side::Class(class) => {
                let mut set = Set::default();
                medicines().members(class).filter_map(|one| place(one.inn)).for_each(|at| set.put(at, true));
                set
            }
        };
        (set.len() > 0).then_some(set)
    }

    /// Whether the medicine is of the group.
    pub(crate) fn has(&self, group: &str, inn: &str) -> bool {
        place(inn).is_some_and(|at| self.sets.get(group).is_some_and(|set| set.has(at)))
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Inhibitor => "inhibitor",
        Role::Inducer => "inducer",
        Role::Substrate => "substrate",
    }
}

fn potency_word(potency: Potency) -> &'static str {
    match potency {
        Potency::Strong => "strong",
        Potency::Moderate => "moderate",
        Potency::Weak => "weak",
        Potency::Sensitive => "sensitive",
        Potency::ModeratelySensitive => "moderate_sensitive",
    }
}
