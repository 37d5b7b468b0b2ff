//! A square code, as the cells that the templates draw.

use qrcodegen::QrCode;
pub(crate) use qrcodegen::QrCodeEcc;
use serde::Serialize;

/// A square code. Cells are numbers, which pass to the templates as they are: text would get places to break.
#[derive(Debug, Serialize)]
pub(crate) struct Square {
    /// Cells of one side.
    side: i32,
    /// The dark cells of each row.
    dark: Vec<Vec<i32>>,
}

/// The code of a text; `None` when the text is too long for one.
pub(crate) fn square(text: &str, correction: QrCodeEcc) -> Option<Square> {
    let code = QrCode::encode_text(text, correction).ok()?;
    let row = |y| (0..code.size()).filter(|x| code.get_module(*x, y)).collect();
    Some(Square { side: code.size(), dark: (0..code.size()).map(row).collect() })
}
