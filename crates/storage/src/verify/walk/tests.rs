//! Chains of numbers, harmed in every way.

use super::*;
use crate::chain::LinkHasher;

#[derive(Clone, Copy)]
struct Row {
    sequence: i64,
    says: i64,
    previous: Digest,
    digest: Digest,
}

struct Says(i64);

impl Link for Says {
    fn digest_at(&self, sequence: i64, previous: Digest) -> Digest {
        LinkHasher::new(Chain::Audit, previous).number(sequence).number(self.0).finish()
    }
}

fn row(sequence: i64, says: i64, previous: Digest) -> Row {
    Row { sequence, says, previous, digest: Says(says).digest_at(sequence, previous) }
}

fn chain(length: i64) -> Vec<Row> {
    let mut previous = Digest::ORIGIN;
    (1..=length)
        .map(|sequence| {
            let row = row(sequence, sequence * 10, previous);
            previous = row.digest;
            row
        })
        .collect()
}

fn end(rows: &[Row]) -> Option<(i64, Digest)> {
    Some(rows.last().map_or((0, Digest::ORIGIN), |row| (row.sequence, row.digest)))
}

/// Harms a chain of eight rows and compares the findings, written as "kind sequence[-until]".
fn check(harm: impl FnOnce(&mut Vec<Row>, &mut Option<(i64, Digest)>), expected: &[&str]) {
    let mut rows = chain(8);
    let mut head = end(&rows);
    harm(&mut rows, &mut head);
    rows.sort_by_key(|row| row.sequence);
    let mut walk = Walk::new(Chain::Audit, head);
    for row in rows {
        walk.link(row.sequence, Says(row.says), row.previous, row.digest);
    }
    let (_, findings) = walk.finish();
    let found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let until = finding.until.map_or(String::new(), |until| format!("-{until}"));
            format!("{} {}{until}", finding.kind.code(), finding.sequence.unwrap())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_whole_chain_is_sound() {
    check(|_, _| {}, &[]);
    check(
        |rows, head| {
            rows.clear();
            *head = end(rows);
        },
        &[],
    );
}

#[test]
fn an_edited_row_is_found_whether_or_not_its_digest_was_renewed() {
    check(|rows, _| rows[3].says = 7, &["edited 4"]);
    check(|rows, _| rows[3] = row(4, 7, rows[2].digest), &["edited 4"]);
    check(|rows, _| rows[7] = row(8, 7, rows[6].digest), &["edited 8"]);
    check(|rows, _| rows[0] = row(1, 7, Digest::ORIGIN), &["edited 1"]);
    let other = row(9, 9, Digest::ORIGIN).digest;
    check(|rows, _| rows[0] = row(1, 10, other), &["edited 1"]);
}

#[test]
fn removed_rows_are_found_at_the_start_in_the_middle_and_at_the_end() {
    check(
        |rows, _| {
            rows.drain(0..2);
        },
        &["removed 1-2"],
    );
    check(
        |rows, _| {
            rows.remove(3);
        },
        &["removed 4"],
    );
    check(|rows, _| rows.truncate(5), &["removed 6-8"]);
    check(|rows, _| rows.clear(), &["removed 1-8"]);
}

#[test]
fn moved_rows_are_told_from_edited_ones() {
    check(
        |rows, _| {
            rows[2].sequence = 6;
            rows[5].sequence = 3;
        },
        &["reordered 3", "reordered 6"],
    );
}

#[test]
fn a_removed_row_whose_gap_was_closed_shows_the_rows_that_moved_up() {
    check(
        |rows, _| {
            rows.remove(5);
            for row in &mut rows[5..] {
                row.sequence -= 1;
            }
        },
        &["reordered 6", "reordered 7", "removed 8"],
    );
}

/// More rows than are looked for everywhere: each is still found where it was written, one place before.
#[test]
fn a_row_slipped_in_at_the_start_of_a_long_chain_shows_every_row_that_moved_down() {
    let mut rows = chain(600);
    let head = end(&rows);
    for row in &mut rows {
        row.sequence += 1;
    }
    rows.insert(0, row(1, 7, Digest::ORIGIN));
    let mut walk = Walk::new(Chain::Audit, head);
    for row in rows {
        walk.link(row.sequence, Says(row.says), row.previous, row.digest);
    }
    let (count, findings) = walk.finish();
    assert_eq!((count, findings.len()), (601, 600));
    for (finding, sequence) in findings.iter().zip(2..=600) {
        assert_eq!(*finding, Finding::reordered(Chain::Audit, sequence, sequence - 1));
    }
    assert_eq!(findings[599], Finding::at(Chain::Audit, 601, FindingKind::Inserted));
}

#[test]
fn inserted_rows_are_found_behind_the_end_and_before_the_start() {
    check(|rows, _| rows.push(row(9, 1, rows[7].digest)), &["inserted 9"]);
    check(|rows, _| rows.push(row(0, 1, Digest::ORIGIN)), &["inserted 0"]);
    check(|rows, _| rows.push(row(i64::MIN, 1, Digest::ORIGIN)), &["inserted -9223372036854775808"]);
    check(|rows, _| rows.push(row(i64::MAX, 1, rows[7].digest)), &["inserted 9-9223372036854775807"]);
}

#[test]
fn a_chain_written_anew_to_its_end_is_betrayed_by_the_seal() {
    check(
        |rows, head| {
            let mut previous = rows[2].digest;
            for sequence in 4..=8 {
                let says = if sequence == 4 { 7 } else { sequence * 10 };
                let at = usize::try_from(sequence - 1).unwrap();
                rows[at] = row(sequence, says, previous);
                previous = rows[at].digest;
            }
            // The forger cannot make the seal.
            *head = None;
        },
        &["head_mismatch 8"],
    );
}

#[test]
fn a_row_behind_the_end_does_not_hide_that_the_chain_was_written_anew() {
    check(
        |rows, _| {
            rows[7] = row(8, 7, rows[6].digest);
            rows.push(row(9, 1, rows[7].digest));
        },
        &["edited 8", "inserted 9"],
    );
}
