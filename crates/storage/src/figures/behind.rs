//! What a number counts, one by one: the rows that are added up, of records that may be seen.

use clinical::ids::PractitionerId;
use clinical::patient::Patient;
use jiff::Timestamp;

use super::daily::MEASURES;
use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, Value, values};

/// A number: a measure of the figures, of all that it tells apart or of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedBy {
    /// Name of the measure.
    pub measure: &'static str,
    /// What it tells apart; all of it when empty.
    pub items: Vec<String>,
    /// Only where fewer elements are there than apply: `n` below `total`.
    pub lacking: bool,
    /// Of one professional only.
    pub practitioner: Option<PractitionerId>,
}

/// One of what a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRow {
    /// Whose record.
    pub patient: Patient,
    /// When it was: the visit, the care of a document, the signature of an alert.
    pub at: Timestamp,
    /// What the measure tells apart.
    pub item: String,
    /// How much of the number it is.
    pub n: i64,
    /// Minutes, lines or elements.
    pub total: i64,
}

/// A page of what a number counts, and what all of it adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The page, latest first.
    pub page: Page<CountedRow>,
    /// `n` of all pages together.
    pub n: i64,
    /// `total` of all pages together.
    pub total: i64,
}

fn counted(row: &Row) -> Result<CountedRow> {
    Ok(CountedRow {
        patient: patient(row)?,
        at: row.time("at")?,
        item: row.text("item")?,
        n: row.int("n")?,
        total: row.int("total")?,
    })
}

impl Tx {
    /// What a number counts in `from..until`, latest first, of records that may be seen. An unknown measure counts
    /// nothing.
    ///
    /// # Errors
    /// [`crate::StorageError::TooLong`] under [`Tx::limit_time`]; what the engine says.
    pub async fn counted(
        &mut self,
        by: &CountedBy,
        (from, until): (Timestamp, Timestamp),
        page: PageRequest,
    ) -> Result<Counted> {
        let Some((_, rows)) = MEASURES.iter().find(|(name, _)| *name == by.measure) else {
            return Ok(Counted { page: Page { items: Vec::new(), total: 0 }, n: 0, total: 0 });
        };
        let mut which = visible!("p.root", "$3", "$4").to_owned();
        let mut values: Vec<Value> = values![from, until, self.eyes(), self.moment()].to_vec();
        if let Some(who) = by.practitioner {
            values.push(who.into());
            which += &format!(" AND q.who = ${}", values.len());
        }
        if !by.items.is_empty() {
            values.push(serde_json::json!(by.items).to_string().into());
            which += &format!(" AND q.item IN {}", self.listed(&format!("${}", values.len())));
        }
        if by.lacking {
            which += " AND q.n < q.total";
        }
        let found = format!(
            "FROM ({rows}) q JOIN patient own ON own.id = q.whose JOIN patient p ON p.id = own.root WHERE {which}"
        );
        let sums = format!(
            "SELECT COUNT(*) AS rows_found, CAST(COALESCE(SUM(q.n), 0) AS BIGINT) AS n,
                    CAST(COALESCE(SUM(q.total), 0) AS BIGINT) AS total {found}"
        );
        let read = |row: &Row| Ok((row.int("rows_found")?, row.int("n")?, row.int("total")?));
        let sums = self.one("figure", sqlx::AssertSqlSafe(sums), &values, read).await?;
        let (all, n, total) = sums.unwrap_or_default();
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        values.extend([page.limit().into(), page.offset().into()]);
        let sql = format!(
            "SELECT q.item, CAST(q.n AS BIGINT) AS n, CAST(q.total AS BIGINT) AS total, q.at, {} {found}
              ORDER BY q.at DESC, p.id, q.item, q.n, q.total LIMIT ${limit} OFFSET ${offset}",
            patient_columns!()
        );
        let items = self.list("figure", sqlx::AssertSqlSafe(sql), &values, counted).await?;
        Ok(Counted { page: Page { items, total: all }, n, total })
    }
}
