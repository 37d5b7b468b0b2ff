//! `medicus listen`: a recording in, who said what when out. Needs no network; the words need the speech model that is
//! installed, who speaks when only what is inside the program.

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use engine_process::models::Kind;
use serde::Serialize;
use speech::{
    AudioError, DiarizedTranscript, DiarizedTurn, Diarizer, EnrolError, Expected, Recording, Writing,
};
use whisper::Whisper;

use super::{BadInput, Outcome, progress, say, warn};
use crate::config::Config;
use crate::installed;

/// Said of a recording in which nobody speaks.
pub(super) const NOBODY: &str = "no se oye a nadie en la grabación";
/// The most people `--speakers` may name.
const MOST_SPEAKERS: u8 = 8;

/// Escribe quién dijo qué y cuándo en una grabación.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Grabación: WAV, MP3, M4A (AAC), OGG, WebM (Opus o Vorbis) o FLAC, de hasta 4 horas.
    #[arg(value_name = "AUDIO")]
    audio: PathBuf,
    /// Muestra de la voz del médico a solas, de 20 segundos o más: sus turnos se llaman «medico».
    #[arg(long, value_name = "AUDIO")]
    enrol: Option<PathBuf>,
    /// Formato de salida.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Sin palabras: solo quién habla y cuándo. No necesita el modelo de voz.
    #[arg(long)]
    no_words: bool,
    /// Cuántas personas hablan, si lo sabe (de 1 a 8).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_SPEAKERS)))]
    speakers: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Text,
    Rttm,
}

/// The contract of `--format json`; times in seconds from the beginning.
#[derive(Serialize)]
struct Listened {
    /// How long the recording is.
    duration: f64,
    /// Whether all of it could be read.
    whole: bool,
    turns: Vec<Turn>,
}

#[derive(Serialize)]
struct Turn {
    /// `medico`, `hablante1`.. or `desconocido`.
    speaker: String,
    start: f64,
    end: f64,
    /// Whether somebody else speaks in it too.
    overlap: bool,
    /// What was said; absent with `--no-words`.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The same, word by word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<Word>,
}

#[derive(Serialize)]
struct Word {
    text: String,
    start: f64,
    end: f64,
    /// How sure the model is, from 0 to 1.
    confidence: f32,
}

pub(crate) fn run(
    arguments: &Arguments,
    config: impl FnOnce() -> anyhow::Result<Config>,
) -> anyhow::Result<Outcome> {
    let transcriber = match arguments.no_words {
        true => None,
        false => Some(transcriber(&config()?, "Con --no-words se dice quién habla y cuándo, sin modelo")?),
    };
    let diarizer = Diarizer::new()?;
    let physician = match &arguments.enrol {
        Some(path) => Some(enrolled(&diarizer, path)?),
        None => None,
    };
    let recording = read(&arguments.audio)?;
    let expected = Expected {
        speakers: arguments.speakers.and_then(std::num::NonZeroU8::new),
        physician: physician.as_ref(),
    };
    let transcript = match &transcriber {
        Some(transcriber) => written_down(&diarizer, transcriber, &recording, expected)?,
        None => diarizer.diarize(&recording.samples, expected)?,
    };
    if transcript.turns.is_empty() {
        warn(NOBODY)?;
    }
    match arguments.format {
        Format::Json => say(serde_json::to_string(&listened(&recording, &transcript))?)?,
        Format::Text => text(&transcript)?,
        Format::Rttm => rttm(&arguments.audio, &transcript)?,
    }
    Ok(Outcome::Done)
}

/// What writes the words down, or what to do without it.
pub(super) fn transcriber(config: &Config, without: &str) -> anyhow::Result<Whisper> {
    match installed::transcriber(config)? {
        Some(transcriber) => Ok(transcriber),
        None => {
            bail!("{}: {}. {without}", installed::name(Kind::Speech), installed::none_installed(Kind::Speech))
        }
    }
}

/// Who said what, with a line for each tenth that is done.
pub(super) fn written_down(
    diarizer: &Diarizer,
    transcriber: &Whisper,
    recording: &Recording,
    expected: Expected<'_>,
) -> anyhow::Result<DiarizedTranscript> {
    let tenth = Cell::new(0);
    let goes_on = |share: f32| {
        let now = (share * 10.0) as u8;
        if now > tenth.replace(now) {
            progress(&format!("{now}0 % escrito"));
        }
        true
    };
    let writing = Writing { transcriber, prompt: "", goes_on: &goes_on };
    Ok(diarizer.listen(&recording.samples, expected, writing)?)
}

/// What the file holds, with a word when not all of it could be read; what is wrong with the file is the caller's to correct,
/// what is wrong with the disk is not.
pub(super) fn read(path: &Path) -> anyhow::Result<Recording> {
    let named = || path.display().to_string();
    let file = File::open(path).with_context(named).map_err(BadInput::wrap)?;
    if !file.metadata().with_context(named)?.is_file() {
        return Err(BadInput::error(format!("{}: no es un archivo de audio", path.display())));
    }
    let recording = speech::decode(file).map_err(|error| match error {
        AudioError::Read(_) => anyhow::Error::from(error).context(named()),
        other => BadInput::wrap(anyhow::Error::from(other).context(named())),
    })?;
    if !recording.whole {
        warn("la grabación está dañada o incompleta; se leyó hasta donde se pudo")?;
    }
    Ok(recording)
}

fn enrolled(diarizer: &Diarizer, path: &Path) -> anyhow::Result<speech::voiceprint::Voiceprint> {
    let recording = read(path)?;
    diarizer.enrol(&recording.samples).map_err(|error| match error {
        EnrolError::Model(error) => error.into(),
        other => BadInput::wrap(anyhow::Error::from(other).context(path.display().to_string())),
    })
}

fn seconds(ms: u32) -> f64 {
    f64::from(ms) / 1000.0
}

fn listened(recording: &Recording, transcript: &DiarizedTranscript) -> Listened {
    Listened {
        duration: seconds(recording.samples.duration_ms()),
        whole: recording.whole,
        turns: transcript.turns.iter().map(turn).collect(),
    }
}

fn turn(turn: &DiarizedTurn) -> Turn {
    let words = turn.words.iter().map(|word| Word {
        text: word.text.clone(),
        start: seconds(word.span.start_ms()),
        end: seconds(word.span.end_ms()),
        confidence: word.confidence,
    });
    Turn {
        speaker: turn.speaker.to_string(),
        start: seconds(turn.span.start_ms()),
        end: seconds(turn.span.end_ms()),
        overlap: turn.overlapped,
        text: (!turn.words.is_empty()).then(|| turn.text()),
        words: words.collect(),
    }
}

/// One line a turn: when, who, what, and whether somebody else speaks too.
fn text(transcript: &DiarizedTranscript) -> anyhow::Result<()> {
    for turn in &transcript.turns {
        let (start, end) = (clock(turn.span.start_ms()), clock(turn.span.end_ms()));
        let said = if turn.words.is_empty() { String::new() } else { format!(": {}", turn.text()) };
        let also = if turn.overlapped { "  (a la vez que otra persona)" } else { "" };
        say(format!("{start}-{end}  {}{said}{also}", turn.speaker))?;
    }
    Ok(())
}

/// `0:01:02.3`
fn clock(ms: u32) -> String {
    let tenths = ms / 100;
    let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{}", tenths % 10)
}

/// The format of NIST for who spoke when.
fn rttm(audio: &Path, transcript: &DiarizedTranscript) -> anyhow::Result<()> {
    let stem = audio.file_stem().unwrap_or_default().to_string_lossy();
    let name: String =
        stem.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
    for turn in &transcript.turns {
        let (start, length) = (seconds(turn.span.start_ms()), seconds(turn.span.duration_ms()));
        say(format!("SPEAKER {name} 1 {start:.3} {length:.3} <NA> <NA> {} <NA> <NA>", turn.speaker))?;
    }
    Ok(())
}
