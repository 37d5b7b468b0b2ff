//! A professional's calendar: the address their telephone reads, and files of other calendars.

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use care::calendars::CalendarSecret;
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::schedule::shown::Shown;

use super::{Answer, ListQuery, notice, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn, host};
use crate::ui::count;
use crate::views::calendars::CalendarPage;
use crate::views::form::{Choice, ErrorSummary};
use crate::views::shell::{Notice, Place};
use crate::{App, format, upload};

/// Most bytes of the request.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(calendar::FILE_MAX);

/// `GET /agenda/calendario`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let mut page = build(&app, &user.actor, "").await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn build(app: &App, actor: &Actor, whose: &str) -> Result<CalendarPage, Outcome> {
    let own = app.care.own_calendar(actor).await?;
    let setup = app.care.agenda_setup(actor).await?;
    let when = |at| format::day_and_time(at, &setup.zone, setup.today);
    let chosen = own.feed.as_ref().map_or(Shown::Busy, |feed| feed.shown);
    let people = setup.practitioners.iter().map(|one| (one.id.to_string(), one.full_name())).collect();
    let mine = actor.practitioner_id.map(|id| id.to_string()).unwrap_or_default();
    Ok(CalendarPage {
        shell: shell(actor, Place::Agenda),
        errors: ErrorSummary::new(&[]),
        attends: actor.practitioner_id.is_some(),
        shared: own.feed.map(|feed| match feed.read_at {
            Some(at) => format!("Se comparte desde {}; se leyó {}.", when(feed.created_at), when(at)),
            None => format!("Se comparte desde {}; nadie lo ha leído todavía.", when(feed.created_at)),
        }),
        address: None,
        shown: Shown::ALL.map(|shown| (shown.code(), shown.label(), shown == chosen)).to_vec(),
        manages: actor.may(Permission::ManageAgenda),
        whose: Choice::new("medico", "Médico", people).value(if whose.is_empty() { &mine } else { whose }),
        imported: own
            .imported
            .iter()
            .map(|(one, times)| {
                let times = count(times, "hora ocupada", "horas ocupadas");
                (one.id.to_string(), format!("{}: {times} por venir", one.full_name()))
            })
            .collect(),
        most_bytes: calendar::FILE_MAX,
    })
}

/// `POST /agenda/calendario`: shares, changes what is shown, or stops.
pub(crate) async fn share(State(app): State<App>, uri: Uri, headers: HeaderMap, form: Form) -> Answer {
    let shown = Shown::from_code(form.posted.get("muestra")).unwrap_or(Shown::Busy);
    let failed = |error: CareError| form.failed(error);
    match form.posted.get("hacer") {
        "guardar" => {
            app.care.show_in_calendar(&form.actor, shown).await.map_err(failed)?;
            Ok(see("/agenda/calendario?aviso=calendario-muestra"))
        }
        "dejar" => {
            app.care.stop_sharing_calendar(&form.actor).await.map_err(failed)?;
            Ok(see("/agenda/calendario?aviso=calendario-fin"))
        }
        _ => {
            let secret = app.care.share_calendar(&form.actor, shown).await.map_err(failed)?;
            let mut page = build(&app, &form.actor, "").await?;
            page.address = Some(address(&uri, &headers, &secret));
            // Shown once: no copy of the page is kept on the way or in the browser.
            Ok(([(header::CACHE_CONTROL, "no-store")], render(&page)?).into_response())
        }
    }
}

fn address(uri: &Uri, headers: &HeaderMap, secret: &CalendarSecret) -> String {
    format!("https://{}/calendario/{}.ics", host(uri, headers).unwrap_or_default(), secret.expose())
}

/// `GET /calendario/{secret}`: what a calendar program reads.
pub(crate) async fn feed(State(app): State<App>, Path(secret): Path<String>) -> Answer {
    let secret = secret.strip_suffix(".ics").unwrap_or(&secret);
    match app.care.shared_calendar(secret).await {
        Ok(text) => {
            let head =
                [(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
            Ok((head, text).into_response())
        }
        Err(CareError::NotFound { .. }) => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /agenda/calendario/importar`.
pub(crate) async fn import(State(app): State<App>, user: SignedIn, request: Request) -> Answer {
    app.care.allow(&user.actor, Permission::ManageAgenda).await?;
    let read = match upload::read(&app, &user.actor, request, calendar::FILE_MAX).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let whose = read.posted.get("medico").to_owned();
    let Some(content) = read.content else {
        let errors = [FieldError::new("archivo", calendar::CalendarError::TooLarge.to_string())];
        return refused(&app, &user.actor, &whose, &errors, StatusCode::PAYLOAD_TOO_LARGE).await;
    };
    let done = match whose.parse() {
        Ok(practitioner) => app.care.import_calendar(&user.actor, practitioner, content).await,
        Err(_) => Err(CareError::invalid("medico", "Elija al médico")),
    };
    match done {
        Ok(done) => {
            let mut page = build(&app, &user.actor, &whose).await?;
            let mut words = match done.times {
                0 => "El calendario no tiene horas ocupadas por venir.".to_owned(),
                times => format!("Calendario subido: {}.", count(times, "hora ocupada", "horas ocupadas")),
            };
            if done.unread > 0 {
                words = format!("{words} {} no se entendieron.", count(done.unread, "evento", "eventos"));
            }
            page.shell.notice = Some(match done.booked {
                0 if done.unread == 0 => Notice::good(words),
                0 => Notice::warn(words),
                booked => Notice::warn(format!(
                    "{words} Ya hay {} a esas horas: se quedan hasta que alguien las mueva o cancele.",
                    count(booked, "cita", "citas")
                )),
            });
            Ok(render(&page)?)
        }
        Err(CareError::Invalid(errors)) => {
            refused(&app, &user.actor, &whose, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn refused(app: &App, actor: &Actor, whose: &str, errors: &[FieldError], status: StatusCode) -> Answer {
    let mut page = build(app, actor, whose).await?;
    page.errors = ErrorSummary::new(errors);
    Ok((status, render(&page)?).into_response())
}

/// `POST /agenda/calendario/olvidar`.
pub(crate) async fn forget(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let whose = form.posted.get("medico").parse().map_err(|_| Outcome::not_found("a ese médico"))?;
    app.care.forget_imported(&form.actor, whose).await.map_err(|error| form.failed(error))?;
    Ok(see("/agenda/calendario?aviso=calendario-olvidado"))
}
