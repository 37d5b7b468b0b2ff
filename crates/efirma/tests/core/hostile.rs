//! Bytes nobody meant to be read: every reader answers, none falls over.

use efirma::certificate::MAX_BYTES;
use efirma::cms::Signature;
use efirma::{Certificate, CertificateError, PrivateKey, RevocationList, TrustStore, ocsp, timestamp};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::pki::{PASSWORD, Pki, openssl_is_here};

struct Samples {
    person: Certificate,
    ac: Certificate,
    trust: TrustStore,
    files: Vec<Vec<u8>>,
}

/// One good file of each kind.
fn samples() -> Samples {
    let pki = Pki::new().with_timestamps().with_revocations("30001000000500000002");
    let (person, ac) = (pki.person(), pki.folder.certificate("ac.pem"));
    let stamp = pki.timestamp(timestamp::Query::new(b"x", [1; 8]).unwrap().der());
    let answer = pki.revocation(ocsp::Query::new(&person, &ac, [1; 16]).unwrap().der(), "service-ocsp");
    pki.folder.openssl("ts -reply -in r.tsr -token_out -out token.der");
    pki.folder.write("d.bin", b"x");
    pki.folder.openssl(
        "cms -sign -cades -binary -in d.bin -signer person.pem -inkey person.key.pem -outform DER -out s.der",
    );
    let names = ["person.cer", "person.pem", "person.key", "s.der", "token.der"];
    let mut files: Vec<Vec<u8>> = names.iter().map(|name| pki.folder.read(name)).collect();
    files.extend([stamp, answer, pki.list("root", Some("30001000000500000002"))]);
    Samples { person, ac, trust: TrustStore::new(pki.authorities()).unwrap(), files }
}

/// Hands the bytes to everything that reads bytes. Keys are tried only when small: each try costs as much as a password.
fn read_everything(samples: &Samples, bytes: &[u8], with_key: bool) {
    let now = Timestamp::UNIX_EPOCH;
    let _ = Certificate::read_all(bytes);
    let _ = timestamp::check_token(bytes, b"x", &samples.trust);
    let query = timestamp::Query::new(b"x", [1; 8]).unwrap();
    let _ = query.check(bytes, &samples.trust, now);
    let _ = ocsp::check_kept(bytes, &samples.person, &samples.ac, &[]);
    if let Ok(signature) = Signature::read(bytes) {
        let _ = signature.verify(&[b"x"]);
        let _ = samples.trust.chain(
            signature.signer(),
            signature.certificates(),
            now,
            efirma::trust::Purpose::Signature,
        );
    }
    if let Ok(list) = RevocationList::read(bytes) {
        let _ = efirma::crl::status(&[list], &samples.person, &samples.ac, now);
    }
    if with_key {
        let _ = PrivateKey::open(bytes, PASSWORD.as_bytes(), &samples.person);
    }
}

#[test]
fn truncated_changed_and_random_bytes_never_make_a_reader_fall_over() {
    if !openssl_is_here() {
        return;
    }
    let samples = samples();
    for file in &samples.files {
        for length in 0..file.len() {
            read_everything(&samples, &file[..length], length % 16 == 0);
        }
    }
    let edit = (any::<prop::sample::Index>(), any::<u8>());
    let edits = (0..samples.files.len(), prop::collection::vec(edit, 1..6));
    proptest!(ProptestConfig::with_cases(2000), |((which, edits) in edits)| {
        let mut changed = samples.files[which].clone();
        for (position, byte) in edits {
            let position = position.index(changed.len());
            changed[position] = byte;
        }
        read_everything(&samples, &changed, which == 2);
    });
    proptest!(ProptestConfig::with_cases(500), |(bytes in prop::collection::vec(any::<u8>(), 0..600))| {
        read_everything(&samples, &bytes, true);
    });
}

#[test]
fn ten_megabytes_and_deep_nesting_are_refused_at_once() {
    if !openssl_is_here() {
        return;
    }
    let samples = samples();
    let huge = vec![0x30; 10 * 1024 * 1024];
    assert!(
        matches!(Certificate::read(&huge), Err(CertificateError::TooLarge { bytes }) if bytes > MAX_BYTES)
    );
    read_everything(&samples, &huge, true);
    // Each pair opens a structure in the one before it.
    let mut nested: Vec<u8> = Vec::new();
    while nested.len() < 60_000 {
        let mut outer = vec![0x30, 0x83];
        outer.extend(&u32::try_from(nested.len()).unwrap().to_be_bytes()[1..]);
        outer.extend(&nested);
        nested = outer;
        if nested.len() > 2_000 {
            break;
        }
    }
    read_everything(&samples, &nested, true);
}
