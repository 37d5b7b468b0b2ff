//! Su voz: a sample is recorded or brought, and forgotten again.

use axum::extract::{Query, Request, State};
use care::error::FieldError;
use care::voice::MAX_SAMPLE_BYTES;
use care::{Actor, CareError};

use super::recording::{refused, with_microphone};
use super::{Answer, ListQuery, is_fragment, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::ErrorSummary;
use crate::views::shell::Place;
use crate::views::voice::VoicePage;
use crate::{App, format, upload};

/// Most bytes of a request with a sample.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(MAX_SAMPLE_BYTES);

async fn view(app: &App, actor: &Actor, errors: &[FieldError]) -> Result<VoicePage, Outcome> {
    let since = app.care.own_voice(actor).await?;
    let zone = app.care.establishment().await?.map(|establishment| establishment.time_zone);
    let zone = care::zone(zone.as_deref().unwrap_or(care::DEFAULT_ZONE));
    Ok(VoicePage {
        shell: shell(actor, Place::Elsewhere),
        errors: ErrorSummary::new(errors),
        error: errors.first().map(|error| error.message.clone()),
        since: since.map(|at| format::long_date(format::day(at, &zone))),
        most_bytes: MAX_SAMPLE_BYTES,
    })
}

/// `GET /cuenta/voz`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let mut page = view(&app, &user.actor, &[]).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(with_microphone(render(&page)?))
}

/// `POST /cuenta/voz`.
pub(crate) async fn enrol(State(app): State<App>, user: SignedIn, request: Request) -> Answer {
    let fragment = is_fragment(request.headers());
    app.care.own_voice(&user.actor).await?;
    let read = match upload::read(&app, &user.actor, request, MAX_SAMPLE_BYTES).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let enrolled = match read.content {
        None => Err(CareError::invalid("archivo", "La muestra pesa demasiado: bastan 30 segundos")),
        Some(content) if content.is_empty() && read.file_name.is_empty() => {
            Err(CareError::invalid("archivo", "Grabe la muestra o elija el archivo"))
        }
        Some(content) => app.care.enrol_voice(&user.actor, content).await,
    };
    match enrolled {
        Ok(()) => Ok(see("/cuenta/voz?aviso=voz")),
        Err(error) if fragment => Ok(refused(error)),
        Err(CareError::Invalid(errors)) => {
            Ok(with_microphone(to_correct(&view(&app, &user.actor, &errors).await?)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /cuenta/voz/borrar`.
pub(crate) async fn forget(State(app): State<App>, form: Form) -> Answer {
    app.care.forget_voice(&form.actor).await.map_err(|error| form.failed(error))?;
    Ok(see("/cuenta/voz?aviso=voz-fin"))
}
