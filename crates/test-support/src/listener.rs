//! An engine for tests that hears always the same short conversation.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use care::listening::{Beforehand, Listener, Run};
use care::live::LiveWord;
use clinical::heard::{Heard, HeardTurn};
use clinical::transcript::Speaker;

/// Hears a physician and a second voice nobody has named, whatever the sound is.
#[derive(Default)]
pub struct TestListener {
    /// So many times it fails first.
    pub fails: AtomicUsize,
    /// What it was told to expect, each time.
    pub told: Mutex<Vec<Beforehand>>,
    /// It works until nobody wants the result.
    pub waits_until_unwanted: bool,
    /// It hears nobody.
    pub hears_nobody: bool,
}

impl Listener for TestListener {
    fn listen(&self, _sound: &[i16], beforehand: &Beforehand, run: &Run) -> Result<Heard, String> {
        self.told.lock().expect("nobody panics with it").push(beforehand.clone());
        if self.fails.load(Ordering::Relaxed) > 0 {
            self.fails.fetch_sub(1, Ordering::Relaxed);
            return Err("se acabó la memoria".to_owned());
        }
        if self.waits_until_unwanted {
            while run.goes_on(40) {
                std::thread::sleep(Duration::from_millis(20));
            }
            return Err("se detuvo".to_owned());
        }
        if self.hears_nobody {
            return Ok(Heard::default());
        }
        let said = [
            (Some(1), Speaker::Doctor, "Buenos días, ¿qué la trae por aquí?"),
            (Some(2), Speaker::Unknown, "Me duele la rodilla derecha desde hace tres semanas."),
            (Some(1), Speaker::Doctor, "¿Ha tenido fiebre?"),
            (None, Speaker::Unknown, "No."),
        ];
        let turns = said.into_iter().zip(0..).map(|((voice, speaker, text), n)| HeardTurn {
            voice,
            speaker,
            text: text.to_owned(),
            start_ms: n * 250,
            end_ms: n * 250 + 240,
        });
        Ok(Heard { turns: turns.collect() })
    }

    /// A word for each second of sound: `palabra7` where the samples in its middle are 7; none for silence.
    fn live(&self, sound: &[i16], _prompt: &str) -> Result<Vec<LiveWord>, String> {
        let word = |(n, second): (u32, &[i16])| {
            let value = second.get(8_000).copied().filter(|value| *value != 0)?;
            let text = format!("palabra{value}");
            Some(LiveWord { text, start_ms: n * 1_000, end_ms: n * 1_000 + 900 })
        };
        Ok((0..).zip(sound.chunks(16_000)).filter_map(word).collect())
    }
}
