//! Signatures with an e.firma: whose an account uses, documents signed with one, and what waits for the answer of a key.

use clinical::digest::Digest;
use clinical::efirma::{AccountEfirma, DocumentEfirma, EfirmaProof, RevocationCheck, SignatureLevel};
use clinical::ids::{DocumentId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::hex;
use crate::private::visible_of;
use crate::tx::Tx;
use crate::value::{Row, values};

/// What the key is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// The square code of a receta, which has to be in the PDF before that is signed.
    Code,
    /// The PDF, with the text of its square code if it has one.
    Pdf {
        /// That text.
        code: Option<String>,
    },
}

/// A document that waits for the answer of a key in somebody's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EfirmaWaiting {
    /// SHA-256 of the token the browser has.
    pub token_digest: Digest,
    /// Who signs.
    pub user_id: UserId,
    /// What.
    pub document_id: DocumentId,
    /// SHA-256 of the PDF before the signature.
    pub base_digest: Digest,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The time that the signature will claim.
    pub claimed_at: Timestamp,
    /// What the answer is to.
    pub waits_for: WaitsFor,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

fn waiting(row: &Row) -> Result<EfirmaWaiting> {
    Ok(EfirmaWaiting {
        token_digest: row.digest("token_digest")?,
        user_id: row.parsed("user_id")?,
        document_id: row.parsed("document_id")?,
        base_digest: row.digest("base_digest")?,
        certificate: row.coded("certificate", hex::decode)?,
        claimed_at: row.time("claimed_at")?,
        waits_for: match (row.text("step")?.as_str(), row.maybe_text("code")?) {
            ("code", None) => WaitsFor::Code,
            ("pdf", code) => WaitsFor::Pdf { code },
            _ => return Err(row.corrupt("step")),
        },
        expires_at: row.time("expires_at")?,
    })
}

macro_rules! efirma_columns {
    () => {
        "SELECT x.document_id, COALESCE(p.pdf, x.pdf) AS pdf, COALESCE(p.pdf_digest, x.pdf_digest) AS pdf_digest,
                x.name, x.rfc, x.curp, x.serial, COALESCE(p.level, x.level) AS level,
                COALESCE(p.revocation, x.revocation) AS revocation, x.claimed_at, x.proven_at, x.code, x.signed_by
           FROM document_efirma x LEFT JOIN efirma_proof p ON p.document_id = x.document_id "
    };
}

fn document_efirma(row: &Row) -> Result<DocumentEfirma> {
    Ok(DocumentEfirma {
        document_id: row.parsed("document_id")?,
        pdf: row.parsed("pdf")?,
        pdf_digest: row.digest("pdf_digest")?,
        name: row.text("name")?,
        rfc: row.text("rfc")?,
        curp: row.text("curp")?,
        serial: row.text("serial")?,
        level: row.coded("level", SignatureLevel::from_code)?,
        revocation: row.coded("revocation", RevocationCheck::from_code)?,
        claimed_at: row.time("claimed_at")?,
        proven_at: row.maybe_time("proven_at")?,
        code: row.maybe_text("code")?,
        signed_by: row.parsed("signed_by")?,
    })
}

impl Tx {
    /// The e.firma of an account, once its first signature confirmed it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn account_efirma(&mut self, user: UserId) -> Result<Option<AccountEfirma>> {
        let sql = "SELECT rfc, curp FROM account_efirma WHERE user_id = $1";
        let read = |row: &Row| Ok(AccountEfirma { rfc: row.text("rfc")?, curp: row.text("curp")? });
        self.one("account_efirma", sql, values![user], read).await
    }

    /// Forgets whose e.firma an account uses: its next signature confirms one anew. What was signed stays signed.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when it uses none.
    pub async fn forget_account_efirma(&mut self, user: UserId) -> Result<()> {
        match self.execute("DELETE FROM account_efirma WHERE user_id = $1", values![user]).await? {
            0 => Err(StorageError::Missing { what: "account_efirma".to_owned() }),
            _ => Ok(()),
        }
    }

    /// Until when the certificate is good that an account last signed with; `None` when it signed with none, or before this
    /// was kept.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn account_efirma_end(&mut self, user: UserId) -> Result<Option<Timestamp>> {
        let sql = "SELECT valid_until FROM account_efirma WHERE user_id = $1";
        let end =
            self.one("account_efirma", sql, values![user], |row: &Row| row.maybe_time("valid_until")).await?;
        Ok(end.flatten())
    }

    /// Whose last certificate ends before a moment, the first to end first: the name of each account in use, and when.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn efirmas_that_end(&mut self, before: Timestamp) -> Result<Vec<(String, Timestamp)>> {
        let sql = "SELECT u.display_name AS name, e.valid_until FROM account_efirma e JOIN account u ON u.id = e.user_id
                    WHERE e.valid_until < $1 AND u.active = 1 ORDER BY e.valid_until, u.display_name";
        let read = |row: &Row| Ok((row.text("name")?, row.time("valid_until")?));
        self.list("account_efirma", sql, values![before], read).await
    }

    /// Keeps the e.firma of an account; whose it is stays as it was kept first, `valid_until` is that of the certificate it
    /// last signed with.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown account.
    pub async fn confirm_account_efirma(
        &mut self,
        user: UserId,
        efirma: &AccountEfirma,
        valid_until: Timestamp,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO account_efirma (user_id, rfc, curp, confirmed_at, valid_until) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id) DO UPDATE SET valid_until = excluded.valid_until
              WHERE account_efirma.rfc = excluded.rfc AND account_efirma.curp = excluded.curp",
            values![user, &efirma.rfc, &efirma.curp, at, valid_until],
        )
        .await
        .map(drop)
    }

    /// Adds the signature of a document. Its PDF already lies in the blob store, written in the same transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] when it has one; [`crate::StorageError::Missing`] for what it names.
    pub async fn insert_document_efirma(&mut self, new: &DocumentEfirma) -> Result<()> {
        self.execute(
            "INSERT INTO document_efirma (document_id, pdf, pdf_digest, name, rfc, curp, serial, level, revocation,
                                          claimed_at, proven_at, code, signed_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            values![
                new.document_id,
                new.pdf,
                new.pdf_digest,
                &new.name,
                &new.rfc,
                &new.curp,
                &new.serial,
                new.level.code(),
                new.revocation.code(),
                new.claimed_at,
                new.proven_at,
                new.code.as_deref(),
                new.signed_by,
            ],
        )
        .await
        .map(drop)
    }

    /// The signature of a document, if it has one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn document_efirma(&mut self, document: DocumentId) -> Result<Option<DocumentEfirma>> {
        let sql = concat!(
            efirma_columns!(),
            "JOIN signed_document d ON d.id = x.document_id WHERE x.document_id = $1 AND ",
            visible_of!("d.patient_id", "$2", "$3")
        );
        let values = values![document, self.eyes(), self.moment()];
        self.one("document_efirma", sql, values, document_efirma).await
    }

    /// The signature whose file has this digest, as it was signed or with what was proven later, for who checks a file.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn efirma_by_digest(&mut self, pdf: Digest) -> Result<Option<DocumentEfirma>> {
        let sql = concat!(
            efirma_columns!(),
            "WHERE x.document_id IN (SELECT document_id FROM document_efirma WHERE pdf_digest = $1
                                     UNION SELECT document_id FROM efirma_proof WHERE pdf_digest = $1) LIMIT 1"
        );
        self.one("document_efirma", sql, values![pdf], document_efirma).await
    }

    /// Signatures given since a moment without an answer about revocation, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn efirmas_without_answer(
        &mut self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<DocumentEfirma>> {
        let sql = concat!(
            efirma_columns!(),
            "WHERE x.revocation <> 'good' AND p.document_id IS NULL AND x.claimed_at >= $1
             ORDER BY x.claimed_at DESC, x.document_id LIMIT $2"
        );
        self.list("document_efirma", sql, values![since, i64::from(limit)], document_efirma).await
    }

    /// Adds what an answer about revocation proves of a signature. Its PDF already lies in the blob store, written in the
    /// same transaction.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] or [`crate::StorageError::Immutable`] when it has one;
    /// [`crate::StorageError::Missing`] for what it names.
    pub async fn insert_efirma_proof(&mut self, new: &EfirmaProof) -> Result<()> {
        self.execute(
            "INSERT INTO efirma_proof (document_id, pdf, pdf_digest, level, revocation, added_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                new.document_id,
                new.pdf,
                new.pdf_digest,
                new.level.code(),
                new.revocation.code(),
                new.added_at
            ],
        )
        .await
        .map(drop)
    }

    /// Keeps what waits for a key, and forgets what waited too long.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn insert_efirma_waiting(&mut self, new: &EfirmaWaiting, now: Timestamp) -> Result<()> {
        self.execute("DELETE FROM efirma_waiting WHERE expires_at <= $1", values![now]).await?;
        let (step, code) = match &new.waits_for {
            WaitsFor::Code => ("code", None),
            WaitsFor::Pdf { code } => ("pdf", code.as_deref()),
        };
        self.execute(
            "INSERT INTO efirma_waiting (token_digest, user_id, document_id, base_digest, certificate, claimed_at,
                                         step, code, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                new.token_digest,
                new.user_id,
                new.document_id,
                new.base_digest,
                hex::encode(&new.certificate),
                new.claimed_at,
                step,
                code,
                new.expires_at,
            ],
        )
        .await
        .map(drop)
    }

    /// Takes what waits, once: of two answers the second finds nothing.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_efirma_waiting(
        &mut self,
        token: Digest,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<EfirmaWaiting>> {
        let sql = "SELECT token_digest, user_id, document_id, base_digest, certificate, claimed_at, step, code, expires_at
                     FROM efirma_waiting WHERE token_digest = $1 AND user_id = $2 AND expires_at > $3";
        let found = self.one("efirma_waiting", sql, values![token, user, now], waiting).await?;
        let sql = "DELETE FROM efirma_waiting WHERE token_digest = $1 AND user_id = $2";
        let gone = self.execute(sql, values![token, user]).await?;
        Ok(found.filter(|_| gone == 1))
    }
}
