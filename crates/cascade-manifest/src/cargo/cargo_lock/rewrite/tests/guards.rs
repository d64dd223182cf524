//! What could change more than its record is for Cargo.

use super::*;

#[test]
fn only_the_record_of_what_moves_changes() {
    let case = plain();
    let expected = case
        .lock
        .replace(
            "name = \"manifest\"\nversion = \"1.0.0\"",
            "name = \"manifest\"\nversion = \"1.1.0\"",
        )
        .replace("manifest1.0.0", "manifest1.1.0");
    assert_eq!(case.moved(), expected);
    let third = Case {
        lock: case.lock.replace("version = 4", "version = 3"),
        ..plain()
    };
    assert_eq!(
        third.moved(),
        expected.replace("version = 4", "version = 3")
    );
}

#[test]
fn whatever_else_could_change_is_for_cargo() {
    for (to, reason) in [
        (
            "1.2.0",
            "the dependencies of `manifest` changed: `extra` was added",
        ),
        (
            "1.3.0",
            "`manifest` now needs `third` ^1.4, and 1.0.0 is locked",
        ),
        (
            "1.4.0",
            "the dependencies of `manifest` changed: `third` was dropped",
        ),
        ("1.5.0", "`links` of `manifest` changed"),
        ("1.6.0", "`manifest` 1.6.0 is yanked"),
        ("1.7.0-rc.1", "1.7.0-rc.1 is a pre-release"),
        (
            "1.8.0",
            "the index tells `manifest` 1.8.0 in a layout that is not known",
        ),
        ("1.9.0", "the index does not hold `manifest` 1.9.0"),
    ] {
        let app = APP.replace("=1.1.0", &format!("={to}"));
        let case = Case {
            moves: vec![moved("manifest", "1.0.0", to)],
            files: files(&[("Cargo.toml", &app)]),
            ..plain()
        };
        assert_eq!(case.reason(), reason);
    }
}

#[test]
fn the_lock_itself_may_be_in_the_way() {
    let with = |lock: String| Case { lock, ..plain() }.reason();
    let text = plain().lock;
    assert_eq!(
        with(text.replace("version = 4", "version = 2")),
        "the lock is of version 2, which is not rewritten natively"
    );
    for odd in [
        text.clone() + "\n[[patch.unused]]\nname = \"x\"\nversion = \"1.0.0\"\n",
        text.clone() + "\n[metadata]\n",
        text.replace(
            "[[package]]\nname = \"app\"",
            "[[package]] # one\nname = \"app\"",
        ),
        text.replace("# It", "x = '''"),
    ] {
        assert_eq!(with(odd), "the lock is not laid out as Cargo writes it");
    }
    let odd = text.replace("checksum = \"manifest1.0.0\"", "checksum = \"x\"\nx = 1");
    assert_eq!(
        with(odd),
        "the record of `manifest` is not as Cargo writes it"
    );
    assert_eq!(
        with(text.replace("manifest1.0.0", "other")),
        "the checksum of `manifest` 1.0.0 is not the one in the index"
    );
    let both = text.clone() + "\n" + &record("manifest", "1.1.0", &["third"]);
    assert_eq!(
        with(both),
        "`manifest` 1.1.0 is locked already, beside 1.0.0"
    );
    let other = text.replace("version = \"1.0.0\"", "version = \"1.0.1\"");
    assert_eq!(
        with(other),
        "the lock holds `manifest` at 1.0.1, not at 1.0.0"
    );
    let absent = text.replace("name = \"manifest\"", "name = \"other\"");
    assert_eq!(with(absent), "`manifest` is not in the lock");
}

#[test]
fn a_locked_dependent_that_excludes_the_version_is_for_cargo() {
    let strict = |req: &str| {
        Recorded(
            plain()
                .facts
                .index(
                    "runtime",
                    &[line("runtime", "1.0.0", &[&format!("manifest {req}")], "")],
                )
                .0,
        )
    };
    let with = |facts| Case { facts, ..plain() };
    assert_eq!(
        with(strict("=1.0.0")).reason(),
        "`runtime` 1.0.0 needs `manifest` =1.0.0"
    );
    assert_eq!(
        with(strict("~1.0")).reason(),
        "`runtime` 1.0.0 needs `manifest` ~1.0"
    );
    let stale = APP.replace("=1.1.0", "=1.0.0");
    let case = Case {
        files: files(&[("Cargo.toml", &stale)]),
        ..plain()
    };
    assert_eq!(case.reason(), "`app` needs `manifest` =1.0.0");
    let unseen = Case {
        files: BTreeMap::new(),
        ..plain()
    };
    assert_eq!(
        unseen.reason(),
        "`app` needs `manifest`, and its manifest is not below the lock"
    );
}

#[test]
fn a_feature_or_an_optional_dependency_that_changed_is_for_cargo() {
    let features = |old: &str, new: &str| {
        let line = |version: &str, features: &str| {
            line("manifest", version, &["third ^1"], "")
                .replace("\"features\":{}", &format!("\"features\":{features}"))
        };
        let facts = plain()
            .facts
            .index("manifest", &[line("1.0.0", old), line("1.1.0", new)]);
        Case { facts, ..plain() }
    };
    let changed = features(
        r#"{"default":["std"],"std":[]}"#,
        r#"{"default":[],"std":[]}"#,
    );
    assert_eq!(
        changed.reason(),
        "the feature `default` of `manifest` changed"
    );
    features("{}", r#"{"new":["third/x"]}"#).moved();
    let facts = plain().facts.index(
        "manifest",
        &[
            line("manifest", "1.0.0", &["third ^1", "?more ^1"], ""),
            line("manifest", "1.1.0", &["third ^1"], ""),
        ],
    );
    assert_eq!(
        Case { facts, ..plain() }.reason(),
        "the dependencies of `manifest` changed: `more` was dropped"
    );
}

#[test]
fn a_patched_crate_is_for_cargo() {
    let app = format!("{APP}[patch.crates-io]\nmanifest = {{ path = \"../m\" }}\n");
    let case = Case {
        files: files(&[("Cargo.toml", &app)]),
        ..plain()
    };
    assert_eq!(case.reason(), "the workspace patches `manifest`");
}
