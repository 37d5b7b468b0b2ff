//! What a database keeps wrapped, enciphered or sealed with the key of its installation, brought over to another key.

use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::{RecordingId, UserId};
use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Keys, MasterKey, SecretBytes};
use crate::chain::Chain;
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::values;
use crate::{hex, sealed, sound, voices};

/// How many rows are read at once.
const PAGE: usize = 500;

/// A column with something enciphered.
struct Column {
    table: &'static str,
    /// Identifies the row and what is enciphered is bound to it.
    id: &'static str,
    name: &'static str,
    owner: fn(Uuid) -> Vec<u8>,
    key: fn(&MasterKey) -> Result<SecretBytes>,
}

const COLUMNS: [Column; 4] = [
    Column {
        table: "blob",
        id: "id",
        name: "wrapped_key",
        owner: |id| id.as_bytes().to_vec(),
        key: MasterKey::blob_key,
    },
    Column {
        table: "recording",
        id: "id",
        name: "wrapped_key",
        owner: |id| sound::key_owner(RecordingId(id)),
        key: MasterKey::blob_key,
    },
    Column {
        table: "factor",
        id: "id",
        name: "secret",
        owner: |id| id.as_bytes().to_vec(),
        key: MasterKey::factor_key,
    },
    Column {
        table: "voice",
        id: "user_id",
        name: "print",
        owner: |id| voices::owner(UserId(id)),
        key: MasterKey::factor_key,
    },
];

impl Tx {
    /// Brings everything over to a new key; `done` hears how many things are, of how many.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] for what the old key does not open or did not seal: nothing that was altered is sealed
    /// anew. [`StorageError::WrongKey`] when the old one is not the key.
    pub(crate) async fn change_key(
        &mut self,
        old: &MasterKey,
        new: &MasterKey,
        now: Timestamp,
        mut done: impl FnMut(usize, usize),
    ) -> Result<()> {
        self.hold_migrations().await?;
        let mut ends = Vec::new();
        for chain in Chain::ALL {
            let head = self.hold_head(chain).await?;
            if !self.is_sealed(chain, head)? {
                return Err(StorageError::Corrupt {
                    table: "chain_head",
                    column: "seal".to_owned(),
                    id: chain.name().to_owned(),
                });
            }
            ends.push((chain, head));
        }
        let mut all = 0;
        for Column { table, name, .. } in &COLUMNS {
            let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {name} IS NOT NULL");
            all += usize::try_from(self.number(AssertSqlSafe(sql), &[]).await?).unwrap_or_default();
        }
        let mut brought = 0;
        self.lift_guard("blob").await?;
        for column in &COLUMNS {
            self.bring_over(column, old, new, |rows| {
                brought += rows;
                done(brought, all);
            })
            .await?;
        }
        self.install_guards().await?;
        let keys = Keys::of(new)?;
        self.keep_former_keys(old, &keys, now).await?;
        self.execute("UPDATE installation SET key_fingerprint = $1", values![keys.fingerprint]).await?;
        self.keys = Arc::new(keys);
        for (chain, head) in ends {
            self.move_head(chain, head.sequence, head.digest).await?;
        }
        self.append_audit(NewAuditEvent {
            at: now,
            actor: None,
            action: AuditAction::Update,
            entity: "key",
            entity_id: String::new(),
            patient_id: None,
            origin: "program".to_owned(),
            reason: None,
        })
        .await
    }

    async fn bring_over(
        &mut self,
        column: &Column,
        old: &MasterKey,
        new: &MasterKey,
        mut done: impl FnMut(usize),
    ) -> Result<()> {
        let Column { table, id, name, owner, key } = column;
        let (from, to) = (key(old)?, key(new)?);
        let page = format!(
            "SELECT {id} AS id, {name} FROM {table} WHERE {name} IS NOT NULL AND {id} > $1 ORDER BY {id} LIMIT {PAGE}"
        );
        let update = format!("UPDATE {table} SET {name} = $2 WHERE {id} = $1");
        let mut last = String::new();
        loop {
            let rows = self
                .list(table, AssertSqlSafe(page.clone()), values![&last], |row| {
                    let id: Uuid = row.parsed("id")?;
                    let opened = hex::decode(&row.text(name)?)
                        .and_then(|sealed| sealed::open(&from, &owner(id), &sealed))
                        .map(Zeroizing::new);
                    Ok((row.text("id")?, id, opened.ok_or_else(|| row.corrupt(name))?))
                })
                .await?;
            for (text, id, opened) in &rows {
                let sealed = hex::encode(&sealed::seal(&to, &owner(*id), opened)?);
                self.execute(AssertSqlSafe(update.clone()), values![text, sealed]).await?;
            }
            done(rows.len());
            match rows.into_iter().next_back() {
                Some((text, ..)) => last = text,
                None => return Ok(()),
            }
        }
    }
}
