//! A draft with what the language model wrote, once the guard has been over it, and what became of its sentences.

use std::collections::BTreeMap;
use std::fmt;

use clinical::digest::Digest;
use clinical::transcript::Transcript;
use llm::{Writer, Written};
use scribe::Draft;
use scribe::style::Style;
use scribe::written::{Outcome, Sentence};
use serde::Serialize;

use crate::commands::warn;

/// A draft as `--format json` writes it, with the model's share.
#[derive(Serialize)]
pub(super) struct DraftFile {
    #[serde(flatten)]
    pub(super) draft: scribe::wire::DraftFile,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language_model: Option<Share>,
}

/// What the model did for a draft.
#[derive(Serialize)]
pub(super) struct Share {
    name: String,
    model_sha256: Digest,
    prompt_sha256: Digest,
    /// Portions the consultation was read in, and those of which nothing came.
    portions: usize,
    unread: usize,
    added: usize,
    repeated: usize,
    doubts: usize,
    refused: usize,
    /// Why sentences were refused, by the code of the reason.
    refused_for: BTreeMap<&'static str, usize>,
}

/// The draft of a consultation; that of the rules alone, with a word about why, when the model fails.
pub(super) fn draft(
    transcript: &Transcript,
    writer: &Writer,
    style: &Style,
) -> anyhow::Result<(Draft, Option<Share>)> {
    match writer.write(transcript) {
        Ok(written) => {
            let sentences: Vec<Sentence> = written
                .sentences
                .iter()
                .map(|sentence| Sentence { text: sentence.text.clone(), turns: sentence.turns.clone() })
                .collect();
            let (draft, outcomes) = scribe::draft_with(transcript, &sentences, style);
            Ok((draft, Some(Share::new(&written, &outcomes))))
        }
        Err(error) => {
            warn(format!(
                "El modelo de lenguaje no escribió: {error}. Este borrador es del motor de reglas"
            ))?;
            Ok((scribe::draft_in_style(transcript, style), None))
        }
    }
}

impl Share {
    fn new(written: &Written, outcomes: &[Outcome]) -> Self {
        let count = |wanted: &Outcome| outcomes.iter().filter(|outcome| *outcome == wanted).count();
        let mut refused_for = BTreeMap::new();
        let mut refused = 0;
        for outcome in outcomes {
            if let Outcome::Refused(reasons) = outcome {
                refused += 1;
                for reason in reasons {
                    *refused_for.entry(reason.code()).or_default() += 1;
                }
            }
        }
        Self {
            name: written.model.clone(),
            model_sha256: written.model_digest,
            prompt_sha256: written.prompt_digest,
            portions: written.portions,
            unread: written.unread,
            added: count(&Outcome::Added),
            repeated: count(&Outcome::Repeated),
            doubts: count(&Outcome::Doubt),
            refused,
            refused_for,
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, added, repeated, doubts, refused, portions, unread, .. } = self;
        writeln!(f, "Redacción: motor de reglas y modelo de lenguaje {name}.")?;
        writeln!(
            f,
            "Oraciones del modelo: {added} añadidas, {repeated} que ya estaban, {doubts} en las dudas, {refused} descartadas \
             porque lo dicho no las sostiene. Leyó la consulta en {portions} partes; de {unread} no salió nada."
        )?;
        writeln!(f, "Modelo, SHA-256: {}", self.model_sha256)?;
        write!(f, "Instrucciones, SHA-256: {}", self.prompt_sha256)
    }
}
