//! The outcomes at the edge, decided in one place: correct this, you may not, it is not there or changed, our fault.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use care::CareError;
use care::error::FieldError;
use storage::StorageError;
use uuid::Uuid;

use crate::pages::render;
use crate::views::failure::FailurePage;
use crate::views::form::Posted;

/// A refusal or a failure on its way to the person.
pub(crate) struct Outcome {
    error: CareError,
    /// Where the form was going and what it carried, so that nothing typed is lost.
    form: Option<(String, Posted)>,
}

impl From<CareError> for Outcome {
    fn from(error: CareError) -> Self {
        Self { error, form: None }
    }
}

impl From<askama::Error> for Outcome {
    fn from(error: askama::Error) -> Self {
        CareError::Internal(Box::new(error)).into()
    }
}

impl Outcome {
    /// Keeps what was typed.
    pub(crate) fn with_form(error: CareError, action: &str, posted: &Posted) -> Self {
        Self { error, form: Some((action.to_owned(), posted.clone())) }
    }

    /// The error itself.
    pub(crate) fn into_error(self) -> CareError {
        self.error
    }

    /// There is no such page or thing.
    pub(crate) fn not_found(what: &'static str) -> Self {
        CareError::NotFound { what }.into()
    }

    fn typed(&self) -> Vec<String> {
        let Some((_, posted)) = &self.form else { return Vec::new() };
        let visible = |(name, _): &&(String, String)| !name.starts_with('_') && !name.contains("contrasena");
        let texts = posted.0.iter().filter(visible).map(|(_, value)| value.clone());
        texts.filter(|value| value.chars().count() > 12 && value.contains(' ')).collect()
    }

    fn again(&self) -> Option<(String, Vec<(String, String)>)> {
        let (action, posted) = self.form.as_ref()?;
        // A password is never written into a page.
        let fields = posted.0.iter().filter(|(name, _)| !name.contains("contrasena")).cloned().collect();
        Some((action.clone(), fields))
    }
}

fn page(title: &str, text: impl ToString) -> FailurePage {
    FailurePage {
        title: title.to_owned(),
        text: text.to_string(),
        typed: Vec::new(),
        links: vec![("/".to_owned(), "Ir al inicio".to_owned())],
        again: None,
        event: None,
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let (status, mut page) = match &self.error {
            CareError::Invalid(errors) => {
                (StatusCode::UNPROCESSABLE_ENTITY, page("Revise los datos", sentences(errors)))
            }
            CareError::Alike(_) => {
                (StatusCode::CONFLICT, page("Revise los expedientes parecidos", format!("{}.", self.error)))
            }
            CareError::Transcript(error) => {
                (StatusCode::UNPROCESSABLE_ENTITY, page("No se pudo leer la transcripción", error))
            }
            CareError::WrongPassword | CareError::LockedOut { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, page("Contraseña", format!("{}.", self.error)))
            }
            CareError::Denied { message } => {
                (StatusCode::FORBIDDEN, page("No se puede abrir con esta cuenta", message))
            }
            CareError::SignedOut => return Redirect::to("/entrar").into_response(),
            CareError::NotFound { what } => {
                let text = format!("No se encontró {what}. Puede que la dirección esté incompleta.");
                (StatusCode::NOT_FOUND, page("No está aquí", text))
            }
            CareError::Conflict { message } => {
                (StatusCode::CONFLICT, page("Otra persona guardó primero", format!("{message}.")))
            }
            CareError::SlotTaken { message, .. } => {
                (StatusCode::CONFLICT, page("Esa hora no está libre", format!("{message}.")))
            }
            CareError::Finished { message } => {
                (StatusCode::CONFLICT, page("Ya no se puede cambiar", message))
            }
            CareError::Unavailable { message, cause } => {
                tracing::warn!(error = %cause, "the database does not answer");
                let (status, title) = match **cause {
                    StorageError::DiskFull(_) => (StatusCode::INSUFFICIENT_STORAGE, "El disco está lleno"),
                    StorageError::DiskFault(_) => {
                        (StatusCode::SERVICE_UNAVAILABLE, "El disco no deja guardar")
                    }
                    _ => (StatusCode::SERVICE_UNAVAILABLE, "La base de datos no responde"),
                };
                (status, page(title, format!("{message}.")))
            }
            CareError::Internal(cause) => {
                let event = Uuid::new_v4().simple().to_string().split_off(24);
                tracing::error!(%event, error = ?cause, "a request failed");
                let failed = FailurePage {
                    event: Some(event),
                    ..page("No se pudo completar", format!("{}.", self.error))
                };
                (StatusCode::INTERNAL_SERVER_ERROR, failed)
            }
        };
        page.text = page.text.replace("..", ".");
        page.typed = self.typed();
        if status.is_server_error() {
            page.again = self.again();
        }
        let mut response = match render(&page) {
            Ok(response) => response,
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "No se pudo mostrar la página. Intente de nuevo.")
                .into_response(),
        };
        *response.status_mut() = status;
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE) {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        response
    }
}

fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(|error| format!("{}.", error.message.trim_end_matches('.')))
        .collect::<Vec<_>>()
        .join(" ")
}
