//! The fields of a question.

use care::error::FieldError;
use clinical::ids::PractitionerId;
use clinical::laboratory::Comparator;
use clinical::observation::VitalKind;
use figures::question::{Span, direction_code};
use prevention::controls::controls;
use results::catalog::analytes;

use crate::views::form::{Choice, Field, Posted};

fn options<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(code, words)| (code.to_owned(), words.to_owned())).collect()
}

/// Sexo, consultas, profesional, periodo.
pub(super) fn who(
    people: &[(PractitionerId, String)],
    span: Span,
    posted: &Posted,
    errors: &[FieldError],
) -> Vec<Choice> {
    let sex = [
        ("", "Cualquiera"),
        ("female", "Mujeres"),
        ("male", "Hombres"),
        ("intersex", "Intersexuales"),
        ("undetermined", "No determinado"),
    ];
    let visits = [
        ("", "No importa"),
        ("si", "Tuvieron consulta en el periodo"),
        ("primera", "Vinieron por primera vez"),
        ("otra", "Vinieron y ya habían venido"),
    ];
    let mut by = options([("", "Cualquiera")]);
    by.extend(people.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let mut spans = options([
        ("", "Siempre"),
        ("1", "Último mes"),
        ("3", "Últimos 3 meses"),
        ("6", "Últimos 6 meses"),
        ("12", "Últimos 12 meses"),
        ("24", "Últimos 24 meses"),
        ("60", "Últimos 5 años"),
        ("fechas", "Entre dos fechas"),
    ]);
    if let Span::Months(months) = span
        && !spans.iter().any(|(code, _)| *code == months.to_string())
    {
        spans.push((months.to_string(), format!("Últimos {months} meses")));
    }
    vec![
        Choice::new("sexo", "Sexo", options(sex)).from(posted, errors),
        Choice::new("periodo", "Periodo", spans).from(posted, errors),
        Choice::new("vino", "Consultas", options(visits)).from(posted, errors),
        Choice::new("medico", "Profesional que los vio", by).from(posted, errors),
    ]
}

/// Edad de, a; desde, hasta.
pub(super) fn ends(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let age =
        |name, label| Field::text(name, label).width("w-10").mode("numeric").max(3).from(posted, errors);
    let day = |name, label| {
        Field::text(name, label)
            .help("Solo entre dos fechas: día/mes/año")
            .width("w-18")
            .max(10)
            .from(posted, errors)
    };
    vec![
        age("edad_de", "Edad, desde"),
        age("edad_a", "Edad, hasta"),
        day("desde", "Desde"),
        day("hasta", "Hasta"),
    ]
}

/// Whether a condition must hold.
pub(super) fn denied(name: &'static str, posted: &Posted) -> Choice {
    Choice::new(name, "Con o sin", options([("si", "Con"), ("no", "Sin")])).width("w-10").from(posted, &[])
}

/// When a diagnosis or medicine holds.
pub(super) fn when(
    name: &'static str,
    now: &str,
    within: &str,
    posted: &Posted,
    errors: &[FieldError],
) -> Choice {
    let all = [("hoy", now), ("alguna", "Alguna vez"), ("periodo", within)];
    Choice::new(name, "Cuándo", options(all)).from(posted, errors)
}

/// What adds a medicine.
pub(super) fn medicine(posted: &Posted, errors: &[FieldError]) -> (Choice, Field, Choice) {
    let typed = Field::text("rx", "Ingrediente").help("Nombre genérico, solo o en combinación").max(100);
    let when = when("rx_cuando", "Lo toman hoy", "Recetado en el periodo", posted, errors);
    (denied("rx_niega", posted), typed.from(posted, errors), when)
}

/// What adds a value.
pub(super) fn value(posted: &Posted, errors: &[FieldError]) -> (Choice, Choice, Choice, Choice, Field) {
    let mut all = options([("", "Elija")]);
    all.extend(
        VitalKind::ALL.map(|kind| (kind.code().to_owned(), format!("{}, {}", kind.label(), kind.unit()))),
    );
    all.extend(analytes().iter().map(|one| (one.loinc.to_owned(), format!("{}, {}", one.name, one.ucum))));
    let which = [
        ("ultimo", "El último del periodo"),
        ("alguno", "Alguno del periodo"),
        ("medido", "Que exista un registro"),
    ];
    let how = [
        (direction_code(Comparator::AtLeast), "Igual o mayor que"),
        (direction_code(Comparator::More), "Mayor que"),
        (direction_code(Comparator::AtMost), "Igual o menor que"),
        (direction_code(Comparator::Less), "Menor que"),
    ];
    (
        denied("valor_niega", posted),
        Choice::new("valor", "Valor", all).from(posted, errors),
        Choice::new("valor_cual", "Cuál", options(which)).from(posted, errors),
        Choice::new("valor_signo", "Comparación", options(how)).from(posted, errors),
        Field::text("cantidad", "Cantidad").width("w-10").mode("decimal").max(12).from(posted, errors),
    )
}

/// What adds something that is lacking.
pub(super) fn lacking(posted: &Posted, errors: &[FieldError]) -> (Choice, Choice) {
    let area = |area: &str| match area {
        "diabetes" => "diabetes",
        "hypertension" => "hipertensión",
        "cancer" => "detección de cáncer",
        "vaccines" => "vacunas",
        "pregnancy" => "embarazo",
        _ => "medicamentos",
    };
    let mut all = options([("", "Ninguno")]);
    all.extend(
        controls().iter().map(|one| (one.code.to_owned(), format!("{} ({})", one.label, area(one.area)))),
    );
    (denied("pendiente_niega", posted), Choice::new("pendiente", "Pendiente", all).from(posted, errors))
}
