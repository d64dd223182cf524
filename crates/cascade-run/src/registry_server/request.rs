//! Requests, read within bounds: line and headers by `httparse`, bodies by length or in chunks.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, TcpStream};
use std::time::{Duration, Instant};

use httparse::{EMPTY_HEADER, Status};

use super::serve::{Bounds, Keep};

/// How many headers a request may have.
const HEADERS: usize = 100;

/// How many bytes the line before a chunk, and all lines after the last one, may have.
const CHUNK_LINES: usize = 4 << 10;

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The client went away, or said nothing for too long.
    Gone,
    /// It can not be answered: the status that says so, and why.
    Bad(u16, &'static str),
}

/// A request, whole.
#[derive(Debug)]
pub(super) struct Request {
    /// Its method: `GET`.
    pub(super) method: String,
    /// What it asks for, as it was sent.
    pub(super) target: String,
    /// The path in parts, each decoded; a slash at the end leaves no part.
    pub(super) path: Vec<String>,
    /// The server as the client calls it: `127.0.0.1:PORT`.
    pub(super) host: String,
    /// What was sent with it.
    pub(super) body: Vec<u8>,
    /// Whether the client wants to go on.
    pub(super) keep: Keep,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Returns a header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        named(&self.headers, name).next()
    }

    /// Returns whether it only reads.
    pub(super) fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Returns a value of the query, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|it| it.0 == name)?;
        Some(found.1.into_owned())
    }

    /// Returns the address that the client reached this server by.
    pub(super) fn base(&self) -> String {
        format!("http://{}", self.host)
    }
}

/// A connection's bytes, as they come.
#[derive(Debug)]
pub(super) struct Inlet {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Inlet {
    /// Returns the inlet of a connection.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Returns the connection, to answer through.
    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Returns the next request.
    pub(super) fn request(&mut self, bounds: &Bounds) -> Result<Request, Fault> {
        let mut request = self.head(bounds)?;
        let length = Length::of(&request.headers, bounds.body)?;
        if length != Length::Known(0)
            && request
                .header("expect")
                .is_some_and(|it| it.eq_ignore_ascii_case("100-continue"))
        {
            let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.stream.write_all(go_on).map_err(|_| Fault::Gone)?;
        }
        let deadline = Instant::now() + bounds.transfer;
        request.body = match length {
            Length::Known(length) => self.exactly(length, deadline)?,
            Length::Chunked => self.chunks(bounds.body, deadline)?,
        };
        Ok(request)
    }

    /// Returns the next request's line and headers.
    fn head(&mut self, bounds: &Bounds) -> Result<Request, Fault> {
        let idle = Instant::now() + bounds.idle;
        while self.buffer.is_empty() {
            self.fill(idle).map_err(|_| Fault::Gone)?;
        }
        let deadline = Instant::now() + bounds.patience;
        let mut seen = 0;
        loop {
            // A parse for every byte of a slow client would be a parse too many.
            let tail = self.buffer.get(seen..).unwrap_or_default();
            let ended = tail.windows(2).any(|it| it == b"\n\r" || it == b"\n\n");
            if (seen == 0 || ended)
                && let Some((request, length)) = parsed(&self.buffer)?
            {
                self.buffer.drain(..length);
                return if length > bounds.head {
                    Err(TOO_LONG)
                } else {
                    Ok(request)
                };
            }
            if self.buffer.len() > bounds.head {
                return Err(TOO_LONG);
            }
            seen = self.buffer.len().saturating_sub(2);
            self.fill(deadline)?;
        }
    }

    /// Returns so many bytes.
    fn exactly(&mut self, length: usize, deadline: Instant) -> Result<Vec<u8>, Fault> {
        while self.buffer.len() < length {
            self.fill(deadline)?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    /// Returns the bytes of a body that comes in chunks.
    fn chunks(&mut self, most: usize, deadline: Instant) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        loop {
            let line = self.line(deadline)?;
            let size = match httparse::parse_chunk_size(&line) {
                Ok(Status::Complete((_, size))) => usize::try_from(size).unwrap_or(usize::MAX),
                _ => return Err(Fault::Bad(400, "a chunk's size can not be read")),
            };
            if size == 0 {
                return self.trailers(deadline).map(|()| body);
            }
            if size > most.saturating_sub(body.len()) {
                return Err(TOO_LARGE);
            }
            body.append(&mut self.exactly(size, deadline)?);
            if self.line(deadline)? != b"\r\n" {
                return Err(Fault::Bad(400, "a chunk is longer than it says"));
            }
        }
    }

    /// Reads away what stands behind the last chunk.
    fn trailers(&mut self, deadline: Instant) -> Result<(), Fault> {
        let mut length = 0;
        while length <= CHUNK_LINES {
            let line = self.line(deadline)?;
            if line == b"\r\n" || line == b"\n" {
                return Ok(());
            }
            length += line.len();
        }
        Err(Fault::Bad(431, "the body's trailers are too long"))
    }

    /// Returns the next line, its end included.
    fn line(&mut self, deadline: Instant) -> Result<Vec<u8>, Fault> {
        loop {
            if let Some(end) = self.buffer.iter().position(|it| *it == b'\n') {
                return Ok(self.buffer.drain(..=end).collect());
            }
            if self.buffer.len() > CHUNK_LINES {
                return Err(Fault::Bad(400, "a chunk's line is too long"));
            }
            self.fill(deadline)?;
        }
    }

    /// Waits for more bytes until the deadline.
    fn fill(&mut self, deadline: Instant) -> Result<(), Fault> {
        let mut scrap = [0; 16 << 10];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::Bad(408, "the request took too long"));
            }
            let _ = self
                .stream
                .set_read_timeout(Some(left.max(Duration::from_millis(1))));
            match self.stream.read(&mut scrap) {
                Ok(0) => return Err(Fault::Gone),
                Ok(read) => {
                    self.buffer
                        .extend_from_slice(scrap.get(..read).unwrap_or_default());
                    return Ok(());
                }
                Err(error) if waits(error.kind()) => {}
                Err(_) => return Err(Fault::Gone),
            }
        }
    }
}

const TOO_LONG: Fault = Fault::Bad(431, "the request's headers are too long");

const TOO_LARGE: Fault = Fault::Bad(413, "the body is too large");

fn waits(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(kind, WouldBlock | TimedOut | Interrupted)
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

impl Length {
    /// Returns what the headers say of the body; two opinions are none.
    fn of(headers: &[(String, String)], most: usize) -> Result<Self, Fault> {
        let mut codings = named(headers, "transfer-encoding");
        let lengths: Vec<&str> = named(headers, "content-length").collect();
        if let Some(coding) = codings.next() {
            if !lengths.is_empty() {
                return Err(Fault::Bad(400, "a body has one length"));
            }
            if !coding.eq_ignore_ascii_case("chunked") || codings.next().is_some() {
                return Err(Fault::Bad(501, "only `chunked` is known"));
            }
            return Ok(Self::Chunked);
        }
        let Some((first, others)) = lengths.split_first() else {
            return Ok(Self::Known(0));
        };
        let digits = !first.is_empty() && first.bytes().all(|it| it.is_ascii_digit());
        if !digits || others.iter().any(|it| it != first) {
            return Err(Fault::Bad(400, "the body's length can not be read"));
        }
        match first.parse() {
            Ok(length) if length <= most => Ok(Self::Known(length)),
            _ => Err(TOO_LARGE),
        }
    }
}

/// Returns a request without its body, and how long its line and headers are; `None` where more
/// has to come.
pub(super) fn parsed(bytes: &[u8]) -> Result<Option<(Request, usize)>, Fault> {
    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Fault::Bad(431, "the request has too many headers"));
        }
        Err(httparse::Error::Version) => return Err(Fault::Bad(505, "HTTP/1.1 is spoken here")),
        Err(_) => return Err(Fault::Bad(400, "the request can not be read")),
    };
    let (Some(method), Some(target), Some(minor)) = (head.method, head.path, head.version) else {
        return Ok(None);
    };
    let headers: Vec<(String, String)> = head.headers.iter().map(owned).collect();
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        path: path(target)?,
        host: host(&headers)?,
        body: Vec::new(),
        keep: keep(&headers, minor),
        headers,
    };
    Ok(Some((request, length)))
}

fn owned(header: &httparse::Header<'_>) -> (String, String) {
    let value = String::from_utf8_lossy(header.value).trim().to_owned();
    (header.name.to_ascii_lowercase(), value)
}

fn named<'h>(headers: &'h [(String, String)], name: &str) -> impl Iterator<Item = &'h str> {
    let ours = headers.iter().filter(move |(it, _)| it == name);
    ours.map(|(_, value)| value.as_str())
}

fn keep(headers: &[(String, String)], minor: u8) -> Keep {
    let said = |word: &str| {
        named(headers, "connection")
            .flat_map(|it| it.split(','))
            .any(|it| it.trim().eq_ignore_ascii_case(word))
    };
    if said("close") || (minor == 0 && !said("keep-alive")) {
        Keep::Close
    } else {
        Keep::Open
    }
}

/// Returns the name that the client calls this server by. Only one of the loopback: a page from
/// elsewhere that got a name to point here asks in that name.
fn host(headers: &[(String, String)]) -> Result<String, Fault> {
    let mut hosts = named(headers, "host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Fault::Bad(400, "the request names no host"));
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let ours = name.eq_ignore_ascii_case("localhost")
        || bare.parse().is_ok_and(|it: IpAddr| it.is_loopback());
    if ours {
        Ok(host.to_owned())
    } else {
        Err(Fault::Bad(421, "only the loopback is served"))
    }
}

/// Returns the parts of a path, each decoded.
fn path(target: &str) -> Result<Vec<String>, Fault> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = path
        .strip_prefix('/')
        .ok_or(Fault::Bad(400, "the path begins with no slash"))?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let parts = path.split('/').map(decoded);
    let parts: Option<Vec<String>> = parts.collect();
    parts.ok_or(Fault::Bad(400, "the path can not be read"))
}

/// Returns a text without its percent signs; `None` where they make no text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => (hex(rest.next()?)? << 4) | hex(rest.next()?)?,
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests;
