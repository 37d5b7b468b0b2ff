//! ARCO: what a person asks about their own data, and the steps by which it is answered (LFPDPPP 21 to 34; legal
//! reference 4.1). Request and steps are only added; state and terms follow from them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::business_days::BusinessDays;
use crate::consent::ConsentPurpose;
use crate::demographics::coded;
use crate::ids::{ArcoId, DeliveryId, DocumentId, PatientId};

/// Business days to answer a request; once more the same with an extension (LFPDPPP 31).
pub const ANSWER_DAYS: u32 = 20;
/// Business days to carry out what was granted; once more the same with an extension (LFPDPPP 31).
pub const EXECUTION_DAYS: u32 = 15;
/// Business days before a term from which on a request is warned about.
pub const WARNING_DAYS: i64 = 5;

coded!(
    /// Which right is invoked.
    ArcoRight {
        /// Acceso (LFPDPPP 22).
        Access = "access", "Acceso";
        /// Rectificación (LFPDPPP 23).
        Rectification = "rectification", "Rectificación";
        /// Cancelación (LFPDPPP 24).
        Cancellation = "cancellation", "Cancelación";
        /// Oposición (LFPDPPP 26).
        Opposition = "opposition", "Oposición";
        /// Withdrawal of a consent (LFPDPPP 7).
        Revocation = "revocation", "Revocación del consentimiento";
    }
);

coded!(
    /// How a request is decided.
    Outcome {
        /// All of it is granted.
        Granted = "granted", "Procedente";
        /// A part of it is granted.
        Partial = "partial", "Procedente en parte";
        /// Nothing of it is granted.
        Refused = "refused", "Improcedente";
    }
);

coded!(
    /// Why a request is refused, wholly or in part.
    RefusalGround {
        /// The record must be kept.
        Conservation = "conservation", "El expediente clínico debe conservarse";
        /// Prevention, diagnosis or management of health services under professional secrecy.
        HealthCare = "health_care", "Los datos son necesarios para la atención médica, bajo secreto profesional";
        /// What is signed is not changed: a nota aclaratoria is added.
        Signed = "signed", "Lo firmado no se modifica: se agrega una nota aclaratoria";
        /// A law forbids or demands it otherwise.
        Law = "law", "Una disposición legal lo impide";
        /// Judicial or tax proceedings.
        Proceedings = "proceedings", "Hay un procedimiento judicial o fiscal";
        /// The data of the contract.
        Contract = "contract", "Los datos son necesarios para cumplir un contrato";
        /// Identity or representation was not proven.
        Identity = "identity", "No se acreditó la identidad o la representación";
        /// There are no data of that person here.
        NoData = "no_data", "No hay datos de esa persona en este establecimiento";
    }
);

impl RefusalGround {
    /// Where it stands; nothing where the text was not at hand.
    #[must_use]
    pub fn citation(self) -> &'static str {
        match self {
            Self::Conservation => "NOM-004-SSA3-2012, numeral 5.4; LFPDPPP, artículo 25",
            Self::HealthCare => "LFPDPPP, artículo 25, fracción VII",
            Self::Law | Self::Proceedings | Self::Contract => "LFPDPPP, artículo 25",
            Self::Signed | Self::Identity | Self::NoData => "LFPDPPP, artículo 33",
        }
    }
}

/// Who asks: the person whose data they are, or somebody for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Requester {
    /// The titular.
    Holder,
    /// A representative, with the paper that proves it.
    Representative {
        /// Name.
        name: String,
        /// The paper.
        proof: String,
    },
}

/// What a request says (LFPDPPP 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcoContent {
    /// The right invoked.
    pub right: ArcoRight,
    /// Name of the titular.
    pub holder: String,
    /// Who asks.
    pub requester: Requester,
    /// Document that proved the identity of who asks.
    pub identity: String,
    /// Address or other means for the answer.
    pub reply_to: String,
    /// The data and what is asked about them, without clinical detail.
    pub description: String,
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArcoRequest {
    /// Identifies it.
    pub id: ArcoId,
    /// Folio, from 1.
    pub number: i64,
    /// The record it is about, if there is one.
    pub patient_id: Option<PatientId>,
    /// The day it was received: its terms run from here.
    pub received_on: Date,
    /// What it says.
    pub content: ArcoContent,
    /// Name on screens of who received it.
    pub by_name: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// What was done in the record to carry out a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum Done {
    /// Copies were given.
    Delivered {
        /// The delivery.
        delivery: DeliveryId,
    },
    /// A nota aclaratoria was signed; what it corrects stays.
    Addendum {
        /// The addendum.
        document: DocumentId,
    },
    /// The data of identity were corrected; the earlier ones are kept.
    IdentityCorrected,
    /// Consents were withdrawn.
    ConsentsWithdrawn {
        /// For which purposes.
        purposes: Vec<ConsentPurpose>,
    },
}

/// One step of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ArcoStep {
    /// More data were asked for.
    DataNeeded {
        /// Which.
        what: String,
    },
    /// They came.
    DataReceived,
    /// The term to answer was extended, once.
    AnswerExtended {
        /// Why.
        reason: String,
    },
    /// It was decided and the person told.
    Answered {
        /// How.
        outcome: Outcome,
        /// Why not, where not all was granted.
        ground: Option<RefusalGround>,
        /// From when the data could be looked at again, where they must be kept.
        kept_until: Option<Date>,
        /// The answer in words.
        text: String,
    },
    /// The term to carry it out was extended, once.
    ExecutionExtended {
        /// Why.
        reason: String,
    },
    /// What was granted was done.
    Executed {
        /// What.
        done: Done,
    },
    /// The person no longer asks.
    Withdrawn {
        /// In their words.
        reason: String,
    },
}

impl ArcoStep {
    /// The words on screens.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::DataNeeded { .. } => "Se pidieron más datos",
            Self::DataReceived => "Llegaron los datos que faltaban",
            Self::AnswerExtended { .. } => "Se amplió el plazo para responder",
            Self::Answered { .. } => "Se respondió",
            Self::ExecutionExtended { .. } => "Se amplió el plazo para hacerlo efectivo",
            Self::Executed { .. } => "Se hizo efectivo",
            Self::Withdrawn { .. } => "La persona desistió",
        }
    }
}

/// A step with its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedStep {
    /// Local day.
    pub on: Date,
    /// What was done.
    pub step: ArcoStep,
    /// Name on screens of who did it.
    pub by_name: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArcoState {
    /// Waits for the answer.
    Received,
    /// Waits for data of the person; the term runs on.
    WaitingForData,
    /// Was granted, wholly or in part, and waits to be carried out.
    ToExecute,
    /// Was refused.
    Refused,
    /// Was carried out.
    Executed,
    /// Was withdrawn.
    Withdrawn,
}

impl ArcoState {
    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "Por responder",
            Self::WaitingForData => "Faltan datos de la persona",
            Self::ToExecute => "Por hacer efectivo",
            Self::Refused => "Respondida: improcedente",
            Self::Executed => "Hecho efectivo",
            Self::Withdrawn => "Desistida",
        }
    }
}

/// Why a step cannot be the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedStep {
    /// It was answered, withdrawn or carried out.
    #[error("La solicitud ya se respondió o se cerró")]
    Closed,
    /// There is nothing granted to carry out.
    #[error("Primero responda la solicitud: solo se hace efectivo lo que procede")]
    NothingGranted,
    /// Nothing was asked for.
    #[error("No se habían pedido más datos")]
    NothingAsked,
    /// Extensions are given once.
    #[error("El plazo solo puede ampliarse una vez (LFPDPPP, artículo 31)")]
    ExtendedBefore,
    /// The term is over.
    #[error("El plazo ya venció: no se puede ampliar")]
    Overdue,
}

/// What follows from a request and its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub state: ArcoState,
    received_on: Date,
    answered_on: Option<Date>,
    answer_extended: bool,
    execution_extended: bool,
}

impl Progress {
    /// Reads the steps in their order.
    #[must_use]
    pub fn of(received_on: Date, steps: &[DatedStep]) -> Self {
        let mut progress = Self {
            state: ArcoState::Received,
            received_on,
            answered_on: None,
            answer_extended: false,
            execution_extended: false,
        };
        for DatedStep { on, step, .. } in steps {
            match step {
                ArcoStep::DataNeeded { .. } => progress.state = ArcoState::WaitingForData,
                ArcoStep::DataReceived => progress.state = ArcoState::Received,
                ArcoStep::AnswerExtended { .. } => progress.answer_extended = true,
                ArcoStep::Answered { outcome, .. } => {
                    let refused = *outcome == Outcome::Refused;
                    progress.state = if refused { ArcoState::Refused } else { ArcoState::ToExecute };
                    progress.answered_on = Some(*on);
                }
                ArcoStep::ExecutionExtended { .. } => progress.execution_extended = true,
                ArcoStep::Executed { .. } => progress.state = ArcoState::Executed,
                ArcoStep::Withdrawn { .. } => progress.state = ArcoState::Withdrawn,
            }
        }
        progress
    }

    /// The last day to answer.
    #[must_use]
    pub fn answer_due(&self, calendar: &BusinessDays) -> Date {
        calendar.after(self.received_on, ANSWER_DAYS * (1 + u32::from(self.answer_extended)))
    }

    /// The last day to carry out what was granted; `None` while nothing is.
    #[must_use]
    pub fn execution_due(&self, calendar: &BusinessDays) -> Option<Date> {
        let days = EXECUTION_DAYS * (1 + u32::from(self.execution_extended));
        let granted = matches!(self.state, ArcoState::ToExecute | ArcoState::Executed);
        self.answered_on.filter(|_| granted).map(|on| calendar.after(on, days))
    }

    /// The term that runs now.
    #[must_use]
    pub fn due(&self, calendar: &BusinessDays) -> Option<Date> {
        match self.state {
            ArcoState::Received | ArcoState::WaitingForData => Some(self.answer_due(calendar)),
            ArcoState::ToExecute => self.execution_due(calendar),
            ArcoState::Refused | ArcoState::Executed | ArcoState::Withdrawn => None,
        }
    }

    /// Whether this may be the next step.
    ///
    /// # Errors
    /// [`RefusedStep`] says why not.
    pub fn allows(&self, step: &ArcoStep, today: Date, calendar: &BusinessDays) -> Result<(), RefusedStep> {
        let open = matches!(self.state, ArcoState::Received | ArcoState::WaitingForData);
        let granted = self.state == ArcoState::ToExecute;
        let late = self.due(calendar).is_some_and(|due| today > due);
        match step {
            ArcoStep::DataReceived if self.state == ArcoState::Received => Err(RefusedStep::NothingAsked),
            ArcoStep::AnswerExtended { .. } if open && self.answer_extended => {
                Err(RefusedStep::ExtendedBefore)
            }
            ArcoStep::ExecutionExtended { .. } if granted && self.execution_extended => {
                Err(RefusedStep::ExtendedBefore)
            }
            ArcoStep::AnswerExtended { .. } | ArcoStep::ExecutionExtended { .. } if late => {
                Err(RefusedStep::Overdue)
            }
            ArcoStep::ExecutionExtended { .. } | ArcoStep::Executed { .. } if !granted => {
                Err(if open { RefusedStep::NothingGranted } else { RefusedStep::Closed })
            }
            ArcoStep::ExecutionExtended { .. } | ArcoStep::Executed { .. } => Ok(()),
            ArcoStep::Withdrawn { .. } if granted => Ok(()),
            _ if open => Ok(()),
            _ => Err(RefusedStep::Closed),
        }
    }
}

#[cfg(test)]
mod tests;
