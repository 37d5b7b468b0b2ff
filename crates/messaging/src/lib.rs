//! Messages to patients about their visits, and reports of counts to the practice's own people: what can be said (a closed type without a place for anything clinical), the client
//! of WhatsApp's Cloud API, what its webhook tells, what people answer in their own words, and e-mail.
//!
//! In: a [`Letter`](letter::Letter). Out: an [`Outcome`](graph::Outcome). It keeps nothing and decides nothing about visits.

pub mod channel;
pub mod graph;
pub mod letter;
pub mod mail;
pub mod number;
pub mod report;
mod tls;
pub mod understand;
pub mod webhook;
pub mod wording;
pub mod words;
