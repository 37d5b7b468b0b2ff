//! "Verificar documento": what anybody who holds a PDF may learn of it, without an account. The file is judged and
//! forgotten; of the record only what stands in the very file is told: that it is the one signed here, by whom and when.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::document::DocumentContent;
use efirma::verdict::Verdict;
use efirma::{TrustStore, pdf};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::Tx;

use crate::Care;
use crate::content::{capital, sha256};
use crate::error::CareError;

/// Largest file that is checked, in bytes.
pub const MOST_BYTES: usize = 10 << 20;

/// What a file says, and what is known of it.
#[derive(Debug, Clone)]
pub struct Checked {
    /// One for each signature with a certificate, the earliest first.
    pub verdicts: Vec<Verdict>,
    /// Whether authorities are loaded; without, nobody's certificate is believed.
    pub has_trust: bool,
    /// The document of this practice that it is, byte for byte.
    pub here: Option<KnownDocument>,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A document of this practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDocument {
    /// What it is.
    pub title: String,
    /// Where it was signed.
    pub establishment: String,
    /// Who signed it.
    pub signer: String,
    /// Their cédula profesional.
    pub license: String,
    /// When.
    pub signed_at: Timestamp,
    /// When it was cancelled, for a receta that holds no more. Why is for who treats the patient.
    pub cancelled_at: Option<Timestamp>,
}

impl Care {
    /// The certificates of the authorities that are believed here, in DER: public, for who checks elsewhere.
    #[must_use]
    pub fn authorities_of_efirma(&self) -> Vec<Vec<u8>> {
        let trust = self.authorities.trust.iter();
        trust.flat_map(|trust| trust.certificates().map(|one| one.der().to_vec())).collect()
    }

    /// Judges a file that somebody holds, without keeping it. `origin` is from where, for the bitácora, which is told when
    /// it is a document of this practice.
    ///
    /// # Errors
    /// [`CareError::Invalid`] at `archivo` for what is no PDF or cannot be read.
    pub async fn check_file(&self, file: Vec<u8>, origin: &str) -> Result<Checked, CareError> {
        if file.is_empty() {
            return Err(CareError::invalid("archivo", "Elija el PDF que quiere verificar"));
        }
        if file.len() > MOST_BYTES {
            let message = format!("El archivo pesa más de {} MB. Elija otro", MOST_BYTES >> 20);
            return Err(CareError::invalid("archivo", message));
        }
        let digest = sha256(&file);
        let has_trust = self.authorities.trust.is_some();
        let verdicts = self.judge(file).await?;
        let verdicts =
            verdicts.map_err(|error| CareError::invalid("archivo", capital(&error.to_string())))?;

        let mut tx = self.unseen.begin().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let document = match tx.efirma_by_digest(digest).await? {
            Some(efirma) => tx.document(efirma.document_id).await?,
            None => tx.document_by_digest(digest).await?.filter(|document| document.pdf_digest == digest),
        };
        let here = match document {
            Some(document) => {
                let content: DocumentContent =
                    serde_json::from_str(&document.content).map_err(CareError::internal)?;
                self.tell_check(&mut tx, &document.id.to_string(), document.patient_id, origin).await?;
                Some(KnownDocument {
                    title: content.title.clone(),
                    establishment: content.establishment.name.clone(),
                    signer: content.signer().full_name(),
                    license: content.signer().license.to_string(),
                    signed_at: document.signed_at,
                    cancelled_at: tx.prescription_cancellation(document.id).await?.map(|own| own.at),
                })
            }
            None => None,
        };
        tx.commit().await?;
        Ok(Checked { verdicts, has_trust, here, zone })
    }

    /// What the signatures of a file prove now, by the authorities that are believed here.
    pub(crate) async fn judge(&self, file: Vec<u8>) -> Result<Result<Vec<Verdict>, pdf::Error>, CareError> {
        let (trust, now) = (self.authorities.trust.clone(), self.now());
        tokio::task::spawn_blocking(move || match &trust {
            Some(trust) => efirma::verify(&file, trust, now),
            None => TrustStore::new(Vec::new())
                .map_or_else(|_| Ok(Vec::new()), |none| efirma::verify(&file, &none, now)),
        })
        .await
        .map_err(CareError::internal)
    }

    async fn tell_check(
        &self,
        tx: &mut Tx,
        document: &str,
        patient: clinical::ids::PatientId,
        origin: &str,
    ) -> Result<(), CareError> {
        tx.append_audit(NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Read,
            entity: "document_check",
            entity_id: document.to_owned(),
            patient_id: Some(patient),
            origin: origin.to_owned(),
            reason: None,
        })
        .await?;
        Ok(())
    }
}
