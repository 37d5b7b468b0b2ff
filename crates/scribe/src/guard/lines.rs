//! The guard line by line: an encounter with its sentences in, a verdict for each out (`medicus guard --jsonl`).

use clinical::transcript::{Speaker, Turn};
use serde::{Deserialize, Serialize};

use super::check;
use crate::parse::labelled::speaker;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    turns: Vec<SpokenTurn>,
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct SpokenTurn {
    speaker: String,
    text: String,
}

#[derive(Deserialize)]
struct Sentence {
    sid: serde_json::Value,
    text: String,
    evidence_turns: Vec<usize>,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    verdicts: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    sid: serde_json::Value,
    supported: bool,
    reasons: Vec<&'static str>,
}

/// Answers one line: `{"id","turns":[{"speaker","text"}],"sentences":[{"sid","text","evidence_turns"}]}` with
/// `{"id","verdicts":[{"sid","supported","reasons"}]}`. A cited turn that does not exist supports nothing.
///
/// # Errors
/// When the line is no such object.
pub fn answer(line: &str) -> Result<String, serde_json::Error> {
    let question: Question = serde_json::from_str(line)?;
    let turns: Vec<Turn> = question
        .turns
        .into_iter()
        .map(|turn| Turn { speaker: speaker(&turn.speaker).unwrap_or(Speaker::Unknown), text: turn.text })
        .collect();
    let verdicts = question.sentences.into_iter().map(|sentence| {
        let cited: Vec<Turn> =
            sentence.evidence_turns.iter().filter_map(|&turn| turns.get(turn).cloned()).collect();
        let verdict = check(&sentence.text, &cited);
        let reasons = verdict.reasons.iter().map(|reason| reason.code()).collect();
        Line { sid: sentence.sid, supported: verdict.supported, reasons }
    });
    serde_json::to_string(&Answer { id: question.id, verdicts: verdicts.collect() })
}
