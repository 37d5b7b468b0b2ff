//! Around the receta: favourites and protocols, lines of earlier recetas proposed again, cancellation, the patient's sheet.

use clinical::audit::AuditAction;
use clinical::calendar::long_date;
use clinical::document::{
    Cancellation, Cancelled, DocumentBody, DocumentContent, DocumentKind, SignedDocument,
};
use clinical::draft::{ItemContent, RecordSource, SectionId};
use clinical::ids::{DocumentId, EncounterId, ItemId, KeptLinesId, PatientId};
use clinical::kept_lines::KeptLines;
use clinical::medication::{MedicationRequest, RequestAction};
use jiff::Timestamp;
use nom004::FilledBy;
use storage::{StorageError, Tx};
use terminology::medicines::MedicineCatalog;
use uuid::Uuid;

use crate::consultation::{Consultation, refuse_signed_kind, stale};
use crate::documents::{Pdf, intact};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::preferences::owner;
use crate::prescribing::prints_the_same;
use crate::setup::Check;
use crate::{Care, because, once, review};

/// Most favourites and protocols a person keeps.
const MOST: usize = 200;
/// Longest name of one.
const NAME_MAX: usize = 80;
/// How many earlier recetas are offered.
const OFFERED: u32 = 6;

/// A signed receta of the record, to be renewed.
#[derive(Debug, Clone)]
pub struct EarlierPrescription {
    /// The document.
    pub id: DocumentId,
    /// Its folio.
    pub folio: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Its lines.
    pub lines: Vec<MedicationRequest>,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

/// What can be put into the treatment of a draft by one step.
#[derive(Debug, Clone)]
pub struct Offers {
    /// The consultation with its draft.
    pub view: Consultation,
    /// Their own favourites and protocols.
    pub kept: Vec<KeptLines>,
    /// Earlier recetas of the record, newest first.
    pub earlier: Vec<EarlierPrescription>,
}

/// A line typed in one go, read into its fields.
pub use terminology::typed_line::{LineField, Problem, TypedLine, read_line};

/// Forms with their usual strengths, where the catalogue knows the medicine or the combination
/// ([`MedicineCatalog::presentations`]). They are offered, never filled in: which one there is, the box says.
#[must_use]
pub fn presentations(medicine: &str) -> Vec<String> {
    MedicineCatalog::core().presentations(medicine)
}

/// Names of the catalogue for what is being typed, up to its first figure; tolerant to misspelling.
#[must_use]
pub fn names(text: &str, limit: usize) -> Vec<String> {
    let begun: String = text.chars().take(80).take_while(|c| !c.is_ascii_digit()).collect();
    let found = MedicineCatalog::core().suggest(begun.trim(), limit);
    let named = found.iter().map(|suggestion| {
        let generic = suggestion.matched.generic_name();
        match suggestion.matched.kind {
            terminology::medicines::NameKind::Brand => format!("{} ({generic})", suggestion.matched.name),
            _ => generic,
        }
    });
    named.collect()
}

/// Generic names that are near a name the catalogue does not know, the nearest first.
#[must_use]
pub fn near_names(unknown: &str, limit: usize) -> Vec<String> {
    let mut near: Vec<String> = Vec::new();
    for suggestion in MedicineCatalog::core().suggest(unknown, 2 * limit) {
        let name = suggestion.matched.generic_name();
        if near.len() < limit && !near.contains(&name) {
            near.push(name);
        }
    }
    near
}

/// The generic name of a medicine and behind it those it is easily taken for: whoever writes it says which one is meant.
/// Empty for a name like no other, for a combination and for what the catalogue does not know.
#[must_use]
pub fn alike_names(medicine: &str) -> Vec<&'static str> {
    let Some(found) = MedicineCatalog::core().find(medicine) else { return Vec::new() };
    let [medicine] = found.medicines.as_slice() else { return Vec::new() };
    let mut names = drug_safety::look_alikes(medicine.inn);
    if !names.is_empty() {
        names.insert(0, medicine.name_es);
    }
    names
}

impl Care {
    /// What can be put into the treatment of a draft: own favourites and protocols, and recetas of the record.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn offers(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
    ) -> Result<Offers, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        let kept = match actor.practitioner_id {
            Some(of) => tx.kept_lines(of).await?,
            None => Vec::new(),
        };
        let earlier = earlier_prescriptions(&mut tx, view.patient.id).await?;
        let event = self.event(actor, AuditAction::Read, "encounter", id, Some(view.patient.id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(Offers { view, kept, earlier })
    }

    /// The favourites and protocols of this person.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes.
    pub async fn kept_lines(&self, actor: &Actor) -> Result<Vec<KeptLines>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        Ok(tx.kept_lines(owner(actor)?).await?)
    }

    /// Keeps lines of a draft under a name: one as a favourite, several as a protocol. What was kept under it is replaced.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a name or without a line.
    pub async fn keep_lines(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        items: &[ItemId],
        name: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of = owner(actor)?;
        let mut tx = self.begin(actor).await?;
        let draft = self.load(&mut tx, actor, id, kind).await?.draft;
        let lines =
            draft.kept().filter(|item| items.contains(&item.id)).filter_map(|item| match &item.content {
                ItemContent::MedicationRequest(request) if request.is_prescribed() => Some(as_habit(request)),
                _ => None,
            });
        let lines: Vec<MedicationRequest> = lines.collect();
        let mut check = Check::new();
        let name = check.text("nombre", name, "Escriba cómo lo llama, por ejemplo «Faringitis»");
        if name.chars().count() > NAME_MAX {
            check.fail("nombre", "Escriba 80 letras o menos");
        }
        if lines.is_empty() {
            check.fail("renglones", "Elija al menos un medicamento de la nota");
        }
        let kept = tx.kept_lines(of).await?;
        if kept.len() >= MOST && !kept.iter().any(|one| one.name == name) {
            check.fail("nombre", "Ya guarda 200. Quite antes alguno en sus preferencias");
        }
        let name = check.finish(Some(name))?;
        let new = KeptLines {
            id: KeptLinesId(Uuid::now_v7()),
            practitioner_id: of,
            name,
            lines,
            changed_at: self.now(),
        };
        tx.save_kept_lines(&new).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "kept_lines", new.id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a favourite or protocol.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when this person has no such one.
    pub async fn remove_kept_lines(&self, actor: &Actor, id: KeptLinesId) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        match tx.remove_kept_lines(owner(actor)?, id).await {
            Err(StorageError::Missing { .. }) => return Err(CareError::NotFound { what: "ese favorito" }),
            other => other?,
        }
        let event = self.event(actor, AuditAction::Update, "kept_lines", id, None);
        tx.append_audit(because(event, "quitado")).await?;
        Ok(tx.commit().await?)
    }

    /// Puts the lines of a favourite or protocol into the treatment, as written by this person.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody saved the draft since; [`CareError::NotFound`] for lines of somebody else.
    pub async fn use_kept_lines(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        kept: KeptLinesId,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let all = tx.kept_lines(owner(actor)?).await?;
        let one = all.into_iter().find(|one| one.id == kept);
        let lines = one.ok_or(CareError::NotFound { what: "ese favorito" })?.lines;
        self.put_lines(tx, actor, id, kind, version, &lines, None).await
    }

    /// Proposes the lines of an earlier receta again: each is to be accepted, and is checked like any other. Those that
    /// stand in the draft already are left out.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody saved the draft since; [`CareError::NotFound`] for a receta of another record;
    /// [`CareError::Invalid`] when every line is there already.
    pub async fn renew(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        document: DocumentId,
    ) -> Result<Consultation, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let missing = || CareError::NotFound { what: "esa receta" };
        let view = self.load(&mut tx, actor, id, kind).await?;
        let all = tx.prescriptions_of_patient(view.patient.id, OFFERED).await?;
        let signed = all.iter().find(|one| one.id == document).ok_or_else(missing)?;
        let earlier = earlier_prescription(&mut tx, signed).await?.ok_or_else(missing)?;
        let there = |line: &MedicationRequest| {
            view.draft.medication_requests().any(|request| prints_the_same(request, line))
        };
        let lines: Vec<MedicationRequest> =
            earlier.lines.iter().map(as_renewal).filter(|line| !there(line)).collect();
        if lines.is_empty() {
            return Err(CareError::invalid("receta", "Los medicamentos de esa receta ya están en la nota"));
        }
        let day = earlier.signed_at.to_zoned_datetime(view.zone.clone()).date();
        let words = format!("Receta {} del {}", earlier.folio, long_date(day));
        let source = RecordSource { document: Some(document), words };
        self.put_lines(tx, actor, id, kind, version, &lines, Some(&source)).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of a draft, with what it puts there and where it is from"
    )]
    async fn put_lines(
        &self,
        mut tx: Tx,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        lines: &[MedicationRequest],
        source: Option<&RecordSource>,
    ) -> Result<Consultation, CareError> {
        let view = self.load(&mut tx, actor, id, kind).await?;
        refuse_signed_kind(&mut tx, &view.encounter, kind).await?;
        if view.version != version {
            return Err(stale());
        }
        let definition = nom004::definition_of(&view.draft);
        let section = definition.sections.iter().find(|section| section.filled_by == FilledBy::Treatment);
        let section = section.ok_or(CareError::NotFound { what: "el apartado de tratamiento" })?;
        let mut draft = view.draft;
        for line in lines {
            let content = ItemContent::MedicationRequest(line.clone());
            let new = ItemId(Uuid::now_v7());
            review::insert(&mut draft, &SectionId::new(&section.id), &content, new, source.cloned())?;
        }
        self.keep_draft(&mut tx, actor, &view.encounter, version, &draft).await?;
        let view = self.load(&mut tx, actor, id, kind).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Cancels a signed receta. It stays as it was signed; from now on it says that it holds no more wherever it is shown or
    /// printed, and what it prescribed may be prescribed again.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Denied`] for who could not have signed it;
    /// [`CareError::Finished`] when it was cancelled before; [`CareError::WrongPassword`].
    pub async fn cancel_prescription(
        &self,
        actor: &Actor,
        id: DocumentId,
        reason: &str,
        password: String,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Sign).await?;
        let definition = nom004::definition(DocumentKind::PRESCRIPTION);
        if !actor.may_author(definition) {
            return Err(CareError::Denied { message: actor.authorship_refusal(definition) });
        }
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué se cancela la receta");
        let reason = check.finish(Some(reason))?;
        let mut tx = self.begin_read(actor).await?;
        let document = tx.document(id).await?.filter(|one| one.kind == DocumentKind::PRESCRIPTION);
        let document = document.ok_or(CareError::NotFound { what: "esa receta" })?;
        drop(tx);
        self.confirm_password(actor, password).await?;
        let mut tx = self.begin(actor).await?;
        let new = Cancellation {
            document_id: id,
            reason,
            by: actor.user_id,
            by_name: actor.display_name.clone(),
            at: self.now(),
        };
        once(tx.cancel_prescription(&new).await, || CareError::Finished {
            message: "Esta receta ya estaba cancelada".to_owned(),
        })?;
        let event = self.event(actor, AuditAction::Update, "document", id, Some(document.patient_id));
        tx.append_audit(because(event, "receta cancelada")).await?;
        Ok(tx.commit().await?)
    }

    /// The sheet for the patient: what to do with the medicines of a signed receta, in large print.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such receta.
    pub async fn patient_sheet(&self, actor: &Actor, id: DocumentId) -> Result<Pdf, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let document = tx.document(id).await?.filter(|one| one.kind == DocumentKind::PRESCRIPTION);
        let document = document.ok_or(CareError::NotFound { what: "esa receta" })?;
        let content = intact(&document)?;
        let context = ::documents::RenderContext {
            logo: self.logo(&mut tx).await?,
            cancelled: tx.prescription_cancellation(id).await?.map(Cancelled::from),
            ..::documents::RenderContext::new(document.content_digest, ::documents::Copy::Original)
        };
        let event = self.event(actor, AuditAction::Print, "document", id, Some(document.patient_id));
        tx.append_audit(because(event, "hoja del paciente")).await?;
        tx.commit().await?;
        let renderer = std::sync::Arc::clone(&self.renderer);
        let bytes = tokio::task::spawn_blocking(move || renderer.patient_sheet(&content, &context)).await;
        let bytes = bytes.map_err(CareError::internal)?.map_err(CareError::internal)?;
        Ok(Pdf { bytes, file_name: format!("hoja-del-paciente-{id}.pdf") })
    }
}

/// The last recetas of a record, newest first.
pub(crate) async fn earlier_prescriptions(
    tx: &mut Tx,
    patient: PatientId,
) -> Result<Vec<EarlierPrescription>, CareError> {
    let mut earlier = Vec::new();
    for document in tx.prescriptions_of_patient(patient, OFFERED).await? {
        earlier.extend(earlier_prescription(tx, &document).await?);
    }
    Ok(earlier)
}

async fn earlier_prescription(
    tx: &mut Tx,
    document: &SignedDocument,
) -> Result<Option<EarlierPrescription>, CareError> {
    let content: DocumentContent = serde_json::from_str(&document.content).map_err(CareError::internal)?;
    let DocumentBody::Prescription { folio, medication_requests, .. } = content.body else { return Ok(None) };
    Ok(Some(EarlierPrescription {
        id: document.id,
        folio,
        signed_at: document.signed_at,
        lines: medication_requests,
        cancelled: tx.prescription_cancellation(document.id).await?.is_some(),
    }))
}

/// A line as it is kept: without what belongs to one receta only.
fn as_habit(request: &MedicationRequest) -> MedicationRequest {
    let mut line = MedicationRequest { action: RequestAction::Start, ..request.clone() };
    line.dispensing.special_folio = None;
    line
}

/// A line as it is proposed again: the patient goes on with it. The quantity follows from the line anew.
fn as_renewal(request: &MedicationRequest) -> MedicationRequest {
    let computed = MedicationRequest { quantity: None, ..request.clone() };
    let same = computed.to_dispense().map(|quantity| quantity.text) == request.quantity;
    let quantity = if same { None } else { request.quantity.clone() };
    MedicationRequest { action: RequestAction::Continue, quantity, ..request.clone() }
}
