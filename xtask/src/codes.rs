//! `cargo xtask codes`: the tables of `catalogs/icd11` against WHO's release in `../shared`: every code is in it, every title
//! is WHO's, letter by letter.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context as _, Result};

/// WHO's columns of the release, beside the repository.
const RELEASE: &str = "../shared/data/icd11/icd11_mms_2024-01_es_en.tsv";
/// The least number of codes of the core.
const LEAST: usize = 1500;
/// A code of the release.
struct Code<'a> {
    title: &'a str,
    is_extension: bool,
}

/// What is wrong, one finding a line; `None` where the release is not at hand.
///
/// # Errors
/// A table that cannot be read.
pub(crate) fn check(root: &Path) -> Result<Option<Vec<String>>> {
    let Ok(release) = std::fs::read_to_string(root.join(RELEASE)) else { return Ok(None) };
    let codes: HashMap<&str, Code<'_>> = release
        .lines()
        .skip(1)
        .filter_map(|line| {
            let row: Vec<&str> = line.split('\t').collect();
            let code = *row.first().filter(|code| !code.is_empty())?;
            // The few without a Spanish title are shown with the English one.
            let title = [*row.get(10)?, *row.get(11)?].into_iter().find(|title| !title.is_empty())?;
            Some((code, Code { title, is_extension: *row.get(3)? == "X" }))
        })
        .collect();
    let table = |name: &str| -> Result<String> {
        let file = root.join("catalogs/icd11").join(name);
        std::fs::read_to_string(&file).with_context(|| file.display().to_string())
    };
    let core = table("core.tsv")?;
    let mut wrong = Vec::new();
    titles("core.tsv", &core, (0, 1), false, &codes, &mut wrong);
    titles("axis_values.tsv", &table("axis_values.tsv")?, (1, 2), true, &codes, &mut wrong);
    named("company.tsv", &table("company.tsv")?, 1, &codes, &mut wrong);
    beginnings("company.tsv", &table("company.tsv")?, 0, &codes, &mut wrong);
    beginnings("axes.tsv", &table("axes.tsv")?, 2, &codes, &mut wrong);
    let own: HashSet<&str> = rows(&core).map(|(_, row)| row[0]).collect();
    for name in ["synonyms.tsv", "codiesp_mentions.tsv"] {
        let table = table(name)?;
        let strange = rows(&table).filter(|(_, row)| !own.contains(row[0]));
        wrong.extend(strange.map(|(line, row)| format!("{name}:{line}: {} is not in core.tsv", row[0])));
    }
    if own.len() < LEAST {
        wrong.push(format!("core.tsv: {} codes, fewer than {LEAST}", own.len()));
    }
    Ok(Some(wrong))
}

/// The lines after the heading with their numbers.
fn rows(table: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    table
        .lines()
        .enumerate()
        .skip(1)
        .filter(|(_, line)| !line.is_empty())
        .map(|(at, line)| (at + 1, line.split('\t').collect()))
}

/// Every code is one of the release, of the right kind, with WHO's title.
fn titles(
    name: &str,
    table: &str,
    (code, title): (usize, usize),
    extensions: bool,
    codes: &HashMap<&str, Code<'_>>,
    wrong: &mut Vec<String>,
) {
    for (line, row) in rows(table) {
        let (code, title) =
            (row.get(code).copied().unwrap_or_default(), row.get(title).copied().unwrap_or_default());
        match codes.get(code) {
            None => wrong.push(format!("{name}:{line}: {code} is not in the release")),
            Some(known) if known.is_extension != extensions => {
                wrong.push(format!("{name}:{line}: {code} is a code of another kind"));
            }
            Some(known) if known.title != title => {
                wrong.push(format!("{name}:{line}: {code} is «{}» and not «{title}»", known.title));
            }
            Some(_) => {}
        }
    }
}

/// Every code that is named is a stem code of the release.
fn named(name: &str, table: &str, column: usize, codes: &HashMap<&str, Code<'_>>, wrong: &mut Vec<String>) {
    for (line, row) in rows(table) {
        let code = row.get(column).copied().unwrap_or_default();
        if codes.get(code).is_none_or(|known| known.is_extension) {
            wrong.push(format!("{name}:{line}: {code} is no stem code of the release"));
        }
    }
}

/// Every beginning of codes begins one.
fn beginnings(
    name: &str,
    table: &str,
    column: usize,
    codes: &HashMap<&str, Code<'_>>,
    wrong: &mut Vec<String>,
) {
    for (line, row) in rows(table) {
        let all = row.get(column).into_iter().flat_map(|list| list.split(' '));
        for beginning in all.map(|one| one.trim_start_matches('-')) {
            if beginning.is_empty() || !codes.keys().any(|code| code.starts_with(beginning)) {
                wrong.push(format!("{name}:{line}: no code begins with «{beginning}»"));
            }
        }
    }
}
