//! Signatures in PDFs: made here and judged by other people's programs, and changed in every way somebody might try.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it skips"
)]

mod changed;
mod hostile;
mod peers;
#[path = "../core/pki.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod pki;
mod signed;
mod verdicts;

use efirma::pdf::Claim;
use efirma::{PrivateKey, Signing};
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use pki::{PASSWORD, Pki, openssl_is_here};

/// As `documents` writes it.
const RECETA: &[u8] = include_bytes!("../../../../testdata/pdf/receta.pdf");
/// With its index and most objects packed.
const PACKED: &[u8] = include_bytes!("../../../../testdata/pdf/nota-empaquetada.pdf");

fn authority() -> Option<Pki> {
    openssl_is_here().then(Pki::new)
}

/// This second, as a clinic in Mérida writes it.
fn moment() -> ZonedDateTime {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    now.to_zoned_datetime(TimeZone::fixed(jiff::tz::offset(-6)))
}

fn claim(at: &ZonedDateTime) -> Claim<'_> {
    Claim { at, name: "JUANA PÉREZ NÚÑEZ", reason: "Receta médica", place: "Mérida" }
}

fn begin(pki: &Pki, pdf: &[u8]) -> Signing {
    Signing::begin(pdf, &claim(&moment()), &pki.person(), &pki.authorities()).unwrap()
}

/// Signs with the e.firma of the test person.
fn sign(pki: &Pki, pdf: &[u8]) -> Vec<u8> {
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &pki.person()).unwrap();
    let signing = begin(pki, pdf);
    let signed = signing.to_sign().sign(&key).unwrap();
    signing.finish(&signed).unwrap()
}
