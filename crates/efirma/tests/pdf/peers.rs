//! The programs of others: a small authority by `openssl`, and `pdfsig`, pyHanko, `openssl cms` and `qpdf` as judges.
//! Where one is missing the tests say so and go on; `./dev test` brings them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that goes away.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("medicus-efirma-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a program in a folder; `None`, and a line that says so, if it is not there.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).current_dir(folder).output() {
        Ok(output) => Some(output),
        Err(_) => {
            println!("skipped: {program} is not installed");
            None
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An authority with one certificate like an e.firma.
pub(crate) struct Pki {
    pub(crate) folder: Folder,
}

const EXTENSIONS: &str = "[leaf]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature,nonRepudiation,\
    dataEncipherment,keyAgreement\nextendedKeyUsage=emailProtection,clientAuth\n";

impl Pki {
    /// `None` where openssl is missing.
    pub(crate) fn new() -> Option<Self> {
        let folder = Folder::new();
        folder.write("leaf.cnf", EXTENSIONS);
        let steps = [
            "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=Raiz \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
            "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=JUANA",
            "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -sha256 -out leaf.pem \
             -extfile leaf.cnf -extensions leaf",
        ];
        for step in steps {
            let arguments: Vec<&str> = step.split_whitespace().collect();
            let output = run(&folder.0, "openssl", &arguments)?;
            assert!(output.status.success(), "{}", said(&output));
        }
        Some(Self { folder })
    }

    /// A detached CAdES signature over some bytes.
    pub(crate) fn cms(&self, content: &[u8]) -> Vec<u8> {
        self.folder.write("content.bin", content);
        let arguments = "cms -sign -binary -cades -md sha256 -outform DER -in content.bin -signer leaf.pem \
                         -inkey leaf.key -certfile root.pem -out cms.der";
        let output =
            run(&self.folder.0, "openssl", &arguments.split_whitespace().collect::<Vec<_>>()).unwrap();
        assert!(output.status.success(), "{}", said(&output));
        std::fs::read(self.folder.path("cms.der")).unwrap()
    }

    /// Whether `openssl cms` accepts a signature over these bytes.
    pub(crate) fn openssl_accepts(&self, cms: &[u8], content: &[u8]) -> bool {
        self.folder.write("found.der", cms);
        self.folder.write("found.bin", content);
        let arguments = "cms -verify -inform DER -in found.der -content found.bin -binary -CAfile root.pem \
                         -purpose any -cades -out /dev/null";
        let output =
            run(&self.folder.0, "openssl", &arguments.split_whitespace().collect::<Vec<_>>()).unwrap();
        output.status.success()
    }

    /// What poppler's `pdfsig` says of the file.
    pub(crate) fn pdfsig(&self, pdf: &[u8]) -> Option<String> {
        if !self.folder.path("nss").exists() {
            std::fs::create_dir(self.folder.path("nss")).unwrap();
            run(&self.folder.0, "certutil", &["-N", "-d", "nss", "--empty-password"])?;
            run(
                &self.folder.0,
                "certutil",
                &["-A", "-d", "nss", "-n", "root", "-t", "CT,C,C", "-i", "root.pem"],
            )?;
        }
        self.folder.write("judged.pdf", pdf);
        run(&self.folder.0, "pdfsig", &["-nssdir", "nss", "judged.pdf"]).map(|output| said(&output))
    }

    /// What pyHanko says of the file, and whether it accepts it.
    pub(crate) fn pyhanko(&self, pdf: &[u8]) -> Option<(bool, String)> {
        let judged = self.folder.write("judged.pdf", pdf);
        let trust = self.folder.path("root.pem");
        let arguments =
            ["sign", "validate", "--pretty-print", "--trust", trust.to_str().unwrap(), "--trust-replace"];
        let output = pyhanko(
            &self.folder.0,
            &[&arguments[..], &["--no-revocation-check", judged.to_str().unwrap()]].concat(),
        )?;
        Some((output.status.success(), said(&output)))
    }

    /// Lets pyHanko sign the file.
    pub(crate) fn pyhanko_signs(&self, pdf: &[u8]) -> Option<Vec<u8>> {
        self.folder.write("before.pdf", pdf);
        let arguments = "sign addsig --field Otra --use-pades pemder --no-pass --key leaf.key --cert leaf.pem \
                         before.pdf after.pdf";
        let output = pyhanko(&self.folder.0, &arguments.split_whitespace().collect::<Vec<_>>())?;
        assert!(output.status.success(), "{}", said(&output));
        Some(std::fs::read(self.folder.path("after.pdf")).unwrap())
    }
}

/// `MEDICUS_PYHANKO` names a python that has pyHanko.
fn pyhanko(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let Ok(python) = std::env::var("MEDICUS_PYHANKO") else {
        println!("skipped: MEDICUS_PYHANKO names no python with pyHanko; ./dev test brings one");
        return None;
    };
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf/pyhanko_sat.py");
    run(folder, &python, &[&[wrapper.to_str().unwrap()], arguments].concat())
}

/// Whether `qpdf` finds nothing wrong; true where it is missing.
pub(crate) fn qpdf_accepts(pdf: &[u8]) -> bool {
    let folder = Folder::new();
    folder.write("judged.pdf", pdf);
    run(&folder.0, "qpdf", &["--check", "judged.pdf"]).is_none_or(|output| {
        println!("{}", said(&output));
        output.status.success()
    })
}
