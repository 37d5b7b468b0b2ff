//! How complete a record is, in the domains of the norm's evaluation model (Appendix A, MECIC, informative).
//!
//! Each required element counts 1 when it is there and 0 when not; what does not apply leaves the denominator. Whether
//! findings, diagnosis and treatment agree is judged by a person and not counted here.

use std::collections::BTreeMap;

use clinical::document::{DocumentBody, DocumentContent, DocumentKind};
use jiff::Timestamp;

use crate::catalogue::definition;
use crate::deadlines::Interval;
use crate::definitions::Obligation;
use crate::header::HEADER;
use crate::missing::HeaderFacts;

/// The domains that can be counted. Their names are those of the model as far as its public descriptions agree.
const DOMAINS: [(u8, &str); 20] = [
    (1, "Integración del expediente"),
    (2, "Historia clínica"),
    (3, "Notas médicas en general"),
    (4, "Nota inicial de urgencias"),
    (5, "Nota de evolución"),
    (6, "Nota de referencia o traslado"),
    (7, "Nota de interconsulta"),
    (8, "Nota preoperatoria"),
    (9, "Nota preanestésica, vigilancia y registro anestésico"),
    (10, "Nota postoperatoria"),
    (11, "Nota de egreso"),
    (12, "Hoja de enfermería"),
    (13, "Servicios auxiliares de diagnóstico y tratamiento"),
    (14, "Registro de la transfusión"),
    (15, "Trabajo social"),
    (17, "Carta de consentimiento informado"),
    (18, "Hoja de egreso voluntario"),
    (19, "Hoja de notificación al Ministerio Público"),
    (20, "Reporte de causa de muerte sujeta a vigilancia epidemiológica"),
    (21, "Notas de defunción y muerte fetal"),
];

/// What one domain has of what applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainScore {
    /// Number of the domain.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// Elements that are there.
    pub present: usize,
    /// Elements that apply.
    pub applicable: usize,
    /// What is absent, in words, each with how often.
    pub absent: BTreeMap<String, usize>,
}

impl DomainScore {
    /// Whole per cent, rounded down so that 100 means complete.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.present * 100).checked_div(self.applicable).unwrap_or(100)
    }
}

/// Scores of a record, or of what one professional signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compliance {
    domains: BTreeMap<u8, (usize, usize, BTreeMap<String, usize>)>,
}

impl Compliance {
    /// Counts a signed document: its header in domain 3, its required sections in the domain of its kind. Recetas and
    /// addenda have no domain of their own.
    pub fn add(&mut self, content: &DocumentContent) {
        let name = content.author.full_name();
        let facts = HeaderFacts::new(&content.establishment, &content.patient, &content.author, &name);
        for field in HEADER.iter().filter(|field| field.on_each_document) {
            self.count(3, !facts.lacks(field.element), field.label);
        }
        let definition = definition(content.kind);
        let (Some(domain), DocumentBody::Note { sections, .. }) = (definition.domain, &content.body) else {
            return;
        };
        let required = definition.sections.iter().filter(|s| s.obligation == Obligation::Required);
        for section in required {
            let there = section.filled_by.is_in_head()
                || sections.iter().any(|signed| signed.id == section.id && !signed.items.is_empty())
                || is_measured(section, &content.body);
            self.count(domain, there, &section.label);
        }
    }

    /// How many elements [`Compliance::add`] counts in a document of a kind: in the header, and in its own domain.
    fn elements(kind: DocumentKind) -> (usize, usize) {
        let header = HEADER.iter().filter(|field| field.on_each_document).count();
        let definition = definition(kind);
        let required = definition.sections.iter().filter(|s| s.obligation == Obligation::Required).count();
        (header, definition.domain.map_or(0, |_| required))
    }

    /// The same for a document that lacked nothing when its elements were counted, without its content; `applicable` as
    /// [`Compliance::total`] told of it then. `false`, and nothing is added, when another number applies today: the definitions
    /// changed since, and it has to be read.
    #[must_use]
    pub fn add_whole(&mut self, kind: DocumentKind, applicable: usize) -> bool {
        let (header, own) = Self::elements(kind);
        if applicable != header + own {
            return false;
        }
        let own = definition(kind).domain.map(|domain| (domain, own));
        for (domain, elements) in [Some((3, header)), own].into_iter().flatten() {
            if elements > 0 {
                let (present, applicable, _) = self.domains.entry(domain).or_default();
                *present += elements;
                *applicable += elements;
            }
        }
        true
    }

    /// Counts what the record as a whole must have: a historia clínica, and the patient's address (5.2.3).
    pub fn add_record(&mut self, kinds: &[DocumentKind], has_address: bool) {
        let history = kinds.iter().any(|kind| definition(*kind).domain == Some(2));
        self.count(1, history, "Historia clínica");
        self.count(1, has_address, "Domicilio del paciente");
    }

    /// Counts the notes that were due during a stay, each as one element of the domain of its kind.
    pub fn add_intervals(&mut self, intervals: &[Interval], now: Timestamp) {
        for interval in intervals {
            let definition = definition(interval.kind);
            let (Some(domain), Some(due), Some(on_time)) =
                (definition.domain, &definition.due, interval.on_time(now))
            else {
                continue;
            };
            self.count(domain, on_time, &format!("{} cada {} horas", definition.title, due.hours));
        }
    }

    fn count(&mut self, domain: u8, there: bool, what: &str) {
        let (present, applicable, absent) = self.domains.entry(domain).or_default();
        *applicable += 1;
        if there {
            *present += 1;
        } else {
            *absent.entry(what.to_owned()).or_default() += 1;
        }
    }

    /// The domains with something that applies, in their order.
    #[must_use]
    pub fn domains(&self) -> Vec<DomainScore> {
        let counted = DOMAINS.iter().filter_map(|(number, name)| {
            let (present, applicable, absent) = self.domains.get(number)?.clone();
            Some(DomainScore { number: *number, name, present, applicable, absent })
        });
        counted.collect()
    }

    /// All domains together: present and applicable.
    #[must_use]
    pub fn total(&self) -> (usize, usize) {
        self.domains.values().fold((0, 0), |(p, a), (present, applicable, _)| (p + present, a + applicable))
    }
}

/// A measurement stands in the note's list even when its section carries no sentence.
fn is_measured(section: &crate::SectionDefinition, body: &DocumentBody) -> bool {
    let (crate::FilledBy::Measurements(kinds), DocumentBody::Note { vital_signs, .. }) =
        (&section.filled_by, body)
    else {
        return false;
    };
    match kinds.as_slice() {
        [] => !vital_signs.is_empty(),
        kinds => kinds.iter().all(|kind| vital_signs.iter().any(|sign| sign.kind == *kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_by_other_definitions_is_not_taken_as_whole() {
        let kind = DocumentKind::PROGRESS_NOTE;
        let (header, own) = Compliance::elements(kind);
        let mut compliance = Compliance::default();
        assert!(!compliance.add_whole(kind, header + own - 1));
        assert_eq!(compliance.total(), (0, 0));
        assert!(compliance.add_whole(kind, header + own));
        assert_eq!(compliance.total(), (header + own, header + own));
        assert_eq!(compliance.domains().len(), 2, "the header's and its own");
    }

    #[test]
    fn what_is_lacking_is_told_with_how_often_it_is() {
        let mut compliance = Compliance::default();
        for has_address in [false, true, false] {
            compliance.add_record(&[], has_address);
        }
        let domains = compliance.domains();
        assert_eq!(domains.len(), 1);
        assert_eq!((domains[0].present, domains[0].applicable), (1, 6));
        let lacking = [("Domicilio del paciente".to_owned(), 2), ("Historia clínica".to_owned(), 3)];
        assert_eq!(domains[0].absent, BTreeMap::from(lacking));
    }
}
