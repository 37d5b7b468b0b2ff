//! A light Spanish stemmer: plural, gender, diminutives. Enough to compare words of a lexicon with spoken ones.

/// The comparison form of a folded word: "pastillitas" -> "pastill", "dolores" -> "dolor", "hinchados" -> "hinchad".
///
/// Words of three letters or fewer are left as they are.
#[must_use]
pub fn stem(word: &str) -> String {
    if word.len() <= 3 || word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut stem = strip_plural(word);
    if let Some(base) =
        ["isimo", "isima"].iter().find_map(|ending| stem.strip_suffix(ending)).filter(|base| base.len() >= 3)
    {
        return base.to_owned();
    }
    if let Some(base) = strip_diminutive(&stem) {
        stem = base;
    }
    if stem.len() > 3 && stem.ends_with(['a', 'o', 'e']) {
        stem.pop();
    }
    stem
}

fn strip_plural(word: &str) -> String {
    let bytes = word.as_bytes();
    let n = bytes.len();
    if n > 5 && word.ends_with("es") && !b"aeiou".contains(&bytes[n - 3]) {
        return word[..n - 2].to_owned();
    }
    if n > 4 && word.ends_with('s') && !word.ends_with("is") {
        return word[..n - 1].to_owned();
    }
    word.to_owned()
}

/// "calenturita" -> "calentura", "poquito" -> "poco"; `None` when the word is no diminutive.
fn strip_diminutive(word: &str) -> Option<String> {
    const KEPT: &[&str] = &[
        "transito",
        "proposito",
        "deposito",
        "apetito",
        "necesito",
        "visita",
        "favorito",
        "habito",
        "subito",
        "quito",
        "vomito",
        "periodito",
    ];
    if KEPT.contains(&word) {
        return None;
    }
    let vowel = word.chars().last().filter(|c| matches!(c, 'a' | 'o'))?;
    let body = &word[..word.len() - 1];
    let base =
        body.strip_suffix("ecit").or_else(|| body.strip_suffix("cit")).or_else(|| body.strip_suffix("it"))?;
    if base.len() < 3 {
        return None;
    }
    let mut base = match base.strip_suffix("qu") {
        Some(front) => format!("{front}c"),
        None => match base.strip_suffix("gu") {
            Some(front) => format!("{front}g"),
            None => base.to_owned(),
        },
    };
    if base.ends_with(|c: char| !matches!(c, 'r' | 'n' | 'l'))
        || body.ends_with("it") && !body.ends_with("cit")
    {
        base.push(vowel);
    }
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn plural_gender_and_diminutive_compare_equal() {
        for (a, b) in [
            ("pastillitas", "pastilla"),
            ("dolores", "dolor"),
            ("hinchados", "hinchada"),
            ("tosecita", "tos"),
            ("poquito", "poco"),
            ("calenturita", "calentura"),
            ("manchitas", "mancha"),
            ("tabletas", "tableta"),
            ("rojísimo".replace('í', "i").as_str(), "roja"),
            ("hinchadisimos", "hinchado"),
        ] {
            let (a_stem, b_stem) = (stem(a), stem(b));
            assert!(
                a_stem == b_stem || b_stem.starts_with(&a_stem) || a_stem.starts_with(&b_stem),
                "{a}: {a_stem}, {b}: {b_stem}"
            );
        }
        assert_eq!(stem("vomito"), "vomit");
    }
}
