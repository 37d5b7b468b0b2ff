//! ICD-11 candidates for diagnoses: proposals for the physician, never a code nobody confirmed.

use clinical::condition::{ConditionCode, ConditionEntry};
use terminology::icd::{Candidate, IcdEntry, IcdIndex};

/// Candidates shown for one diagnosis.
pub const SHOWN: usize = 3;

/// A code as stored with a confirmed diagnosis.
#[must_use]
pub fn condition_code(entry: &IcdEntry) -> ConditionCode {
    ConditionCode {
        icd11: entry.code.as_str().to_owned(),
        title: entry.title.to_string(),
        icd10: entry.icd10.first().map(|code| code.as_str().to_owned()),
    }
}

fn from_candidate(candidate: &Candidate<'_>) -> ConditionCode {
    let icd10 = candidate.icd10.as_ref().or(candidate.entry.icd10.first());
    ConditionCode { icd10: icd10.map(|code| code.as_str().to_owned()), ..condition_code(candidate.entry) }
}

/// The best candidates for a diagnosis as the physician worded it.
#[must_use]
pub fn candidates(condition: &ConditionEntry) -> Vec<ConditionCode> {
    IcdIndex::core().code(&condition.text, None).iter().take(SHOWN).map(from_candidate).collect()
}

/// Search as typed: words, lay words, abbreviations, CIE-10 or ICD-11 codes.
#[must_use]
pub fn search(text: &str, limit: usize) -> Vec<ConditionCode> {
    IcdIndex::core().search(text, limit).iter().map(from_candidate).collect()
}
