//! What was kept outside shows what the database alone cannot: that more was written once.

use storage::verify::{self, Anchor, FindingKind};

use crate::place::{Place, at};

on_both_engines!(
    a_record_that_grew_still_goes_through_its_anchor,
    an_old_backup_put_back_is_sound_in_itself_and_betrayed_by_an_anchor,
    an_anchor_of_another_installation_or_a_changed_one_is_refused,
);

async fn check(place: &Place, anchor: &Anchor) -> Vec<(FindingKind, Option<i64>)> {
    let report = verify::verify_from(&place.database, Some(&place.blobs), anchor).await.unwrap();
    report
        .findings
        .iter()
        .filter(|finding| finding.kind != FindingKind::TriggerMissing)
        .map(|finding| (finding.kind, finding.sequence))
        .collect()
}

async fn a_record_that_grew_still_goes_through_its_anchor(place: Place) {
    let empty = verify::anchor(&place.database, at(1)).await.unwrap();
    place.sign(None, None, "uno", 1).await;
    let anchor = verify::anchor(&place.database, at(2)).await.unwrap();
    assert_eq!((anchor.documents.sequence, anchor.audit.sequence), (1, 1));
    place.sign(None, None, "dos", 3).await;
    let kept = serde_json::from_str::<Anchor>(&serde_json::to_string(&anchor).unwrap()).unwrap();
    assert_eq!(check(&place, &kept).await, []);
    assert_eq!(check(&place, &empty).await, []);
}

async fn an_old_backup_put_back_is_sound_in_itself_and_betrayed_by_an_anchor(place: Place) {
    place.sign(None, None, "uno", 1).await;
    place.raw("CREATE TABLE old_head AS SELECT * FROM chain_head").await.unwrap();
    place.sign(None, None, "dos", 2).await;
    let anchor = verify::anchor(&place.database, at(3)).await.unwrap();
    for table in ["signed_document", "audit_event"] {
        let events: &[&str] =
            if place.is_embedded() { &["update", "delete", "replace"] } else { &["change", "truncate"] };
        for event in events {
            let on = if place.is_embedded() { String::new() } else { format!(" ON {table}") };
            place.raw(&format!("DROP TRIGGER {table}_no_{event}{on}")).await.unwrap();
        }
        place.raw(&format!("DELETE FROM {table} WHERE sequence > 1")).await.unwrap();
    }
    place.raw("DELETE FROM chain_head").await.unwrap();
    place.raw("INSERT INTO chain_head SELECT * FROM old_head").await.unwrap();
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.findings.iter().all(|finding| finding.kind == FindingKind::TriggerMissing), "{report}");
    let lost = FindingKind::AnchorLost;
    assert_eq!(check(&place, &anchor).await, [(lost, Some(2)), (lost, Some(2))]);
}

async fn an_anchor_of_another_installation_or_a_changed_one_is_refused(place: Place) {
    place.sign(None, None, "uno", 1).await;
    let anchor = verify::anchor(&place.database, at(2)).await.unwrap();
    let mut earlier = anchor.clone();
    earlier.documents.sequence = 0;
    let mut foreign = anchor.clone();
    foreign.seal = storage::sha256(b"otra");
    for changed in [earlier, foreign] {
        assert_eq!(check(&place, &changed).await, [(FindingKind::AnchorForeign, None)]);
    }
}
