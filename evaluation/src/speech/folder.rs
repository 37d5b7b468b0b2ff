//! A folder of recordings, each with its truth beside it: `NAME.rttm`, or `NAME.json` in the form `medicus listen` writes.
//!
//! Without `--heard` the recordings are listened to here. With it, the folder has what was heard, as `NAME.json` of
//! `medicus listen`, words included: then words are scored too, and nothing is run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use speech::{DiarizedTranscript, DiarizedTurn, Diarizer, Expected, Speaker, SpeechSpan};

use super::score::{self, Errors, Role, Truth, share};
use super::words::{self, WordErrors};
use super::{COLLAR, memory};

/// What `medicus listen --format json` writes, as far as it is scored.
#[derive(Deserialize)]
struct Listened {
    turns: Vec<ListenedTurn>,
}

#[derive(Deserialize)]
struct ListenedTurn {
    speaker: String,
    start: f64,
    end: f64,
    #[serde(default)]
    text: String,
}

/// Listens to the recordings of a folder, or takes what was heard, and prints what went wrong.
pub(super) fn run(folder: &Path, heard: Option<&Path>) -> Result<()> {
    let mut recordings: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let is_truth = path.extension().is_some_and(|end| end == "rttm" || end == "json");
        if !is_truth && (path.with_extension("rttm").is_file() || path.with_extension("json").is_file()) {
            recordings.push(path);
        }
    }
    recordings.sort();
    ensure!(!recordings.is_empty(), "no recording in {} has its truth beside it", folder.display());
    let diarizer = Diarizer::new()?;
    let (mut exact, mut collared, mut role, mut wrong) =
        (Errors::default(), Errors::default(), Role::default(), WordErrors::default());
    let (mut sound, mut spent) = (0.0, 0.0);
    for path in &recordings {
        let (truth, said) = truth(path)?;
        let name = path.file_stem().context("a recording has a name")?;
        let (transcript, written) = match heard {
            Some(folder) => {
                let listened = listened(&folder.join(name).with_extension("json"))?;
                (transcript(&listened), text(&listened))
            }
            None => {
                let begun = Instant::now();
                let recording = speech::decode(File::open(path)?)?;
                let transcript = diarizer.diarize(&recording.samples, Expected::default())?;
                sound += f64::from(recording.samples.duration_ms()) / 1000.0;
                spent += begun.elapsed().as_secs_f64();
                (transcript, None)
            }
        };
        let errors = score::errors(&truth, &transcript, 0);
        println!("{:<40} DER {:6.2} %", name.display(), 100.0 * errors.rate());
        exact.add(errors);
        collared.add(score::errors(&truth, &transcript, COLLAR));
        role.add(score::role(&truth, &transcript, "medico"));
        if let (Some(said), Some(written)) = (said, written) {
            wrong.add(words::errors(&said, &written));
        }
    }
    println!("\nDER {:.2} %, with a collar of 250 ms {:.2} %", 100.0 * exact.rate(), 100.0 * collared.rate());
    if role.right > 0 {
        println!(
            "time of the physician right {:.2} %, of others taken for theirs {:.2} %",
            100.0 * share(role.right, role.physician),
            100.0 * share(role.taken, role.others)
        );
    }
    if wrong.said > 0 {
        println!("{wrong}");
    }
    if spent > 0.0 {
        println!("real-time factor {:.4}, peak memory {}", spent / sound, memory());
    }
    Ok(())
}

/// Who speaks when in a recording, and the words if they are known.
fn truth(recording: &Path) -> Result<(Truth, Option<String>)> {
    let rttm = recording.with_extension("rttm");
    let (turns, said) = if rttm.is_file() {
        let text = std::fs::read_to_string(&rttm)?;
        let turns = text.lines().filter(|line| line.starts_with("SPEAKER")).map(line).collect::<Result<_>>();
        (turns.with_context(|| rttm.display().to_string())?, None)
    } else {
        let listened = listened(&recording.with_extension("json"))?;
        let said = text(&listened);
        (listened.turns.into_iter().map(|turn| (turn.speaker, turn.start, turn.end)).collect(), said)
    };
    Ok((frames(turns), said))
}

/// `SPEAKER file 1 start duration <NA> <NA> name <NA> <NA>`
fn line(line: &str) -> Result<(String, f64, f64)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let field = |at: usize| fields.get(at).copied().with_context(|| format!("field {at} is missing: {line}"));
    let start: f64 = field(3)?.parse()?;
    Ok((field(7)?.to_owned(), start, start + field(4)?.parse::<f64>()?))
}

fn frames(turns: Vec<(String, f64, f64)>) -> Truth {
    let end = turns.iter().map(|(_, _, end)| *end).fold(0.0, f64::max);
    let frame = |seconds: f64| (seconds * 100.0).round().max(0.0) as usize;
    let mut truth = Truth { speakers: Vec::new() };
    for (name, start, stop) in turns {
        let at = truth.speakers.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            truth.speakers.push((name, vec![false; frame(end)]));
            truth.speakers.len() - 1
        });
        let mask = &mut truth.speakers[at].1;
        let (start, stop) = (frame(start).min(mask.len()), frame(stop).min(mask.len()));
        if start < stop {
            mask[start..stop].fill(true);
        }
    }
    truth
}

fn listened(path: &Path) -> Result<Listened> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// All that was said, if anything was written down.
fn text(listened: &Listened) -> Option<String> {
    let said: Vec<&str> =
        listened.turns.iter().map(|turn| turn.text.as_str()).filter(|text| !text.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn transcript(listened: &Listened) -> DiarizedTranscript {
    let turns = listened.turns.iter().filter_map(|turn| {
        let number = turn.speaker.strip_prefix("hablante").and_then(|number| number.parse().ok());
        let speaker = match turn.speaker.as_str() {
            "medico" => Speaker::Physician,
            _ => number.map_or(Speaker::Unknown, Speaker::Numbered),
        };
        let ms = |seconds: f64| (seconds * 1000.0).round() as u32;
        let span = SpeechSpan::new(ms(turn.start), ms(turn.end))?;
        Some(DiarizedTurn { speaker, span, overlapped: false, words: Vec::new() })
    });
    DiarizedTranscript { turns: turns.collect() }
}
