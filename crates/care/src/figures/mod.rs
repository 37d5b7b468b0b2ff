//! The numbers of the practice: kept up to date in small rounds, and shown to who may see them.

pub mod behind;
pub mod practice;
pub mod question_form;
pub mod questions;
pub mod surveillance;

use clinical::observation::Amount;
use figures::facts::DocumentFacts;
use figures::period::Grain;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use results::comparable::{Reading, reading};
use storage::{CodedDiagnosis, DocumentFactRow, Tx};

use crate::Care;
use crate::error::CareError;

/// Documents read in one round.
const DOCUMENTS: u32 = 200;
/// Results read in one round.
const RESULTS: u32 = 400;
/// Days added up in one round: others wait no longer for it than for a signature.
const DAYS: usize = 12;
/// Marks looked at to find them.
const MARKS: u32 = 400;
/// Rounds before a page: what is left is said on it.
const ROUNDS_BEFORE_A_PAGE: usize = 4;
/// Days that are added up again every night, in case something came to be known of them later without a mark.
const LATE_DAYS: i32 = 8;

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Documents read.
    pub documents: usize,
    /// Results read.
    pub results: usize,
    /// Days added up.
    pub days: usize,
}

impl Round {
    fn nothing(self) -> bool {
        self == Self::default()
    }
}

impl Care {
    /// Counts everything that waits, round by round, each in a transaction of its own. The program itself does it.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer; what was counted before stays counted.
    pub async fn bring_figures_up_to_date(&self) -> Result<Round, CareError> {
        let mut all = Round::default();
        loop {
            let round = self.count_a_round().await?;
            if round.nothing() {
                return Ok(all);
            }
            all = Round {
                documents: all.documents + round.documents,
                results: all.results + round.results,
                days: all.days + round.days,
            };
        }
    }

    /// The same every night, with the last days once more.
    ///
    /// # Errors
    /// [`CareError::Unavailable`].
    pub async fn count_the_last_days(&self) -> Result<Round, CareError> {
        let mut tx = self.unseen.begin().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = zone.to_datetime(self.now()).date();
        let days = (0..LATE_DAYS).filter_map(|back| today.checked_sub(back.days()).ok());
        tx.hold_figures().await?;
        add_up(&mut tx, &days.collect::<Vec<_>>(), &zone).await?;
        tx.commit().await?;
        self.bring_figures_up_to_date().await
    }

    /// Forgets every figure and counts all of it again from the record.
    ///
    /// # Errors
    /// [`CareError::Unavailable`].
    pub async fn rebuild_figures(&self) -> Result<Round, CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.hold_figures().await?;
        tx.forget_facts().await?;
        tx.mark_all_figures().await?;
        tx.commit().await?;
        self.bring_figures_up_to_date().await
    }

    /// Counts a little before a page is shown; whether something still waits. A page is shown all the same while
    /// somebody else is counting.
    pub(crate) async fn count_before_a_page(&self) -> Result<bool, CareError> {
        for _ in 0..ROUNDS_BEFORE_A_PAGE {
            let mut tx = self.unseen.begin_read().await?;
            let waits = tx.figures_wait().await? || tx.figures_zone().await?.is_none();
            drop(tx);
            if !waits {
                return Ok(false);
            }
            match self.count_a_round().await {
                Ok(round) if round.nothing() => return Ok(false),
                Ok(_) => {}
                Err(CareError::Unavailable { .. }) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        let mut tx = self.unseen.begin_read().await?;
        Ok(tx.figures_wait().await?)
    }

    /// Reads what was signed since the last round, one round of it, so that a case is in sight with its signature. Whoever
    /// is counting already reads it too, and is not waited for.
    pub(crate) async fn read_what_was_signed(&self) -> Result<(), CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let waits = tx.documents_wait().await?;
        drop(tx);
        match waits {
            false => Ok(()),
            true => match self.count_a_round().await {
                Ok(_) | Err(CareError::Unavailable { .. }) => Ok(()),
                Err(error) => Err(error),
            },
        }
    }

    async fn count_a_round(&self) -> Result<Round, CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.hold_figures().await?;
        let zone = cut_days(&mut tx).await?;
        let documents = read_documents(&mut tx).await?;
        let results = read_results(&mut tx).await?;
        // Days wait until all documents were read, so that each is added up once.
        let days = if documents == 0 { marked_days(&mut tx, &zone).await? } else { Vec::new() };
        add_up(&mut tx, &days, &zone).await?;
        tx.commit().await?;
        Ok(Round { documents, results, days: days.len() })
    }
}

/// The zone of the establishment. Where days were cut in another one, or never, all of them are to be added up.
async fn cut_days(tx: &mut Tx) -> Result<TimeZone, CareError> {
    let name = tx.establishment().await?.map(|establishment| establishment.time_zone);
    let name = name.as_deref().unwrap_or(crate::DEFAULT_ZONE);
    if tx.figures_zone().await?.as_deref() != Some(name) {
        tx.mark_all_figures().await?;
        tx.set_figures_zone(name).await?;
    }
    Ok(crate::zone(name))
}

async fn read_documents(tx: &mut Tx) -> Result<usize, CareError> {
    let after = tx.documents_counted().await?;
    let documents = tx.documents_after(after, DOCUMENTS).await?;
    let mut rows = Vec::with_capacity(documents.len());
    for document in &documents {
        let content = serde_json::from_str(&document.content).map_err(CareError::internal)?;
        let facts = DocumentFacts::of(&content);
        let diagnoses = facts.diagnoses.into_iter().map(|diagnosis| CodedDiagnosis {
            code: diagnosis.code,
            title: diagnosis.title,
            epi: diagnosis.epi.map(i64::from),
            icd10: diagnosis.icd10,
            suspected: diagnosis.suspected,
        });
        rows.push(DocumentFactRow {
            sequence: document.sequence,
            kind: document.kind.code().to_owned(),
            patient_id: document.patient_id,
            practitioner_id: facts.author,
            encounter_id: document.encounter_id,
            act_at: document.act_at,
            signed_at: document.signed_at,
            compliance: facts.compliance,
            words: (facts.words.written, facts.words.accepted),
            diagnoses: diagnoses.collect(),
            prescribed: facts.prescribed,
        });
    }
    tx.insert_document_facts(&rows).await?;
    Ok(rows.len())
}

/// Reads results that wait: those that can be compared are kept in the unit of their analyte.
async fn read_results(tx: &mut Tx) -> Result<usize, CareError> {
    let unread = tx.unread_results(RESULTS).await?;
    for one in &unread {
        let says = match reading(&one.result) {
            Some(Reading::Comparable { analyte, value, .. }) => {
                Amount::from_f64(value).map(|value| (analyte.loinc, value))
            }
            _ => None,
        };
        tx.keep_lab_fact(one, says).await?;
    }
    Ok(unread.len())
}

async fn marked_days(tx: &mut Tx, zone: &TimeZone) -> Result<Vec<Date>, CareError> {
    let moments = tx.marked_moments(MARKS).await?;
    let mut days: Vec<Date> = moments.iter().map(|at| zone.to_datetime(*at).date()).collect();
    days.dedup();
    days.truncate(DAYS);
    Ok(days)
}

/// Adds up days, then the months and years they lie in.
async fn add_up(tx: &mut Tx, days: &[Date], zone: &TimeZone) -> Result<(), CareError> {
    for day in days {
        let (from, until) = ends_of_day(*day, zone)?;
        tx.add_up_day(&Grain::Day.key(*day), from, until).await?;
    }
    for (grain, finer) in [(Grain::Month, Grain::Day), (Grain::Year, Grain::Month)] {
        let mut keys: Vec<String> = days.iter().map(|day| grain.key(*day)).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            tx.add_up_span(grain.code(), &key, finer.code()).await?;
        }
    }
    Ok(())
}

/// The instants a local day is made of.
pub(crate) fn ends_of_day(day: Date, zone: &TimeZone) -> Result<(Timestamp, Timestamp), CareError> {
    let start = |day: Date| zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
    let next = day.tomorrow().map_err(CareError::internal)?;
    Ok((start(day).map_err(CareError::internal)?, start(next).map_err(CareError::internal)?))
}

impl From<figures::period::PeriodError> for CareError {
    fn from(error: figures::period::PeriodError) -> Self {
        Self::invalid("hasta", error)
    }
}
