//! Reads the definitions that ship in `catalogs/documents`.

use std::borrow::Cow;
use std::sync::LazyLock;

use clinical::document::DocumentKind;
use clinical::draft::DraftNote;
use clinical::observation::VitalKind;
use serde::Deserialize;

use crate::citation::Citation;
use crate::definitions::{
    Author, DocumentDefinition, Due, FilledBy, Group, Obligation, OneOf, SectionDefinition, Service, Signers,
    Takes,
};
use crate::outline::outlined;
use crate::topic::Topic;

macro_rules! files {
    ($folder:literal, $($name:literal)*) => {
        &[$(include_str!(concat!("../../../catalogs/documents", $folder, $name, ".toml"))),*]
    };
}

/// The documents in the order in which they are offered.
const DOCUMENTS: &[&str] = files!["/",
    "HC" "NEV" "IND" "CER" "RX" "ADE" "SIC" "NIC" "REF" "RCL" "NIU" "NEU" "IUR" "REU" "CUS" "NIN" "HCH" "NEH" "REH" "NEG" "NPO"
    "LVC" "NPA" "NPQ" "TRS" "HEN" "RAX" "TSO" "CCI" "RCI" "HEV" "HMP" "RCM" "NDF"
];
/// What specialties add.
const TEMPLATES: &[&str] =
    files!["/templates/", "pediatria" "ginecoobstetricia" "odontologia" "psicologia" "nutricion"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    code: DocumentKind,
    title: String,
    loinc: Option<String>,
    numeral: Option<String>,
    #[serde(default)]
    grade: Grade,
    domain: Option<u8>,
    service: Service,
    authors: Vec<Author>,
    when: String,
    due: Option<DueRow>,
    answers: Option<DocumentKind>,
    sections: Vec<SectionRow>,
    #[serde(default)]
    one_of: Vec<OneOfRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    code: String,
    title: String,
    extends: Vec<DocumentKind>,
    sections: Vec<AddedRow>,
}

#[derive(Deserialize)]
struct AddedRow {
    after: String,
    #[serde(flatten)]
    row: OwnRow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SectionRow {
    From { from: DocumentKind },
    Own(Box<OwnRow>),
}

#[derive(Deserialize)]
struct OwnRow {
    id: String,
    label: String,
    numeral: Option<String>,
    grade: Option<Grade>,
    lgs: Option<String>,
    #[serde(default)]
    need: Obligation,
    group: Group,
    #[serde(default)]
    input: Input,
    #[serde(default)]
    allergies: bool,
    hint: String,
    missing: Option<String>,
    takes: Option<Takes>,
    #[serde(default)]
    hears: Vec<Topic>,
    #[serde(default)]
    listed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneOfRow {
    sections: Vec<String>,
    message: String,
    numeral: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DueRow {
    hours: u32,
    since: Vec<DocumentKind>,
    until: Vec<DocumentKind>,
    elsewhere: Vec<DocumentKind>,
    nom027: Option<String>,
}

impl DueRow {
    fn due(&self) -> Due {
        Due {
            hours: self.hours,
            since: self.since.clone(),
            until: self.until.clone(),
            elsewhere: self.elsewhere.clone(),
            citation: self.nom027.clone().map(|place| Citation::nom027(place.leak())),
        }
    }
}

/// How well a numeral is known (reference, section 0).
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Grade {
    T,
    #[default]
    S,
    C,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Input {
    #[default]
    Text,
    Region,
    Diagnoses,
    Treatment,
    Identity,
    Establishment,
    Author,
    ActTime,
    Date,
    DateTime,
    Measurements(Vec<String>),
    Choice(Vec<String>),
    Rows(Vec<String>),
    Signers(Signers),
}

/// What a specialty adds to the documents of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Stored code.
    pub code: String,
    /// The words on screens.
    pub title: String,
    /// The documents it adds to, with its sections in place.
    documents: Vec<DocumentDefinition>,
}

impl Template {
    /// Whether it adds anything to a document.
    #[must_use]
    pub fn extends(&self, kind: DocumentKind) -> bool {
        self.documents.iter().any(|document| document.kind == kind)
    }
}

struct Catalogue {
    documents: Vec<DocumentDefinition>,
    templates: Vec<Template>,
    unknown: DocumentDefinition,
}

// A file that cannot be read is left out; a test reads them all, so that none that ships can be.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let files: Vec<DocumentFile> = DOCUMENTS.iter().filter_map(|text| toml::from_str(text).ok()).collect();
    let documents: Vec<DocumentDefinition> = files.iter().map(|file| document(file, &files)).collect();
    let templates = TEMPLATES.iter().filter_map(|text| toml::from_str::<TemplateFile>(text).ok());
    let templates = templates.map(|file| template(&file, &documents)).collect();
    let unknown = DocumentDefinition {
        kind: DocumentKind::ADDENDUM,
        title: "Documento".to_owned(),
        loinc: None,
        numeral: None,
        domain: None,
        service: Service::None,
        authors: Vec::new(),
        when: String::new(),
        due: None,
        answers: None,
        sections: Vec::new(),
        one_of: Vec::new(),
    };
    Catalogue { documents, templates, unknown }
});

fn document(file: &DocumentFile, all: &[DocumentFile]) -> DocumentDefinition {
    let one_of = file.one_of.iter().map(|row| OneOf {
        sections: row.sections.clone(),
        message: row.message.clone(),
        citation: row.numeral.clone().map(|place| Citation::nom004(place.leak())),
    });
    DocumentDefinition {
        kind: file.code,
        title: file.title.clone(),
        loinc: file.loinc.clone(),
        numeral: file.numeral.clone().filter(|_| file.grade != Grade::C),
        domain: file.domain,
        service: file.service,
        authors: file.authors.clone(),
        when: file.when.clone(),
        due: file.due.as_ref().map(DueRow::due),
        answers: file.answers,
        sections: sections(file, all),
        one_of: one_of.collect(),
    }
}

fn sections(file: &DocumentFile, all: &[DocumentFile]) -> Vec<SectionDefinition> {
    let rows = file.sections.iter().flat_map(|row| match row {
        SectionRow::Own(row) => vec![section_of(row, file.grade)],
        SectionRow::From { from } => {
            let source = all.iter().find(|other| other.code == *from && other.code != file.code);
            source.map(|source| sections(source, all)).unwrap_or_default()
        }
    });
    rows.collect()
}

fn section_of(row: &OwnRow, grade: Grade) -> SectionDefinition {
    // Read once for the life of the program: a citation then is as cheap as a number.
    let confirmed = row.numeral.clone().filter(|_| row.grade.unwrap_or(grade) != Grade::C);
    let citation = match (confirmed, &row.lgs) {
        (Some(place), _) => Some(Citation::nom004(place.leak())),
        (None, Some(article)) => Some(Citation::lgs(article.clone().leak())),
        (None, None) => None,
    };
    SectionDefinition {
        id: row.id.clone(),
        label: row.label.clone(),
        place: row.numeral.clone(),
        citation,
        obligation: row.need,
        hint: row.hint.clone(),
        group: row.group,
        filled_by: filled_by(&row.input),
        asks_allergies: row.allergies,
        missing: row.missing.clone().unwrap_or_else(|| format!("Complete «{}».", row.label)),
        takes: row.takes.clone(),
        hears: row.hears.clone(),
        listed: row.listed,
    }
}

fn filled_by(input: &Input) -> FilledBy {
    match input {
        Input::Text => FilledBy::Items,
        Input::Region => FilledBy::Region,
        Input::Diagnoses => FilledBy::Diagnoses,
        Input::Treatment => FilledBy::Treatment,
        Input::Identity => FilledBy::Identity,
        Input::Establishment => FilledBy::Establishment,
        Input::Author => FilledBy::Author,
        Input::ActTime => FilledBy::ActTime,
        Input::Date => FilledBy::Date,
        Input::DateTime => FilledBy::DateTime,
        Input::Measurements(codes) => {
            FilledBy::Measurements(codes.iter().filter_map(|code| VitalKind::from_code(code)).collect())
        }
        Input::Choice(options) => FilledBy::Choice(options.clone()),
        Input::Rows(columns) => FilledBy::Rows(columns.clone()),
        Input::Signers(signers) => FilledBy::Signers(signers.clone()),
    }
}

fn template(file: &TemplateFile, documents: &[DocumentDefinition]) -> Template {
    let extended = documents.iter().filter(|document| file.extends.contains(&document.kind)).cloned();
    let extended = extended.map(|mut document| {
        // From the last to the first, so that sections after the same one keep the order of the file.
        for added in file.sections.iter().rev() {
            if let Some(at) = document.sections.iter().position(|section| section.id == added.after) {
                document.sections.insert(at + 1, section_of(&added.row, Grade::C));
            }
        }
        document
    });
    Template { code: file.code.clone(), title: file.title.clone(), documents: extended.collect() }
}

/// All documents, in the order in which they are offered.
#[must_use]
pub fn definitions() -> &'static [DocumentDefinition] {
    &CATALOGUE.documents
}

/// All specialty templates.
#[must_use]
pub fn templates() -> &'static [Template] {
    &CATALOGUE.templates
}

/// The definition of a kind of document, if this program has one.
#[must_use]
pub fn known(kind: DocumentKind) -> Option<&'static DocumentDefinition> {
    CATALOGUE.documents.iter().find(|document| document.kind == kind)
}

/// The definition of a kind of document; for one this program does not know, an empty one that nobody may write.
#[must_use]
pub fn definition(kind: DocumentKind) -> &'static DocumentDefinition {
    known(kind).unwrap_or(&CATALOGUE.unknown)
}

/// The definition of a kind of document with the sections a specialty adds to it.
#[must_use]
pub fn extended(kind: DocumentKind, template: Option<&str>) -> &'static DocumentDefinition {
    let template = template.and_then(|code| templates().iter().find(|t| t.code == code));
    let extended = template.and_then(|template| template.documents.iter().find(|d| d.kind == kind));
    extended.unwrap_or_else(|| definition(kind))
}

/// The definition a draft is written by: that of its kind, with the sections of its template in place, laid out as its
/// physician wants it.
#[must_use]
pub fn definition_of(draft: &DraftNote) -> Cow<'static, DocumentDefinition> {
    let base = extended(draft.kind, draft.template.as_deref());
    let Some(outline) = &draft.outline else { return Cow::Borrowed(base) };
    let holds = |id: &str| {
        draft.items.iter().any(|item| item.section.0 == id)
            || draft.doubts.iter().any(|doubt| doubt.section.0 == id)
    };
    Cow::Owned(outlined(base, outline, holds))
}

/// The title of a kind of document on screens and paper.
#[must_use]
pub fn title(kind: DocumentKind) -> &'static str {
    &definition(kind).title
}

/// The section of any document or template with this identifier.
#[must_use]
pub fn section(id: &str) -> Option<&'static SectionDefinition> {
    let extended = templates().iter().flat_map(|template| &template.documents);
    let all = definitions().iter().chain(extended);
    all.flat_map(|document| &document.sections).find(|section| section.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_ships_can_be_read() {
        for text in DOCUMENTS {
            let file: DocumentFile = toml::from_str(text).unwrap();
            let due = file.due.iter().flat_map(|due| [&due.since, &due.until, &due.elsewhere]);
            for kind in due.flatten() {
                assert!(known(*kind).is_some(), "{:?} is due by {kind:?}", file.code);
            }
            for row in &file.sections {
                if let SectionRow::From { from } = row {
                    assert!(known(*from).is_some(), "{:?} takes from {from:?}", file.code);
                }
            }
        }
        for text in TEMPLATES {
            let file: TemplateFile = toml::from_str(text).unwrap();
            let places: Vec<&str> = file
                .extends
                .iter()
                .flat_map(|kind| &definition(*kind).sections)
                .map(|s| s.id.as_str())
                .collect();
            for added in &file.sections {
                assert!(places.contains(&added.after.as_str()), "{} after {}", file.code, added.after);
            }
        }
        assert_eq!(definitions().len(), DOCUMENTS.len());
        assert_eq!(templates().len(), TEMPLATES.len());
    }

    #[test]
    fn what_is_taken_from_the_record_and_what_is_answered_exists() {
        for document in definitions() {
            assert!(document.answers.is_none_or(|request| known(request).is_some()), "{:?}", document.kind);
            let taken = document.sections.iter().filter_map(|section| section.takes.as_ref());
            for id in taken.flat_map(|takes| &takes.sections) {
                assert!(section(id).is_some(), "{:?} takes from {id}", document.kind);
            }
        }
    }

    #[test]
    fn measurements_are_named_by_their_codes() {
        for text in DOCUMENTS {
            for row in toml::from_str::<DocumentFile>(text).unwrap().sections {
                let SectionRow::Own(row) = row else { continue };
                if let Input::Measurements(codes) = &row.input {
                    assert!(codes.iter().all(|code| VitalKind::from_code(code).is_some()), "{}", row.id);
                }
            }
        }
    }

    #[test]
    fn a_template_adds_sections_and_takes_none_away() {
        for template in templates() {
            for extended in &template.documents {
                let own = &definition(extended.kind).sections;
                let kept: Vec<_> = extended.sections.iter().filter(|s| own.contains(s)).collect();
                assert!(kept.iter().copied().eq(own.iter()), "{} {:?}", template.code, extended.kind);
                assert!(extended.sections.len() > own.len(), "{} {:?}", template.code, extended.kind);
            }
        }
    }

    #[test]
    fn identifiers_are_not_used_for_two_things() {
        let mut seen: std::collections::BTreeMap<&str, &SectionDefinition> =
            std::collections::BTreeMap::new();
        for section in definitions().iter().flat_map(|document| &document.sections) {
            let first = seen.entry(&section.id).or_insert(section);
            assert_eq!(**first, *section);
        }
    }
}
