//! Medicines: what the patient takes, what the clinician stops, what is prescribed or goes on.

use crate::context::Said;
use crate::context::answer::{Reply, asks};
use crate::context::person::Who;
use crate::context::polarity::said;
use crate::facts::{Action, Attributes, ClinicalFact, FactKind, Time};
use crate::scene::{DrugMention, Scene};
use crate::text::TurnDoc;

use super::{Book, posology};

/// Reads the medicines.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            asked(scene, idx, book);
        } else {
            taken(scene, idx, book);
        }
    }
    for idx in 0..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            directed(scene, idx, book);
        }
    }
    for idx in 1..scene.doc.turns.len() {
        if scene.turn(idx).is_doctor() {
            answered(scene, idx, book);
        }
    }
    let stopped: Vec<String> = book.of(FactKind::StoppedMedication).map(|fact| fact.name.clone()).collect();
    book.retain(|fact| {
        fact.kind != FactKind::Prescription
            || !stopped.contains(&fact.name)
            || fact.attributes.dose_value.is_some()
            || fact.attributes.frequency_hours.is_some()
    });
}

/// Where the words about a medicine end: the next medicine, or the end of the turn.
fn reach(scene: &Scene<'_>, idx: usize, number: usize) -> usize {
    let turn = scene.turn(idx);
    let drug = &scene.drugs[idx][number];
    let Some(next) = scene.drugs[idx].get(number + 1) else { return turn.tokens.len() };
    // The words that lead to the next medicine ("y le agrego ...") belong to it.
    let mut end = next.start;
    while end > drug.end
        && matches!(
            turn.word(end - 1),
            "el" | "la" | "los" | "las" | "de" | "con" | "y" | "para" | "un" | "una" | "del" | "al"
        )
    {
        end -= 1;
    }
    end
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
        || (asked && !near.contains("tomo") && !near.contains("toma") && !turn.is_doctor())
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
        if scene.household.who(turn, drug.start, drug.end, false) != Who::Patient {
            continue;
        }
        let verdict = said(turn, drug.start, drug.end);
        let clause =
            turn.joined(drug.start.saturating_sub(10).max(sentence.start), (drug.end + 12).min(sentence.end));
        let past = verdict == Said::Past
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
            ]
            .iter()
            .any(|cue| clause.contains(cue));
        if verdict == Said::No || past {
            continue;
        }
        let end = reach(scene, idx, number);
        let mut fact = ClinicalFact::new(
            FactKind::CurrentMedication,
            drug.name.clone(),
            turn.speaker,
            scene.doc.evidence(idx, drug.start, end.min(drug.end + 14)),
        );
        fact.attributes = posology::read(turn, drug.end, end, Some(drug));
        fact.attributes.duration_days = None;
        book.add(fact);
    }
}

/// A word that is also an analyte or a food counts as a medicine when the sentence speaks of taking it.
fn ambiguous_is_taken(scene: &Scene<'_>, idx: usize, drug: &DrugMention) -> bool {
    let turn = scene.turn(idx);
    let said = turn.joined(0, turn.tokens.len());
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
    !asked
        && !scene.drugs[before].is_empty()
        && scene.drugs[idx].iter().all(|drug| scene.drugs[before].iter().any(|other| other.name == drug.name))
}

/// "¿Toma losartán?" - "Sí."
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
    let words = turn.joined(sentence.start, sentence.end);
    let taking =
        ["toma", "tomando", "usa", "sigue", "pone", "aplica", "tomas"].iter().any(|cue| words.contains(cue))
            && !words.contains("alergi");
    if taking
        && answer.reply == Some(Reply::Yes)
        && !scene.drugs[answer.turns[0]].iter().any(|other| other.name == drug.name)
    {
        let mut fact = ClinicalFact::new(
            FactKind::CurrentMedication,
            drug.name.clone(),
            scene.turn(answer.turns[0]).speaker,
            scene.doc.evidence(idx, drug.start, drug.end),
        );
        fact.cite(scene.doc.whole(answer.turns[0]));
        fact.attributes = posology::read(
            scene.turn(answer.turns[0]),
            0,
            scene.turn(answer.turns[0]).tokens.len(),
            Some(drug),
        );
        fact.attributes.duration_days = None;
        fact.confidence = 0.8;
        book.add(fact);
    }
}

/// What the clinician wants done with a medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Stop,
    Not,
    Take(Action),
    Unclear,
}

const STOP: &[&str] = &[
    "lo vamos a dejar",
    "la vamos a dejar",
    "queda suspendid",
    "quedan suspendid",
    "lo paro",
    "la paro",
    "las paro",
    "los paro",
    "los paramos",
    "las paramos",
    "quitelo",
    "quitela",
    "tambien las quit",
    "tambien los quit",
    "ya la deja",
    "ya lo deja",
    "se va hoy",
    "se van",
    "no se la ponga",
    "no se lo ponga",
    "no se inyecte",
    "no se la tome",
    "no se lo tome",
    "se deja",
    "se dejan",
    "las dejas",
    "los dejas",
    "me las suspende",
    "dejarla",
    "dejarlo",
    "lo va a dejar",
    "la va a dejar",
    "se para",
    "parale",
    "no la tome",
    "no lo tome",
    "sirve para esto",
    "no se le da",
    "suspend",
    "la quitamos",
    "lo quitamos",
    "quitar",
    "se quita",
    "le quito",
    "te quito",
    "dejela",
    "dejelo",
    "dejalo",
    "dejala",
    "dejalos",
    "dejelos",
    "las dejas",
    "la dejas",
    "lo dejas",
    "deje de tomar",
    "deja de tomar",
    "dejar de tomar",
    "lo tiene que dejar",
    "la tiene que dejar",
    "ya no lo tome",
    "ya no la tome",
    "ya no me lo",
    "ya no me la",
    "yano",
    "fuera",
    "descontinu",
    "parele",
    "no lo siga",
    "no la siga",
    "retir",
    "no me lo tome",
    "la paramos",
];
const NOT: &[&str] = &[
    "pensaba",
    "antes de pensar",
    "no le conviene",
    "no necesit",
    "no le voy a dar",
    "no te voy a dar",
    "no le doy",
    "no te doy",
    "no hace falta",
    "no ocupa",
    "todavia no",
    "por ahora no",
    "no creo",
    "no lleva",
    "no tomes",
    "ni de chiste",
    "nada de",
    "no se puede",
    "no puede tomar",
    "evite",
    "evita",
    "prohibid",
    "no es necesario",
    "no use",
    "no le ponga",
    "no le pongan",
    "no le den",
    "no le de ",
    "en lugar de",
    "en vez de",
    "si no funciona",
    "si no mejora",
    "si no responde",
    "mas adelante",
    "podriamos",
    "luego vemos",
    "no se automedique",
    "ni ",
    "no vamos a",
    "no quiero que",
    "no me gusta",
    "junto con",
];
const KEEP: &[&str] = &[
    "sigue igual",
    "igual",
    "siga",
    "sigue",
    "sigues",
    "continua",
    "continue",
    "continuamos",
    "mantenemos",
    "mantenga",
    "se queda",
    "seguimos",
    "sigalo",
    "sigala",
    "lo mismo",
    "la misma",
    "no lo suspenda",
    "no la deje",
    "dejamos igual",
    "siguele",
    "conserv",
    "no le muevo",
];
const CHANGE: &[&str] = &[
    "subo",
    "subimos",
    "subir",
    "bajo a",
    "bajo",
    "bajamos",
    "bajar",
    "aument",
    "cambi",
    "en lugar de una",
    "la dejamos en",
    "lo dejamos en",
    "reduc",
    "ajust",
    "dobl",
    "reinici",
];
const GIVE: &[&str] = &[
    "le voy a dar",
    "te voy a dar",
    "le doy",
    "te doy",
    "le dejo",
    "te dejo",
    "le receto",
    "te receto",
    "agrego",
    "agregamos",
    "iniciamos",
    "inicie",
    "inicia",
    "empez",
    "empiec",
    "pongase",
    "ponga",
    "pongale",
    "apliqu",
    "aplica",
    "use ",
    "usa ",
    "compre",
    "tome",
    "toma ",
    "tomese",
    "tomate",
    "le mando",
    "te mando",
    "le pongo",
    "vamos a poner",
    "vamos a dar",
    "vamos a usar",
    "vamos a iniciar",
    "puede tomar",
    "puedes tomar",
    "dele",
    "dale",
    "le das",
    "le da ",
    "va a tomar",
    "vas a tomar",
    "va a usar",
    "indico",
    "prescrib",
    "para el dolor",
    "para la fiebre",
    "para la",
    "para el",
    "para los",
    "unte",
    "untese",
    "con",
    "anado",
    "comenzamos",
    "comience",
    "denle",
    "darle",
    "use",
];

/// "Deje el naproxeno", "se quitan hoy: ...": the words that lead to the medicine tell to leave it.
fn told_to_leave(before: &str) -> bool {
    const LEAVE: &[&str] = &[
        "deje el",
        "deje la",
        "deja el",
        "deja la",
        "dejen el",
        "dejen la",
        "deja hoy el",
        "deja hoy la",
        "deje hoy el",
        "quite el",
        "quite la",
        "quita el",
        "quita la",
        "quitan hoy",
        "se quitan",
        "se quita",
        "suspende ese",
        "suspenda ese",
        "suspende el",
        "suspende la",
        "suspenda el",
        "suspenda la",
        "dejar el",
        "dejar la",
        "dejas el",
        "dejas la",
    ];
    let lead = before.trim_end().trim_end_matches(':').trim_end();
    LEAVE.iter().any(|cue| lead.ends_with(cue)) && !lead.contains(" no ")
}

/// To be stopped only later, or only if something happens.
fn is_later(before: &str, after: &str) -> bool {
    [
        " luego lo suspend",
        " luego la suspend",
        " despues lo suspend",
        " despues la suspend",
        " ya luego",
        " no se puede quitar",
        " no se quita",
        " no de golpe",
        " no lo suspend",
        " no la suspend",
        " no lo deje",
        " no la deje",
        " no se la quite",
        " no se lo quite",
    ]
    .iter()
    .any(|cue| after.contains(cue))
        || before.contains(" si ") && (before.contains(" se para") || before.contains(" suspend"))
}

/// What is said about a medicine: the clause before it from the last sentence, and after it to its reach.
fn wish(scene: &Scene<'_>, idx: usize, number: usize, posology: &Attributes) -> Wish {
    let turn = scene.turn(idx);
    let drug = &scene.drugs[idx][number];
    let sentence = turn.sentence_of(drug.start);
    let previous_end = number
        .checked_sub(1)
        .map_or(sentence.start, |before| scene.drugs[idx][before].end.max(sentence.start));
    let before = format!(" {} ", turn.joined(previous_end, drug.start));
    let end = reach(scene, idx, number);
    let after_end = end.min(sentence.end.max(drug.end));
    let after = format!(" {} ", turn.joined(drug.end, after_end));
    let has = |cues: &[&str], text: &str| cues.iter().any(|cue| text.contains(&format!(" {cue}")));
    let next_sentence = turn.joined(after_end, end.min(after_end + 7));
    let pronoun_stop = [
        "suspend",
        "dejela",
        "dejelo",
        "quitela",
        "quitelo",
        "deja la",
        "ese se quita",
        "esa se quita",
        "esa yano",
        "ese yano",
        "esos yano",
        "esas yano",
        "ese no sirve",
        "ese lo quit",
        "esa la quit",
        "se suspende",
        "ese me lo deja",
        "esa me la deja",
    ]
    .iter()
    .any(|cue| next_sentence.starts_with(cue));
    if told_to_leave(&before) && !is_later(&before, &after) && !has(KEEP, &after) {
        return Wish::Stop;
    }
    let stops = !is_later(&before, &after);
    if stops && has(STOP, &before) && !before.contains(" no ") || stops && has(STOP, &after) || pronoun_stop {
        let dosed_after = posology.dose_value.is_some() && (has(KEEP, &after) || has(CHANGE, &after));
        if !dosed_after {
            return Wish::Stop;
        }
    }
    if has(NOT, &before)
        || after.starts_with(" no ")
        || [" no hace falta", " todavia no", " por ahora no", " no le ", " no te ", " tampoco"]
            .iter()
            .any(|cue| after.contains(cue))
            && posology.dose_value.is_none()
    {
        return Wish::Not;
    }
    if before.contains(" si ") && posology.dose_value.is_none() {
        return Wish::Unclear;
    }
    let dosed =
        posology.dose_value.is_some() || posology.frequency_hours.is_some() || posology.schedule.is_some();
    if (has(CHANGE, &before) || has(CHANGE, &after)) && dosed {
        return Wish::Take(Action::Change);
    }
    if has(KEEP, &before) || has(KEEP, &after) {
        return Wish::Take(Action::Continue);
    }
    if dosed
        && (has(GIVE, &before)
            || number > 0
            || before.trim().is_empty()
            || before.split_whitespace().count() <= 4
            || posology.dose_value.is_some() && posology.frequency_hours.is_some())
    {
        return Wish::Take(Action::Start);
    }
    let explicit = [
        " le voy a dar",
        " te voy a dar",
        " le doy",
        " te doy",
        " le dejo",
        " te dejo",
        " receto",
        " agrego",
        " iniciamos",
        " pongase",
        " aplique",
        " compre",
        " tome ",
        " use ",
        " vamos a poner",
        " vamos a dar",
        " vamos a iniciar",
        " puede tomar",
        " dele",
        " le mando",
        " te mando",
        " vas a tomar",
        " va a tomar",
        " va a usar",
        " con oxigeno",
    ];
    if explicit.iter().any(|cue| before.contains(cue)) {
        return Wish::Take(Action::Start);
    }
    Wish::Unclear
}

fn directed(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let drugs = &scene.drugs[idx];
    let read: Vec<(Attributes, Wish)> = (0..drugs.len())
        .map(|number| {
            let drug = &drugs[number];
            let mut attributes = posology::read(turn, drug.end, reach(scene, idx, number), Some(drug));
            attributes.prn |= conditioned_before(turn, turn.sentence_of(drug.start).start, drug.start);
            let wish = wish(scene, idx, number, &attributes);
            (attributes, wish)
        })
        .collect();
    let wishes = shared(scene, idx, &read);
    for (number, ((attributes, _), wish)) in read.into_iter().zip(wishes).enumerate() {
        let drug = &drugs[number];
        let question = turn.sentence_of(drug.start).question;
        if drug.class_only
            || question
            || is_allergy_talk(scene, idx, drug)
            || drug.ambiguous && !ambiguous_is_taken(scene, idx, drug)
        {
            continue;
        }
        match wish {
            Wish::Stop => stop(scene, idx, drug, book),
            Wish::Take(action) => {
                prescribe(scene, idx, drug, reach(scene, idx, number), attributes, action, book);
            }
            Wish::Not | Wish::Unclear => {}
        }
    }
}

/// Medicines named in a row share what is wanted of one of them: "la espironolactona y la furosemida las paro".
fn shared(scene: &Scene<'_>, idx: usize, read: &[(Attributes, Wish)]) -> Vec<Wish> {
    let turn = scene.turn(idx);
    let drugs = &scene.drugs[idx];
    let silent = |number: usize| {
        let a = &read[number].0;
        a.dose_value.is_none() && a.frequency_hours.is_none() && a.schedule.is_none()
    };
    let joined = |number: usize| {
        let (first, second) = (&drugs[number], &drugs[number + 1]);
        (first.end..second.start).all(|at| {
            matches!(turn.word(at), "," | "y" | "e" | "el" | "la" | "los" | "las" | "ni" | "tambien")
        })
    };
    let mut wishes: Vec<Wish> = read.iter().map(|(_, wish)| *wish).collect();
    for number in 1..wishes.len() {
        if wishes[number - 1] == Wish::Stop
            && wishes[number] != Wish::Stop
            && silent(number)
            && joined(number - 1)
        {
            wishes[number] = Wish::Stop;
        }
    }
    for number in (0..wishes.len().saturating_sub(1)).rev() {
        let next = wishes[number + 1];
        if matches!(wishes[number], Wish::Unclear)
            && matches!(next, Wish::Stop | Wish::Take(Action::Continue))
            && silent(number)
            && joined(number)
        {
            wishes[number] = next;
        }
    }
    wishes
}

/// "Si le duele, paracetamol": the condition stands before the medicine.
fn conditioned_before(turn: &TurnDoc, from: usize, to: usize) -> bool {
    let before = turn.joined(from, to);
    [
        "si le duele",
        "si te duele",
        "si tiene dolor",
        "si tiene fiebre",
        "si se siente",
        "si le da",
        "si te da",
        "si hay dolor",
        "si hay fiebre",
        "cuando le duela",
        "cuando tenga",
        "cuando te duela",
        "si trae",
        "si siente",
        "si tienes",
    ]
    .iter()
    .any(|cue| before.contains(cue))
}

const POINTERS: &[&str] = &[
    "ese",
    "esa",
    "esos",
    "esas",
    "eso",
    "este",
    "esta",
    "los",
    "las",
    "lo",
    "la",
    "todas",
    "todos",
    "ambos",
    "ambas",
    "suspendalo",
    "suspendala",
    "dejalos",
    "dejelos",
    "dejela",
    "dejelo",
    "siga",
    "sigalo",
    "sigala",
    "si",
    "sí",
    "no",
];

/// The medicines meant by a clinician's turn that names none: those of the turns of the patient's side just before
/// ("¿Y la fluticasona?" - "Esa se reinicia: dos disparos cada doce horas.").
fn answered(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(first) = turn.sentences.first().copied().filter(|sentence| !sentence.question) else { return };
    if !scene.drugs[idx].is_empty() && scene.drugs[idx].iter().any(|drug| drug.start < first.end) {
        return;
    }
    let points = (first.start..first.end.min(first.start + 5)).any(|at| POINTERS.contains(&turn.word(at)));
    let before = idx - 1;
    if !points || scene.turn(before).is_doctor() || scene.drugs[before].is_empty() {
        return;
    }
    let limit = scene.drugs[idx].first().map_or(turn.tokens.len(), |drug| turn.sentence_of(drug.start).start);
    let near = turn.sentences.get(1).map_or(first.end, |second| second.end).min(limit);
    let words = format!(" {} ", turn.joined(0, near));
    let agrees = words.starts_with(" sí , igual")
        || words.starts_with(" igual")
        || words.starts_with(" sí , siga")
        || words.starts_with(" sí , ese");
    let stops = !agrees
        && ([
            "suspend",
            "dejel",
            "dejal",
            "dejen",
            "se deja",
            "yano",
            "no se lo",
            "no se la",
            "quit",
            "no sirve",
            "dejarl",
            "fuera",
            "no lo tome",
            "no la tome",
            "no se los",
        ]
        .iter()
        .any(|cue| words.contains(&format!(" {cue}")))
            || words.starts_with(" no , ese") && words.contains(" no "));
    let several =
        ["los dos", "las dos", "todas", "todos", "esas", "esos", "ambos", "ambas", "dejalos", "dejelos"]
            .iter()
            .any(|cue| words.contains(&format!(" {cue} ")));
    let asked: Vec<&DrugMention> = scene.drugs[before].iter().filter(|drug| !drug.class_only).collect();
    let meant: Vec<&DrugMention> = if several { asked } else { asked.into_iter().rev().take(1).collect() };
    for drug in meant {
        let mut attributes = posology::read(turn, 0, limit, Some(drug));
        let dosed = attributes.dose_value.is_some() && attributes.frequency_hours.is_some();
        let question = scene.turn(before).sentence_of(drug.start).question;
        if stops && !dosed {
            let mut fact = ClinicalFact::new(
                FactKind::StoppedMedication,
                drug.name.clone(),
                turn.speaker,
                scene.doc.evidence(idx, 0, limit),
            );
            fact.cite(scene.doc.evidence(before, drug.start, drug.end));
            book.add(fact);
            continue;
        }
        let keeps = question
            && [
                "siga",
                "sigue",
                "sigal",
                "igual",
                "puede seguir",
                "lo puede",
                "la puede",
                "continu",
                "se queda",
                "se reinicia",
                "reinici",
            ]
            .iter()
            .any(|cue| words.contains(&format!(" {cue}")));
        if (dosed && question || keeps)
            && !book.of(FactKind::Prescription).any(|known| known.name == drug.name)
        {
            attributes.action = Some(if dosed { Action::Change } else { Action::Continue });
            let mut fact = ClinicalFact::new(
                FactKind::Prescription,
                drug.name.clone(),
                turn.speaker,
                scene.doc.evidence(idx, 0, limit),
            );
            fact.cite(scene.doc.evidence(before, drug.start, drug.end));
            fact.attributes = attributes;
            book.add(fact);
        }
    }
}

fn stop(scene: &Scene<'_>, idx: usize, drug: &DrugMention, book: &mut Book) {
    let sentence = scene.turn(idx).sentence_of(drug.start);
    let mut fact = ClinicalFact::new(
        FactKind::StoppedMedication,
        drug.name.clone(),
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, sentence.start, sentence.end),
    );
    fact.time = Time::Present;
    book.add(fact);
}

fn prescribe(
    scene: &Scene<'_>,
    idx: usize,
    drug: &DrugMention,
    end: usize,
    mut attributes: Attributes,
    action: Action,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    if book.of(FactKind::Prescription).any(|known| {
        known.name == drug.name
            && (attributes.dose_value.is_none() || known.attributes.dose_value == attributes.dose_value)
    }) {
        return;
    }
    let mut fact = ClinicalFact::new(
        FactKind::Prescription,
        drug.name.clone(),
        turn.speaker,
        scene.doc.evidence(idx, drug.start, end),
    );
    attributes.action = Some(action);
    let silent_frequency = attributes.frequency_hours.is_none() && attributes.schedule.is_none();
    if action == Action::Continue && (attributes.dose_value.is_none() || silent_frequency) {
        let taken = book.of(FactKind::CurrentMedication).find(|known| known.name == drug.name).cloned();
        let agrees = |taken: &ClinicalFact| {
            attributes.dose_value.is_none() || taken.attributes.dose_value == attributes.dose_value
        };
        if let Some(taken) = taken.filter(agrees) {
            attributes.dose_value = attributes.dose_value.or(taken.attributes.dose_value);
            attributes.dose_unit = attributes.dose_unit.or(taken.attributes.dose_unit);
            if silent_frequency {
                attributes.frequency_hours = taken.attributes.frequency_hours;
                attributes.schedule = taken.attributes.schedule;
            }
            for evidence in taken.evidence {
                fact.cite(evidence);
            }
        }
    }
    fact.attributes = attributes;
    book.add(fact);
}
