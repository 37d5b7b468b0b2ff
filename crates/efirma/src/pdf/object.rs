//! What a PDF is made of: values, and how they are written.

use std::collections::BTreeMap;

/// Number and generation of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) number: u32,
    pub(crate) generation: u16,
}

/// A value. Numbers with a fraction are kept as they were written: nothing here calculates with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(Vec<u8>),
    Text(Vec<u8>),
    Name(Vec<u8>),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    Reference(Id),
}

impl Object {
    pub(crate) fn name(name: &str) -> Self {
        Self::Name(name.as_bytes().to_vec())
    }

    /// A text string: as it is if it is ASCII, else in UTF-16 with its mark, which every reader understands.
    pub(crate) fn text(words: &str) -> Self {
        if words.is_ascii() {
            return Self::Text(words.as_bytes().to_vec());
        }
        let mut bytes = vec![0xfe, 0xff];
        bytes.extend(words.encode_utf16().flat_map(u16::to_be_bytes));
        Self::Text(bytes)
    }

    pub(crate) fn integer(value: usize) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }

    pub(crate) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(crate) fn as_text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number that counts or places something.
    pub(crate) fn as_index(&self) -> Option<usize> {
        if let Self::Integer(value) = self { usize::try_from(*value).ok() } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Object]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(crate) fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(entries) = self { Some(entries) } else { None }
    }

    pub(crate) fn as_reference(&self) -> Option<Id> {
        if let Self::Reference(id) = self { Some(*id) } else { None }
    }

    /// Says of every reference inside the value which object it names.
    pub(crate) fn each_reference(&self, seen: &mut impl FnMut(Id)) {
        match self {
            Self::Reference(id) => seen(*id),
            Self::Array(items) => items.iter().for_each(|item| item.each_reference(seen)),
            Self::Dictionary(entries) => entries.0.values().for_each(|value| value.each_reference(seen)),
            _ => {}
        }
    }

    /// Appends the value as a file holds it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Boolean(true) => out.extend(b"true"),
            Self::Boolean(false) => out.extend(b"false"),
            Self::Integer(value) => out.extend(value.to_string().bytes()),
            Self::Real(digits) => out.extend(digits),
            Self::Text(bytes) => {
                out.push(b'<');
                write_hex(bytes, out);
                out.push(b'>');
            }
            Self::Name(name) => write_name(name, out),
            Self::Array(items) => {
                out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(b' ');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Dictionary(entries) => entries.write(out),
            Self::Reference(id) => out.extend(format!("{} {} R", id.number, id.generation).bytes()),
        }
    }
}

/// Names with their values; the order in the file means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Dictionary(pub(crate) BTreeMap<Vec<u8>, Object>);

impl Dictionary {
    /// A dictionary of these entries.
    pub(crate) fn of<const N: usize>(entries: [(&str, Object); N]) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Object> {
        self.0.get(key.as_bytes())
    }

    pub(crate) fn set(&mut self, key: &str, value: Object) {
        self.0.insert(key.as_bytes().to_vec(), value);
    }

    /// Whether the entry is this name.
    pub(crate) fn is(&self, key: &str, name: &str) -> bool {
        self.get(key).and_then(Object::as_name) == Some(name.as_bytes())
    }

    /// The same without some entries.
    pub(crate) fn without(&self, keys: &[&str]) -> Self {
        let mut rest = self.clone();
        rest.0.retain(|key, _| !keys.iter().any(|name| name.as_bytes() == key.as_slice()));
        rest
    }

    /// Whether it has no entries but these.
    pub(crate) fn has_only(&self, keys: &[&str]) -> bool {
        self.0.keys().all(|key| keys.iter().any(|name| name.as_bytes() == key.as_slice()))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend(b"<<");
        for (key, value) in &self.0 {
            write_name(key, out);
            out.push(b' ');
            value.write(out);
        }
        out.extend(b">>");
    }
}

/// Appends bytes as hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'0');
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_graphic() && !b"#/()<>[]{}%".contains(byte) {
            out.push(*byte);
        } else {
            out.push(b'#');
            write_hex(&[*byte], out);
        }
    }
}
