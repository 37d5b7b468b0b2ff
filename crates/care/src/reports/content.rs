//! What a report says: the boards as tables of counts. It leaves the practice, so a number of a clinical kind that stands for few
//! people is not told, nor one it could be reckoned from.

use clinical::calendar::long_date;
use documents::{ReportRow, ReportSection, ReportTable};
use figures::cadence::Stretch;
use figures::period::{Grain, Period};
use figures::{number, percent, tellable};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prevention::controls::{area_label, controls};
use storage::Tx;

use super::Board;
use crate::error::CareError;
use crate::figures::ends_of_day;
use crate::figures::practice::{Practice, Scope, Stretches, read_practice};
use crate::figures::surveillance::{DiseaseCount, new_cases};

/// What stands for a number that would point at few people.
const FEW: &str = "menos de 5";
/// Rows of a list of diagnoses or medicines.
const MOST: usize = 30;

/// "del 8 al 14 de marzo de 2026", "del 1 al 31 de marzo de 2026".
pub(super) fn days_in_words(days: Stretch) -> String {
    let last = long_date(days.until);
    match (days.from.year() == days.until.year(), days.from.month() == days.until.month()) {
        (true, true) => format!("del {} al {last}", days.from.day()),
        (true, false) => {
            let first = long_date(days.from);
            let first = first.rsplit_once(" de ").map_or(first.as_str(), |(day, _)| day);
            format!("del {first} al {last}")
        }
        _ => format!("del {} al {last}", long_date(days.from)),
    }
}

/// The sections of the boards, in their order, of whole days.
pub(super) async fn sections(
    tx: &mut Tx,
    boards: &[Board],
    days: Stretch,
    today: Date,
    zone: &TimeZone,
) -> Result<Vec<ReportSection>, CareError> {
    let mut sections = Vec::new();
    let practice = match boards.iter().any(|board| matches!(board, Board::Practice | Board::Quality)) {
        true => {
            let scope = scope(tx, days, today, zone).await?;
            Some(read_practice(tx, scope).await?)
        }
        false => None,
    };
    for board in boards {
        sections.extend(match board {
            Board::Practice => practice.as_ref().map(practice_section),
            Board::Quality => practice.as_ref().map(quality_section),
            Board::Epidemiology => {
                let ends = (ends_of_day(days.from, zone)?.0, ends_of_day(days.until, zone)?.1);
                Some(epidemiology_section(&new_cases(tx, ends, zone).await?))
            }
            Board::Gaps => Some(gaps_section(&tx.gap_counts(today).await?)),
        });
    }
    Ok(sections)
}

async fn scope(tx: &mut Tx, days: Stretch, today: Date, zone: &TimeZone) -> Result<Scope, CareError> {
    Ok(Scope {
        period: Period::between(days.from, days.until)?,
        practitioner: None,
        people: tx.practitioners().await?.into_iter().map(|one| (one.id, one.full_name())).collect(),
        today,
        zone: zone.clone(),
        lists: false,
        waits: false,
    })
}

fn told(n: i64) -> String {
    tellable(n).map_or_else(|| FEW.to_owned(), number)
}

fn hundredths(n: i64, most: i64) -> Option<u8> {
    (n * 100).checked_div(most).and_then(|length| u8::try_from(length.clamp(0, 100)).ok())
}

/// A table that ranks: what, and how often with its bar. Of a `clinical` one, small numbers are not told and have no bar.
fn ranked(
    title: &str,
    heads: [&str; 2],
    rows: impl IntoIterator<Item = (String, i64)>,
    clinical: bool,
) -> ReportTable {
    let rows: Vec<(String, i64)> = rows.into_iter().take(MOST).collect();
    let most = rows.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let row = |(label, n): (String, i64)| {
        let hidden = clinical && tellable(n).is_none();
        ReportRow {
            cells: vec![label, if hidden { FEW.to_owned() } else { number(n) }],
            bar: if hidden { Some(0) } else { hundredths(n, most) },
        }
    };
    ReportTable {
        title: title.to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(row).collect(),
    }
}

fn stretches<const N: usize>(title: &str, labels: [&str; N], times: &Stretches<N>) -> ReportTable {
    let title = match times.mean() {
        Some(mean) => format!("{title} (promedio: {} min)", number(mean)),
        None => title.to_owned(),
    };
    let rows = labels.iter().zip(times.counts).map(|(label, n)| ((*label).to_owned(), n));
    let rows: Vec<(String, i64)> = if times.all() == 0 { Vec::new() } else { rows.collect() };
    ranked(&title, ["Tiempo", "Cuántas"], rows, false)
}

fn practice_section(practice: &Practice) -> ReportSection {
    let visits: i64 = practice.visits.iter().map(|row| row.n).sum();
    let first: i64 = practice.patients.iter().filter(|row| row.item == "new").map(|row| row.n).sum();
    let recetas: i64 = practice.recetas.iter().map(|row| row.n).sum();
    let lines: i64 = practice.recetas.iter().map(|row| row.total).sum();
    let shown: i64 = practice.shown.iter().map(|(_, n)| n).sum();
    let overridden: i64 = practice.overridden.iter().map(|(_, _, n)| n).sum();
    let lengths = ["Menos de 15 min", "15 a 29 min", "30 a 59 min", "Una hora o más"];
    let mut tables = vec![by_step(practice)];
    if practice.by_person.len() > 1 {
        let people = practice.by_person.iter().map(|(_, name, n)| (name.clone(), *n));
        tables.push(ranked("Consultas por profesional", ["Profesional", "Consultas"], people, false));
    }
    tables.push(stretches("Espera, de la llegada a la consulta", lengths, &practice.waits));
    tables.push(stretches("Duración de la consulta", lengths, &practice.lengths));
    tables.push(attendance(practice));
    let chapters =
        practice.chapters.iter().map(|(chapter, n)| (format!("{} {}", chapter.number, chapter.name), *n));
    tables.push(ranked(
        "Diagnósticos por capítulo de la CIE-11",
        ["Capítulo", "Diagnósticos"],
        chapters,
        true,
    ));
    let medicines = practice.medicines.iter().cloned();
    tables.push(ranked("Lo más recetado", ["Medicamento", "Recetas"], medicines, true));
    ReportSection {
        heading: "El consultorio".to_owned(),
        paragraphs: vec![
            format!(
                "{} consultas; {} de ellas, de pacientes que vinieron por primera vez. Citas canceladas: {}.",
                number(visits),
                number(first),
                number(practice.cancelled)
            ),
            format!(
                "{} recetas con {} medicamentos. Alertas a la vista al firmar: {}; firmadas a pesar de la alerta, con su motivo: {}.",
                number(recetas),
                number(lines),
                told(shown),
                told(overridden)
            ),
        ],
        tables,
    }
}

/// Consultations by day, or by month where that is how they are counted.
fn by_step(practice: &Practice) -> ReportTable {
    let period = practice.scope.period;
    let sum = |rows: &[storage::FigureRow], key: &str, item: Option<&str>| -> i64 {
        let own = rows.iter().filter(|row| row.period == key && item.is_none_or(|item| row.item == item));
        own.map(|row| row.n).sum()
    };
    let steps = period.steps();
    let counts: Vec<i64> = steps.iter().map(|step| sum(&practice.visits, &step.key, None)).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let row = |(step, n): (&figures::period::Step, &i64)| {
        let label = long_date(step.from);
        let label = label.rsplit_once(" de ").map_or(label.as_str(), |(day, _)| day).to_owned();
        let first = sum(&practice.patients, &step.key, Some("new"));
        ReportRow { cells: vec![label, number(first), number(*n)], bar: hundredths(*n, most) }
    };
    let (title, head) = match period.grain() {
        Grain::Day => ("Consultas por día", "Día"),
        Grain::Month | Grain::Year => ("Consultas por mes", "Desde"),
    };
    ReportTable {
        title: title.to_owned(),
        heads: [head, "Primera vez", "Consultas"].map(str::to_owned).to_vec(),
        rows: steps.iter().zip(&counts).map(row).collect(),
    }
}

fn attendance(practice: &Practice) -> ReportTable {
    let both = [("Con recordatorio", practice.reminded), ("Sin recordatorio", practice.not_reminded)];
    let rows = both.into_iter().filter_map(|(label, came)| {
        let part = came.percent()?;
        let cells =
            vec![label.to_owned(), number(came.came + came.missed), number(came.missed), format!("{part}%")];
        Some(ReportRow { cells, bar: hundredths(part, 100) })
    });
    ReportTable {
        title: "Citas a las que no se asistió".to_owned(),
        heads: ["Citas", "Cuántas", "No asistió", "De cada 100"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn quality_section(practice: &Practice) -> ReportSection {
    let there: i64 = practice.norm.iter().map(|row| row.n).sum();
    let asked: i64 = practice.norm.iter().map(|row| row.total).sum();
    let norm = match percent(there, asked) {
        Some(part) => format!(
            "{part}% de los elementos obligatorios de la NOM-004 está en lo firmado ({} de {}).",
            number(there),
            number(asked)
        ),
        None => "Sin documentos firmados en este periodo.".to_owned(),
    };
    let odd = match practice.oddities {
        0 => "Ninguna hora anotada es imposible.".to_owned(),
        n => format!("Horas anotadas que no pueden ser y no se contaron: {}. Están en Tableros.", number(n)),
    };
    let spans = ["En la primera hora", "El mismo día", "Después"];
    let words = [
        ("Aceptadas del borrador".to_owned(), practice.accepted),
        ("Escritas a mano".to_owned(), practice.written),
    ];
    ReportSection {
        heading: "Calidad de lo anotado".to_owned(),
        paragraphs: vec![norm, odd],
        tables: vec![
            stretches("Del inicio de la consulta a la nota firmada", spans, &practice.to_sign),
            ranked("Palabras de los documentos firmados", ["Origen", "Palabras"], words, false),
        ],
    }
}

/// Women and men are told only where neither number points at few people: one of them and the sum give the other.
fn epidemiology_section(counts: &[DiseaseCount]) -> ReportSection {
    let most = counts.iter().map(DiseaseCount::all).max().unwrap_or(0).max(1);
    let row = |count: &DiseaseCount| {
        let all = count.all();
        let sexes = count.by_sex();
        let apart = tellable(all).is_some() && sexes.iter().all(|n| tellable(*n).is_some());
        let [women, men, _] = sexes.map(|n| if apart { number(n) } else { "·".to_owned() });
        let bar = tellable(all).map_or(Some(0), |all| hundredths(all, most));
        let label = format!("{} {}", count.disease.epi, count.disease.name);
        ReportRow { cells: vec![label, women, men, told(all)], bar }
    };
    ReportSection {
        heading: "Vigilancia epidemiológica".to_owned(),
        paragraphs: vec![
            "Casos nuevos de las enfermedades de notificación (NOM-017-SSA2-2012), en documentos firmados. Este informe no sustituye al semanal (SUIVE-1), que se exporta completo en Tableros; los casos de notificación inmediata están en Hoy.".to_owned(),
        ],
        tables: vec![ReportTable {
            title: "Casos nuevos por diagnóstico".to_owned(),
            heads: ["Clave EPI y diagnóstico", "Mujeres", "Hombres", "Casos"].map(str::to_owned).to_vec(),
            rows: counts.iter().map(row).collect(),
        }],
    }
}

fn gaps_section(found: &[(String, i64, i64)]) -> ReportSection {
    let mut tables: Vec<ReportTable> = Vec::new();
    for control in controls() {
        let own = found.iter().find(|(code, ..)| *code == control.code);
        let (due, all) = own.map_or((0, 0), |(_, due, all)| (*due, *all));
        if all == 0 {
            continue;
        }
        let title = area_label(control.area);
        // Who lacks it and who does not are both people: neither is told where one is few.
        let apart = [due, all - due, all].into_iter().all(|n| tellable(n).is_some());
        let cells = match apart {
            true => vec![control.label.to_owned(), number(all), number(due)],
            false => vec![control.label.to_owned(), told(all), "·".to_owned()],
        };
        let row = ReportRow { cells, bar: if apart { hundredths(due, all.max(1)) } else { Some(0) } };
        match tables.last_mut().filter(|table| table.title == title) {
            Some(table) => table.rows.push(row),
            None => tables.push(ReportTable {
                title: title.to_owned(),
                heads: ["Control", "Les corresponde", "Les falta"].map(str::to_owned).to_vec(),
                rows: vec![row],
            }),
        }
    }
    ReportSection {
        heading: "Pendientes de atención".to_owned(),
        paragraphs: vec![
            "A cuántos pacientes les falta, el día en que se hizo el informe, lo que piden las normas."
                .to_owned(),
        ],
        tables,
    }
}

#[cfg(test)]
mod tests {
    use figures::epidemiology::by_key;
    use jiff::civil::date;

    use super::*;

    fn cells(section: &ReportSection) -> Vec<Vec<String>> {
        section.tables.iter().flat_map(|table| &table.rows).map(|row| row.cells.clone()).collect()
    }

    #[test]
    fn a_number_of_few_people_is_not_told_nor_what_it_could_be_reckoned_from() {
        let count = |epi, women, men| {
            let mut ages = [[0; 3]; 12];
            ages[3] = [women, men, 0];
            DiseaseCount { disease: by_key(epi).expect("a disease of the list"), ages }
        };
        let told = epidemiology_section(&[count(1, 1, 0), count(49, 9, 3), count(87, 7, 0)]);
        let told: Vec<[String; 3]> =
            cells(&told).into_iter().map(|row| [row[1].clone(), row[2].clone(), row[3].clone()]).collect();
        assert_eq!(told, [["·", "·", "menos de 5"], ["·", "·", "12"], ["7", "0", "7"]]);
        let table = ranked("x", ["a", "b"], [("uno".to_owned(), 3), ("dos".to_owned(), 1200)], true);
        assert_eq!(table.rows[0].cells, ["uno", "menos de 5"]);
        assert_eq!(table.rows[1].cells, ["dos", "1\u{a0}200"]);
        let code = controls()[0].code.to_owned();
        let row = |due, all| cells(&gaps_section(&[(code.clone(), due, all)]))[0][1..].to_vec();
        assert_eq!(row(7, 20), ["20", "7"]);
        assert_eq!(row(18, 20), ["20", "·"], "two who lack nothing");
        assert_eq!(row(2, 3), ["menos de 5", "·"]);
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let said = |from, until| days_in_words(Stretch { from, until });
        assert_eq!(said(date(2026, 3, 8), date(2026, 3, 14)), "del 8 al 14 de marzo de 2026");
        assert_eq!(said(date(2026, 3, 29), date(2026, 4, 4)), "del 29 de marzo al 4 de abril de 2026");
        assert_eq!(
            said(date(2025, 12, 28), date(2026, 1, 3)),
            "del 28 de diciembre de 2025 al 3 de enero de 2026"
        );
    }
}
