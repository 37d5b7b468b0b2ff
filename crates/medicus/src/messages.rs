//! Messages to patients as the owner configured them: the ways they go out by, the address notifications of WhatsApp come in at,
//! and the work between them. Without the sections `[whatsapp]` and `[mail]` what is due is a list to call from.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use care::messages::Channels;
use care::{Care, CareError};
use jiff::Timestamp;
use messaging::channel::{Channel, WhatsApp};
use messaging::graph::{Graph, Sender};
use messaging::mail::{Mailer, Security, Server};
use messaging::webhook::AppSecret;
use zeroize::Zeroizing;

use crate::config::{self, Config};

/// Between one look at what waits and the next.
const TURN: Duration = Duration::from_secs(3);
/// Between one look at what is due and the next, in turns.
const PLAN_EVERY: u32 = 20;

/// Between one look at when the token of WhatsApp ends and the next.
const DAY: Duration = Duration::from_hours(24);

/// Everything the section of WhatsApp says, read and checked.
pub(crate) struct Configured {
    /// The client.
    pub(crate) graph: Graph,
    /// The access token of a system user.
    pub(crate) token: Zeroizing<String>,
    /// Meta's ids of the numbers, the usual one first.
    numbers: Vec<String>,
    /// The secret of the app.
    pub(crate) secret: AppSecret,
    /// The word agreed on with Meta.
    pub(crate) verify: Zeroizing<String>,
}

/// Reads what the section of WhatsApp names.
///
/// # Errors
/// The field and what is wrong with it.
pub(crate) fn configured(section: &config::WhatsApp) -> anyhow::Result<Configured> {
    let graph = Graph::new(&section.base, &section.version)?;
    let token = secret(&section.token_file).context("whatsapp.token_file")?;
    let secret_text = secret(&section.app_secret_file).context("whatsapp.app_secret_file")?;
    let secret = AppSecret::new(secret_text).context("whatsapp.app_secret_file: el archivo está vacío")?;
    let verify = self::secret(&section.verify_file).context("whatsapp.verify_file")?;
    let numbers = std::iter::once(&section.number).chain(&section.more_numbers).cloned().collect();
    Ok(Configured { graph, token, numbers, secret, verify })
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
    /// The numbers, with what opens them.
    pub(crate) fn senders(&self) -> impl Iterator<Item = Sender> {
        self.numbers.iter().map(|id| Sender { number_id: id.clone(), token: self.token.clone() })
    }

    /// The ways out, each under the id of its number.
    fn channels(&self) -> Vec<(String, Arc<dyn Channel>)> {
        let channel = |sender: Sender| -> (String, Arc<dyn Channel>) {
            (sender.number_id.clone(), Arc::new(WhatsApp { graph: self.graph.clone(), sender }))
        };
        self.senders().map(channel).collect()
    }

    /// The way in: where Meta's notifications are taken.
    ///
    /// # Errors
    /// The port is taken.
    pub(crate) fn webhook(&self, section: &config::WhatsApp) -> anyhow::Result<web::Webhook> {
        let socket = TcpListener::bind(section.listen).with_context(|| {
            format!("No se pudo abrir {}: elija otro puerto en whatsapp.listen", section.listen)
        })?;
        socket.set_nonblocking(true)?;
        let (path, secret) = (section.path.clone(), self.secret.clone());
        Ok(web::Webhook { socket, path, secret, verify: self.verify.to_string() })
    }
}

/// Reads what the section of e-mail names.
///
/// # Errors
/// The field and what is wrong with it.
pub(crate) fn mailer(section: &config::Mail) -> anyhow::Result<Mailer> {
    let credentials = match (&section.user, &section.password_file) {
        (Some(user), Some(file)) => Some((user.clone(), secret(file).context("mail.password_file")?)),
        // The configuration has both or neither.
        _ => None,
    };
    let authority = match &section.authority {
        Some(file) => Some(std::fs::read(file).context("mail.authority")?),
        None => None,
    };
    let (security, port) = match section.security {
        config::MailSecurity::Tls => (Security::Tls, 465),
        config::MailSecurity::Starttls => (Security::StartTls, 587),
    };
    let server = Server {
        host: section.server.clone(),
        port: section.port.unwrap_or(port),
        security,
        credentials,
        from: section.from.clone(),
        authority,
    };
    Ok(Mailer::new(&server)?)
}

/// The practice with the ways to patients that are configured, and what is configured of WhatsApp.
///
/// # Errors
/// The field and what is wrong with it.
pub(crate) fn ways(config: &Config, care: Care) -> anyhow::Result<(Care, Option<Configured>)> {
    let mut channels = Channels::default();
    if let Some(section) = &config.mail {
        channels = channels.with_mail(Arc::new(mailer(section)?));
    }
    let Some(section) = &config.whatsapp else { return Ok((care.with_channels(channels), None)) };
    let found = configured(section)?;
    let care = care.with_channels(channels.with_numbers(found.channels()));
    Ok((care, Some(found)))
}

/// Asks every day when the token ends, so that its owner is told in good time.
pub(crate) async fn watch_token(care: Care, graph: Graph, token: Zeroizing<String>) {
    let mut days = tokio::time::interval(DAY);
    loop {
        days.tick().await;
        let ends = match graph.token_ends(&token).await {
            Ok(ends) => ends.and_then(|ends| Timestamp::from_second(ends).ok()),
            Err(error) => {
                tracing::warn!(%error, "nobody said when the token of WhatsApp ends");
                continue;
            }
        };
        if let Err(error) = care.token_ends(ends).await {
            tracing::error!(%error, "when the token of WhatsApp ends was not noted");
        }
    }
}

/// Works on what comes and sends what is due, as long as the program runs.
pub(crate) async fn work(care: Care) {
    let mut turns = tokio::time::interval(TURN);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for turn in 0_u32.. {
        turns.tick().await;
        if let Err(error) = one_turn(&care, turn).await {
            tracing::error!(%error, kind = error.kind(), "messages were not worked on; they wait for the next turn");
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
