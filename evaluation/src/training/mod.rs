//! `eval train`: makes the table of `scribe::learned` from `testdata/anotadas/ajuste`, the same every time.

mod model;
mod speakers;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::sets::Set;

/// Trains and writes the table.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = root.join("testdata").join("anotadas").join("ajuste");
    let set = Set::read(&folder)?.context("there is nothing to learn from")?;
    let lexicon = root.join("catalogs").join("lexicon");
    let mut out = std::io::stdout().lock();
    let examples = speakers::examples(&set);
    let table = model::trained(&examples);
    std::fs::write(lexicon.join("speakers.tsv"), &table)?;
    writeln!(out, "speakers.tsv: {} features from {} examples", table.lines().count(), examples.len())?;
    Ok(())
}
