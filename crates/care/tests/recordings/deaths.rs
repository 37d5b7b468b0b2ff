//! Servers that die while a recording is written down: another takes the job, the draft comes, and nothing goes on for ever.

use super::*;

/// A server takes the job that waits, and dies with it; a minute later nobody has heard of it.
async fn taken_by_one_who_dies(clinic: &Clinic, care: &Care) -> bool {
    let now = care.now();
    let mut tx = care.database().begin().await.unwrap();
    let held = tx.take_listening(now, now + SignedDuration::from_secs(60)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!care.listen_next().await.unwrap(), "it is still held");
    clinic.clock.set(now + SignedDuration::from_secs(61));
    held.is_some()
}

#[tokio::test]
async fn a_job_whose_server_died_is_taken_by_another_one_however_often_it_happens() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 1, false);
        let (_, id) = recorded(&clinic, &care).await;
        for _ in 0..5 {
            assert!(taken_by_one_who_dies(&clinic, &care).await);
        }
        assert!(care.listen_next().await.unwrap(), "it fails, which is not the same as a server that dies");
        assert!(care.listen_next().await.unwrap());
        assert_eq!(
            care.heard(&clinic.physician, id).await.unwrap().listening.unwrap().state,
            ListeningState::Done
        );
    }
}

#[tokio::test]
async fn a_recording_that_ends_every_server_is_given_up_and_can_be_asked_for_again() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (_, id) = recorded(&clinic, &care).await;
        let mut deaths = 0;
        while taken_by_one_who_dies(&clinic, &care).await {
            deaths += 1;
            assert!(deaths < 20, "it would go on for ever");
        }
        let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
        assert_eq!(told.state, ListeningState::Failed);
        assert_eq!(told.problem.as_deref(), Some("el programa que escucha se detuvo"));
        care.ask_listening(&clinic.physician, id).await.unwrap();
        assert!(care.listen_next().await.unwrap());
    }
}

#[tokio::test]
async fn a_draft_comes_also_when_the_server_died_between_the_words_and_the_draft() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (visit, id) = recorded(&clinic, &care).await;
        let (now, who) = (care.now(), &clinic.physician);
        let until = now + SignedDuration::from_secs(60);
        let mut tx = care.database().begin().await.unwrap();
        let job = tx.take_listening(now, until).await.unwrap().unwrap();
        let words = TestListener::default().listen(&[], &Beforehand::default(), &Run::default()).unwrap();
        assert!(tx.finish_listening(&job, &words, until).await.unwrap().is_some());
        tx.commit().await.unwrap();
        // It dies. The words are there for who looks, and nobody else makes the draft while it might still.
        assert_eq!(care.heard(who, id).await.unwrap().listening.unwrap().heard, Some(words));
        assert!(!care.listen_next().await.unwrap());
        assert_eq!(proposed(&care, who, visit).await.0, []);
        clinic.clock.set(now + SignedDuration::from_secs(61));
        assert!(care.listen_next().await.unwrap());
        let (talk, draft) = proposed(&care, who, visit).await;
        assert!(talk.len() == 4 && draft.contains("rodilla"), "{draft}");
        clinic.clock.set(now + SignedDuration::from_hours(1));
        assert!(!care.listen_next().await.unwrap(), "once is enough");
    }
}

#[tokio::test]
async fn a_draft_nobody_may_write_any_more_is_not_tried_for_ever() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let care = with_listener(&clinic, 0, false);
    let (patient, visit) = visit(&clinic).await;
    answer(&clinic, patient, true, false).await;
    let who = &clinic.trainee;
    let id = care.begin_recording(who, visit).await.unwrap().recording.id;
    care.keep_sound(who, id, piece(0)).await.unwrap();
    care.step_recording(who, id, RecordingStep::End(Some(1))).await.unwrap();
    let left = AccountChange {
        display_name: "Residente".to_owned(),
        roles: vec![Role::Trainee],
        active: false,
        ..AccountChange::default()
    };
    care.change_account(&clinic.physician, who.user_id, &left).await.unwrap();
    let mut tries = 0;
    while care.listen_next().await.unwrap() {
        tries += 1;
        assert!(tries < 20, "it would go on for ever");
        clinic.clock.set(care.now() + SignedDuration::from_secs(61));
    }
    assert_eq!(proposed(&care, &clinic.physician, visit).await.0, []);
    care.use_heard(&clinic.physician, id).await.unwrap();
    assert_eq!(proposed(&care, &clinic.physician, visit).await.0.len(), 4, "who may asks for it");
}

#[tokio::test]
async fn a_recording_that_failed_waits_until_the_others_had_their_turn() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 1, false);
        let (_, failed) = recorded(&clinic, &care).await;
        clinic.clock.set(care.now() + SignedDuration::from_secs(1));
        let patient = clinic.patient("Mateo", "Fresno").await;
        let visit = care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
        let other = recorded_in(&clinic, &care, (patient, visit)).await;
        assert!(care.listen_next().await.unwrap(), "the first fails");
        assert!(care.listen_next().await.unwrap());
        let state = async |id| care.heard(&clinic.physician, id).await.unwrap().listening.unwrap().state;
        assert_eq!(
            (state(failed).await, state(other).await),
            (ListeningState::Waiting, ListeningState::Done)
        );
        assert!(care.listen_next().await.unwrap(), "and then once more");
        assert_eq!(state(failed).await, ListeningState::Done);
    }
}

#[tokio::test]
async fn servers_that_die_do_not_all_die_on_one_recording() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (_, first) = recorded(&clinic, &care).await;
        clinic.clock.set(care.now() + SignedDuration::from_secs(1));
        let patient = clinic.patient("Mateo", "Fresno").await;
        let visit = care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
        let second = recorded_in(&clinic, &care, (patient, visit)).await;
        let take = async || {
            let now = care.now();
            let mut tx = care.database().begin().await.unwrap();
            let job = tx.take_listening(now, now + SignedDuration::from_secs(60)).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            clinic.clock.set(now + SignedDuration::from_secs(61));
            job.recording
        };
        let taken = [take().await, take().await, take().await, take().await];
        assert_eq!(taken, [first, second, first, second]);
        assert!(care.listen_next().await.unwrap() && care.listen_next().await.unwrap());
        for id in [first, second] {
            let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
            assert_eq!(told.state, ListeningState::Done);
        }
    }
}
