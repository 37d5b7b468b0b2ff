//! Private records opened with a reason by somebody who is no member of their group: found only by who has the patient
//! in front of them, told to the members, reviewed by the auditor.

use clinical::audit::AuditAction;
use clinical::identifiers::Curp;
use clinical::ids::{OpeningId, PatientId, UserId};
use clinical::likeness::folded_words;
use clinical::patient::Patient;
use clinical::person::{PersonName, parse_date};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{NewOpening, Opening, StorageError, Tx};
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, because, once};

/// How long a record that was opened with a reason stays open.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_hours(8);
/// How long the members of the group are told of it.
pub const TOLD_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How far back the list of openings goes; those without a review stay whatever their age.
const LISTED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Most openings that are listed at once.
const MOST: u32 = 200;

/// Why a private record is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpeningReason {
    /// Urgencia.
    Emergency,
    /// Standing in for a member of the group.
    Covering,
    /// The patient asks for it.
    PatientAsks,
    /// An authority asks for a blocked record.
    LegalRequest,
    /// Something else, told in words.
    Other,
}

impl OpeningReason {
    /// The reasons for a private record, in the order of the form; [`Self::LegalRequest`] is that of blocked ones.
    pub const ALL: [Self; 4] = [Self::Emergency, Self::Covering, Self::PatientAsks, Self::Other];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Covering => "covering",
            Self::PatientAsks => "patient_asks",
            Self::LegalRequest => "legal_request",
            Self::Other => "other",
        }
    }

    /// Reads [`OpeningReason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::LegalRequest]).find(|reason| reason.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Emergency => "Urgencia",
            Self::Covering => "Cubro a quien lo atiende",
            Self::PatientAsks => "El paciente lo pide",
            Self::LegalRequest => "Requerimiento legal de un expediente bloqueado",
            Self::Other => "Otro motivo",
        }
    }
}

/// Who is in front of the person that looks for a private record, as the form posts it: the CURP, or name and birth
/// date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InFrontForm {
    /// CURP; then the rest may be empty.
    pub curp: String,
    /// Nombre.
    pub given: String,
    /// Primer apellido.
    pub first_surname: String,
    /// Segundo apellido, optional.
    pub second_surname: String,
    /// Fecha de nacimiento as written.
    pub birth_date: String,
}

/// The same, read.
enum InFront {
    Curp(Curp),
    Person(PersonName, Date),
}

impl InFrontForm {
    fn read(&self) -> Result<InFront, CareError> {
        let mut check = Check::new();
        if !self.curp.trim().is_empty() {
            let curp = check.take("curp", Curp::parse(&self.curp));
            return Ok(InFront::Curp(check.finish(curp)?));
        }
        let name = PersonName::parse(&self.given, &self.first_surname, &self.second_surname);
        let name = check.take("nombre", name);
        let born = check.take("fecha_nacimiento", parse_date(&self.birth_date));
        let (name, born) = check.finish(name.zip(born))?;
        Ok(InFront::Person(name, born))
    }
}

impl InFront {
    /// Whether a record is of exactly this person.
    fn is(&self, patient: &Patient) -> bool {
        match self {
            Self::Curp(curp) => patient.curp() == Some(curp),
            Self::Person(name, born) => {
                let same_day = patient.birth_date().is_some_and(|birth| birth.date() == *born);
                same_day && folded_words(&name.to_string()) == folded_words(&patient.full_name())
            }
        }
    }
}

/// A private record that the person may open with a reason. Nothing of it but its number is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateRecord {
    /// The record.
    pub id: PatientId,
    /// Its number.
    pub record_number: String,
}

/// Why a private record is opened, as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpeningForm {
    /// [`OpeningReason::code`].
    pub reason: String,
    /// In the person's words.
    pub detail: String,
}

/// An opening as a member of the group is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningNotice {
    /// Who opened it.
    pub by: String,
    /// Whose record.
    pub patient: Patient,
    /// Why.
    pub reason: OpeningReason,
    /// When.
    pub at: Timestamp,
}

/// The openings for whoever reviews them.
#[derive(Debug, Clone)]
pub struct Openings {
    /// Those without a review first, then the latest.
    pub lines: Vec<Opening>,
    /// Who looks: nobody reviews what they opened themselves.
    pub reviewer: UserId,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The words of a stored reason.
#[must_use]
pub fn reason_of(opening: &Opening) -> OpeningReason {
    OpeningReason::from_code(&opening.opening.reason).unwrap_or(OpeningReason::Other)
}

impl Care {
    /// Private records of exactly the patient in front of a clinician. That one exists is all that is told.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not open one; [`CareError::Invalid`] without a CURP or a name with birth date.
    pub async fn find_private(
        &self,
        actor: &Actor,
        form: &InFrontForm,
    ) -> Result<Vec<PrivateRecord>, CareError> {
        self.require(actor, Permission::OpenPrivate).await?;
        let wanted = form.read()?;
        let mut tx = self.begin(actor).await?;
        let found = private_records(&mut tx, &wanted).await?;
        for record in &found {
            tx.append_audit(self.event(actor, AuditAction::Search, "opening", "", Some(record.id))).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Opens a private record for [`OPEN_FOR`] with a reason; it stands in the bitácora and the members are told.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason in words; [`CareError::NotFound`] unless the record is of exactly the
    /// patient of the form.
    pub async fn open_private(
        &self,
        actor: &Actor,
        in_front: &InFrontForm,
        id: PatientId,
        form: &OpeningForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::OpenPrivate).await?;
        let wanted = in_front.read()?;
        let mut check = Check::new();
        let reason = OpeningReason::ALL.into_iter().find(|reason| reason.code() == form.reason);
        if reason.is_none() {
            check.fail("motivo", "Elija por qué necesita abrirlo");
        }
        let detail = check.text("detalle", &form.detail, "Escriba con sus palabras por qué necesita abrirlo");
        let reason = check.finish(reason)?;
        let mut tx = self.begin(actor).await?;
        if !private_records(&mut tx, &wanted).await?.iter().any(|record| record.id == id) {
            return Err(CareError::NotFound { what: "un expediente privado con esos datos" });
        }
        let now = self.now();
        let opening = NewOpening {
            id: OpeningId(Uuid::now_v7()),
            patient_id: id,
            user_id: actor.user_id,
            reason: reason.code().to_owned(),
            detail,
            opened_at: now,
            until: now + OPEN_FOR,
        };
        tx.insert_opening(&opening).await?;
        let event = self.event(actor, AuditAction::BreakGlass, "opening", opening.id, Some(id));
        tx.append_audit(because(event, &reason.label().to_lowercase())).await?;
        Ok(tx.commit().await?)
    }

    /// What others opened lately of records in groups of which this person is a member.
    pub(crate) async fn opening_notices(
        &self,
        tx: &mut Tx,
        actor: &Actor,
    ) -> Result<Vec<OpeningNotice>, StorageError> {
        let mut notices = Vec::new();
        for line in tx.openings_for_member(actor.user_id, self.now() - TOLD_FOR).await? {
            if let Some(patient) = tx.record(line.opening.patient_id).await? {
                let (reason, at) = (reason_of(&line), line.opening.opened_at);
                notices.push(OpeningNotice { by: line.user_name, patient, reason, at });
            }
        }
        Ok(notices)
    }

    /// The openings, to review them.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn openings(&self, actor: &Actor) -> Result<Openings, CareError> {
        self.require(actor, Permission::ReviewAccess).await?;
        let mut tx = self.unseen.begin().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let now = self.now();
        let lines = tx.openings(now - LISTED, MOST).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "openings", "", None)).await?;
        tx.commit().await?;
        Ok(Openings { lines, reviewer: actor.user_id, now, zone })
    }

    /// Says whether the reason of an opening holds. It is said once and stays.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a note or an answer; [`CareError::Denied`] for who opened it; [`CareError::Conflict`]
    /// when somebody reviewed it first.
    pub async fn review_opening(
        &self,
        actor: &Actor,
        id: OpeningId,
        justified: Option<bool>,
        note: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::ReviewAccess).await?;
        let mut tx = self.unseen.begin().await?;
        let line = tx.opening(id).await?.ok_or(CareError::NotFound { what: "esa apertura" })?;
        if line.opening.user_id == actor.user_id {
            let message = "Usted abrió este expediente: pida a otra persona que revise el motivo.".to_owned();
            return Err(CareError::Denied { message });
        }
        let mut check = Check::new();
        let note = check.text("nota", note, "Escriba por qué se justifica o no");
        if justified.is_none() {
            check.fail("justificada", "Elija si el motivo se justifica");
        }
        let (justified, note) = check.finish(justified.zip(optional(&note)))?;
        let written = tx.insert_opening_review(id, justified, &note, actor.user_id, self.now()).await;
        once(written, || CareError::Conflict {
            message: "Otra persona ya revisó esta apertura".to_owned()
        })?;
        let event = self.event(actor, AuditAction::Update, "opening", id, Some(line.opening.patient_id));
        let words = if justified { "se justifica" } else { "no se justifica" };
        tx.append_audit(because(event, words)).await?;
        Ok(tx.commit().await?)
    }
}

/// The hidden records that are of exactly this person, each once.
async fn private_records(tx: &mut Tx, wanted: &InFront) -> Result<Vec<PrivateRecord>, StorageError> {
    let like = match wanted {
        InFront::Curp(curp) => tx.hidden_like(Some(curp.as_str()), None).await?,
        InFront::Person(_, born) => tx.hidden_like(None, Some(*born)).await?,
    };
    let mut found: Vec<PrivateRecord> = Vec::new();
    for patient in like.into_iter().filter(|patient| wanted.is(patient)) {
        if found.iter().all(|known| known.id != patient.root) {
            found.push(PrivateRecord { id: patient.root, record_number: patient.record_number });
        }
    }
    Ok(found)
}
