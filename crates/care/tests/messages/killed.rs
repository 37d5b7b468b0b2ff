//! What was to be sent survives `kill -9` at any moment: none is lost, and none goes twice but those nobody knew of.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use care::messages::Purpose;
use care::{Care, Clock};
use clinical::ids::{CorrespondentId, MessageId, PatientId};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use messaging::letter::{Letter, Message, Token, Visit};
use messaging::words::Label;
use storage::{BlobStore, Correspondent, Database, DatabaseUrl, MasterKey, MessageState, OutMessage};
use test_support::whatsapp::{FakeWhatsApp, Treatment};
use uuid::Uuid;

use crate::practice::{at, channels, consent, form, notice};

/// A clock a hundred times as fast as time, from a moment on that parent and children share.
struct Fast(u128);

impl Clock for Fast {
    fn now(&self) -> Timestamp {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() - self.0;
        at("10T10:00") + SignedDuration::from_millis(i64::try_from(passed * 100).unwrap())
    }
}

const CHILD: &str = "MEDICUS_TEST_SENDER";
const TEST: &str =
    "killed::killed_at_any_moment_no_message_is_lost_and_none_sent_twice_but_those_nobody_knew_of";

async fn child(told: &str) {
    let [base, folder, start]: [&str; 3] = told.split('|').collect::<Vec<_>>().try_into().unwrap();
    let key = MasterKey::from_bytes([7; 32]);
    let url = DatabaseUrl::Embedded(std::path::Path::new(folder).join("medicus.db"));
    let clock = Arc::new(Fast(start.parse().unwrap()));
    let database = Database::open(&url, &key, clock.now()).await.unwrap();
    let blobs = BlobStore::open(&std::path::Path::new(folder).join("archivos"), &key).unwrap();
    let renderer = Arc::new(documents::Renderer::new().unwrap());
    let care = Care::new(database, blobs, renderer, clock).with_channels(channels(base));
    loop {
        if care.send_messages().await.is_ok_and(|sent| sent.tried == 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_no_message_is_lost_and_none_sent_twice_but_those_nobody_knew_of() {
    if let Ok(told) = std::env::var(CHILD) {
        return child(&told).await;
    }
    let many: usize =
        std::env::var("MEDICUS_TEST_MESSAGES").ok().and_then(|many| many.parse().ok()).unwrap_or(300);
    let folder = std::env::temp_dir().join(format!("medicus-test-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    let key = MasterKey::from_bytes([7; 32]);
    let url = DatabaseUrl::Embedded(folder.join("medicus.db"));
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let database = Database::open(&url, &key, Fast(start).now()).await.unwrap();
    let blobs = BlobStore::open(&folder.join("archivos"), &key).unwrap();
    let renderer = Arc::new(documents::Renderer::new().unwrap());
    let care = Care::new(database.clone(), blobs, renderer, Arc::new(Fast(start)));
    care.set_up(&test_support::setup_form(), "prueba").await.unwrap();
    let physician = test_support::actor(&care, "ines").await;
    care.publish_notice(&physician, &notice()).await.unwrap();
    let patient = care.register_patient(&physician, &form("Jacinta", "55 1234 5678")).await.unwrap().id;
    care.record_consent(&physician, patient, &consent("messaging", true)).await.unwrap();
    let ids = enqueue(&database, patient, many).await;

    let fake = FakeWhatsApp::start().await;
    let _ = fake.writes("5215512345678", "hola", 0);
    // One in ten goes wrong, in one of three ways.
    fake.treat(|nth, _| match nth % 30 {
        3 => Treatment::LoseAnswer,
        13 => Treatment::Refuse(131_000, 500),
        23 => Treatment::Refuse(130_429, 429),
        _ => Treatment::Accept,
    });
    let told = format!("{}|{}|{start}", fake.base(), folder.display());
    let sender = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST])
            .env(CHILD, &told)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut kills = 0;
    loop {
        let mut running = sender();
        // At another point of its work each time.
        let before = fake.came();
        let pause = Duration::from_millis(37 * (kills % 11) + 3);
        let patience = std::time::Instant::now();
        while fake.came() == before && patience.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(pause).await;
        running.kill().unwrap();
        running.wait().unwrap();
        kills += 1;
        let open = states(&database, &ids)
            .await
            .iter()
            .filter(|message| message.state < MessageState::Accepted)
            .count();
        if open == 0 {
            break;
        }
        assert!(kills < 400, "{open} messages are still open");
    }
    let taken = fake.taken();
    let times = |id: &MessageId| {
        let id = id.to_string();
        taken.iter().filter(|body| body["biz_opaque_callback_data"] == id.as_str()).count()
    };
    let all = states(&database, &ids).await;
    let unknown: u32 = all.iter().map(|message| message.doubts).sum();
    let doubled: usize = ids.iter().map(|id| times(id).saturating_sub(1)).sum();
    for message in &all {
        let told = times(&message.id) > 0;
        assert!(told || message.state == MessageState::Failed, "lost: {message:?}");
    }
    let by_hand = all.iter().filter(|message| message.state == MessageState::Failed).count();
    println!(
        "{many} messages, {kills} kills: {doubled} sent twice, {unknown} unknown, {by_hand} for a person"
    );
    let unknown = usize::try_from(unknown).unwrap();
    assert!(doubled <= unknown, "{doubled} sent twice, {unknown} unknown");
    assert!(by_hand <= unknown, "{by_hand} were given to a person, {unknown} unknown");
    drop(database);
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn enqueue(database: &Database, patient: PatientId, many: usize) -> Vec<MessageId> {
    let now = at("10T10:00");
    let mut tx = database.begin().await.unwrap();
    let who = Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: Some("525512345678".to_owned()),
        wa_id: None,
        user_id: None,
        number_id: None,
        window_until: Some(now + SignedDuration::from_hours(24 * 365)),
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    };
    tx.save_correspondent(&who).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..many {
        let letter = Letter {
            practice: Label::parse("Consultorio Ceiba").unwrap(),
            name: None,
            token: Token::from_bytes(*Uuid::new_v4().as_bytes()),
            message: Message::DayBefore(Visit {
                starts: date(2026, 3, 11).at(10, 0, 0, 0),
                place: Label::parse("Av. Juárez 10").unwrap(),
                physician: None,
            }),
        };
        let message = OutMessage {
            id: MessageId(Uuid::now_v7()),
            correspondent_id: Some(who.id),
            patient_id: Some(patient),
            appointment_id: None,
            purpose: Purpose::DayBefore.code().to_owned(),
            visit_at: None,
            channel: "whatsapp".to_owned(),
            letter: serde_json::to_string(&letter).unwrap(),
            not_before: now,
            not_after: now + SignedDuration::from_hours(24 * 365),
            attempts: 0,
            state: MessageState::Queued,
            doubts: 0,
            meta_id: None,
            failure: None,
            charged: None,
            created_at: now,
            changed_at: now,
        };
        ids.push(message.id);
        assert!(tx.insert_message(&message).await.unwrap());
    }
    tx.commit().await.unwrap();
    ids
}

async fn states(database: &Database, ids: &[MessageId]) -> Vec<OutMessage> {
    let mut tx = database.begin_read().await.unwrap();
    let mut all = Vec::new();
    for id in ids {
        all.push(tx.message(*id).await.unwrap().unwrap());
    }
    all
}
