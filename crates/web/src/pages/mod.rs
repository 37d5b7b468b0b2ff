//! The handlers, one file per place of the navigation, and what they share.

pub(crate) mod access;
pub(crate) mod accounts;
pub(crate) mod agenda;
pub(crate) mod agenda_days;
pub(crate) mod agenda_setup;
pub(crate) mod arco;
mod arco_view;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod blocks;
pub(crate) mod boards;
pub(crate) mod boards_list;
mod boards_steps;
mod boards_view;
pub(crate) mod booking;
pub(crate) mod calendars;
pub(crate) mod chart;
pub(crate) mod checking;
pub(crate) mod coding;
pub(crate) mod compliance;
pub(crate) mod consents;
pub(crate) mod consultation;
mod consultation_choices;
mod consultation_forms;
mod consultation_queue;
mod consultation_view;
pub(crate) mod course;
pub(crate) mod deliveries;
pub(crate) mod documents;
pub(crate) mod efirma;
pub(crate) mod establishment;
pub(crate) mod gaps;
pub(crate) mod heard;
pub(crate) mod identity;
pub(crate) mod laboratory;
pub(crate) mod live;
pub(crate) mod messages;
pub(crate) mod new_document;
pub(crate) mod own_account;
pub(crate) mod patients;
pub(crate) mod phone;
pub(crate) mod precise;
pub(crate) mod preferences;
pub(crate) mod prescriptions;
pub(crate) mod private;
pub(crate) mod questions;
mod questions_form;
pub(crate) mod recording;
pub(crate) mod releases;
pub(crate) mod reports;
pub(crate) mod retention;
pub(crate) mod review;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod signing;
pub(crate) mod sound;
pub(crate) mod sound_file;
pub(crate) mod surveillance;
pub(crate) mod templates;
pub(crate) mod today;
pub(crate) mod transfer;
mod trends;
pub(crate) mod unsaved;
pub(crate) mod voice;

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use care::error::FieldError;
use care::private::OpeningReason;
use care::setup::PractitionerForm;
use care::{Actor, CareError, Permission};
use clinical::allergy::AllergyStatus;
use clinical::ids::PatientId;
use clinical::patient::{Identity, Patient};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::format;
use crate::outcome::Outcome;
use crate::session::SignedIn;
use crate::views::form::{Field, Posted};
use crate::views::shell::{AllergyLine, Extra, Notice, PatientBar, Place, Shell};

/// An answer or an outcome.
pub(crate) type Answer = Result<Response, Outcome>;

/// A page as an answer.
pub(crate) fn render(page: &impl Template) -> Result<Response, askama::Error> {
    Ok(Html(page.render()?).into_response())
}

/// The page again with what is to be corrected on it: 422.
pub(crate) fn to_correct(page: &impl Template) -> Answer {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(page)?).into_response())
}

/// Back to a page, after a form: 303.
pub(crate) fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Whether the answer will be swapped into the page.
pub(crate) fn is_fragment(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

/// Percent-encodes a value of a query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The frame for a person at a place.
pub(crate) fn shell(actor: &Actor, place: Place) -> Shell {
    Shell {
        place,
        user: actor.display_name.clone(),
        roles: actor.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", "),
        reads_records: actor.may(Permission::ReadRecord),
        sees_agenda: actor.may(Permission::SeeAgenda),
        reads_audit: actor.may(Permission::ReadAudit),
        administers: actor.may(Permission::Administer),
        sees_figures: actor.may(Permission::SeeFigures),
        follows_rights: actor.may(Permission::ReceiveRights),
        to_sign: 0,
        token: actor.csrf.clone(),
        narrow: matches!(place, Place::Consultation | Place::Documents),
        notice: None,
    }
}

/// Which page of a list, and what has just happened, as addresses carry them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    /// What is searched.
    #[serde(default)]
    pub(crate) q: String,
    /// Page, from 1.
    #[serde(default)]
    pub(crate) pagina: Option<u32>,
    /// Code of a message.
    #[serde(default)]
    pub(crate) aviso: String,
    /// The part of the page that is open for changes.
    #[serde(default)]
    pub(crate) editar: String,
}

impl ListQuery {
    /// The page, from 0.
    pub(crate) fn page(&self) -> u32 {
        self.pagina.unwrap_or(1).clamp(1, 1_000_000) - 1
    }
}

/// How many pages a list has.
pub(crate) fn pages(total: i64, per_page: u32) -> (usize, usize) {
    let total = usize::try_from(total).unwrap_or_default();
    (total, total.div_ceil(per_page as usize).max(1))
}

/// The professional of a form.
pub(crate) fn practitioner_form(posted: &Posted) -> PractitionerForm {
    let text = |name: &str| posted.get(name).to_owned();
    PractitionerForm {
        title: text("titulo"),
        given: text("nombre"),
        first_surname: text("primer_apellido"),
        second_surname: text("segundo_apellido"),
        license: text("cedula"),
        degree_institution: text("institucion_titulo"),
        specialty: text("especialidad"),
        specialty_license: text("cedula_especialidad"),
        certificate: text("certificado"),
        certificate_council: text("consejo"),
        certificate_until: text("certificado_hasta"),
        trainee: text("formacion"),
    }
}

/// The message behind a code in an address: fixed words, so that nobody can put words into our mouth.
pub(crate) fn notice(code: &str) -> Option<Notice> {
    let text = match code {
        "informes" => "Informes guardados.",
        "informe-hecho" => "Informe hecho. Está en la lista.",
        "informe-otra-vez" => "Se enviará otra vez en un momento.",
        "notificado" => "Se anotó que el caso se notificó.",
        "conversacion-atendida" => "Conversación atendida.",
        "aviso-dado" => "Se anotó que el aviso se dio por teléfono.",
        "mensajes" => "Ajustes de mensajes guardados.",
        "alarma-resuelta" => "Se volverá a intentar enviar los mensajes.",
        "alergia" => "Alergia guardada.",
        "alergias-negadas" => "Se anotó que niega alergias.",
        "problema" => "Problema guardado.",
        "medicamento" => "Medicamento guardado.",
        "quitado" => "Se quitó del resumen; queda en la historia.",
        "paciente" => "Paciente guardado.",
        "borrador-cancelado" => "Borrador cancelado. Hoy todavía puede recuperarlo.",
        "estancia" => "Se anotó que la estancia terminó.",
        "pregunta-guardada" => "Pregunta guardada.",
        "pregunta-quitada" => "Pregunta quitada.",
        "hecho" => "Se anotó; ya no está pendiente.",
        "vigilancia" => "Se anotó lo que se encontró; ya no está pendiente.",
        "enviado" => "Enviado a firma.",
        "devuelto" => "Devuelto a quien lo elaboró, con su comentario.",
        "cita" => "Cita actualizada.",
        "cita-nueva" => "Cita agendada.",
        "cita-movida" => "Cita movida.",
        "cita-cancelada" => "Cita cancelada. Puede deshacerlo mientras nadie tome la hora.",
        "fila" => "Anotado en la fila de hoy.",
        "espera" => "Anotado en la lista de espera.",
        "espera-fin" => "Quitado de la lista de espera.",
        "horario" => "Horario agregado.",
        "horario-fin" => "Horario quitado. Las citas ya agendadas se quedan.",
        "ausencia" => "Ausencia agregada.",
        "ausencia-fin" => "Ausencia quitada.",
        "ausencia-citas" => {
            return Some(Notice::warn(
                "Ausencia agregada. Ya hay citas en ese tiempo: se quedan hasta que alguien las mueva o cancele.",
            ));
        }
        "calendario-muestra" => "Guardado. El calendario lo mostrará la próxima vez que se lea.",
        "calendario-fin" => "Ya no se comparte: la dirección dejó de servir.",
        "calendario-olvidado" => "Horas de otro calendario quitadas.",
        "servicio" => "Servicio guardado. Las citas ya agendadas conservan su duración.",
        "consultorio" => "Consultorio guardado.",
        "llego" => "Se anotó que ya llegó.",
        "adenda" => "Adenda firmada.",
        "efirma" => "Firmado con e.firma. Desde ahora se imprime y se descarga el archivo con esa firma.",
        "representante" => "Representante guardado.",
        "representante-fin" => "Ya no figura como representante; queda en la historia.",
        "consentimiento" => "Respuesta guardada.",
        "grabacion-fin" => "Grabación destruida: ya nadie puede oírla.",
        "voz" => "Muestra de voz guardada. Se usa en lo que se grabe desde ahora.",
        "voz-fin" => "Muestra de voz borrada.",
        "grabacion-traida" => "Audio guardado. Está abajo, en Grabaciones de esta consulta.",
        "grabacion-incompleta" => {
            return Some(Notice::warn(
                "El archivo está dañado o incompleto: se guardó hasta donde se pudo leer. Óigalo antes de usarlo y, si puede, traiga el original.",
            ));
        }
        "grabaciones" => "Guardado. Vale para las notas que se firmen desde ahora.",
        "aviso-nuevo" => "Versión publicada. Las respuestas nuevas se registran con ella.",
        "unidos" => "Expedientes unidos. Puede separarlos en Datos, Identidad y consentimientos.",
        "separados" => "Expedientes separados: cada uno tiene lo suyo.",
        "factor" => "Segundo factor activo: la próxima vez que entre se le pedirá un código.",
        "factor-fin" => "Segundo factor quitado.",
        "efirma-fin" => "e.firma desvinculada. La próxima vez que firme se preguntará de quién es.",
        "factores-quitados" => {
            return Some(Notice::warn(
                "Administración quitó su segundo factor. Si usted no lo pidió, avise; si lo perdió, configure otro aquí.",
            ));
        }
        "sesiones" => "Sesiones cerradas.",
        "contrasena" => "Contraseña guardada. Las demás sesiones se cerraron.",
        "cuenta" => "Cuenta guardada.",
        "cuenta-nueva" => "Cuenta creada. Dele su contraseña provisional: la cambiará al entrar.",
        "provisional" => "Contraseña provisional guardada. La persona la cambiará al entrar.",
        "acceso" => "Reglas guardadas.",
        "plantilla" => "Plantilla guardada.",
        "plantilla-fin" => "Plantilla quitada. Los borradores que la usan se quedan como están.",
        "plantilla-inicio" => "Los borradores nuevos empezarán con esa plantilla.",
        "plantilla-inicio-no" => "Los borradores nuevos empezarán sin plantilla.",
        "cie" => "Edición importada. Sigue en uso otra más nueva; puede elegir esta abajo.",
        "cie-en-uso" => "Edición importada y en uso. Lo que ya tiene código conserva el suyo.",
        "cie-ya" => "Esos archivos ya estaban importados: no cambió nada.",
        "cie-elegida" => {
            "Desde ahora los códigos se buscan en esta edición. Lo que ya tiene código conserva el suyo."
        }
        "grupo" => "Grupo guardado.",
        "revisada" => "Revisión guardada.",
        "es-el-mismo" => "Ese expediente se unió a este.",
        "entrega" => "Entrega registrada. Imprima el acuse para que lo firme quien recibe.",
        "entrega-anulada" => "Registro anulado. Queda en la lista, marcado.",
        "retenido" => "Expediente retenido.",
        "retencion-levantada" => "Retención levantada. Queda en la historia.",
        "archivado" => "Expediente archivado: sale de las listas diarias.",
        "de-regreso" => "El expediente está de regreso en las listas.",
        "bloqueado" => "Expediente bloqueado: ya no se lee ni se encuentra.",
        "desbloqueado" => "Expediente desbloqueado: está otra vez como estaba.",
        "preferencia" => "Preferencia guardada: los borradores que se hagan desde ahora la seguirán.",
        "estilo" => "Estilo guardado: las notas que se empiecen desde ahora se redactan así.",
        "favorito" => "Guardado en sus favoritos y protocolos.",
        "favorito-fin" => "Quitado de sus favoritos y protocolos.",
        "receta-cancelada" => "Receta cancelada. Queda en el expediente, marcada.",
        "establecimiento" => "Datos guardados. Los documentos que se firmen desde ahora los llevan.",
        "logotipo" => "Logotipo guardado: se imprime en el encabezado desde ahora.",
        "logotipo-fin" => "Logotipo quitado.",
        "preferencia-no" => "Preferencia desactivada.",
        "preferencia-fin" => "Preferencia quitada.",
        "plazo" => "Plazo guardado.",
        "solicitud" => "Solicitud registrada. Entregue el acuse a la persona.",
        "paso" => "Guardado.",
        "calendario" => "Calendario guardado. Los plazos abiertos se contaron de nuevo.",
        "importado" => "Expediente importado. Lo que se firmó en otro establecimiento aparece con su origen.",
        "importado-ya" => "Ese paquete ya estaba importado: no cambió nada.",
        "archivo" => "Archivo guardado.",
        "archivo-tipo" => {
            return Some(Notice::warn(
                "Archivo guardado. El nombre decía otro tipo de archivo: se guardó según su contenido.",
            ));
        }
        "resultados" => "Resultados guardados.",
        "resultado-corregido" => "Corrección guardada. La versión anterior queda tachada.",
        "resultado-retirado" => "Resultado retirado. Queda tachado.",
        "archivo-retirado" => "Archivo retirado. Queda en el expediente, marcado.",
        code => return patients::mismatch_notice(code.strip_prefix("curp-")?),
    };
    Some(Notice::good(text))
}

/// The bar with a patient's identity.
pub(crate) fn patient_bar(
    actor: &Actor,
    patient: &Patient,
    allergies: &AllergyStatus,
    now: Timestamp,
    zone: &TimeZone,
    extra: Extra,
) -> PatientBar {
    let today = format::day(now, zone);
    let mut facts = vec![patient.age_text(today), patient.data.sex.label().to_owned()];
    facts.push(format!("Expediente {}", patient.record_number));
    if let Identity::Unknown { label } = &patient.data.identity {
        facts.push(format!("Señas: {label}"));
    }
    if let Some(birth) = patient.birth_date() {
        let time = patient.data.details.birth_time.map(|time| time.strftime(" a las %H:%M").to_string());
        facts.push(format!("Nació el {}{}", format::long_date(birth.date()), time.unwrap_or_default()));
    }
    PatientBar {
        id: patient.id.to_string(),
        name: patient.full_name(),
        facts,
        allergies: allergy_line(allergies),
        linked: true,
        opened: opened(actor, patient.id, zone),
        extra,
    }
}

/// The band over a private record that this person opened with a reason.
pub(crate) fn opened(actor: &Actor, patient: PatientId, zone: &TimeZone) -> Option<String> {
    let opened = actor.opened(patient)?;
    if opened.reason == OpeningReason::LegalRequest {
        return Some(format!(
            "Expediente bloqueado. Usted lo abrió para leerlo por un requerimiento legal. Queda abierto hasta las {}; todo lo que haga está en la bitácora.",
            format::time(opened.until, zone)
        ));
    }
    Some(format!(
        "Expediente privado. Usted lo abrió con motivo: {}. Queda abierto hasta las {}; todo lo que haga está en la bitácora.",
        opened.reason.label().to_lowercase(),
        format::time(opened.until, zone)
    ))
}

fn allergy_line(status: &AllergyStatus) -> AllergyLine {
    match status {
        AllergyStatus::NotAsked => AllergyLine::NotAsked,
        AllergyStatus::Denied => AllergyLine::Denied,
        AllergyStatus::Known(list) => {
            let names: Vec<&str> = list.iter().map(|allergy| allergy.substance.as_str()).collect();
            let word = if names.len() == 1 { "Alergia" } else { "Alergias" };
            AllergyLine::Known(format!("{word}: {}", names.join(", ")))
        }
    }
}

/// The text with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + letters.as_str()
}

/// Any other address.
pub(crate) async fn not_found(_: SignedIn) -> Outcome {
    Outcome::not_found("esa página")
}

/// The field for the password that is asked again before something leaves or cannot be undone.
pub(crate) fn own_password(errors: &[FieldError]) -> Field {
    Field::password("contrasena", "Su contraseña", "current-password").from(&Posted::default(), errors)
}

/// What the person can mend, beside its field; anything else goes on as it is.
pub(crate) fn to_mend(error: CareError) -> Result<Vec<FieldError>, CareError> {
    match error {
        CareError::Invalid(errors) => Ok(errors),
        CareError::WrongPassword => {
            Ok(vec![FieldError::new("contrasena", "La contraseña no coincide. Escríbala otra vez")])
        }
        locked @ CareError::LockedOut { .. } => Ok(vec![FieldError::new("contrasena", locked)]),
        other => Err(other),
    }
}

/// A table as an answer, to be kept as a file.
pub(crate) fn csv(file_name: &str, text: String) -> Response {
    let name = format!("attachment; filename=\"{file_name}\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response()
}

/// A PDF as an answer, shown in the browser.
pub(crate) fn pdf(bytes: Vec<u8>, file_name: &str) -> Response {
    let name = format!("inline; filename=\"{file_name}\"");
    ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_an_address_is_encoded() {
        assert_eq!(encode("/pacientes?q=Ñu&x=1"), "/pacientes%3Fq%3D%C3%91u%26x%3D1");
    }

    #[test]
    fn an_unknown_message_code_says_nothing() {
        assert!(notice("<script>").is_none() && notice("alergia").is_some());
    }
}
