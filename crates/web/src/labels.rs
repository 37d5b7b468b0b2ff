//! Spanish words for the values of the code that do not carry them already.

use clinical::encounter::AppointmentState;
use clinical::transcript::Speaker;

/// Where a planned visit stands, in the words of the agenda.
#[must_use]
pub fn visit_state(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Booked => "Pedida",
        AppointmentState::Confirmed => "Confirmada",
        AppointmentState::Arrived => "Llegó",
        AppointmentState::InConsultation => "En consulta",
        AppointmentState::Finished => "Terminada",
        AppointmentState::NoShow => "No asistió",
        AppointmentState::Cancelled => "Cancelada",
    }
}

/// Who spoke, on screen.
#[must_use]
pub fn speaker(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Doctor => "Médico",
        Speaker::Patient => "Paciente",
        Speaker::Companion => "Acompañante",
        Speaker::Unknown => "No se sabe",
    }
}

/// Name of a speaker in class names of the style sheet.
#[must_use]
pub fn speaker_class(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Doctor => "doctor",
        Speaker::Patient => "patient",
        Speaker::Companion => "companion",
        Speaker::Unknown => "unknown",
    }
}

/// Where a planned visit stands.
#[must_use]
pub fn appointment_state(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Booked => "Por llegar",
        AppointmentState::Confirmed => "Confirmada",
        AppointmentState::Arrived => "En sala",
        AppointmentState::InConsultation => "En consulta",
        AppointmentState::Finished => "Atendida",
        AppointmentState::NoShow => "No llegó",
        AppointmentState::Cancelled => "Cancelada",
    }
}

/// The severity word of an alert, capitalised.
#[must_use]
pub fn severity(code: &str) -> &'static str {
    match code {
        "contraindicada" => "Contraindicada",
        "mayor" => "Mayor",
        "moderada" => "Moderada",
        "menor" => "Menor",
        "informativa" => "Informativa",
        _ => "No verificado",
    }
}
