//! A small world of certificates shaped like SAT's, made by the program `openssl` in a directory of its own: a root, an
//! authority, the e.firma of a person, a revoked one, a CSD, a timestamp authority and a revocation responder.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use care::efirma_proof::{Authorities, PublishedList, Service};
use efirma::{Certificate, PrivateKey, TrustStore};
use uuid::Uuid;

/// The password of every key.
pub const KEY_PASSWORD: &str = "llave de prueba 1";

const EFIRMA: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
nsCertType=client,email
extendedKeyUsage=emailProtection,clientAuth";
const CSD: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation";
const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign";
const TSA: &str = "basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping";
const OCSP: &str = "basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature
extendedKeyUsage=OCSPSigning
noCheck=ignored";

const JUANA: &str = "CN=JUANA PÉREZ NÚÑEZ
name=JUANA PÉREZ NÚÑEZ
O=JUANA PÉREZ NÚÑEZ
C=MX
x500UniqueIdentifier=PENJ8001019A0
serialNumber=PENJ800101MDFRXN07";
const MARIO: &str = "CN=MARIO REVOCADO LÓPEZ
name=MARIO REVOCADO LÓPEZ
O=MARIO REVOCADO LÓPEZ
C=MX
x500UniqueIdentifier=RELM750505AB0
serialNumber=RELM750505HDFVPR04";

const TSA_CONFIGURATION: &str = "[tsa]
default_tsa=one
[one]
serial=./serial
signer_cert=./tsa.pem
certs=./root.pem
signer_key=./tsa.key.pem
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
tsa_name=yes
ess_cert_id_chain=no
ess_cert_id_alg=sha256
";

/// The root revoked nobody.
const LIST_CONFIGURATION: &str = "[ca]
default_ca=one
[one]
database=./list.txt
default_md=sha256
default_crl_days=30
";

/// The world; its directory goes with it.
#[derive(Debug)]
pub struct Pki {
    directory: PathBuf,
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Pki {
    /// Makes it; `None` where the program `openssl` is not installed, which is said.
    ///
    /// # Panics
    /// When `openssl` fails.
    #[must_use]
    pub fn new() -> Option<Arc<Self>> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: the program openssl is not installed");
            return None;
        }
        let directory = std::env::temp_dir().join(format!("medicus-pki-{}", Uuid::new_v4().simple()));
        std::fs::create_dir_all(&directory).expect("temporary directory");
        let pki = Self { directory };
        pki.issue("root", "CN=RAIZ DE PRUEBA", AUTHORITY, None, 1);
        pki.issue("ac", "CN=AC DE PRUEBA", AUTHORITY, Some("root"), 2);
        pki.issue("juana", JUANA, EFIRMA, Some("ac"), 3);
        pki.issue("mario", MARIO, EFIRMA, Some("ac"), 4);
        pki.issue("csd", JUANA, CSD, Some("ac"), 5);
        pki.issue("tsa", "CN=SELLO DE TIEMPO DE PRUEBA", TSA, Some("root"), 6);
        pki.issue("ocsp", "CN=OCSP DE PRUEBA", OCSP, Some("ac"), 7);
        pki.write("tsa.cnf", TSA_CONFIGURATION);
        pki.write("serial", "01");
        let line = |state: &str, number: u32| {
            format!(
                "{state}\t361122000000Z\t{}\t{number:02X}\tunknown\t/CN=X\n",
                if state == "R" { "261101120000Z" } else { "" }
            )
        };
        pki.write("index.txt", &(line("V", 3) + &line("R", 4)));
        pki.write("list.txt", "");
        pki.write("list.cnf", LIST_CONFIGURATION);
        pki.openssl("ca -gencrl -config list.cnf -keyfile root.key.pem -cert root.pem -out root.crl");
        Some(Arc::new(pki))
    }

    /// Makes NAME.pem, NAME.cer, NAME.key.pem and the enciphered NAME.key, as SAT hands them out.
    fn issue(&self, name: &str, subject: &str, extensions: &str, issuer: Option<&str>, serial: u32) {
        let configuration = format!(
            "[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\n[dn]\n{subject}\n[ext]\n{extensions}\n"
        );
        self.write("new.cnf", &configuration);
        self.openssl(&format!("genrsa -out {name}.key.pem 2048"));
        match issuer {
            None => self.openssl(&format!(
                "req -x509 -new -key {name}.key.pem -config new.cnf -extensions ext -days 3650 -out {name}.pem"
            )),
            Some(issuer) => {
                self.openssl(&format!("req -new -key {name}.key.pem -config new.cnf -out new.csr"));
                self.openssl(&format!(
                    "x509 -req -in new.csr -CA {issuer}.pem -CAkey {issuer}.key.pem -set_serial {serial} \
                     -extfile new.cnf -extensions ext -days 1460 -out {name}.pem"
                ));
            }
        }
        self.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.cer"));
        let protect =
            ["pkcs8", "-topk8", "-in", &format!("{name}.key.pem"), "-v2", "des3", "-v2prf", "hmacWithSHA1"]
                .map(str::to_owned)
                .into_iter()
                .chain(
                    [
                        "-passout",
                        &format!("pass:{KEY_PASSWORD}"),
                        "-outform",
                        "DER",
                        "-out",
                        &format!("{name}.key"),
                    ]
                    .map(str::to_owned),
                );
        self.run(protect);
    }

    fn openssl(&self, arguments: &str) {
        self.run(arguments.split_whitespace().map(str::to_owned));
    }

    fn run(&self, arguments: impl Iterator<Item = String>) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.directory).output();
        let output = output.expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.directory.join(name), content).expect("a file is written");
    }

    /// A file of the world.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.directory.join(name)).expect("a file is read")
    }

    /// The authorities alone.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn trust(&self) -> TrustStore {
        let read = |name| Certificate::read(&self.read(name)).expect("a certificate");
        TrustStore::new(vec![read("root.pem"), read("ac.pem")]).expect("of one world")
    }

    /// What the key of somebody makes of a message.
    ///
    /// # Panics
    /// When there is no such person.
    #[must_use]
    pub fn sign(&self, name: &str, message: &[u8]) -> Vec<u8> {
        let certificate = Certificate::read(&self.read(&format!("{name}.cer"))).expect("a certificate");
        let key = PrivateKey::open(&self.read(&format!("{name}.key")), KEY_PASSWORD.as_bytes(), &certificate);
        key.expect("the key opens").sign(message).expect("it signs")
    }

    /// The authorities of this world, without services.
    #[must_use]
    pub fn authorities(&self) -> Authorities {
        Authorities { trust: Some(Arc::new(self.trust())), ..Authorities::default() }
    }

    /// The authorities with services that answer.
    #[must_use]
    pub fn authorities_with_services(self: &Arc<Self>) -> Authorities {
        Authorities {
            timestamps: Some(Arc::new(Openssl {
                pki: Arc::clone(self),
                arguments: "ts -reply -config tsa.cnf -queryfile question -out answer",
                turn: Mutex::new(()),
            })),
            revocations: Some(Arc::new(Openssl {
                pki: Arc::clone(self),
                arguments: "ocsp -index index.txt -CA ac.pem -rsigner ocsp.pem -rkey ocsp.key.pem -reqin question -respout answer -nmin 5",
                turn: Mutex::new(()),
            })),
            lists: Arc::new([PublishedList::new(Says(Some(self.read("root.crl"))))]),
            ..self.authorities()
        }
    }
}

/// A service that `openssl` gives.
#[derive(Debug)]
struct Openssl {
    pki: Arc<Pki>,
    arguments: &'static str,
    turn: Mutex<()>,
}

impl Service for Openssl {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        let _turn = self.turn.lock();
        self.pki.write("question", question);
        self.pki.openssl(self.arguments);
        Ok(self.pki.read("answer"))
    }
}

/// A service that answers always the same, or nothing.
#[derive(Debug)]
pub struct Says(pub Option<Vec<u8>>);

impl Service for Says {
    fn ask(&self, _: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        self.0.clone().ok_or_else(|| "nobody answers".into())
    }
}
