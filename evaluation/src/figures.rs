//! The scorer's report as named figures, and the table a person reads.

use std::io::Write;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::record::Figures;

/// Kinds in the order of the scorer; the two last are not in the totals.
const KINDS: [&str; 16] = [
    "symptom",
    "denied_symptom",
    "history",
    "denied_history",
    "allergy",
    "current_medication",
    "stopped_medication",
    "vital",
    "finding",
    "result",
    "diagnosis",
    "prescription",
    "order",
    "follow_up",
    "chief_complaint",
    "education",
];
const PARTS: [&str; 3] = ["precision", "recall", "f1"];

/// Figures that stand alone: their name, their place in the report, what they are called in the table.
const SINGLE: [(&str, &str, &str); 18] = [
    ("macro_f1", "/overall_macro_f1", "macro F1 over kinds"),
    ("rx_dose", "/prescription_attributes/dose/accuracy", "prescription: dose right"),
    ("rx_frequency", "/prescription_attributes/frequency/accuracy", "prescription: frequency right"),
    ("rx_duration", "/prescription_attributes/duration/accuracy", "prescription: duration right"),
    ("rx_route", "/prescription_attributes/route/accuracy", "prescription: route right"),
    ("rx_prn", "/prescription_attributes/prn/accuracy", "prescription: if needed, right"),
    ("rx_inn", "/prescription_attributes/inn/accuracy", "prescription: generic name right"),
    ("rx_doses_invented", "/prescription_attributes/dose/invented", "prescription: doses invented"),
    (
        "rx_durations_invented",
        "/prescription_attributes/duration/invented",
        "prescription: durations invented",
    ),
    ("rx_fully_right", "/prescription_fully_right/accuracy", "prescription: all of it right"),
    ("vitals_exact", "/vitals_exact_match", "vital signs with the exact value"),
    ("unsupported", "/hallucination/facts", "facts the cited words do not carry"),
    ("unsupported_rate", "/hallucination/rate", "... as a share of all facts"),
    ("negation_errors", "/negation_errors/total", "\"no\" for \"yes\" or the reverse"),
    ("negation_rate", "/negation_errors/rate", "... as a share of what can be turned"),
    ("family_attribution", "/family_attribution_errors", "given to the wrong person"),
    ("stopped_prescribed", "/stopped_drug_prescribed", "stopped drug given as prescribed"),
    ("encounters", "/encounters", "consultations"),
];

/// Endings of the names of figures that are shares, not counts.
const SHARES: [&str; 11] =
    ["f1", "dose", "frequency", "duration", "route", "prn", "inn", "right", "exact", "rate", "recall"];

/// The figures of a report of `score_consultations.py`.
pub(crate) fn of_report(report: &Value) -> Result<Figures> {
    let mut figures = Figures::new();
    for part in PARTS {
        for kind in KINDS {
            let place = format!("/kinds/{kind}/{part}");
            let value = report.pointer(&place).and_then(Value::as_f64);
            figures.insert(format!("{kind}.{part}"), value.with_context(|| format!("no {place}"))?);
        }
        let value = report.pointer(&format!("/overall_micro/{part}")).and_then(Value::as_f64);
        figures.insert(format!("micro.{part}"), value.context("no overall_micro")?);
    }
    for (name, place, _) in SINGLE {
        // Absent where nothing of the kind was annotated.
        if let Some(value) = report.pointer(place).and_then(Value::as_f64) {
            figures.insert(name.to_owned(), value);
        }
    }
    Ok(figures)
}

/// Prints the table of a set, with the difference to the recorded run where there is one.
pub(crate) fn print(
    out: &mut impl Write,
    name: &str,
    now: &Figures,
    before: Option<&Figures>,
) -> std::io::Result<()> {
    writeln!(out, "\n== {name}")?;
    writeln!(out, "{:<36} {:>6} {:>6} {:>6}  change of F1", "kind", "P", "R", "F1")?;
    for kind in KINDS.into_iter().chain(["micro"]) {
        let value = |part: &str| now.get(&format!("{kind}.{part}")).copied().unwrap_or_default();
        let outside =
            if matches!(kind, "chief_complaint" | "education") { " (not in the totals)" } else { "" };
        writeln!(
            out,
            "{:<36} {:>6.3} {:>6.3} {:>6.3}  {}",
            format!("{kind}{outside}"),
            value("precision"),
            value("recall"),
            value("f1"),
            change(now, before, &format!("{kind}.f1"))
        )?;
    }
    let guard = [
        ("guard_recall", "", "guard: seeded errors found"),
        ("guard_false_alarm_rate", "", "guard: false alarms"),
    ];
    let time = [
        ("ms_median", "", "milliseconds a consultation, median"),
        ("ms_slowest", "", "milliseconds, slowest"),
        ("ms_per_1000_words", "", "milliseconds for 1,000 words"),
    ];
    for (key, _, label) in SINGLE.into_iter().chain(guard).chain(time) {
        if let Some(value) = now.get(key) {
            writeln!(out, "{label:<36} {:>20}  {}", shown(key, *value), change(now, before, key))?;
        }
    }
    Ok(())
}

/// Counts as whole numbers, shares with four places.
fn shown(key: &str, value: f64) -> String {
    let share = SHARES.iter().any(|ending| key.ends_with(ending)) || key.starts_with("ms_");
    if share { format!("{value:.4}") } else { format!("{value:.0}") }
}

/// "+0.012", or nothing where nothing was recorded or nothing changed.
pub(crate) fn change(now: &Figures, before: Option<&Figures>, key: &str) -> String {
    match (now.get(key), before.and_then(|figures| figures.get(key))) {
        (Some(now), Some(before)) if (now - before).abs() >= 0.000_05 => format!("{:+.4}", now - before),
        _ => String::new(),
    }
}
