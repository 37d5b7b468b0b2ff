//! Numbers that cannot be: they are told, never written.

use clinical::draft::Notice;
use clinical::observation::{Amount, VitalKind, VitalSign};

use crate::facts::{ClinicalFact, FactKind};
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// How a measure is called and what it is.
const MEASURES: &[(&[&str], VitalKind)] = &[
    (&["presion"], VitalKind::BpSystolic),
    (&["tension", "arterial"], VitalKind::BpSystolic),
    (&["temperatura"], VitalKind::Temperature),
    (&["frecuencia", "respiratoria"], VitalKind::RespiratoryRate),
    (&["frecuencia", "cardiaca"], VitalKind::HeartRate),
    (&["pulso"], VitalKind::HeartRate),
    (&["saturacion"], VitalKind::OxygenSaturation),
    (&["oxigenacion"], VitalKind::OxygenSaturation),
    (&["peso"], VitalKind::Weight),
];
/// Between the measure and its number only these are said.
const BETWEEN: &[&str] = &[
    "de", "es", "esta", "la", "le", "el", "tiene", "trae", "en", "a", "salio", ",", ":", "tomo", "ver",
    "arterial",
];
/// Words behind a number that make it something else.
const ELSE: &[&str] = &[
    "veces", "dias", "dia", "semanas", "semana", "meses", "mes", "anos", "ano", "minutos", "horas", "gramos",
    "libras",
];

/// Readings of instruments outside of what any living patient has.
pub(crate) fn readings(scene: &Scene<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (at, turn) in scene.doc.turns.iter().enumerate().filter(|(_, turn)| turn.is_doctor()) {
        for place in 0..turn.tokens.len() {
            let measure = MEASURES.iter().find(|(words, _)| {
                words.iter().enumerate().all(|(word, said)| turn.word(place + word) == *said)
            });
            let Some((words, kind)) = measure else { continue };
            if turn.sentence_of(place).question {
                continue;
            }
            if let Some((from, to)) = impossible(turn, place + words.len(), *kind) {
                let evidence = scene.doc.evidence(at, from, to);
                let said = scene.spoken(at, from, to);
                let text = format!("{}: «{said}» no puede ser; no se usó.", label(*kind));
                notices.push(Notice { text, evidence: vec![evidence] });
            }
        }
    }
    notices
}

fn label(kind: VitalKind) -> &'static str {
    if kind == VitalKind::BpSystolic { "Tensión arterial" } else { kind.label() }
}

/// The tokens of a number right after its measure that cannot be its value.
fn impossible(turn: &TurnDoc, from: usize, kind: VitalKind) -> Option<(usize, usize)> {
    // "le tomo la presión. Mil doscientos sobre ochenta": a full stop may stand between.
    let start = (from..turn.tokens.len().min(from + 6)).find(|&at| number_at(&turn.tokens, at).is_some())?;
    let passes = |at: usize| BETWEEN.contains(&turn.word(at)) || turn.word(at) == ".";
    let number = number_at(&turn.tokens, start)?;
    let next = turn.word(number.end);
    let decimal = matches!(next, "con" | "punto" | "y") || turn.word(start + 1) == ".";
    if !(from..start).all(passes) || turn.tokens[start].dead || ELSE.contains(&next) {
        return None;
    }
    let is_possible = |kind: VitalKind, value: f64| {
        Amount::from_f64(value).is_some_and(|amount| VitalSign::new(kind, amount).is_ok())
    };
    if kind == VitalKind::BpSystolic {
        let low = number_at(&turn.tokens, number.end + 1).filter(|_| matches!(next, "sobre" | "/"))?;
        let right = is_possible(kind, number.value)
            && is_possible(VitalKind::BpDiastolic, low.value)
            && number.value > low.value;
        return (!right).then_some((start, low.end));
    }
    (!decimal && !is_possible(kind, number.value)).then_some((start, number.end))
}

/// Largest amount of one administration that is ever given, by unit; generous, so that only slips of the tongue are told.
fn most(unit: &str) -> Option<f64> {
    Some(match unit {
        "mg" => 15_000.0,
        "g" => 120.0,
        "mcg" => 10_000.0,
        "ml" => 4_000.0,
        "gotas" => 150.0,
        "disparos" | "inhalaciones" | "atomizaciones" => 30.0,
        "tableta" | "tabletas" | "cápsula" | "cápsulas" | "pieza" => 30.0,
        "cucharada" | "cucharadita" => 12.0,
        _ => return None,
    })
}

/// Takes doses nobody can be given out of the facts: the medicine stays, its dose is left for the physician.
pub(crate) fn doses_taken_out(facts: &mut [ClinicalFact]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for fact in facts {
        let medicine = matches!(fact.kind, FactKind::Prescription | FactKind::CurrentMedication);
        let attributes = &mut fact.attributes;
        let (Some(value), Some(unit)) = (attributes.dose_value, attributes.dose_unit.as_deref()) else {
            continue;
        };
        if medicine && most(unit).is_some_and(|most| value > most) {
            let amount = Amount::from_f64(value).map(|amount| amount.to_string()).unwrap_or_default();
            let text =
                format!("{}: {amount} {unit} por toma no puede ser; la dosis quedó sin llenar.", fact.name);
            notices.push(Notice { text: crate::compose::capital(&text), evidence: fact.evidence.clone() });
            attributes.dose_value = None;
            attributes.dose_unit = None;
        }
    }
    notices
}
