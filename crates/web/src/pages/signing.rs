//! Looking at what will be signed, and signing it.

use axum::extract::{Path, State};
use care::consultation::Consultation;
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::document::DocumentKind;
use clinical::draft::SectionId;
use clinical::ids::EncounterId;
use clinical::medication::MedicationRequest;
use clinical::practitioner::Practitioner;

use super::consultation::{encounter_id, kind, page_of};
use super::consultation_queue::{SEND, sign_words};
use super::consultation_view::doc_word;
use super::{Answer, patient_bar, pdf, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::form::{Choice, Field, Posted};
use crate::views::shell::{Extra, Place};
use crate::views::signing::{Endorse, SignPage, Way};
use crate::{App, format};

type DocPath = Path<(String, String)>;

/// `GET /consultas/{id}/{doc}/firmar`.
pub(crate) async fn sign_page(State(app): State<App>, user: SignedIn, Path((id, doc)): DocPath) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let view = app.care.consultation(&user.actor, id, kind).await?;
    if let Some(signed) = view.signed.iter().find(|head| head.kind == kind) {
        return Ok(see(&format!("/documentos/{}", signed.id)));
    }
    Ok(render(&page(&app, &view, &user.actor, &Refused::default()).await?)?)
}

/// What was posted and refused.
#[derive(Default)]
struct Refused {
    error: Option<String>,
    posted: Posted,
    errors: Vec<FieldError>,
}

/// "Dra. Inés Prueba Ceiba, cédula 1234567"; "Emiliano Sauce Prado, residente".
fn who(person: &Practitioner) -> String {
    let license = format!("cédula {}", person.license);
    let about = person.trainee.map_or(license, |trainee| trainee.label().to_lowercase());
    format!("{}, {about}", person.full_name())
}

async fn way(
    app: &App,
    view: &Consultation,
    actor: &Actor,
    refused: &Refused,
) -> Result<(Way, Option<String>), Outcome> {
    let author = &view.practitioner;
    if actor.practitioner_id == Some(author.id) && actor.may(Permission::SendForSignature) {
        let offered = app.care.supervisors(actor, view.kind).await?;
        let mut options = vec![(String::new(), "Elija".to_owned())];
        options.extend(offered.iter().map(|one| (one.id.to_string(), one.full_name())));
        let choice = Choice::new("supervisor", "Médico que supervisa y firma", options);
        let choice = match &view.sending {
            Some(sending) => choice.value(sending.physician.id),
            None => choice,
        };
        let chosen = !refused.posted.0.is_empty();
        let choice = if chosen { choice.from(&refused.posted, &refused.errors) } else { choice };
        return Ok((Way::Send(choice), None));
    }
    let refusal = view.signer_refusal(actor).map(|text| text.trim_end_matches('.').to_owned());
    let Some(sending) = view.sending.as_ref().filter(|_| refusal.is_none()) else {
        return Ok((Way::Sign, refusal));
    };
    let today = format::day(view.frame.signed_at, &view.zone);
    let endorse = Endorse {
        author: who(author),
        sent: format::day_and_time(sending.sent_at, &view.zone, today),
        changed: sending.changed.clone(),
        comment: Field::area("comentario", "Qué falta corregir")
            .max(2_000)
            .from(&refused.posted, &refused.errors),
    };
    Ok((Way::Endorse(endorse), None))
}

async fn page(app: &App, view: &Consultation, actor: &Actor, refused: &Refused) -> Result<SignPage, Outcome> {
    let id = view.encounter.id;
    let (way, refusal) = way(app, view, actor, refused).await?;
    let medicines: Vec<String> = view.to_prescribe().iter().map(with_quantity).collect();
    let definition = nom004::definition_of(&view.draft);
    let sections = definition.sections.iter().map(|section| {
        let sentences =
            view.draft.section(&SectionId::new(&section.id)).map(|item| item.content.text()).collect();
        (section.label.clone(), sentences)
    });
    // Proposals are counted, not listed: the note beside shows them.
    let mut obstacles: Vec<String> =
        view.obstacles().into_iter().filter(|line| !line.starts_with("Revise: ")).collect();
    if view.pending() > 0 {
        obstacles.insert(0, format!("{} por revisar", count(view.pending(), "oración", "oraciones")));
    }
    obstacles.extend(refusal);
    Ok(SignPage {
        shell: shell(actor, Place::Consultation),
        patient: patient_bar(
            actor,
            &view.patient,
            &view.allergies,
            view.frame.signed_at,
            &view.zone,
            Extra::Nothing,
        ),
        back: page_of(id, view.kind),
        action: format!("/consultas/{id}/{}", doc_word(view.kind)),
        version: view.version,
        title: nom004::title(view.kind).to_owned(),
        button: match way {
            Way::Send(_) => SEND.to_owned(),
            _ => sign_words(view.kind, !medicines.is_empty()),
        },
        medicines,
        earlier: earlier(view),
        obstacles,
        signer: match (&way, &view.frame.supervision) {
            (Way::Endorse(_), Some(supervision)) => who(&supervision.physician),
            _ => who(&view.practitioner),
        },
        way,
        error: refused.error.clone(),
        password: Field::password("contrasena", "Su contraseña", "current-password"),
        sections: sections.filter(|(_, sentences): &(String, Vec<String>)| !sentences.is_empty()).collect(),
    })
}

/// A line with what the pharmacy hands out.
fn with_quantity(request: &MedicationRequest) -> String {
    match &request.quantity {
        Some(quantity) => format!("{request} Cantidad a surtir: {}.", quantity.trim_end_matches('.')),
        None => request.to_string(),
    }
}

/// What the recetas of this visit already say about the medicines of the note, in sentences.
fn earlier(view: &Consultation) -> Vec<String> {
    let lines = view.draft.medication_requests().filter(|request| nom004::goes_on_prescription(request));
    let sentences = lines.filter_map(|request| {
        if let Some(folio) = view.earlier.folio_of(request) {
            return Some(format!("Ya va en la receta {folio} de esta consulta y no se repite: {request}"));
        }
        let (folio, line) = view.earlier.other_line(request)?;
        Some(format!("La receta {folio} de esta consulta lo indica de otro modo: {line}"))
    });
    sentences.collect()
}

/// The page again, with what was refused.
async fn again(app: &App, form: &Form, id: EncounterId, kind: DocumentKind, error: CareError) -> Answer {
    let posted = form.posted.clone();
    let refused = match error {
        CareError::Invalid(errors) => {
            // What the note lacks is listed by the page itself.
            let own = errors.iter().find(|one| one.field != "pendientes").map(|one| one.message.clone());
            Refused { error: own, posted, errors }
        }
        CareError::WrongPassword => {
            let said = "La contraseña no coincide. Escríbala otra vez".to_owned();
            Refused { error: Some(said), posted, errors: Vec::new() }
        }
        error @ (CareError::LockedOut { .. } | CareError::Conflict { .. }) => {
            Refused { error: Some(error.to_string()), posted, errors: Vec::new() }
        }
        error => return Err(form.failed(error)),
    };
    let view = app.care.consultation(&form.actor, id, kind).await.map_err(|error| form.failed(error))?;
    let page = page(app, &view, &form.actor, &refused).await?;
    to_correct(&page)
}

/// `POST /consultas/{id}/{doc}/enviar`: a trainee sends it to the physician who supervises.
pub(crate) async fn send(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let password = form.posted.get("contrasena").to_owned();
    let supervisor = form.posted.get("supervisor").parse().ok();
    let sent = app.care.send_for_signature(&form.actor, id, kind, form.version(), supervisor, password).await;
    match sent {
        Ok(()) => Ok(see("/hoy?aviso=enviado")),
        Err(error) => again(&app, &form, id, kind, error).await,
    }
}

/// `POST /consultas/{id}/{doc}/devolver`: the supervising physician gives it back.
pub(crate) async fn give_back(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    match app.care.return_to_author(&form.actor, id, kind, form.posted.get("comentario")).await {
        Ok(()) => Ok(see("/hoy?aviso=devuelto")),
        Err(error) => again(&app, &form, id, kind, error).await,
    }
}

/// `POST /consultas/{id}/{doc}/firmar`.
pub(crate) async fn sign(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let password = form.posted.get("contrasena").to_owned();
    match app.care.sign(&form.actor, id, kind, form.version(), password).await {
        Ok(signed) => {
            let next = signed.next.map(|(next, _)| format!("&siguiente={next}")).unwrap_or_default();
            Ok(see(&format!("/documentos/{}?firmado=si{next}", signed.note)))
        }
        Err(error) => again(&app, &form, id, kind, error).await,
    }
}

/// `GET /consultas/{id}/{doc}/borrador.pdf`.
pub(crate) async fn draft_pdf(State(app): State<App>, user: SignedIn, Path((id, doc)): DocPath) -> Answer {
    let bytes = app.care.preview(&user.actor, encounter_id(&id)?, kind(&doc)?, false).await?;
    Ok(pdf(bytes, "borrador.pdf"))
}

/// `GET /consultas/{id}/{doc}/receta.pdf`.
pub(crate) async fn draft_prescription(
    State(app): State<App>,
    user: SignedIn,
    Path((id, doc)): DocPath,
) -> Answer {
    let bytes = app.care.preview(&user.actor, encounter_id(&id)?, kind(&doc)?, true).await?;
    Ok(pdf(bytes, "receta-borrador.pdf"))
}
