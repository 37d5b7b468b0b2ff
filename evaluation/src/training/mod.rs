//! `eval train`: makes the tables of `scribe::learned` from `testdata/anotadas/ajuste`, the same every time.

mod model;
mod speakers;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::sets::Set;

/// Trains every model and writes its table.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = root.join("testdata").join("anotadas").join("ajuste");
    let set = Set::read(&folder)?.context("there is nothing to learn from")?;
    let lexicon = root.join("catalogs").join("lexicon");
    let mut out = std::io::stdout().lock();
    for (name, examples) in [("speakers", speakers::examples(&set))] {
        let table = model::trained(&examples);
        std::fs::write(lexicon.join(format!("{name}.tsv")), &table)?;
        writeln!(out, "{name}.tsv: {} features from {} examples", table.lines().count(), examples.len())?;
    }
    Ok(())
}
