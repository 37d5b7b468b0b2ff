//! The embedded front-end files: looked up by name in templates, served by their hashed address.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One embedded file.
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: &'static [u8],
}

/// Built by `build.rs`.
pub(crate) static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file, for templates. An unknown name gives an address that answers 404.
pub(crate) fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/recursos/", |asset| asset.address)
}

/// The bytes of a file.
pub(crate) fn bytes(name: &str) -> &'static [u8] {
    ASSETS.iter().find(|asset| asset.name == name).map_or(&[], |asset| asset.bytes)
}

/// `GET /recursos/{file}`: the content never changes under an address, so it may be kept for a year.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let found = ASSETS.iter().find(|asset| asset.address.strip_prefix("/recursos/") == Some(file.as_str()));
    match found {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_names_the_font_by_its_hashed_address() {
        let css = ASSETS.iter().find(|asset| asset.name == "app.css").map(|asset| asset.bytes).unwrap();
        let css = std::str::from_utf8(css).unwrap();
        assert!(css.contains(url("atkinson.woff2")), "the font must be cached for ever");
    }

    #[test]
    fn every_icon_the_code_names_is_in_the_sprite() {
        let sprite = ASSETS.iter().find(|asset| asset.name == "icons.svg").map(|asset| asset.bytes).unwrap();
        let sprite = std::str::from_utf8(sprite).unwrap();
        for text in sources() {
            for part in text.split("::icon(\"").skip(1).chain(text.split("::icon_small(\"").skip(1)) {
                let name = part.split('"').next().unwrap();
                assert!(sprite.contains(&format!("id=\"i-{name}\"")), "add {name} to assets/icons.txt");
            }
        }
    }

    /// Templates, as written.
    fn sources() -> Vec<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect()
    }
}
