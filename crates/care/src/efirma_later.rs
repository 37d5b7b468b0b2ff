//! Answers about revocation that come after a signature: SAT is asked again every day, and what it says goes behind the end of
//! the signed file, which stays as it was up to there (PAdES B-LT).

use std::collections::HashMap;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::efirma::{DocumentEfirma, EfirmaProof};
use clinical::ids::BlobId;
use efirma::ocsp::Answer;
use jiff::SignedDuration;
use storage::StorageError;
use uuid::Uuid;

use crate::Care;
use crate::content::sha256;
use crate::efirma_proof::LaterProof;
use crate::error::CareError;

/// Most signatures of a round; the rest come the next day.
const MOST: u32 = 500;
/// After so many certificates about which nobody answers, nobody is there today.
const PATIENCE: usize = 3;
/// An e.firma is valid for four years; later nobody answers for it.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 4);

/// What a round brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaterAnswers {
    /// Signatures that have their answer now.
    pub added: usize,
    /// Signatures that still wait for one.
    pub waiting: usize,
}

/// The answers of a round, by certificate.
type Known = HashMap<Vec<u8>, Option<Answer>>;

impl Care {
    /// Asks again about the certificates of signatures that were given without an answer about revocation, and adds what
    /// comes to the signed files. The program itself does it, for nobody.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when database or disk do not answer.
    pub async fn ask_revocations_again(&self) -> Result<LaterAnswers, CareError> {
        let mut told = LaterAnswers::default();
        if self.authorities.revocations.is_none() || self.authorities.trust.is_none() {
            return Ok(told);
        }
        let mut tx = self.unseen.begin_read().await?;
        let open = tx.efirmas_without_answer(self.now() - LONGEST, MOST).await?;
        drop(tx);
        let mut known = Known::new();
        for signed in open {
            let silent = known.values().filter(|answer| answer.is_none()).count();
            if silent >= PATIENCE {
                told.waiting += 1;
                continue;
            }
            let added = match self.prove_one(&signed, &mut known).await {
                Ok(added) => added,
                // One file that is not what it was keeps nothing from the others.
                Err(error @ CareError::Internal(_)) => {
                    tracing::error!(%error, "a signature could not be given its answer about revocation");
                    false
                }
                Err(error) => return Err(error),
            };
            *(if added { &mut told.added } else { &mut told.waiting }) += 1;
        }
        Ok(told)
    }

    async fn prove_one(&self, signed: &DocumentEfirma, known: &mut Known) -> Result<bool, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let missing = CareError::NotFound { what: "el documento" };
        let document = tx.document(signed.document_id).await?.ok_or(missing)?;
        // Into a blocked record nothing is written.
        if tx.is_blocked(document.patient_id).await? {
            return Ok(false);
        }
        let file = self.blobs.get(&mut tx, signed.pdf).await?;
        drop(tx);
        if sha256(&file) != signed.pdf_digest {
            return Err(CareError::Internal("a signed PDF does not match its digest".into()));
        }
        let (authorities, now, before) = (self.authorities.clone(), self.now(), std::mem::take(known));
        let asked = tokio::task::spawn_blocking(move || {
            let mut known = before;
            let proof = authorities.prove_later(&file, &mut known, now);
            (known, proof)
        });
        let (after, proof) = asked.await.map_err(CareError::internal)?;
        *known = after;
        let Some(LaterProof { pdf, level, revocation }) = proof? else { return Ok(false) };
        let new = EfirmaProof {
            document_id: signed.document_id,
            pdf: BlobId(Uuid::now_v7()),
            pdf_digest: sha256(&pdf),
            level,
            revocation,
            added_at: now,
        };
        let mut tx = self.unseen.begin().await?;
        self.blobs.put(&mut tx, new.pdf, "application/pdf", pdf, now).await?;
        match tx.insert_efirma_proof(&new).await {
            // Another server of the practice was first.
            Err(StorageError::NotUnique { .. } | StorageError::Immutable) => return Ok(true),
            other => other?,
        }
        tx.append_audit(NewAuditEvent {
            at: now,
            actor: None,
            action: AuditAction::Update,
            entity: "efirma_proof",
            entity_id: signed.document_id.to_string(),
            patient_id: Some(document.patient_id),
            origin: "program".to_owned(),
            reason: Some(storage::verify::trace(new.pdf_digest)),
        })
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}
