//! Many writers at once.

use std::sync::Arc;

use clinical::ids::PatientId;
use storage::verify;
use uuid::Uuid;

use crate::place::{Place, at, named};

on_both_engines!(
    writers_at_once_keep_the_chains_whole,
    signing_and_changing_a_patient_at_once_do_not_block_each_other,
    two_savers_of_one_draft_at_once_make_one_conflict,
    readers_do_not_wait_for_a_writer,
    opening_twice_at_once_migrates_once,
);

async fn writers_at_once_keep_the_chains_whole(place: Place) {
    let place = Arc::new(place);
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let place = Arc::clone(&place);
            tokio::spawn(async move {
                for round in 0..5 {
                    if writer % 2 == 0 {
                        place.sign(None, None, &format!("{writer}.{round}"), round).await;
                        continue;
                    }
                    let mut tx = place.begin().await;
                    tx.append_audit(place.event(round, "lectura")).await.unwrap();
                    // Half of the events come before the document of the same transaction.
                    if writer == 1 {
                        place.sign_in(&mut tx, None, None, &format!("{writer}.{round}"), round).await;
                    }
                    if round == 4 {
                        continue;
                    }
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.documents, report.audit_events), (4 * 5 + 4, 4 * 5 + 4 * 4));
}

async fn signing_and_changing_a_patient_at_once_do_not_block_each_other(place: Place) {
    let place = Arc::new(place);
    let signer = Arc::clone(&place);
    let signing = tokio::spawn(async move {
        for round in 0..20 {
            signer.sign(None, None, &format!("nota {round}"), 100 + round).await;
        }
    });
    for version in 1..=20 {
        let mut tx = place.begin().await;
        tx.update_patient(place.patient, version, &named("Ana", "Ficticia", ""), at(version)).await.unwrap();
        tx.append_audit(place.event(version, "cambio")).await.unwrap();
        tx.commit().await.unwrap();
    }
    signing.await.unwrap();
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound() && report.documents == 20, "{report}");
}

async fn two_savers_of_one_draft_at_once_make_one_conflict(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let kind = clinical::document::DocumentKind::PROGRESS_NOTE;
    let place = Arc::new(place);
    let savers: Vec<_> = ["uno", "dos"]
        .map(|content| {
            let place = Arc::clone(&place);
            tokio::spawn(async move {
                let mut tx = place.begin().await;
                let saved = tx.save_draft(encounter, kind, 0, content, place.user, at(2)).await;
                tx.commit().await.unwrap();
                saved.is_ok()
            })
        })
        .into();
    let mut saved = 0;
    for saver in savers {
        saved += usize::from(saver.await.unwrap());
    }
    assert_eq!(saved, 1);
}

async fn readers_do_not_wait_for_a_writer(place: Place) {
    let mut writer = place.begin().await;
    let other = PatientId(Uuid::now_v7());
    writer.insert_patient(other, &named("B", "Dos", ""), at(1)).await.unwrap();
    let mut reader = place.database.begin_read().await.unwrap();
    assert!(reader.patient(place.patient).await.unwrap().is_some());
    assert!(reader.patient(other).await.unwrap().is_none(), "what is not committed is not seen");
    drop(reader);
    writer.commit().await.unwrap();
    let mut reader = place.database.begin_read().await.unwrap();
    assert!(reader.patient(other).await.unwrap().is_some());
}

async fn opening_twice_at_once_migrates_once(place: Place) {
    let key = storage::MasterKey::from_bytes(crate::place::KEY);
    let url = match &place.url {
        storage::DatabaseUrl::Embedded(path) => {
            storage::DatabaseUrl::Embedded(path.with_file_name("otra.db"))
        }
        server @ storage::DatabaseUrl::Postgres(_) => {
            let drop_all = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;";
            place.raw(drop_all).await.unwrap();
            server.clone()
        }
    };
    let open = || storage::Database::open(&url, &key, at(0));
    let (one, two) = tokio::join!(open(), open());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.begin().await.unwrap().user_count().await.unwrap(), 0);
    assert_eq!(two.begin().await.unwrap().user_count().await.unwrap(), 0);
}
