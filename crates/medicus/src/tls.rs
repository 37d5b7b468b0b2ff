//! The certificate pages are served with: the owner's, or one of our own for this machine.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use crate::config::Server;

/// Certificate chain and private key, both PEM.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// Reads the configured certificate, or makes one for this machine once and keeps it in `directory`.
pub(crate) fn identity(server: &Server, directory: &Path) -> anyhow::Result<Identity> {
    if let (Some(certificate), Some(key)) = (&server.certificate, &server.key) {
        let read =
            |path: &Path| fs::read(path).with_context(|| format!("No se pudo leer {}", path.display()));
        return Ok(Identity { certificate: read(certificate)?, key: read(key)? });
    }
    let (certificate, key) = (directory.join("certificado.pem"), directory.join("certificado-llave.pem"));
    if let (Ok(certificate), Ok(key)) = (fs::read(&certificate), fs::read(&key)) {
        return Ok(Identity { certificate, key });
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !server.listen.ip().is_unspecified() && !server.listen.ip().is_loopback() {
        names.push(server.listen.ip().to_string());
    }
    if let Some(host) = server.public_origin.as_deref().and_then(host_of) {
        names.push(host.to_owned());
    }
    let made = rcgen::generate_simple_self_signed(names).context("No se pudo crear el certificado")?;
    let identity = Identity {
        certificate: made.cert.pem().into_bytes(),
        key: made.signing_key.serialize_pem().into_bytes(),
    };
    write_private(&key, &identity.key)?;
    fs::write(&certificate, &identity.certificate)
        .with_context(|| format!("No se pudo escribir {}", certificate.display()))?;
    Ok(identity)
}

fn host_of(origin: &str) -> Option<&str> {
    origin.strip_prefix("https://")?.split([':', '/']).next().filter(|host| !host.is_empty())
}

fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("No se pudo escribir {}", path.display()))?;
    Ok(file.write_all(bytes)?)
}
