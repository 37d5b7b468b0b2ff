//! The ways a message can go, behind one trait: WhatsApp, e-mail, and a person with a telephone.

use std::future::Future;
use std::pin::Pin;

use crate::graph::{Class, Failure, Graph, NO_CODE, Outcome, Sender, Window, body};
use crate::letter::Letter;
use crate::mail::Mailer;
use crate::report::Report;

/// What sending gives back, once it is done.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A way to a person.
pub trait Channel: Send + Sync {
    /// Sends a message to an address of this way. `callback` is our name for it.
    fn send<'a>(&'a self, to: &'a str, letter: &'a Letter, window: Window, callback: &'a str) -> Sending<'a>;

    /// Sends a report of the practice to one of its own people. Only e-mail carries files.
    fn send_report<'a>(&'a self, _: &'a str, _: &'a Report, _: &'a str) -> Sending<'a> {
        Box::pin(async { Outcome::Failed(Failure { code: NO_CODE, class: Class::Ours }) })
    }
}

/// A number of the practice on WhatsApp.
#[derive(Debug, Clone)]
pub struct WhatsApp {
    /// The client.
    pub graph: Graph,
    /// The number it sends from.
    pub sender: Sender,
}

impl Channel for WhatsApp {
    fn send<'a>(&'a self, to: &'a str, letter: &'a Letter, window: Window, callback: &'a str) -> Sending<'a> {
        Box::pin(async move {
            match body(letter, to, window, callback) {
                Some(body) => self.graph.send(&self.sender, &body).await,
                None => Outcome::Failed(Failure { code: NO_CODE, class: Class::WindowClosed }),
            }
        })
    }
}

impl Channel for Mailer {
    fn send<'a>(&'a self, to: &'a str, letter: &'a Letter, _: Window, callback: &'a str) -> Sending<'a> {
        Box::pin(Self::send(self, to, letter, callback))
    }

    fn send_report<'a>(&'a self, to: &'a str, report: &'a Report, callback: &'a str) -> Sending<'a> {
        Box::pin(Self::send_report(self, to, report, callback))
    }
}

/// The list reception prints and calls from.
#[derive(Debug, Clone, Copy)]
pub struct Paper;

impl Channel for Paper {
    fn send<'a>(&'a self, _: &'a str, _: &'a Letter, _: Window, _: &'a str) -> Sending<'a> {
        Box::pin(async { Outcome::ByHand })
    }
}
