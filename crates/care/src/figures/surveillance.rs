//! Epidemiological surveillance (LGS 134-138, NOM-017-SSA2-2012): the new cases of a week in the columns of the form, and
//! the cases that are told at once, raised until somebody notes that they were.

use std::collections::BTreeMap;

use clinical::audit::AuditAction;
use clinical::ids::{DocumentId, PractitionerId};
use clinical::laboratory::parse_time;
use clinical::person::{BirthDate, Sex};
use clinical::practitioner::Establishment;
use figures::epidemiology::{AgeGroup, Notifiable, Week, by_key, list};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{EpidemicNotice, SurveilledDiagnosis, Tx};

use crate::Care;
use crate::audit_lines::csv_cell;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// How long after the diagnosis a case is told at the latest (LGS 136).
const TERM: SignedDuration = SignedDuration::from_hours(24);
/// How many days an immediate case stays in sight without a notice.
const RAISED: i64 = 60;

/// A case of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveilledCase {
    /// The diagnosis as it was stated.
    pub stated: SurveilledDiagnosis,
    /// The disease.
    pub disease: &'static Notifiable,
    /// Whether it is counted as new in the week.
    pub new: bool,
    /// Until when it is to be told, when it is told at once.
    pub due: Option<Timestamp>,
    /// Name of who made the document.
    pub author: String,
}

impl SurveilledCase {
    /// Whether somebody still has to tell it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.new && self.due.is_some() && self.stated.notice.is_none()
    }
}

/// New cases of a disease by age group: women, men, others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiseaseCount {
    /// The disease.
    pub disease: &'static Notifiable,
    /// By age group in the order of [`AgeGroup::LABELS`].
    pub ages: [[i64; 3]; 12],
}

impl DiseaseCount {
    /// All of them: women, men, others.
    #[must_use]
    pub fn by_sex(&self) -> [i64; 3] {
        self.ages.iter().fold([0; 3], |sum, own| [sum[0] + own[0], sum[1] + own[1], sum[2] + own[2]])
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.by_sex().iter().sum()
    }
}

/// A week of the practice.
#[derive(Debug, Clone)]
pub struct WeekReport {
    /// Which.
    pub week: Week,
    /// The local day.
    pub today: Date,
    /// The zone times are shown in.
    pub zone: TimeZone,
    /// The unit that reports.
    pub establishment: Option<Establishment>,
    /// New cases by disease, in the order of the list.
    pub counts: Vec<DiseaseCount>,
    /// The cases of the week in records that may be seen; empty for who may not read clinical text.
    pub cases: Vec<SurveilledCase>,
    /// Cases of the last weeks that are to be told at once and were not.
    pub open: Vec<SurveilledCase>,
    /// Whether this person may see whose cases they are.
    pub lists: bool,
    /// Whether this person may note a notice and take the form out.
    pub reports: bool,
    /// Whether something of the record is not counted yet.
    pub waits: bool,
}

/// What was told of a case, as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeForm {
    /// Key of the disease.
    pub epi: String,
    /// To whom.
    pub told: String,
    /// "telefono", "correo" or "persona".
    pub channel: String,
    /// Folio or name of who received it.
    pub acknowledgement: String,
    /// Day it was told: day/month/year.
    pub day: String,
    /// Hour it was told: 10:24.
    pub time: String,
}

/// Ways of telling a case: stored word and words on screens.
pub const CHANNELS: [(&str, &str); 3] =
    [("telefono", "Teléfono"), ("correo", "Correo electrónico"), ("persona", "En persona")];

impl Care {
    /// The week a day lies in; an empty day stands for today.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] for a day that is none.
    pub async fn surveillance(&self, actor: &Actor, day: &str) -> Result<WeekReport, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let report = self.week_report(actor, day).await?;
        self.note_reading(actor, AuditAction::Read, report.week).await?;
        Ok(report)
    }

    /// The same week in the columns of the form, as CSV, with the numbers as they are: the law asks for them.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who does not sign documents.
    pub async fn surveillance_csv(&self, actor: &Actor, day: &str) -> Result<(String, String), CareError> {
        self.require(actor, Permission::Sign).await?;
        let report = self.week_report(actor, day).await?;
        self.note_reading(actor, AuditAction::Print, report.week).await?;
        let (year, number) = report.week.number();
        Ok((format!("suive-{year}-{number:02}.csv"), csv(&report)))
    }

    async fn note_reading(&self, actor: &Actor, action: AuditAction, week: Week) -> Result<(), CareError> {
        let mut tx = self.begin(actor).await?;
        let event = self.event(actor, action, "surveillance", week.first(), None);
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }

    async fn week_report(&self, actor: &Actor, day: &str) -> Result<WeekReport, CareError> {
        let waits = self.count_before_a_page().await?;
        // Everybody's cases are counted, also those of private records: the duty is the practice's. Whose they are is
        // read as the person.
        let mut all = self.unseen.begin_read().await?;
        let zone = Self::time_zone(&mut all).await?;
        let today = zone.to_datetime(self.now()).date();
        let week = week_of(day, today)?;
        let ends = (super::ends_of_day(week.first(), &zone)?.0, super::ends_of_day(week.last(), &zone)?.1);
        let counts = new_cases(&mut all, ends, &zone).await?;
        let establishment = all.establishment().await?;
        let authors: BTreeMap<_, _> =
            all.practitioners().await?.into_iter().map(|one| (one.id, one.full_name())).collect();
        drop(all);
        let lists = actor.may(Permission::ReadRecord);
        let (mut own, mut open) = (Vec::new(), Vec::new());
        if lists {
            let name = |stated: &SurveilledDiagnosis| {
                authors.get(&stated.practitioner_id).cloned().unwrap_or_default()
            };
            let mut tx = self.begin_read(actor).await?;
            own = cases(tx.surveilled(ends.0, ends.1, None).await?, name);
            open =
                open_cases(&mut tx, self.now(), |id| authors.get(&id).cloned().unwrap_or_default()).await?;
        }
        let reports = actor.may(Permission::Sign);
        Ok(WeekReport { week, today, zone, establishment, counts, cases: own, open, lists, reports, waits })
    }

    /// Notes that a case was told, and when.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] for what is missing or a moment before the care or to come; [`CareError::NotFound`] for a document that
    /// states no such disease; [`CareError::Conflict`] when it was noted before.
    pub async fn note_epidemic_notice(
        &self,
        actor: &Actor,
        document: DocumentId,
        form: &NoticeForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Sign).await?;
        let mut check = Check::new();
        let told = check.text("destinatario", &form.told, "Escriba a quién se notificó");
        let acknowledgement =
            check.text("acuse", &form.acknowledgement, "Escriba el folio o el nombre de quien recibió");
        let channel = CHANNELS.iter().find(|(code, _)| *code == form.channel).map(|(code, _)| *code);
        if channel.is_none() {
            check.fail("medio", "Elija cómo se notificó");
        }
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let day = check.past_day("fecha", &form.day, zone.to_datetime(self.now()).date());
        let time = check.take("hora", parse_time(&form.time));
        let (channel, (day, time)) = check.finish(channel.zip(day.zip(time)))?;
        let notified_at = zone.to_timestamp(day.to_datetime(time)).map_err(CareError::internal)?;
        if notified_at > self.now() {
            return Err(CareError::invalid("hora", "Esa hora todavía no llega: escriba cuándo se notificó"));
        }
        let missing = CareError::NotFound { what: "ese caso" };
        let Some(document) = tx.document(document).await? else { return Err(missing) };
        let moment = (document.act_at, document.act_at + SignedDuration::from_millis(1));
        if day < zone.to_datetime(document.act_at).date() {
            return Err(CareError::invalid("fecha", "Es anterior a la consulta: escriba cuándo se notificó"));
        }
        let stated = tx.surveilled(moment.0, moment.1, None).await?;
        let case = stated
            .iter()
            .find(|case| case.sequence == document.sequence && case.epi.to_string() == form.epi.trim());
        let Some(case) = case else { return Err(missing) };
        let notice = EpidemicNotice {
            notified_at,
            told,
            channel: channel.to_owned(),
            acknowledgement,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
        };
        let kept = tx.insert_epidemic_notice(case.sequence, case.epi, &notice).await;
        crate::once(kept, || CareError::Conflict {
            message: "Ya estaba anotado que este caso se notificó".to_owned(),
        })?;
        let event =
            self.event(actor, AuditAction::Create, "epidemic_notice", document.id, Some(case.patient.id));
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }
}

/// The new cases of a stretch of time by disease, age and sex, of every record.
pub(crate) async fn new_cases(
    all: &mut Tx,
    (from, until): (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Result<Vec<DiseaseCount>, CareError> {
    let stated = all.surveilled(from, until, None).await?;
    Ok(count(&cases(stated, |_| String::new()), zone))
}

/// The cases that are to be told at once and were not, of records that may be seen, oldest first.
pub(crate) async fn open_cases(
    tx: &mut Tx,
    now: Timestamp,
    author: impl Fn(PractitionerId) -> String,
) -> Result<Vec<SurveilledCase>, CareError> {
    let at_once: Vec<u16> =
        list().iter().filter(|disease| disease.immediate).map(|disease| disease.epi).collect();
    let since = now - SignedDuration::from_hours(24 * RAISED);
    let stated = tx.surveilled(since, now + SignedDuration::from_hours(24), Some(&at_once)).await?;
    let mut open = cases(stated, |stated| author(stated.practitioner_id));
    open.retain(SurveilledCase::is_open);
    Ok(open)
}

fn week_of(day: &str, today: Date) -> Result<Week, CareError> {
    let mut check = Check::new();
    let day = match day.trim() {
        "" => Some(today),
        day => check.take("dia", clinical::person::parse_date(day)),
    };
    let day = check.finish(day)?;
    let known = (1900..=2199).contains(&day.year());
    Week::of(day)
        .filter(|_| known)
        .ok_or_else(|| CareError::invalid("dia", "Escriba una fecha entre 1900 y 2199"))
}

/// The cases behind diagnoses in the order of time. A person counts once for a disease until its days have passed.
fn cases(
    stated: Vec<SurveilledDiagnosis>,
    author: impl Fn(&SurveilledDiagnosis) -> String,
) -> Vec<SurveilledCase> {
    let mut seen: BTreeMap<(clinical::ids::PatientId, i64), Timestamp> = BTreeMap::new();
    let mut found = Vec::new();
    for stated in stated {
        let Some(disease) = u16::try_from(stated.epi).ok().and_then(by_key) else { continue };
        let person = (stated.patient.id, stated.epi);
        let before = seen.get(&person).copied().or(stated.previous);
        let passed = |before: Timestamp| {
            let days = stated.act_at.duration_since(before).as_hours() / 24;
            disease.again_after.is_some_and(|least| days > least)
        };
        let new = before.is_none_or(passed);
        seen.insert(person, stated.act_at);
        let due = disease.immediate.then(|| stated.signed_at + TERM);
        found.push(SurveilledCase { author: author(&stated), new, due, disease, stated });
    }
    found
}

fn count(cases: &[SurveilledCase], zone: &TimeZone) -> Vec<DiseaseCount> {
    let mut counts: Vec<DiseaseCount> = Vec::new();
    for case in cases.iter().filter(|case| case.new) {
        let patient = &case.stated.patient;
        let day = zone.to_datetime(case.stated.act_at).date();
        let age = AgeGroup::of(patient.birth_date().map(BirthDate::date), day).place();
        let sex = match patient.data.sex {
            Sex::Female => 0,
            Sex::Male => 1,
            Sex::Intersex | Sex::Undetermined => 2,
        };
        let own = match counts.iter_mut().find(|count| count.disease.epi == case.disease.epi) {
            Some(own) => own,
            None => {
                counts.push(DiseaseCount { disease: case.disease, ages: [[0; 3]; 12] });
                let Some(own) = counts.last_mut() else { continue };
                own
            }
        };
        if let Some(cell) = own.ages.get_mut(age).and_then(|cells| cells.get_mut(sex)) {
            *cell += 1;
        }
    }
    counts.sort_by_key(|count| count.disease.epi);
    counts
}

/// The form as a table: a line for each disease with a case, for each age group men and women, and the totals.
fn csv(report: &WeekReport) -> String {
    let mut heads: Vec<String> =
        ["unidad", "institucion", "clues", "anio", "semana", "desde", "hasta", "epi", "diagnostico", "cie10"]
            .map(str::to_owned)
            .to_vec();
    for label in AgeGroup::LABELS {
        heads.extend([format!("{label} M"), format!("{label} F")]);
    }
    heads.extend(["total M", "total F", "sin sexo M/F", "total"].map(str::to_owned));
    let unit = report.establishment.as_ref();
    let (year, number) = report.week.number();
    let mut out = line(&heads);
    for count in &report.counts {
        let mut cells = vec![
            unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            unit.and_then(|unit| unit.institution.clone()).unwrap_or_default(),
            unit.and_then(|unit| unit.clues.clone()).map(|clues| clues.to_string()).unwrap_or_default(),
            year.to_string(),
            number.to_string(),
            report.week.first().to_string(),
            report.week.last().to_string(),
            count.disease.epi.to_string(),
            count.disease.name.to_owned(),
            count.disease.codes.to_owned(),
        ];
        for [women, men, _] in count.ages {
            cells.extend([men.to_string(), women.to_string()]);
        }
        let [women, men, others] = count.by_sex();
        cells.extend([men, women, others, count.all()].map(|n| n.to_string()));
        out.push_str(&line(&cells));
    }
    out
}

/// One line of CSV as RFC 4180 has it.
pub(super) fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}
