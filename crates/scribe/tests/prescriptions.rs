//! How a medicine is ordered, changed and left in the words of real visits: verbs, amounts before the name, changes, ways.

use crate::common::{check, facts};
use scribe::facts::FactKind;

#[test]
fn the_verb_behind_a_medicine_decides_whether_it_is_left() {
    check(
        "D: ¿Qué toma?\nP: Glimepirida de dos, una diaria. Y candesartán de ocho.\nD: La glimepirida la paramos por ahora. El candesartán no me lo mueve nadie.",
        &["stopped_medication glimepirida", "prescription candesartán | 8 mg"],
        &["prescription glimepirida", "stopped_medication candesartán"],
    );
    check(
        "D: ¿Qué toma?\nP: Piroxicam y pravastatina, una de cada una.\nD: El piroxicam se va a la basura. La pravastatina también, que no la necesita.",
        &["stopped_medication piroxicam", "stopped_medication pravastatina"],
        &["prescription piroxicam", "prescription pravastatina"],
    );
    check(
        "D: ¿Qué toma?\nP: Baclofeno de diez, tres al día.\nD: El baclofeno lo quitamos, pero poco a poco: media tableta en la noche por una semana.",
        &["prescription baclofeno | 0.5 tableta, 24h, 7d"],
        &["stopped_medication baclofeno"],
    );
}

#[test]
fn a_stop_on_condition_is_no_stop() {
    check(
        "D: ¿Dudas?\nP: No.\nD: Le doy tiamazol de cinco, una cada ocho horas. Si le da fiebre o llagas en la boca, suspende el tiamazol y viene.",
        &["prescription tiamazol | 5 mg, 8h"],
        &["stopped_medication tiamazol"],
    );
}

#[test]
fn what_only_the_patient_named_is_left_or_goes_on_by_a_pointing_word() {
    check(
        "D: ¿Qué toma para la rodilla?\nP: Puro meloxicam.\nD: Ahí está el detalle. Ése me lo deja desde hoy, por su riñón.",
        &["stopped_medication meloxicam"],
        &["prescription meloxicam"],
    );
    check(
        "D: ¿Y de la presión?\nP: Tomo nebivolol de cinco diario.\nD: Ése lo dejamos igual.",
        &["prescription nebivolol | 5 mg, 24h"],
        &["stopped_medication nebivolol"],
    );
}

#[test]
fn an_amount_before_the_name_is_of_that_medicine() {
    check(
        "P: ¿Y qué tomo?\nD: Se toma dos tabletas de naproxeno de doscientos cincuenta cada doce horas, y media tableta de loratadina en la noche.",
        &["prescription naproxeno | 500 mg, 12h", "prescription loratadina | 0.5 tableta, 24h"],
        &[],
    );
}

#[test]
fn the_amount_a_change_leads_to_replaces_what_was_taken() {
    check(
        "D: ¿Qué toma?\nP: Felodipino de diez.\nD: Le voy a bajar el felodipino a cinco, parta la de diez a la mitad.",
        &["prescription felodipino | 5 mg"],
        &[],
    );
    check(
        "P: Sí.\nD: El nebivolol me lo sube a diez, porque la presión debe quedar abajo de ciento treinta.",
        &["prescription nebivolol | 10 mg"],
        &[],
    );
    check(
        "P: Bueno.\nD: Y zinc en jarabe, diez miligramos... no, a ver, ya es más grande: son veinte miligramos al día, por catorce días.",
        &["prescription zinc | 20 mg, 24h, 14d"],
        &[],
    );
}

#[test]
fn an_interval_of_changing_is_no_interval_of_taking() {
    check(
        "P: ¿Y la insulina?\nD: Insulina glargina, doce unidades en la noche, y cada tres días sube dos si amanece alta.",
        &["prescription insulina glargina | 12 unidades, 24h"],
        &[],
    );
    check(
        "P: ¿Y eso?\nD: Metotrexato, quince miligramos, una sola vez a la semana.",
        &["prescription metotrexato | 15 mg, 168h"],
        &[],
    );
}

#[test]
fn a_scheme_in_steps_keeps_its_words() {
    let found = facts(
        "P: ¿Cómo la tomo?\nD: Deflazacort, treinta miligramos en la mañana por cinco días, luego quince por tres días y la deja.",
    );
    let fact = found.iter().find(|fact| fact.kind == FactKind::Prescription).expect("a prescription");
    assert_eq!((fact.attributes.dose_value, fact.attributes.duration_days), (Some(30.0), Some(8.0)));
    let scheme = fact.attributes.schedule.as_deref().expect("the words of the scheme");
    assert!(scheme.contains("luego quince por tres días"), "{scheme}");
}

#[test]
fn a_complaint_as_condition_makes_it_only_if_needed_and_its_denial_does_not() {
    for (told, prn) in [
        ("Etoricoxib de sesenta, una al día, si de repente le arde la rodilla.", true),
        ("Solamente si la comezón está muy fuerte, cetirizina de diez, una al día.", true),
        ("Etoricoxib de sesenta, una al día, fijo, no cuando le duela.", false),
        ("Furosemida de cuarenta, una al día, y si baja de peso me avisa.", false),
    ] {
        let found = facts(&format!("P: ¿Y qué tomo?\nD: {told}"));
        let fact = found.iter().find(|fact| fact.kind == FactKind::Prescription).expect(told);
        assert_eq!(fact.attributes.prn, prn, "{told}");
    }
}

#[test]
fn orders_without_marks_ask_nothing() {
    check(
        "D: qué le pasa\nP: me duele al orinar\nD: tiene fiebre\nP: no\nD: alergias\nP: ninguna\nD: nitrofurantoína de cien una cada doce horas siete días\nP: bueno\nD: y tome agua\nP: sí",
        &["prescription nitrofurantoína | 100 mg, 12h, 7d"],
        &[],
    );
}

#[test]
fn what_one_of_two_is_given_by_goes_for_both_in_the_same_breath() {
    let found = facts(
        "P: Ay.\nD: Le ponemos metoclopramida diez miligramos y ketorolaco treinta, por la vena, en una sola dosis.",
    );
    let ways: Vec<_> = found
        .iter()
        .filter(|fact| fact.kind == FactKind::Prescription)
        .map(|fact| fact.attributes.route.as_deref())
        .collect();
    assert_eq!(ways, [Some("intravenosa"), Some("intravenosa")], "{found:?}");
}

#[test]
fn what_is_refused_for_good_is_left_only_when_it_is_taken() {
    check(
        "D: ¿Qué toma?\nP: Piroxicam y té de boldo.\nD: El piroxicam, ni uno más. El boldo no lo necesita.",
        &["stopped_medication piroxicam", "stopped_medication té de boldo"],
        &["prescription piroxicam"],
    );
    check(
        "P: ¿Y para la fiebre?\nD: Paracetamol de quinientos cada ocho horas. Nimesulida jamás.",
        &["prescription paracetamol | 500 mg, 8h"],
        &["stopped_medication nimesulida", "prescription nimesulida"],
    );
    check(
        "D: ¿Qué toma?\nP: Butilhioscina.\nD: La butilhioscina la guardas para dolor fuerte, una de diez miligramos.",
        &[],
        &["stopped_medication butilhioscina"],
    );
}

/// The prescriptions of a consultation once everything is known of it: name, amount, hours, only if needed.
fn prescribed(text: &str) -> Vec<(String, Option<f64>, Option<f64>, bool)> {
    let transcript = scribe::parse::transcript(text.as_bytes()).expect("a readable transcript");
    let facts = scribe::draft(&transcript).facts;
    let lines = facts.into_iter().filter(|fact| fact.kind == FactKind::Prescription);
    lines
        .map(|fact| {
            let a = fact.attributes;
            (fact.name, a.dose_value, a.frequency_hours, a.prn)
        })
        .collect()
}

#[test]
fn what_nobody_says_anew_of_a_medicine_that_goes_on_is_as_it_was() {
    let taken = "D: ¿Qué medicinas toma?\nP: Enalapril de diez cada doce horas y furosemida de cuarenta cada veinticuatro horas.\nD: ¿Se marea?\nP: Sí, al pararme.\n";
    let of = |plan: &str, name: &str| {
        let all = prescribed(&format!("{taken}D: {plan}\nP: Sí, doctora."));
        all.into_iter().find(|line| line.0 == name).map(|(_, dose, hours, prn)| (dose, hours, prn))
    };
    assert_eq!(of("El enalapril, baje a cinco.", "enalapril"), Some((Some(5.0), Some(12.0), false)));
    assert_eq!(of("La furosemida sigue igual.", "furosemida"), Some((Some(40.0), Some(24.0), false)));
    assert_eq!(
        of("Va a tomar furosemida de veinte cada doce horas.", "furosemida"),
        Some((Some(20.0), Some(12.0), false)),
        "what is said anew stands"
    );
    assert_eq!(
        of("Le doy amlodipino de cinco.", "amlodipino"),
        Some((Some(5.0), None, false)),
        "nothing is filled in of what was not taken"
    );
}

#[test]
fn what_only_goes_one_way_goes_that_way() {
    let way = |text: &str| {
        let facts = facts(text);
        facts
            .into_iter()
            .find(|fact| fact.kind == FactKind::Prescription)
            .and_then(|fact| fact.attributes.route)
    };
    assert_eq!(way("D: Le dejo óxido de zinc en cada cambio de pañal.").as_deref(), Some("tópica"));
    assert_eq!(way("D: Se va a poner clobetasol en solución dos veces al día.").as_deref(), Some("tópica"));
    assert_eq!(way("D: Latanoprost, una cada noche.").as_deref(), Some("oftálmica"));
}
