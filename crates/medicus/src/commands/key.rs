//! `medicus key`: another key for the installation, for the day somebody else may have the one it has.

use anyhow::Context;
use jiff::Timestamp;
use storage::keys::{KeyChange, KeyChangeError, KeyChanged, KeyFile, KeyInputs, KeyProtection};

use super::{BadInput, Outcome, progress_of, say, serve};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Pone una clave nueva; la de ahora deja de abrir los expedientes. Detenga antes el servicio y haga un respaldo.
    ///
    /// Con MEDICUS_NEW_PASSPHRASE la clave nueva queda protegida con esa frase; sin ella, con la de ahora, si la hay.
    /// Si la clave se le entrega al programa (MEDICUS_KEY), entregue la nueva en MEDICUS_NEW_KEY.
    Change,
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    let Command::Change = command;
    serve::runtime()?.block_on(change(config))
}

async fn change(config: &Config) -> anyhow::Result<Outcome> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    // Brings the schema up to date, and finishes a change that was interrupted.
    let (database, ..) = wiring::open_storage(&config.storage).await?;
    database.close().await;
    let file = KeyFile::at(&wiring::key_file(&config.storage));
    let new = KeyInputs::from_environment(|name| match name {
        "MEDICUS_KEY" => std::env::var("MEDICUS_NEW_KEY").ok(),
        "MEDICUS_PASSPHRASE" => std::env::var("MEDICUS_NEW_PASSPHRASE").ok(),
        _ => None,
    })
    .context("MEDICUS_NEW_KEY")
    .map_err(BadInput::wrap)?;
    let inputs = wiring::key_inputs()?;
    let change = KeyChange { url: &url, key_file: &file, inputs: &inputs, new: &new };
    let changed = change.run(Timestamp::now(), progress_of("Llaves cambiadas")).await.map_err(told)?;
    report(&changed)
}

fn report(KeyChanged { brought, protection, former }: &KeyChanged) -> anyhow::Result<Outcome> {
    say("La clave se cambió: lo que abría la de antes, lo abre ahora la nueva.")?;
    say(format!("Llaves de archivos, grabaciones, segundos factores y voces que se cambiaron: {brought}"))?;
    say(match protection {
        KeyProtection::Passphrase => {
            "La clave nueva está protegida con su frase: la de MEDICUS_NEW_PASSPHRASE, si la definió, que desde ahora es \
             MEDICUS_PASSPHRASE."
        }
        KeyProtection::Clear => {
            "La clave nueva no tiene frase: quien copie la carpeta completa podrá leerla."
        }
        KeyProtection::HandedOver => {
            "Entregue desde ahora la clave nueva (MEDICUS_KEY) en lugar de la de antes."
        }
    })?;
    if let Some(former) = former {
        say(format!(
            "La de antes quedó en {}: solo abre respaldos hechos sin frase antes de este cambio. Llévela a donde los \
             guarda y bórrela aquí; cuando ya no conserve ninguno, destrúyala.",
            former.display()
        ))?;
    }
    say("Haga ahora un respaldo nuevo (medicus backup create) y guarde otra copia de la clave.")?;
    say(
        "Si otras máquinas usan esta base, arránquelas de nuevo; las que no comparten esta carpeta necesitan la clave nueva.",
    )?;
    Ok(Outcome::Done)
}

fn told(error: KeyChangeError) -> anyhow::Error {
    match error {
        KeyChangeError::Storage(_) => error.into(),
        other => BadInput::wrap(other.into()),
    }
}
