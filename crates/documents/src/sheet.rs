//! The sheet for the patient: what to do with each medicine of a receta, in plain words and large print.

use clinical::calendar::{long_date, month};
use clinical::document::{DocumentBody, DocumentContent};
use clinical::medication::{Frequency, MedicationRequest};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use crate::dates::{local, time_zone};
use crate::error::Error;
use crate::logo::Logo;
use crate::medicines::{capitalised, sentence};
use crate::renderer::RenderContext;
use crate::view::cancelled;

/// The sheet as its template lays it out.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    /// Tells the entry template which layout it is.
    sheet: bool,
    file_title: String,
    author: Author,
    logo: Option<&'static str>,
    establishment: Place,
    cancelled: Option<String>,
    patient: String,
    date: String,
    folio: String,
    medicines: Vec<Medicine>,
    instructions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Author {
    name: String,
}

#[derive(Debug, Serialize)]
struct Place {
    name: String,
    phone: Option<String>,
}

#[derive(Debug, Serialize)]
struct Medicine {
    name: String,
    /// "Tome media tableta, cada 8 horas, durante 5 días."
    what: String,
    /// "3 veces al día".
    often: Option<String>,
    /// "Último día: 14 de marzo de 2026".
    until: Option<String>,
}

/// Puts a receta into the patient's words.
pub(crate) fn sheet(content: &DocumentContent, ctx: &RenderContext) -> Result<Sheet, Error> {
    let DocumentBody::Prescription { folio, medication_requests, instructions, .. } = &content.body else {
        return Err(Error::NoPrescription);
    };
    let zone = time_zone(&content.establishment.time_zone)?;
    let day = local(content.signed_at, &zone).date();
    Ok(Sheet {
        sheet: true,
        file_title: format!("Indicaciones para el paciente, expediente {}", content.patient.record_number),
        author: Author { name: content.signer().full_name() },
        logo: ctx.logo.as_ref().map(Logo::file_name),
        establishment: Place {
            name: content.establishment.name.clone(),
            phone: content.establishment.phone.as_ref().map(ToString::to_string),
        },
        cancelled: ctx.cancelled.as_ref().map(|it| cancelled(it, &zone)),
        patient: content.patient.name.clone(),
        date: long_date(day),
        folio: folio.clone(),
        medicines: medication_requests.iter().map(|request| medicine(request, day)).collect(),
        instructions: instructions.iter().map(|text| sentence(text)).collect(),
    })
}

fn medicine(request: &MedicationRequest, day: Date) -> Medicine {
    let brand = request.brand.as_deref().map(|brand| format!(" ({brand})")).unwrap_or_default();
    let often = match request.frequency {
        Some(Frequency::EveryHours(hours)) => times_a_day(hours),
        _ => None,
    };
    // The first day counts: five days from the 9th end on the 13th.
    let last = request.duration_days.filter(|_| !request.as_needed).and_then(|days| {
        let days = i64::from(days).checked_sub(1)?;
        day.checked_add(days.days()).ok()
    });
    Medicine {
        name: capitalised(&format!("{}{brand}", request.medicine)),
        what: request.for_patient(),
        often,
        // By its date: the sheet may be printed again on another day.
        until: last.map(|last| {
            format!("Si empieza el {} de {}, termina el {}.", day.day(), month(day), long_date(last))
        }),
    }
}

/// "3 veces al día"; nothing where a day is not divided evenly.
fn times_a_day(hours: u16) -> Option<String> {
    match hours {
        24 => Some("Una vez al día.".to_owned()),
        1 | 2 | 3 | 4 | 6 | 8 | 12 => Some(format!("{} veces al día, también de noche si toca.", 24 / hours)),
        _ => None,
    }
}
