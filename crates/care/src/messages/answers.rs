//! What a patient asks for by message, done through the services of the agenda; and what they are told of it. What is not
//! understood whole, or whose visit is meant is not certain, is for a person.

use clinical::encounter::{Appointment, AppointmentState, CancelReason};
use clinical::ids::{AppointmentId, MessageId, PatientId, PractitionerId, ServiceId};
use clinical::patient::Patient;
use clinical::schedule::slots::FreeSlot;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use messaging::letter::{Action, Message, Reply, SLOTS_MAX, Slot};
use messaging::understand::{Half, Intent, When, understand};
use messaging::webhook::{Contact, Content};
use serde::{Deserialize, Serialize};
use storage::{Correspondent, MessageState, OutMessage, PageRequest, Tx};
use uuid::Uuid;

use super::inbox::{window, writer};
use super::plan::Purpose;
use super::{MessageSettings, letter, physician, token, told};
use crate::Care;
use crate::booking::{Booker, Fit, NewBooking, NewTime, SlotsWanted};
use crate::error::CareError;

/// As who the patient acts.
const PATIENT: Booker<'static> = Booker::Patient { origin: "whatsapp" };
/// How far ahead times are offered.
const OFFER_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 60);
/// Records that share a telephone, at most; with more nobody knows who writes.
const FAMILY: u32 = 8;
/// Between two times the same person is told that somebody will answer.
const TOLD: SignedDuration = SignedDuration::from_hours(12);

/// A time a row of a list stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SlotKept {
    patient: PatientId,
    practitioner: PractitionerId,
    service: ServiceId,
    starts_at: Timestamp,
    /// The visit that is moved there; a new one otherwise.
    moves: Option<AppointmentId>,
}

/// What is said, and what is noted with it.
#[derive(Default)]
struct Answer {
    message: Option<Message>,
    /// The visit it is about.
    visit: Option<Appointment>,
    /// What it tells of the visit, so that it is not told again.
    tells: Option<Purpose>,
    slots: Vec<(String, String)>,
    spends: Option<MessageId>,
    to_a_person: bool,
    stops: Option<bool>,
}

impl Answer {
    fn says(message: Message) -> Self {
        Self { message: Some(message), ..Self::default() }
    }

    fn person() -> Self {
        Self { message: Some(Message::ToAPerson), to_a_person: true, ..Self::default() }
    }
}

/// What an answer is made with.
struct Scene<'a> {
    settings: &'a MessageSettings,
    zone: &'a TimeZone,
    who: &'a Correspondent,
    /// The records with this telephone.
    patients: Vec<Patient>,
    /// The visit that is meant, if one is.
    visit: Option<Appointment>,
}

impl Care {
    /// Does what a message asks for, and answers it; once, however often it comes.
    pub(super) async fn answer_message(
        &self,
        key: &str,
        number_id: &str,
        from: &Contact,
        at: Timestamp,
        content: Content,
    ) -> Result<(), CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        if tx.was_seen(key).await? {
            return Ok(());
        }
        let Some(settings) = Self::message_settings(&mut tx).await? else { return Ok(()) };
        let who = writer(&mut tx, from).await?;
        // Each number of ours has a window of its own.
        let before = who.window_until.filter(|_| who.number_id.as_deref() == Some(number_id));
        let until = window(at, now).max(before.unwrap_or(Timestamp::MIN));
        let number_id = Some(number_id.to_owned());
        let who = Correspondent { number_id, window_until: Some(until), unreachable_at: None, ..who };
        tx.save_correspondent(&who).await?;
        if let Content::Text(text) = &content {
            tx.keep_message_text(key, who.id, text, now).await?;
        }
        let zone = Self::time_zone(&mut tx).await?;
        let patients = match who.phone.as_deref().and_then(|phone| phone.strip_prefix("52")) {
            Some(ten) => tx.patients_with_phone(ten, FAMILY).await?,
            None => Vec::new(),
        };
        let visit = meant(&mut tx, &who, &patients, now).await?;
        tx.commit().await?;
        let scene = Scene { settings: &settings, zone: &zone, who: &who, patients, visit };
        let answer = match content {
            Content::Text(text) => self.answer_words(&scene, &text).await?,
            Content::Reply(reply) => match Reply::parse(&reply) {
                Some(reply) => self.answer_touch(&scene, reply).await?,
                None => Answer::person(),
            },
            // A thumb under a message asks for nothing.
            Content::Other(kind) if kind == "reaction" => Answer::default(),
            Content::Other(_) => Answer { to_a_person: true, ..Answer::says(Message::OnlyVisits) },
        };
        self.write_answer(key, &scene, answer).await
    }

    async fn answer_words(&self, scene: &Scene<'_>, text: &str) -> Result<Answer, CareError> {
        let today = scene.zone.to_datetime(self.now()).date();
        let intent = understand(text, today);
        Ok(match intent {
            Intent::Stop => Answer { stops: Some(true), ..Answer::says(Message::Stopped) },
            Intent::Restart => Answer { stops: Some(false), ..Answer::says(Message::Restarted) },
            Intent::WhoAreYou => Answer::says(Message::WhoWeAre),
            Intent::Thanks => Answer::default(),
            Intent::Person => Answer::person(),
            _ if scene.patients.is_empty() => Answer::person(),
            Intent::Book(when) => self.offer_new(scene, when).await?,
            Intent::Yes | Intent::No | Intent::Cancel | Intent::Move(_) | Intent::AskVisit => match &scene
                .visit
            {
                None if matches!(intent, Intent::AskVisit | Intent::Yes) => Answer::says(Message::NoVisit),
                None => Answer::person(),
                Some(visit) => match intent {
                    Intent::Yes => self.confirm_visit(scene, visit).await?,
                    Intent::Cancel => self.cancel_visit(scene, visit).await?,
                    Intent::Move(when) => self.offer_move(scene, visit, when).await?,
                    _ => self.standing(scene, visit).await?,
                },
            },
        })
    }

    async fn answer_touch(&self, scene: &Scene<'_>, reply: Reply) -> Result<Answer, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let found = tx.message_of_token(&reply.token.to_string()).await?;
        let visit = match found.as_ref().and_then(|(message, _)| message.appointment_id) {
            Some(id) => tx.appointment(id).await?,
            None => None,
        };
        drop(tx);
        let Some((message, slot)) =
            found.filter(|(message, _)| message.correspondent_id == Some(scene.who.id))
        else {
            return self.current(scene).await;
        };
        let spends = Some(message.id);
        let slot: Option<SlotKept> =
            slot.as_deref().map(serde_json::from_str).transpose().map_err(CareError::internal)?;
        // Only of the visit as the message told it.
        let visit = visit.filter(|visit| message.visit_at == Some(visit.starts_at) && visit.state.is_ahead());
        let answer = match (reply.action, visit, slot) {
            (Action::Slot, _, Some(slot)) => self.take_slot(scene, &slot).await?,
            (Action::Confirm | Action::Take, Some(visit), _) => self.confirm_visit(scene, &visit).await?,
            (Action::Cancel | Action::Decline, Some(visit), _) => self.cancel_visit(scene, &visit).await?,
            (Action::Move, Some(visit), _) => self.offer_move(scene, &visit, When::default()).await?,
            // It was kept as long as the offer said.
            (Action::Take, None, _) if scene.visit.is_none() => Answer::says(Message::SlotGone),
            (Action::SeeSlots, _, _) => self.offer_new(scene, When::default()).await?,
            _ => return self.current(scene).await,
        };
        Ok(Answer { spends, ..answer })
    }

    /// How things stand, for a choice that is over.
    async fn current(&self, scene: &Scene<'_>) -> Result<Answer, CareError> {
        match &scene.visit {
            Some(visit) => self.standing(scene, visit).await,
            None => Ok(Answer::says(Message::NoVisit)),
        }
    }

    async fn telling(
        &self,
        scene: &Scene<'_>,
        visit: &Appointment,
        tells: Option<Purpose>,
        message: impl FnOnce(messaging::letter::Visit) -> Message,
    ) -> Result<Answer, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let shown = told(&mut tx, scene.settings, visit).await?;
        Ok(Answer { visit: Some(visit.clone()), tells, ..Answer::says(message(shown)) })
    }

    async fn standing(&self, scene: &Scene<'_>, visit: &Appointment) -> Result<Answer, CareError> {
        self.telling(scene, visit, None, Message::Standing).await
    }

    async fn confirm_visit(&self, scene: &Scene<'_>, visit: &Appointment) -> Result<Answer, CareError> {
        match self.confirm(PATIENT, visit.id).await {
            Ok(visit) => self.telling(scene, &visit, None, Message::Confirmed).await,
            Err(CareError::Conflict { .. }) => Ok(Answer::person()),
            Err(other) => Err(other),
        }
    }

    async fn cancel_visit(&self, scene: &Scene<'_>, visit: &Appointment) -> Result<Answer, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let offered = visit.state == AppointmentState::Booked && tx.offer_of(visit.id).await?.is_some();
        drop(tx);
        let say = if offered { Message::Declined } else { Message::Cancelled };
        match self.cancel(PATIENT, visit.id, CancelReason::PatientAsked).await {
            Ok(visit) => self.telling(scene, &visit, Some(Purpose::Cancelled), say).await,
            Err(CareError::Conflict { .. }) => Ok(Answer::person()),
            Err(other) => Err(other),
        }
    }

    async fn offer_move(
        &self,
        scene: &Scene<'_>,
        visit: &Appointment,
        when: When,
    ) -> Result<Answer, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let services = tx.services().await?;
        drop(tx);
        let service = services.iter().find(|service| service.name == visit.service && service.active);
        let Some(service) = service.or_else(|| services.iter().find(|service| service.active)) else {
            return Ok(Answer::person());
        };
        let of = (visit.patient_id, Some(visit.practitioner_id), service.id);
        self.offer(scene, of, Some(visit.id), when).await
    }

    /// A new visit: of the same kind and with the same professional as the last one.
    async fn offer_new(&self, scene: &Scene<'_>, when: When) -> Result<Answer, CareError> {
        // Of whom is certain only where one person has this telephone.
        let [patient] = scene.patients.as_slice() else { return Ok(Answer::person()) };
        let mut tx = self.unseen.begin_read().await?;
        let last = tx.appointments_of_patient(patient.id, PageRequest::first(1)).await?.into_iter().next();
        let services: Vec<_> = tx.services().await?.into_iter().filter(|service| service.active).collect();
        drop(tx);
        // Who was never here comes for the first time; who was comes again.
        let named = |name: &str| services.iter().find(|service| service.name == name);
        let service = match &last {
            Some(visit) => named("Subsecuente").or_else(|| named(&visit.service)),
            None => named("Primera vez"),
        };
        let Some(service) = service.or(services.first()) else { return Ok(Answer::person()) };
        self.offer(scene, (patient.id, last.map(|visit| visit.practitioner_id), service.id), None, when).await
    }

    async fn offer(
        &self,
        scene: &Scene<'_>,
        (patient, practitioner, service): (PatientId, Option<PractitionerId>, ServiceId),
        moves: Option<AppointmentId>,
        when: When,
    ) -> Result<Answer, CareError> {
        let now = self.now();
        let (from, until) = match when.day.and_then(|day| day_span(day, scene.zone)) {
            Some(span) => span,
            None => (now, now + OFFER_AHEAD),
        };
        let wanted = SlotsWanted { practitioner, service, from: from.max(now), until, limit: 400 };
        let free = self.free_slots(PATIENT, &wanted).await?;
        let chosen = choose(free, scene.zone, when);
        if chosen.is_empty() {
            return Ok(Answer { to_a_person: true, ..Answer::says(Message::NoSlots) });
        }
        self.list(scene, chosen, patient, service, moves).await
    }

    async fn list(
        &self,
        scene: &Scene<'_>,
        free: Vec<FreeSlot>,
        patient: PatientId,
        service: ServiceId,
        moves: Option<AppointmentId>,
    ) -> Result<Answer, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let mut rows = Vec::new();
        let mut slots = Vec::new();
        for slot in free.into_iter().take(SLOTS_MAX) {
            let token = token()?;
            let rooms = tx.rooms().await?;
            let zone = rooms.into_iter().find(|room| room.id == slot.room_id).and_then(|room| room.zone);
            let zone = zone.map_or_else(|| scene.zone.clone(), |name| crate::zone(&name));
            let physician = physician(&mut tx, slot.practitioner_id).await?;
            rows.push(Slot { token, starts: zone.to_datetime(slot.starts_at), physician });
            let kept = SlotKept {
                patient,
                practitioner: slot.practitioner_id,
                service,
                starts_at: slot.starts_at,
                moves,
            };
            slots.push((token.to_string(), serde_json::to_string(&kept).map_err(CareError::internal)?));
        }
        Ok(Answer { slots, ..Answer::says(Message::FreeSlots(rows)) })
    }

    /// Takes a time of a list, unless somebody was quicker: then the next ones are offered.
    async fn take_slot(&self, scene: &Scene<'_>, slot: &SlotKept) -> Result<Answer, CareError> {
        let (practitioner_id, starts_at, fit) = (slot.practitioner, slot.starts_at, Fit::Free);
        // Told again after a stop of the machine: it was taken already.
        if let Some(visit) = scene
            .visit
            .as_ref()
            .filter(|visit| visit.starts_at == starts_at && visit.patient_id == slot.patient)
        {
            return self.standing(scene, visit).await;
        }
        let taken = match slot.moves {
            Some(id) => self.reschedule(PATIENT, id, &NewTime { practitioner_id, starts_at, fit }).await,
            None => {
                let (patient_id, service, minutes) = (slot.patient, slot.service, None);
                self.book(
                    PATIENT,
                    &NewBooking { patient_id, practitioner_id, service, minutes, starts_at, fit },
                )
                .await
            }
        };
        match taken {
            Ok(visit) if slot.moves.is_some() => {
                self.telling(scene, &visit, Some(Purpose::Moved), Message::Moved).await
            }
            Ok(visit) => self.telling(scene, &visit, Some(Purpose::Booked), Message::Booked).await,
            Err(CareError::SlotTaken { next, .. }) if !next.is_empty() => {
                self.list(scene, next, slot.patient, slot.service, slot.moves).await
            }
            Err(CareError::SlotTaken { .. } | CareError::Invalid(_)) => Ok(Answer::says(Message::SlotGone)),
            Err(CareError::Conflict { .. }) => Ok(Answer::person()),
            Err(other) => Err(other),
        }
    }

    async fn write_answer(&self, key: &str, scene: &Scene<'_>, answer: Answer) -> Result<(), CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        if !tx.first_seen(key, now).await? {
            return Ok(());
        }
        let Some(mut who) = tx.correspondent(scene.who.id).await? else { return Ok(()) };
        if let Some(spent) = answer.spends {
            tx.spend_message_token(spent, now).await?;
        }
        if let Some(stops) = answer.stops {
            who.stopped_at = stops.then_some(now);
        }
        let repeated = matches!(answer.message, Some(Message::ToAPerson | Message::OnlyVisits))
            && who.told_at.is_some_and(|last| now < last + TOLD);
        if answer.to_a_person {
            who.waiting_since.get_or_insert(now);
            if !repeated {
                who.told_at = Some(now);
            }
        }
        tx.save_correspondent(&who).await?;
        if let Some(message) = answer.message.filter(|_| !repeated) {
            let about = answer.visit.as_ref();
            let of =
                |visit: &Appointment| scene.patients.iter().find(|patient| patient.id == visit.patient_id);
            let letter = letter(scene.settings, about.and_then(of), message)?;
            let reply = OutMessage {
                patient_id: about.map(|visit| visit.patient_id),
                appointment_id: about.map(|visit| visit.id),
                visit_at: about.map(|visit| visit.starts_at),
                ..self.new_message(Some(who.id), Purpose::Reply, &letter)?
            };
            if let Some(tells) = answer.tells {
                // The answer tells it: nothing more is due of the visit as it stands now.
                let (id, purpose) = (MessageId(Uuid::now_v7()), tells.code().to_owned());
                let told = OutMessage { id, purpose, state: MessageState::Dropped, ..reply.clone() };
                tx.insert_message(&told).await?;
            }
            self.insert_letter(&mut tx, &reply, &letter, &answer.slots).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The visit that is meant by who does not say which: that of the last message they got, or the only one ahead.
async fn meant(
    tx: &mut Tx,
    who: &Correspondent,
    patients: &[Patient],
    now: Timestamp,
) -> Result<Option<Appointment>, CareError> {
    let ahead = |visit: &Appointment| visit.state.is_ahead() && visit.starts_at > now;
    if let Some(id) = tx.last_message_to(who.id).await?.and_then(|message| message.appointment_id)
        && let Some(visit) = tx.appointment(id).await?.filter(ahead)
    {
        return Ok(Some(visit));
    }
    let mut all = Vec::new();
    for patient in patients {
        let visits = tx.appointments_of_patient(patient.id, PageRequest::first(20)).await?;
        for visit in visits.into_iter().filter(ahead) {
            let untold = tx.offer_of(visit.id).await?.is_some_and(|offer| !offer.can_be_told(now));
            all.extend((!untold).then_some(visit));
        }
    }
    all.sort_by_key(|visit| visit.starts_at);
    // Of one patient the next one; of two patients nobody knows whose.
    let one = all.first().filter(|first| all.iter().all(|visit| visit.patient_id == first.patient_id));
    Ok(one.cloned())
}

fn day_span(day: jiff::civil::Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let at = |day: jiff::civil::Date| zone.to_timestamp(day.to_datetime(Time::midnight())).ok();
    Some((at(day)?, at(day.checked_add(1.day()).ok()?)?))
}

/// The times that fit what was asked for, at most as many as a list has; where an hour was said, the nearest ones, and over
/// several days not more than a few of one.
fn choose(free: Vec<FreeSlot>, zone: &TimeZone, when: When) -> Vec<FreeSlot> {
    let time = |slot: &FreeSlot| zone.to_datetime(slot.starts_at).time();
    let noon = Time::constant(12, 0, 0, 0);
    let fits = |slot: &FreeSlot| match when.half {
        Some(Half::Morning) => time(slot) < noon,
        Some(Half::Afternoon) => time(slot) >= noon,
        None => true,
    };
    let mut chosen: Vec<FreeSlot> = free.into_iter().filter(fits).collect();
    if let Some(wanted) = when.time {
        chosen.sort_by_key(|slot| (time(slot).duration_since(wanted).abs(), slot.starts_at));
    } else if when.day.is_none() {
        let mut of_day = std::collections::BTreeMap::<_, usize>::new();
        chosen.retain(|slot| {
            let count = of_day.entry(zone.to_datetime(slot.starts_at).date()).or_default();
            *count += 1;
            *count <= 3
        });
    }
    chosen.truncate(SLOTS_MAX);
    chosen.sort_by_key(|slot| slot.starts_at);
    chosen
}
