//! The index of a PDF: where each object lies, gathered from its newest part to its oldest.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::object::{Dictionary, Object};
use super::parse::Parser;
use super::stream::unpack;

/// Most objects of a file.
const MOST_OBJECTS: usize = 1_000_000;
/// Most parts of an index: one for each time something was added to the file.
const MOST_PARTS: usize = 1_000;
/// Most bytes the packed parts of an index unpack to, all together.
const MOST_UNPACKED: usize = 32 << 20;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Not in use.
    Free,
    /// At a place of the file.
    At { offset: usize, generation: u16 },
    /// In a stream of objects, the so manieth.
    Packed { container: u32, index: usize },
}

/// How the newest part of an index is written; what is added is written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Table,
    Stream,
}

/// The whole index.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) entries: BTreeMap<u32, Entry>,
    /// The trailer of the newest part.
    pub(crate) trailer: Dictionary,
    pub(crate) style: Style,
    /// Where the newest part begins.
    pub(crate) start: usize,
    /// Where each part begins.
    pub(crate) parts: BTreeSet<usize>,
    /// Where the file ends by its own account: behind the last `%%EOF`.
    pub(crate) end: usize,
}

impl Index {
    /// Reads the index the last `startxref` of the bytes points to, and all before it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let (start, end) = last_start(bytes)?;
        let mut reading = Reading { bytes, entries: BTreeMap::new(), left: MOST_UNPACKED };
        let (trailer, style) = reading.part(start)?;
        let mut seen = BTreeSet::from([start]);
        let mut older = trailer.clone();
        loop {
            if let Some(hybrid) = older.get("XRefStm").and_then(Object::as_index) {
                reading.part(hybrid)?;
                seen.insert(hybrid);
            }
            let Some(previous) = older.get("Prev") else { break };
            let at = previous.as_index().unwrap_or(usize::MAX);
            if !seen.insert(at) || seen.len() > MOST_PARTS {
                return Err(Error::Endless { what: "su índice" });
            }
            older = reading.part(at)?.0;
        }
        Ok(Self { entries: reading.entries, trailer, style, start, parts: seen, end })
    }
}

/// The number behind the last `startxref`, and where its `%%EOF` ends.
fn last_start(bytes: &[u8]) -> Result<(usize, usize), Error> {
    const WORD: &[u8] = b"startxref";
    let missing = Error::Damaged { at: bytes.len(), what: "the file has no end" };
    let at = bytes.windows(WORD.len()).rposition(|window| window == WORD).ok_or(missing)?;
    let mut parser = Parser::new(bytes, at + WORD.len());
    let start = parser.number().ok_or_else(|| parser.broken("the end of the file names no index"))?;
    let mut end = parser.at();
    while bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
        end += 1;
    }
    if !bytes.get(end..).unwrap_or_default().starts_with(b"%%EOF") {
        return Err(parser.broken("the file has no end"));
    }
    Ok((start, end + 5))
}

struct Reading<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<u32, Entry>,
    left: usize,
}

impl Reading<'_> {
    /// Newer parts are read first: what they say of an object stays.
    fn note(&mut self, number: u32, entry: Entry) -> Result<(), Error> {
        self.entries.entry(number).or_insert(entry);
        if self.entries.len() > MOST_OBJECTS {
            return Err(Error::Endless { what: "su índice" });
        }
        Ok(())
    }

    fn part(&mut self, at: usize) -> Result<(Dictionary, Style), Error> {
        let mut parser = Parser::new(self.bytes, at);
        if parser.word(b"xref") {
            table(&mut parser, &mut |number, entry| self.note(number, entry))?;
            if !parser.word(b"trailer") {
                return Err(parser.broken("the index has no trailer"));
            }
            let Object::Dictionary(trailer) = parser.object()? else {
                return Err(parser.broken("the trailer is no dictionary"));
            };
            return Ok((trailer, Style::Table));
        }
        let object = parser.indirect(None, &|_| None)?;
        let (Object::Dictionary(trailer), Some(range)) = (object.value, object.stream) else {
            return Err(parser.broken("the index is none"));
        };
        if !trailer.is("Type", "XRef") {
            return Err(parser.broken("the index is none"));
        }
        let plain = unpack(&trailer, self.bytes.get(range).unwrap_or_default(), self.left)?;
        self.left = self.left.saturating_sub(plain.len());
        self.packed(&trailer, &plain).ok_or_else(|| parser.broken("a packed index is broken"))??;
        Ok((trailer, Style::Stream))
    }

    /// The entries of an index that is a stream (ISO 32000-1, 7.5.8); `None` where it is broken.
    fn packed(&mut self, trailer: &Dictionary, plain: &[u8]) -> Option<Result<(), Error>> {
        let numbers = |object: &Object| -> Option<Vec<usize>> {
            object.as_array()?.iter().map(Object::as_index).collect()
        };
        let widths = numbers(trailer.get("W")?)?;
        let [kind_width, second_width, third_width] = widths.try_into().ok()?;
        if [kind_width, second_width, third_width].iter().any(|width| *width > 8) {
            return None;
        }
        let size = trailer.get("Size")?.as_index()?;
        let runs = trailer.get("Index").map_or(Some(vec![0, size]), numbers)?;
        let mut fields = Fields { plain };
        for run in runs.chunks(2) {
            let [first, count] = run.try_into().ok()?;
            for number in first..first.checked_add(count)? {
                let kind = if kind_width == 0 { 1 } else { fields.next(kind_width)? };
                let (second, third) = (fields.next(second_width)?, fields.next(third_width)?);
                let entry = match kind {
                    0 => Entry::Free,
                    1 => Entry::At { offset: second, generation: u16::try_from(third).ok()? },
                    2 => Entry::Packed { container: u32::try_from(second).ok()?, index: third },
                    _ => return None,
                };
                if let Err(error) = self.note(u32::try_from(number).ok()?, entry) {
                    return Some(Err(error));
                }
            }
        }
        Some(Ok(()))
    }
}

struct Fields<'a> {
    plain: &'a [u8],
}

impl Fields<'_> {
    /// A number of so many bytes, at most eight.
    fn next(&mut self, width: usize) -> Option<usize> {
        let (field, rest) = self.plain.split_at_checked(width)?;
        self.plain = rest;
        usize::try_from(field.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))).ok()
    }
}

/// The lines of a classic index, from behind the word `xref` to before `trailer`.
pub(crate) fn table(
    parser: &mut Parser<'_>,
    note: &mut dyn FnMut(u32, Entry) -> Result<(), Error>,
) -> Result<(), Error> {
    while let Some(first) = parser.number() {
        let count = parser.number().ok_or_else(|| parser.broken("a part of the index has no count"))?;
        for place in 0..count {
            let (Some(offset), Some(generation)) = (parser.number(), parser.number()) else {
                return Err(parser.broken("a line of the index is broken"));
            };
            let entry = if parser.word(b"n") {
                let generation = u16::try_from(generation);
                Entry::At {
                    offset,
                    generation: generation.map_err(|_| parser.broken("a generation is too large"))?,
                }
            } else if parser.word(b"f") {
                Entry::Free
            } else {
                return Err(parser.broken("a line of the index is broken"));
            };
            let number = first.checked_add(place).and_then(|number| u32::try_from(number).ok());
            note(number.ok_or_else(|| parser.broken("an object has too large a number"))?, entry)?;
        }
    }
    Ok(())
}
