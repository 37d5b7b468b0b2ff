//! Notes that are due during a stay: from one to the next, on time or late (reference, section 7).
//!
//! Nothing is filled in afterwards: a late note stays late, a missing one stays missing.

use clinical::document::DocumentKind;
use jiff::{SignedDuration, Timestamp};

use crate::catalogue::definitions;
use crate::definitions::{DocumentDefinition, Due};

/// The time in which a note had to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Which note.
    pub kind: DocumentKind,
    /// The act before it.
    pub since: Timestamp,
    /// Until when it was due.
    pub due: Timestamp,
    /// When it was written, or the patient left; `None` while it is awaited.
    pub ended: Option<Timestamp>,
}

impl Interval {
    /// Whether the note came in time; `None` while there is time left.
    #[must_use]
    pub fn on_time(&self, now: Timestamp) -> Option<bool> {
        match self.ended {
            Some(at) => Some(at <= self.due),
            None if now > self.due => Some(false),
            None => None,
        }
    }

    /// Whether the note is awaited and late (nota vencida).
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.on_time(now) == Some(false)
    }
}

/// The intervals of a record, from its signed documents by time of the act. `left` are the moments at which a person
/// noted that a stay is over: which note is no longer due, and when that was said.
#[must_use]
pub fn intervals(acts: &[(DocumentKind, Timestamp)], left: &[(DocumentKind, Timestamp)]) -> Vec<Interval> {
    let mut acts = acts.to_vec();
    acts.sort_by_key(|(_, at)| *at);
    let due = definitions().iter().filter_map(|definition| Some((definition, definition.due.as_ref()?)));
    due.flat_map(|(definition, due)| of_kind(definition, due, &acts, left)).collect()
}

fn of_kind(
    definition: &DocumentDefinition,
    due: &Due,
    acts: &[(DocumentKind, Timestamp)],
    left: &[(DocumentKind, Timestamp)],
) -> Vec<Interval> {
    let mut found = Vec::new();
    let mut running: Option<Interval> = None;
    for (kind, at) in acts {
        let over = |open: &Interval| {
            left.iter().any(|(which, said)| *which == definition.kind && *said >= open.since && said <= at)
        };
        running = running.filter(|open| !over(open));
        if due.since.contains(kind) || due.until.contains(kind) {
            found.extend(running.take().map(|open| Interval { ended: Some(*at), ..open }));
        } else if due.elsewhere.contains(kind) {
            running = None;
        }
        if due.since.contains(kind) {
            let hours = SignedDuration::from_hours(i64::from(due.hours));
            running = Some(Interval { kind: definition.kind, since: *at, due: *at + hours, ended: None });
        }
    }
    let said =
        |open: &Interval| left.iter().any(|(which, said)| *which == definition.kind && *said >= open.since);
    found.extend(running.filter(|open| !said(open)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str) -> DocumentKind {
        DocumentKind::from_code(code).unwrap()
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
    }

    /// `acts` and `left` as code and hour; `expected` as code, hour it was due, and whether it was on time at hour 100.
    fn check(acts: &[(&str, i64)], left: &[(&str, i64)], expected: &[(&str, i64, Option<bool>)]) {
        let read = |list: &[(&str, i64)]| -> Vec<(DocumentKind, Timestamp)> {
            list.iter().map(|(code, hour)| (kind(code), at(*hour))).collect()
        };
        let found = intervals(&read(acts), &read(left));
        let found: Vec<_> = found.iter().map(|one| (one.kind, one.due, one.on_time(at(100)))).collect();
        let expected: Vec<_> = expected.iter().map(|(code, due, on)| (kind(code), at(*due), *on)).collect();
        assert_eq!(found, expected, "{acts:?}");
    }

    #[test]
    fn in_emergencies_a_note_is_due_every_eight_hours_until_the_patient_leaves() {
        check(&[("NIU", 90)], &[], &[("NEU", 98, Some(false))]);
        check(&[("NIU", 95)], &[], &[("NEU", 103, None)]);
        check(&[("NIU", 80), ("NEU", 88)], &[], &[("NEU", 88, Some(true)), ("NEU", 96, Some(false))]);
        check(
            &[("NIU", 80), ("NEU", 89), ("REU", 90)],
            &[],
            &[("NEU", 88, Some(false)), ("NEU", 97, Some(true))],
        );
        check(&[("REU", 90), ("NIU", 80)], &[], &[("NEU", 88, Some(false))]);
    }

    #[test]
    fn in_hospital_a_note_is_due_every_day() {
        check(
            &[("NIN", 10), ("NEH", 30), ("NEG", 60)],
            &[],
            &[("NEH", 34, Some(true)), ("NEH", 54, Some(false))],
        );
        check(&[("NEV", 10), ("HC", 11)], &[], &[]);
    }

    #[test]
    fn who_is_seen_elsewhere_or_has_left_awaits_no_note() {
        check(&[("NIU", 10), ("NEV", 90)], &[], &[]);
        check(&[("NIU", 10)], &[("NEU", 20)], &[]);
        check(&[("NIU", 10)], &[("NEU", 5)], &[("NEU", 18, Some(false))]);
        check(&[("NIU", 10), ("NIU", 95)], &[("NEU", 20)], &[("NEU", 103, None)]);
    }

    #[test]
    fn only_a_confirmed_numeral_is_cited() {
        let citation = |code| {
            let due = crate::definition(kind(code)).due.as_ref().unwrap();
            due.citation.map(|citation| citation.to_string())
        };
        assert_eq!(citation("NEU").as_deref(), Some("NOM-027-SSA3-2013, numeral 6.2.2"));
        assert_eq!(citation("NEH"), None);
    }
}
