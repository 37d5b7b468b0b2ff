//! Charts of counts, drawn here as SVG: columns over time, and bars that rank. Each comes with its table of the same
//! numbers; one measure and one colour, so that nothing rests on telling colours apart.

use askama::Template;
use askama::filters::HtmlSafe;
use figures::number;

/// Width and height of a chart of columns.
const SIZE: (f64, f64) = (420.0, 190.0);
/// Left, top, right and bottom of what is drawn.
const AREA: [f64; 4] = [44.0, 18.0, 412.0, 164.0];

/// Columns over the steps of a period, with their table.
#[derive(Debug, Clone, Template)]
#[template(path = "_columns.html")]
pub struct Columns {
    /// Unique on the page.
    pub id: String,
    /// "Consultas por día".
    pub title: String,
    /// What a person who does not see it must know.
    pub description: String,
    /// A line below the chart; may be empty.
    pub caption: String,
    /// Horizontal lines: height and number.
    pub levels: Vec<(String, String)>,
    /// Words below: place, which end of the text stands there, text.
    pub labels: Vec<(String, &'static str, String)>,
    /// One path with all columns.
    pub path: String,
    /// The highest one said beside it: place, height, number.
    pub peak: Option<(String, String, String)>,
    /// Headings of the table.
    pub heads: Vec<String>,
    /// Its rows, each with where its list is; empty without.
    pub rows: Vec<(String, Vec<String>)>,
}

impl HtmlSafe for Columns {}

/// What a chart of columns is made of.
#[derive(Debug, Clone)]
pub struct Columned {
    /// Unique on the page.
    pub id: &'static str,
    /// "Consultas por día".
    pub title: String,
    /// A line below the chart.
    pub caption: String,
    /// Each step: short label, value, and what the table says of it after the label.
    pub steps: Vec<(String, i64, Vec<String>)>,
    /// Where the list of each step is; empty without, none for a chart without lists.
    pub hrefs: Vec<String>,
    /// Headings of the table.
    pub heads: Vec<String>,
    /// What stands behind a number: "", "%".
    pub unit: &'static str,
}

impl Columns {
    /// Draws them from zero up.
    #[must_use]
    pub fn draw(from: Columned) -> Self {
        let [left, top, right, bottom] = AREA;
        let values: Vec<i64> = from.steps.iter().map(|(_, value, _)| *value).collect();
        let most = values.iter().copied().max().unwrap_or(0).max(1);
        let (step, ceiling) = scale(most);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let height = |value: i64| (bottom - top) * value as f64 / ceiling as f64;
        #[expect(clippy::cast_precision_loss, reason = "at most 121 steps")]
        let width = (right - left) / values.len().max(1) as f64;
        let place = |index: usize| {
            #[expect(clippy::cast_precision_loss, reason = "at most 121 steps")]
            let index = index as f64;
            left + width * index
        };
        let gap = (width * 0.18).min(4.0);
        let mut path = String::new();
        for (index, value) in values.iter().enumerate().filter(|(_, value)| **value > 0) {
            let h = height(*value).max(1.0);
            let (x, w) = (place(index) + gap / 2.0, width - gap);
            path.push_str(&format!("M{x:.1} {bottom:.1}v-{h:.1}h{w:.1}v{h:.1}z"));
        }
        let peak =
            values.iter().enumerate().max_by_key(|(_, value)| **value).filter(|(_, value)| **value > 0);
        let peak = peak.map(|(index, value)| {
            let x = (place(index) + width / 2.0).clamp(left + 12.0, right - 12.0);
            let number = format!("{}{}", number(*value), from.unit);
            (format!("{x:.1}"), format!("{:.1}", bottom - height(*value) - 4.0), number)
        });
        let levels = (0..).map(|n| n * step).take_while(|level| *level <= ceiling);
        let levels = levels.map(|level| (format!("{:.1}", bottom - height(level)), number(level)));
        Self {
            description: described(&from),
            levels: levels.collect(),
            labels: labels(&from.steps, |index| place(index) + width / 2.0),
            path,
            peak,
            id: from.id.to_owned(),
            title: from.title,
            caption: from.caption,
            heads: from.heads,
            rows: from
                .steps
                .into_iter()
                .zip(from.hrefs.into_iter().chain(std::iter::repeat(String::new())))
                .map(|((label, _, cells), href)| (href, std::iter::once(label).chain(cells).collect()))
                .collect(),
        }
    }

    /// The size of the drawing, for its template.
    pub(crate) fn view_box(&self) -> String {
        format!("0 0 {} {}", SIZE.0, SIZE.1)
    }
}

/// The distance of the lines at the side, a round number, and the highest of them.
fn scale(most: i64) -> (i64, i64) {
    let mut power = 1;
    while power * 50 < most {
        power *= 10;
    }
    let step = [1, 2, 5, 10, 20].into_iter().map(|n| n * power).find(|step| step * 4 >= most);
    let step = step.unwrap_or(most).max(1);
    (step, (most + step - 1) / step * step)
}

fn described(from: &Columned) -> String {
    let filled: Vec<_> = from.steps.iter().filter(|(_, value, _)| *value > 0).collect();
    let (Some(first), Some(last)) = (from.steps.first(), from.steps.last()) else {
        return format!("{}: sin datos.", from.title);
    };
    let Some((when, most, _)) = filled.iter().max_by_key(|(_, value, _)| *value) else {
        return format!("{}: nada de {} a {}.", from.title, first.0, last.0);
    };
    format!(
        "{}, de {} a {}: lo más alto, {}{} en {}. La tabla trae los mismos números.",
        from.title,
        first.0,
        last.0,
        number(*most),
        from.unit,
        when
    )
}

/// At most five words below the columns, the first and the last among them.
fn labels(
    steps: &[(String, i64, Vec<String>)],
    place: impl Fn(usize) -> f64,
) -> Vec<(String, &'static str, String)> {
    let last = steps.len().saturating_sub(1);
    let parts = last.clamp(1, 4);
    let mut shown: Vec<usize> = (0..=parts).map(|part| last * part / parts).collect();
    shown.dedup();
    shown
        .into_iter()
        .filter_map(|index| {
            let (label, ..) = steps.get(index)?;
            let anchor = match index {
                _ if last == 0 => "middle",
                0 => "start",
                index if index == last => "end",
                _ => "middle",
            };
            let x = match anchor {
                "start" => AREA[0],
                "end" => AREA[2],
                _ => place(index),
            };
            Some((format!("{x:.1}"), anchor, label.clone()))
        })
        .collect()
}

/// Bars that rank, in a table that needs no picture to be read.
#[derive(Debug, Clone, Template)]
#[template(path = "_ranks.html")]
pub struct Ranks {
    /// Unique on the page.
    pub id: &'static str,
    /// "Diagnósticos por capítulo".
    pub title: String,
    /// A line below; may be empty.
    pub caption: String,
    /// Headings: of what is ranked, and of the number.
    pub heads: (&'static str, &'static str),
    /// The rows.
    pub rows: Vec<Rank>,
}

impl HtmlSafe for Ranks {}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// What it is of.
    pub label: String,
    /// Where its records or parts are; empty without.
    pub link: String,
    /// The number in words.
    pub value: String,
    /// Its length, of 100.
    pub length: i64,
}

impl Rank {
    /// Bars of counts, each as long as its part of the greatest.
    #[must_use]
    pub fn of(counts: impl IntoIterator<Item = (String, String, i64)>) -> Vec<Self> {
        let counts: Vec<_> = counts.into_iter().collect();
        let most = counts.iter().map(|(_, _, n)| *n).max().unwrap_or(0).max(1);
        let bar = |(label, link, n): (String, String, i64)| Self {
            label,
            link,
            value: number(n),
            length: n * 100 / most,
        };
        counts.into_iter().map(bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columned(values: &[i64]) -> Columned {
        Columned {
            id: "c",
            title: "Consultas".to_owned(),
            caption: String::new(),
            steps: values.iter().enumerate().map(|(n, v)| (n.to_string(), *v, vec![v.to_string()])).collect(),
            hrefs: Vec::new(),
            heads: vec!["Día".to_owned(), "Consultas".to_owned()],
            unit: "",
        }
    }

    #[test]
    fn the_lines_at_the_side_are_round_and_hold_the_highest_column() {
        assert_eq!(scale(1), (1, 1));
        assert_eq!(scale(7), (2, 8));
        assert_eq!(scale(100), (50, 100));
        assert_eq!(scale(1_234), (500, 1_500));
    }

    #[test]
    fn a_chart_without_anything_says_so() {
        assert!(Columns::draw(columned(&[])).description.contains("sin datos"));
        let nothing = Columns::draw(columned(&[0, 0]));
        assert!(nothing.description.contains("nada") && nothing.path.is_empty() && nothing.peak.is_none());
    }

    proptest! {
        #[test]
        fn every_column_stays_inside_the_chart(values in proptest::collection::vec(0_i64..2_000_000, 1..121)) {
            let most = values.iter().copied().max().unwrap_or_default();
            let (step, ceiling) = scale(most.max(1));
            prop_assert!(ceiling >= most && ceiling / step <= 6, "{} {} {}", most, step, ceiling);
            let chart = Columns::draw(columned(&values));
            prop_assert!(chart.labels.len() <= 5 && chart.rows.len() == values.len());
            for height in chart.path.split("v-").skip(1).filter_map(|part| part.split('h').next()) {
                let height: f64 = height.parse().unwrap();
                prop_assert!(height <= AREA[3] - AREA[1] + 0.1, "{}", height);
            }
        }
    }
}
