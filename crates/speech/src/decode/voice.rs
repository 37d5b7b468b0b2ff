//! A packet -> samples of one channel: symphonia's decoders, and one for Opus, which it lacks.

use opus_decoder::OpusDecoder;
use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use crate::audio::{AudioError, SAMPLE_RATE};

/// More channels than any recorder of a consultation has.
const MOST_CHANNELS: usize = 32;

/// Samples of the longest packet of Opus, 120 ms, for both channels.
const LONGEST_OPUS: usize = SAMPLE_RATE as usize * 12 / 100 * 2;

/// Decodes the packets of one track.
pub(super) enum Voice {
    Symphonia { decoder: Box<dyn AudioDecoder>, interleaved: Vec<f32> },
    Opus { decoder: Box<OpusDecoder>, buffer: Vec<f32> },
}

impl Voice {
    /// A decoder for what the container says of the track.
    pub(super) fn new(parameters: &AudioCodecParameters) -> Result<Self, AudioError> {
        let channels = parameters.channels.as_ref().map_or(1, Channels::count);
        if !(1..=MOST_CHANNELS).contains(&channels) {
            return Err(AudioError::Shape { rate: parameters.sample_rate.unwrap_or_default(), channels });
        }
        if parameters.codec == CODEC_ID_OPUS {
            if channels > 2 {
                return Err(AudioError::UnknownCodec(format!("Opus de {channels} canales")));
            }
            // It decodes to the rate and to the one channel that are wanted.
            let decoder = OpusDecoder::new(SAMPLE_RATE, 1)
                .map_err(|source| AudioError::Damaged { source: source.into() })?;
            return Ok(Self::Opus { decoder: Box::new(decoder), buffer: vec![0.0; LONGEST_OPUS] });
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| match error {
                Error::Unsupported(_) => AudioError::UnknownCodec(parameters.codec.to_string()),
                other => AudioError::Damaged { source: other.into() },
            })?;
        Ok(Self::Symphonia { decoder, interleaved: Vec::new() })
    }

    /// Appends the samples of a packet, all channels mixed, and says how many a second they are.
    pub(super) fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<u32, Error> {
        match self {
            Self::Opus { decoder, buffer } => {
                if packet.data.is_empty() {
                    return Ok(SAMPLE_RATE);
                }
                let count = decoder
                    .decode_float(&packet.data, buffer, false)
                    .map_err(|_| Error::DecodeError("opus: malformed packet"))?;
                mono.extend(buffer.iter().take(count));
                Ok(SAMPLE_RATE)
            }
            Self::Symphonia { decoder, interleaved } => {
                let sound = decoder.decode(packet)?;
                let (rate, channels) = (sound.spec().rate(), sound.num_planes());
                sound.copy_to_vec_interleaved(interleaved);
                match channels {
                    0 => {}
                    1 => mono.extend_from_slice(interleaved),
                    _ => {
                        let share = 1.0 / channels as f32;
                        mono.extend(
                            interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share),
                        );
                    }
                }
                Ok(rate)
            }
        }
    }
}
