//! Receivers on loopback that refuse, in words of their own.

use std::sync::atomic::Ordering;

use cascade_tests::{Reply, Server};

use super::*;

const SECRET: &str = "hunter2hunter2";

/// Returns what becomes of a message to a receiver at an address of a variable, which it answers.
fn sent(answers: impl Fn(&str) -> Reply + Send + Sync + 'static, is_secret: bool) -> Reception {
    let server = Server::start(move |asked| answers(&asked.path));
    let url = format!("{}/hook/{SECRET}", server.url());
    let vars = [("HOOK".into(), url.clone().into())];
    send(&Environment::new(vars), &url, is_secret)
}

fn send(environment: &Environment, url: &str, is_secret: bool) -> Reception {
    let address = if is_secret {
        Address::Variable("HOOK".to_owned())
    } else {
        Address::Url(url.to_owned())
    };
    let to = Recipient::Webhook {
        address,
        token: None,
    };
    let message = Dispatch {
        to: to.clone(),
        key: "0123456789ab/deploy".to_owned(),
        branch: "main".to_owned(),
        packages: Vec::new(),
        template: None,
        payload: serde_json::json!({}),
        again: None,
    };
    Courier::of(&to, environment).unwrap().send(&message)
}

#[test]
fn an_address_that_a_variable_holds_is_not_told_by_what_answers() {
    let refuses = |path: &str| Reply::new(404, format!("Cannot POST {path}"));
    let Reception::Refused { why } = sent(refuses, false) else {
        panic!("it is refused");
    };
    assert!(why.ends_with(&format!("answers 404: Cannot POST /hook/{SECRET}")));
    let Reception::Refused { why } = sent(refuses, true) else {
        panic!("it is refused");
    };
    assert!(why.ends_with("answers 404"), "{why}");
}

#[test]
fn what_was_answered_may_have_been_acted_upon() {
    let large = " ".repeat((64 << 20) + 1);
    let came = sent(move |_| Reply::new(202, large.clone()), true);
    assert!(matches!(came, Reception::Unknown { .. }), "{came:?}");
}

#[test]
fn who_is_interrupted_before_it_was_sent_may_send_it_later() {
    let server = Server::start(|_| Reply::new(204, ""));
    let environment = Environment::default();
    environment.interrupt.store(true, Ordering::Relaxed);
    let came = send(&environment, server.url(), false);
    assert!(matches!(came, Reception::Later { .. }), "{came:?}");
    assert!(server.asked().is_empty());
}
