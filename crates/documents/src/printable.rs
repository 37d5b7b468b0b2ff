//! Text made fit for paper: nothing disappears, and nothing that a font or PDF/A cannot show reaches the typesetter.

use serde_json::Value;

/// Longest run without a space; longer ones get a place where the line may break.
const LONGEST_WORD: usize = 32;

/// Units that keep to their number with a hard space.
const UNITS: [&str; 24] = [
    "mg", "g", "mcg", "kg", "ml", "mL", "l", "L", "dl", "dL", "mEq", "UI", "mmHg", "cm", "mm", "m", "%",
    "°C", "mg/dL", "mg/dl", "g/dL", "horas", "días", "años",
];

/// Cleans every text of the data handed to the templates.
pub(crate) fn clean(value: &mut Value, can_show: &impl Fn(char) -> bool) {
    match value {
        Value::String(text) => *text = clean_text(text, can_show),
        Value::Array(values) => values.iter_mut().for_each(|value| clean(value, can_show)),
        Value::Object(fields) => fields.values_mut().for_each(|value| clean(value, can_show)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean_text(text: &str, can_show: &impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push_shown(&mut shown, c, can_show);
    }
    with_breaks(&with_hard_spaces(shown.trim()))
}

/// One character as the fonts can show it: itself, its written-out equivalent, or its code in brackets.
fn push_shown(shown: &mut String, c: char, can_show: &impl Fn(char) -> bool) {
    match c {
        '\n' => shown.push('\n'),
        '\t' | '\r' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => shown.push(' '),
        '\u{feff}' | '\u{200b}' | '\u{ad}' => {}
        '\u{202f}' | '\u{2007}' => shown.push('\u{a0}'),
        '\u{2010}' | '\u{2011}' => shown.push('-'),
        'µ' => shown.push('μ'),
        '→' => shown.push_str("->"),
        '←' => shown.push_str("<-"),
        'α' => shown.push_str("alfa"),
        'β' => shown.push_str("beta"),
        'γ' => shown.push_str("gamma"),
        _ if is_plain(c) && can_show(c) => shown.push(c),
        _ => shown.push_str(&format!("[U+{:04X}]", u32::from(c))),
    }
}

/// Neither a control, nor a mark that turns the direction of the text, nor of the private area.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && !matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}' | '\u{f0000}'..)
}

/// "500 mg" keeps on one line.
pub(crate) fn with_hard_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find(' ') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        out.push_str(before);
        let unit = after.split([' ', '\n']).next().unwrap_or("");
        let unit = unit.trim_end_matches(['.', ',', ';', ')', ':']);
        let number = before.ends_with(|c: char| c.is_ascii_digit());
        out.push(if number && UNITS.contains(&unit) { '\u{a0}' } else { ' ' });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Gives very long words places to break, so that none runs off the paper.
fn with_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        run = if c.is_whitespace() { 0 } else { run + 1 };
        if run > LONGEST_WORD {
            out.push('\u{200b}');
            run = 1;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(clean_text(text, &|c: char| c < '\u{250}'), expected, "{text:?}");
    }

    #[test]
    fn what_the_fonts_cannot_show_is_written_out_and_never_lost() {
        check("de 2 → 3", "de 2 -> 3");
        check("lactámico β", "lactámico beta");
        check("漢", "[U+6F22]");
        check("a\u{202e}b", "a[U+202E]b");
        check("a\u{0}b\u{e000}", "a[U+0000]b[U+E000]");
        check("a\u{feff}b\tc", "ab c");
    }

    #[test]
    fn a_number_and_its_unit_stay_together() {
        check("500 mg, 36.5 °C y 2 tabletas", "500\u{a0}mg, 36.5\u{a0}°C y 2 tabletas");
        check("cada 8 horas.", "cada 8\u{a0}horas.");
        check("el mg de", "el mg de");
    }

    #[test]
    fn very_long_words_may_break() {
        let cleaned = clean_text(&"x".repeat(100), &|_| true);
        assert!(cleaned.split('\u{200b}').all(|part| part.len() <= LONGEST_WORD));
        assert_eq!(cleaned.replace('\u{200b}', ""), "x".repeat(100));
    }
}
