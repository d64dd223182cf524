use proptest::prelude::*;

use super::edit::Unfit;
use super::*;
use crate::splice;

fn error(text: &str) -> ReadError {
    Yaml::parse(text).unwrap_err()
}

/// Returns the text after the scalar at the path says something else.
fn edited(text: &str, path: &[&str], to: &str) -> Result<String, Unfit> {
    let yaml = Yaml::parse(text).unwrap();
    let scalar = yaml.root().unwrap().find(path).unwrap().scalar().unwrap();
    let new = splice(text, &[scalar.edit(to)?]).unwrap();
    let back = Yaml::parse(&new).unwrap();
    let read = back.root().unwrap().find(path).unwrap();
    assert_eq!(read.str(), Some(to), "{new}");
    Ok(new)
}

#[test]
fn a_scalar_moves_alone_whatever_stands_around_it() {
    let text = "\u{feff}# tag: 1\r\nimage: &image {repo: r, tag: '1.4.2'} # 1.4.2\r\n\
        plain:   1.4.2   # why\r\ndouble: \"1.4.2\"\r\nother: *image\r\n\"1.4.2\": [1.4.2, b]\r\n";
    for (path, before, after) in [
        (&["image", "tag"][..], "tag: '1.4.2'}", "tag: '2.10'}"),
        (&["other", "tag"], "tag: '1.4.2'}", "tag: '2.10'}"),
        (&["double"], "double: \"1.4.2\"", "double: \"2.10\""),
    ] {
        assert_eq!(
            edited(text, path, "2.10").unwrap(),
            text.replace(before, after)
        );
    }
    let plain = edited(text, &["plain"], "2.1.0").unwrap();
    assert_eq!(plain, text.replace("plain:   1.4.2 ", "plain:   2.1.0 "));
}

#[test]
fn a_plain_scalar_keeps_its_type_or_says_so() {
    for (from, to) in [
        ("1.4.2", "2.1"),
        ("1.4.2", "2"),
        ("v1", "1e3"),
        ("a", "no"),
        ("a", "2001-12-14"),
    ] {
        let unfit = edited(&format!("a: {from}\n"), &["a"], to).unwrap_err();
        assert!(matches!(unfit, Unfit::Retyped { .. }), "{unfit}");
    }
    assert_eq!(
        edited("a: 1.4.2\n", &["a"], "2.1").unwrap_err().to_string(),
        "`2.1` would be a number in YAML, and `1.4.2` is a string: it needs quotes"
    );
    assert_eq!(edited("a: 1.9\n", &["a"], "1.10").unwrap(), "a: 1.10\n");
    assert_eq!(
        edited("a: !!str 1.9\n", &["a"], "v1.10").unwrap(),
        "a: !!str v1.10\n"
    );
    for to in [
        ">=1", "*", "a: b", "a #b", "", "- a", "@a/b", "a,b", "---", "a:",
    ] {
        let unfit = edited("a: x1\n", &["a"], to).unwrap_err();
        assert!(matches!(unfit, Unfit::NeedsQuotes(_)), "{to} {unfit}");
    }
}

#[test]
fn what_is_spread_or_not_there_is_not_edited() {
    for text in [
        "a:\n",
        "a: !\n  &>",
        "a: |\n  1.0\n",
        "a: >-\n  1.0\n",
        "a: \"1\\u002e0\"\n",
        "a: '1''0'\n",
        "a: x\n  y\n",
    ] {
        let yaml = Yaml::parse(text).unwrap();
        let scalar = yaml.root().unwrap().get("a").unwrap().scalar().unwrap();
        assert_eq!(scalar.edit("x"), Err(Unfit::Spread), "{text}");
    }
}

#[test]
fn a_key_twice_is_an_error_that_shows_the_second() {
    let text = "\u{feff}a: 1\r\nb:\r\n  c: 1\r\n  'c': 2\r\n";
    let error = error(text);
    assert_eq!(error.message, "the key `c` stands here twice");
    assert_eq!(text.get(error.span.unwrap()), Some("'c'"));
}

#[test]
fn wrong_syntax_points_at_its_place() {
    for text in ["\u{feff}a: [1\r\nb: 2\r\n", "a: *none\n", "a: b: c\n"] {
        let span = Yaml::parse(text).map_or_else(|it| it.span, |_| None);
        assert!(span.is_some_and(|it| text.get(it).is_some()), "{text:?}");
    }
}

#[test]
fn documents_aliases_and_keys_of_any_shape_are_read() {
    let text = "a: 1\n---\n- &x [1, {b: *y}]\n".replace(", {b: *y}", "") + "- *x\n- ? [k]\n  : v\n";
    let yaml = Yaml::parse(&text).unwrap();
    assert_eq!(yaml.documents().count(), 2);
    let second = yaml.documents().nth(1).unwrap();
    let items: Vec<_> = second.elements().collect();
    let [list, alias, odd] = items.as_slice() else {
        panic!("three items");
    };
    assert!(list.is_anchored() && list.elements().count() == 1 && !alias.is_anchored());
    assert_eq!(alias.followed().span(), list.span());
    assert_eq!(text.get(alias.span()), Some("*x"));
    assert!(odd.is_mapping() && odd.entries().next().is_none() && odd.fields().count() == 1);
    assert!(Yaml::parse("").unwrap().root().is_none());
    assert!(Yaml::parse("# only\n").unwrap().root().is_none());
}

#[test]
fn size_and_depth_are_bounded() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "a:\n".to_owned()
            + &(0..5000)
                .map(|it| " ".repeat(it % 900 + 1) + "a:\n")
                .collect::<String>(),
        "[a,".to_owned() + &"a,".repeat(1_100_000) + "]",
        "&a [*a,".repeat(1000),
        " ".repeat(17 << 20),
    ] {
        assert!(
            Yaml::parse(&text).is_err(),
            "{}",
            text.get(..20).unwrap_or_default()
        );
    }
}

#[test]
fn aliases_come_to_an_end_and_count_as_what_they_stand_for() {
    let yaml = Yaml::parse("a: &a [*a, {b: *a}]\n").unwrap();
    let node = yaml.root().and_then(|it| it.get("a")).unwrap();
    let inner: Vec<_> = node.elements().map(Node::followed).collect();
    assert!(inner.iter().all(|it| it.elements().next().is_none()));

    let levels = (1..10).map(|level| {
        let row = vec![format!("*l{}", level - 1); 10].join(", ");
        format!("- &l{level} [{row}]\n")
    });
    let laughs = "- &l0 [ha, ha]\n".to_owned() + &levels.collect::<String>();
    let error = Yaml::parse(&laughs).unwrap_err();
    let want = "it holds more than 400000 values, with what its aliases stand for";
    assert_eq!(error.message, want);
    let at = error.span.and_then(|it| laughs.get(it));
    assert!(at.is_some_and(|it| it.starts_with("*l")));
}

fn any_yaml() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[\\[\\]{}:,\"'\\\\ \n\r\u{feff}a1#&*!|>?%@.~-]{0,40}",
        "([a-c]: ?([1-9.]{1,5}|'[1-9.]{0,5}'|\"[a-c.]{0,5}\"|&x y|\\*x|\\[1, 2\\])( # c)?\r?\n){0,6}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any_yaml()) {
        match Yaml::parse(&text) {
            Ok(yaml) => for item in &yaml.items {
                prop_assert!(text.get(item.span.clone()).is_some());
            },
            Err(error) => if let Some(span) = error.span {
                prop_assert!(text.get(span).is_some());
            },
        }
    }

    #[test]
    fn an_edit_says_what_it_should_and_nothing_else_moves(text in any_yaml(), to in "[0-9a-c.^~<=>| '\"\\\\-]{1,8}") {
        let Ok(yaml) = Yaml::parse(&text) else { return Ok(()) };
        let count = yaml.items.len();
        for at in 0..count {
            let Some(scalar) = yaml.node(at).and_then(Node::scalar) else { continue };
            let Ok(edit) = scalar.edit(&to) else { continue };
            let new = splice(&text, &[edit]).unwrap();
            let Ok(back) = Yaml::parse(&new) else { continue };
            if back.items.len() != count { continue }
            let sayings = |it: &Yaml<'_>| (0..count)
                .filter(|n| *n != at)
                .map(|n| it.node(n).and_then(Node::str).map(str::to_owned))
                .collect::<Vec<_>>();
            prop_assert_eq!(back.node(at).and_then(Node::str), Some(to.as_str()));
            prop_assert_eq!(sayings(&yaml), sayings(&back));
        }
    }
}
