#![expect(clippy::string_slice, reason = "a cut character fails the test")]

use proptest::prelude::*;

use super::*;
use crate::lock::{commands, unplaced};

fn names(names: &[&str]) -> Names {
    names.iter().map(|it| (*it).to_owned()).collect()
}

fn facts(text: &str, wanted: &[&str]) -> LockFacts {
    PackageLock.find(text, &names(wanted)).unwrap()
}

fn rows(facts: &LockFacts) -> Vec<(&str, &str, Option<&str>, &LockedSource)> {
    facts
        .entries
        .iter()
        .map(|it| (&*it.place, &*it.name, it.version.as_deref(), &it.source))
        .collect()
}

fn recorded(facts: &LockFacts) -> Vec<(&str, &str, &str)> {
    facts
        .recorded
        .iter()
        .map(|it| (&*it.dependent, &*it.name, &*it.requirement))
        .collect()
}

/// As npm 11 writes it: a workspace, two copies of one package, an alias, a git source.
const LOCK: &str = r#"{
  "name": "@seed/root",
  "version": "0.1.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "@seed/root",
      "version": "0.1.0",
      "workspaces": [
        "packages/*"
      ],
      "dependencies": {
        "@seed/core": "^7.0.7",
        "far": "^1.0.0",
        "renamed": "npm:@seed/urn@^1.4"
      },
      "devDependencies": {
        "@seed/core": "^7.0.7",
        "@seed/git": "github:seed/git#v1.0.0"
      },
      "engines": {
        "node": ">= 20"
      }
    },
    "node_modules/@seed/a": {
      "resolved": "packages/a",
      "link": true
    },
    "node_modules/@seed/core": {
      "version": "7.0.6",
      "resolved": "https://registry.example/@seed/core/-/core-7.0.6.tgz",
      "integrity": "sha512-AA==",
      "license": "MIT",
      "dependencies": {
        "@seed/urn": "^1.0.0"
      },
      "engines": {
        "node": ">= 20"
      }
    },
    "node_modules/@seed/git": {
      "version": "1.0.0",
      "resolved": "git+ssh://git@github.com/seed/git.git#0123456789abcdef0123456789abcdef01234567",
      "dev": true
    },
    "node_modules/far": {
      "version": "1.0.0",
      "resolved": "https://registry.example/far/-/far-1.0.0.tgz",
      "integrity": "sha512-AA==",
      "bin": {
        "far": "bin/@seed/core.js"
      }
    },
    "node_modules/far/node_modules/@seed/core": {
      "version": "6.1.6",
      "resolved": "https://registry.example/@seed/core/-/core-6.1.6.tgz",
      "integrity": "sha512-AA=="
    },
    "node_modules/renamed": {
      "name": "@seed/urn",
      "version": "1.4.2",
      "resolved": "https://registry.example/@seed/urn/-/urn-1.4.2.tgz",
      "integrity": "sha512-AA=="
    },
    "packages/a": {
      "name": "@seed/a",
      "version": "1.0.0",
      "peerDependencies": {
        "@seed/core": ">=6"
      }
    }
  }
}
"#;

const FAMILY: [&str; 4] = ["@seed/core", "@seed/urn", "@seed/a", "@seed/git"];

#[test]
fn every_copy_is_an_entry_at_its_place() {
    let found = facts(LOCK, &FAMILY);
    let commit = "0123456789abcdef0123456789abcdef01234567".to_owned();
    let nested = "node_modules/far/node_modules/@seed/core";
    assert_eq!(
        rows(&found),
        [
            (
                "node_modules/@seed/a",
                "@seed/a",
                None,
                &LockedSource::Local
            ),
            (
                "node_modules/@seed/core",
                "@seed/core",
                Some("7.0.6"),
                &LockedSource::Registry
            ),
            (
                "node_modules/@seed/git",
                "@seed/git",
                Some("1.0.0"),
                &LockedSource::Git(commit)
            ),
            (nested, "@seed/core", Some("6.1.6"), &LockedSource::Registry),
            (
                "node_modules/renamed",
                "@seed/urn",
                Some("1.4.2"),
                &LockedSource::Registry
            ),
            ("packages/a", "@seed/a", Some("1.0.0"), &LockedSource::Local),
        ]
    );
}

#[test]
fn the_folders_own_requirements_are_recorded_as_the_manifest_reads_them() {
    assert_eq!(
        recorded(&facts(LOCK, &FAMILY)),
        [
            ("", "@seed/core", "^7.0.7"),
            ("", "@seed/urn", "^1.4"),
            ("", "@seed/core", "^7.0.7"),
            ("", "@seed/git", "v1.0.0"),
            ("packages/a", "@seed/core", ">=6"),
        ]
    );
}

#[test]
fn the_root_is_an_entry_of_its_own() {
    let found = facts(LOCK, &["@seed/root"]);
    let root = ("", "@seed/root", Some("0.1.0"), &LockedSource::Local);
    assert_eq!(rows(&found), [root]);
}

#[test]
fn the_scan_reads_npms_layout_and_agrees_with_the_parser() {
    for wanted in [&FAMILY[..], &["far"], &["@seed/root"], &["core"], &[]] {
        let wanted = names(wanted);
        let scanned = scan::find(LOCK, &wanted);
        assert_eq!(scanned.as_ref(), parsed(LOCK, &wanted).as_ref().ok());
    }
}

#[test]
fn another_layout_is_parsed() {
    let value: serde_json::Value = serde_json::from_str(LOCK).unwrap();
    let expected = unplaced(facts(LOCK, &FAMILY));
    for text in [
        value.to_string(),
        LOCK.replace("  ", "\t"),
        LOCK.replace("  ", "    "),
        LOCK.replace('\n', "\r\n"),
        "\u{feff}".to_owned() + LOCK,
        LOCK.replace("\": \"7.0.6\"", "\":\"7.0.6\""),
        LOCK.replace("7.0.6\",\n", "7.0\\u002e6\",\n"),
    ] {
        assert_eq!(scan::find(&text, &names(&FAMILY)), None, "{text}");
        let mut found = unplaced(facts(&text, &FAMILY));
        // The compact copy is sorted by its writer.
        found.entries.sort_by(|a, b| a.place.cmp(&b.place));
        assert_eq!(found.entries, expected.entries);
    }
}

#[test]
fn a_second_version_lock_counts_its_entries_once() {
    let legacy = ",\n  \"dependencies\": {\n    \"@seed/core\": {\n      \"version\": \"7.0.6\"\n    }\n  }\n}\n";
    let text = LOCK
        .replace("\"lockfileVersion\": 3", "\"lockfileVersion\": 2")
        .trim_end()
        .trim_end_matches("\n}")
        .to_owned()
        + legacy;
    assert!(scan::find(&text, &names(&FAMILY)).is_some());
    assert_eq!(facts(&text, &FAMILY), facts(LOCK, &FAMILY));
}

#[test]
fn a_first_version_lock_is_a_tree() {
    let text = r#"{
  "name": "root",
  "lockfileVersion": 1,
  "requires": true,
  "dependencies": {
    "@seed/core": {"version": "7.0.6", "requires": {"@seed/urn": "^1.0.0"}},
    "far": {
      "version": "1.0.0",
      "dependencies": {"@seed/core": {"version": "6.1.6"}}
    },
    "renamed": {"version": "npm:@seed/urn@1.4.2"},
    "@seed/a": {"version": "file:packages/a"},
    "@seed/git": {"version": "git+ssh://git@github.com/seed/git.git#0123456"}
  }
}"#;
    let commit = LockedSource::Git("0123456".to_owned());
    let nested = "node_modules/far/node_modules/@seed/core";
    assert_eq!(
        rows(&facts(text, &FAMILY)),
        [
            (
                "node_modules/@seed/core",
                "@seed/core",
                Some("7.0.6"),
                &LockedSource::Registry
            ),
            (nested, "@seed/core", Some("6.1.6"), &LockedSource::Registry),
            (
                "node_modules/renamed",
                "@seed/urn",
                Some("1.4.2"),
                &LockedSource::Registry
            ),
            (
                "node_modules/@seed/a",
                "@seed/a",
                None,
                &LockedSource::Local
            ),
            ("node_modules/@seed/git", "@seed/git", None, &commit),
        ]
    );
}

#[test]
fn a_folder_without_a_name_is_called_as_npm_calls_it() {
    let text = r#"{
  "lockfileVersion": 3,
  "packages": {
    "packages/urn": {
      "version": "1.0.0"
    },
    "packages/@seed/core": {
      "version": "2.0.0"
    }
  }
}
"#;
    let found = facts(text, &["urn", "@seed/core", "core"]);
    assert_eq!(
        scan::find(text, &names(&["urn", "@seed/core", "core"])),
        Some(found.clone())
    );
    let places: Vec<(&str, &str)> = found
        .entries
        .iter()
        .map(|it| (&*it.name, &*it.place))
        .collect();
    assert_eq!(
        places,
        [
            ("urn", "packages/urn"),
            ("@seed/core", "packages/@seed/core")
        ]
    );
}

#[test]
fn what_is_no_lock_is_an_error() {
    let conflict = LOCK.replace(
        "      \"version\": \"7.0.6\",\n",
        "<<<<<<< HEAD\n      \"version\": \"7.0.6\",\n=======\n",
    );
    let twice = LOCK.replace("node_modules/@seed/git\"", "node_modules/@seed/core\"");
    let newer = LOCK.replace("\"lockfileVersion\": 3", "\"lockfileVersion\": 4");
    let cut = LOCK[..LOCK.len() - 40].to_owned();
    for text in ["", "[]", "{", &*conflict, &*twice, &*newer, &*cut] {
        let found = PackageLock.find(text, &names(&FAMILY));
        assert!(found.is_err(), "{text}: {found:?}");
    }
}

#[test]
fn the_command_moves_nothing_but_the_lock() {
    let lines = commands(
        &PackageLock,
        ("package-lock.json", ""),
        &BTreeMap::new(),
        &[],
    );
    assert_eq!(
        lines,
        [
            "npm install --package-lock-only --ignore-scripts --prefer-online --no-audit --no-fund \
          --no-update-notifier"
        ]
    );
}

proptest! {
    /// Whatever is done to a lock, the scan finds what the parser finds or leaves it to it.
    #[test]
    fn the_scan_never_disagrees_with_the_parser(
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        put in prop::sample::select(vec![
            "", " ", "\n", "  ", "{", "}", "\"", ",", "\\", "x", "\n    ", "\n    \"\": {\n    },",
            "\n    \"node_modules/@seed/core\": {\n      \"version\": \"1.0.0\"\n    },",
        ]),
    ) {
        let start = at.index(LOCK.len());
        let end = (start + length).min(LOCK.len());
        let text = format!("{}{put}{}", &LOCK[..start], &LOCK[end..]);
        let wanted = names(&FAMILY);
        if let (Some(scanned), Ok(parsed)) = (scan::find(&text, &wanted), parsed(&text, &wanted)) {
            prop_assert_eq!(scanned, parsed);
        }
    }
}

#[test]
fn a_lock_shows_whether_its_addresses_are_written() {
    let told = |text: &str| {
        let variables = PackageLock.environment(text);
        variables.first().map(|(_, it)| *it)
    };
    let there =
        r#"{"packages": {"node_modules/a": {"resolved": "https://r/a.tgz", "integrity": "x"}}}"#;
    assert_eq!(told(there), Some("false"));
    let omitted = r#"{"packages": {"node_modules/a": {"integrity": "x"}, "node_modules/b": {"resolved": "b"}}}"#;
    assert_eq!(told(omitted), Some("true"));
    assert_eq!(told(r#"{"packages": {"": {}}}"#), None);
}
