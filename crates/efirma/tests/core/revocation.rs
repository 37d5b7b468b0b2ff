//! Answers of `openssl ocsp`, asked for and checked here.

use efirma::ocsp::{OcspError, Query, Status, check_kept};
use jiff::{SignedDuration, Timestamp};

use crate::pki::{Order, PERSON_SERIAL, Pki, openssl_is_here, time};

const NONCE: [u8; 16] = [7; 16];
const REVOKED: &str = "30001000000500000002";

#[test]
fn the_issuer_says_good_revoked_since_when_or_unknown() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_revocations(REVOKED);
    pki.issue(&Order { serial: REVOKED, ..Order::new("person-revoked", "ac") });
    pki.issue(&Order { serial: "30001000000500000003", ..Order::new("person-unknown", "ac") });
    let ac = pki.folder.certificate("ac.pem");
    let check = |name: &str, expected: Status| {
        let certificate = pki.folder.certificate(name);
        let query = Query::new(&certificate, &ac, NONCE).unwrap();
        for signer in ["service-ocsp", "ac"] {
            let answer = pki.revocation(query.der(), signer);
            let now = Timestamp::now();
            let read = query.check(&answer, &[], now).unwrap();
            assert_eq!(read.status, expected, "{name} by {signer}");
            assert!(read.this_update.duration_since(now).abs() < SignedDuration::from_mins(1));
            assert_eq!(check_kept(&read.der, &certificate, &ac, &[]).unwrap().status, expected);
        }
    };
    check("person.pem", Status::Good);
    check("person-revoked.pem", Status::Revoked { at: time("2026-11-01T12:00:00Z") });
    check("person-unknown.pem", Status::Unknown);
}

#[test]
fn an_answer_of_somebody_else_about_somebody_else_or_of_another_time_says_nothing() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_revocations(REVOKED);
    pki.issue(&Order { serial: REVOKED, ..Order::new("person-revoked", "ac") });
    let (person, ac) = (pki.person(), pki.folder.certificate("ac.pem"));
    let revoked = pki.folder.certificate("person-revoked.pem");
    let query = Query::new(&person, &ac, NONCE).unwrap();
    let answer = pki.revocation(query.der(), "service-ocsp");
    let now = Timestamp::now();

    let mine = Query::new(&revoked, &ac, NONCE).unwrap();
    assert!(matches!(mine.check(&answer, &[], now), Err(OcspError::OtherCertificate)));
    let again = Query::new(&person, &ac, [8; 16]).unwrap();
    assert!(matches!(again.check(&answer, &[], now), Err(OcspError::OtherNonce)));
    // A physician's certificate vouches for nobody.
    let by_person = pki.revocation(query.der(), "person");
    assert!(matches!(query.check(&by_person, &[], now), Err(OcspError::NotTheIssuer)));
    // A responder of another authority neither.
    pki.issue(&Order {
        extensions: "extendedKeyUsage=OCSPSigning",
        subject: "CN=OTRO",
        ..Order::new("service-foreign", "root")
    });
    let by_foreign = pki.revocation(query.der(), "service-foreign");
    assert!(matches!(query.check(&by_foreign, &[], now), Err(OcspError::NotTheIssuer)));
    let later = now.checked_add(SignedDuration::from_hours(1)).unwrap();
    assert!(matches!(query.check(&answer, &[], later), Err(OcspError::OtherTime { .. })));
    let earlier = now.checked_sub(SignedDuration::from_hours(1)).unwrap();
    assert!(matches!(query.check(&answer, &[], earlier), Err(OcspError::OtherTime { .. })));
    assert!(!PERSON_SERIAL.eq(REVOKED));
}

#[test]
fn a_responder_that_does_not_answer_is_told_from_one_that_says_nonsense() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_revocations(REVOKED);
    let ac = pki.folder.certificate("ac.pem");
    let query = Query::new(&pki.person(), &ac, NONCE).unwrap();
    let now = Timestamp::now();
    // tryLater: what SAT says when asked about another authority's certificate.
    let later = query.check(&[0x30, 0x03, 0x0a, 0x01, 0x03], &[], now);
    assert!(matches!(later, Err(OcspError::Declined { status: 3 })), "{later:?}");
    let answer = pki.revocation(query.der(), "service-ocsp");
    for garbage in [&b""[..], b"<html></html>", &answer[..answer.len() - 1]] {
        assert!(matches!(query.check(garbage, &[], now), Err(OcspError::Unreadable(_))));
    }
    assert!(matches!(query.check(&vec![0; 100_000], &[], now), Err(OcspError::TooLarge { .. })));
    let mut passed = 0;
    for position in 0..answer.len() {
        let mut changed = answer.clone();
        changed[position] ^= 1;
        passed += usize::from(query.check(&changed, &[], now).is_ok());
    }
    // Nothing that is signed may change; the list of certificates that came along is not signed.
    let brought = pki.folder.certificate("service-ocsp.pem").der().len();
    assert!(passed < 20, "{passed} of {}, {brought} of them a certificate", answer.len());
}
