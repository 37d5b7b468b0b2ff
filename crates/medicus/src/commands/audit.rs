//! `medicus audit`: proves that nothing signed or recorded was touched, and writes the bitácora out.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use care::audit::{AuditExport, AuditFilter, AuditFormat};
use clinical::audit::{AuditAction, NewAuditEvent};
use jiff::Timestamp;
use storage::verify::{self, Anchor, FindingKind, VerifyReport};
use storage::{BlobStore, Database};

use super::{BadInput, Outcome, say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Recorre las cadenas de documentos y de la bitácora y localiza cualquier alteración.
    Verify {
        /// Solo la bitácora, sin leer documentos ni archivos: lo bastante rápido para cada día.
        #[arg(long)]
        only_events: bool,
        /// Comprueba además que las cadenas aún pasan por esta ancla, guardada fuera del equipo.
        #[arg(long, value_name = "ARCHIVO")]
        anchor: Option<PathBuf>,
    },
    /// Escribe un ancla: dónde terminan hoy las cadenas, con el sello de esta instalación. Guárdela fuera del equipo.
    Anchor {
        /// Archivo nuevo; sin él, a la salida.
        #[arg(long, value_name = "ARCHIVO")]
        out: Option<PathBuf>,
    },
    /// Escribe la bitácora completa, del primer movimiento al último.
    Export {
        /// csv: para hojas de cálculo; fhir: un AuditEvent (FHIR R4) por línea.
        #[arg(long)]
        format: Format,
        /// Archivo nuevo; sin él, a la salida.
        #[arg(long, value_name = "ARCHIVO")]
        out: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    Csv,
    Fhir,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(carry_out(command, config))
}

async fn carry_out(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    let anchor = match command {
        Command::Verify { anchor: Some(path), .. } => Some(read_anchor(path)?),
        _ => None,
    };
    let (database, blobs, _) = wiring::open_storage(&config.storage).await?;
    let outcome = match command {
        Command::Verify { only_events, .. } => verify(&database, &blobs, *only_events, anchor.as_ref()).await,
        Command::Anchor { out } => write_anchor(&database, out.as_deref()).await,
        Command::Export { format, out } => export(&database, *format, out.as_deref()).await,
    };
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    database.close().await;
    outcome
}

async fn verify(
    database: &Database,
    blobs: &BlobStore,
    only_events: bool,
    anchor: Option<&Anchor>,
) -> anyhow::Result<Outcome> {
    let report = match (anchor, only_events) {
        (Some(anchor), _) => verify::verify_from(database, (!only_events).then_some(blobs), anchor).await?,
        (None, true) => verify::verify_events(database).await?,
        (None, false) => verify::verify(database, blobs).await?,
    };
    if !only_events {
        say(format!("Documentos firmados revisados: {}", report.documents))?;
        say(format!("Archivos de expedientes revisados: {}", report.files))?;
    }
    say(format!("Movimientos de la bitácora revisados: {}", report.audit_events))?;
    if let Some(anchor) = anchor.filter(|_| holds(&report)) {
        say(format!(
            "Las cadenas pasan por el ancla del {}: documento {}, movimiento {}.",
            anchor.at, anchor.documents.sequence, anchor.audit.sequence
        ))?;
    }
    if report.findings.is_empty() {
        say("Todo está íntegro: nada se quitó, cambió ni reordenó.")?;
        return Ok(Outcome::Done);
    }
    for finding in &report.findings {
        say(format!("ALTERADO: {finding}"))?;
    }
    Ok(Outcome::Failed)
}

/// Whether the anchor was compared and nothing speaks against it.
fn holds(report: &VerifyReport) -> bool {
    use FindingKind::{AnchorForeign, AnchorLost, TableMissing};
    report.findings.iter().all(|finding| !matches!(finding.kind, AnchorForeign | AnchorLost | TableMissing))
}

fn read_anchor(path: &Path) -> anyhow::Result<Anchor> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("No se pudo leer el ancla {name}"))
        .map_err(BadInput::wrap)?;
    serde_json::from_str(&text)
        .with_context(|| format!("El archivo {name} no es un ancla de Medicus"))
        .map_err(BadInput::wrap)
}

async fn write_anchor(database: &Database, out: Option<&Path>) -> anyhow::Result<Outcome> {
    let now = Timestamp::now();
    let anchor = verify::anchor(database, now)
        .await
        .context("El final de una cadena no es el que escribió el programa; ejecute medicus audit verify")?;
    let mut sink = sink(out)?;
    let mut tx = database.begin().await?;
    tx.append_audit(event(now, "anchor")).await?;
    tx.commit().await?;
    writeln!(sink, "{}", serde_json::to_string_pretty(&anchor)?)?;
    sink.flush()?;
    Ok(Outcome::Done)
}

async fn export(database: &Database, format: Format, out: Option<&Path>) -> anyhow::Result<Outcome> {
    let format = match format {
        Format::Csv => AuditFormat::Csv,
        Format::Fhir => AuditFormat::Fhir,
    };
    let mut sink = sink(out)?;
    let event = event(Timestamp::now(), "audit");
    let mut export = AuditExport::begin(database, AuditFilter::default(), format, event).await?;
    while let Some(text) = export.next().await? {
        sink.write_all(text.as_bytes())?;
    }
    sink.flush()?;
    Ok(Outcome::Done)
}

fn event(at: Timestamp, entity: &'static str) -> NewAuditEvent {
    NewAuditEvent {
        at,
        actor: None,
        action: AuditAction::Print,
        entity,
        entity_id: String::new(),
        patient_id: None,
        origin: "program".to_owned(),
        reason: None,
    }
}

/// A new file that only its owner may read, or standard output.
fn sink(out: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    let Some(path) = out else { return Ok(Box::new(std::io::stdout().lock())) };
    let file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("No se pudo crear el archivo nuevo {}", path.display()))
        .map_err(BadInput::wrap)?;
    Ok(Box::new(std::io::BufWriter::new(file)))
}
