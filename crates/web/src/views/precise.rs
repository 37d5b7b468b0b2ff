//! The page on which a code is made more precise: choices, and the code they make.

use askama::Template;
use askama::filters::HtmlSafe;

use super::coding::CodeChoices;
use super::consultation::Desk;
use super::form::Field;
use super::shell::{Place, Shell};

/// A choice.
pub struct ChoosableView {
    /// The code.
    pub code: String,
    /// WHO's title.
    pub title: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Whether the words of the diagnosis say it.
    pub said: bool,
}

/// Choices of which one is made, or none.
pub struct AxisView {
    /// Name of the field.
    pub name: String,
    /// What is chosen.
    pub label: &'static str,
    /// Whether none is chosen.
    pub none: bool,
    /// Whether one is proposed by the words of the diagnosis.
    pub said: bool,
    /// The values.
    pub values: Vec<ChoosableView>,
}

/// What the choices make.
#[derive(Template)]
#[template(path = "_precise_result.html")]
pub struct PreciseResult {
    /// Addresses and version.
    pub desk: Desk,
    /// The diagnosis.
    pub item: String,
    /// The code, to be confirmed.
    pub made: Option<CodeChoices>,
    /// Why the choices do not stand together.
    pub error: Option<String>,
}

impl HtmlSafe for PreciseResult {}

/// The page.
#[derive(Template)]
#[template(path = "precise.html")]
pub struct PrecisePage {
    /// The frame.
    pub shell: Shell,
    /// The diagnosis in the physician's words.
    pub text: String,
    /// The code.
    pub code: String,
    /// WHO's title of it.
    pub title: String,
    /// The axes.
    pub axes: Vec<AxisView>,
    /// What usually comes with it.
    pub company: Vec<ChoosableView>,
    /// Codes that are typed.
    pub other: Field,
    /// The release of ICD-11.
    pub edition: String,
    /// What the choices make.
    pub result: PreciseResult,
}
