//! iCalendar (RFC 5545): the visits of a professional go out as a calendar their telephone shows, the times in which they are
//! busy elsewhere come in.
//!
//! Of a visit goes out only what its owner chose, already in words; of an event comes in only from when until when. Neither
//! direction knows storage, the web or who asks.

pub mod busy;
pub mod feed;

pub use busy::{Busy, CalendarError, FILE_MAX, busy};
pub use feed::{Visit, feed};

/// What ends the identifier of an event that came from here, so that it is not taken for something else when it comes back.
const OWN: &str = "@medicus";
