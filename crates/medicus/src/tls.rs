//! The certificate pages are served with: the owner's, or one of our own for this machine.

use std::fs;
use std::path::Path;

use anyhow::Context;
use rcgen::{CertificateParams, KeyPair};
use storage::write_once;

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
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !server.listen.ip().is_unspecified() && !server.listen.ip().is_loopback() {
        names.push(server.listen.ip().to_string());
    }
    if let Some(host) = server.public_origin.as_deref().and_then(host_of) {
        names.push(host.to_owned());
    }
    own(directory, names)
}

/// The identity kept in `directory`. Servers that share it and start at once have the same: the certificate is of the key that is
/// there, whoever made it.
fn own(directory: &Path, names: Vec<String>) -> anyhow::Result<Identity> {
    let (certificate, key) = (directory.join("certificado.pem"), directory.join("certificado-llave.pem"));
    if !key.exists() {
        // That of another key is of no use.
        let _none = fs::remove_file(&certificate);
    }
    let key = kept(&key, || Ok(KeyPair::generate()?.serialize_pem()))?;
    let certificate = kept(&certificate, || {
        Ok(CertificateParams::new(names)?.self_signed(&KeyPair::from_pem(&key)?)?.pem())
    })?;
    Ok(Identity { certificate: certificate.into_bytes(), key: key.into_bytes() })
}

/// What a file has; made first where there is none.
fn kept(path: &Path, make: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<String> {
    if !path.exists() {
        let made = make().context("No se pudo crear el certificado")?;
        write_once(path, made.as_bytes())
            .with_context(|| format!("No se pudo escribir {}", path.display()))?;
    }
    fs::read_to_string(path).with_context(|| format!("No se pudo leer {}", path.display()))
}

fn host_of(origin: &str) -> Option<&str> {
    origin.strip_prefix("https://")?.split([':', '/']).next().filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_start_at_once_in_one_folder_show_one_certificate_of_its_key() {
        let folder =
            std::env::temp_dir().join(format!("medicus-certificado-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("a folder");
        let found: Vec<_> = std::thread::scope(|all| {
            let servers: Vec<_> =
                (0..6).map(|_| all.spawn(|| own(&folder, vec!["localhost".to_owned()]))).collect();
            servers.into_iter().filter_map(|server| server.join().expect("no panic").ok()).collect()
        });
        let kept = own(&folder, vec!["localhost".to_owned()]).expect("an identity");
        for one in found {
            assert_eq!((one.key, one.certificate), (kept.key.clone(), kept.certificate.clone()));
        }
        fs::remove_dir_all(&folder).expect("removed");
    }
}
