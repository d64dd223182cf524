//! Promotion by a message: to whom, what is sent, and the effect that it is sent for.
//!
//! Events are lost, late and doubled in the wild, so that a message is only a wish: what counts is the
//! effect, which is looked for before it is sent and waited for afterwards.

mod template;
#[cfg(test)]
mod tests;

use std::time::Duration;

use cascade_manifest::deploy::{Says, range_admits, says};
use cascade_manifest::{Kind, Version, ecosystem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::resolve::{has_placeholder, is_placeholder};
use crate::{Action, PackageId, PinSurvey, RepoId, RepoSurvey, RunId, Step};

use template::filled;
pub(crate) use template::spoken;
pub(crate) use template::{Members, check as check_template, example, promoted};

/// Where GitHub's own API is.
pub(crate) const GITHUB: &str = "https://api.github.com";
/// The schema of what is sent where no template says otherwise.
pub(crate) const SCHEMA: &str = "cascade.dispatch/1";
/// How many members GitHub takes at the top of a `client_payload`.
pub(crate) const MOST_MEMBERS: usize = 10;
/// The member by which a receiver of GitHub knows a message that it had already.
const KEY: &str = "key";

/// What is declared of the message that promotes to a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchDeclaration {
    /// To whom it goes.
    pub to: Recipient,
    /// The template of what is sent; the usual one without.
    pub payload: Option<String>,
    /// What it is sent for.
    pub effect: Effect,
    /// How long the effect is waited for.
    pub timeout: Duration,
    /// After which time without an effect it is sent again, if at all.
    pub again: Option<Duration>,
}

/// To whom a message goes. Tokens are named, never held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Recipient {
    /// A repository on GitHub: the event `repository_dispatch`.
    Github {
        /// The address of the API.
        api: String,
        /// `OWNER/NAME`.
        repo: String,
        /// The type of the event.
        event: String,
        /// The variable that holds the token.
        token: String,
    },
    /// An address that takes JSON.
    Webhook {
        /// Where.
        address: Address,
        /// The variable that holds the token, if it wants one.
        token: Option<String>,
    },
}

/// Where a webhook is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Address {
    /// At this address.
    Url(String),
    /// At the address that this variable holds: it may be a secret.
    Variable(String),
}

impl Recipient {
    /// Returns the variables that have to hold something before it can be sent to.
    pub fn variables(&self) -> Vec<&str> {
        let (address, token) = match self {
            Self::Github { token, .. } => (None, Some(token)),
            Self::Webhook { address, token } => (address.variable(), token.as_ref()),
        };
        address
            .into_iter()
            .chain(token.map(String::as_str))
            .collect()
    }

    /// Returns who it is, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Github { repo, event, .. } => format!("{event} to {repo} on GitHub"),
            Self::Webhook { address, .. } => match address {
                Address::Url(url) => format!("to the webhook {url}"),
                Address::Variable(name) => format!("to the webhook that {name} holds"),
            },
        }
    }
}

impl Address {
    fn variable(&self) -> Option<&str> {
        match self {
            Self::Url(_) => None,
            Self::Variable(name) => Some(name),
        }
    }
}

/// What a message is sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The pins at the tip of the repository's branch.
    Pins,
    /// A page that answers 200, with this text in it.
    Page {
        /// Its address.
        url: String,
        /// The text, with placeholders.
        contains: String,
    },
}

/// A message that is sent once: what shows its effect already is not told, and what may have been sent
/// is only sent again under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dispatch {
    /// To whom it goes.
    pub to: Recipient,
    /// The key that a receiver knows it by: the run and the repository.
    pub key: String,
    /// The branch that shall be moved.
    pub branch: String,
    /// The packages that moved.
    pub packages: Vec<Promoted>,
    /// The template of what is sent; the usual one without.
    pub template: Option<String>,
    /// What is sent; digests that are not known yet are open.
    pub payload: Value,
    /// After how many seconds without an effect it is sent again, if at all.
    pub again: Option<u64>,
}

/// What is known of a message that was sent, or perhaps was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It was taken.
    Taken,
    /// It was not, and may be later.
    Later,
    /// It was not, and will not be as it is.
    Refused,
    /// Nobody knows, or nobody wrote it down.
    Unknown,
}

/// Returns whether a message is sent now that has no effect yet: the first time, and again what was
/// surely not taken, once its receiver was left alone long enough; what may have arrived only where
/// `again` says so, that long after it was sent.
pub fn is_message_due(
    sent: Option<(Receipt, Duration)>,
    again: Option<Duration>,
    is_left_alone: bool,
) -> bool {
    match sent {
        None | Some((Receipt::Refused, _)) => true,
        Some((Receipt::Later, _)) => !is_left_alone,
        Some((Receipt::Taken | Receipt::Unknown, age)) => again.is_some_and(|it| age >= it),
    }
}

/// A package that moved, as a receiver is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Promoted {
    /// Its repository.
    pub repository: RepoId,
    /// Its ecosystem.
    pub ecosystem: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The tag that stands for it.
    pub tag: String,
    /// The digest of its image, of several the first; none where its repository declares none.
    pub digest: Option<String>,
    /// The images of its repository.
    #[serde(default)]
    pub images: Vec<PromotedImage>,
}

/// An image of a package that moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PromotedImage {
    /// Its name.
    pub name: String,
    /// The digest of its version.
    pub digest: String,
}

/// What a message may speak of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The run.
    pub(crate) run: &'a str,
    /// The workspace.
    pub(crate) workspace: &'a str,
    /// The repository that shall be moved.
    pub(crate) repository: &'a str,
    /// Its branch.
    pub(crate) branch: &'a str,
    /// The key.
    pub(crate) key: &'a str,
    /// The packages that moved.
    pub(crate) packages: &'a [Promoted],
}

impl Dispatch {
    /// Puts a digest in the place of what stood for it; returns whether anything did.
    pub(crate) fn fill(&mut self, placeholder: &str, digest: &str) -> bool {
        let mut is_there = false;
        let images = self.packages.iter_mut().flat_map(|it| {
            let images = it.images.iter_mut().map(|it| &mut it.digest);
            images.chain(it.digest.as_mut())
        });
        for it in images.filter(|it| *it == placeholder) {
            digest.clone_into(it);
            is_there = true;
        }
        let text = self.payload.to_string().replace(placeholder, digest);
        // Both are of the same letters, so that it stays JSON.
        self.payload = serde_json::from_str(&text).unwrap_or_default();
        is_there
    }

    /// Returns whether something of it is not known yet.
    pub(crate) fn is_open(&self) -> bool {
        let mut images = self.packages.iter().flat_map(|it| {
            let images = it.images.iter().map(|it| &it.digest);
            images.chain(it.digest.as_ref())
        });
        images.any(|it| is_placeholder(it)) || has_placeholder(&self.payload.to_string())
    }

    /// Writes what is sent, and its key, once the run has its name.
    pub(crate) fn sign(&mut self, (run, workspace): (&RunId, &str), repo: &RepoId) {
        self.key = format!("{}/{repo}", run.0);
        let facts = Facts {
            run: &run.0,
            workspace,
            repository: repo.as_str(),
            branch: &self.branch,
            key: &self.key,
            packages: &self.packages,
        };
        let usual = usual(&facts);
        let said = self.template.as_deref().map(|it| filled(it, &facts));
        // It was tried when it was declared.
        let payload = said.and_then(Result::ok).unwrap_or(usual);
        self.payload = match &self.to {
            Recipient::Github { event, .. } => of_github(event, payload, &self.key),
            Recipient::Webhook { .. } => payload,
        };
    }
}

impl Step {
    /// Returns the message that is sent in the step.
    pub fn message(&self) -> Option<&Dispatch> {
        self.actions.iter().find_map(|it| match it {
            Action::Dispatch(it) => Some(it),
            _ => None,
        })
    }

    /// Returns the page that is waited for in the step.
    pub fn page(&self) -> Option<&AwaitPage> {
        self.actions.iter().find_map(|it| match it {
            Action::AwaitPage(it) => Some(it),
            _ => None,
        })
    }
}

/// Returns what is sent where no template says otherwise.
fn usual(facts: &Facts<'_>) -> Value {
    json!({
        "schema": SCHEMA,
        "run": facts.run,
        "workspace": facts.workspace,
        "repository": facts.repository,
        "branch": facts.branch,
        "packages": facts.packages,
    })
}

/// Returns an event of GitHub: the payload with the key in it, since no header reaches a workflow.
fn of_github(event: &str, payload: Value, key: &str) -> Value {
    let mut payload = payload;
    if let Some(members) = payload.as_object_mut() {
        members.entry(KEY).or_insert_with(|| json!(key));
    }
    json!({ "event_type": event, "client_payload": payload })
}

/// Pins that others move, and that are waited for at the tip of a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwaitPins {
    /// The branch.
    pub branch: String,
    /// The pins.
    pub pins: Vec<AwaitedPin>,
    /// How long they are waited for, in seconds; as long as a merge without.
    pub timeout: Option<u64>,
    /// The repository's own packages: it is planned anew once the pins are there, since no release of
    /// it stands on the old ones.
    pub anew: Vec<PackageId>,
    /// Those of them that would be released now.
    pub postponed: Vec<PackageId>,
}

/// A pin that others move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwaitedPin {
    /// The path of its file.
    pub path: String,
    /// The package that it pins.
    pub upstream: PackageId,
    /// The version that it has to name, or a later one.
    pub to: String,
}

/// A page that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwaitPage {
    /// Its address.
    pub url: String,
    /// The text that has to stand in it.
    pub contains: String,
    /// How long it is waited for, in seconds.
    pub timeout: u64,
}

impl AwaitPage {
    /// Returns whether something that it has to show is not known yet.
    pub fn is_open(&self) -> bool {
        has_placeholder(&self.contains)
    }
}

impl AwaitPins {
    /// Returns what is not there yet, in words, in a repository that was looked at.
    pub fn missing(&self, seen: &RepoSurvey) -> Vec<String> {
        let missing = self.pins.iter().filter_map(|it| it.missing(seen));
        missing.collect()
    }

    /// Returns the pins that are waited for and held by a digest of an image, in a repository that was
    /// looked at.
    pub fn held<'s>(&self, seen: &'s RepoSurvey) -> Vec<&'s PinSurvey> {
        let is_mine = |pin: &&PinSurvey| {
            let mut mine = self.pins.iter();
            mine.any(|it| pin.manifest == it.path && pin.upstream == it.upstream)
        };
        let held = seen.pins.iter().filter(is_mine);
        held.filter(|it| it.digest.is_some() && !it.auxiliary)
            .collect()
    }
}

impl AwaitedPin {
    fn missing(&self, seen: &RepoSurvey) -> Option<String> {
        let (path, name) = (&self.path, &self.upstream.name);
        let mine = |it: &&PinSurvey| it.manifest == *path && it.upstream == self.upstream;
        let scheme = ecosystem(&self.upstream.ecosystem).map(|it| it.scheme);
        let to = scheme.and_then(|it| Version::parse(it, &self.to));
        let pins: Vec<&PinSurvey> = seen.pins.iter().filter(mine).collect();
        if pins.is_empty() {
            return Some(format!("`{path}` has no pin on `{name}`"));
        }
        let short = pins.into_iter().find(|pin| {
            let there = to.as_ref().is_some_and(|to| pin.has_reached(to));
            !(pin.auxiliary || there)
        })?;
        let now = short.named.as_ref().map_or("no version", Version::text);
        Some(format!(
            "{path}:{} names `{name}` {now}, not {}",
            short.line, self.to
        ))
    }
}

impl PinSurvey {
    /// Returns whether the pin names a version or a later one, or admits it as it is.
    pub fn has_reached(&self, to: &Version) -> bool {
        let is_range = matches!(self.form, cascade_manifest::Form::Range);
        let admits = match self.ecosystem {
            Some(it) => it.grammar.admits(&self.requirement, to) == Ok(true),
            // To Helm the first numbers of a version are a range.
            None if self.kind == Kind::Chart || says(&self.requirement) == Says::Range => {
                range_admits(&self.requirement, to)
            }
            None => false,
        };
        self.named.as_ref().is_some_and(|it| it >= to) || (is_range && admits)
    }
}
