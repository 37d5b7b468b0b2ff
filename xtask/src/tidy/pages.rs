//! Markdown: links inside the repository lead somewhere, decision records stay short answers to questions.

use std::collections::BTreeMap;

use super::{Finding, Repository};

const DECISIONS: &str = "docs/decisions/";

/// A decision record is read in a minute or not at all.
const DECISION_LINES: usize = 40;

/// What every decision record says, one heading or bold word each.
const DECISION_PARTS: [&str; 4] = ["Answer", "Because", "What we gave up", "Look again when"];

/// Every relative link or picture of a Markdown file names a file or folder of the repository.
pub(super) fn links_lead_somewhere(repository: &Repository, findings: &mut Vec<Finding>) {
    for (path, text) in repository.iter().filter(|(path, _)| path.ends_with(".md")) {
        for (index, line) in text.lines().enumerate() {
            for target in link_targets(line) {
                let resolved = resolve(path, target);
                if !repository.exists(&resolved) {
                    findings.push(Finding::error(
                        path,
                        index + 1,
                        format!("the link {target} leads nowhere"),
                    ));
                }
            }
        }
    }
}

/// The relative targets of `[text](target)` in a line, without `#fragment`.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ', '#']).next()?;
        let is_outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
        (!is_outside).then_some(target)
    })
}

/// `target` as seen from the file `path`, from the repository root.
fn resolve(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `docs/decisions/NNNN-words.md`: one number each, a question as title, four parts, at most 40 lines.
pub(super) fn decisions_are_short_answers(repository: &Repository, findings: &mut Vec<Finding>) {
    let mut numbers: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, text) in repository.iter() {
        let Some(name) = path.strip_prefix(DECISIONS).filter(|name| name.ends_with(".md")) else { continue };
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            findings.push(Finding::error(path, 0, "a decision's name begins with its number of four digits"));
        } else if let Some(other) = numbers.insert(number, path) {
            findings.push(Finding::error(path, 0, format!("{other} has the same number")));
        }
        let title = text.lines().next().unwrap_or_default();
        if !(title.starts_with("# ") && title.ends_with('?')) {
            findings.push(Finding::error(path, 1, "the title of a decision is a question"));
        }
        for part in DECISION_PARTS {
            if !text.contains(&format!("**{part}")) {
                findings.push(Finding::error(path, 0, format!("the part **{part}** is missing")));
            }
        }
        if text.lines().count() > DECISION_LINES {
            findings.push(Finding::error(path, 0, "a decision has at most 40 lines"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_links(line: &str, expected: &[&str]) {
        let repository = Repository::of(&[
            ("README.md", "# Medicus\n"),
            ("docs/manual/inicio.md", line),
            ("docs/manual/copias.md", ""),
        ])
        .with_binary("docs/manual/hoy.png");
        let mut findings = Vec::new();
        links_lead_somewhere(&repository, &mut findings);
        let messages: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, expected, "{line}");
    }

    fn check_decision(path: &str, text: &str, expected: &[&str]) {
        let mut findings = Vec::new();
        decisions_are_short_answers(&Repository::of(&[(path, text)]), &mut findings);
        let messages: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, expected, "{path}");
    }

    const GOOD: &str =
        "# Why?\n\n**Answer.** A.\n**Because** B.\n**What we gave up.** C.\n**Look again when** D.\n";

    #[test]
    fn links_to_files_folders_pictures_and_other_sites_are_accepted() {
        check_links(
            "[a](copias.md) [b](../../README.md#x) ![c](hoy.png) [d](../manual) [e](https://example.org)",
            &[],
        );
    }

    #[test]
    fn a_link_to_a_missing_file_or_picture_is_found() {
        check_links("see [a](restaurar.md)", &["the link restaurar.md leads nowhere"]);
        check_links("![c](agenda.png)", &["the link agenda.png leads nowhere"]);
    }

    #[test]
    fn a_decision_in_its_form_is_accepted() {
        check_decision("docs/decisions/0001-why.md", GOOD, &[]);
    }

    #[test]
    fn a_decision_without_number_question_or_part_is_found() {
        check_decision(
            "docs/decisions/why.md",
            GOOD,
            &["a decision's name begins with its number of four digits"],
        );
        let text = GOOD.replace("# Why?", "# Because").replace("**Look again when**", "Never");
        check_decision(
            "docs/decisions/0001-why.md",
            &text,
            &["the title of a decision is a question", "the part **Look again when** is missing"],
        );
        let long = format!("{GOOD}{}", "x\n".repeat(DECISION_LINES));
        check_decision("docs/decisions/0001-why.md", &long, &["a decision has at most 40 lines"]);
    }

    #[test]
    fn two_decisions_with_one_number_are_found() {
        let repository =
            Repository::of(&[("docs/decisions/0001-a.md", GOOD), ("docs/decisions/0001-b.md", GOOD)]);
        let mut findings = Vec::new();
        decisions_are_short_answers(&repository, &mut findings);
        assert_eq!(findings.len(), 1);
    }
}
