//! HTTPS on a socket that is already bound; open requests are finished before it stops.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use care::Care;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How long open requests have to finish once the program is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long a client may take to say what it asks for; one that stays silent, or speaks a letter at a time, is let go.
const HEAD: Duration = Duration::from_secs(20);

/// How often a client that keeps an HTTP/2 connection is asked whether it is still there; it answers within [`HEAD`].
const STILL_THERE: Duration = Duration::from_secs(60);

/// Most requests that one HTTP/2 connection has open at once.
const STREAMS: u32 = 64;

/// Where and as whom the pages are served.
pub struct Server {
    /// A bound socket, not blocking.
    pub socket: TcpListener,
    /// Certificate chain, PEM.
    pub certificate: Vec<u8>,
    /// Private key, PEM.
    pub key: Vec<u8>,
    /// The address people type, for example `https://127.0.0.1:8443`.
    pub public_origin: String,
}

/// Why serving ended or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Certificate or key cannot be read.
    #[error("El certificado o su llave no se pueden leer")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The socket failed.
    #[error("Falló la conexión de red del servidor")]
    Socket(#[from] std::io::Error),
}

/// Serves the pages until `stop` resolves.
///
/// # Errors
/// [`ServeError`] when the certificate cannot be read or the socket fails.
pub async fn serve(
    server: Server,
    care: Care,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let tls = tls(&server.certificate, &server.key)?;
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.graceful_shutdown(Some(GRACE));
    });
    tracing::info!(origin = %server.public_origin, "the pages are served");
    let service = crate::router(care).into_make_service_with_connect_info::<SocketAddr>();
    let mut server =
        axum_server::from_tcp_rustls(server.socket, tls)?.handle(handle).first_request_timeout(HEAD);
    server.http_builder().http1().header_read_timeout(HEAD);
    server
        .http_builder()
        .http2()
        .keep_alive_interval(STILL_THERE)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(STREAMS);
    server.serve(service).await?;
    Ok(())
}

fn tls(certificate: &[u8], key: &[u8]) -> Result<RustlsConfig, ServeError> {
    let bad = |error: rustls::pki_types::pem::Error| ServeError::Certificate(error.into());
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>().map_err(bad)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(bad)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| ServeError::Certificate(error.into()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
