//! The database of an installation: opened with its key, brought to the newest shape, then asked for transactions.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::PgPool;

use crate::engine::sqlite_pool::SqlitePool;
use crate::engine::{postgres, sqlite};
use crate::error::{Result, StorageError};
use crate::keys::{Keys, MasterKey};
use crate::location::DatabaseUrl;
use crate::migrations;
use crate::tx::{Asked, Inner, Tx};

/// An open database. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    keys: Arc<Keys>,
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    /// Opens (or makes) the database, checks that it belongs to the key and migrates it.
    ///
    /// `now` dates the migrations.
    ///
    /// # Errors
    /// [`crate::StorageError::WrongKey`], [`crate::StorageError::NotEncrypted`], [`crate::StorageError::NewerSchema`],
    /// [`crate::StorageError::BadAddress`], [`crate::StorageError::AccessRefused`], [`crate::StorageError::Unavailable`].
    pub async fn open(url: &DatabaseUrl, key: &MasterKey, now: Timestamp) -> Result<Self> {
        let pool = match url {
            DatabaseUrl::Embedded(path) => Pool::Sqlite(sqlite::connect(path, key).await?),
            DatabaseUrl::Postgres(url) => Pool::Postgres(postgres::connect(url).await?),
        };
        let database = Self { pool, keys: Arc::new(Keys::of(key)?) };
        let mut tx = database.begin().await?;
        migrations::migrate(&mut tx, now).await?;
        tx.commit().await?;
        Ok(database)
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`crate::StorageError::Unavailable`] after 5 seconds of waiting for other writers or for a connection.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_as(true).await
    }

    /// Begins a transaction that only reads and waits for no writer. For what leaves no audit event
    /// (sessions, settings, the bitácora itself while it is verified).
    ///
    /// # Errors
    /// [`crate::StorageError::Unavailable`] when there is no connection within 5 seconds.
    pub async fn begin_read(&self) -> Result<Tx> {
        self.begin_as(false).await
    }

    fn begin_as(&self, writes: bool) -> Asked<'_, Tx> {
        Box::pin(async move {
            let inner = match &self.pool {
                Pool::Sqlite(pool) => Inner::Sqlite(pool.begin(writes).await?),
                Pool::Postgres(pool) if writes => {
                    Inner::Postgres(pool.begin().await.map_err(postgres::error)?)
                }
                Pool::Postgres(pool) => Inner::Postgres(
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                        .await
                        .map_err(postgres::error)?,
                ),
            };
            Ok(Tx::new(inner, Arc::clone(&self.keys)))
        })
    }

    /// Name of the engine, for `doctor`.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        match &self.pool {
            Pool::Sqlite(_) => "SQLite + SQLCipher",
            Pool::Postgres(_) => "PostgreSQL",
        }
    }

    /// Version of the engine as it tells it, for `doctor`.
    ///
    /// # Errors
    /// [`crate::StorageError::Unavailable`].
    pub async fn engine_version(&self) -> Result<String> {
        let mut tx = self.begin_read().await?;
        let sql = match &self.pool {
            Pool::Sqlite(_) => "SELECT sqlite_version() AS version",
            Pool::Postgres(_) => "SELECT current_setting('server_version') AS version",
        };
        let version = tx.one("version", sql, &[], |row| row.text("version")).await?;
        Ok(version.unwrap_or_default())
    }

    /// Copies an embedded database at one instant into a new file, enciphered with the same key, while others write on.
    pub(crate) async fn copy_into(&self, path: &Path) -> Result<()> {
        match &self.pool {
            Pool::Sqlite(pool) => pool.copy_into(path).await,
            Pool::Postgres(_) => Err(StorageError::BadAddress),
        }
    }

    /// Whether nothing was ever kept at an address: no file, or a server's database without a table of ours.
    ///
    /// # Errors
    /// [`crate::StorageError::AccessRefused`], [`crate::StorageError::Unavailable`].
    pub(crate) async fn is_empty(url: &DatabaseUrl) -> Result<bool> {
        match url {
            DatabaseUrl::Embedded(_) => Ok(!url.exists()),
            DatabaseUrl::Postgres(url) => postgres::is_empty(url).await,
        }
    }

    /// Waits for running transactions and closes all connections; an embedded database then lies in one file.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.engine_name())
    }
}
