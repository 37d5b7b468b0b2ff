//! The conversation of a consultation, brought by somebody or heard in its recordings, and the drafts proposed from it.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::draft::DraftNote;
use clinical::heard::Heard;
use clinical::ids::{EncounterId, RecordingId};
use clinical::transcript::Transcript;
use storage::Tx;

use crate::Care;
use crate::consultation::{read_draft, refuse_signed, write_draft};
use crate::error::CareError;
use crate::listening::NOTHING_HEARD;
use crate::permission::{Actor, Permission};
use crate::recordings::NO_RECORDING;
use crate::{cosign, preferences, review, templates};

/// How often a draft that somebody saves meanwhile is proposed again.
const TRIES: usize = 5;

/// What becomes of a conversation that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    /// The new one takes its place.
    Replaced,
    /// It stays, and nothing is written.
    Stays,
}

impl Care {
    /// Takes a transcript (JSON, labelled or plain text), keeps it and drafts the document of the act from it, in the words
    /// its physician prefers. What they already wrote or accepted stays.
    ///
    /// # Errors
    /// [`CareError::Transcript`] when it cannot be read, naming what to correct; [`CareError::Finished`] once the
    /// note is signed.
    pub async fn attach_transcript(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        bytes: Vec<u8>,
    ) -> Result<(), CareError> {
        self.attach(actor, (id, kind), bytes, Earlier::Replaced).await
    }

    /// Makes the conversation of the consultation out of all that was heard in its recordings, and drafts its document.
    ///
    /// # Errors
    /// As [`Care::attach_transcript`]; [`CareError::NotFound`] when nothing was heard in this recording.
    pub async fn use_heard(&self, actor: &Actor, id: RecordingId) -> Result<EncounterId, CareError> {
        let desk = self.heard(actor, id).await?;
        desk.listening.and_then(|one| one.heard).ok_or(NOTHING_HEARD)?;
        let visit = desk.recording.encounter_id;
        let mut tx = self.begin_read(actor).await?;
        let told = joined(&heard_in(&mut tx, visit).await?);
        drop(tx);
        let document = self.document_of(actor, visit).await?;
        self.attach_transcript(actor, visit, document, written(&told)?).await?;
        Ok(visit)
    }

    /// The same by the program itself, in the name of who recorded it, as soon as it was heard; not in the place of a
    /// conversation that is there, nor for a consultation that is closed, nor when nobody was heard.
    pub(crate) async fn propose_heard(&self, id: RecordingId) -> Result<(), CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        let visit = recording.encounter_id;
        let there = tx.transcript(visit).await?.is_some();
        let told = joined(&heard_in(&mut tx, visit).await?);
        let who = tx.user(recording.started_by).await?;
        drop(tx);
        let Some(who) = who.filter(|_| !there && !told.turns.is_empty()) else { return Ok(()) };
        let actor = self.actor_named(&who.username).await?;
        let document = self.document_of(&actor, visit).await?;
        let told = written(&told)?;
        let mut tries = 1..TRIES;
        loop {
            match self.attach(&actor, (visit, document), told.clone(), Earlier::Stays).await {
                Err(CareError::Conflict { .. }) if tries.next().is_some() => {}
                Err(CareError::Finished { .. }) => return Ok(()),
                done => return done,
            }
        }
    }

    async fn attach(
        &self,
        actor: &Actor,
        (id, kind): (EncounterId, DocumentKind),
        bytes: Vec<u8>,
        earlier: Earlier,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut read = self.begin_read(actor).await?;
        let encounter = read.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        let style = preferences::style_of(&mut read, encounter.practitioner_id).await?;
        drop(read);
        let (transcript, understood) = tokio::task::spawn_blocking(move || {
            let transcript = scribe::parse::transcript(&bytes)?;
            let understood = scribe::draft_in_style(&transcript, &style);
            Ok::<_, CareError>((transcript, understood))
        })
        .await
        .map_err(CareError::internal)??;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.hold_encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        refuse_signed(&mut tx, &encounter).await?;
        if earlier == Earlier::Stays && tx.transcript(id).await?.is_some() {
            return Ok(());
        }
        tx.save_transcript(id, &transcript, actor.user_id, self.now()).await?;
        // What another document of the visit cites would be the words of another conversation.
        for document in nom004::definitions().iter().filter(|d| d.kind == kind || d.is_of_a_conversation()) {
            let old = tx.draft(id, document.kind).await?;
            if old.is_none() && document.kind != kind {
                continue;
            }
            let version = old.as_ref().map_or(0, |row| row.version);
            let old = old.map(|row| read_draft(&row.content)).transpose()?;
            let layout = match &old {
                Some(old) => old.clone(),
                None => templates::blank(&mut tx, encounter.practitioner_id, document.kind).await?,
            };
            let definition = nom004::extended(document.kind, layout.template.as_deref());
            let proposed = DraftNote {
                template: layout.template,
                outline: layout.outline,
                ..understood.note(definition)
            };
            let draft = write_draft(&review::merge_proposal(old.as_ref(), proposed))?;
            let saved = tx.save_draft(id, document.kind, version, &draft, actor.user_id, self.now()).await?;
            cosign::follow(&mut tx, actor, id, document.kind, (version, saved), self.now()).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Create, "transcript", id, Some(encounter.patient_id)))
            .await?;
        Ok(tx.commit().await?)
    }
}

/// What was heard in the recordings of a consultation, in the order in which they were made.
pub(crate) async fn heard_in(tx: &mut Tx, id: EncounterId) -> Result<Vec<(RecordingId, Heard)>, CareError> {
    let mut parts = Vec::new();
    for recording in tx.recordings(id).await? {
        let heard = tx.listening(recording.id).await?.and_then(|listening| listening.heard);
        parts.extend(heard.map(|heard| (recording.id, heard)));
    }
    Ok(parts)
}

/// The conversation all of it makes.
fn joined(parts: &[(RecordingId, Heard)]) -> Transcript {
    Transcript { turns: parts.iter().flat_map(|(_, heard)| heard.transcript().turns).collect() }
}

fn written(told: &Transcript) -> Result<Vec<u8>, CareError> {
    serde_json::to_vec(told).map_err(CareError::internal)
}
