//! Hoy: who is here first, the agenda, what waits to be written and to be signed.

use askama::Template;

use super::overdue::OverdueView;
use super::shell::{Place, Shell};
use super::surveillance::UntoldView;

/// The page.
#[derive(Template)]
#[template(path = "today.html")]
pub struct TodayPage {
    /// The frame.
    pub shell: Shell,
    /// "lunes 9 de marzo".
    pub date: String,
    /// "9 citas, 3 atendidas."
    pub summary: String,
    /// Who is in the room.
    pub now: Option<NowView>,
    /// The day.
    pub agenda: Vec<VisitView>,
    /// Consultations to write and to sign.
    pub open: Vec<OpenView>,
    /// What trainees sent this person to sign.
    pub to_endorse: Vec<OpenView>,
    /// Notes that are late in the practice.
    pub overdue: Vec<OverdueView>,
    /// What the person promised with a signature and is due.
    pub follow_ups: Vec<OpenView>,
    /// Requests nobody has answered.
    pub requests: Vec<OpenView>,
    /// Whether the person sees clinical pages.
    pub clinical: bool,
    /// Whether the person gives consultations.
    pub consults: bool,
    /// Whether the person notes arrivals.
    pub manages: bool,
    /// Whether Mensajes is shown: this installation writes to patients.
    pub messages: bool,
    /// Private records of the person's groups that others opened.
    pub openings: Vec<OpeningNoticeView>,
    /// Cases the health authority is told of at once and was not yet.
    pub untold: UntoldView,
    /// That the certificate of the person's e.firma ends soon or has ended.
    pub efirma_ends: Option<String>,
}

/// A private record that somebody opened with a reason, told to a member of its group.
pub struct OpeningNoticeView {
    /// The patient.
    pub patient: String,
    /// Who, whose, why and when.
    pub words: String,
}

/// The patient who is here.
pub struct NowView {
    /// The planned visit.
    pub appointment: String,
    /// The patient.
    pub patient: String,
    /// Hour of the visit.
    pub time: String,
    /// "En sala" or "En consulta".
    pub room: String,
    /// Full name.
    pub name: String,
    /// "64 años".
    pub age: String,
    /// Service or reason.
    pub reason: String,
    /// "Llegó a las 10:05 y espera desde hace 12 min."; empty once they are in consultation.
    pub waits: String,
    /// Whether a consultation is already open: the button says "Seguir".
    pub started: bool,
}

/// One line of the agenda.
pub struct VisitView {
    /// The planned visit.
    pub id: String,
    /// Where the line leads.
    pub href: String,
    /// Hour.
    pub time: String,
    /// Name and age.
    pub name: String,
    /// The service.
    pub about: String,
    /// Class of the line: `done`, `here` or nothing.
    pub class: &'static str,
    /// What stands at the right.
    pub state: VisitState,
}

/// What the agenda says about a visit.
pub enum VisitState {
    /// Words, and whether they are highlighted.
    Words(&'static str, bool),
    /// Here: "En sala, 12 min", and whether the consultation is begun from this line.
    Waiting {
        /// The words.
        words: String,
        /// Whether the line has the button.
        begin: bool,
    },
    /// To come: reception may note the arrival.
    Expected,
    /// The consultation waits for a signature.
    ToSign,
    /// Signed.
    Signed,
}

/// A consultation that waits.
pub struct OpenView {
    /// Where it is written.
    pub href: String,
    /// The patient.
    pub name: String,
    /// "Nota de evolución, hoy 09:40".
    pub about: String,
    /// What is missing, in words; empty when it is ready to sign.
    pub missing: String,
    /// Whether nothing was written yet.
    pub unwritten: bool,
}

impl TodayPage {
    fn to_write(&self) -> Vec<&OpenView> {
        self.open.iter().filter(|open| open.unwritten).collect()
    }

    fn to_sign(&self) -> Vec<&OpenView> {
        self.open.iter().filter(|open| !open.unwritten).collect()
    }
}

/// `GET /consultas`: what waits to be written, whatever the day.
#[derive(Template)]
#[template(path = "consultations.html")]
pub struct ConsultationsPage {
    /// The frame.
    pub shell: Shell,
    /// The consultations.
    pub open: Vec<OpenView>,
}
