//! Looking for a code: as one types, in the hierarchy, among one's own.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use care::catalogue::{BranchLine, CodeChoice, CodeReason};
use care::consultation::Consultation;
use clinical::draft::ItemContent;
use clinical::ids::ItemId;
use serde::Deserialize;

use super::consultation::{encounter_id, kind, page_of};
use super::consultation_view::{doc_word, request};
use super::{Answer, encode, is_fragment, render, see, shell};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::coding::{BranchView, CodeChoices, CodeResults, CodeRow, CodeSearchPage};
use crate::views::consultation::{Desk, ModelView};
use crate::views::shell::Place;

/// What the address of the search carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CodeQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    oracion: String,
    #[serde(default)]
    documento: String,
    /// The place of the hierarchy.
    #[serde(default)]
    lugar: String,
}

impl CodeQuery {
    /// The address of this search at another place, with other words.
    fn address(&self, encounter: &str, words: &str, place: &str) -> String {
        let mut address = format!(
            "/consultas/{encounter}/cie?oracion={}&documento={}",
            encode(&self.oracion),
            encode(&self.documento)
        );
        for (name, value) in [("q", words), ("lugar", place)] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        address
    }
}

/// Codes as rows; `favourite` says which of them are kept at hand.
pub(super) fn code_rows(list: &[CodeChoice], favourite: impl Fn(&str) -> bool) -> Vec<CodeRow> {
    list.iter()
        .map(|choice| CodeRow {
            favourite: favourite(&choice.code.icd11),
            code: choice.code.icd11.clone(),
            title: choice.code.title.clone(),
            icd10: choice.icd10.iter().map(|code| (code.code.clone(), code.title.clone())).collect(),
            reason: choice.reason.as_ref().map(reason).unwrap_or_default(),
        })
        .collect()
}

/// "Alta confianza, por «diabetes», «tipo 2»".
fn reason(reason: &CodeReason) -> String {
    let words: Vec<String> = reason.words.iter().map(|word| format!("«{word}»")).collect();
    match (reason.is_sure, words.is_empty()) {
        (true, true) => "Alta confianza".to_owned(),
        (true, false) => format!("Alta confianza, por {}", words.join(", ")),
        (false, true) => String::new(),
        (false, false) => format!("Por {}", words.join(", ")),
    }
}

pub(super) fn desk(view: &Consultation, base: &str, token: &str) -> Desk {
    Desk {
        base: format!("/consultas/{base}"),
        doc: doc_word(view.kind),
        title: nom004::title(view.kind).to_owned(),
        hears: nom004::definition(view.kind).is_of_a_conversation(),
        templates: Vec::new(),
        manner: None,
        model: ModelView::default(),
        version: view.version,
        token: token.to_owned(),
        writes: true,
        signed: view.is_signed(),
        page: page_of(view.encounter.id, view.kind),
        request: request(view),
    }
}

pub(super) fn diagnosis(view: &Consultation, item: &str) -> Result<(ItemId, String), Outcome> {
    let found = item.parse().ok().and_then(|id| match &view.draft.item(id)?.content {
        ItemContent::Condition(condition) => Some((id, condition.text.trim_end_matches('.').to_owned())),
        _ => None,
    });
    // An item that is not there gets no form.
    found.ok_or_else(|| Outcome::not_found("el diagnóstico"))
}

/// `GET /consultas/{id}/cie`: codes for a diagnosis; only the list while someone types.
pub(crate) async fn search(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<CodeQuery>,
    headers: HeaderMap,
) -> Answer {
    let encounter = encounter_id(&id)?;
    let kind = kind(if query.documento.is_empty() { "nota" } else { &query.documento })?;
    let view = app.care.consultation(&user.actor, encounter, kind).await?;
    let (item, text) = diagnosis(&view, &query.oracion)?;
    let words: String = query.q.trim().chars().take(200).collect();
    let codes = app.care.codes(&user.actor, &words, &query.lugar).await?;
    let alone = is_fragment(&headers);
    // Only on the page of its own can a code be put among those at hand: the answer of that is this page.
    let keep = match (alone, user.actor.practitioner_id) {
        (false, Some(_)) => query.address(&id, "", "").replacen("/cie?", "/cie/favorito?", 1),
        _ => String::new(),
    };
    let choices = |legend: &str, mark: &str, list: &[CodeChoice]| CodeChoices {
        legend: legend.to_owned(),
        mark: mark.to_owned(),
        keys: false,
        keep: keep.clone(),
        rows: code_rows(list, |code| codes.is_favourite(code)),
    };
    let found = choices("Códigos encontrados", "r", &codes.found);
    let results = CodeResults {
        desk: desk(&view, &id, &user.actor.csrf),
        item: item.to_string(),
        query: words.clone(),
        found,
        problem: codes.problem.clone(),
    };
    if alone {
        return Ok(render(&results)?);
    }
    let place = |line: &BranchLine| BranchView {
        href: query.address(&id, "", &line.id),
        code: line.code.clone(),
        title: line.title.clone(),
    };
    let branch = codes.branch.as_ref();
    let here = branch.and_then(|branch| branch.code.clone());
    Ok(render(&CodeSearchPage {
        shell: shell(&user.actor, Place::Consultation),
        text,
        results,
        favourites: choices("Favoritos", "f", &codes.favourites),
        recent: choices("Recientes", "u", &codes.recent),
        path: branch.map(|branch| branch.path.iter().map(place).collect()).unwrap_or_default(),
        below: branch.map(|branch| branch.below.iter().map(place).collect()).unwrap_or_default(),
        here: here.map(|code| choices("Este código", "j", &[code])),
        edition: codes.edition.clone(),
        imported: codes.imported,
    })?)
}

/// `POST /consultas/{id}/cie/favorito`: keeps a code at hand, or no longer.
pub(crate) async fn keep(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<CodeQuery>,
    form: Form,
) -> Answer {
    encounter_id(&id)?;
    let (code, keep) = match form.posted.filled("guardar") {
        Some(code) => (code, true),
        None => (form.posted.get("quitar"), false),
    };
    app.care.keep_code(&form.actor, code, keep).await.map_err(|error| form.failed(error))?;
    Ok(see(&query.address(&id, form.posted.get("buscado"), "")))
}
