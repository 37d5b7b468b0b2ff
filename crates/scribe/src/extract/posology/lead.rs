//! What is said of a medicine before its name: "dos tabletas de paracetamol de quinientos", "en ayunas, omeprazol de veinte".

use super::*;
use crate::text::quantity::Frequency;

/// How far before the amount a moment or an interval still belongs to the medicine.
const NEAR: usize = 5;

/// Where the words that lead to a medicine begin: its article, its amount, what is done with it.
#[must_use]
pub(in crate::extract) fn lead(turn: &TurnDoc, drug: usize) -> usize {
    let mut at = drug;
    while let Some(before) = at.checked_sub(1) {
        let of = turn.word(at) == "de";
        let amount = (at.saturating_sub(6)..before)
            .find(|&from| amount_at(&turn.tokens, from).is_some_and(|amount| amount.end == at));
        if let Some(from) = amount.or_else(|| counted(turn, at)).filter(|_| of) {
            at = from;
        } else if is_small(turn.word(before)) || of && dose_unit(turn.word(before)).is_some() {
            at = before;
        } else {
            break;
        }
    }
    at
}

/// Articles, prepositions and forms before a medicine.
fn is_small(word: &str) -> bool {
    matches!(
        word,
        "el" | "la"
            | "los"
            | "las"
            | "de"
            | "con"
            | "y"
            | "para"
            | "un"
            | "una"
            | "unas"
            | "unos"
            | "del"
            | "al"
            | "jarabe"
            | "crema"
            | "pomada"
            | "inhalador"
    )
}

/// "una de zolmitriptán", "un cuartito de clonazepam": where the count right before "de" begins.
fn counted(turn: &TurnDoc, de: usize) -> Option<usize> {
    (de.saturating_sub(3)..de).find(|&from| {
        count_at(turn, from).is_some_and(|(_, end)| end == de)
            && !matches!(turn.word(from.wrapping_sub(1)), "de" | "cada" | "a" | "las" | "hasta")
    })
}

/// How many pieces, or what part of one, is said at a token.
fn count_at(turn: &TurnDoc, at: usize) -> Option<(f64, usize)> {
    portion_at(&turn.tokens, at)
        .or_else(|| number_at(&turn.tokens, at).map(|number| (number.value, number.end)))
}

/// "dos paracetamoles": how many of the medicine's own name.
fn of_its_name(turn: &TurnDoc, drug: &DrugMention) -> Option<f64> {
    let from = drug.start.checked_sub(1)?;
    let number = number_at(&turn.tokens, from).filter(|number| number.end == drug.start)?;
    let several = turn.word(drug.end.wrapping_sub(1)).ends_with('s');
    (several && (2.0..=4.0).contains(&number.value)).then_some(number.value)
}

/// The amount in the words that lead to a medicine, with its unit; a bare count is of tablets.
pub(super) fn amount_before(turn: &TurnDoc, drug: &DrugMention) -> Option<(f64, &'static str)> {
    let from = lead(turn, drug.start);
    let said = (from..drug.start).find_map(|at| {
        amount_at(&turn.tokens, at)
            .filter(|amount| amount.end <= drug.start && amount.unit != "vaso")
            .map(|amount| (amount.value, amount.unit))
    });
    let said = said.or_else(|| {
        let de = (from..drug.start).find(|&at| turn.word(at) == "de")?;
        let (count, _) = count_at(turn, counted(turn, de).filter(|&at| at >= from)?)?;
        (count <= 4.0).then_some((count, "tableta"))
    });
    said.or_else(|| of_its_name(turn, drug).map(|count| (count, "tableta")))
}

/// "en la noche, amitriptilina de diez": the moment or the interval right before, when no other medicine stands there.
pub(super) fn frequency_before(turn: &TurnDoc, drug: &DrugMention) -> Frequency {
    let sentence = turn.sentence_of(drug.start).start;
    let to = lead(turn, drug.start);
    let from = to.saturating_sub(NEAR).max(sentence);
    // Only what opens the sentence or follows a pause: the interval of the medicine before it is not this one's.
    let opens = (from..to).find(|&at| {
        let begins =
            matches!(turn.word(at), "cada" | "en" | "por" | "para" | "diario" | "al" | "todas" | "todos");
        begins && (at <= sentence + 1 || matches!(turn.word(at - 1), "." | ":"))
    });
    opens.map_or_else(Frequency::default, |from| {
        let found = frequency_in(&turn.tokens, from, to);
        let all = (from..to).all(|at| !number_then_time(turn, at));
        if all { found } else { Frequency::default() }
    })
}

/// "en dos semanas": when something happens, not how often.
fn number_then_time(turn: &TurnDoc, at: usize) -> bool {
    turn.word(at.wrapping_sub(1)) != "cada"
        && duration_at(&turn.tokens, at).is_some_and(|duration| duration.days >= 1.0)
}
