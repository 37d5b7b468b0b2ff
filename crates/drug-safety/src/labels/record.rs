//! One label as openFDA writes it: which ingredients, which version, and the sections that speak of other medicines.

use serde::Deserialize;
use terminology::medicines::NameKind;

use super::selection::Rank;
use super::words::salt_free;
use crate::facts::medicines;

/// Longest text kept of one section.
const LONGEST_SECTION: usize = 120_000;

/// The fields that are read; everything else of a record is passed over.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    set_id: String,
    id: String,
    version: Text,
    effective_time: Text,
    openfda: OpenFda,
    spl_product_data_elements: Vec<String>,
    active_ingredient: Vec<String>,
    boxed_warning: Vec<String>,
    contraindications: Vec<String>,
    drug_interactions: Vec<String>,
    do_not_use: Vec<String>,
    ask_doctor_or_pharmacist: Vec<String>,
    pregnancy: Vec<String>,
    teratogenic_effects: Vec<String>,
    pregnancy_or_breast_feeding: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OpenFda {
    substance_name: Vec<String>,
    generic_name: Vec<String>,
    is_original_packager: Vec<bool>,
}

/// A scalar that is sometimes a number and sometimes text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Words(String),
    Number(u64),
}

impl Default for Text {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Text {
    fn number(&self) -> u64 {
        match self {
            Self::Words(words) => words.trim().parse().unwrap_or(0),
            Self::Number(number) => *number,
        }
    }
}

/// Why a record was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LabelProblem {
    /// Not JSON of a label.
    #[error("el registro no se puede leer: {0}")]
    Malformed(#[from] serde_json::Error),
    /// No identifier: it could not be replaced by a newer version.
    #[error("el registro no tiene identificador (set_id)")]
    NoIdentifier,
}

/// The label kept for a set of ingredients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// INN of every active ingredient, sorted.
    pub ingredients: Vec<String>,
    /// The publisher's identifier, the same over all versions.
    pub set_id: String,
    /// Version of the label.
    pub version: u64,
    /// Date of the label, YYYYMMDD.
    pub effective: u64,
    /// Whether the company that made it published it, not a repackager.
    pub original_packager: bool,
    /// Boxed warning.
    pub boxed_warning: String,
    /// Contraindications; of products without prescription «do not use».
    pub contraindications: String,
    /// Interactions; of products without prescription «ask a doctor or pharmacist».
    pub interactions: String,
    /// Pregnancy.
    pub pregnancy: String,
    /// Date of the publisher's data it was read from; empty when the file does not say it.
    pub published: String,
}

impl Label {
    /// The name of its set of ingredients: one label is kept for each.
    #[must_use]
    pub fn key(&self) -> String {
        self.ingredients.join("+")
    }

    /// Reads a record of data published on a date. `None`: not every ingredient is in the catalogue, so the label would
    /// be taken for that of another medicine.
    ///
    /// # Errors
    /// [`LabelProblem`] for bytes that are not a label.
    pub fn read(record: &[u8], published: &str) -> Result<Option<Self>, LabelProblem> {
        let raw: Raw = serde_json::from_slice(record)?;
        let set_id = if raw.set_id.is_empty() { &raw.id } else { &raw.set_id };
        if set_id.is_empty() || set_id.len() > 100 {
            return Err(LabelProblem::NoIdentifier);
        }
        let ingredients = ingredients(&raw);
        if ingredients.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            ingredients,
            set_id: set_id.clone(),
            version: raw.version.number(),
            effective: raw.effective_time.number(),
            original_packager: raw.openfda.is_original_packager.first() == Some(&true),
            boxed_warning: section(&[&raw.boxed_warning]),
            contraindications: section(&[&raw.contraindications, &raw.do_not_use]),
            interactions: section(&[&raw.drug_interactions, &raw.ask_doctor_or_pharmacist]),
            pregnancy: section(&[&raw.pregnancy, &raw.teratogenic_effects, &raw.pregnancy_or_breast_feeding]),
            published: published.to_owned(),
        }))
    }

    /// The date as it is read: 2026-06-12.
    #[must_use]
    pub fn date(&self) -> String {
        let (year, month, day) = (self.effective / 10_000, self.effective / 100 % 100, self.effective % 100);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// What decides whether it is kept rather than another of the same ingredients.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank {
            set_id: self.set_id.clone(),
            version: self.version,
            effective: self.effective,
            original_packager: self.original_packager,
            interactions: self.interactions.len(),
        }
    }
}

/// The texts of sections joined, spaces made single, cut at a limit.
fn section(parts: &[&Vec<String>]) -> String {
    let mut text = String::new();
    for word in parts.iter().flat_map(|part| part.iter()).flat_map(|part| part.split_whitespace()) {
        if text.len() + word.len() > LONGEST_SECTION {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// The ingredients, sorted; none unless all of them are known.
fn ingredients(raw: &Raw) -> Vec<String> {
    let named = |names: &[String]| -> Option<Vec<String>> {
        let parts = names.iter().flat_map(|name| name.split([',', ';']).flat_map(|part| part.split(" AND ")));
        let parts = parts.filter(|part| !part.trim().is_empty());
        let mut found = parts.map(inn_of).collect::<Option<Vec<String>>>()?;
        found.sort_unstable();
        found.dedup();
        (!found.is_empty()).then_some(found)
    };
    let identified = [&raw.openfda.substance_name, &raw.openfda.generic_name];
    if let Some(found) = identified.iter().find_map(|names| named(names)) {
        return found;
    }
    if identified.iter().any(|names| !names.is_empty()) {
        return Vec::new();
    }
    // The publisher did not identify it: the second name of «BRAND Generic EXCIPIENTS...» or nothing.
    let elements = raw.spl_product_data_elements.first().map(String::as_str).unwrap_or_default();
    let words: Vec<&str> = elements.split_whitespace().take(8).collect();
    let runs = (0..words.len()).flat_map(|from| (1..=3).rev().map(move |length| (from, length)));
    let mut runs = runs.filter_map(|(from, length)| words.get(from..from + length));
    let first = runs.find_map(|run| inn_of(run.join(" ")));
    let active = raw.active_ingredient.first().and_then(|text| first_medicine(text));
    first.or(active).into_iter().collect()
}

/// The medicine at the beginning of «Active ingredient (in each 5 mL) Acetaminophen 160 mg».
fn first_medicine(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 4).find_map(inn_of)
}

/// The ingredient of a name in the United States, with or without its salt.
pub(super) fn inn_of(name: impl AsRef<str>) -> Option<String> {
    let name = name.as_ref().trim();
    let find = |text: &str| {
        let found = medicines().find(text).filter(|found| found.kind == NameKind::Generic)?;
        match found.medicines[..] {
            [medicine] => Some(medicine.inn.to_owned()),
            _ => None,
        }
    };
    find(name).or_else(|| find(salt_free(name).as_str()))
}
