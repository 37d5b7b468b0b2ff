//! Chance that can be repeated: the same seed throws the same dice.

pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `from` to `until`, both included.
    pub(super) fn between(&mut self, from: i64, until: i64) -> i64 {
        let width = u64::try_from(until - from + 1).unwrap();
        from + i64::try_from(self.next() % width).unwrap()
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let last = i64::try_from(from.len()).unwrap() - 1;
        &from[usize::try_from(self.between(0, last)).unwrap()]
    }

    pub(super) fn coin(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }

    pub(super) fn digest(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.next())).collect()
    }

    pub(super) fn id(&mut self) -> String {
        let digits = self.digest();
        format!(
            "{}-{}-7{}-8{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[13..16],
            &digits[17..20],
            &digits[20..32]
        )
    }
}
