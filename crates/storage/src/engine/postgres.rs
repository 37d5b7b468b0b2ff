//! PostgreSQL 15 or newer.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::SqlSafeStr;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::query::Query;

use super::guards::{Fault, GUARDS, Guard, OnceNamed, TriggerFault};
use super::{PATIENCE, REFUSAL};
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Value, values};

/// What stands in the common table definitions for this engine.
pub(crate) const DIALECT: [(&str, &str); 5] = [
    ("{sequence_key}", "BIGINT PRIMARY KEY"),
    ("{no_rowid}", ""),
    ("{bytewise}", "COLLATE \"C\""),
    ("{search_index}", super::search::POSTGRES_INDEX),
    ("{medicine_of_content}", "CAST(content AS JSON) ->> 'medicine'"),
];

/// Any number that no other program on the same database uses.
pub(crate) const MIGRATION_LOCK: i64 = 0x4d45_4449_4355_5300;

/// Bits of `pg_trigger.tgtype`: row 1, before 2, delete 8, update 16, truncate 32.
const ROW_TRIGGER: i64 = 1 + 2 + 8 + 16;
const TRUNCATE_TRIGGER: i64 = 2 + 32;

pub(crate) fn query<'q>(sql: impl SqlSafeStr, values: &[Value]) -> Query<'q, Postgres, PgArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text.clone()),
        Value::Int(number) => query.bind(*number),
    })
}

pub(crate) async fn connect(url: &str) -> Result<PgPool> {
    let patience = PATIENCE.as_millis().to_string();
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StorageError::BadAddress)?
        .application_name("medicus")
        .options([
            ("lock_timeout", patience.as_str()),
            ("statement_timeout", "60000"),
            ("idle_in_transaction_session_timeout", "60000"),
        ])
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(PATIENCE)
        .idle_timeout(Some(Duration::from_secs(300)))
        .connect_with(options)
        .await
        .map_err(error)
}

/// Whether the database at an address has no table yet.
pub(crate) async fn is_empty(url: &str) -> Result<bool> {
    let pool = connect(url).await?;
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema())";
    let empty = sqlx::query_scalar(sql).fetch_one(&pool).await.map_err(error);
    pool.close().await;
    empty
}

/// The function behind the triggers of a guard: its name and body. The body looks tables up in the schema of the
/// table it guards, so that neither `search_path` nor a temporary table of the same name can lead it astray.
fn function_of(guard: &Guard) -> (String, String) {
    let name = format!("medicus_keep_{}", guard.table);
    let body = match guard.once_named {
        None => format!("\nBEGIN\n  RAISE EXCEPTION '{REFUSAL}';\nEND;\n"),
        Some(OnceNamed { key, named_in }) => {
            let names = named_in.iter().map(|(by, column)| {
                format!("EXISTS (SELECT 1 FROM %1$I.{by} WHERE {column} = $1 OR {column} = $2)")
            });
            let named = names.collect::<Vec<_>>().join(" OR ");
            format!(
                "
DECLARE
  is_fixed BOOLEAN;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION '{REFUSAL}';
  END IF;
  EXECUTE format('SELECT {named}', TG_TABLE_SCHEMA)
    INTO is_fixed
    USING OLD.{key}, NEW.{key};
  IF is_fixed THEN
    RAISE EXCEPTION '{REFUSAL}';
  END IF;
  RETURN COALESCE(NEW, OLD);
END;
"
            )
        }
    };
    (name, body)
}

/// Puts functions and triggers in place, in a migration. `ENABLE ALWAYS`: they also fire for a session that calls
/// itself a replica.
pub(crate) async fn install_guards(tx: &mut Tx) -> Result<()> {
    for guard in &GUARDS {
        let table = guard.table;
        // A table of a later migration gets its triggers there.
        if !tx.table_exists(table).await? {
            continue;
        }
        let (function, body) = function_of(guard);
        tx.script(&format!(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$;
             CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
               FOR EACH ROW EXECUTE FUNCTION {function}();
             CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
               FOR EACH STATEMENT EXECUTE FUNCTION {function}();
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;"
        ))
        .await?;
    }
    Ok(())
}

struct Found {
    table: String,
    name: String,
    enabled: bool,
    plain: bool,
    kind: i64,
    function: String,
    body: String,
}

/// Compares triggers and functions in the database with those that must be there.
pub(crate) async fn trigger_faults(tx: &mut Tx) -> Result<Vec<TriggerFault>> {
    let tables = GUARDS.map(|guard| guard.table).join(",");
    let found = tx
        .list(
            "pg_trigger",
            "SELECT g.name AS guarded,
                    t.tgname::TEXT AS name,
                    (t.tgenabled = 'A')::INT::BIGINT AS enabled,
                    (t.tgqual IS NULL AND t.tgattr::TEXT = '' AND t.tgnargs = 0)::INT::BIGINT AS plain,
                    t.tgtype::BIGINT AS kind,
                    f.proname::TEXT AS function,
                    f.prosrc AS body
               FROM unnest(string_to_array($1, ',')) AS g (name)
               JOIN pg_trigger t ON t.tgrelid = to_regclass(g.name)
               JOIN pg_proc f ON f.oid = t.tgfoid
              WHERE NOT t.tgisinternal
              ORDER BY t.tgname",
            values![tables],
            |row| {
                Ok(Found {
                    table: row.text("guarded")?,
                    name: row.text("name")?,
                    enabled: row.flag("enabled")?,
                    plain: row.flag("plain")?,
                    kind: row.int("kind")?,
                    function: row.text("function")?,
                    body: row.text("body")?,
                })
            },
        )
        .await?;
    Ok(GUARDS.iter().flat_map(|guard| faults_of(guard, &found)).collect())
}

fn faults_of(guard: &Guard, found: &[Found]) -> Vec<TriggerFault> {
    let table = guard.table;
    let (function, body) = function_of(guard);
    let expected =
        [(format!("{table}_no_change"), ROW_TRIGGER), (format!("{table}_no_truncate"), TRUNCATE_TRIGGER)];
    let fault = |name: &str, fault| TriggerFault { table: table.to_owned(), name: name.to_owned(), fault };
    let found: Vec<&Found> = found.iter().filter(|trigger| trigger.table == table).collect();
    let mut faults = Vec::new();
    for (name, kind) in &expected {
        match found.iter().find(|trigger| trigger.name == *name) {
            None => faults.push(fault(name, Fault::Missing)),
            Some(trigger)
                if !trigger.plain
                    || trigger.kind != *kind
                    || trigger.function != function
                    || trigger.body != body =>
            {
                faults.push(fault(name, Fault::Altered));
            }
            Some(trigger) if !trigger.enabled => faults.push(fault(name, Fault::Disabled)),
            Some(_) => {}
        }
    }
    let unknown = found.iter().filter(|trigger| expected.iter().all(|(name, _)| *name != trigger.name));
    faults.extend(unknown.map(|trigger| fault(&trigger.name, Fault::Unknown)));
    faults
}

/// What an error of this engine means. Codes: PostgreSQL manual, appendix A.
pub(crate) fn error(error: sqlx::Error) -> StorageError {
    let sqlx::Error::Database(database) = &error else { return super::connection_error(error) };
    if database.message().contains(REFUSAL) {
        return StorageError::Immutable;
    }
    let code = database.code().unwrap_or_default().into_owned();
    let what = || database.constraint().unwrap_or_default().to_owned();
    match code.as_str() {
        "23505" => StorageError::NotUnique { what: what() },
        "23503" => StorageError::Missing { what: what() },
        "28P01" | "28000" | "3D000" => StorageError::AccessRefused(error.into()),
        "53100" => StorageError::DiskFull(error.into()),
        "58030" => StorageError::DiskFault(error.into()),
        "57014" => StorageError::TooLong(error.into()),
        "40001" | "40P01" | "55P03" | "25006" | "25P03" => StorageError::Unavailable(error.into()),
        code if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => {
            StorageError::Unavailable(error.into())
        }
        "XX001" | "XX002" => StorageError::Damaged(error.into()),
        _ => StorageError::Database(error.into()),
    }
}
