//! What an ORU^R01 message says: whose results, of which sample, and each OBX as a result.

use std::str::FromStr;

use clinical::identifiers::Curp;
use clinical::laboratory::{Comparator, LabFlag, LabResult, LabValue, ReferenceRange, ResultSource, TakenAt};
use clinical::observation::Amount;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use super::{Message, Segment};
use crate::text::{tidy, tidy_lines};
use crate::{Fault, Incoming, IncomingReport, IncomingResult, MAX_RESULTS, Subject, catalog};

/// Longest text of one result.
const MAX_TEXT: usize = 10_000;

pub(super) fn read(message: &Message<'_>, zone: &TimeZone) -> Result<Incoming, Vec<Fault>> {
    check_head(message).map_err(|fault| vec![fault])?;
    let mut reader = Reader {
        zone,
        incoming: Incoming {
            source: ResultSource::Hl7,
            subject: None,
            reports: Vec::new(),
            notes: Vec::new(),
        },
        faults: Vec::new(),
        order: None,
        sender: message.segments.first().and_then(|msh| tidy(&msh.component(4, 1))),
        last_had_result: false,
    };
    for segment in &message.segments {
        match segment.name {
            "PID" => reader.pid(segment),
            "OBR" => reader.obr(segment),
            "OBX" => reader.obx(segment),
            "NTE" => reader.nte(segment),
            _ => {}
        }
    }
    reader.finish()
}

fn check_head(message: &Message<'_>) -> Result<(), Fault> {
    let Some(msh) = message.segments.first() else { return Ok(()) };
    let kind = (msh.component(9, 1), msh.component(9, 2));
    if kind.0 != "ORU" || !matches!(kind.1.as_str(), "R01" | "") {
        return Err(Fault::new(
            msh.place(9),
            "el mensaje no es de resultados (ORU^R01); pida al laboratorio el mensaje de resultados",
        ));
    }
    if !msh.component(12, 1).starts_with("2.") {
        return Err(Fault::new(msh.place(12), "la versión debe ser 2.x; pida un mensaje HL7 versión 2"));
    }
    for charset in msh.repetitions(18) {
        let name = charset.trim().to_uppercase().replace(['-', '_'], " ");
        let known =
            ["", "ASCII", "8859/1", "8859 1", "ISO8859 1", "UNICODE UTF 8", "UTF 8", "ISO IR6", "ISO IR100"];
        if !known.contains(&name.as_str()) && !name.starts_with("ISO 8859") {
            return Err(Fault::new(msh.place(18), "el juego de caracteres debe ser 8859/1 o UNICODE UTF-8"));
        }
    }
    Ok(())
}

/// The order the results that follow belong to.
struct Order {
    panel: Option<String>,
    taken: Option<TakenAt>,
}

struct Reader<'a> {
    zone: &'a TimeZone,
    incoming: Incoming,
    faults: Vec<Fault>,
    order: Option<Order>,
    sender: Option<String>,
    /// Whether a remark that follows belongs to a result.
    last_had_result: bool,
}

impl Reader<'_> {
    fn fail(&mut self, place: impl ToString, message: &str) {
        self.faults.push(Fault::new(place, message));
    }

    fn pid(&mut self, segment: &Segment<'_>) {
        if self.incoming.subject.is_some() {
            self.fail(segment.place(3), "el mensaje trae a más de un paciente; suba un mensaje por paciente");
            return;
        }
        let curp = segment
            .repetitions(3)
            .chain(segment.repetitions(2))
            .chain(segment.repetitions(4))
            .find_map(|repetition| Curp::parse(&segment.component_of(repetition, 1)).ok());
        // Given, second given, family; a mother's name in PID-6 is the second surname where PID-5 has only one.
        let parts = [segment.component(5, 2), segment.component(5, 3), segment.component(5, 1)];
        let birth_date = match segment.component(7, 1).as_str() {
            "" => None,
            written => match date(written.get(..8).unwrap_or(written)) {
                Some(date) => Some(date),
                None => {
                    self.fail(segment.place(7), "la fecha de nacimiento debe escribirse AAAAMMDD");
                    None
                }
            },
        };
        let name = tidy(&parts.join(" ")).unwrap_or_default();
        self.incoming.subject = Some(Subject { name, birth_date, curp });
    }

    fn obr(&mut self, segment: &Segment<'_>) {
        let panel = tidy(&segment.component(4, 2)).or_else(|| tidy(&segment.component(4, 1)));
        let written = segment.component(7, 1);
        let taken = if written.is_empty() { None } else { self.moment(&written) };
        if taken.is_none() && !written.is_empty() {
            self.fail(segment.place(7), "la fecha de la toma debe escribirse AAAAMMDD o AAAAMMDDHHMM");
        }
        self.order = Some(Order { panel, taken });
        self.last_had_result = false;
    }

    fn obx(&mut self, segment: &Segment<'_>) {
        self.last_had_result = false;
        let Some(order) = &self.order else {
            self.fail(
                format!("Segmento OBX {} (línea {})", segment.nth, segment.line),
                "viene antes de su OBR",
            );
            return;
        };
        let (panel, ordered) = (order.panel.clone(), order.taken);
        let analyte = tidy(&segment.component(3, 2)).or_else(|| tidy(&segment.component(3, 1)));
        let Some(analyte) = analyte else {
            self.fail(segment.place(3), "falta el nombre de lo que se midió");
            return;
        };
        let corrects = match segment.component(11, 1).as_str() {
            "F" | "P" | "R" | "S" | "U" | "" => false,
            "C" => true,
            "I" | "X" | "N" | "O" => {
                let why = "el laboratorio todavía no tiene el resultado o no pudo obtenerlo";
                self.incoming.notes.push(format!("{analyte}: {why}; no se guarda."));
                return;
            }
            "D" | "W" => {
                let message =
                    "el laboratorio retira este resultado; retírelo en el expediente y quite el renglón";
                self.fail(segment.place(11), message);
                return;
            }
            _ => {
                self.fail(segment.place(11), "el estado debe ser F (final), C (corregido) o P (preliminar)");
                return;
            }
        };
        let value = match value(segment) {
            Ok(Some(value)) => value,
            Ok(None) => {
                self.incoming.notes.push(format!("{analyte}: viene sin valor; no se guarda."));
                return;
            }
            Err(fault) => {
                self.faults.push(fault);
                return;
            }
        };
        let own = segment.component(14, 1);
        let taken = if own.is_empty() { None } else { self.moment(&own) };
        if taken.is_none() && !own.is_empty() {
            self.fail(segment.place(14), "la fecha debe escribirse AAAAMMDD o AAAAMMDDHHMM");
        }
        let Some(taken) = ordered.or(taken) else {
            self.fail(segment.place(14), "falta la fecha de la toma (OBR-7 u OBX-14)");
            return;
        };
        let laboratory = tidy(&segment.component(23, 1))
            .or_else(|| tidy(&segment.component(15, 2)))
            .or_else(|| self.sender.clone());
        let result = catalog::completed(result(segment, analyte, value));
        let place = format!("OBX {} (línea {})", segment.nth, segment.line);
        self.add(panel, laboratory, taken, IncomingResult { place, result, corrects });
        self.last_had_result = true;
    }

    fn add(
        &mut self,
        panel: Option<String>,
        laboratory: Option<String>,
        taken: TakenAt,
        result: IncomingResult,
    ) {
        let same = |report: &&mut IncomingReport| {
            report.panel == panel && report.laboratory == laboratory && report.taken == taken
        };
        match self.incoming.reports.last_mut().filter(same) {
            Some(report) => report.results.push(result),
            None => {
                self.incoming.reports.push(IncomingReport {
                    panel,
                    laboratory,
                    taken,
                    results: vec![result],
                });
            }
        }
    }

    /// A remark belongs to the result before it.
    fn nte(&mut self, segment: &Segment<'_>) {
        let lines: Vec<String> = segment.repetitions(3).map(|line| segment.text_of(line)).collect();
        let Some(text) = tidy_lines(&lines.join("\n")) else { return };
        let last = self.incoming.reports.last_mut().and_then(|report| report.results.last_mut());
        let (Some(last), true) = (last, self.last_had_result) else { return };
        let comment = &mut last.result.comment;
        *comment = Some(comment.take().map_or(text.clone(), |before| format!("{before}\n{text}")));
    }

    /// `AAAAMMDD[HHMM[SS[.S]]][+ZZZZ]` in the local time of the establishment.
    fn moment(&self, written: &str) -> Option<TakenAt> {
        let at = written.find(['+', '-']);
        let (local, zone) = written.split_at(at.unwrap_or(written.len()));
        let day = date(local.get(..8)?)?;
        let time = match local.get(8..)? {
            "" => return zone.is_empty().then_some(TakenAt { day, time: None }),
            clock => time(clock)?,
        };
        if zone.is_empty() {
            return Some(TakenAt { day, time: Some(time) });
        }
        let local = Offset::from_seconds(offset(zone)?).ok()?.to_timestamp(day.to_datetime(time)).ok()?;
        let here = self.zone.to_datetime(local);
        Some(TakenAt { day: here.date(), time: Some(here.time()) })
    }

    fn finish(mut self) -> Result<Incoming, Vec<Fault>> {
        if self.incoming.reports.is_empty() && self.faults.is_empty() {
            let why = match self.incoming.notes.first() {
                Some(note) => format!("no trae ningún resultado que guardar. {note}"),
                None => "no trae ningún resultado (segmentos OBX)".to_owned(),
            };
            self.faults.push(Fault::new("Archivo", why));
        }
        let count: usize = self.incoming.reports.iter().map(|report| report.results.len()).sum();
        if count > MAX_RESULTS {
            let message = format!("tiene más de {MAX_RESULTS} resultados; pídalo dividido");
            self.faults.push(Fault::new("Archivo", message));
        }
        if self.faults.is_empty() { Ok(self.incoming) } else { Err(self.faults) }
    }
}

fn result(segment: &Segment<'_>, analyte: String, value: LabValue) -> LabResult {
    // Of the two codings of OBX-3, the one that says it is LOINC.
    let coding = [(1, 3), (4, 6)].into_iter().find(|(_, system)| segment.component(3, *system) == "LN");
    let loinc = coding.map(|(code, _)| segment.component(3, code)).filter(|code| catalog::is_loinc(code));
    let unit = tidy(&segment.component(6, 2)).or_else(|| tidy(&segment.component(6, 1)));
    let is_ucum = segment.component(6, 3).eq_ignore_ascii_case("UCUM");
    let ucum = is_ucum.then(|| tidy(&segment.component(6, 1))).flatten();
    let range = tidy(&segment.text_of(segment.raw(7))).map(|range| ReferenceRange::read(&range));
    let flag = segment.repetitions(8).find_map(|code| LabFlag::from_hl7(&segment.component_of(code, 1)));
    LabResult { analyte, loinc, value, unit, ucum, range, flag, comment: None }
}

/// OBX-5 read as OBX-2 says. `None` when there is no value.
fn value(segment: &Segment<'_>) -> Result<Option<LabValue>, Fault> {
    let kind = segment.component(2, 1);
    let whole: Vec<String> = segment.repetitions(5).map(|part| segment.text_of(part)).collect();
    let Some(text) = tidy_lines(&whole.join("\n")) else { return Ok(None) };
    if text == "\"\"" {
        return Ok(None);
    }
    if text.chars().count() > MAX_TEXT {
        return Err(Fault::new(segment.place(5), "el texto es demasiado largo; agréguelo como archivo"));
    }
    let one = segment.repetitions(5).count() == 1;
    match kind.as_str() {
        "NM" => {
            let plain = text.strip_prefix('+').unwrap_or(&text);
            let plain = if plain.starts_with('.') { format!("0{plain}") } else { plain.to_owned() };
            let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
            if !one || !plain.chars().all(digits) || plain.parse::<f64>().is_err() {
                return Err(Fault::new(
                    segment.place(5),
                    "dice ser un número (NM) y no lo es; pida que lo corrijan",
                ));
            }
            // More decimals than are kept exactly stay as they were printed.
            Ok(Some(
                Amount::from_str(&plain)
                    .map_or(LabValue::Text(plain), |amount| LabValue::Quantity { comparator: None, amount }),
            ))
        }
        "SN" => structured(segment).map(Some),
        "ST" if one => {
            LabValue::read(&text).map(Some).map_err(|ambiguous| Fault::new(segment.place(5), ambiguous))
        }
        "TX" | "FT" | "ST" => Ok(Some(LabValue::Text(text))),
        "CE" | "CWE" => {
            let words: Vec<String> = segment
                .repetitions(5)
                .filter_map(|part| {
                    tidy(&segment.component_of(part, 2)).or_else(|| tidy(&segment.component_of(part, 1)))
                })
                .collect();
            Ok((!words.is_empty()).then(|| LabValue::Text(words.join("\n"))))
        }
        "ED" | "RP" => Err(Fault::new(
            segment.place(2),
            "el resultado viene como documento adentro del mensaje; pídalo en PDF y agréguelo en Archivos",
        )),
        _ => Err(Fault::new(segment.place(2), "el tipo de valor debe ser NM, SN, ST, TX, FT o CE")),
    }
}

/// SN: comparator, number, separator, number: `>^100`, `^1^:^128`, `^10^-^20`.
fn structured(segment: &Segment<'_>) -> Result<LabValue, Fault> {
    let [sign, first, separator, second] = [1, 2, 3, 4].map(|part| segment.component(5, part));
    let wrong =
        || Fault::new(segment.place(5), "el valor estructurado (SN) no se entiende; pida que lo corrijan");
    let number = |text: &str| Amount::from_str(text).ok().filter(|_| !text.contains(','));
    let amount = number(&first).ok_or_else(wrong)?;
    match (separator.as_str(), second.as_str()) {
        ("", "") => {
            let (comparator, rest) = Comparator::split(&sign);
            if !rest.is_empty() && rest != "=" {
                return Err(wrong());
            }
            Ok(LabValue::Quantity { comparator, amount })
        }
        ("+", "") => Ok(LabValue::Text(format!("{sign}{first}+"))),
        (":" | "/" | "-", second) if number(second).is_some() => {
            Ok(LabValue::Text(format!("{sign}{first}{separator}{second}")))
        }
        _ => Err(wrong()),
    }
}

fn digits(text: &str) -> Option<i16> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// `AAAAMMDD`.
fn date(text: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(digits);
    if text.len() != 8 {
        return None;
    }
    let (month, day) = (i8::try_from(part(4..6)?).ok()?, i8::try_from(part(6..8)?).ok()?);
    Date::new(part(0..4)?, month, day).ok()
}

/// `HHMM[SS[.SSSS]]`; seconds are dropped. An hour without minutes is not exact enough to keep.
fn time(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(fraction.get(..fraction.len().min(4))?)?;
    if !matches!(whole.len(), 4 | 6) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| whole.get(range).and_then(digits);
    if whole.len() == 6 && part(4..6)? > 59 {
        return None;
    }
    Time::new(i8::try_from(part(0..2)?).ok()?, i8::try_from(part(2..4)?).ok()?, 0, 0).ok()
}

/// `+HHMM` or `-HHMM` in seconds.
fn offset(text: &str) -> Option<i32> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(digits).map(i32::from);
    (text.len() == 5).then_some(())?;
    Some(sign * (part(1..3)? * 3600 + part(3..5)? * 60))
}
