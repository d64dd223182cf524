//! A forge on loopback that pages, loses, delays, refuses for a while, and races.

use std::time::Duration;

use cascade_plan::drift::{IssueText, marker};
use cascade_tests::{Fault, ForgeStub, Reply, Server};

use super::*;

const TOKEN: &str = "hunter2hunter2";

fn text(body: &str) -> IssueText {
    IssueText {
        title: "Drift in town".to_owned(),
        body: format!("{}\n{body}\n", marker("town")),
    }
}

fn forge(stub: &ForgeStub, kind: ForgeKind) -> Forge {
    let place = (stub.api(), "acme/town");
    let token = (TOKEN, TokenKind::Made);
    Forge::new(&Environment::default(), kind, (&place.0, place.1), token).unwrap()
}

fn keep(stub: &ForgeStub, wanted: Option<&str>) -> Result<KeptIssue, ForgeError> {
    let wanted = wanted.map(text);
    forge(stub, ForgeKind::GitHub).keep_issue(&marker("town"), wanted.as_ref())
}

fn open_ones(stub: &ForgeStub) -> Vec<u64> {
    let issues = stub.issues().into_iter();
    issues
        .filter(|it| it.open && it.body.contains("cascade-drift"))
        .map(|it| it.number)
        .collect()
}

fn busy(status: u16) -> Fault {
    Fault::Says(Reply::new(status, "{}").with("Retry-After", "0"))
}

#[test]
fn one_issue_is_made_changed_closed_and_opened_again() {
    for kind in [ForgeKind::GitHub, ForgeKind::GitLab] {
        let stub = ForgeStub::new();
        for nth in 0..5 {
            stub.issue("somebody", nth % 2 == 0, "another issue");
        }
        let forge = forge(&stub, kind);
        let keep = |wanted: Option<&str>| {
            let wanted = wanted.map(text);
            let kept = forge.keep_issue(&marker("town"), wanted.as_ref()).unwrap();
            assert_eq!(kept.doubles, [0; 0]);
            (kept.number, kept.done)
        };
        assert_eq!(keep(None), (None, IssueDone::Nothing));
        assert_eq!(keep(Some("one")), (Some(6), IssueDone::Made));
        assert_eq!(keep(Some("one")), (Some(6), IssueDone::Nothing));
        assert_eq!(
            stub.issues()[5].changes,
            0,
            "what says it already is not written"
        );
        assert_eq!(keep(Some("two")), (Some(6), IssueDone::Changed));
        assert!(stub.issues()[5].body.contains("two"));
        assert_eq!(keep(None), (Some(6), IssueDone::Closed));
        assert_eq!(keep(None), (Some(6), IssueDone::Nothing));
        assert_eq!(keep(Some("two")), (Some(6), IssueDone::Reopened));
        assert_eq!(stub.issues().len(), 6);
        assert_eq!(open_ones(&stub), [6]);
        let asked = stub.asked();
        let name = if kind == ForgeKind::GitHub {
            "authorization"
        } else {
            "private-token"
        };
        assert!(
            asked
                .iter()
                .all(|it| it.header(name).is_some_and(|it| it.ends_with(TOKEN)))
        );
        assert!(asked.iter().all(|it| it.header("user-agent").is_some()));
    }
}

#[test]
fn what_a_stranger_writes_is_not_the_one() {
    let stub = ForgeStub::new();
    stub.issue("stranger", true, &text("mine").body);
    let app = stub.issue("other-app[bot]", false, &text("old").body);
    let kept = keep(&stub, Some("new")).unwrap();
    assert_eq!((kept.number, kept.done), (Some(app), IssueDone::Reopened));
    assert_eq!(stub.issues()[0].body, text("mine").body);
}

#[test]
fn two_that_race_leave_one_open() {
    let stub = ForgeStub::new();
    stub.fault("POST", Fault::Raced);
    let kept = keep(&stub, Some("x")).unwrap();
    assert_eq!((kept.number, kept.doubles), (Some(1), vec![2]));
    assert_eq!(open_ones(&stub), [1]);
    // The list does not show at once what was made: the next run sees both.
    let late = ForgeStub::new();
    late.fault("POST", Fault::Raced);
    late.fault("GET", Fault::Says(Reply::new(200, "[]")));
    late.fault("GET", Fault::Lags);
    keep(&late, Some("x")).unwrap();
    keep(&late, Some("x")).unwrap();
    assert_eq!(open_ones(&late), [1]);
}

#[test]
fn many_runs_at_once_leave_one_open() {
    let stub = ForgeStub::new();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| keep(&stub, Some("x")).unwrap());
        }
    });
    // Whoever came last saw all that were made, or the next run does.
    keep(&stub, Some("x")).unwrap();
    assert_eq!(open_ones(&stub), [1]);
}

#[test]
fn an_answer_that_was_lost_makes_no_second_issue() {
    let stub = ForgeStub::new();
    stub.fault("POST", Fault::DoneAndLost);
    let kept = keep(&stub, Some("x")).unwrap();
    assert_eq!((kept.number, kept.done), (Some(1), IssueDone::Made));
    assert_eq!(stub.issues().len(), 1);
    stub.fault("PATCH", Fault::DoneAndLost);
    assert_eq!(keep(&stub, Some("y")).unwrap().done, IssueDone::Changed);
    stub.fault("GET", Fault::DoneLate(Duration::from_millis(80)));
    assert_eq!(keep(&stub, Some("y")).unwrap().done, IssueDone::Nothing);
}

#[test]
fn who_is_busy_is_asked_again() {
    let stub = ForgeStub::new();
    for (method, status) in [
        ("GET", 500),
        ("GET", 500),
        ("GET", 429),
        ("POST", 403),
        ("POST", 429),
    ] {
        stub.fault(method, busy(status));
    }
    assert_eq!(keep(&stub, Some("x")).unwrap().done, IssueDone::Made);
    // A server's own mistake may have made it: it is looked at first.
    let other = ForgeStub::new();
    other.fault("POST", busy(500));
    assert_eq!(keep(&other, Some("x")).unwrap().done, IssueDone::Made);
    assert_eq!(other.issues().len(), 1);
}

#[test]
fn who_refuses_is_told_with_its_words_and_without_the_token() {
    let stub = ForgeStub::new();
    let says = "{\"message\": \"Resource not accessible by integration\"}";
    stub.fault("POST", Fault::Says(Reply::new(403, says)));
    let told = keep(&stub, Some("x")).unwrap_err().to_string();
    assert!(
        told.contains("not accessible") && told.contains("make the issue"),
        "{told}"
    );
    stub.fault("GET", Fault::Says(Reply::new(200, "<html>")));
    let told = keep(&stub, Some("x")).unwrap_err().to_string();
    assert!(told.contains("no JSON"), "{told}");
    for _ in 0..9 {
        stub.fault("GET", busy(503));
    }
    let told = keep(&stub, Some("x")).unwrap_err().to_string();
    assert!(
        told.contains("it answers 503") && !told.contains(TOKEN),
        "{told}"
    );
    assert_eq!(stub.issues().len(), 0);
    let place = (stub.api(), "acme/other");
    let other = Forge::new(
        &Environment::default(),
        ForgeKind::GitHub,
        (&place.0, place.1),
        (TOKEN, TokenKind::Made),
    );
    let told = other.unwrap().keep_issue("m", None).unwrap_err();
    assert!(matches!(told, ForgeError::Absent { .. }), "{told}");
}

#[test]
fn a_token_goes_to_no_other_server() {
    let other = Server::start(|_| Reply::new(200, "[]"));
    let to = format!("{}/x", other.url());
    let first = Server::start(move |_| Reply::new(307, "").with("Location", &to));
    let api = first.url().to_owned();
    let forge = Forge::new(
        &Environment::default(),
        ForgeKind::GitLab,
        (&api, "a/b"),
        (TOKEN, TokenKind::Job),
    );
    let told = forge
        .unwrap()
        .keep_issue("m", None)
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("another server") && !told.contains(TOKEN),
        "{told}"
    );
    assert_eq!(other.asked().len(), 0);
    assert!(
        first
            .asked()
            .iter()
            .all(|it| it.header("job-token") == Some(TOKEN))
    );
}

#[test]
fn a_server_that_moves_what_it_has_is_followed() {
    let moved = Server::start(|asked| match asked.path.strip_prefix("/old") {
        Some(rest) => Reply::new(307, "").with("Location", &format!("/new{rest}")),
        None if asked.method == "POST" => Reply::new(201, "{\"number\": 1}"),
        None => Reply::new(200, "[]"),
    });
    let api = format!("{}/old", moved.url());
    let forge = Forge::new(
        &Environment::default(),
        ForgeKind::GitHub,
        (&api, "a/b"),
        (TOKEN, TokenKind::Made),
    );
    let kept = forge.unwrap().keep_issue("m", Some(&text("x"))).unwrap();
    assert_eq!((kept.number, kept.done), (Some(1), IssueDone::Made));
    let made = moved
        .asked()
        .into_iter()
        .find(|it| it.path.starts_with("/new") && it.method == "POST");
    assert!(made.unwrap().body.contains("Drift in town"));
}

#[test]
fn only_what_can_be_used_is_an_address_or_a_project() {
    let new = |api: &str, project: &str| {
        let forge = Forge::new(
            &Environment::default(),
            ForgeKind::GitHub,
            (api, project),
            (TOKEN, TokenKind::Made),
        );
        forge.map(|_| ()).map_err(|it| it.to_string())
    };
    let api = "https://forge.example/api/v3";
    assert!(new(api, "a/b").is_ok());
    for project in ["a", "a/b/c", "a/..", "/b", "a/", "a\n/b", "1"] {
        assert!(new(api, project).is_err(), "{project}");
    }
    for api in [
        "forge.example",
        "https://me:hunter2hunter2@forge.example",
        "data:x",
        "",
    ] {
        let told = new(api, "a/b").unwrap_err();
        assert!(!told.contains(TOKEN), "{told}");
    }
    for (api, why) in [
        ("http://forge.example", "plain text"),
        ("ftp://forge.example", "does not begin with `https://`"),
        ("forge.example", "it is no address"),
    ] {
        let told = new(api, "a/b").unwrap_err();
        assert!(told.contains(why), "{api}: {told}");
    }
}

#[test]
fn a_label_narrows_the_search_and_is_given() {
    let stub = ForgeStub::new();
    for _ in 0..5 {
        stub.issue("somebody", true, "x");
    }
    for kind in [ForgeKind::GitHub, ForgeKind::GitLab] {
        let one = forge(&stub, kind).labelled(Some("drift".to_owned()));
        let wanted = text("x");
        let kept = one.keep_issue(&marker("town"), Some(&wanted)).unwrap();
        assert_eq!(kept.number, Some(6));
        assert_eq!(stub.issues()[5].labels, ["drift"]);
    }
    let lists = stub
        .asked()
        .into_iter()
        .filter(|it| it.path.contains("issues?"));
    assert!(lists.clone().count() > 0);
    assert!(
        lists
            .into_iter()
            .all(|it| it.path.contains("labels=drift") && it.path.contains("page=1"))
    );
}

#[test]
fn a_spent_allowance_is_waited_for_or_told() {
    let spent = |status, reset: &str| {
        let said = "{\"message\": \"API rate limit exceeded\"}";
        let reply = Reply::new(status, said).with("X-RateLimit-Remaining", "0");
        Fault::Says(reply.with("X-RateLimit-Reset", reset))
    };
    for status in [403, 429] {
        let stub = ForgeStub::new();
        stub.fault("GET", spent(status, "1"));
        stub.fault("POST", spent(status, "1"));
        assert_eq!(keep(&stub, Some("one")).unwrap().done, IssueDone::Made);
        assert_eq!(stub.issues().len(), 1);
        let stub = ForgeStub::new();
        stub.fault("POST", spent(status, "99999999999"));
        let error = keep(&stub, Some("one")).unwrap_err();
        assert!(matches!(error, ForgeError::Limited { .. }), "{error:?}");
        let told = error.to_string();
        assert!(
            told.contains("API rate limit exceeded; try again in "),
            "{told}"
        );
        assert_eq!(stub.issues().len(), 0);
    }
}
