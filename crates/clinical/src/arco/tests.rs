//! Rest days and terms of requests about personal data.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn step(day: Date, step: ArcoStep) -> DatedStep {
    DatedStep { on: day, step, by_name: "recepción".to_owned(), at: Timestamp::UNIX_EPOCH }
}

fn extended() -> ArcoStep {
    ArcoStep::AnswerExtended { reason: "Expediente en papel por buscar".to_owned() }
}

fn answered(outcome: Outcome) -> ArcoStep {
    ArcoStep::Answered { outcome, ground: None, kept_until: None, text: "Se concede".to_owned() }
}

fn executed() -> ArcoStep {
    ArcoStep::Executed { done: Done::IdentityCorrected }
}

#[test]
fn twenty_days_to_answer_and_fifteen_to_carry_out_each_extended_once() {
    let calendar = BusinessDays::default();
    let received = date(2026, 3, 10);
    let mut steps = Vec::new();
    let progress = Progress::of(received, &steps);
    assert_eq!(progress.due(&calendar), Some(date(2026, 4, 8)));
    steps.push(step(date(2026, 3, 20), extended()));
    let progress = Progress::of(received, &steps);
    assert_eq!(progress.due(&calendar), Some(calendar.after(received, 40)));
    let again = progress.allows(&extended(), date(2026, 3, 21), &calendar);
    assert_eq!(again, Err(RefusedStep::ExtendedBefore));
    steps.push(step(date(2026, 4, 6), answered(Outcome::Granted)));
    let progress = Progress::of(received, &steps);
    assert_eq!(progress.state, ArcoState::ToExecute);
    assert_eq!(progress.due(&calendar), Some(date(2026, 4, 27)));
    steps.push(step(date(2026, 4, 7), executed()));
    let progress = Progress::of(received, &steps);
    assert_eq!((progress.state, progress.due(&calendar)), (ArcoState::Executed, None));
}

#[test]
fn a_term_that_is_over_cannot_be_extended() {
    let calendar = BusinessDays::default();
    let progress = Progress::of(date(2026, 3, 10), &[]);
    assert_eq!(progress.allows(&extended(), date(2026, 4, 8), &calendar), Ok(()));
    assert_eq!(progress.allows(&extended(), date(2026, 4, 9), &calendar), Err(RefusedStep::Overdue));
}

#[test]
fn nothing_is_carried_out_before_it_is_granted_and_nothing_follows_a_refusal() {
    let (calendar, today) = (BusinessDays::default(), date(2026, 3, 11));
    let progress = Progress::of(date(2026, 3, 10), &[]);
    assert_eq!(progress.allows(&executed(), today, &calendar), Err(RefusedStep::NothingGranted));
    assert_eq!(progress.allows(&ArcoStep::DataReceived, today, &calendar), Err(RefusedStep::NothingAsked));
    let refused = [step(today, answered(Outcome::Refused))];
    let progress = Progress::of(date(2026, 3, 10), &refused);
    assert_eq!(progress.state, ArcoState::Refused);
    for next in [executed(), answered(Outcome::Granted), extended(), ArcoStep::DataReceived] {
        assert!(progress.allows(&next, today, &calendar).is_err(), "{next:?}");
    }
}

#[test]
fn what_was_granted_is_carried_out_put_off_once_or_withdrawn() {
    let (calendar, today) = (BusinessDays::default(), date(2026, 3, 11));
    let later = || ArcoStep::ExecutionExtended { reason: "Respaldos por buscar".to_owned() };
    let withdrawn = ArcoStep::Withdrawn { reason: "Ya no hace falta".to_owned() };
    let mut steps = vec![step(today, answered(Outcome::Partial))];
    let progress = Progress::of(date(2026, 3, 10), &steps);
    for next in [executed(), later(), withdrawn] {
        assert_eq!(progress.allows(&next, today, &calendar), Ok(()), "{next:?}");
    }
    assert_eq!(progress.allows(&answered(Outcome::Granted), today, &calendar), Err(RefusedStep::Closed));
    steps.push(step(today, later()));
    let progress = Progress::of(date(2026, 3, 10), &steps);
    assert_eq!(progress.allows(&later(), today, &calendar), Err(RefusedStep::ExtendedBefore));
    assert_eq!(progress.allows(&executed(), today, &calendar), Ok(()));
    steps.push(step(today, executed()));
    let progress = Progress::of(date(2026, 3, 10), &steps);
    assert_eq!(progress.allows(&executed(), today, &calendar), Err(RefusedStep::Closed));
}

#[test]
fn a_refusal_cites_the_law_it_rests_on() {
    for ground in RefusalGround::ALL.iter().copied() {
        let cited = ground.citation();
        assert!(cited.contains("LFPDPPP, artículo "), "{ground:?}: {cited:?}");
    }
    assert!(RefusalGround::Conservation.citation().starts_with("NOM-004-SSA3-2012"));
}

#[test]
fn asking_for_more_data_does_not_stop_the_term() {
    let calendar = BusinessDays::default();
    let received = date(2026, 3, 10);
    let asked = step(date(2026, 3, 12), ArcoStep::DataNeeded { what: "Identificación".to_owned() });
    let progress = Progress::of(received, &[asked]);
    assert_eq!(progress.state, ArcoState::WaitingForData);
    assert_eq!(progress.due(&calendar), Some(date(2026, 4, 8)));
}

fn any_step() -> impl Strategy<Value = ArcoStep> {
    prop_oneof![
        Just(ArcoStep::DataNeeded { what: String::new() }),
        Just(ArcoStep::DataReceived),
        Just(extended()),
        Just(answered(Outcome::Granted)),
        Just(answered(Outcome::Refused)),
        Just(ArcoStep::ExecutionExtended { reason: String::new() }),
        Just(executed()),
        Just(ArcoStep::Withdrawn { reason: String::new() }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_tried_a_request_is_answered_once_and_extended_once(
        tried in prop::collection::vec(any_step(), 0..30),
    ) {
        let (calendar, received) = (BusinessDays::default(), date(2026, 3, 10));
        let mut steps: Vec<DatedStep> = Vec::new();
        for next in tried {
            if Progress::of(received, &steps).allows(&next, received, &calendar).is_ok() {
                steps.push(step(received, next));
            }
        }
        let count = |wanted: fn(&ArcoStep) -> bool| steps.iter().filter(|one| wanted(&one.step)).count();
        let most = count(|step| matches!(step, ArcoStep::Answered { .. }));
        prop_assert!(most <= 1);
        let most = count(|step| matches!(step, ArcoStep::AnswerExtended { .. }));
        prop_assert!(most <= 1);
        let most = count(|step| matches!(step, ArcoStep::ExecutionExtended { .. }));
        prop_assert!(most <= 1);
        let most = count(|step| matches!(step, ArcoStep::Executed { .. }));
        prop_assert!(most <= 1);
    }

    #[test]
    fn a_step_is_read_back_as_it_was_written(written in any_step()) {
        let text = serde_json::to_string(&written).unwrap();
        prop_assert_eq!(serde_json::from_str::<ArcoStep>(&text).unwrap(), written);
    }
}
