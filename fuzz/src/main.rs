//! Every reader of bytes from outside, for a search that looks for ways through the code: `./dev fuzz`.
//!
//! In: a reader's name in `MEDICUS_READER` and the bytes that libFuzzer tries. A reader may refuse what it is given; it may not panic, overflow,
//! hang or fill the memory.

#![no_main]
#![expect(clippy::expect_used, reason = "a search that cannot begin ends")]

use std::io::Cursor;
use std::panic;
use std::sync::{Once, OnceLock};

use clinical::attachment::{FileKind, picture_size};
use drug_safety::labels::{Label, Piece, Records};
use efirma::{Certificate, PrivateKey, RevocationList, TrustStore};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

type Reader = fn(&[u8]);

/// By the names that `./dev fuzz` knows.
const READERS: [(&str, Reader); 18] = [
    ("transcripcion", |bytes| drop(scribe::parse::transcript(bytes))),
    ("consulta", consultation),
    ("resultados", results_file),
    ("calendario", |bytes| {
        drop(calendar::busy(bytes, &TimeZone::UTC, now(), now() + SignedDuration::from_hours(9_000)))
    }),
    ("aviso-whatsapp", |bytes| drop(messaging::webhook::parse(bytes))),
    ("mensaje", |bytes| {
        in_words(bytes, |text| drop(messaging::understand::understand(text, date(2026, 3, 10))));
    }),
    ("expediente-fhir", |bytes| drop(fhir::read(bytes))),
    ("fichas-openfda", labels),
    ("cie11", |bytes| in_words(bytes, |text| drop(terminology::icd::release::read_table(text)))),
    ("linea-de-receta", |bytes| in_words(bytes, |text| drop(terminology::typed_line::read_line(text)))),
    ("archivo", file),
    ("certificado", certificate),
    ("revocados", |bytes| drop(RevocationList::read(bytes))),
    ("sello", |bytes| in_words(bytes, |text| drop(efirma::seal::Seal::read(text)))),
    ("pdf-firmado", signed_pdf),
    ("respuesta-ocsp", revocation),
    ("sello-de-tiempo", timestamp),
    ("sonido", sound),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static CHOSEN: OnceLock<Reader> = OnceLock::new();
    CHOSEN.get_or_init(chosen)(bytes);
});

fn chosen() -> Reader {
    let name = std::env::var("MEDICUS_READER").expect("MEDICUS_READER names a reader");
    READERS.into_iter().find(|(one, _)| *one == name).expect("a reader of the list").1
}

fn now() -> Timestamp {
    Timestamp::from_second(1_773_158_400).expect("in range")
}

fn in_words(bytes: &[u8], read: impl Fn(&str)) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
}

/// From a transcript to its draft.
fn consultation(bytes: &[u8]) {
    if let Ok(transcript) = scribe::parse::transcript(bytes) {
        drop(scribe::draft(&transcript));
    }
}

fn results_file(bytes: &[u8]) {
    if let Ok(text) = results::decode(bytes) {
        drop(results::read(&text, &TimeZone::UTC, date(2026, 3, 10)));
    }
}

fn labels(bytes: &[u8]) {
    let mut records = Records::new(Cursor::new(bytes.to_vec()));
    while let Ok(Some(piece)) = records.next_piece() {
        if let Piece::Record(record) = piece {
            drop(Label::read(&record, "2026-03-10"));
        }
    }
}

fn file(bytes: &[u8]) {
    if let Ok(kind) = FileKind::of(bytes) {
        let _ = picture_size(kind, bytes);
    }
}

fn authorities() -> &'static [Certificate] {
    static KNOWN: OnceLock<Vec<Certificate>> = OnceLock::new();
    KNOWN.get_or_init(|| efirma::authorities::of_sat().expect("they are in the program"))
}

fn trust() -> &'static TrustStore {
    static TRUST: OnceLock<TrustStore> = OnceLock::new();
    TRUST.get_or_init(|| TrustStore::new(authorities().to_vec()).expect("they hang together"))
}

/// A certificate, then the same bytes as its key.
fn certificate(bytes: &[u8]) {
    drop(Certificate::read_all(bytes));
    if let Some(known) = authorities().first() {
        drop(PrivateKey::open(bytes, b"12345678a", known));
    }
}

fn signed_pdf(bytes: &[u8]) {
    drop(efirma::verify(bytes, trust(), now()));
    drop(efirma::pdf::evidence(bytes));
}

/// What a responder answers about a certificate.
fn revocation(bytes: &[u8]) {
    if let [one, .., issuer] = authorities() {
        drop(efirma::ocsp::check_kept(bytes, one, issuer, authorities()));
    }
}

/// What an authority of timestamps answers, then the same bytes as the token kept with a signature.
fn timestamp(bytes: &[u8]) {
    static ASKED: OnceLock<efirma::timestamp::Query> = OnceLock::new();
    let asked = ASKED.get_or_init(|| efirma::timestamp::Query::new(b"signed", [7; 8]).expect("it fits"));
    drop(asked.check(bytes, trust(), now()));
    drop(efirma::timestamp::check_token(bytes, b"signed", trust()));
}

/// A recording. The libraries that read its containers may panic: the reader answers that the file is damaged, so that it is no
/// finding what it catches.
fn sound(bytes: &[u8]) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));
    drop(speech::decode_to(Cursor::new(bytes.to_vec()), |_| Ok(())));
}
