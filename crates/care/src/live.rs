//! Words that appear while people speak. What is heard here is provisional: at the end the whole recording is listened to, with
//! who says what, and takes its place (`listening.rs`).

use std::sync::Arc;

use clinical::heard::LiveWords;
use clinical::ids::RecordingId;
use jiff::{SignedDuration, Timestamp};
use storage::ListeningJob;

use crate::Care;
use crate::error::CareError;
use crate::listening::Listener;
use crate::permission::{Actor, Permission};
use crate::recordings::NO_RECORDING;

/// How long a recording stays with who listens and says nothing more: another machine goes on where it stopped.
const HOLD: SignedDuration = SignedDuration::from_secs(30);
/// Without new sound for so long, a recording makes room for others; whoever is free takes it up with the next words.
const IDLE: SignedDuration = SignedDuration::from_secs(60);
/// How long nobody tries again after the engine failed.
const REST: SignedDuration = SignedDuration::from_mins(5);
/// Recordings one machine listens to at the same time.
const AT_ONCE: usize = 4;
/// Samples of a millisecond, and their bytes.
const SAMPLES: usize = 16;
const BYTES: i64 = 32;
/// So much new sound is worth asking the engine, in milliseconds.
const WORTH_MS: u32 = 700;
/// A pause behind the last word after which nothing before it changes.
const PAUSE_MS: u32 = 900;
/// So much sound is listened to again and again; then its first part is settled.
const LONGEST_MS: u32 = 20_000;
/// What was said last is never settled without a pause.
const FRESH_MS: u32 = 3_000;
/// Sound without a word that is not listened to again.
const SILENCE_MS: u32 = 4_000;
/// Who is so far behind leaves out what lies between: people want the words of now.
const BEHIND_MS: u32 = 40_000;
/// Stretches that are kept to be shown.
const SHOWN: usize = 30;
/// Stands where sound was left out.
const LEFT_OUT: &str = "[…]";

/// A word and its time, in milliseconds of the sound that was listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveWord {
    /// The word, with its punctuation.
    pub text: String,
    /// Where it begins.
    pub start_ms: u32,
    /// Where it ends.
    pub end_ms: u32,
}

/// A recording that goes on, as one machine listens to it.
struct Live {
    job: ListeningJob,
    prompt: String,
    words: LiveWords,
    /// The sound since what is settled.
    sound: Vec<i16>,
    /// Milliseconds of it the engine has heard.
    heard_ms: u32,
    /// When sound last arrived.
    sound_at: Timestamp,
    /// Until when it stays here unless that is said again.
    held_until: Timestamp,
}

/// All recordings this machine listens to while they last.
pub struct LiveListening {
    care: Care,
    lives: Vec<Live>,
}

impl LiveListening {
    /// A machine that listens to nothing yet.
    #[must_use]
    pub fn new(care: Care) -> Self {
        Self { care, lives: Vec::new() }
    }

    /// Listens once to what is new in each recording; `false` when nothing was.
    ///
    /// # Errors
    /// What the storage says. A recording that cannot be listened to is let go of and keeps no other from it.
    pub async fn round(&mut self) -> Result<bool, CareError> {
        let Some(listener) = self.care.listener.clone() else { return Ok(false) };
        while self.lives.len() < AT_ONCE {
            let mut tx = self.care.unseen.begin().await?;
            let (now, held_until) = (self.care.now(), self.care.now() + HOLD);
            let taken = tx.take_live(now, held_until).await?;
            tx.commit().await?;
            let Some((job, words)) = taken else { break };
            let (beforehand, _) = self.care.beforehand(&job, "para escribirla mientras se graba").await?;
            self.lives.push(Live {
                job,
                prompt: beforehand.prompt,
                words,
                sound: Vec::new(),
                heard_ms: 0,
                sound_at: now,
                held_until,
            });
        }
        let mut worked = false;
        for mut live in std::mem::take(&mut self.lives) {
            let asked = live.catch_up(&self.care, &listener).await;
            let now = self.care.now();
            let idle = live.sound_at + IDLE < now;
            if matches!(asked, Ok(false)) && !idle && now + HOLD / 2 < live.held_until {
                self.lives.push(live);
                continue;
            }
            live.held_until = match &asked {
                Ok(_) if idle => now,
                Ok(_) => now + HOLD,
                Err(error) => {
                    tracing::warn!(%error, "a recording is not listened to while it lasts");
                    now + REST
                }
            };
            let mut tx = self.care.unseen.begin().await?;
            let wanted = tx.hold_live(&live.job, live.held_until, (&live.words, live.bytes())).await?;
            tx.commit().await?;
            if let (true, false, Ok(new)) = (wanted, idle, asked) {
                worked |= new;
                self.lives.push(live);
            }
        }
        Ok(worked)
    }
}

impl Live {
    /// Reads what arrived and has it listened to; `false` when it was too little.
    async fn catch_up(&mut self, care: &Care, listener: &Arc<dyn Listener>) -> Result<bool, CareError> {
        let mut tx = care.unseen.begin_read().await?;
        let arrived = care
            .blobs
            .sound()
            .read(&mut tx, self.job.recording, self.bytes().unsigned_abs(), usize::MAX)
            .await?;
        drop(tx);
        if !arrived.is_empty() {
            self.sound_at = care.now();
        }
        let samples = |pair: &[u8]| Some(i16::from_le_bytes(pair.try_into().ok()?));
        self.sound.extend(arrived.chunks_exact(2).filter_map(samples));
        self.leave_out();
        if self.length_ms() < self.heard_ms + WORTH_MS {
            return Ok(false);
        }
        self.heard_ms = self.length_ms();
        let (listener, sound, prompt) = (Arc::clone(listener), self.sound.clone(), self.prompt.clone());
        let said = tokio::task::spawn_blocking(move || listener.live(&sound, &prompt)).await;
        let said = said.map_err(|_| "se interrumpió".to_owned()).and_then(|said| said);
        self.take(&said.map_err(|problem| CareError::Internal(problem.into()))?);
        Ok(true)
    }

    /// Bytes of sound from the start of the recording that are known here.
    fn bytes(&self) -> i64 {
        i64::from(self.words.settled_ms) * BYTES + i64::try_from(self.sound.len() * 2).unwrap_or(i64::MAX)
    }

    fn length_ms(&self) -> u32 {
        u32::try_from(self.sound.len() / SAMPLES).unwrap_or(u32::MAX)
    }

    /// Leaves out what a machine that does not keep up would never reach.
    fn leave_out(&mut self) {
        let length = self.length_ms();
        if length > BEHIND_MS {
            let tentative = std::mem::take(&mut self.words.tentative);
            self.settle(tentative);
            self.settle(LEFT_OUT.to_owned());
            self.forget(length - LONGEST_MS / 2);
        }
    }

    /// Takes what the engine heard in all of the sound since what is settled.
    fn take(&mut self, said: &[LiveWord]) {
        let length = self.length_ms();
        let Some(last) = said.last() else {
            self.words.tentative.clear();
            if length > SILENCE_MS {
                self.forget(length - PAUSE_MS);
            }
            return;
        };
        let settled = if length.saturating_sub(last.end_ms) >= PAUSE_MS {
            Some(said.len())
        } else if length >= LONGEST_MS {
            Some(widest_pause(said, length - FRESH_MS).unwrap_or(said.len()))
        } else {
            None
        };
        let (settled, tentative) = said.split_at(settled.unwrap_or(0));
        self.words.tentative = text(tentative);
        if let Some(last) = settled.last() {
            let next = tentative.first().map_or(last.end_ms + PAUSE_MS / 2, |next| next.start_ms);
            let cut = last.end_ms.midpoint(next.max(last.end_ms)).min(length);
            self.settle(text(settled));
            self.forget(cut);
        }
    }

    fn settle(&mut self, text: String) {
        if !text.is_empty() {
            self.words.settled.push(text);
            let gone = self.words.settled.len().saturating_sub(SHOWN);
            self.words.settled.drain(..gone);
        }
    }

    /// Lets go of the first part of the sound, in milliseconds.
    fn forget(&mut self, until: u32) {
        let until = until.min(self.length_ms());
        self.sound.drain(..until as usize * SAMPLES);
        self.words.settled_ms += until;
        self.heard_ms = self.heard_ms.saturating_sub(until);
    }
}

/// How many words come before the longest pause, of those that end before an instant.
fn widest_pause(said: &[LiveWord], before: u32) -> Option<usize> {
    let pauses = said.windows(2).zip(1..).filter_map(|(pair, count)| {
        let [one, next] = pair else { return None };
        (one.end_ms <= before).then(|| (next.start_ms.saturating_sub(one.end_ms), count))
    });
    pauses.max().map(|(_, count)| count)
}

fn text(words: &[LiveWord]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

impl Care {
    /// What is heard of a recording while it lasts, for who makes it; `None` when nobody listens or it ended. Each look is no event
    /// of its own in the bitácora: the recording is one from its beginning to its end, and this is what its own screen shows.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when the actor records no such thing.
    pub async fn live_words(&self, actor: &Actor, id: RecordingId) -> Result<Option<LiveWords>, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let recording = tx.recording(id).await?.ok_or(NO_RECORDING)?;
        if recording.started_by != actor.user_id {
            return Err(NO_RECORDING);
        }
        if !recording.state.is_open() {
            return Ok(None);
        }
        Ok(tx.live_words(id).await?)
    }
}
