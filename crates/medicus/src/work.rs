//! What the program does by itself: listens to recordings, sends messages, counts, keeps order. `medicus serve` does it beside
//! the pages, or `medicus worker` on machines of its own. What is taken is held in the database, so that no two do the same.

use std::sync::Arc;
use std::time::Duration;

use care::efirma_later::LaterAnswers;
use care::live::LiveListening;
use care::upkeep::Sweep;
use care::{Care, SystemClock};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;

use crate::config::Config;
use crate::messages::{self, Configured};
use crate::{authorities, installed, listening, reports, wiring};

/// Between one look at what is kept for the waiting list and the next.
const OFFERS: Duration = Duration::from_mins(5);
/// Records looked at again before others have their turn.
pub(crate) const PORTION: u32 = 100;
/// Between one round of upkeep and the next.
const DAY: Duration = Duration::from_hours(24);
/// Between one count of what was done and the next.
const COUNTING: Duration = Duration::from_secs(60);
/// Between one look at what people say now and the next.
const LIVE_PAUSE: Duration = Duration::from_millis(500);
/// How long nobody asks for a recording after there was none.
const LISTENING_PAUSE: Duration = Duration::from_secs(2);

/// The practice with everything that is installed and configured, and what is configured of WhatsApp.
///
/// # Errors
/// The storage does not open, or a way to patients is configured wrongly: whoever configured it wants it, so that it is said at
/// once. What is optional beside them is left out with a line in the log; `medicus doctor` names it too.
pub(crate) async fn practice(config: &Config) -> anyhow::Result<(Care, Option<Configured>)> {
    let care = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
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
    messages::ways(config, reports::equipped(config, care))
}

/// Begins all of it; it goes on until the set is dropped.
pub(crate) fn begin(care: &Care, whatsapp: Option<&Configured>) -> JoinSet<()> {
    let mut work = JoinSet::new();
    work.spawn(index(care.clone()));
    work.spawn(upkeep(care.clone()));
    work.spawn(listen(care.clone()));
    work.spawn(live(care.clone()));
    work.spawn(offers(care.clone()));
    work.spawn(counting(care.clone()));
    work.spawn(messages::work(care.clone()));
    work.spawn(reports::work(care.clone()));
    if let Some(whatsapp) = whatsapp {
        work.spawn(messages::watch_token(care.clone(), whatsapp.graph.clone(), whatsapp.token.clone()));
    }
    work
}

/// Resolves when the program is asked to stop. Whoever asks after this call is heard, also before the answer is waited for.
pub(crate) fn stop() -> impl Future<Output = ()> + Send + 'static {
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    async move {
        tokio::select! { () = came(interrupt) => {}, () = came(terminate) => {} }
    }
}

/// A signal the system does not let anybody listen to never comes: it ends the program itself.
async fn came(signal: std::io::Result<Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// The words of what was written by an earlier version.
async fn index(care: Care) {
    if let Err(error) = care.bring_search_up_to_date().await {
        tracing::error!(%error, "the search index is not up to date");
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

/// Listens to recordings while they last, so that words appear while people speak.
async fn live(care: Care) {
    if !care.listens() {
        return;
    }
    let mut live = LiveListening::new(care);
    loop {
        match live.round().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "nothing could be listened to while it is recorded"),
        }
        tokio::time::sleep(LIVE_PAUSE).await;
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
