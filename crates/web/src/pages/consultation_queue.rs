//! The right column of a consultation: alerts, codes, and everything else that stands before the signature.

use std::collections::HashSet;

use care::prescribing::DecidedAlert;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, Review};
use clinical::ids::ItemId;
use clinical::medication::MedicationRequest;
use drug_safety::{OverrideReason, Severity};
use nom004::{Finding, Place as Where};

use super::capitalised;
use super::coding::code_rows;
use super::consultation_view::{Builder, anchor, mark};
use crate::ui::count;
use crate::views::coding::CodeChoices;
use crate::views::consultation::{AlertView, CodeView, LineView, QueueView};

impl Builder<'_> {
    /// Everything before the signature, worst first.
    pub(super) fn queue(&self) -> QueueView {
        let (loud, quiet): (Vec<&DecidedAlert>, Vec<&DecidedAlert>) =
            self.view.safety.alerts.iter().partition(|alert| alert.alert.severity.interrupts());
        let quiet = quiet.into_iter().filter(|alert| alert.alert.severity != Severity::Informativa);
        let (lines, next) = self.lines();
        let undecided = self.view.safety.undecided().count();
        let blocking = self.view.findings.iter().filter(|finding| finding.blocks()).count();
        let first_alert = self.view.safety.alerts.iter().position(DecidedAlert::blocks);
        let next = next.or_else(|| first_alert.map(|index| format!("#alerta-{index}")));
        let prescribes = self.view.draft.medication_requests().any(MedicationRequest::is_prescribed);
        let receta = !self.view.to_prescribe().is_empty();
        QueueView {
            desk: self.desk.clone(),
            alerts: loud.into_iter().map(|alert| self.alert(alert)).collect(),
            quiet: quiet.map(|alert| self.alert(alert)).collect(),
            codes: self.codes(),
            lines,
            unknown: self.view.safety.unknown.clone(),
            pending: blocking + undecided,
            next: next.unwrap_or_else(|| "#nota".to_owned()),
            sign: if self.sends() { SEND.to_owned() } else { sign_words(self.view.kind, receta) },
            sends: self.sends(),
            may_cancel: self.view.version > 0
                && self.desk.writes
                && self.actor.practitioner_id == Some(self.view.practitioner.id),
            data_note: data_note(&self.view.safety.missing_inputs),
            has_medicines: prescribes,
            edition: self.view.edition.clone(),
        }
    }

    fn alert(&self, decided: &DecidedAlert) -> AlertView {
        let alert = &decided.alert;
        let index =
            self.view.safety.alerts.iter().position(|other| other.key == decided.key).unwrap_or_default();
        let concerned: Vec<(ItemId, &MedicationRequest)> = self
            .view
            .draft
            .kept()
            .filter_map(|item| match &item.content {
                ItemContent::MedicationRequest(request)
                    if request.is_prescribed() && concerns(decided, request) =>
                {
                    Some((item.id, request))
                }
                _ => None,
            })
            .collect();
        let remove = concerned.iter().map(|(id, request)| {
            let twice = concerned.iter().filter(|(_, other)| other.medicine == request.medicine).count() > 1;
            (id.to_string(), removal(request, twice))
        });
        let error = self.focus.alert_error.as_ref().filter(|(key, _)| *key == decided.key);
        let sources = alert.sources.join("; ");
        AlertView {
            anchor: format!("alerta-{index}"),
            key: decided.key.clone(),
            severity: (alert.severity.code(), alert.severity.label()),
            title: alert_title(alert),
            message: sentence(&alert.message),
            advice: sentence(&alert.recommendation),
            sources: if sources.is_empty() { String::new() } else { sentence(&sources) },
            remove: remove.collect(),
            reasons: OverrideReason::ALL
                .iter()
                .map(|r| (r.code().to_owned(), r.label().to_owned()))
                .collect(),
            needs_text: alert.severity == Severity::Contraindicada,
            decided: decided.decision.as_ref().map(|decision| {
                let reason =
                    OverrideReason::from_code(&decision.reason_code).map_or("", OverrideReason::label);
                sentence(&format!("Se mantiene. {}. {}", reason, decision.reason_text))
            }),
            error: error.map(|(_, why)| why.clone()),
        }
    }

    fn codes(&self) -> Vec<CodeView> {
        let open = self.view.draft.kept().filter_map(|item| match &item.content {
            ItemContent::Condition(condition) if condition.code.is_none() => Some((item, condition)),
            _ => None,
        });
        open.map(|(item, condition)| CodeView {
            item: item.id.to_string(),
            mark: mark(item.id),
            text: condition.text.trim_end_matches('.').to_owned(),
            candidates: CodeChoices {
                legend: format!("Código de {}", condition.text.trim_end_matches('.')),
                mark: mark(item.id),
                keys: true,
                keep: String::new(),
                rows: code_rows(self.view.candidates.get(&item.id).map_or(&[], Vec::as_slice), |_| false),
            },
        })
        .collect()
    }

    /// The findings as lines, one per thing to do, and where the first blocking one is.
    fn lines(&self) -> (Vec<LineView>, Option<String>) {
        let mut lines: Vec<LineView> = Vec::new();
        let mut next = None;
        let pending: Vec<ItemId> = self
            .view
            .draft
            .items
            .iter()
            .filter(|item| item.review == Review::Pending)
            .map(|item| item.id)
            .collect();
        if let Some(first) = pending.first() {
            let href = format!("#o-{}", mark(*first));
            next = Some(href.clone());
            lines.push(LineView {
                href,
                icon: "check",
                title: format!("{} por revisar", count(pending.len(), "oración", "oraciones")),
                detail: "Acepte, edite o descarte cada una".to_owned(),
            });
        }
        let mut seen = HashSet::new();
        for finding in &self.view.findings {
            let Some(line) = self.line(finding) else { continue };
            if finding.blocks() && next.is_none() {
                next = Some(line.href.clone());
            }
            if seen.insert((line.href.clone(), line.title.clone())) {
                lines.push(line);
            }
        }
        (lines, next)
    }

    fn line(&self, finding: &Finding) -> Option<LineView> {
        let detail = finding.citation.map(|citation| citation.to_string()).unwrap_or_default();
        let title = finding.message.clone();
        let (href, icon) = match &finding.place {
            // Counted together in one line.
            Where::Item { field: None, .. } if finding.document == self.view.kind => return None,
            Where::Item { id, .. } => (format!("{}?editar={id}#o-{}", self.desk.page, mark(*id)), "pill"),
            Where::Section(section) => (format!("#{}", anchor(&section.0)), "square-dashed"),
            Where::Header(element) if is_patient(*element) => {
                (format!("/pacientes/{}/editar", self.view.patient.id), "circle-user")
            }
            Where::Header(_) => ("#pendientes".to_owned(), "info"),
            Where::Document => match self.view.draft.doubts.first() {
                Some(_) => ("#duda-0".to_owned(), "message-circle-question"),
                None => ("#nota".to_owned(), "info"),
            },
        };
        let detail = if finding.blocks() || !detail.is_empty() {
            detail
        } else {
            "Aviso; no impide firmar".to_owned()
        };
        Some(LineView { href, icon, title, detail })
    }
}

/// What a trainee does with what is finished.
pub(super) const SEND: &str = "Enviar a firma";

/// "Firmar nota y receta".
pub(super) fn sign_words(kind: DocumentKind, receta: bool) -> String {
    match (kind, receta) {
        (DocumentKind::CLINICAL_HISTORY, true) => "Firmar historia y receta".to_owned(),
        (DocumentKind::PROGRESS_NOTE, true) => "Firmar nota y receta".to_owned(),
        (DocumentKind::PROGRESS_NOTE, false) => "Firmar nota".to_owned(),
        (DocumentKind::CLINICAL_HISTORY, false) => "Firmar historia clínica".to_owned(),
        (_, true) => "Firmar documento y receta".to_owned(),
        (_, false) => "Firmar documento".to_owned(),
    }
}

/// "datos del 25 de noviembre de 2026; sin TFG".
fn data_note(missing_inputs: &[String]) -> String {
    let date = drug_safety::DATA_DATE.parse().map(crate::format::long_date).unwrap_or_default();
    let mut parts = vec![format!("datos del {date}")];
    parts.extend(missing_inputs.iter().map(|text| text.trim_end_matches('.').to_owned()));
    parts.join("; ")
}

fn is_patient(element: nom004::HeaderElement) -> bool {
    use nom004::HeaderElement::{PatientAddress, PatientAge, PatientName, PatientSex};
    matches!(element, PatientAddress | PatientAge | PatientName | PatientSex)
}

/// Whether an alert is about this medicine.
pub(super) fn concerns(alert: &DecidedAlert, request: &MedicationRequest) -> bool {
    request.ingredients.iter().any(|ingredient| alert.alert.inns.contains(ingredient))
        || alert.alert.drugs.iter().any(|drug| drug.eq_ignore_ascii_case(&request.medicine))
}

/// "Quitar naproxeno"; with dose and periodicity where the same medicine stands twice.
fn removal(request: &MedicationRequest, twice: bool) -> String {
    let mut words = vec![format!("Quitar {}", request.medicine)];
    if twice {
        words.extend(request.dose.map(|dose| dose.to_string()));
        words.extend(request.frequency.as_ref().map(ToString::to_string));
        words.push(format!("({})", request.action.label().to_lowercase()));
    }
    words.join(" ")
}

fn alert_title(alert: &drug_safety::Alert) -> String {
    let text = match alert.drugs.as_slice() {
        [one, other] if one == other => format!("{one}, dos veces"),
        [one, other] => format!("{one} con {other}"),
        drugs => format!("{}: {}", alert.kind.label(), drugs.join(", ")),
    };
    capitalised(&text)
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}
