//! Medicines as rows of a table in a note and as numbered items of a receta.

use clinical::calendar::long_date;
use clinical::medication::{Frequency, MedicationRequest, RequestAction};
use jiff::civil::Date;
use serde::Serialize;

use crate::words::{dose_in_words, quantity_with_words};

/// One row of the treatment of a note.
#[derive(Debug, Serialize)]
pub(crate) struct MedicineRow {
    pub(crate) name: String,
    pub(crate) detail: Vec<String>,
    pub(crate) dose: String,
    pub(crate) route: String,
    pub(crate) frequency: String,
    pub(crate) duration: String,
    pub(crate) stopped: bool,
}

/// One numbered item of a receta.
#[derive(Debug, Serialize)]
pub(crate) struct PrescriptionItem {
    pub(crate) name: String,
    pub(crate) brand: Option<String>,
    pub(crate) presentation: Option<String>,
    pub(crate) dose: String,
    pub(crate) dose_words: Option<String>,
    pub(crate) route: String,
    pub(crate) frequency: String,
    pub(crate) duration: String,
    pub(crate) quantity: String,
    pub(crate) instructions: Vec<String>,
    /// What the law tells the pharmacy about it.
    pub(crate) pharmacy: Vec<String>,
}

/// What stands where nobody said anything: never blank, so that nothing can be added by hand.
const NOT_STATED: &str = "No indicada";

pub(crate) fn row(request: &MedicationRequest) -> MedicineRow {
    let stopped = request.action == RequestAction::Stop;
    let mut detail = vec![
        match request.action {
            RequestAction::Start => "Inicia.",
            RequestAction::Continue => "Continúa.",
            RequestAction::Change => "Se ajusta.",
            RequestAction::Stop => "Se suspende.",
        }
        .to_owned(),
    ];
    detail.extend(request.presentation.as_deref().and_then(filled).map(|text| sentence(&text)));
    if request.as_needed_unsaid() {
        detail.push("Solo si lo necesita.".to_owned());
    }
    detail.extend(request.instructions.as_deref().and_then(filled).map(|text| sentence(&text)));
    let or_dash = |text: String| if stopped && text == NOT_STATED { "–".to_owned() } else { text };
    MedicineRow {
        name: name_with_brand(request),
        detail,
        dose: or_dash(dose(request)),
        route: or_dash(route(request)),
        frequency: or_dash(frequency(request)),
        duration: or_dash(duration(request)),
        stopped,
    }
}

pub(crate) fn item(request: &MedicationRequest, issued: Date) -> PrescriptionItem {
    let mut instructions = Vec::new();
    if request.as_needed_unsaid() {
        instructions.push("Solo si lo necesita.".to_owned());
    }
    instructions.extend(request.instructions.as_deref().and_then(filled).map(|text| sentence(&text)));
    let quantity = request.to_dispense().map(|quantity| quantity.text);
    PrescriptionItem {
        name: name(request),
        brand: request.brand.as_deref().and_then(filled),
        presentation: request.presentation.as_deref().and_then(filled),
        dose: dose(request),
        dose_words: request.dose.map(dose_in_words),
        route: capitalised(&route(request)),
        frequency: capitalised(&frequency(request)),
        duration: duration(request),
        quantity: quantity
            .map_or_else(|| NOT_STATED.to_owned(), |text| capitalised(&quantity_with_words(&text))),
        instructions,
        pharmacy: nom004::pharmacy_note(request, issued, long_date),
    }
}

fn name(request: &MedicationRequest) -> String {
    filled(&request.medicine).map_or_else(|| "Denominación no indicada".to_owned(), |name| capitalised(&name))
}

fn name_with_brand(request: &MedicationRequest) -> String {
    let name = name(request);
    request.brand.as_deref().and_then(filled).map_or(name.clone(), |brand| format!("{name} ({brand})"))
}

fn dose(request: &MedicationRequest) -> String {
    match (request.dose, &request.frequency) {
        (Some(dose), _) => dose.to_string(),
        (None, Some(Frequency::Schedule(_))) => "Según el esquema".to_owned(),
        (None, _) => NOT_STATED.to_owned(),
    }
}

fn route(request: &MedicationRequest) -> String {
    request.route.map_or_else(|| NOT_STATED.to_owned(), |route| route.label().to_owned())
}

fn frequency(request: &MedicationRequest) -> String {
    request.frequency.as_ref().map_or_else(|| NOT_STATED.to_owned(), ToString::to_string)
}

fn duration(request: &MedicationRequest) -> String {
    match (request.duration_text(), &request.frequency) {
        (Some(text), _) => text,
        (None, Some(Frequency::Once)) => "Dosis única".to_owned(),
        (None, _) => NOT_STATED.to_owned(),
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// A capital at the start and a full stop at the end.
pub(crate) fn sentence(text: &str) -> String {
    let text = capitalised(text);
    if text.ends_with(['.', ':', '?', '!', '…']) { text } else { format!("{text}.") }
}
