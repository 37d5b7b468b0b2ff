//! Of the codes that may be meant, the one that says as much as the physician did: acute or chronic, which stage, with or
//! without a complication.
//!
//! The ranker finds the disease. Here titles are compared word by word with what was said: a code whose title says the
//! opposite gives way, and one of the same category whose further words were all said comes first.

use super::index::{Candidate, IcdIndex};
use super::query::Vocabulary;
use super::rank::Confidence;
use super::retrieve::Query;
use super::words::{Strength, strength, words};

/// Whether a word is said to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Polarity {
    /// "Con choque".
    Yes,
    /// "Sin choque".
    No,
    /// "Con o sin choque".
    Either,
}

impl Polarity {
    fn against(self, other: Self) -> bool {
        matches!((self, other), (Self::Yes, Self::No) | (Self::No, Self::Yes))
    }
}

/// Words of a title that tell no code from another.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "clase", "clasificada", "clasificado", "enfermedad", "enfermedades", "estadio", "etapa", "grado", "insuficiencia",
    "localizacion", "mencion", "otra", "otras", "otro", "otros", "parte", "segmento", "sitio", "trastorno", "trastornos",
];

/// Ways of saying a number of order, each before the number.
#[rustfmt::skip]
const NUMBERS: &[(&str, &str)] = &[
    ("cuarta", "4"), ("cuarto", "4"), ("g1", "1"), ("g2", "2"), ("g3", "3"), ("g3a", "3a"), ("g3b", "3b"), ("g4", "4"),
    ("g5", "5"), ("i", "1"), ("ii", "2"), ("iii", "3"), ("iiia", "3a"), ("iiib", "3b"), ("iv", "4"), ("primer", "1"),
    ("primera", "1"), ("primero", "1"), ("quinto", "5"), ("segunda", "2"), ("segundo", "2"), ("tercer", "3"),
    ("tercera", "3"), ("tercero", "3"), ("v", "5"),
];

/// A word as another way of saying the same number.
fn number(folded: &str) -> Option<&'static str> {
    NUMBERS.binary_search_by_key(&folded, |(word, _)| word).ok().map(|at| NUMBERS[at].1)
}

/// How alike a word that was said has to be to one of a title.
const ALIKE: f32 = 0.86;

/// The words of a text that tell something apart, each with whether it is so and where it stands.
fn told(text: &str) -> Vec<(String, Polarity, std::ops::Range<usize>)> {
    let (mut polarity, mut once) = (Polarity::Yes, false);
    let mut before: [String; 2] = Default::default();
    let mut end = 0;
    let mut out = Vec::new();
    for word in words(text) {
        if text.get(end..word.range.start).is_some_and(|gap| gap.contains([',', ';', '.', ':', '('])) {
            polarity = Polarity::Yes;
        }
        end = word.range.end;
        let folded = word.folded.as_str();
        match folded {
            "sin" if before[1] == "o" && before[0] == "con" => polarity = Polarity::Either,
            "sin" | "excepto" | "salvo" => polarity = Polarity::No,
            "con" | "pero" => polarity = Polarity::Yes,
            "no" => once = true,
            _ if GENERIC.binary_search(&folded).is_ok() => {}
            _ if number(folded).is_none()
                && matches!(strength(folded), Strength::Empty | Strength::Hedge) => {}
            _ => {
                let here = if std::mem::take(&mut once) { Polarity::No } else { polarity };
                out.push((word.folded.clone(), here, word.range));
            }
        }
        before = [std::mem::take(&mut before[1]), word.folded];
    }
    out
}

/// What a title says, in terms of the vocabulary.
pub(crate) fn qualities(vocabulary: &Vocabulary, title: &str) -> Box<[(u32, Polarity)]> {
    let term = |folded: &str| {
        let id = vocabulary.find(number(folded).unwrap_or(folded))?;
        Some(vocabulary.canonical(id))
    };
    told(title).into_iter().filter_map(|(folded, polarity, _)| Some((term(&folded)?, polarity))).collect()
}

/// What was said: for each word the terms it may stand for.
pub(crate) struct Said(Vec<(Vec<u32>, Polarity)>);

impl Said {
    fn polarity(&self, term: u32) -> Option<Polarity> {
        self.0.iter().find(|(terms, _)| terms.contains(&term)).map(|(_, polarity)| *polarity)
    }

    /// Whether a title says of something that it is so where the physician says it is not, or the other way round.
    fn against(&self, title: &[(u32, Polarity)]) -> bool {
        title.iter().any(|(term, polarity)| self.polarity(*term).is_some_and(|said| said.against(*polarity)))
    }

    fn has(&self, (term, polarity): &(u32, Polarity)) -> bool {
        self.polarity(*term).is_some_and(|said| !said.against(*polarity))
    }

    /// Whether a title has any of the words that were said.
    fn covers(&self, title: &[(u32, Polarity)]) -> bool {
        title.iter().any(|quality| self.has(quality))
    }
}

impl IcdIndex {
    /// What was said, with the terms the query found for each word.
    pub(crate) fn said(&self, mention: &str, query: &Query) -> Said {
        let terms = |folded: &str, range: std::ops::Range<usize>| -> Vec<u32> {
            if let Some(id) = number(folded).and_then(|number| self.vocabulary.find(number)) {
                return vec![self.vocabulary.canonical(id)];
            }
            let word = query.words.iter().find(|word| word.range == range);
            let alike = word.into_iter().flat_map(|word| &word.alike);
            alike.filter(|(_, likeness)| *likeness >= ALIKE).map(|(term, _)| *term).collect()
        };
        let told = told(mention).into_iter();
        Said(told.map(|(folded, polarity, range)| (terms(&folded, range), polarity)).collect())
    }

    fn contradicts(&self, said: &Said, entry: u32) -> bool {
        let title = &self.qualities[entry as usize];
        let so = |list: &mut dyn Iterator<Item = (u32, Polarity)>| -> Vec<u32> {
            list.filter(|(_, polarity)| *polarity == Polarity::Yes).map(|(term, _)| term).collect()
        };
        let mut told = said.0.iter().filter_map(|(terms, polarity)| Some((*terms.first()?, *polarity)));
        let (told, titled) = (so(&mut told), so(&mut title.iter().copied()));
        said.against(title) || self.opposites.between(&told, &titled) > 0
    }

    /// The codes of the category of an entry.
    fn siblings(&self, entry: u32) -> std::ops::Range<u32> {
        let category = self.category_of[entry as usize];
        let same = |at: &u32| self.category_of.get(*at as usize) == Some(&category);
        let first = (0..entry).rev().take_while(same).last().unwrap_or(entry);
        let last = (entry..).take_while(same).last().unwrap_or(entry);
        first..last + 1
    }

    /// The code of the same category whose further words were all said; where the first says the opposite of what was
    /// said, any that does not.
    fn more_specific(&self, said: &Said, entry: u32, wrong: bool) -> Option<u32> {
        let own = &self.qualities[entry as usize];
        let mut best: Option<(usize, u32)> = None;
        for other in self.siblings(entry).filter(|other| *other != entry) {
            let title = &self.qualities[other as usize];
            let code = self.entry(other).code.as_str();
            if title.is_empty() || code.ends_with('Y') || self.contradicts(said, other) {
                continue;
            }
            let further = title.iter().filter(|quality| !own.contains(quality));
            let further: Vec<_> = further.filter(|(_, polarity)| *polarity != Polarity::Either).collect();
            let lost = own.iter().filter(|quality| !title.contains(quality)).any(|quality| said.has(quality));
            if lost || !further.iter().all(|quality| said.has(quality)) || (further.is_empty() && !wrong) {
                continue;
            }
            if best.is_none_or(|(most, _)| further.len() > most) {
                best = Some((further.len(), other));
            }
        }
        best.map(|(_, other)| other)
    }

    /// Puts first the candidate that says as much as was said, and none that says the opposite. `exact` are the entries
    /// that a title or a synonym of this project names in just these words.
    pub(crate) fn settle<'a>(
        &'a self,
        mention: &str,
        query: &Query,
        exact: &[u32],
        found: &mut Vec<(u32, Candidate<'a>)>,
    ) {
        let Some((entry, first)) = found.first() else { return };
        if exact.contains(entry) {
            return;
        }
        let said = self.said(mention, query);
        let wrong = self.contradicts(&said, *entry);
        let named = || exact.iter().copied().find(|other| self.siblings(*entry).contains(other));
        if let Some(other) = named().or_else(|| self.more_specific(&said, *entry, wrong)) {
            let better = self.entry(other);
            let icd10 = first.icd10.filter(|code| better.icd10.contains(code) || better.icd10.is_empty());
            let candidate = Candidate {
                entry: better,
                icd10: icd10.or_else(|| better.icd10.first().copied()),
                matched: &better.title,
                ..first.clone()
            };
            found.retain(|(known, _)| *known != other);
            found.insert(0, (other, candidate));
        } else if wrong {
            let agrees = |other: &(u32, Candidate<'_>)| {
                said.covers(&self.qualities[other.0 as usize]) && !self.contradicts(&said, other.0)
            };
            let Some(at) = found.iter().skip(1).position(agrees).map(|at| at + 1) else { return };
            let (score, mut other) = (first.score, found.remove(at));
            (other.1.score, other.1.confidence) = (score, Confidence::Usual);
            found.insert(0, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GENERIC, NUMBERS};
    use crate::icd::IcdIndex;

    #[test]
    fn the_lists_are_in_order_for_the_binary_search() {
        assert!(GENERIC.is_sorted() && NUMBERS.is_sorted());
    }

    /// Diagnoses with what makes them precise, and the beginning of the code that says as much.
    const CASES: &str = include_str!("../../../../testdata/cie11/precisas.tsv");

    #[test]
    fn acuity_stage_type_trimester_and_complication_choose_the_more_specific_code() {
        let mut wrong = Vec::new();
        let cases: Vec<(&str, &str)> =
            CASES.lines().skip(1).filter_map(|line| line.split_once('\t')).collect();
        assert!(cases.len() >= 120, "{}", cases.len());
        for (mention, expected) in cases {
            let found = IcdIndex::core().code(mention, None);
            let first = found.first().map_or("", |one| one.entry.code.as_str());
            if !expected.split('|').any(|code| first.starts_with(code)) {
                wrong.push(format!("{mention}: {first} and not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
