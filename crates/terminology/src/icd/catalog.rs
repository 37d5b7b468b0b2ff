//! The built-in core as it ships: reads the tables of `catalogs/icd11` into entries and phrases.

use std::borrow::Cow;

use super::code::{Icd10Code, Icd11Code, InvalidIcdCode};

/// Codes with WHO's Spanish titles, CIE-10 codes and rank.
pub(crate) const CORE: &str = include_str!("../../../../catalogs/icd11/core.tsv");
/// Own synonyms, one a line; not WHO's.
pub(crate) const SYNONYMS: &str = include_str!("../../../../catalogs/icd11/synonyms.tsv");
/// Wordings observed in written clinical cases (CodiEsp corpus), as further synonyms for the search and the coding.
pub(crate) const OBSERVED: &str = include_str!("../../../../catalogs/icd11/codiesp_mentions.tsv");
/// Words that mean the same in a diagnosis, one group a line.
pub(crate) const SAME_WORDS: &str = include_str!("../../../../catalogs/icd11/words.tsv");

/// One ICD-11 category of the core or of an imported release.
#[derive(Debug, Clone)]
pub struct IcdEntry {
    /// The ICD-11 MMS code.
    pub code: Icd11Code,
    /// WHO's Spanish title, unaltered.
    pub title: Cow<'static, str>,
    /// CIE-10 codes that correspond, the best first; from WHO's mapping tables.
    pub icd10: Vec<Icd10Code>,
    /// How common it is in Mexican primary care: 1 daily, 2 usual, 4 seldom. Breaks ties of the search.
    pub rank: u8,
}

/// What an entry is about, from the chapter of ICD-11 its code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A disease, a state of pregnancy or of the newborn, a malformation (chapters 1 to 20).
    Disease,
    /// A symptom, sign or finding not classified elsewhere (chapter 21).
    Symptom,
    /// An injury, poisoning or other consequence of an external cause (chapter 22).
    Injury,
    /// An external cause (chapter 23).
    ExternalCause,
    /// A reason for contact with the health services that is no illness (chapter 24).
    Contact,
    /// Codes for special purposes and the supplementary chapters.
    Special,
}

impl IcdEntry {
    /// What the entry is about.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self.code.as_str().as_bytes().first() {
            Some(b'1'..=b'9' | b'A'..=b'L') => EntryKind::Disease,
            Some(b'M') => EntryKind::Symptom,
            Some(b'N') => EntryKind::Injury,
            Some(b'P') => EntryKind::ExternalCause,
            Some(b'Q') => EntryKind::Contact,
            _ if self.code.as_str().starts_with("RA") => EntryKind::Disease,
            _ => EntryKind::Special,
        }
    }
}

/// Words that name an entry: its title or one synonym.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    /// Index of the entry.
    pub entry: u32,
    /// The words as written in the table.
    pub text: Cow<'static, str>,
    /// The CIE-10 code of exactly these words, when it is narrower than the entry.
    pub icd10: Option<Icd10Code>,
    /// Too ambiguous to be recognised in running text.
    pub search_only: bool,
    /// WHO's title and not a synonym.
    pub is_title: bool,
    /// How often it was seen with this code in annotated clinical cases; 0 for titles and own synonyms.
    pub seen: u32,
}

impl Naming {
    /// What it counts as evidence that its words mean its code.
    pub(crate) fn mass(&self) -> f32 {
        if self.seen == 0 { 0.5 } else { self.seen as f32 }
    }
}

/// Why a catalogue table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A line lacks a column or holds a value that cannot be read.
    #[error("catálogo CIE-11: la línea {line} no se puede leer: {text}")]
    Row {
        /// Line number, from 1, the heading included.
        line: usize,
        /// The line.
        text: String,
    },
    /// A line holds a code that is not well formed.
    #[error("catálogo CIE-11: la línea {line} tiene un código mal formado")]
    Code {
        /// Line number, from 1, the heading included.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: InvalidIcdCode,
    },
}

/// Lines of a table after its heading, with their numbers from 2.
pub(crate) fn lines(table: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    table
        .lines()
        .enumerate()
        .skip(1)
        .map(|(i, l)| (i + 1, l))
        .filter(|(_, l)| !l.is_empty() && !l.starts_with('#'))
}

/// Reads the table of codes.
///
/// # Errors
/// [`CatalogError`] at the first line that cannot be read.
pub(crate) fn read_entries(table: &'static str) -> Result<Vec<IcdEntry>, CatalogError> {
    let mut entries = Vec::with_capacity(table.len() / 64);
    for (line, text) in lines(table) {
        let row = || CatalogError::Row { line, text: text.to_owned() };
        let mut fields = text.split('\t');
        let (Some(code), Some(title), Some(icd10), Some(rank)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(row());
        };
        let code = Icd11Code::parse(code).map_err(|cause| CatalogError::Code { line, cause })?;
        let icd10 = icd10
            .split(',')
            .filter(|c| !c.is_empty())
            .map(Icd10Code::parse)
            .collect::<Result<_, _>>()
            .map_err(|cause| CatalogError::Code { line, cause })?;
        entries.push(IcdEntry { code, title: title.into(), icd10, rank: rank.parse().map_err(|_| row())? });
    }
    Ok(entries)
}

/// Reads the table of synonyms; `entry_of` finds the entry of a code.
///
/// # Errors
/// [`CatalogError`] at the first line that cannot be read or names a code outside the core.
pub(crate) fn read_synonyms(
    table: &'static str,
    entry_of: impl Fn(&str) -> Option<u32>,
) -> Result<Vec<Naming>, CatalogError> {
    let mut namings = Vec::with_capacity(table.len() / 32);
    for (line, text) in lines(table) {
        let row = || CatalogError::Row { line, text: text.to_owned() };
        let mut fields = text.split('\t');
        let (Some(code), Some(words), Some(icd10), Some(flag)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(row());
        };
        let icd10 = match icd10 {
            "" => None,
            code => Some(Icd10Code::parse(code).map_err(|cause| CatalogError::Code { line, cause })?),
        };
        let seen = fields.next().map_or(Ok(0), str::parse).map_err(|_| row())?;
        let entry = entry_of(code).ok_or_else(row)?;
        namings.push(Naming {
            entry,
            text: words.into(),
            icd10,
            search_only: flag == "s",
            is_title: false,
            seen,
        });
    }
    Ok(namings)
}

/// Reads the groups of equal words: the first of each line stands for the others.
pub(crate) fn read_same_words(
    table: &'static str,
) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    lines(table).filter_map(|(_, text)| {
        let (first, others) = text.split_once('\t')?;
        Some((first, others.split(' ').filter(|w| !w.is_empty()).collect()))
    })
}
