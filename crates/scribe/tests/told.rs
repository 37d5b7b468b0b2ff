//! Questions and answers, and vital signs read aloud, each with the exact answer: `testdata/dictadas`.

use std::path::Path;

use clinical::transcript::Transcript;
use scribe::facts::{ClinicalFact, FactKind, Section};

fn table(name: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/dictadas").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|line| {
        let (said, expected) = line.split_once(" => ").unwrap();
        (said.replace(" / ", "\n"), expected.to_owned())
    })
    .collect()
}

fn facts(said: &str) -> Vec<ClinicalFact> {
    let transcript: Transcript = scribe::parse::transcript(said.as_bytes()).unwrap();
    scribe::draft(&transcript).facts
}

/// The kind of fact a tag stands for, and the kind that says the opposite.
fn kinds(tag: &str) -> (FactKind, Option<FactKind>) {
    match tag {
        "s" => (FactKind::Symptom, Some(FactKind::DeniedSymptom)),
        "n" => (FactKind::DeniedSymptom, Some(FactKind::Symptom)),
        "h" => (FactKind::History, Some(FactKind::DeniedHistory)),
        "hn" => (FactKind::DeniedHistory, Some(FactKind::History)),
        "hf" => (FactKind::History, None),
        "fu" => (FactKind::FollowUp, None),
        _ => (FactKind::Allergy, None),
    }
}

fn named(fact: &ClinicalFact, names: &str) -> bool {
    let name = terminology::fold::fold(&fact.name);
    names.split('|').any(|wanted| {
        let wanted = terminology::fold::fold(wanted);
        name.contains(&wanted) || wanted.contains(&name)
    })
}

fn is_familys(fact: &ClinicalFact) -> bool {
    fact.relative().is_some() || fact.attributes.section == Some(Section::Family)
}

/// What was not understood of a row (first), and what was understood the wrong way round (second).
fn judged(said: &str, expected: &str) -> (Vec<String>, Vec<String>) {
    let facts = facts(said);
    let (mut missed, mut turned) = (Vec::new(), Vec::new());
    for part in expected.split(';').map(str::trim).filter(|part| *part != "-") {
        let (tag, names) = part.split_once(':').unwrap_or((part, ""));
        let (kind, opposite) = kinds(tag);
        let of = |kind: FactKind| facts.iter().filter(move |fact| fact.kind == kind);
        let denied =
            |fact: &ClinicalFact| fact.polarity == scribe::facts::Polarity::Denied || fact.name == "negadas";
        let found = match tag {
            "fu" => of(kind).any(|fact| {
                names == "-" || names.split('|').any(|days| fact.attributes.days == days.parse().ok())
            }),
            "al0" => of(kind).any(|fact| fact.name == "negadas"),
            "al-" => of(kind).any(denied) || of(FactKind::DeniedHistory).any(|fact| named(fact, names)),
            "al" => of(kind).any(|fact| named(fact, names) && !denied(fact)),
            "hf" => of(kind).any(|fact| named(fact, names) && is_familys(fact)),
            "h" => of(kind).any(|fact| named(fact, names) && !is_familys(fact)),
            _ => of(kind).any(|fact| named(fact, names)),
        };
        if !found {
            missed.push(part.to_owned());
        }
        let other = |fact: &&ClinicalFact| {
            named(fact, names)
                && match tag {
                    "hf" => fact.kind == FactKind::History && !is_familys(fact) && !expected.contains("; h:"),
                    "hn" => fact.kind == FactKind::History && !is_familys(fact),
                    "al" => fact.kind == FactKind::Allergy && denied(fact),
                    "al-" => fact.kind == FactKind::Allergy && !denied(fact),
                    "fu" | "al0" => false,
                    _ => Some(fact.kind) == opposite,
                }
        };
        turned.extend(facts.iter().filter(other).map(|fact| format!("{} {}", fact.kind.code(), fact.name)));
        if tag == "al0" {
            let said = facts.iter().filter(|fact| fact.kind == FactKind::Allergy && !denied(fact));
            turned.extend(said.map(|fact| format!("allergy {}", fact.name)));
        }
    }
    if expected.trim() == "-" {
        let wrong = |fact: &&ClinicalFact| {
            matches!(fact.kind, FactKind::DeniedSymptom | FactKind::Symptom)
                && said.contains("¿")
                && !said.contains("cansada")
        };
        turned.extend(facts.iter().filter(wrong).map(|fact| format!("{} {}", fact.kind.code(), fact.name)));
    }
    (missed, turned)
}

#[test]
fn answers_are_understood_and_never_turned_round() {
    let rows = table("respuestas.txt");
    let (mut missed, mut turned) = (Vec::new(), Vec::new());
    for (said, expected) in &rows {
        let (less, wrong) = judged(said, expected);
        if !wrong.is_empty() {
            turned.push(format!("{said} => {expected}\n      {wrong:?}"));
        }
        if !less.is_empty() {
            missed.push(format!("{said}\n      {less:?}"));
        }
    }
    let summary = format!(
        "{} rows, {} with something missed, {} turned\nTURNED\n{}\nMISSED\n{}",
        rows.len(),
        missed.len(),
        turned.len(),
        turned.join("\n"),
        missed.join("\n")
    );
    assert!(missed.len() <= 56 && turned.len() <= 5, "{summary}");
}

#[test]
fn vital_signs_read_aloud_have_their_exact_value() {
    let rows = table("signos.txt");
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(said, expected)| {
            let mut found: Vec<String> = facts(said)
                .iter()
                .filter(|fact| fact.kind == FactKind::Vital)
                .map(|fact| format!("{} {}", fact.name, fact.attributes.value.unwrap_or_default()))
                .collect();
            let mut wanted: Vec<String> =
                expected.split(';').map(|one| one.trim().to_owned()).filter(|one| one != "-").collect();
            found.sort();
            wanted.sort();
            (found != wanted).then(|| format!("{said}\n      wanted {wanted:?}\n      found  {found:?}"))
        })
        .collect();
    let right = rows.len() - wrong.len();
    assert!(right >= 121, "{right} of {} right\n{}", rows.len(), wrong.join("\n"));
}
