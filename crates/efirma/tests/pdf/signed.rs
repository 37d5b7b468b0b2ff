//! What is signed here is accepted elsewhere.

use efirma::pdf::{
    Addition, Claim, Error, Evidence, RESERVE, Since, SubFilter, add_evidence, evidence, prepare, signatures,
};

use efirma::{Certificate, PrivateKey, Signing};
use jiff::{SignedDuration, ZonedDateTime};

use crate::peers::{
    openssl_accepts, pdfsig, pdfsig_at, pyhanko_signs, pyhanko_validates, pyhanko_validates_at, qpdf_accepts,
    qpdf_reads,
};
use crate::pki::{Folder, PASSWORD, openssl_is_here, sat_files};
use crate::{PACKED, RECETA, authority, claim, moment, sign};

fn only_added(since: &Since, what: &[Addition]) -> bool {
    matches!(since, Since::Added(added) if added.iter().copied().eq(what.iter().copied()))
}

#[test]
fn a_signed_pdf_is_accepted_by_four_programs_of_others() {
    let Some(pki) = authority() else { return };
    for original in [RECETA, PACKED] {
        let signed = sign(&pki, original);
        assert!(signed.starts_with(original), "what was there stays byte for byte");
        assert!(qpdf_accepts(&signed));
        let found = signatures(&signed).unwrap().remove(0).unwrap();
        assert!(openssl_accepts(&pki, &found.cms, &found.signed(&signed).concat()));
        if let Some(said) = pdfsig(&pki, &signed) {
            for line in [
                "ETSI.CAdES.detached",
                "Total document signed",
                "Signature is Valid",
                "Certificate is Trusted",
            ] {
                assert!(said.contains(line), "{line}\n{said}");
            }
        }
        if let Some((accepted, said)) = pyhanko_validates(&pki, &signed) {
            assert!(accepted, "{said}");
        }
    }
}

#[test]
fn a_signature_is_found_with_what_its_signer_says_of_it() {
    let Some(pki) = authority() else { return };
    let signed = sign(&pki, RECETA);
    let found = signatures(&signed).unwrap().remove(0).unwrap();
    assert_eq!(found.sub_filter, SubFilter::Cades);
    assert_eq!(found.name.as_deref(), Some("JUANA PÉREZ NÚÑEZ"));
    assert_eq!((found.reason.as_deref(), found.place.as_deref()), (Some("Receta médica"), Some("Mérida")));
    let claimed = found.claimed_at.unwrap();
    assert_eq!(claimed.offset(), moment().offset());
    assert!(claimed.timestamp().duration_since(moment().timestamp()).abs() < SignedDuration::from_mins(1));
    assert_eq!(found.since, Since::Nothing);
}

/// What ISO 19005-2 (PDF/A-2a) and ISO 14289-1 (PDF/UA-1) ask of what a signature adds, and of what it must leave alone, in
/// the words of another reader. No program that checks whole conformance runs here.
#[test]
fn a_signed_file_keeps_what_pdf_a_and_pdf_ua_ask_for() {
    let Some(pki) = authority() else { return };
    let Some(before) = qpdf_reads(RECETA) else { return };
    let evidence = Evidence { answers: vec![vec![0x30, 0]], ..Evidence::default() };
    let signed = add_evidence(&sign(&pki, RECETA), &evidence).unwrap();
    let objects = qpdf_reads(&signed).unwrap();
    let get = |reference: &serde_json::Value| {
        objects[format!("obj:{}", reference.as_str().unwrap())]["value"].clone()
    };
    let (old, new) = (&before["trailer"]["value"], &objects["trailer"]["value"]);
    assert_eq!((&old["/Info"], &old["/ID"][0]), (&new["/Info"], &new["/ID"][0]));
    assert!(new.get("/Encrypt").is_none());
    let (was, catalog) = (&before["obj:48 0 R"]["value"], get(&new["/Root"]));
    for kept in ["/Metadata", "/OutputIntents", "/StructTreeRoot", "/MarkInfo", "/Lang", "/ViewerPreferences"]
    {
        assert!(!was[kept].is_null() && was[kept] == catalog[kept], "{kept}");
        if let Some(reference) = was[kept].as_str().filter(|text| text.ends_with(" R")) {
            let place = format!("obj:{reference}");
            assert_eq!(before[&place], objects[&place], "{kept}");
        }
    }
    for forbidden in ["/AA", "/OpenAction", "/Perms", "/Requirements"] {
        assert!(catalog.get(forbidden).is_none(), "{forbidden}");
    }
    let form = if catalog["/AcroForm"].is_string() {
        get(&catalog["/AcroForm"])
    } else {
        catalog["/AcroForm"].clone()
    };
    assert!(form.get("/NeedAppearances").is_none() && form.get("/XFA").is_none() && form["/SigFlags"] == 3);
    let widget = get(&form["/Fields"][0]);
    // Print is set; Invisible, Hidden, NoView and ToggleNoView are not (19005-2, 6.3.2). It has no size, so it needs no picture
    // (6.3.3), lies outside of what is seen (14289-1, 7.18.1), and does nothing (19005-2, 6.5).
    assert_eq!(widget["/F"].as_u64().unwrap() & 0b1_0010_0111, 0b100);
    assert_eq!(widget["/Rect"], serde_json::json!([0, 0, 0, 0]));
    assert!(["/A", "/AA", "/AP"].iter().all(|key| widget.get(key).is_none()));
    assert!(!widget["/TU"].as_str().unwrap().is_empty(), "its name is read aloud");
    let page = get(&widget["/P"]);
    assert_eq!((&page["/Tabs"], page.get("/AA")), (&serde_json::json!("/S"), None));
    assert_eq!(get(&widget["/V"])["/SubFilter"], "/ETSI.CAdES.detached");
    let streams = objects.as_object().unwrap().values().filter_map(|object| object.get("stream"));
    for stream in streams {
        assert!(stream["dict"].get("/F").is_none() && stream["dict"]["/Filter"] != "/LZWDecode");
    }
}

#[test]
fn a_second_signature_and_evidence_leave_the_first_signature_valid() {
    let Some(pki) = authority() else { return };
    for original in [RECETA, PACKED] {
        let once = sign(&pki, original);
        let kept = Evidence {
            certificates: vec![vec![0x30, 3, 1, 2, 3]],
            answers: vec![vec![0x30, 0]],
            lists: vec![vec![0x30, 1, 7]],
        };
        let with_evidence = add_evidence(&once, &kept).unwrap();
        let twice = sign(&pki, &with_evidence);
        let more = Evidence { answers: vec![vec![0x30, 0], vec![0x30, 1, 5]], ..kept.clone() };
        let last = add_evidence(&twice, &more).unwrap();
        assert!(
            last.starts_with(&twice) && twice.starts_with(&with_evidence) && with_evidence.starts_with(&once)
        );
        assert_eq!(evidence(&last).unwrap(), more, "what is known is not added again");
        assert_eq!(add_evidence(&last, &more).unwrap(), last);

        let found: Vec<_> = signatures(&last).unwrap().into_iter().map(Result::unwrap).collect();
        assert!(
            only_added(&found[0].since, &[Addition::Signature, Addition::Evidence]),
            "{}",
            found[0].since
        );
        assert!(only_added(&found[1].since, &[Addition::Evidence]), "{}", found[1].since);
        for signature in &found {
            assert!(openssl_accepts(&pki, &signature.cms, &signature.signed(&last).concat()));
        }
        assert!(qpdf_accepts(&last));
        if let Some(said) = pdfsig(&pki, &last) {
            assert_eq!(said.matches("Signature is Valid").count(), 2, "{said}");
        }
        if let Some((accepted, said)) = pyhanko_validates(&pki, &twice) {
            assert!(accepted, "{said}");
        }
    }
}

#[test]
fn a_signature_another_program_adds_is_an_addition() {
    let Some(pki) = authority() else { return };
    for original in [RECETA, PACKED] {
        let Some(both) = pyhanko_signs(&pki, &sign(&pki, original)) else { return };
        let found: Vec<_> = signatures(&both).unwrap().into_iter().map(Result::unwrap).collect();
        assert_eq!(found.len(), 2);
        assert!(
            matches!(&found[0].since, Since::Added(added) if added.contains(&Addition::Signature)),
            "{}",
            found[0].since
        );
        assert_eq!(found[1].since, Since::Nothing);
        assert_eq!(found[1].field, "Otra");
    }
}

#[test]
fn a_signature_that_does_not_fit_is_refused_and_never_cut() {
    let at = moment();
    let claim = Claim { at: &at, name: "", reason: "", place: "" };
    let prepared = prepare(RECETA, 0, &claim).unwrap();
    let error = prepared.clone().finish(&vec![0x30; RESERVE + 1]).unwrap_err();
    assert_eq!(error, Error::DoesNotFit { needed: RESERVE + 1, reserved: RESERVE });
    assert!(prepared.finish(&vec![0x30; RESERVE]).is_ok());
    assert!(prepare(RECETA, RESERVE + 1, &claim).unwrap().finish(&vec![0x30; RESERVE + 1]).is_ok());
}

#[test]
fn preparing_again_gives_the_same_bytes_so_that_nobody_has_to_keep_them() {
    let at = moment();
    let claim = Claim { at: &at, name: "Ñ", reason: "", place: "" };
    let (one, other) = (prepare(RECETA, 0, &claim).unwrap(), prepare(RECETA, 0, &claim).unwrap());
    assert_eq!(one.digest(), other.digest());
    assert_eq!(one.signed(), other.signed());
}

#[test]
fn others_accept_the_signatures_of_sats_test_persons_at_their_time() {
    let Some(sat) = sat_files().filter(|_| openssl_is_here()) else { return };
    let folder = Folder::new();
    let read = |name: &str| Certificate::read(&std::fs::read(sat.join(name)).unwrap()).unwrap();
    let authorities = [read("ca/test/arcbeta_crt_raiz.cer"), read("ca/test/AC_4096_2018.cer")];
    folder.write("root.der", authorities[0].der());
    folder.openssl("x509 -inform DER -in root.der -out root.pem");
    let at: ZonedDateTime = "2021-06-01T06:00:00-06:00[-06:00]".parse().unwrap();
    // One name has its Ñ in T61String.
    for person in ["fisica/KAHO641101B39", "fisica/RAQN7701212M3-enye"] {
        let signer = read(&format!("{person}.cer"));
        let key = std::fs::read(sat.join(format!("{person}.key"))).unwrap();
        let key = PrivateKey::open(&key, PASSWORD.as_bytes(), &signer).unwrap();
        let signing = Signing::begin(RECETA, &claim(&at), &signer, &authorities).unwrap();
        let signed = signing.to_sign().sign(&key).unwrap();
        let file = signing.finish(&signed).unwrap();

        let found = signatures(&file).unwrap().remove(0).unwrap();
        folder.write("found.der", &found.cms);
        folder.write("found.bin", found.signed(&file).concat());
        let said = folder.openssl(&format!(
            "cms -verify -inform DER -in found.der -content found.bin -binary -CAfile root.pem -purpose any -cades \
             -attime {} -out cms.out",
            at.timestamp().as_second()
        ));
        assert!(said.contains("CAdES Verification successful"), "{said}");
        if let Some((accepted, said)) = pyhanko_validates_at(&folder, &file, "2021-06-01T12:00:00+00:00") {
            assert!(accepted, "{said}");
        }
        if let Some(said) = pdfsig_at(&folder, &file, "2021-06-01") {
            assert!(said.contains("Signature is Valid") && said.contains("Certificate is Trusted"), "{said}");
        }
    }
}
