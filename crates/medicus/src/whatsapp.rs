//! WhatsApp as the owner configured it: the channel messages go out by, the address notifications come in at, and the work
//! between them. Without the section `[whatsapp]` nothing of it exists.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use care::messages::Channels;
use care::{Care, CareError};
use messaging::channel::WhatsApp;
use messaging::graph::{Graph, Sender};
use messaging::webhook::AppSecret;
use zeroize::Zeroizing;

use crate::config;

/// Between one look at what waits and the next.
const TURN: Duration = Duration::from_secs(3);
/// Between one look at what is due and the next, in turns.
const PLAN_EVERY: u32 = 20;

/// Everything the section says, read and checked.
pub(crate) struct Configured {
    /// The client.
    pub(crate) graph: Graph,
    /// The number.
    pub(crate) sender: Sender,
    /// The secret of the app.
    pub(crate) secret: AppSecret,
    /// The word agreed on with Meta.
    pub(crate) verify: Zeroizing<String>,
}

/// Reads what the section names.
///
/// # Errors
/// The field and what is wrong with it.
pub(crate) fn configured(section: &config::WhatsApp) -> anyhow::Result<Configured> {
    let graph = Graph::new(&section.base, &section.version)?;
    let token = secret(&section.token_file).context("whatsapp.token_file")?;
    let secret_text = secret(&section.app_secret_file).context("whatsapp.app_secret_file")?;
    let secret = AppSecret::new(secret_text).context("whatsapp.app_secret_file: el archivo está vacío")?;
    let verify = self::secret(&section.verify_file).context("whatsapp.verify_file")?;
    Ok(Configured { graph, sender: Sender { number_id: section.number.clone(), token }, secret, verify })
}

/// The one line of a file only its owner reads.
fn secret(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let mode =
        std::fs::metadata(path).with_context(|| format!("No se pudo leer {shown}"))?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{shown} lo pueden leer otras personas; corríjalo con: chmod 600 {shown}");
    }
    let text =
        Zeroizing::new(std::fs::read_to_string(path).with_context(|| format!("No se pudo leer {shown}"))?);
    let line = Zeroizing::new(text.trim().to_owned());
    if line.is_empty() || line.contains(char::is_whitespace) {
        bail!("{shown} debe tener la clave y nada más, en una línea");
    }
    Ok(line)
}

impl Configured {
    /// The ways out.
    pub(crate) fn channels(&self) -> Channels {
        Channels::whatsapp(Arc::new(WhatsApp { graph: self.graph.clone(), sender: self.sender.clone() }))
    }

    /// The way in.
    pub(crate) fn webhook(&self, section: &config::WhatsApp) -> anyhow::Result<web::Webhook> {
        let socket = TcpListener::bind(section.listen).with_context(|| {
            format!("No se pudo abrir {}: elija otro puerto en whatsapp.listen", section.listen)
        })?;
        socket.set_nonblocking(true)?;
        let (path, secret) = (section.path.clone(), self.secret.clone());
        Ok(web::Webhook { socket, path, secret, verify: self.verify.to_string() })
    }
}

/// Works on what comes and sends what is due, as long as the program runs.
pub(crate) async fn work(care: Care) {
    let mut turns = tokio::time::interval(TURN);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for turn in 0_u32.. {
        turns.tick().await;
        if let Err(error) = one_turn(&care, turn).await {
            tracing::error!(%error, "messages were not worked on; they wait for the next turn");
        }
    }
}

async fn one_turn(care: &Care, turn: u32) -> Result<(), CareError> {
    care.work_notifications().await?;
    if turn.is_multiple_of(PLAN_EVERY) {
        care.plan_messages().await?;
    }
    while care.send_messages().await?.tried > 0 {}
    Ok(())
}
