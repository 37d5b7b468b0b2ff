//! Which medicines and families the sentences of a label name, and in which section.

use terminology::fold::fold;
use terminology::medicines::Medicine;

use super::record::{Label, inn_of};
use super::words::{NOT_MEDICINES, denies, families, sentences};
use crate::facts::{Facts, medicines};
use crate::groups::{Set, place};

/// A sentence that names other medicines.
pub(super) struct Mention {
    /// Everyone it names.
    pub(super) about: Set,
    /// How many those are: the fewer, the more the sentence is about the pair.
    pub(super) breadth: usize,
    pub(super) sentence: String,
    /// It says that nothing happens.
    pub(super) denies: bool,
    /// Section 4 says that they must not be given together.
    pub(super) contraindicates: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Boxed,
    Contraindications,
    Interactions,
}

/// Words that say that two things are taken at the same time.
const TOGETHER: [&str; 14] = [
    "concomitant",
    "concurrent",
    "coadminist",
    "co-administ",
    "co administ",
    "combination with",
    "combined with",
    "together",
    "taking",
    "receiving",
    "being treated",
    "administration of",
    "used with",
    "in patients using",
];

/// Sentences about an earlier reaction, not about taking two medicines.
const ANOTHER_SUBJECT: [&str; 4] = ["hypersensitiv", "allerg", "anaphyla", "angioedema related to previous"];

/// Every mention of a label, in its order.
pub(super) fn of(label: &Label) -> Vec<Mention> {
    let own: Vec<&Medicine> = label.ingredients.iter().filter_map(|inn| medicines().by_inn(inn)).collect();
    let sections = [
        (Section::Contraindications, &label.contraindications),
        (Section::Boxed, &label.boxed_warning),
        (Section::Interactions, &label.interactions),
    ];
    let all = sections
        .into_iter()
        .flat_map(|(section, text)| sentences(text).into_iter().map(move |sentence| (section, sentence)));
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (section, sentence) in all {
        // A parent section repeats the text of its children.
        if seen.contains(&sentence) {
            continue;
        }
        seen.push(sentence);
        found.extend(mention(section, sentence, &own));
    }
    found
}

fn mention(section: Section, sentence: &str, own: &[&Medicine]) -> Option<Mention> {
    let folded = fold(sentence);
    let lower = sentence.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if section != Section::Interactions && (!says(&TOGETHER) || says(&ANOTHER_SUBJECT)) {
        return None;
    }
    let mut about = Set::default();
    for inn in names(&folded) {
        if !own.iter().any(|medicine| medicine.inn == inn) {
            place(&inn).into_iter().for_each(|at| about.put(at, true));
        }
    }
    let padded = format!(" {folded} ");
    for (words, side) in families() {
        let speaks = padded.contains(words.as_str());
        if speaks && !own.iter().any(|medicine| side.covers(medicine)) {
            Facts::core().groups.set(*side).into_iter().for_each(|set| about.join(&set));
        }
    }
    let breadth = about.len();
    let contraindicates = section == Section::Contraindications && !denies(&lower);
    (breadth > 0).then(|| Mention {
        about,
        breadth,
        sentence: sentence.to_owned(),
        denies: denies(&lower),
        contraindicates,
    })
}

/// The generic names in folded prose, of up to three words.
fn names(folded: &str) -> Vec<String> {
    let words: Vec<&str> = folded.split(' ').collect();
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let run = (1..=3).rev().find_map(|length| {
            let text = words.get(at..at + length)?.join(" ");
            let known = text.len() > 3 && !NOT_MEDICINES.contains(&text.as_str());
            known.then(|| inn_of(&text)).flatten().map(|inn| (inn, length))
        });
        match run {
            Some((inn, length)) => {
                at += length;
                if !found.contains(&inn) {
                    found.push(inn);
                }
            }
            None => at += 1,
        }
    }
    found
}
