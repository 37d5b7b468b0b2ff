//! Stretches of speech put together into portions the model hears at once, and the way back to the time of the recording.

use speech::{Samples, SpeechSpan};

use crate::protocol::SAMPLE_RATE;

/// Samples of a millisecond.
const PER_MS: usize = SAMPLE_RATE / 1000;
/// The longest portion in milliseconds: with the silence the model adds, what it hears at once.
const LONGEST_MS: u32 = 28_000;
/// Of a stretch longer than that, where the cut is looked for, in milliseconds from its beginning.
const CUT_FROM_MS: u32 = 20_000;
/// How much is compared to find the quietest place for a cut, in milliseconds.
const QUIET_MS: u32 = 200;
/// The silence between two stretches of one portion, in milliseconds, so that words of both do not run together.
const GAP_MS: u32 = 200;
/// A portion shorter than this is not halved, in milliseconds.
const SHORTEST_HALF_MS: u32 = 4_000;

/// Sound for one question: stretches of the recording one after the other, nothing of what lies between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Portion {
    pieces: Vec<Piece>,
}

/// A stretch of the recording inside a portion.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    /// Where it begins in the portion, in milliseconds.
    at: u32,
    /// Which stretch of the recording it is.
    span: SpeechSpan,
}

/// The portions of a recording, in order. Stretches that overlap are joined first: no sound is heard twice.
pub(crate) fn portions(audio: &Samples, spans: &[SpeechSpan]) -> Vec<Portion> {
    let mut pieces = apart(audio.duration_ms(), spans).into_iter().flat_map(|span| short(audio, span));
    let mut portions: Vec<Portion> = Vec::new();
    let mut open = Portion { pieces: pieces.next().map(|span| Piece { at: 0, span }).into_iter().collect() };
    for span in pieces {
        let at = open.length_ms() + GAP_MS;
        if at + span.duration_ms() <= LONGEST_MS {
            open.pieces.push(Piece { at, span });
        } else {
            portions.push(std::mem::replace(&mut open, Portion { pieces: vec![Piece { at: 0, span }] }));
        }
    }
    portions.extend((!open.pieces.is_empty()).then_some(open));
    portions
}

/// The stretches in order, inside the recording, none touching another.
fn apart(end: u32, spans: &[SpeechSpan]) -> Vec<SpeechSpan> {
    let mut sorted: Vec<SpeechSpan> =
        spans.iter().filter_map(|span| SpeechSpan::new(span.start_ms(), span.end_ms().min(end))).collect();
    sorted.sort_unstable();
    let mut apart: Vec<SpeechSpan> = Vec::new();
    for span in sorted {
        match apart.last_mut() {
            Some(last) if span.start_ms() <= last.end_ms() => {
                let joined = SpeechSpan::new(last.start_ms(), last.end_ms().max(span.end_ms()));
                *last = joined.unwrap_or(*last);
            }
            _ => apart.push(span),
        }
    }
    apart
}

/// A stretch in parts that are short enough, cut where it is quietest.
fn short(audio: &Samples, span: SpeechSpan) -> Vec<SpeechSpan> {
    let mut parts = Vec::new();
    let mut rest = Some(span);
    while let Some(span) = rest {
        if span.duration_ms() <= LONGEST_MS {
            parts.push(span);
            break;
        }
        let from = span.start_ms();
        let cut = quietest(audio, from + CUT_FROM_MS, from + LONGEST_MS);
        parts.extend(SpeechSpan::new(from, cut));
        rest = SpeechSpan::new(cut, span.end_ms());
    }
    parts
}

/// The middle of the quietest moment between two times, in milliseconds.
fn quietest(audio: &Samples, from: u32, to: u32) -> u32 {
    let loudness = |start: &u32| {
        let sound = SpeechSpan::new(*start, *start + QUIET_MS).map(|span| audio.of(span)).unwrap_or_default();
        sound.iter().map(|sample| sample * sample).sum::<f32>()
    };
    let starts = (from..to - QUIET_MS).step_by(20);
    let quiet = starts.min_by(|a, b| loudness(a).total_cmp(&loudness(b)));
    quiet.unwrap_or(from) + QUIET_MS / 2
}

impl Portion {
    /// How long it sounds, in milliseconds.
    pub(crate) fn length_ms(&self) -> u32 {
        self.pieces.last().map_or(0, |piece| piece.at + piece.span.duration_ms())
    }

    /// Its sound.
    pub(crate) fn samples(&self, audio: &Samples) -> Vec<f32> {
        let mut samples = Vec::with_capacity(self.length_ms() as usize * PER_MS);
        for piece in &self.pieces {
            samples.resize(piece.at as usize * PER_MS, 0.0);
            samples.extend_from_slice(audio.of(piece.span));
        }
        samples
    }

    /// When in the recording something is that is heard in this portion between two times. It lies in one stretch of speech,
    /// that of its middle.
    pub(crate) fn in_recording(&self, start_ms: u32, end_ms: u32) -> Option<SpeechSpan> {
        let middle = start_ms.midpoint(end_ms.max(start_ms));
        let piece = self.pieces.iter().rev().find(|piece| piece.at <= middle)?;
        let (first, last) = (piece.span.start_ms(), piece.span.end_ms());
        let place = |ms: u32| (first + ms.saturating_sub(piece.at)).clamp(first, last);
        let start = place(start_ms).min(last - 1);
        SpeechSpan::new(start, place(end_ms).max(start + 1))
    }

    /// The same sound as two portions; nothing when it is too short.
    pub(crate) fn halves(&self, audio: &Samples) -> Option<[Self; 2]> {
        if self.length_ms() < 2 * SHORTEST_HALF_MS {
            return None;
        }
        let middle = self.length_ms() / 2;
        let spans: Vec<SpeechSpan> = self.pieces.iter().map(|piece| piece.span).collect();
        let (first, second) = match self.pieces.iter().position(|piece| piece.at >= middle) {
            Some(at) if at > 0 => (spans.get(..at)?.to_vec(), spans.get(at..)?.to_vec()),
            _ => {
                // One stretch reaches over the middle to the end: it is cut.
                let (last, before) = spans.split_last()?;
                let at = self.pieces.last()?.at;
                let from = last.start_ms() + (middle.saturating_sub(at)).max(SHORTEST_HALF_MS / 2);
                let cut = quietest(audio, from, (from + SHORTEST_HALF_MS / 2).min(last.end_ms()));
                let mut first = before.to_vec();
                first.extend(SpeechSpan::new(last.start_ms(), cut));
                (first, SpeechSpan::new(cut, last.end_ms()).into_iter().collect())
            }
        };
        Some([Self::of(&first), Self::of(&second)])
    }

    fn of(spans: &[SpeechSpan]) -> Self {
        let mut portion = Self { pieces: Vec::new() };
        for span in spans {
            let at = if portion.pieces.is_empty() { 0 } else { portion.length_ms() + GAP_MS };
            portion.pieces.push(Piece { at, span: *span });
        }
        portion
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u32, end: u32) -> SpeechSpan {
        SpeechSpan::new(start, end).unwrap()
    }

    /// Sound in which every millisecond has its own number, and the seconds named are quiet.
    fn sound(ms: u32, quiet: &[u32]) -> Samples {
        let sample = |at: usize| {
            let ms = at as u32 / 16;
            if quiet.contains(&(ms / 1000)) { 0.0 } else { 0.5 + ms as f32 / 1e7 }
        };
        Samples::new((0..ms as usize * PER_MS).map(sample).collect()).unwrap()
    }

    #[test]
    fn short_stretches_share_a_portion_and_silence_between_them_is_left_out() {
        let audio = sound(120_000, &[]);
        let spans = [span(1_000, 6_000), span(40_000, 55_000), span(100_000, 110_000)];
        let portions = portions(&audio, &spans);
        assert_eq!(portions.len(), 2, "5 and 15 s together, 10 s no longer fit");
        assert_eq!(portions[0].samples(&audio).len(), (5_000 + 200 + 15_000) * 16);
        assert_eq!(portions[0].in_recording(5_300, 5_800), Some(span(40_100, 40_600)));
        assert_eq!(portions[1].in_recording(0, 400), Some(span(100_000, 100_400)));
        assert_eq!(
            portions[0].in_recording(4_900, 5_050),
            Some(span(5_900, 6_000)),
            "no word reaches into silence"
        );
    }

    #[test]
    fn a_monologue_is_cut_where_it_is_quiet() {
        let audio = sound(60_000, &[23, 48]);
        let portions = portions(&audio, &[span(0, 60_000)]);
        let cuts: Vec<SpeechSpan> =
            portions.iter().flat_map(|portion| &portion.pieces).map(|piece| piece.span).collect();
        assert_eq!(cuts.len(), 3);
        assert!(cuts.iter().skip(1).all(|cut| [23, 48].contains(&(cut.start_ms() / 1000))), "{cuts:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_moment_of_speech_is_heard_once_and_finds_its_way_back(
            starts in proptest::collection::vec((0_u32..200_000, 1_u32..70_000), 0..12)
        ) {
            let audio = sound(200_000, &[]);
            let spans: Vec<SpeechSpan> = starts.into_iter().map(|(start, length)| span(start, start + length)).collect();
            let mut heard = Vec::new();
            for portion in portions(&audio, &spans) {
                prop_assert!(portion.length_ms() <= LONGEST_MS);
                prop_assert_eq!(portion.samples(&audio).len(), portion.length_ms() as usize * PER_MS);
                heard.extend(portion.pieces.iter().map(|piece| piece.span));
                if let Some([first, second]) = portion.halves(&audio) {
                    let whole: u32 = portion.pieces.iter().map(|piece| piece.span.duration_ms()).sum();
                    let parts: u32 = first.pieces.iter().chain(&second.pieces).map(|piece| piece.span.duration_ms()).sum();
                    prop_assert_eq!(whole, parts);
                    prop_assert!(!first.pieces.is_empty() && !second.pieces.is_empty());
                }
            }
            prop_assert!(heard.windows(2).all(|pair| pair[0].end_ms() <= pair[1].start_ms()));
            let total: u32 = heard.iter().map(|span| span.duration_ms()).sum();
            let expected: u32 = apart(200_000, &spans).iter().map(|span| span.duration_ms()).sum();
            prop_assert_eq!(total, expected);
        }
    }
}
