//! ARCO requests: received, followed by their terms in business days, answered, carried out. Whoever receives them follows
//! them without clinical text; a physician decides, since the answer touches the record. A rectification leads to a nota
//! aclaratoria or a correction of identity: nothing signed is changed.

use clinical::arco::{
    ArcoRequest, ArcoRight, ArcoState, ArcoStep, DatedStep, Done, Outcome, Progress, Requester, WARNING_DAYS,
};
use clinical::audit::AuditAction;
use clinical::business_days::{BusinessDays, MarkedDay};
use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::delivery::Delivery;
use clinical::document::DocumentKind;
use clinical::ids::{ArcoId, ConsentId, PatientId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{DocumentSummary, NewArcoRequest, PageRequest, StorageError, Tx};
use uuid::Uuid;

pub use crate::arco_form::{ArcoForm, StepForm};
use crate::arco_form::{Wanted, purposes, read_request, read_step};
use crate::error::CareError;
use crate::letters::day;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because};

/// Most documents looked through for an addendum.
const LOOKED_AT: u32 = 500;

/// A term that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its last day.
    pub on: Date,
    /// Business days left; negative once it is over.
    pub left: i64,
}

impl Due {
    /// Whether it is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.left < 0
    }

    /// Whether it is near.
    #[must_use]
    pub fn is_near(self) -> bool {
        (0..=WARNING_DAYS).contains(&self.left)
    }
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct ArcoLine {
    /// The request.
    pub request: ArcoRequest,
    /// Where it stands.
    pub state: ArcoState,
    /// The term that runs, if one does.
    pub due: Option<Due>,
}

/// What may have carried out a request.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Deliveries since it was received.
    pub deliveries: Vec<Delivery>,
    /// Addenda since.
    pub addenda: Vec<DocumentSummary>,
    /// The identity was corrected since.
    pub identity_corrected: bool,
    /// Purposes with a consent that is given.
    pub given: Vec<ConsentPurpose>,
}

/// A request with all its steps.
#[derive(Debug, Clone)]
pub struct ArcoView {
    /// The request.
    pub request: ArcoRequest,
    /// The record it is about.
    pub patient: Option<Patient>,
    /// The steps, oldest first. The words of the answer are left out for who may not read clinical text.
    pub steps: Vec<DatedStep>,
    /// Where it stands.
    pub progress: Progress,
    /// The last day to answer.
    pub answer_due: Date,
    /// The last day to carry it out, once granted.
    pub execution_due: Option<Date>,
    /// The term that runs.
    pub due: Option<Due>,
    /// Until when the record must be kept, while it must.
    pub kept_until: Option<Date>,
    /// What may have carried it out; empty for who does not decide.
    pub evidence: Evidence,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The calendar of the practice.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Days the practice marked.
    pub marked: Vec<MarkedDay>,
    /// Today.
    pub today: Date,
}

impl Care {
    /// The calendar with the days of the practice.
    async fn business_days(tx: &mut Tx) -> Result<BusinessDays, CareError> {
        Ok(BusinessDays::new(&tx.marked_days().await?))
    }

    /// Receives a request; its terms run from the day it was received.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what article 28 of the LFPDPPP asks for and is missing.
    pub async fn receive_arco(&self, actor: &Actor, form: &ArcoForm) -> Result<ArcoId, CareError> {
        self.require(actor, Permission::ReceiveRights).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let (content, received_on) = read_request(form, self.now().to_zoned_datetime(zone).date())?;
        let patient_id = match form.record.trim() {
            "" => None,
            number => {
                let found = tx.record_by_number(&format!("{number:0>6}")).await?;
                let missing = "No hay un expediente con ese número. Revíselo o deje el espacio vacío";
                Some(found.ok_or_else(|| CareError::invalid("expediente", missing))?.id)
            }
        };
        let id = ArcoId(Uuid::now_v7());
        let (by, at) = (actor.user_id, self.now());
        tx.insert_arco(&NewArcoRequest { id, patient_id, received_on, content, by, at }).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "arco", id, patient_id)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// All requests: those with a term that runs first, the nearest term on top; then the others, newest first.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn arco_requests(&self, actor: &Actor) -> Result<(Vec<ArcoLine>, Date), CareError> {
        self.require(actor, Permission::ReceiveRights).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone).date();
        let calendar = Self::business_days(&mut tx).await?;
        let found = tx.all_arco().await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "arco", "", None)).await?;
        tx.commit().await?;
        let mut lines: Vec<ArcoLine> = found
            .into_iter()
            .map(|(request, steps)| {
                let progress = Progress::of(request.received_on, &steps);
                ArcoLine { request, state: progress.state, due: due(&progress, &calendar, today) }
            })
            .collect();
        lines.sort_by_key(|line| (line.due.is_none(), line.due.map(|due| due.on)));
        Ok((lines, today))
    }

    /// The requests about a record that wait for an answer or to be carried out.
    pub(crate) async fn open_arco_of(tx: &mut Tx, patient: PatientId) -> Result<Vec<ArcoRequest>, CareError> {
        let found = tx.arco_of(patient).await?;
        let open = |(request, steps): &(ArcoRequest, Vec<DatedStep>)| {
            let state = Progress::of(request.received_on, steps).state;
            matches!(state, ArcoState::Received | ArcoState::WaitingForData | ArcoState::ToExecute)
        };
        Ok(found.into_iter().filter(open).map(|(request, _)| request).collect())
    }

    /// A request with its steps and terms.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn arco(&self, actor: &Actor, id: ArcoId) -> Result<ArcoView, CareError> {
        self.require(actor, Permission::ReceiveRights).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.arco_view(&mut tx, actor, id).await?;
        let event = self.event(actor, AuditAction::Read, "arco", id, view.request.patient_id);
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(view)
    }

    pub(crate) async fn arco_view(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: ArcoId,
    ) -> Result<ArcoView, CareError> {
        let (request, mut steps) = tx.arco(id).await?.ok_or(CareError::NotFound { what: "la solicitud" })?;
        let zone = Self::time_zone(tx).await?;
        let calendar = Self::business_days(tx).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let progress = Progress::of(request.received_on, &steps);
        let (patient, kept_until) = match request.patient_id {
            None => (None, None),
            Some(patient) => {
                let clock = self.clock_of(tx, patient, &zone).await?;
                (tx.record(patient).await?, crate::retention::kept_until(&clock))
            }
        };
        let mut evidence = Evidence::default();
        if let Some(patient) = patient.as_ref().filter(|_| actor.may(Permission::DecideRights)) {
            evidence = evidence_of(tx, patient.id, request.received_on, &zone).await?;
        }
        if !actor.may(Permission::ReadRecord) {
            for dated in &mut steps {
                if let ArcoStep::Answered { text, .. } = &mut dated.step {
                    text.clear();
                }
            }
        }
        Ok(ArcoView {
            answer_due: progress.answer_due(&calendar),
            execution_due: progress.execution_due(&calendar),
            due: due(&progress, &calendar, today),
            request,
            patient,
            steps,
            progress,
            kept_until,
            evidence,
            now: self.now(),
            zone,
        })
    }

    /// Writes the next step of a request.
    ///
    /// # Errors
    /// [`CareError::Denied`] for an answer by who does not decide; [`CareError::Invalid`] for a step that cannot follow, an
    /// answer without its ground, a cancellation before the record may go (with the numeral and the date), or
    /// something carried out of which the record shows nothing; [`CareError::Conflict`] when somebody wrote a step first.
    pub async fn step_arco(&self, actor: &Actor, id: ArcoId, form: &StepForm) -> Result<(), CareError> {
        let decides = matches!(form.step.as_str(), "responder" | "efectivo");
        let needed = if decides { Permission::DecideRights } else { Permission::ReceiveRights };
        self.require(actor, needed).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.arco_view(&mut tx, actor, id).await?;
        let conflict = || CareError::Conflict {
            message: "Otra persona avanzó esta solicitud. Véala de nuevo y vuelva a intentar".to_owned(),
        };
        if view.steps.len() != form.seen {
            return Err(conflict());
        }
        let step = match read_step(form, view.kept_until)? {
            Wanted::Step(step) => step,
            Wanted::Execute => ArcoStep::Executed { done: executed(form, &view)? },
        };
        let today = self.now().to_zoned_datetime(view.zone.clone()).date();
        let calendar = Self::business_days(&mut tx).await?;
        (view.progress.allows(&step, today, &calendar)).map_err(|error| CareError::invalid("paso", error))?;
        refuse_untenable(&step, &view)?;
        if let ArcoStep::Executed { done: Done::ConsentsWithdrawn { purposes } } = &step {
            self.withdraw_consents(&mut tx, actor, &view, purposes).await?;
        }
        let place = view.steps.len() + 1;
        match tx.insert_arco_step(id, place, today, &step, actor.user_id, self.now()).await {
            Err(StorageError::NotUnique { .. } | StorageError::Immutable) => return Err(conflict()),
            other => other?,
        }
        let event = self.event(actor, AuditAction::Update, "arco", id, view.request.patient_id);
        let event = because(event, step.label());
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }

    /// A revocation or opposition that is carried out is an answer to the consents it names.
    async fn withdraw_consents(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        view: &ArcoView,
        purposes: &[ConsentPurpose],
    ) -> Result<(), CareError> {
        let Some(patient) = view.patient.as_ref() else { return Ok(()) };
        let version = tx.notices().await?.first().map_or(0, |notice| notice.version);
        for purpose in purposes {
            let consent = Consent {
                id: ConsentId(Uuid::now_v7()),
                patient_id: patient.id,
                purpose: *purpose,
                text_version: version.to_string(),
                given: false,
                means: ConsentMeans::Paper,
                answered_by: match &view.request.content.requester {
                    Requester::Holder => None,
                    Requester::Representative { name, proof } => Some(format!("{name}, {proof}")),
                },
                recorded_by: actor.user_id,
                recorded_at: self.now(),
                asked: None,
                until: None,
            };
            tx.insert_consent(&consent).await?;
            let event = self.event(actor, AuditAction::Create, "consent", consent.id, Some(patient.id));
            let event = because(event, &format!("Solicitud ARCO {}", view.request.number));
            tx.append_audit(event).await?;
        }
        Ok(())
    }

    /// The calendar of business days.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn calendar(&self, actor: &Actor) -> Result<Calendar, CareError> {
        self.require(actor, Permission::ReceiveRights).await?;
        let mut tx = self.begin_read(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let marked = tx.marked_days().await?;
        Ok(Calendar { marked, today: self.now().to_zoned_datetime(zone).date() })
    }

    /// Marks a day as one that does not count, or that counts against the rule. Terms follow at once.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a day that is none, or without saying what it is.
    pub async fn mark_day(
        &self,
        actor: &Actor,
        written: &str,
        works: bool,
        name: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let day = check.take("dia", clinical::person::parse_date(written));
        let name = check.text("nombre", name, "Escriba qué día es");
        let day = check.finish(day)?;
        let mut tx = self.begin(actor).await?;
        tx.mark_day(&MarkedDay { day, works, name }).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "calendar", day, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the mark off a day: the rule counts again.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for what is no day.
    pub async fn unmark_day(&self, actor: &Actor, day: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let day: Date = day.parse().map_err(|_| CareError::NotFound { what: "ese día" })?;
        let mut tx = self.begin(actor).await?;
        tx.unmark_day(day).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "calendar", day, None)).await?;
        Ok(tx.commit().await?)
    }
}

fn due(progress: &Progress, calendar: &BusinessDays, today: Date) -> Option<Due> {
    progress.due(calendar).map(|on| Due { on, left: calendar.between(today, on) })
}

/// What happened in a record since a day that may have carried out a request.
async fn evidence_of(
    tx: &mut Tx,
    patient: PatientId,
    since: Date,
    zone: &TimeZone,
) -> Result<Evidence, CareError> {
    let local = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let deliveries = tx.deliveries(patient).await?.into_iter();
    let documents = tx.documents_of_patient(patient, PageRequest::first(LOOKED_AT)).await?.items.into_iter();
    let former = tx.former_identities(patient).await?;
    let mut given = Vec::new();
    for purpose in ConsentPurpose::ALL {
        if tx.current_consent(patient, *purpose).await?.is_some_and(|consent| consent.given) {
            given.push(*purpose);
        }
    }
    Ok(Evidence {
        deliveries: deliveries.filter(|one| one.voided.is_none() && one.content.on >= since).collect(),
        addenda: documents
            .filter(|head| head.kind == DocumentKind::ADDENDUM && local(head.signed_at) >= since)
            .collect(),
        identity_corrected: former.iter().any(|one| local(one.replaced_at) >= since),
        given,
    })
}

/// What carried a request out, found in the record.
fn executed(form: &StepForm, view: &ArcoView) -> Result<Done, CareError> {
    let evidence = &view.evidence;
    let (done, missing) = match view.request.content.right {
        ArcoRight::Access => {
            let chosen = evidence.deliveries.iter().find(|one| one.id.to_string() == form.done);
            let done = chosen.map(|one| Done::Delivered { delivery: one.id });
            (done, "Registre primero la entrega de las copias y elíjala aquí")
        }
        ArcoRight::Rectification if form.done == "identidad" => {
            let done = evidence.identity_corrected.then_some(Done::IdentityCorrected);
            (done, "Corrija primero los datos de identidad: desde que llegó la solicitud no han cambiado")
        }
        ArcoRight::Rectification => {
            let chosen = evidence.addenda.iter().find(|head| head.id.to_string() == form.done);
            let done = chosen.map(|head| Done::Addendum { document: head.id });
            (done, "Firme primero la nota aclaratoria, o corrija la identidad, y elíjala aquí")
        }
        ArcoRight::Cancellation | ArcoRight::Opposition | ArcoRight::Revocation => {
            let purposes = purposes(form);
            let done = (!purposes.is_empty()).then_some(Done::ConsentsWithdrawn { purposes });
            (done, "Marque las finalidades que dejan de tratarse")
        }
    };
    done.ok_or_else(|| CareError::invalid("hecho", missing))
}

/// An answer the record does not allow.
fn refuse_untenable(step: &ArcoStep, view: &ArcoView) -> Result<(), CareError> {
    let ArcoStep::Answered { outcome, .. } = step else { return Ok(()) };
    if *outcome == Outcome::Refused {
        return Ok(());
    }
    if view.patient.is_none() {
        let message = "Sin expediente no hay datos que entregar ni cambiar: responda improcedente, o registre la solicitud con su número de expediente";
        return Err(CareError::invalid("sentido", message));
    }
    let cancels = view.request.content.right == ArcoRight::Cancellation && *outcome == Outcome::Granted;
    if !cancels {
        return Ok(());
    }
    let message = match view.kept_until {
        Some(until) => {
            let from = until.tomorrow().map_or_else(|_| day(until), day);
            format!(
                "El expediente debe conservarse hasta el {} (NOM-004-SSA3-2012, numeral 5.4): responda procedente en parte, si deja de usar los datos para otras finalidades, o improcedente. Podrá revisarse a partir del {from}",
                day(until)
            )
        }
        None => "Medicus no suprime expedientes: responda procedente en parte e indique qué finalidades dejan de tratarse; la supresión la decide el responsable con su asesoría legal".to_owned(),
    };
    Err(CareError::invalid("sentido", message))
}
