//! The English of the labels: sentences, salts, families of medicines and the words that deny.

use std::sync::OnceLock;

use crate::facts::Side;

/// Last words of a name that say the salt.
const SALTS: &[&str] = &[
    "hydrochloride",
    "sodium",
    "potassium",
    "calcium",
    "magnesium",
    "sulfate",
    "maleate",
    "mesylate",
    "besylate",
    "tartrate",
    "bitartrate",
    "succinate",
    "fumarate",
    "citrate",
    "phosphate",
    "acetate",
    "nitrate",
    "bromide",
    "hydrobromide",
    "chloride",
    "trihydrate",
    "dihydrate",
    "monohydrate",
    "anhydrous",
    "hemihydrate",
    "medoxomil",
    "cilexetil",
    "axetil",
    "proxetil",
    "disoproxil",
    "etexilate",
    "mofetil",
    "dipropionate",
    "propionate",
    "furoate",
    "valerate",
    "tosylate",
    "pamoate",
    "hyclate",
    "lactate",
    "gluconate",
    "malate",
    "oxalate",
    "hydrate",
    "zinc",
    "tromethamine",
    "meglumine",
    "decanoate",
    "sesquihydrate",
    "unspecified",
    "form",
    "hcl",
    "arginine",
    "disodium",
    "bisulfate",
    "hydrogen",
    "ethanolate",
    "xinafoate",
    "erbumine",
    "lysine",
    "saccharate",
    "aspartate",
];

/// A name without the words of its salt at the end.
pub(super) fn salt_free(name: &str) -> String {
    let mut words: Vec<String> =
        name.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    while words.len() > 1 && words.last().is_some_and(|last| SALTS.contains(&last.as_str())) {
        words.pop();
    }
    words.join(" ")
}

/// Words that are a medicine's name and in a label mean a body salt, food or a form.
pub(super) const NOT_MEDICINES: &[&str] = &[
    "sodium",
    "potassium",
    "calcium",
    "magnesium",
    "iron",
    "zinc",
    "glucose",
    "water",
    "oxygen",
    "urea",
    "insulin",
    "glycerin",
    "dextrose",
    "lactose",
    "sucrose",
    "albumin",
    "testosterone",
    "estradiol",
    "progesterone",
    "nicotine",
    "cholesterol",
    "sorbitol",
    "starch",
    "alcohol",
    "vitamin",
    "sodium chloride",
    "folate",
    "cortisol",
    "thyroxine",
    "melatonin",
    "serotonin",
    "dopamine",
    "norepinephrine",
    "epinephrine",
    "vasopressin",
    "glucagon",
];

const FAMILIES: &str = include_str!("../../../../catalogs/drug-safety/label_words.tsv");

/// English words of a family of medicines, folded and between spaces, and what they stand for, longest first.
pub(super) fn families() -> &'static [(String, Side)] {
    static TABLE: OnceLock<Vec<(String, Side)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = FAMILIES.lines().filter(|line| !line.starts_with('#')).skip(1);
        let mut table: Vec<(String, Side)> = rows
            .filter_map(|row| row.split_once('\t'))
            .flat_map(|(side, words)| words.split(';').map(move |word| (word, Side::read(side))))
            .map(|(word, side)| (format!(" {} ", terminology::fold::fold(word.trim())), side))
            .collect();
        table.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        table
    })
}

/// Cuts prose into sentences; abbreviations and figures do not end one.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    let bytes = text.as_bytes();
    for (at, mark) in text.match_indices(['.', ';', ')']) {
        let next_is_capital = text[at + 1..].trim_start().starts_with(|c: char| c.is_uppercase() || c == '[');
        let after_space = bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        let before = text[from..at].rsplit(' ').next().unwrap_or_default();
        let abbreviation = !before.ends_with(')') && before.chars().filter(|c| c.is_alphabetic()).count() < 2
            || matches!(
                before.to_lowercase().trim_start_matches('('),
                "e.g" | "i.e" | "vs" | "etc" | "dr" | "no"
            );
        // A list without full stops ends each line with the numbers of the sections: «… ( 4.1 , 12.2 ) Known …».
        let reference = mark == ")" && text[from..at].rsplit('(').next().is_some_and(is_reference);
        if after_space && next_is_capital && (reference || mark != ")" && !abbreviation) {
            found.push(text[from..=at].trim());
            from = at + 1;
        }
    }
    found.push(text[from..].trim());
    found.into_iter().map(without_heading).filter(|sentence| sentence.len() > 12).collect()
}

fn is_reference(inside: &str) -> bool {
    inside.chars().any(|c| c.is_ascii_digit())
        && inside.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '))
}

/// A text repeats the heading of its section: «7 DRUG INTERACTIONS 7.1 …».
fn without_heading(sentence: &str) -> &str {
    const HEADINGS: [&str; 5] = [
        "DRUG INTERACTIONS",
        "CONTRAINDICATIONS",
        "BOXED WARNING",
        "USE IN SPECIFIC POPULATIONS",
        "WARNINGS",
    ];
    let mut rest = sentence;
    loop {
        let shorter = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | ':'));
        let shorter = HEADINGS.iter().find_map(|heading| shorter.strip_prefix(heading)).unwrap_or(shorter);
        if shorter.len() == rest.len() {
            return rest;
        }
        rest = shorter;
    }
}

/// Whether a sentence says that nothing happens.
pub(super) fn denies(folded: &str) -> bool {
    const DENIALS: [&str; 16] = [
        "no clinically significant",
        "no clinically relevant",
        "not clinically significant",
        "no significant",
        "did not affect",
        "does not affect",
        "had no effect",
        "has no effect",
        "no effect on",
        "did not alter",
        "not significantly",
        "no dose adjustment",
        "no dosage adjustment",
        "did not result in",
        "do not interact",
        "no interaction",
    ];
    DENIALS.iter().any(|words| folded.contains(words))
}
