//! What is said to a forge, and what its answers come to.

use cascade_plan::drift::IssueText;
use cascade_plan::spelled;
use serde_json::Value;
use url::Url;

use super::{Forge, ForgeError, ForgeKind, Listed, Request, github, gitlab};
use crate::registry::{Answer, Message, Repeat, Unsent, place};

impl Forge {
    pub(super) fn send(&self, request: &Request, repeat: Repeat) -> Result<Answer, Unsent> {
        let base = self.api.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}/{}", request.path));
        let url = url.map_err(|it| Unsent::Refused(it.to_string()))?;
        let body = request.body.as_ref().map(|it| it.to_string().into_bytes());
        let headers: &[(&str, &str)] = match self.kind {
            ForgeKind::GitHub => &[
                ("Accept", "application/vnd.github+json"),
                ("X-GitHub-Api-Version", "2022-11-28"),
            ],
            ForgeKind::GitLab => &[("Accept", "application/json")],
        };
        let (name, login) = &self.token;
        let message = Message {
            method: request.method,
            url,
            headers,
            login: Some((name, login)),
            body: body.as_deref(),
        };
        self.http.send(&message, repeat)
    }

    pub(super) fn read(&self, answer: &Answer, what: &str) -> Result<Value, ForgeError> {
        let read = serde_json::from_slice(&answer.body);
        read.map_err(|_| self.unheard(what, "its answer is no JSON"))
    }

    pub(super) fn host(&self) -> String {
        place(&self.api)
    }

    pub(super) fn unheard(&self, what: &str, why: &str) -> ForgeError {
        ForgeError::Unheard {
            host: self.host(),
            what: what.to_owned(),
            why: why.to_owned(),
        }
    }

    pub(super) fn refused(&self, answer: &Answer, what: &str) -> ForgeError {
        let said = self.read(answer, what).ok();
        let said = said.as_ref().and_then(|it| it.get("message"));
        let said: String = said
            .and_then(Value::as_str)
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        let says = if said.is_empty() {
            said
        } else {
            format!(": {said}")
        };
        match (answer.status, answer.wait) {
            (403 | 429, Some(wait)) => ForgeError::Limited {
                host: self.host(),
                what: what.to_owned(),
                says,
                again: spelled(wait),
            },
            (401 | 403, _) => ForgeError::Denied {
                host: self.host(),
                what: what.to_owned(),
                says,
            },
            (404 | 410, _) => ForgeError::Absent {
                host: self.host(),
                project: self.project.clone(),
            },
            (other, _) => self.unheard(what, &format!("it answers {other}{says}")),
        }
    }

    pub(super) fn list(&self, page: usize) -> String {
        match self.kind {
            ForgeKind::GitHub => github::list(&self.project, self.label.as_deref(), page),
            ForgeKind::GitLab => gitlab::list(&self.project, self.label.as_deref(), page),
        }
    }

    pub(super) fn listed(&self, value: &Value, own: Option<&str>) -> Option<Listed> {
        match self.kind {
            ForgeKind::GitHub => github::listed(value, own),
            ForgeKind::GitLab => gitlab::listed(value, own),
        }
    }

    pub(super) fn number_key(&self) -> &'static str {
        match self.kind {
            ForgeKind::GitHub => "number",
            ForgeKind::GitLab => "iid",
        }
    }

    pub(super) fn create(&self, text: &IssueText) -> Request {
        match self.kind {
            ForgeKind::GitHub => github::create(&self.project, self.label.as_deref(), text),
            ForgeKind::GitLab => gitlab::create(&self.project, self.label.as_deref(), text),
        }
    }

    pub(super) fn change(
        &self,
        number: u64,
        text: Option<&IssueText>,
        how: (Option<bool>, bool),
    ) -> Request {
        let (open, double) = how;
        match self.kind {
            ForgeKind::GitHub => github::change(&self.project, number, text, (open, double)),
            ForgeKind::GitLab => gitlab::change(&self.project, number, text, open),
        }
    }
}
