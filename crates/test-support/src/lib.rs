//! A clinic for tests: the real services on a real database of either engine, in a directory of its own, with a clock
//! that stands where it is put. A dev-dependency only.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test that cannot be set up fails")]

pub mod listener;
pub mod pki;
pub mod smtp;
pub mod whatsapp;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use care::clock::SetClock;
use care::patients::PatientForm;
use care::review::ReviewAction;
use care::setup::{AccountForm, EstablishmentForm, PractitionerForm, SetupForm};
use care::{Actor, Care, CareError, Role};
use clinical::document::DocumentKind;
use clinical::draft::ItemContent;
use clinical::ids::{DocumentId, EncounterId, PatientId};
use jiff::{SignedDuration, Timestamp};
use nom004::Place;
use storage::{BlobStore, Database, DatabaseUrl, MasterKey};
use uuid::Uuid;

/// The password of every account of the test clinic.
pub const PASSWORD: &str = "contraseña de prueba";

/// When the test clinic opens: 10 March 2026, 10:00 in central Mexico.
pub const OPENING: &str = "2026-03-10T16:00:00Z";

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite with SQLCipher.
    Embedded,
    /// The server named by `MEDICUS_TEST_POSTGRES`.
    Postgres,
}

/// The engines a test can run on here. Says so when there is no PostgreSQL server to test with.
#[must_use]
pub fn engines() -> Vec<Engine> {
    if std::env::var_os("MEDICUS_TEST_POSTGRES").is_some() {
        vec![Engine::Embedded, Engine::Postgres]
    } else {
        println!("skipped on PostgreSQL: MEDICUS_TEST_POSTGRES not set");
        vec![Engine::Embedded]
    }
}

/// A clinic with one physician (also administrator), one resident, one nurse, one receptionist and one auditor.
pub struct Clinic {
    /// The services.
    pub care: Care,
    /// Its clock.
    pub clock: Arc<SetClock>,
    /// Dra. Inés Prueba Ceiba, user `ines`.
    pub physician: Actor,
    /// Emiliano Sauce Prado, a resident, user `residente`.
    pub trainee: Actor,
    /// User `enfermeria`.
    pub nurse: Actor,
    /// User `recepcion`.
    pub reception: Actor,
    /// User `auditoria`.
    pub auditor: Actor,
    /// Address of its database.
    pub url: DatabaseUrl,
    /// Directory of its files.
    pub directory: PathBuf,
    /// Its key.
    pub key: MasterKey,
}

impl Drop for Clinic {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Built once: reading the fonts takes longer than most tests.
fn renderer() -> Arc<documents::Renderer> {
    static RENDERER: OnceLock<Arc<documents::Renderer>> = OnceLock::new();
    Arc::clone(RENDERER.get_or_init(|| Arc::new(documents::Renderer::new().expect("fonts are embedded"))))
}

/// An empty practice, before its first start.
///
/// # Panics
/// When directory or database cannot be made.
pub async fn empty(engine: Engine) -> (Care, Arc<SetClock>, DatabaseUrl, PathBuf, MasterKey) {
    let directory = std::env::temp_dir().join(format!("medicus-test-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&directory).expect("temporary directory");
    let url = match engine {
        Engine::Embedded => DatabaseUrl::Embedded(directory.join("medicus.db")),
        Engine::Postgres => new_postgres_database().await,
    };
    let key = MasterKey::generate().expect("randomness");
    let opening: Timestamp = OPENING.parse().expect("a time");
    let database = Database::open(&url, &key, opening).await.expect("database opens");
    let blobs = BlobStore::open(&directory.join("archivos"), &key).expect("blob store opens");
    let clock = Arc::new(SetClock::new(opening));
    let care = Care::new(database, blobs, renderer(), Arc::clone(&clock) as Arc<dyn care::Clock>);
    (care, clock, url, directory, key)
}

async fn new_postgres_database() -> DatabaseUrl {
    use sqlx::Connection;
    let server = std::env::var("MEDICUS_TEST_POSTGRES").expect("MEDICUS_TEST_POSTGRES");
    let name = format!("medicus_test_{}", Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await.expect("server answers");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("database is made");
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    DatabaseUrl::Postgres(format!("{base}/{name}"))
}

impl Clinic {
    /// A clinic after its first start.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn on(engine: Engine) -> Self {
        let (care, clock, url, directory, key) = empty(engine).await;
        care.set_up(&setup_form(), "prueba").await.expect("first start");
        let physician = actor(&care, "ines").await;
        for (username, role) in [
            ("residente", Role::Trainee),
            ("enfermeria", Role::Nurse),
            ("recepcion", Role::Reception),
            ("auditoria", Role::Auditor),
        ] {
            let professional = match role {
                Role::Nurse => Some(nurse_form()),
                Role::Trainee => Some(trainee_form()),
                _ => None,
            };
            care.add_user(&physician, &account(username), &[role], professional.as_ref())
                .await
                .expect("account");
        }
        let trainee = actor(&care, "residente").await;
        let nurse = actor(&care, "enfermeria").await;
        let reception = actor(&care, "recepcion").await;
        let auditor = actor(&care, "auditoria").await;
        Self { care, clock, physician, trainee, nurse, reception, auditor, url, directory, key }
    }

    /// Opens the record of an invented woman born in 1962.
    ///
    /// # Panics
    /// When the form is refused.
    pub async fn patient(&self, given: &str, first_surname: &str) -> PatientId {
        let form = PatientForm {
            given: given.to_owned(),
            first_surname: first_surname.to_owned(),
            second_surname: "Roble".to_owned(),
            birth_date: "12/01/1962".to_owned(),
            sex: "female".to_owned(),
            address: "Calle Inventada 5, Puebla".to_owned(),
            ..PatientForm::default()
        };
        match self.care.register_patient(&self.physician, &form).await {
            // A namesake with the same birthday: the test wants another record all the same.
            Err(CareError::Alike(alike)) => {
                let seen = alike.candidates.iter().map(|candidate| candidate.patient.id).collect();
                let form = PatientForm { seen, ..form };
                self.care.register_patient(&self.physician, &form).await.expect("patient").id
            }
            saved => saved.expect("patient").id,
        }
    }

    /// Puts a text into the search as if it stood in a note of the physician, some days ago.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn searchable(&self, patient: PatientId, id: &str, days_ago: i64, text: &str) {
        let indexed = terminology::search::index(text);
        let entry = storage::SearchEntry {
            entity: "document".to_owned(),
            entity_id: id.to_owned(),
            kind: DocumentKind::PROGRESS_NOTE.code().to_owned(),
            patient_id: patient,
            author: Some(self.physician.user_id),
            act_at: self.care.now() - SignedDuration::from_hours(24 * days_ago),
            title: "Nota de evolución".to_owned(),
            text: text.to_owned(),
            codes: vec!["BA00".to_owned()],
            terms: indexed.terms,
            words: indexed.words,
        };
        let mut tx = self.care.database().begin().await.expect("database answers");
        tx.index(&entry).await.expect("entry is taken");
        tx.commit().await.expect("entry is kept");
    }

    /// Signs a short note of evolution in a record.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn signed_note(&self, actor: &Actor, patient: PatientId) -> DocumentId {
        let id = self.care.start_visit(actor, patient, "Control").await.expect("visit");
        self.sign_visit(actor, id).await
    }

    /// Writes what a note of evolution must say and signs it.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn sign_visit(&self, actor: &Actor, id: EncounterId) -> DocumentId {
        let kind = DocumentKind::PROGRESS_NOTE;
        let mut view = self.care.consultation(actor, id, kind).await.expect("consultation");
        for _ in 0..20 {
            let gap = view.findings.iter().find_map(|finding| match &finding.place {
                Place::Section(section) if finding.blocks() => Some(section.clone()),
                _ => None,
            });
            let Some(section) = gap else { break };
            let content = ItemContent::Statement { text: "Se valora y se explica a la paciente.".to_owned() };
            let action = ReviewAction::Add { section, content };
            view = self.care.review(actor, id, kind, view.version, &action).await.expect("review");
        }
        let signed = self.care.sign(actor, id, kind, view.version, PASSWORD.to_owned()).await;
        signed.expect("signature").note
    }

    /// Opens a consultation with a transcript and its draft.
    ///
    /// # Panics
    /// When the transcript is refused.
    pub async fn consultation(&self, patient: PatientId, transcript: &str) -> EncounterId {
        let id = self.care.start_visit(&self.physician, patient, "Consulta").await.expect("visit");
        let bytes = transcript.as_bytes().to_vec();
        self.care
            .attach_transcript(&self.physician, id, DocumentKind::PROGRESS_NOTE, bytes)
            .await
            .expect("transcript");
        id
    }
}

/// The physician signs in; the session stays.
///
/// # Panics
/// When signing in is refused.
pub async fn actor(care: &Care, username: &str) -> Actor {
    let client = care::session::Client::at("prueba");
    let done = care.sign_in(username, PASSWORD.to_owned(), &client).await.expect("signs in");
    let token = done.complete().expect("nothing else is asked");
    care.actor(&token, "prueba").await.expect("session lives")
}

fn account(username: &str) -> AccountForm {
    AccountForm {
        username: username.to_owned(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        display_name: username.to_owned(),
        provisional: false,
    }
}

/// The nurse signs the nursing sheet with a cédula of her own.
fn nurse_form() -> PractitionerForm {
    PractitionerForm {
        title: "Enf.".to_owned(),
        given: "Amapola".to_owned(),
        first_surname: "Prueba".to_owned(),
        second_surname: "Fresno".to_owned(),
        license: "2345678".to_owned(),
        degree_institution: "Escuela Inventada de Enfermería".to_owned(),
        ..PractitionerForm::default()
    }
}

/// The resident has no cédula yet: what they write is signed by the physician.
fn trainee_form() -> PractitionerForm {
    PractitionerForm {
        given: "Emiliano".to_owned(),
        first_surname: "Sauce".to_owned(),
        second_surname: "Prado".to_owned(),
        degree_institution: "Facultad Inventada de Medicina".to_owned(),
        trainee: "resident".to_owned(),
        ..PractitionerForm::default()
    }
}

/// A complete first-start form: a physician alone.
#[must_use]
pub fn setup_form() -> SetupForm {
    SetupForm {
        establishment: EstablishmentForm {
            kind: "Consultorio".to_owned(),
            name: "Consultorio de prueba".to_owned(),
            address: "Calle Inventada 1, Puebla, Puebla".to_owned(),
            owner: "Inés Prueba Ceiba".to_owned(),
            phone: "55 0000 0001".to_owned(),
            ..EstablishmentForm::default()
        },
        practitioner: PractitionerForm {
            title: "Dra.".to_owned(),
            given: "Inés".to_owned(),
            first_surname: "Prueba".to_owned(),
            second_surname: "Ceiba".to_owned(),
            license: "1234567".to_owned(),
            degree_institution: "Universidad Inventada".to_owned(),
            ..PractitionerForm::default()
        },
        physician: account("ines"),
        administrator: None,
    }
}
