//! `medicus guard`: whether sentences of a note are supported by the turns they cite.

use std::process::ExitCode;

use clinical::transcript::{Speaker, Turn};
use serde::{Deserialize, Serialize};

use super::answer_lines;

/// Comprueba oraciones contra los turnos que citan.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Entrada y salida en JSON por líneas.
    #[arg(long, required = true)]
    jsonl: bool,
}

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
    verdicts: Vec<Verdict>,
}

#[derive(Serialize)]
struct Verdict {
    sid: serde_json::Value,
    supported: bool,
    reasons: Vec<&'static str>,
}

pub(crate) fn run(_: &Arguments) -> anyhow::Result<ExitCode> {
    answer_lines(|line| {
        let question: Question = serde_json::from_str(line)
            .map_err(|error| format!("se esperaba {{\"id\",\"turns\",\"sentences\"}}: {error}"))?;
        serde_json::to_string(&answer(question)).map_err(|error| error.to_string())
    })
}

fn answer(question: Question) -> Answer {
    let turns: Vec<Turn> = question
        .turns
        .into_iter()
        .map(|turn| Turn { speaker: speaker(&turn.speaker), text: turn.text })
        .collect();
    let verdicts = question.sentences.into_iter().map(|sentence| {
        let cited: Vec<Turn> =
            sentence.evidence_turns.iter().filter_map(|&turn| turns.get(turn).cloned()).collect();
        let verdict = scribe::guard::check(&sentence.text, &cited);
        let reasons = verdict.reasons.iter().map(|reason| reason.code()).collect();
        Verdict { sid: sentence.sid, supported: verdict.supported, reasons }
    });
    Answer { id: question.id, verdicts: verdicts.collect() }
}

fn speaker(word: &str) -> Speaker {
    match word {
        "doctor" => Speaker::Doctor,
        "patient" => Speaker::Patient,
        "companion" => Speaker::Companion,
        _ => Speaker::Unknown,
    }
}
