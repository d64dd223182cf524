//! A `workspace.toml` with a mistake in it: what, where, and what to do.

use std::fs;

use cascade_tests::Town;

use crate::family::cascade;

const GOOD: &str = "[workspace]\nname = \"town\"\n\n[repo.a]\n\n[repo.b]\nneeds = [\"a\"]\n";

/// Each mistake, the words that have to be said about it, and the line that the caret is on.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "an unknown key",
        "[workspace]\nname = \"t\"\n\n[repo.a]\nneds = []\n",
        &["neds", "needs", "5"],
    ),
    (
        "an unknown need",
        "[workspace]\nname = \"t\"\n\n[repo.core]\n[repo.b]\nneeds = [\"cor\"]\n",
        &["cor", "core", "6"],
    ),
    (
        "a need twice",
        "[workspace]\nname = \"t\"\n\n[repo.a]\n[repo.b]\nneeds = [\"a\", \"a\"]\n",
        &["a", "6"],
    ),
    (
        "a table twice",
        "[workspace]\nname = \"t\"\n\n[repo.a]\n[repo.a]\n",
        &["a", "5"],
    ),
    (
        "itself",
        "[workspace]\nname = \"t\"\n\n[repo.a]\nneeds = [\"a\"]\n",
        &["a", "itself", "5"],
    ),
    (
        "a circle",
        "[workspace]\nname = \"t\"\n\n[repo.a]\nneeds = [\"b\"]\n[repo.b]\nneeds = [\"a\"]\n",
        &["a -> b -> a", "5", "7"],
    ),
    (
        "a path that leaves",
        "[workspace]\nname = \"t\"\n\n[repo.a]\npath = \"../a\"\n",
        &["../a", "5"],
    ),
    (
        "an absolute path",
        "[workspace]\nname = \"t\"\n\n[repo.a]\npath = \"/tmp/a\"\n",
        &["/tmp/a", "5"],
    ),
    (
        "a wrong type",
        "[workspace]\nname = \"t\"\n\n[repo.a]\npath = 7\n",
        &["path", "5"],
    ),
    (
        "two templates for one tag",
        "[workspace]\nname = \"t\"\n\n[repo.a]\npackages = [\n  { name = \"x\", tag = \"{version}\" },\n  { name = \"y\", tag = \"1{version}\" },\n]\n",
        &["{version}", "7"],
    ),
    (
        "a bad regex",
        "[workspace]\nname = \"t\"\n\n[repo.a]\n[repo.b]\n[[repo.b.site]]\nfile = \"x\"\nregex = \"(unclosed\"\nupstream = \"a\"\n",
        &["regex", "8"],
    ),
    (
        "a regex without its group",
        "[workspace]\nname = \"t\"\n\n[repo.a]\n[repo.b]\n[[repo.b.site]]\nfile = \"x\"\nregex = \"v1\"\nupstream = \"a\"\n",
        &["version", "8"],
    ),
    ("no TOML", "[workspace\nname = \"t\"\n", &["1"]),
];

fn town(text: &[u8]) -> Town {
    let town = Town::new();
    #[expect(clippy::disallowed_methods, reason = "a broken file of the test")]
    fs::write(town.work().join("workspace.toml"), text).unwrap();
    town
}

#[test]
fn every_mistake_is_shown_at_its_line_with_what_to_do() {
    for (what, text, words) in MISTAKES {
        let said = cascade(&town(text.as_bytes()), &["graph"]);
        assert_eq!(said.code, 2, "{what}: {}", said.err);
        assert!(said.err.contains("workspace.toml"), "{what}: {}", said.err);
        assert!(said.out.is_empty(), "{what}: {}", said.out);
        for word in *words {
            assert!(
                said.err.contains(word),
                "{what}: `{word}` is not in:\n{}",
                said.err
            );
        }
    }
}

#[test]
fn a_secret_in_a_remote_is_refused_and_not_repeated() {
    let text = "[workspace]\nname = \"t\"\n\n[repo.a]\nremote = \"https://me:hunter2@example.invalid/a.git\"\n";
    let said = cascade(&town(text.as_bytes()), &["graph"]).exits(2);
    assert!(
        !said.err.contains("hunter2") && !said.out.contains("hunter2"),
        "{}",
        said.err
    );
}

#[test]
fn files_that_are_none() {
    let big = vec![b'#'; 50 * 1024 * 1024];
    let cases: [(&str, &[u8], &str); 3] = [
        ("empty", b"", "cascade init"),
        ("not UTF-8", b"[workspace]\nname = \"\xff\"\n", "UTF-8"),
        ("50 MB", &big, "MiB"),
    ];
    for (what, bytes, word) in cases {
        let said = cascade(&town(bytes), &["graph"]);
        assert_eq!(said.code, 2, "{what}: {}", said.err);
        assert!(
            said.err.contains(word) && said.err.contains("workspace.toml"),
            "{what}: {}",
            said.err
        );
    }
}

#[test]
fn a_broken_manifest_beside_a_lock_is_named_with_its_place() {
    let town = town(b"[workspace]\nname = \"t\"\n[repo.up]\n[repo.app]\nneeds = [\"up\"]\n");
    let up = "[package]\nname = \"up\"\nversion = \"1.0.0\"\n";
    town.repo("up", "v1.0.0", &[("Cargo.toml", up)]);
    let broken = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nup = [\n\n";
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";
    let files = [("member/Cargo.toml", broken), ("member/Cargo.lock", lock)];
    town.repo("app", "v0.1.0", &files);
    cascade(&town, &["lock", "--verify"]).exits(1).says(&[
        "member/Cargo.lock  can not be judged",
        "`member/Cargo.toml` can not be read at line 5, column 7: unclosed array",
        "    5 | up = [\n      |       ^\n",
    ]);
    let json = cascade(&town, &["lock", "--verify", "--format", "json"]).exits(1);
    let at = &json.json()["locks"][0]["at"];
    assert_eq!(at["path"], "member/Cargo.toml");
    assert_eq!((&at["line"], &at["column"]), (&5.into(), &7.into()));
    let place = "line 5, column 7: unclosed array";
    cascade(&town, &["plan", "--for", "bump", "--repo", "up"])
        .exits(4)
        .says(&["member/Cargo.toml", place]);
    cascade(&town, &["bump"])
        .exits(0)
        .says(&["member/Cargo.toml", "its pins were not looked at"]);
    cascade(&town, &["status"])
        .exits(0)
        .says(&["member/Cargo.toml:5:"]);
}

#[test]
fn no_file_at_all_names_the_command_that_writes_one() {
    cascade(&Town::new(), &["status"])
        .exits(2)
        .says(&["workspace.toml", "cascade init"]);
}

#[test]
fn the_file_is_found_from_any_folder_below() {
    let town = town(GOOD.as_bytes());
    let deep = town.work().join("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    crate::family::cascade_in(&town, &deep, &["graph", "--format", "json"])
        .exits(0)
        .says(&["\"a\""]);
    let file = town.work().join("workspace.toml");
    let path = file.to_str().unwrap();
    crate::family::cascade_in(&town, town.path(), &["--workspace", path, "graph"]).exits(0);
}

#[test]
fn words_that_are_not_commands() {
    let town = town(GOOD.as_bytes());
    cascade(&town, &["stauts"]).exits(2).says(&["status"]);
    cascade(&town, &["plan", "--repo", "aa"])
        .exits(2)
        .says(&["aa", "`a`"]);
    cascade(&town, &["bump", "minro", "--repo", "a"])
        .exits(2)
        .says(&["minro", "minor"]);
}

#[test]
fn what_was_typed_at_length_is_cut() {
    let town = town(GOOD.as_bytes());
    let long = "x".repeat(1_200);
    let package = format!("a={long}");
    for words in [
        ["lock", "--repo", &long],
        ["status", "--repo", &long],
        ["plan", "--repo", &long],
        ["plan", "--only", &long],
        ["plan", "--repo", &package],
        ["bump", "--repo", &long],
        ["graph", "--format", &long],
    ] {
        let said = cascade(&town, &words).exits(2);
        assert!(said.err.contains("xxx"), "{words:?}: {}", said.err);
        assert!(said.err.len() < 900, "{words:?}: {}", said.err);
    }
}

#[test]
fn some_repositories_alone_are_shown() {
    let town = town(GOOD.as_bytes());
    cascade(&town, &["status", "--repo", "b*"])
        .exits(0)
        .says(&["1 of 2 repositories"]);
    let json = cascade(&town, &["status", "--repo", "b", "--format", "json"]).json();
    assert_eq!(json["order"], serde_json::json!(["b"]));
    cascade(&town, &["status", "--repo", "a", "--why", "b"]).exits(2);
}

#[test]
fn a_lock_or_a_manifest_beside_it_that_is_no_text_is_not_in_step() {
    let town = town(b"[workspace]\nname = \"t\"\n[repo.a]\n[repo.b]\n[repo.c]\n");
    let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
    let manifest = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";
    for name in ["a", "b", "c"] {
        let files = [("Cargo.toml", manifest), ("Cargo.lock", lock)];
        town.repo(name, "v1.0.0", &files);
    }
    let put = |path: &str, bytes: &[u8]| {
        #[expect(clippy::disallowed_methods, reason = "a broken file of the test")]
        fs::write(town.work().join(path), bytes).unwrap();
    };
    put("a/Cargo.toml", b"[package]\nname = \"\xff\"\n");
    put("b/Cargo.lock", b"version = 4\n\xff");
    let linked = town.work().join("c/Cargo.toml");
    fs::remove_file(&linked).unwrap();
    std::os::unix::fs::symlink("../a/Cargo.toml", &linked).unwrap();
    cascade(&town, &["lock", "--verify"]).exits(1).says(&[
        "`Cargo.toml` can not be read: it is not UTF-8: byte 18",
        "`Cargo.lock` can not be read: it is not UTF-8",
        "`Cargo.toml` lies behind a symbolic link",
        "3 locks: 3 failed",
    ]);
}
