//! The only place from which the program reaches out: to an address the owner wrote into the configuration, by command.
//!
//! A small client of HTTP/1.1 over TLS with the system's root certificates: one request, one answer, with a most of bytes
//! and a most of time. Nothing here decides to connect; without a configured address nothing calls it.

mod exchange;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::time::Duration;

use http::Uri;

use exchange::{Client, Request};

/// Why something could not be had from an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// No address, or one that is not allowed.
    #[error("la dirección «{0}» no sirve: debe empezar con https:// y llevar el nombre de un servidor")]
    Address(String),
    /// The system has no root certificates.
    #[error("este equipo no tiene certificados raíz con qué comprobar un servidor (paquete ca-certificates)")]
    NoRoots,
    /// Nobody there, or the connection broke.
    #[error("no se pudo hablar con {host}")]
    Connection {
        /// The server.
        host: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// It took too long.
    #[error("{host} tardó más de {seconds} s")]
    Late {
        /// The server.
        host: String,
        /// The most it may take.
        seconds: u64,
    },
    /// The server answers with something else than what was asked for.
    #[error("{host} respondió {status}")]
    Status {
        /// The server.
        host: String,
        /// The number of the answer.
        status: u16,
    },
    /// More bytes than there may be.
    #[error("{host} envía más de {most} bytes")]
    TooLarge {
        /// The server.
        host: String,
        /// The most there may be.
        most: u64,
    },
    /// The answer is no HTTP, or ends before its end.
    #[error("la respuesta de {0} llegó incompleta o dañada")]
    Broken(String),
}

/// An address the program may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    uri: Uri,
    host: String,
    port: u16,
    tls: bool,
}

impl Address {
    /// Reads an address: `https://`, or `http://` to this same machine.
    ///
    /// # Errors
    /// [`FetchError::Address`] for any other.
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        let address = Self::parse_plain(text)?;
        let here = matches!(address.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if address.tls || here { Ok(address) } else { Err(FetchError::Address(text.to_owned())) }
    }

    /// The same, and `http://` to any machine: only for what proves by itself where it comes from, like a time stamp.
    ///
    /// # Errors
    /// [`FetchError::Address`] for what is no address of a server.
    pub(crate) fn parse_plain(text: &str) -> Result<Self, FetchError> {
        let wrong = || FetchError::Address(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| wrong())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let host = authority.ok_or_else(wrong)?.host().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(Self { port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }), host, tls, uri })
    }

    /// The last part of its path, as the name of a file.
    pub(crate) fn file_name(&self) -> &str {
        self.uri.path().rsplit('/').next().unwrap_or_default()
    }

    /// Where a server sends on to; from TLS never to anything else.
    fn sent_on(&self, location: &str) -> Result<Self, FetchError> {
        let whole = match location.strip_prefix('/') {
            Some(path) if !path.starts_with('/') => {
                let authority = self.uri.authority().map(ToString::to_string).unwrap_or_default();
                format!("{}://{authority}/{path}", if self.tls { "https" } else { "http" })
            }
            _ => location.to_owned(),
        };
        let next = Self::parse(&whole)?;
        if self.tls && !next.tls { Err(FetchError::Address(whole)) } else { Ok(next) }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uri.fmt(f)
    }
}

/// What an answer may have at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes.
    pub(crate) most: u64,
    /// From the first step to the last byte.
    pub(crate) patience: Duration,
}

/// Writes what is at an address into `into`, and tells `progress` how many bytes there are and how many there will be.
///
/// # Errors
/// [`FetchError`]; then a part may have been written.
pub(crate) fn download(
    address: &Address,
    limits: Limits,
    into: &mut impl Write,
    progress: impl FnMut(u64, Option<u64>),
) -> Result<(), FetchError> {
    resume(address, limits, 0, into, progress)
}

/// The same, of what is here up to `have` bytes already: `into` gets the rest.
///
/// # Errors
/// [`FetchError`]; then a part may have been written.
pub(crate) fn resume(
    address: &Address,
    limits: Limits,
    have: u64,
    into: &mut impl Write,
    progress: impl FnMut(u64, Option<u64>),
) -> Result<(), FetchError> {
    Client::of_the_system(limits)?.get(address, have, into, progress)
}

/// Sends `body` to an address; what it answers.
///
/// # Errors
/// [`FetchError`].
pub(crate) fn post(
    address: &Address,
    content_type: &str,
    body: &[u8],
    limits: Limits,
) -> Result<Vec<u8>, FetchError> {
    let mut content = Vec::new();
    let request = Request { method: "POST", content_type: Some(content_type), have: 0, body };
    Client::of_the_system(limits)?.exchange(address, &request, &mut content, |_, _| {})?;
    Ok(content)
}
