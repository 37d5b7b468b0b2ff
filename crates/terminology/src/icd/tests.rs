//! What the core must find: checked on the shipped tables, and on WHO's own table where it is at hand.

use super::{Icd10Code, IcdIndex};
use proptest::prelude::*;
use std::path::PathBuf;

/// The first ICD-11 code for what is typed.
fn check_search(query: &str, expected: &str) {
    let found = IcdIndex::core().search(query, 5);
    let codes: Vec<&str> = found.iter().map(|c| c.entry.code.as_str()).collect();
    assert_eq!(codes.first().copied(), Some(expected), "{query}: {codes:?}");
}

/// The category of the first ICD-11 code for what a physician says.
fn check_code(mention: &str, expected: &str) {
    let found = IcdIndex::core().code(mention, None);
    let codes: Vec<&str> = found.iter().map(|c| c.entry.code.category()).collect();
    assert_eq!(codes.first().copied(), Some(expected), "{mention}: {codes:?}");
}

/// Words recognised in a text, with their category.
fn check_mentions(text: &str, expected: &[(&str, &str)]) {
    let found = IcdIndex::core().mentions(text);
    let found: Vec<(&str, &str)> =
        found.iter().map(|m| (&text[m.range.clone()], m.code.category())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_core_has_the_codes_it_promises() {
    let index = IcdIndex::core();
    assert!(index.entries().len() >= 1500, "{}", index.entries().len());
    assert!(index.lookup("ba00.z").is_some());
    assert!(index.lookup("ZZ99").is_none());
}

#[test]
fn search_finds_lay_words_abbreviations_and_misspellings() {
    check_search("azúcar", "5A11");
    check_search("HTA", "BA00.Z");
    check_search("dm2", "5A11");
    check_search("piedras en el riñon", "GB70.0Z");
    check_search("hipertencion", "BA00.Z");
    check_search("arterial hipertensión", "BA00.Z");
    check_search("paperas", "1D80.0");
    check_search("anginas", "CA03.Z");
    check_search("angina", "BA40.Z");
}

#[test]
fn search_answers_while_the_word_is_being_typed() {
    check_search("neum", "CA40.Z");
    check_search("colecis", "DC12.Z");
    check_search("apendici", "DB10.Z");
}

#[test]
fn search_takes_codes_of_both_classifications() {
    check_search("5A11", "5A11");
    check_search("ba00", "BA00.Z");
    check_search("E11.9", "5A11");
    check_search("i10x", "BA00.Z");
}

#[test]
fn hedges_and_sides_do_not_change_the_disease() {
    check_code("probable apendicitis", "DB10");
    check_code("sospecha de neumonía basal derecha", "CA40");
    check_code("parece una otitis media aguda del lado derecho", "AB00");
    check_code("gastroenteritis probablemente viral", "1A2Y");
    check_code("lumbalgia mecánica", "ME84");
}

#[test]
fn the_words_that_matched_and_a_cie10_code_come_along() {
    let found = IcdIndex::core().code("infección de vías urinarias", None);
    assert_eq!(found[0].icd10.map(|c| c.to_string()).as_deref(), Some("N39.0"));
    assert_eq!(found[0].matched, "infección de vías urinarias");
    assert!(found[0].score > 0.9 && found.len() <= 5);
}

#[test]
fn context_decides_between_near_codes() {
    let index = IcdIndex::core();
    let alone = index.code("anemia", None);
    assert_eq!(alone[0].entry.code.category(), "3A9Z");
    let pregnant = index.code("hipertensión", Some("embarazo de 32 semanas, gestacional"));
    assert!(pregnant.iter().any(|c| c.entry.code.category() == "JA23"), "{pregnant:?}");
}

#[test]
fn mentions_are_found_in_running_text_the_longest_first() {
    check_mentions(
        "Mire, usted tiene diabetes mellitus tipo 2 y también presión alta.",
        &[("diabetes mellitus tipo 2", "5A11"), ("presión alta", "BA00")],
    );
    check_mentions("Le tomo la presión y el azúcar, no se me ponga nervioso.", &[]);
    check_mentions("Unas gotas para el ojo; una vez que tenía sobre peso.", &[]);
    check_mentions("Me duele. La garganta está bien.", &[]);
    check_mentions("", &[]);
}

#[test]
fn abbreviations_are_mentions_only_in_capitals() {
    check_mentions("Paciente con EPOC", &[("EPOC", "CA22")]);
    check_mentions("en esa epoc", &[]);
}

#[test]
fn empty_and_foreign_text_finds_nothing_or_something_but_answers() {
    let index = IcdIndex::core();
    for text in ["", "   ", "🙂🙂", "de la con por", "\u{0301}", "日本語のテキスト"] {
        assert!(index.code(text, Some(text)).len() <= 5);
    }
    assert!(index.code("", None).is_empty());
    assert!(index.search(&"diabetes ".repeat(2000), 10).len() <= 10);
}

/// A file of the data shared by the workshop, if it is there.
pub(super) fn shared(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        println!("skipped: ../shared not present");
    }
    text
}

#[test]
fn every_row_has_who_s_title_and_known_cie10_codes() {
    let Some(table) = shared("data/icd11/icd11_mms_2024-01_es_en.tsv") else { return };
    let titles: std::collections::HashMap<&str, &str> = table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?, fields.nth(9)?))
        })
        .collect();
    let Some(cie10) = shared("data/icd10/cie10_es_en.tsv") else { return };
    let known: std::collections::HashSet<&str> = cie10.lines().filter_map(|l| l.split('\t').next()).collect();
    // Codes for national use, in the list of notifiable diseases but not in WHO's table.
    let national = ["U97", "U98", "U99", "U60.0", "U60.1", "U60.2", "U60.3", "U60.4", "U60.5"];
    for entry in IcdIndex::core().entries() {
        let code = entry.code.as_str();
        assert_eq!(titles.get(code).copied(), Some(&*entry.title), "{code}");
        for cie in entry.icd10.iter().map(Icd10Code::as_str) {
            assert!(known.contains(cie) || national.contains(&cie), "{code}: {cie}");
        }
    }
}

#[test]
fn every_code_of_the_release_has_the_syntax_the_parser_knows() {
    let Some(table) = shared("data/icd11/icd11_mms_2024-01_es_en.tsv") else { return };
    for line in table.lines().skip(1) {
        let mut fields = line.split('\t');
        let (code, chapter) = (fields.next().unwrap_or_default(), fields.nth(2).unwrap_or_default());
        if !code.is_empty() && chapter != "X" {
            assert!(super::Icd11Code::parse(code).is_ok(), "{code}");
        } else if !code.is_empty() {
            assert!(super::Icd11Code::parse(&format!("1A00&{code}")).is_ok(), "{code}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        let index = IcdIndex::core();
        for candidate in index.search(&text, 7).iter().chain(&index.code(&text, Some(&text))) {
            prop_assert!((0.0..=1.0).contains(&candidate.score));
        }
        let mut end = 0;
        for mention in index.mentions(&text) {
            prop_assert!(mention.range.start >= end && text.get(mention.range.clone()).is_some());
            end = mention.range.end;
        }
    }
}
