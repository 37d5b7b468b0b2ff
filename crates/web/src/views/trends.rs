//! Tendencias: charts drawn here as SVG, each with its title, its description and a table of the same numbers.

use askama::Template;
use askama::filters::HtmlSafe;

use super::laboratory::MarkView;
use super::shell::{PatientBar, Place, Shell};

/// The page of a patient's course.
#[derive(Template)]
#[template(path = "course.html")]
pub struct CoursePage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Periods to choose from: address, words, whether it is the one shown.
    pub periods: Vec<(&'static str, &'static str, bool)>,
    /// Medicines and events on the axis of time; only on the first page.
    pub lanes: Option<LanesView>,
    /// Sections: heading and their charts.
    pub sections: Vec<(&'static str, Vec<ChartView>)>,
    /// Values that are in no chart: when, what and why; only on the first page.
    pub problems: Vec<(String, String, String)>,
    /// How many of them are not listed.
    pub more_problems: usize,
    /// What is lacking and what comes next: what, its state in words, when it was last done, whether it is lacking.
    pub due: Vec<(String, String, Option<String>, bool)>,
    /// What was noted as done: id, what, day, where.
    pub done: Vec<(String, &'static str, String, String)>,
    /// What can be noted: code and words.
    pub acts: Vec<(&'static str, &'static str)>,
    /// Whether the person may write.
    pub writes: bool,
    /// Today, for the form.
    pub today: String,
    /// This page of charts, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// The period in addresses.
    pub period: &'static str,
}

/// The medicines as bars and the events as numbered marks, with their tables.
#[derive(Template)]
#[template(path = "_lanes.html")]
pub struct LanesView {
    /// Height of the drawing.
    pub height: u32,
    /// What a person who does not see it must know.
    pub description: String,
    /// Name of each medicine with the height of its line of text, and its bars.
    pub lanes: Vec<(String, u32, Vec<BarView>)>,
    /// Numbered marks: place and number.
    pub marks: Vec<(String, String)>,
    /// Words below the axis: place and text.
    pub times: Vec<(String, String)>,
    /// Rows of the table: medicine, from, until, how, whether a receta covers it.
    pub rows: Vec<[String; 5]>,
    /// How many medicines are not shown.
    pub more_lanes: usize,
    /// Events: number, day and what.
    pub events: Vec<(usize, String, String)>,
    /// How many events are not shown.
    pub more_events: usize,
}

impl HtmlSafe for LanesView {}

/// One bar of a medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarView {
    /// "firm" or "noted".
    pub class: &'static str,
    /// Left end.
    pub x: String,
    /// Upper end.
    pub y: u32,
    /// Length.
    pub width: String,
}

/// A chart with its table.
#[derive(Template)]
#[template(path = "_trend.html")]
pub struct ChartView {
    /// Unique on the page.
    pub id: String,
    /// "Glucosa, mg/dL".
    pub title: String,
    /// What a person who does not see it must know.
    pub description: String,
    /// A line below the chart.
    pub caption: String,
    /// Horizontal lines: height and number.
    pub levels: Vec<(String, String)>,
    /// Words below the axis: place and text.
    pub times: Vec<(String, String)>,
    /// The shaded range: top and height.
    pub band: Option<(String, String)>,
    /// Ends of what treatment aims at.
    pub goals: Vec<GoalView>,
    /// Events on the axis of time: place and number.
    pub marks: Vec<(String, String)>,
    /// Reference curves: path, name, and where the name stands.
    pub curves: Vec<(String, String, String)>,
    /// Lines of values: class and path.
    pub lines: Vec<(&'static str, String)>,
    /// Values: class and path of their shape.
    pub dots: Vec<(&'static str, String)>,
    /// Headings of the table.
    pub columns: Vec<String>,
    /// Rows of the table: cells, and the mark of the last.
    pub rows: Vec<(Vec<String>, Option<MarkView>)>,
}

impl HtmlSafe for ChartView {}

/// One end of what treatment aims at: a line across the chart with its words, where no value lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalView {
    /// Height of the line.
    pub y: String,
    /// "meta 130".
    pub label: String,
    /// Where the words stand.
    pub x: u32,
    /// Height of the words.
    pub baseline: String,
    /// Which end of them stands there: "start" or "end".
    pub anchor: &'static str,
}

/// A course so small that it stands in a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spark {
    /// Its words for who does not see it.
    pub title: String,
    /// The line.
    pub path: String,
}

/// Where values stand on a chart of fixed size.
pub(crate) struct Plot {
    x: (f64, f64),
    y: (f64, f64),
    area: [f64; 4],
}

/// Width and height of a chart; its margins are for the numbers at the left and the dates below.
const SIZE: (f64, f64) = (420.0, 210.0);
const MARGINS: [f64; 4] = [44.0, 10.0, 14.0, 26.0];

impl Plot {
    /// A chart that holds these values, with a little air above and below.
    pub(crate) fn new(x: (f64, f64), y: (f64, f64)) -> Self {
        let [left, top, right, bottom] = MARGINS;
        let area = [left, top, SIZE.0 - right, SIZE.1 - bottom];
        Self { x: widened(x, 1.0), y: aired(y), area }
    }

    /// A small one for a row of a table.
    pub(crate) fn spark(x: (f64, f64), y: (f64, f64)) -> Self {
        Self { x: widened(x, 1.0), y: aired(y), area: [2.0, 2.0, 70.0, 18.0] }
    }

    pub(crate) fn across(&self, x: f64) -> f64 {
        let [left, _, right, _] = self.area;
        left + (x - self.x.0) / (self.x.1 - self.x.0) * (right - left)
    }

    pub(crate) fn down(&self, y: f64) -> f64 {
        let [_, top, _, bottom] = self.area;
        bottom - (y - self.y.0) / (self.y.1 - self.y.0) * (bottom - top)
    }

    /// A line through points.
    pub(crate) fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points {
            let sign = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!("{sign}{:.1} {:.1}", self.across(x), self.down(y)));
        }
        path
    }

    /// A shape around a value: a circle, or a triangle that points where it leaves the range.
    pub(crate) fn shape(&self, x: f64, y: f64, out: Option<bool>) -> String {
        let (x, y) = (self.across(x), self.down(y));
        match out {
            None => format!("M{:.1} {y:.1}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", x - 3.0),
            Some(true) => format!("M{x:.1} {:.1}l5.5 9.5h-11z", y - 6.0),
            Some(false) => format!("M{x:.1} {:.1}l5.500-9.500h-11z", y + 6.0),
        }
    }

    /// The part of the chart between two values: top and height.
    pub(crate) fn band(&self, low: Option<f64>, high: Option<f64>) -> (String, String) {
        let [_, top, _, bottom] = self.area;
        let from = high.map_or(top, |high| self.down(high).clamp(top, bottom));
        let until = low.map_or(bottom, |low| self.down(low).clamp(top, bottom));
        (format!("{from:.1}"), format!("{:.1}", (until - from).max(0.0)))
    }

    /// Round numbers for the left side, at most six.
    pub(crate) fn levels(&self) -> Vec<(String, String)> {
        let span = self.y.1 - self.y.0;
        let rough = span / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let places = if step >= 1.0 && step.fract() == 0.0 {
            0
        } else if step >= 0.1 {
            1
        } else {
            3
        };
        let mut level = (self.y.0 / step).ceil() * step;
        let mut levels = Vec::new();
        while level <= self.y.1 && levels.len() < 8 {
            levels.push((format!("{:.1}", self.down(level)), format!("{level:.places$}")));
            level += step;
        }
        levels
    }
}

/// A range that is not empty.
fn widened((from, until): (f64, f64), least: f64) -> (f64, f64) {
    if until - from < least { (from - least / 2.0, until + least / 2.0) } else { (from, until) }
}

/// A twelfth more at both ends, not below zero where no value is; values that hardly differ are not blown up.
fn aired((from, until): (f64, f64)) -> (f64, f64) {
    let least = (from.abs() * 0.04).max(0.05);
    let (low, high) = widened((from, until), least);
    let air = (high - low) / 12.0;
    (if from >= 0.0 { (low - air).max(0.0) } else { low - air }, high + air)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_numbers_at_the_side_are_round() {
        let labels =
            |y| Plot::new((0.0, 10.0), y).levels().into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels((72.0, 131.0)), ["80", "100", "120"]);
        assert_eq!(labels((0.8, 1.3)), ["0.8", "1.0", "1.2"]);
        assert!(!labels((5.0, 5.0)).is_empty());
    }

    proptest! {
        #[test]
        fn every_value_lies_inside_its_chart(values in proptest::collection::vec(-1e6_f64..1e6, 1..20)) {
            let least = values.iter().copied().fold(f64::MAX, f64::min);
            let most = values.iter().copied().fold(f64::MIN, f64::max);
            let plot = Plot::new((0.0, 1.0), (least, most));
            for value in values {
                let y = plot.down(value);
                prop_assert!((0.0..=SIZE.1).contains(&y), "{} at {}", value, y);
            }
            prop_assert!(plot.levels().len() <= 8);
        }
    }
}
