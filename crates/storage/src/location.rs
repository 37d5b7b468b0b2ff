//! Where the records are kept: an encrypted file on this machine, or a PostgreSQL server.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Result, StorageError};

/// Address of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file encrypted with SQLCipher.
    Embedded(PathBuf),
    /// A PostgreSQL 15+ server; the whole `postgres://user:password@host/database` address.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:FILE`, `sqlite://FILE` or the path of a file.
    ///
    /// # Errors
    /// [`StorageError::BadAddress`] for an empty text or another scheme.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        if path.is_empty() || path.contains("://") {
            return Err(StorageError::BadAddress);
        }
        Ok(Self::Embedded(PathBuf::from(path)))
    }

    /// The file of an embedded database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Embedded(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// Whether an embedded database already exists and has content. A server is taken to exist.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.file().is_none_or(|path| std::fs::metadata(path).is_ok_and(|file| file.len() > 0))
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "postgres://{}", host.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_server_or_a_file() {
        let file = |path: &str| DatabaseUrl::Embedded(PathBuf::from(path));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/m.db").unwrap(), file("/var/m.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:m.db").unwrap(), file("m.db"));
        assert_eq!(DatabaseUrl::parse(" m.db ").unwrap(), file("m.db"));
        assert!(matches!(DatabaseUrl::parse("postgresql://h/d").unwrap(), DatabaseUrl::Postgres(_)));
        for text in ["", "mysql://h/d", "sqlite:"] {
            assert!(matches!(DatabaseUrl::parse(text), Err(StorageError::BadAddress)), "{text}");
        }
    }

    #[test]
    fn a_printed_address_shows_no_password() {
        let url =
            DatabaseUrl::parse("postgres://ana:se@creto@db.local:5432/medicus?sslmode=require").unwrap();
        assert_eq!(format!("{url:?}"), "postgres://db.local:5432/medicus");
    }
}
