//! How the database came to its present shape: one list for both engines, run at start, forward only.
//!
//! A released step never changes. A new one is a file `NNNN_phrase.sql` here, one thought each, and a line in [`STEPS`].
//! In the files, words in braces stand for what the engines write differently (`DIALECT` of each).

use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::values;

enum Work {
    Sql(&'static str),
    /// The sealed heads of the empty chains.
    ChainHeads,
    /// The triggers that keep signed rows, as the program knows them today, of the tables that exist at this step.
    Guards,
    /// The keys by which likely doubles are found, for the records that are there already.
    PatientKeys,
}

const STEPS: [(&str, Work); 78] = [
    ("people", Work::Sql(include_str!("0001_people.sql"))),
    ("patients", Work::Sql(include_str!("0002_patients.sql"))),
    ("visits", Work::Sql(include_str!("0003_visits.sql"))),
    ("signed_documents", Work::Sql(include_str!("0004_signed_documents.sql"))),
    ("bitacora", Work::Sql(include_str!("0005_bitacora.sql"))),
    ("chain_heads", Work::ChainHeads),
    ("guards", Work::Guards),
    ("identity", Work::Sql(include_str!("0006_identity.sql"))),
    ("patient_keys", Work::PatientKeys),
    ("identity_guards", Work::Guards),
    ("attachments", Work::Sql(include_str!("0007_attachments.sql"))),
    ("guards_of_attachments", Work::Guards),
    ("laboratory", Work::Sql(include_str!("0008_laboratory.sql"))),
    ("guards_of_laboratory", Work::Guards),
    ("search", Work::Sql(include_str!("0009_search.sql"))),
    ("privacy", Work::Sql(include_str!("0010_privacy.sql"))),
    ("privacy_guards", Work::Guards),
    ("documents", Work::Sql(include_str!("0011_documents.sql"))),
    ("private_groups", Work::Sql(include_str!("0012_private_groups.sql"))),
    ("guards_of_private_groups", Work::Guards),
    ("prints", Work::Sql(include_str!("0014_prints.sql"))),
    ("guards_of_prints", Work::Guards),
    ("deliveries", Work::Sql(include_str!("0015_deliveries.sql"))),
    ("guards_of_deliveries", Work::Guards),
    ("retention", Work::Sql(include_str!("0016_retention.sql"))),
    ("guards_of_retention", Work::Guards),
    ("arco", Work::Sql(include_str!("0017_arco.sql"))),
    ("guards_of_arco", Work::Guards),
    ("trainees", Work::Sql(include_str!("0018_trainees.sql"))),
    ("guards_of_endorsements", Work::Guards),
    ("stays", Work::Sql(include_str!("0019_stays.sql"))),
    ("guards_of_stays", Work::Guards),
    ("replies", Work::Sql(include_str!("0020_replies.sql"))),
    ("cancelled_drafts", Work::Sql(include_str!("0021_cancelled_drafts.sql"))),
    ("unsaved_texts", Work::Sql(include_str!("0022_unsaved_texts.sql"))),
    ("external", Work::Sql(include_str!("0023_external.sql"))),
    ("guards_of_external", Work::Guards),
    ("second_factor", Work::Sql(include_str!("0024_second_factor.sql"))),
    ("blocks", Work::Sql(include_str!("0025_blocks.sql"))),
    ("guards_of_blocks", Work::Guards),
    ("preferences", Work::Sql(include_str!("0026_preferences.sql"))),
    ("note_templates", Work::Sql(include_str!("0027_note_templates.sql"))),
    ("icd", Work::Sql(include_str!("0028_icd.sql"))),
    ("drug_labels", Work::Sql(include_str!("0029_drug_labels.sql"))),
    ("alert_overrides", Work::Sql(include_str!("0030_alert_overrides.sql"))),
    ("guards_of_alert_overrides", Work::Guards),
    ("efirma", Work::Sql(include_str!("0031_efirma.sql"))),
    ("guards_of_efirma", Work::Guards),
    ("recetas", Work::Sql(include_str!("0032_recetas.sql"))),
    ("guards_of_recetas", Work::Guards),
    ("elsewhere", Work::Sql(include_str!("0033_elsewhere.sql"))),
    ("guards_of_elsewhere", Work::Guards),
    ("efirma_proof", Work::Sql(include_str!("0034_efirma_proof.sql"))),
    ("guards_of_efirma_proof", Work::Guards),
    ("recordings", Work::Sql(include_str!("0034_recordings.sql"))),
    ("agenda", Work::Sql(include_str!("0035_agenda.sql"))),
    ("listening", Work::Sql(include_str!("0036_listening.sql"))),
    ("messages", Work::Sql(include_str!("0037_messages.sql"))),
    ("figures", Work::Sql(include_str!("0038_figures.sql"))),
    ("epidemic_notices", Work::Sql(include_str!("0039_epidemic_notices.sql"))),
    ("calendars", Work::Sql(include_str!("0040_calendars.sql"))),
    ("message_numbers", Work::Sql(include_str!("0041_message_numbers.sql"))),
    ("care_gaps", Work::Sql(include_str!("0042_care_gaps.sql"))),
    ("voices", Work::Sql(include_str!("0043_voices.sql"))),
    ("message_visit", Work::Sql(include_str!("0044_message_visit.sql"))),
    ("specialty_certificates", Work::Sql(include_str!("0045_specialty_certificates.sql"))),
    ("guards_of_epidemic_notices", Work::Guards),
    ("epidemic_index", Work::Sql(include_str!("0046_epidemic_index.sql"))),
    ("reports", Work::Sql(include_str!("0047_reports.sql"))),
    ("phones", Work::Sql(include_str!("0048_phones.sql"))),
    ("questions", Work::Sql(include_str!("0049_questions.sql"))),
    ("waiting_encounter", Work::Sql(include_str!("0050_waiting_encounter.sql"))),
    ("history_figure", Work::Sql(include_str!("0051_history_figure.sql"))),
    ("heard_without_draft", Work::Sql(include_str!("0052_heard_without_draft.sql"))),
    ("efirma_end", Work::Sql(include_str!("0053_efirma_end.sql"))),
    ("code_index", Work::Sql(include_str!("0054_code_index.sql"))),
    ("former_keys", Work::Sql(include_str!("0055_former_keys.sql"))),
    ("offer_undo", Work::Sql(include_str!("0056_offer_undo.sql"))),
];

/// Brings the database to the newest shape and checks that it belongs to this key.
///
/// # Errors
/// [`StorageError::NewerSchema`] for a database of a newer program, [`StorageError::WrongKey`] for one that belongs to
/// another installation.
pub(crate) async fn migrate(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let fingerprint = tx.keys.fingerprint;
    tx.hold_migrations().await?;
    tx.script(
        "CREATE TABLE IF NOT EXISTS schema_migration (
           version BIGINT PRIMARY KEY,
           name TEXT NOT NULL,
           applied_at BIGINT NOT NULL
         );
         CREATE TABLE IF NOT EXISTS installation (
           id BIGINT PRIMARY KEY CHECK (id = 1),
           key_fingerprint TEXT NOT NULL,
           created_at BIGINT NOT NULL
         );",
    )
    .await?;
    let found = tx.number("SELECT COALESCE(MAX(version), 0) AS n FROM schema_migration", &[]).await?;
    let known = newest();
    if found > known {
        return Err(StorageError::NewerSchema { found, known });
    }
    tx.execute(
        "INSERT INTO installation (id, key_fingerprint, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING",
        values![fingerprint, now],
    )
    .await?;
    if tx.key_fingerprint().await? != Some(fingerprint) {
        return Err(StorageError::WrongKey);
    }
    let last_guards = STEPS.iter().rposition(|(_, work)| matches!(work, Work::Guards));
    for (place, ((name, work), version)) in STEPS.iter().zip(1_i64..).enumerate() {
        if version <= found {
            continue;
        }
        match work {
            // They are those of today whenever they are installed: once is enough.
            Work::Guards if Some(place) != last_guards => {}
            Work::Sql(sql) => {
                let sql = tx.in_dialect(sql);
                tx.script(&sql).await?;
            }
            Work::ChainHeads => tx.insert_heads().await?,
            Work::Guards => tx.install_guards().await?,
            Work::PatientKeys => tx.write_all_keys().await?,
        }
        tx.execute(
            "INSERT INTO schema_migration (version, name, applied_at) VALUES ($1, $2, $3)",
            values![version, *name, now],
        )
        .await?;
    }
    Ok(())
}

/// The newest shape this program knows.
pub(crate) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
