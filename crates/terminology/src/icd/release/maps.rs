//! WHO's tables of equivalent codes of ICD-10 and ICD-11.

use std::collections::HashMap;

use super::table::{column, release_of_stamp, release_of_uri, rows};
use super::{Release, ReleaseError};
use crate::icd::code::{Icd10Code, Icd11Code};

/// Which of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MapKind {
    /// From ICD-11 to one category of ICD-10.
    To10,
    /// From ICD-10 to one category of ICD-11.
    From10,
    /// From ICD-10 to all that may correspond.
    From10All,
}

impl MapKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::To10, Self::From10, Self::From10All];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::To10 => "11-10",
            Self::From10 => "10-11",
            Self::From10All => "10-11-varios",
        }
    }

    /// Its words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::To10 => "CIE-11 a CIE-10",
            Self::From10 => "CIE-10 a CIE-11",
            Self::From10All => "CIE-10 a CIE-11, todas",
        }
    }
}

/// One correspondence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRow {
    /// CIE-10 code.
    pub icd10: Icd10Code,
    /// ICD-11 code or cluster.
    pub icd11: Box<str>,
    /// WHO's English title of the CIE-10 code, unaltered.
    pub title10: Box<str>,
}

/// A table of equivalent codes.
#[derive(Debug, Clone)]
pub struct Map {
    pub(super) release: String,
    pub(super) kind: MapKind,
    pub(super) rows: Vec<MapRow>,
    /// How many rows name an ICD-11 code, those included that lead to no category of CIE-10.
    pub(super) named: usize,
}

/// The chapters of ICD-10.
const CHAPTERS: [&str; 22] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI",
    "XVII", "XVIII", "XIX", "XX", "XXI", "XXII",
];

pub(super) fn read_map(text: &str, heading: &[&str]) -> Result<Map, ReleaseError> {
    let need = |name: &str| column(heading, name).ok_or(ReleaseError::NotUsed);
    let (icd10, icd11, title10, chapter) =
        (need("icd10Code")?, need("icd11Code")?, need("icd10Title")?, need("icd10Chapter")?);
    let to10 = icd11 < icd10;
    let uri = ["Linearization (release) URI", "Linearization (releaseURI)", "Linearization URI"]
        .iter()
        .find_map(|name| column(heading, name))
        .ok_or(ReleaseError::NotUsed)?;
    let stamp = heading.last().copied().unwrap_or_default();
    let mut release = release_of_stamp(stamp);
    let mut found: Vec<MapRow> = Vec::with_capacity(18_000);
    let mut chapters: Vec<&str> = Vec::new();
    let (mut several, mut named) = (false, 0);
    for row in rows(text, [icd10, icd11, title10, chapter, uri].into_iter().max().unwrap_or_default())? {
        let (line, fields) = row?;
        if let Some(named) = release_of_uri(fields[uri]) {
            release = Some(named.to_owned());
        }
        // "No Mapping" has no chapter.
        if !fields[chapter].is_empty() && !CHAPTERS.contains(&fields[chapter]) {
            return Err(ReleaseError::Damaged { line });
        }
        if !chapters.contains(&fields[chapter]) {
            chapters.push(fields[chapter]);
        }
        let Ok(icd11) = Icd11Code::parse(fields[icd11]) else { continue };
        named += 1;
        // Chapters, blocks and "No Mapping" have no code of the right form.
        let Ok(icd10) = Icd10Code::parse(fields[icd10]) else { continue };
        several |= !to10 && found.last().is_some_and(|last| last.icd10 == icd10);
        found.push(MapRow { icd10, icd11: icd11.as_str().into(), title10: fields[title10].trim().into() });
    }
    if !CHAPTERS.iter().all(|chapter| chapters.contains(chapter)) {
        return Err(ReleaseError::Incomplete);
    }
    let kind = match (to10, several) {
        (true, _) => MapKind::To10,
        (false, false) => MapKind::From10,
        (false, true) => MapKind::From10All,
    };
    Ok(Map { release: release.ok_or(ReleaseError::Damaged { line: 1 })?, kind, rows: found, named })
}

impl Release {
    /// By ICD-11 code: the CIE-10 codes that correspond, WHO's own choice first, then those whose target it is.
    pub(super) fn icd10_by_code(&self) -> HashMap<&str, Vec<Icd10Code>> {
        let mut by_code: HashMap<&str, Vec<Icd10Code>> = HashMap::new();
        // The maps are kept in the order of their kinds.
        for row in self.maps.iter().flat_map(|(_, rows)| rows) {
            if row.icd11.contains(['&', '/']) {
                continue;
            }
            let codes = by_code.entry(&row.icd11).or_default();
            if !codes.contains(&row.icd10) {
                codes.push(row.icd10);
            }
        }
        by_code
    }

    /// WHO's English titles of the CIE-10 codes in the maps.
    #[must_use]
    pub fn icd10_titles(&self) -> HashMap<Icd10Code, Box<str>> {
        self.maps.iter().flat_map(|(_, rows)| rows).map(|row| (row.icd10, row.title10.clone())).collect()
    }
}
