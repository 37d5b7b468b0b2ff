//! What was measured in an invented visit, so that a course has something to draw: pressure and weight each time, a sheet of the
//! laboratory now and then.

use clinical::ids::{EncounterId, EntryId, LabReportId, LabResultId, PatientId, UserId};
use clinical::laboratory::{LabResult, LabValue, ReferenceRange, ResultSource, ResultState, TakenAt};
use clinical::observation::{Amount, VitalKind, VitalSign};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::{LabReport, NewLabResult, Observation, Recorded, Tx};
use uuid::Uuid;

use crate::Result;
use crate::words::Dice;

/// One visit in so many has a sheet.
const SHEET: u64 = 5;

/// The values of one visit.
pub(crate) struct Measured {
    signs: [(VitalKind, i32); 3],
    sheet: Option<[(&'static str, String, &'static str); 2]>,
}

impl Measured {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let mut between = |low: i32, wide: u64| low + i32::try_from(dice.below(wide)).unwrap_or(0);
        let signs = [
            (VitalKind::BpSystolic, between(105, 60)),
            (VitalKind::BpDiastolic, between(60, 35)),
            (VitalKind::Weight, between(50, 45)),
        ];
        let (glucose, creatinine) = (between(70, 150), between(5, 10));
        let sheet = (dice.below(SHEET) == 0).then(|| {
            [
                ("Glucosa", glucose.to_string(), "70-100"),
                ("Creatinina", format!("{}.{}", creatinine / 10, creatinine % 10), "0.5-1.1"),
            ]
        });
        Self { signs, sheet }
    }

    /// Writes them.
    pub(crate) async fn write(
        self,
        tx: &mut Tx,
        patient: PatientId,
        visit: EncounterId,
        (by, at): (UserId, Timestamp),
    ) -> Result<()> {
        for (kind, value) in self.signs {
            let observation = Observation {
                id: EntryId(Uuid::now_v7()),
                sign: VitalSign::new(kind, Amount::whole(value))?,
                taken_at: at,
                recorded: Recorded { by, at, encounter_id: Some(visit) },
            };
            tx.insert_observation(patient, &observation).await?;
        }
        let Some(results) = self.sheet else { return Ok(()) };
        let report = LabReport {
            id: LabReportId(Uuid::now_v7()),
            patient_id: patient,
            panel: None,
            laboratory: None,
            taken: TakenAt { day: TimeZone::UTC.to_datetime(at).date(), time: None },
            source: ResultSource::Typed,
            recorded_by: by,
            recorded_at: at,
        };
        tx.insert_lab_report(&report).await?;
        for (place, (analyte, value, range)) in (1..).zip(results) {
            let result = LabResult {
                analyte: analyte.to_owned(),
                loinc: None,
                value: LabValue::read(&value)?,
                unit: Some("mg/dL".to_owned()),
                ucum: None,
                range: Some(ReferenceRange::read(range)),
                flag: None,
                comment: None,
            };
            let new = NewLabResult {
                id: LabResultId(Uuid::now_v7()),
                place,
                state: ResultState::Final,
                supersedes: None,
                reason: None,
                result,
            };
            tx.insert_lab_result(report.id, &new, by, at).await?;
        }
        Ok(())
    }
}
