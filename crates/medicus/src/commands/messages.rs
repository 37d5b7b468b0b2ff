//! `medicus messages`: what a practice needs to write to its patients by WhatsApp.

use messaging::wording::TEMPLATES;

use super::{Outcome, say};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Escribe las plantillas que Meta debe aprobar, una por línea, en JSON.
    Templates,
}

pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    let Command::Templates = command;
    for definition in TEMPLATES.iter().filter_map(messaging::wording::Wording::definition) {
        say(definition.to_string())?;
    }
    Ok(Outcome::Done)
}
