//! What a package brings is read, encrypted and written to disk before the transaction that makes it part of a record: on
//! SQLite there is one writer, and nobody waits for it while a package is read.

use std::collections::HashMap;

use clinical::attachment::picture_size;
use clinical::ids::{AttachmentId, BlobId, DocumentId};
use fhir::{DocumentFacts, FileFacts, paths};
use storage::{SearchEntry, StagedBlob};
use uuid::Uuid;

use super::package::{Package, PackageError};
use crate::Care;
use crate::error::CareError;
use crate::permission::Actor;

/// The files of a package that are not here yet, on disk and no part of anything.
#[derive(Default)]
pub(super) struct Staged {
    files: HashMap<AttachmentId, StagedFile>,
    documents: HashMap<DocumentId, StagedDocument>,
    efirmas: HashMap<DocumentId, (BlobId, StagedBlob)>,
}

/// What of a package is not here.
#[derive(Default)]
struct Missing {
    files: Vec<FileFacts>,
    documents: Vec<DocumentFacts>,
    /// Documents whose file with an e.firma is not.
    efirmas: Vec<DocumentId>,
}

/// A file of the record.
pub(super) struct StagedFile {
    pub(super) blob: StagedBlob,
    /// Width and height of a picture.
    pub(super) size: Option<(u32, u32)>,
}

/// A document signed elsewhere.
pub(super) struct StagedDocument {
    pub(super) pdf: BlobId,
    pub(super) blob: StagedBlob,
    pub(super) content: String,
    pub(super) transcript: Option<String>,
    /// What is found of it by search, once its record is known.
    pub(super) entry: SearchEntry,
}

impl Staged {
    /// A file that is still to be added.
    pub(super) fn file(&mut self, id: AttachmentId) -> Result<StagedFile, CareError> {
        self.files.remove(&id).ok_or_else(not_staged)
    }

    /// The file with the e.firma of a document, when it is not here yet.
    pub(super) fn efirma(&mut self, id: DocumentId) -> Option<(BlobId, StagedBlob)> {
        self.efirmas.remove(&id)
    }

    /// A document that is still to be added.
    pub(super) fn document(&mut self, id: DocumentId) -> Result<StagedDocument, CareError> {
        self.documents.remove(&id).ok_or_else(not_staged)
    }
}

/// Nothing that is here is ever taken away, so what is new later was new before.
fn not_staged() -> CareError {
    CareError::Internal("a file of the package was not read before it was needed".into())
}

impl Care {
    /// Stages what of a package is not here yet.
    pub(super) async fn stage(
        &self,
        actor: &Actor,
        mut package: Package,
    ) -> Result<(Package, Staged), CareError> {
        let mut staged = Staged::default();
        let Missing { files, documents, efirmas } = self.still_missing(actor, &package).await?;
        for own in files {
            let path = paths::file(own.id, own.kind);
            let bytes;
            (package, bytes) = away(package, move |package| package.file(&path)).await?;
            let size = picture_size(own.kind, &bytes);
            let blob = self.blobs.stage(BlobId(own.id.0), own.kind.media_type(), bytes).await?;
            staged.files.insert(own.id, StagedFile { blob, size });
        }
        for own in documents {
            let document;
            (package, document) = self.stage_document(package, &own).await?;
            staged.documents.insert(own.id, document);
        }
        for id in efirmas {
            let bytes;
            (package, bytes) = away(package, move |package| package.file(&paths::efirma(id))).await?;
            let blob = BlobId(Uuid::now_v7());
            staged.efirmas.insert(id, (blob, self.blobs.stage(blob, "application/pdf", bytes).await?));
        }
        Ok((package, staged))
    }

    /// The files and documents of a package that are not here; none when all of it came before.
    async fn still_missing(&self, actor: &Actor, package: &Package) -> Result<Missing, CareError> {
        let mut missing = Missing::default();
        let mut tx = self.begin_read(actor).await?;
        if tx.record_import(package.digest).await?.is_some() {
            return Ok(missing);
        }
        for own in &package.record.files {
            if tx.owner_of("attachment", &own.id.to_string()).await?.is_none() {
                missing.files.push(own.clone());
            }
        }
        for own in &package.record.documents {
            let id = own.id.to_string();
            if tx.owner_of("signed_document", &id).await?.is_some() {
                continue;
            }
            if tx.owner_of("external_document", &id).await?.is_none() {
                missing.documents.push(own.clone());
            }
            let known = tx.external_efirmas(own.id).await?;
            if own.efirma.is_some_and(|digest| known.iter().all(|one| one.pdf_digest != digest)) {
                missing.efirmas.push(own.id);
            }
        }
        Ok(missing)
    }

    async fn stage_document(
        &self,
        package: Package,
        own: &DocumentFacts,
    ) -> Result<(Package, StagedDocument), CareError> {
        let (id, transcript, patient) = (own.id, own.transcript, package.record.patient.id);
        let (package, (bytes, transcript, said)) = away(package, move |package| {
            let bytes = package.file(&paths::pdf(id))?;
            let transcript = match transcript {
                Some(digest) => package.transcript(digest)?,
                None => None,
            };
            let said = package
                .content(id)
                .map(|(text, content)| (text.clone(), crate::search::external_entry(content, patient)));
            Ok((bytes, transcript, said))
        })
        .await?;
        let missing = || CareError::invalid("archivo", "Falta el contenido de un documento del paquete");
        let (content, entry) = said.ok_or_else(missing)?;
        let pdf = BlobId(Uuid::now_v7());
        let blob = self.blobs.stage(pdf, "application/pdf", bytes).await?;
        Ok((package, StagedDocument { pdf, blob, content, transcript, entry }))
    }
}

/// Reads of a package away from the threads that answer requests.
async fn away<T: Send + 'static>(
    mut package: Package,
    read: impl FnOnce(&mut Package) -> Result<T, PackageError> + Send + 'static,
) -> Result<(Package, T), CareError> {
    let read = tokio::task::spawn_blocking(move || read(&mut package).map(|value| (package, value)));
    Ok(read.await.map_err(CareError::internal)??)
}
