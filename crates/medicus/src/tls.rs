//! The certificate pages are served with: the owner's, or one of our own for this machine.

use std::fs;
use std::net::UdpSocket;
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
    let mut names: Vec<String> = HERE.map(str::to_owned).into();
    if server.listen.ip().is_unspecified() {
        // Where the owner says how it is called, it is called so: several servers that share a folder then want the same.
        if server.public_origin.is_none() {
            names.extend(names_in_the_network());
        }
    } else if !server.listen.ip().is_loopback() {
        names.push(server.listen.ip().to_string());
    }
    if let Some(host) = server.public_origin.as_deref().and_then(host_of) {
        names.push(host.to_owned());
    }
    own(directory, names)
}

/// The names of a machine for itself.
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How other machines of the practice call this one: by its name and by the address it has towards the network.
fn names_in_the_network() -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(host) = fs::read_to_string("/proc/sys/kernel/hostname") {
        let host = host.trim();
        let plain = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        };
        if plain(host) && host != "localhost" {
            names.extend([host.to_owned(), format!("{host}.local")]);
        }
    }
    // Asks which way a packet would go to an address for documents (RFC 5737); none is sent.
    let towards = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    names
        .extend(towards.ok().map(|own| own.ip()).filter(|own| !own.is_loopback()).map(|own| own.to_string()));
    names
}

/// The identity kept in `directory`. Servers that share it and start at once have the same: the certificate is of the key that is
/// there, whoever made it. One that lacks a name the server has now is made again with that too.
fn own(directory: &Path, mut names: Vec<String>) -> anyhow::Result<Identity> {
    let (certificate, key) = (directory.join("certificado.pem"), directory.join("certificado-llave.pem"));
    let known = fs::read_to_string(&certificate).ok().map(|text| names_of(&text));
    let lacks_one = known.as_ref().is_some_and(|known| names.iter().any(|name| !known.contains(name)));
    // What a certificate cannot be made for takes nothing away.
    CertificateParams::new(names.clone()).context("No se pudo crear el certificado")?;
    if !key.exists() || lacks_one {
        // That of another key is of no use.
        let _none = fs::remove_file(&certificate);
    }
    names.extend(known.unwrap_or_default());
    names.sort_unstable();
    names.dedup();
    let key = kept(&key, || Ok(KeyPair::generate()?.serialize_pem()))?;
    let certificate = kept(&certificate, || {
        let pem = CertificateParams::new(names.clone())?.self_signed(&KeyPair::from_pem(&key)?)?.pem();
        Ok(format!("{NAMES}{}\n{pem}", names.join(" ")))
    })?;
    Ok(Identity { certificate: certificate.into_bytes(), key: key.into_bytes() })
}

/// What the line before a certificate begins with; readers of PEM pass over it (RFC 7468, section 2).
const NAMES: &str = "Nombres: ";

/// The names a certificate was made for; one of before that line was has those of the machine alone.
fn names_of(text: &str) -> Vec<String> {
    match text.lines().next().and_then(|line| line.strip_prefix(NAMES)) {
        Some(names) => names.split(' ').map(str::to_owned).collect(),
        None => HERE.map(str::to_owned).into(),
    }
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
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn a_name_that_is_new_is_in_the_certificate_and_its_key_stays() {
        let folder = std::env::temp_dir().join(format!("medicus-nombres-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("a folder");
        let with = |names: &[&str]| {
            own(&folder, names.iter().map(|name| (*name).to_owned()).collect()).expect("an identity")
        };
        let alone = with(&HERE);
        assert_eq!(with(&HERE).certificate, alone.certificate, "nothing new, nothing made");
        let named = with(&["localhost", "consultorio.local"]);
        assert_ne!(named.certificate, alone.certificate);
        assert_eq!(named.key, alone.key);
        // What the other servers of the folder are called stays.
        assert_eq!(with(&HERE).certificate, named.certificate);
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&named.certificate)
            .collect::<Result<Vec<_>, _>>()
            .expect("one that is read");
        assert!(chain[0].windows(17).any(|bytes| bytes == b"consultorio.local"));
        fs::remove_dir_all(&folder).expect("removed");
    }

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
