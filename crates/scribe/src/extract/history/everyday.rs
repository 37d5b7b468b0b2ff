//! Everyday words that name a disease where antecedents are spoken of: "¿azúcar, presión, del corazón?", "la presión y el
//! azúcar", "de los riñones no".

use super::*;
use crate::text::Sentence;

/// A disease spoken of, by its own name or by an everyday word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topic {
    /// Clinical name.
    pub(super) name: String,
    /// First token.
    pub(super) start: usize,
    /// One past the last token.
    pub(super) end: usize,
}

impl Topic {
    /// A disease found by its name.
    pub(super) fn named(scene: &Scene<'_>, hit: Hit) -> Self {
        Self { name: scene.lex.diseases.entries[hit.entry].name.clone(), start: hit.start, end: hit.end }
    }

    /// Where it stands.
    pub(super) fn hit(&self) -> Hit {
        Hit { entry: 0, start: self.start, end: self.end }
    }
}

/// The diseases only the ICD index knows by their words.
pub(super) fn only_indexed<'a>(scene: &'a Scene<'_>, idx: usize) -> impl Iterator<Item = Topic> + 'a {
    let known = move |start: usize, end: usize| {
        scene.diseases[idx].iter().any(|hit| hit.start < end && start < hit.end)
            || scene.drugs[idx].iter().any(|drug| drug.start < end && start < drug.end)
    };
    scene.indexed[idx]
        .iter()
        .filter(move |disease| !disease.injury && !known(disease.start, disease.end))
        .map(|disease| Topic { name: disease.name.clone(), start: disease.start, end: disease.end })
}

/// Words beside which even a weak everyday word names an illness.
fn tells_illness(word: &str) -> bool {
    ["problem", "enferm", "padec", "sufr", "mal", "murio", "fallecio", "operad", "trastorn"]
        .iter()
        .any(|stem| word.starts_with(stem))
}

/// Everyday words for diseases in a range, standing alone or after a word for illness. Words that belong to a symptom, a
/// disease, a medicine, a study or a measurement name none of their own.
pub(super) fn everyday_in(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Vec<Topic> {
    let turn = scene.turn(idx);
    let taken = |at: usize| {
        let within = |from: usize, to: usize| from <= at && at < to;
        scene.diseases[idx].iter().any(|hit| within(hit.start, hit.end))
            || scene.symptoms[idx].iter().any(|mention| within(mention.start, mention.end))
            || scene.drugs[idx].iter().any(|drug| within(drug.start, drug.end))
            || scene.studies[idx].iter().any(|hit| within(hit.start, hit.end) && hit.end - hit.start > 1)
    };
    scene
        .lex
        .everyday
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= start && hit.end <= end && !taken(hit.start))
        .filter(|hit| {
            let entry = &scene.lex.everyday.entries[hit.entry];
            stands_alone(turn, *hit, entry.info == "weak")
        })
        .map(|hit| Topic {
            name: scene.lex.everyday.entries[hit.entry].name.clone(),
            start: hit.start,
            end: hit.end,
        })
        .collect()
}

/// "presión", "la presión", "de la presión", "problemas del riñón"; not "le tomo la presión" nor "presión baja".
fn stands_alone(turn: &crate::text::TurnDoc, hit: Hit, weak: bool) -> bool {
    let closed = at_the_limit(turn, hit.end)
        || turn.tokens.get(hit.end).is_none_or(|next| {
            next.is_punct()
                || matches!(
                    next.norm.as_str(),
                    "o" | "y"
                        | "ni"
                        | "sí"
                        | "no"
                        | "tampoco"
                        | "nunca"
                        | "yano"
                        | "fijese"
                        | "me"
                        | "le"
                        | "desde"
                )
        });
    let mut before = hit.start;
    while before > 0
        && matches!(
            turn.word(before - 1),
            "el" | "la"
                | "los"
                | "las"
                | "de"
                | "del"
                | "su"
                | "mi"
                | "tu"
                | "lo"
                | "con"
                | "como"
                | "sus"
                | "tus"
        )
    {
        before -= 1;
    }
    let lead = before.checked_sub(1).map_or("", |at| turn.word(at));
    let relative = crate::context::person::kinship(lead).is_some()
        || matches!(lead, "materna" | "materno" | "paterna" | "paterno");
    let prepositional = (before..hit.start).any(|at| matches!(turn.word(at), "de" | "del" | "con"));
    let opens =
        matches!(lead, "" | "," | "¿" | "." | ":" | "y" | "o" | "ni" | "..." | "e" | "bueno" | "pues" | "ah");
    let illness = tells_illness(lead) || tells_illness(turn.word(before.wrapping_sub(2)));
    let verb =
        matches!(lead, "tiene" | "tengo" | "tienes" | "padece" | "padezco" | "es" | "soy" | "algo" | "nomas");
    if weak {
        return illness && prepositional || relative && closed || verb && closed && !prepositional;
    }
    closed && (opens || relative || illness || verb && !(prepositional && lead == "es"))
}

/// Whether a sentence of the clinician asks for antecedents, so that an everyday word in it is a disease.
pub(super) fn asks_antecedents(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
    [
        " enferm",
        " padec",
        " antecedent",
        " familia",
        " problemas de",
        " problema de",
        " sufre de",
        " de que se atiende",
    ]
    .iter()
    .any(|cue| said.contains(cue))
        || scene.diseases[idx].iter().any(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
}

/// The everyday words for diseases a clinician's turn asks about.
pub(super) fn asked_everyday(scene: &Scene<'_>, idx: usize) -> Vec<Topic> {
    let turn = scene.turn(idx);
    let measured = crate::text::numbers::numbers_in(&turn.tokens, 0, turn.tokens.len())
        .iter()
        .any(|number| number.value > 5.0);
    if measured || !turn.sentences.iter().any(|sentence| sentence.question) {
        return Vec::new();
    }
    let opened = turn.sentences.iter().any(|sentence| asks_antecedents(scene, idx, *sentence));
    let mut topics = Vec::new();
    for sentence in &turn.sentences {
        let found = everyday_in(scene, idx, sentence.start, sentence.end);
        let words = sentence.end - sentence.start;
        // "¿Y la presión?", "¿Del corazón?"
        let alone = sentence.question
            && words <= 6
            && found.len() == 1
            && (turn.joined(sentence.start, sentence.end).contains("y la presion")
                || turn.tokens.len() <= 5
                || matches!(turn.word(sentence.start + 1), "del" | "problemas"));
        if opened || found.len() > 1 || alone || scene.family[idx] {
            topics.extend(found);
        }
    }
    topics
}

/// "¿Qué enfermedades tiene?" - "Presión. Y el azúcar no.": everyday words for diseases in such an answer.
pub(super) fn told_by_everyday_words(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(question) = scene.question_before(idx).filter(|_| !scene.family[idx]) else { return };
    let asked = scene.turn(question);
    let opened = asked.sentences.iter().any(|sentence| {
        asks_antecedents(scene, question, *sentence)
            && (sentence.question || sentence.end == asked.tokens.len())
    });
    if !opened && asked_everyday(scene, question).is_empty() {
        return;
    }
    for topic in everyday_in(scene, idx, 0, turn.tokens.len()) {
        if turn.sentence_of(topic.start).question
            || crate::context::polarity::unknown(turn, topic.end)
            || scene.household.who(turn, topic.start, topic.end, false) != Who::Patient
        {
            continue;
        }
        let verdict = match said(turn, topic.start, topic.end) {
            Said::Yes if never_bad(turn, topic.end) => Said::No,
            verdict => verdict,
        };
        let borderline = verdict == Said::Yes && at_the_limit(turn, topic.end);
        let name = match topic.name.as_str() {
            "diabetes mellitus" if borderline => "prediabetes",
            _ if borderline => continue,
            name => name,
        };
        book.add(fact(scene, idx, topic.hit(), name, Section::Pathological, verdict));
    }
}

/// "alopurinol, por la gota", "la de la presión": what a medicine is taken for is had. Lipids are left out: they are taken
/// for prevention too.
pub(super) fn told_by_a_medicine(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let named = scene.diseases[idx].iter().map(|hit| Topic::named(scene, *hit));
    let words = scene.lex.everyday.matcher.find(&turn.tokens);
    let everyday =
        words.into_iter().filter(|hit| scene.lex.everyday.entries[hit.entry].info != "weak").map(|hit| {
            Topic { name: scene.lex.everyday.entries[hit.entry].name.clone(), start: hit.start, end: hit.end }
        });
    for topic in named.chain(everyday) {
        let lead = turn.joined(topic.start.saturating_sub(2), topic.start);
        let purpose = ["por la", "por el", "para la", "para el", "por las", "para los", "de la", "del"]
            .contains(&lead.as_str())
            || turn.word(topic.start.wrapping_sub(1)) == "del";
        let sentence = turn.sentence_of(topic.start);
        let medicine = scene.drugs[idx].iter().any(|drug| {
            !drug.class_only
                && !drug.ambiguous
                && drug.start >= sentence.start
                && (drug.end <= topic.start && topic.start - drug.end <= 14
                    || topic.end <= drug.start && drug.start - topic.end <= 4)
        });
        if !purpose
            || !medicine
            || sentence.question
            || matches!(topic.name.as_str(), "dislipidemia" | "hipertrigliceridemia" | "cardiopatía")
            || is_symptom_here(scene, idx, topic.hit())
            || scene.household.who(turn, topic.start, topic.end, scene.family[idx]) != Who::Patient
            || said(turn, topic.start, topic.end) == Said::No
        {
            continue;
        }
        let mut fact = fact(scene, idx, topic.hit(), &topic.name, Section::Pathological, Said::Yes);
        fact.confidence = 0.7;
        book.add(fact);
    }
}

/// "de la presión nunca ha estado malo", "del azúcar siempre he salido bien".
pub(super) fn never_bad(turn: &crate::text::TurnDoc, end: usize) -> bool {
    let after = turn.joined(end, end + 6);
    after.starts_with("nunca") || after.starts_with("siempre") && after.contains(" bien")
}

/// "el azúcar en la rayita", "en el límite".
fn at_the_limit(turn: &crate::text::TurnDoc, end: usize) -> bool {
    let after = turn.joined(end, end + 6);
    ["rayita", "limite", "borde", "raya"].iter().any(|cue| after.contains(cue))
}
