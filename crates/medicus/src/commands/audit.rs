//! `medicus audit`: proves that nothing signed or recorded was touched.

use std::process::ExitCode;

use super::{BadInput, say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Recorre las cadenas de documentos y de la bitácora y localiza cualquier alteración.
    Verify,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Verify = command;
    serve::runtime()?.block_on(verify(config))
}

async fn verify(config: &Config) -> anyhow::Result<ExitCode> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    let (database, blobs, _) = wiring::open_storage(&config.storage).await?;
    let report = storage::verify::verify(&database, &blobs).await;
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    database.close().await;
    let report = report?;
    say(format!("Documentos firmados revisados: {}", report.documents))?;
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
