//! Writes what a package brings: one transaction, every thing once, whatever was there before left as it is.

use clinical::allergy::AllergyStatus;
use clinical::attachment::Attachment;
use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::consent::Consent;
use clinical::ids::{EntryId, ImportId, PatientId, UserId};
use clinical::patient::Patient;
use fhir::{DocumentFacts, Kept, Record, Report};
use storage::verify::{trace, trace_of_document};
use storage::{
    Closed, ExternalDocument, ExternalEfirma, ExternalSummary, LabReport, NewLabResult, Observation,
    PasswordHash, RecordImport, Recorded, SearchEntry, StorageError, Tx, User,
};
use terminology::fold::fold;
use uuid::Uuid;

use super::import::{Decision, Imported, Target, target};
use super::package::Package;
use super::stage::{Staged, StagedDocument};
use crate::content::sha256;
use crate::error::CareError;
use crate::patients::Alike;
use crate::permission::Actor;
use crate::{Care, because};

/// One import while it is written.
struct Import<'a> {
    care: &'a Care,
    actor: &'a Actor,
    tx: Tx,
    /// The record it goes into.
    patient: PatientId,
    /// The account that stands for the other establishment.
    by: UserId,
    id: ImportId,
    added: usize,
}

impl Care {
    pub(super) async fn apply(
        &self,
        actor: &Actor,
        package: Package,
        decision: &Decision,
    ) -> Result<Imported, CareError> {
        let (package, mut staged) = self.stage(actor, package).await?;
        let mut tx = self.begin(actor).await?;
        if let Some(earlier) = tx.record_import(package.digest).await? {
            let patient = tx.record(earlier.patient_id).await?.map_or(earlier.patient_id, |own| own.id);
            return Ok(Imported { patient, opened: false, added: 0 });
        }
        let (patient, opened) = self.record_for(&mut tx, actor, &package, decision).await?;
        let by = self.account_of(&mut tx, package.origin()).await?;
        let id = ImportId(Uuid::now_v7());
        tx.insert_record_import(&RecordImport {
            id,
            patient_id: patient,
            package_digest: package.digest,
            origin: package.origin().to_owned(),
            origin_number: package.record.patient.record_number.clone(),
            exported_at: package.record.exported_at,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
        })
        .await?;
        let mut import = Import { care: self, actor, tx, patient, by, id, added: 0 };
        import.summary(&package.record).await?;
        import.measurements(&package.record).await?;
        import.consents(&package.record, package.origin()).await?;
        for report in &package.record.reports {
            import.report(report).await?;
        }
        import.files(&package.record, &mut staged).await?;
        import.documents(&package.record, &mut staged).await?;
        let Import { mut tx, added, .. } = import;
        let event = self.event(actor, AuditAction::Create, "record_import", id, Some(patient));
        tx.append_audit(NewAuditEvent { reason: Some(format!("{added} datos y documentos")), ..event })
            .await?;
        tx.commit().await?;
        Ok(Imported { patient, opened, added })
    }

    /// The record a package goes into, and whether it was opened for it.
    async fn record_for(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        package: &Package,
        decision: &Decision,
    ) -> Result<(PatientId, bool), CareError> {
        let facts = &package.record.patient;
        match (target(tx, package).await?, decision) {
            // Whatever was decided: one record is one record.
            (Target::Here(patient), _) => Ok((patient.id, false)),
            (Target::New { .. }, Decision::Into(id)) => {
                let patient = tx.record(*id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
                Ok((patient.id, false))
            }
            (Target::New { candidates, curp_taken, private }, Decision::New { seen, seen_private }) => {
                let unseen = candidates.iter().any(|one| !seen.contains(&one.patient.id));
                if curp_taken || unseen || (private && !seen_private) {
                    return Err(CareError::Alike(Alike { candidates, curp_taken, private }));
                }
                let id = match tx.insert_patient(facts.id, &facts.data, self.now()).await {
                    Err(StorageError::NotUnique { .. }) => return Err(hidden()),
                    other => other?.id,
                };
                tx.append_audit(self.event(actor, AuditAction::Create, "patient", id, Some(id))).await?;
                Ok((id, true))
            }
        }
    }

    /// An account that nobody can sign in with: under its name stands what the other establishment recorded.
    async fn account_of(&self, tx: &mut Tx, origin: &str) -> Result<UserId, CareError> {
        let digest = sha256(origin.as_bytes()).to_string();
        let username = format!("externo-{}", digest.get(..16).unwrap_or_default());
        if let Some(user) = tx.user_by_name(&username).await? {
            return Ok(user.id);
        }
        let id = UserId(Uuid::now_v7());
        tx.insert_user(&User {
            id,
            username,
            display_name: format!("{origin} (otro establecimiento)"),
            password_hash: PasswordHash(String::new()),
            role: String::new(),
            practitioner_id: None,
            active: false,
            failed_attempts: 0,
            locked_until: None,
            provisional: false,
            factors_reset_at: None,
            created_at: self.now(),
        })
        .await?;
        Ok(id)
    }
}

impl Import<'_> {
    /// Whether a thing is still to be added. One that is in somebody else's record is none of this package's.
    async fn is_new(&mut self, table: &'static str, id: impl ToString) -> Result<bool, CareError> {
        let Some(owner) = self.tx.owner_of(table, &id.to_string()).await? else {
            self.added += 1;
            return Ok(true);
        };
        let root = |patient: Option<Patient>| patient.map(|own| own.id);
        if root(self.tx.record(owner).await?) == root(self.tx.record(self.patient).await?) {
            return Ok(false);
        }
        let message = "El paquete trae datos que ya están en el expediente de otra persona. No se importó nada. Pida al otro establecimiento que lo exporte de nuevo";
        Err(CareError::Conflict { message: message.to_owned() })
    }

    /// That a file or document came, with its digest, so that the bitácora binds it.
    async fn came(
        &mut self,
        entity: &'static str,
        id: impl ToString,
        trace: String,
    ) -> Result<(), CareError> {
        let event = self.care.event(self.actor, AuditAction::Create, entity, id, Some(self.patient));
        self.tx.append_audit(NewAuditEvent { reason: Some(trace), ..event }).await?;
        Ok(())
    }

    fn recorded<T>(&self, kept: &Kept<T>) -> Recorded {
        Recorded { by: self.by, at: kept.recorded_at, encounter_id: None }
    }

    async fn close<T>(&mut self, kept: &Kept<T>) -> Result<(), CareError> {
        if let Some(on) = kept.closed_on {
            self.tx.close_entry(kept.id, self.patient, Closed { on, by: self.by }).await?;
        }
        Ok(())
    }

    async fn summary(&mut self, record: &Record) -> Result<(), CareError> {
        let known = self.tx.summary(self.patient).await?;
        let allergies: Vec<String> = match known.allergy_status() {
            AllergyStatus::Known(list) => list.iter().map(|own| fold(&own.substance)).collect(),
            _ => Vec::new(),
        };
        for kept in &record.allergies {
            let here = kept.closed_on.is_none() && allergies.contains(&fold(&kept.value.substance));
            if !here && self.is_new("summary_entry", kept.id).await? {
                self.tx.insert_allergy(kept.id, self.patient, &kept.value, self.recorded(kept)).await?;
                self.close(kept).await?;
            }
        }
        let problems: Vec<_> = known.open_conditions().map(|own| fold(&own.text)).collect();
        for kept in &record.conditions {
            let here = kept.closed_on.is_none() && problems.contains(&fold(&kept.value.text));
            if !here && self.is_new("summary_entry", kept.id).await? {
                self.tx.insert_condition(kept.id, self.patient, &kept.value, self.recorded(kept)).await?;
                self.close(kept).await?;
            }
        }
        let medicines: Vec<_> = known.open_medications().map(|own| fold(&own.medicine)).collect();
        for kept in &record.medications {
            let here = kept.closed_on.is_none() && medicines.contains(&fold(&kept.value.medicine));
            if !here && self.is_new("summary_entry", kept.id).await? {
                self.tx.insert_medication(kept.id, self.patient, &kept.value, self.recorded(kept)).await?;
                self.close(kept).await?;
            }
        }
        for kept in &record.acts {
            let here = known.acts.iter().any(|own| own.closed.is_none() && own.value == kept.value);
            if !here && self.is_new("summary_entry", kept.id).await? {
                self.tx.insert_care_act(kept.id, self.patient, &kept.value, self.recorded(kept)).await?;
                self.close(kept).await?;
            }
        }
        let status = self.tx.summary(self.patient).await?.allergy_status();
        if let (Some(at), AllergyStatus::NotAsked) = (record.allergies_denied, status) {
            let recorded = Recorded { by: self.by, at, encounter_id: None };
            self.tx.insert_allergy_denial(EntryId(Uuid::now_v7()), self.patient, recorded).await?;
            self.added += 1;
        }
        self.representatives(record).await
    }

    async fn representatives(&mut self, record: &Record) -> Result<(), CareError> {
        for kept in &record.representatives {
            if !self.is_new("representative", kept.id).await? {
                continue;
            }
            self.tx.insert_representative(kept.id, self.patient, &kept.value, self.recorded(kept)).await?;
            if let Some(on) = kept.closed_on {
                self.tx.close_representative(kept.id, self.patient, Closed { on, by: self.by }).await?;
            }
        }
        Ok(())
    }

    async fn measurements(&mut self, record: &Record) -> Result<(), CareError> {
        for own in &record.observations {
            if self.is_new("observation", own.id).await? {
                let recorded = Recorded { by: self.by, at: own.recorded_at, encounter_id: None };
                let observation =
                    Observation { id: own.id, sign: own.sign, taken_at: own.taken_at, recorded };
                self.tx.insert_observation(self.patient, &observation).await?;
            }
        }
        Ok(())
    }

    /// The versions of a text are numbered by each establishment: whose text it was stands with the number.
    async fn consents(&mut self, record: &Record, origin: &str) -> Result<(), CareError> {
        for own in &record.consents {
            if !self.is_new("consent", own.id).await? {
                continue;
            }
            let own_text = own.text_version.chars().all(|c| c.is_ascii_digit());
            let text_version =
                if own_text { format!("{} de {origin}", own.text_version) } else { own.text_version.clone() };
            self.tx
                .insert_consent(&Consent {
                    id: own.id,
                    patient_id: self.patient,
                    purpose: own.purpose,
                    text_version,
                    given: own.given,
                    means: own.means,
                    answered_by: own.answered_by.clone(),
                    recorded_by: self.by,
                    recorded_at: own.recorded_at,
                    asked: None,
                    until: own.until,
                })
                .await?;
        }
        Ok(())
    }

    async fn report(&mut self, own: &Report) -> Result<(), CareError> {
        let new = self.is_new("lab_report", own.id).await?;
        if new {
            self.tx
                .insert_lab_report(&LabReport {
                    id: own.id,
                    patient_id: self.patient,
                    panel: own.panel.clone(),
                    laboratory: own.laboratory.clone(),
                    taken: own.taken,
                    source: own.source,
                    recorded_by: self.by,
                    recorded_at: own.recorded_at,
                })
                .await?;
        }
        let known = self.tx.lab_report(own.id).await?.map(|entry| entry.results).unwrap_or_default();
        let mut here: Vec<_> = known.iter().map(|entry| entry.id).collect();
        let mut left: Vec<_> = own.results.iter().filter(|version| !here.contains(&version.id)).collect();
        let changed = !left.is_empty();
        // A version comes after the one it takes the place of.
        while !left.is_empty() {
            let (ready, later): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|version| version.supersedes.is_none_or(|id| here.contains(&id)));
            if ready.is_empty() {
                return Err(CareError::invalid(
                    "archivo",
                    "Un resultado del paquete corrige a otro que no viene en él. No se importó nada",
                ));
            }
            for version in ready {
                let new = NewLabResult {
                    id: version.id,
                    place: version.place,
                    state: version.state,
                    supersedes: version.supersedes,
                    reason: version.reason.clone(),
                    result: version.result.clone(),
                };
                self.tx.insert_lab_result(own.id, &new, self.by, version.recorded_at).await?;
                here.push(version.id);
            }
            left = later;
        }
        if changed {
            Care::index_lab_report(&mut self.tx, own.id).await?;
        }
        Ok(())
    }

    async fn files(&mut self, record: &Record, staged: &mut Staged) -> Result<(), CareError> {
        for own in &record.files {
            if self.is_new("attachment", own.id).await? {
                let file = staged.file(own.id)?;
                self.care.blobs.keep(&mut self.tx, file.blob, self.care.now()).await?;
                self.tx
                    .insert_attachment(&Attachment {
                        id: own.id,
                        patient_id: self.patient,
                        category: own.category,
                        kind: own.kind,
                        title: own.title.clone(),
                        file_name: own.file_name.clone(),
                        size: file.size,
                        studied_on: own.studied_on,
                        recorded_by: self.by,
                        recorded_at: own.recorded_at,
                    })
                    .await?;
                self.came("attachment", own.id, trace(own.digest)).await?;
            }
            let known = self.tx.attachment(own.id).await?;
            if let (Some((at, _, reason)), Some(None)) = (&own.withdrawn, known.map(|entry| entry.withdrawn))
            {
                self.tx.withdraw_attachment(own.id, reason, self.by, *at).await?;
            }
            Care::index_attachment(&mut self.tx, own.id).await?;
        }
        Ok(())
    }

    async fn documents(&mut self, record: &Record, staged: &mut Staged) -> Result<(), CareError> {
        for own in &record.documents {
            // A document that was signed here and comes back stays what it is.
            if self.tx.owner_of("signed_document", &own.id.to_string()).await?.is_some() {
                self.same_document(own).await?;
                continue;
            }
            if self.is_new("external_document", own.id).await? {
                self.document(own, staged.document(own.id)?).await?;
            }
            self.beside(own, record, staged).await?;
        }
        Ok(())
    }

    /// What belongs to a document signed elsewhere and may come later than it: its e.firma, and that it was cancelled.
    async fn beside(
        &mut self,
        own: &DocumentFacts,
        record: &Record,
        staged: &mut Staged,
    ) -> Result<(), CareError> {
        if let Some(((pdf, blob), pdf_digest)) = staged.efirma(own.id).zip(own.efirma) {
            self.care.blobs.keep(&mut self.tx, blob, self.care.now()).await?;
            let new =
                ExternalEfirma { document_id: own.id, pdf, pdf_digest, exported_at: record.exported_at };
            self.tx.insert_external_efirma(&new).await?;
            self.came("external_efirma", own.id, trace(pdf_digest)).await?;
            self.added += 1;
        }
        let known = self.tx.external_document(own.id).await?;
        if let (Some(cancelled), Some(None)) = (&own.cancelled, known.map(|known| known.head.cancelled)) {
            self.tx.insert_external_cancellation(own.id, cancelled).await?;
            let event = self.care.event(
                self.actor,
                AuditAction::Update,
                "external_document",
                own.id,
                Some(self.patient),
            );
            self.tx.append_audit(because(event, "receta cancelada donde se firmó")).await?;
            self.added += 1;
        }
        Ok(())
    }

    async fn same_document(&mut self, own: &DocumentFacts) -> Result<(), CareError> {
        let here = self.tx.document(own.id).await?.ok_or(StorageError::Immutable)?;
        if here.content_digest == own.seal.content_digest && here.pdf_digest == own.seal.pdf_digest {
            return Ok(());
        }
        let message =
            "El paquete trae, con otro contenido, un documento que se firmó aquí. No se importó nada";
        Err(CareError::Conflict { message: message.to_owned() })
    }

    async fn document(&mut self, own: &DocumentFacts, staged: StagedDocument) -> Result<(), CareError> {
        let StagedDocument { pdf, blob, content, transcript, entry } = staged;
        self.care.blobs.keep(&mut self.tx, blob, self.care.now()).await?;
        let document = ExternalDocument {
            head: ExternalSummary {
                id: own.id,
                import_id: self.id,
                patient_id: self.patient,
                kind: own.kind,
                title: own.title.clone(),
                establishment: own.establishment.name.clone(),
                signed_by: own.author.full_name(),
                signed_at: own.signed_at,
                act_at: own.act_at,
                amends: own.amends,
                pdf,
                pdf_digest: own.seal.pdf_digest,
                content_digest: own.seal.content_digest,
                origin_link: (own.seal.sequence, own.seal.previous, own.seal.digest),
                cancelled: None,
            },
            content,
            transcript,
        };
        self.tx.insert_external_document(&document).await?;
        let trace = trace_of_document(own.seal.content_digest, own.seal.pdf_digest);
        self.came("external_document", own.id, trace).await?;
        self.tx.index(&SearchEntry { patient_id: self.patient, ..entry }).await?;
        Ok(())
    }
}

/// The very record is here and this person may not see it.
fn hidden() -> CareError {
    let message = "Ese expediente ya está aquí y usted no puede verlo: es de un grupo privado o está bloqueado. Pida a alguien del grupo que lo importe o ábralo antes con motivo; si está bloqueado, administración lo desbloquea";
    CareError::Conflict { message: message.to_owned() }
}
