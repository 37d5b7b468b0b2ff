//! One random mutation at a time: what a hostile hand writes, and where `verify` must point.

use std::collections::BTreeSet;

use storage::Chain;

use super::dice::Dice;
use super::record::{Cells, Column, Kind, Record, Rows};
use super::words::{Expect, Harm, Mutation, insert, literal, number, update};

pub(super) struct Maker<'a> {
    pub(super) dice: Dice,
    pub(super) record: &'a Record,
    pub(super) sqlite: bool,
}

impl Maker<'_> {
    pub(super) fn mutation(&mut self) -> Mutation {
        let record = self.record;
        let rows = if self.dice.coin() { &record.documents } else { &record.events };
        match self.dice.between(0, 21) {
            0..=5 => self.edit(rows),
            6 => self.replace(rows),
            7 => self.swap_rows(rows),
            8 => self.swap_cells(rows),
            9 => self.delete(rows),
            10 => self.cut_the_tail(rows),
            11 => self.move_row(rows),
            12 => self.close_a_gap(rows),
            13 => self.append(rows),
            14 => self.insert_at_an_odd_place(rows),
            15 => self.insert_in_the_middle(rows),
            16 | 17 => self.rewrite(rows),
            18 => self.edit_head(rows),
            19 => self.harm_files(),
            20 => self.edit_file_row(),
            _ => self.edit_transcript(),
        }
    }

    /// One that the triggers must refuse.
    pub(super) fn touching(&mut self) -> Mutation {
        loop {
            let mutation = self.mutation();
            if mutation.touches {
                return mutation;
            }
        }
    }

    pub(super) fn anywhere(&mut self, rows: &Rows) -> i64 {
        self.dice.between(1, rows.len())
    }

    fn two(&mut self, rows: &Rows) -> (i64, i64) {
        let (first, second) = (self.anywhere(rows), self.dice.between(1, rows.len() - 1));
        (first, if second >= first { second + 1 } else { second })
    }

    fn edit(&mut self, rows: &Rows) -> Mutation {
        let sequence = self.anywhere(rows);
        let mut columns: Vec<Column> = vec![*self.dice.pick(rows.columns)];
        if self.dice.between(0, 3) == 0 {
            let second = *self.dice.pick(rows.columns);
            columns.extend((second.0 != columns[0].0).then_some(second));
        }
        let cells: Vec<String> = columns
            .into_iter()
            .map(|column| {
                format!("{} = {}", column.0, self.other(rows, column, rows.cell(sequence, column.0)))
            })
            .collect();
        let sql = format!("UPDATE {} SET {} WHERE sequence = {sequence}", rows.table, cells.join(", "));
        Mutation::touching(vec![sql], Expect::All(rows.chain, vec![sequence]))
    }

    /// An insert that takes the place of a row.
    fn replace(&mut self, rows: &Rows) -> Mutation {
        let sequence = self.anywhere(rows);
        let column = *self.dice.pick(rows.columns);
        let value = self.other(rows, column, rows.cell(sequence, column.0));
        let cells: Vec<_> = rows
            .columns
            .iter()
            .zip(rows.row(sequence))
            .map(
                |((name, kind), cell)| {
                    if *name == column.0 { value.clone() } else { literal(*kind, cell.as_deref()) }
                },
            )
            .collect();
        let names: Vec<_> = rows.columns.iter().map(|(name, _)| *name).collect();
        let values = format!(
            "INTO {} (sequence, {}) VALUES ({sequence}, {})",
            rows.table,
            names.join(", "),
            cells.join(", ")
        );
        let sql = match self.sqlite {
            true if self.dice.coin() => format!("REPLACE {values}"),
            _ => format!("INSERT {values} ON CONFLICT (sequence) DO UPDATE SET {0} = excluded.{0}", column.0),
        };
        Mutation::touching(vec![sql], Expect::All(rows.chain, vec![sequence]))
    }

    fn swap_rows(&mut self, rows: &Rows) -> Mutation {
        let (table, (a, b)) = (rows.table, self.two(rows));
        let sql = [(a, -7), (b, a), (-7, b)]
            .map(|(from, to)| format!("UPDATE {table} SET sequence = {to} WHERE sequence = {from}"));
        Mutation::touching(sql.to_vec(), Expect::All(rows.chain, vec![a, b]))
    }

    fn swap_cells(&mut self, rows: &Rows) -> Mutation {
        loop {
            let ((a, b), (column, kind)) = (self.two(rows), *self.dice.pick(rows.columns));
            if column == "id" || rows.cell(a, column) == rows.cell(b, column) {
                continue;
            }
            let sql = [(a, b), (b, a)].map(|(to, from)| {
                let value = literal(kind, rows.cell(from, column));
                format!("UPDATE {} SET {column} = {value} WHERE sequence = {to}", rows.table)
            });
            return Mutation::touching(sql.to_vec(), Expect::All(rows.chain, vec![a, b]));
        }
    }

    fn delete(&mut self, rows: &Rows) -> Mutation {
        let gone: BTreeSet<i64> = match self.dice.between(0, 3) {
            0 => (1..=rows.len()).collect(),
            1 => (0..3).map(|_| self.anywhere(rows)).collect(),
            _ => [self.anywhere(rows)].into(),
        };
        let places: Vec<_> = gone.iter().map(ToString::to_string).collect();
        let sql = format!("DELETE FROM {} WHERE sequence IN ({})", rows.table, places.join(", "));
        Mutation::touching(vec![sql], Expect::All(rows.chain, gone.into_iter().collect()))
    }

    /// Moves a head without the key to seal it.
    fn move_head(&mut self, rows: &Rows, sequence: i64, digest: &str) -> String {
        let seal = match self.dice.between(0, 2) {
            0 => String::new(),
            1 => format!(", seal = '{}'", self.dice.digest()),
            _ => ", seal = (SELECT MAX(o.seal) FROM chain_head o WHERE o.name <> chain_head.name)".to_owned(),
        };
        format!(
            "UPDATE chain_head SET sequence = {sequence}, digest = '{digest}'{seal} WHERE name = '{}'",
            rows.head
        )
    }

    fn cut_the_tail(&mut self, rows: &Rows) -> Mutation {
        let from = self.anywhere(rows);
        let mut sql = vec![format!("DELETE FROM {} WHERE sequence >= {from}", rows.table)];
        if self.dice.coin() {
            return Mutation::touching(sql, Expect::All(rows.chain, (from..=rows.len()).collect()));
        }
        let digest =
            if from == 1 { "0".repeat(64) } else { rows.cell(from - 1, "digest").unwrap().to_owned() };
        sql.push(self.move_head(rows, from - 1, &digest));
        Mutation::touching(sql, Expect::All(rows.chain, vec![from - 1]))
    }

    fn odd_place(&mut self, rows: &Rows) -> i64 {
        let beyond = rows.len() + self.dice.between(1, 900);
        let before = self.dice.between(-900, -1);
        *self.dice.pick(&[0, before, beyond, i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX])
    }

    fn move_row(&mut self, rows: &Rows) -> Mutation {
        let (from, to) = (self.anywhere(rows), self.odd_place(rows));
        let sql = format!("UPDATE {} SET sequence = {} WHERE sequence = {from}", rows.table, number(to));
        Mutation::touching(vec![sql], Expect::All(rows.chain, vec![from, to]))
    }

    fn close_a_gap(&mut self, rows: &Rows) -> Mutation {
        let (gone, table) = (self.anywhere(rows), rows.table);
        let sql = vec![
            format!("DELETE FROM {table} WHERE sequence = {gone}"),
            format!("UPDATE {table} SET sequence = -sequence WHERE sequence > {gone}"),
            format!("UPDATE {table} SET sequence = -sequence - 1 WHERE sequence < 0"),
        ];
        Mutation::touching(sql, Expect::All(rows.chain, (gone..=rows.len()).collect()))
    }

    /// A row of the same shape as another, with an id of its own.
    fn forged(&mut self, rows: &Rows) -> Cells {
        let mut row = rows.row(self.anywhere(rows)).clone();
        let id = if rows.chain == Chain::Documents { "id" } else { "entity_id" };
        row[rows.place_of(id)] = Some(self.dice.id());
        row
    }

    /// The row with digests that fit, which needs no key.
    fn fitted(rows: &Rows, sequence: i64, previous: &str, mut row: Cells) -> Cells {
        let digest = rows.link(sequence, previous, &row);
        row[rows.place_of("previous")] = Some(previous.to_owned());
        row[rows.place_of("digest")] = Some(digest);
        row
    }

    fn append(&mut self, rows: &Rows) -> Mutation {
        let (last, count) = (rows.len(), self.dice.between(1, 3));
        let fit = self.dice.coin();
        let mut previous = rows.cell(last, "digest").unwrap().to_owned();
        let mut sql = Vec::new();
        for sequence in last + 1..=last + count {
            let mut row = self.forged(rows);
            if fit {
                row = Self::fitted(rows, sequence, &previous, row);
            }
            previous = row[rows.place_of("digest")].clone().unwrap_or_default();
            sql.push(insert(rows, sequence, &row));
        }
        if self.dice.coin() {
            sql.push(self.move_head(rows, last + count, &previous));
            return Mutation::adding(sql, Expect::All(rows.chain, vec![last + count]));
        }
        Mutation::adding(sql, Expect::All(rows.chain, (last + 1..=last + count).collect()))
    }

    fn insert_at_an_odd_place(&mut self, rows: &Rows) -> Mutation {
        let (sequence, mut row) = (self.odd_place(rows), self.forged(rows));
        if self.dice.coin() {
            row = Self::fitted(rows, sequence, &"0".repeat(64), row);
        }
        let sql = insert(rows, sequence, &row).replacen(
            &format!("({sequence},"),
            &format!("({},", number(sequence)),
            1,
        );
        Mutation::adding(vec![sql], Expect::All(rows.chain, vec![sequence]))
    }

    fn insert_in_the_middle(&mut self, rows: &Rows) -> Mutation {
        let (at, table) = (self.anywhere(rows), rows.table);
        let mut sql = vec![
            format!("UPDATE {table} SET sequence = -sequence WHERE sequence >= {at}"),
            format!("UPDATE {table} SET sequence = 1 - sequence WHERE sequence < 0"),
        ];
        let (fit, mut row) = (self.dice.coin(), self.forged(rows));
        let places = (at..=rows.len() + 1).collect();
        if !fit {
            row[rows.place_of("digest")] = Some(self.dice.digest());
            sql.push(insert(rows, at, &row));
            return Mutation::touching(sql, Expect::All(rows.chain, places));
        }
        let before = if at == 1 { "0".repeat(64) } else { rows.cell(at - 1, "digest").unwrap().to_owned() };
        row = Self::fitted(rows, at, &before, row);
        sql.push(insert(rows, at, &row));
        let mut previous = row[rows.place_of("digest")].clone().unwrap();
        if self.dice.coin() {
            for sequence in at..=rows.len() {
                let row = Self::fitted(rows, sequence + 1, &previous, rows.row(sequence).clone());
                previous.clone_from(row[rows.place_of("digest")].as_ref().unwrap());
                sql.push(update(rows, sequence + 1, &row));
            }
            if self.dice.coin() {
                sql.push(self.move_head(rows, rows.len() + 1, &previous));
            }
        }
        Mutation::touching(sql, Expect::Any(rows.chain, places))
    }

    /// Changes a row and computes its digest and that of some or all rows after it anew.
    fn rewrite(&mut self, rows: &Rows) -> Mutation {
        let from = self.anywhere(rows);
        let until = self.dice.between(from, rows.len());
        let mut row = rows.row(from).clone();
        let changeable = &rows.columns[1..7];
        let (name, kind) = *self.dice.pick(changeable);
        let cell = &mut row[rows.place_of(name)];
        *cell = match (kind, cell.as_deref()) {
            (Kind::Number, Some(number)) => Some((number.parse::<i64>().unwrap() + 1000).to_string()),
            (_, words) => Some(format!("{}x", words.unwrap_or_default())),
        };
        if rows.chain == Chain::Documents && self.dice.coin() {
            let content = "{\"otro\":1}";
            row[rows.place_of("content")] = Some(content.to_owned());
            row[rows.place_of("content_digest")] = Some(storage::sha256(content.as_bytes()).to_string());
        }
        let mut previous =
            if from == 1 { "0".repeat(64) } else { rows.cell(from - 1, "digest").unwrap().to_owned() };
        let mut sql = Vec::new();
        for sequence in from..=until {
            let changed = if sequence == from { row.clone() } else { rows.row(sequence).clone() };
            let fitted = Self::fitted(rows, sequence, &previous, changed);
            previous.clone_from(fitted[rows.place_of("digest")].as_ref().unwrap());
            sql.push(update(rows, sequence, &fitted));
        }
        let mut places: Vec<i64> = (from..=until).collect();
        if until == rows.len() {
            let moves = self.dice.coin();
            if moves {
                sql.push(self.move_head(rows, until, &previous));
            }
            // A row of their own behind it must not draw the eye away, as long as the head is the program's.
            if self.dice.coin() {
                let extra = Self::fitted(rows, until + 1, &previous, self.forged(rows));
                sql.push(insert(rows, until + 1, &extra));
                places.extend(moves.then_some(until + 1));
            }
        }
        Mutation::touching(sql, Expect::Any(rows.chain, places))
    }

    fn edit_head(&mut self, rows: &Rows) -> Mutation {
        let (name, last) = (rows.head, rows.len());
        let sealed = ["digest", "seal"];
        let sql = match self.dice.between(0, 6) {
            0 => format!(
                "UPDATE chain_head SET sequence = sequence + {} WHERE name = '{name}'",
                self.dice.between(1, 9)
            ),
            1 => format!(
                "UPDATE chain_head SET sequence = sequence - {} WHERE name = '{name}'",
                self.dice.between(1, 9)
            ),
            2 => format!(
                "UPDATE chain_head SET {} = '{}' WHERE name = '{name}'",
                self.dice.pick(&sealed),
                self.dice.digest()
            ),
            3 => format!(
                "UPDATE chain_head SET {0} = UPPER({0}) WHERE name = '{name}'",
                self.dice.pick(&sealed)
            ),
            4 => format!("DELETE FROM chain_head WHERE name = '{name}'"),
            5 => format!("UPDATE chain_head SET name = '{name} ' WHERE name = '{name}'"),
            _ => format!("UPDATE chain_head SET digest = seal, seal = digest WHERE name = '{name}'"),
        };
        Mutation::adding(vec![sql], Expect::All(rows.chain, vec![last]))
    }

    fn harm_files(&mut self) -> Mutation {
        let documents = &self.record.documents;
        let (a, b) = self.two(documents);
        let (files, places) = match self.dice.between(0, 5) {
            0 => (vec![(a, Harm::Remove)], vec![a]),
            1 => (vec![(a, Harm::Cut(self.dice.next()))], vec![a]),
            2 => (vec![(a, Harm::Lengthen)], vec![a]),
            3 => (vec![(a, Harm::Copy(b))], vec![a]),
            4 => (vec![(a, Harm::Copy(b)), (b, Harm::Copy(a))], vec![a, b]),
            _ => (vec![(a, Harm::Flip(self.dice.next()))], vec![a]),
        };
        Mutation { files, ..Mutation::adding(Vec::new(), Expect::All(Chain::Documents, places)) }
    }

    fn edit_file_row(&mut self) -> Mutation {
        let documents = &self.record.documents;
        let (a, b) = self.two(documents);
        let (mine, other) = (documents.cell(a, "pdf").unwrap(), documents.cell(b, "pdf").unwrap());
        let change = match self.dice.between(0, 6) {
            0 => format!("DELETE FROM blob WHERE id = '{mine}'"),
            1 => format!("UPDATE blob SET wrapped_key = NULL WHERE id = '{mine}'"),
            2 => format!("UPDATE blob SET digest = '{}' WHERE id = '{mine}'", self.dice.digest()),
            3 => format!("UPDATE blob SET size_bytes = size_bytes + 1 WHERE id = '{mine}'"),
            4 => format!("UPDATE blob SET media_type = 'text/html' WHERE id = '{mine}'"),
            5 => format!("UPDATE blob SET id = '{}' WHERE id = '{mine}'", self.dice.id()),
            _ => format!(
                "UPDATE blob SET wrapped_key = (SELECT o.wrapped_key FROM blob o WHERE o.id = '{other}') WHERE id = '{mine}'"
            ),
        };
        Mutation::touching(vec![change], Expect::All(Chain::Documents, vec![a]))
    }

    fn edit_transcript(&mut self) -> Mutation {
        let told = self.record.told;
        let encounter = self.record.documents.cell(told, "encounter_id").unwrap();
        let sql = match self.dice.between(0, 3) {
            0 => format!("DELETE FROM transcript WHERE encounter_id = '{encounter}'"),
            1 => format!("UPDATE transcript SET content = content || ' ' WHERE encounter_id = '{encounter}'"),
            2 => format!(
                "UPDATE transcript SET digest = '{}' WHERE encounter_id = '{encounter}'",
                self.dice.digest()
            ),
            _ => format!(
                "UPDATE transcript SET encounter_id = '{}' WHERE encounter_id = '{encounter}'",
                self.dice.id()
            ),
        };
        Mutation::touching(vec![sql], Expect::All(Chain::Documents, vec![told]))
    }
}
