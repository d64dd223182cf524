//! A receiver on loopback that loses, delays, and hears twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cascade_tests::{Reply, Server};

use super::*;

fn told(server: &Server) -> Result<(), WebhookError> {
    let url = format!("{}/hooks/hunter2hunter2", server.url());
    let webhook = Webhook::new(&Environment::default(), &url).unwrap();
    webhook.tell("{\"a\": 1}", "key-1")
}

/// A receiver that answers so, one after the other; the last one for ever.
fn receiver(replies: Vec<Reply>) -> Server {
    let nth = AtomicUsize::new(0);
    Server::start(move |_| {
        let at = nth.fetch_add(1, Ordering::SeqCst).min(replies.len() - 1);
        replies[at].clone()
    })
}

#[test]
fn it_is_told_under_one_key_until_it_hears() {
    let busy = Reply::new(429, "").with("Retry-After", "0");
    let late = Reply::Late(Duration::from_millis(50), Box::new(Reply::new(204, "")));
    let server = receiver(vec![Reply::new(500, ""), Reply::Lost, busy, late]);
    assert_eq!(told(&server), Ok(()));
    let asked = server.asked();
    assert_eq!(asked.len(), 4);
    for it in &asked {
        assert_eq!(
            (it.method.as_str(), it.path.as_str()),
            ("POST", "/hooks/hunter2hunter2")
        );
        assert_eq!(it.header("idempotency-key"), Some("key-1"));
        assert_eq!(it.header("content-type"), Some("application/json"));
        assert_eq!(it.body, "{\"a\": 1}");
    }
}

#[test]
fn who_does_not_take_it_is_not_asked_again_and_its_address_is_not_told() {
    for status in [400, 401, 404, 410, 302] {
        let server = receiver(vec![
            Reply::new(status, "").with("Location", "http://127.0.0.1:1/x"),
        ]);
        let said = told(&server).unwrap_err().to_string();
        assert_eq!(server.asked().len(), 1, "{status}");
        assert!(
            said.contains("127.0.0.1") && !said.contains("hunter2"),
            "{said}"
        );
    }
    let server = receiver(vec![Reply::new(503, "").with("Retry-After", "0")]);
    let said = told(&server).unwrap_err().to_string();
    assert!(
        said.contains("was not heard") && !said.contains("hunter2"),
        "{said}"
    );
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn a_pause_that_nobody_waits_for_ends_it() {
    let server = receiver(vec![Reply::new(503, "").with("Retry-After", "86400")]);
    let said = told(&server).unwrap_err().to_string();
    assert!(said.contains("it answers 503"), "{said}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn an_address_is_https_or_of_this_machine() {
    let new = |url: &str| Webhook::new(&Environment::default(), url).map(|it| it.host());
    assert_eq!(
        new(" https://hooks.example/x "),
        Ok("hooks.example".to_owned())
    );
    for url in [
        "http://hooks.example/hunter2",
        "ftp://hooks.example/hunter2",
        "hunter2",
        "",
    ] {
        let said = new(url).unwrap_err().to_string();
        assert!(!said.contains("hunter2"), "{said}");
    }
}
