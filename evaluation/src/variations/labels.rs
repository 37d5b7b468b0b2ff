//! Who speaks, got wrong: labels flipped, lost or all the same, turns glued together, no turns at all.

use clinical::transcript::{Speaker, Transcript, Turn};

use super::{Chance, Varied};

fn other(speaker: Speaker) -> Speaker {
    match speaker {
        Speaker::Doctor => Speaker::Patient,
        Speaker::Patient | Speaker::Companion => Speaker::Doctor,
        Speaker::Unknown => Speaker::Unknown,
    }
}

fn all(transcript: &mut Transcript, speaker: Speaker) {
    for turn in &mut transcript.turns {
        turn.speaker = speaker;
    }
}

/// One of ten turns carries the label of the other side.
pub(super) fn some_flipped(transcript: &mut Transcript, chance: &mut Chance) {
    for turn in &mut transcript.turns {
        if chance.percent(10) {
            turn.speaker = other(turn.speaker);
        }
    }
}

/// A recogniser that tells nobody apart.
pub(super) fn lost(transcript: &mut Transcript, _: &mut Chance) {
    all(transcript, Speaker::Unknown);
}

/// The two sides confused from beginning to end.
pub(super) fn swapped(transcript: &mut Transcript, _: &mut Chance) {
    for turn in &mut transcript.turns {
        turn.speaker = other(turn.speaker);
    }
}

pub(super) fn all_clinician(transcript: &mut Transcript, _: &mut Chance) {
    all(transcript, Speaker::Doctor);
}

pub(super) fn all_patient(transcript: &mut Transcript, _: &mut Chance) {
    all(transcript, Speaker::Patient);
}

/// One of ten changes of speaker is not noticed: what was said next stands in the turn before.
pub(super) fn changes_missed(transcript: &Transcript, chance: &mut Chance) -> Varied {
    let mut varied = Varied { transcript: Transcript::default(), turns: Vec::new() };
    for (at, turn) in transcript.turns.iter().enumerate() {
        match (varied.transcript.turns.last_mut(), varied.turns.last_mut()) {
            (Some(last), Some(turns)) if chance.percent(10) => {
                last.text.push(' ');
                last.text.push_str(&turn.text);
                turns.push(at);
            }
            _ => {
                varied.transcript.turns.push(turn.clone());
                varied.turns.push(vec![at]);
            }
        }
    }
    varied
}

/// All that was said as one paragraph, read as the program reads what somebody pastes.
pub(super) fn pasted(transcript: &Transcript) -> Varied {
    let text: Vec<&str> = transcript.turns.iter().map(|turn| turn.text.trim()).collect();
    // The first word is no label, whatever it looks like.
    let read = scribe::parse::transcript(format!("Audio. {}", text.join(" ")).as_bytes());
    let read = read.unwrap_or_else(|_| Transcript {
        turns: vec![Turn { speaker: Speaker::Unknown, text: text.join(" ") }],
    });
    let owners: Vec<usize> = transcript
        .turns
        .iter()
        .enumerate()
        .flat_map(|(at, turn)| turn.text.split_whitespace().map(move |_| at))
        .collect();
    let mut word = 0;
    let turns = read.turns.iter().map(|turn| {
        let words = turn.text.split_whitespace().count();
        // "Audio." has no owner.
        let mut held: Vec<usize> =
            (word..word + words).filter_map(|at| owners.get(at.checked_sub(1)?)).copied().collect();
        held.dedup();
        word += words;
        held
    });
    let turns = turns.collect();
    Varied { transcript: read, turns }
}
