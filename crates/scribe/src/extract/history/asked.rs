//! Antecedents asked by the clinician and the answer to them.

use super::*;

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
        let named = scene.diseases[idx].iter().map(|hit| Topic::named(scene, *hit));
        let everyday = everyday_words(scene, idx, *sentence);
        let within = |topic: &Topic| topic.start >= sentence.start && topic.end <= sentence.end;
        for topic in named.chain(everyday).filter(within) {
            if is_symptom_here(scene, idx, topic.hit()) {
                continue;
            }
            let mut fact = fact(scene, idx, topic.hit(), &topic.name, Section::Pathological, Said::Yes);
            fact.cite(scene.doc.whole(answer.turns[0]));
            fact.confidence = 0.8;
            book.add(fact);
        }
    }
}

/// Everyday words for diseases in a question that takes the disease for granted.
fn everyday_words(scene: &Scene<'_>, idx: usize, sentence: crate::text::Sentence) -> Vec<Topic> {
    let strong = |hit: &Hit| scene.lex.everyday.entries[hit.entry].info != "weak";
    let hits = scene.lex.everyday.matcher.find(&scene.turn(idx).tokens);
    hits.into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end && strong(hit))
        .map(|hit| Topic {
            name: scene.lex.everyday.entries[hit.entry].name.clone(),
            start: hit.start,
            end: hit.end,
        })
        .collect()
}

pub(super) fn asked_diseases(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    granted(scene, idx, book);
    let Some(answer) = &scene.answers[idx] else { return };
    let family = scene.family[idx];
    let asked = asked_topics(scene, idx);
    for topic in &asked {
        if is_passing(&topic.name) || mentioned(scene, answer, topic, family) {
            continue;
        }
        let Some(verdict) = verdict(scene, idx, answer, topic, asked.len() == 1) else { continue };
        let section = if family { Section::Family } else { Section::Pathological };
        let mut fact = fact(scene, idx, topic.hit(), &topic.name, section, verdict);
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

/// The diseases a clinician's turn asks about, by name or by an everyday word.
pub(super) fn asked_topics(scene: &Scene<'_>, idx: usize) -> Vec<Topic> {
    let turn = scene.turn(idx);
    let family = scene.family[idx];
    let in_question = |hit: &Hit| {
        turn.sentences
            .iter()
            .enumerate()
            .any(|(n, s)| asks(turn, n) && hit.start >= s.start && hit.end <= s.end)
    };
    let about_other_things = |hit: &Hit| {
        ["vacun", "dijo", "dijeron", "sabe"]
            .iter()
            .any(|cue| turn.joined(hit.start.saturating_sub(6), hit.start).contains(cue))
    };
    scene.diseases[idx]
        .iter()
        .copied()
        .filter(in_question)
        .filter(|hit| family || !is_symptom_here(scene, idx, *hit))
        .filter(|hit| !about_other_things(hit))
        .map(|hit| Topic::named(scene, hit))
        .chain(asked_everyday(scene, idx))
        .chain(only_indexed(scene, idx).filter(|topic| {
            let hit = topic.hit();
            in_question(&hit) && !is_symptom_here(scene, idx, hit) && !about_other_things(&hit)
        }))
        .collect()
}

/// Whether the answer speaks of the disease itself, so that its own words decide.
fn mentioned(
    scene: &Scene<'_>,
    answer: &crate::context::answer::Answer,
    topic: &Topic,
    family: bool,
) -> bool {
    answer.turns.iter().any(|&t| {
        let end = scene.turn(t).tokens.len();
        scene.diseases[t].iter().any(|other| scene.lex.diseases.entries[other.entry].name == topic.name)
            || everyday_in(scene, t, 0, end).iter().any(|other| other.name == topic.name)
            || family && !scene.diseases[t].is_empty()
    })
}

/// What the answer as a whole says of a disease it does not name.
fn verdict(
    scene: &Scene<'_>,
    idx: usize,
    answer: &crate::context::answer::Answer,
    topic: &Topic,
    sole: bool,
) -> Option<Said> {
    let (turn, family) = (scene.turn(idx), scene.family[idx]);
    let first = scene.turn(answer.turns[0]);
    let by_word = topic.end - topic.start == 1
        && answer.turns.iter().any(|&t| {
            let said = format!(" {} ", scene.turn(t).joined(0, scene.turn(t).tokens.len()));
            said.contains(&format!(" {} no ", turn.word(topic.start)))
        });
    Some(match answer.reply {
        _ if answer.rest_denied || by_word => Said::No,
        Some(Reply::No) => Said::No,
        Some(Reply::Yes) if sole || answer.all_affirmed => Said::Yes,
        None if !family && sole && crate::text::quantity::first_duration(&first.tokens, 0, 8).is_some() => {
            Said::Yes
        }
        _ => return None,
    })
}

pub(super) fn asks_with(scene: &Scene<'_>, idx: usize, cues: &[&str]) -> bool {
    let turn = scene.turn(idx);
    turn.sentences.iter().enumerate().any(|(number, sentence)| {
        asks(turn, number) && {
            let said = turn.joined(sentence.start, sentence.end);
            cues.iter().any(|cue| said.contains(cue))
        }
    })
}

/// Questions whose answer is about operations, habits or medicines as a whole.
pub(super) fn asked_other(scene: &Scene<'_>, idx: usize, book: &mut Book) {
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
    let illness = [
        "enfermedades",
        "alguna enfermedad",
        "padece de algo",
        "padecimiento",
        "otra enfermedad",
        "problema de salud",
    ];
    let any_disease = answer.turns.iter().any(|&t| !scene.diseases[t].is_empty());
    if denied && !any_disease && asks_with(scene, idx, &illness) && !scene.family[idx] {
        deny("enfermedades", Section::Pathological);
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
}
