//! What of a visit a professional lets their telephone's calendar show.
//!
//! A calendar program hands what it reads to whoever runs it, so a closed list: nothing, the service, or the service and the
//! initials. Names, reasons and telephones are in none.

use crate::encounter::Appointment;
use crate::patient::Patient;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// That the time is taken.
    Busy,
    /// The service and the room.
    Service,
    /// The service, the room and the initials of the patient.
    Initials,
}

impl Shown {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Busy, Self::Service, Self::Initials];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Service => "service",
            Self::Initials => "initials",
        }
    }

    /// Reads [`Shown::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Busy => "Solo «Ocupado»",
            Self::Service => "El servicio y el consultorio",
            Self::Initials => "El servicio, el consultorio y las iniciales del paciente",
        }
    }

    /// What the calendar says of a visit. `patient` only of who may be seen by its owner.
    #[must_use]
    pub fn title(self, visit: &Appointment, patient: Option<&Patient>) -> String {
        match (self, patient) {
            (Self::Busy, _) => "Ocupado".to_owned(),
            (Self::Initials, Some(patient)) => {
                format!("{}, {}", visit.service, initials(&patient.full_name()))
            }
            (Self::Service | Self::Initials, _) => visit.service.clone(),
        }
    }
}

fn initials(name: &str) -> String {
    let first = name.split_whitespace().filter_map(|word| word.chars().next());
    first.filter(|letter| letter.is_uppercase()).map(|letter| format!("{letter}.")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_leave_out_the_small_words_of_a_name() {
        assert_eq!(initials("María de la Luz Olmo Ñandú"), "M.L.O.Ñ.");
    }
}
