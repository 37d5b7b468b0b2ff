//! Dose, route, frequency, duration and "only if needed" from the words around a medicine.

mod bare;
mod course;
mod dose;
mod form;
mod lead;
mod moment;
mod prn;
mod steps;
mod uneven;

use crate::facts::Attributes;
use crate::scene::DrugMention;
use crate::text::TurnDoc;
use crate::text::numbers::{number_at, round6};
use crate::text::quantity::{
    Amount, amount_at, counts_pieces, dose_unit, duration_at, frequency_in, plain, portion_at,
};
use course::{said_before, today_and_tomorrow, treatment};
use dose::dose;
use form::{drops_go_to, form, implied_route, led_by, presentation, route};
pub(super) use lead::lead;
use moment::given_here;
pub(super) use moment::moments;
pub(super) use prn::conditioned_before;
use prn::is_prn;
pub(super) use steps::scheme;
use steps::{Step, continues, linked, steps};
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
    attributes.presentation = presentation(turn, start, end, drug);
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

    #[test]
    fn days_of_something_else_or_of_a_first_step_alone_are_no_days_of_the_treatment() {
        for (text, days) in [
            ("bisoprolol cinco miligramos una vez al día. Dos semanas sin refresco ni pan.", None),
            ("azelastina dos disparos cada doce horas, que tarda cuatro días en hacer efecto", None),
            ("ibersartán ciento cincuenta miligramos diario, y el collarín una semana", None),
            ("prednisona treinta miligramos en la mañana dos semanas, y bajamos cinco cada semana", None),
            ("celecoxib doscientos miligramos diario. Diez días y nos vemos.", None),
            ("warfarina cinco miligramos en la noche, que dura un día", None),
            ("duloxetina treinta miligramos una semana; y luego la entera de sesenta", None),
            ("lactulosa quince mililitros cada doce horas, pero si hay diarrea la suspende dos días", None),
            ("meloxicam quince miligramos diarios, no más de siete días", Some(7.0)),
            ("naproxeno quinientos miligramos cada doce horas. Diez días.", Some(10.0)),
        ] {
            let turn = TurnDoc::new(Speaker::Doctor, text);
            assert_eq!(read(&turn, 1, turn.tokens.len(), None).duration_days, days, "{text}");
        }
    }
}
