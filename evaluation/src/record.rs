//! The last run that was recorded, to compare with: `docs/evaluation.json`. Figures only, no words of a consultation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Figures by name.
pub(crate) type Figures = BTreeMap<String, f64>;

/// What was recorded, by set or by task.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Consultations, by set.
    #[serde(default)]
    pub(crate) scribe: BTreeMap<String, Figures>,
    /// Micro F1 of varied consultations, by set and variation.
    #[serde(default)]
    pub(crate) variations: BTreeMap<String, Figures>,
    /// Negation and uncertainty in written Spanish, by who finds it.
    #[serde(default)]
    pub(crate) negation: BTreeMap<String, Figures>,
}

fn path(root: &Path) -> PathBuf {
    root.join("docs").join("evaluation.json")
}

impl Record {
    /// What was recorded; empty when nothing was.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        match std::fs::read(path(root)) {
            Ok(bytes) => serde_json::from_slice(&bytes).context("docs/evaluation.json is damaged"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).context("docs/evaluation.json cannot be read"),
        }
    }

    /// Records these figures over the earlier ones of the same names; what was not measured now stays.
    pub(crate) fn keep(&mut self, root: &Path, newer: Self) -> Result<()> {
        self.scribe.extend(newer.scribe);
        self.variations.extend(newer.variations);
        self.negation.extend(newer.negation);
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        std::fs::write(path(root), text).context("docs/evaluation.json cannot be written")
    }
}
