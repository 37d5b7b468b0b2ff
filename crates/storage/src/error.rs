//! What can go wrong in storage, by meaning. The texts are shown to people, so they are Spanish; the cause stays attached.

use std::path::PathBuf;

use clinical::ids::PatientId;

/// Result of everything in this crate.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// Why storage refused or failed. After a [`StorageError`] that is not one of the answers
/// ([`StorageError::is_answer`]) the transaction cannot be committed any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// A value that must be unique is already taken.
    #[error("ya existe un registro con ese dato ({what})")]
    NotUnique {
        /// Table and column, or the name of the constraint.
        what: String,
    },
    /// The CURP belongs to another record.
    #[error("esa CURP ya está en el expediente {record_number}")]
    CurpInUse {
        /// The record that has it.
        patient_id: PatientId,
        /// Its number.
        record_number: String,
    },
    /// The two records cannot be joined: they are one already, or one of them belongs to a third.
    #[error("los expedientes ya están unidos, o uno de ellos se unió a otro")]
    NotMergeable,
    /// The record is blocked: nothing is written into it.
    #[error("el expediente está bloqueado")]
    Blocked,
    /// A consultation of the record is still being written.
    #[error("hay una consulta sin firmar en ese expediente")]
    OpenEncounter,
    /// Someone else changed it in the meantime; nothing was written.
    #[error("otra persona cambió esto mientras usted trabajaba")]
    Conflict {
        /// The version (or, for states, nothing) that is stored now; `None` when the row is gone.
        current: Option<i64>,
    },
    /// The consultation is finished or cancelled, so that its draft and transcript are closed.
    #[error("la consulta ya está cerrada")]
    EncounterClosed,
    /// A row that the operation names does not exist.
    #[error("no existe lo que se quiso usar ({what})")]
    Missing {
        /// What is missing.
        what: String,
    },
    /// A signed document, an audit event or a consent was to be changed.
    #[error("lo firmado no se puede cambiar ni borrar")]
    Immutable,
    /// The database is locked, gone or too busy; nothing was written and the same may work later.
    #[error("la base de datos no está disponible en este momento; intente de nuevo")]
    Unavailable(#[source] Cause),
    /// An answer took longer than it may; nothing was written.
    #[error("la base de datos tardó demasiado en responder")]
    TooLong(#[source] Cause),
    /// The disk is full; nothing was written.
    #[error("el disco está lleno; no se guardó nada")]
    DiskFull(#[source] Cause),
    /// The disk takes nothing more or gives nothing back: the system made it read-only after a fault, or it is failing.
    #[error("el disco no deja leer o escribir; no se guardó nada. Revise el disco")]
    DiskFault(#[source] Cause),
    /// The key does not open this database.
    #[error(
        "la clave no abre esta base de datos: revise que el archivo de clave y la base de datos sean de la misma instalación, y si se cambió la clave, arranque de nuevo el programa (o el archivo está dañado)"
    )]
    WrongKey,
    /// The file is a database in clear text or another kind of file.
    #[error("el archivo {path} no es una base de datos cifrada de Medicus")]
    NotEncrypted {
        /// The file.
        path: PathBuf,
    },
    /// A row cannot be turned into its type.
    #[error("hay un dato dañado en la base de datos ({table}.{column}, id {id})")]
    Corrupt {
        /// Table or query it was read from.
        table: &'static str,
        /// Column.
        column: String,
        /// Id of the row, or "?" when the row shows none.
        id: String,
    },
    /// The database file itself is damaged.
    #[error("la base de datos está dañada; restaure la copia de seguridad")]
    Damaged(#[source] Cause),
    /// The database was written by a newer program.
    #[error(
        "la base de datos es de una versión más nueva del programa (esquema {found}; este programa entiende hasta {known})"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The address of the database cannot be used.
    #[error("la dirección de la base de datos no se entiende; use postgres://… o la ruta de un archivo")]
    BadAddress,
    /// The PostgreSQL server refused user, password or database name.
    #[error("el servidor PostgreSQL no aceptó el usuario, la contraseña o el nombre de la base de datos")]
    AccessRefused(#[source] Cause),
    /// A file of the blob store is not there.
    #[error("falta el archivo adjunto {id}")]
    BlobMissing {
        /// Its id.
        id: String,
    },
    /// A file of the blob store is not what was stored.
    #[error("el archivo adjunto {id} está dañado o fue alterado")]
    BlobAltered {
        /// Its id.
        id: String,
    },
    /// The key of a blob was destroyed on purpose.
    #[error("el archivo adjunto {id} fue destruido y no se puede recuperar")]
    BlobDestroyed {
        /// Its id.
        id: String,
    },
    /// More bytes than the blob store takes in one piece.
    #[error("el archivo es demasiado grande ({size_bytes} bytes; el máximo es {max_bytes})")]
    TooLarge {
        /// What was given.
        size_bytes: u64,
        /// What is taken.
        max_bytes: u64,
    },
    /// Reading or writing a file failed.
    #[error("no se pudo leer o escribir {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The transaction already failed; it can only be dropped.
    #[error("la operación falló y no se guardó nada")]
    Aborted,
    /// Randomness or cryptography is not available on this machine.
    #[error("este equipo no pudo generar o usar una clave")]
    Crypto,
    /// The database answered something unexpected.
    #[error("la base de datos respondió con un error inesperado")]
    Database(#[source] Cause),
}

/// What lies below an error.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl StorageError {
    /// Whether this is a regular answer to the caller's question, found without a failed statement:
    /// the transaction goes on.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::CurpInUse { .. }
                | Self::NotMergeable
                | Self::OpenEncounter
                | Self::Conflict { .. }
                | Self::EncounterClosed
                | Self::TooLarge { .. }
        )
    }

    /// Whether the same call may succeed a little later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TooLong(_) | Self::DiskFull(_) | Self::DiskFault(_))
    }

    /// Which error it is, for a log: names of tables, columns and constraints and the code of the engine, never a value.
    #[must_use]
    pub fn kind(&self) -> String {
        let name: String = format!("{self:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
        match self {
            Self::NotUnique { what } | Self::Missing { what } => format!("{name} {what}"),
            Self::Corrupt { table, column, .. } => format!("{name} {table}.{column}"),
            Self::Unavailable(cause) | Self::TooLong(cause) | Self::Database(cause) => {
                let engine = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
                match engine.and_then(sqlx::error::DatabaseError::code) {
                    Some(code) => format!("{name} {code}"),
                    None => name,
                }
            }
            _ => name,
        }
    }

    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull(source.into())
            }
            std::io::ErrorKind::ReadOnlyFilesystem => Self::DiskFault(source.into()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_trouble_with_files() {
        let error = |kind: std::io::ErrorKind| StorageError::io(std::path::Path::new("x"), kind.into());
        assert!(matches!(error(std::io::ErrorKind::StorageFull), StorageError::DiskFull(_)));
        assert!(matches!(error(std::io::ErrorKind::ReadOnlyFilesystem), StorageError::DiskFault(_)));
        assert!(matches!(error(std::io::ErrorKind::PermissionDenied), StorageError::Io { .. }));
    }

    #[test]
    fn a_log_says_which_error_it_is_and_no_value() {
        let what = "correspondent_phone_key".to_owned();
        assert_eq!(StorageError::NotUnique { what }.kind(), "NotUnique correspondent_phone_key");
        let taken = StorageError::CurpInUse {
            patient_id: PatientId(uuid::Uuid::nil()),
            record_number: "EXP-000123".to_owned(),
        };
        assert_eq!(taken.kind(), "CurpInUse");
        assert_eq!(StorageError::Database("5512345678".into()).kind(), "Database");
    }

    #[test]
    fn answers_leave_the_transaction_usable_and_temporary_errors_may_be_tried_again() {
        let busy = StorageError::Unavailable("ocupada".into());
        assert!(busy.is_temporary() && !busy.is_answer());
        let conflict = StorageError::Conflict { current: Some(2) };
        assert!(conflict.is_answer() && !conflict.is_temporary());
    }
}
