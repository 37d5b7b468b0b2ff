//! How a diagnosis stands: present, suspected, ruled out, past, or a relative's. It changes what is coded.

use super::words::{Word, words};
use std::ops::Range;

/// How a diagnosis stands, from the words around its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing says otherwise.
    Present,
    /// "Sospecha de", "probable": coded as the disease, which is not certain.
    Suspected,
    /// "Descartado": coded as an observation for a disease that was ruled out, never as the disease.
    RuledOut,
    /// "Antecedente de": a tumour or an infection that was is coded as history; what lasts, as the disease.
    History,
    /// "Antecedente familiar de", "madre con": coded as family history, never as the patient's disease.
    Family,
}

/// Beginnings, the longer before the shorter; folded, the small words after them are skipped.
const BEFORE: &[(&[&str], Standing)] = &[
    (&["antecedentes", "heredofamiliares"], Standing::Family),
    (&["antecedente", "heredofamiliar"], Standing::Family),
    (&["antecedentes", "heredo", "familiares"], Standing::Family),
    (&["antecedentes", "familiares"], Standing::Family),
    (&["antecedente", "familiar"], Standing::Family),
    (&["historia", "familiar"], Standing::Family),
    (&["carga", "genetica"], Standing::Family),
    (&["ahf"], Standing::Family),
    (&["antecedentes", "personales"], Standing::History),
    (&["antecedente", "personal"], Standing::History),
    (&["antecedentes", "patologicos"], Standing::History),
    (&["antecedentes"], Standing::History),
    (&["antecedente"], Standing::History),
    (&["historia"], Standing::History),
    (&["se", "descarto"], Standing::RuledOut),
    (&["se", "descarta"], Standing::RuledOut),
    (&["descartado"], Standing::RuledOut),
    (&["descartada"], Standing::RuledOut),
    (&["descartados"], Standing::RuledOut),
    (&["sin", "evidencia"], Standing::RuledOut),
    (&["a", "descartar"], Standing::Suspected),
    (&["por", "descartar"], Standing::Suspected),
    (&["descartar"], Standing::Suspected),
    (&["sospecha"], Standing::Suspected),
    (&["sospechoso"], Standing::Suspected),
    (&["probable"], Standing::Suspected),
    (&["probablemente"], Standing::Suspected),
    (&["posible"], Standing::Suspected),
    (&["posiblemente"], Standing::Suspected),
    (&["presunta"], Standing::Suspected),
    (&["presunto"], Standing::Suspected),
    (&["sugestivo"], Standing::Suspected),
    (&["sugestiva"], Standing::Suspected),
    (&["compatible"], Standing::Suspected),
];

/// Relatives, and what follows when a disease of theirs does.
const KIN: &[&str] = &[
    "madre", "padre", "hermano", "hermana", "hermanos", "abuelo", "abuela", "abuelos", "tio", "tia", "hijo",
    "hija",
];
const HAVE: &[&str] = &[
    "con", "tuvo", "tiene", "padece", "padecio", "fallecio", "murio", "materna", "materno", "paterna",
    "paterno",
];

/// Endings.
const AFTER: &[(&[&str], Standing)] = &[
    (&["por", "descartar"], Standing::Suspected),
    (&["a", "descartar"], Standing::Suspected),
    (&["descartado"], Standing::RuledOut),
    (&["descartada"], Standing::RuledOut),
    (&["descartados"], Standing::RuledOut),
    (&["descartadas"], Standing::RuledOut),
    (&["en", "la", "familia"], Standing::Family),
    (&["familiar"], Standing::Family),
    (&["antecedentes"], Standing::History),
    (&["en", "estudio"], Standing::Suspected),
];

/// Small words between such words and the name.
const JOINTS: &[&str] = &["con", "de", "del", "la", "el", "los", "por", "para", "tuvo", "tiene", "una", "un"];

/// Diseases whose name ends like one of the words above.
const NAMES: &[&str] =
    &["mediterranea familiar", "adenomatosa familiar", "poliposis familiar", "violencia familiar"];

fn at(words: &[Word], from: usize, pattern: &[&str]) -> bool {
    words.get(from..).is_some_and(|rest| {
        rest.len() >= pattern.len() && rest.iter().zip(pattern).all(|(word, other)| word.folded == *other)
    })
}

fn kin(words: &[Word]) -> bool {
    let is =
        |at: usize, list: &[&str]| words.get(at).is_some_and(|word| list.contains(&word.folded.as_str()));
    is(0, KIN) && is(1, HAVE)
}

/// How the diagnosis stands and the bytes of the text that name it; the whole text when nothing says otherwise, or
/// when nothing would be left.
pub(crate) fn read(text: &str) -> (Standing, Range<usize>) {
    let all = words(text);
    let whole = (Standing::Present, 0..text.len());
    let (mut from, mut to) = (0, all.len());
    let mut standing = Standing::Present;
    if let Some((pattern, found)) = BEFORE.iter().find(|(pattern, _)| at(&all, 0, pattern)) {
        standing = *found;
        from = pattern.len();
    } else if kin(&all) {
        (standing, from) = (Standing::Family, 2);
    } else if let Some((pattern, found)) =
        AFTER.iter().find(|(pattern, _)| at(&all, all.len().saturating_sub(pattern.len()), pattern))
    {
        let folded = crate::fold::fold(text);
        if NAMES.iter().any(|name| folded.ends_with(name)) {
            return whole;
        }
        standing = *found;
        to -= pattern.len();
    }
    while standing != Standing::Present && all.get(from).is_some_and(|w| JOINTS.contains(&w.folded.as_str()))
    {
        from += 1;
    }
    match (all.get(from), to.checked_sub(1).and_then(|last| all.get(last))) {
        (Some(first), Some(last)) if from < to => (standing, first.range.start..last.range.end),
        _ => whole,
    }
}

/// Pairs of a beginning of the code of a disease and a code; the first that fits is taken.
type Codes = &'static [(&'static str, &'static str)];

/// What a disease that was ruled out is coded as.
pub(crate) const RULED_OUT: Codes = &[
    ("1B1", "QA02.0"),
    ("1D2", "QA02.1"),
    ("2", "QA02.2"),
    ("6", "QA02.3"),
    ("8", "QA02.4"),
    ("NE6", "QA02.5"),
    ("4A8", "QA02.8"),
    ("", "QA02.Y"),
];

/// What a disease that was is coded as.
pub(crate) const HISTORY: Codes = &[
    ("2A", "QC40.6"),
    ("2B0", "QC40.7"),
    ("2B3", "QC40.6"),
    ("2B6", "QC40.Y"),
    ("2B7", "QC40.0"),
    ("2B8", "QC40.0"),
    ("2B9", "QC40.0"),
    ("2C0", "QC40.0"),
    ("2C1", "QC40.0"),
    ("2C2", "QC40.1"),
    ("2C6", "QC40.3"),
    ("2C7", "QC40.4"),
    ("2C8", "QC40.4"),
    ("2C9", "QC40.5"),
    ("2E", "QC41"),
    ("2F", "QC41"),
    ("2", "QC40.Z"),
    ("1", "QC42.Z"),
    ("3", "QC43"),
    ("4", "QC44.Z"),
    ("5", "QC45"),
    ("6", "QC46"),
    ("8", "QC47"),
    ("9", "QC47"),
    ("A", "QC47"),
    ("", "QC4Y"),
];

/// What a disease of a relative is coded as.
pub(crate) const FAMILY: Codes = &[
    ("2A", "QC61.6"),
    ("2B0", "QC61.7"),
    ("2B3", "QC61.6"),
    ("2B7", "QC61.0"),
    ("2B8", "QC61.0"),
    ("2B9", "QC61.0"),
    ("2C0", "QC61.0"),
    ("2C1", "QC61.0"),
    ("2C2", "QC61.1"),
    ("2C6", "QC61.3"),
    ("2C7", "QC61.4"),
    ("2C8", "QC61.4"),
    ("2C9", "QC61.5"),
    ("2", "QC61.Z"),
    ("1", "QC60"),
    ("3", "QC62"),
    ("4", "QC63"),
    ("5A1", "QC64.0"),
    ("5", "QC64.Z"),
    ("6", "QC65"),
    ("8B0", "QC69"),
    ("8B1", "QC69"),
    ("8B2", "QC69"),
    ("9", "QC66"),
    ("A", "QC66"),
    ("B", "QC67"),
    ("", "QC6Y"),
];

/// The code that stands for a disease in a table.
pub(crate) fn stands_for(codes: Codes, disease: &str) -> &'static str {
    codes.iter().find(|(beginning, _)| disease.starts_with(beginning)).map_or("", |(_, code)| code)
}
