//! A package is looked at, and brought in once a person has decided into which record.

use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use clinical::likeness::compare;
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::{RecordImport, Tx};

use super::package::{Package, PackageError, Source};
use crate::error::CareError;
use crate::patients::{Candidate, alike};
use crate::permission::{Actor, Permission};
use crate::{Care, because};

/// How many things of each kind a package holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Signed documents.
    pub documents: usize,
    /// Allergies.
    pub allergies: usize,
    /// Problems.
    pub problems: usize,
    /// Medicines.
    pub medicines: usize,
    /// Measurements.
    pub measurements: usize,
    /// Laboratory reports.
    pub reports: usize,
    /// Files.
    pub files: usize,
    /// Consents.
    pub consents: usize,
}

/// Into which record a package may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This very record is here already: from an earlier package, or because it was exported here.
    Here(Box<Patient>),
    /// It is not; these may be of the same person.
    New {
        /// The likeliest first.
        candidates: Vec<Candidate>,
        /// One of them has the CURP, so that there can be no second record with it.
        curp_taken: bool,
        /// There is one among them that this person may not see.
        private: bool,
    },
}

/// What a package holds and what bringing it in would do; nothing was written.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    /// Who made it.
    pub origin: String,
    /// When.
    pub exported_at: Timestamp,
    /// The patient's name in it.
    pub name: String,
    /// Number of the expediente there.
    pub number: String,
    /// Date of birth, when known.
    pub birth: Option<jiff::civil::Date>,
    /// CURP, when known.
    pub curp: Option<String>,
    /// What it holds.
    pub counts: Counts,
    /// Titles of its documents with where and when the acts were.
    pub documents: Vec<(String, String, Timestamp)>,
    /// Where it may go.
    pub target: Target,
    /// The earlier import of this very package.
    pub already: Option<RecordImport>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// Where a person decided that a package goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Into a record of its own; these likely doubles were seen.
    New {
        /// They are of other people.
        seen: Vec<PatientId>,
        /// That there is one that may not be seen was told.
        seen_private: bool,
    },
    /// Into this record.
    Into(PatientId),
}

/// A package that was brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The record.
    pub patient: PatientId,
    /// Whether the record was opened for it.
    pub opened: bool,
    /// How many things were added; none when the package, or all it holds, was there before, or when it holds nothing
    /// but who the patient is.
    pub added: usize,
}

impl Imported {
    /// Whether anything here is different from before.
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.opened || self.added > 0
    }
}

impl From<PackageError> for CareError {
    fn from(error: PackageError) -> Self {
        let field = match &error {
            PackageError::NeedsPassphrase | PackageError::WrongPassphrase => "frase",
            _ => "archivo",
        };
        Self::invalid(field, error)
    }
}

/// Opens a package away from the threads that answer requests.
async fn open(source: Box<dyn Source>, passphrase: String) -> Result<Package, CareError> {
    let opened = tokio::task::spawn_blocking(move || Package::open(source, Some(&passphrase)));
    Ok(opened.await.map_err(CareError::internal)??)
}

impl Care {
    /// Says what a package holds and whose record it may be. Nothing is written but who looked.
    ///
    /// # Errors
    /// [`CareError::Invalid`] at `archivo` or `frase` with why the package is refused.
    pub async fn plan_import(
        &self,
        actor: &Actor,
        source: Box<dyn Source>,
        passphrase: String,
    ) -> Result<ImportPlan, CareError> {
        self.require(actor, Permission::ImportRecord).await?;
        let package = open(source, passphrase).await?;
        let mut tx = self.begin(actor).await?;
        let plan = self.plan_of(&mut tx, &package).await?;
        // The names of likely doubles are shown: that is a reading of their records.
        let shown = match &plan.target {
            Target::Here(patient) => vec![patient.id],
            Target::New { candidates, .. } => candidates.iter().map(|one| one.patient.id).collect(),
        };
        for id in shown {
            let event = self.event(actor, AuditAction::Search, "patient", id, Some(id));
            tx.append_audit(because(event, "posible expediente de la misma persona")).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Read, "record_import", package.digest, None)).await?;
        tx.commit().await?;
        Ok(plan)
    }

    async fn plan_of(&self, tx: &mut Tx, package: &Package) -> Result<ImportPlan, CareError> {
        let record = &package.record;
        let open = |closed: Option<jiff::civil::Date>| closed.is_none();
        let counts = Counts {
            documents: record.documents.len(),
            allergies: record.allergies.iter().filter(|kept| open(kept.closed_on)).count(),
            problems: record.conditions.iter().filter(|kept| open(kept.closed_on)).count(),
            medicines: record.medications.iter().filter(|kept| open(kept.closed_on)).count(),
            measurements: record.observations.len(),
            reports: record.reports.len(),
            files: record.files.len(),
            consents: record.consents.len(),
        };
        let identity = &record.patient.data.identity;
        let documents = record
            .documents
            .iter()
            .map(|document| (document.title.clone(), document.establishment.name.clone(), document.act_at));
        Ok(ImportPlan {
            origin: package.origin().to_owned(),
            exported_at: record.exported_at,
            name: identity.full_name(),
            number: record.patient.record_number.clone(),
            birth: identity.birth_date().map(clinical::person::BirthDate::date),
            curp: identity.curp().map(|curp| curp.as_str().to_owned()),
            counts,
            documents: documents.collect(),
            target: target(tx, package).await?,
            already: tx.record_import(package.digest).await?,
            now: self.now(),
            zone: Self::time_zone(tx).await?,
        })
    }

    /// What a package holds, for who has it in a file on the machine; nothing of a record here is shown.
    ///
    /// # Errors
    /// As [`Care::plan_import`].
    pub async fn look_at_package(
        &self,
        source: Box<dyn Source>,
        passphrase: String,
    ) -> Result<ImportPlan, CareError> {
        let package = open(source, passphrase).await?;
        let mut tx = self.unseen.begin_read().await?;
        let mut plan = self.plan_of(&mut tx, &package).await?;
        plan.target = Target::New { candidates: Vec::new(), curp_taken: false, private: false };
        Ok(plan)
    }

    /// Brings a package in, all of it or nothing, in one transaction. The same package again changes nothing.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with why the package is refused; [`CareError::Alike`] when records may be of the same
    /// person that the one who decides has not seen; [`CareError::Conflict`] when something of the package is in another
    /// record here.
    pub async fn import_record(
        &self,
        actor: &Actor,
        source: Box<dyn Source>,
        passphrase: String,
        decision: &Decision,
    ) -> Result<Imported, CareError> {
        self.require(actor, Permission::ImportRecord).await?;
        let package = open(source, passphrase).await?;
        self.apply(actor, package, decision).await
    }

    /// The person behind an account, for a command that acts in their name on the machine of whoever keeps the key.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for an unknown or closed account.
    pub async fn actor_named(&self, username: &str) -> Result<Actor, CareError> {
        let user = self.unseen.begin_read().await?.user_by_name(username).await?;
        let user = user.filter(|user| user.active).ok_or(CareError::NotFound { what: "esa cuenta" })?;
        Ok(Actor {
            user_id: user.id,
            username: user.username,
            display_name: user.display_name,
            roles: user.role.split(',').filter_map(crate::Role::from_code).collect(),
            practitioner_id: user.practitioner_id,
            origin: "program".to_owned(),
            csrf: String::new(),
            session: clinical::digest::Digest::ORIGIN,
            opened: Vec::new(),
        })
    }
}

/// Where a package may go: into the record it is of, or into one a person chooses.
pub(super) async fn target(tx: &mut Tx, package: &Package) -> Result<Target, CareError> {
    let facts = &package.record.patient;
    if let Some(patient) = tx.record(facts.id).await? {
        let same =
            compare(&facts.data, &patient.data).is_some() || facts.data.identity == patient.data.identity;
        return if same { Ok(Target::Here(Box::new(patient))) } else { Err(other_person(&patient)) };
    }
    let (candidates, private) = alike(tx, &facts.data, None).await?;
    let curp = facts.data.identity.curp();
    let curp_taken = curp.is_some() && candidates.iter().any(|one| one.patient.curp() == curp);
    Ok(Target::New { candidates, curp_taken, private })
}

/// The package says it is of a record that is here and of somebody else.
pub(super) fn other_person(patient: &Patient) -> CareError {
    let message = format!(
        "El paquete dice ser del expediente {}, pero el nombre y la fecha de nacimiento no coinciden. No se importó nada. Compare los datos con el otro establecimiento",
        patient.record_number
    );
    CareError::Conflict { message }
}
