//! Dose, route, frequency, duration and "only if needed" from the words around a medicine.

mod dose;
mod form;
mod lead;
mod moment;
mod prn;
mod uneven;

use crate::facts::Attributes;
use crate::scene::DrugMention;
use crate::text::TurnDoc;
use crate::text::numbers::{number_at, round6};
use crate::text::quantity::{
    Amount, amount_at, counts_pieces, dose_unit, duration_at, frequency_in, plain, portion_at,
};
use dose::dose;
use form::{drops_go_to, form, implied_route, led_by, route};
pub(super) use lead::lead;
use moment::given_here;
pub(super) use moment::moments;
pub(super) use prn::conditioned_before;
use prn::is_prn;
pub(super) use uneven::uneven;

/// Reads the posology said in a token range, of a medicine if it is known. What is not said stays empty; of a scheme in
/// steps, dose and frequency are those of the first step.
#[must_use]
pub(super) fn read(turn: &TurnDoc, start: usize, end: usize, drug: Option<&DrugMention>) -> Attributes {
    let end = end.min(turn.tokens.len());
    let mut attributes = Attributes::default();
    let steps = steps(turn, start, end);
    let micrograms = drug.is_some_and(|drug| drug.micrograms);
    let linked = linked(turn, &steps);
    let dose = linked.iter().find_map(|step| dose(turn, step.from, step.to, micrograms));
    let dose = with_amount_before(turn, &steps, dose, drug);
    let dose = drug.and_then(|drug| dose::changed(turn, drug, end, micrograms)).or(dose);
    attributes.dose_value = dose.as_ref().map(|dose| dose.0);
    attributes.dose_unit = dose.as_ref().map(|dose| dose.1.to_owned());
    let frequency = linked
        .iter()
        .map(|step| frequency_in(&turn.tokens, step.from, step.to))
        .find(|frequency| !frequency.is_empty())
        .or_else(|| drug.map(|drug| lead::frequency_before(turn, drug)))
        .unwrap_or_default();
    attributes.frequency_hours = frequency.hours;
    attributes.schedule = frequency.schedule;
    attributes.duration_days =
        treatment(turn, &steps).or_else(|| drug.and_then(|drug| said_before(turn, drug)));
    let today_and_tomorrow = steps.first().is_some_and(|step| today_and_tomorrow(turn, step.from, step.to));
    if today_and_tomorrow && frequency_missing(&attributes) && attributes.dose_value.is_some() {
        attributes.frequency_hours = Some(24.0);
    }
    attributes.prn = steps.first().is_some_and(|step| is_prn(turn, step.from, step.to))
        || steps.get(1).is_some_and(|second| {
            !second.then
                && attributes.dose_value.is_some()
                && is_prn(turn, second.from, (second.from + 6).min(second.to))
                && turn.word(second.from) != "si"
        });
    // Of what has a limit and no interval one takes when one needs it.
    let limited = attributes.schedule.as_deref().is_some_and(|schedule| schedule.starts_with("máximo"));
    attributes.prn |= limited && attributes.frequency_hours.is_none();
    attributes.form = form(turn, start, end);
    // The place of another treatment ("fisioterapia del glúteo") is no route.
    let second = steps.get(1).filter(|step| step.then || !step.sentence || continues(turn, step.from));
    let near = second.or(steps.first()).map_or(end, |step| step.to);
    attributes.route = route(turn, start, near).or_else(|| drug.and_then(|drug| led_by(turn, drug, near)));
    let now = ["ahorita", "en este momento", "aqui mismo", "en urgencias", "hoy mismo", "de una vez"]
        .iter()
        .any(|cue| turn.joined(start, end).contains(cue))
        || drug.is_some_and(|drug| {
            let lead = format!(" {} ", turn.joined(turn.sentence_of(drug.start).start, drug.start));
            [" le paso ", " le pongo ahorita ", " ahorita le pongo ", " aqui le pongo ", " aqui te pongo "]
                .iter()
                .any(|cue| lead.contains(cue))
        });
    if frequency_missing(&attributes) && now && attributes.dose_value.is_some() {
        attributes.schedule = Some("dosis única".to_owned());
    }
    if drug.is_some_and(|drug| drug.units) && attributes.dose_unit.as_deref() == Some("mg") {
        attributes.dose_unit = Some("unidades".to_owned());
    }
    if !names_tablets(turn, start, end) {
        in_its_measure(&mut attributes, drug);
    }
    if attributes.dose_unit.as_deref() == Some("tableta")
        && !names_tablets(turn, start, end)
        && let Some(unit) = drug.and_then(|drug| led_by_piece(turn, drug))
    {
        attributes.dose_unit = Some(unit.to_owned());
    }
    // A bare "una" counts tablets only of what is swallowed.
    let injected = drug.is_some_and(|drug| is_injected(turn, drug.start, end));
    let swallowed = drug.is_none_or(|drug| {
        drug.routes.is_empty() || drug.routes.contains(&"oral") || drug.routes.contains(&"sublingual")
    });
    if attributes.dose_unit.as_deref() == Some("tableta")
        && (!swallowed || injected)
        && !names_tablets(turn, start, end)
    {
        attributes.dose_value = None;
        attributes.dose_unit = None;
    }
    let percent = (start..end.min(start + 6))
        .any(|at| turn.word(at) == "ciento" && turn.word(at.wrapping_sub(1)) == "por");
    if attributes.route.is_none() && percent && drug.is_some_and(|drug| drug.routes.contains(&"tópica")) {
        attributes.route = Some("tópica".to_owned());
    }
    if attributes.route.is_none() && attributes.dose_unit.as_deref() == Some("gotas") {
        attributes.route = drops_go_to(turn, drug);
    }
    let here = drug.is_some_and(|drug| given_here(turn, drug));
    if (injected || here && attributes.dose_value.is_some()) && frequency_missing(&attributes) {
        attributes.schedule = Some("dosis única".to_owned());
    }
    // The factor of a sunscreen, the strength of a cream are no doses.
    if drug.is_some_and(|drug| drug.ingredients.is_empty() && drug.routes == ["tópica"])
        && attributes.dose_unit.as_deref() == Some("mg")
    {
        attributes.dose_value = None;
        attributes.dose_unit = None;
    }
    if let Some(drug) = drug.filter(|_| injected) {
        let local = turn.word(drug.start).ends_with("caina").then(|| "infiltración".to_owned());
        attributes.route = infiltrated(turn, drug.start).or(attributes.route).or(local);
    }
    if let Some(drug) = drug.filter(|_| !injected) {
        attributes.route = attributes.route.or_else(|| implied_route(drug, &attributes.dose_unit));
    }
    attributes
}

/// A solution is measured in millilitres; "brimonidina, una en cada ojo" is a drop.
fn in_its_measure(attributes: &mut Attributes, drug: Option<&DrugMention>) {
    let (Some(drug), Some(value), Some(unit)) =
        (drug, attributes.dose_value, attributes.dose_unit.as_deref())
    else {
        return;
    };
    let (value, unit) = match unit {
        "litros" if drug.name.starts_with("solución") => (round6(value * 1000.0), "ml"),
        "mg" if drug.name.starts_with("solución") && value >= 20.0 => (value, "ml"),
        "tableta" if matches!(attributes.route.as_deref(), Some("oftálmica" | "ótica")) => (value, "gotas"),
        "tableta" if matches!(drug.routes.as_slice(), ["oftálmica"] | ["ótica"]) => (value, "gotas"),
        "tableta" if matches!(attributes.route.as_deref(), Some("nasal" | "inhalada")) => (value, "disparos"),
        "tableta" if matches!(drug.routes.as_slice(), ["nasal"] | ["inhalada"]) => (value, "disparos"),
        _ => return,
    };
    attributes.dose_value = Some(value);
    attributes.dose_unit = Some(unit.to_owned());
}

/// "parche de lidocaína, uno cada doce horas": the piece that is counted stands before the name.
fn led_by_piece(turn: &TurnDoc, drug: &DrugMention) -> Option<&'static str> {
    (lead(turn, drug.start).saturating_sub(2)..drug.start)
        .find_map(|at| dose_unit(turn.word(at)).filter(|unit| counts_pieces(unit)))
        .filter(|_| turn.word(drug.start.wrapping_sub(1)) == "de")
}

/// The steps that still speak of the medicine: a sentence of its own that begins otherwise ends what is said of it.
fn linked<'a>(turn: &TurnDoc, steps: &'a [Step]) -> &'a [Step] {
    let speaks = |step: &Step| {
        step.then
            || !step.sentence
            || continues(turn, step.from)
            || matches!(turn.word(step.from), "le" | "te" | "les")
                && matches!(
                    turn.word(step.from + 1),
                    "va" | "vas" | "da" | "das" | "doy" | "voy" | "dan" | "pone" | "pones"
                )
            || TAKES.iter().any(|verb| turn.word(step.from).starts_with(verb))
            || matches!(
                turn.word(step.from),
                "sí" | "va"
                    | "es"
                    | "ese"
                    | "esa"
                    | "esos"
                    | "una"
                    | "primero"
                    | "hoy"
                    | "esta"
                    | "ahorita"
                    | "empezamos"
                    | "por"
                    | "aqui"
            )
    };
    let end = steps.iter().skip(1).position(|step| !speaks(step)).map_or(steps.len(), |at| at + 1);
    &steps[..end]
}

/// Verbs of taking at the head of a sentence.
const TAKES: &[&str] = &[
    "tom", "dele", "dale", "den", "apli", "pong", "pon", "us", "empie", "empez", "inici", "baj", "sub",
    "unt", "inyec", "aspir", "tabl", "gotas", "un",
];

/// "dos tabletas de paracetamol de quinientos": how many are taken is said before the name, how much each has after it.
fn with_amount_before(
    turn: &TurnDoc,
    steps: &[Step],
    after: Option<(f64, &'static str)>,
    drug: Option<&DrugMention>,
) -> Option<(f64, &'static str)> {
    let Some(before) = drug.and_then(|drug| lead::amount_before(turn, drug)) else { return after };
    // "dos de enalapril, y ahora nomás una": what is taken now.
    let now = steps.first().is_some_and(|step| (step.from..step.to).any(|at| turn.word(at) == "ahora"));
    if now && after.is_some() {
        return after;
    }
    match after {
        None => Some(before),
        Some((value, unit)) if matches!(unit, "mg" | "g" | "mcg") && counts_pieces(before.1) => {
            let first = steps.first();
            // "una de risperidona de dos en la noche y media en la mañana": the first amount is the one before the name.
            let strength = first
                .filter(|_| {
                    drug.is_some_and(|drug| {
                        uneven(turn, drug, drug.end, first.map_or(drug.end, |s| s.to)).is_some()
                    })
                })
                .and_then(|step| dose::strength(turn, step.from, step.to));
            match strength {
                Some(strength) => Some((round6(strength * before.0), unit)),
                None if first.is_some_and(|step| dose::counts(turn, step.from, step.to)) => after,
                None => Some((round6(value * before.0), unit)),
            }
        }
        after => after,
    }
}

/// "una infiltración con metilprednisolona y lidocaína": what goes into a joint or under the skin is not swallowed.
fn is_injected(turn: &TurnDoc, drug: usize, end: usize) -> bool {
    let anaesthetic = turn.word(drug).ends_with("caina");
    let on_the_skin = (drug..end.min(turn.tokens.len())).chain(drug.saturating_sub(3)..drug).any(|at| {
        matches!(turn.word(at), "crema" | "gel" | "parche" | "parches" | "spray" | "jalea" | "unguento")
    });
    if anaesthetic && !on_the_skin {
        return true;
    }
    let from = turn.sentence_of(drug).start;
    (from..end.min(turn.tokens.len())).any(|at| turn.word(at).starts_with("infiltr"))
        && !names_tablets(turn, from, end)
}

/// "le infiltro el hombro": into the joint.
fn infiltrated(turn: &TurnDoc, drug: usize) -> Option<String> {
    let from = turn.sentence_of(drug).start;
    let infiltrates = (from..drug).any(|at| turn.word(at).starts_with("infiltr"));
    const JOINTS: &[&str] = &["rodilla", "hombro", "cadera", "tobillo", "codo", "muneca", "articul"];
    let joint = turn.tokens.iter().any(|token| JOINTS.iter().any(|joint| token.norm.starts_with(joint)));
    (infiltrates && joint).then(|| "intraarticular".to_owned())
}

fn names_tablets(turn: &TurnDoc, start: usize, end: usize) -> bool {
    (start..end).any(|at| dose_unit(turn.word(at)) == Some("tableta"))
}

fn frequency_missing(attributes: &Attributes) -> bool {
    attributes.frequency_hours.is_none() && attributes.schedule.is_none()
}

/// A step of a scheme.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    to: usize,
    /// It comes after another ("luego una diaria"), rather than in a sentence of its own.
    then: bool,
    /// It begins a sentence of its own.
    sentence: bool,
}

/// The range cut at sentences and at "luego", "después": the steps of a scheme, first step first.
fn steps(turn: &TurnDoc, start: usize, end: usize) -> Vec<Step> {
    let mut out = Vec::new();
    let (mut from, mut then, mut sentence) = (start, false, false);
    for at in start..end {
        let strong = matches!(turn.word(at), "." | ";" | "!" | "?") && !turn.tokens[at].dead;
        let step = (matches!(turn.word(at), "luego" | "despues")
            || turn.word(at) == "ahi" && at > start && turn.word(at - 1) == "de")
            && !matches!(turn.word(at + 1), "de" | "del" | "luego")
            && at > start + 2
            || at > start + 2 && next_stage(turn, at);
        if strong || step {
            if at > from {
                out.push(Step { from, to: at, then, sentence });
            }
            (from, then, sentence) = (at + 1, step, turn.word(at) != ";");
        }
    }
    if end > from {
        out.push(Step { from, to: end, then, sentence });
    }
    out
}

/// "y a la semana cincuenta", "a los tres días media", "la segunda semana": a further stage of a scheme, with its amount.
fn next_stage(turn: &TurnDoc, at: usize) -> bool {
    let after = |from: usize| {
        (from..from + 4).any(|k| {
            number_at(&turn.tokens, k).is_some()
                || matches!(
                    turn.word(k),
                    "media" | "una" | "otra" | "entera" | "completa" | "manana" | "tambien"
                )
        })
    };
    match turn.word(at) {
        "a" if matches!(turn.word(at - 1), "y" | "," | ".") => match turn.word(at + 1) {
            "la" => turn.word(at + 2) == "semana" && after(at + 3),
            "los" | "las" => duration_at(&turn.tokens, at + 2)
                .is_some_and(|duration| duration.days >= 1.0 && after(duration.end)),
            _ => false,
        },
        "la" => {
            matches!(turn.word(at + 1), "segunda" | "siguiente" | "tercera") && turn.word(at + 2) == "semana"
                || turn.word(at + 1) == "que" && turn.word(at + 2) == "sigue" && after(at + 3)
        }
        _ => false,
    }
}

/// The words of a scheme in steps, from the first amount to the last step, as a range of tokens; `None` where there is one step.
pub(in crate::extract) fn scheme(turn: &TurnDoc, start: usize, end: usize) -> Option<(usize, usize)> {
    let end = end.min(turn.tokens.len());
    let steps = steps(turn, start, end);
    let amounts = |step: &Step| {
        (step.from..step.to).any(|at| number_at(&turn.tokens, at).is_some() || turn.word(at) == "media")
    };
    let later = steps[..steps.len().min(6)].iter().rfind(|step| step.then && amounts(step))?;
    let first = steps.first().filter(|step| amounts(step))?;
    let skipped = (first.from..first.to).find(|&at| !turn.tokens[at].is_punct())?;
    (later.to - skipped <= 60).then_some((skipped, later.to))
}

/// Days of the whole treatment. The steps of a scheme that ends are added; one that goes on has no days; a last step only
/// for when it is needed leaves the days of the first.
fn treatment(turn: &TurnDoc, steps: &[Step]) -> Option<f64> {
    let of = |step: &Step| duration(turn, step.from, step.to);
    if let Some(days) = in_all(turn, steps) {
        return Some(days);
    }
    let (number, first) = steps
        .iter()
        .enumerate()
        .filter(|(number, step)| *number == 0 || step.then || !step.sentence || continues(turn, step.from))
        .find_map(|(number, step)| of(step).map(|days| (number, days)))?;
    let later: Vec<&Step> = steps[number + 1..].iter().take_while(|step| step.then).collect();
    let Some(last) = later.last() else { return Some(first) };
    let told = turn.joined(last.from, last.to);
    let ends =
        ["deja", "suspend", "quita", "fuera", "adios", "acab", "termin"].iter().any(|cue| told.contains(cue));
    if ends {
        return Some(later.iter().filter_map(|step| of(step)).sum::<f64>() + first);
    }
    let only_if = told.contains("si ") || told.contains("cuando ");
    // The days of what is taken first, unless that only leads up to what is taken for good.
    let leads_up = later.iter().any(|step| rises(turn, &steps[number], step));
    (only_if && later.len() == 1 || !leads_up).then_some(first)
}

/// "siete días en total": the days of the whole scheme, said outright.
fn in_all(turn: &TurnDoc, steps: &[Step]) -> Option<f64> {
    let (first, last) = (steps.first()?, steps.last()?);
    (first.from..last.to).find_map(|at| {
        let duration = duration_at(&turn.tokens, at).filter(|duration| duration.days >= 1.0)?;
        let all = turn.word(duration.end) == "en" && turn.word(duration.end + 1) == "total";
        all.then_some(duration.days.round())
    })
}

/// Whether more is taken in a later step than in the first, or it is taken more often.
fn rises(turn: &TurnDoc, first: &Step, later: &Step) -> bool {
    let amount = |step: &Step| dose(turn, step.from, step.to, false);
    let bare = |step: &Step| {
        (step.from..step.to).find_map(|at| {
            let number = number_at(&turn.tokens, at)?;
            (duration_at(&turn.tokens, at).is_none() && turn.word(at.wrapping_sub(1)) != "cada")
                .then_some(number.value)
        })
    };
    let hours = |step: &Step| frequency_in(&turn.tokens, step.from, step.to).hours;
    let more = match (amount(first), amount(later)) {
        (Some((before, unit)), Some((after, other))) if unit == other => after > before,
        (Some((before, _)), _) => bare(later).is_some_and(|after| after > before),
        (None, _) => bare(first).zip(bare(later)).is_some_and(|(before, after)| after > before),
    };
    let whole = (later.from..later.to).any(|at| matches!(turn.word(at), "entera" | "completa" | "doble"));
    let oftener = hours(first).zip(hours(later)).is_some_and(|(before, after)| after < before);
    more || whole || oftener
}

/// Whether a sentence after that of the medicine still speaks of how it is taken: "Siete días.", "Con comida, por un mes."
fn continues(turn: &TurnDoc, from: usize) -> bool {
    // "La acemetacina de noventa" is another one, "la toma con agua" and "la de cien" are this one.
    let pointed = matches!(turn.word(from), "la" | "lo" | "las" | "los")
        && (matches!(
            turn.word(from + 1),
            "de" | "primera"
                | "primeras"
                | "primeros"
                | "segunda"
                | "misma"
                | "va"
                | "vas"
                | "van"
                | "puede"
                | "puedes"
                | "vamos"
                | "voy"
                | "dos"
                | "tres"
                | "repite"
                | "repites"
                | "mitad"
                | "otra"
                | "sigue"
        ) || TAKES.iter().any(|verb| turn.word(from + 1).starts_with(verb)));
    pointed
        || number_at(&turn.tokens, from).is_some()
        || matches!(
            turn.word(from),
            "por"
                | "durante"
                | "todo"
                | "todos"
                | "son"
                | "unos"
                | "unas"
                | "y"
                | "cada"
                | "con"
                | "en"
                | "a"
                | "al"
                | "diario"
                | "maximo"
                | "tomada"
                | "tomado"
                | "antes"
                | "hasta"
                | "solo"
                | "tambien"
                | "igual"
                | "media"
                | "se"
                | "me"
                | "te"
        )
}

/// "Y por siete días, clonazepam ...": the days said before the medicine.
fn said_before(turn: &TurnDoc, drug: &DrugMention) -> Option<f64> {
    let from = turn.sentence_of(drug.start).start;
    (from..drug.start)
        .find(|&at| matches!(turn.word(at), "por" | "durante"))
        .filter(|&at| drug.start - at <= 6)
        // Behind other words they are of what was named before.
        .filter(|&at| {
            at == from || at == from + 1 && matches!(turn.word(from), "y" | "ahora" | "luego" | ",")
        })
        .and_then(|at| duration_at(&turn.tokens, at + 1))
        .filter(|duration| duration.end <= drug.start && duration.days >= 1.0)
        .map(|duration| duration.days.round())
}

/// "hoy y mañana", "hoy y otros doce mañana".
fn today_and_tomorrow(turn: &TurnDoc, start: usize, end: usize) -> bool {
    (start..end).any(|at| {
        turn.word(at) == "hoy"
            && turn.word(at + 1) == "y"
            && (at + 2..(at + 6).min(end))
                .find(|&k| turn.word(k) == "manana" || turn.tokens[k].is_punct())
                .is_some_and(|k| turn.word(k) == "manana" && turn.word(k - 1) != "la")
    })
}

/// Days of treatment: "por siete días", "durante un mes", "cinco días".
fn duration(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    if today_and_tomorrow(turn, start, end) {
        return Some(2.0);
    }
    let mut at = start;
    while at < end {
        // "luego dos y medio, otra semana"
        if matches!(turn.word(at), "otra" | "otro") && at + 1 < end {
            match turn.word(at + 1) {
                "semana" => return Some(7.0),
                "mes" => return Some(30.0),
                _ => {}
            }
        }
        let Some(duration) = duration_at(&turn.tokens, at).filter(|duration| duration.end <= end) else {
            at = number_at(&turn.tokens, at).map_or(at + 1, |number| number.end);
            continue;
        };
        // What was taken back leads to nothing: "por diez días... no, déjelo en siete días".
        let led = (start..at).rev().find(|&k| !turn.tokens[k].dead).map_or(at, |k| k + 1);
        let before = turn.word(led.wrapping_sub(1));
        let before2 = turn.word(led.wrapping_sub(2));
        let article = matches!(
            before,
            "los" | "las" | "la" | "el" | "primeros" | "primera" | "unos" | "como" | "estos"
        );
        let lead = if article { before2 } else { before };
        let other = matches!(
            lead,
            "cada" | "hace" | "en" | "desde" | "tiene" | "lleva" | "a" | "dentro" | "al" | "antes" | "cuanto"
        ) || lead == "de" && !matches!(turn.word(at.wrapping_sub(2)), "total" | "nomas") && !ranges(turn, at)
            || matches!(turn.word(duration.end), "antes" | "despues") && !matches!(lead, "por" | "durante" | ",")
            || (duration.days < 1.0)
            // "un día sí y un día no"
            || matches!(turn.word(duration.end), "sí" | "no")
            // "máximo dos días por semana"
            || matches!(
                (turn.word(duration.end), turn.word(duration.end + 1)),
                ("por" | "al", "semana" | "mes") | ("a", "la")
            );
        let longest = if matches!(lead, "por" | "durante") { 3660.0 } else { 400.0 };
        if !other && duration.days <= longest {
            return Some(duration.days.round());
        }
        at = duration.end;
    }
    None
}

/// "de tres a cinco días".
fn ranges(turn: &TurnDoc, at: usize) -> bool {
    number_at(&turn.tokens, at).is_some_and(|number| {
        turn.word(number.end) == "a" && number_at(&turn.tokens, number.end + 1).is_some()
    })
}

/// Dose in words for what a patient takes: "850 mg", "2 disparos".
#[must_use]
pub fn dose_text(attributes: &Attributes) -> Option<String> {
    let value = attributes.dose_value?;
    Some(
        format!("{} {}", plain(value), attributes.dose_unit.as_deref().unwrap_or_default()).trim().to_owned(),
    )
}

/// Frequency in words, of what a patient takes.
#[must_use]
pub fn frequency_text(attributes: &Attributes) -> Option<String> {
    let hours = attributes.frequency_hours.map(|hours| match plain(hours).as_str() {
        "24" => "una vez al día".to_owned(),
        "168" => "una vez por semana".to_owned(),
        hours => format!("cada {hours} horas"),
    });
    hours.or_else(|| attributes.schedule.clone())
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::read;
    use crate::text::TurnDoc;

    type Expected<'a> = (Option<(f64, &'a str)>, Option<f64>, Option<f64>, bool);

    #[track_caller]
    fn check(text: &str, (dose, hours, days, prn): Expected<'_>) {
        let turn = TurnDoc::new(Speaker::Doctor, text);
        let found = read(&turn, 1, turn.tokens.len(), None);
        let found_dose = found.dose_value.zip(found.dose_unit.as_deref());
        assert_eq!(
            (found_dose, found.frequency_hours, found.duration_days, found.prn),
            (dose, hours, days, prn),
            "{text}"
        );
    }

    #[test]
    fn dictated_posologies_are_read_whole() {
        check(
            "Paracetamol de quinientos, dos tabletas cada ocho horas, nomás cuando le duela.",
            (Some((1000.0, "mg")), Some(8.0), None, true),
        );
        check(
            "oseltamivir de setenta y cinco, una cápsula cada doce horas, cinco días.",
            (Some((75.0, "mg")), Some(12.0), Some(5.0), false),
        );
        check("losartán cincuenta miligramos una vez al día", (Some((50.0, "mg")), Some(24.0), None, false));
        check(
            "clotrimazol en óvulos de quinientos miligramos, uno solo en la noche",
            (Some((500.0, "mg")), None, None, false),
        );
        check(
            "glargina, diez unidades en la noche, todas las noches",
            (Some((10.0, "unidades")), Some(24.0), None, false),
        );
        check(
            "salbutamol dos disparos cada seis horas por tres días",
            (Some((2.0, "disparos")), Some(6.0), Some(3.0), false),
        );
        check("amlodipina de diez, una en la mañana", (Some((10.0, "mg")), Some(24.0), None, false));
        check(
            "prednisona de cinco, media tableta diaria por una semana",
            (Some((2.5, "mg")), Some(24.0), Some(7.0), false),
        );
        check("omeprazol en ayunas", (None, Some(24.0), None, false));
        check(
            "ibuprofeno siete mililitros cada ocho horas si tiene fiebre",
            (Some((7.0, "ml")), Some(8.0), None, true),
        );
        check("omeprazol, veinte en ayunas", (Some((20.0, "mg")), Some(24.0), None, false));
        check(
            "pregabalina de setenta y cinco, una en la noche. Si la tolera, una cada doce horas.",
            (Some((75.0, "mg")), Some(24.0), None, false),
        );
        check("calcio igual", (None, None, None, false));
    }
}
