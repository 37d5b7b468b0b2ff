//! The guard as its scorer calls it: encounters with sentences in, one line each; verdicts out.

use std::io::{BufRead, Write};

use anyhow::{Context as _, Result};

/// Answers every line.
pub(crate) fn answer(questions: impl BufRead, mut answers: impl Write) -> Result<()> {
    for line in questions.lines() {
        let line = line?;
        if !line.trim().is_empty() {
            let answer = scribe::guard::lines::answer(&line).context("no encounter with sentences")?;
            writeln!(answers, "{answer}")?;
        }
    }
    Ok(())
}
