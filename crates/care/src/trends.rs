//! How measurements and results went over time, and how a child grew, ready to be drawn.

use clinical::laboratory::{Mark, TakenAt};
use clinical::observation::{VitalKind, VitalSign};
use clinical::person::{BirthDate, Sex};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prevention::groups::Group;
use prevention::targets::{Target, target};
use results::catalog::Analyte;
use results::comparable::{Reading, reading};
use results::growth::{Measure, Reference, age_in_months, percentile, value_at};
use storage::{DatedResult, Observation};

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
    /// What is measured: the code of a measurement or a LOINC code; empty when it has neither.
    pub code: String,
    /// What treatment aims at.
    pub target: Option<Target>,
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

/// A value that is in the record and in no chart, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataProblem {
    /// When it was measured.
    pub taken: TakenAt,
    /// "Glucosa: 9900 mg/dL".
    pub what: String,
    /// What is wrong with it.
    pub why: String,
}

/// The charts of the vital signs that were measured at least twice. The two pressures share one. What cannot be true is
/// left out: see [`impossible_signs`].
#[must_use]
pub fn vitals(observations: &[Observation], zone: &TimeZone) -> Vec<Trend> {
    let line = |kind: VitalKind, name| TrendLine {
        name,
        code: kind.code().to_owned(),
        target: None,
        points: points_of(observations, kind, zone),
    };
    let trends = VitalKind::ALL.into_iter().filter_map(|kind| {
        let (name, lines) = match kind {
            VitalKind::BpSystolic => {
                let lines = vec![line(kind, "Sistólica"), line(VitalKind::BpDiastolic, "Diastólica")];
                ("Tensión arterial", lines)
            }
            // The height of the uterus is read against the weeks: the course of the pregnancy has it.
            VitalKind::BpDiastolic | VitalKind::FundalHeight => return None,
            _ => (kind.label(), vec![line(kind, "")]),
        };
        Some(Trend { name: name.to_owned(), unit: kind.unit().to_owned(), lines, range: None })
    });
    trends.filter(|trend| trend.lines.iter().any(|line| line.points.len() > 1)).collect()
}

pub(crate) fn points_of(observations: &[Observation], kind: VitalKind, zone: &TimeZone) -> Vec<TrendPoint> {
    let own = observations.iter().filter(|observation| observation.sign.kind == kind);
    let own = own.filter(|observation| VitalSign::new(kind, observation.sign.value).is_ok());
    own.map(|observation| TrendPoint {
        taken: local(observation.taken_at, zone),
        value: observation.sign.value.as_f64(),
        shown: observation.sign.value.to_string(),
        mark: None,
    })
    .collect()
}

fn local(at: Timestamp, zone: &TimeZone) -> TakenAt {
    let local = zone.to_datetime(at);
    TakenAt { day: local.date(), time: Some(local.time()) }
}

/// Measurements that are in no chart because they cannot be true, and pressures that contradict each other.
#[must_use]
pub fn impossible_signs(observations: &[Observation], zone: &TimeZone) -> Vec<DataProblem> {
    let problem = |observation: &Observation, why: String| {
        let taken = local(observation.taken_at, zone);
        DataProblem { taken, what: observation.sign.to_string(), why }
    };
    let mut found: Vec<DataProblem> = Vec::new();
    for observation in observations {
        let sign = observation.sign;
        if VitalSign::new(sign.kind, sign.value).is_err() {
            let (low, high) = sign.kind.possible_range();
            found.push(problem(
                observation,
                format!("Fuera de lo posible, de {low} a {high}. No se grafica."),
            ));
        }
    }
    let systolic = observations.iter().filter(|observation| observation.sign.kind == VitalKind::BpSystolic);
    for high in systolic {
        let low = observations.iter().find(|low| {
            low.sign.kind == VitalKind::BpDiastolic
                && low.taken_at == high.taken_at
                && low.recorded == high.recorded
                && low.sign.value >= high.sign.value
        });
        if let Some(low) = low {
            let why = format!("La diastólica, {}, no es menor. Revise si se invirtieron.", low.sign.value);
            found.push(problem(high, why));
        }
    }
    found
}

/// Analytes a course begins with, in this order; the others follow.
const FIRST: [&str; 8] = ["1558-6", "2345-7", "4548-4", "2160-0", FILTRATION, "14959-1", "2089-1", "13457-7"];
/// LOINC code of the filtration estimated by CKD-EPI 2021.
pub(crate) const FILTRATION: &str = "98979-8";

/// A point, the series it belongs to, and the analyte of the catalogue where it is one.
type LaboratoryPoint = (String, TrendPoint, Option<Analyte>);

/// What a result puts into a chart, or why it is in none; `None` for what is no number.
fn laboratory_point(dated: &DatedResult) -> Option<Result<LaboratoryPoint, DataProblem>> {
    let result = &dated.result;
    let own = |value, shown| TrendPoint { taken: dated.taken, value, shown, mark: result.mark() };
    let written =
        format!("{} {}", result.value, result.unit.as_deref().unwrap_or_default()).trim().to_owned();
    Some(Ok(match reading(result)? {
        Reading::Comparable { analyte, value, converted: true } => {
            let shown = format!("{} ({written})", (value * 100.0).round() / 100.0);
            (analyte.loinc.to_owned(), own(value, shown), Some(analyte))
        }
        Reading::Comparable { analyte, value, .. } => {
            (analyte.loinc.to_owned(), own(value, result.value.to_string()), Some(analyte))
        }
        Reading::Impossible { analyte, range: (low, high) } => {
            let why = format!("Fuera de lo posible, de {low} a {high} {}. No se grafica.", analyte.ucum);
            return Some(Err(DataProblem {
                taken: dated.taken,
                what: format!("{}: {written}", result.analyte),
                why,
            }));
        }
        Reading::OtherUnit(_) | Reading::Unknown => {
            let value = result.value.amount()?.as_f64();
            (result.series(), own(value, result.value.to_string()), None)
        }
    }))
}

/// The charts of the analytes with at least two numbers that can be compared, and the numbers that are in none.
pub(crate) fn laboratory(results: &[DatedResult]) -> (Vec<Trend>, Vec<DataProblem>) {
    let mut trends: Vec<(String, Trend)> = Vec::new();
    let mut problems = Vec::new();
    // Latest first, so that name, unit and range are those of the latest value.
    for dated in results.iter().rev() {
        let (series, point, analyte) = match laboratory_point(dated) {
            None => continue,
            Some(Err(problem)) => {
                problems.push(problem);
                continue;
            }
            Some(Ok(found)) => found,
        };
        if let Some((_, trend)) = trends.iter_mut().find(|(key, _)| *key == series) {
            trend.lines[0].points.push(point);
            continue;
        }
        let converted = point.shown.contains('(');
        let ends = dated.result.range.as_ref().filter(|_| !converted).map(|range| {
            (range.low.map(|bound| bound.at.as_f64()), range.high.map(|bound| bound.at.as_f64()))
        });
        let unit = analyte.filter(|_| converted).map(|analyte| analyte.ucum.to_owned());
        let code = analyte.map(|analyte| analyte.loinc.to_owned()).unwrap_or_default();
        let trend = Trend {
            name: dated.result.analyte.clone(),
            unit: unit.or_else(|| dated.result.unit.clone()).unwrap_or_default(),
            lines: vec![TrendLine { name: "", code, target: None, points: vec![point] }],
            range: ends.filter(|(low, high)| low.is_some() || high.is_some()),
        };
        trends.push((series, trend));
    }
    let mut trends: Vec<Trend> = trends.into_iter().map(|(_, trend)| trend).collect();
    for trend in &mut trends {
        trend.lines[0].points.reverse();
    }
    trends.retain(|trend| trend.lines[0].points.len() > 1);
    (trends, problems)
}

/// The filtration that goes with each creatinine of an adult (CKD-EPI 2021), for a chart of its own.
pub(crate) fn filtration(results: &[DatedResult], birth: BirthDate, sex: Sex) -> Option<Trend> {
    let points = results.iter().filter_map(|dated| {
        let Some(Reading::Comparable { analyte, value, .. }) = reading(&dated.result) else { return None };
        (analyte.loinc == "2160-0" && dated.taken.day >= birth.date()).then_some(())?;
        let age = birth.age_on(dated.taken.day);
        let egfr = drug_safety::ckd_epi_2021(&drug_safety::Patient {
            age_years: Some(f64::from(age.years) + f64::from(age.months) / 12.0),
            sex: Some(sex),
            creatinine_mg_dl: Some(value),
            ..drug_safety::Patient::default()
        })?;
        Some(TrendPoint { taken: dated.taken, value: egfr, shown: format!("{egfr:.0}"), mark: None })
    });
    let points: Vec<TrendPoint> = points.collect();
    (points.len() > 1).then(|| Trend {
        name: "Filtración glomerular estimada (CKD-EPI 2021)".to_owned(),
        unit: "mL/min/1.73 m²".to_owned(),
        lines: vec![TrendLine { name: "", code: FILTRATION.to_owned(), target: None, points }],
        range: None,
    })
}

/// Puts the analytes norms speak of first.
pub(crate) fn in_order(trends: &mut [Trend]) {
    trends.sort_by_key(|trend| {
        let code = trend.lines.first().map_or("", |line| line.code.as_str());
        FIRST.iter().position(|first| *first == code).unwrap_or(FIRST.len())
    });
}

/// Shades what treatment aims at for a patient of these groups.
pub(crate) fn aim(trends: &mut [Trend], groups: &[Group]) {
    for line in trends.iter_mut().flat_map(|trend| &mut trend.lines) {
        line.target = target(&line.code, groups);
    }
}

/// Percentiles that are drawn, with their distance from the median in standard deviations.
const CURVES: [(u8, f64); 5] =
    [(3, -1.880_794), (15, -1.036_433), (50, 0.0), (85, 1.036_433), (97, 1.880_794)];

/// Growth charts of a child; empty for who was never measured below twenty years.
pub(crate) fn growth(
    observations: &[Observation],
    birth: BirthDate,
    sex: Sex,
    zone: &TimeZone,
) -> Vec<Growth> {
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
    fn another_unit_is_converted_and_said_and_neither_words_nor_unknown_units_share_a_line() {
        let results = [
            result("99", "mg/dL", "2026-01-01"),
            result("5.5", "mmol/L", "2026-02-01"),
            result("Hemolizada", "mg/dL", "2026-02-15"),
            result("7", "cruces", "2026-02-16"),
            result("126", "mg/dL", "2026-03-01"),
        ];
        let (trends, problems) = laboratory(&results);
        assert_eq!(problems, []);
        let [glucose] = trends.as_slice() else { panic!("{trends:?}") };
        let shown: Vec<&str> = glucose.lines[0].points.iter().map(|point| point.shown.as_str()).collect();
        assert_eq!(shown, ["99", "99.09 (5.5 mmol/L)", "126"]);
        assert_eq!(glucose.range, Some((Some(70.0), Some(100.0))));
        assert_eq!(glucose.lines[0].points[2].mark, Some(Mark::High));
    }

    #[test]
    fn what_cannot_be_true_is_in_no_chart_and_is_listed() {
        let results = [
            result("99", "mg/dL", "2026-01-01"),
            result("9900", "mg/dL", "2026-02-01"),
            result("126", "mg/dL", "2026-03-01"),
        ];
        let (trends, problems) = laboratory(&results);
        assert_eq!(trends[0].lines[0].points.len(), 2);
        assert_eq!(problems[0].what, "Glucosa: 9900 mg/dL");
        assert!(problems[0].why.contains("de 5 a 3000 mg/dL"), "{}", problems[0].why);
        let mut signs = [
            measured(VitalKind::BpSystolic, "80", "2026-03-09T16:00:00Z"),
            measured(VitalKind::BpDiastolic, "120", "2026-03-09T16:00:00Z"),
            measured(VitalKind::Weight, "70", "2026-03-09T16:00:00Z"),
        ];
        // As an older version or another establishment may have kept it.
        signs[2].sign.value = "7000".parse().unwrap();
        let listed = impossible_signs(&signs, &TimeZone::UTC);
        let whats: Vec<&str> = listed.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(whats, ["Peso 7000 kg", "Tensión arterial sistólica 80 mmHg"]);
        assert!(points_of(&signs, VitalKind::Weight, &TimeZone::UTC).is_empty());
    }

    #[test]
    fn the_filtration_follows_each_creatinine_with_the_age_of_that_day() {
        let creatinine = |value, taken| {
            let mut own = result(value, "mg/dL", taken);
            own.result.analyte = "Creatinina".to_owned();
            own
        };
        let results = [creatinine("1.0", "2006-03-10"), creatinine("1.4", "2026-03-10")];
        let born = BirthDate::from_stored("1966-03-10".parse().unwrap());
        let trend = filtration(&results, born, Sex::Male).unwrap();
        // CKD-EPI 2021 for a man: creatinine 1.0 at 40 years, 1.4 at 60.
        let shown: Vec<&str> = trend.lines[0].points.iter().map(|point| point.shown.as_str()).collect();
        assert_eq!(shown, ["98", "58"]);
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
