//! A code made more precise by guided choices, before it is confirmed.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use care::precise::{AxisChoice, Choosable, Chosen, Precise};

use super::coding::{code_rows, desk, diagnosis};
use super::consultation::{encounter_id, kind};
use super::{Answer, encode, is_fragment, render, shell};
use crate::App;
use crate::session::SignedIn;
use crate::views::coding::CodeChoices;
use crate::views::form::{Field, Posted};
use crate::views::precise::{AxisView, ChoosableView, PrecisePage, PreciseResult};
use crate::views::shell::Place;

/// Names of what the address carries beside the axes.
const COMPANY: &str = "con";
const TYPED: &str = "otros";

/// Where a code of a diagnosis is made more precise; the code comes behind it.
pub(super) fn address(encounter: &str, item: &str, doc: &str) -> String {
    format!("/consultas/{encounter}/cie/precisar?oracion={}&documento={}&codigo=", encode(item), encode(doc))
}

/// What was chosen; `None` before anybody chose.
fn chosen(query: &Posted) -> Option<Chosen> {
    query.filled("elegido")?;
    let is_choice = |name: &str| name == COMPANY || name.starts_with("eje-");
    let codes = query.0.iter().filter(|(name, value)| is_choice(name) && !value.is_empty());
    Some(Chosen {
        codes: codes.map(|(_, value)| value.clone()).collect(),
        typed: query.get(TYPED).to_owned(),
    })
}

fn choosable(one: Choosable) -> ChoosableView {
    ChoosableView { code: one.code, title: one.title, chosen: one.chosen, said: one.said }
}

fn axis(axis: AxisChoice) -> AxisView {
    AxisView {
        name: format!("eje-{}", axis.id),
        label: axis.label,
        none: axis.values.iter().all(|value| !value.chosen),
        said: axis.values.iter().any(|value| value.said),
        values: axis.values.into_iter().map(choosable).collect(),
    }
}

/// `GET /consultas/{id}/cie/precisar`: the choices for a code and what they make; only that while someone chooses.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Answer {
    let query = Posted(query);
    let encounter = encounter_id(&id)?;
    let kind = kind(query.filled("documento").unwrap_or("nota"))?;
    let view = app.care.consultation(&user.actor, encounter, kind).await?;
    let (item, text) = diagnosis(&view, query.get("oracion"))?;
    let chosen = chosen(&query);
    let found = app.care.precise(&user.actor, query.get("codigo"), &text, chosen.as_ref()).await?;
    let Precise { stem, edition, axes, company, typed, result } = found;
    let (made, error) = match result {
        Ok(choice) => (Some(choice), None),
        Err(error) => (None, Some(error)),
    };
    let desk = desk(&view, &id, &user.actor.csrf);
    let result = PreciseResult {
        made: made.map(|choice| CodeChoices {
            legend: "Código con lo elegido".to_owned(),
            mark: "p".to_owned(),
            keys: false,
            keep: String::new(),
            rows: code_rows(&[choice], |_| false),
        }),
        error,
        item: item.to_string(),
        desk,
    };
    if is_fragment(&headers) {
        return Ok(render(&result)?);
    }
    let other = Field::text(TYPED, "Otros códigos")
        .help("De extensión o de otra afección, separados por espacios")
        .value(&typed)
        .optional();
    Ok(render(&PrecisePage {
        shell: shell(&user.actor, Place::Consultation),
        text,
        code: stem.code.icd11,
        title: stem.code.title,
        axes: axes.into_iter().map(axis).collect(),
        company: company.into_iter().map(choosable).collect(),
        other,
        edition,
        result,
    })?)
}
