//! A record goes into a bundle and comes back with the same facts; whatever else stands in a file is refused without a panic.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "round_trip/facts.rs"]
mod facts;

use fhir::{END, FhirError, Files, Record, begin, read};
use proptest::prelude::*;
use serde_json::Value;

fn text(record: &Record) -> String {
    format!("{}{END}", begin(record, Files::Beside))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_record_comes_back_with_the_same_facts(record in facts::record()) {
        let text = text(&record);
        let back = read(text.as_bytes());
        prop_assert_eq!(back, Ok(record), "{}", text);
    }

    #[test]
    fn every_reference_of_a_bundle_is_in_it_and_nothing_is_empty(record in facts::record()) {
        let bundle: Value = serde_json::from_str(&text(&record)).unwrap();
        let urls: Vec<&str> =
            bundle["entry"].as_array().unwrap().iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
        let mut unique = urls.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(unique.len(), urls.len());
        walk(&bundle, &mut |key, value| {
            if key == "reference" {
                let url = value.as_str().unwrap();
                assert!(urls.contains(&url), "{url} leads nowhere");
            }
            let empty = match value {
                Value::String(text) => text.is_empty(),
                Value::Array(list) => list.is_empty(),
                Value::Object(map) => map.is_empty(),
                Value::Null => true,
                Value::Bool(_) | Value::Number(_) => false,
            };
            assert!(!empty || key == "entry", "{key} is empty");
        });
    }

    #[test]
    fn a_damaged_bundle_never_panics(record in facts::record(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = text(&record).into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = read(&bytes);
    }

    #[test]
    fn any_change_of_a_value_is_read_as_something_or_refused(
        record in facts::record(),
        at in any::<prop::sample::Index>(),
        value in json(),
    ) {
        let mut bundle: Value = serde_json::from_str(&text(&record)).unwrap();
        let mut places = 0;
        replace(&mut bundle, usize::MAX, &mut places, &value);
        let chosen = at.index(places);
        replace(&mut bundle, chosen, &mut 0, &value);
        let _ = read(bundle.to_string().as_bytes());
    }

    #[test]
    fn any_json_is_refused_without_a_panic(value in json()) {
        prop_assert!(read(value.to_string().as_bytes()).is_err());
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("2026-13-40")),
        Just(Value::from("urn:uuid:")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("(resourceType|entry|id|value|[a-z]{1,6})", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, see)),
        _ => {}
    }
}

/// Puts `new` at the n-th place of the tree, and counts the places.
fn replace(value: &mut Value, n: usize, seen: &mut usize, new: &Value) {
    if *seen == n {
        *value = new.clone();
    }
    *seen += 1;
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| replace(value, n, seen, new)),
        Value::Array(list) => list.iter_mut().for_each(|value| replace(value, n, seen, new)),
        _ => {}
    }
}

#[test]
fn what_is_wrong_is_named_by_resource_and_element_and_without_words_of_the_record() {
    let record = facts::example();
    let text = text(&record);
    let check = |from: &str, to: &str, expected: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        let error = read(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected) && !error.contains("secreto"), "{from}: {error}");
    };
    let born = "\"birthDate\":\"1962-01-12\"";
    check(born, "\"birthDate\":\"12/01/1962\"", "archivo FHIR, Patient.birthDate: tiene un valor");
    check(born, "\"birthDate\":[\"secreto\"]", "archivo FHIR, Patient.birthDate: no tiene la forma");
    check(born, "\"deceasedBoolean\":true", "archivo FHIR, Patient.");
    check("\"gender\"", "\"gender\":\"male\",\"gender\"", "el archivo FHIR no es JSON válido");
    check(
        "\"resourceType\":\"Consent\"",
        "\"resourceType\":\"Basic\"",
        "el archivo FHIR trae un recurso que",
    );
    check("\"type\":\"collection\"", "\"type\":\"document\"", "el archivo FHIR no es el de un expediente");
    assert!(matches!(read(&text.as_bytes()[..text.len() / 2]), Err(FhirError::Json { .. })));
    assert_eq!(read(b"<?xml version='1.0'?>"), Err(FhirError::Json { line: 1, column: 1 }));
}
