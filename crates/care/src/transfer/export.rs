//! A record on its way out, a piece at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::identifiers::Curp;
use clinical::ids::{BlobId, PatientId};
use documents::{Logo, Renderer};
use fhir::{END, Files, paths};
use storage::{BlobStore, Database, PageRequest, Tx};
use uuid::Uuid;

use super::gather::{Gathered, gather};
use super::register::{ENTITY, told};
use super::write::PackageWriter;
use super::{FORMAT, Manifest, ManifestDocument};
use crate::audit::entity_label;
use crate::content::sha256;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because};

/// The forms a record leaves in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One FHIR R4 Bundle with everything in it.
    Fhir,
    /// One book.
    Pdf,
    /// The package: book, bundle and original files with their digests.
    Zip,
}

impl ExportFormat {
    /// All of them, the one that another installation can take in first.
    pub const ALL: [Self; 3] = [Self::Zip, Self::Pdf, Self::Fhir];

    /// The word of commands and forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
        }
    }

    /// Reads [`ExportFormat::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    /// Its name on screens and in the bitácora.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "Paquete completo (ZIP)",
            Self::Pdf => "Libro (PDF)",
            Self::Fhir => "Datos (FHIR R4)",
        }
    }

    /// The name with what it is for.
    #[must_use]
    pub fn label(self) -> String {
        let purpose = match self {
            Self::Zip => "para otro establecimiento",
            Self::Pdf => "para leer e imprimir",
            Self::Fhir => "para otros programas",
        };
        format!("{}, {purpose}", self.name())
    }
}

/// What is asked for, as the form posts it. `Debug` is not derived: it holds a passphrase and a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExportForm {
    /// [`ExportFormat::code`].
    pub format: String,
    /// Why it leaves.
    pub reason: String,
    /// Passphrase of a package; empty for none.
    pub passphrase: String,
    /// The same again.
    pub passphrase_again: String,
    /// Password of who takes it out; the program itself has none.
    pub password: String,
}

/// Shortest passphrase: long enough that guessing it takes longer than anyone tries.
const PASSPHRASE_CHARS: usize = 12;

impl ExportForm {
    fn read(&self) -> Result<(ExportFormat, String, Option<String>), CareError> {
        let mut check = Check::new();
        let format = ExportFormat::from_code(&self.format);
        if format.is_none() {
            check.fail("formato", "Elija en qué forma se exporta");
        }
        let reason = check.text(
            "motivo",
            &self.reason,
            "Escriba por qué sale el expediente, por ejemplo «a petición del paciente»",
        );
        if !self.passphrase.is_empty() {
            if format.is_some_and(|format| format != ExportFormat::Zip) {
                check.fail(
                    "frase",
                    "Solo el paquete completo se cifra con frase. Elija el paquete o deje la frase vacía",
                );
            } else if self.passphrase.chars().count() < PASSPHRASE_CHARS {
                check.fail("frase", "Escriba una frase de 12 letras o más");
            }
        }
        if self.passphrase != self.passphrase_again {
            check.fail("frase_otra_vez", "Las dos frases no coinciden. Escríbalas otra vez");
        }
        let passphrase = (!self.passphrase.is_empty()).then(|| self.passphrase.clone());
        let format = check.finish(format)?;
        Ok((format, reason, passphrase))
    }
}

/// What is still to be written.
enum Step {
    /// Text that is ready.
    Text(String),
    /// The PDF of a document or a file, as a Binary of the bundle.
    Binary(Uuid, &'static str, BlobId),
    /// The book, as the whole file.
    Book,
    /// A text as a file of the package.
    PackText(String, String),
    /// Stored bytes as a file of the package.
    Pack(String, BlobId),
    /// The book as a file of the package.
    PackBook,
    /// The manifest, and the end of the package.
    Finish,
}

/// A record on its way out.
pub struct RecordExport {
    database: Database,
    blobs: BlobStore,
    pub(super) renderer: Arc<Renderer>,
    pub(super) gathered: Gathered,
    /// The picture of the letterhead, for what is printed again.
    pub(super) logo: Option<Logo>,
    pub(super) made_by: String,
    pub(super) reason: String,
    steps: VecDeque<Step>,
    total: usize,
    writer: Option<PackageWriter>,
    /// A file name without personal data.
    pub file_name: String,
    /// Media type of the file.
    pub media_type: &'static str,
}

impl Care {
    /// Begins to export a record. That it leaves, and why, is in the bitácora before the first byte is handed out.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] without a reason; [`CareError::WrongPassword`],
    /// [`CareError::LockedOut`]; [`CareError::NotFound`].
    pub async fn export_record(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: &ExportForm,
    ) -> Result<RecordExport, CareError> {
        self.require(actor, Permission::ExportRecord).await?;
        let asked = form.read()?;
        self.confirm_password(actor, form.password.clone()).await?;
        let event = self.event(actor, AuditAction::Print, ENTITY, patient, Some(patient));
        let tx = self.begin(actor).await?;
        self.begin_export(tx, patient, asked, event, actor.display_name.clone()).await
    }

    /// The same for the program itself, on the machine of whoever keeps the key.
    ///
    /// # Errors
    /// As [`Care::export_record`], without a password.
    pub async fn export_record_by_program(
        &self,
        patient: PatientId,
        form: &ExportForm,
    ) -> Result<RecordExport, CareError> {
        let event = NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Print,
            entity: ENTITY,
            entity_id: patient.to_string(),
            patient_id: Some(patient),
            origin: "program".to_owned(),
            reason: None,
        };
        let mut tx = self.unseen.begin().await?;
        // For a legal request a physician opens it and exports it, with the request in the bitácora.
        if tx.is_blocked(patient).await? {
            return Err(CareError::blocked());
        }
        self.begin_export(
            tx,
            patient,
            form.read()?,
            event,
            "El programa, por orden de quien administra el equipo".to_owned(),
        )
        .await
    }

    async fn begin_export(
        &self,
        mut tx: Tx,
        patient: PatientId,
        (format, reason, passphrase): (ExportFormat, String, Option<String>),
        event: NewAuditEvent,
        made_by: String,
    ) -> Result<RecordExport, CareError> {
        let gathered = gather(&mut tx, patient, self.now()).await?;
        let logo = self.logo(&mut tx).await?;
        let sealed = passphrase.is_some();
        tx.append_audit(because(event, &told(format, sealed, &reason))).await?;
        tx.commit().await?;
        let writer = match format {
            ExportFormat::Zip => Some(PackageWriter::new(passphrase).await?),
            ExportFormat::Fhir | ExportFormat::Pdf => None,
        };
        let steps: VecDeque<Step> = match format {
            ExportFormat::Fhir => fhir_steps(&gathered),
            ExportFormat::Pdf => [Step::Book].into(),
            ExportFormat::Zip => package_steps(&gathered)?,
        };
        let (ending, media_type) = match format {
            ExportFormat::Fhir => ("fhir.json", "application/fhir+json"),
            ExportFormat::Pdf => ("pdf", "application/pdf"),
            ExportFormat::Zip if sealed => ("zip.age", "application/octet-stream"),
            ExportFormat::Zip => ("zip", "application/zip"),
        };
        Ok(RecordExport {
            database: self.unseen.clone(),
            blobs: self.blobs.clone(),
            renderer: Arc::clone(&self.renderer),
            file_name: format!("expediente-{}.{ending}", gathered.patient.record_number),
            media_type,
            total: steps.len(),
            gathered,
            logo,
            made_by,
            reason,
            steps,
            writer,
        })
    }

    /// The record that an id, a number of expediente or a CURP names, when it names one only.
    ///
    /// # Errors
    /// [`CareError::Invalid`] when it names none or several.
    pub async fn record_named(&self, text: &str) -> Result<PatientId, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let found = named(&mut tx, text.trim()).await?;
        let what = "No hay un expediente con ese identificador. Escriba su número, la CURP o el identificador del expediente";
        found.ok_or_else(|| CareError::invalid("expediente", what))
    }
}

async fn named(tx: &mut Tx, text: &str) -> Result<Option<PatientId>, CareError> {
    if let Ok(id) = text.parse::<PatientId>() {
        return Ok(tx.record(id).await?.map(|patient| patient.id));
    }
    if let Ok(curp) = Curp::parse(text) {
        let found = tx.find_patients(curp.as_str(), PageRequest { limit: 2, offset: 0 }).await?;
        return Ok(match found.items.as_slice() {
            [only] => Some(only.id),
            _ => None,
        });
    }
    if text.is_empty() || text.len() > 18 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    Ok(tx.record_by_number(&format!("{text:0>6}")).await?.map(|patient| patient.id))
}

fn events_text(gathered: &Gathered) -> impl Iterator<Item = (String, serde_json::Value)> + '_ {
    gathered.events.iter().map(|(event, who)| {
        let id = fhir::event_id(event.sequence).to_string();
        let mut resource = fhir::audit_event(event, who, entity_label(&event.entity));
        resource["id"] = id.clone().into();
        // In a bundle the patient is named as everything else in it.
        if let Some(patient) = event.patient_id {
            resource["entity"][0]["what"]["reference"] = format!("urn:uuid:{}", gathered.patient.id).into();
            if patient != gathered.patient.id {
                resource["entity"][0]["what"]["display"] = "Expediente unido".into();
            }
        }
        (id, resource)
    })
}

fn fhir_steps(gathered: &Gathered) -> VecDeque<Step> {
    let mut steps = VecDeque::from([Step::Text(fhir::begin(&gathered.record, Files::Inside))]);
    for document in &gathered.documents {
        steps.push_back(Step::Binary(document.id.0, "application/pdf", document.pdf));
        if let Some((blob, _)) = document.efirma {
            steps.push_back(Step::Binary(paths::efirma_file(document.id), "application/pdf", blob));
        }
    }
    for file in &gathered.record.files {
        steps.push_back(Step::Binary(file.id.0, file.kind.media_type(), BlobId(file.id.0)));
    }
    let events: String = events_text(gathered).map(|(id, resource)| fhir::entry(&id, &resource)).collect();
    steps.push_back(Step::Text(events + END));
    steps
}

const README: &str = "Este paquete contiene un expediente clínico completo exportado por Medicus.

expediente.pdf         el libro: portada, índice, cada documento firmado y las entregas
expediente.fhir.json   los datos en FHIR R4 (4.0.1), un Bundle
documentos/            cada documento firmado: el PDF tal como se firmó y su contenido; con .efirma.pdf el que
                       lleva la e.firma de quien lo firmó. Una receta cancelada lo dice en el libro y en los datos
archivos/              los archivos que se agregaron al expediente, tal como llegaron
transcripciones/       las palabras que citan las notas, si se conservan
manifiesto.json        la huella SHA-256 de cada archivo y el lugar de cada documento en su cadena

Otra instalación de Medicus lo recibe con «Importar expediente» o con: medicus patient import ARCHIVO
Son datos personales de salud: entréguelo solo a quien tiene derecho a ellos.
";

fn package_steps(gathered: &Gathered) -> Result<VecDeque<Step>, CareError> {
    let events: String = events_text(gathered).map(|(id, resource)| fhir::entry(&id, &resource)).collect();
    let bundle = format!("{}{events}{END}", fhir::begin(&gathered.record, Files::Beside));
    let mut steps = VecDeque::from([
        Step::PackText("LEAME.txt".to_owned(), README.to_owned()),
        Step::PackText(paths::BUNDLE.to_owned(), bundle),
    ]);
    for document in &gathered.documents {
        steps.push_back(Step::PackText(paths::content(document.id), document.content.clone()));
        steps.push_back(Step::Pack(paths::pdf(document.id), document.pdf));
        if let Some((blob, _)) = document.efirma {
            steps.push_back(Step::Pack(paths::efirma(document.id), blob));
        }
    }
    for file in &gathered.record.files {
        steps.push_back(Step::Pack(paths::file(file.id, file.kind), BlobId(file.id.0)));
    }
    for (digest, text) in &gathered.transcripts {
        steps.push_back(Step::PackText(paths::transcript(*digest), text.clone()));
    }
    steps.push_back(Step::PackBook);
    steps.push_back(Step::Finish);
    Ok(steps)
}

impl RecordExport {
    /// How much of it is done, in hundredths.
    #[must_use]
    pub fn done(&self) -> usize {
        (self.total - self.steps.len()) * 100 / self.total.max(1)
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`CareError::Internal`] when a stored file is not what was signed any more: a record is not handed out in part.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CareError> {
        let Some(step) = self.steps.pop_front() else { return Ok(None) };
        let piece = match step {
            Step::Text(text) => text.into_bytes(),
            Step::Binary(id, media_type, blob) => {
                let bytes = self.stored(blob).await?;
                fhir::binary(&id, media_type, &bytes).into_bytes()
            }
            Step::Book => self.book().await?,
            Step::PackText(path, text) => self.pack(path, text.into_bytes(), true).await?,
            Step::Pack(path, blob) => {
                let bytes = self.stored(blob).await?;
                self.pack(path, bytes, false).await?
            }
            Step::PackBook => {
                let book = self.book().await?;
                self.pack(paths::BOOK.to_owned(), book, false).await?
            }
            Step::Finish => self.finish().await?,
        };
        Ok(Some(piece))
    }

    /// A stored file; a signed PDF is compared with the digest in its chain.
    pub(super) async fn stored(&self, blob: BlobId) -> Result<Vec<u8>, CareError> {
        let mut tx = self.database.begin_read().await?;
        let bytes = self.blobs.get(&mut tx, blob).await?;
        let documents = self.gathered.documents.iter();
        let mut files =
            documents.flat_map(|own| [Some((own.pdf, own.pdf_digest)), own.efirma].into_iter().flatten());
        if files.find(|(file, _)| *file == blob).is_some_and(|(_, digest)| digest != sha256(&bytes)) {
            return Err(CareError::Internal("a stored PDF does not match its digest".into()));
        }
        Ok(bytes)
    }

    async fn pack(&mut self, path: String, bytes: Vec<u8>, text: bool) -> Result<Vec<u8>, CareError> {
        let writer = self.writer.take().ok_or_else(no_writer)?;
        let (writer, piece) = writer.add(path, bytes, text).await?;
        self.writer = Some(writer);
        Ok(piece)
    }

    async fn finish(&mut self) -> Result<Vec<u8>, CareError> {
        let writer = self.writer.take().ok_or_else(no_writer)?;
        let record = &self.gathered.record;
        let documents = record.documents.iter().map(|document| ManifestDocument {
            id: document.id.to_string(),
            sequence: document.seal.sequence,
            previous: document.seal.previous,
            digest: document.seal.digest,
            content_sha256: document.seal.content_digest,
            pdf_sha256: document.seal.pdf_digest,
        });
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            exported_at: record.exported_at,
            establishment: record.establishment.name.clone(),
            record_number: record.patient.record_number.clone(),
            files: writer.files().to_vec(),
            documents: documents.collect(),
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(CareError::internal)?;
        let (writer, mut piece) = writer.add(paths::MANIFEST.to_owned(), text, true).await?;
        piece.extend(writer.finish().await?);
        Ok(piece)
    }
}

fn no_writer() -> CareError {
    CareError::Internal("the package was finished before".into())
}
