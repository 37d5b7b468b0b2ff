//! Questions and answers, the examination and the plan as they are spoken: frames that hold whatever words fill them.

use crate::common::check;

#[test]
fn what_is_asked_about_is_denied_in_the_words_of_the_question_when_no_lexicon_has_it() {
    check(
        "D: ¿Mareo, se le engarruñan los dedos, hervores en las piernas?\nP: No, nada de eso.",
        &[
            "denied_symptom mareo",
            "denied_symptom se le engarruñan los dedos",
            "denied_symptom hervores en las piernas",
        ],
        &[],
    );
    check("D: ¿Tos, hervores? ¿Y la escuela?\nP: No.", &["denied_symptom tos"], &["denied_symptom escuela"]);
    check(
        "D: ¿Tos, en la madrugada, la barbilla?\nP: No.",
        &["denied_symptom tos"],
        &["denied_symptom madrugada", "denied_symptom barbilla"],
    );
    check("D: ¿Tiene mascota, perros?\nP: No.", &[], &["denied_symptom perros", "denied_symptom mascota"]);
}

#[test]
fn a_no_behind_its_word_denies_that_word_only() {
    check(
        "D: ¿Qué siente?\nP: Triste, triste, no. Cansado sí.",
        &["denied_symptom tristeza", "symptom fatiga"],
        &[],
    );
    check("D: Ajá.\nP: Sin mis gotas no duermo.", &["symptom insomnio"], &["denied_symptom insomnio"]);
    check(
        "D: ¿Se ha caído?\nP: Casi, me agarré del barandal.",
        &[],
        &["symptom caída", "denied_symptom caída"],
    );
    check(
        "D: ¿Le duelen las articulaciones, ha tenido fiebre?\nP: Los codos, cuando cargo. Lo demás no.",
        &["denied_symptom fiebre"],
        &["denied_symptom artralgias"],
    );
}

#[test]
fn adjectives_said_of_an_organ_are_signs_one_by_one() {
    check(
        "D: La reviso. Pulso ochenta. Abdomen globoso, blando. Lengua pastosa. Los pulmones bien. \
         Reflejos rotulianos, el izquierdo lento, el derecho normal.",
        &[
            "finding abdomen globoso | present",
            "finding abdomen blando | normal",
            "finding pulmones normales | normal",
            "finding reflejo rotuliano izquierdo lento | present",
            "finding reflejo rotuliano derecho normal | normal",
        ],
        &["finding pulmones normales | present"],
    );
}

#[test]
fn a_sign_denied_behind_it_or_together_with_another_is_absent() {
    check(
        "D: Lo exploro. Pulso setenta. Lachman y McMurray negativos. El bazo no lo palpo. Dedos en palillo de tambor no tiene.",
        &[
            "finding prueba de Lachman | absent",
            "finding prueba de McMurray | absent",
            "finding dedos en palillo de tambor | absent",
        ],
        &["finding esplenomegalia | present"],
    );
}

#[test]
fn what_a_study_shows_is_no_sign_of_the_examination() {
    check(
        "D: Lo reviso. Pulso ochenta, pulmones limpios.\nP: Bueno.\nD: La radiografía de ayer. Hay una opacidad y no hay derrame, \
         los pulmones muy distendidos.",
        &["finding pulmones limpios | normal"],
        &["finding derrame articular | absent", "finding pulmones distendidos | present"],
    );
}

#[test]
fn studies_listed_in_the_plan_are_orders_without_a_verb() {
    check(
        "D: ¿Qué le pasa?\nP: Me canso.\nD: Ajá.\nP: Sí.\nD: Estudios: biometría, ferritina y TSH. Y nutrición, para el peso.",
        &["order biometría hemática", "order ferritina", "order TSH", "referral nutrición"],
        &[],
    );
    check(
        "D: ¿Cómo va?\nP: Bien.\nD: Ajá.\nP: Sí.\nD: Ferritina catorce, bajita. TSH normal.",
        &["result ferritina | 14"],
        &["order ferritina", "order TSH"],
    );
    check(
        "D: ¿Qué tal?\nP: Bien. ¿Me hace un justificante?\nD: Se lo hago. Espermatobioscopía no le pido. Se queda en observación.",
        &["order justificante", "order observación"],
        &["order espermatobioscopía"],
    );
}

#[test]
fn a_place_named_in_the_answer_takes_the_sensation_of_the_question() {
    check(
        "D: ¿Se le hincha algo?\nP: De los pies no. La cara, poquito.",
        &["denied_symptom edema de pies", "symptom edema facial"],
        &["symptom edema de pies"],
    );
    check("D: ¿Le duele algo más?\nP: El hombro derecho.", &["symptom dolor de hombro"], &[]);
    check("D: ¿Cuántas veces vomitó?\nP: Tres, ayer.", &["symptom vómito"], &[]);
}

#[test]
fn values_of_before_and_of_the_other_side_are_results_too() {
    check(
        "D: Los estudios. Presión intraocular: derecho veintitrés, izquierdo diecinueve. TSH seis punto ocho; hace seis meses tres \
         punto dos. VDRL no reactivo.",
        &[
            "result presión intraocular derecho | 23",
            "result presión intraocular izquierdo | 19",
            "result TSH | 6.8",
            "result TSH previa | 3.2",
            "result VDRL | negativo",
        ],
        &[],
    );
}

#[test]
fn a_report_goes_on_while_its_sentences_only_describe() {
    check(
        "D: La tomografía que trae dice: seno maxilar ocupado. Celdillas etmoidales engrosadas. Le explico lo que sigue.",
        &["result tomografía: seno maxilar ocupado", "result tomografía: celdillas etmoidales engrosadas"],
        &["result tomografía: le explico lo que sigue"],
    );
}

#[test]
fn an_examination_nobody_announced_is_read_by_its_signs() {
    check(
        "D: Mucosas hidratadas, garganta sin exudado, no hay adenopatías, corazón sin soplos.",
        &["finding exudado faríngeo | absent", "finding soplos | absent"],
        &[],
    );
}

#[test]
fn a_short_question_without_marks_is_one_when_it_is_answered() {
    check(
        "D: ¿Cómo ha estado?\nP: Bien.\nD: ¿Y la tos?\nP: Ya no.\nD: ha tenido fiebre\nP: no",
        &["denied_symptom fiebre"],
        &[],
    );
}

#[test]
fn what_falls_from_somebody_is_no_fall_and_suddenly_is_no_blow() {
    check("P: Se le cayó la taza y se para de golpe.", &[], &["symptom caída", "symptom golpe"]);
}

#[test]
fn what_happened_years_ago_is_no_symptom_and_what_lasts_since_then_is_one() {
    check("P: Hace un año vomitó sangre y lo internaron.", &[], &["symptom hematemesis", "symptom vómito"]);
    check("P: Desde hace un año me duele la rodilla.", &["symptom dolor de rodilla"], &[]);
}

#[test]
fn what_is_ordered_before_a_condition_is_ordered_and_what_follows_it_is_not() {
    check(
        "P: ¿Y qué sigue?\nD: Te pido una biometría, y si el sangrado sigue en un mes, entonces una colonoscopia.",
        &["order biometría hemática"],
        &["order colonoscopia"],
    );
    check(
        "P: ¿Y qué sigue?\nD: Quiero ver si no es la tiroides, te voy a pedir TSH, por si hay otra causa.",
        &["order TSH"],
        &[],
    );
}

#[test]
fn a_test_is_named_by_what_it_looks_for_where_samples_are_taken() {
    check(
        "P: ¿Y qué sigue?\nD: Te voy a tomar una muestra de sangre: VIH, sífilis y toxoplasmosis.",
        &["order VIH", "order VDRL (prueba de sífilis)", "order serología de toxoplasma"],
        &[],
    );
    check("P: ¿Y eso?\nD: La sífilis se cura con penicilina.", &[], &["order VDRL (prueba de sífilis)"]);
}

#[test]
fn where_a_pain_goes_to_is_part_of_what_it_is_called() {
    check(
        "D: ¿El dolor se le va para algún lado?\nP: Al codo, doctora. A la espalda no.",
        &["symptom irradiación a codo", "denied_symptom irradiación a espalda"],
        &["symptom irradiación del dolor", "symptom dolor de codo"],
    );
    check(
        "D: ¿Dónde le duele?\nP: En la cintura, y se me corre a la nalga, hasta la pierna, hasta los dedos.",
        &["symptom irradiación a pierna"],
        &["symptom irradiación del dolor"],
    );
    check(
        "D: ¿Se le corre al hombro?\nP: No, para nada.",
        &["denied_symptom irradiación a hombro"],
        &["symptom irradiación a hombro"],
    );
}

#[test]
fn little_urine_and_a_place_right_away_answer_what_was_asked() {
    check("D: ¿Está orinando?\nP: Poquito, y bien amarilla.", &["symptom oliguria"], &[]);
    check("D: ¿Está orinando?\nP: Sí, normal.", &[], &["symptom oliguria", "symptom dificultad para orinar"]);
    check(
        "D: ¿Le duele el pecho?\nP: Aquí, de este lado.",
        &["symptom dolor torácico"],
        &["denied_symptom dolor torácico"],
    );
}
