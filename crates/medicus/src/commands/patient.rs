//! `medicus patient`: takes a whole record out, and brings one in from another installation.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use care::transfer::{Counts, Decision, ExportForm, ImportPlan, Source, Target};
use care::{Care, SystemClock};

use super::{BadInput, Outcome, say, serve, told};
use crate::config::Config;
use crate::wiring;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Escribe un expediente completo: datos (fhir), libro (pdf) o paquete para otro establecimiento (zip).
    Export {
        /// Número del expediente, CURP o identificador.
        #[arg(value_name = "ID")]
        id: String,
        /// fhir: un Bundle FHIR R4; pdf: un libro con índice; zip: todo, con los originales y su huella.
        #[arg(long)]
        format: Format,
        /// Por qué sale; queda en la bitácora.
        #[arg(long, value_name = "MOTIVO", default_value = "por orden de quien administra el equipo")]
        reason: String,
        /// Archivo nuevo; sin él, a la salida.
        #[arg(long, value_name = "ARCHIVO")]
        out: Option<PathBuf>,
        /// Archivo con la frase que cifra el paquete (solo zip).
        #[arg(long, value_name = "ARCHIVO")]
        passphrase_file: Option<PathBuf>,
    },
    /// Recibe el paquete que exportó otro establecimiento. Sin --user solo dice lo que trae.
    Import {
        /// El paquete (.zip o .zip.age).
        #[arg(value_name = "ARCHIVO")]
        file: PathBuf,
        /// Cuenta del médico que lo recibe; queda en la bitácora.
        #[arg(long, value_name = "USUARIO")]
        user: Option<String>,
        /// Expediente al que se agrega.
        #[arg(long, value_name = "ID", conflicts_with = "new")]
        into: Option<String>,
        /// Abre un expediente nuevo aunque haya otros parecidos.
        #[arg(long)]
        new: bool,
        /// Archivo con la frase del paquete.
        #[arg(long, value_name = "ARCHIVO")]
        passphrase_file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    Fhir,
    Pdf,
    Zip,
}

impl Format {
    fn code(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
        }
    }
}

pub(crate) fn run(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(carry_out(command, config))
}

async fn carry_out(command: &Command, config: &Config) -> anyhow::Result<Outcome> {
    let url = wiring::url(&config.storage)?;
    if !url.exists() {
        return Err(BadInput::error(format!("No hay base de datos en {url}")));
    }
    let practice = wiring::open(&config.storage, Arc::new(SystemClock)).await?;
    let outcome = match command {
        Command::Export { id, format, reason, out, passphrase_file } => {
            let passphrase = passphrase(passphrase_file.as_deref())?;
            let form = ExportForm {
                format: format.code().to_owned(),
                reason: reason.clone(),
                passphrase_again: passphrase.clone(),
                passphrase,
                password: String::new(),
            };
            export(&practice, id, &form, out.as_deref()).await
        }
        Command::Import { file, user, into, new, passphrase_file } => {
            let passphrase = passphrase(passphrase_file.as_deref())?;
            let decision = match into {
                Some(id) => Some(Decision::Into(practice.record_named(id).await.map_err(told)?)),
                None => None,
            };
            import(&practice, file, user.as_deref(), decision, *new, &passphrase).await
        }
    };
    // SQLCipher frees its memory when the process ends: every connection has to be closed before that.
    practice.database().close().await;
    outcome
}

fn passphrase(file: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = file else { return Ok(String::new()) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("No se pudo leer la frase en {}", path.display()))
        .map_err(BadInput::wrap)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

async fn export(practice: &Care, id: &str, form: &ExportForm, out: Option<&Path>) -> anyhow::Result<Outcome> {
    let patient = practice.record_named(id).await.map_err(told)?;
    let mut export = practice.export_record_by_program(patient, form).await.map_err(told)?;
    let written = write_out(&mut export, out).await;
    // Half a record is worse than none.
    if let (Err(_), Some(path)) = (&written, out.filter(|path| path.is_file())) {
        let _ = std::fs::remove_file(path);
    }
    written.map(|()| Outcome::Done)
}

async fn write_out(export: &mut care::transfer::RecordExport, out: Option<&Path>) -> anyhow::Result<()> {
    let mut sink: Box<dyn Write> = match out {
        None => Box::new(std::io::stdout().lock()),
        Some(path) => Box::new(std::io::BufWriter::new(new_file(path)?)),
    };
    let mut told = 0;
    while let Some(piece) = export.next().await? {
        sink.write_all(&piece)?;
        // Only where somebody waits for a file, and only every tenth of the way.
        if out.is_some() && export.done() >= told + 10 {
            told = export.done() / 10 * 10;
            writeln!(std::io::stderr(), "{told} %")?;
        }
    }
    Ok(sink.flush()?)
}

/// A new file that only its owner may read.
fn new_file(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("No se pudo crear el archivo nuevo {}", path.display()))
        .map_err(BadInput::wrap)
}

async fn import(
    practice: &Care,
    file: &Path,
    user: Option<&str>,
    into: Option<Decision>,
    new: bool,
    passphrase: &str,
) -> anyhow::Result<Outcome> {
    let open = || -> anyhow::Result<Box<dyn Source>> {
        let file = File::open(file)
            .with_context(|| format!("No se pudo abrir {}", file.display()))
            .map_err(BadInput::wrap)?;
        Ok(Box::new(file))
    };
    let Some(user) = user else {
        say("Para importarlo, diga qué médico lo recibe con --user. Esto es lo que trae:")?;
        let plan = practice.look_at_package(open()?, passphrase.to_owned()).await.map_err(told)?;
        describe(&plan)?;
        return Ok(Outcome::BadInput);
    };
    let actor = practice.actor_named(user).await.map_err(told)?;
    let plan = practice.plan_import(&actor, open()?, passphrase.to_owned()).await.map_err(told)?;
    describe(&plan)?;
    let decision = match (into, &plan.target) {
        (Some(into), _) => into,
        (None, Target::New { candidates, curp_taken, private })
            if (*private || !candidates.is_empty()) && (!new || *curp_taken) =>
        {
            return Err(BadInput::error(
                "Ya hay expedientes que pueden ser de la misma persona. Elija uno con --into, o --new si es otra persona",
            ));
        }
        (None, Target::New { candidates, .. }) => {
            Decision::New { seen: candidates.iter().map(|one| one.patient.id).collect(), seen_private: true }
        }
        (None, Target::Here(_)) => Decision::New { seen: Vec::new(), seen_private: false },
    };
    let done =
        practice.import_record(&actor, open()?, passphrase.to_owned(), &decision).await.map_err(told)?;
    let patient = practice.patient(&actor, done.patient).await.map_err(told)?;
    let (number, n) = (&patient.record_number, done.added);
    if done.changed() {
        say(format!("Importado en el expediente {number}: {n} datos y documentos."))?;
    } else {
        say(format!("No cambió nada: todo estaba ya en el expediente {number}."))?;
    }
    Ok(Outcome::Done)
}

fn describe(plan: &ImportPlan) -> anyhow::Result<()> {
    say(format!("Paquete de {}, exportado el {}", plan.origin, plan.exported_at))?;
    say(format!("Paciente: {}, expediente {} de allá", plan.name, plan.number))?;
    let Counts { documents, allergies, problems, medicines, measurements, reports, files, consents } =
        plan.counts;
    say(format!(
        "Documentos firmados: {documents}. Alergias: {allergies}. Problemas: {problems}. Medicamentos: {medicines}. \
         Mediciones: {measurements}. Tomas de laboratorio: {reports}. Archivos: {files}. Consentimientos: {consents}."
    ))?;
    match (&plan.already, &plan.target) {
        (Some(_), _) => say("Este paquete ya se importó antes."),
        (None, Target::Here(patient)) => {
            say(format!("Es del expediente {} de aquí: se agrega lo que falta.", patient.record_number))
        }
        (None, Target::New { candidates, .. }) => {
            for one in candidates {
                let patient = &one.patient;
                say(format!("Se parece a: expediente {}, {}", patient.record_number, patient.full_name()))?;
            }
            Ok(())
        }
    }
}
