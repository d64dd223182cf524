//! Messages to a receiver on loopback, and what its answers come to.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cascade_tests::{Asked, Reply, Server};
use serde_json::json;

use super::*;

const TOKEN: &str = "hunter2hunter2";
const LEFT: Duration = Duration::from_secs(20);

fn environment() -> Environment {
    let mut environment = Environment::default();
    let vars = [("TOKEN", TOKEN), ("EMPTY", " "), ("WHERE", "nowhere")];
    for (name, value) in vars {
        environment.vars.insert(name.into(), value.into());
    }
    environment
}

fn message(to: Recipient) -> Dispatch {
    Dispatch {
        to,
        key: "0123456789ab/deploy".to_owned(),
        branch: "main".to_owned(),
        packages: Vec::new(),
        template: None,
        payload: json!({ "version": "1.3.0" }),
        again: None,
    }
}

fn webhook(url: &str) -> Recipient {
    Recipient::Webhook {
        address: Address::Url(url.to_owned()),
        token: Some("TOKEN".to_owned()),
    }
}

/// Sends a message to a receiver that answers each of them so.
fn sent(
    reply: impl Fn(usize) -> Reply + Send + Sync + 'static,
    left: Duration,
) -> (Sent, Vec<Asked>) {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_| reply(count.fetch_add(1, Ordering::SeqCst)));
    let (environment, to) = (environment(), webhook(server.url()));
    let courier = Courier::of(&to, &environment).ok().unwrap();
    let sent = courier.send(&message(to.clone()), left);
    (sent, server.asked())
}

#[test]
fn every_answer_is_one_reception() {
    for (status, word) in [
        (200, "taken"),
        (202, "taken"),
        (204, "taken"),
        (302, "refused"),
        (400, "refused"),
        (401, "refused"),
        (403, "refused"),
        (404, "refused"),
        (409, "refused"),
        (422, "refused"),
    ] {
        let (sent, asked) = sent(move |_| Reply::new(status, "{}"), LEFT);
        let said = match &sent.reception {
            Reception::Taken => "taken",
            Reception::Refused { why } => {
                assert!(why.contains(&format!("answers {status}")), "{why}");
                "refused"
            }
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!((said, asked.len()), (word, 1), "{status}");
    }
}

#[test]
fn who_does_not_take_it_is_asked_again_under_the_same_key() {
    let busy = |nth| match nth {
        0 => Reply::new(429, "{}").with("Retry-After", "0"),
        1 => Reply::new(503, "{}").with("Retry-After", "0"),
        _ => Reply::new(204, ""),
    };
    let (sent, asked) = sent(busy, LEFT);
    assert_eq!((sent.reception, asked.len()), (Reception::Taken, 3));
    let keys = asked.iter().map(|it| it.header("idempotency-key"));
    assert!(keys.clone().all(|it| it == Some("0123456789ab/deploy")));
    let bodies = asked.iter().map(|it| it.body.as_str());
    assert!(bodies.clone().all(|it| it == "{\"version\":\"1.3.0\"}"));
}

#[test]
fn a_spent_allowance_is_not_waited_for_beyond_the_time() {
    let limits = |_| {
        let reply = Reply::new(403, "{\"message\": \"API rate limit exceeded\"}");
        let reply = reply.with("X-RateLimit-Remaining", "0");
        reply.with("X-RateLimit-Reset", "99999999999")
    };
    let (sent, asked) = sent(limits, LEFT);
    let Reception::Later { why } = &sent.reception else {
        panic!("{sent:?}")
    };
    assert!(
        why.contains("rate limit exceeded, and asks to be left alone for "),
        "{why}"
    );
    assert!(sent.wait.is_some_and(|it| it > LEFT));
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_cut_line_leaves_it_open_and_nobody_there_is_later() {
    let (sent, asked) = sent(|_| Reply::Lost, LEFT);
    assert!(
        matches!(sent.reception, Reception::Unknown { .. }),
        "{sent:?}"
    );
    assert_eq!(asked.len(), 1, "what may have arrived is not sent again");
    let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr();
    let gone = format!("http://{}", gone.unwrap());
    let (environment, to) = (environment(), webhook(&gone));
    let courier = Courier::of(&to, &environment).ok().unwrap();
    let sent = courier.send(&message(to.clone()), Duration::ZERO);
    assert!(
        matches!(sent.reception, Reception::Later { .. }),
        "{sent:?}"
    );
}

#[test]
fn what_a_receiver_says_is_short_plain_and_without_the_token() {
    let says = |_| {
        Reply::new(
            422,
            format!(
                "{{\"message\": \"\u{1b}[31m{TOKEN}\n{}\"}}",
                "x".repeat(9999)
            ),
        )
    };
    let (sent, _) = sent(says, LEFT);
    let Reception::Refused { why } = &sent.reception else {
        panic!("{sent:?}")
    };
    assert!(
        !why.contains(TOKEN) && !why.contains(['\u{1b}', '\n']),
        "{why}"
    );
    assert!(why.len() < 2 * SAID, "{}", why.len());
    assert!(sent.look_at.contains("`event` and `payload`"));
}

#[test]
fn what_is_missing_is_told_before_anything_is_sent() {
    let environment = environment();
    let variable = |name: &str, token: Option<&str>| Recipient::Webhook {
        address: Address::Variable(name.to_owned()),
        token: token.map(str::to_owned),
    };
    for (to, says) in [
        (variable("MISSING", None), "`MISSING` is not set"),
        (variable("EMPTY", None), "`EMPTY` is not set, or empty"),
        (
            variable("WHERE", None),
            "what `WHERE` holds can not be used",
        ),
        (
            webhook("http://receiver.example/"),
            "its `url` can not be used",
        ),
        (
            webhook("ftp://receiver.example/"),
            "its `url` can not be used",
        ),
    ] {
        let Err((why, help)) = Courier::of(&to, &environment) else {
            panic!("{says}")
        };
        assert!(why.contains(says) && !help.is_empty(), "{why}");
        assert!(!why.contains("nowhere"), "a secret address is told: {why}");
    }
}

#[test]
fn a_page_shows_it_or_says_why_not() {
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/there" => Reply::new(200, "core 1.3.0 is up"),
        "/old" => Reply::new(200, "core 1.2.0 is up"),
        _ => Reply::new(500, "core 1.3.0"),
    });
    let environment = environment();
    let http = Http::new(&environment);
    let shows = |path: &str| {
        let url = format!("{}{path}", server.url());
        look(&http, (&url, "core 1.3.0"), &environment)
    };
    assert_eq!(shows("/there"), Page::There);
    for (path, says) in [
        ("/old", "does not show `core 1.3.0`"),
        ("/odd", "answers 500"),
    ] {
        let Page::NotYet(why) = shows(path) else {
            panic!("{path}")
        };
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn an_address_that_a_variable_holds_is_not_told_by_what_answers() {
    let server = Server::start(|asked| Reply::new(404, format!("Cannot POST {}", asked.path)));
    let url = format!("{}/hook/{TOKEN}", server.url());
    let mut environment = environment();
    environment.vars.insert("HOOK".into(), url.into());
    let to = Recipient::Webhook {
        address: Address::Variable("HOOK".to_owned()),
        token: None,
    };
    let courier = Courier::of(&to, &environment).ok().unwrap();
    let Reception::Refused { why } = courier.send(&message(to.clone()), LEFT).reception else {
        panic!("it is refused");
    };
    assert!(why.ends_with("answers 404"), "{why}");
}

#[test]
fn what_was_answered_may_have_been_acted_upon() {
    let large = " ".repeat((64 << 20) + 1);
    let (sent, _) = sent(move |_| Reply::new(202, large.clone()), LEFT);
    let reception = sent.reception;
    assert!(
        matches!(reception, Reception::Unknown { .. }),
        "{reception:?}"
    );
}

#[test]
fn who_is_interrupted_before_it_was_sent_may_send_it_later() {
    let server = Server::start(|_| Reply::new(204, ""));
    let environment = environment();
    environment.interrupt.store(true, Ordering::Relaxed);
    let to = webhook(server.url());
    let courier = Courier::of(&to, &environment).ok().unwrap();
    let sent = courier.send(&message(to.clone()), LEFT);
    assert!(
        matches!(sent.reception, Reception::Later { .. }),
        "{sent:?}"
    );
    assert!(server.asked().is_empty());
}
