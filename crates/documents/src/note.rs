//! The sections of a note as they are laid out: paragraphs, measurements, diagnoses and the table of medicines.

use std::collections::BTreeSet;

use clinical::calendar::in_words;
use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::{Layout as Kind, SignedItem, SignedSection};
use clinical::medication::MedicationRequest;
use clinical::observation::{VitalSign, reading_order};
use serde::Serialize;

use crate::medicines::{self, MedicineRow};

/// One section on paper.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SectionView {
    label: String,
    numeral: Option<String>,
    /// Sentences that follow one another in one paragraph.
    paragraphs: Vec<String>,
    /// Sentences one below the other.
    points: Vec<String>,
    /// Short labelled lines, for the regions of the exploration.
    lines: Vec<Labelled>,
    measurements: Vec<Labelled>,
    diagnoses: Vec<Diagnosis>,
    medicines: Vec<MedicineRow>,
    table: Option<Table>,
}

/// Rows of a section: every row has a text for every heading.
#[derive(Debug, Serialize)]
struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A person who signs by hand on the printed copy.
#[derive(Debug, Serialize)]
pub(crate) struct Handwritten {
    name: String,
    capacity: String,
    details: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Labelled {
    label: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Diagnosis {
    text: String,
    certainty: Option<&'static str>,
    icd11: Option<String>,
    title: Option<String>,
    icd10: Option<String>,
    release: Option<String>,
}

/// What a note measures, diagnoses and prescribes; each is shown once, in its own section.
pub(crate) struct Structured<'a> {
    pub(crate) vital_signs: &'a [VitalSign],
    pub(crate) conditions: &'a [ConditionEntry],
    pub(crate) requests: &'a [MedicationRequest],
}

/// Lays the sections out in their order. What is structured leaves the sentences and becomes a row or a table;
/// if its section is not among them, it is added at the end rather than lost.
pub(crate) fn sections(sections: &[SignedSection], structured: &Structured<'_>) -> Vec<SectionView> {
    let mut layout = Layout { structured, out: Vec::new(), placed: Placed::default() };
    for section in sections {
        layout.add(section);
    }
    layout.add_unplaced();
    layout.out.retain(|view| !view.is_empty());
    layout.out
}

struct Layout<'a> {
    structured: &'a Structured<'a>,
    out: Vec<SectionView>,
    placed: Placed,
}

#[derive(Default)]
struct Placed {
    measurements: bool,
    regions: bool,
    diagnoses: bool,
    treatment: bool,
}

impl Layout<'_> {
    fn add(&mut self, section: &SignedSection) {
        let (rows, sentences): (Vec<SignedItem>, Vec<SignedItem>) =
            section.items.iter().cloned().partition(|item| !item.cells.is_empty());
        let texts = remaining(&sentences, self.structured);
        let view = empty(&section.label, section.numeral.as_deref());
        match section.layout {
            Kind::Measurements => {
                self.placed.measurements = true;
                let measurements = measurements(self.structured.vital_signs);
                self.out.push(SectionView { paragraphs: texts, measurements, ..view });
            }
            Kind::OneMeasurement => self.add_measurement(section, texts),
            Kind::Region => self.add_region(section, texts.join(" ")),
            Kind::Head => {
                let paragraphs = if texts.is_empty() { vec![IN_HEAD.to_owned()] } else { texts };
                self.out.push(SectionView { paragraphs, ..view });
            }
            Kind::Diagnoses => {
                self.placed.diagnoses = true;
                let diagnoses = self.structured.conditions.iter().map(diagnosis).collect();
                self.out.push(SectionView { paragraphs: texts, diagnoses, ..view });
            }
            Kind::Treatment => {
                self.placed.treatment = true;
                let medicines = self.structured.requests.iter().map(medicines::row).collect();
                self.out.push(SectionView { paragraphs: texts, medicines, ..view });
            }
            Kind::Text => self.out.push(SectionView { paragraphs: texts, ..view }),
            Kind::List => self.out.push(SectionView { points: texts, ..view }),
            Kind::Rows => self.out.push(SectionView { paragraphs: texts, table: table(&rows), ..view }),
            // Their names stand under the lines where they sign.
            Kind::Signers => self.out.push(SectionView { paragraphs: texts, ..view }),
        }
    }

    /// The historia clínica has one section for each measurement; on paper they are one table.
    fn add_measurement(&mut self, section: &SignedSection, texts: Vec<String>) {
        if !self.placed.measurements {
            self.placed.measurements = true;
            let measurements = measurements(self.structured.vital_signs);
            let view = empty("Signos vitales, peso y talla", section.numeral.as_deref());
            self.out.push(SectionView { measurements, ..view });
        }
        if let Some(view) = self.out.last_mut() {
            view.lines.extend(texts.into_iter().map(|text| labelled(&section.label, text)));
        }
    }

    /// The regions of the exploration are short: one labelled line each, under one heading.
    fn add_region(&mut self, section: &SignedSection, text: String) {
        if !self.placed.regions {
            self.placed.regions = true;
            self.out.push(empty("Exploración física", section.numeral.as_deref()));
        }
        if let (Some(view), false) = (self.out.last_mut(), text.is_empty()) {
            view.lines.push(labelled(&section.label, text));
        }
    }

    fn add_unplaced(&mut self) {
        if !self.placed.measurements {
            let measurements = measurements(self.structured.vital_signs);
            self.out.push(SectionView { measurements, ..empty("Signos vitales", None) });
        }
        if !self.placed.diagnoses {
            let diagnoses = self.structured.conditions.iter().map(diagnosis).collect();
            self.out.push(SectionView { diagnoses, ..empty("Diagnósticos o problemas clínicos", None) });
        }
        if !self.placed.treatment {
            let medicines = self.structured.requests.iter().map(medicines::row).collect();
            self.out.push(SectionView { medicines, ..empty("Tratamiento", None) });
        }
    }
}

const IN_HEAD: &str = "Consta en el encabezado y en la firma de este documento.";

/// The rows of a section under the headings they carry, in the order in which they first appear.
fn table(rows: &[SignedItem]) -> Option<Table> {
    let mut headings: Vec<String> = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.cells) {
        if !headings.contains(&cell.label) {
            headings.push(cell.label.clone());
        }
    }
    let text = |row: &SignedItem, heading: &String| {
        row.cells.iter().find(|cell| cell.label == *heading).map(|cell| cell.text.clone()).unwrap_or_default()
    };
    let rows = rows.iter().map(|row| headings.iter().map(|heading| text(row, heading)).collect()).collect();
    (!headings.is_empty()).then_some(Table { headings, rows })
}

/// Everyone who signs by hand, in the order of the document.
pub(crate) fn handwritten(sections: &[SignedSection]) -> Vec<Handwritten> {
    let signers = sections.iter().filter(|section| section.layout == Kind::Signers);
    let persons = signers.flat_map(|section| {
        section.items.iter().filter_map(|item| {
            let (name, details) = item.cells.split_first()?;
            let details = details.iter().map(|cell| format!("{}: {}", cell.label, cell.text)).collect();
            Some(Handwritten { name: name.text.clone(), capacity: section.label.clone(), details })
        })
    });
    persons.collect()
}

/// The sentences of a section that no row or table already says.
fn remaining(items: &[SignedItem], structured: &Structured<'_>) -> Vec<String> {
    let said = |text: &str| {
        latest(structured.vital_signs).any(|sign| sign.to_string() == text)
            || structured.conditions.iter().any(|condition| condition.to_string() == text)
            || structured.requests.iter().any(|request| request.to_string() == text)
    };
    items
        .iter()
        .map(|item| item.text.trim())
        .filter(|text| !text.is_empty() && !said(text))
        .map(|text| in_words(text).into_owned())
        .collect()
}

/// The measurements the table shows: the last of each kind. Earlier ones stay as sentences.
fn latest(signs: &[VitalSign]) -> impl Iterator<Item = &VitalSign> {
    let later = |at: usize, kind| signs.iter().skip(at + 1).any(|sign| sign.kind == kind);
    signs.iter().enumerate().filter(move |(at, sign)| !later(*at, sign.kind)).map(|(_, sign)| sign)
}

impl SectionView {
    fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
            && self.points.is_empty()
            && self.lines.is_empty()
            && self.measurements.is_empty()
            && self.diagnoses.is_empty()
            && self.medicines.is_empty()
            && self.table.is_none()
    }

    /// Whether a WHO title is printed, which needs its attribution.
    pub(crate) fn has_codes(&self) -> bool {
        self.diagnoses.iter().any(|diagnosis| diagnosis.icd11.is_some())
    }
}

/// The releases of ICD-11 the codes of the sections are of: "2024-01", "2024-01 y 2025-01".
pub(crate) fn editions(sections: &[SectionView]) -> String {
    let diagnoses = sections.iter().flat_map(|section| &section.diagnoses);
    let found: BTreeSet<&str> = diagnoses.filter_map(|diagnosis| diagnosis.release.as_deref()).collect();
    found.into_iter().collect::<Vec<_>>().join(" y ")
}

fn empty(label: &str, numeral: Option<&str>) -> SectionView {
    SectionView { label: label.to_owned(), numeral: numeral.map(ToOwned::to_owned), ..SectionView::default() }
}

fn labelled(label: &str, text: String) -> Labelled {
    Labelled { label: label.to_owned(), text }
}

fn measurements(signs: &[VitalSign]) -> Vec<Labelled> {
    reading_order(signs).into_iter().map(|(label, text)| Labelled { label, text }).collect()
}

fn diagnosis(condition: &ConditionEntry) -> Diagnosis {
    Diagnosis {
        text: condition.text.trim_end_matches('.').to_owned(),
        certainty: match condition.certainty {
            Certainty::Confirmed => None,
            Certainty::Suspected => Some("Probable"),
            Certainty::RuledOut => Some("Descartado"),
        },
        icd11: condition.code.as_ref().map(|code| code.icd11.clone()),
        title: condition.code.as_ref().map(|code| code.title.clone()),
        icd10: condition.code.as_ref().and_then(|code| code.icd10.clone()),
        release: condition.code.as_ref().and_then(|code| code.release.clone()),
    }
}
