//! From what was understood of a prescription to the line the receta is made of: nothing is lost, changed or added on the way.

use std::path::{Path, PathBuf};

use clinical::document::DocumentKind;
use clinical::medication::{Frequency, MedicationRequest, RequestAction};
use clinical::observation::Amount;
use scribe::facts::{ClinicalFact, FactKind};
use terminology::fold::fold;
use terminology::medicines::MedicineCatalog;

/// Every consultation that may be read: ours, and those of `../shared` where it is.
fn consultations() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = root.join("../shared/data/consultations");
    if !shared.is_dir() {
        println!("skipped: ../shared is not here");
    }
    let folders = [root.join("testdata/consultations"), root.join("testdata/anotadas/ajuste"), shared];
    let files = folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| folder.read_dir().unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// Whether a line is of the medicine of a fact, by whatever name.
fn is_of(line: &MedicationRequest, fact: &ClinicalFact) -> bool {
    let catalog = MedicineCatalog::core();
    let known = catalog.find(&fact.name.replace(" con ", " / ")).or_else(|| catalog.find(&fact.name));
    let inn = |name: &str| line.ingredients.iter().any(|own| own == name);
    fold(&line.medicine) == fold(&fact.name)
        || known.is_some_and(|found| {
            found.medicines.len() == line.ingredients.len() && found.medicines.iter().all(|one| inn(one.inn))
        })
}

/// What a line keeps of a part that several facts may say: one of what was said, and nothing where nothing was.
fn kept<T: PartialEq + std::fmt::Debug>(what: &str, said: &[Option<T>], line: Option<T>) -> Option<String> {
    let right = match &line {
        Some(_) => said.contains(&line),
        None => said.iter().all(Option::is_none),
    };
    (!right).then(|| format!("{what}: said {said:?}, the line has {line:?}"))
}

/// What of the facts of a medicine is not in its line.
fn lost(facts: &[&ClinicalFact], line: &MedicationRequest) -> Vec<String> {
    let of = |pick: &dyn Fn(&ClinicalFact) -> Option<String>| -> Vec<Option<String>> {
        facts.iter().map(|fact| pick(fact)).collect()
    };
    let amount = |value: f64| Amount::from_f64(value).unwrap().to_string();
    let litres = |fact: &ClinicalFact| fact.attributes.dose_unit.as_deref() == Some("litros");
    let words = format!(
        "{} {}",
        line.frequency.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.instructions.as_deref().unwrap_or_default()
    );
    let dose = of(&|fact| {
        let value = fact.attributes.dose_value?;
        Some(amount(if litres(fact) { value * 1000.0 } else { value }))
    });
    let told = line
        .dose
        .map(|dose| dose.amount.to_string())
        .or_else(|| dose.iter().flatten().find(|value| words.contains(value.as_str())).cloned());
    let hours = of(&|fact| fact.attributes.frequency_hours.map(|hours| hours.to_string()));
    let every = match &line.frequency {
        Some(Frequency::EveryHours(hours)) => Some(hours.to_string()),
        // What no whole number of hours says is said in words.
        Some(Frequency::Once | Frequency::Schedule(_)) => hours.iter().flatten().next().cloned(),
        None => None,
    };
    let days = of(&|fact| fact.attributes.duration_days.map(|days| format!("{days:.0}")));
    let route = of(&|fact| fact.attributes.route.clone());
    let way = line.route.map(|route| route.code().to_owned());
    let way = way.or_else(|| route.iter().flatten().find(|way| words.contains(way.as_str())).cloned());
    let mut out: Vec<String> = [
        kept("dose", &dose, told),
        kept("hours", &hours, every),
        kept("days", &days, line.duration_days.map(|days| days.to_string())),
        kept("route", &route, way),
    ]
    .into_iter()
    .flatten()
    .collect();
    let scheme = facts.iter().filter_map(|fact| fact.attributes.schedule.as_deref()).collect::<Vec<_>>();
    if !scheme.is_empty() && !scheme.iter().any(|scheme| words.contains(scheme)) {
        out.push(format!("scheme: said {scheme:?}, the line has {words:?}"));
    }
    if line.as_needed != facts.iter().any(|fact| fact.attributes.prn) {
        out.push(format!("if needed: the line has {}", line.as_needed));
    }
    out
}

#[test]
fn a_prescription_becomes_its_line_whole_or_a_doubt_the_physician_sees() {
    let mut faults = Vec::new();
    let mut lines_seen = 0;
    for path in consultations() {
        let transcript = scribe::parse::transcript(&std::fs::read(&path).unwrap()).unwrap();
        let draft = scribe::draft(&transcript);
        let note = draft.note(nom004::definition(DocumentKind::PROGRESS_NOTE));
        let lines: Vec<&MedicationRequest> = note.medication_requests().collect();
        let facts: Vec<&ClinicalFact> =
            draft.facts.iter().filter(|fact| fact.kind == FactKind::Prescription).collect();
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        for fact in &facts {
            let doubted = note.doubts.iter().any(|doubt| fold(&doubt.text).contains(&fold(&fact.name)));
            let Some(line) = lines.iter().find(|line| is_of(line, fact)) else {
                if !doubted {
                    faults.push(format!("{id} {}: no line and no doubt", fact.name));
                } else if std::env::var("SHOW").is_ok() {
                    for d in note.doubts.iter().filter(|d| fold(&d.text).contains(&fold(&fact.name))) {
                        faults.push(format!("DOUBT {id} {} {}", d.text, d.reason));
                    }
                }
                continue;
            };
            lines_seen += 1;
            let own: Vec<&ClinicalFact> = facts.iter().copied().filter(|other| is_of(line, other)).collect();
            // Two ways of taking one medicine: the line has one, a doubt the other.
            let asked = note.doubts.iter().any(|doubt| {
                doubt.reason.starts_with("después se indicó")
                    && fold(&doubt.text).contains(&fold(&line.medicine))
            });
            if asked && own.len() > 1 {
                continue;
            }
            if line.action != RequestAction::Stop {
                faults.extend(lost(&own, line).into_iter().map(|what| format!("{id} {}: {what}", fact.name)));
            } else {
                faults.push(format!("{id} {}: prescribed, and the line stops it", fact.name));
            }
        }
    }
    assert!(lines_seen > 30, "only {lines_seen} lines were seen");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The doubts and the lines of a consultation.
fn proposed(text: &str) -> (Vec<String>, Vec<String>) {
    let transcript = scribe::parse::transcript(text.as_bytes()).unwrap();
    let note = scribe::draft(&transcript).note(nom004::definition(DocumentKind::PROGRESS_NOTE));
    let lines = note.medication_requests().map(ToString::to_string).collect();
    (lines, note.doubts.iter().map(|doubt| format!("{} ({})", doubt.text, doubt.reason)).collect())
}

#[test]
fn a_list_that_begins_with_a_stop_does_not_take_away_what_was_just_prescribed() {
    let (lines, doubts) = proposed(
        "D: Para el estómago, omeprazol de cuarenta, uno en ayunas, por ocho semanas.\n\
         P: Bueno.\n\
         D: Entonces suspendo antiinflamatorios, omeprazol, hierro y endoscopia. ¿Está bien?",
    );
    assert!(lines.iter().any(|line| line.starts_with("Omeprazol 40 mg")), "{lines:?}");
    assert!(doubts.iter().any(|doubt| doubt.starts_with("Se suspende omeprazol")), "{lines:?} {doubts:?}");
}

#[test]
fn two_ways_of_taking_one_medicine_are_a_line_and_a_doubt() {
    let (lines, doubts) = proposed(
        "D: Le pongo ahorita diclofenaco, setenta y cinco miligramos intramuscular, dosis única.\n\
         P: Sí.\n\
         D: Y en casa, diclofenaco, una tableta de cien miligramos cada doce horas por tres días.",
    );
    let all = format!("{lines:?} {doubts:?}");
    assert!(lines.iter().any(|line| line.contains("100 mg") && line.contains("por 3 días")), "{all}");
    assert!(doubts.iter().any(|doubt| doubt.contains("75 mg") && doubt.contains("decida cuál va")), "{all}");
}
