//! The search of the record: entries are written in the transaction of what they are an entry of, and found by their
//! terms, newest act first.
//!
//! What a term is comes from outside (`terminology::search`). A filter is a term too: patient, kind, author and codes
//! stand in the index as tags, so that one question to it answers all at once.

use std::collections::{BTreeMap, HashSet};

use clinical::ids::{PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::engine::search::PATIENT_TAG;
use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

/// Entries of one minute of the act have this many places; more go over into the next minute.
const PLACES_A_MINUTE: i64 = 1 << 16;
/// Words that a beginning is completed to, at most.
const MAX_COMPLETIONS: i64 = 100;

/// Something to be found: a document, a result, a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchEntry {
    /// Kind of thing it leads to ("document").
    pub entity: String,
    /// Which one.
    pub entity_id: String,
    /// A finer kind, for the filter: code of the kind of document.
    pub kind: String,
    /// Whose record.
    pub patient_id: PatientId,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// When care happened.
    pub act_at: Timestamp,
    /// Its name on screens.
    pub title: String,
    /// The text that results are shown with.
    pub text: String,
    /// Codes it can be filtered by (ICD-11, CIE-10).
    pub codes: Vec<String>,
    /// The terms of the text, in order.
    pub terms: Vec<String>,
    /// The words of the text, folded, each with its term.
    pub words: BTreeMap<String, String>,
}

/// What is sought; what is absent does not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    /// Clauses that must all be met, each by one of its phrases, a phrase being terms in a row.
    pub clauses: Vec<Vec<Vec<String>>>,
    /// In whose record.
    pub patient_id: Option<PatientId>,
    /// [`SearchEntry::kind`].
    pub kind: Option<String>,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// One of the codes.
    pub code: Option<String>,
    /// From this minute of the act on.
    pub from: Option<Timestamp>,
    /// Before this minute of the act.
    pub until: Option<Timestamp>,
    /// After this [`SearchHit::place`] in the order of results, for the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A found entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// Its place in the order of time; the next page begins before the last one.
    pub place: i64,
    /// As in [`SearchEntry`].
    pub entity: String,
    /// As in [`SearchEntry`].
    pub entity_id: String,
    /// As in [`SearchEntry`].
    pub kind: String,
    /// Whose record, the one it was joined to if it was.
    pub patient: Patient,
    /// Name on screens of who wrote it.
    pub author: Option<String>,
    /// When care happened.
    pub act_at: Timestamp,
    /// As in [`SearchEntry`].
    pub title: String,
    /// As in [`SearchEntry`].
    pub text: String,
}

fn hit(row: &Row) -> Result<SearchHit> {
    Ok(SearchHit {
        place: row.int("place")?,
        entity: row.text("entity")?,
        entity_id: row.text("entity_id")?,
        kind: row.text("kind")?,
        patient: patient(row)?,
        author: row.maybe_text("author_name")?,
        act_at: row.time("act_at")?,
        title: row.text("title")?,
        text: row.text("content")?,
    })
}

/// The first place of the minute.
fn first_place(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60) * PLACES_A_MINUTE
}

/// A filter as a term: letters and digits after a low line, which no word of a text begins with.
fn tag(prefix: &str, value: &str) -> String {
    let value = value.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    prefix.chars().chain(value).collect()
}

fn patient_tag(id: PatientId) -> String {
    tag(PATIENT_TAG, &id.to_string())
}

fn tags(kind: Option<&str>, author: Option<UserId>, codes: &[String]) -> Vec<String> {
    let mut tags = Vec::new();
    tags.extend(kind.map(|kind| tag("_k", kind)));
    tags.extend(author.map(|id| tag("_a", &id.to_string())));
    tags.extend(codes.iter().map(|code| tag("_c", code)));
    tags.sort();
    tags.dedup();
    tags
}

impl Tx {
    /// Puts an entry into the index, in place of an earlier one of the same thing.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] when patient or author is not there.
    pub async fn index(&mut self, entry: &SearchEntry) -> Result<()> {
        self.forget(&entry.entity, &entry.entity_id).await?;
        let place = self.insert_search_entry(entry).await?;
        let mut tags = tags(Some(&entry.kind), entry.author, &entry.codes);
        tags.push(patient_tag(entry.patient_id));
        self.index_terms(place, &entry.terms, &tags).await?;
        self.words.extend(entry.words.iter().map(|(word, term)| (word.clone(), term.clone())));
        Ok(())
    }

    /// Writes the words of all entries of this transaction at once and in their order, so that two transactions never
    /// wait for each other's words.
    pub(crate) async fn write_words(&mut self) -> Result<()> {
        if self.words.is_empty() {
            return Ok(());
        }
        let words = serde_json::json!(std::mem::take(&mut self.words)).to_string();
        self.add_words(words).await
    }

    /// The row, at the first free place of its minute: another writer may have just taken one.
    async fn insert_search_entry(&mut self, entry: &SearchEntry) -> Result<i64> {
        let first = first_place(entry.act_at);
        let mut place = self
            .number(
                "SELECT COALESCE(MAX(place) + 1, $1) AS n FROM search_entry WHERE place >= $1 AND place < $2",
                values![first, first + PLACES_A_MINUTE],
            )
            .await?;
        let sql = "INSERT INTO search_entry (place, entity, entity_id, kind, patient_id, author, act_at, title, content)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (place) DO NOTHING";
        loop {
            let values = values![
                place,
                &entry.entity,
                &entry.entity_id,
                &entry.kind,
                entry.patient_id,
                entry.author,
                entry.act_at,
                &entry.title,
                &entry.text,
            ];
            if self.execute(sql, values).await? == 1 {
                return Ok(place);
            }
            place += 1;
        }
    }

    /// Takes an entry out of the index, if it is there.
    async fn forget(&mut self, entity: &str, entity_id: &str) -> Result<()> {
        let sql = "DELETE FROM search_entry WHERE entity = $1 AND entity_id = $2 RETURNING place";
        let place = self.one("search_entry", sql, values![entity, entity_id], |row| row.int("place")).await?;
        match place {
            Some(place) => self.forget_terms(place).await,
            None => Ok(()),
        }
    }

    /// Forgets which words there are and their terms, before all entries are indexed anew with other terms.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_words(&mut self) -> Result<()> {
        self.execute("DELETE FROM search_word", &[]).await.map(drop)
    }

    /// What meets the query, newest act first. What stands in a record that may not be seen is passed over.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn search(&mut self, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        let codes: Vec<String> = query.code.iter().cloned().collect();
        let tags = tags(query.kind.as_deref(), query.author, &codes);
        let mut clauses: Vec<_> = tags.into_iter().map(|tag| vec![vec![tag]]).collect();
        if let Some(id) = query.patient_id {
            clauses.push(self.tags_of_record(id).await?);
        }
        clauses.extend(query.clauses.iter().cloned());
        let from = query.from.map_or(i64::MIN, first_place);
        let mut until = query.until.map_or(i64::MAX, first_place).min(query.before.unwrap_or(i64::MAX));
        let wanted = query.limit as usize;
        let mut hits = Vec::with_capacity(wanted);
        // One round where nothing is hidden; larger ones after that, where much is.
        for round in 0.. {
            let most = i64::from(query.limit) << (2 * round).min(8);
            let places = self.places(&clauses, (from, until), most).await?;
            let last = places.last().copied().filter(|_| i64::try_from(places.len()) == Ok(most));
            for place in places {
                hits.extend(self.hit(place).await?);
                if hits.len() == wanted {
                    return Ok(hits);
                }
            }
            match last {
                Some(last) => until = last,
                None => break,
            }
        }
        Ok(hits)
    }

    /// The entry at a place, if its record may be seen.
    async fn hit(&mut self, place: i64) -> Result<Option<SearchHit>> {
        let sql = concat!(
            "SELECT e.place, e.entity, e.entity_id, e.kind, e.act_at, e.title, e.content, \
             u.display_name AS author_name, ",
            patient_columns!(),
            " FROM search_entry e JOIN patient own ON own.id = e.patient_id JOIN patient p ON p.id = own.root \
             LEFT JOIN account u ON u.id = e.author WHERE e.place = $1 AND ",
            visible!("p.root", "$2", "$3")
        );
        self.one("search_entry", sql, values![place, self.eyes(), self.moment()], hit).await
    }

    /// The tags of all ids of a record, any of which will do.
    async fn tags_of_record(&mut self, id: PatientId) -> Result<Vec<Vec<String>>> {
        let sql = concat!("SELECT id FROM patient WHERE ", of_record!("id"));
        let ids = self.list("patient", sql, values![id], |row| row.parsed("id")).await?;
        // Nobody has such an id: the tag finds nothing, and not everything.
        let ids = if ids.is_empty() { vec![id] } else { ids };
        Ok(ids.into_iter().map(|id| vec![patient_tag(id)]).collect())
    }

    /// The terms of committed words that begin as a folded word does, of the shortest words first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn terms_beginning(&mut self, beginning: &str) -> Result<Vec<String>> {
        // No folded word has a letter above this one.
        let end = format!("{beginning}\u{10ffff}");
        let sql = "SELECT term FROM search_word WHERE word >= $1 AND word < $2 ORDER BY LENGTH(word), word LIMIT $3";
        let mut terms = self
            .list("search_word", sql, values![beginning, end, MAX_COMPLETIONS], |row| row.text("term"))
            .await?;
        let mut seen = HashSet::new();
        terms.retain(|term| seen.insert(term.clone()));
        Ok(terms)
    }
}
