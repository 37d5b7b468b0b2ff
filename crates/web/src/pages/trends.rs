//! The charts of a course: vital signs, results, growth and pregnancy, drawn so that they can also be read.

use care::course::{Course, PregnancyCourse, WeekPoint};
use care::trends::{Growth, Trend, TrendPoint};
use clinical::laboratory::{Mark, TakenAt};
use jiff::civil::Date;
use prevention::targets::{Target, fundal_height};
use results::growth::Measure;

use super::laboratory::mark;
use crate::format;
use crate::views::trends::{ChartView, GoalView, Plot, Spark};

/// Measurements a course begins with; the others come after the laboratory.
const MAIN: [&str; 3] = ["bp_systolic", "weight_kg", "glucose_mg_dl"];
/// Values of one chart: the latest.
const VALUES: usize = 40;

/// The charts of a course with their headings, in the order of the page. All of vital signs and results have the same axis.
pub(super) fn charts(course: &Course) -> Vec<(&'static str, ChartView)> {
    let axis = Axis::of(course);
    let growth = course.growth.iter().map(|growth| ("Crecimiento", growth_view(growth)));
    let pregnancy = course.pregnancy.iter().flat_map(pregnancy_views).map(|chart| ("Embarazo", chart));
    let main = |trend: &&Trend| trend.lines.first().is_some_and(|line| MAIN.contains(&line.code.as_str()));
    let vitals = course.vitals.iter().filter(main).map(|trend| ("Signos vitales", trend_view(trend, &axis)));
    let laboratory = course.laboratory.iter().map(|trend| ("Laboratorio", trend_view(trend, &axis)));
    let others = course.vitals.iter().filter(|trend| !main(trend));
    let others = others.map(|trend| ("Otros signos", trend_view(trend, &axis)));
    let mut charts: Vec<_> = growth.chain(pregnancy).chain(vitals).chain(laboratory).chain(others).collect();
    for (i, (_, chart)) in charts.iter_mut().enumerate() {
        chart.id = format!("g{i}");
    }
    charts
}

/// The axis of time all charts share, with the events marked in it.
pub(super) struct Axis {
    pub(super) ends: (f64, f64),
    pub(super) marks: Vec<(f64, usize)>,
}

impl Axis {
    pub(super) fn of(course: &Course) -> Self {
        let (from, until) = course.window;
        let noon = |day| place(TakenAt { day, time: None });
        let marks = course.events.iter().zip(1..).map(|(event, number)| (noon(event.day), number)).collect();
        // To the end of the last day, so that what was measured in it lies inside.
        Self { ends: (noon(from) - 0.5, noon(until) + 0.5), marks }
    }
}

/// Days and parts of a day, for the place on the axis. A value without hour stands at noon.
pub(super) fn place(taken: TakenAt) -> f64 {
    let day = Date::constant(1970, 1, 1).until(taken.day).map_or(0, |span| span.get_days());
    let minutes = taken.time.map_or(720, |time| i32::from(time.hour()) * 60 + i32::from(time.minute()));
    f64::from(day) + f64::from(minutes) / 1440.0
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// "9 mar 2026, 07:40".
pub(super) fn when(taken: TakenAt) -> String {
    let day = format!("{} {}", format::day_of_year(taken.day), taken.day.year());
    taken.time.map_or(day.clone(), |time| format!("{day}, {:02}:{:02}", time.hour(), time.minute()))
}

fn is_high(mark: Mark) -> bool {
    matches!(mark, Mark::High | Mark::CriticalHigh | Mark::Abnormal)
}

fn trend_view(trend: &Trend, axis: &Axis) -> ChartView {
    let lines: Vec<(&'static str, &[TrendPoint])> = trend
        .lines
        .iter()
        .map(|line| {
            (line.name, line.points.get(line.points.len().saturating_sub(VALUES)..).unwrap_or_default())
        })
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points.iter());
    let targets: Vec<Target> = trend.lines.iter().filter_map(|line| line.target).collect();
    let shaded = shaded(trend, &targets);
    let range = shaded.unwrap_or_default();
    let aims = targets.iter().flat_map(|target| target.low.into_iter().chain(target.high));
    let y = ends(all().map(|point| point.value).chain(range.0).chain(range.1).chain(aims));
    let plot = Plot::new(axis.ends, y);
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
        caption: caption(trend, &lines, &targets),
        levels: plot.levels(),
        times: times(&plot, axis.ends),
        band: shaded.map(|(low, high)| plot.band(low, high)),
        goals: goals(&plot, &targets, &lines),
        marks: marks(&plot, axis),
        curves: Vec::new(),
        lines: drawn.collect(),
        dots: dots.collect(),
        columns: vec!["Fecha".to_owned(), title.clone()],
        rows: rows(&lines),
        title,
    }
}

/// The band of a chart: what treatment aims at, else the reference of the latest result. The two pressures have a line each
/// instead: a band for one would lie under the other.
fn shaded(trend: &Trend, targets: &[Target]) -> Option<(Option<f64>, Option<f64>)> {
    match targets {
        [] => trend.range,
        [one] => Some((one.low, one.high)),
        _ => None,
    }
}

fn goals(plot: &Plot, targets: &[Target], lines: &[(&'static str, &[TrendPoint])]) -> Vec<GoalView> {
    let ends = targets.iter().flat_map(|target| target.low.into_iter().chain(target.high));
    let goal = |end: f64| {
        let (y, label) = (plot.down(end), format!("meta {end}"));
        let (x, anchor, baseline) = free_place(plot, y, &label, lines);
        GoalView { y: format!("{y:.1}"), label, x, baseline: format!("{baseline:.1}"), anchor }
    };
    ends.map(goal).collect()
}

/// Where words beside a horizontal line cross no line of values: at its right or left end, above or below it.
fn free_place(
    plot: &Plot,
    y: f64,
    label: &str,
    lines: &[(&'static str, &[TrendPoint])],
) -> (u32, &'static str, f64) {
    const PLACES: [(u32, &str, f64); 4] =
        [(404, "end", -3.0), (404, "end", 12.0), (48, "start", -3.0), (48, "start", 12.0)];
    // Letters of eleven on the chart's own measure, and fifteen on a phone.
    #[expect(clippy::cast_precision_loss, reason = "a few letters")]
    let width = label.chars().count() as f64 * 8.0;
    let at = |point: &TrendPoint| (plot.across(place(point.taken)), plot.down(point.value));
    let covered = |(x, anchor, offset): (u32, &str, f64)| {
        let left = if anchor == "end" { f64::from(x) - width } else { f64::from(x) };
        let (low, high) = (y + offset + 5.0, y + offset - 15.0);
        lines.iter().any(|(_, points)| {
            points.windows(2).any(|two| crosses(at(&two[0]), at(&two[1]), (left, left + width), (high, low)))
        })
    };
    let (x, anchor, offset) = PLACES.into_iter().find(|place| !covered(*place)).unwrap_or(PLACES[0]);
    (x, anchor, y + offset)
}

/// Whether the way between two points goes through a box.
fn crosses(
    (ax, ay): (f64, f64),
    (bx, by): (f64, f64),
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> bool {
    (0..=24).map(f64::from).any(|step| {
        let (x, y) = (ax + (bx - ax) * step / 24.0, ay + (by - ay) * step / 24.0);
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    })
}

/// The marks of events; those that would lie on each other are one, "3-5".
pub(super) fn marks(plot: &Plot, axis: &Axis) -> Vec<(String, String)> {
    const APART: f64 = 22.0;
    let mut marks: Vec<(f64, usize, usize)> = Vec::new();
    for (x, number) in &axis.marks {
        let x = plot.across(*x);
        match marks.last_mut().filter(|(last, ..)| x - *last < APART) {
            Some((_, _, until)) => *until = *number,
            None => marks.push((x, *number, *number)),
        }
    }
    let label =
        |first: usize, last: usize| if first == last { first.to_string() } else { format!("{first}-{last}") };
    marks.into_iter().map(|(x, first, last)| (format!("{x:.1}"), label(first, last))).collect()
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

fn caption(trend: &Trend, lines: &[(&'static str, &[TrendPoint])], targets: &[Target]) -> String {
    let mut said = Vec::new();
    if lines.len() > 1 {
        said.push("Línea continua: sistólica; punteada: diastólica.".to_owned());
    }
    match targets {
        [] if trend.range.is_some() => said.push("Sombreado: referencia del último resultado.".to_owned()),
        [] => {}
        [one] => {
            said.push(format!("Sombreado: meta, {} ({}). Por revisar por un médico.", one.words, one.source));
        }
        [first, rest @ ..] => {
            let words: Vec<&str> = std::iter::once(first).chain(rest).map(|target| target.words).collect();
            said.push(format!("Meta: {} ({}). Por revisar por un médico.", words.join(" y "), first.source));
        }
    }
    if trend.lines.iter().any(|line| line.points.iter().any(|point| point.mark.is_some())) {
        said.push("Triángulo: fuera de la referencia de su resultado.".to_owned());
    }
    if trend.lines.iter().any(|line| line.points.iter().any(|point| point.shown.contains('('))) {
        said.push("Convertido de otra unidad; entre paréntesis, como vino.".to_owned());
    }
    if trend.lines.iter().any(|line| line.points.len() > VALUES) {
        said.push(format!("Los últimos {VALUES} valores."));
    }
    said.join(" ")
}

/// Four dates along the axis; only the first and last of a short one.
pub(super) fn times(plot: &Plot, (from, until): (f64, f64)) -> Vec<(String, String)> {
    let parts = if until - from < 3.0 { 1 } else { 3 };
    (0..=parts)
        .filter_map(|part| {
            let at = from + (until - from) * f64::from(part) / f64::from(parts);
            #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
            let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(at as i64)).ok()?;
            // Over years the month says enough, and four of them stand side by side on a phone.
            let label = match until - from {
                days if days > 300.0 => format!("{} {}", month(day), day.year()),
                _ => format::day_of_year(day),
            };
            Some((format!("{:.1}", plot.across(at)), label))
        })
        .collect()
}

/// "mar", of "9 mar".
fn month(day: Date) -> String {
    format::day_of_year(day).split(' ').nth(1).unwrap_or_default().to_owned()
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
        goals: Vec::new(),
        marks: Vec::new(),
        curves: named.collect(),
        lines: vec![("first", plot.path(points.iter().map(|point| (point.months, point.value))))],
        dots: points.iter().map(|point| ("first", plot.shape(point.months, point.value, None))).collect(),
        columns: ["Fecha", "Edad", unit, "Percentil"].map(str::to_owned).to_vec(),
        rows: points.iter().rev().take(VALUES).map(row).collect(),
        title,
    }
}

/// The height of the uterus and the weight by weeks of pregnancy.
fn pregnancy_views(course: &PregnancyCourse) -> Vec<ChartView> {
    let weeks = |from: i32, until: i32| (from..=until).map(f64::from);
    let bounds = |upper: bool| -> Vec<(f64, f64)> {
        let both = weeks(20, 36).filter_map(|week| Some((week, fundal_height(week)?)));
        both.map(|(week, (low, high))| (week, if upper { high } else { low })).collect()
    };
    let mut charts = Vec::new();
    if !course.fundal.is_empty() {
        let curves = [bounds(false), bounds(true)];
        let caption = "Líneas cortadas: tantos centímetros como semanas, 3 más o menos, de la 20 a la 36 \
                       (regla de McDonald). Por revisar por un obstetra.";
        charts.push(week_view("Fondo uterino", "cm", &course.fundal, &curves, caption));
    }
    if course.weight.len() > 1 {
        let gained = |points: &[WeekPoint]| Some(points.last()?.point.value - points.first()?.point.value);
        let caption =
            gained(&course.weight).map(|kilograms| format!("Desde el primer peso: {kilograms:+.1} kg."));
        charts.push(week_view(
            "Peso en el embarazo",
            "kg",
            &course.weight,
            &[],
            &caption.unwrap_or_default(),
        ));
    }
    charts
}

fn week_view(
    name: &str,
    unit: &str,
    points: &[WeekPoint],
    curves: &[Vec<(f64, f64)>],
    caption: &str,
) -> ChartView {
    let values = points.iter().map(|own| own.point.value);
    let y = ends(values.chain(curves.iter().flatten().map(|(_, value)| *value)));
    let x = if curves.is_empty() {
        ends(points.iter().map(|own| own.weeks))
    } else {
        let (first, last) = ends(points.iter().map(|own| own.weeks));
        (first.min(18.0), last.max(40.0))
    };
    let plot = Plot::new(x, y);
    let line = |points: &[(f64, f64)]| plot.path(points.iter().copied());
    let week = |weeks: f64| format!("{weeks:.0} sem");
    let title = format!("{name}, {unit}");
    let own: Vec<(f64, f64)> = points.iter().map(|own| (own.weeks, own.point.value)).collect();
    let said = points
        .last()
        .map(|own| format!("{} {unit} a las {:.0} semanas.", own.point.shown, own.weeks.floor()));
    let row = |own: &WeekPoint| {
        let cells = vec![when(own.point.taken), format!("{:.0}", own.weeks.floor()), own.point.shown.clone()];
        (cells, None)
    };
    ChartView {
        id: String::new(),
        description: format!(
            "{name}, {} valores. El último: {} La tabla trae los mismos números.",
            points.len(),
            said.unwrap_or_default()
        ),
        caption: caption.to_owned(),
        levels: plot.levels(),
        times: [x.0, f64::midpoint(x.0, x.1), x.1]
            .iter()
            .map(|weeks| (format!("{:.1}", plot.across(*weeks)), week(*weeks)))
            .collect(),
        band: None,
        goals: Vec::new(),
        marks: Vec::new(),
        curves: curves
            .iter()
            .map(|curve| {
                let end = curve.last().map_or(0.0, |(_, value)| plot.down(*value));
                (line(curve), String::new(), format!("{end:.1}"))
            })
            .collect(),
        lines: vec![("first", line(&own))],
        dots: own.iter().map(|(weeks, value)| ("first", plot.shape(*weeks, *value, None))).collect(),
        columns: ["Fecha", "Semanas", unit].map(str::to_owned).to_vec(),
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_words_of_a_goal_stand_where_no_value_lies() {
        let point = |day: i8, value: f64| TrendPoint {
            taken: TakenAt { day: date(2026, 3, day), time: None },
            value,
            shown: value.to_string(),
            mark: None,
        };
        let stands = |values: [f64; 3]| {
            let points = [point(1, values[0]), point(15, values[1]), point(29, values[2])];
            let lines = [("", points.as_slice())];
            let plot = Plot::new((place(points[0].taken), place(points[2].taken)), (80.0, 180.0));
            let y = plot.down(130.0);
            let (_, anchor, baseline) = free_place(&plot, y, "meta 130", &lines);
            (anchor, baseline < y)
        };
        assert_eq!(stands([160.0, 160.0, 160.0]), ("end", true), "far from all values");
        assert_eq!(stands([160.0, 150.0, 133.0]), ("end", false), "values end just above the goal");
        assert_eq!(stands([170.0, 170.0, 120.0]), ("start", true), "values fall through the goal at the end");
    }
}
