//! The right column of a consultation: alerts, codes, and everything else that stands before the signature.

use std::collections::HashSet;

use care::prescriptions::near_names;
use care::safety::DecidedAlert;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, Review};
use clinical::ids::ItemId;
use clinical::medication::MedicationRequest;
use drug_safety::{OverrideReason, PREGNANCY_NOT_ASKED, Severity};
use nom004::{Finding, Place as Where};

use super::capitalised;
use super::coding::code_rows;
use super::consultation_forms::for_sentences;
use super::consultation_view::{Builder, anchor, mark};
use crate::format;
use crate::ui::count;
use crate::views::coding::CodeChoices;
use crate::views::consultation::{
    AlertForm, AlertView, Checked, CodeView, DrugNotice, LineView, NameFix, QueueView, UnknownView,
};
use crate::views::edit::{ItemKind, posted_from};
use crate::views::form::{Choice, Field};

/// Most names offered for one nobody knows.
const NEAR: usize = 4;

impl Builder<'_> {
    /// Everything before the signature, worst first.
    pub(super) fn queue(&self) -> QueueView {
        let all = || self.view.safety.alerts.iter();
        let of = |severity: Severity| all().filter(move |alert| alert.alert.severity == severity);
        let quiet = all().filter(|alert| alert.settled.is_some()).chain(of(Severity::Moderada));
        let (lines, next) = self.lines();
        let undecided = self.view.safety.undecided().count();
        let blocking = self.view.findings.iter().filter(|finding| finding.blocks()).count();
        let first_alert = self.view.safety.alerts.iter().position(DecidedAlert::blocks);
        let next = next.or_else(|| first_alert.map(|index| format!("#alerta-{index}")));
        let prescribes = self.view.draft.medication_requests().any(MedicationRequest::is_prescribed);
        let receta = !self.view.to_prescribe().is_empty();
        QueueView {
            desk: self.desk.clone(),
            alerts: all().filter(|alert| alert.interrupts()).map(|alert| self.alert(alert)).collect(),
            quiet: quiet.map(|alert| self.alert(alert)).collect(),
            minor: of(Severity::Menor).map(|alert| self.alert(alert)).collect(),
            notices: self.notices(),
            asks_pregnancy: self.asks_pregnancy(),
            checked: Checked {
                used: self.view.safety.used_inputs.clone(),
                missing: self.view.safety.missing_inputs.clone(),
                sources: self.view.safety.sources.clone(),
                informative: of(Severity::Informativa).map(|alert| self.alert(alert)).collect(),
            },
            codes: self.codes(),
            lines,
            unknown: self.view.safety.unknown.iter().map(|name| self.unknown(name)).collect(),
            pending: blocking + undecided,
            next: next.unwrap_or_else(|| "#nota".to_owned()),
            sign: if self.sends() { SEND.to_owned() } else { sign_words(self.view.kind, receta) },
            sends: self.sends(),
            may_cancel: self.view.version > 0
                && self.desk.writes
                && self.actor.practitioner_id == Some(self.view.practitioner.id),
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
        AlertView {
            anchor: format!("alerta-{index}"),
            key: decided.key.clone(),
            severity: (alert.severity.code(), alert.severity.label()),
            title: alert_title(alert),
            message: sentence(&alert.message),
            advice: sentence(&alert.recommendation),
            mechanism: sentence(&alert.mechanism),
            sources: alert.sources.iter().map(|source| sentence(source)).collect(),
            quotes: alert.quotes.clone(),
            remove: remove.collect(),
            form: decided.blocks().then(|| self.alert_form(decided, index)),
            decided: self.decided(decided),
        }
    }

    /// The decision in words, of this draft or of an earlier signature.
    fn decided(&self, decided: &DecidedAlert) -> Option<(String, Option<String>)> {
        if let Some(settled) = &decided.settled {
            let day = format::long_date(format::day(settled.at, &self.view.zone));
            let reason = settled.reason.map_or("", OverrideReason::label);
            let words = format!("Sin cambios desde la decisión del {day}. {}", sentence(reason));
            return Some((words, None));
        }
        let decision = decided.decision.as_ref()?;
        let reason = OverrideReason::from_code(&decision.reason_code);
        let day = decision.follow_up.map(|day| format!(" el {}", format::long_date(day))).unwrap_or_default();
        let words = reason.map_or("", OverrideReason::label);
        let words = sentence(&format!("Se mantiene. {words}{day}. {}", decision.reason_text));
        let correct = (reason == Some(OverrideReason::WrongData))
            .then(|| format!("/pacientes/{}", self.view.patient.id));
        Some((words, correct))
    }

    fn alert_form(&self, decided: &DecidedAlert, index: usize) -> AlertForm {
        let mut options = vec![(String::new(), "Elija".to_owned())];
        options.extend(OverrideReason::ALL.iter().map(|r| (r.code().to_owned(), r.label().to_owned())));
        let words = Field::area("motivo", "Con sus palabras");
        let words = match decided.alert.severity {
            Severity::Contraindicada => words,
            _ => words.optional(),
        };
        let in_a_week = format::day(self.view.frame.signed_at, &self.view.zone)
            .checked_add(jiff::SignedDuration::from_hours(24 * 7));
        let form = AlertForm {
            reason: Choice::new("motivo_codigo", "Motivo", options),
            day: Field::date("fecha", "Día de la revisión")
                .help("Solo si se vigilará; queda como pendiente en el expediente")
                .value(in_a_week.map(|day| day.to_string()).unwrap_or_default()),
            text: words,
            open: false,
        };
        let refused = self.focus.alert_refused.as_ref().filter(|(key, _)| *key == decided.key);
        let form = match refused {
            Some((_, (posted, errors))) => AlertForm {
                reason: form.reason.from(posted, errors),
                day: form.day.from(posted, errors),
                text: form.text.from(posted, errors),
                open: true,
            },
            None => form,
        };
        AlertForm {
            reason: form.reason.id(format!("alerta-{index}-m")),
            day: form.day.id(format!("alerta-{index}-f")),
            text: form.text.id(format!("alerta-{index}-x")),
            open: form.open,
        }
    }

    /// A name nobody knows, with what its line would be with a name near it.
    fn unknown(&self, name: &str) -> UnknownView {
        let written = self.view.draft.kept().find(|item| {
            matches!(&item.content, ItemContent::MedicationRequest(request) if request.medicine == *name)
        });
        let names = near_names(name, NEAR);
        let fix = written.filter(|_| !names.is_empty()).map(|item| {
            let mut fields = posted_from(&item.content, None).0;
            fields.retain(|(field, _)| field != "medicamento" && field != "cual");
            fields.push(("tipo".to_owned(), ItemKind::Medicine.code().to_owned()));
            NameFix { action: format!("{}/oraciones/{}/editar", self.desk.actions(), item.id), fields, names }
        });
        UnknownView { name: name.to_owned(), fix }
    }

    fn notices(&self) -> Vec<DrugNotice> {
        let notices = self.view.safety.notices.iter();
        notices
            .map(|notice| DrugNotice {
                kind: notice.kind.label(),
                message: sentence(&notice.message),
                advice: sentence(&notice.recommendation),
                source: sentence(&notice.sources.join("; ")),
            })
            .collect()
    }

    /// Whether it is asked if she is pregnant: only where the answer can be written.
    fn asks_pregnancy(&self) -> bool {
        let asked = self.view.safety.missing_inputs.iter().any(|line| line == PREGNANCY_NOT_ASKED);
        let definition = nom004::definition_of(&self.view.draft);
        asked && self.desk.writes && !self.desk.signed && for_sentences(&definition).is_some()
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
