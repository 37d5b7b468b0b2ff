//! The program: reads the configuration, joins storage, services and pages, and offers the commands.

mod authorities;
mod clinic;
mod commands;
mod config;
mod fetch;
mod installed;
mod listening;
mod memory;
mod messages;
mod reports;
mod tls;
mod wiring;
mod work;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use commands::{
    Outcome, account, audit, backup, demo, doctor, drugs, efirma, figures, guard, icd, key, listen, models,
    patient, scribe, serve, sign, verify, worker,
};
use config::Config;

/// Expediente clínico electrónico que se escribe escuchando.
#[derive(Parser)]
#[command(name = "medicus", version, disable_help_subcommand = true)]
struct Cli {
    /// Archivo de configuración (por omisión, medicus.toml en la carpeta de datos).
    #[arg(long, global = true, value_name = "ARCHIVO")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Abre una clínica de demostración en una base cifrada nueva.
    Demo(demo::Arguments),
    /// Sirve las páginas del consultorio.
    Serve,
    /// Hace en este equipo el trabajo que no son páginas: grabaciones, mensajes, cuentas.
    Worker,
    /// Revisa que todo esté en orden y dice qué falta.
    Doctor,
    /// Revisa la configuración.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Convierte una consulta transcrita en hechos y en borrador de nota.
    Scribe(scribe::Arguments),
    /// Escribe quién dijo qué y cuándo en una grabación.
    Listen(listen::Arguments),
    /// Comprueba oraciones de una nota contra lo que se dijo.
    Guard(guard::Arguments),
    /// Busca y propone códigos CIE-11.
    Icd {
        #[command(subcommand)]
        command: icd::Command,
    },
    /// Instala y revisa los modelos de lenguaje y de voz, que son opcionales.
    Models {
        #[command(subcommand)]
        command: models::Command,
    },
    /// Revisa la seguridad de los medicamentos e importa fichas.
    Drugs {
        #[command(subcommand)]
        command: drugs::Command,
    },
    /// Revisa una e.firma antes de usarla.
    Efirma {
        #[command(subcommand)]
        command: efirma::Command,
    },
    /// Firma un PDF con una e.firma, en esta computadora.
    Sign(sign::Arguments),
    /// Dice quién firmó un PDF, cuándo, y si sigue como se firmó.
    Verify(verify::Arguments),
    /// Prepara los mensajes a los pacientes.
    Messages {
        #[command(subcommand)]
        command: commands::messages::Command,
    },
    /// Exporta el expediente de un paciente, o recibe el de otro establecimiento.
    Patient {
        #[command(subcommand)]
        command: patient::Command,
    },
    /// Abre el camino de vuelta a una cuenta.
    Account {
        #[command(subcommand)]
        command: account::Command,
    },
    /// Verifica la bitácora y los documentos firmados.
    Audit {
        #[command(subcommand)]
        command: audit::Command,
    },
    /// Cuenta de nuevo los números de los tableros.
    Figures {
        #[command(subcommand)]
        command: figures::Command,
    },
    /// Cambia la clave que cifra la base de datos y los archivos.
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
    /// Hace, revisa y repone respaldos cifrados de todo.
    Backup {
        #[command(subcommand)]
        command: backup::Command,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Dice si la configuración es correcta.
    Check,
}

fn main() -> ! {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("MEDICUS_LOG").unwrap_or_else(|_| {
                tracing_subscriber::EnvFilter::new("warn,medicus=info,web=info,sqlx=error")
            }),
        )
        .with_writer(std::io::stderr)
        .init();
    memory::keep_off_disk();
    let outcome = run(cli).unwrap_or_else(|error| {
        commands::say_error(&error);
        if error.downcast_ref::<commands::BadInput>().is_some() { Outcome::BadInput } else { Outcome::Failed }
    });
    end(outcome)
}

/// Ends the program without what C libraries do at its end: SQLCipher and OpenSSL free what they use, also under a thread that
/// still closes a connection nobody waits for any more, and the program would end by a fault of memory instead of its code.
fn end(outcome: Outcome) -> ! {
    // What could not be written was answered where it was said.
    let _ = std::io::stdout().flush();
    signal_hook::low_level::exit(outcome as i32)
}

fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let config = || Config::load(cli.config.as_deref()).map_err(commands::BadInput::wrap);
    match cli.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve => serve::run(&config()?),
        Command::Worker => worker::run(&config()?),
        Command::Doctor => doctor::run(&config()?),
        Command::Config { command: ConfigCommand::Check } => {
            config()?;
            commands::say("La configuración es correcta.")?;
            Ok(Outcome::Done)
        }
        Command::Scribe(arguments) => scribe::run(&arguments, config),
        Command::Listen(arguments) => listen::run(&arguments, config),
        Command::Guard(arguments) => guard::run(&arguments),
        Command::Icd { command } => icd::run(&command, config),
        Command::Models { command } => models::run(&command, &config()?),
        Command::Drugs { command } => drugs::run(&command, config),
        Command::Efirma { command } => efirma::run(&command),
        Command::Sign(arguments) => sign::run(&arguments, &config()?),
        Command::Verify(arguments) => verify::run(&arguments, &config()?),
        Command::Messages { command } => commands::messages::run(&command),
        Command::Patient { command } => patient::run(&command, &config()?),
        Command::Key { command } => key::run(&command, &config()?),
        Command::Backup { command } => backup::run(&command, &config()?),
        Command::Figures { command } => figures::run(&command, &config()?),
        Command::Account { command } => account::run(&command, &config()?),
        Command::Audit { command } => audit::run(&command, &config()?),
    }
}
