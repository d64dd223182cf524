use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::{Ask, Facts, Move};

/// The wheels of an index, by file name, each with what it requires.
struct Index(Vec<(&'static str, &'static str, &'static [&'static str])>);

impl Facts for Index {
    fn ask(&self, question: &Ask) -> Result<Arc<[u8]>, Fallback> {
        let file = |name: &str, version: &str| {
            let file = format!("{name}-{version}-py3-none-any.whl");
            format!(
                "{{\"filename\": \"{file}\", \"url\": \"https://f.example/{name}/{version}\", \
                 \"hashes\": {{\"sha256\": \"{version}\"}}}}"
            )
        };
        let text = match question {
            Ask::PythonProject { name, .. } => {
                let files = self.0.iter().filter(|it| it.0 == name);
                let files: Vec<_> = files.map(|it| file(it.0, it.1)).collect();
                format!("{{\"files\": [{}]}}", files.join(", "))
            }
            Ask::PythonMetadata { url } => {
                let is_it =
                    |it: &&(&str, &str, &[&str])| url.ends_with(&format!("{}/{}", it.0, it.1));
                let found = self.0.iter().find(is_it).unwrap();
                let rows = found.2.iter().map(|it| format!("Requires-Dist: {it}\n"));
                format!("Name: {}\n{}\n", found.0, rows.collect::<String>())
            }
            Ask::GitTag { .. } => "0".repeat(40),
            other => panic!("{other:?}"),
        };
        Ok(text.into_bytes().into())
    }
}

const MANIFEST: &str = "\
[project]
name = \"app\"
requires-python = \">=3.9\"
dependencies = [\"lib>=1\"]
";

fn record(name: &str, version: &str, rest: &str) -> String {
    format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\ndescription = \"\"\n\
         files = [\n    {{file = \"{name}-{version}-py3-none-any.whl\", hash = \"sha256:{version}\"}},\n]\n\
         \n{rest}"
    )
}

fn lock(records: &[String]) -> String {
    let toml = Toml::parse(MANIFEST).unwrap();
    let hash = content_hash(&toml, Era::Groups).unwrap();
    format!(
        "# made by Poetry 2.5.1\n\n{}[metadata]\nlock-version = \"2.1\"\n\
         python-versions = \">=3.9\"\ncontent-hash = \"{hash}\"\n",
        records.concat()
    )
}

fn rewritten(text: &str, index: &Index, names: &[&str]) -> Result<String, String> {
    rewritten_for(MANIFEST, text, index, names)
}

fn rewritten_for(
    manifest: &str,
    text: &str,
    index: &Index,
    names: &[&str],
) -> Result<String, String> {
    let one = |name: &&str| Move {
        name: (*name).to_owned(),
        from: Some("1.0.0".to_owned()),
        to: "1.1.0".to_owned(),
    };
    let moves: Vec<_> = names.iter().map(one).collect();
    let files = BTreeMap::from([("pyproject.toml".to_owned(), manifest.to_owned())]);
    let bump = Bump {
        moves: &moves,
        own: &[],
        files: &files,
        facts: index,
    };
    rewrite(text, &bump).map_err(|it| it.0)
}

/// A package and its core and tools, bound with `=`, at a version.
fn set(version: &str) -> String {
    lock(&[
        record("core", version, ""),
        record(
            "lib",
            version,
            &format!(
                "[package.dependencies]\ncore = {{version = \"{version}\", extras = [\"x\"]}}\n\n\
                 [package.extras]\nall = [\"third (>=1)\", \"tools (=={version}) ; python_version < \\\"3.12\\\"\"]\n\n"
            ),
        ),
        record("third", "1.0.0", ""),
    ])
}

const SET: &[(&str, &str, &[&str])] = &[
    ("core", "1.0.0", &[]),
    ("core", "1.1.0", &[]),
    (
        "lib",
        "1.0.0",
        &[
            "core[x]==1.0.0",
            "third>=1 ; extra == 'all'",
            "tools==1.0.0 ; python_version < '3.12' and extra == 'all'",
        ],
    ),
    (
        "lib",
        "1.1.0",
        &[
            "core[x]==1.1.0",
            "third>=1 ; extra == 'all'",
            "tools==1.1.0 ; python_version < '3.12' and extra == 'all'",
        ],
    ),
];

#[test]
fn a_set_moves_with_the_rows_that_bind_it() {
    let index = Index(SET.to_vec());
    let (old, new) = (set("1.0.0"), set("1.1.0"));
    for line_end in ["\n", "\r\n"] {
        let (old, new) = (old.replace('\n', line_end), new.replace('\n', line_end));
        for names in [&["core", "lib"], &["lib", "core"]] {
            assert_eq!(rewritten(&old, &index, names).as_ref(), Ok(&new));
            assert_eq!(rewritten(&new, &index, names).as_ref(), Ok(&new));
        }
    }
    // Half of it was moved already.
    let half = old.replacen("1.0.0", "1.1.0", 3);
    assert_eq!(rewritten(&half, &index, &["core", "lib"]), Ok(new));
}

#[test]
fn half_a_set_does_not_move() {
    let index = Index(SET.to_vec());
    let told = rewritten(&set("1.0.0"), &index, &["lib"]).unwrap_err();
    assert_eq!(told, "`lib` needs `core==1.1.0` now, and 1.0.0 is locked");
    let told = rewritten(&set("1.0.0"), &index, &["core"]).unwrap_err();
    assert_eq!(told, "`lib` requires `core 1.0.0`, which excludes 1.1.0");
}

fn with_range(version: &str, row: &str) -> String {
    let rows = format!("[package.dependencies]\nthird = {row}\n\n");
    lock(&[record("lib", version, &rows), record("third", "1.0.0", "")])
}

fn requiring(old: &'static [&'static str], new: &'static [&'static str]) -> Index {
    Index(vec![("lib", "1.0.0", old), ("lib", "1.1.0", new)])
}

#[test]
fn a_range_below_moves_where_what_is_locked_fits() {
    let windows = "{version = \"@\", markers = \"sys_platform == \\\"win32\\\"\"}";
    for (old, new, row, before, after) in [
        (
            &["third<2,>=1.0.0"][..],
            &["third>=0.9"][..],
            "\"@\"",
            ">=1.0.0,<2",
            ">=0.9",
        ),
        (&["third"], &["third~=1.0"], "\"@\"", "*", ">=1.0,<2.0"),
        (
            &["third<2,>=1.0"],
            &["third<3,!=1.5,>=1.0,!=1.4"],
            "\"@\"",
            ">=1.0,<2",
            ">=1.0,!=1.4,!=1.5,<3",
        ),
        (&["third==1.*"], &["third!=2.*"], "\"@\"", "==1.*", "!=2.*"),
        (
            &["third>=1.0 ; sys_platform == 'win32'"],
            &["third>=1.0.0 ; sys_platform == 'win32'"],
            windows,
            ">=1.0",
            ">=1.0.0",
        ),
    ] {
        let old_lock = with_range("1.0.0", &row.replace('@', before));
        let new_lock = with_range("1.1.0", &row.replace('@', after));
        let index = requiring(old, new);
        assert_eq!(rewritten(&old_lock, &index, &["lib"]), Ok(new_lock));
    }
}

#[test]
fn what_changes_more_than_a_range_is_left_to_the_tool() {
    for (old, new, row, reason) in [
        (
            &["third>=1"][..],
            &["third>=1.1"][..],
            "\">=1\"",
            "`lib` needs `third>=1.1` now, and 1.0.0 is locked",
        ),
        (
            &["third>=1"],
            &["third>=1,!=1.4.*"],
            "\">=1\"",
            "Poetry has a way of its own to write `third>=1,!=1.4.*`",
        ),
        (
            &["third>=1"],
            &["Third>=1"],
            "\">=1\"",
            "the dependencies of `lib` changed",
        ),
        (
            &["third>=1"],
            &["third[x]>=1"],
            "\">=1\"",
            "the dependencies of `lib` changed",
        ),
        (
            &["third>=1"],
            &["third>=0.9"],
            "\">=1.0\"",
            "the rows of `lib` on `third` are not as Poetry writes them",
        ),
        (
            &["third>=1", "third<9 ; os_name == 'nt'"],
            &["third>=0.9", "third<9 ; os_name == 'nt'"],
            "\">=1\"",
            "`lib` requires `third` in several ways, which changed",
        ),
    ] {
        let text = with_range("1.0.0", row);
        let told = rewritten(&text, &requiring(old, new), &["lib"]);
        assert_eq!(told, Err(reason.to_owned()), "{new:?}");
    }
}

#[test]
fn a_folder_beside_it_that_requires_what_moves_is_left_to_the_tool() {
    let beside = "[package.dependencies]\nlib = \">=1\"\n\n\
                  [package.source]\ntype = \"directory\"\nurl = \"beside\"\n\n";
    let text = lock(&[
        record("beside", "1.0.0", beside),
        record("lib", "1.0.0", ""),
    ]);
    let told = rewritten(&text, &requiring(&[], &[]), &["lib"]);
    assert_eq!(
        told,
        Err("`beside` beside it requires what moves".to_owned())
    );
}

#[test]
fn what_comes_from_the_same_repository_is_left_to_the_tool() {
    let from = |folder: &str| {
        format!(
            "[package.source]\ntype = \"git\"\nurl = \"https://git.example/mono\"\n\
             reference = \"v1.0.0\"\nresolved_reference = \"1\"\nsubdirectory = \"{folder}\"\n\n"
        )
    };
    let core = record("core", "1.0.0", &from("core"));
    let text = lock(&[core, record("lib", "1.0.0", &from("lib"))]);
    let address = "lib @ git+https://git.example/mono@v1.1.0#subdirectory=lib";
    let manifest = MANIFEST.replace("lib>=1", address);
    let told = rewritten_for(&manifest, &text, &Index(Vec::new()), &["lib"]);
    let reason = "`core` comes from the repository of `lib` too";
    assert_eq!(told, Err(reason.to_owned()));
}
