//! The scribe: what was said in a consultation becomes facts with evidence and a draft a physician reviews.

pub mod context;
pub mod extract;
pub mod facts;
pub mod lexicon;
pub mod scene;
pub mod text;
pub mod wire;
