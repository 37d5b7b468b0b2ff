//! The bitácora as lines that leave the program: CSV for a spreadsheet, FHIR R4 AuditEvent for other programs. Pure.

use std::collections::HashMap;

use clinical::audit::AuditEvent;
use clinical::ids::UserId;
use jiff::tz::TimeZone;
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
            AuditFormat::Fhir => {
                let what = entity_label(&event.entity);
                format!("{}\n", fhir::audit_event(event, self.who(event), what))
            }
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
}

/// A cell in quotes where it needs them. What a spreadsheet would take for a formula is made text.
pub(crate) fn csv_cell(text: &str) -> String {
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
        "block" => "Bloqueo del expediente",
        "archive" => "Archivo de expedientes",
        "deletion" => "Supresión del expediente",
        "arco" => "Solicitud de derechos ARCO",
        "calendar" => "Calendario de días inhábiles",
        "compliance" => "Cumplimiento",
        "figures" => "Tableros",
        "question" => "Pregunta a los expedientes",
        "saved_question" => "Pregunta guardada",
        "surveillance" => "Vigilancia epidemiológica",
        "report" => "Informe del consultorio",
        "report_plan" => "Plan de informes",
        "epidemic_notice" => "Notificación epidemiológica",
        "trends" => "Tendencias",
        "course" => "Curso del paciente",
        "care_gaps" => "Pendientes de atención",
        "care_act" => "Control anotado",
        "attachment" | "attachments" => "Archivo del expediente",
        "lab_report" | "lab_reports" | "lab_result" => "Resultados de laboratorio",
        "summary" => "Resumen del expediente",
        "group" => "Grupo de pacientes",
        "opening" => "Expediente privado",
        "openings" => "Aperturas de expedientes privados",
        "session" => "Sesión",
        "user" => "Cuenta",
        "factor" => "Segundo factor",
        "voice" => "Muestra de voz",
        "phone" => "Teléfono como micrófono",
        "icd_release" => "Catálogo CIE-11",
        "preference" => "Preferencia de redacción",
        "blob_store" => "Archivos del sistema",
        "note_template" => "Plantilla de notas",
        "access_policy" => "Reglas de acceso",
        "permission" => "Permiso",
        "record_import" => "Expediente de otro establecimiento",
        "external_document" => "Documento de otro establecimiento",
        "document_efirma" => "e.firma en un documento",
        "account_efirma" => "e.firma de una cuenta",
        "efirma_proof" => "Prueba de vigencia de una e.firma",
        "external_efirma" => "e.firma en un documento de otro establecimiento",
        "establishment" => "Establecimiento",
        "audit" => "Bitácora",
        "anchor" => "Ancla de la bitácora",
        "search" => "Búsqueda en expedientes",
        "shift" => "Horario de la agenda",
        "service" => "Servicio de la agenda",
        "room" => "Consultorio",
        "closure" => "Ausencia o día inhábil",
        "calendar_feed" => "Calendario compartido",
        "waiting_list" | "waiting_entry" => "Lista de espera",
        "messages" | "message" => "Mensajes",
        "conversation" => "Conversación con un paciente",
        "message_alarm" => "Aviso de falla de mensajes",
        "setting" => "Ajustes de mensajes",
        "recording" | "recordings" => "Grabación",
        "kept_lines" => "Favoritos y protocolos",
        "follow_up" => "Seguimiento",
        "alert_override" => "Decisión sobre una alerta",
        "document_check" => "Verificación de un documento",
        "drug_labels" => "Fichas de medicamentos",
        "practitioner" => "Datos profesionales",
        "backup" => "Respaldo",
        "key" => "Clave de la instalación",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use clinical::audit::AuditAction;
    use clinical::digest::Digest;
    use clinical::ids::PatientId;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    /// Code, without the strings of its tests.
    fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
            }
        }
    }

    #[test]
    fn everything_the_code_writes_down_has_words_for_people() {
        let mut all = Vec::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let mut checked = 0;
        for text in &all {
            let named = text.split("entity: \"").skip(1).map(Some);
            let acts = text
                .split("AuditAction::")
                .skip(1)
                .map(|rest| rest.split_once(',').and_then(|(_, after)| after.trim_start().strip_prefix('"')));
            for code in named.chain(acts).flatten().filter_map(|rest| rest.split('"').next()) {
                assert_ne!(entity_label(code), code, "write what {code} is in the words of the bitácora");
                checked += 1;
            }
        }
        assert!(checked > 50, "only {checked} found");
    }

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
