//! Days and hours as people write them: «el jueves», «mañana en la tarde», «25/11», «3 de diciembre a las 5 y media».

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use crate::letter::MONTHS;

/// Half of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Before noon.
    Morning,
    /// From noon on.
    Afternoon,
}

/// When somebody wants to come; whatever they did not say is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub day: Option<Date>,
    /// The hour. Without "am", "pm" or half of the day, 1 to 7 are in the afternoon: a practice opens at no such hour.
    pub time: Option<Time>,
    /// The half of the day.
    pub half: Option<Half>,
}

const WEEKDAYS: [&str; 7] = ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"];
const HOURS: [&str; 12] =
    ["una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"];

/// Reads when, and returns the words that are no part of it. A second day or hour stays among them, and with it nothing is
/// understood: which one is meant is a person's question.
pub(super) fn read<'a>(words: &[&'a str], today: Date) -> (When, Vec<&'a str>) {
    let mut when = When::default();
    let mut rest = Vec::new();
    let mut at = 0;
    while let Some(here) = words.get(at..).filter(|here| !here.is_empty()) {
        let taken = if let Some((half, taken)) = half(here).filter(|_| when.half.is_none()) {
            when.half = Some(half);
            taken
        } else if let Some((time, taken)) = hour(here).filter(|_| when.time.is_none()) {
            when.time = Some(time);
            taken
        } else if let Some((day, taken)) = day(here, today).filter(|_| when.day.is_none()) {
            when.day = Some(day);
            taken
        } else {
            rest.push(here[0]);
            1
        };
        at += taken;
    }
    settle(&mut when);
    (when, rest)
}

/// An hour without its half of the day gets it.
fn settle(when: &mut When) {
    let Some(time) = when.time else { return };
    let afternoon = match when.half {
        Some(half) => half == Half::Afternoon,
        None => time.hour() <= 7,
    };
    if afternoon && (1..12).contains(&time.hour()) {
        when.time = Time::new(time.hour() + 12, time.minute(), 0, 0).ok();
    }
    when.half = None;
}

fn half(words: &[&str]) -> Option<(Half, usize)> {
    match words {
        ["en" | "por" | "de", "la", "manana", ..] => Some((Half::Morning, 3)),
        ["en" | "por" | "de", "la", "tarde" | "noche", ..] => Some((Half::Afternoon, 3)),
        ["temprano", ..] => Some((Half::Morning, 1)),
        ["am", ..] | ["a", "m"] => {
            Some((Half::Morning, words.len().min(if words[0] == "am" { 1 } else { 2 })))
        }
        ["pm", ..] => Some((Half::Afternoon, 1)),
        _ => None,
    }
}

fn number(word: &str) -> Option<i8> {
    let figures = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    figures.then(|| word.parse().ok()).flatten()
}

/// "a las 5 y media", "17:30", "a la una", "5 pm", "mediodía".
fn hour(words: &[&str]) -> Option<(Time, usize)> {
    let (lead, rest) = match words {
        ["a" | "de" | "como" | "tipo", "las" | "la", rest @ ..] => (2, rest),
        ["las", rest @ ..] => (1, rest),
        ["al", "mediodia", ..] | ["al", "medio", "dia", ..] => {
            return Some((Time::constant(12, 0, 0, 0), if words[1] == "mediodia" { 2 } else { 3 }));
        }
        _ => (0, words),
    };
    let first = *rest.first()?;
    if let Some((hour, minute)) = first.split_once(':') {
        let minute = (minute.len() == 2).then(|| number(minute)).flatten()?;
        let time = Time::new(number(hour)?, minute, 0, 0).ok()?;
        return Some((time, lead + 1 + unit(rest.get(1))));
    }
    let spoken = HOURS.iter().position(|name| *name == first).and_then(|at| i8::try_from(at + 1).ok());
    // A bare figure is an hour only where it is said to be one: else it is a day.
    let said = lead > 0 || matches!(rest.get(1), Some(&("am" | "pm" | "hrs" | "h" | "horas")));
    let hour = if said { spoken.or_else(|| number(first)) } else { None }?;
    let (minute, more) = match rest.get(1..3) {
        Some(["y", "media"]) => (30, 2),
        Some(["y", "cuarto"]) => (15, 2),
        _ => (0, 0),
    };
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some((time, lead + 1 + more + unit(rest.get(1 + more))))
}

fn unit(word: Option<&&str>) -> usize {
    usize::from(matches!(word, Some(&("h" | "hrs" | "horas" | "hr"))))
}

fn lead(words: &[&str]) -> usize {
    match words {
        ["para" | "en" | "a", "el", ..] => 2,
        ["el" | "al" | "para" | "este" | "a", ..] => 1,
        _ => 0,
    }
}

/// The day, never before today.
fn day(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let mut taken = lead(words);
    let mut rest = words.get(taken..)?;
    let next = matches!(rest.first(), Some(&("proximo" | "siguiente")));
    if next {
        taken += 1;
        rest = rest.get(1..)?;
    }
    let (day, more) = match rest {
        ["hoy", ..] => (today, 1),
        ["pasado", "manana", ..] => (today.checked_add(2.days()).ok()?, 2),
        ["manana", ..] => (today.checked_add(1.day()).ok()?, 1),
        [name, after @ ..] if WEEKDAYS.contains(name) => {
            let wanted = WEEKDAYS.iter().position(|one| one == name)?;
            let coming = weekday(wanted, today)?;
            // «el lunes 30», «el jueves 3 de diciembre»: both must be one day.
            if let Some((dated, more)) = figures(after, today) {
                (weekday_is(dated, wanted).then_some(dated)?, 1 + more)
            } else {
                match after {
                    ["que", "viene", ..] => (coming, 3),
                    ["proximo", ..] => (coming, 2),
                    _ => (coming, 1),
                }
            }
        }
        _ if next => return None,
        _ => {
            let bare = rest.first().is_some_and(|word| number(word).is_some());
            let dated = figures(rest, today)?;
            // A bare number is a day only after «el» or «al».
            if bare && dated.1 == 1 && taken == 0 {
                return None;
            }
            dated
        }
    };
    Some((day, taken + more))
}

fn weekday_is(day: Date, wanted: usize) -> bool {
    usize::try_from(day.weekday().to_monday_zero_offset()).is_ok_and(|found| found == wanted)
}

/// The next such day, not today: who means today says so.
fn weekday(wanted: usize, today: Date) -> Option<Date> {
    (1..=7)
        .filter_map(|days| today.checked_add(i64::from(days).days()).ok())
        .find(|day| weekday_is(*day, wanted))
}

/// "25/11", "25/11/2026", "3 de diciembre", "30".
fn figures(words: &[&str], today: Date) -> Option<(Date, usize)> {
    let first = *words.first()?;
    if let Some((day, month)) = first.split_once(['/', '-']) {
        let (month, year) = match month.split_once(['/', '-']) {
            Some((month, year)) => (month, Some(year)),
            None => (month, None),
        };
        let (day, month) = (number(day)?, number(month)?);
        let day = match year {
            Some(year) if year.len() == 4 => {
                Date::new(year.parse().ok()?, month, day).ok().filter(|day| *day >= today)?
            }
            Some(_) => return None,
            None => coming(day, month, today)?,
        };
        return Some((day, 1));
    }
    let day = number(first)?;
    if let ["de", month, ..] = words.get(1..)?
        && let Some(at) = MONTHS.iter().position(|name| name == month)
    {
        let day = coming(day, i8::try_from(at + 1).ok()?, today)?;
        return Some((day, 3));
    }
    let later = |months: i64| {
        let month = today.first_of_month().checked_add(months.months()).ok()?;
        Date::new(month.year(), month.month(), day).ok().filter(|day| *day >= today)
    };
    // The next month that has such a day.
    (0..=2).find_map(later).map(|day| (day, 1))
}

/// This year or the next.
fn coming(day: i8, month: i8, today: Date) -> Option<Date> {
    let year = today.year();
    [year, year.checked_add(1)?]
        .into_iter()
        .find_map(|year| Date::new(year, month, day).ok().filter(|day| *day >= today))
}
