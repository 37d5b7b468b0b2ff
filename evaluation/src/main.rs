//! Measures how well the scribe understands, `cargo xtask eval scribe` and `cargo xtask eval negation`, and makes what it
//! learns from examples, `cargo xtask eval train`; `cargo xtask eval icd` measures the coding of diagnoses, `cargo xtask eval speech` who is heard speaking and what; `cargo xtask eval recetas` shows every prescription that is not heard right, `cargo xtask eval marked` checks consultations whose facts are marked.
//!
//! A package of its own, and not part of `xtask`, because it needs the scribe built with optimisation, and `cargo xtask
//! tidy` should not wait for that. What is right is decided by the scorers beside the data in `../shared`, run as they are.

mod coding;
mod figures;
mod guard;
mod learning;
mod marked;
mod negation;
mod options;
mod recetas;
mod record;
mod scorers;
mod sets;
mod speech;
mod training;
mod understanding;
mod variations;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: cargo xtask eval scribe [--set DIR]... [--variations] [--record]
       cargo xtask eval recetas [DIR]...
       cargo xtask eval negation [--record]
       cargo xtask eval icd [--missed]
       cargo xtask eval speech FOLDER [--heard FOLDER]
       cargo xtask eval speech mixes [VOICES] [--held] [--alike] [--seed N] [--count N]
       cargo xtask eval train [icd | facts [--cross TO] [DIR]...]
       cargo xtask eval marked FILE...";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["guard", "--jsonl"] => guard::answer(std::io::stdin().lock(), std::io::stdout().lock())?,
        ["scribe", rest @ ..] => understanding::run(&root()?, &options::Options::read(rest)?)?,
        ["train", "facts", rest @ ..] => learning::run(&root()?, rest)?,
        ["marked", first, rest @ ..] => marked::check::run(first, rest)?,
        ["recetas", rest @ ..] => recetas::run(&root()?, rest)?,
        ["speech", rest @ ..] => speech::run(&root()?, rest)?,
        ["icd"] => coding::run(&root()?, false)?,
        ["icd", "--missed"] => coding::run(&root()?, true)?,
        ["train", "icd"] => coding::train(&root()?)?,
        ["train"] => training::run(&root()?)?,
        ["negation", rest @ ..] => negation::run(&root()?, &options::Options::read(rest)?)?,
        _ => bail!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The root of the repository. Asked when it runs, not when it was built: two checkouts may share one target directory.
fn root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask eval`")?;
    let root = PathBuf::from(manifest).parent().map(PathBuf::from);
    root.context("evaluation lies in the repository root")
}
