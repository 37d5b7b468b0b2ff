//! Files kept in a record: told by their first bytes, never by their name; what may be kept, and how it may be shown.
//!
//! Nothing here decodes a picture or a PDF: only headers of a few bytes are read.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{AttachmentId, PatientId, UserId};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentCategory {
    /// Resultados de laboratorio en papel o PDF.
    Laboratory,
    /// Estudios de gabinete: imagen, trazos.
    Imaging,
    /// Consentimiento firmado en papel.
    SignedConsent,
    /// Solicitud, referencia o receta de otra parte.
    Request,
    /// Identificación.
    Identification,
    /// Otro.
    Other,
}

impl AttachmentCategory {
    /// All of them in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Laboratory,
        Self::Imaging,
        Self::SignedConsent,
        Self::Request,
        Self::Identification,
        Self::Other,
    ];

    /// Stored and posted word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory",
            Self::Imaging => "imaging",
            Self::SignedConsent => "signed_consent",
            Self::Request => "request",
            Self::Identification => "identification",
            Self::Other => "other",
        }
    }

    /// Reads [`AttachmentCategory::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Laboratory => "Laboratorio",
            Self::Imaging => "Gabinete",
            Self::SignedConsent => "Consentimiento firmado",
            Self::Request => "Solicitud",
            Self::Identification => "Identificación",
            Self::Other => "Otro",
        }
    }
}

/// How a browser may show a file. None of these runs anything that lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As a picture.
    Picture,
    /// In the browser's own reader, in a page of its own.
    Reader,
    /// As sound.
    Sound,
    /// Only to be downloaded.
    Nowhere,
}

/// The kinds of file that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// HEIC, as phones write it; kept as it is.
    Heic,
    /// TIFF, as scanners write it.
    Tiff,
    /// MP3.
    Mp3,
    /// Sound in an MP4 container, as phones record it.
    Mp4,
    /// Ogg (Opus, Vorbis), as messengers send it.
    Ogg,
    /// WAV.
    Wav,
    /// FLAC.
    Flac,
    /// AMR.
    Amr,
    /// AAC without container.
    Aac,
}

struct KindFacts {
    kind: FileKind,
    code: &'static str,
    media_type: &'static str,
    label: &'static str,
    /// The first is the one a download gets.
    extensions: &'static [&'static str],
    shown: Shown,
}

const KINDS: [KindFacts; 13] = {
    use Shown::{Nowhere, Picture, Reader, Sound};
    const fn facts(
        kind: FileKind,
        code: &'static str,
        media_type: &'static str,
        label: &'static str,
        extensions: &'static [&'static str],
        shown: Shown,
    ) -> KindFacts {
        KindFacts { kind, code, media_type, label, extensions, shown }
    }
    [
        facts(FileKind::Pdf, "pdf", "application/pdf", "PDF", &["pdf"], Reader),
        facts(FileKind::Jpeg, "jpeg", "image/jpeg", "imagen JPEG", &["jpg", "jpeg", "jpe", "jfif"], Picture),
        facts(FileKind::Png, "png", "image/png", "imagen PNG", &["png"], Picture),
        facts(FileKind::WebP, "webp", "image/webp", "imagen WebP", &["webp"], Picture),
        facts(FileKind::Heic, "heic", "image/heic", "imagen HEIC", &["heic", "heif"], Nowhere),
        facts(FileKind::Tiff, "tiff", "image/tiff", "imagen TIFF", &["tif", "tiff"], Nowhere),
        facts(FileKind::Mp3, "mp3", "audio/mpeg", "audio MP3", &["mp3"], Sound),
        facts(FileKind::Mp4, "mp4", "audio/mp4", "audio MP4", &["m4a", "mp4", "3gp"], Sound),
        facts(FileKind::Ogg, "ogg", "audio/ogg", "audio Ogg", &["ogg", "oga", "opus"], Sound),
        facts(FileKind::Wav, "wav", "audio/wav", "audio WAV", &["wav"], Sound),
        facts(FileKind::Flac, "flac", "audio/flac", "audio FLAC", &["flac"], Sound),
        facts(FileKind::Amr, "amr", "audio/amr", "audio AMR", &["amr"], Nowhere),
        facts(FileKind::Aac, "aac", "audio/aac", "audio AAC", &["aac"], Sound),
    ]
};

/// Why a file is not kept. The text says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedFile {
    /// No bytes.
    #[error("El archivo está vacío. Elija otro")]
    Empty,
    /// Something that runs.
    #[error("El archivo es un programa y no se guarda en un expediente. Elija un PDF, una imagen o un audio")]
    Program,
    /// HTML, SVG, XML: text that can carry code.
    #[error(
        "El archivo es una página web o un dibujo que puede traer código (HTML, SVG o XML). Guárdelo como PDF o como imagen y vuelva a subirlo"
    )]
    Markup,
    /// Office documents and archives.
    #[error(
        "El archivo es de Word, Excel o está comprimido. Guárdelo como PDF, o descomprímalo, y vuelva a subirlo"
    )]
    Packed,
    /// A message of a laboratory.
    #[error("El archivo trae resultados HL7. Súbalo en Resultados, con «Subir resultados»")]
    Hl7,
    /// Nothing known.
    #[error(
        "No se reconoce el tipo de archivo. Se reciben PDF, imágenes (JPEG, PNG, WebP, HEIC, TIFF) y audio (MP3, M4A, OGG, WAV, FLAC, AMR, AAC)"
    )]
    Unknown,
}

impl FileKind {
    fn facts(self) -> &'static KindFacts {
        // The table has one row per kind; a test checks it.
        KINDS.iter().find(|facts| facts.kind == self).unwrap_or(&KINDS[0])
    }

    /// What the bytes are, by their beginning.
    ///
    /// # Errors
    /// [`RefusedFile`] for what is not kept.
    pub fn of(bytes: &[u8]) -> Result<Self, RefusedFile> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let inside = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
        match bytes {
            [] => Err(RefusedFile::Empty),
            _ if starts(b"%PDF-") => Ok(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            _ if starts(b"\x89PNG\r\n\x1a\n") => Ok(Self::Png),
            _ if starts(b"RIFF") && inside(8, b"WEBP") => Ok(Self::WebP),
            _ if starts(b"RIFF") && inside(8, b"WAVE") => Ok(Self::Wav),
            _ if inside(4, b"ftyp") => brand(bytes.get(8..12).unwrap_or_default()),
            _ if starts(b"II*\0") || starts(b"MM\0*") => Ok(Self::Tiff),
            _ if starts(b"OggS") => Ok(Self::Ogg),
            _ if starts(b"fLaC") => Ok(Self::Flac),
            _ if starts(b"#!AMR") => Ok(Self::Amr),
            _ if starts(b"ID3") => Ok(Self::Mp3),
            // ADTS: sync word, layer 0.
            [0xff, second, ..] if second & 0xf6 == 0xf0 => Ok(Self::Aac),
            // MPEG audio: sync word, layer III.
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Ok(Self::Mp3),
            _ => Err(refusal(bytes)),
        }
    }

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.facts().code
    }

    /// Reads [`FileKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        KINDS.iter().find(|facts| facts.code == code).map(|facts| facts.kind)
    }

    /// The type it is served with, whatever its name said.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        self.facts().media_type
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.facts().label
    }

    /// The ending a download gets, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.facts().extensions.first().copied().unwrap_or_default()
    }

    /// How a browser may show it.
    #[must_use]
    pub fn shown(self) -> Shown {
        self.facts().shown
    }

    /// Whether a file name claims another kind. A name without an ending claims nothing.
    #[must_use]
    pub fn is_misnamed(self, file_name: &str) -> bool {
        let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| {
            let known = KINDS.iter().any(|facts| facts.extensions.contains(&ending.as_str()));
            let suspicious = ["exe", "htm", "html", "svg", "js", "docx", "doc"].contains(&ending.as_str());
            (known || suspicious) && !self.facts().extensions.contains(&ending.as_str())
        })
    }
}

/// The kinds inside the ISO base media container (ISO/IEC 14496-12), by their main brand.
fn brand(brand: &[u8]) -> Result<FileKind, RefusedFile> {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => Ok(FileKind::Heic),
        b"M4A " | b"M4B " | b"mp41" | b"mp42" | b"isom" | b"iso2" => Ok(FileKind::Mp4),
        [b'3', b'g', b'p', _] => Ok(FileKind::Mp4),
        _ => Err(RefusedFile::Unknown),
    }
}

fn refusal(bytes: &[u8]) -> RefusedFile {
    const PROGRAMS: [&[u8]; 8] = [
        b"MZ",
        b"\x7fELF",
        b"#!",
        b"\xfe\xed\xfa",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"dex\n",
    ];
    const PACKED: [&[u8]; 6] =
        [b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b"];
    if PROGRAMS.iter().any(|magic| bytes.starts_with(magic)) {
        return RefusedFile::Program;
    }
    if PACKED.iter().any(|magic| bytes.starts_with(magic)) {
        return RefusedFile::Packed;
    }
    let text: String = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', '\u{b}', ' ', '\t', '\r', '\n']);
    if text.starts_with("msh|") || text.starts_with("fhs|") || text.starts_with("bhs|") {
        RefusedFile::Hl7
    } else if text.starts_with('<') || text.contains("<script") || text.contains("<svg") {
        RefusedFile::Markup
    } else {
        RefusedFile::Unknown
    }
}

/// Most pixels of a picture that a page shows by itself: above any phone or scanner, below what stops a browser.
pub const MAX_SHOWN_PIXELS: u64 = 120_000_000;

/// Width and height as the header of a picture states them; nothing is decoded.
#[must_use]
pub fn picture_size(kind: FileKind, bytes: &[u8]) -> Option<(u32, u32)> {
    let be = |at: usize, len: usize| {
        let field = bytes.get(at..at + len)?;
        Some(field.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
    };
    let le = |at: usize, len: usize| {
        let field = bytes.get(at..at + len)?;
        Some(field.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
    };
    match kind {
        FileKind::Png => Some((be(16, 4)?, be(20, 4)?)),
        FileKind::WebP => match bytes.get(12..16)? {
            b"VP8X" => Some((le(24, 3)? + 1, le(27, 3)? + 1)),
            b"VP8 " => Some((le(26, 2)? & 0x3fff, le(28, 2)? & 0x3fff)),
            b"VP8L" => {
                let bits = le(21, 4)?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            _ => None,
        },
        FileKind::Jpeg => {
            // Segments of marker and length, up to the one that starts the frame (SOF).
            let mut at = 2;
            while be(at, 1)? == 0xff {
                let marker = be(at + 1, 1)?;
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    return Some((be(at + 7, 2)?, be(at + 5, 2)?));
                }
                at += match marker {
                    // Padding and markers without length.
                    0xff => 1,
                    0x01 | 0xd0..=0xd7 => 2,
                    _ => 2 + usize::try_from(be(at + 2, 2)?).ok()?,
                };
            }
            None
        }
        _ => None,
    }
}

/// Longest name kept, in characters.
pub const MAX_NAME: usize = 300;

/// A file name fit to keep and show: no folders, no control or direction characters, single spaces, at most
/// [`MAX_NAME`] characters with its ending. Letters of any script stay.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let tidy = visible(name.rsplit(['/', '\\']).next().unwrap_or_default());
    let tidy = tidy.trim_start_matches(['.', ' ']);
    if tidy.chars().count() <= MAX_NAME {
        return tidy.to_owned();
    }
    let (stem, ending) = tidy.rsplit_once('.').filter(|(_, e)| e.len() <= 5).unwrap_or((tidy, ""));
    let room = MAX_NAME - ending.len() - 1;
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end();
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

/// The text without characters that nobody sees, in single spaces.
#[must_use]
pub fn visible(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !is_hidden(*c)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that nobody sees: control, direction, zero width, byte order mark. A tab or line break is a space.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A file of a record. Its id is also that of its content in the blob store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Identifies it and its content.
    pub id: AttachmentId,
    /// Whose record.
    pub patient_id: PatientId,
    /// What for.
    pub category: AttachmentCategory,
    /// What it is, by its bytes.
    pub kind: FileKind,
    /// What it is called in the record.
    pub title: String,
    /// The name it came with, cleaned.
    pub file_name: String,
    /// Width and height of a picture, where its header states them.
    pub size: Option<(u32, u32)>,
    /// The day of the study or paper.
    pub studied_on: Option<Date>,
    /// Who brought it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}

impl Attachment {
    /// How a page may show it: a picture of unknown or enormous size only as a download.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let pixels = self.size.map(|(width, height)| u64::from(width) * u64::from(height));
        match self.kind.shown() {
            Shown::Picture if pixels.is_none_or(|n| n > MAX_SHOWN_PIXELS) => Shown::Nowhere,
            shown => shown,
        }
    }
}

#[cfg(test)]
mod tests;
