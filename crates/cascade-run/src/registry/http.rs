//! Documents over HTTP: bounded, in time and in size, and no login ever reaches another server.

mod agents;
pub(super) mod plain;
mod retry;
pub(super) mod send;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ureq::tls::RootCerts;
use ureq::{Agent, Error, Proxy, Timeout};
use url::{Host, Url};

use super::login::Login;
use super::{LARGEST, settings};
use crate::Environment;
use crate::environment::{Rested, rest};
use crate::hosts::Hosts;
use agents::{agent, certificates, proxy};

/// How often a document is asked for.
const TRIES: u32 = 4;
/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// The longest pause that a server may ask for.
const PAUSE: Duration = Duration::from_secs(30);

/// Variables that name a file of certificates beside the system's.
const CERTIFICATES: &[&str] = &[
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "NODE_EXTRA_CA_CERTS",
    "CARGO_HTTP_CAINFO",
    "npm_config_cafile",
];

/// The way to registries, and to other servers that are spoken to as they are.
pub(crate) struct Http {
    /// Through the proxy, where one is set.
    outside: Agent,
    /// As `outside`, by the certificates that variables name: they are read when a server needs them.
    certified: OnceLock<Option<Agent>>,
    proxy: Option<Proxy>,
    /// The files of certificates that variables name.
    certificates: Vec<PathBuf>,
    /// To this machine.
    inside: Agent,
    interrupt: Arc<AtomicBool>,
    /// The servers that could not be reached: they are not asked again.
    unreached: Mutex<BTreeMap<String, String>>,
}

/// A document.
#[derive(Debug)]
pub(super) struct Served {
    /// Its bytes.
    pub(super) body: Vec<u8>,
    /// What the server says that it is; empty for a file.
    pub(super) kind: String,
    /// Where it was in the end; `None` for a file.
    pub(super) at: Option<Url>,
}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unheard {
    /// The server has none.
    Absent,
    /// It wants a login, or another one.
    Denied,
    /// Anything else.
    Why(String),
}

/// Why one reading of a document came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The server answered that it has none.
    Absent,
    /// It wants a login, or another one.
    Denied,
    /// Nothing says where to ask, for this reason.
    Nowhere(String),
    /// It did not answer, which says nothing of what it has.
    Unreached {
        /// Why.
        why: String,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
}

impl Missed {
    /// Returns that there was no answer, for this reason.
    pub(crate) fn because(why: impl Into<String>) -> Self {
        Self::Unreached {
            why: why.into(),
            wait: None,
        }
    }
}

impl From<Unheard> for Missed {
    fn from(error: Unheard) -> Self {
        match error {
            Unheard::Absent => Self::Absent,
            Unheard::Denied => Self::Denied,
            Unheard::Why(why) => Self::because(why),
        }
    }
}

impl From<Missed> for Unheard {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::Absent => Self::Absent,
            Missed::Denied => Self::Denied,
            Missed::Nowhere(why) | Missed::Unreached { why, .. } => Self::Why(why),
        }
    }
}

impl Served {
    /// Returns a document of this disk.
    pub(super) fn of_disk(body: Vec<u8>) -> Self {
        Self {
            body,
            kind: String::new(),
            at: None,
        }
    }
}

/// What one request came to.
enum Reply {
    Document(Served),
    Elsewhere(String),
    Later(Option<Duration>, String),
    Unreached(String),
}

impl Http {
    /// Returns the way to servers that an environment says.
    pub(crate) fn new(environment: &Environment) -> Self {
        let var = |name: &str| environment.vars.get(std::ffi::OsStr::new(name))?.to_str();
        let proxy = proxy(&var);
        let named = CERTIFICATES.iter().filter_map(|it| Some(var(it)?.into()));
        Self {
            outside: agent(proxy.clone(), RootCerts::PlatformVerifier),
            certified: OnceLock::new(),
            proxy,
            certificates: named.collect(),
            inside: agent(None, RootCerts::PlatformVerifier),
            interrupt: Arc::clone(&environment.interrupt),
            unreached: Mutex::default(),
        }
    }

    /// Returns the way by the certificates that variables name; `None` where they name none.
    fn certified(&self) -> Option<&Agent> {
        let made = self.certified.get_or_init(|| {
            let files = self.certificates.iter();
            let texts = files.filter_map(|it| settings::bytes(it, LARGEST));
            let named: Vec<_> = texts.flat_map(|it| certificates(&it)).collect();
            let roots = (!named.is_empty()).then(|| RootCerts::Specific(Arc::new(named)))?;
            Some(agent(self.proxy.clone(), roots))
        });
        made.as_ref()
    }

    /// Returns the document at an address.
    ///
    /// # Errors
    /// When there is none, or the server does not give it.
    pub(super) fn get(
        &self,
        url: &Url,
        accept: &str,
        login: Option<&Login>,
    ) -> Result<Served, Unheard> {
        let asked = |at: &Url, login: Option<&Login>| self.patiently(at, accept, login);
        followed(url, login, asked).map_err(Unheard::from)
    }

    /// Returns the document at an address, asked for once and whatever was heard of its server
    /// before.
    ///
    /// # Errors
    /// When there is none, or the server does not give it now.
    pub(super) fn look(
        &self,
        url: &Url,
        accept: &str,
        login: Option<&Login>,
    ) -> Result<Served, Missed> {
        followed(url, login, |at, login| self.once(at, accept, login))
    }

    fn patiently(&self, url: &Url, accept: &str, login: Option<&Login>) -> Result<Reply, Unheard> {
        let mut pause = Duration::from_millis(300);
        let mut last = String::new();
        let server = place(url);
        if let Some(why) = self.unreached().get(&server) {
            return Ok(Reply::Unreached(why.clone()));
        }
        for left in (0..TRIES).rev() {
            match self.once(url, accept, login)? {
                Reply::Unreached(why) if last.is_empty() && self.rest(pause) => last = why,
                Reply::Unreached(why) => {
                    self.unreached().insert(server, why.clone());
                    return Ok(Reply::Unreached(why));
                }
                Reply::Later(wait, why) => {
                    last = why;
                    if left == 0 || !self.rest(wait.unwrap_or(pause)) {
                        break;
                    }
                    pause *= 3;
                }
                reply => return Ok(reply),
            }
        }
        Ok(Reply::Later(None, last))
    }

    fn unreached(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.unreached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, but not for ever; returns whether nobody interrupted.
    fn rest(&self, pause: Duration) -> bool {
        rest(&self.interrupt, pause.min(PAUSE)) == Rested::Whole
    }

    fn once(&self, url: &Url, accept: &str, login: Option<&Login>) -> Result<Reply, Unheard> {
        let asked = self.through(url, |agent| ask(agent, url, accept, login))?;
        match asked {
            Ok(response) => replied(url, response),
            Err(error) if is_distrust(&error) => Err(Unheard::Why(told(&error))),
            Err(error) if is_unreached(&error) => Ok(Reply::Unreached(told(&error))),
            Err(error) => Ok(Reply::Later(None, told(&error))),
        }
    }

    /// Returns what comes of asking a server, by the certificates that it needs; not more than a few
    /// things at once.
    fn through<T>(
        &self,
        url: &Url,
        ask: impl Fn(&Agent) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, Unheard> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Unheard::Why("interrupted".to_owned()));
        }
        let agent = self.agent(url)?;
        let leave = Hosts::of_process().leave(&place(url), Some(&self.interrupt));
        let Some(_leave) = leave else {
            return Err(Unheard::Why("interrupted".to_owned()));
        };
        let asked = ask(agent);
        Ok(match &asked {
            Err(error) if is_distrust(error) && !is_loopback(url) => match self.certified() {
                Some(certified) => ask(certified),
                None => asked,
            },
            _ => asked,
        })
    }

    fn agent(&self, url: &Url) -> Result<&Agent, Unheard> {
        let loopback = is_loopback(url);
        match url.scheme() {
            "http" | "https" if loopback => Ok(&self.inside),
            "https" => Ok(&self.outside),
            "http" => Err(Unheard::Why(
                "it is spoken to in plain text, which anybody on the way can change".to_owned(),
            )),
            other => Err(Unheard::Why(format!("cascade does not speak `{other}`"))),
        }
    }
}

/// Asks, and follows redirects; a login goes to no other server.
fn followed(
    url: &Url,
    login: Option<&Login>,
    ask: impl Fn(&Url, Option<&Login>) -> Result<Reply, Unheard>,
) -> Result<Served, Missed> {
    let mut at = url.clone();
    for _ in 0..=REDIRECTS {
        let login = login.filter(|_| super::login::same_server(url, &at));
        match ask(&at, login)? {
            Reply::Document(it) => return Ok(it),
            Reply::Elsewhere(to) => at = next(&at, &to)?,
            Reply::Later(wait, why) => return Err(Missed::Unreached { why, wait }),
            Reply::Unreached(why) => return Err(Missed::because(why)),
        }
    }
    Err(Missed::because("it redirects in circles"))
}

fn ask(
    agent: &Agent,
    url: &Url,
    accept: &str,
    login: Option<&Login>,
) -> Result<ureq::http::Response<ureq::Body>, Error> {
    let mut request = agent
        .get(url.as_str())
        .header("Accept", accept)
        .header("Cache-Control", "no-cache")
        .header("Pragma", "no-cache");
    if let Some(value) = login.and_then(Login::header) {
        request = request.header("Authorization", value);
    }
    request.call()
}

fn replied(url: &Url, mut response: ureq::http::Response<ureq::Body>) -> Result<Reply, Unheard> {
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let status = response.status().as_u16();
    match status {
        200 => {}
        301 | 302 | 303 | 307 | 308 => {
            let to = header("location");
            return to.map(Reply::Elsewhere).ok_or(Unheard::Absent);
        }
        401 | 403 | 407 => return Err(Unheard::Denied),
        404 | 405 | 410 => return Err(Unheard::Absent),
        408 | 425 | 429 | 500..=599 => {
            let wait =
                header("retry-after").and_then(|it| retry::pause(&it, header("date").as_deref()));
            return Ok(Reply::Later(wait, format!("it answers {status}")));
        }
        other => return Err(Unheard::Why(format!("it answers {other}"))),
    }
    let kind = header("content-type").unwrap_or_default();
    let mut body = Vec::new();
    let most = LARGEST.bytes as u64 + 1;
    let read = response.body_mut().as_reader().take(most);
    if let Err(error) = { read }.read_to_end(&mut body) {
        return Ok(Reply::Later(
            None,
            format!("it broke off: {}", error.kind()),
        ));
    }
    if !LARGEST.takes(body.len() as u64) {
        let why = format!("its answer is larger than the {LARGEST} that cascade reads");
        return Err(Unheard::Why(why));
    }
    Ok(Reply::Document(Served {
        body,
        kind,
        at: Some(url.clone()),
    }))
}

/// Returns where a redirect leads, without a login of its own and never to plain text.
fn next(from: &Url, to: &str) -> Result<Url, Unheard> {
    let to = from.join(to).map_err(|_| Unheard::Absent)?;
    let (to, _) = super::login::split(to);
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(Unheard::Why("it redirects to plain text".to_owned()));
    }
    Ok(to)
}

fn is_distrust(error: &Error) -> bool {
    match error {
        Error::Tls(_) | Error::Rustls(_) => true,
        // As rustls says it; other invalid data may come after a message was read.
        Error::Io(error) => {
            let is_invalid = error.kind() == ErrorKind::InvalidData;
            is_invalid && error.to_string().contains("certificate")
        }
        _ => false,
    }
}

/// Returns whether there is no server to speak to.
fn is_unreached(error: &Error) -> bool {
    match error {
        Error::HostNotFound | Error::ConnectionFailed => true,
        Error::Timeout(at) => *at == Timeout::Connect,
        Error::Io(error) if is_unnamed(error) => true,
        Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        ),
        _ => false,
    }
}

/// Returns whether no name server knew the name, which the standard library has no kind for.
fn is_unnamed(error: &io::Error) -> bool {
    let words = error.to_string();
    words.starts_with("failed to lookup address information")
}

/// Returns what went wrong, without any part of the address.
fn told(error: &Error) -> String {
    match error {
        Error::Timeout(_) => "it took too long".to_owned(),
        Error::HostNotFound => "its name is not known".to_owned(),
        Error::Io(error) if is_unnamed(error) => "its name is not known".to_owned(),
        Error::Io(error) => error.kind().to_string(),
        Error::Rustls(_) | Error::Tls(_) => "its certificate is not trusted".to_owned(),
        _ => "the connection failed".to_owned(),
    }
}

/// Returns whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(it)) => it.is_loopback(),
        Some(Host::Ipv6(it)) => it.is_loopback(),
        None => false,
    }
}

/// Returns an address as it may be shown: its host, or its path on this disk.
pub(crate) fn place(url: &Url) -> String {
    match url.host_str() {
        Some(host) => url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        None => url.path().to_owned(),
    }
}

#[cfg(test)]
mod tests;
