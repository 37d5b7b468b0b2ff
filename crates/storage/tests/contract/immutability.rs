//! Direct SQL against what is signed, as the owner of the database, by every statement that could change it.

use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::ids::{BlockId, ConsentId, HoldId};
use clinical::laboratory::ResultState;
use storage::{Act, EpidemicNotice, verify};
use uuid::Uuid;

use crate::alert_overrides;
use crate::attachments::attached;
use crate::drafts::transcript;
use crate::efirma;
use crate::external;
use crate::laboratory;
use crate::place::{Place, at, entry_id};
use crate::private;
use crate::rights::{asked, delivered};

on_both_engines!(
    signed_rows_refuse_every_statement_that_would_change_them,
    the_program_itself_cannot_change_what_is_signed,
    files_and_transcripts_are_fixed_only_once_they_are_signed,
);

/// A record with two signed documents, their events, a consent, a withdrawn file, what was given and kept, and a corrected result; the second document has a transcript.
async fn signed_record(place: &Place) {
    let encounter = place.new_encounter(1).await.id;
    let first = place.sign(None, None, "primero", 2).await;
    let mut tx = place.begin().await;
    let digest = tx.save_transcript(encounter, &transcript("dolor"), place.user, at(3)).await.unwrap();
    tx.insert_consent(&Consent {
        id: ConsentId(Uuid::now_v7()),
        patient_id: place.patient,
        purpose: ConsentPurpose::PrivacyNotice,
        text_version: "1".to_owned(),
        given: true,
        means: ConsentMeans::Paper,
        answered_by: Some("Ana Ficticia, madre".to_owned()),
        recorded_by: place.user,
        recorded_at: at(3),
        asked: None,
        until: None,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let file = attached(place, 3).await;
    let mut tx = place.begin().await;
    tx.insert_print(first.id, false, Some("la perdió"), place.user, at(3)).await.unwrap();
    tx.withdraw_attachment(file.id, "duplicado", place.user, at(3)).await.unwrap();
    let opening = private::opening(place.patient, place.user, 3);
    tx.insert_opening(&opening).await.unwrap();
    tx.insert_opening_review(opening.id, true, "Guardia", place.user, at(4)).await.unwrap();
    tx.commit().await.unwrap();
    given_and_kept(place).await;
    alert_overrides::kept(place, first.id).await;
    told(place, first.sequence).await;
    efirma::signed(place, first.id, b"firmado", 3).await;
    efirma::proven(place, first.id, b"firmado y probado", 4).await;
    let elsewhere = external::brought(place, 4).await;
    external::cancelled(place, elsewhere.head.id).await;
    let report = laboratory::report(place, "2026-03-09").await;
    let old = laboratory::added(place, &report, 1, "1", None, ResultState::Final).await.unwrap();
    laboratory::added(place, &report, 1, "2", Some(old.id), ResultState::Corrected).await.unwrap();
    place.sign(Some(encounter), None, &format!("{{\"transcript\":\"{digest}\"}}"), 4).await;
}

/// Two diseases of one document told to the health authority.
async fn told(place: &Place, sequence: i64) {
    let mut tx = place.begin().await;
    for epi in [1, 87] {
        let notice = EpidemicNotice {
            notified_at: at(3),
            told: "Jurisdicción sanitaria".to_owned(),
            channel: "telefono".to_owned(),
            acknowledgement: format!("folio {epi}"),
            recorded_by: place.user,
            recorded_at: at(3),
        };
        tx.insert_epidemic_notice(sequence, epi, &notice).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A voided delivery, a lifted hold, a lifted block, a move to the archive, a request with a step.
async fn given_and_kept(place: &Place) {
    let delivery = delivered(place, 3).await;
    asked(place, 3).await;
    let hold = HoldId(Uuid::now_v7());
    let act = Act { by: place.user, at: at(3), reason: "queja" };
    let mut tx = place.begin().await;
    tx.void_delivery(delivery, act).await.unwrap();
    tx.insert_hold(hold, place.patient, None, act).await.unwrap();
    tx.lift_hold(hold, act).await.unwrap();
    tx.move_to_archive(entry_id(), place.patient, true, act).await.unwrap();
    let block = BlockId(Uuid::now_v7());
    tx.insert_block(block, place.patient, act).await.unwrap();
    tx.lift_block(block, act).await.unwrap();
    tx.commit().await.unwrap();
}

const COLUMNS: [(&str, &str); 31] = [
    (
        "signed_document",
        "sequence, id, kind, patient_id, encounter_id, amends, signed_by, signed_at, act_at, content_digest, pdf, \
         pdf_digest, previous, digest, content",
    ),
    (
        "audit_event",
        "sequence, at, actor, action, entity, entity_id, patient_id, origin, reason, previous, digest",
    ),
    ("consent", "id, patient_id, purpose, text_version, given, recorded_by, recorded_at"),
    (
        "attachment",
        "id, patient_id, category, kind, title, file_name, width, height, studied_on, recorded_by, recorded_at",
    ),
    ("attachment_withdrawal", "attachment_id, reason, recorded_by, recorded_at"),
    ("document_print", "id, document_id, number, copy, reason, printed_by, printed_at"),
    (
        "document_efirma",
        "document_id, pdf, pdf_digest, name, rfc, curp, serial, level, revocation, claimed_at, proven_at, code, \
         signed_by",
    ),
    ("efirma_proof", "document_id, pdf, pdf_digest, level, revocation, added_at"),
    ("delivery", "id, number, patient_id, request, content, recorded_by, recorded_at"),
    ("delivery_void", "delivery_id, reason, recorded_by, recorded_at"),
    ("retention_hold", "id, patient_id, reason, until_day, recorded_by, recorded_at"),
    ("hold_lift", "hold_id, reason, recorded_by, recorded_at"),
    ("record_block", "id, patient_id, reason, recorded_by, recorded_at"),
    ("block_lift", "block_id, reason, recorded_by, recorded_at"),
    ("archive_move", "id, patient_id, archived, reason, recorded_by, recorded_at"),
    ("arco_request", "id, number, patient_id, received_on, content, recorded_by, recorded_at"),
    ("arco_step", "id, request_id, place, on_day, content, recorded_by, recorded_at"),
    ("lab_report", "id, patient_id, panel, laboratory, taken, source, recorded_by, recorded_at"),
    ("lab_result", "id, report_id, place, state, supersedes, reason, recorded_by, recorded_at, content"),
    (
        "alert_override",
        "id, document_id, alert_key, patient_id, severity, reason_code, data_version, recorded_by, recorded_at",
    ),
    ("follow_up", "id, patient_id, document_id, what, due, recorded_by, recorded_at"),
    (
        "epidemic_notice",
        "sequence, epi, notified_at, told, channel, acknowledgement, recorded_by, recorded_at",
    ),
    ("follow_up_end", "follow_up_id, outcome, recorded_by, recorded_at"),
    ("private_opening", "id, patient_id, user_id, reason, detail, opened_at, until"),
    ("opening_review", "opening_id, justified, note, reviewed_by, reviewed_at"),
    (
        "record_import",
        "id, patient_id, package_digest, origin, origin_number, exported_at, recorded_by, recorded_at",
    ),
    (
        "external_document",
        "id, import_id, patient_id, kind, title, establishment, signed_by, signed_at, act_at, amends, pdf, pdf_digest, \
         content_digest, origin_sequence, origin_previous, origin_digest, content, transcript",
    ),
    ("external_efirma", "pdf, document_id, pdf_digest, exported_at"),
    ("external_cancellation", "document_id, reason, cancelled_by, cancelled_at"),
    ("blob", "id, media_type, size_bytes, digest, wrapped_key, created_at, destroyed_at"),
    ("transcript", "encounter_id, digest, recorded_by, recorded_at, content"),
];

/// Statements that both engines understand.
fn common_attacks(table: &str, columns: &str) -> Vec<String> {
    let key = columns.split(", ").next().unwrap();
    let unique = if table == "epidemic_notice" { "sequence, epi" } else { key };
    let mut attacks = vec![
        format!("DELETE FROM {table}"),
        format!("UPDATE {table} SET {key} = {key}"),
        format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE true
             ON CONFLICT ({unique}) DO UPDATE SET {key} = excluded.{key}"
        ),
    ];
    attacks.extend(columns.split(", ").map(|column| format!("UPDATE {table} SET {column} = {column}")));
    attacks
}

fn sqlite_attacks(table: &str, columns: &str) -> Vec<String> {
    let key = columns.split(", ").next().unwrap();
    let mut attacks = vec![
        format!("REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"),
        format!("INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"),
        format!("UPDATE OR REPLACE {table} SET {key} = {key}"),
        // Moves one row onto the key of another, which would be removed.
        format!("UPDATE OR REPLACE {table} SET {key} = (SELECT MAX({key}) FROM {table})"),
        format!("UPDATE OR IGNORE {table} SET {key} = {key}"),
        format!("UPDATE OR FAIL {table} SET {key} = {key}"),
    ];
    if table == "signed_document" {
        // A new row with the id, the place or the row number of a signed one.
        for (sequence, id) in [("99", "id"), ("sequence", "'otra'"), ("1", "'otra'")] {
            let values = columns.replacen("sequence, id", &format!("{sequence}, {id}"), 1);
            attacks.push(format!("REPLACE INTO {table} ({columns}) SELECT {values} FROM {table}"));
        }
        let rest = columns.trim_start_matches("sequence, ");
        attacks.push(format!(
            "INSERT OR REPLACE INTO {table} (rowid, {rest}) SELECT sequence, {} FROM {table}",
            rest.replacen("id", "'otra'", 1)
        ));
    }
    attacks
}

fn postgres_attacks(table: &str, columns: &str) -> Vec<String> {
    let key = columns.split(", ").next().unwrap();
    vec![
        format!("TRUNCATE {table}"),
        format!("TRUNCATE {table} CASCADE"),
        "TRUNCATE patient CASCADE".to_owned(),
        format!(
            "MERGE INTO {table} t USING {table} s ON t.{key} = s.{key} WHEN MATCHED THEN UPDATE SET {key} = s.{key}"
        ),
        format!("MERGE INTO {table} t USING {table} s ON t.{key} = s.{key} WHEN MATCHED THEN DELETE"),
    ]
}

async fn signed_rows_refuse_every_statement_that_would_change_them(place: Place) {
    signed_record(&place).await;
    let setups: &[&str] = if place.is_embedded() {
        &["", "PRAGMA recursive_triggers = ON", "PRAGMA foreign_keys = ON", "PRAGMA defer_foreign_keys = ON"]
    } else {
        &[
            "",
            "SET session_replication_role = replica",
            "SET search_path = pg_catalog, public",
            // Empty tables of the same names, found before the real ones.
            "CREATE TEMPORARY TABLE signed_document (id TEXT, pdf TEXT, encounter_id TEXT); SET search_path = public",
        ]
    };
    for (table, columns) in COLUMNS {
        let mut attacks = common_attacks(table, columns);
        attacks.extend(if place.is_embedded() {
            sqlite_attacks(table, columns)
        } else {
            postgres_attacks(table, columns)
        });
        for setup in setups {
            if setup.starts_with("CREATE TEMPORARY") && table == "signed_document" {
                continue;
            }
            for attack in &attacks {
                let outcome = place.raw_after(setup, attack).await;
                let refused = outcome.as_ref().is_err_and(|error| {
                    // A plain TRUNCATE is already refused for the references to the table.
                    error.contains("SIGNED_IMMUTABLE")
                        || attack.starts_with("TRUNCATE") && error.contains("referenced in a foreign key")
                });
                assert!(refused, "{setup}; {attack}: {outcome:?}");
            }
        }
    }
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert_eq!((report.documents, report.audit_events), (2, 5));
    assert!(report.is_sound(), "{report}");
}

async fn the_program_itself_cannot_change_what_is_signed(place: Place) {
    signed_record(&place).await;
    let mut tx = place.begin().await;
    let document = tx.document_by_digest(storage::sha256(b"primero")).await.unwrap().unwrap();
    let refused = place.blobs.destroy_key(&mut tx, document.pdf, at(9)).await;
    assert!(matches!(refused, Err(storage::StorageError::Immutable)), "{refused:?}");
    let refused = tx.commit().await;
    assert!(matches!(refused, Err(storage::StorageError::Aborted)), "{refused:?}");
}

async fn files_and_transcripts_are_fixed_only_once_they_are_signed(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    tx.save_transcript(encounter, &transcript("dolor"), place.user, at(2)).await.unwrap();
    let loose = clinical::ids::BlobId(Uuid::now_v7());
    place.blobs.put(&mut tx, loose, "text/plain", b"suelto".to_vec(), at(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(place.raw("UPDATE blob SET media_type = 'otro'").await, Ok(1));
    assert_eq!(place.raw("DELETE FROM transcript").await, Ok(1));
    let signed = place.sign(Some(encounter), None, "{}", 3).await;
    // A loose file cannot take the place of a signed one.
    let steal = format!("UPDATE blob SET id = '{}' WHERE id = '{loose}'", signed.pdf);
    let or_replace = steal.replacen("UPDATE", "UPDATE OR REPLACE", 1);
    for attack in if place.is_embedded() { vec![steal, or_replace] } else { vec![steal] } {
        let outcome = place.raw(&attack).await;
        assert!(outcome.as_ref().is_err_and(|error| error.contains("SIGNED_IMMUTABLE")), "{outcome:?}");
    }
    assert_eq!(place.raw(&format!("DELETE FROM blob WHERE id = '{loose}'")).await, Ok(1));
}
