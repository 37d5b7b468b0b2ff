//! A practice that writes to its patients, for the tests beside it.

use std::sync::Arc;

use care::Care;
use care::agenda_setup::ShiftForm;
use care::booking::{Booker, Fit, NewBooking};
use care::consents::ConsentForm;
use care::messages::{Channels, SettingsForm};
use care::patients::PatientForm;
use clinical::encounter::Appointment;
use clinical::ids::{PatientId, ServiceId};
use jiff::{SignedDuration, Timestamp};
use messaging::channel::{Channel, WhatsApp};
use messaging::graph::{Graph, Sender};
use serde_json::Value;
use test_support::whatsapp::{FakeWhatsApp, NUMBER_ID, OTHER_NUMBER_ID, TOKEN};
use test_support::{Clinic, Engine};
use zeroize::Zeroizing;

/// Two numbers of the fake account.
pub(crate) fn channels(base: &str) -> Channels {
    let number = |id: &str| -> (String, Arc<dyn Channel>) {
        let graph = Graph::new(base, "v25.0").unwrap();
        let sender = Sender { number_id: id.to_owned(), token: Zeroizing::new(TOKEN.to_owned()) };
        (id.to_owned(), Arc::new(WhatsApp { graph, sender }))
    };
    Channels::default().with_numbers(vec![number(NUMBER_ID), number(OTHER_NUMBER_ID)])
}

pub(crate) fn notice() -> String {
    "Aviso de privacidad de prueba, con todo lo que pide la ley. ".repeat(8)
}

pub(crate) fn form(given: &str, phone: &str) -> PatientForm {
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

pub(crate) fn consent(purpose: &str, given: bool) -> ConsentForm {
    ConsentForm {
        purpose: purpose.to_owned(),
        given,
        means: "paper".to_owned(),
        answered_by: String::new(),
        version: 1,
        today_only: false,
    }
}

pub(crate) struct Practice {
    pub(crate) clinic: Clinic,
    pub(crate) care: Care,
    pub(crate) fake: FakeWhatsApp,
    pub(crate) service: ServiceId,
}

impl Practice {
    pub(crate) async fn on(engine: Engine) -> Self {
        Self::with(engine, channels).await
    }

    /// With the ways to patients that are made of the address of the fake WhatsApp.
    pub(crate) async fn with(engine: Engine, ways: impl FnOnce(&str) -> Channels) -> Self {
        let clinic = Clinic::on(engine).await;
        let fake = FakeWhatsApp::start().await;
        let care = clinic.care.clone().with_channels(ways(&fake.base()));
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

    pub(crate) async fn patient(&self, given: &str, phone: &str, agrees: bool) -> PatientId {
        let form = form(given, phone);
        let id = self.care.register_patient(&self.clinic.physician, &form).await.unwrap().id;
        if agrees {
            self.answer_consent(id, true).await;
        }
        id
    }

    pub(crate) async fn answer_consent(&self, id: PatientId, given: bool) {
        self.answer(id, "messaging", given).await;
    }

    pub(crate) async fn answer(&self, id: PatientId, purpose: &str, given: bool) {
        self.care.record_consent(&self.clinic.reception, id, &consent(purpose, given)).await.unwrap();
    }

    pub(crate) async fn book(&self, patient: PatientId, when: &str) -> Appointment {
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
    pub(crate) async fn turn(&self) -> Vec<Value> {
        let before = self.fake.taken().len();
        self.care.work_notifications().await.unwrap();
        self.care.plan_messages().await.unwrap();
        self.care.send_messages().await.unwrap();
        self.fake.taken().split_off(before)
    }

    pub(crate) async fn told(&self, notifications: Vec<Vec<u8>>) {
        self.care.keep_notifications(&notifications).await.unwrap();
    }

    /// A patient writes, from the old form of their number; what they are answered. Meta tells it twice.
    pub(crate) async fn writes(&self, phone: &str, text: &str) -> Value {
        let body = self.fake.writes(&format!("521{phone}"), text, self.care.now().as_second());
        self.told(vec![body.clone(), body]).await;
        self.one().await
    }

    pub(crate) async fn touches(&self, phone: &str, reply: &str) -> Value {
        let body = self.fake.touches(&format!("521{phone}"), reply, self.care.now().as_second());
        self.told(vec![body]).await;
        self.one().await
    }

    pub(crate) async fn one(&self) -> Value {
        let sent = self.turn().await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.into_iter().next().unwrap()
    }

    pub(crate) async fn state(&self, visit: &Appointment) -> Appointment {
        self.care.visit(&self.clinic.reception, visit.id).await.unwrap().0.appointment
    }

    pub(crate) fn set(&self, when: &str) {
        self.clinic.clock.set(at(when));
    }

    /// Until who freed a time can no longer take it back and who waits is told of it.
    pub(crate) fn pass_the_undoing(&self) {
        self.clinic.clock.set(self.care.now() + SignedDuration::from_mins(2));
    }
}

/// March 2026, in central Mexico; the clinic opens on Tuesday the 10th at ten.
pub(crate) fn at(day_and_time: &str) -> Timestamp {
    format!("2026-03-{day_and_time}:00-06:00").parse().unwrap()
}

pub(crate) fn said(body: &Value) -> String {
    ["/text/body", "/interactive/body/text"]
        .iter()
        .find_map(|path| body.pointer(path)?.as_str())
        .unwrap_or_default()
        .to_owned()
}

pub(crate) fn template(body: &Value) -> &str {
    body.pointer("/template/name").and_then(Value::as_str).unwrap_or_default()
}

/// What comes back from a button of a template, by its place.
pub(crate) fn payload(body: &Value, button: usize) -> String {
    body.pointer(&format!("/template/components/{}/parameters/0/payload", button + 1))
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) fn row(body: &Value, at: usize) -> (String, String) {
    let row = body.pointer(&format!("/interactive/action/sections/0/rows/{at}")).unwrap();
    (row["id"].as_str().unwrap().to_owned(), row["title"].as_str().unwrap().to_owned())
}

pub(crate) const JACINTA: &str = "5512345678";
pub(crate) const ROSA: &str = "2221234567";
