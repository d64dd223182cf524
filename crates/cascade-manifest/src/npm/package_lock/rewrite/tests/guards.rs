//! What could change more than its entry is for npm.

use super::*;

#[test]
fn whatever_else_could_change_is_for_npm() {
    let with = |key: &str, value: Value| {
        let mut new = same();
        new[key] = value;
        plain(&new).reason()
    };
    assert_eq!(
        with("dependencies", json!({"third": "^1.0.0", "extra": "1"})),
        "the dependencies of `@sc/up` changed: `extra` was added"
    );
    assert_eq!(
        with("dependencies", json!({})),
        "the dependencies of `@sc/up` changed: `third` was dropped"
    );
    assert_eq!(
        with("dependencies", json!({"third": "^1.2.0"})),
        "`@sc/up` now needs `third` ^1.2.0, and 1.0.0 is locked"
    );
    assert_eq!(
        with("peerDependencies", json!({"host": "1"})),
        "the peerDependencies of `@sc/up` changed: `host` was added"
    );
    assert_eq!(with("os", json!(["linux"])), "`os` of `@sc/up` changed");
    assert_eq!(
        with("bundleDependencies", json!(["third"])),
        "the document of `@sc/up` 1.1.0 brings its dependencies along"
    );
    assert_eq!(
        with("version", json!("1.1.1")),
        "the registry's document is not of `@sc/up` 1.1.0"
    );
    assert_eq!(
        with("dist", json!({"tarball": "x"})),
        "the registry gives `@sc/up` 1.1.0 no hash"
    );
    assert_eq!(
        with("engines", json!({"1": "x"})),
        "`@sc/up` 1.1.0 has a field that can not be written as npm does"
    );
}

#[test]
fn the_lock_itself_may_be_in_the_way() {
    let with = |from: &str, to: &str| {
        let lock = LOCK.replace(from, to);
        assert_ne!(lock, LOCK);
        Case {
            lock,
            ..plain(&same())
        }
        .reason()
    };
    assert_eq!(
        with("\"lockfileVersion\": 3", "\"lockfileVersion\": 1"),
        "the lock is of version 1, which is not rewritten natively"
    );
    assert_eq!(
        with("{\n  \"name\"", "{ \"name\""),
        "the lock is not laid out as npm writes it"
    );
    assert_eq!(
        with("node_modules/@sc/up\"", "node_modules/@sc/other\""),
        "`@sc/up` is not in the lock"
    );
    assert_eq!(
        with(
            "node_modules/third\"",
            "node_modules/third/node_modules/@sc/up\""
        ),
        "the lock holds several copies: `node_modules/@sc/up`, \
         `node_modules/third/node_modules/@sc/up`"
    );
    assert_eq!(
        with(
            "node_modules/third\": {",
            "node_modules/al\": {\n      \"name\": \"@sc/up\","
        ),
        "the lock holds several copies: `node_modules/@sc/up`, `node_modules/al`"
    );
    assert_eq!(
        with("\"@sc/up\": \"^1.0.0\"", "\"@sc/up\": \"~1.0.0\""),
        "`node_modules/user` needs `@sc/up` ~1.0.0"
    );
    assert_eq!(
        with("@sc/up/-/", "elsewhere/-/"),
        "`@sc/up` is locked from another address than the registry gives"
    );
    assert_eq!(
        with("cli.js\"\n", "cli.js\" \n"),
        "`@sc/up` has an entry that npm would now write otherwise"
    );
    assert_eq!(
        with("\"license\": \"MIT\"", "\"license\": \"ISC\""),
        "`@sc/up` has an entry that npm would now write otherwise"
    );
}

#[test]
fn the_manifest_may_be_in_the_way() {
    let with = |app: String| {
        let files = [("package.json".to_owned(), app)].into();
        Case {
            files,
            ..plain(&same())
        }
        .reason()
    };
    assert_eq!(
        with(APP.replace("1.1.0", "1.0.0")),
        "`the project` needs `@sc/up` 1.0.0"
    );
    assert_eq!(
        with(APP.replace(
            "dependencies\": {",
            "overrides\": {\"@sc/up@1\": \"1\"}, \"dependencies\": {"
        )),
        "`overrides` of the project speak of `@sc/up`"
    );
    assert_eq!(
        with(APP.replace("\"dependencies\"", "\"devDependencies\"")),
        "`package.json` does not require `@sc/up` in `dependencies`"
    );
    let files = BTreeMap::new();
    let mut unseen = Case {
        files,
        ..plain(&same())
    };
    assert_eq!(unseen.reason(), "`the project` needs `@sc/up` 1.0.0");
    unseen.lock = LOCK.replace("\"@sc/up\": \"1.0.0\"", "\"@sc/up\": \"^1.0.0\"");
    assert_eq!(unseen.reason(), "`package.json` is not at hand");
}
