//! Diseases named in a turn that the ICD index knows: the open vocabulary beside the lexicon of spoken Spanish.

use terminology::icd::IcdIndex;

use crate::text::TurnDoc;

/// A disease of the index, by its words as spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its words, in lower case.
    pub name: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Whether the index files it under injuries.
    pub injury: bool,
}

/// Words of the index that name no disease by themselves.
const VAGUE: &[&str] = &[
    "infeccion",
    "infecciones",
    "dolor",
    "miedo",
    "alergia",
    "alergias",
    "alergico",
    "alergica",
    "gota",
    "gotas",
    "parasito",
    "virus",
    "inflamacion",
    "herida",
    "golpe",
    "tumor",
    "bola",
    "hongos",
    "cancer",
    "presion",
    "azucar",
    "aborto",
    "parto",
    "embarazo",
    "accidente",
    "caida",
    "estres",
    "tos",
    "soplo",
    "resaca",
    "cruda",
    "moco",
    "mocos",
    "vejez",
    "hambre",
    "muerte",
];

/// The diseases of the index in a turn; symptoms, contacts with services and causes from outside are left out.
#[must_use]
pub fn indexed(turn: &TurnDoc, text: &str) -> Vec<Indexed> {
    IcdIndex::core()
        .mentions(text)
        .into_iter()
        .filter(|mention| mention.score >= 0.8)
        .filter_map(|mention| {
            let start = turn.tokens.iter().position(|token| token.end > mention.range.start)?;
            let end = (start..turn.tokens.len())
                .find(|&at| turn.tokens[at].start >= mention.range.end)
                .unwrap_or(turn.tokens.len());
            let code = mention.code.as_str();
            let outside = code.starts_with(['M', 'Q', 'P', 'X', 'V']);
            let delivery = matches!(turn.word(start), "parto" | "embarazo" | "cesarea");
            let vague = delivery
                || turn.word(start).starts_with("alergi")
                || VAGUE.contains(&turn.word(start)) && end == start + 1;
            (!outside && !vague).then(|| Indexed {
                name: text[mention.range.clone()].to_lowercase(),
                start,
                end,
                injury: code.starts_with('N'),
            })
        })
        .collect()
}
