//! From facts to sentences about topics, each with the words it rests on; any document takes from them what it speaks of.
//!
//! Every sentence passes the guard; what does not becomes a doubt. What nobody said is not written. The order of a
//! document is that of its definition (crate `nom004`).

mod evolution;
mod manner;
mod objective;
mod problems;
mod sentences;
mod treatment;

pub(crate) use sentences::capital;

use std::collections::{HashMap, HashSet};

use clinical::condition::{Certainty as ConditionCertainty, ConditionEntry};
use clinical::draft::{Doubt, DraftItem, DraftNote, ItemContent, Notice, Origin, Review, SectionId};
use clinical::ids::ItemId;
use clinical::observation::{Amount, VitalKind, VitalSign};
use clinical::preference::Manner;
use clinical::transcript::{Evidence, Transcript};
use nom004::{DocumentDefinition, Topic};

use crate::facts::{Certainty, ClinicalFact, FactKind};
use crate::guard::{Guard, Verdict};
use crate::heard::Talk;
use crate::scene::Scene;
use crate::style::{self, Order, Style};
use manner::Join;
use sentences::Series;

/// What the scribe understood of a consultation and can say of it in any document.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The sentences the guard supports.
    sentences: Vec<Sentence>,
    /// What was heard and could not be supported, with the reason.
    unsupported: Vec<(Sentence, &'static str)>,
    /// What of the conversation was not used.
    pub notices: Vec<Notice>,
    /// Which topics come before others.
    orders: Vec<Order>,
    /// How its documents are written as a whole.
    manner: Manner,
    /// Sentences that say what several say.
    joins: Vec<Join>,
    /// The facts the sentences were composed from.
    pub facts: Vec<ClinicalFact>,
}

/// What is said about one topic, with the words it rests on.
#[derive(Debug, Clone)]
struct Sentence {
    topic: Topic,
    /// The region of the body it begins with, where its section is not of that region alone.
    heading: Option<&'static str>,
    content: ItemContent,
    /// As it was composed, where a physician's own words stand in its place.
    plain: Option<String>,
    /// Its parts, where it can be joined to others.
    series: Option<Series>,
    /// Signs of which none stands out.
    unremarkable: bool,
    evidence: Vec<Evidence>,
}

impl Sentence {
    fn new(topic: Topic, content: ItemContent) -> Self {
        Self {
            topic,
            heading: None,
            content,
            plain: None,
            series: None,
            unremarkable: false,
            evidence: Vec::new(),
        }
    }

    /// Whether the guard finds all of it in the turns it cites.
    fn is_supported(&self, guard: &mut Guard<'_>) -> bool {
        guard.check(&self.content.text(), &turns(&self.evidence)).supported
    }

    /// What it says in a section of a document, and what it would say without the physician's own words.
    fn content(&self, document: &DocumentDefinition, section: &SectionId) -> (ItemContent, Option<String>) {
        let of_its_own = document.section(section).is_some_and(|section| section.hears == [self.topic]);
        let heading = self.heading.filter(|_| !of_its_own);
        let headed = |text: &String| match heading {
            Some(heading) => format!("{heading}: {}", sentences::lower(text)),
            None => text.clone(),
        };
        let content = match &self.content {
            ItemContent::Statement { text } => ItemContent::Statement { text: headed(text) },
            content => content.clone(),
        };
        (content, self.plain.as_ref().map(headed))
    }

    /// Puts the physician's own words into it where the guard allows.
    fn reword(&mut self, guard: &mut Guard<'_>, style: &Style) {
        let ItemContent::Statement { text } = &mut self.content else { return };
        let turns = turns(&self.evidence);
        if let Some(written) = style.reword(text, |next| guard.check(next, &turns).supported) {
            self.plain = Some(std::mem::replace(text, written));
        }
    }

    /// Where it belongs in a document; nowhere when the document does not speak of it.
    fn section(&self, document: &DocumentDefinition) -> Option<SectionId> {
        match &self.content {
            ItemContent::VitalSign(sign) => {
                document.measures(sign.kind).or_else(|| document.hears(Topic::Examination))
            }
            _ => document.hears(self.topic),
        }
    }
}

impl Draft {
    /// Written as a physician likes it; `before` is how the document was written that it will take the place of.
    pub(crate) fn in_style(mut self, scene: &Scene<'_>, style: &Style, before: Manner) -> Self {
        let mut guard = Guard::new(scene);
        self.manner = style.manner;
        if style.manner == Manner::ByProblem {
            self.sentences = manner::by_problem(scene, self.sentences, &mut guard);
        }
        if [style.manner, before].contains(&Manner::Brief) {
            self.joins = manner::joins(&self.sentences, &mut guard);
        }
        let joined = self.joins.iter_mut().map(|join| &mut join.sentence);
        for sentence in self.sentences.iter_mut().chain(joined) {
            sentence.reword(&mut guard, style);
        }
        self.orders.clone_from(&style.orders);
        self
    }

    /// The draft of a document: what the consultation says about each of its sections, in their order, all to be reviewed.
    /// What nobody said leaves its section empty.
    #[must_use]
    pub fn note(&self, document: &DocumentDefinition) -> DraftNote {
        let mut note = DraftNote { manner: self.manner, ..DraftNote::new(document.kind) };
        for (section, sentence) in self.proposed(document, |_, _| false) {
            let (content, plain) = sentence.content(document, &section);
            let item = item(section, content, &sentence.evidence, note.items.len());
            note.items.push(DraftItem { plain, ..item });
        }
        style::arrange(&mut note.items, &self.orders);
        note.doubts = self
            .unsupported
            .iter()
            .filter_map(|(sentence, reason)| {
                Some(Doubt {
                    text: sentence.content.text(),
                    reason: (*reason).to_owned(),
                    section: sentence.section(document)?,
                    evidence: sentence.evidence.clone(),
                })
            })
            .collect();
        note.notices.clone_from(&self.notices);
        note
    }

    /// The draft of the same document written again: what the physician decided about or wrote stays as it is and is not
    /// proposed once more; doubts they answered stay answered.
    pub(crate) fn note_beside(&self, old: &DraftNote) -> DraftNote {
        let document = nom004::extended(old.kind, old.template.as_deref());
        let composed = |item: &DraftItem| match (&item.plain, &item.origin) {
            (Some(plain), _) => plain.clone(),
            (None, Origin::Edited { original }) => original.clone(),
            (None, _) => item.content.text(),
        };
        let touched = |item: &&DraftItem| {
            item.origin != Origin::Proposed || item.review != Review::Pending || item.source.is_some()
        };
        let kept: Vec<DraftItem> = old.items.iter().filter(touched).cloned().collect();
        let known: Vec<(&SectionId, String)> =
            kept.iter().map(|item| (&item.section, composed(item))).collect();
        let is_known = |section: &SectionId, sentence: &Sentence| {
            let (content, plain) = sentence.content(document, section);
            known.contains(&(section, plain.unwrap_or_else(|| content.text())))
        };
        let mut items: Vec<DraftItem> = Vec::new();
        for (section, sentence) in self.proposed(document, is_known) {
            let (content, plain) = sentence.content(document, &section);
            let item = item(section, content, &sentence.evidence, kept.len() + items.len());
            items.push(DraftItem { plain, ..item });
        }
        style::arrange(&mut items, &self.orders);
        items.splice(0..0, kept);
        DraftNote { items, manner: self.manner, model: None, arranged: Vec::new(), ..old.clone() }
    }

    /// The sentences of a document in the order of its sections, without those that are known already: by themselves, or
    /// as one that says what they say.
    fn proposed(
        &self,
        document: &DocumentDefinition,
        is_known: impl Fn(&SectionId, &Sentence) -> bool,
    ) -> Vec<(SectionId, &Sentence)> {
        let sections: Vec<Option<SectionId>> =
            self.sentences.iter().map(|sentence| sentence.section(document)).collect();
        let mut said: Vec<bool> = sections
            .iter()
            .zip(&self.sentences)
            .map(|(section, sentence)| section.as_ref().is_none_or(|section| is_known(section, sentence)))
            .collect();
        // A join is of one section.
        let joins: Vec<(&SectionId, &Join)> = self
            .joins
            .iter()
            .filter(|join| join.of.windows(2).all(|pair| sections[pair[0]] == sections[pair[1]]))
            .filter_map(|join| Some((sections[*join.of.first()?].as_ref()?, join)))
            .collect();
        for (_, join) in joins.iter().filter(|(section, join)| is_known(section, &join.sentence)) {
            join.of.iter().for_each(|at| said[*at] = true);
        }
        let mut instead: HashMap<usize, &Sentence> = HashMap::new();
        for (_, join) in joins.iter().filter(|_| self.manner == Manner::Brief) {
            if join.of.iter().all(|at| !said[*at]) {
                join.of.iter().for_each(|at| said[*at] = true);
                instead.extend(join.of.iter().min().map(|at| (*at, &join.sentence)));
            }
        }
        let mut placed: Vec<(SectionId, &Sentence)> = (0..self.sentences.len())
            .filter_map(|at| {
                let alone = (!said[at]).then_some(&self.sentences[at]);
                Some((sections[at].clone()?, instead.get(&at).copied().or(alone)?))
            })
            .collect();
        placed.sort_by_key(|(section, _)| document.sections.iter().position(|known| known.id == section.0));
        placed
    }

    /// Adds a sentence, behind those of its section.
    pub(crate) fn add(&mut self, topic: Topic, text: &str, evidence: Vec<Evidence>) {
        self.sentences.push(statement(topic, text, evidence));
    }

    /// Adds something to be decided by the physician, with the reason.
    pub(crate) fn doubt(&mut self, topic: Topic, text: &str, evidence: Vec<Evidence>, reason: &'static str) {
        self.unsupported.push((statement(topic, text, evidence), reason));
    }

    /// What is said of some turns, one sentence after the other.
    pub(crate) fn said_of(&self, turns: &HashSet<usize>) -> String {
        let cites = |sentence: &&Sentence| sentence.evidence.iter().any(|e| turns.contains(&e.turn));
        self.sentences.iter().filter(cites).map(|sentence| format!("{} ", sentence.content.text())).collect()
    }
}

/// A sentence as it stands in a note: begun with a capital, ended with a full stop.
fn statement(topic: Topic, text: &str, evidence: Vec<Evidence>) -> Sentence {
    let text = sentences::capital(text.trim());
    let text = if text.ends_with(['.', ';', '…']) { text } else { format!("{text}.") };
    Proposal::statement(topic, text, evidence).into_sentence()
}

impl Draft {
    /// The draft of talk that is no consultation: nothing is proposed, and what one voice told is in doubt.
    pub(crate) fn of_no_consultation(mut self, talk: Talk) -> Self {
        self.facts.clear();
        let sentences = std::mem::take(&mut self.sentences);
        match talk {
            Talk::OfSomethingElse => self.unsupported.clear(),
            Talk::OneVoice => {
                let in_doubt = |sentence| (sentence, "no se oyó a quien pregunta ni a quien indica");
                self.unsupported.extend(sentences.into_iter().map(in_doubt));
            }
        }
        self.notices.insert(0, Notice { text: talk.message().to_owned(), evidence: Vec::new() });
        self
    }
}

/// A composed entry before the guard has seen it.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    topic: Topic,
    /// The region of the body a sentence of the examination begins with; it orders and is not claimed.
    heading: Option<&'static str>,
    content: ItemContent,
    series: Option<Series>,
    unremarkable: bool,
    evidence: Vec<Evidence>,
    /// What to propose instead when the guard does not support the whole.
    parts: Vec<Proposal>,
}

impl Proposal {
    fn new(topic: Topic, content: ItemContent, evidence: Vec<Evidence>) -> Self {
        Self { topic, heading: None, content, series: None, unremarkable: false, evidence, parts: Vec::new() }
    }

    fn statement(topic: Topic, text: String, evidence: Vec<Evidence>) -> Self {
        Self::new(topic, ItemContent::Statement { text }, evidence)
    }

    fn into_sentence(self) -> Sentence {
        Sentence {
            topic: self.topic,
            heading: self.heading,
            content: self.content,
            plain: None,
            series: self.series,
            unremarkable: self.unremarkable,
            evidence: self.evidence,
        }
    }
}

/// Composes what can be said of the facts of a consultation.
#[must_use]
pub fn draft(scene: &Scene<'_>, facts: Vec<ClinicalFact>) -> Draft {
    let transcript: &Transcript = scene.transcript;
    let mut proposals = evolution::compose(transcript, &facts);
    proposals.extend(vital_signs(&facts));
    proposals.extend(objective::compose(&facts));
    proposals.extend(diagnoses(&facts));
    proposals.extend(objective::prognosis(transcript));
    proposals.extend(treatment::compose(&facts));
    let mut guard = Guard::new(scene);
    let mut sentences = Vec::new();
    let aside = treatment::set_aside(&facts).into_iter();
    let mut unsupported: Vec<_> =
        aside.map(|(proposal, reason)| (proposal.into_sentence(), reason)).collect();
    let mut pending: std::collections::VecDeque<Proposal> = proposals.into();
    while let Some(mut proposal) = pending.pop_front() {
        let verdict = verify(&mut guard, &proposal);
        let parts = std::mem::take(&mut proposal.parts);
        if !verdict.supported && !parts.is_empty() {
            for part in parts.into_iter().rev() {
                pending.push_front(part);
            }
        } else if verdict.supported && !proposal.evidence.is_empty() {
            sentences.push(proposal.into_sentence());
        } else {
            let reason =
                verdict.reasons.first().map_or("no se oyó en esas palabras", |reason| reason.message());
            unsupported.push((proposal.into_sentence(), reason));
        }
    }
    Draft {
        sentences,
        unsupported,
        orders: Vec::new(),
        manner: Manner::default(),
        joins: Vec::new(),
        notices: Vec::new(),
        facts,
    }
}

fn verify(guard: &mut Guard<'_>, proposal: &Proposal) -> Verdict {
    guard.check(&proposal.content.text(), &turns(&proposal.evidence))
}

/// The turns cited, each once.
fn turns(evidence: &[Evidence]) -> Vec<usize> {
    let mut turns: Vec<usize> = evidence.iter().map(|evidence| evidence.turn).collect();
    turns.sort_unstable();
    turns.dedup();
    turns
}

fn item(section: SectionId, content: ItemContent, evidence: &[Evidence], position: usize) -> DraftItem {
    DraftItem {
        id: item_id(&section, &content, evidence, position),
        section,
        content,
        evidence: evidence.to_vec(),
        source: None,
        plain: None,
        origin: Origin::Proposed,
        review: Review::Pending,
    }
}

/// An identifier made of the content, so that the same transcript gives the same draft (FNV-1a, 128 bits).
fn item_id(section: &SectionId, content: &ItemContent, evidence: &[Evidence], position: usize) -> ItemId {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    };
    feed(section.0.as_bytes());
    feed(content.text().as_bytes());
    feed(&position.to_le_bytes());
    for evidence in evidence {
        feed(&evidence.turn.to_le_bytes());
        feed(&evidence.start.to_le_bytes());
    }
    ItemId(
        uuid::Builder::from_u128(hash)
            .with_version(uuid::Version::Custom)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid(),
    )
}

fn vital_signs(facts: &[ClinicalFact]) -> Vec<Proposal> {
    facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Vital)
        .filter_map(|fact| {
            let kind = VitalKind::from_code(&fact.name)?;
            let value = Amount::from_f64(fact.attributes.value?)?;
            let sign = VitalSign::new(kind, value).ok()?;
            Some(Proposal::new(Topic::Examination, ItemContent::VitalSign(sign), fact.evidence.clone()))
        })
        .collect()
}

fn diagnoses(facts: &[ClinicalFact]) -> Vec<Proposal> {
    facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Diagnosis)
        .map(|fact| {
            let certainty = match fact.attributes.certainty {
                Some(Certainty::Suspected) => ConditionCertainty::Suspected,
                Some(Certainty::RuledOut) => ConditionCertainty::RuledOut,
                _ => ConditionCertainty::Confirmed,
            };
            let entry = ConditionEntry { text: sentences::capital(&fact.name), certainty, code: None };
            Proposal::new(Topic::Diagnoses, ItemContent::Condition(entry), fact.evidence.clone())
        })
        .collect()
}
