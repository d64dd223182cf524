use super::*;
use crate::{Form, Kind, Pin, Source, VersionField};

const TEXT: &str = "// Copyright, and no pin: require example.org/x v9.0.0\n\n\
    module example.org/app/v2\n\ngo 1.21\n\nrequire example.org/core v1.2.3\n\nrequire (\n\
    \texample.org/swag v0.25.1\n\texample.org/swag/jsonutils v0.24.0 // indirect\n\
    \t\"example.org/near\"\tv0.0.0\n\texample.org/both v1.0.0\n\texample.org/branch main\n)\n\n\
    replace example.org/near => ../near\n\
    replace (\n\texample.org/both v1.0.0 => ./both\n\texample.org/both => ./never\n\
    \texample.org/core => example.org/fork v1.3.0\n)\n\
    tool example.org/swag/cmd/gen\nretract v2.0.1\n";

fn read(text: &str) -> Manifest {
    GoMod.read(text).unwrap()
}

fn pin<'m>(manifest: &'m Manifest, name: &str) -> &'m Pin {
    manifest.pins.iter().find(|it| it.name == name).unwrap()
}

#[test]
fn the_tag_says_the_version_of_a_module() {
    let package = read(TEXT).package.unwrap();
    assert_eq!(package.name, "example.org/app/v2");
    assert_eq!(package.version, VersionField::Vcs("go"));
}

#[test]
fn every_row_is_a_pin_of_its_kind_at_its_line() {
    let manifest = read(TEXT);
    let rows: Vec<_> = manifest
        .pins
        .iter()
        .map(|it| (it.line, it.kind, it.name.as_str(), it.requirement.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (7, Kind::Runtime, "example.org/core", "v1.2.3"),
            (10, Kind::Runtime, "example.org/swag", "v0.25.1"),
            (11, Kind::Indirect, "example.org/swag/jsonutils", "v0.24.0"),
            (12, Kind::Runtime, "example.org/near", "v0.0.0"),
            (13, Kind::Runtime, "example.org/both", "v1.0.0"),
            (14, Kind::Runtime, "example.org/branch", "main"),
            (21, Kind::Runtime, "example.org/fork", "v1.3.0"),
            (23, Kind::Tool, "example.org/swag/cmd/gen", ""),
        ]
    );
    for it in &manifest.pins {
        let written = it.span.clone().and_then(|it| TEXT.get(it));
        let expected = (it.form == Form::Range).then_some(it.requirement.as_str());
        assert_eq!(written, expected, "{it:?}");
    }
    assert_eq!(pin(&manifest, "example.org/branch").form, Form::Unversioned);
}

#[test]
fn a_folder_that_replaces_is_the_source_of_the_row() {
    let manifest = read(TEXT);
    let source = |name: &str| pin(&manifest, name).source.clone();
    assert_eq!(
        source("example.org/near"),
        Some(Source::Path("../near".to_owned()))
    );
    assert_eq!(
        source("example.org/both"),
        Some(Source::Path("./both".to_owned()))
    );
    let fork = Source::Package("example.org/fork v1.3.0".to_owned());
    assert_eq!(source("example.org/core"), Some(fork));
    assert_eq!(source("example.org/swag"), None);
}

#[test]
fn a_folder_that_replaces_one_version_is_told_where_that_version_moves() {
    let moved = |text: &str, name: &str| {
        let span = pin(&read(text), name).span.clone().unwrap();
        let to = "v1.4.0".to_owned();
        crate::verified(&GoMod, text, &[crate::Splice { span, to }])
    };
    let alone = TEXT.replace("\texample.org/both => ./never\n", "");
    for text in [TEXT, &alone] {
        let told = moved(text, "example.org/both").unwrap_err().to_string();
        let start = "`example.org/both` is replaced by `./both` at its old version alone";
        assert!(told.starts_with(start), "{told}");
    }
    let whole = alone.replace("example.org/both v1.0.0 =>", "example.org/both =>");
    assert!(moved(&whole, "example.org/both").is_ok());

    assert!(moved(TEXT, "example.org/core").is_ok());
    let bound =
        |to: &str| TEXT.replace("example.org/core =>", &format!("example.org/core {to} =>"));
    let told = |text: &str| moved(text, "example.org/core").unwrap_err().to_string();
    assert!(told(&bound("v1.2.3")).contains("`example.org/fork v1.3.0` at its old version alone"));
    assert!(told(&bound("v1.4.0")).contains("would be replaced by `example.org/fork v1.3.0`"));
    assert!(moved(&bound("v1.1.0"), "example.org/core").is_ok());
}

#[test]
fn what_is_taken_back_and_what_is_ruled_out_is_known() {
    let text = "module example.org/x\nretract v1.0.1 // oops\nretract (\n\t[v1.1.0, v1.2.0-rc.1]\n\
        \t[ v0.1.0 , v0.1.0 ]\n\tv1\n\tv1.0.0 v1.0.1 v1.0.2\n)\n\
        exclude example.org/y v1.3.0\nexclude (\n\texample.org/y v1.4.0\n)\n";
    let read = read(text);
    let ranges = read.retracts.iter();
    let ranges = ranges.map(|it| (it.start().text(), it.end().text()));
    assert_eq!(
        ranges.collect::<Vec<_>>(),
        [
            ("1.0.1", "1.0.1"),
            ("1.1.0", "1.2.0-rc.1"),
            ("0.1.0", "0.1.0")
        ]
    );
    let excludes = read.excludes.iter();
    let excludes = excludes.map(|(name, version)| format!("{name} {}", version.text()));
    assert_eq!(
        excludes.collect::<Vec<_>>(),
        ["example.org/y 1.3.0", "example.org/y 1.4.0"]
    );
}

#[test]
fn what_go_would_refuse_is_refused() {
    for text in [
        "<<<<<<< ours\nmodule a\n",
        "=======\n",
        "module a\nmodule b\n",
        "go 1.21\ngo 1.22\n",
        "toolchain a\ntoolchain b\n",
        "module\n",
        "require a\n",
        "require a v1.0.0 v2.0.0\n",
        "replace a v1 b v2\n",
        "replace a => \n",
        "replace => a v1\n",
        "{\"module\": 1}",
    ] {
        assert!(GoMod.read(text).is_err(), "{text}");
    }
    assert_eq!(
        read("godebug default=go1.21\nignore ./x\n"),
        Manifest::default()
    );
}

#[test]
fn a_huge_file_is_read_in_one_pass() {
    let rows = "\texample.org/a v1.0.0 // indirect\n".repeat(50_000);
    let manifest = read(&format!("module m\nrequire (\n{rows})\n"));
    assert_eq!(manifest.pins.last().map(|it| it.line), Some(50_002));
    let deep = "(".repeat(100_000);
    assert!(GoMod.read(&deep).is_err());
    assert!(
        GoMod
            .read(&format!("require {}", "a ".repeat(100_000)))
            .is_err()
    );
}
