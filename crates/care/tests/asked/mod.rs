//! Invented records, kept beside what is known of each in plain values, and a second way to answer a question from those.

use std::collections::BTreeMap;

use care::chart::SummaryChange;
use care::gaps::DoneForm;
use care::laboratory::{ReportForm, RowForm};
use care::patients::PatientForm;
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::document::{Cancellation, DocumentBody, DocumentContent, DocumentKind};
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{BlobId, DocumentId, EncounterId, EntryId, PatientId, PractitionerId};
use clinical::laboratory::Comparator;
use clinical::medication::{MedicationRequest, RequestAction};
use clinical::observation::{Amount, VitalKind, VitalSign};
use clinical::person::Sex;
use figures::question::{Diagnosed, Fact, Measured, Question, Visits, When};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use storage::{NewSignedDocument, Observation, Recorded, sha256};
use test_support::Clinic;
use uuid::Uuid;

const CODES: [&str; 6] = ["5A11", "5A11.1", "BA00.Z", "CA40.0", "5A11/9B71.0", "JA63.0"];
const MEDICINES: [(&str, &str); 3] =
    [("metformina", "metformin"), ("Losartán", "losartan"), ("paracetamol", "paracetamol")];

/// The same numbers in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What the test knows of a person.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) id: PatientId,
    pub(crate) number: String,
    sex: Sex,
    born: Date,
    /// Code and whether it is still open.
    problems: Vec<(String, bool)>,
    /// Code, when, and whether it was sure.
    stated: Vec<(String, Timestamp, bool)>,
    /// INN and whether it is still taken.
    taken: Vec<(String, bool)>,
    /// INN, when, and whether the receta holds.
    prescribed: Vec<(String, Timestamp, bool)>,
    /// Code, value, when; possible ones only.
    values: Vec<(String, f64, Timestamp)>,
    visits: Vec<(Timestamp, PractitionerId)>,
    mammography: bool,
}

pub(crate) struct World {
    pub(crate) people: Vec<PractitionerId>,
    pub(crate) known: Vec<Known>,
    model: DocumentContent,
    pdf: BlobId,
}

fn zoned() -> jiff::tz::TimeZone {
    care::zone(care::DEFAULT_ZONE)
}

impl World {
    pub(crate) async fn write(clinic: &Clinic, people: usize) -> Self {
        let care = &clinic.care;
        let first = clinic.patient("Jacinta", "Ahuehuete").await;
        let document = clinic.signed_note(&clinic.physician, first).await;
        let model = care.document(&clinic.physician, document).await.unwrap().content;
        let mut tx = care.database().begin().await.unwrap();
        let people_of_practice = tx.practitioners().await.unwrap().into_iter().map(|one| one.id).collect();
        let pdf = BlobId(Uuid::now_v7());
        care.blobs().put(&mut tx, pdf, "application/pdf", b"%PDF-1.7".to_vec(), care.now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut world = Self { people: people_of_practice, known: Vec::new(), model, pdf };
        let mut dice = Dice(11);
        for n in 0..people {
            let one = world.person(clinic, n, &mut dice).await;
            world.known.push(one);
        }
        world
    }

    async fn person(&self, clinic: &Clinic, n: usize, dice: &mut Dice) -> Known {
        let care = &clinic.care;
        let today: Date = "2026-03-10".parse().unwrap();
        let sex = [Sex::Female, Sex::Male][n % 2];
        let years = i64::try_from(dice.below(80)).unwrap();
        // Many are born on the very day an age ends or begins.
        let born = today.checked_sub(years.years().days(i64::try_from(dice.below(3)).unwrap())).unwrap();
        let form = PatientForm {
            given: "Persona".to_owned(),
            first_surname: format!(
                "{}{}",
                ["Ba", "Ce", "Di", "Fo", "Gu", "Ha", "Je"][n % 7],
                ["lano", "rmeta", "ndo", "sque", "tivo", "vera"][n / 7 % 6]
            ),
            birth_date: born.to_string(),
            sex: sex.code().to_owned(),
            phone: format!("55000000{n:02}"),
            ..PatientForm::default()
        };
        let id = care.register_patient(&clinic.physician, &form).await.unwrap().id;
        let number = care.chart(&clinic.physician, id, 0).await.unwrap().patient.record_number;
        let mut known = Known {
            id,
            number,
            sex,
            born,
            problems: Vec::new(),
            stated: Vec::new(),
            taken: Vec::new(),
            prescribed: Vec::new(),
            values: Vec::new(),
            visits: Vec::new(),
            mammography: false,
        };
        self.summary(clinic, &mut known, dice).await;
        self.laboratory(clinic, &mut known, dice).await;
        for _ in 0..dice.below(4) {
            self.visit(clinic, &mut known, dice).await;
        }
        if dice.once_in(4) {
            let done =
                DoneForm { act: "mammography".to_owned(), on: today.to_string(), place: String::new() };
            care.note_done(&clinic.physician, known.id, &done).await.unwrap();
            known.mammography = true;
        }
        known
    }

    async fn summary(&self, clinic: &Clinic, known: &mut Known, dice: &mut Dice) {
        let (care, actor) = (&clinic.care, &clinic.physician);
        if dice.once_in(3) {
            let icd11 = ["5A11", "BA00.Z"][dice.below(2)].to_owned();
            let problem =
                SummaryChange::AddProblem { text: format!("problema {icd11}"), icd11: icd11.clone() };
            care.change_summary(actor, known.id, &problem).await.unwrap();
            known.problems.push((icd11, true));
        }
        if dice.once_in(3) {
            let (name, inn) = MEDICINES[dice.below(3)];
            let taken = SummaryChange::AddMedication { medicine: name.to_owned(), taken: String::new() };
            care.change_summary(actor, known.id, &taken).await.unwrap();
            known.taken.push((inn.to_owned(), true));
        }
        let chart = care.chart(actor, known.id, 0).await.unwrap();
        if dice.once_in(3)
            && let Some(entry) = chart.summary.conditions.first()
        {
            care.change_summary(actor, known.id, &SummaryChange::CloseProblem(entry.id)).await.unwrap();
            known.problems[0].1 = false;
        }
        if dice.once_in(3)
            && let Some(entry) = chart.summary.medications.first()
        {
            care.change_summary(actor, known.id, &SummaryChange::CloseMedication(entry.id)).await.unwrap();
            known.taken[0].1 = false;
        }
    }

    /// Results in two units, some of them impossible, withdrawn or corrected.
    async fn laboratory(&self, clinic: &Clinic, known: &mut Known, dice: &mut Dice) {
        let (care, actor) = (&clinic.care, &clinic.physician);
        for n in 0..dice.below(4) {
            let day: Date =
                Date::new(2025, 12, 1).unwrap().checked_add((i64::try_from(n).unwrap() * 33).days()).unwrap();
            let at = day.at(0, 0, 0, 0).to_zoned_datetime(zoned()).unwrap().timestamp();
            let (value, unit, percent) =
                [("9", "%", 9.0), ("6.1", "%", 6.1), ("75", "mmol/mol", 9.013), ("53", "%", f64::NAN)]
                    [dice.below(4)];
            let row = |value: &str, unit: &str| RowForm {
                analyte: "HbA1c".to_owned(),
                value: value.to_owned(),
                unit: unit.to_owned(),
                range: String::new(),
            };
            let form =
                ReportForm { day: day.to_string(), rows: vec![row(value, unit)], ..ReportForm::default() };
            care.add_lab_report(actor, known.id, &form).await.unwrap();
            let result = care.lab_reports(actor, known.id, 0).await.unwrap().entries[0].results[0].id;
            match dice.below(6) {
                0 => drop(care.withdraw_lab_result(actor, result, "de otra persona").await.unwrap()),
                1 => {
                    care.correct_lab_result(actor, result, &row("7.5", "%"), "error de dedo").await.unwrap();
                    known.values.push(("4548-4".to_owned(), 7.5, at));
                }
                _ if percent.is_nan() => {}
                _ => known.values.push(("4548-4".to_owned(), percent, at)),
            }
        }
    }

    async fn visit(&self, clinic: &Clinic, known: &mut Known, dice: &mut Dice) {
        let now = clinic.care.now();
        // Up to two years ago, often at the very ends of a day of the practice (6:00 in UTC).
        let days = i64::try_from(dice.below(730)).unwrap();
        let at = now
            - SignedDuration::from_hours(24 * days + 10)
            - SignedDuration::from_millis(i64::try_from(dice.below(2)).unwrap());
        let who = self.people[dice.below(2)];
        let cancelled = dice.once_in(5);
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: known.id,
            practitioner_id: who,
            appointment_id: None,
            started_at: at,
            reason: "Control".to_owned(),
            state: if cancelled { EncounterState::Cancelled } else { EncounterState::Finished },
            document: DocumentKind::PROGRESS_NOTE,
        };
        let mut tx = clinic.care.database().begin().await.unwrap();
        tx.insert_encounter(&encounter).await.unwrap();
        if !cancelled {
            known.visits.push((at, who));
        }
        let (weight, possible) = [(70, true), (95, true), (7_000, false)][dice.below(3)];
        let sign = VitalSign { kind: VitalKind::Weight, value: Amount::whole(weight) };
        let recorded = Recorded { by: clinic.physician.user_id, at, encounter_id: None };
        let id = EntryId(Uuid::now_v7());
        tx.insert_observation(known.id, &Observation { id, sign, taken_at: at, recorded }).await.unwrap();
        if possible {
            known.values.push(("weight_kg".to_owned(), f64::from(weight), at));
        }
        let note = self.note(known, &encounter, dice);
        let receta = self.receta(known, &note, dice);
        let cancel = dice.once_in(4).then(|| Cancellation {
            document_id: receta.id,
            reason: "error".to_owned(),
            by: clinic.physician.user_id,
            by_name: String::new(),
            at: now,
        });
        let documents = [note, receta].map(|content| NewSignedDocument {
            id: content.id,
            kind: content.kind,
            patient_id: content.patient.id,
            encounter_id: Some(encounter.id),
            amends: None,
            signed_by: clinic.physician.user_id,
            signed_at: content.signed_at,
            act_at: content.act_at,
            content: serde_json::to_string(&content).unwrap(),
            pdf: self.pdf,
            pdf_digest: sha256(b"%PDF-1.7"),
        });
        tx.insert_documents(documents.into()).await.unwrap();
        if let Some(cancel) = &cancel {
            tx.cancel_prescription(cancel).await.unwrap();
            known.prescribed.last_mut().unwrap().2 = false;
        }
        tx.commit().await.unwrap();
    }

    fn note(&self, known: &mut Known, encounter: &Encounter, dice: &mut Dice) -> DocumentContent {
        let mut content = DocumentContent {
            id: DocumentId(Uuid::now_v7()),
            act_at: encounter.started_at,
            signed_at: encounter.started_at,
            ..self.model.clone()
        };
        content.patient.id = encounter.patient_id;
        content.author.id = encounter.practitioner_id;
        let code = CODES[dice.below(6)];
        let certainty = [Certainty::Confirmed, Certainty::Suspected, Certainty::RuledOut][dice.below(3)];
        if let DocumentBody::Note { conditions, .. } = &mut content.body {
            *conditions = vec![ConditionEntry {
                text: "diagnóstico".to_owned(),
                certainty,
                code: Some(ConditionCode {
                    icd11: code.to_owned(),
                    title: format!("título de {code}"),
                    icd10: None,
                    release: None,
                }),
            }];
        }
        known.stated.push((code.to_owned(), encounter.started_at, certainty == Certainty::Confirmed));
        content
    }

    fn receta(&self, known: &mut Known, note: &DocumentContent, dice: &mut Dice) -> DocumentContent {
        let (name, inn) = MEDICINES[dice.below(3)];
        known.prescribed.push((inn.to_owned(), note.act_at, true));
        DocumentContent {
            id: DocumentId(Uuid::now_v7()),
            kind: DocumentKind::PRESCRIPTION,
            body: DocumentBody::Prescription {
                folio: "R-1".to_owned(),
                medication_requests: vec![MedicationRequest::named(name, RequestAction::Start)],
                diagnosis: None,
                instructions: Vec::new(),
                alert_decisions: Vec::new(),
            },
            ..note.clone()
        }
    }

    /// One record joined to another has all that both had.
    pub(crate) fn join(&mut self, kept: usize, merged: usize) {
        let gone = self.known.remove(merged);
        let own = &mut self.known[kept];
        own.problems.extend(gone.problems);
        own.stated.extend(gone.stated);
        own.taken.extend(gone.taken);
        own.prescribed.extend(gone.prescribed);
        own.values.extend(gone.values);
        own.visits.extend(gone.visits);
        own.mammography |= gone.mammography;
    }

    /// Who a question is about, found by looking at each person.
    pub(crate) fn answer(&self, question: &Question, today: Date) -> BTreeMap<String, PatientId> {
        let held = self.known.iter().filter(|one| one.is_sought(question, today));
        held.map(|one| (one.number.clone(), one.id)).collect()
    }
}

impl Known {
    fn is_sought(&self, question: &Question, today: Date) -> bool {
        let age = self.born.until((jiff::Unit::Year, today)).unwrap().get_years();
        let (from, until) = question.ages.ends();
        let inside = |at: Timestamp| {
            let day = zoned().to_datetime(at).date();
            question.span.ends(today).is_none_or(|(from, until)| day >= from && day <= until)
        };
        let before = |at: Timestamp| {
            let day = zoned().to_datetime(at).date();
            question.span.ends(today).is_some_and(|(from, _)| day < from)
        };
        question.sex.is_none_or(|sex| sex == self.sex)
            && from.is_none_or(|from| age >= i16::from(from))
            && until.is_none_or(|until| age <= i16::from(until))
            && question.seen.is_none_or(|seen| {
                let came =
                    self.visits.iter().any(|(at, who)| inside(*at) && seen.by.is_none_or(|by| by == *who));
                let earlier = self.visits.iter().any(|(at, _)| before(*at));
                came && match seen.how {
                    Visits::Any => true,
                    Visits::First => !earlier,
                    Visits::Again => earlier,
                }
            })
            && question.clauses.iter().all(|clause| clause.denied != self.holds(&clause.fact, &inside, age))
    }

    fn holds(&self, fact: &Fact, inside: &dyn Fn(Timestamp) -> bool, age: i16) -> bool {
        match fact {
            Fact::Diagnosis { what, when } => {
                let covered = |code: &str| match what {
                    Diagnosed::Code(own) => code.split('/').any(|stem| stem.starts_with(own.as_str())),
                    Diagnosed::Chapter(own) => code.split('/').any(|stem| stem.starts_with(own.sign)),
                };
                let stated = |within: &dyn Fn(Timestamp) -> bool| {
                    self.stated.iter().any(|(code, at, sure)| *sure && within(*at) && covered(code))
                };
                match when {
                    When::Now => self.problems.iter().any(|(code, open)| *open && covered(code)),
                    When::Ever => self.problems.iter().any(|(code, _)| covered(code)) || stated(&|_| true),
                    When::Within => stated(inside),
                }
            }
            Fact::Medicine { ingredient, when } => {
                let own = |inn: &str| inn == ingredient.as_str();
                let prescribed = |within: &dyn Fn(Timestamp) -> bool| {
                    self.prescribed.iter().any(|(inn, at, valid)| *valid && within(*at) && own(inn))
                };
                match when {
                    When::Now => self.taken.iter().any(|(inn, open)| *open && own(inn)),
                    When::Ever => self.taken.iter().any(|(inn, _)| own(inn)) || prescribed(&|_| true),
                    When::Within => prescribed(inside),
                }
            }
            Fact::Value { what, test } => {
                let code = match what {
                    Measured::Vital(kind) => kind.code(),
                    Measured::Result(loinc) => loinc.as_str(),
                };
                let mut own: Vec<(Timestamp, f64)> = self
                    .values
                    .iter()
                    .filter(|(kind, _, at)| kind == code && inside(*at))
                    .map(|(_, value, at)| (*at, *value))
                    .collect();
                own.sort_by_key(|(at, _)| *at);
                let Some(test) = test else { return !own.is_empty() };
                let bound = test.amount.as_f64();
                let fits = |value: f64| match test.how {
                    Comparator::AtLeast => value >= bound,
                    Comparator::More => value > bound,
                    Comparator::AtMost => value <= bound,
                    Comparator::Less => value < bound,
                };
                if test.last {
                    own.last().is_some_and(|(_, v)| fits(*v))
                } else {
                    own.iter().any(|(_, v)| fits(*v))
                }
            }
            // The only control asked for here: women from 40 to 69 years of whom no mammography is known.
            Fact::Lacking(_) => self.sex == Sex::Female && (40..70).contains(&age) && !self.mammography,
        }
    }
}
