//! What is found by what is typed.

use proptest::prelude::*;

use super::{Query, index, snippet};

/// Whether a text is found by a query, as an engine would find it.
fn finds(text: &str, typed: &str) -> bool {
    let indexed = index(text);
    let mut query = Query::parse(typed);
    if let Some(begun) = query.unfinished().map(str::to_owned) {
        let words = indexed.words.iter().filter(|(word, _)| word.starts_with(&begun));
        query.complete(words.map(|(_, term)| term.clone()));
    }
    let met = |phrase: &Vec<String>| indexed.terms.windows(phrase.len()).any(|window| window == phrase);
    !query.clauses().is_empty() && query.clauses().iter().all(|clause| clause.iter().any(met))
}

fn check(text: &str, typed: &[&str], expected: bool) {
    for typed in typed {
        assert_eq!(finds(text, typed), expected, "{typed} in {text}: {:?}", Query::parse(typed));
    }
}

#[test]
fn accents_capitals_and_forms_of_a_word_do_not_matter() {
    let text = "Paciente con infecciones urinarias recurrentes y cefalea. Niño de 5 años, alérgico.";
    check(text, &["infección", "INFECCION", "infecciones", "urinaria", "recurrente", "cefaleas"], true);
    check(text, &["nino", "niños", "alérgica", "alergicos"], true);
    check(text, &["cefalalgia", "ano", "infarto"], false);
}

#[test]
fn every_word_must_be_there_in_any_order() {
    let text = "Dolor torácico opresivo con el esfuerzo.";
    check(text, &["esfuerzo dolor", "opresivo de dolor"], true);
    check(text, &["dolor esfuerzo reposo"], false);
}

#[test]
fn quoted_words_belong_together() {
    let text = "Dolor de rodilla y pecho sin alteraciones.";
    check(text, &["\"dolor de rodilla\"", "“rodilla y pecho”", "«DOLOR RODILLA» pecho"], true);
    check(text, &["\"dolor de pecho\"", "\"rodilla dolor\""], false);
    check("Con HTA controlada.", &["\"hta controlada\"", "\"hipertensión arterial controlada\""], true);
}

#[test]
fn abbreviations_and_what_they_stand_for_find_each_other() {
    check(
        "Antecedente de HTA y DM2.",
        &["hipertensión arterial", "diabetes", "hipertensión", "dm2", "HAS"],
        true,
    );
    check("Hipertensión arterial de 5 años, diabetes tipo 2.", &["HTA", "hta", "presión alta", "DM2"], true);
    check("Datos de infección de vías urinarias.", &["IVU", "ivu", "infección urinaria"], true);
    check(
        "Con ivu de repetición y epoc.",
        &["infección de vías urinarias", "EPOC", "enfermedad pulmonar"],
        true,
    );
    check("Refiere calentura y dolor de cabeza.", &["fiebre", "cefalea"], true);
    check("Has tenido tos. Les duele. Su hija Eva.", &["HTA", "lupus", "escala visual"], false);
    check("Su hija Eva la acompaña.", &["eva"], true);
}

#[test]
fn the_last_word_may_be_unfinished() {
    check("Hipertensión controlada con losartán.", &["hip", "hipertens", "losar", "control losa"], true);
    check("Hipertensión controlada.", &["hipertens ", "\"hipertens\"", "hi", "control hipertensas x"], false);
}

#[test]
fn words_that_say_nothing_are_not_sought() {
    assert!(Query::parse("de la").clauses().is_empty());
    assert!(Query::parse("  \"\" ¿? ").clauses().is_empty());
    assert_eq!(Query::parse("dolor de la rodilla").clauses().len(), 2);
    assert_eq!(Query::parse(&"dolor ".repeat(500)).clauses().len(), 12);
}

fn shown(text: &str, typed: &str) -> String {
    let pieces = snippet(text, &Query::parse(typed));
    pieces
        .iter()
        .map(|piece| if piece.found { format!("[{}]", piece.text) } else { piece.text.clone() })
        .collect()
}

#[test]
fn what_was_found_is_marked_in_its_context() {
    assert_eq!(shown("Con HTA y cefaleas.", "hipertensión cefalea"), "Con [HTA] y [cefaleas].");
    assert_eq!(shown("Dolor. <b>Fiebre</b>", "calentura"), "Dolor. <b>[Fiebre]</b>");
    let long = format!(
        "{} con tos seca y disnea nocturna {}",
        "Sin cambios. ".repeat(40),
        "Continúa igual. ".repeat(40)
    );
    let found = shown(&long, "disnea tos");
    assert!(found.starts_with("… ") && found.ends_with(" …"), "{found}");
    assert!(found.contains("con [tos] seca y [disnea] nocturna"), "{found}");
    assert!(found.len() < 320, "{found}");
}

#[test]
fn the_context_shows_as_many_of_the_words_as_it_can() {
    let text = format!("Tos leve. {} Fiebre con tos y disnea.", "Nada que anotar. ".repeat(30));
    assert!(shown(&text, "fiebre tos disnea").contains("[Fiebre] con [tos] y [disnea]"));
}

proptest! {
    #[test]
    fn a_snippet_is_a_piece_of_its_text(text in "(\\PC|[a-zñáé ]|HTA|\n){0,400}", typed in "(\\PC|[a-zñ\" ]){0,20}") {
        let pieces = snippet(&text, &Query::parse(&typed));
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let whole = whole.strip_prefix("… ").filter(|_| !text.starts_with("… ")).unwrap_or(&whole);
        let whole = whole.strip_suffix(" …").filter(|_| !text.ends_with(" …")).unwrap_or(whole);
        prop_assert!(text.contains(whole), "{whole:?}");
    }

    #[test]
    fn a_text_is_found_by_each_of_its_words(text in "([a-zñáéíóúü]{1,12}[ ,.;]){1,20}") {
        for word in text.split([' ', ',', '.', ';']).filter(|word| !Query::parse(word).clauses().is_empty()) {
            prop_assert!(finds(&text, word), "{word}");
        }
    }

    #[test]
    fn terms_are_words_that_any_engine_takes_as_they_are(text in "\\PC{0,80}") {
        let indexed = index(&text);
        let plain = |term: &String| !term.is_empty() && term.len() <= 80 && term.chars().all(char::is_alphanumeric);
        prop_assert!(indexed.terms.iter().all(plain), "{:?}", indexed.terms);
    }
}
