//! The square code of a printed receta: small enough for paper, checked with nothing but roots, and never altered unseen.

use std::io::Write;
use std::process::{Command, Stdio};

use efirma::seal::{Facts, MAX_TEXT, PREFIX, Seal, SealError};
use efirma::trust::ChainError;
use efirma::{Certificate, PrivateKey, Refusal, TrustStore};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;
use proptest::prelude::*;

use crate::pki::{PASSWORD, Pki, openssl_is_here, sat_files, time};

fn facts(issued: Timestamp) -> Facts {
    Facts {
        document: "0192f3c4-7d1e-7c3a-9b1e-2f4a5b6c7d8e".into(),
        version: 1,
        content: [0xa7; 32],
        patient: "0192f3c4-1111-7c3a-9b1e-2f4a5b6c7d8e".into(),
        issued,
        offset: Offset::from_hours(-6).unwrap(),
        rfc: "PENJ8001019A0".into(),
        curp: "PENJ800101MDFRXN07".into(),
        license: "1234567".into(),
        valid_until: Some(date(2026, 12, 26)),
        lines: vec![
            "Amoxicilina 500 mg cápsula, 1 cada 8 h por 7 días, 21 cápsulas".into(),
            "Paracetamol 500 mg tableta, 1 cada 8 h si hay dolor, 15 tabletas".into(),
            "Loratadina 10 mg tableta, 1 cada 24 h por 10 días, 10 tabletas".into(),
        ],
    }
}

fn seal(pki: &Pki, facts: Facts) -> Seal {
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &pki.person()).unwrap();
    let answer = key.sign(facts.cadena().unwrap().as_bytes()).unwrap();
    Seal::new(facts, answer, pki.person()).unwrap()
}

fn soon() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() + 60).unwrap()
}

#[test]
fn a_code_says_again_what_was_signed_and_by_whom() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let issued = soon();
    let text = seal(&pki, facts(issued)).text().unwrap();
    let read = Seal::read(&text).unwrap();
    assert_eq!(read.facts(), &facts(issued));
    assert_eq!(read.verify(&trust).unwrap().0.name, "JUANA PÉREZ NÚÑEZ");
    // Another program verifies the signature over the fields, as SAT's `sello` is verified.
    pki.folder.write("cadena.txt", facts(issued).cadena().unwrap());
    pki.folder.openssl("dgst -sha256 -sign person.key.pem -out sello.bin cadena.txt");
    assert!(Seal::new(facts(issued), pki.folder.read("sello.bin"), pki.person()).is_ok());
    let nobody = TrustStore::new(Vec::new()).unwrap();
    let refused = read.verify(&nobody);
    assert!(matches!(refused, Err(SealError::Refused(Refusal::Chain(ChainError::UnknownIssuer { .. })))));
}

#[test]
fn a_browser_reads_a_code_with_what_it_has() {
    if !openssl_is_here() {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/core/read_code.mjs");
    let spawned = Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut node) = spawned else {
        println!("skipped: the program node is not installed");
        return;
    };
    let facts = facts(soon());
    let text = seal(&Pki::new(), facts.clone()).text().unwrap();
    node.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success());
    assert_eq!(String::from_utf8(said.stdout).unwrap(), facts.cadena().unwrap());
}

#[test]
fn fields_are_squeezed_and_what_would_be_read_in_two_ways_is_refused() {
    let issued = time("2026-11-26T16:15:00Z");
    let cadena = Facts { license: " 12  34 ".into(), ..facts(issued) }.cadena().unwrap();
    assert!(cadena.starts_with("||RECETA-1|0192f3c4-7d1e-7c3a-9b1e-2f4a5b6c7d8e|1|a7a7"), "{cadena}");
    assert!(
        cadena.contains("|2026-11-26T10:15:00-06:00|PENJ8001019A0|PENJ800101MDFRXN07|12 34|2026-12-26|Amox"),
        "{cadena}"
    );
    assert!(cadena.ends_with("10 tabletas||"), "{cadena}");
    let check = |facts: Facts, field: &str| {
        assert!(facts.cadena().unwrap_err().to_string().contains(field));
    };
    let open = Facts { valid_until: None, ..facts(issued) };
    assert!(open.cadena().unwrap().contains("|sin plazo|Amox"));
    check(Facts { license: " ".into(), ..facts(issued) }, "cédula profesional");
    check(Facts { lines: vec!["a|b".into()], ..facts(issued) }, "medicamento");
    check(Facts { lines: Vec::new(), ..facts(issued) }, "medicamento");
}

#[test]
fn nobody_seals_in_the_name_of_another_physician() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let other = Facts { rfc: "RELM750505AB0".into(), ..facts(soon()) };
    let refused = seal(&pki, other).verify(&trust).map(|_| ());
    assert!(matches!(refused, Err(SealError::Refused(Refusal::OtherRfc { .. }))), "{refused:?}");
    let late = seal(&pki, facts(time("2050-01-01T00:00:00Z"))).verify(&trust).map(|_| ());
    assert!(matches!(late, Err(SealError::Refused(Refusal::Expired { .. }))), "{late:?}");
    let unsigned = Seal::new(facts(soon()), vec![0; 256], pki.person());
    assert!(matches!(unsigned, Err(SealError::WrongSignature)));
}

#[test]
fn no_changed_character_goes_unseen_and_no_text_makes_the_reader_fall_over() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let issued = soon();
    let text = seal(&pki, facts(issued)).text().unwrap();
    let edit = (any::<prop::sample::Index>(), "[0-9A-Z $%*+./:-]");
    proptest!(ProptestConfig::with_cases(300), |((position, letter) in edit)| {
        let position = position.index(text.len());
        let mut changed = text.clone();
        changed.replace_range(position..=position, &letter);
        if let Ok(read) = Seal::read(&changed) && read.verify(&trust).is_ok() {
            prop_assert_eq!(read.facts(), &facts(issued));
        }
    });
    proptest!(ProptestConfig::with_cases(300), |(tail in "[0-9A-Z $%*+./:-]{0,300}", any in ".{0,60}")| {
        let _ = Seal::read(&any);
        let text = PREFIX.to_owned() + &tail;
        prop_assert!(Seal::read(&text).is_err());
    });
    for length in (0..text.len()).step_by(9) {
        assert!(Seal::read(&text[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_code_with_sats_certificate_fits_on_paper_with_ten_medicines_and_is_refused_beyond() {
    let Some(folder) = sat_files() else { return };
    let read = |name: &str| std::fs::read(folder.join(format!("fisica/KAHO641101B39.{name}"))).unwrap();
    let kaho = Certificate::read(&read("cer")).unwrap();
    let key = PrivateKey::open(&read("key"), PASSWORD.as_bytes(), &kaho).unwrap();
    let text_of = |medicines: usize| {
        let mut facts = facts(time("2021-06-01T12:00:00Z"));
        (facts.rfc, facts.curp) = ("KAHO641101B39".into(), "KAHO641101HNTLKS06".into());
        facts.lines = (0..medicines)
            .map(|number| format!("Medicamento {number} de nombre largo 500 mg tableta, {number} cada 8 h por 7 días, 2{number} tabletas"))
            .collect();
        let answer = key.sign(facts.cadena().unwrap().as_bytes()).unwrap();
        Seal::new(facts, answer, kaho.clone()).unwrap().text()
    };
    for medicines in [1, 3, 10] {
        let text = text_of(medicines).unwrap();
        let code = qrcodegen::QrCode::encode_text(&text, qrcodegen::QrCodeEcc::Low).unwrap();
        println!("{medicines} medicines: {} characters, {} cells a side", text.len(), code.size());
        assert!(code.size() <= 161, "{medicines}: {}", code.size());
    }
    let too_many = text_of(600);
    assert!(
        matches!(too_many, Err(SealError::TooLong { characters }) if characters > MAX_TEXT),
        "{too_many:?}"
    );
}
