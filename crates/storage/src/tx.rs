//! A transaction on either engine. The repositories are methods on it, one file per thing.
//!
//! How to add one: a migration for the table, a file with its row type and methods, a contract test in
//! `tests/contract`. One statement per method where it can be, explicit columns, `$n` for values: the same text runs
//! on both engines. What must differ belongs in `engine`.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use clinical::audit::NewAuditEvent;
use clinical::ids::UserId;
use jiff::Timestamp;
use sqlx::PgTransaction;
use sqlx::{SqlSafeStr, SqlStr};

use crate::blobs::NewFile;
use crate::blocks::writes_into_record;
use crate::engine::sqlite_pool::SqliteTransaction;
use crate::engine::{postgres, sqlite};
use crate::error::{Result, StorageError};
use crate::keys::Keys;
use crate::value::{EngineRow, Row, Value};

/// Something the database is asked for. Boxed where all else is built on it: the compiler looks into an engine once, and not
/// again for each page that reads a record.
pub(crate) type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

pub(crate) enum Inner {
    Sqlite(SqliteTransaction),
    Postgres(PgTransaction<'static>),
}

/// A transaction. Dropped without [`Tx::commit`] it leaves nothing behind.
///
/// On SQLite one writing transaction runs at a time and others wait for it, at most 5 seconds: do not begin a second
/// one while holding the first.
pub struct Tx {
    /// Files it put in their places; first here, so that they go before another can take the places.
    pub(crate) files: Vec<NewFile>,
    pub(crate) inner: Inner,
    pub(crate) keys: Arc<Keys>,
    pub(crate) failed: bool,
    /// Whether it wrote something that only the key of the installation opens.
    pub(crate) used_key: bool,
    /// The account it reads as, and the instant; `None` for the program itself, which sees all.
    pub(crate) viewer: Option<(UserId, Timestamp)>,
    /// Events of the bitácora that the commit writes.
    pub(crate) events: Vec<NewAuditEvent>,
    /// Words of the search, each with its term, that the commit writes.
    pub(crate) words: BTreeMap<String, String>,
}

impl Tx {
    pub(crate) fn new(inner: Inner, keys: Arc<Keys>) -> Self {
        Self {
            files: Vec::new(),
            inner,
            keys,
            failed: false,
            used_key: false,
            viewer: None,
            events: Vec::new(),
            words: BTreeMap::new(),
        }
    }

    /// Writes the words of the search and the audit events, and makes everything done in this transaction last, on disk, before it returns.
    ///
    /// # Errors
    /// [`StorageError::Aborted`] when a statement of it failed before; else what the engine says. After an error
    /// nothing was kept.
    pub async fn commit(self) -> Result<()> {
        let lasting: Asked<'_, ()> = Box::pin(self.make_last());
        lasting.await
    }

    async fn make_last(mut self) -> Result<()> {
        if self.failed {
            return Err(StorageError::Aborted);
        }
        self.write_words().await?;
        let changed = self.events.iter().filter_map(writes_into_record).collect();
        self.look_again(changed).await?;
        self.write_events().await?;
        // From here on only the database knows whether it lasts: a file too many does no harm, one too few does.
        self.files.drain(..).for_each(NewFile::stays);
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await.map_err(postgres::error),
        }
    }

    /// Gives everything up. The same as dropping, but waits until it is done.
    ///
    /// # Errors
    /// What the engine says; nothing was kept in any case.
    pub async fn rollback(mut self) -> Result<()> {
        self.files.clear();
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await.map_err(postgres::error),
        }
    }

    /// Runs a statement; how many rows it touched.
    pub(crate) fn execute<'a>(&'a mut self, sql: impl SqlSafeStr, values: &'a [Value]) -> Asked<'a, u64> {
        Box::pin(self.execute_text(sql.into_sql_str(), values))
    }

    async fn execute_text(&mut self, sql: SqlStr, values: &[Value]) -> Result<u64> {
        let done = match &mut self.inner {
            Inner::Sqlite(tx) => sqlite::query(sql, values)
                .execute(tx.connection().map_err(sqlite::error)?)
                .await
                .map(|done| done.rows_affected())
                .map_err(sqlite::error),
            Inner::Postgres(tx) => postgres::query(sql, values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected())
                .map_err(postgres::error),
        };
        self.note(done)
    }

    /// All rows; `table` names them in errors.
    pub(crate) fn rows<'a>(
        &'a mut self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: &'a [Value],
    ) -> Asked<'a, Vec<Row>> {
        Box::pin(self.rows_of_text(table, sql.into_sql_str(), values))
    }

    async fn rows_of_text(&mut self, table: &'static str, sql: SqlStr, values: &[Value]) -> Result<Vec<Row>> {
        let rows: Result<Vec<EngineRow>> = match &mut self.inner {
            Inner::Sqlite(tx) => sqlite::query(sql, values)
                .fetch_all(tx.connection().map_err(sqlite::error)?)
                .await
                .map(|rows| rows.into_iter().map(EngineRow::Sqlite).collect())
                .map_err(sqlite::error),
            Inner::Postgres(tx) => postgres::query(sql, values)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(EngineRow::Postgres).collect())
                .map_err(postgres::error),
        };
        let rows = self.note(rows)?;
        Ok(rows.into_iter().map(|row| Row::new(table, row)).collect())
    }

    /// All rows, each turned into its type.
    pub(crate) async fn list<T>(
        &mut self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: &[Value],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.rows(table, sql, values).await?.iter().map(read).collect()
    }

    /// The first row, if there is one.
    pub(crate) async fn one<T>(
        &mut self,
        table: &'static str,
        sql: impl SqlSafeStr,
        values: &[Value],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.rows(table, sql, values).await?.first().map(read).transpose()
    }

    /// The column `n` of the only row.
    pub(crate) async fn number(&mut self, sql: impl SqlSafeStr, values: &[Value]) -> Result<i64> {
        self.one("count", sql, values, |row| row.int("n")).await.map(Option::unwrap_or_default)
    }

    /// Runs several statements without values.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let done = match &mut self.inner {
            Inner::Sqlite(tx) => sqlx::raw_sql(sql)
                .execute(tx.connection().map_err(sqlite::error)?)
                .await
                .map(drop)
                .map_err(sqlite::error),
            Inner::Postgres(tx) => {
                sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop).map_err(postgres::error)
            }
        };
        self.note(done)
    }

    /// PostgreSQL refuses everything after a failed statement and answers its commit with a silent rollback;
    /// both engines are made to behave alike: once failed, only dropping is left.
    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        self.failed |= result.is_err();
        result
    }
}
