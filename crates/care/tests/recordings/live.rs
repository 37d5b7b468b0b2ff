//! Words that appear while people speak: in their order, once each, and gone when the whole recording takes their place.

use super::*;
use care::live::LiveListening;
use clinical::heard::LiveWords;

/// A second of sound whose samples are all this number, which the engine of the tests hears as a word; 0 is silence.
fn second(number: i64, value: i16) -> Piece {
    Piece { number, begins_ms: number * 1000, content: value.to_le_bytes().repeat(16_000) }
}

async fn say(clinic: &Clinic, id: RecordingId, from: i64, values: &[i16]) {
    for (number, value) in (from..).zip(values) {
        clinic.care.keep_sound(&clinic.physician, id, second(number, *value)).await.unwrap();
    }
}

/// All that is shown, in one line.
fn shown(words: &LiveWords) -> String {
    let tentative = (!words.tentative.is_empty()).then_some(&words.tentative);
    words.settled.iter().chain(tentative).cloned().collect::<Vec<_>>().join(" ")
}

fn said(numbers: std::ops::RangeInclusive<i16>) -> String {
    numbers.map(|number| format!("palabra{number}")).collect::<Vec<_>>().join(" ")
}

/// A recording that goes on, in a practice that listens.
async fn recording(clinic: &Clinic, care: &Care) -> (EncounterId, RecordingId) {
    let (patient, visit) = visit(clinic).await;
    answer(clinic, patient, true, false).await;
    let id = care.begin_recording(&clinic.physician, visit).await.unwrap().recording.id;
    (visit, id)
}

#[tokio::test]
async fn words_appear_while_people_speak_and_the_whole_recording_takes_their_place() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (_, id) = recording(&clinic, &care).await;
        let who = &clinic.physician;
        let mut machine = LiveListening::new(care.clone());
        assert!(!machine.round().await.unwrap(), "nobody has said anything");

        say(&clinic, id, 0, &[1, 2, 3]).await;
        assert!(machine.round().await.unwrap());
        assert!(!machine.round().await.unwrap(), "nothing new");
        let words = care.live_words(who, id).await.unwrap().unwrap();
        assert_eq!((words.settled.len(), words.tentative), (0, said(1..=3)));

        say(&clinic, id, 3, &[4, 0, 0]).await;
        assert!(machine.round().await.unwrap());
        let words = care.live_words(who, id).await.unwrap().unwrap();
        assert_eq!((words.settled, words.tentative), (vec![said(1..=4)], String::new()), "they paused");

        assert!(matches!(care.live_words(&clinic.trainee, id).await, Err(CareError::NotFound { .. })));
        assert!(matches!(care.live_words(&clinic.reception, id).await, Err(CareError::Denied { .. })));

        care.step_recording(who, id, RecordingStep::End(Some(6))).await.unwrap();
        assert!(!machine.round().await.unwrap(), "it is over");
        assert_eq!(care.live_words(who, id).await.unwrap(), None);
        assert!(care.listen_next().await.unwrap());
        let told = care.heard(who, id).await.unwrap().listening.unwrap();
        assert_eq!((told.state, told.heard.unwrap().turns.len()), (ListeningState::Done, 4));
    }
}

#[tokio::test]
async fn who_speaks_without_a_pause_is_followed_word_by_word() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let care = with_listener(&clinic, 0, false);
    let (_, id) = recording(&clinic, &care).await;
    let mut machine = LiveListening::new(care.clone());
    for now in 1..=70 {
        say(&clinic, id, i64::from(now) - 1, &[now]).await;
        machine.round().await.unwrap();
        let words = care.live_words(&clinic.physician, id).await.unwrap().unwrap();
        assert_eq!(shown(&words), said(1..=now));
    }
}

#[tokio::test]
async fn another_machine_goes_on_where_the_first_stopped_and_leaves_out_what_is_long_past() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (_, id) = recording(&clinic, &care).await;
        let (mut first, mut second) = (LiveListening::new(care.clone()), LiveListening::new(care.clone()));
        say(&clinic, id, 0, &[1, 2, 0, 0]).await;
        assert!(first.round().await.unwrap());
        say(&clinic, id, 4, &[3, 4]).await;
        assert!(!second.round().await.unwrap(), "the first has it");
        clinic.clock.set(care.now() + SignedDuration::from_secs(31));
        assert!(second.round().await.unwrap());
        let shown_now = || async { shown(&care.live_words(&clinic.physician, id).await.unwrap().unwrap()) };
        assert_eq!(shown_now().await, said(1..=4));
        say(&clinic, id, 6, &[5]).await;
        first.round().await.unwrap();
        assert!(second.round().await.unwrap());
        assert_eq!(shown_now().await, said(1..=5), "the first does not write over it");

        let long: Vec<i16> = (6..=80).collect();
        say(&clinic, id, 7, &long).await;
        assert!(second.round().await.unwrap());
        let words = shown_now().await;
        assert!(
            words.starts_with(&format!("{} […]", said(1..=5))) && words.ends_with("palabra80"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_recording_somebody_left_open_makes_room_and_is_taken_up_with_the_next_words() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (_, id) = recording(&clinic, &care).await;
        let (mut first, mut second) = (LiveListening::new(care.clone()), LiveListening::new(care.clone()));
        say(&clinic, id, 0, &[1, 2]).await;
        assert!(first.round().await.unwrap());
        clinic.clock.set(care.now() + SignedDuration::from_secs(61));
        assert!(!first.round().await.unwrap(), "let go of");
        clinic.clock.set(care.now() + SignedDuration::from_secs(1));
        assert!(!second.round().await.unwrap(), "nothing to hear");
        say(&clinic, id, 2, &[3]).await;
        assert!(second.round().await.unwrap());
        let words = care.live_words(&clinic.physician, id).await.unwrap().unwrap();
        assert_eq!(shown(&words), said(1..=3));
    }
}
