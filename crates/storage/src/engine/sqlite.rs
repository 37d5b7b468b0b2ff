//! SQLite with SQLCipher: one encrypted file on this machine.

use std::path::Path;

use sqlx::SqlSafeStr;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::guards::{Fault, GUARDS, Guard, OnceNamed, TriggerFault};
use super::sqlite_pool::SqlitePool;
use super::{PATIENCE, REFUSAL};
use crate::error::{Result, StorageError};
use crate::hex;
use crate::keys::MasterKey;
use crate::tx::Tx;
use crate::value::Value;

/// What stands in the common table definitions for this engine.
pub(crate) const DIALECT: [(&str, &str); 5] = [
    ("{sequence_key}", "INTEGER PRIMARY KEY"),
    ("{no_rowid}", "WITHOUT ROWID"),
    ("{bytewise}", "COLLATE BINARY"),
    ("{search_index}", super::search::SQLITE_INDEX),
    ("{medicine_of_content}", "json_extract(content, '$.medicine')"),
];

/// What every connection needs beside the key. SQLCipher would write its own lines to standard error when a key is
/// wrong, so its log comes first: what it found comes as an error code anyway.
const CONNECTION_SETUP: &str = "
    PRAGMA cipher_log_level = NONE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
";

/// The first bytes of a database that is not encrypted.
const CLEAR_HEADER: &[u8; 16] = b"SQLite format 3\0";

pub(crate) fn query<'q>(sql: impl SqlSafeStr, values: &[Value]) -> Query<'q, Sqlite, SqliteArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text.clone()),
        Value::Int(number) => query.bind(*number),
    })
}

/// Opens the file, or makes it. The key is checked by reading.
pub(crate) async fn connect(path: &Path, key: &MasterKey) -> Result<SqlitePool> {
    refuse_clear_text(path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| StorageError::io(folder, source))?;
    }
    let options = opening(path, key)?
        .create_if_missing(true)
        // Without it REPLACE deletes the old row without firing the DELETE trigger.
        .pragma("recursive_triggers", "ON")
        .foreign_keys(true)
        .statement_cache_capacity(200);
    SqlitePool::open(options, CONNECTION_SETUP).await
}

fn opening(path: &Path, key: &MasterKey) -> Result<SqliteConnectOptions> {
    let options = SqliteConnectOptions::new().filename(path).pragma("key", raw_key(key)?);
    Ok(options.busy_timeout(PATIENCE).disable_statement_logging())
}

/// The key as SQLCipher takes one that needs no derivation.
fn raw_key(key: &MasterKey) -> Result<String> {
    Ok(format!("\"x'{}'\"", hex::encode(&*key.database_key()?)))
}

/// An embedded database that nobody else can open while this lasts.
pub(crate) struct Held(SqliteConnection);

impl Held {
    /// Takes it for itself, out of the mode in which a log lies beside the file.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] while another program has it open; [`StorageError::WrongKey`].
    pub(crate) async fn take(path: &Path, key: &MasterKey) -> Result<Self> {
        // What it leaves beside the file when it lets go might be that of the next program by then, so it leaves nothing.
        alone(path, key, "BEGIN EXCLUSIVE; COMMIT; PRAGMA journal_mode = MEMORY").await.map(Self)
    }

    /// Writes a copy, enciphered with the same key.
    pub(crate) async fn copy_into(&mut self, path: &Path) -> Result<()> {
        let copied = sqlx::query("VACUUM INTO ?").bind(path.to_string_lossy().into_owned());
        copied.execute(&mut self.0).await.map(drop).map_err(error)
    }

    /// Lets others have the file that is at its place now.
    pub(crate) async fn let_go(self) {
        let _closed = self.0.close().await;
    }
}

/// A connection that shares the database with nobody, after a script. The lock comes first: it stays until the end.
async fn alone(path: &Path, key: &MasterKey, then: &str) -> Result<SqliteConnection> {
    let mut connection = SqliteConnection::connect_with(&opening(path, key)?).await.map_err(error)?;
    let script = format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; {then};"
    );
    match sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await.map_err(error) {
        Ok(_) => Ok(connection),
        Err(refused) => {
            let _closed = connection.close().await;
            Err(refused)
        }
    }
}

/// Enciphers a copy that nobody has open with another key, and reads it through with that one. If it fails, the copy is of
/// no use: it needs no room for a way back.
///
/// # Errors
/// [`StorageError::WrongKey`] when it was not enciphered, which SQLCipher does not say itself;
/// [`StorageError::Damaged`] when what was written does not read back.
pub(crate) async fn encipher_anew(path: &Path, key: &MasterKey, new: &MasterKey) -> Result<()> {
    let statement = format!("PRAGMA journal_mode = OFF; PRAGMA rekey = {}", raw_key(new)?);
    let connection = alone(path, key, &statement).await?;
    connection.close().await.map_err(error)?;
    let mut connection = alone(path, new, "").await?;
    let read = sqlx::query_scalar::<_, String>("PRAGMA quick_check").fetch_one(&mut connection).await;
    connection.close().await.map_err(error)?;
    match read.map_err(error)? {
        sound if sound == "ok" => Ok(()),
        found => Err(StorageError::Damaged(found.into())),
    }
}

fn refuse_clear_text(path: &Path) -> Result<()> {
    use std::io::Read as _;
    let Ok(mut file) = std::fs::File::open(path) else { return Ok(()) };
    let mut start = [0; 16];
    match file.read_exact(&mut start) {
        Ok(()) if &start == CLEAR_HEADER => Err(StorageError::NotEncrypted { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// A trigger exactly as the database must remember it.
struct Trigger {
    table: &'static str,
    name: String,
    sql: String,
}

/// The triggers of one guard. `RAISE(ABORT)` undoes the whole statement, also inside `OR REPLACE`.
///
/// The insert trigger closes `REPLACE` and `INSERT OR REPLACE` for connections that came without
/// `recursive_triggers`; the update trigger fires before `UPDATE OR REPLACE` removes anything.
fn triggers_of(guard: &Guard) -> [Trigger; 3] {
    let Guard { table, keys, once_named } = guard;
    let fixed = |row: &str| {
        once_named.map(|OnceNamed { key, named_in }| {
            let names = named_in
                .iter()
                .map(|(by, column)| format!("EXISTS (SELECT 1 FROM {by} WHERE {by}.{column} = {row}.{key})"));
            format!("({})", names.collect::<Vec<_>>().join(" OR "))
        })
    };
    let same = |key: &&str| {
        key.split(", ").map(|column| format!("{column} = NEW.{column}")).collect::<Vec<_>>().join(" AND ")
    };
    let same_key = keys.iter().map(same).collect::<Vec<_>>().join(" OR ");
    let exists = format!("EXISTS (SELECT 1 FROM {table} WHERE {same_key})");
    let trigger = |event: &str, name: &str, condition: Option<String>| Trigger {
        table,
        name: format!("{table}_no_{name}"),
        sql: format!(
            "CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table}{}\nBEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            condition.map_or(String::new(), |text| format!("\nWHEN {text}"))
        ),
    };
    let either = fixed("OLD").zip(fixed("NEW")).map(|(old, new)| format!("{old}\nOR {new}"));
    let replaced = fixed("NEW").map_or(exists.clone(), |new| format!("{exists}\nAND {new}"));
    [
        trigger("UPDATE", "update", either),
        trigger("DELETE", "delete", fixed("OLD")),
        trigger("INSERT", "replace", Some(replaced)),
    ]
}

fn triggers() -> Vec<Trigger> {
    GUARDS.iter().flat_map(triggers_of).collect()
}

/// Puts the triggers in place, in a migration.
pub(crate) async fn install_guards(tx: &mut Tx) -> Result<()> {
    for Trigger { table, name, sql } in triggers() {
        // A table of a later migration gets its triggers there.
        if !tx.table_exists(table).await? {
            continue;
        }
        tx.script(&format!("DROP TRIGGER IF EXISTS {name};")).await?;
        tx.script(&sql).await?;
    }
    Ok(())
}

/// Compares the triggers in the file with those that must be there.
pub(crate) async fn trigger_faults(tx: &mut Tx) -> Result<Vec<TriggerFault>> {
    let found = tx
        .list(
            "sqlite_schema",
            "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'",
            &[],
            |row| Ok((row.text("name")?, row.text("tbl_name")?, row.text("sql")?)),
        )
        .await?;
    let mut faults = Vec::new();
    let expected = triggers();
    for trigger in &expected {
        let fault = match found.iter().find(|(name, ..)| *name == trigger.name) {
            None => Fault::Missing,
            Some((_, table, sql)) if table != trigger.table || *sql != trigger.sql => Fault::Altered,
            Some(_) => continue,
        };
        faults.push(TriggerFault { table: trigger.table.to_owned(), name: trigger.name.clone(), fault });
    }
    for (name, table, _) in found {
        let guarded = GUARDS.iter().any(|guard| guard.table == table);
        if guarded && expected.iter().all(|trigger| trigger.name != name) {
            faults.push(TriggerFault { table, name, fault: Fault::Unknown });
        }
    }
    Ok(faults)
}

/// What an error of this engine means. Codes: <https://www.sqlite.org/rescode.html>.
pub(crate) fn error(error: sqlx::Error) -> StorageError {
    let sqlx::Error::Database(database) = &error else { return super::connection_error(error) };
    let code: i64 = database.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    let message = database.message();
    if message.contains(REFUSAL) {
        return StorageError::Immutable;
    }
    match (code, code & 0xff) {
        (1555 | 2067, _) => {
            StorageError::NotUnique { what: message.rsplit(": ").next().unwrap_or_default().to_owned() }
        }
        (787, _) => StorageError::Missing { what: "FOREIGN KEY".to_owned() },
        // 1032: another file is at the place of the one that was opened.
        (1032, _) | (_, 5 | 6 | 14 | 15) => StorageError::Unavailable(error.into()),
        (_, 8 | 10) => StorageError::DiskFault(error.into()),
        (_, 13) => StorageError::DiskFull(error.into()),
        (_, 26) => StorageError::WrongKey,
        (_, 9) => StorageError::TooLong(error.into()),
        (_, 11) => StorageError::Damaged(error.into()),
        _ => StorageError::Database(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor as _;

    use super::*;

    async fn outcome(setup: &'static str, statement: &'static str) -> StorageError {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        connection.execute(setup).await.unwrap();
        let refused = connection.execute(statement).await.unwrap_err();
        connection.close().await.unwrap();
        error(refused)
    }

    #[tokio::test]
    async fn errors_are_told_apart_by_meaning() {
        let full = outcome(
            "PRAGMA max_page_count = 2; CREATE TABLE t (x TEXT)",
            "INSERT INTO t VALUES (zeroblob(100000))",
        );
        assert!(matches!(full.await, StorageError::DiskFull(_)));
        let unique = outcome("CREATE TABLE t (x TEXT UNIQUE)", "INSERT INTO t VALUES (1), (1)").await;
        assert!(matches!(&unique, StorageError::NotUnique { what } if what == "t.x"), "{unique:?}");
        let missing = outcome(
            "CREATE TABLE a (x TEXT PRIMARY KEY); CREATE TABLE b (x TEXT REFERENCES a (x))",
            "INSERT INTO b VALUES (1)",
        );
        assert!(matches!(missing.await, StorageError::Missing { .. }));
        let read_only =
            outcome("CREATE TABLE t (x TEXT); PRAGMA query_only = ON", "INSERT INTO t VALUES (1)");
        assert!(matches!(read_only.await, StorageError::DiskFault(_)));
        assert!(matches!(outcome("", "SELECT nada").await, StorageError::Database(_)));
    }

    #[test]
    fn every_guarded_table_has_its_three_triggers() {
        let triggers = triggers();
        assert_eq!(triggers.len(), 3 * GUARDS.len());
        assert!(triggers.iter().all(|trigger| trigger.sql.contains(REFUSAL)));
    }
}
