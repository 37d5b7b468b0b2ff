//! The practice in numbers: visits, waits, missed visits, diagnoses, recetas and alerts, signatures, the norm.

use std::collections::HashMap;

use clinical::audit::AuditAction;
use clinical::ids::PractitionerId;
use clinical::patient::Patient;
use figures::icd::{CHAPTERS, Chapter, chapter};
use figures::period::Period;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
pub use storage::{CountedRow, FigureRow};
use storage::{LATEST_STATED, Oddity, Page, Tx};

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, page_of};

/// Records on one page of a list.
pub const PAGE: u32 = 50;
/// Times that cannot be right, on one page.
pub const ODDITIES: u32 = 200;
/// Medicines that are named.
const MEDICINES: usize = 12;
/// Days of the period nobody chose.
const DAYS: i32 = 29;

/// What of the practice is asked for, as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardForm {
    /// Desde: day/month/year; empty for thirty days ago.
    pub from: String,
    /// Hasta; empty for today.
    pub until: String,
    /// Id of a professional; empty for all.
    pub practitioner: String,
}

/// The frame of every board: which days, of whom, for whom.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The days.
    pub period: Period,
    /// Of one professional only.
    pub practitioner: Option<PractitionerId>,
    /// All professionals with their names.
    pub people: Vec<(PractitionerId, String)>,
    /// The local day.
    pub today: Date,
    /// The zone days are cut in.
    pub zone: TimeZone,
    /// Whether this person may open the records behind a number. Others are told clinical numbers rounded
    /// ([`figures::rounded`]).
    pub lists: bool,
    /// Whether something of the record is not counted yet.
    pub waits: bool,
}

/// Names of the stretches of waits and lengths: from 0, 15, 30 and 60 minutes on.
pub const STRETCHES: [&str; 4] = ["00", "15", "30", "60"];
/// Names of the stretches until a signature: within the hour, within the day, later.
pub const SPANS: [&str; 3] = ["00", "01", "24"];

/// Times of visits: how many in each stretch, and the mean of all in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretches<const N: usize> {
    /// How many, shortest first.
    pub counts: [i64; N],
    /// All minutes together.
    pub minutes: i64,
}

impl<const N: usize> Stretches<N> {
    fn of(rows: &[FigureRow], items: [&str; N]) -> Self {
        let count = |item: &str| rows.iter().filter(|row| row.item == item).map(|row| row.n).sum();
        Self { counts: items.map(count), minutes: rows.iter().map(|row| row.total).sum() }
    }

    /// How many times there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// The mean in minutes.
    #[must_use]
    pub fn mean(&self) -> Option<i64> {
        self.minutes.checked_div(self.all())
    }
}

/// Planned visits that are over: who came and who did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Came {
    /// Visits whose patient came.
    pub came: i64,
    /// Visits whose patient did not come.
    pub missed: i64,
}

impl Came {
    /// Missed visits in a hundred, rounded.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        figures::percent(self.missed, self.came + self.missed)
    }
}

/// The numbers of a period.
#[derive(Debug, Clone)]
pub struct Practice {
    /// Which days, of whom.
    pub scope: Scope,
    /// Consultations by step and service.
    pub visits: Vec<FigureRow>,
    /// Consultations by professional, with their id, most first.
    pub by_person: Vec<(String, String, i64)>,
    /// Consultations by step, of who came for the first time (`new`) and of the others (`returning`).
    pub patients: Vec<FigureRow>,
    /// From arrival to consultation: under 15, 30, 60 minutes and longer.
    pub waits: Stretches<4>,
    /// From its beginning to the end of a consultation, in the same stretches.
    pub lengths: Stretches<4>,
    /// Planned visits that had a reminder.
    pub reminded: Came,
    /// Planned visits that had none.
    pub not_reminded: Came,
    /// Planned visits that were cancelled.
    pub cancelled: i64,
    /// Diagnoses by chapter of ICD-11, most first.
    pub chapters: Vec<(&'static Chapter, i64)>,
    /// Diagnoses without a confirmed code.
    pub uncoded: i64,
    /// Recetas by step; in `total` their medicines.
    pub recetas: Vec<FigureRow>,
    /// The medicines prescribed most.
    pub medicines: Vec<(String, i64)>,
    /// Alerts shown beside what was signed, by tier.
    pub shown: Vec<(String, i64)>,
    /// Alerts signed in spite of: tier, reason and how often.
    pub overridden: Vec<(String, String, i64)>,
    /// From the beginning of a consultation to its signed note: within the hour, the day, later.
    pub to_sign: Stretches<3>,
    /// From the noted end of the visit to the signed note.
    pub after_end: Stretches<3>,
    /// Words typed into signed documents.
    pub written: i64,
    /// Words proposed from what was said and accepted as they were.
    pub accepted: i64,
    /// Elements the norm asks for by step: `n` there of `total`.
    pub norm: Vec<FigureRow>,
    /// Consultations of records that had a historia clínica by then, and all of them (NOM-004 6.1).
    pub histories: (i64, i64),
    /// Times that cannot be right.
    pub oddities: i64,
}

/// A code with how often it was stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeCount {
    /// ICD-11.
    pub code: String,
    /// Its title as in the documents.
    pub title: String,
    /// How often.
    pub n: i64,
}

/// The records behind a number.
#[derive(Debug, Clone)]
pub struct BehindCode {
    /// Which days, of whom.
    pub scope: Scope,
    /// Which code.
    pub code: CodeCount,
    /// The records that may be seen, latest first, with when it was stated last.
    pub found: Page<(Patient, Timestamp)>,
    /// So many statements were looked at, the latest, if there are more.
    pub latest: Option<i64>,
}

/// Reads one measure of a scope.
pub(super) struct Reader<'a> {
    tx: &'a mut Tx,
    grain: &'static str,
    ends: (String, String),
    practitioner: Option<PractitionerId>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tx: &'a mut Tx, scope: &Scope) -> Self {
        let grain = scope.period.grain().code();
        Self { tx, grain, ends: scope.period.ends(), practitioner: scope.practitioner }
    }

    async fn steps(&mut self, measure: &str) -> Result<Vec<FigureRow>, CareError> {
        let ends = (self.ends.0.as_str(), self.ends.1.as_str());
        Ok(self.tx.figures(measure, self.grain, ends, self.practitioner).await?)
    }

    pub(super) async fn items(&mut self, measure: &str) -> Result<Vec<FigureRow>, CareError> {
        let ends = (self.ends.0.as_str(), self.ends.1.as_str());
        Ok(self.tx.figure_items(measure, self.grain, ends, self.practitioner, false).await?)
    }

    async fn people(&mut self, measure: &str) -> Result<Vec<FigureRow>, CareError> {
        let ends = (self.ends.0.as_str(), self.ends.1.as_str());
        Ok(self.tx.figure_items(measure, self.grain, ends, self.practitioner, true).await?)
    }
}

impl Care {
    /// The numbers of the practice.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] for days that are none.
    pub async fn practice(&self, actor: &Actor, form: &BoardForm) -> Result<Practice, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let waits = self.count_before_a_page().await?;
        let mut tx = self.begin(actor).await?;
        let scope = self.scope(&mut tx, actor, form, waits).await?;
        let practice = read_practice(&mut tx, scope).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "figures", "", None)).await?;
        tx.commit().await?;
        Ok(practice)
    }

    /// The codes of a chapter by how often they were stated, most first. `sign` is that of the chapter.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::NotFound`] for no chapter; [`CareError::Invalid`] for days that are none.
    pub async fn diagnoses_of_chapter(
        &self,
        actor: &Actor,
        form: &BoardForm,
        sign: &str,
    ) -> Result<(Scope, &'static Chapter, Vec<CodeCount>), CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let chapter = CHAPTERS.iter().find(|chapter| sign.chars().eq([chapter.sign]));
        let chapter = chapter.ok_or(CareError::NotFound { what: "ese capítulo" })?;
        let waits = self.count_before_a_page().await?;
        let mut tx = self.begin(actor).await?;
        let scope = self.scope(&mut tx, actor, form, waits).await?;
        let rows = Reader::new(&mut tx, &scope).items("diagnosis").await?;
        let titles: HashMap<String, String> = tx.code_titles().await?.into_iter().collect();
        tx.append_audit(self.event(actor, AuditAction::Read, "figures", "", None)).await?;
        tx.commit().await?;
        let own = rows.into_iter().filter(|row| figures::icd::chapter(&row.item) == Some(chapter));
        let counts = own.map(|row| CodeCount {
            title: titles.get(&row.item).cloned().unwrap_or_default(),
            code: row.item,
            n: row.n,
        });
        Ok((scope, chapter, counts.collect()))
    }

    /// The records in which a code was stated.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] for a code nobody used.
    pub async fn patients_behind_code(
        &self,
        actor: &Actor,
        form: &BoardForm,
        code: &str,
        page: u32,
    ) -> Result<BehindCode, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let waits = self.count_before_a_page().await?;
        let mut tx = self.begin(actor).await?;
        let scope = self.scope(&mut tx, actor, form, waits).await?;
        let titles = tx.code_titles().await?;
        let title = titles.into_iter().find(|(known, _)| known == code).map(|(_, title)| title);
        let title = title.ok_or(CareError::NotFound { what: "ese código" })?;
        let rows = Reader::new(&mut tx, &scope).items("diagnosis").await?;
        let n = rows.iter().filter(|row| row.item == code).map(|row| row.n).sum();
        let (from, _) = super::ends_of_day(scope.period.from(), &scope.zone)?;
        let (_, until) = super::ends_of_day(scope.period.until(), &scope.zone)?;
        let page = page_of(page, PAGE);
        let found = tx.patients_with_code(code, (from, until), scope.practitioner, page).await?;
        tx.append_audit(self.event(actor, AuditAction::Search, "figures", "", None)).await?;
        tx.commit().await?;
        let latest = (n > LATEST_STATED).then_some(LATEST_STATED);
        Ok(BehindCode { scope, code: CodeCount { code: code.to_owned(), title, n }, found, latest })
    }

    /// The times of visits that cannot be right and were not counted, of records that may be seen.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text.
    pub async fn oddities(&self, actor: &Actor, form: &BoardForm) -> Result<(Scope, Vec<Oddity>), CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let waits = self.count_before_a_page().await?;
        let mut tx = self.begin(actor).await?;
        let scope = self.scope(&mut tx, actor, form, waits).await?;
        let (first, last) = (scope.period.from().to_string(), scope.period.until().to_string());
        let found = tx.oddities((&first, &last), ODDITIES).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "figures", "", None)).await?;
        tx.commit().await?;
        Ok((scope, found))
    }

    pub(crate) async fn scope(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        form: &BoardForm,
        waits: bool,
    ) -> Result<Scope, CareError> {
        let zone = Self::time_zone(tx).await?;
        let today = zone.to_datetime(self.now()).date();
        let people: Vec<(PractitionerId, String)> =
            tx.practitioners().await?.into_iter().map(|one| (one.id, one.full_name())).collect();
        let mut check = Check::new();
        let mut day = |field, text: &str, otherwise| match text.trim() {
            "" => otherwise,
            text => check.take(field, clinical::person::parse_date(text)),
        };
        let month_ago = today.checked_sub(DAYS.days()).ok();
        let days = day("desde", &form.from, month_ago).zip(day("hasta", &form.until, Some(today)));
        let mut practitioner = None;
        if !form.practitioner.is_empty() {
            practitioner =
                people.iter().find(|(id, _)| id.to_string() == form.practitioner).map(|(id, _)| *id);
            if practitioner.is_none() {
                check.fail("medico", "Elija un profesional de la lista");
            }
        }
        let (from, until) = check.finish(days)?;
        let period = Period::between(from, until)?;
        let lists = actor.may(Permission::ReadRecord);
        Ok(Scope { period, practitioner, people, today, zone, lists, waits })
    }
}

/// The numbers of a scope.
pub(crate) async fn read_practice(tx: &mut Tx, scope: Scope) -> Result<Practice, CareError> {
    let (first, last) = (scope.period.from().to_string(), scope.period.until().to_string());
    let oddities = tx.oddity_count((&first, &last)).await?;
    let names: HashMap<String, String> =
        scope.people.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let mut read = Reader::new(tx, &scope);
    let people = read.people("visit").await?;
    let planned = read.items("appointment").await?;
    let diagnoses = read.items("diagnosis").await?;
    let sum = |rows: Vec<FigureRow>| rows.iter().map(|row| row.n).sum();
    let named = |rows: Vec<FigureRow>| rows.into_iter().map(|row| (row.item, row.n));
    Ok(Practice {
        visits: read.steps("visit").await?,
        by_person: people
            .into_iter()
            .map(|row| {
                let name = names.get(&row.item).cloned().unwrap_or_default();
                (row.item, name, row.n)
            })
            .collect(),
        patients: read.steps("patient").await?,
        waits: Stretches::of(&read.items("wait").await?, STRETCHES),
        lengths: Stretches::of(&read.items("length").await?, STRETCHES),
        reminded: came(&planned, "+"),
        not_reminded: came(&planned, ""),
        cancelled: planned.iter().filter(|row| row.item.starts_with("cancelled")).map(|row| row.n).sum(),
        chapters: chapters(&diagnoses),
        uncoded: diagnoses.iter().filter(|row| row.item.is_empty()).map(|row| row.n).sum(),
        recetas: read.steps("receta").await?,
        medicines: named(read.items("medicine").await?).take(MEDICINES).collect(),
        shown: named(read.items("shown").await?).collect(),
        overridden: named(read.items("override").await?)
            .filter_map(|(item, n)| {
                let (tier, reason) = item.split_once('|')?;
                Some((tier.to_owned(), reason.to_owned(), n))
            })
            .collect(),
        to_sign: Stretches::of(&read.items("to_sign").await?, SPANS),
        after_end: Stretches::of(&read.items("after_end").await?, SPANS),
        written: sum(read.items("written").await?),
        accepted: sum(read.items("accepted").await?),
        norm: read.steps("norm").await?,
        histories: read
            .items("history")
            .await?
            .iter()
            .fold((0, 0), |(there, all), row| (there + row.n, all + row.total)),
        oddities,
        scope,
    })
}

/// Who came and who did not, of visits with the sign of a reminder or without it.
fn came(planned: &[FigureRow], sign: &str) -> Came {
    let count = |state: &str| {
        let item = format!("{state}{sign}");
        planned.iter().filter(|row| row.item == item).map(|row| row.n).sum::<i64>()
    };
    Came { came: count("arrived") + count("in_consultation") + count("finished"), missed: count("no_show") }
}

fn chapters(diagnoses: &[FigureRow]) -> Vec<(&'static Chapter, i64)> {
    let mut counts: Vec<(&'static Chapter, i64)> = CHAPTERS.iter().map(|chapter| (chapter, 0)).collect();
    for row in diagnoses {
        let own = chapter(&row.item).and_then(|own| counts.iter_mut().find(|(one, _)| *one == own));
        if let Some((_, count)) = own {
            *count += row.n;
        }
    }
    counts.retain(|(_, count)| *count > 0);
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
