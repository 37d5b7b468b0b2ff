//! The e.firma of SAT: reading certificates and keys, signing and verifying (CAdES, PAdES), timestamps (RFC 3161) and
//! what says that nobody was revoked: answers (RFC 6960) and lists (RFC 5280).
//!
//! In: bytes of files and answers, a password, a time. Out: who somebody is, bytes to send or to keep, and typed refusals
//! whose text a physician can read. It does no I/O and asks neither for the time nor for randomness: the moment at which
//! something is judged, and the number a request is recognised by, are arguments. Who calls opens files and sockets.

mod asn1;
pub mod authorities;
mod base45;
pub mod certificate;
pub mod cms;
pub mod crl;
mod hash;
pub mod inspect;
pub mod key;
pub mod ocsp;
pub mod pdf;
pub mod refusal;
pub mod seal;
pub mod signing;
pub mod subject;
pub mod timestamp;
pub mod trust;
pub mod verdict;

pub use certificate::{Certificate, CertificateError};
pub use crl::RevocationList;
pub use hash::Hash;
pub use key::{KeyError, PrivateKey};
pub use refusal::Refusal;
pub use signing::{Signing, SigningError};
pub use subject::{Company, Kind, Person};
pub use trust::TrustStore;
pub use verdict::{Verdict, verify};
