//! Who is believed: authorities, their limits, and the person of an account.

use efirma::trust::{ChainError, Purpose, World};
use efirma::{Certificate, Kind, Refusal, TrustStore, refusal};
use jiff::{SignedDuration, Timestamp};

use crate::pki::{Order, Pki, openssl_is_here};

/// A minute from now, when all certificates a test makes are valid.
fn soon() -> Timestamp {
    Timestamp::now().checked_add(SignedDuration::from_mins(1)).unwrap()
}

#[test]
fn an_authority_is_believed_for_what_it_may_issue_and_nobody_else_is() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    assert_eq!(trust.world(), World::Own);
    let now = soon();
    let chain =
        |leaf: &Certificate, brought: &[Certificate]| trust.chain(leaf, brought, now, Purpose::Signature);
    assert_eq!(chain(&pki.person(), &[]).unwrap().links().len(), 3);
    // The authority may come with the signature; the root may not.
    let root_only = TrustStore::new(vec![pki.folder.certificate("root.pem")]).unwrap();
    let ac = pki.folder.certificate("ac.pem");
    assert!(root_only.chain(&pki.person(), std::slice::from_ref(&ac), now, Purpose::Signature).is_ok());
    let ac_only = TrustStore::new(vec![ac]).unwrap();
    assert!(ac_only.is_empty());
    let refused = ac_only.chain(&pki.person(), &pki.authorities(), now, Purpose::Signature);
    assert!(matches!(refused, Err(ChainError::UnknownIssuer { .. })));
    // A physician issues no certificates, whatever they sign.
    pki.issue(&Order { serial: "30001000000500000009", ..Order::new("service-child", "person") });
    let child = pki.folder.certificate("service-child.pem");
    let refused = chain(&child, &[pki.person()]);
    assert!(matches!(refused, Err(ChainError::NotAnAuthority { .. })), "{refused:?}");
    // An authority with room for none below makes no further authority.
    pki.issue(&Order {
        subject: "CN=AC DE MAS",
        extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign",
        ..Order::new("service-ca", "ac")
    });
    pki.folder.write("service-ca.key.pem", pki.folder.read("service.key.pem"));
    pki.issue(&Order { serial: "30001000000500000010", ..Order::new("person-deep", "service-ca") });
    let deep = chain(&pki.folder.certificate("person-deep.pem"), &[pki.folder.certificate("service-ca.pem")]);
    assert!(matches!(deep, Err(ChainError::NotAnAuthority { .. })), "{deep:?}");
    // Somebody who calls themselves like the authority.
    pki.root("service", "CN=AC DE PRUEBA\nO=AUTORIDAD DE PRUEBA");
    pki.issue(&Order::new("person-false", "service"));
    let impostor =
        chain(&pki.folder.certificate("person-false.pem"), &[pki.folder.certificate("service.pem")]);
    assert!(matches!(impostor, Err(ChainError::UnknownIssuer { .. })), "{impostor:?}");
}

#[test]
fn weak_certificates_expired_ones_and_those_that_demand_the_unknown_are_refused() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let trust = TrustStore::new(pki.authorities()).unwrap();
    let now = soon();
    let refusal_of = |name: &str| {
        let certificate = pki.folder.certificate(name);
        refusal::trusted_signer(&certificate, &[], &trust, now).unwrap_err()
    };
    pki.issue(&Order { more: "-sha1", ..Order::new("person-sha1", "ac") });
    assert_eq!(refusal_of("person-sha1.pem"), Refusal::WeakSignature);
    pki.issue(&Order { more: "-md5", ..Order::new("person-md5", "ac") });
    assert_eq!(refusal_of("person-md5.pem"), Refusal::WeakSignature);
    pki.folder.openssl("genrsa -out short.key.pem 1024");
    pki.issue(&Order::new("short", "ac"));
    assert_eq!(refusal_of("short.pem"), Refusal::WeakKey);
    pki.folder.openssl("ecparam -name prime256v1 -genkey -noout -out curve.key.pem");
    pki.issue(&Order::new("curve", "ac"));
    assert_eq!(refusal_of("curve.pem"), Refusal::WeakKey);
    let person = pki.person();
    let second = SignedDuration::from_secs(1);
    let before = person.valid_from().checked_sub(second).unwrap();
    assert!(matches!(refusal::signer(&person, before), Err(Refusal::NotYetValid { .. })));
    let after = person.valid_until().checked_add(second).unwrap();
    assert!(matches!(refusal::signer(&person, after), Err(Refusal::Expired { .. })));
    assert!(refusal::signer(&person, person.valid_until()).is_ok());
    let demanding = format!("{}\n1.2.3.4=critical,ASN1:NULL", Order::new("", "").extensions);
    pki.issue(&Order { extensions: &demanding, ..Order::new("person-demanding", "ac") });
    let refused = refusal_of("person-demanding.pem");
    assert!(matches!(refused, Refusal::Chain(ChainError::WrongPurpose { .. })), "{refused:?}");
    pki.issue(&Order::seal("person-seal", "ac"));
    assert_eq!(refusal_of("person-seal.pem"), Refusal::Seal);
}

#[test]
fn names_with_enye_and_ampersand_are_read_however_they_are_written() {
    if !openssl_is_here() {
        return;
    }
    let pki = Pki::new();
    let subject = "CN=ÑEVES RAMIREZ\nx500UniqueIdentifier=RAQÑ7701212M3\nserialNumber=RAQN770121HDFMZV08";
    pki.issue(&Order { subject, ..Order::new("person-enye", "ac") });
    let read = pki.folder.certificate("person-enye.pem");
    // The test means nothing unless it is SAT's old encoding.
    assert!(read.der().windows(4).any(|bytes| bytes == [0x14, 0x0d, b'R', b'A']), "not a T61String");
    let Kind::Person(person) = read.kind() else { panic!("{:?}", read.kind()) };
    assert_eq!((&person.rfc[..], &person.name[..]), ("RAQÑ7701212M3", "ÑEVES RAMIREZ"));
    assert!(person.curp_is_odd());
    let company =
        "CN=H & E\nx500UniqueIdentifier=H&E951128469 / XOJI740919U48\nserialNumber=\" / XOJI740919MQTDMN02\"";
    pki.issue(&Order { subject: company, ..Order::new("person-company", "ac") });
    let read = pki.folder.certificate("person-company.pem");
    let Kind::Company(company) = read.kind() else { panic!("{:?}", read.kind()) };
    assert_eq!(
        (&company.rfc[..], company.representative_rfc.as_deref()),
        ("H&E951128469", Some("XOJI740919U48"))
    );
    // What turns the reading direction or shows nothing is not shown.
    let turned =
        "CN=ANA \u{202e}ZEPOL\u{200b}\nx500UniqueIdentifier=PENJ8001019A0\nserialNumber=PENJ800101MDFRXN07";
    pki.issue(&Order { subject: turned, ..Order::new("person-turned", "ac") });
    assert_eq!(pki.folder.certificate("person-turned.pem").name(), "ANA ZEPOL");
    // Two identities in one certificate are none.
    let two = "0.x500UniqueIdentifier=PENJ8001019A0\n1.x500UniqueIdentifier=RELM750505AB0\nserialNumber=PENJ800101MDFRXN07";
    pki.issue(&Order { subject: two, ..Order::new("person-two", "ac") });
    assert_eq!(pki.folder.certificate("person-two.pem").kind(), &Kind::Other);
}

#[test]
fn an_efirma_signs_only_for_the_account_of_its_person() {
    if !openssl_is_here() {
        return;
    }
    let person = Pki::new().person();
    let Kind::Person(person) = person.kind() else { panic!("{:?}", person.kind()) };
    let check = |rfc: Option<&str>, curp: Option<&str>| refusal::belongs_to(person, rfc, curp);
    assert_eq!(check(Some("penj8001019a0 "), Some("PENJ800101MDFRXN07")), Ok(()));
    assert_eq!(check(None, Some("PENJ800101MDFRXN07")), Ok(()));
    assert!(matches!(check(Some("RELM750505AB0"), None), Err(Refusal::OtherRfc { .. })));
    assert!(matches!(
        check(Some("PENJ8001019A0"), Some("RELM750505HDFVPR04")),
        Err(Refusal::OtherCurp { .. })
    ));
    assert!(matches!(check(Some(""), None), Err(Refusal::OtherRfc { .. })));
}
