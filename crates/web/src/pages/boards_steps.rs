//! The numbers of the practice step by step, as charts over time.

use care::figures::behind::Number;
use care::figures::practice::{FigureRow, Practice, Scope};
use figures::period::{Grain, Step};
use figures::{number, percent};

use super::boards_list::list_of_step;
use super::boards_view::service_name;
use crate::format;
use crate::views::bars::{Columned, Columns};

/// The numbers of each step in order.
fn by_step(steps: &[Step], rows: &[FigureRow], pick: impl Fn(&FigureRow) -> i64) -> Vec<i64> {
    steps.iter().map(|step| rows.iter().filter(|row| row.period == step.key).map(&pick).sum()).collect()
}

/// "9 mar", "mar 2026", "2026".
fn step_label(step: &Step, grain: Grain) -> String {
    match grain {
        Grain::Day => format::day_of_year(step.from),
        Grain::Month => {
            let day = format::day_of_year(step.from);
            format!("{} {}", day.split(' ').next_back().unwrap_or_default(), step.from.year())
        }
        Grain::Year => step.from.year().to_string(),
    }
}

fn unit_of_time(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "Día",
        Grain::Month => "Mes",
        Grain::Year => "Año",
    }
}

/// The steps all charts over time share.
pub(super) struct Drawn<'a> {
    scope: &'a Scope,
    steps: Vec<Step>,
    grain: Grain,
}

impl<'a> Drawn<'a> {
    pub(super) fn of(scope: &'a Scope) -> Self {
        Self { scope, steps: scope.period.steps(), grain: scope.period.grain() }
    }

    /// The lists of steps in which a number counts so many.
    fn lists(&self, number: Number, counts: &[i64]) -> Vec<String> {
        let steps = self.steps.iter().enumerate().zip(counts);
        let list = steps.map(|((index, step), n)| {
            let next = self.steps.get(index + 1).map(|next| next.from);
            list_of_step(self.scope, step.from, next, number, *n)
        });
        list.collect()
    }

    fn columns(
        &self,
        id: &'static str,
        title: String,
        heads: &[&str],
        values: &[i64],
        cells: impl Fn(usize) -> Vec<String>,
    ) -> Columned {
        let named = self.steps.iter().enumerate().map(|(index, step)| {
            (step_label(step, self.grain), values.get(index).copied().unwrap_or(0), cells(index))
        });
        let heads = std::iter::once(unit_of_time(self.grain)).chain(heads.iter().copied());
        Columned {
            id,
            title,
            caption: String::new(),
            steps: named.collect(),
            hrefs: Vec::new(),
            heads: heads.map(str::to_owned).collect(),
            unit: "",
        }
    }

    /// Consultations.
    pub(super) fn visits(&self, practice: &Practice) -> Columns {
        let mut services: Vec<&str> = practice.visits.iter().map(|row| row.item.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        // A practice with very many services still has a table that can be read.
        services.truncate(8);
        let all = by_step(&self.steps, &practice.visits, |row| row.n);
        let each: Vec<Vec<i64>> = services
            .iter()
            .map(|service| {
                let own = |row: &FigureRow| own_count(row, service);
                by_step(&self.steps, &practice.visits, own)
            })
            .collect();
        let names: Vec<&str> = services.iter().map(|name| service_name(name)).collect();
        let heads: Vec<&str> = std::iter::once("Todas").chain(names).collect();
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| {
            std::iter::once(cell(&all, index)).chain(each.iter().map(|values| cell(values, index))).collect()
        };
        let columned = self.columns("c-visitas", "Consultas".to_owned(), &heads, &all, cells);
        Columns::draw(Columned { hrefs: self.lists(Number::Visits, &all), ..columned })
    }

    /// First visits.
    pub(super) fn patients(&self, practice: &Practice) -> Columns {
        let count = |item: &'static str| {
            let own = move |row: &FigureRow| own_count(row, item);
            by_step(&self.steps, &practice.patients, own)
        };
        let (new, returning) = (count("new"), count("returning"));
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| vec![cell(&new, index), cell(&returning, index)];
        let heads = ["Primera vez", "Subsecuentes"];
        let columned = self.columns("c-nuevos", "Pacientes de primera vez".to_owned(), &heads, &new, cells);
        Columns::draw(Columned { hrefs: self.lists(Number::NewPatients, &new), ..columned })
    }

    /// Recetas.
    pub(super) fn recetas(&self, practice: &Practice) -> Columns {
        let count = by_step(&self.steps, &practice.recetas, |row| row.n);
        let lines = by_step(&self.steps, &practice.recetas, |row| row.total);
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| vec![cell(&count, index), cell(&lines, index)];
        let heads = ["Recetas", "Medicamentos"];
        let columned = self.columns("r-recetas", "Recetas firmadas".to_owned(), &heads, &count, cells);
        Columns::draw(Columned { hrefs: self.lists(Number::Recetas, &count), ..columned })
    }

    /// Elements of the norm, of a hundred.
    pub(super) fn norm(&self, practice: &Practice) -> Columns {
        let there = by_step(&self.steps, &practice.norm, |row| row.n);
        let asked = by_step(&self.steps, &practice.norm, |row| row.total);
        let parts: Vec<i64> =
            there.iter().zip(&asked).map(|(there, asked)| percent(*there, *asked).unwrap_or(0)).collect();
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index: usize| {
            let part = asked.get(index).filter(|asked| **asked > 0).and(parts.get(index));
            let part = part.map_or("sin documentos".to_owned(), |part| format!("{part}%"));
            vec![part, cell(&there, index), cell(&asked, index)]
        };
        let heads = ["Cumplimiento", "Elementos presentes", "Elementos que aplican"];
        let title = "Elementos de la NOM-004 presentes, de cada 100".to_owned();
        let columned = self.columns("n-norma", title, &heads, &parts, cells);
        let caption = "Apéndice A de la NOM-004-SSA3-2012 (informativo): cada elemento obligatorio cuenta si está; lo que no aplica no se cuenta.";
        let lacking: Vec<i64> = there.iter().zip(&asked).map(|(there, asked)| asked - there).collect();
        let hrefs = self.lists(Number::Norm, &lacking);
        Columns::draw(Columned { unit: "%", caption: caption.to_owned(), hrefs, ..columned })
    }
}

fn own_count(row: &FigureRow, item: &str) -> i64 {
    if row.item == item { row.n } else { 0 }
}
