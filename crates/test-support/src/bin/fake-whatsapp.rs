//! The fake WhatsApp as a program: `fake-whatsapp 127.0.0.1:9100`. It prints each message it takes, so that a person sees what
//! a demonstration clinic would send.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a tool of developers")]

use std::net::SocketAddr;
use std::time::Duration;

use test_support::whatsapp::FakeWhatsApp;

#[tokio::main]
async fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9100".to_owned());
    let address: SocketAddr = address.parse().expect("an address like 127.0.0.1:9100");
    let fake = FakeWhatsApp::on(address).await;
    println!("{}", fake.base());
    let mut shown = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let taken = fake.taken();
        taken.iter().skip(shown).for_each(|body| println!("{body:#}"));
        shown = taken.len();
    }
}
