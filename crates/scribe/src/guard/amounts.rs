//! Numbers with what they count: doses, units, intervals, durations, readings.

use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::{number_at, numbers_in, round6, spoken_measure};
use crate::text::quantity::{amount_at, dose_unit, duration_at, frequency_in};

use super::Reason;

pub(super) fn check(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    if !(0..turn.tokens.len()).any(|at| is_number(turn, at) && number_at(&turn.tokens, at).is_some()) {
        return;
    }
    let heard = Heard::read(cited);
    let mut at = 0;
    while at < turn.tokens.len() {
        let Some(number) = number_at(&turn.tokens, at).filter(|_| is_number(turn, at)) else {
            at += 1;
            continue;
        };
        at = number.end;
        let after = turn.word(number.end);
        let before = turn.word(number.start.wrapping_sub(1));
        let value = number.value;
        if before == "cada" || matches!((after, turn.word(number.end + 1)), ("veces", "al")) {
            if !heard.interval(turn, number.start, value) {
                reasons.push(Reason::Frequency);
            }
        } else if let Some(duration) = duration_at(&turn.tokens, number.start) {
            if !heard.durations.iter().any(|days| near(*days, duration.days)) {
                reasons.push(if heard.has(value) && heard.units.iter().any(|(v, _)| near(*v, value)) {
                    Reason::Unit
                } else {
                    Reason::Duration
                });
            }
            at = duration.end;
        } else if let Some(unit) = dose_unit(after).filter(|_| turn.word(number.end + 1) != "/") {
            heard.dose(value, unit, reasons);
        } else if after == "%" && !heard.whole.iter().any(|whole| near(*whole, value)) {
            reasons.push(if sentence.drugs[0].is_empty() { Reason::Number } else { Reason::Dose });
        } else if after == "m" && heard.said(round6(value * 100.0)) {
            // A length said in centimetres and written in metres.
        } else if !heard.said(value) {
            reasons.push(Reason::Number);
        } else if let Some(unit) = measure_unit(after) {
            let said: Vec<&str> =
                heard.measures.iter().filter(|(v, _)| near(*v, value)).map(|(_, unit)| *unit).collect();
            if !said.is_empty() && !said.contains(&unit) {
                reasons.push(Reason::Unit);
            }
        }
    }
}

/// In a written sentence "una" and "un" are articles; B12 is a name.
fn is_number(turn: &TurnDoc, at: usize) -> bool {
    !matches!(turn.word(at), "un" | "una" | "uno") && !turn.word(at.wrapping_sub(1)).ends_with("tipo")
        || turn.word(at).starts_with(|c: char| c.is_ascii_digit()) && turn.word(at.wrapping_sub(1)) != "tipo"
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-4 * (1.0 + a.abs())
}

/// Units of length, volume and mass whose exchange changes the meaning.
fn measure_unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "cm" | "centimetro" | "centimetros" => "cm",
        "mm" | "milimetro" | "milimetros" => "mm",
        "m" | "metro" | "metros" => "m",
        "l" | "litro" | "litros" => "l",
        "ml" | "mililitro" | "mililitros" => "ml",
        "kg" | "kilo" | "kilos" => "kg",
        "g" | "gramo" | "gramos" => "g",
        "mg" | "miligramo" | "miligramos" => "mg",
        _ => return None,
    })
}

/// Everything the cited turns say in numbers.
struct Heard {
    values: Vec<f64>,
    /// Numbers as they are said from beginning to end, never a part of one ("punto cero cinco").
    whole: Vec<f64>,
    /// A strength times a count: only for doses.
    products: Vec<f64>,
    /// Numbers that may count pieces: no intervals, no lengths of time.
    counts: Vec<f64>,
    units: Vec<(f64, &'static str)>,
    durations: Vec<f64>,
    hours: Vec<f64>,
    measures: Vec<(f64, &'static str)>,
    micrograms: bool,
}

impl Heard {
    fn read(cited: &Scene<'_>) -> Self {
        let mut heard = Self {
            values: Vec::new(),
            whole: Vec::new(),
            products: Vec::new(),
            counts: Vec::new(),
            units: Vec::new(),
            durations: Vec::new(),
            hours: Vec::new(),
            measures: Vec::new(),
            micrograms: false,
        };
        heard.micrograms = cited.drugs.iter().flatten().any(|drug| drug.micrograms);
        for turn in &cited.doc.turns {
            heard.turn(turn);
        }
        if !heard.units.is_empty() || !heard.hours.is_empty() {
            heard.products = heard
                .values
                .iter()
                .filter(|value| **value >= 1.0)
                .flat_map(|value| heard.counts.iter().map(move |count| round6(value * count)))
                .collect();
        }
        heard
    }

    fn turn(&mut self, turn: &TurnDoc) {
        let end = turn.tokens.len();
        for at in 0..end {
            if let Some(duration) = duration_at(&turn.tokens, at) {
                self.durations.push(duration.days);
                self.values.push(duration.days);
            }
            if let Some(amount) = amount_at(&turn.tokens, at) {
                self.units.push((amount.value, amount.unit));
                self.values.push(amount.value);
            }
            if let Some(measure) = spoken_measure(&turn.tokens, at) {
                self.values.push(measure.value);
            }
            let half = match turn.word(at) {
                "media" | "medio" => Some(0.5),
                "cuarto" => Some(0.25),
                _ => None,
            };
            self.values.extend(half);
            if !matches!(turn.word(at + 1), "hora" | "ano" | "mes" | "dia") {
                self.counts.extend(half);
            }
            if turn.word(at) == "mitad" {
                self.counts.push(0.5);
            }
            if turn.word(at) == "media" && turn.word(at + 1) == "hora" {
                self.durations.push(1.0 / 48.0);
                self.values.push(30.0);
            }
            if at == 0
                || turn.tokens[at].is_punct()
                || matches!(
                    turn.word(at),
                    "cada" | "diario" | "diaria" | "veces" | "al" | "noche" | "manana" | "desayuno"
                )
            {
                let frequency = frequency_in(&turn.tokens, at.saturating_sub(3), (at + 12).min(end));
                self.hours.extend(frequency.hours);
            }
            if turn.word(at) == "semana" && matches!(turn.word(at.wrapping_sub(1)), "la" | "una") {
                self.durations.push(7.0);
            }
            let since = match turn.word(at) {
                "ayer" | "anoche" => Some(1.0),
                "antier" | "anteayer" => Some(2.0),
                _ => None,
            };
            self.durations.extend(since);
        }
        for number in numbers_in(&turn.tokens, 0, end) {
            self.values.push(number.value);
            self.whole.push(number.value);
            let interval = turn.word(number.start.wrapping_sub(1)) == "cada"
                || duration_at(&turn.tokens, number.start).is_some();
            if !interval && number.value > 0.0 && number.value <= 6.0 {
                self.counts.push(number.value);
            }
            if let Some(unit) = measure_unit(turn.word(number.end)) {
                self.measures.push((number.value, unit));
            }
        }
    }

    /// Said as such.
    fn said(&self, value: f64) -> bool {
        self.values.iter().any(|heard| near(*heard, value))
    }

    /// Said, or a strength times the pieces that were said.
    fn has(&self, value: f64) -> bool {
        self.said(value) || self.products.iter().any(|heard| near(*heard, value))
    }

    /// "cada 12 horas", "2 veces al día": by hours.
    fn interval(&self, turn: &TurnDoc, at: usize, value: f64) -> bool {
        let from = at.saturating_sub(1);
        let said = frequency_in(&turn.tokens, from, turn.tokens.len()).hours;
        said.is_some_and(|hours| self.hours.iter().any(|heard| near(*heard, hours)))
            || said.is_none() && self.has(value)
            || self.has(value) && turn.joined(at, at + 3).contains("minutos")
    }

    fn dose(&self, value: f64, unit: &'static str, reasons: &mut Vec<Reason>) {
        let same_value: Vec<&'static str> =
            self.units.iter().filter(|(v, _)| near(*v, value)).map(|(_, unit)| *unit).collect();
        let spoken_unit =
            same_value.contains(&unit) || same_value.iter().any(|heard| equal_units(heard, unit));
        if spoken_unit {
            return;
        }
        if !self.has(value) {
            let scaled = match unit {
                "mg" => self.units.iter().any(|(v, u)| *u == "g" && near(v * 1000.0, value)),
                "g" => self.units.iter().any(|(v, u)| *u == "mg" && near(v / 1000.0, value)),
                _ => false,
            };
            if !scaled {
                reasons.push(Reason::Dose);
            }
            return;
        }
        let measured =
            same_value.iter().any(|heard| matches!(*heard, "mg" | "g" | "mcg" | "ml" | "unidades"))
                && !matches!(unit, "tableta" | "cápsula");
        // Two tablets are not two drops.
        let other_pieces = same_value.iter().any(|heard| is_counted(heard));
        // Without a spoken unit only milligrams and counted pieces go without saying.
        let silent = unit == "mcg" && self.micrograms
            || (unit == "mg" || is_counted(unit) && !other_pieces) && !measured;
        let product = same_value.is_empty() && self.units.iter().any(|(_, heard)| *heard == unit);
        if !(silent || product) {
            reasons.push(Reason::Unit);
        }
    }
}

/// Forms that are counted, and need not be named to be understood.
fn is_counted(unit: &str) -> bool {
    matches!(unit, "tableta" | "cápsula" | "disparos" | "inhalaciones" | "gotas" | "sobre" | "ampolleta")
}

fn equal_units(a: &str, b: &str) -> bool {
    let group = |unit: &str| match unit {
        "disparos" | "inhalaciones" | "atomizaciones" => 1,
        "tableta" | "gragea" | "cápsula" => 2,
        _ => 0,
    };
    group(a) != 0 && group(a) == group(b)
}
