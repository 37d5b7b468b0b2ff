//! A phone as the microphone of a consultation, on both engines: a link counts once and for minutes, the phone records that
//! consultation for who lent it and nothing else, and it is over with the recording, the consent, the account or the visit.

use care::accounts::AccountChange;
use care::audit::AuditFilter;
use care::consents::ConsentForm;
use care::phone::{PhoneMicrophone, PhoneToken, PhoneView};
use care::recordings::RecordingStep;
use care::session::Client;
use care::{CareError, Role};
use clinical::consent::ConsentPurpose;
use clinical::ids::{EncounterId, PatientId, RecordingId};
use clinical::recording::RecordingState;
use jiff::SignedDuration;
use storage::Piece;
use test_support::{Clinic, Engine, engines};

const ADDRESS: &str = "192.168.1.40";

fn piece(number: i64) -> Piece {
    Piece { number, begins_ms: number * 1000, content: vec![u8::try_from(number + 1).unwrap(); 32_000] }
}

fn browser() -> Client {
    Client { origin: ADDRESS.to_owned(), browser: "Safari en iPhone".to_owned() }
}

struct Visit {
    clinic: Clinic,
    patient: PatientId,
    visit: EncounterId,
}

impl Visit {
    /// A consultation whose patient lets it be recorded.
    async fn on(engine: Engine) -> Self {
        let clinic = Clinic::on(engine).await;
        let text = "Aviso de privacidad de prueba. ".repeat(20);
        clinic.care.publish_notice(&clinic.physician, &text).await.unwrap();
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let visit = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
        let own = Self { clinic, patient, visit };
        own.answer(true).await;
        own
    }

    async fn answer(&self, given: bool) {
        let form = ConsentForm {
            purpose: ConsentPurpose::RecordConversation.code().to_owned(),
            given,
            means: if given { "screen" } else { "spoken" }.to_owned(),
            version: 1,
            ..ConsentForm::default()
        };
        self.clinic.care.record_consent(&self.clinic.physician, self.patient, &form).await.unwrap();
    }

    async fn lend(&self) -> Result<PhoneToken, CareError> {
        self.clinic.care.lend_microphone(&self.clinic.physician, self.visit).await
    }

    async fn joined(&self) -> PhoneToken {
        let link = self.lend().await.unwrap();
        self.clinic.care.join_microphone(&link, &browser()).await.unwrap()
    }

    async fn phone(&self, token: &PhoneToken) -> Result<PhoneMicrophone, CareError> {
        self.clinic.care.phone(token, ADDRESS).await
    }

    /// A phone that records, and what.
    async fn recording(&self) -> (PhoneToken, RecordingId) {
        let token = self.joined().await;
        let phone = self.phone(&token).await.unwrap();
        let begun = self.clinic.care.phone_begins(&phone).await.unwrap();
        (token, begun.recording.id)
    }

    async fn keep(&self, token: &PhoneToken, number: i64) -> Result<(), CareError> {
        self.clinic.care.phone_keeps(&self.phone(token).await?, piece(number)).await
    }

    async fn seen(&self) -> Option<PhoneView> {
        self.clinic.care.lent_phone(&self.clinic.physician, self.visit).await.unwrap()
    }

    fn later(&self, minutes: i64) {
        self.clinic.clock.set(self.clinic.care.now() + SignedDuration::from_mins(minutes));
    }
}

#[track_caller]
fn refused<T>(done: Result<T, CareError>, words: &str) {
    let why = done.err().map(|error| error.to_string());
    assert!(why.as_ref().is_some_and(|why| why.contains(words)), "{words}: {why:?}");
}

#[tokio::test]
async fn a_link_counts_once_for_minutes_and_only_for_who_may_record() {
    for engine in engines() {
        let desk = Visit::on(engine).await;
        let care = &desk.clinic.care;
        refused(care.lend_microphone(&desk.clinic.reception, desk.visit).await, "Recepción no puede");
        let link = desk.lend().await.unwrap();
        refused(desk.phone(&link).await, "no está conectado");
        let own = care.join_microphone(&link, &browser()).await.unwrap();
        refused(care.join_microphone(&link, &browser()).await, "ya se usó");
        refused(desk.phone(&link).await, "no está conectado");
        assert!(desk.phone(&own).await.unwrap().recording().is_none());
        assert_eq!(desk.seen().await, Some(PhoneView::Joined("Safari en iPhone".to_owned())));

        let late = desk.lend().await.unwrap();
        refused(desk.phone(&own).await, "no está conectado");
        desk.later(5);
        assert_eq!(desk.seen().await, None);
        refused(care.join_microphone(&late, &browser()).await, "caducó");
        refused(care.join_microphone(&PhoneToken::of("inventado"), &browser()).await, "ya se usó");
        // One that joined and does not record is over, too.
        let idle = desk.joined().await;
        desk.later(15);
        refused(desk.phone(&idle).await, "no está conectado");

        let page = care.audit_events(&desk.clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told: Vec<_> = page.events.iter().filter(|(event, _)| event.entity == "phone").collect();
        let tried = told.iter().filter(|(event, _)| event.actor.is_none() && event.origin == ADDRESS).count();
        assert_eq!(tried, 3, "who tried a link that does not count");
        let joined = told.iter().any(|(event, _)| {
            event.origin == ADDRESS
                && event.actor == Some(desk.clinic.physician.user_id)
                && event.patient_id == Some(desk.patient)
                && event.reason.as_deref() == Some("se conecta Safari en iPhone")
        });
        assert!(joined, "{told:?}");
    }
}

#[tokio::test]
async fn what_a_phone_records_is_a_recording_like_any_other_and_ends_its_right() {
    for engine in engines() {
        let desk = Visit::on(engine).await;
        let care = &desk.clinic.care;
        let (token, id) = desk.recording().await;
        let again = care.phone_begins(&desk.phone(&token).await.unwrap()).await.unwrap();
        assert_eq!(again.recording.id, id, "an answer that was lost is given again");
        for number in [0, 1, 1] {
            desk.keep(&token, number).await.unwrap();
        }
        let step = async |step| care.phone_steps(&desk.phone(&token).await?, step).await;
        step(RecordingStep::Pause).await.unwrap();
        refused(desk.keep(&token, 2).await, "en pausa");
        step(RecordingStep::Resume).await.unwrap();
        desk.keep(&token, 2).await.unwrap();
        let seen = desk.seen().await;
        assert!(
            matches!(&seen, Some(PhoneView::Recording(_, recording)) if recording.pieces == 3),
            "{seen:?}"
        );
        step(RecordingStep::End(Some(3))).await.unwrap();
        let ended = step(RecordingStep::End(Some(3))).await.unwrap();
        assert_eq!((ended.id, ended.state, ended.missing()), (id, RecordingState::Ended, 0));
        refused(care.phone_begins(&desk.phone(&token).await.unwrap()).await.map(drop), "ya terminó");
        desk.later(2);
        refused(desk.phone(&token).await, "no está conectado");
        assert_eq!(desk.seen().await, None);
        let sound = care.sound_part(&desk.clinic.physician, id, 0, 200_000).await.unwrap();
        let expected: Vec<u8> = (0..3).flat_map(|number| piece(number).content).collect();
        assert!(sound == expected, "every second once and in order");
    }
}

#[tokio::test]
async fn the_desk_stops_a_phone_and_a_phone_stops_with_the_consent_the_account_and_the_visit() {
    for engine in engines() {
        let desk = Visit::on(engine).await;
        let care = &desk.clinic.care;
        let (token, id) = desk.recording().await;
        desk.keep(&token, 0).await.unwrap();
        care.take_back_microphone(&desk.clinic.physician, desk.visit).await.unwrap();
        refused(desk.keep(&token, 1).await, "no está conectado");
        let stopped = care.recording_status(&desk.clinic.physician, id).await.unwrap().recording;
        assert_eq!((stopped.state, stopped.pieces), (RecordingState::Ended, 1));

        // Another device of the same visit takes over.
        let (token, _) = desk.recording().await;
        care.begin_recording(&desk.clinic.physician, desk.visit).await.unwrap();
        refused(desk.keep(&token, 0).await, "ya terminó");

        let (token, _) = desk.recording().await;
        desk.answer(false).await;
        refused(desk.keep(&token, 0).await, "ya no acepta");
        desk.answer(true).await;
        refused(desk.keep(&token, 0).await, "no está conectado");

        let token = desk.joined().await;
        let left = AccountChange {
            display_name: desk.clinic.physician.display_name.clone(),
            roles: vec![Role::Auditor, Role::Administrator],
            active: true,
            ..AccountChange::default()
        };
        care.change_account(&desk.clinic.physician, desk.clinic.physician.user_id, &left).await.unwrap();
        refused(desk.phone(&token).await, "no está conectado");
        let back = AccountChange { roles: vec![Role::Physician, Role::Administrator], ..left };
        care.change_account(&desk.clinic.physician, desk.clinic.physician.user_id, &back).await.unwrap();

        let (token, _) = desk.recording().await;
        desk.clinic.sign_visit(&desk.clinic.physician, desk.visit).await;
        refused(desk.keep(&token, 0).await, "la consulta terminó");
        refused(desk.lend().await, "");
    }
}
