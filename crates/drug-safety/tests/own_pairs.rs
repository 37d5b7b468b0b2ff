//! Pairs and recetas written for this project before the checker was asked: what labels and handbooks know is alerted in
//! its tier, and a day of first contact is left in peace.

use std::path::PathBuf;

use drug_safety::{CheckInput, Drug, Severity, check};

/// The rows of a table of `testdata/drug-pairs`, without comment and heading.
fn rows(name: &str) -> Vec<Vec<String>> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/drug-pairs"));
    let text = std::fs::read_to_string(root.join(name)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The worst tier of what is prescribed together.
fn worst<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Severity> {
    let proposed = names.into_iter().map(Drug::named).collect();
    check(&CheckInput { proposed, ..CheckInput::default() }).alerts.first().map(|alert| alert.severity)
}

/// Share of the pairs of one level that reach a tier.
fn share(name: &str, level: &str, tier: Severity) -> f64 {
    let (mut all, mut reached) = (0_u32, 0_u32);
    for row in rows(name) {
        let [of, one, others, _] = &row[..] else { continue };
        for other in others.split(';').filter(|_| of == level) {
            all += 1;
            reached += u32::from(worst([one.as_str(), other]).is_some_and(|worst| worst <= tier));
        }
    }
    f64::from(reached) / f64::from(all)
}

#[test]
fn pairs_that_labels_and_handbooks_warn_of_are_alerted_in_their_tier() {
    for name in ["labels.tsv", "textbooks.tsv"] {
        let [major, line, noticed] =
            [("c", Severity::Mayor), ("c", Severity::Moderada), ("s", Severity::Moderada)]
                .map(|(level, tier)| share(name, level, tier));
        println!(
            "{name}: critical at mayor {major:.3}, at moderada {line:.3}; significant at moderada {noticed:.3}"
        );
        assert!(major >= 0.97 && line >= 0.99 && noticed >= 0.94, "{name}");
    }
}

#[test]
fn everyday_pairs_do_not_interrupt_and_seldom_show_a_line() {
    let (mut all, mut interrupting, mut lines) = (0_u32, 0_u32, 0_u32);
    for row in rows("everyday_pairs.tsv") {
        let [ones, others] = &row[..] else { continue };
        for (one, other) in ones.split(';').flat_map(|one| others.split(';').map(move |other| (one, other))) {
            let worst = worst([one, other]);
            all += 1;
            interrupting += u32::from(worst.is_some_and(|worst| worst <= Severity::Mayor));
            lines += u32::from(worst.is_some_and(|worst| worst <= Severity::Moderada));
        }
    }
    let share = |part: u32| f64::from(part) / f64::from(all);
    println!(
        "everyday: {all} pairs, interrupting {:.4}, with a line {:.3}",
        share(interrupting),
        share(lines)
    );
    assert!(all >= 400 && share(interrupting) <= 0.02 && share(lines) <= 0.06);
}

#[test]
fn at_most_one_receta_in_ten_of_first_contact_interrupts() {
    let (mut all, mut interrupting, mut lines) = (0_u32, 0_u32, 0_u32);
    for row in rows("prescriptions.tsv") {
        let worst = worst(row[0].split(';'));
        all += 1;
        interrupting += u32::from(worst.is_some_and(|worst| worst <= Severity::Mayor));
        lines += u32::from(worst == Some(Severity::Moderada));
    }
    println!("recetas: {all}, interrupting {interrupting}, with a line only {lines}");
    assert!(all >= 100 && interrupting * 10 <= all);
}

#[test]
fn a_regimen_that_guidelines_give_on_purpose_does_not_interrupt() {
    let interrupting: Vec<String> = rows("regimens.tsv")
        .into_iter()
        .map(|row| row[0].clone())
        .filter(|row| worst(row.split(';')).is_some_and(|worst| worst <= Severity::Mayor))
        .collect();
    assert_eq!(interrupting, Vec::<String>::new());
}
