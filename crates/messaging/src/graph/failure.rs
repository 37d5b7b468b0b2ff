//! What an error of the Graph API means and what to do about it: one function for answers and for statuses that come later.

use jiff::SignedDuration;

/// What is wrong with the account or its number, and stops it until a person mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The token is bad or has ended.
    Token,
    /// The token may not do this.
    Permission,
    /// Payment, lock, policy or country.
    Account,
    /// The number is not registered.
    Number,
    /// The number is restricted because people reported it.
    Reported,
    /// The server of e-mail does not let us in.
    Mail,
}

impl Alarm {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::Permission, Self::Account, Self::Number, Self::Reported, Self::Mail];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Permission => "permission",
            Self::Account => "account",
            Self::Number => "number",
            Self::Reported => "reported",
            Self::Mail => "mail",
        }
    }

    /// Reads [`Alarm::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alarm| alarm.code() == code)
    }

    /// What the owner is told.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Token => {
                "La clave de acceso a WhatsApp (token) no sirve o venció: genere otra en Meta y escríbala en la configuración"
            }
            Self::Permission => {
                "La clave de acceso a WhatsApp no tiene permiso para enviar mensajes: revise los permisos del usuario del sistema en Meta"
            }
            Self::Account => {
                "Meta detuvo la cuenta de WhatsApp (pago, bloqueo o política): revise la cuenta en el Administrador de WhatsApp"
            }
            Self::Number => "El número de WhatsApp del consultorio no está registrado: regístrelo en Meta",
            Self::Reported => {
                "Meta restringió el número porque varias personas lo reportaron: revise a quién se le escribe"
            }
            Self::Mail => {
                "El servidor de correo no acepta el usuario o la contraseña: corríjalos en la sección [mail] de la configuración"
            }
        }
    }
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Trouble at Meta or on the way: again, for up to six hours.
    Transient,
    /// Too fast: again, more slowly.
    RateLimit,
    /// Too many messages to this person: one in six seconds.
    SamePerson,
    /// Everything from this number stops.
    Stop(Alarm),
    /// The person cannot be reached this way.
    Undeliverable,
    /// The window of the conversation is closed: the template must be used.
    WindowClosed,
    /// Meta held it back to protect the person.
    Withheld,
    /// The person asked Meta for no more messages.
    OptedOut,
    /// The template cannot be used.
    Template,
    /// Our request is wrong, or this kind of message cannot be sent: a programmer's matter.
    Ours,
}

/// Stands for a code where the answer had none; Meta's own codes are never negative.
pub const NO_CODE: i64 = -1;

/// What Meta says went wrong. Its words are not kept: they may hold a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// The code of Meta, or [`NO_CODE`].
    pub code: i64,
    /// What it means.
    pub class: Class,
}

impl Failure {
    /// What a code means; `status` is that of the HTTP answer, 200 for a status that came later.
    #[must_use]
    pub fn of(code: i64, status: u16) -> Self {
        Self { code, class: class(code, status) }
    }

    /// What happened, for the person who looks at a message that was not sent.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.class {
            Class::Transient => "WhatsApp no respondió a tiempo",
            Class::RateLimit => "WhatsApp pidió enviar más despacio",
            Class::SamePerson => "Se enviaron muchos mensajes seguidos a esta persona",
            Class::Stop(alarm) => alarm.label(),
            Class::Undeliverable => "Este número no recibe mensajes de WhatsApp: llame por teléfono",
            Class::WindowClosed => "Pasaron más de 24 horas desde su último mensaje",
            Class::Withheld => "WhatsApp no entregó el mensaje a esta persona para no saturarla",
            Class::OptedOut => "La persona pidió a WhatsApp no recibir más mensajes de este número",
            Class::Template => {
                "La plantilla del mensaje no está aprobada o cambió: revísela en Meta y llame por teléfono"
            }
            Class::Ours => "WhatsApp rechazó el mensaje; avise a quien le da soporte y llame por teléfono",
        }
    }
}

/// Section 6 of the reference, code by code.
fn class(code: i64, status: u16) -> Class {
    match code {
        0 | 190 => Class::Stop(Alarm::Token),
        3 | 10 | 200..=299 => Class::Stop(Alarm::Permission),
        4 | 80007 | 130_429 => Class::RateLimit,
        131_056 => Class::SamePerson,
        131_048 => Class::Stop(Alarm::Reported),
        1 | 2 | 131_000 | 131_016 | 131_057 | 133_004 => Class::Transient,
        131_026 | 131_030 => Class::Undeliverable,
        131_047 => Class::WindowClosed,
        131_049 | 130_472 => Class::Withheld,
        131_050 => Class::OptedOut,
        132_000..=132_999 => Class::Template,
        131_042 | 131_031 | 368 | 130_497 => Class::Stop(Alarm::Account),
        133_010 => Class::Stop(Alarm::Number),
        131_008 | 131_009 | 100 | 33 | 131_051..=131_053 => Class::Ours,
        _ => match status {
            401 => Class::Stop(Alarm::Token),
            403 => Class::Stop(Alarm::Permission),
            429 => Class::RateLimit,
            500.. => Class::Transient,
            _ => Class::Ours,
        },
    }
}

/// Longest pause between two tries.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// How long Meta's trouble is waited out before a person is told.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(6);

impl Class {
    /// How long to wait before the next try, `None` where there is none. `attempts` counts those made, `jitter` is a random
    /// number that spreads tries by up to a half.
    #[must_use]
    pub fn pause(self, attempts: u32, jitter: u16) -> Option<SignedDuration> {
        let first = match self {
            Self::Transient | Self::RateLimit => 2_000,
            Self::SamePerson => 6_000,
            // Sent again at once, as a template or to the other form of the number; only the first time.
            Self::WindowClosed | Self::Undeliverable if attempts <= 1 => return Some(SignedDuration::ZERO),
            _ => return None,
        };
        let doubled = SignedDuration::from_millis(first << attempts.saturating_sub(1).min(12)).min(LONGEST);
        let spread = doubled.as_millis() * i128::from(jitter) / (2 * i128::from(u16::MAX));
        Some(doubled + SignedDuration::from_millis(i64::try_from(spread).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_reference_has_its_class() {
        let cases: [(&[i64], Class); 12] = [
            (&[190], Class::Stop(Alarm::Token)),
            (&[3, 10, 200, 299], Class::Stop(Alarm::Permission)),
            (&[4, 80007, 130_429], Class::RateLimit),
            (&[131_056], Class::SamePerson),
            (&[131_048], Class::Stop(Alarm::Reported)),
            (&[1, 2, 131_000, 131_016, 131_057, 133_004], Class::Transient),
            (&[131_026, 131_030], Class::Undeliverable),
            (&[131_047], Class::WindowClosed),
            (&[131_049, 130_472], Class::Withheld),
            (&[131_050], Class::OptedOut),
            (&[132_000, 132_001, 132_005, 132_007, 132_012, 132_015, 132_016], Class::Template),
            (&[131_008, 131_009, 100, 33, 131_051, 131_052, 131_053], Class::Ours),
        ];
        for (codes, class) in cases {
            for code in codes {
                assert_eq!(Failure::of(*code, 400).class, class, "{code}");
                assert_eq!(Failure::of(*code, 200).class, class, "{code}, told by a status");
            }
        }
        for code in [131_042, 131_031, 368, 130_497] {
            assert_eq!(Failure::of(code, 400).class, Class::Stop(Alarm::Account), "{code}");
        }
        assert_eq!(Failure::of(133_010, 400).class, Class::Stop(Alarm::Number));
        assert_eq!(Failure::of(0, 401).class, Class::Stop(Alarm::Token));
        assert_eq!(Failure::of(NO_CODE, 401).class, Class::Stop(Alarm::Token));
        assert_eq!(Failure::of(NO_CODE, 503).class, Class::Transient);
        assert_eq!(Failure::of(NO_CODE, 429).class, Class::RateLimit);
        assert_eq!(Failure::of(999_999, 400).class, Class::Ours);
    }

    #[test]
    fn tries_come_further_and_further_apart_and_never_further_than_a_quarter_of_an_hour_and_a_half_of_it() {
        assert_eq!(Class::RateLimit.pause(1, 0), Some(SignedDuration::from_secs(2)));
        assert_eq!(Class::RateLimit.pause(3, 0), Some(SignedDuration::from_secs(8)));
        assert_eq!(Class::Transient.pause(40, 0), Some(LONGEST));
        assert!(Class::Transient.pause(40, u16::MAX) <= Some(SignedDuration::from_secs(1350)));
        assert_eq!(Class::SamePerson.pause(1, 0), Some(SignedDuration::from_secs(6)));
        assert_eq!(Class::Undeliverable.pause(1, 0), Some(SignedDuration::ZERO));
        assert_eq!(Class::Undeliverable.pause(2, 0), None);
        assert_eq!(Class::Template.pause(1, 0), None);
    }
}
