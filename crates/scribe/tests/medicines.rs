//! How medicines are prescribed, changed and stopped in small consultations.

use crate::common::{check, facts};
use scribe::facts::FactKind;

#[test]
fn a_scheme_in_steps_has_the_days_of_all_of_them_only_when_it_ends() {
    check(
        "P: ¿Y qué tomo?\nD: Prednisona de cincuenta, una en la mañana por cinco días, luego media por tres días y la suspende.",
        &["prescription prednisona | 50 mg, 24h, 8d"],
        &["stopped_medication prednisona"],
    );
    check(
        "P: ¿Y qué tomo?\nD: Sertralina de cincuenta, media en la mañana una semana y después una completa.",
        &["prescription sertralina | 25 mg, 24h"],
        &[],
    );
}

#[test]
fn days_said_of_all_medicines_are_the_days_of_each() {
    check(
        "P: ¿Y qué tomo?\nD: Metronidazol de quinientos, una cada ocho horas. Claritromicina de quinientos, una cada doce horas. Todo por diez días.",
        &["prescription metronidazol | 500 mg, 8h, 10d", "prescription claritromicina | 500 mg, 12h, 10d"],
        &[],
    );
}

#[test]
fn a_medicine_refused_is_stopped_only_when_it_is_taken() {
    check(
        "D: ¿Qué toma?\nP: Diclofenaco, una diaria.\nD: Nada de diclofenaco, por el riñón.",
        &["stopped_medication diclofenaco"],
        &["prescription diclofenaco"],
    );
    check(
        "P: ¿Y para el dolor?\nD: No siga con el ketorolaco. Mejor no tome el diclofenaco.",
        &[],
        &["prescription ketorolaco", "prescription diclofenaco"],
    );
    check(
        "P: Bueno.\nD: Si le da tos con el enalapril, lo suspende y me avisa.",
        &[],
        &["stopped_medication enalapril"],
    );
    check(
        "P: Bueno.\nD: Le cambio la pravastatina por atorvastatina de veinte, una en la noche.",
        &["stopped_medication pravastatina", "prescription atorvastatina | 20 mg, 24h"],
        &[],
    );
}

#[test]
fn what_is_said_without_a_pause_is_read_apart() {
    let found = facts("P: ¿Y para el dolor?\nD: paracetamol de quinientos dos tabletas cada ocho horas");
    let dose = found.iter().find(|fact| fact.kind == FactKind::Prescription).expect("a prescription");
    assert_eq!(dose.attributes.dose_value, Some(1000.0));
}

fn schedule(text: &str, name: &str) -> Option<String> {
    let found = facts(text);
    let fact = found.iter().find(|fact| fact.kind == FactKind::Prescription && fact.name == name);
    fact.expect("a prescription").attributes.schedule.clone()
}

#[test]
fn the_moment_of_taking_is_kept_in_the_words_said_where_no_interval_is() {
    let told = schedule("P: ¿Y eso?\nD: Óxido de zinc en cada cambio de pañal.", "óxido de zinc");
    assert_eq!(told.as_deref(), Some("en cada cambio de pañal"));
    let told = schedule(
        "P: ¿Y eso?\nD: Le doy ibuprofeno de cuatrocientos, una hora antes del estudio.",
        "ibuprofeno",
    );
    assert_eq!(told.as_deref(), Some("una hora antes del estudio"));
    let told = schedule("P: ¿Y eso?\nD: Alendronato de setenta, dos veces por semana.", "alendronato");
    assert_eq!(told.as_deref(), Some("2 veces por semana"));
}

#[test]
fn a_condition_before_the_medicine_makes_it_only_if_needed_and_another_plan_does_not() {
    check(
        "P: ¿Y si me duele?\nD: Naproxeno de quinientos cada doce horas, tres días. Si no alcanza, paracetamol de un gramo cada ocho.",
        &["prescription naproxeno | 500 mg, 12h, 3d", "prescription paracetamol | 1 g, 8h, prn"],
        &[],
    );
    check(
        "P: Bueno.\nD: Losartán de cincuenta, una diaria, y cuando venga al control, hidroclorotiazida de veinticinco, una en la mañana.",
        &["prescription hidroclorotiazida | 25 mg, 24h"],
        &[],
    );
}

#[test]
fn a_strength_corrected_later_is_the_one_that_holds() {
    check(
        "P: Ajá.\nD: Le agrego sitagliptina de cien... no, perdón, en la farmacia la que hay es de cincuenta, una cada doce horas.",
        &["prescription sitagliptina | 50 mg, 12h"],
        &[],
    );
    check(
        "P: Ajá.\nD: Tiamina de cien... trescientos, una diaria, por un mes.",
        &["prescription tiamina | 300 mg, 24h, 30d"],
        &[],
    );
}

#[test]
fn what_is_asked_and_said_back_fills_in_a_prescription() {
    check(
        "P: ¿Y qué tomo?\nD: Le doy cefalexina de quinientos.\nP: ¿Cada cuánto?\nD: Cada seis horas.\nP: ¿Y cuántos días?\nD: Siete.",
        &["prescription cefalexina | 500 mg, 6h, 7d"],
        &[],
    );
    check(
        "P: ¿Y qué tomo?\nD: Le doy cefalexina de quinientos, una cada seis horas.\nP: La cefalexina, por siete días.\nD: Exacto, hasta que se acabe.",
        &["prescription cefalexina | 500 mg, 6h, 7d"],
        &[],
    );
}

#[test]
fn what_is_held_put_away_or_taken_back_is_not_prescribed() {
    for told in [
        "El telmisartán hoy y mañana no se lo tome, trae la presión baja.",
        "La lidocaína también quítela, a la larga sensibiliza.",
        "No regrese a la betametasona por nada.",
        "Celecoxib de doscientos... mmm, no, mejor no.",
        "Como la glibenclamida dura mucho, en la noche no lo dejen solo.",
        "Esa pastilla trae cafeína.",
    ] {
        let found = facts(&format!("P: ¿Y lo que tomo?\nD: {told}"));
        let given: Vec<_> = found.iter().filter(|fact| fact.kind == FactKind::Prescription).collect();
        assert!(given.is_empty(), "{told}: {given:?}");
    }
    check(
        "D: ¿Qué toma?\nP: Telmisartán de ochenta.\nD: El telmisartán hoy y mañana no se lo tome.",
        &["stopped_medication telmisartán"],
        &[],
    );
    check(
        "D: ¿Qué se ha puesto?\nP: Me unté sábila.\nD: Nada de sábila, por favor.",
        &["current_medication sábila", "stopped_medication sábila"],
        &[],
    );
    check("P: Comí pollo con ajo y limón.", &[], &["current_medication ajo"]);
}

#[test]
fn all_that_is_taken_goes_on_when_the_clinician_says_so_once() {
    check(
        "D: ¿Qué toma?\nP: Losartán de cincuenta en la mañana y metformina de ochocientos cincuenta dos veces al día.\nD: Muy bien.\nP: ¿Y ahora?\nD: La metformina la suspende. Todo lo demás igual.",
        &["prescription losartán | 50 mg, 24h", "stopped_medication metformina"],
        &["prescription metformina"],
    );
}

#[test]
fn the_form_or_place_that_leads_to_a_medicine_is_its_route() {
    for (told, name, route) in [
        ("Para los talones, crema de urea, en la noche.", "urea tópica", "tópica"),
        ("Lavado nasal con solución salina, diario.", "solución salina", "nasal"),
        ("Y el calcio igual.", "calcio", "oral"),
    ] {
        let found = facts(&format!("P: ¿Y eso?\nD: {told}"));
        let fact = found.iter().find(|fact| fact.kind == FactKind::Prescription && fact.name == name);
        assert_eq!(fact.and_then(|fact| fact.attributes.route.as_deref()), Some(route), "{told}");
    }
}

#[test]
fn a_medicine_that_only_goes_with_another_or_depends_on_an_event_is_not_stopped() {
    for told in [
        "No la tome junto con el omeprazol.",
        "si le salen ronchas con el omeprazol lo suspende y viene",
        "Después de cada toma, omeprazol, no hay que quitarlo.",
        "El omeprazol tampoco lo suspenda.",
    ] {
        let found = facts(&format!("D: ¿Qué toma?\nP: Omeprazol de veinte, en ayunas.\nD: {told}"));
        let stopped = found.iter().any(|fact| fact.kind == FactKind::StoppedMedication);
        assert!(!stopped, "{told}: {found:?}");
    }
    check(
        "D: ¿Qué toma?\nP: Amlodipino de cinco y losartán de cincuenta.\nD: No tome nada más. El amlodipino y el losartán tampoco, hasta que lo vean allá.",
        &["stopped_medication amlodipino", "stopped_medication losartán"],
        &[],
    );
    check(
        "D: ¿Y para el dolor?\nP: Un compadre me dio ketorolaco.\nD: Híjole. Ése no, nunca más.",
        &["stopped_medication ketorolaco"],
        &[],
    );
}
