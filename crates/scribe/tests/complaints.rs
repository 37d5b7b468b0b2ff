//! Complaints as they are told and asked about: what is so, what is not, and what only sounds like it.

use crate::common::check;

#[test]
fn a_no_is_taken_back_on_second_thought() {
    check(
        "D: ¿Ha tenido vómito?\nP: No, bueno, un poquito ayer.",
        &["symptom vómito"],
        &["denied_symptom vómito"],
    );
}

#[test]
fn a_companion_who_adds_a_time_contradicts_the_no() {
    check(
        "D: ¿Se ha caído?\nP: No.\nC: Una vez, en el patio, en mayo.",
        &["symptom caída"],
        &["denied_symptom caída"],
    );
}

#[test]
fn a_wish_or_a_report_says_no_too() {
    check(
        "D: ¿Ha bajado de peso?\nP: ¡Ojalá!",
        &["denied_symptom pérdida de peso"],
        &["symptom pérdida de peso"],
    );
    check(
        "D: ¿Tos, los ojos amarillos?\nP: Los ojos, dice mi hermana que no.",
        &["denied_symptom ictericia"],
        &["symptom ictericia"],
    );
}

#[test]
fn what_somebody_else_has_or_had_long_ago_is_no_complaint() {
    check("D: ¿Ronca?\nP: Roncar ella.", &["denied_symptom ronquido"], &["symptom ronquido"]);
    check(
        "D: ¿Se ha desmayado?\nP: Una vez, de chiquito, en la escuela.",
        &[],
        &["symptom síncope", "denied_symptom síncope"],
    );
}

#[test]
fn what_brings_the_pain_on_is_not_told_as_a_complaint() {
    check(
        "D: ¿Cuándo le duele?\nP: Si toso o me agacho me duele la espalda.",
        &["symptom dolor de espalda"],
        &["symptom tos"],
    );
}

#[test]
fn a_place_alone_told_as_the_complaint_is_where_it_hurts() {
    check("D: ¿Qué le pasa?\nP: El tobillo, doctora.", &["symptom dolor de tobillo"], &[]);
    check("D: ¿Qué hace?\nP: Trabajo con las manos.", &[], &["symptom dolor de mano"]);
}

#[test]
fn places_in_a_question_of_their_own_go_with_what_was_asked_before() {
    check(
        "D: ¿Sangrados? ¿De las encías, de la nariz?\nP: No, nada.",
        &["denied_symptom sangrado de encías", "denied_symptom epistaxis"],
        &[],
    );
}

#[test]
fn what_disturbs_and_what_is_seen_are_listed_behind_one_verb() {
    check(
        "D: ¿Le molesta la luz, el ruido?\nP: No.",
        &["denied_symptom fotofobia", "denied_symptom fonofobia"],
        &[],
    );
    check(
        "D: ¿Ve borroso, culebras?\nP: No.",
        &["denied_symptom visión borrosa", "denied_symptom ve culebras"],
        &[],
    );
}

#[test]
fn the_pain_that_was_asked_about_may_be_answered_without_its_place() {
    check(
        "D: ¿Se marea, le duele el pecho?\nP: Mareo sí. Dolor tampoco.",
        &["symptom mareo", "denied_symptom dolor torácico"],
        &[],
    );
}

#[test]
fn a_function_that_goes_well_is_the_denial_of_its_complaint() {
    check(
        "D: ¿Puede tragar, respirar bien?\nP: Sí, perfecto.",
        &["denied_symptom disfagia", "denied_symptom disnea"],
        &[],
    );
    check("D: ¿Respira con la boca abierta?\nP: No.", &[], &["symptom disnea"]);
}

#[test]
fn the_patient_s_own_words_stay_where_no_lexicon_has_a_name() {
    check("P: Se me va la quijada.", &["symptom se me va la quijada"], &[]);
    check("P: No puedo cerrar el puño.", &["symptom dificultad para cerrar el puño"], &[]);
    check("P: Se me va el camión. Me quedo en casa de mi hermana.", &[], &["symptom se me va el camión"]);
}

#[test]
fn pain_on_a_manoeuvre_is_named_by_it_and_by_its_place() {
    check(
        "D: La reviso. Pulso ochenta. Abdomen blando, le duele en el flanco al apretar. El codo no duele.",
        &[
            "finding dolor a la palpación en flanco | present",
            "finding dolor a la palpación en codo | absent",
        ],
        &[],
    );
}

#[test]
fn what_is_not_felt_under_the_hand_is_absent() {
    check(
        "D: Lo exploro. Abdomen blando. Hígado y bazo no los palpo.",
        &["finding hepatomegalia | absent", "finding esplenomegalia | absent"],
        &[],
    );
}

#[test]
fn the_outcome_of_a_list_of_organs_is_that_of_each() {
    check(
        "D: La reviso. Presión ciento veinte sobre ochenta. Abdomen blando. Fuerza y reflejos normales.",
        &["finding fuerza normal | normal", "finding reflejos normales | normal"],
        &[],
    );
}

#[test]
fn without_a_pause_what_is_denied_ends_where_another_sign_begins() {
    check(
        "D: lo reviso pulso ochenta tobillo bien rodillas sin derrame tofos en los codos",
        &["finding tofos | present"],
        &["finding tofos | absent"],
    );
}

#[test]
fn a_disease_dismissed_by_the_clause_behind_it_is_ruled_out() {
    check(
        "P: ¿Qué tengo?\nD: Es una gastritis. Y pancreatitis, por ahora no tiene datos.",
        &["diagnosis gastritis | confirmed", "diagnosis pancreatitis | ruled_out"],
        &[],
    );
    check("P: ¿Qué tengo?\nD: No le digo que es diabético.", &[], &["diagnosis diabetes mellitus"]);
}

#[test]
fn problems_named_one_by_one_are_diagnoses() {
    check(
        "P: ¿Entonces?\nD: Son tres cosas. Primero, la osteoporosis: calcio diario. Segundo, el hígado graso: bajar de peso. \
         Tercero, sobrecarga del glúteo.",
        &[
            "diagnosis osteoporosis | confirmed",
            "diagnosis hígado graso | confirmed",
            "diagnosis sobrecarga del glúteo | confirmed",
        ],
        &[],
    );
    check(
        "P: ¿Entonces?\nD: Primero, deje el cigarro. Segundo, la radiografía.",
        &[],
        &["diagnosis cigarro", "diagnosis radiografía"],
    );
}

#[test]
fn what_a_medicine_causes_or_is_given_for_is_a_problem_of_the_visit() {
    check(
        "P: ¿Y la tos?\nD: La tos es por el enalapril. Para la gastritis le pongo omeprazol de veinte.",
        &["diagnosis tos por enalapril | confirmed", "diagnosis gastritis | confirmed"],
        &[],
    );
    check("P: ¿Y ahora?\nD: La vacuna para la influenza, hoy.", &[], &["diagnosis influenza"]);
}

#[test]
fn the_same_sign_on_the_other_side_has_its_own_outcome() {
    check(
        "D: Lo reviso. Pulso ochenta. Lasègue positivo del derecho. El izquierdo, negativo.",
        &["finding signo de Lasègue | present", "finding signo de Lasègue izquierdo | absent"],
        &[],
    );
}

#[test]
fn pressure_taken_at_home_and_weight_are_told_by_numbers() {
    check(
        "D: ¿Cómo anda la presión en casa?\nP: Ciento cincuenta sobre noventa y cinco.",
        &["symptom presión alta en casa"],
        &[],
    );
    check(
        "D: ¿Cómo anda la presión en casa?\nP: Ciento veinte sobre setenta.",
        &[],
        &["symptom presión alta en casa"],
    );
    check("P: Ajá.\nD: Subió tres kilos en diez días.", &["symptom aumento de peso"], &[]);
    check("P: Ajá.\nD: Hay que bajar tres kilos.", &[], &["symptom pérdida de peso"]);
}

#[test]
fn what_a_pain_killer_is_taken_for_hurts() {
    check("D: ¿Qué toma?\nP: Naproxeno, para la espalda.", &["symptom dolor de espalda"], &[]);
    check("D: ¿Qué toma?\nP: Losartán, para la presión.", &[], &["symptom presión alta"]);
}

#[test]
fn an_examination_without_marks_is_read_organ_by_organ() {
    check(
        "D: lo reviso presión ciento veinte sobre ochenta faringe sin placas cuello sin ganglios pulmones limpios abdomen blando \
         hígado no palpable piernas con edema",
        &[
            "finding exudado faríngeo | absent",
            "finding adenopatías cervicales | absent",
            "finding pulmones limpios | normal",
            "finding hepatomegalia | absent",
            "finding edema de pierna | present",
        ],
        &[],
    );
}

#[test]
fn answers_without_marks_end_behind_their_yes_or_no() {
    check(
        "D: vómito diarrea\nP: vómito no diarrea tantita ayer",
        &["denied_symptom vómito", "symptom diarrea"],
        &["denied_symptom diarrea"],
    );
}
