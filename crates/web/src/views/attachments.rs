//! Archivos of a record: the list with the form to add one, and one file.

use askama::Template;
use care::error::FieldError;
use clinical::attachment::AttachmentCategory;

use super::form::{Choice, ErrorSummary, Field, Posted};
use super::shell::{PatientBar, Place, Shell};

/// The list and the form.
#[derive(Template)]
#[template(path = "attachments.html")]
pub struct AttachmentsPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// The files of this page.
    pub rows: Vec<AttachmentRow>,
    /// Files in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// The form, for who may add files.
    pub form: Option<AttachmentFields>,
}

/// The form to add a file.
pub struct AttachmentFields {
    /// The summary of errors.
    pub errors: ErrorSummary,
    /// What is wrong with the file itself.
    pub file_error: Option<String>,
    /// Most bytes, for the browser to say so before it sends.
    pub most_bytes: usize,
    /// The same in words.
    pub most: String,
    category: Choice,
    fields: Vec<Field>,
}

impl AttachmentFields {
    /// The form with what was posted and what is wrong. The file itself must be chosen again.
    #[must_use]
    pub fn new(posted: &Posted, errors: &[FieldError]) -> Self {
        let kinds = AttachmentCategory::ALL.iter();
        let kinds = kinds.map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
        let file_error = errors.iter().find(|error| error.field == "archivo").map(|e| e.message.clone());
        let most_bytes = care::attachments::MAX_FILE_BYTES;
        Self {
            errors: ErrorSummary::new(errors),
            file_error,
            most_bytes,
            most: format!("{} MB", most_bytes / (1024 * 1024)),
            category: Choice::new("categoria", "Qué es", kinds).from(posted, errors),
            fields: vec![
                Field::text("titulo", "Título")
                    .help("Si se deja vacío se usa el nombre del archivo")
                    .max(300)
                    .optional()
                    .from(posted, errors),
                Field::text("fecha_estudio", "Fecha del estudio o documento")
                    .help("Día/mes/año")
                    .width("w-10")
                    .mode("numeric")
                    .optional()
                    .from(posted, errors),
            ],
        }
    }
}

/// A file in the list.
pub struct AttachmentRow {
    /// Where it leads.
    pub href: String,
    /// Its title.
    pub title: String,
    /// "Laboratorio".
    pub category: String,
    /// "imagen JPEG, 2.1 MB".
    pub kind: String,
    /// Day of the study, if known.
    pub studied: String,
    /// "hoy 10:24, enfermeria".
    pub added: String,
    /// Whether it no longer counts.
    pub withdrawn: bool,
}

/// How the page shows a file.
pub enum Preview {
    /// As a picture, with its width and height.
    Picture(u32, u32),
    /// In a page of its own.
    Reader,
    /// As sound.
    Sound,
    /// Not at all, with the reason.
    Nowhere(&'static str),
}

/// One file.
#[derive(Template)]
#[template(path = "attachment.html")]
pub struct AttachmentPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Its id in addresses.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is known of it: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// SHA-256 in groups.
    pub digest: String,
    /// How it is shown.
    pub preview: Preview,
    /// Why, who and when it was withdrawn.
    pub withdrawn: Option<(String, String)>,
    /// The field for the reason, for who may withdraw it.
    pub withdraw: Option<Field>,
    /// Whether the form to withdraw is open, with an error.
    pub withdraw_open: bool,
}
