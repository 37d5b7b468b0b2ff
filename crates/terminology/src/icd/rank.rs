//! The learned ranker: how probable each code is for a diagnosis as a physician words it.
//!
//! A log-linear model over what can be said of a candidate (`features.rs`), one candidate being "none of these". Its
//! weights are in `catalogs/icd11/ranker.tsv`; `cargo xtask eval icd` measures and makes them.

use super::catalog::EntryKind;
use super::code::{Icd10Code, Icd11Code};
use super::features::{FEATURES, NONE_FEATURES};
use super::index::{Candidate, IcdIndex};
use super::retrieve::Query;
use super::standing::{self, Standing};

/// The weights that ship.
const WEIGHTS: &str = include_str!("../../../../catalogs/icd11/ranker.tsv");

/// Candidates of one diagnosis.
const CANDIDATES: usize = 5;

/// Of one category: five names of the same disease leave no room for another.
const ALIKE: usize = 2;

/// How sure a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// One of several that may be right.
    Usual,
    /// Shown as "alta confianza": at least nine of ten are right, measured on documents the ranker was not taught with.
    High,
}

/// Weights of the model and the scores from which a candidate is shown at all, and as sure.
#[derive(Debug, Clone, Default)]
pub struct Ranker {
    /// One for each of [`FEATURES`].
    pub weights: Vec<f32>,
    /// One for each of [`NONE_FEATURES`].
    pub none: Vec<f32>,
    /// Below it there is no candidate.
    pub least: f32,
    /// From it on a candidate is sure.
    pub sure: f32,
}

/// A code that may be meant, with what can be said of it.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// The ICD-11 code.
    pub code: &'a Icd11Code,
    /// The CIE-10 code beside it.
    pub icd10: Option<Icd10Code>,
    /// Values of [`FEATURES`].
    pub features: Vec<f32>,
    /// Index of the entry.
    pub(crate) entry: u32,
    /// The phrase that speaks most for it.
    pub(crate) phrase: u32,
}

impl Proposal<'_> {
    /// Whether its title or a synonym of this project reads just like the diagnosis.
    fn is_exact(&self) -> bool {
        let value = |name: &str| FEATURES.iter().position(|one| *one == name).map(|at| self.features[at]);
        ["exact_title", "exact_own"].into_iter().any(|name| value(name).is_some_and(|value| value > 0.0))
    }
}

/// All codes that are weighed for a diagnosis.
#[derive(Debug, Default)]
pub struct Considered<'a> {
    /// The codes, in no order.
    pub proposals: Vec<Proposal<'a>>,
    /// Values of [`NONE_FEATURES`].
    pub none: Vec<f32>,
}

fn product(weights: &[f32], values: &[f32]) -> f32 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

impl Ranker {
    /// The ranker that ships; one that knows nothing, should its table be unreadable (a test reads it whole).
    pub(crate) fn core() -> Self {
        Self::from_table(WEIGHTS).unwrap_or_default()
    }

    /// Reads a table with a name and a number in each line: every feature, `least` and `sure`.
    #[must_use]
    pub fn from_table(table: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
            line.and_then(|number| number.parse::<f32>().ok())
        };
        let all = |names: &[&str]| names.iter().map(|name| value(name)).collect::<Option<Vec<f32>>>();
        Some(Self {
            weights: all(&FEATURES)?,
            none: all(&NONE_FEATURES)?,
            least: value("least")?,
            sure: value("sure")?,
        })
    }

    /// How probable each proposal is; what is missing to 1 is the share of "none of these".
    #[must_use]
    pub fn probabilities(&self, considered: &Considered<'_>) -> Vec<f32> {
        let none = product(&self.none, &considered.none);
        let scores: Vec<f32> =
            considered.proposals.iter().map(|p| product(&self.weights, &p.features)).collect();
        let highest = scores.iter().copied().fold(none, f32::max);
        let parts: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
        let whole = parts.iter().sum::<f32>() + (none - highest).exp();
        parts.into_iter().map(|part| part / whole).collect()
    }
}

impl IcdIndex {
    /// The index with another ranker.
    #[must_use]
    pub fn ranked_by(mut self, ranker: Ranker) -> Self {
        self.ranker = ranker;
        self
    }

    /// Ranks the entries for a diagnosis as a physician says it.
    ///
    /// Hedges ("probable", "sospecha de") count nothing; side and degree little. What follows "por" or "secundario a"
    /// counts less than the disease itself. What was ruled out, is over or is a relative's is coded as that and not as
    /// the disease. The words of `context` (the sentence or the note) help to decide between candidates. At most five,
    /// the best first, and none when nothing is likely enough.
    #[must_use]
    pub fn code(&self, mention: &str, context: Option<&str>) -> Vec<Candidate<'_>> {
        self.code_standing(mention, Standing::Present, context)
    }

    /// The same for a diagnosis of which it is known how it stands, where its words do not say it themselves.
    #[must_use]
    pub fn code_standing(&self, mention: &str, known: Standing, context: Option<&str>) -> Vec<Candidate<'_>> {
        let by_code = self.search_code(mention, CANDIDATES);
        if !by_code.is_empty() {
            return by_code;
        }
        let (said, name) = standing::read(mention);
        let standing = if said == Standing::Present { known } else { said };
        let codes = match standing {
            Standing::Present | Standing::Suspected => return self.disease(mention, context, standing),
            Standing::RuledOut => standing::RULED_OUT,
            Standing::History => standing::HISTORY,
            Standing::Family => standing::FAMILY,
        };
        // Where the tables know the whole wording ("antecedente de cáncer de mama"), nothing is derived.
        let whole = self.disease(mention, context, standing);
        let known =
            |c: &Candidate<'_>| c.entry.kind() == EntryKind::Contact && c.confidence == Confidence::High;
        if whole.first().is_some_and(known) {
            return whole;
        }
        let found = self.disease(mention.get(name).unwrap_or_default(), context, standing);
        let Some(first) = found.first() else { return Vec::new() };
        let keeps = standing == Standing::History;
        let lasts = keeps && !first.entry.code.as_str().starts_with(['1', '2']);
        let instead =
            self.lookup(standing::stands_for(codes, first.entry.code.as_str())).map(|entry| Candidate {
                entry,
                icd10: entry.icd10.first().copied(),
                matched: &entry.title,
                score: if lasts { first.score / 2.0 } else { first.score },
                confidence: if lasts { Confidence::Usual } else { first.confidence },
                ..first.clone()
            });
        let contact = |c: &Candidate<'_>| c.entry.kind() == EntryKind::Contact;
        let mut all: Vec<Candidate<'_>> =
            if keeps { found } else { whole.into_iter().filter(contact).collect() };
        if let Some(instead) = instead {
            all.retain(|other| other.entry.code != instead.entry.code);
            all.insert(usize::from(lasts).min(all.len()), instead);
        }
        all.truncate(CANDIDATES);
        all
    }

    /// Ranks the entries for the name of a disease.
    fn disease(&self, mention: &str, context: Option<&str>, standing: Standing) -> Vec<Candidate<'_>> {
        let query = self.query(mention, false);
        let considered = self.considered_for(&query, context);
        let mut found = self.best(mention, &query, &considered);
        found.iter_mut().for_each(|candidate| candidate.standing = standing);
        found
    }

    /// The best entries of those considered.
    fn best(&self, mention: &str, query: &Query, considered: &Considered<'_>) -> Vec<Candidate<'_>> {
        // By entry: what its groups have together, and the best of them.
        let mut entries: Vec<(u32, f32, f32, u32)> = Vec::new();
        for (proposal, share) in considered.proposals.iter().zip(self.ranker.probabilities(considered)) {
            match entries.iter_mut().find(|(entry, ..)| *entry == proposal.entry) {
                Some((_, sum, best, phrase)) => {
                    *sum += share;
                    if share > *best {
                        (*best, *phrase) = (share, proposal.phrase);
                    }
                }
                None => entries.push((proposal.entry, share, share, proposal.phrase)),
            }
        }
        entries.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if entries.first().is_none_or(|(_, score, ..)| *score < self.ranker.least) {
            return Vec::new();
        }
        let mut shown: Vec<u32> = Vec::new();
        entries.retain(|(entry, ..)| {
            let category = self.category_of[*entry as usize];
            let room = shown.iter().filter(|other| **other == category).count() < ALIKE;
            shown.extend(room.then_some(category));
            room
        });
        entries.truncate(CANDIDATES);
        let sure = |score: f32| if score >= self.ranker.sure { Confidence::High } else { Confidence::Usual };
        let candidate = |(entry, score, _, phrase): (u32, f32, f32, u32)| {
            (entry, self.candidate(mention, query, phrase, score.min(1.0), sure(score)))
        };
        let mut found: Vec<(u32, Candidate<'_>)> = entries.into_iter().map(candidate).collect();
        let exact = considered.proposals.iter().filter(|proposal| proposal.is_exact());
        let exact: Vec<u32> = exact.map(|proposal| proposal.entry).collect();
        self.settle(mention, query, &exact, &mut found);
        found.truncate(CANDIDATES);
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }
}
