//! The bitácora as lines that leave the program: CSV for a spreadsheet, FHIR R4 AuditEvent for other programs. Pure.

use std::collections::HashMap;

use clinical::audit::{AuditAction, AuditEvent};
use clinical::ids::UserId;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use storage::User;

/// The kinds of file the bitácora is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    /// Comma-separated values in UTF-8 with a header in Spanish.
    Csv,
    /// One FHIR R4 (4.0.1) AuditEvent a line: `application/fhir+ndjson`.
    Fhir,
}

/// Writes events as lines of a format, with the names of who did them.
pub(crate) struct LineWriter {
    format: AuditFormat,
    names: HashMap<UserId, String>,
    zone: TimeZone,
}

const COLUMNS: [&str; 10] = [
    "Número",
    "Fecha y hora",
    "Persona",
    "Acto",
    "Sobre qué",
    "Identificador",
    "Expediente",
    "Desde",
    "Motivo",
    "Huella",
];

impl LineWriter {
    pub(crate) fn new(format: AuditFormat, users: Vec<User>, zone: TimeZone) -> Self {
        let names = users.into_iter().map(|user| (user.id, user.display_name)).collect();
        Self { format, names, zone }
    }

    /// What stands before the first event. The mark tells spreadsheets that the file is UTF-8.
    pub(crate) fn header(&self) -> String {
        match self.format {
            AuditFormat::Csv => format!("\u{feff}{}\r\n", COLUMNS.join(",")),
            AuditFormat::Fhir => String::new(),
        }
    }

    /// The line of an event, with its end.
    pub(crate) fn line(&self, event: &AuditEvent) -> String {
        match self.format {
            AuditFormat::Csv => self.csv(event),
            AuditFormat::Fhir => format!("{}\n", self.fhir(event)),
        }
    }

    fn who(&self, event: &AuditEvent) -> &str {
        match event.actor {
            None => "El programa",
            Some(id) => self.names.get(&id).map_or("", String::as_str),
        }
    }

    fn csv(&self, event: &AuditEvent) -> String {
        let at = self.zone.to_datetime(event.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let patient = event.patient_id.map(|id| id.to_string()).unwrap_or_default();
        let cells = [
            event.sequence.to_string(),
            at,
            self.who(event).to_owned(),
            event.action.label().to_owned(),
            entity_label(&event.entity).to_owned(),
            event.entity_id.clone(),
            patient,
            event.origin.clone(),
            event.reason.clone().unwrap_or_default(),
            event.digest.to_string(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        format!("{}\r\n", cells.join(","))
    }

    /// Elements and codes: <https://hl7.org/fhir/R4/auditevent.html>. The link of the chain goes along as details of an
    /// entity, so that a copy can be compared with the original.
    fn fhir(&self, event: &AuditEvent) -> Value {
        let shape = shape(event.action);
        let who = match event.actor {
            None => json!({ "display": self.who(event) }),
            Some(id) => json!({ "identifier": { "value": id.to_string() }, "display": self.who(event) }),
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
            "name": entity_label(&event.entity),
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

/// A cell in quotes where it needs them. What a spreadsheet would take for a formula is made text.
fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// What an entry of the bitácora is about.
#[must_use]
pub fn entity_label(code: &str) -> &str {
    match code {
        "patient" => "Paciente",
        "identity" => "Identidad del paciente",
        "representative" => "Representante",
        "consent" => "Consentimiento",
        "privacy_notice" => "Aviso de privacidad",
        "merge" => "Unión de expedientes",
        "record" => "Expediente",
        "encounter" => "Consulta",
        "appointment" => "Cita",
        "agenda" => "Agenda",
        "draft" => "Borrador",
        "unsaved_text" => "Texto sin guardar",
        "stay_end" => "Fin de una estancia",
        "transcript" => "Transcripción",
        "document" => "Documento",
        "documents" => "Lista de documentos",
        "document_print" => "Copia de un documento",
        "delivery" | "deliveries" => "Entrega de información",
        "retention" => "Conservación del expediente",
        "hold" => "Retención legal",
        "archive" => "Archivo de expedientes",
        "deletion" => "Supresión del expediente",
        "arco" => "Solicitud de derechos ARCO",
        "calendar" => "Calendario de días inhábiles",
        "compliance" => "Cumplimiento",
        "trends" => "Tendencias",
        "attachment" | "attachments" => "Archivo del expediente",
        "lab_report" | "lab_reports" | "lab_result" => "Resultados de laboratorio",
        "summary" => "Resumen del expediente",
        "group" => "Grupo de pacientes",
        "opening" => "Expediente privado",
        "openings" => "Aperturas de expedientes privados",
        "session" | "user" => "Cuenta",
        "permission" => "Permiso",
        "establishment" => "Establecimiento",
        "audit" => "Bitácora",
        "anchor" => "Ancla de la bitácora",
        "search" => "Búsqueda en expedientes",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use clinical::digest::Digest;
    use clinical::ids::PatientId;
    use uuid::Uuid;

    use super::*;

    fn event(action: AuditAction) -> AuditEvent {
        AuditEvent {
            sequence: 7,
            at: "2026-03-09T16:24:05.250Z".parse().unwrap(),
            actor: Some(UserId(Uuid::nil())),
            action,
            entity: "document".to_owned(),
            entity_id: "x".to_owned(),
            patient_id: Some(PatientId(Uuid::nil())),
            origin: "192.168.1.20".to_owned(),
            reason: Some("=1+1, \"revisión\"".to_owned()),
            previous: Digest::ORIGIN,
            digest: Digest::ORIGIN,
        }
    }

    fn writer(format: AuditFormat) -> LineWriter {
        LineWriter {
            format,
            names: [(UserId(Uuid::nil()), "Dra. Ñandú".to_owned())].into(),
            zone: TimeZone::get("America/Mexico_City").unwrap(),
        }
    }

    #[test]
    fn a_line_of_csv_is_in_local_time_and_no_formula() {
        let csv = writer(AuditFormat::Csv);
        let line = csv.line(&event(AuditAction::Read));
        assert!(line.starts_with("7,2026-03-09 10:24:05,Dra. Ñandú,Lectura,Documento,x,"), "{line}");
        assert!(line.contains(",\"'=1+1, \"\"revisión\"\"\","), "{line}");
        assert_eq!(csv.header().split(',').count(), line.replace(", ", " ").split(',').count());
    }

    #[test]
    fn every_act_is_an_audit_event_with_all_that_fhir_requires() {
        for action in AuditAction::ALL {
            let line = writer(AuditFormat::Fhir).line(&event(action));
            let resource: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(resource["resourceType"], "AuditEvent");
            assert_eq!(resource["recorded"], "2026-03-09T16:24:05.25Z");
            assert!(resource["type"]["code"].is_string() && resource["source"]["observer"].is_object());
            assert!(resource["agent"][0]["requestor"].is_boolean());
            assert_eq!(resource["agent"][0]["network"]["address"], "192.168.1.20");
            assert!(["C", "R", "U", "D", "E"].contains(&resource["action"].as_str().unwrap()));
            assert_eq!(resource["entity"][0]["what"]["reference"], format!("Patient/{}", Uuid::nil()));
            let refused = matches!(action, AuditAction::Denied | AuditAction::SignInRefused);
            assert_eq!(resource["outcome"], if refused { "4" } else { "0" });
        }
    }
}
