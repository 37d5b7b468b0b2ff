//! Tendencias: how vital signs, results and growth went, drawn as charts that can also be read.

use axum::extract::{Path, Query, State};
use care::trends::{Growth, Trend, TrendPoint, Trends};
use clinical::laboratory::{Mark, TakenAt};
use jiff::civil::Date;
use results::growth::Measure;

use super::laboratory::mark;
use super::patients::patient_id;
use super::{Answer, ListQuery, patient_bar, render, shell};
use crate::session::SignedIn;
use crate::views::shell::{Extra, Place};
use crate::views::trends::{ChartView, Plot, Spark, TrendsPage};
use crate::{App, format};

/// Charts on one page.
const CHARTS: usize = 8;
/// Values of one chart: the latest.
const VALUES: usize = 40;

/// `GET /pacientes/{id}/tendencias`.
pub(crate) async fn trends(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let trends = app.care.trends(&user.actor, patient_id(&id)?).await?;
    let charts = charts(&trends);
    let pages = charts.len().div_ceil(CHARTS).max(1);
    let page = (query.page() as usize).min(pages - 1);
    let mut sections: Vec<(&'static str, Vec<ChartView>)> = Vec::new();
    for (heading, chart) in charts.into_iter().skip(page * CHARTS).take(CHARTS) {
        match sections.last_mut().filter(|(last, _)| *last == heading) {
            Some((_, charts)) => charts.push(chart),
            None => sections.push((heading, vec![chart])),
        }
    }
    Ok(render(&TrendsPage {
        shell: shell(&user.actor, Place::Patients),
        patient: patient_bar(
            &user.actor,
            &trends.patient,
            &trends.allergies,
            trends.now,
            &trends.zone,
            Extra::Nothing,
        ),
        sections,
        page: page + 1,
        pages,
    })?)
}

fn charts(trends: &Trends) -> Vec<(&'static str, ChartView)> {
    let growth = trends.growth.iter().map(|growth| ("Crecimiento", growth_view(growth)));
    let vitals = trends.vitals.iter().map(|trend| ("Signos vitales", trend_view(trend)));
    let laboratory = trends.laboratory.iter().map(|trend| ("Laboratorio", trend_view(trend)));
    let mut charts: Vec<_> = growth.chain(vitals).chain(laboratory).collect();
    for (i, (_, chart)) in charts.iter_mut().enumerate() {
        chart.id = format!("g{i}");
    }
    charts
}

/// Days and parts of a day, for the place on the axis. A value without hour stands at noon.
fn place(taken: TakenAt) -> f64 {
    let day = Date::constant(1970, 1, 1).until(taken.day).map_or(0, |span| span.get_days());
    let minutes = taken.time.map_or(720, |time| i32::from(time.hour()) * 60 + i32::from(time.minute()));
    f64::from(day) + f64::from(minutes) / 1440.0
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// "9 mar 2026, 07:40".
fn when(taken: TakenAt) -> String {
    let day = format!("{} {}", format::day_of_year(taken.day), taken.day.year());
    taken.time.map_or(day.clone(), |time| format!("{day}, {:02}:{:02}", time.hour(), time.minute()))
}

fn is_high(mark: Mark) -> bool {
    matches!(mark, Mark::High | Mark::CriticalHigh | Mark::Abnormal)
}

fn trend_view(trend: &Trend) -> ChartView {
    let lines: Vec<(&'static str, &[TrendPoint])> = trend
        .lines
        .iter()
        .map(|line| {
            (line.name, line.points.get(line.points.len().saturating_sub(VALUES)..).unwrap_or_default())
        })
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points.iter());
    let x = ends(all().map(|point| place(point.taken)));
    let range = trend.range.unwrap_or_default();
    let y = ends(all().map(|point| point.value).chain(range.0).chain(range.1));
    let plot = Plot::new(x, y);
    let classes = ["first", "second"];
    let drawn = lines.iter().zip(classes).map(|((_, points), class)| {
        (class, plot.path(points.iter().map(|point| (place(point.taken), point.value))))
    });
    let dots = lines.iter().zip(classes).flat_map(|((_, points), class)| {
        let plot = &plot;
        points.iter().map(move |point| {
            let class = if point.mark.is_some() { "out" } else { class };
            (class, plot.shape(place(point.taken), point.value, point.mark.map(is_high)))
        })
    });
    let title = format!("{}, {}", trend.name, trend.unit).trim_end_matches([',', ' ']).to_owned();
    ChartView {
        id: String::new(),
        description: description(trend, &lines),
        caption: caption(trend, &lines),
        levels: plot.levels(),
        times: times(&plot, x),
        band: trend.range.map(|(low, high)| plot.band(low, high)),
        curves: Vec::new(),
        lines: drawn.collect(),
        dots: dots.collect(),
        columns: vec!["Fecha".to_owned(), title.clone()],
        rows: rows(&lines),
        title,
    }
}

/// Latest first; the two pressures of one moment in one row.
fn rows(
    lines: &[(&'static str, &[TrendPoint])],
) -> Vec<(Vec<String>, Option<crate::views::laboratory::MarkView>)> {
    let [(_, first), rest @ ..] = lines else { return Vec::new() };
    let second = rest.first().map(|(_, points)| *points).unwrap_or_default();
    let row = |point: &TrendPoint| {
        let other = second.iter().find(|other| other.taken == point.taken);
        let shown = other.map_or(point.shown.clone(), |other| format!("{}/{}", point.shown, other.shown));
        (vec![when(point.taken), shown], point.mark.map(mark))
    };
    first.iter().rev().map(row).collect()
}

fn description(trend: &Trend, lines: &[(&'static str, &[TrendPoint])]) -> String {
    let said = lines.iter().filter_map(|(name, points)| {
        let (first, last) = (points.first()?, points.last()?);
        let out = points.iter().filter(|point| point.mark.is_some()).count();
        let mut said = format!(
            "{name} {} valores: {} el {}, {} el {}",
            points.len(),
            first.shown,
            when(first.taken),
            last.shown,
            when(last.taken)
        );
        if out > 0 {
            said.push_str(&format!("; {out} fuera de rango"));
        }
        Some(said.trim().to_owned())
    });
    format!("{}. {}. La tabla trae los mismos números.", trend.name, said.collect::<Vec<_>>().join(". "))
}

fn caption(trend: &Trend, lines: &[(&'static str, &[TrendPoint])]) -> String {
    let mut said = Vec::new();
    if lines.len() > 1 {
        said.push("Línea continua: sistólica; punteada: diastólica.".to_owned());
    }
    if trend.range.is_some() {
        said.push(
            "Sombreado: referencia del último resultado. Triángulo: fuera de su referencia.".to_owned(),
        );
    }
    if trend.lines.iter().any(|line| line.points.len() > VALUES) {
        said.push(format!("Los últimos {VALUES} valores."));
    }
    said.join(" ")
}

/// Four dates along the axis; only the first and last of a short one.
fn times(plot: &Plot, (from, until): (f64, f64)) -> Vec<(String, String)> {
    let parts = if until - from < 3.0 { 1 } else { 3 };
    (0..=parts)
        .filter_map(|part| {
            let at = from + (until - from) * f64::from(part) / f64::from(parts);
            #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
            let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(at as i64)).ok()?;
            let label = format::day_of_year(day);
            let label = if until - from > 300.0 { format!("{label} {}", day.year()) } else { label };
            Some((format!("{:.1}", plot.across(at)), label))
        })
        .collect()
}

fn growth_view(growth: &Growth) -> ChartView {
    let (name, unit) = match growth.measure {
        Measure::Weight => ("Peso para la edad", "kg"),
        Measure::Height => ("Talla para la edad", "cm"),
        Measure::BodyMass => ("Índice de masa corporal", "kg/m²"),
    };
    let points = &growth.points;
    let curves = || growth.curves.iter().flat_map(|(_, curve)| curve.iter());
    let x = ends(curves().map(|(months, _)| *months));
    let y = ends(curves().map(|(_, value)| *value).chain(points.iter().map(|point| point.value)));
    let plot = Plot::new(x, y);
    let named = growth.curves.iter().map(|(percentile, curve)| {
        let end = curve.last().map_or(0.0, |(_, value)| plot.down(*value));
        (plot.path(curve.iter().copied()), percentile.to_string(), format!("{end:.1}"))
    });
    let title = format!("{name}, {unit}");
    let row = |point: &care::trends::GrowthPoint| {
        let day = format!("{} {}", format::day_of_year(point.day), point.day.year());
        (vec![day, age(point.months), format!("{:.1}", point.value), percentile(point.percentile)], None)
    };
    let last = points.last().map(|point| {
        format!(
            "El último valor, a los {}, está en el percentil {}.",
            age(point.months),
            percentile(point.percentile)
        )
    });
    let ages = [x.0, f64::midpoint(x.0, x.1), x.1];
    ChartView {
        id: String::new(),
        description: format!("{name}. {} La tabla trae los mismos números.", last.unwrap_or_default()),
        caption: format!(
            "Percentiles 3, 15, 50, 85 y 97: {}. Por revisar por un pediatra.",
            growth.reference.label()
        ),
        levels: plot.levels(),
        times: ages.iter().map(|months| (format!("{:.1}", plot.across(*months)), age(*months))).collect(),
        band: None,
        curves: named.collect(),
        lines: vec![("first", plot.path(points.iter().map(|point| (point.months, point.value))))],
        dots: points.iter().map(|point| ("first", plot.shape(point.months, point.value, None))).collect(),
        columns: ["Fecha", "Edad", unit, "Percentil"].map(str::to_owned).to_vec(),
        rows: points.iter().rev().take(VALUES).map(row).collect(),
        title,
    }
}

/// "14 meses", "6 años 3 meses".
fn age(months: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "below 240")]
    let months = months.floor() as i64;
    match (months / 12, months % 12) {
        (0 | 1, _) => format!("{months} meses"),
        (years, 0) => format!("{years} años"),
        (years, rest) => format!("{years} años {rest} m"),
    }
}

/// "48", "< 1", "> 99".
fn percentile(value: f64) -> String {
    if value < 1.0 {
        "< 1".to_owned()
    } else if value > 99.0 {
        "> 99".to_owned()
    } else {
        format!("{value:.0}")
    }
}

/// The course of a vital sign for the summary of a record, when there are two values.
pub(super) fn spark(trend: &Trend) -> Option<Spark> {
    let points = &trend.lines.first()?.points;
    let points = points.get(points.len().saturating_sub(VALUES)..).unwrap_or(points);
    let (first, last) = (points.first()?, points.last().filter(|_| points.len() > 1)?);
    let plot = Plot::spark(
        ends(points.iter().map(|point| place(point.taken))),
        ends(points.iter().map(|point| point.value)),
    );
    Some(Spark {
        title: format!("{}: de {} a {} {}", trend.name, first.shown, last.shown, trend.unit),
        path: plot.path(points.iter().map(|point| (place(point.taken), point.value))),
    })
}
