//! The fake WhatsApp as a program: `fake-whatsapp 127.0.0.1:9100 http://127.0.0.1:8444/avisos/whatsapp`. It prints its base
//! address and then each message it takes, a line of JSON each. A line of its input is what a patient does, which it tells to
//! the address of the second argument, signed, like the fate of each message it took: twice and the last first.
//! `{"from":"5215512345678","at":1773158400,"text":"sí"}` writes, `"touch":"c:…"` instead of the text touches a button.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a tool of developers")]

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use test_support::whatsapp::{FakeWhatsApp, signature};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// Between one look at what was taken and the next.
const LOOK: Duration = Duration::from_millis(100);
/// Between one try to tell something and the next; Meta waits longer.
const AGAIN: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9100".to_owned());
    let address: SocketAddr = address.parse().expect("an address like 127.0.0.1:9100");
    let webhook = arguments
        .next()
        .map(|told| Webhook::read(&told).expect("an address like http://127.0.0.1:8444/path"));
    let fake = FakeWhatsApp::on(address).await;
    println!("{}", fake.base());
    let (say, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| say.send(line))
    });
    let mut shown = 0;
    loop {
        let mut told = fake.notifications();
        while let Ok(line) = lines.try_recv() {
            told.push(act(&fake, &line));
        }
        let taken = fake.taken();
        taken.iter().skip(shown).for_each(|body| println!("{body}"));
        shown = taken.len();
        if let Some(webhook) = &webhook {
            for body in told {
                webhook.tell(&body).await;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What a patient does, as the notification of it.
fn act(fake: &FakeWhatsApp, line: &str) -> Vec<u8> {
    let act: Value = serde_json::from_str(line).expect("a line of JSON");
    let word = |name: &str| act.get(name).and_then(Value::as_str);
    let from = word("from").expect("from: the digits of who writes");
    let at = act.get("at").and_then(Value::as_i64).expect("at: seconds since 1970");
    match (word("text"), word("touch")) {
        (Some(text), _) => fake.writes(from, text, at),
        (None, touched) => fake.touches(from, touched.expect("text or touch"), at),
    }
}

/// Where notifications are told.
struct Webhook {
    host: String,
    path: String,
}

impl Webhook {
    fn read(address: &str) -> Option<Self> {
        let (host, path) = address.strip_prefix("http://")?.split_once('/')?;
        Some(Self { host: host.to_owned(), path: format!("/{path}") })
    }

    /// Tells a notification, again and again until it is answered with 200, as Meta does.
    async fn tell(&self, body: &[u8]) {
        while !self.post(body).await.is_ok_and(|taken| taken) {
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn post(&self, body: &[u8]) -> std::io::Result<bool> {
        let Self { host, path } = self;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nX-Hub-Signature-256: {}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            signature(body),
            body.len()
        );
        let mut connection = TcpStream::connect(host).await?;
        connection.write_all(head.as_bytes()).await?;
        connection.write_all(body).await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        Ok(answer.starts_with("HTTP/1.1 200 "))
    }
}
