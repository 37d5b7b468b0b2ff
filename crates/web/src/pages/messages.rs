//! Mensajes: conversations for a person, notices to be given by telephone, and the settings.

use axum::extract::{Path, Query, State};
use care::messages::{Conversation, Office, SettingsForm, Unsent};
use care::{CareError, Permission};
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
        configured: app.care.has_channels(),
        on: desk.on,
        administers: user.actor.may(Permission::Administer),
        alarms: desk.alarms.iter().map(alarm).collect(),
        waiting: desk.waiting.iter().map(|one| conversation(one, desk.now, &desk.zone)).collect(),
        unsent: desk.unsent.iter().map(|one| unsent(one, desk.now, &desk.zone)).collect(),
        queued: desk.queued,
    })?)
}

fn alarm(raised: &MessageAlarm) -> AlarmView {
    let words = match (Alarm::from_code(&raised.name), raised.name.split_once(':')) {
        (Some(alarm), _) => alarm.label().to_owned(),
        (None, Some(("template", name))) => {
            format!(
                "La plantilla «{name}» quedó como {} en Meta: revísela en el Administrador de WhatsApp",
                raised.detail
            )
        }
        (None, Some((_, name))) => format!(
            "Meta cambió la plantilla «{name}» a la categoría {}: cada mensaje puede costar más",
            raised.detail
        ),
        (None, None) => format!("Meta avisó de un cambio en la cuenta o el número: {}", raised.detail),
    };
    AlarmView { name: raised.name.clone(), words }
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
            .map_or_else(|| "Oculta su número".to_owned(), |digits| format!("+{digits}")),
        patients: one
            .patients
            .iter()
            .map(|patient| (format!("/pacientes/{}/editar", patient.id), patient.data.identity.full_name()))
            .collect(),
        texts: one.texts.iter().map(|(at, text)| (when(*at, now, zone), text.clone())).collect(),
        stopped: one.who.stopped_at.is_some(),
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
            .with("lugar", own.place.as_str())
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
        place: form.posted.get("lugar").to_owned(),
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
    let charged: Vec<String> =
        office.charged.iter().map(|(category, count)| format!("{count} ({category})")).collect();
    MessageSettingsPage {
        shell: shell(actor, Place::Today),
        errors: ErrorSummary::new(errors),
        fields: vec![
            Field::text("nombre", "Nombre del consultorio en los mensajes")
                .help("El que sus pacientes aceptaron que les escriba. Sin la especialidad")
                .max(60)
                .from(posted, errors),
            Field::text("lugar", "Lugar de la cita")
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
        estimate: format!(
            "Con las citas de los últimos 30 días serían unos {} mensajes al mes: cerca de {} dólares, a {} cada uno.",
            office.estimate,
            dollars(office.estimate.saturating_mul(price)),
            dollars(price)
        ),
        charged: charged.join(", "),
    }
}

/// "0.0080", of ten-thousandths.
fn dollars(ten_thousandths: i64) -> String {
    format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000)
}
