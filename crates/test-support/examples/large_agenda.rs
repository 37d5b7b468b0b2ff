//! A network with ten thousand visits a day, for measuring: how long the free times of twenty physicians for a month take.
//!
//! `cargo run --release -p test-support --example large_agenda` prints the slowest of some runs, in milliseconds; with the word
//! `postgres` after it, on the server that `MEDICUS_TEST_POSTGRES` names. Everything is invented and thrown away.

#![expect(clippy::print_stdout, reason = "the answer of a tool")]

use std::error::Error;
use std::time::Instant;

use care::booking::{Booker, SlotsWanted};
use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{AppointmentId, PractitionerId, RoomId, ShiftId};
use clinical::practitioner::Practitioner;
use clinical::schedule::{Repeats, Shift, Weekdays};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use test_support::{Clinic, Engine};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Physicians of the network, and visits of each a day: ten thousand.
const PHYSICIANS: usize = 500;
const VISITS: i64 = 20;
const DAYS: i64 = 30;
/// Whose free times are asked for.
const ASKED: usize = 20;
const RUNS: usize = 20;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = std::env::args().nth(1).is_some_and(|engine| engine == "postgres");
    let engine = if server { Engine::Postgres } else { Engine::Embedded };
    println!("{:.1}", runtime.block_on(measure(engine))?);
    Ok(())
}

async fn measure(engine: Engine) -> Result<f64> {
    let clinic = Clinic::on(engine).await;
    let people = fill(&clinic).await?;
    let setup = clinic.care.agenda_setup(&clinic.reception).await?;
    let service = setup.services.first().ok_or("no hay servicios")?.id;
    let (from, until) = (clinic.care.now(), clinic.care.now() + SignedDuration::from_hours(24 * DAYS));
    let mut slowest: f64 = 0.0;
    for _ in 0..RUNS {
        let started = Instant::now();
        let mut found = 0;
        for physician in people.iter().take(ASKED) {
            let wanted = SlotsWanted { practitioner: Some(*physician), service, from, until, limit: 10_000 };
            found += clinic.care.free_slots(Booker::Program, &wanted).await?.len();
        }
        slowest = slowest.max(started.elapsed().as_secs_f64() * 1_000.0);
        if found == 0 {
            return Err("no hay horas libres".into());
        }
    }
    Ok(slowest)
}

/// Hours from eight to eight, and half of them taken.
async fn fill(clinic: &Clinic) -> Result<Vec<PractitionerId>> {
    let patient = clinic.patient("Jacinta", "Olmo").await;
    let mut tx = clinic.care.database().begin().await?;
    let model = tx.practitioners().await?.into_iter().next().ok_or("no hay médico")?;
    let room = tx.rooms().await?.first().ok_or("no hay consultorio")?.id;
    let every_day = Weekdays::from_bits(127).ok_or("no hay días")?;
    let zone = jiff::tz::TimeZone::get(care::DEFAULT_ZONE)?;
    let today = zone.to_datetime(clinic.care.now()).date();
    let mut people = Vec::new();
    for _ in 0..PHYSICIANS {
        let id = PractitionerId(Uuid::now_v7());
        tx.insert_practitioner(&Practitioner { id, ..model.clone() }).await?;
        tx.insert_shift(&hours(
            id,
            room,
            Repeats::Weekly { days: every_day, every: 1, since: today, until: None },
        ))
        .await?;
        for day in 0..DAYS {
            let opening = zone.to_timestamp(today.to_datetime(time(8, 0, 0, 0)))?
                + SignedDuration::from_hours(24 * day);
            for visit in 0..VISITS {
                let starts_at = opening + SignedDuration::from_mins(36 * visit / 5 * 5);
                tx.insert_appointment(&visit_at(id, patient, room, starts_at)).await?;
            }
        }
        people.push(id);
    }
    tx.commit().await?;
    Ok(people)
}

fn hours(practitioner_id: PractitionerId, room_id: RoomId, repeats: Repeats) -> Shift {
    Shift {
        id: ShiftId(Uuid::now_v7()),
        practitioner_id,
        room_id,
        from: time(8, 0, 0, 0),
        until: time(20, 0, 0, 0),
        repeats,
        step: 15,
        overbook: 0,
        services: Vec::new(),
    }
}

fn visit_at(
    practitioner_id: PractitionerId,
    patient_id: clinical::ids::PatientId,
    room: RoomId,
    starts_at: Timestamp,
) -> Appointment {
    Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id,
        practitioner_id,
        starts_at,
        minutes: 15,
        buffer: 0,
        lane: Some(0),
        room_id: Some(room),
        service: "Subsecuente".to_owned(),
        state: AppointmentState::Booked,
    }
}
