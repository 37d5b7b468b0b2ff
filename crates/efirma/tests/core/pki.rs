//! Authorities, persons, a timestamp authority and a revocation responder, made by `openssl` in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use efirma::Certificate;
use jiff::Timestamp;

pub(crate) const PASSWORD: &str = "12345678a";

/// A folder that is removed with its value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("medicus-efirma-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        Certificate::read(&self.read(name)).unwrap()
    }

    /// Runs a program here, if it is installed.
    pub(crate) fn run(&self, program: &str, arguments: &str) -> std::io::Result<Output> {
        Command::new(program).args(arguments.split_whitespace()).current_dir(&self.0).output()
    }

    /// Runs `openssl` here, whatever it answers.
    pub(crate) fn try_openssl(&self, arguments: &str) -> Output {
        self.run("openssl", arguments).unwrap()
    }

    /// Runs `openssl` here, which must succeed.
    pub(crate) fn openssl(&self, arguments: &str) -> String {
        let output = self.try_openssl(arguments);
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "openssl {arguments}\n{said}");
        said
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether the other side is there. Says so if it is not.
pub(crate) fn openssl_is_here() -> bool {
    let is_here = Command::new("openssl").arg("version").output().is_ok();
    if !is_here {
        println!("skipped: the program openssl is not installed");
    }
    is_here
}

/// SAT's test files, if this checkout has them beside it. Says so if it has not.
pub(crate) fn sat_files() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/efirma");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: ../shared/data/efirma is not here");
    None
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// How SAT shapes the extensions of an e.firma.
const EFIRMA: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
nsCertType=client,email
extendedKeyUsage=emailProtection,clientAuth";

/// How SAT shapes those of a CSD.
const CSD: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation";

const ROOT: &str = "basicConstraints=critical,CA:TRUE,pathlen:1
keyUsage=critical,keyCertSign,cRLSign";

const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign";

const TSA: &str = "basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping";

const OCSP: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature
extendedKeyUsage=OCSPSigning
noCheck=ignored";

/// A whole world: root, authority, persons, timestamps, revocation.
pub(crate) struct Pki {
    pub(crate) folder: Folder,
}

/// What a certificate is made of.
pub(crate) struct Order<'a> {
    pub(crate) name: &'a str,
    /// The subject in `openssl`'s configuration language, a line each.
    pub(crate) subject: &'a str,
    pub(crate) extensions: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) serial: &'a str,
    /// Further arguments, such as the digest.
    pub(crate) more: &'a str,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let pki = Self { folder: Folder::new() };
        for key in ["root", "ac", "person", "service"] {
            pki.folder.write(&format!("{key}.key.pem"), key_of(key));
        }
        pki.root("root", "CN=RAIZ DE PRUEBA");
        pki.issue(&Order {
            subject: "CN=AC DE PRUEBA\nO=AUTORIDAD DE PRUEBA",
            extensions: AUTHORITY,
            ..Order::new("ac", "root")
        });
        pki.issue(&Order { subject: PERSON, ..Order::new("person", "ac") });
        pki.folder.openssl("x509 -in person.pem -outform DER -out person.cer");
        pki.encrypt("person", "person.key", "-v2 des3 -v2prf hmacWithSHA1 -iter 2048");
        pki
    }

    /// A self-signed root with the key of that name.
    pub(crate) fn root(&self, name: &str, subject: &str) {
        self.configure("root.cnf", subject, ROOT, "utf8only");
        self.folder.openssl(&format!(
            "req -x509 -new -key {name}.key.pem -config root.cnf -extensions ext -days 3650 -out {name}.pem"
        ));
    }

    /// Makes `NAME.pem` of the key named before its first dash.
    pub(crate) fn issue(&self, order: &Order<'_>) {
        let Order { name, issuer, serial, more, .. } = order;
        let key = name.split('-').next().unwrap();
        let mask = if order.subject.contains("Ñ") { "MASK:0x4" } else { "utf8only" };
        self.configure("leaf.cnf", order.subject, order.extensions, mask);
        self.folder.openssl(&format!("req -new -key {key}.key.pem -config leaf.cnf -out leaf.csr"));
        let hex: String = serial.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.folder.openssl(&format!(
            "x509 -req -in leaf.csr -CA {issuer}.pem -CAkey {issuer}.key.pem -set_serial 0x{hex} -extfile leaf.cnf \
             -extensions ext -days 1460 {more} -out {name}.pem"
        ));
    }

    pub(crate) fn encrypt(&self, key: &str, out: &str, how: &str) {
        self.folder.openssl(&format!(
            "pkcs8 -topk8 -in {key}.key.pem {how} -passout pass:{PASSWORD} -outform DER -out {out}"
        ));
    }

    fn configure(&self, file: &str, subject: &str, extensions: &str, mask: &str) {
        self.folder.write(
            file,
            format!(
                "[req]\nprompt=no\nutf8=yes\nstring_mask={mask}\ndistinguished_name=dn\n[dn]\n{subject}\n[ext]\n{extensions}\n"
            ),
        );
    }

    pub(crate) fn person(&self) -> Certificate {
        self.folder.certificate("person.cer")
    }

    pub(crate) fn authorities(&self) -> Vec<Certificate> {
        vec![self.folder.certificate("root.pem"), self.folder.certificate("ac.pem")]
    }

    /// A timestamp authority under the root, and what `openssl ts` needs.
    pub(crate) fn with_timestamps(self) -> Self {
        self.issue(&Order {
            subject: "CN=SELLO DE TIEMPO DE PRUEBA",
            extensions: TSA,
            serial: "30001000000000000002", // not the one of the authority, of the same issuer
            ..Order::new("service-tsa", "root")
        });
        self.folder.write("tsa.cnf", TSA_CONFIGURATION);
        self.folder.write("serial", "01");
        self
    }

    /// Answers a timestamp query as the authority would.
    pub(crate) fn timestamp(&self, query: &[u8]) -> Vec<u8> {
        self.folder.write("q.tsq", query);
        self.folder.openssl("ts -reply -config tsa.cnf -queryfile q.tsq -out r.tsr");
        self.folder.read("r.tsr")
    }

    /// A responder the authority delegated, and a list where `serial` stands as revoked.
    pub(crate) fn with_revocations(self, revoked: &str) -> Self {
        self.issue(&Order {
            subject: "CN=OCSP DE PRUEBA",
            extensions: OCSP,
            serial: "30001000000000000007",
            ..Order::new("service-ocsp", "ac")
        });
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
        self.folder.write(
            "index.txt",
            format!(
                "V\t361122000000Z\t\t{}\tunknown\t/CN=A\nR\t361122000000Z\t261101120000Z\t{}\tunknown\t/CN=B\n",
                hex(PERSON_SERIAL),
                hex(revoked)
            ),
        );
        self
    }

    /// What an authority says it revoked, the certificate of that serial number or nobody: `NAME.crl`.
    pub(crate) fn list(&self, authority: &str, revoked: Option<&str>) -> Vec<u8> {
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
        let row = |serial| format!("R\t361122000000Z\t261101120000Z\t{}\tunknown\t/CN=B\n", hex(serial));
        self.folder.write("list.txt", revoked.map(row).unwrap_or_default());
        self.folder.write(
            "list.cnf",
            "[ca]\ndefault_ca=one\n[one]\ndatabase=list.txt\ndefault_md=sha256\ndefault_crl_days=30\n",
        );
        self.folder.openssl(&format!(
            "ca -gencrl -config list.cnf -keyfile {authority}.key.pem -cert {authority}.pem -out list.pem"
        ));
        self.folder.openssl(&format!("crl -in list.pem -outform DER -out {authority}.crl"));
        self.folder.read(&format!("{authority}.crl"))
    }

    /// Answers a revocation query as the responder would.
    pub(crate) fn revocation(&self, query: &[u8], signer: &str) -> Vec<u8> {
        self.folder.write("q.ocsp", query);
        let key = signer.split('-').next().unwrap();
        self.folder.openssl(&format!(
            "ocsp -index index.txt -CA ac.pem -rsigner {signer}.pem -rkey {key}.key.pem -reqin q.ocsp -respout r.ocsp -nmin 5"
        ));
        self.folder.read("r.ocsp")
    }
}

/// A key of that name, made by the first test that asks and kept in the build folder for all others.
fn key_of(name: &str) -> Vec<u8> {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("efirma-{name}.key.pem"));
    if let Ok(key) = std::fs::read(&kept) {
        return key;
    }
    let folder = Folder::new();
    folder.openssl("genrsa -out new.pem 2048");
    // Whoever links first wins; a test beside this one may have been faster.
    let draft = kept.with_extension(std::process::id().to_string());
    std::fs::write(&draft, folder.read("new.pem")).unwrap();
    let _ = std::fs::hard_link(&draft, &kept);
    let _ = std::fs::remove_file(&draft);
    std::fs::read(&kept).unwrap()
}

pub(crate) const PERSON_SERIAL: &str = "30001000000500000001";

pub(crate) const PERSON: &str = "CN=JUANA PÉREZ NÚÑEZ
name=JUANA PÉREZ NÚÑEZ
O=JUANA PÉREZ NÚÑEZ
C=MX
emailAddress=prueba@example.mx
x500UniqueIdentifier=PENJ8001019A0
serialNumber=PENJ800101MDFRXN07";

impl<'a> Order<'a> {
    /// An e.firma of the test person, made of the key its name begins with, issued by `issuer`.
    pub(crate) fn new(name: &'a str, issuer: &'a str) -> Self {
        Self { name, subject: PERSON, extensions: EFIRMA, issuer, serial: PERSON_SERIAL, more: "" }
    }

    pub(crate) fn seal(name: &'a str, issuer: &'a str) -> Self {
        Self { extensions: CSD, ..Self::new(name, issuer) }
    }
}

const TSA_CONFIGURATION: &str = "[tsa]
default_tsa=tsa1
[tsa1]
serial=./serial
signer_cert=./service-tsa.pem
certs=./root.pem
signer_key=./service.key.pem
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1,millisecs:500
ordering=yes
tsa_name=yes
clock_precision_digits=3
ess_cert_id_chain=no
ess_cert_id_alg=sha256
";
