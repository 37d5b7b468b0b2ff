//! How many pregnancies, births, caesareans and losses.

use super::*;

/// What is counted, in the words of patients.
fn counted_noun(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "embarazo" | "embarazos" | "gesta" | "gestas" => ("embarazo", "embarazos"),
        "hijo" | "hijos" | "hija" | "hijas" => ("hijo", "hijos"),
        "parto" | "partos" | "naturales" => ("parto", "partos"),
        "cesarea" | "cesareas" => ("cesárea", "cesáreas"),
        "aborto" | "abortos" | "perdida" | "perdidas" => ("aborto", "abortos"),
        _ => return None,
    })
}

/// Whether a name of the lexicon only counts.
pub(super) fn is_count(name: &str) -> bool {
    matches!(name, "embarazos" | "partos" | "cesáreas" | "abortos" | "gestas")
}

/// Questions for the number of pregnancies or children.
const HOW_MANY: &[&str] = &[
    "cuantos embarazos",
    "embarazos",
    "cuantos hijos",
    "hijos",
    "partos",
    "gestas",
    "cuantas veces se ha embarazado",
];

/// The counts of a turn as one antecedent ("tres embarazos, dos partos y un aborto"); true when there were any.
pub(super) fn counted(scene: &Scene<'_>, idx: usize, question: usize, book: &mut Book) -> bool {
    let turn = scene.turn(idx);
    let asked = question + 1 == idx && asks_with(scene, question, HOW_MANY);
    let mut parts: Vec<(String, usize, usize)> = Vec::new();
    let lead = leading_number(turn).filter(|_| asked);
    if let Some((start, end)) = lead {
        let children = asks_with(scene, question, &["hijos"]);
        let noun = if children { "hijos" } else { "embarazos" };
        parts.push((format!("{} {noun}", scene.spoken(idx, start, end).to_lowercase()), start, end));
    }
    for at in 0..turn.tokens.len() {
        let Some(number) = number_at(&turn.tokens, at).filter(|number| number.value <= 15.0) else {
            continue;
        };
        let noun_at = (number.end..number.end + 2).find(|&k| counted_noun(turn.word(k)).is_some());
        let (one, many) = noun_at.and_then(|k| counted_noun(turn.word(k))).unwrap_or_default();
        let lost = ["que perdi", "que se me fue", "que se me vino", "que se murio", "que no se logro"]
            .iter()
            .any(|cue| turn.joined(number.end, number.end + 4).starts_with(cue));
        let (name, end) = match noun_at {
            Some(k) => {
                let spoken = scene.spoken(idx, number.start, number.end).to_lowercase();
                (format!("{spoken} {}", if number.value > 1.0 { many } else { one }), k + 1)
            }
            None if lost => ("un aborto".to_owned(), number.end + 3),
            None => continue,
        };
        let own = scene.household.who(turn, at, end, false) == Who::Patient || one == "hijo";
        let children = one == "hijo"
            && !asked
            && !(at.saturating_sub(3)..at).any(|k| matches!(turn.word(k), "tuve" | "tuvo"));
        if own && !children && !turn.sentence_of(at).question && said(turn, at, end) != Said::No {
            parts.push((name, at, end));
        }
    }
    parts.extend(ordinal(scene, idx, question));
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if parts.len() == 1
        && lead.is_none()
        && !asked
        && first.0.ends_with("hijos")
        && turn.word(first.1.wrapping_sub(1)) == "mis"
    {
        return false;
    }
    let hit = Hit { entry: 0, start: first.1, end: last.2 };
    let names: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
    let mut fact = fact(scene, idx, hit, &names.join(", "), Section::ObGyn, Said::Yes);
    if asked {
        fact.cite(scene.doc.whole(question));
    }
    book.add(fact);
    true
}

/// "Cuatro.", "Tuve seis", "Pues tres": the number that answers.
fn leading_number(turn: &TurnDoc) -> Option<(usize, usize)> {
    (0..turn.tokens.len().min(4)).find_map(|at| {
        let number = number_at(&turn.tokens, at).filter(|number| (1.0..=15.0).contains(&number.value))?;
        let alone = turn.tokens.get(number.end).is_none_or(|next| {
            next.is_punct() || matches!(next.norm.as_str(), "y" | "los" | "las" | "todos" | "todas")
        });
        (alone && turn.word(at.wrapping_sub(1)) != "los").then_some((number.start, number.end))
    })
}

/// "¿Es su primer embarazo?" - "El tercero."
fn ordinal(scene: &Scene<'_>, idx: usize, question: usize) -> Option<(String, usize, usize)> {
    let asked = question + 1 == idx
        && asks_with(
            scene,
            question,
            &[
                "primer embarazo",
                "primer bebe",
                "primer hijo",
                "el primero",
                "es el segundo",
                "es el tercero",
                "que embarazo",
                "numero de embarazo",
            ],
        );
    let turn = scene.turn(idx);
    (0..turn.tokens.len().min(8)).filter(|_| asked).find_map(|at| {
        let name = match turn.word(at) {
            "primero" | "primer" => "primer",
            "segundo" => "segundo",
            "tercero" | "tercer" => "tercer",
            "cuarto" => "cuarto",
            "quinto" => "quinto",
            _ => return None,
        };
        (said(turn, at, at + 1) != Said::No || turn.word(0) == "no" && at > 1)
            .then(|| (format!("{name} embarazo"), at, at + 1))
    })
}
