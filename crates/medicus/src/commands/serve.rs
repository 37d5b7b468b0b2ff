//! `medicus serve`: the pages, over HTTPS.

use std::net::TcpListener;

use anyhow::Context;
use care::Care;
use tokio::task::JoinSet;

use super::{Outcome, say};
use crate::config::Config;
use crate::{tls, work};

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

    /// Serves until the program is asked to stop; open requests are finished first, then `work` ends too.
    pub(crate) async fn serve(self, care: Care, work: Option<JoinSet<()>>) -> anyhow::Result<()> {
        let server = web::Server {
            socket: self.socket,
            certificate: self.identity.certificate,
            key: self.identity.key,
            public_origin: self.origin,
        };
        tokio::spawn({
            let care = care.clone();
            async move {
                if let Err(error) = care.catalogue_in_use().await {
                    tracing::error!(%error, "the catalogue of codes was not read");
                }
            }
        });
        let database = care.database().clone();
        let ended = web::serve(server, care, work::stop()).await;
        if let Some(mut work) = work {
            work.shutdown().await;
        }
        database.close().await;
        ended.context("El servidor de páginas se detuvo")
    }
}

pub(crate) fn run(config: &Config) -> anyhow::Result<Outcome> {
    runtime()?.block_on(async {
        let (care, whatsapp) = work::practice(config).await?;
        let listener = Listener::bind(config)?;
        if let (Some(section), Some(whatsapp)) = (&config.whatsapp, &whatsapp) {
            let (webhook, care) = (whatsapp.webhook(section)?, care.clone());
            tokio::spawn(async move {
                if let Err(error) = web::serve_webhook(webhook, care, work::stop()).await {
                    tracing::error!(%error, "notifications of WhatsApp are not taken any more");
                }
            });
        }
        say(format!("Medicus está listo en {}", listener.origin()))?;
        let work = config.server.work.then(|| work::begin(&care, whatsapp.as_ref()));
        listener.serve(care, work).await?;
        Ok(Outcome::Done)
    })
}
