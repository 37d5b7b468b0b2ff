//! Signing a document with an e.firma, over a real record, with keys and services of `openssl`: what is refused and why,
//! what is kept, and that it is what is handed out from then on.

use std::sync::Arc;

use care::audit::AuditFilter;
use care::efirma::{EfirmaBegun, EfirmaNext, EfirmaOrder, ToSign};
use care::efirma_later::LaterAnswers;
use care::efirma_proof::{Authorities, PublishedList};
use care::review::ReviewAction;
use care::{Actor, Care, CareError};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::efirma::{RevocationCheck, SignatureLevel};
use clinical::ids::DocumentId;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use efirma::seal::Seal;
use jiff::Timestamp;
use storage::verify;
use test_support::pki::{Pki, Says};
use test_support::{Clinic, PASSWORD, actor, engines};

/// A clinic of today with a signed note of its physician, and a world of certificates.
struct Desk {
    clinic: Clinic,
    care: Care,
    pki: Arc<Pki>,
    note: DocumentId,
}

async fn desk(engine: test_support::Engine, authorities: impl Fn(&Arc<Pki>) -> Authorities) -> Option<Desk> {
    let pki = Pki::new()?;
    let clinic = Clinic::on(engine).await;
    clinic.clock.set(Timestamp::now() + jiff::SignedDuration::from_secs(60));
    let care = clinic.care.clone().with_authorities(authorities(&pki));
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let physician = actor(&clinic.care, "ines").await;
    let note = clinic.signed_note(&physician, patient).await;
    Some(Desk { clinic, care, pki, note })
}

impl Desk {
    async fn physician(&self) -> Actor {
        actor(&self.clinic.care, "ines").await
    }

    fn order(&self, who: &str) -> EfirmaOrder {
        EfirmaOrder {
            certificate: self.pki.read(&format!("{who}.cer")),
            documents: vec![self.note],
            confirmed: true,
            password: PASSWORD.to_owned(),
        }
    }

    async fn begin(&self, who: &str) -> Result<ToSign, CareError> {
        match self.care.begin_efirma(&self.physician().await, self.order(who)).await? {
            EfirmaBegun::Sign(mut asked) => Ok(asked.remove(0)),
            EfirmaBegun::Confirm(person) => panic!("asked to confirm {}", person.name),
        }
    }

    async fn answer(&self, asked: &ToSign, who: &str) -> Result<EfirmaNext, CareError> {
        let answer = self.pki.sign(who, &asked.message);
        self.care.answer_efirma(&self.physician().await, &asked.token, &answer).await
    }

    async fn sign(&self, who: &str) -> Result<EfirmaNext, CareError> {
        let asked = self.begin(who).await?;
        self.answer(&asked, who).await
    }
}

/// At which field it is refused, and in which words.
fn refused<T: std::fmt::Debug>(result: Result<T, CareError>, field: &str, words: &str) {
    match result {
        Err(CareError::Invalid(errors)) => {
            assert_eq!(errors[0].field, field, "{errors:?}");
            assert!(errors[0].message.contains(words), "{errors:?}");
            assert!(errors[0].message.starts_with(char::is_uppercase), "{errors:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_signed_note_gets_its_authors_e_firma_and_is_handed_out_with_it() {
    for engine in engines() {
        let Some(desk) = desk(engine, |pki| pki.authorities()).await else { return };
        let physician = desk.physician().await;
        let before = desk.care.document(&physician, desk.note).await.unwrap();
        let done = desk.sign("juana").await.unwrap();
        assert!(
            matches!(
                done,
                EfirmaNext::Done { level: SignatureLevel::Basic, revocation: RevocationCheck::NotAsked, .. }
            ),
            "{done:?}"
        );
        let view = desk.care.document(&physician, desk.note).await.unwrap();
        assert_eq!(view.document, before.document, "what was signed here stays as it is");
        let efirma = view.efirma.unwrap();
        assert_eq!((efirma.rfc.as_str(), efirma.name.as_str()), ("PENJ8001019A0", "JUANA PÉREZ NÚÑEZ"));
        let number = desk.care.print(&physician, desk.note, false, "").await.unwrap();
        let pdf = desk.care.printed(&physician, desk.note, number).await.unwrap().bytes;
        assert_eq!(storage::sha256(&pdf), efirma.pdf_digest);
        let verdicts = efirma::verify(&pdf, &desk.pki.trust(), desk.care.now()).unwrap();
        assert!(verdicts.len() == 1 && verdicts[0].valid, "{verdicts:?}");
        let report = verify::verify(desk.care.database(), desk.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
        // It is given once.
        assert!(desk.care.efirma_offer(&physician, desk.note).await.unwrap().documents.is_empty());
        assert!(matches!(desk.begin("juana").await, Err(CareError::Conflict { .. })));
    }
}

#[tokio::test]
async fn with_a_clock_and_a_revocation_service_the_signature_proves_more() {
    let Some(desk) = desk(test_support::Engine::Embedded, Pki::authorities_with_services).await else {
        return;
    };
    let done = desk.sign("juana").await.unwrap();
    assert!(
        matches!(
            done,
            EfirmaNext::Done { level: SignatureLevel::LongTerm, revocation: RevocationCheck::Good, .. }
        ),
        "{done:?}"
    );
    // Nothing is left to ask: the file carries the list of the root, too.
    let physician = desk.physician().await;
    let number = desk.care.print(&physician, desk.note, false, "").await.unwrap();
    let pdf = desk.care.printed(&physician, desk.note, number).await.unwrap().bytes;
    let verdict = efirma::verify(&pdf, &desk.pki.trust(), desk.care.now()).unwrap().remove(0);
    assert!(verdict.valid && verdict.remarks.is_empty(), "{verdict:?}");
}

#[tokio::test]
async fn services_that_do_not_answer_or_answer_nonsense_leave_a_plain_signature_that_says_so() {
    for says in [None, Some(Vec::new()), Some(vec![0x30; 5000])] {
        let with = |pki: &Arc<Pki>| Authorities {
            timestamps: Some(Arc::new(Says(says.clone()))),
            revocations: Some(Arc::new(Says(says.clone()))),
            lists: Arc::new([PublishedList::new(Says(says.clone()))]),
            ..pki.authorities()
        };
        let Some(desk) = desk(test_support::Engine::Embedded, with).await else { return };
        let done = desk.sign("juana").await.unwrap();
        assert!(
            matches!(
                done,
                EfirmaNext::Done { level: SignatureLevel::Basic, revocation: RevocationCheck::NoAnswer, .. }
            ),
            "{done:?}"
        );
    }
}

#[tokio::test]
async fn somebody_is_told_when_the_certificate_they_sign_with_ends_soon_or_has_ended() {
    for engine in engines() {
        let Some(desk) = desk(engine, |pki| pki.authorities()).await else { return };
        let physician = desk.physician().await;
        assert_eq!(
            desk.care.own_efirma_ends(&physician).await.unwrap(),
            None,
            "who signs with none is told nothing"
        );
        desk.sign("juana").await.unwrap();
        let until =
            efirma::certificate::Certificate::read(&desk.pki.read("juana.cer")).unwrap().valid_until();
        let days = |days: i64| until - jiff::SignedDuration::from_hours(24 * days);
        for (now, told) in [(days(61), None), (days(59), Some(false)), (days(-1), Some(true))] {
            desk.clinic.clock.set(now);
            let ends = desk.care.own_efirma_ends(&physician).await.unwrap();
            assert_eq!(ends.map(|end| (end.at, end.past)), told.map(|past| (until, past)), "{now}");
        }
    }
}

#[tokio::test]
async fn a_wrong_e_firma_of_an_account_is_undone_by_its_owner_and_what_it_signed_stays() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let physician = desk.physician().await;
    let none = desk.care.forget_own_efirma(&physician, PASSWORD.to_owned()).await;
    assert!(matches!(none, Err(CareError::NotFound { .. })), "{none:?}");
    desk.sign("mario").await.unwrap();
    let wrong = desk.care.forget_own_efirma(&physician, "otra".to_owned()).await;
    assert!(matches!(wrong, Err(CareError::WrongPassword)), "{wrong:?}");
    assert_eq!(desk.care.own_efirma(&physician).await.unwrap().unwrap().rfc, "RELM750505AB0");
    desk.care.forget_own_efirma(&physician, PASSWORD.to_owned()).await.unwrap();
    assert_eq!(desk.care.own_efirma(&physician).await.unwrap(), None);
    let kept = desk.care.document(&physician, desk.note).await.unwrap().efirma.unwrap();
    assert_eq!(kept.rfc, "RELM750505AB0", "what was signed stays signed with what it was signed with");
    let events = desk.care.audit_events(&desk.clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
    let told = events.events.iter().find(|(event, _)| event.entity == "account_efirma").unwrap();
    assert_eq!(told.0.reason.as_deref(), Some("desvinculada, RFC RELM750505AB0"));
    // Another person's may be confirmed now.
    let patient = desk.clinic.patient("Otra", "Persona").await;
    let note = desk.clinic.signed_note(&physician, patient).await;
    let order = EfirmaOrder { documents: vec![note], confirmed: false, ..desk.order("juana") };
    let asked = desk.care.begin_efirma(&physician, order).await.unwrap();
    assert!(matches!(asked, EfirmaBegun::Confirm(person) if person.rfc == "PENJ8001019A0"));
}

#[tokio::test]
async fn an_answer_that_comes_a_day_later_is_added_to_the_file_and_the_file_before_stays_known() {
    for engine in engines() {
        // The clock answers at the signature, the revocation service does not.
        let with = |pki: &Arc<Pki>| Authorities {
            revocations: Some(Arc::new(Says(None))),
            ..pki.authorities_with_services()
        };
        let Some(desk) = desk(engine, with).await else { return };
        desk.sign("juana").await.unwrap();
        let physician = desk.physician().await;
        let efirma = async |care: &Care| care.document(&physician, desk.note).await.unwrap().efirma.unwrap();
        let before = efirma(&desk.care).await;
        assert_eq!((before.level, before.revocation), (SignatureLevel::Timestamp, RevocationCheck::NoAnswer));
        assert_eq!(
            desk.care.ask_revocations_again().await.unwrap(),
            LaterAnswers { added: 0, waiting: 1 },
            "nobody answers yet"
        );
        let answered = desk.clinic.care.clone().with_authorities(desk.pki.authorities_with_services());
        assert_eq!(answered.ask_revocations_again().await.unwrap(), LaterAnswers { added: 1, waiting: 0 });
        assert_eq!(answered.ask_revocations_again().await.unwrap(), LaterAnswers::default(), "once");

        let after = efirma(&answered).await;
        assert_eq!((after.level, after.revocation), (SignatureLevel::LongTerm, RevocationCheck::Good));
        assert_eq!((after.claimed_at, after.proven_at), (before.claimed_at, before.proven_at));
        let mut tx = answered.database().begin_read().await.unwrap();
        let old = answered.blobs().get(&mut tx, before.pdf).await.unwrap();
        drop(tx);
        let number = answered.print(&physician, desk.note, false, "").await.unwrap();
        let new = answered.printed(&physician, desk.note, number).await.unwrap().bytes;
        assert!(new.starts_with(&old), "what was signed stays byte for byte");
        for file in [old, new] {
            let checked = answered.check_file(file, "10.0.0.1").await.unwrap();
            assert!(checked.verdicts[0].valid && checked.here.is_some(), "{:?}", checked.verdicts);
        }
        let report = verify::verify(answered.database(), answered.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn a_revocation_learned_later_is_kept_and_told() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    desk.sign("mario").await.unwrap();
    let answered = desk.clinic.care.clone().with_authorities(desk.pki.authorities_with_services());
    assert_eq!(answered.ask_revocations_again().await.unwrap().added, 1);
    let efirma = answered.document(&desk.physician().await, desk.note).await.unwrap().efirma.unwrap();
    assert_eq!(efirma.revocation, RevocationCheck::Revoked);
    let mut tx = answered.database().begin_read().await.unwrap();
    let file = answered.blobs().get(&mut tx, efirma.pdf).await.unwrap();
    drop(tx);
    let verdict = answered.check_file(file, "10.0.0.1").await.unwrap().verdicts.remove(0);
    assert!(!verdict.valid && verdict.refusals[0].to_string().contains("revocado"), "{:?}", verdict.refusals);
}

#[tokio::test]
async fn a_revoked_certificate_signs_nothing() {
    let Some(desk) = desk(test_support::Engine::Embedded, Pki::authorities_with_services).await else {
        return;
    };
    refused(desk.sign("mario").await, "cer", "fue revocado");
    let physician = desk.physician().await;
    assert!(desk.care.document(&physician, desk.note).await.unwrap().efirma.is_none());
    let offer = desk.care.efirma_offer(&physician, desk.note).await.unwrap();
    assert_eq!(offer.account, None, "and the account is nobody's yet");
}

#[tokio::test]
async fn a_certificate_that_may_not_sign_is_refused_in_words_beside_its_field() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    refused(desk.begin("csd").await, "cer", "certificado de sello digital (CSD)");
    refused(desk.begin("ac").await, "cer", "no es una e.firma");
    let physician = desk.physician().await;
    for (bytes, words) in [
        (desk.pki.read("juana.key"), "es una llave (.key)"),
        (desk.pki.read("juana.cer")[..400].to_vec(), "no es un certificado o está incompleto"),
        (vec![0x30; 10_000_000], "demasiado"),
    ] {
        let order = EfirmaOrder { certificate: bytes, ..desk.order("juana") };
        refused(desk.care.begin_efirma(&physician, order).await, "cer", words);
    }
    let nobody = desk.clinic.care.begin_efirma(&physician, desk.order("juana")).await;
    refused(nobody, "cer", "no tiene cargados");
    desk.clinic.clock.set("2020-01-01T00:00:00Z".parse().unwrap());
    let early = desk.care.begin_efirma(&physician, desk.order("juana")).await;
    refused(early, "cer", "será válido a partir");
}

#[tokio::test]
async fn an_account_signs_with_the_e_firma_it_confirmed_and_with_no_other() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let physician = desk.physician().await;
    let unconfirmed = EfirmaOrder { confirmed: false, ..desk.order("juana") };
    match desk.care.begin_efirma(&physician, unconfirmed).await.unwrap() {
        EfirmaBegun::Confirm(person) => assert_eq!(person.rfc, "PENJ8001019A0"),
        EfirmaBegun::Sign(_) => panic!("signed without asking who it is"),
    }
    desk.sign("juana").await.unwrap();
    let patient = desk.clinic.patient("Otra", "Persona").await;
    let note = desk.clinic.signed_note(&physician, patient).await;
    let other = EfirmaOrder { documents: vec![note], ..desk.order("mario") };
    refused(desk.care.begin_efirma(&physician, other).await, "cer", "no es el de su cuenta");
    let own = EfirmaOrder { documents: vec![note], confirmed: false, ..desk.order("juana") };
    assert!(matches!(desk.care.begin_efirma(&physician, own).await, Ok(EfirmaBegun::Sign(_))));
}

#[tokio::test]
async fn an_answer_is_taken_once_in_time_and_only_if_the_key_made_it_for_this_document() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let physician = desk.physician().await;
    let asked = desk.begin("juana").await.unwrap();
    refused(desk.answer(&asked, "mario").await, "key", "no corresponde al certificado");
    assert!(
        matches!(desk.answer(&asked, "juana").await, Err(CareError::Conflict { .. })),
        "a token is good once"
    );
    let asked = desk.begin("juana").await.unwrap();
    let other = desk.pki.sign("juana", b"otra cosa");
    refused(desk.care.answer_efirma(&physician, &asked.token, &other).await, "key", "no corresponde");
    let asked = desk.begin("juana").await.unwrap();
    desk.clinic.clock.set(desk.care.now() + jiff::SignedDuration::from_mins(6));
    assert!(matches!(desk.answer(&asked, "juana").await, Err(CareError::Conflict { .. })), "too late");
    assert!(desk.care.document(&physician, desk.note).await.unwrap().efirma.is_none());
}

#[tokio::test]
async fn only_who_signed_it_here_signs_it_and_only_with_their_password() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let physician = desk.physician().await;
    let wrong = EfirmaOrder { password: "otra".to_owned(), ..desk.order("juana") };
    let refused = desk.care.begin_efirma(&physician, wrong).await;
    assert!(matches!(refused, Err(CareError::WrongPassword)), "{refused:?}");
    let nurse = actor(&desk.clinic.care, "enfermeria").await;
    let refused = desk.care.begin_efirma(&nurse, desk.order("juana")).await;
    assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
    let reception = actor(&desk.clinic.care, "recepcion").await;
    let refused = desk.care.begin_efirma(&reception, desk.order("juana")).await;
    assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
    let asked = desk.begin("juana").await.unwrap();
    let answer = desk.pki.sign("juana", &asked.message);
    let stolen = desk.care.answer_efirma(&nurse, &asked.token, &answer).await;
    assert!(matches!(stolen, Err(CareError::Conflict { .. })), "{stolen:?}");
}

/// A receta of two medicines, one of them an antibiotic, signed by the physician.
async fn receta(desk: &Desk) -> DocumentId {
    let (care, by, kind) = (&desk.care, desk.physician().await, DocumentKind::PROGRESS_NOTE);
    let patient = desk.clinic.patient("Otilia", "Mezquite").await;
    let id = care.start_visit(&by, patient, "Control").await.unwrap();
    let mut view = crate::filled::filled(&desk.clinic, &by, id, nom004::definition(kind)).await;
    for (name, inn, days) in [("amoxicilina", "amoxicillin", 7), ("paracetamol", "acetaminophen", 3)] {
        let request = MedicationRequest {
            ingredients: vec![inn.to_owned()],
            presentation: Some("tableta de 500 mg, caja con 10".to_owned()),
            dose: Some(Dose::new(Amount::whole(1), DoseUnit::Tablet).unwrap()),
            route: Some(Route::Oral),
            frequency: Some(Frequency::EveryHours(8)),
            duration_days: Some(days),
            quantity: Some("2 cajas".to_owned()),
            instructions: Some("con | agua".to_owned()),
            ..MedicationRequest::named(name, RequestAction::Start)
        };
        let content = ItemContent::MedicationRequest(request);
        let add = ReviewAction::Add { section: SectionId::TREATMENT, content };
        view = care.review(&by, id, kind, view.version, &add).await.unwrap();
    }
    assert_eq!(view.obstacles(), Vec::<String>::new());
    let signed = care.sign(&by, id, kind, view.version, PASSWORD.to_owned()).await.unwrap();
    signed.prescription.unwrap()
}

#[tokio::test]
async fn a_receta_carries_a_code_that_says_all_of_it_to_who_has_only_the_paper() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let receta = receta(&desk).await;
    let physician = desk.physician().await;
    let order = EfirmaOrder { documents: vec![receta], ..desk.order("juana") };
    let EfirmaBegun::Sign(asked) = desk.care.begin_efirma(&physician, order).await.unwrap() else {
        panic!("asked again who it is");
    };
    assert!(asked[0].message.starts_with(b"||RECETA-1|"), "the code is signed first");
    let EfirmaNext::Sign(next) = desk.answer(&asked[0], "juana").await.unwrap() else {
        panic!("the document itself was not asked for");
    };
    assert!(matches!(desk.answer(&next, "juana").await.unwrap(), EfirmaNext::Done { .. }));
    let efirma = desk.care.document(&physician, receta).await.unwrap().efirma.unwrap();
    let seal = Seal::read(&efirma.code.unwrap()).unwrap();
    let trust = desk.pki.trust();
    assert_eq!(seal.verify(&trust).unwrap().0.name, "JUANA PÉREZ NÚÑEZ");
    let facts = seal.facts();
    assert_eq!(
        (facts.license.as_str(), facts.valid_until),
        ("1234567", None),
        "the law sets none for paracetamol"
    );
    let antibiotic = &facts.lines[0];
    assert!(antibiotic.starts_with("Amoxicilina"), "{antibiotic}");
    assert!(
        antibiotic.contains("con / agua") && antibiotic.contains("; surtir 2 cajas; hasta "),
        "{antibiotic}"
    );
    assert!(facts.lines[1].ends_with("surtir 2 cajas"), "{:?}", facts.lines);
    assert!(!facts.cadena().unwrap().contains("Mezquite"), "paper is lost: it names no patient");
    let number = desk.care.print(&physician, receta, false, "").await.unwrap();
    let pdf = desk.care.printed(&physician, receta, number).await.unwrap().bytes;
    let verdicts = efirma::verify(&pdf, &trust, desk.care.now()).unwrap();
    assert!(verdicts.len() == 1 && verdicts[0].valid, "{verdicts:?}");
    // A copy says that it is one, and still carries the code.
    let number = desk.care.print(&physician, receta, false, "").await.unwrap();
    assert!(!desk.care.printed(&physician, receta, number).await.unwrap().bytes.is_empty());
}

#[tokio::test]
async fn a_cancelled_receta_gets_no_e_firma() {
    let Some(desk) = desk(test_support::Engine::Embedded, |pki| pki.authorities()).await else { return };
    let receta = receta(&desk).await;
    let physician = desk.physician().await;
    desk.care.cancel_prescription(&physician, receta, "dosis equivocada", PASSWORD.to_owned()).await.unwrap();
    let order = EfirmaOrder { documents: vec![receta], ..desk.order("juana") };
    let refused = desk.care.begin_efirma(&physician, order).await;
    assert!(matches!(refused, Err(CareError::Finished { .. })), "{refused:?}");
}
