//! Printed documents: golden text, the same bytes twice, hostile and extreme content.
//!
//! Golden files live in `testdata/documents`; `MEDICUS_GOLDEN=write` rewrites them. The PDFs are left in cargo's
//! temporary folder for tests, to be looked at.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how these helpers fail a test")]

mod golden;
mod letters;
mod limits;
mod samples;

use std::sync::LazyLock;

use documents::Renderer;

/// One renderer for all tests, as in the program.
static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());
