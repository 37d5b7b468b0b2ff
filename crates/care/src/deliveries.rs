//! Information of a record given to somebody: on a written request, on an order, or because a law says so. Without the
//! paper its ground asks for, nothing is given (NOM-004 5.5.1 and 5.6).

use clinical::attachment::AttachmentCategory;
use clinical::audit::AuditAction;
use clinical::delivery::{
    Basis, Delivered, Delivery, DeliveryContent, DeliveryMeans, Ground, Recipient, WrittenRequest,
};
use clinical::ids::{AttachmentId, DeliveryId, PatientId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{Act, AttachmentEntry, DocumentSummary, PageRequest, StorageError, Tx};
use uuid::Uuid;

use crate::documents::Pdf;
use crate::error::CareError;
use crate::letters::{day, fact};
use crate::patient_form::brief;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::transfer::{self, ExportLine};
use crate::{Care, because, once};

/// Most documents and files offered for one delivery.
const OFFERED: u32 = 500;

/// A delivery as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryForm {
    /// [`Recipient::code`].
    pub recipient: String,
    /// Who signs the request or order.
    pub requested_by: String,
    /// The reason it states.
    pub reason: String,
    /// Its day as written.
    pub requested_on: String,
    /// Id of the file with the request or order; may be empty.
    pub request: String,
    /// What is notified or which provision orders it, where the law is the ground.
    pub duty: String,
    /// Who receives.
    pub received_by: String,
    /// How they proved who they are.
    pub identification: String,
    /// Ids of the signed documents.
    pub documents: Vec<String>,
    /// What else.
    pub other: String,
    /// [`DeliveryMeans::code`].
    pub means: String,
    /// The day it was given, as written; today when empty.
    pub on: String,
}

/// The deliveries of a record, and what a new one may name.
#[derive(Debug, Clone)]
pub struct DeliveryFile {
    /// Whose.
    pub patient: Patient,
    /// What was given, newest first.
    pub deliveries: Vec<Delivery>,
    /// Copies of the whole record that were taken out, newest first. Who took one out is known; to whom it was given is
    /// a delivery of its own.
    pub exports: Vec<ExportLine>,
    /// The signed documents, newest first.
    pub documents: Vec<DocumentSummary>,
    /// Requests and orders among the files of the record.
    pub requests: Vec<AttachmentEntry>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// What was given of a record, to whom and on which ground.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn deliveries(&self, actor: &Actor, patient: PatientId) -> Result<DeliveryFile, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let deliveries = tx.deliveries(patient.id).await?;
        let exports = transfer::exports(&mut tx, patient.id).await?;
        let documents = tx.documents_of_patient(patient.id, PageRequest::first(OFFERED)).await?.items;
        let requests = requests(&mut tx, patient.id).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "deliveries", "", Some(patient.id))).await?;
        tx.commit().await?;
        let now = self.now();
        Ok(DeliveryFile { patient, deliveries, exports, documents, requests, now, zone })
    }

    /// Records that information was given.
    ///
    /// # Errors
    /// [`CareError::Invalid`] names what is missing: without the written request or order that its ground asks for it
    /// is refused with the numeral.
    pub async fn deliver(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: &DeliveryForm,
    ) -> Result<DeliveryId, CareError> {
        self.require(actor, Permission::Deliver).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let offered = Offered {
            documents: tx.documents_of_patient(patient.id, PageRequest::first(OFFERED)).await?.items,
            requests: requests(&mut tx, patient.id).await?,
            today: self.now().to_zoned_datetime(zone.clone()).date(),
            zone,
        };
        let (mut content, chosen) = read(form, &patient, &offered)?;
        for head in chosen {
            let document = tx.document(head.id).await?.ok_or(CareError::NotFound { what: "el documento" })?;
            let act = day(head.act_at.to_zoned_datetime(offered.zone.clone()).date());
            let title = format!("{} del {act}", nom004::title(head.kind));
            content.documents.push(Delivered { id: head.id, title, pdf_digest: document.pdf_digest });
        }
        let id = DeliveryId(Uuid::now_v7());
        tx.insert_delivery(id, patient.id, &content, actor.user_id, self.now()).await?;
        let event = self.event(actor, AuditAction::Create, "delivery", id, Some(patient.id));
        let event = because(event, content.recipient.label());
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Notes that an entry is wrong, and why. It stays in the list, marked.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Finished`] when it was voided before.
    pub async fn void_delivery(
        &self,
        actor: &Actor,
        id: DeliveryId,
        reason: &str,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::Deliver).await?;
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué el registro está equivocado");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let delivery = found(&mut tx, id).await?;
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        let voided = match delivery.voided {
            Some(_) => Err(StorageError::Immutable),
            None => tx.void_delivery(id, act).await,
        };
        once(voided, || CareError::Finished { message: "Este registro ya estaba anulado".to_owned() })?;
        let event = self.event(actor, AuditAction::Update, "delivery", id, Some(delivery.patient_id));
        let event = because(event, "anulación");
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(delivery.patient_id)
    }

    /// The receipt of a delivery, to be signed by who receives it.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn delivery_receipt(&self, actor: &Actor, id: DeliveryId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let delivery = found(&mut tx, id).await?;
        let patient = record_of(&mut tx, delivery.patient_id).await?;
        let folio = format!("entrega {}", delivery.number);
        let mut letter = self.letter(&mut tx, "Acuse de entrega de información", folio).await?;
        letter.facts = vec![
            fact("Folio", delivery.number),
            fact("Paciente", patient.full_name()),
            fact("Expediente", &patient.record_number),
            fact("Fecha de entrega", day(delivery.content.on)),
        ];
        let (heading, lines) = entry(&delivery);
        letter
            .paragraphs
            .push("Se entrega la información que se indica, tomada del expediente clínico.".to_owned());
        letter.entries.push((heading, lines));
        if delivery.content.recipient != Recipient::Patient {
            let duty = "Quien recibe la información queda obligado a guardar su confidencialidad y a usarla solo para lo solicitado.";
            letter.closing.push(duty.to_owned());
        }
        letter.signers = vec![
            (delivery.content.received_by.clone(), "Recibe".to_owned()),
            (delivery.by_name.clone(), "Entrega".to_owned()),
        ];
        let event = self.event(actor, AuditAction::Print, "delivery", id, Some(delivery.patient_id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        self.letter_pdf(letter, format!("acuse-entrega-{}.pdf", delivery.number)).await
    }

    /// Everything that was given of a record, for its patient.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn delivery_log(&self, actor: &Actor, patient: PatientId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let patient = record_of(&mut tx, patient).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let deliveries = tx.deliveries(patient.id).await?;
        let exports = transfer::exports(&mut tx, patient.id).await?;
        let reference = format!("expediente {}", patient.record_number);
        let mut letter = self.letter(&mut tx, "Entregas y accesos de terceros", reference).await?;
        letter.facts = vec![
            fact("Paciente", patient.full_name()),
            fact("Expediente", &patient.record_number),
            fact("Entregas registradas", deliveries.len()),
            fact("Copias del expediente completo", exports.len()),
        ];
        letter.paragraphs.push(if deliveries.is_empty() {
            "No se ha registrado ninguna entrega de información de este expediente.".to_owned()
        } else {
            "A quién se entregó información de este expediente, con qué fundamento y qué se entregó, de lo más reciente a lo más antiguo.".to_owned()
        });
        letter.entries = deliveries.iter().map(entry).collect();
        if !exports.is_empty() {
            letter.paragraphs.push(EXPORTED.to_owned());
            letter.entries.extend(exports.iter().map(|export| exported(export, &zone)));
        }
        tx.append_audit(self.event(actor, AuditAction::Print, "deliveries", "", Some(patient.id))).await?;
        tx.commit().await?;
        self.letter_pdf(letter, format!("entregas-{}.pdf", patient.record_number)).await
    }
}

async fn found(tx: &mut Tx, id: DeliveryId) -> Result<Delivery, CareError> {
    tx.delivery(id).await?.ok_or(CareError::NotFound { what: "la entrega" })
}

async fn record_of(tx: &mut Tx, patient: PatientId) -> Result<Patient, CareError> {
    tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })
}

/// The papers that may be the ground of a delivery.
async fn requests(tx: &mut Tx, patient: PatientId) -> Result<Vec<AttachmentEntry>, CareError> {
    let files = tx.attachments_of_patient(patient, PageRequest::first(OFFERED)).await?.items;
    let valid = |entry: &AttachmentEntry| {
        entry.withdrawn.is_none() && entry.attachment.category == AttachmentCategory::Request
    };
    Ok(files.into_iter().filter(valid).collect())
}

/// What a form may name.
struct Offered {
    documents: Vec<DocumentSummary>,
    requests: Vec<AttachmentEntry>,
    today: Date,
    zone: TimeZone,
}

/// Reads a form into what is kept, still without its documents, and those documents.
fn read<'a>(
    form: &DeliveryForm,
    patient: &Patient,
    offered: &'a Offered,
) -> Result<(DeliveryContent, Vec<&'a DocumentSummary>), CareError> {
    let mut check = Check::new();
    let Some(recipient) = Recipient::from_code(&form.recipient) else {
        return Err(CareError::invalid("destinatario", "Elija a quién se entrega"));
    };
    let on = match form.on.trim() {
        "" => Some(offered.today),
        written => check.past_day("fecha_entrega", written, offered.today),
    };
    let basis = match recipient.ground() {
        Ground::Law => {
            let missing = "Escriba qué se notifica o qué disposición lo ordena, sin datos clínicos";
            Some(Basis::Duty { about: check.text("deber", &form.duty, missing) })
        }
        Ground::WrittenRequest | Ground::Order => {
            written(&mut check, form, recipient, on, offered).map(Basis::Written)
        }
    };
    let received_by = match form.received_by.trim() {
        "" if recipient == Recipient::Patient => patient.full_name(),
        name => check.text("recibe", name, "Escriba el nombre de quien recibe"),
    };
    let means = DeliveryMeans::from_code(&form.means);
    if means.is_none() {
        check.fail("medio", "Elija cómo se entrega");
    }
    let identification = brief(&mut check, "identificacion", &form.identification, 300);
    if identification.is_none() && means.is_some_and(|means| means != DeliveryMeans::Sent) {
        check.fail("identificacion", "Escriba con qué se identificó quien recibe");
    }
    let other = brief(&mut check, "otro", &form.other, 600);
    let chosen = offered.documents.iter().filter(|head| form.documents.contains(&head.id.to_string()));
    let chosen: Vec<&DocumentSummary> = chosen.collect();
    if chosen.is_empty() && other.is_none() {
        check.fail("otro", "Marque los documentos que se entregan o escriba qué otra cosa");
    }
    let (basis, (means, on)) = check.finish(basis.zip(means.zip(on)))?;
    let documents = Vec::with_capacity(chosen.len());
    let content =
        DeliveryContent { recipient, basis, received_by, identification, documents, other, means, on };
    Ok((content, chosen))
}

fn written(
    check: &mut Check,
    form: &DeliveryForm,
    recipient: Recipient,
    delivered: Option<Date>,
    offered: &Offered,
) -> Option<WrittenRequest> {
    let chosen = form.request.trim().parse::<AttachmentId>().ok();
    let attachment = chosen.filter(|id| offered.requests.iter().any(|entry| entry.attachment.id == *id));
    if attachment.is_none() {
        let paper = if recipient.ground() == Ground::Order {
            "Adjunte la orden de la autoridad a los archivos del expediente y elíjala aquí"
        } else {
            "Adjunte la solicitud por escrito a los archivos del expediente y elíjala aquí"
        };
        check.fail("solicitud", &format!("{paper}: sin ella no se entrega ({})", recipient.citation()));
    }
    let by = check.text("solicita", &form.requested_by, "Escriba quién firma la solicitud y con qué calidad");
    let reason = check.text("motivo", &form.reason, "Escriba el motivo que dice la solicitud");
    let on = check.past_day("fecha_solicitud", &form.requested_on, offered.today);
    if on.zip(delivered).is_some_and(|(on, delivered)| on > delivered) {
        check.fail("fecha_solicitud", "La solicitud no puede ser posterior a la entrega");
    }
    Some(WrittenRequest { by, reason, on: on?, attachment: attachment? })
}

/// What a list says of the exports in it.
const EXPORTED: &str = "Al final, cada copia del expediente completo que se sacó del sistema: quién, cuándo, en qué forma y por qué. A quién se dio, si se dio a alguien, es una de las entregas.";

/// An export as its lines on paper.
fn exported(export: &ExportLine, zone: &TimeZone) -> (String, Vec<String>) {
    let at = export.at.to_zoned_datetime(zone.clone());
    let heading = format!("Copia del expediente completo. {}. {}", day(at.date()), export.what);
    let who = format!("Sacó la copia: {}, {}", export.by_name, at.strftime("%H:%M"));
    (heading, vec![who, format!("Motivo: {}", export.reason)])
}

/// A delivery as its lines on paper.
fn entry(delivery: &Delivery) -> (String, Vec<String>) {
    let content = &delivery.content;
    let heading = format!("Folio {}. {}. {}", delivery.number, day(content.on), content.recipient.label());
    let mut lines = Vec::new();
    let shown = content.identification.as_ref().map(|how| format!(", se identificó con {how}"));
    lines.push(format!("Recibió: {}{}", content.received_by, shown.unwrap_or_default()));
    lines.push(match &content.basis {
        Basis::Written(request) => format!(
            "Fundamento: escrito del {} de {}, motivo: {} ({})",
            day(request.on),
            request.by,
            request.reason,
            content.recipient.citation()
        ),
        Basis::Duty { about } => format!("Fundamento: {about} ({})", content.recipient.citation()),
    });
    lines.extend(content.documents.iter().map(|document| format!("Documento: {}", document.title)));
    lines.extend(content.other.as_ref().map(|other| format!("Además: {other}")));
    lines.push(format!("{}. Entregó: {}", content.means.label(), delivery.by_name));
    lines.extend(
        delivery
            .voided
            .as_ref()
            .map(|(by, _, reason)| format!("Registro anulado por {by}. Motivo: {reason}")),
    );
    (heading, lines)
}
