//! `medicus serve`: the pages, over HTTPS.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use care::{Care, SystemClock};

use super::say;
use crate::config::Config;
use crate::{tls, wiring};

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("No se pudo iniciar el programa")
}

/// A bound port with its certificate, before anything is served.
pub(crate) struct Listener {
    socket: TcpListener,
    identity: tls::Identity,
    origin: String,
}

impl Listener {
    pub(crate) fn bind(config: &Config) -> anyhow::Result<Self> {
        let address = config.server.listen;
        let socket = TcpListener::bind(address).with_context(|| {
            format!(
                "No se pudo abrir {address}: quizá otro programa usa ese puerto; elija otro en server.listen"
            )
        })?;
        socket.set_nonblocking(true)?;
        let identity = tls::identity(&config.server, &config.storage.directory)?;
        let origin = match &config.server.public_origin {
            Some(origin) => origin.trim_end_matches('/').to_owned(),
            None => format!("https://{}", socket.local_addr()?),
        };
        Ok(Self { socket, identity, origin })
    }

    /// The address people type.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Serves until the program is asked to stop; open requests are finished first.
    pub(crate) async fn serve(self, care: Care) -> anyhow::Result<()> {
        let server = web::Server {
            socket: self.socket,
            certificate: self.identity.certificate,
            key: self.identity.key,
            public_origin: self.origin,
        };
        let database = care.database().clone();
        let indexing = tokio::spawn({
            let care = care.clone();
            async move {
                if let Err(error) = care.bring_search_up_to_date().await {
                    tracing::error!(%error, "the search index is not up to date");
                }
            }
        });
        let ended = web::serve(server, care, stop()).await;
        indexing.abort();
        database.close().await;
        ended.context("El servidor de páginas se detuvo")
    }
}

async fn stop() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

pub(crate) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    runtime()?.block_on(async {
        let care = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
        let listener = Listener::bind(config)?;
        say(format!("Medicus está listo en {}", listener.origin()))?;
        listener.serve(care).await?;
        Ok(ExitCode::SUCCESS)
    })
}
