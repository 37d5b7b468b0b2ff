//! What belongs to a signed document and travels beside it: the file with an e.firma, and that a receta was cancelled.

use care::efirma::{EfirmaBegun, EfirmaNext, EfirmaOrder};
use care::gaps::DoneForm;
use care::{Actor, Care};
use clinical::document::DocumentKind;
use clinical::ids::DocumentId;
use fhir::paths;
use jiff::Timestamp;
use test_support::pki::Pki;
use test_support::{Clinic, PASSWORD, engines};

use super::record::{full_record, signed_note};
use super::{asked, new, record_of, source, unpacked, whole};

/// Puts the e.firma of a person of the test authorities on a document, as their browser would.
async fn put_efirma(care: &Care, actor: &Actor, pki: &Pki, document: DocumentId) {
    let order = EfirmaOrder {
        certificate: pki.read("juana.cer"),
        documents: vec![document],
        confirmed: true,
        password: PASSWORD.to_owned(),
    };
    let EfirmaBegun::Sign(mut asked) = care.begin_efirma(actor, order).await.unwrap() else {
        panic!("asked to confirm")
    };
    let mut next = EfirmaNext::Sign(asked.remove(0));
    while let EfirmaNext::Sign(asked) = next {
        next = care.answer_efirma(actor, &asked.token, &pki.sign("juana", &asked.message)).await.unwrap();
    }
}

#[tokio::test]
async fn an_e_firma_and_a_cancellation_go_with_their_documents_and_come_in_with_them() {
    for engine in engines() {
        let Some(pki) = Pki::new() else { return };
        let (here, there) = (Clinic::on(engine).await, Clinic::on(engine).await);
        for clinic in [&here, &there] {
            clinic.clock.set(Timestamp::now() + jiff::SignedDuration::from_secs(60));
        }
        let (own, other) = (
            here.care.clone().with_authorities(pki.authorities()),
            there.care.clone().with_authorities(pki.authorities()),
        );
        let (physician, reader) =
            (test_support::actor(&here.care, "ines").await, test_support::actor(&there.care, "ines").await);
        let patient = full_record(&here).await;
        let note = signed_note(&here, patient).await;
        let siblings = own.document(&physician, note).await.unwrap().siblings;
        let receta = siblings.iter().find(|one| one.kind == DocumentKind::PRESCRIPTION).unwrap().id;
        let export = async |care: &Care, actor: &Actor, patient, format: &str| {
            whole(care.export_record(actor, patient, &asked(format)).await.unwrap()).await
        };
        let before = export(&own, &physician, patient, "zip").await;
        put_efirma(&own, &physician, &pki, note).await;
        put_efirma(&own, &physician, &pki, receta).await;
        let signed = own.document(&physician, receta).await.unwrap().efirma.unwrap();
        own.cancel_prescription(&physician, receta, "dosis equivocada", PASSWORD.to_owned()).await.unwrap();

        // In FHIR: the lines hold no more and say why; the document is no longer to be used; both files are there.
        let package = export(&own, &physician, patient, "zip").await;
        let files = unpacked(&package);
        let bundle: serde_json::Value = serde_json::from_slice(&files[paths::BUNDLE]).unwrap();
        let all: Vec<&serde_json::Value> =
            bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]).collect();
        let cancelled: Vec<_> = all.iter().filter(|own| own["status"] == "cancelled").collect();
        assert_eq!(cancelled.len(), 1);
        assert_eq!(cancelled[0]["resourceType"], "MedicationRequest");
        assert_eq!(cancelled[0]["statusReason"]["text"], "dosis equivocada");
        let superseded: Vec<_> = all.iter().filter(|own| own["status"] == "superseded").collect();
        assert_eq!(superseded.len(), 1);
        assert_eq!(superseded[0]["content"][1]["attachment"]["url"], paths::efirma(receta));
        assert_eq!(storage::sha256(&files[&paths::efirma(receta)]), signed.pdf_digest);
        let signed_here = own.document(&physician, receta).await.unwrap().document.pdf_digest;
        assert_eq!(storage::sha256(&files[&paths::pdf(receta)]), signed_here, "what was signed is untouched");
        assert!(
            String::from_utf8_lossy(&export(&own, &physician, patient, "fhir").await)
                .contains(&format!("urn:uuid:{}", paths::binary(&paths::efirma_file(note))))
        );

        // In another clinic: first a package from before, then this one. It adds what is new and nothing twice.
        let import = async |bytes: &[u8]| {
            other.import_record(&reader, source(bytes), String::new(), &new()).await.unwrap()
        };
        let first = import(&before).await;
        assert!(other.external_document(&reader, receta).await.unwrap().signatures.is_empty());
        assert_eq!(import(&package).await.added, 3, "two files and a cancellation");
        assert_eq!(import(&package).await.added, 0);
        let view = other.external_document(&reader, receta).await.unwrap();
        let told = view.document.head.cancelled.unwrap();
        assert_eq!(
            (told.reason.as_str(), told.by.as_str()),
            ("dosis equivocada", physician.display_name.as_str())
        );
        for document in [note, receta] {
            let view = other.external_document(&reader, document).await.unwrap();
            assert!(view.signatures.len() == 1 && view.signatures[0].valid, "{:?}", view.signatures);
            let file = other.external_pdf(&reader, document, true).await.unwrap().bytes;
            let checked = other.check_file(file, "10.0.0.1").await.unwrap();
            assert!(checked.verdicts[0].valid && checked.here.is_none());
        }
        // A third one would receive the same.
        let again = record_of(&export(&other, &reader, first.patient, "zip").await);
        let beside = |record: &fhir::Record| -> Vec<_> {
            let mut all: Vec<_> =
                record.documents.iter().map(|own| (own.id, own.efirma, own.cancelled.clone())).collect();
            all.sort_by_key(|own| own.0);
            all
        };
        assert_eq!(beside(&again), beside(&record_of(&package)));
        let report = storage::verify::verify(other.database(), other.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn the_book_shows_a_cancelled_receta_as_one_and_the_pages_that_carry_an_e_firma() {
    let Some(pki) = Pki::new() else { return };
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    clinic.clock.set(Timestamp::now() + jiff::SignedDuration::from_secs(60));
    let care = clinic.care.clone().with_authorities(pki.authorities());
    let physician = test_support::actor(&care, "ines").await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let note = signed_note(&clinic, patient).await;
    put_efirma(&care, &physician, &pki, note).await;
    let receta = care.document(&physician, note).await.unwrap().siblings[0].id;
    put_efirma(&care, &physician, &pki, receta).await;
    care.cancel_prescription(&physician, receta, "dosis equivocada", PASSWORD.to_owned()).await.unwrap();
    let done = DoneForm {
        act: "mammography".to_owned(),
        on: "01/03/2026".to_owned(),
        place: "Hospital general".to_owned(),
    };
    care.note_done(&physician, patient, &done).await.unwrap();
    let book = whole(care.export_record(&physician, patient, &asked("pdf")).await.unwrap()).await;
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (pdf, text) = (folder.join("libro-con-efirma.pdf"), folder.join("libro-con-efirma.txt"));
    std::fs::write(&pdf, &book).unwrap();
    let read = std::process::Command::new("pdftotext").arg("-layout").arg(&pdf).arg(&text).status();
    if !read.is_ok_and(|status| status.success()) {
        println!("skipped: pdftotext (poppler-utils) is not installed");
        return;
    }
    let text = std::fs::read_to_string(&text).unwrap();
    let pages: Vec<&str> = text.split('\u{c}').collect();
    let index = pages[1];
    assert!(
        index.contains("CANCELADA, no se surte") && index.contains("Motivo: Dosis equivocada"),
        "{index}"
    );
    assert!(
        index.contains("Mastografía: 1 de marzo de 2026, Hospital general (anotado el"),
        "what was noted as done elsewhere goes along on paper: {index}"
    );
    assert!(index.contains("Con e.firma, que se comprueba en el archivo"), "{index}");
    let page = pages.iter().find(|page| page.contains("Cantidad a surtir")).unwrap();
    assert!(
        page.contains("No se surte. Cancelada el") && page.contains("Motivo: Dosis equivocada"),
        "{page}"
    );
}
