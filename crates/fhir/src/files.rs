//! Files brought into the record.

use clinical::attachment::{AttachmentCategory, FileKind};
use jiff::Timestamp;

use crate::datatypes::{Attachment, Extension, code_of, concept, extension, filled, full_url, text_of};
use crate::error::{Result, coded, maybe, need, parsed};
use crate::record::FileFacts;
use crate::resources::{Content, DocumentReference};
use crate::systems;
use crate::writer::Writer;
use crate::{Files, paths};

const R: &str = "DocumentReference";
/// Category of a file.
pub(crate) const FILE: &str = "archivo";

pub(crate) fn file(own: &FileFacts, files: Files, writer: &Writer) -> DocumentReference {
    let url = match files {
        Files::Beside => paths::file(own.id, own.kind),
        Files::Inside => full_url(paths::binary(&own.id.0)),
    };
    let mut extensions = vec![
        Extension::code(systems::FILE_KIND, own.kind.code()),
        Extension::instant(systems::RECORDED_AT, own.recorded_at),
    ];
    extensions.extend(filled(&own.file_name).map(|name| Extension::string(systems::FILE_NAME, name)));
    extensions.extend(own.studied_on.map(|day| Extension::date(systems::STUDIED_ON, day)));
    if let Some((at, by, reason)) = &own.withdrawn {
        extensions.push(Extension::instant(systems::WITHDRAWN_AT, *at));
        extensions.push(Extension::string(systems::WITHDRAWN_BY, by));
        extensions.push(Extension::string(systems::REASON, reason));
    }
    let status = if own.withdrawn.is_some() { "entered-in-error" } else { "current" };
    DocumentReference {
        id: Some(own.id.to_string()),
        extension: extensions,
        status: Some(status.to_owned()),
        kind: Some(concept(systems::OWN_CODES, own.category.code(), Some(own.category.label()))),
        category: vec![concept(systems::OWN_CODES, FILE, Some("Archivo del expediente"))],
        subject: Some(writer.patient.clone()),
        date: Some(own.recorded_at.to_string()),
        author: Vec::new(),
        custodian: None,
        description: filled(&own.title),
        content: vec![Content {
            attachment: Some(Attachment {
                extension: vec![Extension::string(systems::SHA256, own.digest)],
                content_type: Some(own.kind.media_type().to_owned()),
                url: Some(url),
                size: Some(own.size_bytes),
                title: filled(&own.title),
                creation: None,
            }),
        }],
    }
}

pub(crate) fn is_file(own: &DocumentReference) -> bool {
    own.category.iter().any(|category| category.code_in(systems::OWN_CODES) == Some(FILE))
}

pub(crate) fn read_file(own: &DocumentReference) -> Result<FileFacts> {
    let attachment = own.content.first().and_then(|content| content.attachment.as_ref());
    let attachment = need(attachment, R, "content.attachment")?;
    let category = own.kind.as_ref().and_then(|kind| kind.code_in(systems::OWN_CODES));
    let instant = |url| extension(&own.extension, url).and_then(|own| own.value_instant.as_deref());
    let text = |url| text_of(&own.extension, url).unwrap_or_default().to_owned();
    let studied = extension(&own.extension, systems::STUDIED_ON).and_then(|own| own.value_date.as_deref());
    let withdrawn: Option<Timestamp> = maybe(instant(systems::WITHDRAWN_AT), R, "extension(retirado-el)")?;
    Ok(FileFacts {
        id: parsed(own.id.as_deref(), R, "id")?,
        category: coded(category, AttachmentCategory::from_code, R, "type")?,
        kind: coded(
            code_of(&own.extension, systems::FILE_KIND),
            FileKind::from_code,
            R,
            "extension(tipo-de-archivo)",
        )?,
        title: own.description.clone().unwrap_or_default(),
        file_name: text(systems::FILE_NAME),
        studied_on: maybe(studied, R, "extension(fecha-del-estudio)")?,
        recorded_at: parsed(instant(systems::RECORDED_AT), R, "extension(registrado-el)")?,
        size_bytes: need(attachment.size, R, "content.attachment.size")?,
        digest: parsed(text_of(&attachment.extension, systems::SHA256), R, "content.attachment.extension")?,
        withdrawn: withdrawn.map(|at| (at, text(systems::WITHDRAWN_BY), text(systems::REASON))),
    })
}
