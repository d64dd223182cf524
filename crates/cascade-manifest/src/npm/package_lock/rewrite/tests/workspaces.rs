//! Folders of a workspace, aliases, sets and tags.

use super::*;

#[test]
fn folders_aliases_and_sets_move_in_both_tables() {
    let expected = WORKSPACE
        .replace("up@1.0.0", "up@1.1.0")
        .replace("up-1.0.0", "up-1.1.0")
        .replace("up-core-1.0.0", "up-core-1.1.0")
        .replace("sha512-100==", "sha512-110==")
        .replace("\"up-core\": \"1.0.0\"", "\"up-core\": \"1.1.0\"")
        .replace("\"x\": \"^1.0.0\"", "\"x\": \"^2.0.0\"")
        .replace(
            "\"name\": \"up\",\n      \"version\": \"1.0.0\"",
            "\"name\": \"up\",\n      \"version\": \"1.1.0\"",
        )
        .replace(
            "\"version\": \"1.0.0\",\n      \"resolved\"",
            "\"version\": \"1.1.0\",\n      \"resolved\"",
        )
        .replace(
            "\"pkgs/x\": {\n      \"version\": \"1.0.0\"",
            "\"pkgs/x\": {\n      \"version\": \"2.0.0\"",
        )
        .replace(
            "\"name\": \"top\",\n  \"version\": \"1.0.0\"",
            "\"name\": \"top\",\n  \"version\": \"1.5.0\"",
        )
        .replace(
            "\"name\": \"top\",\n      \"version\": \"1.0.0\"",
            "\"name\": \"top\",\n      \"version\": \"1.5.0\"",
        );
    assert_eq!(workspace().moved(), expected);
    let mut alone = workspace();
    alone.moves.pop();
    assert_eq!(
        alone.reason(),
        "`up` now needs `up-core` 1.1.0, and 1.0.0 is locked"
    );
    let mut kept = workspace();
    kept.files.get_mut("pkgs/y/package.json").unwrap().replace_range(.., r#"{"name": "@s/y", "version": "1.0.0", "dependencies": {"x": "^1.0.0"}, "devDependencies": {"up-core": "1.1.0"}}"#);
    assert_eq!(kept.reason(), "`pkgs/y` needs `x` ^1.0.0");
}

#[test]
fn a_tag_moves_with_its_commit() {
    let spec = |version: &str| format!("git+https://git.example/up.git#v{version}");
    let commit = |letter: &str| letter.repeat(40);
    let app = |version: &str| json!({"name": "app", "version": "0.1.0", "dependencies": {"up": spec(version)}});
    let manifest = |version: &str| json!({"name": "up", "version": version, "license": "MIT"});
    let lock = format!(
        "{{\n  \"name\": \"app\",\n  \"version\": \"0.1.0\",\n  \"lockfileVersion\": 3,\n  \
         \"requires\": true,\n  \"packages\": {{\n    \"\": {{\n      \"name\": \"app\",\n      \
         \"version\": \"0.1.0\",\n      \"dependencies\": {{\n        \"up\": \"{}\"\n      }}\n    \
         }},\n    \"node_modules/up\": {{\n      \"version\": \"1.0.0\",\n      \"resolved\": \
         \"git+https://git.example/up.git#{}\",\n      \"license\": \"MIT\"\n    }}\n  }}\n}}\n",
        spec("1.0.0"),
        commit("a"),
    );
    let case = |new: &Value| Case {
        lock: lock.clone(),
        moves: vec![moved("up", "1.0.0", "1.1.0")],
        own: Vec::new(),
        files: [("package.json".to_owned(), app("1.1.0").to_string())].into(),
        facts: Recorded::default()
            .tagged("v1.0.0", &commit("a"), &manifest("1.0.0"))
            .tagged("v1.1.0", &commit("b"), new),
    };
    let expected = lock
        .replace("1.0.0", "1.1.0")
        .replace(&commit("a"), &commit("b"));
    assert_eq!(case(&manifest("1.1.0")).moved(), expected);
    let mut more = manifest("1.1.0");
    more["dependencies"] = json!({"third": "1"});
    assert_eq!(case(&more).reason(), "`dependencies` of `up` changed");
}
