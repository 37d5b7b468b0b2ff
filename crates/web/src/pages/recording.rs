//! Grabación: the page, the consent on it, and what the recorder of the page sends.

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use care::brought::MAX_SOUND_FILE;
use care::consents::ConsentForm;
use care::error::FieldError;
use care::recordings::{Answered, PCM_SECOND, RecordingDesk, RecordingStatus, RecordingStep, SoundRule};
use care::{Actor, CareError, Permission};
use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::ids::RecordingId;
use clinical::recording::{ListeningState, RecordingState};
use serde::{Deserialize, Serialize};
use storage::{Listening, Piece, Recording};

use super::consultation::encounter_id;
use super::phone::panel;
use super::{Answer, ListQuery, notice, patient_bar, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::recording::{BringSound, ConsentBlock, Recorder, RecordingPage, RecordingRow, WordsView};
use crate::views::shell::{Extra, Place};
use crate::{App, format};

/// Most bytes of a request that brings a piece.
pub(crate) const PIECE_LIMIT: usize = PCM_SECOND + 1024;
/// The header a piece carries the secret of the session in; its body is sound.
const TOKEN: &str = "x-medicus-token";
const QUESTION: ConsentPurpose = ConsentPurpose::RecordConversation;

fn recording_id(text: &str) -> Result<RecordingId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la grabación"))
}

/// `GET /consultas/{id}/grabacion`.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let desk = app.care.recording_desk(&user.actor, encounter_id(&id)?).await?;
    let mut page = view(&user.actor, (&desk, app.care.listens()), &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(with_microphone(render(&page)?))
}

/// A page that may ask for the microphone; no other does.
pub(super) fn with_microphone(mut response: Response) -> Response {
    let allowed = HeaderValue::from_static("camera=(), geolocation=(), microphone=(self)");
    response.headers_mut().insert(HeaderName::from_static("permissions-policy"), allowed);
    response
}

/// The page again, with what is to be corrected.
pub(crate) fn with_errors(
    app: &App,
    actor: &Actor,
    desk: &RecordingDesk,
    errors: &[FieldError],
) -> RecordingPage {
    view(actor, (desk, app.care.listens()), &Posted::default(), errors)
}

fn view(
    actor: &Actor,
    (desk, listens): (&RecordingDesk, bool),
    posted: &Posted,
    errors: &[FieldError],
) -> RecordingPage {
    let open = desk.recordings.iter().rev().find(|recording| recording.state.is_open());
    let records = desk.permitted && desk.is_open();
    let recorder = Recorder {
        begin: format!("/consultas/{}/grabacion", desk.encounter.id),
        route: None,
        token: actor.csrf.clone(),
        note: Some(desk.encounter.id.to_string()),
        open: open.map(|recording| recording.id.to_string()),
        seconds: open.map_or(0, seconds),
    };
    let on_phone = desk.phone.as_ref().is_some_and(|phone| phone.open().is_some());
    RecordingPage {
        shell: shell(actor, Place::Consultation),
        phone: records.then(|| panel(actor, desk.encounter.id, desk.phone.as_ref())),
        patient: patient_bar(actor, &desk.patient, &desk.allergies, desk.now, &desk.zone, Extra::Nothing),
        id: desk.encounter.id.to_string(),
        errors: ErrorSummary::new(errors),
        consent: consent(desk, posted, errors),
        live: records && listens,
        brings: records.then(|| BringSound {
            error: errors.iter().find(|error| error.field == "archivo").map(|error| error.message.clone()),
            most_bytes: MAX_SOUND_FILE,
        }),
        recorder: Some(recorder).filter(|_| records && !on_phone),
        rows: desk.recordings.iter().zip(1..).map(|(one, n)| row(one, n, desk)).collect(),
        audible: desk.recordings.iter().any(audible),
        listens,
        types: !listens && desk.is_open() && !desk.has_transcript,
        fate: match desk.rule {
            SoundRule::Destroy => {
                "Al firmar la nota, el audio se destruye. Así lo decidió el establecimiento."
            }
            SoundRule::Keep => {
                "Al firmar la nota, el audio se conserva hasta que alguien lo destruya. Así lo decidió el establecimiento."
            }
        },
        open: desk.is_open(),
    }
}

fn consent(desk: &RecordingDesk, posted: &Posted, errors: &[FieldError]) -> ConsentBlock {
    let (state, warning) = match &desk.answered {
        Answered::Never => (("state-draft", "circle-help", "Sin preguntar"), None),
        Answered::Last(..) if desk.permitted => (("state-signed", "check", "Acepta"), None),
        Answered::Last(consent, _) if consent.given => (
            ("state-draft", "circle-help", "Ya no vale"),
            Some("La respuesta ya no vale para hoy. Pregunte de nuevo antes de grabar."),
        ),
        Answered::Last(..) => (
            ("state-draft", "x", "No acepta"),
            Some("No se graba. La consulta sigue igual: escriba la nota, o pegue o traiga la conversación."),
        ),
    };
    let mut means = vec![(String::new(), "Elija una opción".to_owned())];
    means.extend(ConsentMeans::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
    let until = [("", "Hasta que lo retire"), ("hoy", "Solo hoy")];
    let until = until.map(|(code, words)| (code.to_owned(), words.to_owned())).to_vec();
    let by =
        Field::text("responde", "Quién responde, si no es el paciente").help("Nombre y calidad").optional();
    let by = match errors.is_empty() && desk.patient.is_minor_on(format::day(desk.now, &desk.zone)) {
        true => by.value(desk.representatives.join("; ")),
        false => by.from(posted, errors),
    };
    ConsentBlock {
        state,
        question: QUESTION.question(),
        answer: match &desk.answered {
            Answered::Never => None,
            Answered::Last(consent, name) => Some(answer(consent, name, desk)),
        },
        warning,
        version: desk.notice.unwrap_or_default(),
        given: desk.permitted,
        means: Choice::new("medio", "Cómo respondió", means).from(posted, errors),
        until: Choice::new("vigencia", "Hasta cuándo vale", until).from(posted, errors),
        by,
        unfolded: !errors.is_empty() || matches!(desk.answered, Answered::Never),
    }
}

/// "Acepta, versión 2 del aviso, firma en papel, hoy 10:24; vale solo el 10 mar. Registró recepción."
fn answer(consent: &Consent, name: &str, desk: &RecordingDesk) -> String {
    let today = format::day(desk.now, &desk.zone);
    let what = if consent.given { "Acepta" } else { "No acepta" };
    let by = consent.answered_by.as_ref().map(|by| format!("; responde {by}")).unwrap_or_default();
    let until = consent.until.map(|until| {
        let last = format::day(until, &desk.zone).yesterday().unwrap_or(today);
        format!("; vale solo el {}", format::short_date(last, today))
    });
    format!(
        "{what}, versión {} del aviso, {}, {}{by}{}. Registró {name}.",
        consent.text_version,
        consent.means.label().to_lowercase(),
        format::day_and_time(consent.recorded_at, &desk.zone, today),
        until.unwrap_or_default()
    )
}

/// What is said of a recording in which nobody speaks, and what to do.
pub(super) const NO_VOICE: &str = "No se oyó voz. Óigala usted: si está en silencio, revise qué micrófono está elegido y \
     que el nivel se mueva al hablar, y grabe otra vez. La nota también se escribe sin grabar.";

pub(super) fn seconds(recording: &Recording) -> i64 {
    recording.size_bytes / PCM_SECOND as i64
}

fn audible(recording: &Recording) -> bool {
    recording.pieces > 0 && recording.state != RecordingState::Destroyed
}

fn row(recording: &Recording, n: usize, desk: &RecordingDesk) -> RecordingRow {
    let today = format::day(desk.now, &desk.zone);
    let length = seconds(recording);
    let missing = recording.missing();
    let began = format::day_and_time(recording.started_at, &desk.zone, today);
    let destroyed = recording.destroyed_at.map(|at| {
        format!(". Se destruyó {}: ya nadie puede oírla", format::day_and_time(at, &desk.zone, today))
    });
    let how = if recording.is_brought() { "Se trajo en un archivo" } else { "Empezó" };
    RecordingRow {
        id: recording.id.to_string(),
        title: format!("Grabación {n}"),
        about: format!("{how} {began}; dura {}{}", lasting(length), destroyed.unwrap_or_default()),
        state: recording.state.label(),
        missing: (missing > 0 && !recording.state.is_open()).then(|| match missing {
            1 => "Falta 1 segundo que no llegó a guardarse".to_owned(),
            many => format!("Faltan {many} segundos que no llegaron a guardarse"),
        }),
        words: desk.listening.iter().find(|one| one.recording == recording.id).map(words),
        open: recording.state.is_open(),
        audible: audible(recording),
        destroyable: recording.state != RecordingState::Destroyed,
    }
}

/// "19 s", "3 min 07 s".
fn lasting(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

fn words(listening: &Listening) -> WordsView {
    let somebody = listening.heard.as_ref().is_some_and(|heard| !heard.turns.is_empty());
    let (said, progress, act) = match listening.state {
        ListeningState::Live => ("Se va escuchando mientras se graba.".to_owned(), None, None),
        ListeningState::Waiting => {
            ("Espera su turno para convertirse en texto.".to_owned(), None, Some(("cancelar", "Cancelar")))
        }
        ListeningState::Running => {
            let done = listening.progress;
            (format!("Se convierte en texto: {done} de 100."), Some(done), Some(("cancelar", "Cancelar")))
        }
        ListeningState::Done if somebody => ("Convertida en texto.".to_owned(), None, None),
        ListeningState::Done => (NO_VOICE.to_owned(), None, None),
        ListeningState::Failed => {
            let why = listening.problem.as_deref().unwrap_or_default();
            let said =
                format!("No se pudo convertir en texto: {why}. Puede pedirla otra vez, o escribir la nota.");
            (said, None, Some(("pedir", "Pedirla otra vez")))
        }
        ListeningState::Cancelled => {
            let said = "Se canceló convertirla en texto.".to_owned();
            (said, None, Some(("pedir", "Pedirla otra vez")))
        }
    };
    WordsView { said, progress, done: somebody, act }
}

/// `POST /consultas/{id}/grabacion/consentimiento`.
pub(crate) async fn record_consent(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = encounter_id(&id)?;
    let desk = app.care.recording_desk(&form.actor, id).await?;
    let posted = &form.posted;
    let answer = ConsentForm {
        purpose: QUESTION.code().to_owned(),
        given: posted.get("respuesta") == "si",
        means: posted.get("medio").to_owned(),
        answered_by: posted.get("responde").to_owned(),
        version: form.version(),
        today_only: posted.get("vigencia") == "hoy",
    };
    match app.care.record_consent(&form.actor, desk.patient.id, &answer).await {
        Ok(()) => Ok(see(&format!("/consultas/{id}/grabacion?aviso=consentimiento"))),
        Err(CareError::Invalid(errors)) => {
            to_correct(&view(&form.actor, (&desk, app.care.listens()), posted, &errors))
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// What the recorder is told.
#[derive(Serialize)]
struct Told {
    id: String,
    estado: &'static str,
    /// Number of the next piece.
    siguiente: i64,
    /// Pieces that did not arrive.
    faltan: i64,
    /// Key for what waits in the browser, in base 64.
    clave: Option<String>,
    /// Secret of the session, which is another one after signing in again.
    token: String,
}

pub(super) fn told(token: &str, recording: &Recording, key: Option<&[u8]>) -> Response {
    let told = Told {
        id: recording.id.to_string(),
        estado: recording.state.code(),
        siguiente: recording.next,
        faltan: recording.missing(),
        clave: key.map(|key| STANDARD.encode(key)),
        token: token.to_owned(),
    };
    axum::Json(told).into_response()
}

pub(super) fn told_all(token: &str, status: &RecordingStatus) -> Response {
    told(token, &status.recording, status.device_key.as_ref().map(|key| &key[..]))
}

/// A refusal in one sentence, for the scripts of the page to show.
pub(crate) fn refused(error: CareError) -> Response {
    let said = error.to_string();
    let mut response = Outcome::from(error).into_response();
    *response.body_mut() = said.into();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// `POST /consultas/{id}/grabacion`: begins a recording.
pub(crate) async fn begin(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    match app.care.begin_recording(&form.actor, encounter_id(&id)?).await {
        Ok(status) => Ok(told_all(&form.actor.csrf, &status)),
        Err(error) => Ok(refused(error)),
    }
}

/// `GET /grabaciones/{id}/estado`: where a recorder asks before it goes on.
pub(crate) async fn status(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    match app.care.recording_status(&user.actor, recording_id(&id)?).await {
        Ok(status) => Ok(told_all(&user.actor.csrf, &status)),
        Err(error) => Ok(refused(error)),
    }
}

/// When a piece began, by the clock of the device.
#[derive(Debug, Deserialize)]
pub(crate) struct PieceQuery {
    #[serde(default)]
    inicio: i64,
}

/// `POST /grabaciones/{id}/piezas/{n}`: a second of sound. It is on disk when this answers.
pub(crate) async fn keep(
    State(app): State<App>,
    user: SignedIn,
    Path((id, n)): Path<(String, i64)>,
    Query(query): Query<PieceQuery>,
    request: Request,
) -> Answer {
    let id = recording_id(&id)?;
    app.care.allow(&user.actor, Permission::WriteRecord).await?;
    let piece = match piece(request, &user.actor.csrf, (n, query)).await {
        Ok(piece) => piece,
        Err(error) => return Ok(refused(error)),
    };
    match app.care.keep_sound(&user.actor, id, piece).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Ok(refused(error)),
    }
}

/// The piece a request brings, with the secret of whose forms it is.
pub(super) async fn piece(
    request: Request,
    token: &str,
    (number, query): (i64, PieceQuery),
) -> Result<Piece, CareError> {
    let secret = request.headers().get(TOKEN).and_then(|value| value.to_str().ok());
    if secret != Some(token) {
        let message = "Usted volvió a entrar. La grabación sigue con su sesión nueva".to_owned();
        return Err(CareError::Conflict { message });
    }
    let Ok(body) = axum::body::Bytes::from_request(request, &()).await else {
        return Err(CareError::invalid("audio", "El fragmento de audio no llegó completo"));
    };
    Ok(Piece { number, begins_ms: query.inicio, content: body.to_vec() })
}

/// What a recorder asks for.
pub(super) fn asked(posted: &Posted) -> RecordingStep {
    match posted.get("paso") {
        "pausa" => RecordingStep::Pause,
        "seguir" => RecordingStep::Resume,
        _ => RecordingStep::End(posted.get("hechas").parse().ok()),
    }
}

/// `POST /grabaciones/{id}/paso`: pause, go on, end.
pub(crate) async fn step(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = recording_id(&id)?;
    let step = asked(&form.posted);
    match app.care.step_recording(&form.actor, id, step).await {
        Ok(recording) if form.fragment => Ok(told(&form.actor.csrf, &recording, None)),
        Ok(recording) => Ok(see(&format!("/consultas/{}/grabacion#g-{id}", recording.encounter_id))),
        Err(error) if form.fragment => Ok(refused(error)),
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /grabaciones/{id}/destruir`.
pub(crate) async fn destroy(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = recording_id(&id)?;
    let encounter = app.care.destroy_recording(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/consultas/{encounter}/grabacion?aviso=grabacion-fin#g-{id}")))
}
