//! The things that are done for a patient, and how a record shows that they were.

use std::sync::OnceLock;

use terminology::fold::fold;

/// Something that is done for a patient.
#[derive(Debug)]
pub struct Act {
    /// Its code.
    pub code: &'static str,
    /// "Hemoglobina glucosilada".
    pub label: &'static str,
    /// LOINC codes of the results that are it.
    pub loinc: Vec<&'static str>,
    /// Codes of the measurements that are it.
    pub signs: Vec<&'static str>,
    words: Vec<&'static str>,
    not: Vec<&'static str>,
}

/// All acts, in the order of the table.
#[must_use]
pub fn acts() -> &'static [Act] {
    static TABLE: OnceLock<Vec<Act>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let list = |cell: &'static str| cell.split(';').filter(|word| !word.is_empty()).collect();
        let read = |row: Vec<&'static str>| {
            let [code, label, loinc, signs, words, not] = *row.as_slice() else { return None };
            let (loinc, signs, words, not) = (list(loinc), list(signs), list(words), list(not));
            Some(Act { code, label, loinc, signs, words, not })
        };
        crate::rows(include_str!("../../../catalogs/prevention/acts.tsv")).filter_map(read).collect()
    })
}

/// The act with this code.
#[must_use]
pub fn act(code: &str) -> Option<&'static Act> {
    acts().iter().find(|act| act.code == code)
}

/// The acts a sentence of an exploration or of results shows as done; what is asked for, pending or long ago is not.
pub fn told(sentence: &str) -> impl Iterator<Item = &'static Act> {
    let text = format!(" {} ", fold(sentence));
    let says = move |words: &[&str]| words.iter().any(|word| text.contains(&format!(" {word} ")));
    acts().iter().filter(move |act| says(&act.words) && !says(&act.not))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_explored_is_done_and_what_was_asked_for_is_not() {
        let codes = |sentence: &str| told(sentence).map(|act| act.code).collect::<Vec<_>>();
        assert_eq!(codes("Pies sin lesiones, pulsos pedios presentes."), ["feet"]);
        assert_eq!(codes("Fondo de ojo sin retinopatía."), ["eyes"]);
        assert_eq!(codes("Mastografía: BI-RADS 2."), ["mammography"]);
        assert_eq!(codes("Hemoglobina glucosilada de 7.6 %."), ["hba1c"]);
        for other in [
            "Se solicita mastografía.",
            "Fondo de ojo pendiente.",
            "Última citología hace cuatro años.",
            "Campos limpios.",
        ] {
            assert!(codes(other).is_empty(), "{other}");
        }
        assert_eq!(acts().len(), 18, "a row of acts.tsv cannot be read");
    }
}
