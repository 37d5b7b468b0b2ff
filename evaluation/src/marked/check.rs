//! `eval marked`: whether files of marked consultations can be read, and how much they hold.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::{Fault, MIN_TURNS, Marked, Problem, Problems};
use anyhow::{Context as _, Result, bail};

/// What the files hold together.
#[derive(Debug, Default)]
pub(super) struct Counts {
    ids: BTreeSet<String>,
    marks: usize,
    words: usize,
}

/// Prints what is wrong with the files, and their counts.
pub(crate) fn run(first: &str, more: &[&str]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut counts = Counts::default();
    let mut errors = 0;
    for file in std::iter::once(&first).chain(more) {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
        if let Err(Problems(problems)) = check(file, &text, &mut counts) {
            errors += problems.len();
            writeln!(out, "{}", Problems(problems))?;
        }
    }
    let Counts { ids, marks, words } = counts;
    writeln!(out, "{} consultations, {marks} marks, {words} words, {errors} errors", ids.len())?;
    if errors > 0 {
        bail!("correct what is said above");
    }
    Ok(())
}

/// Counts what a file holds, or says what is wrong with it.
pub(super) fn check(file: &str, text: &str, counts: &mut Counts) -> Result<(), Problems> {
    let mut problems = Vec::new();
    for Marked { id, annotation, marks, line } in super::read(file, text)? {
        let mut wrong = |fault| problems.push(Problem { file: file.to_owned(), line, fault });
        let turns = annotation["turns"].as_array().map(Vec::as_slice).unwrap_or_default();
        if turns.len() < MIN_TURNS {
            wrong(Fault::Short(id.clone(), turns.len()));
        }
        let said = turns.iter().filter_map(|turn| turn["text"].as_str());
        counts.words += said.map(|text| text.split_whitespace().count()).sum::<usize>();
        counts.marks += marks;
        if !counts.ids.insert(id.clone()) {
            wrong(Fault::Taken(id));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}
