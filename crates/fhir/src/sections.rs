//! What a document says as sections: headings of its definition, sentences as they were signed.

use clinical::calendar::long_date;
use clinical::document::{DocumentBody, Layout};
use clinical::draft::AlertDecision;
use drug_safety::{OverrideReason, Severity};

use crate::record::Section;

/// LOINC codes of sections (IPS), by what fills them.
const VITAL_SIGNS: &str = "8716-3";
const PROBLEMS: &str = "11450-4";
const PLAN: &str = "18776-5";
const MEDICATION: &str = "10160-0";

fn section(title: &str, loinc: Option<&str>, lines: Vec<String>) -> Section {
    Section { title: title.to_owned(), loinc: loinc.map(str::to_owned), lines }
}

/// What an alert said, how much it weighed, and why its prescriber went on: the coded reason, when it is looked at again, and
/// their own words. A code that is not known any more stands as it was kept.
fn decided(decision: &AlertDecision) -> String {
    let severity = Severity::from_code(&decision.severity).map(Severity::label);
    let severity = severity.unwrap_or(&decision.severity);
    let reason = OverrideReason::from_code(&decision.reason_code).map(OverrideReason::label);
    let reason = reason.unwrap_or(&decision.reason_code);
    let day = decision.follow_up.map(|day| format!(" el {}", long_date(day))).unwrap_or_default();
    let mut line =
        format!("{} ({}). Motivo: {reason}{day}.", closed(&decision.message), severity.to_lowercase());
    if !decision.reason_text.trim().is_empty() {
        line = format!("{line} {}.", closed(&decision.reason_text));
    }
    line
}

/// A sentence without its full stop.
fn closed(text: &str) -> &str {
    text.trim().trim_end_matches('.')
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
                    alert_decisions.iter().map(decided).collect(),
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

#[cfg(test)]
mod tests {
    use clinical::ids::UserId;

    use super::*;

    #[test]
    fn why_a_prescriber_went_on_in_spite_of_an_alert_goes_with_the_receta() {
        let decision = AlertDecision {
            alert_key: "interaction:naproxen+warfarin".to_owned(),
            severity: "mayor".to_owned(),
            message: "Naproxeno con warfarina aumenta el riesgo de hemorragia.".to_owned(),
            reason_code: "se_vigilara".to_owned(),
            reason_text: "INR cada semana".to_owned(),
            follow_up: Some(jiff::civil::date(2026, 3, 16)),
            data_version: None,
            by: UserId(uuid::Uuid::nil()),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let body = |decision| DocumentBody::Prescription {
            folio: "R-1".to_owned(),
            medication_requests: Vec::new(),
            diagnosis: None,
            instructions: Vec::new(),
            alert_decisions: vec![decision],
        };
        let said = |decision| of(&body(decision)).pop().map(|section| section.lines.join("|"));
        assert_eq!(
            said(decision.clone()).as_deref(),
            Some(
                "Naproxeno con warfarina aumenta el riesgo de hemorragia (mayor). Motivo: Se vigilará el 16 de marzo de 2026. \
                 INR cada semana."
            )
        );
        let plain = AlertDecision {
            reason_code: "otro".to_owned(),
            reason_text: String::new(),
            follow_up: None,
            ..decision
        };
        let said = said(plain);
        assert!(said.as_deref().is_some_and(|line| line.ends_with("(mayor). Motivo: otro.")), "{said:?}");
    }
}
