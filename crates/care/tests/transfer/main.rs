//! A record leaves one clinic and arrives in another, on both engines; hostile packages leave nothing behind.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod beside;
mod hostile;
mod record;

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use care::audit::AuditFilter;
use care::search::SearchForm;
use care::transfer::{Decision, ExportForm, Package, RecordExport, Source, Target};
use care::{Actor, CareError};
use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use fhir::{Record, paths};
use test_support::{Clinic, Engine, PASSWORD, engines};

use record::{full_record, small_record};

fn asked(format: &str) -> ExportForm {
    ExportForm {
        format: format.to_owned(),
        reason: "a petición del paciente".to_owned(),
        password: PASSWORD.to_owned(),
        ..ExportForm::default()
    }
}

async fn whole(mut export: RecordExport) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        bytes.extend(piece);
    }
    assert_eq!(export.done(), 100);
    bytes
}

async fn exported(clinic: &Clinic, patient: PatientId, form: &ExportForm) -> Vec<u8> {
    whole(clinic.care.export_record(&clinic.physician, patient, form).await.unwrap()).await
}

fn source(bytes: &[u8]) -> Box<dyn Source> {
    Box::new(Cursor::new(bytes.to_vec()))
}

fn new() -> Decision {
    Decision::New { seen: Vec::new(), seen_private: false }
}

/// The files of a package by name.
fn unpacked(package: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut files = std::collections::BTreeMap::new();
    for name in names {
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    files
}

fn record_of(package: &[u8]) -> Record {
    Package::open(source(package), None).unwrap().record
}

/// What must be the same in both clinics: all that was said, but who keeps it, under which number and since when.
fn what_it_says(mut record: Record, of: &Record) -> Record {
    record.exported_at = of.exported_at;
    record.establishment = of.establishment.clone();
    record.patient.record_number.clone_from(&of.patient.record_number);
    record.patient.joined.clone_from(&of.patient.joined);
    record.encounters.clone_from(&of.encounters);
    for (own, other) in record.observations.iter_mut().zip(&of.observations) {
        own.encounter_id = other.encounter_id;
    }
    for own in &mut record.documents {
        own.external = false;
        own.encounter_id =
            of.documents.iter().find(|other| other.id == own.id).and_then(|other| other.encounter_id);
    }
    for (own, other) in record.consents.iter_mut().zip(&of.consents) {
        assert!(
            own.text_version.starts_with(&other.text_version),
            "{} is not of {}",
            own.text_version,
            other.text_version
        );
        own.text_version.clone_from(&other.text_version);
    }
    for (own, other) in record.files.iter_mut().zip(&of.files) {
        if let (Some(own), Some(other)) = (&mut own.withdrawn, &other.withdrawn) {
            own.1.clone_from(&other.1);
        }
    }
    record.reports.sort_by_key(|own| own.id);
    record
}

#[tokio::test]
async fn a_record_arrives_in_another_clinic_with_everything_it_said() {
    for engine in engines() {
        let (here, there) = (Clinic::on(engine).await, Clinic::on(engine).await);
        let patient = full_record(&here).await;
        let package = exported(&here, patient, &asked("zip")).await;
        let mut said = record_of(&package);
        said.reports.sort_by_key(|own| own.id);
        assert!(said.documents.len() >= 4 && said.files.len() == 3 && said.reports.len() == 1);
        assert_eq!(said.acts.len(), 1);

        let plan = there.care.plan_import(&there.physician, source(&package), String::new()).await.unwrap();
        assert_eq!(plan.origin, "Consultorio de prueba");
        assert!(plan.already.is_none());
        let Target::New { candidates, curp_taken, .. } = &plan.target else { panic!("{:?}", plan.target) };
        assert!(candidates.is_empty() && !curp_taken);
        let patients = there.care.search_patients(&there.reception, "", 0).await.unwrap();
        assert_eq!(patients.total, 0, "looking at a package writes no record");

        let done = there
            .care
            .import_record(&there.physician, source(&package), String::new(), &new())
            .await
            .unwrap();
        let chart = there.care.chart(&there.physician, done.patient, 0).await.unwrap();
        assert_eq!(chart.patient.record_number, "000001");
        assert_eq!(chart.external.len(), said.documents.len());
        assert!(chart.documents.is_empty(), "nothing signed elsewhere passes as signed here");

        // The same bytes: PDFs as signed, files as brought.
        for document in &said.documents {
            let there_pdf =
                there.care.external_pdf(&there.physician, document.id, false).await.unwrap().bytes;
            assert_eq!(there_pdf, unpacked(&package)[&paths::pdf(document.id)]);
            let view = there.care.external_document(&there.physician, document.id).await.unwrap();
            assert!(view.intact && view.document.head.establishment == "Consultorio de prueba");
        }
        for file in &said.files {
            let content = there.care.attachment_content(&there.physician, file.id).await.unwrap();
            assert_eq!(content.bytes, unpacked(&package)[&paths::file(file.id, file.kind)]);
        }
        // Found by its words, as what it is.
        let form = SearchForm { text: "rodilla".to_owned(), ..SearchForm::default() };
        let found = there.care.search(&there.physician, &form).await.unwrap();
        assert!(found.entries.iter().any(|entry| entry.hit.entity == "external_document"));

        // The second clinic hands it on: a third one would receive the same.
        let again = exported(&there, done.patient, &asked("zip")).await;
        assert_eq!(what_it_says(record_of(&again), &said), said);
        let report = storage::verify::verify(there.care.database(), there.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn the_same_package_again_changes_nothing_and_a_later_one_adds_what_is_new() {
    for engine in engines() {
        let (here, there) = (Clinic::on(engine).await, Clinic::on(engine).await);
        let patient = full_record(&here).await;
        let package = exported(&here, patient, &asked("zip")).await;
        let import = async |bytes: &[u8]| {
            there.care.import_record(&there.physician, source(bytes), String::new(), &new()).await.unwrap()
        };
        let first = import(&package).await;
        let before = exported(&there, first.patient, &asked("zip")).await;
        let second = import(&package).await;
        assert_eq!((second.patient, second.added), (first.patient, 0));
        assert_eq!(
            record_of(&before),
            Record {
                exported_at: record_of(&before).exported_at,
                ..record_of(&exported(&there, first.patient, &asked("zip")).await)
            }
        );

        record::allergy(&here, patient, "ibuprofeno").await;
        let later = exported(&here, patient, &asked("zip")).await;
        let plan = there.care.plan_import(&there.physician, source(&later), String::new()).await.unwrap();
        assert!(matches!(plan.target, Target::Here(_)) && plan.already.is_none());
        let third = import(&later).await;
        assert_eq!((third.patient, third.added), (first.patient, 1));
        // And brought home again it changes nothing: what was signed here stays signed here.
        let own = exported(&there, first.patient, &asked("zip")).await;
        let home =
            here.care.import_record(&here.physician, source(&own), String::new(), &new()).await.unwrap();
        assert_eq!((home.patient, home.added), (patient, 0));
        let chart = here.care.chart(&here.physician, patient, 0).await.unwrap();
        assert!(chart.external.is_empty());
    }
}

#[tokio::test]
async fn likely_doubles_are_shown_before_anything_is_written() {
    for engine in engines() {
        let (here, there) = (Clinic::on(engine).await, Clinic::on(engine).await);
        let patient = small_record(&here).await;
        let known = there.patient("Jacinta", "Ahuehuete").await;
        let package = exported(&here, patient, &asked("zip")).await;
        let import = async |decision: &Decision| {
            there.care.import_record(&there.physician, source(&package), String::new(), decision).await
        };
        match import(&new()).await {
            Err(CareError::Alike(alike)) => assert_eq!(alike.candidates[0].patient.id, known),
            other => panic!("{:?}", other.map(|done| done.added)),
        }
        assert_eq!(there.care.search_patients(&there.reception, "", 0).await.unwrap().total, 1);
        let done = import(&Decision::Into(known)).await.unwrap();
        assert_eq!(done.patient, known);
        let chart = there.care.chart(&there.physician, known, 0).await.unwrap();
        assert_eq!(chart.external.len(), 0);
        assert_eq!(chart.summary.open_conditions().count(), 1);
        assert_eq!(there.care.search_patients(&there.reception, "", 0).await.unwrap().total, 1);
    }
}

#[tokio::test]
async fn what_leaves_is_asked_why_and_stands_in_the_bitacora() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = small_record(&clinic).await;
        for actor in [&clinic.nurse, &clinic.reception, &clinic.auditor] {
            let refused = clinic.care.export_record(actor, patient, &asked("pdf")).await;
            assert!(matches!(refused, Err(CareError::Denied { .. })), "{}", actor.username);
            let refused = clinic.care.plan_import(actor, source(b""), String::new()).await;
            assert!(matches!(refused, Err(CareError::Denied { .. })), "{}", actor.username);
        }
        let without = ExportForm { reason: " ".to_owned(), ..asked("zip") };
        let refused =
            clinic.care.export_record(&clinic.physician, patient, &without).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("por qué sale"), "{refused}");
        let short = ExportForm {
            passphrase: "corta".to_owned(),
            passphrase_again: "corta".to_owned(),
            ..asked("zip")
        };
        let refused =
            clinic.care.export_record(&clinic.physician, patient, &short).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("12 letras"), "{refused}");
        exported(&clinic, patient, &asked("fhir")).await;
        let filter = AuditFilter {
            patient_id: Some(patient),
            action: Some(AuditAction::Print),
            ..AuditFilter::default()
        };
        let events = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap().events;
        assert_eq!(events.len(), 1);
        assert_eq!(
            events[0].0.reason.as_deref(),
            Some("exportación, Datos (FHIR R4): a petición del paciente")
        );
    }
}

#[tokio::test]
async fn a_sealed_package_opens_with_its_passphrase_only() {
    let (here, there) = (Clinic::on(Engine::Embedded).await, Clinic::on(Engine::Embedded).await);
    let patient = small_record(&here).await;
    let phrase = "cuatro palabras al azar";
    let form =
        ExportForm { passphrase: phrase.to_owned(), passphrase_again: phrase.to_owned(), ..asked("zip") };
    let package = exported(&here, patient, &form).await;
    assert!(package.starts_with(b"age-encryption.org/v1"));
    let clear = [&b"Jacinta"[..], b"expediente.pdf", b"%PDF"];
    assert!(clear.iter().all(|word| !package.windows(word.len()).any(|window| window == *word)));
    let import = async |phrase: &str| {
        there.care.import_record(&there.physician, source(&package), phrase.to_owned(), &new()).await
    };
    for (wrong, said) in [("", "Escriba la frase"), ("otra frase cualquiera", "La frase no abre")] {
        let refused = import(wrong).await.unwrap_err();
        assert!(refused.to_string().contains(said), "{refused}");
    }
    assert!(import(phrase).await.unwrap().added > 0);
}

#[tokio::test]
async fn the_bundle_alone_is_one_json_with_every_file_in_it() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let patient = full_record(&clinic).await;
    let bytes = exported(&clinic, patient, &asked("fhir")).await;
    if let Some(folder) = std::env::var_os("MEDICUS_EXPORTS") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("expediente.fhir.json"), &bytes).unwrap();
        std::fs::write(folder.join("expediente.pdf"), exported(&clinic, patient, &asked("pdf")).await)
            .unwrap();
        std::fs::write(folder.join("expediente.zip"), exported(&clinic, patient, &asked("zip")).await)
            .unwrap();
    }
    let bundle: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let entries = bundle["entry"].as_array().unwrap();
    let count = |kind: &str| entries.iter().filter(|entry| entry["resource"]["resourceType"] == kind).count();
    assert_eq!(count("Patient"), 1);
    assert_eq!(count("Binary"), count("DocumentReference"));
    assert!(count("Composition") >= 4 && count("Provenance") == count("Composition"));
    assert!(count("AuditEvent") >= 4, "what was signed and handed out goes along");
    let record = fhir::read(&bytes).unwrap();
    assert_eq!(record.patient.joined, ["000002"]);
    assert_eq!(record.patient.id, patient);
}

/// A package on a slow disk: whenever a piece of it is read, somebody else writes into the database.
struct Shared {
    bytes: Cursor<Vec<u8>>,
    database: storage::Database,
    runtime: tokio::runtime::Handle,
    writes: Arc<AtomicUsize>,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let database = self.database.clone();
        let written = self.runtime.block_on(async move { database.begin().await?.commit().await });
        written.map_err(std::io::Error::other)?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.bytes.read(buffer)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_go_on_writing_while_a_package_is_read() {
    let (here, there) = (Clinic::on(Engine::Embedded).await, Clinic::on(Engine::Embedded).await);
    let patient = full_record(&here).await;
    let package = exported(&here, patient, &asked("zip")).await;
    let writes = Arc::new(AtomicUsize::new(0));
    let shared = || {
        Box::new(Shared {
            bytes: Cursor::new(package.clone()),
            database: there.care.database().clone(),
            runtime: tokio::runtime::Handle::current(),
            writes: Arc::clone(&writes),
        })
    };
    let who = physician(&there);
    let done = there.care.import_record(who, shared(), String::new(), &new()).await.unwrap();
    assert!(done.added > 10 && writes.load(Ordering::SeqCst) > 10, "{done:?}");
    let staged = |folder: &std::path::Path| {
        let files = std::fs::read_dir(folder)
            .unwrap()
            .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some()).count()
    };
    let blobs = there.directory.join("archivos");
    assert_eq!(staged(&blobs), 0, "what was staged is kept or gone");
    let again = there.care.import_record(who, shared(), String::new(), &new()).await.unwrap();
    assert!(!again.changed());
    assert_eq!(staged(&blobs), 0);
}

#[tokio::test]
async fn an_identifier_that_names_no_record_or_several_is_refused() {
    let clinic = Clinic::on(Engine::Embedded).await;
    let patient = small_record(&clinic).await;
    for good in [patient.to_string(), "1".to_owned(), "000001".to_owned()] {
        assert_eq!(clinic.care.record_named(&good).await.unwrap(), patient, "{good}");
    }
    for bad in ["", "99", "Jacinta", "HEGG560427MVZRRL04", "1; DROP TABLE patient"] {
        assert!(clinic.care.record_named(bad).await.is_err(), "{bad}");
    }
}

/// The physician of a clinic, for readability.
fn physician(clinic: &Clinic) -> &Actor {
    &clinic.physician
}
