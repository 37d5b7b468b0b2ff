//! The medicines and medicine classes named in running Spanish text.

use std::ops::Range;

use super::catalog::NameUse;
use super::{Medicine, MedicineCatalog, NameKind};
use crate::fold::{base_letter, fold};

/// A medicine or a class of medicines named in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct MedicineMention<'a> {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The words as written.
    pub as_written: String,
    /// Generic, brand or class.
    pub kind: MentionKind,
    /// Ingredients; empty for a class.
    pub medicines: Vec<&'a Medicine>,
    /// Class key such as `aine`, for a class.
    pub class: Option<&'static str>,
    /// How sure it is that the words name a medicine.
    pub certainty: Certainty,
}

/// What kind of words named the medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MentionKind {
    /// Generic name, in any spelling.
    Generic,
    /// Brand.
    Brand,
    /// A family: «antiinflamatorios».
    Class,
}

/// How sure a mention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Written as the catalogue has it.
    Exact,
    /// A known mishearing or misspelling.
    Misheard,
    /// The word is also an analyte, a food, a body substance or a person's name («glucosa», «Yasmin»).
    Ambiguous,
}

/// A word of the text.
struct Word {
    range: Range<usize>,
    folded: String,
}

impl MedicineCatalog {
    /// Every medicine named in the text, in order and without overlap; the longest name wins.
    ///
    /// Case and accents do not matter, except for brands that are ordinary words: those count only with a capital.
    /// Ingredients said together that are sold as one product («amoxicilina con ácido clavulánico») are one mention.
    #[must_use]
    pub fn mentions(&self, text: &str) -> Vec<MedicineMention<'_>> {
        let words = words(text);
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            match self.mention_at(text, &words, at) {
                Some((mention, used)) => {
                    found.push(mention);
                    at += used;
                }
                None => at += 1,
            }
        }
        self.join_combinations(text, found)
    }

    /// The longest mention that starts at this word, and how many words it takes.
    fn mention_at<'a>(
        &'a self,
        text: &str,
        words: &[Word],
        at: usize,
    ) -> Option<(MedicineMention<'a>, usize)> {
        let first = &words[at].folded;
        let longest = match self.longest_from.get(first) {
            Some(&count) => usize::from(count).min(words.len() - at),
            None => 0,
        };
        let mut key = String::new();
        for count in (1..=longest).rev() {
            key.clear();
            for (idx, word) in words[at..at + count].iter().enumerate() {
                if idx > 0 {
                    key.push(' ');
                }
                key.push_str(&word.folded);
            }
            let range = words[at].range.start..words[at + count - 1].range.end;
            if let Some(mention) = self.mention_of(text, range, &key) {
                return Some((mention, count));
            }
        }
        let range = words[at].range.clone();
        singulars(first).find_map(|key| self.mention_of(text, range.clone(), key)).map(|mention| (mention, 1))
    }

    /// The mention that these folded words make, if they name something.
    fn mention_of<'a>(&'a self, text: &str, range: Range<usize>, key: &str) -> Option<MedicineMention<'a>> {
        let as_written = text[range.clone()].to_owned();
        if let Some(&idx) = self.by_fold.get(key) {
            let name = &self.names[idx as usize];
            let capital = as_written.chars().next().is_some_and(char::is_uppercase);
            if name.use_ == NameUse::Capitalised && (!capital || starts_sentence(text, range.start)) {
                return None;
            }
            let certainty = if self.doubtful.contains(key) || name.use_ == NameUse::PersonName {
                Certainty::Ambiguous
            } else if name.kind == NameKind::Heard {
                Certainty::Misheard
            } else {
                Certainty::Exact
            };
            let kind = if name.kind == NameKind::Brand { MentionKind::Brand } else { MentionKind::Generic };
            let medicines = name.medicines.iter().map(|&id| &self.medicines[usize::from(id)]).collect();
            return Some(MedicineMention { range, as_written, kind, medicines, class: None, certainty });
        }
        let &idx = self.class_by_fold.get(key)?;
        Some(MedicineMention {
            range,
            as_written,
            kind: MentionKind::Class,
            medicines: Vec::new(),
            class: Some(self.classes[usize::from(idx)].key),
            certainty: Certainty::Exact,
        })
    }

    /// Joins neighbours such as «levodopa/carbidopa» when they are sold as one product.
    fn join_combinations<'a>(&self, text: &str, found: Vec<MedicineMention<'a>>) -> Vec<MedicineMention<'a>> {
        let mut joined: Vec<MedicineMention<'a>> = Vec::with_capacity(found.len());
        for mention in found {
            if let Some(last) = joined.last_mut()
                && last.kind == MentionKind::Generic
                && mention.kind == MentionKind::Generic
                && is_combining(&text[last.range.end..mention.range.start])
            {
                let inns: Vec<_> = last.medicines.iter().chain(&mention.medicines).map(|m| m.inn).collect();
                if self.is_fixed_combination(&inns) || self.starts_combination(&inns) {
                    last.range.end = mention.range.end;
                    text[last.range.clone()].clone_into(&mut last.as_written);
                    last.medicines.extend(&mention.medicines);
                    continue;
                }
            }
            joined.push(mention);
        }
        joined
    }

    /// Whether these ingredients are part of a larger product («efavirenz/emtricitabina/tenofovir»).
    fn starts_combination(&self, inns: &[&str]) -> bool {
        let ids: Vec<_> =
            inns.iter().filter_map(|inn| self.medicines.iter().position(|m| m.inn == *inn)).collect();
        ids.len() == inns.len()
            && inns.len() >= 2
            && self.combinations.iter().any(|combination| {
                combination.len() > ids.len()
                    && ids.iter().all(|id| combination.iter().any(|&other| usize::from(other) == *id))
            })
    }
}

/// Words of the text: runs of letters and digits, combining accents included.
fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut start: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let inside = base_letter(c).is_some()
            || c.to_lowercase().next().and_then(base_letter).is_some()
            || (start.is_some() && ('\u{0300}'..='\u{036f}').contains(&c));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                out.push(Word { range: from..at, folded: fold(&text[from..at]) });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        out.push(Word { range: from..text.len(), folded: fold(&text[from..]) });
    }
    out
}

/// Possible singulars of a plural that is long enough to be a name («aspirinas», «paracetamoles»).
fn singulars(word: &str) -> impl Iterator<Item = &str> {
    let long = word.len() >= 6;
    let without_s = word.strip_suffix('s').filter(|_| long);
    let without_es = word.strip_suffix("es").filter(|_| long);
    without_s.into_iter().chain(without_es)
}

/// Whether nothing but a sentence end, a dash or a speaker label stands before this byte.
fn starts_sentence(text: &str, at: usize) -> bool {
    match text[..at].trim_end_matches([' ', '\t', '"', '«', '“', '¿', '¡', '(']).chars().next_back() {
        None => true,
        Some(c) => matches!(c, '.' | '?' | '!' | ':' | '\n' | '…' | '-' | '—'),
    }
}

/// Whether the words between two ingredients join them into one product.
fn is_combining(between: &str) -> bool {
    matches!(between.trim(), "con" | "/" | "-" | "+" | "" | "más" | "mas" | "–") && between.len() <= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mentions as `words=inn+inn` or `words=class:key`.
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = MedicineCatalog::core()
            .mentions(text)
            .iter()
            .map(|m| {
                assert_eq!(&text[m.range.clone()], m.as_written);
                let what = match m.class {
                    Some(class) => format!("class:{class}"),
                    None => m.medicines.iter().map(|m| m.inn).collect::<Vec<_>>().join("+"),
                };
                format!("{}={what}", m.as_written)
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_are_found_whatever_their_case_and_accents() {
        check(
            "Tome PARACETAMOL y acido acetilsalicilico",
            &["PARACETAMOL=paracetamol", "acido acetilsalicilico=acetylsalicylic acid"],
        );
        check("a\u{0301}cido fo\u{0301}lico diario", &["a\u{0301}cido fo\u{0301}lico=folic acid"]);
    }

    #[test]
    fn names_of_several_words_win_over_shorter_ones() {
        check(
            "vida suero oral y complejo B",
            &["vida suero oral=oral rehydration salts", "complejo B=vitamin b complex"],
        );
        check("insulina glargina 20 unidades", &["insulina glargina=insulin glargine"]);
        check("penicilina benzatínica", &["penicilina benzatínica=benzathine benzylpenicillin"]);
    }

    #[test]
    fn brands_expand_and_keep_what_was_written() {
        check("le doy Antiflu-Des", &["Antiflu-Des=amantadine+chlorphenamine+paracetamol"]);
        check("toma neo-melubrina", &["neo-melubrina=metamizole"]);
    }

    #[test]
    fn brands_that_are_ordinary_words_need_a_capital() {
        check("sus actos y el next", &[]);
        check("toma Actos diario", &["Actos=pioglitazone"]);
        check("Actos como ese no se repiten", &[]);
    }

    #[test]
    fn classes_are_found_as_classes() {
        check(
            "alérgica a las sulfas y a los antiinflamatorios",
            &["sulfas=class:sulfonamida", "antiinflamatorios=class:aine"],
        );
        check("soy alérgico a la penicilina", &["penicilina=class:penicilina"]);
    }

    #[test]
    fn ingredients_of_one_product_said_together_are_one_mention() {
        check(
            "amoxicilina con ácido clavulánico",
            &["amoxicilina con ácido clavulánico=amoxicillin+clavulanic acid"],
        );
        check("levodopa/carbidopa", &["levodopa/carbidopa=levodopa+carbidopa"]);
        check(
            "trimetoprima con sulfametoxazol",
            &["trimetoprima con sulfametoxazol=trimethoprim+sulfamethoxazole"],
        );
        check("losartán y metformina", &["losartán=losartan", "metformina=metformin"]);
    }

    #[test]
    fn analytes_and_foods_are_marked_ambiguous() {
        let catalog = MedicineCatalog::core();
        let mentions = catalog.mentions("la glucosa salió en 180 y toma metformina");
        assert_eq!(mentions[0].certainty, Certainty::Ambiguous);
        assert_eq!(mentions[1].certainty, Certainty::Exact);
    }

    #[test]
    fn plurals_are_found() {
        check("dos aspirinas", &["aspirinas=acetylsalicylic acid"]);
    }

    #[test]
    fn ordinary_talk_names_no_medicine() {
        check("Buenos días doctora, me duele la cabeza desde hace tres días y no he podido dormir bien", &[]);
        check("¿Le han operado de algo? No, nada más la cesárea de mi segundo hijo", &[]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_failing_and_in_order(text in "\\PC{0,80}") {
            let mentions = MedicineCatalog::core().mentions(&text);
            for pair in mentions.windows(2) {
                proptest::prop_assert!(pair[0].range.end <= pair[1].range.start);
            }
        }
    }
}
