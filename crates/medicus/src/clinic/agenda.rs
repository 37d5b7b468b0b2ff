//! The agenda of the invented clinic: hours, visits with what became of them, and who waits for a time.

use anyhow::{Context as _, anyhow};
use care::agenda_setup::{RoomForm, ServiceForm, ShiftForm};
use care::booking::{Booker, Fit, NewBooking};
use care::waiting_list::Wish;
use clinical::encounter::{AppointmentStep, CancelReason};
use clinical::ids::ServiceId;
use clinical::schedule::waiting::DayPart;
use jiff::ToSpan;

use super::format;
use super::load::Loader;

impl Loader<'_> {
    /// What the practice set before its first visit.
    pub(super) async fn agenda(&self, agenda: &format::Agenda) -> anyhow::Result<()> {
        let reception = self.actor("recepcion")?;
        let setup = self.care.agenda_setup(reception).await?;
        for service in &agenda.services {
            let same = setup.services.iter().find(|one| one.name == service.name);
            let form = ServiceForm {
                id: same.map(|one| one.id.to_string()).unwrap_or_default(),
                name: service.name.clone(),
                minutes: service.minutes.to_string(),
                buffer: String::new(),
                active: true,
            };
            self.care.save_service(reception, &form).await?;
        }
        for name in agenda.rooms.iter().filter(|name| setup.rooms.iter().all(|room| room.name != **name)) {
            let form = RoomForm { name: name.clone(), active: true, ..RoomForm::default() };
            self.care.save_room(reception, &form).await?;
        }
        let rooms = self.care.agenda_setup(reception).await?.rooms;
        for hours in &agenda.hours {
            let practitioner = self.actor(&hours.practitioner)?.practitioner_id;
            let room = rooms.iter().find(|room| room.name == hours.room);
            let form = ShiftForm {
                practitioner: practitioner.ok_or_else(|| anyhow!("sin cédula"))?.to_string(),
                room: room.ok_or_else(|| anyhow!("consultorio {}", hours.room))?.id.to_string(),
                from: hours.from.clone(),
                until: hours.until.clone(),
                days: hours.days.clone(),
                step: "20".to_owned(),
                overbook: hours.overbook.to_string(),
                ..ShiftForm::default()
            };
            self.care.add_shift(reception, &form).await?;
        }
        Ok(())
    }

    /// Who joined the waiting list in the last days.
    pub(super) async fn waiting_list(&self, waiting: &[format::Wish]) -> anyhow::Result<()> {
        let reception = self.actor("recepcion")?;
        for (days_ago, wish) in (0..3).rev().cycle().zip(waiting) {
            self.clock.set(self.past(days_ago, "10:15")?);
            let practitioner_id = match &wish.practitioner {
                Some(username) => self.actor(username)?.practitioner_id,
                None => None,
            };
            let from = self.today.date();
            let wish = Wish {
                patient_id: self.patient_id(&wish.patient)?,
                practitioner_id,
                service: self.service(&wish.service).await?,
                from,
                until: from.checked_add(wish.days.days())?,
                part: DayPart::from_code(&wish.part).ok_or_else(|| anyhow!("parte {}", wish.part))?,
            };
            self.care.join_waiting_list(Booker::Staff(reception), &wish).await?;
        }
        Ok(())
    }

    pub(super) async fn service(&self, name: &str) -> anyhow::Result<ServiceId> {
        let services = self.care.agenda_setup(self.actor("recepcion")?).await?.services;
        let service = services.iter().find(|service| service.name == name);
        Ok(service.ok_or_else(|| anyhow!("servicio {name}"))?.id)
    }

    /// A visit booked the evening before, with the steps that led to its state.
    pub(super) async fn appointment(&self, visit: &format::Visit) -> anyhow::Result<()> {
        self.clock.set(self.at(1, "19:00")?);
        let who = Booker::Staff(self.actor("recepcion")?);
        let new = NewBooking {
            patient_id: self.patient_id(&visit.patient)?,
            practitioner_id: self
                .actor(&visit.practitioner)?
                .practitioner_id
                .ok_or_else(|| anyhow!("sin cédula"))?,
            service: self.service(&visit.service).await?,
            minutes: Some(visit.minutes),
            starts_at: self.at(-visit.days, &visit.time)?,
            // The demonstration starts on any day, Sundays too.
            fit: Fit::Extra,
        };
        let booked = self.care.book(who, &new).await.context("agendar")?;
        // Who is here came some minutes early, each another number of them.
        let hour = self.past(-visit.days, &visit.time)?;
        let early = 5 + hour.as_second() / 60 % 60 / 10 * 4;
        self.clock.set(if visit.state == "arrived" { hour - early.minutes() } else { hour });
        let steps: &[AppointmentStep] = match visit.state.as_str() {
            "booked" => &[],
            "confirmed" => &[AppointmentStep::Confirm],
            "arrived" => &[AppointmentStep::Arrive],
            "finished" => &[AppointmentStep::Arrive, AppointmentStep::Finish],
            "no_show" => &[AppointmentStep::Miss],
            "cancelled" => {
                self.care.cancel(who, booked.id, CancelReason::PatientAsked).await?;
                &[]
            }
            other => return Err(anyhow!("estado {other}")),
        };
        for step in steps {
            self.care.step_visit(who, booked.id, *step).await?;
        }
        Ok(())
    }
}
