//! A release of ICD-11 as WHO publishes it: the simple tabulation in Spanish and English and the mapping tables.
//!
//! In: the text of WHO's files. Out: the release with titles unaltered, or the reason why the files are not one. WHO's
//! leading "- - " marks and residual dashes of a title are its depth and no part of it.

mod maps;
mod parts;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::catalog::{CORE, IcdEntry, read_entries};
use super::code::{Icd10Code, Icd11Code};
use maps::Map;
pub use maps::{MapKind, MapRow};
pub use parts::Part;
pub use table::{Table, read_table};

/// What a row of the classification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// One of the 28 chapters.
    Chapter,
    /// A grouping without a code.
    Block,
    /// What has a code.
    Category,
}

/// One row of the classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Its code; of a chapter its number, of a block its identifier; empty for the few groupings without either.
    pub id: Box<str>,
    /// Last part of its foundation URI; empty for residual categories.
    pub foundation: Box<str>,
    /// Number of its chapter: 01 to 26, V or X.
    pub chapter: Box<str>,
    /// How far below its chapter it stands.
    pub depth: u8,
    /// A residual category ("other specified", "unspecified").
    pub residual: bool,
    /// Part of the primary tabulation of mortality and morbidity.
    pub primary: bool,
    /// WHO's Spanish title, unaltered; empty where WHO has none.
    pub title_es: Box<str>,
    /// WHO's English title, unaltered.
    pub title_en: Box<str>,
}

impl Entity {
    /// The Spanish title, or the English one where WHO has none in Spanish.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.title_es.is_empty() { &self.title_en } else { &self.title_es }
    }

    /// Whether it is a code that stands by itself; extension codes (chapter X) only follow one.
    #[must_use]
    pub fn is_stem(&self) -> bool {
        self.kind == EntityKind::Category && &*self.chapter != "X"
    }

    /// Whether it is an extension code: one that only makes another more precise.
    #[must_use]
    pub fn is_extension(&self) -> bool {
        self.kind == EntityKind::Category && &*self.chapter == "X"
    }
}

/// Why files are not a release that can be used. The text is for the person who chose them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// No table of WHO's.
    #[error("no es una tabla de la CIE-11 publicada por la OMS")]
    Foreign,
    /// It is WHO's, and not one of those that are read.
    #[error("es una tabla de la OMS que no se usa; hacen falta SimpleTabulation, 10To11Map y 11To10Map")]
    NotUsed,
    /// Cut short or altered.
    #[error("está incompleto o dañado (línea {line})")]
    Damaged {
        /// Where it was noticed, from 1.
        line: usize,
    },
    /// Chapters that have to be there are not.
    #[error("está incompleto: faltan capítulos")]
    Incomplete,
    /// A tabulation in a language that is neither Spanish nor English.
    #[error("no está en español ni en inglés")]
    OtherLanguage,
    /// Files of different releases.
    #[error("los archivos son de ediciones distintas: {0} y {1}")]
    Mixed(String, String),
    /// The Spanish titles are missing.
    #[error("falta la tabla en español de la edición {0} (SimpleTabulation-ICD-11-MMS-es.zip)")]
    NoSpanish(String),
    /// The Spanish and the English table do not have the same rows.
    #[error("la tabla en español y la tabla en inglés no tienen los mismos códigos")]
    Disagree,
    /// A map names codes that the tabulation does not have, or lacks many it has.
    #[error("la tabla de equivalencias con la CIE-10 no corresponde a esta edición o está incompleta")]
    OtherMap,
}

/// A release with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// WHO's name of it, like `2024-01`.
    pub name: String,
    /// The stamp WHO wrote into the tabulation.
    pub stamp: String,
    /// All rows in WHO's order.
    pub entities: Vec<Entity>,
    /// The mapping tables that are there.
    pub maps: Vec<(MapKind, Vec<MapRow>)>,
}

impl Release {
    /// Joins tables to a release; `base` is the same release as it was imported before, to which only maps may be added.
    ///
    /// # Errors
    /// [`ReleaseError`] when something is missing or does not fit together.
    pub fn join(tables: Vec<Table>, base: Option<Self>) -> Result<Self, ReleaseError> {
        let name = tables.first().map(|table| table.release().to_owned()).ok_or(ReleaseError::Foreign)?;
        if let Some(other) = tables.iter().find(|table| table.release() != name) {
            return Err(ReleaseError::Mixed(name, other.release().to_owned()));
        }
        let (mut spanish, mut english, mut maps) = (None, None, Vec::new());
        for table in tables {
            match table {
                Table::Tabulation(table) if table.spanish => spanish = Some(table),
                Table::Tabulation(table) => english = Some(table),
                Table::Map(map) => maps.push(map),
            }
        }
        let base = base.filter(|base| base.name == name);
        let mut release = match (spanish, base) {
            (Some(table), base) => Self {
                name,
                stamp: table.stamp,
                entities: table.entities,
                maps: base.map(|base| base.maps).unwrap_or_default(),
            },
            (None, Some(base)) => base,
            (None, None) => return Err(ReleaseError::NoSpanish(name)),
        };
        if let Some(table) = english {
            release.take_english(table.entities)?;
        }
        for map in maps {
            release.check_map(&map)?;
            release.maps.retain(|(known, _)| *known != map.kind);
            release.maps.push((map.kind, map.rows));
        }
        release.maps.sort_by_key(|(kind, _)| *kind);
        Ok(release)
    }

    fn take_english(&mut self, english: Vec<Entity>) -> Result<(), ReleaseError> {
        let same = |a: &Entity, b: &Entity| (a.kind, &a.id, a.depth) == (b.kind, &b.id, b.depth);
        if self.entities.len() != english.len()
            || !self.entities.iter().zip(&english).all(|(a, b)| same(a, b))
        {
            return Err(ReleaseError::Disagree);
        }
        for (entity, english) in self.entities.iter_mut().zip(english) {
            entity.title_en = english.title_en;
        }
        Ok(())
    }

    /// Every code of a map stands in the release, and the map from ICD-11 speaks of all diseases.
    fn check_map(&self, map: &Map) -> Result<(), ReleaseError> {
        let codes: HashSet<&str> = self.categories().map(|entity| &*entity.id).collect();
        let known = |row: &MapRow| row.icd11.split(['&', '/']).all(|code| codes.contains(code));
        // Traditional medicine, functioning and extension codes have no equivalent.
        let numbered = |entity: &&Entity| entity.chapter.parse::<u8>().is_ok_and(|number| number <= 25);
        let cut = map.kind == MapKind::To10 && map.named < self.categories().filter(numbered).count();
        if cut || !map.rows.iter().all(known) { Err(ReleaseError::OtherMap) } else { Ok(()) }
    }

    fn categories(&self) -> impl Iterator<Item = &Entity> {
        self.entities.iter().filter(|entity| entity.kind == EntityKind::Category)
    }

    /// The codes that can be given to a diagnosis, each with the CIE-10 codes that correspond to it, the best first, and
    /// whether its title is searched: groupings that have an "unspecified" code of their own are found through that, and
    /// traditional medicine and the assessment of functioning only by their codes.
    pub(crate) fn entries(&self) -> Vec<(IcdEntry, bool)> {
        // The core's own order of the CIE-10 codes was chosen; a release that can be read has it too.
        let core: HashMap<String, IcdEntry> = read_entries(CORE)
            .unwrap_or_default()
            .into_iter()
            .map(|entry| (entry.code.as_str().to_owned(), entry))
            .collect();
        let icd10 = self.icd10_by_code();
        let mut entries = Vec::with_capacity(20_000);
        for (at, entity) in self.entities.iter().enumerate().filter(|(_, entity)| entity.is_stem()) {
            let Ok(code) = Icd11Code::parse(&entity.id) else { continue };
            let own = core.get(&*entity.id);
            let mut codes: Vec<Icd10Code> = own.map(|own| own.icd10.clone()).unwrap_or_default();
            for code in icd10.get(&*entity.id).into_iter().flatten() {
                if !codes.contains(code) {
                    codes.push(*code);
                }
            }
            let searched =
                own.is_some() || !matches!(&*entity.chapter, "26" | "V") && !self.has_unspecified_child(at);
            let title = entity.title().to_owned().into();
            let rank = own.map_or(UNRANKED, |own| own.rank);
            entries.push((IcdEntry { code, title, icd10: codes, rank }, searched));
        }
        entries
    }

    fn has_unspecified_child(&self, at: usize) -> bool {
        let depth = self.entities[at].depth;
        self.entities[at + 1..]
            .iter()
            .take_while(|child| child.depth > depth)
            .any(|child| child.depth == depth + 1 && child.residual && child.id.ends_with('Z'))
    }
}

/// The rank of a code that the core does not have: after all of them.
const UNRANKED: u8 = 6;
