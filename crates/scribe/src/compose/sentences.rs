//! Sentences of a note: clinical Spanish, whole words, one idea each.

use clinical::transcript::Evidence;
use nom004::Topic;

use crate::facts::ClinicalFact;

use super::Proposal;

/// The first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The first letter in lower case, unless the word is written in capitals ("CA-125").
pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let capitals = letters.clone().next().is_some_and(|second| second.is_uppercase() || second.is_numeric());
    if capitals { text.to_owned() } else { first.to_lowercase().chain(letters).collect() }
}

/// "a, b y c"; "e" before an i sound.
pub(super) fn list(names: &[String], conjunction: &str) -> String {
    let Some((last, rest)) = names.split_last() else { return String::new() };
    if rest.is_empty() {
        return last.clone();
    }
    let sound = terminology::fold::fold(last);
    let i_sound = sound.starts_with('i') || sound.starts_with("hi") && !sound.starts_with("hie");
    let o_sound = sound.starts_with('o') || sound.starts_with("ho");
    let word = match conjunction {
        "y" if i_sound => "e",
        "o" | "ni" if conjunction == "o" && o_sound => "u",
        other => other,
    };
    format!("{} {word} {last}", rest.join(", "))
}

pub(super) fn merged(facts: &[&ClinicalFact]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = facts.iter().flat_map(|fact| fact.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}

/// The names of the facts; a general one is left out beside its own at a site ("parestesias", "parestesias en pies").
pub(super) fn names(facts: &[&ClinicalFact]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for fact in facts {
        let at_a_site = |other: &ClinicalFact| {
            other
                .name
                .strip_prefix(fact.name.as_str())
                .is_some_and(|rest| rest.starts_with(" en ") || rest.starts_with(" de "))
        };
        let name = in_a_sentence(&fact.name);
        if !facts.iter().any(|other| at_a_site(other)) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A name that is a clause of somebody's stands between quotation marks: "Niega «se le va la fuerza»".
fn in_a_sentence(name: &str) -> String {
    let clause = ["se ", "le ", "les ", "te ", "me ", "no ", "batallo "]
        .iter()
        .any(|pronoun| name.starts_with(pronoun));
    if clause { format!("«{name}»") } else { name.to_owned() }
}

/// At most this many findings stand in one sentence.
const TOGETHER: usize = 6;
/// Turns farther apart than this belong to different topics.
const TOPIC: usize = 10;

/// Facts that pass a test in runs, in the order in which they were said: neighbours of one topic, at most six together.
pub(super) fn runs(facts: &[ClinicalFact], keep: impl Fn(&ClinicalFact) -> bool) -> Vec<Vec<&ClinicalFact>> {
    let place = |fact: &ClinicalFact| fact.evidence.last().map_or(0, |evidence| evidence.turn);
    let mut kept: Vec<&ClinicalFact> = facts.iter().filter(|fact| keep(fact)).collect();
    kept.sort_by_key(|fact| place(fact));
    let mut out: Vec<Vec<&ClinicalFact>> = Vec::new();
    for same_turn in kept.chunk_by(|a, b| place(a) == place(b) && a.said_by == b.said_by) {
        for said in same_turn.chunks(TOGETHER) {
            match out.last_mut() {
                Some(run)
                    if run.len() + said.len() <= TOGETHER
                        && run.last().is_some_and(|last| place(said[0]) - place(last) <= TOPIC)
                        && run[0].said_by == said[0].said_by =>
                {
                    run.extend_from_slice(said);
                }
                _ => out.push(said.to_vec()),
            }
        }
    }
    out
}

/// Several things said behind one opening, so that sentences with the same opening can be said as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    opening: &'static str,
    names: Vec<String>,
    /// What stands before the last: "y", "ni"; or a semicolon between all.
    joint: &'static str,
}

impl Series {
    pub(super) fn new(opening: &'static str, names: Vec<String>, joint: &'static str) -> Self {
        Self { opening, names, joint }
    }

    /// The sentence.
    pub(super) fn text(&self) -> String {
        let all = if self.joint == ";" { self.names.join("; ") } else { list(&self.names, self.joint) };
        format!("{}.", capital(format!("{} {all}", self.opening).trim_start()))
    }

    /// Both as one; `None` when they are opened or joined differently, or would be too much for one sentence.
    pub(super) fn with(&self, other: &Self) -> Option<Self> {
        let alike = (self.opening, self.joint) == (other.opening, other.joint);
        let mut both = self.clone();
        both.names.extend(other.names.iter().filter(|name| !self.names.contains(name)).cloned());
        (alike && both.names.len() <= MOST_TOGETHER).then_some(both)
    }
}

/// Most things in a sentence made of several.
const MOST_TOGETHER: usize = 15;

/// What a sentence says, with its parts where it can be joined to others.
pub(super) struct Said {
    text: String,
    series: Option<Series>,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, series: None }
    }
}

impl From<Series> for Said {
    fn from(series: Series) -> Self {
        Self { text: series.text(), series: Some(series) }
    }
}

impl Said {
    /// A sentence that reads differently where it stands by itself.
    pub(super) fn apart(text: String, series: Series) -> Self {
        Self { text, series: Some(series) }
    }

    pub(super) fn of(self, topic: Topic, evidence: Vec<Evidence>) -> Proposal {
        Proposal { series: self.series, ..Proposal::statement(topic, self.text, evidence) }
    }
}

/// A statement of several facts; where the guard does not support it as a whole, each fact is said by itself.
pub(super) fn together<S: Into<Said>>(
    topic: Topic,
    group: &[&ClinicalFact],
    write: impl Fn(&[&ClinicalFact]) -> S,
) -> Proposal {
    let mut proposal = write(group).into().of(topic, merged(group));
    if group.len() > 1 {
        proposal.parts = group.iter().map(|fact| write(&[fact]).into().of(topic, merged(&[fact]))).collect();
    }
    proposal
}

/// Words that open a spoken sentence and say nothing.
const FILLERS: &[&str] = &[
    "con sinceridad",
    "la verdad",
    "ah",
    "ay",
    "bueno",
    "pues",
    "mire",
    "mira",
    "entonces",
    "este",
    "o sea",
    "a ver",
    "ok",
    "okey",
    "exacto",
    "claro",
    "sí",
    "no",
    "ándele",
    "fíjese",
    "oiga",
    "y",
    "lo que sí",
    "muy bien",
];

/// A quotation without the words that only open it.
pub(super) fn quoted(text: &str) -> &str {
    let mut text = text.trim().trim_end_matches(['.', ',', ';', ' ']);
    loop {
        let opening = FILLERS.iter().find_map(|filler| {
            let (head, rest) = text.split_at_checked(filler.len())?;
            let pause = rest.starts_with([',', ':', '.', ';', '…']);
            let bare = matches!(*filler, "ah" | "ay" | "pues" | "y") && rest.starts_with(' ');
            (head.to_lowercase() == *filler && (pause || bare)).then_some(rest)
        });
        let Some(rest) = opening else { return text };
        let rest = rest.trim_start_matches([',', ':', '.', ';', '…', ' ']);
        if rest.is_empty() {
            return text;
        }
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::{list, quoted};

    #[test]
    fn quotations_lose_the_words_that_only_open_them() {
        assert_eq!(quoted("Con sinceridad: el pronóstico es bueno."), "el pronóstico es bueno");
        assert_eq!(quoted("Ah, bueno, pues mucho líquido."), "mucho líquido");
        assert_eq!(quoted("Y si tiene fiebre, me habla"), "si tiene fiebre, me habla");
        assert_eq!(quoted("Sin sal"), "Sin sal");
        assert_eq!(quoted("No"), "No");
    }

    #[test]
    fn lists_read_as_spanish() {
        let words = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(list(&words(&["fiebre"]), "y"), "fiebre");
        assert_eq!(list(&words(&["fiebre", "tos"]), "y"), "fiebre y tos");
        assert_eq!(list(&words(&["diabetes", "hipertensión"]), "y"), "diabetes e hipertensión");
        assert_eq!(list(&words(&["soplos", "edema", "frote"]), "ni"), "soplos, edema ni frote");
    }
}
