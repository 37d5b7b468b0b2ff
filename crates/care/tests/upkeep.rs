//! Files that belong to no row: swept away a day later with a note in the bitácora, and kept when there are too many.

use care::audit::AuditFilter;
use care::upkeep::Sweep;
use jiff::SignedDuration;
use test_support::{Clinic, engines};
use uuid::Uuid;

#[tokio::test]
async fn a_file_left_by_a_stop_of_the_machine_goes_after_a_day_and_the_bitacora_says_so() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let note = clinic.signed_note(&clinic.physician, patient).await;
        let folder = clinic.directory.join("archivos").join("aa");
        std::fs::create_dir_all(&folder).unwrap();
        let lost = folder.join(Uuid::now_v7().to_string());
        std::fs::write(&lost, b"sin registro").unwrap();

        clinic.clock.set(jiff::Timestamp::now());
        assert_eq!(clinic.care.sweep_files().await.unwrap(), Sweep::Removed(0), "it may still be written");
        assert!(lost.exists());
        clinic.clock.set(jiff::Timestamp::now() + SignedDuration::from_hours(25));
        assert_eq!(clinic.care.sweep_files().await.unwrap(), Sweep::Removed(1));
        assert!(!lost.exists());
        let page = clinic.care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let noted = page.events.iter().filter(|(event, _)| event.entity == "blob_store").count();
        assert_eq!(noted, 1, "what was removed is told, and what was not is not");
        let mut tx = clinic.care.database().begin().await.unwrap();
        let head = tx.document(note).await.unwrap().unwrap();
        assert!(clinic.care.blobs().get(&mut tx, head.pdf).await.is_ok(), "a file with its row stays");
        drop(tx);
        let report = storage::verify::verify(clinic.care.database(), clinic.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);

        for _ in 0..51 {
            std::fs::write(folder.join(Uuid::now_v7().to_string()), b"de otra base").unwrap();
        }
        assert_eq!(clinic.care.sweep_files().await.unwrap(), Sweep::TooMany(51));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 51, "none is gone");
    }
}
