//! HL7 version 2 messages of type ORU^R01: delimiters, segments and escapes here, what they say in `oru`.
//!
//! Source: HL7 version 2.5.1, chapter 2 (encoding rules) and chapter 7 (observation reporting).

mod oru;

use jiff::tz::TimeZone;

use crate::{Fault, Incoming};

/// Most segments of a message.
const MAX_SEGMENTS: usize = 2000;

/// The signs that separate the parts of a message, as its MSH segment declares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signs {
    field: char,
    component: char,
    repetition: char,
    escape: char,
    subcomponent: char,
}

/// A message: its segments in order, MSH first.
struct Message<'a> {
    segments: Vec<Segment<'a>>,
}

/// A segment with where it stands.
struct Segment<'a> {
    name: &'a str,
    /// Line of the file, from 1.
    line: usize,
    /// Which segment of its name, from 1.
    nth: usize,
    /// The fields by their number: `fields[3]` is XXX-3. Of MSH, `fields[2]` holds the signs.
    fields: Vec<&'a str>,
    signs: Signs,
}

pub(crate) fn read(text: &str, zone: &TimeZone) -> Result<Incoming, Vec<Fault>> {
    let message = Message::parse(text).map_err(|fault| vec![fault])?;
    oru::read(&message, zone)
}

impl Signs {
    fn parse(msh: &str, line: usize) -> Result<Self, Fault> {
        let place = format!("Segmento MSH (línea {line})");
        let mut signs = msh.chars().skip(3);
        let field =
            signs.next().ok_or_else(|| Fault::new(&place, "está cortado; pida el archivo completo"))?;
        let declared: Vec<char> = signs.take_while(|sign| *sign != field).collect();
        let found = match declared.as_slice() {
            [component, repetition, escape, subcomponent]
            | [component, repetition, escape, subcomponent, _] => Self {
                field,
                component: *component,
                repetition: *repetition,
                escape: *escape,
                subcomponent: *subcomponent,
            },
            _ => return Err(Fault::new(place, "campo MSH-2: debe traer los separadores ^~\\&")),
        };
        let all = [found.field, found.component, found.repetition, found.escape, found.subcomponent];
        let distinct = (1..all.len()).all(|i| !all[..i].contains(&all[i]));
        if !distinct || all.iter().any(|sign| sign.is_alphanumeric() || sign.is_whitespace()) {
            return Err(Fault::new(place, "campo MSH-2: los separadores se repiten o no son signos"));
        }
        Ok(found)
    }
}

impl<'a> Message<'a> {
    /// Splits a text. Segments end in CR, LF or both; the frame of a network connection (VT, FS) is dropped.
    fn parse(text: &'a str) -> Result<Self, Fault> {
        let text = text.trim_matches(['\u{b}', '\u{1c}', '\r', '\n', ' ']);
        let lines = numbered_lines(text);
        let first = lines.first().filter(|(_, line)| line.starts_with("MSH"));
        let Some((number, head)) = first else {
            return Err(Fault::new(
                "Archivo",
                "no empieza con un segmento MSH; pida un archivo con un solo mensaje",
            ));
        };
        let signs = Signs::parse(head, *number)?;
        if lines.len() > MAX_SEGMENTS {
            return Err(Fault::new(
                "Archivo",
                format!("tiene más de {MAX_SEGMENTS} segmentos; pídalo dividido"),
            ));
        }
        let mut segments: Vec<Segment<'a>> = Vec::new();
        for (line, text) in lines {
            let mut fields: Vec<&str> = text.split(signs.field).collect();
            let name = fields.first().copied().unwrap_or_default();
            let named = name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            if !named {
                return Err(Fault::new(
                    format!("Línea {line}"),
                    "no empieza con el nombre de un segmento (tres letras, como OBX); el archivo está cortado o dañado",
                ));
            }
            if name == "MSH" {
                if !segments.is_empty() {
                    return Err(Fault::new(
                        format!("Segmento MSH (línea {line})"),
                        "el archivo trae más de un mensaje; suba un mensaje por archivo",
                    ));
                }
                // MSH-1 is the separator itself, which the split has eaten.
                fields.insert(1, "");
            }
            let nth = segments.iter().filter(|other| other.name == name).count() + 1;
            segments.push(Segment { name, line, nth, fields, signs });
        }
        Ok(Self { segments })
    }
}

/// The lines that hold something, with their numbers.
fn numbered_lines(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let (mut rest, mut number) = (text, 1);
    loop {
        let end = rest.find(['\r', '\n']);
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if !line.trim().is_empty() {
            lines.push((number, line.trim_start()));
        }
        let Some(end) = end else { return lines };
        let both = rest.get(end..).is_some_and(|rest| rest.starts_with("\r\n"));
        rest = rest.get(end + if both { 2 } else { 1 }..).unwrap_or_default();
        number += 1;
    }
}

impl Segment<'_> {
    /// "Segmento OBX 3 (línea 9), campo OBX-5".
    fn place(&self, field: usize) -> String {
        format!("Segmento {} {} (línea {}), campo {}-{field}", self.name, self.nth, self.line, self.name)
    }

    /// A field as written.
    fn raw(&self, field: usize) -> &str {
        self.fields.get(field).copied().unwrap_or_default()
    }

    /// The repetitions of a field as written.
    fn repetitions(&self, field: usize) -> impl Iterator<Item = &str> {
        let signs = self.signs;
        self.raw(field).split(signs.repetition)
    }

    /// A component of the first repetition, from 1, without escapes and with its own subcomponents joined by spaces.
    fn component(&self, field: usize, component: usize) -> String {
        let first = self.repetitions(field).next().unwrap_or_default();
        self.component_of(first, component)
    }

    /// A component of a repetition. The empty string in quotes, HL7's "delete", is empty.
    fn component_of(&self, repetition: &str, component: usize) -> String {
        let own = repetition.split(self.signs.component).nth(component.saturating_sub(1)).unwrap_or_default();
        let plain: Vec<String> =
            own.split(self.signs.subcomponent).map(|part| self.signs.unescape(part)).collect();
        let joined = plain.join(" ").trim().to_owned();
        if joined == "\"\"" { String::new() } else { joined }
    }

    /// The whole text of a repetition without escapes, for fields that are plain text.
    fn text_of(&self, repetition: &str) -> String {
        self.signs.unescape(repetition)
    }
}

impl Signs {
    /// Text without its escapes. Highlighting is dropped, line breaks become line breaks, what is not known stays as
    /// written: nothing of a result is lost.
    fn unescape(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(self.escape) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let inner = from.get(self.escape.len_utf8()..).unwrap_or_default();
            let Some(end) = inner.find(self.escape) else {
                out.push_str(from);
                return out;
            };
            let (code, after) = inner.split_at(end);
            match self.escaped(code) {
                Some(plain) => {
                    out.push_str(&plain);
                    rest = after.get(self.escape.len_utf8()..).unwrap_or_default();
                }
                None => {
                    // Not an escape: a lone sign. The second one may begin a real one.
                    out.push(self.escape);
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn escaped(self, code: &str) -> Option<String> {
        Some(match code {
            "F" => self.field.to_string(),
            "S" => self.component.to_string(),
            "T" => self.subcomponent.to_string(),
            "R" => self.repetition.to_string(),
            "E" => self.escape.to_string(),
            "H" | "N" => String::new(),
            _ if code.starts_with(".br") || code.starts_with(".sp") || code.starts_with(".ce") => {
                "\n".to_owned()
            }
            _ if code.starts_with('.') && code.len() <= 6 => String::new(),
            _ => hexadecimal(code.strip_prefix('X')?)?,
        })
    }
}

/// `\XC3B1\`: bytes in hexadecimal, as UTF-8 when they are, else as ISO-8859-1. Control characters become spaces.
fn hexadecimal(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|i| digits.get(i * 2..i * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let bytes = bytes?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(latin) => latin.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    };
    Some(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

#[cfg(test)]
mod tests;
