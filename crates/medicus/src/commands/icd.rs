//! `medicus icd`: search and code with the built-in ICD-11 core or an imported release, and import one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::SystemClock;
use care::catalogue::{Catalogue, CodeChoice};
use care::content::sha256;
use care::icd_releases::{MAX_FILE_BYTES, SourceFile};
use serde::{Deserialize, Serialize};
use terminology::icd::{ATTRIBUTION, Candidate, Confidence, IcdIndex};

use super::{BadInput, Outcome, answer_lines, say, serve, told};
use crate::config::Config;
use crate::fetch::{self, Address, FetchError, Limits};
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Busca códigos como en la página: palabras, siglas o códigos.
    Search {
        /// Lo que se busca.
        text: String,
        /// Cuántos resultados.
        #[arg(long, default_value_t = 10)]
        limit: usize,
        /// Resultado en JSON.
        #[arg(long)]
        json: bool,
        /// Busca en la edición importada que está en uso y no en el catálogo incluido.
        #[arg(long)]
        installed: bool,
    },
    /// Importa una edición de la OMS: la tabla en español y, con ella o después, la inglesa y los mapas con la CIE-10.
    Import {
        /// Los archivos como se descargan: SimpleTabulation-ICD-11-MMS-es.zip, -en.zip, 11To10Map y 10To11Map (.zip o .txt).
        /// Sin archivos se bajan de las direcciones de icd.release_from, si la configuración tiene alguna.
        #[arg(value_name = "ARCHIVO")]
        files: Vec<PathBuf>,
    },
    /// Propone códigos para diagnósticos leídos de la entrada, uno por línea en JSON.
    Code {
        /// Entrada y salida en JSON por líneas.
        #[arg(long, required = true)]
        jsonl: bool,
        /// Con la edición importada que está en uso y no con el catálogo incluido.
        #[arg(long)]
        installed: bool,
    },
}

/// What one file that is fetched may have at most.
const FETCHED: Limits = Limits { most: MAX_FILE_BYTES as u64, patience: Duration::from_mins(10) };

/// Candidates of one mention: the contract of the command.
const CANDIDATES: usize = 5;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    text: String,
    context: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    candidates: Vec<Found>,
    /// What is wrong with codes that were typed to stand together.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize)]
struct Found {
    icd11: String,
    title: String,
    icd10: Option<String>,
    score: f32,
    /// The words of the text that speak for it.
    words: Vec<String>,
    /// "alta" where nine of ten are right, "media" where it is one of several that may be.
    confidence: &'static str,
}

impl From<&Candidate<'_>> for Found {
    fn from(candidate: &Candidate<'_>) -> Self {
        let icd10 = candidate.icd10.or_else(|| candidate.entry.icd10.first().copied());
        Self {
            icd11: candidate.entry.code.as_str().to_owned(),
            title: candidate.entry.title.to_string(),
            icd10: icd10.map(|code| code.as_str().to_owned()),
            score: candidate.score,
            words: candidate.words.clone(),
            confidence: match candidate.confidence {
                Confidence::High => "alta",
                Confidence::Usual => "media",
            },
        }
    }
}

impl From<CodeChoice> for Found {
    /// A code that was typed, alone or with others.
    fn from(choice: CodeChoice) -> Self {
        let CodeChoice { code, .. } = choice;
        let words = vec![code.icd11.clone()];
        Self {
            icd11: code.icd11,
            title: code.title,
            icd10: code.icd10,
            score: 1.0,
            words,
            confidence: "alta",
        }
    }
}

pub(crate) fn run(command: &Command, config: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<Outcome> {
    match command {
        Command::Search { text, limit, json, installed } => {
            if text.trim().is_empty() {
                return Err(BadInput::error("Escriba qué buscar"));
            }
            search(&*catalogue(*installed, config)?, text, *limit, *json)
        }
        Command::Import { files } => {
            let config = config()?;
            let files =
                if files.is_empty() { fetch_files(&config.icd.release_from)? } else { read_files(files)? };
            serve::runtime()?.block_on(import(&config, files))
        }
        Command::Code { installed, .. } => {
            let catalogue = catalogue(*installed, config)?;
            answer_lines(|line| {
                let question: Question = serde_json::from_str(line)
                    .map_err(|error| format!("se esperaba {{\"id\",\"text\"}}: {error}"))?;
                let text = question.text.as_str();
                let candidates = if IcdIndex::is_cluster(text) {
                    catalogue.known(text).into_iter().map(Found::from).collect()
                } else {
                    let found = catalogue.index().code(text, question.context.as_deref());
                    found.iter().take(CANDIDATES).map(Found::from).collect()
                };
                let problem = catalogue.problem(text);
                serde_json::to_string(&Answer { id: question.id, candidates, problem })
                    .map_err(|error| error.to_string())
            })
        }
    }
}

/// The built-in core, or what the database of this installation has in use.
fn catalogue(installed: bool, config: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<Arc<Catalogue>> {
    if !installed {
        return Ok(Arc::new(Catalogue::core()));
    }
    let config = config()?;
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    serve::runtime()?.block_on(async {
        let practice = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
        let catalogue = practice.catalogue_in_use().await;
        practice.database().close().await;
        Ok(catalogue?)
    })
}

fn search(catalogue: &Catalogue, text: &str, limit: usize, json: bool) -> anyhow::Result<Outcome> {
    if let Some(problem) = catalogue.problem(text) {
        return Err(BadInput::error(problem));
    }
    let found: Vec<Found> = if IcdIndex::is_cluster(text) {
        catalogue.known(text).into_iter().map(Found::from).collect()
    } else {
        let clusters = catalogue.clusters_of(text).into_iter().map(Found::from);
        let found = catalogue.index().search(text, limit);
        clusters.chain(found.iter().map(Found::from)).take(limit).collect()
    };
    if json {
        say(serde_json::to_string(&found)?)?;
    } else if found.is_empty() {
        say(format!("Sin resultados en la edición {}.", catalogue.edition()))?;
    } else {
        for code in &found {
            say(format!(
                "{:<12} {}  (CIE-10 {})",
                code.icd11,
                code.title,
                code.icd10.as_deref().unwrap_or("sin clave")
            ))?;
        }
        say(format!("\n{ATTRIBUTION}"))?;
    }
    Ok(Outcome::Done)
}

/// The files as they were downloaded by somebody.
fn read_files(paths: &[PathBuf]) -> anyhow::Result<Vec<SourceFile>> {
    let read = |path: &PathBuf| {
        let content = std::fs::read(path)
            .with_context(|| format!("No se pudo leer {}", path.display()))
            .map_err(BadInput::wrap)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(SourceFile { name, content })
    };
    paths.iter().map(read).collect()
}

/// The files at the addresses of the configuration; no address, nothing is reached.
fn fetch_files(addresses: &[String]) -> anyhow::Result<Vec<SourceFile>> {
    if addresses.is_empty() {
        return Err(BadInput::error(
            "Diga qué archivos importar. Para que se bajen solos, escriba sus direcciones en medicus.toml: \
             [icd] release_from = [\"https://…\"]",
        ));
    }
    let fetch_one = |address: &String| -> Result<SourceFile, FetchError> {
        let address = Address::parse(address)?;
        super::progress(&format!("Bajando {address}…"));
        let mut content = Vec::new();
        let mut told = 0;
        fetch::download(&address, FETCHED, &mut content, |had, of| {
            // One line for each tenth, or for each 4 MB where the size is not known.
            let step = of.map_or(4 << 20, |of| of.div_ceil(10)).max(1);
            if had / step > told {
                told = had / step;
                let of = of.map_or(String::new(), |of| format!(" de {}", of / 1024));
                super::progress(&format!("  {}{of} kB", had / 1024));
            }
        })?;
        super::progress(&format!("  SHA-256 {}", sha256(&content)));
        Ok(SourceFile { name: address.file_name().to_owned(), content })
    };
    addresses.iter().map(|address| fetch_one(address).with_context(|| address.clone())).collect()
}

async fn import(config: &Config, files: Vec<SourceFile>) -> anyhow::Result<Outcome> {
    let practice = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
    let outcome = practice.import_icd_by_program(files, super::progress).await;
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    practice.database().close().await;
    let done = outcome.map_err(told)?;
    if done.changed {
        say(format!("Edición {} de la CIE-11 importada: {} códigos.", done.name, done.codes))?;
    } else {
        say(format!("No cambió nada: la edición {} ya estaba importada.", done.name))?;
    }
    match done.maps.as_slice() {
        [] => say("Sin equivalencias con la CIE-10: impórtelas con los archivos 11To10Map y 10To11Map.")?,
        maps => say(format!("Equivalencias: {}.", maps.join("; ")))?,
    }
    say(if done.in_use {
        "Los códigos se buscan en ella."
    } else {
        "Sigue en uso otra edición más nueva."
    })?;
    Ok(Outcome::Done)
}
