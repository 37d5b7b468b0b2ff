//! `medicus models`: which models are installed here, a new one, and whether they are still what they were.

mod catalogue;
mod pull;

use std::path::PathBuf;

use anyhow::Context;
use engine_process::Failure;
use engine_process::models::{self, Kind, Model, State};

use super::{BadInput, Outcome, say};
use crate::config::Config;
use crate::{installed, wiring};

/// A process of any kind: it is started and told to try to get out, never asked for anything.
type Session = engine_process::Session<llm::protocol::Task>;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Dice qué modelos de lenguaje y de voz hay.
    List,
    /// Instala un modelo de un archivo (GGUF de lenguaje, GGML de voz) o de una carpeta (ONNX de voz): lo copia, anota su huella y
    /// lo prueba.
    Add {
        /// El archivo o la carpeta, por ejemplo de una memoria USB.
        file: PathBuf,
    },
    /// Trae un modelo publicado, por su nombre; solo entra si su huella es la publicada. Si se corta, el mismo comando sigue.
    Pull {
        /// Su nombre, como lo dice `medicus models list`.
        name: String,
        /// Carpeta donde ya está el archivo, por ejemplo una memoria USB; entonces no se usa la red.
        #[arg(long, value_name = "CARPETA")]
        from: Option<PathBuf>,
    },
    /// Revisa que los modelos sean los que se instalaron y que su proceso no alcance la red ni los archivos.
    Verify,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    if matches!(command, Command::Add { .. } | Command::Pull { .. }) {
        // A model may come before the first start: the folder is that of the records all the same.
        wiring::private_directory(&config.storage.directory)?;
    }
    match command {
        Command::List => list(config),
        Command::Add { file } => tried(config, &pull::add(&installed::folder(config), file, None)?),
        Command::Pull { name, from } => tried(config, &pull::pull(config, name, from.as_deref())?),
        Command::Verify => verify(config),
    }
}

/// The installed models; says of which kind there is none.
fn installed(config: &Config) -> anyhow::Result<Vec<Model>> {
    let installed = installed::all(config)?;
    for kind in [Kind::Language, Kind::Speech] {
        if !installed.iter().any(|model| model.kind == kind) {
            say(format!("{}: {}", installed::name(kind), installed::none_installed(kind)))?;
        }
    }
    Ok(installed)
}

fn list(config: &Config) -> anyhow::Result<Outcome> {
    let installed = installed(config)?;
    for model in &installed {
        // A choice that cannot be made is said by `doctor` and by who wants to use it.
        let chosen = installed::chosen(config, model.kind).ok().flatten();
        let in_use = if chosen.as_ref() == Some(model) { "  (en uso)" } else { "" };
        let size = match model.bytes() {
            Ok(bytes) => format!("{} MB", bytes.div_ceil(1_000_000)),
            Err(_) => "falta el archivo".to_owned(),
        };
        say(format!(
            "{}: {}  {size}  SHA-256 {}{in_use}",
            installed::name(model.kind),
            model.name,
            model.digest
        ))?;
    }
    if let Some(engines) = installed::speech_engines(config) {
        say(engines)?;
    }
    say("Se pueden traer (medicus models pull NOMBRE):")?;
    for model in catalogue::published()? {
        say(format!(
            "  {}  {}  {} MB, pide {} MB de memoria; {}; licencia {}",
            installed::name(model.kind),
            model.name,
            model.bytes.div_ceil(1_000_000),
            model.memory_mb,
            model.languages,
            model.licence
        ))?;
    }
    Ok(Outcome::Done)
}

/// Tries a model that was just installed; one that cannot be used does not stay.
fn tried(config: &Config, model: &Model) -> anyhow::Result<Outcome> {
    let program = installed::program(config, model.kind);
    if !program.is_file() {
        say(format!("Instalado: {}  SHA-256 {}", model.name, model.digest))?;
        say(format!("Falta el programa que lo usa, {}: no se pudo probar", program.display()))?;
        return Ok(Outcome::Done);
    }
    match Session::start(&program, &model.path, installed::patience(model)) {
        Ok(_) => {
            say(format!("Instalado y probado: {}  SHA-256 {}", model.name, model.digest))?;
            Ok(Outcome::Done)
        }
        Err(failure) => {
            models::remove(model).context("No se pudo quitar el modelo que no sirve")?;
            Err(BadInput::error(format!("No se instaló {}: {failure}", model.name)))
        }
    }
}

fn verify(config: &Config) -> anyhow::Result<Outcome> {
    let installed = installed(config)?;
    let mut good = true;
    for model in &installed {
        let (fine, found) = match models::check(model) {
            State::Good => in_its_process(config, model),
            State::Changed => (false, "cambió desde que se instaló; no se usará".to_owned()),
            State::Missing => (false, "falta su archivo".to_owned()),
        };
        good &= fine;
        say(format!("{} {}: {found}", if fine { "bien   " } else { "MAL    " }, model.name))?;
    }
    Ok(if good { Outcome::Done } else { Outcome::Failed })
}

/// Starts the process of a model and has it try to get out.
fn in_its_process(config: &Config, model: &Model) -> (bool, String) {
    let program = installed::program(config, model.kind);
    let patience = installed::patience(model);
    let tried = Session::start(&program, &model.path, patience).and_then(|mut session| {
        let reached = session.probe(patience)?;
        Ok((reached, session.card))
    });
    match tried {
        Ok((reached, _)) if reached.network() || reached.program => {
            (false, "su proceso alcanza la red u otros programas; no lo use".to_owned())
        }
        Ok((reached, card)) => {
            let files = if reached.file {
                ". Este sistema no puede quitarle los archivos"
            } else {
                " ni los archivos"
            };
            let card = if card { ". Calcula en la tarjeta gráfica" } else { "" };
            (true, format!("es el que se instaló; su proceso no alcanza la red{files}{card}"))
        }
        Err(Failure::Start(_)) => {
            (false, format!("es el que se instaló, pero no se pudo arrancar {}", program.display()))
        }
        Err(failure) => (false, failure.to_string()),
    }
}
