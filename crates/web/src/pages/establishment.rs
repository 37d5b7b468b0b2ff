//! The establishment: its data, and the picture in its letterhead.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use care::error::FieldError;
use care::recordings::SoundRule;
use care::{Actor, CareError, Permission};
use clinical::practitioner::Establishment;

use super::access::establishment_form;
use super::attachments::as_foreign;
use super::{Answer, ListQuery, notice, render, see, shell};
use crate::App;
use crate::session::{Form, SignedIn};
use crate::upload;
use crate::views::access::{establishment_fields, zone_choice};
use crate::views::establishment::EstablishmentPage;
use crate::views::form::{Choice, ErrorSummary, Posted};
use crate::views::shell::Place;

/// Most bytes of a picture that are read; what is larger than a logo may be is refused with the reason.
const FILE_LIMIT: usize = 4 * 1024 * 1024;
/// Most bytes of a request that brings one.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(FILE_LIMIT);

/// `GET /establecimiento`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let mut page = view(&app, &user.actor, None, &[]).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn view(
    app: &App,
    actor: &Actor,
    posted: Option<&Posted>,
    errors: &[FieldError],
) -> Result<EstablishmentPage, CareError> {
    app.care.allow(actor, Permission::Administer).await?;
    let kept = app.care.establishment().await?;
    let stored = kept.as_ref().map(shown).unwrap_or_default();
    let posted = posted.unwrap_or(&stored);
    let has_logo = match app.care.shown_logo(actor).await {
        Ok(_) => true,
        Err(CareError::NotFound { .. }) => false,
        Err(error) => return Err(error),
    };
    Ok(EstablishmentPage {
        shell: shell(actor, Place::Accounts),
        errors: ErrorSummary::new(errors),
        fields: establishment_fields(posted, errors),
        zone: zone_choice(posted, errors),
        sound: sound_choice(app.care.sound_rule(actor).await?),
        has_logo,
        file_error: errors.iter().find(|error| error.field == "archivo").map(|error| error.message.clone()),
    })
}

fn shown(establishment: &Establishment) -> Posted {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let phone = establishment.phone.as_ref().map(ToString::to_string).unwrap_or_default();
    Posted::default()
        .with("tipo", &establishment.kind)
        .with("nombre_establecimiento", &establishment.name)
        .with("domicilio", &establishment.address)
        .with("razon_social", &establishment.owner)
        .with("institucion", text(&establishment.institution))
        .with("telefono", phone)
        .with("clues", text(&establishment.clues))
        .with("zona_horaria", &establishment.time_zone)
}

/// `POST /establecimiento`.
pub(crate) async fn change(State(app): State<App>, form: Form) -> Answer {
    match app.care.change_establishment(&form.actor, &establishment_form(&form.posted)).await {
        Ok(()) => Ok(see("/establecimiento?aviso=establecimiento")),
        Err(CareError::Invalid(errors)) => {
            let page = view(&app, &form.actor, Some(&form.posted), &errors).await?;
            super::to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /establecimiento/logotipo`: the picture, which can do nothing in a browser.
pub(crate) async fn logo(State(app): State<App>, user: SignedIn) -> Answer {
    let (media_type, bytes) = app.care.shown_logo(&user.actor).await?;
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    as_foreign(response.headers_mut());
    Ok(response)
}

/// `POST /establecimiento/logotipo`.
pub(crate) async fn set_logo(State(app): State<App>, user: SignedIn, request: Request) -> Answer {
    let actor = &user.actor;
    app.care.allow(actor, Permission::Administer).await?;
    let read = match upload::read(&app, actor, request, FILE_LIMIT).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let done = match read.content {
        None => Err(CareError::invalid("archivo", "La imagen pesa demasiado: elija una de hasta 300 kB")),
        Some(bytes) => app.care.set_logo(actor, bytes).await,
    };
    match done {
        Ok(()) => Ok(see("/establecimiento?aviso=logotipo")),
        Err(CareError::Invalid(errors)) => {
            let page = render(&view(&app, actor, None, &errors).await?)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /establecimiento/logotipo/quitar`.
pub(crate) async fn remove_logo(State(app): State<App>, form: Form) -> Answer {
    app.care.remove_logo(&form.actor).await.map_err(|error| form.failed(error))?;
    Ok(see("/establecimiento?aviso=logotipo-fin"))
}

fn sound_choice(rule: SoundRule) -> Choice {
    let options =
        [(SoundRule::Destroy, "Se destruye"), (SoundRule::Keep, "Se conserva hasta que alguien lo destruya")];
    let options = options.map(|(rule, words)| (rule.code().to_owned(), words.to_owned())).to_vec();
    Choice::new("audio", "Al firmar la nota, el audio", options).value(rule.code())
}

/// `POST /establecimiento/grabaciones`.
pub(crate) async fn set_sound_rule(State(app): State<App>, form: Form) -> Answer {
    let rule = SoundRule::from_code(form.posted.get("audio")).unwrap_or_default();
    app.care.set_sound_rule(&form.actor, rule).await.map_err(|error| form.failed(error))?;
    Ok(see("/establecimiento?aviso=grabaciones"))
}
