//! The command's lines: one JSON question in, one JSON answer out (design, section 8).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Alert, CheckInput, Drug};

/// Why a line was refused.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Not JSON of the agreed shape.
    #[error("la línea no es una consulta válida: {0}")]
    Malformed(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: Value,
    drugs: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: Value,
    alerts: &'a [Alert],
    unknown: &'a [String],
    missing_inputs: &'a [String],
}

/// Answers one line: every medicine of it counts as proposed.
///
/// # Errors
/// [`WireError::Malformed`] for a line that is not a question.
pub fn answer(line: &str) -> Result<String, WireError> {
    let question: Question = serde_json::from_str(line)?;
    let proposed = question.drugs.iter().map(|name| Drug::named(name)).collect();
    let report = crate::check(&CheckInput { proposed, ..CheckInput::default() });
    let answer = Answer {
        id: question.id,
        alerts: &report.alerts,
        unknown: &report.unknown,
        missing_inputs: &report.missing_inputs,
    };
    Ok(serde_json::to_string(&answer)?)
}
