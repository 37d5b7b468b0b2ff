//! What certificates, signatures and answers share in DER: object identifiers, attributes, times, PEM around it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{AnyRef, SetOfVec};
use der::oid::ObjectIdentifier;
use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence, SliceReader, Tag,
    Tagged, Writer,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use zeroize::Zeroizing;

/// Object identifiers, named as their standards name them.
pub(crate) mod oid {
    use super::ObjectIdentifier;

    const fn oid(text: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(text)
    }

    // RFC 5652: what a message holds.
    pub(crate) const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
    pub(crate) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
    // RFC 5652, RFC 5035, RFC 3161: attributes of a signature.
    pub(crate) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
    pub(crate) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
    pub(crate) const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
    pub(crate) const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
    pub(crate) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
    pub(crate) const SIGNATURE_TIME_STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
    /// RFC 3161: the content of a timestamp.
    pub(crate) const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
    // RFC 6960.
    pub(crate) const OCSP_BASIC: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.1");
    pub(crate) const OCSP_NONCE: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.2");
    // RFC 8017.
    pub(crate) const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
    // RFC 5280: what a key may be used for.
    pub(crate) const EMAIL_PROTECTION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.4");
    pub(crate) const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");
    pub(crate) const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");
    // X.520: attributes of a name.
    pub(crate) const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
    pub(crate) const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
    pub(crate) const ORGANIZATION: ObjectIdentifier = oid("2.5.4.10");
    pub(crate) const ORGANIZATIONAL_UNIT: ObjectIdentifier = oid("2.5.4.11");
    pub(crate) const UNIQUE_IDENTIFIER: ObjectIdentifier = oid("2.5.4.45");
}

/// Attribute ::= SEQUENCE { type, values SET OF } (RFC 5652, 5.3).
#[derive(Debug, Clone, Sequence)]
pub(crate) struct Attribute<'a> {
    pub(crate) kind: ObjectIdentifier,
    pub(crate) values: SetOfVec<AnyRef<'a>>,
}

/// SET OF, as the bytes between its header and its end: what was signed must be kept in the order it came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawSet<'a>(pub(crate) &'a [u8]);

impl FixedTag for RawSet<'_> {
    const TAG: Tag = Tag::Set;
}

impl<'a> DecodeValue<'a> for RawSet<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        Ok(Self(reader.read_slice(header.length())?))
    }
}

impl EncodeValue for RawSet<'_> {
    fn value_len(&self) -> der::Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0)
    }
}

/// The only value of the only attribute of that kind. `None` if it is not there, or more than once.
pub(crate) fn single<'a>(attributes: &[Attribute<'a>], kind: ObjectIdentifier) -> Option<AnyRef<'a>> {
    let mut found = attributes.iter().filter(|attribute| attribute.kind == kind);
    let attribute = found.next()?;
    if found.next().is_some() || attribute.values.len() != 1 {
        return None;
    }
    attribute.values.get(0).copied()
}

/// The elements that follow each other in the content of a SET OF or SEQUENCE OF.
pub(crate) fn elements<'a, T: Decode<'a, Error = der::Error>>(content: &'a [u8]) -> der::Result<Vec<T>> {
    let mut reader = SliceReader::new(content)?;
    let mut all = Vec::new();
    while !reader.is_finished() {
        all.push(T::decode(&mut reader)?);
    }
    Ok(all)
}

/// An element with that tag around that content.
pub(crate) fn wrap(tag: Tag, content: &[u8]) -> der::Result<Vec<u8>> {
    AnyRef::new(tag, content)?.to_der()
}

/// The content of a SET OF in the order DER asks for: by the bytes of its elements (X.690, 11.6).
pub(crate) fn set_content(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    elements.concat()
}

/// GeneralizedTime in UTC, with or without a fraction of a second (RFC 3161 allows one, `der` does not).
pub(crate) fn generalized_time(any: AnyRef<'_>) -> der::Result<Timestamp> {
    let refused = || der::Error::from(Tag::GeneralizedTime.value_error());
    if any.tag() != Tag::GeneralizedTime {
        return Err(refused());
    }
    let text = std::str::from_utf8(any.value()).map_err(|_| refused())?;
    let text = text.strip_suffix('Z').ok_or_else(refused)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || fraction.len() > 9 || !digits(fraction) {
        return Err(refused());
    }
    let part = |range: std::ops::Range<usize>| whole.get(range).and_then(|text| text.parse::<i8>().ok());
    let year = whole.get(0..4).and_then(|text| text.parse::<i16>().ok()).ok_or_else(refused)?;
    let nanoseconds: i32 = format!("{fraction:0<9}").parse().map_err(|_| refused())?;
    let [Some(month), Some(day), Some(hour), Some(minute), Some(second)] =
        [part(4..6), part(6..8), part(8..10), part(10..12), part(12..14)]
    else {
        return Err(refused());
    };
    DateTime::new(year, month, day, hour, minute, second, nanoseconds)
        .and_then(|civil| Offset::UTC.to_timestamp(civil))
        .map_err(|_| refused())
}

/// The whole first element of `bytes`, header included, and what follows it.
pub(crate) fn first_element(bytes: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let (_, rest) = AnyRef::from_der_partial(bytes)?;
    Ok(bytes.split_at(bytes.len() - rest.len()))
}

/// What stands between `-----BEGIN label-----` and its end, for each time it occurs; lenient about line breaks and text
/// around it, as other programs are. Wiped when dropped, because it may be a key.
pub(crate) fn pem_blocks(text: &[u8], label: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let Some((body, next)) = after.split_once(&end) else { break };
        let mut packed = Zeroizing::new(Vec::with_capacity(body.len()));
        packed.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        let mut bytes = Zeroizing::new(vec![0; packed.len()]);
        if let Ok(length) = STANDARD.decode_slice(&packed[..], &mut bytes) {
            bytes.truncate(length);
            blocks.push(bytes);
        }
        rest = next;
    }
    blocks
}
