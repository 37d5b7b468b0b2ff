//! Mensajes: conversations for a person, notices to be given by telephone, and the settings.

use axum::extract::{Path, Query, State};
use care::messages::{Conversation, Desk, Office, SettingsForm, TOKEN_ENDS, Unsent};
use care::{CareError, Permission};
use clinical::identifiers::Phone;
use clinical::ids::{CorrespondentId, MessageId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use messaging::graph::Alarm;
use storage::MessageAlarm;

use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Check, ErrorSummary, Field, Posted};
use crate::views::messages::{AlarmView, ConversationView, MessageSettingsPage, MessagesPage, UnsentView};
use crate::views::shell::Place;
use crate::{App, format};

/// Shown where nobody chose a price: about what Meta's tables said of Mexico for a utility message in 2026.
const PRICE: &str = "0.0080";

/// `GET /mensajes`.
pub(crate) async fn desk(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let desk = app.care.message_desk(&user.actor).await?;
    let mut shell = shell(&user.actor, Place::Today);
    shell.notice = notice(&query.aviso);
    Ok(render(&MessagesPage {
        shell,
        how: how(&desk, app.care.has_whatsapp(), app.care.has_mail()),
        administers: user.actor.may(Permission::Administer),
        alarms: desk.alarms.iter().map(alarm).collect(),
        waiting: desk.waiting.iter().map(|one| conversation(one, desk.now, &desk.zone)).collect(),
        unsent: desk.unsent.iter().map(|one| unsent(one, desk.now, &desk.zone)).collect(),
    })?)
}

/// What becomes of notices in this practice, in words.
fn how(desk: &Desk, whatsapp: bool, mail: bool) -> String {
    if !desk.on {
        return "Los avisos y recordatorios de citas están apagados.".to_owned();
    }
    let ways = match (whatsapp, mail) {
        (true, true) => {
            "Los avisos se envían por WhatsApp o por correo a quien aceptó recibirlos. Lo que no se pueda enviar se avisa por teléfono."
        }
        (true, false) => {
            "Los avisos se envían por WhatsApp a quien aceptó recibirlos. Lo que no se pueda enviar se avisa por teléfono."
        }
        (false, true) => {
            "Los avisos se envían por correo a quien aceptó recibirlos. Lo que no se pueda enviar se avisa por teléfono."
        }
        (false, false) => {
            "Este equipo no está conectado a WhatsApp ni a un servidor de correo: los avisos se dan por teléfono."
        }
    };
    match desk.queued {
        0 => ways.to_owned(),
        waiting => format!("{ways} Por enviar: {waiting}."),
    }
}

fn alarm(raised: &MessageAlarm) -> AlarmView {
    if raised.name == TOKEN_ENDS {
        let words = format!(
            "La clave de acceso a WhatsApp (token) vence el {}: genere otra en Meta y escríbala en la configuración antes de ese día",
            raised.detail
        );
        return AlarmView { name: raised.name.clone(), words };
    }
    let words = match (Alarm::from_code(&raised.name), raised.name.split_once(':')) {
        (Some(alarm), _) => alarm.label().to_owned(),
        (None, Some(("template", name))) => {
            format!(
                "La plantilla «{name}» quedó como {} en Meta: revísela en el Administrador de WhatsApp",
                meta_word(&raised.detail)
            )
        }
        (None, Some((_, name))) => format!(
            "Meta cambió la plantilla «{name}» a la categoría {}: cada mensaje puede costar más",
            meta_word(&raised.detail)
        ),
        (None, None) => format!("Meta avisó de un cambio en la cuenta o el número: {}", raised.detail),
    };
    AlarmView { name: raised.name.clone(), words }
}

/// A word of Meta's in Spanish, as far as it is known.
fn meta_word(word: &str) -> &str {
    match word.to_ascii_uppercase().as_str() {
        "REJECTED" => "rechazada",
        "PAUSED" => "en pausa",
        "DISABLED" => "deshabilitada",
        "PENDING" => "en revisión",
        "MARKETING" => "marketing",
        "UTILITY" => "utilidad",
        "AUTHENTICATION" => "autenticación",
        "SERVICE" => "servicio",
        _ => word,
    }
}

fn when(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format::day_and_time(at, zone, format::day(now, zone))
}

fn conversation(one: &Conversation, now: Timestamp, zone: &TimeZone) -> ConversationView {
    ConversationView {
        id: one.who.id.to_string(),
        phone: one
            .who
            .phone
            .as_ref()
            .map_or_else(|| "Oculta su número".to_owned(), |digits| shown_number(digits)),
        patients: one
            .patients
            .iter()
            .map(|patient| (format!("/pacientes/{}/editar", patient.id), patient.data.identity.full_name()))
            .collect(),
        texts: one.texts.iter().map(|(at, text)| (when(*at, now, zone), text.clone())).collect(),
        stopped: one.who.stopped_at.is_some(),
    }
}

/// "55 1234 5678" for a number of Mexico, "+1…" for others.
fn shown_number(digits: &str) -> String {
    match digits.strip_prefix("52").map(Phone::parse) {
        Some(Ok(phone)) => phone.to_string(),
        _ => format!("+{digits}"),
    }
}

fn unsent(one: &Unsent, now: Timestamp, zone: &TimeZone) -> UnsentView {
    UnsentView {
        id: one.id.to_string(),
        patient: one.patient.as_ref().map(|patient| {
            let phone =
                patient.data.phone.as_ref().map_or_else(|| "Sin teléfono".to_owned(), ToString::to_string);
            (format!("/pacientes/{}/editar", patient.id), patient.data.identity.full_name(), phone)
        }),
        purpose: one.purpose,
        text: one.text.clone(),
        why: one.why,
        at: when(one.at, now, zone),
    }
}

/// `POST /mensajes/conversaciones/{conversation}`.
pub(crate) async fn conversation_done(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id: CorrespondentId = id.parse().map_err(|_| Outcome::not_found("la conversación"))?;
    app.care.conversation_done(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see("/mensajes?aviso=conversacion-atendida"))
}

/// `POST /mensajes/avisos/{message}`.
pub(crate) async fn said_by_telephone(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id: MessageId = id.parse().map_err(|_| Outcome::not_found("el mensaje"))?;
    app.care.said_by_telephone(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see("/mensajes?aviso=aviso-dado"))
}

/// `POST /mensajes/alarmas`.
pub(crate) async fn mended(State(app): State<App>, form: Form) -> Answer {
    let name = form.posted.get("alarma");
    app.care.alarm_mended(&form.actor, name).await.map_err(|error| form.failed(error))?;
    Ok(see("/mensajes/ajustes?aviso=alarma-resuelta"))
}

/// `GET /mensajes/ajustes`.
pub(crate) async fn office(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let office = app.care.message_office(&user.actor).await?;
    let mut posted = match &office.settings {
        Some(own) => Posted::default()
            .with("nombre", own.practice.as_str())
            .with("lugar_cita", own.place.as_str())
            .with("precio", dollars(i64::from(own.price))),
        None => Posted::default().with("nombre", &office.establishment).with("precio", PRICE),
    };
    for (name, ticked) in [
        ("nombre_de_pila", office.settings.as_ref().is_some_and(|own| own.first_name)),
        ("enviar", office.settings.as_ref().is_some_and(|own| own.on)),
    ] {
        if ticked {
            posted = posted.with(name, "si");
        }
    }
    let mut page = settings_page(&user.actor, &office, &posted, &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// `POST /mensajes/ajustes`.
pub(crate) async fn save(State(app): State<App>, form: Form) -> Answer {
    let wanted = SettingsForm {
        on: form.posted.ticked("enviar"),
        practice: form.posted.get("nombre").to_owned(),
        place: form.posted.get("lugar_cita").to_owned(),
        first_name: form.posted.ticked("nombre_de_pila"),
        price: form.posted.get("precio").to_owned(),
    };
    match app.care.save_message_settings(&form.actor, &wanted).await {
        Ok(()) => Ok(see("/mensajes/ajustes?aviso=mensajes")),
        Err(CareError::Invalid(errors)) => {
            let office = app.care.message_office(&form.actor).await.map_err(|error| form.failed(error))?;
            to_correct(&settings_page(&form.actor, &office, &form.posted, &errors))
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn settings_page(
    actor: &care::Actor,
    office: &Office,
    posted: &Posted,
    errors: &[care::error::FieldError],
) -> MessageSettingsPage {
    let price = office.settings.as_ref().map_or(80, |own| i64::from(own.price));
    let charged: Vec<String> = office
        .charged
        .iter()
        .map(|(category, count)| format!("{count} de {}", meta_word(category)))
        .collect();
    MessageSettingsPage {
        shell: shell(actor, Place::Today),
        desk: actor.may(Permission::ManageAgenda),
        errors: ErrorSummary::new(errors),
        fields: vec![
            Field::text("nombre", "Nombre del consultorio en los mensajes")
                .help("El que sus pacientes aceptaron que les escriba. Sin la especialidad")
                .max(60)
                .from(posted, errors),
            Field::text("lugar_cita", "Lugar de la cita")
                .help("Corto, como «Av. Juárez 10, piso 2». Sin la especialidad")
                .max(60)
                .from(posted, errors),
            Field::text("precio", "Precio de un mensaje de utilidad, en dólares")
                .help("El de la tabla de precios de Meta para México el día en que lo consulte")
                .width("w-10")
                .mode("decimal")
                .max(10)
                .from(posted, errors),
        ],
        checks: vec![
            Check::new("nombre_de_pila", "Saludar por su nombre de pila", posted.ticked("nombre_de_pila")),
            Check::new("enviar", "Enviar avisos y recordatorios", posted.ticked("enviar")).help(
                "A quien aceptó recibirlos, de 8:00 a 21:00. Las citas ya agendadas no se vuelven a anunciar",
            ),
        ],
        alarms: office.alarms.iter().map(alarm).collect(),
        estimate: estimate(office, price),
        charged: charged.join(", "),
    }
}

/// What a month of WhatsApp costs with the price the owner wrote, and when they wrote it.
fn estimate(office: &Office, price: i64) -> String {
    let priced_on = office.settings.as_ref().and_then(|own| own.priced_on);
    let of_day =
        priced_on.map(|day| format!(" (precio escrito el {})", format::form_date(day))).unwrap_or_default();
    if office.estimate == 0 {
        let each = dollars(price);
        return format!(
            "Todavía no hay citas con qué calcular el mes: cada mensaje cuesta {each} dólares{of_day}, y son unos tres por cita."
        );
    }
    format!(
        "Con las citas de los últimos 30 días serían unos {} mensajes al mes: cerca de {} dólares, a {} cada uno{of_day}. Meta \
         puede cobrar también las respuestas dentro de una conversación. Los correos y las llamadas no se cobran aquí.",
        office.estimate,
        dollars(office.estimate.saturating_mul(price)),
        dollars(price)
    )
}

/// "0.0080", of ten-thousandths.
fn dollars(ten_thousandths: i64) -> String {
    format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000)
}
