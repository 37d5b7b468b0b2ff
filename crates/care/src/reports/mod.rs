//! Reports of the practice: what administration chose (how often, which boards, to whom), the reports that were made, and how far
//! each is on its way. `content.rs` is what one says, `making.rs` makes and sends them by itself.

mod content;
mod making;

use clinical::audit::AuditAction;
use clinical::identifiers::Email;
use clinical::ids::EntryId;
use figures::cadence::{Cadence, Stretch};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use storage::{DeliveryState, ReportDelivery, StorageError, StoredReport, Tx};
use uuid::Uuid;

use crate::Care;
use crate::documents::Pdf;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// The setting the plan is kept under.
const SETTING: &str = "reports";
/// The setting that says why a report could not be made; empty when all were.
const TROUBLE: &str = "reports.trouble";
/// Most addresses a report goes to.
const ADDRESSES: usize = 10;
/// Reports on the page.
const SHOWN: u32 = 60;
/// The hour, by the clock of the practice, at which the days before are over for a report.
const HOUR: i8 = 6;

/// A part of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Board {
    /// Visits, times, diagnoses, recetas.
    Practice,
    /// New cases of diseases under surveillance.
    Epidemiology,
    /// What patients lack by the norms.
    Gaps,
    /// How complete and how prompt what is written is.
    Quality,
}

impl Board {
    /// All, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Practice, Self::Epidemiology, Self::Gaps, Self::Quality];

    /// The word of the form.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Practice => "practica",
            Self::Epidemiology => "epidemiologia",
            Self::Gaps => "pendientes",
            Self::Quality => "calidad",
        }
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Practice => "El consultorio: consultas, tiempos, diagnósticos y recetas",
            Self::Epidemiology => "Vigilancia epidemiológica: casos nuevos",
            Self::Gaps => "Pendientes de atención: a cuántos les falta cada control",
            Self::Quality => "Calidad de lo anotado: NOM-004 y tiempo a la firma",
        }
    }
}

/// What administration chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPlan {
    /// How often.
    pub cadence: Cadence,
    /// Which boards, in their order.
    pub boards: Vec<Board>,
    /// Addresses of the practice's own people.
    pub addresses: Vec<String>,
    /// Whether it is put into the folder of the server too.
    pub folder: bool,
    /// The day it was chosen: days that were over before it have no report.
    pub since: Date,
}

impl ReportPlan {
    /// Where a report goes, as deliveries name it.
    fn ways(&self) -> Vec<String> {
        self.folder.then(String::new).into_iter().chain(self.addresses.iter().cloned()).collect()
    }
}

/// The plan as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanForm {
    /// Code of how often; empty for no reports.
    pub cadence: String,
    /// Codes of the boards.
    pub boards: Vec<String>,
    /// Addresses, one a line or with commas.
    pub addresses: String,
    /// Whether it goes to the folder too.
    pub folder: bool,
}

/// A report that was made.
#[derive(Debug, Clone)]
pub struct MadeReport {
    /// What is kept of it.
    pub report: StoredReport,
    /// "del 8 al 14 de marzo de 2026".
    pub days: String,
    /// Where it goes and how far it is; empty for who does not administer.
    pub ways: Vec<ReportDelivery>,
}

/// The page of reports.
#[derive(Debug, Clone)]
pub struct ReportDesk {
    /// What was chosen.
    pub plan: Option<ReportPlan>,
    /// The days of the next report by the plan, in words, and when it is made.
    pub next: Option<(String, Timestamp)>,
    /// The reports that were made, latest first.
    pub made: Vec<MadeReport>,
    /// Whether this installation sends e-mail.
    pub mail: bool,
    /// Whether this installation has a folder for reports.
    pub folder: bool,
    /// Whether this person chooses.
    pub administers: bool,
    /// Why a report could not be made, in words.
    pub trouble: Option<String>,
    /// The id of the report somebody may ask for from this page.
    pub fresh: EntryId,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The folder of the server where reports are put, as the program was configured.
pub trait ReportFolder: Send + Sync {
    /// Writes a file whole or not at all; one of the same name is replaced.
    ///
    /// # Errors
    /// What the disk says.
    fn put(&self, name: &str, bytes: &[u8]) -> std::io::Result<()>;
}

impl Care {
    /// The same practice with a folder for its reports.
    #[must_use]
    pub fn with_report_folder(self, folder: std::sync::Arc<dyn ReportFolder>) -> Self {
        Self { report_folder: Some(folder), ..self }
    }

    /// The plan and the reports that were made.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not see figures.
    pub async fn report_desk(&self, actor: &Actor) -> Result<ReportDesk, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let administers = actor.may(Permission::Administer);
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let plan = plan(&mut tx).await?;
        let mut made = Vec::new();
        for report in tx.reports(SHOWN).await? {
            let ways = if administers { tx.report_deliveries(report.id).await? } else { Vec::new() };
            let days = content::days_in_words(Stretch { from: report.from, until: report.until });
            made.push(MadeReport { report, days, ways });
        }
        let trouble = tx.setting(TROUBLE).await?.filter(|words| !words.is_empty());
        let next = plan.as_ref().and_then(|plan| next(plan, now, &zone));
        tx.append_audit(self.event(actor, AuditAction::Read, "report", "", None)).await?;
        tx.commit().await?;
        let (mail, folder) = (self.has_mail(), self.report_folder.is_some());
        let fresh = EntryId(Uuid::now_v7());
        Ok(ReportDesk { plan, next, made, mail, folder, administers, trouble, fresh, now, zone })
    }

    /// Keeps what administration chose.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] with every field to correct.
    pub async fn save_report_plan(&self, actor: &Actor, form: &PlanForm) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let before = plan(&mut tx).await?;
        let chosen = match form.cadence.as_str() {
            "" => None,
            _ => {
                let mut chosen = self.read_plan(form, zone.to_datetime(self.now()).date())?;
                if let Some(before) = before.filter(|before| before.cadence == chosen.cadence) {
                    chosen.since = before.since;
                }
                Some(chosen)
            }
        };
        let stored = serde_json::to_string(&chosen).map_err(CareError::internal)?;
        tx.set_setting(SETTING, &stored).await?;
        tx.set_setting(TROUBLE, "").await?;
        let why = match &chosen {
            None => "sin informes programados".to_owned(),
            Some(plan) => format!(
                "{}; tableros: {}; destinos: {}",
                plan.cadence.label().to_lowercase(),
                plan.boards.iter().map(|board| board.code()).collect::<Vec<_>>().join(", "),
                plan.ways().len()
            ),
        };
        let event = self.event(actor, AuditAction::Update, "report_plan", "", None);
        tx.append_audit(crate::because(event, &why)).await?;
        Ok(tx.commit().await?)
    }

    fn read_plan(&self, form: &PlanForm, today: Date) -> Result<ReportPlan, CareError> {
        let mut check = Check::new();
        let cadence = Cadence::from_code(&form.cadence);
        if cadence.is_none() {
            check.fail("cada", "Elija cada cuánto se hace");
        }
        let chosen = |board: &Board| form.boards.iter().any(|code| code == board.code());
        let boards: Vec<Board> = Board::ALL.into_iter().filter(chosen).collect();
        if boards.is_empty() {
            check.fail("tableros", "Elija al menos un tablero");
        }
        let mut addresses: Vec<String> = Vec::new();
        let written = form.addresses.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
        for address in written.filter(|part| !part.is_empty()).take(ADDRESSES + 1) {
            match Email::parse(address) {
                Ok(address) => addresses.push(address.into()),
                Err(_) => check.fail(
                    "correos",
                    "Hay una dirección mal escrita: use una por renglón, como ana@consultorio.mx",
                ),
            }
        }
        addresses.sort();
        addresses.dedup();
        if addresses.len() > ADDRESSES {
            check.fail("correos", "Escriba 10 direcciones o menos");
        }
        if !addresses.is_empty() && !self.has_mail() {
            check.fail("correos", "Este equipo no tiene correo configurado: deje vacío o configure [mail]");
        }
        if form.folder && self.report_folder.is_none() {
            check.fail("carpeta", "Este equipo no tiene carpeta de informes: configure [reports]");
        }
        let plan = cadence.map(|cadence| ReportPlan {
            cadence,
            boards,
            addresses,
            folder: form.folder,
            since: today,
        });
        check.finish(plan)
    }

    /// Makes the report of the last days that are over now, keeps it and sends it as the plan says. `id` is that of the
    /// form: posted twice, it is made once.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::NotFound`] without a plan.
    pub async fn make_report_now(&self, actor: &Actor, id: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let id = id.parse().map_err(|_| CareError::NotFound { what: "ese informe" })?;
        let (plan, days) = self.plan_and_last_days(actor).await?;
        self.bring_figures_up_to_date().await?;
        self.make_report(&plan, days, Some((actor, id))).await.map(drop)
    }

    /// The same report only to be looked at: it is not kept and goes nowhere.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::NotFound`] without a plan.
    pub async fn preview_report(&self, actor: &Actor) -> Result<Pdf, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let (plan, days) = self.plan_and_last_days(actor).await?;
        self.bring_figures_up_to_date().await?;
        let bytes = self.report_bytes(&plan, days).await?;
        let mut tx = self.begin(actor).await?;
        let event = self.event(actor, AuditAction::Read, "report", "", None);
        tx.append_audit(crate::because(event, "vista previa")).await?;
        tx.commit().await?;
        Ok(Pdf { bytes, file_name: "vista-previa.pdf".to_owned() })
    }

    async fn plan_and_last_days(&self, actor: &Actor) -> Result<(ReportPlan, Stretch), CareError> {
        let mut tx = self.begin_read(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let plan = plan(&mut tx).await?.ok_or(CareError::NotFound { what: "el plan de informes" })?;
        let days = plan.cadence.over_before(report_day(self.now(), &zone));
        Ok((plan, days.ok_or(CareError::NotFound { what: "el periodo del informe" })?))
    }

    /// The file of a report that was made.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::NotFound`] for an unknown one.
    pub async fn report_file(&self, actor: &Actor, id: EntryId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let mut tx = self.begin(actor).await?;
        let report = tx.report(id).await?.ok_or(CareError::NotFound { what: "ese informe" })?;
        let bytes = self.blobs.get(&mut tx, report.pdf).await?;
        tx.append_audit(self.event(actor, AuditAction::Print, "report", id, None)).await?;
        tx.commit().await?;
        Ok(Pdf { bytes, file_name: making::file_name(&report) })
    }

    /// Has a report sent again where it failed.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::NotFound`] where nothing of it failed.
    pub async fn send_report_again(&self, actor: &Actor, id: EntryId) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let mut again = false;
        for way in tx.report_deliveries(id).await? {
            if way.state == DeliveryState::Failed {
                let next = ReportDelivery {
                    state: DeliveryState::Waiting,
                    not_before: now,
                    asked_at: now,
                    changed_at: now,
                    problem: None,
                    ..way.clone()
                };
                again |= tx.step_report_delivery(&way, &next).await?;
            }
        }
        if !again {
            return Err(CareError::NotFound { what: "un envío que haya fallado" });
        }
        let event = self.event(actor, AuditAction::Update, "report", id, None);
        tx.append_audit(crate::because(event, "se pide enviarlo otra vez")).await?;
        Ok(tx.commit().await?)
    }
}

async fn plan(tx: &mut Tx) -> Result<Option<ReportPlan>, CareError> {
    match tx.setting(SETTING).await? {
        None => Ok(None),
        Some(stored) => serde_json::from_str(&stored).map_err(CareError::internal),
    }
}

/// The day as reports see it: until [`HOUR`] it is still the day before.
fn report_day(now: Timestamp, zone: &TimeZone) -> Date {
    let local = zone.to_datetime(now);
    local.checked_sub(HOUR.hours()).unwrap_or(local).date()
}

/// The next days that will be over, and when their report is made.
fn next(plan: &ReportPlan, now: Timestamp, zone: &TimeZone) -> Option<(String, Timestamp)> {
    let days = plan.cadence.of(report_day(now, zone))?;
    let at = days.until.tomorrow().ok()?.to_datetime(Time::new(HOUR, 0, 0, 0).ok()?);
    Some((content::days_in_words(days), zone.to_timestamp(at).ok()?))
}

/// Whether a report was there before another was kept.
fn was_there(error: &StorageError) -> bool {
    matches!(error, StorageError::NotUnique { .. })
}
