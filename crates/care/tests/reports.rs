//! Reports of the practice: made once for each stretch of days whatever happens to the server, sent until they went, and never by two
//! at a time; on both engines.

use std::io;
use std::sync::{Arc, Mutex};

use care::messages::Channels;
use care::reports::{PlanForm, ReportFolder};
use care::{Care, CareError};
use jiff::Timestamp;
use messaging::channel::{Channel, Sending};
use messaging::graph::{Alarm, Class, Failure, NO_CODE, Outcome, Window};
use messaging::letter::Letter;
use messaging::report::Report;
use storage::{BlobStore, Database, DeliveryState};
use test_support::{Clinic, engines};

/// A server of e-mail: what it took, and what it answers next.
#[derive(Default)]
struct Mail {
    taken: Mutex<Vec<(String, String, Report)>>,
    refuses: Mutex<Vec<Class>>,
    hangs: Mutex<bool>,
}

impl Channel for Mail {
    fn send<'a>(&'a self, _: &'a str, _: &'a Letter, _: Window, _: &'a str) -> Sending<'a> {
        Box::pin(async { Outcome::ByHand })
    }

    fn send_report<'a>(&'a self, to: &'a str, report: &'a Report, callback: &'a str) -> Sending<'a> {
        Box::pin(async move {
            if *self.hangs.lock().unwrap() {
                std::future::pending::<()>().await;
            }
            if let Some(class) = self.refuses.lock().unwrap().pop() {
                return Outcome::Failed(Failure { code: NO_CODE, class });
            }
            self.taken.lock().unwrap().push((to.to_owned(), callback.to_owned(), report.clone()));
            Outcome::Accepted { id: callback.to_owned(), wa_id: None }
        })
    }
}

impl Mail {
    fn addresses(&self) -> Vec<String> {
        let mut all: Vec<String> = self.taken.lock().unwrap().iter().map(|(to, ..)| to.clone()).collect();
        all.sort();
        all
    }
}

/// A folder that may be full.
#[derive(Default)]
struct Folder {
    files: Mutex<Vec<String>>,
    full: Mutex<bool>,
}

impl ReportFolder for Folder {
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        assert!(bytes.starts_with(b"%PDF"), "a PDF");
        if *self.full.lock().unwrap() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.files.lock().unwrap().push(name.to_owned());
        Ok(())
    }
}

struct World {
    clinic: Clinic,
    care: Care,
    mail: Arc<Mail>,
    folder: Arc<Folder>,
}

/// Tuesday, March 10th: a practice with a patient, e-mail and a folder.
async fn world(engine: test_support::Engine) -> World {
    let clinic = Clinic::on(engine).await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    clinic.signed_note(&clinic.physician, patient).await;
    let (mail, folder) = (Arc::new(Mail::default()), Arc::new(Folder::default()));
    let care = equipped(&clinic.care, &mail, &folder);
    World { clinic, care, mail, folder }
}

fn equipped(care: &Care, mail: &Arc<Mail>, folder: &Arc<Folder>) -> Care {
    let channels = Channels::default().with_mail(Arc::clone(mail) as Arc<dyn Channel>);
    care.clone().with_channels(channels).with_report_folder(Arc::clone(folder) as Arc<dyn ReportFolder>)
}

fn form(cadence: &str, addresses: &str) -> PlanForm {
    PlanForm {
        cadence: cadence.to_owned(),
        boards: ["practica", "epidemiologia", "pendientes", "calidad"].map(str::to_owned).to_vec(),
        addresses: addresses.to_owned(),
        folder: true,
    }
}

impl World {
    fn at(&self, moment: &str) {
        self.clinic.clock.set(moment.parse::<Timestamp>().unwrap());
    }

    /// What the program does every minute.
    async fn round(&self) -> usize {
        let made = self.care.make_due_reports().await.unwrap();
        while self.care.send_next_report().await.unwrap() {}
        made
    }

    async fn states(&self) -> Vec<(String, DeliveryState, Option<String>)> {
        let desk = self.care.report_desk(&self.clinic.physician).await.unwrap();
        let ways = desk.made.into_iter().flat_map(|made| made.ways);
        ways.map(|way| (way.address, way.state, way.problem)).collect()
    }
}

/// What the paper says, where poppler is installed.
fn printed(pdf: &[u8]) -> Option<String> {
    let place = std::env::temp_dir().join(format!("medicus-informe-{}.pdf", uuid::Uuid::now_v7().simple()));
    std::fs::write(&place, pdf).unwrap();
    let read = std::process::Command::new("pdftotext").arg("-layout").arg(&place).arg("-").output();
    std::fs::remove_file(&place).unwrap();
    let Ok(read) = read else {
        println!("skipped: pdftotext (poppler-utils) is not installed");
        return None;
    };
    assert!(read.status.success());
    Some(String::from_utf8(read.stdout).unwrap())
}

#[tokio::test]
async fn a_report_is_made_once_when_its_days_are_over_though_nobody_was_there_at_the_hour() {
    for engine in engines() {
        let world = world(engine).await;
        let plan = form("weekly", "ines@consultorio.mx\nana@consultorio.mx, ines@consultorio.mx");
        world.care.save_report_plan(&world.clinic.physician, &plan).await.unwrap();
        assert_eq!(world.round().await, 0, "the week is not over, and none before it was asked for");
        // Sunday, 5:59 in Mexico City; then off until Thursday of the week after the next.
        world.at("2026-03-15T11:59:00Z");
        assert_eq!(world.round().await, 0);
        world.at("2026-03-26T20:00:00Z");
        assert_eq!(world.round().await, 2, "both weeks that ended meanwhile");
        assert_eq!(world.round().await, 0, "and none of them again");
        let both = ["ana@consultorio.mx", "ines@consultorio.mx"];
        assert_eq!(world.mail.addresses(), [both[0], both[0], both[1], both[1]]);
        let files = world.folder.files.lock().unwrap().clone();
        assert_eq!(files, ["informe-semanal-2026-03-08.pdf", "informe-semanal-2026-03-15.pdf"]);
        let (_, _, sent) = world.mail.taken.lock().unwrap()[0].clone();
        assert_eq!(sent.title, "Informe semanal del consultorio: del 8 al 14 de marzo de 2026");
        assert!(sent.pdf.starts_with(b"%PDF"));
        let mut told = [sent.title.as_str(), &sent.file_name, &sent.text()].concat();
        if let Some(printed) = printed(&sent.pdf) {
            for part in
                ["El consultorio", "Consultas por día", "Pendientes de atención", "menos de 5", "Página 1 de"]
            {
                assert!(printed.contains(part), "{part}: {printed}");
            }
            told.push_str(&printed);
        }
        assert!(!told.contains("Jacinta") && !told.contains("Ahuehuete"), "{told}");
        let desk = world.care.report_desk(&world.clinic.auditor).await.unwrap();
        assert!(desk.made.len() == 2 && desk.made.iter().all(|made| made.ways.is_empty()), "no addresses");
        let file = world.care.report_file(&world.clinic.auditor, desk.made[1].report.id).await.unwrap();
        assert_eq!(file.bytes, sent.pdf, "what is kept is what was sent");
        let refused = world.care.report_desk(&world.clinic.reception).await;
        assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
        let refused = world.care.save_report_plan(&world.clinic.auditor, &plan).await;
        assert!(matches!(refused, Err(CareError::Denied { .. })), "{refused:?}");
        let report = storage::verify::verify(world.care.database(), world.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn two_servers_make_and_send_each_report_once() {
    for engine in engines() {
        let world = world(engine).await;
        let plan = form("monthly", "ines@consultorio.mx");
        world.care.save_report_plan(&world.clinic.physician, &plan).await.unwrap();
        world.at("2026-04-01T13:00:00Z");
        // A server of its own on the same database and files.
        let (key, now) = (&world.clinic.key, world.clinic.care.now());
        let database = Database::open(&world.clinic.url, key, now).await.unwrap();
        let blobs = BlobStore::open(&world.clinic.directory.join("archivos"), key).unwrap();
        let renderer = Arc::new(documents::Renderer::new().unwrap());
        let other =
            Care::new(database, blobs, renderer, Arc::clone(&world.clinic.clock) as Arc<dyn care::Clock>);
        let other = equipped(&other, &world.mail, &world.folder);
        let work = |care: Care| async move {
            let made = care.make_due_reports().await.unwrap();
            while care.send_next_report().await.unwrap() {}
            made
        };
        let (one, two) =
            tokio::join!(tokio::spawn(work(world.care.clone())), tokio::spawn(work(other.clone())));
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        // Whoever found nothing to take while the other was at it.
        while world.care.send_next_report().await.unwrap() {}
        assert_eq!(world.mail.addresses(), ["ines@consultorio.mx"]);
        assert_eq!(world.folder.files.lock().unwrap().len(), 1);
        other.database().close().await;
    }
}

#[tokio::test]
async fn a_server_killed_while_it_sends_leaves_the_report_to_be_sent() {
    for engine in engines() {
        let world = world(engine).await;
        let plan = PlanForm { folder: false, ..form("weekly", "ines@consultorio.mx") };
        world.care.save_report_plan(&world.clinic.physician, &plan).await.unwrap();
        world.at("2026-03-15T13:00:00Z");
        assert_eq!(world.care.make_due_reports().await.unwrap(), 1);
        *world.mail.hangs.lock().unwrap() = true;
        let sending = tokio::spawn({
            let care = world.care.clone();
            async move { care.send_next_report().await }
        });
        // It is on its way once it is taken.
        while world.states().await[0].1 != DeliveryState::Sending {
            tokio::task::yield_now().await;
        }
        sending.abort();
        assert!(sending.await.is_err());
        *world.mail.hangs.lock().unwrap() = false;
        assert!(!world.care.send_next_report().await.unwrap(), "for a while it is still that server's");
        world.at("2026-03-15T13:06:00Z");
        assert_eq!(world.round().await, 0);
        assert_eq!(world.states().await, [("ines@consultorio.mx".to_owned(), DeliveryState::Sent, None)]);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_tried_again_said_in_words_and_sent_when_asked() {
    for engine in engines() {
        let world = world(engine).await;
        let plan = form("weekly", "ines@consultorio.mx");
        world.care.save_report_plan(&world.clinic.physician, &plan).await.unwrap();
        world.at("2026-03-15T13:00:00Z");
        *world.folder.full.lock().unwrap() = true;
        *world.mail.refuses.lock().unwrap() = vec![Class::Stop(Alarm::Mail), Class::Transient];
        world.round().await;
        let said: Vec<String> =
            world.states().await.into_iter().filter_map(|(.., problem)| problem).collect();
        assert_eq!(
            said,
            ["No se pudo guardar en la carpeta: el disco está lleno", "El servidor de correo no responde"]
        );
        world.at("2026-03-15T13:02:00Z");
        world.round().await;
        let said = world.states().await[1].2.clone();
        assert_eq!(said.as_deref(), Some("El servidor de correo no acepta la cuenta o la contraseña"));
        world.at("2026-03-15T13:30:00Z");
        world.round().await;
        assert_eq!(world.states().await[1].1, DeliveryState::Sent);
        // The disk stays full for days.
        world.at("2026-03-19T13:30:00Z");
        world.round().await;
        assert_eq!(world.states().await[0].1, DeliveryState::Failed);
        *world.folder.full.lock().unwrap() = false;
        let id = world.care.report_desk(&world.clinic.physician).await.unwrap().made[0].report.id;
        world.care.send_report_again(&world.clinic.physician, id).await.unwrap();
        world.round().await;
        assert_eq!(world.states().await[0].1, DeliveryState::Sent);
        let nothing = world.care.send_report_again(&world.clinic.physician, id).await;
        assert!(matches!(nothing, Err(CareError::NotFound { .. })), "{nothing:?}");
        assert_eq!(world.mail.addresses().len(), 1, "what went is not sent again");
    }
}

#[tokio::test]
async fn one_is_made_by_hand_once_however_often_the_button_is_pressed_and_a_preview_is_not_kept() {
    for engine in engines() {
        let world = world(engine).await;
        let nothing = world.care.preview_report(&world.clinic.physician).await;
        assert!(matches!(nothing, Err(CareError::NotFound { .. })), "{nothing:?}");
        let plan = form("weekly", "ines@consultorio.mx");
        world.care.save_report_plan(&world.clinic.physician, &plan).await.unwrap();
        assert!(world.care.preview_report(&world.clinic.physician).await.unwrap().bytes.starts_with(b"%PDF"));
        let desk = world.care.report_desk(&world.clinic.physician).await.unwrap();
        assert!(desk.made.is_empty());
        for _ in 0..2 {
            world.care.make_report_now(&world.clinic.physician, &desk.fresh.to_string()).await.unwrap();
        }
        world.round().await;
        assert_eq!(world.mail.addresses().len(), 1);
        let desk = world.care.report_desk(&world.clinic.physician).await.unwrap();
        assert!(desk.made.len() == 1 && !desk.made[0].report.planned);
    }
}

#[tokio::test]
async fn a_plan_is_refused_with_what_to_change() {
    let world = world(test_support::Engine::Embedded).await;
    let plain = &world.clinic.care;
    let many: String = (0..11).map(|n| format!("a{n}@b.mx ")).collect();
    for (care, wrong, field) in [
        (&world.care, PlanForm { cadence: "daily".to_owned(), ..form("weekly", "") }, "cada"),
        (&world.care, PlanForm { boards: Vec::new(), ..form("weekly", "") }, "tableros"),
        (&world.care, form("weekly", "ines"), "correos"),
        (&world.care, form("weekly", &many), "correos"),
        (plain, PlanForm { folder: false, ..form("weekly", "a@b.mx") }, "correos"),
        (plain, form("weekly", ""), "carpeta"),
    ] {
        let refused = care.save_report_plan(&world.clinic.physician, &wrong).await;
        assert!(
            matches!(&refused, Err(CareError::Invalid(errors)) if errors[0].field == field),
            "{field}: {refused:?}"
        );
    }
    // Nothing is made after it was turned off.
    world.care.save_report_plan(&world.clinic.physician, &form("weekly", "")).await.unwrap();
    world.care.save_report_plan(&world.clinic.physician, &PlanForm::default()).await.unwrap();
    world.at("2026-04-15T13:00:00Z");
    assert_eq!(world.care.make_due_reports().await.unwrap(), 0);
}
