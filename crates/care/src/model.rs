//! The language model that is installed here, asked by a physician for one document: what it proposes goes through the guard
//! and waits in the draft to be reviewed like everything else. Without a model nothing here does anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clinical::digest::Digest;
use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, ModelShare};
use clinical::ids::EncounterId;
use clinical::transcript::Transcript;
use llm::{Writer, Written};
use scribe::style::Style;
use scribe::written::{Outcome, Sentence};

use crate::Care;
use crate::consultation::{read_draft, refuse_signed_kind};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{preferences, templates};

/// How often a draft that somebody saved meanwhile is written again.
const TRIES: usize = 5;

/// The model in use, and what it was asked and has not finished. Shared by all copies of [`Care`].
#[derive(Clone, Default)]
pub(crate) struct LanguageModel {
    writer: Option<Arc<Writer>>,
    asked: Arc<Mutex<HashMap<(EncounterId, DocumentKind), Asked>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Writing,
    Failed(String),
}

impl LanguageModel {
    fn asked(&self) -> MutexGuard<'_, HashMap<(EncounterId, DocumentKind), Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the model does for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// None is installed.
    Absent,
    /// It can be asked.
    Ready,
    /// It is writing.
    Writing,
    /// It was asked and wrote nothing, for this reason.
    Failed(String),
}

impl Care {
    /// The same practice with a language model that may be asked.
    #[must_use]
    pub fn with_writer(self, writer: Writer) -> Self {
        Self { model: LanguageModel { writer: Some(Arc::new(writer)), ..self.model }, ..self }
    }

    /// The name of the installed model; nothing without one.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn language_model(&self, actor: &Actor) -> Result<Option<String>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        Ok(self.model.writer.as_ref().map(|writer| writer.model().to_owned()))
    }

    /// What the model does for a document.
    pub(crate) fn model_state(&self, id: EncounterId, kind: DocumentKind) -> ModelState {
        match self.model.asked().get(&(id, kind)) {
            _ if self.model.writer.is_none() => ModelState::Absent,
            None => ModelState::Ready,
            Some(Asked::Writing) => ModelState::Writing,
            Some(Asked::Failed(why)) => ModelState::Failed(why.clone()),
        }
    }

    /// Has the model propose sentences for a document. It takes minutes, so this only begins it; what it wrote stands in the
    /// draft when it is done, beside what was decided meanwhile.
    ///
    /// # Errors
    /// [`CareError::NotFound`] without a model or a conversation; [`CareError::Finished`] once the document is signed.
    pub async fn ask_model(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let writer = self.model.writer.clone();
        let writer = writer.ok_or(CareError::NotFound { what: "ningún modelo de lenguaje instalado" })?;
        let mut tx = self.begin_read(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        let told = tx.transcript(id).await?.filter(|_| nom004::definition(kind).is_of_a_conversation());
        let told = told.ok_or(CareError::NotFound { what: "la conversación de esta nota" })?;
        drop(tx);
        if self.model.asked().insert((id, kind), Asked::Writing) == Some(Asked::Writing) {
            return Ok(());
        }
        let (care, actor) = (self.clone(), actor.clone());
        tokio::spawn(async move {
            let done = care.write_with(writer, &actor, (id, kind), told.transcript, told.digest).await;
            let mut asked = care.model.asked();
            match done {
                Ok(()) => asked.remove(&(id, kind)),
                Err(why) => asked.insert((id, kind), Asked::Failed(why)),
            };
        });
        Ok(())
    }

    /// Why nothing of it stands in the draft, when nothing does; no clinical text is in it.
    async fn write_with(
        &self,
        writer: Arc<Writer>,
        actor: &Actor,
        (id, kind): (EncounterId, DocumentKind),
        told: Transcript,
        digest: Digest,
    ) -> Result<(), String> {
        let told = Arc::new(told);
        let heard = Arc::clone(&told);
        let written = tokio::task::spawn_blocking(move || writer.write(&heard)).await;
        let written = written.map_err(|_| "se interrumpió".to_owned())?.map_err(|error| error.to_string())?;
        for _ in 0..TRIES {
            match self.put_in(actor, (id, kind), &told, digest, &written).await {
                Err(CareError::Conflict { .. }) => {}
                other => return other.map_err(|error| error.to_string()),
            }
        }
        Err("el borrador cambiaba mientras se guardaba; pídalo otra vez".to_owned())
    }

    async fn put_in(
        &self,
        actor: &Actor,
        (id, kind): (EncounterId, DocumentKind),
        told: &Arc<Transcript>,
        digest: Digest,
        written: &Written,
    ) -> Result<(), CareError> {
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        if tx.transcript(id).await?.is_none_or(|stored| stored.digest != digest) {
            return Err(CareError::Finished {
                message: "La conversación cambió mientras el modelo escribía: pídalo otra vez".to_owned(),
            });
        }
        let saved = tx.draft(id, kind).await?;
        let version = saved.as_ref().map_or(0, |row| row.version);
        let old = match saved {
            Some(row) => read_draft(&row.content)?,
            None => templates::blank(&mut tx, encounter.practitioner_id, kind).await?,
        };
        let style = preferences::style_of(&mut tx, encounter.practitioner_id).await?;
        let style = if version == 0 { style } else { Style { manner: old.manner, ..style } };
        let (told, written) = (Arc::clone(told), written.clone());
        let at = self.now();
        let next = tokio::task::spawn_blocking(move || {
            let sentences: Vec<Sentence> = written
                .sentences
                .iter()
                .map(|one| Sentence { text: one.text.clone(), turns: one.turns.clone() })
                .collect();
            let (note, outcomes) = scribe::rewritten_with(&told, &sentences, &style, &old);
            let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|one| wanted(one)).count();
            let share = ModelShare {
                name: written.model,
                model_digest: written.model_digest,
                prompt_digest: written.prompt_digest,
                added: count(|one| *one == Outcome::Added),
                refused: count(|one| matches!(one, Outcome::Refused(_))),
                at,
            };
            DraftNote { model: Some(share), ..note }
        })
        .await
        .map_err(CareError::internal)?;
        self.keep_draft(&mut tx, actor, &encounter, version, &next).await?;
        Ok(tx.commit().await?)
    }
}
