#![expect(clippy::string_slice, reason = "a cut character fails the test")]

use proptest::prelude::*;

use super::*;
use crate::{Form, Source, Splice, line_of, splice};

fn read(text: &str) -> Manifest {
    PackageJson.read(text).unwrap()
}

/// A plugin as they are in the wild: the same dependency for peers and for development.
const PLUGIN: &str = r#"{
  "name": "@seed/plugin",
  "version": "0.0.0-development",
  "keywords": ["^7.0.7", "@seed/core"],
  "peerDependencies": {
    "@seed/core": ">=6"
  },
  "peerDependenciesMeta": {
    "@seed/core": { "optional": true }
  },
  "dependencies": {
    "@seed/types": "^17.0.0",
    "@seed/ghec-types": "^17.0.0"
  },
  "devDependencies": { "@seed/core": "^7.0.7", "typescript": "^5" },
  "optionalDependencies": {
    "renamed": "npm:@seed/urn@~1.4"
  }
}
"#;

#[test]
fn a_pin_is_found_by_name_in_its_table_and_line() {
    let manifest = read(PLUGIN);
    let rows: Vec<(&str, &str, Kind, &str, usize)> = manifest
        .pins
        .iter()
        .map(|it| {
            let row = (&*it.section, &*it.name, it.kind, &*it.requirement, it.line);
            assert_eq!(&PLUGIN[it.span.clone().unwrap()], it.requirement);
            row
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("peerDependencies", "@seed/core", Kind::Peer, ">=6", 6),
            ("dependencies", "@seed/types", Kind::Runtime, "^17.0.0", 12),
            (
                "dependencies",
                "@seed/ghec-types",
                Kind::Runtime,
                "^17.0.0",
                13
            ),
            ("devDependencies", "@seed/core", Kind::Dev, "^7.0.7", 15),
            ("devDependencies", "typescript", Kind::Dev, "^5", 15),
            (
                "optionalDependencies",
                "@seed/urn",
                Kind::Optional,
                "~1.4",
                17
            ),
        ]
    );
    let package = manifest.package.unwrap();
    assert_eq!(package.name, "@seed/plugin");
    assert_eq!(package.publish, Publish::Yes);
    let placeholder = "0.0.0-development".to_owned();
    assert_eq!(package.version, VersionField::Placeholder(placeholder));
}

#[test]
fn a_byte_order_mark_and_crlf_shift_the_spans() {
    let text = "\u{feff}".to_owned() + &PLUGIN.replace('\n', "\r\n");
    let manifest = read(&text);
    assert_eq!(manifest.pins.len(), 6);
    for pin in manifest.pins {
        let span = pin.span.unwrap();
        assert_eq!(&text[span.clone()], pin.requirement);
        assert_eq!(line_of(&text, span.start), pin.line);
    }
}

#[test]
fn a_version_is_what_is_published() {
    let version = |text: &str| read(text).package.unwrap().version;
    let text = "{\"name\": \"a\", \"version\": \"1.4.2\"}";
    let VersionField::Static { text: said, span } = version(text) else {
        panic!("not static");
    };
    assert_eq!((&*said, &text[span]), ("1.4.2", "1.4.2"));
    for placeholder in [
        "0.0.0",
        "0.0.0-dev",
        "0.0.0-development",
        "0.0.0-semantically-released",
        "0.0.0-PLACEHOLDER",
        "0.0.0-dev.1",
    ] {
        let text = format!("{{\"name\": \"a\", \"version\": \"{placeholder}\"}}");
        let expected = VersionField::Placeholder(placeholder.to_owned());
        assert_eq!(version(&text), expected);
    }
    for text in [
        "{\"name\": \"a\"}",
        "{\"name\": \"a\", \"version\": \"\"}",
        "{\"name\": \"a\", \"version\": 1}",
        "{\"name\": \"a\", \"version\": \"1.\\u0034.2\"}",
    ] {
        assert_eq!(version(text), VersionField::Unknown, "{text}");
    }
}

#[test]
fn a_private_package_and_a_nameless_root() {
    let private = read("{\"name\": \"a\", \"private\": true}");
    assert_eq!(private.package.unwrap().publish, Publish::Never);
    let public = read("{\"name\": \"a\", \"private\": false}");
    assert_eq!(public.package.unwrap().publish, Publish::Yes);
    let root = read("{\"private\": true, \"devDependencies\": {\"a\": \"^1\"}}");
    assert_eq!(root.package, None);
    assert_eq!(root.pins.len(), 1);
}

#[test]
fn members_are_an_array_or_its_packages() {
    for workspaces in [
        r#"["packages/*", "./apps/web/", "!packages/old"]"#,
        r#"{"packages": ["packages/*", "apps/web", "!packages/old"], "nohoist": ["a"]}"#,
    ] {
        let members = read(&format!("{{\"workspaces\": {workspaces}}}")).members;
        assert_eq!(members.include, ["packages/*", "apps/web"]);
        assert_eq!(members.exclude, ["packages/old"]);
    }
    assert_eq!(read("{}").members, Members::default());
    assert_eq!(read("{\"workspaces\": 1}").members, Members::default());
}

#[test]
fn a_catalogue_in_the_manifest_holds_the_version_row() {
    let text = r#"{
  "workspaces": {
    "packages": ["packages/*"],
    "catalog": { "a": "^1.4" },
    "catalogs": { "old": { "a": "^0.9" } }
  },
  "catalog": { "b": "^2" },
  "dependencies": { "a": "catalog:", "b": "catalog:old" }
}"#;
    let pins = read(text).pins;
    let rows: Vec<(&str, &str, &str, Kind)> = pins
        .iter()
        .map(|it| (&*it.section, &*it.name, &*it.requirement, it.kind))
        .collect();
    assert_eq!(
        rows,
        [
            ("workspaces.catalog", "a", "^1.4", Kind::Workspace),
            ("workspaces.catalogs.old", "a", "^0.9", Kind::Workspace),
            ("catalog", "b", "^2", Kind::Workspace),
            ("dependencies", "a", "catalog:", Kind::Runtime),
            ("dependencies", "b", "catalog:old", Kind::Runtime),
        ]
    );
}

#[test]
fn what_is_no_version_has_no_bytes_to_edit() {
    for (value, form) in [
        ("\"workspace:*\"", Form::Inherited),
        ("\"catalog:\"", Form::Inherited),
        ("\"file:../a\"", Form::Unversioned),
        ("\"link:../a\"", Form::Unversioned),
        ("\"latest\"", Form::Unversioned),
        ("\"o/r#main\"", Form::Unversioned),
        ("\"https://h.example/a.tgz\"", Form::Opaque),
        ("\"\\u005e1.4\"", Form::Opaque),
        ("\">=1, <2\"", Form::Opaque),
        ("1", Form::Opaque),
        ("{\"version\": \"^1\"}", Form::Opaque),
        ("null", Form::Opaque),
    ] {
        let text = format!("{{\n\"dependencies\": {{\n\"a\": {value}}}}}");
        let [pin] = <[Pin; 1]>::try_from(read(&text).pins).unwrap();
        assert_eq!((pin.form, pin.span, pin.line), (form, None, 3), "{value}");
    }
}

#[test]
fn an_inner_requirement_has_bytes_of_its_own() {
    for (value, name, inner, source) in [
        ("workspace:^1.4", "a", "^1.4", Some(Source::Workspace)),
        ("npm:@s/b@^1.4", "@s/b", "^1.4", None),
        (
            "o/r#semver:^1.4",
            "a",
            "^1.4",
            Some(Source::GitRef("o/r".into())),
        ),
        (
            "o/r#v1.4.2",
            "a",
            "v1.4.2",
            Some(Source::GitRef("o/r".into())),
        ),
        ("  ^1.4 ", "a", "^1.4", None),
    ] {
        let text = format!("{{\"dependencies\": {{\"a\": \"{value}\"}}}}");
        let [pin] = <[Pin; 1]>::try_from(read(&text).pins).unwrap();
        assert_eq!((&*pin.name, &*pin.requirement), (name, inner));
        assert_eq!(&text[pin.span.unwrap()], inner);
        assert_eq!(pin.source, source);
    }
}

#[test]
fn an_empty_requirement_can_be_filled() {
    let text = "{\"dependencies\": {\"a\": \"\"}}";
    let pin = read(text).pins.remove(0);
    let splices = [Splice {
        span: pin.span.unwrap(),
        to: "2.1.0".to_owned(),
    }];
    let written = splice(text, &splices).unwrap();
    assert_eq!(written, "{\"dependencies\": {\"a\": \"2.1.0\"}}");
}

#[test]
fn what_is_no_manifest_is_an_error_with_its_place() {
    for text in [
        "",
        "[]",
        "null",
        "{\"name\": \"a\",}",
        "{\"a\": 1, \"a\": 2}",
    ] {
        assert!(PackageJson.read(text).is_err(), "{text}");
    }
    let conflict = "{\n<<<<<<< HEAD\n\"name\": \"a\"\n}";
    let error = PackageJson.read(conflict).unwrap_err();
    assert_eq!(&conflict[error.span.unwrap()], "<");
}

proptest! {
    #[test]
    fn an_edit_changes_that_pin_and_nothing_else(
        values in prop::collection::vec("[\\^~]?[0-9]\\.[0-9]|workspace:\\^1|npm:b@1\\.0|\\*", 1..6),
        which in any::<prop::sample::Index>(),
    ) {
        let rows: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(n, it)| format!("    \"d{n}\": \"{it}\""))
            .collect();
        let text = format!("{{\r\n  \"dependencies\": {{\r\n{}\r\n  }}\r\n}}", rows.join(",\r\n"));
        let before = read(&text).pins;
        let at = which.index(before.len());
        let span = before[at].span.clone().unwrap();
        let to = "^9.9".to_owned();
        let written = splice(&text, &[Splice { span, to: to.clone() }]).unwrap();
        let after = read(&written).pins;
        for (n, (old, new)) in before.iter().zip(&after).enumerate() {
            let expected = if n == at { &to } else { &old.requirement };
            prop_assert_eq!(&new.requirement, expected);
            prop_assert_eq!((&new.name, new.line), (&old.name, old.line));
        }
    }
}
