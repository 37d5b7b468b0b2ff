//! The demonstration clinic: invented people, written through the same services a physician uses, with a clock that is
//! set to when each thing would have happened.

mod agenda;
mod format;
mod load;
mod past;

pub(crate) use load::{PASSWORD, fill};
