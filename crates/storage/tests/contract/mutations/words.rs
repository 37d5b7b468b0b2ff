//! What a mutation is, and the SQL words it is made of.

use storage::Chain;

use super::kinds::Maker;
use super::record::{Cells, Column, Kind, Rows};

/// Where findings must be.
#[derive(Debug, Clone)]
pub(super) enum Expect {
    /// At each of these places of the chain.
    All(Chain, Vec<i64>),
    /// At one of them at least: whoever computes digests anew leaves a seam, or the end, to be found.
    Any(Chain, Vec<i64>),
}

/// What is done to an encrypted file.
#[derive(Debug, Clone)]
pub(super) enum Harm {
    Flip(u64),
    Cut(u64),
    Lengthen,
    Remove,
    /// Takes the file of another document.
    Copy(i64),
}

#[derive(Debug, Clone)]
pub(super) struct Mutation {
    pub(super) sql: Vec<String>,
    /// Files of documents, by sequence.
    pub(super) files: Vec<(i64, Harm)>,
    pub(super) expect: Expect,
    /// Whether the first statement touches a row that the triggers keep.
    pub(super) touches: bool,
}

impl Mutation {
    pub(super) fn touching(sql: Vec<String>, expect: Expect) -> Self {
        Self { sql, files: Vec::new(), expect, touches: true }
    }

    pub(super) fn adding(sql: Vec<String>, expect: Expect) -> Self {
        Self { touches: false, ..Self::touching(sql, expect) }
    }
}

pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

pub(super) fn literal(kind: Kind, cell: Option<&str>) -> String {
    match (kind, cell) {
        (_, None) => "NULL".to_owned(),
        (Kind::Number, Some(number)) => number.to_owned(),
        (_, Some(value)) => text(value),
    }
}

pub(super) fn insert(rows: &Rows, sequence: i64, row: &Cells) -> String {
    let names: Vec<_> = rows.columns.iter().map(|(name, _)| *name).collect();
    let cells: Vec<_> =
        rows.columns.iter().zip(row).map(|((_, kind), cell)| literal(*kind, cell.as_deref())).collect();
    format!(
        "INSERT INTO {} (sequence, {}) VALUES ({sequence}, {})",
        rows.table,
        names.join(", "),
        cells.join(", ")
    )
}

pub(super) fn update(rows: &Rows, sequence: i64, row: &Cells) -> String {
    let cells = rows
        .columns
        .iter()
        .zip(row)
        .map(|((name, kind), cell)| format!("{name} = {}", literal(*kind, cell.as_deref())));
    format!("UPDATE {} SET {} WHERE sequence = {sequence}", rows.table, cells.collect::<Vec<_>>().join(", "))
}

/// The smallest number cannot be written as such.
pub(super) fn number(n: i64) -> String {
    if n == i64::MIN { format!("({} - 1)", n + 1) } else { n.to_string() }
}

impl Maker<'_> {
    /// Another value for a column, as SQL, that differs from the present one.
    pub(super) fn other(&mut self, rows: &Rows, column: Column, cell: Option<&str>) -> String {
        let place = rows.place_of(column.0);
        let sibling = rows.row(self.anywhere(rows))[place].clone();
        loop {
            let value = match column.1 {
                Kind::Number => self.other_number(cell.unwrap_or("0")),
                Kind::Digest => self.other_digest(cell.unwrap_or_default(), sibling.as_deref()),
                Kind::Words | Kind::MaybeWords => {
                    let sibling = sibling.as_deref().filter(|_| column.0 != "id");
                    self.other_words(column.1, cell, sibling)
                }
            };
            if value != literal(column.1, cell) {
                return value;
            }
        }
    }

    fn other_number(&mut self, number: &str) -> String {
        let number: i64 = number.parse().unwrap();
        match self.dice.between(0, if self.sqlite { 7 } else { 4 }) {
            0 => (number + 1).to_string(),
            1 => (number - 1).to_string(),
            2 => (-number).to_string(),
            3 => i64::MAX.to_string(),
            4 => "0".to_owned(),
            5 => "'ayer'".to_owned(),
            6 => format!("{number}.5"),
            _ => "CAST(x'00' AS BLOB)".to_owned(),
        }
    }

    fn other_digest(&mut self, digest: &str, sibling: Option<&str>) -> String {
        let at = usize::try_from(self.dice.between(0, 63)).unwrap();
        let mut flipped = digest.to_owned();
        flipped.replace_range(at..=at, if &digest[at..=at] == "0" { "1" } else { "0" });
        match self.dice.between(0, 7) {
            0 => text(&flipped),
            1 => text(&digest.to_uppercase()),
            2 => text(&format!("{digest} ")),
            3 => text(&digest[1..]),
            4 => text(&"0".repeat(64)),
            5 => text(&self.dice.digest()),
            6 => text(sibling.unwrap_or_default()),
            _ => text("nada"),
        }
    }

    fn other_words(&mut self, kind: Kind, cell: Option<&str>, sibling: Option<&str>) -> String {
        let Some(words) = cell else {
            return match self.dice.between(0, 1) {
                0 => "''".to_owned(),
                _ => literal(kind, Some(sibling.unwrap_or("otra"))),
            };
        };
        let mut shorter = words.to_owned();
        shorter.pop();
        match self.dice.between(0, if self.sqlite { 10 } else { 7 }) {
            0 => text(&format!("{words} ")),
            1 => text(&shorter),
            2 => text(&words.to_uppercase()),
            3 => text(&words.replacen('a', "á", 1)),
            4 => text(&words.replacen('ó', "o\u{301}", 1)),
            5 => text(&format!("x{shorter}")),
            6 if kind == Kind::MaybeWords => "NULL".to_owned(),
            6 | 7 => literal(kind, Some(sibling.unwrap_or(""))),
            8 => format!("CAST({} AS BLOB)", text(words)),
            9 => format!("{} || char(0)", text(words)),
            _ => "CAST(x'c328' AS TEXT)".to_owned(),
        }
    }
}
