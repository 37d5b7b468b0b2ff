//! `medicus efirma`: what an e.firma is and whether a clinical document can be signed with it; and what all commands about
//! signatures need: files of limited size, a folder with authorities, a time.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use efirma::inspect::Inspection;
use efirma::{Certificate, PrivateKey, RevocationList, TrustStore, authorities, certificate, crl, key};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use zeroize::Zeroizing;

use super::{BadInput, Outcome, say};
use crate::config::Config;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Dice de quién es un certificado, si está vigente y si sirve para firmar documentos clínicos.
    Inspect {
        /// El certificado (.cer).
        #[arg(long, value_name = "ARCHIVO")]
        cer: PathBuf,
        /// Su llave (.key), para comprobar que le corresponde.
        #[arg(long, value_name = "ARCHIVO", requires = "password_file")]
        key: Option<PathBuf>,
        /// Archivo con la contraseña de la llave.
        #[arg(long, value_name = "ARCHIVO", requires = "key")]
        password_file: Option<PathBuf>,
        /// Carpeta con los certificados de las autoridades en las que se confía.
        #[arg(long, value_name = "CARPETA")]
        trust: Option<PathBuf>,
        /// Fecha en que se juzga (2026-11-26 o 2026-11-26T10:00:00Z); por omisión, ahora.
        #[arg(long, value_name = "FECHA", value_parser = time)]
        at: Option<Timestamp>,
        /// Resultado en JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Most bytes of a file with a password.
const MAX_PASSWORD: usize = 1024;

/// Most files of a folder with authorities.
const MAX_AUTHORITIES: usize = 200;

pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    let Command::Inspect { cer, key, password_file, trust, at, json } = command;
    let certificate = read_certificate(cer)?;
    if let (Some(key), Some(password)) = (key, password_file) {
        open_key(key, password, &certificate)?;
    }
    let trust = trust.as_deref().map(read_trust).transpose()?;
    let at = at.unwrap_or_else(Timestamp::now);
    let inspection = Inspection::of(&certificate, trust.as_ref(), key.is_some(), at);
    if *json {
        say(serde_json::to_string(&inspection)?)?;
    } else {
        show(&inspection)?;
    }
    Ok(Outcome::Done)
}

fn show(seen: &Inspection) -> anyhow::Result<()> {
    let line = |name: &str, value: &str| say(format!("{:<17}{value}", format!("{name}:")));
    let optional =
        |name: &str, value: &Option<String>| value.as_deref().map_or(Ok(()), |text| line(name, text));
    let day = |at: Timestamp| at.strftime("%d/%m/%Y %H:%M UTC").to_string();
    let kind = match seen.kind {
        "efirma_fisica" => "e.firma de persona física",
        "efirma_moral" => "e.firma de persona moral",
        "csd" => "certificado de sello digital (CSD)",
        "autoridad" => "autoridad certificadora",
        _ => "otro certificado",
    };
    let validity = match seen.validity {
        "vigente" => "vigente",
        "vencido" => "vencido",
        _ => "aún no vigente",
    };
    line("Certificado", kind)?;
    line("Nombre", &seen.name)?;
    optional("RFC", &seen.rfc)?;
    optional("CURP", &seen.curp)?;
    optional("RFC del rep.", &seen.representative_rfc)?;
    optional("CURP del rep.", &seen.representative_curp)?;
    line("Número de serie", &seen.serial)?;
    line("Vigencia", &format!("{} a {} ({validity})", day(seen.valid_from), day(seen.valid_until)))?;
    line("Emisor", &seen.issuer)?;
    match seen.trusted {
        Some(true) => line("Confianza", "lo respalda una autoridad de la carpeta")?,
        Some(false) => line("Confianza", "ninguna autoridad de la carpeta lo respalda en esa fecha")?,
        None => {}
    }
    line("SHA-256", &seen.sha256)?;
    if seen.key_matches.is_some() {
        line("Llave", "la contraseña es correcta y la llave corresponde al certificado")?;
    }
    match &seen.refusal {
        None => line("Para firmar", "sirve para firmar documentos clínicos")?,
        Some(reason) => line("Para firmar", &format!("no sirve: {reason}"))?,
    }
    seen.warnings.iter().try_for_each(|warning| line("Aviso", warning))
}

/// Reads the certificate of somebody.
pub(crate) fn read_certificate(path: &Path) -> anyhow::Result<Certificate> {
    let bytes = read_limited(path, certificate::MAX_BYTES)?;
    Certificate::read(&bytes).map_err(|error| said(path, &error))
}

/// Opens the key of a certificate with the password in a file, but for the line break an editor leaves at its end.
pub(crate) fn open_key(
    path: &Path,
    password: &Path,
    certificate: &Certificate,
) -> anyhow::Result<PrivateKey> {
    let file = Zeroizing::new(read_limited(path, key::MAX_BYTES)?);
    let password = Zeroizing::new(read_limited(password, MAX_PASSWORD)?);
    let typed = password.strip_suffix(b"\n").unwrap_or(&password);
    let typed = typed.strip_suffix(b"\r").unwrap_or(typed);
    PrivateKey::open(&file, typed, certificate).map_err(|error| said(path, &error))
}

/// The authorities to believe: those of the folder, or those of SAT that ship and those the owner added to the data.
pub(crate) fn trust_or_default(folder: Option<&Path>, config: &Config) -> anyhow::Result<TrustStore> {
    if let Some(folder) = folder {
        return read_trust(folder);
    }
    let mut all = authorities::of_sat()?;
    let mut lists = Vec::new();
    let own = own_authorities(config);
    if own.is_dir() {
        let added = read_authorities(&own)?;
        all.extend(added.certificates);
        lists = added.lists;
    }
    let store = TrustStore::new(all).map_err(|error| said(&own, &error))?;
    Ok(store.with_lists(lists))
}

/// Where the owner adds authorities.
pub(crate) fn own_authorities(config: &Config) -> PathBuf {
    config.storage.directory.join("autoridades")
}

fn read_trust(folder: &Path) -> anyhow::Result<TrustStore> {
    let found = read_authorities(folder)?;
    let store = TrustStore::new(found.certificates).map_err(|error| said(folder, &error))?;
    Ok(store.with_lists(found.lists))
}

/// What a folder of authorities holds.
#[derive(Default)]
struct Folder {
    certificates: Vec<Certificate>,
    /// What they revoked.
    lists: Vec<RevocationList>,
}

/// The authorities of a folder: every .cer, .crt, .pem and .der in it; and every .crl.
fn read_authorities(folder: &Path) -> anyhow::Result<Folder> {
    let named = || folder.display().to_string();
    let entries = std::fs::read_dir(folder).with_context(named).map_err(BadInput::wrap)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let extension = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.map(str::to_lowercase).unwrap_or_default()
    };
    paths.retain(|path| matches!(&extension(path)[..], "cer" | "crt" | "pem" | "der" | "crl"));
    if paths.len() > MAX_AUTHORITIES {
        return Err(BadInput::error(format!("{}: más de {MAX_AUTHORITIES} archivos", named())));
    }
    paths.sort();
    let mut found = Folder::default();
    for path in paths {
        if extension(&path) == "crl" {
            let bytes = read_limited(&path, crl::MAX_BYTES)?;
            found.lists.push(RevocationList::read(&bytes).map_err(|error| said(&path, &error))?);
        } else {
            let bytes = read_limited(&path, certificate::MAX_BYTES)?;
            found.certificates.extend(Certificate::read_all(&bytes).map_err(|error| said(&path, &error))?);
        }
    }
    Ok(found)
}

/// What is wrong with a file, without what the readers of DER say of it in English.
fn said(path: &Path, error: &dyn std::fmt::Display) -> anyhow::Error {
    BadInput::error(format!("{}: {error}", path.display()))
}

/// A file that must be there and of no more than `most` bytes.
pub(crate) fn read_limited(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().with_context(|| path.display().to_string()).map_err(BadInput::wrap)?;
    if bytes.len() > most {
        return Err(BadInput::error(format!("{}: mide más de {most} bytes", path.display())));
    }
    Ok(bytes)
}

/// A moment, or the beginning of a day (UTC).
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let day = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0));
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(day))
        .map_err(|_| "escriba una fecha como 2026-11-26 o 2026-11-26T10:00:00Z".to_owned())
}
