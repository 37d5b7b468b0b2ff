//! `eval negation`: cue and scope of negation in written Spanish, the rules of `scribe::context` beside NegEx.
//!
//! The corpus (NUBes) and the word lists of NegEx for Spanish are read from `../shared`; nothing of them is kept here.

mod negex;
mod nubes;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use clinical::transcript::Speaker;
use scribe::context::polarity::{Said, negates, said};
use scribe::text::TurnDoc;

use crate::figures;
use crate::options::Options;
use crate::record::{Figures, Record};

/// What somebody marks in a line: the bytes of every cue, and the first byte of every word under one.
#[derive(Debug, Default)]
struct Marked {
    cues: BTreeSet<(usize, usize)>,
    scope: BTreeSet<usize>,
}

/// Right, too many and missing.
#[derive(Debug, Default)]
struct Counts {
    right: usize,
    extra: usize,
    missing: usize,
}

impl Counts {
    fn add<T: Ord>(&mut self, found: &BTreeSet<T>, wanted: &BTreeSet<T>) {
        let right = found.intersection(wanted).count();
        self.right += right;
        self.extra += found.len() - right;
        self.missing += wanted.len() - right;
    }

    fn figures(&self, name: &str, into: &mut Figures) {
        let share = |of: usize| self.right as f64 / (self.right + of).max(1) as f64;
        let (precision, recall) = (share(self.extra), share(self.missing));
        let sum = precision + recall;
        into.insert(format!("{name}.precision"), precision);
        into.insert(format!("{name}.recall"), recall);
        into.insert(format!("{name}.f1"), if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 });
    }
}

/// Prints both, and what changed since the recorded run.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let data = root.join("..").join("shared").join("data");
    let (Some(lines), Some(baseline)) = (nubes::read(&data)?, negex::Phrases::read(&data)?) else {
        return Ok(writeln!(out, "skipped: NUBes or the lists of NegEx are not in ../shared/data")?);
    };
    let mut recorded = Record::read(root)?;
    let mut now = Record::default();
    writeln!(out, "negation in {} lines of NUBes (development part)", lines.len())?;
    writeln!(out, "{:<34} {:>6} {:>6} {:>6}  change of F1", "", "P", "R", "F1")?;
    for (name, find) in [
        ("scribe::context", &(|line: &str| of_our_rules(line)) as &dyn Fn(&str) -> Marked),
        ("NegEx", &|line: &str| baseline.mark(line)),
    ] {
        let (mut cues, mut scope) = (Counts::default(), Counts::default());
        for line in &lines {
            let found = find(&line.text);
            cues.add(&found.cues, &line.marked.cues);
            scope.add(&found.scope, &line.marked.scope);
        }
        let mut measured = Figures::new();
        cues.figures("cue", &mut measured);
        scope.figures("scope", &mut measured);
        for what in ["cue", "scope"] {
            let value = |part: &str| measured.get(&format!("{what}.{part}")).copied().unwrap_or_default();
            let change = figures::change(&measured, recorded.negation.get(name), &format!("{what}.f1"));
            let (precision, recall, f1) = (value("precision"), value("recall"), value("f1"));
            let of = if what == "cue" { "cues, exact" } else { "words under one" };
            writeln!(
                out,
                "{:<34} {precision:>6.3} {recall:>6.3} {f1:>6.3}  {change}",
                format!("{name}: {of}")
            )?;
        }
        now.negation.insert(name.to_owned(), measured);
    }
    writeln!(out, "uncertainty: not measured, the rules know it for diagnoses only")?;
    if options.record {
        recorded.keep(root, now)?;
        writeln!(out, "recorded in docs/evaluation.json")?;
    }
    Ok(())
}

/// What the scribe reads as denied, word by word.
fn of_our_rules(line: &str) -> Marked {
    let turn = TurnDoc::new(Speaker::Doctor, line);
    let mut marked = Marked::default();
    for (at, token) in turn.tokens.iter().enumerate().filter(|(_, token)| !token.is_punct()) {
        if negates(&token.norm) {
            marked.cues.insert((token.start, token.end));
        } else if said(&turn, at, at + 1) == Said::No {
            marked.scope.insert(token.start);
        }
    }
    marked
}
