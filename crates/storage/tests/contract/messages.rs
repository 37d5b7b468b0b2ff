//! Messages to patients: kept once, sent by one, and only to who agreed; notifications kept once and worked on once.

use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{AppointmentId, ConsentId, CorrespondentId, MessageId};
use jiff::SignedDuration;
use storage::{Correspondent, MessageAlarm, MessageState, Notification, OutMessage, Tx, Untold};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    a_message_of_a_visit_is_kept_once_and_sent_by_one_worker,
    only_visits_of_who_agreed_are_told_and_each_as_it_stands,
    a_token_is_good_once,
    a_person_is_found_by_number_or_by_either_id,
    two_workers_that_make_a_person_known_at_once_know_the_same,
    a_notification_is_kept_once_and_forgotten_once_worked_on,
    an_alarm_stays_until_it_is_ended,
);

const WHATSAPP: [&str; 2] = ["whatsapp", "whatsapp_521"];

fn visit(place: &Place, hours: i64) -> Appointment {
    Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        starts_at: at(hours * 3600),
        minutes: 30,
        buffer: 0,
        lane: None,
        room_id: None,
        service: "Subsecuente".to_owned(),
        state: AppointmentState::Booked,
    }
}

fn message(of: &Appointment, purpose: &str) -> OutMessage {
    OutMessage {
        id: MessageId(Uuid::now_v7()),
        correspondent_id: None,
        patient_id: Some(of.patient_id),
        appointment_id: Some(of.id),
        purpose: purpose.to_owned(),
        visit_at: Some(of.starts_at),
        channel: "whatsapp".to_owned(),
        letter: "{}".to_owned(),
        not_before: at(0),
        not_after: at(90_000),
        attempts: 0,
        state: MessageState::Queued,
        doubts: 0,
        meta_id: None,
        failure: None,
        charged: None,
        created_at: at(0),
        changed_at: at(0),
    }
}

async fn answer(tx: &mut Tx, place: &Place, purpose: ConsentPurpose, given: bool, seconds: i64) {
    let consent = Consent {
        id: ConsentId(Uuid::now_v7()),
        patient_id: place.patient,
        purpose,
        text_version: "1".to_owned(),
        given,
        means: ConsentMeans::Paper,
        answered_by: None,
        recorded_by: place.user,
        recorded_at: at(seconds),
        asked: None,
        until: None,
    };
    tx.insert_consent(&consent).await.unwrap();
}

async fn a_message_of_a_visit_is_kept_once_and_sent_by_one_worker(place: Place) {
    let mut tx = place.begin().await;
    let booked = visit(&place, 48);
    tx.insert_appointment(&booked).await.unwrap();
    let first = message(&booked, "booked");
    assert!(tx.insert_message(&first).await.unwrap());
    assert!(!tx.insert_message(&message(&booked, "booked")).await.unwrap(), "a second one is not kept");
    assert!(tx.insert_message(&message(&booked, "day_before")).await.unwrap());
    assert_eq!(tx.messages_due(WHATSAPP, MessageState::Queued, at(0), 10).await.unwrap().len(), 2);
    assert!(tx.messages_due(["email", "paper"], MessageState::Queued, at(0), 10).await.unwrap().is_empty());
    assert!(
        tx.messages_due(WHATSAPP, MessageState::Queued, at(-1), 10).await.unwrap().is_empty(),
        "not before its time"
    );
    let sending = OutMessage { state: MessageState::Sending, attempts: 1, ..first.clone() };
    assert!(tx.settle_message(MessageState::Queued, &sending).await.unwrap());
    assert!(!tx.settle_message(MessageState::Queued, &sending).await.unwrap(), "somebody else has it");
    let taken = OutMessage { state: MessageState::Accepted, meta_id: Some("wamid.1".to_owned()), ..sending };
    assert!(tx.settle_message(MessageState::Sending, &taken).await.unwrap());
    assert_eq!(tx.message_of_meta("wamid.1").await.unwrap(), Some(taken.clone()));
    assert_eq!(tx.message(first.id).await.unwrap(), Some(taken));
    tx.commit().await.unwrap();
}

async fn only_visits_of_who_agreed_are_told_and_each_as_it_stands(place: Place) {
    let mut tx = place.begin().await;
    let booked = visit(&place, 48);
    tx.insert_appointment(&booked).await.unwrap();
    let (from, until) = (at(0), at(100 * 3600));
    let standing = Untold::Standing;
    assert!(tx.visits_untold(standing, from, until, 9).await.unwrap().is_empty(), "nobody agreed");
    answer(&mut tx, &place, ConsentPurpose::Messaging, true, 1).await;
    let found = tx.visits_untold(standing, from, until, 9).await.unwrap();
    assert_eq!(
        found.iter().map(|found| (found.appointment.id, found.known)).collect::<Vec<_>>(),
        [(booked.id, false)]
    );
    answer(&mut tx, &place, ConsentPurpose::Messaging, false, 2).await;
    assert!(tx.visits_untold(standing, from, until, 9).await.unwrap().is_empty(), "they withdrew");
    answer(&mut tx, &place, ConsentPurpose::Email, true, 2).await;
    assert_eq!(tx.visits_untold(standing, from, until, 9).await.unwrap().len(), 1, "e-mail they want");
    answer(&mut tx, &place, ConsentPurpose::Email, false, 3).await;
    answer(&mut tx, &place, ConsentPurpose::Messaging, true, 4).await;

    assert!(tx.insert_message(&message(&booked, "booked")).await.unwrap());
    assert!(tx.visits_untold(standing, from, until, 9).await.unwrap().is_empty(), "it was told");
    assert_eq!(tx.visits_without("day_before", from, until, at(0), 9).await.unwrap().len(), 1);
    let lately = tx.visits_without("day_before", from, until, at(-1), 9).await.unwrap();
    assert!(lately.is_empty(), "something was just said of it");
    assert!(tx.visits_untold(Untold::GivenUp, from, until, 9).await.unwrap().is_empty());
    tx.set_appointment_state(booked.id, AppointmentState::Booked, AppointmentState::Cancelled).await.unwrap();
    assert!(
        tx.visits_without("day_before", from, until, at(0), 9).await.unwrap().is_empty(),
        "nobody is reminded of it"
    );
    assert_eq!(tx.visits_untold(Untold::GivenUp, from, until, 9).await.unwrap().len(), 1);
    let told = message(&booked, "cancelled");
    assert!(tx.insert_message(&told).await.unwrap());
    assert!(tx.visits_untold(Untold::GivenUp, from, until, 9).await.unwrap().is_empty());

    // Taken back: only who was told that it was cancelled is told that it stands.
    tx.set_appointment_state(booked.id, AppointmentState::Cancelled, AppointmentState::Booked).await.unwrap();
    assert!(tx.visits_untold(Untold::Undone, from, until, 9).await.unwrap().is_empty(), "nobody knows of it");
    let sent = OutMessage { state: MessageState::Delivered, ..told };
    assert!(tx.settle_message(MessageState::Queued, &sent).await.unwrap());
    assert_eq!(tx.visits_untold(Untold::Undone, from, until, 9).await.unwrap().len(), 1);
    tx.tell_again(booked.id).await.unwrap();
    let stands = OutMessage { created_at: at(1), ..message(&booked, "undone") };
    assert!(tx.insert_message(&stands).await.unwrap());
    assert!(tx.visits_untold(Untold::Undone, from, until, 9).await.unwrap().is_empty());
    tx.tell_again(booked.id).await.unwrap();
    assert!(!tx.insert_message(&message(&booked, "undone")).await.unwrap(), "two servers say it once");
    tx.set_appointment_state(booked.id, AppointmentState::Booked, AppointmentState::Cancelled).await.unwrap();
    assert_eq!(tx.visits_untold(Untold::GivenUp, from, until, 9).await.unwrap().len(), 1, "it is told again");
    tx.commit().await.unwrap();
}

async fn a_token_is_good_once(place: Place) {
    let mut tx = place.begin().await;
    let booked = visit(&place, 48);
    tx.insert_appointment(&booked).await.unwrap();
    let sent = message(&booked, "booked");
    tx.insert_message(&sent).await.unwrap();
    tx.insert_message_token("00ff", sent.id, Some("{\"a\":1}")).await.unwrap();
    assert_eq!(tx.message_of_token("00fe").await.unwrap(), None);
    let found = tx.message_of_token("00ff").await.unwrap();
    assert_eq!(found, Some((sent.clone(), Some("{\"a\":1}".to_owned()))));
    tx.spend_message_token(sent.id, at(1)).await.unwrap();
    assert_eq!(tx.message_of_token("00ff").await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn a_person_is_found_by_number_or_by_either_id(place: Place) {
    let mut tx = place.begin().await;
    let mut who = Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: Some("525512345678".to_owned()),
        wa_id: None,
        user_id: Some("MX.1".to_owned()),
        number_id: None,
        window_until: Some(at(5)),
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    };
    tx.save_correspondent(&who).await.unwrap();
    who.wa_id = Some("5215512345678".to_owned());
    who.waiting_since = Some(at(9));
    tx.save_correspondent(&who).await.unwrap();
    for (phone, wa_id, user_id) in
        [(Some("525512345678"), None, None), (None, Some("5215512345678"), None), (None, None, Some("MX.1"))]
    {
        assert_eq!(tx.correspondent_of(phone, wa_id, user_id).await.unwrap().as_ref(), Some(&who));
    }
    assert_eq!(tx.correspondent_of(None, None, None).await.unwrap(), None, "nobody has nothing");
    assert_eq!(tx.correspondents_waiting(5).await.unwrap(), [who]);
    tx.commit().await.unwrap();
}

async fn two_workers_that_make_a_person_known_at_once_know_the_same(place: Place) {
    let new = |user_id: Option<&str>| Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: Some("525512345678".to_owned()),
        wa_id: None,
        user_id: user_id.map(str::to_owned),
        number_id: None,
        window_until: None,
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    };
    let (mut one, place) = (place.begin().await, std::sync::Arc::new(place));
    let known = one.make_known(new(Some("MX.1"))).await.unwrap();
    let (other, second) = (std::sync::Arc::clone(&place), new(None));
    let other = tokio::spawn(async move {
        let mut tx = other.begin().await;
        let found = tx.make_known(second).await.unwrap();
        // The turn goes on.
        tx.save_correspondent(&Correspondent { waiting_since: Some(at(9)), ..found.clone() }).await.unwrap();
        tx.commit().await.unwrap();
        found
    });
    one.commit().await.unwrap();
    assert_eq!(other.await.unwrap(), known);
    let mut tx = place.begin().await;
    assert_eq!(tx.correspondents_waiting(5).await.unwrap().len(), 1);
}

async fn a_notification_is_kept_once_and_forgotten_once_worked_on(place: Place) {
    let mut tx = place.begin().await;
    let came = Notification { digest: "d1".to_owned(), body: "{\"hola\":1}".to_owned() };
    tx.keep_notification(&came, at(1)).await.unwrap();
    tx.keep_notification(&came, at(2)).await.unwrap();
    assert_eq!(tx.open_notifications(5).await.unwrap(), [came]);
    assert!(tx.first_seen("m:1", at(3)).await.unwrap());
    assert!(!tx.first_seen("m:1", at(4)).await.unwrap());
    tx.notification_done("d1", at(5)).await.unwrap();
    assert!(tx.open_notifications(5).await.unwrap().is_empty());
    let who = Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: None,
        wa_id: None,
        user_id: Some("MX.9".to_owned()),
        number_id: Some("1122334455667".to_owned()),
        window_until: None,
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    };
    tx.save_correspondent(&who).await.unwrap();
    tx.keep_message_text("m:1", who.id, "hola", at(5)).await.unwrap();
    assert_eq!(tx.message_texts(who.id, 5).await.unwrap(), [(at(5), "hola".to_owned())]);
    assert_eq!(tx.purge_correspondence(at(5) + SignedDuration::from_secs(1)).await.unwrap(), 1);
    assert!(tx.message_texts(who.id, 5).await.unwrap().is_empty());
    tx.commit().await.unwrap();
}

async fn an_alarm_stays_until_it_is_ended(place: Place) {
    let mut tx = place.begin().await;
    let alarm = MessageAlarm { name: "token".to_owned(), detail: String::new(), since: at(1) };
    tx.raise_message_alarm(&alarm).await.unwrap();
    tx.raise_message_alarm(&MessageAlarm { since: at(2), ..alarm.clone() }).await.unwrap();
    assert_eq!(tx.message_alarms().await.unwrap(), [alarm]);
    tx.end_message_alarm("token").await.unwrap();
    assert!(tx.message_alarms().await.unwrap().is_empty());
    tx.commit().await.unwrap();
}
