//! Recording a consultation, on both engines: consent opens it, a withdrawal stops it, the signature destroys it.

use std::sync::Arc;

use care::accounts::AccountChange;
use care::audit::AuditFilter;
use care::brought::BroughtRecording;
use care::chart::SummaryChange;
use care::consents::ConsentForm;
use care::conversation_sound::ConversationSound;
use care::listening::{Beforehand, HeardCorrection, Listener, Run};
use care::recordings::{Answered, RecordingStep, SoundRule};
use care::{Actor, Care, CareError, Role};
use clinical::consent::ConsentPurpose;
use clinical::document::DocumentKind;
use clinical::ids::{EncounterId, PatientId, RecordingId};
use clinical::recording::{ListeningState, RecordingState};
use clinical::transcript::Speaker;
use jiff::SignedDuration;
use storage::Piece;
use test_support::listener::TestListener;
use test_support::{Clinic, engines};

mod deaths;
mod live;

fn piece(number: i64) -> Piece {
    let content = (0..16_000_i64).flat_map(|n| i16::try_from((n + number) % 9000).unwrap().to_le_bytes());
    Piece { number, begins_ms: number * 1000, content: content.collect() }
}

async fn answer(clinic: &Clinic, patient: PatientId, given: bool, today_only: bool) {
    let form = ConsentForm {
        purpose: ConsentPurpose::RecordConversation.code().to_owned(),
        given,
        means: if given { "screen" } else { "spoken" }.to_owned(),
        version: 1,
        today_only,
        ..ConsentForm::default()
    };
    clinic.care.record_consent(&clinic.physician, patient, &form).await.unwrap();
}

/// A consultation whose patient was not asked yet, in a practice with its aviso.
async fn visit(clinic: &Clinic) -> (PatientId, EncounterId) {
    let text = "Aviso de privacidad de prueba. ".repeat(20);
    clinic.care.publish_notice(&clinic.physician, &text).await.unwrap();
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let visit = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    (patient, visit)
}

async fn begin(clinic: &Clinic, visit: EncounterId) -> Result<RecordingId, CareError> {
    clinic.care.begin_recording(&clinic.physician, visit).await.map(|status| status.recording.id)
}

async fn keep(clinic: &Clinic, id: RecordingId, number: i64) -> Result<(), CareError> {
    clinic.care.keep_sound(&clinic.physician, id, piece(number)).await
}

#[tokio::test]
async fn a_recording_opens_only_with_a_live_consent_and_stops_with_its_withdrawal() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, visit) = visit(&clinic).await;
        assert!(matches!(begin(&clinic, visit).await, Err(CareError::Denied { .. })), "nobody asked");
        answer(&clinic, patient, false, false).await;
        assert!(matches!(begin(&clinic, visit).await, Err(CareError::Denied { .. })), "refused");
        let desk = clinic.care.recording_desk(&clinic.physician, visit).await.unwrap();
        assert!(!desk.permitted && matches!(desk.answered, Answered::Last(consent, _) if !consent.given));

        answer(&clinic, patient, true, true).await;
        let id = begin(&clinic, visit).await.unwrap();
        keep(&clinic, id, 0).await.unwrap();
        answer(&clinic, patient, false, false).await;
        assert!(
            matches!(keep(&clinic, id, 1).await, Err(CareError::Denied { .. })),
            "withdrawn in mid-visit"
        );

        answer(&clinic, patient, true, true).await;
        keep(&clinic, id, 1).await.unwrap();
        clinic.clock.set(clinic.care.now() + SignedDuration::from_hours(24));
        assert!(
            matches!(keep(&clinic, id, 2).await, Err(CareError::Denied { .. })),
            "it was for that day only"
        );
        let file = clinic.care.consents(&clinic.physician, patient).await.unwrap();
        let (newest, _) = &file.answers[0];
        assert_eq!(newest.asked.as_deref(), Some(ConsentPurpose::RecordConversation.question()));
    }
}

#[tokio::test]
async fn only_who_writes_notes_records_and_hears() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let (patient, visit) = visit(&clinic).await;
    answer(&clinic, patient, true, false).await;
    let id = begin(&clinic, visit).await.unwrap();
    keep(&clinic, id, 0).await.unwrap();
    for who in [&clinic.reception, &clinic.auditor] {
        let refused = |done: Result<(), CareError>| assert!(matches!(done, Err(CareError::Denied { .. })));
        refused(clinic.care.recording_desk(who, visit).await.map(drop));
        refused(clinic.care.begin_recording(who, visit).await.map(drop));
        refused(clinic.care.keep_sound(who, id, piece(1)).await);
        refused(clinic.care.hear_recording(who, id).await.map(drop));
        refused(clinic.care.sound_part(who, id, 0, 10).await.map(drop));
        refused(clinic.care.step_recording(who, id, RecordingStep::Pause).await.map(drop));
        refused(clinic.care.destroy_recording(who, id).await.map(drop));
    }
}

#[tokio::test]
async fn a_pause_stores_nothing_and_what_is_missing_is_told() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, visit) = visit(&clinic).await;
        answer(&clinic, patient, true, false).await;
        let id = begin(&clinic, visit).await.unwrap();
        let who: &Actor = &clinic.physician;
        keep(&clinic, id, 0).await.unwrap();
        clinic.care.step_recording(who, id, RecordingStep::Pause).await.unwrap();
        assert!(matches!(keep(&clinic, id, 1).await, Err(CareError::Conflict { .. })));
        keep(&clinic, id, 0).await.unwrap();
        clinic.care.step_recording(who, id, RecordingStep::Resume).await.unwrap();
        keep(&clinic, id, 1).await.unwrap();
        for bad in [Piece { content: vec![1; 3], ..piece(2) }, Piece { content: vec![0; 32_002], ..piece(2) }]
        {
            let refused = clinic.care.keep_sound(who, id, bad).await;
            assert!(matches!(refused, Err(CareError::Invalid(_))), "{refused:?}");
        }
        let ended = clinic.care.step_recording(who, id, RecordingStep::End(Some(4))).await.unwrap();
        assert_eq!((ended.pieces, ended.missing()), (2, 2));
        let again = clinic.care.step_recording(who, id, RecordingStep::End(Some(4))).await.unwrap();
        assert_eq!(again, ended);
        assert!(clinic.care.step_recording(who, id, RecordingStep::Resume).await.is_err());
        let sound = clinic.care.sound_part(who, id, 32_000, 100_000).await.unwrap();
        assert!(sound == piece(1).content);
        // Another one may follow, and leaves this one as it is.
        let next = begin(&clinic, visit).await.unwrap();
        let third = begin(&clinic, visit).await.unwrap();
        let desk = clinic.care.recording_desk(who, visit).await.unwrap();
        let states: Vec<_> = desk.recordings.iter().map(|one| (one.id, one.state)).collect();
        let (ended, open) = (RecordingState::Ended, RecordingState::Recording);
        assert_eq!(states, [(id, ended), (next, ended), (third, open)]);
    }
}

#[tokio::test]
async fn the_signature_destroys_the_sound_unless_the_practice_keeps_it() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, first) = visit(&clinic).await;
        answer(&clinic, patient, true, false).await;
        let gone = begin(&clinic, first).await.unwrap();
        keep(&clinic, gone, 0).await.unwrap();
        let file = clinic.directory.join("archivos/sonido").join(gone.to_string());
        assert!(file.exists());
        clinic.sign_visit(&clinic.physician, first).await;
        assert!(!file.exists());
        let heard = clinic.care.hear_recording(&clinic.physician, gone).await;
        assert!(matches!(heard, Err(CareError::Finished { .. })), "{heard:?}");
        let filter = AuditFilter::default();
        let page = clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap();
        let told = page.events.iter().any(|(event, _)| {
            event.entity == "recording"
                && event.reason.as_deref().is_some_and(|why| why.contains("destruida al firmar"))
        });
        assert!(told, "the bitácora says that it was destroyed and why");

        assert!(clinic.care.set_sound_rule(&clinic.reception, SoundRule::Keep).await.is_err());
        clinic.care.set_sound_rule(&clinic.physician, SoundRule::Keep).await.unwrap();
        let second = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
        let kept = begin(&clinic, second).await.unwrap();
        keep(&clinic, kept, 0).await.unwrap();
        clinic.sign_visit(&clinic.physician, second).await;
        assert_eq!(clinic.care.sound_part(&clinic.physician, kept, 0, 100).await.unwrap().len(), 100);
        let late = keep(&clinic, kept, 1).await;
        assert!(matches!(late, Err(CareError::Conflict { .. })), "it ended with the consultation: {late:?}");
        assert!(begin(&clinic, second).await.is_err(), "a closed consultation is not recorded");
        assert_eq!(clinic.care.destroy_recording(&clinic.physician, kept).await.unwrap(), second);
        assert!(clinic.care.sound_part(&clinic.physician, kept, 0, 10).await.is_err());
        let report = storage::verify::verify(clinic.care.database(), clinic.care.blobs()).await.unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

/// A WAV file of one channel and 16 bits with `pieces` seconds of [`piece`].
fn wav(rate: u32, pieces: i64) -> Vec<u8> {
    wav_of(rate, &(0..pieces).flat_map(|n| piece(n).content).collect::<Vec<u8>>())
}

fn wav_of(rate: u32, sound: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((36 + u32::try_from(sound.len()).unwrap()).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(u32::try_from(sound.len()).unwrap().to_le_bytes());
    file.extend(sound);
    file
}

async fn bring(clinic: &Clinic, visit: EncounterId, file: &[u8]) -> Result<BroughtRecording, CareError> {
    let mut arriving = clinic.care.begin_bringing(&clinic.physician, visit).await?;
    for part in file.chunks(100_000) {
        arriving = arriving.push(part.to_vec()).await.unwrap();
    }
    clinic.care.bring_sound(&clinic.physician, visit, arriving).await
}

#[tokio::test]
async fn a_file_with_sound_becomes_a_recording_only_with_a_live_consent() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (patient, visit) = visit(&clinic).await;
        let file = wav(16_000, 3);
        assert!(matches!(bring(&clinic, visit, &file).await, Err(CareError::Denied { .. })), "nobody asked");
        answer(&clinic, patient, true, false).await;
        assert!(clinic.care.begin_bringing(&clinic.reception, visit).await.is_err());
        let arriving = clinic.care.begin_bringing(&clinic.physician, visit).await.unwrap();
        let arriving = arriving.push(file.clone()).await.unwrap();
        answer(&clinic, patient, false, false).await;
        let late = clinic.care.bring_sound(&clinic.physician, visit, arriving).await;
        assert!(matches!(late, Err(CareError::Denied { .. })), "withdrawn while it arrived: {late:?}");

        answer(&clinic, patient, true, false).await;
        let brought = bring(&clinic, visit, &file).await.unwrap();
        assert!(brought.whole);
        let sound = clinic.care.sound_part(&clinic.physician, brought.id, 0, usize::MAX).await.unwrap();
        assert!(sound == file[44..], "every sample of it");
        let twice = bring(&clinic, visit, &file).await.unwrap_err().to_string();
        assert!(twice.contains("es la grabación 1"), "{twice}");
        let desk = clinic.care.recording_desk(&clinic.physician, visit).await.unwrap();
        assert!(desk.recordings.len() == 1 && desk.recordings[0].is_brought());
        let page = clinic.care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let said = |why: &String| why.contains("traída en un archivo");
        let told = page.events.iter().any(|(event, _)| event.reason.as_ref().is_some_and(said));
        assert!(told, "the bitácora says so");
    }
}

#[tokio::test]
async fn a_file_is_what_it_holds_and_what_is_wrong_with_it_is_told() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let (patient, visit) = visit(&clinic).await;
    answer(&clinic, patient, true, false).await;
    let mut cut = wav(44_100, 4);
    cut.truncate(100_000);
    let cut = bring(&clinic, visit, &cut).await.unwrap();
    assert!(!cut.whole, "a file cut short is kept as far as it goes");
    for file in [
        include_bytes!("../../speech/tests/audio/dictado.mp3").as_slice(),
        include_bytes!("../../speech/tests/audio/dictado.m4a"),
        include_bytes!("../../speech/tests/audio/dictado.ogg"),
        include_bytes!("../../speech/tests/audio/dictado.webm"),
        include_bytes!("../../speech/tests/audio/dictado.flac"),
    ] {
        assert!(bring(&clinic, visit, file).await.unwrap().whole);
    }
    for (file, expected) in [
        (b"".as_slice(), "está vacío"),
        (b"%PDF-1.7 esto no es sonido, aunque se llame consulta.mp3", "no es un audio que se pueda leer"),
        (include_bytes!("../../speech/tests/audio/video.mp4"), "no tiene pista de audio"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "dañado o incompleto"),
    ] {
        let refused = bring(&clinic, visit, file).await;
        let Err(CareError::Invalid(errors)) = refused else { panic!("{refused:?}") };
        assert!(errors[0].message.contains(expected), "{}", errors[0].message);
    }
    let desk = clinic.care.recording_desk(&clinic.physician, visit).await.unwrap();
    assert_eq!(desk.recordings.len(), 6);
    clinic.sign_visit(&clinic.physician, visit).await;
    let closed = bring(&clinic, visit, &wav(16_000, 1)).await;
    assert!(matches!(closed, Err(CareError::Finished { .. })), "{closed:?}");
}

/// Several sentences of one real person as a file; nothing when the recordings are not beside the repository.
fn voice(person: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/speech/clips");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: no recordings in {folder}");
        return None;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(person));
    paths.sort();
    let clips = paths.iter().take(4).map(|path| speech::decode(std::fs::File::open(path).unwrap()).unwrap());
    let sound: Vec<u8> = clips
        .flat_map(|clip| clip.samples.as_slice().to_vec())
        .flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes())
        .collect();
    Some(wav_of(16_000, &sound))
}

#[tokio::test]
async fn a_voice_is_kept_by_its_owner_alone_and_forgotten_when_they_say_so() {
    let Some(sample) = voice("367-") else { return };
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let (care, who) = (&clinic.care, &clinic.physician);
        assert!(matches!(
            care.enrol_voice(&clinic.reception, sample.clone()).await,
            Err(CareError::Denied { .. })
        ));
        for (bad, expected) in [
            (wav_of(16_000, &vec![0; 640_000]), "menos de 8 segundos de habla"),
            (wav_of(16_000, &vec![0; 4_000_000]), "más de 2 minutos"),
            (b"hola".to_vec(), "no es un audio"),
        ] {
            let refused = care.enrol_voice(who, bad).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        assert_eq!(care.own_voice(who).await.unwrap(), None);
        care.enrol_voice(who, sample.clone()).await.unwrap();
        assert_eq!(care.own_voice(who).await.unwrap(), Some(care.now()));
        assert_eq!(care.own_voice(&clinic.trainee).await.unwrap(), None, "it is nobody else's");
        care.forget_voice(who).await.unwrap();
        assert_eq!(care.own_voice(who).await.unwrap(), None);
        assert!(matches!(care.forget_voice(who).await, Err(CareError::NotFound { .. })));
        // Who leaves takes it along.
        care.enrol_voice(&clinic.trainee, sample.clone()).await.unwrap();
        let left = AccountChange {
            display_name: "Residente".to_owned(),
            roles: vec![Role::Trainee],
            active: false,
            ..AccountChange::default()
        };
        care.change_account(who, clinic.trainee.user_id, &left).await.unwrap();
        assert_eq!(care.own_voice(&clinic.trainee).await.unwrap(), None);
        let page = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told: Vec<_> = page.events.iter().filter(|(event, _)| event.entity == "voice").collect();
        assert_eq!(told.len(), 4, "kept and forgotten stand in the bitácora");
    }
}

#[tokio::test]
async fn the_engine_knows_the_voice_of_who_attends_and_of_nobody_else_until_it_is_forgotten() {
    let (Some(own), Some(other)) = (voice("367-"), voice("3080-")) else { return };
    let enrolled = speech::decode(std::io::Cursor::new(own.clone())).unwrap().samples.levelled();
    let enrolled = speech::Diarizer::new().unwrap().enrol(&enrolled).unwrap();
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let listener = Arc::new(TestListener::default());
        let care = clinic.care.clone().with_listener(listener.clone());
        care.enrol_voice(&clinic.trainee, other.clone()).await.unwrap();
        let (patient, visit) = visit(&clinic).await;
        answer(&clinic, patient, true, false).await;
        for own in [None, Some(&own), None] {
            match own {
                Some(own) => care.enrol_voice(&clinic.physician, own.clone()).await.unwrap(),
                None => drop(care.forget_voice(&clinic.physician).await),
            }
            let id = begin(&clinic, visit).await.unwrap();
            keep(&clinic, id, 0).await.unwrap();
            care.step_recording(&clinic.physician, id, RecordingStep::End(Some(1))).await.unwrap();
            assert!(care.listen_next().await.unwrap());
        }
        let told = listener.told.lock().unwrap();
        let like: Vec<_> =
            told.iter().map(|told| Some(told.physician.as_ref()?.likeness(&enrolled))).collect();
        assert!(matches!(like[..], [None, Some(likeness), None] if likeness > 0.999), "{like:?}");
    }
}

fn with_listener(clinic: &Clinic, fails: usize, waits_until_unwanted: bool) -> Care {
    let listener = TestListener { fails: fails.into(), waits_until_unwanted, ..TestListener::default() };
    clinic.care.clone().with_listener(Arc::new(listener))
}

async fn recorded(clinic: &Clinic, care: &Care) -> (EncounterId, RecordingId) {
    let (patient, visit) = visit(clinic).await;
    (visit, recorded_in(clinic, care, (patient, visit)).await)
}

async fn recorded_in(
    clinic: &Clinic,
    care: &Care,
    (patient, visit): (PatientId, EncounterId),
) -> RecordingId {
    answer(clinic, patient, true, false).await;
    let id = begin(clinic, visit).await.unwrap();
    keep(clinic, id, 0).await.unwrap();
    care.step_recording(&clinic.physician, id, RecordingStep::End(Some(1))).await.unwrap();
    id
}

#[tokio::test]
async fn what_a_device_sent_before_it_was_cut_off_is_heard_as_well() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (patient, visit) = visit(&clinic).await;
        answer(&clinic, patient, true, false).await;
        let who = &clinic.physician;
        let first = care.begin_recording(who, visit).await.unwrap().recording.id;
        keep(&clinic, first, 0).await.unwrap();
        // The device is gone; another begins.
        care.begin_recording(who, visit).await.unwrap();
        assert!(care.listen_next().await.unwrap());
        assert!(!care.listen_next().await.unwrap(), "what still records is not listened to");
    }
}

/// Who speaks in the conversation of a visit, and its draft in JSON.
async fn proposed(care: &Care, who: &Actor, visit: EncounterId) -> (Vec<Speaker>, String) {
    let view = care.consultation(who, visit, DocumentKind::PROGRESS_NOTE).await.unwrap();
    let turns = view.transcript.map(|transcript| transcript.turns).unwrap_or_default();
    (turns.iter().map(|turn| turn.speaker).collect(), serde_json::to_string(&view.draft).unwrap())
}

#[tokio::test]
async fn the_engine_is_told_the_medicines_of_the_patient_and_the_bitacora_that_it_was() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let listener = Arc::new(TestListener::default());
        let care = clinic.care.clone().with_listener(listener.clone());
        let (patient, visit) = visit(&clinic).await;
        answer(&clinic, patient, true, false).await;
        let taken = SummaryChange::AddMedication { medicine: "losartán".to_owned(), taken: String::new() };
        care.change_summary(&clinic.physician, patient, &taken).await.unwrap();
        let id = begin(&clinic, visit).await.unwrap();
        keep(&clinic, id, 0).await.unwrap();
        care.step_recording(&clinic.physician, id, RecordingStep::End(Some(1))).await.unwrap();
        assert!(care.listen_next().await.unwrap());
        let prompts: Vec<String> =
            listener.told.lock().unwrap().iter().map(|told| told.prompt.clone()).collect();
        assert_eq!(prompts, ["Consulta médica. Medicamentos: losartán."]);
        let page = care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
        let told = page.events.iter().any(|(event, _)| {
            event.origin == "program"
                && event.reason.as_deref().is_some_and(|why| why.contains("medicamentos"))
        });
        assert!(told, "{:?}", page.events);
    }
}

#[tokio::test]
async fn what_is_heard_never_takes_the_place_of_a_conversation_somebody_brought() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (visit, id) = recorded(&clinic, &care).await;
        let who = &clinic.physician;
        let brought = "D: ¿Qué le pasa?\nP: Tengo tos desde ayer.".as_bytes().to_vec();
        care.attach_transcript(who, visit, DocumentKind::PROGRESS_NOTE, brought).await.unwrap();
        assert!(care.listen_next().await.unwrap());
        let (talk, draft) = proposed(&care, who, visit).await;
        assert_eq!(talk, [Speaker::Doctor, Speaker::Patient]);
        assert!(draft.contains("tos") && !draft.contains("rodilla"), "{draft}");
        // A second recording of the same visit: whoever wants both asks for them.
        let second = begin(&clinic, visit).await.unwrap();
        keep(&clinic, second, 0).await.unwrap();
        care.step_recording(who, second, RecordingStep::End(Some(1))).await.unwrap();
        assert!(care.listen_next().await.unwrap());
        care.use_heard(who, id).await.unwrap();
        let (talk, draft) = proposed(&care, who, visit).await;
        assert_eq!(talk.len(), 8, "the four turns of each recording");
        let view = care.consultation(who, visit, DocumentKind::PROGRESS_NOTE).await.unwrap();
        let heard_in = |turn| view.sound.turn(turn).map(|(recording, stretch)| (recording, stretch.start));
        assert_eq!([heard_in(1), heard_in(5), heard_in(8)], [Some((id, 250)), Some((second, 250)), None]);
        assert!(draft.contains("rodilla"), "{draft}");
    }
}

#[tokio::test]
async fn a_visit_that_was_signed_meanwhile_gets_no_draft() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let care = with_listener(&clinic, 0, false);
    let (visit, id) = recorded(&clinic, &care).await;
    clinic.care.set_sound_rule(&clinic.physician, SoundRule::Keep).await.unwrap();
    clinic.sign_visit(&clinic.physician, visit).await;
    assert!(care.listen_next().await.unwrap());
    let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
    assert_eq!(told.state, ListeningState::Done);
    assert_eq!(proposed(&care, &clinic.physician, visit).await.0, []);
}

#[tokio::test]
async fn what_is_heard_is_corrected_and_becomes_a_draft() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, false);
        let (visit, id) = recorded(&clinic, &care).await;
        let who = &clinic.physician;
        assert!(care.heard(&clinic.reception, id).await.is_err());
        assert!(care.listen_next().await.unwrap());
        assert!(!care.listen_next().await.unwrap(), "once is enough");
        let desk = care.heard(who, id).await.unwrap();
        assert_eq!(desk.listening.unwrap().state, ListeningState::Done);
        let (talk, draft) = proposed(&care, who, visit).await;
        assert_eq!(
            talk.iter().filter(|speaker| **speaker == Speaker::Unknown).count(),
            2,
            "nobody is guessed"
        );
        assert!(draft.contains("rodilla"), "the note is proposed without being asked for: {draft}");
        for correction in
            [HeardCorrection::Voice(2, Speaker::Patient), HeardCorrection::Turn(3, Speaker::Patient)]
        {
            care.correct_heard(who, id, correction).await.unwrap();
        }
        let wrong = care.correct_heard(who, id, HeardCorrection::Turn(4, Speaker::Patient)).await;
        assert!(matches!(wrong, Err(CareError::NotFound { .. })), "{wrong:?}");
        assert_eq!(care.use_heard(who, id).await.unwrap(), visit);
        let view = care.consultation(who, visit, DocumentKind::PROGRESS_NOTE).await.unwrap();
        let speakers: Vec<Speaker> = view.transcript.unwrap().turns.iter().map(|turn| turn.speaker).collect();
        assert_eq!(speakers, [Speaker::Doctor, Speaker::Patient, Speaker::Doctor, Speaker::Patient]);
        let cited = |words: &str| {
            let item = view.draft.items.iter().find(|item| item.content.text().contains(words)).unwrap();
            view.sound.stretch(&item.evidence)
        };
        let (recording, stretch) = cited("rodilla").unwrap();
        assert!(recording == id && stretch.start <= 250 && stretch.end >= 490, "{stretch:?}");
        let (talk, draft) = proposed(&care, who, visit).await;
        assert_eq!(talk, [Speaker::Doctor, Speaker::Patient, Speaker::Doctor, Speaker::Patient]);
        assert!(draft.contains("rodilla") && draft.contains("fiebre"), "{draft}");
        care.destroy_recording(who, id).await.unwrap();
        assert_eq!(
            care.heard(who, id).await.unwrap().listening,
            None,
            "the words of a destroyed recording go with it"
        );
        let view = care.consultation(who, visit, DocumentKind::PROGRESS_NOTE).await.unwrap();
        assert_eq!(view.sound, ConversationSound::Destroyed);
    }
}

#[tokio::test]
async fn a_failure_is_tried_once_more_and_then_told() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let care = with_listener(&clinic, 3, false);
    let (visit, id) = recorded(&clinic, &care).await;
    assert!(care.listen_next().await.unwrap() && care.listen_next().await.unwrap());
    assert!(!care.listen_next().await.unwrap());
    let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
    assert_eq!((told.state, told.problem.as_deref()), (ListeningState::Failed, Some("se acabó la memoria")));
    assert_eq!(care.ask_listening(&clinic.physician, id).await.unwrap(), visit);
    assert!(care.listen_next().await.unwrap() && care.listen_next().await.unwrap());
    assert_eq!(
        care.heard(&clinic.physician, id).await.unwrap().listening.unwrap().state,
        ListeningState::Done
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_taken_by_one_and_can_be_given_up_while_it_runs() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = with_listener(&clinic, 0, true);
        let (_, id) = recorded(&clinic, &care).await;
        let worker = tokio::spawn({
            let care = care.clone();
            async move { care.listen_next().await.unwrap() }
        });
        loop {
            let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
            if told.progress == 40 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(!care.listen_next().await.unwrap(), "another server finds nothing to do");
        care.cancel_listening(&clinic.physician, id).await.unwrap();
        assert!(worker.await.unwrap());
        let told = care.heard(&clinic.physician, id).await.unwrap().listening.unwrap();
        assert_eq!((told.state, told.heard), (ListeningState::Cancelled, None));
    }
}
