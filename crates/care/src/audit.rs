//! Reading the bitácora.

use clinical::audit::{AuditAction, AuditEvent};
use clinical::ids::PatientId;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// Events on one page.
pub const PAGE: u32 = 50;

/// What to show of the bitácora.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this record.
    pub patient_id: Option<PatientId>,
    /// Only this act.
    pub action: Option<AuditAction>,
}

/// One page of the bitácora, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The events, each with the name of who did it.
    pub events: Vec<(AuditEvent, String)>,
    /// How many there are in all.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
}

impl Care {
    /// A page of the bitácora. Reading it leaves an event too.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn audit_events(&self, actor: &Actor, filter: &AuditFilter, page: u32) -> Result<AuditPage, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        let mut tx = self.database.write().await?;
        let offset = page.saturating_mul(PAGE);
        let (rows, total) = tx.audit_events(filter.patient_id, filter.action, PAGE, offset).await?;
        let names = tx.user_names().await?;
        tx.append_audit(&self.event(actor, AuditAction::Read, "audit", "", filter.patient_id)).await?;
        tx.commit().await?;
        let name = |event: &AuditEvent| match event.actor {
            None => "El programa".to_owned(),
            Some(user) => names.get(&user).cloned().unwrap_or_default(),
        };
        let events = rows.into_iter().map(|event| (name(&event), event)).map(|(name, event)| (event, name)).collect();
        Ok(AuditPage { events, total, page })
    }
}
