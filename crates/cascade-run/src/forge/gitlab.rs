//! The API of GitLab: what is asked where, and what is in an issue.

use cascade_plan::drift::{IssueText, SeenIssue};
use serde_json::{Map, Value, json};

use super::{Listed, ON_A_PAGE, Request, encoded};
use crate::registry::Method;

fn issues(project: &str) -> String {
    format!("projects/{}/issues", encoded(project))
}

/// Returns the address of a page of all issues, the oldest first.
pub(super) fn list(project: &str, label: Option<&str>, page: usize) -> String {
    let label = label.map(|it| format!("&labels={}", encoded(it)));
    let order = "state=all&scope=all&order_by=created_at&sort=asc";
    let label = label.unwrap_or_default();
    format!(
        "{}?{order}&per_page={ON_A_PAGE}&page={page}{label}",
        issues(project)
    )
}

/// Returns an issue of a page.
pub(super) fn listed(value: &Value, own: Option<&str>) -> Option<Listed> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let author = value
        .get("author")
        .and_then(|it| it.get("username")?.as_str());
    // Every token of a project writes under a name of its own, and tokens are made anew.
    let is_bot = author.is_some_and(is_project_bot);
    // The token of a job may not be asked whose it is.
    let is_own = own.is_none_or(|own| author == Some(own));
    Some(Listed {
        issue: SeenIssue {
            number: value.get("iid")?.as_u64()?,
            open: text("state")? == "opened",
            title: text("title").unwrap_or_default().to_owned(),
            body: text("description").unwrap_or_default().to_owned(),
        },
        trusted: is_own || is_bot,
    })
}

/// Returns whether a name is one that GitLab gives to the token of a project or a group.
fn is_project_bot(name: &str) -> bool {
    let rest = name
        .strip_prefix("project_")
        .or_else(|| name.strip_prefix("group_"));
    let number = rest.and_then(|it| it.split_once("_bot"));
    number.is_some_and(|(it, _)| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// Returns the request that makes an issue.
pub(super) fn create(project: &str, label: Option<&str>, text: &IssueText) -> Request {
    let mut body = json!({ "title": text.title, "description": text.body });
    if let (Some(label), Some(body)) = (label, body.as_object_mut()) {
        body.insert("labels".to_owned(), json!(label));
    }
    Request {
        method: Method::Post,
        path: issues(project),
        body: Some(body),
    }
}

/// Returns the request that changes an issue.
pub(super) fn change(
    project: &str,
    number: u64,
    text: Option<&IssueText>,
    open: Option<bool>,
) -> Request {
    let mut body = Map::new();
    if let Some(text) = text {
        body.insert("title".to_owned(), json!(text.title));
        body.insert("description".to_owned(), json!(text.body));
    }
    if let Some(open) = open {
        let event = if open { "reopen" } else { "close" };
        body.insert("state_event".to_owned(), json!(event));
    }
    Request {
        method: Method::Put,
        path: format!("{}/{number}", issues(project)),
        body: Some(Value::Object(body)),
    }
}
