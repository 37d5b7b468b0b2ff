//! Searching what the record says, of one patient or of the practice.
//!
//! What is sought is never kept: the bitácora says who searched and whose text was shown, not which words.

mod entries;

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::ids::{PatientId, UserId};
use clinical::patient::Patient;
use clinical::person::parse_date;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{SearchHit, SearchQuery, Tx};
pub use terminology::search::Piece;
use terminology::search::{Query, snippet};

pub(crate) use self::entries::external_entry;
pub use self::entries::{ATTACHMENT, EXTERNAL, LAB_REPORT, OTHER_KINDS, entry};
use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// Results on one page.
pub const PAGE: u32 = 20;
/// Longest query that is read, in letters.
const MAX_QUERY: usize = 200;

/// What is sought, as the form posts it; what is empty does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchForm {
    /// Words, in quotes where they belong together.
    pub text: String,
    /// In whose record; `None`: in all of the practice.
    pub patient: Option<PatientId>,
    /// Desde: date of the act.
    pub from: String,
    /// Hasta: date of the act, that day included.
    pub until: String,
    /// [`DocumentKind::code`] or a code of [`OTHER_KINDS`].
    pub kind: String,
    /// Account of who signed.
    pub author: String,
    /// ICD-11 or CIE-10 code, or its category.
    pub code: String,
    /// For the next page: [`Found::next`] of the one before.
    pub before: Option<i64>,
}

/// A result in its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEntry {
    /// The entry.
    pub hit: SearchHit,
    /// The words around what was found.
    pub snippet: Vec<Piece>,
}

/// One page of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The results, newest act first.
    pub entries: Vec<FoundEntry>,
    /// Where the next page begins, when there is one.
    pub next: Option<i64>,
    /// Whether anything was asked for.
    pub asked: bool,
    /// Whose record it was limited to.
    pub patient: Option<Patient>,
    /// Who may have signed, for the filter.
    pub authors: Vec<(UserId, String)>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// A page of what the record says about the words and filters of the form. Without any: nothing yet.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::Invalid`] for a date that is none.
    pub async fn search(&self, actor: &Actor, form: &SearchForm) -> Result<Found, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = match form.patient {
            Some(id) => Some(tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?),
            None => None,
        };
        let text: String = form.text.chars().take(MAX_QUERY).collect();
        let mut query = Query::parse(&text);
        let wanted = form.read(&zone)?;
        let filtered = wanted != SearchQuery { patient_id: form.patient, ..SearchQuery::default() };
        let asked = filtered || !query.clauses().is_empty();
        let mut hits = Vec::new();
        if asked {
            if let Some(word) = query.unfinished() {
                let terms = tx.terms_beginning(word).await?;
                query.complete(terms);
            }
            let clauses = query.clauses().to_vec();
            let limit = PAGE + 1;
            hits = tx.search(&SearchQuery { clauses, before: form.before, limit, ..wanted }).await?;
        }
        let more = hits.len() > PAGE as usize;
        hits.truncate(PAGE as usize);
        let next = hits.last().filter(|_| more).map(|hit| hit.place);
        self.note_search(&mut tx, actor, form.patient, &hits).await?;
        let users = tx.users().await?.into_iter().filter(|user| user.practitioner_id.is_some());
        let authors = users.map(|user| (user.id, user.display_name)).collect();
        tx.commit().await?;
        let entries =
            hits.into_iter().map(|hit| FoundEntry { snippet: snippet(&hit.text, &query), hit }).collect();
        Ok(Found { entries, next, asked, patient, authors, now: self.now(), zone })
    }

    /// One event for each record whose text is shown; one without any for a search that found nothing.
    async fn note_search(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        scope: Option<PatientId>,
        hits: &[SearchHit],
    ) -> Result<(), CareError> {
        let mut patients: Vec<Option<PatientId>> = hits.iter().map(|hit| Some(hit.patient.id)).collect();
        patients.sort();
        patients.dedup();
        if patients.is_empty() {
            patients.push(scope);
        }
        for patient in patients {
            tx.append_audit(self.event(actor, AuditAction::Search, "search", "", patient)).await?;
        }
        Ok(())
    }
}

impl SearchForm {
    fn read(&self, zone: &TimeZone) -> Result<SearchQuery, CareError> {
        let mut check = Check::new();
        let mut date = |field, text: &str| match text.trim() {
            "" => None,
            text => check.take(field, parse_date(text)),
        };
        let (from, until) = (date("desde", &self.from), date("hasta", &self.until));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            check.fail("hasta", "Escriba una fecha igual o posterior a «desde»");
        }
        let midnight = |date: Date| date.to_zoned_datetime(zone.clone()).ok().map(|at| at.timestamp());
        let code = self.code.trim();
        check.finish(Some(SearchQuery {
            patient_id: self.patient,
            kind: is_kind(&self.kind).then(|| self.kind.clone()),
            author: self.author.parse().ok(),
            code: (!code.is_empty()).then(|| code.to_owned()),
            from: from.and_then(midnight),
            until: until.and_then(|day| day.tomorrow().ok()).and_then(midnight),
            ..SearchQuery::default()
        }))
    }
}

fn is_kind(code: &str) -> bool {
    DocumentKind::from_code(code).is_some() || OTHER_KINDS.iter().any(|(other, _)| *other == code)
}
