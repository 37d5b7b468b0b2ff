//! The queue of recordings that are listened to, and what was heard. Several servers may work on it: a job is taken by one,
//! who must keep saying that it is at work. It is held until what follows from the words, a draft, is there as well.

use clinical::heard::{Heard, LiveWords};
use clinical::ids::{PatientId, RecordingId};
use clinical::recording::{ListeningState, RecordingState};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// How often a recording, or what was heard in one, is taken before it is given up. A machine that is switched off, or a program
/// that is killed, is not its fault; a recording that ends every program that takes it would go on for ever. After a failure
/// that was told it is tried once more.
const MOST_ATTEMPTS: i64 = 10;

/// How far listening to a recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// Which recording.
    pub recording: RecordingId,
    /// Whether it waits, is done or failed.
    pub state: ListeningState,
    /// Hundredths that are done; bytes of sound that were heard, while it is listened to live.
    pub progress: i64,
    /// Why it failed, the last time somebody told.
    pub problem: Option<String>,
    /// What was heard, once it is done.
    pub heard: Option<Heard>,
}

/// A job that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListeningJob {
    /// Which recording.
    pub recording: RecordingId,
    /// In whose record.
    pub patient: PatientId,
    /// Which attempt: what another attempt says later counts for nothing.
    attempt: i64,
}

fn listening(row: &Row) -> Result<Listening> {
    let state = row.coded("state", ListeningState::from_code)?;
    Ok(Listening {
        recording: row.parsed("recording_id")?,
        state,
        progress: row.int("progress")?,
        problem: row.maybe_text("problem")?,
        heard: (state == ListeningState::Done).then(|| row.json("content")).transpose()?,
    })
}

impl Tx {
    /// Puts a recording into the queue; one that was listened to live, failed or was given up waits now, any other stays as it
    /// is.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown recording.
    pub async fn ask_listening(&mut self, id: RecordingId, at: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO listening (recording_id, state, asked_at, attempts, progress)
             VALUES ($1, $2, $3, 0, 0)
             ON CONFLICT (recording_id) DO UPDATE
               SET state = excluded.state, asked_at = excluded.asked_at, attempts = 0, progress = 0, problem = NULL,
                   held_until = NULL, content = NULL
             WHERE listening.state IN ($4, $5, $6)",
            values![
                id,
                ListeningState::Waiting.code(),
                at,
                ListeningState::Failed.code(),
                ListeningState::Cancelled.code(),
                ListeningState::Live.code(),
            ],
        )
        .await
        .map(drop)
    }

    /// Has a recording that begins listened to while it lasts.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown recording.
    pub async fn open_live(&mut self, id: RecordingId, at: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO listening (recording_id, state, asked_at, attempts, progress) VALUES ($1, $2, $3, 0, 0)",
            values![id, ListeningState::Live.code(), at],
        )
        .await
        .map(drop)
    }

    /// Ends it for a recording nobody has listened to as a whole.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn close_live(&mut self, id: RecordingId) -> Result<()> {
        self.execute(
            "DELETE FROM listening WHERE recording_id = $1 AND state = $2",
            values![id, ListeningState::Live.code()],
        )
        .await
        .map(drop)
    }

    /// Takes a recording that goes on, that nobody listens to and that has sound nobody heard yet, with what was heard of it, until
    /// an instant.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_live(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(ListeningJob, LiveWords)>> {
        let found = self
            .one(
                "listening",
                "SELECT l.recording_id, l.attempts, l.content, r.patient_id
                   FROM listening l JOIN recording r ON r.id = l.recording_id
                  WHERE l.state = $1 AND r.state IN ($2, $3) AND (l.held_until IS NULL OR l.held_until < $4)
                    AND (SELECT SUM(p.size_bytes) FROM recording_piece p WHERE p.recording_id = l.recording_id) > l.progress
                  ORDER BY l.asked_at DESC, l.recording_id LIMIT 1",
                values![
                    ListeningState::Live.code(),
                    RecordingState::Recording.code(),
                    RecordingState::Paused.code(),
                    now,
                ],
                |row| {
                    let job = ListeningJob {
                        recording: row.parsed("recording_id")?,
                        patient: row.parsed("patient_id")?,
                        attempt: row.int("attempts")? + 1,
                    };
                    Ok((job, live_words(row)?))
                },
            )
            .await?;
        let Some((job, words)) = found else { return Ok(None) };
        let changed = self
            .execute(
                "UPDATE listening SET attempts = $3, held_until = $4
                  WHERE recording_id = $1 AND state = $2 AND attempts = $3 - 1",
                values![job.recording, ListeningState::Live.code(), job.attempt, until],
            )
            .await?;
        Ok((changed > 0).then_some((job, words)))
    }

    /// Keeps what was heard so far, of so many bytes of sound; `false` when the recording ended or is another's: then nobody wants
    /// more.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_live(
        &mut self,
        job: &ListeningJob,
        until: Timestamp,
        (words, bytes): (&LiveWords, i64),
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE listening SET held_until = $3, content = $4, progress = $5
                  WHERE recording_id = $1 AND attempts = $2 AND state = $6",
                values![
                    job.recording,
                    job.attempt,
                    until,
                    written(words)?,
                    bytes,
                    ListeningState::Live.code()
                ],
            )
            .await?;
        Ok(changed > 0)
    }

    /// What was heard of a recording that goes on; `None` when nobody listens to it live.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn live_words(&mut self, id: RecordingId) -> Result<Option<LiveWords>> {
        self.one(
            "listening",
            "SELECT content FROM listening WHERE recording_id = $1 AND state = $2",
            values![id, ListeningState::Live.code()],
            live_words,
        )
        .await
    }

    /// How far a recording is; `None` when nobody asked.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn listening(&mut self, id: RecordingId) -> Result<Option<Listening>> {
        self.one(
            "listening",
            "SELECT recording_id, state, progress, problem, content FROM listening WHERE recording_id = $1",
            values![id],
            listening,
        )
        .await
    }

    /// Takes the job that waits longest, or one whose worker has not been heard of, until an instant; one that failed before, or
    /// whose worker died, comes after those that were tried less often, so that it does not keep them waiting twice, and workers
    /// that die for another reason do not all die on one. Two who ask at once never get the same;
    /// one of them may get none and asks again.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_listening(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<ListeningJob>> {
        let found = self
            .one(
                "listening",
                "SELECT l.recording_id, l.attempts, r.patient_id
                   FROM listening l JOIN recording r ON r.id = l.recording_id
                  WHERE l.state = $1 OR (l.state = $2 AND l.held_until < $3)
                  ORDER BY l.attempts, l.asked_at, l.recording_id LIMIT 1",
                values![ListeningState::Waiting.code(), ListeningState::Running.code(), now],
                |row| Ok((row.parsed("recording_id")?, row.int("attempts")?, row.parsed("patient_id")?)),
            )
            .await?;
        let Some((recording, attempts, patient)) = found else { return Ok(None) };
        // Whoever took it lost its worker as often as it may: it would do so again.
        let next = if attempts < MOST_ATTEMPTS { ListeningState::Running } else { ListeningState::Failed };
        let changed = self
            .execute(
                "UPDATE listening SET state = $2, attempts = $3 + 1, held_until = $4, progress = 0,
                        problem = CASE WHEN $2 = $8 THEN $9 ELSE problem END
                  WHERE recording_id = $1 AND attempts = $3 AND (state = $5 OR (state = $6 AND held_until < $7))",
                values![
                    recording,
                    next.code(),
                    attempts,
                    until,
                    ListeningState::Waiting.code(),
                    ListeningState::Running.code(),
                    now,
                    ListeningState::Failed.code(),
                    "el programa que escucha se detuvo",
                ],
            )
            .await?;
        let taken = changed > 0 && next == ListeningState::Running;
        Ok(taken.then_some(ListeningJob { recording, patient, attempt: attempts + 1 }))
    }

    /// How many recordings nobody has taken yet, and since when the first of them waits.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn waiting_to_be_heard(&mut self) -> Result<Option<(i64, Timestamp)>> {
        let waiting = self
            .one(
                "listening",
                "SELECT COUNT(*) AS recordings, MIN(asked_at) AS since FROM listening WHERE state = $1",
                values![ListeningState::Waiting.code()],
                |row| Ok((row.int("recordings")?, row.maybe_time("since")?)),
            )
            .await?;
        Ok(waiting.and_then(|(recordings, since)| since.map(|since| (recordings, since))))
    }

    /// Says that a job is worked on; `false` when it was cancelled or is another's: then nobody wants it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_listening(
        &mut self,
        job: &ListeningJob,
        until: Timestamp,
        progress: i64,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE listening SET held_until = $3, progress = $4
                  WHERE recording_id = $1 AND attempts = $2 AND state = $5",
                values![job.recording, job.attempt, until, progress, ListeningState::Running.code()],
            )
            .await?;
        Ok(changed > 0)
    }

    /// Keeps what was heard; `None` when the job was cancelled or is another's by now. What is returned stays held until an
    /// instant, to have a draft made of it; then [`Tx::let_go_of_heard`].
    ///
    /// # Errors
    /// What the engine says.
    pub async fn finish_listening(
        &mut self,
        job: &ListeningJob,
        heard: &Heard,
        until: Timestamp,
    ) -> Result<Option<ListeningJob>> {
        let changed = self
            .execute(
                "UPDATE listening SET state = $3, progress = 100, content = $4, held_until = $6, attempts = 1, problem = NULL
                  WHERE recording_id = $1 AND attempts = $2 AND state = $5",
                values![
                    job.recording,
                    job.attempt,
                    ListeningState::Done.code(),
                    written(heard)?,
                    ListeningState::Running.code(),
                    until,
                ],
            )
            .await?;
        Ok((changed > 0).then(|| ListeningJob { attempt: 1, ..job.clone() }))
    }

    /// Takes what was heard in a recording of which no draft was made, because who was about to has not been heard of, until an
    /// instant. As [`Tx::take_listening`].
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_heard(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<ListeningJob>> {
        let found = self
            .one(
                "listening",
                "SELECT l.recording_id, l.attempts, r.patient_id
                   FROM listening l JOIN recording r ON r.id = l.recording_id
                  WHERE l.state = $1 AND l.held_until < $2
                  ORDER BY l.held_until, l.recording_id LIMIT 1",
                values![ListeningState::Done.code(), now],
                |row| Ok((row.parsed("recording_id")?, row.int("attempts")?, row.parsed("patient_id")?)),
            )
            .await?;
        let Some((recording, attempts, patient)) = found else { return Ok(None) };
        let next = (attempts < MOST_ATTEMPTS).then_some(until);
        let changed = self
            .execute(
                "UPDATE listening SET attempts = $2 + 1, held_until = $3
                  WHERE recording_id = $1 AND attempts = $2 AND state = $4 AND held_until < $5",
                values![recording, attempts, next, ListeningState::Done.code(), now],
            )
            .await?;
        let taken = changed > 0 && next.is_some();
        Ok(taken.then_some(ListeningJob { recording, patient, attempt: attempts + 1 }))
    }

    /// The draft was made of what was heard, or none is to be made.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn let_go_of_heard(&mut self, job: &ListeningJob) -> Result<()> {
        self.execute(
            "UPDATE listening SET held_until = NULL WHERE recording_id = $1 AND attempts = $2 AND state = $3",
            values![job.recording, job.attempt, ListeningState::Done.code()],
        )
        .await
        .map(drop)
    }

    /// The attempt failed: it is tried once more, and then the reason stays.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn fail_listening(&mut self, job: &ListeningJob, problem: &str) -> Result<()> {
        self.execute(
            "UPDATE listening SET state = CASE WHEN problem IS NULL THEN $3 ELSE $6 END, problem = $4, held_until = NULL,
                    progress = 0
              WHERE recording_id = $1 AND attempts = $2 AND state = $5",
            values![
                job.recording,
                job.attempt,
                ListeningState::Waiting.code(),
                problem,
                ListeningState::Running.code(),
                ListeningState::Failed.code(),
            ],
        )
        .await
        .map(drop)
    }

    /// Gives a job up that waits or is worked on.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is none.
    pub async fn cancel_listening(&mut self, id: RecordingId) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE listening SET state = $2, held_until = NULL WHERE recording_id = $1 AND state IN ($3, $4)",
                values![
                    id,
                    ListeningState::Cancelled.code(),
                    ListeningState::Waiting.code(),
                    ListeningState::Running.code(),
                ],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// Keeps what somebody corrected in what was heard.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when nothing was heard.
    pub async fn correct_heard(&mut self, id: RecordingId, heard: &Heard) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE listening SET content = $2 WHERE recording_id = $1 AND state = $3",
                values![id, written(heard)?, ListeningState::Done.code()],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }
}

/// What was heard so far; nothing at the beginning.
fn live_words(row: &Row) -> Result<LiveWords> {
    let words = row.maybe_text("content")?.is_some().then(|| row.json("content")).transpose()?;
    Ok(words.unwrap_or_default())
}

fn written(heard: &impl Serialize) -> Result<String> {
    serde_json::to_string(heard).map_err(|error| StorageError::Database(error.into()))
}
