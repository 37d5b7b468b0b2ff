//! The language model as it is installed and configured here. It is optional: without one nothing else changes.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use llm::Writer;
use llm::models::{self, Model};

use crate::config::{Config, LanguageModel};

/// How long one answer, or loading the model, may take: a large model on a slow machine writes for minutes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What is said where a model would be.
pub(crate) const NONE_INSTALLED: &str = "no hay ninguno instalado y no hace falta; trabaja el motor de reglas (para instalar uno: medicus models add ARCHIVO)";

/// Where installed models lie.
pub(crate) fn folder(config: &Config) -> PathBuf {
    config.storage.directory.join("modelos")
}

/// The program that runs the model.
pub(crate) fn program(config: &LanguageModel) -> PathBuf {
    let beside = || std::env::current_exe().ok().map(|own| own.with_file_name("medicus-llm"));
    config.program.clone().or_else(beside).unwrap_or_else(|| "medicus-llm".into())
}

/// The installed models.
pub(crate) fn installed(config: &Config) -> anyhow::Result<Vec<Model>> {
    models::list(&folder(config)).context("No se pudo leer la carpeta de modelos")
}

/// The model in use; nothing when none is installed.
pub(crate) fn chosen(config: &Config) -> anyhow::Result<Option<Model>> {
    let mut installed = installed(config)?;
    match &config.language_model.model {
        Some(name) => match installed.into_iter().find(|model| model.name == *name) {
            Some(model) => Ok(Some(model)),
            None => bail!("el modelo {name} de la configuración (language_model.model) no está instalado"),
        },
        None if installed.len() > 1 => {
            bail!("hay varios modelos instalados; diga cuál se usa en language_model.model")
        }
        None => Ok(installed.pop()),
    }
}

/// What writes with the model in use; nothing when none is installed.
pub(crate) fn writer(config: &Config) -> anyhow::Result<Option<Writer>> {
    Ok(chosen(config)?.map(|model| Writer::new(program(&config.language_model), model, PATIENCE)))
}
