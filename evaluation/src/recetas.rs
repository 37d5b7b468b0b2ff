//! `eval recetas`: every annotated prescription that is not heard right, beside what was heard, and the causes counted.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use crate::scorers::Scorers;
use crate::sets::Set;
use crate::understanding::Scratch;

/// How much of the cited words stands in a row.
const WORDS_CHARS: usize = 600;
/// What is compared: the name of an error of the scorer, and what it is called in the table.
const CAUSES: [(&str, &str); 6] = [
    ("rx_dose", "dose"),
    ("rx_frequency", "frequency"),
    ("rx_duration", "duration"),
    ("rx_route", "route"),
    ("rx_prn", "if needed"),
    ("missed", "not heard"),
];

/// Prints the table of the given folders; without one, of the consultations that may be read.
pub(crate) fn run(root: &Path, folders: &[&str]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let shared = root.join("..").join("shared");
    let scorers = match Scorers::find(&shared) {
        Ok(scorers) => scorers,
        Err(why) => return Ok(writeln!(out, "{why}")?),
    };
    let mut folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    if folders.is_empty() {
        let own = root.join("testdata");
        folders = vec![
            shared.join("data").join("consultations"),
            own.join("anotadas").join("ajuste"),
            own.join("marcadas").join("ajuste"),
        ];
    }
    let scratch = Scratch::new()?;
    for folder in folders {
        let Some(set) = Set::read(&folder)? else { continue };
        scratch.annotate(&set)?;
        for consultation in &set.consultations {
            let draft = scribe::draft(&consultation.transcript);
            scratch.write(&scribe::wire::facts(&consultation.id, &draft))?;
        }
        let errors = scratch.errors(&scorers)?;
        table(&mut out, &set, &errors)?;
    }
    Ok(())
}

/// The rows of a set, and how often each cause was met.
fn table(out: &mut impl std::io::Write, set: &Set, errors: &[Value]) -> Result<()> {
    writeln!(out, "\n== {}", set.name)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = 0;
    let mut annotated = 0;
    for consultation in &set.consultations {
        let gold = consultation.annotation["gold"]["prescriptions"].as_array().map(Vec::as_slice);
        for one in gold.unwrap_or_default() {
            annotated += 1;
            let of = |error: &&Value| {
                let name = if error["type"] == "missed" { &error["gold"] } else { &error["drug"] };
                error["id"] == consultation.id.as_str()
                    && name == &one["drug_inn"]
                    && (error["type"] != "missed" || error["kind"] == "prescription")
            };
            let found: Vec<(&str, &Value)> = errors
                .iter()
                .filter(of)
                .filter_map(|error| {
                    let (_, cause) = CAUSES.iter().find(|(name, _)| error["type"] == *name)?;
                    Some((*cause, error))
                })
                .collect();
            if found.is_empty() {
                continue;
            }
            wrong += 1;
            let mut causes = Vec::new();
            for (cause, error) in &found {
                let invented = if error["how"] == "invented" { ", invented" } else { "" };
                causes.push(format!("{cause}{invented}"));
                *counts.entry(format!("{cause}{invented}")).or_default() += 1;
            }
            writeln!(out, "{} {}: {}", consultation.id, one["drug_inn"], causes.join("; "))?;
            writeln!(out, "    said   {}", told(one))?;
            if let Some((_, error)) = found.iter().find(|(_, error)| error["system"].is_object()) {
                writeln!(out, "    heard  {}", told(&error["system"]))?;
            }
            writeln!(out, "    words  {}", words(consultation, &one["evidence_turns"]))?;
        }
    }
    writeln!(out, "{wrong} of {annotated} annotated prescriptions are not heard right")?;
    for (cause, count) in counts {
        writeln!(out, "{count:>6}  {cause}")?;
    }
    Ok(())
}

/// A prescription in one line; what was not said is left out.
fn told(of: &Value) -> String {
    const FIELDS: [&str; 8] = [
        "dose_value",
        "dose_unit",
        "dose_alternatives",
        "route",
        "frequency_hours",
        "schedule",
        "duration_days",
        "prn",
    ];
    let said = FIELDS.iter().filter(|field| !of[**field].is_null() && of[**field] != false);
    said.map(|field| format!("{field} {}", of[*field])).collect::<Vec<_>>().join(", ")
}

/// The turns an annotation cites.
fn words(consultation: &crate::sets::Consultation, turns: &Value) -> String {
    let turns = turns.as_array().map(Vec::as_slice).unwrap_or_default();
    let said: Vec<String> = turns
        .iter()
        .filter_map(Value::as_u64)
        .filter_map(|turn| {
            let turn = consultation.annotation["turns"].get(usize::try_from(turn).ok()?)?;
            let speaker = turn["speaker"].as_str()?.chars().next()?.to_ascii_uppercase();
            Some(format!("{speaker}: {}", turn["text"].as_str()?))
        })
        .collect();
    said.join(" / ").chars().take(WORDS_CHARS).collect()
}
