//! Prescriptions as they are dictated in a consulting room, each with the exact answer: `testdata/dictadas`.

use std::path::Path;

use clinical::transcript::Transcript;
use scribe::facts::{ClinicalFact, FactKind};

/// One row of a table: what is said, and the medicines it is to be understood as.
struct Row {
    said: String,
    medicines: Vec<Medicine>,
}

/// A medicine as it is to be understood; an empty list says that nothing of the sort was said.
#[derive(Default)]
struct Medicine {
    taken: bool,
    names: Vec<String>,
    doses: Vec<(f64, String)>,
    hours: Option<f64>,
    days: Vec<f64>,
    schedule: Vec<String>,
    route: Option<String>,
    prn: bool,
}

fn folded(text: &str) -> String {
    terminology::fold::fold(text)
}

/// A dose with its unit as the scorer of the project compares it: pieces are pieces, milligrams milligrams.
fn dose(value: f64, unit: &str) -> (f64, String) {
    let unit = folded(unit);
    let unit = unit.split(' ').next().unwrap_or_default();
    let (factor, unit) = match unit.trim_end_matches('s') {
        "mg" => (1.0, "mg"),
        "g" => (1000.0, "mg"),
        "tableta" | "capsula" | "gragea" | "sobre" | "ampolleta" => (1.0, "pieza"),
        "disparo" | "inhalacion" | "inhalacione" | "atomizacion" | "atomizacione" => (1.0, "disparo"),
        "ui" | "unidad" | "unidade" => (1.0, "unidad"),
        other => (1.0, other),
    };
    ((value * factor * 1e4).round() / 1e4, unit.to_owned())
}

fn medicine(text: &str) -> Medicine {
    let mut parts = text.split(';').map(str::trim);
    let names = parts.next().unwrap();
    let taken = names.starts_with("m ");
    let names = names.strip_prefix("m ").unwrap_or(names).split('|').map(folded).collect();
    let mut medicine = Medicine { taken, names, ..Medicine::default() };
    for part in parts {
        if part == "prn" {
            medicine.prn = true;
        } else if let Some(route) = part.strip_prefix("r:") {
            medicine.route = Some(route.to_owned());
        } else if let Some(words) = part.strip_prefix("s:") {
            medicine.schedule = words.split(' ').map(folded).collect();
        } else if let Some(hours) = part.strip_prefix('h') {
            medicine.hours = Some(hours.parse().unwrap());
        } else if let Some(days) = part.strip_prefix('d') {
            medicine.days = days.split('|').map(|day| day.parse().unwrap()).collect();
        } else if part != "-" {
            medicine.doses = part
                .split('|')
                .map(|one| {
                    let (value, unit) = one.trim().split_once(' ').unwrap();
                    dose(value.parse().unwrap(), unit)
                })
                .collect();
        }
    }
    medicine
}

fn table(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/dictadas").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|line| {
        let (said, expected) = line.split_once(" => ").unwrap();
        Row { said: said.replace(" / ", "\n"), medicines: expected.split(" ++ ").map(medicine).collect() }
    })
    .collect()
}

/// What of a medicine was understood otherwise than it was said; nothing when all is right.
fn faults(wanted: &Medicine, found: &ClinicalFact) -> Vec<String> {
    let a = &found.attributes;
    let mut faults = Vec::new();
    let given = a.dose_value.map(|value| dose(value, a.dose_unit.as_deref().unwrap_or_default()));
    let right = match &given {
        Some((value, unit)) => {
            wanted.doses.iter().any(|(w, u)| (w - value).abs() < 0.01 && u == unit)
                || wanted.doses.is_empty() && unit == "aplicacion"
        }
        None => wanted.doses.is_empty() || wanted.doses.iter().all(|(_, unit)| unit == "aplicacion"),
    };
    if !right {
        faults.push(format!("dose {given:?}"));
    }
    let schedule = a.schedule.as_deref().unwrap_or_default();
    let heard = format!(" {} ", folded(schedule).replace([',', '.', ';'], ""));
    let kept = wanted.schedule.iter().filter(|word| heard.contains(word.as_str())).count();
    let scheme = wanted.schedule.is_empty() || kept as f64 >= 0.6 * wanted.schedule.len() as f64;
    let right = match wanted.hours {
        Some(hours) => a.frequency_hours.is_some_and(|found| (found - hours).abs() < 0.01) && scheme,
        None if wanted.schedule.is_empty() => a.frequency_hours.is_none(),
        None => scheme,
    };
    if !right {
        faults.push(format!("frequency {:?} {schedule:?}", a.frequency_hours));
    }
    let days_right = match a.duration_days {
        Some(days) => {
            wanted.days.contains(&days) || wanted.schedule.contains(&"unica".to_owned()) && days <= 1.0
        }
        None => wanted.days.is_empty(),
    };
    if !days_right && !wanted.taken && (wanted.hours.is_some() || !wanted.days.is_empty()) {
        faults.push(format!("duration {:?}", a.duration_days));
    }
    if wanted.route.is_some() && a.route != wanted.route {
        faults.push(format!("route {:?}", a.route));
    }
    if a.prn != wanted.prn && !wanted.taken {
        faults.push(format!("if needed {}", a.prn));
    }
    faults
}

/// What is wrong in what a row was understood as.
fn judged(row: &Row) -> Vec<String> {
    let transcript: Transcript = scribe::parse::transcript(row.said.as_bytes()).unwrap();
    let facts = scribe::draft(&transcript).facts;
    let mut wrong = Vec::new();
    for wanted in &row.medicines {
        let kind = if wanted.taken { FactKind::CurrentMedication } else { FactKind::Prescription };
        let found = facts.iter().find(|fact| fact.kind == kind && wanted.names.contains(&folded(&fact.name)));
        match found {
            Some(found) => wrong.extend(faults(wanted, found)),
            None => wrong.push(format!("no {} {}", kind.code(), wanted.names[0])),
        }
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Prescription) {
        if !row.medicines.iter().any(|wanted| wanted.names.contains(&folded(&fact.name))) {
            wrong.push(format!("prescription of {}", fact.name));
        }
    }
    wrong
}

/// At least so many of a table are right in every part.
fn check(name: &str, least: usize) {
    let rows = table(name);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let wrong = judged(row);
            (!wrong.is_empty()).then(|| format!("{}\n      {}", row.said, wrong.join("; ")))
        })
        .collect();
    let right = rows.len() - wrong.len();
    assert!(right >= least, "{right} of {} right\n{}", rows.len(), wrong.join("\n"));
}

#[test]
fn dictated_prescriptions_are_understood_in_every_part() {
    check("recetas.txt", 331);
}
