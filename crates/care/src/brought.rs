//! Sound that is brought in a file: taken with the same permit as what is recorded here, read within bounds, and kept as a
//! recording that ended. Until it is one, nothing of it is seen; what fails leaves nothing behind.

use std::io;

use clinical::audit::AuditAction;
use clinical::digest::Digest;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{EncounterId, RecordingId};
use clinical::recording::RecordingState;
use speech::AudioError;
use storage::{BroughtFile, BroughtReader, BroughtSound, MAX_BROUGHT_BYTES, SoundWriter, StorageError, Tx};
use tokio::sync::Semaphore;

use crate::content::capital;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::recordings::{NO_RECORDING, permit};
use crate::{Care, because};

/// The largest file with sound, in bytes.
pub const MAX_SOUND_FILE: u64 = MAX_BROUGHT_BYTES;
/// Name of the form field, for the summary of errors.
const FIELD: &str = "archivo";

/// Files that are read at once: each takes a core.
static READING: Semaphore = Semaphore::const_new(2);

/// A file that became a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BroughtRecording {
    /// The recording.
    pub id: RecordingId,
    /// Whether all of the file could be read.
    pub whole: bool,
}

impl Care {
    /// Begins to take a file with the sound of a consultation.
    ///
    /// # Errors
    /// [`CareError::Denied`] without a live consent; [`CareError::Finished`] once the consultation is closed.
    pub async fn begin_bringing(&self, actor: &Actor, id: EncounterId) -> Result<BroughtFile, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let encounter = open(tx.encounter(id).await?)?;
        let permit = permit(&mut tx, &encounter, self.now()).await?;
        Ok(self.blobs.sound().receive(&permit)?)
    }

    /// Makes a recording of a file that has arrived.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for what is no sound, too long or damaged, and for sound the consultation has already;
    /// [`CareError::Denied`] when the consent was withdrawn meanwhile.
    pub async fn bring_sound(
        &self,
        actor: &Actor,
        id: EncounterId,
        file: BroughtFile,
    ) -> Result<BroughtRecording, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let file = file.end().await?;
        let writer = self.blobs.sound().writer()?;
        let turn = READING.acquire().await.map_err(CareError::internal)?;
        let read = tokio::task::spawn_blocking(move || read(file, writer)).await;
        let (sound, whole) = read.map_err(CareError::internal)??;
        drop(turn);
        let mut tx = self.begin(actor).await?;
        let encounter = open(tx.hold_encounter(id).await?)?;
        let permit = permit(&mut tx, &encounter, self.now()).await?;
        self.refuse_twice(&mut tx, id, sound.digest()).await?;
        let by = (actor.user_id, self.now());
        let recording = self.blobs.sound().keep_brought(&mut tx, &permit, id, sound, by).await?;
        let kept = tx.recording(recording).await?.ok_or(NO_RECORDING)?;
        let event = self.event(actor, AuditAction::Create, "recording", recording, Some(kept.patient_id));
        let how = if whole { "traída en un archivo" } else { "traída en un archivo incompleto" };
        tx.append_audit(because(event, &format!("{how}, con el consentimiento {}", permit.consent())))
            .await?;
        self.queue_listening(&mut tx, &kept).await?;
        tx.commit().await?;
        Ok(BroughtRecording { id: recording, whole })
    }

    /// The same sound in a consultation twice would be a conversation told twice.
    async fn refuse_twice(&self, tx: &mut Tx, id: EncounterId, digest: Digest) -> Result<(), CareError> {
        for (known, n) in tx.recordings(id).await?.into_iter().zip(1..) {
            if known.state != RecordingState::Destroyed
                && self.blobs.sound().digest(tx, known.id).await? == digest
            {
                let message =
                    format!("Ese audio ya está en esta consulta: es la grabación {n}. No se guardó otra vez");
                return Err(CareError::invalid(FIELD, message));
            }
        }
        Ok(())
    }
}

fn open(encounter: Option<Encounter>) -> Result<Encounter, CareError> {
    let encounter = encounter.ok_or(CareError::NotFound { what: "la consulta" })?;
    match encounter.state {
        EncounterState::InProgress => Ok(encounter),
        _ => Err(StorageError::EncounterClosed.into()),
    }
}

/// Reads a file into the sound of a recording; whether all of it could be read.
fn read(file: BroughtReader, mut writer: SoundWriter) -> Result<(BroughtSound, bool), CareError> {
    let mut failed = None;
    let mut bytes = Vec::new();
    let whole = speech::decode_to(file, |block| {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|sample| level(*sample).to_le_bytes()));
        writer.push(&bytes).map_err(|error| {
            failed = Some(error);
            io::Error::other("the sound was not written")
        })
    });
    match (whole, failed) {
        (_, Some(error)) => Err(error.into()),
        (Err(AudioError::Read(error)), None) => Err(CareError::internal(error)),
        (Err(error), None) => Err(CareError::invalid(FIELD, capital(&error.to_string()))),
        (Ok(whole), None) => Ok((writer.end()?, whole)),
    }
}

/// A sample of 16 bits; what is no number is silence.
fn level(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}
