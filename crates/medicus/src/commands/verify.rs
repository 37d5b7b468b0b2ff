//! `medicus verify`: who signed a PDF, when, and whether it is still what was signed. Needs no network.

use std::path::PathBuf;

use efirma::pdf;
use efirma::verdict::{Revocation, Signer, Verdict};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;

use super::efirma::{read_limited, time, trust_or_default};
use super::{BadInput, Outcome, say};
use crate::config::Config;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// El PDF.
    #[arg(value_name = "ARCHIVO.pdf")]
    file: PathBuf,
    /// Carpeta con los certificados de las autoridades en las que se confía. Sin ella, las del SAT que vienen con el programa y
    /// las de la carpeta «autoridades» de sus datos.
    #[arg(long, value_name = "CARPETA")]
    trust: Option<PathBuf>,
    /// Fecha en que se juzga (2026-11-26 o 2026-11-26T10:00:00Z); por omisión, ahora.
    #[arg(long, value_name = "FECHA", value_parser = time)]
    at: Option<Timestamp>,
    /// Resultado en JSON.
    #[arg(long)]
    json: bool,
}

/// The contract of `--json`.
#[derive(Serialize)]
struct Report<'a> {
    file: String,
    /// Whether it is signed and every signature is valid.
    valid: bool,
    signatures: &'a [Verdict],
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Outcome> {
    let file = read_limited(&arguments.file, pdf::MOST_BYTES)?;
    let trust = trust_or_default(arguments.trust.as_deref(), config)?;
    let at = arguments.at.unwrap_or_else(Timestamp::now);
    let name = arguments.file.display().to_string();
    let verdicts =
        efirma::verify(&file, &trust, at).map_err(|error| BadInput::error(format!("{name}: {error}")))?;
    let valid = !verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.valid);
    if arguments.json {
        say(serde_json::to_string(&Report { file: name, valid, signatures: &verdicts })?)?;
    } else {
        match verdicts.len() {
            0 => say(format!("{name}: no tiene ninguna firma electrónica"))?,
            1 => say(format!("{name}: una firma"))?,
            many => say(format!("{name}: {many} firmas"))?,
        }
        for (place, verdict) in verdicts.iter().enumerate() {
            show(place + 1, verdict)?;
        }
    }
    Ok(if valid { Outcome::Done } else { Outcome::Failed })
}

fn show(number: usize, verdict: &Verdict) -> anyhow::Result<()> {
    let line = |name: &str, value: &str| say(format!("  {:<13}{value}", format!("{name}:")));
    let what = if verdict.is_timestamp { "Sello de tiempo" } else { "Firma" };
    say(format!("{what} {number}: {}", if verdict.valid { "VÁLIDA" } else { "NO VÁLIDA" }))?;
    verdict.refusals.iter().try_for_each(|refusal| line("Motivo", &refusal.to_string()))?;
    if let Some(Signer { name, rfc, curp, serial, issuer, .. }) = &verdict.signer {
        line("Firmó", name)?;
        rfc.as_deref().map_or(Ok(()), |rfc| line("RFC", rfc))?;
        curp.as_deref().map_or(Ok(()), |curp| line("CURP", curp))?;
        line("Certificado", &format!("{serial}, emitido por «{issuer}»"))?;
    }
    line("Fecha", &when(verdict))?;
    if let Some(level) = verdict.level {
        line("Nivel", &level.to_string())?;
    }
    line("Documento", &verdict.integrity_text)?;
    if !verdict.is_timestamp {
        line(
            "Revocación",
            match verdict.revocation {
                Revocation::Unknown => "el archivo no trae con qué comprobarla",
                Revocation::Good => "el certificado no estaba revocado",
                Revocation::Revoked => "el certificado fue revocado",
            },
        )?;
    }
    verdict.remarks.iter().try_for_each(|remark| line("Aviso", remark))
}

/// What is proven first, then what the signer says.
fn when(verdict: &Verdict) -> String {
    let written = |at: &ZonedDateTime| at.strftime("%d/%m/%Y %H:%M:%S %:z").to_string();
    let zone = verdict.claimed_at.as_ref().map_or(TimeZone::UTC, |at| at.time_zone().clone());
    match (verdict.proven_at, &verdict.claimed_at) {
        (Some(proven), _) => format!(
            "{}, probada por el sello de tiempo de «{}»",
            written(&proven.to_zoned_datetime(zone)),
            verdict.timestamp_authority.as_deref().unwrap_or_default()
        ),
        (None, Some(claimed)) => {
            format!("{}, según quien firmó; ningún sello de tiempo la prueba", written(claimed))
        }
        (None, None) => "la firma no la dice".to_owned(),
    }
}
