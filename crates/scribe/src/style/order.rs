//! In which order a physician likes the sentences of a section, by what they are about.

use clinical::draft::{DraftItem, ItemContent, Origin, SectionId};
use clinical::transcript::{Speaker, Transcript, Turn};

use super::words::{Text, Use, use_of};
use crate::scene::Scene;

/// What a sentence is about, in the order in which the composer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What the patient has.
    Symptoms,
    /// What the patient denies to have.
    Denied,
    /// Diseases of the family.
    Family,
    /// Own diseases and operations.
    Own,
    /// Allergies.
    Allergies,
    /// Habits.
    Habits,
    /// Medicines.
    Medicines,
}

impl Topic {
    /// All topics, in the order of the composer.
    pub const ALL: [Self; 7] = [
        Self::Symptoms,
        Self::Denied,
        Self::Family,
        Self::Own,
        Self::Allergies,
        Self::Habits,
        Self::Medicines,
    ];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Symptoms => "symptoms",
            Self::Denied => "denied",
            Self::Family => "family",
            Self::Own => "own",
            Self::Allergies => "allergies",
            Self::Habits => "habits",
            Self::Medicines => "medicines",
        }
    }

    /// Reads [`Topic::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Symptoms => "lo que refiere",
            Self::Denied => "lo que niega",
            Self::Family => "los antecedentes familiares",
            Self::Own => "los antecedentes personales",
            Self::Allergies => "las alergias",
            Self::Habits => "los hábitos",
            Self::Medicines => "los medicamentos que toma",
        }
    }
}

/// In a section, one topic before another that the composer would write first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    /// The section.
    pub section: SectionId,
    /// What comes first.
    pub first: Topic,
    /// What it comes before.
    pub then: Topic,
}

/// What an item is about, by the words in which it was proposed; `None` when that cannot be told.
#[must_use]
pub fn topic(item: &DraftItem) -> Option<Topic> {
    let text = match (&item.content, &item.origin) {
        (ItemContent::Allergy(_) | ItemContent::AllergiesDenied, _) => return Some(Topic::Allergies),
        (ItemContent::Statement { .. }, Origin::Edited { original }) => original,
        (ItemContent::Statement { text }, _) => item.plain.as_ref().unwrap_or(text),
        _ => return None,
    };
    let text = without_quotations(text);
    let written = Transcript { turns: vec![Turn { speaker: Speaker::Unknown, text: text.clone() }] };
    let scene = Scene::new(&written);
    let words = Text::read(&text);
    let does = |kind: Use| words.pieces.iter().any(|piece| use_of(&piece.key) == Some(kind));
    let says = |stem: &str| words.pieces.iter().any(|piece| piece.key.starts_with(stem));
    let tokens = &scene.turn(0).tokens;
    if does(Use::Had) {
        const KIN: [&str; 9] =
            ["madre", "padre", "herman", "abuel", "tío", "tía", "hijo", "hija", "familiar"];
        Some(if KIN.iter().any(|kin| says(kin)) { Topic::Family } else { Topic::Own })
    } else if says("alergi") || says("alérgi") {
        Some(Topic::Allergies)
    } else if scene.drugs[0].iter().any(|drug| !drug.class_only) {
        Some(Topic::Medicines)
    } else if !scene.lex.habits.matcher.find(tokens).is_empty() {
        Some(Topic::Habits)
    } else if scene.symptoms[0].is_empty() {
        None
    } else {
        Some(if does(Use::Denies) { Topic::Denied } else { Topic::Symptoms })
    }
}

/// A sentence without what it only quotes: "Motivo de la consulta: «me duele la cabeza»" opens a note and is no symptom.
fn without_quotations(text: &str) -> String {
    let mut quoted = false;
    let outside = text.chars().filter(|letter| {
        quoted = *letter == '«' || quoted && *letter != '»';
        !quoted && *letter != '»'
    });
    outside.collect()
}

/// Where the sentences of one topic stand in a section: its first and last place.
fn places(items: &[&DraftItem]) -> Vec<(Topic, usize, usize)> {
    let mut places: Vec<(Topic, usize, usize)> = Vec::new();
    for (at, topic) in items.iter().enumerate().filter_map(|(at, item)| Some((at, topic(item)?))) {
        match places.iter_mut().find(|(known, ..)| *known == topic) {
            Some((.., last)) => *last = at,
            None => places.push((topic, at, at)),
        }
    }
    places
}

/// The orders that the items of a section show, against the composer's; neighbours only, from which the rest follows.
#[must_use]
pub fn learn_order(section: &SectionId, items: &[&DraftItem]) -> Vec<Order> {
    let places = places(items);
    let neighbours = places.windows(2).filter_map(|pair| {
        let ((first, _, end), (then, start, _)) = (pair[0], pair[1]);
        (first > then && end < start).then(|| Order { section: section.clone(), first, then })
    });
    neighbours.collect()
}

impl Order {
    /// Whether the items of its section stand the other way round.
    #[must_use]
    pub fn is_undone_by(&self, items: &[&DraftItem]) -> bool {
        let places = places(items);
        let of = |topic: Topic| places.iter().find(|(known, ..)| *known == topic);
        matches!((of(self.first), of(self.then)), (Some((_, start, _)), Some((.., end))) if end < start)
    }
}

/// Moves the sentences of a topic in front of those of another.
pub(crate) fn arrange(items: &mut Vec<DraftItem>, orders: &[Order]) {
    for order in orders {
        let is =
            |item: &DraftItem, wanted: Topic| item.section == order.section && topic(item) == Some(wanted);
        let Some(to) = items.iter().position(|item| is(item, order.then)) else { continue };
        let mut moved = Vec::new();
        let mut at = to;
        while at < items.len() {
            if is(&items[at], order.first) { moved.push(items.remove(at)) } else { at += 1 }
        }
        items.splice(to..to, moved);
    }
}
