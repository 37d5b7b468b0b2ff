//! "Verificar documento": a page for anybody, so it is bounded in size, in how often one address may ask, and in how many
//! files are judged at once.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use care::CareError;
use care::checking::{Checked, KnownDocument, MOST_BYTES};
use efirma::verdict::{Integrity, Reason, Revocation, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

use super::{Answer, capitalised, render, to_correct};
use crate::views::checking::{VerifyPage, VerifyResult, VerifySignature};
use crate::{App, assets, format, upload};

/// Most bytes of the request.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(MOST_BYTES);

/// Files of one address in a window.
const MOST_FILES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered at most; beyond, those whose window is over are forgotten, or nobody is let in.
const MOST_ADDRESSES: usize = 10_000;
/// Files judged at once.
const AT_ONCE: usize = 2;

/// Who asked how often.
pub(crate) struct Turnstile {
    seen: Mutex<HashMap<IpAddr, (Instant, u32)>>,
    places: Semaphore,
}

impl Default for Turnstile {
    fn default() -> Self {
        Self { seen: Mutex::default(), places: Semaphore::new(AT_ONCE) }
    }
}

impl Turnstile {
    /// Whether an address may ask once more.
    pub(super) fn lets_in(&self, address: IpAddr, now: Instant) -> bool {
        let Ok(mut seen) = self.seen.lock() else { return false };
        if seen.len() >= MOST_ADDRESSES {
            seen.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if seen.len() >= MOST_ADDRESSES {
                return false;
            }
        }
        let (since, count) = seen.entry(address).or_insert((now, 0));
        if now.duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= MOST_FILES
    }
}

const fn blank() -> VerifyPage {
    VerifyPage { error: None, result: None, most_bytes: MOST_BYTES }
}

/// `GET /verificar`.
pub(crate) async fn page() -> Answer {
    Ok(render(&blank())?)
}

/// `POST /verificar`.
pub(crate) async fn check(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Answer {
    if !app.turnstile.lets_in(peer.ip(), Instant::now()) {
        let error = Some("Demasiados archivos en un minuto. Espere un poco y vuelva a intentar".to_owned());
        let page = render(&VerifyPage { error, ..blank() })?;
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let Ok(_place) = app.turnstile.places.acquire().await else {
        return Err(CareError::Internal("the turnstile is closed".into()).into());
    };
    let Some(file) = upload::read_public(request, MOST_BYTES).await else {
        let error =
            Some(format!("El archivo pesa más de {} MB o llegó incompleto. Elija otro", MOST_BYTES >> 20));
        return to_correct(&VerifyPage { error, ..blank() });
    };
    match app.care.check_file(file, &peer.ip().to_string()).await {
        Ok(checked) => Ok(render(&VerifyPage { result: Some(result(&checked)), ..blank() })?),
        Err(CareError::Invalid(errors)) => {
            let error = errors.into_iter().next().map(|one| one.message);
            to_correct(&VerifyPage { error, ..blank() })
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the verifier has the authorities it believes from the start.
const NO_AUTHORITIES: &str = "id=\"autoridades\">[]<";

/// It brings script and style inside, which its own policy names by digest; this one lets nothing else in.
const ALONE: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src blob: data:; media-src blob: mediastream:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /verificador.html`: the verifier that works without a server, with the authorities of this practice in it.
pub(crate) async fn verifier(State(app): State<App>) -> Answer {
    let known = app.care.authorities_of_efirma();
    let known: Vec<String> = known.iter().map(|der| BASE64_STANDARD.encode(der)).collect();
    let list = serde_json::to_string(&known).map_err(|error| CareError::Internal(error.into()))?;
    let page = String::from_utf8_lossy(assets::bytes("verificador.html"));
    let page = page.replacen(NO_AUTHORITIES, &format!("id=\"autoridades\">{list}<"), 1);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, ALONE),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
    ];
    Ok((headers, Html(page)).into_response())
}

fn result(checked: &Checked) -> VerifyResult {
    let (headline, good) = headline(checked);
    let cancelled = checked
        .here
        .iter()
        .filter_map(|known| known.cancelled_at)
        .map(|at| format!("Receta cancelada el {}: no se surte.", moment(at, &checked.zone)));
    let here = checked.here.iter().map(|known| {
        format!(
            "Es, byte por byte, el archivo que se firmó en {}: {}, firmado por {}, cédula profesional {}, el {}.",
            known.establishment,
            known.title,
            known.signer,
            known.license,
            moment(known.signed_at, &checked.zone)
        )
    });
    let mut limits = Vec::new();
    if !checked.has_trust && !checked.verdicts.is_empty() {
        limits.push(
            "Este consultorio no tiene cargadas las autoridades del SAT: se revisa que el documento no cambió, pero no quién respalda el certificado.",
        );
    }
    if checked.verdicts.iter().any(|one| one.valid && one.revocation == Revocation::Unknown) {
        limits.push("El archivo no dice si el certificado se había revocado; puede consultarlo en el SAT con su número de serie.");
    }
    VerifyResult {
        headline,
        good,
        signatures: signatures(&checked.verdicts, checked.here.as_ref(), &checked.zone),
        here: here.collect(),
        cancelled: cancelled.collect::<Vec<_>>().pop(),
        limits,
    }
}

fn headline(checked: &Checked) -> (&'static str, bool) {
    let verdicts = &checked.verdicts;
    if verdicts.iter().any(|one| one.integrity == Integrity::Altered) {
        return ("El documento cambió después de la firma", false);
    }
    if checked.here.as_ref().is_some_and(|known| known.cancelled_at.is_some()) {
        return ("Es una receta de este consultorio que fue cancelada", false);
    }
    match (verdicts.iter().any(|one| !one.is_timestamp), &checked.here) {
        (true, _) if verdicts.iter().all(|one| one.valid) => ("Firmado y sin cambios", true),
        (true, _) => ("No se puede dar por válida la firma", false),
        (false, Some(_)) => ("Es un documento de este consultorio, sin cambios", true),
        (false, None) => ("El PDF no tiene firma electrónica, y no es de este consultorio", false),
    }
}

/// The signatures of a file in words; whose cédula is known, for a document of this practice.
pub(super) fn signatures(
    verdicts: &[Verdict],
    known: Option<&KnownDocument>,
    zone: &TimeZone,
) -> Vec<VerifySignature> {
    verdicts.iter().map(|verdict| signature(verdict, known, zone)).collect()
}

fn signature(verdict: &Verdict, known: Option<&KnownDocument>, zone: &TimeZone) -> VerifySignature {
    let mut facts = Vec::new();
    if let Some(signer) = &verdict.signer {
        facts.push((if verdict.is_timestamp { "Autoridad" } else { "Firmó" }, signer.name.clone()));
        facts.extend(signer.rfc.clone().map(|rfc| ("RFC", rfc)));
        let license = known.filter(|_| verdict.valid && !verdict.is_timestamp);
        facts.extend(license.map(|known| ("Cédula profesional", known.license.clone())));
        facts.push(("Certificado", format!("{}, emitido por {}", signer.serial, signer.issuer)));
    }
    if let Some(at) = verdict.proven_at {
        facts.push(("Hora certificada", moment(at, zone)));
    } else if let Some(at) = &verdict.claimed_at {
        let told = format!("{}, según quien firmó", moment(at.timestamp(), zone));
        facts.push(("Cuándo", told));
    }
    facts.push(("Documento", capitalised(&verdict.integrity_text)));
    facts.extend(verdict.level.map(|level| ("Nivel", level.to_string())));
    VerifySignature {
        title: match (verdict.valid, verdict.is_timestamp) {
            (true, true) => "Sello de tiempo válido",
            (true, false) => "Firma válida",
            (false, true) => "Sello de tiempo que no vale",
            (false, false) => "Firma que no se puede dar por válida",
        },
        valid: verdict.valid,
        facts,
        against: verdict.refusals.iter().map(reason).collect(),
        remarks: verdict.remarks.iter().map(|text| format!("{}.", capitalised(text))).collect(),
    }
}

fn reason(reason: &Reason) -> String {
    format!("{}.", capitalised(&reason.to_string()))
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", format::long_date(format::day(at, zone)), format::time(at, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_often_waits_and_others_do_not() {
        let turnstile = Turnstile::default();
        let now = Instant::now();
        let [one, other] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(IpAddr::from);
        assert!((0..MOST_FILES).all(|_| turnstile.lets_in(one, now)));
        assert!(!turnstile.lets_in(one, now) && turnstile.lets_in(other, now));
        assert!(turnstile.lets_in(one, now + WINDOW));
    }
}
