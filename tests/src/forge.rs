//! A forge on loopback: the issues of one project, by the APIs of GitHub and of GitLab, with faults.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Asked, Reply, Server, locked};

/// A forge with one project, `acme/town`.
#[derive(Debug)]
pub struct ForgeStub {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// An issue of the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StubIssue {
    /// Its number.
    pub number: u64,
    /// Whether it is open.
    pub open: bool,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Who wrote it.
    pub author: String,
    /// The labels that it has.
    pub labels: Vec<String>,
    /// How often it was changed.
    pub changes: usize,
}

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is answered so, and nothing is done.
    Says(Reply),
    /// It is done, and the answer is lost.
    DoneAndLost,
    /// It is done, and answered late.
    DoneLate(Duration),
    /// Somebody else makes the same issue right after it.
    Raced,
    /// The list does not show yet what was made.
    Lags,
}

#[derive(Debug, Default)]
struct State {
    issues: Vec<StubIssue>,
    faults: Vec<(&'static str, Fault)>,
}

/// How many issues a page has, however many were asked for.
const PAGE: usize = 2;
/// Whom every token belongs to.
const ME: &str = "cascade-app";

impl Default for ForgeStub {
    fn default() -> Self {
        Self::new()
    }
}

impl ForgeStub {
    /// Returns a forge without an issue.
    pub fn new() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let own = Arc::clone(&state);
        let server = Server::start(move |asked| answer(&mut locked(&own), asked));
        Self { server, state }
    }

    /// Returns the address of its APIs.
    pub fn api(&self) -> String {
        format!("{}/api", self.server.url())
    }

    /// Adds an issue of somebody's; returns its number.
    pub fn issue(&self, author: &str, open: bool, body: &str) -> u64 {
        let mut state = locked(&self.state);
        let number = state.issues.len() as u64 + 1;
        state.issues.push(StubIssue {
            number,
            open,
            title: "an issue".to_owned(),
            body: body.to_owned(),
            author: author.to_owned(),
            labels: Vec::new(),
            changes: 0,
        });
        number
    }

    /// Returns every issue, the oldest first.
    pub fn issues(&self) -> Vec<StubIssue> {
        locked(&self.state).issues.clone()
    }

    /// Lets the next request of a method go wrong; of several the first said comes first.
    pub fn fault(&self, method: &'static str, fault: Fault) {
        locked(&self.state).faults.push((method, fault));
    }

    /// Returns everything that it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// Returns how often it was asked something that changes it.
    pub fn writes(&self) -> usize {
        let asked = self.asked();
        asked.iter().filter(|it| it.method != "GET").count()
    }
}

fn answer(state: &mut State, asked: &Asked) -> Reply {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let Some(path) = path.strip_prefix("/api/") else {
        return Reply::new(404, "{}");
    };
    if path == "user" {
        return Reply::new(200, json!({ "login": ME, "username": ME }).to_string());
    }
    let github = path.strip_prefix("repos/acme/town/issues");
    let gitlab = path.strip_prefix("projects/acme%2Ftown/issues");
    let (Some(rest), is_github) = (github.or(gitlab), github.is_some()) else {
        return Reply::new(404, "{\"message\": \"Not Found\"}");
    };
    let at = state.faults.iter().position(|it| it.0 == asked.method);
    let fault = at.map(|at| state.faults.remove(at).1);
    match fault {
        Some(Fault::Says(reply)) => return reply,
        Some(Fault::Lags) => {
            let all = state.issues.split_last().map_or(&[][..], |it| it.1);
            return list(all, query, is_github);
        }
        _ => {}
    }
    let reply = match asked.method.as_str() {
        "GET" => list(&state.issues, query, is_github),
        "POST" => make(state, asked, is_github),
        _ => change(state, asked, rest, is_github),
    };
    match fault {
        Some(Fault::DoneAndLost) => Reply::Lost,
        Some(Fault::DoneLate(wait)) => Reply::Late(wait, Box::new(reply)),
        Some(Fault::Raced) => {
            make(state, asked, is_github);
            reply
        }
        _ => reply,
    }
}

fn list(issues: &[StubIssue], query: &str, is_github: bool) -> Reply {
    let page = query.split('&').find_map(|it| it.strip_prefix("page="));
    let page: usize = page.and_then(|it| it.parse().ok()).unwrap_or(1);
    let label = query.split('&').find_map(|it| it.strip_prefix("labels="));
    let fits = |it: &&StubIssue| label.is_none_or(|label| it.labels.iter().any(|it| it == label));
    let all: Vec<&StubIssue> = issues.iter().filter(fits).collect();
    let shown = all.iter().skip((page - 1) * PAGE).take(PAGE);
    let shown: Vec<Value> = shown.map(|it| shape(it, is_github)).collect();
    let reply = Reply::new(200, Value::from(shown).to_string());
    if page * PAGE < all.len() {
        reply.with("Link", "<http://elsewhere.example/x>; rel=\"next\"")
    } else {
        reply.with("Link", "<http://elsewhere.example/x>; rel=\"first\"")
    }
}

fn shape(issue: &StubIssue, is_github: bool) -> Value {
    let StubIssue {
        number,
        open,
        title,
        body,
        author,
        ..
    } = issue;
    if is_github {
        let state = if *open { "open" } else { "closed" };
        let kind = if author.ends_with("[bot]") {
            "Bot"
        } else {
            "User"
        };
        return json!({
            "number": number, "state": state, "title": title, "body": body,
            "user": { "login": author, "type": kind }, "author_association": "NONE",
        });
    }
    let state = if *open { "opened" } else { "closed" };
    json!({
        "iid": number, "id": number + 1000, "state": state, "title": title,
        "description": body, "author": { "username": author },
    })
}

fn make(state: &mut State, asked: &Asked, is_github: bool) -> Reply {
    let Ok(body) = serde_json::from_str::<Value>(&asked.body) else {
        return Reply::new(400, "{}");
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let labels = match body.get("labels") {
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(|it| Some(it.as_str()?.to_owned()))
            .collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    };
    let issue = StubIssue {
        number: state.issues.len() as u64 + 1,
        open: true,
        title: text("title").to_owned(),
        body: text(if is_github { "body" } else { "description" }).to_owned(),
        author: ME.to_owned(),
        labels,
        changes: 0,
    };
    let shown = shape(&issue, is_github).to_string();
    state.issues.push(issue);
    Reply::new(201, shown)
}

fn change(state: &mut State, asked: &Asked, rest: &str, is_github: bool) -> Reply {
    let number = rest.strip_prefix('/').and_then(|it| it.parse::<u64>().ok());
    let found = state.issues.iter_mut().find(|it| Some(it.number) == number);
    let (Some(issue), Ok(body)) = (found, serde_json::from_str::<Value>(&asked.body)) else {
        return Reply::new(404, "{}");
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(title) = text("title") {
        issue.title = title;
    }
    if let Some(body) = text(if is_github { "body" } else { "description" }) {
        issue.body = body;
    }
    match text(if is_github { "state" } else { "state_event" }).as_deref() {
        Some("open" | "reopen") => issue.open = true,
        Some("closed" | "close") => issue.open = false,
        _ => {}
    }
    issue.changes += 1;
    Reply::new(200, shape(issue, is_github).to_string())
}
