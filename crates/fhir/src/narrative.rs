//! Words as XHTML and back. Only paragraphs of plain text are written, so nothing that a record says can become markup.

use crate::datatypes::Narrative;

const BEFORE: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
const AFTER: &str = "</div>";

/// One paragraph a line.
pub(crate) fn narrative(lines: &[String]) -> Narrative {
    let mut div = BEFORE.to_owned();
    for line in lines {
        div.push_str("<p>");
        line.chars().for_each(|c| escape(c, &mut div));
        div.push_str("</p>");
    }
    div.push_str(AFTER);
    Narrative { status: Some("generated".to_owned()), div: Some(div) }
}

fn escape(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        // Kept as it is, where a reader of XML would make a line feed of it.
        '\r' => out.push_str("&#13;"),
        c if is_xml(c) => out.push(c),
        _ => out.push('\u{fffd}'),
    }
}

/// The characters XML 1.0 knows.
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The lines again; `None` for anything [`narrative`] does not write.
pub(crate) fn lines(narrative: &Narrative) -> Option<Vec<String>> {
    let mut rest = narrative.div.as_deref()?.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (line, after) = rest.strip_prefix("<p>")?.split_once("</p>")?;
        lines.push(unescape(line)?);
        rest = after;
    }
    Some(lines)
}

fn unescape(text: &str) -> Option<String> {
    const NAMED: [(&str, char); 5] =
        [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("#13;", '\r')];
    let mut parts = text.split('&');
    let mut out = plain(parts.next()?)?.to_owned();
    for part in parts {
        let (c, rest) = NAMED.iter().find_map(|(name, c)| Some((c, part.strip_prefix(name)?)))?;
        out.push(*c);
        out.push_str(plain(rest)?);
    }
    Some(out)
}

/// Text without markup.
fn plain(text: &str) -> Option<&str> {
    (!text.contains(['<', '>']) && text.chars().all(is_xml)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_become_markup() {
        let said = ["<script>alert(1)</script> & \"comillas\"".to_owned(), "a\u{0}b\r\nc".to_owned()];
        let written = narrative(&said);
        let div = written.div.clone().unwrap();
        assert!(!div.contains("<script") && div.contains("&lt;script&gt;"), "{div}");
        assert_eq!(lines(&written).unwrap(), [said[0].clone(), "a\u{fffd}b\r\nc".to_owned()]);
    }

    #[test]
    fn foreign_markup_is_not_read_as_words() {
        for body in ["<p onclick='x'>a</p>", "<p>a<b>c</b></p>", "<p>&copy;</p>", "texto", "<p>a"] {
            let foreign = Narrative { status: None, div: Some(format!("{BEFORE}{body}{AFTER}")) };
            assert_eq!(lines(&foreign), None, "{body}");
        }
    }
}
