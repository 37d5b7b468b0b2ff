//! The outcomes a person can meet: correct this, you may not, it changed or is not there, our fault.

use storage::StorageError;

/// One thing to correct in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the form field, for the link in the summary of errors.
    pub field: &'static str,
    /// What to do, in Spanish.
    pub message: String,
}

impl FieldError {
    /// An error at a field.
    #[must_use]
    pub fn new(field: &'static str, message: impl ToString) -> Self {
        Self { field, message: message.to_string() }
    }
}

/// Why a service refused or failed. Every text is for the person in front of the screen.
#[derive(Debug, thiserror::Error)]
pub enum CareError {
    /// Input to correct; nothing was changed.
    #[error("{}", .0.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(". "))]
    Invalid(Vec<FieldError>),
    /// Other records may be of the same person; nothing was saved.
    #[error("Ya hay un expediente que puede ser de la misma persona")]
    Alike(crate::patients::Alike),
    /// The transcript could not be read.
    #[error("{0}")]
    Transcript(#[from] scribe::parse::TranscriptError),
    /// The role does not allow it.
    #[error("{message}")]
    Denied {
        /// Who may, in Spanish.
        message: String,
    },
    /// User name or password do not fit.
    #[error("El usuario o la contraseña no coinciden")]
    WrongPassword,
    /// Too many wrong passwords.
    #[error("Demasiados intentos. Espere {minutes} minutos y vuelva a intentar")]
    LockedOut {
        /// Minutes to wait.
        minutes: i64,
    },
    /// The session is over.
    #[error("Su sesión terminó. Escriba su contraseña para continuar")]
    SignedOut,
    /// There is no such thing, or it is not for this person.
    #[error("No se encontró {what}")]
    NotFound {
        /// What was looked for, with its article.
        what: &'static str,
    },
    /// Someone else changed it first; nothing was overwritten.
    #[error("{message}")]
    Conflict {
        /// What happened and what to do.
        message: String,
    },
    /// The time cannot be booked as it was asked; nothing was booked.
    #[error("{message}")]
    SlotTaken {
        /// What is in the way, and which times are free next.
        message: String,
        /// Those times.
        next: Vec<clinical::schedule::slots::FreeSlot>,
    },
    /// The thing is signed or finished and cannot change.
    #[error("{message}")]
    Finished {
        /// What to do instead.
        message: String,
    },
    /// The database does not answer, or the disk is full or fails; trying again may help.
    #[error("{message}")]
    Unavailable {
        /// What happened and what to do.
        message: String,
        /// The cause, for the log.
        #[source]
        cause: Box<StorageError>,
    },
    /// Our fault. Details are for the log.
    #[error("No se pudo completar. Su trabajo sigue guardado; intente de nuevo")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl CareError {
    /// One field to correct.
    #[must_use]
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// Which error it is, for a log; never what anybody wrote.
    #[must_use]
    pub fn kind(&self) -> String {
        let name: String = format!("{self:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
        let cause = match self {
            Self::Unavailable { cause, .. } => Some(&**cause),
            Self::Internal(cause) => cause.downcast_ref(),
            _ => None,
        };
        cause.map_or(name.clone(), |cause: &StorageError| format!("{name}: {}", cause.kind()))
    }

    /// Nothing is written into a blocked record, and the program itself does not hand it out.
    pub(crate) fn blocked() -> Self {
        let message = "El expediente está bloqueado: solo se consulta por requerimiento legal. Si el paciente vuelve a atenderse, pida a administración que lo desbloquee";
        Self::Finished { message: message.to_owned() }
    }

    pub(crate) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(cause))
    }
}

impl From<StorageError> for CareError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::CurpInUse { ref record_number, .. } => {
                Self::invalid("curp", format!("Esta CURP ya está en el expediente {record_number}"))
            }
            // Two people at once: the database noticed what the look before could not.
            StorageError::NotUnique { ref what } if what.contains("curp") => {
                Self::invalid("curp", "Esta CURP ya está en otro expediente. Búsquelo y ábralo")
            }
            StorageError::OpenEncounter => Self::invalid(
                "numero",
                "El expediente que quiere unir tiene una consulta sin firmar. Fírmela o ciérrela y vuelva a intentar",
            ),
            StorageError::Blocked => Self::blocked(),
            StorageError::NotMergeable => Self::Conflict {
                message: "Estos expedientes ya están unidos, o uno de ellos se unió a otro. Abra de nuevo el expediente y revise".to_owned(),
            },
            StorageError::Conflict { .. } => Self::Conflict {
                message: "Otra persona cambió esto mientras usted trabajaba. Vea lo guardado y vuelva a intentar".to_owned(),
            },
            StorageError::EncounterClosed => Self::Finished {
                message: "La consulta ya está cerrada. Para corregir un documento firmado, agregue una adenda".to_owned(),
            },
            StorageError::Immutable => Self::Finished {
                message: "Lo firmado no puede cambiar. Para corregirlo, agregue una adenda".to_owned(),
            },
            StorageError::Missing { .. } => Self::NotFound { what: "lo que buscaba" },
            StorageError::TooLong(_) => Self::Unavailable {
                message: "La base de datos tardó demasiado en responder. Intente de nuevo en unos minutos".to_owned(),
                cause: Box::new(error),
            },
            StorageError::DiskFull(_) => Self::Unavailable {
                message: "No se guardó: ya no hay espacio en el servidor. Pida a quien lo cuida que libere espacio y vuelva a intentar; su texto sigue aquí"
                    .to_owned(),
                cause: Box::new(error),
            },
            StorageError::DiskFault(_) => Self::Unavailable {
                message: "No se guardó: el disco del servidor falla o quedó protegido. Avise a quien lo cuida; su texto sigue aquí"
                    .to_owned(),
                cause: Box::new(error),
            },
            error if error.is_temporary() => Self::Unavailable {
                message: "La base de datos no responde. Espere un momento y vuelva a intentar; su texto sigue aquí"
                    .to_owned(),
                cause: Box::new(error),
            },
            error => Self::Internal(Box::new(error)),
        }
    }
}
