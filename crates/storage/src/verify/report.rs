//! What a verification found, in words.

use std::fmt;

use crate::chain::Chain;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// A row says something else than when it was written.
    Edited,
    /// Rows are gone.
    Removed,
    /// A row stands at another place than it was written to.
    Reordered,
    /// A row was added without the program.
    Inserted,
    /// The record of where the chain ends is not the one the program wrote.
    HeadMismatch,
    /// The content of a document is not the one that was signed.
    ContentAltered,
    /// The transcript of a signed note is gone or is not the one it names.
    TranscriptAltered,
    /// The PDF of a document is gone.
    BlobMissing,
    /// The PDF of a document is not the one that was signed.
    BlobAltered,
    /// A file of a record is gone.
    FileMissing,
    /// A file of a record is not the one that was kept.
    FileAltered,
    /// A table is gone.
    TableMissing,
    /// A trigger that keeps signed rows is gone.
    TriggerMissing,
    /// It is there and switched off.
    TriggerDisabled,
    /// It does something else than it should.
    TriggerAltered,
    /// There is one that the program did not make.
    TriggerUnknown,
    /// A chain no longer goes through the point of an anchor.
    AnchorLost,
    /// The anchor was not made by this installation, or was changed.
    AnchorForeign,
}

impl FindingKind {
    /// A stable word for JSON output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed => "removed",
            Self::Reordered => "reordered",
            Self::Inserted => "inserted",
            Self::HeadMismatch => "head_mismatch",
            Self::ContentAltered => "content_altered",
            Self::TranscriptAltered => "transcript_altered",
            Self::BlobMissing => "blob_missing",
            Self::BlobAltered => "blob_altered",
            Self::FileMissing => "file_missing",
            Self::FileAltered => "file_altered",
            Self::TableMissing => "table_missing",
            Self::TriggerMissing => "trigger_missing",
            Self::TriggerDisabled => "trigger_disabled",
            Self::TriggerAltered => "trigger_altered",
            Self::TriggerUnknown => "trigger_unknown",
            Self::AnchorLost => "anchor_lost",
            Self::AnchorForeign => "anchor_foreign",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Edited => "el renglón fue modificado después de escribirse",
            Self::Removed => "faltan renglones",
            Self::Reordered => "el renglón está en un lugar que no es el suyo",
            Self::Inserted => "el renglón no fue escrito por el programa",
            Self::HeadMismatch => {
                "el registro del final de la cadena fue cambiado sin la clave de la instalación"
            }
            Self::ContentAltered => "el contenido no es el que se firmó",
            Self::TranscriptAltered => "la transcripción que cita la nota falta o fue cambiada",
            Self::BlobMissing => "falta el PDF firmado",
            Self::BlobAltered => "el PDF no es el que se firmó",
            Self::FileMissing => "falta un archivo del expediente",
            Self::FileAltered => "un archivo del expediente no es el que se guardó",
            Self::TableMissing => "falta la tabla",
            Self::TriggerMissing => "falta el disparador que impide cambios",
            Self::TriggerDisabled => "está apagado el disparador que impide cambios",
            Self::TriggerAltered => "fue cambiado el disparador que impide cambios",
            Self::TriggerUnknown => "hay un disparador que el programa no hizo",
            Self::AnchorLost => {
                "la cadena ya no pasa por este punto del ancla: se repuso un respaldo anterior o se reescribió"
            }
            Self::AnchorForeign => "el ancla no es de esta instalación o fue modificada",
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// In which chain; absent for tables and triggers.
    pub chain: Option<Chain>,
    /// At which place of the chain, the first of several.
    pub sequence: Option<i64>,
    /// The last place, when it concerns several.
    pub until: Option<i64>,
    /// More about it: the place a row came from, the name of a trigger.
    pub detail: String,
}

impl Finding {
    pub(super) fn at(chain: Chain, sequence: i64, kind: FindingKind) -> Self {
        Self { kind, chain: Some(chain), sequence: Some(sequence), until: None, detail: String::new() }
    }

    pub(super) fn range(chain: Chain, from: i64, until: i64, kind: FindingKind) -> Self {
        Self { until: (until > from).then_some(until), ..Self::at(chain, from, kind) }
    }

    pub(super) fn reordered(chain: Chain, sequence: i64, written_at: i64) -> Self {
        Self {
            detail: format!("se escribió como número {written_at}"),
            ..Self::at(chain, sequence, FindingKind::Reordered)
        }
    }

    pub(super) fn trigger(kind: FindingKind, table: &str, name: &str) -> Self {
        Self::beside(kind, format!("{table}: {name}"))
    }

    /// A document of another establishment, which stands in no chain here.
    pub(super) fn external(kind: FindingKind, id: &str) -> Self {
        Self::beside(kind, format!("documento de otro establecimiento {id}"))
    }

    /// A signature with an e.firma, told by its document.
    pub(super) fn efirma(kind: FindingKind, id: &str) -> Self {
        Self::beside(kind, format!("e.firma del documento {id}"))
    }

    pub(super) fn foreign_anchor() -> Self {
        Self::beside(FindingKind::AnchorForeign, String::new())
    }

    pub(super) fn table_missing(table: &str) -> Self {
        Self::beside(FindingKind::TableMissing, table.to_owned())
    }

    /// A file, told by its id: its name may say what is the matter with somebody.
    pub(super) fn file(kind: FindingKind, id: &str) -> Self {
        Self::beside(kind, id.to_owned())
    }

    /// Something that stands in no chain.
    fn beside(kind: FindingKind, detail: String) -> Self {
        Self { kind, chain: None, sequence: None, until: None, detail }
    }
}

impl fmt::Display for Finding {
    /// "documentos firmados, número 12: el renglón fue modificado después de escribirse".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(chain) = self.chain {
            f.write_str(chain.label())?;
        }
        match (self.sequence, self.until) {
            (Some(first), Some(last)) => write!(f, ", números {first} a {last}: ")?,
            (Some(sequence), None) => write!(f, ", número {sequence}: ")?,
            _ => {}
        }
        f.write_str(self.kind.sentence())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// What a verification saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Signed documents read.
    pub documents: i64,
    /// Audit events read.
    pub audit_events: i64,
    /// Files of records read.
    pub files: i64,
    /// What is wrong; nothing for a sound record.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Documentos firmados revisados: {}. Renglones de la bitácora revisados: {}. Archivos revisados: {}.",
            self.documents, self.audit_events, self.files
        )?;
        if self.is_sound() {
            return f.write_str(" Todo está íntegro.");
        }
        self.findings.iter().try_for_each(|finding| write!(f, "\n- {finding}"))
    }
}
