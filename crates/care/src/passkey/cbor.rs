//! As much of CBOR (RFC 8949) as a passkey is written in: whole numbers, text, bytes, lists and maps of known length.

/// Deepest nesting that is read.
const DEEPEST: usize = 8;
/// Most entries of one list or map.
const MOST: usize = 64;

/// A value.
#[derive(Debug, PartialEq)]
pub(super) enum Item<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Item<'a>>),
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// `false`, `true`, `null` and the like.
    Simple(u8),
}

impl Item<'_> {
    /// The value of an entry of a map.
    pub(super) fn get(&self, key: &Item<'_>) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(own, _)| own == key).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Reads bytes that are one value and nothing else.
pub(super) fn read(bytes: &[u8]) -> Option<Item<'_>> {
    let mut rest = bytes;
    let item = item(&mut rest, 0)?;
    rest.is_empty().then_some(item)
}

/// Reads the value that bytes begin with.
pub(super) fn begins(bytes: &[u8]) -> Option<Item<'_>> {
    let mut rest = bytes;
    item(&mut rest, 0)
}

fn item<'a>(rest: &mut &'a [u8], depth: usize) -> Option<Item<'a>> {
    if depth > DEEPEST {
        return None;
    }
    let (first, after) = rest.split_first()?;
    *rest = after;
    let (major, short) = (first >> 5, first & 31);
    if major == 7 {
        return (short < 24).then_some(Item::Simple(short));
    }
    let number = argument(rest, short)?;
    let length = || usize::try_from(number).ok();
    match major {
        0 => Some(Item::Int(i64::try_from(number).ok()?)),
        1 => Some(Item::Int(-1 - i64::try_from(number).ok()?)),
        2 => Some(Item::Bytes(take(rest, length()?)?)),
        3 => Some(Item::Text(std::str::from_utf8(take(rest, length()?)?).ok()?)),
        4 => {
            let length = length().filter(|length| *length <= MOST)?;
            let mut list = Vec::with_capacity(length);
            for _ in 0..length {
                list.push(item(rest, depth + 1)?);
            }
            Some(Item::List(list))
        }
        5 => {
            let length = length().filter(|length| *length <= MOST)?;
            let mut map = Vec::with_capacity(length);
            for _ in 0..length {
                map.push((item(rest, depth + 1)?, item(rest, depth + 1)?));
            }
            Some(Item::Map(map))
        }
        _ => None,
    }
}

/// The number behind the first byte.
fn argument(rest: &mut &[u8], short: u8) -> Option<u64> {
    let length = match short {
        0..=23 => return Some(u64::from(short)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    Some(take(rest, length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn values_are_those_of_the_standard() {
        assert_eq!(read(&[0x18, 0x64]), Some(Item::Int(100)));
        assert_eq!(read(&[0x1a, 0x00, 0x0f, 0x42, 0x40]), Some(Item::Int(1_000_000)));
        assert_eq!(read(&[0x38, 0x63]), Some(Item::Int(-100)));
        assert_eq!(read(&[0x44, 1, 2, 3, 4]), Some(Item::Bytes(&[1, 2, 3, 4])));
        assert_eq!(read("bü".as_bytes()), Some(Item::Text("ü")), "0x62 is also the letter b");
        assert_eq!(read(&[0x62, 0xc3]), None, "text that ends too early");
        assert_eq!(read(&[0x61, 0x41, 0x00]), None, "something behind it");
        let map = read(&[0xa2, 0x01, 0x02, 0x03, 0x82, 0x04, 0xf6]).unwrap();
        assert_eq!(map.get(&Item::Int(1)), Some(&Item::Int(2)));
        assert_eq!(map.get(&Item::Int(3)), Some(&Item::List(vec![Item::Int(4), Item::Simple(22)])));
        assert_eq!(begins(&[0x01, 0x02]), Some(Item::Int(1)));
        for open_ended in [&[0x9f, 0x01, 0xff][..], &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(read(open_ended), None);
        }
        assert_eq!(read(&[0x81; 4000]), None, "nested without end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _answered = read(&bytes);
        }
    }
}
