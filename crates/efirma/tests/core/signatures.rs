//! Signatures made here and judged by `openssl cms`, and the other way round.

use efirma::cms::{CmsError, Signature, Signed, ToSign};
use efirma::{Hash, PrivateKey};

use crate::pki::{PASSWORD, Pki, openssl_is_here};

const DOCUMENT: &[u8] = b"una receta";

fn to_sign(pki: &Pki) -> ToSign {
    let digest: [u8; 32] = Hash::Sha256.of(&[DOCUMENT]).try_into().unwrap();
    ToSign::new(&digest, &pki.person(), &pki.authorities()).unwrap()
}

fn sign(pki: &Pki) -> Signed {
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &pki.person()).unwrap();
    to_sign(pki).sign(&key).unwrap()
}

fn openssl_says(pki: &Pki, signature: &[u8], document: &[u8]) -> (bool, String) {
    pki.folder.write("s.der", signature);
    pki.folder.write("d.bin", document);
    let output = pki.folder.try_openssl(
        "cms -verify -inform DER -in s.der -content d.bin -binary -CAfile root.pem -purpose any -cades -out out.bin",
    );
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn openssl_accepts_a_signature_made_here_as_cades_and_refuses_it_for_another_document() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let signed = sign(&pki);
    let (good, said) = openssl_says(&pki, signed.der(), DOCUMENT);
    assert!(good && said.contains("CAdES Verification successful"), "{said}");
    assert!(!openssl_says(&pki, signed.der(), b"otra receta").0);
    // What PAdES asks for: no signing time, the issuer's certificate inside, the root not.
    let read = Signature::read(signed.der()).unwrap();
    assert!(read.is_cades() && !read.has_signing_time());
    let names: Vec<&str> = read.certificates().iter().map(efirma::Certificate::name).collect();
    assert_eq!(names.len(), 2);
    assert!(!names.contains(&"RAIZ DE PRUEBA"));
}

#[test]
fn a_key_that_is_elsewhere_signs_the_message_and_its_answer_is_checked() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let to_sign = to_sign(&pki);
    pki.folder.write("message.bin", to_sign.message().unwrap());
    let answer = |key: &str| {
        pki.folder.openssl(&format!("dgst -sha256 -sign {key}.key.pem -out answer.bin message.bin"));
        pki.folder.read("answer.bin")
    };
    let signed = to_sign.finish(&answer("person")).unwrap();
    assert_eq!(signed, sign(&pki));
    assert!(openssl_says(&pki, signed.der(), DOCUMENT).0);
    assert!(matches!(to_sign.finish(&answer("service")), Err(CmsError::WrongSignature)));
    assert!(matches!(to_sign.finish(b""), Err(CmsError::WrongSignature)));
}

#[test]
fn signatures_of_other_programs_are_read_and_checked() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    pki.folder.write("d.bin", DOCUMENT);
    let make = |more: &str| {
        pki.folder.openssl(&format!(
            "cms -sign -binary -in d.bin -signer person.pem -inkey person.key.pem -certfile ac.pem -outform DER -out o.der {more}"
        ));
        pki.folder.read("o.der")
    };
    let cades = Signature::read(&make("-cades -md sha512")).unwrap();
    cades.verify(&[&DOCUMENT[..3], &DOCUMENT[3..]]).unwrap();
    assert!(cades.is_cades() && cades.has_signing_time());
    assert_eq!((cades.hash(), cades.signer()), (Hash::Sha512, &pki.person()));
    let plain = Signature::read(&make("-md sha256")).unwrap();
    plain.verify(&[DOCUMENT]).unwrap();
    assert!(!plain.is_cades());
    assert!(matches!(plain.verify(&[b"otra receta"]), Err(CmsError::ContentChanged)));
    // A PDF keeps more room than the signature needs.
    let mut padded = make("-cades");
    padded.extend([0; 500]);
    Signature::read(&padded).unwrap().verify(&[DOCUMENT]).unwrap();
    padded.push(1);
    assert!(matches!(Signature::read(&padded), Err(CmsError::Malformed { .. })));
    // SHA-1, no attributes, content of its own, two signers, no certificate: each refused for what it is.
    assert!(matches!(Signature::read(&make("-md sha1")), Err(CmsError::Algorithm { .. })));
    assert!(matches!(Signature::read(&make("-noattr")), Err(CmsError::Malformed { .. })));
    let own = Signature::read(&make("-nodetach")).unwrap();
    assert!(matches!(own.verify(&[DOCUMENT]), Err(CmsError::Malformed { .. })));
    let two = make("-signer root.pem -inkey root.key.pem");
    assert!(matches!(Signature::read(&two), Err(CmsError::Malformed { .. })));
    assert!(matches!(Signature::read(&make("-nocerts")), Err(CmsError::NoCertificate)));
}

#[test]
fn no_changed_byte_makes_a_signature_say_something_else() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let signed = sign(&pki);
    let person = pki.person();
    let mut refused = 0;
    for position in 0..signed.der().len() {
        let mut changed = signed.der().to_vec();
        changed[position] ^= 0x01;
        match Signature::read(&changed) {
            Ok(read) if read.verify(&[DOCUMENT]).is_ok() => assert_eq!(read.signer(), &person, "{position}"),
            _ => refused += 1,
        }
    }
    // Only what nobody signed may change: a version number, the certificate of the authority.
    let authority = pki.folder.certificate("ac.pem").der().len();
    assert!(refused > signed.der().len() - authority - 20, "{refused}");
}
