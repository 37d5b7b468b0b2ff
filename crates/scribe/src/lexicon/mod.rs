//! The lexicons of spoken Mexican Spanish, read once from the embedded tables of `catalogs/lexicon`.

pub mod pattern;

use std::collections::HashMap;
use std::sync::OnceLock;

use pattern::{Macros, Matcher};

macro_rules! table {
    ($name:literal) => {
        include_str!(concat!("../../../../catalogs/lexicon/", $name, ".tsv"))
    };
}

/// A named concept of a lexicon.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Clinical name.
    pub name: String,
    /// Second column, where the table has one besides the patterns.
    pub info: String,
    /// Third column, where the table has one.
    pub more: String,
}

/// One lexicon: entries and the patterns that find them.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// The concepts.
    pub entries: Vec<Entry>,
    /// Finds them in tokens.
    pub matcher: Matcher,
}

impl Lexicon {
    /// Reads a table; the patterns stand in the last column.
    fn parse(tsv: &str, macros: &Macros) -> Self {
        let mut lexicon = Self::default();
        for line in tsv.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [name, middle @ .., patterns] = columns.as_slice() else { continue };
            let column = |idx: usize| middle.get(idx).copied().unwrap_or_default().to_owned();
            lexicon.matcher.add(lexicon.entries.len(), patterns, macros);
            lexicon.entries.push(Entry { name: (*name).to_owned(), info: column(0), more: column(1) });
        }
        lexicon
    }
}

/// All lexicons.
#[derive(Debug)]
pub struct Lexicons {
    /// Symptoms by name.
    pub symptoms: Lexicon,
    /// Sensations that need a body site; `info` is the name template.
    pub sensations: Lexicon,
    /// Body sites; `info` is the name of its pain, `more` the word for findings.
    pub sites: Lexicon,
    /// Diseases.
    pub diseases: Lexicon,
    /// Everyday words that name a disease where antecedents are spoken of; `info` is "weak" for those that need a word
    /// for illness beside them.
    pub everyday: Lexicon,
    /// Operations.
    pub surgeries: Lexicon,
    /// Habits; `info` is the name when denied.
    pub habits: Lexicon,
    /// Gynaecological and obstetric antecedents.
    pub obgyn: Lexicon,
    /// Findings; `info` is the status they have when affirmed.
    pub findings: Lexicon,
    /// Studies and other things to order; `info` is the kind, `more` the unit.
    pub studies: Lexicon,
    /// Organs an examiner names.
    pub organs: Lexicon,
    /// Services to refer to.
    pub specialties: Lexicon,
    combos: HashMap<(String, String), String>,
}

impl Lexicons {
    /// The shared lexicons.
    #[must_use]
    pub fn get() -> &'static Self {
        static LEXICONS: OnceLock<Lexicons> = OnceLock::new();
        LEXICONS.get_or_init(Self::load)
    }

    fn load() -> Self {
        let macros = Macros::parse(table!("macros"));
        let read = |tsv: &str| Lexicon::parse(tsv, &macros);
        let combos = table!("combos")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut columns = line.split('\t');
                let key = (columns.next()?.to_owned(), columns.next()?.to_owned());
                Some((key, columns.next().unwrap_or_default().to_owned()))
            })
            .collect();
        Self {
            symptoms: read(table!("symptoms")),
            sensations: read(table!("sensations")),
            sites: read(table!("sites")),
            diseases: read(table!("diseases")),
            everyday: read(table!("everyday")),
            surgeries: read(table!("surgeries")),
            habits: read(table!("habits")),
            obgyn: read(table!("obgyn")),
            findings: read(table!("findings")),
            studies: read(table!("studies")),
            organs: read(table!("organs")),
            specialties: read(table!("specialties")),
            combos,
        }
    }

    /// The name of a sensation at a site, `None` when the pair means nothing.
    #[must_use]
    pub fn sensation_at(&self, sensation: usize, site: usize) -> Option<String> {
        let (sensation, site) = (&self.sensations.entries[sensation], &self.sites.entries[site]);
        if let Some(name) = self.combos.get(&(sensation.name.clone(), site.name.clone())) {
            return (!name.is_empty()).then(|| name.clone());
        }
        if sensation.name == "dolor" {
            return Some(site.info.clone());
        }
        Some(sensation.info.replace("{s}", &site.name))
    }
}
