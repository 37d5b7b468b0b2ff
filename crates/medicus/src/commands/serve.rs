//! `medicus serve`: the pages, over HTTPS.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::efirma_later::LaterAnswers;
use care::upkeep::Sweep;
use care::{Care, SystemClock};

use super::say;
use crate::config::Config;
use crate::messages::{self, Messages};
use crate::{authorities, installed, listening, tls, wiring};

/// Between one look at what is kept for the waiting list and the next.
const OFFERS: Duration = Duration::from_mins(5);
/// Records looked at again before others have their turn.
const PORTION: u32 = 100;
/// Between one round of upkeep and the next.
const DAY: Duration = Duration::from_hours(24);
/// Between one count of what was done and the next.
const COUNTING: Duration = Duration::from_secs(60);
/// How long nobody asks for a recording after there was none.
const LISTENING_PAUSE: Duration = Duration::from_secs(2);

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
                if let Err(error) = care.catalogue_in_use().await {
                    tracing::error!(%error, "the catalogue of codes was not read");
                }
                if let Err(error) = care.bring_search_up_to_date().await {
                    tracing::error!(%error, "the search index is not up to date");
                }
            }
        });
        let upkeep = tokio::spawn(upkeep(care.clone()));
        let listening = tokio::spawn(listen(care.clone()));
        let offers = tokio::spawn(offers(care.clone()));
        let counting = tokio::spawn(counting(care.clone()));
        let telling = tokio::spawn(messages::work(care.clone()));
        let ended = web::serve(server, care, stop()).await;
        indexing.abort();
        upkeep.abort();
        listening.abort();
        offers.abort();
        counting.abort();
        telling.abort();
        database.close().await;
        ended.context("El servidor de páginas se detuvo")
    }
}

/// Times kept for somebody of the waiting list go to the next one in time, also while nobody looks at the agenda.
async fn offers(care: Care) {
    let mut rounds = tokio::time::interval(OFFERS);
    loop {
        rounds.tick().await;
        if let Err(error) = care.expire_offers().await {
            tracing::error!(%error, "times kept for the waiting list could not be let go of");
        }
    }
}

/// The numbers of the boards and what patients lack, so that a page finds them counted.
async fn counting(care: Care) {
    let mut rounds = tokio::time::interval(COUNTING);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = care.bring_figures_up_to_date().await {
            tracing::error!(%error, "the numbers of the practice are not up to date");
        }
        loop {
            match care.refresh_gaps(PORTION).await {
                Ok(0) => break,
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::error!(%error, "what patients lack could not be counted again");
                    break;
                }
            }
        }
    }
}

/// What is done at the start and then every day.
async fn upkeep(care: Care) {
    let mut days = tokio::time::interval(DAY);
    loop {
        days.tick().await;
        match care.sweep_files().await {
            Ok(Sweep::Removed(0)) => {}
            Ok(Sweep::Removed(files)) => tracing::info!(files, "files that belonged to no row are gone"),
            Ok(Sweep::TooMany(files)) => tracing::warn!(
                files,
                "so many files belong to no row that they are kept: is this database an older copy?"
            ),
            Err(error) => tracing::error!(%error, "files without a row could not be swept away"),
        }
        match care.ask_revocations_again().await {
            Ok(LaterAnswers { added: 0, .. }) => {}
            Ok(LaterAnswers { added, waiting }) => {
                tracing::info!(added, waiting, "answers about revocation were added to signatures");
            }
            Err(error) => tracing::error!(%error, "answers about revocation could not be added"),
        }
        if let Err(error) = care.count_the_last_days().await {
            tracing::error!(%error, "the last days could not be counted once more");
        }
        if let Err(error) = care.free_past_time().await {
            tracing::error!(%error, "the diary still holds the time of past visits");
        }
        if let Err(error) = care.forget_correspondence().await {
            tracing::error!(%error, "what people wrote more than thirty days ago is still there");
        }
    }
}

/// Listens to what was recorded, one recording after the other, where an engine is installed.
async fn listen(care: Care) {
    if !care.listens() {
        return;
    }
    loop {
        match care.listen_next().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "no recording could be listened to"),
        }
        tokio::time::sleep(LISTENING_PAUSE).await;
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
        // Optional: whatever is wrong with it, `doctor` says so and the pages are served without it.
        let care = match installed::writer(config) {
            Ok(Some(writer)) => care.with_writer(writer),
            Ok(None) => care,
            Err(error) => {
                tracing::warn!("no language model: {error:#}");
                care
            }
        };
        let care = match listening::ears(config) {
            Ok(Some(ears)) => care.with_listener(Arc::new(ears)),
            Ok(None) => care,
            Err(error) => {
                tracing::warn!("recordings are not written down: {error:#}");
                care
            }
        };
        let care = match authorities::configured(config) {
            Ok(authorities) => care.with_authorities(authorities),
            Err(error) => {
                tracing::warn!("nobody signs with an e.firma: {error:#}");
                care
            }
        };
        let listener = Listener::bind(config)?;
        // Whoever configured it wants it: what is wrong is said at once, not found out by patients.
        let (care, messages) = Messages::configured(config, care)?;
        if let Some(messages) = messages {
            tokio::spawn(messages.serve(care.clone(), stop()));
        }
        say(format!("Medicus está listo en {}", listener.origin()))?;
        listener.serve(care).await?;
        Ok(ExitCode::SUCCESS)
    })
}
