//! What ships is made of: every outside crate in the programs and every package in the files of the pages, as one list in
//! CycloneDX 1.6 (<https://cyclonedx.org/docs/1.6/json/>). The same bytes for the same lock files and OpenBLAS.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

/// The tool that packs the files of the pages; nothing of it is in them.
const PACKER: &str = "esbuild";

/// The program that has OpenBLAS inside, from the machine that compiled it.
const SPEECH: &str = "medicus-speech";
/// Where Debian, on which the packages are made, keeps the licence of OpenBLAS.
const LINKED_LICENCE: &str = "/usr/share/doc/libopenblas-dev";

/// The list for these programs of the workspace, on this kind of machine.
pub(crate) fn list(root: &Path, programs: &[&str]) -> Result<String> {
    let (metadata, lock) = (metadata(root)?, lock(root)?);
    let crates = Crates::read(&metadata, &lock)?;
    let inside = crates.reached(programs)?;
    let version = crates.named(programs[0])?.1["version"].clone();
    let mut components: Vec<Value> = inside.iter().filter_map(|id| crates.component(id)).collect();
    let npm = std::fs::read_to_string(root.join("web-assets/package-lock.json"))?;
    if programs.contains(&SPEECH) {
        components.push(linked(root)?);
    }
    components.extend(npm_components(&serde_json::from_str(&npm)?)?);
    let whole = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "application", "bom-ref": "medicus", "name": "medicus", "version": version,
            "licenses": [{ "expression": "Apache-2.0" }],
        } },
        "components": components,
        "dependencies": crates.dependencies(&inside, programs)?,
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

/// What ships, and the folder its licence lies in.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: String,
    pub(crate) folder: PathBuf,
}

/// All that [`list`] lists, where it was unpacked.
pub(crate) fn parts(root: &Path, programs: &[&str]) -> Result<Vec<Part>> {
    let (metadata, lock) = (metadata(root)?, lock(root)?);
    let crates = Crates::read(&metadata, &lock)?;
    let inside = crates.reached(programs)?;
    let part = |component: &Value, folder| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let license = text(&component["licenses"][0]["expression"]);
        Part { name: text(&component["name"]), version: text(&component["version"]), license, folder }
    };
    let mut parts = Vec::new();
    for id in inside {
        if let Some(component) = crates.component(id) {
            let manifest = crates.packages[id]["manifest_path"].as_str().map(Path::new);
            let folder = manifest.and_then(Path::parent).context("a crate without a folder")?;
            parts.push(part(&component, folder.to_owned()));
        }
    }
    for component in npm_components(&npm_lock(root)?)?.iter().filter(|one| one["name"] != PACKER) {
        let name = component["name"].as_str().unwrap_or_default();
        parts.push(part(component, root.join("web-assets/node_modules").join(name)));
    }
    if programs.contains(&SPEECH) {
        parts.push(part(&linked(root)?, PathBuf::from(LINKED_LICENCE)));
    }
    Ok(parts)
}

fn metadata(root: &Path) -> Result<Value> {
    let host = output(root, "rustc", &["-vV"])?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", host];
    Ok(serde_json::from_str(&output(root, "cargo", &arguments)?)?)
}

fn lock(root: &Path) -> Result<toml::Table> {
    Ok(std::fs::read_to_string(root.join("Cargo.lock"))?.parse()?)
}

fn npm_lock(root: &Path) -> Result<Value> {
    Ok(serde_json::from_str(&std::fs::read_to_string(root.join("web-assets/package-lock.json"))?)?)
}

fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let ended = Command::new(program).args(arguments).current_dir(root).output();
    let ended = ended.with_context(|| format!("{program} does not start"))?;
    ensure!(ended.status.success(), "{program}: {}", String::from_utf8_lossy(&ended.stderr));
    Ok(String::from_utf8(ended.stdout)?)
}

/// OpenBLAS, by the library the compiler found: behind the links of Debian its name ends in its version.
fn linked(root: &Path) -> Result<Value> {
    let found = output(root, "cc", &["-print-file-name=libopenblas.a"])?;
    let library = std::fs::canonicalize(found.trim()).context("libopenblas.a is missing")?;
    let name = library.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let version = name.split_once("-r").map_or("", |(_, version)| version);
    let purl = format!("pkg:generic/openblas@{version}");
    Ok(json!({
        "type": "library", "bom-ref": purl, "name": "OpenBLAS", "version": version, "purl": purl,
        "licenses": [{ "expression": "BSD-3-Clause" }],
    }))
}

struct Crates<'a> {
    packages: BTreeMap<&'a str, &'a Value>,
    /// What each uses when it runs, by id.
    uses: BTreeMap<&'a str, Vec<&'a str>>,
    checksums: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Crates<'a> {
    fn read(metadata: &'a Value, lock: &'a toml::Table) -> Result<Self> {
        let all = |value: &'a Value| value.as_array().map(Vec::as_slice).unwrap_or_default();
        let runs = |used: &Value| {
            used["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        };
        let packages = all(&metadata["packages"]).iter().filter_map(|one| Some((one["id"].as_str()?, one)));
        let uses = all(&metadata["resolve"]["nodes"]).iter().filter_map(|node| {
            let used = all(&node["deps"]).iter().filter(|used| runs(used));
            Some((node["id"].as_str()?, used.filter_map(|used| used["pkg"].as_str()).collect()))
        });
        let locked = lock["package"].as_array().context("Cargo.lock without packages")?;
        let checksums = locked.iter().filter_map(|one| {
            Some(((one["name"].as_str()?, one["version"].as_str()?), one.get("checksum")?.as_str()?))
        });
        Ok(Self { packages: packages.collect(), uses: uses.collect(), checksums: checksums.collect() })
    }

    fn named(&self, name: &str) -> Result<(&'a str, &'a Value)> {
        let own = |one: &&Value| one["name"] == name && one["source"].is_null();
        let found = self.packages.iter().find(|(_, one)| own(one));
        found.map(|(id, one)| (*id, *one)).with_context(|| format!("{name} is no program of this workspace"))
    }

    /// Everything that is compiled into the programs, themselves included.
    fn reached(&self, programs: &[&str]) -> Result<BTreeSet<&'a str>> {
        let mut open = programs.iter().map(|name| Ok(self.named(name)?.0)).collect::<Result<Vec<_>>>()?;
        let mut found = BTreeSet::new();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.uses.get(id).into_iter().flatten());
            }
        }
        Ok(found)
    }

    /// A crate from outside; nothing for one of our own.
    fn component(&self, id: &str) -> Option<Value> {
        let one = self.packages.get(id).filter(|one| !one["source"].is_null())?;
        let (name, version) = (one["name"].as_str()?, one["version"].as_str()?);
        let hashes = self.checksums.get(&(name, version));
        let hashes = hashes.map(|hash| json!({ "alg": "SHA-256", "content": hash }));
        // Some still write "MIT/Apache-2.0" for "MIT OR Apache-2.0".
        let license =
            one["license"].as_str().map_or("NOASSERTION".to_owned(), |own| own.replace('/', " OR "));
        Some(json!({
            "type": "library", "bom-ref": reference(name, version), "name": name, "version": version,
            "purl": reference(name, version), "licenses": [{ "expression": license }],
            "hashes": hashes.into_iter().collect::<Vec<_>>(),
        }))
    }

    fn reference(&self, id: &str) -> Option<String> {
        let one = self.packages.get(id).filter(|one| !one["source"].is_null())?;
        Some(reference(one["name"].as_str()?, one["version"].as_str()?))
    }

    /// Who uses whom; our own crates are one thing, the product.
    fn dependencies(&self, inside: &BTreeSet<&str>, programs: &[&str]) -> Result<Vec<Value>> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in inside {
            let from = self.reference(id).unwrap_or("medicus".to_owned());
            let to = self.uses.get(id).into_iter().flatten().filter_map(|used| self.reference(used));
            edges.entry(from).or_default().extend(to);
        }
        if !edges.contains_key("medicus") {
            bail!("{programs:?} reach nothing of their own");
        }
        let edge = |(from, to): (String, BTreeSet<String>)| json!({ "ref": from, "dependsOn": to });
        Ok(edges.into_iter().map(edge).collect())
    }
}

fn reference(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{version}")
}

/// What the files of the pages are made of, and the tool that packed them.
fn npm_components(lock: &Value) -> Result<Vec<Value>> {
    let packages = lock["packages"].as_object().context("package-lock.json without packages")?;
    let ships = |one: &Value| one["dev"] != true && one["optional"] != true;
    let ours = packages.iter().filter_map(|(path, one)| Some((path.strip_prefix("node_modules/")?, one)));
    let some = ours.filter(|(_, one)| ships(one)).map(|(name, one)| {
        let version = one["version"].as_str().with_context(|| format!("{name} has no version"))?;
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        let license = one["license"].as_str().unwrap_or("NOASSERTION");
        Ok(json!({
            "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "licenses": [{ "expression": license }],
            "scope": if name == PACKER { "excluded" } else { "required" },
        }))
    });
    some.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_builds_or_tests_is_not_in_the_product() {
        let package = |name: &str, source: Value| json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source });
        let uses = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let outside = json!("registry");
        let metadata = json!({
            "packages": [package("medicus", Value::Null), package("web", Value::Null), package("axum", outside.clone()),
                         package("cc", outside.clone()), package("proptest", outside)],
            "resolve": { "nodes": [
                { "id": "medicus", "deps": [uses("web", Value::Null), uses("proptest", json!("dev"))] },
                { "id": "web", "deps": [uses("axum", Value::Null), uses("cc", json!("build"))] },
            ] },
        });
        let lock = "[[package]]\nname = 'axum'\nversion = '1.0.0'\nchecksum = 'ab'\n".parse().unwrap();
        let crates = Crates::read(&metadata, &lock).unwrap();
        let inside = crates.reached(&["medicus"]).unwrap();
        let listed: Vec<Value> = inside.iter().filter_map(|id| crates.component(id)).collect();
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0]["purl"], "pkg:cargo/axum@1.0.0");
        assert_eq!(listed[0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(listed[0]["hashes"][0]["content"], "ab");
        let edges = crates.dependencies(&inside, &["medicus"]).unwrap();
        assert_eq!(edges[0], json!({ "ref": "medicus", "dependsOn": ["pkg:cargo/axum@1.0.0"] }));
    }
}
