//! `medicus figures`: the numbers of the boards, counted anew.

use std::sync::Arc;

use care::SystemClock;

use super::{Outcome, say, serve};
use crate::config::Config;
use crate::wiring;
use crate::work::PORTION;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Olvida los números de los tableros y los cuenta de nuevo desde los expedientes.
    Rebuild,
    /// Cuenta lo que cambió, vuelve a sumar los últimos días y revisa a quién le falta algo, como cada noche.
    Refresh,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(async {
        let care = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
        let (round, began) = match command {
            Command::Rebuild => (care.rebuild_figures().await?, "Contado de nuevo"),
            Command::Refresh => {
                let round = care.count_the_last_days().await?;
                while care.refresh_gaps(PORTION).await? > 0 {}
                (round, "Al día")
            }
        };
        say(format!("{began}: {} documentos firmados, {} días.", round.documents, round.days))?;
        care.database().close().await;
        Ok(Outcome::Done)
    })
}
