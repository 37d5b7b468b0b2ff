//! How a professional likes drafts to be written. Every read and write names whose it is, so that nobody meets another's.

use clinical::digest::Digest;
use clinical::draft::SectionId;
use clinical::ids::{PractitionerId, PreferenceId};
use clinical::preference::{Habit, Manner, Preference};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// Kind, section, what it stands in the place of, what is preferred.
fn columns(habit: &Habit) -> (&'static str, &str, &str, &str) {
    match habit {
        Habit::Wording { before, after } => ("wording", "", before, after),
        Habit::Phrase { section, text } => ("phrase", &section.0, "", text),
        Habit::Order { section, first, then } => ("order", &section.0, then, first),
        Habit::Manner(manner) => ("manner", "", "", manner.code()),
    }
}

fn preference(row: &Row) -> Result<Preference> {
    let section = || Ok::<_, StorageError>(SectionId::new(&row.text("section")?));
    let (instead_of, preferred) = (row.text("instead_of")?, row.text("preferred")?);
    let habit = match row.text("kind")?.as_str() {
        "wording" => Habit::Wording { before: instead_of, after: preferred },
        "phrase" => Habit::Phrase { section: section()?, text: preferred },
        "order" => Habit::Order { section: section()?, first: preferred, then: instead_of },
        "manner" => Habit::Manner(Manner::from_code(&preferred).ok_or_else(|| row.corrupt("preferred"))?),
        _ => return Err(row.corrupt("kind")),
    };
    Ok(Preference {
        id: row.parsed("id")?,
        practitioner_id: row.parsed("practitioner_id")?,
        habit,
        by_hand: row.flag("by_hand")?,
        enabled: row.flag("enabled")?,
        notes: row.int("notes")?,
        since: row.time("since")?,
        last_seen: row.time("last_seen")?,
    })
}

impl Tx {
    /// The preferences of a professional, those seen most often first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn preferences(&mut self, of: PractitionerId) -> Result<Vec<Preference>> {
        self.list(
            "preference",
            "SELECT id, practitioner_id, kind, section, instead_of, preferred, by_hand, enabled, notes, since, last_seen
               FROM preference WHERE practitioner_id = $1
              ORDER BY kind DESC, notes DESC, since, id",
            values![of],
            preference,
        )
        .await
    }

    /// Adds a preference. One that is there already is counted up by the notes of this one; told by hand, it is also
    /// followed again.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn add_preference(&mut self, new: &Preference) -> Result<()> {
        let (kind, section, instead_of, preferred) = columns(&new.habit);
        self.execute(
            "INSERT INTO preference (id, practitioner_id, kind, section, instead_of, preferred, by_hand, enabled, notes,
                                     since, last_seen)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (practitioner_id, kind, section, instead_of, preferred) DO UPDATE
               SET notes = preference.notes + excluded.notes,
                   last_seen = excluded.last_seen,
                   by_hand = CASE excluded.by_hand WHEN 1 THEN 1 ELSE preference.by_hand END,
                   enabled = CASE excluded.by_hand WHEN 1 THEN 1 ELSE preference.enabled END",
            values![
                new.id,
                new.practitioner_id,
                kind,
                section,
                instead_of,
                preferred,
                new.by_hand,
                new.enabled,
                new.notes,
                new.since,
                new.last_seen,
            ],
        )
        .await
        .map(drop)
    }

    /// Takes one note back from a preference that its owner undid.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn doubt_preference(&mut self, of: PractitionerId, id: PreferenceId) -> Result<()> {
        self.execute(
            "UPDATE preference SET notes = notes - 1 WHERE practitioner_id = $1 AND id = $2 AND notes > 0",
            values![of, id],
        )
        .await
        .map(drop)
    }

    /// Lets a preference be followed, or not.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when they have no such preference.
    pub async fn enable_preference(
        &mut self,
        of: PractitionerId,
        id: PreferenceId,
        enabled: bool,
    ) -> Result<()> {
        let sql = "UPDATE preference SET enabled = $3 WHERE practitioner_id = $1 AND id = $2";
        let changed = self.execute(sql, values![of, id, enabled]).await?;
        there(changed)
    }

    /// Removes a preference.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when they have no such preference.
    pub async fn remove_preference(&mut self, of: PractitionerId, id: PreferenceId) -> Result<()> {
        let sql = "DELETE FROM preference WHERE practitioner_id = $1 AND id = $2";
        let changed = self.execute(sql, values![of, id]).await?;
        there(changed)
    }

    /// Counts a note in which a professional wrote a sentence, and says in how many it was by now.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn see_phrase(&mut self, of: PractitionerId, sentence: Digest, at: Timestamp) -> Result<i64> {
        self.number(
            "INSERT INTO phrase_seen (practitioner_id, digest, notes, last_seen) VALUES ($1, $2, 1, $3)
             ON CONFLICT (practitioner_id, digest) DO UPDATE
               SET notes = phrase_seen.notes + 1, last_seen = excluded.last_seen
             RETURNING notes AS n",
            values![of, sentence, at],
        )
        .await
    }

    /// Forgets a sentence that is a preference now.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_phrase(&mut self, of: PractitionerId, sentence: Digest) -> Result<()> {
        let sql = "DELETE FROM phrase_seen WHERE practitioner_id = $1 AND digest = $2";
        self.execute(sql, values![of, sentence]).await.map(drop)
    }

    /// Forgets the sentences that nobody wrote since a time.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn purge_phrases(&mut self, before: Timestamp) -> Result<()> {
        self.execute("DELETE FROM phrase_seen WHERE last_seen < $1", values![before]).await.map(drop)
    }
}

fn there(changed: u64) -> Result<()> {
    if changed == 0 { Err(StorageError::Missing { what: "preference".to_owned() }) } else { Ok(()) }
}
