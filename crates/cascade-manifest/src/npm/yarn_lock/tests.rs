use serde_json::json;

use super::*;
use crate::lock::commands;
use crate::npm::family::{
    Files, Registry, check_fallback, check_rewrite, files, moved, replaced, rewritten, step,
};

const BEFORE: &str = include_str!("../../../tests/fixtures/yarn/before.lock");
const AFTER: &str = include_str!("../../../tests/fixtures/yarn/after.lock");

const CLASSIC: &str = "# yarn lockfile v1\n\n\n\"@fam/core@^1.0.0\", \"@fam/core@1.0.0\":\n  version \"1.0.0\"\n  \
    resolved \"https://registry.example/core-1.0.0.tgz#00\"\n  integrity sha512-00\n  dependencies:\n    \
    third \"^1.0.0\"\n\n\"ali@npm:third@^1.0.0\", third@^1.0.0:\n  version \"1.0.0\"\n  \
    resolved \"https://h.example/o/third.git#0123\"\n";

fn family() -> Files {
    files(".yarnrc.yml")
}

fn names(names: &[&str]) -> Names {
    names.iter().map(|it| (*it).to_owned()).collect()
}

fn told(text: &str, files: &Files) -> Vec<String> {
    let found = YarnLock.discords(text, files).unwrap();
    let row = |it: &Discord| {
        format!(
            "{} {} {} {:?}",
            it.manifest,
            it.subject,
            it.wanted,
            it.held.as_deref()
        )
    };
    found.iter().map(row).collect()
}

#[test]
fn a_bump_is_written_as_yarn_writes_it() {
    check_rewrite(&YarnLock, (BEFORE, AFTER), &moved(&family()));
}

#[test]
fn blocks_keep_the_order_of_their_keys() {
    // Without the alias the first request, and with it the place, is another.
    let files = replaced(
        &moved(&family()),
        &[("ali\": \"npm:manifest@1.1.0", "zzz\": \"npm:manifest@1.1.0")],
    );
    let before = BEFORE
        .replace(
            "\"ali@npm:manifest@1.0.0, manifest@npm:1.0.0, manifest@npm:^1.0.0\"",
            "\"manifest@npm:1.0.0, manifest@npm:^1.0.0, zzz@npm:manifest@1.0.0\"",
        )
        .replace("    ali: \"npm:manifest@1.0.0\"\n", "")
        .replace(
            "    third: \"npm:^1.0.0\"\n  dependenciesMeta",
            "    third: \"npm:^1.0.0\"\n    zzz: \"npm:manifest@1.0.0\"\n  dependenciesMeta",
        );
    check_fallback(&YarnLock, &before, &files, &Registry::default(), "order");
}

#[test]
fn what_is_held_and_recorded_is_found() {
    let facts = YarnLock.find(BEFORE, &names(&["manifest", "b"])).unwrap();
    let held: Vec<_> = facts
        .entries
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_deref()))
        .collect();
    assert_eq!(held, [("manifest", Some("1.0.0")), ("b", None)]);
    let recorded: Vec<_> = facts
        .recorded
        .iter()
        .map(|it| {
            (
                it.dependent.as_str(),
                it.name.as_str(),
                it.requirement.as_str(),
            )
        })
        .collect();
    assert_eq!(
        recorded,
        [
            ("pkgs/a", "b", "^1.0.0"),
            ("pkgs/a", "manifest", "catalog:"),
            ("", "manifest", "1.0.0"),
            ("", "manifest", "1.0.0"),
            ("pkgs/b", "manifest", "^1.0.0"),
            // What the catalogue said is one of the requests.
            ("", "manifest", "1.0.0"),
            ("", "manifest", "^1.0.0"),
        ]
    );
}

#[test]
fn the_classic_lock_is_read_and_never_rewritten() {
    for text in [
        CLASSIC.to_owned(),
        CLASSIC.replace('\n', "\r\n"),
        format!("\u{feff}{CLASSIC}"),
    ] {
        let facts = YarnLock
            .find(&text, &names(&["@fam/core", "third"]))
            .unwrap();
        let held: Vec<_> = facts
            .entries
            .iter()
            .map(|it| (it.name.as_str(), it.version.as_deref(), &it.source))
            .collect();
        let git = LockedSource::Git("0123".to_owned());
        assert_eq!(
            held,
            [
                ("@fam/core", Some("1.0.0"), &LockedSource::Registry),
                ("third", Some("1.0.0"), &git)
            ]
        );
    }
    let reason = rewritten(&YarnLock, CLASSIC, &Files::new(), &Registry::default()).unwrap_err();
    assert_eq!(reason, "yarn classic's lock is not rewritten natively");
    let manifest = |range: &str| {
        let text = format!("{{\"dependencies\": {{\"@fam/core\": \"{range}\"}}}}");
        Files::from([("package.json".to_owned(), text)])
    };
    assert_eq!(told(CLASSIC, &manifest("^1.0.0")), [""; 0]);
    assert_eq!(
        told(CLASSIC, &manifest("1.1.0")),
        ["package.json @fam/core 1.1.0 None"]
    );
    let stale = CLASSIC.replace("version \"1.0.0\"", "version \"2.0.0\"");
    assert_eq!(
        told(&stale, &manifest("^1.0.0")),
        ["package.json @fam/core ^1.0.0 Some(\"2.0.0\")"]
    );
    let moves = [step("third", "1.0.0", "1.1.0")];
    assert_eq!(
        commands(&YarnLock, ("yarn.lock", CLASSIC), &Files::new(), &moves),
        ["yarn install --ignore-scripts --non-interactive"]
    );
    for text in ["", "a: 1\n", "# yarn lockfile v1\nnot a key\n"] {
        assert!(YarnLock.find(text, &names(&["a"])).is_err(), "{text}");
    }
}

#[test]
fn every_range_is_bound_to_the_version_that_moves() {
    let files = replaced(
        &family(),
        &[
            ("manifest@1.0.0", "manifest@^1.0.0"),
            ("\"manifest\": \"1.0.0\"", "\"manifest\": \"1.1.0\""),
        ],
    );
    let moves = [step("manifest", "1.0.0", "1.1.0")];
    assert_eq!(
        commands(&YarnLock, ("yarn.lock", BEFORE), &files, &moves),
        [
            "yarn install --mode=update-lockfile",
            "yarn set resolution ali@npm:manifest@^1.0.0 npm:manifest@1.1.0",
            "yarn set resolution manifest@npm:^1.0.0 npm:1.1.0",
            "yarn dedupe --mode=update-lockfile manifest",
        ]
    );
}

#[test]
fn what_could_move_beside_it_is_a_fallback() {
    let files = moved(&family());
    let says = |key, value| Registry {
        new: vec![(key, value)],
        ..Registry::default()
    };
    for (registry, reason) in [
        (
            says("dependencies", json!({"third": "^1.0.0", "extra": "1"})),
            "`extra` was added",
        ),
        (
            says("dependencies", json!({"third": "^1.0.1"})),
            "`third` is `^1.0.1` now",
        ),
        (says("bin", json!("x.js")), "changed its `bin`"),
        (says("os", json!(["linux"])), "changed its `os`"),
        (
            says(
                "dist",
                json!({"integrity": "sha512-00", "tarball": "https://registry.example/manifest/-/manifest-1.1.0.tgz"}),
            ),
            "another digest",
        ),
    ] {
        check_fallback(&YarnLock, BEFORE, &files, &registry, reason);
    }
    let plain = Registry::default();
    for (from, to, reason) in [
        ("cacheKey: 10c0", "cacheKey: 10", "`10`"),
        ("version: 10\n", "version: 6\n", "version 8 to 10"),
        (
            "checksum: 10c0/28ca",
            "checksum: 10c0/28cb",
            "another archive",
        ),
        (
            "manifest@npm:^1.0.0\":",
            "manifest@npm:^1.0.0, manifest@npm:~1.0.0\":",
            "does not show who asks",
        ),
        (
            "    manifest: \"npm:^1.0.0\"\n    third",
            "    manifest: \"npm:1.0.0\"\n    third",
            "`manifest@npm:1.0.0` does not admit",
        ),
    ] {
        let text = BEFORE.replace(from, to);
        assert_ne!(text, BEFORE, "{from}");
        let told = rewritten(
            &YarnLock,
            &text,
            &replaced(
                &files,
                &[
                    ("catalog:\n  manifest: 1.1.0\n", ""),
                    ("\"catalog:\"", "\"1.1.0\""),
                ],
            ),
            &plain,
        );
        let told = told.unwrap_err();
        let whole =
            rewritten(&YarnLock, &text, &files, &plain).map_or_else(|it| it, |_| String::new());
        assert!(
            told.contains(reason) || whole.contains(reason),
            "{told} / {whole}"
        );
    }
    let forced = replaced(
        &files,
        &[(
            "\"name\": \"app\"",
            "\"name\": \"app\", \"resolutions\": {\"**/manifest\": \"1.0.0\"}",
        )],
    );
    check_fallback(&YarnLock, BEFORE, &forced, &plain, "`resolutions`");
}

/// What `manifest` 1.1.0 asks of `third`.
fn asking(range: &str) -> Registry {
    Registry {
        new: vec![("dependencies", json!({"third": range}))],
        ..Registry::default()
    }
}

#[test]
fn what_stays_answers_the_new_request_for_it() {
    let files = moved(&family());
    let new = rewritten(&YarnLock, BEFORE, &files, &asking(">=0.9.0")).unwrap();
    let (head, tail) = AFTER.split_once("\n\"ali@npm").unwrap();
    let tail = tail.replacen("third: \"npm:^1.0.0\"", "third: \"npm:>=0.9.0\"", 1);
    let expected = format!("{head}\n\"ali@npm{tail}").replace(
        "\"third@npm:^1.0.0\":",
        "\"third@npm:>=0.9.0, third@npm:^1.0.0\":",
    );
    assert_eq!(new, expected);
    assert_eq!(YarnLock.discords(&new, &files), Ok(Vec::new()));
    let twice = rewritten(&YarnLock, &new, &files, &asking(">=0.9.0"));
    assert_eq!(twice.as_deref(), Ok(new.as_str()));
}

#[test]
fn where_another_would_answer_the_new_request_it_is_a_fallback() {
    let files = moved(&family());
    let told = |text: &str, files: &Files, range: &str| {
        rewritten(&YarnLock, text, files, &asking(range)).unwrap_err()
    };
    for (range, reason) in [
        ("^2.0.0", "`third` is `^2.0.0` now"),
        ("npm:dep@^1.0.0", "`third` is `npm:dep@^1.0.0` now"),
        ("latest", "`third` is `latest` now"),
        (
            "github:o/third#v1.0.0",
            "`third` is `github:o/third#v1.0.0` now",
        ),
    ] {
        let told = told(BEFORE, &files, range);
        assert!(told.contains(reason), "{told}");
    }
    let block = "\"third@npm:>=0.9.0\":\n  version: 1.1.0\n  resolution: \"third@npm:1.1.0\"\n  \
        languageName: node\n  linkType: hard\n\n\"third@npm:^1.0.0\":";
    let other = BEFORE.replace("\"third@npm:^1.0.0\":", block);
    let other = told(&other, &files, ">=0.9.0");
    assert!(other.contains("is another version now"), "{other}");
    let unseen = BEFORE.replace(
        "\"third@npm:^1.0.0\":",
        "\"third@npm:^1.0.0, third@npm:~1.0.0\":",
    );
    let unseen = told(&unseen, &files, ">=0.9.0");
    assert!(unseen.contains("does not show who asks"), "{unseen}");
    let forced = replaced(
        &files,
        &[(
            "\"name\": \"app\"",
            "\"name\": \"app\", \"resolutions\": {\"third\": \"1.0.0\"}",
        )],
    );
    let forced = told(BEFORE, &forced, ">=0.9.0");
    assert!(forced.contains("`resolutions`"), "{forced}");
}

#[test]
fn what_was_taken_newer_than_it_had_to_be_is_bound_back() {
    let block = |keys: &str, version: &str| {
        format!(
            "\"{keys}\":\n  version: {version}\n  resolution: \"third@npm:{version}\"\n  \
             languageName: node\n  linkType: hard\n\n"
        )
    };
    let held = "\"third@npm:^1.0.0\":\n";
    let with = |keys, version| BEFORE.replace(held, &format!("{}{held}", block(keys, version)));
    let kept = |after: &str, moves: &[Move]| {
        let commands = YarnLock.keep((BEFORE, after), moves);
        commands.iter().map(|it| it.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(kept(BEFORE, &[]), [""; 0]);
    // A second copy beside the first one, an alias's too, and one in its place.
    let second = with("other@npm:third@>=0.9.0, third@npm:>=0.9.0", "1.1.0");
    let bound = [
        "yarn set resolution other@npm:third@>=0.9.0 npm:third@1.0.0",
        "yarn set resolution third@npm:>=0.9.0 npm:1.0.0",
    ];
    assert_eq!(kept(&second, &[]), bound);
    let moved = BEFORE.replace(
        "\n  version: 1.0.0\n  resolution: \"third@npm:1.0.0\"",
        "\n  version: 1.1.0\n  resolution: \"third@npm:1.1.0\"",
    );
    let back = "yarn set resolution third@npm:^1.0.0 npm:1.0.0";
    assert_eq!(kept(&moved, &[]), [back]);
    // What moves, what does not fit, what was there before and what is new stay.
    assert_eq!(kept(&second, &[step("third", "1.0.0", "1.1.0")]), [""; 0]);
    assert_eq!(kept(&with("third@npm:^1.1.0", "1.1.0"), &[]), [""; 0]);
    assert_eq!(kept(&with("third@npm:>=0.9.0", "1.0.0"), &[]), [""; 0]);
    assert_eq!(kept(&second.replace("third@", "fourth@"), &[]), [""; 0]);
    assert_eq!(
        YarnLock.keep((CLASSIC, CLASSIC), &[]),
        Vec::<Vec<String>>::new()
    );
}

#[test]
fn a_member_whose_version_moves_takes_its_requirement_along() {
    let files = replaced(&family(), &[("workspace:^1.0.0", "workspace:^2.0.0")]);
    let own = [step("b", "1.0.0", "2.0.0")];
    let bump = Bump {
        moves: &[],
        own: &own,
        files: &files,
        facts: &Registry::default(),
    };
    let new = YarnLock.rewrite(BEFORE, &bump).unwrap();
    assert_eq!(new, BEFORE.replace("workspace:^1.0.0", "workspace:^2.0.0"));
}

#[test]
fn where_lock_and_manifests_disagree_is_told() {
    assert_eq!(told(BEFORE, &family()), [""; 0]);
    assert_eq!(
        told(BEFORE, &moved(&family())),
        [
            "package.json manifest 1.1.0 Some(\"npm:1.0.0\")",
            "package.json manifest npm:manifest@1.1.0 Some(\"npm:manifest@1.0.0\")",
            "pkgs/a/package.json manifest catalog: None",
        ]
    );
    let more = replaced(
        &family(),
        &[("\"dep\": \"1.0.0\"", "\"dep\": \"1.0.0\", \"new\": \"1\"")],
    );
    assert_eq!(told(BEFORE, &more), ["package.json new 1 None"]);
    let peer = replaced(
        &family(),
        &[("\"peerless\": \"^1.0.0\"", "\"peerless\": \"^2.0.0\"")],
    );
    assert_eq!(
        told(BEFORE, &peer),
        ["pkgs/a/package.json peerless ^2.0.0 Some(\"^1.0.0\")"]
    );
    let stale = BEFORE.replace(
        "\"runtime@npm:^1.0.0\":\n  version: 1.0.0",
        "\"runtime@npm:^1.0.0\":\n  version: 2.0.0",
    );
    assert_eq!(
        told(&stale, &family()),
        ["package.json runtime ^1.0.0 Some(\"2.0.0\")"]
    );
}
