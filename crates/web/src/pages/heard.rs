//! Lo que se oyó: who said what, corrected with one click, and made the conversation of the consultation.

use axum::extract::{Path, Query, State};
use care::listening::HeardCorrection;
use care::{CareError, Permission};
use clinical::heard::Heard;
use clinical::ids::RecordingId;
use clinical::recording::RecordingState;
use clinical::transcript::Speaker;

use super::{Answer, ListQuery, render, see, shell, sound};
use crate::App;
use crate::labels;
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::heard::{HeardPage, HeardTurnView, SpeakerChoice, VoiceView};
use crate::views::shell::Place;

/// Turns of a page.
const PAGE: usize = 100;
/// Who may have spoken, with the word of the form.
const SPEAKERS: [(&str, Speaker); 4] = [
    ("medico", Speaker::Doctor),
    ("paciente", Speaker::Patient),
    ("acompanante", Speaker::Companion),
    ("no-se-sabe", Speaker::Unknown),
];

fn recording_id(text: &str) -> Result<RecordingId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la grabación"))
}

fn choices(now: Option<Speaker>) -> Vec<SpeakerChoice> {
    let one =
        |(code, speaker)| SpeakerChoice { code, label: labels::speaker(speaker), now: now == Some(speaker) };
    SPEAKERS.into_iter().map(one).collect()
}

/// `GET /grabaciones/{id}/palabras`.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let desk = app.care.heard(&user.actor, recording_id(&id)?).await?;
    let visit = desk.recording.encounter_id;
    let Some(heard) = desk.listening.and_then(|one| one.heard) else {
        return Ok(see(&format!("/consultas/{visit}/grabacion")));
    };
    let pages = heard.turns.len().div_ceil(PAGE).max(1);
    let page = (query.page() as usize + 1).min(pages);
    Ok(render(&HeardPage {
        shell: shell(&user.actor, Place::Consultation),
        name: desk.patient.full_name(),
        id: desk.recording.id.to_string(),
        visit: visit.to_string(),
        no_voice: super::recording::NO_VOICE,
        turns: turns(desk.recording.id, &heard, page),
        voices: voices(&heard),
        audible: desk.recording.state != RecordingState::Destroyed,
        unknown: heard.turns.iter().filter(|turn| turn.speaker == Speaker::Unknown).count(),
        page,
        pages,
    })?)
}

fn turns(id: RecordingId, heard: &Heard, page: usize) -> Vec<HeardTurnView> {
    let on_page = heard.turns.iter().enumerate().skip((page - 1) * PAGE).take(PAGE);
    let view = |(n, turn): (usize, &clinical::heard::HeardTurn)| HeardTurnView {
        n,
        at: sound::clock(turn.start_ms),
        sound: sound::address(id, &(turn.start_ms..turn.end_ms)),
        speaker: turn.speaker,
        text: turn.text.clone(),
        choices: choices(Some(turn.speaker)),
    };
    on_page.map(view).collect()
}

/// The voices with their turns; one whose turns are of several people has none marked.
fn voices(heard: &Heard) -> Vec<VoiceView> {
    let mut numbers: Vec<u8> = heard.turns.iter().filter_map(|turn| turn.voice).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let view = |n| {
        let own: Vec<Speaker> =
            heard.turns.iter().filter(|turn| turn.voice == Some(n)).map(|turn| turn.speaker).collect();
        let first = own.first().copied();
        let now = first.filter(|first| own.iter().all(|one| one == first));
        VoiceView { n, turns: own.len(), choices: choices(now) }
    };
    numbers.into_iter().map(view).collect()
}

/// `POST /grabaciones/{id}/palabras`: "turno=12:paciente" or "voz=2:paciente".
pub(crate) async fn correct(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = recording_id(&id)?;
    app.care.allow(&form.actor, Permission::WriteRecord).await.map_err(|error| form.failed(error))?;
    let read = |name: &str| {
        let (number, code) = form.posted.get(name).split_once(':')?;
        let (_, speaker) = SPEAKERS.into_iter().find(|(known, _)| *known == code)?;
        Some((number.parse::<usize>().ok()?, speaker))
    };
    let turn = read("turno");
    let correction = match (turn, read("voz")) {
        (Some((turn, speaker)), _) => Some(HeardCorrection::Turn(turn, speaker)),
        (None, Some((voice, speaker))) => {
            u8::try_from(voice).ok().map(|voice| HeardCorrection::Voice(voice, speaker))
        }
        (None, None) => None,
    };
    let missing = CareError::NotFound { what: "esa parte de la conversación" };
    let correction = correction.ok_or(missing)?;
    app.care.correct_heard(&form.actor, id, correction).await.map_err(|error| form.failed(error))?;
    let page = form.posted.get("pagina").parse::<u32>().unwrap_or(1);
    let place = turn.map(|(turn, _)| format!("#t{turn}")).unwrap_or_default();
    Ok(see(&format!("/grabaciones/{id}/palabras?pagina={page}{place}")))
}

/// `POST /grabaciones/{id}/palabras/usar`.
pub(crate) async fn apply(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let visit =
        app.care.use_heard(&form.actor, recording_id(&id)?).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/consultas/{visit}")))
}

/// `POST /grabaciones/{id}/escuchar`: asks for the words again, or gives them up.
pub(crate) async fn ask(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = recording_id(&id)?;
    let done = match form.posted.get("accion") {
        "cancelar" => app.care.cancel_listening(&form.actor, id).await,
        _ => app.care.ask_listening(&form.actor, id).await,
    };
    let visit = done.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/consultas/{visit}/grabacion#g-{id}")))
}
