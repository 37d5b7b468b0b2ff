//! Catálogo CIE-11: the releases that are there, which is in use, and a new one brought in.

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::error::FieldError;
use care::icd_releases::{MAX_FILE_BYTES, ReleaseLine, Releases, SourceFile};
use care::{Actor, CareError, Permission};

use super::{Answer, ListQuery, notice, render, see, shell};
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::upload;
use crate::views::form::ErrorSummary;
use crate::views::releases::{ReleaseRow, ReleasesPage};
use crate::views::shell::{Notice, Place};
use crate::{App, format};

/// Most bytes of a request: WHO's five files together are far below what one may have.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(MAX_FILE_BYTES);

fn row(line: ReleaseLine, releases: &Releases) -> ReleaseRow {
    let kept = line.release;
    let codes = usize::try_from(kept.codes).unwrap_or_default();
    let day = format::long_date(format::day(kept.imported_at, &releases.zone));
    let by = line.imported_by.unwrap_or_else(|| "la orden del programa".to_owned());
    let maps = match line.maps.as_slice() {
        [] => "Sin equivalencias con la CIE-10: impórtelas con los archivos 11To10Map y 10To11Map".to_owned(),
        maps => format!("Equivalencias: {}", maps.join("; ")),
    };
    ReleaseRow {
        title: format!("Edición {}", kept.name),
        facts: vec![
            format!("{}; sello de la OMS: {}", count(codes, "código", "códigos"), kept.stamp),
            maps,
            format!("Importada el {day} por {by}"),
        ],
        in_use: line.in_use,
        name: kept.name,
    }
}

/// What one file may have at most, in words.
fn most() -> String {
    format!("{} MB", MAX_FILE_BYTES / (1024 * 1024))
}

async fn page(app: &App, actor: &Actor, errors: &[FieldError], told: Option<Notice>) -> Answer {
    let mut releases = app.care.icd_releases(actor).await?;
    let core = ReleaseRow {
        title: "Catálogo incluido".to_owned(),
        facts: vec![format!(
            "{} de uso frecuente, de la edición {}; viene con el programa",
            count(releases.core_codes, "código", "códigos"),
            care::icd_releases::CORE_EDITION
        )],
        in_use: releases.core_in_use(),
        name: String::new(),
    };
    let lines = std::mem::take(&mut releases.lines);
    let mut shell = shell(actor, Place::Accounts);
    shell.notice = told;
    Ok(render(&ReleasesPage {
        shell,
        errors: ErrorSummary::new(errors),
        file_error: errors.first().map(|error| error.message.clone()),
        rows: lines.into_iter().map(|line| row(line, &releases)).chain([core]).collect(),
        most: most(),
        attribution: care::icd_releases::ATTRIBUTION,
    })?)
}

/// `GET /cie11`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    page(&app, &user.actor, &[], notice(&query.aviso)).await
}

/// `POST /cie11`: brings files in.
pub(crate) async fn import(State(app): State<App>, user: SignedIn, request: Request) -> Answer {
    let actor = &user.actor;
    app.care.allow(actor, Permission::Administer).await?;
    let read = match upload::read(&app, actor, request, MAX_FILE_BYTES).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let done = match read.content {
        None => Err(CareError::invalid(
            "archivo",
            format!("Los archivos son demasiado grandes: los de la OMS caben juntos en {}", most()),
        )),
        Some(content) => {
            let files = read.others.into_iter().chain([(read.file_name, content)]);
            let files = files.filter(|(_, content)| !content.is_empty());
            let files = files.map(|(name, content)| SourceFile { name, content }).collect();
            app.care.import_icd(actor, files).await
        }
    };
    match done {
        Ok(done) => Ok(see(match (done.changed, done.in_use) {
            (false, _) => "/cie11?aviso=cie-ya",
            (true, true) => "/cie11?aviso=cie-en-uso",
            (true, false) => "/cie11?aviso=cie",
        })),
        Err(CareError::Invalid(errors)) => {
            let page = page(&app, actor, &errors, None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /cie11/usar`.
pub(crate) async fn choose(State(app): State<App>, form: Form) -> Answer {
    let name = form.posted.get("edicion");
    app.care.use_icd(&form.actor, name).await.map_err(|error| form.failed(error))?;
    Ok(see("/cie11?aviso=cie-elegida"))
}
