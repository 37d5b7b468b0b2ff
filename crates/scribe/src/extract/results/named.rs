//! The value of a result that no lexicon names.

use crate::lexicon::pattern::Hit;
use crate::scene::Scene;

use super::{numeric, qualitative};

/// A number with its unit, or words.
pub(crate) type Value = (Option<f64>, Option<String>, Option<String>);

/// What is said of the words of a token range as of a result: a number, words and a unit.
pub(crate) fn value(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Option<Value> {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(start);
    if let Some((value, unit, _)) = numeric(turn, end, sentence.end, "") {
        return Some((Some(value), None, unit));
    }
    let hit = Hit { entry: 0, start, end };
    let text = qualitative(turn, hit, sentence.end, &turn.joined(end, sentence.end))?;
    Some((None, Some(text), None))
}
