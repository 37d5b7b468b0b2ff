//! Finds the signatures of a PDF that anybody may have made, and says of each what it covers.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};
use thiserror::Error as ThisError;

use super::changes::{Since, since};
use super::error::Error;
use super::file::{File, HIGHEST_TREE};
use super::object::{Dictionary, Id, Object};
use super::parse::{Parser, Placed};
use super::text::{decode, parse_date};
use super::xref::Entry;
use super::{MOST_PAGES, MOST_SIGNATURES};

/// How the signature is made, by its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubFilter {
    /// PAdES: a CAdES signature.
    Cades,
    /// Older signatures, `adbe.pkcs7.detached`.
    Pkcs7,
    /// A timestamp over the file (RFC 3161), signed by an authority and not by a person.
    Timestamp,
    /// Another one, that is not judged.
    Other(String),
}

/// A signature that covers a whole state of the file.
#[derive(Debug, Clone)]
pub struct Found {
    /// Name of its field.
    pub field: String,
    /// How it is made.
    pub sub_filter: SubFilter,
    /// When the signer says to have signed; proven by nothing.
    pub claimed_at: Option<ZonedDateTime>,
    /// Name the signer gives; proven by nothing.
    pub name: Option<String>,
    /// Reason the signer gives.
    pub reason: Option<String>,
    /// Place the signer gives.
    pub place: Option<String>,
    /// The signature itself, DER without what fills its place.
    pub cms: Vec<u8>,
    /// What is signed: these parts of the file, one after the other.
    pub ranges: [Range<usize>; 2],
    /// SHA-256 of it.
    pub digest: [u8; 32],
    /// What happened to the file afterwards.
    pub since: Since,
}

impl Found {
    /// The parts of the file that are signed.
    #[must_use]
    pub fn signed<'a>(&self, pdf: &'a [u8]) -> [&'a [u8]; 2] {
        self.ranges.clone().map(|range| pdf.get(range).unwrap_or_default())
    }
}

/// A signature that does not cover a whole state of the file, so that it proves nothing about what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Name of its field.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// Why a signature proves nothing about the file.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Fault {
    /// Its object is missing or cannot be read.
    #[error("la firma está dañada")]
    Broken,
    /// No list of four numbers, beginning with 0, inside the file.
    #[error("la firma no dice bien qué parte del archivo cubre")]
    Range,
    /// It leaves out more, or something else, than its own place.
    #[error("la firma deja sin cubrir una parte del archivo")]
    Gap,
    /// What it covers ends in the middle of something.
    #[error("la firma cubre solo un pedazo del archivo")]
    Partial,
    /// The state of the file it covers does not hold it.
    #[error("la firma se puso en el archivo sin ser parte de lo que cubre")]
    Foreign,
    /// No signature in DER, or other bytes behind it.
    #[error("el contenido de la firma no es una firma electrónica")]
    NoSignature,
}

/// A field of the form that is for signatures.
pub(crate) struct Field {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) entries: Dictionary,
}

/// The signatures of a file, the earliest first; those that prove nothing at the end.
///
/// # Errors
/// What [`Error`] says of a file that cannot be read. A file without signatures is no error, unless something stands
/// behind its end: it may have been cut.
pub fn signatures(pdf: &[u8]) -> Result<Vec<Result<Found, Refused>>, Error> {
    let file = File::read(pdf)?;
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for field in signature_fields(&file)? {
        let Some(value) = field.entries.get("V") else { continue };
        // Two fields may show one signature.
        if value.as_reference().is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        if found.len() + refused.len() == MOST_SIGNATURES {
            return Err(Error::TooManySignatures);
        }
        match read(&file, &field) {
            Ok(signature) => found.push(signature),
            Err(fault) => refused.push(Refused { field: field.name, fault }),
        }
    }
    if found.is_empty() && refused.is_empty() {
        file.ends_cleanly()?;
    }
    found.sort_by_key(|signature: &Found| signature.ranges[1].end);
    Ok(found.into_iter().map(Ok).chain(refused.into_iter().map(Err)).collect())
}

/// The fields for signatures, with or without one.
pub(crate) fn signature_fields(file: &File<'_>) -> Result<Vec<Field>, Error> {
    let mut fields = Vec::new();
    let mut seen = BTreeSet::new();
    let top = file.entry_of(&file.form()?, "Fields")?;
    let below =
        |list: &Object, name: &str, signs: bool, depth: usize| -> Vec<(Object, String, bool, usize)> {
            let items = list.as_array().unwrap_or_default().iter().rev();
            items.map(|item| (item.clone(), name.to_owned(), signs, depth)).collect()
        };
    let mut open = below(&top, "", false, 0);
    while let Some((node, above, signs, depth)) = open.pop() {
        let Some(id) = node.as_reference().filter(|id| seen.insert(*id)) else { continue };
        if depth > HIGHEST_TREE || seen.len() > 2 * MOST_PAGES {
            return Err(Error::Endless { what: "el árbol de sus campos" });
        }
        let Some(entries) = file.dictionary(&node)? else { continue };
        let own = entries.get("T").and_then(Object::as_text).map(decode);
        let name = match (above.as_str(), own) {
            (_, None) => above.clone(),
            ("", Some(own)) => own,
            (above, Some(own)) => format!("{above}.{own}"),
        };
        let signs = entries.get("FT").map_or(signs, |kind| kind.as_name() == Some(b"Sig"));
        open.extend(below(&file.entry_of(&entries, "Kids")?, &name, signs, depth + 1));
        if signs {
            fields.push(Field { id, name, entries });
        }
    }
    Ok(fields)
}

fn read(file: &File<'_>, field: &Field) -> Result<Found, Fault> {
    let id = field.entries.get("V").and_then(Object::as_reference).ok_or(Fault::Broken)?;
    let Entry::At { offset, .. } = file.entry(id.number) else { return Err(Fault::Broken) };
    let placed = Parser::new(file.bytes, offset).placed_entries(id).map_err(|_| Fault::Broken)?;
    let ranges = ranges(file.bytes, &placed)?;
    let end = ranges[1].end;
    let state = file.bytes.get(..end).unwrap_or_default();
    let signed = File::read(state).map_err(|_| Fault::Partial)?;
    signed.ends_cleanly().map_err(|_| Fault::Partial)?;
    // The signature and its field are part of what is signed, at the same place.
    let fields = signature_fields(&signed).map_err(|_| Fault::Partial)?;
    let own =
        fields.iter().any(|old| old.id == field.id && old.entries.get("V") == Some(&Object::Reference(id)));
    if !own || signed.entry(id.number) != file.entry(id.number) {
        return Err(Fault::Foreign);
    }
    let [before, behind] =
        [&ranges[0], &ranges[1]].map(|range| file.bytes.get(range.clone()).unwrap_or_default());
    let digest = Sha256::new().chain_update(before).chain_update(behind).finalize().into();
    let text = |key: &[u8]| value(&placed, key).and_then(Object::as_text);
    let words = |key: &[u8]| text(key).map(decode).filter(|words| !words.is_empty());
    Ok(Found {
        field: field.name.clone(),
        sub_filter: sub_filter(&placed),
        claimed_at: text(b"M").and_then(parse_date),
        name: words(b"Name"),
        reason: words(b"Reason"),
        place: words(b"Location"),
        cms: der(text(b"Contents").unwrap_or_default()).ok_or(Fault::NoSignature)?.to_vec(),
        since: since(&signed, file),
        ranges,
        digest,
    })
}

fn value<'a>(placed: &'a Placed, key: &[u8]) -> Option<&'a Object> {
    placed.iter().find(|(name, ..)| name == key).map(|(_, value, _)| value)
}

/// The two parts that are signed: everything but the hexadecimal digits of the signature and the brackets around them.
fn ranges(bytes: &[u8], placed: &Placed) -> Result<[Range<usize>; 2], Fault> {
    let numbers: Option<Vec<usize>> = value(placed, b"ByteRange")
        .and_then(Object::as_array)
        .and_then(|items| items.iter().map(Object::as_index).collect());
    let [0, first, second, length] = numbers.unwrap_or_default()[..] else { return Err(Fault::Range) };
    let end = second.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(Fault::Range)?;
    let contents = placed.iter().find(|(name, ..)| name == b"Contents").map(|(.., range)| range.clone());
    if contents != Some(first..second) {
        return Err(Fault::Gap);
    }
    let digits = bytes.get(first..second).and_then(|gap| gap.strip_prefix(b"<")?.strip_suffix(b">"));
    if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
        return Err(Fault::Gap);
    }
    Ok([0..first, second..end])
}

fn sub_filter(placed: &Placed) -> SubFilter {
    match value(placed, b"SubFilter").and_then(Object::as_name).unwrap_or_default() {
        b"ETSI.CAdES.detached" => SubFilter::Cades,
        b"adbe.pkcs7.detached" => SubFilter::Pkcs7,
        b"ETSI.RFC3161" => SubFilter::Timestamp,
        other => SubFilter::Other(decode(other)),
    }
}

/// The DER value at the beginning, if nothing but zeros fill the place behind it.
fn der(contents: &[u8]) -> Option<&[u8]> {
    let [0x30, first, rest @ ..] = contents else { return None };
    let (head, length) = match usize::from(*first) {
        short @ 0..=0x7f => (2, short),
        many @ 0x81..=0x84 => {
            let digits = rest.get(..many - 0x80)?;
            (2 + digits.len(), digits.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)))
        }
        _ => return None,
    };
    let (own, fill) = contents.split_at_checked(length.checked_add(head)?)?;
    fill.iter().all(|byte| *byte == 0).then_some(own)
}
