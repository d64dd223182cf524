//! The API of GitHub: what is asked where, and what is in an issue.

use cascade_plan::drift::{IssueText, SeenIssue};
use serde_json::{Map, Value, json};

use super::{Listed, ON_A_PAGE, Request, encoded};
use crate::registry::Method;

/// Who may speak for a repository.
const TRUSTED: &[&str] = &["OWNER", "MEMBER", "COLLABORATOR"];

fn issues(project: &str) -> String {
    let parts: Vec<String> = project.split('/').map(encoded).collect();
    format!("repos/{}/issues", parts.join("/"))
}

/// Returns the address of a page of all issues, the oldest first.
pub(super) fn list(project: &str, label: Option<&str>, page: usize) -> String {
    let label = label.map(|it| format!("&labels={}", encoded(it)));
    let order = "state=all&sort=created&direction=asc";
    let label = label.unwrap_or_default();
    format!(
        "{}?{order}&per_page={ON_A_PAGE}&page={page}{label}",
        issues(project)
    )
}

/// Returns an issue of a page; a pull request is none.
pub(super) fn listed(value: &Value, own: Option<&str>) -> Option<Listed> {
    if value.get("pull_request").is_some_and(|it| !it.is_null()) {
        return None;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let user = |key: &str| value.get("user")?.get(key)?.as_str();
    let speaks = text("author_association").is_some_and(|it| TRUSTED.contains(&it));
    let is_own = own.is_some_and(|own| user("login") == Some(own));
    Some(Listed {
        issue: SeenIssue {
            number: value.get("number")?.as_u64()?,
            open: text("state")? == "open",
            title: text("title").unwrap_or_default().to_owned(),
            body: text("body").unwrap_or_default().to_owned(),
        },
        // An app is one that somebody let in.
        trusted: speaks || is_own || user("type") == Some("Bot"),
    })
}

/// Returns the request that makes an issue.
pub(super) fn create(project: &str, label: Option<&str>, text: &IssueText) -> Request {
    let mut body = json!({ "title": text.title, "body": text.body });
    if let (Some(label), Some(body)) = (label, body.as_object_mut()) {
        body.insert("labels".to_owned(), json!([label]));
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
    (open, double): (Option<bool>, bool),
) -> Request {
    let mut body = Map::new();
    if let Some(text) = text {
        body.insert("title".to_owned(), json!(text.title));
        body.insert("body".to_owned(), json!(text.body));
    }
    if let Some(open) = open {
        let (state, reason) = match (open, double) {
            (true, _) => ("open", "reopened"),
            (false, true) => ("closed", "not_planned"),
            (false, false) => ("closed", "completed"),
        };
        body.insert("state".to_owned(), json!(state));
        body.insert("state_reason".to_owned(), json!(reason));
    }
    Request {
        method: Method::Patch,
        path: format!("{}/{number}", issues(project)),
        body: Some(Value::Object(body)),
    }
}
