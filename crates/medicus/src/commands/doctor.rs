//! `medicus doctor`: what is in order, what is missing, and what to do about it.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use ::efirma::trust::World;
use engine_process::models::Kind;
use jiff::{Timestamp, tz::TimeZone};
use storage::keys::KeyProtection;

use super::{Outcome, backup, efirma, say, serve};
use crate::authorities;
use crate::config::Config;
use crate::installed;
use crate::{messages as ways, wiring};

/// A recording nobody took in so many minutes is told of.
const LATE_MINUTES: i64 = 10;

#[derive(Clone, Copy)]
enum Mark {
    Good,
    Note,
    Bad,
}

struct Report {
    bad: bool,
}

impl Report {
    fn line(&mut self, mark: Mark, text: impl AsRef<str>) -> anyhow::Result<()> {
        let sign = match mark {
            Mark::Good => "bien   ",
            Mark::Note => "aviso  ",
            Mark::Bad => "MAL    ",
        };
        self.bad |= matches!(mark, Mark::Bad);
        say(format!("{sign} {}", text.as_ref()))
    }
}

pub(crate) fn run(config: &Config) -> anyhow::Result<Outcome> {
    serve::runtime()?.block_on(examine(config))
}

async fn examine(config: &Config) -> anyhow::Result<Outcome> {
    let mut report = Report { bad: false };
    report.line(Mark::Good, format!("Medicus {}", env!("CARGO_PKG_VERSION")))?;
    directory(config, &mut report)?;
    database(config, &mut report).await?;
    port(config, &mut report)?;
    match documents::Renderer::new() {
        Ok(_) => {
            report.line(Mark::Good, "Documentos: el generador de PDF y sus tipos de letra están listos")?;
        }
        Err(error) => report.line(Mark::Bad, format!("Documentos: {error}"))?,
    }
    report.line(Mark::Good, "Redacción: motor de reglas incluido; no usa modelos ni red")?;
    model(config, Kind::Language, &mut report)?;
    model(config, Kind::Speech, &mut report)?;
    if let Some(engines) = installed::speech_engines(config) {
        report.line(Mark::Good, engines)?;
    }
    signatures(config, &mut report)?;
    whatsapp(config, &mut report).await?;
    mail(config, &mut report).await?;
    let medicines = terminology::medicines::MedicineCatalog::core().medicines().len();
    report.line(
        Mark::Good,
        format!("Medicamentos: {medicines} principios activos, reglas del {}", drug_safety::DATA_DATE),
    )?;
    match speech::Diarizer::new() {
        Ok(_) => report.line(
            Mark::Good,
            "Voz: reconoce quién habla y cuándo, en este equipo y sin red (medicus listen --no-words)",
        )?,
        Err(error) => report.line(Mark::Bad, format!("Voz: {error}"))?,
    }
    Ok(if report.bad { Outcome::Failed } else { Outcome::Done })
}

fn directory(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let directory = &config.storage.directory;
    match std::fs::metadata(directory) {
        Err(_) => report.line(Mark::Note, format!("Carpeta {}: se creará al iniciar", directory.display())),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => report.line(
            Mark::Bad,
            format!(
                "Carpeta {}: la pueden ver otras personas; corríjalo con: chmod 700",
                directory.display()
            ),
        ),
        Ok(_) => report.line(Mark::Good, format!("Carpeta {}: solo usted puede verla", directory.display())),
    }
}

/// The model of a kind that is in use, if any.
fn model(config: &Config, kind: Kind, report: &mut Report) -> anyhow::Result<()> {
    let (name, program) = (installed::name(kind), installed::program(config, kind));
    match installed::chosen(config, kind) {
        Ok(None) => report.line(Mark::Note, format!("{name}: {}", installed::none_installed(kind))),
        Ok(Some(model)) if program.is_file() => report.line(
            Mark::Good,
            format!("{name}: {}; para revisarlo entero: medicus models verify", model.name),
        ),
        Ok(Some(model)) => report.line(
            Mark::Bad,
            format!("{name}: {} está instalado, pero falta {}", model.name, program.display()),
        ),
        Err(error) => report.line(Mark::Bad, format!("{name}: {error:#}")),
    }
}

/// Whose signatures are believed, and who is asked about them.
fn signatures(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let trust = match authorities::configured(config) {
        Ok(found) => found.trust,
        Err(error) => return report.line(Mark::Bad, format!("Firmas: {error:#}")),
    };
    let own = efirma::own_authorities(config);
    let believed = match &config.efirma.trust {
        Some(folder) => format!("solo las autoridades de {}", folder.display()),
        None if own.is_dir() => format!("autoridades del SAT incluidas, y las de {}", own.display()),
        None => format!(
            "autoridades del SAT incluidas, válidas hasta mayo de 2027; las que las sucedan, y las de sellado de \
             tiempo, se agregan en {}",
            own.display()
        ),
    };
    if trust.is_some_and(|trust| trust.world() == World::Test) {
        report.line(
            Mark::Note,
            format!("Firmas: {believed}; son de PRUEBA: lo que se firme no tiene efectos legales"),
        )?;
    } else {
        report.line(Mark::Good, format!("Firmas: {believed}"))?;
    }
    let asked =
        |address: &Option<String>| address.clone().unwrap_or_else(|| "nadie (sin configurar)".to_owned());
    let (time, revoked) = (asked(&config.efirma.timestamps), asked(&config.efirma.revocations));
    report
        .line(Mark::Good, format!("Firmas: la hora la certifica {time}; de revocaciones responde {revoked}"))
}

/// Whether WhatsApp can be used: the token, the number, the templates and the webhook, asked of Meta itself.
async fn whatsapp(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Some(section) = &config.whatsapp else {
        return report.line(Mark::Good, "WhatsApp: sin configurar; no se envía ningún mensaje por ahí");
    };
    let found = match ways::configured(section) {
        Ok(found) => found,
        Err(error) => return report.line(Mark::Bad, format!("WhatsApp: {error:#}")),
    };
    let (graph, token) = (&found.graph, found.token.as_str());
    for sender in found.senders() {
        match graph.number(&sender).await {
            Ok(number) => report.line(
                if number.quality_rating == "RED" { Mark::Note } else { Mark::Good },
                format!(
                    "WhatsApp: {} «{}», calidad {}",
                    number.display_phone_number, number.verified_name, number.quality_rating
                ),
            )?,
            // Without it nothing else can be asked.
            Err(error) => {
                let id = sender.number_id;
                return report.line(Mark::Bad, format!("WhatsApp, número {id}: {}", chain(&error)));
            }
        }
    }
    match graph.token_ends(token).await {
        Ok(None) => report.line(Mark::Good, "WhatsApp: la clave de acceso no vence")?,
        Ok(Some(ends)) => {
            let days = (ends - jiff::Timestamp::now().as_second()) / 86_400;
            let mark = if days < 14 { Mark::Bad } else { Mark::Good };
            report.line(mark, format!("WhatsApp: la clave de acceso vence en {days} días"))?;
        }
        Err(error) => report.line(Mark::Bad, format!("WhatsApp, clave de acceso: {}", chain(&error)))?,
    }
    match graph.templates(token, &section.account).await {
        Ok(states) => {
            for name in messaging::wording::TEMPLATES.iter().filter_map(|wording| wording.template) {
                let state = states
                    .iter()
                    .find(|one| one.name == name && one.language == messaging::wording::LANGUAGE);
                match state {
                    Some(state) if state.status == "APPROVED" && state.category == "UTILITY" => {}
                    Some(state) => report.line(
                        Mark::Bad,
                        format!(
                            "WhatsApp: la plantilla {name} está como {} en la categoría {}",
                            state.status, state.category
                        ),
                    )?,
                    None => {
                        let words = format!(
                            "WhatsApp: falta la plantilla {name} en la cuenta; la escribe «medicus messages templates»"
                        );
                        report.line(Mark::Bad, words)?;
                    }
                }
            }
        }
        Err(error) => report.line(Mark::Bad, format!("WhatsApp, plantillas: {}", chain(&error)))?,
    }
    match graph.has_webhook(token, &section.account).await {
        Ok(true) => report.line(Mark::Good, "WhatsApp: la cuenta envía sus notificaciones a una aplicación"),
        Ok(false) => {
            report.line(Mark::Bad, "WhatsApp: ninguna aplicación recibe las notificaciones de la cuenta")
        }
        Err(error) => report.line(Mark::Bad, format!("WhatsApp, notificaciones: {}", chain(&error))),
    }
}

/// Whether the server of e-mail answers over TLS and lets us in.
async fn mail(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Some(section) = &config.mail else {
        return report.line(Mark::Good, "Correo: sin configurar; no se envía ningún correo");
    };
    let mailer = match ways::mailer(section) {
        Ok(mailer) => mailer,
        Err(error) => return report.line(Mark::Bad, format!("Correo: {error:#}")),
    };
    match mailer.check().await {
        Ok(true) => {
            report.line(Mark::Good, format!("Correo: {} responde con conexión segura", section.server))
        }
        Ok(false) => report.line(Mark::Bad, format!("Correo: {} no acepta mensajes ahora", section.server)),
        Err(error) => report.line(Mark::Bad, format!("Correo: {}: {}", section.server, chain(&error))),
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// "edición 2024-01 importada, con 34663 códigos".
async fn release_in_use(database: &storage::Database) -> storage::Result<Option<String>> {
    let mut tx = database.begin_read().await?;
    let used = tx.icd_in_use().await?.map(|(name, _)| name);
    let found = tx.icd_releases().await?.into_iter().find(|release| used.as_ref() == Some(&release.name));
    Ok(found.map(|release| format!("edición {} importada, con {} códigos", release.name, release.codes)))
}

/// After so many days without a back-up, what a broken disk would take is told.
const BACKUP_IS_LATE: i64 = 7;

fn last_backup(at: Option<&str>, report: &mut Report) -> anyhow::Result<()> {
    let Some(at) = at.and_then(|at| at.parse::<Timestamp>().ok()) else {
        return report.line(
            Mark::Note,
            "Respaldo: ninguno; hágalo en otro disco con: medicus backup create CARPETA --passphrase-file ARCHIVO",
        );
    };
    let days = Timestamp::now().duration_since(at).as_hours() / 24;
    let date = at.to_zoned_datetime(TimeZone::system()).strftime("%d/%m/%Y %H:%M").to_string();
    match days {
        ..BACKUP_IS_LATE => report.line(Mark::Good, format!("Respaldo: el último es del {date}")),
        _ => report.line(Mark::Note, format!("Respaldo: el último es del {date}, hace {days} días")),
    }
}

async fn database(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let url = wiring::url(&config.storage)?;
    if url.file().is_some() && !url.exists() {
        return report.line(Mark::Note, "Base de datos: todavía no existe; se creará cifrada al iniciar");
    }
    let (database, _, protection) = match wiring::open_storage(&config.storage).await {
        Ok(opened) => opened,
        Err(error) => return report.line(Mark::Bad, format!("Base de datos: {error:#}")),
    };
    let version = database.engine_version().await;
    let release = release_in_use(&database).await;
    let labels = async { database.begin_read().await?.labels_loaded().await }.await;
    let backed_up = async { database.begin_read().await?.setting(backup::LAST).await }.await;
    let voices = async { database.begin_read().await?.voice_count().await }.await;
    let unheard = async { database.begin_read().await?.waiting_to_be_heard().await }.await;
    let ending = async {
        database.begin_read().await?.efirmas_that_end(Timestamp::now() + care::efirma::ENDS_SOON).await
    }
    .await;
    database.close().await;
    certificates(&ending?, report)?;
    let (version, release, labels) = (version?, release?, labels?);
    waiting(config, unheard?, report)?;
    match voices? {
        0 => report.line(
            Mark::Note,
            "Voz: nadie ha grabado su muestra (Mi cuenta, Su voz); al médico se le reconoce por lo que dice",
        )?,
        1 => report.line(Mark::Good, "Voz: una persona tiene su muestra; se le reconoce al hablar")?,
        many => report
            .line(Mark::Good, format!("Voz: {many} personas tienen su muestra; se les reconoce al hablar"))?,
    }
    last_backup(backed_up?.as_deref(), report)?;
    let entries = terminology::icd::IcdIndex::core().entries().len();
    let core = format!("catálogo incluido con {entries} códigos, edición {}", terminology::icd::RELEASE);
    report.line(Mark::Good, format!("CIE-11: {}", release.unwrap_or(core)))?;
    match labels.files {
        0 => report.line(
            Mark::Note,
            "Fichas de openFDA: ninguna; se revisa con las reglas incluidas. Para importarlas: medicus drugs import openfda ARCHIVO",
        )?,
        _ => report.line(Mark::Good, format!("Fichas: {}", super::drugs::loaded(&labels)))?,
    }
    report.line(Mark::Good, format!("Base de datos: {} {version}, responde", database.engine_name()))?;
    match protection {
        KeyProtection::HandedOver => report.line(Mark::Good, "Clave: la entrega el sistema al iniciar"),
        KeyProtection::Passphrase => {
            report.line(Mark::Good, "Clave: en archivo protegido con frase de acceso")
        }
        KeyProtection::Clear => report.line(
            Mark::Note,
            "Clave: en archivo sin frase de acceso; quien copie la carpeta completa podrá leerla. \
             Defina MEDICUS_PASSPHRASE antes del primer inicio, o cifre el disco",
        ),
    }
}

/// Whose e.firma certificate ends soon or has ended, of those that signed here.
fn certificates(ending: &[(String, Timestamp)], report: &mut Report) -> anyhow::Result<()> {
    for (name, end) in ending {
        let date = end.to_zoned_datetime(TimeZone::system()).strftime("%d/%m/%Y");
        let ends = if *end < Timestamp::now() { "venció" } else { "vence" };
        report.line(
            Mark::Note,
            format!("e.firma: el certificado con el que {name} firmó la última vez {ends} el {date}; se renueva en el SAT"),
        )?;
    }
    Ok(())
}

/// Who does the work that is not pages, and whether it is being done.
fn waiting(config: &Config, unheard: Option<(i64, Timestamp)>, report: &mut Report) -> anyhow::Result<()> {
    if !config.server.work {
        report.line(Mark::Good, "Trabajo: este servidor solo da páginas; lo demás lo hace medicus worker")?;
    }
    let Some((recordings, since)) = unheard else { return Ok(()) };
    let minutes = (Timestamp::now().as_second() - since.as_second()) / 60;
    if minutes < LATE_MINUTES {
        return Ok(());
    }
    let recordings = match recordings {
        1 => "1 grabación espera".to_owned(),
        many => format!("{many} grabaciones esperan"),
    };
    report.line(
        Mark::Note,
        format!(
            "Grabaciones: {recordings} convertirse en texto, la primera desde hace {minutes} minutos; hace falta un modelo de \
             voz y que esté en marcha medicus serve o medicus worker"
        ),
    )
}

fn port(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let address = config.server.listen;
    match TcpListener::bind(address) {
        Ok(_) => report.line(Mark::Good, format!("Puerto: {address} está libre")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            report.line(Mark::Note, format!("Puerto: {address} está en uso (quizá Medicus ya está abierto)"))
        }
        Err(error) => report.line(Mark::Bad, format!("Puerto: no se puede usar {address}: {error}")),
    }
}
