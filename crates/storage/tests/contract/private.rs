//! Private records: who is no member of a group does not find them, by any way; and openings in spite of that.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::document::SignedDocument;
use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{
    AppointmentId, AttachmentId, BlockId, EncounterId, GroupId, LabReportId, LabResultId, MergeId, OpeningId,
    PatientId, UserId,
};
use clinical::laboratory::ResultState;
use jiff::Timestamp;
use storage::{Act, NewOpening, PageRequest, StorageError, Tx};
use uuid::Uuid;

use crate::attachments::attached;
use crate::laboratory;
use crate::place::{Place, at, named};
use crate::search::{entry, words};

on_both_engines!(
    a_private_record_is_not_there_for_who_is_no_member,
    records_that_were_joined_are_private_together,
    an_opening_shows_the_record_until_it_ends,
    a_blocked_record_is_not_there_for_anybody_but_for_a_legal_request,
    nothing_is_written_into_a_blocked_record,
    search_goes_on_past_what_is_hidden,
    groups_are_listed_with_members_and_records,
);

pub(crate) fn opening(patient_id: PatientId, user_id: UserId, seconds: i64) -> NewOpening {
    NewOpening {
        id: OpeningId(Uuid::now_v7()),
        patient_id,
        user_id,
        reason: "emergency".to_owned(),
        detail: "Llegó inconsciente".to_owned(),
        opened_at: at(seconds),
        until: at(seconds + 100),
    }
}

/// A second account.
async fn stranger(place: &Place) -> UserId {
    let user = place.user_named("citlali", None);
    let mut tx = place.begin().await;
    tx.insert_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    user.id
}

/// Puts a record into a group of which only the first account is a member.
async fn hide(place: &Place, patient: PatientId) -> GroupId {
    let group = GroupId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_group(group, &format!("Grupo {group}"), at(0)).await.unwrap();
    tx.add_group_member(group, place.user).await.unwrap();
    tx.add_group_record(group, patient).await.unwrap();
    tx.commit().await.unwrap();
    group
}

/// The birth date of whoever is [`named`].
fn born() -> jiff::civil::Date {
    let identity = named("Ana", "Ficticia", "Luna").identity;
    identity.birth_date().map(clinical::person::BirthDate::date).unwrap()
}

async fn eyes(place: &Place, user: UserId, now: Timestamp) -> Tx {
    place.begin().await.seen_by(user, now)
}

/// A record with one thing of each kind, beside another that is open to all.
struct Full {
    open: PatientId,
    encounter: EncounterId,
    document: SignedDocument,
    file: AttachmentId,
    report: LabReportId,
    result: LabResultId,
    visit: AppointmentId,
}

async fn full(place: &Place) -> Full {
    let open = place.new_patient(&named("Beatriz", "Ficticia", "Roble"), 1).await;
    let encounter = place.new_encounter(1).await;
    let document = place.sign(Some(encounter.id), None, "{}", 2).await;
    let file = attached(place, 3).await;
    let report = laboratory::report(place, "2026-03-09").await;
    let result = laboratory::added(place, &report, 1, "1", None, ResultState::Final).await.unwrap();
    let visit = Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        starts_at: at(10),
        minutes: 20,
        service: "Control".to_owned(),
        buffer: 0,
        lane: Some(0),
        room_id: None,
        state: AppointmentState::Booked,
    };
    let mut tx = place.begin().await;
    tx.insert_appointment(&visit).await.unwrap();
    tx.index(&entry(place, "nota", at(2), "dolor")).await.unwrap();
    tx.commit().await.unwrap();
    Full {
        open: open.id,
        encounter: encounter.id,
        document,
        file: file.id,
        report: report.id,
        result: result.id,
        visit: visit.id,
    }
}

/// That all of a record is there for who sees it, and nothing for who does not.
async fn check_sight(place: &Place, full: &Full, user: UserId, sees: bool) {
    let mut tx = eyes(place, user, at(20)).await;
    let number = "000001";
    let first = PageRequest::first(10);
    assert_eq!(tx.patient(place.patient).await.unwrap().is_some(), sees);
    assert_eq!(tx.record(place.patient).await.unwrap().is_some(), sees);
    assert_eq!(tx.record_by_number(number).await.unwrap().is_some(), sees);
    assert_eq!(tx.encounter(full.encounter).await.unwrap().is_some(), sees);
    assert_eq!(tx.hold_encounter(full.encounter).await.unwrap().is_some(), sees);
    assert_eq!(tx.document(full.document.id).await.unwrap().is_some(), sees);
    assert_eq!(tx.document_by_digest(full.document.digest).await.unwrap().is_some(), sees);
    assert_eq!(tx.attachment(full.file).await.unwrap().is_some(), sees);
    assert_eq!(tx.lab_report(full.report).await.unwrap().is_some(), sees);
    assert_eq!(tx.lab_result(full.result).await.unwrap().is_some(), sees);
    assert_eq!(tx.appointment(full.visit).await.unwrap().is_some(), sees);
    assert_eq!(tx.agenda(at(0), at(20), None).await.unwrap().len(), usize::from(sees));
    assert_eq!(tx.open_encounters(None).await.unwrap().len(), usize::from(sees));
    assert_eq!(tx.search(&words("dolor")).await.unwrap().len(), usize::from(sees));
    assert_eq!(tx.elements_signed_by(place.user, at(0), 9, true).await.unwrap().len(), usize::from(sees));
    let documents = tx.recent_documents(first).await.unwrap();
    assert_eq!((documents.total, documents.items.len()), (i64::from(sees), usize::from(sees)));
    for found in
        [tx.recent_patients(first).await.unwrap(), tx.find_patients("ficticia", first).await.unwrap()]
    {
        assert_eq!(found.total, 1 + i64::from(sees));
        assert_eq!(found.items.iter().any(|patient| patient.id == place.patient), sees);
        assert!(found.items.iter().any(|patient| patient.id == full.open));
    }
}

async fn a_private_record_is_not_there_for_who_is_no_member(place: Place) {
    let other = stranger(&place).await;
    let full = full(&place).await;
    hide(&place, place.patient).await;
    for (user, sees) in [(place.user, true), (other, false)] {
        check_sight(&place, &full, user, sees).await;
        let hidden = eyes(&place, user, at(20)).await.hidden_like(None, Some(born())).await.unwrap();
        assert_eq!(hidden.iter().any(|patient| patient.id == place.patient), !sees);
    }
    // So that no second record is made, a double is found whether it may be seen or not.
    let mut tx = eyes(&place, other, at(20)).await;
    let like = tx.records_like(&named("Ana", "Ficticia", "Luna").identity, None).await.unwrap();
    assert!(like.iter().any(|patient| patient.id == place.patient));
    let act = Act { by: other, at: at(21), reason: "duplicado" };
    let refused = tx.merge_records(MergeId(Uuid::now_v7()), full.open, place.patient, act).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })), "{refused:?}");
}

async fn records_that_were_joined_are_private_together(place: Place) {
    let other = stranger(&place).await;
    let kept = place.new_patient(&named("Beatriz", "Ficticia", "Roble"), 1).await;
    let group = hide(&place, place.patient).await;
    let merge = MergeId(Uuid::now_v7());
    let act = Act { by: place.user, at: at(2), reason: "duplicado" };
    let mut tx = place.begin().await;
    tx.merge_records(merge, kept.id, place.patient, act).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = eyes(&place, other, at(3)).await;
    for id in [kept.id, place.patient] {
        assert_eq!(tx.record(id).await.unwrap(), None);
    }
    assert_eq!(tx.recent_patients(PageRequest::first(10)).await.unwrap().total, 0);
    let refused = tx.undo_merge(merge, Act { by: other, ..act }).await;
    assert!(matches!(refused, Err(StorageError::Conflict { current: None })), "{refused:?}");
    drop(tx);
    let mut tx = place.begin().await;
    tx.remove_group_record(group, place.patient).await.unwrap();
    tx.commit().await.unwrap();
    assert!(eyes(&place, other, at(3)).await.record(place.patient).await.unwrap().is_some());
}

async fn an_opening_shows_the_record_until_it_ends(place: Place) {
    let other = stranger(&place).await;
    hide(&place, place.patient).await;
    let new = opening(place.patient, other, 10);
    let mut tx = place.begin().await;
    tx.insert_opening(&new).await.unwrap();
    tx.commit().await.unwrap();
    for (seconds, sees) in [(50, true), (109, true), (110, false)] {
        let mut tx = eyes(&place, other, at(seconds)).await;
        assert_eq!(tx.record(place.patient).await.unwrap().is_some(), sees, "{seconds}");
        assert_eq!(tx.live_openings(other, at(seconds)).await.unwrap().len(), usize::from(sees));
    }
    let mut tx = place.begin().await;
    let told = tx.openings_for_member(place.user, at(0)).await.unwrap();
    assert_eq!(told.iter().map(|one| &one.opening).collect::<Vec<_>>(), [&new]);
    assert_eq!((told[0].record_number.as_str(), told[0].review.is_none()), ("000001", true));
    assert!(tx.openings_for_member(other, at(0)).await.unwrap().is_empty());
    assert_eq!(tx.openings_to_review().await.unwrap(), 1);
    tx.insert_opening_review(new.id, false, "No estaba de guardia", place.user, at(200)).await.unwrap();
    assert_eq!(tx.openings_to_review().await.unwrap(), 0);
    let read = tx.opening(new.id).await.unwrap().unwrap();
    let review = read.review.unwrap();
    assert_eq!((review.justified, review.note.as_str(), review.at), (false, "No estaba de guardia", at(200)));
    assert_eq!(tx.openings(at(0), 10).await.unwrap().len(), 1);
    let again = tx.insert_opening_review(new.id, true, "Otra cosa", place.user, at(201)).await;
    assert!(matches!(again, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{again:?}");
}

async fn a_blocked_record_is_not_there_for_anybody_but_for_a_legal_request(place: Place) {
    let other = stranger(&place).await;
    let full = full(&place).await;
    let block = BlockId(Uuid::now_v7());
    let act = Act { by: place.user, at: at(4), reason: "plazo" };
    let mut tx = place.begin().await;
    assert_eq!(tx.open_work(place.patient, at(10)).await.unwrap(), 2, "an appointment and a consultation");
    assert_eq!(tx.open_work(place.patient, at(11)).await.unwrap(), 1, "an appointment that nobody ended");
    tx.insert_block(block, place.patient, act).await.unwrap();
    // Another kind of opening does not show it.
    tx.insert_opening(&opening(place.patient, place.user, 5)).await.unwrap();
    tx.commit().await.unwrap();
    for user in [place.user, other] {
        check_sight(&place, &full, user, false).await;
        let blocked = eyes(&place, user, at(20)).await.blocked_records().await.unwrap();
        assert_eq!(blocked.iter().map(|(_, patient)| patient.id).collect::<Vec<_>>(), [place.patient]);
    }
    let mut tx = place.begin().await;
    assert!(tx.record(place.patient).await.unwrap().is_some(), "the program itself keeps it");
    assert!(tx.is_blocked(place.patient).await.unwrap() && !tx.is_blocked(full.open).await.unwrap());
    let request = NewOpening { reason: "legal_request".to_owned(), ..opening(place.patient, other, 6) };
    tx.insert_opening(&request).await.unwrap();
    tx.commit().await.unwrap();
    check_sight(&place, &full, other, true).await;
    check_sight(&place, &full, place.user, false).await;
    assert!(eyes(&place, other, at(106)).await.record(place.patient).await.unwrap().is_none(), "it ended");

    hide(&place, place.patient).await;
    let mut tx = eyes(&place, other, at(200)).await;
    assert!(tx.hidden_like(None, Some(born())).await.unwrap().is_empty(), "no private record to open");
    assert!(tx.blocked_records().await.unwrap().is_empty(), "nor that it is blocked, for who is no member");
    drop(tx);
    let mut tx = place.begin().await;
    tx.lift_block(block, Act { at: at(7), ..act }).await.unwrap();
    tx.commit().await.unwrap();
    check_sight(&place, &full, place.user, true).await;
    let mut tx = place.begin().await;
    assert!(tx.live_openings(other, at(20)).await.unwrap().is_empty(), "the request ends with the block");
    let blocks = tx.blocks(place.patient).await.unwrap();
    assert_eq!((blocks.len(), blocks[0].lifted.as_ref().map(|(_, when, _)| *when)), (1, Some(at(7))));
    let again = tx.lift_block(block, act).await;
    assert!(matches!(again, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{again:?}");
    drop(tx);
    let mut tx = place.begin().await;
    tx.insert_block(BlockId(Uuid::now_v7()), place.patient, Act { at: at(8), ..act }).await.unwrap();
    tx.commit().await.unwrap();
    check_sight(&place, &full, other, false).await;
}

/// An event about something in the record of the place.
fn told(place: &Place, action: AuditAction, entity: &'static str) -> NewAuditEvent {
    NewAuditEvent {
        at: at(9),
        actor: Some(place.user),
        action,
        entity,
        entity_id: String::new(),
        patient_id: Some(place.patient),
        origin: "10.0.0.7".to_owned(),
        reason: None,
    }
}

async fn nothing_is_written_into_a_blocked_record(place: Place) {
    let block = BlockId(Uuid::now_v7());
    let act = Act { by: place.user, at: at(4), reason: "plazo" };
    let other = place.new_patient(&named("Beatriz", "Ficticia", "Roble"), 1).await.id;
    let mut tx = place.begin().await;
    tx.merge_records(MergeId(Uuid::now_v7()), place.patient, other, act).await.unwrap();
    tx.insert_block(block, place.patient, act).await.unwrap();
    tx.append_audit(told(&place, AuditAction::Create, "block")).await.unwrap();
    tx.commit().await.unwrap();
    for (action, entity) in [
        (AuditAction::Create, "attachment"),
        (AuditAction::Update, "patient"),
        (AuditAction::Update, "merge"),
        (AuditAction::Sign, "document"),
    ] {
        for patient in [place.patient, other] {
            let mut tx = place.begin().await;
            let event = NewAuditEvent { patient_id: Some(patient), ..told(&place, action, entity) };
            let refused = tx.append_audit(event).await;
            assert!(matches!(refused, Err(StorageError::Blocked)), "{entity}: {refused:?}");
            assert!(matches!(tx.commit().await, Err(StorageError::Aborted)), "nothing of it is kept");
        }
    }
    let mut tx = place.begin().await;
    for (action, entity) in [
        (AuditAction::Read, "record"),
        (AuditAction::Print, "document"),
        (AuditAction::BreakGlass, "opening"),
        (AuditAction::Create, "hold"),
        (AuditAction::Create, "delivery"),
        (AuditAction::Update, "arco"),
    ] {
        tx.append_audit(told(&place, action, entity)).await.unwrap();
    }
    tx.lift_block(block, act).await.unwrap();
    tx.append_audit(told(&place, AuditAction::Update, "block")).await.unwrap();
    tx.append_audit(told(&place, AuditAction::Update, "patient")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn search_goes_on_past_what_is_hidden(place: Place) {
    let other = stranger(&place).await;
    let open = place.new_patient(&named("Beatriz", "Ficticia", "Roble"), 1).await;
    let mut tx = place.begin().await;
    for n in 0..200 {
        tx.index(&entry(&place, &format!("p{n}"), at(1000 + n), "dolor")).await.unwrap();
    }
    for n in 0..3 {
        let entry = entry(&place, &format!("a{n}"), at(n), "dolor");
        tx.index(&storage::SearchEntry { patient_id: open.id, ..entry }).await.unwrap();
    }
    tx.commit().await.unwrap();
    hide(&place, place.patient).await;
    let mut tx = eyes(&place, other, at(5000)).await;
    let query = storage::SearchQuery { limit: 2, ..words("dolor") };
    let hits = tx.search(&query).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.entity_id.as_str()).collect::<Vec<_>>(), ["a2", "a1"]);
    let next = storage::SearchQuery { before: Some(hits[1].place), ..query };
    let rest = tx.search(&next).await.unwrap();
    assert_eq!(rest.iter().map(|hit| hit.entity_id.as_str()).collect::<Vec<_>>(), ["a0"]);
}

async fn groups_are_listed_with_members_and_records(place: Place) {
    let other = stranger(&place).await;
    let group = hide(&place, place.patient).await;
    let mut tx = place.begin().await;
    tx.add_group_member(group, other).await.unwrap();
    tx.add_group_member(group, other).await.unwrap();
    let groups = tx.groups().await.unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].members.len(), 2);
    assert_eq!(groups[0].records, [(place.patient, "000001".to_owned())]);
    tx.remove_group_member(group, other).await.unwrap();
    assert_eq!(tx.groups().await.unwrap()[0].members.len(), 1);
    tx.delete_group(group).await.unwrap();
    assert!(tx.groups().await.unwrap().is_empty());
    assert!(tx.seen_by(other, at(9)).record(place.patient).await.unwrap().is_some());
}
