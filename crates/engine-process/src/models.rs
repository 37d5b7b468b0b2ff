//! The models that are installed: files in one folder, each with its digest beside it in the form of `sha256sum`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clinical::digest::Digest;
use sha2::{Digest as _, Sha256};

/// What a model is for. It shows in how its file begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Writes: a GGUF file for llama.cpp.
    Language,
    /// Transcribes: a ggml file for whisper.cpp.
    Speech,
}

impl Kind {
    /// What the ending of its file is here.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Language => "gguf",
            Self::Speech => "bin",
        }
    }

    /// The kind of a file that begins like this.
    #[must_use]
    pub fn of(beginning: [u8; 4]) -> Option<Self> {
        match &beginning {
            b"GGUF" => Some(Self::Language),
            // 0x67676d6c, the smallest byte first.
            b"lmgg" => Some(Self::Speech),
            _ => None,
        }
    }
}

/// An installed model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// What it is for.
    pub kind: Kind,
    /// Its name here: that of the file it came as.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What its file had for a digest when it was installed.
    pub digest: Digest,
}

/// Why a model was not installed.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It cannot be read, or the copy cannot be written.
    #[error("no se pudo copiar {}", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It begins as no model does.
    #[error("{} no es un modelo de lenguaje (GGUF) ni de voz (GGML, de Whisper)", .0.display())]
    NotAModel(PathBuf),
    /// It is not what the catalogue says it must be.
    #[error(
        "{name} llegó dañado o es otro: su huella SHA-256 es {found} y debe ser {expected}. No se instaló; tráigalo otra vez"
    )]
    NotAsPublished {
        /// Its name.
        name: String,
        /// The digest of the file.
        found: Digest,
        /// The digest it must have.
        expected: Digest,
    },
    /// Another model has this name.
    #[error("ya hay otro modelo instalado con el nombre {0}; cambie el nombre del archivo")]
    NameTaken(String),
}

/// Whether a model is still what was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To the last bit.
    Good,
    /// Its contents are others.
    Changed,
    /// It is not there, or cannot be read.
    Missing,
}

/// The models of a folder by name; none when there is no folder.
///
/// # Errors
/// When the folder or a digest cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<Model>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut models = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "sha256") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let mut words = text.split_whitespace();
        let digest = words.next().and_then(|word| word.parse().ok());
        let file = words.next().unwrap_or_default();
        let kind = if file.ends_with(Kind::Speech.ending()) { Kind::Speech } else { Kind::Language };
        let (Some(digest), Some(name)) = (digest, path.file_stem().and_then(|stem| stem.to_str())) else {
            let message = format!("{} no es una huella SHA-256", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        models.push(Model {
            kind,
            name: name.to_owned(),
            path: path.with_file_name(format!("{name}.{}", kind.ending())),
            digest,
        });
    }
    models.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(models)
}

/// Copies a file into the folder and notes its digest; with `expected`, only if it has this one. The same file again changes
/// nothing.
///
/// # Errors
/// [`AddError`].
pub fn add(folder: &Path, file: &Path, expected: Option<Digest>) -> Result<Model, AddError> {
    let copy_error = |path: &Path| {
        let path = path.to_owned();
        move |source| AddError::Copy { path, source }
    };
    let name = name_of(file);
    let partial = folder.join(format!(".{name}.partial"));
    fs::create_dir_all(folder).map_err(copy_error(folder))?;
    let copied = copy(file, &partial).map_err(copy_error(file));
    let installed = copied.and_then(|copied| {
        let (kind, digest) = copied.ok_or_else(|| AddError::NotAModel(file.to_owned()))?;
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(AddError::NotAsPublished { name: name.clone(), found: digest, expected });
        }
        let known = list(folder).map_err(copy_error(folder))?.into_iter().find(|model| model.name == name);
        if let Some(known) = known.filter(|known| known.digest != digest) {
            return Err(AddError::NameTaken(known.name));
        }
        let path = folder.join(format!("{name}.{}", kind.ending()));
        fs::rename(&partial, &path).map_err(copy_error(&path))?;
        let note = format!("{digest}  {name}.{}\n", kind.ending());
        fs::write(digest_file(&path), note).map_err(copy_error(&path))?;
        Ok(Model { kind, name: name.clone(), path, digest })
    });
    if installed.is_err() {
        // Also when it was never written.
        let _ = fs::remove_file(&partial);
    }
    installed
}

/// Takes an installed model away.
///
/// # Errors
/// When a file cannot be removed.
pub fn remove(model: &Model) -> io::Result<()> {
    fs::remove_file(digest_file(&model.path))?;
    fs::remove_file(&model.path)
}

/// Reads the whole file again.
#[must_use]
pub fn check(model: &Model) -> State {
    match File::open(&model.path).and_then(|mut file| digest_of(&mut file, &mut io::sink())) {
        Ok(digest) if digest == model.digest => State::Good,
        Ok(_) => State::Changed,
        Err(_) => State::Missing,
    }
}

fn digest_file(path: &Path) -> PathBuf {
    path.with_extension("sha256")
}

/// What a file is called once installed: its own name without its ending, of letters, digits and dashes.
#[must_use]
pub fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    stem.chars().map(plain).collect()
}

/// Copies and digests at once; nothing when it is no model.
fn copy(from: &Path, to: &Path) -> io::Result<Option<(Kind, Digest)>> {
    let mut from = File::open(from)?;
    let mut beginning = [0; 4];
    if from.read_exact(&mut beginning).is_err() {
        return Ok(None);
    }
    let Some(kind) = Kind::of(beginning) else { return Ok(None) };
    let mut to = File::create(to)?;
    let digest = digest_of(&mut beginning.chain(from), &mut to)?;
    to.sync_all()?;
    Ok(Some((kind, digest)))
}

fn digest_of(from: &mut impl Read, to: &mut impl Write) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("medicus-models-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_model_is_installed_with_its_digest_and_any_change_is_seen() {
        let from = folder("from");
        let to = folder("to").join("modelos");
        assert_eq!(list(&to).unwrap(), []);
        let file = from.join("Qwen3 4B.Q4_K_M.gguf");
        fs::write(&file, b"GGUF and more").unwrap();
        let model = add(&to, &file, None).unwrap();
        assert_eq!(model.name, "Qwen3-4B-Q4_K_M");
        assert_eq!(list(&to).unwrap(), std::slice::from_ref(&model));
        assert_eq!(add(&to, &file, None).unwrap(), model, "the same file again");
        let note = fs::read_to_string(to.join("Qwen3-4B-Q4_K_M.sha256")).unwrap();
        assert_eq!(note, format!("{}  Qwen3-4B-Q4_K_M.gguf\n", model.digest));
        assert_eq!(check(&model), State::Good);
        fs::write(&model.path, b"GGUF and mere").unwrap();
        assert_eq!(check(&model), State::Changed);
        fs::remove_file(&model.path).unwrap();
        assert_eq!(check(&model), State::Missing);
    }

    #[test]
    fn a_model_of_speech_is_known_by_how_it_begins_and_taken_only_as_it_was_published() {
        let from = folder("speech-from");
        let to = folder("speech-to");
        let file = from.join("ggml-small.bin");
        fs::write(&file, b"lmgg and more").unwrap();
        let other = Digest(Sha256::digest(b"another").into());
        let refused = add(&to, &file, Some(other)).unwrap_err();
        assert!(refused.to_string().contains("llegó dañado"), "{refused}");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
        let model = add(&to, &file, Some(Digest(Sha256::digest(b"lmgg and more").into()))).unwrap();
        assert_eq!((model.kind, model.name.as_str()), (Kind::Speech, "ggml-small"));
        fs::write(from.join("letras.gguf"), "GGUF").unwrap();
        let language = add(&to, &from.join("letras.gguf"), None).unwrap();
        assert_eq!(list(&to).unwrap(), [model, language]);
    }

    #[test]
    fn what_is_no_model_or_takes_the_name_of_another_leaves_nothing_behind() {
        let from = folder("bad-from");
        let to = folder("bad-to");
        let file = from.join("modelo.gguf");
        for contents in ["", "GG", "PK\u{3}\u{4} a zip"] {
            fs::write(&file, contents).unwrap();
            assert!(matches!(add(&to, &file, None), Err(AddError::NotAModel(_))), "{contents:?}");
        }
        assert!(matches!(add(&to, &from.join("nada.gguf"), None), Err(AddError::Copy { .. })));
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
        fs::write(&file, "GGUF one").unwrap();
        let first = add(&to, &file, None).unwrap();
        fs::write(&file, "GGUF two").unwrap();
        assert!(matches!(add(&to, &file, None), Err(AddError::NameTaken(_))));
        assert_eq!((list(&to).unwrap(), check(&first)), (vec![first.clone()], State::Good));
        remove(&first).unwrap();
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
    }
}
