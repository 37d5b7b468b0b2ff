//! Laboratory results: what was measured, how much, and where it stands against the range that came with it.
//!
//! A range is only ever the one printed by the laboratory or typed with the result; none is assumed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::observation::Amount;

/// When a sample was taken, in the local time of the establishment; the hour may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TakenAt {
    /// The day.
    pub day: Date,
    /// Hour and minute, if known.
    pub time: Option<Time>,
}

impl fmt::Display for TakenAt {
    /// `2026-03-09` or `2026-03-09T07:40`: sorts as text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            None => write!(f, "{}", self.day),
            Some(time) => write!(f, "{}T{:02}:{:02}", self.day, time.hour(), time.minute()),
        }
    }
}

/// The text is not a [`TakenAt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Escriba la hora como 07:40")]
pub struct InvalidTime;

impl FromStr for TakenAt {
    type Err = InvalidTime;
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
        let day = day.parse().map_err(|_| InvalidTime)?;
        Ok(Self { day, time: time.map(parse_time).transpose()? })
    }
}

/// Reads `7:40`, `07:40` or `07:40:12`; seconds are dropped.
///
/// # Errors
/// [`InvalidTime`] for anything else.
pub fn parse_time(text: &str) -> Result<Time, InvalidTime> {
    let mut parts = text.trim().split(':');
    let mut next = |optional: bool| match parts.next() {
        Some(part) if (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()) => {
            part.parse::<i8>().map_err(|_| InvalidTime)
        }
        None if optional => Ok(0),
        _ => Err(InvalidTime),
    };
    let (hour, minute, second) = (next(false)?, next(false)?, next(true)?);
    if parts.next().is_some() || second > 59 {
        return Err(InvalidTime);
    }
    Time::new(hour, minute, 0, 0).map_err(|_| InvalidTime)
}

/// That the true value lies beyond the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// Below it.
    Less,
    /// At most it.
    AtMost,
    /// Above it.
    More,
    /// At least it.
    AtLeast,
}

impl Comparator {
    /// The sign as printed.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "≤",
            Self::More => ">",
            Self::AtLeast => "≥",
        }
    }

    /// The comparator a text begins with, and the rest.
    #[must_use]
    pub fn split(text: &str) -> (Option<Self>, &str) {
        const SIGNS: [(&str, Comparator); 6] = [
            ("<=", Comparator::AtMost),
            (">=", Comparator::AtLeast),
            ("≤", Comparator::AtMost),
            ("≥", Comparator::AtLeast),
            ("<", Comparator::Less),
            (">", Comparator::More),
        ];
        let text = text.trim();
        let found = SIGNS.iter().find_map(|(sign, own)| Some((*own, text.strip_prefix(sign)?)));
        found.map_or((None, text), |(own, rest)| (Some(own), rest.trim_start()))
    }
}

/// What a laboratory answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabValue {
    /// A number, or beyond one.
    Quantity {
        /// That the true value lies beyond the number.
        comparator: Option<Comparator>,
        /// The number, exact.
        amount: Amount,
    },
    /// Words: "negativo", "1:80", "escherichia coli".
    Text(String),
}

/// A comma that may mean thousands or decimals: 5,600 is read by one person as five thousand, by another as five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("la coma puede ser de miles o de decimales: escriba el número sin coma, por ejemplo 5600 o 5.6")]
pub struct AmbiguousComma;

impl LabValue {
    /// Reads what was typed or printed: a number with or without comparator, else words.
    ///
    /// # Errors
    /// [`AmbiguousComma`]: a number is never guessed.
    pub fn read(text: &str) -> Result<Self, AmbiguousComma> {
        let (comparator, rest) = Comparator::split(text);
        Ok(match number(rest)? {
            Some(amount) => Self::Quantity { comparator, amount },
            None => Self::Text(text.trim().to_owned()),
        })
    }

    /// The number, when there is one without comparator.
    #[must_use]
    pub fn amount(&self) -> Option<Amount> {
        match self {
            Self::Quantity { amount, .. } => Some(*amount),
            Self::Text(_) => None,
        }
    }
}

impl fmt::Display for LabValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity { comparator: None, amount } => amount.fmt(f),
            Self::Quantity { comparator: Some(sign), amount } => write!(f, "{} {amount}", sign.sign()),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A number as Mexican laboratories print it: decimal point, commas only between thousands. `None` when it is none.
fn number(text: &str) -> Result<Option<Amount>, AmbiguousComma> {
    let text = text.trim().strip_prefix('+').unwrap_or(text.trim());
    if !text.contains(',') {
        return Ok(text.parse().ok());
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let thousands = groups.len() > 1
        && groups[0].len() <= 3
        && groups.iter().all(|group| digits(group))
        && groups[1..].iter().all(|group| group.len() == 3);
    match groups.as_slice() {
        // 5,600 alone says nothing about which comma it is; 0,600 and 5,600,000 and 5,600.5 do.
        [first, _] if thousands && places.is_empty() && *first != "0" => Err(AmbiguousComma),
        _ if thousands && (places.is_empty() || digits(places)) && groups[0] != "0" => {
            Ok(text.replace(',', "").parse().ok())
        }
        [_, rest] if digits(groups[0]) && digits(rest) && places.is_empty() => Ok(text.parse().ok()),
        _ => Ok(None),
    }
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Where it ends.
    pub at: Amount,
    /// Whether the number itself still belongs to it.
    pub inclusive: bool,
}

/// The reference range that came with a result: as printed, and its ends where they can be read without guessing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceRange {
    /// As the laboratory printed it or a person typed it.
    pub printed: String,
    /// The lower end.
    pub low: Option<Bound>,
    /// The upper end.
    pub high: Option<Bound>,
}

impl ReferenceRange {
    /// Reads `70 - 100`, `70 a 100`, `< 200`, `≥ 40`, `hasta 5`, `menor de 200`, `mayor a 40`, `0.5-1.2 mg/dL`.
    /// Anything else (ranges by sex or age, words) is kept as printed, without ends.
    #[must_use]
    pub fn read(printed: &str) -> Self {
        let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        let (low, high) = ends(&printed).unwrap_or((None, None));
        Self { printed, low, high }
    }
}

type Ends = (Option<Bound>, Option<Bound>);

fn ends(printed: &str) -> Option<Ends> {
    let text = printed.to_lowercase();
    let text = text.trim_matches(['(', ')', '[', ']', ' ']);
    let bound = |at, inclusive| Some(Bound { at, inclusive });
    let words: [(&str, Comparator); 11] = [
        ("menor o igual a", Comparator::AtMost),
        ("mayor o igual a", Comparator::AtLeast),
        ("menor de", Comparator::Less),
        ("menor a", Comparator::Less),
        ("menor que", Comparator::Less),
        ("mayor de", Comparator::More),
        ("mayor a", Comparator::More),
        ("mayor que", Comparator::More),
        ("hasta", Comparator::AtMost),
        ("máximo", Comparator::AtMost),
        ("mínimo", Comparator::AtLeast),
    ];
    let worded = words.iter().find_map(|(word, own)| Some((*own, text.strip_prefix(word)?)));
    let (comparator, rest) = match worded {
        Some((own, rest)) => (Some(own), rest),
        None => Comparator::split(text),
    };
    let (first, rest) = leading_number(rest)?;
    if let Some(comparator) = comparator {
        return unit_only(rest).then(|| match comparator {
            Comparator::Less => (None, bound(first, false)),
            Comparator::AtMost => (None, bound(first, true)),
            Comparator::More => (bound(first, false), None),
            Comparator::AtLeast => (bound(first, true), None),
        });
    }
    let rest = rest.trim_start();
    let rest = ["–", "—", "--", "-", "a ", "al ", "to "].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let (second, rest) = leading_number(rest)?;
    (first <= second && unit_only(rest)).then(|| (bound(first, true), bound(second, true)))
}

/// The number a text begins with, and the rest.
fn leading_number(text: &str) -> Option<(Amount, &str)> {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|&(at, c)| !(c.is_ascii_digit() || c == '.' || c == ',' || (at == 0 && c == '-')))
        .map_or(text.len(), |(at, _)| at);
    let (own, rest) = text.split_at(end);
    Some((number(own).ok().flatten()?, rest))
}

/// What may stand after a range: nothing or one unit. Another number there means that the range is another one.
fn unit_only(rest: &str) -> bool {
    let rest = rest.trim();
    rest.is_empty()
        || (rest.split_whitespace().count() == 1
            && !rest
                .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '<' | '>' | ';'))
            && !rest.contains([':', ';', '=']))
}

/// Where a value stands against a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Under the lower end.
    Low,
    /// Inside.
    Within,
    /// Over the upper end.
    High,
}

/// Where the value stands, when value and range allow it to be said with certainty.
#[must_use]
pub fn standing(value: &LabValue, range: &ReferenceRange) -> Option<Standing> {
    let LabValue::Quantity { comparator, amount } = value else { return None };
    let below = |bound: Bound| if bound.inclusive { *amount < bound.at } else { *amount <= bound.at };
    let above = |bound: Bound| if bound.inclusive { *amount > bound.at } else { *amount >= bound.at };
    let (low, high) = (range.low, range.high);
    if low.is_none() && high.is_none() {
        return None;
    }
    let less = matches!(comparator, Some(Comparator::Less | Comparator::AtMost));
    let more = matches!(comparator, Some(Comparator::More | Comparator::AtLeast));
    let (under, over) = (low.is_some_and(below), high.is_some_and(above));
    // "< 5" against "5 - 10": every value it can be lies under the lower end.
    let all_under =
        less && low.is_some_and(|bound| *amount <= bound.at) && !at_edge(*comparator, *amount, low);
    let all_over =
        more && high.is_some_and(|bound| *amount >= bound.at) && !at_edge(*comparator, *amount, high);
    match (less, more) {
        (false, false) if under => Some(Standing::Low),
        (false, false) if over => Some(Standing::High),
        (false, false) => Some(Standing::Within),
        (true, _) if all_under => Some(Standing::Low),
        (_, true) if all_over => Some(Standing::High),
        // "< 5" against "hasta 10", "> 90" against "mayor de 60".
        (true, _) if low.is_none() && !over => Some(Standing::Within),
        (_, true) if high.is_none() && !under => Some(Standing::Within),
        _ => None,
    }
}

/// "≤ 5" against "5 - 10": the value may be exactly the end, which belongs to the range.
fn at_edge(comparator: Option<Comparator>, amount: Amount, bound: Option<Bound>) -> bool {
    matches!(comparator, Some(Comparator::AtMost | Comparator::AtLeast))
        && bound.is_some_and(|bound| bound.inclusive && bound.at == amount)
}

/// What the laboratory itself marked (HL7 table 0078).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabFlag {
    /// Below its range.
    Low,
    /// Above its range.
    High,
    /// Dangerously low.
    CriticalLow,
    /// Dangerously high.
    CriticalHigh,
    /// Not as expected, without direction.
    Abnormal,
}

impl LabFlag {
    /// Reads a code of HL7 table 0078; `None` for "normal" and for codes that mark nothing.
    #[must_use]
    pub fn from_hl7(code: &str) -> Option<Self> {
        Some(match code.trim() {
            "L" => Self::Low,
            "H" => Self::High,
            "LL" | "<" => Self::CriticalLow,
            "HH" | ">" => Self::CriticalHigh,
            "A" | "AA" => Self::Abnormal,
            _ => return None,
        })
    }
}

/// How a result is marked on screens and paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Under the range.
    Low,
    /// Over the range.
    High,
    /// Dangerously low, says the laboratory.
    CriticalLow,
    /// Dangerously high, says the laboratory.
    CriticalHigh,
    /// Marked by the laboratory without direction.
    Abnormal,
}

impl Mark {
    /// The words beside the value: never colour alone.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "Bajo",
            Self::High => "Alto",
            Self::CriticalLow => "Crítico bajo",
            Self::CriticalHigh => "Crítico alto",
            Self::Abnormal => "Anormal",
        }
    }
}

/// One analyte of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabResult {
    /// The name as the laboratory printed it or a person typed it.
    pub analyte: String,
    /// LOINC code, where it is known with certainty.
    pub loinc: Option<String>,
    /// The answer.
    pub value: LabValue,
    /// The unit as printed.
    pub unit: Option<String>,
    /// The unit in UCUM, where the printed one is known.
    pub ucum: Option<String>,
    /// The range that came with it.
    pub range: Option<ReferenceRange>,
    /// What the laboratory marked.
    pub flag: Option<LabFlag>,
    /// The laboratory's remark.
    pub comment: Option<String>,
}

impl LabResult {
    /// What stands beside the value, from the range that came with it and the laboratory's own mark; nothing when
    /// neither says that it is out of range.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        let own = self.range.as_ref().and_then(|range| standing(&self.value, range));
        Some(match (self.flag, own) {
            (Some(LabFlag::CriticalLow), _) => Mark::CriticalLow,
            (Some(LabFlag::CriticalHigh), _) => Mark::CriticalHigh,
            (_, Some(Standing::Low)) | (Some(LabFlag::Low), _) => Mark::Low,
            (_, Some(Standing::High)) | (Some(LabFlag::High), _) => Mark::High,
            (Some(LabFlag::Abnormal), _) => Mark::Abnormal,
            _ => return None,
        })
    }

    /// What the result belongs to in time: the same analyte in the same unit.
    #[must_use]
    pub fn series(&self) -> String {
        let name = match &self.loinc {
            Some(code) => code.clone(),
            None => self.analyte.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(),
        };
        let unit = self.ucum.as_ref().or(self.unit.as_ref());
        format!("{name}|{}", unit.map_or("", String::as_str))
    }
}

/// How a result came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultSource {
    /// Typed.
    Typed,
    /// From a table.
    Csv,
    /// From a message of the laboratory.
    Hl7,
}

impl ResultSource {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Csv => "csv",
            Self::Hl7 => "hl7",
        }
    }

    /// Reads [`ResultSource::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Typed, Self::Csv, Self::Hl7].into_iter().find(|source| source.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Typed => "Capturado a mano",
            Self::Csv => "De un archivo CSV",
            Self::Hl7 => "De un mensaje HL7",
        }
    }
}

/// What happened to a result since it was first written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultState {
    /// As first written.
    Final,
    /// Takes the place of an earlier version.
    Corrected,
    /// Takes an earlier version out without putting another in its place.
    Withdrawn,
}

impl ResultState {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`ResultState::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Final, Self::Corrected, Self::Withdrawn].into_iter().find(|state| state.code() == code)
    }
}

#[cfg(test)]
mod tests;
