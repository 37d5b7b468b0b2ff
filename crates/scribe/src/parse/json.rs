//! `{"turns":[{"speaker","text"}]}`, or the list of turns alone.

use clinical::transcript::{Speaker, Transcript, Turn};
use serde_json::Value;

use super::TranscriptError;

pub(super) fn read(text: &str) -> Result<Transcript, TranscriptError> {
    let value: Value = serde_json::from_str(text).map_err(|source| TranscriptError::BrokenJson {
        line: source.line(),
        column: source.column(),
        source,
    })?;
    let turns = match &value {
        Value::Array(turns) => Some(turns),
        other => other.get("turns").and_then(Value::as_array),
    };
    let turns = turns.ok_or_else(|| wrong("turns"))?;
    let turns = turns.iter().enumerate().map(|(idx, turn)| read_turn(idx, turn)).collect::<Result<_, _>>()?;
    Ok(Transcript { turns })
}

fn wrong(field: &str) -> TranscriptError {
    TranscriptError::WrongSchema { field: field.to_owned() }
}

fn read_turn(idx: usize, turn: &Value) -> Result<Turn, TranscriptError> {
    let text =
        turn.get("text").and_then(Value::as_str).ok_or_else(|| wrong(&format!("turns[{idx}].text")))?;
    let speaker = match turn.get("speaker") {
        None | Some(Value::Null) => Speaker::Unknown,
        Some(Value::String(name)) => super::labelled::speaker(name).unwrap_or(Speaker::Unknown),
        Some(_) => return Err(wrong(&format!("turns[{idx}].speaker"))),
    };
    Ok(Turn { speaker, text: text.to_owned() })
}
