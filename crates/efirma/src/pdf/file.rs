//! A PDF whose objects are read when they are asked for, within bounds.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::error::Error;
use super::object::{Dictionary, Id, Object};
use super::parse::{Indirect, Parser};
use super::stream::unpack;
use super::xref::{Entry, Index};
use super::{MOST_BYTES, MOST_PAGES};

/// Most bytes that packed objects unpack to, all together.
const MOST_UNPACKED: usize = 64 << 20;
/// Most bytes one packed stream unpacks to.
const MOST_UNPACKED_AT_ONCE: usize = 16 << 20;
/// How many times over a file may be read in all, on top of what is packed.
const PATIENCE: usize = 4;
/// How long a chain of references may be.
const LONGEST_CHAIN: usize = 16;
/// How high the tree of pages or of fields may be.
pub(crate) const HIGHEST_TREE: usize = 32;

/// A PDF.
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) index: Index,
    unpacked: RefCell<BTreeMap<u32, Rc<Unpacked>>>,
    left: Cell<usize>,
    /// How many bytes may still be read as values: an index can name one place a million times.
    patience: Cell<usize>,
}

/// A stream of objects, unpacked: its bytes, and number and place of each object.
struct Unpacked {
    plain: Vec<u8>,
    objects: Vec<(u32, usize)>,
}

impl<'a> File<'a> {
    /// Reads the index.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(Error::NotPdf);
        }
        if bytes.len() > MOST_BYTES {
            return Err(Error::TooLarge);
        }
        let index = Index::read(bytes)?;
        if index.trailer.get("Encrypt").is_some() {
            return Err(Error::Encrypted);
        }
        let patience = Cell::new(bytes.len().saturating_mul(PATIENCE).saturating_add(MOST_UNPACKED));
        Ok(Self { bytes, index, unpacked: RefCell::default(), left: Cell::new(MOST_UNPACKED), patience })
    }

    /// Refuses a file with something behind its end: two programs could read it differently.
    pub(crate) fn ends_cleanly(&self) -> Result<(), Error> {
        let mut rest = Parser::new(self.bytes, self.index.end);
        if rest.is_done() { Ok(()) } else { Err(rest.broken("something stands behind the end of the file")) }
    }

    fn spend(&self, bytes: usize) -> Result<(), Error> {
        let left = self.patience.get().checked_sub(bytes).ok_or(Error::Endless { what: "sus objetos" })?;
        self.patience.set(left);
        Ok(())
    }

    pub(crate) fn entry(&self, number: u32) -> Entry {
        self.index.entries.get(&number).copied().unwrap_or(Entry::Free)
    }

    /// The object of that number; `None` if the file has none.
    pub(crate) fn get(&self, number: u32) -> Result<Option<Indirect>, Error> {
        match self.entry(number) {
            Entry::Free => Ok(None),
            Entry::At { offset, generation } => {
                let mut parser = Parser::new(self.bytes, offset);
                let found = parser.indirect(Some(Id { number, generation }), &|id| self.length(id));
                self.spend(parser.at().saturating_sub(offset))?;
                found.map(Some)
            }
            Entry::Packed { container, index } => {
                let unpacked = self.container(container)?;
                let (_, at) = unpacked
                    .objects
                    .get(index)
                    .filter(|(own, _)| *own == number)
                    .ok_or(Error::Damaged { at: 0, what: "a packed object is not where the index says" })?;
                let mut parser = Parser::new(&unpacked.plain, *at);
                let value = parser.object();
                self.spend(parser.at().saturating_sub(*at))?;
                let value = value?;
                Ok(Some(Indirect { id: Id { number, generation: 0 }, value, stream: None }))
            }
        }
    }

    /// The number an object at a place of the file holds. Never one in a stream: its own length could be asked next.
    pub(crate) fn length(&self, id: Id) -> Option<usize> {
        let Entry::At { offset, generation } = self.entry(id.number) else { return None };
        let mut parser = Parser::new(self.bytes, offset);
        let found = parser.indirect(Some(id), &|_| None);
        self.spend(parser.at().saturating_sub(offset)).ok()?;
        found.ok().filter(|_| generation == id.generation)?.value.as_index()
    }

    fn container(&self, number: u32) -> Result<Rc<Unpacked>, Error> {
        if let Some(known) = self.unpacked.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let broken = |what| Error::Damaged { at: 0, what };
        if !matches!(self.entry(number), Entry::At { .. }) {
            return Err(broken("a stream of objects lies in another"));
        }
        let holder = self.get(number)?;
        let (Some(entries), Some(packed)) = (
            holder.as_ref().and_then(|holder| holder.value.as_dictionary()),
            holder.as_ref().and_then(|holder| self.bytes.get(holder.stream.clone()?)),
        ) else {
            return Err(broken("a stream of objects is none"));
        };
        let plain = unpack(entries, packed, self.left.get().min(MOST_UNPACKED_AT_ONCE))?;
        self.left.set(self.left.get().saturating_sub(plain.len()));
        let (Some(count), Some(first)) = (
            entries.get("N").and_then(Object::as_index).filter(|_| entries.is("Type", "ObjStm")),
            entries.get("First").and_then(Object::as_index),
        ) else {
            return Err(broken("a stream of objects is none"));
        };
        let mut heads = Parser::new(&plain, 0);
        let mut objects = Vec::new();
        for _ in 0..count {
            let own = heads.number().and_then(|own| u32::try_from(own).ok());
            let at = heads.number().and_then(|at| at.checked_add(first));
            objects.push(own.zip(at).ok_or_else(|| heads.broken("a stream of objects is broken"))?);
        }
        let unpacked = Rc::new(Unpacked { plain, objects });
        self.unpacked.borrow_mut().insert(number, Rc::clone(&unpacked));
        Ok(unpacked)
    }

    /// The value, followed to where it stands. What is not there is null (ISO 32000-1, 7.3.10).
    pub(crate) fn resolve(&self, value: &Object) -> Result<Object, Error> {
        let mut value = value.clone();
        for _ in 0..LONGEST_CHAIN {
            let Object::Reference(id) = value else { return Ok(value) };
            value =
                self.get(id.number)?.filter(|found| found.id == id).map_or(Object::Null, |found| found.value);
        }
        Err(Error::Endless { what: "una cadena de referencias" })
    }

    /// The entry of a dictionary, followed to where it stands.
    pub(crate) fn entry_of(&self, entries: &Dictionary, key: &str) -> Result<Object, Error> {
        entries.get(key).map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// The dictionary a value is or points to.
    pub(crate) fn dictionary(&self, value: &Object) -> Result<Option<Dictionary>, Error> {
        Ok(match self.resolve(value)? {
            Object::Dictionary(entries) => Some(entries),
            _ => None,
        })
    }

    /// The catalogue with its id.
    pub(crate) fn catalog(&self) -> Result<(Id, Dictionary), Error> {
        const MISSING: Error = Error::Damaged { at: 0, what: "the catalogue is missing" };
        let id = self.index.trailer.get("Root").and_then(Object::as_reference).ok_or(MISSING)?;
        Ok((id, self.dictionary(&Object::Reference(id))?.ok_or(MISSING)?))
    }

    /// The form of the file; empty if it has none.
    pub(crate) fn form(&self) -> Result<Dictionary, Error> {
        let (_, catalog) = self.catalog()?;
        let Some(form) = catalog.get("AcroForm") else { return Ok(Dictionary::default()) };
        Ok(self.dictionary(form)?.unwrap_or_default())
    }

    /// The pages in their order.
    pub(crate) fn pages(&self) -> Result<Vec<Id>, Error> {
        let (_, catalog) = self.catalog()?;
        let mut pages = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut open: Vec<(Object, usize)> =
            catalog.get("Pages").map(|root| (root.clone(), 0)).into_iter().collect();
        while let Some((node, depth)) = open.pop() {
            let broken = Error::Damaged { at: 0, what: "the tree of pages is broken" };
            let Some(id) = node.as_reference().filter(|id| seen.insert(*id)) else { return Err(broken) };
            let entries = self.dictionary(&node)?.ok_or(broken)?;
            if depth > HIGHEST_TREE || seen.len() > 2 * MOST_PAGES {
                return Err(Error::Endless { what: "el árbol de sus hojas" });
            }
            match self.entry_of(&entries, "Kids")? {
                Object::Array(kids) => open.extend(kids.into_iter().rev().map(|kid| (kid, depth + 1))),
                _ => pages.push(id),
            }
        }
        Ok(pages)
    }

    /// How often the objects of the file name each object.
    pub(crate) fn references(&self) -> Result<BTreeMap<u32, usize>, Error> {
        let mut counts = BTreeMap::new();
        let mut seen = |id: Id| *counts.entry(id.number).or_insert(0_usize) += 1;
        self.index.trailer.0.values().for_each(|value| value.each_reference(&mut seen));
        for (number, entry) in &self.index.entries {
            let Some(mut found) = self.get(*number)? else { continue };
            // An index that is a stream names catalogue and information in its trailer, which was counted.
            if let (Object::Dictionary(entries), Entry::At { offset, .. }) = (&mut found.value, entry)
                && self.index.parts.contains(offset)
            {
                *entries = entries.without(&["Root", "Info"]);
            }
            found.value.each_reference(&mut seen);
        }
        Ok(counts)
    }
}
