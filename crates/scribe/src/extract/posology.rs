//! Dose, route, frequency, duration and "only if needed" from the words around a medicine.

use crate::facts::Attributes;
use crate::scene::DrugMention;
use crate::text::TurnDoc;
use crate::text::numbers::{number_at, round6};
use crate::text::quantity::{Amount, amount_at, counts_pieces, dose_unit, duration_at, frequency_in, plain};

/// Reads the posology said in a token range, of a medicine if it is known. What is not said stays empty; of a scheme in
/// steps, dose and frequency are those of the first step.
#[must_use]
pub(super) fn read(turn: &TurnDoc, start: usize, end: usize, drug: Option<&DrugMention>) -> Attributes {
    let end = end.min(turn.tokens.len());
    let mut attributes = Attributes::default();
    let steps = steps(turn, start, end);
    let micrograms = drug.is_some_and(|drug| drug.micrograms);
    let dose = steps.iter().find_map(|&(from, to)| dose(turn, from, to, micrograms));
    attributes.dose_value = dose.as_ref().map(|dose| dose.0);
    attributes.dose_unit = dose.as_ref().map(|dose| dose.1.to_owned());
    let frequency = steps
        .iter()
        .map(|&(from, to)| frequency_in(&turn.tokens, from, to))
        .find(|frequency| !frequency.is_empty())
        .unwrap_or_default();
    attributes.frequency_hours = frequency.hours;
    attributes.schedule = frequency.schedule;
    attributes.duration_days = steps.iter().find_map(|&(from, to)| duration(turn, from, to));
    attributes.prn = steps.first().is_some_and(|&(from, to)| is_prn(turn, from, to))
        || steps.len() > 1
            && attributes.dose_value.is_some()
            && is_prn(turn, steps[1].0, (steps[1].0 + 6).min(steps[1].1))
            && turn.word(steps[1].0) != "si";
    attributes.form = form(turn, start, end);
    attributes.route = route(turn, start, end);
    let now = ["ahorita", "en este momento", "aqui mismo", "en urgencias", "hoy mismo", "de una vez"]
        .iter()
        .any(|cue| turn.joined(start, end).contains(cue));
    if frequency_missing(&attributes) && now && attributes.dose_value.is_some() {
        attributes.schedule = Some("dosis única".to_owned());
    }
    if drug.is_some_and(|drug| drug.insulin) && attributes.dose_unit.as_deref() == Some("mg") {
        attributes.dose_unit = Some("unidades".to_owned());
    }
    if attributes.route.is_none() && attributes.dose_unit.as_deref() == Some("gotas") {
        attributes.route = drops_go_to(turn, drug);
    }
    if let Some(drug) = drug {
        attributes.route = attributes.route.or_else(|| implied_route(drug, &attributes.dose_unit));
    }
    attributes
}

fn frequency_missing(attributes: &Attributes) -> bool {
    attributes.frequency_hours.is_none() && attributes.schedule.is_none()
}

/// Drops with no route said go where the turn speaks of, unless the medicine is one to swallow.
fn drops_go_to(turn: &TurnDoc, drug: Option<&DrugMention>) -> Option<String> {
    if drug.is_some_and(|drug| drug.routes.contains(&"oral")) {
        return None;
    }
    let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let route = if [" ojo ", " ojos ", " cornea ", " pupila "].iter().any(|cue| said.contains(cue)) {
        "oftálmica"
    } else if [" oido ", " oidos "].iter().any(|cue| said.contains(cue)) {
        "ótica"
    } else {
        return None;
    };
    Some(route.to_owned())
}

/// The route a form leaves no doubt about: tablets are swallowed, insulin is injected, puffs are breathed in.
fn implied_route(drug: &DrugMention, unit: &Option<String>) -> Option<String> {
    if drug.insulin {
        return Some("subcutánea".to_owned());
    }
    if let [route] = drug.routes.as_slice() {
        return Some((*route).to_owned());
    }
    let oral = drug.routes.is_empty() || drug.routes.contains(&"oral");
    let route = match unit.as_deref()? {
        "mg" | "g" | "mcg" | "ml" | "tableta" | "cápsula" | "gragea" | "sobre" | "cucharada"
        | "cucharadita"
            if oral =>
        {
            "oral"
        }
        "gotas" if drug.routes.contains(&"oral") => "oral",
        "disparos" | "inhalaciones" | "nebulización" => "inhalada",
        "óvulo" => "vaginal",
        "supositorio" => "rectal",
        _ => return None,
    };
    Some(route.to_owned())
}

/// The range cut at sentences and at "luego", "después": the steps of a scheme, first step first.
fn steps(turn: &TurnDoc, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = start;
    for at in start..end {
        let strong = matches!(turn.word(at), "." | ";" | "!" | "?");
        let step = matches!(turn.word(at), "luego" | "despues")
            && !matches!(turn.word(at + 1), "de" | "del" | "luego")
            && at > start + 2;
        if strong || step {
            if at > from {
                out.push((from, at));
            }
            from = at + 1;
        }
    }
    if end > from {
        out.push((from, end));
    }
    out
}

/// Numbers that are no dose: limits, intervals, ages, durations.
fn excluded(turn: &TurnDoc, at: usize, start: usize) -> bool {
    let from = at.saturating_sub(4).max(start);
    let before: Vec<&str> = (from..at).map(|k| turn.word(k)).collect();
    before.iter().any(|word| {
        matches!(
            *word,
            "maximo" | "pase" | "pases" | "pasar" | "cada" | "hace" | "lugar" | "antes" | "rebase"
        )
    }) || matches!(before.last(), Some(&("hasta" | "por" | "durante" | "a" | "en")))
}

fn dose(turn: &TurnDoc, start: usize, end: usize, micrograms: bool) -> Option<(f64, &'static str)> {
    let amounts = amounts(turn, start, end);
    let measured: Option<&Amount> = amounts.iter().find(|amount| !counts_pieces(amount.unit));
    let pieces: Option<&Amount> = amounts.iter().find(|amount| counts_pieces(amount.unit));
    let strength = bare_strength(turn, start, end);
    let bare = bare_count(turn, start, end);
    let concentration = |amount: &Amount| {
        turn.word(amount.end) == "por"
            && (dose_unit(turn.word(amount.end + 1)).is_some()
                || matches!(turn.word(amount.end + 1), "kilo" | "kilos" | "cada"))
    };
    let liquid = amounts.iter().find(|amount| {
        matches!(
            amount.unit,
            "ml" | "gotas"
                | "disparos"
                | "inhalaciones"
                | "atomizaciones"
                | "unidades"
                | "cucharada"
                | "cucharadita"
                | "nebulización"
                | "aplicación"
                | "vaso"
        ) && !concentration(amount)
    });
    if let Some(liquid) = liquid {
        return Some((liquid.value, liquid.unit));
    }
    let weight = measured
        .filter(|amount| !concentration(amount))
        .map(|amount| (amount.value, amount.unit))
        .or_else(|| strength.map(|value| (value, if micrograms { "mcg" } else { "mg" })));
    let count = pieces.map(|amount| amount.value).or(bare);
    match (weight, count) {
        (Some((value, unit)), Some(count)) => {
            let explicit_after = measured.is_some_and(|m| {
                pieces.is_some_and(|p| m.start > p.end && turn.word(m.start.wrapping_sub(1)) != "de")
            });
            Some((if explicit_after { value } else { round6(value * count) }, unit))
        }
        (Some(weight), None) => Some(weight),
        (None, Some(count)) => Some((count, pieces.map_or("tableta", |amount| amount.unit))),
        (None, None) => None,
    }
}

fn amounts(turn: &TurnDoc, start: usize, end: usize) -> Vec<Amount> {
    let mut out = Vec::new();
    let mut at = start;
    while at < end {
        match amount_at(&turn.tokens, at).filter(|amount| amount.end <= end && !excluded(turn, at, start)) {
            Some(amount) => {
                at = amount.end;
                out.push(amount);
            }
            None => at = number_at(&turn.tokens, at).map_or(at + 1, |number| number.end),
        }
    }
    out
}

/// "de cincuenta": a strength without a unit, in milligrams by custom.
fn bare_strength(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    with_de(turn, start, end).or_else(|| alone(turn, start, end))
}

/// "omeprazol, veinte en ayunas": the first number, too large to count tablets, without a unit.
fn alone(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    let at = (start..end.min(start + 6)).find(|&at| number_at(&turn.tokens, at).is_some())?;
    let number = number_at(&turn.tokens, at)?;
    let next = turn.word(number.end);
    let between = (start..at).all(|k| {
        turn.tokens[k].dead
            || turn.tokens[k].is_punct()
            || matches!(
                turn.word(k),
                "igual"
                    | "solamente"
                    | "solo"
                    | "en"
                    | "a"
                    | "se"
                    | "queda"
                    | "sigue"
                    | "subo"
                    | "lo"
                    | "la"
                    | "bajo"
                    | "los"
                    | "subimos"
                    | "dejamos"
                    | "nomas"
            )
    });
    let counts = dose_unit(next).is_some()
        || matches!(
            next,
            "dias"
                | "dia"
                | "semanas"
                | "semana"
                | "meses"
                | "mes"
                | "horas"
                | "hora"
                | "anos"
                | "minutos"
                | "o"
                | "veces"
                | "a"
                | "sobre"
                | "por"
        );
    (number.value > 6.0 && between && !counts && !excluded_interval(turn, at)).then_some(number.value)
}

fn excluded_interval(turn: &TurnDoc, at: usize) -> bool {
    matches!(turn.word(at.wrapping_sub(1)), "cada" | "por" | "hace" | "las")
}

fn with_de(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    (start..end).find_map(|at| {
        if turn.word(at) != "de" {
            return None;
        }
        let from = if matches!(turn.word(at + 1), "la" | "los" | "las" | "a") && turn.word(at + 2) == "de" {
            at + 3
        } else {
            at + 1
        };
        let number = number_at(&turn.tokens, from).filter(|number| number.end <= end)?;
        let next = turn.word(number.end);
        let is_time = matches!(
            next,
            "dias"
                | "dia"
                | "semanas"
                | "semana"
                | "meses"
                | "mes"
                | "horas"
                | "hora"
                | "anos"
                | "la"
                | "minutos"
                | "o"
                | "veces"
        );
        let unit = dose_unit(next).is_some();
        (!is_time && !unit && number.value > 0.0 && !matches!(turn.word(from), "un" | "una"))
            .then_some(number.value)
    })
}

/// "una en la mañana", "dos cada ocho horas": a count of pieces without the word for the piece.
fn bare_count(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    let mut at = start;
    while at < end {
        let half = matches!(turn.word(at), "media" | "medio").then_some((0.5, at + 1));
        let found = half.or_else(|| number_at(&turn.tokens, at).map(|number| (number.value, number.end)));
        let Some((value, next_at)) = found else {
            at += 1;
            continue;
        };
        let next = turn.word(next_at);
        let follows = matches!(
            next,
            "cada" | "diaria" | "diario" | "diarias" | "al" | "antes" | "despues" | "con" | "por"
        ) || next == "en" && matches!(turn.word(next_at + 1), "la" | "las" | "ayunas" | "el")
            || next == "," && matches!(turn.word(next_at + 1), "cada" | "en" | "al")
            || next == "sola"
            || next == "solo" && value <= 2.0
            || next == "nada"
            || next == "nomas"
            || next == "y" && matches!(turn.word(next_at + 1), "media" | "medio")
            || matches!(next, "tomada" | "tomadas" | "juntas");
        let word = turn.word(at);
        let before = turn.word(at.wrapping_sub(1));
        if follows
            && value <= 6.0
            && value > 0.0
            && !matches!(before, "de" | "cada" | "las" | "los" | "hasta")
            && (value.fract() == 0.5 || word != "un")
            && !excluded(turn, at, start)
            && dose_unit(next).is_none()
        {
            let half = next == "y" && matches!(turn.word(next_at + 1), "media" | "medio");
            let times = matches!((next, turn.word(next_at + 1)), ("al", "mes") | ("por", "semana"))
                || next == "por" && turn.word(next_at + 1) != "la" && turn.word(next_at + 1) != "dia";
            if !times {
                return Some(value + if half { 0.5 } else { 0.0 });
            }
        }
        at = next_at;
    }
    None
}

/// Days of treatment: "por siete días", "durante un mes", "cinco días".
fn duration(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    let mut at = start;
    while at < end {
        let Some(duration) = duration_at(&turn.tokens, at).filter(|duration| duration.end <= end) else {
            at = number_at(&turn.tokens, at).map_or(at + 1, |number| number.end);
            continue;
        };
        let before = turn.word(at.wrapping_sub(1));
        let before2 = turn.word(at.wrapping_sub(2));
        let article = matches!(
            before,
            "los" | "las" | "la" | "el" | "primeros" | "primera" | "unos" | "como" | "estos"
        );
        let lead = if article { before2 } else { before };
        let other = matches!(
            lead,
            "cada" | "hace" | "en" | "desde" | "tiene" | "lleva" | "a" | "dentro" | "al" | "antes" | "cuanto"
        ) || lead == "de" && turn.word(at.wrapping_sub(2)) != "total"
            || matches!(turn.word(duration.end), "antes" | "despues" | "a" | "de")
                && turn.word(duration.end + 1) != "tratamiento"
                && matches!(turn.word(duration.end), "antes" | "despues")
            || (duration.days < 1.0);
        if !other && duration.days <= 400.0 {
            return Some(duration.days.round());
        }
        at = duration.end;
    }
    None
}

const PRN: &[&str] = &[
    "si tiene",
    "si le duele",
    "si te duele",
    "si hay",
    "si siente",
    "si trae",
    "si le da",
    "si te da",
    "cuando tenga",
    "cuando le duela",
    "cuando te duela",
    "cuando duela",
    "cuando le de",
    "cuando te de",
    "solo si",
    "nomas si",
    "nomas cuando",
    "solo cuando",
    "solamente si",
    "en caso de",
    "por razon necesaria",
    "si lo necesita",
    "si la necesita",
    "si lo ocupa",
    "si hace falta",
    "si es necesario",
    "si amerita",
    "si duele",
    "si acaso",
    "si se siente",
    "si presenta",
    "si aparece",
    "en caso necesario",
    "si no aguanta",
    "si sigue con dolor",
    "si tienes",
    "si le vuelve",
    "mientras tenga",
    "mientras tengas",
    "al inicio del dolor",
    "cuando empiece",
    "si batalla",
    "si siente",
    "si sangra",
    "cuando haya",
    "si le molesta",
    "si le arde",
    "si trae dolor",
    "cuando le arda",
    "cuando le pique",
    "cuando sienta",
    "cuando traiga",
    "cuando tengas",
    "si no puede dormir",
    "de rescate",
];

fn is_prn(turn: &TurnDoc, start: usize, end: usize) -> bool {
    let said = turn.joined(start, end);
    PRN.iter().any(|cue| said.contains(cue) && !said.contains(&format!("{cue} dudas")))
}

fn form(turn: &TurnDoc, start: usize, end: usize) -> Option<String> {
    (start..end)
        .find_map(|at| {
            Some(match turn.word(at) {
                "tableta" | "tabletas" | "pastilla" | "pastillas" | "comprimido" | "comprimidos" => "tableta",
                "capsula" | "capsulas" => "cápsula",
                "jarabe" => "jarabe",
                "suspension" => "suspensión",
                "gotas" | "gotitas" => "gotas",
                "crema" => "crema",
                "pomada" | "unguento" => "ungüento",
                "gel" => "gel",
                "spray" | "espray" => "spray",
                "inhalador" | "disparos" => "inhalador",
                "sobre" | "sobres" | "sobrecitos" => "sobre",
                "ampolleta" | "ampolletas" => "ampolleta",
                "inyeccion" | "inyecciones" => "inyección",
                "ovulo" | "ovulos" => "óvulo",
                "supositorio" | "supositorios" => "supositorio",
                "parche" | "parches" => "parche",
                "shampoo" | "champu" => "shampoo",
                "locion" => "loción",
                _ => return None,
            })
        })
        .map(str::to_owned)
}

/// The route said, or the one its form leaves no doubt about.
fn route(turn: &TurnDoc, start: usize, end: usize) -> Option<String> {
    let said = turn.joined(start, end);
    let has = |words: &[&str]| words.iter().any(|word| said.split(' ').any(|heard| heard == *word));
    let site = if has(&["ojo", "ojos", "ojito"]) {
        Some("oftálmica")
    } else if has(&["oido", "oidos", "oidito"]) {
        Some("ótica")
    } else if has(&["nariz", "fosa", "nasal", "fosas", "nasales"]) {
        Some("nasal")
    } else {
        None
    };
    let route = if has(&["intramuscular", "nalga", "gluteo"]) {
        "intramuscular"
    } else if has(&["intravenosa", "intravenoso", "vena", "endovenosa"]) {
        "intravenosa"
    } else if has(&["subcutanea", "subcutaneo"]) {
        "subcutánea"
    } else if has(&["sublingual", "lengua"]) {
        "sublingual"
    } else if has(&["ovulo", "ovulos", "vagina", "vaginal"]) {
        "vaginal"
    } else if has(&["supositorio", "supositorios", "rectal"]) {
        "rectal"
    } else if has(&[
        "disparos",
        "disparo",
        "inhalador",
        "inhalaciones",
        "nebulizacion",
        "nebulizaciones",
        "nebulizado",
        "camara",
        "inhalado",
    ]) && site != Some("nasal")
    {
        "inhalada"
    } else if let Some(site) = site.filter(|_| {
        has(&[
            "gota",
            "gotas",
            "gotitas",
            "spray",
            "atomizaciones",
            "unguento",
            "disparos",
            "disparo",
            "lavados",
            "atomizador",
            "lado",
            "aplicaciones",
        ])
    }) {
        site
    } else if has(&["atomizaciones", "atomizador"]) {
        "nasal"
    } else if has(&[
        "crema", "pomada", "unguento", "gel", "shampoo", "champu", "locion", "untada", "unta", "untar",
        "untese", "piel",
    ]) {
        "tópica"
    } else if has(&["parche", "parches"]) {
        "transdérmica"
    } else if has(&[
        "tableta",
        "tabletas",
        "pastilla",
        "pastillas",
        "capsula",
        "capsulas",
        "jarabe",
        "suspension",
        "tomada",
        "oral",
        "tomado",
        "sobre",
        "sobres",
        "tome",
        "disuelto",
        "tomar",
        "gragea",
    ]) {
        "oral"
    } else {
        return None;
    };
    Some(route.to_owned())
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
