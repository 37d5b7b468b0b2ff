//! Sets of annotated consultations: folders with one JSON file each, or with texts whose facts are marked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clinical::transcript::Transcript;
use serde_json::Value;

use crate::marked;

/// A folder of annotated consultations.
#[derive(Debug)]
pub(crate) struct Set {
    /// The folder's own name; with that of the folder around it where texts are marked.
    pub(crate) name: String,
    /// The consultations, by file name.
    pub(crate) consultations: Vec<Consultation>,
}

/// One consultation.
#[derive(Debug)]
pub(crate) struct Consultation {
    pub(crate) id: String,
    /// What was said: all that is measured gets to see.
    pub(crate) transcript: Transcript,
    /// What is to be understood of it: for the scorer, and to learn from.
    pub(crate) annotation: Value,
}

impl Set {
    /// Reads a folder; nothing when there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let marked = files(folder)?.iter().any(|file| has_extension(file, "txt"));
        let name = |folder: &Path| {
            folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let own = name(folder);
        let around = folder.parent().map(name).filter(|around| marked && !around.is_empty());
        let name = around.map_or(own.clone(), |around| format!("{around}/{own}"));
        Ok(Some(Self { name, consultations: consultations(folder)? }))
    }
}

/// The annotated consultations of a folder, in the order of its files.
pub(crate) fn consultations(folder: &Path) -> Result<Vec<Consultation>> {
    let mut ids = BTreeSet::new();
    let mut all = Vec::new();
    for file in files(folder)? {
        for annotation in annotations(&file)? {
            let consultation = consultation(annotation)
                .with_context(|| format!("{} holds something else than consultations", file.display()))?;
            if !ids.insert(consultation.id.clone()) {
                bail!("{}: the ID {} is taken", file.display(), consultation.id);
            }
            all.push(consultation);
        }
    }
    Ok(all)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|file| has_extension(file, "json") || has_extension(file, "txt"));
    files.sort();
    Ok(files)
}

fn has_extension(file: &Path, wanted: &str) -> bool {
    file.extension().is_some_and(|extension| extension == wanted)
}

fn annotations(file: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    if has_extension(file, "txt") {
        let read = marked::read(&file.display().to_string(), &text)?;
        return Ok(read.into_iter().map(|marked| marked.annotation).collect());
    }
    let annotation = serde_json::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    Ok(vec![annotation])
}

fn consultation(annotation: Value) -> Result<Consultation> {
    let id = annotation["id"].as_str().context("it has no id")?.to_owned();
    let transcript = scribe::parse::transcript(&serde_json::to_vec(&annotation)?)?;
    Ok(Consultation { id, transcript, annotation })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Set;

    const MARKED: &str = "# T1 | clínica\nD: ¿{n:Fiebre}?\nP: No.\n# T2 | clínica\nP: {s:Tos}.";
    const JSON: &str = r#"{"id": "T3", "turns": [{"speaker": "patient", "text": "Me duele."}], "gold": {}}"#;

    /// A folder with these files, at a place of its own.
    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("medicus-sets-{}", std::process::id())).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
        folder
    }

    fn ids(set: &Set) -> Vec<&str> {
        set.consultations.iter().map(|consultation| consultation.id.as_str()).collect()
    }

    #[test]
    fn a_folder_with_marked_texts_is_a_set_with_the_name_of_the_folder_around_it_too() {
        let folder = folder("marcadas/una", &[("a.txt", MARKED), ("b.json", JSON), ("c.md", "no")]);
        let set = Set::read(&folder).unwrap().unwrap();
        assert_eq!(set.name, "marcadas/una");
        assert_eq!(ids(&set), ["T1", "T2", "T3"]);
        assert_eq!(set.consultations[0].transcript.turns[0].text, "¿Fiebre?");
        assert_eq!(set.consultations[0].annotation["gold"]["symptoms_denied"][0]["name"], "fiebre");
    }

    #[test]
    fn a_folder_of_json_files_has_its_own_name() {
        let set = Set::read(&folder("anotadas/dos", &[("b.json", JSON)])).unwrap().unwrap();
        assert_eq!(set.name, "dos");
        assert_eq!(ids(&set), ["T3"]);
    }

    #[test]
    fn an_id_used_twice_in_a_folder_is_refused() {
        let folder = folder("tres", &[("a.txt", MARKED), ("b.txt", MARKED)]);
        let said = Set::read(&folder).unwrap_err().to_string();
        assert!(said.ends_with("b.txt: the ID T1 is taken"), "{said}");
    }

    #[test]
    fn every_marked_consultation_of_the_repository_can_be_read_and_is_in_one_part_only() {
        let marked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/marcadas");
        let part = |name: &str| Set::read(&marked.join(name)).unwrap().unwrap();
        let (learned, kept) = (part("ajuste"), part("reserva"));
        assert!(ids(&learned).len() > ids(&kept).len() && !ids(&kept).is_empty());
        assert!(ids(&learned).iter().all(|id| !id.ends_with(['0', '5'])));
        assert!(ids(&kept).iter().all(|id| id.ends_with(['0', '5'])));
    }
}
