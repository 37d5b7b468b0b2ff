//! What the core must find: checked on the shipped tables, and on WHO's own table where it is at hand.

use super::{Candidate, Confidence, Icd10Code, IcdEntry, IcdIndex, Ranker, Standing};
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

/// The diseases of the weekly notification (SUIVE), each with its CIE-10 codes: ranges, and after `!` what is not meant.
const NOTIFIABLE: &str = include_str!("../../../../testdata/cie11/notificables.tsv");

/// Whether a CIE-10 code is in a list like `B65-B67,B78 !B66.1`.
fn within(code: &str, list: &str) -> bool {
    let one = |range: &str| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let short = |bound: &str| code.get(..bound.len().min(code.len())).unwrap_or_default().to_owned();
        code.len() >= from.len() && *short(from) >= *from && *short(to) <= *to
    };
    let (meant, not) = list.split_once(" !").unwrap_or((list, ""));
    let any = |ranges: &str| ranges.split(',').filter(|range| !range.is_empty()).any(one);
    any(meant) && !any(not)
}

#[test]
fn every_notifiable_disease_has_a_code_in_the_core_and_is_found_by_its_name() {
    let index = IcdIndex::core();
    let rows: Vec<(&str, &str)> =
        NOTIFIABLE.lines().skip(1).filter_map(|line| line.split_once('\t')).collect();
    assert!(rows.len() > 180, "{}", rows.len());
    assert!(
        within("B66.1", "B65-B67") && !within("B66.1", "B65-B67 !B66") && !within("A97.2", "A97.0,A97.9")
    );
    let has = |entry: &IcdEntry, list: &str| entry.icd10.iter().any(|code| within(code.as_str(), list));
    let (mut missing, mut lost) = (Vec::new(), Vec::new());
    for (name, list) in rows {
        if !index.entries().iter().any(|entry| has(entry, list)) {
            missing.push(name);
        }
        let found = index.search(name, 5);
        let named = |one: &Candidate<'_>| one.icd10.is_some_and(|code| within(code.as_str(), list));
        if !found.iter().any(|one| named(one) || has(one.entry, list)) {
            lost.push(name);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(lost.is_empty(), "{lost:#?}");
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

/// How a mention stands and the first code it gets.
fn check_standing(mention: &str, standing: Standing, expected: &str) {
    let found = IcdIndex::core().code(mention, None);
    let first = found.first().map(|c| (c.standing, c.entry.code.as_str()));
    assert_eq!(first, Some((standing, expected)), "{mention}");
}

#[test]
fn a_relative_s_disease_and_one_ruled_out_are_never_coded_as_the_patient_s() {
    check_standing("antecedente familiar de cáncer de mama", Standing::Family, "QC61.3");
    check_standing("madre con diabetes", Standing::Family, "QC64.0");
    check_standing("apendicitis descartada", Standing::RuledOut, "QA02.Y");
    check_standing("se descartó tuberculosis pulmonar", Standing::RuledOut, "QA02.0");
    for mention in ["madre con diabetes", "diabetes descartada", "antecedentes heredofamiliares de diabetes"]
    {
        let found = IcdIndex::core().code(mention, None);
        assert!(found.iter().all(|c| c.entry.code.category() != "5A11"), "{mention}: {found:?}");
    }
}

#[test]
fn an_infection_or_tumour_that_is_over_is_history_and_a_lasting_disease_is_not() {
    check_standing("antecedente de tuberculosis pulmonar", Standing::History, "QC42.Z");
    check_standing("antecedente de hipertensión arterial", Standing::History, "BA00.Z");
    check_standing("sospecha de apendicitis", Standing::Suspected, "DB10.Z");
    check_standing("fiebre mediterránea familiar", Standing::Present, "4A60.0");
}

#[test]
fn acuity_stage_and_complication_choose_the_more_specific_code() {
    for (mention, code) in [
        ("colecistitis aguda", "DC12.0Z"),
        ("ERC estadio 4", "GB61.4"),
        ("dengue grave", "1D22"),
        ("dengue con signos de alarma", "1D21"),
        ("diabetes gestacional", "JA63.2"),
        ("otitis media aguda supurada", "AB00"),
    ] {
        let found = IcdIndex::core().code(mention, None);
        let first = found.first().map(|c| c.entry.code.as_str()).unwrap_or_default();
        assert!(first.starts_with(code), "{mention}: {first}");
    }
}

#[test]
fn the_words_that_justify_a_candidate_are_those_of_the_physician() {
    let found = IcdIndex::core().code("Probable NEUMONÍA de la comunidad", None);
    assert!(found[0].words.contains(&"NEUMONÍA".to_owned()), "{:?}", found[0].words);
    assert!(found[0].words.iter().all(|word| "Probable NEUMONÍA de la comunidad".contains(word.as_str())));
}

#[test]
fn an_abbreviation_may_read_like_an_article() {
    check_code("LES", "4A40");
    assert!(IcdIndex::core().code("les", None).is_empty());
    check_mentions("Ya les dije que sí.", &[]);
}

#[test]
fn nothing_is_guessed_from_words_that_name_no_disease() {
    let index = IcdIndex::core();
    for text in ["", "🙂🙂", "the patient was seen at noon", "xyzzy qwrt", "ZZ99.9"] {
        let found = index.code(text, None);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    for text in ["paciente de 40 años que acude", "buenos días doctor"] {
        let found = index.code(text, None);
        assert!(found.iter().all(|c| c.confidence == Confidence::Usual), "{text}: {found:?}");
    }
}

#[test]
fn contradictory_words_and_symptoms_are_answered() {
    let index = IcdIndex::core();
    for text in ["fractura abierta cerrada", "dolor de cabeza", "hepatitis aguda crónica"] {
        assert!((1..=5).contains(&index.code(text, None).len()), "{text}");
    }
    check_code("dolor de cabeza", "8A8Z");
    assert!(index.code(&"dolor abdominal y fiebre ".repeat(400), None).len() <= 5);
}

#[test]
fn the_weights_that_ship_can_be_read() {
    assert!(Ranker::from_table(include_str!("../../../../catalogs/icd11/ranker.tsv")).is_some());
    assert!(Ranker::from_table("feature\tweight\nagree\t1.0\n").is_none());
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
