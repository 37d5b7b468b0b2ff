//! Where the libraries are: OpenBLAS goes into the program itself, so that it runs where nobody installed it; those of the
//! feature `sherpa-onnx` lie beside the program.

use std::env;
use std::path::Path;
use std::process::Command;

const OPENBLAS: &str = "libopenblas.a";

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_SHERPA_ONNX").is_some() {
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,$ORIGIN");
    }
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        // The compiler knows where the system keeps its libraries, and says the bare name when there is none.
        let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let asked = Command::new(&compiler).arg(format!("-print-file-name={OPENBLAS}")).output();
        let said = asked.map_err(|error| format!("{compiler}: {error}"))?.stdout;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let folder = Path::new(&said).parent().filter(|folder| folder.is_absolute());
        let folder =
            folder.ok_or(format!("{OPENBLAS} is missing: install libopenblas-dev (Debian, Ubuntu)"))?;
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static=openblas");
    }
    Ok(())
}
