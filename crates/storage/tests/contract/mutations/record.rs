//! A small real record, the shell of a hostile owner beside it, and the rows as that shell sees them.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use storage::{Chain, DatabaseUrl, sha256};

use crate::drafts::transcript;
use crate::place::{Place, at};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Words,
    MaybeWords,
    Digest,
}

pub(super) type Column = (&'static str, Kind);
pub(super) type Cells = Vec<Option<String>>;

use Kind::{Digest, MaybeWords, Number, Words};

/// Every column but the sequence, in the order of the link; `previous`, `digest` and what only a digest binds at the end.
const DOCUMENT: [Column; 14] = [
    ("id", Words),
    ("kind", Words),
    ("patient_id", Words),
    ("encounter_id", MaybeWords),
    ("amends", MaybeWords),
    ("signed_by", Words),
    ("signed_at", Number),
    ("act_at", Number),
    ("content_digest", Digest),
    ("pdf", Words),
    ("pdf_digest", Digest),
    ("previous", Digest),
    ("digest", Digest),
    ("content", Words),
];

const EVENT: [Column; 10] = [
    ("at", Number),
    ("actor", MaybeWords),
    ("action", Words),
    ("entity", Words),
    ("entity_id", Words),
    ("patient_id", MaybeWords),
    ("origin", Words),
    ("reason", MaybeWords),
    ("previous", Digest),
    ("digest", Digest),
];

/// One chain as it was before anybody touched it; row `i` has the sequence `i + 1`.
pub(super) struct Rows {
    pub(super) chain: Chain,
    pub(super) table: &'static str,
    pub(super) head: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Cells>,
}

impl Rows {
    pub(super) fn len(&self) -> i64 {
        i64::try_from(self.rows.len()).unwrap()
    }

    pub(super) fn row(&self, sequence: i64) -> &Cells {
        &self.rows[usize::try_from(sequence - 1).unwrap()]
    }

    pub(super) fn place_of(&self, column: &str) -> usize {
        self.columns.iter().position(|(name, _)| *name == column).unwrap()
    }

    pub(super) fn cell(&self, sequence: i64, column: &str) -> Option<&str> {
        self.row(sequence)[self.place_of(column)].as_deref()
    }

    /// The digest a row would have at a place: the format of the chains, told here a second time.
    pub(super) fn link(&self, sequence: i64, previous: &str, row: &Cells) -> String {
        let format = if self.chain == Chain::Documents { "medicus-document-1" } else { "medicus-audit-1" };
        let mut bytes = format.as_bytes().to_vec();
        bytes.extend(previous.parse::<clinical::digest::Digest>().unwrap().0);
        bytes.extend(sequence.to_be_bytes());
        for ((_, kind), cell) in self.columns.iter().zip(row).take(self.place_of("previous")) {
            match (kind, cell) {
                (_, None) => bytes.extend([0xff; 4]),
                (Number, Some(number)) => bytes.extend(number.parse::<i64>().unwrap().to_be_bytes()),
                (_, Some(text)) => {
                    bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
                    bytes.extend(text.as_bytes());
                }
            }
        }
        sha256(&bytes).to_string()
    }
}

pub(super) struct Record {
    pub(super) documents: Rows,
    pub(super) events: Rows,
    /// The document that has a transcript.
    pub(super) told: i64,
}

impl Record {
    pub(super) async fn read(shell: &mut Shell) -> Self {
        let documents = rows(shell, Chain::Documents, "signed_document", "document", &DOCUMENT).await;
        let events = rows(shell, Chain::Audit, "audit_event", "audit", &EVENT).await;
        let told =
            (1..=documents.len()).find(|n| documents.cell(*n, "content").unwrap().contains("transcript"));
        Self { documents, events, told: told.unwrap() }
    }
}

async fn rows(
    shell: &mut Shell,
    chain: Chain,
    table: &'static str,
    head: &'static str,
    columns: &'static [Column],
) -> Rows {
    let cast: Vec<_> = columns.iter().map(|(name, _)| format!("CAST({name} AS TEXT)")).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY sequence", cast.join(", "));
    Rows { chain, table, head, columns, rows: shell.rows(&sql, columns.len()).await }
}

/// Eight documents (one with a transcript, two addenda, of two patients) and forty events.
pub(super) async fn history(place: &Place) {
    let other = place.new_patient(&crate::place::named("Beto", "Inventado", "Ñandú"), 1).await.id;
    let encounter = place.new_encounter(1).await.id;
    let mut tx = place.begin().await;
    let digest = tx.save_transcript(encounter, &transcript("dolor"), place.user, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let first = place.sign(None, None, "{\"nota\":\"acentuación ñ\"}", 2).await;
    place.sign(Some(encounter), None, &format!("{{\"transcript\":\"{digest}\"}}"), 3).await;
    place.sign(None, Some(first.id), "{\"adenda\":1}", 4).await;
    for n in 5..9 {
        let mut tx = place.begin().await;
        let document = place.sign_for(&mut tx, other, None, None, &format!("{{\"n\":{n}}}"), n).await;
        tx.append_audit(place.event(n, &document.id.to_string())).await.unwrap();
        tx.commit().await.unwrap();
    }
    place.sign(None, Some(first.id), "{\"adenda\":2}", 9).await;
    for n in 0..32 {
        let mut tx = place.begin().await;
        let mut event = place.event(10 + n, &format!("cosa {}", n % 5));
        if n % 3 == 0 {
            event.reason = Some(format!("motivo {n}: atención"));
        }
        if n % 7 == 0 {
            event.actor = None;
            event.patient_id = None;
        }
        tx.append_audit(event).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A connection of the owner of the database that stays open, as free of checks as the engine allows.
pub(super) enum Shell {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Shell {
    pub(super) async fn open(place: &Place) -> Self {
        match &place.url {
            DatabaseUrl::Embedded(_) => {
                let mut shell = place.sqlite_shell().await;
                sqlx::raw_sql("PRAGMA synchronous = OFF").execute(&mut shell).await.unwrap();
                Self::Sqlite(shell)
            }
            DatabaseUrl::Postgres(url) => {
                let mut shell = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql("SET session_replication_role = replica").execute(&mut shell).await.unwrap();
                Self::Postgres(shell)
            }
        }
    }

    /// Runs one statement after the other by itself, up to the first that fails.
    pub(super) async fn run(&mut self, sql: &str) -> Result<u64, String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(shell) => {
                sqlx::raw_sql(sql).execute(shell).await.map(|d| d.rows_affected()).map_err(|e| e.to_string())
            }
            Self::Postgres(shell) => {
                sqlx::raw_sql(sql).execute(shell).await.map(|d| d.rows_affected()).map_err(|e| e.to_string())
            }
        }
    }

    /// All of them or none.
    pub(super) async fn run_whole(&mut self, sql: &str) {
        let whole = format!("BEGIN; {sql}; COMMIT");
        if let Err(error) = self.run(&whole).await {
            panic!("{error}: {sql}");
        }
    }

    /// Rows of text.
    pub(super) async fn rows(&mut self, sql: &str, width: usize) -> Vec<Cells> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(shell) => {
                let rows = sqlx::query(sql).fetch_all(shell).await.unwrap();
                rows.iter().map(|row| (0..width).map(|n| row.get(n)).collect()).collect()
            }
            Self::Postgres(shell) => {
                let rows = sqlx::query(sql).fetch_all(shell).await.unwrap();
                rows.iter().map(|row| (0..width).map(|n| row.get(n)).collect()).collect()
            }
        }
    }

    /// Removes every trigger, as the owner can.
    pub(super) async fn disarm(&mut self) {
        let sql = match self {
            Self::Sqlite(_) => "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'",
            Self::Postgres(_) => {
                "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
            }
        };
        for row in self.rows(sql, 1).await {
            self.run(row[0].as_ref().unwrap()).await.unwrap();
        }
    }
}
