//! Hoy, arrivals, and the consultations that wait.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use care::agenda::{AgendaLine, OpenEncounter, ToEndorse, Today};
use care::booking::Booker;
use care::cosign::Stage;
use care::overdue::Overdue;
use care::private::OpeningNotice;
use care::replies::OpenRequest;
use care::{Actor, Permission};
use clinical::encounter::{AppointmentState, AppointmentStep};
use clinical::ids::AppointmentId;
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::consultation::page_of;
use super::own_account::efirma_ends;
use super::surveillance::untold;
use super::{Answer, ListQuery, notice, render, see, shell};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::overdue::OverdueView;
use crate::views::shell::Place;
use crate::views::today::{
    ConsultationsPage, NowView, OpenView, OpeningNoticeView, TodayPage, VisitState, VisitView,
};
use crate::{format, labels};

/// `GET /hoy`.
pub(crate) async fn today(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let day = app.care.today(&user.actor).await?;
    let mut shell = shell(&user.actor, Place::Today);
    let open: Vec<OpenView> = open_views(&day);
    let to_endorse = endorse_views(&day);
    shell.to_sign = to_sign(&open) + to_endorse.len();
    shell.notice = notice(&query.aviso);
    let done = day.agenda.iter().filter(|line| line.appointment.state == AppointmentState::Finished).count();
    let clinical = user.actor.may(Permission::ReadRecord);
    let first = day.agenda.iter().filter(|line| is_here(line)).min_by_key(|line| precedence(line));
    let efirma_ends = efirma_ends(&app, &user.actor, &day.zone).await?;
    Ok(render(&TodayPage {
        shell,
        date: format::weekday(format::day(day.now, &day.zone)),
        summary: match day.agenda.len() {
            0 => "Sin citas.".to_owned(),
            n => format!("{}, {}.", count(n, "cita", "citas"), count(done, "atendida", "atendidas")),
        },
        now: first.map(|line| now_view(line, &day)),
        agenda: day.agenda.iter().map(|line| visit(line, &day, &user.actor, first)).collect(),
        open,
        to_endorse,
        overdue: day.overdue.iter().map(|late| overdue_view(late, day.now, &day.zone)).collect(),
        follow_ups: day.follow_ups.iter().map(|promised| follow_up_view(promised, &day)).collect(),
        requests: day.requests.iter().map(|request| request_view(request, &day)).collect(),
        clinical,
        consults: user.actor.consults(),
        manages: user.actor.may(Permission::ManageAgenda),
        messages: user.actor.may(Permission::ManageAgenda),
        openings: day.openings.iter().map(|notice| opening(notice, &day)).collect(),
        efirma_ends,
        untold: untold(&day.to_tell, user.actor.may(Permission::Sign), day.now, &day.zone, "hoy"),
    })?)
}

fn opening(notice: &OpeningNotice, day: &Today) -> OpeningNoticeView {
    let when = format::day_and_time(notice.at, &day.zone, format::day(day.now, &day.zone));
    let (by, name, reason) = (&notice.by, notice.patient.full_name(), notice.reason.label().to_lowercase());
    OpeningNoticeView {
        patient: notice.patient.id.to_string(),
        words: format!("{by} abrió el expediente privado de {name}, {when}. Motivo: {reason}."),
    }
}

/// Documents that only wait for the signature or a few decisions.
pub(crate) fn to_sign(open: &[OpenView]) -> usize {
    open.iter().filter(|view| !view.unwritten).count()
}

/// Who is seen first: the one in the room, then who arrived, by hour.
fn precedence(line: &AgendaLine) -> (u8, jiff::Timestamp) {
    let rank = match line.appointment.state {
        AppointmentState::Arrived => 0,
        AppointmentState::InConsultation => 1,
        _ => 2,
    };
    (rank, line.appointment.starts_at)
}

fn is_here(line: &AgendaLine) -> bool {
    matches!(line.appointment.state, AppointmentState::Arrived | AppointmentState::InConsultation)
}

/// "12 min" since an arrival; nothing in its first minute.
fn waited(since: Timestamp, now: Timestamp) -> Option<String> {
    match now.duration_since(since).as_mins() {
        ..1 => None,
        minutes @ 1..60 => Some(format!("{minutes} min")),
        minutes => Some(format!("{} h {:02} min", minutes / 60, minutes % 60)),
    }
}

fn now_view(line: &AgendaLine, day: &Today) -> NowView {
    let state = line.appointment.state;
    NowView {
        appointment: line.appointment.id.to_string(),
        patient: line.patient.id.to_string(),
        time: format::time(line.appointment.starts_at, &day.zone),
        room: labels::appointment_state(state).to_owned(),
        name: line.patient.full_name(),
        age: line.patient.age_text(format::day(day.now, &day.zone)),
        reason: line.appointment.service.clone(),
        waits: line.waiting_since.map(|since| waits(since, day)).unwrap_or_default(),
        started: state == AppointmentState::InConsultation,
    }
}

/// Since when somebody waits, as a sentence.
fn waits(since: Timestamp, day: &Today) -> String {
    let arrival = format!("Llegó a las {}", format::time(since, &day.zone));
    match waited(since, day.now) {
        Some(waited) => format!("{arrival} y espera desde hace {waited}."),
        None => format!("{arrival}."),
    }
}

/// A line of the agenda. The visit that stands above it has its button there.
fn visit(line: &AgendaLine, day: &Today, actor: &Actor, above: Option<&AgendaLine>) -> VisitView {
    let state = line.appointment.state;
    let clinical = actor.may(Permission::ReadRecord);
    let waiting = day.open.iter().any(|open| Some(open.encounter.id) == line.encounter_id);
    let patient = format!("/pacientes/{}", line.patient.id);
    let href = match line.encounter_id {
        Some(encounter) if waiting => format!("/consultas/{encounter}"),
        _ if clinical => patient,
        _ => format!("{patient}/editar"),
    };
    let words = labels::appointment_state(state);
    VisitView {
        id: line.appointment.id.to_string(),
        href,
        time: format::time(line.appointment.starts_at, &day.zone),
        name: format!(
            "{}, {}",
            line.patient.full_name(),
            line.patient.age_text(format::day(day.now, &day.zone))
        ),
        about: line.appointment.service.clone(),
        class: match state {
            AppointmentState::Finished | AppointmentState::NoShow | AppointmentState::Cancelled => "done",
            AppointmentState::Arrived | AppointmentState::InConsultation => "here",
            AppointmentState::Booked | AppointmentState::Confirmed => "",
        },
        state: match state {
            AppointmentState::Booked | AppointmentState::Confirmed => VisitState::Expected,
            AppointmentState::Finished if waiting => VisitState::ToSign,
            AppointmentState::Finished if clinical => VisitState::Signed,
            AppointmentState::Arrived => VisitState::Waiting {
                words: match line.waiting_since.and_then(|since| waited(since, day.now)) {
                    Some(waited) => format!("{words}, {waited}"),
                    None => words.to_owned(),
                },
                begin: actor.consults()
                    && above.is_none_or(|above| above.appointment.id != line.appointment.id),
            },
            AppointmentState::InConsultation => VisitState::Words(words, true),
            _ => VisitState::Words(words, false),
        },
    }
}

/// Consultations that wait, in words.
pub(crate) fn open_views(day: &Today) -> Vec<OpenView> {
    day.open.iter().map(|open| open_view(open, day)).collect()
}

fn open_view(open: &OpenEncounter, day: &Today) -> OpenView {
    let today = format::day(day.now, &day.zone);
    let when = format::day_and_time(open.encounter.started_at, &day.zone, today);
    let about = if open.encounter.reason.is_empty() {
        format!("Consulta, {when}")
    } else {
        format!("{}, {when}", open.encounter.reason)
    };
    let missing = match (open.pending_items, open.has_transcript) {
        (None, true) => "Con transcripción".to_owned(),
        (None, false) => "Sin escribir".to_owned(),
        (Some(0), _) => sending_words(open),
        (Some(n), _) => format!("{} por revisar", count(n, "oración", "oraciones")),
    };
    OpenView {
        href: format!("/consultas/{}", open.encounter.id),
        name: open.patient.full_name(),
        about,
        missing,
        unwritten: open.pending_items != Some(0),
    }
}

/// A request without an answer, in words.
fn request_view(request: &OpenRequest, day: &Today) -> OpenView {
    let today = format::day(day.now, &day.zone);
    OpenView {
        href: format!("/documentos/{}", request.head.id),
        name: request.patient.full_name(),
        about: format!("{}, {}", nom004::title(request.head.kind), request.head.signed_by_name),
        missing: format::day_and_time(request.head.act_at, &day.zone, today),
        unwritten: false,
    }
}

/// A promise that is due, in words.
fn follow_up_view((promised, patient): &(storage::FollowUp, Patient), day: &Today) -> OpenView {
    let today = format::day(day.now, &day.zone);
    let date = format::short_date(promised.due, today);
    OpenView {
        href: format!("/pacientes/{}#r5", patient.id),
        name: patient.full_name(),
        about: promised.what.clone(),
        missing: if promised.due < today {
            format!("Debió ser el {date}")
        } else {
            format!("Para el {date}")
        },
        unwritten: false,
    }
}

/// A late note in words.
pub(crate) fn overdue_view(late: &Overdue, now: Timestamp, zone: &TimeZone) -> OverdueView {
    let definition = nom004::definition(late.interval.kind);
    let rule = late.rule().map(|due| {
        let every = format!("cada {} horas", due.hours);
        due.citation.map_or(every.clone(), |citation| format!("{every}; {citation}"))
    });
    OverdueView {
        patient: late.patient.id.to_string(),
        name: late.patient.full_name(),
        code: late.interval.kind.code().to_owned(),
        title: &definition.title,
        rule: rule.unwrap_or_default(),
        due: format::day_and_time(late.interval.due, zone, format::day(now, zone)),
        place: definition.service.label().to_lowercase(),
    }
}

/// How far a trainee's document is; empty when its author signs it.
fn sending_words(open: &OpenEncounter) -> String {
    match (&open.sending, open.trainee) {
        (None, false) => String::new(),
        (None, true) => "Revisada, falta enviar a firma".to_owned(),
        (Some(sending), _) => {
            let physician = sending.physician.full_name();
            match sending.stage {
                Stage::Waiting => format!("En firma con {physician}"),
                Stage::Outdated => "Cambió: envíela otra vez".to_owned(),
                Stage::Returned { .. } => format!("La devolvió {physician}"),
            }
        }
    }
}

/// What trainees sent this person, in words.
fn endorse_views(day: &Today) -> Vec<OpenView> {
    let today = format::day(day.now, &day.zone);
    let view = |waiting: &ToEndorse| OpenView {
        href: page_of(waiting.encounter.id, waiting.kind),
        name: waiting.patient.full_name(),
        about: format!(
            "{}, {}",
            nom004::title(waiting.kind),
            format::day_and_time(waiting.encounter.started_at, &day.zone, today)
        ),
        missing: waiting.author.full_name(),
        unwritten: false,
    };
    day.to_endorse.iter().map(view).collect()
}

/// `GET /consultas`.
pub(crate) async fn open_consultations(State(app): State<App>, user: SignedIn) -> Answer {
    let day = app.care.today(&user.actor).await?;
    let open = open_views(&day);
    let mut shell = shell(&user.actor, Place::Consultation);
    shell.narrow = false;
    shell.to_sign = to_sign(&open);
    Ok(render(&ConsultationsPage { shell, open })?)
}

/// `POST /citas/{id}/llegada`.
pub(crate) async fn arrived(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Outcome> {
    let id: AppointmentId = id.parse().map_err(|_| Outcome::not_found("la cita"))?;
    let who = Booker::Staff(&form.actor);
    app.care.step_visit(who, id, AppointmentStep::Arrive).await.map_err(|error| form.failed(error))?;
    Ok(see("/hoy?aviso=llego"))
}

/// `POST /citas/{id}/iniciar`.
pub(crate) async fn start(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Outcome> {
    let id: AppointmentId = id.parse().map_err(|_| Outcome::not_found("la cita"))?;
    let encounter = app.care.start_appointment(&form.actor, id, form.posted.get("motivo")).await;
    let encounter = encounter.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/consultas/{encounter}")))
}
