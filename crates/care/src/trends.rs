//! How measurements and results went over time, and how a child grew, ready to be drawn.

use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use clinical::laboratory::{Mark, TakenAt};
use clinical::observation::VitalKind;
use clinical::patient::Patient;
use clinical::person::{BirthDate, Sex};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use results::growth::{Measure, Reference, age_in_months, percentile, value_at};
use storage::{DatedResult, Observation};

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// When.
    pub taken: TakenAt,
    /// How much, for drawing.
    pub value: f64,
    /// The same as it is written.
    pub shown: String,
    /// Out of the range that came with it.
    pub mark: Option<Mark>,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendLine {
    /// "Sistólica"; empty when the chart has one line.
    pub name: &'static str,
    /// Oldest first.
    pub points: Vec<TrendPoint>,
}

/// A chart: one quantity, one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// "Peso", "Glucosa".
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// One line, or the two of the blood pressure.
    pub lines: Vec<TrendLine>,
    /// The reference range of the latest value: lower and upper end.
    pub range: Option<(Option<f64>, Option<f64>)>,
}

/// A child's value among those of the same age and sex.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthPoint {
    /// When.
    pub day: Date,
    /// Age in months.
    pub months: f64,
    /// How much.
    pub value: f64,
    /// The percentile, 0 to 100.
    pub percentile: f64,
}

/// A growth chart: the child's points among the reference's curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// What is compared.
    pub measure: Measure,
    /// With whom.
    pub reference: Reference,
    /// Percentile and its curve as age in months and value.
    pub curves: Vec<(u8, Vec<(f64, f64)>)>,
    /// The child, youngest first.
    pub points: Vec<GrowthPoint>,
}

/// Everything that has a course.
#[derive(Debug, Clone)]
pub struct Trends {
    /// Whose.
    pub patient: Patient,
    /// Growth charts of a child.
    pub growth: Vec<Growth>,
    /// Vital signs with at least two values.
    pub vitals: Vec<Trend>,
    /// Numeric analytes with at least two values.
    pub laboratory: Vec<Trend>,
    /// What is known of allergies, for the bar.
    pub allergies: AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// The course of measurements and results of a record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn trends(&self, actor: &Actor, patient: PatientId) -> Result<Trends, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let observations = tx.observations(who.id, Timestamp::UNIX_EPOCH).await?;
        let results = tx.lab_results_that_count(who.id).await?;
        let allergies = tx.summary(who.id).await?.allergy_status();
        tx.append_audit(self.event(actor, AuditAction::Read, "trends", "", Some(who.id))).await?;
        tx.commit().await?;
        let birth = who.birth_date();
        Ok(Trends {
            growth: birth.map(|birth| growth(&observations, birth, who.data.sex, &zone)).unwrap_or_default(),
            vitals: vitals(&observations, &zone),
            laboratory: laboratory(&results),
            patient: who,
            allergies,
            now: self.now(),
            zone,
        })
    }
}

/// The charts of the vital signs that were measured at least twice. The two pressures share one.
#[must_use]
pub fn vitals(observations: &[Observation], zone: &TimeZone) -> Vec<Trend> {
    let line = |kind, name| TrendLine { name, points: points_of(observations, kind, zone) };
    let trends = VitalKind::ALL.into_iter().filter_map(|kind| {
        let (name, lines) = match kind {
            VitalKind::BpSystolic => {
                let lines = vec![line(kind, "Sistólica"), line(VitalKind::BpDiastolic, "Diastólica")];
                ("Tensión arterial", lines)
            }
            VitalKind::BpDiastolic => return None,
            _ => (kind.label(), vec![line(kind, "")]),
        };
        Some(Trend { name: name.to_owned(), unit: kind.unit().to_owned(), lines, range: None })
    });
    trends.filter(|trend| trend.lines.iter().any(|line| line.points.len() > 1)).collect()
}

fn points_of(observations: &[Observation], kind: VitalKind, zone: &TimeZone) -> Vec<TrendPoint> {
    let own = observations.iter().filter(|observation| observation.sign.kind == kind);
    own.map(|observation| {
        let local = zone.to_datetime(observation.taken_at);
        TrendPoint {
            taken: TakenAt { day: local.date(), time: Some(local.time()) },
            value: observation.sign.value.as_f64(),
            shown: observation.sign.value.to_string(),
            mark: None,
        }
    })
    .collect()
}

/// The charts of the analytes with at least two numbers in the same unit, in the order of their latest value.
fn laboratory(results: &[DatedResult]) -> Vec<Trend> {
    let mut trends: Vec<(String, Trend)> = Vec::new();
    // Latest first, so that name, unit and range are those of the latest value.
    for dated in results.iter().rev() {
        let Some(amount) = dated.result.value.amount() else { continue };
        let point = TrendPoint {
            taken: dated.taken,
            value: amount.as_f64(),
            shown: dated.result.value.to_string(),
            mark: dated.result.mark(),
        };
        let series = dated.result.series();
        if let Some((_, trend)) = trends.iter_mut().find(|(key, _)| *key == series) {
            trend.lines[0].points.push(point);
            continue;
        }
        let ends = dated.result.range.as_ref().map(|range| {
            (range.low.map(|bound| bound.at.as_f64()), range.high.map(|bound| bound.at.as_f64()))
        });
        let trend = Trend {
            name: dated.result.analyte.clone(),
            unit: dated.result.unit.clone().unwrap_or_default(),
            lines: vec![TrendLine { name: "", points: vec![point] }],
            range: ends.filter(|(low, high)| low.is_some() || high.is_some()),
        };
        trends.push((series, trend));
    }
    let mut trends: Vec<Trend> = trends.into_iter().map(|(_, trend)| trend).collect();
    for trend in &mut trends {
        trend.lines[0].points.reverse();
    }
    trends.retain(|trend| trend.lines[0].points.len() > 1);
    trends
}

/// Percentiles that are drawn, with their distance from the median in standard deviations.
const CURVES: [(u8, f64); 5] =
    [(3, -1.880_794), (15, -1.036_433), (50, 0.0), (85, 1.036_433), (97, 1.880_794)];

fn growth(observations: &[Observation], birth: BirthDate, sex: Sex, zone: &TimeZone) -> Vec<Growth> {
    let days = |kind| -> Vec<(Date, f64)> {
        let points = points_of(observations, kind, zone);
        points.into_iter().map(|point| (point.taken.day, point.value)).collect()
    };
    let (weights, heights) = (days(VitalKind::Weight), days(VitalKind::Height));
    let heights: Vec<(Date, f64)> = heights.into_iter().map(|(day, metres)| (day, metres * 100.0)).collect();
    let body_mass = weights.iter().filter_map(|(day, weight)| {
        let (_, height) = heights.iter().rev().find(|(other, _)| other == day)?;
        Some((*day, weight / (height / 100.0).powi(2)))
    });
    let body_mass: Vec<(Date, f64)> = body_mass.collect();
    let mut charts = Vec::new();
    for (measure, values) in
        [(Measure::Weight, &weights), (Measure::Height, &heights), (Measure::BodyMass, &body_mass)]
    {
        for reference in [Reference::Who, Reference::Cdc] {
            charts.extend(growth_chart(measure, reference, sex, birth.date(), values));
        }
    }
    charts
}

fn growth_chart(
    measure: Measure,
    reference: Reference,
    sex: Sex,
    birth: Date,
    values: &[(Date, f64)],
) -> Option<Growth> {
    let point = |(day, value): &(Date, f64)| {
        let months = age_in_months(birth, *day);
        (Reference::at(months) == Some(reference)).then_some(())?;
        let percentile = percentile(reference, measure, sex, months, *value)?;
        Some(GrowthPoint { day: *day, months, value: *value, percentile })
    };
    let points: Vec<GrowthPoint> = values.iter().filter_map(point).collect();
    let (first, last) = (points.first()?.months, points.last()?.months);
    // A year around the child's points, within the reference.
    let (least, most) = match reference {
        Reference::Who => (0.0, 60.0),
        Reference::Cdc => (24.0, 240.0),
    };
    let (from, until) = ((first - 6.0).max(least), (last + 6.0).min(most));
    let curve = |z: f64| -> Vec<(f64, f64)> {
        let ages = (0..=40).map(|step| from + (until - from) * f64::from(step) / 40.0);
        ages.filter_map(|months| Some((months, value_at(reference, measure, sex, months, z)?))).collect()
    };
    let curves = CURVES.iter().map(|(percentile, z)| (*percentile, curve(*z))).collect();
    Some(Growth { measure, reference, curves, points })
}

#[cfg(test)]
mod tests {
    use clinical::ids::{EntryId, LabResultId, UserId};
    use clinical::laboratory::{LabResult, LabValue, ReferenceRange};
    use clinical::observation::VitalSign;
    use storage::Recorded;
    use uuid::Uuid;

    use super::*;

    fn measured(kind: VitalKind, value: &str, at: &str) -> Observation {
        let taken_at: Timestamp = at.parse().unwrap();
        Observation {
            id: EntryId(Uuid::now_v7()),
            sign: VitalSign::new(kind, value.parse().unwrap()).unwrap(),
            taken_at,
            recorded: Recorded { by: UserId(Uuid::nil()), at: taken_at, encounter_id: None },
        }
    }

    fn result(value: &str, unit: &str, taken: &str) -> DatedResult {
        DatedResult {
            id: LabResultId(Uuid::now_v7()),
            taken: taken.parse().unwrap(),
            result: LabResult {
                analyte: "Glucosa".to_owned(),
                loinc: None,
                value: LabValue::read(value).unwrap(),
                unit: Some(unit.to_owned()),
                ucum: None,
                range: Some(ReferenceRange::read("70-100")),
                flag: None,
                comment: None,
            },
        }
    }

    #[test]
    fn the_two_pressures_share_a_chart_and_one_value_makes_none() {
        let observations = [
            measured(VitalKind::BpSystolic, "132", "2026-03-09T16:00:00Z"),
            measured(VitalKind::BpDiastolic, "80", "2026-03-09T16:00:00Z"),
            measured(VitalKind::BpSystolic, "128", "2026-06-09T16:00:00Z"),
            measured(VitalKind::Weight, "70", "2026-03-09T16:00:00Z"),
        ];
        let trends = vitals(&observations, &TimeZone::UTC);
        let names: Vec<&str> = trends.iter().map(|trend| trend.name.as_str()).collect();
        assert_eq!(names, ["Tensión arterial"]);
        assert_eq!(trends[0].lines.iter().map(|line| line.points.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn values_in_different_units_or_words_never_share_a_line() {
        let results = [
            result("99", "mg/dL", "2026-01-01"),
            result("5.5", "mmol/L", "2026-02-01"),
            result("Hemolizada", "mg/dL", "2026-02-15"),
            result("126", "mg/dL", "2026-03-01"),
        ];
        let trends = laboratory(&results);
        let [glucose] = trends.as_slice() else { panic!("{trends:?}") };
        let shown: Vec<&str> = glucose.lines[0].points.iter().map(|point| point.shown.as_str()).collect();
        assert_eq!(shown, ["99", "126"]);
        assert_eq!(glucose.range, Some((Some(70.0), Some(100.0))));
        assert_eq!(glucose.lines[0].points[1].mark, Some(Mark::High));
    }

    #[test]
    fn a_child_is_compared_with_its_age_and_an_adult_with_nobody() {
        let observations = [
            measured(VitalKind::Weight, "9.6", "2025-03-09T16:00:00Z"),
            measured(VitalKind::Height, "0.757", "2025-03-09T16:00:00Z"),
        ];
        let born = |day: &str| BirthDate::from_stored(day.parse().unwrap());
        let charts = growth(&observations, born("2024-03-09"), Sex::Male, &TimeZone::UTC);
        assert_eq!(charts.len(), 3, "weight, length, body mass");
        assert!(charts.iter().all(|chart| chart.reference == Reference::Who && chart.curves.len() == 5));
        assert!((charts[0].points[0].percentile - 48.0).abs() < 3.0, "{:?}", charts[0].points);
        assert!(growth(&observations, born("1984-03-09"), Sex::Male, &TimeZone::UTC).is_empty());
        assert!(growth(&observations, born("2024-03-09"), Sex::Undetermined, &TimeZone::UTC).is_empty());
    }
}
