//! Problems named one by one: "Segundo, la neuropatía", "El hígado graso: bajar ocho kilos", "la tos es por el enalapril".

use super::add;
use crate::extract::Book;
use crate::facts::{Certainty, ClinicalFact, FactKind};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

/// Words that number a problem.
const ORDINALS: &[&str] = &[
    "primero", "primera", "primer", "segundo", "segunda", "tercero", "tercera", "cuarto", "cuarta", "quinto",
    "quinta", "sexto", "sexta", "uno", "una", "dos", "tres", "cuatro", "cinco", "seis", "otra", "otro",
    "ultimo",
];

/// Words between the beginning of a sentence and its problem.
const LEADS: &[&str] = &[
    "numero", "el", "la", "los", "las", "lo", "problema", "y", ":", ",", "entonces", "bueno", "su", "tu",
    "sus", "un", "unos", "unas", "ademas", "tambien", "ya", "esa", "ese", "esta", "este", "de", "del", "ok",
    "mire", "mira", "plan",
];

/// Verbs and adjectives for how a known problem goes.
const GOES: &[&str] = &[
    "esta",
    "ya",
    "sigue",
    "recayo",
    "empeoro",
    "mejoro",
    "avanzo",
    "resuelta",
    "resuelto",
    "controlada",
    "controlado",
    "descontrolada",
    "descontrolado",
    "estable",
    "igual",
    "empezando",
    "quieta",
    "moderada",
    "leve",
    "grave",
    "va",
];

/// Whether a disease opens its sentence as a problem: it is numbered, has a colon behind it, stands alone, or is said to go
/// well or badly.
pub(super) fn as_problem(turn: &TurnDoc, sentence: Sentence, hit: Hit) -> bool {
    let before = sentence.start..hit.start;
    let leads = before.clone().all(|at| {
        LEADS.contains(&turn.word(at)) || ORDINALS.contains(&turn.word(at)) || turn.tokens[at].dead
    });
    if !leads || hit.start - sentence.start > 7 {
        return false;
    }
    let numbered = numbered(turn, sentence, hit.start);
    // "Hernia del ombligo izquierda:" - what is said of it right behind its name.
    let stop = (hit.end..sentence.end).find(|&at| turn.tokens[at].is_punct()).unwrap_or(sentence.end);
    let headed = stop <= hit.end + 3 && turn.word(stop) == ":";
    let alone = stop <= hit.end + 2 && matches!(turn.word(stop), "." | "") && stop + 1 >= sentence.end;
    let goes = GOES.contains(&turn.word(hit.end)) && turn.word(hit.start.wrapping_sub(1)) != "no";
    numbered || headed || alone || goes
}

/// "Segundo,", "Tres:", "La otra,": a number before the problem, with a pause behind it.
fn numbered(turn: &TurnDoc, sentence: Sentence, at: usize) -> bool {
    (sentence.start..at).any(|k| {
        ORDINALS.contains(&turn.word(k)) && (k + 1..at.min(k + 3)).any(|p| matches!(turn.word(p), ":" | ","))
    })
}

/// Numbered problems neither the lexicon nor the index knows, and complaints that are treated as problems.
pub(super) fn unlisted(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    if idx * 3 < scene.doc.turns.len() * 2 && idx * 2 < scene.doc.turns.len() {
        return;
    }
    let Some(start) = (sentence.start..sentence.end.min(sentence.start + 7))
        .find(|&at| !LEADS.contains(&turn.word(at)) && !ORDINALS.contains(&turn.word(at)))
    else {
        return;
    };
    if !numbered(turn, sentence, start) {
        return;
    }
    let end = (start..sentence.end.min(start + 8))
        .find(|&at| {
            turn.tokens[at].is_punct()
                || matches!(turn.word(at), "es" | "se" | "le" | "que" | "ya" | "esta" | "por" | "le" | "lo" | "la" if at > start)
        })
        .unwrap_or(sentence.end.min(start + 8));
    let overlaps = |from: usize, to: usize| from < end && start < to;
    let taken = scene.diseases[idx].iter().any(|hit| overlaps(hit.start, hit.end))
        || scene.indexed[idx].iter().any(|disease| overlaps(disease.start, disease.end))
        || scene.drugs[idx].iter().any(|drug| overlaps(drug.start, drug.end))
        || scene.studies[idx].iter().any(|study| overlaps(study.start, study.end));
    let complaint = scene.symptoms[idx]
        .iter()
        .find(|mention| mention.start <= start + 1 && overlaps(mention.start, mention.end));
    let clinical = (start..end).any(|at| super::is_clinical(turn.word(at)));
    if taken || end <= start || !(clinical || complaint.is_some()) {
        return;
    }
    let name = complaint
        .map_or_else(|| scene.spoken(idx, start, end).to_lowercase(), |mention| mention.name.clone());
    let mut fact =
        ClinicalFact::new(FactKind::Diagnosis, name, turn.speaker, scene.doc.evidence(idx, start, end));
    fact.attributes.certainty = Some(Certainty::Confirmed);
    fact.confidence = 0.7;
    add(fact, book);
}

/// "La tos es por el enalapril": a complaint with the medicine that causes it.
pub(super) fn caused(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    for mention in scene.symptoms[idx].iter().filter(|m| m.start >= sentence.start && m.end <= sentence.end) {
        let Some(drug) = scene.drugs[idx].iter().find(|drug| {
            drug.start >= mention.end
                && drug.end <= sentence.end
                && drug.start - mention.end <= 5
                && !drug.class_only
        }) else {
            continue;
        };
        let between: Vec<&str> = (mention.end..drug.start).map(|at| turn.word(at)).collect();
        let causes = between.iter().any(|word| matches!(*word, "es" | "fue" | "viene" | "da" | "causa"))
            && between.iter().any(|word| matches!(*word, "por" | "del" | "de"))
            && !between.contains(&"no");
        if !causes {
            continue;
        }
        let name = format!("{} por {}", mention.name, drug.name);
        let mut fact = ClinicalFact::new(
            FactKind::Diagnosis,
            name,
            turn.speaker,
            scene.doc.evidence(idx, mention.start, drug.end),
        );
        let sure = !super::PROBABLE.iter().any(|cue| turn.joined(sentence.start, sentence.end).contains(cue));
        fact.attributes.certainty = Some(if sure { Certainty::Confirmed } else { Certainty::Suspected });
        add(fact, book);
    }
}

/// "Para la presión le pongo amlodipino": what a medicine is given for in the plan is a problem of the visit.
pub(super) fn treated(scene: &Scene<'_>, idx: usize, sentence: Sentence, hit: Hit) -> bool {
    let turn = scene.turn(idx);
    let purpose = matches!(
        turn.word(hit.start.wrapping_sub(1)),
        "la" | "el" | "su" | "tu" | "esa" | "ese" | "los" | "las"
    ) && matches!(turn.word(hit.start.wrapping_sub(2)), "para" | "por");
    let words = turn.joined(sentence.start, sentence.end);
    purpose
        && !["vacuna", "prueba", "protege", "prevenir", "evitar"].iter().any(|cue| words.contains(cue))
        && scene.drugs[idx].iter().any(|drug| {
            drug.start >= sentence.start && drug.end <= sentence.end && !drug.class_only && !drug.ambiguous
        })
}
