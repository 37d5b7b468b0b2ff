//! Rules about the repository as a whole. In: its text files. Out: findings, sorted by place.
//!
//! Every rule is a function over a [`Repository`] in memory, so each is tested on three-line repositories.
//! To add one: write `fn rule(&Repository, &mut Vec<Finding>)` in the file it belongs to and call it in [`check`].

mod catalogs;
mod crates;
mod pages;
mod proofs;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Folders whose contents are made by machines and never committed; in a second worktree `.git` is a file.
const NOT_OURS: [&str; 5] = [".git", "target", "node_modules", "dist", "output"];

/// The files of a checkout: path from its root, with `/`, to contents. Of binary files only the path is known.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    files: BTreeMap<String, String>,
    binaries: BTreeSet<String>,
}

impl Repository {
    /// Reads every file below `root`, without following links.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut repository = Self::default();
        repository.read_folder(root, "")?;
        Ok(repository)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            let path = format!("{prefix}{name}");
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path()).with_context(|| format!("cannot read {path}"))?;
                match String::from_utf8(bytes) {
                    Ok(text) => drop(self.files.insert(path, text)),
                    Err(_) => drop(self.binaries.insert(path)),
                }
            }
        }
        Ok(())
    }

    /// How many text files there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Whether there is a file, of text or not, or a folder at this path.
    fn exists(&self, path: &str) -> bool {
        let as_folder = format!("{path}/");
        let mut paths = self.files.keys().chain(&self.binaries);
        path.is_empty() || paths.any(|file| file == path || file.starts_with(&as_folder))
    }

    /// The names of the folders directly below `parent`, each once, in order.
    fn folders_of(&self, parent: &str) -> Vec<&str> {
        let prefix = format!("{parent}/");
        let mut names: Vec<&str> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix)?.split_once('/').map(|(name, _)| name))
            .collect();
        names.dedup();
        names
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self { files: files.collect(), binaries: BTreeSet::new() }
    }

    #[cfg(test)]
    fn with_binary(mut self, path: &str) -> Self {
        self.binaries.insert(path.to_owned());
        self
    }
}

/// Something that breaks a rule, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 when the finding is about the whole file.
    line: usize,
    message: String,
    /// A warning is printed and does not fail the run.
    pub(crate) is_warning: bool,
}

impl Finding {
    fn error(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into(), is_warning: false }
    }

    fn warning(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, message: message.into(), is_warning: true }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, message, is_warning } = self;
        let kind = if *is_warning { "warning" } else { "error" };
        if *line == 0 {
            write!(f, "{path}: {kind}: {message}")
        } else {
            write!(f, "{path}:{line}: {kind}: {message}")
        }
    }
}

/// Every rule on every file.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    crates::map_is_complete(repository, &mut findings);
    crates::knowledge_flows_one_way(repository, &mut findings);
    crates::manifests_follow_the_workspace(repository, &mut findings);
    text::files_open_with_their_purpose(repository, &mut findings);
    text::files_stay_small(repository, &mut findings);
    text::no_machine_leaks(repository, &mut findings);
    pages::links_lead_somewhere(repository, &mut findings);
    pages::decisions_are_short_answers(repository, &mut findings);
    proofs::proofs_exist(repository, &mut findings);
    catalogs::facts_name_their_source(repository, &mut findings);
    findings.sort();
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_once_and_files_beside_them_are_not_folders() {
        let repository = Repository::of(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", ""),
            ("crates/b/src/lib.rs", ""),
            ("crates/notes.md", ""),
        ]);
        assert_eq!(repository.folders_of("crates"), ["a", "b"]);
    }

    #[test]
    fn a_finding_reads_like_a_compiler_message() {
        assert_eq!(Finding::error("a.rs", 3, "no").to_string(), "a.rs:3: error: no");
        assert_eq!(Finding::warning("a.rs", "long").to_string(), "a.rs: warning: long");
    }

    #[test]
    fn reading_skips_binary_files_and_generated_folders() {
        let root = std::env::temp_dir().join(format!("medicus-tidy-{}", std::process::id()));
        std::fs::create_dir_all(root.join("node_modules")).unwrap();
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(root.join("node_modules/x.js"), "x").unwrap();
        std::fs::write(root.join("src/lib.rs"), "//! A.").unwrap();
        std::fs::write(root.join("src/picture.png"), [0x89, 0xff, 0xfe]).unwrap();
        let repository = Repository::read(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(repository.iter().collect::<Vec<_>>(), [("src/lib.rs", "//! A.")]);
        assert!(repository.exists("src/picture.png") && !repository.exists("node_modules/x.js"));
    }
}
