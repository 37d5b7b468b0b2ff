//! A table of results: columns named in Spanish, one result a line, every fault with its line.
//!
//! Columns: `fecha`, `estudio`, `resultado` are needed; `hora`, `unidad`, `referencia`, `laboratorio`, `grupo`,
//! `comentario` are not. Separated by commas, semicolons or tabs; quotes as in RFC 4180.

use clinical::laboratory::{LabResult, LabValue, ReferenceRange, ResultSource, TakenAt, parse_time};
use clinical::person::parse_date;
use terminology::fold::fold;

use crate::text::tidy;
use crate::{Fault, Incoming, IncomingReport, IncomingResult, MAX_RESULTS, catalog};

/// The columns a table may have, in any order.
const COLUMNS: [&str; 9] =
    ["fecha", "hora", "estudio", "resultado", "unidad", "referencia", "laboratorio", "grupo", "comentario"];
/// The columns it must have.
const NEEDED: [&str; 3] = ["fecha", "estudio", "resultado"];

/// A record with the number of the line it begins on, from 1.
struct Record {
    line: usize,
    cells: Vec<String>,
}

pub(crate) fn read(text: &str) -> Result<Incoming, Vec<Fault>> {
    let records = records(text).map_err(|fault| vec![fault])?;
    let Some((head, rows)) = records.split_first() else {
        return Err(vec![Fault::new("Archivo", "está vacío; elija otro")]);
    };
    let places = header(head)?;
    let mut faults = Vec::new();
    let mut reports: Vec<IncomingReport> = Vec::new();
    if rows.is_empty() {
        faults.push(Fault::new(
            "Archivo",
            "solo tiene los nombres de las columnas; agregue un renglón por resultado",
        ));
    }
    for record in rows {
        match row(record, &places) {
            Ok(read) => add(&mut reports, read),
            Err(mut wrong) => faults.append(&mut wrong),
        }
    }
    if faults.is_empty() {
        Ok(Incoming { source: ResultSource::Csv, subject: None, reports, notes: Vec::new() })
    } else {
        Err(faults)
    }
}

/// Joins results of the same sample into one report.
fn add(reports: &mut Vec<IncomingReport>, read: IncomingReport) {
    let same = |other: &&mut IncomingReport| {
        other.taken == read.taken && other.laboratory == read.laboratory && other.panel == read.panel
    };
    match reports.iter_mut().find(same) {
        Some(report) => report.results.extend(read.results),
        None => reports.push(read),
    }
}

/// Where each of [`COLUMNS`] stands.
fn header(head: &Record) -> Result<[Option<usize>; 9], Vec<Fault>> {
    let names: Vec<String> = head.cells.iter().map(|cell| fold(cell)).collect();
    let places = COLUMNS.map(|column| names.iter().position(|name| name == column));
    let mut faults = Vec::new();
    for (column, place) in COLUMNS.iter().zip(places) {
        if place.is_none() && NEEDED.contains(column) {
            let message =
                format!("falta la columna «{column}»; el primer renglón debe decir: {}", COLUMNS.join(", "));
            faults.push(Fault::new(format!("Renglón {}", head.line), message));
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(faults) }
}

fn row(record: &Record, places: &[Option<usize>; 9]) -> Result<IncomingReport, Vec<Fault>> {
    let place = format!("Renglón {}", record.line);
    let cell = |column: usize| {
        let at = places.get(column).copied().flatten();
        at.and_then(|at| record.cells.get(at)).map_or("", |cell| cell.trim())
    };
    let mut faults = Vec::new();
    let mut fail = |message: &str| faults.push(Fault::new(&place, message));
    let day = parse_date(cell(0));
    if day.is_err() {
        fail("en «fecha» escriba día/mes/año, por ejemplo 09/03/2026");
    }
    let time = tidy(cell(1)).map(|time| parse_time(&time)).transpose();
    if time.is_err() {
        fail("en «hora» escriba hora y minutos, por ejemplo 07:40, o déjela vacía");
    }
    let analyte = tidy(cell(2));
    if analyte.is_none() {
        fail("en «estudio» escriba qué se midió");
    }
    let value = LabValue::read(cell(3));
    if cell(3).is_empty() {
        fail("en «resultado» escriba el número o el texto");
    }
    if let Err(ambiguous) = value {
        fail(&format!("en «resultado» {ambiguous}"));
    }
    if record.cells.iter().any(|cell| cell.chars().count() > 1000) {
        fail("hay una celda de más de 1000 letras; revise las comillas");
    }
    let (Ok(day), Ok(time), Some(analyte), Ok(value), true) = (day, time, analyte, value, faults.is_empty())
    else {
        return Err(faults);
    };
    let result = LabResult {
        analyte,
        loinc: None,
        value,
        unit: tidy(cell(4)),
        ucum: None,
        range: tidy(cell(5)).map(|range| ReferenceRange::read(&range)),
        flag: None,
        comment: tidy(cell(8)),
    };
    let result = catalog::completed(result);
    Ok(IncomingReport {
        panel: tidy(cell(7)),
        laboratory: tidy(cell(6)),
        taken: TakenAt { day, time },
        results: vec![IncomingResult { place, result, corrects: false }],
    })
}

/// The records of the table. The separator is the one the first line has most of.
fn records(text: &str) -> Result<Vec<Record>, Fault> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [',', ';', '\t'].into_iter().max_by_key(|sign| first.matches(*sign).count()).unwrap_or(',');
    let mut records = Vec::new();
    let mut record = Record { line: 1, cells: Vec::new() };
    let (mut cell, mut quoted, mut line) = (String::new(), false, 1);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' | '\n' => {
                if letter == '\r' && letters.peek() == Some(&'\n') {
                    letters.next();
                }
                line += 1;
                if quoted {
                    cell.push('\n');
                    continue;
                }
                record.cells.push(std::mem::take(&mut cell));
                let next = Record { line, cells: Vec::new() };
                push(&mut records, std::mem::replace(&mut record, next))?;
            }
            letter if letter == separator && !quoted => record.cells.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    if quoted {
        return Err(Fault::new(format!("Renglón {}", record.line), "una comilla se abre y no se cierra"));
    }
    record.cells.push(cell);
    push(&mut records, record)?;
    Ok(records)
}

/// Keeps a record unless it is an empty line.
fn push(records: &mut Vec<Record>, record: Record) -> Result<(), Fault> {
    if record.cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(());
    }
    if records.len() > MAX_RESULTS {
        return Err(Fault::new(
            "Archivo",
            format!("tiene más de {MAX_RESULTS} renglones; divídalo en varios"),
        ));
    }
    records.push(record);
    Ok(())
}

#[cfg(test)]
mod tests;
