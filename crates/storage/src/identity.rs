//! Who a record is about: the keys by which a likely double is found, and what a record said before it was changed.

use clinical::identifiers::Curp;
use clinical::ids::{PatientId, UserId};
use clinical::likeness::{Lookup, keys};
use clinical::patient::{Identity, NewPatient, Patient};
use clinical::person::BirthDate;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::error::{Result, StorageError};
use crate::patients::{patient, patient_columns};
use crate::person;
use crate::private::visible;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Value, values};

/// Most records that are compared with one: far above what one birth date or one key brings.
const MOST_LIKE: i64 = 500;

/// What a record said before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerIdentity {
    /// The record it stood in, which may have been joined to another since.
    pub patient_id: PatientId,
    /// The version it had.
    pub version: i64,
    /// What it said.
    pub data: NewPatient,
    /// Name on screens of who changed it.
    pub replaced_by: String,
    /// When.
    pub replaced_at: Timestamp,
}

impl Tx {
    /// Writes the keys of a record anew.
    pub(crate) async fn write_keys(&mut self, id: PatientId, identity: &Identity) -> Result<()> {
        self.execute("DELETE FROM patient_key WHERE patient_id = $1", values![id]).await?;
        let Some(born) = identity.birth_date() else { return Ok(()) };
        for key in keys(identity) {
            self.execute(
                "INSERT INTO patient_key (key, birth_date, patient_id) VALUES ($1, $2, $3)",
                values![key, born.date(), id],
            )
            .await?;
        }
        Ok(())
    }

    /// Writes the keys of all records, in the migration that brings them.
    pub(crate) async fn write_all_keys(&mut self) -> Result<()> {
        // Columns of this step, whatever later steps add to the table.
        let sql = "SELECT id, given, first_surname, second_surname, birth_date FROM patient WHERE given IS NOT NULL";
        let found = self
            .list("patient", sql, &[], |row| {
                let name = person::name(row, "given", "first_surname", "second_surname")?;
                let birth_date = BirthDate::from_stored(row.parsed("birth_date")?);
                Ok((row.parsed("id")?, Identity::Identified { name, birth_date, curp: None }))
            })
            .await?;
        for (id, identity) in found {
            self.write_keys(id, &identity).await?;
        }
        Ok(())
    }

    /// Records that may be of the same person and are worth comparing: the CURP, the birth date, or a name of the same
    /// sound with nearly the same birth date. Joined records are among them, those of `own` record are not. Private
    /// records that may not be seen are among them, too, so that no second record is made: what is told of one is up to
    /// the caller.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn records_like(
        &mut self,
        identity: &Identity,
        own: Option<PatientId>,
    ) -> Result<Vec<Patient>> {
        let Some(lookup) = Lookup::of(identity) else { return Ok(Vec::new()) };
        let mut values: Vec<Value> =
            vec![lookup.curp.as_ref().map(Curp::as_str).into(), own.into(), MOST_LIKE.into()];
        let mut bind = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        let dates: Vec<String> = lookup.dates.iter().map(|date| bind((*date).into())).collect();
        let keys: Vec<String> = lookup.keys.iter().map(|key| bind(key.into())).collect();
        let by_key = if keys.is_empty() {
            String::new()
        } else {
            let born = lookup.born.to_string();
            let (year, day) = (bind(born[..4].into()), bind(born[8..].into()));
            let (year_and_month, month_and_day) = (bind(born[..7].into()), bind(born[5..].into()));
            format!(
                "UNION SELECT k.patient_id FROM patient_key k
                  WHERE k.key IN ({})
                    AND (substr(k.birth_date, 1, 7) = {year_and_month} OR substr(k.birth_date, 6, 5) = {month_and_day}
                         OR (substr(k.birth_date, 1, 4) = {year} AND substr(k.birth_date, 9, 2) = {day}))",
                keys.join(", ")
            )
        };
        let sql = format!(
            "SELECT {} FROM patient p
              WHERE p.id IN (SELECT x.id FROM patient x WHERE x.birth_date IN ({})
                             UNION SELECT c.id FROM patient c WHERE c.curp = $1
                             {by_key})
                AND ($2 IS NULL OR p.root <> (SELECT o.root FROM patient o WHERE o.id = $2))
              ORDER BY p.id LIMIT $3",
            patient_columns!(),
            dates.join(", ")
        );
        self.list("patient", AssertSqlSafe(sql), &values, patient).await
    }

    /// Keeps what a record says before it is changed.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when this version was kept already.
    pub async fn keep_former_identity(&mut self, former: &Patient, by: UserId, at: Timestamp) -> Result<()> {
        let content =
            serde_json::to_string(&former.data).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO former_identity (id, patient_id, version, content, replaced_by, replaced_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![format!("{}.{}", former.id, former.version), former.id, former.version, content, by, at],
        )
        .await
        .map(drop)
    }

    /// What a record said before, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn former_identities(&mut self, patient: PatientId) -> Result<Vec<FormerIdentity>> {
        let sql = concat!(
            "SELECT f.id, f.patient_id, f.version, f.content, f.replaced_at, u.display_name AS replaced_by
               FROM former_identity f JOIN account u ON u.id = f.replaced_by
              WHERE ",
            of_record!("f.patient_id"),
            " ORDER BY f.replaced_at DESC, f.version DESC"
        );
        self.list("former_identity", sql, values![patient], |row| {
            Ok(FormerIdentity {
                patient_id: row.parsed("patient_id")?,
                version: row.int("version")?,
                data: serde_json::from_str(&row.text("content")?).map_err(|_| row.corrupt("content"))?,
                replaced_by: row.text("replaced_by")?,
                replaced_at: row.time("replaced_at")?,
            })
        })
        .await
    }

    /// The records of the children who were registered as newborns of this patient, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn newborns_of(&mut self, mother: PatientId) -> Result<Vec<Patient>> {
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE p.root = p.id AND ",
            of_record!("p.mother_id"),
            " AND ",
            visible!("p.root", "$2", "$3"),
            " ORDER BY p.birth_date, p.id"
        );
        self.list("patient", sql, values![mother, self.eyes(), self.moment()], patient).await
    }
}
