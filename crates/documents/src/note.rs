//! The sections of a note as they are laid out: paragraphs, measurements, diagnoses and the table of medicines.

use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::{SignedItem, SignedSection};
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
    /// Short labelled lines, for the regions of the exploration.
    lines: Vec<Labelled>,
    measurements: Vec<Labelled>,
    diagnoses: Vec<Diagnosis>,
    medicines: Vec<MedicineRow>,
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
    let mut out: Vec<SectionView> = Vec::new();
    let mut placed = Placed::default();
    for section in sections {
        let texts = remaining(&section.items, structured);
        match role(&section.id) {
            Role::Measurements { merged } => {
                if !placed.measurements {
                    placed.measurements = true;
                    let label = if merged { "Signos vitales, peso y talla" } else { &section.label };
                    out.push(SectionView {
                        measurements: measurements(structured.vital_signs),
                        ..empty(label, section.numeral.as_deref())
                    });
                }
                let Some(view) = out.last_mut() else { continue };
                if merged {
                    view.lines.extend(texts.into_iter().map(|text| labelled(&section.label, text)));
                } else {
                    view.paragraphs = texts;
                }
            }
            Role::Region => {
                if !placed.regions {
                    placed.regions = true;
                    out.push(empty("Exploración física", section.numeral.as_deref()));
                }
                let text = texts.join(" ");
                if let (Some(view), false) = (out.last_mut(), text.is_empty()) {
                    view.lines.push(labelled(&section.label, text));
                }
            }
            Role::Diagnoses => {
                placed.diagnoses = true;
                out.push(SectionView {
                    paragraphs: texts,
                    diagnoses: structured.conditions.iter().map(diagnosis).collect(),
                    ..empty(&section.label, section.numeral.as_deref())
                });
            }
            Role::Treatment => {
                placed.treatment = true;
                out.push(SectionView {
                    paragraphs: texts,
                    medicines: structured.requests.iter().map(medicines::row).collect(),
                    ..empty(&section.label, section.numeral.as_deref())
                });
            }
            Role::Text => {
                let mut view = empty(&section.label, section.numeral.as_deref());
                view.paragraphs = texts;
                out.push(view);
            }
        }
    }
    add_unplaced(&mut out, &placed, structured);
    out.retain(|view| !view.is_empty());
    out
}

#[derive(Default)]
struct Placed {
    measurements: bool,
    regions: bool,
    diagnoses: bool,
    treatment: bool,
}

fn add_unplaced(out: &mut Vec<SectionView>, placed: &Placed, structured: &Structured<'_>) {
    if !placed.measurements {
        let view = empty("Signos vitales", None);
        out.push(SectionView { measurements: measurements(structured.vital_signs), ..view });
    }
    if !placed.diagnoses {
        let view = empty("Diagnósticos o problemas clínicos", None);
        out.push(SectionView { diagnoses: structured.conditions.iter().map(diagnosis).collect(), ..view });
    }
    if !placed.treatment {
        let view = empty("Tratamiento", None);
        out.push(SectionView { medicines: structured.requests.iter().map(medicines::row).collect(), ..view });
    }
}

enum Role {
    /// Merged: the historia clínica has one section for each measurement.
    Measurements {
        merged: bool,
    },
    Region,
    Diagnoses,
    Treatment,
    Text,
}

fn role(id: &str) -> Role {
    match id {
        "ev.signos" => Role::Measurements { merged: false },
        "hc.peso" | "hc.talla" => Role::Measurements { merged: true },
        "ev.diagnosticos" | "hc.diagnosticos" => Role::Diagnoses,
        "ev.tratamiento" | "hc.indicacion" => Role::Treatment,
        _ if id.starts_with("hc.sv_") => Role::Measurements { merged: true },
        _ if id.starts_with("hc.ef_") => Role::Region,
        _ => Role::Text,
    }
}

/// The sentences of a section that no row or table already says.
fn remaining(items: &[SignedItem], structured: &Structured<'_>) -> Vec<String> {
    let said = |text: &str| {
        structured.vital_signs.iter().any(|sign| sign.to_string() == text)
            || structured.conditions.iter().any(|condition| condition.to_string() == text)
            || structured.requests.iter().any(|request| request.to_string() == text)
    };
    items
        .iter()
        .map(|item| item.text.trim())
        .filter(|text| !text.is_empty() && !said(text))
        .map(ToOwned::to_owned)
        .collect()
}

impl SectionView {
    fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
            && self.lines.is_empty()
            && self.measurements.is_empty()
            && self.diagnoses.is_empty()
            && self.medicines.is_empty()
    }

    /// Whether a WHO title is printed, which needs its attribution.
    pub(crate) fn has_codes(&self) -> bool {
        self.diagnoses.iter().any(|diagnosis| diagnosis.icd11.is_some())
    }
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
    }
}
