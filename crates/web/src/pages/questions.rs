//! Preguntas: a question put together without scripts, its answer by role, and the questions that are kept.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::error::FieldError;
use care::figures::question_form::{BuiltQuestion, QuestionDesk};
use care::figures::questions::{Answered, PAGE, ReadQuestion};
use care::{Actor, CareError};
use clinical::ids::QuestionId;
use figures::icd::CHAPTERS;
use figures::question::{MOST_CLAUSES, Question, Span};

use super::questions_form as fields;
use super::{Answer, encode, notice, own_password, pages, render, see, shell, to_correct, to_mend};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Check, Choice, ErrorSummary, Field, Posted};
use crate::views::questions::{AddDiagnosis, AnswerRow, AnswerView, KeptRow, QuestionsPage};
use crate::views::shell::Place;
use crate::views::transfer::TakeOutPage;
use crate::{App, format};

const PLACE: &str = "/tableros/preguntas";

/// What the address or form brings.
type Pairs = Vec<(String, String)>;

/// The question as the query of an address.
fn query_of(question: &Question) -> String {
    let pairs = question.pairs();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Where a question stands, asked or not.
fn address(question: &Question, asked: bool) -> String {
    let mut query = query_of(question);
    if asked {
        query += if query.is_empty() { "ver=1" } else { "&ver=1" };
    }
    if query.is_empty() { PLACE.to_owned() } else { format!("{PLACE}?{query}") }
}

/// Takes away the condition whose button was pressed.
fn without_removed(mut pairs: Pairs) -> Pairs {
    let pressed = Posted(pairs.clone());
    let place = pressed.get("hacer").strip_prefix("quitar-").and_then(|place| place.parse::<usize>().ok());
    if let Some(place) = place {
        let mut at = 0;
        pairs.retain(|(name, _)| {
            let own = name == "c" && at == place;
            at += usize::from(name == "c");
            !own
        });
    }
    pairs
}

/// `GET /tableros/preguntas`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(pairs): Query<Pairs>) -> Answer {
    let posted = Posted(without_removed(pairs));
    let built = match app.care.build_question(&user.actor, &posted.0).await {
        Ok(built) => built,
        Err(CareError::Invalid(errors)) => return show(&app, &user, &posted, Shown::Wrong(&errors)).await,
        Err(error) => return Err(error.into()),
    };
    let pressed = !posted.get("hacer").is_empty() || !posted.get("elegir").is_empty();
    if pressed && built.choices.is_empty() {
        return Ok(see(&address(&built.read.question, posted.get("hacer") == "ver")));
    }
    if posted.get("ver").is_empty() {
        return show(&app, &user, &posted, Shown::Built(&built, None)).await;
    }
    let page = posted.get("pagina").parse::<u32>().unwrap_or(1).clamp(1, 100_000) - 1;
    match app.care.answer_question(&user.actor, &built.read.question, page).await {
        Ok(answer) => show(&app, &user, &posted, Shown::Built(&built, Some((answer, page)))).await,
        Err(CareError::Invalid(errors)) => show(&app, &user, &posted, Shown::Wrong(&errors)).await,
        Err(error) => Err(error.into()),
    }
}

/// The question of an address that asks for its records as a file.
async fn taken_out(app: &App, actor: &Actor, pairs: &Pairs) -> Result<Question, Outcome> {
    // Who may take nothing out is told so, whatever was asked.
    app.care.allow(actor, care::Permission::ExportRecord).await?;
    let read = Question::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    read.map_err(|errors| {
        let errors = errors.iter().map(|error| FieldError::new(error.field(), error));
        CareError::Invalid(errors.collect()).into()
    })
}

/// `GET /tableros/preguntas/pacientes.csv`: asks for the password before the records leave.
pub(crate) async fn export_form(
    State(app): State<App>,
    user: SignedIn,
    Query(pairs): Query<Pairs>,
) -> Answer {
    let question = taken_out(&app, &user.actor, &pairs).await?;
    Ok(render(&take_out(&user.actor, &question, &[]))?)
}

fn take_out(actor: &Actor, question: &Question, errors: &[FieldError]) -> TakeOutPage {
    TakeOutPage {
        shell: shell(actor, Place::Boards),
        what: "Exportar la lista de pacientes",
        about: "Los pacientes de la respuesta, en una tabla CSV. Que usted la exportó, y qué se preguntó, queda en la bitácora.",
        action: format!("{PLACE}/pacientes.csv?{}", query_of(question)),
        back: (address(question, true), "Preguntas"),
        errors: ErrorSummary::new(errors),
        password: own_password(errors),
    }
}

/// `POST /tableros/preguntas/pacientes.csv`.
pub(crate) async fn export(State(app): State<App>, Query(pairs): Query<Pairs>, form: Form) -> Answer {
    let question = taken_out(&app, &form.actor, &pairs).await?;
    let password = form.posted.get("contrasena").to_owned();
    match app.care.question_csv(&form.actor, &question, password).await {
        Ok((name, text)) => Ok(super::csv(&name, text)),
        Err(error) => to_correct(&take_out(&form.actor, &question, &to_mend(error)?)),
    }
}

/// `POST /tableros/preguntas/guardadas`.
pub(crate) async fn keep(State(app): State<App>, form: Form) -> Answer {
    let (actor, posted) = (&form.actor, &form.posted);
    let built = app.care.build_question(actor, &posted.0).await.map_err(|error| form.failed(error))?;
    let shared = posted.ticked("compartida");
    let user = SignedIn { actor: form.actor.clone() };
    match app.care.keep_question(actor, &built.read.question, posted.get("nombre"), shared).await {
        Ok(()) => {
            let back = address(&built.read.question, false);
            let sign = if back.contains('?') { '&' } else { '?' };
            Ok(see(&format!("{back}{sign}aviso=pregunta-guardada")))
        }
        Err(CareError::Invalid(errors)) => show(&app, &user, posted, Shown::Unkept(&built, &errors)).await,
        Err(error) => Err(form.failed(error)),
    }
}

fn question_id(text: &str) -> Result<QuestionId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("esa pregunta guardada"))
}

/// `POST /tableros/preguntas/{question}/nombre`.
pub(crate) async fn rename(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let (name, shared) = (form.posted.get("nombre"), form.posted.ticked("compartida"));
    let renamed = app.care.rename_question(&form.actor, question_id(&id)?, name, shared).await;
    renamed.map_err(|error| form.failed(error))?;
    Ok(see(&format!("{PLACE}?aviso=pregunta-guardada")))
}

/// `POST /tableros/preguntas/{question}/quitar`.
pub(crate) async fn remove(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let removed = app.care.remove_question(&form.actor, question_id(&id)?).await;
    removed.map_err(|error| form.failed(error))?;
    Ok(see(&format!("{PLACE}?aviso=pregunta-quitada")))
}

/// What the page is about.
enum Shown<'a> {
    /// A question, perhaps with its answer and which page of it.
    Built(&'a BuiltQuestion, Option<(Answered, u32)>),
    /// A question whose name has to be corrected.
    Unkept(&'a BuiltQuestion, &'a [FieldError]),
    /// A form to correct.
    Wrong(&'a [FieldError]),
}

async fn show(app: &App, user: &SignedIn, posted: &Posted, shown: Shown<'_>) -> Answer {
    let desk = app.care.question_desk(&user.actor).await?;
    let none: &[FieldError] = &[];
    let (built, answer, errors) = match shown {
        Shown::Built(built, answer) => (Some(built), answer, none),
        Shown::Unkept(built, errors) => (Some(built), None, errors),
        Shown::Wrong(errors) => (None, None, errors),
    };
    let rest;
    let read = match built {
        Some(built) => Some(&built.read),
        None => {
            rest = readable_conditions(app, user, posted).await;
            rest.as_ref()
        }
    };
    let mut frame = shell(&user.actor, Place::Boards);
    frame.notice = notice(posted.get("aviso"));
    let span = read.map(|read| read.question.span).unwrap_or_default();
    let typed = match span {
        Span::Days { from, until } => {
            posted.clone().with("desde", format::form_date(from)).with("hasta", format::form_date(until))
        }
        _ => posted.clone(),
    };
    let clauses = read.map(|read| {
        let codes = read.question.clauses.iter().map(figures::question::Clause::code);
        codes.zip(read.clauses.iter().cloned()).collect::<Vec<_>>()
    });
    let clauses = clauses.unwrap_or_default();
    let choices = built.map(|built| built.choices.clone()).unwrap_or_default();
    let whole = built.filter(|built| built.choices.is_empty()).map(|built| &built.read);
    let page = QuestionsPage {
        shell: frame,
        tab: "preguntas",
        errors: ErrorSummary::new(errors),
        sentence: whole.map(|read| read.sentence.clone()).unwrap_or_default(),
        who: fields::who(&desk.people, span, &typed, errors),
        ends: fields::ends(&typed, errors),
        more: clauses.len() < MOST_CLAUSES,
        clauses,
        diagnosis: diagnosis(choices, posted, errors),
        medicine: fields::medicine(posted, errors),
        value: fields::value(posted, errors),
        lacking: fields::lacking(posted, errors),
        answer: whole.zip(answer).map(|(read, (answer, page))| answer_view(read, &answer, page, &desk)),
        hidden: whole.map(|read| read.question.pairs()),
        name: Field::text("nombre", "Nombre")
            .help("Por ejemplo: Diabetes sin control")
            .max(80)
            .from(posted, errors),
        share: Check::new("compartida", "Compartirla con quien ve los tableros", posted.ticked("compartida")),
        kept: desk.kept.iter().map(|(one, asks)| kept_row(one, asks.as_ref(), user)).collect(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, render(&page)?).into_response())
}

/// The conditions of a form that has to be corrected, as far as they can be read.
async fn readable_conditions(app: &App, user: &SignedIn, posted: &Posted) -> Option<ReadQuestion> {
    let own = |name: &str| matches!(name, "c" | "periodo" | "desde" | "hasta");
    let all: Pairs = posted.0.iter().filter(|(name, _)| own(name)).cloned().collect();
    let alone: Pairs = posted.0.iter().filter(|(name, _)| name == "c").cloned().collect();
    match app.care.build_question(&user.actor, &all).await {
        Ok(built) => Some(built.read),
        Err(_) => app.care.build_question(&user.actor, &alone).await.ok().map(|built| built.read),
    }
}

fn diagnosis(choices: Vec<(String, String)>, posted: &Posted, errors: &[FieldError]) -> AddDiagnosis {
    let mut chapters = vec![(String::new(), "Ninguno".to_owned())];
    chapters
        .extend(CHAPTERS.iter().map(|own| (own.sign.to_string(), format!("{} {}", own.number, own.name))));
    AddDiagnosis {
        denied: fields::denied("dx_niega", posted),
        typed: Field::text("dx", "Diagnóstico")
            .help("Palabras o código de la CIE-11")
            .max(100)
            .from(posted, errors),
        chapter: Choice::new("capitulo", "O un capítulo completo", chapters).from(posted, errors),
        when: fields::when("dx_cuando", "Problema activo hoy", "Diagnosticado en el periodo", posted, errors),
        choices,
    }
}

fn answer_view(read: &ReadQuestion, answer: &Answered, page: u32, desk: &QuestionDesk) -> AnswerView {
    let found = answer.found.as_ref();
    let words = |n: i64| {
        let counted = crate::ui::count(usize::try_from(n).unwrap_or_default(), "paciente", "pacientes");
        if found.is_some() { counted } else { format!("Alrededor de {counted}") }
    };
    let rows =
        found.map(|found| found.items.as_slice()).unwrap_or_default().iter().map(|patient| AnswerRow {
            id: patient.id.to_string(),
            name: patient.full_name(),
            who: format!("{}, {}", patient.age_text(answer.today), patient.data.sex.label().to_lowercase()),
            number: patient.record_number.clone(),
            phone: patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        });
    let (_, page_count) = pages(found.map_or(0, |found| found.total), PAGE);
    AnswerView {
        count: answer.count.map_or_else(|| "Menos de 5 pacientes".to_owned(), words),
        lists: found.is_some(),
        rows: rows.collect(),
        query: query_of(&read.question),
        exports: desk.exports,
        page: page as usize + 1,
        pages: page_count,
        waits: answer.waits,
    }
}

fn kept_row(one: &storage::SavedQuestion, asks: Option<&ReadQuestion>, user: &SignedIn) -> KeptRow {
    let own = one.owner == user.actor.user_id;
    let sentence =
        asks.map_or("Ya no puede hacerse: nombra algo que no está en los catálogos", |read| &read.sentence);
    let whose = match (own, one.shared) {
        (true, true) => " · Compartida".to_owned(),
        (true, false) => String::new(),
        (false, _) => format!(" · De {}", one.owner_name),
    };
    KeptRow {
        id: one.id.to_string(),
        name: one.name.clone(),
        link: asks.map(|read| address(&read.question, true)).unwrap_or_default(),
        about: format!("{sentence}{whose}"),
        own: own.then(|| {
            let name =
                Field::text("nombre", "Nombre").id(format!("nombre-{}", one.id)).max(80).value(&one.name);
            (name, one.shared)
        }),
    }
}
