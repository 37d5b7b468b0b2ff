//! The commands, one file each, and how they speak: results to standard output, errors in Spanish to standard error.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod demo;
mod destroyed;
pub(crate) mod doctor;
pub(crate) mod drugs;
pub(crate) mod efirma;
pub(crate) mod figures;
pub(crate) mod guard;
pub(crate) mod icd;
pub(crate) mod key;
pub(crate) mod listen;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod patient;
pub(crate) mod scribe;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod verify;
pub(crate) mod worker;

use std::io::{BufRead, Write};

use care::CareError;

/// How a command ended, as its exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was asked for is done.
    Done = 0,
    /// It could not be done, or what was examined is not in order.
    Failed = 1,
    /// Something of what was given has to be corrected.
    BadInput = 2,
}

/// Input that the caller has to correct.
#[derive(Debug)]
pub(crate) struct BadInput(String);

impl BadInput {
    pub(crate) fn error(message: impl Into<String>) -> anyhow::Error {
        Self(message.into()).into()
    }

    /// Marks an error as the caller's to correct, with its whole chain of causes.
    #[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
    pub(crate) fn wrap(error: anyhow::Error) -> anyhow::Error {
        Self(format!("{error:#}")).into()
    }
}

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadInput {}

/// What the caller has to correct ends with code 2.
pub(crate) fn told(error: CareError) -> anyhow::Error {
    match error {
        CareError::Unavailable { .. } | CareError::Internal(_) => error.into(),
        other => BadInput::wrap(other.into()),
    }
}

/// One line to standard output. A closed pipe is not an error worth a panic.
pub(crate) fn say(line: impl AsRef<str>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", line.as_ref())?;
    Ok(out.flush()?)
}

/// An error with its causes to standard error.
pub(crate) fn say_error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "Error: {error:#}");
}

/// What is being done, to standard error, for who waits.
pub(crate) fn progress(step: &str) {
    let _ = writeln!(std::io::stderr(), "{step}");
}

/// Says every tenth of the way on standard error, where there is a way worth telling.
pub(crate) fn progress_of(what: &'static str) -> impl FnMut(usize, usize) {
    let mut told = 0;
    move |done, all| {
        let tenth = done * 10 / all.max(1);
        if all >= 100 && tenth > told {
            told = tenth;
            let _closed = writeln!(std::io::stderr(), "{what}: {done} de {all}");
        }
    }
}

/// Something the person should know and that keeps nothing from going on, to standard error.
pub(crate) fn warn(line: impl AsRef<str>) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "Aviso: {}", line.as_ref())?)
}

/// Answers each line of standard input with a line; a line that cannot be read is reported and the rest goes on.
pub(crate) fn answer_lines(answer: impl Fn(&str) -> Result<String, String>) -> anyhow::Result<Outcome> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut bad = false;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match answer(&line) {
            Ok(result) => writeln!(out, "{result}")?,
            Err(message) => {
                bad = true;
                writeln!(std::io::stderr(), "Error en la línea {}: {message}", number + 1)?;
            }
        }
    }
    out.flush()?;
    Ok(if bad { Outcome::BadInput } else { Outcome::Done })
}
