//! The bitácora as FHIR R4 AuditEvent: elements and codes of <https://hl7.org/fhir/R4/auditevent.html>.

use clinical::audit::{AuditAction, AuditEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::writer::derived;

/// An event of the bitácora. `who` is the name of who did it, `what` the words for what it is about. The link of the chain
/// goes along as details of an entity, so that a copy can be compared with the original.
#[must_use]
pub fn audit_event(event: &AuditEvent, who: &str, what: &str) -> Value {
    let shape = shape(event.action);
    let who = match event.actor {
        None => json!({ "display": who }),
        Some(id) => json!({ "identifier": { "value": id.to_string() }, "display": who }),
    };
    let mut entities = Vec::new();
    if let Some(patient) = event.patient_id {
        entities.push(json!({
            "what": { "reference": format!("Patient/{patient}") },
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1", "Person"),
            "role": coding("http://terminology.hl7.org/CodeSystem/object-role", "1", "Patient"),
        }));
    }
    let detail = |name: &str, value: String| json!({ "type": name, "valueString": value });
    let mut thing = json!({
        "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2", "System Object"),
        "name": what,
        "detail": [
            detail("sequence", event.sequence.to_string()),
            detail("previous", event.previous.to_string()),
            detail("digest", event.digest.to_string()),
            detail("action", event.action.code().to_owned()),
            detail("entity", event.entity.clone()),
        ],
    });
    if !event.entity_id.is_empty() {
        thing["what"] = json!({ "identifier": { "value": event.entity_id } });
    }
    entities.push(thing);
    let mut agent = json!({ "who": who, "requestor": event.actor.is_some() });
    // What the program did by itself came over no network.
    if !["", "program"].contains(&event.origin.as_str()) {
        agent["network"] = json!({ "address": event.origin });
    }
    let mut resource = json!({
        "resourceType": "AuditEvent",
        "id": event.sequence.to_string(),
        "type": shape.kind,
        "action": shape.action,
        "recorded": event.at.to_string(),
        "outcome": shape.outcome,
        "agent": [agent],
        "source": { "observer": { "display": "Medicus" } },
        "entity": entities,
    });
    if let Some(subtype) = shape.subtype {
        resource["subtype"] = json!([subtype]);
    }
    if let Some(reason) = event.reason.as_ref().filter(|reason| !reason.is_empty()) {
        resource["purposeOfEvent"] = json!([{ "text": reason }]);
    }
    resource
}

/// Id of an event inside a bundle, where ids are UUIDs.
#[must_use]
pub fn event_id(sequence: i64) -> Uuid {
    derived("audit-event", sequence)
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// How an act is told in FHIR.
struct Shape {
    kind: Value,
    subtype: Option<Value>,
    action: &'static str,
    outcome: &'static str,
}

fn shape(action: AuditAction) -> Shape {
    let rest = |code: &str, letter| Shape {
        kind: coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation"),
        subtype: Some(coding("http://hl7.org/fhir/restful-interaction", code, code)),
        action: letter,
        outcome: "0",
    };
    let dicom = |code: &str, display: &str, subtype: Option<(&str, &str)>, outcome| Shape {
        kind: coding("http://dicom.nema.org/resources/ontology/DCM", code, display),
        subtype: subtype
            .map(|(code, display)| coding("http://dicom.nema.org/resources/ontology/DCM", code, display)),
        action: "E",
        outcome,
    };
    let authentication = "User Authentication";
    match action {
        AuditAction::Create | AuditAction::Sign => rest("create", "C"),
        AuditAction::Read => rest("read", "R"),
        AuditAction::Update => rest("update", "U"),
        AuditAction::Search => rest("search", "E"),
        AuditAction::Print => Shape { action: "R", ..dicom("110106", "Export", None, "0") },
        AuditAction::SignIn => dicom("110114", authentication, Some(("110122", "Login")), "0"),
        AuditAction::SignInRefused => dicom("110114", authentication, Some(("110122", "Login")), "4"),
        AuditAction::SignOut => dicom("110114", authentication, Some(("110123", "Logout")), "0"),
        AuditAction::Denied => dicom("110113", "Security Alert", None, "4"),
        AuditAction::BreakGlass => {
            dicom("110113", "Security Alert", Some(("110127", "Emergency Override Started")), "0")
        }
    }
}
