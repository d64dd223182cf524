//! Messages that change something: sent as they are, answered or not, repeated where that is safe.
//!
//! Invariant: a message goes to the server it is for and to no other, whatever that answers.

use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ureq::http::Response;
use ureq::{Agent, Body, Error};
use url::Url;

use super::super::LARGEST;
use super::super::login::{Login, same_server};
use super::{Http, Unheard, is_distrust, is_unreached, retry, told};
use crate::environment::{Rested, rest};

/// How often a message is sent.
const TRIES: u32 = 5;
/// How long the first pause is; each one after is three times as long.
const PAUSE: Duration = Duration::from_millis(300);
/// How long it all may take, the pauses that a server asks for among it.
const BUDGET: Duration = Duration::from_mins(5);
/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// What is done at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// It is read.
    Get,
    /// Something is made there.
    Post,
    /// A part of it is replaced.
    Patch,
    /// It is replaced.
    Put,
}

/// A message to a server.
#[derive(Debug, Clone)]
pub(crate) struct Message<'a> {
    /// What is done.
    pub(crate) method: Method,
    /// Where.
    pub(crate) url: Url,
    /// Headers, by name.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// The header that opens the server, by name.
    pub(crate) login: Option<(&'a str, &'a Login)>,
    /// What is sent, as JSON.
    pub(crate) body: Option<&'a [u8]>,
}

/// What a server answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// Where more of it is: the header `Link`.
    pub(crate) link: Option<String>,
    /// How long it asks to be left alone.
    pub(crate) wait: Option<Duration>,
    /// Where it redirects to.
    to: Option<String>,
}

/// Why a message has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// It never reached a server.
    Unreached(String),
    /// It may have been acted upon, or not.
    Unknown(String),
    /// It is not sent at all.
    Refused(String),
}

impl Unsent {
    /// Returns why, in words.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Unreached(why) | Self::Unknown(why) | Self::Refused(why) => why,
        }
    }
}

/// Whether a message may be sent again although it may have been acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Twice is as good as once.
    Safe,
    /// Only where its server answers that it shall come later: what has no answer may have arrived.
    Answered,
    /// Only where it was surely not acted upon.
    Unsafe,
}

impl Answer {
    /// Returns whether it was done.
    pub(crate) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns whether the server asks to be left alone for a while.
    pub(crate) fn is_later(&self) -> bool {
        match self.status {
            408 | 425 | 429 | 500..=599 => true,
            // How GitHub says that too much was asked of it.
            403 => self.wait.is_some(),
            _ => false,
        }
    }

    /// Returns whether the server surely did nothing.
    fn is_untouched(&self) -> bool {
        matches!(self.status, 403 | 425 | 429 | 503)
    }
}

impl Http {
    /// Sends a message, again where the server asks to wait or can not be reached, as often as is
    /// good; returns the last answer.
    pub(crate) fn send(&self, message: &Message<'_>, repeat: Repeat) -> Result<Answer, Unsent> {
        self.send_within(message, repeat, BUDGET)
    }

    /// Sends as [`Http::send`] does, for no longer than this, the longest that it may take at most.
    pub(crate) fn send_within(
        &self,
        message: &Message<'_>,
        repeat: Repeat,
        budget: Duration,
    ) -> Result<Answer, Unsent> {
        let (began, budget) = (Instant::now(), budget.min(BUDGET));
        let mut pause = PAUSE;
        let mut left = TRIES;
        loop {
            left -= 1;
            let heard = self.send_on(message);
            let (again, wait) = match &heard {
                Ok(it) if it.is_later() => (repeat != Repeat::Unsafe || it.is_untouched(), it.wait),
                Ok(_) | Err(Unsent::Refused(_)) => (false, None),
                Err(Unsent::Unreached(_)) => (true, None),
                Err(Unsent::Unknown(_)) => (repeat == Repeat::Safe, None),
            };
            let wait = wait.unwrap_or(pause);
            let fits = began.elapsed().saturating_add(wait) <= budget;
            if !again || left == 0 || !fits || rest(&self.interrupt, wait) != Rested::Whole {
                return heard;
            }
            pause *= 3;
        }
    }

    /// Sends a message once, and on where its server redirects to itself.
    pub(crate) fn send_on(&self, message: &Message<'_>) -> Result<Answer, Unsent> {
        let mut at = message.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.send_once(&at)?;
            let to = match (answer.status, &answer.to) {
                (301 | 307 | 308, Some(to)) => to,
                (302 | 303, Some(to)) if message.method == Method::Get => to,
                _ => return Ok(answer),
            };
            let to = at
                .url
                .join(to)
                .ok()
                .filter(|it| same_server(it, &message.url));
            let elsewhere = || Unsent::Refused("it redirects to another server".to_owned());
            at.url = to.ok_or_else(elsewhere)?;
        }
        Err(Unsent::Refused("it redirects in circles".to_owned()))
    }

    fn send_once(&self, message: &Message<'_>) -> Result<Answer, Unsent> {
        let login = match message.login {
            Some((name, login)) => {
                let odd = || Unsent::Refused("the token is not one line of ASCII".to_owned());
                Some((name, login.header().ok_or_else(odd)?))
            }
            None => None,
        };
        let headers = message.headers.iter().copied().chain(login);
        let headers: Vec<(&str, &str)> = headers.collect();
        let sent = self.through(&message.url, |agent| call(agent, message, &headers));
        match sent {
            Ok(Ok(response)) => answered(response),
            Ok(Err(error)) if is_distrust(&error) => Err(Unsent::Refused(told(&error))),
            Ok(Err(error)) if is_unreached(&error) => Err(Unsent::Unreached(told(&error))),
            Ok(Err(error)) => Err(Unsent::Unknown(told(&error))),
            Err(Unheard::Why(why)) if self.interrupt.load(Ordering::Relaxed) => {
                Err(Unsent::Unreached(why))
            }
            Err(Unheard::Why(why)) => Err(Unsent::Refused(why)),
            Err(Unheard::Absent | Unheard::Denied) => {
                Err(Unsent::Refused("there is no way to it".to_owned()))
            }
        }
    }
}

fn call(
    agent: &Agent,
    message: &Message<'_>,
    headers: &[(&str, &str)],
) -> Result<Response<Body>, Error> {
    let url = message.url.as_str();
    let body = match message.method {
        Method::Get => {
            let asked = agent.get(url);
            return headers
                .iter()
                .fold(asked, |it, (name, value)| it.header(*name, *value))
                .call();
        }
        Method::Post => agent.post(url),
        Method::Patch => agent.patch(url),
        Method::Put => agent.put(url),
    };
    let asked = body.header("Content-Type", "application/json");
    let asked = headers
        .iter()
        .fold(asked, |it, (name, value)| it.header(*name, *value));
    asked.send(message.body.unwrap_or_default())
}

fn answered(mut response: Response<Body>) -> Result<Answer, Unsent> {
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let mut answer = Answer {
        status: response.status().as_u16(),
        body: Vec::new(),
        link: header("link"),
        wait: retry::asked(&header),
        to: header("location"),
    };
    let most = LARGEST.bytes as u64 + 1;
    let read = response.body_mut().as_reader().take(most);
    if let Err(error) = { read }.read_to_end(&mut answer.body) {
        return Err(Unsent::Unknown(format!("it broke off: {}", error.kind())));
    }
    if !LARGEST.takes(answer.body.len() as u64) {
        let why = format!("its answer is larger than the {LARGEST} that cascade reads");
        return Err(Unsent::Unknown(why));
    }
    Ok(answer)
}
