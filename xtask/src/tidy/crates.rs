//! The code map, who may use whom, and what every member's manifest says.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Finding, Repository};

const MAP: &str = "ARCHITECTURE.md";

/// The rooms of the house from left to right: a crate may use only crates before it.
/// The reasons are in `ARCHITECTURE.md`.
const ORDER: [&str; 23] = [
    "clinical",
    "terminology",
    "drug-safety",
    "nom004",
    "prevention",
    "figures",
    "storage",
    "scribe",
    "speech",
    "documents",
    "results",
    "fhir",
    "efirma",
    "messaging",
    "calendar",
    "engine-process",
    "llm",
    "whisper",
    "care",
    "web",
    "medicus-llm",
    "medicus-speech",
    "medicus",
];

/// One craft each (`whisper` only stands behind the seam of `speech`): these know neither storage nor each other's
/// neighbours, whatever the order allows.
const ENGINES: [&str; 9] =
    ["scribe", "speech", "documents", "results", "fhir", "efirma", "messaging", "calendar", "llm"];

/// Builders and fakes; a dev-dependency of anyone, and it may use every room but the program.
const TEST_SUPPORT: &str = "test-support";

/// Tables of a manifest that name other crates.
const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Every folder of `crates/` is named in the map as `crates/NAME`, and every such name is a folder.
pub(super) fn map_is_complete(repository: &Repository, findings: &mut Vec<Finding>) {
    let folders: BTreeSet<&str> = repository.folders_of("crates").into_iter().collect();
    let Some(map) = repository.get(MAP) else {
        if !folders.is_empty() {
            findings.push(Finding::error(MAP, 0, "the code map is missing"));
        }
        return;
    };
    let mut named = BTreeSet::new();
    for (index, line) in map.lines().enumerate() {
        for name in crate_names(line) {
            if !folders.contains(name) {
                findings.push(Finding::error(MAP, index + 1, format!("there is no folder crates/{name}")));
            }
            named.insert(name);
        }
    }
    for folder in folders.difference(&named) {
        findings.push(Finding::error(MAP, 0, format!("crates/{folder} is not in the code map")));
    }
}

/// The NAMEs of all `crates/NAME` in a line.
fn crate_names(line: &str) -> impl Iterator<Item = &str> {
    line.split("crates/").skip(1).filter_map(|rest| {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name = rest.split(|c: char| !is_name(c)).next()?;
        (!name.is_empty()).then_some(name)
    })
}

/// A crate uses only crates to its left; engines not even `storage`; `test-support` only in tests.
pub(super) fn knowledge_flows_one_way(repository: &Repository, findings: &mut Vec<Finding>) {
    for (name, path, manifest) in members(repository, findings) {
        if name != TEST_SUPPORT && position(name).is_none() {
            let message = format!("{name} has no place in the order of rooms (xtask/src/tidy/crates.rs)");
            findings.push(Finding::error(&path, 0, message));
            continue;
        }
        for table in DEPENDENCY_TABLES {
            for used in dependencies(&manifest, table).map(|(used, _)| used) {
                if let Some(reason) = refusal(name, used, table) {
                    findings.push(Finding::error(&path, 0, format!("{name} uses {used}: {reason}")));
                }
            }
        }
    }
}

/// Why `name` may not use `used`; nothing for what lies outside the workspace.
fn refusal(name: &str, used: &str, table: &str) -> Option<&'static str> {
    if used == TEST_SUPPORT {
        return (table != "dev-dependencies").then_some("test-support is for tests only");
    }
    let used_at = position(used)?;
    let at = if name == TEST_SUPPORT { ORDER.len() - 1 } else { position(name)? };
    if used_at >= at {
        Some("knowledge flows one way, a crate uses only crates to its left")
    } else if ENGINES.contains(&name) && (used == "storage" || ENGINES.contains(&used)) {
        Some("an engine knows neither storage nor another engine")
    } else {
        None
    }
}

fn position(name: &str) -> Option<usize> {
    ORDER.iter().position(|room| *room == name)
}

/// Outside crates come from `[workspace.dependencies]`, lints from the workspace, folder and name agree.
pub(super) fn manifests_follow_the_workspace(repository: &Repository, findings: &mut Vec<Finding>) {
    for (folder, path, manifest) in members(repository, findings) {
        let package = manifest.get("package").and_then(Value::as_table);
        if package.and_then(|package| package.get("name")).and_then(Value::as_str) != Some(folder) {
            findings.push(Finding::error(&path, 0, "the crate's name is not its folder's name"));
        }
        if !is_from_workspace(manifest.get("lints")) {
            findings.push(Finding::error(&path, 0, "the workspace lints are not inherited"));
        }
        for table in DEPENDENCY_TABLES {
            for (used, value) in dependencies(&manifest, table) {
                if !is_from_workspace(Some(value)) {
                    let message = format!("{used}: declare it in [workspace.dependencies] and inherit it");
                    findings.push(Finding::error(&path, 0, message));
                }
                if value.get("features").is_some() {
                    let message = format!("{used}: its features belong in [workspace.dependencies]");
                    findings.push(Finding::error(&path, 0, message));
                }
            }
        }
    }
}

fn is_from_workspace(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn dependencies<'a>(manifest: &'a Table, table: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let table = manifest.get(table).and_then(Value::as_table);
    table.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Folder name, path of the manifest and the manifest of every member of `crates/`.
fn members<'a>(repository: &'a Repository, findings: &mut Vec<Finding>) -> Vec<(&'a str, String, Table)> {
    let mut members = Vec::new();
    for folder in repository.folders_of("crates") {
        let path = format!("crates/{folder}/Cargo.toml");
        match repository.get(&path).map(str::parse::<Table>) {
            Some(Ok(manifest)) => members.push((folder, path, manifest)),
            Some(Err(error)) => findings.push(Finding::error(&path, 0, error.message())),
            None => findings.push(Finding::error(&path, 0, "the manifest is missing")),
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}")
    }

    /// What the rules about crates say about one crate with these manifest lines.
    fn check(name: &str, rest: &str, expected: &[&str]) {
        let path = format!("crates/{name}/Cargo.toml");
        let repository = Repository::of(&[(path.as_str(), &manifest(name, rest))]);
        let mut findings = Vec::new();
        knowledge_flows_one_way(&repository, &mut findings);
        manifests_follow_the_workspace(&repository, &mut findings);
        let messages: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, expected);
    }

    fn check_map(map: &str, expected: &[&str]) {
        let repository = Repository::of(&[
            (MAP, map),
            ("crates/care/Cargo.toml", ""),
            ("crates/drug-safety/src/lib.rs", ""),
        ]);
        let mut findings = Vec::new();
        map_is_complete(&repository, &mut findings);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_map_that_names_every_crate_is_accepted() {
        check_map("`crates/care`\nand [drug-safety](crates/drug-safety/src/lib.rs).", &[]);
    }

    #[test]
    fn a_crate_missing_from_the_map_and_a_room_without_folder_are_found() {
        check_map(
            "crates/care\ncrates/attic",
            &[
                "ARCHITECTURE.md:2: error: there is no folder crates/attic",
                "ARCHITECTURE.md: error: crates/drug-safety is not in the code map",
            ],
        );
    }

    #[test]
    fn a_crate_may_use_the_rooms_to_its_left() {
        check(
            "care",
            "[dependencies]\nclinical.workspace = true\nstorage = { workspace = true }\nserde.workspace = true\n",
            &[],
        );
        check("clinical", "[dev-dependencies]\ntest-support.workspace = true\n", &[]);
        check("test-support", "[dependencies]\nweb.workspace = true\n", &[]);
    }

    #[test]
    fn a_crate_may_not_use_a_room_to_its_right() {
        let reason = "knowledge flows one way, a crate uses only crates to its left";
        check(
            "clinical",
            "[dependencies]\nterminology.workspace = true\n",
            &[&format!("clinical uses terminology: {reason}")],
        );
        check(
            "storage",
            "[dev-dependencies]\ncare.workspace = true\n",
            &[&format!("storage uses care: {reason}")],
        );
        check(
            "test-support",
            "[dependencies]\nmedicus.workspace = true\n",
            &[&format!("test-support uses medicus: {reason}")],
        );
    }

    #[test]
    fn an_engine_knows_neither_storage_nor_another_engine() {
        check(
            "documents",
            "[dependencies]\nscribe.workspace = true\nstorage.workspace = true\n",
            &[
                "documents uses scribe: an engine knows neither storage nor another engine",
                "documents uses storage: an engine knows neither storage nor another engine",
            ],
        );
    }

    #[test]
    fn test_support_is_for_tests_only() {
        check(
            "care",
            "[dependencies]\ntest-support.workspace = true\n",
            &["care uses test-support: test-support is for tests only"],
        );
    }

    #[test]
    fn a_room_without_a_place_is_found() {
        check("attic", "", &["attic has no place in the order of rooms (xtask/src/tidy/crates.rs)"]);
    }

    #[test]
    fn versions_and_features_belong_to_the_workspace() {
        check(
            "care",
            "[dependencies]\nserde = \"1\"\njiff = { workspace = true, features = [\"serde\"] }\n",
            &[
                "jiff: its features belong in [workspace.dependencies]",
                "serde: declare it in [workspace.dependencies] and inherit it",
            ],
        );
    }

    #[test]
    fn a_broken_manifest_a_foreign_name_and_missing_lints_are_found() {
        let repository = Repository::of(&[
            ("crates/care/Cargo.toml", "[package]\nname = \"cares\"\n"),
            ("crates/web/Cargo.toml", "[package"),
            ("crates/storage/src/lib.rs", ""),
        ]);
        let mut findings = Vec::new();
        manifests_follow_the_workspace(&repository, &mut findings);
        let paths: Vec<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "crates/storage/Cargo.toml",
                "crates/web/Cargo.toml",
                "crates/care/Cargo.toml",
                "crates/care/Cargo.toml"
            ]
        );
    }
}
