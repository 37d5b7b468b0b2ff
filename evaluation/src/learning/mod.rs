//! Makes the weights of `scribe::learned::facts` from annotated consultations, `cargo xtask eval train facts [DIR]...`.
//!
//! Learns from `testdata/anotadas/ajuste`, from the consultations of `../shared` where they are, and from further folders
//! that are named; with `--cross TO` it also writes the facts of each consultation as a model that never saw it completes
//! them, for the scorer. The same files give the same weights: nothing is random but the order of examples, which has a
//! fixed seed.

mod gold;
mod labels;
mod learner;

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clinical::transcript::Transcript;
use scribe::facts::{ClinicalFact, FactKind};
use scribe::learned::facts::{CLASSES, Model, Pick, Spot, complete_with, pick, spots};
use scribe::scene::Scene;

/// Parts of the cross-validation.
const FOLDS: usize = 6;
/// Share of the rules' facts hidden in training: the rules were written with these consultations in sight, and miss that
/// much more of others.
const HIDDEN: u64 = 18;
/// A class is believed from the score on from which this share of what it adds is right.
const WANTED: f32 = 0.75;

/// A consultation to learn from.
struct Example {
    id: String,
    transcript: Transcript,
    spots: Vec<Spot>,
    labels: labels::Labels,
}

/// Learns, says what cross-validation says, and writes the weights.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let (cross, named) = match arguments {
        ["--cross", to, rest @ ..] => (Some(PathBuf::from(to)), rest),
        rest => (None, rest),
    };
    let out = root.join("catalogs/scribe-model/weights.txt");
    let mut folders = vec![root.join("testdata/anotadas/ajuste")];
    folders.extend(Some(root.join("../shared/data/consultations")).filter(|folder| folder.is_dir()));
    folders.extend(named.iter().map(PathBuf::from));
    let mut examples = Vec::new();
    for folder in &folders {
        read(folder, &mut examples).with_context(|| format!("reading {}", folder.display()))?;
    }
    writeln!(
        std::io::stdout().lock(),
        "{} consultations, {} stretches of words, {} facts to learn, {} found in the words",
        examples.len(),
        examples.iter().map(|example| example.spots.len()).sum::<usize>(),
        examples.iter().map(|example| example.labels.facts).sum::<usize>(),
        examples.iter().map(|example| example.labels.aligned).sum::<usize>(),
    )?;
    learner::keep_frequent(&mut examples);
    let mut picks: Vec<Vec<Pick>> = vec![Vec::new(); examples.len()];
    let mut models = Vec::new();
    for fold in 0..FOLDS {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..examples.len()).partition(|index| index % FOLDS != fold);
        let model = learner::train(inside.iter().map(|&index| &examples[index]));
        for index in outside {
            picks[index] = pick(&examples[index].spots, |features| model.score(features));
        }
        models.push(model);
    }
    let thresholds = thresholds(&examples, &picks)?;
    if let Some(to) = cross {
        std::fs::create_dir_all(&to)?;
        for (index, example) in examples.iter().enumerate() {
            let model = &mut models[index % FOLDS];
            set(model, &thresholds);
            write_facts(&to, example, model)?;
        }
    }
    let mut model = learner::train(examples.iter());
    set(&mut model, &thresholds);
    std::fs::write(&out, model.write()).with_context(|| format!("writing {}", out.display()))
}

fn set(model: &mut Model, thresholds: &[f32]) {
    for (class, threshold) in thresholds.iter().enumerate() {
        model.set_threshold(class, *threshold);
    }
}

fn write_facts(to: &Path, example: &Example, model: &Model) -> Result<()> {
    let scene = Scene::new(&example.transcript);
    let rules = scribe::extract::from_scene(&scene);
    let facts = complete_with(&scene, rules, model);
    let file = scribe::wire::FactsFile::new(&example.id, &facts);
    Ok(std::fs::write(to.join(format!("{}.json", example.id)), serde_json::to_vec_pretty(&file)?)?)
}

/// The annotated consultations of a folder, in the order of their names.
fn read(folder: &Path, examples: &mut Vec<Example>) -> Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file)?;
        let value: serde_json::Value = serde_json::from_slice(&bytes)?;
        let facts = gold::facts(&value);
        let id = value["id"].as_str().unwrap_or_default().to_owned();
        let transcript = scribe::parse::transcript(&bytes).with_context(|| format!("{}", file.display()))?;
        let transcript = scribe::learned::speakers::recovered(&transcript);
        let scene = Scene::new(&transcript);
        let rules: Vec<ClinicalFact> =
            scribe::extract::from_scene(&scene).into_iter().filter(|fact| !hidden(&id, fact)).collect();
        let spots = spots(&scene, &rules);
        let labels = labels::align(&scene, &spots, &facts, &rules);
        examples.push(Example { id, spots, labels, transcript: transcript.clone() });
    }
    Ok(())
}

/// Whether a fact is one of those that are hidden, by its name.
fn hidden(id: &str, fact: &ClinicalFact) -> bool {
    let hash = format!("{id}{}{}", fact.kind.code(), fact.name)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    fact.kind != FactKind::Vital && (hash >> 20) % 100 < HIDDEN
}

/// What a pick is worth: right, wrong, or a second wording of what is known.
fn worth(example: &Example, pick: &Pick, got: &mut HashSet<usize>) -> Option<bool> {
    let mut known = example.labels.repeats[pick.spot] >> pick.class & 1 == 1;
    for &(class, fact, as_written) in &example.labels.matches[pick.spot] {
        if class == pick.class {
            if as_written && !example.labels.found[fact] && got.insert(fact) {
                return Some(true);
            }
            known = true;
        }
    }
    (!known).then_some(false)
}

/// The lowest score of each class from which enough of what it adds is right.
fn thresholds(examples: &[Example], picks: &[Vec<Pick>]) -> Result<Vec<f32>> {
    let mut out = std::io::stdout().lock();
    let mut total = (0, 0);
    let thresholds = (0..CLASSES.len())
        .map(|class| {
            let mut scored: Vec<(f32, bool)> = Vec::new();
            for (example, picks) in examples.iter().zip(picks) {
                let mut got = HashSet::new();
                for pick in picks.iter().filter(|pick| pick.class == class) {
                    scored.extend(worth(example, pick, &mut got).map(|right| (pick.score, right)));
                }
            }
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            let (mut right, mut wrong) = (0_u16, 0_u16);
            let mut best = (f32::INFINITY, 0, 0);
            for (score, good) in scored {
                if good {
                    right += 1;
                } else {
                    wrong += 1;
                }
                if f32::from(right) >= WANTED * f32::from(right + wrong) {
                    best = (score, right, wrong);
                }
            }
            total = (total.0 + best.1, total.1 + best.2);
            writeln!(
                out,
                "{:22} from {:.3}: {} right, {} wrong",
                CLASSES[class].code, best.0, best.1, best.2
            )?;
            Ok(best.0)
        })
        .collect::<Result<Vec<f32>>>()?;
    writeln!(out, "added in cross-validation: {} right, {} wrong", total.0, total.1)?;
    Ok(thresholds)
}
