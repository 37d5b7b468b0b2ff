//! What is put into the search: signed documents, files and laboratory reports, in the transaction that writes them;
//! and all of them again when they were written before there was an index, or when other terms are made of the words.

use clinical::document::{DocumentBody, DocumentContent};
use clinical::ids::{AttachmentId, LabReportId, PatientId, UserId};
use clinical::laboratory::LabResult;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use storage::{AttachmentEntry, LabReportEntry, SearchEntry, Tx};
use terminology::search::{EDITION, index};

use crate::Care;
use crate::error::CareError;

/// Things indexed in one transaction when the index is brought up to date.
const BATCH: u32 = 100;
/// The setting that says how far the index is: the edition of its terms, and while it is being filled also the kind of
/// thing it is at and the last one that is in it.
const STATE: &str = "search_index";

/// What entries lead to.
const DOCUMENT: &str = "document";
/// A file of a record.
pub const ATTACHMENT: &str = "attachment";
/// A laboratory report.
pub const LAB_REPORT: &str = "lab_report";
/// A document signed in another establishment.
pub const EXTERNAL: &str = "external_document";

/// The kinds of entry that are no documents: code for the filter and words on screens.
pub const OTHER_KINDS: [(&str, &str); 2] = [("FILE", "Archivo"), ("LAB", "Resultados de laboratorio")];

/// A signed document as the index keeps it.
#[must_use]
pub fn entry(content: &DocumentContent, signed_by: UserId) -> SearchEntry {
    let new = New {
        entity: DOCUMENT,
        id: content.id.to_string(),
        kind: content.kind.code().to_owned(),
        patient: content.patient.id,
        author: Some(signed_by),
        at: content.act_at,
        title: content.title.clone(),
    };
    SearchEntry { codes: codes(&content.body), ..new.saying(text(&content.body)) }
}

/// A document signed elsewhere as the index keeps it: its title says so, and nobody here is its author.
pub(crate) fn external_entry(content: &DocumentContent, patient: PatientId) -> SearchEntry {
    let new = New {
        entity: EXTERNAL,
        id: content.id.to_string(),
        kind: content.kind.code().to_owned(),
        patient,
        author: None,
        at: content.act_at,
        title: format!("{} (otro establecimiento)", content.title),
    };
    SearchEntry { codes: codes(&content.body), ..new.saying(text(&content.body)) }
}

/// What every entry has beside its text.
struct New {
    entity: &'static str,
    id: String,
    kind: String,
    patient: PatientId,
    author: Option<UserId>,
    at: Timestamp,
    title: String,
}

impl New {
    fn saying(self, text: String) -> SearchEntry {
        let indexed = index(&text);
        SearchEntry {
            entity: self.entity.to_owned(),
            entity_id: self.id,
            kind: self.kind,
            patient_id: self.patient,
            author: self.author,
            act_at: self.at,
            title: self.title,
            text,
            codes: Vec::new(),
            terms: indexed.terms,
            words: indexed.words,
        }
    }
}

/// What a document says, one line a sentence, without headings: they would be found in every document.
fn text(body: &DocumentBody) -> String {
    let mut lines = Vec::new();
    match body {
        DocumentBody::Note { sections, conditions, .. } => {
            lines.extend(sections.iter().flat_map(|section| &section.items).map(|item| item.text.clone()));
            let coded = conditions.iter().filter_map(|condition| condition.code.as_ref());
            lines.extend(coded.map(|code| format!("CIE-11 {}: {}.", code.icd11, code.title)));
        }
        DocumentBody::Prescription { medication_requests, instructions, diagnosis, .. } => {
            lines.extend(diagnosis.clone());
            lines.extend(medication_requests.iter().map(ToString::to_string));
            lines.extend(instructions.iter().cloned());
        }
        DocumentBody::Addendum { reason, text, .. } => lines.extend([reason.clone(), text.clone()]),
    }
    lines.join("\n")
}

/// The codes of its diagnoses, each with its category; of a cluster every code it joins.
fn codes(body: &DocumentBody) -> Vec<String> {
    let DocumentBody::Note { conditions, .. } = body else { return Vec::new() };
    let coded = conditions.iter().filter_map(|condition| condition.code.as_ref());
    let codes = coded.flat_map(|code| std::iter::once(&code.icd11).chain(&code.icd10));
    codes
        .flat_map(|code| std::iter::once(code.as_str()).chain(code.split(['&', '/'])))
        .flat_map(|code| [code, code.split('.').next().unwrap_or(code)])
        .map(str::to_owned)
        .collect()
}

/// A file by its title, name and kind; a withdrawn one says so.
fn attachment_entry(file: &AttachmentEntry, zone: &TimeZone) -> SearchEntry {
    let attachment = &file.attachment;
    let (kind, word) = OTHER_KINDS[0];
    let studied = attachment.studied_on.and_then(|day| moment(day, None, zone));
    let new = New {
        entity: ATTACHMENT,
        id: attachment.id.to_string(),
        kind: kind.to_owned(),
        patient: attachment.patient_id,
        author: Some(attachment.recorded_by),
        at: studied.unwrap_or(attachment.recorded_at),
        title: if file.withdrawn.is_some() { format!("{word} retirado") } else { word.to_owned() },
    };
    // The name's marks part words, as they do for whoever reads it.
    let name = attachment.file_name.replace(['_', '-', '.'], " ");
    new.saying(format!("{}. {} ({name})", attachment.title, attachment.category.label()))
}

/// A laboratory report by the results that count.
fn lab_entry(report: &LabReportEntry, zone: &TimeZone) -> SearchEntry {
    let LabReportEntry { report, results, .. } = report;
    let (kind, word) = OTHER_KINDS[1];
    let new = New {
        entity: LAB_REPORT,
        id: report.id.to_string(),
        kind: kind.to_owned(),
        patient: report.patient_id,
        author: Some(report.recorded_by),
        at: moment(report.taken.day, report.taken.time, zone).unwrap_or(report.recorded_at),
        title: word.to_owned(),
    };
    let mut lines: Vec<String> = report.panel.iter().chain(&report.laboratory).cloned().collect();
    lines.extend(results.iter().filter(|entry| entry.counts()).map(|entry| result_line(&entry.result)));
    new.saying(lines.join("\n"))
}

fn result_line(result: &LabResult) -> String {
    let unit = result.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let comment = result.comment.as_ref().map(|comment| format!(" {comment}")).unwrap_or_default();
    format!("{}: {}{unit}.{comment}", result.analyte, result.value)
}

fn moment(day: Date, time: Option<Time>, zone: &TimeZone) -> Option<Timestamp> {
    let at = day.to_datetime(time.unwrap_or_else(Time::midnight)).to_zoned_datetime(zone.clone());
    at.ok().map(|at| at.timestamp())
}

impl Care {
    /// Puts a file into the search, or brings its entry up to date.
    pub(crate) async fn index_attachment(tx: &mut Tx, id: AttachmentId) -> Result<(), CareError> {
        let zone = Self::time_zone(tx).await?;
        if let Some(file) = tx.attachment(id).await? {
            tx.index(&attachment_entry(&file, &zone)).await?;
        }
        Ok(())
    }

    /// Puts a laboratory report into the search, or brings its entry up to date.
    pub(crate) async fn index_lab_report(tx: &mut Tx, id: LabReportId) -> Result<(), CareError> {
        let zone = Self::time_zone(tx).await?;
        if let Some(report) = tx.lab_report(id).await? {
            tx.index(&lab_entry(&report, &zone)).await?;
        }
        Ok(())
    }

    /// Indexes what was written before there was an index, or when other terms were made of the same words. Goes on
    /// where it was interrupted; does nothing when all is indexed.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn bring_search_up_to_date(&self) -> Result<(), CareError> {
        while self.index_some().await? {}
        Ok(())
    }

    /// One step of it; whether there may be more.
    async fn index_some(&self) -> Result<bool, CareError> {
        let edition = EDITION.to_string();
        let mut tx = self.unseen.begin().await?;
        let state = tx.setting(STATE).await?.unwrap_or_default();
        if state == edition {
            return Ok(false);
        }
        let parts: Vec<&str> = state.split(':').collect();
        let (entity, after) = match parts.as_slice() {
            [of, entity, after] if *of == edition => (*entity, *after),
            _ => {
                // Entries made with other terms stay until theirs is made anew, so that nothing goes missing meanwhile.
                tx.forget_words().await?;
                (DOCUMENT, "")
            }
        };
        let last = index_after(&mut tx, entity, after).await?;
        let next = match entity {
            DOCUMENT => Some(ATTACHMENT),
            ATTACHMENT => Some(LAB_REPORT),
            LAB_REPORT => Some(EXTERNAL),
            _ => None,
        };
        let state = match (last, next) {
            (Some(last), _) => format!("{edition}:{entity}:{last}"),
            (None, Some(next)) => format!("{edition}:{next}:"),
            (None, None) => edition,
        };
        tx.set_setting(STATE, &state).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Indexes the next things of a kind; the last of them, if there was any.
async fn index_after(tx: &mut Tx, entity: &str, after: &str) -> Result<Option<String>, CareError> {
    let mut last = None;
    match entity {
        DOCUMENT => {
            for document in tx.documents_after(after.parse().unwrap_or_default(), BATCH).await? {
                let content = serde_json::from_str(&document.content).map_err(CareError::internal)?;
                tx.index(&entry(&content, document.signed_by)).await?;
                last = Some(document.sequence.to_string());
            }
        }
        ATTACHMENT => {
            for id in tx.attachments_after(after, BATCH).await? {
                Care::index_attachment(tx, id).await?;
                last = Some(id.to_string());
            }
        }
        LAB_REPORT => {
            for id in tx.lab_reports_after(after, BATCH).await? {
                Care::index_lab_report(tx, id).await?;
                last = Some(id.to_string());
            }
        }
        _ => {
            for id in tx.external_after(after, BATCH).await? {
                if let Some(document) = tx.external_document(id).await? {
                    let content = serde_json::from_str(&document.content).map_err(CareError::internal)?;
                    tx.index(&external_entry(&content, document.head.patient_id)).await?;
                }
                last = Some(id.to_string());
            }
        }
    }
    Ok(last)
}
