//! A database of its own for each test, with one physician, one user and one patient, and a raw door around the program.

use std::path::PathBuf;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::demographics::Demographics;
use clinical::document::{DocumentKind, SignedDocument};
use clinical::encounter::{Encounter, EncounterState};
use clinical::identifiers::{Phone, ProfessionalLicense};
use clinical::ids::{BlobId, DocumentId, EncounterId, EntryId, PatientId, PractitionerId, UserId};
use clinical::patient::{Identity, NewPatient, Patient};
use clinical::person::{BirthDate, PersonName, Sex};
use clinical::practitioner::Practitioner;
use hkdf::Hkdf;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use storage::{
    BlobStore, Database, DatabaseUrl, MasterKey, NewSignedDocument, PasswordHash, Recorded, Tx, User, sha256,
};
use uuid::Uuid;

pub(crate) const KEY: [u8; 32] = [42; 32];

/// The instant `seconds` after the start of every test.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_123).unwrap() + SignedDuration::from_secs(seconds)
}

pub(crate) fn entry_id() -> EntryId {
    EntryId(Uuid::now_v7())
}

pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) blobs: BlobStore,
    pub(crate) url: DatabaseUrl,
    pub(crate) folder: PathBuf,
    pub(crate) user: UserId,
    pub(crate) practitioner: PractitionerId,
    pub(crate) patient: PatientId,
    server: Option<(String, String)>,
}

impl Place {
    pub(crate) async fn embedded() -> Self {
        let folder = new_folder();
        let url = DatabaseUrl::Embedded(folder.join("medicus.db"));
        Self::furnish(folder, url, None).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("MEDICUS_TEST_POSTGRES") else {
            println!("skipped: MEDICUS_TEST_POSTGRES not set");
            return None;
        };
        let name = format!("medicus_contract_{}", Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let (address, query) = server.split_once('?').map_or((server.as_str(), ""), |(a, q)| (a, q));
        let host = address.split('/').nth(2).unwrap();
        let url = format!("postgres://{host}/{name}?{query}");
        Some(Self::furnish(new_folder(), DatabaseUrl::Postgres(url), Some((server, name))).await)
    }

    async fn furnish(folder: PathBuf, url: DatabaseUrl, server: Option<(String, String)>) -> Self {
        let key = MasterKey::from_bytes(KEY);
        let database = Database::open(&url, &key, at(0)).await.unwrap();
        let blobs = BlobStore::open(&folder.join("blobs"), &key).unwrap();
        let place = Self {
            database,
            blobs,
            url,
            folder,
            user: UserId(Uuid::now_v7()),
            practitioner: PractitionerId(Uuid::now_v7()),
            patient: PatientId(Uuid::now_v7()),
            server,
        };
        let mut tx = place.begin().await;
        tx.insert_practitioner(&practitioner(place.practitioner)).await.unwrap();
        tx.insert_user(&place.user_named("ines", Some(place.practitioner))).await.unwrap();
        tx.insert_patient(place.patient, &named("Ana", "Ficticia", "Luna"), at(0)).await.unwrap();
        tx.commit().await.unwrap();
        place
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.database.begin().await.unwrap()
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.server.is_none()
    }

    pub(crate) fn user_named(&self, username: &str, practitioner_id: Option<PractitionerId>) -> User {
        let id = if username == "ines" { self.user } else { UserId(Uuid::now_v7()) };
        User {
            id,
            username: username.to_owned(),
            display_name: "Dra. Inés Prueba".to_owned(),
            password_hash: PasswordHash("$argon2id$prueba".to_owned()),
            role: "physician".to_owned(),
            practitioner_id,
            active: true,
            failed_attempts: 0,
            locked_until: None,
            provisional: false,
            factors_reset_at: None,
            created_at: at(0),
        }
    }

    pub(crate) fn recorded(&self, seconds: i64) -> Recorded {
        Recorded { by: self.user, at: at(seconds), encounter_id: None }
    }

    pub(crate) fn event(&self, seconds: i64, entity_id: &str) -> NewAuditEvent {
        NewAuditEvent {
            at: at(seconds),
            actor: Some(self.user),
            action: AuditAction::Read,
            entity: "patient",
            entity_id: entity_id.to_owned(),
            patient_id: Some(self.patient),
            origin: "127.0.0.1".to_owned(),
            reason: None,
        }
    }

    pub(crate) async fn new_patient(&self, data: &NewPatient, seconds: i64) -> Patient {
        let mut tx = self.begin().await;
        let patient = tx.insert_patient(PatientId(Uuid::now_v7()), data, at(seconds)).await.unwrap();
        tx.commit().await.unwrap();
        patient
    }

    pub(crate) async fn new_encounter(&self, seconds: i64) -> Encounter {
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: self.patient,
            practitioner_id: self.practitioner,
            appointment_id: None,
            started_at: at(seconds),
            reason: "control".to_owned(),
            state: EncounterState::InProgress,
            document: clinical::document::DocumentKind::PROGRESS_NOTE,
        };
        let mut tx = self.begin().await;
        tx.insert_encounter(&encounter).await.unwrap();
        tx.commit().await.unwrap();
        encounter
    }

    /// Signs a document in a transaction with its PDF and its audit event, as the program does.
    pub(crate) async fn sign(
        &self,
        encounter_id: Option<EncounterId>,
        amends: Option<DocumentId>,
        content: &str,
        seconds: i64,
    ) -> SignedDocument {
        let mut tx = self.begin().await;
        let document = self.sign_in(&mut tx, encounter_id, amends, content, seconds).await;
        tx.append_audit(self.event(seconds, &document.id.to_string())).await.unwrap();
        tx.commit().await.unwrap();
        document
    }

    pub(crate) async fn sign_in(
        &self,
        tx: &mut Tx,
        encounter_id: Option<EncounterId>,
        amends: Option<DocumentId>,
        content: &str,
        seconds: i64,
    ) -> SignedDocument {
        self.sign_for(tx, self.patient, encounter_id, amends, content, seconds).await
    }

    /// Signs in the record of another patient.
    pub(crate) async fn sign_for(
        &self,
        tx: &mut Tx,
        patient_id: PatientId,
        encounter_id: Option<EncounterId>,
        amends: Option<DocumentId>,
        content: &str,
        seconds: i64,
    ) -> SignedDocument {
        let pdf = BlobId(Uuid::now_v7());
        let bytes = format!("%PDF de {content}").into_bytes();
        let pdf_digest = sha256(&bytes);
        self.blobs.put(tx, pdf, "application/pdf", bytes, at(seconds)).await.unwrap();
        let kind = if amends.is_some() { DocumentKind::ADDENDUM } else { DocumentKind::PROGRESS_NOTE };
        tx.insert_document(NewSignedDocument {
            id: DocumentId(Uuid::now_v7()),
            kind,
            patient_id,
            encounter_id,
            amends,
            signed_by: self.user,
            signed_at: at(seconds) + SignedDuration::from_nanos(456_789),
            act_at: at(seconds - 600),
            content: content.to_owned(),
            pdf,
            pdf_digest,
        })
        .await
        .unwrap()
    }

    /// Where the encrypted file of a blob lies.
    pub(crate) fn file(&self, blob: &str) -> PathBuf {
        self.folder.join("blobs").join(&blob[blob.len() - 2..]).join(blob)
    }

    /// Runs a statement as the owner of the database would from its shell, with the error as text.
    pub(crate) async fn raw(&self, sql: &str) -> Result<u64, String> {
        self.raw_after("", sql).await
    }

    /// The same after a script that sets the connection up.
    pub(crate) async fn raw_after(&self, setup: &str, sql: &str) -> Result<u64, String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.url {
            DatabaseUrl::Embedded(_) => {
                let mut shell = self.sqlite_shell().await;
                sqlx::raw_sql(AssertSqlSafe(setup.to_owned())).execute(&mut shell).await.unwrap();
                let done = sqlx::raw_sql(sql).execute(&mut shell).await;
                shell.close().await.unwrap();
                done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
            }
            DatabaseUrl::Postgres(url) => {
                let mut shell = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(setup.to_owned())).execute(&mut shell).await.unwrap();
                let done = sqlx::raw_sql(sql).execute(&mut shell).await;
                shell.close().await.unwrap();
                done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
            }
        }
    }

    /// A connection with the key and nothing else: no `recursive_triggers`, no foreign keys.
    pub(crate) async fn sqlite_shell(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.url.file().unwrap())
            .pragma("key", format!("\"x'{}'\"", database_key_hex()))
            .foreign_keys(false);
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

/// A statement of the shell that holds its locks until it is let go.
pub(crate) struct Held(tokio::sync::oneshot::Sender<()>);

impl Held {
    pub(crate) fn let_go(self) {
        let _already_gone = self.0.send(());
    }
}

impl Place {
    /// Locks what every writer needs, from outside of the program.
    pub(crate) async fn hold_from_outside(&self) -> Held {
        let (let_go, wait) = tokio::sync::oneshot::channel();
        match &self.url {
            DatabaseUrl::Embedded(_) => {
                let mut shell = self.sqlite_shell().await;
                shell.execute("BEGIN IMMEDIATE").await.unwrap();
                tokio::spawn(async move {
                    let _gone = wait.await;
                    shell.execute("ROLLBACK").await.unwrap();
                });
            }
            DatabaseUrl::Postgres(url) => {
                let mut shell = PgConnection::connect(url).await.unwrap();
                shell.execute("BEGIN; SELECT * FROM chain_head FOR UPDATE").await.unwrap();
                tokio::spawn(async move {
                    let _gone = wait.await;
                    shell.execute("ROLLBACK").await.unwrap();
                });
            }
        }
        Held(let_go)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = self.server.take() {
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let mut admin = PgConnection::connect(&server).await.unwrap();
                    let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                    admin.execute(AssertSqlSafe(sql)).await.unwrap();
                });
            });
            let _outcome = dropping.join();
        }
        let _ignored = std::fs::remove_dir_all(&self.folder);
    }
}

/// The key of the embedded database, derived here once more: a released derivation must not change.
fn database_key_hex() -> String {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, &KEY).expand(b"medicus database 1", &mut key).unwrap();
    clinical::digest::Digest(key).to_string()
}

fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("medicus-contract-{}", Uuid::now_v7().simple()));
    std::fs::create_dir(&folder).unwrap();
    folder
}

pub(crate) fn practitioner(id: PractitionerId) -> Practitioner {
    Practitioner {
        id,
        title: "Dra.".to_owned(),
        name: PersonName::parse("Inés", "Prueba", "Ceiba").unwrap(),
        license: ProfessionalLicense::parse("1234567").unwrap(),
        degree_institution: "Universidad de Prueba".to_owned(),
        specialty: None,
        trainee: None,
    }
}

pub(crate) fn named(given: &str, first: &str, second: &str) -> NewPatient {
    NewPatient {
        identity: Identity::Identified {
            name: PersonName::parse(given, first, second).unwrap(),
            birth_date: BirthDate::from_stored(jiff::civil::date(1984, 3, 27)),
            curp: None,
        },
        sex: Sex::Female,
        phone: Some(Phone::parse("5512345678").unwrap()),
        address: Some("Calle Inventada 1".to_owned()),
        occupation: None,
        details: Demographics::default(),
    }
}
