//! Antecedents told by what happened: allergies and intolerances, operations, pregnancies, relatives, the record summed up.

use crate::common::check;

#[test]
fn an_allergy_is_told_by_its_reaction() {
    check("D: ¿Alergias?\nP: La penicilina me saca ronchas.", &["allergy penicilina"], &["allergy negadas"]);
    check(
        "D: ¿Es alérgica a algo?\nP: A nada. Bueno, los mariscos me dan comezón.",
        &["allergy mariscos"],
        &["allergy negadas"],
    );
    check("P: El caldo me hinchó la panza.", &[], &["allergy caldo"]);
}

#[test]
fn what_is_badly_borne_is_an_intolerance_and_no_allergy() {
    check(
        "D: ¿Es alérgico a alguna medicina?\nP: Alérgico no, pero el naproxeno me cae pesado.",
        &["history intolerancia a naproxeno"],
        &[],
    );
    check(
        "D: ¿Alergias?\nP: A la codeína. Me vomité y me desmayé.\nD: Eso no es alergia, lo anoto como intolerancia.",
        &["history intolerancia a codeína", "allergy negadas"],
        &["allergy codeína"],
    );
}

#[test]
fn the_allergy_of_another_is_not_the_patients() {
    check(
        "D: ¿Alergia a alguna medicina?\nC: A ninguna, mamá le pregunté. Al camarón yo, pero mi niña no.\nD: ¿Y la niña come bien?\nC: Sí, mi niña come bien.",
        &["history alergia a camarón | madre"],
        &["allergy camarón"],
    );
    check(
        "D: ¿Alergias?\nP: Al huevo, de niño, pero ya lo como... ya lo tolera uno, salió que no.",
        &[],
        &["allergy huevo"],
    );
}

#[test]
fn operations_are_told_by_the_part_and_by_what_was_put_in() {
    check(
        "D: ¿Lo han operado?\nP: De la vesícula, de una hernia y de las anginas.",
        &["history colecistectomía", "history hernioplastia", "history amigdalectomía"],
        &[],
    );
    check("P: A mí me sacaron un riñón.", &["history nefrectomía"], &[]);
    check("D: ¿Operaciones?\nP: Me pusieron un stent.", &["history colocación de stent"], &[]);
    check(
        "P: Me duele la rodilla y la cadera.",
        &[],
        &["history cirugía de rodilla", "history cirugía de cadera"],
    );
    check("P: Me quieren operar de la vesícula.", &[], &["history cirugía de vesícula"]);
}

#[test]
fn pregnancies_are_counted_and_dates_answer_the_question_for_them() {
    check(
        "D: ¿Cuántos embarazos ha tenido?\nP: Cuatro. Tres partos y un aborto.",
        &["history cuatro embarazos, tres partos, un aborto"],
        &[],
    );
    check("D: ¿Es su primer embarazo?\nP: No, es el segundo.", &["history segundo embarazo"], &[]);
    check(
        "D: ¿Cuándo fue su última regla?\nP: El quince de este mes.",
        &["history fecha de última menstruación"],
        &["history ciclos menstruales regulares"],
    );
    check("D: ¿A qué edad le bajó por primera vez?\nP: A los doce.", &["history menarca"], &[]);
    check("D: ¿Sigue reglando?\nP: No, hace seis años que se me quitó.", &["history menopausia"], &[]);
    check("D: ¿Se cuida con algo?\nP: Traigo el dispositivo.", &["history dispositivo intrauterino"], &[]);
    check("D: ¿Cada cuándo come?\nP: A los doce, digo, a las doce.", &[], &["history menarca"]);
}

#[test]
fn relatives_told_together_and_relatives_of_relatives_keep_their_place() {
    check(
        "D: ¿En su familia hay diabetes?\nP: Mi papá y dos tíos de parte de mi mamá son diabéticos.",
        &["history diabetes mellitus | padre", "history diabetes mellitus | tíos por rama materna"],
        &["history diabetes mellitus | madre"],
    );
    check(
        "D: ¿Cáncer en la familia?\nP: Una hermana de mi mamá, de mama.",
        &["history cáncer de mama | tía por rama materna"],
        &[],
    );
    check(
        "D: ¿Asma en la familia?\nC: El papá de la niña es asmático.\nD: ¿Y la niña?\nC: La niña no.",
        &["history asma | padre"],
        &["history asma | hija"],
    );
    check(
        "D: ¿De quién es esta receta?\nP: Ha de ser de mi hermano. Él sí es diabético.",
        &["history diabetes mellitus | hermano"],
        &[],
    );
    check("D: ¿Piedras en el riñón?\nP: No. Piedras mi tía.", &["history litiasis renal | tía"], &[]);
    check(
        "D: ¿Enfermedades?\nP: Nada. Bueno, hipotiroidismo en mi mamá.",
        &["history hipotiroidismo | madre"],
        &[],
    );
}

#[test]
fn what_the_clinician_sums_up_of_the_record_is_known() {
    check(
        "D: Buenas tardes. Repasamos: Emiliano, ocho años, con asma y estreñimiento.\nC: Sí.\nD: ¿Cómo va?\nC: Bien.\nD: ¿Come bien?\nC: Sí.",
        &["history asma"],
        &[],
    );
    check(
        "D: Para quien escuche: cincuenta y nueve años, presión alta, operado de la vesícula.\nP: Sí.\nD: ¿Cómo va?\nP: Bien.\nD: ¿Come bien?\nP: Sí.",
        &["history hipertensión arterial", "history colecistectomía"],
        &[],
    );
}

#[test]
fn what_a_medicine_is_taken_for_is_had() {
    check("D: ¿Qué toma?\nP: Alopurinol de trescientos, por la gota.", &["history gota"], &[]);
    check(
        "P: Tomo atorvastatina de veinte, por el colesterol, para prevenir.",
        &[],
        &["history dislipidemia"],
    );
}
