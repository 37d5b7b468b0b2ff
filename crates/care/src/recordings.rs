//! Recording what is said in a consultation: only with a live consent, stored encrypted as it arrives, heard by who writes the
//! note, destroyed when the note is signed unless the practice keeps it.
//!
//! A piece of sound is no event of its own in the bitácora: the recording it belongs to is, from its beginning to its end.

use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::consent::{Consent, ConsentPurpose};
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{EncounterId, RecordingId};
use clinical::patient::Patient;
use clinical::recording::{ListeningState, RecordingState};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::{Listening, MAX_PIECES, Piece, Recording, RecordingPermit, StorageError, Tx};
use zeroize::Zeroizing;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::phone::PhoneView;
use crate::{Care, because};

/// Name of the setting that says what becomes of sound after the signature.
const RULE: &str = "sound_after_signature";
/// Bytes of a second of sound from a microphone.
pub const PCM_SECOND: usize = 32_000;
/// Seconds a day has: a device that says it recorded longer is mistaken.
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What becomes of the sound when the note is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SoundRule {
    /// It is destroyed: the signed note is the record (legal reference 7.5).
    #[default]
    Destroy,
    /// It stays until somebody destroys it.
    Keep,
}

impl SoundRule {
    /// Stored word, also that of the form.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Destroy => "destroy",
            Self::Keep => "keep",
        }
    }

    /// Reads [`SoundRule::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Destroy, Self::Keep].into_iter().find(|rule| rule.code() == code)
    }
}

/// What the patient said about being recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Nobody asked.
    Never,
    /// The newest answer and who recorded it.
    Last(Consent, String),
}

/// What the page of recordings shows.
#[derive(Debug, Clone)]
pub struct RecordingDesk {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// What is known about their allergies.
    pub allergies: AllergyStatus,
    /// What the patient said about being recorded.
    pub answered: Answered,
    /// Whether that is a yes that still counts.
    pub permitted: bool,
    /// Version of the aviso in force; `None` when there is none.
    pub notice: Option<i64>,
    /// Who may answer for the patient, with their capacity.
    pub representatives: Vec<String>,
    /// Its recordings, oldest first.
    pub recordings: Vec<Recording>,
    /// How far listening to each is, where somebody asked.
    pub listening: Vec<Listening>,
    /// The phone that is lent as its microphone.
    pub phone: Option<PhoneView>,
    /// Whether there is a transcript already.
    pub has_transcript: bool,
    /// What becomes of the sound at the signature.
    pub rule: SoundRule,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl RecordingDesk {
    /// Whether the consultation still takes a recording.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.encounter.state == EncounterState::InProgress
    }
}

/// Where a recording stands, for the device that makes it.
#[derive(Debug)]
pub struct RecordingStatus {
    /// The recording.
    pub recording: Recording,
    /// What the device enciphers with what it has not sent yet; `None` once it is destroyed.
    pub device_key: Option<Zeroizing<[u8; 32]>>,
}

/// What a device asks of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingStep {
    /// Nothing is stored until it goes on.
    Pause,
    /// It goes on.
    Resume,
    /// It is over; the device says how many pieces it made, when it knows.
    End(Option<i64>),
}

impl Care {
    /// The recordings of a consultation, and what the patient said about them.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::NotFound`] when there is no such consultation.
    pub async fn recording_desk(&self, actor: &Actor, id: EncounterId) -> Result<RecordingDesk, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        crate::consultation::refuse_waiting(&encounter)?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient =
            tx.patient(encounter.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let answered = match tx.current_consent(patient.id, ConsentPurpose::RecordConversation).await? {
            None => Answered::Never,
            Some(consent) => {
                let by = tx.user(consent.recorded_by).await?.map(|user| user.display_name);
                Answered::Last(consent, by.unwrap_or_default())
            }
        };
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let representatives = tx.representatives(patient.id).await?;
        let holding = representatives.iter().filter(|one| !one.is_closed() && one.value.holds_on(today));
        let recordings = tx.recordings(id).await?;
        let mut listening = Vec::new();
        for recording in &recordings {
            let found = tx.listening(recording.id).await?;
            listening
                .extend(found.filter(|one| one.state != ListeningState::Live || recording.state.is_open()));
        }
        let desk = RecordingDesk {
            listening,
            allergies: tx.summary(patient.id).await?.allergy_status(),
            permitted: tx.recording_permit(patient.id, self.now()).await?.is_some(),
            notice: tx.notices().await?.first().map(|notice| notice.version),
            representatives: holding
                .map(|one| format!("{}, {}", one.value.name, one.value.capacity.label().to_lowercase()))
                .collect(),
            recordings,
            phone: self.phone_view(&mut tx, id).await?,
            has_transcript: tx.transcript(id).await?.is_some(),
            rule: sound_rule(&mut tx).await?,
            encounter,
            answered,
            now: self.now(),
            zone,
            patient,
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "recordings", id, Some(desk.patient.id)))
            .await?;
        tx.commit().await?;
        Ok(desk)
    }

    /// Begins a recording. One that was left open before ends.
    ///
    /// # Errors
    /// [`CareError::Denied`] without a live consent; [`CareError::Finished`] once the consultation is closed.
    pub async fn begin_recording(
        &self,
        actor: &Actor,
        id: EncounterId,
    ) -> Result<RecordingStatus, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let status = self.open_recording(&mut tx, actor, id).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// The same, in the transaction of who asks.
    pub(crate) async fn open_recording(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: EncounterId,
    ) -> Result<RecordingStatus, CareError> {
        let encounter = tx.hold_encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        crate::consultation::refuse_waiting(&encounter)?;
        if encounter.state != EncounterState::InProgress {
            return Err(StorageError::EncounterClosed.into());
        }
        let permit = permit(tx, &encounter, self.now()).await?;
        for open in tx.recordings(id).await?.into_iter().filter(|recording| recording.state.is_open()) {
            tx.set_recording_state(open.id, open.state, RecordingState::Ended, self.now(), None).await?;
            // What was said before the device was cut off is heard as well.
            self.queue_listening(tx, &open).await?;
        }
        let sounds = self.blobs.sound();
        let by = (actor.user_id, self.now());
        let recording = sounds.begin(tx, &permit, id, by).await?;
        if self.listens() {
            tx.open_live(recording, self.now()).await?;
        }
        let event =
            self.event(actor, AuditAction::Create, "recording", recording, Some(encounter.patient_id));
        tx.append_audit(because(event, &format!("con el consentimiento {}", permit.consent()))).await?;
        self.status(tx, recording).await
    }

    /// Keeps a piece of sound: it is on disk when this returns. The same piece a second time changes nothing.
    ///
    /// # Errors
    /// [`CareError::Denied`] once the consent was withdrawn; [`CareError::Conflict`] unless the recording records, or when
    /// another piece has this number; [`CareError::Invalid`] for what is no second of sound.
    pub async fn keep_sound(&self, actor: &Actor, id: RecordingId, piece: Piece) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        check_piece(&piece)?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.hold_recording(id).await?.ok_or(NO_RECORDING)?;
        let permit = permit_of(&mut tx, &recording, self.now()).await?;
        match self.blobs.sound().keep(&mut tx, &permit, &recording, piece).await {
            Ok(true) => Ok(tx.commit().await?),
            Ok(false) => Ok(()),
            Err(StorageError::Conflict { .. }) => Err(not_recording(&recording)),
            Err(error) => Err(error.into()),
        }
    }

    /// Pauses a recording, lets it go on or ends it. What it is in already changes nothing.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when it ended; [`CareError::Denied`] to go on without a live consent.
    pub async fn step_recording(
        &self,
        actor: &Actor,
        id: RecordingId,
        step: RecordingStep,
    ) -> Result<Recording, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = self.step_in(&mut tx, actor, id, step).await?;
        tx.commit().await?;
        Ok(recording)
    }

    /// The same, in the transaction of who asks.
    pub(crate) async fn step_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: RecordingId,
        step: RecordingStep,
    ) -> Result<Recording, CareError> {
        let recording = tx.hold_recording(id).await?.ok_or(NO_RECORDING)?;
        let (wanted, why, announced) = match step {
            RecordingStep::Pause => (RecordingState::Paused, "pausa", None),
            RecordingStep::Resume => (RecordingState::Recording, "sigue", None),
            RecordingStep::End(made) => {
                (RecordingState::Ended, "termina", made.filter(|made| (0..=MAX_PIECES).contains(made)))
            }
        };
        if recording.state == wanted {
            return Ok(recording);
        }
        if !recording.state.is_open() {
            return Err(not_recording(&recording));
        }
        if wanted == RecordingState::Recording {
            permit_of(tx, &recording, self.now()).await?;
        }
        tx.set_recording_state(id, recording.state, wanted, self.now(), announced).await?;
        let event = self.event(actor, AuditAction::Update, "recording", id, Some(recording.patient_id));
        tx.append_audit(because(event, why)).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        if wanted == RecordingState::Ended {
            self.queue_listening(tx, &recording).await?;
        }
        Ok(recording)
    }

    /// Where a recording stands: a device that was cut off asks before it goes on.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such recording.
    pub async fn recording_status(
        &self,
        actor: &Actor,
        id: RecordingId,
    ) -> Result<RecordingStatus, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        self.status(&mut tx, id).await
    }

    pub(crate) async fn status(&self, tx: &mut Tx, id: RecordingId) -> Result<RecordingStatus, CareError> {
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        let device_key = match recording.state {
            RecordingState::Destroyed => None,
            _ => Some(self.blobs.sound().device_key(tx, id).await?),
        };
        Ok(RecordingStatus { recording, device_key })
    }

    /// Opens a recording to be heard, which is noted in the bitácora; [`Care::sound_part`] has its sound.
    ///
    /// # Errors
    /// [`CareError::Finished`] once it was destroyed.
    pub async fn hear_recording(&self, actor: &Actor, id: RecordingId) -> Result<Recording, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        if recording.state == RecordingState::Destroyed {
            return Err(not_recording(&recording));
        }
        let event = self.event(actor, AuditAction::Read, "recording", id, Some(recording.patient_id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(recording)
    }

    /// Sound of an opened recording from a byte on, at most so many bytes.
    ///
    /// # Errors
    /// [`CareError::Finished`] once it was destroyed.
    pub async fn sound_part(
        &self,
        actor: &Actor,
        id: RecordingId,
        from: u64,
        most: usize,
    ) -> Result<Vec<u8>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        if recording.state == RecordingState::Destroyed {
            return Err(not_recording(&recording));
        }
        Ok(self.blobs.sound().read(&mut tx, id, from, most).await?)
    }

    /// Destroys a recording: its key goes, and nobody hears it again.
    ///
    /// # Errors
    /// [`CareError::Finished`] when it was destroyed already.
    pub async fn destroy_recording(&self, actor: &Actor, id: RecordingId) -> Result<EncounterId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let recording = tx.hold_recording(id).await?.ok_or(NO_RECORDING)?;
        if recording.state == RecordingState::Destroyed {
            return Err(not_recording(&recording));
        }
        self.destroy(&mut tx, actor, &recording, "destruida a petición").await?;
        tx.commit().await?;
        self.remove_sound(&[id]);
        Ok(recording.encounter_id)
    }

    async fn destroy(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        recording: &Recording,
        why: &str,
    ) -> Result<(), CareError> {
        self.blobs.sound().destroy(tx, recording.id, self.now()).await?;
        let event =
            self.event(actor, AuditAction::Update, "recording", recording.id, Some(recording.patient_id));
        tx.append_audit(because(event, why)).await?;
        Ok(())
    }

    /// After the last signature of a consultation: its recordings end, and their keys go by the practice's rule. Then call
    /// [`Care::remove_sound`] with what is returned, once it is committed.
    pub(crate) async fn settle_recordings(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: EncounterId,
    ) -> Result<Vec<RecordingId>, CareError> {
        let rule = sound_rule(tx).await?;
        let mut gone = Vec::new();
        for recording in tx.recordings(id).await? {
            match rule {
                SoundRule::Destroy if recording.state != RecordingState::Destroyed => {
                    self.destroy(tx, actor, &recording, "destruida al firmar, por regla del establecimiento")
                        .await?;
                    gone.push(recording.id);
                }
                SoundRule::Keep if recording.state.is_open() => {
                    let ended = RecordingState::Ended;
                    tx.set_recording_state(recording.id, recording.state, ended, self.now(), None).await?;
                    tx.close_live(recording.id).await?;
                }
                _ => {}
            }
        }
        Ok(gone)
    }

    /// Removes the files of destroyed recordings. One that cannot be removed is swept away later; nothing opens it.
    pub(crate) fn remove_sound(&self, ids: &[RecordingId]) {
        for id in ids {
            if let Err(error) = self.blobs.sound().remove_file(*id) {
                tracing::warn!(%error, "the file of a destroyed recording is still there");
            }
        }
    }

    /// What becomes of sound after the signature.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn sound_rule(&self, actor: &Actor) -> Result<SoundRule, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin_read(actor).await?;
        sound_rule(&mut tx).await
    }

    /// Chooses what becomes of sound after the signature, from now on.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn set_sound_rule(&self, actor: &Actor, rule: SoundRule) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        tx.set_setting(RULE, rule.code()).await?;
        let event = self.event(actor, AuditAction::Update, "establishment", "1", None);
        let why = match rule {
            SoundRule::Destroy => "las grabaciones se destruyen al firmar",
            SoundRule::Keep => "las grabaciones se conservan al firmar",
        };
        tx.append_audit(because(event, why)).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) const NO_RECORDING: CareError = CareError::NotFound { what: "la grabación" };

async fn sound_rule(tx: &mut Tx) -> Result<SoundRule, CareError> {
    let stored = tx.setting(RULE).await?;
    Ok(stored.and_then(|code| SoundRule::from_code(&code)).unwrap_or_default())
}

pub(crate) async fn permit(
    tx: &mut Tx,
    encounter: &Encounter,
    now: Timestamp,
) -> Result<RecordingPermit, CareError> {
    tx.recording_permit(encounter.patient_id, now).await?.ok_or_else(not_permitted)
}

async fn permit_of(tx: &mut Tx, recording: &Recording, now: Timestamp) -> Result<RecordingPermit, CareError> {
    tx.recording_permit(recording.patient_id, now).await?.ok_or_else(not_permitted)
}

fn not_permitted() -> CareError {
    CareError::Denied {
        message: "Para grabar hace falta que el paciente lo acepte. Registre su respuesta, o escriba la nota sin grabar"
            .to_owned(),
    }
}

fn not_recording(recording: &Recording) -> CareError {
    match recording.state {
        RecordingState::Destroyed => {
            CareError::Finished { message: "La grabación se destruyó: ya nadie puede oírla".to_owned() }
        }
        RecordingState::Ended => {
            CareError::Conflict { message: "La grabación ya terminó. Para seguir, inicie otra".to_owned() }
        }
        RecordingState::Paused => {
            CareError::Conflict { message: "La grabación está en pausa: no se guardó nada".to_owned() }
        }
        RecordingState::Recording => CareError::Conflict {
            message: "Otro equipo está grabando esta consulta. Termine allá e inicie de nuevo".to_owned(),
        },
    }
}

/// A second of samples or less.
fn check_piece(piece: &Piece) -> Result<(), CareError> {
    let bytes = piece.content.len();
    let fits = (2..=PCM_SECOND).contains(&bytes) && bytes.is_multiple_of(2);
    if fits && (0..MAX_PIECES).contains(&piece.number) && (0..=DAY_MS).contains(&piece.begins_ms) {
        return Ok(());
    }
    let message = match piece.number {
        MAX_PIECES.. => "La grabación llegó a cuatro horas. Termínela e inicie otra",
        _ => "El fragmento de audio no tiene la forma esperada. Recargue la página e inicie otra grabación",
    };
    Err(CareError::invalid("audio", message))
}
