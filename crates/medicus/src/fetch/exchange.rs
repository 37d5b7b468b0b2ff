//! One request and its answer in HTTP/1.1, over TLS or not, within a most of bytes and of time.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Address, FetchError, Limits};

/// Most bytes of the head of an answer, and of a line of a body in pieces.
const HEAD: u64 = 32 * 1024;
/// Most headers of an answer.
const HEADERS: usize = 64;
/// Most addresses that are tried because each sends on to the next.
const HOPS: usize = 4;
/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    pub(super) content_type: Option<&'a str>,
    /// Bytes of the answer that are here already: only what follows is asked for.
    pub(super) have: u64,
    pub(super) body: &'a [u8],
}

/// Who asks: which certificates it trusts and what it accepts.
pub(super) struct Client {
    roots: Arc<RootCertStore>,
    limits: Limits,
    deadline: Instant,
}

/// The head of an answer.
struct Head {
    status: u16,
    location: Option<String>,
    length: Option<u64>,
    chunked: bool,
}

/// A connection whose every step ends at the deadline.
struct Timed {
    socket: TcpStream,
    deadline: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(into)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

type Reader = BufReader<Box<dyn Stream>>;

impl Client {
    /// One that trusts the root certificates of the system.
    pub(super) fn of_the_system(limits: Limits) -> Result<Self, FetchError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Ok(Self::trusting(roots, limits))
    }

    pub(super) fn trusting(roots: RootCertStore, limits: Limits) -> Self {
        Self { roots: Arc::new(roots), limits, deadline: Instant::now() + limits.patience }
    }

    /// What is at an address behind its first `have` bytes, wherever it sends on to.
    pub(super) fn get(
        &self,
        address: &Address,
        have: u64,
        into: &mut impl Write,
        mut progress: impl FnMut(u64, Option<u64>),
    ) -> Result<(), FetchError> {
        let request = Request { method: "GET", content_type: None, have, body: &[] };
        let mut address = address.clone();
        for _ in 0..HOPS {
            match self.exchange(&address, &request, into, &mut progress)? {
                None => return Ok(()),
                Some(location) => address = address.sent_on(&location)?,
            }
        }
        Err(FetchError::Broken(address.host))
    }

    /// Asks and writes the answer into `into`; or, where a GET is sent on, says where to.
    pub(super) fn exchange(
        &self,
        address: &Address,
        request: &Request<'_>,
        into: &mut impl Write,
        progress: impl FnMut(u64, Option<u64>),
    ) -> Result<Option<String>, FetchError> {
        let failed = |cause| self.failed(address, cause);
        let mut reader = self.ask(address, request)?;
        let head = read_head(&mut reader).map_err(failed)?;
        let host = || address.host.clone();
        match head.status {
            200 => {}
            206 if request.have > 0 => {}
            301 | 302 | 303 | 307 | 308 if request.method == "GET" => {
                return head.location.map(Some).ok_or_else(|| FetchError::Broken(host()));
            }
            status => return Err(FetchError::Status { host: host(), status }),
        }
        let most = self.limits.most;
        // A server that sends all of it again has what is here skipped.
        let (had, skip) = if head.status == 206 { (request.have, 0) } else { (0, request.have) };
        let length = head.length.map(|length| length.saturating_add(had));
        let mut body = Body { into, most, had, skip, length, progress };
        let read = if length.is_some_and(|length| length > most) {
            Err(ErrorKind::FileTooLarge.into())
        } else if head.chunked {
            read_chunks(&mut reader, &mut body)
        } else {
            body.take(&mut reader, head.length)
        };
        read.map_err(failed)?;
        Ok(None)
    }

    /// Sends the request.
    fn ask(&self, address: &Address, request: &Request<'_>) -> Result<Reader, FetchError> {
        let mut stream = self.connect(address)?;
        let path = address.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let authority = address.uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut head = format!(
            "{} {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: medicus/{}\r\nAccept: */*\r\n\
             Accept-Encoding: identity\r\nConnection: close\r\n",
            request.method,
            env!("CARGO_PKG_VERSION")
        );
        if let Some(content_type) = request.content_type {
            let length = request.body.len();
            head.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {length}\r\n"));
        }
        if request.have > 0 {
            head.push_str(&format!("Range: bytes={}-\r\n", request.have));
        }
        head.push_str("\r\n");
        let send = |stream: &mut Box<dyn Stream>| {
            stream.write_all(head.as_bytes())?;
            stream.write_all(request.body)?;
            stream.flush()
        };
        send(&mut stream).map_err(|cause| self.failed(address, cause))?;
        Ok(BufReader::with_capacity(PIECE, stream))
    }

    fn connect(&self, address: &Address) -> Result<Box<dyn Stream>, FetchError> {
        let failed = |cause| self.failed(address, cause);
        let found = (address.host.as_str(), address.port).to_socket_addrs().map_err(failed)?;
        let mut refused: io::Error = ErrorKind::AddrNotAvailable.into();
        for place in found {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                refused = ErrorKind::TimedOut.into();
                break;
            }
            match TcpStream::connect_timeout(&place, left) {
                Ok(socket) => return self.secured(address, Timed { socket, deadline: self.deadline }),
                Err(error) => refused = error,
            }
        }
        Err(failed(refused))
    }

    fn secured(&self, address: &Address, plain: Timed) -> Result<Box<dyn Stream>, FetchError> {
        if !address.tls {
            return Ok(Box::new(plain));
        }
        if self.roots.is_empty() {
            return Err(FetchError::NoRoots);
        }
        let broken = |cause: rustls::Error| self.failed(address, io::Error::other(cause));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| FetchError::Address(address.to_string()))?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(broken)?;
        Ok(Box::new(StreamOwned::new(connection, plain)))
    }

    /// What a step that failed means.
    fn failed(&self, address: &Address, cause: io::Error) -> FetchError {
        let host = address.host.clone();
        match cause.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                FetchError::Late { host, seconds: self.limits.patience.as_secs() }
            }
            ErrorKind::FileTooLarge => FetchError::TooLarge { host, most: self.limits.most },
            ErrorKind::UnexpectedEof => FetchError::Broken(host),
            // What came over TLS and does not fit is the connection's fault; what is no HTTP, the answer's.
            ErrorKind::InvalidData if cause.get_ref().is_none() => FetchError::Broken(host),
            _ => FetchError::Connection { host, cause },
        }
    }
}

/// Where a body goes, and how much of it there may be.
struct Body<'a, W, P> {
    into: &'a mut W,
    most: u64,
    had: u64,
    skip: u64,
    length: Option<u64>,
    progress: P,
}

impl<W: Write, P: FnMut(u64, Option<u64>)> Body<'_, W, P> {
    /// Takes as many bytes as are said, or all there are.
    fn take(&mut self, from: &mut Reader, length: Option<u64>) -> io::Result<()> {
        let mut left = length;
        while left != Some(0) {
            let held = from.fill_buf()?;
            if held.is_empty() {
                return if left.is_none() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            let fits = left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
            let piece = held.len().min(fits);
            self.had += piece as u64;
            if self.had > self.most {
                return Err(ErrorKind::FileTooLarge.into());
            }
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece);
            self.skip -= skipped as u64;
            self.into.write_all(&held[skipped..piece])?;
            from.consume(piece);
            left = left.map(|left| left - piece as u64);
            (self.progress)(self.had, self.length);
        }
        Ok(())
    }
}

/// A line with its end.
fn read_line(from: &mut Reader) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.take(HEAD).read_until(b'\n', &mut line)?;
    if line.ends_with(b"\n") { Ok(line) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn read_head(from: &mut Reader) -> io::Result<Head> {
    let not_http = || io::Error::from(ErrorKind::InvalidData);
    let mut held = Vec::new();
    loop {
        let line = read_line(from)?;
        held.extend_from_slice(&line);
        if held.len() as u64 > HEAD {
            return Err(not_http());
        }
        if line == b"\r\n" || line == b"\n" {
            break;
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let complete = response.parse(&held).is_ok_and(|read| read.is_complete());
    let status = response.code.filter(|_| complete).ok_or_else(not_http)?;
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok().map(str::trim)
    };
    let length = value("content-length").map(|length| length.parse().map_err(|_| not_http())).transpose()?;
    let encoding = value("transfer-encoding");
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("chunked")) {
        return Err(not_http());
    }
    let chunked = encoding.is_some();
    let location = value("location").map(str::to_owned);
    Ok(Head { status, location, length: length.filter(|_| !chunked), chunked })
}

/// A body in pieces, each after its length.
fn read_chunks<W: Write, P: FnMut(u64, Option<u64>)>(
    from: &mut Reader,
    body: &mut Body<'_, W, P>,
) -> io::Result<()> {
    loop {
        let line = read_line(from)?;
        let Ok(httparse::Status::Complete((_, size))) = httparse::parse_chunk_size(&line) else {
            return Err(ErrorKind::InvalidData.into());
        };
        if size == 0 {
            // Headers after the body end with an empty line.
            while !matches!(read_line(from)?.as_slice(), b"\r\n" | b"\n") {}
            return Ok(());
        }
        body.take(from, Some(size))?;
        if read_line(from)? != b"\r\n" {
            return Err(ErrorKind::InvalidData.into());
        }
    }
}
