//! `medicus backup`: one sealed file of everything, proved whole, put back on another machine.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clinical::audit::{AuditAction, NewAuditEvent};
use jiff::{Timestamp, tz::TimeZone};
use storage::backup::{
    BackupError, BackupFile, BackupManifest, BackupSeal, Installation, UNFINISHED, remove_abandoned,
};
use storage::keys::{KeyFile, Passphrase};
use storage::{Database, MasterKey};

use super::{BadInput, Outcome, destroyed, progress_of, say, serve};
use crate::config::Config;
use crate::wiring;

/// The setting that says when the last back-up was made.
pub(crate) const LAST: &str = "backup.last";

/// Names of back-ups: `medicus-` and a time.
const PREFIX: &str = "medicus-";
const SUFFIX: &str = ".zip.age";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Escribe un respaldo nuevo en una carpeta; se puede usar el programa mientras tanto.
    Create {
        /// Carpeta, de preferencia en otro disco.
        #[arg(value_name = "CARPETA")]
        directory: PathBuf,
        #[command(flatten)]
        seal: SealArgument,
        /// Cuántos respaldos se guardan en la carpeta; los más antiguos se borran.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        keep: Option<u16>,
    },
    /// Comprueba un respaldo: lo abre, lo compara con su manifiesto y ensaya reponerlo.
    Verify {
        /// El respaldo.
        #[arg(value_name = "ARCHIVO")]
        file: PathBuf,
        #[command(flatten)]
        seal: SealArgument,
    },
    /// Repone un respaldo donde no hay nada: la carpeta de datos de la configuración.
    Restore {
        /// El respaldo.
        #[arg(value_name = "ARCHIVO")]
        file: PathBuf,
        #[command(flatten)]
        seal: SealArgument,
    },
}

#[derive(clap::Args)]
pub(crate) struct SealArgument {
    /// Archivo con la frase que cifra el respaldo. Sin él se usa MEDICUS_BACKUP_PASSPHRASE; sin ninguno, la clave de la
    /// instalación, de la que entonces debe haber una copia en otro lugar.
    #[arg(long, value_name = "ARCHIVO")]
    passphrase_file: Option<PathBuf>,
}

impl SealArgument {
    fn passphrase(&self) -> anyhow::Result<Option<Passphrase>> {
        let text = match &self.passphrase_file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("No se pudo leer la frase en {}", path.display()))
                .map_err(BadInput::wrap)?,
            None => std::env::var("MEDICUS_BACKUP_PASSPHRASE").unwrap_or_default(),
        };
        Ok((!text.trim().is_empty()).then(|| Passphrase::new(&text)))
    }
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(async {
        match command {
            Command::Create { directory, seal, keep } => {
                create(config, directory, seal.passphrase()?.as_ref(), *keep).await
            }
            Command::Verify { file, seal } => verify(config, file, seal.passphrase()?.as_ref()).await,
            Command::Restore { file, seal } => restore(config, file, seal.passphrase()?.as_ref()).await,
        }
    })
}

async fn create(
    config: &Config,
    directory: &Path,
    passphrase: Option<&Passphrase>,
    keep: Option<u16>,
) -> anyhow::Result<Outcome> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    std::fs::create_dir_all(directory)
        .with_context(|| format!("No se pudo crear la carpeta {}", directory.display()))
        .map_err(BadInput::wrap)?;
    forget_abandoned(directory)?;
    let (database, ..) = wiring::open_storage(&config.storage).await?;
    let key = wiring::key(&config.storage)?;
    let now = Timestamp::now();
    let out = directory.join(format!(
        "{PREFIX}{}{SUFFIX}",
        now.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d-%H%M%S")
    ));
    let files = wiring::files(&config.storage);
    let installation = Installation { database: &database, url: &url, files: &files, key: &key };
    let seal = passphrase.map_or(BackupSeal::Key(&key), BackupSeal::Passphrase);
    // Noted first: a copy of everything that left no trace would be worse than a trace of one that failed.
    note(&database, now, AuditAction::Print, None).await?;
    let made = installation.back_up(seal, &out, now, progress_of("Archivos copiados")).await;
    let noted = match &made {
        Ok(_) => set_last(&database, now).await.and(destroyed::remember(&database, directory).await),
        Err(_) => Ok(()),
    };
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    database.close().await;
    let manifest = made.map_err(told)?;
    noted?;
    say(format!("Respaldo escrito en {}", out.display()))?;
    say(contents(&manifest))?;
    if passphrase.is_none() {
        say(format!(
            "Se cerró con la clave de esta instalación: guarde una copia de {} fuera de esta computadora. Con \
             --passphrase-file el respaldo basta por sí solo.",
            wiring::key_file(&config.storage).display()
        ))?;
    }
    if let Some(keep) = keep {
        rotate(directory, usize::from(keep))?;
    }
    Ok(Outcome::Done)
}

/// Removes what back-ups left in a folder that were cut off. Only files with a name as this command gives them are looked at.
fn forget_abandoned(directory: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let begun = name.strip_suffix(UNFINISHED).map(|begun| format!("{begun}age"));
        if !begun.is_some_and(|name| is_ours(&name)) {
            continue;
        }
        if remove_abandoned(&path).with_context(|| format!("No se pudo borrar {}", path.display()))? {
            say(format!("Se borró un respaldo que no se terminó: {name}"))?;
        }
    }
    Ok(())
}

/// Leaves the newest back-ups of a folder. Only files with a name as this command gives them are looked at.
fn rotate(directory: &Path, keep: usize) -> anyhow::Result<()> {
    let mut names: Vec<String> = std::fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_ours(name))
        .collect();
    names.sort_unstable();
    names.truncate(names.len().saturating_sub(keep));
    for name in names {
        let path = directory.join(&name);
        std::fs::remove_file(&path).with_context(|| format!("No se pudo borrar {}", path.display()))?;
        say(format!("Se borró el respaldo más antiguo: {name}"))?;
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    let time = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)).unwrap_or_default();
    time.len() == "2026-01-31-235959".len() && time.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// Opens with the passphrase, or with the key of this installation.
fn open(config: &Config, file: &Path, passphrase: Option<&Passphrase>) -> anyhow::Result<BackupFile> {
    let read = progress_of("Archivos revisados");
    match passphrase {
        Some(passphrase) => BackupFile::open(file, BackupSeal::Passphrase(passphrase), read).map_err(told),
        None => {
            let key: MasterKey = wiring::key(&config.storage)
                .context(
                    "Sin frase, un respaldo se abre con la clave de su instalación: ponga su archivo de clave en la \
                     carpeta de datos, o use --passphrase-file",
                )
                .map_err(BadInput::wrap)?;
            BackupFile::open(file, BackupSeal::Key(&key), read).map_err(told)
        }
    }
}

async fn verify(config: &Config, file: &Path, passphrase: Option<&Passphrase>) -> anyhow::Result<Outcome> {
    let mut back = open(config, file, passphrase)?;
    say(contents(back.manifest()))?;
    say("Todo lo que dice el manifiesto está, tal como se guardó.")?;
    let folder = std::env::temp_dir().join(format!("medicus-ensayo-{}", uuid::Uuid::now_v7().simple()));
    let rehearsed = back.rehearse(&folder, Timestamp::now()).await;
    let _removed = std::fs::remove_dir_all(&folder);
    let Some(report) = rehearsed.map_err(told)? else {
        say(
            "La copia de la base se puede leer hasta su final. Para ensayarla completa, repóngala en un servidor vacío.",
        )?;
        return Ok(Outcome::Done);
    };
    say(format!(
        "Se ensayó reponerlo: {} documentos firmados, {} archivos y {} movimientos de la bitácora revisados.",
        report.documents, report.files, report.audit_events
    ))?;
    if report.findings.is_empty() {
        say("Todo está íntegro: el respaldo sirve.")?;
        return Ok(Outcome::Done);
    }
    for finding in &report.findings {
        say(format!("ALTERADO: {finding}"))?;
    }
    Ok(Outcome::Failed)
}

async fn restore(config: &Config, file: &Path, passphrase: Option<&Passphrase>) -> anyhow::Result<Outcome> {
    let url = wiring::url(&config.storage)?;
    let mut back = open(config, file, passphrase)?;
    say(contents(back.manifest()))?;
    let inputs = wiring::key_inputs()?;
    let key_file = KeyFile::at(&wiring::key_file(&config.storage));
    back.restore(&config.storage.directory, &url, &key_file, &inputs).await.map_err(told)?;
    let (database, blobs, ..) = wiring::open_storage(&config.storage).await?;
    let made = back.manifest().created_at;
    let now = Timestamp::now();
    let noted = note(&database, now, AuditAction::Create, Some(made)).await;
    let beside = file.parent().unwrap_or(Path::new("."));
    let again = match destroyed::read(beside) {
        Ok(ids) => blobs.sound().destroy_again(&database, &ids, now).await.map_err(Into::into),
        Err(error) => Err(error),
    };
    database.close().await;
    noted?;
    let again = again?;
    if again > 0 {
        say(format!("Grabaciones que se habían destruido y se destruyeron otra vez: {again}"))?;
    }
    say(format!("Repuesto en {}. Revíselo con: medicus audit verify", config.storage.directory.display()))?;
    Ok(Outcome::Done)
}

async fn set_last(database: &Database, at: Timestamp) -> anyhow::Result<()> {
    let mut tx = database.begin().await?;
    tx.set_setting(LAST, &at.to_string()).await?;
    Ok(tx.commit().await?)
}

/// The bitácora keeps who took everything out, and from when what came back is.
async fn note(
    database: &Database,
    at: Timestamp,
    action: AuditAction,
    restored_from: Option<Timestamp>,
) -> anyhow::Result<()> {
    let mut tx = database.begin().await?;
    tx.append_audit(NewAuditEvent {
        at,
        actor: None,
        action,
        entity: "backup",
        entity_id: String::new(),
        patient_id: None,
        origin: "program".to_owned(),
        reason: restored_from.map(|made| format!("respaldo del {made} repuesto")),
    })
    .await?;
    Ok(tx.commit().await?)
}

fn contents(manifest: &BackupManifest) -> String {
    let made = manifest.created_at.to_zoned_datetime(TimeZone::system());
    format!(
        "Respaldo del {}: {}, {} archivos de expedientes, {} MB.",
        made.strftime("%d/%m/%Y %H:%M"),
        manifest.engine.name(),
        manifest.files(),
        manifest.size_bytes().div_ceil(1_000_000)
    )
}

/// What the caller can mend ends with code 2, what disk or database did with code 1.
fn told(error: BackupError) -> anyhow::Error {
    match error {
        BackupError::Io { ref source, .. } if source.kind() != std::io::ErrorKind::NotFound => error.into(),
        BackupError::Storage(_) | BackupError::Tool { .. } | BackupError::Damaged { .. } => error.into(),
        other => BadInput::wrap(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_command_named_is_ever_rotated() {
        assert!(is_ours("medicus-2026-01-31-235959.zip.age"));
        for name in ["medicus-.zip.age", "medicus-mi-respaldo-bueno.zip.age", "medicus.db", "otro.zip.age"] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
