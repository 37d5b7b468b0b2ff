//! What the agenda is made from: services, rooms, hours and times in which somebody is not there.

use clinical::ids::{ClosureId, PractitionerId, ServiceId, ShiftId};
use clinical::schedule::{
    Closure, ClosureReason, MonthPlaces, Repeats, Room, Service, Shift, Span, Weekdays,
};
use jiff::Timestamp;
use jiff::civil::Time;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

fn small<T: TryFrom<i64>>(row: &Row, column: &str) -> Result<T> {
    T::try_from(row.int(column)?).map_err(|_| row.corrupt(column))
}

fn minute(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

fn time(row: &Row, column: &str) -> Result<Time> {
    let minutes: i16 = small(row, column)?;
    let part = |value: i16| i8::try_from(value).map_err(|_| row.corrupt(column));
    Time::new(part(minutes / 60)?, part(minutes % 60)?, 0, 0).map_err(|_| row.corrupt(column))
}

fn service(row: &Row) -> Result<Service> {
    Ok(Service {
        id: row.parsed("id")?,
        name: row.text("name")?,
        minutes: small(row, "minutes")?,
        buffer: small(row, "buffer")?,
        active: row.flag("active")?,
    })
}

fn shift(row: &Row) -> Result<Shift> {
    let since = row.parsed("since")?;
    let bits = |column| -> Result<Option<u8>> {
        let bits = row.maybe_int(column)?.map(|bits| u8::try_from(bits).map_err(|_| row.corrupt(column)));
        bits.transpose()
    };
    let days = match bits("weekdays")? {
        Some(days) => Some(Weekdays::from_bits(days).ok_or_else(|| row.corrupt("weekdays"))?),
        None => None,
    };
    let until = row.maybe_parsed("until_day")?;
    let repeats = match (days, bits("month_places")?) {
        (None, _) => Repeats::Once(since),
        (Some(days), None) => Repeats::Weekly { days, every: small(row, "every_weeks")?, since, until },
        (Some(days), Some(places)) => {
            let places = MonthPlaces::from_bits(places).ok_or_else(|| row.corrupt("month_places"))?;
            Repeats::Monthly { days, places, since, until }
        }
    };
    Ok(Shift {
        id: row.parsed("id")?,
        practitioner_id: row.parsed("practitioner_id")?,
        room_id: row.parsed("room_id")?,
        from: time(row, "from_minute")?,
        until: time(row, "until_minute")?,
        repeats,
        step: small(row, "step")?,
        overbook: small(row, "overbook")?,
        services: row.json("services")?,
    })
}

/// Services and rooms.
impl Tx {
    /// All services, by name.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn services(&mut self) -> Result<Vec<Service>> {
        let sql = "SELECT id, name, minutes, buffer, active FROM service ORDER BY name, id";
        self.list("service", sql, &[], service).await
    }

    /// A service.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn service(&mut self, id: ServiceId) -> Result<Option<Service>> {
        let sql = "SELECT id, name, minutes, buffer, active FROM service WHERE id = $1";
        self.one("service", sql, values![id], service).await
    }

    /// Writes a service, in the place of what it was.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] for a name that another one has.
    pub async fn save_service(&mut self, service: &Service) -> Result<()> {
        self.execute(
            "INSERT INTO service (id, name, minutes, buffer, active) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, minutes = excluded.minutes,
               buffer = excluded.buffer, active = excluded.active",
            values![
                service.id,
                &service.name,
                i64::from(service.minutes),
                i64::from(service.buffer),
                service.active
            ],
        )
        .await
        .map(drop)
    }

    /// All rooms, by name.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn rooms(&mut self) -> Result<Vec<Room>> {
        let sql = "SELECT id, name, zone, video_link, active FROM room ORDER BY name, id";
        self.list("room", sql, &[], |row| {
            Ok(Room {
                id: row.parsed("id")?,
                name: row.text("name")?,
                zone: row.maybe_text("zone")?,
                video_link: row.maybe_text("video_link")?,
                active: row.flag("active")?,
            })
        })
        .await
    }

    /// Writes a room, in the place of what it was.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] for a name that another one has.
    pub async fn save_room(&mut self, room: &Room) -> Result<()> {
        self.execute(
            "INSERT INTO room (id, name, zone, video_link, active) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, zone = excluded.zone,
               video_link = excluded.video_link, active = excluded.active",
            values![room.id, &room.name, room.zone.as_deref(), room.video_link.as_deref(), room.active],
        )
        .await
        .map(drop)
    }
}

/// Hours and absences.
impl Tx {
    /// The hours of one professional or of all.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn shifts(&mut self, practitioner: Option<PractitionerId>) -> Result<Vec<Shift>> {
        let sql = "SELECT id, practitioner_id, room_id, from_minute, until_minute, weekdays, every_weeks,
                          month_places, since, until_day, step, overbook, services
                     FROM shift WHERE ($1 IS NULL OR practitioner_id = $1)
                    ORDER BY practitioner_id, since, from_minute, id";
        self.list("shift", sql, values![practitioner], shift).await
    }

    /// Adds hours.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional or room.
    pub async fn insert_shift(&mut self, shift: &Shift) -> Result<()> {
        let (days, every, places, since, until) = match shift.repeats {
            Repeats::Once(day) => (None, 1, None, day, None),
            Repeats::Weekly { days, every, since, until } => (Some(days), every, None, since, until),
            Repeats::Monthly { days, places, since, until } => (Some(days), 1, Some(places), since, until),
        };
        let services = serde_json::json!(shift.services).to_string();
        self.execute(
            "INSERT INTO shift (id, practitioner_id, room_id, from_minute, until_minute, weekdays, every_weeks,
                                month_places, since, until_day, step, overbook, services)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            values![
                shift.id,
                shift.practitioner_id,
                shift.room_id,
                minute(shift.from),
                minute(shift.until),
                days.map(|days| i64::from(days.bits())),
                i64::from(every),
                places.map(|places| i64::from(places.bits())),
                since,
                until,
                i64::from(shift.step),
                i64::from(shift.overbook),
                services,
            ],
        )
        .await
        .map(drop)
    }

    /// Takes hours away. What is booked in them stays.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when they are not there.
    pub async fn delete_shift(&mut self, id: ShiftId) -> Result<()> {
        match self.execute("DELETE FROM shift WHERE id = $1", values![id]).await? {
            0 => Err(StorageError::Conflict { current: None }),
            _ => Ok(()),
        }
    }

    /// The times that end after an instant in which one professional, or any, is not there.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn closures(
        &mut self,
        practitioner: Option<PractitionerId>,
        after: Timestamp,
    ) -> Result<Vec<Closure>> {
        let sql = "SELECT id, practitioner_id, starts_at, ends_at, reason FROM closure
                    WHERE ($1 IS NULL OR practitioner_id = $1) AND ends_at > $2 ORDER BY starts_at, id";
        self.list("closure", sql, values![practitioner, after], |row| {
            let span = Span::new(row.time("starts_at")?, row.time("ends_at")?);
            Ok(Closure {
                id: row.parsed("id")?,
                practitioner_id: row.parsed("practitioner_id")?,
                span: span.ok_or_else(|| row.corrupt("ends_at"))?,
                reason: row.coded("reason", ClosureReason::from_code)?,
            })
        })
        .await
    }

    /// Adds a time in which somebody is not there.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn insert_closure(&mut self, closure: &Closure) -> Result<()> {
        self.execute(
            "INSERT INTO closure (id, practitioner_id, starts_at, ends_at, reason) VALUES ($1, $2, $3, $4, $5)",
            values![
                closure.id,
                closure.practitioner_id,
                closure.span.start(),
                closure.span.end(),
                closure.reason.code()
            ],
        )
        .await
        .map(drop)
    }

    /// Takes away all that was brought in from another calendar of a professional. Answers how many those were.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_imported(&mut self, practitioner: PractitionerId) -> Result<u64> {
        let sql = "DELETE FROM closure WHERE practitioner_id = $1 AND reason = $2";
        self.execute(sql, values![practitioner, ClosureReason::Imported.code()]).await
    }

    /// Takes one away.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is not there.
    pub async fn delete_closure(&mut self, id: ClosureId) -> Result<()> {
        match self.execute("DELETE FROM closure WHERE id = $1", values![id]).await? {
            0 => Err(StorageError::Conflict { current: None }),
            _ => Ok(()),
        }
    }
}
