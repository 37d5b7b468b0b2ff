//! The definitions against the tables of the project's reference: every field, its obligation, numeral and grade.

use clinical::document::DocumentKind;
use nom004::{Obligation, definitions, section};

/// One row of a field table: id, numeral, obligation, grade.
struct Row {
    id: String,
    numeral: String,
    obligation: String,
    grade: String,
}

fn rows(text: &str) -> Vec<Row> {
    let (mut rows, mut heading, mut columns) = (Vec::new(), "", Vec::new());
    for line in text.lines() {
        if line.starts_with('#') {
            heading = line;
        }
        if !line.starts_with('|') {
            columns.clear();
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if columns.is_empty() {
            columns = cells;
            continue;
        }
        if columns.first() != Some(&"field_id") || cells[0].starts_with("--") {
            continue;
        }
        let cell = |name: &str| {
            let at = columns.iter().position(|column| *column == name)?;
            cells.get(at).map(|text| (*text).to_owned())
        };
        let numeral = cell("Num.").unwrap_or_default();
        let grade = cell("Gr.").unwrap_or_else(|| grade_in(heading, &numeral).to_owned());
        rows.push(Row {
            id: cells[0].to_owned(),
            obligation: cell("Ob.").unwrap_or_default(),
            numeral,
            grade,
        });
    }
    rows
}

/// A table without a column of grades has them in its heading: one for all, or the confirmed numerals by name.
fn grade_in(heading: &str, numeral: &str) -> &'static str {
    let confirmed = match heading.contains("rest [C]") {
        true => heading.split([' ', ',', ';']).any(|word| word == numeral),
        false => heading.contains("[S"),
    };
    if confirmed { "S" } else { "C" }
}

#[test]
fn every_field_of_the_reference_is_defined_with_its_obligation_and_numeral() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/nom-004.md");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared not present");
        return;
    };
    let fields_of_medicines = ["ev.med_dosis", "ev.med_via", "ev.med_periodicidad"];
    // What a row of another document stands for, or what is one choice among the sections of a letter.
    let elsewhere = ["nic.demas", "cci.parentesco"];
    let mut checked = 0;
    for row in rows(&text) {
        if row.id.starts_with("hdr.")
            || fields_of_medicines.contains(&row.id.as_str())
            || elsewhere.contains(&row.id.as_str())
        {
            continue;
        }
        let definition = section(&row.id).unwrap_or_else(|| panic!("{} is not defined", row.id));
        let required = row.obligation.starts_with('R') && !row.obligation.starts_with("RC");
        assert_eq!(definition.obligation == Obligation::Required, required, "{}", row.id);
        if row.numeral.chars().next().is_some_and(|c| c.is_ascii_digit()) {
            assert_eq!(definition.place.as_deref(), Some(row.numeral.as_str()), "{}", row.id);
            let shown = matches!(row.grade.as_str(), "S" | "T");
            assert_eq!(definition.numeral().is_some(), shown, "{} is graded {}", row.id, row.grade);
        }
        checked += 1;
    }
    assert!(checked >= 137, "{checked}");
}

#[test]
fn every_document_of_the_catalogue_is_defined() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/nom-004.md");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared not present");
        return;
    };
    let start = text.find("## 3. Catalogue of documents").unwrap();
    let end = text.find("## 4. Cross-cutting header").unwrap();
    let mut seen = 0;
    for line in text[start..end].lines().filter(|line| line.starts_with("| ")) {
        let code = line.trim_matches('|').split('|').next().unwrap_or_default().trim();
        if code == "doc_code" || code.starts_with('-') {
            continue;
        }
        let kind = DocumentKind::from_code(code).unwrap();
        assert!(definitions().iter().any(|definition| definition.kind == kind), "{code} is not defined");
        seen += 1;
    }
    assert_eq!(seen, 29);
}
