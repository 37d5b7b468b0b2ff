//! Medicines in the words of the clinician: prescribed, kept, changed, stopped.

use super::*;
use clinical::transcript::Evidence;

pub(super) fn directed(scene: &Scene<'_>, idx: usize, review: &[usize], book: &mut Book) {
    let turn = scene.turn(idx);
    let drugs = &scene.drugs[idx];
    let read: Vec<(Attributes, Wish)> = (0..drugs.len())
        .map(|number| {
            let drug = &drugs[number];
            let mut attributes = dosed(scene, idx, drug.end, reach(scene, idx, number), drug);
            let condition =
                posology::conditioned_before(turn, turn.sentence_of(drug.start).start, drug.start);
            attributes.prn |= condition.is_some();
            if let Some((from, to)) = condition
                && attributes.frequency_hours.is_none()
                && attributes.schedule.is_none()
            {
                attributes.schedule = Some(scene.spoken(idx, from, to).to_lowercase());
            }
            let wish = wish(scene, idx, number, &attributes);
            (attributes, wish)
        })
        .collect();
    let wishes = shared(scene, idx, &read);
    let mut read = read;
    share_route(scene, idx, &mut read);
    for (number, ((attributes, _), wish)) in read.into_iter().zip(wishes).enumerate() {
        let drug = &drugs[number];
        let question = turn.sentence_of(drug.start).question;
        if drug.class_only
            || question
            || is_allergy_talk(scene, idx, drug)
            || drug.ambiguous
                && !ambiguous_is_taken(scene, idx, drug)
                && !book.of(FactKind::CurrentMedication).any(|known| known.name == drug.name)
        {
            continue;
        }
        match wish {
            Wish::Stop if is_known(scene, idx, drug, book) => stop(scene, idx, drug, book),
            Wish::Stop => {}
            Wish::Refuse if is_taken(scene, idx, drug, book) => {
                stop(scene, idx, drug, book);
            }
            Wish::Take(Action::Start)
                if review.contains(&idx)
                    && !decided(book, idx)
                    && !tells(turn, drug)
                    && attributes.duration_days.is_none() =>
            {
                current(scene, idx, drug, reach(scene, idx, number), attributes, book);
            }
            Wish::Take(action) => {
                prescribe(scene, idx, drug, reach(scene, idx, number), attributes, action, book);
            }
            Wish::Refuse | Wish::Not | Wish::Unclear => {}
        }
    }
}

/// Whether something was already prescribed or stopped before a turn, or earlier in it: what is gone through is over.
fn decided(book: &Book, idx: usize) -> bool {
    book.of(FactKind::Prescription)
        .chain(book.of(FactKind::StoppedMedication))
        .any(|fact| fact.turns().iter().any(|&turn| turn <= idx))
}

/// Turns of the clinician in which the medicines of the patient are gone through: before anything is decided, right after
/// the patient's side named some ("El losartán y la otra." - "El metoprolol, media tableta cada doce horas. Perfecto.").
pub(super) fn review_turns(scene: &Scene<'_>) -> Vec<usize> {
    const DECIDES: &[&str] = &[
        " le voy a dar",
        " te voy a dar",
        " le doy ",
        " te doy ",
        " receto",
        " agreg",
        " suspend",
        " se la subo",
        " se lo subo",
        " se la bajo",
        " se lo bajo",
        " le pido ",
        " te pido ",
        " le mando ",
        " te mando ",
        " vamos a iniciar",
        " vamos a dar",
        " vamos a cambiar",
        " vamos a subir",
        " entonces ",
        " diagnostico",
        " tratamiento",
        " lo que tiene es",
        " nos vemos",
    ];
    let turns = &scene.doc.turns;
    let decided = turns
        .iter()
        .position(|turn| {
            let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
            turn.is_doctor() && DECIDES.iter().any(|cue| said.contains(cue))
        })
        .unwrap_or(turns.len());
    (1..decided)
        .filter(|&idx| turns[idx].is_doctor() && turns[idx - 1].is_patient_side())
        .filter(|&idx| {
            let before = &turns[idx - 1];
            let named = scene.drugs[idx - 1]
                .iter()
                .any(|drug| !drug.class_only && !before.sentence_of(drug.start).question);
            let asked = idx >= 2 && turns[idx - 2].is_doctor() && asks_what_is_taken(&turns[idx - 2]);
            named || asked
        })
        .collect()
}

fn asks_what_is_taken(turn: &TurnDoc) -> bool {
    turn.sentences.iter().filter(|sentence| sentence.question).any(|sentence| {
        let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
        [" toma", " tomando", " medicina", " medicamento", " pastilla", " y las otras", " se pone"]
            .iter()
            .any(|cue| said.contains(cue))
            && !said.contains("alergi")
    })
}

/// An order or a plan in the sentence of a medicine: whatever the moment, it is no echo of what is taken.
fn tells(turn: &TurnDoc, drug: &DrugMention) -> bool {
    const TELLS: &[&str] = &[
        " voy a ",
        " vamos a ",
        " va a ",
        " vas a ",
        " le doy ",
        " te doy ",
        " tome",
        " tomese",
        " tomate",
        " pongase",
        " use ",
        " aplique",
        " dele ",
        " dale ",
        " denle ",
        " compre",
        " le dejo ",
        " te dejo ",
        " ahora ",
        " desde hoy",
        " a partir de",
        " quiero que",
        " necesita ",
    ];
    let sentence = turn.sentence_of(drug.start);
    let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
    TELLS.iter().any(|cue| said.contains(cue))
}

/// What the clinician repeats of the patient's medicines is what is taken.
fn current(
    scene: &Scene<'_>,
    idx: usize,
    drug: &DrugMention,
    end: usize,
    attributes: Attributes,
    book: &mut Book,
) {
    let mut fact = ClinicalFact::new(
        FactKind::CurrentMedication,
        drug.name.clone(),
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, drug.start, end.min(drug.end + 14)),
    );
    fact.attributes = Attributes { duration_days: None, prn: false, ..attributes };
    fact.confidence = 0.8;
    book.add(fact);
}

/// "ondansetrón ocho miligramos y dexametasona otros ocho, por la vena": what is given by the vein in one sentence goes by the
/// vein, unless another way was said.
fn share_route(scene: &Scene<'_>, idx: usize, read: &mut [(Attributes, Wish)]) {
    let turn = scene.turn(idx);
    let drugs = &scene.drugs[idx];
    let said = |number: usize| {
        let (from, to) = (drugs[number].end, reach(scene, idx, number));
        let words = format!(" {} ", turn.joined(from, to));
        if [" vena ", " intravenos", " endovenos"].iter().any(|cue| words.contains(cue)) {
            Some("intravenosa")
        } else if words.contains(" intramuscular") {
            Some("intramuscular")
        } else {
            None
        }
    };
    for number in 0..drugs.len() {
        let Some(route) = said(number) else { continue };
        let sentence = turn.sentence_of(drugs[number].start).start;
        for other in (0..drugs.len()).filter(|&other| other != number && other.abs_diff(number) == 1) {
            let together = turn.sentence_of(drugs[other].start).start == sentence;
            let (low, high) = (number.min(other), number.max(other));
            let joined =
                (drugs[low].end..drugs[high].start).any(|at| matches!(turn.word(at), "y" | "e" | "con"));
            let said_way = ["tableta", "tabletas", "oral", "boca", "jarabe", "nebuliz", "disparos", "crema"]
                .iter()
                .any(|way| turn.joined(drugs[other].end, reach(scene, idx, other)).contains(way));
            if together && joined && !said_way && said(other).is_none() && read[other].0.dose_value.is_some()
            {
                read[other].0.route = Some(route.to_owned());
            }
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
    for number in 1..wishes.len() {
        let from = drugs[number].end;
        let too = (from..from + 3).any(|at| matches!(turn.word(at), "tambien" | "tampoco"))
            && !(from..from + 7).any(|at| {
                matches!(
                    turn.word(at),
                    "sigue" | "siga" | "sigues" | "igual" | "cada" | "sube" | "toma" | "queda"
                )
            });
        let same =
            matches!(wishes[number], Wish::Unclear | Wish::Not | Wish::Take(Action::Start) | Wish::Refuse);
        if wishes[number - 1] == Wish::Stop && same && too && read[number].0.dose_value.is_none() {
            wishes[number] = Wish::Stop;
        }
    }
    for number in (0..wishes.len().saturating_sub(1)).rev() {
        let next = wishes[number + 1];
        if matches!(wishes[number], Wish::Unclear)
            && matches!(next, Wish::Stop | Wish::Refuse | Wish::Take(Action::Continue))
            && silent(number)
            && joined(number)
        {
            wishes[number] = next;
        }
    }
    wishes
}

/// Whether a medicine was spoken of before as one that is taken, or is stopped in words that leave no doubt of it.
fn is_known(scene: &Scene<'_>, idx: usize, drug: &DrugMention, book: &Book) -> bool {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(drug.start);
    let said_here = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let outright = [
        " suspend", " quit", " cambi", " retir", " deje ", " deja ", " dejes ", " dejar", " par", " deten",
        " fuera", " se va", " se acab", " tire", " tira",
    ]
    .iter()
    .any(|cue| said_here.contains(cue));
    outright
        || is_taken(scene, idx, drug, book)
        || (0..idx).any(|before| scene.drugs[before].iter().any(|other| other.name == drug.name))
}

/// Whether the patient's side takes a medicine: known as taken, or spoken of by them without a question.
pub(super) fn is_taken(scene: &Scene<'_>, idx: usize, drug: &DrugMention, book: &Book) -> bool {
    book.of(FactKind::CurrentMedication).any(|known| known.name == drug.name)
        || (0..idx).any(|before| {
            let turn = scene.turn(before);
            turn.is_patient_side()
                && scene.drugs[before].iter().any(|other| {
                    other.name == drug.name
                        && !turn.sentence_of(other.start).question
                        && !is_allergy_talk(scene, before, other)
                        && !is_past(scene, before, other)
                })
        })
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

/// A medicine spoken of again: what was left open is filled in, and an amount said with its interval takes the place of one
/// that was only begun ("una tableta... pesa, ¿cuánto?").
fn said_again(known: &mut ClinicalFact, attributes: Attributes) {
    let mine = &mut known.attributes;
    let silent = mine.frequency_hours.is_none() && mine.schedule.is_none();
    if attributes.dose_value.is_some() && (mine.dose_value.is_none() || silent) {
        (mine.dose_value, mine.dose_unit) = (attributes.dose_value, attributes.dose_unit);
    }
    if silent {
        mine.frequency_hours = attributes.frequency_hours;
        mine.schedule = attributes.schedule;
        mine.prn |= attributes.prn;
    }
    mine.duration_days = mine.duration_days.or(attributes.duration_days);
    mine.route = mine.route.take().or(attributes.route);
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
    let again = book.of_mut(FactKind::Prescription).find(|known| {
        let (before, now) = (known.attributes.dose_value, attributes.dose_value);
        let tentative = known.attributes.frequency_hours.is_none() && known.attributes.schedule.is_none();
        known.name == drug.name && (now.is_none() || before == now || before.is_none() || tentative)
    });
    if let Some(known) = again {
        said_again(known, attributes);
        known.cite(scene.doc.evidence(idx, drug.start, end));
        return;
    }
    let mut fact = ClinicalFact::new(
        FactKind::Prescription,
        drug.name.clone(),
        turn.speaker,
        scene.doc.evidence(idx, drug.start, end),
    );
    attributes.action = Some(action);
    // "La atorvastatina la subo a ochenta": as often as before.
    let raised = action == Action::Change && attributes.dose_value.is_some();
    if action == Action::Continue || raised {
        let taken = taken_as(book.of(FactKind::CurrentMedication), &drug.name);
        for evidence in as_before(taken, &mut attributes) {
            fact.cite(evidence);
        }
    }
    fact.attributes = attributes;
    book.add(fact);
}

/// How a medicine is taken, among what is known of the patient's.
pub(super) fn taken_as<'a>(
    mut facts: impl Iterator<Item = &'a ClinicalFact>,
    name: &str,
) -> Option<&'a ClinicalFact> {
    facts.find(|fact| fact.kind == FactKind::CurrentMedication && fact.name == name)
}

/// What goes on as it was: amount and interval are those it is `taken` in, unless others were said. Gives where that was told.
pub(super) fn as_before(taken: Option<&ClinicalFact>, attributes: &mut Attributes) -> Vec<Evidence> {
    let silent = attributes.frequency_hours.is_none() && attributes.schedule.is_none();
    if attributes.dose_value.is_some() && !silent {
        return Vec::new();
    }
    let changed = attributes.action == Some(Action::Change);
    let agrees = |taken: &&ClinicalFact| {
        changed || attributes.dose_value.is_none() || taken.attributes.dose_value == attributes.dose_value
    };
    let Some(taken) = taken.filter(agrees) else { return Vec::new() };
    if attributes.dose_value.is_none() {
        attributes.dose_value = taken.attributes.dose_value;
        attributes.dose_unit.clone_from(&taken.attributes.dose_unit);
    }
    if silent {
        attributes.frequency_hours = taken.attributes.frequency_hours;
        attributes.schedule.clone_from(&taken.attributes.schedule);
    }
    taken.evidence.clone()
}

/// "El enalapril, baje a cinco", "furosemida y amlodipino" of what the patient takes: once everything is known, what nobody
/// said anew of a medicine that goes on is as it was, another amount as often as before. Not of a course with its days, nor of
/// what is taken when needed.
pub(crate) fn goes_on(facts: &mut [ClinicalFact]) {
    let all: Vec<ClinicalFact> = facts
        .iter()
        .filter(|fact| fact.kind == FactKind::CurrentMedication && fact.time != Time::Past)
        .cloned()
        .collect();
    for fact in facts.iter_mut().filter(|fact| fact.kind == FactKind::Prescription) {
        let a = &mut fact.attributes;
        if a.prn || a.duration_days.is_some() || a.frequency_hours.is_some() || a.schedule.is_some() {
            continue;
        }
        let Some(taken) = taken_as(all.iter(), &fact.name) else { continue };
        let action = a.action;
        if a.dose_value.is_some() {
            a.action = Some(Action::Change);
        } else if taken.attributes.prn {
            a.prn = true;
        }
        let told = as_before(Some(taken), a);
        a.action = action;
        for evidence in told {
            fact.cite(evidence);
        }
    }
}
