//! The kinds of fact the model tells apart.

use crate::facts::{ClinicalFact, FactKind, Section, Status};

/// One kind of fact, with its section or status where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Its name in the file of weights.
    pub code: &'static str,
    /// The kind.
    pub kind: FactKind,
    /// Section of an antecedent.
    pub section: Option<Section>,
    /// Outcome of an examination.
    pub status: Option<Status>,
}

impl Class {
    const fn of(code: &'static str, kind: FactKind) -> Self {
        Self { code, kind, section: None, status: None }
    }

    const fn history(code: &'static str, section: Section) -> Self {
        Self { code, kind: FactKind::History, section: Some(section), status: None }
    }

    const fn finding(code: &'static str, status: Status) -> Self {
        Self { code, kind: FactKind::Finding, section: None, status: Some(status) }
    }
}

/// All classes; a class is known by its place.
pub const CLASSES: [Class; 14] = [
    Class::of("symptom", FactKind::Symptom),
    Class::of("denied_symptom", FactKind::DeniedSymptom),
    Class::history("history.pathological", Section::Pathological),
    Class::history("history.surgical", Section::Surgical),
    Class::history("history.family", Section::Family),
    Class::history("history.habits", Section::Habits),
    Class::history("history.ob_gyn", Section::ObGyn),
    Class::of("denied_history", FactKind::DeniedHistory),
    Class::finding("finding.present", Status::Present),
    Class::finding("finding.absent", Status::Absent),
    Class::finding("finding.normal", Status::Normal),
    Class::of("result", FactKind::Result),
    Class::of("diagnosis", FactKind::Diagnosis),
    Class::of("order", FactKind::Order),
];

/// Their names, in the same order.
pub const CODES: [&str; CLASSES.len()] = {
    let mut codes = [""; CLASSES.len()];
    let mut at = 0;
    while at < codes.len() {
        codes[at] = CLASSES[at].code;
        at += 1;
    }
    codes
};

/// The class of a fact, if the model knows it; a referral and an order are one.
#[must_use]
pub fn class_of(fact: &ClinicalFact) -> Option<usize> {
    let kind = if fact.kind == FactKind::Referral { FactKind::Order } else { fact.kind };
    let family = fact.relative().is_some();
    CLASSES.iter().position(|class| {
        class.kind == kind
            && match kind {
                FactKind::History if family => class.section == Some(Section::Family),
                FactKind::History => class.section == fact.attributes.section,
                FactKind::Finding => class.status == fact.attributes.status,
                _ => true,
            }
    })
}
