//! Reading the bitácora.

use clinical::audit::{AuditAction, AuditEvent};
pub use storage::AuditFilter;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, page_of};

/// Events on one page.
pub const PAGE: u32 = 50;

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
    pub async fn audit_events(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: u32,
    ) -> Result<AuditPage, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        let mut tx = self.database.begin().await?;
        let found = tx.audit_events(filter, page_of(page, PAGE)).await?;
        let users = tx.users().await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "audit", "", filter.patient_id)).await?;
        tx.commit().await?;
        let name = |event: &AuditEvent| match event.actor {
            None => "El programa".to_owned(),
            Some(id) => users
                .iter()
                .find(|user| user.id == id)
                .map(|user| user.display_name.clone())
                .unwrap_or_default(),
        };
        let events = found.items.into_iter().map(|event| {
            let name = name(&event);
            (event, name)
        });
        Ok(AuditPage { events: events.collect(), total: found.total, page })
    }
}
