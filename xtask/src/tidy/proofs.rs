//! What the README promises points to tests that exist.

use super::{Finding, Repository};

const PROOFS: &str = "docs/proofs.md";

/// Every `` `FILE: TEST` `` of the proofs names a file and a test in it: a function of Rust, or a title between quotes.
pub(super) fn proofs_exist(repository: &Repository, findings: &mut Vec<Finding>) {
    let Some(proofs) = repository.get(PROOFS) else { return };
    for (index, line) in proofs.lines().enumerate() {
        for (file, test) in proofs_in(line) {
            let message = match repository.get(file) {
                None => format!("there is no {file}"),
                Some(_) if test.is_empty() => format!("{file} is named without a test"),
                Some(text) if !has_test(file, text, test) => format!("{file} has no test «{test}»"),
                Some(_) => continue,
            };
            findings.push(Finding::error(PROOFS, index + 1, message));
        }
    }
}

/// The files and tests that a line names between backticks; of a file without a test the second is empty.
fn proofs_in(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let spans = line.split('`').skip(1).step_by(2);
    spans.map(|span| span.split_once(": ").unwrap_or((span, ""))).filter(|(file, _)| {
        let begins_with = file.split(' ').next().unwrap_or_default();
        begins_with.contains('/') && [".rs", ".mjs"].iter().any(|ending| begins_with.contains(ending))
    })
}

fn has_test(file: &str, text: &str, test: &str) -> bool {
    if file.ends_with(".rs") {
        return text.contains(&format!("fn {test}("));
    }
    ['"', '`'].iter().any(|quote| text.contains(&format!("{quote}{test}{quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let repository = Repository::of(&[
            (PROOFS, line),
            ("crates/care/tests/signing.rs", "#[test]\nasync fn nobody_signs_twice(place: Place) {}\n"),
            ("e2e/paper.mjs", "test(\"it is printed\", f);\nit(`after ${kills} kills it is there`, f);\n"),
        ]);
        let mut findings = Vec::new();
        proofs_exist(&repository, &mut findings);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected, "{line}");
    }

    #[test]
    fn tests_that_exist_and_other_words_between_backticks_are_accepted() {
        check(
            "| `medicus audit verify` | `crates/care/tests/signing.rs: nobody_signs_twice`, `e2e/paper.mjs: it is printed` |",
            &[],
        );
        check("| `note: x`, `./dev kills` | `e2e/paper.mjs: after ${kills} kills it is there` |", &[]);
    }

    #[test]
    fn a_missing_test_or_file_is_reported_with_both_names() {
        check(
            "| a | `crates/care/tests/signing.rs: nobody_signs`, `e2e/paper.mjs: it is` |",
            &[
                "docs/proofs.md:1: error: crates/care/tests/signing.rs has no test «nobody_signs»",
                "docs/proofs.md:1: error: e2e/paper.mjs has no test «it is»",
            ],
        );
        check(
            "| a | `crates/care/tests/gone.rs: nobody_signs_twice` |",
            &["docs/proofs.md:1: error: there is no crates/care/tests/gone.rs"],
        );
    }

    #[test]
    fn a_file_without_its_test_is_found() {
        check(
            "`e2e/paper.mjs` `e2e/paper.mjs:it is printed`",
            &[
                "docs/proofs.md:1: error: e2e/paper.mjs is named without a test",
                "docs/proofs.md:1: error: there is no e2e/paper.mjs:it is printed",
            ],
        );
    }
}
