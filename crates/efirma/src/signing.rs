//! Signs a PDF with an e.firma (PAdES, ETSI EN 319 142-1): B-B as it is, B-T with a timestamp over the signature, B-LT with
//! what [`pdf::add_evidence`] adds to the signed file.
//!
//! The key may be elsewhere: what it has to sign comes from [`Signing::to_sign`], its answer is checked before it is used,
//! and beginning again with the same file, claim and certificate gives the same bytes.

use crate::certificate::Certificate;
use crate::cms::{CmsError, Signed, ToSign};
use crate::pdf::{self, Claim, Prepared};

/// Why a PDF was not signed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SigningError {
    /// The file.
    #[error(transparent)]
    Pdf(#[from] pdf::Error),
    /// The signature.
    #[error(transparent)]
    Cms(#[from] CmsError),
}

/// A PDF that waits for its signature.
#[derive(Debug, Clone)]
pub struct Signing {
    prepared: Prepared,
    to_sign: ToSign,
}

impl Signing {
    /// Adds the place of a signature to the file. `authorities` are those between `signer` and the root; they go along.
    /// Whether `signer` may sign at all, [`crate::refusal`] says.
    ///
    /// # Errors
    /// [`SigningError::Pdf`] for a file that cannot be signed.
    pub fn begin(
        pdf: &[u8],
        claim: &Claim<'_>,
        signer: &Certificate,
        authorities: &[Certificate],
    ) -> Result<Self, SigningError> {
        let prepared = pdf::prepare(pdf, pdf::RESERVE, claim)?;
        let to_sign = ToSign::new(&prepared.digest(), signer, authorities)?;
        Ok(Self { prepared, to_sign })
    }

    /// What the key signs, and how its answer becomes a signature.
    #[must_use]
    pub const fn to_sign(&self) -> &ToSign {
        &self.to_sign
    }

    /// The signed file, from the signature [`Self::to_sign`] made, with or without a timestamp.
    ///
    /// # Errors
    /// [`SigningError::Pdf`] if the signature is larger than its place.
    pub fn finish(self, signed: &Signed) -> Result<Vec<u8>, SigningError> {
        Ok(self.prepared.finish(signed.der())?)
    }
}
