//! The data types of FHIR R4 that our resources use, with the elements we write. An element that is not here is refused
//! when read: what is not understood must not be dropped in silence.

use clinical::observation::Amount;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number exact to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal(pub(crate) Amount);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0.as_f64();
        // Amounts have 15 significant digits at most: the shortest writing of the nearest double is the amount itself.
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most eleven digits")]
        if value.fract() == 0.0 {
            serializer.serialize_i64(value as i64)
        } else {
            serializer.serialize_f64(value)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        let read = Amount::from_f64(value).filter(|amount| amount.to_string().parse::<Amount>().is_ok());
        read.map(Self).ok_or_else(|| serde::de::Error::custom("not a number of the record"))
    }
}

/// Serde attributes on every field by its shape. Kept as one macro so that no field can be written as `null` or `[]`.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $shape:ident $type:ty),* $(,)? }) => {
        resource!{@ $(#[$doc])* $name [] $($(#[$field_doc])* $field : $shape $type,)*}
    };
    (@ $(#[$doc:meta])* $name:ident [$($done:tt)*] $(#[$fd:meta])* $field:ident : one $type:ty, $($rest:tt)*) => {
        resource!{@ $(#[$doc])* $name [$($done)*
            $(#[$fd])* #[serde(skip_serializing_if = "Option::is_none")] pub(crate) $field: Option<$type>,] $($rest)*}
    };
    (@ $(#[$doc:meta])* $name:ident [$($done:tt)*] $(#[$fd:meta])* $field:ident : many $type:ty, $($rest:tt)*) => {
        resource!{@ $(#[$doc])* $name [$($done)*
            $(#[$fd])* #[serde(skip_serializing_if = "Vec::is_empty")] pub(crate) $field: Vec<$type>,] $($rest)*}
    };
    (@ $(#[$doc:meta])* $name:ident [$($done:tt)*]) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub(crate) struct $name { $($done)* }
    };
}
pub(crate) use resource;

resource! {
    /// A value of a system, with its words.
    Coding { system: one String, version: one String, code: one String, display: one String }
}
resource! {
    /// A concept, by codes and in words.
    CodeableConcept { extension: many Extension, coding: many Coding, text: one String }
}
resource! {
    /// A business identifier.
    Identifier { #[serde(rename = "use")] usage: one String, system: one String, value: one String }
}
resource! {
    /// A reference to a resource of the bundle.
    Reference { reference: one String, display: one String }
}
resource! {
    /// An amount with its unit.
    Quantity {
        value: one Decimal, comparator: one String, unit: one String, system: one String, code: one String,
    }
}
resource! {
    /// From when to when.
    Period { start: one String, end: one String }
}
resource! {
    /// What an element has beyond the standard.
    Extension {
        url: one String, value_string: one String, value_code: one String, value_boolean: one bool,
        value_integer: one i64, value_date: one String, value_date_time: one String, value_instant: one String,
        value_time: one String, value_address: one Address, value_codeable_concept: one CodeableConcept,
        extension: many Extension,
    }
}
resource! {
    /// What stands beside a primitive value.
    Element { extension: many Extension }
}
resource! {
    /// A name in its parts.
    HumanName {
        #[serde(rename = "use")] usage: one String, text: one String, family: one String,
        #[serde(rename = "_family")] family_element: one Element, given: many String, prefix: many String,
    }
}
resource! {
    /// A postal address.
    Address {
        text: one String, city: one String, district: one String, state: one String, country: one String,
    }
}
resource! {
    /// A telephone.
    ContactPoint { system: one String, value: one String }
}
resource! {
    /// A remark.
    Annotation { text: one String }
}
resource! {
    /// The words of a resource or section as XHTML.
    Narrative { status: one String, div: one String }
}
resource! {
    /// A file, or where it lies.
    Attachment {
        extension: many Extension, content_type: one String, url: one String, size: one i64, title: one String,
        creation: one String,
    }
}

pub(crate) fn coding(system: &str, code: &str, display: Option<&str>) -> Coding {
    Coding {
        system: Some(system.to_owned()),
        code: Some(code.to_owned()),
        display: display.map(str::to_owned),
        version: None,
    }
}

pub(crate) fn concept(system: &str, code: &str, display: Option<&str>) -> CodeableConcept {
    CodeableConcept { coding: vec![coding(system, code, display)], ..CodeableConcept::default() }
}

pub(crate) fn words(text: &str) -> CodeableConcept {
    CodeableConcept { text: filled(text), ..CodeableConcept::default() }
}

/// FHIR knows no empty strings.
pub(crate) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl CodeableConcept {
    /// The code in a system.
    pub(crate) fn code_in(&self, system: &str) -> Option<&str> {
        self.coding_in(system)?.code.as_deref()
    }

    pub(crate) fn coding_in(&self, system: &str) -> Option<&Coding> {
        self.coding.iter().find(|coding| coding.system.as_deref() == Some(system))
    }
}

impl Reference {
    pub(crate) fn to(id: impl std::fmt::Display) -> Self {
        Self { reference: Some(full_url(id)), display: None }
    }

    pub(crate) fn to_named(id: impl std::fmt::Display, display: &str) -> Self {
        Self { reference: Some(full_url(id)), display: filled(display) }
    }

    pub(crate) fn named(display: &str) -> Self {
        Self { reference: None, display: filled(display) }
    }
}

/// How a resource is named inside a bundle.
pub(crate) fn full_url(id: impl std::fmt::Display) -> String {
    format!("urn:uuid:{id}")
}

impl Identifier {
    pub(crate) fn new(system: &str, value: impl std::fmt::Display) -> Self {
        Self { usage: None, system: Some(system.to_owned()), value: Some(value.to_string()) }
    }
}

/// The identifier of a system.
pub(crate) fn identifier<'a>(list: &'a [Identifier], system: &str) -> Option<&'a str> {
    list.iter().find(|own| own.system.as_deref() == Some(system))?.value.as_deref()
}

impl Extension {
    fn of(url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..Self::default() }
    }

    pub(crate) fn string(url: &str, value: impl std::fmt::Display) -> Self {
        Self { value_string: Some(value.to_string()), ..Self::of(url) }
    }

    pub(crate) fn code(url: &str, value: &str) -> Self {
        Self { value_code: Some(value.to_owned()), ..Self::of(url) }
    }

    pub(crate) fn yes(url: &str) -> Self {
        Self { value_boolean: Some(true), ..Self::of(url) }
    }

    pub(crate) fn integer(url: &str, value: i64) -> Self {
        Self { value_integer: Some(value), ..Self::of(url) }
    }

    pub(crate) fn date(url: &str, value: impl std::fmt::Display) -> Self {
        Self { value_date: Some(value.to_string()), ..Self::of(url) }
    }

    pub(crate) fn instant(url: &str, value: jiff::Timestamp) -> Self {
        Self { value_instant: Some(value.to_string()), ..Self::of(url) }
    }
}

/// The extension with a name.
pub(crate) fn extension<'a>(list: &'a [Extension], url: &str) -> Option<&'a Extension> {
    list.iter().find(|own| own.url.as_deref() == Some(url))
}

/// Its text.
pub(crate) fn text_of<'a>(list: &'a [Extension], url: &str) -> Option<&'a str> {
    extension(list, url)?.value_string.as_deref()
}

/// Its code.
pub(crate) fn code_of<'a>(list: &'a [Extension], url: &str) -> Option<&'a str> {
    extension(list, url)?.value_code.as_deref()
}

/// Whether it says yes.
pub(crate) fn says_yes(list: &[Extension], url: &str) -> bool {
    extension(list, url).is_some_and(|own| own.value_boolean == Some(true))
}
