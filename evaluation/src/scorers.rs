//! The scorers beside the data, run as they are: what they say is the official figure.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

const PYTHON: &str = "python3";

/// The scorers, or why they cannot be run.
pub(crate) struct Scorers {
    folder: PathBuf,
}

impl Scorers {
    /// Looks for Python and for the scorers in `shared`. The error is a line to print, not a failure.
    pub(crate) fn find(shared: &Path) -> Result<Self, String> {
        let folder = shared.join("tools");
        if !folder.join("score_consultations.py").is_file() {
            return Err("skipped: the scorers are not in ../shared/tools".to_owned());
        }
        match Command::new(PYTHON).arg("--version").output() {
            Ok(output) if output.status.success() => Ok(Self { folder }),
            _ => Err(format!("skipped: the scorers need {PYTHON}, which is not installed")),
        }
    }

    /// Scores outputs against the annotation of a set; the errors it names lie beside the report, in `errors.jsonl`.
    pub(crate) fn consultations(&self, gold: &Path, outputs: &Path, report: &Path) -> Result<Value> {
        let output = Command::new(PYTHON)
            .arg(self.folder.join("score_consultations.py"))
            .arg("--gold")
            .arg(gold)
            .arg("--system")
            .arg(outputs)
            .arg("--out")
            .arg(report)
            .arg("--errors")
            .arg(report.with_file_name("errors.jsonl"))
            .output()?;
        if !output.status.success() {
            bail!("score_consultations.py failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&std::fs::read(report)?)?)
    }

    /// What the scorer of the guard says of this program, as `(recall, false alarms)`.
    pub(crate) fn guard(&self) -> Result<(f64, f64)> {
        let program = std::env::current_exe()?;
        // It exits with 1 where the figures miss its own limits: what counts is its last line.
        let output = Command::new(PYTHON)
            .arg(self.folder.join("score_guard.py"))
            .arg(format!("'{}'", program.display()))
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().last().unwrap_or_default();
        let figure = |name: &str| {
            last.split_whitespace()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
                .with_context(|| format!("score_guard.py says no {name}: {last}"))
        };
        Ok((figure("recall")?, figure("false_alarms")?))
    }
}
