//! Sets of annotated consultations: folders with one JSON file each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clinical::transcript::Transcript;
use serde::Deserialize;

/// A folder of annotated consultations.
#[derive(Debug)]
pub(crate) struct Set {
    /// The folder's own name.
    pub(crate) name: String,
    /// Where it lies; the scorer reads the annotation from there.
    pub(crate) folder: PathBuf,
    /// The consultations, by file name. Only what was said: the annotation stays with the scorer.
    pub(crate) consultations: Vec<Consultation>,
}

/// What was said in one consultation.
#[derive(Debug)]
pub(crate) struct Consultation {
    pub(crate) id: String,
    pub(crate) transcript: Transcript,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Set {
    /// Reads a folder; nothing when there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, std::io::Error>>()?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let read = |path: &PathBuf| {
            consultation(path).with_context(|| format!("{} is no consultation", path.display()))
        };
        let consultations = files.iter().map(read).collect::<Result<_>>()?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Some(Self { name, folder: folder.to_owned(), consultations }))
    }
}

fn consultation(path: &Path) -> Result<Consultation> {
    let bytes = std::fs::read(path)?;
    let Named { id } = serde_json::from_slice(&bytes)?;
    Ok(Consultation { id, transcript: scribe::parse::transcript(&bytes)? })
}
