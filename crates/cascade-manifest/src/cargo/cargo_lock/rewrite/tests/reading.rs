//! What the lock holds, and where it disagrees with the manifests.

use super::*;

fn row(subject: &str, wanted: &str, held: Option<&str>) -> (String, String, Option<String>) {
    (
        subject.to_owned(),
        wanted.to_owned(),
        held.map(str::to_owned),
    )
}

#[test]
fn what_the_manifests_say_and_the_lock_does_not_is_told() {
    let case = plain();
    assert_eq!(
        discords(&case.lock, &case.files),
        [row("manifest", "=1.1.0", Some("1.0.0"))]
    );
    let app = "[package]\nname = \"app\"\nversion.workspace = true\n[workspace]\nmembers = [\"in\", \
               \"x-*\"]\nexclude = [\"x-out\"]\n[workspace.package]\nversion = \"0.2.0\"\n\
               [workspace.dependencies]\nrenamed = { package = \"manifest\", version = \"2\" }\n\
               [dependencies]\nthird = { git = \"https://git.example/t\", tag = \"v1\" }\n\
               [target.'cfg(unix)'.dev-dependencies]\nrenamed.workspace = true\nabsent = \"1\"\n";
    let member = "[package]\nname = \"NAME\"\n";
    let files = files(&[
        ("Cargo.toml", app),
        ("in/Cargo.toml", &member.replace("NAME", "in")),
        ("x-1/Cargo.toml", &member.replace("NAME", "x-1")),
        ("x-out/Cargo.toml", &member.replace("NAME", "x-out")),
        ("other/Cargo.toml", &member.replace("NAME", "other")),
    ]);
    assert_eq!(
        discords(&case.lock, &files),
        [
            row("absent", "1", None),
            row("app", "0.2.0", Some("0.1.0")),
            row("in", "0.0.0", None),
            row("manifest", "2", Some("1.0.0")),
            row("third", "https://git.example/t?tag=v1", Some(SOURCE)),
            row("x-1", "0.0.0", None),
        ]
    );
}

#[test]
fn every_package_is_an_entry() {
    let text = plain().lock;
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        text.replace("[[package]]\n", "[[package]] #\n"),
    ] {
        let entries = CargoLock.entries(&text).unwrap();
        let rows: Vec<_> = entries
            .iter()
            .map(|it| format!("{} {} {} {:?}", it.name, it.version, it.source, it.requires))
            .collect();
        assert_eq!(
            rows,
            [
                "app 0.1.0  [\"manifest\", \"third\"]".to_owned(),
                format!("manifest 1.0.0 {SOURCE} [\"third\"]"),
                format!("runtime 1.0.0 {SOURCE} [\"manifest\"]"),
                format!("third 1.0.0 {SOURCE} []"),
            ]
        );
    }
    assert!(CargoLock.entries("{").is_err());
}
