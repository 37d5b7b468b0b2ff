//! The scribe: what was said in a consultation becomes facts with evidence and a draft a physician reviews.

pub mod text;
