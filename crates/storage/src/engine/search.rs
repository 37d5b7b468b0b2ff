//! The index of terms: FTS5 without content on SQLite, `tsvector` with GIN on PostgreSQL. Both are only told terms and
//! where they stand; which words are the same is decided before.

use std::collections::HashMap;
use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use crate::error::Result;
use crate::tx::{Inner, Tx};
use crate::value::values;

/// Newest rows that PostgreSQL reads one by one before it asks the index, which knows no order: a common word is
/// found among them, and for a rare one they cost little.
const READ_FIRST: i64 = 2000;
/// Highest position a `tsvector` can hold.
const LAST_POSITION: usize = 16_383;

pub(crate) const SQLITE_INDEX: &str = "CREATE VIRTUAL TABLE search_index
  USING fts5(terms, content = '', contentless_delete = 1, tokenize = 'ascii tokenchars _');";
pub(crate) const POSTGRES_INDEX: &str =
    "CREATE TABLE search_index (place BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL);
ALTER TABLE search_index ALTER COLUMN terms SET STORAGE MAIN;
CREATE INDEX search_index_terms ON search_index USING gin (terms) WITH (fastupdate = off);";

/// Everything the index finds, then the newest of it within the span: kept apart so that the planner neither reads row
/// by row nor joins a bitmap of every place to that of the terms, as it does once it plans without looking at values.
const POSTGRES_ALL: &str =
    "WITH found AS MATERIALIZED (SELECT place FROM search_index WHERE terms @@ $1::TSQUERY)
  SELECT place FROM found WHERE place >= $2 AND place < $3 ORDER BY place DESC LIMIT $4";

/// What the tag of a patient begins with; nobody has so many entries that order would matter.
pub(crate) const PATIENT_TAG: &str = "_p";

/// A part of the index: places from the first up to, not including, the second.
pub(crate) type Span = (i64, i64);

/// Clauses that must all be met, each by one of its phrases.
pub(crate) type Clauses = [Vec<Vec<String>>];

impl Tx {
    /// Puts the terms of an entry into the index; `tags` stand behind them and are no part of any phrase.
    pub(crate) async fn index_terms(&mut self, place: i64, terms: &[String], tags: &[String]) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => {
                let terms: Vec<&str> = terms.iter().chain(tags).map(String::as_str).collect();
                let sql = "INSERT INTO search_index (rowid, terms) VALUES ($1, $2)";
                self.execute(sql, values![place, terms.join(" ")]).await?;
            }
            Inner::Postgres(_) => {
                let sql = "INSERT INTO search_index (place, terms) VALUES ($1, $2::TSVECTOR)";
                self.execute(sql, values![place, tsvector(terms, tags)]).await?;
            }
        }
        Ok(())
    }

    /// Takes an entry out of the index.
    pub(crate) async fn forget_terms(&mut self, place: i64) -> Result<()> {
        let sql = match &self.inner {
            Inner::Sqlite(_) => "DELETE FROM search_index WHERE rowid = $1",
            Inner::Postgres(_) => "DELETE FROM search_index WHERE place = $1",
        };
        self.execute(sql, values![place]).await.map(drop)
    }

    /// Adds words with their terms, given as a JSON object; those known stay.
    pub(crate) async fn add_words(&mut self, words: String) -> Result<()> {
        let sql = match &self.inner {
            Inner::Sqlite(_) => {
                "INSERT INTO search_word (word, term) SELECT key, value FROM json_each($1) WHERE TRUE
                 ON CONFLICT DO NOTHING"
            }
            Inner::Postgres(_) => {
                "INSERT INTO search_word (word, term) SELECT key, value FROM json_each_text($1::JSON)
                 ON CONFLICT DO NOTHING"
            }
        };
        self.execute(sql, values![words]).await.map(drop)
    }

    /// The newest places within the span whose entries meet all clauses, at most `limit`.
    pub(crate) async fn places(&mut self, clauses: &Clauses, span: Span, limit: i64) -> Result<Vec<i64>> {
        let (from, until) = span;
        let read = |row: &crate::value::Row| row.int("place");
        if clauses.is_empty() {
            let sql = "SELECT place FROM search_entry WHERE place >= $1 AND place < $2 ORDER BY place DESC LIMIT $3";
            return self.list("search_entry", sql, values![from, until, limit], read).await;
        }
        match &self.inner {
            Inner::Sqlite(_) => {
                let sql = "SELECT rowid AS place FROM search_index
                            WHERE search_index MATCH $1 AND rowid >= $2 AND rowid < $3 ORDER BY rowid DESC LIMIT $4";
                let query = boolean(clauses, ('"', " "), (" AND ", " OR "));
                self.list("search_index", sql, values![query, from, until, limit], read).await
            }
            Inner::Postgres(_) => {
                let query = boolean(clauses, ('\'', "' <-> '"), (" & ", " | "));
                let values = values![query, from, until, limit];
                if clauses.iter().flatten().flatten().any(|term| term.starts_with(PATIENT_TAG)) {
                    return self.list("search_index", POSTGRES_ALL, values, read).await;
                }
                let sql = format!(
                    "SELECT place FROM (SELECT place, terms FROM search_index WHERE place >= $2 AND place < $3
                                         ORDER BY place DESC LIMIT {READ_FIRST}) newest
                      WHERE terms @@ $1::TSQUERY ORDER BY place DESC LIMIT $4"
                );
                let found = self.list("search_index", AssertSqlSafe(sql), values, read).await?;
                if i64::try_from(found.len()) == Ok(limit) {
                    return Ok(found);
                }
                self.list("search_index", POSTGRES_ALL, values, read).await
            }
        }
    }
}

/// `'hipertension':1,7 'arterial':2`. Terms are letters, digits and low lines: nothing in them needs escaping.
fn tsvector(terms: &[String], tags: &[String]) -> String {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (term, place) in terms.iter().zip(1_usize..) {
        places.entry(term).or_default().push(place.min(LAST_POSITION));
    }
    let mut out = String::new();
    for (term, places) in places {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        let _infallible = write!(out, "'{term}':{} ", places.join(","));
    }
    for tag in tags {
        let _infallible = write!(out, "'{tag}' ");
    }
    out
}

/// The query in the words of an engine: its quote and what joins the terms of a phrase, then "and" and "or".
fn boolean(clauses: &Clauses, (quote, next): (char, &str), (and, or): (&str, &str)) -> String {
    let phrase = |terms: &Vec<String>| format!("({quote}{}{quote})", terms.join(next));
    let clauses = clauses.iter().map(|phrases| {
        let phrases: Vec<String> = phrases.iter().map(phrase).collect();
        format!("({})", phrases.join(or))
    });
    clauses.collect::<Vec<_>>().join(and)
}
