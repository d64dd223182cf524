use proptest::prelude::*;
use serde_json::{Value, json};

use super::template::{Members, check, example, filled, promoted, spoken};
use super::*;

#[test]
fn a_template_is_json_whatever_the_facts_hold() {
    let moved = [promoted()];
    let facts = example(&moved);
    let text =
        r#"{ "run": "{run}", "all": {packages}, "one": "{package} \" {version}", "bare": {tag} }"#;
    let value = filled(text, &facts).unwrap();
    assert_eq!(value["run"], "0123456789ab");
    assert_eq!(value["one"], "core \"quoted\" \" 1.3.0");
    assert_eq!(value["bare"], "v1.3.0");
    assert_eq!(value["all"][0]["name"], "core \"quoted\"");
    assert_eq!(value["all"][0]["digest"], Value::Null);
    assert_eq!(
        spoken("{package}: {version}", &facts).unwrap(),
        "core \"quoted\": 1.3.0"
    );
    assert_eq!(
        filled(r#"["\u007brun}", "{ run }"]"#, &facts).unwrap(),
        json!(["{run}", "{ run }"])
    );
}

#[test]
fn what_could_not_be_sent_is_told_before() {
    let why = |text: &str, members| check(text, members).unwrap_err();
    assert!(why("{\"a\": \"{versoin}\"}", Members::Any).contains("{versoin}"));
    assert!(why("{\"a\": ", Members::Any).contains("no JSON"));
    assert!(why("[]", Members::Few).contains("an object"));
    let many: Vec<String> = (0..10).map(|it| format!("\"m{it}\": 1")).collect();
    let many = format!("{{{}}}", many.join(","));
    assert!(why(&many, Members::Few).contains("10 members"));
    assert_eq!(check(&many, Members::Any), Ok(()));
    assert_eq!(check(&many.replace("m9", "key"), Members::Few), Ok(()));
}

#[test]
fn github_gets_the_key_in_its_payload() {
    let to = Recipient::Github {
        api: GITHUB.to_owned(),
        repo: "acme/deploy".to_owned(),
        event: "promote".to_owned(),
        token: "TOKEN".to_owned(),
    };
    let mut message = Dispatch {
        to,
        key: String::new(),
        branch: "main".to_owned(),
        packages: vec![promoted()],
        template: None,
        payload: Value::Null,
        again: None,
    };
    message.sign(
        (&RunId("0123456789ab".to_owned()), "town"),
        &RepoId::new("deploy"),
    );
    assert_eq!(message.key, "0123456789ab/deploy");
    let sent = &message.payload;
    assert_eq!(sent["event_type"], "promote");
    assert_eq!(sent["client_payload"]["key"], "0123456789ab/deploy");
    assert_eq!(sent["client_payload"]["schema"], SCHEMA);
    assert!(sent["client_payload"].as_object().unwrap().len() <= MOST_MEMBERS);
}

proptest! {
    /// No fact changes what a document is.
    #[test]
    fn no_fact_leaves_its_place(name in ".{0,12}", version in ".{0,12}") {
        let moved = [Promoted { name: name.clone(), version: version.clone(), ..promoted() }];
        let facts = example(&moved);
        let value = filled("{\"a\": \"{package}-{version}\", \"b\": {version}}", &facts).unwrap();
        prop_assert_eq!(&value["a"], &json!(format!("{name}-{version}")));
        prop_assert_eq!(&value["b"], &json!(version));
        prop_assert_eq!(value.as_object().unwrap().len(), 2);
    }

    /// Any text is a template or none.
    #[test]
    fn any_text_is_a_template_or_none(text in "[{}\"\\\\a-z:, ]{0,40}") {
        let _ = check(&text, Members::Few);
    }
}

#[test]
fn what_may_have_arrived_is_only_sent_again_after_its_time() {
    let (now, late) = (Duration::ZERO, Duration::from_mins(1));
    let again = Some(Duration::from_secs(30));
    assert!(is_message_due(None, None, false));
    for receipt in [Receipt::Taken, Receipt::Unknown] {
        assert!(
            !is_message_due(Some((receipt, late)), None, false),
            "{receipt:?}"
        );
        assert!(
            !is_message_due(Some((receipt, now)), again, false),
            "{receipt:?}"
        );
        assert!(
            is_message_due(Some((receipt, late)), again, false),
            "{receipt:?}"
        );
    }
    assert!(is_message_due(Some((Receipt::Refused, now)), None, false));
    assert!(is_message_due(Some((Receipt::Later, now)), None, false));
    assert!(!is_message_due(Some((Receipt::Later, late)), again, true));
}
