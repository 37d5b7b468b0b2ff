//! Results of studies, read aloud by the clinician or told by the patient.

mod earlier;
mod lists;
pub(crate) mod named;
mod reports;
mod sides;

use crate::context::Said;
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, FactKind, Time};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;
use crate::text::quantity::plain;

use super::Book;

/// Reads the results.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let hits = &scene.studies[idx];
        for (number, &hit) in hits.iter().enumerate() {
            let next = hits.get(number + 1).map_or(scene.turn(idx).tokens.len(), |next| next.start);
            if let Some(fact) = result(scene, idx, hit, next, book) {
                let earlier = earlier::value(scene, idx, hit, next, &fact);
                let other = sides::other_side(scene, idx, hit, next, &fact);
                book.add(fact);
                earlier.into_iter().chain(other).for_each(|fact| book.add(fact));
            }
        }
        visual_acuity(scene, idx, book);
        reports::shown(scene, idx, book);
        lists::unlisted(scene, idx, book);
    }
}

/// "ojo derecho veinte cuarenta": visual acuity as it is read aloud, twenty over something.
fn visual_acuity(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let said = turn.joined(0, turn.tokens.len());
    if !turn.is_doctor()
        || !["ojo", "derecho", "izquierdo", "agudeza", "lentes", "letras"]
            .iter()
            .any(|cue| said.contains(cue))
    {
        return;
    }
    for at in 0..turn.tokens.len() {
        let Some(first) = number_at(&turn.tokens, at)
            .filter(|number| number.value == 20.0 && turn.word(at) == "veinte" || turn.word(at) == "20")
        else {
            continue;
        };
        let from = if matches!(turn.word(first.end), "sobre" | "/") { first.end + 1 } else { first.end };
        let Some(second) = number_at(&turn.tokens, from) else { continue };
        if ![20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0, 200.0, 400.0].contains(&second.value) {
            continue;
        }
        let side = (0..at).rev().find_map(|k| match turn.word(k) {
            "derecho" => Some(" ojo derecho"),
            "izquierdo" => Some(" ojo izquierdo"),
            _ => None,
        });
        let mut fact = ClinicalFact::new(
            FactKind::Result,
            format!("agudeza visual{}", side.unwrap_or_default()),
            turn.speaker,
            scene.doc.evidence(idx, at, second.end),
        );
        fact.attributes.text_value = Some(format!("20/{}", plain(second.value)));
        book.add(fact);
    }
}

fn result(scene: &Scene<'_>, idx: usize, hit: Hit, next: usize, book: &Book) -> Option<ClinicalFact> {
    let turn = scene.turn(idx);
    let entry = &scene.lex.studies.entries[hit.entry];
    let sentence = turn.sentence_of(hit.start);
    let kind = entry.info.as_str();
    let told = turn.joined(hit.end, next.min(hit.end + 4));
    let resulted = ["salio", "esta en", "estaba en", "anda en"].iter().any(|cue| told.starts_with(cue));
    if sentence.question
        || !matches!(kind, "lab" | "image" | "test")
        || is_drug_here(scene, idx, hit) && !resulted
    {
        return None;
    }
    let before = turn.joined(hit.start.saturating_sub(7).max(sentence.start), hit.start);
    if is_ordered(&before) {
        return None;
    }
    let mut fact = ClinicalFact::new(
        FactKind::Result,
        entry.name.clone(),
        turn.speaker,
        scene.doc.evidence(idx, hit.start, next.min(hit.end + 16).min(turn.tokens.len())),
    );
    if entry.name == BLOOD_GROUP {
        let (value, end) = blood_group(turn, hit.start + 1, sentence.end)?;
        fact.attributes.text_value = Some(value);
        fact.evidence = vec![scene.doc.evidence(idx, hit.start, end)];
        return Some(fact);
    }
    if let Some((value, unit, end)) = numeric(turn, hit.end, next.min(sentence.end), kind) {
        fact.name.push_str(sides::named(turn, hit.end, end));
        if book.of(FactKind::Vital).any(|vital| {
            vital.evidence.iter().any(|e| e.turn == idx) && vital.attributes.value == Some(value)
        }) {
            return None;
        }
        let threshold = turn.joined(hit.end, end);
        let whole = turn.joined(sentence.start, sentence.end);
        let wanted = ["meta", "si sube", "si pasa", "queremos", "debe", "ideal", "lo normal es", "tope"];
        let bound = ["menos de", "arriba de", "abajo de", "mas de"].iter().any(|cue| threshold.contains(cue));
        if ["meta", "si sube", "si pasa"].iter().any(|cue| threshold.contains(cue))
            || bound && wanted.iter().any(|cue| whole.contains(cue))
        {
            return None;
        }
        fact.attributes.value = Some(value);
        fact.attributes.unit = unit.or_else(|| (!entry.more.is_empty()).then(|| entry.more.clone()));
        fact.evidence = vec![scene.doc.evidence(idx, hit.start, end)];
        if earlier(turn, hit.start.saturating_sub(5).max(sentence.start), end + 3) {
            fact.time = Time::Past;
        }
        return Some(fact);
    }
    let end = next.min(sentence.end);
    let words = turn.joined(hit.end, end);
    let whole = turn.joined(sentence.start, sentence.end);
    let reports =
        ["salio", "salieron", "reporta", "resulto", "trae", "muestra", "negativ", "positiv", "normal"]
            .iter()
            .any(|cue| whole.contains(cue));
    if !reports && is_ordered(&whole) {
        return None;
    }
    if book.of(FactKind::Result).any(|known| known.name == entry.name && known.attributes.value.is_some()) {
        return None;
    }
    let value = qualitative(turn, hit, end, &words)?;
    if turn.is_patient_side() && said(turn, hit.start, hit.end) == Said::No {
        return None;
    }
    fact.attributes.text_value = Some(value);
    Some(fact)
}

const BLOOD_GROUP: &str = "grupo sanguíneo";

/// "O positivo", "AB negativo": letters and the Rh factor; nothing else is a blood group.
fn blood_group(turn: &TurnDoc, from: usize, limit: usize) -> Option<(String, usize)> {
    let at = (from..limit.min(from + 4)).find(|&at| matches!(turn.word(at), "o" | "a" | "b" | "ab"))?;
    let rh_at = (at + 1..limit.min(at + 4)).find(|&k| !matches!(turn.word(k), "rh" | "," | "factor"))?;
    let rh = match turn.word(rh_at) {
        "positivo" | "positiva" | "+" => "positivo",
        "negativo" | "negativa" | "-" => "negativo",
        _ => return None,
    };
    Some((format!("{} {rh}", turn.word(at).to_uppercase()), rh_at + 1))
}

fn is_drug_here(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    scene.drugs[idx].iter().any(|drug| drug.start < hit.end && hit.start < drug.end && !drug.ambiguous)
}

fn is_ordered(before: &str) -> bool {
    [
        "pido",
        "pedir",
        "solicit",
        "hacer",
        "hacerle",
        "hacerte",
        "hagase",
        "hagas",
        "mando a hacer",
        "necesito",
        "traiga",
        "me trae",
        "repet",
        "tomar",
        "tomarle",
        "quiero un",
        "vamos a",
        "falta",
        "ocupo",
        "toca",
        "ordenar",
        "si sale",
    ]
    .iter()
    .any(|cue| before.split(' ').any(|word| word == *cue) || cue.contains(' ') && before.contains(cue))
}

fn earlier(turn: &TurnDoc, from: usize, to: usize) -> bool {
    let words = turn.joined(from, to);
    [
        "la otra vez",
        "en marzo",
        "antes estaba",
        "el anterior",
        "la anterior",
        "hace un",
        "la vez pasada",
        "previo",
        "estaba en",
    ]
    .iter()
    .any(|cue| words.contains(cue))
}

/// The number that belongs to a study, its unit and where it ends.
fn numeric(turn: &TurnDoc, from: usize, limit: usize, kind: &str) -> Option<(f64, Option<String>, usize)> {
    if kind == "image" {
        return None;
    }
    // "El Barthel que le hicieron en terapia: sesenta y cinco": what was done where stands before the colon.
    let mut at = match turn.word(from) {
        "que" | "del" | "de" => (from..limit.min(from + 9)).find(|&at| turn.word(at) == ":").unwrap_or(from),
        _ => from,
    };
    let mut steps = 0;
    while at < limit && steps < 9 {
        if let Some(number) = number_at(&turn.tokens, at) {
            let after = turn.word(number.end);
            if matches!(
                after,
                "horas"
                    | "dias"
                    | "semanas"
                    | "meses"
                    | "mes"
                    | "ano"
                    | "anos"
                    | "elementos"
                    | "sobre"
                    | "cruces"
                    | "cruz"
                    | "veces"
            ) || matches!(turn.word(at), "un" | "una")
            {
                return None;
            }
            return Some((number.value, unit(turn, number.end), number.end));
        }
        let word = turn.word(at);
        let passes = turn.tokens[at].dead
            || turn.tokens[at].is_punct() && !matches!(word, "." | ";")
            || matches!(
                word,
                "en" | "de"
                    | "a"
                    | "esta"
                    | "estaba"
                    | "salio"
                    | "sale"
                    | "fue"
                    | "es"
                    | "la"
                    | "el"
                    | "su"
                    | "tiene"
                    | "trae"
                    | "con"
                    | "anda"
                    | "ahorita"
                    | "hoy"
                    | "total"
                    | "libre"
                    | "le"
                    | "me"
                    | "bajo"
                    | "subio"
                    | "llego"
                    | "quedo"
                    | "ayunas"
                    | "ayuno"
                    | "viene"
                    | "tu"
                    | "se"
                    | "serica"
                    | "va"
                    | "estan"
                    | "son"
                    | "que"
                    | "ahora"
                    | "orina"
                    | "tuvo"
                    | "dio"
                    | "bajita"
                    | "bajita,"
                    | "alta"
                    | "baja"
                    | "alto"
                    | "un"
                    | "poco"
                    | "poquito"
                    | "elevado"
                    | "elevada"
                    | "hasta"
                    | "los"
                    | "las"
                    | "por"
                    | "mas"
                    | "menos"
                    | "arriba"
                    | "apenas"
                    | "ya"
                    | "nomas"
                    | "casi"
                    | "como"
                    | "menor"
                    | "mayor"
                    | "derecho"
                    | "derecha"
                    | "izquierdo"
                    | "izquierda"
                    | "ojo"
                    | "previa"
                    | "previas"
                    | "previo"
            );
        if !passes {
            return None;
        }
        at += 1;
        steps += 1;
    }
    None
}

fn unit(turn: &TurnDoc, at: usize) -> Option<String> {
    Some(match (turn.word(at), turn.word(at + 1), turn.word(at + 2)) {
        ("miligramos", "por", "decilitro") => "mg/dl".to_owned(),
        ("miligramos", "por", "litro") => "mg/l".to_owned(),
        ("miliequivalentes", "por", "litro") => "mEq/l".to_owned(),
        ("milimoles", "por", "litro") => "mmol/l".to_owned(),
        ("unidades", "por", "litro") => "U/l".to_owned(),
        ("nanogramos", "por", "mililitro") => "ng/ml".to_owned(),
        ("milimetros", "por", "hora") => "mm/h".to_owned(),
        ("gramos", "por", "decilitro") => "g/dl".to_owned(),
        ("mililitros", "por", "minuto") => "ml/min".to_owned(),
        ("miligramos", "por", "gramo") => "mg/g".to_owned(),
        ("por", "ciento", _) | ("%", ..) => "%".to_owned(),
        ("centimetros", ..) => "cm".to_owned(),
        ("milimetros", ..) => "mm".to_owned(),
        ("mililitros", ..) => "ml".to_owned(),
        ("puntos", ..) => "puntos".to_owned(),
        _ => return None,
    })
}

/// "salió normal", "negativa", "positivos", "tres cruces", or for an image what it shows.
fn qualitative(turn: &TurnDoc, hit: Hit, end: usize, words: &str) -> Option<String> {
    for at in hit.end..end.min(hit.end + 9) {
        let word = turn.word(at);
        let value = match word {
            "normal" | "normales" => "normal",
            "negativo" | "negativa" | "negativos" | "negativas" => "negativo",
            "positivo" | "positiva" | "positivos" | "positivas" => "positivo",
            "pendiente" | "pendientes" => "pendiente",
            "limpio" | "limpia" | "limpios" => "limpio",
            "reactivo" | "reactiva" if turn.word(at - 1) == "no" => "negativo",
            "reactivo" | "reactiva" => "positivo",
            "desarrollo" | "crecimiento" if turn.word(at - 1) == "sin" => "sin desarrollo",
            "alto" | "alta" | "altos" | "altas" | "elevado" | "elevada" | "elevados" => "elevado",
            "bajo" | "baja" | "bajos" | "bajas" | "bajita" | "bajito" => "bajo",
            "bien"
                if words.contains("salio")
                    || words.contains("esta")
                    || words.contains("estan")
                    || words.contains("salieron") =>
            {
                "normal"
            }
            "cruces" | "cruz" => {
                let count = number_at(&turn.tokens, at.saturating_sub(1)).map_or(1.0, |n| n.value);
                return Some(format!("{} cruces", plain(count)));
            }
            _ => continue,
        };
        return Some(value.to_owned());
    }
    let shows = [
        "muestra", "se ve", "salio", "salieron", "tiene", "reporta", "dice", "se ven", "encontr", "no hay",
        "resulto",
    ];
    let spoken = words.trim_matches([',', ':', ' ', '.']);
    let is_image_or_test =
        words.split_whitespace().count() >= 2 && shows.iter().any(|cue| words.contains(cue));
    is_image_or_test
        .then(|| spoken.split_whitespace().take(9).collect::<Vec<_>>().join(" "))
        .filter(|value| !value.is_empty())
}
