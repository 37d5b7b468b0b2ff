//! `medicus figures`: the numbers of the boards, counted anew.

use std::process::ExitCode;
use std::sync::Arc;

use care::SystemClock;

use super::{say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Olvida los números de los tableros y los cuenta de nuevo desde los expedientes.
    Rebuild,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Rebuild = command;
    serve::runtime()?.block_on(async {
        let care = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
        let round = care.rebuild_figures().await?;
        say(format!("Contado de nuevo: {} documentos firmados, {} días.", round.documents, round.days))?;
        care.database().close().await;
        Ok(ExitCode::SUCCESS)
    })
}
