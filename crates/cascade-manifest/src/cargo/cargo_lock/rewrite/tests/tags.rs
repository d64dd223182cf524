//! Crates that are taken from git.

use super::*;

const UP: &str = "[package]\nname = \"up\"\nversion = \"VERSION\"\n[dependencies]\nthird = \"1\"\n";

/// `up` comes from the tag `rel/v1.0.0`.
fn tagged(format: u32) -> Case {
    let tag = if format == 4 {
        "rel%2Fv1.0.0"
    } else {
        "rel/v1.0.0"
    };
    let source = format!("git+https://git.example/up?tag={tag}#{}", "a".repeat(40));
    let up = format!(
        "[[package]]\nname = \"up\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n\
         dependencies = [\n \"third\",\n]\n"
    );
    Case {
        lock: lock(
            format,
            &[
                record("app", "=0.1.0", &["up"]),
                record("third", "1.0.0", &[]),
                up,
            ],
        ),
        moves: vec![moved("up", "1.0.0", "1.1.0")],
        own: Vec::new(),
        files: files(&[
            (
                "Cargo.toml",
                "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[workspace]\n\
                 [workspace.dependencies]\nup = { git = \"https://git.example/up\", tag = \
                 \"rel/v1.1.0\" }\n[dependencies]\nup.workspace = true\n",
            ),
            (
                "nested/Cargo.toml",
                "[workspace]\n[package]\nname = \"nested\"\n",
            ),
        ]),
        facts: Recorded::default()
            .tagged(
                "rel/v1.0.0",
                &"a".repeat(40),
                &UP.replace("VERSION", "1.0.0"),
            )
            .tagged(
                "rel/v1.1.0",
                &"b".repeat(40),
                &UP.replace("VERSION", "1.1.0"),
            ),
    }
}

#[test]
fn a_tag_moves_with_its_commit_and_only_the_newer_format_encodes_it() {
    for (format, old, new) in [
        (4, "rel%2Fv1.0.0", "rel%2Fv1.1.0"),
        (3, "rel/v1.0.0", "rel/v1.1.0"),
    ] {
        let case = tagged(format);
        let expected = case
            .lock
            .replace(
                "name = \"up\"\nversion = \"1.0.0\"",
                "name = \"up\"\nversion = \"1.1.0\"",
            )
            .replace(old, new)
            .replace(&"a".repeat(40), &"b".repeat(40));
        assert_eq!(case.moved(), expected);
    }
}

#[test]
fn a_tag_whose_manifest_asks_for_more_is_for_cargo() {
    let facts = |manifest: &str| {
        tagged(4)
            .facts
            .tagged("rel/v1.1.0", &"b".repeat(40), manifest)
    };
    for (manifest, reason) in [
        (
            UP.replace("VERSION", "1.1.0") + "extra = \"1\"\n",
            "`dependencies` of `up` changed",
        ),
        (
            UP.replace("VERSION", "1.0.9"),
            "the manifest of `up` at the new tag does not say 1.1.0",
        ),
        (
            UP.replace("\"up\"", "\"down\""),
            "the manifest of `up` is not at the root of its repository",
        ),
    ] {
        let case = Case {
            facts: facts(&manifest),
            ..tagged(4)
        };
        assert_eq!(case.reason(), reason);
    }
}

#[test]
fn a_tag_in_the_source_is_compared_as_the_format_spells_it() {
    for format in [3, 4] {
        let case = tagged(format);
        let tag = if format == 4 {
            "rel%2Fv1.1.0"
        } else {
            "rel/v1.1.0"
        };
        let found = discords(&case.lock, &case.files);
        let wanted = format!("https://git.example/up?tag={tag}");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0].0, &found[0].1), (&"up".to_owned(), &wanted));
        assert_eq!(discords(&case.moved(), &case.files), []);
    }
}
