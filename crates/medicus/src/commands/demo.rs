//! `medicus demo`: the invented clinic in a fresh encrypted database.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use care::clock::SetClock;
use jiff::Timestamp;

use super::{BadInput, Outcome, say, serve};
use crate::clinic::{PASSWORD, fill};
use crate::config::{Config, Efirma, Server, Storage};
use crate::{authorities, wiring, work};

/// Abre una clínica de demostración.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Puerto (0: el que esté libre).
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Carpeta nueva para la base; por omisión, una temporal que se borra al terminar.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Base de datos `postgres://…` vacía, en lugar de la incluida.
    #[arg(long)]
    database: Option<String>,
    /// Carpeta con certificados de autoridades, para probar la firma con e.firma.
    #[arg(long, value_name = "CARPETA")]
    trust: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (directory, temporary) = match &arguments.dir {
        Some(directory) => (directory.clone(), false),
        None => (std::env::temp_dir().join(format!("medicus-demo-{}", std::process::id())), true),
    };
    if std::fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(BadInput::error(format!(
            "La carpeta {} no está vacía: elija una nueva",
            directory.display()
        )));
    }
    let config = Config {
        server: Server { listen: SocketAddr::from(([127, 0, 0, 1], arguments.port)), ..Server::default() },
        storage: Storage { directory: directory.clone(), database: arguments.database.clone() },
        efirma: Efirma { trust: arguments.trust.clone(), ..Efirma::default() },
        ..Config::default()
    };
    let result = serve::runtime()?.block_on(run_async(&config));
    if temporary {
        let _ = std::fs::remove_dir_all(&directory);
    }
    result
}

async fn run_async(config: &Config) -> anyhow::Result<Outcome> {
    say("Preparando la clínica de demostración (personas inventadas)…")?;
    let now = Timestamp::now();
    let clock = Arc::new(SetClock::new(now));
    let practice = wiring::open(&config.storage, Arc::clone(&clock) as Arc<dyn care::Clock>).await?;
    if !practice.needs_setup().await? {
        return Err(BadInput::error(
            "La base de datos ya tiene un consultorio: la demostración necesita una vacía",
        ));
    }
    let accounts =
        fill(&practice, &clock, now).await.context("No se pudo escribir la clínica de demostración")?;
    // The same storage with the machine's clock: from here on it is a practice like any other.
    let authorities = authorities::configured(config).map_err(BadInput::wrap)?;
    let practice = practice.with_clock(Arc::new(care::SystemClock)).with_authorities(authorities);
    let listener = serve::Listener::bind(config)?;
    say(format!("\nMedicus está listo en  {}\n", listener.origin()))?;
    say("El certificado es de este equipo: el navegador avisará la primera vez; acéptelo para continuar.")?;
    say("\nCuentas:")?;
    for (username, name) in &accounts {
        say(format!("  usuario {username:<12}  contraseña {PASSWORD}   {name}"))?;
    }
    say("\nPara terminar, presione Ctrl C.")?;
    let work = work::begin(&practice, None);
    listener.serve(practice, Some(work)).await?;
    Ok(Outcome::Done)
}
