//! A server of e-mail for tests: TLS from the first byte, one user, and everything it takes is kept as it came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use messaging::mail::{Security, Server};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use zeroize::Zeroizing;

/// Who it lets in.
const USER: &str = "citas";
/// Their password.
const PASSWORD: &str = "clave-de-prueba";
/// Both as `AUTH PLAIN` says them.
const PLAIN: &str = "AUTH PLAIN AGNpdGFzAGNsYXZlLWRlLXBydWViYQ==";
/// Addresses that begin so are refused.
const NOBODY: &str = "nadie@";

/// A server of e-mail that listens on this machine.
pub struct FakeSmtp {
    address: SocketAddr,
    authority: String,
    taken: Arc<Mutex<Vec<String>>>,
}

impl FakeSmtp {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is no port, or no certificate can be made.
    #[must_use]
    pub fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("its key");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                // Whoever goes away in the middle of it is no matter of ours.
                let _ = talk(StreamOwned::new(connection, stream), &kept);
            }
        });
        Self { address, authority: made.cert.pem(), taken }
    }

    /// How it is reached, with a password.
    #[must_use]
    pub fn server(&self, password: Option<&str>) -> Server {
        let password = Zeroizing::new(password.unwrap_or(PASSWORD).to_owned());
        Server {
            host: "localhost".to_owned(),
            port: self.address.port(),
            security: Security::Tls,
            credentials: Some((USER.to_owned(), password)),
            from: "citas@consultorio.example".to_owned(),
            authority: Some(self.authority.clone().into_bytes()),
        }
    }

    /// The e-mails it took, headers and text, with their letters as they are read.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn talk(stream: impl Read + Write, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let say = |stream: &mut BufReader<_>, words: &str| {
        let stream: &mut _ = BufReader::get_mut(stream);
        Write::write_all(stream, format!("{words}\r\n").as_bytes()).and_then(|()| Write::flush(stream))
    };
    say(&mut stream, "220 localhost")?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-localhost\r\n250 AUTH PLAIN",
            "AUTH" if line == PLAIN => "235 2.7.0 in",
            "AUTH" => "535 5.7.8 not in",
            "RCPT" if line.contains(NOBODY) => "550 5.1.1 nobody",
            "DATA" => {
                say(&mut stream, "354 go on")?;
                let mail = read_mail(&mut stream)?;
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                "250 2.0.0 taken"
            }
            "QUIT" => {
                return say(&mut stream, "221 bye");
            }
            _ => "250 fine",
        };
        say(&mut stream, answer)?;
    }
}

/// Up to the line with a point alone; quoted-printable undone.
fn read_mail(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut mail = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line == ".\r\n" {
            return Ok(String::from_utf8_lossy(&mail).into_owned());
        }
        let line = line.trim_end_matches(['\r', '\n']);
        let (words, goes_on) = line.strip_suffix('=').map_or((line, false), |words| (words, true));
        let mut parts = words.split('=');
        mail.extend(parts.next().unwrap_or_default().bytes());
        for part in parts {
            match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => {
                    mail.push(byte);
                    mail.extend(part.bytes().skip(2));
                }
                None => mail.extend(format!("={part}").bytes()),
            }
        }
        if !goes_on {
            mail.push(b'\n');
        }
    }
}
