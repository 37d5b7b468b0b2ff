//! The practice in numbers as sentences and charts.

use care::figures::practice::{CodeCount, FigureRow, Practice, Scope, Stretches};
use drug_safety::OverrideReason;
use figures::period::{Grain, Step};
use figures::{WORDS_PER_MINUTE, number, percent, tellable};

use crate::format;
use crate::labels::severity;
use crate::views::bars::{Columned, Columns, Rank, Ranks};
use crate::views::boards::{BoardFilter, BoardsPage};
use crate::views::form::ErrorSummary;
use crate::views::shell::Shell;

use super::boards::scope_view;
use super::capitalised;

/// What stands in place of a number that would point at few people.
const FEW: &str = "menos de 5";

/// The numbers of each step in order.
fn by_step(steps: &[Step], rows: &[FigureRow], pick: impl Fn(&FigureRow) -> i64) -> Vec<i64> {
    steps.iter().map(|step| rows.iter().filter(|row| row.period == step.key).map(&pick).sum()).collect()
}

/// "1 al 30 de marzo de 2026, por día", in words that fit under any heading.
pub(super) fn days_in_words(scope: &Scope) -> String {
    let (from, until) = (scope.period.from(), scope.period.until());
    let grain = match scope.period.grain() {
        Grain::Day => "por día",
        Grain::Month => "por mes",
        Grain::Year => "por año",
    };
    let who = scope.practitioner.and_then(|own| scope.people.iter().find(|(id, _)| *id == own));
    let who = who.map(|(_, name)| format!(", {name}")).unwrap_or_default();
    if from == until {
        return format!("{}{who}", format::long_date(from));
    }
    format!("Del {} al {}, {grain}{who}", format::long_date(from), format::long_date(until))
}

/// "9 mar", "mar 2026", "2026".
fn step_label(step: &Step, grain: Grain) -> String {
    match grain {
        Grain::Day => format::day_of_year(step.from),
        Grain::Month => {
            let day = format::day_of_year(step.from);
            format!("{} {}", day.split(' ').next_back().unwrap_or_default(), step.from.year())
        }
        Grain::Year => step.from.year().to_string(),
    }
}

fn unit_of_time(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "Día",
        Grain::Month => "Mes",
        Grain::Year => "Año",
    }
}

/// A length of time in words: "12 min", "3 h 05 min", "2 días".
fn minutes(minutes: i64) -> String {
    match minutes {
        ..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} días", minutes / 1_440),
    }
}

fn stretches<const N: usize>(
    id: &'static str,
    title: &str,
    labels: [&str; N],
    times: &Stretches<N>,
    none: &str,
) -> Ranks {
    let all = times.all();
    let rows = labels.iter().zip(times.counts).map(|(label, n)| Rank {
        label: (*label).to_owned(),
        link: String::new(),
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
    let drawn = Drawn { steps: scope.period.steps(), grain: scope.period.grain() };
    let visits: i64 = practice.visits.iter().map(|row| row.n).sum();
    let first: i64 = practice.patients.iter().filter(|row| row.item == "new").map(|row| row.n).sum();
    let planned = [practice.reminded, practice.not_reminded];
    let planned: i64 = planned.iter().map(|came| came.came + came.missed).sum();
    let nothing =
        visits + planned + practice.cancelled + practice.norm.iter().map(|row| row.total).sum::<i64>();
    let people = practice.by_person.iter().map(|(name, n)| (name.clone(), String::new(), *n));
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
        visits: drawn.visits(practice),
        patients: drawn.patients(practice),
        by_person: (practice.by_person.len() > 1).then(|| {
            ranks("c-personas", "Consultas por profesional", ("Profesional", "Consultas"), Rank::of(people))
        }),
        by_service: by_service(practice),
        times_lead: times_lead(practice),
        oddities: usize::try_from(practice.oddities).unwrap_or_default(),
        waits: stretches(
            "t-espera",
            "Espera, de la llegada a la consulta",
            ["Menos de 15 min", "15 a 29 min", "30 a 59 min", "Una hora o más"],
            &practice.waits,
            "Sin llegadas anotadas en este periodo.",
        ),
        lengths: stretches(
            "t-duracion",
            "Duración de la consulta",
            ["Menos de 15 min", "15 a 29 min", "30 a 59 min", "Una hora o más"],
            &practice.lengths,
            "Sin consultas terminadas en este periodo.",
        ),
        attendance: attendance(practice),
        diagnoses_lead: diagnoses_lead(practice),
        chapters: chapters(practice),
        recetas_lead: recetas_lead(practice),
        recetas: drawn.recetas(practice),
        medicines: medicines(practice),
        shown: shown(practice),
        overridden: overridden(practice),
        words_lead: words_lead(practice),
        to_sign: stretches(
            "f-inicio",
            "Del inicio de la consulta a la nota firmada",
            ["En la primera hora", "El mismo día", "Después"],
            &practice.to_sign,
            "Sin notas firmadas en este periodo.",
        ),
        after_end: stretches(
            "f-fin",
            "Del fin anotado de la visita a la nota firmada",
            ["En la primera hora", "El mismo día", "Después"],
            &practice.after_end,
            "Nadie anotó el fin de una visita antes de la firma.",
        ),
        words: words(practice),
        norm_lead: norm_lead(practice),
        norm: drawn.norm(practice),
    }
}

fn ranks(id: &'static str, title: &str, heads: (&'static str, &'static str), rows: Vec<Rank>) -> Ranks {
    let caption = if rows.is_empty() { "Nada en este periodo." } else { "" };
    Ranks { id, title: title.to_owned(), caption: caption.to_owned(), heads, rows }
}

/// The steps all charts over time share.
struct Drawn {
    steps: Vec<Step>,
    grain: Grain,
}

impl Drawn {
    fn columns(
        &self,
        id: &'static str,
        title: String,
        heads: &[&str],
        values: &[i64],
        cells: impl Fn(usize) -> Vec<String>,
    ) -> Columned {
        let named = self.steps.iter().enumerate().map(|(index, step)| {
            (step_label(step, self.grain), values.get(index).copied().unwrap_or(0), cells(index))
        });
        let heads = std::iter::once(unit_of_time(self.grain)).chain(heads.iter().copied());
        Columned {
            id,
            title,
            caption: String::new(),
            steps: named.collect(),
            heads: heads.map(str::to_owned).collect(),
            unit: "",
        }
    }

    fn visits(&self, practice: &Practice) -> Columns {
        let mut services: Vec<&str> = practice.visits.iter().map(|row| row.item.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        // A practice with very many services still has a table that can be read.
        services.truncate(8);
        let all = by_step(&self.steps, &practice.visits, |row| row.n);
        let each: Vec<Vec<i64>> = services
            .iter()
            .map(|service| {
                let own = |row: &FigureRow| own_count(row, service);
                by_step(&self.steps, &practice.visits, own)
            })
            .collect();
        let names: Vec<&str> = services.iter().map(|name| service_name(name)).collect();
        let heads: Vec<&str> = std::iter::once("Todas").chain(names).collect();
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| {
            std::iter::once(cell(&all, index)).chain(each.iter().map(|values| cell(values, index))).collect()
        };
        Columns::draw(self.columns("c-visitas", "Consultas".to_owned(), &heads, &all, cells))
    }

    fn patients(&self, practice: &Practice) -> Columns {
        let count = |item: &'static str| {
            let own = move |row: &FigureRow| own_count(row, item);
            by_step(&self.steps, &practice.patients, own)
        };
        let (new, returning) = (count("new"), count("returning"));
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| vec![cell(&new, index), cell(&returning, index)];
        let heads = ["Primera vez", "Subsecuentes"];
        Columns::draw(self.columns("c-nuevos", "Pacientes de primera vez".to_owned(), &heads, &new, cells))
    }

    fn recetas(&self, practice: &Practice) -> Columns {
        let count = by_step(&self.steps, &practice.recetas, |row| row.n);
        let lines = by_step(&self.steps, &practice.recetas, |row| row.total);
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index| vec![cell(&count, index), cell(&lines, index)];
        let heads = ["Recetas", "Medicamentos"];
        Columns::draw(self.columns("r-recetas", "Recetas firmadas".to_owned(), &heads, &count, cells))
    }

    fn norm(&self, practice: &Practice) -> Columns {
        let there = by_step(&self.steps, &practice.norm, |row| row.n);
        let asked = by_step(&self.steps, &practice.norm, |row| row.total);
        let parts: Vec<i64> =
            there.iter().zip(&asked).map(|(there, asked)| percent(*there, *asked).unwrap_or(0)).collect();
        let cell = |values: &[i64], index: usize| number(values.get(index).copied().unwrap_or(0));
        let cells = |index: usize| {
            let part = asked.get(index).filter(|asked| **asked > 0).and(parts.get(index));
            let part = part.map_or("sin documentos".to_owned(), |part| format!("{part}%"));
            vec![part, cell(&there, index), cell(&asked, index)]
        };
        let heads = ["Cumplimiento", "Elementos presentes", "Elementos que aplican"];
        let title = "Elementos de la NOM-004 presentes, de cada 100".to_owned();
        let columned = self.columns("n-norma", title, &heads, &parts, cells);
        let caption = "Apéndice A de la NOM-004-SSA3-2012 (informativo): cada elemento obligatorio cuenta si está; lo que no aplica no se cuenta.";
        Columns::draw(Columned { unit: "%", caption: caption.to_owned(), ..columned })
    }
}

fn own_count(row: &FigureRow, item: &str) -> i64 {
    if row.item == item { row.n } else { 0 }
}

fn service_name(item: &str) -> &str {
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
    let rows = counts.into_iter().map(|(name, n)| (service_name(name).to_owned(), String::new(), n));
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

fn attendance(practice: &Practice) -> Ranks {
    let both = [("Con recordatorio", practice.reminded), ("Sin recordatorio", practice.not_reminded)];
    let rows = both.into_iter().filter_map(|(label, came)| {
        let part = came.percent()?;
        Some(Rank {
            label: format!(
                "{label}: faltaron {} de {}",
                number(came.missed),
                number(came.came + came.missed)
            ),
            link: String::new(),
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

/// The number as this person may be told it, with the length of its bar.
fn told(scope: &Scope, n: i64) -> (String, i64) {
    match tellable(n) {
        None if !scope.lists => (FEW.to_owned(), 0),
        _ => (number(n), n),
    }
}

fn told_ranks(scope: &Scope, counts: impl IntoIterator<Item = (String, String, i64)>) -> Vec<Rank> {
    let told = counts.into_iter().map(|(label, link, n)| (label, link, told(scope, n)));
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
    let coded: i64 = practice.chapters.iter().map(|(_, n)| n).sum();
    let all = coded + practice.uncoded;
    let uncoded = match practice.uncoded {
        0 => "todos con código confirmado".to_owned(),
        n => format!("{} sin código confirmado", number(n)),
    };
    format!(
        "{} diagnósticos en documentos firmados, {uncoded}. Toque un capítulo para ver sus códigos.",
        number(all)
    )
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
    let shown: i64 = practice.shown.iter().map(|(_, n)| n).sum();
    let overridden: i64 = practice.overridden.iter().map(|(_, _, n)| n).sum();
    format!(
        "{} recetas con {} medicamentos. {} alertas a la vista al firmar; {} firmadas a pesar de la alerta, con su motivo.",
        number(recetas),
        number(lines),
        number(shown),
        number(overridden)
    )
}

fn medicines(practice: &Practice) -> Ranks {
    let rows = practice.medicines.iter().map(|(name, n)| (name.clone(), String::new(), *n));
    let heads = ("Medicamento", "Recetas");
    ranks("r-medicamentos", "Lo más recetado", heads, told_ranks(&practice.scope, rows))
}

fn shown(practice: &Practice) -> Ranks {
    let rows = practice.shown.iter().map(|(tier, n)| (severity(tier).to_owned(), String::new(), *n));
    ranks("r-alertas", "Alertas a la vista al firmar", ("Gravedad", "Alertas"), Rank::of(rows))
}

fn overridden(practice: &Practice) -> Ranks {
    let rows = practice.overridden.iter().map(|(tier, reason, n)| {
        let reason = OverrideReason::from_code(reason).map_or("Otro motivo", OverrideReason::label);
        (format!("{}: {}", severity(tier), reason.to_lowercase()), String::new(), *n)
    });
    ranks("r-motivos", "Por qué se firmó a pesar de la alerta", ("Motivo", "Veces"), Rank::of(rows))
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
    let rows = [
        ("Aceptadas del borrador".to_owned(), String::new(), practice.accepted),
        ("Escritas a mano".to_owned(), String::new(), practice.written),
    ];
    ranks("f-palabras", "Palabras de los documentos firmados", ("Origen", "Palabras"), Rank::of(rows))
}

fn norm_lead(practice: &Practice) -> String {
    let there: i64 = practice.norm.iter().map(|row| row.n).sum();
    let asked: i64 = practice.norm.iter().map(|row| row.total).sum();
    match percent(there, asked) {
        Some(part) => format!(
            "{part}% de los elementos obligatorios está en lo firmado ({} de {}).",
            number(there),
            number(asked)
        ),
        None => "Sin documentos firmados en este periodo.".to_owned(),
    }
}
