//! Listening to what was recorded: in the background, one recording after the other, by the engine that is installed. What was
//! heard becomes the conversation of the consultation (`conversation.rs`); a person reads it and corrects who speaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::heard::Heard;
use clinical::ids::{EncounterId, RecordingId};
use clinical::patient::Patient;
use clinical::transcript::Speaker;
use jiff::SignedDuration;
use speech::voiceprint::Voiceprint;
use storage::{Listening, ListeningJob, Recording, StorageError, Tx};

use crate::error::CareError;
use crate::live::LiveWord;
use crate::permission::{Actor, Permission};
use crate::recordings::NO_RECORDING;
pub use crate::who_speaks::name_voices;
use crate::{Care, because, voice};

/// How long a job stays with who took it and says nothing more: forty signs of life.
const HOLD: SignedDuration = SignedDuration::from_secs(20);
/// So many medicines of a patient are told to the engine.
const MOST_MEDICINES: usize = 40;
/// Why the record is read before its recording is listened to.
const FOR_TEXT: &str = "para convertirla en texto, con los nombres de los medicamentos del paciente";
/// How often who works on a job says so.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

/// How a run is going, between the engine and who waits for it.
#[derive(Debug, Default)]
pub struct Run {
    progress: AtomicU8,
    unwanted: AtomicBool,
}

impl Run {
    /// Tells how much is done, in hundredths; `false` when nobody wants the rest.
    #[must_use]
    pub fn goes_on(&self, progress: u8) -> bool {
        self.progress.store(progress.min(100), Ordering::Relaxed);
        !self.unwanted.load(Ordering::Relaxed)
    }
}

/// What is known of a recording before it is listened to. It is of the record: it has no form for a log.
#[derive(Clone, PartialEq, Default)]
pub struct Beforehand {
    /// Words that may be expected: the specialty of the physician, the medicines of the patient.
    pub prompt: String,
    /// The voice of the physician, when they enrolled it.
    pub physician: Option<Voiceprint>,
}

/// An engine that writes down who said what. Given by the program when one is installed.
pub trait Listener: Send + Sync {
    /// What is said in samples of 16 bits, 16 000 a second. Asks [`Run::goes_on`] now and then. A voice whose person it
    /// does not know by its sound is [`Speaker::Unknown`].
    ///
    /// # Errors
    /// Why it failed, in Spanish and without a word of what was said.
    fn listen(&self, sound: &[i16], beforehand: &Beforehand, run: &Run) -> Result<Heard, String>;

    /// The words of the last seconds of a recording that goes on, with words that may be expected. Comes before any
    /// [`Listener::listen`]: people wait for it.
    ///
    /// # Errors
    /// As [`Listener::listen`].
    fn live(&self, sound: &[i16], prompt: &str) -> Result<Vec<LiveWord>, String>;
}

/// What was heard in a recording, to be read and corrected.
#[derive(Debug, Clone)]
pub struct HeardDesk {
    /// The recording.
    pub recording: Recording,
    /// Whose.
    pub patient: Patient,
    /// How far it is, and what was heard; `None` when nobody asked.
    pub listening: Option<Listening>,
}

/// A correction of what was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeardCorrection {
    /// This turn, counted from 0, is of this person.
    Turn(usize, Speaker),
    /// All turns of this voice are of this person.
    Voice(u8, Speaker),
}

impl Care {
    /// The same practice with an engine that listens.
    #[must_use]
    pub fn with_listener(self, listener: Arc<dyn Listener>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Whether an engine is installed that listens.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.listener.is_some()
    }

    /// Puts a recording that ended into the queue, when somebody listens.
    pub(crate) async fn queue_listening(&self, tx: &mut Tx, recording: &Recording) -> Result<(), CareError> {
        if self.listens() && recording.pieces > 0 {
            tx.ask_listening(recording.id, self.now()).await?;
        }
        Ok(())
    }

    /// Has a recording listened to again after it failed or was given up.
    ///
    /// # Errors
    /// [`CareError::NotFound`] without an engine or the recording.
    pub async fn ask_listening(&self, actor: &Actor, id: RecordingId) -> Result<EncounterId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        if !self.listens() {
            return Err(CareError::NotFound { what: "ningún programa que convierta la voz en texto" });
        }
        let mut tx = self.begin(actor).await?;
        let recording = tx.hold_recording(id).await?.ok_or(NO_RECORDING)?;
        if recording.state.is_open() {
            return Err(CareError::Conflict {
                message: "La grabación sigue abierta: termínela primero".to_owned(),
            });
        }
        self.queue_listening(&mut tx, &recording).await?;
        let event = self.event(actor, AuditAction::Update, "recording", id, Some(recording.patient_id));
        tx.append_audit(because(event, "se pide convertirla en texto")).await?;
        tx.commit().await?;
        Ok(recording.encounter_id)
    }

    /// Gives up listening to a recording.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when it is done or nobody asked.
    pub async fn cancel_listening(&self, actor: &Actor, id: RecordingId) -> Result<EncounterId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        match tx.cancel_listening(id).await {
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::Conflict { message: "Ya no hay nada que cancelar".to_owned() });
            }
            other => other?,
        }
        let event = self.event(actor, AuditAction::Update, "recording", id, Some(recording.patient_id));
        tx.append_audit(because(event, "se cancela convertirla en texto")).await?;
        tx.commit().await?;
        Ok(recording.encounter_id)
    }

    /// Listens to the recording that waits longest, or makes the draft that somebody who stopped owes; `false` when nothing
    /// waits. The program calls it again and again.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn listen_next(&self) -> Result<bool, CareError> {
        let Some(listener) = self.listener.clone() else { return Ok(false) };
        let mut tx = self.unseen.begin().await?;
        let (now, until) = (self.now(), self.now() + HOLD);
        if let Some(heard) = tx.take_heard(now, until).await? {
            tx.commit().await?;
            return self.draft_from(&heard).await.map(|()| true);
        }
        let job = tx.take_listening(now, until).await?;
        tx.commit().await?;
        let Some(job) = job else { return Ok(false) };
        let heard = self.listen_to(listener, &job).await;
        let mut tx = self.unseen.begin().await?;
        let (done, why) = match heard {
            Ok(heard) => match tx.finish_listening(&job, &heard, self.now() + HOLD).await? {
                Some(done) => (Some(done), "convertida en texto".to_owned()),
                None => return Ok(true),
            },
            Err(problem) => {
                tx.fail_listening(&job, &problem).await?;
                (None, format!("no se pudo convertir en texto: {problem}"))
            }
        };
        tx.append_audit(self.listening_event(&job, AuditAction::Update, why)).await?;
        tx.commit().await?;
        match done {
            Some(heard) => self.draft_from(&heard).await.map(|()| true),
            None => Ok(true),
        }
    }

    /// Proposes the draft of what was heard. One that cannot be proposed now stays held, and is tried again after that.
    async fn draft_from(&self, heard: &ListeningJob) -> Result<(), CareError> {
        if let Err(error) = self.propose_heard(heard.recording).await {
            tracing::warn!(%error, "no draft was proposed from a recording; it is tried again, and can be asked for");
            return Ok(());
        }
        let mut tx = self.unseen.begin().await?;
        tx.let_go_of_heard(heard).await?;
        Ok(tx.commit().await?)
    }

    /// What the program did with a recording by itself.
    fn listening_event(&self, job: &ListeningJob, action: AuditAction, why: String) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action,
            entity: "recording",
            entity_id: job.recording.to_string(),
            patient_id: Some(job.patient),
            origin: "program".to_owned(),
            reason: Some(why),
        }
    }

    /// What is known of a recording before it is listened to, and whether its patient speaks for themselves.
    pub(crate) async fn beforehand(
        &self,
        job: &ListeningJob,
        why: &str,
    ) -> Result<(Beforehand, bool), CareError> {
        let mut tx = self.unseen.begin().await?;
        let recording = tx.recording(job.recording).await?.ok_or(NO_RECORDING)?;
        let missing = |what| CareError::NotFound { what };
        let visit = tx.encounter(recording.encounter_id).await?.ok_or(missing("la consulta"))?;
        let patient = tx.patient(visit.patient_id).await?.ok_or(missing("el expediente"))?;
        let voice = voice::attending(&mut tx, visit.practitioner_id).await?;
        let physician = tx.practitioner(visit.practitioner_id).await?;
        let specialty = physician.and_then(|physician| physician.specialty);
        let summary = tx.summary(patient.id).await?;
        let medicines: Vec<&str> =
            summary.open_medications().take(MOST_MEDICINES).map(|taken| taken.medicine.as_str()).collect();
        let today = self.now().to_zoned_datetime(Self::time_zone(&mut tx).await?).date();
        tx.append_audit(self.listening_event(job, AuditAction::Read, why.to_owned())).await?;
        tx.commit().await?;
        let mut prompt = match specialty {
            Some(specialty) => format!("Consulta de {}.", specialty.name.to_lowercase()),
            None => "Consulta médica.".to_owned(),
        };
        if !medicines.is_empty() {
            prompt = format!("{prompt} Medicamentos: {}.", medicines.join(", "));
        }
        Ok((Beforehand { prompt, physician: voice }, !patient.is_minor_on(today)))
    }

    /// What the engine hears, or why it heard nothing.
    async fn listen_to(&self, listener: Arc<dyn Listener>, job: &ListeningJob) -> Result<Heard, String> {
        let (beforehand, adult) = self.beforehand(job, FOR_TEXT).await.map_err(|error| error.to_string())?;
        let sound = async {
            let mut tx = self.unseen.begin_read().await?;
            self.blobs.sound().read(&mut tx, job.recording, 0, usize::MAX).await
        };
        let sound = sound.await.map_err(|error: StorageError| error.to_string())?;
        let run = Arc::new(Run::default());
        let at_work = Arc::clone(&run);
        let mut work = tokio::task::spawn_blocking(move || {
            let samples: Vec<i16> = sound
                .chunks_exact(2)
                .filter_map(|pair| Some(i16::from_le_bytes(pair.try_into().ok()?)))
                .collect();
            drop(sound);
            let mut heard = listener.listen(&samples, &beforehand, &at_work)?;
            name_voices(&mut heard, adult);
            Ok(heard)
        });
        let mut signs = tokio::time::interval(SIGN_OF_LIFE);
        loop {
            tokio::select! {
                done = &mut work => return done.map_err(|_| "se interrumpió".to_owned())?,
                _ = signs.tick() => {
                    let progress = i64::from(run.progress.load(Ordering::Relaxed));
                    // What cannot be told now is told with the next sign; the job stays with us meanwhile.
                    if let Ok(false) = self.hold_job(job, progress).await {
                        run.unwanted.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    async fn hold_job(&self, job: &ListeningJob, progress: i64) -> Result<bool, CareError> {
        let mut tx = self.unseen.begin().await?;
        let wanted = tx.hold_listening(job, self.now() + HOLD, progress).await?;
        tx.commit().await?;
        Ok(wanted)
    }

    /// What was heard in a recording.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such recording.
    pub async fn heard(&self, actor: &Actor, id: RecordingId) -> Result<HeardDesk, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        let listening = tx.listening(id).await?;
        let missing = CareError::NotFound { what: "el expediente" };
        let patient = tx.patient(recording.patient_id).await?.ok_or(missing)?;
        tx.append_audit(self.event(actor, AuditAction::Read, "recording", id, Some(patient.id))).await?;
        tx.commit().await?;
        Ok(HeardDesk { recording, patient, listening })
    }

    /// Corrects who said something.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when nothing was heard, or no such turn or voice.
    pub async fn correct_heard(
        &self,
        actor: &Actor,
        id: RecordingId,
        correction: HeardCorrection,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.hold_recording(id).await?.ok_or(NO_RECORDING)?;
        let mut heard = tx.listening(id).await?.and_then(|one| one.heard).ok_or(NOTHING_HEARD)?;
        let found = match correction {
            HeardCorrection::Turn(turn, speaker) => heard.name_turn(turn, speaker),
            HeardCorrection::Voice(voice, speaker) => heard.name_voice(voice, speaker),
        };
        if !found {
            return Err(CareError::NotFound { what: "esa parte de la conversación" });
        }
        tx.correct_heard(id, &heard).await?;
        let event = self.event(actor, AuditAction::Update, "recording", id, Some(recording.patient_id));
        tx.append_audit(because(event, "se corrige quién habla")).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) const NOTHING_HEARD: CareError = CareError::NotFound { what: "lo que se oyó en la grabación" };
