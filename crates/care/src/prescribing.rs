//! Lines of treatment: which medicine a line names, when two print the same, and what a signed one means for the record.

use clinical::medication::{Frequency, MedicationRequest, MedicationStatement};
use terminology::medicines::{MedicineCatalog, NameKind};

/// Names the ingredients of a line, so that it can be checked. A brand keeps its place beside the generic name
/// (LGS 225-226: the generic name is what is prescribed); what is only a known misspelling of it does not.
pub fn identify(request: &mut MedicationRequest) {
    let Some(found) = MedicineCatalog::core().find(&request.medicine) else {
        request.ingredients.clear();
        return;
    };
    request.ingredients = found.medicines.iter().map(|medicine| medicine.inn.to_owned()).collect();
    match found.kind {
        NameKind::Brand => {
            let generic = found.generic_name();
            let brand = std::mem::replace(&mut request.medicine, generic);
            request.brand.get_or_insert(brand);
        }
        NameKind::Heard => request.medicine = found.generic_name(),
        NameKind::Generic => {}
    }
}

/// Whether two lines would print the same on a receta, but for capitals, accents and punctuation: another one of them
/// would only be dispensed twice.
#[must_use]
pub fn prints_the_same(one: &MedicationRequest, other: &MedicationRequest) -> bool {
    let words = |text: &str| -> Vec<String> {
        let folded = terminology::fold::fold(text);
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let said = |text: &Option<String>| text.as_deref().map(words).filter(|words| !words.is_empty());
    let often = |request: &MedicationRequest| match &request.frequency {
        Some(Frequency::Schedule(text)) => Some(words(text)),
        other => other.as_ref().map(|frequency| words(&frequency.to_string())),
    };
    words(&one.medicine) == words(&other.medicine)
        && (one.dose, one.route, one.duration_days) == (other.dose, other.route, other.duration_days)
        && one.as_needed == other.as_needed
        && often(one) == often(other)
        && said(&one.presentation) == said(&other.presentation)
        && said(&one.quantity) == said(&other.quantity)
        && said(&one.instructions) == said(&other.instructions)
}

/// A medicine the patient takes, by whatever name it was written.
#[must_use]
pub fn statement(medicine: &str, taken: Option<String>) -> MedicationStatement {
    let mut request = MedicationRequest::named(medicine, clinical::medication::RequestAction::Continue);
    identify(&mut request);
    MedicationStatement { medicine: request.medicine, ingredients: request.ingredients, taken }
}

/// What a signed line means for the list of medicines the patient takes.
#[must_use]
pub fn statement_of(request: &MedicationRequest) -> MedicationStatement {
    let dose = request.dose.map(|dose| dose.to_string());
    let frequency = request.frequency.as_ref().map(ToString::to_string);
    let parts: Vec<String> = [dose, frequency].into_iter().flatten().collect();
    MedicationStatement {
        medicine: request.medicine.clone(),
        ingredients: request.ingredients.clone(),
        taken: (!parts.is_empty()).then(|| parts.join(" ")),
    }
}
