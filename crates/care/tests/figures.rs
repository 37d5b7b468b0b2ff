//! Every number of the board of the practice against a second count, made here from what was written, on both engines:
//! after it was counted piece by piece, after visits changed, and after all of it was counted anew.

use crate::recount::{Recount, World};
use care::CareError;
use care::figures::behind::{Number, REMINDED};
use care::figures::practice::{BoardForm, Practice, SPANS, STRETCHES};
use care::figures::surveillance::NoticeForm;
use clinical::audit::AuditEvent;
use clinical::condition::Certainty;
use clinical::encounter::{AppointmentState, EncounterState};
use storage::{AuditFilter, PageRequest};
use test_support::{Clinic, engines};

fn days(from: &str, until: &str) -> BoardForm {
    BoardForm { from: from.to_owned(), until: until.to_owned(), practitioner: String::new() }
}

/// What the board says, in the shape of the second count.
fn told(practice: &Practice) -> Recount {
    let mut counts = Recount::default();
    for row in &practice.visits {
        *counts.visits.entry((row.period.clone(), row.item.clone())).or_default() += row.n;
    }
    for row in &practice.patients {
        *counts.patients.entry((row.period.clone(), row.item.clone())).or_default() += row.n;
    }
    counts.people =
        practice.by_person.iter().filter(|(.., n)| *n > 0).map(|(_, name, n)| (name.clone(), *n)).collect();
    counts.waits = (practice.waits.counts, practice.waits.minutes);
    counts.lengths = (practice.lengths.counts, practice.lengths.minutes);
    counts.reminded = (practice.reminded.came, practice.reminded.missed);
    counts.not_reminded = (practice.not_reminded.came, practice.not_reminded.missed);
    counts.cancelled = practice.cancelled;
    counts.chapters = practice.chapters.iter().map(|(chapter, n)| (chapter.number.to_owned(), *n)).collect();
    counts.uncoded = practice.uncoded;
    counts.recetas =
        (practice.recetas.iter().map(|row| row.n).sum(), practice.recetas.iter().map(|row| row.total).sum());
    counts.medicines = practice.medicines.iter().cloned().collect();
    counts.shown = practice.shown.iter().cloned().collect();
    counts.overridden =
        practice.overridden.iter().map(|(tier, why, n)| ((tier.clone(), why.clone()), *n)).collect();
    counts.to_sign = (practice.to_sign.counts, practice.to_sign.minutes);
    counts.after_end = (practice.after_end.counts, practice.after_end.minutes);
    counts.words = (practice.written, practice.accepted);
    counts.norm =
        (practice.norm.iter().map(|row| row.n).sum(), practice.norm.iter().map(|row| row.total).sum());
    counts.histories = practice.histories;
    counts.oddities = practice.oddities;
    counts
}

/// Every number of the board, whole and by part, with its list.
fn numbers(practice: &Practice) -> Vec<(Number, Option<String>, i64)> {
    let sum = |rows: &[care::figures::practice::FigureRow]| rows.iter().map(|row| row.n).sum::<i64>();
    let of = |item: &str| practice.patients.iter().filter(|row| row.item == item).map(|row| row.n).sum();
    let (with, without) = (practice.reminded, practice.not_reminded);
    let coded: i64 = practice.chapters.iter().map(|(_, n)| n).sum();
    let lacking = practice.norm.iter().map(|row| row.total - row.n).sum();
    let mut all = vec![
        (Number::Visits, None, sum(&practice.visits)),
        (Number::NewPatients, None, of("new")),
        (Number::ReturningPatients, None, of("returning")),
        (Number::Waits, None, practice.waits.all()),
        (Number::Lengths, None, practice.lengths.all()),
        (Number::Came, None, with.came + without.came),
        (Number::Missed, Some(REMINDED.to_owned()), with.missed),
        (Number::Missed, Some(String::new()), without.missed),
        (Number::Cancelled, None, practice.cancelled),
        (Number::Diagnoses, None, coded + practice.uncoded),
        (Number::Diagnoses, Some(String::new()), practice.uncoded),
        (Number::Recetas, None, sum(&practice.recetas)),
        (Number::Shown, None, practice.shown.iter().map(|(_, n)| n).sum()),
        (Number::Overridden, None, practice.overridden.iter().map(|(.., n)| n).sum()),
        (Number::ToSign, None, practice.to_sign.all()),
        (Number::AfterEnd, None, practice.after_end.all()),
        (Number::Written, None, practice.written),
        (Number::Accepted, None, practice.accepted),
        (Number::Norm, None, lacking),
        (Number::NoHistory, None, practice.histories.1 - practice.histories.0),
    ];
    let mut services: Vec<_> = practice.visits.iter().map(|row| row.item.clone()).collect();
    services.sort();
    services.dedup();
    for name in services {
        let n = practice.visits.iter().filter(|row| row.item == name).map(|row| row.n).sum();
        all.push((Number::Visits, Some(name), n));
    }
    let named = |number, counts: &[(String, i64)]| -> Vec<_> {
        counts.iter().map(|(name, n)| (number, Some(name.clone()), *n)).collect()
    };
    all.extend(named(Number::Medicines, &practice.medicines));
    all.extend(named(Number::Shown, &practice.shown));
    all.extend(
        practice
            .overridden
            .iter()
            .map(|(tier, why, n)| (Number::Overridden, Some(format!("{tier}|{why}")), *n)),
    );
    for (number, times) in [(Number::Waits, practice.waits), (Number::Lengths, practice.lengths)] {
        all.extend(STRETCHES.iter().zip(times.counts).map(|(part, n)| (number, Some((*part).to_owned()), n)));
    }
    for (number, times) in [(Number::ToSign, practice.to_sign), (Number::AfterEnd, practice.after_end)] {
        all.extend(SPANS.iter().zip(times.counts).map(|(part, n)| (number, Some((*part).to_owned()), n)));
    }
    all
}

/// The list behind each number, page by page, adds up to it.
async fn lists_agree(clinic: &Clinic, form: &BoardForm, practice: &Practice, when: &str) {
    for (number, part, n) in numbers(practice) {
        let (mut sum, mut rows, mut page) = (0, 0, 0);
        loop {
            let asked = (number.code(), part.as_deref());
            let behind = clinic.care.behind_number(&clinic.physician, form, asked, page).await.unwrap();
            assert_eq!((behind.said, behind.seen), (n, n), "{when}, {number:?} {part:?}, {form:?}");
            for row in &behind.counted.page.items {
                sum += if number.is_of_what_lacks() { row.total - row.n } else { row.n };
            }
            rows += i64::try_from(behind.counted.page.items.len()).unwrap();
            page += 1;
            if behind.counted.page.items.is_empty() || rows == behind.counted.page.total {
                assert_eq!(
                    (sum, rows),
                    (n, behind.counted.page.total),
                    "{when}, {number:?} {part:?}, {form:?}"
                );
                break;
            }
        }
    }
}

async fn agree(clinic: &Clinic, world: &World, when: &str) {
    clinic.care.bring_figures_up_to_date().await.unwrap();
    let forms = [
        days("09/02/2026", "10/03/2026"),
        days("05/02/2026", "05/02/2026"),
        days("01/01/2025", "31/03/2026"),
        days("10/03/1926", "10/03/2026"),
        days("01/01/1990", "31/12/1990"),
    ];
    for form in forms {
        let practice = clinic.care.practice(&clinic.physician, &form).await.unwrap();
        assert!(!practice.scope.waits);
        let expected = world.recount(practice.scope.period);
        assert_eq!(told(&practice), expected, "{when}, {form:?}");
        // Counted in days and in months; the list of a century is as that of the months.
        if form.from != "10/03/1926" {
            lists_agree(clinic, &form, &practice, when).await;
        }
    }
    for (id, name) in world.people.clone() {
        let form = BoardForm { practitioner: id.to_string(), ..days("01/01/2025", "31/03/2026") };
        let practice = clinic.care.practice(&clinic.physician, &form).await.unwrap();
        let own: i64 = practice.visits.iter().map(|row| row.n).sum();
        assert_eq!(own, world.visits_of(id), "{when}, {name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_of_the_board_agrees_with_a_second_count() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 90).await;
        agree(&clinic, &world, "counted as it came").await;

        world.change_visit(&clinic, 3, EncounterState::Cancelled).await;
        world.move_appointment(&clinic, 5, 9).await;
        world.miss(&clinic, 7, AppointmentState::NoShow).await;
        world.write_earlier_visit(&clinic, 11).await;
        agree(&clinic, &world, "after visits changed").await;

        let round = clinic.care.rebuild_figures().await.unwrap();
        assert_eq!(round.documents, world.documents());
        agree(&clinic, &world, "counted anew").await;
    }
}

#[tokio::test]
async fn a_reminder_that_arrives_after_the_day_was_counted_counts_in_the_next_round() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 6).await;
        clinic.care.bring_figures_up_to_date().await.unwrap();
        world.remind_latest(&clinic, true).await;
        clinic.care.bring_figures_up_to_date().await.unwrap();
        agree(&clinic, &world, "after the reminder").await;
    }
}

#[tokio::test]
async fn a_reminder_whose_day_was_not_marked_is_counted_at_night() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 6).await;
        clinic.care.bring_figures_up_to_date().await.unwrap();
        world.remind_latest(&clinic, false).await;
        clinic.care.count_the_last_days().await.unwrap();
        agree(&clinic, &world, "after the night").await;
    }
}

#[tokio::test]
async fn the_records_behind_a_number_are_as_many_as_the_patients_it_stands_for() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let world = World::write(&clinic, 60).await;
        let form = days("01/01/2025", "31/03/2026");
        let care = &clinic.care;
        care.bring_figures_up_to_date().await.unwrap();
        let practice = care.practice(&clinic.physician, &form).await.unwrap();
        for (chapter, n) in &practice.chapters {
            let sign = chapter.sign.to_string();
            let (_, _, codes) = care.diagnoses_of_chapter(&clinic.physician, &form, &sign).await.unwrap();
            assert_eq!(codes.iter().map(|code| code.n).sum::<i64>(), *n, "{chapter:?}");
            for code in codes {
                let behind =
                    care.patients_behind_code(&clinic.physician, &form, &code.code, 0).await.unwrap();
                assert_eq!(behind.found.total, world.patients_with(&code.code), "{code:?}");
                assert!(!code.title.is_empty());
            }
        }
        let odd = care.oddities(&clinic.physician, &form).await.unwrap().1;
        assert_eq!(i64::try_from(odd.len()).unwrap(), practice.oddities);
        assert!(practice.oddities > 0, "the invented days have impossible times");
    }
}

#[tokio::test]
async fn a_list_leaves_out_private_records_says_so_and_is_in_the_bitacora() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        World::write(&clinic, 20).await;
        let care = &clinic.care;
        care.bring_figures_up_to_date().await.unwrap();
        let (form, asked) = (days("01/01/2025", "31/03/2026"), ("consultas", None));
        let all = care.behind_number(&clinic.physician, &form, asked, 0).await.unwrap();
        let hidden = all.counted.page.items[0].patient.clone();
        let group =
            care.add_group(&clinic.physician, "Familia", Some(clinic.physician.user_id)).await.unwrap();
        let record = care::groups::GroupChange::AddRecord(hidden.record_number.clone());
        care.change_group(&clinic.physician, group, &record).await.unwrap();
        let own = all.counted.page.items.iter().filter(|row| row.patient.id == hidden.id).count();
        let seen = care.behind_number(&clinic.nurse, &form, asked, 0).await.unwrap();
        assert_eq!((seen.said, seen.seen), (all.said, all.said - i64::try_from(own).unwrap()), "{engine:?}");
        assert!(seen.counted.page.items.iter().all(|row| row.patient.id != hidden.id));
        let mut tx = care.database().begin_read().await.unwrap();
        let events = tx.audit_events(&AuditFilter::default(), PageRequest::first(20)).await.unwrap().items;
        let noted = |event: &&AuditEvent| event.entity == "figures" && event.entity_id == "consultas";
        assert_eq!(events.iter().filter(noted).count(), 2, "{events:?}");
        for unknown in [("nada", None), ("consultas", Some(&*"x".repeat(301)))] {
            let refused = care.behind_number(&clinic.physician, &form, unknown, 0).await;
            assert!(matches!(refused, Err(CareError::NotFound { .. })));
        }
    }
}

#[tokio::test]
async fn who_reads_no_records_sees_how_many_and_never_of_whom() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    World::write(&clinic, 6).await;
    let (care, form) = (&clinic.care, BoardForm::default());
    assert!(!care.practice(&clinic.auditor, &form).await.unwrap().scope.lists);
    for refused in [
        care.patients_behind_code(&clinic.auditor, &form, "5A11", 0).await.err(),
        care.oddities(&clinic.auditor, &form).await.err(),
        care.behind_number(&clinic.auditor, &form, ("consultas", None), 0).await.err(),
        care.behind_number(&clinic.reception, &form, ("faltas", None), 0).await.err(),
        care.practice(&clinic.reception, &form).await.err(),
    ] {
        assert!(matches!(refused, Some(CareError::Denied { .. })), "{refused:?}");
    }
}

/// What a physician wrote of a case, in the order of the days.
const STATED: [(&str, usize, &str, Certainty); 8] = [
    ("2026-02-20T16:00:00Z", 0, "A09", Certainty::Confirmed),
    // The same illness of the same person some days later is no new case.
    ("2026-03-08T16:00:00Z", 0, "A09", Certainty::Confirmed),
    ("2026-03-08T17:00:00Z", 1, "A09", Certainty::Suspected),
    ("2026-03-09T05:30:00Z", 1, "B05.9", Certainty::Suspected),
    ("2026-03-09T18:00:00Z", 0, "E11.9", Certainty::Confirmed),
    ("2026-03-10T15:00:00Z", 0, "E11.9", Certainty::Confirmed),
    ("2026-03-10T15:30:00Z", 1, "A37.0", Certainty::RuledOut),
    // Saturday night before the week, by the clock of the practice.
    ("2026-03-08T05:30:00Z", 1, "E10.9", Certainty::Confirmed),
];

#[tokio::test]
async fn the_week_counts_each_new_case_once_by_age_and_sex() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 0).await;
        for (at, who, icd10, certainty) in STATED {
            world.state(&clinic, who, at.parse().unwrap(), icd10, certainty).await;
        }
        let care = &clinic.care;
        let report = care.surveillance(&clinic.physician, "10/03/2026").await.unwrap();
        assert_eq!(
            (report.week.first().to_string(), report.week.number()),
            ("2026-03-08".to_owned(), (2026, 10))
        );
        // Women of 64: the group of 60 to 64.
        let found: Vec<_> =
            report.counts.iter().map(|count| (count.disease.epi, count.ages[9][0], count.all())).collect();
        assert_eq!(found, [(8, 1, 1), (49, 1, 1), (87, 1, 1)]);
        assert_eq!(report.cases.iter().filter(|case| case.new).count(), 3);
        let (name, csv) = care.surveillance_csv(&clinic.physician, "10/03/2026").await.unwrap();
        assert_eq!(name, "suive-2026-10.csv");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 4, "{csv}");
        assert!(lines.iter().all(|line| line.split(',').count() >= 38), "{csv}");
        assert!(lines[3].contains(",87,Sarampión,B05,") && lines[3].ends_with(",0,1,0,1"), "{}", lines[3]);
    }
}

#[tokio::test]
async fn a_case_that_is_told_at_once_stays_in_sight_until_somebody_notes_that_it_was() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut world = World::write(&clinic, 0).await;
        let at = clinic.care.now() - jiff::SignedDuration::from_hours(1);
        world.state(&clinic, 1, at, "B05.9", Certainty::Suspected).await;
        let care = &clinic.care;
        let raised = care.today(&clinic.physician).await.unwrap().to_tell;
        assert_eq!(raised.len(), 1, "the first page of the day raises it without another having been opened");
        let open = care.surveillance(&clinic.physician, "").await.unwrap().open;
        assert_eq!(raised, open);
        let [case] = open.as_slice() else { panic!("{open:?}") };
        assert_eq!(case.due, Some(at + jiff::SignedDuration::from_hours(24)));
        let (document, mut form) =
            (case.stated.document_id, NoticeForm { epi: "87".to_owned(), ..NoticeForm::default() });
        let missing = care.note_epidemic_notice(&clinic.physician, document, &form).await;
        assert!(matches!(missing, Err(CareError::Invalid(ref errors)) if errors.len() == 5), "{missing:?}");
        form.told = "Jurisdicción sanitaria".to_owned();
        form.channel = "telefono".to_owned();
        form.acknowledgement = "Folio 12".to_owned();
        form.day = "10/03/2026".to_owned();
        for (day, time, field) in [("10/03/2026", "23:59", "hora"), ("09/03/2026", "10:00", "fecha")] {
            let wrong = NoticeForm { day: day.to_owned(), time: time.to_owned(), ..form.clone() };
            let wrong = care.note_epidemic_notice(&clinic.physician, document, &wrong).await;
            assert!(
                matches!(&wrong, Err(CareError::Invalid(errors)) if errors[0].field == field),
                "{day} {time}: {wrong:?}"
            );
        }
        form.time = "8:30".to_owned();
        let other = NoticeForm { epi: "8".to_owned(), ..form.clone() };
        let other = care.note_epidemic_notice(&clinic.physician, document, &other).await;
        assert!(matches!(other, Err(CareError::NotFound { .. })), "{other:?}");
        care.note_epidemic_notice(&clinic.physician, document, &form).await.unwrap();
        let twice = care.note_epidemic_notice(&clinic.physician, document, &form).await;
        assert!(matches!(twice, Err(CareError::Conflict { .. })), "{twice:?}");
        assert!(care.surveillance(&clinic.physician, "").await.unwrap().open.is_empty());
        assert!(care.today(&clinic.physician).await.unwrap().to_tell.is_empty());
        assert!(care.today(&clinic.reception).await.unwrap().to_tell.is_empty(), "no clinical text");
        let seen = care.surveillance(&clinic.auditor, "").await.unwrap();
        assert!(
            seen.cases.is_empty() && seen.open.is_empty() && !seen.counts.is_empty(),
            "counts without lists"
        );
    }
}

#[tokio::test]
async fn days_that_are_none_are_refused_with_what_to_change() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    for (form, field) in [
        (days("31/02/2026", ""), "desde"),
        (days("10/03/2026", "09/03/2026"), "hasta"),
        (days("01/01/1900", "31/12/2150"), "hasta"),
        (BoardForm { practitioner: "nadie".to_owned(), ..BoardForm::default() }, "medico"),
    ] {
        match clinic.care.practice(&clinic.physician, &form).await {
            Err(CareError::Invalid(errors)) => assert_eq!(errors[0].field, field, "{form:?}"),
            other => panic!("{form:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn compliance_is_the_same_whether_documents_were_counted_before_or_are_read() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        World::write(&clinic, 40).await;
        let patient = clinic.patient("Ana", "Ficticia").await;
        clinic.signed_note(&clinic.physician, patient).await;
        let told = async || {
            let all = clinic.care.compliance_by_professional(&clinic.physician).await.unwrap();
            let all = all.into_iter();
            all.map(|one| (one.name, one.documents, one.compliance.domains())).collect::<Vec<_>>()
        };
        let read = told().await;
        clinic.care.bring_figures_up_to_date().await.unwrap();
        assert_eq!(told().await, read);
        let scores: Vec<_> = read.iter().flat_map(|(.., domains)| domains).collect();
        assert!(
            scores.iter().any(|score| score.present < score.applicable),
            "something is lacking: {scores:?}"
        );
        assert!(scores.iter().any(|score| score.present > 0));
    }
}
