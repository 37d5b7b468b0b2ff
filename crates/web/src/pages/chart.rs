//! The expediente and the small changes of its summary.

use axum::extract::{Path, Query, State};
use care::chart::{Chart, PAGE, SummaryChange};
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::document::DocumentKind;
use clinical::observation::{VitalSign, reading_order};
use jiff::civil::Date;
use storage::{DocumentSummary, ExternalSummary, FollowUp, SummaryEntry};

use super::laboratory::mark;
use super::patients::patient_id;
use super::today::overdue_view;
use super::trends::spark;
use super::{Answer, ListQuery, capitalised, notice, pages, patient_bar, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::chart::{
    AllergiesView, CancelledView, ChartPage, EntryView, FollowUpView, ReportLine, SignView, SummaryForms,
    TimelineEntry, TimelineRow,
};
use crate::views::form::Posted;
use crate::views::overdue::OverdueNotes;
use crate::views::shell::{Extra, Place};
use crate::{App, format};

/// `GET /pacientes/{id}`.
pub(crate) async fn chart(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    if !user.actor.may(Permission::ReadRecord) && user.actor.may(Permission::SeeIdentity) {
        return Ok(see(&format!("/pacientes/{}/editar", patient_id(&id)?)));
    }
    let chart = app.care.chart(&user.actor, patient_id(&id)?, query.page()).await?;
    if chart.patient.id.to_string() != id {
        return Ok(see(&format!("/pacientes/{}?aviso=es-el-mismo", chart.patient.id)));
    }
    let mut page = chart_page(&user.actor, &chart, SummaryForms::new(&Posted::default(), &[], ""));
    page.shell.notice = notice(&query.aviso);
    if page.writes {
        page.editing = query.editar;
    }
    Ok(render(&page)?)
}

fn chart_page(actor: &Actor, chart: &Chart, forms: SummaryForms) -> ChartPage {
    let today = format::day(chart.now, &chart.zone);
    let (total, page_count) = pages(chart.total_documents, PAGE);
    let open = chart.open.first().map(|encounter| format!("/consultas/{}", encounter.id));
    let writes = actor.may(Permission::WriteRecord);
    let may_start = writes && actor.practitioner_id.is_some();
    let extra = Extra::Chart { open, writes: may_start && actor.consults(), token: actor.csrf.clone() };
    let status = chart.summary.allergy_status();
    let mut bar = patient_bar(actor, &chart.patient, &status, chart.now, &chart.zone, extra);
    bar.linked = false;
    if !chart.joined.is_empty() {
        bar.facts.push(format!("Reúne también {}", chart.joined.join(", ")));
    }
    ChartPage {
        shell: shell(actor, Place::Patients),
        patient: bar,
        allergies: allergies(chart, today),
        problems: entries(&chart.summary.conditions, chart, today, |condition| {
            let code = condition.code.as_ref().map(|code| format!("CIE-11 {}", code.shown()));
            (condition.text.clone(), code.unwrap_or_default())
        }),
        medicines: entries(&chart.summary.medications, chart, today, |statement| {
            (statement.medicine.clone(), statement.taken.clone().unwrap_or_default())
        }),
        signs: signs(chart, today),
        reports: reports(chart, today),
        total_reports: usize::try_from(chart.reports.total).unwrap_or_default(),
        files: files(chart, today),
        total_files: usize::try_from(chart.attachments.total).unwrap_or_default(),
        pending: pending(chart),
        follow_ups: chart.follow_ups.iter().map(|promised| follow_up(promised, today)).collect(),
        kept: kept(chart),
        keeps: actor.may(Permission::KeepRecords),
        cancelled: chart
            .cancelled
            .iter()
            .map(|draft| CancelledView {
                id: draft.id.to_string(),
                title: nom004::title(draft.kind),
                time: format::time(draft.at, &chart.zone),
                reason: draft.reason.trim_end_matches('.').to_owned(),
            })
            .collect(),
        overdue: OverdueNotes {
            notes: chart.overdue.iter().map(|late| overdue_view(late, chart.now, &chart.zone)).collect(),
            writes: may_start,
            token: actor.csrf.clone(),
        },
        waiting: match &chart.waiting {
            Some((since, name)) => format!(
                "El paciente está en la sala: llegó a las {} y espera su consulta con {name}.",
                format::time(*since, &chart.zone)
            ),
            None => String::new(),
        },
        timeline: timeline(chart, today),
        total: total + chart.open.len(),
        page: chart.page as usize + 1,
        pages: page_count,
        writes,
        exports: actor.may(Permission::ExportRecord),
        editing: String::new(),
        forms,
    }
}

/// "Al menos hasta el 9 de marzo de 2031".
fn kept(chart: &Chart) -> String {
    let until = match chart.clock.keeps_until() {
        None => "Sin acto médico firmado todavía".to_owned(),
        Some(day) if chart.clock.has_passed() => format!("Plazo terminado el {}", format::long_date(day)),
        Some(day) => format!("Al menos hasta el {}", format::long_date(day)),
    };
    if chart.archived { format!("Archivado. {until}") } else { until }
}

/// What was promised, with how late it is.
fn follow_up(promised: &FollowUp, today: Date) -> FollowUpView {
    let day = format::short_date(promised.due, today);
    let when = if promised.due < today { format!("Debió ser el {day}") } else { format!("Para el {day}") };
    FollowUpView {
        id: promised.id.to_string(),
        what: promised.what.clone(),
        when,
        late: promised.due < today,
        document: format!("/documentos/{}", promised.document_id),
    }
}

fn pending(chart: &Chart) -> Vec<(String, String, String)> {
    let address = format!("/pacientes/{}/identidad#representantes", chart.patient.id);
    let missing = chart
        .needs_representative
        .then(|| ("Registrar quién representa a este menor".to_owned(), String::new(), address));
    let today = format::day(chart.now, &chart.zone);
    let unanswered = chart.requests.iter().map(|request| {
        let date = format::short_date(format::day(request.head.act_at, &chart.zone), today);
        let what = format!("{} sin respuesta", nom004::title(request.head.kind));
        (what, date, format!("/documentos/{}", request.head.id))
    });
    missing.into_iter().chain(unanswered).collect()
}

fn entries<T>(
    list: &[SummaryEntry<T>],
    chart: &Chart,
    today: Date,
    words: impl Fn(&T) -> (String, String),
) -> Vec<EntryView> {
    let open = list.iter().filter(|entry| entry.closed.is_none());
    open.map(|entry| {
        let (name, detail) = words(&entry.value);
        let since = format::short_date(format::day(entry.recorded.at, &chart.zone), today);
        EntryView { id: entry.id.to_string(), name: capitalised(&name), since, detail }
    })
    .collect()
}

fn allergies(chart: &Chart, today: Date) -> AllergiesView {
    let known = entries(&chart.summary.allergies, chart, today, |allergy| {
        let reaction = allergy.reaction.clone().unwrap_or_else(|| allergy.reaction_kind.label().to_owned());
        (allergy.substance.clone(), reaction)
    });
    match (known.is_empty(), chart.summary.allergies_denied) {
        (false, _) => AllergiesView::Known(known),
        (true, Some(denied)) => AllergiesView::Denied(format::long_date(format::day(denied.at, &chart.zone))),
        (true, None) => AllergiesView::NotAsked,
    }
}

fn signs(chart: &Chart, today: Date) -> Vec<SignView> {
    let latest = &chart.summary.latest_observations;
    let all: Vec<VitalSign> = latest.iter().map(|o| o.sign).collect();
    let rows = reading_order(&all);
    let trends = care::trends::vitals(&chart.observations, &chart.zone);
    rows.into_iter()
        .map(|(name, value)| {
            let taken = latest.iter().find(|o| name == o.sign.kind.label() || name == "Tensión arterial");
            let date = taken.map(|o| format::short_date(format::day(o.taken_at, &chart.zone), today));
            let (value, unit) = value.split_once(' ').map_or((value.as_str(), ""), |pair| pair);
            let unit = if unit == "por minuto" { "/min" } else { unit };
            let spark = trends.iter().find(|trend| trend.name == name).and_then(spark);
            let (value, unit) = (value.to_owned(), unit.to_owned());
            SignView { name, value, unit, date: date.unwrap_or_default(), spark }
        })
        .collect()
}

fn reports(chart: &Chart, today: Date) -> Vec<ReportLine> {
    let line = |entry: &storage::LabReportEntry| {
        let current: Vec<_> = entry.results.iter().filter(|result| result.counts()).collect();
        let out = current.iter().filter_map(|entry| {
            let result = &entry.result;
            let unit = result.unit.as_deref().unwrap_or_default();
            let value = format!("{} {unit}", result.value).trim().to_owned();
            Some((result.analyte.clone(), value, mark(result.mark()?)))
        });
        ReportLine {
            title: entry.report.panel.clone().unwrap_or_else(|| "Resultados".to_owned()),
            date: format::short_date(entry.report.taken.day, today),
            out: out.collect(),
            count: current.len(),
        }
    };
    chart.reports.items.iter().map(line).collect()
}

fn files(chart: &Chart, today: Date) -> Vec<(String, String, String)> {
    let files = chart.attachments.items.iter().filter(|entry| entry.withdrawn.is_none());
    files
        .map(|entry| {
            let file = &entry.attachment;
            let day = file.studied_on.unwrap_or_else(|| format::day(file.recorded_at, &chart.zone));
            let about = format!("{}, {}", file.category.label(), format::short_date(day, today));
            (format!("/archivos/{}", file.id), file.title.clone(), about)
        })
        .collect()
}

fn timeline(chart: &Chart, today: Date) -> Vec<TimelineRow> {
    let mut rows = Vec::new();
    let mut year = None;
    let mut push = |date: Date, entry: TimelineEntry| {
        if year != Some(date.year()) {
            year = Some(date.year());
            rows.push(TimelineRow::Year(date.year()));
        }
        rows.push(TimelineRow::Entry(Box::new(entry)));
    };
    if chart.page == 0 {
        for encounter in &chart.open {
            let date = format::day(encounter.started_at, &chart.zone);
            push(
                date,
                TimelineEntry {
                    href: format!("/consultas/{}", encounter.id),
                    date: format::short_date(date, today),
                    time: format::time(encounter.started_at, &chart.zone),
                    icon: "stethoscope",
                    title: opened_title(encounter.document),
                    about: encounter.reason.clone(),
                    state: ("state-draft", "file-pen-line", "Por firmar".to_owned()),
                    addenda: Vec::new(),
                },
            );
        }
    }
    let mut entries = Vec::new();
    for document in &chart.documents {
        // An addendum stands under its original when both are on the page.
        let nested = |id| chart.documents.iter().any(|other| other.id == id);
        if !document.amends.is_some_and(nested) {
            entries.push((document.act_at, document_entry(document, chart, today)));
        }
    }
    entries.extend(chart.external.iter().map(|document| (document.act_at, external_entry(document, chart))));
    entries.sort_by_key(|(act_at, _)| std::cmp::Reverse(*act_at));
    for (act_at, entry) in entries {
        push(format::day(act_at, &chart.zone), entry);
    }
    rows
}

fn external_entry(document: &ExternalSummary, chart: &Chart) -> TimelineEntry {
    TimelineEntry {
        href: format!("/documentos/externos/{}", document.id),
        date: format::day_of_year(format::day(document.act_at, &chart.zone)),
        time: format::time(document.act_at, &chart.zone),
        icon: "house",
        title: document.title.clone(),
        about: format!(
            "Documento de otro establecimiento: {}, {}",
            document.establishment, document.signed_by
        ),
        state: match document.cancelled {
            Some(_) => ("state-cancelled", "x", CANCELLED.to_owned()),
            None => ("state-signed", "lock", "Firmada allá".to_owned()),
        },
        addenda: Vec::new(),
    }
}

fn document_entry(document: &DocumentSummary, chart: &Chart, today: Date) -> TimelineEntry {
    let own = chart.documents.iter().filter(|other| other.amends == Some(document.id));
    let date =
        |document: &DocumentSummary| format::short_date(format::day(document.act_at, &chart.zone), today);
    TimelineEntry {
        href: format!("/documentos/{}", document.id),
        date: format::day_of_year(format::day(document.act_at, &chart.zone)),
        time: format::time(document.act_at, &chart.zone),
        icon: document_icon(document.kind),
        title: nom004::title(document.kind).to_owned(),
        about: document.signed_by_name.clone(),
        state: match document.cancelled {
            true => ("state-cancelled", "x", state_words(document)),
            false => ("state-signed", "lock", state_words(document)),
        },
        addenda: own
            .map(|other| (format!("/documentos/{}", other.id), format!("Adenda del {}", date(other))))
            .collect(),
    }
}

fn opened_title(kind: DocumentKind) -> String {
    if kind == DocumentKind::PROGRESS_NOTE { "Consulta".to_owned() } else { nom004::title(kind).to_owned() }
}

/// The icon of a kind of document.
pub(super) fn document_icon(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::PROGRESS_NOTE => "stethoscope",
        DocumentKind::PRESCRIPTION => "pill",
        DocumentKind::CLINICAL_HISTORY => "file-text",
        DocumentKind::ADDENDUM => "file-plus-2",
        _ => "file-text",
    }
}

/// What a receta is called that holds no more.
pub(super) const CANCELLED: &str = "Cancelada";

/// "Firmada, con 1 adenda", "Cancelada".
pub(super) fn state_words(document: &DocumentSummary) -> String {
    if document.cancelled { CANCELLED.to_owned() } else { signed_words(document.kind, document.addenda) }
}

/// "Firmada, con 1 adenda".
pub(super) fn signed_words(_: DocumentKind, addenda: i64) -> String {
    match addenda {
        0 => "Firmada".to_owned(),
        1 => "Firmada, con 1 adenda".to_owned(),
        n => format!("Firmada, con {n} adendas"),
    }
}

/// `POST /pacientes/{id}/consultas`.
pub(crate) async fn start_visit(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let reason = form.posted.get("motivo");
    let started = app.care.start_visit(&form.actor, patient_id(&id)?, reason).await;
    let encounter = started.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/consultas/{encounter}")))
}

async fn change(app: &App, id: &str, form: &Form, open: &'static str, change: SummaryChange) -> Answer {
    let patient = patient_id(id)?;
    match app.care.change_summary(&form.actor, patient, &change).await {
        Ok(()) => Ok(see(&format!("/pacientes/{patient}?aviso={}", saved_code(&change)))),
        Err(CareError::Invalid(errors)) => invalid(app, form, patient, open, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}

async fn invalid(
    app: &App,
    form: &Form,
    patient: clinical::ids::PatientId,
    open: &'static str,
    errors: &[FieldError],
) -> Answer {
    let chart = app.care.chart(&form.actor, patient, 0).await?;
    let page = chart_page(&form.actor, &chart, SummaryForms::new(&form.posted, errors, open));
    to_correct(&page)
}

fn saved_code(change: &SummaryChange) -> &'static str {
    match change {
        SummaryChange::AddAllergy(_) => "alergia",
        SummaryChange::DenyAllergies => "alergias-negadas",
        SummaryChange::AddProblem { .. } => "problema",
        SummaryChange::AddMedication { .. } => "medicamento",
        SummaryChange::CloseAllergy(_)
        | SummaryChange::CloseProblem(_)
        | SummaryChange::CloseMedication(_) => "quitado",
    }
}

/// `POST /pacientes/{id}/alergias`.
pub(crate) async fn add_allergy(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let allergy = AllergyIntolerance {
        substance: form.posted.get("sustancia").to_owned(),
        reaction_kind: ReactionKind::from_code(form.posted.get("reaccion_tipo"))
            .unwrap_or(ReactionKind::Unknown),
        reaction: form.posted.filled("reaccion").map(str::to_owned),
    };
    change(&app, &id, &form, "alergia", SummaryChange::AddAllergy(allergy)).await
}

/// `POST /pacientes/{id}/alergias/negadas`.
pub(crate) async fn deny_allergies(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    change(&app, &id, &form, "", SummaryChange::DenyAllergies).await
}

/// `POST /pacientes/{id}/problemas`.
pub(crate) async fn add_problem(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let text = form.posted.get("problema").to_owned();
    change(&app, &id, &form, "problema", SummaryChange::AddProblem { text, icd11: String::new() }).await
}

/// `POST /pacientes/{id}/medicamentos`.
pub(crate) async fn add_medication(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let (medicine, taken) = (form.posted.get("medicamento").to_owned(), form.posted.get("toma").to_owned());
    change(&app, &id, &form, "medicamento", SummaryChange::AddMedication { medicine, taken }).await
}

/// `POST /pacientes/{id}/resumen/{kind}/{entry}/cerrar`.
pub(crate) async fn close_entry(
    State(app): State<App>,
    Path((id, kind, entry)): Path<(String, String, String)>,
    form: Form,
) -> Answer {
    let entry = entry.parse().map_err(|_| Outcome::not_found("esa entrada del resumen"))?;
    let what = match kind.as_str() {
        "alergia" => SummaryChange::CloseAllergy(entry),
        "problema" => SummaryChange::CloseProblem(entry),
        "medicamento" => SummaryChange::CloseMedication(entry),
        _ => return Err(Outcome::not_found("esa entrada del resumen")),
    };
    change(&app, &id, &form, "", what).await
}

/// `POST /pacientes/{id}/vigilancias/{follow_up}/hecha`: what was promised was looked at.
pub(crate) async fn end_follow_up(
    State(app): State<App>,
    Path((id, follow_up)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let patient = patient_id(&id)?;
    let follow_up = follow_up.parse().map_err(|_| Outcome::not_found("esa vigilancia"))?;
    let outcome = form.posted.get("resultado");
    let ended = app.care.end_follow_up(&form.actor, patient, follow_up, outcome).await;
    ended.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/pacientes/{patient}?aviso=vigilancia")))
}

/// `POST /pacientes/{id}/estancia`: the patient is no longer where notes are due.
pub(crate) async fn end_stay(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let kind = DocumentKind::from_code(form.posted.get("documento"));
    let kind = kind.ok_or_else(|| form.failed(CareError::NotFound { what: "esa nota" }))?;
    let ended = app.care.end_stay(&form.actor, patient, kind, form.posted.get("motivo")).await;
    ended.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/pacientes/{patient}?aviso=estancia")))
}
