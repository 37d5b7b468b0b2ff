//! What a document begins with from the signed record: every sentence says which document it comes from and of what day.
//!
//! Pure, and true to the record: words are taken over as they were signed, nothing is put together from several.

use std::collections::BTreeSet;

use clinical::calendar::long_date;
use clinical::document::{DocumentBody, DocumentContent};
use clinical::draft::{DraftItem, DraftNote, ItemContent, Origin, RecordSource, Review, SectionId};
use clinical::ids::{DocumentId, ItemId};
use jiff::tz::TimeZone;
use nom004::Takes;
use storage::LabReportEntry;
use terminology::fold::fold;
use uuid::Uuid;

use crate::content::capital;

/// Laboratory reports that are taken over.
pub(crate) const REPORTS: u32 = 3;

/// What the record says.
pub(crate) struct Signed<'a> {
    /// Its documents, newest first.
    pub(crate) contents: &'a [DocumentContent],
    /// Its laboratory reports, newest first.
    pub(crate) reports: &'a [LabReportEntry],
    /// The zone days are told in.
    pub(crate) zone: &'a TimeZone,
}

/// Whether a document begins with something from the record.
pub(crate) fn begins_with_some(draft: &DraftNote) -> bool {
    nom004::definition_of(draft).sections.iter().any(|section| section.takes.is_some())
}

/// Puts the excerpts into an empty draft, each still to be reviewed.
pub(crate) fn fill(draft: &mut DraftNote, record: &Signed<'_>) {
    let mut used = BTreeSet::new();
    let definition = nom004::definition_of(draft).into_owned();
    let sections = &definition.sections;
    let taken = sections.iter().filter_map(|section| Some((section, section.takes.as_ref()?)));
    let mut found = Vec::new();
    for (section, takes) in taken.clone() {
        for excerpt in record.excerpts(takes) {
            used.extend(excerpt.source.document);
            found.push((section, takes.plain, excerpt));
        }
    }
    if let Some((section, _)) = taken.clone().find(|(_, takes)| takes.addenda) {
        found.extend(record.addenda(&used).into_iter().map(|excerpt| (section, false, excerpt)));
    }
    let items = found.into_iter().map(|(section, plain, excerpt)| DraftItem {
        id: ItemId(Uuid::now_v7()),
        section: SectionId::new(&section.id),
        content: ItemContent::Statement { text: excerpt.written(plain) },
        evidence: Vec::new(),
        source: Some(excerpt.source),
        plain: None,
        origin: Origin::Proposed,
        review: Review::Pending,
    });
    draft.items.extend(items);
}

struct Excerpt {
    text: String,
    source: RecordSource,
}

impl Excerpt {
    /// The sentence, with the document it comes from; in words for the patient without it.
    fn written(&self, plain: bool) -> String {
        let text = capital(self.text.trim().trim_end_matches('.'));
        if plain { format!("{}.", in_plain_words(&text)) } else { format!("{text} ({}).", self.source.words) }
    }
}

impl Signed<'_> {
    fn excerpts(&self, takes: &Takes) -> Vec<Excerpt> {
        let mut found = Vec::new();
        if takes.conditions {
            found.extend(self.conditions());
        }
        match (takes.medicines, takes.plain) {
            (true, true) => found.extend(self.for_patient()),
            (true, false) => found.extend(self.medicines()),
            (false, _) => {}
        }
        found.extend(self.sentences(takes));
        if takes.results {
            found.extend(self.results());
        }
        found
    }

    fn source(&self, content: &DocumentContent) -> RecordSource {
        let day = content.act_at.to_zoned_datetime(self.zone.clone()).date();
        let words = format!("{} del {}", lower(&content.title), long_date(day));
        RecordSource { document: Some(content.id), words }
    }

    /// Every diagnosis as it was written last, the newest first.
    fn conditions(&self) -> Vec<Excerpt> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for content in self.contents {
            let DocumentBody::Note { conditions, .. } = &content.body else { continue };
            for condition in conditions.iter().filter(|one| seen.insert(fold(&one.text))) {
                let text = condition.to_string();
                let text = match &condition.code {
                    Some(code) => format!("{}, CIE-11 {}", text.trim_end_matches('.'), code.icd11),
                    None => text,
                };
                found.push(Excerpt { text, source: self.source(content) });
            }
        }
        found
    }

    /// The medicines of the newest document that indicates some, in words for the patient.
    fn for_patient(&self) -> Vec<Excerpt> {
        let indicated = self.contents.iter().find_map(|content| match &content.body {
            DocumentBody::Note { medication_requests, .. } if !medication_requests.is_empty() => {
                Some((content, medication_requests))
            }
            _ => None,
        });
        let Some((content, requests)) = indicated else { return Vec::new() };
        requests.iter().map(|one| Excerpt { text: one.for_patient(), source: self.source(content) }).collect()
    }

    /// Every medicine as it was indicated last, the newest first.
    fn medicines(&self) -> Vec<Excerpt> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for content in self.contents {
            let DocumentBody::Note { medication_requests, .. } = &content.body else { continue };
            let new: Vec<_> =
                medication_requests.iter().filter(|one| !seen.contains(&fold(&one.medicine))).collect();
            seen.extend(new.iter().map(|one| fold(&one.medicine)));
            let source = || self.source(content);
            found.extend(new.iter().map(|one| Excerpt { text: one.to_string(), source: source() }));
        }
        found
    }

    /// The sentences of the sections, of the newest documents that have them, oldest first. What is structured there
    /// stands elsewhere.
    fn sentences(&self, takes: &Takes) -> Vec<Excerpt> {
        let said = |content: &DocumentContent| -> Vec<Excerpt> {
            let DocumentBody::Note { sections, medication_requests, conditions, .. } = &content.body else {
                return Vec::new();
            };
            let structured: Vec<String> = (medication_requests.iter().map(ToString::to_string))
                .chain(conditions.iter().map(ToString::to_string))
                .collect();
            let items = sections.iter().filter(|section| takes.sections.contains(&section.id));
            let texts = items.flat_map(|section| &section.items).map(|item| item.text.clone());
            let texts = texts.filter(|text| !structured.contains(text));
            texts.map(|text| Excerpt { text, source: self.source(content) }).collect()
        };
        let documents = self.contents.iter().map(said).filter(|texts| !texts.is_empty());
        let mut newest: Vec<Vec<Excerpt>> = documents.take(takes.documents).collect();
        newest.reverse();
        newest.into_iter().flatten().collect()
    }

    fn results(&self) -> Vec<Excerpt> {
        let mut found = Vec::new();
        for entry in self.reports {
            let name = entry.report.panel.as_deref().unwrap_or("resultados de laboratorio");
            let words = format!("{} del {}", lower(name), long_date(entry.report.taken.day));
            for result in entry.results.iter().filter(|result| result.counts()) {
                let result = &result.result;
                let unit = result.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
                let mark = result.mark().map(|mark| format!(", {}", mark.label().to_lowercase()));
                let text = format!("{}: {}{unit}{}", result.analyte, result.value, mark.unwrap_or_default());
                found.push(Excerpt { text, source: RecordSource { document: None, words: words.clone() } });
            }
        }
        found
    }

    /// What corrects a document that was taken from stands beside it.
    fn addenda(&self, used: &BTreeSet<DocumentId>) -> Vec<Excerpt> {
        let oldest_first = self.contents.iter().rev();
        let corrections = oldest_first.filter_map(|content| match &content.body {
            DocumentBody::Addendum { amends, amends_title, text, .. } if used.contains(amends) => {
                let text = format!("Aclaración a la {}: {text}", lower(amends_title));
                Some(Excerpt { text, source: self.source(content) })
            }
            _ => None,
        });
        corrections.collect()
    }
}

/// An order of a note as the patient reads it: told to them, without the marks of what was quoted.
fn in_plain_words(text: &str) -> String {
    if let Some(studies) = text.strip_prefix("Se solicita ").or_else(|| text.strip_prefix("Se solicitan ")) {
        return format!("Debe hacerse: {studies}");
    }
    let Some(told) = text.strip_prefix("Se indica: «").and_then(|told| told.strip_suffix('»')) else {
        return text.to_owned();
    };
    let told = told.split("»; «").map(|one| capital(one.trim().trim_end_matches('.')));
    told.collect::<Vec<_>>().join(". ")
}

/// The words with a small first letter, for the middle of a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default() + letters.as_str()
}
