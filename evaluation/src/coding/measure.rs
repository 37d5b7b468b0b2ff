//! How often the right code comes first and among five, how often what is shown as sure is right, and what was refused.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use terminology::icd::{Candidate, Confidence, IcdIndex};

use super::corpus::{Document, Marked};

/// Hits among so many mentions.
#[derive(Default, Clone, Copy)]
struct Tally {
    all: u32,
    first: u32,
    five: u32,
}

impl Tally {
    fn count(&mut self, proposed: &[&str], right: &str) -> bool {
        let first = proposed.first() == Some(&right);
        self.all += 1;
        self.first += u32::from(first);
        self.five += u32::from(proposed.contains(&right));
        first
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.first += other.first;
        self.five += other.five;
    }

    fn line(&self, out: &mut impl Write, what: &str) -> Result<()> {
        let share = |hits: u32| f64::from(hits) / f64::from(self.all.max(1));
        let (first, five) = (share(self.first), share(self.five));
        writeln!(out, "{what}: {} mentions, first {first:.3}, among five {five:.3}", self.all)?;
        Ok(())
    }
}

/// What was measured.
#[derive(Default)]
pub(crate) struct Measured {
    coded: [Tally; 2],
    with_sentence: [Tally; 2],
    searched: [Tally; 2],
    sure: [Tally; 2],
    refused: u32,
    missed: Vec<String>,
}

fn categories<'a>(found: &'a [Candidate<'a>]) -> [Vec<&'a str>; 2] {
    let icd11 = found.iter().map(|candidate| candidate.entry.code.category()).collect();
    let icd10 = found.iter().map(|c| c.icd10.as_ref().map_or("", |code| code.category())).collect();
    [icd11, icd10]
}

fn count(tallies: &mut [Tally; 2], found: &[Candidate<'_>], marked: &Marked) -> bool {
    let [icd11, icd10] = categories(found);
    let first = marked.icd11_category().is_none_or(|right| tallies[0].count(&icd11, right));
    tallies[1].count(&icd10, &marked.icd10_category);
    first
}

/// Measures an index on documents.
pub(crate) fn of<'a>(index: &IcdIndex, documents: impl Iterator<Item = &'a Document>) -> Measured {
    let mut measured = Measured::default();
    for marked in documents.flat_map(|document| &document.marked) {
        let found = index.code(&marked.text, None);
        let right = count(&mut measured.coded, &found, marked);
        if found.first().is_some_and(|first| first.confidence == Confidence::High) {
            count(&mut measured.sure, &found, marked);
        }
        measured.refused += u32::from(found.is_empty());
        if !right {
            measured.missed.push(missed(&found, marked));
        }
        count(&mut measured.with_sentence, &index.code(&marked.text, Some(&marked.sentence)), marked);
        count(&mut measured.searched, &index.search(&marked.text, 5), marked);
    }
    measured
}

fn missed(found: &[Candidate<'_>], marked: &Marked) -> String {
    let shown: Vec<String> =
        found.iter().map(|c| format!("{} {:.2} {}", c.entry.code, c.score, c.matched)).collect();
    let icd11 = marked.icd11.as_deref().unwrap_or("?");
    format!("{}\t{} {}\t{}", marked.text, icd11, marked.icd10, shown.join(" | "))
}

impl Measured {
    /// Takes the counts of another part in.
    pub(crate) fn add(&mut self, other: Self) {
        let pairs = [
            (&mut self.coded, other.coded),
            (&mut self.with_sentence, other.with_sentence),
            (&mut self.searched, other.searched),
            (&mut self.sure, other.sure),
        ];
        for (mine, others) in pairs {
            for (tally, other) in mine.iter_mut().zip(others) {
                tally.add(other);
            }
        }
        self.refused += other.refused;
        self.missed.extend(other.missed);
    }

    /// Prints the figures and, if asked, every mention whose first code is wrong.
    pub(crate) fn print(&self, out: &mut impl Write, show: bool) -> Result<()> {
        for line in self.missed.iter().filter(|_| show) {
            writeln!(out, "{line}")?;
        }
        for (what, tallies) in [
            ("coded", self.coded),
            ("coded with its sentence", self.with_sentence),
            ("searched", self.searched),
            ("first one sure", self.sure),
        ] {
            tallies[0].line(out, &format!("{what}, CIE-11 category"))?;
            tallies[1].line(out, &format!("{what}, CIE-10 category"))?;
        }
        writeln!(out, "no candidate: {}", self.refused)?;
        Ok(())
    }
}

/// Prints how long the built-in core takes on one core: a thousand mentions coded, and the slowest answer of the search
/// among as many beginnings of mentions.
pub(crate) fn speed<'a>(out: &mut impl Write, documents: impl Iterator<Item = &'a Document>) -> Result<()> {
    const MENTIONS: usize = 1000;
    let index = IcdIndex::core();
    let mentions: Vec<&Marked> = documents.flat_map(|document| &document.marked).take(MENTIONS).collect();
    let began = Instant::now();
    for marked in &mentions {
        std::hint::black_box(index.code(&marked.text, None));
    }
    let coded = began.elapsed();
    let mut slowest = Duration::ZERO;
    for marked in &mentions {
        let typed: String = marked.text.chars().take(marked.text.chars().count() * 2 / 3).collect();
        let began = Instant::now();
        std::hint::black_box(index.search(&typed, 10));
        slowest = slowest.max(began.elapsed());
    }
    let (coded, slowest) = (coded.as_millis(), slowest.as_secs_f64() * 1000.0);
    writeln!(out, "{} mentions coded in {coded} ms; slowest search {slowest:.1} ms", mentions.len())?;
    Ok(())
}
