//! The agenda through the services, on both engines: nobody is booked twice, a cancelled time finds somebody, and
//! reception does it all without a clinical word.

mod check_in;

use std::sync::Arc;

use care::agenda_setup::{ClosureForm, ShiftForm};
use care::booking::{Booker, Fit, NewBooking, NewTime, SlotsWanted};
use care::waiting_list::Wish;
use care::{Actor, CareError};
use clinical::encounter::{Appointment, AppointmentState, AppointmentStep, CancelReason};
use clinical::ids::{PatientId, ServiceId};
use clinical::schedule::waiting::DayPart;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use test_support::{Clinic, engines};

/// Monday to Friday from nine to two, every thirty minutes.
async fn hours(clinic: &Clinic, overbook: &str) -> ServiceId {
    let setup = clinic.care.agenda_setup(&clinic.reception).await.unwrap();
    let form = ShiftForm {
        practitioner: clinic.physician.practitioner_id.unwrap().to_string(),
        room: setup.rooms[0].id.to_string(),
        from: "09:00".to_owned(),
        until: "14:00".to_owned(),
        days: ["1", "2", "3", "4", "5"].map(str::to_owned).to_vec(),
        step: "30".to_owned(),
        overbook: overbook.to_owned(),
        ..ShiftForm::default()
    };
    clinic.care.add_shift(&clinic.reception, &form).await.unwrap();
    setup.services.iter().find(|service| service.name == "Subsecuente").unwrap().id
}

/// March 2026, in central Mexico.
fn at(day_and_time: &str) -> Timestamp {
    format!("2026-03-{day_and_time}:00-06:00").parse().unwrap()
}

fn booking(clinic: &Clinic, patient: PatientId, service: ServiceId, when: &str, fit: Fit) -> NewBooking {
    NewBooking {
        patient_id: patient,
        practitioner_id: clinic.physician.practitioner_id.unwrap(),
        service,
        minutes: None,
        starts_at: at(when),
        fit,
    }
}

async fn book(clinic: &Clinic, patient: PatientId, service: ServiceId, when: &str) -> Appointment {
    let new = booking(clinic, patient, service, when, Fit::Free);
    clinic.care.book(Booker::Staff(&clinic.reception), &new).await.unwrap()
}

async fn state(clinic: &Clinic, visit: &Appointment) -> AppointmentState {
    clinic.care.visit(&clinic.reception, visit.id).await.unwrap().0.appointment.state
}

async fn free(clinic: &Clinic, service: ServiceId, from: &str, until: &str) -> Vec<Timestamp> {
    let wanted = SlotsWanted { practitioner: None, service, from: at(from), until: at(until), limit: 200 };
    let slots = clinic.care.free_slots(Booker::Patient { origin: "prueba" }, &wanted).await.unwrap();
    slots.into_iter().map(|slot| slot.starts_at).collect()
}

fn pass(clinic: &Clinic, time: SignedDuration) {
    clinic.clock.set(clinic.care.now() + time);
}

/// Waits out a database that others are writing to.
async fn insistently<T, F>(act: impl Fn() -> F) -> Result<T, CareError>
where
    F: Future<Output = Result<T, CareError>>,
{
    loop {
        match act().await {
            Err(CareError::Unavailable { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            done => return done,
        }
    }
}

async fn patiently(care: &care::Care, actor: &Actor, new: &NewBooking) -> Result<Appointment, CareError> {
    insistently(|| care.book(Booker::Staff(actor), new)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_who_book_one_time_at_once_one_gets_it_and_the_others_the_next_ones() {
    for engine in engines() {
        let clinic = Arc::new(Clinic::on(engine).await);
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let all: Vec<_> = (0..100)
            .map(|_| {
                let clinic = Arc::clone(&clinic);
                tokio::spawn(async move {
                    let new = booking(&clinic, patient, service, "11T09:00", Fit::Free);
                    match patiently(&clinic.care, &clinic.reception, &new).await {
                        Ok(visit) => (true, visit),
                        Err(CareError::SlotTaken { .. }) => {
                            let next = NewBooking { fit: Fit::NextFree, ..new };
                            (false, patiently(&clinic.care, &clinic.reception, &next).await.unwrap())
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        let mut starts = Vec::new();
        let mut winners = 0;
        for task in all {
            let (won, visit) = task.await.unwrap();
            winners += usize::from(won);
            starts.push(visit.starts_at);
        }
        starts.sort_unstable();
        // Ten a day, and Monday 16 is a rest day.
        let mut expected = Vec::new();
        for day in [11, 12, 13, 17, 18, 19, 20, 23, 24, 25] {
            let first = at(&format!("{day:02}T09:00"));
            expected.extend((0..10).map(|half| first + SignedDuration::from_mins(30 * half)));
        }
        assert_eq!((winners, starts), (1, expected), "{engine:?}");
    }
}

#[tokio::test]
async fn a_time_is_booked_once_overbooked_by_decision_and_free_again_when_it_is_moved() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "1").await;
        let (one, other) = (clinic.patient("Jacinta", "Olmo").await, clinic.patient("Rosa", "Fresno").await);
        let who = Booker::Staff(&clinic.reception);
        let first = book(&clinic, one, service, "11T09:00").await;
        let same = booking(&clinic, other, service, "11T09:00", Fit::Free);
        let Err(CareError::SlotTaken { message, next }) = clinic.care.book(who, &same).await else {
            panic!("booked twice")
        };
        assert_eq!(next[0].starts_at, at("11T09:30"));
        assert!(message.contains("11 de marzo a las 09:30"), "{message}");
        let extra = NewBooking { fit: Fit::Extra, ..same };
        assert_eq!(clinic.care.book(who, &extra).await.unwrap().lane, Some(1));
        assert!(matches!(clinic.care.book(who, &extra).await, Err(CareError::SlotTaken { .. })));
        // Sunday: outside of the hours only by decision.
        let sunday = booking(&clinic, other, service, "15T10:00", Fit::Free);
        assert!(matches!(clinic.care.book(who, &sunday).await, Err(CareError::SlotTaken { .. })));
        clinic.care.book(who, &NewBooking { fit: Fit::Extra, ..sunday }).await.unwrap();
        let to =
            NewTime { practitioner_id: first.practitioner_id, starts_at: at("11T09:30"), fit: Fit::Free };
        let moved = clinic.care.reschedule(who, first.id, &to).await.unwrap();
        assert_eq!((moved.id, moved.starts_at), (first.id, at("11T09:30")));
        // By fifteen minutes, over its own time.
        assert_eq!(free(&clinic, service, "11T09:00", "11T10:30").await, [at("11T09:00"), at("11T10:00")]);
        let (_, steps) = clinic.care.visit(&clinic.reception, first.id).await.unwrap();
        assert_eq!(steps[1].reason.as_deref(), Some("Estaba a las 11/03/2026 09:00"));
        assert_eq!(steps[1].author, "recepcion");
    }
}

#[tokio::test]
async fn a_cancellation_frees_the_time_and_is_undone_only_while_nobody_took_it() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let visit = book(&clinic, patient, service, "11T09:00").await;
        let who = Booker::Staff(&clinic.reception);
        clinic.care.confirm(who, visit.id).await.unwrap();
        clinic.care.cancel(who, visit.id, CancelReason::PatientAsked).await.unwrap();
        assert!(free(&clinic, service, "11T09:00", "11T09:30").await.contains(&at("11T09:00")));
        let undone = clinic.care.step_visit(who, visit.id, AppointmentStep::Undo).await.unwrap();
        assert_eq!(undone.state, AppointmentState::Booked);
        clinic.care.cancel(who, visit.id, CancelReason::Mistake).await.unwrap();
        book(&clinic, patient, service, "11T09:00").await;
        let taken = clinic.care.step_visit(who, visit.id, AppointmentStep::Undo).await;
        assert!(matches!(taken, Err(CareError::SlotTaken { .. })));
        assert_eq!(state(&clinic, &visit).await, AppointmentState::Cancelled);
        let (_, steps) = clinic.care.visit(&clinic.reception, visit.id).await.unwrap();
        assert_eq!(steps[2].reason.as_deref(), Some("El paciente avisó que no viene"));
    }
}

#[tokio::test]
async fn a_cancelled_time_goes_to_who_waited_longest_and_then_to_the_next() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let reception = Booker::Staff(&clinic.reception);
        let gone = clinic.patient("Jacinta", "Olmo").await;
        let visit = book(&clinic, gone, service, "12T09:00").await;
        let mut waiting = Vec::new();
        for (given, part) in
            [("Ana", DayPart::Afternoon), ("Berta", DayPart::Any), ("Celia", DayPart::Morning)]
        {
            let patient_id = clinic.patient(given, "Fresno").await;
            let wish = Wish {
                patient_id,
                practitioner_id: None,
                service,
                from: date(2026, 3, 10),
                until: date(2026, 3, 20),
                part,
            };
            clinic.care.join_waiting_list(reception, &wish).await.unwrap();
            assert!(matches!(
                clinic.care.join_waiting_list(reception, &wish).await,
                Err(CareError::Conflict { .. })
            ));
            pass(&clinic, SignedDuration::from_mins(1));
            waiting.push(patient_id);
        }
        clinic.care.cancel(reception, visit.id, CancelReason::PatientAsked).await.unwrap();
        let offered = |list: Vec<care::waiting_list::Waiting>| -> Vec<(PatientId, Appointment)> {
            let with = |one: care::waiting_list::Waiting| Some((one.patient.id, one.offer?.0));
            list.into_iter().filter_map(with).collect()
        };
        let list = offered(clinic.care.waiting_list(&clinic.reception).await.unwrap());
        assert_eq!(
            list.iter().map(|(id, visit)| (*id, visit.starts_at)).collect::<Vec<_>>(),
            [(waiting[1], at("12T09:00"))]
        );
        pass(&clinic, SignedDuration::from_mins(1));
        let undo = clinic.care.step_visit(reception, visit.id, AppointmentStep::Undo).await;
        assert!(matches!(undo, Err(CareError::SlotTaken { .. })), "it is kept for somebody, who may know it");
        // Nobody answers: three hours later it is the next one's.
        pass(&clinic, SignedDuration::from_hours(3));
        let list = offered(clinic.care.waiting_list(&clinic.reception).await.unwrap());
        assert_eq!(list.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [waiting[2]]);
        let theirs = Booker::Patient { origin: "whatsapp" };
        clinic.care.confirm(theirs, list[0].1.id).await.unwrap();
        let left = clinic.care.waiting_list(&clinic.reception).await.unwrap();
        assert_eq!(left.iter().map(|one| one.patient.id).collect::<Vec<_>>(), waiting[..2]);
        let (_, steps) = clinic.care.visit(&clinic.reception, list[0].1.id).await.unwrap();
        let authors: Vec<&str> = steps.iter().map(|step| step.author.as_str()).collect();
        assert_eq!(authors, ["El programa", "El paciente"]);
    }
}

#[tokio::test]
async fn a_move_and_a_cancellation_are_undone_while_nobody_was_told_of_the_freed_time() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let who = Booker::Staff(&clinic.reception);
        let visit = book(&clinic, clinic.patient("Jacinta", "Olmo").await, service, "12T09:00").await;
        let waits = clinic.patient("Berta", "Fresno").await;
        let (from, until) = (date(2026, 3, 10), date(2026, 3, 20));
        let wish =
            Wish { patient_id: waits, practitioner_id: None, service, from, until, part: DayPart::Any };
        clinic.care.join_waiting_list(who, &wish).await.unwrap();
        let offered = async || {
            let list = clinic.care.waiting_list(&clinic.reception).await.unwrap();
            list.into_iter().map(|one| one.offer.map(|(visit, _)| visit)).next().unwrap()
        };
        clinic.care.cancel(who, visit.id, CancelReason::PatientAsked).await.unwrap();
        let first = offered().await.unwrap();
        assert_eq!(first.starts_at, at("12T09:00"));
        let undone = clinic.care.step_visit(who, visit.id, AppointmentStep::Undo).await.unwrap();
        assert_eq!((undone.state, offered().await), (AppointmentState::Booked, None), "who waited waits on");
        assert_eq!(state(&clinic, &first).await, AppointmentState::Cancelled);
        let to = |starts_at| NewTime { practitioner_id: visit.practitioner_id, starts_at, fit: Fit::Free };
        clinic.care.reschedule(who, visit.id, &to(at("12T10:00"))).await.unwrap();
        let again = offered().await.unwrap();
        assert_eq!(again.starts_at, at("12T09:00"), "the same hour, as nobody was told of it before");
        let other = book(&clinic, clinic.patient("Celia", "Olmo").await, service, "12T12:00").await;
        let taken = clinic.care.reschedule(who, other.id, &to(at("12T09:00"))).await;
        assert!(matches!(taken, Err(CareError::SlotTaken { .. })), "{engine:?}: only who freed it");
        // A patient who moves their visit takes nothing back, nor does a move to another hour.
        let theirs = Booker::Patient { origin: "whatsapp" };
        let taken = clinic.care.reschedule(theirs, visit.id, &to(at("12T09:00"))).await;
        assert!(matches!(taken, Err(CareError::SlotTaken { .. })), "{engine:?}");
        clinic.care.reschedule(who, visit.id, &to(at("12T11:00"))).await.unwrap();
        assert_eq!(offered().await.unwrap().id, again.id);
        let back = clinic.care.reschedule(who, visit.id, &to(at("12T09:00"))).await.unwrap();
        assert_eq!((back.starts_at, back.lane), (at("12T09:00"), Some(0)));
        assert_eq!(state(&clinic, &again).await, AppointmentState::Cancelled);
        assert_eq!(offered().await.unwrap().starts_at, at("12T11:00"), "what is free now");
        // Who was offered a time stays in it when their own visit is cancelled and that undone.
        let kept = offered().await.unwrap();
        clinic.care.cancel(who, kept.id, CancelReason::Mistake).await.unwrap();
        clinic.care.step_visit(who, kept.id, AppointmentStep::Undo).await.unwrap();
        assert_eq!(state(&clinic, &kept).await, AppointmentState::Booked, "{engine:?}");
        // Once they may have been told, it is theirs.
        pass(&clinic, SignedDuration::from_mins(1));
        let late = clinic.care.reschedule(who, visit.id, &to(at("12T11:00"))).await;
        assert!(matches!(late, Err(CareError::SlotTaken { .. })), "{engine:?}");
    }
}

#[tokio::test]
async fn nobody_is_offered_a_time_in_which_the_physician_is_away() {
    let clinic = Clinic::on(engines()[0]).await;
    let service = hours(&clinic, "").await;
    let visit = book(&clinic, clinic.patient("Jacinta", "Olmo").await, service, "12T09:00").await;
    let patient_id = clinic.patient("Ana", "Fresno").await;
    let (from, until) = (date(2026, 3, 10), date(2026, 3, 20));
    let wish = Wish { patient_id, practitioner_id: None, service, from, until, part: DayPart::Any };
    let who = Booker::Staff(&clinic.reception);
    clinic.care.join_waiting_list(who, &wish).await.unwrap();
    let closure = ClosureForm {
        practitioner: clinic.physician.practitioner_id.unwrap().to_string(),
        from_day: "12/03/2026".to_owned(),
        until_day: "13/03/2026".to_owned(),
        reason: "vacation".to_owned(),
        ..ClosureForm::default()
    };
    assert_eq!(clinic.care.add_closure(&clinic.reception, &closure).await.unwrap(), 1, "one is booked then");
    assert_eq!(free(&clinic, service, "12T00:00", "14T00:00").await, []);
    clinic.care.cancel(who, visit.id, CancelReason::PatientAsked).await.unwrap();
    let list = clinic.care.waiting_list(&clinic.reception).await.unwrap();
    assert!(list.iter().all(|one| one.offer.is_none()));
}

#[tokio::test]
async fn who_comes_without_an_appointment_or_late_waits_and_holds_no_time() {
    let clinic = Clinic::on(engines()[0]).await;
    let service = hours(&clinic, "").await;
    let patient = clinic.patient("Jacinta", "Olmo").await;
    let practitioner = clinic.physician.practitioner_id.unwrap();
    let visit = clinic.care.walk_in(&clinic.reception, patient, practitioner, service).await.unwrap();
    assert_eq!((visit.state, visit.lane), (AppointmentState::Arrived, None));
    let late = book(&clinic, patient, service, "10T11:00").await;
    let who = Booker::Staff(&clinic.reception);
    pass(&clinic, SignedDuration::from_hours(2));
    clinic.care.step_visit(who, late.id, AppointmentStep::Miss).await.unwrap();
    let after = clinic.care.step_visit(who, late.id, AppointmentStep::Arrive).await.unwrap();
    assert_eq!((after.state, after.lane), (AppointmentState::Arrived, None));
    clinic.care.step_visit(who, after.id, AppointmentStep::Finish).await.unwrap();
    let again = clinic.care.cancel(who, after.id, CancelReason::Mistake).await;
    assert!(matches!(again, Err(CareError::Conflict { .. })));
}

#[tokio::test]
async fn a_visit_follows_its_consultation_and_its_history_says_so() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let who = Booker::Staff(&clinic.reception);
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let visit = book(&clinic, patient, service, "10T11:00").await;
        clinic.care.step_visit(who, visit.id, AppointmentStep::Arrive).await.unwrap();
        let denied = clinic.care.start_appointment(&clinic.reception, visit.id, "").await;
        assert!(matches!(denied, Err(CareError::Denied { .. })), "reception opens no consultation");
        // From the record, not from the agenda: it is the same visit.
        let mistake = clinic.care.start_visit(&clinic.physician, patient, "").await.unwrap();
        assert_eq!(state(&clinic, &visit).await, AppointmentState::InConsultation);
        clinic.care.cancel_encounter(&clinic.physician, mistake).await.unwrap();
        assert_eq!(state(&clinic, &visit).await, AppointmentState::Arrived);
        let opened = clinic.care.start_appointment(&clinic.physician, visit.id, "").await.unwrap();
        assert_ne!(opened, mistake);
        assert_eq!(clinic.care.start_appointment(&clinic.physician, visit.id, "").await.unwrap(), opened);
        clinic.sign_visit(&clinic.physician, opened).await;
        let (line, steps) = clinic.care.visit(&clinic.reception, visit.id).await.unwrap();
        assert_eq!(line.encounter_id, Some(opened));
        let steps: Vec<_> =
            steps.iter().map(|step| (step.state, step.author.as_str(), step.reason.as_deref())).collect();
        use AppointmentState as State;
        let physician = clinic.physician.display_name.as_str();
        let opens = (State::InConsultation, physician, Some("Se abrió su consulta"));
        assert_eq!(
            steps,
            [
                (State::Booked, "recepcion", None),
                (State::Arrived, "recepcion", None),
                opens,
                (State::Arrived, physician, Some("Su consulta se cerró sin nota")),
                opens,
                (State::Finished, physician, Some("Se firmó su nota")),
            ],
            "{engine:?}"
        );
        // Who is seen in the morning without having come for the visit of the evening still has that one.
        let other = clinic.patient("Rosa", "Fresno").await;
        let evening = book(&clinic, other, service, "10T13:30").await;
        clinic.care.start_visit(&clinic.physician, other, "").await.unwrap();
        assert_eq!(state(&clinic, &evening).await, AppointmentState::Booked);
    }
}

#[tokio::test]
async fn the_diary_lets_go_of_past_visits_and_of_no_other() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let past = book(&clinic, patient, service, "10T11:00").await;
        let next = book(&clinic, patient, service, "13T11:00").await;
        assert_eq!(clinic.care.free_past_time().await.unwrap(), 0);
        pass(&clinic, SignedDuration::from_hours(50));
        assert_eq!(clinic.care.free_past_time().await.unwrap(), 6, "thirty minutes, by fives");
        assert_eq!(state(&clinic, &past).await, AppointmentState::Booked);
        assert!(!free(&clinic, service, "13T11:00", "13T11:30").await.contains(&next.starts_at));
        let again = booking(&clinic, patient, service, "13T11:00", Fit::Free);
        let taken = clinic.care.book(Booker::Staff(&clinic.reception), &again).await;
        assert!(matches!(taken, Err(CareError::SlotTaken { .. })));
    }
}

#[tokio::test]
async fn hours_in_one_room_at_once_are_refused_with_whose_they_are() {
    let clinic = Clinic::on(engines()[0]).await;
    hours(&clinic, "").await;
    let setup = clinic.care.agenda_setup(&clinic.reception).await.unwrap();
    let nurse = clinic.nurse.practitioner_id.unwrap();
    let form = ShiftForm {
        practitioner: nurse.to_string(),
        room: setup.rooms[0].id.to_string(),
        from: "13:30".to_owned(),
        until: "18:00".to_owned(),
        days: vec!["3".to_owned()],
        step: "30".to_owned(),
        ..ShiftForm::default()
    };
    let refused = clinic.care.add_shift(&clinic.reception, &form).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Dra. Inés Prueba Ceiba ocupa ese consultorio el 11 de marzo de 2026 a esa hora"
    );
    let auditor = clinic.care.add_shift(&clinic.auditor, &form).await;
    assert!(matches!(auditor, Err(CareError::Denied { .. })));
}
