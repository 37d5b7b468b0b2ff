//! Releases of ICD-11: WHO's files brought in, which are there, which is in use.
//!
//! Files are read and checked from end to end before anything is kept, and kept in one transaction: a damaged one leaves
//! everything as it was.

use std::io::{Cursor, Read};

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::UserId;
use jiff::tz::TimeZone;
use storage::{IcdPart, IcdRelease};
use terminology::icd::IcdIndex;
use terminology::icd::release::{EntityKind, MapKind, Release, ReleaseError, Table, read_table};
pub use terminology::icd::{ATTRIBUTION, RELEASE as CORE_EDITION};
use zip::ZipArchive;

use crate::catalogue::kept_release;
use crate::content::{capital, sha256};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, because};

/// Most bytes of one file that is brought in.
pub const MAX_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Most bytes of a table unpacked; WHO's largest has 13 MB.
const MAX_TABLE: u64 = 64 * 1024 * 1024;
/// Most files in a zip.
const MAX_ENTRIES: usize = 200;

/// A file as it was chosen: a zip of WHO's, or a table out of one.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its name, to speak of it.
    pub name: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The release.
    pub name: String,
    /// Its codes.
    pub codes: i64,
    /// Words of the mapping tables it has now.
    pub maps: Vec<&'static str>,
    /// Whether anything was not there already.
    pub changed: bool,
    /// Whether codes are searched in it now.
    pub in_use: bool,
}

/// A release that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLine {
    /// As it is kept.
    pub release: IcdRelease,
    /// Words of its mapping tables.
    pub maps: Vec<&'static str>,
    /// Who imported it; `None` by command.
    pub imported_by: Option<String>,
    /// Whether codes are searched in it.
    pub in_use: bool,
}

/// The releases as administration sees them.
#[derive(Debug, Clone)]
pub struct Releases {
    /// Those that were imported, the newest first.
    pub lines: Vec<ReleaseLine>,
    /// Codes of the built-in core.
    pub core_codes: usize,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Releases {
    /// Whether the built-in core is in use.
    #[must_use]
    pub fn core_in_use(&self) -> bool {
        !self.lines.iter().any(|line| line.in_use)
    }
}

fn map_labels(stored: &[String]) -> Vec<&'static str> {
    let known = MapKind::ALL.into_iter().filter(|kind| stored.iter().any(|word| word == kind.code()));
    known.map(MapKind::label).collect()
}

fn refused(name: &str, error: &ReleaseError) -> CareError {
    match error {
        ReleaseError::Damaged { .. } | ReleaseError::Incomplete => broken(name, error),
        _ => CareError::invalid("archivo", format!("«{name}» {error}. No se cambió nada")),
    }
}

fn broken(name: &str, how: impl std::fmt::Display) -> CareError {
    let advice = "Descárguelo otra vez del sitio de la OMS";
    CareError::invalid("archivo", format!("«{name}» {how}. {advice}. No se cambió nada"))
}

/// The tables of a file: of a zip, those of its text files that are used.
fn tables(file: &SourceFile) -> Result<Vec<Table>, CareError> {
    let damaged = || broken(&file.name, "está incompleto o dañado");
    if !file.content.starts_with(b"PK") {
        let text =
            std::str::from_utf8(&file.content).map_err(|_| refused(&file.name, &ReleaseError::Foreign))?;
        return Ok(vec![read_table(text).map_err(|error| refused(&file.name, &error))?]);
    }
    let mut zip = ZipArchive::new(Cursor::new(&file.content)).map_err(|_| damaged())?;
    if zip.len() > MAX_ENTRIES {
        return Err(refused(&file.name, &ReleaseError::Foreign));
    }
    let (mut found, mut other) = (Vec::new(), ReleaseError::Foreign);
    for at in 0..zip.len() {
        let entry = zip.by_index(at).map_err(|_| damaged())?;
        if !entry.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with(".txt")) {
            continue;
        }
        let mut bytes = Vec::new();
        // The end of a file is also where its checksum is compared.
        entry.take(MAX_TABLE + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
        if bytes.len() as u64 > MAX_TABLE {
            return Err(refused(&file.name, &ReleaseError::Foreign));
        }
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        match read_table(&text) {
            Ok(table) => found.push(table),
            // A readme, a table that is not used.
            Err(error @ (ReleaseError::Foreign | ReleaseError::NotUsed)) => other = error,
            Err(error) => return Err(refused(&file.name, &error)),
        }
    }
    if found.is_empty() { Err(refused(&file.name, &other)) } else { Ok(found) }
}

/// The release in the form in which it is kept.
fn kept(release: &Release) -> (IcdRelease, Vec<IcdPart>) {
    let parts: Vec<IcdPart> =
        release.parts().into_iter().map(|part| IcdPart { name: part.name, content: part.text }).collect();
    let codes = release.entities.iter().filter(|entity| entity.kind == EntityKind::Category).count();
    let whole: String = parts.iter().map(|part| format!("{}\n{}", part.name, part.content)).collect();
    let kept = IcdRelease {
        name: release.name.clone(),
        stamp: release.stamp.clone(),
        attribution: ATTRIBUTION.to_owned(),
        codes: i64::try_from(codes).unwrap_or(i64::MAX),
        maps: release.maps.iter().map(|(kind, _)| kind.code().to_owned()).collect(),
        digest: sha256(whole.as_bytes()),
        imported_at: jiff::Timestamp::UNIX_EPOCH,
        imported_by: None,
    };
    (kept, parts)
}

impl Care {
    /// Brings in WHO's files: the simple tabulation in Spanish, and with it or later the English one and the maps.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::Invalid`] for files that are not a release: then
    /// nothing was changed.
    pub async fn import_icd(&self, actor: &Actor, files: Vec<SourceFile>) -> Result<Imported, CareError> {
        self.require(actor, Permission::Administer).await?;
        let event = self.event(actor, AuditAction::Create, "icd_release", "", None);
        self.bring_release(files, event, Some(actor.user_id), |_| {}).await
    }

    /// The same by command; `progress` is told in Spanish what is being done.
    ///
    /// # Errors
    /// As [`Care::import_icd`].
    pub async fn import_icd_by_program(
        &self,
        files: Vec<SourceFile>,
        progress: impl Fn(&str) + Send,
    ) -> Result<Imported, CareError> {
        let event = NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Create,
            entity: "icd_release",
            entity_id: String::new(),
            patient_id: None,
            origin: "program".to_owned(),
            reason: None,
        };
        self.bring_release(files, event, None, progress).await
    }

    async fn bring_release(
        &self,
        files: Vec<SourceFile>,
        event: NewAuditEvent,
        by: Option<UserId>,
        progress: impl Fn(&str) + Send,
    ) -> Result<Imported, CareError> {
        let mut read: Vec<Table> = Vec::new();
        for file in files {
            progress(&format!("Leyendo {}…", file.name));
            let found =
                tokio::task::spawn_blocking(move || tables(&file)).await.map_err(CareError::internal)??;
            read.extend(found);
        }
        let name = read.first().map(|table| table.release().to_owned());
        let name = name.ok_or_else(|| CareError::invalid("archivo", "Elija los archivos de la OMS"))?;
        let mut tx = self.unseen.begin_read().await?;
        // One that cannot be read any more is replaced.
        let base = kept_release(&mut tx, &name).await.unwrap_or_default();
        drop(tx);
        progress(&format!("Comprobando la edición {name}…"));
        let made =
            tokio::task::spawn_blocking(move || Release::join(read, base).map(|release| kept(&release)));
        let (mut release, parts) = made.await.map_err(CareError::internal)?.map_err(|error| {
            CareError::invalid("archivo", format!("{}. No se cambió nada", capital(&error.to_string())))
        })?;
        (release.imported_at, release.imported_by) = (self.now(), by);

        progress(&format!("Guardando {} códigos…", release.codes));
        let mut tx = self.unseen.begin().await?;
        let same = |known: &IcdRelease| known.name == name && known.digest == release.digest;
        let changed = !tx.icd_releases().await?.iter().any(same);
        if changed {
            tx.save_icd_release(&release, &parts).await?;
            if tx.icd_in_use().await?.is_none_or(|(used, _)| used <= name) {
                tx.use_icd_release(Some(&name)).await?;
            }
            tx.append_audit(NewAuditEvent { entity_id: name.clone(), ..event }).await?;
        }
        let in_use = tx.icd_in_use().await?.is_some_and(|(used, _)| used == name);
        tx.commit().await?;
        progress("Preparando la búsqueda…");
        self.catalogue_in_use().await?;
        Ok(Imported { name, codes: release.codes, maps: map_labels(&release.maps), changed, in_use })
    }

    /// The releases that are there.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn icd_releases(&self, actor: &Actor) -> Result<Releases, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin_read(actor).await?;
        let used = tx.icd_in_use().await?.map(|(name, _)| name);
        let mut lines = Vec::new();
        for release in tx.icd_releases().await? {
            let imported_by = match release.imported_by {
                Some(user) => tx.user(user).await?.map(|user| user.display_name),
                None => None,
            };
            let (maps, in_use) = (map_labels(&release.maps), used.as_deref() == Some(&release.name));
            lines.push(ReleaseLine { release, maps, imported_by, in_use });
        }
        let zone = Self::time_zone(&mut tx).await?;
        Ok(Releases { lines, core_codes: IcdIndex::core().entries().len(), zone })
    }

    /// Has codes searched in a release from now on; in the built-in core when the name is empty. What is coded already
    /// keeps its release.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::NotFound`] for a release that is not there.
    pub async fn use_icd(&self, actor: &Actor, name: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        let known = name.is_empty() || tx.icd_releases().await?.iter().any(|release| release.name == name);
        if !known {
            return Err(CareError::NotFound { what: "esa edición" });
        }
        tx.use_icd_release((!name.is_empty()).then_some(name)).await?;
        let chosen = if name.is_empty() { "catálogo incluido" } else { name };
        let event = self.event(actor, AuditAction::Update, "icd_release", chosen, None);
        tx.append_audit(because(event, "edición en uso")).await?;
        tx.commit().await?;
        self.catalogue_in_use().await.map(drop)
    }
}
