#![expect(clippy::string_slice, reason = "a test that slices badly shall fail")]

use super::CargoToml;
use crate::{Form, Format, Kind, Manifest, Members, Publish, Source, VersionField};

const SAMPLE: &str = r#"# Not a pin: http = "0.1"
[package]
name = "hyper-util"
version = "0.1.12" # remember to bump the others
keywords = ["1.1", "http"]
publish = ["registry.example"]

[dependencies]
bytes = "1"
http = { version = "1.1", default-features = false }
h2 = { version = "0.4", optional = true }
renamed = { package = "http-body", version = '1' }
path-first = { path = "../axum-core", version = "0.5.6" }
only-path = { path = ".." }
inherited = { workspace = true }
inherited-too.workspace = true
dotted.version = "0.3"
dotted.features = ["x"]
tagged = { git = "https://git.example/x", tag = "v1.4.2" }
tagged-too = { git = "https://git.example/x", tag = "v1.4.2", version = "1.4" }
revved = { git = "https://git.example/x", rev = "0123abcd" } # v1.4.2, pinned
branched = { git = "https://git.example/x", branch = "main" }
plain-git = { git = "https://git.example/x" }
weird = 7

[dependencies.tower-http]
features = ["full"]
version = "0.6.8"

[dependencies.folder]
path = "../folder"

[dev-dependencies]
bytes = "1.2.3"

[build_dependencies]
cc = ">=1.0, <2"

[target.'cfg(not(all(target_arch = "wasm32", any(target_os = "none"))))'.dependencies]
hyper = { version = "1.1", features = ["http1"] }

[target.x86_64-pc-windows-gnu.build-dependencies]
winres = "0.1"

[workspace]
members = ["axum", "axum-*"]
exclude = ["fuzz"]

[workspace.package]
version = "2.0.0"

[workspace.dependencies]
http = "1"

[patch.crates-io]
bytes = { path = "../bytes" }
"#;

fn read(text: &str) -> Manifest {
    CargoToml.read(text).unwrap()
}

fn variants() -> Vec<String> {
    let crlf = SAMPLE.replace('\n', "\r\n");
    vec![
        SAMPLE.to_owned(),
        crlf.clone(),
        format!("\u{feff}{crlf}"),
        SAMPLE.trim_end().to_owned(),
    ]
}

#[test]
fn every_table_gives_its_pins_in_the_order_of_the_text() {
    for text in variants() {
        let manifest = read(&text);
        let rows: Vec<_> = manifest
            .pins
            .iter()
            .map(|it| (it.line, it.name.as_str(), it.requirement.as_str(), it.kind))
            .collect();
        assert_eq!(
            rows,
            [
                (9, "bytes", "1", Kind::Runtime),
                (10, "http", "1.1", Kind::Runtime),
                (11, "h2", "0.4", Kind::Optional),
                (12, "http-body", "1", Kind::Runtime),
                (13, "path-first", "0.5.6", Kind::Runtime),
                (14, "only-path", "", Kind::Runtime),
                (15, "inherited", "", Kind::Runtime),
                (16, "inherited-too", "", Kind::Runtime),
                (17, "dotted", "0.3", Kind::Runtime),
                (19, "tagged", "v1.4.2", Kind::Runtime),
                (20, "tagged-too", "v1.4.2", Kind::Runtime),
                (20, "tagged-too", "1.4", Kind::Runtime),
                (21, "revved", "0123abcd", Kind::Runtime),
                (22, "branched", "", Kind::Runtime),
                (23, "plain-git", "", Kind::Runtime),
                (24, "weird", "", Kind::Runtime),
                (28, "tower-http", "0.6.8", Kind::Runtime),
                (30, "folder", "", Kind::Runtime),
                (34, "bytes", "1.2.3", Kind::Dev),
                (37, "cc", ">=1.0, <2", Kind::Build),
                (40, "hyper", "1.1", Kind::Runtime),
                (43, "winres", "0.1", Kind::Build),
                (53, "http", "1", Kind::Workspace),
            ]
        );
        for pin in &manifest.pins {
            if let Some(span) = pin.span.clone() {
                assert_eq!(&text[span], pin.requirement);
            }
        }
    }
}

#[test]
fn sections_are_named_as_headers_are() {
    let manifest = read(SAMPLE);
    let section = |name: &str| {
        let pin = manifest.pins.iter().find(|it| it.name == name).unwrap();
        pin.section.as_str()
    };
    assert_eq!(section("tower-http"), "dependencies");
    assert_eq!(section("cc"), "build_dependencies");
    assert_eq!(
        section("hyper"),
        "target.'cfg(not(all(target_arch = \"wasm32\", any(target_os = \"none\"))))'.dependencies"
    );
    assert_eq!(
        section("winres"),
        "target.x86_64-pc-windows-gnu.build-dependencies"
    );
}

#[test]
fn forms_and_sources_are_told_apart() {
    let manifest = read(SAMPLE);
    let pins = |name: &str| -> Vec<_> {
        let pins = manifest.pins.iter().filter(|it| it.name == name);
        pins.map(|it| (it.form.clone(), it.source.clone()))
            .collect()
    };
    let path = |it: &str| Some(Source::Path(it.to_owned()));
    let url = "https://git.example/x".to_owned();
    let tag = Some(Source::GitRef(url.clone()));
    assert_eq!(pins("path-first"), [(Form::Range, path("../axum-core"))]);
    assert_eq!(pins("only-path"), [(Form::Unversioned, path(".."))]);
    assert_eq!(pins("folder"), [(Form::Unversioned, path("../folder"))]);
    assert_eq!(
        pins("inherited"),
        [(Form::Inherited, Some(Source::Workspace))]
    );
    assert_eq!(
        pins("inherited-too"),
        [(Form::Inherited, Some(Source::Workspace))]
    );
    assert_eq!(pins("tagged"), [(Form::GitTag, tag.clone())]);
    assert_eq!(
        pins("tagged-too"),
        [(Form::GitTag, tag.clone()), (Form::Range, tag)]
    );
    assert_eq!(
        pins("branched"),
        [(Form::Unversioned, Some(Source::Branch("main".to_owned())))]
    );
    assert_eq!(
        pins("plain-git"),
        [(Form::Unversioned, Some(Source::Git(url)))]
    );
    assert_eq!(pins("weird"), [(Form::Opaque, None)]);
    let Form::GitRev {
        comment: Some(span),
    } = &pins("revved")[0].0
    else {
        panic!("the comment names a tag");
    };
    assert_eq!(&SAMPLE[span.clone()], "v1.4.2");
}

#[test]
fn the_package_and_its_workspace_are_read() {
    for text in variants() {
        let manifest = read(&text);
        let package = manifest.package.unwrap();
        let VersionField::Static {
            text: version,
            span,
        } = package.version
        else {
            panic!("the version is in the manifest");
        };
        assert_eq!(
            (package.name.as_str(), version.as_str()),
            ("hyper-util", "0.1.12")
        );
        assert_eq!(&text[span], "0.1.12");
        assert_eq!(package.publish, Publish::Yes);
        assert_eq!(
            manifest.members,
            Members {
                include: vec!["axum".to_owned(), "axum-*".to_owned()],
                exclude: vec!["fuzz".to_owned()],
            }
        );
        let Some(VersionField::Static { span, .. }) = manifest.shared_version else {
            panic!("the workspace says a version");
        };
        assert_eq!(&text[span], "2.0.0");
    }
}

#[test]
fn versions_come_from_where_the_manifest_says() {
    let field = |version: &str| {
        let text = format!("[package]\nname = \"x\"\n{version}\n");
        read(&text).package.unwrap().version
    };
    let placeholder = |it: &str| VersionField::Placeholder(it.to_owned());
    assert_eq!(field("version.workspace = true"), VersionField::Inherited);
    assert_eq!(
        field("version = { workspace = true }"),
        VersionField::Inherited
    );
    assert_eq!(field(""), VersionField::Unknown);
    assert_eq!(field("version = \"1.0\""), VersionField::Unknown);
    assert_eq!(field("version = \"0.0.0\""), placeholder("0.0.0"));
    assert_eq!(field("version = \"0.0.0-dev\""), placeholder("0.0.0-dev"));
    assert!(matches!(
        field("version = '1.0.0-rc.1'"),
        VersionField::Static { .. }
    ));
    let old = read("[project]\nname = \"x\"\nversion = \"0.0.1\"\n");
    assert_eq!(old.package.unwrap().name, "x");
}

#[test]
fn only_publishing_to_nowhere_is_private() {
    let said = |lines: &str| {
        let text = format!("[package]\nname = \"x\"\n{lines}\n");
        read(&text).package.unwrap().publish
    };
    for (lines, expected) in [
        ("version = '1.0.0'", Publish::Yes),
        ("version = '1.0.0'\npublish = true", Publish::Yes),
        ("version = '1.0.0'\npublish = [\"a\"]", Publish::Yes),
        ("version = '1.0.0'\npublish = false", Publish::Never),
        ("version = '1.0.0'\npublish = []", Publish::Never),
        (
            "version = '1.0.0'\npublish.workspace = true",
            Publish::Inherited,
        ),
        (
            "version = '1.0.0'\npublish = { workspace = true }",
            Publish::Inherited,
        ),
        ("", Publish::Never),
    ] {
        assert_eq!(said(lines), expected, "{lines}");
    }
    let shared = |publish: &str| read(&format!("[workspace.package]\n{publish}\n")).shared_publish;
    assert_eq!(shared("publish = false"), Some(Publish::Never));
    assert_eq!(shared("publish = true"), Some(Publish::Yes));
    assert_eq!(shared(""), None);
}

#[test]
fn a_virtual_root_has_no_package_and_a_text_over_lines_is_never_edited() {
    let manifest =
        read("[workspace]\nmembers = []\n[dependencies]\na = \"\"\"\n1\"\"\"\nb = \"\\u0031\"\n");
    assert_eq!(manifest.package, None);
    let forms: Vec<_> = manifest
        .pins
        .iter()
        .map(|it| (&it.form, &it.span))
        .collect();
    assert_eq!(forms, [(&Form::Opaque, &None), (&Form::Opaque, &None)]);
    assert_eq!(manifest.pins[1].requirement, "1");
}

#[test]
fn many_rows_are_read_in_one_pass() {
    let rows: Vec<_> = (0..20_000).map(|n| format!("d{n} = \"1\"")).collect();
    let manifest = read(&format!("[dependencies]\n{}", rows.join("\n")));
    assert_eq!(manifest.pins.len(), 20_000);
    assert_eq!(manifest.pins.last().unwrap().line, 20_001);
}
