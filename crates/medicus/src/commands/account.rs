//! `medicus account`: the way back into an account, for whoever keeps the key of this machine.

use std::sync::Arc;

use care::{CareError, SystemClock};

use super::{BadInput, Outcome, say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Da una contraseña provisional y quita el segundo factor; queda en la bitácora.
    Reset {
        /// La cuenta.
        #[arg(value_name = "USUARIO")]
        user: String,
    },
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(carry_out(command, config))
}

async fn carry_out(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    let Command::Reset { user } = command;
    let user = user.trim();
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    let practice = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
    let given = practice.recover_account(user).await;
    practice.database().close().await;
    match given {
        Ok(password) => {
            say(format!("Contraseña provisional de {user}: {password}"))?;
            say("Se cambia al entrar. Se cerraron sus sesiones y se quitó su segundo factor.")?;
            Ok(Outcome::Done)
        }
        Err(CareError::NotFound { .. }) => {
            Err(BadInput::error(format!("No hay una cuenta activa con el usuario «{user}»")))
        }
        Err(error) => Err(error.into()),
    }
}
