//! Labels of medicines imported from openFDA, and the files they were read from.

use clinical::digest::Digest;
use jiff::Timestamp;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, values};

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFile {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Version of the reader.
    pub reader: i64,
    /// Its name.
    pub name: String,
    /// Date of the publisher's data; empty when the file does not say it.
    pub published: String,
    /// Labels in it.
    pub records: i64,
    /// Of those, how many could not be read.
    pub broken: i64,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// The label kept for a set of ingredients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLabel {
    /// International names, sorted.
    pub ingredients: Vec<String>,
    /// The publisher's identifier.
    pub set_id: String,
    /// Version of the label.
    pub version: i64,
    /// Date of the label, YYYYMMDD.
    pub effective: i64,
    /// Whether its maker published it.
    pub original_packager: bool,
    /// Bytes it says about interactions.
    pub interactions: i64,
    /// Date of the publisher's data it was read from.
    pub published: String,
    /// Name and text of each section that is not empty, by name.
    pub sections: Vec<(String, String)>,
}

/// What is loaded, in figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelsLoaded {
    /// Labels kept.
    pub labels: i64,
    /// Files read.
    pub files: i64,
    /// The newest date of the publisher's data.
    pub published: String,
    /// The newest import.
    pub imported_at: Option<Timestamp>,
}

fn label(row: &Row) -> Result<StoredLabel> {
    Ok(StoredLabel {
        ingredients: row.text("ingredients")?.split('+').map(str::to_owned).collect(),
        set_id: row.text("set_id")?,
        version: row.int("version")?,
        effective: row.int("effective")?,
        original_packager: row.flag("original_packager")?,
        interactions: row.int("interactions")?,
        published: row.text("published")?,
        sections: Vec::new(),
    })
}

macro_rules! label_columns {
    () => {
        "SELECT l.ingredients, l.set_id, l.version, l.effective, l.original_packager, l.interactions, l.published
           FROM drug_label l "
    };
}

impl Tx {
    /// The files that were imported, the newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn label_files(&mut self) -> Result<Vec<LabelFile>> {
        self.list(
            "drug_label_file",
            "SELECT digest, reader, name, published, records, broken, imported_at FROM drug_label_file
              ORDER BY imported_at DESC, digest",
            &[],
            |row| {
                Ok(LabelFile {
                    digest: row.digest("digest")?,
                    reader: row.int("reader")?,
                    name: row.text("name")?,
                    published: row.text("published")?,
                    records: row.int("records")?,
                    broken: row.int("broken")?,
                    imported_at: row.time("imported_at")?,
                })
            },
        )
        .await
    }

    /// What is loaded; nothing counted when no file was imported.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn labels_loaded(&mut self) -> Result<LabelsLoaded> {
        let found = self
            .one(
                "drug_label_file",
                "SELECT COUNT(*) AS files, MAX(imported_at) AS imported_at,
                        COALESCE(MAX(published), '') AS published,
                        (SELECT COUNT(*) FROM drug_label) AS labels
                   FROM drug_label_file",
                &[],
                |row| {
                    Ok(LabelsLoaded {
                        labels: row.int("labels")?,
                        files: row.int("files")?,
                        published: row.text("published")?,
                        imported_at: row.maybe_time("imported_at")?,
                    })
                },
            )
            .await?;
        Ok(found.unwrap_or_default())
    }

    /// Notes that a file was imported.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] when another import of the same file came first.
    pub async fn insert_label_file(&mut self, file: &LabelFile) -> Result<()> {
        self.execute(
            "INSERT INTO drug_label_file (digest, reader, name, published, records, broken, imported_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                file.digest,
                file.reader,
                &file.name,
                &file.published,
                file.records,
                file.broken,
                file.imported_at
            ],
        )
        .await
        .map(drop)
    }

    /// Keeps a label in the place of what was kept for its ingredients.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn save_label(&mut self, label: &StoredLabel) -> Result<()> {
        let key = label.ingredients.join("+");
        let width = i64::try_from(label.ingredients.len()).unwrap_or(i64::MAX);
        self.execute(
            "INSERT INTO drug_label (ingredients, width, set_id, version, effective, original_packager, interactions,
                                     published)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (ingredients) DO UPDATE
               SET set_id = excluded.set_id, version = excluded.version, effective = excluded.effective,
                   original_packager = excluded.original_packager, interactions = excluded.interactions,
                   published = excluded.published",
            values![
                &key,
                width,
                &label.set_id,
                label.version,
                label.effective,
                label.original_packager,
                label.interactions,
                &label.published
            ],
        )
        .await?;
        for inn in &label.ingredients {
            self.execute(
                "INSERT INTO drug_label_ingredient (inn, ingredients) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                values![inn, &key],
            )
            .await?;
        }
        self.execute("DELETE FROM drug_label_section WHERE ingredients = $1", values![&key]).await?;
        for (section, content) in &label.sections {
            self.execute(
                "INSERT INTO drug_label_section (ingredients, section, content) VALUES ($1, $2, $3)",
                values![&key, section, content],
            )
            .await?;
        }
        Ok(())
    }

    /// Every label that is kept, without its sections.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn labels(&mut self) -> Result<Vec<StoredLabel>> {
        let sql = concat!(label_columns!(), "ORDER BY l.ingredients");
        self.list("drug_label", sql, &[], label).await
    }

    /// The sections of a label.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn label_sections(&mut self, ingredients: &[String]) -> Result<Vec<(String, String)>> {
        self.list(
            "drug_label_section",
            "SELECT section, content FROM drug_label_section WHERE ingredients = $1 ORDER BY section",
            values![ingredients.join("+")],
            |row| Ok((row.text("section")?, row.text("content")?)),
        )
        .await
    }

    /// The label that speaks most narrowly of an ingredient: of it alone, or of the smallest combination.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn label_of(&mut self, inn: &str) -> Result<Option<StoredLabel>> {
        let sql = concat!(
            label_columns!(),
            "JOIN drug_label_ingredient i ON i.ingredients = l.ingredients
              WHERE i.inn = $1 ORDER BY l.width, l.ingredients LIMIT 1"
        );
        let Some(mut found) = self.one("drug_label", sql, values![inn], label).await? else {
            return Ok(None);
        };
        found.sections = self.label_sections(&found.ingredients).await?;
        Ok(Some(found))
    }
}
