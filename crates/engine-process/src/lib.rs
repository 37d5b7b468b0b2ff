//! The processes that run models, whatever the model: how they are started, asked, shut in and survived.
//!
//! A model runs in a program of its own, which has neither network nor files ([`sandbox`]) and is spoken to in lines of JSON
//! over two pipes ([`protocol`]). When that process dies it is started once more, then given up ([`Worker`]). Which files may
//! be loaded at all is in [`models`]. What is asked and answered belongs to the crates above; this one links no model code.

pub mod card;
pub mod models;
pub mod probe;
pub mod protocol;
pub mod sandbox;
pub mod serve;
mod session;
mod worker;

pub use session::{Failure, Session};
pub use worker::{Worker, WorkerError};
