//! How many voices there are, and what each is like: windows are joined while they are alike, small groups and groups that
//! are only two voices heard at once are left out.

use crate::voiceprint::Voiceprint;

/// Windows that are compared with each other; more are thinned out evenly, so that hours cost no more than minutes.
const MOST_WINDOWS: usize = 1_500;

/// Mean likeness down to which two groups of windows are joined.
const SAME_GROUP: f32 = 0.65;

/// Likeness of their means from which two groups are one voice.
const SAME_VOICE: f32 = 0.82;

/// Part of all windows a voice has to have.
const SMALLEST_SHARE: f32 = 0.02;

/// Windows a voice has to have, whatever their share.
const FEWEST_WINDOWS: usize = 4;

/// How well the mean of a group may be explained as a sum of two other voices before it is held to be just that.
const SUM_OF_TWO: f32 = 0.88;

/// The most voices that are told apart.
pub(super) const MOST_VOICES: usize = 8;

/// The voices in these windows, the most heard first. With `expected`, no more than so many.
pub(super) fn voices(windows: &[&Voiceprint], expected: Option<usize>) -> Vec<Voiceprint> {
    let every = windows.len().div_ceil(MOST_WINDOWS).max(1);
    let windows: Vec<&Voiceprint> = windows.iter().copied().step_by(every).collect();
    let smallest = ((windows.len() as f32 * SMALLEST_SHARE) as usize).max(FEWEST_WINDOWS);
    let mut groups = joined(&windows);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let enough = groups.iter().filter(|group| group.len() >= smallest).count().max(1);
    groups.truncate(enough);
    let mut voices: Vec<(usize, Voiceprint)> =
        groups.iter().filter_map(|group| Some((group.len(), mean(&windows, group)?))).collect();
    let wanted = expected.unwrap_or(MOST_VOICES).min(MOST_VOICES);
    // Known to be several, alike voices stay apart: what is said of each is then doubted, not joined.
    let fewest = expected.unwrap_or(1);
    while let Some((first, second)) = most_alike(&voices, fewest) {
        let (count, voice) = voices.remove(second);
        if let Some((joined_count, joined_voice)) = voices.get_mut(first) {
            if let Some(sum) = weighted(joined_voice, *joined_count, &voice, count) {
                *joined_voice = sum;
            }
            *joined_count += count;
        }
    }
    voices.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut kept: Vec<Voiceprint> = Vec::new();
    for (_, voice) in voices {
        if kept.len() < wanted && !is_sum_of_two(&voice, &kept) {
            kept.push(voice);
        }
    }
    kept
}

fn mean(windows: &[&Voiceprint], group: &[usize]) -> Option<Voiceprint> {
    Voiceprint::mean(group.iter().filter_map(|at| windows.get(*at)).copied())
}

fn weighted(a: &Voiceprint, a_count: usize, b: &Voiceprint, b_count: usize) -> Option<Voiceprint> {
    let (a_count, b_count) = (a_count as f32, b_count as f32);
    let mut sum = *a.values();
    for (value, other) in sum.iter_mut().zip(b.values()) {
        *value = *value * a_count + other * b_count;
    }
    Voiceprint::new(sum)
}

/// The two most alike voices, if they are one.
fn most_alike(voices: &[(usize, Voiceprint)], fewest: usize) -> Option<(usize, usize)> {
    if voices.len() <= fewest {
        return None;
    }
    let pairs = (0..voices.len()).flat_map(|a| (a + 1..voices.len()).map(move |b| (a, b)));
    pairs
        .filter_map(|(a, b)| Some((voices.get(a)?.1.likeness(&voices.get(b)?.1), a, b)))
        .filter(|(likeness, _, _)| *likeness >= SAME_VOICE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, a, b)| (a, b))
}

/// Whether a voice is two of these heard at once: the best sum of two, both with weight, is nearly the same.
fn is_sum_of_two(voice: &Voiceprint, others: &[Voiceprint]) -> bool {
    others.iter().enumerate().any(|(at, a)| {
        others.iter().skip(at + 1).any(|b| {
            let (to_a, to_b, between) = (voice.likeness(a), voice.likeness(b), a.likeness(b));
            let rest = 1.0 - between * between;
            if rest < 1e-3 {
                return false;
            }
            let (of_a, of_b) = ((to_a - between * to_b) / rest, (to_b - between * to_a) / rest);
            let explained = (of_a * to_a + of_b * to_b).max(0.0).sqrt();
            of_a > 0.2 && of_b > 0.2 && explained > SUM_OF_TWO
        })
    })
}

/// Groups of windows by average linkage (the chain of nearest neighbours), joined down to [`SAME_GROUP`].
fn joined(windows: &[&Voiceprint]) -> Vec<Vec<usize>> {
    let count = windows.len();
    let mut likeness: Vec<Vec<f32>> =
        windows.iter().map(|a| windows.iter().map(|b| a.likeness(b)).collect()).collect();
    let mut groups: Vec<Vec<usize>> = (0..count).map(|at| vec![at]).collect();
    // A group that found nobody alike enough will not find anybody later: joining only lowers the mean.
    let mut open: Vec<usize> = (0..count).collect();
    let mut chain: Vec<usize> = Vec::new();
    while let Some(last) = chain.last().copied().or_else(|| open.last().copied()) {
        if chain.is_empty() {
            chain.push(last);
        }
        let before = chain.iter().rev().nth(1).copied();
        let nearest = open
            .iter()
            .copied()
            .filter(|other| *other != last)
            .map(|other| (at(&likeness, last, other), Some(other) == before, other))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match nearest {
            Some((value, _, other)) if value >= SAME_GROUP => {
                if Some(other) == before {
                    chain.truncate(chain.len() - 2);
                    join(&mut likeness, &mut groups, &open, other, last);
                    open.retain(|group| *group != last);
                } else {
                    chain.push(other);
                }
            }
            _ => {
                chain.clear();
                open.retain(|group| *group != last);
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn at(likeness: &[Vec<f32>], a: usize, b: usize) -> f32 {
    likeness.get(a).and_then(|row| row.get(b)).copied().unwrap_or_default()
}

/// Puts group `b` into group `a`; the likeness to each other group is the mean over all pairs.
fn join(likeness: &mut [Vec<f32>], groups: &mut [Vec<usize>], open: &[usize], a: usize, b: usize) {
    let size = |group: usize| groups.get(group).map_or(0, Vec::len) as f32;
    let (of_a, of_b) = (size(a), size(b));
    for other in open.iter().copied().filter(|other| *other != a && *other != b) {
        let value = (of_a * at(likeness, a, other) + of_b * at(likeness, b, other)) / (of_a + of_b);
        for (row, column) in [(a, other), (other, a)] {
            if let Some(cell) = likeness.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = value;
            }
        }
    }
    let moved = groups.get_mut(b).map(std::mem::take).unwrap_or_default();
    if let Some(group) = groups.get_mut(a) {
        group.extend(moved);
    }
}
