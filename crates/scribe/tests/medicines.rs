//! How medicines are prescribed, changed and stopped in small consultations.

#![allow(clippy::expect_used, reason = "helpers of tests fail the test")]

mod common;

use common::{check, facts};
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
