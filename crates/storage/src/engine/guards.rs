//! Which tables may not change, told once; each engine writes its triggers from this list and `verify` compares with it.

/// A table whose rows are never changed or deleted, at all or from a signature on.
pub(crate) struct Guard {
    pub(crate) table: &'static str,
    /// Every unique key of the table, so that an insert cannot replace a row; the columns of one key with ", " between them.
    pub(crate) keys: &'static [&'static str],
    /// When a row is fixed; `None` for always.
    pub(crate) once_named: Option<OnceNamed>,
}

/// A row is fixed once a row that is fixed itself names it: a signed document, a file of a record.
#[derive(Clone, Copy)]
pub(crate) struct OnceNamed {
    /// The row's own column.
    pub(crate) key: &'static str,
    /// The tables and columns that name it.
    pub(crate) named_in: &'static [(&'static str, &'static str)],
}

/// Everything that is fixed: what was signed, the bitácora, cancellations of recetas, consents, avisos de privacidad, former identities, signatures with an e.firma and what was proven of them later, the copies
/// and information handed out, holds, blocks and moves to the archive, requests about one's own data, the files of a record and
/// their withdrawal, laboratory results, alerts that were signed in spite of and what was promised with them, that cases were told to the health authority, documents of other establishments with what came beside them, the steps of a co-signature, the ends of stays, openings of private records and their review, and the PDF and transcript of a signed document.
pub(crate) const GUARDS: [Guard; 36] = [
    Guard { table: "signed_document", keys: &["sequence", "id"], once_named: None },
    Guard { table: "audit_event", keys: &["sequence"], once_named: None },
    Guard { table: "consent", keys: &["id"], once_named: None },
    Guard { table: "privacy_notice", keys: &["version"], once_named: None },
    Guard { table: "former_identity", keys: &["id"], once_named: None },
    Guard { table: "attachment", keys: &["id"], once_named: None },
    Guard { table: "attachment_withdrawal", keys: &["attachment_id"], once_named: None },
    Guard { table: "lab_report", keys: &["id"], once_named: None },
    Guard { table: "endorsement", keys: &["id"], once_named: None },
    Guard { table: "stay_end", keys: &["id"], once_named: None },
    Guard { table: "lab_result", keys: &["id", "supersedes"], once_named: None },
    Guard { table: "private_opening", keys: &["id"], once_named: None },
    Guard { table: "opening_review", keys: &["opening_id"], once_named: None },
    Guard { table: "document_print", keys: &["id"], once_named: None },
    Guard { table: "document_efirma", keys: &["document_id"], once_named: None },
    Guard { table: "efirma_proof", keys: &["document_id"], once_named: None },
    Guard { table: "prescription_cancellation", keys: &["document_id"], once_named: None },
    Guard { table: "delivery", keys: &["id"], once_named: None },
    Guard { table: "delivery_void", keys: &["delivery_id"], once_named: None },
    Guard { table: "retention_hold", keys: &["id"], once_named: None },
    Guard { table: "hold_lift", keys: &["hold_id"], once_named: None },
    Guard { table: "record_block", keys: &["id"], once_named: None },
    Guard { table: "block_lift", keys: &["block_id"], once_named: None },
    Guard { table: "archive_move", keys: &["id"], once_named: None },
    Guard { table: "arco_request", keys: &["id"], once_named: None },
    Guard { table: "arco_step", keys: &["id"], once_named: None },
    Guard { table: "alert_override", keys: &["id"], once_named: None },
    Guard { table: "follow_up", keys: &["id"], once_named: None },
    Guard { table: "follow_up_end", keys: &["follow_up_id"], once_named: None },
    Guard { table: "epidemic_notice", keys: &["sequence, epi"], once_named: None },
    Guard { table: "record_import", keys: &["id", "package_digest"], once_named: None },
    Guard { table: "external_document", keys: &["id"], once_named: None },
    Guard { table: "external_efirma", keys: &["pdf"], once_named: None },
    Guard { table: "external_cancellation", keys: &["document_id"], once_named: None },
    Guard {
        table: "blob",
        keys: &["id"],
        once_named: Some(OnceNamed {
            key: "id",
            named_in: &[
                ("signed_document", "pdf"),
                ("document_efirma", "pdf"),
                ("efirma_proof", "pdf"),
                ("attachment", "id"),
                ("external_document", "pdf"),
                ("external_efirma", "pdf"),
            ],
        }),
    },
    Guard {
        table: "transcript",
        keys: &["encounter_id"],
        once_named: Some(OnceNamed { key: "encounter_id", named_in: &[("signed_document", "encounter_id")] }),
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
