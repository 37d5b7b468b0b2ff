//! Effects that add up over everything the patient takes (reference, section 8).

use clinical::person::Sex;

use super::kidney::Function;
use super::pairs::best_rules;
use super::taken::{Taken, alert, capital};
use crate::{Alert, AlertKind, Patient, Severity};

const SOURCE: &str = "Referencia de seguridad del proyecto, efectos sumados; fichas FDA";

/// One effect: who adds to it and what a number of them means.
struct Counter {
    message: &'static str,
    mechanism: &'static str,
    recommendation: &'static str,
}

pub(super) fn check(all: &[Taken<'_>], patient: &Patient, function: &Function) -> Vec<Alert> {
    let systemic: Vec<&Taken<'_>> = all.iter().filter(|taken| taken.systemic).collect();
    let found = [
        serotonin(&systemic),
        sedation(&systemic),
        potassium(&systemic, patient, function),
        bleeding(&systemic),
        anticholinergic(&systemic, patient),
        kidney(&systemic),
        qt(&systemic, patient),
    ];
    found.into_iter().flatten().collect()
}

/// Those with one of the classes, one per ingredient, if at least one of them is new.
fn members<'a, 'b>(all: &[&'b Taken<'a>], belongs: impl Fn(&Taken<'a>) -> bool) -> Vec<&'b Taken<'a>> {
    let mut found: Vec<&Taken<'_>> = Vec::new();
    for taken in all.iter().filter(|taken| belongs(taken)) {
        if !found.iter().any(|other| other.medicine.inn == taken.medicine.inn) {
            found.push(taken);
        }
    }
    if found.iter().any(|taken| taken.proposed) { found } else { Vec::new() }
}

/// Whether each pair of them already has a rule of its own, so that counting adds nothing.
fn all_have_rules(found: &[&Taken<'_>]) -> bool {
    found
        .iter()
        .enumerate()
        .all(|(i, one)| found[i + 1..].iter().all(|other| !best_rules(one, other).is_empty()))
}

fn report(counter: &Counter, severity: Severity, about: &[&Taken<'_>]) -> Option<Alert> {
    let names: Vec<&str> = about.iter().map(|taken| taken.medicine.name_es).collect();
    let message = format!("{} ({}).", counter.message, names.join(", "));
    Some(alert(
        AlertKind::Additive,
        severity,
        about,
        counter.mechanism,
        message,
        counter.recommendation,
        SOURCE,
    ))
}

fn serotonin(all: &[&Taken<'_>]) -> Option<Alert> {
    let found = members(all, |taken| taken.has_class("serotoninergico"));
    if found.len() < 2 || all_have_rules(&found) {
        return None;
    }
    let counter = Counter {
        message: "Varios medicamentos suman efecto serotoninérgico",
        mechanism: "FD: suma serotoninérgica.",
        recommendation: "Usar la menor dosis y explicar los síntomas de alarma: temblor, fiebre, agitación.",
    };
    report(&counter, Severity::Moderada, &found)
}

fn sedation(all: &[&Taken<'_>]) -> Option<Alert> {
    const DEPRESSANTS: [&str; 4] = ["benzodiazepina", "gabapentinoide", "hipnotico_z", "sedante_snc"];
    let found = members(all, |taken| taken.has_class("opioide") || taken.has_any(&DEPRESSANTS));
    let opioid = found.iter().any(|taken| taken.has_class("opioide"));
    let strong = ["benzodiazepina", "gabapentinoide", "hipnotico_z"];
    let with = found.iter().any(|taken| taken.has_any(&strong));
    let counter = Counter {
        message: "Varios medicamentos suman sedación y depresión respiratoria",
        mechanism: "FD: depresión del sistema nervioso central sumada.",
        recommendation: "Evitar la combinación, o la menor dosis por el menor tiempo, y no conducir.",
    };
    if all_have_rules(&found) {
        None
    } else if opioid && with {
        report(&counter, Severity::Mayor, &found)
    } else if found.len() >= 3 {
        report(&counter, Severity::Moderada, &found)
    } else {
        None
    }
}

fn potassium(all: &[&Taken<'_>], patient: &Patient, function: &Function) -> Option<Alert> {
    const RETAIN: [&str; 5] = ["ieca", "ara2", "arm", "diuretico_ahorrador_k", "suplemento_potasio"];
    const ALSO: [&str; 4] = ["trimethoprim", "ciclosporin", "tacrolimus", "aliskiren"];
    let found = members(all, |taken| taken.has_any(&RETAIN) || ALSO.contains(&taken.medicine.inn));
    let risky =
        function.egfr.is_some_and(|egfr| egfr < 45.0) || patient.potassium_mmol_l.is_some_and(|k| k > 5.0);
    let counter = Counter {
        message: "Varios medicamentos retienen potasio",
        mechanism: "FD: menor eliminación de potasio.",
        recommendation: "Medir potasio y creatinina en 1 a 2 semanas; suspender suplementos de potasio.",
    };
    match found.len() {
        0 | 1 => None,
        2 if !risky && all_have_rules(&found) => None,
        2 if !risky => report(&counter, Severity::Moderada, &found),
        _ => report(&counter, Severity::Mayor, &found),
    }
}

fn bleeding(all: &[&Taken<'_>]) -> Option<Alert> {
    let found = members(all, |taken| taken.has_any(&["anticoagulante", "antiagregante", "aine"]));
    let anticoagulated = found.iter().any(|taken| taken.has_class("anticoagulante"));
    if !anticoagulated || found.len() < 2 || all_have_rules(&found) {
        return None;
    }
    let counter = Counter {
        message: "Anticoagulante con otro medicamento que favorece la hemorragia",
        mechanism: "FD: hemostasia alterada por dos vías.",
        recommendation: "Retirar el antiinflamatorio o antiagregante si no es indispensable; usar paracetamol.",
    };
    report(&counter, Severity::Mayor, &found)
}

fn anticholinergic(all: &[&Taken<'_>], patient: &Patient) -> Option<Alert> {
    let found = members(all, |taken| taken.has_any(&["anticolinergico", "triciclico"]));
    if found.len() < 2 || patient.age_years.is_none_or(|age| age < 65.0) {
        return None;
    }
    let counter = Counter {
        message: "Carga anticolinérgica alta en mayor de 65 años",
        mechanism: "FD: suma anticolinérgica.",
        recommendation: "Cambiar uno por una alternativa sin ese efecto; vigilar confusión y retención de orina.",
    };
    report(&counter, Severity::Moderada, &found)
}

fn kidney(all: &[&Taken<'_>]) -> Option<Alert> {
    const DIURETICS: [&str; 3] = ["diuretico_asa", "diuretico_tiazida", "diuretico_ahorrador_k"];
    // Aspirin in the dose that protects the heart spares the prostaglandins of the kidney.
    let nsaid = |taken: &Taken<'_>| taken.has_class("aine") && !is_low_dose_aspirin(taken);
    let found =
        members(all, |taken| taken.has_any(&["ieca", "ara2"]) || taken.has_any(&DIURETICS) || nsaid(taken));
    let has = |classes: &[&str]| found.iter().any(|taken| taken.has_any(classes));
    if !(has(&["ieca", "ara2"]) && has(&DIURETICS) && found.iter().any(|taken| nsaid(taken))) {
        return None;
    }
    let counter = Counter {
        message: "Antihipertensivo, diurético y antiinflamatorio juntos pueden dañar el riñón",
        mechanism: "FD: menor filtración por tres vías.",
        recommendation: "Cambiar el antiinflamatorio por paracetamol; si no se puede, creatinina en una semana.",
    };
    report(&counter, Severity::Mayor, &found)
}

/// Aspirin of at most 325 mg a day, or of an unknown dose.
fn is_low_dose_aspirin(taken: &Taken<'_>) -> bool {
    taken.medicine.inn == "acetylsalicylic acid" && taken.drug.daily_dose_mg.is_none_or(|dose| dose <= 325.0)
}

/// One QT medicine in a patient at risk; two together are a rule of their own.
fn qt(all: &[&Taken<'_>], patient: &Patient) -> Option<Alert> {
    let older_woman = patient.sex == Some(Sex::Female) && patient.age_years.is_some_and(|age| age > 65.0);
    let long =
        patient.qtc_ms.is_some_and(|qtc| qtc > if patient.sex == Some(Sex::Female) { 470.0 } else { 450.0 });
    let at_risk = older_woman
        || long
        || patient.heart_failure == Some(true)
        || patient.potassium_mmol_l.is_some_and(|potassium| potassium < 3.5)
        || patient.magnesium_mg_dl.is_some_and(|magnesium| magnesium < 1.7)
        || patient.heart_rate.is_some_and(|rate| rate < 50.0);
    let taken = all.iter().find(|taken| taken.proposed && taken.has_class("qt_conocido"))?;
    if !at_risk {
        return None;
    }
    let message = format!("{} puede prolongar el QT en este paciente.", capital(taken.medicine.name_es));
    let advice = "Electrocardiograma y potasio antes, o una alternativa sin efecto en el QT.";
    Some(alert(
        AlertKind::Additive,
        Severity::Moderada,
        &[taken],
        "FD: prolongación del QT.",
        message,
        advice,
        SOURCE,
    ))
}
