//! Copies the fonts of the printed documents out of `web-assets/node_modules`, where the lock file puts them.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

const PACKAGE: &str = "web-assets/node_modules/@expo-google-fonts/atkinson-hyperlegible-next";
const FONTS: [(&str, &str); 3] = [
    ("400Regular/AtkinsonHyperlegibleNext_400Regular.ttf", "regular.ttf"),
    ("600SemiBold/AtkinsonHyperlegibleNext_600SemiBold.ttf", "semibold.ttf"),
    ("700Bold/AtkinsonHyperlegibleNext_700Bold.ttf", "bold.ttf"),
];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for (from, to) in FONTS {
        let from = root.join(PACKAGE).join(from);
        println!("cargo::rerun-if-changed={}", from.display());
        copy(&from, &out.join(to));
    }
    println!("cargo::rerun-if-changed=templates");
}

fn copy(from: &Path, to: &Path) {
    if let Err(error) = fs::copy(from, to) {
        println!(
            "cargo::error=the font {} is missing ({error}); run `./dev assets` once: it installs web-assets from its lock file",
            from.display()
        );
        process::exit(1);
    }
}
