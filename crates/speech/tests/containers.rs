//! Recordings as people bring them: every container and coding, odd rates and channels, and files that are broken.
//! `tests/audio` has one sentence, spoken by espeak-ng, in each form.

use std::io::Cursor;

use speech::{AudioError, Recording, Samples, decode};

macro_rules! audio {
    ($($name:literal),*) => { [$(($name, include_bytes!(concat!("audio/", $name)).as_slice())),*] };
}

const RECORDINGS: [(&str, &[u8]); 7] = audio![
    "dictado.wav",
    "dictado.flac",
    "dictado.mp3",
    "dictado.m4a",
    "dictado.ogg",
    "dictado.webm",
    "vorbis.ogg"
];

fn read(bytes: &[u8]) -> Result<Recording, AudioError> {
    decode(Cursor::new(bytes.to_vec()))
}

/// Loudness of 50 ms, every 10 ms.
fn loudness(samples: &Samples) -> Vec<f32> {
    let loudness = |part: &[f32]| part.iter().map(|value| value * value).sum::<f32>().sqrt();
    samples.as_slice().windows(800).step_by(160).map(loudness).collect()
}

/// How alike two courses of loudness are, at the best shift of up to 150 ms: 1 is the same.
fn alike(a: &[f32], b: &[f32]) -> f32 {
    let correlation = |a: &[f32], b: &[f32]| {
        let count = a.len().min(b.len());
        let (a, b) = (&a[..count], &b[..count]);
        let mean = |values: &[f32]| values.iter().sum::<f32>() / count as f32;
        let (of_a, of_b) = (mean(a), mean(b));
        let sum =
            |f: &dyn Fn(f32, f32) -> f32| a.iter().zip(b).map(|(a, b)| f(a - of_a, b - of_b)).sum::<f32>();
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    };
    (0..15).flat_map(|shift| [correlation(&a[shift..], b), correlation(a, &b[shift..])]).fold(0.0, f32::max)
}

/// A WAV file of 16-bit samples.
fn wav(rate: u32, channels: u16, frames: impl Iterator<Item = f32>) -> Vec<u8> {
    let data: Vec<u8> = frames
        .flat_map(|value| vec![(value.clamp(-1.0, 1.0) * 32_767.0) as i16; usize::from(channels)])
        .flat_map(i16::to_le_bytes)
        .collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// A tone of one second, cut off at `top`.
fn tone(rate: u32, top: f32) -> impl Iterator<Item = f32> {
    (0..rate).map(move |n| {
        ((n as f32 / rate as f32 * 440.0 * std::f32::consts::TAU).sin() * 0.5 * top.max(1.0)).clamp(-top, top)
    })
}

#[test]
fn one_sentence_sounds_the_same_from_every_container() {
    let original = read(RECORDINGS[0].1).unwrap().samples;
    for (name, bytes) in RECORDINGS {
        let recording = read(bytes).unwrap();
        assert!(recording.whole, "{name}");
        let (found, expected) = (recording.samples.duration_ms(), original.duration_ms());
        assert!(found.abs_diff(expected) < 150, "{name} lasts {found} ms and not {expected}");
        let alike = alike(&loudness(&original), &loudness(&recording.samples));
        assert!(alike > 0.97, "{name}: {alike}");
    }
}

#[test]
fn a_telephone_a_sound_card_and_eight_channels_keep_their_tone_and_length() {
    for (rate, channels, top) in
        [(8_000, 1, 1.0), (11_025, 1, 1.0), (44_100, 2, 1.0), (192_000, 8, 1.0), (48_000, 1, 0.2)]
    {
        let recording = read(&wav(rate, channels, tone(rate, top))).unwrap();
        let samples = recording.samples.as_slice();
        assert!((15_900..=16_000).contains(&samples.len()), "{rate} Hz: {}", samples.len());
        let crossings =
            samples[1_000..15_000].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(
            (384..=386).contains(&crossings),
            "{rate} Hz, {channels} channels: {crossings} waves of a tone of 440 Hz"
        );
        assert!(samples.iter().all(|value| value.abs() <= 1.0));
    }
}

#[test]
fn what_is_no_recording_is_refused_with_what_to_do() {
    let check = |bytes: &[u8], expected: &str| {
        let message = read(bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    };
    check(b"", "vacío");
    check(&wav(16_000, 1, std::iter::empty()), "vacío");
    check(b"Nota de evolucion. Paciente de 34 anios.".repeat(50).as_slice(), "no es un audio");
    check(&[0; 5_000], "no es un audio");
    check(include_bytes!("audio/video.mp4"), "no tiene pista de audio");
    check(&wav(1_000, 1, tone(1_000, 1.0)), "1000 muestras por segundo");
    let mut long = wav(8_000, 1, tone(8_000, 1.0));
    // A header that tells of five hours.
    let bytes: u32 = 5 * 3_600 * 16_000;
    long[4..8].copy_from_slice(&(36 + bytes).to_le_bytes());
    long[40..44].copy_from_slice(&bytes.to_le_bytes());
    check(&long, "4 horas");
}

#[test]
fn a_header_whose_numbers_no_machine_can_count_with_is_damage() {
    let mut bytes = wav(16_000, 1, tone(16_000, 0.5).take(16_000));
    // The number of channels, which a reader multiplies by the bytes of each.
    bytes[22..24].copy_from_slice(&u16::MAX.to_le_bytes());
    assert!(matches!(read(&bytes), Err(AudioError::Damaged { .. })));
}

#[test]
fn what_was_cut_short_is_read_as_far_as_it_goes_and_said_to_be_cut() {
    for (name, bytes) in RECORDINGS {
        match read(&bytes[..bytes.len() * 2 / 3]) {
            Ok(recording) => {
                let whole = read(bytes).unwrap().samples.duration_ms();
                assert!(recording.samples.duration_ms() < whole * 9 / 10, "{name}");
            }
            // The index of an M4A lies at its end.
            Err(error) => assert!(name.ends_with("m4a"), "{name}: {error}"),
        }
    }
}

/// `MEDICUS_DAMAGED_RECORDINGS` says how many damaged ones of each form are read, `MEDICUS_DAMAGE_SEED` throws other dice.
#[test]
fn no_damage_brings_the_reader_down() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let rounds = number("MEDICUS_DAMAGED_RECORDINGS").unwrap_or(40);
    let mut state = number("MEDICUS_DAMAGE_SEED").unwrap_or(7);
    let mut chance = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (_, bytes) in RECORDINGS {
        for round in 0..rounds {
            let mut damaged = bytes.to_vec();
            if round % 3 == 0 {
                damaged.truncate(chance(bytes.len()));
            }
            for _ in 0..=chance(30) {
                // Headers are where damage hurts.
                let within = if chance(2) == 0 { damaged.len().min(300) } else { damaged.len() };
                if within > 0 {
                    damaged[chance(within)] ^= 1 << chance(8);
                }
            }
            let _ = read(&damaged);
        }
    }
    for length in [1, 10, 1_000, 20_000] {
        let noise: Vec<u8> = (0..length).map(|_| chance(256) as u8).collect();
        let _ = read(&noise);
    }
}
