//! Signatures inside a PDF (PAdES, ETSI EN 319 142-1): a place for one is added behind the end of the file, so that what
//! was there stays byte for byte, and signatures of files that anybody may have made are found and judged.
//!
//! Cryptography is elsewhere: [`Prepared`] says what has to be signed and takes the finished CMS, [`signatures`] hands
//! out the CMS of each signature with what it signs. The reader is the program's own, because it must never follow what
//! two programs could read in two ways (`docs/decisions/0014`).

mod changes;
mod error;
mod evidence;
mod file;
mod found;
mod increment;
mod object;
mod parse;
mod prepare;
mod stream;
mod text;
mod xref;

pub use changes::{Addition, Alteration, Since};
pub use error::Error;
pub use evidence::{Evidence, add_evidence, evidence};
pub use found::{Fault, Found, Refused, SubFilter, signatures};
pub use prepare::{Claim, Prepared, RESERVE, prepare};

/// Largest file that is signed or read, in bytes.
pub const MOST_BYTES: usize = 32 << 20;
/// Most signatures of one file that are judged.
pub const MOST_SIGNATURES: usize = 16;
/// Most pages of one file.
const MOST_PAGES: usize = 5_000;
