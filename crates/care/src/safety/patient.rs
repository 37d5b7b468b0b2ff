//! Who takes it: measurements, laboratory results with their dates, diagnoses, pregnancy and breast feeding, from the draft
//! first and the record after it.

use clinical::draft::ItemContent;
use clinical::laboratory::LabValue;
use clinical::observation::VitalKind;
use clinical::person::Sex;
use drug_safety::{Patient, Pregnancy, ckd_epi_2021, cockcroft_gault, lactation_told, pregnancy_told};
use jiff::civil::Date;
use storage::DatedResult;
use terminology::fold::fold;

use super::Known;

/// Longest pregnancy in days: one noted before that is not one any more.
const PREGNANCY_DAYS: i32 = 294;
/// Days for which breast feeding noted in the record counts.
const LACTATION_DAYS: i32 = 730;
/// Days for which potassium and magnesium count.
const ELECTROLYTE_DAYS: u32 = 366;
/// Creatinine in µmol/L for one mg/dL.
const CREATININE_MOLAR: f64 = 88.42;

/// What the check is told of the patient; what is missing and what was used, both in Spanish.
pub(super) fn facts(known: &Known<'_>) -> (Patient, Vec<String>, Vec<String>) {
    let age = known.patient.birth_date().map(|birth| birth.age_on(known.today));
    let mut patient = Patient {
        age_years: age.map(|age| f64::from(age.years) + f64::from(age.months) / 12.0),
        sex: Some(known.patient.data.sex),
        weight_kg: measured(known, VitalKind::Weight),
        heart_rate: in_draft(known, VitalKind::HeartRate),
        ..Patient::default()
    };
    let (mut missing, mut used) = (Vec::new(), Vec::new());
    used.extend(patient.weight_kg.map(|weight| format!("Peso {weight} kg")));
    laboratory(known, &mut patient, &mut used);
    let of_draft = known.draft.kept().filter_map(|item| match &item.content {
        ItemContent::Condition(condition) => Some(condition),
        _ => None,
    });
    of_draft.chain(known.summary.open_conditions()).for_each(|diagnosis| patient.learn(diagnosis));
    if known.patient.data.sex == Sex::Female && age.is_some_and(|age| (10..=55).contains(&age.years)) {
        (patient.pregnancy, patient.lactating) = (pregnancy(known, &mut missing), lactation(known));
    }
    match patient.pregnancy {
        Pregnancy::Yes { weeks: Some(weeks) } => used.push(format!("Embarazo de {weeks} semanas")),
        Pregnancy::Yes { weeks: None } => used.push("Embarazo sin semanas anotadas".to_owned()),
        Pregnancy::No => used.push("Niega embarazo".to_owned()),
        Pregnancy::Unknown => {}
    }
    if patient.lactating == Some(true) {
        used.push("Lactancia".to_owned());
    }
    (patient, missing, used)
}

fn in_draft(known: &Known<'_>, kind: VitalKind) -> Option<f64> {
    known.draft.kept().find_map(|item| match &item.content {
        ItemContent::VitalSign(sign) if sign.kind == kind => Some(sign.value.as_f64()),
        _ => None,
    })
}

fn measured(known: &Known<'_>, kind: VitalKind) -> Option<f64> {
    let mut latest = known.summary.latest_observations.iter();
    in_draft(known, kind).or_else(|| latest.find(|o| o.sign.kind == kind).map(|o| o.sign.value.as_f64()))
}

/// The newest result of an analyte: its number as `read` takes it, and the day of the sample.
fn newest(known: &Known<'_>, read: impl Fn(&DatedResult) -> Option<f64>) -> Option<(f64, Date)> {
    known.results.iter().rev().find_map(|result| Some((read(result)?, result.taken.day)))
}

fn quantity(result: &DatedResult) -> Option<f64> {
    match &result.result.value {
        LabValue::Quantity { comparator: None, amount } => Some(amount.as_f64()),
        _ => None,
    }
}

/// A result by its LOINC code, which stands for one unit.
fn coded(result: &DatedResult, loinc: &str) -> Option<f64> {
    (result.result.loinc.as_deref() == Some(loinc)).then(|| quantity(result)).flatten()
}

/// Serum creatinine in mg/dL, also when it is given in µmol/L.
fn creatinine(result: &DatedResult) -> Option<f64> {
    let is_molar = || {
        let unit = result.result.unit.as_deref().map(|unit| unit.to_lowercase().replace(['µ', 'μ'], "u"));
        unit.as_deref() == Some("umol/l") && fold(&result.result.analyte).starts_with("creatinina")
    };
    let molar = || is_molar().then(|| quantity(result)).flatten().map(|value| value / CREATININE_MOLAR);
    coded(result, "2160-0").or_else(molar)
}

/// The filtration as the laboratory states it.
fn filtration(result: &DatedResult) -> Option<f64> {
    const NAMES: [&str; 6] =
        ["tasa de filtr", "filtrado glomerular", "tfg", "egfr", "indice de filtr", "ifg"];
    let name = fold(&result.result.analyte);
    let named = NAMES.iter().any(|begin| name.starts_with(begin));
    let unit = result.result.unit.as_deref().map(str::to_lowercase).unwrap_or_default();
    (named && unit.contains("ml/min")).then(|| quantity(result)).flatten()
}

fn laboratory(known: &Known<'_>, patient: &mut Patient, used: &mut Vec<String>) {
    let days = |day: Date| u32::try_from((known.today - day).get_days()).unwrap_or(0);
    // A sheet with its date goes before what was said in the visit.
    let sheet = newest(known, creatinine).map(|(value, day)| (value, Some(day)));
    let said = || Some((told(known, &["creatinina"], 0.2..=20.0)?, None));
    if let Some((value, day)) = sheet.or_else(said) {
        patient.creatinine_mg_dl = Some(value);
        patient.creatinine_days_ago = day.map(days);
        let when = day.map_or("dicha en la consulta, sin fecha".to_owned(), written);
        used.push(format!("Creatinina {} mg/dL ({when})", rounded(value)));
        used.extend(ckd_epi_2021(patient).map(|egfr| format!("TFG {egfr:.0} mL/min/1.73 m² (CKD-EPI 2021)")));
        let cleared = cockcroft_gault(patient);
        used.extend(cleared.map(|value| format!("Depuración {value:.0} mL/min (Cockcroft-Gault)")));
    }
    if let Some((value, day)) = newest(known, filtration) {
        patient.egfr = Some(value);
        patient.egfr_days_ago = Some(days(day));
        used.push(format!("TFG informada {value:.0} mL/min/1.73 m² ({})", written(day)));
    }
    let electrolytes =
        [("2823-3", "Potasio", "mmol/L", 1.5..=10.0), ("19123-9", "Magnesio", "mg/dL", 0.5..=10.0)];
    for (loinc, name, unit, plausible) in electrolytes {
        let found = newest(known, |result| coded(result, loinc));
        let sheet = found.filter(|(_, day)| days(*day) <= ELECTROLYTE_DAYS);
        let said = || Some((told(known, &[&fold(name)], plausible)?, None));
        let found = sheet.map(|(value, day)| (value, Some(day))).or_else(said);
        let Some((value, day)) = found else { continue };
        let when = day.map_or("dicho en la consulta, sin fecha".to_owned(), written);
        used.push(format!("{name} {} {unit} ({when})", rounded(value)));
        match name {
            "Potasio" => patient.potassium_mmol_l = Some(value),
            _ => patient.magnesium_mg_dl = Some(value),
        }
    }
}

/// The number a sentence of the note gives for an analyte: "creatinina: 0.9", "potasio de 5.6 mmol/L". Only a plausible one,
/// and not that of a ratio or a clearance.
fn told(known: &Known<'_>, names: &[&str], plausible: std::ops::RangeInclusive<f64>) -> Option<f64> {
    const ANOTHER: [&str; 6] = ["albumina", "proteina", "depuracion", "aclaramiento", "relacion", "indice"];
    let number = |word: &str| word.trim_end_matches(['.', ',', ';']).replace(',', ".").parse::<f64>().ok();
    let told = sentences(known).filter_map(|sentence| {
        let words: Vec<(&str, String)> = sentence.split_whitespace().map(|word| (word, fold(word))).collect();
        let at = words.iter().position(|(_, folded)| names.contains(&folded.as_str()))?;
        if words[at.saturating_sub(3)..at].iter().any(|(_, before)| ANOTHER.contains(&before.as_str())) {
            return None;
        }
        let value = words[at + 1..].iter().take(4).find_map(|(word, _)| number(word))?;
        plausible.contains(&value).then_some(value)
    });
    told.last()
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn written(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

/// Everything of the draft that is said in words, in the order it is read.
fn sentences<'a>(known: &'a Known<'_>) -> impl Iterator<Item = String> + 'a {
    known.draft.kept().filter_map(|item| match &item.content {
        ItemContent::Statement { text } => Some(text.clone()),
        ItemContent::Condition(_) => Some(item.content.text()),
        _ => None,
    })
}

/// The last word of the draft counts; else what the record has open, weeks and all, until it cannot be any more.
fn pregnancy(known: &Known<'_>, missing: &mut Vec<String>) -> Pregnancy {
    if let Some(told) = sentences(known).filter_map(|sentence| pregnancy_told(&sentence)).last() {
        return told;
    }
    let noted = known.summary.conditions.iter().rev().filter(|entry| entry.closed.is_none());
    let noted = noted.filter_map(|entry| Some((pregnancy_told(&entry.value.text)?, entry.recorded.at)));
    for (told, at) in noted {
        let Pregnancy::Yes { weeks } = told else { continue };
        let day = jiff::tz::Offset::UTC.to_datetime(at).date();
        let elapsed = (known.today - day).get_days().max(0);
        let completed = weeks.map(|weeks| i32::from(weeks) + elapsed / 7);
        if elapsed > PREGNANCY_DAYS || completed.is_some_and(|weeks| weeks > 42) {
            missing.push(format!("Embarazo anotado el {}: confirme si continúa", written(day)));
            return Pregnancy::Unknown;
        }
        return Pregnancy::Yes { weeks: completed.and_then(|weeks| u8::try_from(weeks).ok()) };
    }
    Pregnancy::Unknown
}

fn lactation(known: &Known<'_>) -> Option<bool> {
    let told = sentences(known).filter_map(|sentence| lactation_told(&sentence)).last();
    told.or_else(|| {
        let open = known.summary.conditions.iter().rev().filter(|entry| entry.closed.is_none());
        open.filter_map(|entry| Some((lactation_told(&entry.value.text)?, entry.recorded.at))).find_map(
            |(told, at)| {
                let day = jiff::tz::Offset::UTC.to_datetime(at).date();
                ((known.today - day).get_days() <= LACTATION_DAYS).then_some(told)
            },
        )
    })
}
