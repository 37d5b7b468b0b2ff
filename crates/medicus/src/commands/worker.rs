//! `medicus worker`: what the program does by itself, without pages, on as many machines as are wanted.

use super::{Outcome, say, serve};
use crate::config::Config;
use crate::work;

pub(crate) fn run(config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(async {
        let asked_to_stop = work::stop();
        let (care, whatsapp) = work::practice(config).await?;
        say(if care.listens() {
            "Medicus trabaja en este equipo: convierte grabaciones en texto, envía mensajes y lleva las cuentas."
        } else {
            "Medicus trabaja en este equipo: envía mensajes y lleva las cuentas. Sin un modelo de voz instalado no \
             convierte grabaciones en texto (medicus doctor)."
        })?;
        let mut work = work::begin(&care, whatsapp.as_ref());
        asked_to_stop.await;
        work.shutdown().await;
        care.database().close().await;
        Ok(Outcome::Done)
    })
}
