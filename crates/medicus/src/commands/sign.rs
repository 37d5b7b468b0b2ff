//! `medicus sign`: signs a PDF with an e.firma on this computer. Key and password are read from files, used once and wiped.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use efirma::cms::Signed;
use efirma::ocsp::{self, Status};
use efirma::pdf::{self, Claim, Evidence};
use efirma::refusal::{self, Refusal};
use efirma::timestamp::{self, Stamp};
use efirma::trust::{Chain, ChainError};
use efirma::{Certificate, Person, Signing, TrustStore};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::efirma::{open_key, read_certificate, read_limited, time, trust_or_default};
use super::{BadInput, Outcome, say, warn};
use crate::config::Config;
use crate::fetch::{self, Address, Limits};

/// What an authority's answer may have at most; people wait for it.
const ANSWER: Limits = Limits { most: 256 << 10, patience: Duration::from_secs(20) };

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// El certificado de quien firma (.cer).
    #[arg(long, value_name = "ARCHIVO")]
    cer: PathBuf,
    /// Su llave (.key).
    #[arg(long, value_name = "ARCHIVO")]
    key: PathBuf,
    /// Archivo con la contraseña de la llave.
    #[arg(long, value_name = "ARCHIVO")]
    password_file: PathBuf,
    /// Carpeta con los certificados de las autoridades en las que se confía. Sin ella, las del SAT que vienen con el programa y
    /// las de la carpeta «autoridades» de sus datos; entonces una autoridad desconocida es un aviso y no impide firmar.
    #[arg(long, value_name = "CARPETA")]
    trust: Option<PathBuf>,
    /// Dirección de una autoridad de sellado de tiempo (RFC 3161): prueba cuándo se firmó.
    #[arg(long, value_name = "DIRECCIÓN")]
    tsa: Option<String>,
    /// Dirección donde la autoridad dice si el certificado fue revocado (OCSP). Si no contesta, se firma sin esa prueba.
    #[arg(long, value_name = "DIRECCIÓN")]
    ocsp: Option<String>,
    /// Fecha de la firma (2026-11-26 o 2026-11-26T10:00:00Z); por omisión, ahora.
    #[arg(long, value_name = "FECHA", value_parser = time)]
    at: Option<Timestamp>,
    /// El PDF.
    #[arg(value_name = "ENTRADA.pdf")]
    input: PathBuf,
    /// Dónde se escribe el PDF firmado.
    #[arg(value_name = "SALIDA.pdf")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Outcome> {
    let signer = read_certificate(&arguments.cer)?;
    let key = open_key(&arguments.key, &arguments.password_file, &signer)?;
    let trust = trust_or_default(arguments.trust.as_deref(), config)?;
    let at = arguments.at.unwrap_or_else(Timestamp::now);
    let (person, chain) = may_sign(&signer, &trust, at, arguments.trust.is_some())?;
    let tsa = arguments.tsa.as_deref().map(address).transpose()?;
    let ocsp = arguments.ocsp.as_deref().map(address).transpose()?;
    let file = read_limited(&arguments.input, pdf::MOST_BYTES)?;

    let here = at.to_zoned_datetime(TimeZone::system());
    let claim = Claim { at: &here, name: &person.name, reason: "", place: "" };
    let authorities = chain.as_ref().map(Chain::intermediates).unwrap_or_default();
    let signing = Signing::begin(&file, &claim, &signer, authorities)
        .map_err(|error| BadInput::error(format!("{}: {error}", arguments.input.display())))?;
    let answer = match (&ocsp, &chain) {
        (Some(address), Some(chain)) => asked(address, &signer, chain)?,
        _ => None,
    };
    let signed = signing.to_sign().sign(&key)?;
    let stamp = tsa.map(|address| stamped(&address, &signed, &trust)).transpose()?;
    let signed = stamp.as_ref().map_or(Ok(signed.clone()), |stamp| signed.with_timestamp(&stamp.token))?;
    let mut whole = signing.finish(&signed)?;
    let mut level = if stamp.is_some() { "PAdES B-T" } else { "PAdES B-B" };
    if let (Some(answer), Some(chain)) = (&answer, &chain) {
        let stamped = stamp.as_ref().map(|stamp| &stamp.chain);
        whole = pdf::add_evidence(&whole, &Evidence::of(chain, stamped, answer, trust.lists()))?;
        if stamp.is_some() {
            level = "PAdES B-LT";
        }
    }
    write(&arguments.output, &whole)?;
    say(format!("Firmado: {} ({level})", arguments.output.display()))?;
    say(format!("Firmó {}, RFC {}, certificado {}", person.name, person.rfc, signer.serial_text()))?;
    Ok(Outcome::Done)
}

/// Who signs, with the chain to an authority that is believed. Where nobody said which authorities to believe, one that is
/// not known is a warning: who checks the document decides for themselves.
fn may_sign<'a>(
    signer: &'a Certificate,
    trust: &TrustStore,
    at: Timestamp,
    chosen: bool,
) -> anyhow::Result<(&'a Person, Option<Chain>)> {
    let refused = |refusal: Refusal| BadInput::error(format!("no se puede firmar: {refusal}"));
    match refusal::trusted_signer(signer, &[], trust, at) {
        Ok((person, chain)) => Ok((person, Some(chain))),
        Err(Refusal::Chain(unknown @ ChainError::UnknownIssuer { .. })) if !chosen => {
            warn(format!("{unknown}; se firma sin comprobarlo"))?;
            Ok((refusal::signer(signer, at).map_err(refused)?, None))
        }
        Err(refusal) => Err(refused(refusal)),
    }
}

/// What an answer proves may come in the clear: it is signed.
fn address(text: &str) -> anyhow::Result<Address> {
    Address::parse_plain(text).map_err(|error| BadInput::error(error.to_string()))
}

fn stamped(address: &Address, signed: &Signed, trust: &TrustStore) -> anyhow::Result<Stamp> {
    let mut nonce = [0; 8];
    random(&mut nonce)?;
    let query = timestamp::Query::new(signed.value(), nonce)?;
    let answer = fetch::post(address, "application/timestamp-query", query.der(), ANSWER)
        .context("no se firmó: falta el sello de tiempo")?;
    query.check(&answer, trust, Timestamp::now()).context("no se firmó: el sello de tiempo no sirve")
}

/// What the authority says about a revocation; nothing if it does not answer, which is common.
fn asked(address: &Address, signer: &Certificate, chain: &Chain) -> anyhow::Result<Option<ocsp::Answer>> {
    let Some(issuer) = chain.issuer() else { return Ok(None) };
    let mut nonce = [0; 16];
    random(&mut nonce)?;
    let query = ocsp::Query::new(signer, issuer, nonce)?;
    let read = fetch::post(address, "application/ocsp-request", query.der(), ANSWER)
        .map_err(anyhow::Error::from)
        .and_then(|answer| Ok(query.check(&answer, &[], Timestamp::now())?));
    match read {
        Ok(answer) => match answer.status {
            Status::Good => Ok(Some(answer)),
            Status::Revoked { at } => {
                Err(BadInput::error(format!("no se puede firmar: {}", Refusal::Revoked { at })))
            }
            Status::Unknown => {
                warn("la autoridad no conoce el certificado; se firma sin comprobar si fue revocado")?;
                Ok(None)
            }
        },
        Err(error) => {
            warn(format!("{error:#}; se firma sin comprobar si el certificado fue revocado"))?;
            Ok(None)
        }
    }
}

fn random(bytes: &mut [u8]) -> anyhow::Result<()> {
    getrandom::fill(bytes).map_err(|error| anyhow::anyhow!("el sistema no da números al azar: {error}"))
}

/// Writes the file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".tmp");
    let draft = PathBuf::from(draft);
    let written = std::fs::write(&draft, bytes).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written.with_context(|| format!("no se pudo escribir {}", path.display()))
}
