//! Antecedents: diseases, operations, habits, gynaecological history, of the patient and of relatives.

use crate::context::Said;
use crate::context::answer::{Reply, asks};
use crate::context::person::{Who, relative_named};
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, Experiencer, FactKind, Polarity, Section, Time};
use crate::lexicon::Lexicon;
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;

use super::Book;

/// Reads the antecedents.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            asked_diseases(scene, idx, book);
            asked_other(scene, idx, book);
            continue;
        }
        stated_diseases(scene, idx, book);
        stated_surgeries(scene, idx, book);
        stated_habits(scene, idx, book);
        stated_obgyn(scene, idx, book);
    }
}

fn fact(scene: &Scene<'_>, idx: usize, hit: Hit, name: &str, section: Section, said: Said) -> ClinicalFact {
    let kind = if said == Said::No { FactKind::DeniedHistory } else { FactKind::History };
    let mut fact =
        ClinicalFact::new(kind, name, scene.turn(idx).speaker, scene.doc.evidence(idx, hit.start, hit.end));
    fact.attributes.section = Some(section);
    match said {
        Said::No => fact.polarity = Polarity::Denied,
        Said::Past => fact.time = Time::Past,
        Said::Yes => {}
    }
    fact
}

/// A symptom of the same words says more about now than an antecedent does.
fn is_symptom_here(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    scene.symptoms[idx].iter().any(|mention| mention.start <= hit.start && mention.end >= hit.end)
}

fn stated_diseases(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    for &hit in &scene.diseases[idx] {
        let name = &scene.lex.diseases.entries[hit.entry].name;
        let sentence = turn.sentence_of(hit.start);
        if sentence.question
            || worries(turn.joined(hit.start.saturating_sub(8).max(sentence.start), hit.start).as_str())
        {
            continue;
        }
        let family = scene.family[idx];
        let said = said(turn, hit.start, hit.end);
        match scene.household.who(turn, hit.start, hit.end, family) {
            Who::Relative(kin) if said != Said::No && !is_passing(name) => {
                let mut fact = fact(scene, idx, hit, name, Section::Family, Said::Yes);
                fact.experiencer = Experiencer::Relative(kin);
                book.add(fact);
            }
            Who::Patient
                if !is_symptom_here(scene, idx, hit) && !is_passing(name) && !in_surgery(scene, idx, hit) =>
            {
                book.add(fact(scene, idx, hit, name, Section::Pathological, said));
            }
            _ => {}
        }
    }
}

/// Illnesses that come and go: no antecedent worth a line.
fn is_passing(name: &str) -> bool {
    matches!(
        name,
        "rinofaringitis aguda"
            | "gastroenteritis"
            | "faringitis"
            | "conjuntivitis"
            | "deshidratación"
            | "síndrome febril"
            | "influenza"
    )
}

/// "De la próstata", answering what was operated.
fn in_surgery(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    surgeries_in(scene, idx).iter().any(|surgery| surgery.start < hit.end && hit.start < surgery.end)
}

/// "me da miedo que sea cáncer", "pensé que era una embolia": no antecedent.
fn worries(before: &str) -> bool {
    [
        "miedo",
        "pense",
        "pensaba",
        "creia",
        "vaya a ser",
        "dicen que",
        "decia que",
        "dijo que era",
        "sera ",
        "seria",
        "no sea",
        "me preocupa",
        "si tengo",
        "prueba de",
        "vacuna",
        "para la",
        "para el",
        "para los",
    ]
    .iter()
    .any(|cue| before.contains(cue))
}

/// "¿Cuántos años lleva con diabetes?" takes the disease for granted.
fn granted(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    for sentence in turn.sentences.iter().filter(|sentence| sentence.question) {
        let words = turn.joined(sentence.start, sentence.end);
        if ![
            "cuantos anos",
            "cuanto tiempo",
            "desde cuando",
            "hace cuanto",
            "cuanto tiene de",
            "cuanto lleva",
        ]
        .iter()
        .any(|cue| words.contains(cue))
        {
            continue;
        }
        let named = scene.diseases[idx].iter().copied();
        let bare = turn.tokens.iter().enumerate().filter_map(|(at, token)| {
            let name = match token.norm.as_str() {
                "azucar" => "diabetes mellitus",
                "presion" => "hipertensión arterial",
                _ => return None,
            };
            scene.lex.diseases.entries.iter().position(|entry| entry.name == name).map(|entry| Hit {
                entry,
                start: at,
                end: at + 1,
            })
        });
        for hit in named.chain(bare).filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end) {
            if is_symptom_here(scene, idx, hit) {
                continue;
            }
            let mut fact = fact(
                scene,
                idx,
                hit,
                &scene.lex.diseases.entries[hit.entry].name,
                Section::Pathological,
                Said::Yes,
            );
            fact.cite(scene.doc.whole(answer.turns[0]));
            fact.confidence = 0.8;
            book.add(fact);
        }
    }
}

fn asked_diseases(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    granted(scene, idx, book);
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    let family = scene.family[idx];
    let asked: Vec<Hit> = scene.diseases[idx]
        .iter()
        .copied()
        .filter(|hit| {
            turn.sentences
                .iter()
                .enumerate()
                .any(|(n, s)| asks(turn, n) && hit.start >= s.start && hit.end <= s.end)
        })
        .filter(|hit| family || !is_symptom_here(scene, idx, *hit))
        .filter(|hit| {
            !["vacun", "dijo", "dijeron", "sabe"]
                .iter()
                .any(|cue| turn.joined(hit.start.saturating_sub(6), hit.start).contains(cue))
        })
        .chain(bare_conditions(scene, idx))
        .collect();
    for &hit in &asked {
        let name = &scene.lex.diseases.entries[hit.entry].name;
        let bare_no = answer.turns.iter().any(|&t| {
            let said = format!(" {} ", scene.turn(t).joined(0, scene.turn(t).tokens.len()));
            hit.end - hit.start == 1 && said.contains(&format!(" {} no ", turn.word(hit.start)))
        });
        let mentioned = answer.turns.iter().any(|&t| {
            scene.diseases[t].iter().any(|other| scene.lex.diseases.entries[other.entry].name == *name)
        });
        let more_exact = family && answer.turns.iter().any(|&t| !scene.diseases[t].is_empty());
        if mentioned || more_exact || is_passing(name) {
            continue;
        }
        let verdict = match answer.reply {
            _ if answer.rest_denied || bare_no => Said::No,
            Some(Reply::No) => Said::No,
            Some(Reply::Yes) if asked.len() == 1 || answer.all_affirmed => Said::Yes,
            None if family
                && asked.len() == 1
                && answer.turns.iter().any(|&t| relative_named(scene.turn(t)).is_some()) =>
            {
                Said::Yes
            }
            None if !family
                && asked.len() == 1
                && crate::text::quantity::first_duration(&scene.turn(answer.turns[0]).tokens, 0, 8)
                    .is_some() =>
            {
                Said::Yes
            }
            _ => continue,
        };
        let mut fact = fact(
            scene,
            idx,
            hit,
            name,
            if family { Section::Family } else { Section::Pathological },
            verdict,
        );
        fact.cite(scene.doc.whole(answer.turns[0]));
        fact.confidence = 0.8;
        if family && verdict == Said::Yes {
            let Some(kin) = answer.turns.iter().find_map(|&t| relative_named(scene.turn(t))) else {
                continue;
            };
            fact.experiencer = Experiencer::Relative(kin.to_owned());
        }
        book.add(fact);
    }
}

/// "¿diabetes, presión?", "¿Y la presión?", "Presión, azúcar.": the everyday words for hypertension and diabetes in a list of
/// diseases or by themselves.
fn bare_conditions(scene: &Scene<'_>, idx: usize) -> Vec<Hit> {
    let turn = scene.turn(idx);
    let entry = |name: &str| scene.lex.diseases.entries.iter().position(|entry| entry.name == name);
    let listed = !scene.diseases[idx].is_empty()
        || ["enfermedades", "padece", "antecedente", "familia", "enfermo"]
            .iter()
            .any(|cue| turn.joined(0, turn.tokens.len()).contains(cue));
    let numbers = crate::text::numbers::numbers_in(&turn.tokens, 0, turn.tokens.len())
        .iter()
        .any(|number| number.value > 5.0);
    let mut out = Vec::new();
    for (at, token) in turn.tokens.iter().enumerate() {
        let name = match token.norm.as_str() {
            "presion" => "hipertensión arterial",
            "azucar" => "diabetes mellitus",
            _ => continue,
        };
        let bare = matches!(turn.word(at.wrapping_sub(1)), "," | "¿" | "y" | "o" | "." | "la" | "el" | "")
            && turn
                .tokens
                .get(at + 1)
                .is_none_or(|next| next.is_punct() || matches!(next.norm.as_str(), "o" | "y"));
        let alone = turn.sentence_of(at).question
            && turn.sentence_of(at).end - turn.sentence_of(at).start <= 6
            && turn.joined(0, 4).contains("y la presion");
        let taken = scene.diseases[idx].iter().any(|hit| hit.start <= at && at < hit.end);
        if bare
            && (listed || alone)
            && !numbers
            && !taken
            && turn.sentences.iter().any(|sentence| sentence.question)
        {
            out.extend(entry(name).map(|entry| Hit { entry, start: at, end: at + 1 }));
        }
    }
    out
}

fn asks_with(scene: &Scene<'_>, idx: usize, cues: &[&str]) -> bool {
    let turn = scene.turn(idx);
    turn.sentences.iter().enumerate().any(|(number, sentence)| {
        asks(turn, number) && {
            let said = turn.joined(sentence.start, sentence.end);
            cues.iter().any(|cue| said.contains(cue))
        }
    })
}

const SURGERY_CUES: &[&str] =
    &["operad", "operacion", "cirugia", "operaron", "quirurgic", "operado", "operan", "intervenid"];

/// Questions whose answer is about operations, habits or medicines as a whole.
fn asked_other(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(answer) = &scene.answers[idx] else { return };
    let first = answer.turns[0];
    let whole = Hit { entry: 0, start: 0, end: scene.turn(idx).tokens.len() };
    let denied = answer.reply == Some(Reply::No) || answer.rest_denied;
    let mut deny = |name: &str, section: Section| {
        let mut fact = fact(scene, idx, whole, name, section, Said::No);
        fact.cite(scene.doc.whole(first));
        fact.confidence = 0.8;
        book.add(fact);
    };
    let any_surgery = answer.turns.iter().any(|&t| !surgeries_in(scene, t).is_empty());
    if denied && !any_surgery && asks_with(scene, idx, SURGERY_CUES) {
        deny("cirugías", Section::Surgical);
    }
    let any_drug = answer.turns.iter().any(|&t| !scene.drugs[t].is_empty());
    let medicines = [
        "algun medicamento",
        "alguna medicina",
        "toma medicamento",
        "toma medicina",
        "toma algo",
        "tomas algo",
        "otro medicamento",
        "otra medicina",
        "algun otro medicamento",
        "toma algun",
        "tomando algo",
        "medicamentos",
    ];
    if denied && !any_drug && asks_with(scene, idx, &medicines) && !asks_with(scene, idx, &["alergi"]) {
        deny("medicamentos", Section::Medication);
    }
    asked_habits(scene, idx, book);
}

fn asked_habits(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    let mut asked: Vec<Hit> = scene
        .lex
        .habits
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| {
            turn.sentences
                .iter()
                .enumerate()
                .any(|(n, s)| asks(turn, n) && hit.start >= s.start && hit.end <= s.end)
        })
        .collect();
    let alcohol = scene.lex.habits.entries.iter().position(|entry| entry.name == "consumo de alcohol");
    let smokes_or_drinks = turn.tokens.iter().enumerate().find(|(at, token)| {
        matches!(token.norm.as_str(), "toma" | "tomas" | "bebe" | "bebes")
            && turn.tokens.get(at + 1).is_none_or(|next| next.is_punct() || next.norm == "usted")
            && (0..*at).any(|k| turn.word(k).starts_with("fum"))
    });
    if let (Some(entry), Some((at, _))) = (alcohol, smokes_or_drinks) {
        asked.push(Hit { entry, start: at, end: at + 1 });
    }
    for &hit in &asked {
        let entry = &scene.lex.habits.entries[hit.entry];
        let explicit = answer.turns.iter().any(|&t| {
            scene.lex.habits.matcher.find(&scene.turn(t).tokens).iter().any(|other| other.entry == hit.entry)
        });
        if explicit {
            continue;
        }
        let verdict = match answer.reply {
            _ if answer.rest_denied => Said::No,
            Some(Reply::No) => Said::No,
            Some(Reply::NoLonger) => Said::Past,
            Some(Reply::Yes) if asked.len() == 1 => Said::Yes,
            _ => continue,
        };
        let name = &entry.name;
        let mut fact = fact(scene, idx, hit, name, Section::Habits, verdict);
        fact.cite(scene.doc.whole(answer.turns[0]));
        fact.confidence = 0.8;
        book.add(fact);
    }
}

fn surgeries_in(scene: &Scene<'_>, idx: usize) -> Vec<Hit> {
    let turn = scene.turn(idx);
    let said = turn.joined(0, turn.tokens.len());
    let asked = scene.question_before(idx).is_some_and(|q| asks_with(scene, q, SURGERY_CUES));
    let spoken = SURGERY_CUES.iter().any(|cue| said.contains(cue))
        || said.contains("quitaron")
        || said.contains("sacaron")
        || said.contains("ligaron")
        || said.contains("cesarea")
        || said.contains("ligad");
    if !asked && !spoken {
        return Vec::new();
    }
    scene.lex.surgeries.matcher.find(&turn.tokens)
}

fn stated_surgeries(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    operated_part(scene, idx, book);
    for hit in surgeries_in(scene, idx) {
        let sentence = turn.sentence_of(hit.start);
        let said = said(turn, hit.start, hit.end);
        if sentence.question
            || said == Said::No
            || scene.household.who(turn, hit.start, hit.end, false) != Who::Patient
        {
            continue;
        }
        book.add(fact(
            scene,
            idx,
            hit,
            &scene.lex.surgeries.entries[hit.entry].name,
            Section::Surgical,
            Said::Yes,
        ));
    }
}

/// "¿Lo han operado?" - "De la rodilla, hace dos años.": an operation the lexicon has no name for.
fn operated_part(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).is_some_and(|q| asks_with(scene, q, SURGERY_CUES));
    let own = turn.tokens.iter().position(|token| {
        matches!(token.norm.as_str(), "operaron" | "opere" | "operada" | "operado" | "operamos")
    });
    let from = match (own, asked) {
        (Some(at), _) => at + 1,
        (None, true) => 0,
        _ => return,
    };
    if !surgeries_in(scene, idx).is_empty() {
        return;
    }
    let Some(of) =
        (from..(from + 4).min(turn.tokens.len())).find(|&at| matches!(turn.word(at), "de" | "del"))
    else {
        return;
    };
    let mut start = of + 1;
    while matches!(turn.word(start), "la" | "el" | "las" | "los" | "un" | "una" | "mi" | "su") {
        start += 1;
    }
    let plain = turn.tokens.get(start).is_some_and(|token| token.norm.len() > 3 && !token.is_punct())
        && !matches!(
            turn.word(start),
            "nada"
                | "chiquita"
                | "chiquito"
                | "joven"
                | "nino"
                | "emergencia"
                | "eso"
                | "hecho"
                | "nina"
                | "chico"
        );
    if !plain || said(turn, start, start + 1) == Said::No {
        return;
    }
    let hit = Hit { entry: 0, start, end: start + 1 };
    let name = format!("cirugía de {}", scene.spoken(idx, start, start + 1).to_lowercase());
    book.add(fact(scene, idx, hit, &name, Section::Surgical, Said::Yes));
}

fn stated_habits(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    for hit in scene.lex.habits.matcher.find(&turn.tokens) {
        let entry = &scene.lex.habits.entries[hit.entry];
        let sentence = turn.sentence_of(hit.start);
        if sentence.question || scene.household.who(turn, hit.start, hit.end, false) != Who::Patient {
            continue;
        }
        let asked = scene.question_before(idx).is_some_and(|q| {
            scene.lex.habits.matcher.find(&scene.turn(q).tokens).iter().any(|other| other.entry == hit.entry)
        });
        let strong = matches!(
            entry.name.as_str(),
            "tabaquismo" | "consumo de alcohol" | "consumo de drogas" | "exposición a humo de leña"
        );
        if !asked && !strong {
            continue;
        }
        let mut verdict = said(turn, hit.start, hit.end);
        let around = turn.joined(hit.start.saturating_sub(4), (hit.end + 2).min(turn.tokens.len()));
        if ["deje", "dejo", "dejado", "antes", "fumaba", "yano", "quite"]
            .iter()
            .any(|cue| around.split(' ').any(|word| word == *cue))
            && verdict != Said::No
        {
            verdict = Said::Past;
        }
        let name = &entry.name;
        book.add(fact(scene, idx, hit, name, Section::Habits, verdict));
    }
}

fn stated_obgyn(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(question) = scene.question_before(idx) else { return };
    let lexicon: &Lexicon = &scene.lex.obgyn;
    let (turn, asked) = (scene.turn(idx), scene.turn(question));
    let parent = turn.speaker == clinical::transcript::Speaker::Companion
        && scene.household.companion_is_parent.is_some();
    if scene.family[idx] || parent {
        return;
    }
    let about = lexicon.matcher.find(&asked.tokens);
    let mut seen = Vec::new();
    for hit in lexicon.matcher.find(&turn.tokens) {
        let name = lexicon.entries[hit.entry].name.as_str();
        let specific = matches!(
            name,
            "fecha de última menstruación"
                | "menarca"
                | "menopausia"
                | "partos"
                | "abortos"
                | "cesáreas"
                | "ligadura de trompas"
        );
        let counted = !matches!(name, "partos" | "cesáreas" | "abortos")
            || (hit.start.saturating_sub(3)..hit.start)
                .any(|at| crate::text::numbers::number_at(&turn.tokens, at).is_some())
            || about.iter().any(|a| a.entry == hit.entry);
        if !counted
            || turn.sentence_of(hit.start).question
            || !(specific || about.iter().any(|a| a.entry == hit.entry))
        {
            continue;
        }
        if scene.household.who(turn, hit.start, hit.end, false) != Who::Patient {
            continue;
        }
        seen.push(hit.entry);
        book.add(fact(scene, idx, hit, name, Section::ObGyn, said(turn, hit.start, hit.end)));
    }
    for hit in about.into_iter().filter(|hit| !seen.contains(&hit.entry)) {
        let asks_here = asked
            .sentences
            .iter()
            .enumerate()
            .any(|(n, s)| asks(asked, n) && hit.start >= s.start && hit.end <= s.end);
        let answers = !crate::text::numbers::numbers_in(&turn.tokens, 0, turn.tokens.len()).is_empty();
        let name = lexicon.entries[hit.entry].name.as_str();
        let countable = matches!(
            name,
            "fecha de última menstruación"
                | "menarca"
                | "menopausia"
                | "embarazos"
                | "partos"
                | "abortos"
                | "cesáreas"
                | "parejas sexuales"
                | "inicio de vida sexual"
                | "semanas de gestación"
        );
        let denied = crate::context::answer::reply(turn) == Some(Reply::No);
        if asks_here && idx == question + 1 && ((countable && answers) || denied) {
            let said = if denied && !answers { Said::No } else { Said::Yes };
            let mut fact = fact(scene, question, hit, name, Section::ObGyn, said);
            fact.cite(scene.doc.whole(idx));
            fact.confidence = 0.8;
            book.add(fact);
        }
    }
}
