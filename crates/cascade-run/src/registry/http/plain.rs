//! One request and all that its answer says, for servers that speak in headers.

use std::io::Read as _;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, Error};
use url::Url;

use super::super::LARGEST;
use super::super::login::{Login, same_server};
use super::{Http, Missed, REDIRECTS, Unheard, next, retry, told};

/// What is asked.
#[derive(Clone, Copy)]
pub(in super::super) enum Asked<'a> {
    /// What a document is like.
    Head,
    /// The document.
    Get,
    /// What becomes of a form.
    Form(&'a str),
}

/// What a server answered.
pub(in super::super) struct Heard {
    /// The status.
    pub(in super::super) status: u16,
    /// The document.
    pub(in super::super) body: Vec<u8>,
    /// Where it was in the end.
    pub(in super::super) at: Url,
    headers: HeaderMap,
}

impl Heard {
    /// Returns a header that is text.
    pub(in super::super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns every header of a name that is text.
    pub(in super::super) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.headers.get_all(name).into_iter();
        all.filter_map(|it| it.to_str().ok())
    }

    /// Returns why there is no document, by the status; `None` where there is one.
    pub(in super::super) fn missed(&self) -> Option<Missed> {
        let why = || format!("it answers {}", self.status);
        match self.status {
            200..=299 => None,
            401 | 403 | 407 => Some(Missed::Denied),
            404 | 410 => Some(Missed::Absent),
            408 | 425 | 429 | 500..=599 => Some(Missed::Unreached {
                why: why(),
                wait: self.wait(),
            }),
            _ => Some(Missed::because(why())),
        }
    }

    fn wait(&self) -> Option<Duration> {
        retry::pause(self.header("retry-after")?, self.header("date"))
    }
}

impl Http {
    /// Asks once, and follows redirects of what only reads: a login goes to no other server, and a
    /// form nowhere else at all.
    ///
    /// # Errors
    /// When no answer comes.
    pub(in super::super) fn hear(
        &self,
        url: &Url,
        (asked, accept): (Asked<'_>, &str),
        login: Option<&Login>,
    ) -> Result<Heard, Missed> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let login = login.filter(|_| same_server(url, &at));
            let heard = self.hear_once(&at, (asked, accept), login)?;
            let to = match heard.status {
                301 | 302 | 303 | 307 | 308 => heard.header("location"),
                _ => None,
            };
            match (to, asked) {
                (None, _) => return Ok(heard),
                (Some(_), Asked::Form(_)) => {
                    return Err(Missed::because("it redirects a login elsewhere"));
                }
                (Some(to), _) => at = next(&at, to).map_err(Missed::from)?,
            }
        }
        Err(Missed::because("it redirects in circles"))
    }

    fn hear_once(
        &self,
        url: &Url,
        (asked, accept): (Asked<'_>, &str),
        login: Option<&Login>,
    ) -> Result<Heard, Missed> {
        let ask = |agent: &Agent| call(agent, url, (asked, accept), login);
        let response = match self.through(url, ask) {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Missed::because(told(&error))),
            Err(Unheard::Why(why)) => return Err(Missed::because(why)),
            Err(other) => return Err(other.into()),
        };
        read(url, response)
    }
}

fn call(
    agent: &Agent,
    url: &Url,
    (asked, accept): (Asked<'_>, &str),
    login: Option<&Login>,
) -> Result<Response<Body>, Error> {
    let login = login.and_then(Login::header);
    let headers = [("Accept", accept), ("Cache-Control", "no-cache")];
    let headers = headers
        .into_iter()
        .chain(login.map(|it| ("Authorization", it)));
    match asked {
        Asked::Head => {
            let empty = agent.head(url.as_str());
            headers
                .fold(empty, |it, (name, value)| it.header(name, value))
                .call()
        }
        Asked::Get => {
            let empty = agent.get(url.as_str());
            headers
                .fold(empty, |it, (name, value)| it.header(name, value))
                .call()
        }
        Asked::Form(form) => {
            let empty = agent.post(url.as_str());
            let kind = ("Content-Type", "application/x-www-form-urlencoded");
            let headers = headers.chain([kind]);
            headers
                .fold(empty, |it, (name, value)| it.header(name, value))
                .send(form)
        }
    }
}

fn read(url: &Url, mut response: Response<Body>) -> Result<Heard, Missed> {
    let mut body = Vec::new();
    let most = LARGEST.bytes as u64 + 1;
    let reader = response.body_mut().as_reader().take(most);
    if let Err(error) = { reader }.read_to_end(&mut body) {
        return Err(Missed::because(format!("it broke off: {}", error.kind())));
    }
    if !LARGEST.takes(body.len() as u64) {
        let why = format!("its answer is larger than the {LARGEST} that cascade reads");
        return Err(Missed::because(why));
    }
    let (parts, _) = response.into_parts();
    Ok(Heard {
        status: parts.status.as_u16(),
        body,
        at: url.clone(),
        headers: parts.headers,
    })
}
