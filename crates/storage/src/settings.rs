//! Small things that belong to no one else: settings by name, numbers without gaps.

use crate::error::Result;
use crate::tx::Tx;
use crate::value::values;

impl Tx {
    /// The value of a setting.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        self.one("setting", "SELECT value FROM setting WHERE name = $1", values![name], |row| {
            row.text("value")
        })
        .await
    }

    /// Writes a setting.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        self.execute(
            "INSERT INTO setting (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values![name, value],
        )
        .await
        .map(drop)
    }

    /// The next folio of a series, from 1; without gaps, since it counts in the transaction that uses it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn next_folio(&mut self, series: &str) -> Result<i64> {
        self.next_number(&format!("folio:{series}")).await
    }

    pub(crate) async fn next_number(&mut self, name: &str) -> Result<i64> {
        self.number(
            "INSERT INTO counter (name, value) VALUES ($1, 1)
             ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
             RETURNING value AS n",
            values![name],
        )
        .await
    }
}
