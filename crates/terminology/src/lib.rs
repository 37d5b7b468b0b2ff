//! Vocabularies and their look-up: ICD-11 with CIE-10 beside it, and medicines by their Spanish, international and brand names.
//!
//! In: the catalogues that ship with the program (embedded). Out: typed entries and ranked search results.
//! It does no I/O, knows no patient and no rule about what may be prescribed.

pub mod fold;
pub mod icd;
pub mod medicines;
pub mod search;
pub mod typed_line;
