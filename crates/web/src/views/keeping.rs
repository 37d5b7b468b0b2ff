//! Entregas de información and conservación: of a record, and of the practice.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// `GET /pacientes/{id}/entregas`.
#[derive(Template)]
#[template(path = "deliveries.html")]
pub struct DeliveriesPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The line under it.
    pub about: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The band over a private record that this person opened.
    pub opened: Option<String>,
    /// What was given, newest first.
    pub rows: Vec<DeliveryRow>,
    /// Copies of the whole record that were taken out: in which form; who, when and why.
    pub exports: Vec<(String, String)>,
    /// Whether the person may record and void.
    pub delivers: bool,
    /// The form, for who may record.
    pub form: Option<DeliveryFields>,
}

/// One delivery.
pub struct DeliveryRow {
    /// Its id.
    pub id: String,
    /// Its folio.
    pub number: i64,
    /// Folio, day and to whom.
    pub title: String,
    /// Who received, on which ground, what.
    pub lines: Vec<String>,
    /// The written request: address and words.
    pub request: Option<(String, String)>,
    /// That the entry is wrong, by whom and why; or empty.
    pub voided: String,
}

/// The form of a delivery.
pub struct DeliveryFields {
    /// To whom.
    pub recipient: Choice,
    /// The file with the request or order.
    pub request: Choice,
    /// Who signs it, why, and its day.
    pub written: Vec<Field>,
    /// What is notified, where a law orders it.
    pub duty: Field,
    /// Signed documents: id, title and date, ticked.
    pub documents: Vec<(String, String, bool)>,
    /// What else.
    pub other: Field,
    /// Who receives, and how they identified themselves.
    pub received: Vec<Field>,
    /// How.
    pub means: Choice,
    /// When.
    pub on: Field,
}

/// `GET /pacientes/{id}/conservacion`.
#[derive(Template)]
#[template(path = "retention.html")]
pub struct RetentionPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The line under it.
    pub about: String,
    /// Where the record opens.
    pub back: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The band over a private record that this person opened.
    pub opened: Option<String>,
    /// Class, icon and words of where the clock stands.
    pub state: (&'static str, &'static str, String),
    /// Last act, years, until when.
    pub clock: Vec<(&'static str, String)>,
    /// Holds, newest first.
    pub holds: Vec<HoldRow>,
    /// Why a hold is put.
    pub hold_reason: Field,
    /// Its last day.
    pub hold_until: Field,
    /// Whether the record is archived.
    pub archived: bool,
    /// Moves into the archive and back, one line each.
    pub moves: Vec<String>,
    /// Why it is archived or brought back.
    pub archive_reason: Field,
    /// Whether it may be blocked: its time has passed and nothing holds it.
    pub blockable: bool,
    /// Why it is blocked, for who may block it.
    pub block_reason: Option<Field>,
    /// Former blocks, one line each.
    pub blocks: Vec<String>,
    /// Which form is open with an error: `retencion`, `archivo`, `bloqueo`, or none.
    pub open: &'static str,
}

/// `POST /pacientes/{id}/conservacion/bloqueo` before it is confirmed.
#[derive(Template)]
#[template(path = "block.html")]
pub struct BlockPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The line under it.
    pub about: String,
    /// Reason, last act, until when it was kept.
    pub facts: Vec<(&'static str, String)>,
    /// Why it is blocked.
    pub reason: String,
}

/// A blocked record. Nothing of it but whose it is.
pub struct BlockedRow {
    /// Id of the block.
    pub id: String,
    /// Name and number of the expediente.
    pub name: String,
    /// Who blocked it, when and why.
    pub about: String,
    /// Until when this person has it open for a legal request, with its address.
    pub open: Option<(String, String)>,
}

/// One hold.
pub struct HoldRow {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Who, when, until when.
    pub about: String,
    /// Who lifted it, when and why; or empty.
    pub lifted: String,
}

/// `GET /conservacion`.
#[derive(Template)]
#[template(path = "retention_practice.html")]
pub struct PracticeRetentionPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The years of the practice.
    pub years: i16,
    /// The field to change them, for who may.
    pub years_field: Option<Field>,
    /// Records whose date has passed.
    pub rows: Vec<PastRow>,
    /// How many.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Live holds: address, patient, why and until when.
    pub holds: Vec<(String, String, String)>,
    /// Blocked records, the latest first.
    pub blocked: Vec<BlockedRow>,
    /// Whether the person may lift a block.
    pub lifts: bool,
    /// Whether the person may open a blocked record for a legal request.
    pub reads: bool,
}

/// A record whose date has passed.
pub struct PastRow {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Number of the expediente.
    pub record: String,
    /// When the last act was.
    pub last_act: String,
    /// Until when it had to be kept.
    pub kept_until: String,
    /// Whether it is archived.
    pub archived: bool,
}
