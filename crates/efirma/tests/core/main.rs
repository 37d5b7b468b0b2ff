//! Certificates, keys, signatures, timestamps and revocation answers, against SAT's own test files where they are present
//! (`../shared/data/efirma`) and against authorities the tests make themselves with the `openssl` program, which is also the
//! other side that signs and judges.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

mod codes;
mod hostile;
mod keys;
mod pki;
mod revocation;
mod sat;
mod signatures;
mod timestamps;
mod trusting;
