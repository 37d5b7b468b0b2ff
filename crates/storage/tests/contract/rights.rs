//! Deliveries, retention and ARCO requests.

use clinical::arco::{ArcoContent, ArcoRight, ArcoStep, Requester};
use clinical::attachment::AttachmentCategory;
use clinical::business_days::MarkedDay;
use clinical::delivery::{Basis, DeliveryContent, DeliveryMeans, Recipient, WrittenRequest};
use clinical::ids::{ArcoId, DeliveryId, EntryId, HoldId, MergeId};
use jiff::civil::date;
use storage::{Act, NewArcoRequest, PageRequest, StorageError};
use uuid::Uuid;

use crate::attachments::attached;
use crate::external::brought;
use crate::place::{Place, at, named};

on_both_engines!(
    a_delivery_keeps_its_request_and_is_voided_only_once,
    the_last_act_is_the_latest_of_all_joined_records,
    an_act_of_another_establishment_keeps_a_record_too,
    a_record_past_its_date_is_listed_unless_it_is_on_hold,
    an_archived_record_leaves_the_daily_list_and_is_still_found,
    of_two_who_write_the_next_step_the_second_is_told,
    a_marked_day_takes_the_place_of_the_one_before,
);

fn act(place: &Place, seconds: i64) -> Act<'static> {
    Act { by: place.user, at: at(seconds), reason: "motivo" }
}

/// A delivery of the patient on a written request.
pub(crate) async fn delivered(place: &Place, seconds: i64) -> DeliveryId {
    let file = attached(place, seconds).await;
    assert_ne!(file.category, AttachmentCategory::Other);
    let content = DeliveryContent {
        recipient: Recipient::Insurer,
        basis: Basis::Written(WrittenRequest {
            by: "Ana Ficticia, titular".to_owned(),
            reason: "reembolso".to_owned(),
            on: date(2026, 3, 1),
            attachment: file.id,
        }),
        received_by: "Seguros Inventados".to_owned(),
        identification: None,
        documents: Vec::new(),
        other: Some("Copia de estudio".to_owned()),
        means: DeliveryMeans::Sent,
        on: date(2026, 3, 2),
    };
    let id = DeliveryId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_delivery(id, place.patient, &content, place.user, at(seconds)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A request with one step.
pub(crate) async fn asked(place: &Place, seconds: i64) -> ArcoId {
    let id = ArcoId(Uuid::now_v7());
    let new = NewArcoRequest {
        id,
        patient_id: Some(place.patient),
        received_on: date(2026, 3, 10),
        content: ArcoContent {
            right: ArcoRight::Access,
            holder: "Ana Ficticia".to_owned(),
            requester: Requester::Holder,
            identity: "credencial".to_owned(),
            reply_to: "Calle Inventada 1".to_owned(),
            description: "copia de todo".to_owned(),
        },
        by: place.user,
        at: at(seconds),
    };
    let mut tx = place.begin().await;
    tx.insert_arco(&new).await.unwrap();
    let step = ArcoStep::DataNeeded { what: "identificación".to_owned() };
    tx.insert_arco_step(id, 1, date(2026, 3, 11), &step, place.user, at(seconds)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn a_delivery_keeps_its_request_and_is_voided_only_once(place: Place) {
    let (first, second) = (delivered(&place, 1).await, delivered(&place, 2).await);
    let mut tx = place.begin().await;
    let list = tx.deliveries(place.patient).await.unwrap();
    assert_eq!(list.iter().map(|one| (one.id, one.number)).collect::<Vec<_>>(), [(second, 2), (first, 1)]);
    assert!(matches!(list[0].content.basis, Basis::Written(_)));
    tx.void_delivery(first, act(&place, 3)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let voided = tx.delivery(first).await.unwrap().unwrap().voided.unwrap();
    assert_eq!((voided.1, voided.2.as_str()), (at(3), "motivo"));
    let again = tx.void_delivery(first, act(&place, 4)).await;
    assert!(matches!(again, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{again:?}");
}

async fn the_last_act_is_the_latest_of_all_joined_records(place: Place) {
    let other = place.new_patient(&named("Otra", "Ficticia", "Luna"), 1).await.id;
    let mut tx = place.begin().await;
    assert_eq!(tx.last_act(place.patient).await.unwrap(), None);
    tx.rollback().await.unwrap();
    let act_at = place.sign(None, None, "primero", 5).await.act_at;
    let mut tx = place.begin().await;
    assert_eq!(tx.last_act(place.patient).await.unwrap(), Some(act_at));
    assert_eq!(tx.last_act(other).await.unwrap(), None);
    let merge = MergeId(Uuid::now_v7());
    tx.merge_records(merge, other, place.patient, act(&place, 6)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(tx.last_act(other).await.unwrap(), Some(act_at));
    let past = tx.records_past(at(1_000_000), date(2026, 3, 9), PageRequest::first(9)).await.unwrap();
    assert_eq!(past.items.iter().map(|one| one.patient.id).collect::<Vec<_>>(), [other]);
}

async fn an_act_of_another_establishment_keeps_a_record_too(place: Place) {
    let there = brought(&place, 2).await.head.act_at;
    let mut tx = place.begin().await;
    assert_eq!(tx.last_act(place.patient).await.unwrap(), Some(there));
    let (today, first) = (date(2026, 3, 9), PageRequest::first(9));
    assert_eq!(tx.records_past(there, today, first).await.unwrap().total, 0, "on its very instant");
    tx.rollback().await.unwrap();
    let here = place.sign(None, None, "primero", 5).await.act_at;
    assert!(here < there);
    let mut tx = place.begin().await;
    assert_eq!(tx.last_act(place.patient).await.unwrap(), Some(there));
    assert_eq!(tx.records_past(there, today, first).await.unwrap().total, 0, "the latest counts");
    assert_eq!(tx.records_past(at(1), today, first).await.unwrap().total, 1);
}

async fn a_record_past_its_date_is_listed_unless_it_is_on_hold(place: Place) {
    let act_at = place.sign(None, None, "primero", 5).await.act_at;
    let first = PageRequest::first(9);
    let today = date(2031, 3, 9);
    let mut tx = place.begin().await;
    assert_eq!(tx.records_past(act_at, today, first).await.unwrap().total, 0, "on its very instant");
    assert_eq!(tx.records_past(at(99), today, first).await.unwrap().total, 1);
    let hold = HoldId(Uuid::now_v7());
    tx.insert_hold(hold, place.patient, Some(today), act(&place, 6)).await.unwrap();
    assert_eq!(tx.records_past(at(99), today, first).await.unwrap().total, 0);
    assert_eq!(tx.live_holds(today).await.unwrap().len(), 1);
    let after = today.tomorrow().unwrap();
    assert_eq!(tx.records_past(at(99), after, first).await.unwrap().total, 1, "its day has passed");
    let open = HoldId(Uuid::now_v7());
    tx.insert_hold(open, place.patient, None, act(&place, 7)).await.unwrap();
    assert_eq!(tx.records_past(at(99), after, first).await.unwrap().total, 0);
    tx.lift_hold(open, act(&place, 8)).await.unwrap();
    assert_eq!(tx.records_past(at(99), after, first).await.unwrap().total, 1, "it was lifted");
    let holds = tx.holds(place.patient).await.unwrap();
    assert_eq!(holds.iter().map(|one| one.lifted.is_some()).collect::<Vec<_>>(), [true, false]);
}

async fn an_archived_record_leaves_the_daily_list_and_is_still_found(place: Place) {
    let mut tx = place.begin().await;
    let name = tx.patient(place.patient).await.unwrap().unwrap().full_name();
    let daily = tx.recent_patients(PageRequest::first(9)).await.unwrap().total;
    tx.move_to_archive(EntryId(Uuid::now_v7()), place.patient, true, act(&place, 1)).await.unwrap();
    assert!(tx.is_archived(place.patient).await.unwrap());
    assert_eq!(tx.recent_patients(PageRequest::first(9)).await.unwrap().total, daily - 1);
    let found = tx.find_patients(&name, PageRequest::first(9)).await.unwrap();
    assert!(found.items.iter().any(|patient| patient.id == place.patient));
    tx.move_to_archive(EntryId(Uuid::now_v7()), place.patient, false, act(&place, 2)).await.unwrap();
    assert_eq!(tx.recent_patients(PageRequest::first(9)).await.unwrap().total, daily);
    let moves = tx.archive_moves(place.patient).await.unwrap();
    assert_eq!(moves.iter().map(|one| one.archived).collect::<Vec<_>>(), [false, true]);
}

async fn of_two_who_write_the_next_step_the_second_is_told(place: Place) {
    let id = asked(&place, 1).await;
    let step = ArcoStep::DataReceived;
    let mut tx = place.begin().await;
    tx.insert_arco_step(id, 2, date(2026, 3, 12), &step, place.user, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let late = tx.insert_arco_step(id, 2, date(2026, 3, 12), &step, place.user, at(3)).await;
    assert!(matches!(late, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{late:?}");
    tx.rollback().await.unwrap();
    let mut tx = place.begin().await;
    let (request, steps) = tx.arco(id).await.unwrap().unwrap();
    assert_eq!((request.number, request.received_on, steps.len()), (1, date(2026, 3, 10), 2));
    assert_eq!(steps[1].step, step);
    assert_eq!(tx.arco_of(place.patient).await.unwrap(), tx.all_arco().await.unwrap());
}

async fn a_marked_day_takes_the_place_of_the_one_before(place: Place) {
    let marked = |works, name: &str| MarkedDay { day: date(2026, 12, 24), works, name: name.to_owned() };
    let mut tx = place.begin().await;
    tx.mark_day(&marked(true, "uno")).await.unwrap();
    tx.mark_day(&marked(false, "dos")).await.unwrap();
    assert_eq!(tx.marked_days().await.unwrap(), [marked(false, "dos")]);
    tx.unmark_day(date(2026, 12, 24)).await.unwrap();
    assert_eq!(tx.marked_days().await.unwrap(), []);
}
