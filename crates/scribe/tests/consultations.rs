//! Small consultations, one per rule of spoken language: what must be understood, and what must not.

use scribe::facts::FactKind;

use crate::common::{check, facts};

#[test]
fn a_bare_no_denies_everything_that_was_asked() {
    check(
        "D: ¿Ha tenido fiebre, tos o falta de aire?\nP: No.",
        &["denied_symptom fiebre", "denied_symptom tos", "denied_symptom disnea"],
        &["symptom fiebre", "symptom tos"],
    );
}

#[test]
fn an_item_that_the_answer_does_not_reach_is_not_a_fact() {
    check(
        "D: ¿Náusea, vómito, diarrea?\nP: Náusea sí.",
        &["symptom náusea"],
        &["symptom vómito", "denied_symptom vómito", "denied_symptom diarrea"],
    );
}

#[test]
fn the_rest_is_denied_when_the_patient_says_so() {
    check(
        "D: ¿Le falta el aire, calambres, comezón?\nP: Calambres. Lo demás no.",
        &["symptom calambres", "denied_symptom disnea", "denied_symptom prurito"],
        &[],
    );
}

#[test]
fn a_symptom_comes_with_its_site_and_onset() {
    let found = facts("P: Me duele mucho la rodilla derecha desde hace dos semanas.");
    let pain = found.iter().find(|fact| fact.kind == FactKind::Symptom).expect("a symptom");
    assert_eq!(pain.name, "dolor de rodilla");
    assert_eq!(pain.attributes.onset.as_deref(), Some("2 semanas"));
}

#[test]
fn sites_named_in_a_row_are_asked_one_by_one() {
    check(
        "D: ¿Te duele la rodilla, la cadera?\nP: Tampoco.",
        &["denied_symptom dolor de rodilla", "denied_symptom dolor de cadera"],
        &[],
    );
}

#[test]
fn a_fluid_belongs_to_what_is_being_talked_about() {
    check(
        "P: Traigo diarrea desde ayer.\nD: ¿Con moco, con sangre?\nP: Sangre no. Moco sí.",
        &["symptom diarrea", "denied_symptom hematoquecia", "symptom moco en heces"],
        &["symptom rinorrea"],
    );
}

#[test]
fn a_warning_is_not_a_symptom() {
    check(
        "P: Traigo tos.\nD: Si le da fiebre o le falta el aire, venga a urgencias.",
        &["symptom tos"],
        &["symptom fiebre", "symptom disnea", "denied_symptom fiebre"],
    );
}

#[test]
fn a_relative_s_disease_stays_the_relative_s() {
    check(
        "D: ¿En su familia hay enfermedades?\nP: Mi mamá es diabética y mi papá murió de un infarto.",
        &["history diabetes mellitus | madre", "history infarto agudo de miocardio | padre"],
        &["history diabetes mellitus | familiar"],
    );
    check(
        "D: ¿Alguien en su familia con piedras en el riñón?\nP: Sí, mi papá.",
        &["history litiasis renal | padre"],
        &["symptom dolor"],
    );
}

#[test]
fn a_mother_who_says_i_speaks_of_herself() {
    check(
        "D: Dígame, mamá, ¿en la familia hay asma?\nMamá: Sí, yo tengo asma. El niño no.\nD: ¿Y fiebre?\nMamá: Sí, mi niño tuvo calentura anoche.",
        &["history asma | madre", "symptom fiebre"],
        &[],
    );
}

#[test]
fn everyday_words_for_chronic_diseases_are_understood() {
    check(
        "D: ¿Diabetes, presión?\nP: No, nada de eso.",
        &["denied_history diabetes mellitus", "denied_history hipertensión arterial"],
        &[],
    );
    check("D: ¿Cuántos años lleva con el azúcar?\nP: Como diez.", &["history diabetes mellitus"], &[]);
}

#[test]
fn habits_denied_given_up_and_kept_are_three_things() {
    check("D: ¿Fuma?\nP: No, nunca.", &["denied_history tabaquismo"], &["history tabaquismo"]);
    check(
        "D: ¿Fuma?\nP: Ya no, lo dejé hace dos años.",
        &["history tabaquismo"],
        &["denied_history tabaquismo"],
    );
    check(
        "D: ¿Alcohol?\nP: Unas cervezas los domingos.",
        &["history consumo de alcohol"],
        &["denied_history consumo de alcohol"],
    );
}

#[test]
fn operations_are_found_by_the_organ_too() {
    check(
        "D: ¿La han operado?\nP: De la vesícula, hace tres años.",
        &["history colecistectomía"],
        &["denied_history cirugías"],
    );
    check("D: ¿Alguna cirugía?\nP: Ninguna.", &["denied_history cirugías"], &[]);
}

#[test]
fn allergies_and_their_absence() {
    check(
        "D: ¿Es alérgico a algo?\nP: A la penicilina, me salen ronchas.",
        &["allergy penicilina"],
        &["symptom exantema", "allergy negadas"],
    );
    check("D: ¿Alergias?\nP: No, ninguna.", &["allergy negadas"], &[]);
}

#[test]
fn what_the_patient_takes_is_not_a_prescription() {
    check(
        "D: ¿Qué toma?\nP: Metformina de ochocientos cincuenta, una en la mañana y una en la noche.",
        &["current_medication metformina | 850 mg, 12h"],
        &["prescription metformina"],
    );
}

#[test]
fn a_medicine_taken_in_the_past_is_not_a_current_one() {
    check(
        "D: ¿Qué toma?\nP: Losartán de cincuenta. Antes tomaba glibenclamida, pero esa me la quitaron.",
        &["current_medication losartán | 50 mg"],
        &["current_medication glibenclamida"],
    );
}

#[test]
fn a_dictated_prescription_is_whole() {
    check(
        "D: Le voy a dar amoxicilina de quinientos miligramos, una cápsula cada ocho horas por siete días.",
        &["prescription amoxicilina | 500 mg, 8h, 7d"],
        &[],
    );
    check(
        "D: Si le duele, paracetamol de quinientos, dos tabletas cada ocho horas.",
        &["prescription paracetamol | 1000 mg, 8h, prn"],
        &[],
    );
}

#[test]
fn a_corrected_dose_is_the_second_one() {
    check(
        "D: Le dejo ibuprofeno de ochocientos... no, perdón, de cuatrocientos, una cada ocho horas.",
        &["prescription ibuprofeno | 400 mg, 8h"],
        &[],
    );
}

#[test]
fn a_missing_dose_stays_missing() {
    let found = facts("D: Le voy a dar omeprazol.");
    let prescription = found.iter().find(|fact| fact.kind == FactKind::Prescription).expect("a prescription");
    assert_eq!(prescription.attributes.dose_value, None);
    assert_eq!(prescription.attributes.frequency_hours, None);
    assert_eq!(prescription.attributes.duration_days, None);
}

#[test]
fn a_stopped_medicine_is_never_prescribed() {
    check(
        "P: Tomo naproxeno diario.\nD: El naproxeno lo suspende hoy, le hace daño al riñón.",
        &["stopped_medication naproxeno"],
        &["prescription naproxeno"],
    );
    check(
        "P: ¿Y el diclofenaco, lo sigo?\nD: No, ese ya no. Suspéndalo.",
        &["stopped_medication diclofenaco"],
        &["prescription diclofenaco"],
    );
}

#[test]
fn a_medicine_named_and_withdrawn_is_no_prescription() {
    check("D: Antibiótico no necesita. Amoxicilina todavía no.", &[], &["prescription amoxicilina"]);
}

#[test]
fn vital_signs_are_exact_and_the_last_reading_holds() {
    check(
        "D: La presión, ciento cuarenta y ocho sobre ochenta y ocho. Se la repito... ciento treinta y ocho sobre ochenta y cuatro. Pulso setenta y seis, temperatura treinta y seis cuatro, pesa setenta y ocho kilos y medio y mide uno cincuenta y cuatro. Saturación noventa y siete.",
        &[
            "vital bp_systolic | 138",
            "vital bp_diastolic | 84",
            "vital hr | 76",
            "vital temp_c | 36.4",
            "vital weight_kg | 78.5",
            "vital height_m | 1.54",
            "vital spo2 | 97",
        ],
        &[],
    );
}

#[test]
fn a_reading_at_home_is_no_vital_sign() {
    check(
        "P: En mi casa me salió ciento sesenta sobre cien.",
        &[],
        &["vital bp_systolic", "vital bp_diastolic"],
    );
}

#[test]
fn an_examination_is_read_with_its_polarity() {
    check(
        "D: Voy a revisarlo. Corazón rítmico, sin soplos. Pulmones limpios, no hay sibilancias. La garganta roja, sin exudado. Tiene edema en los tobillos.",
        &[
            "finding corazón rítmico | normal",
            "finding soplos | absent",
            "finding pulmones limpios | normal",
            "finding sibilancias | absent",
            "finding faringe hiperémica | present",
            "finding exudado faríngeo | absent",
            "finding edema de tobillo | present",
        ],
        &["symptom odinofagia"],
    );
}

#[test]
fn tenderness_asked_while_touching_is_a_finding() {
    check(
        "D: La voy a revisar, acuéstese.\nP: Sí.\nD: ¿Le duele aquí en el vientre?\nP: No.",
        &["finding dolor a la palpación en abdomen | absent"],
        &["denied_symptom dolor abdominal"],
    );
}

#[test]
fn results_have_their_value_and_what_was_before() {
    check(
        "D: En los análisis, la hemoglobina glucosilada salió en nueve punto uno; la otra vez estaba en siete punto ocho. Creatinina cero punto nueve. El electrocardiograma salió normal.",
        &[
            "result hemoglobina glucosilada | 9.1",
            "result hemoglobina glucosilada previa | 7.8",
            "result creatinina | 0.9",
            "result electrocardiograma | normal",
        ],
        &["order hemoglobina glucosilada"],
    );
}

#[test]
fn diagnoses_keep_how_sure_the_clinician_is() {
    let opening = "P: Me duele la panza.\nD: ¿Desde cuándo?\nP: Ayer.\nD: ¿Fiebre?\nP: No.\n";
    check(
        &format!("{opening}D: Yo creo que es una gastroenteritis."),
        &["diagnosis gastroenteritis | suspected"],
        &[],
    );
    check(&format!("{opening}D: Usted tiene una gastritis."), &["diagnosis gastritis | confirmed"], &[]);
    check(&format!("{opening}D: No parece apendicitis."), &["diagnosis apendicitis | ruled_out"], &[]);
}

#[test]
fn orders_referrals_and_the_next_visit() {
    check(
        "P: Bueno.\nD: Le pido una biometría hemática y un examen general de orina. La mando con el oftalmólogo. Nos vemos en quince días con los resultados.",
        &[
            "order biometría hemática",
            "order examen general de orina",
            "referral oftalmología",
            "follow_up cita en 15 días | 15 días",
        ],
        &["result biometría hemática"],
    );
}

#[test]
fn what_depends_on_the_outcome_is_not_ordered() {
    check("D: Si no mejora, le pedimos una tomografía.", &[], &["order tomografía"]);
}

#[test]
fn vaccines_in_a_row_are_orders() {
    check(
        "D: Le tocan dos vacunas: la de influenza y la de neumococo.",
        &["order vacuna de influenza", "order vacuna de neumococo"],
        &[],
    );
}

#[test]
fn every_fact_cites_words_of_the_transcript() {
    let text = "D: ¿Fiebre?\nP: No, pero tos sí, desde el lunes. Tomo losartán de cincuenta.\nD: Presión ciento veinte sobre ochenta. Le doy ambroxol, una cucharada cada ocho horas. Nos vemos en una semana.";
    let transcript = scribe::parse::transcript(text.as_bytes()).expect("a readable transcript");
    let found = scribe::extract::facts(&transcript);
    assert!(found.len() >= 6, "{found:#?}");
    for fact in &found {
        assert!(!fact.evidence.is_empty(), "{fact:?}");
        for evidence in &fact.evidence {
            assert!(transcript.quote(*evidence).is_some_and(|quote| !quote.trim().is_empty()), "{fact:?}");
        }
    }
}

#[test]
fn a_told_allergy_is_structured_with_how_grave_it_sounds() {
    use clinical::allergy::ReactionKind;
    use clinical::draft::ItemContent;
    let told = |text: &str| {
        let transcript = scribe::parse::transcript(text.as_bytes()).unwrap();
        let draft = scribe::draft(&transcript)
            .note(nom004::definition(clinical::document::DocumentKind::PROGRESS_NOTE));
        draft
            .items
            .into_iter()
            .map(|item| item.content)
            .find(|content| matches!(content, ItemContent::Allergy(_) | ItemContent::AllergiesDenied))
    };
    let Some(ItemContent::Allergy(allergy)) = told(
        "D: Le recuerdo que usted es alérgica a la penicilina, ¿sigue igual?\nP: Sí, doctora, me llené de ronchas y no podía respirar.",
    ) else {
        panic!("no allergy")
    };
    assert_eq!(allergy.substance, "penicilina");
    let Some(ItemContent::Allergy(allergy)) =
        told("D: ¿Es alérgico a algún medicamento?\nP: A las sulfas, me salen ronchas.")
    else {
        panic!("no allergy")
    };
    assert_eq!(allergy.reaction_kind, ReactionKind::Mild);
    assert_eq!(told("D: ¿Alergias a medicamentos?\nP: No, ninguna."), Some(ItemContent::AllergiesDenied));
    assert_eq!(told("D: Si usted es alérgica a la penicilina, avíseme.\nP: Está bien."), None);
}

#[test]
fn a_short_answer_takes_up_one_word_of_what_was_asked() {
    check(
        "D: ¿Dolor de cabeza, de oídos?\nP: De cabeza sí. Los oídos no.",
        &["symptom cefalea", "denied_symptom otalgia"],
        &["denied_symptom cefalea", "symptom otalgia"],
    );
    check(
        "D: ¿Se le hinchan los pies?\nP: Hinchados no.",
        &["denied_symptom edema de pies"],
        &["symptom edema de pies"],
    );
    check(
        "D: ¿Cuando camina se marea, se desmaya?\nP: Mareo sí. Lo demás no.",
        &["symptom mareo", "denied_symptom síncope"],
        &[],
    );
}

#[test]
fn questions_without_marks_are_questions_when_they_are_answered() {
    check(
        "D: a ver qué le pasa\nP: pues me siento mal\nD: calentura\nP: no\nD: vómito diarrea\nP: tampoco\nD: le arde al orinar\n\
         P: sí mucho\nD: fuma\nP: no",
        &[
            "denied_symptom fiebre",
            "denied_symptom vómito",
            "denied_symptom diarrea",
            "symptom disuria",
            "denied_history tabaquismo",
        ],
        &["symptom fiebre", "denied_symptom disuria"],
    );
}

#[test]
fn how_a_function_goes_is_understood_from_the_answer() {
    check("D: ¿Duerme bien?\nP: A ratos.", &["symptom insomnio"], &["denied_symptom insomnio"]);
    check("D: ¿Y está comiendo?\nC: Poquito, y puro caldo.", &["symptom hiporexia"], &[]);
    check("D: ¿Come bien?\nP: Sí, bien.", &["denied_symptom hiporexia"], &["symptom hiporexia"]);
    check("D: Ajá.\nP: No duermo.", &["symptom insomnio"], &["denied_symptom insomnio"]);
}

#[test]
fn what_the_examiner_says_in_words_of_their_own_is_kept_with_its_place() {
    check(
        "D: La reviso. Presión ciento diez sobre setenta, pulso ochenta. La mama izquierda con una cicatriz lineal retraída, sin nódulos. \
         Hay secreción blanca grumosa en la vagina.",
        &["finding secreción blanca grumosa en vagina | present", "finding nódulos | absent"],
        &[],
    );
    check(
        "D: La reviso. Presión ciento diez sobre setenta, pulso ochenta. El cuello del lado derecho con una induración leñosa.",
        &["finding induración leñosa en cuello derecho | present"],
        &[],
    );
}

#[test]
fn antecedents_told_in_few_words_are_understood() {
    check(
        "D: ¿Qué enfermedades tiene?\nP: Presión. Y el azúcar.",
        &["history hipertensión arterial", "history diabetes mellitus"],
        &[],
    );
    check("D: ¿Café?\nP: Seis tazas.", &["history consumo de café"], &[]);
    check("D: ¿Nació a tiempo?\nC: De treinta y cinco semanas.", &["history prematurez"], &[]);
    check("D: ¿Vacuna de papiloma?\nP: No, a mí no me tocó.", &["denied_history vacuna contra VPH"], &[]);
    check("D: ¿Alguna enfermedad?\nP: No, ninguna.", &["denied_history enfermedades"], &[]);
}

#[test]
fn a_report_read_aloud_is_kept_clause_by_clause() {
    check(
        "D: El ultrasonido que trae dice: mioma submucoso de treinta milímetros, ovarios normales y sin líquido libre.",
        &[
            "result ultrasonido: mioma submucoso de treinta milímetros",
            "result ultrasonido: ovarios normales",
            "result ultrasonido: sin líquido libre",
        ],
        &[],
    );
    check(
        "D: Le pido un ultrasonido, que dice el radiólogo que salió dudoso.",
        &[],
        &["result ultrasonido: dudoso"],
    );
}

#[test]
fn a_value_of_a_study_nobody_listed_stands_with_the_others() {
    check(
        "D: Los análisis: creatinina uno punto dos, potasio cuatro punto uno, osmolaridad doscientos noventa. Tome agua tres veces.",
        &["result creatinina | 1.2", "result potasio | 4.1", "result osmolaridad | 290"],
        &["result tome agua"],
    );
}

#[test]
fn what_the_patient_does_not_know_is_neither_affirmed_nor_denied() {
    check(
        "D: ¿Calentura, escalofríos?\nP: Escalofríos sí. La calentura no sé, no me la tomé.",
        &["symptom escalofríos"],
        &["symptom fiebre", "denied_symptom fiebre"],
    );
}

#[test]
fn a_lost_no_is_not_lost() {
    check("D: ¿Comezón?\nP: No, comezón fíjese que no.", &["denied_symptom prurito"], &["symptom prurito"]);
    check(
        "D: ¿La operaron?\nP: En la última me ligaron... ah, no, no me ligué.",
        &[],
        &["history oclusión tubaria", "history ligadura de trompas"],
    );
    check("D: ¿Y el azúcar?\nP: Yo del azúcar siempre he salido bien.", &[], &["history diabetes mellitus"]);
}

#[test]
fn a_companion_who_is_ill_is_not_the_patient() {
    check(
        "D: ¿Quién le dona?\nC: Yo quisiera darle el mío, pero soy hipertensa.",
        &[],
        &["history hipertensión arterial"],
    );
}

#[test]
fn a_stopped_medicine_is_not_prescribed_as_well() {
    check(
        "D: Siga con el naproxeno.\nP: Sí.\nD: Pensándolo bien, deje el naproxeno.\nP: Bueno.",
        &["stopped_medication naproxeno"],
        &["prescription naproxeno"],
    );
}

#[test]
fn everyday_words_do_not_become_facts_nobody_told() {
    let silent: &[(&str, &[&str])] = &[
        ("P: La comida huele bien y como de todo.", &["symptom anosmia", "symptom polifagia"]),
        ("P: Tengo muchas ganas de vivir.", &["symptom ideación suicida"]),
        ("P: Me inyectan cada tercer día.", &["symptom estreñimiento"]),
        ("P: Ya me ha bajado la presión.", &["symptom pérdida de peso"]),
        ("P: En las mañanas es peor la tos.", &["symptom tristeza matutina"]),
        ("P: Se me olvida la pastilla de la noche.", &["symptom pérdida de memoria"]),
        (
            "P: Me duele el riñón. Me salió una piedra. Y una úlcera en la pierna.",
            &["history enfermedad renal crónica", "history consumo de drogas", "history úlcera gástrica"],
        ),
        ("C: Le faltan las vacunas de los seis meses.", &["history vacunación completa"]),
        ("P: Tuve hepatitis a los cinco años.", &["history hepatitis A"]),
        (
            "D: Lo reviso. Pulso ochenta. La rodilla con derrame leve. Las pupilas dilatadas.",
            &["diagnosis evento vascular cerebral", "finding dilatación cervical"],
        ),
        (
            "D: Lo reviso. Presión ciento diez sobre setenta, pulso ochenta. Los pulmones limpios. Hay una cicatriz lineal.",
            &["finding cicatriz lineal en campos pulmonares"],
        ),
    ];
    for (text, absent) in silent {
        check(text, &[], absent);
    }
}

#[test]
fn a_sign_is_there_or_not_as_the_examiner_says() {
    check(
        "D: La reviso. Pulso ochenta. Encías sin sangrado, con una muela picada. La prueba de Thompson, negativa.",
        &[
            "finding sangrado de encías | absent",
            "finding caries dental | present",
            "finding signo de Thompson | absent",
        ],
        &[],
    );
}
