//! Medicines: what the patient takes, what the clinician stops, what is prescribed or goes on.

mod as_kind;
mod clauses;
mod details;
mod directed;
mod listed;
mod pointed;
mod told;
mod wish;
mod wish_words;

use crate::context::Said;
use crate::context::answer::{Reply, asks};
use crate::context::person::Who;
use crate::context::polarity::said;
use crate::facts::{Action, Attributes, ClinicalFact, FactKind, Time};
use crate::scene::{DrugMention, Scene};
use crate::text::TurnDoc;

use super::{Book, posology};
use directed::{directed, review_turns};
use pointed::{answered, pointed};
use wish::{Wish, wish};

pub(crate) use as_kind::as_kind;
pub(crate) use directed::goes_on;

/// Reads the medicines.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            asked(scene, idx, book);
            given_before(scene, idx, book);
        } else {
            taken(scene, idx, book);
        }
    }
    let review = review_turns(scene);
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            directed(scene, idx, &review, book);
        }
    }
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            if idx > 0 {
                answered(scene, idx, book);
                pointed(scene, idx, book);
            }
            details::asked_how(scene, idx, book);
            details::finished_later(scene, idx, book);
            details::asked_what_is_taken(scene, idx, book);
            details::days_for_all(scene, idx, book);
            details::said_of_all(scene, idx, book);
            details::all_go_on(scene, idx, book);
        } else {
            details::said_back(scene, idx, book);
        }
    }
}

/// The posology of a medicine with the moment of taking in the words that were said, where no interval was.
fn dosed(scene: &Scene<'_>, idx: usize, start: usize, end: usize, drug: &DrugMention) -> Attributes {
    let turn = scene.turn(idx);
    let mut attributes = posology::read(turn, start, end, Some(drug));
    if attributes.frequency_hours.is_none() && attributes.schedule.is_none() {
        let moments: Vec<String> = posology::moments(turn, start, end)
            .into_iter()
            .filter(|&(from, _)| turn.word(from) != "si" || attributes.prn || attributes.dose_value.is_some())
            .map(|(from, to)| scene.spoken(idx, from, to).to_lowercase())
            .collect();
        attributes.schedule = (!moments.is_empty()).then(|| moments.join(", "));
    }
    // A scheme in steps is kept in the words it was said in: dose and interval are those of its first step only.
    let told = attributes.dose_value.is_some() || attributes.frequency_hours.is_some();
    let scheme = posology::scheme(turn, start, end).or_else(|| posology::uneven(turn, drug, start, end));
    if let Some((from, to)) = scheme.filter(|_| told) {
        attributes.schedule = Some(scene.spoken(idx, from, to).to_lowercase());
    }
    attributes
}

/// Where the words about a medicine end: the next medicine, or the end of the turn.
fn reach(scene: &Scene<'_>, idx: usize, number: usize) -> usize {
    let turn = scene.turn(idx);
    let drug = &scene.drugs[idx][number];
    let Some(next) = scene.drugs[idx].get(number + 1) else { return turn.tokens.len() };
    // The words that lead to the next medicine ("y dos tabletas de ...") belong to it.
    let end = posology::lead(turn, next.start).max(drug.end);
    // A sentence that leads to the next medicine ("Y por siete días, clonazepam ...") is about that one.
    let own = turn.sentence_of(drug.start);
    let lead = turn.sentence_of(next.start).start;
    if lead >= own.end && lead > drug.end { end.min(lead) } else { end }
}

fn is_allergy_talk(scene: &Scene<'_>, idx: usize, drug: &DrugMention) -> bool {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(drug.start);
    let near = turn.joined(sentence.start, sentence.end);
    let asked = scene.question_before(idx).is_some_and(|q| {
        let question = scene.turn(q);
        question.joined(0, question.tokens.len()).contains("alergi")
    });
    near.contains("alergi")
        || (asked
            && !near.contains("tomo")
            && !near.contains("toma")
            && !turn.is_doctor()
            && !told_how(turn, drug))
}

/// "Alergias no. Pinaverio, cien, dos al día.": what is told with its amount and interval is taken.
fn told_how(turn: &TurnDoc, drug: &DrugMention) -> bool {
    let a = posology::read(turn, drug.end, turn.sentence_of(drug.start).end, Some(drug));
    a.dose_value.is_some() && a.frequency_hours.is_some()
}

/// What the patient's side says it takes.
fn taken(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    for (number, drug) in scene.drugs[idx].iter().enumerate() {
        let sentence = turn.sentence_of(drug.start);
        if drug.class_only
            || sentence.question
            || is_allergy_talk(scene, idx, drug)
            || is_repeat(scene, idx)
            || drug.ambiguous && !ambiguous_is_taken(scene, idx, drug)
        {
            continue;
        }
        if scene.household.who(turn, drug.start, drug.end, false) != Who::Patient
            && !only_came_from(turn, drug)
        {
            continue;
        }
        if asks_without_marks(scene, idx) {
            continue;
        }
        let verdict = said(turn, drug.start, drug.end);
        if verdict == Said::No || is_past(scene, idx, drug) {
            continue;
        }
        let end = reach(scene, idx, number);
        let mut fact = as_taken(scene, idx, drug, end);
        if is_one_time(scene, idx, sentence) {
            fact.time = Time::Past;
        }
        book.add(fact);
    }
}

/// "y el alopurinol", written without marks after the clinician ordered something: asked, not told.
fn asks_without_marks(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let bare = turn.tokens.len() <= 7 && !turn.tokens.iter().any(crate::text::Token::is_punct);
    bare && turn.word(0) == "y"
        && idx.checked_sub(1).is_some_and(|before| {
            scene.turn(before).is_doctor()
                && !scene.turn(before).sentences.iter().any(|sentence| sentence.question)
        })
}

/// "una crema que tenía mi hermana", "pastillas que le dio mi suegra": whose it was, not who takes it.
fn only_came_from(turn: &TurnDoc, drug: &DrugMention) -> bool {
    let sentence = turn.sentence_of(drug.start);
    let kin =
        |at: usize| crate::context::person::kinship(turn.word(at)).is_some() || turn.word(at) == "vecina";
    let given = |at: usize| {
        matches!(
            turn.word(at),
            "tenia"
                | "vende"
                | "vendio"
                | "dio"
                | "regalo"
                | "compro"
                | "recomendo"
                | "presto"
                | "dejo"
                | "trajo"
                | "sobro"
                | "daba"
        )
    };
    let relatives: Vec<usize> = (sentence.start..sentence.end).filter(|&at| kin(at)).collect();
    !relatives.is_empty()
        && relatives
            .iter()
            .all(|&at| (at.saturating_sub(4).max(sentence.start)..(at + 4).min(sentence.end)).any(given))
}

/// A medicine the patient takes, with what is said of it up to `end`; how long it is still to be taken belongs to the plan.
fn as_taken(scene: &Scene<'_>, idx: usize, drug: &DrugMention, end: usize) -> ClinicalFact {
    let evidence = scene.doc.evidence(idx, drug.start, end.min(drug.end + 14));
    let speaker = scene.turn(idx).speaker;
    let mut fact = ClinicalFact::new(FactKind::CurrentMedication, drug.name.clone(), speaker, evidence);
    fact.attributes = Attributes { duration_days: None, ..dosed(scene, idx, drug.end, end, drug) };
    listed::complete(scene, idx, drug, end, &mut fact);
    fact
}

/// "Yo le di un paracetamol el domingo": given, not taken from day to day.
fn is_one_time(scene: &Scene<'_>, idx: usize, sentence: crate::text::Sentence) -> bool {
    let said = format!(" {} ", scene.turn(idx).joined(sentence.start, sentence.end));
    let asked = scene.question_before(idx).is_some_and(|question| {
        let turn = scene.turn(question);
        let words = format!(" {} ", turn.joined(0, turn.tokens.len()));
        [" que le dio ", " que le dieron ", " que le puso ", " le dio algo"]
            .iter()
            .any(|cue| words.contains(cue))
    });
    asked
        || [" le di ", " le dimos ", " le dieron ", " me tome ", " me dieron ", " me pusieron ", " se tomo "]
            .iter()
            .any(|cue| said.contains(cue))
}

/// "antes tomaba", "me la quitaron": no longer taken.
fn is_past(scene: &Scene<'_>, idx: usize, drug: &DrugMention) -> bool {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(drug.start);
    let clause =
        turn.joined(drug.start.saturating_sub(10).max(sentence.start), (drug.end + 12).min(sentence.end));
    let still = ["todavia", "la tomo", "lo tomo", "sigo tom", "desde hace anos", "de hace anos"]
        .iter()
        .any(|cue| clause.contains(cue));
    let asked_then = turn.is_patient_side()
        && scene.question_before(idx).is_some_and(|question| {
            let asked = scene.turn(question).joined(0, scene.turn(question).tokens.len());
            ["la vez anterior", "la otra vez", "aquella vez", "esa vez", "en ese entonces", "la vez pasada"]
                .iter()
                .any(|cue| asked.contains(cue))
        });
    if still {
        return false;
    }
    asked_then
        || said(turn, drug.start, drug.end) == Said::Past
        || [
            "me la quit",
            "me lo quit",
            "se la quit",
            "se lo quit",
            "tomaba",
            "antes tom",
            "antes us",
            "me daban",
            "dejo de tomar",
            "deje de tomar",
            "la deje",
            "lo deje",
            "hace anos",
            "el ano pasado",
            "me dieron esa vez",
            "usted le quit",
            "usted me quit",
            "me quito",
            "la tolero",
            "lo tolero",
            "ronchas",
            "en julio",
            "en marzo",
            "que le quit",
            "que me quit",
            "la he tomado y",
            "lo he tomado y",
            "ya no lo compr",
            "ya no la compr",
            "lo tomaba",
            "la tomaba",
            "de bebe",
            "de nina",
            "de nino",
            "en la universidad",
            "se acabo el tratamiento",
            "termine hace",
            "termino hace",
            "me lo quitaron",
            "me la quitaron",
        ]
        .iter()
        .any(|cue| clause.contains(cue))
}

/// A word that is also an analyte or a food counts as a medicine when the sentence speaks of taking it.
fn ambiguous_is_taken(scene: &Scene<'_>, idx: usize, drug: &DrugMention) -> bool {
    let turn = scene.turn(idx);
    let mut said = turn.joined(0, turn.tokens.len());
    if !turn.is_doctor()
        && let Some(question) = scene.question_before(idx)
    {
        let asked = scene.turn(question).joined(0, scene.turn(question).tokens.len());
        if ["toma", "pastilla", "anticoncep", "metodo", "medic", "se cuida", "te cuidas"]
            .iter()
            .any(|cue| asked.contains(cue))
        {
            said.push_str(" toma ");
        }
    }
    let value_follows = scene.studies[idx].iter().any(|hit| hit.start <= drug.start && hit.end >= drug.end)
        && crate::text::numbers::numbers_in(&turn.tokens, drug.end, drug.end + 4)
            .first()
            .is_some_and(|number| crate::text::quantity::dose_unit(turn.word(number.end)).is_none());
    !value_follows
        && [
            "tomo",
            "toma",
            "pastilla",
            "capsula",
            "tableta",
            "suplement",
            "uso ",
            "usa ",
            "tome",
            "ampolleta",
            "unidades",
            "diario",
            "diaria",
            "igual",
            "jarabe",
            "gotas",
            "mililitros",
            "cada ocho",
            "cada doce",
            "cada seis",
            "cada veinti",
            "siga",
            "sigue",
        ]
        .iter()
        .any(|cue| said.contains(cue))
}

/// The patient's side repeats an instruction ("amlodipina una en la mañana, ¿verdad?").
fn is_repeat(scene: &Scene<'_>, idx: usize) -> bool {
    let Some(before) = idx.checked_sub(1).filter(|&before| scene.turn(before).is_doctor()) else {
        return false;
    };
    let asked = scene.turn(before).sentences.iter().any(|sentence| sentence.question);
    let told = |at: usize, drug: &DrugMention| {
        let turn = scene.turn(at);
        let a = posology::read(turn, drug.end, turn.tokens.len(), Some(drug));
        a.dose_value.is_some() || a.frequency_hours.is_some() || a.schedule.is_some()
    };
    // "Seis semanas con la sertralina." - "Sí, sertralina de cincuenta, en las mañanas.": told, not said back.
    let adds = scene.drugs[idx].iter().any(|drug| told(idx, drug))
        && !scene.drugs[before].iter().any(|drug| told(before, drug));
    !asked
        && !adds
        && !scene.drugs[before].is_empty()
        && scene.drugs[idx].iter().all(|drug| scene.drugs[before].iter().any(|other| other.name == drug.name))
}

/// "¿Toma losartán?" - "Sí.", "¿Y la quetiapina?" - "La de cien en la noche, ésa sí."
fn asked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    let open: Vec<&DrugMention> = scene.drugs[idx]
        .iter()
        .filter(|drug| {
            !drug.class_only
                && !drug.ambiguous
                && turn
                    .sentences
                    .iter()
                    .enumerate()
                    .any(|(n, s)| asks(turn, n) && drug.start >= s.start && drug.end <= s.end)
        })
        .collect();
    let [drug] = open.as_slice() else { return };
    let sentence = turn.sentence_of(drug.start);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let has = |cues: &[&str]| cues.iter().any(|cue| words.contains(cue));
    let about_else =
        has(&[" alergi", " le han dado", " te han dado", " ha tomado", " has tomado", " le cay", " antes "]);
    let taking = has(&[
        " toma ", " tomas ", " tomando", " usa ", " usas ", " usado ", " sigue", " pone", " aplica", " cuant",
    ]);
    let first = scene.turn(answer.turns[0]);
    let until = scene.drugs[answer.turns[0]].first().map_or(first.tokens.len(), |next| next.start);
    let told = posology::read(first, 0, until, Some(drug));
    let dosed = told.dose_value.is_some() || told.frequency_hours.is_some();
    // "¿Y la metformina?": only the medicine is named.
    let bare = sentence.end - sentence.start <= 8;
    let opening = first.sentences.first().map_or(0, |sentence| sentence.end);
    let other =
        scene.drugs[answer.turns[0]].iter().any(|other| other.name == drug.name || other.start < opening);
    let denied = matches!(answer.reply, Some(Reply::No | Reply::NoLonger));
    let affirmed = taking && (answer.reply == Some(Reply::Yes) || dosed) || bare && dosed;
    if about_else || denied || other || !affirmed {
        return;
    }
    let mut fact = ClinicalFact::new(
        FactKind::CurrentMedication,
        drug.name.clone(),
        first.speaker,
        scene.doc.evidence(idx, drug.start, drug.end),
    );
    fact.cite(scene.doc.whole(answer.turns[0]));
    fact.attributes = Attributes { duration_days: None, ..told };
    fact.confidence = 0.8;
    book.add(fact);
}

/// "Hace dos meses te dejé sertralina de cien": what the clinician remembers having given, before anything is decided.
fn given_before(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    const GAVE: &[&str] = &[
        " le deje",
        " te deje",
        " le empezamos",
        " te empezamos",
        " le empece",
        " te empece",
        " le puse",
        " te puse",
        " le di ",
        " te di ",
        " le habia dado",
        " te habia dado",
        " le mande",
        " te mande",
        " le recete",
        " te recete",
        " le dimos",
        " te dimos",
    ];
    const WHEN: &[&str] = &[
        " hace ",
        " la vez pasada",
        " la otra vez",
        " la ultima vez",
        " el mes pasado",
        " la semana pasada",
        " en la cita",
    ];
    let turn = scene.turn(idx);
    if idx * 3 > scene.doc.turns.len() {
        return;
    }
    for (number, drug) in scene.drugs[idx].iter().enumerate() {
        let sentence = turn.sentence_of(drug.start);
        let before = format!(" {} ", turn.joined(sentence.start, drug.start));
        let whole = format!(" {} ", turn.joined(sentence.start, sentence.end));
        let gave = GAVE.iter().any(|cue| before.contains(cue)) && WHEN.iter().any(|cue| whole.contains(cue));
        if gave && !drug.class_only && !whole.contains(" se le quit") && !whole.contains(" se te quit") {
            let end = reach(scene, idx, number);
            let mut fact = as_taken(scene, idx, drug, end);
            fact.confidence = 0.7;
            book.add(fact);
        }
    }
}
