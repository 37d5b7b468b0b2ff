//! The voice of who attends, enrolled once by themselves, so that recordings say when they speak. Kept are numbers, never the
//! sound; nobody else can ask for them, and they go when their owner says so.

use std::io::{self, Cursor};

use clinical::audit::AuditAction;
use clinical::ids::{PractitionerId, UserId};
use jiff::Timestamp;
use speech::voiceprint::{Voiceprint, WIDTH};
use speech::{AudioError, Diarizer, EnrolError, Samples};
use storage::Tx;

use crate::content::capital;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, because};

/// Most bytes of a sample: two minutes of uncompressed sound as a studio records it.
pub const MAX_SAMPLE_BYTES: usize = 24 * 1024 * 1024;
/// Longest sample that is listened to, in samples of 16 kHz: two minutes.
const LONGEST: usize = 120 * 16_000;
/// Name of the form field, for the summary of errors.
const FIELD: &str = "archivo";

impl Care {
    /// Since when the voice of this person is kept.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn own_voice(&self, actor: &Actor) -> Result<Option<Timestamp>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        Ok(tx.voice(actor.user_id).await?.map(|voice| voice.recorded_at))
    }

    /// Keeps the voice of this person, who speaks alone in a sample; in the place of the one before.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what to do better.
    pub async fn enrol_voice(&self, actor: &Actor, sample: Vec<u8>) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        if sample.len() > MAX_SAMPLE_BYTES {
            return Err(CareError::invalid(FIELD, "La muestra pesa demasiado: bastan 30 segundos"));
        }
        let heard = tokio::task::spawn_blocking(move || listen(sample)).await;
        let print = heard.map_err(CareError::internal)??;
        let bytes: Vec<u8> = print.values().iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut tx = self.begin(actor).await?;
        tx.set_voice(actor.user_id, &bytes, self.now()).await?;
        let event = self.event(actor, AuditAction::Create, "voice", actor.user_id, None);
        tx.append_audit(because(event, "guarda su muestra de voz")).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the voice of this person.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn forget_voice(&self, actor: &Actor) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        if !self.forget_voice_of(&mut tx, actor, actor.user_id, "a petición de su dueño").await? {
            return Err(CareError::NotFound { what: "su muestra de voz" });
        }
        Ok(tx.commit().await?)
    }

    /// Forgets the voice of an account, and says so in the bitácora; whether there was one.
    pub(crate) async fn forget_voice_of(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: UserId,
        why: &str,
    ) -> Result<bool, CareError> {
        let gone = tx.forget_voice(user).await?;
        if gone {
            let event = self.event(actor, AuditAction::Update, "voice", user, None);
            tx.append_audit(because(event, &format!("la muestra de voz se borra {why}"))).await?;
        }
        Ok(gone)
    }
}

/// The voice of who attends as this professional, if they enrolled it.
pub(crate) async fn attending(
    tx: &mut Tx,
    practitioner: PractitionerId,
) -> Result<Option<Voiceprint>, CareError> {
    let Some(stored) = tx.voice_of(practitioner).await? else { return Ok(None) };
    let (numbers, _) = stored.print.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok(<[f32; WIDTH]>::try_from(numbers).ok().and_then(Voiceprint::new))
}

fn listen(sample: Vec<u8>) -> Result<Voiceprint, CareError> {
    let mut samples = Vec::new();
    let read = speech::decode_to(Cursor::new(sample), |block| {
        if samples.len() + block.len() > LONGEST {
            return Err(io::Error::other("too long"));
        }
        samples.extend_from_slice(block);
        Ok(())
    });
    let told = |error: &dyn std::fmt::Display| CareError::invalid(FIELD, capital(&error.to_string()));
    match read {
        Err(AudioError::Read(_)) => {
            return Err(CareError::invalid(FIELD, "La muestra dura más de 2 minutos: bastan 30 segundos"));
        }
        Err(error) => return Err(told(&error)),
        Ok(_) => {}
    }
    let samples = Samples::new(samples).map_err(|error| told(&error))?.levelled();
    let diarizer = Diarizer::new().map_err(CareError::internal)?;
    diarizer.enrol(&samples).map_err(|error| match error {
        EnrolError::Model(error) => CareError::internal(error),
        error => told(&error),
    })
}
