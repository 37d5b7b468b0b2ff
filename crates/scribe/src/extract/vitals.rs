//! Vital signs the clinician measures and reads aloud.

use crate::facts::{ClinicalFact, FactKind};
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::{Number, number_at, spoken_measure};

use super::Book;

/// A measure by its words, with its plausible range (adult and child, ill or well).
struct Measure {
    name: &'static str,
    words: &'static [&'static str],
    low: f64,
    high: f64,
    spoken: bool,
}

const MEASURES: &[Measure] = &[
    Measure {
        name: "rr",
        words: &[
            "frecuencia respiratoria",
            "respiratoria",
            "respiraciones",
            "respirando",
            "respira a",
            "polipneico",
            "polipneica",
            "fr",
        ],
        low: 8.0,
        high: 90.0,
        spoken: false,
    },
    Measure {
        name: "hr",
        words: &[
            "frecuencia cardiaca",
            "pulso",
            "frecuencia",
            "cardiaca",
            "corazon a",
            "latidos",
            "pulsaciones",
            "latiendo",
            "late a",
            "fc",
            "taquicardico",
            "taquicardica",
            "bradicardico",
            "bradicardica",
        ],
        low: 30.0,
        high: 230.0,
        spoken: false,
    },
    Measure {
        name: "temp_c",
        words: &["temperatura", "temp", "grados", "termometro"],
        low: 34.0,
        high: 42.5,
        spoken: true,
    },
    Measure {
        name: "spo2",
        words: &[
            "saturacion",
            "satura",
            "saturando",
            "oxigenacion",
            "oximetro",
            "oximetria",
            "oximetria de pulso",
            "saturas",
            "oxigeno",
            "spo2",
            "sato2",
        ],
        low: 50.0,
        high: 100.0,
        spoken: false,
    },
    Measure {
        name: "weight_kg",
        words: &["pesa", "pesas", "peso", "pesando", "bascula", "peso de"],
        low: 1.5,
        high: 250.0,
        spoken: true,
    },
    Measure {
        name: "height_m",
        words: &["mide", "mides", "talla", "estatura", "midiendo"],
        low: 0.4,
        high: 2.2,
        spoken: true,
    },
    Measure {
        name: "glucose_mg_dl",
        words: &[
            "glucosa",
            "azucar",
            "glucemia",
            "glicemia",
            "dextro",
            "dextrostix",
            "destrostix",
            "destroxtis",
            "capilar",
            "glucometria",
            "tira",
            "tirita",
        ],
        low: 20.0,
        high: 700.0,
        spoken: false,
    },
];

/// The plausible values of a sign, by its name in the batch output.
pub(crate) fn plausible(name: &str) -> Option<(f64, f64)> {
    MEASURES.iter().find(|measure| measure.name == name).map(|measure| (measure.low, measure.high))
}

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

/// "sistólica ciento cuarenta, diastólica ochenta y ocho", "la máxima en ciento cincuenta y la mínima en noventa".
fn by_its_halves(turn: &TurnDoc) -> Option<(Number, Number)> {
    let half = |words: &[&str], (low, high): (f64, f64)| {
        let at = (0..turn.tokens.len()).find(|&at| words.contains(&turn.word(at)))?;
        (at + 1..at + 5)
            .find_map(|k| number_at(&turn.tokens, k))
            .filter(|number| (low..=high).contains(&number.value))
    };
    Some((half(&["sistolica", "maxima"], (70.0, 260.0))?, half(&["diastolica", "minima"], (30.0, 150.0))?))
        .filter(|(high, low)| high.value > low.value && high.end <= low.start)
}

/// "doce ocho de presión", "presión catorce nueve": tens of millimetres, as older people say it.
fn in_tens(turn: &TurnDoc, high: Number, low: Number) -> bool {
    let whole = high.value.fract() == 0.0 && low.value.fract() == 0.0;
    let beside = turn.word(high.start.wrapping_sub(1)) == "presion"
        || turn.word(low.end) == "de" && turn.word(low.end + 1) == "presion";
    let ends =
        turn.tokens.get(low.end).is_none_or(crate::text::Token::is_punct) || turn.word(low.end) == "de";
    whole
        && beside
        && ends
        && (8.0..=24.0).contains(&high.value)
        && (5.0..=13.0).contains(&low.value)
        && high.value > low.value
}

fn pressure(scene: &Scene<'_>, idx: usize) -> Vec<ClinicalFact> {
    let turn = scene.turn(idx);
    let mut out = Vec::new();
    if let Some((high, low)) = by_its_halves(turn).filter(|(high, low)| {
        !turn.sentence_of(high.start).question && !elsewhere(turn, high.start.saturating_sub(8), low.end)
    }) {
        out.push(vital(scene, idx, "bp_systolic", high.value, high.start, low.end));
        out.push(vital(scene, idx, "bp_diastolic", low.value, high.start, low.end));
        return out;
    }
    let mut at = 0;
    while at < turn.tokens.len() {
        let Some(high) = number_at(&turn.tokens, at) else {
            at += 1;
            continue;
        };
        at = high.end;
        let after_pressure = turn.joined(high.start.saturating_sub(3), high.start).contains("presion");
        let joined = matches!(turn.word(high.end), "sobre" | "con" | "/" | "entre" | "y")
            || after_pressure && turn.word(high.end) == ",";
        let before_pressure = number_at(&turn.tokens, high.end)
            .is_some_and(|low| turn.word(low.end) == "de" && turn.word(low.end + 1) == "presion");
        if !joined && !after_pressure && !before_pressure {
            continue;
        }
        let Some(low) = number_at(&turn.tokens, high.end + usize::from(joined)) else { continue };
        let (mut high, mut low) = (high, low);
        if in_tens(turn, high, low) {
            (high.value, low.value) = (high.value * 10.0, low.value * 10.0);
        }
        let mid = turn.word(high.end);
        let likely = (70.0..=260.0).contains(&high.value)
            && (30.0..=150.0).contains(&low.value)
            && high.value > low.value;
        let strict = after_pressure
            || before_pressure
            || matches!(turn.word(high.start.wrapping_sub(1)), "tension" | "ta")
            || matches!(mid, "sobre" | "/")
            || turn.joined(high.start.saturating_sub(8), high.start).contains("presion");
        let sentence = turn.sentence_of(high.start);
        let from = high.start.saturating_sub(10).max(sentence.start);
        let other_posture = !out.is_empty()
            && ["acuestese", "acueste", "recuestese", "parese", "de pie", "levantese"]
                .iter()
                .any(|cue| turn.joined(0, high.start).contains(cue));
        if likely
            && strict
            && !other_posture
            && !sentence.question
            && !elsewhere(turn, from, (low.end + 3).min(sentence.end))
        {
            out.push(vital(scene, idx, "bp_systolic", high.value, high.start, low.end));
            out.push(vital(scene, idx, "bp_diastolic", low.value, high.start, low.end));
        }
        at = low.end;
    }
    out
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
