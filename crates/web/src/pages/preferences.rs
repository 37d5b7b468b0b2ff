//! Preferencias: what was learnt from how this person writes, and what they told.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::{Actor, CareError};
use clinical::draft::{DraftNote, ItemContent, SectionId};
use clinical::ids::PreferenceId;
use clinical::kept_lines::KeptLines;
use clinical::preference::{Habit, Manner, NOTES_TO_FOLLOW, Preference};
use jiff::tz::TimeZone;
use nom004::FilledBy;
use scribe::style::Topic;
use serde::Deserialize;

use super::{Answer, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::preferences::{PreferenceRow, PreferencesPage};
use crate::views::shell::Place;
use crate::{App, format};

/// The documents whose sections a phrase may be kept for.
const DOCUMENTS: [clinical::document::DocumentKind; 2] =
    [clinical::document::DocumentKind::PROGRESS_NOTE, clinical::document::DocumentKind::CLINICAL_HISTORY];

/// Which style is looked at, and what has just happened.
#[derive(Deserialize)]
pub(crate) struct StyleQuery {
    #[serde(default)]
    estilo: String,
    #[serde(default)]
    aviso: String,
}

/// `GET /cuenta/preferencias`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<StyleQuery>) -> Answer {
    let looked_at = Manner::from_code(&query.estilo);
    let mut page = page(&app, &user.actor, &Posted::default(), &[], "", looked_at).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn page(
    app: &App,
    actor: &Actor,
    posted: &Posted,
    errors: &[FieldError],
    opened: &'static str,
    looked_at: Option<Manner>,
) -> Result<PreferencesPage, CareError> {
    let kept = app.care.preferences(actor).await?;
    let used = kept.iter().find_map(|preference| match preference.habit {
        Habit::Manner(manner) => Some(manner),
        _ => None,
    });
    let used = used.unwrap_or_default();
    let shown = looked_at.unwrap_or(used);
    let zone = app.care.zone(actor).await?;
    let lines = app.care.kept_lines(actor).await?;
    let of = |wanted: fn(&Habit) -> bool| {
        kept.iter().filter(|preference| wanted(&preference.habit)).map(|p| row(p, &zone)).collect()
    };
    Ok(PreferencesPage {
        shell: shell(actor, Place::Elsewhere),
        errors: ErrorSummary::new(errors),
        needed: NOTES_TO_FOLLOW,
        shown,
        in_use: shown == used,
        example: example(&app.care.style_example(actor, Some(shown)).await?, false),
        wordings: of(|habit| matches!(habit, Habit::Wording { .. })),
        orders: of(|habit| matches!(habit, Habit::Order { .. })),
        phrases: of(|habit| matches!(habit, Habit::Phrase { .. })),
        kept: lines.iter().map(kept_row).collect(),
        new_wording: vec![
            Field::text("antes", "Palabras del borrador")
                .help("Por ejemplo: cefalea. Un # está por un número: de # días de evolución")
                .max(120)
                .from(posted, errors),
            Field::text("despues", "Sus palabras")
                .help("Por ejemplo: dolor de cabeza; desde hace # días")
                .max(120)
                .from(posted, errors),
        ],
        new_phrase: Field::area("frase", "Frase").max(300).from(posted, errors),
        section: Choice::new("apartado", "Apartado", sections()).from(posted, errors),
        model: app.care.language_model(actor).await?,
        opened,
    })
}

/// Identifier, name and lines of a favourite or protocol.
fn kept_row(one: &KeptLines) -> (String, String, Vec<String>) {
    let name = format!("{} ({})", one.name, one.label().to_lowercase());
    (one.id.to_string(), name, one.lines.iter().map(ToString::to_string).collect())
}

/// Heading and sentences of the sections that say something, or of all that are written; measurements in one line.
pub(super) fn example(note: &DraftNote, also_empty: bool) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    for section in &nom004::definition_of(note).sections {
        let id = SectionId::new(&section.id);
        let (signs, rest): (Vec<_>, Vec<_>) =
            note.section(&id).partition(|item| matches!(item.content, ItemContent::VitalSign(_)));
        let mut texts: Vec<String> = rest.iter().map(|item| item.content.text()).collect();
        if !signs.is_empty() {
            let signs: Vec<String> = signs.iter().map(|item| item.content.text()).collect();
            texts.insert(0, signs.join("; "));
        }
        if !texts.is_empty() || also_empty && !section.filled_by.is_in_head() {
            out.push((section.label.clone(), texts));
        }
    }
    out
}

fn sections() -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), "Cualquiera".to_owned())];
    for kind in DOCUMENTS {
        let definition = nom004::definition(kind);
        let free = definition
            .sections
            .iter()
            .filter(|section| matches!(section.filled_by, FilledBy::Items | FilledBy::Treatment));
        choices.extend(free.map(|s| (s.id.clone(), format!("{}: {}", definition.title, s.label))));
    }
    choices
}

fn row(preference: &Preference, zone: &TimeZone) -> PreferenceRow {
    let day = |at| format::long_date(format::day(at, zone));
    let section = |id: &clinical::draft::SectionId| nom004::section(&id.0).map(|section| &section.label);
    let (before, after, place) = match &preference.habit {
        Habit::Wording { before, after } => (before.clone(), after.clone(), None),
        Habit::Phrase { section: id, text } => (String::new(), text.clone(), section(id)),
        Habit::Manner(manner) => (String::new(), manner.label().to_owned(), None),
        Habit::Order { section: id, first, then } => {
            let label = |code: &str| Topic::from_code(code).map_or("otra cosa", Topic::label);
            (String::new(), format!("Primero {}, después {}", label(first), label(then)), section(id))
        }
    };
    let notes = usize::try_from(preference.notes).unwrap_or_default();
    let seen = format!(
        "vista en {}, la última el {}",
        count(notes, "nota firmada", "notas firmadas"),
        day(preference.last_seen)
    );
    let from = match (preference.by_hand, notes) {
        (true, 0) => format!("Escrita por usted el {}", day(preference.since)),
        (true, _) => format!("Escrita por usted; {seen}"),
        (false, _) => format!("Desde el {}; {seen}", day(preference.since)),
    };
    let missing = NOTES_TO_FOLLOW - preference.notes;
    PreferenceRow {
        id: preference.id.to_string(),
        before,
        after,
        about: match place {
            Some(place) => format!("{place}. {from}"),
            None => from,
        },
        state: match (preference.enabled, preference.is_followed()) {
            (false, _) => ("state-draft", "Desactivada"),
            (true, true) => ("state-signed", "Activa"),
            (true, false) if missing == 1 => ("state-draft", "Falta verla en 1 nota"),
            (true, false) => ("state-draft", "Falta verla en más notas"),
        },
        enabled: preference.enabled,
    }
}

async fn again(app: &App, form: &Form, opened: &'static str, error: CareError) -> Answer {
    let CareError::Invalid(errors) = error else { return Err(form.failed(error)) };
    to_correct(&page(app, &form.actor, &form.posted, &errors, opened, None).await?)
}

/// `POST /cuenta/preferencias/estilo`.
pub(crate) async fn choose_style(State(app): State<App>, form: Form) -> Answer {
    let manner = Manner::from_code(form.posted.get("estilo"));
    app.care.choose_manner(&form.actor, manner).await.map_err(|error| form.failed(error))?;
    Ok(see("/cuenta/preferencias?aviso=estilo#estilo"))
}

/// `POST /cuenta/preferencias/palabras`.
pub(crate) async fn add_wording(State(app): State<App>, form: Form) -> Answer {
    let (before, after) = (form.posted.get("antes"), form.posted.get("despues"));
    match app.care.add_wording(&form.actor, before, after).await {
        Ok(()) => Ok(see("/cuenta/preferencias?aviso=preferencia#palabras")),
        Err(error) => again(&app, &form, "palabras", error).await,
    }
}

/// `POST /cuenta/preferencias/frases`.
pub(crate) async fn add_phrase(State(app): State<App>, form: Form) -> Answer {
    let (section, text) = (form.posted.get("apartado"), form.posted.get("frase"));
    match app.care.add_phrase(&form.actor, section, text).await {
        Ok(()) => Ok(see("/cuenta/preferencias?aviso=preferencia#frases")),
        Err(error) => again(&app, &form, "frase", error).await,
    }
}

fn preference_id(text: &str) -> Result<PreferenceId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("esa preferencia"))
}

/// `POST /cuenta/preferencias/{preference}/activar`: on, or off.
pub(crate) async fn enable(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let (id, enabled) = (preference_id(&id)?, form.posted.ticked("activa"));
    app.care.enable_preference(&form.actor, id, enabled).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/cuenta/preferencias?aviso={}", if enabled { "preferencia" } else { "preferencia-no" })))
}

/// `POST /cuenta/preferencias/{preference}/quitar`.
pub(crate) async fn remove(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = preference_id(&id)?;
    app.care.remove_preference(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see("/cuenta/preferencias?aviso=preferencia-fin"))
}
