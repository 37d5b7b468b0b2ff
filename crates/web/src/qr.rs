//! A square code as a picture in the page: no script, no other file.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Quiet cells around it, which readers need (ISO/IEC 18004).
const QUIET: i32 = 4;

/// The picture of a text, with what a screen reader says of it; `None` when the text is too long for one.
pub(crate) fn svg(text: &str, label: &'static str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _infallible = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\"><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_picture_and_a_book_is_none() {
        let drawn =
            svg("otpauth://totp/Medicus:ines?secret=GEZDGNBVGY3TQOJQ&issuer=Medicus", "Código").unwrap();
        assert!(
            drawn.starts_with("<svg class=\"qr\" viewBox=\"0 0 45 45\"") && drawn.contains("M4 4h1v1h-1z")
        );
        assert!(svg(&"x".repeat(4000), "Código").is_none());
    }
}
