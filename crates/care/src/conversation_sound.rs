//! Where the conversation of a consultation can be heard: in the recording whose words it is.

use std::ops::Range;

use clinical::heard::Heard;
use clinical::ids::{EncounterId, RecordingId};
use clinical::recording::RecordingState;
use clinical::transcript::{Evidence, Transcript};
use storage::Tx;

use crate::error::CareError;

/// What pause between two cited stretches is played rather than cut out, in milliseconds.
const BRIDGED_MS: u32 = 8_000;

/// The sound of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ConversationSound {
    /// The conversation was not recorded here.
    #[default]
    None,
    /// It is in this recording, with its times.
    Kept(RecordingId, Heard),
    /// What was recorded was destroyed.
    Destroyed,
}

impl ConversationSound {
    pub(crate) async fn of(
        tx: &mut Tx,
        id: EncounterId,
        transcript: Option<&Transcript>,
    ) -> Result<Self, CareError> {
        let Some(transcript) = transcript else { return Ok(Self::None) };
        let mut destroyed = false;
        for recording in tx.recordings(id).await?.into_iter().rev() {
            destroyed |= recording.state == RecordingState::Destroyed;
            let heard = tx.listening(recording.id).await?.and_then(|listening| listening.heard);
            if let Some(heard) = heard.filter(|heard| heard.says(transcript)) {
                return Ok(Self::Kept(recording.id, heard));
            }
        }
        Ok(if destroyed { Self::Destroyed } else { Self::None })
    }

    /// Where some cited words are heard: the recording, and milliseconds of it from the first words on, as far as the next
    /// ones follow soon.
    #[must_use]
    pub fn stretch(&self, evidence: &[Evidence]) -> Option<(RecordingId, Range<u32>)> {
        let Self::Kept(id, heard) = self else { return None };
        let mut stretches: Vec<Range<u32>> = evidence.iter().filter_map(|one| heard.when(*one)).collect();
        stretches.sort_unstable_by_key(|stretch| stretch.start);
        let joined = stretches.into_iter().reduce(|all, next| {
            if next.start <= all.end.saturating_add(BRIDGED_MS) {
                all.start..all.end.max(next.end)
            } else {
                all
            }
        });
        joined.map(|stretch| (*id, stretch))
    }

    /// Where a turn, counted from 0, is heard.
    #[must_use]
    pub fn turn(&self, turn: usize) -> Option<(RecordingId, Range<u32>)> {
        let Self::Kept(id, heard) = self else { return None };
        heard.turns.get(turn).map(|turn| (*id, turn.start_ms..turn.end_ms))
    }
}
