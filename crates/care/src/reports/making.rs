//! Reports are made when their days are over, also long after, once for each stretch of days whichever server does it; and sent
//! until they went: at least once to each address, never by two at a time.

use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::{BlobId, EntryId};
use documents::Report;
use figures::cadence::{Cadence, Stretch};
use jiff::{SignedDuration, Timestamp};
use messaging::graph::{Alarm, Class, Outcome};
use storage::{DeliveryState, MessageAlarm, ReportDelivery, StoredReport, Tx};
use uuid::Uuid;

use super::content::{days_in_words, sections};
use super::{Board, ReportPlan, TROUBLE, plan, report_day, was_there};
use crate::Care;
use crate::error::CareError;
use crate::permission::Actor;

/// Of so many stretches of days that were missed, reports are made.
const MOST_MISSED: usize = 12;
/// Records looked at again in one portion before a report.
const PORTION: u32 = 100;
/// How long a delivery stays with who took it and says nothing more.
const HOLD: SignedDuration = SignedDuration::from_mins(5);
/// How long it is tried before a person is told.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// Longest pause between two tries.
const LONGEST: SignedDuration = SignedDuration::from_mins(60);

/// What became of one try.
enum Tried {
    Sent,
    /// It is tried again.
    Later(String),
    /// Trying again would not help.
    Never(String),
}

impl Care {
    /// Makes the reports of the plan whose days are over and that nobody made; answers how many. The program itself does
    /// it, for nobody.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer. Why one could not be made is said on the page.
    pub async fn make_due_reports(&self) -> Result<usize, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let Some(plan) = plan(&mut tx).await? else { return Ok(0) };
        let today = report_day(self.now(), &Self::time_zone(&mut tx).await?);
        let mut due = Vec::new();
        for days in plan.cadence.over_since(plan.since, today, MOST_MISSED) {
            if !tx.has_planned_report(plan.cadence.code(), days.from).await? {
                due.push(days);
            }
        }
        drop(tx);
        if due.is_empty() {
            return Ok(0);
        }
        self.bring_figures_up_to_date().await?;
        let mut made = 0;
        for days in due {
            match self.make_report(&plan, days, None).await {
                Ok(kept) => made += usize::from(kept),
                Err(error) => {
                    let words = format!(
                        "No se pudo hacer el informe {}. Se intenta de nuevo cada minuto; si sigue así, avise a quien le da soporte.",
                        days_in_words(days)
                    );
                    self.note_trouble(&words).await?;
                    return Err(error);
                }
            }
        }
        self.note_trouble("").await?;
        Ok(made)
    }

    async fn note_trouble(&self, words: &str) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.set_setting(TROUBLE, words).await?;
        Ok(tx.commit().await?)
    }

    /// Makes one and keeps it; `false` when it was there already.
    pub(super) async fn make_report(
        &self,
        plan: &ReportPlan,
        days: Stretch,
        asked: Option<(&Actor, EntryId)>,
    ) -> Result<bool, CareError> {
        let bytes = self.report_bytes(plan, days).await?;
        let report = StoredReport {
            id: asked.map_or_else(|| EntryId(Uuid::now_v7()), |(_, id)| id),
            cadence: plan.cadence.code().to_owned(),
            from: days.from,
            until: days.until,
            planned: asked.is_none(),
            pdf: BlobId(Uuid::now_v7()),
            made_by: asked.map(|(actor, _)| actor.user_id),
            made_at: self.now(),
        };
        let staged = self.blobs.stage(report.pdf, "application/pdf", bytes).await?;
        let mut tx = self.unseen.begin().await?;
        self.blobs.keep(&mut tx, staged, report.made_at).await?;
        match tx.insert_report(&report, &plan.ways()).await {
            Err(error) if was_there(&error) => return Ok(false),
            kept => kept?,
        }
        let about = format!("informe {}", days_in_words(days));
        tx.append_audit(match asked {
            Some((actor, _)) => {
                crate::because(self.event(actor, AuditAction::Create, "report", report.id, None), &about)
            }
            None => self.report_event(report.id, about),
        })
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The file of a report of these days as things stand.
    pub(super) async fn report_bytes(&self, plan: &ReportPlan, days: Stretch) -> Result<Vec<u8>, CareError> {
        while plan.boards.contains(&Board::Gaps) && self.refresh_gaps(PORTION).await? > 0 {}
        let mut tx = self.unseen.begin_read().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let establishment =
            tx.establishment().await?.ok_or(CareError::NotFound { what: "el establecimiento" })?;
        let today = zone.to_datetime(self.now()).date();
        let report = Report {
            title: title(plan.cadence).to_owned(),
            days: days_in_words(days),
            establishment,
            issued_at: self.now(),
            sections: sections(&mut tx, &plan.boards, days, today, &zone).await?,
            closing: vec![
                "Este informe solo lleva cuentas: ningún nombre ni número de expediente. De menos de 5 personas se dice «menos de 5», o un punto donde el número podría deducirse, para que nadie pueda ser reconocido.".to_owned(),
                "Se contó del propio expediente, con lo firmado y anotado hasta el momento en que se hizo.".to_owned(),
            ],
        };
        drop(tx);
        let renderer = Arc::clone(&self.renderer);
        let bytes = tokio::task::spawn_blocking(move || renderer.report(&report)).await;
        bytes.map_err(CareError::internal)?.map_err(CareError::internal)
    }

    /// Sends what is due next; `false` when nothing was. Several servers may do it at the same time.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn send_next_report(&self) -> Result<bool, CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        let Some(taken) = tx.take_report_delivery(now, now + HOLD).await? else { return Ok(false) };
        let report = tx.report(taken.report).await?;
        let practice = tx.establishment().await?.map(|own| own.name).unwrap_or_default();
        let file = match &report {
            Some(report) => self.blobs.get(&mut tx, report.pdf).await.ok(),
            None => None,
        };
        tx.commit().await?;
        let tried = match report.zip(file) {
            Some((report, file)) => self.carry(&taken, &report, practice, file).await?,
            None => Tried::Never("El archivo del informe no se pudo leer".to_owned()),
        };
        let after = settled(&taken, tried, self.now());
        let mut tx = self.unseen.begin().await?;
        if tx.step_report_delivery(&taken, &after).await? && after.state == DeliveryState::Sent {
            let way =
                if taken.address.is_empty() { "se guardó en la carpeta" } else { "se envió por correo" };
            tx.append_audit(self.report_event(taken.report, way.to_owned())).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn carry(
        &self,
        way: &ReportDelivery,
        report: &StoredReport,
        practice: String,
        file: Vec<u8>,
    ) -> Result<Tried, CareError> {
        let name = file_name(report);
        if way.address.is_empty() {
            let Some(folder) = self.report_folder.clone() else {
                return Ok(Tried::Later("El equipo que envía no tiene carpeta de informes".to_owned()));
            };
            let put = tokio::task::spawn_blocking(move || folder.put(&name, &file)).await;
            return Ok(match put.map_err(CareError::internal)? {
                Ok(()) => Tried::Sent,
                Err(error) => {
                    Tried::Later(format!("No se pudo guardar en la carpeta: {}", disk_words(&error)))
                }
            });
        }
        let Some(channel) = self.channels.mail() else {
            return Ok(Tried::Later("El equipo que envía no tiene correo configurado".to_owned()));
        };
        let days = days_in_words(Stretch { from: report.from, until: report.until });
        let kind = Cadence::from_code(&report.cadence).map_or("Informe del consultorio", title);
        let sent = messaging::report::Report {
            practice,
            title: format!("{kind}: {days}"),
            file_name: name,
            pdf: file,
        };
        let outcome = channel.send_report(&way.address, &sent, &report.id.to_string()).await;
        if let Outcome::Failed(failure) = &outcome
            && let Class::Stop(alarm) = failure.class
        {
            self.raise(alarm).await?;
        }
        Ok(understood(&outcome))
    }

    /// Who answers for messages is told, as with any other e-mail.
    async fn raise(&self, alarm: Alarm) -> Result<(), CareError> {
        let raised = MessageAlarm { name: alarm.code().to_owned(), detail: String::new(), since: self.now() };
        let mut tx: Tx = self.unseen.begin().await?;
        tx.raise_message_alarm(&raised).await?;
        Ok(tx.commit().await?)
    }

    /// An event of the bitácora by nobody of the practice.
    fn report_event(&self, id: EntryId, reason: String) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Create,
            entity: "report",
            entity_id: id.to_string(),
            patient_id: None,
            origin: "program".to_owned(),
            reason: Some(reason),
        }
    }
}

fn title(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Weekly => "Informe semanal del consultorio",
        Cadence::Monthly => "Informe mensual del consultorio",
    }
}

/// "informe-semanal-2026-03-08.pdf": the same for the same report, so that a folder has it once.
pub(super) fn file_name(report: &StoredReport) -> String {
    let kind = match Cadence::from_code(&report.cadence) {
        Some(Cadence::Weekly) => "semanal",
        Some(Cadence::Monthly) => "mensual",
        None => "consultorio",
    };
    let by_hand = if report.planned { String::new() } else { format!("-{}", report.made_at.as_second()) };
    format!("informe-{kind}-{}{by_hand}.pdf", report.from)
}

fn understood(outcome: &Outcome) -> Tried {
    let later = |words: &str| Tried::Later(words.to_owned());
    match outcome {
        Outcome::Accepted { .. } => Tried::Sent,
        Outcome::Unknown => later("El servidor de correo no respondió a tiempo; quizá llegó"),
        Outcome::ByHand => Tried::Never("No hay correo por dónde enviarlo".to_owned()),
        Outcome::Failed(failure) => match failure.class {
            Class::Stop(_) => later("El servidor de correo no acepta la cuenta o la contraseña"),
            Class::Undeliverable => Tried::Never("El servidor de correo rechazó esta dirección".to_owned()),
            Class::Ours => Tried::Never("No se pudo escribir el correo".to_owned()),
            _ => later("El servidor de correo no responde"),
        },
    }
}

/// What is wrong with a disk, without a path.
fn disk_words(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no existe",
        std::io::ErrorKind::PermissionDenied => "Medicus no tiene permiso de escribir en ella",
        std::io::ErrorKind::StorageFull => "el disco está lleno",
        _ => "el disco no responde bien",
    }
}

/// What a delivery is after a try.
fn settled(taken: &ReportDelivery, tried: Tried, now: Timestamp) -> ReportDelivery {
    let tired = taken.asked_at + PATIENCE < now;
    let pause = SignedDuration::from_mins(taken.attempts.clamp(1, 60).pow(2)).min(LONGEST);
    let (state, problem, not_before) = match tried {
        Tried::Sent => (DeliveryState::Sent, None, now),
        Tried::Later(words) if !tired => (DeliveryState::Waiting, Some(words), now + pause),
        Tried::Later(words) | Tried::Never(words) => (DeliveryState::Failed, Some(words), now),
    };
    ReportDelivery { state, problem, not_before, changed_at: now, ..taken.clone() }
}
