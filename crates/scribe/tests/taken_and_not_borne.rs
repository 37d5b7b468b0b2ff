//! What is taken, told as a list, and allergies in the words of short answers.

use crate::common::{check, facts};
use scribe::facts::FactKind;

#[test]
fn a_list_of_what_is_taken_says_once_how_often() {
    check(
        "D: ¿Qué toma?\nP: Nebivolol de cinco, uno. Y pioglitazona de quince, dos.",
        &["current_medication nebivolol | 5 mg, 24h", "current_medication pioglitazona | 15 mg, 12h"],
        &[],
    );
    check(
        "D: ¿Qué toma?\nP: Telmisartán de ochenta y ezetimiba de diez, diarios.",
        &["current_medication telmisartán | 80 mg, 24h", "current_medication ezetimiba | 10 mg, 24h"],
        &[],
    );
}

#[test]
fn an_interval_without_its_hours_is_read_before_what_follows() {
    check(
        "P: ¿Y qué tomo?\nD: Naproxeno doscientos cincuenta cada doce siete días con comida.",
        &["prescription naproxeno | 250 mg, 12h, 7d"],
        &[],
    );
    check("P: ¿Y qué tomo?\nD: Linagliptina, cinco al día.", &["prescription linagliptina | 5 mg, 24h"], &[]);
}

#[test]
fn what_a_sister_sells_is_taken_by_who_takes_it() {
    check(
        "D: ¿Qué se ha tomado?\nP: Una amoxicilina que me regaló mi suegra, de quinientos.",
        &["current_medication amoxicilina | 500 mg"],
        &[],
    );
}

#[test]
fn a_level_read_aloud_is_no_dose() {
    let found = facts("P: ¿Y los análisis?\nD: El tacrolimus, catorce punto seis, alto. Lo repetimos.");
    assert!(found.iter().all(|fact| fact.attributes.dose_value != Some(14.6)), "{found:?}");
}

#[test]
fn allergens_of_a_short_answer_are_named_one_by_one() {
    let names = |text: &str| -> Vec<String> {
        facts(text).into_iter().filter(|fact| fact.kind == FactKind::Allergy).map(|fact| fact.name).collect()
    };
    assert_eq!(names("D: ¿Alergias?\nP: Cefalexina. Polen. Y el níquel."), ["cefalexina", "polen", "níquel"]);
    assert_eq!(
        names("D: ¿Alguna medicina o comida que le haga daño?\nP: El huevo, de niña me salían ronchas."),
        ["huevo"]
    );
    assert_eq!(names("D: ¿Alergias?\nP: La cefalexina no es alergia, me da sueño."), Vec::<String>::new());
    assert_eq!(
        names("D: Usted es alérgica a la sulfa, ¿verdad?\nP: Uy, ni me la nombre, me hinché toda."),
        ["sulfa"],
        "a verb behind a pronoun is no allergen"
    );
}

#[test]
fn an_allergy_the_question_names_is_kept_when_the_answer_is_yes() {
    let names = |text: &str| -> Vec<String> {
        facts(text).into_iter().filter(|fact| fact.kind == FactKind::Allergy).map(|fact| fact.name).collect()
    };
    assert_eq!(names("D: ¿Es alérgico al naproxeno?\nP: Sí."), ["naproxeno"]);
    assert_eq!(names("D: ¿Eres alérgica al cacahuate?\nP: Sí, doctor, desde niña."), ["cacahuate"]);
    assert_eq!(
        names("D: ¿Es alérgica a algún medicamento?\nP: Sí.\nD: ¿A cuál?\nP: A la dipirona."),
        ["metamizol"]
    );
    assert_eq!(names("D: ¿Es alérgica a la cefalexina?\nP: No."), ["negadas"]);
    assert_eq!(
        names("D: ¿Es alérgica a la penicilina o a las sulfas?\nP: Sí."),
        Vec::<String>::new(),
        "which of them was not said"
    );
}

#[test]
fn allergies_are_denied_in_passing() {
    for told in [
        "D: ¿Enfermedades?\nP: Migraña. Alergias no tengo.",
        "D: ¿Enfermedades?\nP: Ninguna, y sin alergias.",
        "D: ¿Operaciones?\nP: No. Alergias conocidas tampoco.",
    ] {
        let denied = facts(told).iter().any(|fact| fact.kind == FactKind::Allergy && fact.name == "negadas");
        assert!(denied, "{told}");
    }
    let venom = facts("D: ¿Qué tiene?\nP: Ronchas.\nD: Alergia no es, es el veneno.");
    assert!(venom.iter().all(|fact| fact.kind != FactKind::Allergy), "{venom:?}");
}
