//! The guard asked directly: what a sentence says otherwise than the words it cites is told by its reason, and what only
//! says it in other words is let through.

use clinical::transcript::{Speaker, Turn};
use scribe::guard::{Reason, check};

use Speaker::{Doctor as D, Patient as P};

#[track_caller]
fn stands(turns: &[(Speaker, &str)], sentence: &str) {
    let verdict = verdict(turns, sentence);
    assert!(verdict.supported && verdict.reasons.is_empty(), "{sentence:?}: {:?}", verdict.reasons);
}

#[track_caller]
fn falls(turns: &[(Speaker, &str)], sentence: &str, reason: Reason) {
    let verdict = verdict(turns, sentence);
    assert!(verdict.reasons.contains(&reason), "{sentence:?}: {:?}", verdict.reasons);
    assert!(!verdict.supported);
}

fn verdict(turns: &[(Speaker, &str)], sentence: &str) -> scribe::guard::Verdict {
    let turn = |(speaker, text): &(Speaker, &str)| Turn { speaker: *speaker, text: (*text).to_owned() };
    check(sentence, &turns.iter().map(turn).collect::<Vec<_>>())
}

#[test]
fn every_reason_has_words_of_its_own() {
    use Reason::*;
    let all = [
        DrugSwap,
        Dose,
        Unit,
        Frequency,
        Duration,
        Number,
        Laterality,
        BodySite,
        NegationDropped,
        NegationAdded,
        Certainty,
        Person,
        Diagnosis,
        InventedFact,
        Temporal,
    ];
    let distinct = |words: Vec<&str>| {
        assert!(words.iter().all(|words| words.len() > 3), "{words:?}");
        words.iter().collect::<std::collections::HashSet<_>>().len()
    };
    assert_eq!(distinct(all.iter().map(|reason| reason.message()).collect()), all.len());
    assert_eq!(distinct(all.iter().map(|reason| reason.code()).collect()), all.len());
}

#[test]
fn a_concentration_is_no_dose() {
    stands(&[(D, "La hemoglobina salió en doce punto tres.")], "Hemoglobina 12.3 g/dL.");
    falls(&[(D, "La hemoglobina salió en doce punto tres.")], "Hemoglobina 13.3 g/dL.", Reason::Number);
}

#[test]
fn only_a_height_is_turned_from_centimetres_into_metres() {
    stands(&[(D, "Mide ciento setenta centímetros.")], "Talla 1.70 m.");
    falls(&[(D, "Mide ciento setenta centímetros.")], "Talla 1.60 m.", Reason::Number);
    falls(&[(D, "Pesa ochenta kilos.")], "Peso 0.8 kg.", Reason::Number);
}

#[test]
fn an_article_and_the_number_of_a_type_are_no_numbers() {
    stands(&[(P, "Me salió lesión en la espalda.")], "Refiere una lesión en la espalda.");
    stands(&[(P, "Soy diabético.")], "Diabetes mellitus tipo 2.");
}

#[test]
fn a_nought_is_heard_as_any_number() {
    stands(&[(P, "De dolor, cero de diez.")], "Dolor 0/10.");
    falls(&[(P, "De dolor, tres de diez.")], "Dolor 0/10.", Reason::Number);
}

#[test]
fn a_number_keeps_the_unit_it_was_said_with() {
    for (said, written, wrong) in [
        ("Tiene una lesión de cinco milímetros.", "Lesión de 5 mm.", "Lesión de 5 cm."),
        ("Tiene una lesión de cinco centímetros.", "Lesión de 5 cm.", "Lesión de 5 mm."),
        ("Nació de dos kilos.", "Nació de 2 kg.", "Nació de 2 g."),
        ("La lesión pesó dos gramos.", "Lesión de 2 g.", "Lesión de 2 kg."),
        ("Toma dos litros de agua.", "Toma 2 L de agua.", "Toma 2 mL de agua."),
        ("Camina cien metros.", "Camina 100 m.", "Camina 100 cm."),
    ] {
        stands(&[(D, said)], written);
        falls(&[(D, said)], wrong, Reason::Unit);
    }
}

#[test]
fn a_dose_may_be_the_strength_times_the_pieces() {
    let two = [(D, "Paracetamol de quinientos, dos cada ocho horas.")];
    stands(&two, "Paracetamol 1000 mg cada 8 horas.");
    falls(&two, "Paracetamol 1500 mg cada 8 horas.", Reason::Dose);
    let half = [(D, "Metformina de quinientos, tome media cada doce horas.")];
    stands(&half, "Metformina 250 mg cada 12 horas.");
    let coated = [(D, "Tómese dos tabletas de ibuprofeno cada ocho horas.")];
    stands(&coated, "Ibuprofeno 2 grageas cada 8 horas.");
    for pieces in ["gotas", "sobres", "ampolletas", "disparos"] {
        falls(&coated, &format!("Ibuprofeno 2 {pieces} cada 8 horas."), Reason::Unit);
    }
    let gram = [(D, "Paracetamol, un gramo cada ocho horas.")];
    stands(&gram, "Paracetamol 1000 mg cada 8 horas.");
    falls(&gram, "Paracetamol 100 mg cada 8 horas.", Reason::Dose);
    // An interval and a length of time are not counts of pieces.
    falls(&[(D, "Paracetamol de quinientos cada seis horas.")], "Paracetamol 3000 mg.", Reason::Dose);
    falls(
        &[(D, "Paracetamol de quinientos miligramos por tres días.")],
        "Paracetamol 1500 mg.",
        Reason::Dose,
    );
}

#[test]
fn half_an_hour_is_thirty_minutes() {
    let turns = [(P, "Me duele desde hace media hora.")];
    stands(&turns, "Dolor de 30 minutos de evolución.");
    falls(&turns, "Dolor de 20 minutos de evolución.", Reason::Duration);
    falls(&turns, "Dolor de 48 días de evolución.", Reason::Duration);
    falls(
        &[(P, "Tomo media tableta desde hace una hora.")],
        "Dolor de 30 minutos de evolución.",
        Reason::Duration,
    );
}

#[test]
fn a_medicine_is_the_one_that_was_named_and_of_whom_it_was_said() {
    let instead = [(D, "¿Toma metoprolol?"), (P, "No, no, bisoprolol.")];
    falls(&instead, "Toma metoprolol.", Reason::DrugSwap);
    stands(&instead, "Toma bisoprolol.");
    stands(&[(D, "¿Toma metoprolol?"), (P, "No.")], "Niega tomar metoprolol.");
    let corrected = [(D, "Loratadina, perdón, mejor cetirizina.")];
    falls(&corrected, "Loratadina.", Reason::DrugSwap);
    stands(&corrected, "Cetirizina.");
    let father = [(D, "Su papá es alérgico a la amoxicilina.")];
    falls(&father, "Alergia a la amoxicilina.", Reason::Person);
    stands(&[(P, "Soy alérgico a la amoxicilina.")], "Alergia a la amoxicilina.");
    falls(&[(P, "Soy alérgica a las sulfas.")], "Alergia a penicilinas.", Reason::DrugSwap);
    stands(&[(P, "Soy alérgica a la penicilina.")], "Alergia a penicilinas.");
}

#[test]
fn what_is_stopped_does_not_go_on() {
    let stopped = [(D, "Vamos a suspender el losartán.")];
    falls(&stopped, "Continúa con losartán.", Reason::NegationDropped);
    stands(&stopped, "Se suspende losartán.");
    stands(&[(D, "Siga con el losartán igual.")], "Continúa con losartán.");
    let smoked = [(P, "Dejé de fumar hace diez años.")];
    falls(&smoked, "Tabaquismo activo.", Reason::Temporal);
    stands(&[(P, "Fumo diario.")], "Tabaquismo activo.");
}

#[test]
fn a_relative_is_the_one_that_was_named() {
    falls(&[(P, "Vivo con mi papá.")], "Vive con su hermana.", Reason::Person);
    stands(&[(P, "Vivo con mi papá.")], "Vive con su padre.");
    stands(&[(P, "Mi abuelita es diabética.")], "Familiar con diabetes mellitus.");
    falls(&[(P, "Mi abuelita es diabética.")], "Madre con diabetes mellitus.", Reason::Person);
    let both = [(P, "Mi mamá es diabética y yo soy hipertensa.")];
    stands(&both, "Hipertensión arterial.");
    stands(&both, "Madre con diabetes mellitus.");
    falls(&both, "Madre con hipertensión arterial.", Reason::Person);
    falls(&both, "Diabetes mellitus.", Reason::Person);
}

#[test]
fn a_side_is_the_one_that_was_meant() {
    let left = [(D, "¿Le duele la rodilla derecha?"), (P, "La derecha no, la izquierda.")];
    falls(&left, "Dolor de rodilla derecha.", Reason::Laterality);
    stands(&left, "Dolor de rodilla izquierda.");
    stands(&[(P, "Me duelen las dos rodillas.")], "Dolor de rodillas bilateral.");
    stands(&[(P, "Me duele la rodilla derecha y también la izquierda.")], "Dolor de ambas rodillas.");
    falls(&[(P, "Me duele la rodilla derecha.")], "Dolor de ambas rodillas.", Reason::Laterality);
    let ear = [(D, "Es una otitis media aguda en el oído derecho. El oído izquierdo está sano.")];
    falls(&ear, "Otitis media aguda izquierda.", Reason::Laterality);
    stands(&ear, "Otitis media aguda derecha.");
    falls(
        &[(P, "Me duele por la parte de adentro de la rodilla.")],
        "Dolor en la parte externa de la rodilla.",
        Reason::BodySite,
    );
    stands(
        &[(P, "Me duele por la parte de adentro de la rodilla.")],
        "Dolor en la parte interna de la rodilla.",
    );
    falls(
        &[(P, "Me duele por la parte de afuera de la rodilla.")],
        "Dolor en la parte interna de la rodilla.",
        Reason::BodySite,
    );
    stands(
        &[(P, "Me duele por la parte de afuera de la rodilla.")],
        "Dolor en la parte externa de la rodilla.",
    );
}

#[test]
fn a_site_is_the_one_that_was_named() {
    stands(&[(P, "Tengo cefalea y me duele el cuello.")], "Dolor de cabeza.");
    falls(&[(P, "Me duele el cuello.")], "Dolor de hombro.", Reason::BodySite);
    falls(&[(D, "La piel está seca. En las manos hay fisuras.")], "Fisuras en pies.", Reason::BodySite);
}

#[test]
fn a_disease_is_had_denied_or_excluded_as_it_was_said() {
    let denied = [(D, "¿Diabetes o hipertensión?"), (P, "No, ninguna.")];
    falls(&denied, "Antecedente de diabetes mellitus.", Reason::NegationDropped);
    stands(&denied, "Niega diabetes mellitus.");
    let had = [(D, "¿Diabetes?"), (P, "Sí, soy diabética.")];
    falls(&had, "Niega diabetes mellitus.", Reason::NegationAdded);
    stands(&had, "Antecedente de diabetes mellitus.");
    falls(&had, "Antecedente de asma.", Reason::Diagnosis);
    let told = [(D, "Esto es una faringitis aguda, viral.")];
    for sentence in [
        "Faringitis aguda descartada.",
        "Se descarta faringitis aguda.",
        "Sin faringitis aguda.",
        "Faringitis aguda, probable.",
    ] {
        falls(&told, sentence, Reason::Certainty);
    }
    stands(&told, "Faringitis aguda, probablemente viral.");
    stands(&told, "Faringitis aguda.");
    let mother = [(D, "Entonces su mamá tiene diabetes.")];
    stands(&mother, "Madre con diabetes mellitus.");
    falls(&mother, "Diabetes mellitus.", Reason::Person);
    falls(&mother, "Antecedente de diabetes mellitus.", Reason::Person);
    let both = [(D, "Entonces su mamá tiene diabetes. Y usted tiene hipertensión.")];
    stands(&both, "Hipertensión arterial.");
    let excluded = [(D, "Sarna no es. Es una dermatitis.")];
    falls(&excluded, "Sarna.", Reason::Certainty);
    stands(&excluded, "Se descarta sarna.");
    stands(&excluded, "Dermatitis.");
}

#[test]
fn a_sign_is_there_or_not_as_it_was_said() {
    let lungs = [(D, "Reviso los pulmones. Hay estertores en las bases.")];
    falls(&lungs, "Sin estertores.", Reason::NegationAdded);
    stands(&lungs, "Estertores.");
    let clear = [(D, "Reviso los pulmones. No hay estertores.")];
    falls(&clear, "Estertores.", Reason::NegationDropped);
    stands(&clear, "Sin estertores.");
    falls(&[(D, "Reviso las piernas. Hay edema en los pies.")], "Sin edema.", Reason::NegationAdded);
    stands(&[(D, "Reviso las piernas. No hay edema en los pies.")], "Sin edema de pies.");
    falls(&[(D, "Reviso las piernas. No hay edema en los pies.")], "Edema de pies.", Reason::NegationDropped);
    let ear = [(D, "Reviso la herida. No hay pus.")];
    falls(&ear, "Herida con secreción purulenta.", Reason::NegationDropped);
    stands(&ear, "Herida sin secreción purulenta.");
    stands(&[(D, "Reviso la herida. Le sale pus.")], "Herida con secreción purulenta.");
    falls(&[(P, "No se me hinchan los pies.")], "Refiere edema.", Reason::NegationDropped);
    stands(&[(P, "No se me hinchan los pies. Se me hincha la cara.")], "Refiere edema.");
    stands(&[(P, "Se me hinchan los pies.")], "Refiere edema.");
    stands(&[(D, "¿Mareo?"), (P, "No."), (P, "Bueno, el mareo me da en las mañanas.")], "Refiere mareo.");
}

#[test]
fn a_complaint_is_had_or_not_as_it_was_said() {
    let ill = [(P, "Tengo tos, pero no he tenido fiebre.")];
    falls(&ill, "Refiere tos y fiebre.", Reason::NegationDropped);
    falls(&ill, "Niega tos.", Reason::NegationAdded);
    stands(&ill, "Refiere tos. Niega fiebre.");
    falls(&[(P, "Se me hinchan los pies.")], "Niega edema.", Reason::NegationAdded);
    stands(&[(P, "No se me hinchan los pies.")], "Niega edema.");
    let child = [(D, "¿Su hijo ha tenido moretones?"), (P, "No.")];
    falls(&child, "Refiere moretones.", Reason::NegationDropped);
    stands(&child, "Niega moretones.");
    let head = [(P, "Me duele la cabeza, el pecho no.")];
    falls(&head, "Niega dolor de cabeza.", Reason::NegationAdded);
    stands(&head, "Dolor de cabeza.");
}

#[test]
fn a_study_is_one_that_was_named_and_its_outcome_is_not_put_off() {
    let ordered = [(D, "Le voy a pedir una biometría hemática.")];
    stands(&ordered, "Se solicita biometría hemática.");
    falls(&ordered, "Se solicita radiografía de tórax.", Reason::InventedFact);
    stands(&[(P, "Traigo el azúcar alta.")], "Glucosa elevada.");
    falls(&[(P, "Traigo el azúcar alta.")], "Creatinina elevada.", Reason::InventedFact);
    falls(&[(D, "La biometría salió normal.")], "Biometría hemática pendiente.", Reason::Temporal);
    stands(&[(D, "Falta que le entreguen la biometría.")], "Biometría hemática pendiente.");
}

#[test]
fn a_medicine_the_patient_does_not_want_may_still_be_prescribed() {
    let turns = [(P, "No quiero amoxicilina."), (D, "La necesita, se la indico.")];
    stands(&turns, "Se indica amoxicilina.");
    let not_needed = [(D, "No creo que necesite amoxicilina.")];
    falls(&not_needed, "Se indica amoxicilina.", Reason::NegationDropped);
    stands(&not_needed, "No requiere amoxicilina.");
}

#[test]
fn silence_supports_nothing() {
    falls(&[], "Paciente estable.", Reason::InventedFact);
    falls(&[(D, ""), (P, "  ")], "Paciente estable.", Reason::InventedFact);
}

#[test]
fn a_short_name_has_to_be_heard_like_a_long_one() {
    let diabetic = [(P, "Soy diabético.")];
    for disease in ["VIH", "EVC"] {
        falls(&diabetic, &format!("Antecedente de {disease}."), Reason::Diagnosis);
    }
    stands(&[(P, "Tengo VIH desde hace años.")], "Antecedente de VIH.");
    let plates = [(D, "Le pido unas placas.")];
    for study in ["TAC", "EGO", "PCR"] {
        falls(&plates, &format!("Se solicita {study}."), Reason::InventedFact);
    }
    stands(&[(D, "Le pido una tomografía.")], "Se solicita TAC.");
    stands(&[(D, "Le pido un examen general de orina.")], "Se solicita EGO.");
    let hand = [(P, "Me duele la mano.")];
    falls(&hand, "Dolor de pie.", Reason::BodySite);
    falls(&hand, "Dolor de ojo.", Reason::BodySite);
    stands(&[(P, "Me duele el pie.")], "Dolor de pie.");
}
