//! What is said of a signed file: by whom, when, how well it is proven, and why not.

use efirma::cms::Signed;
use efirma::pdf::{Evidence, add_evidence};
use efirma::verdict::{Integrity, Level, Reason, Revocation, Verdict};
use efirma::{Certificate, PrivateKey, Refusal, TrustStore, ocsp, timestamp, verify};
use jiff::{SignedDuration, Timestamp};

use crate::peers::{openssl_accepts, pdfsig, pyhanko_judges_ades, pyhanko_validates, verifier_says};
use crate::pki::{Order, PASSWORD, PERSON, PERSON_SERIAL, Pki};
use crate::{RECETA, authority, begin, sign};

fn trust(pki: &Pki) -> TrustStore {
    TrustStore::new(pki.authorities()).unwrap()
}

/// What is said of the file today.
fn verdicts(pki: &Pki, pdf: &[u8]) -> Vec<Verdict> {
    verify(pdf, &trust(pki), Timestamp::now()).unwrap()
}

fn refused(verdict: &Verdict, words: &str) {
    let reasons: Vec<String> = verdict.refusals.iter().map(ToString::to_string).collect();
    assert!(!verdict.valid && reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:?}");
}

/// Signs with a certificate of the test person and a timestamp.
fn sign_with_timestamp(pki: &Pki, certificate: &str) -> Vec<u8> {
    let signer = pki.folder.certificate(certificate);
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &signer).unwrap();
    let at = crate::moment();
    let signing = efirma::Signing::begin(RECETA, &crate::claim(&at), &signer, &pki.authorities()).unwrap();
    let signed = signing.to_sign().sign(&key).unwrap();
    let stamped = stamped(pki, &signed);
    signing.finish(&stamped).unwrap()
}

fn stamped(pki: &Pki, signed: &Signed) -> Signed {
    let query = timestamp::Query::new(signed.value(), [1; 8]).unwrap();
    let stamp = query.check(&pki.timestamp(query.der()), &trust(pki), Timestamp::now()).unwrap();
    signed.with_timestamp(&stamp.token).unwrap()
}

/// What the authority says of a certificate, in the file.
fn with_answer(pki: &Pki, pdf: &[u8], certificate: &Certificate) -> Vec<u8> {
    with_answer_and_lists(pki, pdf, certificate, Vec::new())
}

/// The same, with lists of what authorities revoked.
fn with_answer_and_lists(pki: &Pki, pdf: &[u8], certificate: &Certificate, lists: Vec<Vec<u8>>) -> Vec<u8> {
    let ac = pki.folder.certificate("ac.pem");
    let query = ocsp::Query::new(certificate, &ac, [2; 16]).unwrap();
    let answer = pki.revocation(query.der(), "service-ocsp");
    let certificates = ["ac.pem", "service-ocsp.pem", "service-tsa.pem"];
    let certificates = certificates.map(|name| pki.folder.certificate(name).der().to_vec()).to_vec();
    add_evidence(pdf, &Evidence { certificates, answers: vec![answer], lists }).unwrap()
}

#[test]
fn a_receta_signed_offline_says_who_signed_and_that_nothing_proves_when() {
    let Some(pki) = authority() else { return };
    let verdict = verdicts(&pki, &sign(&pki, RECETA)).remove(0);
    assert!(verdict.valid, "{:?}", verdict.refusals);
    let signer = verdict.signer.unwrap();
    assert_eq!(signer.name, "JUANA PÉREZ NÚÑEZ");
    assert_eq!(
        (signer.rfc.as_deref(), signer.curp.as_deref()),
        (Some("PENJ8001019A0"), Some("PENJ800101MDFRXN07"))
    );
    assert_eq!((verdict.level, verdict.integrity), (Some(Level::Basic), Integrity::Intact));
    assert_eq!((verdict.proven_at, verdict.revocation), (None, Revocation::Unknown));
    let claimed = verdict.claimed_at.unwrap();
    assert!(claimed.timestamp().duration_since(Timestamp::now()).abs() < SignedDuration::from_mins(1));
}

#[test]
fn timestamp_and_answer_of_revocation_prove_more_and_others_accept_them() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps().with_revocations("30001000000500000002");
    let signed = sign_with_timestamp(&pki, "person.pem");
    let verdict = verdicts(&pki, &signed).remove(0);
    assert_eq!((verdict.valid, verdict.level), (true, Some(Level::Timestamp)), "{:?}", verdict.refusals);
    assert!(verdict.proven_at.is_some());
    assert_eq!(verdict.timestamp_authority.as_deref(), Some("SELLO DE TIEMPO DE PRUEBA"));

    let kept = with_answer(&pki, &signed, &pki.person());
    let verdict = verdicts(&pki, &kept).remove(0);
    assert_eq!((verdict.valid, verdict.level), (true, Some(Level::LongTerm)), "{:?}", verdict.refusals);
    assert_eq!((verdict.integrity, verdict.revocation), (Integrity::Extended, Revocation::Good));
    // What is not in the file is said, and it is what the strictest judge misses.
    assert!(verdict.remarks.iter().any(|text| text.contains("AC DE PRUEBA")), "{:?}", verdict.remarks);
    if let Some((_, said)) = pyhanko_judges_ades(&pki, &kept) {
        assert!(said.contains("INTACT") && said.contains("for intermediate certificate 1"), "{said}");
    }
    for file in [&signed, &kept] {
        let found = efirma::pdf::signatures(file).unwrap().remove(0).unwrap();
        assert!(openssl_accepts(&pki, &found.cms, &found.signed(file).concat()));
        if let Some(said) = pdfsig(&pki, file) {
            assert!(said.contains("Signature is Valid") && said.contains("Certificate is Trusted"), "{said}");
        }
        if let Some((accepted, said)) = pyhanko_validates(&pki, file) {
            assert!(accepted, "{said}");
        }
    }
    // Four years later the certificate has ended; the timestamp says that it had not when it was signed.
    let later = Timestamp::now().checked_add(SignedDuration::from_hours(24 * 365 * 5)).unwrap();
    assert!(verify(&kept, &trust(&pki), later).unwrap()[0].valid);
    refused(
        &verify(&sign(&pki, RECETA), &trust(&pki), later).unwrap()[0],
        "nada prueba que se haya firmado antes",
    );
}

#[test]
fn with_the_lists_of_the_authorities_the_strictest_judge_needs_to_ask_nobody() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps().with_revocations("30001000000500000002");
    let signed = sign_with_timestamp(&pki, "person.pem");
    let (root, ac) = (pki.list("root", None), pki.list("ac", None));
    let kept = with_answer_and_lists(&pki, &signed, &pki.person(), vec![root.clone()]);
    let verdict = verdicts(&pki, &kept).remove(0);
    let missing = |verdict: &Verdict| verdict.remarks.iter().any(|one| one.contains("lista de revocación"));
    assert!(verdict.valid && verdict.level == Some(Level::LongTerm) && !missing(&verdict), "{verdict:?}");
    // pyHanko looks at no answer about a certificate that names nobody to ask, as SAT's do not: there it wants lists.
    let kept = add_evidence(&kept, &Evidence { lists: vec![ac.clone()], ..Evidence::default() }).unwrap();
    let verdict = verdicts(&pki, &kept).remove(0);
    assert_eq!((verdict.valid, verdict.level), (true, Some(Level::LongTerm)), "{:?}", verdict.refusals);
    assert!(!missing(&verdict), "{:?}", verdict.remarks);
    if let Some(said) = verifier_says(&kept) {
        assert_eq!(said, "evidence", "the file of a pharmacy says the same");
    }
    if let Some((accepted, said)) = pyhanko_judges_ades(&pki, &kept) {
        assert!(accepted && said.contains("INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>"), "{said}");
    }
    if let Some(said) = pdfsig(&pki, &kept) {
        assert!(said.contains("Signature is Valid") && said.contains("Certificate is Trusted"), "{said}");
    }
    // The list of the authority that issued the certificate is as good as its answer; that of another says nothing.
    for (lists, level) in
        [(vec![root, ac.clone()], Level::LongTerm), (vec![ac], Level::LongTerm), (vec![], Level::Timestamp)]
    {
        let evidence = Evidence { lists, ..Evidence::default() };
        let file = add_evidence(&signed, &evidence).unwrap();
        let verdict = verdicts(&pki, &file).remove(0);
        assert_eq!((verdict.valid, verdict.level), (true, Some(level)), "{:?}", verdict.refusals);
    }
}

#[test]
fn what_an_authority_signed_that_was_revoked_before_is_worth_nothing() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps().with_revocations("30001000000500000002");
    let signed = sign_with_timestamp(&pki, "person.pem");
    let revoked = pki.list("root", Some(PERSON_SERIAL));
    let words = "«AC DE PRUEBA» fue revocado el 01/11/2026";
    // It stands in the file, or who judges has it.
    let kept = with_answer_and_lists(&pki, &signed, &pki.person(), vec![revoked.clone()]);
    refused(&verdicts(&pki, &kept)[0], words);
    let list = efirma::RevocationList::read(&revoked).unwrap();
    let store = trust(&pki).with_lists(vec![list]);
    refused(&verify(&signed, &store, Timestamp::now()).unwrap()[0], words);
    let person = pki.person();
    let nobody = efirma::refusal::trusted_signer(&person, &[], &store, Timestamp::now());
    assert!(nobody.unwrap_err().to_string().contains(words));
    // One changed byte, and it is nobody's word.
    let mut changed = revoked;
    let end = changed.len() - 1;
    changed[end] ^= 1;
    let kept = with_answer_and_lists(&pki, &signed, &pki.person(), vec![changed]);
    assert!(verdicts(&pki, &kept)[0].valid);
}

#[test]
fn a_revocation_ends_what_was_not_proven_to_be_signed_before_it() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps().with_revocations("30001000000500000002");
    pki.issue(&Order { serial: "30001000000500000002", ..Order::new("person-revoked", "ac") });
    let revoked = pki.folder.certificate("person-revoked.pem");
    let signed = with_answer(&pki, &sign_with_timestamp(&pki, "person-revoked.pem"), &revoked);
    let verdict = verdicts(&pki, &signed).remove(0);
    // The list says 1 November 2026; the timestamp is of now.
    refused(&verdict, "fue revocado");
    assert_eq!(verdict.revocation, Revocation::Revoked);
    assert_eq!(verdict.level, Some(Level::Timestamp));
}

#[test]
fn what_makes_a_signature_worthless_is_said_to_who_did_not_sign_it() {
    let Some(pki) = authority() else { return };
    let signed = sign(&pki, RECETA);
    // Nobody believes the authority.
    let nobody = TrustStore::new(Vec::new()).unwrap();
    refused(&verify(&signed, &nobody, Timestamp::now()).unwrap()[0], "ninguna autoridad de confianza");
    // One changed byte of the page.
    let mut changed = signed.clone();
    changed[5_000] ^= 1;
    let verdict = verdicts(&pki, &changed).remove(0);
    refused(&verdict, "el contenido cambió después de la firma");
    assert_eq!(verdict.integrity, Integrity::Altered);
    // Loose bytes behind it: the signature itself holds.
    let verdict = verdicts(&pki, &[&signed[..], b"hola"].concat()).remove(0);
    refused(&verdict, "alterado después de la firma: hay datos sueltos");
    assert_eq!(verdict.level, Some(Level::Basic));
    // A seal, a company, a certificate of something else.
    let company = PERSON
        .replace("PENJ8001019A0", "EKU9003173C9 / PENJ8001019A0")
        .replace("=PENJ800101M", "=/ PENJ800101M");
    pki.issue(&Order::seal("person-csd", "ac"));
    pki.issue(&Order { subject: &company, ..Order::new("person-moral", "ac") });
    pki.issue(&Order {
        subject: "CN=OTRO",
        extensions: "keyUsage=digitalSignature,nonRepudiation",
        ..Order::new("person-otro", "ac")
    });
    for (name, words) in
        [("csd", "sello digital (CSD)"), ("moral", "persona moral"), ("otro", "no es una e.firma")]
    {
        let signer = pki.folder.certificate(&format!("person-{name}.pem"));
        let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &signer).unwrap();
        let at = crate::moment();
        let signing =
            efirma::Signing::begin(RECETA, &crate::claim(&at), &signer, &pki.authorities()).unwrap();
        let signed = signing.to_sign().sign(&key).unwrap();
        refused(&verdicts(&pki, &signing.finish(&signed).unwrap())[0], words);
    }
}

#[test]
fn a_timestamp_that_proves_nothing_leaves_the_signature_what_it_is_without() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps();
    let key = PrivateKey::open(&pki.folder.read("person.key"), PASSWORD.as_bytes(), &pki.person()).unwrap();
    let signing = begin(&pki, RECETA);
    let signed = signing.to_sign().sign(&key).unwrap();
    let query = timestamp::Query::new(b"otra cosa", [1; 8]).unwrap();
    let stamp = query.check(&pki.timestamp(query.der()), &trust(&pki), Timestamp::now()).unwrap();
    let file = signing.finish(&signed.with_timestamp(&stamp.token).unwrap()).unwrap();
    let verdict = verdicts(&pki, &file).remove(0);
    assert_eq!((verdict.valid, verdict.level, verdict.proven_at), (true, Some(Level::Basic), None));
    assert!(
        verdict.remarks.iter().any(|remark| remark.contains("es de otro contenido")),
        "{:?}",
        verdict.remarks
    );
}

#[test]
fn each_of_two_signatures_has_its_own_verdict() {
    let Some(pki) = authority() else { return };
    let both = sign(&pki, &sign(&pki, RECETA));
    let found = verdicts(&pki, &both);
    assert!(found.len() == 2 && found.iter().all(|verdict| verdict.valid));
    assert_eq!((found[0].integrity, found[1].integrity), (Integrity::Extended, Integrity::Intact));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json[0]["integrity"], "extended");
    assert_eq!(json[0]["level"], "B-B");
    assert_eq!(json[1]["signer"]["rfc"], "PENJ8001019A0");
    assert!(json[1]["claimed_at"].as_str().unwrap().ends_with("-06:00"));
    // The second one is broken: the first still holds.
    let mut changed = both.clone();
    let last = changed.len() - 30_000;
    changed[last] = if changed[last] == b'0' { b'1' } else { b'0' };
    let found = verdicts(&pki, &changed);
    assert!(matches!(found.iter().filter(|verdict| verdict.valid).count(), 0 | 1), "{found:?}");
    assert!(verify(RECETA, &trust(&pki), Timestamp::now()).unwrap().is_empty());
    assert!(
        matches!(Reason::Signer(Refusal::Seal).to_string().as_str(), words if words.contains("facturar"))
    );
}

#[test]
fn a_timestamp_over_the_file_is_told_from_a_signature() {
    let Some(pki) = authority() else { return };
    let pki = pki.with_timestamps();
    let once = sign(&pki, RECETA);
    // Made as a signature is, with another kind of the same length.
    let at = crate::moment();
    let stamped = |pdf: &[u8], nonce: u8| {
        let file = efirma::pdf::prepare(pdf, 0, &crate::claim(&at)).unwrap().finish(&[0x30, 0]).unwrap();
        let place = file.windows(19).rposition(|window| window == b"ETSI.CAdES.detached").unwrap();
        let mut file = file;
        file[place..place + 19].copy_from_slice(b"ETSI.RFC3161       ");
        let found = efirma::pdf::signatures(&file).unwrap().pop().unwrap().unwrap();
        let query = timestamp::Query::new(&found.signed(&file).concat(), [nonce; 8]).unwrap();
        let stamp = query.check(&pki.timestamp(query.der()), &trust(&pki), Timestamp::now()).unwrap();
        let digits: String = stamp.token.iter().map(|byte| format!("{byte:02X}")).collect();
        let start = found.ranges[0].end + 1;
        file[start..start + digits.len()].copy_from_slice(digits.as_bytes());
        file
    };
    let file = stamped(&once, 1);
    let found = verdicts(&pki, &file);
    assert!(found.iter().all(|verdict| verdict.valid), "{found:?}");
    assert_eq!((found[0].is_timestamp, found[0].integrity), (false, Integrity::Extended));
    assert!(found[0].integrity_text.contains("un sello de tiempo"), "{}", found[0].integrity_text);
    assert!(found[1].is_timestamp && found[1].proven_at.is_some());
    let mut changed = file.clone();
    changed[5_000] ^= 1;
    let found = verdicts(&pki, &changed);
    assert!(found.iter().all(|verdict| !verdict.valid), "{found:?}");
    refused(&found[1], "es de otro contenido");
}
