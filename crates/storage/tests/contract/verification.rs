//! What `verify` finds when somebody went around the triggers.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::digest::Digest;
use clinical::ids::{AttachmentId, BlobId};
use storage::verify::{self, Finding, FindingKind};
use storage::{Chain, MasterKey, sha256};
use uuid::Uuid;

use crate::attachments::{CONTENT, attached};
use crate::drafts::transcript;
use crate::place::{Place, at};

on_both_engines!(
    a_sound_record_has_no_findings,
    dropped_triggers_are_noticed,
    weakened_triggers_are_noticed,
    edited_removed_reordered_and_inserted_rows_are_found_and_located,
    a_shortened_chain_is_found_even_when_its_end_was_rewritten,
    harmed_files_and_transcripts_are_found,
    harmed_removed_and_exchanged_files_of_a_record_are_found,
    a_dropped_table_is_found,
    unreadable_values_are_findings_and_not_failures,
);

/// Five documents, five events, the first with a transcript.
async fn record(place: &Place) {
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    let digest = tx.save_transcript(encounter, &transcript("dolor"), place.user, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    place.sign(Some(encounter), None, &format!("{{\"transcript\":\"{digest}\"}}"), 2).await;
    for n in 2..=5 {
        place.sign(None, None, &format!("{{\"n\":{n}}}"), n).await;
    }
}

async fn findings(place: &Place) -> Vec<Finding> {
    verify::verify(&place.database, &place.blobs).await.unwrap().findings
}

/// Findings in the chains, as "chain sequence[-until] kind"; those about triggers are left out.
async fn located(place: &Place) -> Vec<String> {
    let findings = findings(place).await;
    let in_chains = findings.iter().filter_map(|finding| {
        let chain = if finding.chain? == Chain::Documents { "doc" } else { "audit" };
        let until = finding.until.map_or(String::new(), |until| format!("-{until}"));
        Some(format!("{chain} {}{until} {}", finding.sequence?, finding.kind.code()))
    });
    in_chains.collect()
}

/// Switches the guards of a table off, as its owner can.
async fn disarm(place: &Place, table: &str) {
    let sql = if place.is_embedded() {
        ["update", "delete", "replace"].map(|event| format!("DROP TRIGGER {table}_no_{event};")).join("")
    } else {
        format!("DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};")
    };
    place.raw(&sql).await.unwrap();
}

async fn a_sound_record_has_no_findings(place: Place) {
    record(&place).await;
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.documents, report.audit_events), (5, 5));
    assert!(report.to_string().ends_with("Todo está íntegro."));
}

async fn dropped_triggers_are_noticed(place: Place) {
    disarm(&place, "consent").await;
    let found = findings(&place).await;
    assert_eq!(found.len(), if place.is_embedded() { 3 } else { 2 });
    assert!(found.iter().all(|finding| finding.kind == FindingKind::TriggerMissing));
    assert!(found[0].to_string().contains("consent: consent_no_"), "{}", found[0]);
}

async fn weakened_triggers_are_noticed(place: Place) {
    let check = async |sql: &str, kinds: &[FindingKind]| {
        place.raw(sql).await.unwrap();
        let mut found: Vec<_> = findings(&place).await.iter().map(|finding| finding.kind).collect();
        found.sort_unstable();
        assert_eq!(found, kinds, "{sql}");
    };
    use FindingKind::{TriggerAltered, TriggerDisabled, TriggerUnknown};
    if place.is_embedded() {
        let weak = "DROP TRIGGER consent_no_delete;
                    CREATE TRIGGER consent_no_delete BEFORE DELETE ON consent WHEN OLD.id = 'x'
                    BEGIN SELECT RAISE(ABORT, 'SIGNED_IMMUTABLE'); END";
        check(weak, &[TriggerAltered]).await;
        let extra = "CREATE TRIGGER extra AFTER INSERT ON audit_event BEGIN SELECT 1; END";
        check(extra, &[TriggerAltered, TriggerUnknown]).await;
    } else {
        check("ALTER TABLE consent DISABLE TRIGGER consent_no_change", &[TriggerDisabled]).await;
        // Fires, but not for a replica.
        check("ALTER TABLE consent ENABLE TRIGGER consent_no_change", &[TriggerDisabled]).await;
        check("ALTER TABLE consent ENABLE ALWAYS TRIGGER consent_no_change", &[]).await;
        let hollow = "CREATE OR REPLACE FUNCTION medicus_keep_consent() RETURNS trigger LANGUAGE plpgsql
                      AS 'BEGIN RETURN NULL; END'";
        check(hollow, &[TriggerAltered, TriggerAltered]).await;
        let one_column = "CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE UPDATE OF reason OR DELETE
                          ON audit_event FOR EACH ROW EXECUTE FUNCTION medicus_keep_audit_event()";
        check(one_column, &[TriggerAltered, TriggerAltered, TriggerAltered]).await;
        let extra = "CREATE TRIGGER extra BEFORE INSERT ON transcript
                     FOR EACH ROW EXECUTE FUNCTION medicus_keep_consent()";
        check(extra, &[TriggerAltered, TriggerAltered, TriggerAltered, TriggerUnknown]).await;
    }
}

async fn edited_removed_reordered_and_inserted_rows_are_found_and_located(place: Place) {
    record(&place).await;
    disarm(&place, "signed_document").await;
    disarm(&place, "audit_event").await;
    let zero = Digest::ORIGIN;
    for sql in [
        "UPDATE signed_document SET content = '{\"n\":0}' WHERE sequence = 2".to_owned(),
        "UPDATE signed_document SET act_at = act_at - 1 WHERE sequence = 3".to_owned(),
        "DELETE FROM signed_document WHERE sequence = 4".to_owned(),
        "UPDATE audit_event SET reason = 'otra' WHERE sequence = 1".to_owned(),
        "UPDATE audit_event SET sequence = -2 WHERE sequence = 2".to_owned(),
        "UPDATE audit_event SET sequence = 2 WHERE sequence = 4".to_owned(),
        "UPDATE audit_event SET sequence = 4 WHERE sequence = -2".to_owned(),
        format!(
            "INSERT INTO audit_event (sequence, at, action, entity, entity_id, origin, previous, digest)
             VALUES (6, 1, 'read', 'patient', 'x', 'x', '{zero}', '{zero}')"
        ),
    ] {
        place.raw(&sql).await.unwrap();
    }
    assert_eq!(
        located(&place).await,
        [
            "doc 2 content_altered",
            "doc 3 edited",
            "doc 4 removed",
            "audit 1 edited",
            "audit 2 reordered",
            "audit 4 reordered",
            "audit 6 inserted"
        ]
    );
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(!report.is_sound());
    let shown = report.to_string();
    assert!(!shown.contains("íntegro"), "{shown}");
    assert!(shown.contains("documentos firmados, número 4: faltan renglones"), "{shown}");
    let moved =
        "bitácora, número 2: el renglón está en un lugar que no es el suyo (se escribió como número 4)";
    assert!(shown.contains(moved), "{shown}");
}

async fn a_shortened_chain_is_found_even_when_its_end_was_rewritten(place: Place) {
    record(&place).await;
    disarm(&place, "audit_event").await;
    place.raw("DELETE FROM audit_event WHERE sequence > 3").await.unwrap();
    assert_eq!(located(&place).await, ["audit 4-5 removed"]);
    place
        .raw(
            "UPDATE chain_head SET sequence = 3, digest = (SELECT digest FROM audit_event WHERE sequence = 3)
              WHERE name = 'audit'",
        )
        .await
        .unwrap();
    assert_eq!(located(&place).await, ["audit 3 head_mismatch"]);
    place.raw("DELETE FROM chain_head WHERE name = 'audit'").await.unwrap();
    assert_eq!(located(&place).await, ["audit 3 head_mismatch"]);
}

async fn harmed_files_and_transcripts_are_found(place: Place) {
    record(&place).await;
    let mut tx = place.begin().await;
    let mut pdfs = Vec::new();
    for n in 2..=5 {
        let content = format!("{{\"n\":{n}}}");
        let document = tx.document_by_digest(storage::sha256(content.as_bytes())).await.unwrap().unwrap();
        pdfs.push(document.pdf.to_string());
    }
    drop(tx);
    let file = |name: &str| place.folder.join("blobs").join(&name[name.len() - 2..]).join(name);
    std::fs::remove_file(file(&pdfs[0])).unwrap();
    let mut bytes = std::fs::read(file(&pdfs[1])).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(file(&pdfs[1]), bytes).unwrap();
    std::fs::copy(file(&pdfs[3]), file(&pdfs[2])).unwrap();
    disarm(&place, "transcript").await;
    place.raw("UPDATE transcript SET content = '{\"turns\":[]}'").await.unwrap();
    assert_eq!(
        located(&place).await,
        ["doc 1 transcript_altered", "doc 2 blob_missing", "doc 3 blob_altered", "doc 4 blob_altered"]
    );
    disarm(&place, "blob").await;
    place.raw(&format!("UPDATE blob SET wrapped_key = NULL WHERE id = '{}'", pdfs[3])).await.unwrap();
    assert!(located(&place).await.contains(&"doc 5 blob_missing".to_owned()));
    // With the files of another installation everything is foreign.
    let other =
        storage::BlobStore::open(&place.folder.join("blobs"), &MasterKey::from_bytes([1; 32])).unwrap();
    let report = verify::verify(&place.database, &other).await.unwrap();
    assert!(report.findings.iter().any(|f| f.kind == FindingKind::BlobAltered && f.sequence == Some(1)));
}

async fn harmed_removed_and_exchanged_files_of_a_record_are_found(place: Place) {
    let mut ids = Vec::new();
    for n in 0..4 {
        let file = attached(&place, n).await;
        let mut tx = place.begin().await;
        tx.append_audit(NewAuditEvent {
            action: AuditAction::Create,
            entity: "attachment",
            reason: Some(verify::trace(sha256(CONTENT))),
            ..place.event(1, &file.id.to_string())
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        ids.push(file.id);
    }
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    assert_eq!(report.files, 4);

    let path = |id: AttachmentId| place.file(&id.to_string());
    std::fs::write(path(ids[0]), b"MEDBLOB1 otra cosa").unwrap();
    for table in ["attachment", "blob"] {
        disarm(&place, table).await;
    }
    place.raw(&format!("DELETE FROM attachment WHERE id = '{}'", ids[1])).await.unwrap();
    // Whatever is made to fit, the bitácora still tells what was there.
    std::fs::remove_file(path(ids[2])).unwrap();
    let other = BlobId(Uuid::now_v7());
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, other, "application/pdf", b"%PDF-1.7 otro".to_vec(), at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let (id, changed) =
        (ids[2], format!("UPDATE blob SET digest = (SELECT digest FROM blob WHERE id = '{other}')"));
    place.raw(&format!("{changed} WHERE id = '{id}'")).await.unwrap();
    let mut found: Vec<String> = findings(&place)
        .await
        .into_iter()
        .filter(|finding| !finding.kind.code().starts_with("trigger"))
        .map(|finding| format!("{} {}", finding.kind.code(), finding.detail))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            format!("file_altered {}", ids[0]),
            format!("file_altered {}", ids[2]),
            format!("file_missing {}", ids[1]),
            format!("file_missing {}", ids[2]),
        ]
    );
}

async fn a_dropped_table_is_found(place: Place) {
    record(&place).await;
    place.raw("DROP TABLE audit_event").await.unwrap();
    let found = findings(&place).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "falta la tabla (audit_event)");
}

async fn unreadable_values_are_findings_and_not_failures(place: Place) {
    record(&place).await;
    disarm(&place, "audit_event").await;
    disarm(&place, "signed_document").await;
    place.raw("UPDATE audit_event SET digest = 'nada' WHERE sequence = 3").await.unwrap();
    place.raw("UPDATE signed_document SET previous = 'nada' WHERE sequence = 2").await.unwrap();
    assert_eq!(located(&place).await, ["doc 2 edited", "audit 3 edited"]);
    if place.is_embedded() {
        place.raw("UPDATE audit_event SET at = 'ayer' WHERE sequence = 5").await.unwrap();
        assert_eq!(located(&place).await, ["doc 2 edited", "audit 3 edited", "audit 5 edited"]);
        place.raw("UPDATE audit_event SET origin = CAST(origin AS BLOB) WHERE sequence = 1").await.unwrap();
        // The bytes of the JSON string "127.0.0.1", as JSONB.
        place
            .raw("UPDATE audit_event SET origin = jsonb(json_quote(origin)) WHERE sequence = 2")
            .await
            .unwrap();
        let all = ["doc 2 edited", "audit 1 edited", "audit 2 edited", "audit 3 edited", "audit 5 edited"];
        assert_eq!(located(&place).await, all);
    }
}
