//! Antecedents: diseases, operations, habits, gynaecological history, of the patient and of relatives.

mod asked;
mod before;
mod birth;
mod everyday;
mod family;
mod habits;
mod known;
mod life;
mod obgyn;
mod operations;
mod parts;
mod vaccines;

use crate::context::Said;
use crate::context::answer::{Reply, asks};
use crate::context::person::{Who, relative_named};
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, Experiencer, FactKind, Polarity, Section, Time};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;

use super::Book;
use asked::{asked_diseases, asked_other, asked_topics, asks_with};
use before::earlier_episode;
use birth::born;
use everyday::{
    Topic, asked_everyday, everyday_in, only_indexed, told_by_a_medicine, told_by_everyday_words,
};
use family::{known_kin, told_of_relatives, with_joined_kin};
use habits::{asked_habits, stated_habits};
use known::known_to_the_clinician;
use life::way_of_life;
use obgyn::stated_obgyn;
use operations::{SURGERY_CUES, stated_surgeries, surgeries_in};
use vaccines::asked_vaccines;

/// Reads the antecedents.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            asked_diseases(scene, idx, book);
            asked_other(scene, idx, book);
            asked_habits(scene, idx, book);
            asked_vaccines(scene, idx, book);
            born(scene, idx, book);
            earlier_episode(scene, idx, book);
            continue;
        }
        stated_diseases(scene, idx, book);
        told_by_everyday_words(scene, idx, book);
        told_by_a_medicine(scene, idx, book);
        stated_from_the_index(scene, idx, book);
        told_of_relatives(scene, idx, book);
        way_of_life(scene, idx, book);
        born(scene, idx, book);
        stated_surgeries(scene, idx, book);
        stated_habits(scene, idx, book);
        stated_obgyn(scene, idx, book);
    }
    for idx in (0..scene.doc.turns.len()).filter(|&idx| scene.turn(idx).is_doctor()) {
        known_to_the_clinician(scene, idx, book);
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
        let said = match said(turn, hit.start, hit.end) {
            // "Del azúcar siempre he salido bien."
            Said::Yes
                if (hit.end..hit.end + 5).any(|at| turn.word(at) == "bien")
                    && turn.word(hit.end) == "siempre" =>
            {
                Said::No
            }
            said => said,
        };
        if crate::context::polarity::unknown(turn, hit.end) {
            continue;
        }
        match scene.household.who(turn, hit.start, hit.end, family) {
            Who::Relative(kin)
                if said != Said::No && !is_passing(name) && name != "hospitalización previa" =>
            {
                let mut fact = fact(scene, idx, hit, name, Section::Family, Said::Yes);
                fact.experiencer = Experiencer::Relative(known_kin(scene, idx, kin));
                with_joined_kin(scene, idx, hit, fact, book);
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

/// Verbs by which one tells of an illness one has or had.
const TELLS_ILLNESS: &[&str] = &[
    "tuve",
    "tuvo",
    "tengo",
    "tiene",
    "tenia",
    "padezco",
    "padece",
    "padeci",
    "padecia",
    "sufro",
    "sufre",
    "dio",
    "daba",
    "diagnosticaron",
    "detectaron",
    "dijeron",
    "encontraron",
    "salio",
    "salieron",
    "soy",
    "era",
    "hallaron",
    "pego",
    "naci",
    "nacio",
];

/// Diseases only the ICD index knows, told by a verb for being ill or in answer to a question for antecedents.
fn stated_from_the_index(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).is_some_and(|question| {
        let turn = scene.turn(question);
        turn.sentences
            .iter()
            .any(|sentence| sentence.question && everyday::asks_antecedents(scene, question, *sentence))
    });
    for topic in only_indexed(scene, idx) {
        let hit = topic.hit();
        let sentence = turn.sentence_of(hit.start);
        let from = hit.start.saturating_sub(5).max(sentence.start);
        let told = (from..hit.start).any(|at| TELLS_ILLNESS.contains(&turn.word(at)));
        if sentence.question
            || !(asked || told)
            || is_symptom_here(scene, idx, hit)
            || in_surgery(scene, idx, hit)
            || worries(turn.joined(hit.start.saturating_sub(8).max(sentence.start), hit.start).as_str())
            || scene.household.who(turn, hit.start, hit.end, scene.family[idx]) != Who::Patient
        {
            continue;
        }
        book.add(fact(scene, idx, hit, &topic.name, Section::Pathological, said(turn, hit.start, hit.end)));
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
        || parts::is_operated(scene, idx, hit)
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
        "que sea",
        "decia tumor",
        "busque",
        "google",
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
