//! What can be said of a code that may be meant: the values the ranker weighs.

use super::catalog::EntryKind;
use super::code::Icd10Code;
use super::index::{IcdIndex, Phrase, spoken_title};
use super::rank::{Considered, Proposal};
use super::retrieve::{Hit, Query};
use super::words::{Strength, for_each_word, strength, words};

/// Names of the values of a proposal, in their order.
pub const FEATURES: [&str; 38] = [
    "agree",
    "agree_title",
    "agree_own",
    "agree_seen",
    "agree_high",
    "exact_title",
    "exact_own",
    "exact_seen_share",
    "exact_seen_often",
    "covers_query",
    "covers_phrase",
    "vote",
    "vote_log",
    "category_seen",
    "group_seen",
    "daily",
    "usual",
    "rest_z",
    "rest_y",
    "symptom",
    "injury",
    "cause",
    "contact",
    "neoplasm",
    "head",
    "phrase_head",
    "letters",
    "weak_agree",
    "weak_extra",
    "weak_missing",
    "full_extra",
    "full_missing",
    "opposite",
    "first_icd10",
    "context",
    "vote_group",
    "vote_covers",
    "near",
];

/// Names of the values of "none of these".
pub const NONE_FEATURES: [&str; 5] = ["none", "none_agree", "none_unknown", "none_short", "none_exact"];

/// Phrases looked at, the most alike first.
const PHRASES: usize = 150;
/// The nearest of them: what most of them are is likely.
const NEAR: usize = 12;

/// What the phrases of a group have in common with the query.
struct Grouped {
    group: u32,
    best: Hit,
    key: f32,
    title: f32,
    own: f32,
    seen: f32,
    exact_title: bool,
    exact_own: bool,
    exact_seen: u32,
}

/// Words of the context that tell something apart.
struct Context(Vec<u32>);

impl IcdIndex {
    /// All codes that are weighed for a diagnosis, with what the ranker is told of them.
    #[must_use]
    pub fn considered(&self, mention: &str, context: Option<&str>) -> Considered<'_> {
        self.considered_for(&self.query(mention, false), context)
    }

    pub(crate) fn considered_for(&self, query: &Query, context: Option<&str>) -> Considered<'_> {
        let mut hits = self.hits(query);
        let votes = self.votes(query);
        let vote = |hit: &Hit| {
            let entry = self.phrases[hit.phrase as usize].naming.entry;
            hit.agreement + 0.3 * votes.mean(self.category_of[entry as usize])
        };
        let mut ranked: Vec<(f32, Hit)> = hits.drain(..).map(|hit| (vote(&hit), hit)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.phrase.cmp(&b.1.phrase)));
        ranked.truncate(PHRASES);
        let near: Vec<u32> = ranked
            .iter()
            .take(NEAR)
            .map(|(_, hit)| self.phrases[hit.phrase as usize].naming.entry)
            .map(|entry| self.category_of[entry as usize])
            .collect();
        let groups = self.grouped(query, ranked.into_iter().map(|(_, hit)| hit));
        let all_seen: u32 = groups.iter().map(|g| g.exact_seen).sum();
        let context = context.map(|text| self.context(text));
        let proposals = groups
            .iter()
            .map(|group| self.proposal(query, group, all_seen, &votes, &near, context.as_ref()))
            .collect();
        Considered { proposals, none: none_features(query, &groups) }
    }

    /// Puts the hits of one group together.
    fn grouped(&self, query: &Query, hits: impl Iterator<Item = Hit>) -> Vec<Grouped> {
        let mut groups: Vec<Grouped> = Vec::new();
        for hit in hits {
            let phrase = &self.phrases[hit.phrase as usize];
            let naming = &phrase.naming;
            let exact = hit.agreement > 0.6
                && crate::fold::fold(if naming.is_title { spoken_title(&naming.text) } else { &naming.text })
                    == query.written;
            let key = hit.agreement + if exact { 0.1 } else { 0.0 };
            let at = groups.iter().position(|g| g.group == phrase.group).unwrap_or_else(|| {
                groups.push(Grouped {
                    group: phrase.group,
                    best: hit,
                    key,
                    title: 0.0,
                    own: 0.0,
                    seen: 0.0,
                    exact_title: false,
                    exact_own: false,
                    exact_seen: 0,
                });
                groups.len() - 1
            });
            let group = &mut groups[at];
            if key > group.key {
                (group.best, group.key) = (hit, key);
            }
            if naming.is_title {
                group.title = group.title.max(hit.agreement);
                group.exact_title |= exact;
            } else if naming.seen == 0 {
                group.own = group.own.max(hit.agreement);
                group.exact_own |= exact;
            } else {
                group.seen = group.seen.max(hit.agreement);
                group.exact_seen += if exact { naming.seen } else { 0 };
            }
        }
        groups
    }

    fn proposal(
        &self,
        query: &Query,
        found: &Grouped,
        all_seen: u32,
        votes: &Votes,
        near: &[u32],
        context: Option<&Context>,
    ) -> Proposal<'_> {
        let group = &self.groups[found.group as usize];
        let phrase = &self.phrases[found.best.phrase as usize];
        let entry = self.entry(group.entry);
        let category = self.category_of[group.entry as usize];
        let flag = |yes: bool| f32::from(u8::from(yes));
        let code = entry.code.as_str();
        let kind = entry.kind();
        let words = self.compare(query, phrase);
        let icd10 = phrase.naming.icd10.or(group.icd10);
        let best = found.best;
        let often = |n: u32| (n as f32).ln_1p();
        let features = vec![
            best.agreement,
            found.title,
            found.own,
            found.seen,
            best.agreement.powi(4),
            flag(found.exact_title),
            flag(found.exact_own),
            found.exact_seen as f32 / (all_seen as f32 + 0.5),
            often(found.exact_seen),
            best.query,
            best.covered,
            votes.mean(category),
            votes.log(category),
            often(self.category_seen[category as usize]),
            often(group.seen),
            flag(entry.rank <= 1),
            flag(entry.rank == 2),
            flag(code.ends_with('Z')),
            flag(code.ends_with('Y') || entry.title.starts_with("Otr")),
            flag(kind == EntryKind::Symptom),
            flag(kind == EntryKind::Injury),
            flag(kind == EntryKind::ExternalCause),
            flag(kind == EntryKind::Contact),
            flag(code.starts_with('2')),
            words.head,
            words.phrase_head,
            letters_in_common(&query.written, &crate::fold::fold(&phrase.naming.text)),
            words.weak_agree,
            words.weak_extra,
            words.weak_missing,
            words.full_extra,
            words.full_missing,
            words.opposite,
            flag(entry.icd10.first().map(Icd10Code::category) == icd10.as_ref().map(Icd10Code::category)),
            context.map_or(0.0, |context| self.told_by(context, query, &entry.title)),
            votes.mean_group(found.group),
            votes.covers[category as usize] / votes.weight,
            near.iter().filter(|near| **near == category).count() as f32 / NEAR as f32,
        ];
        Proposal { code: &entry.code, icd10, features, entry: group.entry, phrase: best.phrase }
    }

    /// Compares the words of the query with those of a phrase.
    fn compare(&self, query: &Query, phrase: &Phrase) -> Compared {
        let tokens = &self.pool[phrase.tokens.clone()];
        let terms: Vec<u32> = tokens.iter().map(|t| self.vocabulary.canonical(t.stem)).collect();
        let mut said: Vec<u32> = Vec::new();
        let mut out = Compared::default();
        let mut head_open = true;
        for word in &query.words {
            let found = word.alike.iter().any(|(term, _)| terms.contains(term));
            said.extend(word.alike.first().filter(|(_, likeness)| *likeness > 0.8).map(|(term, _)| *term));
            match (word.strength, found) {
                (Strength::Full, true) if head_open => out.head = 1.0,
                (Strength::Full, false) => out.full_missing += 1.0,
                (Strength::Weak, true) => out.weak_agree += 1.0,
                (Strength::Weak, false) => out.weak_missing += 1.0,
                _ => {}
            }
            head_open = head_open && word.strength != Strength::Full;
        }
        let mut phrase_head_open = true;
        for (token, term) in tokens.iter().zip(&terms) {
            let found = query.words.iter().any(|word| word.alike.iter().any(|(alike, _)| alike == term));
            match (token.strength, found) {
                (Strength::Full, true) if phrase_head_open => out.phrase_head = 1.0,
                (Strength::Full, false) => out.full_extra += 1.0,
                (Strength::Weak, false) => out.weak_extra += 1.0,
                _ => {}
            }
            phrase_head_open = phrase_head_open && token.strength != Strength::Full;
        }
        out.opposite = self.opposites.between(&said, &terms) as f32;
        for count in [&mut out.full_missing, &mut out.weak_missing, &mut out.full_extra, &mut out.weak_extra]
        {
            *count = count.min(4.0);
        }
        out
    }

    /// The words of a context that name something.
    fn context(&self, text: &str) -> Context {
        let mut terms: Vec<u32> = words(text)
            .iter()
            .take(400)
            .filter(|word| strength(&word.folded) == Strength::Full)
            .filter_map(|word| self.vocabulary.find(&word.folded))
            .map(|id| self.vocabulary.canonical(id))
            .collect();
        terms.sort_unstable();
        terms.dedup();
        Context(terms)
    }

    /// Share of the words of a title, by rarity, that the context has and the query does not.
    fn told_by(&self, context: &Context, query: &Query, title: &str) -> f32 {
        let (mut shared, mut all) = (0.0, 0.0);
        for_each_word(title, |folded, _| {
            if strength(folded) == Strength::Full
                && let Some(id) = self.vocabulary.find(folded)
            {
                let term = self.vocabulary.canonical(id);
                let rarity = self.rarity(self.vocabulary.terms[term as usize].entries);
                all += rarity;
                let said = query.words.iter().any(|word| word.alike.iter().any(|(alike, _)| *alike == term));
                if !said && context.0.binary_search(&term).is_ok() {
                    shared += rarity;
                }
            }
        });
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// What each word of the query was seen to mean.
    fn votes(&self, query: &Query) -> Votes {
        let mut votes = Votes {
            sums: vec![0.0; self.category_seen.len()],
            groups: vec![0.0; self.groups.len()],
            logs: vec![0.0; self.category_seen.len()],
            covers: vec![0.0; self.category_seen.len()],
            weight: 0.001,
        };
        let mut now = vec![0.0f32; self.category_seen.len()];
        for word in &query.words {
            let Some(&(term, likeness)) = word.alike.first() else { continue };
            if likeness < 0.5 || word.strength == Strength::Hedge {
                continue;
            }
            let mass = self.term_mass[term as usize] + 1.0;
            let mut touched: Vec<u32> = Vec::new();
            for &(phrase, _) in &self.postings[term as usize] {
                let phrase = &self.phrases[phrase as usize];
                let category = self.category_of[phrase.naming.entry as usize];
                if now[category as usize] == 0.0 {
                    touched.push(category);
                }
                let share = phrase.naming.mass() / mass;
                now[category as usize] += share;
                votes.groups[phrase.group as usize] += share * word.weight;
            }
            votes.weight += word.weight;
            for category in touched {
                let share = std::mem::take(&mut now[category as usize]);
                votes.sums[category as usize] += word.weight * share;
                votes.covers[category as usize] += word.weight;
                votes.logs[category as usize] += word.weight * (share / 0.002).ln_1p();
            }
        }
        votes
    }
}

/// What the words of a query were seen to mean, together.
struct Votes {
    sums: Vec<f32>,
    logs: Vec<f32>,
    covers: Vec<f32>,
    groups: Vec<f32>,
    weight: f32,
}

impl Votes {
    fn mean(&self, category: u32) -> f32 {
        self.sums[category as usize] / self.weight
    }

    fn log(&self, category: u32) -> f32 {
        self.logs[category as usize] / self.weight
    }

    fn mean_group(&self, group: u32) -> f32 {
        self.groups[group as usize] / self.weight
    }
}

/// How the words of a query and of a phrase compare.
#[derive(Default)]
struct Compared {
    head: f32,
    phrase_head: f32,
    weak_agree: f32,
    weak_extra: f32,
    weak_missing: f32,
    full_extra: f32,
    full_missing: f32,
    opposite: f32,
}

fn none_features(query: &Query, groups: &[Grouped]) -> Vec<f32> {
    let best = groups.iter().map(|g| g.best.agreement).fold(0.0, f32::max);
    let unknown: f32 = query.words.iter().filter(|w| w.alike.is_empty()).map(|w| w.weight).sum();
    let exact = groups.iter().any(|g| g.exact_own || g.exact_title || g.exact_seen > 0);
    vec![
        1.0,
        best,
        unknown / query.total.max(0.001),
        f32::from(u8::from(query.words.len() <= 1)),
        f32::from(u8::from(exact)),
    ]
}

/// Share of groups of three letters that two folded texts have in common (Dice).
fn letters_in_common(a: &str, b: &str) -> f32 {
    let threes = |text: &str| {
        let bytes = text.as_bytes();
        let mut all: Vec<[u8; 3]> = bytes.windows(3).filter_map(|w| w.try_into().ok()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (a, b) = (threes(a), threes(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let shared = a.iter().filter(|three| b.binary_search(three).is_ok()).count();
    2.0 * shared as f32 / (a.len() + b.len()) as f32
}
