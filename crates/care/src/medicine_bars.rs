//! The medicines of a record as bars on an axis of time: firm while a receta covers them, noted while the record only says
//! that they are taken.

use clinical::document::{DocumentBody, DocumentContent, SignedDocument};
use clinical::medication::{Frequency, MedicationRequest};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::Summary;
use terminology::fold::fold;

use crate::prescribing::statement_of;

/// Days between two recetas of a medicine that count as one treatment: a visit a little late is no pause.
const PAUSE: i32 = 14;

/// A stretch of time in which a medicine was taken in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicineBar {
    /// First day.
    pub from: Date,
    /// Last day; open while nobody said that it ended.
    pub until: Option<Date>,
    /// "50 mg cada 12 horas"; empty when nobody said.
    pub how: String,
    /// Covered by signed recetas; else only noted in the record.
    pub firm: bool,
}

/// A medicine with its bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicineLane {
    /// Its name as last written.
    pub medicine: String,
    /// Oldest first, the noted ones after the firm ones.
    pub bars: Vec<MedicineBar>,
}

impl MedicineLane {
    /// Its first day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.bars.iter().map(|bar| bar.from).min().unwrap_or(Date::MAX)
    }

    /// Its last day, today while it is open.
    #[must_use]
    pub fn until(&self, today: Date) -> Date {
        self.bars.iter().map(|bar| bar.until.unwrap_or(today)).max().unwrap_or(Date::MIN)
    }

    /// When it was begun and changed, and when the record says that it ended.
    pub(crate) fn changes(&self) -> Vec<(Date, String)> {
        let mut changes = vec![(self.from(), format!("Inicia {}", self.medicine))];
        let firm: Vec<&MedicineBar> = self.bars.iter().filter(|bar| bar.firm).collect();
        for pair in firm.windows(2) {
            let [before, after] = *pair else { continue };
            if before.how != after.how {
                changes.push((after.from, format!("Cambia {}: {}", self.medicine, after.how)));
            }
        }
        let noted: Vec<&MedicineBar> = self.bars.iter().filter(|bar| !bar.firm).collect();
        if !noted.is_empty()
            && noted.iter().all(|bar| bar.until.is_some())
            && let Some(last) = noted.iter().filter_map(|bar| bar.until).max()
            && self.bars.iter().all(|bar| !bar.firm || bar.from < last)
        {
            changes.push((last, format!("Se suspende {}", self.medicine)));
        }
        changes
    }
}

/// The medicines of a record: those of recetas in force, newest first as they come, and those its summary says are taken.
/// The one taken last comes first.
pub(crate) fn lanes(
    summary: &Summary,
    recetas: &[SignedDocument],
    today: Date,
    zone: &TimeZone,
) -> Vec<MedicineLane> {
    let mut lanes: Vec<(String, MedicineLane)> = Vec::new();
    for receta in recetas.iter().rev() {
        let Ok(content) = serde_json::from_str::<DocumentContent>(&receta.content) else { continue };
        let DocumentBody::Prescription { medication_requests, .. } = content.body else { continue };
        let day = zone.to_datetime(receta.act_at).date();
        for request in &medication_requests {
            put(&mut lanes, &request.medicine, covered(request, day));
        }
    }
    for entry in &summary.medications {
        let from = zone.to_datetime(entry.recorded.at).date();
        let until = entry.closed.map(|closed| closed.on);
        let how = entry.value.taken.clone().unwrap_or_default();
        put(&mut lanes, &entry.value.medicine, MedicineBar { from, until, how, firm: false });
    }
    let mut lanes: Vec<MedicineLane> = lanes.into_iter().map(|(_, lane)| lane).collect();
    lanes.sort_by_key(|lane| std::cmp::Reverse((lane.until(today), lane.from())));
    lanes
}

/// The days a line of a receta covers: its duration, or the day itself when it has none.
fn covered(request: &MedicationRequest, day: Date) -> MedicineBar {
    let days = match request.frequency {
        Some(Frequency::Once) => 1,
        _ => request.duration_days.unwrap_or(1).max(1),
    };
    let until = day.checked_add((i64::from(days) - 1).days()).unwrap_or(day);
    let how = statement_of(request).taken.unwrap_or_default();
    MedicineBar { from: day, until: Some(until), how, firm: true }
}

/// Adds a bar; one that goes on in the same way makes the last one longer, and a new way cuts it short.
fn put(lanes: &mut Vec<(String, MedicineLane)>, medicine: &str, bar: MedicineBar) {
    let key = fold(medicine);
    let lane = match lanes.iter().position(|(own, _)| *own == key) {
        Some(at) => &mut lanes[at].1,
        None => {
            lanes.push((key, MedicineLane { medicine: medicine.to_owned(), bars: Vec::new() }));
            let Some((_, lane)) = lanes.last_mut() else { return };
            lane
        }
    };
    if let Some(last) = lane.bars.iter_mut().rev().find(|last| last.firm == bar.firm)
        && let Some(until) = last.until
    {
        let pause = (bar.from - until).get_days();
        if last.how == bar.how && pause <= PAUSE {
            last.until = bar.until.map(|new| new.max(until));
            return;
        }
        if until >= bar.from {
            last.until = Some(bar.from.yesterday().unwrap_or(bar.from).max(last.from));
        }
    }
    lane.bars.push(bar);
}

#[cfg(test)]
mod tests {
    use clinical::ids::{EntryId, UserId};
    use clinical::medication::{Dose, DoseUnit, MedicationStatement, RequestAction};
    use clinical::observation::Amount;
    use storage::{Closed, Recorded, SummaryEntry};
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn line(milligrams: i32, days: u16, from: &str) -> MedicineBar {
        let mut request = MedicationRequest::named("losartán", RequestAction::Continue);
        request.dose = Some(Dose::new(Amount::whole(milligrams), DoseUnit::Milligram).unwrap());
        request.frequency = Some(Frequency::EveryHours(24));
        request.duration_days = Some(days);
        covered(&request, day(from))
    }

    #[test]
    fn recetas_that_follow_each_other_are_one_bar_and_a_change_of_dose_another() {
        let mut lanes = Vec::new();
        for bar in [line(50, 30, "2026-01-01"), line(50, 30, "2026-02-05"), line(100, 30, "2026-03-01")] {
            put(&mut lanes, "Losartán", bar);
        }
        let (_, lane) = &lanes[0];
        let seen: Vec<(String, String, &str)> = lane
            .bars
            .iter()
            .map(|bar| (bar.from.to_string(), bar.until.unwrap().to_string(), bar.how.as_str()))
            .collect();
        let owned = |text: &str| text.to_owned();
        assert_eq!(
            seen,
            [
                (owned("2026-01-01"), owned("2026-02-28"), "50 mg cada 24 horas"),
                (owned("2026-03-01"), owned("2026-03-30"), "100 mg cada 24 horas"),
            ]
        );
        let changes = lane.changes();
        assert_eq!(changes[0], (day("2026-01-01"), "Inicia Losartán".to_owned()));
        assert_eq!(changes[1], (day("2026-03-01"), "Cambia Losartán: 100 mg cada 24 horas".to_owned()));
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn a_medicine_the_record_closed_ends_and_one_it_keeps_open_goes_on() {
        let entry = |medicine: &str, closed: Option<&str>| SummaryEntry {
            id: EntryId(Uuid::now_v7()),
            value: MedicationStatement {
                medicine: medicine.to_owned(),
                ingredients: Vec::new(),
                taken: None,
            },
            recorded: Recorded {
                by: UserId(Uuid::nil()),
                at: "2026-01-10T18:00:00Z".parse().unwrap(),
                encounter_id: None,
            },
            closed: closed.map(|on| Closed { on: day(on), by: UserId(Uuid::nil()) }),
        };
        let summary = Summary {
            medications: vec![entry("propranolol", Some("2026-02-10")), entry("sumatriptán", None)],
            ..Summary::default()
        };
        let lanes = lanes(&summary, &[], day("2026-06-01"), &TimeZone::UTC);
        let names: Vec<&str> = lanes.iter().map(|lane| lane.medicine.as_str()).collect();
        assert_eq!(names, ["sumatriptán", "propranolol"]);
        assert_eq!(lanes[0].until(day("2026-06-01")), day("2026-06-01"));
        assert_eq!(lanes[1].changes().last().unwrap().1, "Se suspende propranolol");
    }
}
