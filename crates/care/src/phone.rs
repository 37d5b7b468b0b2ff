//! A phone as the microphone of one consultation. Who writes its note lends it, by a link that counts once and for minutes; from
//! then on the phone may record this consultation for them and nothing else. [`PhoneMicrophone`] is that right: it is made here,
//! at each request anew, and nowhere else. What a phone records goes the way of every recording (`recordings.rs`).

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::digest::Digest;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{EncounterId, PatientId, RecordingId};
use clinical::recording::RecordingState;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use storage::{LentPhone, Piece, Recording, StorageError, Tx};

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::recordings::{NO_RECORDING, RecordingStatus, RecordingStep, permit};
use crate::session::{Client, Secret, acting};
use crate::{Care, because};

/// How long a link waits for its phone.
const LINK: SignedDuration = SignedDuration::from_mins(5);
/// How long a phone that joined may wait before it records.
const IDLE: SignedDuration = SignedDuration::from_mins(15);
/// How long it counts once it records: a recording ends by itself before (`storage::MAX_PIECES`).
const LONGEST: SignedDuration = SignedDuration::from_hours(5);
/// How long after the end a phone may still ask how it went, since an answer can get lost.
const AFTER_END: SignedDuration = SignedDuration::from_mins(2);

/// The secret of a link, later that of the phone which took it. Only its digest is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneToken(Secret);

impl PhoneToken {
    /// What a link or a cookie brought.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Secret::of(text))
    }

    /// For the link or the cookie only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn digest(&self) -> Digest {
        self.0.digest()
    }

    /// The secret that what the phone sends has to carry beside its cookie.
    fn forms(&self) -> String {
        let digest: [u8; 32] =
            Sha256::new().chain_update(b"medicus phone forms ").chain_update(self.expose()).finalize().into();
        Digest(digest).to_string()
    }
}

/// How the phone of a consultation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneView {
    /// A link waits until then.
    Waiting(Timestamp),
    /// A phone took it and does not record yet; what its browser says it is, which may be nothing.
    Joined(String),
    /// It records, pauses or has just ended.
    Recording(String, Box<Recording>),
}

impl PhoneView {
    /// What it records, while that goes on.
    #[must_use]
    pub fn open(&self) -> Option<&Recording> {
        match self {
            Self::Recording(_, recording) if recording.state.is_open() => Some(recording.as_ref()),
            _ => None,
        }
    }
}

/// The right of a phone to record one consultation for who lent it.
pub struct PhoneMicrophone {
    /// Who lent it, at the address of the phone. Nobody else gets hold of it.
    lender: Actor,
    encounter: EncounterId,
    patient: PatientId,
    recording: Option<Recording>,
}

impl PhoneMicrophone {
    /// What it records, once it began.
    #[must_use]
    pub fn recording(&self) -> Option<&Recording> {
        self.recording.as_ref()
    }

    /// The secret that what it sends has to carry.
    #[must_use]
    pub fn forms_secret(&self) -> &str {
        &self.lender.csrf
    }

    fn recording_id(&self) -> Result<RecordingId, CareError> {
        self.recording.as_ref().map(|recording| recording.id).ok_or(NO_RECORDING)
    }
}

impl Care {
    /// Lends a phone as the microphone of a consultation; what was lent before is taken back.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes and without a live consent; [`CareError::Finished`] once the
    /// consultation is closed.
    pub async fn lend_microphone(&self, actor: &Actor, id: EncounterId) -> Result<PhoneToken, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.hold_encounter(id).await?.ok_or(NO_ENCOUNTER)?;
        if encounter.state != EncounterState::InProgress {
            return Err(StorageError::EncounterClosed.into());
        }
        let permit = permit(&mut tx, &encounter, self.now()).await?;
        self.take_back(&mut tx, actor, &encounter).await?;
        let link = PhoneToken(Secret::random());
        let lent = LentPhone {
            encounter_id: id,
            consent_id: permit.consent(),
            lent_by: actor.user_id,
            expires_at: self.now() + LINK,
            joined_at: None,
            browser: String::new(),
            recording_id: None,
        };
        tx.lend_phone(&lent, link.digest()).await?;
        let event = self.event(actor, AuditAction::Create, "phone", id, Some(encounter.patient_id));
        let why = format!("un enlace de 5 minutos, con el consentimiento {}", permit.consent());
        tx.append_audit(because(event, &why)).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// How the phone of a consultation stands, for who lent it to look at now and then.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::NotFound`] when there is no such consultation.
    pub async fn lent_phone(&self, actor: &Actor, id: EncounterId) -> Result<Option<PhoneView>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        tx.encounter(id).await?.ok_or(NO_ENCOUNTER)?;
        self.phone_view(&mut tx, id).await
    }

    pub(crate) async fn phone_view(
        &self,
        tx: &mut Tx,
        id: EncounterId,
    ) -> Result<Option<PhoneView>, CareError> {
        let Some(lent) = tx.phone_of(id, self.now()).await? else { return Ok(None) };
        let recording = match lent.recording_id {
            Some(recording) => tx.recording(recording).await?,
            None => None,
        };
        Ok(match recording {
            Some(recording) if self.is_over(&recording) => None,
            Some(recording) => Some(PhoneView::Recording(lent.browser, Box::new(recording))),
            None if lent.joined_at.is_some() => Some(PhoneView::Joined(lent.browser)),
            None => Some(PhoneView::Waiting(lent.expires_at)),
        })
    }

    /// Takes the phone of a consultation back; what it records ends.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::NotFound`] when there is no such consultation.
    pub async fn take_back_microphone(&self, actor: &Actor, id: EncounterId) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.hold_encounter(id).await?.ok_or(NO_ENCOUNTER)?;
        self.take_back(&mut tx, actor, &encounter).await?;
        Ok(tx.commit().await?)
    }

    async fn take_back(&self, tx: &mut Tx, actor: &Actor, encounter: &Encounter) -> Result<(), CareError> {
        let lent = tx.phone_of(encounter.id, self.now()).await?;
        if !tx.take_back_phone(encounter.id).await? {
            return Ok(());
        }
        let Some(lent) = lent else { return Ok(()) };
        let event = self.event(actor, AuditAction::Update, "phone", encounter.id, Some(encounter.patient_id));
        tx.append_audit(because(event, "se retira")).await?;
        if let Some(id) = lent.recording_id
            && tx.recording(id).await?.is_some_and(|recording| recording.state.is_open())
        {
            self.step_in(tx, actor, id, RecordingStep::End(None)).await?;
        }
        Ok(())
    }

    /// A phone takes a link. The link counts no more; the phone keeps what is returned.
    ///
    /// # Errors
    /// [`CareError::Denied`] for a link that was used, is too old or never was.
    pub async fn join_microphone(&self, link: &PhoneToken, client: &Client) -> Result<PhoneToken, CareError> {
        let now = self.now();
        let own = PhoneToken(Secret::random());
        let mut tx = self.unseen.begin().await?;
        let joined = tx.join_phone(link.digest(), own.digest(), &client.browser, (now, now + IDLE)).await?;
        let Some(lent) = joined else {
            tx.append_audit(NewAuditEvent {
                at: now,
                actor: None,
                action: AuditAction::Denied,
                entity: "phone",
                entity_id: "-".to_owned(),
                patient_id: None,
                origin: client.origin.clone(),
                reason: Some("un enlace que ya se usó, caducó o no existe".to_owned()),
            })
            .await?;
            tx.commit().await?;
            return Err(CareError::Denied { message: USED.to_owned() });
        };
        let mut tx = tx.seen_by(lent.lent_by, now);
        let encounter = tx.encounter(lent.encounter_id).await?.ok_or_else(gone)?;
        let words = if client.browser.is_empty() { "un teléfono" } else { &client.browser };
        tx.append_audit(NewAuditEvent {
            at: now,
            actor: Some(lent.lent_by),
            action: AuditAction::Update,
            entity: "phone",
            entity_id: lent.encounter_id.to_string(),
            patient_id: Some(encounter.patient_id),
            origin: client.origin.clone(),
            reason: Some(format!("se conecta {words}")),
        })
        .await?;
        tx.commit().await?;
        Ok(own)
    }

    /// What a phone may do, if it still may: who lent it still writes in this record, the consultation goes on, and the consent
    /// is the one it was lent under. This is the only place where it is decided.
    ///
    /// # Errors
    /// [`CareError::Denied`] when it may not, in words for who holds the phone.
    pub async fn phone(&self, token: &PhoneToken, origin: &str) -> Result<PhoneMicrophone, CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin_read().await?;
        let lent = tx.phone(token.digest(), now).await?.ok_or_else(gone)?;
        let lender = tx.user(lent.lent_by).await?;
        let lender = lender.filter(|user| user.active && !user.provisional).ok_or_else(gone)?;
        let opened = tx.live_openings(lender.id, now).await?;
        let lender = acting(lender, opened, origin, (token.forms(), token.digest()));
        let mut tx = tx.seen_by(lender.user_id, now);
        let encounter = tx.encounter(lent.encounter_id).await?.ok_or_else(gone)?;
        let recording = match lent.recording_id {
            Some(id) => Some(tx.recording(id).await?.ok_or_else(gone)?),
            None => None,
        };
        let permit = permit(&mut tx, &encounter, now).await.map_err(|error| match error {
            CareError::Denied { .. } => CareError::Denied { message: WITHDRAWN.to_owned() },
            error => error,
        })?;
        let open = encounter.state == EncounterState::InProgress && permit.consent() == lent.consent_id;
        let over = recording.as_ref().is_some_and(|recording| self.is_over(recording));
        if !open || over || !lender.may(Permission::WriteRecord) {
            return Err(gone());
        }
        Ok(PhoneMicrophone { lender, encounter: encounter.id, patient: encounter.patient_id, recording })
    }

    fn is_over(&self, recording: &Recording) -> bool {
        match recording.state {
            RecordingState::Destroyed => true,
            _ => recording.ended_at.is_some_and(|ended| ended + AFTER_END <= self.now()),
        }
    }

    /// The phone begins to record: once. Asked again, it goes on with the same.
    ///
    /// # Errors
    /// As [`Care::begin_recording`]; [`CareError::Conflict`] when it ended.
    pub async fn phone_begins(&self, phone: &PhoneMicrophone) -> Result<RecordingStatus, CareError> {
        self.require(&phone.lender, Permission::WriteRecord).await?;
        let ended = || CareError::Conflict {
            message: "La grabación de este teléfono ya terminó. Para otra, escanee un código nuevo"
                .to_owned(),
        };
        match &phone.recording {
            Some(recording) if recording.state.is_open() => return self.phone_status(phone).await,
            Some(_) => return Err(ended()),
            None => {}
        }
        let mut tx = self.begin(&phone.lender).await?;
        let status = self.open_recording(&mut tx, &phone.lender, phone.encounter).await?;
        if !tx.phone_records(phone.encounter, status.recording.id, self.now() + LONGEST).await? {
            return Err(ended());
        }
        let event =
            self.event(&phone.lender, AuditAction::Update, "phone", phone.encounter, Some(phone.patient));
        tx.append_audit(because(event, &format!("graba {}", status.recording.id))).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// Keeps a piece of sound the phone recorded.
    ///
    /// # Errors
    /// As [`Care::keep_sound`].
    pub async fn phone_keeps(&self, phone: &PhoneMicrophone, piece: Piece) -> Result<(), CareError> {
        self.keep_sound(&phone.lender, phone.recording_id()?, piece).await
    }

    /// Pauses what the phone records, lets it go on or ends it.
    ///
    /// # Errors
    /// As [`Care::step_recording`].
    pub async fn phone_steps(
        &self,
        phone: &PhoneMicrophone,
        step: RecordingStep,
    ) -> Result<Recording, CareError> {
        self.step_recording(&phone.lender, phone.recording_id()?, step).await
    }

    /// Where the recording of the phone stands.
    ///
    /// # Errors
    /// [`CareError::NotFound`] before it began.
    pub async fn phone_status(&self, phone: &PhoneMicrophone) -> Result<RecordingStatus, CareError> {
        self.recording_status(&phone.lender, phone.recording_id()?).await
    }
}

const NO_ENCOUNTER: CareError = CareError::NotFound { what: "la consulta" };
const USED: &str =
    "Este código ya se usó o caducó. Pida uno nuevo en la computadora: «Usar el teléfono», y escanéelo";
const WITHDRAWN: &str = "El paciente ya no acepta que se grabe. No se guarda nada más";

fn gone() -> CareError {
    CareError::Denied {
        message: "Este teléfono ya no está conectado: se desconectó en la computadora, pasó su tiempo o la consulta terminó"
            .to_owned(),
    }
}
