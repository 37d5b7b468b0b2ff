//! The same messages by e-mail, over TLS, for who has no WhatsApp or does not want it; and reports to the practice's own people.

use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};
use zeroize::Zeroizing;

use crate::graph::{Alarm, Class, Failure, NO_CODE, Outcome};
use crate::letter::{Letter, Message};
use crate::report::Report;

/// What a server says that does not let us in (RFC 4954): no message is at fault.
const REFUSED: [u16; 4] = [530, 534, 535, 538];
/// How long a server is waited for.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How the connection is made secure. There is no insecure one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465, as a rule).
    Tls,
    /// STARTTLS, and nothing is said without it (port 587, as a rule).
    StartTls,
}

/// The server that sends.
#[derive(Clone)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is made secure.
    pub security: Security,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// The address it is sent from.
    pub from: String,
    /// A certificate in PEM to believe besides those of the system: that of a server of one's own.
    pub authority: Option<Vec<u8>>,
}

/// Why no e-mail can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is none.
    #[error("mail.from debe ser una dirección como citas@consultorio.mx")]
    From(#[source] AddressError),
    /// No TLS with this server.
    #[error("mail.server: no se puede preparar la conexión segura")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// The client.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl Mailer {
    /// A client of a server.
    ///
    /// # Errors
    /// [`MailError`], which names the field.
    pub fn new(server: &Server) -> Result<Self, MailError> {
        let from = server.from.parse().map_err(MailError::From)?;
        let mut tls = TlsParameters::builder(server.host.clone());
        if let Some(pem) = &server.authority {
            tls = tls.add_root_certificate(Certificate::from_pem(pem).map_err(MailError::Tls)?);
        }
        let tls = tls.build_rustls().map_err(MailError::Tls)?;
        let tls = match server.security {
            Security::Tls => Tls::Wrapper(tls),
            Security::StartTls => Tls::Required(tls),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(TIMEOUT))
            .tls(tls);
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Whether the server answers and lets us in.
    ///
    /// # Errors
    /// What it says.
    pub async fn check(&self) -> Result<bool, lettre::transport::smtp::Error> {
        self.transport.test_connection().await
    }

    /// Sends a message. `callback` names it, so that one sent twice is the same to who reads it.
    pub async fn send(&self, to: &str, letter: &Letter, callback: &str) -> Outcome {
        let id = self.id(callback);
        let Some(mail) = self.envelope(to, letter.practice.as_str(), &id) else {
            return Outcome::Failed(undeliverable());
        };
        let mail = mail.subject(subject(letter)).header(ContentType::TEXT_PLAIN).body(text(letter));
        self.hand_over(mail, id).await
    }

    /// Sends a report of the practice with its file. `callback` names it, as of a message.
    pub async fn send_report(&self, to: &str, report: &Report, callback: &str) -> Outcome {
        let id = self.id(callback);
        let Some(mail) = self.envelope(to, &report.practice, &id) else {
            return Outcome::Failed(undeliverable());
        };
        let Ok(pdf) = ContentType::parse("application/pdf") else { return ours() };
        let file = Attachment::new(report.file_name.clone()).body(report.pdf.clone(), pdf);
        let parts = MultiPart::mixed().singlepart(SinglePart::plain(report.text())).singlepart(file);
        self.hand_over(mail.subject(report.title.clone()).multipart(parts), id).await
    }

    fn id(&self, callback: &str) -> String {
        format!("<{callback}@{}>", self.from.domain())
    }

    /// An e-mail of the practice to somebody; `None` for what is no address.
    fn envelope(&self, to: &str, practice: &str, id: &str) -> Option<MessageBuilder> {
        let to = to.parse::<Address>().ok()?;
        let from = Mailbox::new(Some(practice.to_owned()), self.from.clone());
        let mail = Mail::builder().from(from).to(Mailbox::new(None, to));
        Some(mail.message_id(Some(id.to_owned())))
    }

    async fn hand_over(&self, mail: Result<Mail, lettre::error::Error>, id: String) -> Outcome {
        let Ok(mail) = mail else { return ours() };
        match self.transport.send(mail).await {
            Ok(_) => Outcome::Accepted { id, wa_id: None },
            Err(error) if error.status().is_some_and(|code| REFUSED.contains(&u16::from(code))) => {
                Outcome::Failed(Failure { code: NO_CODE, class: Class::Stop(Alarm::Mail) })
            }
            Err(error) if error.is_permanent() => Outcome::Failed(undeliverable()),
            Err(error) if error.is_timeout() => Outcome::Unknown,
            Err(_) => Outcome::Failed(Failure { code: NO_CODE, class: Class::Transient }),
        }
    }
}

fn ours() -> Outcome {
    Outcome::Failed(Failure { code: NO_CODE, class: Class::Ours })
}

fn undeliverable() -> Failure {
    Failure { code: NO_CODE, class: Class::Undeliverable }
}

/// What stands in the list of e-mails, on a locked screen too: the practice and nothing of the visit.
fn subject(letter: &Letter) -> String {
    format!("{}: aviso de su cita", letter.practice.as_str())
}

/// The text, with how to answer: an e-mail has no buttons, and nobody reads its answers by program.
#[must_use]
pub fn text(letter: &Letter) -> String {
    let text = letter.text();
    let text = match text.split_once("\n\n") {
        Some((said, _)) => said.to_owned(),
        None => text,
    };
    let close = match letter.message {
        Message::SlotOffered(_) => {
            "Si lo quiere, responda pronto a este correo o llame al consultorio: se lo guardamos unas horas."
        }
        Message::Cancelled(_) | Message::CalledOff(_) => {
            "Si desea otro horario, responda a este correo o llame al consultorio."
        }
        Message::BookedByMistake(_) => {
            "Usted no necesita hacer nada. Si desea una cita, responda a este correo o llame al consultorio."
        }
        Message::OfferEnded(_) => {
            "Usted sigue en la lista de espera. Si prefiere elegir otro horario, responda a este correo o llame al consultorio."
        }
        _ => {
            "Si necesita confirmar, cambiar o cancelar su cita, responda a este correo o llame al consultorio."
        }
    };
    format!("{text}\n\n{close}\n\n{}\n", letter.practice.as_str())
}
