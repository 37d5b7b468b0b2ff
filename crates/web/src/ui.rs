//! Small marks that templates write: icons, shapes of severity, counted words.

use std::borrow::Borrow;
use std::fmt;

use askama::filters::HtmlSafe;

use crate::assets;

/// An icon of the sprite. Always beside a word, so it is hidden from screen readers.
pub(crate) struct Icon {
    name: &'static str,
    small: bool,
}

/// An icon at 18 px.
pub(crate) fn icon(name: &'static str) -> Icon {
    Icon { name, small: false }
}

/// An icon at 15 px.
pub(crate) fn icon_small(name: &'static str) -> Icon {
    Icon { name, small: true }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == "octagon-x" {
            // Filled: the one shape of severity that is solid (design language, section 4).
            return f.write_str(
                "<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M8.5 2h7L22 8.500v7L15.500 22h-7L2 15.500v-7z\"/><path d=\"m15 9-6 6M9 9l6 6\"/></svg>",
            );
        }
        let size = if self.small { "i i-s" } else { "i" };
        let sprite = assets::url("icons.svg");
        write!(f, "<svg class=\"{size}\" aria-hidden=\"true\"><use href=\"{sprite}#i-{}\"/></svg>", self.name)
    }
}

impl HtmlSafe for Icon {}

/// The icon that goes with a severity word.
pub(crate) fn severity_icon(code: &str) -> Icon {
    match code {
        "contraindicada" => icon("octagon-x"),
        "mayor" => icon_small("triangle-alert"),
        "moderada" => icon_small("diamond"),
        "menor" => icon_small("minus"),
        "informativa" => icon_small("info"),
        _ => icon_small("circle-help"),
    }
}

/// "1 oración", "3 oraciones".
pub(crate) fn count(n: impl Borrow<usize>, one: &str, many: &str) -> String {
    let n = *n.borrow();
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
