//! What patients should have and do not, by the rules of `prevention`: of one patient as the record stands, and of the
//! practice from what is kept of each, brought up to date a little at a time.

use clinical::audit::AuditAction;
use clinical::care_act::CareAct;
use clinical::document::{DocumentBody, DocumentContent};
use clinical::ids::{EntryId, PatientId};
use clinical::patient::Patient;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use prevention::acts::{act, acts, told};
use prevention::controls::{Checked, Control, Person, check, controls};
use prevention::groups::{Group, groups_of, pregnancy_began};
use storage::{CareGap, CareGapLine, Closed, Recorded, Summary, Tx};
use uuid::Uuid;

use crate::error::CareError;
use crate::medicine_bars::{MedicineLane, lanes};
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, page_of};

/// Patients on one page of a list.
pub const PAGE: u32 = 50;
/// Records brought up to date before a page of the practice is shown; the program does the rest beside it.
const AT_ONCE: u32 = 20;
/// Notes read of one record, the latest.
const NOTES: u32 = 60;
/// Months back a note can still tell that something was done: a little more than the longest time between two.
const NOTES_BACK: i32 = 38;
/// Days a receta covers at least when a medicine is taken for long.
const CHRONIC: i32 = 28;

/// How many lack something, and of how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapCount {
    /// What.
    pub control: Control,
    /// Who lacks it today.
    pub due: i64,
    /// To whom it applies.
    pub all: i64,
}

/// The counts of the practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapBoard {
    /// Each control, in the order of the page.
    pub counts: Vec<GapCount>,
    /// Records that changed and are not counted again yet.
    pub waiting: i64,
}

/// The patients who lack something.
#[derive(Debug, Clone)]
pub struct GapList {
    /// What.
    pub control: Control,
    /// Who, the longest first.
    pub lines: Vec<CareGapLine>,
    /// How many there are in all.
    pub total: i64,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// Something done, as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoneForm {
    /// Code of the act.
    pub act: String,
    /// Day as written.
    pub on: String,
    /// Where; may be empty.
    pub place: String,
}

impl Care {
    /// Brings what is kept of records up to date, at most so many; answers how many are left. The program itself does it,
    /// for nobody: nothing leaves the database.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn refresh_gaps(&self, limit: u32) -> Result<i64, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let stale = tx.records_to_check(today, limit).await?;
        drop(tx);
        let mut left = stale.total;
        for record in stale.items {
            let mut tx = self.unseen.begin().await?;
            tx.hold_check(record).await?;
            if let Some(patient) = tx.record(record).await?.filter(|patient| patient.id == record) {
                let checked = checked(&mut tx, &patient, today, &zone).await?;
                let gaps: Vec<CareGap> = checked
                    .due
                    .into_iter()
                    .map(|due| CareGap {
                        control: due.control.to_owned(),
                        due_on: due.on,
                        last_on: due.last,
                        what: due.what,
                    })
                    .collect();
                tx.keep_gaps(record, &gaps, checked.again).await?;
            } else {
                tx.keep_gaps(record, &[], Date::MAX).await?;
            }
            tx.commit().await?;
            left -= 1;
        }
        Ok(left)
    }

    /// How many patients lack each control, of those this person may see.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not see figures.
    pub async fn gap_board(&self, actor: &Actor) -> Result<GapBoard, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let waiting = self.refresh_gaps(AT_ONCE).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone).date();
        let found = tx.gap_counts(today).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "care_gaps", "", None)).await?;
        tx.commit().await?;
        let counts = controls().into_iter().map(|control| {
            let own = found.iter().find(|(code, ..)| *code == control.code);
            let (due, all) = own.map_or((0, 0), |(_, due, all)| (*due, *all));
            GapCount { control, due, all }
        });
        Ok(GapBoard { counts: counts.collect(), waiting })
    }

    /// The patients who lack a control, a page from 0.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read clinical text; [`CareError::NotFound`] for an unknown control.
    pub async fn gap_list(&self, actor: &Actor, control: &str, page: u32) -> Result<GapList, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let control = controls().into_iter().find(|one| one.code == control);
        let control = control.ok_or(CareError::NotFound { what: "ese control" })?;
        self.refresh_gaps(AT_ONCE).await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = now.to_zoned_datetime(zone.clone()).date();
        let found = tx.gap_list(control.code, today, now, page_of(page, PAGE)).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "care_gaps", control.code, None)).await?;
        tx.commit().await?;
        Ok(GapList { control, lines: found.items, total: found.total, now, zone })
    }

    /// Notes something that was done, here or elsewhere.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with every field to correct.
    pub async fn note_done(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: &DoneForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone).date();
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let mut check = Check::new();
        let known = act(&form.act);
        if known.is_none() {
            check.fail("control", "Elija qué se hizo");
        }
        let on = clinical::person::parse_date(&form.on).ok();
        match on {
            None => check.fail("fecha", "Escriba el día, por ejemplo 9/3/2026"),
            Some(on) if on > today => check.fail("fecha", "Escriba un día que ya pasó"),
            Some(on) if who.birth_date().is_some_and(|born| on < born.date()) => {
                check.fail("fecha", "Escriba un día posterior al nacimiento");
            }
            Some(_) => {}
        }
        if form.place.chars().count() > 200 {
            check.fail("lugar", "Escriba 200 letras o menos");
        }
        let done = known.zip(on).map(|(known, on)| CareAct {
            act: known.code.to_owned(),
            on,
            place: optional(&form.place),
        });
        let done = check.finish(done)?;
        let id = EntryId(Uuid::now_v7());
        let recorded = Recorded { by: actor.user_id, at: self.now(), encounter_id: None };
        tx.insert_care_act(id, who.id, &done, recorded).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "care_act", id, Some(who.id))).await?;
        Ok(tx.commit().await?)
    }

    /// Takes back what was noted by mistake; it stays in the history.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when it was taken back before.
    pub async fn withdraw_done(
        &self,
        actor: &Actor,
        patient: PatientId,
        entry: EntryId,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let known = tx.summary(who.id).await?.acts;
        if !known.iter().any(|known| known.id == entry && known.closed.is_none()) {
            return Err(CareError::NotFound { what: "lo que se anotó" });
        }
        let on = self.now().to_zoned_datetime(zone).date();
        tx.close_entry(entry, who.id, Closed { on, by: actor.user_id }).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "care_act", entry, Some(who.id))).await?;
        Ok(tx.commit().await?)
    }
}

/// What the rules say of a record as it stands.
pub(crate) async fn checked(
    tx: &mut Tx,
    patient: &Patient,
    today: Date,
    zone: &TimeZone,
) -> Result<Checked, CareError> {
    let kinds = tx.acts_of_patient(patient.id, Timestamp::UNIX_EPOCH).await?;
    // Nobody is called about who died, or whose record is in the archive.
    if tx.is_archived(patient.id).await? || kinds.iter().any(|(kind, _)| kind.code() == "NDF") {
        return Ok(Checked { due: Vec::new(), again: Date::MAX });
    }
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let summary = tx.summary(patient.id).await?;
    let recetas = tx.prescriptions_in_force(patient.id, NOTES).await?;
    let visits = kinds.iter().filter(|(kind, _)| !matches!(kind.code(), "RX" | "ADE"));
    let person = Person {
        born: patient.birth_date().map(clinical::person::BirthDate::date),
        sex: patient.data.sex,
        groups: groups(&summary, zone),
        pregnancy: pregnancy(&summary, zone),
        done: done(tx, patient.id, &summary, today, zone).await?,
        visits: visits.map(|(_, at)| day(*at)).collect(),
        medicines: chronic(&lanes(&summary, &recetas, today, zone)),
    };
    Ok(check(&person, today))
}

/// The groups of the open diagnoses, each with the day it was first noted, also by an entry that was closed since.
fn groups(summary: &Summary, zone: &TimeZone) -> Vec<(Group, Date)> {
    let open: Vec<Group> = summary.open_conditions().flat_map(groups_of).collect();
    let all = summary.conditions.iter().flat_map(|entry| {
        let day = zone.to_datetime(entry.recorded.at).date();
        groups_of(&entry.value).map(move |group| (group, day)).collect::<Vec<_>>()
    });
    all.filter(|(group, _)| open.contains(group)).collect()
}

/// The pregnancy an open diagnosis tells, counted from the one first noted.
fn pregnancy(summary: &Summary, zone: &TimeZone) -> Option<Date> {
    let open = summary.conditions.iter().filter(|entry| entry.closed.is_none());
    let mut began =
        open.filter_map(|entry| pregnancy_began(&entry.value, zone.to_datetime(entry.recorded.at).date()));
    began.next()
}

/// What was done, by results, measurements, notes and what somebody noted.
async fn done(
    tx: &mut Tx,
    patient: PatientId,
    summary: &Summary,
    today: Date,
    zone: &TimeZone,
) -> Result<Vec<(&'static str, Date)>, CareError> {
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let mut done = Vec::new();
    for dated in tx.lab_results_that_count(patient).await? {
        let Some(analyte) = results::catalog::analyte(&dated.result) else { continue };
        let own = acts().iter().filter(|act| act.loinc.contains(&analyte.loinc));
        done.extend(own.map(|act| (act.code, dated.taken.day)));
    }
    for observation in tx.observations(patient, Timestamp::UNIX_EPOCH).await? {
        let own = acts().iter().filter(|act| act.signs.contains(&observation.sign.kind.code()));
        done.extend(own.map(|act| (act.code, day(observation.taken_at))));
    }
    let since = today.saturating_sub(NOTES_BACK.months()).at(0, 0, 0, 0).to_zoned_datetime(zone.clone());
    let since = since.map_or(Timestamp::UNIX_EPOCH, |since| since.timestamp());
    for note in tx.notes_since(patient, since, NOTES).await? {
        let Ok(content) = serde_json::from_str::<DocumentContent>(&note.content) else { continue };
        let DocumentBody::Note { sections, .. } = content.body else { continue };
        let told_in = sections.iter().filter(|section| found_out(&section.id));
        let sentences = told_in.flat_map(|section| &section.items);
        done.extend(sentences.flat_map(|item| told(&item.text)).map(|act| (act.code, day(note.act_at))));
    }
    let noted = summary.acts.iter().filter(|entry| entry.closed.is_none());
    done.extend(noted.filter_map(|entry| Some((act(&entry.value.act)?.code, entry.value.on))));
    done.retain(|(_, day)| *day <= today);
    Ok(done)
}

/// Whether a section says what was found, by looking or by a study.
fn found_out(section: &str) -> bool {
    ["explor", "result", "estudios", "ef_"].iter().any(|part| section.contains(part))
}

/// Medicines still taken that recetas cover for long, with the last day they do.
fn chronic(lanes: &[MedicineLane]) -> Vec<(String, Date)> {
    let taken = lanes.iter().filter(|lane| lane.bars.iter().any(|bar| !bar.firm && bar.until.is_none()));
    let covered = taken.filter_map(|lane| {
        let firm = lane.bars.iter().filter(|bar| bar.firm);
        let (until, from) = firm.filter_map(|bar| Some((bar.until?, bar.from))).max()?;
        ((until - from).get_days() + 1 >= CHRONIC).then(|| (lane.medicine.clone(), until))
    });
    covered.collect()
}
