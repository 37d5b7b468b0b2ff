//! Where the conversation of a consultation can be heard: in the recording, or the recordings, whose words it is.

use std::ops::Range;

use clinical::heard::Heard;
use clinical::ids::{EncounterId, RecordingId};
use clinical::recording::RecordingState;
use clinical::transcript::{Evidence, Transcript};
use storage::Tx;

use crate::conversation::heard_in;
use crate::error::CareError;

/// What pause between two cited stretches is played rather than cut out, in milliseconds.
const BRIDGED_MS: u32 = 8_000;

/// The sound of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ConversationSound {
    /// The conversation was not recorded here.
    #[default]
    None,
    /// It is in these recordings, one after the other, with their times.
    Kept(Vec<(RecordingId, Heard)>),
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
        let mut parts = heard_in(tx, id).await?;
        if let Some(at) = parts.iter().rposition(|part| says(std::slice::from_ref(part), transcript)) {
            return Ok(Self::Kept(vec![parts.swap_remove(at)]));
        }
        if says(&parts, transcript) {
            return Ok(Self::Kept(parts));
        }
        let mut recordings = tx.recordings(id).await?.into_iter();
        let destroyed = recordings.any(|recording| recording.state == RecordingState::Destroyed);
        Ok(if destroyed { Self::Destroyed } else { Self::None })
    }

    /// The recording a turn of the conversation is in, its words, and which turn of them it is.
    fn part(&self, mut turn: usize) -> Option<(RecordingId, &Heard, usize)> {
        let Self::Kept(parts) = self else { return None };
        for (id, heard) in parts {
            match turn.checked_sub(heard.turns.len()) {
                None => return Some((*id, heard, turn)),
                Some(later) => turn = later,
            }
        }
        None
    }

    /// Where some cited words are heard: the recording, and milliseconds of it from the first words on, as far as the next
    /// ones follow soon.
    #[must_use]
    pub fn stretch(&self, evidence: &[Evidence]) -> Option<(RecordingId, Range<u32>)> {
        let mut stretches: Vec<(RecordingId, Range<u32>)> = evidence
            .iter()
            .filter_map(|one| {
                let (id, heard, turn) = self.part(one.turn)?;
                Some((id, heard.when(Evidence { turn, ..*one })?))
            })
            .collect();
        let id = stretches.iter().map(|(id, _)| *id).min()?;
        stretches.retain(|(other, _)| *other == id);
        stretches.sort_unstable_by_key(|(_, stretch)| stretch.start);
        let joined = stretches.into_iter().map(|(_, stretch)| stretch).reduce(|all, next| {
            if next.start <= all.end.saturating_add(BRIDGED_MS) {
                all.start..all.end.max(next.end)
            } else {
                all
            }
        });
        joined.map(|stretch| (id, stretch))
    }

    /// Where a turn, counted from 0, is heard.
    #[must_use]
    pub fn turn(&self, turn: usize) -> Option<(RecordingId, Range<u32>)> {
        let (id, heard, turn) = self.part(turn)?;
        heard.turns.get(turn).map(|turn| (id, turn.start_ms..turn.end_ms))
    }
}

/// Whether a conversation is made of these words, turn by turn, whoever is said to have spoken them.
fn says(parts: &[(RecordingId, Heard)], transcript: &Transcript) -> bool {
    let own = parts.iter().flat_map(|(_, heard)| &heard.turns).map(|turn| turn.text.trim());
    own.eq(transcript.turns.iter().map(|turn| turn.text.trim()))
}
