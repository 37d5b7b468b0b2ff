//! Consultations, and what the patient agreed to.

use clinical::consent::{ConsentMeans, ConsentPurpose};
use clinical::document::DocumentKind;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::PatientId;
use clinical::practitioner::Practitioner;

use crate::datatypes::{Extension, Period, Reference, code_of, coding, concept, filled, text_of, words};
use crate::error::{Problem, Result, at, coded, need, parsed};
use crate::record::ConsentFacts;
use crate::resources::{Consent, Encounter as Resource, Participant, Provision};
use crate::systems;
use crate::writer::Writer;

pub(crate) fn encounter(own: &Encounter, who: Reference, writer: &Writer) -> Resource {
    let status = match own.state {
        EncounterState::Arrived => "arrived",
        EncounterState::InProgress => "in-progress",
        EncounterState::Finished => "finished",
        EncounterState::Cancelled => "cancelled",
    };
    Resource {
        id: Some(own.id.to_string()),
        extension: vec![Extension::code(systems::DOCUMENT_KINDS, own.document.code())],
        status: Some(status.to_owned()),
        class: Some(coding(systems::ACT_CODE, "AMB", Some("ambulatory"))),
        subject: Some(writer.patient.clone()),
        participant: vec![Participant { individual: Some(who) }],
        period: Some(Period { start: Some(writer.date_time(own.started_at)), end: None }),
        reason_code: filled(&own.reason).map(|reason| words(&reason)).into_iter().collect(),
    }
}

pub(crate) fn read_encounter(
    own: &Resource,
    patient: PatientId,
    by: Practitioner,
) -> Result<(Encounter, Practitioner)> {
    const R: &str = "Encounter";
    let start = own.period.as_ref().and_then(|period| period.start.as_deref());
    let encounter = Encounter {
        id: parsed(own.id.as_deref(), R, "id")?,
        patient_id: patient,
        practitioner_id: by.id,
        appointment_id: None,
        started_at: parsed(start, R, "period.start")?,
        reason: own.reason_code.first().and_then(|reason| reason.text.clone()).unwrap_or_default(),
        state: match need(own.status.as_deref(), R, "status")? {
            "arrived" => EncounterState::Arrived,
            "in-progress" => EncounterState::InProgress,
            "finished" => EncounterState::Finished,
            "cancelled" => EncounterState::Cancelled,
            _ => return Err(at(R, "status", Problem::Value)),
        },
        document: coded(
            code_of(&own.extension, systems::DOCUMENT_KINDS),
            DocumentKind::from_code,
            R,
            "extension(documento)",
        )?,
    };
    Ok((encounter, by))
}

pub(crate) fn consent(own: &ConsentFacts, place: Reference, writer: &Writer) -> Consent {
    let scope = match own.purpose {
        ConsentPurpose::Teaching => "research",
        _ => "patient-privacy",
    };
    Consent {
        id: Some(own.id.to_string()),
        extension: vec![
            Extension::code(systems::PURPOSE, own.purpose.code()),
            Extension::code(systems::MEANS, own.means.code()),
            Extension::string(systems::TEXT_VERSION, &own.text_version),
        ],
        status: Some(if own.given { "active" } else { "rejected" }.to_owned()),
        scope: Some(concept(systems::CONSENT_SCOPE, scope, None)),
        category: vec![concept(systems::OWN_CODES, own.purpose.code(), Some(own.purpose.label()))],
        patient: Some(writer.patient.clone()),
        date_time: Some(writer.date_time(own.recorded_at)),
        performer: own.answered_by.iter().map(|name| Reference::named(name)).collect(),
        organization: vec![place],
        policy_rule: Some(words(&format!("Aviso de privacidad, versión {}", own.text_version))),
        provision: Some(Provision {
            kind: Some(if own.given { "permit" } else { "deny" }.to_owned()),
            period: own.until.map(|until| Period {
                start: Some(writer.date_time(own.recorded_at)),
                end: Some(writer.date_time(until)),
            }),
        }),
    }
}

pub(crate) fn read_consent(own: &Consent) -> Result<ConsentFacts> {
    const R: &str = "Consent";
    let code = |url| code_of(&own.extension, url);
    let period = own.provision.as_ref().and_then(|provision| provision.period.as_ref());
    let until = period.and_then(|period| period.end.as_deref());
    Ok(ConsentFacts {
        id: parsed(own.id.as_deref(), R, "id")?,
        purpose: coded(code(systems::PURPOSE), ConsentPurpose::from_code, R, "extension(finalidad)")?,
        text_version: text_of(&own.extension, systems::TEXT_VERSION).unwrap_or_default().to_owned(),
        given: match need(own.status.as_deref(), R, "status")? {
            "active" => true,
            "rejected" => false,
            _ => return Err(at(R, "status", Problem::Value)),
        },
        means: coded(code(systems::MEANS), ConsentMeans::from_code, R, "extension(medio)")?,
        answered_by: own.performer.first().and_then(|by| by.display.clone()),
        recorded_at: parsed(own.date_time.as_deref(), R, "dateTime")?,
        until: until.map(|end| parsed(Some(end), R, "provision.period.end")).transpose()?,
    })
}
