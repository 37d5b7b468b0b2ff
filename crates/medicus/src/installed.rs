//! The models as they are installed and configured here. All are optional: without one nothing else changes.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use engine_process::card::Card;
use engine_process::models::{self, Kind, Model};
use llm::Writer;
use whisper::Whisper;

use crate::config::{Config, Engine};

/// How long the process of any model may say nothing, whatever its size.
const SHORTEST_PATIENCE: Duration = Duration::from_mins(1);
/// For each so many bytes of a model it may say nothing for a second more: loading them from a slow disk, or going through them
/// for half a minute of sound on one slow core, takes less.
const BYTES_A_SECOND: u64 = 4_000_000;
/// It may never say nothing for longer.
const LONGEST_PATIENCE: Duration = Duration::from_mins(15);

/// Where installed models lie.
pub(crate) fn folder(config: &Config) -> PathBuf {
    config.storage.directory.join("modelos")
}

/// How a kind is called on the screen, what is said where none is installed, its table of the configuration and its program.
struct About {
    name: &'static str,
    none: &'static str,
    table: &'static str,
    program: &'static str,
}

fn about(kind: Kind) -> About {
    match kind {
        Kind::Language => About {
            name: "Modelo de lenguaje",
            none: "no hay ninguno instalado y no hace falta; trabaja el motor de reglas (para instalar uno: medicus models add ARCHIVO)",
            table: "language_model",
            program: "medicus-llm",
        },
        Kind::Speech => About {
            name: "Modelo de voz",
            none: "no hay ninguno instalado; la consulta se escribe o se pega (para instalar uno: medicus models pull NOMBRE, \
                   o medicus models add ARCHIVO o CARPETA; los nombres: medicus models list)",
            table: "speech",
            program: "medicus-speech",
        },
    }
}

/// "Modelo de lenguaje".
pub(crate) fn name(kind: Kind) -> &'static str {
    about(kind).name
}

/// How long the process of a model may say nothing before it counts as stuck: while it loads, and at each step of an answer.
pub(crate) fn patience(model: &Model) -> Duration {
    let bytes = model.bytes().unwrap_or(0);
    (SHORTEST_PATIENCE + Duration::from_secs(bytes / BYTES_A_SECOND)).min(LONGEST_PATIENCE)
}

/// What is said where a model would be.
pub(crate) fn none_installed(kind: Kind) -> &'static str {
    about(kind).none
}

fn configured(config: &Config, kind: Kind) -> &Engine {
    match kind {
        Kind::Language => &config.language_model,
        Kind::Speech => &config.speech,
    }
}

/// The program that runs models of a kind.
pub(crate) fn program(config: &Config, kind: Kind) -> PathBuf {
    let program = about(kind).program;
    let beside = || std::env::current_exe().ok().map(|own| own.with_file_name(program));
    configured(config, kind).program.clone().or_else(beside).unwrap_or_else(|| program.into())
}

/// The installed models of every kind.
pub(crate) fn all(config: &Config) -> anyhow::Result<Vec<Model>> {
    models::list(&folder(config)).context("No se pudo leer la carpeta de modelos")
}

/// The model of a kind in use; nothing when none is installed.
pub(crate) fn chosen(config: &Config, kind: Kind) -> anyhow::Result<Option<Model>> {
    let mut installed = all(config)?;
    installed.retain(|model| model.kind == kind);
    let table = about(kind).table;
    match &configured(config, kind).model {
        Some(name) => match installed.into_iter().find(|model| model.name == *name) {
            Some(model) => Ok(Some(model)),
            None => bail!("el modelo {name} de la configuración ({table}.model) no está instalado"),
        },
        None if installed.len() > 1 => {
            bail!("hay varios modelos instalados; diga cuál se usa en {table}.model")
        }
        None => Ok(installed.pop()),
    }
}

/// What writes with the language model in use; nothing when none is installed.
pub(crate) fn writer(config: &Config) -> anyhow::Result<Option<Writer>> {
    let Some(model) = chosen(config, Kind::Language)? else { return Ok(None) };
    let patience = patience(&model);
    Ok(Some(Writer::new(program(config, Kind::Language), model, patience)))
}

/// What writes down words with the speech model in use; nothing when none is installed.
pub(crate) fn transcriber(config: &Config) -> anyhow::Result<Option<Whisper>> {
    let Some(model) = chosen(config, Kind::Speech)? else { return Ok(None) };
    let program = program(config, Kind::Speech);
    if !program.is_file() {
        bail!("el modelo {} está instalado, pero falta {}", model.name, program.display());
    }
    let patience = patience(&model);
    Ok(Some(Whisper::new(program, model, patience)))
}

/// Which models the process of the speech model can run and on what, as it says itself; nothing when it is not there or does
/// not say.
pub(crate) fn speech_engines(config: &Config) -> Option<String> {
    let program = program(config, Kind::Speech);
    // One from before this question takes it for a model that is not there, and says so in another way.
    let said = Command::new(program).arg("--engines").env_clear().stdin(Stdio::null()).output().ok()?;
    let named = String::from_utf8(said.stdout).ok()?;
    let engines: Vec<&str> = named.lines().collect();
    let card = Some(Card::Cuda).filter(|card| engines.contains(&card.name()));
    let card =
        card.map(|card| format!(". Compilado para tarjeta gráfica ({})", card.name())).unwrap_or_default();
    match (engines.contains(&"whisper.cpp"), engines.contains(&"sherpa-onnx")) {
        (true, true) => Some(format!(
            "Motores de voz: whisper.cpp (archivos GGML) y sherpa-onnx (carpetas ONNX, como Parakeet){card}"
        )),
        (true, false) => Some(format!(
            "Motores de voz: whisper.cpp (archivos GGML). El de carpetas ONNX, como Parakeet, es opcional y se compila aparte: \
             docs/manual/escuchar.md{card}",
        )),
        _ => None,
    }
}
