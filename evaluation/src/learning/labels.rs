//! Which stretch of words says which annotated fact: by the stems of its names, and by what a lexicon calls the words.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use clinical::transcript::Speaker;
use scribe::facts::{ClinicalFact, FactKind, Section};
use scribe::learned::facts::{CLASSES, Spot, class_of, name};
use scribe::scene::Scene;
use scribe::text::TurnDoc;

use super::gold::Gold;

/// From this likeness on words say a fact.
const SAME: f32 = 0.6;

/// What the spots of a consultation are.
pub(crate) struct Labels {
    /// Per spot: the classes it has, one bit each; `None` for one that is neither example nor counterexample.
    pub classes: Vec<Option<u16>>,
    /// Per spot: the classes and facts its words say, and whether the name it would be written with is one of theirs.
    pub matches: Vec<Vec<(usize, usize, bool)>>,
    /// Per spot: the classes of which some fact has its name, wherever it was said.
    pub repeats: Vec<u16>,
    /// Per fact: the rules found it.
    pub found: Vec<bool>,
    /// Per fact of the rules: it is one of the annotated facts, or says one again.
    pub right: Vec<bool>,
    /// Facts of the classes the model knows.
    pub facts: usize,
    /// Those that some spot says.
    pub aligned: usize,
}

/// Words that tell little by themselves.
const GENERIC: &[&str] = &[
    "dolor",
    "enfermedad",
    "sindrom",
    "trastorn",
    "cronic",
    "agud",
    "lev",
    "moderad",
    "sever",
    "intens",
    "derech",
    "izquierd",
    "bilateral",
    "control",
    "previ",
    "estudi",
    "prueb",
    "examen",
    "analisis",
    "nivel",
    "sensacion",
    "sintoma",
    "presencia",
    "normal",
    "positiv",
    "negativ",
    "part",
    "zona",
    "lad",
    "alt",
    "baj",
    "actual",
    "aument",
    "disminucion",
    "alteracion",
    "antecedent",
    "uso",
    "consum",
    "cita",
    "tip",
    "problema",
    "conservad",
    "general",
    "molestia",
    "ausent",
];
/// Parts of the body, which alone are no fact.
const SITES: &[&str] = &[
    "cabez",
    "cuell",
    "cara",
    "ojo",
    "oid",
    "nariz",
    "gargant",
    "pech",
    "torax",
    "toracic",
    "abdom",
    "abdomen",
    "panza",
    "barrig",
    "estomag",
    "vientr",
    "epigastri",
    "espald",
    "hombr",
    "braz",
    "antebraz",
    "cod",
    "munec",
    "mano",
    "ded",
    "piern",
    "musl",
    "rodill",
    "pantorrill",
    "pie",
    "tobill",
    "plant",
    "piel",
    "cuadrant",
    "fosa",
    "iliac",
    "miembr",
    "extremidad",
    "cader",
    "region",
    "boca",
    "encia",
    "lumbar",
    "flanc",
    "cintur",
];
const SMALL: &[&str] = &[
    "el", "la", "los", "las", "un", "una", "de", "del", "al", "en", "con", "por", "para", "que", "se", "le",
    "lo", "su", "mi", "me", "te", "muy", "mas", "mucho", "mucha", "como", "cuando", "desde", "hasta",
    "sobre", "este", "esta", "eso", "esto", "hay", "era", "ya", "no", "ni", "sin", "y", "o", "a", "es", "tu",
    "sus",
];

fn stems(text: &str) -> HashSet<String> {
    TurnDoc::new(Speaker::Unknown, text)
        .tokens
        .into_iter()
        .filter(|token| !token.is_punct() && !SMALL.contains(&token.norm.as_str()))
        .map(|token| token.stem)
        .collect()
}

fn weight<'a>(stems: impl Iterator<Item = &'a String>) -> f32 {
    let of = |stem: &str| match stem {
        _ if GENERIC.contains(&stem) => 0.3,
        _ if SITES.contains(&stem) => 0.4,
        _ => 1.0,
    };
    stems.map(|stem| of(stem)).sum()
}

/// How alike two names are, from 0 to 1; one that contains the other is like it.
fn likeness(said: &HashSet<String>, wanted: &HashSet<String>) -> f32 {
    let common = || said.intersection(wanted);
    if common().all(|stem| GENERIC.contains(&stem.as_str())) && said != wanted {
        return 0.0;
    }
    let (both, one, other) = (weight(common()), weight(said.iter()), weight(wanted.iter()));
    let overlap = 2.0 * both / (one + other);
    if wanted.is_subset(said) && other >= 0.7 {
        overlap.max(0.8)
    } else if said.is_subset(wanted) && one >= 0.7 {
        overlap.max(0.7)
    } else {
        overlap
    }
}

/// Whether two names are of the same thing.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    likeness(&stems(one), &stems(other)) >= SAME
}

/// The names a spot goes by: its words, and what the lexicons call the words inside it.
fn names_of(scene: &Scene<'_>, spot: &Spot) -> Vec<HashSet<String>> {
    let mut names = vec![stems(scene.spoken(spot.turn, spot.start, spot.end))];
    let inside = |start: usize, end: usize| start >= spot.start && end <= spot.end;
    let named = scene.symptoms[spot.turn].iter().filter(|m| inside(m.start, m.end)).map(|m| m.name.as_str());
    let diseases = scene.diseases[spot.turn]
        .iter()
        .filter(|hit| inside(hit.start, hit.end))
        .map(|hit| scene.lex.diseases.entries[hit.entry].name.as_str());
    let studies = scene.studies[spot.turn]
        .iter()
        .filter(|hit| inside(hit.start, hit.end))
        .map(|hit| scene.lex.studies.entries[hit.entry].name.as_str());
    names.extend(named.chain(diseases).chain(studies).map(stems));
    names
}

/// Finds the words of each annotated fact.
pub(crate) fn align(scene: &Scene<'_>, spots: &[Spot], gold: &[Gold], rules: &[ClinicalFact]) -> Labels {
    let wanted: Vec<Vec<HashSet<String>>> =
        gold.iter().map(|fact| fact.names.iter().map(|name| stems(name)).collect()).collect();
    let mut matches: Vec<Vec<(usize, usize, bool)>> = vec![Vec::new(); spots.len()];
    let mut classes: Vec<Option<u16>> = vec![Some(0); spots.len()];
    let mut repeats = vec![0_u16; spots.len()];
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (fact, names) in wanted.iter().enumerate() {
        let stems: HashSet<&str> = names.iter().flatten().map(String::as_str).collect();
        for stem in stems {
            known.entry(stem).or_default().push(fact);
        }
    }
    let mut best: BTreeMap<(usize, usize), (f32, usize, usize)> = BTreeMap::new();
    for (index, spot) in spots.iter().enumerate() {
        let names = names_of(scene, spot);
        let shared: BTreeSet<usize> =
            names.iter().flatten().filter_map(|stem| known.get(stem.as_str())).flatten().copied().collect();
        for fact in shared {
            let alike = |name: &HashSet<String>| {
                wanted[fact].iter().map(|other| likeness(name, other)).fold(0.0, f32::max)
            };
            let score = names.iter().map(alike).fold(0.0, f32::max);
            if score < SAME {
                continue;
            }
            repeats[index] |= gold[fact].class.map_or(0, |class| 1 << class);
            if !gold[fact].turns.contains(&spot.turn) {
                continue;
            }
            classes[index] = None;
            let Some(class) = gold[fact].class else { continue };
            let own = stems(&name(scene, spot, CLASSES[class].kind));
            let as_written = wanted[fact].iter().any(|other| likeness(&own, other) >= SAME);
            matches[index].push((class, fact, as_written));
            let length = spot.end - spot.start;
            let entry = best.entry((fact, spot.turn)).or_insert((0.0, usize::MAX, index));
            if score > entry.0 + 0.001 || score > entry.0 - 0.001 && length < entry.1 {
                *entry = (score, length, index);
            }
        }
    }
    for (&(fact, _), &(_, _, index)) in &best {
        if let Some(class) = gold[fact].class {
            classes[index] = Some(classes[index].unwrap_or_default() | 1 << class);
        }
    }
    let aligned: HashSet<usize> = best.keys().map(|(fact, _)| *fact).collect();
    let found = found(scene, spots, gold, &wanted, &matches, rules);
    let right =
        right(spots, &gold.iter().map(|fact| fact.class).collect::<Vec<_>>(), &wanted, &matches, rules);
    let facts = gold.iter().filter(|fact| fact.class.is_some()).count();
    Labels { classes, matches, repeats, found, right, facts, aligned: aligned.len() }
}

/// Per fact whether the rules found it: by its name, or at its words.
fn found(
    scene: &Scene<'_>,
    spots: &[Spot],
    gold: &[Gold],
    wanted: &[Vec<HashSet<String>>],
    matches: &[Vec<(usize, usize, bool)>],
    rules: &[ClinicalFact],
) -> Vec<bool> {
    let mut found = vec![false; gold.len()];
    for (fact, gold) in gold.iter().enumerate() {
        let Some(class) = gold.class else { continue };
        found[fact] = rules.iter().filter(|rule| same_kind(rule, class)).any(|rule| {
            let name = stems(&rule.name);
            wanted[fact].iter().any(|other| likeness(&name, other) >= SAME)
        });
    }
    for (spot, facts) in spots.iter().zip(matches).filter(|(spot, _)| !spot.rules.is_empty()) {
        let place = scene.doc.evidence(spot.turn, spot.start, spot.end);
        for &(class, fact, _) in facts {
            found[fact] |= rules.iter().filter(|rule| same_kind(rule, class)).any(|rule| {
                rule.evidence.iter().any(|evidence| {
                    evidence.turn == place.turn
                        && evidence.start < place.end
                        && place.start < evidence.end
                        && evidence.end - evidence.start < 60
                })
            });
        }
    }
    found
}

/// Per fact of the rules whether it is an annotated one of its class: by its name, or by its words.
fn right(
    spots: &[Spot],
    classes: &[Option<usize>],
    wanted: &[Vec<HashSet<String>>],
    matches: &[Vec<(usize, usize, bool)>],
    rules: &[ClinicalFact],
) -> Vec<bool> {
    let mut right: Vec<bool> = rules
        .iter()
        .map(|rule| {
            let name = stems(&rule.name);
            let class = class_of(rule);
            class.is_some()
                && classes
                    .iter()
                    .zip(wanted)
                    .filter(|(of, _)| **of == class)
                    .any(|(_, names)| names.iter().any(|other| likeness(&name, other) >= SAME))
        })
        .collect();
    for (spot, facts) in spots.iter().zip(matches) {
        for &rule in &spot.rules {
            let class = class_of(&rules[rule]);
            right[rule] |= class.is_some() && facts.iter().any(|(of, _, _)| Some(*of) == class);
        }
    }
    right
}

/// Of the same kind, and a relative's or not as the class says.
fn same_kind(rule: &ClinicalFact, class: usize) -> bool {
    let family = CLASSES[class].section == Some(Section::Family);
    rule.kind == CLASSES[class].kind
        && (rule.kind != FactKind::History || rule.relative().is_some() == family)
}
