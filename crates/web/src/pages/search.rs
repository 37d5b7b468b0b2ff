//! Buscar: what the record says. Words travel in the body of a form, never in an address.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::search::{ATTACHMENT, EXTERNAL, Found, LAB_REPORT, OTHER_KINDS, SearchForm};
use care::{Actor, CareError};
use clinical::document::DocumentKind;
use serde::Deserialize;
use storage::SearchHit;

use super::chart::document_icon;
use super::patients::patient_id;
use super::{Answer, render, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::search::{FoundRow, SearchPage, SearchResults};
use crate::views::shell::Place;
use crate::{App, format};

/// What the address may carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    paciente: String,
}

/// `GET /buscar`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<PageQuery>) -> Answer {
    let posted = Posted::default().with("paciente", &query.paciente);
    let found = app.care.search(&user.actor, &form(&posted)?).await?;
    Ok(render(&search_page(&user.actor, &posted, &found, &[]))?)
}

/// `POST /buscar`: the page, or only the results while someone types.
pub(crate) async fn search(State(app): State<App>, sent: Form) -> Answer {
    let wanted = form(&sent.posted)?;
    let (found, errors) = match app.care.search(&sent.actor, &wanted).await {
        Ok(found) => (found, Vec::new()),
        Err(CareError::Invalid(errors)) => {
            let nothing = SearchForm { patient: wanted.patient, ..SearchForm::default() };
            (app.care.search(&sent.actor, &nothing).await?, errors)
        }
        Err(error) => return Err(sent.failed(error)),
    };
    if sent.fragment {
        let mut results = results(&sent.actor, &sent.posted, &found);
        results.wrong = errors.iter().map(|error| error.message.clone()).collect();
        return Ok(render(&results)?);
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, render(&search_page(&sent.actor, &sent.posted, &found, &errors))?).into_response())
}

fn form(posted: &Posted) -> Result<SearchForm, Outcome> {
    let text = |name: &str| posted.get(name).to_owned();
    Ok(SearchForm {
        text: text("q"),
        patient: posted.filled("paciente").map(patient_id).transpose()?,
        from: text("desde"),
        until: text("hasta"),
        kind: text("clase"),
        author: text("autor"),
        code: text("codigo"),
        before: posted.get("antes").parse().ok(),
    })
}

fn search_page(
    actor: &Actor,
    posted: &Posted,
    found: &Found,
    errors: &[care::error::FieldError],
) -> SearchPage {
    let any = |words: &str| vec![(String::new(), words.to_owned())];
    let mut kinds = any("Todos");
    let documents = nom004::definitions().iter();
    kinds.extend(documents.map(|d| (d.kind.code().to_owned(), d.title.clone())));
    kinds.extend(OTHER_KINDS.map(|(code, words)| (code.to_owned(), words.to_owned())));
    let mut authors = any("Cualquiera");
    authors.extend(found.authors.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let filters = ["desde", "hasta", "codigo", "clase", "autor"];
    SearchPage {
        shell: shell(actor, Place::Search),
        query: posted.get("q").to_owned(),
        patient: found.patient.as_ref().map(|patient| (patient.id.to_string(), patient.full_name())),
        fields: vec![
            Field::text("desde", "Desde").help("día/mes/año").from(posted, errors),
            Field::text("hasta", "Hasta").help("día/mes/año").from(posted, errors),
            Field::text("codigo", "Código CIE").help("Por ejemplo: BA00").max(20).from(posted, errors),
        ],
        choices: vec![
            Choice::new("clase", "Qué", kinds).from(posted, errors),
            Choice::new("autor", "Quién lo hizo", authors).from(posted, errors),
        ],
        filtered: filters.into_iter().any(|name| posted.filled(name).is_some()),
        errors: ErrorSummary::new(errors),
        results: results(actor, posted, found),
    }
}

/// Where a result leads.
fn address(hit: &SearchHit) -> String {
    match hit.entity.as_str() {
        ATTACHMENT => format!("/archivos/{}", hit.entity_id),
        LAB_REPORT => format!("/pacientes/{}/resultados", hit.patient.id),
        EXTERNAL => format!("/documentos/externos/{}", hit.entity_id),
        _ => format!("/documentos/{}", hit.entity_id),
    }
}

fn results(actor: &Actor, posted: &Posted, found: &Found) -> SearchResults {
    let today = format::day(found.now, &found.zone);
    let rows = found.entries.iter().map(|entry| {
        let hit = &entry.hit;
        FoundRow {
            href: address(hit),
            icon: match hit.entity.as_str() {
                LAB_REPORT => "flask-conical",
                _ => DocumentKind::from_code(&hit.kind).map_or("file-text", document_icon),
            },
            title: hit.title.clone(),
            date: format::short_date(format::day(hit.act_at, &found.zone), today),
            time: format::time(hit.act_at, &found.zone),
            patient: hit.patient.full_name(),
            author: hit.author.clone().unwrap_or_default(),
            snippet: entry.snippet.clone(),
        }
    });
    let next = found.next.map(|place| {
        let posted = posted.clone().with("antes", place).with("_token", &actor.csrf);
        posted.0
    });
    SearchResults {
        asked: found.asked,
        with_patient: found.patient.is_none(),
        rows: rows.collect(),
        next,
        later: posted.filled("antes").is_some(),
        wrong: Vec::new(),
    }
}
