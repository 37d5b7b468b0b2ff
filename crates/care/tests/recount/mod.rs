//! An invented year of a practice, written into the database as the services write it, and counted here by hand.

use std::collections::{BTreeMap, BTreeSet};

use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::document::{DocumentBody, DocumentContent, DocumentKind, SignedItem};
use clinical::draft::Origin;
use clinical::encounter::{Appointment, AppointmentState, Encounter, EncounterState};
use clinical::ids::{
    AppointmentId, BlobId, DocumentId, EncounterId, EntryId, MessageId, PatientId, PractitionerId,
};
use clinical::medication::{MedicationRequest, RequestAction};
use figures::period::Period;
use jiff::{SignedDuration, Timestamp};
use nom004::Compliance;
use storage::{AlertOverride, MessageState, NewSignedDocument, OutMessage, VisitStep, sha256};
use test_support::Clinic;
use uuid::Uuid;

const CODES: [(&str, &str); 5] = [
    ("5A11", "Diabetes mellitus tipo 2"),
    ("BA00.Z", "Hipertensión esencial"),
    ("CA07.0", "Infección aguda de las vías respiratorias"),
    ("5A80", "Otra"),
    ("", ""),
];
const MEDICINES: [&str; 3] = ["Metformina", "losartán", "Paracetamol"];

/// The numbers of a period, counted by hand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recount {
    pub(crate) visits: BTreeMap<(String, String), i64>,
    pub(crate) patients: BTreeMap<(String, String), i64>,
    pub(crate) people: BTreeMap<String, i64>,
    pub(crate) waits: ([i64; 4], i64),
    pub(crate) lengths: ([i64; 4], i64),
    pub(crate) reminded: (i64, i64),
    pub(crate) not_reminded: (i64, i64),
    pub(crate) cancelled: i64,
    pub(crate) chapters: BTreeMap<String, i64>,
    pub(crate) uncoded: i64,
    pub(crate) recetas: (i64, i64),
    pub(crate) medicines: BTreeMap<String, i64>,
    pub(crate) shown: BTreeMap<String, i64>,
    pub(crate) overridden: BTreeMap<(String, String), i64>,
    pub(crate) to_sign: ([i64; 3], i64),
    pub(crate) after_end: ([i64; 3], i64),
    pub(crate) words: (i64, i64),
    pub(crate) norm: (i64, i64),
    pub(crate) histories: (i64, i64),
    pub(crate) oddities: i64,
}

struct Planned {
    appointment: Appointment,
    reminded: bool,
    arrived: Option<Timestamp>,
    finished: Option<Timestamp>,
}

struct Visit {
    encounter: Encounter,
    planned: Option<Planned>,
    note: Option<DocumentContent>,
    receta: Option<DocumentContent>,
    alert: bool,
}

/// What was written.
pub(crate) struct World {
    pub(crate) people: Vec<(PractitionerId, String)>,
    visits: Vec<Visit>,
    /// Documents that were there before, counted too.
    model: Vec<DocumentContent>,
    /// The visit of the model: when, by whom, of whom.
    own: Encounter,
    pdf: BlobId,
}

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn minutes(&mut self, n: u64) -> SignedDuration {
        SignedDuration::from_secs(60 * i64::try_from(self.below(n)).unwrap() + 7)
    }
}

impl World {
    /// Writes so many visits over the last fourteen months.
    pub(crate) async fn write(clinic: &Clinic, visits: u64) -> Self {
        let care = &clinic.care;
        let first = clinic.patient("Jacinta", "Ahuehuete").await;
        let document = clinic.signed_note(&clinic.physician, first).await;
        let model = care.document(&clinic.physician, document).await.unwrap().content;
        let mut patients = vec![first];
        for (given, surname) in [("Otilia", "Mezquite"), ("Delfina", "Encino"), ("Eulalia", "Sabino")] {
            patients.push(clinic.patient(given, surname).await);
        }
        let mut tx = care.database().begin().await.unwrap();
        let people: Vec<(PractitionerId, String)> =
            tx.practitioners().await.unwrap().into_iter().map(|one| (one.id, one.full_name())).collect();
        let own = tx.document(document).await.unwrap().unwrap().encounter_id.unwrap();
        let own = tx.encounter(own).await.unwrap().unwrap();
        let pdf = BlobId(Uuid::now_v7());
        care.blobs().put(&mut tx, pdf, "application/pdf", b"%PDF-1.7".to_vec(), care.now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut world = Self { people, visits: Vec::new(), model: vec![model], own, pdf };
        let mut dice = Dice(7);
        for n in 0..visits {
            let back = SignedDuration::from_hours(
                24 * i64::try_from(visits - n).unwrap() * 400 / i64::try_from(visits).unwrap(),
            );
            let at = care.now() - back + dice.minutes(700);
            let patient = patients[usize::try_from(dice.below(4)).unwrap()];
            let visit = world.invent(&mut dice, patient, at);
            world.keep(clinic, &visit).await;
            world.visits.push(visit);
        }
        world
    }

    fn invent(&self, dice: &mut Dice, patient: PatientId, at: Timestamp) -> Visit {
        let who = self.people[usize::try_from(dice.below(2)).unwrap()].0;
        let planned = (dice.below(4) > 0).then(|| {
            let starts = at - dice.minutes(30);
            // One arrival in nine is noted after the fact: that wait cannot be right.
            let arrived = (dice.below(4) > 0).then(|| match dice.below(9) {
                0 => at + SignedDuration::from_mins(40),
                _ => at - dice.minutes(90),
            });
            let finished = (dice.below(2) > 0).then(|| match dice.below(9) {
                0 => at + SignedDuration::from_hours(20),
                _ => at + dice.minutes(75),
            });
            let state = if finished.is_some() {
                AppointmentState::Finished
            } else {
                AppointmentState::InConsultation
            };
            let appointment = Appointment {
                id: AppointmentId(Uuid::now_v7()),
                patient_id: patient,
                practitioner_id: who,
                starts_at: starts,
                minutes: 30,
                buffer: 0,
                lane: None,
                room_id: None,
                service: ["Primera vez", "Subsecuente"][usize::try_from(dice.below(2)).unwrap()].to_owned(),
                state,
            };
            Planned { appointment, reminded: dice.below(2) > 0, arrived, finished }
        });
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: patient,
            practitioner_id: who,
            appointment_id: planned.as_ref().map(|planned| planned.appointment.id),
            started_at: at,
            reason: "Control".to_owned(),
            state: EncounterState::Finished,
            document: if dice.below(12) == 0 {
                DocumentKind::CLINICAL_HISTORY
            } else {
                DocumentKind::PROGRESS_NOTE
            },
        };
        let signed = at + dice.minutes(2_000);
        let note = (dice.below(6) > 0).then(|| self.note(dice, &encounter, signed));
        let receta = note.as_ref().filter(|_| dice.below(2) > 0).map(|note| receta(dice, note));
        let alert = receta.is_some() && dice.below(2) > 0;
        Visit { encounter, planned, note, receta, alert }
    }

    fn note(&self, dice: &mut Dice, encounter: &Encounter, signed: Timestamp) -> DocumentContent {
        let mut content = DocumentContent {
            id: DocumentId(Uuid::now_v7()),
            kind: encounter.document,
            act_at: encounter.started_at,
            signed_at: signed,
            ..self.model[0].clone()
        };
        content.patient.id = encounter.patient_id;
        content.author.id = encounter.practitioner_id;
        if let DocumentBody::Note { sections, conditions, .. } = &mut content.body {
            let (code, title) = CODES[usize::try_from(dice.below(5)).unwrap()];
            let certainty = [Certainty::Confirmed, Certainty::Suspected, Certainty::RuledOut];
            let entry = ConditionEntry {
                text: "diagnóstico".to_owned(),
                certainty: certainty[usize::try_from(dice.below(3)).unwrap()],
                code: (!code.is_empty()).then(|| ConditionCode {
                    icd11: code.to_owned(),
                    title: title.to_owned(),
                    icd10: None,
                    release: None,
                }),
            };
            // Said twice in one note: counted once.
            *conditions = vec![entry.clone(), entry];
            let origins =
                [Origin::Proposed, Origin::Written, Origin::Edited { original: "una dos cuatro".to_owned() }];
            let origin = origins[usize::try_from(dice.below(3)).unwrap()].clone();
            let item = SignedItem {
                text: "una dos tres".to_owned(),
                origin,
                evidence: Vec::new(),
                source: None,
                cells: Vec::new(),
            };
            // What is required is missing now and then.
            if dice.below(3) == 0 {
                sections.iter_mut().for_each(|section| section.items.clear());
            }
            sections[0].items = vec![item];
        }
        content
    }

    async fn keep(&self, clinic: &Clinic, visit: &Visit) {
        let mut tx = clinic.care.database().begin().await.unwrap();
        if let Some(Planned { appointment, reminded, arrived, finished }) = &visit.planned {
            tx.insert_appointment(appointment).await.unwrap();
            let steps = [(AppointmentState::Arrived, arrived), (AppointmentState::Finished, finished)];
            for (state, at) in steps {
                let Some(at) = *at else { continue };
                let step = VisitStep { state, at, by: None, author: "recepción".to_owned(), reason: None };
                tx.note_step(appointment.id, &step).await.unwrap();
            }
            if *reminded {
                tx.insert_message(&reminder(appointment)).await.unwrap();
            }
        }
        tx.insert_encounter(&visit.encounter).await.unwrap();
        let documents = visit.note.iter().chain(&visit.receta).map(|content| NewSignedDocument {
            id: content.id,
            kind: content.kind,
            patient_id: content.patient.id,
            encounter_id: Some(visit.encounter.id),
            amends: None,
            signed_by: clinic.physician.user_id,
            signed_at: content.signed_at,
            act_at: content.act_at,
            content: serde_json::to_string(content).unwrap(),
            pdf: self.pdf,
            pdf_digest: sha256(b"%PDF-1.7"),
        });
        tx.insert_documents(documents.collect()).await.unwrap();
        if let Some(receta) = visit.receta.as_ref().filter(|_| visit.alert) {
            let who = visit.encounter.practitioner_id;
            tx.insert_alerts_shown(receta.id, who, receta.signed_at, &[("mayor", 2), ("menor", 1)])
                .await
                .unwrap();
            let decision = AlertOverride {
                id: EntryId(Uuid::now_v7()),
                document_id: receta.id,
                alert_key: "pareja".to_owned(),
                patient_id: receta.patient.id,
                severity: "mayor".to_owned(),
                reason_code: "ya_tolerado".to_owned(),
                data_version: String::new(),
                by: clinic.physician.user_id,
                at: receta.signed_at,
            };
            tx.insert_alert_override(&decision).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// A note that states a diagnosis with a CIE-10 code, of the first patient or of another.
    pub(crate) async fn state(
        &mut self,
        clinic: &Clinic,
        who: usize,
        at: Timestamp,
        icd10: &str,
        certainty: Certainty,
    ) {
        let mut patient = self.own.patient_id;
        if who > 0 {
            let known = clinic.care.search_patients(&clinic.physician, "Mezquite", 0).await.unwrap();
            patient = known.patients[0].id;
        }
        let mut visit = self.invent(&mut Dice(5), patient, at);
        let mut note = self.note(&mut Dice(5), &visit.encounter, at);
        if let DocumentBody::Note { conditions, .. } = &mut note.body {
            *conditions = vec![ConditionEntry {
                text: "diagnóstico".to_owned(),
                certainty,
                code: Some(ConditionCode {
                    icd11: format!("1A{who}{}", icd10.len()),
                    title: icd10.to_owned(),
                    icd10: Some(icd10.to_owned()),
                    release: None,
                }),
            }];
        }
        (visit.note, visit.receta, visit.alert, visit.planned) = (Some(note), None, false, None);
        visit.encounter.appointment_id = None;
        self.keep(clinic, &visit).await;
        self.visits.push(visit);
    }

    pub(crate) async fn change_visit(&mut self, clinic: &Clinic, n: usize, state: EncounterState) {
        let encounter = &mut self.visits[n].encounter;
        let mut tx = clinic.care.database().begin().await.unwrap();
        tx.set_encounter_state(encounter.id, encounter.state, state).await.unwrap();
        tx.commit().await.unwrap();
        encounter.state = state;
    }

    pub(crate) async fn move_appointment(&mut self, clinic: &Clinic, from: usize, days: i64) {
        let planned = self.visits.iter_mut().skip(from).find_map(|visit| visit.planned.as_mut()).unwrap();
        let mut moved = planned.appointment.clone();
        moved.starts_at += SignedDuration::from_hours(24 * days);
        let mut tx = clinic.care.database().begin().await.unwrap();
        tx.move_appointment(&planned.appointment, &moved).await.unwrap();
        tx.commit().await.unwrap();
        planned.appointment = moved;
    }

    pub(crate) async fn miss(&mut self, clinic: &Clinic, from: usize, state: AppointmentState) {
        let planned = self.visits.iter_mut().skip(from).find_map(|visit| visit.planned.as_mut()).unwrap();
        let mut tx = clinic.care.database().begin().await.unwrap();
        tx.set_appointment_state(planned.appointment.id, planned.appointment.state, state).await.unwrap();
        tx.commit().await.unwrap();
        planned.appointment.state = state;
    }

    /// A visit before all others of a patient: theirs is no first one any more.
    pub(crate) async fn write_earlier_visit(&mut self, clinic: &Clinic, of: usize) {
        let patient = self.visits[of].encounter.patient_id;
        let at: Timestamp = "2025-01-20T16:00:00Z".parse().unwrap();
        let visit = self.invent(&mut Dice(99), patient, at);
        self.keep(clinic, &visit).await;
        self.visits.push(visit);
    }

    pub(crate) async fn remind_latest(&mut self, clinic: &Clinic, marked: bool) {
        let now = clinic.care.now();
        let mut visit = self.invent(&mut Dice(3), self.own.patient_id, now - SignedDuration::from_hours(2));
        let appointment = Appointment {
            id: AppointmentId(Uuid::now_v7()),
            patient_id: self.own.patient_id,
            practitioner_id: self.people[0].0,
            starts_at: now - SignedDuration::from_hours(3),
            minutes: 30,
            buffer: 0,
            lane: None,
            room_id: None,
            service: "Control".to_owned(),
            state: AppointmentState::NoShow,
        };
        visit.encounter.appointment_id = Some(appointment.id);
        visit.planned = Some(Planned { appointment, reminded: false, arrived: None, finished: None });
        self.keep(clinic, &visit).await;
        clinic.care.bring_figures_up_to_date().await.unwrap();
        let planned = visit.planned.as_mut().unwrap();
        let mut tx = clinic.care.database().begin().await.unwrap();
        let arrived = reminder(&planned.appointment);
        if marked {
            let queued = OutMessage { state: MessageState::Queued, ..arrived.clone() };
            assert!(tx.insert_message(&queued).await.unwrap());
            assert!(tx.settle_message(MessageState::Queued, &arrived).await.unwrap());
        } else {
            tx.insert_message(&arrived).await.unwrap();
        }
        tx.commit().await.unwrap();
        planned.reminded = true;
        self.visits.push(visit);
    }
}

fn reminder(appointment: &Appointment) -> OutMessage {
    OutMessage {
        id: MessageId(Uuid::now_v7()),
        correspondent_id: None,
        patient_id: Some(appointment.patient_id),
        appointment_id: Some(appointment.id),
        purpose: "day_before".to_owned(),
        visit_at: Some(appointment.starts_at),
        channel: "whatsapp".to_owned(),
        letter: "{}".to_owned(),
        not_before: appointment.starts_at,
        not_after: appointment.starts_at,
        attempts: 1,
        state: MessageState::Read,
        doubts: 0,
        meta_id: None,
        failure: None,
        charged: None,
        created_at: appointment.starts_at,
        changed_at: appointment.starts_at,
    }
}

fn receta(dice: &mut Dice, note: &DocumentContent) -> DocumentContent {
    let count = usize::try_from(1 + dice.below(3)).unwrap();
    let lines = MEDICINES.iter().take(count).map(|name| MedicationRequest::named(name, RequestAction::Start));
    DocumentContent {
        id: DocumentId(Uuid::now_v7()),
        kind: DocumentKind::PRESCRIPTION,
        body: DocumentBody::Prescription {
            folio: "R-1".to_owned(),
            medication_requests: lines.collect(),
            diagnosis: None,
            instructions: Vec::new(),
            alert_decisions: Vec::new(),
        },
        ..note.clone()
    }
}

/// Counting.
impl World {
    pub(crate) fn documents(&self) -> usize {
        self.contents().count()
    }

    fn contents(&self) -> impl Iterator<Item = &DocumentContent> {
        let written = self.visits.iter().flat_map(|visit| visit.note.iter().chain(&visit.receta));
        self.model.iter().chain(written)
    }

    fn attended(&self) -> impl Iterator<Item = &Encounter> {
        let written = self.visits.iter().map(|visit| &visit.encounter);
        written.chain([&self.own]).filter(|encounter| encounter.state != EncounterState::Cancelled)
    }

    pub(crate) fn visits_of(&self, who: PractitionerId) -> i64 {
        let own = self.attended().filter(|encounter| encounter.practitioner_id == who);
        i64::try_from(own.count()).unwrap()
    }

    pub(crate) fn patients_with(&self, code: &str) -> i64 {
        let mut patients = BTreeSet::new();
        for content in self.contents() {
            let DocumentBody::Note { conditions, .. } = &content.body else { continue };
            let stated = |entry: &ConditionEntry| {
                entry.certainty != Certainty::RuledOut
                    && entry.code.as_ref().is_some_and(|own| own.icd11 == code)
            };
            if conditions.iter().any(stated) {
                patients.insert(content.patient.id.to_string());
            }
        }
        i64::try_from(patients.len()).unwrap()
    }

    pub(crate) fn recount(&self, period: Period) -> Recount {
        let zone = care::zone(care::DEFAULT_ZONE);
        let step = |at: Timestamp| {
            let day = zone.to_datetime(at).date();
            (day >= period.from() && day <= period.until()).then(|| period.grain().key(day))
        };
        let mut counts = Recount::default();
        for encounter in self.attended() {
            let Some(key) = step(encounter.started_at) else { continue };
            let visit = self.visits.iter().find(|visit| visit.encounter.id == encounter.id);
            let planned = visit.and_then(|visit| visit.planned.as_ref());
            let service = planned.map(|planned| planned.appointment.service.clone()).unwrap_or_default();
            *counts.visits.entry((key.clone(), service)).or_default() += 1;
            let earlier = self.attended().any(|other| {
                other.patient_id == encounter.patient_id && other.started_at < encounter.started_at
            });
            let item = if earlier { "returning" } else { "new" };
            *counts.patients.entry((key, item.to_owned())).or_default() += 1;
            let history = self.contents().any(|content| {
                nom004::definition(content.kind).domain == Some(2)
                    && content.patient.id == encounter.patient_id
                    && content.act_at <= encounter.started_at
            });
            counts.histories.0 += i64::from(history);
            counts.histories.1 += 1;
            let name = self.people.iter().find(|(id, _)| *id == encounter.practitioner_id).unwrap();
            *counts.people.entry(name.1.clone()).or_default() += 1;
            let signed = match visit {
                Some(visit) => visit.note.as_ref(),
                None => self.model.first(),
            };
            count_times(&mut counts, encounter.started_at, planned, signed.map(|note| note.signed_at));
        }
        for planned in self.visits.iter().filter_map(|visit| visit.planned.as_ref()) {
            if step(planned.appointment.starts_at).is_none() {
                continue;
            }
            let group = if planned.reminded { &mut counts.reminded } else { &mut counts.not_reminded };
            match planned.appointment.state {
                AppointmentState::NoShow => group.1 += 1,
                AppointmentState::Cancelled => counts.cancelled += 1,
                AppointmentState::Booked | AppointmentState::Confirmed => {}
                _ => group.0 += 1,
            }
        }
        for content in self.contents().filter(|content| step(content.act_at).is_some()) {
            count_content(&mut counts, content);
        }
        for visit in self.visits.iter().filter(|visit| visit.alert) {
            if step(visit.receta.as_ref().unwrap().signed_at).is_some() {
                *counts.shown.entry("mayor".to_owned()).or_default() += 2;
                *counts.shown.entry("menor".to_owned()).or_default() += 1;
                let why = ("mayor".to_owned(), "ya_tolerado".to_owned());
                *counts.overridden.entry(why).or_default() += 1;
            }
        }
        counts
    }
}

fn count_times(
    counts: &mut Recount,
    started: Timestamp,
    planned: Option<&Planned>,
    signed: Option<Timestamp>,
) {
    // Whole minutes as a clock shows them: towards zero.
    let between = |from: Timestamp, until: Timestamp| until.duration_since(from).as_secs() / 60;
    let place =
        |minutes: i64| usize::from(minutes >= 15) + usize::from(minutes >= 30) + usize::from(minutes >= 60);
    let late = |minutes: i64| usize::from(minutes >= 60) + usize::from(minutes >= 1_440);
    if let Some(arrived) = planned.and_then(|planned| planned.arrived) {
        let wait = between(arrived, started);
        if (0..=720).contains(&wait) {
            counts.waits.0[place(wait)] += 1;
            counts.waits.1 += wait;
        } else {
            counts.oddities += 1;
        }
    }
    let finished = planned.and_then(|planned| planned.finished);
    if let Some(end) = finished.or(signed) {
        let length = between(started, end);
        if (0..=480).contains(&length) {
            counts.lengths.0[place(length)] += 1;
            counts.lengths.1 += length;
        } else {
            counts.oddities += 1;
        }
    }
    if let Some(signed) = signed {
        let minutes = between(started, signed);
        counts.to_sign.0[late(minutes)] += 1;
        counts.to_sign.1 += minutes;
        if let Some(finished) = finished {
            let minutes = between(finished, signed).max(0);
            counts.after_end.0[late(minutes)] += 1;
            counts.after_end.1 += minutes;
        }
    }
}

fn count_content(counts: &mut Recount, content: &DocumentContent) {
    let mut compliance = Compliance::default();
    compliance.add(content);
    counts.norm.0 += i64::try_from(compliance.total().0).unwrap();
    counts.norm.1 += i64::try_from(compliance.total().1).unwrap();
    match &content.body {
        DocumentBody::Note { sections, conditions, .. } => {
            let stated = conditions.iter().filter(|entry| entry.certainty != Certainty::RuledOut);
            let codes: BTreeSet<&str> =
                stated.map(|entry| entry.code.as_ref().map_or("", |code| code.icd11.as_str())).collect();
            for code in codes {
                let chapter = match code.chars().next() {
                    Some('5') => "05",
                    Some('B') => "11",
                    Some('C') => "12",
                    _ => {
                        counts.uncoded += 1;
                        continue;
                    }
                };
                *counts.chapters.entry(chapter.to_owned()).or_default() += 1;
            }
            for item in sections.iter().flat_map(|section| &section.items) {
                let words = i64::try_from(item.text.split(' ').count()).unwrap();
                match &item.origin {
                    Origin::Written => counts.words.0 += words,
                    Origin::Proposed => counts.words.1 += words,
                    // "una dos tres" out of "una dos cuatro".
                    Origin::Edited { .. } => {
                        counts.words.0 += 1;
                        counts.words.1 += 2;
                    }
                }
            }
        }
        DocumentBody::Prescription { medication_requests, .. } => {
            counts.recetas.0 += 1;
            counts.recetas.1 += i64::try_from(medication_requests.len()).unwrap();
            for request in medication_requests {
                *counts.medicines.entry(request.medicine.to_lowercase()).or_default() += 1;
            }
        }
        DocumentBody::Addendum { .. } => {}
    }
}
