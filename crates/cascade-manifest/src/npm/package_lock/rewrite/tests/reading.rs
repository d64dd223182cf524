//! What the lock holds, and where it disagrees with the manifests.

use super::*;

#[test]
fn what_the_manifests_say_and_the_lock_does_not_is_told() {
    let found = |lock: &str, app: &str| -> Vec<(String, String, Option<String>)> {
        let files = [("package.json".to_owned(), app.to_owned())].into();
        let found = PackageLock.discords(lock, &files).unwrap();
        found
            .into_iter()
            .map(|it| (it.subject, it.wanted, it.held))
            .collect()
    };
    let row = |subject: &str, wanted: &str, held: Option<&str>| {
        (
            subject.to_owned(),
            wanted.to_owned(),
            held.map(str::to_owned),
        )
    };
    assert_eq!(found(&plainly_moved(), APP), []);
    assert_eq!(
        found(LOCK, &APP.replace("0.1.0", "0.2.0")),
        [
            row("@sc/up", "1.1.0", Some("1.0.0")),
            row("app", "0.2.0", Some("0.1.0")),
        ]
    );
    // A range worded otherwise is out of step though what is locked satisfies it, and a lock that
    // repeats the words may hold what they exclude.
    let stale = plainly_moved();
    assert_eq!(
        found(&stale, &APP.replace("^1.0.0", "^1")),
        [row("user", "^1", Some("^1.0.0"))]
    );
    assert_eq!(
        found(
            &stale.replace("\"user\": \"^1.0.0\"", "\"user\": \"^2.0.0\""),
            &APP.replace("^1.0.0", "^2.0.0")
        ),
        [row("user", "^2.0.0", Some("1.0.0"))]
    );
    assert_eq!(
        found(
            &stale,
            &APP.replace("user\": \"^1.0.0\"", "new\": \"^1.0.0\"")
        ),
        [row("new", "^1.0.0", None), row("user", "", Some("^1.0.0"))]
    );
    let optional = APP.replace(
        "\"dependencies\"",
        "\"optionalDependencies\": {\"user\": \"^1.0.0\"}, \"dependencies\"",
    );
    assert_eq!(found(&stale, &optional).len(), 2);
    let first = "{\"version\": \"0.1.0\", \"lockfileVersion\": 1, \"dependencies\": {\"@sc/up\": \
                 {\"version\": \"1.0.0\"}}}";
    assert_eq!(
        found(first, APP),
        [
            row("@sc/up", "1.1.0", Some("1.0.0")),
            row("user", "^1.0.0", None)
        ]
    );
    assert_eq!(
        PackageLock
            .discords(WORKSPACE, &workspace().files)
            .unwrap()
            .len(),
        7
    );
}

#[test]
fn a_new_folder_of_the_workspace_is_told() {
    let mut files = workspace().files;
    let told = |files: &BTreeMap<String, String>| -> Vec<(String, String)> {
        let found = PackageLock.discords(WORKSPACE, files).unwrap();
        let new = found.into_iter().filter(|it| it.manifest.contains("/new/"));
        new.map(|it| (it.subject, it.wanted)).collect()
    };
    let root = json!({"name": "top", "version": "1.5.0", "workspaces": ["./pkgs/*/"]});
    files.insert("package.json".to_owned(), root.to_string());
    let text = "{ \"name\": \"new\", \"version\": \"0.1.0\" }".to_owned();
    files.insert("other/new/package.json".to_owned(), text.clone());
    files.insert("pkgs/deep/new/package.json".to_owned(), text.clone());
    assert_eq!(told(&files), []);
    files.insert("pkgs/new/package.json".to_owned(), text);
    assert_eq!(told(&files), [("new".to_owned(), "0.1.0".to_owned())]);
}

#[test]
fn every_package_is_an_entry() {
    let entries = PackageLock.entries(WORKSPACE).unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|it| format!("{} {} {} {:?}", it.name, it.version, it.place, it.requires))
        .collect();
    assert_eq!(
        rows,
        [
            "@s/y  node_modules/@s/y []",
            "@s/y 1.0.0 pkgs/y [\"up-core\", \"x\"]",
            "top 1.0.0  []",
            "up 1.0.0 node_modules/al [\"up-core\"]",
            "up-core 1.0.0 node_modules/up-core []",
            "x  node_modules/x []",
            "x 1.0.0 pkgs/x [\"up\"]",
        ]
    );
    let first = r#"{"dependencies": {"a": {"version": "npm:b@1.0.0", "requires": {"c": "1"},
                    "dependencies": {"c": {"version": "1.0.0"}}}}}"#;
    let entries = PackageLock.entries(first).unwrap();
    let places: Vec<_> = entries
        .iter()
        .map(|it| (&*it.name, &*it.version, &*it.place))
        .collect();
    assert_eq!(
        places,
        [
            ("b", "1.0.0", "node_modules/a"),
            ("c", "1.0.0", "node_modules/a/node_modules/c")
        ]
    );
    assert!(PackageLock.entries("[]").is_err());
}
