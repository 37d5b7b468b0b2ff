//! Signatures in PDFs: made here and judged by other people's programs, and changed in every way somebody might try.

mod changed;
mod hostile;
mod peers;
mod signed;

use efirma::pdf::{Claim, prepare};
use jiff::ZonedDateTime;

/// As `documents` writes it.
const RECETA: &[u8] = include_bytes!("../../../../testdata/pdf/receta.pdf");
/// With its index and most objects packed.
const PACKED: &[u8] = include_bytes!("../../../../testdata/pdf/nota-empaquetada.pdf");

fn moment() -> ZonedDateTime {
    "2026-11-26T10:32:00-06:00[-06:00]".parse().unwrap()
}

/// Signs with a throw-away key.
fn sign(pki: &peers::Pki, pdf: &[u8]) -> Vec<u8> {
    let at = moment();
    let claim = Claim { at: &at, name: "JUANA PÉREZ NÚÑEZ", reason: "Receta médica", place: "Mérida" };
    let prepared = prepare(pdf, 0, &claim).unwrap();
    let cms = pki.cms(&prepared.signed().concat());
    prepared.finish(&cms).unwrap()
}
