//! What the command line asks for.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::USAGE;

/// The words after `eval scribe` or `eval negation`.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Folders of annotated consultations besides the usual ones.
    pub(crate) sets: Vec<PathBuf>,
    /// Measure the consultations as a microphone and a recogniser would spoil them, too.
    pub(crate) variations: bool,
    /// Keep the figures, to compare the next run with.
    pub(crate) record: bool,
}

impl Options {
    pub(crate) fn read(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--set" => options.sets.push(words.next().context("--set needs a folder")?.into()),
                "--variations" => options.variations = true,
                "--record" => options.record = true,
                other => bail!("{other}?\n{USAGE}"),
            }
        }
        Ok(options)
    }
}
