//! Tries to get out of the process it runs in. Inside the sandbox nothing of it may succeed; the answer is shown to the owner.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What could be reached, each true if it could.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// A TCP socket, to listen or to connect with.
    pub tcp: bool,
    /// A UDP socket.
    pub udp: bool,
    /// A raw socket. Outside the sandbox too it needs an administrator.
    pub raw: bool,
    /// A socket of the same machine.
    pub unix: bool,
    /// A queue of io_uring, through which sockets are opened without the calls that open sockets.
    pub io_uring: bool,
    /// A file that everybody may read.
    pub file: bool,
    /// Another program.
    pub program: bool,
}

impl Reached {
    /// Whether the network could be reached in any way.
    #[must_use]
    pub fn network(self) -> bool {
        self.tcp || self.udp || self.raw || self.unix || self.io_uring
    }
}

/// Tries everything, on this machine only: no packet leaves it.
#[must_use]
pub fn probe() -> Reached {
    // Whether somebody answers at that address does not matter, only that a socket was there to ask with.
    let refused_by_nobody = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let connects =
        TcpStream::connect_timeout(&nobody, Duration::from_secs(1)).map_or_else(refused_by_nobody, |_| true);
    Reached {
        tcp: connects || TcpListener::bind("127.0.0.1:0").is_ok(),
        udp: UdpSocket::bind("127.0.0.1:0").is_ok() || UdpSocket::bind("[::1]:0").is_ok(),
        raw: rustix::net::socket(
            rustix::net::AddressFamily::INET,
            rustix::net::SocketType::RAW,
            Some(rustix::net::ipproto::ICMP),
        )
        .is_ok(),
        unix: UnixDatagram::pair().is_ok() || UnixDatagram::unbound().is_ok(),
        io_uring: io_uring::IoUring::new(2).is_ok(),
        file: std::fs::read(Path::new("/etc/passwd")).is_ok() || std::fs::read_dir("/").is_ok(),
        program: std::process::Command::new("/bin/true").spawn().and_then(|mut child| child.wait()).is_ok(),
    }
}
