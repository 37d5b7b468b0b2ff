//! The licences of what ships, in their own words: MIT, BSD, Apache, MPL and OFL ask that they go along with the programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::sbom::Part;

/// How a file with a licence or a notice begins, whatever its case.
const BEGINNINGS: [&str; 7] = ["license", "licence", "copying", "notice", "copyright", "unlicense", "ofl"];
/// Programs and data that are called so and are no text to read.
const PROGRAMS: [&str; 8] = ["rs", "py", "c", "h", "html", "toml", "json", "tmpl"];
/// What a package carries of others lies no deeper than this: SQLCipher in the crate of SQLite, whisper.cpp in its own.
const DEEPEST: usize = 4;
/// Folders of a package of which nothing gets into a program.
const ELSEWHERE: [&str; 6] = ["tests", "test", "examples", "benches", "node_modules", "bindings"];

/// Every licence once, after the names of those it belongs to; those that bring no text with the name of theirs.
pub(crate) fn text(parts: &[Part]) -> Result<String> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut bare = BTreeSet::new();
    for part in parts {
        let named = format!("{} {} ({})", part.name, part.version, part.license);
        let found = licences(&part.folder, 0)?;
        if found.is_empty() {
            bare.insert(named.clone());
        }
        for file in found {
            let read = fs::read(&file).with_context(|| file.display().to_string())?;
            let text = String::from_utf8_lossy(&read).replace("\r\n", "\n");
            texts.entry(text.trim().to_owned()).or_default().insert(named.clone());
        }
    }
    ensure!(!texts.is_empty(), "no licence was found: are the packages there?");
    // By the first name, so that one more package moves nothing else.
    let mut sections: Vec<(String, String)> =
        texts.into_iter().map(|(text, named)| (join(&named), text)).collect();
    sections.sort();
    let mut all = String::from(
        "Medicus lleva dentro las obras siguientes, de otros autores. Cada licencia está en sus propias palabras, debajo de los\n\
         nombres de las obras a las que corresponde.\n\n",
    );
    for (named, text) in sections {
        all += &format!("{}\n{named}\n\n{text}\n\n", "=".repeat(80));
    }
    if !bare.is_empty() {
        all += &format!(
            "{}\nSin texto propio; la licencia es la que se nombra:\n\n{}\n",
            "=".repeat(80),
            join(&bare)
        );
    }
    Ok(all)
}

fn join(named: &BTreeSet<String>) -> String {
    named.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn licences(folder: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| folder.display().to_string())?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let path = entry.path();
        if path.is_dir() && depth < DEEPEST && !ELSEWHERE.contains(&name.as_str()) {
            found.extend(licences(&path, depth + 1)?);
        }
        let program = path.extension().is_some_and(|kind| PROGRAMS.iter().any(|one| kind == *one));
        if path.is_file() && !program && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_licence_stands_once_with_all_its_owners() {
        let place = std::env::temp_dir().join(format!("medicus-notices-{}", std::process::id()));
        let part = |name: &str, file: &str, text: &str| {
            let folder = place.join(name);
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), text).unwrap();
            Part { name: name.into(), version: "1.0.0".into(), license: "MIT".into(), folder }
        };
        let parts = [
            part("uno", "LICENSE-MIT", "Permission is granted\r\nto all.\n"),
            part("dos", "inside/of/COPYING.txt", "Permission is granted\nto all."),
            part("tres", "src/license.rs", "fn not_a_licence() {}"),
            part("cuatro", "tests/LICENSE", "of a sample"),
        ];
        let all = text(&parts).unwrap();
        fs::remove_dir_all(&place).unwrap();
        assert_eq!(all.matches("Permission is granted\nto all.").count(), 1, "{all}");
        assert!(all.contains("dos 1.0.0 (MIT)\nuno 1.0.0 (MIT)\n\nPermission"), "{all}");
        assert!(!all.contains("not_a_licence") && !all.contains("of a sample"), "{all}");
        assert!(all.ends_with("se nombra:\n\ncuatro 1.0.0 (MIT)\ntres 1.0.0 (MIT)\n"), "{all}");
    }
}
