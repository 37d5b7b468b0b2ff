//! What every source file opens with, how long it may grow, and what must not leak into any file.

use super::{Finding, Repository};

/// Lines after which a file is looked at: a second idea has usually moved in.
const LONG_FILE_LINES: usize = 600;

/// Endings of the files people write and read as code.
const CODE: [&str; 8] = [".rs", ".ts", ".mjs", ".css", ".html", ".sql", ".typ", ".sh"];

/// Beginnings of paths that exist on one machine only. Split so that this file does not name them.
const LOCAL_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

/// Download hosts: the ordinary clients know theirs, and a mirror must be able to stand in.
const REGISTRY_HOSTS: [&str; 8] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("deb.", "debian.org"),
    concat!("security.", "debian.org"),
    concat!("arti", "factory"),
];

/// Each Rust file begins with a `//!` line that says what the file is for.
pub(super) fn files_open_with_their_purpose(repository: &Repository, findings: &mut Vec<Finding>) {
    for (path, text) in repository.iter().filter(|(path, _)| path.ends_with(".rs")) {
        if !text.starts_with("//! ") {
            findings.push(Finding::error(path, 1, "the file does not begin with `//! ` and what it is for"));
        }
    }
}

/// Warns about long files of code.
pub(super) fn files_stay_small(repository: &Repository, findings: &mut Vec<Finding>) {
    for (path, text) in repository.iter().filter(|(path, _)| CODE.iter().any(|ending| path.ends_with(ending)))
    {
        let lines = text.lines().count();
        if lines > LONG_FILE_LINES {
            findings.push(Finding::warning(
                path,
                format!("{lines} lines: look whether a second idea has moved in"),
            ));
        }
    }
}

/// No path of one developer's machine, no download host, no download address in the npm lock file.
pub(super) fn no_machine_leaks(repository: &Repository, findings: &mut Vec<Finding>) {
    for (path, text) in repository.iter() {
        for (index, line) in text.lines().enumerate() {
            if LOCAL_PATHS.iter().any(|local| has_path(line, local)) {
                findings.push(Finding::error(path, index + 1, "a path that exists on one machine only"));
            }
            if REGISTRY_HOSTS.iter().any(|host| line.contains(host)) {
                findings.push(Finding::error(path, index + 1, "the host of a package registry"));
            }
            if path.ends_with("package-lock.json") && line.trim_start().starts_with("\"resolved\"") {
                findings.push(Finding::error(path, index + 1, "a download address in the lock file"));
            }
        }
    }
}

/// Whether `line` has `local` as the beginning of an absolute path, not inside a relative one or an address.
fn has_path(line: &str, local: &str) -> bool {
    line.match_indices(local).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + local.len()..].chars().next();
        let is_absolute = !before.is_some_and(|c| c.is_alphanumeric() || "._-~/}*$".contains(c));
        is_absolute && after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rule = fn(&Repository, &mut Vec<Finding>);

    /// What one rule says about one file.
    fn check(rule: Rule, path: &str, text: &str, expected: &[&str]) {
        let mut findings = Vec::new();
        rule(&Repository::of(&[(path, text)]), &mut findings);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected, "{path}: {text}");
    }

    #[test]
    fn a_file_that_says_what_it_is_for_is_accepted() {
        check(files_open_with_their_purpose, "crates/a/src/lib.rs", "//! Words.\n", &[]);
        check(files_open_with_their_purpose, "README.md", "# Medicus\n", &[]);
    }

    #[test]
    fn a_file_that_opens_with_code_or_an_empty_purpose_is_found() {
        let message = "error: the file does not begin with `//! ` and what it is for";
        for text in ["pub fn a() {}\n", "", "//!\n", "// Words.\n"] {
            check(files_open_with_their_purpose, "a.rs", text, &[&format!("a.rs:1: {message}")]);
        }
    }

    #[test]
    fn a_long_file_is_a_warning_and_a_long_catalogue_is_not() {
        let long = "x\n".repeat(LONG_FILE_LINES + 1);
        let just = "x\n".repeat(LONG_FILE_LINES);
        check(files_stay_small, "a.rs", &just, &[]);
        check(files_stay_small, "catalogs/icd11/core.tsv", &long, &[]);
        check(
            files_stay_small,
            "a.css",
            &long,
            &["a.css: warning: 601 lines: look whether a second idea has moved in"],
        );
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for start in LOCAL_PATHS {
            let line = format!("see \"{start}someone/notes\"\n");
            check(
                no_machine_leaks,
                "a.md",
                &line,
                &["a.md:1: error: a path that exists on one machine only"],
            );
        }
    }

    #[test]
    fn relative_paths_variables_and_lone_folders_are_not_paths_of_one_machine() {
        for line in
            ["src/home/page.rs", "$HOME/home/x", "/home/ is not read", "../work/notes", "https://a.mx/home/x"]
        {
            check(no_machine_leaks, "a.md", line, &[]);
        }
    }

    #[test]
    fn download_hosts_and_addresses_are_found() {
        for host in REGISTRY_HOSTS {
            let line = format!("https://{host}/x\n");
            check(no_machine_leaks, "dev", &line, &["dev:1: error: the host of a package registry"]);
        }
        check(
            no_machine_leaks,
            "web-assets/package-lock.json",
            "  \"resolved\": \"https://mirror/x.tgz\",\n",
            &["web-assets/package-lock.json:1: error: a download address in the lock file"],
        );
        check(no_machine_leaks, "Cargo.lock", "source = \"registry+https://x/crates.io-index\"\n", &[]);
    }
}
