//! Information of a record that was given to somebody: to whom, on which ground, what and when. Never changed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::demographics::coded;
use crate::digest::Digest;
use crate::ids::{AttachmentId, DeliveryId, DocumentId, PatientId};

coded!(
    /// Who receives information of a record.
    Recipient {
        /// The patient.
        Patient = "patient", "El paciente";
        /// Parent, tutor or legal representative.
        Representative = "representative", "Padre, madre, tutor o representante legal";
        /// A physician the patient authorised.
        Physician = "physician", "Médico autorizado por el paciente";
        /// Another establishment that cares for the patient.
        Establishment = "establishment", "Otro establecimiento de salud";
        /// An insurer.
        Insurer = "insurer", "Aseguradora";
        /// Any other third party the patient asks it for.
        ThirdParty = "third_party", "Otra persona o institución que el paciente pide";
        /// An authority that orders it.
        Authority = "authority", "Autoridad que lo ordena por escrito";
        /// The health authority, notified of a disease under surveillance.
        HealthAuthority = "health_authority", "Autoridad sanitaria: notificación epidemiológica";
        /// The Ministerio Público, notified of injuries and the like.
        Prosecutor = "prosecutor", "Ministerio Público: aviso";
        /// Another duty a law imposes.
        OtherDuty = "other_duty", "Otra entrega que una ley ordena";
    }
);

/// What the ground of a delivery asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// A written request, attached.
    WrittenRequest,
    /// A written order of an authority, attached.
    Order,
    /// The law itself: no paper is needed.
    Law,
}

impl Recipient {
    /// What has to be there before anything is given.
    #[must_use]
    pub fn ground(self) -> Ground {
        match self {
            Self::Patient
            | Self::Representative
            | Self::Physician
            | Self::Establishment
            | Self::Insurer
            | Self::ThirdParty => Ground::WrittenRequest,
            Self::Authority => Ground::Order,
            Self::HealthAuthority | Self::Prosecutor | Self::OtherDuty => Ground::Law,
        }
    }

    /// Where that stands; only places whose text was read or confirmed (reference: nom-004 2, legal 4.1 and 8.1).
    #[must_use]
    pub fn citation(self) -> &'static str {
        match self {
            Self::Patient | Self::Representative => "NOM-004-SSA3-2012, numeral 5.6",
            Self::Physician | Self::Establishment | Self::Insurer | Self::ThirdParty => {
                "NOM-004-SSA3-2012, numeral 5.5.1"
            }
            Self::Authority => "LFPDPPP, artículo 9, fracción VII",
            Self::HealthAuthority => "Ley General de Salud, artículos 136 a 138",
            Self::Prosecutor => "NOM-004-SSA3-2012, numeral 10.3",
            Self::OtherDuty => "LFPDPPP, artículo 9, fracción I",
        }
    }
}

coded!(
    /// How it was given.
    DeliveryMeans {
        /// On paper, in hand.
        Paper = "paper", "Impreso, en mano";
        /// As files, in hand.
        Files = "files", "Archivos, en mano";
        /// Sent or filed elsewhere: a letter, a form of the authority.
        Sent = "sent", "Enviado o presentado por otro medio";
    }
);

/// The written request or order behind a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenRequest {
    /// Who signs it.
    pub by: String,
    /// The reason it states (NOM-004 5.6).
    pub reason: String,
    /// Its day.
    pub on: Date,
    /// The paper itself, a file of the record.
    pub attachment: AttachmentId,
}

/// On what a delivery rests. There is none without one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Basis {
    /// A request or an order in writing.
    Written(WrittenRequest),
    /// A duty of the law: what is notified or which provision orders it.
    Duty {
        /// In words.
        about: String,
    },
}

/// A signed document that was given, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The document.
    pub id: DocumentId,
    /// Its title and date.
    pub title: String,
    /// SHA-256 of its PDF.
    pub pdf_digest: Digest,
}

/// What was given to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryContent {
    /// Who receives it.
    pub recipient: Recipient,
    /// On what it rests.
    pub basis: Basis,
    /// Name of the person or office that received it.
    pub received_by: String,
    /// How they proved who they are.
    pub identification: Option<String>,
    /// The signed documents.
    pub documents: Vec<Delivered>,
    /// What else: copies of files, a form of the authority.
    pub other: Option<String>,
    /// How.
    pub means: DeliveryMeans,
    /// The day it was given.
    pub on: Date,
}

/// A delivery as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Identifies it.
    pub id: DeliveryId,
    /// Folio, from 1.
    pub number: i64,
    /// Whose record.
    pub patient_id: PatientId,
    /// What it says.
    pub content: DeliveryContent,
    /// Name on screens of who gave it.
    pub by_name: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// That the entry is wrong: who said so, when and why. It stays, marked.
    pub voided: Option<(String, Timestamp, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_law_itself_orders_goes_out_without_a_paper() {
        for recipient in Recipient::ALL {
            let by_law = matches!(
                recipient,
                Recipient::HealthAuthority | Recipient::Prosecutor | Recipient::OtherDuty
            );
            assert_eq!(recipient.ground() == Ground::Law, by_law, "{recipient:?}");
            assert!(!recipient.citation().contains("Art."), "{recipient:?}");
        }
    }
}
