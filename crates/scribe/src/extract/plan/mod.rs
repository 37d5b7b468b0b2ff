//! Orders, referrals, the next visit and advice.

mod listed;
mod orders;

use crate::context::answer::asks;
use crate::facts::{ClinicalFact, FactKind, Time};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::quantity::{Duration, duration_at};
use crate::text::{Sentence, TurnDoc};

use super::Book;
use orders::orders;

/// Reads the plan.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() {
            continue;
        }
        orders(scene, idx, book);
        listed::promised(scene, idx, book);
        for (number, sentence) in turn.sentences.iter().enumerate() {
            if asks(turn, number) && turn.sentences[number].question {
                continue;
            }
            referrals(scene, idx, *sentence, book);
            follow_up(scene, idx, *sentence, book);
            education(scene, idx, *sentence, book);
        }
    }
    if book.of(FactKind::FollowUp).next().is_none() {
        unsaid_verb(scene, book);
    }
}

/// "En dos semanas, con los estudios.": the last short sentence that only says when, after the plan was told.
fn unsaid_verb(scene: &Scene<'_>, book: &mut Book) {
    let late = scene.doc.turns.len() / 2;
    for idx in (late..scene.doc.turns.len()).rev().filter(|&idx| scene.turn(idx).is_doctor()) {
        let turn = scene.turn(idx);
        for sentence in turn.sentences.iter().rev().filter(|sentence| !sentence.question) {
            let opens = matches!(turn.word(sentence.start), "en" | "dentro");
            let Some(duration) =
                due(scene, idx, *sentence).filter(|duration| opens && duration.start <= sentence.start + 3)
            else {
                continue;
            };
            let next = turn.word(duration.end);
            let after = if next == "," { turn.word(duration.end + 1) } else { next };
            let only_when = matches!(next, "." | "" | "!")
                || matches!(after, "con" | "aqui" | "me" | "usted" | "tu" | "y");
            let medicine = scene.drugs[idx]
                .iter()
                .any(|drug| drug.start < sentence.end && drug.end + 12 > sentence.start);
            if only_when && !medicine && (5.0..=400.0).contains(&duration.days) {
                book.add(next_visit(scene, idx, *sentence, &duration));
                return;
            }
        }
    }
}

fn next_visit(scene: &Scene<'_>, idx: usize, sentence: Sentence, duration: &Duration) -> ClinicalFact {
    let mut fact = ClinicalFact::new(
        FactKind::FollowUp,
        format!("cita en {}", duration.text),
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, sentence.start, sentence.end),
    );
    fact.attributes.days = Some(duration.days.round());
    fact.time = Time::Planned;
    fact
}

fn referrals(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let cue = [
        " mand",
        " envi",
        " pase",
        " refer",
        " canaliz",
        " interconsulta",
        " valor",
        " que lo vea",
        " que la vea",
        " que te vea",
        " te vea",
        " lo vea",
        " la vea",
        " cita con",
        " consulta con",
        " con el ",
        " con la ",
        " vaya ",
        " va a ir",
        " ve con",
        " derivo",
        " derivar",
        " al ",
        " a ",
    ]
    .iter()
    .any(|c| words.contains(c));
    let strong = [
        " mand",
        " envi",
        " pase",
        " refer",
        " canaliz",
        " interconsulta",
        " vea",
        " cita con",
        " vaya ",
        " agend",
        " valor",
        " derivo",
        " program",
        " quiero en",
        " quiero con",
        " mejor con",
        " consulta de",
        " apoyo de",
        " le doy",
        " te doy",
        " lleva",
        " cita en ",
        " y con ",
        " tambien con",
        " terapia",
        " sugiero",
        " recomiendo",
        " nutri",
        " que lo revise",
        " que la revise",
        " te ve ",
        " le ve ",
        " lo ve ",
        " la ve ",
        " lo va a ver",
        " la va a ver",
        " te va a ver",
        " referencia",
        " ficha",
        " , con el ",
        " , con la ",
        " , con su ",
    ]
    .iter()
    .any(|c| words.contains(c));
    let bare = bare_referral(scene, idx, sentence);
    if !bare && (!cue || !strong) || orders::conditional(&words) {
        return;
    }
    for hit in scene
        .lex
        .specialties
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
    {
        let name = &scene.lex.specialties.entries[hit.entry].name;
        let near = format!(" {} ", turn.joined(hit.start.saturating_sub(8).max(sentence.start), hit.start));
        let conditional =
            [" si ", " dijo ", " ya vio", " le dijo", " te mando el", " le mando el", " me dejo"]
                .iter()
                .any(|c| near.contains(c))
                || matches!(name.as_str(), "hospital" | "urgencias") && words.contains(" si ");
        if conditional || crate::context::polarity::said(turn, hit.start, hit.end) == crate::context::Said::No
        {
            continue;
        }
        let mut fact = ClinicalFact::new(
            FactKind::Referral,
            name.clone(),
            turn.speaker,
            scene.doc.evidence(idx, hit.start, hit.end),
        );
        fact.time = Time::Planned;
        book.add(fact);
    }
}

/// "Y nutrición, para el peso.", "En una semana, urología": a service named first in the plan, without a verb.
fn bare_referral(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    let late = idx * 2 >= scene.doc.turns.len();
    let first = scene
        .lex
        .specialties
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .find(|hit| hit.start >= sentence.start && hit.end <= sentence.end);
    let Some(first) = first.filter(|_| late && sentence.end - sentence.start <= 22) else { return false };
    let planned = due(scene, idx, sentence);
    (sentence.start..first.start).all(|at| {
        let word = turn.word(at);
        turn.tokens[at].is_punct()
            || matches!(
                word,
                "y" | "tambien" | "ademas" | "luego" | "con" | "uno" | "dos" | "tres" | "cuatro" | "cinco"
            )
            || planned.as_ref().is_some_and(|due| due.start.saturating_sub(2) <= at && at < due.end)
    })
}

const RETURN: &[&str] = &[
    "videollamada",
    "videoconsulta",
    "nos vemos",
    "lo veo",
    "la veo",
    "te veo",
    "los veo",
    "verlo",
    "verla",
    "verte",
    "cita",
    "citamos",
    "regres",
    "vuelva",
    "vuelve",
    "vuelves",
    "vengase",
    "venga",
    "viene",
    "vienes",
    "vente",
    "control en",
    "revis",
    "revisamos",
    "checamos",
    "checo",
    "me trae",
    "me ves",
    "me ve ",
    "la espero",
    "lo espero",
    "te espero",
    "seguimiento",
    "consulta en",
    "me lo trae",
    "me la trae",
    "lo traen",
    "la traen",
    "traemelo",
    "traiganmelo",
    "traiganmela",
    "traigamelo",
    "nos estamos viendo",
    "nos volvemos a ver",
    "pasa",
    "vienen",
    "quiero ver",
    "quiero verl",
    "proxima",
    "te cito",
    "lo cito",
    "la cito",
    "le cito",
    "los cito",
    "me los trae",
    "aqui en",
    "consulta",
    "me habla",
    "venirse",
    "se viene",
    "te regres",
    "revalor",
    "valor",
    "nos conectamos",
    "se conecte",
    "le marco",
    "te marco",
    "les marco",
    "le hablo",
    "te hablo",
    "les hablo",
    "paso a ver",
    "lo quiero aqui",
    "la quiero aqui",
    "te quiero aqui",
    "los quiero aqui",
    "me ensena",
    "me cuenta",
    "lo reviso",
    "la reviso",
];

fn follow_up(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let asked_when = sentence.start == 0
        && idx.checked_sub(1).is_some_and(|before| {
            let asked = scene.turn(before);
            asked.is_patient_side()
                && asked.joined(0, asked.tokens.len()).contains("cuando")
                && matches!(turn.word(0), "en" | "a" | "dentro")
        });
    let cue = asked_when || RETURN.iter().any(|cue| words.contains(&format!(" {cue}")));
    let depends = words.contains(" si sube") || words.contains(" si baja") || words.contains(" si pesa");
    if !cue || depends || idx * 2 < scene.doc.turns.len() {
        return;
    }
    // "En dos semanas la llamo, y en un mes regreso": the time beside the word for coming back.
    let back = (sentence.start..sentence.end).find(|&at| {
        matches!(
            turn.word(at),
            "regreso" | "regresa" | "regrese" | "vuelvo" | "vuelve" | "vuelva" | "veo" | "vemos" | "cita"
        )
    });
    let near = back.and_then(|at| {
        let from = (sentence.start..at).rev().find(|&k| turn.word(k) == "," || turn.word(k) == "y")?;
        due(scene, idx, Sentence { start: from, ..sentence })
    });
    let Some(duration) = near.or_else(|| due(scene, idx, sentence)) else { return };
    // "Si sigue con fiebre a los dos días, me lo trae" gives way to the day on which the patient is expected anyway.
    let conditional =
        (words.starts_with(" si ") || words.starts_with(" y si ") || words.starts_with(" pero si "))
            && !words.contains(" si todo ");
    if book.of(FactKind::FollowUp).any(|known| conditional || known.attributes.detail.is_none()) {
        return;
    }
    book.retain(|fact| fact.kind != FactKind::FollowUp);
    let mut fact = next_visit(scene, idx, sentence, &duration);
    fact.attributes.detail = conditional.then(|| scene.spoken(idx, sentence.start, sentence.end).to_owned());
    book.add(fact);
}

/// "en quince días", "dentro de un mes", "a la semana", "mañana".
fn due(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> Option<Duration> {
    let turn = scene.turn(idx);
    (sentence.start..sentence.end).find_map(|at| match turn.word(at) {
        "en" | "de" if turn.word(at) == "en" || turn.word(at.wrapping_sub(1)) == "dentro" => {
            let from = if matches!(turn.word(at + 1), "como" | "unos" | "unas") { at + 2 } else { at + 1 };
            duration_at(&turn.tokens, from).filter(|duration| duration.days >= 1.0)
        }
        "a" if matches!(turn.word(at + 1), "los" | "las") => {
            duration_at(&turn.tokens, at + 2).filter(|duration| duration.days >= 1.0)
        }
        "a" if turn.word(at + 1) == "la" && turn.word(at + 2) == "semana" => {
            Some(Duration { days: 7.0, text: "1 semana".to_owned(), start: at, end: at + 3 })
        }
        "manana"
            if matches!(
                turn.word(at.wrapping_sub(1)),
                "vemos"
                    | "veo"
                    | "regresa"
                    | "regrese"
                    | "venga"
                    | "ven"
                    | "viene"
                    | "vuelve"
                    | "vuelva"
                    | "ver"
                    | "marco"
                    | "traen"
                    | "trae"
            ) || turn.word(at.wrapping_sub(1)) != "la" && at == sentence.start =>
        {
            Some(Duration { days: 1.0, text: "1 día".to_owned(), start: at, end: at + 1 })
        }
        "manana" if turn.word(at.wrapping_sub(1)) == "pasado" => {
            Some(Duration { days: 2.0, text: "2 días".to_owned(), start: at - 1, end: at + 1 })
        }
        _ => None,
    })
}

const ADVICE: &[&str] = &[
    "tome mucha",
    "tome agua",
    "tome bastante",
    "muchos liquidos",
    "mucha agua",
    "evite",
    "evita",
    "no coma",
    "no tome",
    "baje",
    "bajele",
    "dieta",
    "camine",
    "reposo",
    "descanse",
    "descansa",
    "haga ejercicio",
    "no maneje",
    "lave",
    "lavese",
    "no cargue",
    "hielo",
    "urgencias",
    "venga de inmediato",
    "se viene",
    "me habla",
    "me hablas",
    "avise",
    "no se automedique",
    "poca sal",
    "sin sal",
    "no fume",
    "deje el cigarro",
    "deje el refresco",
    "revise sus pies",
    "revisese",
    "mucho liquido",
    "enjuagu",
    "no se rasque",
    "no moje",
];

fn education(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    if idx * 3 < scene.doc.turns.len() || !ADVICE.iter().any(|cue| words.contains(&format!(" {cue}"))) {
        return;
    }
    let text =
        scene.spoken(idx, sentence.start, sentence.end).trim_end_matches(['.', ',', ' ', '!']).to_owned();
    let fact = ClinicalFact::new(
        FactKind::Education,
        text,
        turn.speaker,
        scene.doc.evidence(idx, sentence.start, sentence.end),
    );
    book.add(fact);
}
