//! Adds to a PDF behind its end: what was there stays byte for byte, so that earlier signatures hold.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::error::Error;
use super::file::File;
use super::object::{Dictionary, Id, Object};
use super::xref::{Entry, Style};

/// Objects to be added, or to take the place of older ones.
pub(crate) struct Increment<'a> {
    file: &'a File<'a>,
    bodies: BTreeMap<Id, Vec<u8>>,
    next: u32,
}

/// A file with an increment.
pub(crate) struct Grown {
    pub(crate) bytes: Vec<u8>,
    /// Where the body of each added object begins.
    pub(crate) bodies: BTreeMap<Id, usize>,
}

impl<'a> Increment<'a> {
    pub(crate) fn new(file: &'a File<'a>) -> Self {
        let named = file.index.trailer.get("Size").and_then(Object::as_index).unwrap_or(0);
        let used = file.index.entries.keys().next_back().map_or(0, |last| last.saturating_add(1));
        let next = u32::try_from(named).unwrap_or(used).max(used);
        Self { file, bodies: BTreeMap::new(), next }
    }

    /// A number for a new object.
    pub(crate) fn reserve(&mut self) -> Id {
        let id = Id { number: self.next, generation: 0 };
        self.next = self.next.saturating_add(1);
        id
    }

    pub(crate) fn set(&mut self, id: Id, entries: &Dictionary) {
        let mut body = Vec::new();
        entries.write(&mut body);
        self.bodies.insert(id, body);
    }

    /// A body as it will be written.
    pub(crate) fn set_written(&mut self, id: Id, body: Vec<u8>) {
        self.bodies.insert(id, body);
    }

    /// A new stream, not packed.
    pub(crate) fn add_stream(&mut self, data: &[u8]) -> Id {
        let id = self.reserve();
        let mut body = Vec::new();
        Dictionary::of([("Length", Object::integer(data.len()))]).write(&mut body);
        body.extend(b"\nstream\n");
        body.extend(data);
        body.extend(b"\nendstream");
        self.bodies.insert(id, body);
        id
    }

    /// The file with all of it, and an index in the manner of the file's own.
    pub(crate) fn finish(mut self) -> Result<Grown, Error> {
        let mut bytes = self.file.bytes.to_vec();
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        let index_id = (self.file.index.style == Style::Stream).then(|| self.reserve());
        if usize::try_from(self.next).unwrap_or(usize::MAX) > 8_388_607 {
            return Err(Error::Endless { what: "su índice" });
        }
        let (mut offsets, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        for (id, body) in &self.bodies {
            offsets.insert(*id, bytes.len());
            bytes.extend(format!("{} {} obj\n", id.number, id.generation).bytes());
            bodies.insert(*id, bytes.len());
            bytes.extend(body);
            bytes.extend(b"\nendobj\n");
        }
        let start = bytes.len();
        let trailer = self.trailer(&bytes);
        match index_id {
            None => write_table(&offsets, &trailer, &mut bytes),
            Some(id) => {
                offsets.insert(id, start);
                write_stream(id, &offsets, trailer, &mut bytes);
            }
        }
        bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        Ok(Grown { bytes, bodies })
    }

    /// The trailer: the first half of the file's identifier stays, the second says that it is another version.
    fn trailer(&self, written: &[u8]) -> Dictionary {
        let old = &self.file.index.trailer;
        let mut trailer = Dictionary::default();
        for key in ["Root", "Info"] {
            if let Some(value) = old.get(key) {
                trailer.set(key, value.clone());
            }
        }
        if let Some([first, _]) = old.get("ID").and_then(Object::as_array) {
            let version = Sha256::digest(written).iter().take(16).copied().collect();
            trailer.set("ID", Object::Array(vec![first.clone(), Object::Text(version)]));
        }
        trailer.set("Size", Object::Integer(i64::from(self.next)));
        trailer.set("Prev", Object::integer(self.file.index.start));
        trailer
    }
}

/// Runs of numbers that follow each other.
fn runs(offsets: &BTreeMap<Id, usize>) -> Vec<(u32, Vec<Entry>)> {
    let mut runs: Vec<(u32, Vec<Entry>)> = Vec::new();
    let mut expected = None;
    for (id, offset) in offsets {
        let entry = Entry::At { offset: *offset, generation: id.generation };
        match runs.last_mut().filter(|_| expected == Some(id.number)) {
            Some((_, run)) => run.push(entry),
            None => runs.push((id.number, vec![entry])),
        }
        expected = id.number.checked_add(1);
    }
    runs
}

fn write_table(offsets: &BTreeMap<Id, usize>, trailer: &Dictionary, bytes: &mut Vec<u8>) {
    bytes.extend(b"xref\n");
    for (first, run) in runs(offsets) {
        bytes.extend(format!("{first} {}\n", run.len()).bytes());
        for entry in run {
            if let Entry::At { offset, generation } = entry {
                bytes.extend(format!("{offset:010} {generation:05} n \n").bytes());
            }
        }
    }
    bytes.extend(b"trailer\n");
    trailer.write(bytes);
    bytes.push(b'\n');
}

fn write_stream(id: Id, offsets: &BTreeMap<Id, usize>, mut trailer: Dictionary, bytes: &mut Vec<u8>) {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (first, run) in runs(offsets) {
        index.extend([Object::Integer(i64::from(first)), Object::integer(run.len())]);
        for entry in run {
            if let Entry::At { offset, generation } = entry {
                data.push(1);
                data.extend(u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes());
                data.extend(generation.to_be_bytes());
            }
        }
    }
    trailer.set("Type", Object::name("XRef"));
    trailer.set("W", Object::Array([1, 4, 2].map(Object::Integer).to_vec()));
    trailer.set("Index", Object::Array(index));
    trailer.set("Length", Object::integer(data.len()));
    bytes.extend(format!("{} {} obj\n", id.number, id.generation).bytes());
    trailer.write(bytes);
    bytes.extend(b"\nstream\n");
    bytes.extend(&data);
    bytes.extend(b"\nendstream\nendobj\n");
}
