//! The renderer: built once, shared by all threads, one call for each document.

use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentContent};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;
use typst::WorldExt;
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::{Frame, FrameItem, Point};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::dates::{local, time_zone};
use crate::error::Error;
use crate::letter::{self, Letter};
use crate::logo::Logo;
use crate::printable::clean;
use crate::report::{self, Report};
use crate::sheet;
use crate::view::view;
use crate::world::{DocumentWorld, Shared, file};

/// For which purpose a document is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copy {
    /// The file made at signing. Its bytes depend on nothing but the content.
    Original,
    /// Printed again later: marked "Reimpresión 2" with when and by whom, on every page.
    Reprint {
        /// The how manieth reprint, from 1.
        number: i64,
        /// When it is printed.
        printed_at: Timestamp,
        /// Name of who prints it.
        printed_by: String,
    },
    /// Not signed yet: marked "BORRADOR, SIN VALIDEZ", without seal or place to sign.
    Draft {
        /// When it is printed.
        printed_at: Timestamp,
    },
}

/// What a print needs beyond the content. The time zone is the establishment's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderContext {
    /// SHA-256 of the canonical content, printed in the seal; not shown on drafts.
    pub content_digest: Digest,
    /// For which purpose.
    pub copy: Copy,
    /// The picture of the establishment in the letterhead.
    pub logo: Option<Logo>,
    /// Text of the square code that its author signed with the e.firma, for a receta.
    pub code: Option<String>,
    /// That what it says holds no more, for a receta that was cancelled: every page says so.
    pub cancelled: Option<Cancelled>,
}

impl RenderContext {
    /// A print without logo of something that holds.
    #[must_use]
    pub fn new(content_digest: Digest, copy: Copy) -> Self {
        Self { content_digest, copy, logo: None, code: None, cancelled: None }
    }
}

/// Turns documents into PDF. Templates and fonts are read once, here.
pub struct Renderer {
    shared: Shared,
    standards: PdfStandards,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Renderer")
    }
}

/// Results of earlier prints are kept this many prints: enough for the shared parts, without growing.
const CACHE_AGE: usize = 2;

impl Renderer {
    /// Reads templates and fonts.
    ///
    /// # Errors
    /// [`Error::Font`] when the program was built with a broken font.
    pub fn new() -> Result<Self, Error> {
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|error| Error::Typesetting(error.message().to_string()))?;
        Ok(Self { shared: Shared::new()?, standards })
    }

    /// The document as PDF/A-2a and PDF/UA-1, on letter paper.
    ///
    /// The same content and context give the same bytes on every machine.
    ///
    /// # Errors
    /// [`Error::SpecialPrescription`] for a receta with a medicine of fracción I; [`Error::TimeZone`] when the
    /// establishment's zone does not exist; [`Error::Typesetting`] when the typesetter refuses.
    pub fn render(&self, content: &DocumentContent, ctx: &RenderContext) -> Result<Vec<u8>, Error> {
        let timestamp = pdf_timestamp(content.signed_at, &content.establishment.time_zone)?;
        let options = self.options(format!("{}/{:?}", content.id, ctx.copy), timestamp);
        let data = serde_json::to_value(view(content, ctx)?)?;
        self.typeset("main.typ", data, ctx.logo.as_ref(), |document| typst_pdf::pdf(document, &options))
    }

    /// What the patient has to do with the medicines of a receta, in plain words and large print (16 points or more), as
    /// PDF/A-2a and PDF/UA-1. It is no receta and says so.
    ///
    /// # Errors
    /// [`Error::NoPrescription`] for another document; else as [`Renderer::render`].
    pub fn patient_sheet(&self, content: &DocumentContent, ctx: &RenderContext) -> Result<Vec<u8>, Error> {
        let timestamp = pdf_timestamp(content.signed_at, &content.establishment.time_zone)?;
        let options = self.options(format!("{}/hoja", content.id), timestamp);
        let data = serde_json::to_value(sheet::sheet(content, ctx)?)?;
        self.typeset("main.typ", data, ctx.logo.as_ref(), |document| typst_pdf::pdf(document, &options))
    }

    /// The sheet for the patient as plain text.
    ///
    /// # Errors
    /// As [`Renderer::patient_sheet`].
    pub fn patient_sheet_text(
        &self,
        content: &DocumentContent,
        ctx: &RenderContext,
    ) -> Result<String, Error> {
        let data = serde_json::to_value(sheet::sheet(content, ctx)?)?;
        self.typeset("main.typ", data, ctx.logo.as_ref(), |document| Ok(text_of(document)))
    }

    /// Whether a picture can stand in the letterhead: it is set once, alone.
    ///
    /// # Errors
    /// [`Error::Typesetting`] when it cannot be drawn.
    pub fn check_logo(&self, logo: &Logo) -> Result<(), Error> {
        let data = serde_json::json!({ "logo": logo.file_name() });
        self.typeset("logo.typ", data, Some(logo), |_| Ok(()))
    }

    /// A letter as PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// [`Error::TimeZone`] when the establishment's zone does not exist; [`Error::Typesetting`] when the typesetter refuses.
    pub fn letter(&self, letter: &Letter) -> Result<Vec<u8>, Error> {
        let timestamp = pdf_timestamp(letter.issued_at, &letter.establishment.time_zone)?;
        let options = self.options(format!("{}/{}", letter.reference, letter.issued_at), timestamp);
        self.with_document(&letter::view(letter)?, |document| typst_pdf::pdf(document, &options))
    }

    /// A report of the practice as PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// As [`Renderer::letter`].
    pub fn report(&self, report: &Report) -> Result<Vec<u8>, Error> {
        let timestamp = pdf_timestamp(report.issued_at, &report.establishment.time_zone)?;
        let options = self.options(format!("{}/{}", report.days, report.issued_at), timestamp);
        self.with_document(&report::view(report)?, |document| typst_pdf::pdf(document, &options))
    }

    /// How a file is written: the same bytes each time.
    pub(crate) fn options(&self, ident: String, timestamp: typst_pdf::Timestamp) -> PdfOptions {
        PdfOptions {
            ident: Smart::Custom(ident),
            creator: Smart::Custom(Some("Medicus".to_owned())),
            timestamp: Some(timestamp),
            page_ranges: None,
            standards: self.standards.clone(),
            tagged: true,
            pretty: false,
        }
    }

    /// The document as plain text, line by line, pages apart by a form feed: what a reader of the paper reads.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub fn render_text(&self, content: &DocumentContent, ctx: &RenderContext) -> Result<String, Error> {
        let data = serde_json::to_value(view(content, ctx)?)?;
        self.typeset("main.typ", data, ctx.logo.as_ref(), |document| Ok(text_of(document)))
    }

    fn with_document<T>(
        &self,
        view: &impl Serialize,
        export: impl FnOnce(&PagedDocument) -> typst::diag::SourceResult<T>,
    ) -> Result<T, Error> {
        self.typeset("main.typ", serde_json::to_value(view)?, None, export)
    }

    /// Sets a template with its data.
    pub(crate) fn typeset<T>(
        &self,
        template: &str,
        mut data: serde_json::Value,
        logo: Option<&Logo>,
        export: impl FnOnce(&PagedDocument) -> typst::diag::SourceResult<T>,
    ) -> Result<T, Error> {
        clean(&mut data, &|c| self.shared.can_show(c));
        let data = Bytes::new(serde_json::to_vec(&data)?);
        let world = DocumentWorld { shared: &self.shared, main: file(template)?, data, logo };
        let result = typst::compile::<PagedDocument>(&world).output.and_then(|document| export(&document));
        let result = result.map_err(|diagnostics| self.refusal(&world, &diagnostics));
        comemo::evict(CACHE_AGE);
        result
    }

    /// Names the places in the templates; the words of the document stay out, since errors reach the log.
    fn refusal(&self, world: &DocumentWorld<'_>, diagnostics: &[SourceDiagnostic]) -> Error {
        let place = |diagnostic: &SourceDiagnostic| {
            let name = diagnostic.span.id().map_or_else(String::new, |id| self.shared.source_name(id));
            let at = world.range(diagnostic.span).map_or(0, |range| range.start);
            format!("{} ({name}, byte {at})", without_quotes(&diagnostic.message))
        };
        Error::Typesetting(diagnostics.iter().map(place).collect::<Vec<_>>().join("; "))
    }
}

/// The message with what stands between backquotes or quotes taken out.
fn without_quotes(message: &str) -> String {
    message.split(['`', '"']).step_by(2).collect::<Vec<_>>().join("…")
}

pub(crate) fn pdf_timestamp(at: Timestamp, zone: &str) -> Result<typst_pdf::Timestamp, Error> {
    let at = local(at, &time_zone(zone)?);
    let part = |value: i8| u8::try_from(value).map_err(|_| Error::Date);
    let datetime = Datetime::from_ymd_hms(
        i32::from(at.year()),
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )
    .ok_or(Error::Date)?;
    let offset: Offset = at.offset();
    typst_pdf::Timestamp::new_local(datetime, offset.seconds() / 60).ok_or(Error::Date)
}

fn text_of(document: &PagedDocument) -> String {
    document.pages().iter().map(|page| page_text(&page.frame)).collect::<Vec<_>>().join("\u{c}\n")
}

/// Text runs of a page put back into lines: same height, left to right.
fn page_text(frame: &Frame) -> String {
    let mut runs = Vec::new();
    collect(frame, Point::zero(), &mut runs);
    runs.sort_by_key(|run| (run.top, run.left));
    let mut out = String::new();
    let mut last: Option<&Run> = None;
    for run in &runs {
        match last {
            Some(before) if before.top == run.top => {
                let gap = run.left - before.right;
                out.push_str(if gap > 120 {
                    "   "
                } else if gap > 12 {
                    " "
                } else {
                    ""
                });
            }
            Some(_) => out.push('\n'),
            None => {}
        }
        out.push_str(&run.text);
        last = Some(run);
    }
    out.push('\n');
    out
}

/// A run of text; positions in tenths of a point.
struct Run {
    top: i64,
    left: i64,
    right: i64,
    text: String,
}

fn collect(frame: &Frame, origin: Point, runs: &mut Vec<Run>) {
    #[expect(clippy::cast_possible_truncation, reason = "a page is under 10 000 points")]
    let tenths = |points: f64| (points * 10.0).round() as i64;
    for (at, item) in frame.items() {
        let at = origin + *at;
        match item {
            FrameItem::Group(group) => collect(&group.frame, at, runs),
            FrameItem::Text(text) => runs.push(Run {
                top: tenths(at.y.to_pt()),
                left: tenths(at.x.to_pt()),
                right: tenths((at.x + text.width()).to_pt()),
                text: text.text.to_string().replace('\u{a0}', " ").replace('\u{200b}', ""),
            }),
            _ => {}
        }
    }
}
