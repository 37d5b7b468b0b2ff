//! `medicus drugs`: the safety check without a patient's record.

use std::process::ExitCode;

use super::answer_lines;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Revisa listas de medicamentos leídas de la entrada, una por línea en JSON.
    Check {
        /// Entrada y salida en JSON por líneas.
        #[arg(long, required = true)]
        jsonl: bool,
    },
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Check { .. } = command;
    answer_lines(|line| drug_safety::wire::answer(line).map_err(|error| error.to_string()))
}
