//! The diary: nobody's time is held twice, whatever asks.

use std::sync::Arc;

use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{AppointmentId, RoomId, ServiceId, ShiftId, WaitingId};
use clinical::schedule::slots::{Taken, on_grid};
use clinical::schedule::waiting::{DayPart, WaitingEntry};
use clinical::schedule::{MonthPlaces, Repeats, Room, Service, Shift, Span, Weekdays};
use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use storage::{Offer, StorageError, VisitStep};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    of_many_who_take_one_time_at_once_exactly_one_gets_it,
    a_time_is_held_with_what_stays_free_after_it_and_let_go_when_the_visit_moves,
    hours_services_and_rooms_come_back_as_they_were_written,
    a_visit_tells_its_steps_and_a_patient_how_often_they_came,
    who_waits_is_listed_by_how_long_with_what_they_were_offered,
);

fn visit(place: &Place, minutes_from_start: i64) -> Appointment {
    let start = Timestamp::from_second(1_790_000_100 + minutes_from_start * 60).unwrap();
    assert!(on_grid(start));
    Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        starts_at: start,
        minutes: 30,
        buffer: 0,
        lane: Some(0),
        room_id: None,
        service: "Control".to_owned(),
        state: AppointmentState::Booked,
    }
}

async fn of_many_who_take_one_time_at_once_exactly_one_gets_it(place: Place) {
    let place = Arc::new(place);
    let tasks: Vec<_> = (0..12)
        .map(|task| {
            let place = Arc::clone(&place);
            // Some begin a little before or after: they overlap all the same.
            let visit = visit(&place, [0, 5, -25][task % 3]);
            tokio::spawn(async move {
                let mut tx = place.begin().await;
                match tx.insert_appointment(&visit).await {
                    Ok(()) => tx.commit().await.is_ok(),
                    Err(StorageError::NotUnique { .. }) => false,
                    Err(other) => panic!("{other:?}"),
                }
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += u32::from(task.await.unwrap());
    }
    assert!((1..=2).contains(&won), "two at most fit: 25 minutes before and 5 after");
    let mut tx = place.begin().await;
    let period = Span::new(at(-86_400), at(86_400)).unwrap();
    let taken = tx.taken(place.practitioner, period).await.unwrap();
    assert_eq!(taken.len(), won as usize);
    assert!(taken.windows(2).all(|pair| !pair[0].span.overlaps(pair[1].span)));
}

async fn a_time_is_held_with_what_stays_free_after_it_and_let_go_when_the_visit_moves(place: Place) {
    let first = Appointment { buffer: 10, ..visit(&place, 0) };
    let next = visit(&place, 30);
    let mut tx = place.begin().await;
    tx.insert_appointment(&first).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    assert!(matches!(tx.insert_appointment(&next).await, Err(StorageError::NotUnique { .. })));
    drop(tx);
    let mut tx = place.begin().await;
    tx.insert_appointment(&Appointment { lane: Some(1), id: AppointmentId(Uuid::now_v7()), ..next.clone() })
        .await
        .unwrap();
    let moved = Appointment { starts_at: first.starts_at + SignedDuration::from_hours(5), ..first.clone() };
    tx.move_appointment(&first, &moved).await.unwrap();
    tx.insert_appointment(&next).await.unwrap();
    let period = Span::new(next.starts_at, next.starts_at + SignedDuration::from_hours(1)).unwrap();
    let mut lanes: Vec<u8> =
        tx.taken(place.practitioner, period).await.unwrap().into_iter().map(|taken| taken.lane).collect();
    lanes.sort_unstable();
    assert_eq!(lanes, [0, 1]);
    let again = tx.move_appointment(&first, &next).await;
    assert!(matches!(again, Err(StorageError::Conflict { .. })), "it is no longer where it was");
    let held = Span::new(moved.starts_at, moved.starts_at + SignedDuration::from_mins(40)).unwrap();
    let taken = tx.taken(place.practitioner, held).await.unwrap();
    assert_eq!(taken, [Taken { span: held, lane: 0 }]);
}

async fn hours_services_and_rooms_come_back_as_they_were_written(place: Place) {
    let service = Service {
        id: ServiceId(Uuid::now_v7()),
        name: "Teleconsulta".to_owned(),
        minutes: 20,
        buffer: 5,
        active: true,
    };
    let room = Room {
        id: RoomId(Uuid::now_v7()),
        name: "Sede Tijuana".to_owned(),
        zone: Some("America/Tijuana".to_owned()),
        video_link: None,
        active: true,
    };
    let weekly = Shift {
        id: ShiftId(Uuid::now_v7()),
        practitioner_id: place.practitioner,
        room_id: room.id,
        from: time(9, 5, 0, 0),
        until: time(14, 0, 0, 0),
        repeats: Repeats::Weekly {
            days: Weekdays::from_bits(0b1_0101).unwrap(),
            every: 2,
            since: date(2026, 3, 2),
            until: Some(date(2026, 12, 31)),
        },
        step: 15,
        overbook: 2,
        services: vec![service.id],
    };
    let once = Shift {
        id: ShiftId(Uuid::now_v7()),
        repeats: Repeats::Once(date(2026, 3, 14)),
        services: Vec::new(),
        ..weekly.clone()
    };
    let monthly = Shift {
        id: ShiftId(Uuid::now_v7()),
        repeats: Repeats::Monthly {
            days: Weekdays::from_bits(0b10_0000).unwrap(),
            places: MonthPlaces::new([1, MonthPlaces::LAST]).unwrap(),
            since: date(2026, 3, 20),
            until: None,
        },
        ..weekly.clone()
    };
    let mut tx = place.begin().await;
    tx.save_service(&service).await.unwrap();
    let renamed = Service { active: false, ..service };
    tx.save_service(&renamed).await.unwrap();
    tx.save_room(&room).await.unwrap();
    tx.insert_shift(&weekly).await.unwrap();
    tx.insert_shift(&once).await.unwrap();
    tx.insert_shift(&monthly).await.unwrap();
    assert_eq!(tx.service(renamed.id).await.unwrap(), Some(renamed));
    assert!(tx.rooms().await.unwrap().contains(&room));
    assert_eq!(tx.shifts(Some(place.practitioner)).await.unwrap(), [weekly, once, monthly]);
}

async fn a_visit_tells_its_steps_and_a_patient_how_often_they_came(place: Place) {
    let mut tx = place.begin().await;
    for (hours, state) in [(0, AppointmentState::Finished), (1, AppointmentState::NoShow)] {
        tx.insert_appointment(&Appointment { state, ..visit(&place, hours * 60) }).await.unwrap();
    }
    let next = visit(&place, 24 * 60);
    tx.insert_appointment(&next).await.unwrap();
    let step = |state, author: &str, reason: Option<&str>| VisitStep {
        state,
        at: at(0),
        by: None,
        author: author.to_owned(),
        reason: reason.map(str::to_owned),
    };
    let steps = [
        step(AppointmentState::Booked, "Recepción", None),
        step(AppointmentState::Cancelled, "El paciente", Some("Se encuentra de viaje")),
    ];
    for one in &steps {
        tx.note_step(next.id, one).await.unwrap();
    }
    assert_eq!(tx.steps_of_visit(next.id).await.unwrap(), steps);
    let day = (next.starts_at, next.starts_at + SignedDuration::from_hours(1));
    assert_eq!(tx.last_steps(day.0, day.1).await.unwrap(), [(next.id, steps[1].clone())]);
    let of_patient = tx.attendance_of_visitors(day.0, day.1).await.unwrap();
    assert_eq!(
        of_patient.iter().map(|(id, a)| (*id, a.came, a.missed)).collect::<Vec<_>>(),
        [(place.patient, 1, 1)]
    );
    let all = tx.attendance(next.starts_at).await.unwrap();
    assert_eq!((all.came, all.missed), (1, 1));
}

async fn who_waits_is_listed_by_how_long_with_what_they_were_offered(place: Place) {
    let mut tx = place.begin().await;
    let service = tx.services().await.unwrap()[0].id;
    let entry = |seconds| WaitingEntry {
        id: WaitingId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: None,
        service_id: service,
        from: date(2026, 9, 1),
        until: date(2026, 9, 30),
        part: DayPart::Morning,
        joined_at: at(seconds),
    };
    let (late, early) = (entry(20), entry(10));
    tx.insert_waiting(&late).await.unwrap();
    tx.insert_waiting(&early).await.unwrap();
    let list: Vec<_> = tx.waiting().await.unwrap().into_iter().map(|(entry, _)| entry).collect();
    assert_eq!(list, [early.clone(), late]);
    let held = visit(&place, 0);
    tx.insert_appointment(&held).await.unwrap();
    let offer = Offer { appointment_id: held.id, waiting_id: early.id, kept_until: at(99), undo: None };
    tx.insert_offer(&offer).await.unwrap();
    assert_eq!(tx.open_offers().await.unwrap(), [offer]);
    assert_eq!(tx.already_offered(place.practitioner, held.starts_at).await.unwrap(), [early.id]);
    tx.set_appointment_state(held.id, AppointmentState::Booked, AppointmentState::Confirmed).await.unwrap();
    tx.end_waiting(early.id, at(50)).await.unwrap();
    assert_eq!((tx.open_offers().await.unwrap(), tx.waiting().await.unwrap().len()), (Vec::new(), 1));
}
