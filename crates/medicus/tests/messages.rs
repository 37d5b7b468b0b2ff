//! `medicus doctor` on a configured account of WhatsApp and a server of e-mail: what is in order, and what is not, by name.
//! `medicus messages` beside it: the templates Meta has to approve.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use messaging::wording::TEMPLATES;
use test_support::smtp::FakeSmtp;
use test_support::whatsapp::{ACCOUNT_ID, FakeWhatsApp, NUMBER_ID, OTHER_NUMBER_ID, SECRET, TOKEN};

#[test]
fn the_templates_meta_has_to_approve_are_written_as_meta_takes_them() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_medicus")).args(["messages", "templates"]).output().unwrap();
    assert!(output.status.success());
    let definitions: Vec<serde_json::Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = definitions.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let needed: Vec<&str> = TEMPLATES.iter().filter_map(|wording| wording.template).collect();
    assert_eq!(names, needed, "all that doctor asks for");
    for one in &definitions {
        assert_eq!((&one["category"], &one["language"]), (&"UTILITY".into(), &"es_MX".into()));
        let body = one["components"][0]["text"].as_str().unwrap();
        assert!(body.starts_with("Hola, {{1}}. Le escribimos de {{2}}"), "{body}");
    }
}

struct Installation {
    folder: PathBuf,
    config: String,
}

impl Installation {
    fn new(name: &str, fake: &FakeWhatsApp, smtp: &FakeSmtp) -> Self {
        let folder = std::env::temp_dir().join(format!("medicus-doctor-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let server = smtp.server(None);
        let (user, password) = server.credentials.unwrap();
        let authority = String::from_utf8(server.authority.unwrap()).unwrap();
        for (file, text) in [
            ("token", TOKEN),
            ("secreto", SECRET),
            ("palabra", "palabra"),
            ("correo", password.as_str()),
            ("ca.pem", authority.as_str()),
        ] {
            secret(&folder.join(file), text);
        }
        let at = folder.display();
        let config = format!(
            "[storage]\ndirectory = '{at}/datos'\n\n[whatsapp]\nnumber = '{NUMBER_ID}'\nmore_numbers = ['{OTHER_NUMBER_ID}']\n\
             account = '{ACCOUNT_ID}'\ntoken_file = '{at}/token'\napp_secret_file = '{at}/secreto'\n\
             verify_file = '{at}/palabra'\nbase = '{}'\n\n[mail]\nserver = '{}'\nport = {}\nuser = '{user}'\n\
             password_file = '{at}/correo'\nfrom = '{}'\nauthority = '{at}/ca.pem'\n",
            fake.base(),
            server.host,
            server.port,
            server.from,
        );
        Self { folder, config }
    }

    async fn doctor(&self) -> Output {
        let file = self.folder.join("medicus.toml");
        std::fs::write(&file, &self.config).unwrap();
        let run = move || {
            Command::new(env!("CARGO_BIN_EXE_medicus"))
                .arg("--config")
                .arg(file)
                .arg("doctor")
                .output()
                .unwrap()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn secret(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines about messages, with their mark.
fn lines(output: &Output) -> Vec<String> {
    let about = |line: &&str| line.contains("WhatsApp") || line.contains("Correo");
    said(output).lines().filter(about).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_order_is_named_and_nothing_else_of_the_account_is_said() {
    let (fake, smtp) = (FakeWhatsApp::start().await, FakeSmtp::start());
    let installed = Installation::new("bien", &fake, &smtp);
    let output = installed.doctor().await;
    let found = lines(&output);
    assert_eq!(found.len(), 5, "{}", said(&output));
    assert!(found.iter().all(|line| line.starts_with("bien ")), "{found:#?}");
    for words in [
        "Consultorio Ceiba",
        "vence en",
        "envía sus notificaciones",
        "localhost responde con conexión segura",
    ] {
        assert!(found.iter().any(|line| line.contains(words)), "{words}: {found:#?}");
    }
    for hidden in [TOKEN, SECRET, "clave-de-prueba"] {
        assert!(!said(&output).contains(hidden), "a secret is shown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_account_or_the_server_is_named_with_what_to_mend() {
    let (fake, smtp) = (FakeWhatsApp::start().await, FakeSmtp::start());
    let mut installed = Installation::new("mal", &fake, &smtp);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    fake.end_token(i64::try_from(now).unwrap() + 3 * 86_400 + 3_600);
    fake.pause("cita_recordatorio");
    secret(&installed.folder.join("correo"), "otra-clave");
    let output = installed.doctor().await;
    let wrong: Vec<String> = lines(&output).into_iter().filter(|line| line.starts_with("MAL ")).collect();
    assert_eq!(output.status.code(), Some(1));
    for words in ["vence en 3 días", "cita_recordatorio está como PAUSED", "Correo: localhost"] {
        assert!(wrong.iter().any(|line| line.contains(words)), "{words}: {}", said(&output));
    }

    secret(&installed.folder.join("token"), "otro-token");
    let output = installed.doctor().await;
    let token = lines(&output).into_iter().find(|line| line.contains("token")).unwrap();
    assert!(token.starts_with("MAL ") && token.contains("genere otra en Meta"), "{token}");

    std::fs::set_permissions(installed.folder.join("token"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = installed.doctor().await;
    assert!(lines(&output).iter().any(|line| line.contains("chmod 600")), "{}", said(&output));

    installed.config = installed.config.replace("from = 'citas", "from = 'citas citas");
    let output = installed.doctor().await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("mail.from"));
}
