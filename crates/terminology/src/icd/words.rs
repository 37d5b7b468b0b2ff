//! Words of a diagnosis as the index sees them: folded, stemmed, and weighed by what they can tell apart.

use crate::fold::base_letter;
use std::ops::Range;

/// One word of a text: its folded form and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, without accents.
    pub folded: String,
    /// Byte range in the original text.
    pub range: Range<usize>,
}

/// Calls `each` with every word of the text: folded form and byte range. Numbers glued to letters stay together.
pub(crate) fn for_each_word(text: &str, mut each: impl FnMut(&str, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut folded = String::new();
    let mut at = 0;
    while at < bytes.len() {
        // Most words of the tables are plain lower case already: they are passed on without a copy.
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_lowercase() || bytes[at].is_ascii_digit()) {
            at += 1;
        }
        if at == bytes.len() || (bytes[at].is_ascii() && !bytes[at].is_ascii_uppercase()) {
            if at > start {
                each(&text[start..at], start..at);
            }
            at += 1;
            continue;
        }
        at = fold_word(text, start, &mut folded);
        if !folded.is_empty() {
            each(&folded, start..at);
        }
        at = at.max(start + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Folds the word that begins at `start` into `folded`; answers where it ends. It is empty if no word begins there.
fn fold_word(text: &str, start: usize, folded: &mut String) -> usize {
    folded.clear();
    let mut has_tilde = false;
    let mut end = start;
    for (at, c) in text[start..].char_indices() {
        let is_mark = ('\u{0300}'..='\u{036f}').contains(&c);
        let letter = if c.is_ascii() {
            c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase())
        } else {
            c.to_lowercase().next().and_then(base_letter)
        };
        match letter {
            _ if is_mark && !folded.is_empty() => {}
            Some(letter) if !is_mark => folded.push(letter),
            _ => break,
        }
        has_tilde = has_tilde || c == 'ñ' || c == 'Ñ';
        end = start + at + c.len_utf8();
    }
    // Without its tilde a nail would be an article and a year an anus.
    if has_tilde && matches!(folded.as_str(), "una" | "unas" | "ano" | "anos") {
        *folded = folded.replace('n', "ni");
    }
    end
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    for_each_word(text, |folded, range| out.push(Word { folded: folded.to_owned(), range }));
    out
}

/// Cuts a folded word to a stem shared by singular and plural, masculine and feminine.
///
/// Only endings are cut, so a stem is always a beginning of the word (with z written c).
pub(crate) fn stem(folded: &str) -> &str {
    let mut s = folded;
    if !s.is_ascii() || s.bytes().any(|b| b.is_ascii_digit()) {
        return s;
    }
    if s.len() > 4 {
        s = s.strip_suffix('s').unwrap_or(s);
    }
    if s.len() > 4 && s.ends_with(['a', 'e', 'o']) {
        s = &s[..s.len() - 1];
    }
    s
}

/// Words that carry nothing: articles, prepositions, fillers of speech.
#[rustfmt::skip]
const EMPTY: &[&str] = &[
    "a", "al", "algo", "ante", "aqui", "asi", "como", "con", "cual", "cuales", "de", "del", "desde", "e",
    "el", "en", "era", "es", "esa", "ese", "eso", "esta", "estan", "este", "esto", "fue", "ha", "hacia",
    "han", "hasta", "hay", "he", "la", "las", "le", "les", "lo", "los", "me", "mi", "muy", "nos", "o",
    "para", "pero", "por", "pues", "que", "se", "segun", "ser", "si", "sobre", "son", "su", "sus", "tal",
    "tan", "te", "tener", "tengo", "tiene", "tu", "u", "un", "una", "unas", "unos", "y", "ya", "yo",
];

/// Hedges and talk around a diagnosis: they say how sure or since when, not what.
#[rustfmt::skip]
const HEDGES: &[&str] = &[
    "actual", "actualmente", "antecedente", "antecedentes", "aparente", "aparentemente", "compatible",
    "confirmada", "confirmado", "conocida", "conocido", "control", "controlada", "controlado", "cuadro",
    "cuadros", "data", "dato", "datos", "descartada", "descartado", "descartar", "descontrolada",
    "descontrolado", "diagnosticada", "diagnosticado", "diagnostico", "dx", "especificacion",
    "especificada", "especificadas", "especificado", "especificados", "eventual", "fase", "forma", "franca",
    "franco", "idx", "impresion", "parece", "posible", "posiblemente", "presencia", "presunta", "presunto",
    "probable", "probablemente", "problema", "problemas", "proceso", "relacionada", "relacionado",
    "seguimiento", "severidad", "sospecha", "sospechoso", "sugestiva", "sugestivo", "sugiere", "tipo",
    "tratada", "tratado", "tratamiento", "vs",
];

/// Words of side, degree and time: they choose between near codes and weigh little by themselves.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "activa", "activo", "afeccion", "afecciones", "ambas", "ambos", "antigua", "antiguo", "avanzada",
    "avanzado", "bilateral", "bilaterales", "criterio", "criterios", "cuatro", "derecha", "derechas",
    "derecho", "derechos", "difusa", "difuso", "discreta", "discreto", "dos", "enfermedad", "enfermedades",
    "estadio", "etapa", "focal", "generalizada", "generalizado", "global", "grado", "grave", "graves", "ii",
    "iii", "importante", "incipiente", "inespecifica", "inespecifico", "inferior", "inicial", "intensa",
    "intenso", "iv", "izquierda", "izquierdas", "izquierdo", "izquierdos", "lado", "lesion", "lesiones",
    "leve", "leves", "ligera", "ligero", "localizacion", "localizada", "localizado", "marcada", "marcado",
    "moderada", "moderado", "multiple", "multiples", "no", "otra", "otras", "otro", "otros", "paciente",
    "persistente", "primaria", "primario", "progresiva", "progresivo", "recidivante", "reciente",
    "recurrente", "secundaria", "secundario", "semana", "semanas", "severa", "severo", "simple", "sin",
    "sindrome", "sintomatica", "sintomatico", "superior", "trastorno", "trastornos", "tres", "unilateral",
];

/// Words after which the text no longer names the disease itself but its cause or company.
pub(crate) const CAUSE: &[&str] =
    &["por", "secundario", "secundaria", "debido", "debida", "asociado", "asociada", "posterior", "tras"];

/// Whether a folded word carries nothing by itself.
pub(crate) fn is_empty_word(folded: &str) -> bool {
    EMPTY.binary_search(&folded).is_ok()
}

/// How much a word counts beside its rarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Counts nothing.
    Empty,
    /// Says how sure or since when: nothing when coding, little when searching.
    Hedge,
    /// Chooses between near codes.
    Weak,
    /// Names the disease or its place.
    Full,
}

/// Whether a word is written like an abbreviation: "LES" is a disease, "les" is not, and a text all in capitals says
/// nothing about its words.
pub(crate) fn is_abbreviation(text: &str, word: &Word) -> bool {
    let capital = |text: &str| text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
    let alone = text.trim().len() == word.range.len();
    word.folded.len() > 1
        && text.get(word.range.clone()).is_some_and(capital)
        && (alone || text.chars().any(char::is_lowercase))
}

/// Looks a folded word up in the lists above.
pub(crate) fn strength(folded: &str) -> Strength {
    if is_empty_word(folded) {
        Strength::Empty
    } else if HEDGES.binary_search(&folded).is_ok() {
        Strength::Hedge
    } else if WEAK.binary_search(&folded).is_ok()
        || folded.len() == 1
        || folded.bytes().all(|b| b.is_ascii_digit())
    {
        // Single letters and numbers tell types apart ("hepatitis B", "tipo 2") and mean nothing by themselves.
        Strength::Weak
    } else {
        Strength::Full
    }
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, HEDGES, WEAK, stem, words};

    #[test]
    fn the_lists_are_in_order_for_the_binary_search() {
        for list in [EMPTY, HEDGES, WEAK] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn singular_and_plural_masculine_and_feminine_share_a_stem() {
        for (a, b) in [
            ("rinones", "rinon"),
            ("aguda", "agudos"),
            ("dolores", "dolor"),
            ("bacteriana", "bacteriano"),
            ("infecciones", "infeccion"),
            ("diabetes", "diabete"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_eq!(stem("tos"), "tos");
        assert_eq!(stem("b12"), "b12");
    }

    #[test]
    fn words_fold_like_the_rest_of_the_crate() {
        for text in [
            "Úlcera DIABÉTICA-2",
            "a\u{301}rbol y \u{301}niño",
            "¿Qué?",
            "e",
            "  ",
            "日本 x",
            "ÁÉÍ",
            "tb: vih/sida",
        ] {
            let joined: Vec<String> = words(text).into_iter().map(|w| w.folded).collect();
            assert_eq!(joined.join(" "), crate::fold::fold(text), "{text}");
        }
    }

    #[test]
    fn nails_are_no_articles() {
        assert_eq!(
            words("uñas de un año").iter().map(|w| w.folded.as_str()).collect::<Vec<_>>(),
            ["unias", "de", "un", "anio"]
        );
    }

    #[test]
    fn words_keep_their_place_in_the_text() {
        let text = "Úlcera, pie  DIABÉTICO.";
        let found = words(text);
        assert_eq!(
            found.iter().map(|w| &text[w.range.clone()]).collect::<Vec<_>>(),
            ["Úlcera", "pie", "DIABÉTICO"]
        );
        assert_eq!(found[2].folded, "diabetico");
    }
}
