//! Files of a record: brought, listed, read, withdrawn. Never opened here: a file is bytes with a type.

use clinical::attachment::{
    Attachment, AttachmentCategory, FileKind, RefusedFile, clean_name, picture_size, visible,
};
use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::{AttachmentId, BlobId, PatientId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::verify::trace;
use storage::{AttachmentEntry, StorageError, Tx};
use uuid::Uuid;

use crate::chart::PAGE;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, because, once, page_of};

/// Most bytes of a file: an hour of recorded voice or a long scan. It is held in memory once while it is encrypted.
pub const MAX_FILE_BYTES: usize = 50 * 1024 * 1024;

/// A file as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentForm {
    /// The name the browser sent.
    pub file_name: String,
    /// What it is called in the record; the file's name when empty.
    pub title: String,
    /// [`AttachmentCategory::code`].
    pub category: String,
    /// Day of the study or paper as written; may be empty.
    pub studied_on: String,
    /// The content.
    pub content: Vec<u8>,
}

/// A file that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedAttachment {
    /// The file.
    pub id: AttachmentId,
    /// Its name claimed another kind than it is.
    pub misnamed: bool,
}

/// The files of a record, one page.
#[derive(Debug, Clone)]
pub struct Attachments {
    /// Whose.
    pub patient: Patient,
    /// The files, newest first, withdrawn ones among them.
    pub entries: Vec<AttachmentEntry>,
    /// How many there are in all.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
    /// What is known of allergies, for the bar.
    pub allergies: clinical::allergy::AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// One file with whose it is.
#[derive(Debug, Clone)]
pub struct AttachmentView {
    /// Whose.
    pub patient: Patient,
    /// The file.
    pub entry: AttachmentEntry,
    /// What is known of allergies, for the bar.
    pub allergies: clinical::allergy::AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The content of a file, checked against its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentContent {
    /// The file.
    pub attachment: Attachment,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Care {
    /// Keeps a file in a record.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what to correct: too large, a kind that is not kept, a day that cannot be.
    pub async fn attach_file(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: AttachmentForm,
    ) -> Result<SavedAttachment, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        tx.rollback().await?;
        let mut attachment = self.read_attachment(actor, patient, &form, &zone)?;
        let saved = SavedAttachment {
            id: attachment.id,
            misnamed: attachment.kind.is_misnamed(&attachment.file_name),
        };
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        attachment.patient_id = patient;
        let media_type = attachment.kind.media_type();
        let blob = BlobId(saved.id.0);
        let kept = self.blobs.put(&mut tx, blob, media_type, form.content, attachment.recorded_at).await?;
        tx.insert_attachment(&attachment).await?;
        Self::index_attachment(&mut tx, saved.id).await?;
        let event = self.event(actor, AuditAction::Create, "attachment", saved.id, Some(patient));
        tx.append_audit(NewAuditEvent { reason: Some(trace(kept.digest)), ..event }).await?;
        tx.commit().await?;
        Ok(saved)
    }

    fn read_attachment(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: &AttachmentForm,
        zone: &TimeZone,
    ) -> Result<Attachment, CareError> {
        let mut check = Check::new();
        if form.content.len() > MAX_FILE_BYTES {
            check.fail("archivo", &too_large());
        }
        let kind = match FileKind::of(&form.content) {
            Err(RefusedFile::Empty) if form.file_name.is_empty() => {
                check.fail("archivo", "Elija un archivo o tome una foto");
                None
            }
            kind => check.take("archivo", kind),
        };
        let category = AttachmentCategory::from_code(&form.category);
        if category.is_none() {
            check.fail("categoria", "Elija qué es el archivo");
        }
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let studied_on = match form.studied_on.trim() {
            "" => None,
            written => check.past_day("fecha_estudio", written, today),
        };
        let file_name = clean_name(&form.file_name);
        let title = optional(&form.title).unwrap_or_else(|| {
            file_name.rsplit_once('.').map_or(file_name.as_str(), |(stem, _)| stem).trim().to_owned()
        });
        let title = if title.is_empty() { category.map_or("", AttachmentCategory::label) } else { &title };
        let title = check.text("titulo", title, "Escriba un título para el archivo");
        let (kind, category) = check.finish(kind.zip(category))?;
        Ok(Attachment {
            id: AttachmentId(Uuid::now_v7()),
            patient_id: patient,
            category,
            kind,
            title: visible(&title),
            file_name,
            size: picture_size(kind, &form.content),
            studied_on,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
        })
    }

    /// The files of a record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn attachments(
        &self,
        actor: &Actor,
        patient: PatientId,
        page: u32,
    ) -> Result<Attachments, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let found = tx.attachments_of_patient(patient, page_of(page, PAGE)).await?;
        let allergies = tx.summary(patient).await?.allergy_status();
        tx.append_audit(self.event(actor, AuditAction::Read, "attachments", "", Some(patient))).await?;
        tx.commit().await?;
        let (entries, total, now) = (found.items, found.total, self.now());
        Ok(Attachments { patient: who, entries, total, page, allergies, now, zone })
    }

    /// What is known of a file, without its content.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn attachment(&self, actor: &Actor, id: AttachmentId) -> Result<AttachmentView, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let entry = found(&mut tx, id).await?;
        let patient_id = entry.attachment.patient_id;
        let patient = tx.record(patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let allergies = tx.summary(patient_id).await?.allergy_status();
        tx.append_audit(self.event(actor, AuditAction::Read, "attachment", id, Some(patient_id))).await?;
        tx.commit().await?;
        Ok(AttachmentView { patient, entry, allergies, now: self.now(), zone })
    }

    /// The content of a file, exactly as it was brought.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none; [`CareError::Internal`] when the stored bytes are not those any more.
    pub async fn attachment_content(
        &self,
        actor: &Actor,
        id: AttachmentId,
    ) -> Result<AttachmentContent, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let entry = found(&mut tx, id).await?;
        let bytes = self.blobs.get(&mut tx, BlobId(id.0)).await?;
        let patient = Some(entry.attachment.patient_id);
        tx.append_audit(self.event(actor, AuditAction::Print, "attachment", id, patient)).await?;
        tx.commit().await?;
        Ok(AttachmentContent { attachment: entry.attachment, bytes })
    }

    /// Notes that a file no longer counts, and why. It stays in the record, marked.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Finished`] when it was withdrawn before.
    pub async fn withdraw_attachment(
        &self,
        actor: &Actor,
        id: AttachmentId,
        reason: &str,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué se retira el archivo");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let entry = found(&mut tx, id).await?;
        let withdrawn = match entry.withdrawn {
            Some(_) => Err(StorageError::Immutable),
            None => tx.withdraw_attachment(id, &reason, actor.user_id, self.now()).await,
        };
        once(withdrawn, || CareError::Finished { message: "El archivo ya estaba retirado".to_owned() })?;
        Self::index_attachment(&mut tx, id).await?;
        let patient = entry.attachment.patient_id;
        let event = self.event(actor, AuditAction::Update, "attachment", id, Some(patient));
        tx.append_audit(because(event, "retiro")).await?;
        tx.commit().await?;
        Ok(patient)
    }
}

async fn found(tx: &mut Tx, id: AttachmentId) -> Result<AttachmentEntry, CareError> {
    tx.attachment(id).await?.ok_or(CareError::NotFound { what: "el archivo" })
}

/// What to say when a file is larger than [`MAX_FILE_BYTES`].
#[must_use]
pub fn too_large() -> String {
    let most = MAX_FILE_BYTES / (1024 * 1024);
    format!("El archivo pesa más de {most} MB. Divídalo o guárdelo con menos resolución y vuelva a subirlo")
}
