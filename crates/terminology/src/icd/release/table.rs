//! Reads one of WHO's files: which it is, of which release, and its rows.

use super::maps::{Map, read_map};
use super::{Entity, EntityKind, ReleaseError};

/// One file that was read.
#[derive(Debug, Clone)]
pub enum Table {
    /// The classification in one language.
    Tabulation(Tabulation),
    /// A table of equivalent codes.
    Map(Map),
}

impl Table {
    /// The release it belongs to.
    #[must_use]
    pub fn release(&self) -> &str {
        match self {
            Self::Tabulation(table) => &table.release,
            Self::Map(map) => &map.release,
        }
    }
}

/// The classification in one language.
#[derive(Debug, Clone)]
pub struct Tabulation {
    pub(super) release: String,
    pub(super) stamp: String,
    pub(super) spanish: bool,
    pub(super) entities: Vec<Entity>,
}

/// Reads the text of a file.
///
/// # Errors
/// [`ReleaseError`] when it is no table of WHO's, another one, or damaged.
pub fn read_table(text: &str) -> Result<Table, ReleaseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let heading: Vec<&str> = text.lines().next().unwrap_or_default().split('\t').collect();
    let has = |name: &str| column(&heading, name).is_some();
    if has("Code") && has("ClassKind") && has("ChapterNo") && has("Title") {
        return read_tabulation(text, &heading).map(Table::Tabulation);
    }
    if has("icd10Code") && has("icd11Code") {
        return read_map(text, &heading).map(Table::Map);
    }
    Err(if has("icd10Code") || has("Foundation URI") { ReleaseError::NotUsed } else { ReleaseError::Foreign })
}

/// The place of a column in a heading, whatever the case of its name.
pub(super) fn column(heading: &[&str], name: &str) -> Option<usize> {
    heading.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
}

/// The lines after the heading with their numbers, each of at least as many columns as are needed. The last line of a
/// file that was not cut ends.
pub(super) fn rows(
    text: &str,
    needed: usize,
) -> Result<impl Iterator<Item = Result<(usize, Vec<&str>), ReleaseError>>, ReleaseError> {
    if !text.ends_with('\n') {
        return Err(ReleaseError::Damaged { line: text.lines().count() });
    }
    Ok(text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()).map(move |(at, line)| {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() <= needed {
            return Err(ReleaseError::Damaged { line: at + 1 });
        }
        Ok((at + 1, fields))
    }))
}

/// The release named in an address like `…/release/11/2024-01/mms/…`.
pub(super) fn release_of_uri(uri: &str) -> Option<&str> {
    let name = uri.split_once("/release/11/")?.1.split('/').next()?;
    (name != "mms" && !name.is_empty()).then_some(name)
}

/// `2024-01` of "Version:2024 Jan 21 - 22:30 UTC" or "2024-Jan-21".
pub(super) fn release_of_stamp(stamp: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = stamp.split([' ', '-']).filter(|word| !word.is_empty());
    let year: u16 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|known| month.starts_with(known))? + 1;
    Some(format!("{year}-{month:02}"))
}

/// Chapters of every release; the supplementary ones come last.
const CHAPTERS: [&str; 28] = [
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17",
    "18", "19", "20", "21", "22", "23", "24", "25", "26", "V", "X",
];

/// Where the columns of a tabulation are.
struct Columns {
    code: usize,
    block: usize,
    kind: usize,
    chapter: usize,
    title: usize,
    /// The English title beside that of another language; the English file has one column only.
    english: Option<usize>,
    leaf: usize,
    residual: usize,
    primary: usize,
    foundation: usize,
    uri: usize,
}

impl Columns {
    fn of(heading: &[&str]) -> Option<Self> {
        let at = |name: &str| column(heading, name);
        Some(Self {
            code: at("Code")?,
            block: at("BlockId")?,
            kind: at("ClassKind")?,
            chapter: at("ChapterNo")?,
            title: at("Title")?,
            english: at("TitleEN"),
            leaf: at("isLeaf")?,
            residual: at("IsResidual")?,
            primary: at("Primary tabulation")?,
            foundation: at("Foundation URI")?,
            uri: at("Linearization URI").or_else(|| at("Linearization (release) URI"))?,
        })
    }

    /// The last column that every row has to have.
    fn last(&self) -> usize {
        let all = [self.code, self.block, self.kind, self.chapter, self.title, self.leaf, self.residual];
        let more = [self.primary, self.foundation, self.uri, self.english.unwrap_or_default()];
        all.into_iter().chain(more).max().unwrap_or_default()
    }

    /// What a row says, and whether it is a leaf.
    fn entity(&self, fields: &[&str]) -> Option<(Entity, bool)> {
        let is = |at: usize| fields[at].eq_ignore_ascii_case("true");
        let (depth, own) = titled(fields[self.title]);
        // Where WHO has no title yet, only the English one has all its marks.
        let (depth, title_es, title_en) = match self.english.map(|at| titled(fields[at])) {
            Some((depth, english)) => (depth, own, english),
            None => (depth, String::new(), own),
        };
        let (kind, id) = match fields[self.kind] {
            "chapter" => (EntityKind::Chapter, fields[self.chapter]),
            "block" => (EntityKind::Block, fields[self.block]),
            "category" if !fields[self.code].is_empty() => (EntityKind::Category, fields[self.code]),
            _ => return None,
        };
        let entity = Entity {
            kind,
            id: id.into(),
            foundation: fields[self.foundation].rsplit('/').next().unwrap_or_default().into(),
            chapter: fields[self.chapter].into(),
            depth,
            residual: is(self.residual),
            primary: is(self.primary),
            title_es: title_es.into(),
            title_en: title_en.into(),
        };
        (!entity.title_en.is_empty() && !entity.chapter.is_empty()).then_some((entity, is(self.leaf)))
    }
}

fn read_tabulation(text: &str, heading: &[&str]) -> Result<Tabulation, ReleaseError> {
    let columns = Columns::of(heading).ok_or(ReleaseError::Foreign)?;
    let stamp = heading.iter().find_map(|column| column.trim().strip_prefix("Version:")).unwrap_or_default();
    let mut release = release_of_stamp(stamp);
    let mut entities: Vec<Entity> = Vec::with_capacity(40_000);
    let mut last: Option<(u8, bool)> = None;
    for row in rows(text, columns.last())? {
        let (line, fields) = row?;
        let (entity, leaf) = columns.entity(&fields).ok_or(ReleaseError::Damaged { line })?;
        // What has no children is a leaf and the other way round: where lines are missing that does not hold.
        if let Some((depth, leaf)) = last
            && (entity.depth > depth + 1 || leaf != (entity.depth <= depth))
        {
            return Err(ReleaseError::Damaged { line });
        }
        last = Some((entity.depth, leaf));
        if entities.is_empty()
            && let Some(named) = release_of_uri(fields[columns.uri])
        {
            release = Some(named.to_owned());
        }
        entities.push(entity);
    }
    let chapters: Vec<&str> = entities
        .iter()
        .filter(|entity| entity.kind == EntityKind::Chapter)
        .map(|entity| &*entity.id)
        .collect();
    let closed = last.is_some_and(|(_, leaf)| leaf);
    if !closed || !CHAPTERS.iter().all(|known| chapters.contains(known)) {
        return Err(ReleaseError::Incomplete);
    }
    let spanish = columns.english.is_some();
    if !in_language(&entities, spanish) {
        return Err(ReleaseError::OtherLanguage);
    }
    let release = release.ok_or(ReleaseError::Damaged { line: 1 })?;
    Ok(Tabulation { release, stamp: stamp.trim().to_owned(), spanish, entities })
}

/// The depth marks of a title counted, and the title without them and without the quotes of the file.
fn titled(field: &str) -> (u8, String) {
    let field = field.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(field);
    let mut text = field.trim_end();
    let mut depth = 0;
    while let Some(rest) = text.strip_prefix("- ").or_else(|| (text == "-").then_some("")) {
        text = rest;
        depth += 1;
    }
    (depth, text.replace("\"\"", "\""))
}

/// Whether the titles are in the language they should be in: words that no other language has so often.
fn in_language(entities: &[Entity], spanish: bool) -> bool {
    let words: [&str; 3] = if spanish { [" del ", " de la ", " por "] } else { [" of ", " due to ", " or "] };
    let title = |entity: &Entity| if spanish { entity.title_es.clone() } else { entity.title_en.clone() };
    let hits = entities.iter().filter(|entity| words.iter().any(|word| title(entity).contains(word))).count();
    hits * 10 > entities.len()
}
