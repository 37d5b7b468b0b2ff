//! What a document says as sections: headings of its definition, sentences as they were signed.

use clinical::document::{DocumentBody, Layout};

use crate::record::Section;

/// LOINC codes of sections (IPS), by what fills them.
const VITAL_SIGNS: &str = "8716-3";
const PROBLEMS: &str = "11450-4";
const PLAN: &str = "18776-5";
const MEDICATION: &str = "10160-0";

fn section(title: &str, loinc: Option<&str>, lines: Vec<String>) -> Section {
    Section { title: title.to_owned(), loinc: loinc.map(str::to_owned), lines }
}

/// The sections that say anything, in the order of the document.
#[must_use]
pub fn of(body: &DocumentBody) -> Vec<Section> {
    let mut all = match body {
        DocumentBody::Note { sections, .. } => sections
            .iter()
            .map(|own| {
                let loinc = match own.layout {
                    Layout::Measurements => Some(VITAL_SIGNS),
                    Layout::Diagnoses => Some(PROBLEMS),
                    Layout::Treatment => Some(PLAN),
                    _ => None,
                };
                section(&own.label, loinc, own.items.iter().map(|item| item.text.clone()).collect())
            })
            .collect(),
        DocumentBody::Prescription {
            folio,
            medication_requests,
            diagnosis,
            instructions,
            alert_decisions,
        } => {
            vec![
                section("Folio", None, vec![folio.clone()]),
                section("Diagnóstico", Some(PROBLEMS), diagnosis.iter().cloned().collect()),
                section(
                    "Medicamentos",
                    Some(MEDICATION),
                    medication_requests.iter().map(ToString::to_string).collect(),
                ),
                section("Indicaciones", Some(PLAN), instructions.clone()),
                section(
                    "Decisiones sobre avisos de seguridad",
                    None,
                    alert_decisions.iter().map(|decision| decision.message.clone()).collect(),
                ),
            ]
        }
        DocumentBody::Addendum { amends_title, reason, text, .. } => vec![
            section("Documento que corrige", None, vec![amends_title.clone()]),
            section("Motivo", None, vec![reason.clone()]),
            section("Aclaración", None, vec![text.clone()]),
        ],
    };
    all.retain(|section| !section.lines.is_empty());
    all
}
