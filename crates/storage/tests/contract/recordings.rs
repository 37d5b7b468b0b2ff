//! Recordings: only with consent, every piece once, gone when destroyed, none lost that was acknowledged.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::process::{Command, Stdio};

use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::ids::{ConsentId, EncounterId, RecordingId};
use clinical::recording::RecordingState;
use jiff::{SignedDuration, Timestamp};
use storage::{BlobStore, Database, DatabaseUrl, MAX_PIECES, MasterKey, Piece, StorageError};
use uuid::Uuid;

use crate::place::{KEY, Place, at};

on_both_engines!(
    without_a_live_consent_there_is_no_permit,
    a_piece_is_kept_once_and_gaps_are_counted,
    a_recording_that_does_not_record_takes_nothing,
    an_altered_or_swapped_piece_is_refused,
    a_destroyed_recording_cannot_be_heard_again,
    the_file_without_a_key_is_swept_away,
    no_sound_lies_in_clear_on_the_disk,
    a_killed_program_keeps_every_piece_it_acknowledged,
    what_a_stop_of_the_machine_left_behind_a_piece_is_passed_over,
    a_brought_file_is_read_anywhere_lies_enciphered_and_leaves_nothing,
    brought_sound_is_a_recording_or_nothing,
    what_a_backup_brought_back_is_destroyed_again,
);

/// A second of sound that can be found again.
fn sound(number: i64) -> Vec<u8> {
    (0..16_000_i64)
        .flat_map(|n| i16::try_from((n * 7 + number * 131) % 20_000 - 10_000).unwrap().to_le_bytes())
        .collect()
}

pub(crate) fn piece(number: i64) -> Piece {
    Piece { number, begins_ms: number * 1000, content: sound(number) }
}

async fn answer(place: &Place, given: bool, seconds: i64, until: Option<Timestamp>) {
    let mut tx = place.begin().await;
    tx.insert_consent(&Consent {
        id: ConsentId(Uuid::now_v7()),
        patient_id: place.patient,
        purpose: ConsentPurpose::RecordConversation,
        text_version: "1".to_owned(),
        given,
        means: ConsentMeans::Screen,
        answered_by: None,
        recorded_by: place.user,
        recorded_at: at(seconds),
        asked: Some("Acepta que se grabe.".to_owned()),
        until,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn begun(place: &Place) -> RecordingId {
    answer(place, true, 1, None).await;
    let encounter = place.new_encounter(1).await.id;
    begun_in(place, encounter).await
}

async fn begun_in(place: &Place, encounter: EncounterId) -> RecordingId {
    let mut tx = place.begin().await;
    let permit = tx.recording_permit(place.patient, at(2)).await.unwrap().unwrap();
    let sounds = place.blobs.sound();
    let id = sounds.begin(&mut tx, &permit, encounter, (place.user, at(2))).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(crate) async fn keep(place: &Place, id: RecordingId, piece: Piece) -> Result<bool, StorageError> {
    let mut tx = place.begin().await;
    let permit = tx.recording_permit(place.patient, at(3)).await.unwrap().unwrap();
    let recording = tx.hold_recording(id).await.unwrap().unwrap();
    let new = place.blobs.sound().keep(&mut tx, &permit, &recording, piece).await?;
    tx.commit().await?;
    Ok(new)
}

pub(crate) async fn heard(
    place: &Place,
    id: RecordingId,
    from: u64,
    most: usize,
) -> Result<Vec<u8>, StorageError> {
    place.blobs.sound().read(&mut place.begin().await, id, from, most).await
}

fn file(place: &Place, id: RecordingId) -> std::path::PathBuf {
    place.folder.join("blobs/sonido").join(id.to_string())
}

async fn without_a_live_consent_there_is_no_permit(place: Place) {
    let permit = async |seconds| {
        let mut tx = place.begin().await;
        tx.recording_permit(place.patient, at(seconds)).await.unwrap().is_some()
    };
    assert!(!permit(1).await, "nobody asked");
    answer(&place, true, 2, Some(at(10))).await;
    assert!(permit(9).await);
    assert!(!permit(10).await, "it ended");
    answer(&place, true, 11, None).await;
    assert!(permit(12).await);
    answer(&place, false, 13, None).await;
    assert!(!permit(14).await, "it was withdrawn");
}

async fn a_piece_is_kept_once_and_gaps_are_counted(place: Place) {
    let id = begun(&place).await;
    assert!(keep(&place, id, piece(0)).await.unwrap());
    assert!(!keep(&place, id, piece(0)).await.unwrap(), "sent again, kept once");
    let other = keep(&place, id, Piece { content: sound(9), ..piece(0) }).await;
    assert!(matches!(other, Err(StorageError::Conflict { .. })), "{other:?}");
    for number in [2, 1, 4] {
        assert!(keep(&place, id, piece(number)).await.unwrap());
    }
    for number in [-1, MAX_PIECES] {
        assert!(matches!(keep(&place, id, piece(number)).await, Err(StorageError::TooLarge { .. })));
    }
    let mut tx = place.begin().await;
    let recording = tx.recording(id).await.unwrap().unwrap();
    assert_eq!((recording.pieces, recording.next, recording.missing()), (4, 5, 1));
    tx.set_recording_state(id, RecordingState::Recording, RecordingState::Ended, at(9), Some(7))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let recording = place.begin().await.recording(id).await.unwrap().unwrap();
    assert_eq!((recording.missing(), recording.size_bytes), (3, 4 * 32_000));
    // In the order of the numbers, from any byte on.
    let whole: Vec<u8> = [0, 1, 2, 4].into_iter().flat_map(sound).collect();
    assert!(heard(&place, id, 0, usize::MAX).await.unwrap() == whole);
    assert!(heard(&place, id, 31_990, 40).await.unwrap() == whole[31_990..32_030]);
    assert!(heard(&place, id, 128_000, 10).await.unwrap().is_empty());
    assert!(
        !keep(&place, id, piece(4)).await.unwrap(),
        "what is here already is acknowledged after the end, too"
    );
}

async fn a_recording_that_does_not_record_takes_nothing(place: Place) {
    let id = begun(&place).await;
    let states = [RecordingState::Recording, RecordingState::Paused, RecordingState::Ended];
    for step in states.windows(2) {
        let mut tx = place.begin().await;
        tx.set_recording_state(id, step[0], step[1], at(4), None).await.unwrap();
        tx.commit().await.unwrap();
        let refused = keep(&place, id, piece(0)).await;
        assert!(matches!(refused, Err(StorageError::Conflict { .. })), "{:?}: {refused:?}", step[1]);
    }
    assert!(!file(&place, id).exists());
}

async fn an_altered_or_swapped_piece_is_refused(place: Place) {
    let id = begun(&place).await;
    for number in 0..2 {
        keep(&place, id, piece(number)).await.unwrap();
    }
    let whole = std::fs::read(file(&place, id)).unwrap();
    let length = (whole.len() - 8) / 2;
    let mut altered = whole.clone();
    altered[40] ^= 1;
    let mut swapped = whole.clone();
    swapped[8..].rotate_left(length);
    for bytes in [altered, swapped, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        std::fs::write(file(&place, id), bytes).unwrap();
        let read = heard(&place, id, 0, usize::MAX).await;
        assert!(matches!(read, Err(StorageError::BlobAltered { .. })), "{read:?}");
    }
    std::fs::write(file(&place, id), &whole).unwrap();
    assert_eq!(heard(&place, id, 0, usize::MAX).await.unwrap().len(), 64_000);
}

async fn a_destroyed_recording_cannot_be_heard_again(place: Place) {
    let id = begun(&place).await;
    keep(&place, id, piece(0)).await.unwrap();
    let copy = std::fs::read(file(&place, id)).unwrap();
    let sounds = place.blobs.sound();
    let mut tx = place.begin().await;
    sounds.destroy(&mut tx, id, at(9)).await.unwrap();
    tx.commit().await.unwrap();
    sounds.remove_file(id).unwrap();
    assert!(!file(&place, id).exists());
    // Who kept a copy of the file has nothing of it.
    std::fs::write(file(&place, id), copy).unwrap();
    assert!(matches!(heard(&place, id, 0, 1).await, Err(StorageError::BlobDestroyed { .. })));
    let mut tx = place.begin().await;
    assert!(sounds.device_key(&mut tx, id).await.is_err(), "what a browser holds back is gone with it");
    let recording = tx.recording(id).await.unwrap().unwrap();
    assert_eq!((recording.state, recording.size_bytes), (RecordingState::Destroyed, 32_000));
    assert!(recording.digest.is_some(), "what it was can still be proved");
    assert!(matches!(sounds.destroy(&mut tx, id, at(9)).await, Err(StorageError::Conflict { .. })));
}

async fn the_file_without_a_key_is_swept_away(place: Place) {
    let (kept, gone) = (begun(&place).await, begun(&place).await);
    for id in [kept, gone] {
        keep(&place, id, piece(0)).await.unwrap();
    }
    let mut tx = place.begin().await;
    place.blobs.sound().destroy(&mut tx, gone, at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let orphans = place.blobs.find_orphans(&mut tx, later).await.unwrap();
    assert_eq!(orphans.remove().await.unwrap(), 1);
    assert!(file(&place, kept).exists() && !file(&place, gone).exists());
}

async fn no_sound_lies_in_clear_on_the_disk(place: Place) {
    let id = begun(&place).await;
    for number in 0..3 {
        keep(&place, id, piece(number)).await.unwrap();
    }
    let needle = &sound(1)[..64];
    let mut folders = vec![place.folder.clone()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
        }
    }
    assert!(files >= 1);
}

async fn what_a_stop_of_the_machine_left_behind_a_piece_is_passed_over(place: Place) {
    let id = begun(&place).await;
    keep(&place, id, piece(0)).await.unwrap();
    let mut half = std::fs::OpenOptions::new().append(true).open(file(&place, id)).unwrap();
    half.write_all(&[7; 12_345]).unwrap();
    keep(&place, id, piece(1)).await.unwrap();
    let whole: Vec<u8> = [0, 1].into_iter().flat_map(sound).collect();
    assert!(heard(&place, id, 0, usize::MAX).await.unwrap() == whole);
}

fn files(place: &Place) -> Vec<std::path::PathBuf> {
    let folder = std::fs::read_dir(place.folder.join("blobs/sonido")).unwrap();
    folder.map(|entry| entry.unwrap().path()).collect()
}

async fn a_brought_file_is_read_anywhere_lies_enciphered_and_leaves_nothing(place: Place) {
    answer(&place, true, 1, None).await;
    let permit = place.begin().await.recording_permit(place.patient, at(2)).await.unwrap().unwrap();
    let content: Vec<u8> = (0..90).flat_map(sound).collect();
    let mut file = place.blobs.sound().receive(&permit).unwrap();
    for part in content.chunks(77_777) {
        file = file.push(part.to_vec()).await.unwrap();
    }
    let mut file = file.end().await.unwrap();
    let lies = std::fs::read(&files(&place)[0]).unwrap();
    assert!(lies.len() > content.len() && !lies.windows(64).any(|window| window == &content[64..128]));
    for (from, most) in [(0, 10), (65_530, 20), (1_048_570, 70_000), (2_879_990, 100), (3_000_000, 5)] {
        file.seek(SeekFrom::Start(from)).unwrap();
        let mut read = Vec::new();
        file.by_ref().take(most).read_to_end(&mut read).unwrap();
        let from = usize::try_from(from).unwrap().min(content.len());
        let to = (from + usize::try_from(most).unwrap()).min(content.len());
        assert!(read == content[from..to], "{most} bytes from {from}");
    }
    drop(file);
    assert!(files(&place).is_empty(), "read once, it is gone");
    drop(place.blobs.sound().receive(&permit).unwrap().push(vec![1; 9]).await.unwrap());
    assert!(files(&place).is_empty(), "so is one that did not arrive whole");
}

async fn what_a_backup_brought_back_is_destroyed_again(place: Place) {
    let (back, other) = (begun(&place).await, begun(&place).await);
    for id in [back, other] {
        keep(&place, id, piece(0)).await.unwrap();
    }
    let named = BTreeSet::from([back, RecordingId(Uuid::now_v7())]);
    let sounds = place.blobs.sound();
    assert_eq!(sounds.destroy_again(&place.database, &named, at(20)).await.unwrap(), 1);
    assert_eq!(sounds.destroy_again(&place.database, &named, at(21)).await.unwrap(), 0, "once is enough");
    assert!(heard(&place, back, 0, 1).await.is_err() && !file(&place, back).exists());
    assert!(heard(&place, other, 0, 1).await.is_ok());
    assert_eq!(place.begin().await.destroyed_recordings().await.unwrap(), [back]);
}

async fn brought_sound_is_a_recording_or_nothing(place: Place) {
    answer(&place, true, 1, None).await;
    let encounter = place.new_encounter(1).await.id;
    let content: Vec<u8> = (0..61).flat_map(sound).collect();
    let written = || {
        let mut writer = place.blobs.sound().writer().unwrap();
        content.chunks(40_000).for_each(|part| writer.push(part).unwrap());
        writer.end().unwrap()
    };
    let sounds = place.blobs.sound();
    let mut tx = place.begin().await;
    let permit = tx.recording_permit(place.patient, at(2)).await.unwrap().unwrap();
    let by = (place.user, at(2));
    sounds.keep_brought(&mut tx, &permit, encounter, written(), by).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(files(&place).is_empty(), "the transaction was given up");
    let mut tx = place.begin().await;
    let id = sounds.keep_brought(&mut tx, &permit, encounter, written(), by).await.unwrap();
    tx.commit().await.unwrap();
    assert!(heard(&place, id, 0, usize::MAX).await.unwrap() == content);
    let mut tx = place.begin().await;
    let recording = tx.recording(id).await.unwrap().unwrap();
    assert!(recording.is_brought() && recording.state == RecordingState::Ended);
    assert_eq!((recording.pieces, recording.missing()), (3, 0));
    assert_eq!(sounds.digest(&mut tx, id).await.unwrap(), written().digest());
}

const TOLD: &str = "confirmado ";

/// Not a test of its own: the program that [`a_killed_program_keeps_every_piece_it_acknowledged`] starts and kills.
#[tokio::test]
async fn the_program_that_is_killed() {
    if std::env::var("MEDICUS_TEST_RECORDING").is_err() {
        return;
    }
    let variable = |name: &str| std::env::var(name).unwrap();
    let key = MasterKey::from_bytes(KEY);
    let url = DatabaseUrl::parse(&variable("MEDICUS_TEST_URL")).unwrap();
    let database = Database::open(&url, &key, at(0)).await.unwrap();
    let sounds = BlobStore::open(variable("MEDICUS_TEST_BLOBS").as_ref(), &key).unwrap().sound();
    let id = variable("MEDICUS_TEST_RECORDING").parse().unwrap();
    for number in 0.. {
        let mut tx = database.begin().await.unwrap();
        let recording = tx.hold_recording(id).await.unwrap().unwrap();
        let permit = tx.recording_permit(recording.patient_id, at(3)).await.unwrap().unwrap();
        sounds.keep(&mut tx, &permit, &recording, piece(number)).await.unwrap();
        tx.commit().await.unwrap();
        println!("{TOLD}{number}");
    }
}

async fn a_killed_program_keeps_every_piece_it_acknowledged(place: Place) {
    let id = begun(&place).await;
    let url = match &place.url {
        DatabaseUrl::Embedded(path) => path.display().to_string(),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "recordings::the_program_that_is_killed", "--nocapture"])
        .env("MEDICUS_TEST_URL", url)
        .env("MEDICUS_TEST_BLOBS", place.folder.join("blobs"))
        .env("MEDICUS_TEST_RECORDING", id.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = -1;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some((_, number)) = line.unwrap().split_once(TOLD) {
            told = number.parse::<i64>().unwrap();
        }
        if told == 12 {
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    assert_eq!(told, 12);
    let recording = place.begin().await.recording(id).await.unwrap().unwrap();
    assert!(recording.pieces > told && recording.missing() == 0, "{recording:?}");
    let whole: Vec<u8> = (0..recording.pieces).flat_map(sound).collect();
    assert!(heard(&place, id, 0, usize::MAX).await.unwrap() == whole);
    // And it goes on where it was.
    assert!(keep(&place, id, piece(recording.next)).await.unwrap());
}
