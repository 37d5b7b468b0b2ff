//! The list behind a number of the practice, and the links that lead there.

use axum::extract::{Query, State};
use care::figures::behind::{Behind, Number, REMINDED};
use care::figures::practice::{CountedRow, PAGE, Scope};
use drug_safety::OverrideReason;
use jiff::ToSpan;
use jiff::civil::Date;

use super::boards::{BoardQuery, scope_view};
use super::boards_view::{LENGTHS, UNTIL_SIGNED, minutes, service_name};
use super::{Answer, encode, pages, render, shell};
use crate::labels::severity;
use crate::session::SignedIn;
use crate::views::boards::{BehindRow, NumberPage};
use crate::views::shell::Place;
use crate::{App, format};

/// Where the list behind a number is, for who may open records; else empty.
pub(super) fn list(scope: &Scope, number: Number, part: Option<&str>) -> String {
    let days = (scope.period.from(), scope.period.until());
    if scope.lists { address(scope, days, number, part) } else { String::new() }
}

/// The same of one step of the period, where there is something to list.
pub(super) fn list_of_step(scope: &Scope, from: Date, next: Option<Date>, number: Number, n: i64) -> String {
    let until = next.and_then(|next| next.checked_sub(1.day()).ok()).unwrap_or(scope.period.until());
    if scope.lists && n > 0 { address(scope, (from, until), number, None) } else { String::new() }
}

fn address(scope: &Scope, (from, until): (Date, Date), number: Number, part: Option<&str>) -> String {
    let (from, until) = (format::form_date(from), format::form_date(until));
    let person = scope.practitioner.map(|id| format!("&medico={id}")).unwrap_or_default();
    let part = part.map(|part| format!("&parte={}", encode(part))).unwrap_or_default();
    format!("/tableros/lista?numero={}&desde={from}&hasta={until}{person}{part}", number.code())
}

/// Numbers of a sentence as links to their lists: those that are not zero, for who may open records.
pub(super) fn links<const N: usize>(
    scope: &Scope,
    numbers: [(Number, Option<&str>, i64, &str, &str); N],
) -> Vec<(String, String)> {
    let shown = numbers.into_iter().filter(|(_, _, n, ..)| scope.lists && *n > 0);
    let link = |(number, part, n, one, many): (Number, Option<&str>, i64, &str, &str)| {
        (list(scope, number, part), counted(n, one, many))
    };
    shown.map(link).collect()
}

/// "1 consulta", "1 234 consultas".
fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", figures::number(n), if n == 1 { one } else { many })
}

/// `GET /tableros/lista`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<BoardQuery>) -> Answer {
    let page = query.page();
    let asked = (query.numero.as_str(), query.parte.as_deref());
    let behind = app.care.behind_number(&user.actor, &query.form(), asked, page).await?;
    let (total, page_count) = pages(behind.counted.page.total, PAGE);
    let (today, zone) = (behind.scope.today, &behind.scope.zone);
    let rows = behind.counted.page.items.iter().map(|row| {
        let own = BehindRow {
            id: row.patient.id.to_string(),
            name: row.patient.full_name(),
            who: format!("{}, {}", row.patient.age_text(today), row.patient.data.sex.label().to_lowercase()),
            number: row.patient.record_number.clone(),
            when: format::short_date(format::day(row.at, zone), today),
        };
        (own, detail(&behind, row))
    });
    let part = behind.part.as_deref();
    Ok(render(&NumberPage {
        shell: shell(&user.actor, Place::Boards),
        scope: scope_view(&behind.scope),
        title: title(&behind),
        lead: lead(&behind),
        head: head(behind.number),
        rows: rows.collect(),
        link: list(&behind.scope, behind.number, part),
        total,
        page: page as usize + 1,
        pages: page_count,
    })?)
}

/// What is counted, one and several.
fn unit(number: Number) -> (&'static str, &'static str) {
    match number {
        Number::Visits
        | Number::NewPatients
        | Number::ReturningPatients
        | Number::Waits
        | Number::Lengths
        | Number::NoHistory => ("consulta", "consultas"),
        Number::Came | Number::Missed | Number::Cancelled => ("cita", "citas"),
        Number::Diagnoses => ("diagnóstico", "diagnósticos"),
        Number::Recetas | Number::Medicines => ("receta", "recetas"),
        Number::Shown | Number::Overridden => ("alerta", "alertas"),
        Number::ToSign | Number::AfterEnd => ("nota", "notas"),
        Number::Written | Number::Accepted => ("palabra", "palabras"),
        Number::Norm => ("elemento que falta", "elementos que faltan"),
    }
}

fn lead(behind: &Behind) -> String {
    let (one, many) = unit(behind.number);
    let rows = behind.counted.page.total;
    let within = match behind.number {
        Number::Written | Number::Accepted | Number::Norm => {
            format!(" en {}", counted(rows, "documento", "documentos"))
        }
        _ => String::new(),
    };
    let hidden = match behind.said - behind.seen {
        ..=0 => String::new(),
        n => format!(
            " El tablero cuenta {}: {} en expedientes que usted no puede ver.",
            figures::number(behind.said),
            counted(n, "está", "están")
        ),
    };
    format!("{}{within}.{hidden}", counted(behind.seen, one, many))
}

fn title(behind: &Behind) -> String {
    let part = behind.part.as_deref();
    let span =
        part.and_then(|part| span(behind.number, part)).map(|words| format!(": {words}")).unwrap_or_default();
    match (behind.number, part) {
        (Number::Visits, None) => "Consultas".to_owned(),
        (Number::Visits, Some("")) => "Consultas sin cita".to_owned(),
        (Number::Visits, Some(service)) => format!("Consultas: {service}"),
        (Number::NewPatients, _) => "Consultas de primera vez".to_owned(),
        (Number::ReturningPatients, _) => "Consultas subsecuentes".to_owned(),
        (Number::Waits, _) => format!("Espera{span}"),
        (Number::Lengths, _) => format!("Duración de la consulta{span}"),
        (Number::Came, _) => "Citas a las que se asistió".to_owned(),
        (Number::Missed, None) => "Citas a las que no se asistió".to_owned(),
        (Number::Missed, Some(REMINDED)) => "Faltas a citas con recordatorio".to_owned(),
        (Number::Missed, Some(_)) => "Faltas a citas sin recordatorio".to_owned(),
        (Number::Cancelled, _) => "Citas canceladas".to_owned(),
        (Number::Diagnoses, None) => "Diagnósticos en documentos firmados".to_owned(),
        (Number::Diagnoses, Some(code)) => match behind.titles.get(code) {
            Some(title) => format!("{code} {title}"),
            None => "Diagnósticos sin código confirmado".to_owned(),
        },
        (Number::Recetas, _) => "Recetas firmadas".to_owned(),
        (Number::Medicines, None) => "Medicamentos recetados".to_owned(),
        (Number::Medicines, Some(name)) => format!("Recetas con {name}"),
        (Number::Shown, None) => "Alertas a la vista al firmar".to_owned(),
        (Number::Shown, Some(tier)) => {
            format!("Alertas a la vista al firmar: {}", severity(tier).to_lowercase())
        }
        (Number::Overridden, _) => "Firmado a pesar de la alerta".to_owned(),
        (Number::ToSign, _) => format!("Del inicio de la consulta a la firma{span}"),
        (Number::AfterEnd, _) => format!("Del fin de la visita a la firma{span}"),
        (Number::Written, _) => "Palabras escritas a mano".to_owned(),
        (Number::Accepted, _) => "Palabras aceptadas del borrador".to_owned(),
        (Number::NoHistory, _) => "Consultas sin historia clínica en el expediente".to_owned(),
        (Number::Norm, _) => "Documentos a los que les falta algo de la NOM-004".to_owned(),
    }
}

/// A stretch of time in words, inside a title.
fn span(number: Number, part: &str) -> Option<String> {
    let known: &[(&str, &str)] = match number {
        Number::Waits | Number::Lengths => &LENGTHS,
        _ => &UNTIL_SIGNED,
    };
    known.iter().find(|(code, _)| *code == part).map(|(_, words)| words.to_lowercase())
}

/// The heading of the last column; empty when it says nothing.
fn head(number: Number) -> &'static str {
    match number {
        Number::NewPatients | Number::ReturningPatients | Number::NoHistory => "",
        Number::Visits => "Servicio",
        Number::Waits | Number::Lengths | Number::ToSign | Number::AfterEnd => "Tiempo",
        Number::Came | Number::Missed | Number::Cancelled => "Recordatorio",
        Number::Diagnoses => "Diagnóstico",
        Number::Recetas => "Medicamentos",
        Number::Medicines => "Medicamento",
        Number::Shown => "Alertas",
        Number::Overridden => "Motivo",
        Number::Written | Number::Accepted => "Palabras",
        Number::Norm => "Faltan",
    }
}

fn detail(behind: &Behind, row: &CountedRow) -> String {
    match behind.number {
        Number::NewPatients | Number::ReturningPatients | Number::NoHistory => String::new(),
        Number::Visits => service_name(&row.item).to_owned(),
        Number::Waits | Number::Lengths | Number::ToSign | Number::AfterEnd => minutes(row.total),
        Number::Came | Number::Missed | Number::Cancelled => {
            if row.item.ends_with(REMINDED) { "Sí" } else { "No" }.to_owned()
        }
        Number::Diagnoses => match behind.titles.get(&row.item) {
            Some(title) => format!("{} {title}", row.item),
            None => "Sin código confirmado".to_owned(),
        },
        Number::Recetas => row.total.to_string(),
        Number::Medicines => row.item.clone(),
        Number::Shown => format!("{}, {}", row.n, severity(&row.item).to_lowercase()),
        Number::Overridden => overridden_words(&row.item),
        Number::Written | Number::Accepted => figures::number(row.n),
        Number::Norm => format!("{} de {}", row.total - row.n, row.total),
    }
}

/// "Mayor: el beneficio supera el riesgo" of a tier, a bar and a reason.
pub(super) fn overridden_words(item: &str) -> String {
    let (tier, reason) = item.split_once('|').unwrap_or((item, ""));
    let reason = OverrideReason::from_code(reason).map_or("Otro motivo", OverrideReason::label);
    format!("{}: {}", severity(tier), reason.to_lowercase())
}
