//! Lines of treatment. A field that nobody said stays absent on both ways.

use clinical::document::Cancelled;
use clinical::medication::{
    Dispensing, Dose, DoseUnit, Fraction, Frequency, MedicationRequest, RequestAction, Route,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::datatypes::{
    CodeableConcept, Decimal, Extension, Quantity, Reference, code_of, coding, filled, text_of, words,
};
use crate::error::{Problem, Result, at, coded, need};
use crate::resources::{Dosage, DoseAndRate, MedicationRequest as Resource, Repeat, Timing};
use crate::summary::ingredients;
use crate::systems;
use crate::writer::Writer;

const R: &str = "MedicationRequest";

pub(crate) fn request(
    id: Uuid,
    own: &MedicationRequest,
    signed_at: Timestamp,
    requester: &Reference,
    encounter: Option<Reference>,
    cancelled: Option<&Cancelled>,
    writer: &Writer,
) -> Resource {
    let mut extensions = vec![Extension::code(systems::ACTION, own.action.code())];
    extensions.extend(own.ingredients.iter().map(|name| Extension::string(systems::INGREDIENT, name)));
    let mut text = |url, value: &Option<String>| {
        extensions.extend(value.as_ref().map(|value| Extension::string(url, value)));
    };
    text(systems::BRAND, &own.brand);
    text(systems::PRESENTATION, &own.presentation);
    text(systems::QUANTITY, &own.quantity);
    let told = &own.dispensing;
    text(systems::FRACTION, &told.fraction.map(|fraction| fraction.code().to_owned()));
    text(systems::FILLS, &told.fills.map(|fills| fills.to_string()));
    text(systems::MAY_SUBSTITUTE, &told.may_substitute.then(|| "si".to_owned()));
    text(systems::SPECIAL_FOLIO, &told.special_folio);
    Resource {
        id: Some(id.to_string()),
        extension: extensions,
        status: Some(status(own.action, cancelled).to_owned()),
        status_reason: cancelled.map(|cancelled| words(&cancelled.reason)),
        intent: Some("order".to_owned()),
        medication_codeable_concept: Some(words(&own.medicine)),
        subject: Some(writer.patient.clone()),
        encounter,
        authored_on: Some(writer.date_time(signed_at)),
        requester: Some(requester.clone()),
        dosage_instruction: vec![dosage(own)],
    }
}

fn status(action: RequestAction, cancelled: Option<&Cancelled>) -> &'static str {
    match (cancelled, action) {
        (Some(_), _) => "cancelled",
        (None, RequestAction::Stop) => "stopped",
        (None, _) => "active",
    }
}

fn dosage(own: &MedicationRequest) -> Dosage {
    Dosage {
        text: Some(own.to_string()),
        patient_instruction: own.instructions.clone(),
        timing: timing(own),
        as_needed_boolean: own.as_needed.then_some(true),
        route: own.route.map(|route| CodeableConcept {
            coding: vec![coding(systems::OWN_CODES, route.code(), None)],
            ..words(route.label())
        }),
        dose_and_rate: own
            .dose
            .map(|dose| DoseAndRate { dose_quantity: Some(dose_quantity(dose)) })
            .into_iter()
            .collect(),
    }
}

fn dose_quantity(dose: Dose) -> Quantity {
    let ucum = match dose.unit {
        DoseUnit::Milligram => Some("mg"),
        DoseUnit::Gram => Some("g"),
        DoseUnit::Microgram => Some("ug"),
        DoseUnit::Milliliter => Some("mL"),
        DoseUnit::InternationalUnit => Some("[iU]"),
        DoseUnit::Milliequivalent => Some("meq"),
        DoseUnit::MilligramPerKilogram => Some("mg/kg"),
        DoseUnit::UnitPerKilogram => Some("[iU]/kg"),
        DoseUnit::Percent => Some("%"),
        _ => None,
    };
    Quantity {
        value: Some(Decimal(dose.amount)),
        comparator: None,
        unit: Some(dose.unit.code().to_owned()),
        system: ucum.map(|_| systems::UCUM.to_owned()),
        code: ucum.map(str::to_owned),
    }
}

fn timing(own: &MedicationRequest) -> Option<Timing> {
    let mut repeat = Repeat::default();
    let mut code = None;
    match &own.frequency {
        None => {}
        Some(Frequency::EveryHours(hours)) => {
            repeat.frequency = Some(1);
            repeat.period = Some(Decimal(clinical::observation::Amount::whole(i32::from(*hours))));
            repeat.period_unit = Some("h".to_owned());
        }
        Some(Frequency::Once) => repeat.count = Some(1),
        Some(Frequency::Schedule(said)) => code = Some(words(said)),
    }
    repeat.bounds_duration = own.duration_days.map(|days| Quantity {
        value: Some(Decimal(clinical::observation::Amount::whole(i32::from(days)))),
        comparator: None,
        unit: Some("d".to_owned()),
        system: Some(systems::UCUM.to_owned()),
        code: Some("d".to_owned()),
    });
    let timing = Timing { repeat: (repeat != Repeat::default()).then_some(repeat), code };
    (timing != Timing::default()).then_some(timing)
}

pub(crate) fn read_request(own: &Resource) -> Result<MedicationRequest> {
    let medicine = own.medication_codeable_concept.as_ref().and_then(|own| own.text.clone());
    let text = |url| text_of(&own.extension, url).map(str::to_owned);
    let nothing = Dosage::default();
    let dosage = own.dosage_instruction.first().unwrap_or(&nothing);
    let route = dosage.route.as_ref().map(|route| {
        coded(route.code_in(systems::OWN_CODES), Route::from_code, R, "dosageInstruction.route")
    });
    let dose = dosage.dose_and_rate.first().map(|own| read_dose(own.dose_quantity.as_ref()));
    let (frequency, duration_days) = read_timing(dosage.timing.as_ref())?;
    Ok(MedicationRequest {
        medicine: need(medicine, R, "medicationCodeableConcept.text")?,
        ingredients: ingredients(&own.extension),
        brand: text(systems::BRAND),
        presentation: text(systems::PRESENTATION),
        dose: dose.transpose()?,
        route: route.transpose()?,
        frequency,
        duration_days,
        as_needed: dosage.as_needed_boolean == Some(true),
        quantity: text(systems::QUANTITY),
        instructions: dosage.patient_instruction.clone().and_then(|own| filled(&own)),
        dispensing: Dispensing {
            fraction: text(systems::FRACTION)
                .map(|code| coded(Some(code.as_str()), Fraction::from_code, R, "extension(fraccion)"))
                .transpose()?,
            fills: text(systems::FILLS)
                .map(|times| coded(Some(times.as_str()), |times| times.parse().ok(), R, "extension(veces)"))
                .transpose()?,
            may_substitute: text(systems::MAY_SUBSTITUTE).is_some(),
            special_folio: text(systems::SPECIAL_FOLIO),
        },
        action: coded(
            code_of(&own.extension, systems::ACTION),
            RequestAction::from_code,
            R,
            "extension(accion)",
        )?,
    })
}

fn read_dose(quantity: Option<&Quantity>) -> Result<Dose> {
    const E: &str = "dosageInstruction.doseAndRate.doseQuantity";
    let quantity = need(quantity, R, E)?;
    let unit = coded(quantity.unit.as_deref(), DoseUnit::from_code, R, E)?;
    let Decimal(amount) = need(quantity.value, R, E)?;
    Dose::new(amount, unit).map_err(|_| at(R, E, Problem::Value))
}

fn read_timing(timing: Option<&Timing>) -> Result<(Option<Frequency>, Option<u16>)> {
    const E: &str = "dosageInstruction.timing";
    let wrong = || at(R, E, Problem::Value);
    let whole = |number: Decimal| number.0.to_string().parse::<u16>().map_err(|_| wrong());
    let Some(timing) = timing else { return Ok((None, None)) };
    let nothing = Repeat::default();
    let repeat = timing.repeat.as_ref().unwrap_or(&nothing);
    let frequency = match (&timing.code, repeat.count, repeat.frequency, repeat.period) {
        (Some(code), None, None, None) => {
            Some(Frequency::Schedule(need(code.text.clone(), R, "dosageInstruction.timing.code")?))
        }
        (None, Some(1), None, None) => Some(Frequency::Once),
        (None, None, Some(1), Some(hours)) if repeat.period_unit.as_deref() == Some("h") => {
            Some(Frequency::EveryHours(whole(hours)?))
        }
        (None, None, None, None) => None,
        _ => return Err(wrong()),
    };
    let days = match &repeat.bounds_duration {
        None => None,
        Some(own) if own.code.as_deref() == Some("d") => Some(whole(need(own.value, R, E)?)?),
        Some(_) => return Err(wrong()),
    };
    Ok((frequency, days))
}
