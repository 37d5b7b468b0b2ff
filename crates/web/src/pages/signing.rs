//! Looking at what will be signed, and signing it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::consultation::Consultation;
use care::{Actor, CareError};
use clinical::draft::SectionId;

use super::consultation::{encounter_id, kind, page_of};
use super::consultation_queue::sign_words;
use super::consultation_view::doc_word;
use super::{Answer, patient_bar, pdf, render, see, shell};
use crate::App;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::form::Field;
use crate::views::shell::{Extra, Place};
use crate::views::signing::SignPage;

type DocPath = Path<(String, String)>;

/// `GET /consultas/{id}/{doc}/firmar`.
pub(crate) async fn sign_page(State(app): State<App>, user: SignedIn, Path((id, doc)): DocPath) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let view = app.care.consultation(&user.actor, id, kind).await?;
    if let Some(signed) = view.signed.iter().find(|head| head.kind == kind) {
        return Ok(see(&format!("/documentos/{}", signed.id)));
    }
    Ok(render(&page(&view, &user.actor, None))?)
}

fn page(view: &Consultation, actor: &Actor, error: Option<String>) -> SignPage {
    let id = view.encounter.id;
    let medicines: Vec<String> = view
        .draft
        .medication_requests()
        .filter(|request| nom004::goes_on_prescription(request))
        .map(ToString::to_string)
        .collect();
    let sections = nom004::definition_of(&view.draft).sections.iter().map(|section| {
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
    if actor.practitioner_id != Some(view.practitioner.id) {
        obstacles.push(format!(
            "Esta consulta es de {}: solo esa persona puede firmarla",
            view.practitioner.full_name()
        ));
    }
    SignPage {
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
        button: sign_words(view.kind, !medicines.is_empty()),
        medicines,
        obstacles,
        signer: format!("{}, cédula {}", view.practitioner.full_name(), view.practitioner.license),
        error,
        password: Field::password("contrasena", "Su contraseña", "current-password"),
        sections: sections.filter(|(_, sentences): &(String, Vec<String>)| !sentences.is_empty()).collect(),
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
        Err(
            error @ (CareError::WrongPassword | CareError::LockedOut { .. } | CareError::Conflict { .. }),
        ) => {
            let said = match &error {
                CareError::WrongPassword => "La contraseña no coincide. Escríbala otra vez".to_owned(),
                other => other.to_string(),
            };
            let view =
                app.care.consultation(&form.actor, id, kind).await.map_err(|error| form.failed(error))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page(&view, &form.actor, Some(said)))?)
                .into_response())
        }
        Err(CareError::Invalid(_)) => {
            let view =
                app.care.consultation(&form.actor, id, kind).await.map_err(|error| form.failed(error))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page(&view, &form.actor, None))?).into_response())
        }
        Err(error) => Err(form.failed(error)),
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
