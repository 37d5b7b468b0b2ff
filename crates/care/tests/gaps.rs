//! What patients lack: counted again a second way from what was written, on both engines, and seen only by who may.
use std::collections::BTreeMap;

use care::chart::SummaryChange;
use care::gaps::DoneForm;
use care::laboratory::{ReportForm, RowForm};
use care::patients::PatientForm;
use clinical::ids::PatientId;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use test_support::{Clinic, engines};

/// What the test itself knows of a patient it made.
struct Made {
    id: PatientId,
    diabetic: bool,
    hba1c: Option<Date>,
    woman_born: Option<Date>,
    mammography: Option<Date>,
}

fn today() -> Date {
    "2026-03-10".parse().unwrap()
}

/// A surname of its own for each.
fn surname(n: i32) -> String {
    let begin = ["Ba", "Ce", "Di", "Fo", "Gu", "Ha", "Je", "Ki"];
    let end = ["lano", "rmeta", "ndo", "sque", "tivo", "vera"];
    let at = usize::try_from(n).unwrap();
    format!("{}{}", begin[at % begin.len()], end[at / begin.len() % end.len()])
}

async fn make(clinic: &Clinic, n: i32) -> Made {
    let woman = n % 2 == 0;
    let born = today().checked_sub((25 + n).years()).unwrap();
    let form = PatientForm {
        given: "Persona".to_owned(),
        first_surname: surname(n),
        birth_date: born.to_string(),
        sex: if woman { "female" } else { "male" }.to_owned(),
        phone: format!("55000000{n:02}"),
        ..PatientForm::default()
    };
    let id = clinic.care.register_patient(&clinic.physician, &form).await.unwrap().id;
    let diabetic = n % 3 == 0;
    if diabetic {
        let problem =
            SummaryChange::AddProblem { text: "diabetes mellitus tipo 2".to_owned(), icd11: String::new() };
        clinic.care.change_summary(&clinic.physician, id, &problem).await.unwrap();
    }
    let hba1c = (n % 4 != 1).then(|| today().checked_sub((n % 12).months()).unwrap());
    if let Some(day) = hba1c {
        let row = RowForm {
            analyte: "Hemoglobina glucosilada".to_owned(),
            value: "7.1".to_owned(),
            unit: "%".to_owned(),
            range: String::new(),
        };
        let report = ReportForm { day: day.to_string(), rows: vec![row], ..ReportForm::default() };
        clinic.care.add_lab_report(&clinic.physician, id, &report).await.unwrap();
    }
    let mammography = (woman && n % 5 != 0).then(|| today().checked_sub((n % 40).months()).unwrap());
    if let Some(day) = mammography {
        let done = DoneForm { act: "mammography".to_owned(), on: day.to_string(), place: String::new() };
        clinic.care.note_done(&clinic.physician, id, &done).await.unwrap();
    }
    Made { id, diabetic, hba1c, woman_born: woman.then_some(born), mammography }
}

async fn bring_up_to_date(clinic: &Clinic) {
    while clinic.care.refresh_gaps(100).await.unwrap() > 0 {}
}

async fn counts(clinic: &Clinic) -> BTreeMap<&'static str, (i64, i64)> {
    let board = clinic.care.gap_board(&clinic.physician).await.unwrap();
    assert_eq!(board.waiting, 0);
    board.counts.iter().map(|count| (count.control.code, (count.due, count.all))).collect()
}

#[tokio::test]
async fn every_count_agrees_with_one_made_from_what_was_written() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut made = Vec::new();
        for n in 0..48 {
            made.push(make(&clinic, n).await);
        }
        bring_up_to_date(&clinic).await;
        let counts = counts(&clinic).await;
        let diabetics: Vec<&Made> = made.iter().filter(|one| one.diabetic).collect();
        let old = |day: Option<Date>, months: i64| {
            day.is_none_or(|day| day.checked_add(months.months()).unwrap() <= today())
        };
        // A diabetes first noted today is due today.
        let lacking = diabetics.iter().filter(|one| old(one.hba1c, 6)).count();
        let size = |n: usize| i64::try_from(n).unwrap();
        assert_eq!(counts["dm_hba1c"], (size(lacking), size(diabetics.len())), "{engine:?}");
        assert_eq!(counts["dm_eyes"], (size(diabetics.len()), size(diabetics.len())), "{engine:?}");
        let of_age = made.iter().filter(|one| {
            one.woman_born.is_some_and(|born| {
                born.checked_add(40.years()).unwrap() <= today()
                    && today() < born.checked_add(70.years()).unwrap()
            })
        });
        let of_age: Vec<&Made> = of_age.collect();
        let lacking: Vec<&&Made> = of_age.iter().filter(|one| old(one.mammography, 24)).collect();
        assert!(!lacking.is_empty() && lacking.len() < of_age.len());
        assert_eq!(counts["ca_breast"], (size(lacking.len()), size(of_age.len())), "{engine:?}");
        let list = clinic.care.gap_list(&clinic.physician, "ca_breast", 0).await.unwrap();
        let mut listed: Vec<PatientId> = list.lines.iter().map(|line| line.patient.id).collect();
        let mut expected: Vec<PatientId> = lacking.iter().map(|one| one.id).collect();
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{engine:?}");
    }
}

#[tokio::test]
async fn what_is_written_or_taken_back_or_merely_grows_old_changes_the_list() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let who = make(&clinic, 3).await;
        bring_up_to_date(&clinic).await;
        assert_eq!(counts(&clinic).await["dm_hba1c"], (0, 1), "three months ago: {engine:?}");
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(24 * 95));
        assert_eq!(counts(&clinic).await["dm_hba1c"], (1, 1), "time alone: {engine:?}");
        let done = DoneForm { act: "hba1c".to_owned(), on: "2026-06-01".to_owned(), place: String::new() };
        clinic.care.note_done(&clinic.nurse, who.id, &done).await.unwrap();
        assert_eq!(counts(&clinic).await["dm_hba1c"], (0, 1), "{engine:?}");
        let course = clinic.care.course(&clinic.physician, who.id, care::course::Period::All).await.unwrap();
        let noted = course.done.iter().find(|entry| entry.value.act == "hba1c").unwrap().id;
        clinic.care.withdraw_done(&clinic.physician, who.id, noted).await.unwrap();
        assert_eq!(counts(&clinic).await["dm_hba1c"], (1, 1), "{engine:?}");
        assert!(clinic.care.withdraw_done(&clinic.physician, who.id, noted).await.is_err());
        let future = DoneForm { on: "2030-01-01".to_owned(), ..done };
        assert!(clinic.care.note_done(&clinic.physician, who.id, &future).await.is_err());
    }
}

#[tokio::test]
async fn who_opens_no_records_sees_how_many_and_nobody_else_sees_even_that() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    make(&clinic, 0).await;
    assert!(clinic.care.gap_board(&clinic.auditor).await.unwrap().counts.iter().any(|count| count.due > 0));
    assert!(clinic.care.gap_list(&clinic.auditor, "dm_eyes", 0).await.is_err());
    assert!(clinic.care.gap_board(&clinic.reception).await.is_err());
}
