//! The closed world the typesetter sees: the templates, the fonts and one file of data. Nothing else exists in it.

use std::collections::HashMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::error::Error;
use crate::logo::Logo;

const TEMPLATES: [(&str, &str); 9] = [
    ("main.typ", include_str!("../templates/main.typ")),
    ("common.typ", include_str!("../templates/common.typ")),
    ("letter.typ", include_str!("../templates/letter.typ")),
    ("note.typ", include_str!("../templates/note.typ")),
    ("prescription.typ", include_str!("../templates/prescription.typ")),
    ("report.typ", include_str!("../templates/report.typ")),
    ("sheet.typ", include_str!("../templates/sheet.typ")),
    ("logo.typ", include_str!("../templates/logo.typ")),
    ("book.typ", include_str!("../templates/book.typ")),
];

const FONTS: [(&str, &[u8]); 3] = [
    ("regular", include_bytes!(concat!(env!("OUT_DIR"), "/regular.ttf"))),
    ("semibold", include_bytes!(concat!(env!("OUT_DIR"), "/semibold.ttf"))),
    ("bold", include_bytes!(concat!(env!("OUT_DIR"), "/bold.ttf"))),
];

/// What all documents share; built once.
pub(crate) struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: HashMap<FileId, Source>,
    data: FileId,
}

impl Shared {
    pub(crate) fn new() -> Result<Self, Error> {
        let mut fonts = Vec::with_capacity(FONTS.len());
        for (name, bytes) in FONTS {
            fonts.push(Font::new(Bytes::new(bytes), 0).ok_or(Error::Font(name))?);
        }
        let mut sources = HashMap::new();
        for (name, text) in TEMPLATES {
            let id = file(name)?;
            sources.insert(id, Source::new(id, text.to_owned()));
        }
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            sources,
            data: file("data.json")?,
        })
    }

    /// Whether every font of the documents can show the character.
    pub(crate) fn can_show(&self, c: char) -> bool {
        self.fonts.iter().all(|font| font.info().coverage.contains(u32::from(c)))
    }

    /// Where in the templates a diagnostic points, without a word of the document.
    pub(crate) fn source_name(&self, id: FileId) -> String {
        id.get().vpath().get_without_slash().to_owned()
    }
}

pub(crate) fn file(name: &str) -> Result<FileId, Error> {
    let path = VirtualPath::new(name).map_err(|error| Error::Typesetting(error.to_string()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The shared part and the data of one document.
pub(crate) struct DocumentWorld<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) main: FileId,
    pub(crate) data: Bytes,
    pub(crate) logo: Option<&'a Logo>,
}

impl World for DocumentWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.shared.sources.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shared.data {
            return Ok(self.data.clone());
        }
        let logo = self.logo.filter(|logo| file(logo.file_name()).is_ok_and(|own| own == id));
        logo.map(|logo| Bytes::new(logo.bytes.to_vec())).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.get(index).cloned()
    }

    /// There is no clock: every date is data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
