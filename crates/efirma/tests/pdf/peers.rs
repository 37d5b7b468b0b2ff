//! The judges: `pdfsig`, pyHanko, `openssl cms` and `qpdf`. Where one is missing the tests say so and go on; `./dev test`
//! brings them.

use std::process::Output;

use crate::pki::{Folder, Pki};

/// Runs a program in a folder; `None`, and a line that says so, if it is not there.
fn run(folder: &Folder, program: &str, arguments: &str) -> Option<Output> {
    let ran = folder.run(program, arguments).ok();
    if ran.is_none() {
        println!("skipped: {program} is not installed");
    }
    ran
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether `openssl cms` accepts a signature over these bytes.
pub(crate) fn openssl_accepts(pki: &Pki, cms: &[u8], content: &[u8]) -> bool {
    pki.folder.write("found.der", cms);
    pki.folder.write("found.bin", content);
    let arguments = "cms -verify -inform DER -in found.der -content found.bin -binary -CAfile root.pem \
                     -purpose any -cades -out cms.out";
    pki.folder.try_openssl(arguments).status.success()
}

/// What poppler's `pdfsig` says of the file.
pub(crate) fn pdfsig(pki: &Pki, pdf: &[u8]) -> Option<String> {
    with_pdfsig(&pki.folder, pdf, |folder| run(folder, "pdfsig", "-nssdir . judged.pdf"))
}

/// The same, to whom it is that day.
pub(crate) fn pdfsig_at(folder: &Folder, pdf: &[u8], day: &str) -> Option<String> {
    with_pdfsig(folder, pdf, |folder| run(folder, "faketime", &format!("{day} pdfsig -nssdir . judged.pdf")))
}

/// Trusts `root.pem` of the folder.
fn with_pdfsig(folder: &Folder, pdf: &[u8], judge: impl Fn(&Folder) -> Option<Output>) -> Option<String> {
    // A folder each time: certutil asks where it has been before.
    let own = Folder::new();
    own.write("root.pem", folder.read("root.pem"));
    own.write("judged.pdf", pdf);
    run(&own, "certutil", "-N -d . --empty-password")?;
    run(&own, "certutil", "-A -d . -n root -t CT,C,C -i root.pem")?;
    judge(&own).map(|output| said(&output))
}

/// What pyHanko says of the file, and whether it accepts it.
pub(crate) fn pyhanko_validates(pki: &Pki, pdf: &[u8]) -> Option<(bool, String)> {
    pyhanko_judges(&pki.folder, pdf, "")
}

/// The same, judged at another time.
pub(crate) fn pyhanko_validates_at(folder: &Folder, pdf: &[u8], at: &str) -> Option<(bool, String)> {
    pyhanko_judges(folder, pdf, &format!("--validation-time {at}"))
}

/// What pyHanko says of a file judged as AdES, with what it carries about revocations.
pub(crate) fn pyhanko_judges_ades(pki: &Pki, pdf: &[u8]) -> Option<(bool, String)> {
    pki.folder.write("judged.pdf", pdf);
    let output = pyhanko(&pki.folder, "sign adesverify --trust root.pem --trust-replace judged.pdf")?;
    Some((output.status.success(), said(&output)))
}

fn pyhanko_judges(folder: &Folder, pdf: &[u8], more: &str) -> Option<(bool, String)> {
    folder.write("judged.pdf", pdf);
    let how = "sign validate --pretty-print --trust root.pem --trust-replace --no-revocation-check";
    let output = pyhanko(folder, &format!("{how} {more} judged.pdf"))?;
    Some((output.status.success(), said(&output)))
}

/// Lets pyHanko sign the file.
pub(crate) fn pyhanko_signs(pki: &Pki, pdf: &[u8]) -> Option<Vec<u8>> {
    pki.folder.write("before.pdf", pdf);
    let arguments = "sign addsig --field Otra --use-pades pemder --no-pass --key person.key.pem --cert person.pem \
                     --chain ac.pem before.pdf after.pdf";
    let output = pyhanko(&pki.folder, arguments)?;
    assert!(output.status.success(), "{}", said(&output));
    Some(pki.folder.read("after.pdf"))
}

/// `MEDICUS_PYHANKO` names a python that has pyHanko.
fn pyhanko(folder: &Folder, arguments: &str) -> Option<Output> {
    let Ok(python) = std::env::var("MEDICUS_PYHANKO") else {
        println!("skipped: MEDICUS_PYHANKO names no python with pyHanko; ./dev test brings one");
        return None;
    };
    folder.write("pyhanko_sat.py", include_bytes!("pyhanko_sat.py"));
    run(folder, &python, &format!("pyhanko_sat.py {arguments}"))
}

/// What the stand-alone verifier says of what stands behind the first signature.
pub(crate) fn verifier_says(pdf: &[u8]) -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let packages = format!("{root}/web-assets");
    if !std::path::Path::new(&packages).join("node_modules/esbuild").is_dir() {
        println!("skipped: the packages of the front-end are not installed; ./dev assets brings them");
        return None;
    }
    let folder = Folder::new();
    folder.write("judged.pdf", pdf);
    folder.write("verifier.mjs", include_bytes!("verifier.mjs"));
    let output = run(&folder, "node", &format!("verifier.mjs {root}/crates/web/assets {packages}"))?;
    assert!(output.status.success(), "{}", said(&output));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The objects of the file as `qpdf` reads them.
pub(crate) fn qpdf_reads(pdf: &[u8]) -> Option<serde_json::Value> {
    let folder = Folder::new();
    folder.write("judged.pdf", pdf);
    let output = run(&folder, "qpdf", "--json=2 --json-key=qpdf judged.pdf")?;
    assert!(output.status.success(), "{}", said(&output));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(read["qpdf"][1].clone())
}

/// Whether `qpdf` finds nothing wrong; true where it is missing.
pub(crate) fn qpdf_accepts(pdf: &[u8]) -> bool {
    let folder = Folder::new();
    folder.write("judged.pdf", pdf);
    run(&folder, "qpdf", "--check judged.pdf").is_none_or(|output| {
        println!("{}", said(&output));
        output.status.success()
    })
}
