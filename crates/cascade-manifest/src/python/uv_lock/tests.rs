use proptest::prelude::*;

use super::*;
use crate::lock::{commands, unplaced};

const SAMPLE: &str = r#"version = 1
revision = 3
requires-python = ">=3.10"
resolution-markers = [
    "python_full_version >= '3.12'",
]

[options]
exclude-newer = "2026-01-01T00:00:00Z"

[[package]]
name = "click"
version = "8.1.3"
source = { registry = "https://registry.example/simple" }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
]
sdist = { url = "https://files.example/click.tar.gz", hash = "sha256:aa", size = 1 }

[[package]]
name = "flask"
source = { editable = "." }
dependencies = [
    { name = "click" },
    { name = "werkzeug" },
]

[package.optional-dependencies]
async = [
    { name = "asgiref" },
]

[package.dev-dependencies]
dev = [
    { name = "click" },
]

[package.metadata]
requires-dist = [
    { name = "asgiref", marker = "extra == 'async'", specifier = ">=3.2" },
    { name = "click", specifier = ">=8.1.3,<9" },
    { name = "click", extras = ["a", "b"], marker = "extra == 'x'" },
    { name = "werkzeug", git = "https://git.example/werkzeug?tag=v3.1.0" },
]
provides-extras = ["async"]

[package.metadata.requires-dev]
dev = [{ name = "click", specifier = "==8.*" }]
docs = [
    { name = "sphinx", specifier = "<9" },
]

[[package]]
name = "werkzeug"
version = "3.1.0"
source = { git = "https://git.example/werkzeug?tag=v3.1.0#0f1e2d3c" }
"#;

fn names(names: &[&str]) -> Names {
    names.iter().map(|it| (*it).to_owned()).collect()
}

fn family() -> Names {
    names(&["click", "flask", "werkzeug"])
}

#[test]
fn named_packages_are_found_with_their_source() {
    for text in [SAMPLE.to_owned(), SAMPLE.replace('\n', "\r\n")] {
        let facts = scan(&text, &family()).unwrap();
        let rows = facts.entries.iter();
        let rows: Vec<_> = rows
            .map(|it| (&*it.name, it.version.as_deref(), &it.source))
            .collect();
        let commit = LockedSource::Git("0f1e2d3c".to_owned());
        assert_eq!(
            rows,
            [
                ("click", Some("8.1.3"), &LockedSource::Registry),
                ("flask", None, &LockedSource::Local),
                ("werkzeug", Some("3.1.0"), &commit),
            ]
        );
    }
}

#[test]
fn the_requirements_that_the_lock_repeats_are_found() {
    for text in [SAMPLE.to_owned(), SAMPLE.replace('\n', "\r\n")] {
        let facts = scan(&text, &names(&["click", "werkzeug", "asgiref"])).unwrap();
        let rows = facts.recorded.iter();
        let rows: Vec<_> = rows
            .map(|it| (&*it.dependent, &*it.name, &*it.requirement))
            .collect();
        assert_eq!(
            rows,
            [
                ("flask", "asgiref", ">=3.2"),
                ("flask", "click", ">=8.1.3,<9"),
                ("flask", "click", ""),
                ("flask", "click", "==8.*"),
            ]
        );
    }
}

#[test]
fn what_another_hand_wrote_is_left_to_the_parser() {
    for (from, to) in [
        ("name = \"click\"\nversion", "name=\"click\"\nversion"),
        (
            "name = \"click\"\nversion = \"8.1.3\"",
            "version = \"8.1.3\"\nname = \"click\"",
        ),
        (
            "source = { editable = \".\" }",
            "source = {editable = \".\"}",
        ),
        (
            "{ name = \"click\", specifier = \">=8.1.3,<9\" }",
            "{ name = \"click\", specifier = '>=8.1.3,<9' }",
        ),
        (
            "[[package]]\nname = \"flask\"",
            "[[package]] # own\nname = \"flask\"",
        ),
        (
            "[{ name = \"click\", specifier",
            "[{name = \"click\", specifier",
        ),
        ("\nname = \"flask\"\n", "\nname = \"flask\" # local\n"),
    ] {
        let text = SAMPLE.replace(from, to);
        assert_eq!(scan(&text, &family()), None, "{to}");
        let facts = UvLock.find(&text, &family()).unwrap();
        let expected = unplaced(scan(SAMPLE, &family()).unwrap());
        assert_eq!(unplaced(facts), expected, "{to}");
    }
}

#[test]
fn a_text_that_is_no_lock_is_an_error() {
    for text in ["<<<<<<< HEAD\n", "[[package]]\nname = \n", "[[package]]"] {
        let found = UvLock.find(text, &family());
        assert!(
            found.is_err() || found == Ok(LockFacts::default()),
            "{text}"
        );
    }
    assert!(UvLock.find("<<<<<<< HEAD\n", &family()).is_err());
    assert_eq!(
        UvLock.find("version = 1\n", &family()),
        Ok(LockFacts::default())
    );
}

#[test]
fn one_command_moves_all_and_nothing_else() {
    let to = |name: &str, to: &str| Move {
        name: name.to_owned(),
        from: None,
        to: to.to_owned(),
    };
    let of = |moves: &[Move]| commands(&UvLock, ("uv.lock", ""), &BTreeMap::new(), moves);
    assert_eq!(
        of(&[to("click", "8.2.0"), to("jinja2", "3.2.0")]),
        ["uv lock -P click==8.2.0 -P jinja2==3.2.0"]
    );
    assert_eq!(of(&[]), ["uv lock"]);
}

fn row() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "a-b", "c"]);
    let tail = prop::sample::select(vec![
        "",
        ", specifier = \">=1,<2\"",
        ", extras = [\"x\"], specifier = \"==1\"",
        ", marker = \"extra == 'x'\"",
        ", editable = \"../x\"",
        ", git = \"https://h/x?rev=v1\"",
    ]);
    (name, tail).prop_map(|(name, tail)| format!("{{ name = \"{name}\"{tail} }}"))
}

fn package() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "a-b", "c"]);
    let source = prop::sample::select(vec![
        "version = \"1.0\"\nsource = { registry = \"https://r/simple\" }",
        "version = \"1.0\"\nsource = { git = \"https://h/x?tag=v1#ab\" }",
        "source = { virtual = \".\" }",
        "version = \"2\"\nsource = { url = \"https://h/x.whl\" }",
    ]);
    let rows = proptest::collection::vec(row(), 0..4);
    (name, source, rows).prop_map(|(name, source, rows)| {
        let rows = rows.join(",\n    ");
        format!(
            "\n[[package]]\nname = \"{name}\"\n{source}\n\n[package.metadata]\n\
             requires-dist = [\n    {rows}\n]\n\n[package.metadata.requires-dev]\n\
             dev = [{rows}]\n"
        )
    })
}

proptest! {
    #[test]
    fn the_scan_says_what_the_parser_says(
        packages in proptest::collection::vec(package(), 1..5), crlf in any::<bool>(),
    ) {
        let text = format!("version = 1\n{}", packages.concat());
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let names = names(&["a", "a-b"]);
        prop_assert_eq!(scan(&text, &names).unwrap(), parse(&text, &names).unwrap());
    }

    #[test]
    fn any_text_is_read_without_a_panic(
        text in "(\n\\[\\[package\\]\\]\nname = \"a\"|\n\\[package.metadata\\]|[a\" =\n{},\\[\\]]){0,30}",
    ) {
        let facts = UvLock.find(&text, &names(&["a"]));
        prop_assert!(facts.is_ok() || parse(&text, &names(&["a"])).is_err());
    }
}
