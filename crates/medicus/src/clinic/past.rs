//! Past visits of the invented clinic, as a practice leaves them: booked, reminded of, kept or missed, heard or typed, and
//! signed at once or later.

use anyhow::{Context as _, anyhow};
use care::Actor;
use care::booking::{Booker, Fit, NewBooking};
use care::consents::ConsentForm;
use care::consultation::Consultation;
use care::messages::SettingsForm;
use care::review::ReviewAction;
use clinical::consent::{ConsentMeans, ConsentPurpose};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, Review};
use clinical::encounter::{AppointmentStep, CancelReason};
use clinical::ids::{AppointmentId, EncounterId, PatientId};
use drug_safety::OverrideReason;
use jiff::{Timestamp, ToSpan};

use super::format;
use super::load::{Loader, PASSWORD, contents};

/// For so many days back reception has called who agreed to it the day before. Who came without it stands beside them.
const REMINDED: i32 = 200;

/// The document a visit is written in, and how far its draft is.
struct Writing<'a> {
    actor: &'a Actor,
    encounter: EncounterId,
    kind: DocumentKind,
    version: i64,
}

impl Loader<'_> {
    /// Whether visits are told of: on while the past is written, and off afterwards, since nobody calls from a demonstration.
    pub(super) async fn tell_of_visits(&self, administrator: &str, on: bool) -> anyhow::Result<()> {
        let form = SettingsForm {
            on,
            practice: "Los Ahuehuetes".to_owned(),
            place: "Calle Inventada 12".to_owned(),
            first_name: true,
            price: "0".to_owned(),
        };
        Ok(self.care.save_message_settings(self.actor(administrator)?, &form).await?)
    }

    /// The patient agrees to be told of visits.
    pub(super) async fn agree_to_reminders(&self, actor: &Actor, patient: PatientId) -> anyhow::Result<()> {
        let notice = self.care.consents(actor, patient).await?.notice.context("sin aviso de privacidad")?;
        let form = ConsentForm {
            purpose: ConsentPurpose::Messaging.code().to_owned(),
            given: true,
            means: ConsentMeans::Paper.code().to_owned(),
            version: notice.version,
            ..ConsentForm::default()
        };
        Ok(self.care.record_consent(actor, patient, &form).await?)
    }

    /// A visit that was kept: its document, its receta and its addendum.
    pub(super) async fn past_visit(
        &self,
        patient: PatientId,
        visit: &format::PastVisit,
    ) -> anyhow::Result<()> {
        let actor = self.actor(&visit.practitioner)?;
        let at = self.past(visit.days_ago, &visit.time)?;
        let appointment = self.kept_appointment(patient, visit).await?;
        self.clock.set(at);
        let encounter = match appointment {
            Some(appointment) => self.care.start_appointment(actor, appointment, &visit.reason).await?,
            None => self.care.start_visit(actor, patient, &visit.reason).await?,
        };
        let kind = DocumentKind::from_code(&visit.document)
            .ok_or_else(|| anyhow!("documento {}", visit.document))?;
        let mut writing = Writing { actor, encounter, kind, version: 0 };
        self.hear(&mut writing, visit).await?;
        self.write(&mut writing, visit).await?;
        self.confirm_codes(&mut writing, visit).await?;
        self.answer_alerts(&mut writing, visit.days_ago).await?;
        self.clock.set(self.not_later(at + (12 + visit.days_ago * 5 % 23).minutes()));
        if let Some(supervisor) = &visit.send_to {
            let supervisor = self.actor(supervisor)?.practitioner_id;
            let (version, password) = (writing.version, PASSWORD.to_owned());
            self.care.send_for_signature(actor, encounter, kind, version, supervisor, password).await?;
            return Ok(());
        }
        if let Some(appointment) = appointment {
            self.see_off(appointment, visit.days_ago).await?;
        }
        let signed = self.care.sign(actor, encounter, kind, writing.version, PASSWORD.to_owned()).await?;
        if let Some(addendum) = &visit.addendum {
            self.clock.set(self.past(visit.days_ago - addendum.days_later, "18:10")?);
            let password = PASSWORD.to_owned();
            self.care.add_addendum(actor, signed.note, &addendum.reason, &addendum.text, password).await?;
        }
        Ok(())
    }

    /// A visit nobody came to, or that was given up the evening before.
    pub(super) async fn missed(&self, missed: &format::Missed) -> anyhow::Result<()> {
        let at = self.at(missed.days_ago, &missed.time)?;
        let patient = self.patient_id(&missed.patient)?;
        let visit =
            self.book_past(patient, &missed.practitioner, &missed.service, at, missed.days_ago).await?;
        let who = Booker::Staff(self.actor("recepcion")?);
        if missed.cancelled {
            self.clock.set(at - 14.hours());
            self.care.cancel(who, visit, CancelReason::PatientAsked).await?;
        } else {
            self.clock.set(at + 30.minutes());
            self.care.step_visit(who, visit, AppointmentStep::Miss).await?;
        }
        Ok(())
    }

    /// The appointment a past visit was kept of, with the arrival reception noted; none for a visit of today, which the
    /// agenda of the day has, for an urgent one and for a trainee's.
    async fn kept_appointment(
        &self,
        patient: PatientId,
        visit: &format::PastVisit,
    ) -> anyhow::Result<Option<AppointmentId>> {
        let urgent = visit.service.as_deref() == Some("Urgencia");
        if visit.days_ago == 0 || visit.send_to.is_some() || urgent {
            return Ok(None);
        }
        let at = self.at(visit.days_ago, &visit.time)?;
        let service = match (&visit.service, visit.document.as_str()) {
            (Some(service), _) => service,
            (None, "HC") => "Primera vez",
            (None, _) => "Subsecuente",
        };
        let booked = self.book_past(patient, &visit.practitioner, service, at, visit.days_ago).await?;
        // Between four and thirty-four minutes early, never the same for two visits in a row.
        self.clock.set(at - (4 + visit.days_ago * 7 % 31).minutes());
        let who = Booker::Staff(self.actor("recepcion")?);
        self.care.step_visit(who, booked, AppointmentStep::Arrive).await?;
        Ok(Some(booked))
    }

    /// Books a visit some days before it, or the same morning for who was not known then, and reminds who agreed.
    async fn book_past(
        &self,
        patient: PatientId,
        practitioner: &str,
        service: &str,
        at: Timestamp,
        days_ago: i32,
    ) -> anyhow::Result<AppointmentId> {
        let reception = self.actor("recepcion")?;
        let opened = self.opened.get(&patient).copied().unwrap_or(at);
        self.clock.set((at - (24 * 6).hours()).max(opened));
        let new = NewBooking {
            patient_id: patient,
            practitioner_id: self.actor(practitioner)?.practitioner_id.context("sin cédula")?,
            service: self.service(service).await?,
            minutes: None,
            starts_at: at,
            fit: Fit::Extra,
        };
        let booked = self.care.book(Booker::Staff(reception), &new).await.context("cita pasada")?;
        if days_ago > REMINDED {
            return Ok(booked.id);
        }
        // That it is booked was said at once: that is kept, and nobody calls for it.
        self.care.plan_messages().await?;
        let call = at - 23.hours();
        if call > opened {
            self.clock.set(call);
            self.care.plan_messages().await?;
            self.care.send_messages().await?;
            for message in self.care.message_desk(reception).await?.unsent {
                self.care.said_by_telephone(reception, message.id).await?;
            }
        }
        Ok(booked.id)
    }

    /// What becomes of a visit before its note is signed: mostly nothing, since the signature ends it; now and then the patient
    /// leaves first and the note is signed later, some the next day.
    async fn see_off(&self, visit: AppointmentId, days_ago: i32) -> anyhow::Result<()> {
        let later = match (days_ago / 7 + days_ago) % 11 {
            0 => 22.minutes(),
            3 => 95.minutes(),
            6 => 22.hours(),
            8 => 40.minutes(),
            _ => return Ok(()),
        };
        let who = Booker::Staff(self.actor("recepcion")?);
        self.care.step_visit(who, visit, AppointmentStep::Finish).await?;
        self.clock.set(self.not_later(care::Clock::now(self.clock) + later));
        Ok(())
    }

    fn not_later(&self, moment: Timestamp) -> Timestamp {
        moment.min(self.today.timestamp())
    }

    async fn step(&self, writing: &mut Writing<'_>, action: &ReviewAction) -> anyhow::Result<()> {
        let Writing { actor, encounter, kind, version } = *writing;
        writing.version = self.care.review(actor, encounter, kind, version, action).await?.version;
        Ok(())
    }

    async fn view(&self, writing: &Writing<'_>) -> anyhow::Result<Consultation> {
        Ok(self.care.consultation(writing.actor, writing.encounter, writing.kind).await?)
    }

    /// Reads the conversation of a visit, where it has one, and accepts what was proposed. Lines of the receta get the box and
    /// the amount nobody said aloud; doubts are put aside.
    async fn hear(&self, writing: &mut Writing<'_>, visit: &format::PastVisit) -> anyhow::Result<()> {
        if visit.heard.is_empty() {
            return Ok(());
        }
        let turns = format::turns(&visit.heard)?;
        self.care.attach_transcript(writing.actor, writing.encounter, writing.kind, turns).await?;
        let view = self.view(writing).await?;
        writing.version = view.version;
        let written = contents(writing.kind, visit)?;
        for item in view.draft.items.iter().filter(|item| item.review == Review::Pending) {
            let whole = written.iter().map(|(_, content)| content).find(|own| completes(own, &item.content));
            let action = match whole {
                Some(content) => ReviewAction::Edit { item: item.id, content: content.clone() },
                None => ReviewAction::Accept(item.id),
            };
            self.step(writing, &action).await?;
        }
        for _ in &view.draft.doubts {
            self.step(writing, &ReviewAction::DismissDoubt { index: 0 }).await?;
        }
        Ok(())
    }

    /// Types what was not heard; a conversation tells its diagnoses and medicines.
    async fn write(&self, writing: &mut Writing<'_>, visit: &format::PastVisit) -> anyhow::Result<()> {
        for (section, content) in contents(writing.kind, visit)? {
            let told = matches!(content, ItemContent::Condition(_) | ItemContent::MedicationRequest(_));
            if told && !visit.heard.is_empty() {
                continue;
            }
            self.step(writing, &ReviewAction::Add { section, content }).await?;
        }
        Ok(())
    }

    /// Confirms the code of each diagnosis; of those that were heard, in the order they were said.
    async fn confirm_codes(
        &self,
        writing: &mut Writing<'_>,
        visit: &format::PastVisit,
    ) -> anyhow::Result<()> {
        for condition in &visit.conditions {
            let Some(icd11) = &condition.icd11 else { continue };
            let view = self.view(writing).await?;
            let own = |text: &str| text == condition.text || !visit.heard.is_empty();
            let item = view.draft.items.iter().find(|item| {
                matches!(&item.content, ItemContent::Condition(entry) if own(&entry.text) && entry.code.is_none())
            });
            if let Some(item) = item {
                let confirm =
                    ReviewAction::ConfirmCode { item: item.id, icd11: icd11.clone(), icd10: String::new() };
                self.step(writing, &confirm).await?;
            }
        }
        Ok(())
    }

    /// Past prescriptions that alert were knowingly followed, as a physician would have noted.
    async fn answer_alerts(&self, writing: &mut Writing<'_>, days_ago: i32) -> anyhow::Result<()> {
        let view = self.view(writing).await?;
        let (reason, text) = match days_ago % 3 {
            0 => (OverrideReason::AlreadyTolerated, "Lo toma desde hace meses sin molestias."),
            1 => (
                OverrideReason::BenefitOutweighsRisk,
                "Beneficio esperado mayor que el riesgo; se vigila en cada consulta.",
            ),
            _ => (OverrideReason::DoseAdjusted, "Dosis baja, con revisión en la próxima consulta."),
        };
        for alert in view.safety.undecided() {
            let decide = ReviewAction::DecideAlert(view.safety.answer(alert, reason, text, None));
            self.step(writing, &decide).await?;
        }
        Ok(())
    }
}

/// Whether a typed line of a receta is the whole of one that was heard.
fn completes(typed: &ItemContent, heard: &ItemContent) -> bool {
    match (typed, heard) {
        (ItemContent::MedicationRequest(typed), ItemContent::MedicationRequest(heard)) => {
            typed.medicine == heard.medicine
        }
        _ => false,
    }
}
