use proptest::prelude::*;

use super::*;
use crate::{Form, Kind, Pin, Publish, Source, VersionField};

mod version;

fn read(text: &str) -> Manifest {
    Pyproject.read(text).unwrap()
}

fn pin(text: &str, name: &str) -> Pin {
    let pins = read(text).pins;
    let mut named = pins.into_iter().filter(|it| it.name == name);
    let pin = named.next().unwrap();
    assert_eq!(named.next(), None);
    pin
}

/// The line, section, kind, requirement and form of every pin, one on each line.
fn table(text: &str) -> String {
    let rows = read(text).pins.into_iter().map(|it| {
        let source = it.source.map(|it| format!(" {it:?}")).unwrap_or_default();
        let (section, name, requirement) = (it.section, it.name, it.requirement);
        let (line, kind) = (it.line, it.kind);
        let form = match it.form {
            Form::GitRev { comment: Some(tag) } => format!("GitRev# {}", text.get(tag).unwrap()),
            form => format!("{form:?}"),
        };
        format!("{line} {section} {kind} {name} `{requirement}` {form}{source}\n")
    });
    rows.collect()
}

const PROJECT: &str = r#"[build-system]
requires = ["hatchling>=1.2", "hatch-vcs"]
[project]
name = "Flask"
version = "3.2.0.dev"
keywords = ["click>=8"]
dependencies = ["MarkupSafe>=3.0",
  # why
  "click >= 8.1 , < 9 ; python_version < \"3.13\"",
  'jinja2[i18n]>=3.1.2',
  "requests (>=2.32.3,<3.0.0)",
  "bare",
  "esc>=1\u002e4",
  "odd ^1.4",
]
[project.optional-dependencies]
async = ["asgiref>=3.2"]
[dependency-groups]
dev = ["ruff", {include-group = "docs"}]
docs = ["sphinx<9"]
[tool.uv]
dev-dependencies = ["mypy==1.4"]
[tool.pdm.dev-dependencies]
test = ["pytest~=8.0"]
[tool.deptry.per_rule_ignores]
DEP003 = ["click"]
"#;

#[test]
fn every_table_of_pep_508_strings_is_read() {
    let expected = "\
2 build-system.requires build hatchling `>=1.2` Range
2 build-system.requires build hatch-vcs `` Range
7 project.dependencies runtime MarkupSafe `>=3.0` Range
9 project.dependencies runtime click `>= 8.1 , < 9` Range
10 project.dependencies runtime jinja2 `>=3.1.2` Range
11 project.dependencies runtime requests `>=2.32.3,<3.0.0` Range
12 project.dependencies runtime bare `` Range
13 project.dependencies runtime esc `>=1.4` Opaque
14 project.dependencies runtime odd `^1.4` Opaque
17 project.optional-dependencies.async optional asgiref `>=3.2` Range
19 dependency-groups.dev dev ruff `` Range
20 dependency-groups.docs dev sphinx `<9` Range
22 tool.uv.dev-dependencies dev mypy `==1.4` Range
24 tool.pdm.dev-dependencies.test dev pytest `~=8.0` Range
";
    let crlf = PROJECT.replace('\n', "\r\n");
    for text in [PROJECT.to_owned(), crlf.clone(), format!("\u{feff}{crlf}")] {
        assert_eq!(table(&text), expected);
        for pin in read(&text).pins {
            match pin.span {
                Some(span) => assert_eq!(text.get(span), Some(&*pin.requirement)),
                None => assert!(pin.requirement.is_empty() || pin.form == Form::Opaque),
            }
        }
    }
}

#[test]
fn poetry_rows_have_every_spelling() {
    let text = r#"[tool.poetry]
name = "api"
version = "0.1.0"
[tool.poetry.dependencies]
python = "^3.10"
quart = "*"
caret = "^1.4"
extra = { version = ">=1,<2", optional = true, extras = ["x"] }
split = [
  { version = "^1", python = "<3.9" },
  { version = "^2", python = ">=3.9" },
]
tagged = { git = "https://git.example/t", tag = "v1.4.2" }
revved = { git = "https://git.example/t", rev = "0f1e2d3c" } # v1.4.2
branched = { git = "https://git.example/t", branch = "main" }
gitted = { git = "https://git.example/t" }
local = { path = "../local", develop = true }
archive = { url = "https://files.example/a-1.0.whl" }
[tool.poetry.dependencies.headed]
extras = ["y"]
version = "~1.4"
[tool.poetry.dev-dependencies]
old = "1.4"
[tool.poetry.group.test.dependencies]
new = "^8"
"#;
    assert_eq!(
        table(text),
        "\
6 tool.poetry.dependencies runtime quart `*` Range
7 tool.poetry.dependencies runtime caret `^1.4` Range
8 tool.poetry.dependencies optional extra `>=1,<2` Range
10 tool.poetry.dependencies runtime split `^1` Range
11 tool.poetry.dependencies runtime split `^2` Range
13 tool.poetry.dependencies runtime tagged `v1.4.2` GitTag GitRef(\"https://git.example/t\")
14 tool.poetry.dependencies runtime revved `0f1e2d3c` GitRev# v1.4.2 \
GitRef(\"https://git.example/t\")
15 tool.poetry.dependencies runtime branched `` Unversioned Branch(\"main\")
16 tool.poetry.dependencies runtime gitted `` Unversioned Git(\"https://git.example/t\")
17 tool.poetry.dependencies runtime local `` Unversioned Path(\"../local\")
18 tool.poetry.dependencies runtime archive `` Opaque
21 tool.poetry.dependencies runtime headed `~1.4` Range
23 tool.poetry.dev-dependencies dev old `1.4` Range
25 tool.poetry.group.test.dependencies dev new `^8` Range
"
    );
    let package = read(text).package.unwrap();
    assert_eq!(
        (package.name.as_str(), package.publish),
        ("api", Publish::Yes)
    );
    assert!(matches!(package.version, VersionField::Static { text, .. } if text == "0.1.0"));
}

#[test]
fn beside_project_a_poetry_row_only_says_where_the_package_comes_from() {
    let text = r#"[project]
name = "new"
dynamic = ["version"]
dependencies = ["local (>=1.4)", "plain>=1", "tagged"]
[tool.poetry]
version = "1.0.0"
[tool.poetry.dependencies]
local = { path = "../local" }
plain = { source = "private" }
tagged = { git = "https://git.example/t", tag = "v1" }
"#;
    assert_eq!(
        table(text),
        "\
4 project.dependencies runtime local `>=1.4` Range Path(\"../local\")
4 project.dependencies runtime plain `>=1` Range
4 project.dependencies runtime tagged `` Range GitRef(\"https://git.example/t\")
10 tool.poetry.dependencies runtime tagged `v1` GitTag GitRef(\"https://git.example/t\")
"
    );
    let version = read(text).package.unwrap().version;
    assert!(matches!(version, VersionField::Static { text, .. } if text == "1.0.0"));
}

#[test]
fn uv_sources_override_where_a_package_comes_from() {
    let text = r#"[project]
name = "app"
dependencies = ["Foo_Bar>=1.4", "ws", "tagged", "revved", "indexed>=1", "listed"]
[dependency-groups]
dev = ["branched"]
[tool.uv.sources]
foo-bar = { path = "../foo" }
ws = { workspace = true }
tagged = { git = "https://git.example/t", tag = "v1.4.2" }
branched = { git = "https://git.example/b", branch = "main" }
indexed = { index = "private" }
listed = [{ git = "https://git.example/l", tag = "v2", marker = "a" }, { index = "x" }]
unasked = { git = "https://git.example/u", rev = "v3" }
[tool.uv.sources.revved]
rev = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c" # v1.4.2, pinned
git = "https://git.example/r"
"#;
    assert_eq!(
        table(text),
        "\
3 project.dependencies runtime Foo_Bar `>=1.4` Range Path(\"../foo\")
3 project.dependencies runtime ws `` Range Workspace
3 project.dependencies runtime tagged `` Range GitRef(\"https://git.example/t\")
3 project.dependencies runtime revved `` Range GitRef(\"https://git.example/r\")
3 project.dependencies runtime indexed `>=1` Range
3 project.dependencies runtime listed `` Range GitRef(\"https://git.example/l\")
5 dependency-groups.dev dev branched `` Range Branch(\"main\")
9 tool.uv.sources runtime tagged `v1.4.2` GitTag GitRef(\"https://git.example/t\")
12 tool.uv.sources runtime listed `v2` GitTag GitRef(\"https://git.example/l\")
13 tool.uv.sources workspace unasked `v3` GitTag GitRef(\"https://git.example/u\")
15 tool.uv.sources runtime revved `0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c` \
GitRev# v1.4.2 GitRef(\"https://git.example/r\")
"
    );
}

#[test]
fn a_direct_reference_is_edited_at_its_tag() {
    let text = "[project]\nname = \"a\"\ndependencies = [\n  \
                \"b @ git+https://git.example/b@v0.77.0\",\n  \
                \"c @ git+https://git.example/c@0f1e2d3c\", # v1.4.2\n]\n";
    let b = pin(text, "b");
    assert_eq!((b.line, b.form.clone()), (4, Form::GitTag));
    assert_eq!(text.get(b.span.unwrap()), Some("v0.77.0"));
    assert_eq!(
        b.source,
        Some(Source::GitRef("https://git.example/b".to_owned()))
    );
    let Form::GitRev {
        comment: Some(comment),
    } = pin(text, "c").form
    else {
        panic!("{}", table(text));
    };
    assert_eq!(text.get(comment), Some("v1.4.2"));
}

#[test]
fn a_comment_behind_another_string_is_not_this_one_s() {
    let text =
        "[project]\nname = \"a\"\ndependencies = [\"b @ git+https://h/b@0f1e2d3c\", \"c\"] # v1\n";
    assert_eq!(pin(text, "b").form, Form::GitRev { comment: None });
}

#[test]
fn what_is_never_published_is_private() {
    for text in [
        "[project]\nname = \"a\"\nclassifiers = [\"Private :: Do Not Upload\"]",
        "[project]\nname = \"a\"\n[tool.uv]\npackage = false",
        "[tool.poetry]\nname = \"a\"\npackage-mode = false",
        "[tool.poetry]\nname = \"a\"\nclassifiers = [\"Private :: x\"]",
    ] {
        assert_eq!(
            read(text).package.unwrap().publish,
            Publish::Never,
            "{text}"
        );
    }
    assert_eq!(read(PROJECT).package.unwrap().publish, Publish::Yes);
}

#[test]
fn a_root_without_a_project_has_members_only() {
    let text = "[tool.uv.workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/old\"]\n";
    let manifest = read(text);
    assert_eq!(manifest.package, None);
    assert_eq!(manifest.members.include, ["packages/*"]);
    assert_eq!(manifest.members.exclude, ["packages/old"]);
}

#[test]
fn a_text_that_is_no_toml_or_says_a_key_twice_is_an_error_with_its_place() {
    for text in ["[project\n", "[project]\nname = \"a\"\nname = \"b\"\n"] {
        assert!(Pyproject.read(text).unwrap_err().span.is_some(), "{text}");
    }
    for text in [
        "project = 1",
        "[project]\ndependencies = 1",
        "[tool]\npoetry = []",
        "[[project]]",
    ] {
        assert_eq!(read(text), Manifest::default(), "{text}");
    }
}

proptest! {
    #[test]
    fn an_edit_of_one_pin_changes_that_requirement_alone(
        which in 0_usize..14, to in ">=[1-9]\\.[0-9],<[1-9]0", crlf in any::<bool>(),
    ) {
        let text = if crlf { PROJECT.replace('\n', "\r\n") } else { PROJECT.to_owned() };
        let before = read(&text);
        let Some(span) = before.pins[which].span.clone() else { return Ok(()) };
        let splice = crate::Splice { span, to: to.clone() };
        let edited = crate::splice(&text, &[splice]).unwrap();
        let after = read(&edited);
        for (n, (a, b)) in before.pins.iter().zip(&after.pins).enumerate() {
            let expected = if n == which { &to } else { &a.requirement };
            prop_assert_eq!(&b.requirement, expected);
            prop_assert_eq!((&a.name, a.line, a.kind), (&b.name, b.line, b.kind));
        }
    }
}

#[test]
fn a_multi_line_string_is_shown_and_never_edited() {
    let text = "[project]\nname = \"a\"\ndependencies = [\"\"\"b>=1\"\"\", 'c>=1']\n";
    let b = pin(text, "b");
    assert_eq!(
        (b.requirement.as_str(), b.span, b.form),
        (">=1", None, Form::Opaque)
    );
    assert_eq!(pin(text, "c").form, Form::Range);
}

#[test]
fn many_rows_are_read_in_one_pass() {
    let each = |row: fn(usize) -> String| (0..5_000).map(row).collect::<Vec<_>>().concat();
    let rows = each(|it| format!("    \"p{it}>=1\",\n"));
    let sources = each(|it| format!("p{it} = {{ path = \"x\" }}\n"));
    let text =
        format!("[project]\nname = \"a\"\ndependencies = [\n{rows}]\n[tool.uv.sources]\n{sources}");
    let pins = read(&text).pins;
    assert_eq!(pins.last().map(|it| it.line), Some(5_003));
    assert!(pins.iter().all(|it| it.source.is_some()));
}

#[test]
fn a_group_orders_as_its_strongest_kind() {
    let text = "[project]\nname = \"a\"\ndependencies = [\"b\"]\n[dependency-groups]\ndev = [\"b\"]\n\
                [tool.uv.sources]\nb = { git = \"https://h/b\", tag = \"v1\" }\n";
    let pins = read(text).pins;
    assert_eq!(pins.last().map(|it| it.kind), Some(Kind::Runtime));
}
