//! Information of a record given to somebody: added and voided, never rewritten.

use clinical::delivery::{Basis, Delivery, DeliveryContent};
use clinical::ids::{DeliveryId, PatientId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::private::visible_of;
use crate::records::{Act, of_record};
use crate::tx::Tx;
use crate::value::{Row, values};

macro_rules! delivery_columns {
    () => {
        "SELECT d.id, d.number, d.patient_id, d.content, d.recorded_at, u.display_name AS by_name,
                v.reason AS void_reason, v.recorded_at AS void_at, x.display_name AS void_by
           FROM delivery d
           JOIN account u ON u.id = d.recorded_by
           LEFT JOIN delivery_void v ON v.delivery_id = d.id
           LEFT JOIN account x ON x.id = v.recorded_by "
    };
}

fn delivery(row: &Row) -> Result<Delivery> {
    let voided = row.maybe_text("void_by")?.zip(row.maybe_time("void_at")?);
    let reason = row.maybe_text("void_reason")?.unwrap_or_default();
    Ok(Delivery {
        id: row.parsed("id")?,
        number: row.int("number")?,
        patient_id: row.parsed("patient_id")?,
        content: row.json("content")?,
        by_name: row.text("by_name")?,
        at: row.time("recorded_at")?,
        voided: voided.map(|(by, at)| (by, at, reason)),
    })
}

impl Tx {
    /// Records a delivery with the next folio, and returns it.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient, user or request.
    pub async fn insert_delivery(
        &mut self,
        id: DeliveryId,
        patient: PatientId,
        content: &DeliveryContent,
        by: UserId,
        at: Timestamp,
    ) -> Result<i64> {
        let number = self.next_folio("delivery").await?;
        let text = serde_json::to_string(content).map_err(|error| StorageError::Database(error.into()))?;
        let request = match &content.basis {
            Basis::Written(request) => Some(request.attachment),
            Basis::Duty { .. } => None,
        };
        self.execute(
            "INSERT INTO delivery (id, number, patient_id, request, content, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![id, number, patient, request, text, by, at],
        )
        .await?;
        Ok(number)
    }

    /// A delivery.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>> {
        let sql =
            concat!(delivery_columns!(), "WHERE d.id = $1 AND ", visible_of!("d.patient_id", "$2", "$3"));
        self.one("delivery", sql, values![id, self.eyes(), self.moment()], delivery).await
    }

    /// The deliveries of a record, newest first, voided ones among them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn deliveries(&mut self, patient: PatientId) -> Result<Vec<Delivery>> {
        let sql =
            concat!(delivery_columns!(), "WHERE ", of_record!("d.patient_id"), " ORDER BY d.number DESC");
        self.list("delivery", sql, values![patient], delivery).await
    }

    /// Notes that an entry is wrong. It stays, marked.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown delivery; [`StorageError::NotUnique`] or [`StorageError::Immutable`]
    /// when it was voided before.
    pub async fn void_delivery(&mut self, id: DeliveryId, act: Act<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO delivery_void (delivery_id, reason, recorded_by, recorded_at) VALUES ($1, $2, $3, $4)",
            values![id, act.reason, act.by, act.at],
        )
        .await
        .map(drop)
    }
}
