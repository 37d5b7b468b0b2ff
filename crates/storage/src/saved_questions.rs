//! Questions to all records that somebody keeps under a name, for themselves or for everybody who sees the boards.

use clinical::ids::{QuestionId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// A question somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuestion {
    /// Identifies it.
    pub id: QuestionId,
    /// Whose it is: only they change it.
    pub owner: UserId,
    /// Their name on screens; of no account when it is written.
    pub owner_name: String,
    /// What they call it.
    pub name: String,
    /// The question as it is written down.
    pub question: String,
    /// Everybody may ask it.
    pub shared: bool,
    /// When it was kept or changed last.
    pub changed_at: Timestamp,
}

fn saved(row: &Row) -> Result<SavedQuestion> {
    Ok(SavedQuestion {
        id: row.parsed("id")?,
        owner: row.parsed("owner")?,
        owner_name: row.text("owner_name")?,
        name: row.text("name")?,
        question: row.text("question")?,
        shared: row.flag("shared")?,
        changed_at: row.time("changed_at")?,
    })
}

impl Tx {
    /// The questions an account keeps, then those others share, each by name; at most 500 of them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn saved_questions(&mut self, of: UserId) -> Result<Vec<SavedQuestion>> {
        let sql =
            "SELECT q.id, q.owner, u.display_name AS owner_name, q.name, q.question, q.shared, q.changed_at
                     FROM saved_question q JOIN account u ON u.id = q.owner
                    WHERE q.owner = $1 OR q.shared = 1
                    ORDER BY CASE WHEN q.owner = $1 THEN 0 ELSE 1 END, q.name, q.id LIMIT 500";
        self.list("saved_question", sql, values![of], saved).await
    }

    /// Keeps a question: a new one, or what one of theirs has become.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when another of theirs has its name; [`StorageError::Missing`] for a question of
    /// somebody else.
    pub async fn save_question(&mut self, one: &SavedQuestion) -> Result<()> {
        let sql = "INSERT INTO saved_question (id, owner, name, question, shared, changed_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (id) DO UPDATE
                      SET name = excluded.name, shared = excluded.shared, changed_at = excluded.changed_at
                    WHERE saved_question.owner = excluded.owner";
        let values = values![one.id, one.owner, &one.name, &one.question, one.shared, one.changed_at];
        let changed = self.execute(sql, values).await?;
        there(changed)
    }

    /// Forgets a question somebody kept.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when they keep no such question.
    pub async fn remove_question(&mut self, of: UserId, id: QuestionId) -> Result<()> {
        let changed =
            self.execute("DELETE FROM saved_question WHERE owner = $1 AND id = $2", values![of, id]).await?;
        there(changed)
    }
}

fn there(changed: u64) -> Result<()> {
    if changed == 0 { Err(StorageError::Missing { what: "saved_question".to_owned() }) } else { Ok(()) }
}
