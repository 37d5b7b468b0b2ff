//! The guard as its scorer calls it: encounters with sentences in, one line each; verdicts out.

use std::io::{BufRead, Write};

use anyhow::{Context as _, Result};
use clinical::transcript::Turn;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    turns: serde_json::Value,
    sentences: Vec<Sentence>,
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

/// Answers every line.
pub(crate) fn answer(questions: impl BufRead, mut answers: impl Write) -> Result<()> {
    for line in questions.lines() {
        let line = line?;
        if !line.trim().is_empty() {
            let question: Question = serde_json::from_str(&line).context("no encounter with sentences")?;
            serde_json::to_writer(&mut answers, &verdicts(question)?)?;
            writeln!(answers)?;
        }
    }
    Ok(())
}

fn verdicts(question: Question) -> Result<Answer> {
    let turns = scribe::parse::transcript(question.turns.to_string().as_bytes())?.turns;
    let verdicts = question.sentences.into_iter().map(|sentence| {
        let cited: Vec<Turn> =
            sentence.evidence_turns.iter().filter_map(|&turn| turns.get(turn).cloned()).collect();
        let verdict = scribe::guard::check(&sentence.text, &cited);
        let reasons = verdict.reasons.iter().map(|reason| reason.code()).collect();
        Verdict { sid: sentence.sid, supported: verdict.supported, reasons }
    });
    Ok(Answer { id: question.id, verdicts: verdicts.collect() })
}
