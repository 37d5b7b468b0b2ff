//! Passwords: Argon2id, and what a new one must be.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, try_generate_salt};
use argon2::{Algorithm, Argon2, Block, CustomizedPasswordHasher, Params, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use crate::error::{CareError, FieldError};

/// Fewest characters of a new password. Length is what counts (NIST SP 800-63B); no rules about symbols.
pub const MIN_LENGTH: usize = 10;
/// Most characters that are hashed; longer input is refused so that nobody makes the server hash megabytes.
pub const MAX_LENGTH: usize = 256;

/// What stands in passwords here that lists made in English do not have, the likeliest first.
const LIKELY: [&str; 38] = [
    "medicus",
    "contraseña",
    "contrasena",
    "clave",
    "medico",
    "médico",
    "doctor",
    "doctora",
    "consultorio",
    "clinica",
    "clínica",
    "hospital",
    "expediente",
    "paciente",
    "pacientes",
    "consulta",
    "medicina",
    "salud",
    "mexico",
    "méxico",
    "guadalupe",
    "bienvenido",
    "enfermeria",
    "recepcion",
    "administrador",
    "cambiame",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// Whether somebody who tries the likely ones first has it within a million: what is on the lists of stolen passwords, a word
/// with a year behind it, a row of the keyboard (OWASP ASVS 5.0, 6.2.4; the estimate is that of zxcvbn, Wheeler 2016).
fn is_guessable(password: &str, username: &str) -> bool {
    let own: Vec<&str> = [username].into_iter().chain(LIKELY).collect();
    zxcvbn(password, &own).score() < Score::Two
}

/// Passwords hashed at once. Each takes 19 MiB: a flood of sign-ins waits in a row and does not fill the memory. The work
/// itself keeps its place, as it goes on when who asked for it has hung up.
static ROOM: Semaphore = Semaphore::const_new(4);

/// A piece of memory larger than this goes back to the system as soon as it is freed. Of a smaller one GNU's allocator
/// keeps the space for the thread that freed it, and each of the runtime's threads hashes sooner or later: after a morning
/// of sign-ins the server would hold hundreds of megabytes for ever.
const GIVEN_BACK: usize = 33 << 20;

/// Argon2 as the library has it, but for where it works.
struct Hasher;

impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let (length, blocks) =
            (params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN), params.block_count());
        let written = ParamsString::try_from(&params)?;
        let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK / Block::SIZE));
        memory.resize(blocks, Block::new());
        let argon2 = Argon2::new(algorithm, version, params);
        let mut buffer = [0; Output::MAX_LENGTH];
        let out = buffer.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
        argon2.hash_password_into_with_memory(password, salt, out, &mut memory)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: written,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(out)?),
        })
    }
}

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
    } else if is_guessable(password, username) {
        let advice = "Esa contraseña es de las primeras que se prueban para adivinar; escriba una frase suya de varias palabras";
        vec![FieldError::new(field, advice)]
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
        let salt = try_generate_salt()?;
        let hash =
            Hasher.hash_password_customized(password.as_bytes(), &salt, None, None, Params::DEFAULT)?;
        Ok::<String, password_hash::Error>(hash.to_string())
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
            .is_ok_and(|hash| Hasher.verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .map_err(CareError::internal)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;

    #[test]
    fn what_is_tried_first_is_refused_and_a_phrase_is_not() {
        let refused = |password| !problems("clave", password, password, "ines").is_empty();
        for likely in [
            "1234567890",
            "password123",
            "qwertyuiop",
            "contraseña1",
            "Contrasena2026",
            "medicus2026",
            "Doctora123",
            "aaaaaaaaaaaa",
            "consultorio1",
            "iloveyou12",
            "1q2w3e4r5t",
            "noviembre1",
            "guadalupe1",
            "abcdefghij",
        ] {
            assert!(refused(likely), "{likely}");
        }
        for phrase in ["consulta-de-prueba", "una frase larga", "tres gatos bajo el tinaco", "Xk7#pQ2mVd"] {
            assert!(!refused(phrase), "{phrase}");
        }
    }

    #[tokio::test]
    async fn a_hash_is_that_of_the_library_and_back() {
        let ours = hash("una frase larga".to_owned()).await.unwrap();
        let library = Argon2::default();
        assert!(library.verify_password(b"una frase larga", &PasswordHash::new(&ours).unwrap()).is_ok());
        let theirs = library.hash_password(b"una frase larga").unwrap().to_string();
        assert!(verify("una frase larga".to_owned(), theirs.clone()).await.unwrap());
        assert!(!verify("otra frase larga".to_owned(), theirs.clone()).await.unwrap());
        // The same work, which is what the stored words say of it.
        assert_eq!(ours.rsplitn(3, '$').last(), theirs.rsplitn(3, '$').last());
    }

    #[tokio::test]
    async fn a_password_of_an_earlier_account_with_other_work_still_fits() {
        let argon2 = Argon2::from(Params::new(64, 3, 1, None).unwrap());
        let stored = argon2.hash_password(b"una frase larga").unwrap().to_string();
        assert!(verify("una frase larga".to_owned(), stored).await.unwrap());
    }
}
