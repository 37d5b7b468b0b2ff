//! `eval icd` measures the coding of diagnoses by cross-validation; `eval train icd` makes what it learns.
//!
//! Documents that taught the ranker, its table of wordings, its weights or its thresholds never measure it.

mod corpus;
mod learn;
mod measure;
mod tables;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use terminology::fold::fold;
use terminology::icd::{IcdIndex, Ranker};

use corpus::Document;

/// Parts the documents are dealt into, by their place in the file.
const PARTS: usize = 5;

/// The tables that are not learned.
struct Tables {
    core: &'static str,
    synonyms: &'static str,
    words: &'static str,
    /// The folded words of titles and synonyms with their code; of two codes, that of the synonym.
    own: HashMap<String, String>,
}

impl Tables {
    fn read(root: &Path) -> Result<Self> {
        let folder = root.join("catalogs").join("icd11");
        // An index lives as long as the program: so do its tables, here too.
        let read = |name| -> Result<&'static str> { Ok(std::fs::read_to_string(folder.join(name))?.leak()) };
        let (core, synonyms) = (read("core.tsv")?, read("synonyms.tsv")?);
        let rows = [core, synonyms].into_iter().flat_map(|table| table.lines().skip(1));
        let own = rows.filter_map(|row| {
            let mut fields = row.split('\t');
            let code = fields.next()?.to_owned();
            let spoken = fields.next()?.trim_end_matches(", sin especificación");
            Some((fold(spoken), code))
        });
        Ok(Self { core, synonyms, words: read("words.tsv")?, own: own.collect() })
    }

    /// The index with the wordings of some documents.
    fn index<'a>(&'a self, documents: impl Iterator<Item = &'a Document>) -> Result<IcdIndex> {
        let observed: &'static str = tables::observed(documents, &self.own).leak();
        Ok(IcdIndex::from_tables(self.core, &[self.synonyms, observed], self.words)?)
    }

    /// What is learned from some documents: each part is seen with the wordings of the others only.
    fn learned(&self, documents: &[&Document]) -> Result<Ranker> {
        let mut cases = Vec::new();
        for part in 0..PARTS {
            let (inside, outside) = dealt(documents, part);
            let index = self.index(outside.into_iter())?;
            cases.extend(learn::cases(&index, inside.into_iter()));
        }
        let index = self.index(documents.iter().copied())?;
        Ok(learn::ranker(&cases, &learn::worded(&index, self.synonyms)))
    }
}

/// The documents of a part, and the others.
fn dealt<'a>(documents: &[&'a Document], part: usize) -> (Vec<&'a Document>, Vec<&'a Document>) {
    let inside = documents.iter().copied().skip(part).step_by(PARTS).collect();
    let outside = documents.iter().copied().enumerate();
    (inside, outside.filter(|(at, _)| at % PARTS != part).map(|(_, document)| document).collect())
}

/// Measures on every part what was learned from the others.
pub(crate) fn run(root: &Path, show: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let Some(documents) = corpus::read(root)? else {
        writeln!(out, "skipped: ../shared not present")?;
        return Ok(());
    };
    let documents: Vec<&Document> = documents.iter().collect();
    let tables = Tables::read(root)?;
    let mut measured = measure::Measured::default();
    let parts: Vec<Result<measure::Measured>> = std::thread::scope(|scope| {
        let work: Vec<_> = (0..PARTS)
            .map(|part| {
                let (documents, tables) = (&documents, &tables);
                scope.spawn(move || {
                    let (inside, outside) = dealt(documents, part);
                    let ranker = tables.learned(&outside)?;
                    let index = tables.index(outside.into_iter())?.ranked_by(ranker);
                    Ok(measure::of(&index, inside.into_iter()))
                })
            })
            .collect();
        work.into_iter().map(|part| part.join().unwrap_or_else(|_| anyhow::bail!("a part failed"))).collect()
    });
    for part in parts {
        measured.add(part?);
    }
    measured.print(&mut out, show)?;
    measure::speed(&mut out, documents.into_iter())?;
    Ok(())
}

/// Writes the table of wordings and the weights, from all documents.
pub(crate) fn train(root: &Path) -> Result<()> {
    let documents = corpus::read(root)?.context("../shared is needed to learn from")?;
    let documents: Vec<&Document> = documents.iter().collect();
    let folder = root.join("catalogs").join("icd11");
    let tables = Tables::read(root)?;
    let ranker = tables.learned(&documents)?;
    std::fs::write(folder.join("ranker.tsv"), learn::table(&ranker))?;
    std::fs::write(
        folder.join("codiesp_mentions.tsv"),
        tables::observed(documents.into_iter(), &tables.own),
    )?;
    Ok(())
}
