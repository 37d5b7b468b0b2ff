//! Embeds the front-end files that `web-assets` built, each under an address that carries the hash of its content.
//!
//! In: `web-assets/dist/*` and `assets/favicon.svg`. Out: `assets.rs` in `OUT_DIR`, a table of name, address, type and bytes.
//! The style sheet's `url(NAME)` is rewritten to the hashed address, so every file can be cached for ever.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

const NEEDED: [&str; 9] = [
    "app.js",
    "efirma.js",
    "recorder.js",
    "recorder-worklet.js",
    "verificador.html",
    "app.css",
    "htmx.min.js",
    "icons.svg",
    "atkinson.woff2",
];

struct Asset {
    name: String,
    address: String,
    bytes: Vec<u8>,
}

fn main() -> Result<(), Failure> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = here.join("../../web-assets/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/favicon.svg");
    println!("cargo::rerun-if-changed={}", dist.display());
    for name in NEEDED {
        let path = dist.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.exists() {
            return Err(format!(
                "web-assets/dist/{name} is missing: run `./dev assets` (or `./dev demo`) first"
            )
            .into());
        }
    }
    let mut assets = vec![asset("favicon.svg", fs::read(here.join("assets/favicon.svg"))?)];
    for name in NEEDED.into_iter().filter(|name| *name != "app.css") {
        assets.push(asset(name, fs::read(dist.join(name))?));
    }
    let mut css = String::from_utf8(fs::read(dist.join("app.css"))?)?;
    for other in &assets {
        css = css.replace(&format!("url({})", other.name), &format!("url({})", other.address));
        css = css.replace(&format!("url(\"{}\")", other.name), &format!("url(\"{}\")", other.address));
    }
    assets.push(asset("app.css", css.into_bytes()));
    write_table(&PathBuf::from(env::var("OUT_DIR")?), &assets)
}

fn asset(name: &str, bytes: Vec<u8>) -> Asset {
    // FNV-1a, 64 bits: a change of content must change the address; nobody is attacking it.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let address = format!("/recursos/{stem}-{:08x}.{extension}", hash >> 32);
    Asset { name: name.to_owned(), address, bytes }
}

fn write_table(out: &Path, assets: &[Asset]) -> Result<(), Failure> {
    let mut code = String::from("&[\n");
    for asset in assets {
        let path = out.join(&asset.name);
        fs::write(&path, &asset.bytes)?;
        writeln!(
            code,
            "    Asset {{ name: {:?}, address: {:?}, media_type: {:?}, bytes: include_bytes!({:?}) }},",
            asset.name,
            asset.address,
            media_type(&asset.name),
            path.display().to_string()
        )?;
    }
    code.push_str("]\n");
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
