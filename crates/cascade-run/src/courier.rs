//! Messages that ask another system to promote, and the pages that show what became of them.
//!
//! Invariant: a token comes from the environment, goes to the server that was named, and is never told.

use std::ffi::OsStr;
use std::time::Duration;

use cascade_plan::{Address, Dispatch, Plan, Recipient, RepoId, spelled};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Environment;
use crate::exec::shown;
use crate::registry::{Answer, Http, Login, Message, Method, Repeat, Unsent, place};
use crate::webhook::spoken_to;

/// How many characters of an answer are told.
const SAID: usize = 200;
/// How much of a page is searched, in bytes.
const PAGE: usize = 1 << 20;

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "came",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Reception {
    /// It was taken.
    Taken,
    /// It was not, and will not be as it is.
    Refused {
        /// Why.
        why: String,
    },
    /// It was not taken, and may be later.
    Later {
        /// Why.
        why: String,
    },
    /// Nobody knows whether it was: the effect decides.
    Unknown {
        /// Why.
        why: String,
    },
}

/// What came of a message, with what only its sender has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// What came of it.
    pub(crate) reception: Reception,
    /// How long its receiver asks to be left alone.
    pub(crate) wait: Option<Duration>,
    /// What is looked at where it was refused.
    pub(crate) look_at: &'static str,
}

/// Why a plan can not be carried out: a message of it could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{repo}` would be told by a message, and {why}")]
pub struct Unsendable {
    /// The repository that the message is for.
    pub repo: RepoId,
    /// Why not.
    pub why: String,
    /// The next command to type.
    pub help: String,
}

/// Looks, before anything is out, whether every message of a plan could be sent.
///
/// # Errors
/// With the first one that could not.
pub fn sendable(plan: &Plan, environment: &Environment) -> Result<(), Unsendable> {
    let steps = plan.steps.iter().filter(|it| it.held.is_none());
    let messages = steps.filter_map(|step| Some((&step.repo, step.message()?)));
    for (repo, message) in messages {
        Courier::of(&message.to, environment).map_err(|(why, help)| Unsendable {
            repo: repo.clone(),
            why,
            help,
        })?;
    }
    Ok(())
}

/// Who carries messages to one receiver.
pub(crate) struct Courier<'a> {
    environment: &'a Environment,
    url: Url,
    login: Option<Login>,
    token: Option<&'a str>,
    /// Whether its address is a secret: what it answers may name it.
    is_secret: bool,
    headers: &'static [(&'static str, &'static str)],
    http: Http,
}

const OF_GITHUB: &[(&str, &str)] = &[
    ("Accept", "application/vnd.github+json"),
    ("X-GitHub-Api-Version", "2022-11-28"),
];

const ANY: &[(&str, &str)] = &[("Accept", "*/*")];

impl<'a> Courier<'a> {
    /// Returns the way to a receiver.
    ///
    /// # Errors
    /// When a variable holds nothing, or no address: why, and the next command.
    pub(crate) fn of(
        to: &Recipient,
        environment: &'a Environment,
    ) -> Result<Self, (String, String)> {
        let (url, token, headers) = match to {
            Recipient::Github {
                api, repo, token, ..
            } => {
                let address = format!("{}/repos/{repo}/dispatches", api.trim_end_matches('/'));
                let url = usable(&address, "its `api` can not be used")?;
                (url, Some(token), OF_GITHUB)
            }
            Recipient::Webhook { address, token } => {
                let url = match address {
                    Address::Url(url) => usable(url, "its `url` can not be used")?,
                    Address::Variable(name) => {
                        let what = format!("what `{name}` holds can not be used");
                        usable(needed(environment, name)?, &what)?
                    }
                };
                (url, token.as_ref(), ANY)
            }
        };
        let token = token.map(|it| needed(environment, it)).transpose()?;
        Ok(Self {
            environment,
            url,
            login: token.map(Login::bearer),
            token,
            is_secret: matches!(
                to,
                Recipient::Webhook {
                    address: Address::Variable(_),
                    ..
                }
            ),
            headers,
            http: Http::new(environment),
        })
    }

    /// Returns its host, which may be told.
    pub(crate) fn host(&self) -> String {
        place(&self.url)
    }

    /// Sends a message, again where its receiver answers that it did not take it, for no longer than
    /// is left.
    pub(crate) fn send(&self, message: &Dispatch, left: Duration) -> Sent {
        let body = message.payload.to_string();
        let key = ("Idempotency-Key", message.key.as_str());
        let headers: Vec<(&str, &str)> = self.headers.iter().copied().chain([key]).collect();
        let sent = self.http.send_within(
            &Message {
                method: Method::Post,
                url: self.url.clone(),
                headers: &headers,
                login: self.login.as_ref().map(|it| ("Authorization", it)),
                body: Some(body.as_bytes()),
            },
            Repeat::Answered,
            left,
        );
        let answer = sent.as_ref().ok();
        Sent {
            wait: answer.and_then(|it| it.wait),
            look_at: look_at(answer.map(|it| it.status)),
            reception: self.reception(sent),
        }
    }

    fn reception(&self, sent: Result<Answer, Unsent>) -> Reception {
        let host = self.host();
        match sent {
            Ok(answer) if answer.is_done() => Reception::Taken,
            Ok(answer) => {
                let why = format!("{host} answers {}{}", answer.status, self.said(&answer));
                match (answer.is_later(), answer.wait) {
                    (true, Some(wait)) if !wait.is_zero() => Reception::Later {
                        why: format!("{why}, and asks to be left alone for {}", spelled(wait)),
                    },
                    (true, _) => Reception::Later { why },
                    (false, _) => Reception::Refused { why },
                }
            }
            Err(Unsent::Unreached(why)) => Reception::Later {
                why: format!("{host} is not reached: {}", self.shown(&why)),
            },
            Err(Unsent::Unknown(why)) => Reception::Unknown {
                why: format!("{host} gave no answer: {}", self.shown(&why)),
            },
            Err(Unsent::Refused(why)) => Reception::Refused {
                why: format!("{host}: {}", self.shown(&why)),
            },
        }
    }

    /// Returns what a server answered; nothing where that may hold the secret address.
    fn said(&self, answer: &Answer) -> String {
        if self.is_secret {
            return String::new();
        }
        let text = String::from_utf8_lossy(&answer.body);
        let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let message = json.as_ref().and_then(|it| it.get("message")?.as_str());
        let said = self.shown(message.unwrap_or(&text));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        match said.as_str() {
            "" => said,
            _ => format!(": {said}"),
        }
    }

    /// Returns what was said: bounded, without what paints, and without the token.
    fn shown(&self, text: &str) -> String {
        let text = match self.token {
            Some(token) => text.replace(token, "***"),
            None => text.to_owned(),
        };
        let text = shown(&text, self.environment);
        text.chars().take(SAID).collect()
    }
}

/// Returns what a person looks at first where a receiver refused a message with this status.
fn look_at(status: Option<u16>) -> &'static str {
    match status {
        Some(401 | 403) => "whether the token of `token-env` may do this",
        Some(404 | 405 | 410) => "its address, and whether the token of `token-env` sees it",
        Some(_) => "`event` and `payload`, which `cascade plan` shows",
        None => "its address",
    }
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    /// What is waited for.
    There,
    /// Not yet, for this reason.
    NotYet(String),
}

/// Looks once at a page: whether it answers 200 and holds a text.
pub(crate) fn look(http: &Http, (url, contains): (&str, &str), environment: &Environment) -> Page {
    let url = match spoken_to(url) {
        Ok(url) => url,
        Err(why) => return Page::NotYet(why),
    };
    let host = place(&url);
    let message = Message {
        method: Method::Get,
        url,
        headers: &[("Accept", "*/*"), ("Cache-Control", "no-cache")],
        login: None,
        body: None,
    };
    match http.send_on(&message) {
        Ok(it) if it.status == 200 => {
            let part = it.body.get(..PAGE).unwrap_or(&it.body);
            let shows = String::from_utf8_lossy(part).contains(contains);
            if shows {
                return Page::There;
            }
            Page::NotYet(format!("{host} does not show `{contains}`"))
        }
        Ok(it) => Page::NotYet(format!("{host} answers {}", it.status)),
        Err(error) => {
            let why = shown(error.why(), environment);
            Page::NotYet(format!("{host} is not heard: {why}"))
        }
    }
}

/// Returns an address that may be spoken to.
///
/// # Errors
/// When it is none: why, and what mends it.
fn usable(address: &str, what: &str) -> Result<Url, (String, String)> {
    spoken_to(address).map_err(|why| {
        let mend = "mend it in [repo.NAME.dispatch] of workspace.toml, or in the variable";
        (format!("{what}: {why}"), mend.to_owned())
    })
}

/// Returns what a variable holds.
///
/// # Errors
/// When that is nothing, or no text: why, and what mends it.
fn needed<'e>(environment: &'e Environment, name: &str) -> Result<&'e str, (String, String)> {
    let value = environment.vars.get(OsStr::new(name));
    let value = value.and_then(|it| it.to_str()).map(str::trim);
    value.filter(|it| !it.is_empty()).ok_or_else(|| {
        let mend = format!("set `{name}` in the environment, then run the same command again");
        (format!("`{name}` is not set, or empty"), mend)
    })
}

#[cfg(test)]
mod tests;
