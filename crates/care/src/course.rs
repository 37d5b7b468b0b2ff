//! The course of a patient: measurements, results and growth on one axis of time with the medicines taken and what happened,
//! the course of a pregnancy, and the values that are in no chart because they cannot be true.

use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::care_act::CareAct;
use clinical::document::DocumentKind;
use clinical::ids::PatientId;
use clinical::laboratory::TakenAt;
use clinical::observation::VitalKind;
use clinical::patient::Patient;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use prevention::controls::Due;
use prevention::groups::{Group, PREGNANCY_DAYS, groups_of, pregnancy_began};
use storage::{Observation, Summary, SummaryEntry};
use terminology::fold::fold;

use crate::Care;
use crate::error::CareError;
use crate::medicine_bars::{MedicineLane, lanes};
use crate::permission::{Actor, Permission};
use crate::trends::{self, DataProblem, Growth, Trend, TrendPoint};

/// Recetas a course looks back at, the latest.
const RECETAS: u32 = 300;
/// Events marked in the charts, the latest; a mark more would hide what is marked.
const EVENTS: usize = 12;

/// How far back a course goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Three months.
    Months,
    /// A year.
    Year,
    /// Five years.
    FiveYears,
    /// Everything there is.
    All,
}

impl Period {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Months, Self::Year, Self::FiveYears, Self::All];

    /// Word in the address of the page.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Months => "3m",
            Self::Year => "1a",
            Self::FiveYears => "5a",
            Self::All => "todo",
        }
    }

    /// Reads [`Period::code`]; anything else is everything.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.code() == code).unwrap_or(Self::All)
    }

    fn span(self) -> Option<Span> {
        match self {
            Self::Months => Some(3.months()),
            Self::Year => Some(1.year()),
            Self::FiveYears => Some(5.years()),
            Self::All => None,
        }
    }
}

/// Something that happened, marked in every chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseEvent {
    /// When.
    pub day: Date,
    /// "Diagnóstico: diabetes mellitus tipo 2", "Nota de egreso", "Inicia losartán".
    pub what: String,
}

/// A value of a pregnancy by its weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekPoint {
    /// Weeks and parts of a week.
    pub weeks: f64,
    /// How much, and when.
    pub point: TrendPoint,
}

/// The course of a pregnancy, by weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct PregnancyCourse {
    /// Its first day, counted back from the weeks that were noted.
    pub began: Date,
    /// Completed weeks today; none when it must be over.
    pub weeks_today: Option<i32>,
    /// Height of the uterus, cm.
    pub fundal: Vec<WeekPoint>,
    /// Weight, kg.
    pub weight: Vec<WeekPoint>,
}

/// Everything that has a course.
#[derive(Debug, Clone)]
pub struct Course {
    /// Whose.
    pub patient: Patient,
    /// First and last day of the axis of time.
    pub window: (Date, Date),
    /// How far back was asked for.
    pub period: Period,
    /// Growth charts of a child.
    pub growth: Vec<Growth>,
    /// The latest pregnancy noted with its weeks.
    pub pregnancy: Option<PregnancyCourse>,
    /// Vital signs with at least two values.
    pub vitals: Vec<Trend>,
    /// Numeric analytes with at least two values.
    pub laboratory: Vec<Trend>,
    /// Medicines, each with its bars, the one taken last first.
    pub lanes: Vec<MedicineLane>,
    /// What happened, oldest first, at most twelve.
    pub events: Vec<CourseEvent>,
    /// How many events more there are in the window.
    pub more_events: usize,
    /// What the rules say the patient should have next, lacking or not yet.
    pub due: Vec<Due>,
    /// What somebody noted as done and was not taken back, latest first.
    pub done: Vec<SummaryEntry<CareAct>>,
    /// Values that are in no chart, latest first.
    pub problems: Vec<DataProblem>,
    /// What is known of allergies, for the bar.
    pub allergies: AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// The course of a record.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] when there is no such record.
    pub async fn course(
        &self,
        actor: &Actor,
        patient: PatientId,
        period: Period,
    ) -> Result<Course, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let observations = tx.observations(who.id, Timestamp::UNIX_EPOCH).await?;
        let results = tx.lab_results_that_count(who.id).await?;
        let summary = tx.summary(who.id).await?;
        let recetas = tx.prescriptions_in_force(who.id, RECETAS).await?;
        let acts = tx.acts_of_patient(who.id, Timestamp::UNIX_EPOCH).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let checked = crate::gaps::checked(&mut tx, &who, today, &zone).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "course", "", Some(who.id))).await?;
        tx.commit().await?;

        let (birth, sex) = (who.birth_date(), who.data.sex);
        let (mut laboratory, problems) = trends::laboratory(&results);
        laboratory.extend(birth.and_then(|birth| trends::filtration(&results, birth, sex)));
        trends::in_order(&mut laboratory);
        let mut course = Course {
            window: (today, today),
            period,
            growth: birth.map(|birth| trends::growth(&observations, birth, sex, &zone)).unwrap_or_default(),
            pregnancy: pregnancy(&summary, &observations, today, &zone),
            vitals: trends::vitals(&observations, &zone),
            laboratory,
            lanes: lanes(&summary, &recetas, today, &zone),
            events: Vec::new(),
            more_events: 0,
            due: checked.due,
            done: summary.acts.iter().rev().filter(|entry| entry.closed.is_none()).cloned().collect(),
            problems: trends::impossible_signs(&observations, &zone),
            patient: who,
            allergies: summary.allergy_status(),
            now: self.now(),
            zone,
        };
        course.problems.extend(problems);
        course.events = events(&summary, &acts, &course.lanes, &course.zone);
        course.look_at(period, today);
        let groups: Vec<Group> = summary.open_conditions().flat_map(groups_of).collect();
        trends::aim(&mut course.vitals, &groups);
        trends::aim(&mut course.laboratory, &groups);
        Ok(course)
    }
}

impl Course {
    /// Leaves what lies in the period, puts what is dated after today among the problems, and sets the window.
    fn look_at(&mut self, period: Period, today: Date) {
        let from = period.span().and_then(|span| today.checked_sub(span).ok()).unwrap_or(Date::MIN);
        let mut future = Vec::new();
        for (name, line) in self
            .vitals
            .iter_mut()
            .chain(&mut self.laboratory)
            .flat_map(|trend| trend.lines.iter_mut().map(|line| (trend.name.clone(), line)))
        {
            let late = line.points.iter().filter(|point| point.taken.day > today);
            future.extend(late.map(|point| DataProblem {
                taken: point.taken,
                what: format!("{name}: {}", point.shown),
                why: "Tiene una fecha que todavía no llega. No se grafica.".to_owned(),
            }));
            line.points.retain(|point| (from..=today).contains(&point.taken.day));
        }
        let drawn = |trend: &Trend| trend.lines.iter().any(|line| line.points.len() > 1);
        self.vitals.retain(drawn);
        self.laboratory.retain(drawn);
        self.lanes.retain(|lane| lane.until(today) >= from && lane.from() <= today);
        self.events.retain(|event| (from..=today).contains(&event.day));
        self.more_events = self.events.len().saturating_sub(EVENTS);
        self.events.drain(..self.more_events);
        self.problems.extend(future);
        self.problems.sort_by_key(|problem| std::cmp::Reverse(order(problem.taken)));
        let values = self.vitals.iter().chain(&self.laboratory).flat_map(|trend| &trend.lines);
        let days = values.flat_map(|line| &line.points).map(|point| point.taken.day);
        let first = days.chain(self.lanes.iter().map(MedicineLane::from));
        let first = first.chain(self.events.iter().map(|event| event.day)).min().unwrap_or(today);
        self.window = (if period == Period::All { first } else { from }, today);
    }
}

fn order(taken: TakenAt) -> (Date, Option<jiff::civil::Time>) {
    (taken.day, taken.time)
}

/// Documents that say by themselves that something happened: urgencias, stays, operations.
const TELLING: [&str; 6] = ["NIU", "NIN", "NEG", "NPQ", "REF", "NDF"];

/// Diagnoses where they were first noted, stays and operations, and treatments begun, changed and ended; oldest first.
fn events(
    summary: &Summary,
    acts: &[(DocumentKind, Timestamp)],
    lanes: &[MedicineLane],
    zone: &TimeZone,
) -> Vec<CourseEvent> {
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let mut known: Vec<String> = Vec::new();
    let mut events: Vec<CourseEvent> = Vec::new();
    for entry in &summary.conditions {
        let key = match &entry.value.code {
            Some(code) => code.icd11.clone(),
            None => fold(&entry.value.text),
        };
        if !known.contains(&key) {
            known.push(key);
            let what = format!("Diagnóstico: {}", entry.value.text);
            events.push(CourseEvent { day: day(entry.recorded.at), what });
        }
    }
    let telling = acts.iter().filter(|(kind, _)| TELLING.contains(&kind.code()));
    events.extend(
        telling.map(|(kind, at)| CourseEvent { day: day(*at), what: nom004::title(*kind).to_owned() }),
    );
    events.extend(lanes.iter().flat_map(MedicineLane::changes).map(|(day, what)| CourseEvent { day, what }));
    events.sort_by_key(|event| event.day);
    events
}

/// The latest pregnancy whose weeks were noted, open or closed; of several entries of one, the first noted counts, since
/// weeks are measured best early.
fn pregnancy(
    summary: &Summary,
    observations: &[Observation],
    today: Date,
    zone: &TimeZone,
) -> Option<PregnancyCourse> {
    let began = summary
        .conditions
        .iter()
        .filter_map(|entry| pregnancy_began(&entry.value, zone.to_datetime(entry.recorded.at).date()));
    let began: Vec<Date> = began.collect();
    let last = began.iter().max()?;
    let first = began.iter().find(|day| (*last - **day).get_days().abs() < 120)?;
    let weeks = |day: Date| f64::from((day - *first).get_days()) / 7.0;
    let course = |kind| -> Vec<WeekPoint> {
        let points = trends::points_of(observations, kind, zone).into_iter();
        let points =
            points.filter(|point| (0..=PREGNANCY_DAYS).contains(&(point.taken.day - *first).get_days()));
        points.map(|point| WeekPoint { weeks: weeks(point.taken.day), point }).collect()
    };
    let elapsed = (today - *first).get_days();
    Some(PregnancyCourse {
        began: *first,
        weeks_today: (elapsed <= PREGNANCY_DAYS).then_some(elapsed / 7),
        fundal: course(VitalKind::FundalHeight),
        weight: course(VitalKind::Weight),
    })
    .filter(|course| !course.fundal.is_empty() || course.weight.len() > 1)
}
