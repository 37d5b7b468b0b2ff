//! Which copies of a whole record left, as the bitácora tells it: an export stands there before its first byte is handed
//! out, so there is no second list that could say something else.

use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use jiff::Timestamp;
use storage::{AuditFilter, PageRequest, Tx};

use super::ExportFormat;
use crate::audit::{named, people};
use crate::error::CareError;

/// What exports are exports of, in the bitácora.
pub(super) const ENTITY: &str = "record";
/// How the words of an export begin there.
const BEGINS: &str = "exportación, ";
/// Most exports that are told of a record.
const MOST: u32 = 500;

/// A copy of a whole record that left the practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportLine {
    /// When.
    pub at: Timestamp,
    /// Name on screens of who took it out.
    pub by_name: String,
    /// In which form: "Paquete completo (ZIP), cifrado".
    pub what: String,
    /// Why, in their words.
    pub reason: String,
}

/// The words of an export in the bitácora.
pub(super) fn told(format: ExportFormat, sealed: bool, reason: &str) -> String {
    let sealed = if sealed { ", cifrado" } else { "" };
    format!("{BEGINS}{}{sealed}: {reason}", format.name())
}

/// The form and the reason in the words of an export.
fn read(words: &str) -> Option<(String, String)> {
    let (what, reason) = words.strip_prefix(BEGINS)?.split_once(": ")?;
    Some((what.to_owned(), reason.to_owned()))
}

/// The exports of a record, newest first.
pub(crate) async fn exports(tx: &mut Tx, patient: PatientId) -> Result<Vec<ExportLine>, CareError> {
    let filter = AuditFilter {
        action: Some(AuditAction::Print),
        entity: Some(ENTITY.to_owned()),
        patient_id: Some(patient),
        ..AuditFilter::default()
    };
    let found = tx.audit_events(&filter, PageRequest::first(MOST)).await?.items;
    let people = people(tx).await?;
    let lines = named(found, &people).into_iter().filter_map(|(event, by_name)| {
        let (what, reason) = read(event.reason.as_deref()?)?;
        Some(ExportLine { at: event.at, by_name, what, reason })
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_an_export_is_read_back() {
        for format in ExportFormat::ALL {
            for (sealed, reason) in [(false, "a petición: del paciente; urge"), (true, "traslado")] {
                let (what, why) = read(&told(format, sealed, reason)).unwrap_or_default();
                assert!(what.starts_with(format.name()) && what.ends_with("cifrado") == sealed, "{what}");
                assert_eq!(why, reason);
            }
        }
        assert_eq!(read("anulación"), None);
    }
}
