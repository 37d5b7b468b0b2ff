//! Values and ranges as laboratories print them; nothing guessed.

use proptest::prelude::*;

use super::*;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn value(text: &str) -> LabValue {
    LabValue::read(text).unwrap()
}

#[test]
fn values_are_numbers_comparisons_or_words() {
    let check = |text: &str, shown: &str, is_number: bool| {
        let value = value(text);
        assert_eq!((value.to_string().as_str(), value.amount().is_some()), (shown, is_number), "{text}");
    };
    check("98", "98", true);
    check(" 5.60 ", "5.6", true);
    check("+3.2", "3.2", true);
    check("-2.5", "-2.5", true);
    check("<0.5", "< 0.5", true);
    check(">= 300", "≥ 300", true);
    check("12,5", "12.5", true);
    check("0,600", "0.6", true);
    check("5,600,000", "5600000", true);
    check("5,600.5", "5600.5", true);
    check("Negativo", "Negativo", false);
    check("1:80", "1:80", false);
    check("10 - 20", "10 - 20", false);
    check("1,23,4", "1,23,4", false);
}

#[test]
fn a_comma_that_may_mean_thousands_is_not_guessed() {
    for text in ["5,600", "<1,000", "250,000"] {
        assert_eq!(LabValue::read(text), Err(AmbiguousComma), "{text}");
    }
}

#[test]
fn ranges_are_read_in_the_ways_they_are_printed() {
    let check = |printed: &str, low: Option<&str>, high: Option<&str>| {
        let range = ReferenceRange::read(printed);
        let ends = (range.low.map(|b| b.at), range.high.map(|b| b.at));
        assert_eq!(ends, (low.map(amount), high.map(amount)), "{printed}");
    };
    check("70 - 100", Some("70"), Some("100"));
    check("70-100 mg/dL", Some("70"), Some("100"));
    check("(0.5 – 1.2)", Some("0.5"), Some("1.2"));
    check("4.5 a 11.0", Some("4.5"), Some("11"));
    check("-2.0 - 2.0", Some("-2"), Some("2"));
    check("< 200", None, Some("200"));
    check("Hasta 5.0", None, Some("5"));
    check("Menor de 150 mg/dL", None, Some("150"));
    check(">40", Some("40"), None);
    check("Mayor o igual a 60", Some("60"), None);
    for printed in [
        "Negativo",
        "H: 13-17 M: 12-15",
        "13-17 12-15",
        "100 - 70",
        "",
        "4,500 - 11,000",
        "70-100; ayuno",
        "5",
    ] {
        check(printed, None, None);
    }
    assert_eq!(ReferenceRange::read("  H: 13-17   M: 12-15 ").printed, "H: 13-17 M: 12-15");
}

#[test]
fn out_of_range_is_said_only_with_certainty() {
    let check = |shown: &str, range: &str, expected: Option<Standing>| {
        assert_eq!(standing(&value(shown), &ReferenceRange::read(range)), expected, "{shown} in {range}");
    };
    check("101", "70-100", Some(Standing::High));
    check("100", "70-100", Some(Standing::Within));
    check("70", "70-100", Some(Standing::Within));
    check("69.9", "70-100", Some(Standing::Low));
    check("200", "< 200", Some(Standing::High));
    check("5", "Hasta 5", Some(Standing::Within));
    check("40", "> 40", Some(Standing::Low));
    check("<5", "10-20", Some(Standing::Low));
    check("<10", "10-20", Some(Standing::Low));
    check("<=10", "10-20", None);
    check("<15", "10-20", None);
    check(">20", "10-20", Some(Standing::High));
    check(">300", "< 200", Some(Standing::High));
    check("<5", "Hasta 10", Some(Standing::Within));
    check(">90", "Mayor de 60", Some(Standing::Within));
    check("Positivo", "70-100", None);
    check("50", "Negativo", None);
}

#[test]
fn the_mark_of_the_laboratory_stands_when_the_range_cannot_be_read() {
    let mut result = LabResult {
        analyte: "Potasio".to_owned(),
        loinc: None,
        value: value("6.9"),
        unit: Some("mmol/L".to_owned()),
        ucum: None,
        range: Some(ReferenceRange::read("según edad")),
        flag: LabFlag::from_hl7("HH"),
        comment: None,
    };
    assert_eq!(result.mark(), Some(Mark::CriticalHigh));
    result.flag = LabFlag::from_hl7("N");
    assert_eq!(result.mark(), None);
    result.range = Some(ReferenceRange::read("3.5-5.1"));
    assert_eq!(result.mark(), Some(Mark::High));
    assert_eq!(result.series(), "potasio|mmol/L");
}

#[test]
fn the_time_of_a_sample_is_as_exact_as_it_is_known() {
    for text in ["2026-03-09", "2026-03-09T07:40"] {
        assert_eq!(text.parse::<TakenAt>().unwrap().to_string(), text);
    }
    assert_eq!(parse_time("7:05:59").unwrap().minute(), 5);
    for text in ["25:00", "7", "7:60", "a:b", "07:40:61", "7:40:1:1", ""] {
        assert!(parse_time(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}", other in "[-0-9.,<>a ]{0,20}") {
        for text in [&text, &other] {
            let range = ReferenceRange::read(text);
            if let Ok(value) = LabValue::read(text) {
                let _ = standing(&value, &range);
            }
            let _ = text.parse::<TakenAt>();
            let _ = parse_time(text);
        }
    }

    #[test]
    fn a_value_outside_its_range_is_never_called_within(low in 0_i32..1000, width in 0_i32..1000, value in -2000_i32..4000) {
        let range = ReferenceRange::read(&format!("{low} - {}", low + width));
        let found = standing(&LabValue::Quantity { comparator: None, amount: Amount::whole(value) }, &range);
        let expected = if value < low { Standing::Low } else if value > low + width { Standing::High } else { Standing::Within };
        prop_assert_eq!(found, Some(expected));
    }
}

#[test]
fn how_a_result_came_in_is_read_back() {
    for source in [ResultSource::Typed, ResultSource::Csv, ResultSource::Hl7] {
        assert_eq!(ResultSource::from_code(source.code()), Some(source));
    }
    assert_eq!(ResultSource::from_code("otra"), None);
}
