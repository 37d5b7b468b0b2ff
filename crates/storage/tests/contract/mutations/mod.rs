//! Thousands of random mutations of what is signed and of the bitácora, by a hostile owner with a shell: the triggers
//! refuse what they keep, and with the triggers removed `verify` finds and locates every one.
//!
//! Each mutation is committed beside the program, verified with the product's own `verify`, and taken back. A failure
//! prints the seed; `MEDICUS_MUTATION_SEED` throws the same dice again and `MEDICUS_MUTATIONS` says how many.

mod dice;
mod kinds;
mod record;
mod words;

use std::path::PathBuf;
use std::time::Instant;

use storage::verify::{self, Finding};

use self::dice::Dice;
use self::kinds::Maker;
use self::record::{Record, Shell, history};
use self::words::{Expect, Harm, Mutation};
use crate::place::Place;

on_both_engines!(the_triggers_refuse_every_mutation, without_triggers_every_mutation_is_found_and_located);

/// Half of what one engine gets every day, the other half being in the other test; `./dev mutations` asks for more.
const HALF: u64 = 500;

/// The tables that mutations touch, with their keys.
const TABLES: [(&str, &str); 5] = [
    ("signed_document", "sequence"),
    ("audit_event", "sequence"),
    ("chain_head", "name"),
    ("blob", "id"),
    ("transcript", "encounter_id"),
];

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

fn seed() -> u64 {
    number_from("MEDICUS_MUTATION_SEED")
        .unwrap_or_else(|| u64::try_from(uuid::Uuid::new_v4().as_u128() & u128::from(u64::MAX)).unwrap())
}

fn half() -> u64 {
    number_from("MEDICUS_MUTATIONS").map_or(HALF, |count| count / 2)
}

async fn the_triggers_refuse_every_mutation(place: Place) {
    history(&place).await;
    let mut shell = Shell::open(&place).await;
    let record = Record::read(&mut shell).await;
    let seed = seed();
    let mut maker = Maker { dice: Dice::new(seed), record: &record, sqlite: place.is_embedded() };
    for n in 0..half() {
        let mutation = maker.touching();
        let outcome = shell.run(&mutation.sql.join("; ")).await;
        let refused = outcome.as_ref().is_err_and(|error| error.contains("SIGNED_IMMUTABLE"));
        assert!(refused, "seed {seed}, number {n}: {mutation:?}: {outcome:?}");
        if n % 20 == 0 {
            let now = Record::read(&mut shell).await;
            let same = now.documents.rows == record.documents.rows && now.events.rows == record.events.rows;
            assert!(same, "seed {seed}, up to number {n}");
        }
    }
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "seed {seed}: {report}");
    assert_eq!((report.documents, report.audit_events), (record.documents.len(), record.events.len()));
}

async fn without_triggers_every_mutation_is_found_and_located(place: Place) {
    history(&place).await;
    let mut shell = Shell::open(&place).await;
    let record = Record::read(&mut shell).await;
    let seed = seed();
    let mut maker = Maker { dice: Dice::new(seed), record: &record, sqlite: place.is_embedded() };
    shell.disarm().await;
    for (table, _) in TABLES {
        shell.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await.unwrap();
    }
    let files: Vec<(PathBuf, Vec<u8>)> = (1..=record.documents.len())
        .map(|n| place.file(record.documents.cell(n, "pdf").unwrap()))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    let (begun, count) = (Instant::now(), half());
    for n in 0..count {
        let mutation = maker.mutation();
        if !mutation.sql.is_empty() {
            shell.run_whole(&mutation.sql.join("; ")).await;
        }
        harm(&mutation, &files);
        let findings = verify::verify(&place.database, &place.blobs).await.unwrap().findings;
        let found = is_found(&mutation.expect, &findings);
        assert!(found, "seed {seed}, number {n}: {mutation:?}: {}", in_chains(&findings));
        take_back(&mut shell, &mutation, &files).await;
        if n % 500 == 0 || n + 1 == count {
            let findings = verify::verify(&place.database, &place.blobs).await.unwrap().findings;
            assert_eq!(in_chains(&findings), "", "seed {seed}, taken back after number {n}: {mutation:?}");
        }
    }
    println!("{count} mutations found and located in {:?}", begun.elapsed());
}

fn in_chains(findings: &[Finding]) -> String {
    let lines =
        findings.iter().filter(|finding| finding.chain.is_some()).map(|finding| format!("{finding}\n"));
    lines.collect()
}

fn is_found(expect: &Expect, findings: &[Finding]) -> bool {
    let at = |chain, place: i64| {
        findings.iter().any(|finding| {
            finding.chain == Some(chain)
                && finding
                    .sequence
                    .is_some_and(|from| (from..=finding.until.unwrap_or(from)).contains(&place))
        })
    };
    match expect {
        Expect::All(chain, places) => places.iter().all(|place| at(*chain, *place)),
        Expect::Any(chain, places) => places.iter().any(|place| at(*chain, *place)),
    }
}

fn index(sequence: i64) -> usize {
    usize::try_from(sequence - 1).unwrap()
}

fn harm(mutation: &Mutation, files: &[(PathBuf, Vec<u8>)]) {
    for (sequence, harm) in &mutation.files {
        let (path, bytes) = &files[index(*sequence)];
        let mut bytes = bytes.clone();
        let any = |number: u64| usize::try_from(number).unwrap() % bytes.len();
        match harm {
            Harm::Remove => {
                std::fs::remove_file(path).unwrap();
                continue;
            }
            Harm::Flip(number) => {
                let (byte, bit) = (any(number / 8), number % 8);
                bytes[byte] ^= 1 << bit;
            }
            Harm::Cut(number) => bytes.truncate(any(*number)),
            Harm::Lengthen => bytes.push(0),
            Harm::Copy(other) => bytes.clone_from(&files[index(*other)].1),
        }
        std::fs::write(path, bytes).unwrap();
    }
}

/// Puts back what the mutation changed.
async fn take_back(shell: &mut Shell, mutation: &Mutation, files: &[(PathBuf, Vec<u8>)]) {
    for (sequence, _) in &mutation.files {
        let (path, bytes) = &files[index(*sequence)];
        std::fs::write(path, bytes).unwrap();
    }
    let sql = mutation.sql.join("; ");
    let touched = TABLES.iter().filter(|(table, _)| sql.contains(table));
    let back: Vec<String> = touched
        .map(|(table, key)| {
            format!(
                "DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM
                   (SELECT * FROM {table} INTERSECT SELECT * FROM kept_{table}) AS same);
                 INSERT INTO {table} SELECT * FROM kept_{table} WHERE {key} NOT IN (SELECT {key} FROM {table})"
            )
        })
        .collect();
    if !back.is_empty() {
        shell.run_whole(&back.join("; ")).await;
    }
}
