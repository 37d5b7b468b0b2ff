//! The agenda: its days, booking, one visit, the waiting list and what it is made from.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// `GET /agenda`.
#[derive(Template)]
#[template(path = "agenda.html")]
pub struct AgendaPage {
    /// The frame.
    pub shell: Shell,
    /// "lunes 9 de marzo", or the week.
    pub title: String,
    /// Addresses of the times before and after, of today, and of the other views: words, address, whether it is current.
    pub before: String,
    /// The time after.
    pub after: String,
    /// Today.
    pub today: String,
    /// The views.
    pub views: Vec<(&'static str, String, bool)>,
    /// Whose agenda: name, address, whether it is shown.
    pub whose: Vec<(String, String, bool)>,
    /// Columns, by professional or by day.
    pub columns: Vec<ColumnView>,
    /// All visits with telephones, to print; none in the other views.
    pub list: Vec<VisitRow>,
    /// Whether the list is shown.
    pub as_list: bool,
    /// Whether anybody has consulting hours.
    pub has_hours: bool,
    /// Whether the person books.
    pub manages: bool,
    /// Whether free times are shown only once a professional is chosen.
    pub choose: bool,
    /// How the move that was just made is undone.
    pub undo: Option<Undo>,
    /// The day, the view and whose agenda it is, for forms that come back here.
    pub day: String,
    /// The view.
    pub view: String,
    /// Whose.
    pub filter: String,
    /// The day a new visit is looked for from.
    pub book: String,
}

/// A visit back where it was.
pub struct Undo {
    /// Which visit.
    pub visit: String,
    /// When it began.
    pub at: String,
    /// With whom it was.
    pub with: String,
    /// Whether it lay over others or outside of the hours.
    pub extra: bool,
}

/// One column of the agenda.
pub struct ColumnView {
    /// Id on the page.
    pub id: String,
    /// Who, or which day.
    pub title: String,
    /// "09:00 a 14:00", or why nobody is there.
    pub hours: String,
    /// Visits, free times and absences by the clock.
    pub lines: Vec<LineView>,
    /// Who came without an appointment or late and waits, in the order they came.
    pub queue: Vec<VisitRow>,
    /// Where a visit with this one is booked.
    pub book: String,
}

/// A line of a column.
pub enum LineView {
    /// A visit.
    Visit(Box<VisitRow>),
    /// Times that are free one after the other.
    Free(Vec<GapView>),
    /// That the professional is not there.
    Away(String),
}

/// A free time: a visit can be booked or put there.
pub struct GapView {
    /// Where a visit is booked there.
    pub href: String,
    /// Hour.
    pub time: String,
    /// When, as it is sent.
    pub at: String,
    /// With whom, as it is sent.
    pub with: String,
    /// Title of its column, for who does not see it.
    pub column: String,
}

/// One visit.
pub struct VisitRow {
    /// Address of the visit.
    pub href: String,
    /// Id in addresses.
    pub id: String,
    /// Hour.
    pub time: String,
    /// Who comes.
    pub name: String,
    /// Service, room, professional.
    pub about: String,
    /// Telephone.
    pub phone: String,
    /// Where it stands, in words.
    pub state: String,
    /// `done`, `here` or nothing.
    pub class: &'static str,
    /// That it is kept for somebody, or that the patient often does not come.
    pub remark: String,
    /// Whether it can be put at another time.
    pub movable: bool,
    /// The next step: its code and its button.
    pub step: Option<(&'static str, &'static str)>,
    /// The button that opens the consultation of the visit or returns to it, for who writes in records.
    pub consult: Option<&'static str>,
}

/// `GET /agenda/nueva`.
#[derive(Template)]
#[template(path = "booking.html")]
pub struct BookingPage {
    /// The frame.
    pub shell: Shell,
    /// What is to be corrected.
    pub errors: ErrorSummary,
    /// What was searched.
    pub query: String,
    /// Who was found: address and words.
    pub found: Vec<(String, String)>,
    /// Who comes: id and name.
    pub patient: Option<(String, String)>,
    /// Service, professional and first day.
    pub choices: Vec<Choice>,
    /// First day.
    pub day: Field,
    /// A time that was chosen on the agenda, before the patient.
    pub chosen: String,
    /// Free times by day.
    pub slots: Vec<(String, Vec<SlotView>)>,
    /// The choices as they are sent along.
    pub service: String,
    /// The professional; empty for anybody.
    pub practitioner: String,
    /// Fields of another time.
    pub extra: Vec<Field>,
    /// Fields of the waiting list.
    pub waiting: Vec<Field>,
    /// Parts of the day.
    pub part: Choice,
    /// Where the same page shows later times.
    pub later: String,
}

/// A free time to choose.
pub struct SlotView {
    /// As it is sent.
    pub value: String,
    /// Hour and, where it is not clear, with whom and on which clock.
    pub words: String,
    /// Whether it was chosen on the agenda.
    pub chosen: bool,
}

/// `GET /citas/{id}`.
#[derive(Template)]
#[template(path = "visit.html")]
pub struct VisitPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Who comes.
    pub name: String,
    /// Where the patient's data are.
    pub patient: String,
    /// Term and words.
    pub facts: Vec<(&'static str, String)>,
    /// The button that opens the consultation of the visit or returns to it, for who writes in records.
    pub consult: Option<&'static str>,
    /// Steps that can be taken: code and button.
    pub steps: Vec<(&'static str, &'static str)>,
    /// Reasons for which it can be cancelled; none when it cannot.
    pub reasons: Vec<(&'static str, &'static str)>,
    /// Free times it can be moved to: value and words.
    pub slots: Vec<(String, String)>,
    /// Whether it can be moved.
    pub movable: bool,
    /// Fields of another time.
    pub extra: Vec<Field>,
    /// What was done: when and who, what.
    pub history: Vec<(String, String)>,
    /// Back to its day.
    pub back: String,
}

/// `GET /agenda/espera`.
#[derive(Template)]
#[template(path = "waiting_list.html")]
pub struct WaitingPage {
    /// The frame.
    pub shell: Shell,
    /// Who waits.
    pub rows: Vec<WaitingRow>,
    /// Whether the person changes it.
    pub manages: bool,
}

/// Somebody of the waiting list.
pub struct WaitingRow {
    /// Id in forms.
    pub id: String,
    /// Who.
    pub name: String,
    /// What for, with whom, when; telephone.
    pub about: String,
    /// What is kept for them: address and words.
    pub offer: Option<(String, String)>,
}

/// `GET /agenda/horarios`.
#[derive(Template)]
#[template(path = "agenda_setup.html")]
pub struct AgendaSetupPage {
    /// The frame.
    pub shell: Shell,
    /// What is to be corrected.
    pub errors: ErrorSummary,
    /// Whether the person changes it.
    pub manages: bool,
    /// Hours: id, whose and when, more.
    pub shifts: Vec<(String, String, String)>,
    /// Absences: id, whose and when, why.
    pub closures: Vec<(String, String, String)>,
    /// Services: id, name, minutes, minutes after, whether in use.
    pub services: Vec<(String, String, u16, u16, bool)>,
    /// Rooms: id, name, zone, video, whether in use.
    pub rooms: Vec<(String, String, String, String, bool)>,
    /// Zones: code and words.
    pub zones: Vec<(String, String)>,
    /// The form of new hours.
    pub shift_choices: Vec<Choice>,
    /// Its fields.
    pub shift_fields: Vec<Field>,
    /// Weekdays: value, word, whether ticked.
    pub days: Vec<(usize, &'static str, bool)>,
    /// Which of the month: value, word, whether it was chosen.
    pub places: Vec<(usize, &'static str, bool)>,
    /// The form of an absence.
    pub closure_choices: Vec<Choice>,
    /// Its fields.
    pub closure_fields: Vec<Field>,
}
