//! How often the right code comes first and among five, on the diagnoses of the shared consultations. Prints figures;
//! fails only when they fall far below what was once reached. Without `../shared` it prints that it was skipped. The
//! clinical cases of CodiEsp taught the shipped tables: `cargo xtask eval icd` measures them by cross-validation.

use super::IcdIndex;
use serde_json::Value;
use std::path::PathBuf;

/// Hits among so many mentions.
#[derive(Default)]
struct Tally {
    n: u32,
    first: u32,
    five: u32,
}

impl Tally {
    fn add(&mut self, proposed: &[String], right: &[String]) {
        self.n += 1;
        self.first += u32::from(proposed.first().is_some_and(|p| right.contains(p)));
        self.five += u32::from(proposed.iter().any(|p| right.contains(p)));
    }

    fn report(&self, what: &str) -> (f64, f64) {
        let share = |hits: u32| f64::from(hits) / f64::from(self.n.max(1));
        let (first, five) = (share(self.first), share(self.five));
        println!("{what}: {} mentions, first {first:.3}, among five {five:.3}", self.n);
        (first, five)
    }
}

fn proposed(mention: &str) -> (Vec<String>, Vec<String>) {
    let found = IcdIndex::core().code(mention, None);
    let categories = found.iter().map(|c| c.entry.code.category().to_owned()).collect();
    let icd10 = found.iter().map(|c| c.icd10.map_or(String::new(), |c| c.category().to_owned())).collect();
    (categories, icd10)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn diagnoses_of_the_development_consultations_are_coded() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/consultations");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: ../shared not present");
        return;
    };
    let (mut exact, mut category, mut cie10) = (Tally::default(), Tally::default(), Tally::default());
    for file in files.flatten().filter(|f| f.path().extension().is_some_and(|e| e == "json")) {
        let text = std::fs::read_to_string(file.path()).expect("a readable file");
        let consultation: Value = serde_json::from_str(&text).expect("valid JSON");
        for diagnosis in consultation["gold"]["diagnoses"].as_array().into_iter().flatten() {
            let name = diagnosis["name"].as_str().unwrap_or_default();
            let (categories, icd10) = proposed(name);
            let right = texts(&diagnosis["icd11_accepted"]);
            if !right.is_empty() {
                let codes: Vec<String> =
                    IcdIndex::core().code(name, None).iter().map(|c| c.entry.code.to_string()).collect();
                exact.add(&codes, &right);
                let right: Vec<String> = right.iter().map(|c| c.chars().take(4).collect()).collect();
                category.add(&categories, &right);
            }
            let right: Vec<String> =
                texts(&diagnosis["icd10_accepted"]).iter().map(|c| c.chars().take(3).collect()).collect();
            if !right.is_empty() {
                cie10.add(&icd10, &right);
            }
        }
    }
    exact.report("consultations, CIE-11 whole code");
    let (first, five) = category.report("consultations, CIE-11 category");
    cie10.report("consultations, CIE-10 category");
    assert!(first > 0.85 && five > 0.92);
}
