//! Follows a chain row by row and works out what happened to it. Pure: rows come in, findings go out.

use clinical::digest::Digest;

use super::report::{Finding, FindingKind};
use crate::chain::Chain;

/// Beyond so many damaged rows only the neighbouring places are tried when looking for where a row came from.
const THOROUGH: usize = 500;

/// The fields of a link, able to compute its digest for any place.
pub(super) trait Link {
    fn digest_at(&self, sequence: i64, previous: Digest) -> Digest;
}

/// A row whose digest does not fit what it says at its place.
struct Unsound<L> {
    sequence: i64,
    link: L,
    previous: Digest,
    digest: Digest,
}

pub(super) struct Walk<L> {
    chain: Chain,
    /// Where the program says the chain ends; `None` when the seal of it is not the program's.
    head: Option<(i64, Digest)>,
    /// The place of the row before.
    last: i64,
    /// Digest of the row before as stored; `None` when there is nothing to compare with.
    before: Option<Digest>,
    before_is_sound: bool,
    count: i64,
    unsound: Vec<Unsound<L>>,
    gaps: Vec<(i64, i64)>,
    findings: Vec<Finding>,
}

impl<L: Link> Walk<L> {
    pub(super) fn new(chain: Chain, head: Option<(i64, Digest)>) -> Self {
        Self {
            chain,
            head,
            last: 0,
            before: Some(Digest::ORIGIN),
            before_is_sound: true,
            count: 0,
            unsound: Vec::new(),
            gaps: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The next row in the order of the stored sequence.
    pub(super) fn link(&mut self, sequence: i64, link: L, previous: Digest, digest: Digest) {
        if !self.arrive(sequence) {
            return;
        }
        let sound = link.digest_at(sequence, previous) == digest;
        let joined = self.before.is_none_or(|before| before == previous);
        if !sound {
            self.unsound.push(Unsound { sequence, link, previous, digest });
        } else if !joined && self.before_is_sound {
            // Both rows are in order by themselves: the one before was written anew with a digest of its own.
            // Before the first there is none; then it is the first that does not begin the chain.
            let rewritten = if sequence > 1 { sequence - 1 } else { sequence };
            self.find(rewritten, FindingKind::Edited);
        }
        if sound && self.head.is_some_and(|(end, sealed)| end == sequence && sealed != digest) {
            // Everything up to here may fit and yet be written anew.
            self.find(sequence, FindingKind::Edited);
        }
        self.before = Some(digest);
        self.before_is_sound = sound;
    }

    /// A row that cannot even be read.
    pub(super) fn unreadable(&mut self, sequence: i64) {
        if self.arrive(sequence) {
            self.find(sequence, FindingKind::Edited);
            self.before = None;
        }
    }

    /// Counts a row and notes a gap before it; `false` for a place that no row can have.
    fn arrive(&mut self, sequence: i64) -> bool {
        self.count += 1;
        if sequence <= self.last {
            self.find(sequence, FindingKind::Inserted);
            return false;
        }
        if sequence - self.last > 1 {
            self.gaps.push((self.last + 1, sequence - 1));
            self.before = None;
        }
        self.last = sequence;
        true
    }

    fn find(&mut self, sequence: i64, kind: FindingKind) {
        self.findings.push(Finding::at(self.chain, sequence, kind));
    }

    /// Compares the end with the head. Returns the number of rows and what was found, in the order of the chain.
    pub(super) fn finish(mut self) -> (i64, Vec<Finding>) {
        let last = self.last;
        match self.head {
            None => self.find(last, FindingKind::HeadMismatch),
            Some((end, _)) if end > last => self.gaps.push((last + 1, end)),
            Some((end, _)) if end < last => {
                // Rows behind the end are not the program's, whatever else may be wrong with them.
                self.unsound.retain(|row| row.sequence <= end);
                self.findings.retain(|finding| finding.sequence.is_none_or(|place| place <= end));
                self.gaps.retain(|(from, _)| *from <= end);
                for (_, until) in &mut self.gaps {
                    *until = (*until).min(end);
                }
                self.findings.push(Finding::range(self.chain, end + 1, last, FindingKind::Inserted));
            }
            Some(_) => {}
        }
        self.place_unsound(last);
        for (from, until) in std::mem::take(&mut self.gaps) {
            self.findings.push(Finding::range(self.chain, from, until, FindingKind::Removed));
        }
        self.findings.sort_by_key(|finding| (finding.sequence, finding.kind));
        self.findings.dedup();
        (self.count, self.findings)
    }

    /// Tells edited rows from rows that were moved: a moved row's digest fits at the place it was written to.
    fn place_unsound(&mut self, last: i64) {
        let rows = std::mem::take(&mut self.unsound);
        let mut places: Vec<i64> = Vec::new();
        if rows.len() <= THOROUGH {
            places.extend(rows.iter().map(|row| row.sequence));
            places.extend(self.gaps.iter().flat_map(|&(from, until)| from..=until).take(THOROUGH));
        }
        places.push(last.saturating_add(1));
        for row in &rows {
            let near = [row.sequence.saturating_add(1), row.sequence - 1];
            let fits = |place: &i64| {
                *place != row.sequence && row.link.digest_at(*place, row.previous) == row.digest
            };
            let finding = match near.iter().chain(&places).find(|place| fits(place)) {
                Some(&written_at) => Finding::reordered(self.chain, row.sequence, written_at),
                None => Finding::at(self.chain, row.sequence, FindingKind::Edited),
            };
            self.findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
