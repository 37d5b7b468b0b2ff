//! Which tables may not change, told once; each engine writes its triggers from this list and `verify` compares with it.

/// A table whose rows are never changed or deleted, at all or from a signature on.
pub(crate) struct Guard {
    pub(crate) table: &'static str,
    /// Every unique key of the table, so that an insert cannot replace a row.
    pub(crate) keys: &'static [&'static str],
    /// When a row is fixed; `None` for always.
    pub(crate) once_signed: Option<OnceSigned>,
}

/// A row is fixed once a signed document names it.
#[derive(Clone, Copy)]
pub(crate) struct OnceSigned {
    /// The row's own column.
    pub(crate) key: &'static str,
    /// The column of `signed_document` that names it.
    pub(crate) named_in: &'static str,
}

/// Everything that is fixed: what was signed, the bitácora, consents, former identities, and the PDF and transcript of a signed document.
pub(crate) const GUARDS: [Guard; 6] = [
    Guard { table: "signed_document", keys: &["sequence", "id"], once_signed: None },
    Guard { table: "audit_event", keys: &["sequence"], once_signed: None },
    Guard { table: "consent", keys: &["id"], once_signed: None },
    Guard { table: "former_identity", keys: &["id"], once_signed: None },
    Guard { table: "blob", keys: &["id"], once_signed: Some(OnceSigned { key: "id", named_in: "pdf" }) },
    Guard {
        table: "transcript",
        keys: &["encounter_id"],
        once_signed: Some(OnceSigned { key: "encounter_id", named_in: "encounter_id" }),
    },
];

/// What is wrong with a trigger (or, with no trigger name, with its table).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriggerFault {
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Missing,
    Disabled,
    Altered,
    Unknown,
}
