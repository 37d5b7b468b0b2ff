//! Words that exclude each other in a diagnosis: acute and chronic, the types of diabetes, the sides of a boundary.

use super::query::Vocabulary;

/// Each line excludes the others of its line.
const OPPOSITES: &[&[&str]] = &[
    &["agudo", "cronico", "subagudo"],
    &["benigno", "maligno"],
    &["primario", "secundario"],
    &["superior", "inferior"],
    &["anterior", "posterior"],
    &["interno", "externo"],
    &["congenito", "adquirido"],
    &["1", "2", "3", "4", "5"],
    &["bacteriano", "viral", "micotico", "parasitario", "alergico"],
    &["abierto", "cerrado"],
    &["unilateral", "bilateral"],
    &["masculino", "femenino"],
    &["primer", "segundo", "tercer"],
    &["leve", "moderado", "grave"],
];

/// The lines of [`OPPOSITES`] as terms of a vocabulary.
#[derive(Debug, Default)]
pub(crate) struct Opposites(Vec<Vec<u32>>);

impl Opposites {
    /// Looks the words up; those the tables never use exclude nothing.
    pub(crate) fn of(vocabulary: &Vocabulary) -> Self {
        let term = |word: &&str| vocabulary.find(word).map(|id| vocabulary.canonical(id));
        Self(OPPOSITES.iter().map(|line| line.iter().filter_map(term).collect()).collect())
    }

    /// How many lines have one word in `said`, another in `proposed` and none in both.
    pub(crate) fn between(&self, said: &[u32], proposed: &[u32]) -> usize {
        let excludes = |line: &&Vec<u32>| {
            let holds = |terms: &[u32]| line.iter().any(|term| terms.contains(term));
            let both = line.iter().any(|term| said.contains(term) && proposed.contains(term));
            holds(said) && holds(proposed) && !both
        };
        self.0.iter().filter(excludes).count()
    }
}
