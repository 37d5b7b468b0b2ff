//! `eval negation`: negation and uncertainty in written Spanish.

use std::path::Path;

use anyhow::Result;

use crate::options::Options;

pub(crate) fn run(_root: &Path, _options: &Options) -> Result<()> {
    Ok(())
}
