//! The practice in numbers as sentences and charts.

use care::figures::behind::{Number, REMINDED};
use care::figures::practice::{CodeCount, Practice, SPANS, STRETCHES, Scope, Stretches};
use figures::period::Grain;
use figures::{WORDS_PER_MINUTE, number, percent, rounded};

use crate::format;
use crate::labels::severity;
use crate::views::bars::{Rank, Ranks};
use crate::views::boards::{BoardFilter, BoardsPage};
use crate::views::form::ErrorSummary;
use crate::views::shell::Shell;

use super::boards::scope_view;
use super::boards_list::{links, list, overridden_words};
use super::boards_steps::Drawn;
use super::capitalised;

/// Stretches of waits and of consultations, with their words.
pub(super) const LENGTHS: [(&str, &str); 4] = [
    (STRETCHES[0], "Menos de 15 min"),
    (STRETCHES[1], "15 a 29 min"),
    (STRETCHES[2], "30 a 59 min"),
    (STRETCHES[3], "Una hora o más"),
];
/// Stretches until a signature, with their words.
pub(super) const UNTIL_SIGNED: [(&str, &str); 3] =
    [(SPANS[0], "En la primera hora"), (SPANS[1], "El mismo día"), (SPANS[2], "Después")];

/// What stands in place of a number that would point at few people.
const FEW: &str = "menos de 5";
/// How numbers are told to who may not open records.
const ROUNDED: &str = "redondeados a múltiplos de 5, hacia arriba o hacia abajo";

/// What one column of a picture stands for; nothing where it is all one day.
pub(super) fn grain_in_words(scope: &Scope) -> &'static str {
    match scope.period.grain() {
        _ if scope.period.from() == scope.period.until() => "",
        Grain::Day => ", por día",
        Grain::Month => ", por mes",
        Grain::Year => ", por año",
    }
}

/// "Del 1 al 30 de marzo de 2026", in words that fit under any heading.
pub(super) fn days_in_words(scope: &Scope) -> String {
    let (from, until) = (scope.period.from(), scope.period.until());
    let who = scope.practitioner.and_then(|own| scope.people.iter().find(|(id, _)| *id == own));
    let who = who.map(|(_, name)| format!(", {name}")).unwrap_or_default();
    if from == until {
        return format!("{}{who}", format::long_date(from));
    }
    format!("Del {} al {}{who}", format::long_date(from), format::long_date(until))
}

/// A length of time in words: "12 min", "3 h 05 min", "2 días".
pub(super) fn minutes(minutes: i64) -> String {
    match minutes {
        ..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} días", minutes / 1_440),
    }
}

fn stretches<const N: usize>(
    id: &'static str,
    title: &str,
    parts: [(&str, &str); N],
    (scope, listed): (&Scope, Number),
    times: &Stretches<N>,
    none: &str,
) -> Ranks {
    let all = times.all();
    let rows = parts.iter().zip(times.counts).map(|((part, label), n)| Rank {
        label: (*label).to_owned(),
        link: if n > 0 { list(scope, listed, Some(part)) } else { String::new() },
        value: number(n),
        length: percent(n, all).unwrap_or(0),
    });
    Ranks {
        id,
        title: title.to_owned(),
        caption: match times.mean() {
            Some(mean) => format!("Promedio: {} en {} con ambas horas anotadas.", minutes(mean), number(all)),
            None => none.to_owned(),
        },
        heads: ("Tiempo", "Cuántas"),
        rows: if all == 0 { Vec::new() } else { rows.collect() },
    }
}

/// The page of the practice.
pub(super) fn board(
    shell: Shell,
    practice: &Practice,
    errors: ErrorSummary,
    filter: BoardFilter,
) -> BoardsPage {
    let scope = &practice.scope;
    let drawn = Drawn::of(scope);
    let visits: i64 = practice.visits.iter().map(|row| row.n).sum();
    let first: i64 = practice.patients.iter().filter(|row| row.item == "new").map(|row| row.n).sum();
    let planned = [practice.reminded, practice.not_reminded];
    let planned: i64 = planned.iter().map(|came| came.came + came.missed).sum();
    let nothing =
        visits + planned + practice.cancelled + practice.norm.iter().map(|row| row.total).sum::<i64>();
    let people = practice.by_person.iter().map(|(id, name, n)| {
        let one = Scope { practitioner: id.parse().ok(), ..scope.clone() };
        (name.clone(), list(&one, Number::Visits, None), *n)
    });
    BoardsPage {
        shell,
        tab: "practica",
        scope: scope_view(scope),
        errors,
        filter,
        empty: nothing == 0,
        visits_lead: format!(
            "{} consultas; {} de ellas, de pacientes que vinieron por primera vez{}.",
            number(visits),
            number(first),
            percent(first, visits).map(|part| format!(" ({part}%)")).unwrap_or_default()
        ),
        visits_links: links(
            scope,
            [
                (Number::Visits, None, visits, "consulta", "consultas"),
                (Number::NewPatients, None, first, "de primera vez", "de primera vez"),
                (Number::ReturningPatients, None, visits - first, "subsecuente", "subsecuentes"),
            ],
        ),
        visits: drawn.visits(practice),
        patients: drawn.patients(practice),
        by_person: (practice.by_person.len() > 1).then(|| {
            ranks("c-personas", "Consultas por profesional", ("Profesional", "Consultas"), Rank::of(people))
        }),
        by_service: by_service(practice),
        times_lead: times_lead(practice),
        times_links: times_links(practice),
        oddities: usize::try_from(practice.oddities).unwrap_or_default(),
        waits: stretches(
            "t-espera",
            "Espera, de la llegada a la consulta",
            LENGTHS,
            (scope, Number::Waits),
            &practice.waits,
            "Sin llegadas anotadas en este periodo.",
        ),
        lengths: stretches(
            "t-duracion",
            "Duración de la consulta",
            LENGTHS,
            (scope, Number::Lengths),
            &practice.lengths,
            "Sin consultas terminadas en este periodo.",
        ),
        attendance: attendance(practice),
        diagnoses_lead: diagnoses_lead(practice),
        diagnoses_links: diagnoses_links(practice),
        chapters: chapters(practice),
        recetas_lead: recetas_lead(practice),
        recetas_links: recetas_links(practice),
        recetas: drawn.recetas(practice),
        medicines: medicines(practice),
        shown: shown(practice),
        overridden: overridden(practice),
        words_lead: words_lead(practice),
        to_sign: stretches(
            "f-inicio",
            "Del inicio de la consulta a la nota firmada",
            UNTIL_SIGNED,
            (scope, Number::ToSign),
            &practice.to_sign,
            "Sin notas firmadas en este periodo.",
        ),
        after_end: stretches(
            "f-fin",
            "Del fin anotado de la visita a la nota firmada",
            UNTIL_SIGNED,
            (scope, Number::AfterEnd),
            &practice.after_end,
            "Nadie anotó el fin de una visita antes de la firma.",
        ),
        words: words(practice),
        norm_lead: norm_lead(practice),
        norm_links: norm_links(practice),
        norm: drawn.norm(practice),
    }
}

fn ranks(id: &'static str, title: &str, heads: (&'static str, &'static str), rows: Vec<Rank>) -> Ranks {
    let caption = if rows.is_empty() { "Nada en este periodo." } else { "" };
    Ranks { id, title: title.to_owned(), caption: caption.to_owned(), heads, rows }
}

pub(super) fn service_name(item: &str) -> &str {
    if item.is_empty() { "Sin cita" } else { item }
}

fn by_service(practice: &Practice) -> Ranks {
    let mut counts: Vec<(&str, i64)> = Vec::new();
    for row in &practice.visits {
        match counts.iter_mut().find(|(name, _)| *name == row.item) {
            Some((_, n)) => *n += row.n,
            None => counts.push((&row.item, row.n)),
        }
    }
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let rows = counts.into_iter().map(|(name, n)| {
        (service_name(name).to_owned(), list(&practice.scope, Number::Visits, Some(name)), n)
    });
    ranks("c-servicios", "Consultas por servicio", ("Servicio", "Consultas"), Rank::of(rows))
}

fn times_lead(practice: &Practice) -> String {
    let wait = practice.waits.mean().map(|mean| format!("Espera promedio de {}", minutes(mean)));
    let all = [practice.reminded, practice.not_reminded];
    let (came, missed): (i64, i64) =
        all.iter().fold((0, 0), |(came, missed), one| (came + one.came, missed + one.missed));
    let missing = percent(missed, came + missed).map(|part| {
        format!("a {part}% de las citas no se asistió ({} de {})", number(missed), number(came + missed))
    });
    let said: Vec<String> = [wait, missing].into_iter().flatten().collect();
    if said.is_empty() {
        return "Sin llegadas ni citas anotadas en este periodo.".to_owned();
    }
    let cancelled = crate::ui::count(
        usize::try_from(practice.cancelled).unwrap_or_default(),
        "cita cancelada",
        "citas canceladas",
    );
    capitalised(&format!("{}; {cancelled}.", said.join("; ")))
}

fn times_links(practice: &Practice) -> Vec<(String, String)> {
    let (with, without) = (practice.reminded, practice.not_reminded);
    links(
        &practice.scope,
        [
            (
                Number::Came,
                None,
                with.came + without.came,
                "cita a la que se asistió",
                "citas a las que se asistió",
            ),
            (Number::Missed, None, with.missed + without.missed, "falta", "faltas"),
            (Number::Cancelled, None, practice.cancelled, "cancelada", "canceladas"),
        ],
    )
}

fn attendance(practice: &Practice) -> Ranks {
    let both =
        [("Con recordatorio", REMINDED, practice.reminded), ("Sin recordatorio", "", practice.not_reminded)];
    let rows = both.into_iter().filter_map(|(label, sign, came)| {
        let part = came.percent()?;
        Some(Rank {
            label: format!(
                "{label}: faltaron {} de {}",
                number(came.missed),
                number(came.came + came.missed)
            ),
            link: if came.missed > 0 {
                list(&practice.scope, Number::Missed, Some(sign))
            } else {
                String::new()
            },
            value: format!("{part}%"),
            length: part,
        })
    });
    let caption = match (practice.reminded.percent(), practice.not_reminded.percent()) {
        (Some(with), Some(without)) if with < without => {
            format!(
                "Con recordatorio faltan {} puntos menos. No dice por qué: quien recibe recordatorios también dio su teléfono.",
                without - with
            )
        }
        (None, _) => "Ninguna cita de este periodo tuvo un recordatorio enviado.".to_owned(),
        _ => String::new(),
    };
    Ranks {
        id: "t-asistencia",
        title: "Citas a las que no se asistió".to_owned(),
        caption,
        heads: ("Citas", "No asistió"),
        rows: rows.collect(),
    }
}

/// The number as this person may be told it, with the length of its bar. Who may not open records gets multiples of five:
/// two periods that are nearly the same do not tell of the person between them.
fn told(lists: bool, label: &str, n: i64) -> (String, i64) {
    if lists {
        return (number(n), n);
    }
    // Of what is counted and how many: the same in whatever period.
    let seed = label.bytes().fold(n, |seed, byte| seed.wrapping_mul(1_099_511_628_211) ^ i64::from(byte));
    rounded(n, seed).map_or_else(|| (FEW.to_owned(), 0), |n| (number(n), n))
}

fn told_ranks(scope: &Scope, counts: impl IntoIterator<Item = (String, String, i64)>) -> Vec<Rank> {
    let told = counts.into_iter().map(|(label, link, n)| {
        let told = told(scope.lists, &label, n);
        (label, link, told)
    });
    let told: Vec<_> = told.collect();
    let most = told.iter().map(|(_, _, (_, n))| *n).max().unwrap_or(0).max(1);
    let bar = |(label, link, (value, n)): (String, String, (String, i64))| Rank {
        label,
        link,
        value,
        length: n * 100 / most,
    };
    told.into_iter().map(bar).collect()
}

fn diagnoses_lead(practice: &Practice) -> String {
    // A sum beside numbers that are rounded would tell them.
    if !practice.scope.lists {
        return format!(
            "Diagnósticos de los documentos firmados, {ROUNDED}. Toque un capítulo para ver sus códigos."
        );
    }
    let counts = practice.chapters.iter().map(|(_, n)| *n).chain([practice.uncoded]);
    let uncoded = match practice.uncoded {
        0 => "todos con código confirmado".to_owned(),
        n => format!("{} sin código confirmado", number(n)),
    };
    format!(
        "{} diagnósticos en documentos firmados, {uncoded}. Toque un capítulo para ver sus códigos.",
        number(counts.sum())
    )
}

fn diagnoses_links(practice: &Practice) -> Vec<(String, String)> {
    let all = practice.chapters.iter().map(|(_, n)| n).sum::<i64>() + practice.uncoded;
    let uncoded = (Number::Diagnoses, Some(""), practice.uncoded, "sin código", "sin código");
    links(&practice.scope, [(Number::Diagnoses, None, all, "diagnóstico", "diagnósticos"), uncoded])
}

fn chapters(practice: &Practice) -> Ranks {
    let query = scope_view(&practice.scope).query;
    let rows = practice.chapters.iter().map(|(chapter, n)| {
        let link = format!("/tableros/capitulo{query}&capitulo={}", chapter.sign);
        (format!("{} {}", chapter.number, chapter.name), link, *n)
    });
    let heads = ("Capítulo de la CIE-11", "Diagnósticos");
    ranks("d-capitulos", "Por capítulo de la CIE-11", heads, told_ranks(&practice.scope, rows))
}

/// The codes of a chapter; each a click away from its records for who may open them.
pub(super) fn codes(scope: &Scope, counts: &[CodeCount]) -> Ranks {
    let query = scope_view(scope).query;
    let rows = counts.iter().map(|count| {
        let link = format!("/tableros/pacientes{query}&codigo={}", super::encode(&count.code));
        let link = if scope.lists { link } else { String::new() };
        (format!("{} {}", count.code, count.title), link, count.n)
    });
    let mut rows = told_ranks(scope, rows);
    rows.truncate(200);
    ranks("d-codigos", "Diagnósticos", ("Diagnóstico", "Veces"), rows)
}

fn recetas_lead(practice: &Practice) -> String {
    let recetas: i64 = practice.recetas.iter().map(|row| row.n).sum();
    let lines: i64 = practice.recetas.iter().map(|row| row.total).sum();
    if !practice.scope.lists {
        return format!("{} recetas. Medicamentos y alertas, {ROUNDED}.", number(recetas));
    }
    let (shown, overridden) = alerts(practice);
    format!(
        "{} recetas con {} medicamentos. {} alertas a la vista al firmar; {} firmadas a pesar de la alerta, con su motivo.",
        number(recetas),
        number(lines),
        number(shown),
        number(overridden)
    )
}

/// Alerts at a signature, and those signed in spite of.
fn alerts(practice: &Practice) -> (i64, i64) {
    let shown = practice.shown.iter().map(|(_, n)| n).sum();
    (shown, practice.overridden.iter().map(|(.., n)| n).sum())
}

fn recetas_links(practice: &Practice) -> Vec<(String, String)> {
    let recetas = practice.recetas.iter().map(|row| row.n).sum();
    let (shown, overridden) = alerts(practice);
    links(
        &practice.scope,
        [
            (Number::Recetas, None, recetas, "receta", "recetas"),
            (Number::Shown, None, shown, "alerta a la vista", "alertas a la vista"),
            (
                Number::Overridden,
                None,
                overridden,
                "firmada a pesar de la alerta",
                "firmadas a pesar de la alerta",
            ),
        ],
    )
}

fn medicines(practice: &Practice) -> Ranks {
    let scope = &practice.scope;
    let rows = practice
        .medicines
        .iter()
        .map(|(name, n)| (name.clone(), list(scope, Number::Medicines, Some(name)), *n));
    let heads = ("Medicamento", "Recetas");
    ranks("r-medicamentos", "Lo más recetado", heads, told_ranks(scope, rows))
}

fn shown(practice: &Practice) -> Ranks {
    let scope = &practice.scope;
    let rows = practice
        .shown
        .iter()
        .map(|(tier, n)| (severity(tier).to_owned(), list(scope, Number::Shown, Some(tier)), *n));
    ranks("r-alertas", "Alertas a la vista al firmar", ("Gravedad", "Alertas"), told_ranks(scope, rows))
}

fn overridden(practice: &Practice) -> Ranks {
    let scope = &practice.scope;
    let rows = practice.overridden.iter().map(|(tier, reason, n)| {
        let item = format!("{tier}|{reason}");
        (overridden_words(&item), list(scope, Number::Overridden, Some(&item)), *n)
    });
    let heads = ("Motivo", "Veces");
    ranks("r-motivos", "Por qué se firmó a pesar de la alerta", heads, told_ranks(scope, rows))
}

fn words_lead(practice: &Practice) -> String {
    let Some(part) = percent(practice.accepted, practice.accepted + practice.written) else {
        return "Sin palabras firmadas en este periodo.".to_owned();
    };
    format!(
        "{part}% de las palabras firmadas se aceptaron de lo dictado, sin teclearlas: unos {} de escritura, a {WORDS_PER_MINUTE} palabras por minuto.",
        minutes(practice.accepted / WORDS_PER_MINUTE)
    )
}

fn words(practice: &Practice) -> Ranks {
    let scope = &practice.scope;
    let rows = [
        ("Aceptadas del borrador".to_owned(), list(scope, Number::Accepted, None), practice.accepted),
        ("Escritas a mano".to_owned(), list(scope, Number::Written, None), practice.written),
    ];
    ranks("f-palabras", "Palabras de los documentos firmados", ("Origen", "Palabras"), Rank::of(rows))
}

fn norm_links(practice: &Practice) -> Vec<(String, String)> {
    let lacking = practice.norm.iter().map(|row| row.total - row.n).sum();
    let (there, all) = practice.histories;
    links(
        &practice.scope,
        [
            (Number::Norm, None, lacking, "elemento que falta", "elementos que faltan"),
            (
                Number::NoHistory,
                None,
                all - there,
                "consulta sin historia clínica",
                "consultas sin historia clínica",
            ),
        ],
    )
}

fn norm_lead(practice: &Practice) -> String {
    let there: i64 = practice.norm.iter().map(|row| row.n).sum();
    let asked: i64 = practice.norm.iter().map(|row| row.total).sum();
    match percent(there, asked) {
        Some(part) => format!(
            "{part}% de los elementos obligatorios está en lo firmado ({} de {}).{}",
            number(there),
            number(asked),
            histories(practice)
        ),
        None => "Sin documentos firmados en este periodo.".to_owned(),
    }
}

/// The historia clínica is an element of the record, not of a document: Medicus signs nothing that is incomplete.
fn histories(practice: &Practice) -> String {
    let (there, all) = practice.histories;
    let part = percent(there, all);
    part.map(|part| {
        format!(
            " {part}% de las consultas fue de expedientes que ya tenían historia clínica ({} de {}).",
            number(there),
            number(all)
        )
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn who_opens_no_records_is_told_multiples_of_five_and_who_does_the_number() {
        assert_eq!(told(true, "losartán", 7), ("7".to_owned(), 7));
        assert_eq!(told(false, "losartán", 4), ("menos de 5".to_owned(), 0));
        for n in 5..60 {
            let (words, length) = told(false, "losartán", n);
            assert!(length % 5 == 0 && (length - n).abs() < 5 && words == length.to_string(), "{n}: {words}");
            assert_eq!(told(false, "losartán", n), (words, length), "another answer to the same question");
        }
    }
}
