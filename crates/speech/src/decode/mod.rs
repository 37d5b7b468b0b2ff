//! Any recording -> one channel at 16 kHz. A file is what its first bytes say, whatever its name; it is read a packet at a
//! time, so that four hours need no more memory than their samples, and everything in it is doubted.

mod resample;
mod voice;

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use symphonia::core::codecs::audio::{AudioCodecParameters, CODEC_ID_NULL_AUDIO};
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use crate::audio::{AudioError, LONGEST_MS, Samples};
use resample::Resampler;
use voice::Voice;

/// How Matroska and WebM begin.
const MATROSKA: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];

/// Packets that cannot be decoded before the whole recording is given up.
const MOST_DAMAGED: u32 = 2_000;

/// Packets of other tracks (pictures, subtitles) that are read over between two of sound.
const MOST_FOREIGN: u32 = 100_000;

/// A recording that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Its sound.
    pub samples: Samples,
    /// Whether all of it could be read. When not, it ends early or lacks pieces, and who brought it is told.
    pub whole: bool,
}

/// Reads a recording: WAV, MP3, M4A, AAC, FLAC, OGG, Matroska or WebM with PCM, MP3, AAC, ALAC, FLAC, Vorbis or Opus.
/// The first track of sound counts, its channels are mixed into one, and it is brought to one
/// loudness.
///
/// # Errors
/// When it is empty, of no known format, without sound, longer than four hours, or damaged from the beginning. What is
/// damaged further on is read as far as it goes and is not [`Recording::whole`].
pub fn decode<R: Read + Seek + Send + 'static>(reader: R) -> Result<Recording, AudioError> {
    let mut samples = Vec::new();
    let whole = decode_to(reader, |block| {
        samples.extend_from_slice(block);
        Ok(())
    })?;
    Ok(Recording { samples: Samples::new(samples)?.levelled(), whole })
}

/// Reads a recording as [`decode`] does and hands over its samples as they come, at the loudness they were recorded at, so that
/// hours of it need no memory; whether all of it could be read.
///
/// # Errors
/// As [`decode`]; [`AudioError::Read`] with what `take` says.
pub fn decode_to<R: Read + Seek + Send + 'static>(
    reader: R,
    take: impl FnMut(&[f32]) -> io::Result<()>,
) -> Result<bool, AudioError> {
    // Readers of others count with the numbers of a header as they stand: one that makes them go astray is a damaged file, and
    // nothing of what they were reading is used again.
    catch_unwind(AssertUnwindSafe(|| decoded(reader, take))).unwrap_or_else(|_| {
        Err(AudioError::Damaged { source: "the reader of this container went astray".into() })
    })
}

fn decoded<R: Read + Seek + Send + 'static>(
    mut reader: R,
    take: impl FnMut(&[f32]) -> io::Result<()>,
) -> Result<bool, AudioError> {
    let length = reader.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Err(AudioError::Empty);
    }
    reader.seek(SeekFrom::Start(0))?;
    let mut beginning = Vec::new();
    reader.by_ref().take(12).read_to_end(&mut beginning)?;
    reader.seek(SeekFrom::Start(0))?;
    let reader = Arc::new(Mutex::new(reader));
    match probe(Bytes { reader: Arc::clone(&reader), length: Some(length) }) {
        Ok(format) => read(format, take),
        // Cut short, it promises more than there is and is not even looked at; read from front to back, it is.
        Err(_) if beginning.starts_with(&MATROSKA) => {
            lock(&reader)?.seek(SeekFrom::Start(0))?;
            match probe(Bytes { reader, length: None }) {
                Ok(format) => read(format, take).map(|_| false),
                Err(error) => Err(refusal(error, &beginning)),
            }
        }
        Err(error) => Err(refusal(error, &beginning)),
    }
}

/// Looks for a container.
fn probe<R: Read + Seek + Send + 'static>(bytes: Bytes<R>) -> Result<Box<dyn FormatReader>, Error> {
    let stream = MediaSourceStream::new(Box::new(bytes), Default::default());
    // Pictures of an album are not wanted, and text beyond these bounds is nobody's title.
    let metadata = MetadataOptions::default()
        .limit_tag_bytes(Limit::Maximum(1 << 20))
        .limit_visual_bytes(Limit::Maximum(1 << 20));
    symphonia::default::get_probe().probe(&Hint::new(), stream, FormatOptions::default(), metadata)
}

/// Why there is no container.
fn refusal(error: Error, beginning: &[u8]) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => AudioError::Read(error),
        // The search for the beginning of a format ran to the end of the file.
        Error::Unsupported(_) | Error::IoError(_) if !is_container(beginning) => AudioError::UnknownFormat,
        other => AudioError::Damaged { source: other.into() },
    }
}

fn lock<R>(reader: &Mutex<R>) -> io::Result<MutexGuard<'_, R>> {
    reader.lock().map_err(|_| io::Error::other("a reader failed before"))
}

/// Whether these first bytes are those of a container that is read.
fn is_container(beginning: &[u8]) -> bool {
    let known: [&[u8]; 4] = [&MATROSKA, b"OggS", b"RIFF", b"fLaC"];
    known.iter().any(|start| beginning.starts_with(start)) || beginning.get(4..8) == Some(b"ftyp")
}

/// The sound of a container; whether all of it could be read.
fn read(
    mut format: Box<dyn FormatReader>,
    mut take: impl FnMut(&[f32]) -> io::Result<()>,
) -> Result<bool, AudioError> {
    let (track, parameters) = track(format.as_ref())?;
    let mut voice = Voice::new(&parameters)?;
    let mut resampler: Option<Resampler> = None;
    let mut mono = Vec::new();
    let (mut damaged, mut foreign, mut first_failure) = (0_u32, 0_u32, None);
    let mut cut = false;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // A chained stream begins anew; the second recording is not this consultation.
            Err(Error::ResetRequired) => break,
            Err(error) => {
                cut = true;
                first_failure.get_or_insert(error);
                break;
            }
        };
        if packet.track_id != track {
            foreign += 1;
            if foreign > MOST_FOREIGN {
                break;
            }
            continue;
        }
        foreign = 0;
        mono.clear();
        match voice.decode(&packet, &mut mono) {
            Ok(rate) => {
                let resampler = match &mut resampler {
                    Some(resampler) => resampler,
                    none => none.insert(Resampler::new(rate)?),
                };
                resampler.push(rate, &mono)?;
                resampler.give(&mut take)?;
            }
            Err(error) => {
                damaged += 1;
                first_failure.get_or_insert(error);
                if damaged > MOST_DAMAGED {
                    cut = true;
                    break;
                }
            }
        }
    }
    let given = match resampler {
        Some(resampler) => resampler.finish(&mut take)?,
        None => 0,
    };
    match first_failure {
        _ if given > 0 => Ok(!cut && damaged == 0),
        Some(error) => Err(AudioError::Damaged { source: error.into() }),
        None => Err(AudioError::Empty),
    }
}

/// The first track of sound with a coding, and what its container says of it.
fn track(format: &dyn FormatReader) -> Result<(u32, AudioCodecParameters), AudioError> {
    let with_sound =
        || format.tracks().iter().filter_map(|track| Some((track.id, track.codec_params.as_ref()?.audio()?)));
    let known = with_sound().find(|(_, parameters)| parameters.codec != CODEC_ID_NULL_AUDIO);
    match known {
        Some((id, parameters)) => {
            let frames =
                format.tracks().iter().find(|track| track.id == id).and_then(|track| track.num_frames);
            let rate = u64::from(parameters.sample_rate.unwrap_or(u32::MAX).max(1));
            // What says so itself is not read first.
            if frames.is_some_and(|frames| frames / rate > u64::from(LONGEST_MS) / 1000) {
                return Err(AudioError::TooLong);
            }
            Ok((id, parameters.clone()))
        }
        None if format.first_track(TrackType::Audio).is_some() => {
            Err(AudioError::UnknownCodec("desconocido".into()))
        }
        None => Err(AudioError::NoAudio),
    }
}

/// Bytes as symphonia asks for them.
struct Bytes<R> {
    reader: Arc<Mutex<R>>,
    /// Nothing when they are read from front to back.
    length: Option<u64>,
}

impl<R: Read> Read for Bytes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        lock(&self.reader)?.read(buffer)
    }
}

impl<R: Seek> Seek for Bytes<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        lock(&self.reader)?.seek(position)
    }
}

impl<R: Read + Seek + Send> MediaSource for Bytes<R> {
    fn is_seekable(&self) -> bool {
        self.length.is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.length
    }
}
