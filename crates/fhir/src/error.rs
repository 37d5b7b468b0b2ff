//! Why a bundle was refused: by resource and element, never with the words that stand in it.

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not there.
    #[error("falta")]
    Missing,
    /// It has another form than it must have, or is not known to this program.
    #[error("no tiene la forma que debe o este programa no lo conoce")]
    Form,
    /// Its value is not one of those it may have.
    #[error("tiene un valor que este programa no conoce")]
    Value,
    /// It names a resource that is not in the bundle.
    #[error("se refiere a algo que no viene en el archivo")]
    Dangling,
    /// Something else has the same identifier.
    #[error("se repite")]
    Repeated,
}

/// Why a bundle was refused. The texts are shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FhirError {
    /// The text is no JSON, or cut short.
    #[error("el archivo FHIR no es JSON válido o está incompleto (línea {line}, columna {column})")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but no Bundle of a record.
    #[error("el archivo FHIR no es el de un expediente de Medicus")]
    NotARecord,
    /// An element of a resource.
    #[error("archivo FHIR, {resource}.{element}: {problem}")]
    Element {
        /// Type of the resource.
        resource: &'static str,
        /// The element, by its path.
        element: String,
        /// What is wrong.
        problem: Problem,
    },
    /// A type of resource that this program does not read.
    #[error(
        "el archivo FHIR trae un recurso que este programa no conoce; quizá lo escribió una versión más nueva"
    )]
    UnknownResource,
}

pub(crate) type Result<T> = std::result::Result<T, FhirError>;

pub(crate) fn at(resource: &'static str, element: &str, problem: Problem) -> FhirError {
    FhirError::Element { resource, element: element.to_owned(), problem }
}

/// A value that must be there.
pub(crate) fn need<T>(value: Option<T>, resource: &'static str, element: &str) -> Result<T> {
    value.ok_or_else(|| at(resource, element, Problem::Missing))
}

/// A text that must be there and be readable.
pub(crate) fn parsed<T: std::str::FromStr>(
    value: Option<&str>,
    resource: &'static str,
    element: &str,
) -> Result<T> {
    need(value, resource, element)?.parse().map_err(|_| at(resource, element, Problem::Value))
}

/// A text that must be readable when it is there.
pub(crate) fn maybe<T: std::str::FromStr>(
    value: Option<&str>,
    resource: &'static str,
    element: &str,
) -> Result<Option<T>> {
    value.map(|text| text.parse().map_err(|_| at(resource, element, Problem::Value))).transpose()
}

/// A code that must be one of those known.
pub(crate) fn coded<T>(
    value: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    resource: &'static str,
    element: &str,
) -> Result<T> {
    read(need(value, resource, element)?).ok_or_else(|| at(resource, element, Problem::Value))
}
