//! What happened to a PDF after it was signed. Two states of the file are compared, the signed one and the last one, object
//! by object. What may change is a short list (more evidence, another signature without a picture, the dates of the
//! file); anything else is an alteration, also when it would not be seen: nobody can say what every program shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::error::Error;
use super::file::File;
use super::found::signature_fields;
use super::object::{Dictionary, Id, Object};
use super::parse::{Indirect, Parser};
use super::xref::{Entry, table};

/// What happened to a file after a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// The signature covers the whole file.
    Nothing,
    /// Something was added that changes nothing of what is seen.
    Added(BTreeSet<Addition>),
    /// What was signed is not what is seen.
    Altered(BTreeSet<Alteration>),
}

/// Something added that changes nothing of what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Addition {
    /// Another signature.
    Signature,
    /// A timestamp over the file.
    Timestamp,
    /// A place for a signature, empty.
    EmptyField,
    /// Certificates and answers of revocation.
    Evidence,
    /// Dates, producer and metadata of the file.
    Metadata,
    /// Blanks or a remark behind the end.
    Remark,
}

/// Something changed after the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alteration {
    /// A page, or which pages there are.
    Page,
    /// Text, pictures or fonts.
    Content,
    /// Something lies on a page: a note, a stamp, a link.
    Annotation,
    /// A field of the form, or what it holds.
    Field,
    /// A signature with a picture, which can cover what was signed.
    VisibleSignature,
    /// How the file opens and behaves.
    Behaviour,
    /// Something that was signed is gone.
    Removed,
    /// Bytes that are no version of a PDF.
    LooseData,
    /// Two programs could show two different things.
    Ambiguous,
    /// What was added cannot be read.
    Unreadable,
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "otra firma",
            Self::Timestamp => "un sello de tiempo",
            Self::EmptyField => "un espacio para otra firma",
            Self::Evidence => "pruebas de validez de los certificados",
            Self::Metadata => "datos del archivo que no se ven en la hoja",
            Self::Remark => "un comentario técnico al final del archivo",
        })
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page => "se cambió, agregó o quitó una hoja",
            Self::Content => "se cambió el texto, una imagen o un tipo de letra",
            Self::Annotation => "se puso o se cambió algo encima de una hoja",
            Self::Field => "se cambió un campo del formulario",
            Self::VisibleSignature => "se agregó una firma con imagen, que puede tapar lo firmado",
            Self::Behaviour => "se cambió cómo se abre o se comporta el archivo",
            Self::Removed => "se quitó algo que estaba firmado",
            Self::LooseData => "hay datos sueltos detrás de lo firmado",
            Self::Ambiguous => "lo agregado se presta a dos lecturas",
            Self::Unreadable => "lo agregado está dañado y no se puede leer",
        })
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("íntegro: nada cambió desde la firma"),
            Self::Added(what) => {
                write!(f, "íntegro: lo firmado no cambió; después solo se agregó {}", listed(what))
            }
            Self::Altered(what) => write!(f, "alterado después de la firma: {}", listed(what)),
        }
    }
}

fn listed<T: fmt::Display>(items: &BTreeSet<T>) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Compares the signed state of a file with its last one.
pub(crate) fn since(signed: &File<'_>, last: &File<'_>) -> Since {
    if signed.bytes.len() == last.bytes.len() {
        return Since::Nothing;
    }
    let mut comparison = Comparison {
        signed,
        last,
        uses: BTreeMap::new(),
        open: BTreeMap::new(),
        fields: BTreeSet::new(),
        added: BTreeSet::new(),
        altered: BTreeSet::new(),
    };
    if comparison.run().is_err() {
        comparison.altered.insert(Alteration::Unreadable);
    }
    let Comparison { added, altered, .. } = comparison;
    if altered.is_empty() { Since::Added(added) } else { Since::Altered(altered) }
}

/// Entries of a trailer that say how it is written.
const TRAILER_OWN: [&str; 12] =
    ["Size", "Prev", "ID", "Info", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length", "DL"];
/// Entries a new field for a signature may have: none of them does anything.
const FIELD_ENTRIES: [&str; 18] = [
    "Type", "Subtype", "FT", "T", "TU", "TM", "F", "Ff", "Rect", "P", "V", "Lock", "SV", "NM", "M",
    "Contents", "AP", "MK",
];
/// Entries that filling an empty field for a signature may change.
const FILLED: [&str; 5] = ["V", "AP", "F", "M", "Lock"];

/// An object that is not what it was.
struct Change {
    before: Object,
    after: Object,
    /// Whether it is, or was, a stream: then it holds more than its entries say.
    stream: bool,
}

struct Comparison<'a> {
    signed: &'a File<'a>,
    last: &'a File<'a>,
    /// How often the signed state names each object.
    uses: BTreeMap<u32, usize>,
    /// Objects of the signed state that are not the same any more, and nobody has explained yet.
    open: BTreeMap<u32, Change>,
    /// The new fields for signatures.
    fields: BTreeSet<Id>,
    added: BTreeSet<Addition>,
    altered: BTreeSet<Alteration>,
}

impl Comparison<'_> {
    fn run(&mut self) -> Result<(), Error> {
        // Also reads every object once: what is cut off in the signed state could be completed by what comes after it.
        self.uses = self.signed.references()?;
        self.tail();
        self.trailer()?;
        self.gather()?;
        self.catalog()?;
        self.form()?;
        self.pages()?;
        self.evidence_and_metadata()?;
        self.altered.extend(self.open.values().map(kind));
        Ok(())
    }

    /// What was added has to be a row of objects and indexes, and of each object the last one written has to be the one
    /// the index names: a program that ignores the index then sees the same.
    fn tail(&mut self) {
        let mut parser = Parser::new(self.last.bytes, self.signed.bytes.len());
        if parser.is_done() {
            self.added.insert(Addition::Remark);
            return;
        }
        let mut newest = BTreeMap::new();
        let sound = loop {
            if parser.is_done() {
                break true;
            }
            let start = parser.at();
            if parser.word(b"xref") {
                if table(&mut parser, &mut |_, _| Ok(())).is_err() {
                    break false;
                }
            } else if parser.word(b"trailer") {
                if parser.object().is_err() {
                    break false;
                }
            } else if parser.word(b"startxref") {
                if parser.number().is_none() {
                    break false;
                }
            } else {
                let Ok(found) = parser.indirect(None, &|id| self.last.length(id)) else { break false };
                newest.insert(found.id.number, Entry::At { offset: start, generation: found.id.generation });
            }
        };
        if !sound {
            self.altered.insert(Alteration::LooseData);
        }
        if newest.iter().any(|(number, entry)| self.last.entry(*number) != *entry) {
            self.altered.insert(Alteration::Ambiguous);
        }
    }

    fn trailer(&mut self) -> Result<(), Error> {
        let (before, after) = (&self.signed.index.trailer, &self.last.index.trailer);
        if before.without(&TRAILER_OWN) != after.without(&TRAILER_OWN) {
            self.altered.insert(Alteration::Behaviour);
        }
        // Two indexes in one: programs choose.
        if after.get("XRefStm").is_some() && after.get("XRefStm") != before.get("XRefStm") {
            self.altered.insert(Alteration::Ambiguous);
        }
        let said = |file: &File<'_>| -> Result<Dictionary, Error> {
            let info = file.index.trailer.get("Info").cloned().unwrap_or(Object::Null);
            Ok(file.dictionary(&info)?.unwrap_or_default())
        };
        let (before, after) = (said(self.signed)?, said(self.last)?);
        if before != after {
            let dates = ["ModDate", "Producer"];
            if before.without(&dates) == after.without(&dates) {
                self.added.insert(Addition::Metadata);
            } else {
                self.altered.insert(Alteration::Behaviour);
            }
        }
        Ok(())
    }

    /// Finds the objects that are not what they were.
    fn gather(&mut self) -> Result<(), Error> {
        // What was named and not there was nothing to see; now it would be.
        if self.last.index.entries.iter().any(|(number, entry)| {
            *entry != Entry::Free
                && self.signed.entry(*number) == Entry::Free
                && self.uses.contains_key(number)
        }) {
            self.altered.insert(Alteration::Ambiguous);
        }
        for (number, old) in &self.signed.index.entries {
            let new = self.last.entry(*number);
            let container = match old {
                Entry::Free => continue,
                Entry::Packed { container, .. } => Some(*container),
                Entry::At { .. } => None,
            };
            let moved = container.is_some_and(|number| self.signed.entry(number) != self.last.entry(number));
            if *old == new && !moved {
                continue;
            }
            let (before, after) = (self.signed.get(*number)?, self.last.get(*number)?);
            match (before, after) {
                (None, _) => {}
                (Some(_), None) => {
                    self.altered.insert(Alteration::Removed);
                }
                (Some(before), Some(after)) => {
                    let same = before.id == after.id
                        && before.value == after.value
                        && self.data(&before) == self.data(&after);
                    if !same {
                        let stream = before.stream.is_some() || after.stream.is_some();
                        let change = Change { before: before.value, after: after.value, stream };
                        self.open.insert(*number, change);
                    }
                }
            }
        }
        Ok(())
    }

    fn data(&self, object: &Indirect) -> Option<&[u8]> {
        self.last.bytes.get(object.stream.clone()?)
    }

    /// Takes an object off the list of what has to be explained, if both states name the same one in that place: only
    /// then was it compared.
    fn explain(&mut self, before: Option<&Object>, after: Option<&Object>) {
        if let Some(Object::Reference(id)) = before.filter(|_| before == after)
            && self.open.get(&id.number).is_some_and(|change| !change.stream)
        {
            self.open.remove(&id.number);
        }
    }

    fn catalog(&mut self) -> Result<(), Error> {
        let ((old, before), (new, after)) = (self.signed.catalog()?, self.last.catalog()?);
        self.explain(Some(&Object::Reference(old)), Some(&Object::Reference(new)));
        let judged = ["AcroForm", "DSS", "Metadata", "Extensions"];
        if before.without(&judged) != after.without(&judged) {
            self.altered.insert(Alteration::Behaviour);
        }
        for (key, addition) in [("DSS", Addition::Evidence), ("Metadata", Addition::Metadata)] {
            if before.get(key) != after.get(key) {
                self.added.insert(addition);
            }
        }
        Ok(())
    }

    fn form(&mut self) -> Result<(), Error> {
        let (before, after) = (self.signed.form()?, self.last.form()?);
        let ((_, old), (_, new)) = (self.signed.catalog()?, self.last.catalog()?);
        self.explain(old.get("AcroForm"), new.get("AcroForm"));
        self.explain(before.get("Fields"), after.get("Fields"));
        let judged = ["Fields", "SigFlags"];
        if before.without(&judged) != after.without(&judged) {
            self.altered.insert(Alteration::Field);
        }
        for new in self.appended(&before, &after, "Fields", Alteration::Field)? {
            match new {
                Object::Reference(id) if self.signed.entry(id.number) == Entry::Free => self.new_field(id)?,
                _ => {
                    self.altered.insert(Alteration::Field);
                }
            }
        }
        for field in signature_fields(self.signed)?.iter().filter(|field| field.entries.get("V").is_none()) {
            let Some(Change { after: Object::Dictionary(after), stream: false, .. }) =
                self.open.get(&field.id.number)
            else {
                continue;
            };
            if field.entries.without(&FILLED) == after.without(&FILLED) && after.get("V").is_some() {
                let addition = self.signature_kind(after)?;
                self.open.remove(&field.id.number);
                self.added.insert(addition);
            }
        }
        Ok(())
    }

    /// What a list has more than before, if what it had is still at its beginning.
    fn appended(
        &mut self,
        before: &Dictionary,
        after: &Dictionary,
        key: &str,
        else_it_is: Alteration,
    ) -> Result<Vec<Object>, Error> {
        let (old, new) = (self.signed.entry_of(before, key)?, self.last.entry_of(after, key)?);
        if old == new {
            return Ok(Vec::new());
        }
        let rest = new.as_array().and_then(|new| new.strip_prefix(old.as_array().unwrap_or_default()));
        if rest.is_none() {
            self.altered.insert(else_it_is);
        }
        Ok(rest.unwrap_or_default().to_vec())
    }

    fn new_field(&mut self, id: Id) -> Result<(), Error> {
        let entries = self.last.dictionary(&Object::Reference(id))?.unwrap_or_default();
        if !entries.is("FT", "Sig") || !entries.has_only(&FIELD_ENTRIES) {
            self.altered.insert(Alteration::Field);
            return Ok(());
        }
        let size = self.last.entry_of(&entries, "Rect")?;
        let is_a_point = match size.as_array() {
            Some([left, bottom, right, top]) => left == right && bottom == top,
            _ => matches!(size, Object::Null),
        };
        if !is_a_point && (entries.get("AP").is_some() || entries.get("MK").is_some()) {
            self.altered.insert(Alteration::VisibleSignature);
        }
        let addition = self.signature_kind(&entries)?;
        self.added.insert(addition);
        self.fields.insert(id);
        Ok(())
    }

    fn signature_kind(&self, field: &Dictionary) -> Result<Addition, Error> {
        Ok(match field.get("V").map_or(Ok(None), |value| self.last.dictionary(value))? {
            None => Addition::EmptyField,
            Some(value) if value.is("SubFilter", "ETSI.RFC3161") => Addition::Timestamp,
            Some(_) => Addition::Signature,
        })
    }

    /// A page may have a new field for a signature on it, nothing else.
    fn pages(&mut self) -> Result<(), Error> {
        for page in self.signed.pages()? {
            let before = self.signed.dictionary(&Object::Reference(page))?.unwrap_or_default();
            let list = before.get("Annots").and_then(Object::as_reference);
            if !self.open.contains_key(&page.number)
                && !list.is_some_and(|list| self.open.contains_key(&list.number))
            {
                continue;
            }
            let after = self.last.dictionary(&Object::Reference(page))?.unwrap_or_default();
            let own = Object::Reference(page);
            self.explain(Some(&own), Some(&own));
            self.explain(before.get("Annots"), after.get("Annots"));
            let ordered = before.get("Tabs") == after.get("Tabs") || after.is("Tabs", "S");
            if !ordered || before.without(&["Annots", "Tabs"]) != after.without(&["Annots", "Tabs"]) {
                self.altered.insert(Alteration::Page);
            }
            for new in self.appended(&before, &after, "Annots", Alteration::Annotation)? {
                if !new.as_reference().is_some_and(|id| self.fields.contains(&id)) {
                    self.altered.insert(Alteration::Annotation);
                }
            }
        }
        Ok(())
    }

    /// Evidence, metadata and the information of the file may change in their place, if nothing else of the signed file
    /// uses that place: a page could name the same object as its content.
    fn evidence_and_metadata(&mut self) -> Result<(), Error> {
        if self.open.is_empty() {
            return Ok(());
        }
        let (_, catalog) = self.signed.catalog()?;
        let named = |value: Option<&Object>| value.and_then(Object::as_reference);
        let mut level: Vec<Id> = named(catalog.get("DSS")).into_iter().collect();
        // The store, its lists, and what is kept for each signature with its lists.
        for _ in 0..4 {
            let mut below = Vec::new();
            level.retain(|id| self.uses.get(&id.number) == Some(&1));
            for id in level {
                self.signed.resolve(&Object::Reference(id))?.each_reference(&mut |id| below.push(id));
                self.explain_own(id, Addition::Evidence);
            }
            level = below;
        }
        for value in [catalog.get("Metadata"), self.signed.index.trailer.get("Info")] {
            if let Some(id) = named(value) {
                self.explain_own(id, Addition::Metadata);
            }
        }
        Ok(())
    }

    fn explain_own(&mut self, id: Id, addition: Addition) {
        if self.uses.get(&id.number) == Some(&1) && self.open.remove(&id.number).is_some() {
            self.added.insert(addition);
        }
    }
}

/// What an object was, as far as it says so.
fn kind(change: &Change) -> Alteration {
    let (Object::Dictionary(before), false) = (&change.before, change.stream) else {
        return Alteration::Content;
    };
    if before.is("Type", "Page") || before.is("Type", "Pages") {
        Alteration::Page
    } else if before.get("FT").is_some() {
        Alteration::Field
    } else if before.is("Type", "Annot") || before.get("Subtype").is_some() && before.get("Rect").is_some() {
        Alteration::Annotation
    } else if before.is("Type", "Catalog") {
        Alteration::Behaviour
    } else {
        Alteration::Content
    }
}
