//! Private records: their groups, opening one with a reason, and the review of what was opened.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The groups, for administration.
#[derive(Template)]
#[template(path = "groups.html")]
pub struct GroupsPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The groups.
    pub groups: Vec<GroupView>,
    /// Name of a new group.
    pub name: Field,
    /// First member of a new group.
    pub member: Choice,
}

/// A group.
pub struct GroupView {
    /// Id in addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Id and name of each member.
    pub members: Vec<(String, String)>,
    /// Its records.
    pub records: Vec<GroupRecordView>,
    /// To add a member.
    pub member: Choice,
    /// To add a record by number.
    pub record: Field,
}

/// A record of a group.
pub struct GroupRecordView {
    /// Id in addresses.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Name of the patient, for who may see it.
    pub name: String,
}

/// Looking for a private record of the patient in front, and opening it.
#[derive(Template)]
#[template(path = "private_record.html")]
pub struct PrivateRecordPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// CURP.
    pub curp: Field,
    /// Name and birth date.
    pub person: Vec<Field>,
    /// The records found.
    pub records: Vec<PrivateRecordView>,
    /// What was sought, sent again with the reason.
    pub again: Vec<(&'static str, String)>,
    /// Something was sought and nothing was found.
    pub nothing: bool,
}

/// A private record that may be opened.
pub struct PrivateRecordView {
    /// Id for the form.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Why, from the list.
    pub reason: Choice,
    /// Why, in words.
    pub detail: Field,
}

/// What was opened, for whoever reviews it.
#[derive(Template)]
#[template(path = "openings.html")]
pub struct OpeningsPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The openings, those to review first.
    pub rows: Vec<OpeningRow>,
}

/// An opening.
pub struct OpeningRow {
    /// Id in addresses.
    pub id: String,
    /// Who opened it.
    pub who: String,
    /// Number of the record.
    pub record: String,
    /// From when until when.
    pub when: String,
    /// Why, from the list.
    pub reason: &'static str,
    /// Why, in words.
    pub detail: String,
    /// Opened by who looks.
    pub own: bool,
    /// What the review said.
    pub review: Option<ReviewView>,
    /// The note of a review that is still to be made.
    pub form: Option<Field>,
}

/// A review.
pub struct ReviewView {
    /// "Se justifica".
    pub state: &'static str,
    /// Who said it, when and why.
    pub words: String,
}
