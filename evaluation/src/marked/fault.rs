//! What is wrong with a marked text, and what to write instead.

use std::fmt;

use thiserror::Error;

/// Fewer turns are no consultation.
pub(crate) const MIN_TURNS: usize = 8;

/// Everything that is wrong with a file.
#[derive(Debug, Error)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            write!(out, "{}{problem}", if at > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

/// A fault and where it is.
#[derive(Debug, Error)]
#[error("{file}:{line}: {fault}")]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) fault: Fault,
}

/// What can be wrong.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum Fault {
    #[error("write `# ID | setting`, or a turn that begins with `D:`, `P:` or `C:`, instead of `{0}`")]
    Line(String),
    #[error("a turn of no consultation: write `# ID | setting` above it")]
    NoHeader,
    #[error("write `# ID | setting`, with an ID of letters and digits, instead of `{0}`")]
    Header(String),
    #[error("the ID {0} is taken: write another")]
    Taken(String),
    #[error("{0} has {1} turns: write a consultation of {MIN_TURNS} or more")]
    Short(String, usize),
    #[error("a brace is alone, or a mark lies within another: write `{{tag:spoken words}}`")]
    Brace,
    #[error("`{{{mark}}}` has no known tag: write `{{tag:spoken words}}`, the tag one of {tags}")]
    Tag { mark: String, tags: String },
    #[error("`{{{0}}}` marks no words: write those that were spoken after the colon")]
    NoWords(String),
    #[error("{tag} has no `{field}=`: {}", fields_of(.allowed))]
    Field { tag: &'static str, field: String, allowed: Vec<&'static str> },
    #[error("{tag} needs `{field}=`: write `{example}`")]
    Missing { tag: &'static str, field: &'static str, example: &'static str },
    #[error("`{field}={value}`: write {wanted}")]
    Value { field: &'static str, value: String, wanted: String },
    #[error("`{0}` stands alone after the clinical name: write `field={0}`; only `prn` goes without a field")]
    Loose(String),
}

fn fields_of(allowed: &[&str]) -> String {
    match allowed {
        [] => "leave it out".to_owned(),
        allowed => format!("write one of {}=, or leave it out", allowed.join("=, ")),
    }
}
