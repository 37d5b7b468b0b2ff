//! Consent as a record: what was asked, with which words, and what the patient said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::demographics::coded;
use crate::ids::{ConsentId, PatientId, UserId};

coded!(
    /// What a consent is for. One consent, one purpose (legal reference 4.1 and 7.5).
    ConsentPurpose {
        /// Aviso de privacidad and treatment of sensitive data (LFPDPPP 8).
        PrivacyNotice = "privacy_notice", "Aviso de privacidad y datos de salud";
        /// Recording the conversation to write the note.
        RecordConversation = "record_conversation", "Grabar la conversación para escribir la nota";
        /// Photographs for the record.
        Photograph = "photograph", "Fotografías para el expediente";
        /// Reminders by WhatsApp, or by a call.
        Messaging = "messaging", "Recordatorios por mensaje";
        /// Reminders by e-mail, agreed to apart.
        Email = "email", "Recordatorios por correo electrónico";
        /// Teaching, publication, research: only so that nobody recognises the patient (NOM-004 5.5).
        Teaching = "teaching", "Enseñanza, publicación o investigación";
    }
);

impl ConsentPurpose {
    /// What is asked, in the words of the page.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::PrivacyNotice => "Conoce el aviso de privacidad y acepta que se traten sus datos de salud.",
            Self::RecordConversation => {
                "Acepta que se grabe lo que se dice en la consulta, solo para escribir la nota."
            }
            Self::Photograph => "Acepta que se le tomen fotografías que se guardan en su expediente.",
            Self::Messaging => {
                "Acepta que este establecimiento le recuerde sus citas en su teléfono, por WhatsApp o con una llamada, sin datos clínicos."
            }
            Self::Email => {
                "Acepta que este establecimiento le recuerde sus citas por correo electrónico, sin datos clínicos."
            }
            Self::Teaching => {
                "Acepta que su caso se use para enseñar o publicar, sin que se le pueda reconocer."
            }
        }
    }
}

coded!(
    /// How the answer was given. Sensitive data need an express and written one (LFPDPPP 8).
    ConsentMeans {
        /// Signed by hand on the printed text.
        Paper = "paper", "Firma en papel";
        /// Given in front of the screen and recorded by the person who asked.
        Screen = "screen", "Ante la pantalla, después de leer el texto";
        /// Said and not written: not enough to treat sensitive data, enough to refuse or withdraw.
        Spoken = "spoken", "De palabra";
    }
);

/// A consent given or refused. A later record for the same purpose takes its place; none is ever changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Identifies the record.
    pub id: ConsentId,
    /// Whose.
    pub patient_id: PatientId,
    /// For what.
    pub purpose: ConsentPurpose,
    /// Version of the text that was shown.
    pub text_version: String,
    /// Given or refused.
    pub given: bool,
    /// How.
    pub means: ConsentMeans,
    /// Who answered when it was not the patient: name and capacity.
    pub answered_by: Option<String>,
    /// Who recorded the answer.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
    /// The words of the question as they were shown; `None` where they were not kept.
    pub asked: Option<String>,
    /// From when on it no longer counts; `None` until it is withdrawn.
    pub until: Option<Timestamp>,
}

impl Consent {
    /// Whether it is a yes to a text of this establishment that still counts. A yes that came with a record of another
    /// establishment names whose text it was, and was not given to this one.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        let own_text =
            !self.text_version.is_empty() && self.text_version.bytes().all(|byte| byte.is_ascii_digit());
        self.given && own_text && self.until.is_none_or(|until| now < until)
    }
}

/// A version of the aviso de privacidad. None is ever changed; a change is a new version (LFPDPPP 14 to 16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyNotice {
    /// From 1.
    pub version: i64,
    /// The text as the establishment wrote it.
    pub text: String,
    /// Name on screens of who published it.
    pub published_by: String,
    /// When.
    pub published_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_yes_counts_until_its_end_and_only_for_the_text_of_this_establishment() {
        let now = Timestamp::UNIX_EPOCH;
        let yes = Consent {
            id: ConsentId(Uuid::nil()),
            patient_id: PatientId(Uuid::nil()),
            purpose: ConsentPurpose::RecordConversation,
            text_version: "2".to_owned(),
            given: true,
            means: ConsentMeans::Screen,
            answered_by: None,
            recorded_by: UserId(Uuid::nil()),
            recorded_at: now,
            asked: None,
            until: None,
        };
        assert!(yes.is_live(now));
        assert!(!Consent { given: false, ..yes.clone() }.is_live(now));
        assert!(!Consent { until: Some(now), ..yes.clone() }.is_live(now));
        assert!(!Consent { text_version: "2 de Consultorio Fresno".to_owned(), ..yes }.is_live(now));
    }
}
