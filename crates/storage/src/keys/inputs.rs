//! What the owner hands over to open the key: a passphrase or the key itself, from systemd credentials or the environment.

use std::fmt;
use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::MasterKey;
use super::file::KeyError;

/// A passphrase that does not print and is wiped when dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase; a final line break, as files have one, is dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What was handed over, if anything.
#[derive(Debug, Clone, Default)]
pub struct KeyInputs {
    /// The key itself; then no key file is read or written.
    pub raw_key: Option<MasterKey>,
    /// Opens the key file.
    pub passphrase: Option<Passphrase>,
}

impl KeyInputs {
    /// Reads, in this order, the systemd credentials `medicus.key` (64 hexadecimal digits or 32 bytes) and
    /// `medicus.passphrase` in `$CREDENTIALS_DIRECTORY`, then `MEDICUS_KEY` (64 hexadecimal digits) and
    /// `MEDICUS_PASSPHRASE`. `variable` looks up the environment; it is handed in so that tests need not change theirs.
    ///
    /// # Errors
    /// [`KeyError::BadRawKey`] when a key is given that is no key; [`KeyError::Io`] for an unreadable credential.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, KeyError> {
        let mut found = Self::default();
        if let Some(folder) = variable("CREDENTIALS_DIRECTORY") {
            if let Some(bytes) = credential(&Path::new(&folder).join("medicus.key"))? {
                found.raw_key = Some(raw_key(&bytes)?);
            }
            if let Some(bytes) = credential(&Path::new(&folder).join("medicus.passphrase"))? {
                let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::BadPassphraseText)?;
                found.passphrase = Some(Passphrase::new(text));
            }
        }
        if found.raw_key.is_none()
            && let Some(text) = variable("MEDICUS_KEY").map(Zeroizing::new)
        {
            found.raw_key = Some(MasterKey::from_hex(&text).ok_or(KeyError::BadRawKey)?);
        }
        if found.passphrase.is_none() {
            let text = variable("MEDICUS_PASSPHRASE").map(Zeroizing::new);
            found.passphrase = text.filter(|text| !text.is_empty()).map(|text| Passphrase::new(&text));
        }
        Ok(found)
    }
}

fn credential(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeyError::Io { path: path.to_owned(), source }),
    }
}

fn raw_key(bytes: &[u8]) -> Result<MasterKey, KeyError> {
    if let Ok(exact) = <[u8; 32]>::try_from(bytes) {
        return Ok(MasterKey::from_bytes(exact));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| KeyError::BadRawKey)?;
    MasterKey::from_hex(text).ok_or(KeyError::BadRawKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<KeyInputs, KeyError> {
        KeyInputs::from_environment(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_key_or_a_passphrase_comes_from_the_environment() {
        let nothing = read(&[]).unwrap();
        assert!(nothing.raw_key.is_none() && nothing.passphrase.is_none());
        let key = read(&[("MEDICUS_KEY", &"0a".repeat(32))]).unwrap().raw_key.unwrap();
        assert_eq!(key.bytes(), &[10; 32]);
        assert!(matches!(read(&[("MEDICUS_KEY", "corta")]), Err(KeyError::BadRawKey)));
        let inputs = read(&[("MEDICUS_PASSPHRASE", "luna llena")]).unwrap();
        assert_eq!(inputs.passphrase.unwrap().bytes(), b"luna llena");
    }

    #[test]
    fn systemd_credentials_come_before_the_environment() {
        let folder = std::env::temp_dir().join(format!("medicus-cred-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("medicus.key"), [9; 32]).unwrap();
        fs::write(folder.join("medicus.passphrase"), "del sistema\n").unwrap();
        let folder_text = folder.to_str().unwrap();
        let inputs = read(&[
            ("CREDENTIALS_DIRECTORY", folder_text),
            ("MEDICUS_KEY", &"0a".repeat(32)),
            ("MEDICUS_PASSPHRASE", "otra"),
        ])
        .unwrap();
        assert_eq!(inputs.raw_key.unwrap().bytes(), &[9; 32]);
        assert_eq!(inputs.passphrase.unwrap().bytes(), b"del sistema");
        fs::remove_dir_all(folder).unwrap();
    }
}
