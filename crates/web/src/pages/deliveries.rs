//! Entregas de información: the list of a record, a new one, its receipt, and a wrong entry voided.

use axum::extract::{Path, Query, State};
use care::deliveries::{DeliveryFile, DeliveryForm};
use care::error::FieldError;
use care::transfer::ExportLine;
use care::{Actor, CareError, Permission};
use clinical::delivery::{Basis, Delivery, DeliveryMeans, Recipient};
use clinical::ids::DeliveryId;

use super::patients::{about, patient_id};
use super::{Answer, ListQuery, notice, opened, pdf, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::keeping::{DeliveriesPage, DeliveryFields, DeliveryRow};
use crate::views::shell::Place;
use crate::{App, format};

fn delivery_id(text: &str) -> Result<DeliveryId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la entrega"))
}

/// `GET /pacientes/{id}/entregas`.
pub(crate) async fn list(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let file = app.care.deliveries(&user.actor, patient_id(&id)?).await?;
    let mut page = page(&user.actor, &file, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn page(actor: &Actor, file: &DeliveryFile, posted: &Posted, errors: &[FieldError]) -> DeliveriesPage {
    let delivers = actor.may(Permission::Deliver);
    DeliveriesPage {
        shell: shell(actor, Place::Patients),
        id: file.patient.id.to_string(),
        name: file.patient.full_name(),
        about: about(&file.patient, format::day(file.now, &file.zone)),
        errors: ErrorSummary::new(errors),
        opened: opened(actor, file.patient.id, &file.zone),
        rows: file.deliveries.iter().map(row).collect(),
        exports: file.exports.iter().map(|export| exported(file, export)).collect(),
        delivers,
        form: delivers.then(|| fields(file, posted, errors)),
    }
}

/// An export: in which form; who, when and why.
fn exported(file: &DeliveryFile, export: &ExportLine) -> (String, String) {
    let when = format::day_and_time(export.at, &file.zone, format::day(file.now, &file.zone));
    (export.what.clone(), format!("{}, {when}. Motivo: {}", export.by_name, export.reason))
}

fn row(delivery: &Delivery) -> DeliveryRow {
    let content = &delivery.content;
    let shown = content.identification.as_ref().map(|how| format!(", se identificó con {how}"));
    let mut lines = vec![format!("Recibió {}{}", content.received_by, shown.unwrap_or_default())];
    let ground = match &content.basis {
        Basis::Written(request) => format!(
            "Escrito del {} de {}. Motivo: {}",
            format::long_date(request.on),
            request.by,
            request.reason
        ),
        Basis::Duty { about } => about.clone(),
    };
    lines.push(format!("{ground} ({})", content.recipient.citation()));
    lines.extend(content.documents.iter().map(|document| document.title.clone()));
    lines.extend(content.other.clone());
    lines.push(format!("{}. Entregó {}", content.means.label(), delivery.by_name));
    DeliveryRow {
        id: delivery.id.to_string(),
        number: delivery.number,
        title: format!(
            "{}. {}, {}",
            delivery.number,
            format::long_date(content.on),
            content.recipient.label()
        ),
        lines,
        request: match &content.basis {
            Basis::Written(request) => {
                Some((format!("/archivos/{}", request.attachment), "Ver el escrito".to_owned()))
            }
            Basis::Duty { .. } => None,
        },
        voided: (delivery.voided.as_ref())
            .map(|(by, _, reason)| format!("Registro anulado por {by}: {reason}"))
            .unwrap_or_default(),
    }
}

fn fields(file: &DeliveryFile, posted: &Posted, errors: &[FieldError]) -> DeliveryFields {
    let mut recipients = vec![(String::new(), "Elija a quién".to_owned())];
    recipients.extend(Recipient::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    let mut requests = vec![(String::new(), "Ninguno".to_owned())];
    requests.extend(file.requests.iter().map(|entry| {
        let day = format::day(entry.attachment.recorded_at, &file.zone);
        let words = format!("{}, agregado el {}", entry.attachment.title, format::form_date(day));
        (entry.attachment.id.to_string(), words)
    }));
    let mut means = vec![(String::new(), "Elija cómo".to_owned())];
    means.extend(DeliveryMeans::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    let ticked = |id: &str| posted.0.iter().any(|(name, value)| name == "documento" && value == id);
    let text = |name, label| Field::text(name, label).max(300);
    DeliveryFields {
        recipient: Choice::new("destinatario", "A quién se entrega", recipients)
            .width("")
            .from(posted, errors),
        request: Choice::new("solicitud", "Escrito adjunto", requests).width("").from(posted, errors),
        written: vec![
            text("solicita", "Quién lo firma y con qué calidad").from(posted, errors),
            text("motivo", "Motivo que dice").from(posted, errors),
            Field::text("fecha_solicitud", "Fecha del escrito")
                .help("día/mes/año")
                .width("w-10")
                .from(posted, errors),
        ],
        duty: text("deber", "Qué se notifica o qué disposición lo ordena")
            .help("Sin datos clínicos. Por ejemplo: caso sospechoso, formato y folio")
            .from(posted, errors),
        documents: file
            .documents
            .iter()
            .map(|head| {
                let day = format::form_date(format::day(head.act_at, &file.zone));
                let id = head.id.to_string();
                let ticked = ticked(&id);
                (id, format!("{} del {day}", nom004::title(head.kind)), ticked)
            })
            .collect(),
        other: Field::text("otro", "Otra cosa")
            .help("Copias de archivos, un formato de la autoridad")
            .optional()
            .max(600)
            .from(posted, errors),
        received: vec![
            text("recibe", "Quién recibe").help("Vacío si es el paciente").from(posted, errors),
            text("identificacion", "Con qué se identificó")
                .help("Por ejemplo: credencial para votar y su número")
                .from(posted, errors),
        ],
        means: Choice::new("medio", "Cómo se entrega", means).from(posted, errors),
        on: Field::text("fecha_entrega", "Fecha de entrega")
            .help("día/mes/año; hoy si se deja vacía")
            .width("w-10")
            .optional()
            .from(posted, errors),
    }
}

/// `POST /pacientes/{id}/entregas`.
pub(crate) async fn add(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let text = |name: &str| form.posted.get(name).to_owned();
    let chosen = form.posted.0.iter().filter(|(name, _)| name == "documento");
    let delivery = DeliveryForm {
        recipient: text("destinatario"),
        requested_by: text("solicita"),
        reason: text("motivo"),
        requested_on: text("fecha_solicitud"),
        request: text("solicitud"),
        duty: text("deber"),
        received_by: text("recibe"),
        identification: text("identificacion"),
        documents: chosen.map(|(_, value)| value.clone()).collect(),
        other: text("otro"),
        means: text("medio"),
        on: text("fecha_entrega"),
    };
    match app.care.deliver(&form.actor, id, &delivery).await {
        Ok(_) => Ok(see(&format!("/pacientes/{id}/entregas?aviso=entrega"))),
        Err(CareError::Invalid(errors)) => {
            let file = app.care.deliveries(&form.actor, id).await?;
            let page = page(&form.actor, &file, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /entregas/{id}/anular`.
pub(crate) async fn void(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    match app.care.void_delivery(&form.actor, delivery_id(&id)?, form.posted.get("motivo")).await {
        Ok(patient) => Ok(see(&format!("/pacientes/{patient}/entregas?aviso=entrega-anulada"))),
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /entregas/{id}/acuse`.
pub(crate) async fn receipt(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let letter = app.care.delivery_receipt(&user.actor, delivery_id(&id)?).await?;
    Ok(pdf(letter.bytes, &letter.file_name))
}

/// `GET /pacientes/{id}/entregas/lista`: everything that was given, for the patient.
pub(crate) async fn log(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let letter = app.care.delivery_log(&user.actor, patient_id(&id)?).await?;
    Ok(pdf(letter.bytes, &letter.file_name))
}
