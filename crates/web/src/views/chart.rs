//! Expediente: the summary at the left, one timeline at the right.

use askama::Template;

use super::form::{Choice, Field};
use super::overdue::OverdueNotes;
use super::shell::{PatientBar, Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "chart.html")]
pub struct ChartPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// That the patient is here and waits, since when and for whom; empty otherwise.
    pub waiting: String,
    /// Alergias.
    pub allergies: AllergiesView,
    /// Problemas activos.
    pub problems: Vec<EntryView>,
    /// Medicamentos activos.
    pub medicines: Vec<EntryView>,
    /// Últimas mediciones: name, value, unit, date.
    pub signs: Vec<SignView>,
    /// The newest laboratory reports: title, day, and what is out of range in them.
    pub reports: Vec<ReportLine>,
    /// Laboratory reports in all.
    pub total_reports: usize,
    /// The newest files: address, title, what and when.
    pub files: Vec<(String, String, String)>,
    /// Files in all.
    pub total_files: usize,
    /// Próximo y pendiente: what, when, address.
    pub pending: Vec<(String, String, String)>,
    /// What was promised with a signature and is still to be looked at.
    pub follow_ups: Vec<FollowUpView>,
    /// How long the record is kept, in words.
    pub kept: String,
    /// Whether the person may archive and hold it.
    pub keeps: bool,
    /// Drafts given up today.
    pub cancelled: Vec<CancelledView>,
    /// Notes that are due and late.
    pub overdue: OverdueNotes,
    /// The timeline of this page.
    pub timeline: Vec<TimelineRow>,
    /// Entries in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Whether the person may change the summary.
    pub writes: bool,
    /// Whether this person may take the record out.
    pub exports: bool,
    /// The section that is open for changes: `r1` allergies, `r2` problems, `r3` medicines; or none.
    pub editing: String,
    /// Small forms: substance, kind of reaction, what happened; problem; medicine, how it is taken.
    pub forms: SummaryForms,
}

/// A draft that was given up today.
pub struct CancelledView {
    /// Its id, to take it up again.
    pub id: String,
    /// "Historia clínica".
    pub title: &'static str,
    /// "10:32".
    pub time: String,
    /// Why.
    pub reason: String,
}

/// The forms under the summary.
pub struct SummaryForms {
    allergy: Vec<Field>,
    reaction: Choice,
    problem: Vec<Field>,
    medicine: Vec<Field>,
    /// Which one is open with an error: `alergia`, `problema`, `medicamento`.
    pub open: &'static str,
}

impl SummaryForms {
    /// Empty forms, or with what was posted and what is wrong.
    #[must_use]
    pub fn new(posted: &super::form::Posted, errors: &[care::error::FieldError], open: &'static str) -> Self {
        let kinds = clinical::allergy::ReactionKind::ALL.iter();
        let kinds = kinds.map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
        Self {
            allergy: vec![Field::text("sustancia", "¿A qué?").from(posted, errors)],
            reaction: Choice::new("reaccion_tipo", "Tipo de reacción", kinds).from(posted, errors),
            problem: vec![Field::text("problema", "Problema o diagnóstico").from(posted, errors)],
            medicine: vec![
                Field::text("medicamento", "Nombre genérico").from(posted, errors),
                Field::text("toma", "Cómo lo toma")
                    .help("Por ejemplo: 5 mg cada 24 horas")
                    .optional()
                    .from(posted, errors),
            ],
            open,
        }
    }
}

/// What the summary says about allergies.
pub enum AllergiesView {
    /// Nobody asked.
    NotAsked,
    /// Denied, with the day.
    Denied(String),
    /// At least one.
    Known(Vec<EntryView>),
}

/// An entry of the summary.
pub struct EntryView {
    /// Its id, to close it.
    pub id: String,
    /// The name.
    pub name: String,
    /// Since when.
    pub since: String,
    /// The line below.
    pub detail: String,
}

/// A measurement.
pub struct SignView {
    /// "Tensión arterial".
    pub name: String,
    /// "132/80".
    pub value: String,
    /// "mmHg".
    pub unit: String,
    /// "12 ene".
    pub date: String,
    /// Its course, when there are several values.
    pub spark: Option<super::trends::Spark>,
}

/// A laboratory report in the summary.
pub struct ReportLine {
    /// "Química sanguínea".
    pub title: String,
    /// "9 mar".
    pub date: String,
    /// What is out of range: analyte, value with unit, mark.
    pub out: Vec<(String, String, super::laboratory::MarkView)>,
    /// How many results there are.
    pub count: usize,
}

/// A line of the timeline.
pub enum TimelineRow {
    /// The year above what follows.
    Year(i16),
    /// A document or a consultation.
    Entry(Box<TimelineEntry>),
}

/// A document or a consultation.
pub struct TimelineEntry {
    /// Where it leads.
    pub href: String,
    /// "9 mar".
    pub date: String,
    /// "10:33".
    pub time: String,
    /// Icon of its kind.
    pub icon: &'static str,
    /// "Nota de evolución".
    pub title: String,
    /// One line.
    pub about: String,
    /// Class, icon and words of its state.
    pub state: (&'static str, &'static str, String),
    /// Addenda: address and title.
    pub addenda: Vec<(String, String)>,
}

/// Something promised with a signature.
pub struct FollowUpView {
    /// Identifies it.
    pub id: String,
    /// What is to be looked at.
    pub what: String,
    /// "Para el 17 de marzo".
    pub when: String,
    /// Whether its day is over.
    pub late: bool,
    /// Address of the document it was promised with.
    pub document: String,
}
