//! The parts of a form: a labelled field, a choice, a check, the summary of errors. Each renders itself.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;
use care::error::FieldError;

/// What a page posted, in order; kept so that nothing typed is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted(pub Vec<(String, String)>);

impl Posted {
    /// What a browser sent, without the characters no text has: PostgreSQL keeps no NUL, and no page shows the others.
    #[must_use]
    pub fn received(fields: Vec<(String, String)>) -> Self {
        let text = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let clean = |value: String| {
            if value.chars().all(|c| text(&c)) { value } else { value.chars().filter(text).collect() }
        };
        Self(fields.into_iter().map(|(name, value)| (name, clean(value))).collect())
    }

    /// The value of a field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The value of a field without the spaces around it; `None` when nothing is left.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Adds or replaces a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A text field or text area.
#[derive(Template)]
#[template(path = "_field.html")]
pub struct Field {
    id: String,
    name: &'static str,
    label: &'static str,
    value: String,
    error: Option<String>,
    help: Cow<'static, str>,
    kind: &'static str,
    width: &'static str,
    mode: &'static str,
    autocomplete: &'static str,
    optional: bool,
    focus: bool,
    max: usize,
    offers: Vec<String>,
}

impl HtmlSafe for Field {}

impl Field {
    /// A one-line text field.
    #[must_use]
    pub fn text(name: &'static str, label: &'static str) -> Self {
        Self {
            id: name.to_owned(),
            name,
            label,
            value: String::new(),
            error: None,
            help: Cow::Borrowed(""),
            kind: "text",
            width: "",
            mode: "",
            autocomplete: "off",
            optional: false,
            focus: false,
            max: 0,
            offers: Vec::new(),
        }
    }

    /// A field of several lines.
    #[must_use]
    pub fn area(name: &'static str, label: &'static str) -> Self {
        Self { kind: "area", ..Self::text(name, label) }
    }

    /// A date, with the picker of the browser.
    #[must_use]
    pub fn date(name: &'static str, label: &'static str) -> Self {
        Self { kind: "date", width: "w-18", ..Self::text(name, label) }
    }

    /// A time of day.
    #[must_use]
    pub fn time(name: &'static str, label: &'static str) -> Self {
        Self { kind: "time", width: "w-10", ..Self::text(name, label) }
    }

    /// A password field; its value is never written back.
    #[must_use]
    pub fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "password", autocomplete, width: "w-30", ..Self::text(name, label) }
    }

    /// Takes value and error from what was posted.
    #[must_use]
    pub fn from(mut self, posted: &Posted, errors: &[FieldError]) -> Self {
        if self.kind != "password" {
            posted.get(self.name).clone_into(&mut self.value);
        }
        self.error = errors.iter().find(|e| e.field == self.name).map(|e| e.message.clone());
        self
    }

    /// The value shown.
    #[must_use]
    pub fn value(mut self, value: impl ToString) -> Self {
        self.value = value.to_string();
        self
    }

    /// A line of help under the label.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }

    /// Texts the browser offers while somebody types; any other is as good.
    #[must_use]
    pub fn offers(mut self, offers: Vec<String>) -> Self {
        self.offers = offers;
        self
    }

    /// A class for the width, which tells the length expected.
    #[must_use]
    pub fn width(mut self, width: &'static str) -> Self {
        self.width = width;
        self
    }

    /// The keyboard a phone shows.
    #[must_use]
    pub fn mode(mut self, mode: &'static str) -> Self {
        self.mode = mode;
        self
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// Marks it "(opcional)".
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Takes the focus when the page opens.
    #[must_use]
    pub fn focused(mut self) -> Self {
        self.focus = true;
        self
    }

    /// Most characters.
    #[must_use]
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Another id, where the same field stands twice on a page.
    #[must_use]
    pub fn id(mut self, id: impl ToString) -> Self {
        self.id = id.to_string();
        self
    }

    /// The value that is shown, to be sent along by another form.
    pub(crate) fn shown(&self) -> &str {
        &self.value
    }

    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-ayuda", self.id));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id));
        }
        ids.join(" ")
    }
}

/// A choice among a few fixed values.
#[derive(Template)]
#[template(path = "_choice.html")]
pub struct Choice {
    id: String,
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    value: String,
    error: Option<String>,
    help: &'static str,
    width: &'static str,
    optional: bool,
}

impl HtmlSafe for Choice {}

impl Choice {
    /// A choice of (value, words).
    #[must_use]
    pub fn new(name: &'static str, label: &'static str, options: Vec<(String, String)>) -> Self {
        Self {
            id: name.to_owned(),
            name,
            label,
            options,
            value: String::new(),
            error: None,
            help: "",
            width: "w-30",
            optional: false,
        }
    }

    /// Takes value and error from what was posted.
    #[must_use]
    pub fn from(mut self, posted: &Posted, errors: &[FieldError]) -> Self {
        posted.get(self.name).clone_into(&mut self.value);
        self.error = errors.iter().find(|e| e.field == self.name).map(|e| e.message.clone());
        self
    }

    /// The value chosen.
    #[must_use]
    pub fn value(mut self, value: impl ToString) -> Self {
        self.value = value.to_string();
        self
    }

    /// A line of help under the label.
    #[must_use]
    pub fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// A class for the width.
    #[must_use]
    pub fn width(mut self, width: &'static str) -> Self {
        self.width = width;
        self
    }

    /// Marks it "(opcional)".
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Another id, where the same choice stands twice on a page.
    #[must_use]
    pub fn id(mut self, id: impl ToString) -> Self {
        self.id = id.to_string();
        self
    }
}

/// A box to tick.
#[derive(Template)]
#[template(path = "_check.html")]
pub struct Check {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    ticked: bool,
}

impl HtmlSafe for Check {}

impl Check {
    /// A box and its words.
    #[must_use]
    pub fn new(name: &'static str, label: &'static str, ticked: bool) -> Self {
        Self { name, label, help: "", ticked }
    }

    /// A line of help beside it.
    #[must_use]
    pub fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }
}

/// "Corrija 2 datos", with links to the fields.
#[derive(Template)]
#[template(path = "_error_summary.html")]
pub struct ErrorSummary {
    errors: Vec<(String, String)>,
}

impl HtmlSafe for ErrorSummary {}

impl ErrorSummary {
    /// The summary of these errors; renders nothing when there are none.
    #[must_use]
    pub fn new(errors: &[FieldError]) -> Self {
        Self { errors: errors.iter().map(|e| (e.field.to_owned(), e.message.clone())).collect() }
    }

    /// Whether the page title starts with "Error: ".
    #[must_use]
    pub fn any(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// One part of a form that is put together by code.
pub enum Part {
    /// A text field.
    Field(Box<Field>),
    /// A choice.
    Choice(Choice),
    /// A box to tick.
    Check(Check),
}
