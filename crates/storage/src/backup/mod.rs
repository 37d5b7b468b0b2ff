//! Back-ups: one sealed file with everything an installation needs to stand up again on another machine.
//!
//! The file is a zip inside an age file (the open format `age-encryption.org/v1`) sealed with a passphrase, so that it can be
//! opened without this program: `age -d FILE | bsdtar x`. Inside: the database as its engine copies itself at one instant,
//! the files of the records as they lie (each still enciphered), the master key, and last a manifest with the size and
//! SHA-256 of each. The database is copied first: a file that a row names was on disk before the row.

mod read;
mod write;

use std::io;
use std::path::PathBuf;

use age::secrecy::SecretString;
use clinical::digest::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::read::BackupFile;
pub(crate) use self::write::copy_of;
pub use self::write::{Installation, UNFINISHED, remove_abandoned};
use crate::error::StorageError;
use crate::hex;
use crate::keys::{KeyError, MasterKey, Passphrase};

/// What a manifest says first.
const FORMAT: &str = "medicus-backup-1";
/// Name of the manifest in the zip; written last, so that a file that was cut has none.
const MANIFEST: &str = "manifiesto.json";
/// The master key, 64 hexadecimal digits.
const KEY: &str = "clave";
/// The copy of an embedded database, enciphered with the master key.
const EMBEDDED: &str = "medicus.db";
/// What `pg_dump` writes of a server, in its own format.
const SERVER: &str = "medicus.pgdump";
/// Folder of the files of the records.
const FILES: &str = "archivos/";
/// What somebody finds who opens the file without this program.
const README: &str = "LEAME.txt";

/// What a back-up is sealed with.
#[derive(Debug, Clone, Copy)]
pub enum BackupSeal<'a> {
    /// A passphrase somebody keeps: the back-up is enough to stand up again when the machine is gone.
    Passphrase(&'a Passphrase),
    /// The key of the installation: needs nobody at night, and is worth nothing without a copy of the key kept elsewhere.
    Key(&'a MasterKey),
}

impl BackupSeal<'_> {
    fn secret(&self) -> SecretString {
        match self {
            Self::Passphrase(passphrase) => SecretString::from(passphrase.text().to_owned()),
            Self::Key(key) => SecretString::from(hex::encode(key.bytes())),
        }
    }
}

/// Which engine a back-up was made of; it is put back into the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupEngine {
    /// The encrypted file on one machine.
    Embedded,
    /// A PostgreSQL server.
    Postgres,
}

impl BackupEngine {
    /// Name of its database in the zip.
    fn entry(self) -> &'static str {
        match self {
            Self::Embedded => EMBEDDED,
            Self::Postgres => SERVER,
        }
    }

    /// How people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "la base incluida",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// One file of a back-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEntry {
    /// Its name in the zip.
    pub name: String,
    /// Its length.
    pub size_bytes: u64,
    /// SHA-256 of it.
    pub sha256: Digest,
}

/// What a back-up says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    format: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it was made of.
    pub engine: BackupEngine,
    /// The program that made it.
    pub program: String,
    /// Everything in it but the manifest.
    pub entries: Vec<BackupEntry>,
}

impl BackupManifest {
    /// How many files of records it carries.
    #[must_use]
    pub fn files(&self) -> usize {
        self.entries.iter().filter(|entry| entry.name.starts_with(FILES)).count()
    }

    /// Length of everything in it.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size_bytes).sum()
    }
}

/// Why a back-up could not be made, read or put back. What was there before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Fewer characters than a passphrase needs that is to withstand somebody who has the file.
    #[error(
        "la frase del respaldo es demasiado corta: use {min} caracteres o más, por ejemplo cinco palabras al azar"
    )]
    ShortPassphrase {
        /// The fewest.
        min: usize,
    },
    /// There is a file of that name already.
    #[error("ya existe {path}; un respaldo nunca se escribe sobre otro archivo")]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// No file of ours.
    #[error("{path} no es un respaldo de Medicus")]
    NotABackup {
        /// The file.
        path: PathBuf,
    },
    /// It was sealed with something else.
    #[error(
        "ni la frase ni la clave de esta instalación abren este respaldo; use la frase con la que se hizo"
    )]
    WrongSeal,
    /// Cut short or changed; `what` is the first thing that does not hold.
    #[error("el respaldo está incompleto o dañado ({what}); use otro o cópielo otra vez desde su original")]
    Damaged {
        /// What was found.
        what: String,
    },
    /// Made by a newer program.
    #[error("el respaldo es de una versión más nueva de Medicus ({program}); actualice el programa")]
    Newer {
        /// Which.
        program: String,
    },
    /// There is an installation where the back-up was to be put.
    #[error("{place} ya tiene datos; un respaldo solo se repone en una carpeta y una base vacías")]
    NotEmpty {
        /// Folder or database.
        place: String,
    },
    /// The back-up is of the other engine.
    #[error("el respaldo es de {made_of} y la configuración pide {wanted}; cambie storage.database")]
    OtherEngine {
        /// What it is of.
        made_of: &'static str,
        /// What is configured.
        wanted: &'static str,
    },
    /// The key that was handed over or found is not the one of the back-up.
    #[error(
        "la clave entregada al programa no es la del respaldo; quítela (MEDICUS_KEY) o entregue la correcta"
    )]
    OtherKey,
    /// A program of PostgreSQL is missing or failed; its own words are the cause.
    #[error("{program} falló: {words}. Instale el cliente de PostgreSQL de la misma versión que el servidor")]
    Tool {
        /// `pg_dump` or `pg_restore`.
        program: &'static str,
        /// What it said.
        words: String,
    },
    /// Key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Database or files.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Reading or writing a file.
    #[error("no se pudo leer o escribir {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl BackupError {
    fn io(path: &std::path::Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Io { path: path.to_owned(), source }
    }

    fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}
