//! What each medicine of a draft lacks: for the note, for its receta, and by the limits of its sale group.

use clinical::document::DocumentKind;
use clinical::draft::DraftItem;
use clinical::medication::{Frequency, MedicationRequest, RequestAction};

use crate::citation::Citation;
use crate::dispensing::{DispensingClass, packs_asked};
use crate::missing::{Field, Finding, Place, Severity};
use crate::sale_group::SaleGroup;

/// Whether a medicine of a note also goes on the receta that is printed with it.
///
/// What is started or changed does; what is merely continued only when it carries all that RIS 30 asks for, because a
/// pharmacy cannot fill less; what is stopped does not. A medicine of fracción I never does: it is on the official special
/// receta, whose folio the line carries (LGS 241).
#[must_use]
pub fn goes_on_prescription(request: &MedicationRequest) -> bool {
    if is_special(request) {
        return false;
    }
    match request.action {
        RequestAction::Stop => false,
        RequestAction::Start | RequestAction::Change => true,
        RequestAction::Continue => absent(request).is_empty(),
    }
}

/// What a line lacks of what RIS 30 asks for, but the quantity, which follows from the rest.
#[must_use]
pub fn absent(request: &MedicationRequest) -> Vec<Field> {
    let there = [
        (Field::Presentation, !blank(request.presentation.as_deref())),
        (Field::Dose, has_dose(request)),
        (Field::Route, request.route.is_some()),
        (Field::Frequency, has_frequency(request)),
        (Field::Duration, has_duration(request)),
    ];
    there.into_iter().filter(|(_, there)| !there).map(|(field, _)| field).collect()
}

fn is_special(request: &MedicationRequest) -> bool {
    DispensingClass::of(request) == DispensingClass::Controlled(SaleGroup::SpecialPrescription)
}

pub(crate) fn medicine_findings(
    kind: DocumentKind,
    item: &DraftItem,
    request: &MedicationRequest,
) -> Vec<Finding> {
    let mut found = administration_findings(kind, item, request);
    if is_special(request) {
        found.extend(special_findings(item, request));
    } else if kind == DocumentKind::PRESCRIPTION || goes_on_prescription(request) {
        found.extend(prescription_findings(item, request));
        found.extend(limit_findings(item, request));
    }
    found
}

/// Dose, route and periodicity: the note asks for them (6.2.6), and the receta too (RIS 30).
fn administration_findings(
    kind: DocumentKind,
    item: &DraftItem,
    request: &MedicationRequest,
) -> Vec<Finding> {
    let named = named(request);
    let norm =
        if kind == DocumentKind::PRESCRIPTION { Citation::ris("30") } else { Citation::nom004("6.2.6") };
    let rows = [
        (Field::Dose, has_dose(request), format!("Falta la dosis de {named}.")),
        (Field::Route, request.route.is_some(), format!("Falta la vía de administración de {named}.")),
        (Field::Frequency, has_frequency(request), format!("Falta la periodicidad de {named}.")),
    ];
    let absent = rows.into_iter().filter(|(_, there, _)| !there);
    absent
        .map(|(field, _, message)| Finding {
            document: kind,
            place: Place::Item { id: item.id, field: Some(field) },
            message,
            citation: Some(norm),
            severity: Severity::Blocks,
        })
        .collect()
}

/// What only the receta asks for.
fn prescription_findings(item: &DraftItem, request: &MedicationRequest) -> Vec<Finding> {
    let named = named(request);
    let mut found = Vec::new();
    let mut push = |field, message: String, citation, severity| {
        let place = Place::Item { id: item.id, field };
        found.push(Finding { document: DocumentKind::PRESCRIPTION, place, message, citation, severity });
    };
    if request.medicine.trim().is_empty() {
        let message = "Escriba la denominación genérica del medicamento.".to_owned();
        push(Some(Field::Medicine), message, Some(Citation::lgs("226")), Severity::Blocks);
    } else if request.ingredients.is_empty() {
        let message = format!("No verificado: compruebe que {named} es la denominación genérica.");
        push(Some(Field::Medicine), message, Some(Citation::lgs("226")), Severity::Warns);
    }
    if blank(request.presentation.as_deref()) {
        let message = format!("Falta la presentación de {named}.");
        push(Some(Field::Presentation), message, Some(Citation::ris("30")), Severity::Blocks);
    }
    if !has_duration(request) {
        let message = format!("Falta la duración del tratamiento con {named}.");
        push(Some(Field::Duration), message, Some(Citation::ris("30")), Severity::Blocks);
    }
    if request.to_dispense().is_none() {
        let rule = DispensingClass::of(request).rule();
        let message = format!("Falta la cantidad a surtir de {named}.");
        let (citation, severity) = match rule.needs_quantity {
            true => (Some(rule.citation), Severity::Blocks),
            false => (None, Severity::Warns),
        };
        push(Some(Field::Quantity), message, citation, severity);
    }
    found
}

/// The limits of its sale group.
fn limit_findings(item: &DraftItem, request: &MedicationRequest) -> Vec<Finding> {
    let named = capitalised(named(request));
    let class = DispensingClass::of(request);
    let rule = class.rule();
    let mut found = Vec::new();
    let mut push = |field, message: String, severity| {
        let (document, place) = (DocumentKind::PRESCRIPTION, Place::Item { id: item.id, field });
        found.push(Finding { document, place, message, citation: Some(rule.citation), severity });
    };
    let over =
        |most: Option<u32>, asked: Option<u32>| most.zip(asked).is_some_and(|(most, asked)| asked > most);
    if over(rule.most_packs, packs_asked(request)) {
        let message = format!(
            "{named}: la receta ampara dos presentaciones como máximo. Baje la cantidad o anote la fracción que dice la caja."
        );
        push(Some(Field::Quantity), message, Severity::Blocks);
    }
    if over(rule.most_fills.map(u32::from), request.dispensing.fills.map(u32::from)) {
        let most = match rule.most_fills {
            Some(1) => "una vez".to_owned(),
            most => format!("{} veces", most.unwrap_or_default()),
        };
        push(
            Some(Field::Quantity),
            format!("{named} se surte {most} como máximo con una receta."),
            Severity::Blocks,
        );
    }
    if class == DispensingClass::Controlled(SaleGroup::Retained) && request.dispensing.fraction.is_none() {
        let message =
            format!("Revise la fracción de {named}: dos presentaciones como máximo, vigencia de 30 días.");
        push(None, message, Severity::Warns);
    }
    found
}

/// What a medicine of fracción I needs, which is never on the ordinary receta: the folio of the official one, and 30 days at
/// most. What is merely continued was prescribed by somebody else, or before.
fn special_findings(item: &DraftItem, request: &MedicationRequest) -> Vec<Finding> {
    let named = capitalised(named(request));
    let rule = DispensingClass::Controlled(SaleGroup::SpecialPrescription).rule();
    let mut found = Vec::new();
    let mut push = |field, message: String| {
        found.push(Finding {
            document: DocumentKind::PRESCRIPTION,
            place: Place::Item { id: item.id, field },
            message,
            citation: Some(rule.citation),
            severity: Severity::Blocks,
        });
    };
    let is_new = matches!(request.action, RequestAction::Start | RequestAction::Change);
    if is_new && blank(request.dispensing.special_folio.as_deref()) {
        let message = format!(
            "{named} va en la receta especial con código de barras, no en esta: escríbala en el recetario oficial y anote \
             aquí su folio."
        );
        push(Some(Field::SpecialFolio), message);
    }
    if is_new && request.duration_days > rule.most_days {
        push(
            Some(Field::Duration),
            format!("{named}: el tratamiento de la receta especial es de 30 días como máximo."),
        );
    }
    if is_new && !has_duration(request) {
        push(
            Some(Field::Duration),
            format!("Falta la duración del tratamiento con {}.", self::named(request)),
        );
    }
    found
}

fn named(request: &MedicationRequest) -> &str {
    let name = request.medicine.trim();
    if name.is_empty() { "este medicamento" } else { name }
}

/// A single administration has no duration.
fn has_duration(request: &MedicationRequest) -> bool {
    request.duration_days.is_some_and(|days| days > 0) || request.frequency == Some(Frequency::Once)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

fn blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// A scheme may carry its own amounts: "5 unidades antes de cada comida".
fn has_dose(request: &MedicationRequest) -> bool {
    let in_scheme = |words: &str| words.chars().any(|c| c.is_ascii_digit());
    request.dose.is_some()
        || matches!(&request.frequency, Some(Frequency::Schedule(words)) if in_scheme(words))
}

fn has_frequency(request: &MedicationRequest) -> bool {
    match &request.frequency {
        Some(Frequency::Schedule(words)) => !words.trim().is_empty(),
        Some(_) => true,
        None => false,
    }
}
