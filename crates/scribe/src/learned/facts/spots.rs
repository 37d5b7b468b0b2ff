//! The stretches of words a fact may stand in, and which of them are taken.

use crate::context::Said;
use crate::context::person::Who;
use crate::facts::ClinicalFact;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

use super::class::{CLASSES, class_of};
use super::features::{Place, features};
use super::verdict::{allowed, verdict};
use super::view::TurnView;

/// A stretch of words inside a clause.
#[derive(Debug, Clone)]
pub struct Spot {
    /// The turn.
    pub turn: usize,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Its features, as places in the table of weights.
    pub features: Vec<u32>,
    /// The facts of the rules that were found here.
    pub rules: Vec<usize>,
    /// The classes the context rules allow, one bit each.
    pub allowed: u16,
    /// What the context rules say of it.
    pub(super) said: Option<Said>,
    /// Whose it is.
    pub(super) who: Who,
}

/// A spot with the class it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pick {
    /// Index of the spot.
    pub spot: usize,
    /// Index of the class.
    pub class: usize,
    /// Probability.
    pub score: f32,
}

/// At most this many words make a name.
const LONGEST: usize = 6;
/// Below this a class is not worth remembering.
const FLOOR: f32 = 0.1;

/// Words that neither begin nor end a name.
pub(super) fn is_small(word: &str) -> bool {
    matches!(
        word,
        "el" | "la"
            | "los"
            | "las"
            | "un"
            | "una"
            | "unos"
            | "unas"
            | "de"
            | "del"
            | "al"
            | "a"
            | "en"
            | "y"
            | "o"
            | "u"
            | "e"
            | "con"
            | "por"
            | "para"
            | "que"
            | "se"
            | "le"
            | "les"
            | "lo"
            | "su"
            | "sus"
            | "mi"
            | "mis"
            | "tu"
            | "te"
            | "me"
            | "nos"
            | "es"
            | "si"
            | "sí"
            | "no"
            | "ni"
            | "sin"
            | "pero"
            | "como"
            | "cuando"
            | "pues"
            | "este"
            | "esta"
            | "eso"
            | "esto"
            | "ya"
            | "muy"
            | "yo"
            | "usted"
            | "ella"
            | "osea"
            | "entonces"
            | "bueno"
            | "porque"
            | "tambien"
            | "asi"
            | "ahi"
            | "aqui"
            | "hay"
            | "ha"
            | "he"
            | "han"
    )
}

fn stretches(turn: &TurnDoc, sentence: Sentence) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for start in sentence.start..sentence.end {
        for end in start + 1..=(start + LONGEST).min(sentence.end) {
            let last = &turn.tokens[end - 1];
            if last.is_punct() || last.dead {
                break;
            }
            let bare = (start..end).all(|at| turn.word(at).len() < 3);
            if !is_small(turn.word(start)) && !is_small(&last.norm) && !bare {
                out.push((start, end));
            }
        }
    }
    out
}

/// All spots of a consultation in which the rules found some facts.
#[must_use]
pub fn spots(scene: &Scene<'_>, rules: &[ClinicalFact]) -> Vec<Spot> {
    let views: Vec<TurnView> =
        (0..scene.doc.turns.len()).map(|idx| TurnView::new(scene, idx, rules)).collect();
    let mut out = Vec::new();
    for (turn, doc) in scene.doc.turns.iter().enumerate() {
        for sentence in &doc.sentences {
            for (start, end) in stretches(doc, *sentence) {
                let said = verdict(scene, turn, start, end);
                let who = scene.household.who(doc, start, end, scene.family[turn]);
                let place = Place { turn, start, end, sentence: *sentence, said, who: &who };
                out.push(Spot {
                    turn,
                    start,
                    end,
                    features: features(scene, &views, &place),
                    rules: views[turn].rules_at(start, end),
                    allowed: if views[turn].is_bare(start, end) {
                        0
                    } else {
                        allowed(scene, turn, (start, end), said, &who)
                    },
                    said,
                    who,
                });
            }
        }
    }
    out
}

/// What a model makes of the spots of a consultation.
#[derive(Debug)]
pub struct Reading {
    /// Per fact of the rules: the best score of its class at its words; `None` where the model has no say.
    pub rules: Vec<Option<f32>>,
    /// The most probable allowed class of each spot, best first, without those that share words with a better one.
    pub picks: Vec<Pick>,
}

/// Scores all spots.
#[must_use]
pub fn reading(spots: &[Spot], rules: &[ClinicalFact], score: impl Fn(&[u32]) -> Vec<f32>) -> Reading {
    let classes: Vec<Option<usize>> = rules.iter().map(class_of).collect();
    let mut confirmed: Vec<Option<f32>> = vec![None; rules.len()];
    let mut all: Vec<Pick> = Vec::new();
    for (index, spot) in spots.iter().enumerate() {
        let scores = score(&spot.features);
        for &rule in &spot.rules {
            if let Some(class) = classes[rule] {
                confirmed[rule] = Some(confirmed[rule].unwrap_or_default().max(scores[class]));
            }
        }
        let best = (0..CLASSES.len())
            .filter(|class| spot.allowed >> class & 1 == 1)
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        if let Some(class) = best.filter(|class| scores[*class] >= FLOOR) {
            all.push(Pick { spot: index, class, score: scores[class] });
        }
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.spot.cmp(&b.spot)));
    let mut picks: Vec<Pick> = Vec::new();
    for pick in all {
        let spot = &spots[pick.spot];
        let taken = picks
            .iter()
            .map(|other| &spots[other.spot])
            .any(|other| other.turn == spot.turn && other.start < spot.end && spot.start < other.end);
        if !taken {
            picks.push(pick);
        }
    }
    Reading { rules: confirmed, picks }
}
