//! Chores of the repository, written in Rust so that they run wherever the product builds.
//!
//! `cargo xtask tidy` checks what the compiler cannot: the code map, who may use whom, first lines, sizes.
//! `cargo xtask codes` compares the tables of ICD-11 that ship with WHO's release.
//! `cargo xtask sbom PROGRAM...` writes what the programs are made of, for who receives a release.
//! `cargo xtask notices PROGRAM...` writes the licences of what they are made of.
//! `cargo xtask eval` measures the scribe; it is the package `evaluation`, built with optimisation when it is asked for.

mod codes;
mod notices;
mod sbom;
mod tidy;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: cargo xtask tidy | codes | sbom PROGRAM... | notices PROGRAM... | eval scribe|negation|icd|train [...]";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => run_tidy(),
        ["codes"] => run_codes(),
        ["sbom", programs @ ..] if !programs.is_empty() => write(sbom::list, programs),
        ["notices", programs @ ..] if !programs.is_empty() => {
            write(|root, programs| notices::text(&sbom::parts(root, programs)?), programs)
        }
        ["eval", rest @ ..] => run_evaluation(rest),
        _ => bail!("{USAGE}"),
    }
}

/// Prints what is told of these programs.
fn write(text: impl Fn(&Path, &[&str]) -> Result<String>, programs: &[&str]) -> Result<ExitCode> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    let root = Path::new(&manifest).parent().context("xtask lies in the repository root")?;
    std::io::stdout().lock().write_all(text(root, programs)?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints where the tables of ICD-11 differ from WHO's release.
fn run_codes() -> Result<ExitCode> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    let root = Path::new(&manifest).parent().context("xtask lies in the repository root")?;
    let mut out = std::io::stdout().lock();
    let Some(wrong) = codes::check(root)? else {
        writeln!(out, "skipped: ../shared not present")?;
        return Ok(ExitCode::SUCCESS);
    };
    for finding in &wrong {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "codes: {} differences from WHO's release", wrong.len())?;
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints every finding; the exit code is 1 when one of them is more than a warning.
fn run_tidy() -> Result<ExitCode> {
    // Asked when it runs, not when it was built: two checkouts may share one target directory.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    let root = Path::new(&manifest).parent().context("xtask lies in the repository root")?;
    let repository = tidy::Repository::read(root)?;
    let findings = tidy::check(&repository);
    let errors = findings.iter().filter(|finding| !finding.is_warning).count();

    let mut out = std::io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let warnings = findings.len() - errors;
    writeln!(out, "tidy: {} files, {errors} errors, {warnings} warnings", repository.len())?;
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds and runs the package `evaluation`.
fn run_evaluation(arguments: &[&str]) -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "evaluation", "--"])
        .args(arguments)
        .status()
        .context("cargo cannot be started")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
