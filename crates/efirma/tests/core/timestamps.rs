//! Timestamps of `openssl ts`, asked for and checked here.

use efirma::cms::{Signature, ToSign};
use efirma::timestamp::{Query, TimestampError, check_token};
use efirma::trust::ChainError;
use efirma::{Hash, PrivateKey, TrustStore};
use jiff::{SignedDuration, Timestamp};

use crate::pki::{PASSWORD, Pki, openssl_is_here};

const NONCE: [u8; 8] = [0x80, 1, 2, 3, 4, 5, 6, 7];

#[test]
fn a_timestamp_of_openssl_is_believed_kept_in_the_signature_and_read_again() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_timestamps();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &pki.person()).unwrap();
    let digest: [u8; 32] = Hash::Sha256.of(&[b"receta"]).try_into().unwrap();
    let signed = ToSign::new(&digest, &pki.person(), &pki.authorities()).unwrap().sign(&key).unwrap();

    let query = Query::new(signed.value(), NONCE).unwrap();
    let answer = pki.timestamp(query.der());
    let now = Timestamp::now();
    let stamp = query.check(&answer, &trust, now).unwrap();
    assert!(stamp.time.duration_since(now).abs() < SignedDuration::from_mins(1));
    assert_eq!(stamp.authority(), "SELLO DE TIEMPO DE PRUEBA");

    let stamped = signed.with_timestamp(&stamp.token).unwrap();
    let read = Signature::read(stamped.der()).unwrap();
    read.verify(&[b"receta"]).unwrap();
    let again = check_token(read.timestamp().unwrap(), read.value(), &trust).unwrap();
    assert_eq!(again.time, stamp.time);
    pki.folder.write("s.der", stamped.der());
    pki.folder.write("d.bin", b"receta");
    let said = pki.folder.openssl("cms -verify -inform DER -in s.der -content d.bin -binary -CAfile root.pem -purpose any -cades -out out.bin");
    assert!(said.contains("CAdES Verification successful"), "{said}");
    // openssl takes the token out of the question of its own.
    pki.folder.write("value.bin", signed.value());
    pki.folder.write("token.der", &stamp.token);
    pki.folder.openssl("ts -verify -data value.bin -in token.der -token_in -CAfile root.pem");
}

#[test]
fn an_answer_to_another_question_is_no_timestamp() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_timestamps();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let query = Query::new(b"firma", NONCE).unwrap();
    let answer = pki.timestamp(query.der());
    let now = Timestamp::now();

    let other_nonce = Query::new(b"firma", [9; 8]).unwrap();
    assert!(matches!(other_nonce.check(&answer, &trust, now), Err(TimestampError::OtherNonce)));
    let other_value = Query::new(b"otra firma", NONCE).unwrap();
    assert!(matches!(other_value.check(&answer, &trust, now), Err(TimestampError::OtherContent)));
    let late = now.checked_add(SignedDuration::from_mins(10)).unwrap();
    assert!(matches!(query.check(&answer, &trust, late), Err(TimestampError::FarFromClock { .. })));
    pki.folder.write("d.bin", b"firma");
    pki.folder.openssl("ts -query -data d.bin -sha256 -cert -no_nonce -out plain.tsq");
    let without = pki.timestamp(&pki.folder.read("plain.tsq"));
    assert!(matches!(query.check(&without, &trust, now), Err(TimestampError::OtherNonce)));
}

#[test]
fn a_rejection_garbage_and_a_stranger_are_told_apart() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_timestamps();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let now = Timestamp::now();
    let query = Query::new(b"firma", NONCE).unwrap();
    // The authority takes no SHA-1.
    pki.folder.write("d.bin", b"firma");
    pki.folder.openssl("ts -query -data d.bin -sha1 -out bad.tsq");
    let rejected = query.check(&pki.timestamp(&pki.folder.read("bad.tsq")), &trust, now);
    assert!(matches!(rejected, Err(TimestampError::Rejected { status: 2 })), "{rejected:?}");

    let answer = pki.timestamp(query.der());
    for garbage in [&b""[..], b"<html>504</html>", &answer[..answer.len() - 1], &vec![b'0'; 2_000_000]] {
        assert!(query.check(garbage, &trust, now).is_err());
    }
    let time = query.check(&answer, &trust, now).unwrap().time;
    for position in 0..answer.len() {
        let mut changed = answer.clone();
        changed[position] ^= 1;
        // Bytes nobody signed may change, such as a certificate nobody needs; what is said may not.
        if let Ok(stamp) = query.check(&changed, &trust, now) {
            assert_eq!((stamp.time, stamp.authority()), (time, "SELLO DE TIEMPO DE PRUEBA"), "{position}");
        }
    }
    pki.root("service", "CN=OTRA RAIZ");
    let strangers = TrustStore::new(vec![pki.folder.certificate("service.pem")]).unwrap();
    let unknown = query.check(&answer, &strangers, now);
    assert!(
        matches!(unknown, Err(TimestampError::Authority(ChainError::UnknownIssuer { .. }))),
        "{unknown:?}"
    );
}

#[test]
fn the_signature_of_a_person_is_no_timestamp() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new().with_timestamps();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let query = Query::new(b"firma", NONCE).unwrap();
    pki.timestamp(query.der());
    // What the authority would say, said by a physician: the same TSTInfo, signed with an e.firma.
    pki.folder.openssl("ts -reply -in r.tsr -token_out -out token.der");
    pki.folder.openssl("cms -verify -noverify -inform DER -in token.der -out info.der");
    pki.folder.openssl(
        "cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der \
         -signer person.pem -inkey person.key.pem -certfile ac.pem -outform DER -out forged.der",
    );
    let forged = check_token(&pki.folder.read("forged.der"), b"firma", &trust);
    assert!(matches!(forged, Err(TimestampError::Authority(ChainError::WrongPurpose { .. }))), "{forged:?}");
    assert!(check_token(&pki.folder.read("token.der"), b"firma", &trust).is_ok());
}
