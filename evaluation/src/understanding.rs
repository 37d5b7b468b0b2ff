//! `eval scribe`: consultations in, the whole table out.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use clinical::transcript::Transcript;
use scribe::wire::FactsFile;

use crate::figures;
use crate::options::Options;
use crate::record::{Figures, Record};
use crate::scorers::Scorers;
use crate::sets::{Consultation, Set};
use crate::variations::{self, Varied};

/// Measures every set and prints its table.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let shared = root.join("..").join("shared");
    let scorers = match Scorers::find(&shared) {
        Ok(scorers) => scorers,
        Err(why) => return Ok(writeln!(out, "{why}")?),
    };
    let mut recorded = Record::read(root)?;
    let mut now = Record::default();
    let own = root.join("testdata").join("anotadas");
    let marked = root.join("testdata").join("marcadas").join("reserva");
    let mut folders =
        vec![shared.join("data").join("consultations"), own.join("ajuste"), own.join("reserva"), marked];
    folders.extend(options.sets.iter().cloned());
    let scratch = Scratch::new()?;
    for folder in folders {
        let Some(set) = Set::read(&folder)? else {
            writeln!(out, "\n== {}: skipped, there is no such folder", folder.display())?;
            continue;
        };
        scratch.annotate(&set)?;
        let mut measured = measure(&scorers, &scratch, &set)?;
        if folder.starts_with(&shared) {
            let (recall, false_alarms) = scorers.guard()?;
            measured.insert("guard_recall".to_owned(), recall);
            measured.insert("guard_false_alarm_rate".to_owned(), false_alarms);
        }
        figures::print(&mut out, &set.name, &measured, recorded.scribe.get(&set.name))?;
        if options.variations {
            let varied =
                vary(&scorers, &scratch, &set, measured.get("micro.f1").copied().unwrap_or_default())?;
            print_variations(&mut out, &varied, recorded.variations.get(&set.name))?;
            now.variations.insert(set.name.clone(), varied);
        }
        // Time is of this machine and this moment: it is no figure to compare the next run with.
        measured.retain(|name, _| !name.starts_with("ms_"));
        now.scribe.insert(set.name, measured);
    }
    if options.record {
        recorded.keep(root, now)?;
        writeln!(out, "\nrecorded in docs/evaluation.json")?;
    }
    Ok(())
}

/// The table of a set, with the time it took.
fn measure(scorers: &Scorers, scratch: &Scratch, set: &Set) -> Result<Figures> {
    let mut times = Vec::new();
    let mut words = 0;
    for consultation in &set.consultations {
        let started = Instant::now();
        let file = scribe::wire::facts(&consultation.id, &scribe::draft(&consultation.transcript));
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        words += consultation.transcript.word_count();
        scratch.write(&file)?;
    }
    let mut measured = figures::of_report(&scratch.score(scorers)?)?;
    let total: f64 = times.iter().sum();
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    measured.insert("ms_median".to_owned(), median);
    measured.insert("ms_slowest".to_owned(), times.last().copied().unwrap_or_default());
    measured.insert("ms_per_1000_words".to_owned(), total * 1000.0 / words.max(1) as f64);
    Ok(measured)
}

/// Micro F1 of the set under every variation, and of the clean set as `clean`.
fn vary(scorers: &Scorers, scratch: &Scratch, set: &Set, clean: f64) -> Result<Figures> {
    let mut found = Figures::from([("clean".to_owned(), clean)]);
    for variation in variations::ALL {
        for consultation in &set.consultations {
            let varied = variation.of(consultation);
            scratch.write(&facts_of(consultation, &varied))?;
        }
        let report = scratch.score(scorers)?;
        let measured = figures::of_report(&report)?;
        for (key, short) in
            [("micro.f1", ""), ("negation_errors", ".negation"), ("unsupported", ".unsupported")]
        {
            let value = measured.get(key).copied().unwrap_or_default();
            found.insert(format!("{}{short}", variation.name), value);
        }
    }
    Ok(found)
}

/// The facts of a varied consultation, citing the turns of the original one.
fn facts_of(consultation: &Consultation, varied: &Varied) -> FactsFile {
    let transcript: &Transcript = &varied.transcript;
    let mut file = scribe::wire::facts(&consultation.id, &scribe::draft(transcript));
    for fact in &mut file.facts {
        let mut turns: Vec<usize> =
            fact.evidence_turns.iter().flat_map(|&turn| varied.original_turns(turn)).copied().collect();
        turns.sort_unstable();
        turns.dedup();
        fact.evidence_turns = turns;
    }
    file
}

fn print_variations(
    out: &mut impl std::io::Write,
    varied: &Figures,
    before: Option<&Figures>,
) -> std::io::Result<()> {
    let of = |key: &str| varied.get(key).copied().unwrap_or_default();
    writeln!(
        out,
        "\n{:<36} {:>6} {:>6} {:>8} {:>11}  change of F1",
        "variation", "F1", "fall", "no/yes", "unsupported"
    )?;
    for variation in variations::ALL {
        let name = variation.name;
        writeln!(
            out,
            "{name:<36} {:>6.3} {:>6.3} {:>8} {:>11}  {}",
            of(name),
            of("clean") - of(name),
            of(&format!("{name}.negation")),
            of(&format!("{name}.unsupported")),
            figures::change(varied, before, name)
        )?;
    }
    Ok(())
}

/// A folder for annotation, outputs and reports that goes away with the run.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("medicus-evaluation-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("outputs"))?;
        Ok(Self { folder })
    }

    /// Puts the annotation of a set where the scorer reads it, in place of the one before.
    pub(crate) fn annotate(&self, set: &Set) -> Result<()> {
        let gold = self.folder.join("gold");
        if gold.is_dir() {
            std::fs::remove_dir_all(&gold)?;
        }
        std::fs::create_dir(&gold)?;
        for consultation in &set.consultations {
            let path = gold.join(format!("{}.json", consultation.id));
            std::fs::write(path, serde_json::to_vec(&consultation.annotation)?)?;
        }
        Ok(())
    }

    pub(crate) fn write(&self, file: &FactsFile) -> Result<()> {
        let path = self.folder.join("outputs").join(format!("{}.json", file.id));
        Ok(std::fs::write(path, serde_json::to_vec(file)?)?)
    }

    /// Scores what was written against the annotation; the outputs are gone afterwards.
    fn score(&self, scorers: &Scorers) -> Result<serde_json::Value> {
        let outputs = self.folder.join("outputs");
        let report =
            scorers.consultations(&self.folder.join("gold"), &outputs, &self.report("report.json"))?;
        std::fs::remove_dir_all(&outputs)?;
        std::fs::create_dir(&outputs)?;
        Ok(report)
    }

    /// Scores what was written; each error the scorer names, in its own words. The outputs are gone afterwards.
    pub(crate) fn errors(&self, scorers: &Scorers) -> Result<Vec<serde_json::Value>> {
        self.score(scorers)?;
        let lines = std::fs::read_to_string(self.report("errors.jsonl"))?;
        Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    fn report(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
