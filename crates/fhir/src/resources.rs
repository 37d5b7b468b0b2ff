//! The resources of FHIR R4 that a record is made of, with the elements we write.

use serde::{Deserialize, Serialize};

use crate::datatypes::{
    Address, Annotation, Attachment, CodeableConcept, Coding, ContactPoint, Decimal, Element, Extension,
    HumanName, Identifier, Narrative, Period, Quantity, Reference, resource,
};

resource! {
    /// The patient.
    Patient {
        id: one String, extension: many Extension, identifier: many Identifier, name: many HumanName,
        telecom: many ContactPoint, gender: one String, birth_date: one String,
        #[serde(rename = "_birthDate")] birth_date_element: one Element, address: many Address,
        multiple_birth_integer: one i64, communication: many Communication,
        managing_organization: one Reference,
    }
}
resource! {
    /// A language a patient speaks.
    Communication { language: one CodeableConcept, preferred: one bool }
}
resource! {
    /// Somebody who speaks for a patient.
    RelatedPerson {
        id: one String, extension: many Extension, active: one bool, patient: one Reference,
        relationship: many CodeableConcept, name: many HumanName, telecom: many ContactPoint, period: one Period,
    }
}
resource! {
    /// A professional.
    Practitioner {
        id: one String, extension: many Extension, identifier: many Identifier, name: many HumanName,
        qualification: many Qualification,
    }
}
resource! {
    /// A degree, a specialty or its certificate.
    Qualification {
        identifier: many Identifier, code: one CodeableConcept, period: one Period, issuer: one Reference,
    }
}
resource! {
    /// A professional in an establishment.
    PractitionerRole {
        id: one String, practitioner: one Reference, organization: one Reference, specialty: many CodeableConcept,
    }
}
resource! {
    /// An establishment.
    Organization {
        id: one String, extension: many Extension, identifier: many Identifier,
        #[serde(rename = "type")] kind: many CodeableConcept, name: one String, telecom: many ContactPoint,
        address: many Address,
    }
}
resource! {
    /// A consultation.
    Encounter {
        id: one String, extension: many Extension, status: one String, class: one Coding, subject: one Reference,
        participant: many Participant, period: one Period, reason_code: many CodeableConcept,
    }
}
resource! {
    /// Who takes part in a consultation.
    Participant { individual: one Reference }
}
resource! {
    /// An allergy, an intolerance, or that there is none.
    AllergyIntolerance {
        id: one String, extension: many Extension, clinical_status: one CodeableConcept,
        verification_status: one CodeableConcept, #[serde(rename = "type")] kind: one String,
        criticality: one String, code: one CodeableConcept, patient: one Reference, recorded_date: one String,
        reaction: many Reaction,
    }
}
resource! {
    /// How an allergy showed.
    Reaction { manifestation: many CodeableConcept, description: one String }
}
resource! {
    /// A problem or a diagnosis.
    Condition {
        id: one String, extension: many Extension, clinical_status: one CodeableConcept,
        verification_status: one CodeableConcept, category: many CodeableConcept, code: one CodeableConcept,
        subject: one Reference, encounter: one Reference, abatement_date_time: one String,
        recorded_date: one String,
    }
}
resource! {
    /// A medicine that is taken.
    MedicationStatement {
        id: one String, extension: many Extension, status: one String,
        medication_codeable_concept: one CodeableConcept, subject: one Reference, effective_period: one Period,
        date_asserted: one String, dosage: many Dosage,
    }
}
resource! {
    /// Something that was done for the patient.
    Procedure {
        id: one String, extension: many Extension, status: one String, code: one CodeableConcept,
        subject: one Reference, performed_date_time: one String,
    }
}
resource! {
    /// A line of a prescription.
    MedicationRequest {
        id: one String, extension: many Extension, status: one String, status_reason: one CodeableConcept,
        intent: one String, medication_codeable_concept: one CodeableConcept, subject: one Reference, encounter: one Reference,
        authored_on: one String, requester: one Reference, dosage_instruction: many Dosage,
    }
}
resource! {
    /// How a medicine is taken.
    Dosage {
        text: one String, patient_instruction: one String, timing: one Timing, as_needed_boolean: one bool,
        route: one CodeableConcept, dose_and_rate: many DoseAndRate,
    }
}
resource! {
    /// How much at a time.
    DoseAndRate { dose_quantity: one Quantity }
}
resource! {
    /// How often.
    Timing { repeat: one Repeat, code: one CodeableConcept }
}
resource! {
    /// How often, in numbers.
    Repeat {
        bounds_duration: one Quantity, count: one i64, frequency: one i64, period: one Decimal,
        period_unit: one String,
    }
}
resource! {
    /// A measurement or a result.
    Observation {
        id: one String, extension: many Extension, status: one String, category: many CodeableConcept,
        code: one CodeableConcept, subject: one Reference, encounter: one Reference,
        effective_date_time: one String, issued: one String, value_quantity: one Quantity,
        value_string: one String, interpretation: many CodeableConcept, note: many Annotation,
        reference_range: many ReferenceRange, component: many Component,
    }
}
resource! {
    /// A part of a measurement.
    Component { id: one String, extension: many Extension, code: one CodeableConcept, value_quantity: one Quantity }
}
resource! {
    /// The range that came with a result.
    ReferenceRange { extension: many Extension, low: one Quantity, high: one Quantity, text: one String }
}
resource! {
    /// A laboratory report.
    DiagnosticReport {
        id: one String, extension: many Extension, status: one String, category: many CodeableConcept,
        code: one CodeableConcept, subject: one Reference, effective_date_time: one String, issued: one String,
        performer: many Reference, result: many Reference,
    }
}
resource! {
    /// A signed document as it reads.
    Composition {
        id: one String, extension: many Extension, identifier: one Identifier, status: one String,
        #[serde(rename = "type")] kind: one CodeableConcept, subject: one Reference, encounter: one Reference,
        date: one String, author: many Reference, title: one String, attester: many Attester,
        custodian: one Reference, relates_to: many RelatesTo, section: many CompositionSection,
    }
}
resource! {
    /// Who answers for a document.
    Attester { mode: one String, time: one String, party: one Reference }
}
resource! {
    /// What a document is to another one.
    RelatesTo { code: one String, target_reference: one Reference }
}
resource! {
    /// A section of a document.
    CompositionSection { title: one String, code: one CodeableConcept, text: one Narrative, entry: many Reference }
}
resource! {
    /// A file, its digest and where it lies.
    DocumentReference {
        id: one String, extension: many Extension, status: one String,
        #[serde(rename = "type")] kind: one CodeableConcept, category: many CodeableConcept,
        subject: one Reference, date: one String, author: many Reference, custodian: one Reference,
        description: one String, content: many Content,
    }
}
resource! {
    /// One form of a file.
    Content { attachment: one Attachment }
}
resource! {
    /// The bytes of a file.
    Binary { id: one String, content_type: one String, data: one String }
}
resource! {
    /// An answer to something the patient was asked to agree to.
    Consent {
        id: one String, extension: many Extension, status: one String, scope: one CodeableConcept,
        category: many CodeableConcept, patient: one Reference, date_time: one String, performer: many Reference,
        organization: many Reference, policy_rule: one CodeableConcept, provision: one Provision,
    }
}
resource! {
    /// What is permitted or denied.
    Provision { #[serde(rename = "type")] kind: one String, period: one Period }
}
resource! {
    /// Who signed what, and what binds it.
    Provenance {
        id: one String, extension: many Extension, target: many Reference, occurred_date_time: one String,
        recorded: one String, agent: many Agent, signature: many Signature,
    }
}
resource! {
    /// Who did it.
    Agent { #[serde(rename = "type")] kind: one CodeableConcept, who: one Reference, on_behalf_of: one Reference }
}
resource! {
    /// The fact of a signature.
    Signature {
        #[serde(rename = "type")] kind: many Coding, when: one String, who: one Reference, target_format: one String,
    }
}

/// Any of them, with its type as the first element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resourceType")]
pub(crate) enum Resource {
    Patient(Patient),
    RelatedPerson(RelatedPerson),
    Practitioner(Practitioner),
    PractitionerRole(PractitionerRole),
    Organization(Organization),
    Encounter(Encounter),
    AllergyIntolerance(AllergyIntolerance),
    Condition(Condition),
    MedicationStatement(MedicationStatement),
    Procedure(Procedure),
    MedicationRequest(MedicationRequest),
    Observation(Observation),
    DiagnosticReport(DiagnosticReport),
    Composition(Composition),
    DocumentReference(DocumentReference),
    Binary(Binary),
    Consent(Consent),
    Provenance(Provenance),
}

macro_rules! from {
    ($($name:ident)*) => {$(
        impl From<$name> for Resource {
            fn from(resource: $name) -> Self {
                Self::$name(resource)
            }
        }
    )*};
}

from!(Patient RelatedPerson Practitioner PractitionerRole Organization Encounter AllergyIntolerance Condition
    MedicationStatement Procedure MedicationRequest Observation DiagnosticReport Composition DocumentReference Binary
    Consent Provenance);
