//! What is said of a medicine after it was prescribed: the days of all of them, and the answers to what the patient asks.

use super::*;
use crate::text::quantity::duration_at;

/// "Todo por siete días", "los dos por una semana": the days of every medicine of the turn that has none of its own.
pub(super) fn days_for_all(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let shared = (0..turn.tokens.len()).find_map(|at| {
        let count = if matches!(turn.word(at), "los" | "las") { how_many(turn.word(at + 1)) } else { None };
        let count = count.filter(|_| !turn.word(at + 2).starts_with("dia"));
        let all = matches!(turn.word(at), "todo" | "todos" | "todas" | "ambos" | "ambas");
        let from = if count.is_some() { at + 2 } else { at + 1 };
        let from = if matches!(turn.word(from), "por" | "durante" | "eso") { from + 1 } else { from };
        let from = if turn.word(from) == "por" { from + 1 } else { from };
        (all || count.is_some())
            .then(|| duration_at(&turn.tokens, from))
            .flatten()
            .filter(|duration| duration.days >= 1.0)
            .map(|duration| (duration, count))
    });
    let of_the_scheme = || of_the_scheme(turn).map(|duration| (duration, None));
    let Some((shared, count)) = shared.or_else(|| of_both(turn)).or_else(of_the_scheme) else { return };
    // "paracetamol ... metronidazol y clindamicina, diez días los dos": of the two named last.
    let before: Vec<&str> = scene.drugs[idx]
        .iter()
        .filter(|drug| drug.start < shared.start)
        .map(|drug| drug.name.as_str())
        .collect();
    let meant = count.filter(|count| *count < before.len()).map(|count| &before[before.len() - count..]);
    let here = |fact: &ClinicalFact| {
        fact.turns().contains(&idx) && meant.is_none_or(|meant| meant.contains(&fact.name.as_str()))
    };
    for fact in book.of_mut(FactKind::Prescription).filter(|fact| here(fact)) {
        if fact.attributes.duration_days.is_none() {
            fact.attributes.duration_days = Some(shared.days.round());
            fact.cite(scene.doc.evidence(idx, shared.start, shared.end));
        }
    }
}

/// "los dos", "las tres".
fn how_many(word: &str) -> Option<usize> {
    Some(match word {
        "dos" => 2,
        "tres" => 3,
        "cuatro" => 4,
        _ => return None,
    })
}

/// "metronidazol y ciprofloxacino, los dos cada doce horas por diez días": how often and how long, said once of all of them.
pub(super) fn said_of_all(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(from) = (1..turn.tokens.len()).find(|&at| {
        let all = matches!(turn.word(at), "ambos" | "ambas" | "todos" | "todas")
            || matches!(turn.word(at - 1), "los" | "las")
                && matches!(turn.word(at), "dos" | "tres" | "cuatro");
        all && turn.word(at + 1) == "cada"
    }) else {
        return;
    };
    let end = turn.sentence_of(from).end;
    let told = posology::read(turn, from + 1, end, None);
    let here = |fact: &ClinicalFact| fact.turns().contains(&idx);
    for fact in book.of_mut(FactKind::Prescription).filter(|fact| here(fact)) {
        let all = Asked { how_long: true, how_often: true, how_much: false };
        if fill(fact, told.clone(), &all) {
            fact.cite(scene.doc.evidence(idx, from, end));
        }
    }
}

/// "diez días los dos": the days before those they are of.
fn of_both(turn: &TurnDoc) -> Option<(crate::text::quantity::Duration, Option<usize>)> {
    (0..turn.tokens.len()).find_map(|at| {
        let duration = duration_at(&turn.tokens, at).filter(|duration| duration.days >= 1.0)?;
        let (word, next) = (turn.word(duration.end), turn.word(duration.end + 1));
        let count = if matches!(word, "los" | "las") { how_many(next) } else { None };
        let all = matches!(word, "ambos" | "ambas" | "todo" | "todos" | "todas")
            || matches!((word, next), ("cada", "uno" | "una"));
        (all || count.is_some()).then_some((duration, count))
    })
}

/// "Le doy el esquema completo, catorce días.": of the medicines that follow.
fn of_the_scheme(turn: &TurnDoc) -> Option<crate::text::quantity::Duration> {
    let at = (0..turn.tokens.len()).find(|&at| matches!(turn.word(at), "esquema" | "tratamiento"))?;
    let sentence = turn.sentence_of(at);
    (at..sentence.end.min(at + 7)).find_map(|from| {
        let led = matches!(turn.word(from.wrapping_sub(1)), "," | "de" | "por" | "son" | "es");
        duration_at(&turn.tokens, from).filter(|duration| {
            led && duration.days >= 2.0
                && duration.end <= sentence.end
                && turn.word(from.wrapping_sub(1)) != "hace"
        })
    })
}

/// What a turn about a medicine already prescribed may add.
#[derive(Default)]
struct Asked {
    how_much: bool,
    how_often: bool,
    how_long: bool,
}

impl Asked {
    /// What the patient's side asks for.
    fn read(turn: &TurnDoc) -> Self {
        let question = turn.joined(0, turn.tokens.len());
        let has = |cues: &[&str]| cues.iter().any(|cue| question.contains(cue));
        Self {
            how_long: has(&[
                "cuantos dias",
                "cuanto tiempo",
                "por cuanto",
                "hasta cuando",
                "cuantas semanas",
                "cuantos meses",
                "todo el mes",
                "diario por",
            ]),
            how_often: has(&[
                "cada cuanto",
                "cada cuando",
                "a que hora",
                "cuantas veces",
                "cada cuantas",
                "en la manana o",
                "en la noche o",
                "una diaria",
                "como me lo tomo",
                "como me la tomo",
                "como se lo doy",
                "como se la doy",
                "como lo tom",
                "como la tom",
                "como se lo tom",
                "como se la tom",
                "como te lo tom",
                "como te la tom",
                "cuando lo tom",
                "cuando la tom",
                "cuantas al dia",
                "cuantos al dia",
                "antes o despues",
            ]),
            how_much: has(&[
                "cuantas me",
                "cuanto le doy",
                "cuanto me",
                "de a cuant",
                "cuantas gotas",
                "cuantas pastillas",
                "cuantas le",
                "de cuanto",
                "de a como",
                "que dosis",
                "cuantos miligramos",
                "de cuantos",
                "cuantas ?",
                "cuantos ?",
            ]),
        }
    }

    fn nothing(&self) -> bool {
        !(self.how_much || self.how_often || self.how_long)
    }
}

/// "¿Por cuántos días?" - "Siete.", "¿Cada cuánto?" - "Cada ocho horas.": asked after a medicine was prescribed.
pub(super) fn asked_how(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(before) = (idx.saturating_sub(5)..idx.saturating_sub(1))
        .rev()
        .find(|&before| scene.turn(before).is_doctor() && !scene.drugs[before].is_empty())
    else {
        return;
    };
    let (asked, turn) = (scene.turn(idx.saturating_sub(1)), scene.turn(idx));
    if !asked.is_patient_side() || !scene.drugs[idx].is_empty() {
        return;
    }
    let wants = Asked::read(asked);
    let Some(drug) = scene.drugs[idx - 1].last().or_else(|| scene.drugs[before].last()) else { return };
    if wants.nothing() {
        return;
    }
    let end = turn.tokens.len().min(14);
    let Some(fact) = book.of_mut(FactKind::Prescription).find(|fact| fact.name == drug.name) else { return };
    let mut told = posology::read(turn, 0, end, Some(drug));
    if wants.how_long && told.duration_days.is_none() {
        told.duration_days = bare_days(asked, turn);
    }
    // Asked how many, the clinician says when and for how long as well.
    let all = Asked { how_much: true, how_often: true, how_long: true };
    if fill(fact, told, &all) {
        fact.cite(scene.doc.evidence(idx, 0, end));
    }
}

/// "Le doy paracetamol, una tableta... ¿cuánto pesa?" - "Setenta." - "Entonces un gramo cada ocho horas.": an order that waited for
/// an answer is finished without the name.
pub(super) fn finished_later(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(before) = idx.checked_sub(2).filter(|&before| scene.turn(before).is_doctor()) else { return };
    let waits = scene.turn(before).sentences.last().is_some_and(|sentence| sentence.question)
        && scene.turn(idx - 1).is_patient_side()
        && scene.drugs[idx - 1].is_empty();
    let Some(drug) = scene.drugs[before].last().filter(|_| waits) else { return };
    let turn = scene.turn(idx);
    let end = scene.drugs[idx].first().map_or(turn.tokens.len(), |next| turn.sentence_of(next.start).start);
    let told = dosed(scene, idx, 0, end, drug);
    let open = |fact: &&mut ClinicalFact| {
        let a = &fact.attributes;
        fact.name == drug.name && a.frequency_hours.is_none() && a.schedule.is_none()
    };
    let Some(fact) = book.of_mut(FactKind::Prescription).find(open) else { return };
    if told.dose_value.is_some() && told.frequency_hours.is_some() {
        let (action, route) = (fact.attributes.action, fact.attributes.route.take());
        fact.attributes = Attributes { action, route: told.route.or(route), ..told };
        fact.cite(scene.doc.evidence(idx, 0, end));
    }
}

/// "Losartán." - "¿De cuánto?" - "De cincuenta." - "¿Y cuántas al día?" - "Dos.": asked of the patient's side about the medicine
/// they named last.
pub(super) fn asked_what_is_taken(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let (asked, answer) = (scene.turn(idx), idx + 1);
    let Some(turn) = scene.doc.turns.get(answer).filter(|turn| turn.is_patient_side()) else { return };
    let wants = Asked::read(asked);
    let question = asked.sentences.iter().any(|sentence| sentence.question);
    if wants.nothing() || !question || !scene.drugs[answer].is_empty() {
        return;
    }
    let named = scene.drugs[idx].last().or_else(|| {
        (idx.saturating_sub(5)..idx)
            .rev()
            .take_while(|&before| scene.turn(before).tokens.len() < 40)
            .find(|&before| !scene.drugs[before].is_empty())
            .filter(|&before| scene.turn(before).is_patient_side())
            .and_then(|before| scene.drugs[before].last())
    });
    let Some(drug) = named else { return };
    let Some(fact) = book.of_mut(FactKind::CurrentMedication).find(|fact| fact.name == drug.name) else {
        return;
    };
    let end = turn.tokens.len().min(14);
    let mut told = posology::read(turn, 0, end, Some(drug));
    let daily = asked.joined(0, asked.tokens.len()).contains(" al dia");
    if daily && told.frequency_hours.is_none() {
        told.frequency_hours = (0..end.min(3))
            .find_map(|at| crate::text::numbers::number_at(&turn.tokens, at))
            .filter(|number| (1.0..=6.0).contains(&number.value) && number.value.fract() == 0.0)
            .map(|number| 24.0 / number.value);
    }
    let wants = Asked { how_long: false, ..wants };
    if fill(fact, told, &wants) {
        fact.cite(scene.doc.evidence(answer, 0, end));
    }
}

/// "¿Cuántos días?" - "Siete.": the unit stands in the question.
fn bare_days(asked: &TurnDoc, answer: &TurnDoc) -> Option<f64> {
    let unit = asked.tokens.iter().find_map(|token| match token.norm.as_str() {
        "dias" => Some(1.0),
        "semanas" => Some(7.0),
        "meses" => Some(30.0),
        _ => None,
    })?;
    let number = (0..answer.tokens.len().min(4))
        .find_map(|at| crate::text::numbers::number_at(&answer.tokens, at))
        .filter(|number| answer.tokens.get(number.end).is_none_or(crate::text::Token::is_punct))?;
    Some(number.value * unit)
}

/// Fills in what is still open of what was asked for; true when something was.
fn fill(fact: &mut ClinicalFact, told: Attributes, wants: &Asked) -> bool {
    let a = &mut fact.attributes;
    let mut filled = false;
    if wants.how_long && a.duration_days.is_none() && told.duration_days.is_some() {
        a.duration_days = told.duration_days;
        filled = true;
    }
    let silent = a.frequency_hours.is_none() && a.schedule.is_none();
    if wants.how_often && silent && (told.frequency_hours.is_some() || told.schedule.is_some()) {
        a.frequency_hours = told.frequency_hours;
        a.schedule = told.schedule;
        filled = true;
    }
    if wants.how_much && a.dose_value.is_none() && told.dose_value.is_some() {
        (a.dose_value, a.dose_unit) = (told.dose_value, told.dose_unit);
        filled = true;
    }
    filled
}

/// "Una cada ocho horas por cinco días." - "Exacto.": the patient's side says it back and the clinician agrees.
pub(super) fn said_back(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(next) =
        idx.checked_add(1).filter(|&next| next < scene.doc.turns.len() && scene.turn(next).is_doctor())
    else {
        return;
    };
    let agreement = format!(" {} ", scene.turn(next).joined(0, 3));
    let agrees = [
        " exacto",
        " eso ",
        " asi ",
        " sí ",
        " correcto",
        " andele",
        " andale",
        " muy bien",
        " perfecto",
        " aja ",
    ]
    .iter()
    .any(|cue| agreement.starts_with(cue));
    let Some(before) = idx.checked_sub(1).filter(|&before| scene.turn(before).is_doctor() && agrees) else {
        return;
    };
    let turn = scene.turn(idx);
    let named = &scene.drugs[idx];
    for (number, drug) in named.iter().enumerate() {
        let end = named.get(number + 1).map_or(turn.tokens.len(), |next| next.start);
        repeated(scene, idx, (drug.end, end), &drug.name, book);
    }
    if let ([], [only]) = (named.as_slice(), scene.drugs[before].as_slice()) {
        repeated(scene, idx, (0, turn.tokens.len()), &only.name, book);
    }
}

fn repeated(scene: &Scene<'_>, idx: usize, (start, end): (usize, usize), name: &str, book: &mut Book) {
    let told = posology::read(scene.turn(idx), start, end, None);
    let Some(fact) = book.of_mut(FactKind::Prescription).find(|fact| fact.name == name) else { return };
    let recent = fact.turns().iter().any(|&turn| turn < idx && idx - turn <= 4);
    let all = Asked { how_long: true, how_often: true, how_much: false };
    if recent && fill(fact, told, &all) {
        fact.cite(scene.doc.evidence(idx, start, end));
    }
}

/// "Todo lo que toma, igual", "lo demás sigue igual", "siga con sus mismas medicinas": what is taken goes on, unless it was
/// stopped or changed.
pub(super) fn all_go_on(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    const ALL: &[&str] = &[
        "todo lo que toma",
        "todo lo demas igual",
        "lo demas igual",
        "lo demas sigue igual",
        "lo demas lo sigue",
        "las demas igual",
        "los demas igual",
        "sus mismas medicinas",
        "las mismas medicinas",
        "siga con sus medicinas",
        "sus medicinas igual",
        "tus medicinas igual",
        "siga con lo mismo",
        "sigue con lo mismo",
        "todas siguen igual",
        "todos siguen igual",
        "todas igual",
        "igual con sus dos pastillas",
        "igual con sus pastillas",
        "los otros siguen igual",
        "las otras siguen igual",
    ];
    let turn = scene.turn(idx);
    if idx * 2 < scene.doc.turns.len() {
        return;
    }
    let Some(sentence) = turn.sentences.iter().copied().find(|sentence| {
        let said = turn.joined(sentence.start, sentence.end).replace(" ,", "");
        !sentence.question && ALL.iter().any(|cue| said.contains(cue))
    }) else {
        return;
    };
    let decided: Vec<String> = book
        .of(FactKind::StoppedMedication)
        .chain(book.of(FactKind::Prescription))
        .map(|fact| fact.name.clone())
        .collect();
    let kept: Vec<ClinicalFact> = book
        .of(FactKind::CurrentMedication)
        .filter(|fact| !decided.contains(&fact.name) && fact.time != Time::Past)
        .cloned()
        .collect();
    for taken in kept {
        let mut fact = ClinicalFact { kind: FactKind::Prescription, ..taken };
        fact.attributes.action = Some(Action::Continue);
        fact.cite(scene.doc.evidence(idx, sentence.start, sentence.end));
        fact.confidence = 0.7;
        book.add(fact);
    }
}
