//! What could change more than its record is for uv.

use super::*;

#[test]
fn what_could_move_more_is_left_to_the_tool() {
    let text = lock(&Said {
        wanted: ">=1.0",
        ..BEFORE
    });
    let alone = text.replace(
        &block("twin", "1.0.0", "    { name = \"manifest\" },\n"),
        "",
    );
    let alone = alone
        .split("[[package]]\nname = \"twin\"")
        .next()
        .unwrap()
        .to_owned();
    let manifest = project("0.1.0", ">=1.0", "lib/v1.0.0");
    let without = manifest.replace("twin[z]", "runtime");
    let alone = alone.replace("name = \"twin\", extras = [\"z\"]", "name = \"runtime\"");
    assert!(rewritten(&alone, &without, &["manifest=1.1.0"], &[]).is_ok());
    for (moves, reason) in [
        ("manifest=1.2.0", "`more` was added"),
        ("manifest=1.3.0", "needs Python >=3.12"),
        ("manifest=1.4.0", "other kinds of files"),
        ("manifest=1.5.0", "`third>=1.5,<2` now, and 1.0.0 is locked"),
        ("manifest=2.0.0", "`runtime` requires `manifest<2,>=1`"),
        ("manifest=1.6.0rc1", "no manifest asks for the pre-release"),
        ("manifest=1.9.0", "is not in the index"),
        ("other=1.0.0", "is not in the lock"),
    ] {
        let found = rewritten(&alone, &without, &[moves], &[]).unwrap_err();
        assert!(found.contains(reason), "{moves}: {found}");
    }
    let sibling = rewritten(&text, &manifest, &["manifest=1.1.0"], &[]).unwrap_err();
    assert!(
        sibling.contains("`twin` requires `manifest==1.0.0`"),
        "{sibling}"
    );
}

#[test]
fn a_lock_that_is_not_plain_is_left_to_the_tool() {
    let text = lock(&BEFORE);
    let manifest = project("0.1.0", "==1.1.0", "lib/v1.0.0");
    let source = format!("source = {{ registry = \"{INDEX}\" }}\n");
    let forked = format!("{source}resolution-markers = [\n    \"os_name == 'nt'\",\n]\n");
    for (from, to, reason) in [
        ("revision = 3", "revision = 6", "schema"),
        ("version = 1\n", "version = 2\n", "schema"),
        (
            "name = \"third\"\nversion",
            "version",
            "not as uv writes it",
        ),
        (&source, &forked, "forked"),
        (
            &source,
            "source = { registry = \"./simple\" }\n",
            "does not come from a registry",
        ),
        (
            "\n[[package]]",
            "\n[manifest]\noverrides = [{ name = \"manifest\" }]\n\n[[package]]",
            "whole lock",
        ),
        (
            "\n[[package]]",
            "\n[options]\nexclude-newer = \"2026-01-01T00:00:00Z\"\n\n[[package]]",
            "`exclude-newer`",
        ),
    ] {
        let times = if from.starts_with('\n') { 1 } else { 99 };
        let changed = text.replacen(from, to, times);
        assert_ne!(changed, text, "{from}");
        let moves = ["manifest=1.1.0", "twin=1.1.0"];
        let found = rewritten(&changed, &manifest, &moves, &[]).unwrap_err();
        assert!(found.contains(reason), "{from}: {found}");
    }
}

#[test]
fn a_member_of_the_workspace_that_a_package_is_from_is_left_to_the_tool() {
    let manifest = project("0.1.0", "==1.0.0", "lib/v1.1.0");
    let text = lock(&BEFORE);
    assert!(rewritten(&text, &manifest, &["lib=1.1.0"], &[]).is_ok());
    let member = format!(
        "\n[[package]]\nname = \"member\"\nversion = \"1.0.0\"\nsource = {{ git = \
         \"{GIT}?subdirectory=member&tag=lib%2Fv1.0.0#{OLD_COMMIT}\" }}\n"
    );
    let found = rewritten(&(text + &member), &manifest, &["lib=1.1.0"], &[]);
    let reason = "`member` comes from the repository of `lib` too";
    assert_eq!(found, Err(reason.to_owned()));
}
