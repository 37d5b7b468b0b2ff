//! What can keep a document from being printed.

/// Why a document could not be turned into a PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A font inside the program cannot be read: the program was built wrongly.
    #[error("la letra {0} del programa no se puede leer")]
    Font(&'static str),
    /// The establishment names a time zone that does not exist.
    #[error("la zona horaria {zone} no existe")]
    TimeZone {
        /// The name given.
        zone: String,
        /// What the time zone table answered.
        source: jiff::Error,
    },
    /// A date outside what a PDF can say.
    #[error("la fecha del documento está fuera de lo posible")]
    Date,
    /// A medicine that only the official special receta may carry (LGS 241).
    #[error("{medicine} solo puede ir en la receta especial con código de barras")]
    SpecialPrescription {
        /// The medicine.
        medicine: String,
    },
    /// The sheet for the patient is made of a receta, and this is another document.
    #[error("la hoja para el paciente se hace de una receta")]
    NoPrescription,
    /// The content could not be handed to the templates.
    #[error("el contenido del documento no se pudo preparar")]
    Data(#[from] serde_json::Error),
    /// The parts of a book could not be made one file.
    #[error("las partes del libro no se pudieron unir: {0}")]
    Joining(String),
    /// The typesetter refused; the text names template places, not what the document says.
    #[error("el documento no se pudo componer: {0}")]
    Typesetting(String),
}
