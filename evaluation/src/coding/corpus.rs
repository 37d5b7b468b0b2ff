//! The annotated clinical cases the ranker learns from and is measured on: CodiEsp, diagnoses with their codes.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A diagnosis a coder marked.
pub(crate) struct Marked {
    /// Its words.
    pub(crate) text: String,
    /// The sentence it stands in.
    pub(crate) sentence: String,
    /// CIE-10 code, shortened until WHO's map knows it.
    pub(crate) icd10: String,
    /// Its three characters.
    pub(crate) icd10_category: String,
    /// Stem of the ICD-11 code WHO's map gives for it, if it gives one.
    pub(crate) icd11: Option<String>,
}

impl Marked {
    /// The four characters of the ICD-11 code.
    pub(crate) fn icd11_category(&self) -> Option<&str> {
        self.icd11.as_deref()?.split('.').next()
    }
}

/// The diagnoses of one clinical case.
pub(crate) struct Document {
    /// In the order of the text.
    pub(crate) marked: Vec<Marked>,
}

/// Reads the corpus and WHO's map, or nothing where `../shared` is missing.
pub(crate) fn read(root: &Path) -> Result<Option<Vec<Document>>> {
    let shared = root.join("../shared/data");
    let corpus = shared.join("corpora/codiesp_dev.jsonl");
    if !corpus.exists() {
        return Ok(None);
    }
    let table = std::fs::read_to_string(shared.join("icd10/cie10_es_en.tsv"))?;
    let targets: HashMap<&str, &str> = table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?, fields.nth(3)?))
        })
        .collect();
    let text = std::fs::read_to_string(corpus)?;
    text.lines().map(|line| document(line, &targets)).collect::<Result<_>>().map(Some)
}

fn document(line: &str, targets: &HashMap<&str, &str>) -> Result<Document> {
    let document: Value = serde_json::from_str(line)?;
    let text = document["text"].as_str().unwrap_or_default();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut marked = Vec::new();
    for annotation in document["annotations"].as_array().into_iter().flatten() {
        if annotation["type"] != "DIAGNOSTICO" {
            continue;
        }
        let code = annotation["code"].as_str().context("a diagnosis without a code")?.to_uppercase();
        let from = annotation["spans"][0][0].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        let at = starts.get(from).copied().unwrap_or(0);
        marked.push(Marked {
            text: annotation["text"].as_str().unwrap_or_default().to_owned(),
            sentence: sentence(text, at).to_owned(),
            icd11: target(&code, targets),
            icd10_category: code.chars().take(3).collect(),
            icd10: known(&code, targets).unwrap_or_else(|| code.chars().take(3).collect()),
        });
    }
    Ok(Document { marked })
}

/// The sentence around a place of a text.
fn sentence(text: &str, at: usize) -> &str {
    let ends = |c: char| matches!(c, '.' | '\n');
    let start = text[..at].rfind(ends).map_or(0, |end| end + 1);
    let end = text[at..].find(ends).map_or(text.len(), |end| at + end);
    text[start..end].trim()
}

/// The corpus uses the longer codes of ICD-10-CM: the longest beginning of the code that the table has.
fn known(code: &str, targets: &HashMap<&str, &str>) -> Option<String> {
    (3..=code.len())
        .rev()
        .filter_map(|n| code.get(..n))
        .map(|short| short.trim_end_matches('.'))
        .find(|short| targets.contains_key(short))
        .map(str::to_owned)
}

/// The first stem of WHO's target for the code, shortened until there is one.
fn target(code: &str, targets: &HashMap<&str, &str>) -> Option<String> {
    let target = (3..=code.len())
        .rev()
        .filter_map(|n| code.get(..n))
        .filter_map(|short| targets.get(short.trim_end_matches('.')))
        .find(|target| !target.is_empty())?;
    target.split(['&', '/', ' ']).next().map(str::to_owned)
}
