//! Makes the weights of `scribe::learned` from annotated consultations, `cargo xtask eval train facts [DIR]...`.
//!
//! Learns from `testdata/anotadas/ajuste` and `testdata/marcadas/ajuste`, from the consultations of `../shared` where they
//! are, and from further folders that are named; with `--cross TO` it also writes the facts of each consultation as models
//! that never saw it complete them, for the scorer. The same files give the same weights: nothing is random but the order of
//! examples, which has a fixed seed.

mod facts;
mod gold;
mod labels;
mod learner;
mod medicines;
mod signs;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clinical::transcript::Transcript;
use scribe::facts::{ClinicalFact, FactKind};
use scribe::learned::facts::{Spot, spots};
use scribe::learned::{Models, complete_with};
use scribe::scene::Scene;

use crate::sets::{self, Consultation};

/// Parts of the cross-validation.
const FOLDS: usize = 4;
/// Share of the rules' facts hidden in training: the rules were written with these consultations in sight, and miss that
/// much more of others.
const HIDDEN: u64 = 18;

/// A consultation to learn from.
struct Example {
    id: String,
    /// The part of the cross-validation of numbers and medicines that it is kept aside in: that of its writer. Signs are read
    /// aloud and medicines named in a manner of one's own, and a model that knows it is too sure of a stranger's. (Stretches
    /// of words are cross-validated without regard to writers: the figures are the same, and fewer answers are turned round.)
    fold: usize,
    transcript: Transcript,
    rules: Vec<ClinicalFact>,
    spots: Vec<Spot>,
    labels: labels::Labels,
}

/// Learns, says what cross-validation says, and writes the weights.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let (cross, named) = match arguments {
        ["--cross", to, rest @ ..] => (Some(PathBuf::from(to)), rest),
        rest => (None, rest),
    };
    let mut folders = vec![root.join("testdata/anotadas/ajuste"), root.join("testdata/marcadas/ajuste")];
    folders.extend(Some(root.join("../shared/data/consultations")).filter(|folder| folder.is_dir()));
    folders.extend(named.iter().map(PathBuf::from));
    let mut examples = Vec::new();
    let mut numbers = Vec::new();
    let mut mentions = Vec::new();
    for folder in &folders {
        read(folder, &mut examples, &mut numbers, &mut mentions)
            .with_context(|| format!("reading {}", folder.display()))?;
    }
    for (at, fold) in folds(&examples).into_iter().enumerate() {
        examples[at].fold = fold;
        numbers[at].fold = fold;
        mentions[at].fold = fold;
    }
    writeln!(
        std::io::stdout().lock(),
        "{} consultations, {} stretches of words, {} facts to learn, {} found in the words",
        examples.len(),
        examples.iter().map(|example| example.spots.len()).sum::<usize>(),
        examples.iter().map(|example| example.labels.facts).sum::<usize>(),
        examples.iter().map(|example| example.labels.aligned).sum::<usize>(),
    )?;
    let (of_facts, facts) = facts::train(&examples)?;
    let (of_signs, signs) = signs::train(&numbers)?;
    let (of_medicines, medicines) = medicines::train(&mentions)?;
    if let Some(to) = cross {
        std::fs::create_dir_all(&to)?;
        for (at, example) in examples.iter().enumerate() {
            let strangers = Models {
                facts: of_facts[at % FOLDS].clone(),
                signs: of_signs[example.fold].clone(),
                medicines: of_medicines[example.fold].clone(),
            };
            write_facts(&to, &example.id, &example.transcript, &strangers)?;
        }
    }
    let models = Models { facts, signs, medicines };
    for (name, model) in
        [("facts", &models.facts), ("signs", &models.signs), ("medicines", &models.medicines)]
    {
        let out = root.join(format!("catalogs/scribe-model/{name}.txt"));
        std::fs::write(&out, model.write()).with_context(|| format!("writing {}", out.display()))?;
    }
    Ok(())
}

/// The part of each consultation: all those of a writer (the letters of their names) are in one, and the parts are alike
/// in size.
fn folds(examples: &[Example]) -> Vec<usize> {
    let writer = |example: &Example| example.id.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let mut writers: BTreeMap<String, usize> = BTreeMap::new();
    for example in examples {
        *writers.entry(writer(example)).or_default() += 1;
    }
    let mut largest: Vec<(String, usize)> = writers.into_iter().collect();
    largest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut sizes = [0_usize; FOLDS];
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, count) in largest {
        let part = (0..FOLDS).min_by_key(|part| sizes[*part]).unwrap_or_default();
        sizes[part] += count;
        parts.insert(name, part);
    }
    examples.iter().map(|example| parts[&writer(example)]).collect()
}

/// Writes the facts of a consultation as the models complete them.
fn write_facts(to: &Path, id: &str, transcript: &Transcript, models: &Models) -> Result<()> {
    let scene = Scene::new(transcript);
    let facts = complete_with(&scene, scribe::extract::from_scene(&scene), models);
    let file = scribe::wire::FactsFile::new(id, &facts);
    Ok(std::fs::write(to.join(format!("{id}.json")), serde_json::to_vec_pretty(&file)?)?)
}

/// The annotated consultations of a folder, in the order of their names.
fn read(
    folder: &Path,
    examples: &mut Vec<Example>,
    numbers: &mut Vec<signs::Numbers>,
    mentions: &mut Vec<medicines::Mentions>,
) -> Result<()> {
    for Consultation { id, transcript, annotation: value } in sets::consultations(folder)? {
        let facts = gold::facts(&value);
        let transcript = scribe::learned::speakers::recovered(&transcript);
        let scene = Scene::new(&transcript);
        let rules: Vec<ClinicalFact> =
            scribe::extract::from_scene(&scene).into_iter().filter(|fact| !hidden(&id, fact)).collect();
        let spots = spots(&scene, &rules);
        let labels = labels::align(&scene, &spots, &facts, &rules);
        let example = Example { fold: 0, id, spots, labels, rules, transcript: transcript.clone() };
        numbers.push(signs::Numbers::new(&example, &value));
        mentions.push(medicines::Mentions::new(&example, &value));
        examples.push(example);
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
