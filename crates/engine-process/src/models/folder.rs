//! A model of several files: a folder of them, one level deep, with one digest for all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clinical::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::{AddError, copy_error, copy_open, digest_of};

/// What an installed folder ends in; the networks inside end in the same.
pub(super) const ENDING: &str = "onnx";
/// The first byte of an ONNX file: the tag of its version. A page of a web site and a pointer of Git LFS begin otherwise.
const BEGINNING: u8 = 0x08;

/// The files of a folder by name, each with its digest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents(BTreeMap<String, Digest>);

impl Contents {
    /// One digest for all: of the lines `DIGEST  NAME`, in the order of the names.
    pub(super) fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.lines("")).into())
    }

    /// What is noted of a folder that is called so: what `sha256sum` would write, and can check.
    pub(super) fn note(&self, folder: &str) -> String {
        self.lines(&format!("{folder}/"))
    }

    /// Reads a note; nothing when it is that of no folder called so.
    pub(super) fn noted(note: &str, folder: &str) -> Option<Self> {
        let line = |line: &str| {
            let (digest, file) = line.split_once("  ")?;
            let name = file.strip_prefix(folder)?.strip_prefix('/')?;
            Some((name.to_owned(), digest.parse().ok()?))
        };
        let files: BTreeMap<_, _> = note.lines().map(line).collect::<Option<_>>()?;
        (!files.is_empty()).then_some(Self(files))
    }

    /// Reads every file of a folder; nothing when something in it is no ordinary file.
    pub(super) fn of(folder: &Path) -> io::Result<Option<Self>> {
        if !fs::symlink_metadata(folder)?.is_dir() {
            return Ok(None);
        }
        let mut files = BTreeMap::new();
        for entry in entries(folder)? {
            let Ok(name) = entry else { return Ok(None) };
            let mut file = File::open(folder.join(&name))?;
            files.insert(name, digest_of(&mut file, &mut io::sink())?);
        }
        Ok(Some(Self(files)))
    }

    fn lines(&self, before: &str) -> String {
        let mut lines = String::new();
        for (name, digest) in &self.0 {
            // Writing to a text does not fail.
            let _ = writeln!(lines, "{digest}  {before}{name}");
        }
        lines
    }
}

/// The names in a folder; in place of one that is no ordinary file, or has signs no file of a model has, where it is.
fn entries(folder: &Path) -> io::Result<Vec<Result<String, PathBuf>>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().filter(|name| name.chars().all(plain));
        // Of a link this is the link's own kind.
        let is_file = entry.file_type()?.is_file();
        entries.push(name.filter(|_| is_file).ok_or_else(|| entry.path()));
    }
    Ok(entries)
}

/// Copies a folder that is a model; nothing is written when it is none.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Contents, AddError> {
    let entries = entries(from).map_err(copy_error(from))?;
    let names = entries.into_iter().collect::<Result<Vec<_>, _>>().map_err(AddError::NotAPlainFile)?;
    let networks: Vec<PathBuf> = names
        .iter()
        .map(|name| from.join(name))
        .filter(|path| path.extension().is_some_and(|it| it == ENDING))
        .collect();
    if networks.is_empty() {
        return Err(AddError::NotAModel(from.to_owned()));
    }
    for network in networks {
        let mut beginning = [0];
        let read = File::open(&network).and_then(|mut file| file.read_exact(&mut beginning));
        if read.is_err() || beginning != [BEGINNING] {
            return Err(AddError::NotOnnx(network));
        }
    }
    fs::create_dir(to).map_err(copy_error(to))?;
    let mut contents = Contents::default();
    for name in names {
        let path = from.join(&name);
        let mut source = File::open(&path).map_err(copy_error(&path))?;
        let digest = copy_open(&mut source, &to.join(&name)).map_err(copy_error(&path))?;
        contents.0.insert(name, digest);
    }
    Ok(contents)
}
