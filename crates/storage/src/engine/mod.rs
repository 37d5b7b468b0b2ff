//! What truly differs between SQLite and PostgreSQL: connecting, beginning, locks, triggers, the meaning of errors.

pub(crate) mod guards;
pub(crate) mod postgres;
pub(crate) mod postgres_tools;
pub(crate) mod search;
pub(crate) mod sqlite;
pub(crate) mod sqlite_pool;

use std::time::Duration;

use clinical::ids::PractitionerId;

use crate::error::{Result, StorageError};
use crate::tx::{Inner, Tx};
use crate::value::{Row, Value, values};

/// How long an operation waits for another one before it is told that the database is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Word with which triggers refuse; both engines hand it through in their error text.
pub(crate) const REFUSAL: &str = "SIGNED_IMMUTABLE";

/// Errors that come from the connection and not from a statement.
pub(crate) fn connection_error(error: sqlx::Error) -> StorageError {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::BeginFailed => StorageError::Unavailable(error.into()),
        sqlx::Error::Configuration(_) => StorageError::BadAddress,
        other => StorageError::Database(other.into()),
    }
}

/// The few places where a transaction must know its engine.
impl Tx {
    /// Audit events from a place on as one JSON list of `[sequence, [the fields of a link], previous, digest]`, and the
    /// place of the last; an empty text when it cannot be made of what stands there, `None` when nothing does.
    pub(crate) async fn joined_events(&mut self, place: i64, limit: i64) -> Result<Option<(String, i64)>> {
        let sql = match &self.inner {
            // Bytes in a text column are no text, even when they are the bytes of a JSON string.
            Inner::Sqlite(_) => {
                "SELECT CASE WHEN MAX('blob' IN (TYPEOF(e.actor), TYPEOF(e.action), TYPEOF(e.entity), TYPEOF(e.entity_id),
                                  TYPEOF(e.patient_id), TYPEOF(e.origin), TYPEOF(e.reason), TYPEOF(e.previous),
                                  TYPEOF(e.digest))) THEN ''
                        ELSE json_group_array(json_array(e.sequence, json_array(e.at, e.actor, e.action, e.entity,
                               e.entity_id, e.patient_id, e.origin, e.reason), e.previous, e.digest) ORDER BY e.sequence)
                        END AS events, MAX(e.sequence) AS last
                   FROM (SELECT * FROM audit_event WHERE sequence >= $1 ORDER BY sequence LIMIT $2) e
                 HAVING COUNT(*) > 0"
            }
            Inner::Postgres(_) => {
                "SELECT json_agg(json_build_array(e.sequence, json_build_array(e.at, e.actor, e.action, e.entity,
                          e.entity_id, e.patient_id, e.origin, e.reason), e.previous, e.digest) ORDER BY e.sequence)::TEXT
                        AS events, MAX(e.sequence) AS last
                   FROM (SELECT * FROM audit_event WHERE sequence >= $1 ORDER BY sequence LIMIT $2) e
                 HAVING COUNT(*) > 0"
            }
        };
        match self
            .one("audit_event", sql, values![place, limit], |row| Ok((row.text("events")?, row.int("last")?)))
            .await
        {
            // What is wrong with a value, the rows tell; what is wrong with the database, their reading tells too.
            Err(_) => Ok(Some((String::new(), place))),
            other => other,
        }
    }

    /// Like [`Tx::list`], and the rows stay locked until the end. SQLite has one writer at a time anyway.
    pub(crate) async fn locked<T>(
        &mut self,
        table: &'static str,
        sql: &'static str,
        values: &[Value],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        match &self.inner {
            Inner::Sqlite(_) => self.list(table, sql, values, read).await,
            Inner::Postgres(_) => {
                self.list(table, sqlx::AssertSqlSafe(format!("{sql} FOR UPDATE")), values, read).await
            }
        }
    }

    /// Only one program at a time migrates; freed at the end of the transaction.
    pub(crate) async fn hold_migrations(&mut self) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => {
                let lock = &[Value::from(postgres::MIGRATION_LOCK)];
                self.execute("SELECT pg_advisory_xact_lock($1)", lock).await.map(drop)
            }
        }
    }

    /// Whoever books with a professional waits here for whoever does so just now; freed at the end of the transaction.
    /// SQLite has one writer at a time anyway.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_diary(&mut self, practitioner: PractitionerId) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => {
                let sql = "SELECT pg_advisory_xact_lock(hashtextextended('diary:' || $1, 0))";
                self.execute(sql, values![practitioner]).await.map(drop)
            }
        }
    }

    /// A table definition in the words of this engine.
    pub(crate) fn in_dialect(&self, sql: &str) -> String {
        let dialect = match &self.inner {
            Inner::Sqlite(_) => sqlite::DIALECT,
            Inner::Postgres(_) => postgres::DIALECT,
        };
        dialect.iter().fold(sql.to_owned(), |sql, (word, own)| sql.replace(word, own))
    }

    pub(crate) async fn install_guards(&mut self) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => sqlite::install_guards(self).await,
            Inner::Postgres(_) => postgres::install_guards(self).await,
        }
    }

    /// Lets the rows of a guarded table be changed until the guards are installed again, in this transaction.
    pub(crate) async fn lift_guard(&mut self, table: &'static str) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => self.script(&format!("DROP TRIGGER IF EXISTS {table}_no_update;")).await,
            Inner::Postgres(_) => {
                self.script(&format!("ALTER TABLE {table} DISABLE TRIGGER {table}_no_change;")).await
            }
        }
    }

    /// From here on a statement of this transaction is given up with [`StorageError::TooLong`] when it runs too long: on
    /// SQLite when this time is over, on PostgreSQL when the statement alone takes as long.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn limit_time(&mut self, limit: Duration) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.limit_time(limit).await.map_err(sqlite::error),
            Inner::Postgres(_) => {
                let sql = "SELECT set_config('statement_timeout', $1, TRUE) AS set";
                let milliseconds = limit.as_millis().max(1).to_string();
                self.one("setting", sql, values![milliseconds], |_| Ok(())).await.map(drop)
            }
        }
    }

    /// The texts of a JSON list that is bound at a place, as what stands behind `IN`.
    pub(crate) fn listed(&self, place: &str) -> String {
        match &self.inner {
            Inner::Sqlite(_) => format!("(SELECT value FROM json_each({place}))"),
            Inner::Postgres(_) => format!("(SELECT json_array_elements_text(CAST({place} AS JSON)))"),
        }
    }

    pub(crate) async fn table_exists(&mut self, table: &str) -> Result<bool> {
        let sql = match &self.inner {
            Inner::Sqlite(_) => "SELECT COUNT(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = $1",
            Inner::Postgres(_) => "SELECT (to_regclass($1) IS NOT NULL)::INT::BIGINT AS n",
        };
        self.number(sql, &[Value::from(table)]).await.map(|n| n > 0)
    }

    /// Those of the tables that are not there.
    pub(crate) async fn missing_tables(&mut self, tables: &[&str]) -> Result<Vec<String>> {
        let sql = match &self.inner {
            Inner::Sqlite(_) => {
                "SELECT wanted.value AS name FROM json_each($1) AS wanted
                  WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.type = 'table' AND s.name = wanted.value)"
            }
            Inner::Postgres(_) => {
                "SELECT name FROM json_array_elements_text($1::JSON) AS wanted (name) WHERE to_regclass(name) IS NULL"
            }
        };
        let tables = serde_json::json!(tables).to_string();
        self.list("tables", sql, &[Value::from(tables)], |row| row.text("name")).await
    }

    pub(crate) async fn trigger_faults(&mut self) -> Result<Vec<guards::TriggerFault>> {
        match &self.inner {
            Inner::Sqlite(_) => sqlite::trigger_faults(self).await,
            Inner::Postgres(_) => postgres::trigger_faults(self).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Database, DatabaseUrl, MasterKey};

    #[tokio::test]
    async fn a_statement_without_end_is_given_up_and_the_next_transaction_has_no_limit() {
        let folder = std::env::temp_dir().join(format!("medicus-limit-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = DatabaseUrl::Embedded(folder.join("medicus.db"));
        let database =
            Database::open(&url, &MasterKey::generate().unwrap(), Timestamp::UNIX_EPOCH).await.unwrap();
        let count = |most: i64| {
            format!(
                "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {most}) SELECT COUNT(*) AS n FROM c"
            )
        };
        let mut tx = database.begin_read().await.unwrap();
        tx.limit_time(Duration::from_millis(100)).await.unwrap();
        let endless = tx.number(sqlx::AssertSqlSafe(count(i64::MAX)), &[]).await;
        assert!(matches!(endless, Err(StorageError::TooLong(_))), "{endless:?}");
        drop(tx);
        let mut tx = database.begin_read().await.unwrap();
        let long = tx.number(sqlx::AssertSqlSafe(count(300_000)), &[]).await;
        assert_eq!(long.unwrap(), 300_000);
        drop(tx);
        database.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
