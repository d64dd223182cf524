//! The one issue of a workspace, kept through the REST API of a forge.
//!
//! Invariant: the token goes to the API that was named and to no other server, and is never told. What
//! may have been done is looked at before it is done again.

mod api;
mod github;
mod gitlab;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use cascade_plan::drift::{IssueDeed, IssueText, SeenIssue, issue_deeds};
use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::Environment;
use crate::registry::{Http, Login, Method, Repeat, Unsent, is_loopback};

/// How many pages of issues are read.
const PAGES: usize = 500;
/// How many issues a page has.
const ON_A_PAGE: usize = 100;
/// How often an issue is made whose making got no answer.
const MAKINGS: usize = 3;

/// Which forge is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub, or a server that speaks its API.
    GitHub,
    /// GitLab.
    GitLab,
}

/// What a token is, for those who tell kinds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A token that somebody made.
    Made,
    /// The token of a job of GitLab.
    Job,
}

/// A project on a forge, and the way to it.
pub struct Forge {
    kind: ForgeKind,
    api: Url,
    project: String,
    label: Option<String>,
    http: Http,
    token: (&'static str, Login),
}

/// Why an issue could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ForgeError {
    /// The address of the API is none.
    #[error("the address of the API can not be used: {0}")]
    Address(String),
    /// The project is not named as one.
    #[error("`{0}` is no project: it is named as `OWNER/NAME`")]
    Project(String),
    /// The forge does not take the token, or it may not do this.
    #[error("`{host}` does not let this token {what}{says}")]
    Denied {
        /// The forge.
        host: String,
        /// What was tried.
        what: String,
        /// What it says.
        says: String,
    },
    /// There is no such project, for this token.
    #[error("`{host}` knows no project `{project}` whose issues this token may see")]
    Absent {
        /// The forge.
        host: String,
        /// The project.
        project: String,
    },
    /// Nothing could be heard, or nothing that can be understood.
    #[error("`{host}` could not {what}: {why}")]
    Unheard {
        /// The forge.
        host: String,
        /// What was tried.
        what: String,
        /// Why not.
        why: String,
    },
    /// It was asked too much, for longer than is waited.
    #[error("`{host}` could not {what}: too much was asked of it{says}; try again in {again}")]
    Limited {
        /// The forge.
        host: String,
        /// What was tried.
        what: String,
        /// What it says.
        says: String,
        /// How long it asks to be left alone, in words.
        again: String,
    },
    /// There are more issues than are read.
    #[error("`{project}` has more than {} issues to look through", PAGES * ON_A_PAGE)]
    Endless {
        /// The project.
        project: String,
    },
}

/// What became of the issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptIssue {
    /// Its number; `None` where there is none, and none is needed.
    pub number: Option<u64>,
    /// What was done to it.
    pub done: IssueDone,
    /// The doubles that were closed.
    pub doubles: Vec<u64>,
}

/// What was done to an issue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IssueDone {
    /// Nothing: it is as it should be.
    #[default]
    Nothing,
    /// It was made.
    Made,
    /// Its text was replaced.
    Changed,
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
}

/// An issue on a page of a forge's: whether it may be the one.
struct Listed {
    issue: SeenIssue,
    /// Whether somebody wrote it who may speak for the project.
    trusted: bool,
}

/// A request to the API: what is done, at which address below it, with what.
struct Request {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Forge {
    /// Returns the way to a project's issues.
    ///
    /// # Errors
    /// When the address or the project can not be used.
    pub fn new(
        environment: &Environment,
        kind: ForgeKind,
        (api, project): (&str, &str),
        (token, token_kind): (&str, TokenKind),
    ) -> Result<Self, ForgeError> {
        let wrong = |why: &str| ForgeError::Address(why.to_owned());
        let mut api = Url::parse(api).map_err(|_| wrong("it is no address"))?;
        match api.scheme() {
            "https" => {}
            "http" if is_loopback(&api) => {}
            "http" => return Err(wrong("it is spoken to in plain text: say `https://`")),
            _ => return Err(wrong("it does not begin with `https://`")),
        }
        if api.host_str().is_none() || !api.username().is_empty() || api.password().is_some() {
            return Err(wrong("it has no host, or a login in it"));
        }
        api.set_query(None);
        api.set_fragment(None);
        let fits = |it: &str| !it.is_empty() && !it.contains(|c: char| c.is_control() || c == '\\');
        let parts: Vec<&str> = project.split('/').collect();
        let named = match kind {
            ForgeKind::GitHub => parts.len() == 2,
            // A number stands for a project too.
            ForgeKind::GitLab => parts.len() > 1 || project.bytes().all(|it| it.is_ascii_digit()),
        };
        let odd = |it: &&str| !fits(it) || matches!(*it, "." | "..");
        if !named || parts.iter().any(odd) {
            return Err(ForgeError::Project(project.to_owned()));
        }
        let token = match (kind, token_kind) {
            (ForgeKind::GitHub, _) => ("Authorization", Login::bearer(token)),
            (ForgeKind::GitLab, TokenKind::Made) => ("PRIVATE-TOKEN", Login::token(token)),
            (ForgeKind::GitLab, TokenKind::Job) => ("JOB-TOKEN", Login::token(token)),
        };
        Ok(Self {
            kind,
            api,
            project: project.to_owned(),
            label: None,
            http: Http::new(environment),
            token,
        })
    }

    /// Returns the same, with only the issues of a label: the one has it, and no other is looked at.
    #[must_use]
    pub fn labelled(mut self, label: Option<String>) -> Self {
        self.label = label;
        self
    }

    /// Sees to it that the one issue with the marker says this, or is closed where there is nothing to
    /// say. An issue that another run made meanwhile counts as much as ours: the lower number stays.
    ///
    /// # Errors
    /// When the forge can not be heard, or does not do it.
    pub fn keep_issue(
        &self,
        marker: &str,
        wanted: Option<&IssueText>,
    ) -> Result<KeptIssue, ForgeError> {
        let own = self.own_name();
        let mut kept = KeptIssue::default();
        let mut makings = 0;
        loop {
            let seen = self.marked(marker, own.as_deref())?;
            kept.number = seen.iter().map(|it| it.number).min();
            let deeds = issue_deeds(&seen, wanted);
            let Some(IssueDeed::Create(text)) = deeds.first() else {
                for deed in &deeds {
                    self.carry_out(deed, &mut kept)?;
                }
                if makings > 0 && kept.done == IssueDone::Nothing {
                    kept.done = IssueDone::Made;
                }
                return Ok(kept);
            };
            if makings == MAKINGS {
                return Err(self.unheard("make the issue", "it lists no issue that was made"));
            }
            makings += 1;
            // Whatever it answers, what is listed afterwards says whether it was made, and by whom.
            if let Some(number) = self.make(text)? {
                kept.done = IssueDone::Made;
                return self.settle(marker, own.as_deref(), (number, wanted), kept);
            }
        }
    }

    /// Looks once more after an issue was made: of several the lowest stays.
    fn settle(
        &self,
        marker: &str,
        own: Option<&str>,
        (number, wanted): (u64, Option<&IssueText>),
        mut kept: KeptIssue,
    ) -> Result<KeptIssue, ForgeError> {
        let mut seen = self.marked(marker, own)?;
        // A list may lag behind what was just made.
        let is_listed = seen.iter().any(|it| it.number == number);
        if let Some(text) = wanted.filter(|_| !is_listed) {
            seen.push(SeenIssue {
                number,
                open: true,
                title: text.title.clone(),
                body: text.body.clone(),
            });
        }
        let lowest = seen.iter().map(|it| it.number).min();
        if lowest != Some(number) {
            kept.done = IssueDone::Nothing;
        }
        kept.number = lowest;
        for deed in issue_deeds(&seen, wanted) {
            self.carry_out(&deed, &mut kept)?;
        }
        Ok(kept)
    }

    /// Makes an issue; returns its number, or `None` where it is not known whether it was made.
    fn make(&self, text: &IssueText) -> Result<Option<u64>, ForgeError> {
        let what = "make the issue";
        let request = self.create(text);
        match self.send(&request, Repeat::Unsafe) {
            Ok(answer) if answer.is_done() => {
                let number = self.read(&answer, what)?;
                Ok(number.get(self.number_key()).and_then(Value::as_u64))
            }
            Ok(answer) if answer.status >= 500 || answer.status == 408 => Ok(None),
            Ok(answer) => Err(self.refused(&answer, what)),
            Err(Unsent::Unknown(_)) => Ok(None),
            Err(error) => Err(self.unheard(what, error.why())),
        }
    }

    fn carry_out(&self, deed: &IssueDeed, kept: &mut KeptIssue) -> Result<(), ForgeError> {
        let (number, text, open) = match deed {
            // It was made by whoever calls.
            IssueDeed::Create(_) => return Ok(()),
            IssueDeed::Change { number, text, open } => (*number, text.as_ref(), *open),
            IssueDeed::CloseDouble { number } => (*number, None, Some(false)),
        };
        let what = "change the issue";
        let request = self.change(
            number,
            text,
            (open, matches!(deed, IssueDeed::CloseDouble { .. })),
        );
        let answer = self.send(&request, Repeat::Safe);
        let answer = answer.map_err(|it| self.unheard(what, it.why()))?;
        if !answer.is_done() {
            return Err(self.refused(&answer, what));
        }
        match deed {
            IssueDeed::CloseDouble { number } => kept.doubles.push(*number),
            _ => {
                kept.done = match open {
                    Some(true) => IssueDone::Reopened,
                    Some(false) => IssueDone::Closed,
                    None => IssueDone::Changed,
                };
            }
        }
        Ok(())
    }

    /// Returns every issue with the marker that somebody wrote who may speak for the project.
    fn marked(&self, marker: &str, own: Option<&str>) -> Result<Vec<SeenIssue>, ForgeError> {
        let what = "list the issues";
        let mut found = Vec::new();
        for page in 1..=PAGES {
            let request = Request {
                method: Method::Get,
                path: self.list(page),
                body: None,
            };
            let answer = self.send(&request, Repeat::Safe);
            let answer = answer.map_err(|it| self.unheard(what, it.why()))?;
            if !answer.is_done() {
                return Err(self.refused(&answer, what));
            }
            let Value::Array(all) = self.read(&answer, what)? else {
                return Err(self.unheard(what, "its answer is no list"));
            };
            let listed = all.iter().filter_map(|it| self.listed(it, own));
            let ours = listed.filter(|it| it.trusted && it.issue.body.contains(marker));
            found.extend(ours.map(|it| it.issue));
            let more = answer.link.as_deref().map(|it| it.contains("rel=\"next\""));
            // Without a link the last page is an empty one.
            if all.is_empty() || more == Some(false) {
                found.sort_by_key(|it| it.number);
                found.dedup_by_key(|it| it.number);
                return Ok(found);
            }
        }
        Err(ForgeError::Endless {
            project: self.project.clone(),
        })
    }

    /// Returns the name of whoever the token is of, as far as the forge tells it: one of a job has none.
    fn own_name(&self) -> Option<String> {
        let request = Request {
            method: Method::Get,
            path: "user".to_owned(),
            body: None,
        };
        let answer = self.send(&request, Repeat::Safe).ok()?;
        let user = answer.is_done().then(|| self.read(&answer, "").ok())??;
        let key = match self.kind {
            ForgeKind::GitHub => "login",
            ForgeKind::GitLab => "username",
        };
        Some(user.get(key)?.as_str()?.to_owned())
    }
}

/// Returns a text as one part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
