//! Informes: reports of the boards that are made and sent by themselves.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::reports::{Board, MadeReport, PlanForm, ReportDesk};
use care::{Actor, CareError};
use clinical::ids::EntryId;
use figures::cadence::Cadence;
use storage::DeliveryState;

use super::{Answer, ListQuery, capitalised, notice, pdf, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Check, Choice, ErrorSummary, Field, Posted};
use crate::views::reports::{PlanView, ReportRow, ReportsPage};
use crate::views::shell::Place;
use crate::{App, format};

/// `GET /tableros/informes`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let desk = app.care.report_desk(&user.actor).await?;
    let mut page = reports_page(&user.actor, &desk, &kept(&desk), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// What is kept, as the form would post it.
fn kept(desk: &ReportDesk) -> Posted {
    let Some(plan) = &desk.plan else {
        return Board::ALL
            .into_iter()
            .fold(Posted::default(), |posted, board| posted.with(board.code(), "si"));
    };
    let posted = Posted::default()
        .with("cada", plan.cadence.code())
        .with("correos", plan.addresses.join("\n"))
        .with("carpeta", if plan.folder { "si" } else { "" });
    plan.boards.iter().fold(posted, |posted, board| posted.with(board.code(), "si"))
}

fn reports_page(actor: &Actor, desk: &ReportDesk, posted: &Posted, errors: &[FieldError]) -> ReportsPage {
    ReportsPage {
        shell: shell(actor, Place::Boards),
        tab: "informes",
        next: next_words(desk),
        trouble: desk.trouble.clone().unwrap_or_default(),
        plan: desk.administers.then(|| plan_view(desk, posted, errors)),
        preview: desk.plan.is_some(),
        rows: desk.made.iter().map(|made| row(desk, made)).collect(),
    }
}

fn next_words(desk: &ReportDesk) -> String {
    match &desk.next {
        None => "No hay informes programados.".to_owned(),
        Some((days, at)) => format!(
            "El siguiente será {days} y se hará el {} a las {}; si el equipo está apagado, cuando se encienda.",
            format::long_date(format::day(*at, &desk.zone)),
            format::time(*at, &desk.zone)
        ),
    }
}

fn plan_view(desk: &ReportDesk, posted: &Posted, errors: &[FieldError]) -> PlanView {
    let mut often = vec![(String::new(), "No hacer informes".to_owned())];
    often.extend(Cadence::ALL.map(|one| (one.code().to_owned(), one.label().to_owned())));
    let said =
        |name: &str| errors.iter().find(|error| error.field == name).map(|error| error.message.clone());
    PlanView {
        errors: ErrorSummary::new(errors),
        cadence: Choice::new("cada", "Cada cuánto", often)
            .help("Se hace a las 6:00 del día siguiente al último que abarca")
            .from(posted, errors),
        boards: Board::ALL
            .into_iter()
            .map(|board| Check::new(board.code(), board.label(), posted.ticked(board.code())))
            .collect(),
        boards_error: said("tableros"),
        addresses: desk.mail.then(|| {
            Field::area("correos", "A qué correos")
                .optional()
                .max(3000)
                .help("Solo de personas del consultorio, una dirección por renglón, hasta 10. Vacío: queda en esta página")
                .from(posted, errors)
        }),
        folder: desk.folder.then(|| {
            Check::new("carpeta", "Guardarlo también en la carpeta de informes del servidor", posted.ticked("carpeta"))
                .help("Ahí queda sin cifrar, como cualquier archivo de ese equipo")
        }),
        kept: desk.plan.is_some(),
        fresh: desk.fresh.to_string(),
    }
}

fn row(desk: &ReportDesk, made: &MadeReport) -> ReportRow {
    let today = format::day(desk.now, &desk.zone);
    let at = |moment| format::day_and_time(moment, &desk.zone, today);
    let kind = match Cadence::from_code(&made.report.cadence) {
        Some(Cadence::Weekly) => "Semanal",
        Some(Cadence::Monthly) => "Mensual",
        None => "Informe",
    };
    let why = if made.report.planned { "" } else { ", pedido por una persona" };
    let ways = made.ways.iter().map(|way| {
        let to = if way.address.is_empty() { "Carpeta del servidor" } else { &way.address };
        let problem = way.problem.as_deref().unwrap_or_default();
        let how = match way.state {
            DeliveryState::Sent if way.address.is_empty() => format!("guardado {}", at(way.changed_at)),
            DeliveryState::Sent => format!("enviado {}", at(way.changed_at)),
            DeliveryState::Sending => "enviándose".to_owned(),
            DeliveryState::Waiting if problem.is_empty() => "por enviar".to_owned(),
            DeliveryState::Waiting => format!("{problem}; se intenta otra vez {}", at(way.not_before)),
            DeliveryState::Failed => format!("no se envió. {problem}"),
        };
        (to.to_owned(), how, !problem.is_empty())
    });
    ReportRow {
        id: made.report.id.to_string(),
        days: capitalised(&made.days),
        made: format!("{kind}, hecho {}{why}", at(made.report.made_at)),
        ways: ways.collect(),
        failed: made.ways.iter().any(|way| way.state == DeliveryState::Failed),
    }
}

/// `POST /tableros/informes`.
pub(crate) async fn save(State(app): State<App>, form: Form) -> Answer {
    let chosen = Board::ALL.into_iter().map(Board::code).filter(|code| form.posted.ticked(code));
    let wanted = PlanForm {
        cadence: form.posted.get("cada").to_owned(),
        boards: chosen.map(str::to_owned).collect(),
        addresses: form.posted.get("correos").to_owned(),
        folder: form.posted.ticked("carpeta"),
    };
    match app.care.save_report_plan(&form.actor, &wanted).await {
        Ok(()) => Ok(see("/tableros/informes?aviso=informes")),
        Err(CareError::Invalid(errors)) => {
            let desk = app.care.report_desk(&form.actor).await.map_err(|error| form.failed(error))?;
            to_correct(&reports_page(&form.actor, &desk, &form.posted, &errors))
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /tableros/informes/hacer`.
pub(crate) async fn make(State(app): State<App>, form: Form) -> Answer {
    app.care
        .make_report_now(&form.actor, form.posted.get("informe"))
        .await
        .map_err(|error| form.failed(error))?;
    Ok(see("/tableros/informes?aviso=informe-hecho"))
}

/// `GET /tableros/informes/vista`.
pub(crate) async fn preview(State(app): State<App>, user: SignedIn) -> Answer {
    let file = app.care.preview_report(&user.actor).await?;
    Ok(pdf(file.bytes, &file.file_name))
}

/// `GET /tableros/informes/{report}`.
pub(crate) async fn file(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let id: EntryId = id.parse().map_err(|_| Outcome::not_found("ese informe"))?;
    let file = app.care.report_file(&user.actor, id).await?;
    Ok(pdf(file.bytes, &file.file_name))
}

/// `POST /tableros/informes/{report}/reenviar`.
pub(crate) async fn again(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id: EntryId = id.parse().map_err(|_| Outcome::not_found("ese informe"))?;
    app.care.send_report_again(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see("/tableros/informes?aviso=informe-otra-vez"))
}
