//! Small files of the publisher's shape, and hostile ones.

use proptest::prelude::*;

use super::*;
use crate::{CheckInput, Drug, Patient, Pregnancy, Severity};

fn record(set_id: &str, version: u32, name: &str, sections: &str) -> String {
    format!(
        r#"{{"set_id":"{set_id}","id":"x","version":"{version}","effective_time":"20240{version}01","openfda":{{"generic_name":["{name}"],"substance_name":["{name}"],"is_original_packager":[true]}}{sections}}}"#
    )
}

fn file(records: &[String]) -> String {
    format!(
        r#"{{"meta":{{"last_updated":"2026-06-12","results":{{"skip":0}}}},"results":[{}]}}"#,
        records.join(",\n")
    )
}

/// What a file selects, how many records were broken, and whether it was read to its end.
fn select(bytes: &[u8]) -> (Vec<Label>, usize, bool) {
    let mut records = Records::new(bytes);
    let (mut selection, mut broken, mut whole) = (Selection::default(), 0, true);
    while let Some(piece) = records.next_piece().unwrap() {
        let published = records.last_updated().unwrap_or_default();
        match piece {
            Piece::Damaged(_) => whole = false,
            Piece::Broken(_) => broken += 1,
            Piece::Record(bytes) => match Label::read(&bytes, &published) {
                Ok(Some(label)) => {
                    selection.offer(label);
                }
                Ok(None) => {}
                Err(_) => broken += 1,
            },
        }
    }
    (selection.into_chosen(), broken, whole)
}

/// The labels of a whole file with these records.
fn labels(records: &[String]) -> Labels {
    let (chosen, broken, whole) = select(file(records).as_bytes());
    assert!(broken == 0 && whole);
    loaded(chosen)
}

fn loaded(chosen: Vec<Label>) -> Labels {
    let mut labels = Labels::default();
    chosen.into_iter().for_each(|label| labels.put(Arc::new(KeptLabel::new(label))));
    labels
}

fn two(one: &str, other: &str) -> CheckInput {
    CheckInput { proposed: vec![Drug::named(one), Drug::named(other)], ..CheckInput::default() }
}

fn simvastatin() -> String {
    let sections = r#","contraindications":["4 CONTRAINDICATIONS Concomitant administration of strong CYP3A4 inhibitors is contraindicated (4.1). History of hypersensitivity to losartan in any patient."],"drug_interactions":["7 DRUG INTERACTIONS Levocarnitine: Use with caution when taking it. No clinically significant interaction was seen with dapagliflozin."]"#;
    record("a", 1, "SIMVASTATIN", sections)
}

#[test]
fn a_sentence_of_the_label_is_an_alert_of_its_own_source_with_its_words() {
    let labels = labels(&[simvastatin()]);
    let alerts = crate::check_with(&two("simvastatina", "levocarnitina"), &labels).alerts;
    assert_eq!(alerts[0].severity, Severity::Moderada);
    assert_eq!(alerts[0].quotes, ["Levocarnitine: Use with caution when taking it."]);
    assert_eq!(
        alerts[0].sources,
        ["Ficha FDA de simvastatina del 2024-01-01, versión 1, datos de openFDA del 2026-06-12"]
    );
    assert!(crate::check(&two("simvastatina", "levocarnitina")).alerts.is_empty());
}

#[test]
fn what_the_tables_know_already_gets_the_sentence_beside_it() {
    let labels = labels(&[simvastatin()]);
    let alerts = crate::check_with(&two("simvastatina", "claritromicina"), &labels).alerts;
    assert_eq!(alerts.iter().filter(|alert| alert.inns == ["clarithromycin", "simvastatin"]).count(), 1);
    assert!(alerts[0].sources.len() >= 2 && alerts[0].quotes.len() == 1, "{alerts:?}");
}

#[test]
fn a_sentence_about_an_allergy_or_about_nothing_happening_raises_nothing() {
    let labels = labels(&[simvastatin()]);
    assert!(crate::check_with(&two("simvastatina", "losartán"), &labels).alerts.is_empty());
    assert!(crate::check_with(&two("simvastatina", "dapagliflozina"), &labels).alerts.is_empty());
}

#[test]
fn the_label_speaks_of_pregnancy() {
    let sections = r#","pregnancy":["8.1 Pregnancy Levocarnitine can cause fetal harm in animals."]"#;
    let labels = labels(&[record("l", 1, "LEVOCARNITINE", sections)]);
    let patient = Patient { pregnancy: Pregnancy::Yes { weeks: None }, ..Patient::default() };
    let input = CheckInput { proposed: vec![Drug::named("levocarnitina")], patient, ..CheckInput::default() };
    let alerts = crate::check_with(&input, &labels).alerts;
    assert!(
        alerts.iter().any(|alert| alert.quotes.iter().any(|quote| quote.contains("fetal harm"))),
        "{alerts:?}"
    );
}

#[test]
fn the_newest_version_stays_whatever_the_order_and_reading_twice_changes_nothing() {
    let old = record("a", 1, "WARFARIN SODIUM", r#","drug_interactions":["vieja"]"#);
    let new = record("a", 3, "WARFARIN SODIUM", r#","drug_interactions":["nueva"]"#);
    let kept = |records: &[String]| select(file(records).as_bytes()).0;
    let once = kept(&[old.clone(), new.clone()]);
    assert_eq!(once, kept(&[new.clone(), old.clone(), new, old]));
    assert_eq!(once[0].interactions, "nueva");
}

#[test]
fn a_label_with_an_ingredient_nobody_knows_is_not_taken_for_that_of_another_medicine() {
    let mixed = record("m", 1, "DIGOXIN AND ZUTANOLINE", r#","drug_interactions":["x"]"#);
    assert!(labels(&[mixed]).is_empty());
}

#[test]
fn a_medicine_only_sold_in_a_combination_has_the_label_of_that() {
    let sections = r#","drug_interactions":["Concomitant use with levocarnitine should be avoided."]"#;
    let both = record("e", 1, "SACUBITRIL; VALSARTAN", sections);
    let labels = labels(&[both, record("v", 1, "VALSARTAN", "")]);
    let quoted = |name| {
        let alerts = crate::check_with(&two(name, "levocarnitina"), &labels).alerts;
        alerts.iter().any(|alert| !alert.quotes.is_empty())
    };
    assert!(quoted("sacubitril"));
    assert!(!quoted("valsartán"), "the label of valsartan alone speaks for it");
}

#[test]
fn a_broken_record_is_reported_and_the_rest_is_read() {
    let records = [
        record("a", 1, "WARFARIN SODIUM", ""),
        r#"{"set_id": }"#.to_owned(),
        "7".to_owned(),
        r#"{"openfda":{"generic_name":["WARFARIN"]}}"#.to_owned(),
        r#"{"set_id":"c","version":{},"openfda":[]}"#.to_owned(),
        record("b", 1, "METFORMIN HYDROCHLORIDE", ""),
    ];
    let (chosen, broken, whole) = select(file(&records).as_bytes());
    assert_eq!((chosen.len(), broken, whole), (2, 4, true));
}

#[test]
fn a_bare_record_and_a_cut_file_are_told_apart() {
    let (chosen, broken, whole) = select(record("a", 1, "WARFARIN SODIUM", "").as_bytes());
    assert_eq!((chosen.len(), broken, whole), (1, 0, true));
    let text = file(&[record("b", 1, "ASPIRIN", ""), record("c", 1, "DIGOXIN", "")]);
    let (chosen, broken, whole) = select(&text.as_bytes()[..text.len() - 10]);
    assert_eq!((chosen.len(), broken, whole), (1, 0, false));
    assert!(!select(b"<html>404</html>").2);
}

proptest! {
    /// Bytes near the real thing: cut, changed, repeated.
    #[test]
    fn no_bytes_make_the_reader_fail(
        cut in 0_usize..600, at in 0_usize..600, byte in any::<u8>(), noise in prop::collection::vec(any::<u8>(), 0..40)
    ) {
        let mut bytes = file(&[simvastatin(), record("b", 2, "DIGOXIN", r#","pregnancy":["\u00e9\"]}"]"#)]).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.splice(at..at, noise);
        bytes.truncate(bytes.len().saturating_sub(cut));
        let labels = loaded(select(&bytes).0);
        let _ = crate::check_with(&two("simvastatina", "digoxina"), &labels);
    }

    #[test]
    fn no_noise_makes_the_reader_fail(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(select(&noise).0.is_empty());
        let _ = Label::read(&noise, "");
    }

    #[test]
    fn records_are_cut_the_same_however_the_stream_arrives(pieces in 1_usize..50) {
        struct Slow<'a>(&'a [u8], usize);
        impl std::io::Read for Slow<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let most = self.1.min(out.len()).min(self.0.len());
                out[..most].copy_from_slice(&self.0[..most]);
                self.0 = &self.0[most..];
                Ok(most)
            }
        }
        let text = file(&[simvastatin(), "5".to_owned(), record("b", 2, "DIGOXIN", "")]);
        let mut records = Records::new(Slow(text.as_bytes(), pieces));
        let mut seen = Vec::new();
        while let Some(piece) = records.next_piece().unwrap() {
            seen.push(matches!(piece, Piece::Record(_)));
        }
        prop_assert_eq!(seen, [true, false, true]);
    }
}
