//! Diseases the clinician speaks of as already there: "su hipotiroidismo", "la diabetes está descontrolada", "aquí dice
//! fibrilación auricular", "¿sigue con la diabetes controlada?".

use super::*;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// Stems of what stays with a person: only these are taken for known from an article.
const LASTING: &[&str] = &[
    "diabetes",
    "hipertension",
    "hipotiroidismo",
    "hipertiroidismo",
    "epoc",
    "asma",
    "insuficiencia cardiaca",
    "insuficiencia renal",
    "enfermedad renal",
    "enfermedad pulmonar",
    "cirrosis",
    "epilepsia",
    "vih",
    "artritis reumatoide",
    "lupus",
    "fibrilacion",
    "cancer",
    "trastorno bipolar",
    "esquizofrenia",
    "parkinson",
    "demencia",
    "alzheimer",
    "hemofilia",
    "glaucoma",
    "psoriasis",
    "hiperplasia",
    "artrosis",
    "osteoartritis",
    "osteoporosis",
    "gota",
    "dislipidemia",
    "migrana",
    "cardiopatia",
    "obesidad",
    "evento vascular",
    "infarto",
];

/// Words by which a clinician sums up the record at the beginning.
const RECAP: &[&str] = &[
    " repas",
    " recapitul",
    " te resumo",
    " le resumo",
    " resumiendo",
    " para que quede grabado",
    " para quien escuche",
    " le cuento lo que tengo",
    " lo que tengo",
    " en mi expediente",
    " en su expediente",
    " en tu expediente",
    " aqui dice",
    " dice aqui",
    " dice la hoja",
    " tengo anotado",
    " tengo aqui",
    " aqui tengo",
    " lo vi hace",
    " la vi hace",
    " te vi hace",
    " paciente de",
    " te conozco",
    " leo en",
    " segun la nota",
];

/// "Repasamos: Emiliano, ocho años, con asma y estreñimiento": a summary of the record, or the age of the patient in a turn
/// of the beginning that goes on with illnesses.
fn is_recap(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    if idx * 4 > scene.doc.turns.len() || turn.tokens.len() < 6 {
        return false;
    }
    let said_all = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let aged = (0..turn.tokens.len()).any(|at| {
        number_at(&turn.tokens, at).is_some_and(|number| {
            turn.word(number.end) == "anos"
                && turn.tokens.get(number.end + 1).is_some_and(|next| next.norm == ",")
                && matches!(turn.word(at.wrapping_sub(1)), "," | "de" | "tiene" | "tienes")
        })
    });
    RECAP.iter().any(|cue| said_all.contains(cue)) || aged
}

/// What the clinician sums up of the record: diseases by name and by everyday words, operations, stays in hospital.
pub(super) fn recapitulated(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    if !is_recap(scene, idx) || scene.family[idx] {
        return;
    }
    let turn = scene.turn(idx);
    let named = scene.diseases[idx].iter().map(|hit| Topic::named(scene, *hit));
    let everyday = everyday_in(scene, idx, 0, turn.tokens.len());
    let indexed = only_indexed(scene, idx);
    for topic in named.chain(everyday).chain(indexed) {
        let hit = topic.hit();
        let sentence = turn.sentence_of(hit.start);
        let before = format!(" {} ", turn.joined(sentence.start, hit.start));
        if sentence.question
            || about_others_or_the_future(&before)
            || said(turn, hit.start, hit.end) == Said::No
            || scene.household.who(turn, hit.start, hit.end, false) != Who::Patient
            || in_surgery(scene, idx, hit)
        {
            continue;
        }
        let mut fact = fact(scene, idx, hit, &topic.name, Section::Pathological, Said::Yes);
        fact.confidence = 0.8;
        book.add(fact);
    }
    let operated = scene.lex.surgeries.matcher.find(&turn.tokens);
    let cut = turn.tokens.iter().any(|token| {
        token.norm.starts_with("operad") || token.norm.ends_with("ectomia") || token.norm.ends_with("ostomia")
    });
    for hit in operated.into_iter().filter(|_| cut) {
        if said(turn, hit.start, hit.end) != Said::No && !turn.sentence_of(hit.start).question {
            let name = &scene.lex.surgeries.entries[hit.entry].name;
            book.add(fact(scene, idx, hit, name, Section::Surgical, Said::Yes));
        }
    }
    super::parts::operated_parts(scene, idx, book);
}

/// Reads them from a turn of the clinician.
pub(super) fn known_to_the_clinician(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    recapitulated(scene, idx, book);
    let turn = scene.turn(idx);
    for &hit in &scene.diseases[idx] {
        let name = &scene.lex.diseases.entries[hit.entry].name;
        let sentence = turn.sentence_of(hit.start);
        let before = format!(" {} ", turn.joined(sentence.start, hit.start));
        if !taken_as_known(scene, idx, hit, &before)
            || about_others_or_the_future(&before)
            || said(turn, hit.start, hit.end) == Said::No
            || scene.household.who(turn, hit.start, hit.end, scene.family[idx]) != Who::Patient
            || scene.family[idx]
            || is_symptom_here(scene, idx, hit)
        {
            continue;
        }
        let denied = scene.answers[idx].as_ref().is_some_and(|answer| answer.reply == Some(Reply::No));
        if sentence.question && denied {
            continue;
        }
        let contradicted =
            book.of(FactKind::DeniedHistory).any(|known| known.name == *name && known.relative().is_none());
        if !contradicted {
            let mut fact = fact(scene, idx, hit, name, Section::Pathological, Said::Yes);
            fact.confidence = 0.7;
            book.add(fact);
        }
    }
}

/// "su asma", "tengo que tiene asma desde niña", "la diabetes", "con la diabetes".
fn taken_as_known(scene: &Scene<'_>, idx: usize, hit: Hit, before: &str) -> bool {
    let turn = scene.turn(idx);
    let lead = turn.word(hit.start.wrapping_sub(1));
    let folded = terminology::fold::fold(&scene.lex.diseases.entries[hit.entry].name);
    let lasting = LASTING.iter().any(|stem| folded.starts_with(stem));
    const RECORD: &[&str] = &[
        " aqui dice ",
        " expediente ",
        " aqui tengo ",
        " tengo aqui ",
        " aqui con ",
        " antecedente de ",
        " aparte de ",
        " ademas de ",
        " dimos de alta ",
        " lo que ya tiene ",
    ];
    let recorded = RECORD.iter().any(|cue| before.contains(cue));
    let granted = asks_when(turn, hit) && matches!(lead, "la" | "el" | "su" | "tu" | "esa" | "ese");
    let owned = lasting && matches!(lead, "su" | "tu");
    let definite = lasting && matches!(lead, "la" | "el" | "esa") && !first_said_here(scene, idx, hit);
    recorded || granted || owned || definite
}

/// "¿cuándo le dio la embolia?", "¿sigue con la diabetes controlada?"
fn asks_when(turn: &TurnDoc, hit: Hit) -> bool {
    let sentence = turn.sentence_of(hit.start);
    let said = format!(" {} ", turn.joined(sentence.start, hit.start));
    sentence.question
        && [
            " cuando le dio ",
            " cuando te dio ",
            " sigue con ",
            " sigues con ",
            " como va con ",
            " como vas con ",
            " como va de ",
        ]
        .iter()
        .any(|cue| said.contains(cue))
}

/// A diagnosis made in this visit is first named without an article ("es una diabetes"); what comes after it is no antecedent.
fn first_said_here(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    let name = &scene.lex.diseases.entries[hit.entry].name;
    (0..=idx).any(|t| {
        let turn = scene.turn(t);
        turn.is_doctor()
            && scene.diseases[t].iter().any(|other| {
                let lead = turn.word(other.start.wrapping_sub(1));
                scene.lex.diseases.entries[other.entry].name == *name
                    && (t < idx || other.start < hit.start)
                    && !turn.sentence_of(other.start).question
                    && !matches!(lead, "la" | "el" | "su" | "tu" | "esa" | "de")
            })
    })
}

/// A risk, a purpose, a condition, somebody else.
fn about_others_or_the_future(before: &str) -> bool {
    [
        " riesgo ",
        " prevenir ",
        " evitar ",
        " si ",
        " vacuna ",
        " descartar ",
        " puede dar ",
        " puede ser ",
        " parece ",
        " sospech",
        " prueba ",
        " para que no ",
        " la gente ",
        " los que ",
        " su mama ",
        " su papa ",
        " protege ",
        " clinica de ",
        " cancer de ",
        " no es ",
    ]
    .iter()
    .any(|cue| before.contains(cue))
}
