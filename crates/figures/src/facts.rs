//! What is counted of one signed document. A signed document never changes, so its facts are read once.

use std::collections::{BTreeSet, HashMap};

use clinical::condition::Certainty;
use clinical::document::{DocumentBody, DocumentContent};
use clinical::draft::Origin;
use clinical::ids::PractitionerId;
use clinical::medication::MedicationRequest;
use nom004::Compliance;

/// The facts of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Who made it.
    pub author: PractitionerId,
    /// Elements the norm asks for that are there, and that apply (NOM-004, Appendix A).
    pub compliance: (i64, i64),
    /// Where its words came from.
    pub words: Words,
    /// The diagnoses it states, each once.
    pub diagnoses: Vec<Diagnosis>,
    /// The medicines of a receta by their generic name, each once; `None` for what is no receta.
    pub prescribed: Option<Vec<String>>,
}

/// Words of a note by where they came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words {
    /// Typed by a person.
    pub written: i64,
    /// Proposed from what was said and left as they were.
    pub accepted: i64,
}

/// A diagnosis that was stated, as a fact or as probable; what was ruled out is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its confirmed ICD-11 code; empty where nobody confirmed one.
    pub code: String,
    /// WHO's title of the code; empty without one.
    pub title: String,
    /// The CIE-10 code beside it.
    pub icd10: Option<String>,
    /// Key of the disease under epidemiological surveillance it is.
    pub epi: Option<u16>,
    /// Probable, under study.
    pub suspected: bool,
}

impl DocumentFacts {
    /// Reads a document.
    #[must_use]
    pub fn of(content: &DocumentContent) -> Self {
        let mut compliance = Compliance::default();
        compliance.add(content);
        let (present, applicable) = compliance.total();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Self {
            author: content.author.id,
            compliance: (count(present), count(applicable)),
            words: words(&content.body),
            diagnoses: diagnoses(&content.body),
            prescribed: match &content.body {
                DocumentBody::Prescription { medication_requests, .. } => Some(names(medication_requests)),
                _ => None,
            },
        }
    }
}

fn names(requests: &[MedicationRequest]) -> Vec<String> {
    let names: BTreeSet<String> = requests.iter().map(|line| medicine_key(&line.medicine)).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// The name of a medicine as it is counted: small letters, single spaces.
#[must_use]
pub fn medicine_key(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn diagnoses(body: &DocumentBody) -> Vec<Diagnosis> {
    let DocumentBody::Note { conditions, .. } = body else { return Vec::new() };
    let mut found: Vec<Diagnosis> = Vec::new();
    for condition in conditions.iter().filter(|condition| condition.certainty != Certainty::RuledOut) {
        let code = condition.code.as_ref();
        let diagnosis = Diagnosis {
            code: code.map(|code| code.icd11.clone()).unwrap_or_default(),
            title: code.map(|code| code.title.clone()).unwrap_or_default(),
            epi: code
                .and_then(|code| crate::epidemiology::of_code(code.icd10.as_deref()?))
                .map(|one| one.epi),
            icd10: code.and_then(|code| code.icd10.clone()),
            suspected: condition.certainty == Certainty::Suspected,
        };
        if !found.iter().any(|other| other.code == diagnosis.code) {
            found.push(diagnosis);
        }
    }
    found
}

/// Words of the sections and of an addendum. What was changed in a proposed sentence counts word by word: those that
/// stayed as accepted, the others as written.
fn words(body: &DocumentBody) -> Words {
    let sections = match body {
        DocumentBody::Note { sections, .. } => sections,
        DocumentBody::Addendum { text, .. } => return Words { written: number_of_words(text), accepted: 0 },
        DocumentBody::Prescription { .. } => return Words::default(),
    };
    let mut words = Words::default();
    for item in sections.iter().flat_map(|section| &section.items) {
        let all = number_of_words(&item.text);
        let kept = match &item.origin {
            Origin::Proposed => all,
            Origin::Written => 0,
            Origin::Edited { original } => kept_words(original, &item.text),
        };
        words.accepted += kept;
        words.written += all - kept;
    }
    words
}

fn number_of_words(text: &str) -> i64 {
    i64::try_from(text.split_whitespace().count()).unwrap_or(i64::MAX)
}

/// How many words of `text` were in `original`, each as often as it was there.
fn kept_words(original: &str, text: &str) -> i64 {
    let mut there: HashMap<&str, i64> = HashMap::new();
    for word in original.split_whitespace() {
        *there.entry(word).or_default() += 1;
    }
    let mut kept = 0;
    for word in text.split_whitespace() {
        if let Some(left) = there.get_mut(word).filter(|left| **left > 0) {
            *left -= 1;
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_changed_sentence_only_the_new_words_were_typed() {
        assert_eq!(kept_words("Refiere dolor de cabeza.", "Refiere dolor intenso de cabeza."), 4);
        assert_eq!(kept_words("no no", "no"), 1);
        assert_eq!(kept_words("no", "no no no"), 1);
    }

    #[test]
    fn a_medicine_is_counted_under_one_name_however_it_was_typed() {
        assert_eq!(medicine_key("  Ácido  Acetilsalicílico "), "ácido acetilsalicílico");
    }
}
