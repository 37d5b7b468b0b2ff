//! What the model sees of a stretch of words: the words, what stands around them, who says it when, what is known there.

use crate::context::Said;
use crate::context::answer::Reply;
use crate::context::person::Who;
use crate::learned::linear::Sink;
use crate::scene::Scene;
use crate::text::Sentence;

use super::view::{Mark, TurnView};

/// A stretch of words with what the context rules say of it.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) turn: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) sentence: Sentence,
    pub(super) said: Option<Said>,
    pub(super) who: &'a Who,
}

/// The few numbers many features are combined with.
struct Setting {
    /// Who speaks, and whether it is a question.
    voice: u64,
    /// What part of the visit it is.
    phase: u64,
    /// Yes, no, no longer or unsure, as the words around say.
    said: u64,
    /// The patient, a relative, somebody else.
    who: u64,
    /// Words in the stretch.
    length: u64,
}

/// The features of a stretch of words, each once.
pub(super) fn features(scene: &Scene<'_>, views: &[TurnView], place: &Place<'_>) -> Vec<u32> {
    let mut sink = Sink::new();
    let setting = setting(scene, place);
    let view = &views[place.turn];
    inside(view, place, &setting, &mut sink);
    around(view, place, &setting, &mut sink);
    clause(scene, view, place, &setting, &mut sink);
    known(view, place, &setting, &mut sink);
    vocabulary(view, place, &setting, &mut sink);
    senses(view, place, &setting, &mut sink);
    extracted(views, place, &setting, &mut sink);
    exchange(scene, views, place, &mut sink);
    sink.finish()
}

fn setting(scene: &Scene<'_>, place: &Place<'_>) -> Setting {
    let turn = scene.turn(place.turn);
    let tenth = place.turn * 10 / crate::learned::length(scene);
    let speaker = if turn.is_doctor() {
        0
    } else {
        1 + u64::from(turn.speaker == clinical::transcript::Speaker::Companion)
    };
    Setting {
        voice: speaker * 2 + u64::from(place.sentence.question),
        phase: match (scene.exam[place.turn], tenth) {
            (true, _) => 0,
            (false, 0..=4) => 1,
            (false, 5..=6) => 2,
            _ => 3,
        },
        said: match place.said {
            Some(Said::Yes) => 0,
            Some(Said::No) => 1,
            Some(Said::Past) => 2,
            None => 3,
        },
        who: match place.who {
            Who::Patient => 0,
            Who::Relative(_) => 1,
            Who::Other => 2,
        },
        length: (place.end - place.start) as u64,
    }
}

/// The words themselves.
fn inside(view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let (start, end) = (place.start, place.end);
    sink.add(1, &[]);
    sink.add(2, &[setting.length]);
    sink.add(3, &[setting.length, setting.voice]);
    for at in start..end {
        if view.small[at] {
            sink.add(4, &[view.words[at]]);
        } else {
            sink.add(5, &[view.stems[at]]);
            sink.add(6, &[view.endings[at].1]);
            sink.add(7, &[view.beginnings[at]]);
        }
        if at + 1 < end {
            sink.add(8, &[view.stems[at], view.stems[at + 1]]);
        }
    }
    sink.add(9, &view.stems[start..end]);
    sink.add(10, &[view.stems[start]]);
    sink.add(11, &[view.stems[end - 1]]);
    sink.add(12, &[view.endings[start].0]);
    sink.add(13, &[view.endings[end - 1].0]);
}

/// The words beside it.
fn around(view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    const EDGE: u64 = 1;
    let before = |back: usize| place.start.checked_sub(back).map_or(EDGE, |at| view.words[at]);
    let after = |ahead: usize| view.words.get(place.end + ahead).copied().unwrap_or(EDGE);
    for step in 0..3 {
        sink.add(20 + step as u64, &[before(step + 1)]);
        sink.add(23 + step as u64, &[after(step)]);
    }
    sink.add(26, &[before(2), before(1)]);
    sink.add(27, &[after(0), after(1)]);
    sink.add(28, &[before(3), before(2), before(1)]);
    sink.add(29, &[before(1), after(0)]);
    sink.add(30, &[before(1), after(0), setting.length]);
    sink.add(31, &[before(1), setting.voice, setting.phase]);
    sink.add(32, &[after(0), setting.voice, setting.phase]);
    let turn_words = |at: &usize| !view.small[*at] && !view.punctuation[*at];
    for (nth, at) in (place.sentence.start..place.start).rev().filter(turn_words).take(5).enumerate() {
        sink.add(33, &[view.stems[at]]);
        if nth == 0 {
            sink.add(34, &[view.stems[at]]);
        }
    }
    for (nth, at) in (place.end..place.sentence.end).filter(turn_words).take(4).enumerate() {
        sink.add(35, &[view.stems[at]]);
        if nth == 0 {
            sink.add(36, &[view.stems[at]]);
        }
    }
}

/// Its clause, its sentence and what the context rules say.
fn clause(scene: &Scene<'_>, view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let turn = scene.turn(place.turn);
    let pause = |at: &usize| turn.tokens[*at].is_punct();
    let first =
        (place.sentence.start..place.start).rev().find(pause).map_or(place.sentence.start, |at| at + 1);
    let last = (place.end..place.sentence.end).find(pause).unwrap_or(place.sentence.end);
    let word = |at: usize| view.words.get(at).copied().unwrap_or_default();
    let (before, after) = ((place.start - first).min(5) as u64, (last - place.end).min(5) as u64);
    sink.add(40, &[word(first), word(first + 1)]);
    sink.add(41, &[before]);
    sink.add(42, &[after]);
    sink.add(43, &[before.min(3), after.min(3), setting.voice]);
    sink.add(44, &[word(place.sentence.start), word(place.sentence.start + 1)]);
    let Setting { voice, phase, said, who, .. } = *setting;
    let tenth = (place.turn * 10 / crate::learned::length(scene)) as u64;
    let family = u64::from(scene.family[place.turn]);
    sink.add(45, &[voice]);
    sink.add(46, &[voice, phase]);
    sink.add(47, &[voice, tenth]);
    sink.add(48, &[voice, said]);
    sink.add(49, &[voice, said, who]);
    sink.add(50, &[voice, said, who, phase]);
    sink.add(51, &[who, family]);
    sink.add(52, &[said, word(first)]);
}

/// What the lexicons found here and near.
fn known(view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let Setting { voice, phase, said, who, .. } = *setting;
    let (start, end) = (place.start, place.end);
    let mut any = false;
    for mark in &view.found {
        if mark.touches(start, end) {
            let fit = mark.fit(start, end);
            sink.add(60, &[mark.what, fit]);
            sink.add(61, &[mark.what, fit, voice, said, who]);
            sink.add(62, &[mark.what, fit, voice, phase]);
            any = true;
        } else if mark.start >= place.sentence.start && mark.end <= place.sentence.end {
            sink.add(63, &[mark.what, voice]);
            if mark.distance(start, end) <= 2 {
                sink.add(64, &[mark.what, u64::from(mark.end <= start)]);
            }
        }
    }
    if !any {
        sink.add(65, &[voice, said, who]);
        sink.add(66, &[voice, phase]);
    }
}

/// The lexicons that know its words, whatever phrase they stand in.
fn vocabulary(view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let Setting { voice, phase, said, .. } = *setting;
    let (mut all, mut unknown) = (0, 0_u64);
    for at in (place.start..place.end).filter(|at| !view.small[*at]) {
        let tables = view.tables[at];
        all |= tables;
        unknown += u64::from(tables == 0);
        for bit in (0..u16::BITS).filter(|bit| tables >> bit & 1 == 1).map(u64::from) {
            sink.add(70, &[bit]);
            sink.add(71, &[bit, voice, said]);
            sink.add(72, &[bit, voice, phase]);
        }
    }
    let some = u64::from(all != 0);
    sink.add(73, &[u64::from(all)]);
    sink.add(74, &[unknown, some]);
    sink.add(75, &[unknown, some, voice, said]);
    sink.add(76, &[u64::from(view.tables[place.start])]);
    sink.add(77, &[u64::from(view.tables[place.end - 1])]);
    let beside = [place.start.checked_sub(1), Some(place.end)];
    for (side, at) in (0_u64..).zip(beside) {
        if let Some(tables) = at.and_then(|at| view.tables.get(at)).filter(|tables| **tables != 0) {
            sink.add(78, &[side, u64::from(*tables)]);
        }
    }
}

/// What its words and those beside it speak of.
fn senses(view: &TurnView, place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let Setting { voice, phase, said, .. } = *setting;
    let of = |at: usize| view.senses[at].iter().map(|sense| u64::from(*sense));
    for at in (place.start..place.end).filter(|at| !view.small[*at]) {
        for sense in of(at) {
            sink.add(110, &[sense]);
            sink.add(111, &[sense, voice, said]);
            sink.add(112, &[sense, voice, phase]);
        }
    }
    for sense in of(place.start) {
        sink.add(113, &[sense, setting.length]);
    }
    for sense in of(place.end - 1) {
        sink.add(114, &[sense, setting.length]);
    }
    for first in of(place.start) {
        for last in of(place.end - 1) {
            sink.add(115, &[first, last]);
        }
    }
    let content = |at: &usize| !view.small[*at] && !view.punctuation[*at];
    let before = (place.sentence.start..place.start).rev().find(content);
    let after = (place.end..place.sentence.end).find(content);
    for (side, at) in (0_u64..).zip([before, after]) {
        for sense in at.into_iter().flat_map(of) {
            sink.add(116, &[side, sense]);
            sink.add(117, &[side, sense, voice]);
        }
    }
    for at in (place.sentence.start..place.sentence.end).filter(|at| *at < place.start || *at >= place.end) {
        for sense in of(at) {
            sink.add(118, &[sense]);
        }
    }
}

/// What the rules extracted near it.
fn extracted(views: &[TurnView], place: &Place<'_>, setting: &Setting, sink: &mut Sink) {
    let (start, end) = (place.start, place.end);
    let (touching, apart): (Vec<&Mark>, Vec<&Mark>) =
        views[place.turn].extracted.iter().partition(|mark| mark.touches(start, end));
    let Setting { voice, phase, said, .. } = *setting;
    if touching.is_empty() {
        sink.add(84, &[]);
    }
    for mark in touching {
        let fit = mark.fit(start, end);
        sink.add(85, &[mark.what, fit]);
        sink.add(86, &[mark.what, fit, voice, said]);
        sink.add(87, &[mark.what, voice, phase]);
        sink.add(88, &[mark.what, fit, setting.length]);
        for at in start..end {
            sink.add(89, &[mark.what, views[place.turn].stems[at]]);
        }
    }
    for mark in apart {
        sink.add(80, &[mark.what]);
        if mark.start >= place.sentence.start && mark.end <= place.sentence.end {
            sink.add(81, &[mark.what]);
            if mark.distance(start, end) <= 3 {
                sink.add(82, &[mark.what, u64::from(mark.end <= start)]);
            }
        }
    }
    for step in 1..=2 {
        let before = place.turn.checked_sub(step).and_then(|turn| views.get(turn));
        for (side, view) in (0_u64..).zip([before, views.get(place.turn + step)]) {
            for mark in view.into_iter().flat_map(|view| &view.extracted) {
                sink.add(83, &[mark.what, side, step as u64, setting.voice / 2]);
            }
        }
    }
}

/// The question it answers, or the answer to it.
fn exchange(scene: &Scene<'_>, views: &[TurnView], place: &Place<'_>, sink: &mut Sink) {
    let turn = scene.turn(place.turn);
    if turn.is_doctor() {
        let Some(answer) = scene.answers[place.turn].as_ref().filter(|_| place.sentence.question) else {
            return;
        };
        let reply = match answer.reply {
            None => 0,
            Some(Reply::Yes) => 1,
            Some(Reply::No) => 2,
            Some(Reply::NoLonger) => 3,
        };
        sink.add(90, &[reply]);
        for word in views[answer.turns[0]].words.iter().take(3) {
            sink.add(91, &[*word]);
        }
        return;
    }
    sink.add(92, &[(turn.tokens.len() / 5).min(6) as u64]);
    let Some(before) = scene.question_before(place.turn) else { return };
    let (asked, view) = (scene.turn(before), &views[before]);
    let question = asked.sentences.iter().rev().find(|sentence| sentence.question).or(asked.sentences.last());
    if let Some(question) = question {
        let words: Vec<usize> =
            (question.start..question.end).filter(|at| !asked.tokens[*at].is_punct()).collect();
        for at in words.iter().filter(|at| !view.small[**at]) {
            sink.add(93, &[view.stems[*at]]);
            for sense in view.senses[*at] {
                sink.add(98, &[u64::from(*sense)]);
            }
        }
        sink.add(94, &[u64::from(question.question)]);
        let opening: Vec<u64> = words.iter().take(2).map(|at| view.words[*at]).collect();
        sink.add(95, &opening);
    }
    for mark in &view.found {
        sink.add(96, &[mark.what]);
    }
    sink.add(97, &[u64::from(before + 1 == place.turn)]);
}
