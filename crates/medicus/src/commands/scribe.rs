//! `medicus scribe`: a transcript or a recording in, facts, note or draft PDF out.

mod proposal;

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use care::listening::name_voices;
use clap::ValueEnum;
use clinical::attachment::FileKind;
use clinical::document::DocumentKind;
use clinical::preference::Manner;
use clinical::transcript::Transcript;
use llm::Writer;
use scribe::style::Style;
use speech::{Diarizer, Expected};

use super::{BadInput, Outcome, listen, say, say_error, warn};
use crate::config::Config;
use crate::{installed, listening};

/// So much of a file says what it is.
const HEAD: u64 = 4096;
/// How Matroska and WebM begin, which are no kind of an attachment.
const MATROSKA: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];

/// Convierte una consulta, transcrita o grabada, en hechos y en borrador de nota.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Archivo: JSON de la consulta, texto con «D:» y «P:», o una grabación (necesita un modelo de voz instalado).
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    input: Option<PathBuf>,
    /// Motor: reglas (incluido), o reglas y modelo de lenguaje, si hay uno instalado.
    #[arg(long, value_enum, default_value_t = Engine::Rules)]
    engine: Engine,
    /// Documento que se redacta: NEV (nota de evolución), HC (historia clínica), NIU (nota inicial de urgencias), SIC, REF…
    #[arg(long, default_value = "NEV", value_parser = document)]
    document: DocumentKind,
    /// Estilo de la nota: completa, breve o por problema.
    #[arg(long, value_enum, default_value_t = Written::Complete)]
    style: Written,
    /// Formato de salida.
    #[arg(long, value_enum, default_value_t = Format::Note)]
    format: Format,
    /// Carpeta con consultas *.json.
    #[arg(long, requires = "out")]
    batch: Option<PathBuf>,
    /// Carpeta para los hechos, uno por consulta con el mismo nombre.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Rules,
    Llm,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Written {
    Complete,
    Brief,
    ByProblem,
}

impl Written {
    fn style(self) -> Style {
        let manner = match self {
            Self::Complete => Manner::Complete,
            Self::Brief => Manner::Brief,
            Self::ByProblem => Manner::ByProblem,
        };
        Style { manner, ..Style::default() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Note,
    Facts,
    Json,
    Pdf,
}

pub(crate) fn run(
    arguments: &Arguments,
    config: impl Fn() -> anyhow::Result<Config>,
) -> anyhow::Result<Outcome> {
    let writer = match arguments.engine {
        Engine::Rules => None,
        Engine::Llm => match installed::writer(&config()?).map_err(BadInput::wrap)? {
            Some(writer) => Some(writer),
            None => {
                return Err(BadInput::error("No hay un modelo de lenguaje instalado; use --engine rules"));
            }
        },
    };
    match (&arguments.batch, &arguments.out, &arguments.input) {
        (Some(_), ..) if writer.is_some() => {
            Err(BadInput::error("--batch escribe hechos, y esos son siempre del motor de reglas"))
        }
        (Some(from), Some(to), _) => batch(from, to),
        (_, _, Some(input)) => one(input, arguments, writer.as_ref(), config),
        _ => Err(BadInput::error("Indique un archivo, o --batch y --out")),
    }
}

fn unread(path: &Path, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => BadInput::error(format!("No existe el archivo {}", path.display())),
        _ => BadInput::error(format!("No se pudo leer {}: {error}", path.display())),
    }
}

/// Whether a file begins as a recording does; its name says nothing.
fn is_sound(path: &Path) -> anyhow::Result<bool> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    file.take(HEAD).read_to_end(&mut head).map_err(|error| unread(path, &error))?;
    let kept = FileKind::of(&head).is_ok_and(|kind| kind.media_type().starts_with("audio/"));
    Ok(kept || head.starts_with(&MATROSKA))
}

/// What is said in a recording, by the speech model that is installed. Who speaks is told only as far as it leaves no doubt; of
/// the patient nothing is known here.
fn heard(path: &Path, config: &Config) -> anyhow::Result<Transcript> {
    let transcriber =
        listen::transcriber(config, "O dé la consulta transcrita: JSON o texto con «D:» y «P:»")?;
    let recording = listen::read(path)?;
    let diarizer = Diarizer::new()?;
    let told = listen::written_down(&diarizer, &transcriber, &recording, Expected::default())?;
    let mut heard = listening::of_record(&told);
    if heard.turns.is_empty() {
        warn(listen::NOBODY)?;
    }
    name_voices(&mut heard, false);
    Ok(heard.transcript())
}

fn read(path: &Path) -> anyhow::Result<Transcript> {
    let bytes = fs::read(path).map_err(|error| unread(path, &error))?;
    scribe::parse::transcript(&bytes).map_err(|error| BadInput::error(format!("{}: {error}", path.display())))
}

fn id_of(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A document of the catalogue by its code.
fn document(code: &str) -> Result<DocumentKind, String> {
    DocumentKind::from_code(&code.to_uppercase())
        .filter(|kind| nom004::known(*kind).is_some())
        .ok_or_else(|| format!("no hay un documento con la clave {code}"))
}

fn one(
    input: &Path,
    arguments: &Arguments,
    writer: Option<&Writer>,
    config: impl Fn() -> anyhow::Result<Config>,
) -> anyhow::Result<Outcome> {
    let transcript = if is_sound(input)? { heard(input, &config()?)? } else { read(input)? };
    let (draft, written) = match writer {
        Some(writer) => proposal::draft(&transcript, writer, &arguments.style.style())?,
        None => (scribe::draft_in_style(&transcript, &arguments.style.style()), None),
    };
    let note = draft.note(nom004::definition(arguments.document));
    let id = id_of(input);
    match arguments.format {
        Format::Note => {
            let share = written.map(|share| format!("\n{share}")).unwrap_or_default();
            say(scribe::wire::note_text(&note) + &share)?;
        }
        Format::Facts => say(serde_json::to_string_pretty(&scribe::wire::facts(&id, &draft))?)?,
        Format::Json => {
            let file =
                proposal::DraftFile { draft: scribe::wire::draft(&id, &draft), language_model: written };
            say(serde_json::to_string_pretty(&file)?)?;
        }
        Format::Pdf => write_pdf(&note)?,
    }
    Ok(Outcome::Done)
}

fn batch(from: &Path, to: &Path) -> anyhow::Result<Outcome> {
    let entries = fs::read_dir(from)
        .map_err(|error| BadInput::error(format!("No se pudo abrir {}: {error}", from.display())))?;
    fs::create_dir_all(to).with_context(|| format!("No se pudo crear {}", to.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(BadInput::error(format!("No hay archivos .json en {}", from.display())));
    }
    let mut failed = false;
    for path in &paths {
        // One bad file does not keep the others from being answered.
        match read(path) {
            Ok(transcript) => {
                let draft = scribe::draft(&transcript);
                let file = to.join(format!("{}.json", id_of(path)));
                fs::write(&file, serde_json::to_string_pretty(&scribe::wire::facts(&id_of(path), &draft))?)
                    .with_context(|| format!("No se pudo escribir {}", file.display()))?;
            }
            Err(error) => {
                failed = true;
                say_error(&error);
            }
        }
    }
    Ok(if failed { Outcome::BadInput } else { Outcome::Done })
}

/// The draft as it would print, marked without validity; a draft from a file has no patient and no author.
fn write_pdf(note: &clinical::draft::DraftNote) -> anyhow::Result<()> {
    use std::io::Write;
    let content = care::content::anonymous_draft(note, jiff::Timestamp::now());
    let (_, digest) = care::content::canonical(&content)?;
    let renderer = documents::Renderer::new()?;
    let copy = documents::Copy::Draft { printed_at: jiff::Timestamp::now() };
    let pdf = renderer.render(&content, &documents::RenderContext::new(digest, copy))?;
    Ok(std::io::stdout().lock().write_all(&pdf)?)
}
