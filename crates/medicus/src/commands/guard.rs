//! `medicus guard`: whether sentences of a note are supported by the turns they cite.

use super::{Outcome, answer_lines};

/// Comprueba oraciones contra los turnos que citan.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Entrada y salida en JSON por líneas.
    #[arg(long, required = true)]
    jsonl: bool,
}

pub(crate) fn run(_: &Arguments) -> anyhow::Result<Outcome> {
    answer_lines(|line| {
        scribe::guard::lines::answer(line)
            .map_err(|error| format!("se esperaba {{\"id\",\"turns\",\"sentences\"}}: {error}"))
    })
}
