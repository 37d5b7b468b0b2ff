//! What goes into a statement and what comes out of a row, the same for both engines: text and whole numbers.
//!
//! Ids, digests, dates and JSON are text; instants are milliseconds since 1970; yes and no are 1 and 0.

use std::str::FromStr;

use clinical::digest::Digest;
use clinical::ids::{
    AppointmentId, ArcoId, AttachmentId, BlobId, BlockId, ClosureId, ConsentId, CorrespondentId, DeliveryId,
    DocumentId, EncounterId, EndorsementId, EntryId, FactorId, GroupId, HoldId, ImportId, KeptLinesId,
    LabReportId, LabResultId, MergeId, MessageId, OpeningId, PatientId, PractitionerId, PreferenceId,
    QuestionId, RecordingId, RoomId, ServiceId, ShiftId, TemplateId, UserId, WaitingId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StorageError};

/// A bound value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(Some(i64::from(flag)))
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(Some(at.as_millisecond()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Int(at.map(Timestamp::as_millisecond))
    }
}

macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::Text(Some(value.to_string()))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::Text(value.map(|value| value.to_string()))
            }
        }
    )*};
}

as_text!(
    AppointmentId,
    ArcoId,
    AttachmentId,
    BlobId,
    BlockId,
    ClosureId,
    ConsentId,
    CorrespondentId,
    Date,
    DeliveryId,
    Digest,
    DocumentId,
    EncounterId,
    EndorsementId,
    EntryId,
    FactorId,
    GroupId,
    HoldId,
    ImportId,
    LabReportId,
    LabResultId,
    MergeId,
    MessageId,
    OpeningId,
    PatientId,
    PractitionerId,
    PreferenceId,
    QuestionId,
    RecordingId,
    RoomId,
    ServiceId,
    ShiftId,
    TemplateId,
    KeptLinesId,
    UserId,
    WaitingId
);

/// Binds values in the order of `$1`, `$2`...
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// An instant as it is stored: whole milliseconds. Truncate before hashing or signing,
/// since the engines would otherwise keep different precisions.
#[must_use]
pub fn to_stored_precision(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

pub(crate) enum EngineRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A row with the name of the table it came from, for error messages.
pub(crate) struct Row {
    table: &'static str,
    inner: EngineRow,
}

impl Row {
    pub(crate) fn new(table: &'static str, inner: EngineRow) -> Self {
        Self { table, inner }
    }

    /// The error for a column of this row that cannot be read.
    pub(crate) fn corrupt(&self, column: &str) -> StorageError {
        let id = ["id", "p_id", "a_id", "sequence"].into_iter().find_map(|name| match &self.inner {
            EngineRow::Sqlite(row) => (row.try_get::<String, _>(name).ok())
                .or_else(|| row.try_get::<i64, _>(name).ok().map(|n| n.to_string())),
            EngineRow::Postgres(row) => (row.try_get::<String, _>(name).ok())
                .or_else(|| row.try_get::<i64, _>(name).ok().map(|n| n.to_string())),
        });
        StorageError::Corrupt {
            table: self.table,
            column: column.to_owned(),
            id: id.unwrap_or_else(|| "?".to_owned()),
        }
    }

    pub(crate) fn maybe_text(&self, column: &str) -> Result<Option<String>> {
        match &self.inner {
            EngineRow::Sqlite(row) => row.try_get(column),
            EngineRow::Postgres(row) => row.try_get(column),
        }
        .map_err(|_| self.corrupt(column))
    }

    pub(crate) fn maybe_int(&self, column: &str) -> Result<Option<i64>> {
        match &self.inner {
            EngineRow::Sqlite(row) => row.try_get(column),
            EngineRow::Postgres(row) => row.try_get(column),
        }
        .map_err(|_| self.corrupt(column))
    }

    pub(crate) fn text(&self, column: &str) -> Result<String> {
        self.maybe_text(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64> {
        self.maybe_int(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn flag(&self, column: &str) -> Result<bool> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>> {
        self.maybe_int(column)?
            .map(|ms| Timestamp::from_millisecond(ms).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp> {
        self.maybe_time(column)?.ok_or_else(|| self.corrupt(column))
    }

    /// A text column read by its type's own parser: ids, digests, dates.
    pub(crate) fn maybe_parsed<T: FromStr>(&self, column: &str) -> Result<Option<T>> {
        self.maybe_text(column)?.map(|text| text.parse().map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn parsed<T: FromStr>(&self, column: &str) -> Result<T> {
        self.maybe_parsed(column)?.ok_or_else(|| self.corrupt(column))
    }

    /// A digest exactly as the program writes it: in capitals it would mean the same and yet be a change.
    pub(crate) fn digest(&self, column: &str) -> Result<Digest> {
        stored_digest(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    /// A text column read by a look-up such as `from_code`.
    pub(crate) fn coded<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        read(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.corrupt(column))
    }
}

/// A digest exactly as the program writes it.
pub(crate) fn stored_digest(text: &str) -> Option<Digest> {
    text.parse().ok().filter(|_| !text.bytes().any(|byte| byte.is_ascii_uppercase()))
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows on all pages together.
    pub total: i64,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many rows.
    pub limit: u32,
    /// After skipping so many.
    pub offset: u32,
}

impl PageRequest {
    /// The first `limit` rows.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { limit, offset: 0 }
    }

    pub(crate) fn limit(self) -> i64 {
        i64::from(self.limit)
    }

    pub(crate) fn offset(self) -> i64 {
        i64::from(self.offset)
    }
}
