//! `medicus audit`: proves that nothing signed or recorded was touched.

use std::process::ExitCode;

use super::{BadInput, say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Recorre las cadenas de documentos y de la bitácora y localiza cualquier alteración.
    Verify {
        /// Sólo la bitácora, sin leer documentos ni archivos: lo bastante rápido para cada día.
        #[arg(long)]
        only_events: bool,
    },
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Verify { only_events } = command;
    serve::runtime()?.block_on(verify(config, *only_events))
}

async fn verify(config: &Config, only_events: bool) -> anyhow::Result<ExitCode> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    let (database, blobs, _) = wiring::open_storage(&config.storage).await?;
    let report = if only_events {
        storage::verify::verify_events(&database).await
    } else {
        storage::verify::verify(&database, &blobs).await
    };
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    database.close().await;
    let report = report?;
    if !only_events {
        say(format!("Documentos firmados revisados: {}", report.documents))?;
    }
    say(format!("Movimientos de la bitácora revisados: {}", report.audit_events))?;
    if report.findings.is_empty() {
        say("Todo está íntegro: nada se quitó, cambió ni reordenó.")?;
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &report.findings {
        say(format!("ALTERADO: {finding}"))?;
    }
    Ok(ExitCode::FAILURE)
}
