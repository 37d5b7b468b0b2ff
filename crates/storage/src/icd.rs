//! Imported releases of ICD-11, which of them is in use, and the codes each professional uses.

use clinical::digest::Digest;
use clinical::ids::{PractitionerId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::values;

/// The setting that names the release in use; absent or empty for the built-in core.
const IN_USE: &str = "icd_release";

/// A release that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcdRelease {
    /// WHO's name of it, like `2024-01`.
    pub name: String,
    /// What WHO wrote into the files.
    pub stamp: String,
    /// What has to be said wherever its titles are shown.
    pub attribution: String,
    /// How many codes it has.
    pub codes: i64,
    /// Stored words of the mapping tables that came with it.
    pub maps: Vec<String>,
    /// Of all parts.
    pub digest: Digest,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// By whom; `None` by command.
    pub imported_by: Option<UserId>,
}

/// A piece of a release, as the program reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcdPart {
    /// Its name.
    pub name: String,
    /// Its lines.
    pub content: String,
}

/// How a professional uses a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeHabit {
    /// The ICD-11 code.
    pub icd11: String,
    /// Whether they keep it at hand.
    pub favourite: bool,
    /// How often they confirmed it.
    pub uses: i64,
    /// When they did last, or marked it.
    pub last_used: Timestamp,
}

impl Tx {
    /// The releases that were imported, the newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn icd_releases(&mut self) -> Result<Vec<IcdRelease>> {
        self.list(
            "icd_release",
            "SELECT name, stamp, attribution, codes, maps, digest, imported_at, imported_by
               FROM icd_release ORDER BY name DESC",
            &[],
            |row| {
                Ok(IcdRelease {
                    name: row.text("name")?,
                    stamp: row.text("stamp")?,
                    attribution: row.text("attribution")?,
                    codes: row.int("codes")?,
                    maps: row.text("maps")?.split_whitespace().map(str::to_owned).collect(),
                    digest: row.digest("digest")?,
                    imported_at: row.time("imported_at")?,
                    imported_by: row.maybe_parsed("imported_by")?,
                })
            },
        )
        .await
    }

    /// The parts of a release, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn icd_parts(&mut self, release: &str) -> Result<Vec<IcdPart>> {
        self.list(
            "icd_part",
            "SELECT name, content FROM icd_part WHERE release = $1 ORDER BY place",
            values![release],
            |row| Ok(IcdPart { name: row.text("name")?, content: row.text("content")? }),
        )
        .await
    }

    /// Keeps a release, in the place of an earlier import of the same one.
    ///
    /// # Errors
    /// What the engine says; then the earlier one is still there.
    pub async fn save_icd_release(&mut self, release: &IcdRelease, parts: &[IcdPart]) -> Result<()> {
        self.execute("DELETE FROM icd_part WHERE release = $1", values![&release.name]).await?;
        self.execute(
            "INSERT INTO icd_release (name, stamp, attribution, codes, maps, digest, imported_at, imported_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (name) DO UPDATE
               SET stamp = excluded.stamp, attribution = excluded.attribution, codes = excluded.codes,
                   maps = excluded.maps, digest = excluded.digest, imported_at = excluded.imported_at,
                   imported_by = excluded.imported_by",
            values![
                &release.name,
                &release.stamp,
                &release.attribution,
                release.codes,
                release.maps.join(" "),
                release.digest,
                release.imported_at,
                release.imported_by,
            ],
        )
        .await?;
        for (place, part) in (1_i64..).zip(parts) {
            self.execute(
                "INSERT INTO icd_part (release, place, name, content) VALUES ($1, $2, $3, $4)",
                values![&release.name, place, &part.name, &part.content],
            )
            .await?;
        }
        Ok(())
    }

    /// Name and digest of the release that codes are searched in; `None` for the built-in core.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn icd_in_use(&mut self) -> Result<Option<(String, Digest)>> {
        self.one(
            "icd_release",
            "SELECT r.name, r.digest FROM icd_release r JOIN setting s ON s.value = r.name WHERE s.name = $1",
            values![IN_USE],
            |row| Ok((row.text("name")?, row.digest("digest")?)),
        )
        .await
    }

    /// Has codes searched in a release from now on; in the built-in core with `None`.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for a release that was not imported.
    pub async fn use_icd_release(&mut self, name: Option<&str>) -> Result<()> {
        if let Some(name) = name
            && !self.icd_releases().await?.iter().any(|release| release.name == name)
        {
            return Err(StorageError::Missing { what: "icd_release".to_owned() });
        }
        self.set_setting(IN_USE, name.unwrap_or_default()).await
    }

    /// The codes a professional uses, the last used first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn code_habits(&mut self, of: PractitionerId) -> Result<Vec<CodeHabit>> {
        self.list(
            "icd_habit",
            "SELECT icd11, favourite, uses, last_used FROM icd_habit
              WHERE practitioner_id = $1 ORDER BY last_used DESC, icd11",
            values![of],
            |row| {
                Ok(CodeHabit {
                    icd11: row.text("icd11")?,
                    favourite: row.flag("favourite")?,
                    uses: row.int("uses")?,
                    last_used: row.time("last_used")?,
                })
            },
        )
        .await
    }

    /// Counts that a professional confirmed a code.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn count_code(&mut self, of: PractitionerId, icd11: &str, at: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO icd_habit (practitioner_id, icd11, favourite, uses, last_used) VALUES ($1, $2, 0, 1, $3)
             ON CONFLICT (practitioner_id, icd11) DO UPDATE
               SET uses = icd_habit.uses + 1, last_used = excluded.last_used",
            values![of, icd11, at],
        )
        .await
        .map(drop)
    }

    /// Keeps a code at hand for a professional, or no longer.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn keep_code(
        &mut self,
        of: PractitionerId,
        icd11: &str,
        favourite: bool,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO icd_habit (practitioner_id, icd11, favourite, uses, last_used) VALUES ($1, $2, $3, 0, $4)
             ON CONFLICT (practitioner_id, icd11) DO UPDATE SET favourite = excluded.favourite",
            values![of, icd11, favourite, at],
        )
        .await
        .map(drop)
    }
}
