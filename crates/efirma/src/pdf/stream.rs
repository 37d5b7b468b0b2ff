//! Unpacks the streams that hold a PDF's own bookkeeping. Pictures and pages are never unpacked here.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::error::Error;
use super::object::{Dictionary, Object};

const UNKNOWN: Error = Error::Damaged { at: 0, what: "a stream is packed in a way that is not read" };

/// The bytes of a stream, at most `most` of them.
///
/// # Errors
/// [`Error::Endless`] past `most`, [`Error::Damaged`] for a packing other than Flate.
pub(crate) fn unpack(entries: &Dictionary, packed: &[u8], most: usize) -> Result<Vec<u8>, Error> {
    let plain = match first(entries.get("Filter")) {
        None => {
            if packed.len() > most {
                return Err(Error::Endless { what: "un flujo interno" });
            }
            return Ok(packed.to_vec());
        }
        Some(Object::Name(name)) if name == b"FlateDecode" => inflate(packed, most)?,
        Some(_) => return Err(UNKNOWN),
    };
    match first(entries.get("DecodeParms")) {
        None | Some(Object::Null) => Ok(plain),
        Some(Object::Dictionary(parameters)) => predicted(parameters, plain),
        Some(_) => Err(UNKNOWN),
    }
}

/// The one filter, or its parameters, that may also stand in a list. A longer list is answered with the list.
fn first(entry: Option<&Object>) -> Option<&Object> {
    match entry {
        Some(Object::Array(items)) if items.len() <= 1 => items.first(),
        other => other,
    }
}

fn inflate(packed: &[u8], most: usize) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    ZlibDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|_| Error::Damaged { at: 0, what: "a packed stream cannot be unpacked" })?;
    if plain.len() > most {
        return Err(Error::Endless { what: "un flujo interno" });
    }
    Ok(plain)
}

/// Takes back what PNG's predictors did to lines of bytes (ISO 32000-1, 7.4.4.4).
fn predicted(parameters: &Dictionary, plain: Vec<u8>) -> Result<Vec<u8>, Error> {
    let number = |key: &str, or: usize| parameters.get(key).map_or(Some(or), Object::as_index);
    match number("Predictor", 1) {
        Some(1) => return Ok(plain),
        Some(10..=15) => {}
        _ => return Err(UNKNOWN),
    }
    let (Some(columns @ 1..=65_536), Some(1), Some(8)) =
        (number("Columns", 1), number("Colors", 1), number("BitsPerComponent", 8))
    else {
        return Err(UNKNOWN);
    };
    let mut out = Vec::with_capacity(plain.len());
    let mut above = vec![0_u8; columns];
    for line in plain.chunks(columns + 1) {
        let Some((kind, line)) = line.split_first() else { break };
        let (mut left, mut above_left) = (0_u8, 0_u8);
        for (byte, over) in line.iter().zip(above.iter_mut()) {
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => *over,
                3 => u8::midpoint(left, *over),
                4 => paeth(left, *over, above_left),
                _ => return Err(UNKNOWN),
            };
            left = byte.wrapping_add(guess);
            above_left = std::mem::replace(over, left);
            out.push(left);
        }
    }
    Ok(out)
}

/// The neighbour nearest to what the three of them promise (PNG, 9.4).
fn paeth(left: u8, above: u8, above_left: u8) -> u8 {
    let promise = i16::from(left) + i16::from(above) - i16::from(above_left);
    let distance = |value: u8| (promise - i16::from(value)).abs();
    if distance(left) <= distance(above) && distance(left) <= distance(above_left) {
        left
    } else if distance(above) <= distance(above_left) {
        above
    } else {
        above_left
    }
}
