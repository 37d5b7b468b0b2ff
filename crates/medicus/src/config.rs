//! Configuration: one small file, every field with a safe default, checked before anything starts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::fetch::Address;

/// Everything the owner may configure. Unknown fields are refused: a typing error must not be ignored silently.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// How pages are served.
    pub(crate) server: Server,
    /// Where the record is kept.
    pub(crate) storage: Storage,
    /// The language model, for who installed one.
    pub(crate) language_model: Engine,
    /// The speech model, for who installed one.
    pub(crate) speech: Engine,
    /// The catalogue of diagnoses.
    pub(crate) icd: Icd,
    /// Signing with the e.firma.
    pub(crate) efirma: Efirma,
    /// Messages to patients by WhatsApp, for who has an account with Meta.
    pub(crate) whatsapp: Option<WhatsApp>,
    /// Messages to patients by e-mail, and reports to the practice's own people.
    pub(crate) mail: Option<Mail>,
    /// Where reports of the practice are put as files.
    pub(crate) reports: Option<Reports>,
}

/// How pages are served.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// Address and port. The default answers only on this machine.
    pub(crate) listen: SocketAddr,
    /// The address people type, when it differs from `listen` (behind a proxy, or by name on the network).
    pub(crate) public_origin: Option<String>,
    /// Certificate chain in PEM. Without it a certificate of its own is made in the data directory.
    pub(crate) certificate: Option<PathBuf>,
    /// Private key in PEM of that certificate.
    pub(crate) key: Option<PathBuf>,
    /// Whether this server also listens to recordings, sends messages and counts. `false` where `medicus worker` does.
    pub(crate) work: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            public_origin: None,
            certificate: None,
            key: None,
            work: true,
        }
    }
}

/// Where the record is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Storage {
    /// Directory of the database, the files and the key.
    pub(crate) directory: PathBuf,
    /// `postgres://…` for a PostgreSQL server; absent for the embedded encrypted database.
    pub(crate) database: Option<String>,
}

/// A model that runs in a process of its own, for who installed one: `medicus models add`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Engine {
    /// The name of the installed model to use; needed only when there is more than one.
    pub(crate) model: Option<String>,
    /// The program that runs it, if it is not beside this one.
    pub(crate) program: Option<PathBuf>,
}

/// The catalogue of diagnoses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Icd {
    /// Addresses of the files of a release, for `medicus icd import` without files. Empty: nothing is fetched, ever.
    pub(crate) release_from: Vec<String>,
}

/// Signing with the e.firma of SAT.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Efirma {
    /// Folder with the certificates of the authorities that are believed. Absent: those of SAT that ship, and those of the
    /// owner in `autoridades` beside the data.
    pub(crate) trust: Option<PathBuf>,
    /// Address of a timestamp authority (RFC 3161). Absent: nobody is asked for the time.
    pub(crate) timestamps: Option<String>,
    /// Address of the service that answers what was revoked (OCSP). Absent: nobody is asked.
    pub(crate) revocations: Option<String>,
    /// Addresses where authorities publish lists of what they revoked (CRL): that of the root speaks of SAT's own authority.
    pub(crate) revocation_lists: Vec<String>,
}

/// The numbers of the practice in WhatsApp's Cloud API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatsApp {
    /// Meta's id of the number ("Phone number ID").
    pub(crate) number: String,
    /// The ids of other numbers of the same account: who writes to one of them is answered from it.
    #[serde(default)]
    pub(crate) more_numbers: Vec<String>,
    /// Meta's id of the account ("WhatsApp Business Account ID").
    pub(crate) account: String,
    /// File with the access token of a system user.
    pub(crate) token_file: PathBuf,
    /// File with the secret of the app.
    pub(crate) app_secret_file: PathBuf,
    /// File with the word agreed on with Meta for the webhook.
    pub(crate) verify_file: PathBuf,
    /// Where notifications are taken: on this machine, behind a proxy with a certificate that the world accepts.
    #[serde(default = "webhook_listen")]
    pub(crate) listen: SocketAddr,
    /// The path Meta calls.
    #[serde(default = "webhook_path")]
    pub(crate) path: String,
    /// Where Meta answers.
    #[serde(default = "graph_base")]
    pub(crate) base: String,
    /// The version of the Graph API; each lives about two years.
    #[serde(default = "graph_version")]
    pub(crate) version: String,
}

fn webhook_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8444))
}

fn webhook_path() -> String {
    "/avisos/whatsapp".to_owned()
}

fn graph_base() -> String {
    messaging::graph::BASE.to_owned()
}

fn graph_version() -> String {
    "v25.0".to_owned()
}

impl WhatsApp {
    fn check(&self) -> anyhow::Result<()> {
        let more = self.more_numbers.iter().map(|id| ("whatsapp.more_numbers", id));
        for (field, id) in
            more.chain([("whatsapp.number", &self.number), ("whatsapp.account", &self.account)])
        {
            if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                bail!("{field} debe ser el identificador que muestra Meta: solo dígitos");
            }
        }
        if !self.listen.ip().is_loopback() {
            bail!(
                "whatsapp.listen debe ser de este mismo equipo, como 127.0.0.1:8444; ponga delante un proxy con certificado"
            );
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_".contains(c);
        if !self.path.starts_with('/') || self.path.len() < 2 || !self.path.chars().all(plain) {
            bail!("whatsapp.path debe ser como /avisos/whatsapp");
        }
        messaging::graph::Graph::new(&self.base, &self.version)?;
        Ok(())
    }
}

/// A server that sends e-mail. There is no way without TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// Its name.
    pub(crate) server: String,
    /// Its port; 465 for `tls`, 587 for `starttls`.
    pub(crate) port: Option<u16>,
    /// How the connection is made secure.
    #[serde(default)]
    pub(crate) security: MailSecurity,
    /// The user, where the server asks for one.
    pub(crate) user: Option<String>,
    /// File with their password.
    pub(crate) password_file: Option<PathBuf>,
    /// The address it is sent from, and answers go to.
    pub(crate) from: String,
    /// Certificate in PEM to believe besides those of the system: that of a server of one's own.
    pub(crate) authority: Option<PathBuf>,
}

/// The folder for the reports of the practice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reports {
    /// A folder of this machine. What is put there is not enciphered: counts, without a patient.
    pub(crate) folder: PathBuf,
}

impl Reports {
    fn check(&self) -> anyhow::Result<()> {
        if !self.folder.is_absolute() {
            bail!("reports.folder debe ser una ruta completa, como /srv/informes");
        }
        Ok(())
    }
}

/// How a connection with a server of e-mail is made secure.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailSecurity {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// STARTTLS, and nothing is said without it.
    Starttls,
}

impl Mail {
    fn check(&self) -> anyhow::Result<()> {
        if self.server.is_empty() || self.server.contains(['/', ':', ' ']) {
            bail!("mail.server debe ser el nombre del servidor, como correo.consultorio.mx");
        }
        if self.user.is_some() != self.password_file.is_some() {
            bail!("mail.user y mail.password_file van juntos: escriba los dos o ninguno");
        }
        clinical::identifiers::Email::parse(&self.from).context("mail.from")?;
        Ok(())
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self { directory: default_directory(), database: None }
    }
}

/// `$XDG_DATA_HOME/medicus`, `~/.local/share/medicus`, or the service directory when there is no home.
fn default_directory() -> PathBuf {
    let from_env = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    from_env("XDG_DATA_HOME")
        .or_else(|| from_env("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("/var/lib/medicus"), |base| base.join("medicus"))
}

/// Configuration of the service that the package installs.
const SERVICE: &str = "/etc/medicus/medicus.toml";

/// Whether this is the user whose the data of the service are. What another made in its folder, root too, the service could not
/// write.
fn is_of_the_service() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &str| std::fs::metadata(path).map(|file| file.uid());
    matches!((owner("/proc/self"), owner("/var/lib/medicus")), (Ok(own), Ok(service)) if own == service)
}

/// The file that is meant where none is named: that of one's own data, or of the service for its user.
///
/// # Errors
/// Somebody else asks where the package is installed and they have no data of their own: another folder than that of the
/// practice would answer, and say that all is well.
fn implicit(own: &Path, service: &Path, of_the_service: bool) -> anyhow::Result<Option<PathBuf>> {
    let file = own.join("medicus.toml");
    if file.is_file() {
        return Ok(Some(file));
    }
    if of_the_service && service.is_file() {
        return Ok(Some(service.to_owned()));
    }
    // What is in the folder of the configuration only its group sees.
    if of_the_service || own.is_dir() || !service.parent().is_some_and(Path::is_dir) {
        return Ok(None);
    }
    bail!(
        "En esta computadora Medicus es un servicio con su propio usuario. Escriba el comando con sudo -u medicus al principio, \
         o con --config ARCHIVO para trabajar en otra carpeta"
    );
}

impl Config {
    /// Reads and checks the file; without a path `medicus.toml` in the data directory, or that of the service where the
    /// package is installed and whoever asks has no data of their own, or the defaults.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path.map(Path::to_owned).map_or_else(
            || implicit(&default_directory(), Path::new(SERVICE), is_of_the_service()),
            |path| Ok(Some(path)),
        )?
        else {
            return Ok(Self::default());
        };
        let path = path.as_path();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("No se pudo leer la configuración {}", path.display()))?;
        let config: Self = toml::from_str(&text)
            .with_context(|| format!("La configuración {} tiene un error", path.display()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.server.certificate.is_some() != self.server.key.is_some() {
            bail!("server.certificate y server.key van juntos: escriba los dos o ninguno");
        }
        if let Some(url) = &self.storage.database
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            bail!("storage.database debe empezar con postgres:// (o quítelo para usar la base incluida)");
        }
        if let Some(origin) = &self.server.public_origin
            && (!origin.starts_with("https://") || origin.trim_end_matches('/').matches('/').count() > 2)
        {
            bail!("server.public_origin debe ser como https://consultorio.local:8443, sin ruta");
        }
        for address in &self.icd.release_from {
            Address::parse(address).context("icd.release_from")?;
        }
        for (field, address) in
            [("efirma.timestamps", &self.efirma.timestamps), ("efirma.revocations", &self.efirma.revocations)]
        {
            let Some(address) = address else { continue };
            Address::parse_plain(address).context(field)?;
        }
        for address in &self.efirma.revocation_lists {
            Address::parse_plain(address).context("efirma.revocation_lists")?;
        }
        self.mail.as_ref().map_or(Ok(()), Mail::check)?;
        self.reports.as_ref().map_or(Ok(()), Reports::check)?;
        self.whatsapp.as_ref().map_or(Ok(()), WhatsApp::check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_the_file_is_ones_own_or_that_of_the_service_and_never_another_practice() {
        let folder = std::env::temp_dir().join(format!("medicus-config-{}", uuid::Uuid::now_v7().simple()));
        let (own, service) = (folder.join("own"), folder.join("etc/medicus.toml"));
        let asked = |of_the_service| implicit(&own, &service, of_the_service);
        assert_eq!(asked(false).unwrap(), None, "no package is installed");
        std::fs::create_dir_all(folder.join("etc")).unwrap();
        std::fs::write(&service, "").unwrap();
        assert_eq!(asked(true).unwrap(), Some(service.clone()));
        assert!(asked(false).unwrap_err().to_string().contains("sudo -u medicus"));
        std::fs::create_dir(&own).unwrap();
        assert_eq!(asked(false).unwrap(), None, "they work with data of their own");
        assert_eq!(asked(true).unwrap(), Some(service.clone()));
        std::fs::write(own.join("medicus.toml"), "").unwrap();
        assert_eq!(asked(false).unwrap(), Some(own.join("medicus.toml")));
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn check(text: &str) -> Result<(), String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_empty_file_is_the_default_and_answers_only_on_this_machine() {
        assert_eq!(check(""), Ok(()));
        assert!(Config::default().server.listen.ip().is_loopback());
        assert!(Config::default().icd.release_from.is_empty(), "nothing is fetched that nobody asked for");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(check("[server]\nlisten_adress = '0.0.0.0:1'").unwrap_err().contains("listen_adress"));
        assert!(check("[server]\ncertificate = 'a.pem'").unwrap_err().contains("van juntos"));
        assert!(check("[storage]\ndatabase = 'mysql://x'").unwrap_err().contains("postgres://"));
        assert!(check("[server]\npublic_origin = 'http://x'").unwrap_err().contains("https://"));
        let odd = check("[efirma]\ntrust = 'a'\nrevocations = 'ftp://x'").unwrap_err();
        assert!(odd.contains("efirma.revocations"), "{odd}");
        let odd = check("[efirma]\nrevocation_lists = ['x']").unwrap_err();
        assert!(odd.contains("efirma.revocation_lists"), "{odd}");
        let whatsapp = |more: &str| {
            let files = "token_file = 't'\napp_secret_file = 's'\nverify_file = 'v'\naccount = '2'";
            check(&format!("[whatsapp]\n{files}\n{more}"))
        };
        assert_eq!(whatsapp("number = '1'"), Ok(()));
        assert!(whatsapp("number = '1'\nmore_numbers = ['x']").unwrap_err().contains("more_numbers"));
        assert!(whatsapp("number = '+52 55'").unwrap_err().contains("whatsapp.number"));
        assert!(whatsapp("number = '1'\nlisten = '0.0.0.0:8444'").unwrap_err().contains("whatsapp.listen"));
        assert!(
            whatsapp("number = '1'\nbase = 'http://graph.facebook.com'")
                .unwrap_err()
                .contains("whatsapp.base")
        );
        assert!(whatsapp("number = '1'\npath = 'x'").unwrap_err().contains("whatsapp.path"));
        let mail = |more: &str| check(&format!("[mail]\nserver = 'correo.ejemplo.mx'\n{more}"));
        assert_eq!(mail("from = 'citas@ejemplo.mx'"), Ok(()));
        assert!(mail("from = 'citas'").unwrap_err().contains("mail.from"));
        assert!(
            mail("from = 'citas@ejemplo.mx'\nuser = 'citas'").unwrap_err().contains("mail.password_file")
        );
        assert!(mail("from = 'citas@ejemplo.mx'\nsecurity = 'none'").unwrap_err().contains("security"));
        assert_eq!(check("[reports]\nfolder = '/srv/informes'"), Ok(()));
        assert!(check("[reports]\nfolder = 'informes'").unwrap_err().contains("reports.folder"));
        let plain = check("[icd]\nrelease_from = ['http://icd.example/es.zip']").unwrap_err();
        assert!(plain.contains("icd.release_from") && plain.contains("https://"), "{plain}");
    }
}
