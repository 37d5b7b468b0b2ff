//! Answers guard JSON Lines on standard input: `guard --jsonl`. For measuring during development.

use std::error::Error;
use std::io::{BufRead, Write};

use clinical::transcript::{Speaker, Turn};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let encounter: Value = serde_json::from_str(&line?)?;
        let turns: Vec<Turn> = encounter["turns"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|turn| Turn {
                speaker: match turn["speaker"].as_str() {
                    Some("doctor") => Speaker::Doctor,
                    Some("patient") => Speaker::Patient,
                    Some("companion") => Speaker::Companion,
                    _ => Speaker::Unknown,
                },
                text: turn["text"].as_str().unwrap_or_default().to_owned(),
            })
            .collect();
        let verdicts: Vec<Value> = encounter["sentences"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|sentence| {
                let cited: Vec<Turn> = sentence["evidence_turns"]
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|turn| turns.get(usize::try_from(turn.as_u64()?).ok()?).cloned())
                    .collect();
                let verdict = scribe::guard::check(sentence["text"].as_str().unwrap_or_default(), &cited);
                let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code()).collect();
                json!({"sid": sentence["sid"], "supported": verdict.supported, "reasons": reasons})
            })
            .collect();
        writeln!(out, "{}", json!({"id": encounter["id"], "verdicts": verdicts}))?;
    }
    Ok(())
}
