//! How complete what was signed is, by record and by professional (NOM-004, Appendix A, informative).

use clinical::audit::AuditAction;
use clinical::document::{DocumentContent, DocumentKind};
use clinical::ids::PatientId;
use clinical::patient::Patient;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use nom004::Compliance;
use storage::SignedElements;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// How many of the latest documents are counted.
pub const COUNTED: u32 = 2_000;
/// How far back the report about professionals looks, in days.
pub const DAYS: i64 = 90;

/// The score of one record.
#[derive(Debug, Clone)]
pub struct RecordCompliance {
    /// Whose record.
    pub patient: Patient,
    /// The counts.
    pub compliance: Compliance,
    /// How many documents were counted.
    pub documents: usize,
    /// When.
    pub at: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The score of one professional.
#[derive(Debug, Clone)]
pub struct ProfessionalCompliance {
    /// Name of the account.
    pub name: String,
    /// The counts.
    pub compliance: Compliance,
    /// How many documents were counted.
    pub documents: usize,
}

impl Care {
    /// Counts what a record has of what the norm asks for.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] when there is no such record.
    pub async fn record_compliance(
        &self,
        actor: &Actor,
        id: PatientId,
    ) -> Result<RecordCompliance, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let id = patient.id;
        let contents = read(tx.contents_of_patient(id, COUNTED).await?)?;
        let intervals = crate::overdue::intervals(&mut tx, id, Timestamp::MIN).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "compliance", id, Some(id))).await?;
        tx.commit().await?;
        let mut compliance = count(&contents);
        let kinds: Vec<DocumentKind> = contents.iter().map(|content| content.kind).collect();
        compliance.add_intervals(&intervals, self.now());
        compliance.add_record(&kinds, patient.data.address.is_some());
        Ok(RecordCompliance { patient, compliance, documents: contents.len(), at: self.now(), zone })
    }

    /// Counts what each professional signed in the last [`DAYS`] days: all of them for administration and auditoría,
    /// their own for the others. It tells numbers and names of elements, no clinical text, and leaves out private
    /// records that this person may not see.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who neither signs nor audits.
    pub async fn compliance_by_professional(
        &self,
        actor: &Actor,
    ) -> Result<Vec<ProfessionalCompliance>, CareError> {
        let all = actor.may(Permission::ReadAudit);
        if !all {
            self.require(actor, Permission::Sign).await?;
        }
        let since = self.now() - SignedDuration::from_hours(24 * DAYS);
        // Thousands of documents may be read: meanwhile nobody else waits to write, nor for a thread that answers pages.
        let mut reading = self.begin_read(actor).await?;
        let mut found = Vec::new();
        for user in reading.users().await? {
            if user.practitioner_id.is_none() || !all && user.id != actor.user_id {
                continue;
            }
            let mut told = None;
            for counted in [true, false] {
                let signed = reading.elements_signed_by(user.id, since, COUNTED, counted).await?;
                let documents = signed.len();
                let counting = tokio::task::spawn_blocking(move || count_signed(&signed)).await;
                told = counting.map_err(CareError::internal)??.map(|compliance| (compliance, documents));
                if told.is_some() {
                    break;
                }
            }
            let (compliance, documents) = told.unwrap_or_default();
            found.push(ProfessionalCompliance { name: user.display_name, compliance, documents });
        }
        drop(reading);
        let mut tx = self.begin(actor).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "compliance", "", None)).await?;
        tx.commit().await?;
        Ok(found)
    }
}

pub(crate) fn read(contents: Vec<String>) -> Result<Vec<DocumentContent>, CareError> {
    contents.iter().map(|text| serde_json::from_str(text).map_err(CareError::internal)).collect()
}

/// The same of documents as they are kept, one in memory at a time; nothing when one of them was counted by other definitions.
fn count_signed(signed: &[SignedElements]) -> Result<Option<Compliance>, CareError> {
    let mut compliance = Compliance::default();
    for document in signed {
        match document {
            SignedElements::Whole { kind, applicable } => {
                let applicable = usize::try_from(*applicable).map_err(CareError::internal)?;
                if !compliance.add_whole(*kind, applicable) {
                    return Ok(None);
                }
            }
            SignedElements::Read(text) => {
                compliance.add(&serde_json::from_str(text).map_err(CareError::internal)?);
            }
        }
    }
    Ok(Some(compliance))
}

fn count(contents: &[DocumentContent]) -> Compliance {
    let mut compliance = Compliance::default();
    contents.iter().for_each(|content| compliance.add(content));
    compliance
}
