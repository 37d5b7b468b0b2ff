//! Reads values out of bytes. The bytes may come from anybody: nothing here trusts a length, a depth or an order, and
//! what two readers could understand differently (an entry given twice) is refused.

use std::ops::Range;

use super::error::Error;
use super::object::{Dictionary, Id, Object};

/// How deep values may lie in each other; real files stay under twenty.
const DEEPEST: usize = 64;
/// Most values in one object: an object of a few megabytes cannot become gigabytes of values.
const MOST_VALUES: usize = 500_000;

/// An object of a file with its number.
#[derive(Debug, Clone)]
pub(crate) struct Indirect {
    pub(crate) id: Id,
    pub(crate) value: Object,
    /// Where the bytes of its stream lie.
    pub(crate) stream: Option<Range<usize>>,
}

/// Entries of a dictionary with the place of each value.
pub(crate) type Placed = Vec<(Vec<u8>, Object, Range<usize>)>;

/// A place in some bytes from which values are read.
pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    left: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, left: MOST_VALUES }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn broken(&self, what: &'static str) -> Error {
        Error::Damaged { at: self.at, what }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Goes over blanks and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let comment = self.rest().iter().take_while(|byte| !matches!(byte, 10 | 13)).count();
                self.at += comment;
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Whether nothing but blanks and comments is left.
    pub(crate) fn is_done(&mut self) -> bool {
        self.skip_space();
        self.peek().is_none()
    }

    /// Goes over this word if it comes next.
    pub(crate) fn word(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let follows =
            self.rest().strip_prefix(word).is_some_and(|rest| !rest.first().copied().is_some_and(is_regular));
        if follows {
            self.at += word.len();
        }
        follows
    }

    /// The unsigned number that comes next.
    pub(crate) fn number(&mut self) -> Option<usize> {
        self.skip_space();
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(self.rest().get(..digits)?).ok()?;
        let value = text.parse().ok()?;
        self.at += digits;
        Some(value)
    }

    /// The value that comes next.
    pub(crate) fn object(&mut self) -> Result<Object, Error> {
        self.value(0)
    }

    fn value(&mut self, depth: usize) -> Result<Object, Error> {
        if depth > DEEPEST {
            return Err(self.broken("values lie too deep in each other"));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| self.broken("an object has too many values"))?;
        self.skip_space();
        match self.peek() {
            Some(b'/') => self.name().map(Object::Name),
            Some(b'(') => self.literal().map(Object::Text),
            Some(b'[') => self.array(depth),
            Some(b'<') if self.rest().starts_with(b"<<") => {
                let mut entries = Dictionary::default();
                entries.0.extend(self.entries(depth)?.into_iter().map(|(key, value, _)| (key, value)));
                Ok(Object::Dictionary(entries))
            }
            Some(b'<') => self.hex().map(Object::Text),
            Some(byte) if byte.is_ascii_digit() => self.reference().map_or_else(|| self.numeric(), Ok),
            Some(b'+' | b'-' | b'.') => self.numeric(),
            _ if self.word(b"null") => Ok(Object::Null),
            _ if self.word(b"true") => Ok(Object::Boolean(true)),
            _ if self.word(b"false") => Ok(Object::Boolean(false)),
            _ => Err(self.broken("a value is missing")),
        }
    }

    /// `12 0 R`, or the place stays where it was.
    fn reference(&mut self) -> Option<Object> {
        let start = self.at;
        let id = self.id();
        if id.is_some() && self.word(b"R") {
            return id.map(Object::Reference);
        }
        self.at = start;
        None
    }

    fn id(&mut self) -> Option<Id> {
        let number = u32::try_from(self.number()?).ok()?;
        let generation = u16::try_from(self.number()?).ok()?;
        Some(Id { number, generation })
    }

    fn numeric(&mut self) -> Result<Object, Error> {
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let digits = self.rest().get(..length).unwrap_or_default();
        let unsigned = digits.strip_prefix(b"-").or_else(|| digits.strip_prefix(b"+")).unwrap_or(digits);
        let points = unsigned.iter().filter(|byte| **byte == b'.').count();
        let sound = unsigned.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
        if !sound || points > 1 || unsigned.len() == points {
            return Err(self.broken("a number is not one"));
        }
        let number = if points == 1 {
            Object::Real(digits.to_vec())
        } else {
            let whole = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
            Object::Integer(whole.ok_or_else(|| self.broken("a number is too large"))?)
        };
        self.at += length;
        Ok(number)
    }

    fn name(&mut self) -> Result<Vec<u8>, Error> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            if byte == b'#' {
                let pair = (self.next().and_then(hex_digit), self.next().and_then(hex_digit));
                let (Some(high), Some(low)) = pair else { return Err(self.broken("a name is broken")) };
                name.push(high << 4 | low);
            } else {
                name.push(byte);
            }
        }
        Ok(name)
    }

    fn array(&mut self, depth: usize) -> Result<Object, Error> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Object::Array(items));
            }
            items.push(self.value(depth + 1)?);
        }
    }

    fn entries(&mut self, depth: usize) -> Result<Placed, Error> {
        self.at += 2;
        let mut entries: Placed = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(entries);
            }
            if self.peek() != Some(b'/') {
                return Err(self.broken("a dictionary has no name where one should be"));
            }
            let name = self.name()?;
            if !names.insert(name.clone()) {
                return Err(self.broken("a dictionary has an entry twice"));
            }
            self.skip_space();
            let start = self.at;
            let value = self.value(depth + 1)?;
            entries.push((name, value, start..self.at));
        }
    }

    fn literal(&mut self) -> Result<Vec<u8>, Error> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1_usize;
        loop {
            let Some(byte) = self.next() else { return Err(self.broken("a text has no end")) };
            match byte {
                b'\\' => self.escape(&mut text),
                b'(' => open += 1,
                b')' => open -= 1,
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                return Ok(text);
            }
            if byte != b'\\' {
                text.push(byte);
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, text: &mut Vec<u8>) {
        match self.next() {
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'\r') if self.peek() == Some(b'\n') => self.at += 1,
            Some(b'\r' | b'\n') | None => {}
            Some(first @ b'0'..=b'7') => {
                let mut code = u32::from(first - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    code = code << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push(u8::try_from(code & 0xff).unwrap_or_default());
            }
            Some(other) => text.push(other),
        }
    }

    fn hex(&mut self) -> Result<Vec<u8>, Error> {
        self.at += 1;
        let mut bytes = Vec::new();
        let mut high = None;
        loop {
            match self.next() {
                Some(b'>') => {
                    bytes.extend(high.map(|digit| digit << 4));
                    return Ok(bytes);
                }
                Some(byte) if is_space(byte) => {}
                Some(byte) => {
                    let digit =
                        hex_digit(byte).ok_or_else(|| self.broken("a text in hexadecimal is broken"))?;
                    match high.take() {
                        Some(first) => bytes.push(first << 4 | digit),
                        None => high = Some(digit),
                    }
                }
                None => return Err(self.broken("a text has no end")),
            }
        }
    }

    /// The head `12 0 obj`; of this object, if it is known which one has to be here.
    fn head(&mut self, expected: Option<Id>) -> Result<Id, Error> {
        match self.id() {
            Some(id) if expected.is_none_or(|expected| expected == id) && self.word(b"obj") => Ok(id),
            _ => Err(self.broken("an object is not where the index says")),
        }
    }

    /// The entries of the dictionary an object is, with their places.
    pub(crate) fn placed_entries(&mut self, id: Id) -> Result<Placed, Error> {
        self.head(Some(id))?;
        self.skip_space();
        if !self.rest().starts_with(b"<<") {
            return Err(self.broken("a dictionary is missing"));
        }
        self.entries(0)
    }

    /// A whole object, `12 0 obj` to `endobj`. `length` tells the number an object holds, for a stream whose length
    /// stands elsewhere.
    pub(crate) fn indirect(
        &mut self,
        expected: Option<Id>,
        length: &dyn Fn(Id) -> Option<usize>,
    ) -> Result<Indirect, Error> {
        let id = self.head(expected)?;
        let value = self.object()?;
        let stream = if let Object::Dictionary(entries) = &value
            && self.word(b"stream")
        {
            Some(self.stream(entries, length)?)
        } else {
            None
        };
        if !self.word(b"endobj") {
            return Err(self.broken("an object has no end"));
        }
        Ok(Indirect { id, value, stream })
    }

    fn stream(
        &mut self,
        entries: &Dictionary,
        length: &dyn Fn(Id) -> Option<usize>,
    ) -> Result<Range<usize>, Error> {
        let line_end: usize = if self.rest().starts_with(b"\r\n") {
            2
        } else if self.peek() == Some(b'\n') {
            1
        } else {
            return Err(self.broken("a stream does not begin on a line of its own"));
        };
        let start = self.at + line_end;
        let length = match entries.get("Length") {
            Some(Object::Reference(id)) => length(*id),
            Some(value) => value.as_index(),
            None => None,
        };
        let end = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= self.bytes.len());
        self.at =
            end.ok_or_else(|| self.broken("a stream has no length, or one past the end of the file"))?;
        let data = start..self.at;
        // No comment can begin here: only blanks stand between the data and the word.
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        if !self.word(b"endstream") {
            return Err(self.broken("a stream does not end where its length says"));
        }
        Ok(data)
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
