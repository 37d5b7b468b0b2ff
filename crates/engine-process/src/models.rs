//! The models that are installed: files in one folder, or folders of files, each with its digest beside it in the form of
//! `sha256sum`.

mod folder;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clinical::digest::Digest;
use sha2::{Digest as _, Sha256};

use folder::Contents;

/// What a model is for. It shows in how its file begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Writes: a GGUF file for llama.cpp.
    Language,
    /// Transcribes: a ggml file for whisper.cpp, or a folder of ONNX files for sherpa-onnx.
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
    /// What its file had for a digest when it was installed; of a folder, its list of names and digests.
    pub digest: Digest,
}

impl Model {
    /// Whether it is a folder of files.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == folder::ENDING)
    }

    /// How much it takes on the disk.
    ///
    /// # Errors
    /// When it is not there.
    pub fn bytes(&self) -> io::Result<u64> {
        if !self.is_folder() {
            return Ok(fs::metadata(&self.path)?.len());
        }
        fs::read_dir(&self.path)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
    }
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
    #[error(
        "{} no es un modelo de lenguaje (GGUF) ni de voz (GGML, de Whisper, o una carpeta con archivos .onnx)", .0.display()
    )]
    NotAModel(PathBuf),
    /// Something in the folder is no file of a model.
    #[error(
        "en la carpeta de un modelo solo puede haber archivos, con nombres de letras, números, punto y guiones; \
         no subcarpetas ni enlaces. Quite {}", .0.display()
    )]
    NotAPlainFile(PathBuf),
    /// It has the name of an ONNX file and begins as none does.
    #[error("{} no es un archivo ONNX; quizá se descargó solo su página o su puntero de Git LFS", .0.display())]
    NotOnnx(PathBuf),
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
    #[error("ya hay otro modelo instalado con el nombre {0}; cambie el nombre del archivo o de la carpeta")]
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
        let model = path.file_stem().and_then(|stem| noted(&path, stem.to_str()?, &text));
        let Some(model) = model else {
            let message = format!("{} no es una huella SHA-256", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        models.push(model);
    }
    models.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(models)
}

/// The model of a note, which lies beside it.
fn noted(note: &Path, name: &str, text: &str) -> Option<Model> {
    let model = |kind, ending, digest| {
        let path = note.with_file_name(format!("{name}.{ending}"));
        Model { kind, name: name.to_owned(), path, digest }
    };
    if let Some(contents) = Contents::noted(text, &format!("{name}.{}", folder::ENDING)) {
        return Some(model(Kind::Speech, folder::ENDING, contents.digest()));
    }
    let mut words = text.split_whitespace();
    let digest = words.next()?.parse().ok()?;
    let file = words.next().unwrap_or_default();
    let kind = if file.ends_with(Kind::Speech.ending()) { Kind::Speech } else { Kind::Language };
    Some(model(kind, kind.ending(), digest))
}

/// Copies a file, or a folder of files, into the folder and notes its digest; with `expected`, only if it has this one. The same
/// again changes nothing, and repairs one that was damaged.
///
/// # Errors
/// [`AddError`].
pub fn add(folder: &Path, file: &Path, expected: Option<Digest>) -> Result<Model, AddError> {
    let name = name_of(file);
    let partial = folder.join(format!(".{name}.partial"));
    fs::create_dir_all(folder).map_err(copy_error(folder))?;
    // What a copy that was cut left behind.
    let _ = take_away(&partial);
    let installed = copy(file, &partial, &name).and_then(|(model, note)| {
        let path = folder.join(&model.path);
        if let Some(expected) = expected.filter(|expected| *expected != model.digest) {
            return Err(AddError::NotAsPublished { name: name.clone(), found: model.digest, expected });
        }
        let known = list(folder).map_err(copy_error(folder))?.into_iter().find(|known| known.name == name);
        if let Some(known) = known.filter(|known| known.digest != model.digest) {
            return Err(AddError::NameTaken(known.name));
        }
        if model.is_folder() && path.exists() {
            take_away(&path).map_err(copy_error(&path))?;
        }
        fs::rename(&partial, &path).map_err(copy_error(&path))?;
        fs::write(digest_file(&path), note).map_err(copy_error(&path))?;
        Ok(Model { path, ..model })
    });
    if installed.is_err() {
        // Also when it was never written.
        let _ = take_away(&partial);
    }
    installed
}

/// Takes an installed model away.
///
/// # Errors
/// When a file cannot be removed.
pub fn remove(model: &Model) -> io::Result<()> {
    fs::remove_file(digest_file(&model.path))?;
    take_away(&model.path)
}

fn take_away(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Reads the whole of it again. In a folder a file more or less, or anything that is no file, is a change.
#[must_use]
pub fn check(model: &Model) -> State {
    let found = if model.is_folder() {
        Contents::of(&model.path).map(|contents| contents.map(|contents| contents.digest()))
    } else {
        File::open(&model.path).and_then(|mut file| digest_of(&mut file, &mut io::sink()).map(Some))
    };
    match found {
        Ok(Some(digest)) if digest == model.digest => State::Good,
        Ok(_) => State::Changed,
        Err(_) => State::Missing,
    }
}

fn digest_file(path: &Path) -> PathBuf {
    path.with_extension("sha256")
}

/// What a file or a folder is called once installed: its own name, of a file without its ending, of letters, digits and dashes.
#[must_use]
pub fn name_of(file: &Path) -> String {
    // The dots in the name of a folder are not before an ending; and `.` is a folder too.
    let folder = fs::canonicalize(file).ok().filter(|path| path.is_dir());
    let name = folder.as_deref().map_or_else(|| file.file_stem(), Path::file_name);
    let name = name.unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    name.chars().map(plain).collect()
}

/// Copies and digests at once what is a model: what it will be in the folder of models, and what is to be noted of it.
fn copy(from: &Path, to: &Path, name: &str) -> Result<(Model, String), AddError> {
    let model = |kind, ending, digest| Model {
        kind,
        name: name.to_owned(),
        path: PathBuf::from(format!("{name}.{ending}")),
        digest,
    };
    if from.is_dir() {
        let contents = folder::copy(from, to)?;
        let model = model(Kind::Speech, folder::ENDING, contents.digest());
        let note = contents.note(&format!("{name}.{}", folder::ENDING));
        return Ok((model, note));
    }
    let mut source = File::open(from).map_err(copy_error(from))?;
    let mut beginning = [0; 4];
    let read = source.read_exact(&mut beginning).ok();
    let kind = read.and_then(|()| Kind::of(beginning)).ok_or_else(|| AddError::NotAModel(from.to_owned()))?;
    let digest = copy_open(&mut beginning.chain(source), to).map_err(copy_error(from))?;
    let note = format!("{digest}  {name}.{}\n", kind.ending());
    Ok((model(kind, kind.ending(), digest), note))
}

fn copy_open(from: &mut impl Read, to: &Path) -> io::Result<Digest> {
    let mut to = File::create(to)?;
    let digest = digest_of(from, &mut to)?;
    to.sync_all()?;
    Ok(digest)
}

fn copy_error(path: &Path) -> impl FnOnce(io::Error) -> AddError + use<> {
    let path = path.to_owned();
    move |source| AddError::Copy { path, source }
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

    /// A folder of a model, as it is downloaded.
    fn several(name: &str) -> PathBuf {
        let from = folder(name).join("parakeet-tdt-0.6b-v3");
        fs::create_dir(&from).unwrap();
        for (file, contents) in
            [("encoder.int8.onnx", "\u{8}enc"), ("decoder.onnx", "\u{8}dec"), ("tokens.txt", "a 0")]
        {
            fs::write(from.join(file), contents).unwrap();
        }
        from
    }

    #[test]
    fn a_folder_is_one_model_with_one_digest_and_any_change_inside_is_seen() {
        let from = several("folder-from");
        let to = folder("folder-to");
        let model = add(&to, &from, None).unwrap();
        assert_eq!(
            (model.kind, model.name.as_str()),
            (Kind::Speech, "parakeet-tdt-0-6b-v3"),
            "dots are no ending"
        );
        assert!(model.is_folder() && model.bytes().unwrap() == 11);
        assert_eq!(list(&to).unwrap(), std::slice::from_ref(&model));
        assert_eq!(add(&to, &from, None).unwrap(), model, "the same again");
        assert_eq!(add(&to, &from, Some(model.digest)).unwrap(), model, "as it was published");
        let other = Digest(Sha256::digest(b"another").into());
        assert!(matches!(add(&to, &from, Some(other)), Err(AddError::NotAsPublished { .. })));

        let note = fs::read_to_string(to.join("parakeet-tdt-0-6b-v3.sha256")).unwrap();
        let names: Vec<&str> =
            note.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name).collect();
        let expected = ["decoder.onnx", "encoder.int8.onnx", "tokens.txt"];
        assert_eq!(
            names,
            expected.map(|name| format!("parakeet-tdt-0-6b-v3.onnx/{name}")),
            "as sha256sum writes it"
        );

        let tokens = model.path.join("tokens.txt");
        let damages: [(&str, &dyn Fn()); 5] = [
            ("changed", &|| fs::write(&tokens, "b 0").unwrap()),
            ("missing", &|| fs::remove_file(&tokens).unwrap()),
            ("one more", &|| fs::write(model.path.join("joiner.onnx"), "").unwrap()),
            ("a folder", &|| fs::create_dir(model.path.join("otra")).unwrap()),
            ("a link to the same", &|| {
                fs::remove_file(&tokens).unwrap();
                std::os::unix::fs::symlink(from.join("tokens.txt"), &tokens).unwrap();
            }),
        ];
        for (what, damage) in damages {
            assert_eq!(check(&model), State::Good, "before: {what}");
            damage();
            assert_eq!(check(&model), State::Changed, "{what}");
            assert_eq!(add(&to, &from, None).unwrap(), model, "repaired: {what}");
        }
        fs::remove_dir_all(&model.path).unwrap();
        assert_eq!((check(&model), model.bytes().is_err()), (State::Missing, true));
        add(&to, &from, None).unwrap();
        remove(&model).unwrap();
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_with_anything_but_files_of_a_model_leaves_nothing_behind() {
        let to = folder("folder-bad-to");
        let refused = |from: &Path, expected: &str| {
            let error = add(&to, from, None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(fs::read_dir(&to).unwrap().count(), 0, "{expected}");
        };
        let from = several("folder-bad-sub");
        fs::create_dir(from.join("test_wavs")).unwrap();
        refused(&from, "Quite ");
        refused(&from, "test_wavs");
        let from = several("folder-bad-link");
        std::os::unix::fs::symlink("/etc/passwd", from.join("bpe.model")).unwrap();
        refused(&from, "no subcarpetas ni enlaces");
        let from = several("folder-bad-name");
        fs::write(from.join("con espacio\nB"), "").unwrap();
        refused(&from, "nombres de letras");
        let from = several("folder-bad-pointer");
        fs::write(from.join("joiner.onnx"), "version https://git-lfs").unwrap();
        refused(&from, "joiner.onnx no es un archivo ONNX");
        let from = folder("folder-bad-empty");
        fs::write(from.join("notas.txt"), "x").unwrap();
        refused(&from, "una carpeta con archivos .onnx");

        let file = folder("folder-bad-taken").join("modelo.gguf");
        fs::write(&file, "GGUF").unwrap();
        let first = add(&to, &file, None).unwrap();
        let from = several("folder-bad-same");
        let renamed = from.with_file_name("modelo");
        fs::rename(&from, &renamed).unwrap();
        assert!(matches!(add(&to, &renamed, None), Err(AddError::NameTaken(_))));
        assert_eq!((list(&to).unwrap(), check(&first)), (vec![first.clone()], State::Good));
    }
}
