//! The records of an openFDA bulk file one after another, from a stream that may hold gigabytes.
//!
//! Only one record is in memory at a time. The file is not parsed as a whole: the bytes of each object of `results` are
//! cut out by their braces, so that a record that is not valid can be reported and the rest goes on.

use std::io::Read;

/// A record longer than this is skipped: real ones are well under 4 MB.
const LONGEST_RECORD: usize = 16 * 1024 * 1024;
/// What stands before `results` (the meta data) is kept up to this length.
const LONGEST_HEAD: usize = LONGEST_RECORD;
const CHUNK: usize = 256 * 1024;

/// What stands at one place of the list.
#[derive(Debug)]
pub enum Piece {
    /// The bytes of one object.
    Record(Vec<u8>),
    /// Something that is not a record, with the reason in Spanish; what follows it can be read.
    Broken(&'static str),
    /// The file ends too early or is another one, with the reason in Spanish: nothing of it is to be trusted.
    Damaged(&'static str),
}

/// Cuts a stream into the records of its `results`; a file that is one bare record is that record.
pub struct Records<R> {
    input: R,
    chunk: Vec<u8>,
    at: usize,
    filled: usize,
    read: u64,
    head: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Head,
    List,
    Done,
}

/// Where a scan of one value stands.
#[derive(Default)]
struct Scan {
    depth: u32,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    /// Takes one byte; true when the value that opened is closed.
    fn closes(&mut self, byte: u8) -> bool {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

impl<R: Read> Records<R> {
    /// Reads from a stream that holds JSON as openFDA publishes it.
    pub fn new(input: R) -> Self {
        let chunk = vec![0; CHUNK];
        Self { input, chunk, at: 0, filled: 0, read: 0, head: Vec::new(), place: Place::Start }
    }

    /// Bytes read so far.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Date of the publisher's data (`meta.last_updated`), once the first record was reached.
    #[must_use]
    pub fn last_updated(&self) -> Option<String> {
        let head = String::from_utf8_lossy(&self.head);
        let (_, rest) = head.split_once("\"last_updated\"")?;
        let value = rest.split('"').nth(1)?;
        Some(value.chars().filter(|c| !c.is_control()).take(40).collect())
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn next_piece(&mut self) -> std::io::Result<Option<Piece>> {
        if self.place == Place::Start {
            self.place = Place::Head;
            if let Some(piece) = self.head()? {
                self.place = Place::Done;
                return Ok(Some(piece));
            }
        }
        match self.place {
            Place::List => self.element(),
            _ => Ok(None),
        }
    }

    /// The next byte, left unread.
    fn peek(&mut self) -> std::io::Result<Option<u8>> {
        if self.at == self.filled {
            self.filled = loop {
                match self.input.read(&mut self.chunk) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.at = 0;
            self.read += self.filled as u64;
        }
        Ok(self.chunk[..self.filled].get(self.at).copied())
    }

    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// Goes to the list of `results` of the outer object. Without one the outer object is the record.
    fn head(&mut self) -> std::io::Result<Option<Piece>> {
        let mut scan = Scan::default();
        let mut key_from = None;
        let mut key_was_results = false;
        while let Some(byte) = self.byte()? {
            if self.head.len() == LONGEST_HEAD {
                return Ok(Some(Piece::Damaged("no es un archivo de openFDA")));
            }
            if self.head.is_empty() && byte != b'{' {
                if byte.is_ascii_whitespace() || !byte.is_ascii() {
                    continue; // Space or a byte order mark before the object.
                }
                return Ok(Some(Piece::Damaged("no es un archivo de openFDA")));
            }
            let was_text = scan.in_text;
            let closed = scan.closes(byte);
            if scan.depth == 1 {
                match (was_text, scan.in_text, byte) {
                    (false, true, _) => key_from = Some(self.head.len() + 1),
                    (true, false, _) => {
                        let text = key_from.and_then(|from| self.head.get(from..)).unwrap_or_default();
                        key_was_results = text == b"results";
                    }
                    (false, false, b':' | b' ' | b'\n' | b'\r' | b'\t') => {}
                    (false, false, _) => key_was_results = false,
                    (true, true, _) => {}
                }
            }
            if scan.depth == 2 && byte == b'[' && !scan.in_text && key_was_results {
                self.place = Place::List;
                return Ok(None);
            }
            self.head.push(byte);
            if closed {
                return Ok(Some(Piece::Record(std::mem::take(&mut self.head))));
            }
        }
        if self.head.is_empty() { Ok(None) } else { Ok(Some(Piece::Damaged("el archivo está cortado"))) }
    }

    /// The next element of the list.
    fn element(&mut self) -> std::io::Result<Option<Piece>> {
        let first = loop {
            match self.byte()? {
                None => {
                    self.place = Place::Done;
                    return Ok(Some(Piece::Damaged("el archivo está cortado")));
                }
                Some(b']') => {
                    self.place = Place::Done;
                    return Ok(None);
                }
                Some(byte) if byte == b',' || byte.is_ascii_whitespace() => {}
                Some(byte) => break byte,
            }
        };
        if first != b'{' {
            return self.skip_other(first);
        }
        let mut scan = Scan::default();
        scan.closes(first);
        let mut record = vec![first];
        let mut too_long = false;
        while let Some(byte) = self.byte()? {
            if record.len() < LONGEST_RECORD {
                record.push(byte);
            } else {
                too_long = true;
            }
            if scan.closes(byte) {
                let broken = Piece::Broken("el registro es demasiado grande");
                return Ok(Some(if too_long { broken } else { Piece::Record(record) }));
            }
        }
        self.place = Place::Done;
        Ok(Some(Piece::Damaged("el archivo está cortado")))
    }

    /// Skips an element that is not an object.
    fn skip_other(&mut self, first: u8) -> std::io::Result<Option<Piece>> {
        let mut scan = Scan::default();
        scan.closes(first);
        while let Some(byte) = self.peek()? {
            if scan.depth == 0 && !scan.in_text && matches!(byte, b',' | b']') {
                break;
            }
            scan.closes(byte);
            self.at += 1;
        }
        Ok(Some(Piece::Broken("el registro no es un objeto")))
    }
}
