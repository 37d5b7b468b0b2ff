//! From the patient's message to the chair, through the services and a fake WhatsApp: booked, reminded, moved by text,
//! confirmed; another cancels and the waiting list fills the time. And what was acknowledged survives `kill -9`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use care::agenda_setup::ShiftForm;
use care::booking::{Booker, Fit, NewBooking};
use care::consents::ConsentForm;
use care::messages::{Channels, Purpose, SettingsForm};
use care::patients::PatientForm;
use care::waiting_list::Wish;
use care::{Care, Clock};
use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{CorrespondentId, MessageId, PatientId, ServiceId};
use clinical::schedule::waiting::DayPart;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use messaging::channel::WhatsApp;
use messaging::graph::{Graph, Sender};
use messaging::letter::{Letter, Message, Token};
use messaging::words::{Label, telling};
use serde_json::Value;
use storage::{BlobStore, Correspondent, Database, DatabaseUrl, MasterKey, MessageState, OutMessage};
use test_support::whatsapp::{FakeWhatsApp, NUMBER_ID, TOKEN, Treatment};
use test_support::{Clinic, Engine, engines};
use uuid::Uuid;
use zeroize::Zeroizing;

fn channels(base: &str) -> Channels {
    let graph = Graph::new(base, "v25.0").unwrap();
    let sender = Sender { number_id: NUMBER_ID.to_owned(), token: Zeroizing::new(TOKEN.to_owned()) };
    Channels::whatsapp(Arc::new(WhatsApp { graph, sender }))
}

fn notice() -> String {
    "Aviso de privacidad de prueba, con todo lo que pide la ley. ".repeat(8)
}

fn form(given: &str, phone: &str) -> PatientForm {
    PatientForm {
        given: given.to_owned(),
        first_surname: "Olmo".to_owned(),
        second_surname: "Roble".to_owned(),
        birth_date: "12/01/1962".to_owned(),
        sex: "female".to_owned(),
        phone: phone.to_owned(),
        address: "Calle Inventada 5, Puebla".to_owned(),
        ..PatientForm::default()
    }
}

fn consent(given: bool) -> ConsentForm {
    ConsentForm {
        purpose: "messaging".to_owned(),
        given,
        means: "paper".to_owned(),
        answered_by: String::new(),
        version: 1,
        today_only: false,
    }
}

struct Practice {
    clinic: Clinic,
    care: Care,
    fake: FakeWhatsApp,
    service: ServiceId,
}

impl Practice {
    async fn on(engine: Engine) -> Self {
        let clinic = Clinic::on(engine).await;
        let fake = FakeWhatsApp::start().await;
        let care = clinic.care.clone().with_channels(channels(&fake.base()));
        let setup = care.agenda_setup(&clinic.reception).await.unwrap();
        let shift = ShiftForm {
            practitioner: clinic.physician.practitioner_id.unwrap().to_string(),
            room: setup.rooms[0].id.to_string(),
            from: "09:00".to_owned(),
            until: "14:00".to_owned(),
            days: ["1", "2", "3", "4", "5"].map(str::to_owned).to_vec(),
            step: "30".to_owned(),
            ..ShiftForm::default()
        };
        care.add_shift(&clinic.reception, &shift).await.unwrap();
        let service = setup.services.iter().find(|service| service.name == "Subsecuente").unwrap().id;
        care.publish_notice(&clinic.physician, &notice()).await.unwrap();
        let settings = SettingsForm {
            on: true,
            practice: "Consultorio Ceiba".to_owned(),
            place: "Av. Juárez 10".to_owned(),
            first_name: true,
            price: "0.008".to_owned(),
        };
        care.save_message_settings(&clinic.physician, &settings).await.unwrap();
        Self { clinic, care, fake, service }
    }

    async fn patient(&self, given: &str, phone: &str, agrees: bool) -> PatientId {
        let form = form(given, phone);
        let id = self.care.register_patient(&self.clinic.physician, &form).await.unwrap().id;
        if agrees {
            self.answer_consent(id, true).await;
        }
        id
    }

    async fn answer_consent(&self, id: PatientId, given: bool) {
        self.care.record_consent(&self.clinic.reception, id, &consent(given)).await.unwrap();
    }

    async fn book(&self, patient: PatientId, when: &str) -> Appointment {
        let new = NewBooking {
            patient_id: patient,
            practitioner_id: self.clinic.physician.practitioner_id.unwrap(),
            service: self.service,
            minutes: None,
            starts_at: at(when),
            fit: Fit::Free,
        };
        self.care.book(Booker::Staff(&self.clinic.reception), &new).await.unwrap()
    }

    /// What the program does every few seconds; what was sent by it.
    async fn turn(&self) -> Vec<Value> {
        let before = self.fake.taken().len();
        self.care.work_notifications().await.unwrap();
        self.care.plan_messages().await.unwrap();
        self.care.send_messages().await.unwrap();
        self.fake.taken().split_off(before)
    }

    async fn told(&self, notifications: Vec<Vec<u8>>) {
        self.care.keep_notifications(&notifications).await.unwrap();
    }

    /// A patient writes, from the old form of their number; what they are answered. Meta tells it twice.
    async fn writes(&self, phone: &str, text: &str) -> Value {
        let body = self.fake.writes(&format!("521{phone}"), text, self.care.now().as_second());
        self.told(vec![body.clone(), body]).await;
        self.one().await
    }

    async fn touches(&self, phone: &str, reply: &str) -> Value {
        let body = self.fake.touches(&format!("521{phone}"), reply, self.care.now().as_second());
        self.told(vec![body]).await;
        self.one().await
    }

    async fn one(&self) -> Value {
        let sent = self.turn().await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.into_iter().next().unwrap()
    }

    async fn state(&self, visit: &Appointment) -> Appointment {
        self.care.visit(&self.clinic.reception, visit.id).await.unwrap().0.appointment
    }

    fn set(&self, when: &str) {
        self.clinic.clock.set(at(when));
    }
}

/// March 2026, in central Mexico; the clinic opens on Tuesday the 10th at ten.
fn at(day_and_time: &str) -> Timestamp {
    format!("2026-03-{day_and_time}:00-06:00").parse().unwrap()
}

fn said(body: &Value) -> String {
    ["/text/body", "/interactive/body/text"]
        .iter()
        .find_map(|path| body.pointer(path)?.as_str())
        .unwrap_or_default()
        .to_owned()
}

fn template(body: &Value) -> &str {
    body.pointer("/template/name").and_then(Value::as_str).unwrap_or_default()
}

/// What comes back from a button of a template, by its place.
fn payload(body: &Value, button: usize) -> String {
    body.pointer(&format!("/template/components/{}/parameters/0/payload", button + 1))
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn row(body: &Value, at: usize) -> (String, String) {
    let row = body.pointer(&format!("/interactive/action/sections/0/rows/{at}")).unwrap();
    (row["id"].as_str().unwrap().to_owned(), row["title"].as_str().unwrap().to_owned())
}

const JACINTA: &str = "5512345678";
const ROSA: &str = "2221234567";

#[tokio::test]
async fn a_patient_asks_books_is_reminded_moves_the_visit_by_text_and_confirms() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let offered = practice.writes(JACINTA, "Buenos días, quiero una cita para el viernes").await;
        let (token, title) = row(&offered, 0);
        assert_eq!(title, "vie 13 mar, 09:00");
        let booked = practice.touches(JACINTA, &token).await;
        assert!(said(&booked).starts_with("Hola, Jacinta. Le escribimos de Consultorio Ceiba. Su cita quedó agendada para el viernes 13 de marzo a las 09:00 h, en Av. Juárez 10, con Dra. Prueba."), "{}", said(&booked));
        assert!(practice.turn().await.is_empty(), "it is not told twice");

        // The next day, with the window closed: the reminder is a template.
        practice.set("12T09:30");
        let reminder = practice.turn().await;
        assert_eq!(reminder.iter().map(template).collect::<Vec<_>>(), ["cita_recordatorio"]);
        assert_eq!(reminder[0]["to"], "525512345678");
        practice.told(practice.fake.notifications()).await;
        assert!(practice.turn().await.is_empty());

        let list = practice.writes(JACINTA, "¿La puede cambiar al lunes 23 a las 10?").await;
        let titles: Vec<String> = (0..3).map(|at| row(&list, at).1).collect();
        assert!(titles.contains(&"lun 23 mar, 10:00".to_owned()), "{titles:?}");
        let wanted =
            (0..9).map(|at| row(&list, at)).find(|(_, title)| title == "lun 23 mar, 10:00").unwrap().0;
        let moved = practice.touches(JACINTA, &wanted).await;
        assert!(said(&moved).contains("ahora es el lunes 23 de marzo a las 10:00 h"), "{}", said(&moved));
        let again = practice.touches(JACINTA, &wanted).await;
        assert!(
            said(&again).starts_with("Su cita es el lunes 23 de marzo"),
            "a choice is good once: {}",
            said(&again)
        );
        let stale = practice.touches(JACINTA, &payload(&reminder[0], 2)).await;
        assert!(
            said(&stale).starts_with("Su cita es el lunes 23 de marzo"),
            "an old button cancels nothing: {}",
            said(&stale)
        );

        let confirmed = practice.writes(JACINTA, "Sí, ahí estaré, gracias").await;
        assert!(said(&confirmed).contains("está confirmada"), "{}", said(&confirmed));
        practice.set("23T08:30");
        assert!(practice.turn().await.is_empty(), "who confirmed is not asked again on the day");
        let visits = practice.care.today(&practice.clinic.reception).await.unwrap().agenda;
        assert_eq!(visits.len(), 1);
        assert_eq!(visits[0].appointment.state, AppointmentState::Confirmed);
        assert_eq!(visits[0].appointment.patient_id, jacinta);
        for body in practice.fake.taken() {
            assert_eq!(telling(&body.to_string()), None, "{body}");
            assert!(!body.to_string().contains("Olmo"), "never the whole name: {body}");
        }
    }
}

#[tokio::test]
async fn a_visit_given_up_by_button_goes_to_the_first_of_the_waiting_list_who_takes_it() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let rosa = practice.patient("Rosa", "222 123 4567", true).await;
        let visit = practice.book(jacinta, "12T10:00").await;
        let wish = Wish {
            patient_id: rosa,
            practitioner_id: None,
            service: practice.service,
            from: date(2026, 3, 10),
            until: date(2026, 3, 20),
            part: DayPart::Any,
        };
        practice.care.join_waiting_list(Booker::Staff(&practice.clinic.reception), &wish).await.unwrap();
        let told = practice.turn().await;
        assert_eq!(told.iter().map(template).collect::<Vec<_>>(), ["cita_agendada"]);

        let body =
            practice.fake.touches("5215512345678", &payload(&told[0], 2), practice.care.now().as_second());
        practice.told(vec![body]).await;
        let sent = practice.turn().await;
        let cancelled = sent.iter().find(|body| body["to"] == "525512345678").unwrap();
        assert!(said(cancelled).contains("quedó cancelada"), "{}", said(cancelled));
        let offer = sent.iter().find(|body| body["to"] == "522221234567").unwrap();
        assert_eq!(template(offer), "cita_lugar_disponible");
        assert_eq!(practice.state(&visit).await.state, AppointmentState::Cancelled);

        let taken = practice.touches(ROSA, &payload(offer, 0)).await;
        assert!(said(&taken).contains("jueves 12 de marzo a las 10:00 h"), "{}", said(&taken));
        practice.set("12T08:30");
        let day = practice.care.today(&practice.clinic.reception).await.unwrap().agenda;
        let standing: Vec<_> =
            day.iter().filter(|line| line.appointment.state == AppointmentState::Confirmed).collect();
        assert_eq!(standing.len(), 1);
        assert_eq!(standing[0].appointment.patient_id, rosa);
    }
}

#[tokio::test]
async fn nothing_is_sent_to_who_did_not_agree_nor_at_night_nor_after_a_no() {
    let practice = Practice::on(Engine::Embedded).await;
    let jacinta = practice.patient("Jacinta", "55 1234 5678", false).await;
    practice.book(jacinta, "13T10:00").await;
    assert!(practice.turn().await.is_empty(), "nobody asked her");
    practice.answer_consent(jacinta, true).await;
    practice.set("10T21:30");
    assert!(practice.turn().await.is_empty(), "at night nobody is written to");
    practice.set("11T08:00");
    // Planned while she agreed; she withdraws before it is sent.
    practice.care.plan_messages().await.unwrap();
    practice.answer_consent(jacinta, false).await;
    assert!(practice.turn().await.is_empty(), "the last step refuses");

    practice.answer_consent(jacinta, true).await;
    let stopped = practice.writes(JACINTA, "BAJA").await;
    assert!(said(&stopped).contains("ya no le enviaremos avisos"), "{}", said(&stopped));
    practice.set("12T09:00");
    practice.book(jacinta, "13T11:00").await;
    assert!(practice.turn().await.is_empty(), "silence after BAJA");
    let again = practice.writes(JACINTA, "alta").await;
    assert!(said(&again).contains("volverá a recibir"), "{}", said(&again));
}

#[tokio::test]
async fn what_is_not_understood_is_for_a_person_and_what_was_not_sent_is_told_by_telephone() {
    let practice = Practice::on(Engine::Embedded).await;
    let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
    let answer = practice.writes(JACINTA, "Sí, pero desde ayer tengo fiebre").await;
    assert!(
        said(&answer).contains("Una persona de Consultorio Ceiba") && said(&answer).contains("911"),
        "{}",
        said(&answer)
    );
    let body = practice.fake.writes("5215512345678", "¿siguen ahí?", practice.care.now().as_second());
    practice.told(vec![body]).await;
    assert!(practice.turn().await.is_empty(), "it is said once");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.waiting.len(), 1);
    assert_eq!(desk.waiting[0].patients.iter().map(|patient| patient.id).collect::<Vec<_>>(), [jacinta]);
    assert_eq!(desk.waiting[0].texts.len(), 2);
    practice.care.conversation_done(&practice.clinic.reception, desk.waiting[0].who.id).await.unwrap();

    practice.fake.treat(|_, _| Treatment::Refuse(131_026, 400));
    practice.set("12T11:00");
    practice.book(jacinta, "13T10:00").await;
    assert!(practice.turn().await.is_empty());
    assert!(practice.turn().await.is_empty(), "the other form of the number is tried once");
    assert!(practice.turn().await.is_empty());
    assert_eq!(practice.fake.came(), 3, "the answer to her text, and two forms of the number");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert!(desk.waiting.is_empty());
    assert_eq!(desk.unsent.len(), 1);
    assert!(desk.unsent[0].why.contains("llame por teléfono"), "{}", desk.unsent[0].why);
    practice.care.said_by_telephone(&practice.clinic.reception, desk.unsent[0].id).await.unwrap();

    // A bad token stops everything until the owner mended it; nothing is lost.
    practice.fake.treat(|_, _| Treatment::Refuse(190, 401));
    let rosa = practice.patient("Rosa", "222 123 4567", true).await;
    practice.book(rosa, "17T10:00").await;
    assert!(practice.turn().await.is_empty());
    practice.fake.treat(|_, _| Treatment::Accept);
    assert!(practice.turn().await.is_empty(), "nothing is tried while the alarm stands");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.alarms.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), ["token"]);
    practice.care.alarm_mended(&practice.clinic.physician, "token").await.unwrap();
    assert_eq!(practice.turn().await.iter().map(template).collect::<Vec<_>>(), ["cita_agendada"]);
}

// ---- kill -9 ----

/// A clock a hundred times as fast as time, from a moment on that parent and children share.
struct Fast(u128);

impl Clock for Fast {
    fn now(&self) -> Timestamp {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() - self.0;
        at("10T10:00") + SignedDuration::from_millis(i64::try_from(passed * 100).unwrap())
    }
}

const CHILD: &str = "MEDICUS_TEST_SENDER";
const TEST: &str = "killed_at_any_moment_no_message_is_lost_and_none_sent_twice_but_those_nobody_knew_of";

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
    care.record_consent(&physician, patient, &consent(true)).await.unwrap();
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
            message: Message::Welcome,
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
