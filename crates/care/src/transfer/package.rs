//! Reads a package and trusts nothing in it: names, sizes, digests, the bundle and every document are checked before
//! anybody is shown what it holds. Nothing is unpacked to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Seek, SeekFrom};

use age::secrecy::SecretString;
use clinical::attachment::FileKind;
use clinical::digest::Digest;
use clinical::document::{DocumentContent, DocumentKind};
use clinical::ids::DocumentId;
use fhir::{DocumentFacts, FhirError, FileFacts, Record, paths};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{FORMAT, FORMER, Manifest, ManifestFile};
use crate::content::sha256;

/// Most bytes of a package that comes through a page: it is held in memory while it is looked at. A larger one comes in by
/// command, from a file.
pub const MAX_PACKAGE_BYTES: usize = 256 * 1024 * 1024;

/// Most files in a package.
const MOST_FILES: usize = 50_000;
/// Most bytes of one signed document or file: what the blob store takes.
const MOST_FILE: u64 = storage::MAX_BLOB_BYTES;
/// Most bytes of the bundle, and of the book.
const MOST_BUNDLE: u64 = 256 * 1024 * 1024;
const MOST_BOOK: u64 = 2 * 1024 * 1024 * 1024;
const MOST_MANIFEST: u64 = 32 * 1024 * 1024;
/// Most bytes of all files unpacked.
const MOST_UNPACKED: u64 = 16 * 1024 * 1024 * 1024;

const README: &str = "LEAME.txt";
/// Most characters of why and by whom a receta was cancelled.
const MOST_CHARS: usize = 10_000;
/// First bytes of a PDF.
const PDF: &[u8] = b"%PDF-";
/// First bytes of a zip.
const ZIP: &[u8] = b"PK";
/// First bytes of a package sealed with age.
const SEALED: &[u8] = b"age-encryption.org/v1";

/// Why a package was refused. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// No zip, or one without a manifest of ours.
    #[error(
        "El archivo no es un expediente exportado por Medicus. Pida el paquete completo (ZIP) al otro establecimiento"
    )]
    NotAPackage,
    /// Cut short or broken.
    #[error("El paquete está incompleto o dañado. Cópielo otra vez desde el original")]
    Damaged,
    /// Sealed, and no passphrase was given.
    #[error("El paquete está cifrado. Escriba la frase con la que se exportó")]
    NeedsPassphrase,
    /// The passphrase does not open it.
    #[error("La frase no abre el paquete. Escríbala tal como se eligió al exportarlo")]
    WrongPassphrase,
    /// It claims to be larger than a record can be.
    #[error("El paquete dice contener más de lo que puede tener un expediente. No se abrió")]
    TooLarge,
    /// A name that leads out of the package, or stands twice.
    #[error("El paquete trae archivos con nombres que no debe tener. No se abrió")]
    BadName,
    /// A file that the manifest does not name, or the other way round.
    #[error("El paquete no coincide con su manifiesto: sobran o faltan archivos")]
    OtherFiles,
    /// A file that is not the one the manifest names.
    #[error("Un archivo del paquete fue cambiado después de exportarse ({0}). No se importó nada")]
    Altered(String),
    /// Written by a newer program.
    #[error("El paquete es de una versión más nueva de Medicus. Actualice el programa y vuelva a intentar")]
    Newer,
    /// The bundle.
    #[error("{0}")]
    Fhir(#[from] FhirError),
    /// A document whose content, bundle and manifest do not agree.
    #[error("El documento {0} del paquete no coincide con sus datos. No se importó nada")]
    Disagrees(DocumentId),
    /// A file that is of another kind than it says.
    #[error("El archivo «{0}» del paquete no es del tipo que dice. No se importó nada")]
    OtherKind(String),
}

/// Where a package is read from.
pub trait Source: Read + Seek + Send + Sync {}
impl<T: Read + Seek + Send + Sync> Source for T {}

/// A package that was checked from end to end.
pub struct Package {
    zip: ZipArchive<BufReader<Box<dyn Source>>>,
    manifest: Manifest,
    /// SHA-256 of the manifest: names the package.
    pub digest: Digest,
    /// What it says.
    pub record: Record,
    /// The frozen contents of its documents.
    contents: BTreeMap<DocumentId, (String, DocumentContent)>,
}

impl Package {
    /// Opens and checks a package. It takes as long as reading it twice.
    ///
    /// # Errors
    /// [`PackageError`].
    pub fn open(source: Box<dyn Source>, passphrase: Option<&str>) -> Result<Self, PackageError> {
        let mut source = unsealed(source, passphrase)?;
        let is_zip = beginning(&mut source, ZIP.len())? == ZIP;
        let unread = if is_zip { PackageError::Damaged } else { PackageError::NotAPackage };
        let mut zip = ZipArchive::new(BufReader::new(source)).map_err(|_| unread)?;
        if zip.len() > MOST_FILES {
            return Err(PackageError::TooLarge);
        }
        let manifest = read_limited(&mut zip, paths::MANIFEST, MOST_MANIFEST, PackageError::NotAPackage)?;
        let digest = sha256(&manifest);
        let manifest = read_manifest(&manifest)?;
        check_names(&zip, &manifest)?;
        for file in &manifest.files {
            check_file(&mut zip, file)?;
        }
        let bundle = read_limited(&mut zip, paths::BUNDLE, MOST_BUNDLE, PackageError::NotAPackage)?;
        let record = fhir::read(&bundle)?;
        drop(bundle);
        let mut package = Self { zip, manifest, digest, record, contents: BTreeMap::new() };
        package.check_record()?;
        Ok(package)
    }

    /// Name of the establishment that made it, as it stands in the bundle.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.record.establishment.name
    }

    /// The content of one of its documents.
    pub(super) fn content(&self, id: DocumentId) -> Option<&(String, DocumentContent)> {
        self.contents.get(&id)
    }

    /// A file of it, compared with its digest once more.
    pub(super) fn file(&mut self, path: &str) -> Result<Vec<u8>, PackageError> {
        let own = self.manifest.files.iter().find(|file| file.path == path);
        let own = own.ok_or(PackageError::OtherFiles)?.clone();
        let bytes = read_limited(&mut self.zip, path, own.size_bytes, PackageError::OtherFiles)?;
        if sha256(&bytes) == own.sha256 { Ok(bytes) } else { Err(PackageError::Altered(own.path)) }
    }

    /// A transcript, if it came along.
    pub(super) fn transcript(&mut self, digest: Digest) -> Result<Option<String>, PackageError> {
        let path = paths::transcript(digest);
        if !self.manifest.files.iter().any(|file| file.path == path) {
            return Ok(None);
        }
        String::from_utf8(self.file(&path)?).map(Some).map_err(|_| PackageError::Altered(path))
    }

    /// That bundle, documents, files and manifest say the same, and that nothing else came along.
    fn check_record(&mut self) -> Result<(), PackageError> {
        let listed: BTreeMap<&str, &ManifestFile> =
            self.manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let mut named: BTreeSet<String> = [README, paths::BUNDLE, paths::BOOK].map(str::to_owned).into();
        let mut transcripts = BTreeSet::new();
        let mut documents = BTreeSet::new();
        for document in &self.record.documents {
            let (pdf, content) = (paths::pdf(document.id), paths::content(document.id));
            let same = |path: &str, digest| listed.get(path).is_some_and(|file| file.sha256 == digest);
            if !documents.insert(document.id)
                || !same(&pdf, document.seal.pdf_digest)
                || !same(&content, document.seal.content_digest)
            {
                return Err(PackageError::Disagrees(document.id));
            }
            named.extend([pdf, content]);
            if let Some(digest) = document.efirma {
                let signed = paths::efirma(document.id);
                if !same(&signed, digest) {
                    return Err(PackageError::Disagrees(document.id));
                }
                named.insert(signed);
            }
            transcripts.extend(document.transcript.map(paths::transcript));
        }
        for file in &self.record.files {
            let path = paths::file(file.id, file.kind);
            let same = listed.get(path.as_str()).is_some_and(|own| {
                own.sha256 == file.digest && i64::try_from(own.size_bytes) == Ok(file.size_bytes)
            });
            if !same || !named.insert(path.clone()) {
                return Err(PackageError::Altered(path));
            }
        }
        if listed.keys().any(|path| !named.contains(*path) && !transcripts.contains(*path)) {
            return Err(PackageError::OtherFiles);
        }
        self.check_documents()?;
        self.check_kinds()
    }

    fn check_documents(&mut self) -> Result<(), PackageError> {
        for facts in self.record.documents.clone() {
            let disagrees = || PackageError::Disagrees(facts.id);
            let text = String::from_utf8(self.file(&paths::content(facts.id))?).map_err(|_| disagrees())?;
            let content: DocumentContent = serde_json::from_str(&text).map_err(|_| disagrees())?;
            let own = DocumentFacts {
                encounter_id: facts.encounter_id,
                external: facts.external,
                efirma: facts.efirma,
                cancelled: facts.cancelled.clone(),
                ..DocumentFacts::external(&content, facts.seal)
            };
            if own != facts || !self.file(&paths::pdf(facts.id))?.starts_with(PDF) {
                return Err(disagrees());
            }
            if facts.efirma.is_some() && !self.file(&paths::efirma(facts.id))?.starts_with(PDF) {
                return Err(disagrees());
            }
            let told = |text: &str| !text.trim().is_empty() && text.chars().count() <= MOST_CHARS;
            if let Some(cancelled) = &facts.cancelled
                && !(facts.kind == DocumentKind::PRESCRIPTION
                    && told(&cancelled.by)
                    && told(&cancelled.reason))
            {
                return Err(disagrees());
            }
            if let Some(digest) = facts.transcript
                && let Some(text) = self.transcript(digest)?
                && sha256(text.as_bytes()) != digest
            {
                return Err(disagrees());
            }
            self.contents.insert(facts.id, (text, content));
        }
        Ok(())
    }

    /// A file is what its first bytes say, here as when it is brought by hand.
    fn check_kinds(&mut self) -> Result<(), PackageError> {
        let files: Vec<FileFacts> = self.record.files.clone();
        for facts in files {
            let bytes = self.file(&paths::file(facts.id, facts.kind))?;
            if FileKind::of(&bytes) != Ok(facts.kind) {
                return Err(PackageError::OtherKind(facts.title));
            }
        }
        Ok(())
    }
}

/// The zip inside, if it is sealed.
fn unsealed(mut source: Box<dyn Source>, passphrase: Option<&str>) -> Result<Box<dyn Source>, PackageError> {
    if beginning(&mut source, SEALED.len())? != SEALED {
        return Ok(source);
    }
    let passphrase = passphrase.filter(|text| !text.is_empty()).ok_or(PackageError::NeedsPassphrase)?;
    let decryptor = age::Decryptor::new(source).map_err(|_| PackageError::Damaged)?;
    let identity = age::scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    let opened = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity));
    Ok(Box::new(opened.map_err(|_| PackageError::WrongPassphrase)?))
}

/// The first bytes; the source stands at its start again.
fn beginning(source: &mut Box<dyn Source>, bytes: usize) -> Result<Vec<u8>, PackageError> {
    let mut read = Vec::new();
    let done = source.by_ref().take(bytes as u64).read_to_end(&mut read);
    done.and_then(|_| source.seek(SeekFrom::Start(0))).map_err(|_| PackageError::Damaged)?;
    Ok(read)
}

type Zip = ZipArchive<BufReader<Box<dyn Source>>>;

fn read_limited(
    zip: &mut Zip,
    path: &str,
    most: u64,
    missing: PackageError,
) -> Result<Vec<u8>, PackageError> {
    let file = match zip.by_name(path) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Err(missing),
        Err(_) => return Err(PackageError::Damaged),
    };
    if file.size() > most {
        return Err(PackageError::TooLarge);
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|_| PackageError::Damaged)?;
    if bytes.len() as u64 > most { Err(PackageError::TooLarge) } else { Ok(bytes) }
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, PackageError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|_| PackageError::NotAPackage)?;
    if ![FORMAT, FORMER].contains(&head.format.as_str()) {
        let ours = head.format.starts_with("medicus-record-");
        return Err(if ours { PackageError::Newer } else { PackageError::NotAPackage });
    }
    serde_json::from_slice(bytes).map_err(|_| PackageError::NotAPackage)
}

/// Every entry of the zip is one the manifest names, and the other way round, each once and inside the package.
fn check_names(zip: &Zip, manifest: &Manifest) -> Result<(), PackageError> {
    let mut listed = BTreeSet::new();
    let mut total = 0_u64;
    for file in &manifest.files {
        if !is_inside(&file.path) || file.path == paths::MANIFEST || !listed.insert(file.path.as_str()) {
            return Err(PackageError::BadName);
        }
        let most = match file.path.as_str() {
            paths::BUNDLE => MOST_BUNDLE,
            paths::BOOK => MOST_BOOK,
            _ => MOST_FILE,
        };
        total = total.saturating_add(file.size_bytes);
        if file.size_bytes > most || total > MOST_UNPACKED {
            return Err(PackageError::TooLarge);
        }
    }
    let found: Result<BTreeSet<_>, _> = zip.file_names().collect();
    let found = found.map_err(|_| PackageError::BadName)?;
    if found.iter().any(|name| !is_inside(name)) {
        return Err(PackageError::BadName);
    }
    let found: BTreeSet<&str> = found.iter().map(AsRef::as_ref).collect();
    listed.insert(paths::MANIFEST);
    if found == listed && zip.len() == listed.len() { Ok(()) } else { Err(PackageError::OtherFiles) }
}

/// A plain name of one or two parts, as we write them.
fn is_inside(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    parts.len() <= 2 && parts.iter().all(plain)
}

/// Reads a file to its end without keeping it, never further than it may be long.
fn check_file(zip: &mut Zip, own: &ManifestFile) -> Result<(), PackageError> {
    let file = zip.by_name(&own.path).map_err(|_| PackageError::Damaged)?;
    if file.size() != own.size_bytes {
        return Err(PackageError::Altered(own.path.clone()));
    }
    let mut reader = file.take(own.size_bytes + 1);
    let (mut hasher, mut buffer, mut read) = (Sha256::new(), vec![0; 64 * 1024], 0_u64);
    loop {
        // A wrong check sum of the zip shows here too.
        let n = reader.read(&mut buffer).map_err(|_| PackageError::Damaged)?;
        if n == 0 {
            break;
        }
        hasher.update(buffer.get(..n).unwrap_or_default());
        read += n as u64;
    }
    let digest = Digest(hasher.finalize().into());
    if read == own.size_bytes && digest == own.sha256 {
        Ok(())
    } else {
        Err(PackageError::Altered(own.path.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_the_package() {
        for good in ["LEAME.txt", "documentos/1f-2.pdf", "archivos/a_b.jpg"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in
            ["", "/etc/passwd", "../x", "a/../b", "a//b", "a\\b", "C:x", ".oculto", "a/b/c", "a\0b", "ñ"]
        {
            assert!(!is_inside(bad), "{bad}");
        }
    }
}
