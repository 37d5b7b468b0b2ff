//! The physical examination as the clinician reads it aloud.

mod clauses;
mod manoeuvres;
mod names;
mod organs;
mod turns;

use crate::context::Said;
use crate::context::answer::{Reply, asks, reply};
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, FactKind, Polarity, Status};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

use super::Book;
use clauses::clauses;
pub(super) use clauses::{describes, is_talk};
use names::{normal_name, of_side, side, with_modifiers, with_site};
use organs::organs;
use turns::{
    assesses, examines, full_of_signs, is_about_past_or_plan, looks_again, names_medicine, reads_report,
};

/// Reads the findings.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() || !(scene.exam[idx] || full_of_signs(scene, idx)) {
            continue;
        }
        if assesses(scene, idx) {
            continue;
        }
        let examines = examines(scene, idx);
        let mut report = false;
        for (number, sentence) in turn.sentences.iter().enumerate() {
            report = reads_report(scene, idx, *sentence) || report && !looks_again(turn, *sentence);
            if asks(turn, number) {
                touched(scene, idx, *sentence, book);
            } else if examines
                && !report
                && !names_medicine(scene, idx, *sentence)
                && !is_about_past_or_plan(turn, *sentence)
            {
                sentence_findings(scene, idx, *sentence, book);
            }
        }
    }
}

fn add(scene: &Scene<'_>, idx: usize, name: &str, status: Status, start: usize, end: usize, book: &mut Book) {
    let mut fact = ClinicalFact::new(
        FactKind::Finding,
        name,
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, start, end),
    );
    fact.attributes.status = Some(status);
    if status == Status::Absent {
        fact.polarity = Polarity::Denied;
    }
    book.add(fact);
}

/// Polarity in an examination: "no hay", "sin", "no palpo", "X no", "X negativo".
fn absent(scene: &Scene<'_>, idx: usize, hit: Hit, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    // "Encías sin sangrado": the sign names the organ first.
    if (hit.start + 1..hit.end).any(|at| matches!(turn.word(at), "sin" | "no")) {
        return true;
    }
    // "sin sangrado, con una muela picada": what is there begins anew.
    let article = usize::from(matches!(turn.word(hit.start.wrapping_sub(1)), "un" | "una"));
    if turn.word(hit.start.wrapping_sub(1 + article)) == "con" {
        return false;
    }
    // "La prueba de Thompson, negativa", "puñopercusión de los dos lados, negativa": the pause does not part the outcome.
    let pause = (hit.end..(hit.end + 6).min(sentence.end)).find(|&at| turn.word(at) == ",");
    let outcome_follows = pause.filter(|&at| turn.word(at + 1).starts_with("negativ"));
    let from = outcome_follows.map_or(hit.end, |at| at + 1);
    let after: Vec<&str> = (from..(from + 4).min(sentence.end)).map(|at| turn.word(at)).collect();
    let negative = after.iter().take_while(|word| !matches!(**word, "," | "." | "y" | "pero")).any(|word| {
        matches!(
            *word,
            "negativo" | "negativa" | "negativos" | "negativas" | "ausente" | "ausentes" | "negado"
        )
    });
    negative
        || negative_together(turn, hit.end, sentence.end)
        || painless_when(turn, hit.start, sentence.start)
        || said(turn, hit.start, hit.end) == Said::No && !behind_another(scene, idx, hit, sentence)
        || after.first() == Some(&"no")
            && after.get(1).is_none_or(|word| {
                !word.starts_with(char::is_alphabetic)
                    || matches!(
                        *word,
                        "hay"
                            | "tiene"
                            | "se"
                            | "le"
                            | "lo"
                            | "la"
                            | "los"
                            | "las"
                            | "veo"
                            | "palpo"
                            | "toco"
                            | "siento"
                            | "oigo"
                            | "encuentro"
                            | "escucho"
                    )
            })
}

/// "Rodillas sin derrame tofos en los codos", read without a pause: what "sin" denies ends where another sign begins.
fn behind_another(scene: &Scene<'_>, idx: usize, hit: Hit, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    let from = hit.start.saturating_sub(9).max(sentence.start);
    let Some(negator) = (from..hit.start).rev().find(|&at| matches!(turn.word(at), "sin" | "no" | "ni"))
    else {
        return false;
    };
    let joined = |at: usize| matches!(turn.word(at), "," | "y" | "o" | "ni" | "e");
    let signs = scene.lex.findings.matcher.find(&turn.tokens);
    let linked = |from: usize| {
        from < hit.start
            && (from..hit.start)
                .all(|at| matches!(turn.word(at), "de" | "del" | "la" | "las" | "el" | "los" | "en"))
    };
    let before_it = signs.iter().any(|sign| {
        sign.start > negator && sign.end <= hit.start && sign.entry != hit.entry && !linked(sign.end)
    });
    before_it && !(negator..hit.start).any(joined)
}

/// "Lachman y cajones negativos": the outcome of both.
fn negative_together(turn: &TurnDoc, end: usize, limit: usize) -> bool {
    matches!(turn.word(end), "y" | "ni" | ",")
        && (end + 2..limit.min(end + 5))
            .take_while(|&at| !turn.tokens[at].is_punct())
            .any(|at| matches!(turn.word(at), "negativos" | "negativas" | "ausentes"))
}

/// "No le duele cuando le jalo la oreja".
fn painless_when(turn: &TurnDoc, start: usize, first: usize) -> bool {
    let before = turn.joined(start.saturating_sub(6).max(first), start);
    ["no le duele", "no te duele", "no duele"].iter().any(|cue| before.contains(cue))
        && ["cuando", "al ", "si "].iter().any(|cue| before.contains(cue))
}

fn sentence_findings(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let lexicon = &scene.lex.findings;
    let hits: Vec<Hit> = lexicon
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    let sites: Vec<Hit> = scene
        .lex
        .sites
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    let mut covered: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.start, hit.end)).collect();
    for &hit in &hits {
        if scene.studies[idx].iter().any(|study| {
            study.start <= hit.start && study.end >= hit.end && study.end - study.start > hit.end - hit.start
        }) {
            continue;
        }
        let entry = &lexicon.entries[hit.entry];
        if is_film(turn, hit) || entry.name == "palidez" && said_of_organ(scene, idx, hit) {
            covered.retain(|&(start, _)| start != hit.start);
            continue;
        }
        let default = if entry.info == "normal" { Status::Normal } else { Status::Present };
        let negated = absent(scene, idx, hit, sentence);
        let status = match (default, negated) {
            (Status::Present, true) => Status::Absent,
            (default, _) => default,
        };
        let name = match status {
            Status::Normal => normal(scene, idx, &entry.name, hit),
            _ => with_site(scene, turn, &entry.name, hit, &sites),
        };
        if status == Status::Normal && negated {
            continue;
        }
        let end =
            if status == Status::Present { clauses::modified(turn, hit.end, sentence.end) } else { hit.end };
        let name = with_modifiers(scene, idx, name, hit.end, end);
        add(scene, idx, &name, status, hit.start, end, book);
    }
    manoeuvres::other_side(scene, idx, sentence, &mut covered, book);
    manoeuvres::palpated(scene, idx, sentence, &mut covered, book);
    manoeuvres::pain(scene, idx, sentence, &mut covered, book);
    for mention in scene.symptoms[idx].iter().filter(|m| m.start >= sentence.start && m.end <= sentence.end) {
        if covered.iter().any(|&(start, end)| mention.start < end && start < mention.end)
            || !is_sign(&mention.name)
            || mention.about.is_some()
        {
            continue;
        }
        let hit = Hit { entry: 0, start: mention.start, end: mention.end };
        let status = if absent(scene, idx, hit, sentence) { Status::Absent } else { Status::Present };
        let name = mention.name.replace("dolor abdominal", "dolor a la palpación de abdomen");
        add(scene, idx, &name, status, mention.start, mention.end, book);
        covered.push((mention.start, mention.end));
    }
    organs(scene, idx, sentence, &mut covered, book);
    let here = |fact: &&ClinicalFact| fact.evidence.iter().any(|e| e.turn == idx);
    let named = book.of(FactKind::Finding).chain(book.of(FactKind::Vital)).filter(here).count();
    if named >= 2 {
        clauses(scene, idx, sentence, &covered, book);
    }
}

/// "Otra placa de control": a film, and no patch.
fn is_film(turn: &TurnDoc, hit: Hit) -> bool {
    turn.word(hit.start) == "placa"
        && hit.end == hit.start + 1
        && matches!(turn.word(hit.start.wrapping_sub(1)), "la" | "otra" | "una" | "esa")
}

/// "Cornetes grandes, pálidos": an adjective behind an organ is said of it.
fn said_of_organ(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    let turn = scene.turn(idx);
    let adjective = turn.word(hit.start).starts_with("palid") && turn.word(hit.start) != "palidez";
    let organs = scene.lex.organs.matcher.find(&turn.tokens);
    adjective && organs.iter().any(|organ| organ.end <= hit.start && hit.start - organ.end <= 4)
}

/// A normal finding in the examiner's words when they name an organ, else by the name of the lexicon.
fn normal(scene: &Scene<'_>, idx: usize, name: &str, hit: Hit) -> String {
    let turn = scene.turn(idx);
    let names_organ =
        scene.lex.organs.matcher.find(&turn.tokens).iter().any(|organ| organ.start == hit.start);
    let side = side(turn, hit.start, hit.end);
    match normal_name(scene, idx, hit.start, hit.end).filter(|_| names_organ) {
        Some(spoken) if spoken.contains(side.trim()) => spoken,
        Some(spoken) => format!("{spoken}{side}"),
        None => of_side(name, side),
    }
}

/// Symptoms that an examiner sees or provokes, too.
fn is_sign(name: &str) -> bool {
    [
        "dolor",
        "edema",
        "eritema",
        "equimosis",
        "exantema",
        "temblor",
        "rigidez",
        "masa",
        "herida",
        "debilidad",
        "piel seca",
        "ictericia",
        "palidez",
        "cianosis",
        "sangrado",
        "manchas",
        "grietas",
        "cefalea",
        "odinofagia",
        "descamación",
        "vesículas",
        "ojo rojo",
        "secreción",
        "lumbalgia",
        "boca seca",
    ]
    .iter()
    .any(|sign| name.starts_with(sign))
        && !matches!(name, "cefalea" | "odinofagia")
}

/// "¿Le duele aquí en el vientre?" - "No.": tenderness asked while touching.
fn touched(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let pain = (sentence.start..sentence.end)
        .find(|&at| matches!(turn.word(at), "duele" | "dolor" | "molesta" | "doloroso"));
    let (Some(pain), true) = (pain, super::symptoms::touches(scene, idx, sentence.start, sentence.end))
    else {
        return;
    };
    let site = scene
        .lex
        .sites
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .find(|site| site.start >= sentence.start && site.end <= sentence.end);
    let (Some(site), Some(next)) = (site, scene.doc.turns.get(idx + 1).filter(|next| next.is_patient_side()))
    else {
        return;
    };
    let status = match reply(next) {
        Some(Reply::No) => Status::Absent,
        Some(Reply::Yes) => Status::Present,
        _ => match next.joined(0, 4) {
            words if words.contains("ahi no") => Status::Absent,
            words if words.contains("ahi sí") || words.contains("ay") => Status::Present,
            _ => return,
        },
    };
    let place = &scene.lex.sites.entries[site.entry].name;
    let mut fact = ClinicalFact::new(
        FactKind::Finding,
        format!("dolor a la palpación en {place}{}", side(turn, site.start, site.end)),
        turn.speaker,
        scene.doc.evidence(idx, pain.min(site.start), site.end.max(pain + 1)),
    );
    fact.attributes.status = Some(status);
    fact.polarity = if status == Status::Absent { Polarity::Denied } else { Polarity::Affirmed };
    fact.cite(scene.doc.whole(idx + 1));
    fact.confidence = 0.8;
    book.add(fact);
}
