//! `medicus icd`: search and code with the built-in ICD-11 core.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use terminology::icd::{ATTRIBUTION, Candidate, IcdIndex};

use super::{BadInput, answer_lines, say};

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
    },
    /// Propone códigos para diagnósticos leídos de la entrada, uno por línea en JSON.
    Code {
        /// Entrada y salida en JSON por líneas.
        #[arg(long, required = true)]
        jsonl: bool,
    },
}

/// Candidates of one mention: the contract of the command.
const CANDIDATES: usize = 5;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    text: String,
    context: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: serde_json::Value,
    candidates: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    icd11: &'a str,
    title: &'a str,
    icd10: Option<&'a str>,
    score: f32,
}

impl<'a> From<&'a Candidate<'a>> for Found<'a> {
    fn from(candidate: &'a Candidate<'a>) -> Self {
        let icd10 = candidate.icd10.as_ref().or(candidate.entry.icd10.first());
        Self {
            icd11: candidate.entry.code.as_str(),
            title: &candidate.entry.title,
            icd10: icd10.map(terminology::icd::Icd10Code::as_str),
            score: candidate.score,
        }
    }
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let index = IcdIndex::core();
    match command {
        Command::Search { text, limit, json } => {
            if text.trim().is_empty() {
                return Err(BadInput::error("Escriba qué buscar"));
            }
            let candidates = index.search(text, *limit);
            let found: Vec<Found<'_>> = candidates.iter().map(Found::from).collect();
            if *json {
                say(serde_json::to_string(&found)?)?;
            } else if found.is_empty() {
                say("Sin resultados en el catálogo incluido.")?;
            } else {
                for code in &found {
                    say(format!(
                        "{:<12} {}  (CIE-10 {})",
                        code.icd11,
                        code.title,
                        code.icd10.unwrap_or("sin clave")
                    ))?;
                }
                say(format!("\n{ATTRIBUTION}"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Code { .. } => answer_lines(|line| {
            let question: Question = serde_json::from_str(line)
                .map_err(|error| format!("se esperaba {{\"id\",\"text\"}}: {error}"))?;
            let candidates = index.code(&question.text, question.context.as_deref());
            let candidates = candidates.iter().take(CANDIDATES).map(Found::from).collect();
            serde_json::to_string(&Answer { id: question.id, candidates }).map_err(|error| error.to_string())
        }),
    }
}
