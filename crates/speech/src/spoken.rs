//! Each word to who said it, by its time. What two people say at once is nobody's, unless it is a moment inside the sentence
//! of one of them; what lies near no turn is nobody's either. Turns begin where the speaker changes or pauses.

use crate::transcript::{DiarizedTranscript, DiarizedTurn, Speaker, SpeechSpan, Word};

/// How far from a turn a word outside all of them may lie and still be of who speaks in it, in milliseconds: engines and
/// networks place the edge of a word differently.
const NEAR_MS: u32 = 300;
/// What is said over somebody's sentence for less than this, in milliseconds, does not take the words of it from them.
const ASIDE_MS: u32 = 1_000;
/// A pause behind the end of a sentence that ends the turn, in milliseconds.
const PAUSE_MS: u32 = 1_200;
/// A pause that ends the turn wherever it is, in milliseconds.
const LONG_PAUSE_MS: u32 = 4_000;

/// Whose a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owner {
    speaker: Speaker,
    /// Whether somebody else speaks in it too.
    overlapped: bool,
}

impl DiarizedTranscript {
    /// The same conversation with its words, which come in the order of time. A turn without a word is gone.
    #[must_use]
    pub fn with_words(&self, words: Vec<Word>) -> Self {
        let mut owners: Vec<Owner> = words.iter().map(|word| self.owner(word.span)).collect();
        self.settle_asides(&words, &mut owners);
        let mut turns: Vec<DiarizedTurn> = Vec::new();
        for (word, owner) in words.into_iter().zip(owners) {
            match turns.last_mut().filter(|turn| turn.speaker == owner.speaker && goes_on(turn, &word)) {
                Some(turn) => {
                    turn.span =
                        SpeechSpan::new(turn.span.start_ms(), word.span.end_ms()).unwrap_or(turn.span);
                    turn.overlapped |= owner.overlapped;
                    turn.words.push(word);
                }
                None => turns.push(DiarizedTurn {
                    speaker: owner.speaker,
                    span: word.span,
                    overlapped: owner.overlapped,
                    words: vec![word],
                }),
            }
        }
        Self { turns }
    }

    /// Who speaks most of a stretch; nobody when two do at the same time.
    fn owner(&self, span: SpeechSpan) -> Owner {
        let shares = self.shares(span);
        let Some((speaker, most)) = shares.iter().copied().max_by_key(|(_, share)| *share) else {
            return Owner { speaker: self.near(span), overlapped: false };
        };
        let others: u32 = shares.iter().filter(|(other, _)| *other != speaker).map(|(_, share)| share).sum();
        // Half of the word or more is of both: side by side they would share it, not have it twice.
        let overlapped = 2 * (most + others) >= 3 * span.duration_ms();
        Owner { speaker: if overlapped { Speaker::Unknown } else { speaker }, overlapped }
    }

    /// How long each person speaks in a stretch, in milliseconds; who does not is not there.
    fn shares(&self, span: SpeechSpan) -> Vec<(Speaker, u32)> {
        let mut shares: Vec<(Speaker, u32)> = Vec::new();
        for turn in &self.turns {
            let shared = turn.span.shared_ms(span);
            match shares.iter_mut().find(|(speaker, _)| *speaker == turn.speaker) {
                Some((_, share)) => *share = (*share + shared).min(span.duration_ms()),
                None if shared > 0 => shares.push((turn.speaker, shared)),
                None => {}
            }
        }
        shares
    }

    /// The only one who speaks near a stretch in which nobody does.
    fn near(&self, span: SpeechSpan) -> Speaker {
        let around = SpeechSpan::new(span.start_ms().saturating_sub(NEAR_MS), span.end_ms() + NEAR_MS);
        match self.shares(around.unwrap_or(span)).as_slice() {
            [(speaker, _)] => *speaker,
            _ => Speaker::Unknown,
        }
    }

    /// Gives a moment in which two speak to who speaks before and after it without a pause, if they speak in it too.
    fn settle_asides(&self, words: &[Word], owners: &mut [Owner]) {
        let mut from = 0;
        while let Some(first) = owners.iter().skip(from).position(|owner| owner.overlapped) {
            let first = from + first;
            let run = owners.iter().skip(first).take_while(|owner| owner.overlapped).count();
            from = first + run;
            let (Some(inside), Some(before), Some(after)) =
                (words.get(first..from), first.checked_sub(1), owners.get(from))
            else {
                continue;
            };
            let around = words.get(before..=from).unwrap_or_default();
            let speaker = after.speaker;
            let short = inside
                .first()
                .zip(inside.last())
                .is_some_and(|(one, last)| last.span.end_ms() - one.span.start_ms() < ASIDE_MS);
            let in_one_breath = around.windows(2).all(|pair| pause(&pair[0], &pair[1]) < PAUSE_MS);
            let speaks = |word: &Word| self.shares(word.span).iter().any(|(one, _)| *one == speaker);
            if short
                && in_one_breath
                && speaker != Speaker::Unknown
                && owners.get(before).is_some_and(|owner| owner.speaker == speaker)
                && inside.iter().all(speaks)
            {
                for owner in owners.iter_mut().take(from).skip(first) {
                    owner.speaker = speaker;
                }
            }
        }
    }
}

/// How long nobody says a word between two, in milliseconds.
fn pause(one: &Word, next: &Word) -> u32 {
    next.span.start_ms().saturating_sub(one.span.end_ms())
}

/// Whether a word goes on in a turn of the same person.
fn goes_on(turn: &DiarizedTurn, word: &Word) -> bool {
    turn.words.last().is_none_or(|last| {
        let ended = last.text.ends_with(['.', '?', '!', '…']);
        pause(last, word) < if ended { PAUSE_MS } else { LONG_PAUSE_MS }
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use proptest::prelude::*;

    use super::*;

    const DOCTOR: Speaker = Speaker::Physician;
    const PATIENT: Speaker = Speaker::Numbered(NonZeroU8::MIN);

    fn span(start: u32, end: u32) -> SpeechSpan {
        SpeechSpan::new(start, end).unwrap()
    }

    fn turns(turns: &[(Speaker, u32, u32)]) -> DiarizedTranscript {
        let turn = |(speaker, start, end): &(Speaker, u32, u32)| DiarizedTurn {
            speaker: *speaker,
            span: span(*start, *end),
            overlapped: false,
            words: Vec::new(),
        };
        DiarizedTranscript { turns: turns.iter().map(turn).collect() }
    }

    fn words(text: &[(&str, u32, u32)]) -> Vec<Word> {
        let word = |(text, start, end): &(&str, u32, u32)| Word {
            text: (*text).to_owned(),
            span: span(*start, *end),
            confidence: 0.9,
        };
        text.iter().map(word).collect()
    }

    /// What becomes of words, one line a turn: "medico 0-900: Tome una."; a star where somebody else speaks too.
    #[track_caller]
    fn check(who: &[(Speaker, u32, u32)], text: &[(&str, u32, u32)], expected: &[&str]) {
        let heard = turns(who).with_words(words(text));
        let line = |turn: &DiarizedTurn| {
            let (start, end) = (turn.span.start_ms(), turn.span.end_ms());
            let star = if turn.overlapped { "*" } else { "" };
            format!("{}{star} {start}-{end}: {}", turn.speaker, turn.text())
        };
        assert_eq!(heard.turns.iter().map(line).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_word_belongs_to_who_speaks_most_of_it() {
        check(
            &[(DOCTOR, 0, 1_050), (PATIENT, 1_050, 2_000)],
            &[("¿Le", 0, 300), ("duele?", 350, 1_100), ("Sí.", 1_000, 1_500)],
            &["medico 0-1100: ¿Le duele?", "hablante1 1000-1500: Sí."],
        );
    }

    #[test]
    fn what_two_say_at_once_is_nobodys_and_an_aside_takes_no_word_from_a_sentence() {
        let dose = [("Una", 0, 400), ("cada", 500, 900), ("ocho", 950, 1_300), ("horas.", 1_350, 1_800)];
        check(&[(DOCTOR, 0, 2_000), (PATIENT, 450, 950)], &dose, &["medico* 0-1800: Una cada ocho horas."]);
        check(
            &[(DOCTOR, 0, 2_000), (PATIENT, 450, 2_500)],
            &dose,
            &["medico 0-400: Una", "desconocido* 500-1800: cada ocho horas."],
        );
        check(
            &[(DOCTOR, 0, 950), (PATIENT, 450, 2_000)],
            &dose,
            &["medico 0-400: Una", "desconocido* 500-900: cada", "hablante1 950-1800: ocho horas."],
        );
    }

    #[test]
    fn a_word_between_turns_is_of_the_only_one_who_speaks_near_it() {
        let who = [(DOCTOR, 0, 1_000), (PATIENT, 1_600, 3_000)];
        check(&who, &[("ya.", 1_050, 1_200)], &["medico 1050-1200: ya."]);
        check(&who, &[("ya.", 1_200, 1_400)], &["desconocido 1200-1400: ya."]);
        check(&who, &[("ya.", 9_000, 9_200)], &["desconocido 9000-9200: ya."]);
        check(&[], &[("ya.", 0, 200)], &["desconocido 0-200: ya."]);
    }

    #[test]
    fn turns_end_where_somebody_pauses_behind_a_sentence_not_while_they_think_of_a_dose() {
        check(
            &[(DOCTOR, 0, 20_000)],
            &[
                ("Respire.", 0, 500),
                ("Tome", 3_000, 3_400),
                ("dos", 6_000, 6_300),
                ("diarias", 11_000, 11_500),
            ],
            &["medico 0-500: Respire.", "medico 3000-6300: Tome dos", "medico 11000-11500: diarias"],
        );
    }

    #[test]
    fn a_turn_without_words_is_gone() {
        check(&[(DOCTOR, 0, 500), (PATIENT, 600, 900)], &[], &[]);
    }

    proptest! {
        #[test]
        fn every_word_is_said_once_in_its_order_whoever_speaks_when(
            who in proptest::collection::vec((0_u8..3, 0_u32..9_000, 1_u32..4_000), 0..8),
            said in proptest::collection::vec((0_u32..900, 1_u32..700), 0..30),
        ) {
            let speaker = |n: u8| NonZeroU8::new(n).map_or(Speaker::Unknown, Speaker::Numbered);
            let who: Vec<_> = who.into_iter().map(|(n, start, length)| (speaker(n), start, start + length)).collect();
            let mut at = 0;
            let said: Vec<Word> = said.into_iter().enumerate().map(|(n, (gap, length))| {
                let span = span(at + gap, at + gap + length);
                at = span.end_ms();
                Word { text: n.to_string(), span, confidence: 1.0 }
            }).collect();
            let heard = turns(&who).with_words(said.clone());
            let again: Vec<Word> = heard.turns.iter().flat_map(|turn| turn.words.clone()).collect();
            prop_assert_eq!(again, said);
            for turn in &heard.turns {
                prop_assert_eq!(turn.span.start_ms(), turn.words[0].span.start_ms());
                prop_assert_eq!(turn.span.end_ms(), turn.words[turn.words.len() - 1].span.end_ms());
            }
        }
    }
}
