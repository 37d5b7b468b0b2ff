//! The facts that ship say where they come from.

use super::{Finding, Repository};

const PROVENANCE: &str = "PROVENANCE.md";

/// Every folder of `catalogs/` has a PROVENANCE.md, and it names every other file of the folder.
pub(super) fn facts_name_their_source(repository: &Repository, findings: &mut Vec<Finding>) {
    for folder in repository.folders_of("catalogs") {
        let prefix = format!("catalogs/{folder}/");
        let path = format!("{prefix}{PROVENANCE}");
        let Some(provenance) = repository.get(&path) else {
            findings.push(Finding::error(
                &path,
                0,
                "a catalogue says where its facts come from, in this file",
            ));
            continue;
        };
        let files = repository.iter().filter_map(|(path, _)| path.strip_prefix(&prefix));
        for file in files.filter(|file| *file != PROVENANCE) {
            if !provenance.contains(file) {
                findings.push(Finding::error(&path, 0, format!("{file} is not named: say its source")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let mut findings = Vec::new();
        facts_name_their_source(&Repository::of(files), &mut findings);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_catalogue_with_its_sources_is_accepted() {
        check(&[("catalogs/a/PROVENANCE.md", "`core.tsv`: WHO, 2025"), ("catalogs/a/core.tsv", "x")], &[]);
    }

    #[test]
    fn a_catalogue_without_sources_and_a_file_without_one_are_found() {
        check(
            &[
                ("catalogs/a/PROVENANCE.md", "core.tsv"),
                ("catalogs/a/more.tsv", "x"),
                ("catalogs/b/core.tsv", "x"),
            ],
            &[
                "catalogs/a/PROVENANCE.md: error: more.tsv is not named: say its source",
                "catalogs/b/PROVENANCE.md: error: a catalogue says where its facts come from, in this file",
            ],
        );
    }
}
