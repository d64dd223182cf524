use proptest::prelude::*;

use super::*;

fn text(body: &str) -> IssueText {
    IssueText {
        title: "Drift".to_owned(),
        body: body.to_owned(),
    }
}

fn seen(number: u64, open: bool, body: &str) -> SeenIssue {
    SeenIssue {
        number,
        open,
        title: "Drift".to_owned(),
        body: body.to_owned(),
    }
}

#[test]
fn an_issue_is_made_changed_closed_and_opened_again() {
    let deeds = |seen: &[SeenIssue], wanted: Option<&IssueText>| issue_deeds(seen, wanted);
    let now = text("now");
    assert_eq!(deeds(&[], None), []);
    assert_eq!(deeds(&[], Some(&now)), [IssueDeed::Create(now.clone())]);
    assert_eq!(deeds(&[seen(3, true, "now\r\n")], Some(&now)), []);
    assert_eq!(deeds(&[seen(3, false, "old")], None), []);
    let change = |text, open| {
        [IssueDeed::Change {
            number: 3,
            text,
            open,
        }]
    };
    assert_eq!(
        deeds(&[seen(3, true, "old")], Some(&now)),
        change(Some(now.clone()), None)
    );
    assert_eq!(
        deeds(&[seen(3, true, "now")], None),
        change(None, Some(false))
    );
    assert_eq!(
        deeds(&[seen(3, false, "now")], Some(&now)),
        change(None, Some(true))
    );
}

#[test]
fn no_name_leaves_the_marker() {
    for name in ["-->", "a\n-->b", "--!>", "<!-- x", "${{ x }}", "a--b", "ü"] {
        let marker = marker(name);
        let inner = marker
            .strip_prefix("<!-- ")
            .and_then(|it| it.strip_suffix(" -->"))
            .unwrap();
        assert!(
            !inner.contains("--") && !inner.contains(['<', '>', '\n']),
            "{marker}"
        );
    }
}

fn issues() -> impl Strategy<Value = Vec<SeenIssue>> {
    let one =
        (1..9u64, any::<bool>(), "[ab]").prop_map(|(number, open, body)| seen(number, open, &body));
    prop::collection::vec(one, 0..6).prop_map(|mut all| {
        all.sort_by_key(|it| it.number);
        all.dedup_by_key(|it| it.number);
        all
    })
}

/// What the issues are after these deeds.
fn done(mut all: Vec<SeenIssue>, deeds: Vec<IssueDeed>) -> Vec<SeenIssue> {
    for deed in deeds {
        match deed {
            IssueDeed::Create(text) => all.push(seen(100, true, &text.body)),
            IssueDeed::Change { number, text, open } => {
                let one = all.iter_mut().find(|it| it.number == number).unwrap();
                one.body = text.map_or_else(|| one.body.clone(), |it| it.body);
                one.open = open.unwrap_or(one.open);
            }
            IssueDeed::CloseDouble { number } => {
                all.iter_mut().find(|it| it.number == number).unwrap().open = false;
            }
        }
    }
    all
}

proptest! {
    #[test]
    fn afterwards_one_is_open_and_there_is_nothing_left_to_do(
        before in issues(), wanted in prop::option::of("[ab]"),
    ) {
        let wanted = wanted.map(|it| text(&it));
        let after = done(before.clone(), issue_deeds(&before, wanted.as_ref()));
        let open: Vec<_> = after.iter().filter(|it| it.open).collect();
        prop_assert_eq!(open.len(), usize::from(wanted.is_some()));
        if let (Some(one), Some(text)) = (open.first(), &wanted) {
            prop_assert_eq!(&one.body, &text.body);
            prop_assert!(before.iter().all(|it| it.number >= one.number));
        }
        prop_assert_eq!(issue_deeds(&after, wanted.as_ref()), vec![]);
    }

    #[test]
    fn a_marker_is_of_one_name(one in any::<String>(), other in any::<String>()) {
        prop_assert_eq!(marker(&one) == marker(&other), one == other);
    }
}
