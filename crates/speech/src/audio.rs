//! Sound as everything after the decoder sees it: one channel, 16,000 samples a second; and why a recording was refused.

use std::io;

use crate::transcript::SpeechSpan;

/// Samples a second of all sound inside Medicus.
pub const SAMPLE_RATE: u32 = 16_000;

/// Samples of a millisecond.
pub(crate) const SAMPLES_PER_MS: usize = 16;

/// Samples whose loudness is measured together: 100 ms.
const MOMENT: usize = 1_600;

/// Root mean square of loud moments: -26 dB of full scale.
const LOUD: f32 = 0.05;

/// Quiet recordings are raised by at most this factor, 30 dB.
const MOST_GAIN: f32 = 31.6;

/// The longest recording that is read, in milliseconds: four hours.
pub const LONGEST_MS: u32 = 4 * 60 * 60 * 1000;

/// Sound of one channel at [`SAMPLE_RATE`], at most [`LONGEST_MS`] long; no value is infinite or not a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples(Vec<f32>);

impl Samples {
    /// Takes samples of one channel at 16 kHz. Values that are no numbers become silence.
    ///
    /// # Errors
    /// When there are more than [`LONGEST_MS`] of them.
    pub fn new(mut samples: Vec<f32>) -> Result<Self, AudioError> {
        if samples.len() > LONGEST_MS as usize * SAMPLES_PER_MS {
            return Err(AudioError::TooLong);
        }
        for sample in &mut samples {
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        Ok(Self(samples))
    }

    /// The same sound at the loudness at which the networks were taught: loud moments at -26 dB of full scale, without going
    /// beyond full scale, and raised by 30 dB at most, so that silence stays silence.
    #[must_use]
    pub fn levelled(mut self) -> Self {
        let mut moments: Vec<f32> = self
            .0
            .chunks(MOMENT)
            .map(|moment| {
                (moment.iter().map(|sample| sample * sample).sum::<f32>() / moment.len() as f32).sqrt()
            })
            .collect();
        let loud = moments.len() * 9 / 10;
        if moments.is_empty() {
            return self;
        }
        let (_, loud, _) = moments.select_nth_unstable_by(loud, f32::total_cmp);
        let peak = self.0.iter().fold(1e-6_f32, |peak, sample| peak.max(sample.abs()));
        let gain = (LOUD / loud.max(1e-6)).min(MOST_GAIN).min(1.0 / peak);
        for sample in &mut self.0 {
            *sample *= gain;
        }
        self
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// How long they sound, in milliseconds, rounded down.
    #[must_use]
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.0.len() / SAMPLES_PER_MS).unwrap_or(LONGEST_MS)
    }

    /// Those of a stretch, as far as there are any.
    #[must_use]
    pub fn of(&self, span: SpeechSpan) -> &[f32] {
        let end = (span.end_ms() as usize * SAMPLES_PER_MS).min(self.0.len());
        let start = (span.start_ms() as usize * SAMPLES_PER_MS).min(end);
        self.0.get(start..end).unwrap_or_default()
    }
}

/// Why a recording was refused. The messages are read by who brought it.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// Zero bytes.
    #[error("el archivo de audio está vacío; elija la grabación otra vez")]
    Empty,
    /// Its first bytes are of no format that is read.
    #[error("el archivo no es un audio que se pueda leer; se admiten WAV, MP3, M4A (AAC), OGG, WebM y FLAC")]
    UnknownFormat,
    /// A video, or another container, without a track of sound.
    #[error("el archivo no tiene pista de audio; elija uno en que se oiga la consulta")]
    NoAudio,
    /// A track in a coding that is not read.
    #[error(
        "el audio está codificado de un modo que no se lee ({0}); conviértalo a WAV, MP3, M4A, OGG o FLAC"
    )]
    UnknownCodec(String),
    /// More than [`LONGEST_MS`].
    #[error("la grabación dura más de 4 horas; divídala y súbala por partes")]
    TooLong,
    /// The container or its sound is damaged from the first moment on.
    #[error("el archivo de audio está dañado o incompleto; cópielo de nuevo desde donde se grabó")]
    Damaged {
        /// What the reader found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It has a sampling rate or a number of channels no recorder makes.
    #[error("el audio dice tener {rate} muestras por segundo y {channels} canales, lo que no se puede leer")]
    Shape {
        /// Samples a second.
        rate: u32,
        /// Channels.
        channels: usize,
    },
    /// It cannot be read from where it lies.
    #[error("no se pudo leer el archivo de audio")]
    Read(#[from] io::Error),
}
