//! The form of a medicine: its fields, what they show of a line, and reading them back.

use care::error::FieldError;
use care::prescriptions::{alike_names, presentations};
use clinical::medication::{
    Dispensing, Dose, DoseUnit, Fraction, Frequency, MedicationRequest, RequestAction, Route,
};
use clinical::posology::{dose_amount, duration_days, interval_hours};
use clinical::supply::supply;

use super::edit::coded;
use super::form::{Check, Choice, Field, Part, Posted};

/// The form fields that show a line.
pub(super) fn medicine_posted(posted: Posted, request: &MedicationRequest) -> Posted {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (frequency, scheme) = match &request.frequency {
        None => (String::new(), String::new()),
        Some(Frequency::EveryHours(hours)) => (hours.to_string(), String::new()),
        Some(Frequency::Once) => ("unica".to_owned(), String::new()),
        Some(Frequency::Schedule(words)) => ("esquema".to_owned(), words.clone()),
    };
    let told = &request.dispensing;
    posted
        .with("accion", request.action.code())
        .with("medicamento", &request.medicine)
        .with("marca", text(&request.brand))
        .with("presentacion", text(&request.presentation))
        .with("dosis", request.dose.map(|dose| dose.amount.to_string()).unwrap_or_default())
        .with("unidad", request.dose.map(|dose| dose.unit.code()).unwrap_or_default())
        .with("via", request.route.map(Route::code).unwrap_or_default())
        .with("periodicidad", frequency)
        .with("esquema", scheme)
        .with("duracion", request.duration_days.map(|days| days.to_string()).unwrap_or_default())
        .with("por_razon", if request.as_needed { "si" } else { "" })
        .with("cantidad", text(&request.quantity))
        .with("indicaciones", text(&request.instructions))
        .with("fraccion", told.fraction.map(Fraction::code).unwrap_or_default())
        .with("veces", told.fills.map(|fills| fills.to_string()).unwrap_or_default())
        .with("sustituir", if told.may_substitute { "si" } else { "" })
        .with("folio_especial", text(&told.special_folio))
        // What stands in the record was meant.
        .with("cual", alike_names(&request.medicine).first().copied().unwrap_or_default())
}

/// A line that was only typed: which of two names alike is meant is still to be said.
#[must_use]
pub fn typed(posted: Posted) -> Posted {
    posted.with("cual", "")
}

/// The fields.
pub(super) fn medicine_parts(posted: &Posted, errors: &[FieldError]) -> Vec<Part> {
    let field = |field: Field| Part::Field(Box::new(field.from(posted, errors)));
    let choice = |choice: Choice| Part::Choice(choice.from(posted, errors));
    let unsaid = |words: &str, mut options: Vec<(String, String)>| {
        options.insert(0, (String::new(), words.to_owned()));
        options
    };
    let actions = coded(RequestAction::ALL, RequestAction::code, RequestAction::label);
    let units = unsaid("Sin indicar", coded(DoseUnit::ALL, DoseUnit::code, DoseUnit::label));
    let routes = unsaid("Sin indicar", coded(Route::ALL, Route::code, Route::label));
    let mut parts = vec![field(Field::text("medicamento", "Nombre genérico").max(200).focused())];
    let alike = alike_names(posted.get("medicamento"));
    if !alike.is_empty() {
        let options = alike.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect();
        parts.push(choice(Choice::new("cual", "Se confunde con otros: ¿cuál es?", unsaid("Elija", options))));
    }
    parts.extend([
        choice(Choice::new("accion", "Qué se hace", actions)),
        field(
            Field::text("presentacion", "Presentación")
                .help("Por ejemplo: tableta de 500 mg, caja con 20")
                .offers(presentations(posted.get("medicamento")))
                .max(200),
        ),
        field(Field::text("dosis", "Dosis").width("w-10").help("Por ejemplo: 500, 2.5 o 1/2")),
        choice(Choice::new("unidad", "Unidad", units)),
        choice(Choice::new("via", "Vía", routes)),
        choice(Choice::new("periodicidad", "Periodicidad", frequencies(posted.get("periodicidad")))),
        field(Field::text("esquema", "Otro esquema").help("Si eligió «otro esquema»").max(300).optional()),
        field(Field::text("duracion", "Duración en días").width("w-10").mode("numeric").optional()),
        field(Field::text("cantidad", "Cantidad a surtir").help(quantity_help(posted)).max(200).optional()),
        field(Field::text("marca", "Denominación distintiva").max(200).optional()),
        field(Field::text("indicaciones", "Indicaciones").max(600).optional()),
    ]);
    parts.extend(pharmacy_parts(posted, errors));
    parts
}

/// What only the pharmacy needs.
fn pharmacy_parts(posted: &Posted, errors: &[FieldError]) -> Vec<Part> {
    let field = |field: Field| Part::Field(Box::new(field.from(posted, errors)));
    let check = |name, label| Part::Check(Check::new(name, label, posted.ticked(name)));
    let mut fractions = vec![(String::new(), "No se sabe: según la sustancia".to_owned())];
    fractions.extend(coded(Fraction::ALL, Fraction::code, Fraction::label));
    let fraction = Choice::new("fraccion", "Fracción que dice la caja", fractions).optional();
    vec![
        Part::Choice(fraction.from(posted, errors)),
        field(
            Field::text("veces", "Veces que se surte")
                .width("w-10")
                .mode("numeric")
                .help("Fracción III, hasta 3; fracción IV, las que usted indique. La cantidad es la de cada vez")
                .optional(),
        ),
        field(
            Field::text("folio_especial", "Folio de la receta especial")
                .help("Fracción I: el de la receta con código de barras")
                .max(40)
                .optional(),
        ),
        check("por_razon", "Solo si lo necesita"),
        check("sustituir", "La farmacia puede dar otra marca"),
    ]
}

/// What happens with the quantity when the field stays empty.
fn quantity_help(posted: &Posted) -> String {
    let Ok(request) = line(posted) else { return "Por ejemplo: una caja".to_owned() };
    let computed = MedicationRequest { quantity: None, ..request };
    match (computed.to_dispense(), supply(&computed)) {
        (Some(quantity), _) => format!("Si la deja vacía, la calculada: {}", quantity.text),
        (None, Err(why)) => why.to_string(),
        (None, Ok(_)) => "Por ejemplo: una caja".to_owned(),
    }
}

fn frequencies(current: &str) -> Vec<(String, String)> {
    let mut hours: Vec<u16> = vec![4, 6, 8, 12, 24, 48, 72, 168];
    if let Ok(own) = interval_hours(current)
        && !hours.contains(&own)
    {
        hours.push(own);
        hours.sort_unstable();
    }
    let mut options = vec![(String::new(), "Sin indicar".to_owned())];
    options.extend(hours.into_iter().map(|n| (n.to_string(), Frequency::EveryHours(n).to_string())));
    options.push(("unica".to_owned(), Frequency::Once.to_string()));
    options.push(("esquema".to_owned(), "otro esquema".to_owned()));
    options
}

/// Reads a line back. Of a medicine that is easily taken for another, the form has to say which one is meant; a line that
/// stops one needs no such care.
///
/// # Errors
/// Every field to correct, with what to do.
pub(super) fn medicine(posted: &Posted) -> Result<MedicationRequest, Vec<FieldError>> {
    let mut request = line(posted)?;
    let alike = alike_names(&request.medicine);
    let Some((own, others)) = alike.split_first().filter(|_| request.action != RequestAction::Stop) else {
        return Ok(request);
    };
    let said = posted.get("cual");
    match others.iter().find(|other| **other == said) {
        Some(other) => {
            request.medicine = (*other).to_owned();
            request.brand = None;
        }
        None if said == *own => {}
        None => {
            let message = format!("Confirme el nombre: {own} se confunde con {}", others.join(", "));
            return Err(vec![FieldError::new("cual", message)]);
        }
    }
    Ok(request)
}

/// The fields of a line as they were filled in.
fn line(posted: &Posted) -> Result<MedicationRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let text = |name: &str| posted.filled(name).map(str::to_owned);
    let action = RequestAction::from_code(posted.get("accion")).unwrap_or(RequestAction::Start);
    let mut request = MedicationRequest::named(posted.filled("medicamento").unwrap_or(""), action);
    if request.medicine.is_empty() {
        errors.push(FieldError::new("medicamento", "Escriba el nombre genérico del medicamento"));
    }
    let mut keep = |error: FieldError| errors.push(error);
    request.dose = dose(posted).map_err(&mut keep).ok().flatten();
    request.frequency = frequency(posted).map_err(&mut keep).ok().flatten();
    if let Some(days) = posted.filled("duracion") {
        request.duration_days =
            duration_days(days).map_err(|why| keep(FieldError::new("duracion", why))).ok();
    }
    request.route = Route::from_code(posted.get("via"));
    request.brand = text("marca");
    request.presentation = text("presentacion");
    request.quantity = text("cantidad");
    request.instructions = text("indicaciones");
    request.as_needed = posted.ticked("por_razon");
    request.dispensing = Dispensing {
        fraction: Fraction::from_code(posted.get("fraccion")),
        fills: fills(posted).map_err(&mut keep).ok().flatten(),
        may_substitute: posted.ticked("sustituir"),
        special_folio: text("folio_especial"),
    };
    if errors.is_empty() { Ok(request) } else { Err(errors) }
}

fn fills(posted: &Posted) -> Result<Option<u8>, FieldError> {
    let Some(text) = posted.filled("veces") else { return Ok(None) };
    let fills = text.parse().ok().filter(|fills: &u8| (1..=24).contains(fills));
    let wrong = || FieldError::new("veces", "Escriba cuántas veces se surte, de 1 a 24");
    fills.map(Some).ok_or_else(wrong)
}

fn frequency(posted: &Posted) -> Result<Option<Frequency>, FieldError> {
    match (posted.get("periodicidad").trim(), posted.filled("esquema")) {
        ("", _) => Ok(None),
        ("esquema", None) => Err(FieldError::new(
            "esquema",
            "Escriba el esquema, por ejemplo «una en la mañana y dos en la noche»",
        )),
        ("esquema", Some(words)) => Ok(Some(Frequency::Schedule(words.to_owned()))),
        ("unica", _) => Ok(Some(Frequency::Once)),
        (hours, _) => interval_hours(hours)
            .map(|hours| Some(Frequency::EveryHours(hours)))
            .map_err(|why| FieldError::new("periodicidad", why)),
    }
}

fn dose(posted: &Posted) -> Result<Option<Dose>, FieldError> {
    let Some(text) = posted.filled("dosis") else { return Ok(None) };
    let amount = dose_amount(text).map_err(|why| FieldError::new("dosis", why))?;
    let Some(unit) = DoseUnit::from_code(posted.get("unidad")) else {
        return Err(FieldError::new("unidad", "Elija la unidad de la dosis"));
    };
    Dose::new(amount, unit).map(Some).map_err(|error| FieldError::new("dosis", error))
}
