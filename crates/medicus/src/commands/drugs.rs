//! `medicus drugs`: the safety check without a patient's record, and the labels it can use.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use care::SystemClock;
use drug_safety::labels::Labels;

use super::{BadInput, Outcome, answer_lines, progress, say, serve, told, warn};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Revisa listas de medicamentos leídas de la entrada, una por línea en JSON.
    Check {
        /// Entrada y salida en JSON por líneas.
        #[arg(long, required = true)]
        jsonl: bool,
    },
    /// Importa fichas de medicamentos del editor.
    Import {
        #[command(subcommand)]
        from: Source,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum Source {
    /// Un archivo de fichas de openFDA (drug/label) como se descarga: .json o .json.zip.
    Openfda {
        /// El archivo; las demás partes se importan una por una.
        #[arg(value_name = "ARCHIVO")]
        file: PathBuf,
    },
}

pub(crate) fn run(command: &Command, config: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<Outcome> {
    match command {
        Command::Check { .. } => {
            let labels = labels(config)?;
            answer_lines(|line| {
                drug_safety::wire::answer_with(line, &labels).map_err(|error| error.to_string())
            })
        }
        Command::Import { from: Source::Openfda { file } } => {
            serve::runtime()?.block_on(import(&config()?, file))
        }
    }
}

/// The labels imported in this installation; none where there is no installation. One that cannot be opened is told and
/// the check goes on without it.
fn labels(config: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<Labels> {
    let read = || -> anyhow::Result<Labels> {
        let config = config()?;
        if !wiring::url(&config.storage)?.exists() {
            return Ok(Labels::default());
        }
        serve::runtime()?.block_on(async {
            let (database, _, _) = wiring::open_storage(&config.storage).await?;
            let labels = async { care::drug_labels::all(&mut database.begin_read().await?).await }.await;
            database.close().await;
            Ok(labels?)
        })
    };
    match read() {
        Ok(labels) => Ok(labels),
        Err(error) => {
            warn(format!("no se pudieron leer las fichas importadas; se revisa sin ellas: {error:#}"))?;
            Ok(Labels::default())
        }
    }
}

async fn import(config: &Config, path: &Path) -> anyhow::Result<Outcome> {
    let file = File::open(path)
        .with_context(|| format!("No se pudo leer {}", path.display()))
        .map_err(BadInput::wrap)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let practice = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
    let outcome = practice.import_labels_by_program(&name, file, progress).await;
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    practice.database().close().await;
    let done = outcome.map_err(told)?;
    if done.changed {
        say(format!(
            "Fichas importadas: {} registros leídos, {} omitidos; {} principios o combinaciones nuevos, {} con una ficha mejor.",
            done.records, done.broken, done.new, done.replaced
        ))?;
    } else {
        say("No cambió nada: este archivo ya estaba importado.")?;
    }
    say(format!("En total hay {}.", loaded(&done.loaded)))?;
    say(
        "Lo que dicen las fichas se lee por máquina y no se ha revisado: la alerta cita la frase y su fecha. openFDA pide no \
         basar en estos datos decisiones de atención.",
    )?;
    Ok(Outcome::Done)
}

/// "1204 fichas de openFDA de 13 archivos, datos del 2026-06-12".
pub(crate) fn loaded(loaded: &storage::LabelsLoaded) -> String {
    let files = if loaded.files == 1 { "archivo" } else { "archivos" };
    let date = match loaded.published.as_str() {
        "" => "sin fecha del editor".to_owned(),
        date => format!("datos del {date}"),
    };
    format!("{} fichas de openFDA de {} {files}, {date}", loaded.labels, loaded.files)
}
