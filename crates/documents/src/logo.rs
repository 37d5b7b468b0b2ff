//! The picture of an establishment, for the letterhead: PNG or SVG, checked before it is taken.

use std::sync::Arc;

/// Most bytes of a logo.
pub(crate) const MOST_BYTES: usize = 300 * 1024;
/// Longest side of a PNG, in pixels.
const MOST_PIXELS: u32 = 2_000;

/// What kind of picture it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoKind {
    /// Pixels.
    Png,
    /// Shapes.
    Svg,
}

impl LogoKind {
    /// Media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }
}

/// A picture that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    pub(crate) bytes: Arc<[u8]>,
    kind: LogoKind,
}

/// Why a picture was refused, in Spanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoRefused {
    /// Neither PNG nor SVG by its first bytes.
    #[error("Elija una imagen PNG o SVG")]
    Kind,
    /// Over `MOST_BYTES`.
    #[error("La imagen pesa demasiado: elija una de hasta 300 kB")]
    TooLarge,
    /// A side over 2000 pixels, or none at all.
    #[error("La imagen mide demasiado: elija una de hasta 2000 por 2000 puntos")]
    Dimensions,
    /// An SVG that runs, embeds or fetches something.
    #[error(
        "El SVG trae código, texto o imágenes de fuera: guárdelo como «SVG simple», con las letras en trazos, o use PNG"
    )]
    NotPlain,
}

impl Logo {
    /// Takes a picture by what its bytes say, whatever its name was.
    ///
    /// # Errors
    /// [`LogoRefused`], naming what to choose instead.
    pub fn new(bytes: Vec<u8>) -> Result<Self, LogoRefused> {
        if bytes.len() > MOST_BYTES {
            return Err(LogoRefused::TooLarge);
        }
        let kind = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            check_png(&bytes)?;
            LogoKind::Png
        } else {
            check_svg(&bytes)?;
            LogoKind::Svg
        };
        Ok(Self { bytes: bytes.into(), kind })
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> LogoKind {
        self.kind
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the templates call it.
    pub(crate) fn file_name(&self) -> &'static str {
        match self.kind {
            LogoKind::Png => "logo.png",
            LogoKind::Svg => "logo.svg",
        }
    }
}

/// Width and height stand in the first chunk (PNG, 11.2.2).
fn check_png(bytes: &[u8]) -> Result<(), LogoRefused> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let header = bytes.get(12..16) == Some(b"IHDR");
    let sides = number(16).zip(number(20)).filter(|_| header).ok_or(LogoRefused::Kind)?;
    let fits = |side: u32| (1..=MOST_PIXELS).contains(&side);
    if fits(sides.0) && fits(sides.1) { Ok(()) } else { Err(LogoRefused::Dimensions) }
}

/// Shapes only. Text is refused because its font would be missing on paper.
fn check_svg(bytes: &[u8]) -> Result<(), LogoRefused> {
    let text = std::str::from_utf8(bytes).map_err(|_| LogoRefused::Kind)?.to_lowercase();
    if !text.contains("<svg") || !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return Err(LogoRefused::Kind);
    }
    const REFUSED: [&str; 9] = [
        "<script",
        "<!entity",
        "<!doctype",
        "<image",
        "<foreignobject",
        "<text",
        "<style",
        "@import",
        "url(http",
    ];
    let fetches =
        text.split("href=").skip(1).any(|rest| !rest.trim_start_matches(['"', '\'']).starts_with('#'));
    let handler = text.split_whitespace().any(|word| word.starts_with("on") && word.contains('='));
    if fetches || handler || REFUSED.iter().any(|word| text.contains(word)) {
        return Err(LogoRefused::NotPlain);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    fn check(bytes: &[u8], expected: Result<LogoKind, LogoRefused>) {
        let found = Logo::new(bytes.to_vec()).map(|logo| logo.kind());
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        check(&png(400, 200), Ok(LogoKind::Png));
        check(b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h4v4z\"/></svg>", Ok(LogoKind::Svg));
        check(
            b"<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 4 4\"><use href=\"#a\"/></svg>",
            Ok(LogoKind::Svg),
        );
        check(b"%PDF-1.7", Err(LogoRefused::Kind));
        check(b"\xff\xd8\xff\xe0", Err(LogoRefused::Kind));
        check(b"", Err(LogoRefused::Kind));
        check(b"<html></html>", Err(LogoRefused::Kind));
    }

    #[test]
    fn enormous_pictures_are_refused() {
        check(&png(40_000, 10), Err(LogoRefused::Dimensions));
        check(&png(0, 10), Err(LogoRefused::Dimensions));
        check(&vec![b'<'; MOST_BYTES + 1], Err(LogoRefused::TooLarge));
    }

    #[test]
    fn an_svg_that_runs_or_fetches_something_is_refused() {
        for inside in [
            "<script>alert(1)</script>",
            "<image href=\"https://ejemplo.invalid/x.png\"/>",
            "<use href=\"https://ejemplo.invalid/x.svg#a\"/>",
            "<path onload=\"x()\" d=\"\"/>",
            "<style>@import url(https://ejemplo.invalid)</style>",
            "<foreignObject/>",
            "<text>Clínica</text>",
        ] {
            check(format!("<svg>{inside}</svg>").as_bytes(), Err(LogoRefused::NotPlain));
        }
        check(b"<!DOCTYPE svg [<!ENTITY a \"x\">]><svg>&a;</svg>", Err(LogoRefused::NotPlain));
    }
}
