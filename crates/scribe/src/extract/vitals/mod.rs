//! Vital signs the clinician measures and reads aloud.

use crate::facts::{ClinicalFact, FactKind};
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::{Number, number_at, spoken_measure};

use super::Book;

mod pressure;
mod table;

use pressure::pressure;
pub(crate) use table::plausible;
use table::{MEASURES, Measure};

/// Reads the vital signs; of a repeated measure the last value holds.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    let mut found: Vec<ClinicalFact> = Vec::new();
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() && !reads_instruments(scene, idx) {
            answered_weight(scene, idx, &mut found);
            continue;
        }
        for fact in pressure(scene, idx).into_iter().chain(measures(scene, idx)) {
            match found.iter_mut().find(|known| known.name == fact.name) {
                Some(known) => *known = fact,
                None => found.push(fact),
            }
        }
    }
    for fact in found {
        book.add(fact);
    }
}

/// A companion or nurse aide who reads several instruments aloud in the visit ("Dice: presión..., pulso..., oxígeno...").
fn reads_instruments(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let kinds = [" presion", " pulso", " oxigeno", " saturacion", " pesa ", " peso", " temperatura"]
        .iter()
        .filter(|cue| said.contains(*cue))
        .count();
    turn.speaker == clinical::transcript::Speaker::Companion
        && kinds >= 3
        && ![" en la casa", " ayer", " lunes", " diario", " la semana"].iter().any(|cue| said.contains(cue))
}

/// "¿Cuánto pesa?" - "Setenta y dos.", while the clinician examines.
fn answered_weight(scene: &Scene<'_>, idx: usize, found: &mut Vec<ClinicalFact>) {
    let Some(question) = idx.checked_sub(1).filter(|&q| scene.turn(q).is_doctor() && scene.exam[q]) else {
        return;
    };
    let asked = scene.turn(question);
    let last = asked.sentences.last().filter(|sentence| sentence.question);
    let asks = last.is_some_and(|sentence| {
        let words = asked.joined(sentence.start.saturating_sub(3), sentence.end);
        words.contains("cuanto pes") || words.contains("peso")
    });
    let turn = scene.turn(idx);
    let number = spoken_measure(&turn.tokens, 0)
        .filter(|number| (1.5..250.0).contains(&number.value) && number.end <= 6);
    if let (true, Some(number)) = (asks && found.iter().all(|fact| fact.name != "weight_kg"), number) {
        let mut fact = vital(scene, idx, "weight_kg", number.value, 0, number.end);
        fact.cite(scene.doc.whole(question));
        found.push(fact);
    }
}

fn vital(scene: &Scene<'_>, idx: usize, name: &str, value: f64, start: usize, end: usize) -> ClinicalFact {
    let mut fact = ClinicalFact::new(
        FactKind::Vital,
        name,
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, start, end),
    );
    fact.attributes.value = Some(value);
    fact
}

/// Words that make a number something else than a reading of this visit.
fn elsewhere(turn: &TurnDoc, from: usize, to: usize) -> bool {
    let words = turn.joined(from, to);
    [
        "en casa",
        "en su casa",
        "la otra vez",
        "la vez pasada",
        "antes estaba",
        "en marzo",
        "meta",
        "menos de",
        "abajo de",
        "arriba de",
        "debajo de",
        "mayor de",
        "menor de",
        "hace un",
        "hace dos",
        "ultima vez",
        "si sube",
        "si pasa",
        "si llega",
        "pasa de",
        "parada",
        "parado",
        "de pie",
        "pesaba",
        "media",
        "al minuto",
        "a los tres minutos",
        "a los dos minutos",
        "sentado a parado",
    ]
    .iter()
    .any(|cue| words.contains(cue))
}

fn measures(scene: &Scene<'_>, idx: usize) -> Vec<ClinicalFact> {
    let turn = scene.turn(idx);
    let mut out: Vec<ClinicalFact> = Vec::new();
    let mut taken: Vec<usize> = Vec::new();
    if (0..turn.tokens.len()).all(|at| number_at(&turn.tokens, at).is_none()) {
        return out;
    }
    for at in 0..turn.tokens.len() {
        let Some((measure, length)) = measure_at(turn, at) else { continue };
        let sentence = turn.sentence_of(at);
        if sentence.question {
            continue;
        }
        let Some(number) =
            value_near(turn, at + length, measure, sentence.end).or_else(|| grados_before(turn, at, measure))
        else {
            continue;
        };
        if taken.contains(&number.start)
            || elsewhere(turn, sentence.start.max(at.saturating_sub(8)), number.end)
        {
            continue;
        }
        if measure.name == "glucose_mg_dl" && !measured_now(scene, idx, at, number) {
            continue;
        }
        if measure.name == "weight_kg"
            && matches!(turn.word(number.end), "kilos" | "kilo")
            && matches!(turn.word(at.wrapping_sub(1)), "de" | "subio" | "bajo")
            && turn.word(at.wrapping_sub(2)) != "y"
            && turn.word(at) == "peso"
            && !matches!(turn.word(at.wrapping_sub(2)), "," | "y" | "")
        {
            continue;
        }
        taken.push(number.start);
        out.push(vital(scene, idx, measure.name, number.value, at, number.end));
    }
    out.extend(kilos(scene, idx, &taken));
    if out.iter().all(|fact| fact.name != "temp_c") {
        out.extend(bare_temperature(scene, idx, &taken));
    }
    out
}

/// "Nueve kilos ochocientos", "treinta y siete nueve de temperatura": the number before its word, in an examination.
fn kilos(scene: &Scene<'_>, idx: usize, taken: &[usize]) -> Vec<ClinicalFact> {
    let turn = scene.turn(idx);
    let mut out = Vec::new();
    let mut at = 0;
    while at < turn.tokens.len() {
        let Some(plain) = number_at(&turn.tokens, at) else {
            at += 1;
            continue;
        };
        let measure = spoken_measure(&turn.tokens, at).unwrap_or(plain);
        let before = turn.word(at.wrapping_sub(1));
        let sentence = turn.sentence_of(at);
        let weighing = scene.exam[idx]
            || (idx.saturating_sub(2)..=idx).any(|k| {
                scene.turn(k).is_doctor()
                    && ["bascula", "pesar", "peso", "pesa"]
                        .iter()
                        .any(|cue| scene.turn(k).joined(0, scene.turn(k).tokens.len()).contains(cue))
            });
        let fresh = !taken.contains(&at) && !sentence.question && weighing;
        let alone = sentence.start == at
            && measure.end + 1 >= sentence.end
            && (1.2..2.1).contains(&measure.value)
            && measure.value.fract() != 0.0;
        if fresh && alone && out.iter().any(|fact: &ClinicalFact| fact.name == "weight_kg") {
            out.push(vital(scene, idx, "height_m", measure.value, at, measure.end));
            at = measure.end;
            continue;
        }
        let weight = matches!(turn.word(plain.end), "kilos" | "kilo")
            && !matches!(
                before,
                "de" | "bajo"
                    | "bajado"
                    | "subio"
                    | "subido"
                    | "los"
                    | "esos"
                    | "como"
                    | "perdio"
                    | "otros"
                    | "por"
                    | "a"
            )
            && (1.5..250.0).contains(&measure.value);
        let degrees = turn.word(measure.end) == "de"
            && turn.word(measure.end + 1) == "temperatura"
            && (34.0..42.5).contains(&measure.value);
        if let Some(name) = named_behind(turn, plain).filter(|_| !taken.contains(&at) && !sentence.question) {
            out.push(vital(scene, idx, name, plain.value, at, plain.end + 2));
            at = plain.end;
            continue;
        }
        if fresh && weight && !elsewhere(turn, sentence.start.max(at.saturating_sub(8)), measure.end) {
            out.push(vital(scene, idx, "weight_kg", measure.value, at, measure.end));
        } else if fresh && degrees {
            out.push(vital(scene, idx, "temp_c", measure.value, at, measure.end));
        }
        at = measure.end.max(plain.end);
    }
    out
}

/// "setenta y ocho de pulso", "ciento diez latidos", "veintidós respiraciones por minuto": the sign behind its number.
fn named_behind(turn: &TurnDoc, number: Number) -> Option<&'static str> {
    let word = if matches!(turn.word(number.end), "de" | "el") { number.end + 1 } else { number.end };
    let led = word > number.end;
    let name = match turn.word(word) {
        "pulso" | "frecuencia" if led && turn.word(word + 1) != "respiratoria" => "hr",
        "latidos" | "pulsaciones" => "hr",
        "respiraciones" => "rr",
        "saturacion" if led => "spo2",
        _ => return None,
    };
    let ends = (word + 1..word + 4)
        .any(|k| turn.tokens.get(k).is_none_or(crate::text::Token::is_punct) || turn.word(k) == "y");
    let (low, high) = plausible(name)?;
    // "ciento veinte de frecuencia"; not "... setenta y ocho, el pulso ochenta".
    let other = number_at(&turn.tokens, word + 1).is_some();
    (ends && !other && (low..=high).contains(&number.value) && number.value.fract() == 0.0).then_some(name)
}

/// The longest measure word that begins at a token, and its length.
fn measure_at(turn: &TurnDoc, at: usize) -> Option<(&'static Measure, usize)> {
    MEASURES
        .iter()
        .flat_map(|measure| measure.words.iter().map(move |words| (measure, words)))
        .filter(|(_, words)| words.split(' ').enumerate().all(|(k, word)| turn.word(at + k) == word))
        .map(|(measure, words)| (measure, words.split(' ').count()))
        .max_by_key(|(_, length)| *length)
}

fn value_near(turn: &TurnDoc, from: usize, measure: &Measure, limit: usize) -> Option<Number> {
    let mut at = from;
    let mut steps = 0;
    while at < limit && steps < 8 {
        let number =
            if measure.spoken { spoken_measure(&turn.tokens, at) } else { number_at(&turn.tokens, at) };
        if let Some(mut number) = number {
            if measure.name == "height_m" && number.value > 3.0 {
                number.value /= 100.0;
            }
            if measure.name == "weight_kg" && turn.word(number.end) == "gramos" && number.value >= 500.0 {
                number.value = crate::text::numbers::round6(number.value / 1000.0);
                number.end += 1;
            }
            let unit_says_no = matches!(
                turn.word(number.end),
                "veces" | "dias" | "semanas" | "anos" | "meses" | "minutos" | "litros"
            ) || measure.name == "weight_kg"
                && matches!(turn.word(number.end), "gramos" | "mas" | "menos");
            let in_range = (measure.low..=measure.high).contains(&number.value);
            return (in_range && !unit_says_no && !matches!(turn.word(number.end), "sobre" | "/"))
                .then_some(number);
        }
        if !turn.tokens[at].dead {
            let word = turn.word(at);
            let passes = turn.tokens[at].is_punct() && word != ";"
                || matches!(
                    word,
                    "en" | "de"
                        | "a"
                        | "al"
                        | "esta"
                        | "es"
                        | "son"
                        | "el"
                        | "la"
                        | "ahorita"
                        | "hoy"
                        | "un"
                        | "aire"
                        | "ambiente"
                        | "ver"
                        | "salio"
                        | "anda"
                        | "va"
                        | "por"
                        | "con"
                        | "minuto"
                        | "cardiaca"
                        | "su"
                        | "tiene"
                        | "trae"
                        | "bien"
                        | "oxigeno"
                        | "ayunas"
                        | "capilar"
                        | "del"
                        | "dedo"
                        | "y"
                        | "que"
                        | "aqui"
                        | "casual"
                        | "sangre"
                        | "peso"
                        | "metro"
                        | "uno"
                        | "me"
                        | "da"
                        | "marca"
                        | "axilar"
                        | "ritmico"
                        | "regular"
                        | "estable"
                        | "tu"
                        | "le"
                        | "arriba"
                        | "queda"
                        | "quedo"
                        | "sigue"
                );
            if !passes {
                return None;
            }
        }
        steps += 1;
        at += 1;
    }
    None
}

/// "treinta y ocho grados".
fn grados_before(turn: &TurnDoc, at: usize, measure: &Measure) -> Option<Number> {
    if measure.name != "temp_c" || turn.word(at) != "grados" {
        return None;
    }
    let start = (at.saturating_sub(5)..at)
        .find(|&k| number_at(&turn.tokens, k).is_some_and(|number| number.end == at))?;
    spoken_measure(&turn.tokens, start).filter(|number| (measure.low..=measure.high).contains(&number.value))
}

/// A sugar read in the visit, not one from the laboratory.
fn measured_now(scene: &Scene<'_>, idx: usize, at: usize, number: Number) -> bool {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(at);
    let near = turn.joined(sentence.start.saturating_sub(6), (number.end + 6).min(turn.tokens.len()));
    let now = [
        "ahorita",
        "ahora",
        "capilar",
        "dextro",
        "destro",
        "dedo",
        "glucometria",
        "tirita",
        "casual",
        "desayun",
    ]
    .iter()
    .any(|cue| near.contains(cue));
    let said = turn.joined(0, turn.tokens.len());
    let with_vitals = ["presion", "pulso", "peso", "pesa", "temperatura", "saturacion"]
        .iter()
        .filter(|cue| said.contains(*cue))
        .count()
        >= 1
        && scene.exam[idx];
    let lab = [
        "analisis",
        "laboratorio",
        "estudios",
        "creatinina",
        "colesterol",
        "hemoglobina",
        "salio",
        "trigliceridos",
        "urea",
        "potasio",
    ]
    .iter()
    .any(|cue| said.contains(cue));
    now || with_vitals && !lab
}

/// "Treinta y ocho punto cuatro. Saturación...": a lone value that can only be a temperature, among other signs.
fn bare_temperature(scene: &Scene<'_>, idx: usize, taken: &[usize]) -> Option<ClinicalFact> {
    let turn = scene.turn(idx);
    let said = turn.joined(0, turn.tokens.len());
    if !scene.exam[idx]
        || !["saturacion", "pulso", "frecuencia", "presion"].iter().any(|cue| said.contains(cue))
    {
        return None;
    }
    turn.sentences.iter().find_map(|sentence| {
        let number = spoken_measure(&turn.tokens, sentence.start)?;
        let alone = number.end + 1 >= sentence.end;
        let is_new = !taken.contains(&number.start);
        (alone && is_new && (35.0..42.0).contains(&number.value) && number.value.fract() != 0.0)
            .then(|| vital(scene, idx, "temp_c", number.value, number.start, number.end))
    })
}
