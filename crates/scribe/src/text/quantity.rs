//! Frequencies of medicine as they are said; durations and amounts stand beside.

use super::numbers::{number_at, round6};
use super::token::Token;

pub use super::amount::{Amount, amount_at, counts_pieces, dose_unit, portion_at};
pub use super::duration::{Duration, duration_at, first_duration, plain};
use super::duration::{duration_amount, time_unit};

/// The word of a token that was not taken back.
pub(super) fn word(tokens: &[Token], idx: usize) -> &str {
    tokens.get(idx).filter(|token| !token.dead).map_or("", |token| token.norm.as_str())
}

/// How often a medicine is taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frequency {
    /// Hours between administrations, where hours fit.
    pub hours: Option<f64>,
    /// The scheme in words, where hours do not say it all.
    pub schedule: Option<String>,
}

impl Frequency {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hours.is_none() && self.schedule.is_none()
    }
}

const DAY_PARTS: &[(&str, &[&str])] = &[
    ("en la mañana", &["manana", "mananas", "matutina"]),
    ("al despertar", &["despertar", "levantarse", "levantarte"]),
    ("en ayunas", &["ayunas", "ayuno"]),
    ("a mediodía", &["mediodia"]),
    ("en la tarde", &["tarde", "tardes"]),
    ("en la noche", &["noche", "noches", "nocturna"]),
    ("al acostarse", &["acostarse", "acostarte"]),
    ("antes de dormir", &["dormir", "dormirse", "dormirte"]),
    ("con el desayuno", &["desayuno", "desayunar", "almuerzo"]),
    ("con la comida", &["comida"]),
    ("con la cena", &["cena", "cenar", "merienda"]),
    ("con los alimentos", &["alimentos", "comidas", "alimento"]),
    ("al comer", &["comer"]),
];

/// The days of the week, folded.
pub(crate) const WEEKDAYS: &[&str] =
    &["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"];

/// The frequency said in a token range; empty when none was.
#[must_use]
pub fn frequency_in(tokens: &[Token], start: usize, end: usize) -> Frequency {
    let end = end.min(tokens.len());
    let told = purpose(tokens, start, end);
    let frequency = frequency_of(tokens, start, told);
    let reason = matches!(word(tokens, told), "para" | "porque" | "paraque");
    if frequency.is_empty() && told < end && reason { frequency_of(tokens, start, end) } else { frequency }
}

/// Where the reason of it, or what else is done, begins: "para que no lo levante de noche", "y se baña en la mañana".
fn purpose(tokens: &[Token], start: usize, end: usize) -> usize {
    const ELSE: &[&str] = &["ban", "enjuag", "lav", "retir", "quit", "mide", "mid", "checa", "cheq"];
    let begins = |at: usize| match word(tokens, at) {
        "para" => word(tokens, at + 1) == "que",
        "porque" | "paraque" => true,
        // "no se la quite" says nothing of another thing done.
        "se" | "lo" | "la" if matches!(word(tokens, at.wrapping_sub(1)), "no" | "se") => false,
        "se" | "lo" | "la" => ELSE.iter().any(|stem| word(tokens, at + 1).starts_with(stem)),
        _ => false,
    };
    (start + 1..end).find(|&at| begins(at)).unwrap_or(end)
}

fn frequency_of(tokens: &[Token], start: usize, end: usize) -> Frequency {
    let mut frequency = Frequency::default();
    for at in start..end {
        if titrates(tokens, at, end) {
            continue;
        }
        if let Some(found) = interval_at(tokens, at, end) {
            let limit = found.hours.is_none()
                && found.schedule.as_deref().is_some_and(|schedule| schedule.starts_with("máximo"));
            if limit && !frequency.is_empty() {
                continue;
            }
            frequency = found;
            if !limit {
                break;
            }
        }
    }
    if (start..end).any(|at| {
        word(tokens, at) == "unica" && word(tokens, at + 1) != "vez"
            || word(tokens, at) == "solita" && word(tokens, at + 1) == "vez"
    }) && frequency.hours.is_none()
        || (start..end).any(|at| {
            matches!(
                (word(tokens, at), word(tokens, at + 1)),
                ("uno", "solo") | ("una", "sola") | ("una", "dosis")
            ) && word(tokens, at + 2) != "vez"
                && !matches!(word(tokens, at + 2), "al" | "diaria" | "cada" | "por")
                && !(word(tokens, at) == "una"
                    && word(tokens, at + 2) == "en"
                    && matches!(word(tokens, at + 4), "manana" | "mananas" | "noche" | "noches" | "tarde"))
        })
        || (start..end).any(|at| {
            word(tokens, at) == "sola"
                && matches!(word(tokens, at + 1), "dosis" | "vez" | "toma" | "aplicacion")
                && !matches!(
                    (word(tokens, at + 2), word(tokens, at + 3)),
                    ("a", "la") | ("al", _) | ("por", "semana" | "mes" | "dia") | ("cada", _)
                )
        })
    {
        return Frequency { hours: None, schedule: Some("dosis única".to_owned()) };
    }
    let named = |day: &str| (start..end).any(|at| word(tokens, at) == day || word(tokens, at) == plural(day));
    let days: Vec<&str> = WEEKDAYS.iter().copied().filter(|day| named(day)).collect();
    // "de lunes a viernes": the days between them too.
    let row = (start..end).any(|at| {
        word(tokens, at) == "a"
            && WEEKDAYS.contains(&word(tokens, at.wrapping_sub(1)))
            && WEEKDAYS.contains(&word(tokens, at + 1))
    });
    if days.len() >= 2 && frequency.hours.is_none() {
        let between = if row && days.len() == 2 { " a " } else { ", " };
        return Frequency { hours: None, schedule: Some(days.join(between)) };
    }
    // "setenta los domingos": once a week.
    let weekly = (start..end).any(|at| {
        word(tokens, at) == "los" && WEEKDAYS.iter().any(|day| word(tokens, at + 1).starts_with(day))
    });
    if let [day] = days.as_slice()
        && weekly
        && frequency.hours.is_none()
    {
        return Frequency { hours: Some(168.0), schedule: Some(format!("los {}", plural(day))) };
    }
    let parts = day_parts(tokens, start, end);
    // "dos en la mañana y dos en la noche, todos los días": the moments of the day say how often.
    let each = |at: usize| {
        word(tokens, at) == "en"
            && word(tokens, at + 1) == "la"
            && matches!(word(tokens, at + 2), "manana" | "noche" | "tarde")
    };
    let told = (start..end).filter(|&at| each(at)).count() >= 2
        && !(start..end).any(|at| word(tokens, at) == "o" && each(at + 1));
    let daily = frequency.hours == Some(24.0) && frequency.schedule.is_none();
    if daily && (2..=3).contains(&parts.len()) && told {
        frequency = Frequency::default();
    }
    if frequency.hours.is_none() && frequency.schedule.is_none() && !parts.is_empty() {
        frequency.hours = match parts.len() {
            1 if each_meal(tokens, start, end) => Some(8.0),
            1 => Some(24.0),
            2 => Some(12.0),
            3 => Some(8.0),
            _ => None,
        };
    }
    let weekly = frequency.schedule.as_deref().is_some_and(|schedule| schedule.ends_with("por semana"));
    if !parts.is_empty() && (frequency.schedule.is_none() || weekly) {
        let parts = parts.join(" y ");
        frequency.schedule =
            Some(frequency.schedule.map_or(parts.clone(), |weekly| format!("{weekly}, {parts}")));
    }
    frequency
}

/// "cada tres días sube dos", "bájele una gota cada dos semanas": how the amount changes, not how often it is taken.
fn titrates(tokens: &[Token], at: usize, end: usize) -> bool {
    let changes = |k: usize| {
        !["subcut", "subling", "bajo"].iter().any(|other| word(tokens, k).starts_with(other))
            && ["sub", "baj", "aument", "agreg", "incremen", "reduc", "recort"]
                .iter()
                .any(|stem| word(tokens, k).starts_with(stem))
    };
    let pause = |k: usize| tokens.get(k).is_some_and(Token::is_punct);
    word(tokens, at) == "cada"
        && (number_at(tokens, at + 1).is_some()
            || word(tokens, at + 1) == "semana"
            || word(tokens, at + 1) == "mes")
        && ((at + 2..(at + 6).min(end)).take_while(|&k| !pause(k)).any(changes)
            || (at + 2..(at + 5).min(end)).any(|k| word(tokens, k) == "menos")
            || (at.saturating_sub(5)..at).rev().take_while(|&k| !pause(k)).any(changes)
                && (word(tokens, at + 1).starts_with("semana")
                    || duration_at(tokens, at + 1).is_some_and(|d| d.days >= 3.0)))
}

/// "domingo" -> "domingos"; the days that end in s stay as they are.
fn plural(day: &str) -> String {
    if day.ends_with('s') { day.to_owned() } else { format!("{day}s") }
}

fn each_meal(tokens: &[Token], start: usize, end: usize) -> bool {
    (start..end).any(|at| {
        word(tokens, at) == "cada" && matches!(word(tokens, at + 1), "comida" | "alimento")
            || word(tokens, at) == "comidas"
            || word(tokens, at) == "alimentos" && side_of_meal(tokens, at).is_some()
            || word(tokens, at) == "alimentos" && word(tokens, at.wrapping_sub(1)) == "tres"
    })
}

/// "antes del desayuno", "media hora antes de los alimentos", "después de cada comida": on which side of a meal, with the time
/// between them where it was said; the first of its words.
fn side_of_meal(tokens: &[Token], meal: usize) -> Option<(usize, &'static str)> {
    let at = (meal.saturating_sub(4)..meal).rev().find(|&at| {
        matches!(word(tokens, at), "antes" | "despues")
            && matches!(word(tokens, at + 1), "de" | "del")
            && (at + 2..meal).all(|k| {
                matches!(
                    word(tokens, k),
                    "la" | "el" | "los" | "las" | "cada" | "sus" | "tus" | "su" | "tu" | "tres" | "de"
                )
            })
    })?;
    let side = if word(tokens, at) == "antes" { "antes" } else { "después" };
    let timed = (at.saturating_sub(4)..at)
        .find(|&from| duration_at(tokens, from).is_some_and(|time| time.end == at && time.days < 1.0));
    Some((timed.unwrap_or(at), side))
}

/// "1 hora antes de": the words before a meal or before going to bed that its label keeps.
fn led_by_side(tokens: &[Token], at: usize, label: &'static str) -> String {
    let Some((from, side)) = side_of_meal(tokens, at) else { return label.to_owned() };
    let time = duration_at(tokens, from).filter(|time| time.days < 1.0 && word(tokens, from) != "antes");
    let time = match (time, word(tokens, from)) {
        (Some(_), "media") => "media hora ".to_owned(),
        (Some(time), _) => format!("{} ", time.text),
        (None, _) => String::new(),
    };
    let meal = match word(tokens, at) {
        "desayuno" | "desayunar" => "del desayuno",
        "comida" if word(tokens, at - 1) == "cada" => "de cada comida",
        "alimento" => "de cada alimento",
        "comida" => "de la comida",
        "cena" | "cenar" | "merienda" => "de la cena",
        "comidas" => "de las comidas",
        "alimentos" => "de los alimentos",
        "comer" => "de comer",
        "dormir" | "dormirse" | "dormirte" => "de dormir",
        "acostarse" | "acostarte" => "de acostarse",
        _ => return label.to_owned(),
    };
    format!("{time}{side} {meal}")
}

/// "diez en la mañana, el de la noche no".
fn not_then(tokens: &[Token], at: usize) -> bool {
    word(tokens, at + 1) == "no" && tokens.get(at + 2).is_none_or(Token::is_punct)
}

/// Parts of the day as times of taking; two words for the same moment ("en la mañana, en ayunas") count once.
fn day_parts(tokens: &[Token], start: usize, end: usize) -> Vec<String> {
    let mut found: Vec<(String, u8)> = Vec::new();
    for at in start..end {
        let Some((label, _)) = DAY_PARTS.iter().find(|(_, words)| words.contains(&word(tokens, at))) else {
            continue;
        };
        let before = word(tokens, at.saturating_sub(1));
        let skip = match word(tokens, at) {
            // "mañana" alone is tomorrow; "desde mañana", "hasta mañana" too.
            "manana" => {
                let both = word(tokens, at + 1) == "y" && matches!(word(tokens, at + 2), "noche" | "tarde")
                    || word(tokens, at + 1) == ","
                        && matches!(word(tokens, at + 2), "tarde" | "mediodia" | "noche");
                // "hoy y mañana" are two days.
                not_then(tokens, at)
                    || word(tokens, at.wrapping_sub(2)) == "hoy"
                    || !both
                        && !matches!(
                            before,
                            "la" | "cada"
                                | "una"
                                | "por"
                                | "y"
                                | "de"
                                | "uno"
                                | "dos"
                                | "media"
                                | "medio"
                                | ","
                        )
            }
            // "hasta la tarde" says from when on, not when.
            "tarde" | "noche" if word(tokens, at.saturating_sub(2)) == "hasta" => true,
            // "diez en la mañana, el de la noche no"
            "noche" | "tarde" if not_then(tokens, at) => true,
            // "con la cena, nunca en ayunas"
            "ayunas"
                if word(tokens, at.wrapping_sub(2)) == "nunca"
                    || word(tokens, at.wrapping_sub(2)) == "no" =>
            {
                true
            }
            "acostarse" | "acostarte" if before == "sin" => true,
            "dormir" => !matches!(before, "de" | "para" | "al" | "antes"),
            "comer" => !matches!(before, "de" | "al" | "antes" | "despues"),
            // "con la comida más pesada" is one meal; "sin comida" none.
            "comida" | "comidas" | "alimentos" | "desayuno" | "cena" if before == "sin" => true,
            _ => false,
        };
        let moment = match *label {
            "en la mañana" | "al despertar" | "en ayunas" | "con el desayuno" => 0,
            "a mediodía" | "con la comida" | "al comer" => 1,
            "en la tarde" => 2,
            "con los alimentos" => 5,
            _ => 3,
        };
        if !skip && !found.iter().any(|(_, seen)| *seen == moment) {
            found.push((led_by_side(tokens, at, label), moment));
        }
    }
    found.into_iter().map(|(label, _)| label).collect()
}

/// "cincuenta cada doce": the hours of the usual intervals go without the word when the clause ends there.
fn hours_without_unit(tokens: &[Token], at: usize) -> Option<f64> {
    let number = number_at(tokens, at)?;
    let range =
        matches!(word(tokens, number.end), "o" | "a" | "u") && number_at(tokens, number.end + 1).is_some();
    let named = time_unit(word(tokens, number.end)).is_some() || word(tokens, number.end) == "veces";
    // "cada ocho siete días": what follows is how long; "cada seis ocho horas" is a range.
    let ranged = duration_at(tokens, number.end).is_some_and(|duration| duration.days < 1.0);
    let ends = !range && !named && !ranged && word(tokens, number.end) != "...";
    (ends && [4.0, 6.0, 8.0, 12.0, 24.0].contains(&number.value)).then_some(number.value)
}

fn interval_at(tokens: &[Token], at: usize, end: usize) -> Option<Frequency> {
    let hours = |hours: f64| Some(Frequency { hours: Some(round6(hours)), schedule: None });
    match word(tokens, at) {
        "cada" => {
            if matches!(word(tokens, at + 1), "dia" | "manana" | "noche" | "tarde") {
                return hours(24.0);
            }
            if word(tokens, at + 1) == "semana" {
                return hours(168.0);
            }
            if word(tokens, at + 1) == "mes" {
                return hours(720.0);
            }
            if word(tokens, at + 1) == "hora" {
                return hours(1.0);
            }
            if word(tokens, at + 1) == "tercer" {
                return hours(48.0);
            }
            if let Some(hours_left_out) = hours_without_unit(tokens, at + 1) {
                return hours(hours_left_out);
            }
            let (first, second, unit_at) = duration_amount(tokens, at + 1)?;
            let (days, ..) = time_unit(word(tokens, unit_at))?;
            if days < 0.04 {
                return Some(Frequency {
                    hours: None,
                    schedule: Some(format!("cada {} minutos", plain(first))),
                });
            }
            let schedule = second.map(|second| format!("cada {} a {} horas", plain(first), plain(second)));
            Some(Frequency { hours: Some(round6(first * days * 24.0)), schedule })
        }
        "diario" | "diaria" | "diarios" | "diarias" | "diariamente" => hours(24.0),
        // "un día sí y un día no", "noche sí, noche no", "una noche sí y una no".
        "sí" if matches!(word(tokens, at.wrapping_sub(1)), "dia" | "noche" | "manana" | "tarde")
            && (at + 1..at + 6).any(|k| {
                word(tokens, k) == "no"
                    && matches!(
                        word(tokens, k - 1),
                        "dia" | "noche" | "manana" | "tarde" | "otro" | "otra" | "un" | "una"
                    )
            }) =>
        {
            hours(48.0)
        }
        // "cinco miligramos al día".
        "al" if word(tokens, at + 1) == "dia"
            && !(at.saturating_sub(5)..at).any(|k| word(tokens, k) == "lugar")
            && matches!(
                word(tokens, at.wrapping_sub(1)),
                "vena"
                    | "intravenosa"
                    | "intravenoso"
                    | "boca"
                    | "intramuscular"
                    | "lado"
                    | "fosa"
                    | "narina"
            )
            || word(tokens, at + 1) == "dia"
                && word(tokens, at.wrapping_sub(1)) == ","
                && matches!(word(tokens, at.wrapping_sub(2)), "lado" | "fosa" | "narina") =>
        {
            hours(24.0)
        }
        "al" if word(tokens, at + 1) == "dia"
            && !(at.saturating_sub(5)..at).any(|k| word(tokens, k) == "lugar")
            && dose_unit(word(tokens, at.wrapping_sub(1))).is_some() =>
        {
            let pieces = dose_unit(word(tokens, at - 1)).is_some_and(counts_pieces);
            let one = matches!(word(tokens, at.wrapping_sub(2)), "un" | "una" | "media");
            if pieces && !one { None } else { hours(24.0) }
        }
        "dia" | "noche"
            if matches!(word(tokens, at.wrapping_sub(1)), "un" | "una")
                && (matches!(
                    (word(tokens, at + 1), word(tokens, at + 2), word(tokens, at + 3)),
                    ("a", "la", "semana")
                ) || matches!((word(tokens, at + 1), word(tokens, at + 2)), ("por", "semana"))) =>
        {
            hours(168.0)
        }
        "maximo" => at_most(tokens, at),
        "semanal" | "semanalmente" => hours(168.0),
        "mensual" => hours(720.0),
        "todos" | "todas" if word(tokens, at + 1) == "los" && word(tokens, at + 2) == "dias" => hours(24.0),
        "todas"
            if word(tokens, at + 1) == "las"
                && matches!(word(tokens, at + 2), "noches" | "mananas" | "tardes") =>
        {
            hours(24.0)
        }
        _ => times_at(tokens, at, end),
    }
}

/// "máximo dos días por semana", "máximo dos veces a la semana": how often at the most, not how often.
fn at_most(tokens: &[Token], at: usize) -> Option<Frequency> {
    let number = number_at(tokens, at + 1)?;
    let counted = matches!(word(tokens, number.end), "dias" | "veces");
    let week = number.end + usize::from(counted);
    let weekly = matches!((word(tokens, week), word(tokens, week + 1)), ("por", "semana"))
        || matches!(
            (word(tokens, week), word(tokens, week + 1), word(tokens, week + 2)),
            ("a", "la", "semana")
        );
    let times = if counted {
        format!(" {}", word(tokens, number.end).replace("dias", "días"))
    } else {
        String::new()
    };
    let schedule = format!("máximo {}{times} por semana", plain(number.value));
    weekly.then_some(Frequency { hours: None, schedule: Some(schedule) })
}

/// "tres veces al día", "una al día", "dos por semana", "hasta cuatro veces al día".
fn times_at(tokens: &[Token], at: usize, end: usize) -> Option<Frequency> {
    // The end of a longer number ("cuarenta y tres al día") is no count.
    if word(tokens, at.wrapping_sub(1)) == "y"
        && number_at(tokens, at.wrapping_sub(2)).is_some_and(|n| n.end > at)
    {
        return None;
    }
    let number = number_at(tokens, at)?;
    let mut idx = number.end;
    if matches!(word(tokens, idx), "sola" | "solita") {
        idx += 1;
    }
    if word(tokens, idx) == "o" || word(tokens, idx) == "a" {
        idx = number_at(tokens, idx + 1).map_or(idx, |second| second.end);
    }
    let times = matches!(word(tokens, idx), "veces" | "vez" | "ocasiones" | "tomas" | "dosis");
    if times {
        idx += 1;
    }
    let per_day = matches!((word(tokens, idx), word(tokens, idx + 1)), ("al", "dia") | ("por", "dia"))
        || (word(tokens, idx) == "diarias" || word(tokens, idx) == "diarios")
            && number.value > 1.0
            && number.value <= 4.0;
    let per_week = matches!((word(tokens, idx), word(tokens, idx + 1)), ("a", "la") | ("por", "semana"))
        && (word(tokens, idx + 1) == "semana" || word(tokens, idx + 2) == "semana");
    let per_month = matches!((word(tokens, idx), word(tokens, idx + 1)), ("al", "mes") | ("por", "mes"));
    // "cinco al día": so many milligrams, once.
    let interval_later = (idx..end).any(|k| word(tokens, k) == "cada" && number_at(tokens, k + 1).is_some());
    if per_day && !times && number.value >= 5.0 && word(tokens, idx) == "al" && idx <= end && !interval_later
    {
        return Some(Frequency { hours: Some(24.0), schedule: None });
    }
    if idx > end || number.value <= 0.0 || number.value > 12.0 || number.value.fract() != 0.0 {
        return None;
    }
    let hours = if per_day {
        24.0 / number.value
    } else if per_week {
        168.0 / number.value
    } else if per_month {
        720.0 / number.value
    } else if times && bare_times(tokens, idx, end) && (2.0..=4.0).contains(&number.value) {
        24.0 / number.value
    } else {
        return None;
    };
    if (at.saturating_sub(2)..at).any(|before| word(tokens, before) == "maximo") {
        return Some(Frequency {
            hours: None,
            schedule: Some(format!("máximo {} al día", plain(number.value))),
        })
        .filter(|_| per_day);
    }
    let upper = (at.saturating_sub(2)..at).any(|before| word(tokens, before) == "hasta");
    let weekly =
        (per_week && number.value > 1.0).then(|| format!("{} veces por semana", plain(number.value)));
    let schedule = upper.then(|| format!("hasta {} veces al día", plain(number.value))).or(weekly);
    Some(Frequency { hours: Some(round6(hours)), schedule })
}

/// "losartán de cincuenta, dos veces": the day goes without saying where the clause ends.
fn bare_times(tokens: &[Token], idx: usize, end: usize) -> bool {
    idx >= end
        || tokens.get(idx).is_none_or(Token::is_punct)
        || matches!(word(tokens, idx), "y" | "con")
        || duration_at(tokens, idx).is_some_and(|duration| duration.days >= 1.0)
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::frequency_in;
    use crate::text::TurnDoc;

    fn turn(text: &str) -> TurnDoc {
        TurnDoc::new(Speaker::Doctor, text)
    }

    #[test]
    fn frequencies_are_read_in_hours() {
        for (text, hours) in [
            ("una cada ocho horas", Some(8.0)),
            ("tres veces al día", Some(8.0)),
            ("una en la mañana y una en la noche", Some(12.0)),
            ("una diaria", Some(24.0)),
            ("una al día", Some(24.0)),
            ("en la noche", Some(24.0)),
            ("cada tercer día", Some(48.0)),
            ("una vez por semana", Some(168.0)),
            ("con cada comida", Some(8.0)),
            ("desayuno y cena", Some(12.0)),
            ("dosis única", None),
            ("una tableta", None),
        ] {
            let turn = turn(text);
            assert_eq!(frequency_in(&turn.tokens, 0, turn.tokens.len()).hours, hours, "{text}");
        }
    }
}
