//! What the program does every day without anybody asking.

use clinical::audit::{AuditAction, NewAuditEvent};
use jiff::SignedDuration;

use crate::Care;
use crate::error::CareError;

/// How old a file without a row is before it is swept away: what writes it may still be at work.
const AGE: SignedDuration = SignedDuration::from_hours(24);
/// More of them are no leftovers of a power cut: the database beside the files is another one, or an older copy.
const MOST: usize = 50;

/// How long the time of a visit stays held after it: nobody books a past one, a move by hand reaches back a day.
const HELD: SignedDuration = SignedDuration::from_hours(48);

/// What became of the files that belong to no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// So many are gone.
    Removed(usize),
    /// So many stay, because they are too many to be leftovers.
    TooMany(usize),
}

impl Care {
    /// Sweeps away the files that a stop of the machine left without a row, and notes it in the bitácora. Nobody can read
    /// them: the key of a file is in its row. The program itself does it, for nobody.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when database or disk do not answer.
    pub async fn sweep_files(&self) -> Result<Sweep, CareError> {
        let mut tx = self.unseen.begin().await?;
        let orphans = self.blobs.find_orphans(&mut tx, self.now() - AGE).await?;
        match orphans.count() {
            0 => return Ok(Sweep::Removed(0)),
            many if many > MOST => return Ok(Sweep::TooMany(many)),
            _ => {}
        }
        // Noted first: what is removed without a trace would be what the bitácora is for.
        tx.append_audit(NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Update,
            entity: "blob_store",
            entity_id: String::new(),
            patient_id: None,
            origin: "program".to_owned(),
            reason: Some(format!("archivos sin registro que se quitan: {}", orphans.count())),
        })
        .await?;
        tx.commit().await?;
        Ok(Sweep::Removed(orphans.remove().await?))
    }

    /// Lets go of the pieces of the diary that past visits hold; the visits stay as they are. Answers how many those were.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn free_past_time(&self) -> Result<u64, CareError> {
        let mut tx = self.unseen.begin().await?;
        let freed = tx.free_past_time(self.now() - HELD).await?;
        tx.commit().await?;
        Ok(freed)
    }
}
