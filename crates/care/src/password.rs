//! Passwords: Argon2id, and what a new one must be.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::{CareError, FieldError};

/// Fewest characters of a new password. Length is what counts (NIST SP 800-63B); no rules about symbols.
pub const MIN_LENGTH: usize = 10;
/// Most characters that are hashed; longer input is refused so that nobody makes the server hash megabytes.
pub const MAX_LENGTH: usize = 256;

/// Passwords hashed at once. Each takes 19 MiB: a flood of sign-ins waits in a row and does not fill the memory. The work
/// itself keeps its place, as it goes on when who asked for it has hung up.
static ROOM: Semaphore = Semaphore::const_new(4);

/// Checks a new password and its repetition.
#[must_use]
pub fn problems(field: &'static str, password: &str, again: &str, username: &str) -> Vec<FieldError> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        vec![FieldError::new(field, "Escriba una contraseña de 10 caracteres o más")]
    } else if length > MAX_LENGTH {
        vec![FieldError::new(field, "Escriba una contraseña de 256 caracteres o menos")]
    } else if !username.is_empty() && password.to_lowercase().contains(&username.to_lowercase()) {
        vec![FieldError::new(field, "La contraseña no puede llevar el nombre de usuario")]
    } else if password != again {
        vec![FieldError::new(field, "Las dos contraseñas no son iguales")]
    } else {
        Vec::new()
    }
}

/// Hashes a password with a fresh salt. Slow on purpose; runs off the async threads.
///
/// # Errors
/// [`CareError::Internal`] when hashing fails.
pub async fn hash(password: String) -> Result<String, CareError> {
    let place = ROOM.acquire().await.map_err(CareError::internal)?;
    tokio::task::spawn_blocking(move || {
        let _place = place;
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    })
    .await
    .map_err(CareError::internal)?
    .map_err(|error| CareError::Internal(error.to_string().into()))
}

/// Whether the password fits the stored hash.
///
/// # Errors
/// [`CareError::Internal`] when the task cannot run.
pub async fn verify(password: String, stored: String) -> Result<bool, CareError> {
    if password.chars().count() > MAX_LENGTH {
        return Ok(false);
    }
    let place = ROOM.acquire().await.map_err(CareError::internal)?;
    tokio::task::spawn_blocking(move || {
        let _place = place;
        PasswordHash::new(&stored)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .map_err(CareError::internal)
}
