//! Templates of documents that a professional made. Every read and write names whose it is, so that nobody meets another's.

use clinical::document::DocumentKind;
use clinical::ids::{PractitionerId, TemplateId};
use clinical::outline::{NoteTemplate, Outline};

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

fn template(row: &Row) -> Result<NoteTemplate> {
    Ok(NoteTemplate {
        id: row.parsed("id")?,
        practitioner_id: row.parsed("practitioner_id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        base: row.maybe_text("base")?,
        outline: Outline { name: row.text("name")?, sections: row.json("sections")? },
        is_default: row.flag("is_default")?,
        changed_at: row.time("changed_at")?,
    })
}

impl Tx {
    /// The templates of a professional, by document and name.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn note_templates(&mut self, of: PractitionerId) -> Result<Vec<NoteTemplate>> {
        self.list(
            "note_template",
            "SELECT id, practitioner_id, kind, base, name, sections, is_default, changed_at
               FROM note_template WHERE practitioner_id = $1 ORDER BY kind, name, id",
            values![of],
            template,
        )
        .await
    }

    /// Keeps a template: a new one, or what one of theirs has become. As default it takes the place of the other one of its
    /// document.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when another of that document has its name; [`StorageError::Missing`] for an unknown
    /// professional, or a template of somebody else.
    pub async fn save_note_template(&mut self, one: &NoteTemplate) -> Result<()> {
        if one.is_default {
            let sql = "UPDATE note_template SET is_default = 0 WHERE practitioner_id = $1 AND kind = $2";
            self.execute(sql, values![one.practitioner_id, one.kind.code()]).await?;
        }
        let sections = serde_json::to_string(&one.outline.sections)
            .map_err(|error| StorageError::Database(error.into()))?;
        let changed = self
            .execute(
                "INSERT INTO note_template (id, practitioner_id, kind, base, name, sections, is_default, changed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (id) DO UPDATE
                   SET name = excluded.name, sections = excluded.sections, is_default = excluded.is_default,
                       changed_at = excluded.changed_at
                   WHERE note_template.practitioner_id = excluded.practitioner_id",
                values![
                    one.id,
                    one.practitioner_id,
                    one.kind.code(),
                    one.base.as_deref(),
                    &one.outline.name,
                    sections,
                    one.is_default,
                    one.changed_at
                ],
            )
            .await?;
        there(changed)
    }

    /// Removes a template; drafts that follow it keep their layout.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when they have no such template.
    pub async fn remove_note_template(&mut self, of: PractitionerId, id: TemplateId) -> Result<()> {
        let sql = "DELETE FROM note_template WHERE practitioner_id = $1 AND id = $2";
        let changed = self.execute(sql, values![of, id]).await?;
        there(changed)
    }
}

fn there(changed: u64) -> Result<()> {
    if changed == 0 { Err(StorageError::Missing { what: "note_template".to_owned() }) } else { Ok(()) }
}
