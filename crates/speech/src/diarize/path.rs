//! The most likely course of who speaks: every window says how alike it is to each voice, a change of speaker has a price.

/// What a change costs, in the unit of the scores.
const CHANGE: f32 = 4.0;

/// The best state of each window. `scores` has one row a window, all of the same length (Viterbi).
pub(super) fn best(scores: &[Vec<f32>]) -> Vec<usize> {
    let states = scores.first().map_or(0, Vec::len);
    let mut sums = vec![0.0_f32; states];
    // For each window and state the state before it.
    let mut came: Vec<Vec<usize>> = Vec::with_capacity(scores.len());
    for row in scores {
        let leader = highest(&sums);
        let change = sums.get(leader).copied().unwrap_or_default() - CHANGE;
        let mut from = Vec::with_capacity(states);
        for (state, (sum, score)) in sums.iter_mut().zip(row).enumerate() {
            let stays = *sum >= change;
            from.push(if stays { state } else { leader });
            *sum = sum.max(change) + score;
        }
        came.push(from);
    }
    let mut state = highest(&sums);
    let mut path = vec![0; scores.len()];
    for (place, from) in path.iter_mut().zip(&came).rev() {
        *place = state;
        state = from.get(state).copied().unwrap_or_default();
    }
    path
}

/// Where the highest value is; the first of several.
fn highest(values: &[f32]) -> usize {
    let mut best = 0;
    for (at, value) in values.iter().enumerate() {
        if values.get(best).is_some_and(|leader| value > leader) {
            best = at;
        }
    }
    best
}
