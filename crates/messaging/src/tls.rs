//! TLS for what is sent: the root certificates of the system, and the same provider as the pages.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// How servers are checked.
///
/// # Errors
/// When the system has no root certificates.
pub(crate) fn client_config() -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that cannot be read is of no use and no harm.
        let _ = roots.add(certificate);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
