//! The aviso de privacidad of the establishment, and what each patient accepted, refused or withdrew.

use clinical::audit::AuditAction;
use clinical::consent::{Consent, ConsentMeans, ConsentPurpose, PrivacyNotice};
use clinical::ids::{ConsentId, PatientId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::Care;
use crate::error::CareError;
use crate::patient_form::brief;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// Most letters of the text of an aviso.
const NOTICE_MAX: usize = 60_000;
/// Fewest letters: what the law wants in it does not fit in less.
const NOTICE_MIN: usize = 200;

/// What a patient answered, and to which text.
#[derive(Debug, Clone)]
pub struct ConsentFile {
    /// Whose.
    pub patient: Patient,
    /// All answers with the name of who recorded each, newest first.
    pub answers: Vec<(Consent, String)>,
    /// The version of the aviso in force.
    pub notice: Option<PrivacyNotice>,
    /// Representatives who may answer, with their capacity.
    pub representatives: Vec<String>,
    /// ARCO requests about the record that wait for an answer or to be carried out.
    pub open_requests: usize,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// An answer as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsentForm {
    /// [`ConsentPurpose::code`].
    pub purpose: String,
    /// Given; otherwise refused or withdrawn.
    pub given: bool,
    /// [`ConsentMeans::code`].
    pub means: String,
    /// Who answered, when it was not the patient.
    pub answered_by: String,
    /// Version of the aviso that the page showed.
    pub version: i64,
    /// A yes counts for this day only; otherwise until it is withdrawn.
    pub today_only: bool,
}

impl Care {
    /// What a patient accepted and refused.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn consents(&self, actor: &Actor, id: PatientId) -> Result<ConsentFile, CareError> {
        self.require(actor, Permission::SeeIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let id = patient.id;
        let users = tx.users().await?;
        let name = |consent: &Consent| users.iter().find(|user| user.id == consent.recorded_by);
        let answers = tx.consents(id).await?.into_iter().map(|consent| {
            let name = name(&consent).map(|user| user.display_name.clone()).unwrap_or_default();
            (consent, name)
        });
        let answers = answers.collect();
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let representatives = tx.representatives(id).await?;
        let holding = representatives.iter().filter(|one| !one.is_closed() && one.value.holds_on(today));
        let words = |one: &storage::StoredRepresentative| {
            format!("{}, {}", one.value.name, one.value.capacity.label().to_lowercase())
        };
        let file = ConsentFile {
            patient,
            answers,
            notice: tx.notices().await?.into_iter().next(),
            representatives: holding.map(words).collect(),
            open_requests: Self::open_arco_of(&mut tx, id).await?.len(),
            now: self.now(),
            zone,
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "consent", id, Some(id))).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// Records an answer; the newest one of a purpose counts, the older ones stay.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without an aviso in force or without how it was given; [`CareError::Conflict`] when a
    /// newer version was published since the page was opened.
    pub async fn record_consent(
        &self,
        actor: &Actor,
        id: PatientId,
        form: &ConsentForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let id = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        let Some(notice) = tx.notices().await?.into_iter().next() else {
            return Err(CareError::invalid(
                "aviso",
                "Falta publicar el aviso de privacidad del establecimiento",
            ));
        };
        if notice.version != form.version {
            let message = "El aviso de privacidad cambió mientras usted preguntaba. Muestre la versión nueva y vuelva a registrar la respuesta";
            return Err(CareError::Conflict { message: message.to_owned() });
        }
        let mut check = Check::new();
        let purpose = ConsentPurpose::from_code(&form.purpose);
        let means = ConsentMeans::from_code(&form.means);
        if means.is_none() {
            check.fail("medio", "Elija cómo respondió");
        }
        // LFPDPPP 8: for sensitive data the yes is express and written; a no may be said.
        if form.given && means == Some(ConsentMeans::Spoken) {
            check.fail(
                "medio",
                "Para aceptar hace falta una respuesta escrita: firma en papel o ante la pantalla",
            );
        }
        let answered_by = brief(&mut check, "responde", &form.answered_by, 300);
        let (purpose, means) = check.finish(purpose.zip(means))?;
        let zone = Self::time_zone(&mut tx).await?;
        let tomorrow = self.now().to_zoned_datetime(zone).tomorrow().and_then(|day| day.start_of_day());
        let tomorrow = tomorrow.map_err(CareError::internal)?.timestamp();
        let consent = Consent {
            id: ConsentId(Uuid::now_v7()),
            patient_id: id,
            purpose,
            text_version: notice.version.to_string(),
            given: form.given,
            means,
            answered_by,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
            asked: Some(purpose.question().to_owned()),
            until: Some(tomorrow).filter(|_| form.given && form.today_only),
        };
        tx.insert_consent(&consent).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "consent", consent.id, Some(id))).await?;
        Ok(tx.commit().await?)
    }

    /// Every version of the aviso, the one in force first. Whoever is signed in may read it: it is meant to be shown.
    ///
    /// # Errors
    /// What storage says.
    pub async fn notices(&self, actor: &Actor) -> Result<Vec<PrivacyNotice>, CareError> {
        let mut tx = self.begin_read(actor).await?;
        Ok(tx.notices().await?)
    }

    /// Publishes the next version of the aviso; earlier ones stay readable.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a text too short to say what the law wants, too long, or unchanged.
    pub async fn publish_notice(&self, actor: &Actor, text: &str) -> Result<i64, CareError> {
        self.require(actor, Permission::Administer).await?;
        let text = text.replace("\r\n", "\n").trim().to_owned();
        let letters = text.chars().count();
        if letters < NOTICE_MIN {
            let message = "Escriba el aviso completo: responsable y domicilio, datos, finalidades, cómo negarse, derechos ARCO y cambios";
            return Err(CareError::invalid("texto", message));
        }
        if letters > NOTICE_MAX {
            return Err(CareError::invalid("texto", format!("Escriba {NOTICE_MAX} letras o menos")));
        }
        let mut tx = self.begin(actor).await?;
        if tx.notices().await?.first().is_some_and(|current| current.text == text) {
            return Err(CareError::invalid("texto", "El texto es igual al de la versión vigente"));
        }
        let version = tx.publish_notice(&text, actor.user_id, self.now()).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "privacy_notice", version, None)).await?;
        tx.commit().await?;
        Ok(version)
    }
}
