//! Opening a `.key`: with its password and for its certificate, and in no other way.

use efirma::key::MAX_BYTES;
use efirma::{Certificate, CertificateError, KeyError, PrivateKey};

use crate::pki::{Order, PASSWORD, Pki, openssl_is_here, sat_files};

const PAIRS: [&str; 13] = [
    "fisica/KAHO641101B39",
    "fisica/CACX7605101P8",
    "fisica/WATM640917J45",
    "fisica/RAQN7701212M3-enye",
    "moral/EKU9003173C9-2023",
    "moral/EKU9003173C9-2019",
    "moral/HnE951128469-ampersand",
    "moral/AAA010101AAA-2017",
    "csd/EKU9003173C9-2023-csd",
    "csd/EKU9003173C9-2019-csd",
    "csd/KAHO641101B39-csd",
    "test-pki/PENJ8001019A0",
    "test-pki/RELM750505AB0",
];

#[test]
fn every_key_of_sat_opens_for_its_certificate_and_for_no_other() {
    let Some(folder) = sat_files() else { return };
    let read = |name: &str, kind: &str| std::fs::read(folder.join(format!("{name}.{kind}"))).unwrap();
    let certificates: Vec<Certificate> =
        PAIRS.iter().map(|name| Certificate::read(&read(name, "cer")).unwrap()).collect();
    for (index, name) in PAIRS.iter().enumerate() {
        let key = read(name, "key");
        assert!(PrivateKey::open(&key, PASSWORD.as_bytes(), &certificates[index]).is_ok(), "{name}");
        let other = &certificates[(index + 1) % PAIRS.len()];
        assert_eq!(PrivateKey::open(&key, PASSWORD.as_bytes(), other).unwrap_err(), KeyError::DoesNotOpen);
    }
}

#[test]
fn a_thousand_wrong_passwords_get_the_same_answer_as_a_wrong_pair() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let (key, person) = (pki.folder.read("person.key"), pki.person());
    for number in 0..1000 {
        let wrong = PrivateKey::open(&key, format!("{PASSWORD}{number}").as_bytes(), &person);
        assert_eq!(wrong.unwrap_err(), KeyError::DoesNotOpen, "{number}");
    }
    assert!(PrivateKey::open(&key, b"", &person).is_err());
    let pair = PrivateKey::open(&key, PASSWORD.as_bytes(), &pki.folder.certificate("ac.pem"));
    assert_eq!(pair.unwrap_err(), KeyError::DoesNotOpen);
    assert!(PrivateKey::open(&key, PASSWORD.as_bytes(), &person).is_ok());
}

#[test]
fn keys_enciphered_by_other_programs_open_too() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let person = pki.person();
    let ways = [
        "-v2 aes-256-cbc -v2prf hmacWithSHA256",
        "-v2 aes-128-cbc -v2prf hmacWithSHA512 -iter 100000",
        "-scrypt",
    ];
    for how in ways {
        pki.encrypt("person", "other.key", how);
        assert!(
            PrivateKey::open(&pki.folder.read("other.key"), PASSWORD.as_bytes(), &person).is_ok(),
            "{how}"
        );
    }
    pki.folder.openssl("pkcs8 -inform DER -in person.key -passin pass:12345678a -topk8 -v2 des3 -passout pass:12345678a -out person.pem.key");
    let text = String::from_utf8(pki.folder.read("person.pem.key")).unwrap().replace('\n', "\r\n");
    let pem = PrivateKey::open(format!("Mi llave\r\n{text}").as_bytes(), PASSWORD.as_bytes(), &person);
    assert!(pem.is_ok());
}

#[test]
fn what_is_no_efirma_key_is_refused_by_its_name() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let person = pki.person();
    let folder = &pki.folder;
    let check = |file: &[u8], expected: KeyError| {
        assert_eq!(PrivateKey::open(file, PASSWORD.as_bytes(), &person).unwrap_err(), expected);
    };
    check(&folder.read("person.cer"), KeyError::IsCertificate);
    check(&folder.read("person.pem"), KeyError::IsCertificate);
    check(&folder.read("person.key.pem"), KeyError::Unprotected);
    folder.openssl("pkcs8 -topk8 -nocrypt -in person.key.pem -outform DER -out plain.der");
    check(&folder.read("plain.der"), KeyError::Unprotected);
    folder
        .openssl("pkcs12 -export -inkey person.key.pem -in person.pem -passout pass:12345678a -out both.pfx");
    check(&folder.read("both.pfx"), KeyError::IsContainer);
    pki.encrypt("person", "old.key", "-v1 PBE-SHA1-3DES");
    check(&folder.read("old.key"), KeyError::Unsupported);
    check(&vec![0x30; MAX_BYTES + 1], KeyError::TooLarge);
    check(b"", KeyError::NotAKey);
    check(b"12345678a", KeyError::NotAKey);
    let key = folder.read("person.key");
    check(&key[..key.len() - 1], KeyError::NotAKey);
    // A file that would keep the machine busy for hours.
    let rounds = key.windows(4).position(|bytes| bytes == [0x02, 0x02, 0x08, 0x00]).unwrap();
    let mut absurd = key.clone();
    absurd.splice(rounds..rounds + 4, [0x02, 0x04, 0x05, 0xf5, 0xe1, 0x00]);
    for position in outer_lengths(&absurd, rounds) {
        absurd[position] += 2;
    }
    check(&absurd, KeyError::Unsupported);
    assert!(matches!(Certificate::read(&key), Err(CertificateError::IsKey)));
}

/// Where the lengths of the structures stand that hold what is at `target`.
fn outer_lengths(der: &[u8], target: usize) -> Vec<usize> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < target {
        let (long, header) = if der[at + 1] < 0x80 { (0, 2) } else { (usize::from(der[at + 1] & 0x7f), 0) };
        let (length_at, header) = if long == 0 { (at + 1, header) } else { (at + 1 + long, 2 + long) };
        let length =
            der[length_at] as usize + if long > 1 { usize::from(der[length_at - 1]) << 8 } else { 0 };
        if at + header + length > target && der[at] == 0x30 {
            found.push(length_at);
            at += header;
        } else {
            at += header + length;
        }
    }
    found
}

#[test]
fn a_certificate_without_a_key_of_rsa_has_no_key_to_open() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    pki.folder.openssl("ecparam -name prime256v1 -genkey -noout -out curve.key.pem");
    pki.issue(&Order::new("curve", "ac"));
    let curve = pki.folder.certificate("curve.pem");
    let opened = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &curve);
    assert_eq!(opened.unwrap_err(), KeyError::DoesNotOpen);
}
