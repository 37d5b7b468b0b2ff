//! Adds the place for a signature to a PDF. It is a field of the form without a picture: what a reader of the paper has to
//! know of the signature is in the document itself, and a field without size keeps PDF/A-2 and PDF/UA-1 as they are
//! (ISO 19005-2, 6.3.3 asks for an appearance only of what has one; Print is the one flag that has to be set).

use std::ops::Range;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::file::File;
use super::increment::Increment;
use super::object::{Dictionary, Id, Object, write_hex};
use super::text::{date, decode};

/// Bytes kept for a signature at least: one with its certificates and a timestamp with a chain takes a third of it.
pub const RESERVE: usize = 16 << 10;
/// Bytes kept for a signature at most.
const MOST_RESERVED: usize = 1 << 20;
/// Place for the four numbers of what is signed.
const BYTE_RANGE: &str = "[0 0000000000 0000000000 0000000000]";

/// What the signature says of itself in clear text. None of it is proven: who signed is in the certificate, and when in
/// the timestamp, if there is one.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// When the signer says to sign, with the offset of the place.
    pub at: &'a ZonedDateTime,
    /// Name of the signer.
    pub name: &'a str,
    /// Why it is signed; empty for nothing.
    pub reason: &'a str,
    /// Where it is signed; empty for nothing.
    pub place: &'a str,
}

/// A PDF that lacks nothing but its signature. The same file and claim give the same bytes again, so whoever waits for a
/// signature made elsewhere need not keep it.
#[derive(Debug, Clone)]
pub struct Prepared {
    bytes: Vec<u8>,
    /// The hexadecimal digits of the signature, with the brackets around them.
    contents: Range<usize>,
}

/// Adds a place for a signature of `reserve` bytes, and never less than [`RESERVE`], on the first page.
///
/// # Errors
/// What [`Error`] says of a file that is no PDF, is enciphered or damaged, and [`Error::Locked`] when an earlier signature
/// allows no further one.
pub fn prepare(pdf: &[u8], reserve: usize, claim: &Claim<'_>) -> Result<Prepared, Error> {
    let file = File::read(pdf)?;
    file.ends_cleanly()?;
    let (catalog_id, mut catalog) = file.catalog()?;
    if catalog.get("Perms").is_some() {
        return Err(Error::Locked);
    }
    let page =
        file.pages()?.first().copied().ok_or(Error::Damaged { at: 0, what: "the file has no page" })?;
    let mut increment = Increment::new(&file);
    let (signature, field) = (increment.reserve(), increment.reserve());

    let mut form = file.form()?;
    let mut fields = array(&file, &form, "Fields")?;
    increment.set(field, &widget(claim, free_name(&file, &fields)?, page, signature));
    fields.push(Object::Reference(field));
    form.set("Fields", Object::Array(fields));
    form.set("SigFlags", Object::Integer(3));
    if let Some(Object::Reference(id)) = catalog.get("AcroForm") {
        increment.set(*id, &form);
    } else {
        catalog.set("AcroForm", Object::Dictionary(form));
        increment.set(catalog_id, &catalog);
    }

    let mut sheet = file.dictionary(&Object::Reference(page))?.unwrap_or_default();
    let mut annotations = array(&file, &sheet, "Annots")?;
    annotations.push(Object::Reference(field));
    sheet.set("Annots", Object::Array(annotations));
    // PDF/UA-1, 7.18.3: a page with annotations is walked in the order of its structure.
    sheet.set("Tabs", Object::name("S"));
    increment.set(page, &sheet);

    let (body, range_at, contents_at) = signature_body(claim, reserve.clamp(RESERVE, MOST_RESERVED));
    let digits = body.len();
    increment.set_written(signature, body);
    let grown = increment.finish()?;
    let start = grown.bodies.get(&signature).copied().unwrap_or_default();
    let mut prepared =
        Prepared { contents: start + contents_at..start + digits - ">>".len(), bytes: grown.bytes };
    prepared.write_range(start + range_at);
    Ok(prepared)
}

impl Prepared {
    /// What is signed: everything before the signature and everything behind it.
    #[must_use]
    pub fn signed(&self) -> [&[u8]; 2] {
        let before = self.bytes.get(..self.contents.start).unwrap_or_default();
        [before, self.bytes.get(self.contents.end..).unwrap_or_default()]
    }

    /// SHA-256 of what is signed.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let [before, behind] = self.signed();
        Sha256::new().chain_update(before).chain_update(behind).finalize().into()
    }

    /// The signed file.
    ///
    /// # Errors
    /// [`Error::DoesNotFit`] when the signature (a CMS in DER) is larger than the place for it. It is never cut.
    pub fn finish(self, cms: &[u8]) -> Result<Vec<u8>, Error> {
        let Self { mut bytes, contents } = self;
        let reserved = contents.len().saturating_sub(2) / 2;
        if cms.len() > reserved {
            return Err(Error::DoesNotFit { needed: cms.len(), reserved });
        }
        let mut digits = Vec::new();
        write_hex(cms, &mut digits);
        overwrite(&mut bytes, contents.start + 1, &digits);
        Ok(bytes)
    }

    fn write_range(&mut self, at: usize) {
        let behind = self.bytes.len().saturating_sub(self.contents.end);
        let range = format!("[0 {} {} {behind}]", self.contents.start, self.contents.end);
        overwrite(&mut self.bytes, at, format!("{range:<width$}", width = BYTE_RANGE.len()).as_bytes());
    }
}

fn overwrite(bytes: &mut [u8], at: usize, new: &[u8]) {
    for (old, new) in bytes.iter_mut().skip(at).zip(new) {
        *old = *new;
    }
}

/// The signature dictionary, and where in it the range and the signature have their place.
fn signature_body(claim: &Claim<'_>, reserve: usize) -> (Vec<u8>, usize, usize) {
    let mut entries = Dictionary::of([
        ("Type", Object::name("Sig")),
        ("Filter", Object::name("Adobe.PPKLite")),
        ("SubFilter", Object::name("ETSI.CAdES.detached")),
        ("M", Object::text(&date(claim.at))),
    ]);
    for (key, words) in [("Name", claim.name), ("Reason", claim.reason), ("Location", claim.place)] {
        if !words.is_empty() {
            entries.set(key, Object::text(words));
        }
    }
    let mut body = Vec::new();
    entries.write(&mut body);
    body.truncate(body.len().saturating_sub(">>".len()));
    body.extend(b"/ByteRange ");
    let range_at = body.len();
    body.extend(BYTE_RANGE.bytes());
    body.extend(b"/Contents ");
    let contents_at = body.len();
    body.push(b'<');
    body.resize(body.len() + 2 * reserve, b'0');
    body.extend(b">>>");
    (body, range_at, contents_at)
}

/// The field and its place on the page in one.
fn widget(claim: &Claim<'_>, name: String, page: Id, signature: Id) -> Dictionary {
    let told = format!("Firma electrónica de {}", claim.name);
    Dictionary::of([
        ("Type", Object::name("Annot")),
        ("Subtype", Object::name("Widget")),
        ("FT", Object::name("Sig")),
        ("T", Object::text(&name)),
        ("TU", Object::text(&told)),
        ("F", Object::Integer(132)),
        ("Rect", Object::Array(vec![Object::Integer(0); 4])),
        ("P", Object::Reference(page)),
        ("V", Object::Reference(signature)),
    ])
}

/// The list an entry holds or points to; empty if there is none.
fn array(file: &File<'_>, entries: &Dictionary, key: &str) -> Result<Vec<Object>, Error> {
    match file.entry_of(entries, key)? {
        Object::Array(items) => Ok(items),
        Object::Null => Ok(Vec::new()),
        _ => Err(Error::Damaged { at: 0, what: "a list of fields or annotations is none" }),
    }
}

/// A name no field of the form has.
fn free_name(file: &File<'_>, fields: &[Object]) -> Result<String, Error> {
    let mut taken = std::collections::BTreeSet::new();
    for field in fields {
        let entries = file.dictionary(field)?.unwrap_or_default();
        taken.extend(entries.get("T").and_then(Object::as_text).map(decode));
    }
    let mut names = (1_usize..).map(|number| format!("Firma{number}"));
    Ok(names.find(|name| !taken.contains(name)).unwrap_or_default())
}
