//! Signed documents: the list, one of them, its PDF, and the addendum.

use axum::extract::{Path, Query, State};
use care::documents::DocumentView;
use care::error::FieldError;
use care::{Actor, Permission};
use clinical::calendar::in_words;
use clinical::document::{Cancelled, DocumentBody, DocumentContent, DocumentKind, SignedItem};
use clinical::draft::Origin;
use clinical::ids::DocumentId;
use clinical::medication::MedicationRequest;
use clinical::practitioner::{Practitioner, Trainee};
use clinical::print::{DocumentPrint, PrintedAs};
use clinical::transcript::Transcript;
use drug_safety::OverrideReason;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use storage::{DocumentSummary, UnsavedText};

use super::chart::{CANCELLED, signed_words, state_words};
use super::consultation::page_of;
use super::consultation_view::cites;
use super::today::{open_views, to_sign};
use super::unsaved::read;
use super::{Answer, ListQuery, notice, pages, pdf as pdf_answer, render, see, shell, to_correct, to_mend};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::documents::*;
use crate::views::edit::Typing;
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::shell::{AllergyLine, Extra, PatientBar, Place};
use crate::{App, format};

pub(super) fn document_id(text: &str) -> Result<DocumentId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("el documento"))
}

/// `GET /documentos`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let (lines, total) = app.care.recent_documents(&user.actor, query.page()).await?;
    let day = app.care.today(&user.actor).await?;
    let today = format::day(day.now, &day.zone);
    let (total, page_count) = pages(total, care::chart::PAGE);
    let rows = lines.into_iter().map(|line| DocumentRow {
        href: format!("/documentos/{}", line.head.id),
        title: nom004::title(line.head.kind).to_owned(),
        patient: line.patient,
        when: format::day_and_time(line.head.signed_at, &day.zone, today),
        state: state_words(&line.head),
    });
    let mut open = open_views(&day);
    open.retain(|view| !view.unwritten);
    let mut shell = shell(&user.actor, Place::Documents);
    shell.to_sign = to_sign(&open);
    shell.narrow = false;
    shell.notice = notice(&query.aviso);
    Ok(render(&DocumentsPage {
        rows: rows.collect(),
        shell,
        open,
        total,
        page: query.page() as usize + 1,
        pages: page_count,
    })?)
}

/// What the address of a document may carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct DocumentQuery {
    #[serde(default)]
    origen: String,
    #[serde(default)]
    firmado: String,
    #[serde(default)]
    siguiente: String,
    #[serde(default)]
    aviso: String,
}

/// `GET /documentos/{id}`.
pub(crate) async fn document(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<DocumentQuery>,
) -> Answer {
    let view = app.care.document(&user.actor, document_id(&id)?).await?;
    let mut page = page(&view, &user.actor, !query.origen.is_empty());
    page.shell.notice = notice(&query.aviso);
    if !query.firmado.is_empty() && view.document.signed_by == user.actor.user_id {
        page.just_signed = Some(just_signed(&app, &user.actor, &view, &query.siguiente).await?);
    }
    Ok(render(&page)?)
}

async fn just_signed(
    app: &App,
    actor: &Actor,
    view: &DocumentView,
    next: &str,
) -> Result<JustSigned, Outcome> {
    let day = app.care.today(actor).await?;
    let next = day.open.iter().find(|open| open.encounter.id.to_string() == next);
    let receta = view.siblings.iter().find(|head| head.kind == DocumentKind::PRESCRIPTION);
    Ok(JustSigned {
        time: format::time(view.document.signed_at, &view.zone),
        next: next.map(|open| (format!("/consultas/{}", open.encounter.id), open.patient.full_name())),
        prescription: receta.map(|head| format!("/documentos/{}", head.id)),
    })
}

fn page(view: &DocumentView, actor: &Actor, origins: bool) -> DocumentPage {
    let content = &view.content;
    let kind = view.document.kind;
    let may_amend = actor.may_author(nom004::definition(kind)) && kind != DocumentKind::ADDENDUM;
    let mut page = DocumentPage {
        shell: shell(actor, Place::Documents),
        patient: document_bar(actor, view),
        id: view.document.id.to_string(),
        title: content.title.clone(),
        letterhead: letterhead(content),
        fields: header(view),
        sections: Vec::new(),
        medicines: Vec::new(),
        prescription: false,
        instructions: Vec::new(),
        decisions: Vec::new(),
        addendum: None,
        seal: seal(view),
        prints: view.prints.iter().map(|print| print_line(view, print)).collect(),
        efirma: view.efirma.as_ref().map(|efirma| super::efirma::seal(view, efirma)),
        may_efirma: view.may_efirma && actor.may(Permission::Sign),
        printed: view.prints.iter().any(|print| print.printed_as != PrintedAs::SignedFile),
        origins,
        request: content
            .answers
            .as_ref()
            .map(|request| (format!("/documentos/{}", request.id), request.title.clone())),
        replies: view.replies.iter().map(|head| reply(head, view)).collect(),
        awaits: view
            .answered_by
            .filter(|_| view.replies.is_empty())
            .map(|kind| actor.may_draft(nom004::definition(kind)) && actor.practitioner_id.is_some()),
        unsaved: view.unsaved.as_ref().filter(|_| may_amend).map(|text| begun(view, text)),
        addenda: view
            .addenda
            .iter()
            .map(|other| {
                let date = format::long_date(format::day(other.signed_at, &view.zone));
                (format!("/documentos/{}", other.id), format!("Adenda del {date}"))
            })
            .collect(),
        siblings: view
            .siblings
            .iter()
            .filter(|head| head.kind != DocumentKind::ADDENDUM)
            .map(|head| (format!("/documentos/{}", head.id), nom004::title(head.kind).to_owned()))
            .collect(),
        may_amend,
        cancelled: view
            .cancelled
            .clone()
            .map(|it| cancelled_words(&Cancelled::from(it), view.now, &view.zone)),
        cancelling: (kind == DocumentKind::PRESCRIPTION && may_amend && view.cancelled.is_none())
            .then(|| Cancelling::new(&Posted::default(), &[])),
        just_signed: None,
    };
    body(&mut page, content, view);
    page
}

/// "Cancelada hoy 10:32 por Dra. Citlali Encino. Motivo: dosis equivocada."
pub(super) fn cancelled_words(it: &Cancelled, now: Timestamp, zone: &TimeZone) -> String {
    let when = format::day_and_time(it.at, zone, format::day(now, zone));
    format!("Cancelada {when} por {}. Motivo: {}.", it.by, it.reason.trim_end_matches('.'))
}

/// The page of a receta again, with what its cancellation lacks.
pub(super) async fn refused_cancellation(
    app: &App,
    form: &Form,
    id: DocumentId,
    errors: &[FieldError],
) -> Answer {
    let view = app.care.document(&form.actor, id).await.map_err(|error| form.failed(error))?;
    let mut page = page(&view, &form.actor, false);
    page.cancelling = Some(Cancelling::new(&form.posted, errors));
    to_correct(&page)
}

/// "Reimpresión 2": "hoy 10:32, Dra. Citlali Encino. Motivo: la perdió".
fn print_line(view: &DocumentView, print: &DocumentPrint) -> (String, String) {
    let today = format::day(view.now, &view.zone);
    let when = format::day_and_time(print.printed_at, &view.zone, today);
    let reason = print.reason.as_ref().map(|reason| format!(". Motivo: {reason}")).unwrap_or_default();
    (print.printed_as.label(), format!("{when}, {}{reason}", print.printed_by_name))
}

/// An answer: address, and "Nota de interconsulta del 9 de marzo de 2026, Dra. Citlali Encino".
fn reply(head: &DocumentSummary, view: &DocumentView) -> (String, String) {
    let date = format::long_date(format::day(head.act_at, &view.zone));
    let words = format!("{} del {date}, {}", nom004::title(head.kind), head.signed_by_name);
    (format!("/documentos/{}", head.id), words)
}

fn body(page: &mut DocumentPage, content: &DocumentContent, view: &DocumentView) {
    let transcript = view.transcript.as_ref();
    let supervised = content.supervision.is_some();
    match &content.body {
        DocumentBody::Note { sections, .. } => {
            let written = sections.iter().filter(|section| !section.items.is_empty());
            page.sections = written
                .map(|section| SignedSectionView {
                    title: section.label.clone(),
                    numeral: section.numeral.clone(),
                    items: section.items.iter().map(|item| item_view(item, transcript, supervised)).collect(),
                })
                .collect();
        }
        DocumentBody::Prescription { folio, medication_requests, instructions, alert_decisions, .. } => {
            page.prescription = true;
            page.title = format!("Receta médica {folio}");
            let issued = format::day(content.signed_at, &view.zone);
            page.medicines = medication_requests.iter().map(|request| medicine(request, issued)).collect();
            page.instructions.clone_from(instructions);
            page.decisions = alert_decisions
                .iter()
                .map(|decision| {
                    let reason =
                        OverrideReason::from_code(&decision.reason_code).map_or("", OverrideReason::label);
                    let text = [decision.message.as_str(), reason, decision.reason_text.as_str()];
                    let said = text
                        .iter()
                        .map(|part| part.trim().trim_end_matches('.'))
                        .filter(|part| !part.is_empty());
                    format!("{}.", said.collect::<Vec<_>>().join(". "))
                })
                .collect();
        }
        DocumentBody::Addendum { amends, amends_title, reason, text, .. } => {
            let original = format!("/documentos/{amends}");
            page.addendum = Some((original, amends_title.clone(), reason.clone(), text.clone()));
        }
    }
}

fn item_view(item: &SignedItem, transcript: Option<&Transcript>, supervised: bool) -> SignedItemView {
    SignedItemView {
        text: in_words(&item.text).into_owned(),
        author: match &item.origin {
            Origin::Proposed => None,
            Origin::Edited { original } => Some(("pencil", format!("editada; propuesta: «{original}»"))),
            Origin::Written if supervised => Some(("pen-line", "escrita a mano".to_owned())),
            Origin::Written => Some(("pen-line", "escrita por quien firma".to_owned())),
        },
        cites: transcript.map(|transcript| cites(transcript, &item.evidence)).unwrap_or_default(),
        source: item.source.as_ref().and_then(|source| {
            let document = source.document?;
            Some((format!("/documentos/{document}"), format!("Tomada de: {}", source.words)))
        }),
    }
}

fn medicine(request: &MedicationRequest, issued: Date) -> SignedMedicine {
    let mut name = request.medicine.clone();
    if let Some(brand) = &request.brand {
        name.push_str(&format!(" ({brand})"));
    }
    if let Some(presentation) = &request.presentation {
        name.push_str(&format!(", {presentation}"));
    }
    let mut cells = Vec::new();
    let mut cell = |label, value: Option<String>| cells.extend(value.map(|value| (label, value)));
    cell("Dosis", request.dose.map(|dose| dose.to_string()));
    cell("Vía", request.route.map(|route| route.label().to_owned()));
    cell("Periodicidad", request.frequency.as_ref().map(ToString::to_string));
    cell("Duración", request.duration_text());
    cell("Cantidad", request.quantity.clone());
    cell("Cuándo", request.as_needed.then(|| "solo si lo necesita".to_owned()));
    let pharmacy = nom004::pharmacy_note(request, issued, format::long_date);
    SignedMedicine { name, cells, instructions: request.instructions.clone().unwrap_or_default(), pharmacy }
}

/// The bar over a signed document and what belongs to it.
pub(super) fn document_bar(actor: &Actor, view: &DocumentView) -> PatientBar {
    let addenda = i64::try_from(view.addenda.len()).unwrap_or_default();
    let words = match view.cancelled {
        Some(_) => CANCELLED.to_owned(),
        None => signed_words(view.document.kind, addenda),
    };
    bar(actor, view, words)
}

fn bar(actor: &Actor, view: &DocumentView, words: String) -> PatientBar {
    let patient = &view.content.patient;
    PatientBar {
        id: patient.id.to_string(),
        name: patient.name.clone(),
        facts: vec![
            patient.age.clone(),
            patient.sex.clone(),
            format!("Expediente {}", patient.record_number),
        ],
        // As it was when signed: the document is read as it was written.
        allergies: match patient.allergies.as_str() {
            "no interrogadas" => AllergyLine::NotAsked,
            "negadas" => AllergyLine::Denied,
            known => AllergyLine::Known(format!("Alergias: {known}")),
        },
        linked: true,
        opened: super::opened(actor, view.document.patient_id, &view.zone),
        extra: Extra::Signed { words },
    }
}

pub(super) fn letterhead(content: &DocumentContent) -> Vec<String> {
    let place = &content.establishment;
    let mut lines =
        vec![format!("{} {}", place.kind, place.name), place.address.clone(), place.owner.clone()];
    lines.extend(place.institution.clone());
    lines.extend(place.phone.as_ref().map(|phone| format!("Teléfono {phone}")));
    lines.extend(place.clues.as_ref().map(|clues| format!("CLUES {clues}")));
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn header(view: &DocumentView) -> Vec<(&'static str, String)> {
    let patient = &view.content.patient;
    let mut fields = vec![
        ("Paciente", patient.name.clone()),
        ("Edad", patient.age.clone()),
        ("Sexo", patient.sex.clone()),
        ("Expediente", patient.record_number.clone()),
    ];
    fields.extend(patient.address.clone().map(|address| ("Domicilio", address)));
    fields.push(("Alergias", patient.allergies.clone()));
    let (act, signed) = (long_moment(view, view.content.act_at), long_moment(view, view.content.signed_at));
    let late = act != signed;
    fields.push(("Fecha y hora del acto", act));
    if late {
        fields.push(("Fecha y hora de la firma", signed));
    }
    if let Some(supervision) = &view.content.supervision {
        let author = &view.content.author;
        let trainee = author.trainee.map_or("", Trainee::label).to_lowercase();
        fields.push(("Elaboró", format!("{}, {trainee}, {}", author.full_name(), author.degree_institution)));
        fields.push(("Supervisó y firmó", supervision.physician.full_name()));
        if !supervision.changed.is_empty() {
            fields.push(("Modificado por quien supervisa", supervision.changed.join("; ")));
        }
    }
    fields
}

fn long_moment(view: &DocumentView, at: jiff::Timestamp) -> String {
    format!("{}, {}", format::long_date(format::day(at, &view.zone)), format::time(at, &view.zone))
}

fn seal(view: &DocumentView) -> SealView {
    let author = view.content.signer();
    SealView {
        signer: author.full_name(),
        license: credentials(author),
        when: long_moment(view, view.document.signed_at),
        digest: view.document.content_digest.grouped(),
        pdf_digest: view.document.pdf_digest.grouped(),
        sequence: view.document.sequence.to_string(),
        intact: view.intact,
    }
}

/// Cédula, specialty and certificate of a professional in one line (LGS 83).
pub(crate) fn credentials(author: &Practitioner) -> String {
    let mut words = format!("Cédula profesional {}, {}", author.license, author.degree_institution);
    let Some(specialty) = &author.specialty else { return words };
    words.push_str(&format!(". {}, cédula {}", specialty.name, specialty.license));
    if let Some(own) = &specialty.certificate {
        let until = format::long_date(own.valid_until);
        words.push_str(&format!(". Certificado {} de {}, vigente hasta el {until}", own.number, own.council));
    }
    words
}

/// `POST /documentos/{id}/impresiones`: counts the copy, then hands it out.
pub(crate) async fn print(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = document_id(&id)?;
    let as_file = form.posted.ticked("archivo");
    match app.care.print(&form.actor, id, as_file, form.posted.get("motivo")).await {
        Ok(number) => Ok(see(&format!("/documentos/{id}/impresiones/{number}"))),
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /documentos/{id}/impresiones/{n}`.
pub(crate) async fn printed(
    State(app): State<App>,
    user: SignedIn,
    Path((id, number)): Path<(String, String)>,
) -> Answer {
    let number = number.parse().map_err(|_| Outcome::not_found("la copia"))?;
    let pdf = app.care.printed(&user.actor, document_id(&id)?, number).await?;
    Ok(pdf_answer(pdf.bytes, &pdf.file_name))
}

/// When an addendum that was not signed was kept last.
fn begun(view: &DocumentView, text: &UnsavedText) -> String {
    format::day_and_time(text.at, &view.zone, format::day(view.now, &view.zone))
}

fn addendum_page(
    view: &DocumentView,
    actor: &Actor,
    posted: &Posted,
    errors: &[FieldError],
    recovered: String,
) -> AddendumPage {
    let date = format::long_date(format::day(view.document.act_at, &view.zone));
    AddendumPage {
        shell: shell(actor, Place::Documents),
        patient: bar(actor, view, signed_words(view.document.kind, 0)),
        id: view.document.id.to_string(),
        original: format!("{} del {date}", view.content.title),
        errors: ErrorSummary::new(errors),
        fields: vec![
            Field::text("motivo", "Motivo")
                .help("Por qué hace falta corregir o completar")
                .max(300)
                .from(posted, errors),
            Field::area("texto", "Aclaración").help("Lo que se corrige o se agrega").from(posted, errors),
        ],
        typing: Typing {
            address: match actor.may_author(nom004::definition(DocumentKind::ADDENDUM)) {
                true => format!("/documentos/{}/adenda/sin-guardar", view.document.id),
                false => String::new(),
            },
            form: "adenda".to_owned(),
            recovered,
        },
        password: Field::password("contrasena", "Su contraseña", "current-password").from(posted, errors),
        signer: actor.display_name.clone(),
    }
}

/// `GET /documentos/{id}/adenda`.
pub(crate) async fn addendum_form(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let view = app.care.document(&user.actor, document_id(&id)?).await?;
    let kept = view.unsaved.as_ref().map(|text| (read(text), begun(&view, text)));
    let (posted, when) = kept.unwrap_or_default();
    Ok(render(&addendum_page(&view, &user.actor, &posted, &[], when))?)
}

/// `POST /documentos/{id}/adenda`.
pub(crate) async fn add_addendum(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let original = document_id(&id)?;
    let posted = &form.posted;
    let password = posted.get("contrasena").to_owned();
    let signed = app
        .care
        .add_addendum(&form.actor, original, posted.get("motivo"), posted.get("texto"), password)
        .await;
    let errors = match signed {
        Ok(addendum) => return Ok(see(&format!("/documentos/{addendum}?aviso=adenda"))),
        Err(error) => to_mend(error).map_err(|error| form.failed(error))?,
    };
    let view = app.care.document(&form.actor, original).await?;
    let page = addendum_page(&view, &form.actor, posted, &errors, String::new());
    to_correct(&page)
}

/// `POST /documentos/{id}/responder`: begins the answer to a request, or goes on with it.
pub(crate) async fn answer(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let begun = app.care.start_answer(&form.actor, document_id(&id)?).await;
    let (encounter, kind) = begun.map_err(|error| form.failed(error))?;
    Ok(see(&page_of(encounter, kind)))
}
