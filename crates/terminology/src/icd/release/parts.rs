//! A release as lines of text, one part for each chapter and map: what is kept in the database and read back.

use super::maps::{MapKind, MapRow};
use super::{Entity, EntityKind, Release, ReleaseError};
use crate::icd::code::Icd10Code;

/// A piece of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Number of the chapter, or the stored word of the map.
    pub name: String,
    /// Its rows, tab separated.
    pub text: String,
}

impl Release {
    /// The release in parts, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::with_capacity(32);
        for entity in &self.entities {
            if parts.last().is_none_or(|part| *part.name != *entity.chapter) {
                parts.push(Part { name: entity.chapter.to_string(), text: String::new() });
            }
            let Some(part) = parts.last_mut() else { continue };
            let kind = match entity.kind {
                EntityKind::Chapter => 'h',
                EntityKind::Block => 'b',
                EntityKind::Category => 'c',
            };
            part.text.push_str(&format!(
                "{kind}\t{}\t{}\t{}\t{}{}\t{}\t{}\n",
                entity.id,
                entity.foundation,
                entity.depth,
                u8::from(entity.residual),
                u8::from(entity.primary),
                entity.title_es,
                entity.title_en,
            ));
        }
        for (kind, rows) in &self.maps {
            let text =
                rows.iter().map(|row| format!("{}\t{}\t{}\n", row.icd10, row.icd11, row.title10)).collect();
            parts.push(Part { name: kind.code().to_owned(), text });
        }
        parts
    }

    /// Reads [`Release::parts`] back.
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] with the line of a part that cannot be read.
    pub fn from_parts(name: String, stamp: String, parts: &[Part]) -> Result<Self, ReleaseError> {
        let mut release = Self { name, stamp, entities: Vec::with_capacity(40_000), maps: Vec::new() };
        for part in parts {
            let kind = MapKind::ALL.into_iter().find(|kind| kind.code() == part.name);
            let mut rows = Vec::new();
            for (at, line) in part.text.lines().enumerate() {
                let damaged = ReleaseError::Damaged { line: at + 1 };
                match kind {
                    Some(_) => rows.push(map_row(line).ok_or(damaged)?),
                    None => release.entities.push(entity(line, &part.name).ok_or(damaged)?),
                }
            }
            release.maps.extend(kind.map(|kind| (kind, rows)));
        }
        Ok(release)
    }
}

fn map_row(line: &str) -> Option<MapRow> {
    let mut fields = line.split('\t');
    let (icd10, icd11, title) = (fields.next()?, fields.next()?, fields.next()?);
    Some(MapRow { icd10: Icd10Code::parse(icd10).ok()?, icd11: icd11.into(), title10: title.into() })
}

fn entity(line: &str, chapter: &str) -> Option<Entity> {
    let mut fields = line.split('\t');
    let kind = match fields.next()? {
        "h" => EntityKind::Chapter,
        "b" => EntityKind::Block,
        "c" => EntityKind::Category,
        _ => return None,
    };
    let (id, foundation, depth, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let (title_es, title_en) = (fields.next()?, fields.next()?);
    Some(Entity {
        kind,
        id: id.into(),
        foundation: foundation.into(),
        chapter: chapter.into(),
        depth: depth.parse().ok()?,
        residual: flags.starts_with('1'),
        primary: flags.ends_with('1'),
        title_es: title_es.into(),
        title_en: title_en.into(),
    })
}
